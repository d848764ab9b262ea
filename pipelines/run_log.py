"""What one sees of a run while it goes on: a line per step, for a person or for a machine, and one at the end.

On a terminal a line is for whoever watches, and may count people. Elsewhere it may be kept, so people are in bands.
"""

from __future__ import annotations

import datetime as dt
import json
import resource
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from prefect.logging import get_run_logger
from prefect.runtime import flow_run

from segment.config import Study, load_study
from segment.disclosure.rounding import words_in_bands
from segment.errors import Refusal
from segment.stages.base import Receipt
from segment.stages.summary import laid_out

#: Bytes in what the system counts memory in.
_UNIT = 1 if sys.platform == "darwin" else 1024


def tell(line: str, *, aside: bool = False) -> None:
    """A line on a terminal, or a warning; elsewhere a line of the log with people in bands."""
    if aside or sys.stdout.isatty():
        print(line, file=sys.stderr if aside else sys.stdout, flush=True)
    if not sys.stdout.isatty():
        logger = get_run_logger()
        (logger.warning if aside else logger.info)(words_in_bands(line))


def tell_step(study: Study, receipt: Receipt, *, position: int, of: int, seconds: float) -> None:
    """One line for a step that is done: of which study and run, how long it took, and memory at the most so far."""
    run, peak = str(flow_run.id), peak_memory()
    if is_for_machines(study):
        _tell_machine(
            {
                "event": "step", "study": study.config.study, "run": run, "stage": receipt.stage,
                "position": position, "of": of, "skipped": receipt.skipped, "seconds": round(seconds, 1),
                "peak_gb": round(peak, 2), "said": words_in_bands(receipt.said),
            }
        )  # fmt: skip
        if sys.stdout.isatty():
            return
    line = f"[{position}/{of}] {receipt.line()} ({seconds:.0f} s, {peak:.1f} GB)"
    tell(line if sys.stdout.isatty() else f"{line} study {study.config.study}, run {run}")


@dataclass(frozen=True)
class End:
    """How a run ended (done, refused, failed, ended), its exit code, what is said of it, and the flow run's id."""

    ending: str
    code: int
    said: str
    run: str = ""


def tell_end(end: End, *, study: str, overrides: Sequence[str]) -> None:
    """Say how a run of a study's file ended; for a machine as one more line, for a person as it is."""
    try:
        loaded = load_study(study, overrides=overrides)
        name, machine = loaded.config.study, is_for_machines(loaded)
    except Refusal:  # that is what is said
        name, machine = Path(study).stem, "operations.log_format=json" in overrides
    if machine:
        said = [words_in_bands(line) for line in end.said.splitlines()]
        told = {"event": "end", "study": name, "run": end.run, "ending": end.ending, "code": end.code, "said": said}
        _tell_machine(told)
    if end.code or not machine:
        print(
            end.said if end.code else laid_out(end.said, watched=sys.stdout.isatty()),
            file=sys.stderr if end.code else sys.stdout,
            flush=True,
        )


def is_for_machines(study: Study) -> bool:
    """Whether the study asks for lines that a machine reads."""
    return study.config.operations.log_format == "json"


def peak_memory() -> float:
    """Gigabytes that this process, or one that it started and that has ended, has held at the most."""
    most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return most * _UNIT / 1e9


def _tell_machine(told: Mapping[str, object]) -> None:
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    sys.stdout.write(json.dumps({"time": now, **told}, ensure_ascii=False) + "\n")
    sys.stdout.flush()
