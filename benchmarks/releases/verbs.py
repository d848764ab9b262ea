"""Every sequence of verbs ends in books that verify: a small study is started, put through verbs, and audited.

Thousands of sequences share what they begin with: they are walked as a tree, each step on a copy of the workspace
before it. What a stage makes of the same settings, tables and people is made once (:func:`remembered`); publishing,
books and rights are never remembered, because they are what is tried.
"""

from __future__ import annotations

import datetime as dt
import itertools
import os
import random
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from segment.errors import NotReady, Refusal
from segment.privacy.organisation import LEDGER
from segment.privacy.pseudonyms import study_pseudonyms
from segment.stages import STAGES_IN_ORDER, open_study, run_stage
from segment.stages.audit import audit_log, audit_study
from segment.stages.base import OpenStudy, Stage, StageResult, stage_key
from segment.stages.recording import Recording
from segment.stages.rekeying import rekey_study
from segment.stages.release.earlier import withdraw
from segment.stages.rights.delivering import deliver_cards
from segment.stages.rights.excluded import FILE as EXCLUDED
from segment.stages.rights.purging import purge_study
from segment.stages.rights.subject import erase_subject, object_subject
from segment.stages.score import assign_file, promote_model
from segment.stages.simulating import simulate_into
from segment.vocabulary import World

VARIABLE = "SEGMENT_PSEUDONYM_KEY"
VERBS = (
    "run", "promote", "assign", "erase", "object", "purge", "rekey", "withdraw", "deliver", "second", "third",
)  # fmt: skip


@dataclass
class Put:
    """A copy of a study that verbs are tried on; ``raw`` names people nobody has taken out yet."""

    file: Path
    settings: tuple[str, ...]
    workspace: Path
    raw: list[str]
    waves: Sequence[str]
    key: bytes
    wave: str = ""
    refused: list[str] = field(default_factory=list)
    keys: int = 0
    tracked: bool = True

    @property
    def options(self) -> list[str]:
        """The overrides of every verb."""
        chosen = [f"wave={self.wave}"] if self.wave else []
        return [*self.settings, f"workspace={self.workspace}", *chosen]

    def do(self, verb: str) -> None:
        """One verb; a refusal in words is an answer, any other fault is not."""
        os.environ[VARIABLE] = self.key.hex()
        try:
            getattr(self, f"_{verb}")()
        except Refusal as refusal:
            self.refused.append(f"{verb}: {str(refusal).splitlines()[0]}")

    def audit(self) -> None:
        """Both audits; nothing released is no finding, everything else that is refused is."""
        os.environ[VARIABLE] = self.key.hex()
        audit_log(self.file, overrides=self.options)
        try:
            audit_study(self.file, overrides=self.options)
        except NotReady:
            if any((self.workspace / "exports").glob("*/manifest.json")):
                raise

    def _run(self) -> None:
        opened = open_study(self.file, overrides=self.options)
        recording = Recording.of(opened) if self.tracked else None
        for stage in STAGES_IN_ORDER.values():
            receipt = run_stage(stage, opened)
            if recording is not None:
                recording.take(receipt)
        if recording is not None:
            recording.end(failed=False)

    def _second(self) -> None:
        self.wave = self.waves[1]
        self._run()

    def _third(self) -> None:
        self.wave = self.waves[-1]
        self._run()

    def _promote(self) -> None:
        words = {"by": "A. Reviewer", "reason": "stable"}
        promote_model(self.file, model="segmentation", version=1, overrides=self.options, **words)

    def _assign(self) -> None:
        survey = next(self.file.parent.glob("responses_*.csv"))
        out = self.workspace.parent / "assigned.csv"
        assign_file(self.file, survey=survey, out=out, overrides=self.options)

    def _erase(self) -> None:
        erase_subject(self.file, person=self.raw.pop(), overrides=self.options)

    def _object(self) -> None:
        object_subject(self.file, person=self.raw.pop(), overrides=self.options)

    def _purge(self) -> None:
        purge_study(self.file, today=dt.date(2024, 9, 1), overrides=self.options)

    def _deliver(self) -> None:
        deliver_cards(self.file, overrides=self.options)

    def _withdraw(self) -> None:
        withdraw(self.file, by="A. Reviewer", reason="old files destroyed", overrides=self.options)

    def _rekey(self) -> None:
        self.keys += 1
        new = bytes((41 * place + 7 * self.keys) % 256 for place in range(32))
        file = self.workspace.parent / f"new-{self.keys}.key"
        file.write_text(new.hex())
        rekey_study(self.file, new_key_file=file, by="A. Officer", reason="yearly", let_go=True, overrides=self.options)
        self.key = new

    def copied(self, folder: Path) -> Put:
        """The same study in another folder, to be put through other verbs."""
        shutil.copytree(self.workspace, folder / "work")
        for file in self.workspace.parent.glob("new-*.key"):
            shutil.copy(file, folder)
        if (self.workspace.parent / "ledgers").is_dir():
            shutil.copytree(self.workspace.parent / "ledgers", folder / "ledgers")
        os.environ[LEDGER] = str(folder / "ledgers")
        return replace(self, workspace=folder / "work", raw=list(self.raw), refused=list(self.refused))


@contextmanager
def key_kept() -> Iterator[None]:
    """The environment's key is afterwards what it was before."""
    before = {name: os.environ.get(name) for name in (VARIABLE, LEDGER)}
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            os.environ.update({name: value} if value is not None else {})


@contextmanager
def remembered() -> Iterator[None]:
    """While the block runs, the stages before publish make the same result of the same things once.

    They are functions of what their receipts' key names and of who is kept out of the study.
    """
    before, results = dict(STAGES_IN_ORDER), {}

    def once(stage: Stage) -> Callable[[OpenStudy], StageResult]:
        def run(opened: OpenStudy) -> StageResult:
            kept_out = opened.workspace / EXCLUDED
            key = stage.name, stage_key(stage, opened), kept_out.read_bytes() if kept_out.is_file() else b""
            if key not in results:
                results[key] = stage.run(opened)
            return results[key]

        return run

    STAGES_IN_ORDER.update({n: replace(s, run=once(s)) for n, s in before.items() if n != "publish"})
    try:
        yield
    finally:
        STAGES_IN_ORDER.update(before)


def put_through(start: Put, verbs: Sequence[str], folder: Path) -> Put:
    """A copy of the study in ``folder`` after these verbs, audited.

    Raises
    ------
    Refusal
        What an audit found.
    """
    with key_kept():
        tried = start.copied(folder)
        for verb in verbs:
            tried.do(verb)
        tried.audit()
    return tried


def people_known(file: Path, options: Sequence[str], raw: pd.Series) -> list[str]:
    """Identifiers of people who stand in the study's tables, the last answered first to be taken."""
    opened = open_study(file, overrides=list(options))
    known = set(opened.store.read("responses")["person"])
    codes = study_pseudonyms(opened.config.study, opened.key)
    return [one for one in dict.fromkeys(raw.dropna().astype(str)) if codes.person(one) in known]


def attack(start: Put, *, sequences: int, seed: int, say: Callable[[str], None] = print) -> pd.DataFrame:
    """All sequences of one and two verbs, then random ones of up to four: which ended in two passing audits."""
    every = [s for length in range(1, 5) for s in itertools.product(VERBS, repeat=length)]
    short = [verbs for verbs in every if len(verbs) < 3]
    longer = random.Random(seed).sample(every[len(short) :], max(sequences - len(short), 0))
    return walk(start, [*short, *longer][:sequences], say=say)


def walk(start: Put, sequences: Collection[tuple[str, ...]], *, say: Callable[[str], None] = print) -> pd.DataFrame:
    """Every one of these sequences, audited at its end: what it refused on the way, and what an audit found."""
    wanted, rows = set(sequences), []

    def step(here: Put, done: tuple[str, ...]) -> None:
        for verb in sorted({one[len(done)] for one in wanted if one[: len(done)] == done and len(one) > len(done)}):
            verbs = (*done, verb)
            with tempfile.TemporaryDirectory() as folder:
                fault, there = "", here.copied(Path(folder))
                try:
                    there.do(verb)
                    if verbs in wanted:
                        there.audit()
                except Exception as found:
                    fault = f"{type(found).__name__}: {found}"
                if verbs in wanted or fault:
                    refused = "; ".join(there.refused)
                    rows.append({"length": len(verbs), "verbs": " ".join(verbs), "fault": fault, "refused": refused})
                if fault:
                    say(f"{' '.join(verbs)}: {fault}")
                else:
                    step(there, verbs)

    with key_kept(), remembered():
        step(start, ())
    return pd.DataFrame(rows)


def started(folder: Path, *, people: int = 150, quick: Sequence[str] = ()) -> Put:
    """A small study on personal data with three waves, run on its first: what every sequence begins with."""
    simulate_into(folder, people=people, seed=3, world=World.NEEDS, waves=3)
    file = folder / "study.yaml"
    text = file.read_text(encoding="utf-8").replace("data: simulated", "data: personal")
    file.write_text(f"{text}\nlanguages: [en]\n", encoding="utf-8")
    key = bytes(range(32))
    os.environ |= {VARIABLE: key.hex(), LEDGER: str(folder / "ledgers")}
    waves = sorted(path.stem.partition("_")[2] for path in folder.glob("responses_*.csv"))
    start = Put(file, tuple(quick), folder / "work", [], waves, key, wave=waves[0])
    start.do("run")
    if start.refused:
        raise RuntimeError(f"the study that sequences begin with does not run: {start.refused}")
    raw = pd.concat([pd.read_csv(path, dtype=str)["person_id"] for path in sorted(folder.glob("responses_*.csv"))])
    return replace(start, raw=people_known(file, start.options, raw), tracked=False)
