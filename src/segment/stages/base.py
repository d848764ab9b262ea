"""A stage: a pure function from named tables to named tables, run when its receipt says something changed."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

import pandas as pd

from segment.config import PACKED, OutcomeConfig, Study, StudyConfig, given, load_study
from segment.config.addresses import address_of
from segment.disclosure.rounding import rounded_card
from segment.errors import NotReady
from segment.governance.anchors import Anchor, anchor_file
from segment.governance.organisation import Organisation, ledger_file, organisation_key
from segment.governance.pseudonyms import Pseudonymiser, key_for
from segment.ingest.readers import content_of, files_of
from segment.ingest.shares import digest_of
from segment.parallel import single_threaded
from segment.stages.audit_log import manifests_seen, witnessed
from segment.stages.given_names import GivenName, given_names
from segment.stages.keys import complete_swap, refuse_other_key, remember_key
from segment.stages.observation_window import after_purges
from segment.store import Store, confined, digest_file, digest_text, read_json, save_json
from segment.tables.registry import tables_made_in
from segment.tracking.records import Record, to_frame
from segment.vocabulary import DataKind
from segment.workspace.lock import alone_in

#: The line of a model's card that says what it was learned from.
LEARNED_FROM = "learned_from"

_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Model:
    """A fitted model with its card (plain facts, no people)."""

    fitted: object
    card: Mapping[str, object]


@dataclass(frozen=True)
class StageResult:
    """What a stage hands back: tables, models, records, and one sentence on what it found."""

    tables: Mapping[str, pd.DataFrame]
    records: Sequence[Record] = ()
    models: Mapping[str, Model] = field(default_factory=dict)
    said: str = ""


@dataclass(frozen=True)
class OpenStudy:
    """A study that is ready to run: its settings, its store, and its pseudonym key (never shown)."""

    study: Study
    store: Store
    key: bytes = field(repr=False)

    @property
    def config(self) -> StudyConfig:
        """The study's settings."""
        return self.study.config

    @property
    def outcome(self) -> OutcomeConfig:
        """What staying and leaving look like, where the study has an outcome."""
        return given(self.config.outcome, "outcome")

    @property
    def workspace(self) -> Path:
        """Where everything of this study lies."""
        return self.study.workspace

    @property
    def receipts(self) -> Path:
        """Where receipts lie."""
        return self.workspace / "receipts"

    @property
    def book(self) -> Path:
        """The file with the study's event log and release ledger."""
        return self.workspace / "ledger.db"

    @property
    def anchor(self) -> Anchor:
        """Where the heads of the books are kept outside the workspace."""
        file, anew = anchor_file(self.study, self.key_id, os.environ), self.config.data != DataKind.PERSONAL
        return Anchor(file, self.book, self.key, anew=anew, organisation=self.organisation)

    @property
    def organisation(self) -> Organisation | None:
        """The release ledger that all studies under the key share; none for simulated and public data."""
        file = ledger_file(self.study, self.key_id, os.environ)
        return Organisation(file, organisation_key(self.key)) if file is not None else None

    @property
    def outside(self) -> list[Path]:
        """The files outside the workspace that a study may write: heads of its books, and the organisation's ledger."""
        heads, shared = self.anchor.file, self.organisation
        return [*([heads] if heads is not None else []), *(shared.files if shared is not None else ())]

    @cached_property
    def key_id(self) -> str:
        """A fingerprint of the pseudonym key, safe to publish."""
        return Pseudonymiser(self.key, "person").key_id

    @cached_property
    def digest(self) -> str:
        """Fingerprint of inputs, settings, code, locked dependencies and key: the same digest, the same bytes."""
        settings = self.config.model_dump_json(exclude={"workspace", "tracking", "review", "operations"})
        decided = _decided_digest(self, "segmentation")
        return digest_text(settings, *source_digests(self.study), code_digest(), self.key_id, decided, *self.names_told)

    @property
    def given_names(self) -> list[GivenName]:
        """The names that HR gave to segments, oldest first."""
        return given_names(self.book, self.key)

    @property
    def names_told(self) -> list[str]:
        """The names that were given as text, for what depends on them; nothing if none were."""
        return [repr(one) for one in self.given_names]


@dataclass(frozen=True)
class Stage:
    """One stage: the stages it builds on, the tables it writes, the settings it depends on, and its function.

    ``decided`` names the model whose champion it holds its result against; ``named``: it tells the names of segments;
    ``held_back``: what it would put out stays in the workspace.
    """

    name: str
    run: Callable[[OpenStudy], StageResult]
    builds_on: tuple[str, ...]
    writes: tuple[str, ...]
    settings: tuple[str, ...]
    raw: bool = False
    catalogue: bool = False
    named: bool = False
    decided: str | None = None
    held_back: bool = False
    outputs: Callable[[OpenStudy], Mapping[str, str]] | None = None


@dataclass(frozen=True)
class Receipt:
    """What a stage left behind: row counts and digests, never a frame. ``skipped`` when nothing had changed.

    ``took``: when it began and ended, in milliseconds since 1970; None where that was not kept.
    """

    stage: str
    key: str
    tables: Mapping[str, Mapping[str, object]]
    said: str
    skipped: bool = False
    took: tuple[int, int] | None = field(default=None, compare=False)

    @classmethod
    def kept(cls, stage: str, path: Path) -> Receipt:
        """The receipt that lies on disk: its stage was skipped."""
        content = read_json(path)
        took = content.get("took")
        return cls(stage, content["key"], content["tables"], content["said"], True, tuple(took) if took else None)

    def line(self) -> str:
        """One line for a person who watches."""
        verb = "nothing changed" if self.skipped else "done"
        return f"{self.stage:<12} {verb}: {self.said}" if self.said else f"{self.stage:<12} {verb}"


def open_study(file: str | Path, *, overrides: Sequence[str] = ()) -> OpenStudy:
    """Read a study's settings and make it ready to run; nothing is written, but a change of key is completed first.

    Raises
    ------
    Refusal
        The workspace belongs to another pseudonym key.
    """
    study = load_study(file, overrides=overrides)
    complete_swap(study)
    study = after_purges(study)
    opened = OpenStudy(study, Store(study.workspace / "tables", study.models), key_for(study, os.environ))
    refuse_other_key(study, opened.key)
    return opened


def run_stage(stage: Stage, opened: OpenStudy, *, force: bool = False) -> Receipt:
    """Run one stage, or skip it when its receipt says that nothing it depends on has changed.

    Tables are written one by one, each whole; the receipt comes last, so a stage that was interrupted runs again. What
    ran is written into the event log; what was skipped is not. It runs alone in the workspace, unless its caller does.
    """
    with alone_in(opened.workspace, doing=stage.name):
        opened.anchor.refuse_older()
        _require(stage, opened)
        with confined(opened.workspace, opened.store.models, *opened.outside):
            return _run(stage, opened, force=force)


def _run(stage: Stage, opened: OpenStudy, *, force: bool) -> Receipt:
    remember_key(opened.study, opened.key)
    key = stage_key(stage, opened)
    path = opened.receipts / f"{stage.name}.json"
    if not force:
        kept = current_receipt(stage, opened)
        if kept is not None:
            return kept
    path.unlink(missing_ok=True)
    began = _now()
    with witnessed(opened.book, opened.key, stage=stage.name, on=key, after=opened.anchor.keep) as seen:
        result = single_threaded(stage.run, opened)
        tables = _write(stage, opened, result)
        models = {name: digest_file(opened.store.model_path(name)) for name in sorted(result.models)}
        files = dict(stage.outputs(opened)) if stage.outputs else {}
        seen |= {"rows": {name: entry["rows"] for name, entry in tables.items()}, "models": models}
        seen |= {"manifests": {}, "held_back": "yes"} if stage.held_back else manifests_seen(files)
    receipt = Receipt(stage.name, key, tables, result.said, took=(began, _now()))
    told = {"stage": stage.name, "key": key, "tables": tables, "said": result.said, "files": files, "models": models}
    save_json(path, {**told, "took": receipt.took})
    return receipt


def _now() -> int:
    """This moment in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def _write(stage: Stage, opened: OpenStudy, result: StageResult) -> dict[str, dict[str, object]]:
    """Write every table and model of a result; a table this run does not have is taken away."""
    tables: dict[str, dict[str, object]] = {}
    made = _made(stage, opened, result.tables)
    writes = (*stage.writes, *tables_made_in(stage.name))
    for name in writes:
        if name not in made:
            opened.store.remove(name)
    for name, frame in made.items():
        if name not in writes:
            raise NotReady(f"Stage '{stage.name}' wrote '{name}', which it does not declare.")
        tables[name] = {"rows": len(frame), "sha256": opened.store.write(name, frame)}
    opened.store.write(f"records_{stage.name}", to_frame(result.records))
    for name, saved in result.models.items():
        opened.store.save_model(name, saved.fitted, card=rounded_card(saved.card))
    return tables


def _made(stage: Stage, opened: OpenStudy, tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables of a stage with those that are made of them and of earlier ones."""
    every = dict(tables)
    for made, maker in tables_made_in(stage.name).items():
        if all(name in every or opened.store.has(name) for name in maker.needs):
            frames = {name: every[name] if name in every else opened.store.read(name) for name in maker.needs}
            frame = maker.make(frames)
            every |= {made: frame} if not frame.empty else {}
    return every


def current_receipt(stage: Stage, opened: OpenStudy) -> Receipt | None:
    """The receipt on disk when it still holds: same key, and every file it speaks of is there unchanged."""
    path, key = opened.receipts / f"{stage.name}.json", stage_key(stage, opened)
    if not path.is_file():
        return None
    try:
        kept = read_json(path)
    except NotReady:
        return None
    if kept.get("key") != key:
        return None
    files = {opened.store.table_path(name): entry["sha256"] for name, entry in kept["tables"].items()}
    files |= {opened.store.model_path(name): digest for name, digest in kept["models"].items()}
    files |= {opened.workspace / name: digest for name, digest in kept["files"].items()}
    if any(not file.is_file() or digest_file(file) != digest for file, digest in files.items()):
        return None
    return Receipt.kept(stage.name, path)


def _require(stage: Stage, opened: OpenStudy) -> None:
    """Refuse to run a stage before the ones it builds on."""
    for earlier in stage.builds_on:
        if not (opened.receipts / f"{earlier}.json").is_file():
            raise NotReady(
                f"Stage '{stage.name}' builds on '{earlier}', which has not run yet.",
                where=str(opened.workspace),
                advice=f"run the study from there: --from {earlier}",
            )


def stage_key(stage: Stage, opened: OpenStudy) -> str:
    """What a stage's result depends on: its settings, what earlier stages left, raw files, code and key."""
    dumped = opened.config.model_dump(mode="json")
    parts = [stage.name, code_digest(), opened.key_id, *(f"{name}={dumped[name]!r}" for name in stage.settings)]
    for earlier in stage.builds_on:
        receipt = read_json(opened.receipts / f"{earlier}.json")
        parts.extend(f"{name}:{entry['sha256']}" for name, entry in sorted(receipt["tables"].items()))
        parts.extend(f"{name}:{digest}" for name, digest in sorted(receipt["models"].items()))
    if stage.held_back:
        parts.append("held back")
    if stage.decided is not None:
        parts.append(_decided_digest(opened, stage.decided))
    if stage.raw:
        parts.extend(source_digests(opened.study))
    if stage.named:
        parts.extend(opened.names_told)
    if stage.catalogue:
        actions = opened.config.actions
        lists = [opened.study.config_path(written) for written in (actions.catalogue, actions.names)]
        parts.extend(digest_file(file) if file.is_file() else "missing" for file in lists)
    return digest_text(*parts)


def learned_from(opened: OpenStudy) -> dict[str, str]:
    """The line of a model's card that says which people, answers and spells it was learned from.

    Two models with the same line belong together.
    """
    files = [opened.store.table_path(name) for name in ("people", "responses", "spells")]
    return {LEARNED_FROM: digest_text(*(digest_file(file) if file.is_file() else "none" for file in files))[:16]}


def decided_store(models: Path) -> Store:
    """Where the models a reviewer decided on lie, beside the newest ones of the study."""
    return Store(models / "champion", models / "champion")


def _decided_digest(opened: OpenStudy, model: str) -> str:
    file = decided_store(opened.store.models).model_path(model)
    return digest_file(file) if file.is_file() else "none"


def source_digests(study: Study) -> list[str]:
    """Digests of the raw files and of the settings files a study names; a missing file counts as 'missing'.

    Of a file that only says where its rows stand, such as a query, the rows count as well.
    """
    files = named_files(study)
    elsewhere = [told for file in files if (told := content_of(file)) is not None]
    return [digest_now(file) for file in files] + elsewhere


def digest_now(file: Path) -> str:
    """The digest of a raw or a settings file, on this machine or on a share; a missing file counts as 'missing'."""
    address = address_of(file)
    if address is not None:
        return digest_of(address)
    return digest_file(file) if file.is_file() else "missing"


def named_files(study: Study) -> list[Path]:
    """The raw files and the settings files a study names, there or not."""
    config = study.config
    named = [study.path(source.file) for _, source in config.sources.every] if config.simulation is None else []
    files = [file for path in named for file in files_of(path)]
    if config.codebook is not None:
        files.extend(study.config_path(name) for name in (config.codebook.file, config.codebook.wishes) if name)
    files.extend(study.config_path(written) for written in (config.actions.catalogue, config.actions.names))
    return files


@cache
def code_digest() -> str:
    """Fingerprint of this package's own code, texts and templates, and of the versions it runs with."""
    total = hashlib.sha256()
    settings = _PACKAGE / PACKED  # where the package is installed; they count by what a study takes from them
    kinds = {".py", ".yaml", ".j2", ".css"}
    for file in sorted(p for p in _PACKAGE.rglob("*") if p.suffix in kinds and settings not in p.parents):
        total.update(f"{file.relative_to(_PACKAGE)}\n".encode())
        total.update(file.read_bytes())
    for package in (
        "numpy",
        "pandas",
        "scikit-learn",
        "scipy",
        "lightgbm",
        "pyarrow",
        "matplotlib",
        "xlsxwriter",
        "python-pptx",
        "jinja2",
    ):
        total.update(f"{package}=={importlib.metadata.version(package)}\n".encode())
    return total.hexdigest()
