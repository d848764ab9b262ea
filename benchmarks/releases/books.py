"""Books, crashes and canaries: one changed byte, a process killed at a random moment, a person who stands out."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from releases.walker import holding
from segment.errors import Refusal
from segment.governance.pseudonyms import study_pseudonyms
from segment.privacy import EventLog, ReleaseLedger
from segment.stages import STAGES_IN_ORDER, OpenStudy, open_study, run_stage
from segment.stages.audit import audit_study
from segment.stages.audit_log import refuse_unwitnessed, witnessed
from segment.stages.recovery import complete_interrupted
from segment.stages.release.ledgers import events_of, ledger_of
from segment.stages.rights.erasure import Removal, remove
from segment.stages.rights.exclusion import reference_of
from segment.stages.rights.traces import traces
from segment.stages.simulate import simulate_into
from segment.store import Store, digest_file, read_json
from segment.vocabulary import World
from segment.workspace.transaction import pending

KEY = b"benchmark benchmark benchmark"
QUICK = [
    "segmentation.families=[needs_mixture]", "segmentation.n_segments=[4]", "segmentation.n_splits=2",
    "segmentation.n_starts=2", "segmentation.null_draws=2", "segmentation.bootstrap=20", "needs.bootstrap=0",
    "segmentation.planted_worlds=0",
    "retention.learner=linear", "retention.max_rows=3000", "retention.bootstrap=2",
]  # fmt: skip


def tampering(times: int, *, seed: int) -> pd.DataFrame:
    """Change one byte of what a book says, or of a model, and look whether that is noticed."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        ledger = ReleaseLedger(place / "ledger.db", members=place / "members.db", key=KEY)
        log = EventLog(place / "ledger.db", key=KEY)
        for number in range(5):
            team = [f"p{n}" for n in range(40 * number, 40 * number + 30)]
            ledger.record({"pay": {"team": team}}, source="answers", digests={"pay": str(number)})
            log.write("benchmark", "grant", "cards", {"rows": number})
        store = Store(place / "tables", place / "models")
        with witnessed(place / "models.db", KEY, stage="discover", on="0" * 64) as seen:
            digest = store.save_model("segmentation", {"centres": list(range(2000))}, card={"model": "segmentation"})
            seen["models"] = {"segmentation": digest}
        checks: dict[str, tuple[Path, Callable[[bytes], int], Callable[[], bool]]] = {
            "release ledger": (
                place / "ledger.db", lambda c: _inside(rng, c, b'{"digest"'), lambda: ledger.verify() is not None
            ),
            "event log": (
                place / "ledger.db", lambda c: _inside(rng, c, b'{"action"'), lambda: log.verify() is not None
            ),
            "memberships": (
                place / "members.db", lambda c: rng.randrange(len(c)), lambda: ledger.verify() is not None,
            ),
            "model file": (store.model_path("segmentation"), lambda c: rng.randrange(len(c)), lambda: _refused(store)),
            "model file, its card rewritten to agree": (
                store.model_path("segmentation"), lambda c: rng.randrange(len(c)),
                lambda: _unwitnessed(store, place / "models.db"),
            ),
        }  # fmt: skip
        rows = []
        for name, (path, choose, noticed) in checks.items():
            content = path.read_bytes()
            found = 0
            for _ in range(times):
                at = choose(content)
                changed = bytearray(content)
                changed[at] ^= 1 << rng.randrange(8)
                path.write_bytes(bytes(changed))
                found += noticed()
            path.write_bytes(content)
            rows.append({"one byte changed in": name, "noticed": f"{found} of {times}", "untouched": not noticed()})
    return pd.DataFrame(rows)


def _inside(rng: random.Random, content: bytes, start: bytes) -> int:
    """A place inside one of the lines of a book."""
    places = [place for place in range(len(content)) if content.startswith(start, place)]
    return rng.choice(places) + rng.randrange(60)


def _refused(store: Store) -> bool:
    try:
        store.load_model("segmentation", object)
    except Refusal:
        return True
    return False


def _unwitnessed(store: Store, book: Path) -> bool:
    """Whether the event log disowns a model, whatever its card says."""
    try:
        refuse_unwitnessed(book, KEY, store.model_path("segmentation"), advice="run the study again")
    except Refusal:
        return True
    return False


def small_study(folder: Path, *, whole: bool) -> OpenStudy:
    """A simulated study of 300 people: prepared only, or walked to its end."""
    simulate_into(folder, people=300, seed=3, world=World.NEEDS, waves=1)
    opened = open_study(folder / "study.yaml", overrides=[*QUICK, f"workspace={folder / 'work'}"])
    for stage in STAGES_IN_ORDER.values():
        run_stage(stage, opened)
        if not whole:
            break
    return opened


def killed_while_erasing(opened: OpenStudy, times: int, *, seed: int) -> dict[str, object]:
    """Erase people one after another in a process that is killed at a random moment; what runs next completes it."""
    rng = random.Random(seed)
    people = sorted(set(opened.store.read("responses")["person"]))[: times + 1]
    ledger_of(opened).record(
        {"all": {"everyone": sorted(set(opened.store.read("people")["person"]))}}, source="s", digests={"all": "d"}
    )
    start = time.monotonic()
    remove(opened, Removal((people[-1],), "erase", "benchmark"))
    usual = time.monotonic() - start
    interrupted = good = 0
    for person in people[:times]:
        _killed(lambda one=person: remove(opened, Removal((one,), "erase", "benchmark")), rng.random() * usual)
        interrupted += pending(opened.workspace) is not None
        complete_interrupted(opened)
        done = [e for e in events_of(opened).events() if reference_of(opened, person) in e.detail.get("references", [])]
        clean = traces(opened, [person]) == [] and ledger_of(opened).groups_of(person) == []
        whole = not done and bool(ledger_of(opened).groups_of(person))
        good += (clean and len(done) == 1) or whole
    return _outcome(opened, "erasing", interrupted, good, times)


def killed_while_publishing(opened: OpenStudy, times: int, *, seed: int) -> dict[str, object]:
    """Publish into a workspace that has published nothing, killed at a random moment, then once more to the end."""
    rng, publish = random.Random(seed), STAGES_IN_ORDER["publish"]
    reference = _files(opened)
    start = time.monotonic()
    run_stage(publish, opened, force=True)
    usual = time.monotonic() - start
    interrupted = good = 0
    for _ in range(times):
        for name in ("ledger.db", "members.db"):
            (opened.workspace / name).unlink(missing_ok=True)
        for name in ("exports", "handover", "released", "earlier"):
            _empty(opened.workspace / name)
        interrupted += _killed(lambda: run_stage(publish, opened, force=True), rng.random() * usual)
        run_stage(publish, opened, force=True)
        good += _files(opened) == reference and ledger_of(opened).verify() is None
    return _outcome(opened, "publishing", interrupted, good, times)


def _outcome(opened: OpenStudy, what: str, interrupted: int, good: int, times: int) -> dict[str, object]:
    books = ledger_of(opened).verify() is None and events_of(opened).verify() is None
    return {
        "killed while": what,
        "stopped halfway": interrupted,
        "all or nothing": f"{good} of {times}",
        "books": books,
    }


def _killed(work: Callable[[], object], after: float) -> bool:
    """Do some work in a child process and kill it after so many seconds; True when it was still at work."""
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def _files(opened: OpenStudy) -> dict[str, str]:
    folders = (opened.workspace / name for name in ("exports", "released"))
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(opened.workspace)): digest_file(path) for path in sorted(files)}


def _empty(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True) if folder.is_dir() else ():
        path.unlink() if path.is_file() else path.rmdir()


def canary(folder: Path) -> pd.DataFrame:
    """Three people with identifiers and values like nobody else's walk the whole way; then one of them is erased.

    One row per moment: files with an identifier, files outside ``tables/``, ``handover/`` and the receipts with a value
    or code, whether anything was printed, what the audit says and how many groups were kept as they were published.
    """
    simulate_into(folder, people=300, seed=5, world=World.NEEDS, waves=1)
    names, values = ["CANARY4711", "jane.canary@nest.example", "Jane Q. Canary"], ["73219.8642", "canarytown"]
    sources = _put_canaries(folder, names, values)
    settings = [part for option in QUICK for part in ("--set", option)]
    command = [sys.executable, "-m", "pipelines.study", str(folder / "study.yaml"), *settings]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    opened = open_study(folder / "study.yaml", overrides=QUICK)
    codes = [study_pseudonyms(opened.config.study, opened.key).person(name) for name in names]

    def row(moment: str, own: list[str], words: list[str]) -> dict[str, object]:
        found = holding([folder, opened.workspace, opened.store.models], [*names, *values, *codes], without=sources)
        inside = [(opened.workspace / name).resolve() for name in own]
        left = {p: w.intersection(words) for p, w in found.items() if not any(p.is_relative_to(one) for one in inside)}
        manifests = sorted(opened.workspace.glob("exports/*/manifest.json"))
        kept = [read_json(path)["certificate"] for path in manifests]
        return {
            "moment": moment,
            "files with an identifier": sum(bool(w.intersection(names)) for w in found.values()),
            "files with a value or code": sum(map(bool, left.values())),
            "kept as published": sum(len(one["barred"]) + len(one["sealed"]) for one in kept),
            "audit": audit_study(folder / "study.yaml", overrides=QUICK)[-1] if manifests else "nothing published",
        }

    printed = [word for word in (*names, *values, *codes) if word in run.stdout + run.stderr]
    first = row(
        f"flow (exit {run.returncode}, {len(printed)} printed)", ["tables", "handover", "receipts"], [*values, *codes]
    )
    remove(opened, Removal((codes[0],), "erase", "benchmark"))
    for stage in STAGES_IN_ORDER.values():
        run_stage(stage, opened)
    return pd.DataFrame([first, row("one erased, published again", [], [codes[0]])])


def _put_canaries(folder: Path, names: list[str], values: list[str]) -> list[Path]:
    """Give three of a study's people these identifiers, and the first of them these values; returns the sources."""
    survey = next(folder.glob("responses_*.csv"))
    frames = {path: pd.read_csv(path, dtype=str, keep_default_na=False) for path in (folder / "people.csv", survey)}
    raw = frames[survey]["person_id"].iloc[[7, 8, 9]].tolist()
    people = frames[folder / "people.csv"]
    people.loc[people["person_id"] == raw[0], ["salary_band", "location"]] = values
    for path, frame in frames.items():
        frame["person_id"] = frame["person_id"].replace(dict(zip(raw, names, strict=True)))
        frame.to_csv(path, index=False)
    return [*frames, *folder.glob("truth*")]
