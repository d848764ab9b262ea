"""What one sees of a run while it goes on: a line per step, for a person or for a machine, and one at the end.

On a terminal a line is for whoever watches, and may count people. Elsewhere it may be kept, so people are in bands.
"""

from __future__ import annotations

import datetime as dt
import json
import resource
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from prefect.logging import get_run_logger
from prefect.runtime import flow_run

from segment.config import Study, load_study
from segment.disclosure.rounding import words_in_bands
from segment.errors import Refusal
from segment.stages.base import Receipt

#: Bytes in what the system counts memory in.
_UNIT = 1 if sys.platform == "darwin" else 1024
#: Where the words of a line of the summary begin.
_INDENT = 15


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
        print(end.said if end.code else _shown(end.said), file=sys.stderr if end.code else sys.stdout, flush=True)


def _shown(said: str) -> str:
    """A summary within a terminal's width; elsewhere, where it may be kept, with people in bands."""
    each = wrapped if sys.stdout.isatty() else words_in_bands
    return "\n".join(each(line) for line in said.splitlines())


def wrapped(line: str, width: int = 0) -> str:
    """A line of the summary over as many lines of the terminal as it needs, what follows under its words.

    >>> print(wrapped("  discover     5 segments: found by a mixture", width=32))
      discover     5 segments: found
                   by a mixture
    """
    width = width or shutil.get_terminal_size().columns
    return textwrap.fill(
        line, max(width, 40), subsequent_indent=" " * _INDENT, break_long_words=False, break_on_hyphens=False,
        replace_whitespace=False,
    )  # fmt: skip


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
