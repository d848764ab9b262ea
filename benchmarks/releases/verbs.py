"""Every sequence of verbs ends in books that verify: a small study is started, put through verbs, and audited.

Thousands of sequences share what they begin with: each step is done on a copy of the workspace before it, and what
depends on content alone is worked out once (``remembering.py``). Publishing, books and rights are what is tried.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import json
import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from releases.remembering import remembered
from segment.errors import NotReady, Refusal
from segment.governance.organisation import LEDGER
from segment.governance.pseudonyms import study_pseudonyms
from segment.stages import STAGES_IN_ORDER, open_study, run_stage
from segment.stages.audit import audit_log, audit_study
from segment.stages.rekey import rekey_study
from segment.stages.release.history import withdraw
from segment.stages.rights.delivery import deliver_cards
from segment.stages.rights.purge import purge_study
from segment.stages.rights.subject import erase_subject, object_subject
from segment.stages.score import assign_file, promote_model
from segment.stages.simulate import simulate_into
from segment.stages.tracking import Recording
from segment.store import digest_file
from segment.vocabulary import World

Say = Callable[[str], None]

VARIABLE = "SEGMENT_PSEUDONYM_KEY"
VERBS = (
    "run", "promote", "assign", "erase", "object", "purge", "rekey", "withdraw", "deliver", "second", "third",
)  # fmt: skip

#: What says little about verbs, and would cost most.
SMALL = ("segmentation.families=[k_means]", "segmentation.n_segments=[3]")


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
    fault: str = ""
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

    def content(self) -> str:
        """Fingerprint of everything an audit looks at."""
        total = hashlib.sha256(repr((self.key, self.wave)).encode())
        for root in (self.workspace, self.workspace.parent / "ledgers"):
            for file in sorted(path for path in root.rglob("*") if path.is_file()):
                total.update(f"{file.relative_to(root.parent)}\n{digest_file(file)}\n".encode())
        return total.hexdigest()

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


def attack(
    starts: Mapping[str, Put],
    *,
    sequences: int,
    seed: int,
    minutes: float = float("inf"),
    kept: Path | None = None,
    say: Say = print,
) -> pd.DataFrame:
    """All sequences of one and two verbs on every start, then random ones of three and four in equal shares of verbs.

    Of few sequences, random ones only. Those of four share what they begin with in threes. After so many ``minutes``
    the walk ends, wherever it is; with ``kept`` the next one goes on from there.
    """
    short = [(s, *verbs) for n in (1, 2) for verbs in itertools.product(VERBS, repeat=n) for s in starts]
    chosen, wanted = random.Random(seed), short if sequences >= len(short) else []
    for begun in chosen.sample(list(itertools.product(starts, VERBS, VERBS, VERBS)), len(starts) * len(VERBS) ** 3):
        wanted += [begun, *((*begun, verb) for verb in chosen.sample(VERBS, 3))]
        if len(wanted) >= sequences:
            break
    return walk(starts, wanted[:sequences], minutes=minutes, kept=kept, say=say)


def walk(
    starts: Mapping[str, Put],
    sequences: Sequence[tuple[str, ...]],
    *,
    minutes: float = float("inf"),
    kept: Path | None = None,
    say: Say = print,
) -> pd.DataFrame:
    """Every one of these sequences (its start, then its verbs), audited at its end; Ctrl-C or time ends the walk.

    ``kept``: a file to which every row is added as it is found; what stands in it is not walked again.

    One row each: ``start``, ``length``, ``verbs``, ``refused`` (by the last verb), ``fault`` (what was found, or
    empty).
    """
    rows = rows_kept(kept)
    done, clock, end = {_sequence_of(row) for row in rows}, time.process_time(), time.monotonic() + 60 * minutes
    with key_kept(), remembered(), tempfile.TemporaryDirectory() as folder, suppress(KeyboardInterrupt):
        walker = _Walker(Path(folder), starts)
        for sequence in (one for one in dict.fromkeys(sequences) if one not in done):
            if time.monotonic() > end:
                break
            fault, refused = walker.ends(sequence)
            start, *verbs = sequence
            rows.append(
                {
                    "start": start, "length": len(verbs), "verbs": " ".join(verbs), "last": verbs[-1],
                    "refused": refused, "fault": fault,
                }
            )  # fmt: skip
            if kept is not None:
                with kept.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(rows[-1]) + "\n")
            if fault:
                say(f"{start}: {' '.join(verbs)}: {fault}")
            if len(rows) % 25 == 0:
                faults, refusals = (sum(bool(row[name]) for row in rows) for name in ("fault", "refused"))
                spent = f"{time.process_time() - clock:.0f} s of CPU"
                say(f"{len(rows)} of {len(sequences)} sequences, {faults} faults, {refusals} refusals, {spent}")
    return pd.DataFrame(rows)


def rows_kept(kept: Path | None) -> list[dict[str, Any]]:
    """What an interrupted walk wrote; a last line that was cut off while it was written is no row."""
    if kept is None or not kept.is_file():
        return []
    whole, _, cut = kept.read_text(encoding="utf-8").rpartition("\n")
    if cut:
        kept.write_text(f"{whole}\n" if whole else "", encoding="utf-8")
    return [json.loads(line) for line in whole.splitlines()]


def _sequence_of(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (str(row["start"]), *str(row["verbs"]).split())


class _Walker:
    """Workspaces by the verbs that made them; the short ones stay, of the longer ones only those still begun with."""

    def __init__(self, folder: Path, starts: Mapping[str, Put]) -> None:
        self._folder, self._number = folder, itertools.count()
        self._states = {(name,): start for name, start in starts.items()}
        self._found: dict[str, str] = {}

    def ends(self, sequence: tuple[str, ...]) -> tuple[str, str]:
        """What was found at the end of a sequence, and in what words its last verb was refused."""
        for old in [s for s in self._states if len(s) > 3 and sequence[: len(s)] != s]:
            shutil.rmtree(self._states.pop(old).workspace.parent)
        there = self._at(sequence)
        before = self._states[sequence[:-1]].refused
        refused = there.refused[-1].partition(": ")[2] if len(there.refused) > len(before) else ""
        if there.fault:
            return there.fault, refused
        content = there.content()
        if content not in self._found:
            self._found[content] = _fault_of(there.audit)
        return self._found[content], refused

    def _at(self, sequence: tuple[str, ...]) -> Put:
        if sequence not in self._states:
            before, folder = self._at(sequence[:-1]), self._folder / str(next(self._number))
            folder.mkdir()
            there = before.copied(folder)
            if not there.fault:
                fault = _fault_of(lambda: there.do(sequence[-1]))
                there.fault = fault and f"{sequence[-1]}: {fault}"
            self._states[sequence] = there
        return self._states[sequence]


def _fault_of(tried: Callable[[], None]) -> str:
    try:
        tried()
    except Exception as found:
        return f"{type(found).__name__}: {found}"
    return ""


def told(found: pd.DataFrame) -> str:
    """The summary: sequences and faults by start and length, what was refused and why, and each fault once."""
    counted = found.groupby(["start", "length"])["fault"].agg(
        sequences="size", faults=lambda one: int((one != "").sum())
    )
    reasons = found.assign(reason=found["refused"].str.replace(r"'[^']*'|\d[\d-]*", "…", regex=True))
    refused = reasons[reasons["reason"] != ""].groupby(["last", "reason"]).size().rename("refused")
    tried = found.groupby("last").size().rename("tried")
    faults = found[found["fault"] != ""].drop_duplicates("fault")
    lines = [f"{row.start}: {row.verbs}: {row.fault}" for row in faults.itertuples()]
    tables = [counted.to_string(), tried.to_string(), refused.reset_index().to_string(index=False)]
    return "\n\n".join([*tables, f"{len(found)} sequences, {int((found['fault'] != '').sum())} faults", *lines])


def started(folder: Path, *, people: int = 80, quick: Sequence[str] = ()) -> dict[str, Put]:
    """A small study on personal data with three waves, run on its first: what every sequence begins with.

    Fresh, and with its model promoted.
    """
    simulate_into(folder, people=people, seed=3, world=World.NEEDS, waves=3)
    file = folder / "study.yaml"
    text = file.read_text(encoding="utf-8").replace("data: simulated", "data: personal")
    text = text.replace("contract: {purpose: model,", "contract: {purpose: model, retention_months: 6,")
    file.write_text(f"{text}\nlanguages: [en]\n", encoding="utf-8")
    key = bytes(range(32))
    os.environ |= {VARIABLE: key.hex(), LEDGER: str(folder / "ledgers")}
    waves = sorted(path.stem.partition("_")[2] for path in folder.glob("responses_*.csv"))
    start = Put(file, (*quick, *SMALL), folder / "work", [], waves, key, wave=waves[0])
    start.do("run")
    if start.refused:
        raise RuntimeError(f"the study that sequences begin with does not run: {start.refused}")
    raw = pd.concat([pd.read_csv(path, dtype=str)["person_id"] for path in sorted(folder.glob("responses_*.csv"))])
    fresh = replace(start, raw=people_known(file, start.options, raw), tracked=False)
    (folder / "promoted").mkdir()
    promoted = fresh.copied(folder / "promoted")
    promoted.do("promote")
    if promoted.refused:
        raise RuntimeError(f"the model that sequences begin with is not promoted: {promoted.refused}")
    return {"fresh": fresh, "promoted": promoted}
