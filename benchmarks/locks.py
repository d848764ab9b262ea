"""One workspace, two runs at once, and kills at random moments: never a mixed release, and all or nothing.

    python benchmarks/locks.py            # 20 tries each
    python benchmarks/locks.py --short    # 1 try each

Two processes run a study with different settings in one workspace, after random delays; half of them wait for each
other, half are refused. Every release must be one run's own: its digest, its number of segments, files that verify.
Then promote, publish, rekey and erase are killed (SIGKILL) at random moments of their usual time. The next command
completes or undoes; after it a store must be wholly as before or wholly as after.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import pickle
import random
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from releases.books import QUICK, killed_while_erasing, small_study
from ruamel.yaml import YAML

from segment.errors import Refusal
from segment.governance.organisation import LEDGER
from segment.stages import STAGES_IN_ORDER, OpenStudy, open_study, run_stage
from segment.stages.audit import people_of
from segment.stages.base import decided_store
from segment.stages.recovery import complete_interrupted, tracker_of
from segment.stages.rekey import rekey_study
from segment.stages.release.ledgers import events_of, ledger_of
from segment.stages.rights.traces import codes_left
from segment.stages.score import promote_model
from segment.stages.tracking import Recording
from segment.store import digest_file, read_json
from segment.tracking.registry import champion
from segment.workspace.lock import alone_in

KEY = "SEGMENT_PSEUDONYM_KEY"
#: What two runs differ in: how many segments they ask for, and what their reports are called.
TITLES_BY_SIZE = {3: "Three of a kind", 4: "Four of a kind"}
TITLES = tuple(TITLES_BY_SIZE.values())


@dataclass(frozen=True)
class Small:
    """A small study that walked its way: its file and its settings."""

    file: Path
    settings: tuple[str, ...]

    def open(self, *more: str) -> OpenStudy:
        return open_study(self.file, overrides=[*self.settings, *more])

    def run(self, *more: str, force: Sequence[str] = ()) -> OpenStudy:
        opened = self.open(*more)
        for name, stage in STAGES_IN_ORDER.items():
            run_stage(stage, opened, force=name in force)
        return opened


def made(folder: Path, **said: object) -> Small:
    """A study of 300 people, walked once; ``said`` goes into its file."""
    settings = (*QUICK, f"workspace={folder / 'work'}")
    if not said:
        small_study(folder, whole=True)
        return Small(folder / "study.yaml", settings)
    small_study(folder, whole=False)
    content = {**YAML(typ="safe").load(folder / "study.yaml"), **said}
    (folder / "ours.yaml").write_text(json.dumps(content, default=str), encoding="utf-8")
    study = Small(folder / "ours.yaml", tuple(s.replace("/work", "/ours") for s in settings))
    study.run()
    return study


def started(work: Callable[[], object]) -> int:
    """A child that does some work: exit 0, or 1 when refused, or 3 when something failed."""
    child = os.fork()
    if child == 0:
        code = 3
        try:
            work()
            code = 0
        except Refusal as refusal:
            code = 1 if "in use" in str(refusal) else 4
            if code != 1:
                traceback.print_exc()
        except Exception:
            traceback.print_exc()
        finally:
            os._exit(code)
    return child


def asked(work: Callable[[], Any]) -> Any:
    """What some work gives, done in a child, so that no open database goes into the next one."""
    with tempfile.NamedTemporaryFile() as file:
        child = started(lambda: Path(file.name).write_bytes(pickle.dumps(work())))
        _, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status) != 0:
            raise RuntimeError("the work failed")
        return pickle.loads(Path(file.name).read_bytes())


def killed(work: Callable[[], object], after: float) -> bool:
    """Kill some work after so many seconds; True when it was still at it."""
    child = started(work)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def usual_time(work: Callable[[], object]) -> float:
    start = time.monotonic()
    asked(lambda: work() and None)
    return time.monotonic() - start


def released(opened: OpenStudy) -> tuple[str, str, int, str]:
    """What stands there: digest of the release, title of its report, segments in the tables, what ``verify.py`` says.

    One-pagers do not tell: a segment that is too like an earlier release's gets none.
    """
    (folder,) = (opened.workspace / "exports").iterdir()
    told = subprocess.run(
        [sys.executable, str(folder / "verify.py"), str(folder)], capture_output=True, text=True, check=False
    )
    page = (folder / "report.en.html").read_text(encoding="utf-8")
    titles = " and ".join(title for title in TITLES if title in page)
    digest = str(read_json(folder / "manifest.json")["study_digest"])
    return digest, titles, len(opened.store.read("segments")), told.stdout if told.returncode else ""


def two_at_once(folder: Path, times: int, rng: random.Random) -> dict[str, object]:
    """Two runs with three and four segments in one workspace, after random delays."""
    study = made(folder)
    ours = [(f"segmentation.n_segments=[{size}]", f"title.en={title}") for size, title in TITLES_BY_SIZE.items()]
    right = [
        (study.open(*own).digest, title, size, "")
        for own, (size, title) in zip(ours, TITLES_BY_SIZE.items(), strict=True)
    ]
    usual = usual_time(lambda: study.run(*ours[0]))
    mixed = refused = failed = 0

    def run(which: int, wait: float) -> None:
        with alone_in(study.open().workspace, doing="run", wait=wait):
            left = released(study.run(*ours[which]))
            if left != right[which]:
                raise RuntimeError(f"the release is not this run's: {left}, not {right[which]}")

    for number in range(times):
        children = []
        for which in rng.sample((0, 1), 2):
            children.append(started(partial(run, which, math.inf if number % 2 else 0)))
            time.sleep(rng.random() * usual * 0.8)
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        refused, failed = refused + codes.count(1), failed + sum(code not in (0, 1) for code in codes)
        mixed += released(study.open()) not in right
    detail = f"{refused} runs refused, {failed} failed"
    return {
        "what": "two runs at once",
        "tries": times,
        "interrupted": "",
        "good": times - mixed - failed,
        "more": detail,
    }


def kill_promote(folder: Path, times: int, rng: random.Random) -> dict[str, object]:
    """File, event and alias speak of the same version, whenever it was killed."""
    study = made(folder)

    def register(size: int) -> None:
        opened = study.open(f"segmentation.n_segments=[{size}]")
        recording = Recording.of(opened)
        recording.take(run_stage(STAGES_IN_ORDER["discover"], opened, force=True))
        recording.end(failed=False)

    for size in (3, 4):
        asked(lambda one=size: register(one))

    def decide(version: int) -> str:
        said = {"by": "A. Reviewer", "reason": f"try {rng.random()}"}
        return promote_model(study.file, model="segmentation", version=version, overrides=study.settings, **said)

    def state() -> tuple[str, str, int]:
        opened = study.open()
        with alone_in(opened.workspace, doing="next"):
            complete_interrupted(opened)
        alias = champion(tracker_of(opened), study=opened.config.study, model="segmentation")
        told = [event.detail for event in events_of(opened).events() if event.action == "promote"]
        file = digest_file(decided_store(opened.store.models).model_path("segmentation"))
        same = file == alias.sha256 == told[-1]["sha256"] and alias.number == told[-1]["version"]
        return "same" if same else "mixed", str(events_of(opened).verify()), len(told)

    usual = usual_time(lambda: decide(1))
    seen, halfway, good = 1, 0, 0
    for number in range(times):
        stopped = killed(lambda one=number: decide(2 - one % 2), rng.random() * usual)
        agree, books, told = asked(state)
        halfway += stopped
        good += agree == "same" and books == "None" and told - seen in (0, 1)
        seen = told
    return {"what": "promote", "tries": times, "interrupted": halfway, "good": good, "more": "file = event = alias"}


def kill_publish(folder: Path, times: int, rng: random.Random) -> dict[str, object]:
    """A release takes another one's place: exports, tables and history are one release's."""
    study, publish = made(folder), STAGES_IN_ORDER["publish"]
    titles = [f"title.en=Title {n}" for n in (1, 2)]

    def state() -> tuple[object, ...]:
        opened = study.open()
        with alone_in(opened.workspace, doing="next"):
            complete_interrupted(opened)
        (exports,) = (opened.workspace / "exports").iterdir()
        listed = read_json(exports / "manifest.json")
        there = {p.relative_to(exports).as_posix(): digest_file(p) for p in exports.rglob("*") if p.is_file()}
        there.pop("manifest.json")
        history = read_json(opened.workspace / "releases.json")["releases"]
        tables = json.loads((exports / "released.json").read_text())
        kept = {path.stem for path in (opened.workspace / "released" / exports.name).iterdir()}
        left = (opened.workspace / ".transaction").exists()
        whole = there == listed["files"] and listed["chain"][-1] in history and kept == set(tables) and not left
        return listed["study_digest"], whole and ledger_of(opened).verify() is None

    digests = {study.open(title).digest for title in titles}
    usual = usual_time(lambda: run_stage(publish, study.open(titles[0]), force=True))
    halfway = good = 0
    for number in range(times):
        title = titles[(number + 1) % 2]
        halfway += killed(lambda one=title: run_stage(publish, study.open(one), force=True), rng.random() * usual)
        digest, whole = asked(state)
        good += digest in digests and whole
    return {"what": "publish", "tries": times, "interrupted": halfway, "good": good, "more": "one release's files"}


def kill_rekey(folder: Path, times: int, rng: random.Random) -> dict[str, object]:
    """Everybody under the old key, or everybody under the new one."""
    key = rng.randbytes(32).hex()
    os.environ |= {KEY: key, LEDGER: str(folder.parent / "ledgers"), "SEGMENT_ANCHORS": str(folder.parent / "anchors")}
    (folder.parent / "anchors").mkdir(exist_ok=True)
    study = made(folder, data="personal")
    halfway = good = changed = 0
    usual = 4.0
    for number in range(times + 1):
        fresh, file = rng.randbytes(32).hex(), folder.parent / f"{number}.key"
        file.write_text(fresh)
        codes = asked(lambda: people_of(study.open()))
        decided = {"by": "A. Officer", "reason": "a try of this benchmark"}

        def change(file: Path = file, decided: dict[str, str] = decided) -> object:
            return rekey_study(study.file, new_key_file=file, overrides=study.settings, **decided)

        if number == 0:
            usual = usual_time(change)
        else:
            halfway += killed(change, rng.random() * usual)
        try:
            study.open()
        except Refusal:
            os.environ[KEY] = fresh

        def state(codes: set[str] = codes, new: bool = os.environ[KEY] == fresh) -> bool:
            opened = study.open()
            with alone_in(opened.workspace, doing="next"):
                complete_interrupted(opened)
            now = people_of(opened)
            right = not now & codes and not codes_left(opened, codes) if new else now == codes
            books = ledger_of(opened).verify() is None and events_of(opened).verify() is None
            return right and books and opened.anchor.problem() is None and len(now) == len(codes)

        if number:
            changed += os.environ[KEY] == fresh
            good += asked(state)
    more = f"{changed} completed, {times - changed} as before"
    return {"what": "rekey", "tries": times, "interrupted": halfway, "good": good, "more": more}


def kill_erase(folder: Path, times: int, rng: random.Random) -> dict[str, object]:
    """Nothing of a person is left, or everything is as it was."""
    found = killed_while_erasing(small_study(folder, whole=True), times, seed=rng.randrange(1000))
    good = int(str(found["all or nothing"]).split()[0]) if found["books"] else 0
    more = "no trace, or nothing gone"
    return {"what": "erase", "tries": times, "interrupted": found["stopped halfway"], "good": good, "more": more}


PARTS = {"two": two_at_once, "promote": kill_promote, "publish": kill_publish, "rekey": kill_rekey, "erase": kill_erase}


def main() -> int:
    """Try, print one row per part, and fail when anything was mixed or half."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--short", action="store_true", help="1 try each instead of 20")
    parser.add_argument("--only", choices=PARTS, action="append", help="these parts alone")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    rows = []
    for name in given.only or PARTS:
        with tempfile.TemporaryDirectory() as folder:
            start = time.monotonic()
            row = PARTS[name](Path(folder) / "study", 1 if given.short else 20, random.Random(given.seed))
            rows.append({**row, "seconds": round(time.monotonic() - start)})
        sys.stdout.write(f"{rows[-1]}\n")
        sys.stdout.flush()
    sys.stdout.write(pd.DataFrame(rows).to_string(index=False) + "\n")
    return 0 if all(row["good"] == row["tries"] for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
