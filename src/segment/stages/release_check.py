"""A release on record held against the facts that were sealed with it, and against the study's tables of today."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from segment.disclosure.certificates import ReleaseCertificate
from segment.disclosure.facts import FILE, ReleaseFacts
from segment.disclosure.ledger.release_ledger import ReleaseLedger
from segment.errors import NotReady
from segment.exports.manifest import NAME as MANIFEST
from segment.exports.verify import content_of
from segment.stages import STAGES_IN_ORDER
from segment.stages.base import OpenStudy, current_receipt
from segment.stages.freshness import out_of_date
from segment.stages.publish import wave_of
from segment.stages.release.group_members import response_rate
from segment.stages.release.history import releases_on_record
from segment.stages.release.plans import requests_of, rules_of
from segment.stages.release.proof import TABLES, releases_before
from segment.stages.release.sealed_facts import data_digest, facts_book, facts_of
from segment.stages.release.withdrawal import Record
from segment.store import read_json
from segment.tables.registry import released_tables


@dataclass
class Held:
    """What a release on record shows, what was sealed with it, and what is wrong.

    ``tables``: by name the released tables that could be read; ``said``: what an audit can tell of it, in words.
    """

    manifest: Mapping[str, Any]
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    facts: ReleaseFacts | None = None
    broken: list[str] = field(default_factory=list)
    said: str = ""

    @property
    def certificate(self) -> ReleaseCertificate:
        """What the manifest says of the release's safety."""
        found: ReleaseCertificate = self.manifest.get("certificate", {})
        return found


def hold(opened: OpenStudy, ledger: ReleaseLedger, record: Record) -> Held:
    """Read a release back; every file that is not as it was sealed is named."""
    root = opened.workspace
    try:
        held = Held(read_json(record.files / MANIFEST))
    except NotReady:
        return Held({}, broken=[f"{_name(root, record.files / MANIFEST)} cannot be read"])
    _hold_manifest(opened, record, held)
    _hold_facts(opened, ledger, record, held)
    shown = {name: _read(root, path, held) for name, path in _files(record).items()}
    data = _read(root, record.files / TABLES, held)
    for content, where in ((shown, None), (data or {}, record.files / TABLES)):
        _hold_tables(root, record, content, held, where=where)
    held.tables = {
        name: pd.DataFrame(one["data"], columns=one["columns"])
        for name, one in shown.items()
        if _is_table(one) and name in released_tables()
    }
    held.broken = list(dict.fromkeys(held.broken))
    if held.facts is not None and record.now:
        _recompute(opened, record, shown, held)
    return held


def _files(record: Record) -> dict[str, Path]:
    return {path.stem: path for path in sorted(record.tables.glob("*.json"))}


def _hold_manifest(opened: OpenStudy, record: Record, held: Held) -> None:
    """The manifest is the one that was written, and the history of releases knows it."""
    chain = held.manifest.get("chain") or []
    if not chain or chain[-1] != content_of(dict(held.manifest)):
        held.broken.append(f"{_name(opened.workspace, record.files / MANIFEST)} is not as it was written")
    elif chain[-1] not in releases_before(opened):
        held.broken.append(f"{_name(opened.workspace, record.files / MANIFEST)} is not in the history of releases")


def _hold_facts(opened: OpenStudy, ledger: ReleaseLedger, record: Record, held: Held) -> None:
    """The facts sealed with the release are there, and are those that the ledger speaks of."""
    name, committed = held.certificate.get("facts"), ledger.facts()
    manifest = _name(opened.workspace, record.files / MANIFEST)
    if name is None:
        if ledger.facts(study=opened.config.study, wave=record.wave):
            held.broken.append(f"{manifest} does not name the facts that were sealed with the release")
        held.said = "made before facts were sealed with a release; held against its own files only"
        return
    if name not in committed:
        held.broken.append(f"{manifest} names sealed facts that the ledger does not know")
        return
    book = facts_book(opened)
    problem = book.problem({name: committed[name]})
    facts = book.read(name) if problem is None else None
    if facts is None:
        held.broken.append(problem or f"the facts sealed with {record.wave} are not in {FILE} any more")
        return
    held.facts, held.said = facts, "held against the facts sealed when it was made"
    told = held.certificate.get("tables", {})
    for name, sealed in facts.tables.items():
        if sealed.scales not in (None, (told[name]["scales"] if name in told else {})):
            held.broken.append(f"{manifest}: the scale of table {name} is not the one that was sealed")


def _read(root: Path, path: Path, held: Held) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        held.broken.append(f"{_name(root, path)} is gone or cannot be read")
        return {}


def _hold_tables(root: Path, record: Record, content: Mapping[str, Any], held: Held, *, where: Path | None) -> None:
    """Every table of a release, in files of their own or all in one (``where``), is the one that was sealed."""
    sealed = held.facts.tables if held.facts is not None else {}
    for name in sorted({*content, *sealed}):
        file = _name(root, where or record.tables / f"{name}.json")
        said = f"{file}: table {name}" if where is not None else file
        if name not in content:
            held.broken.append(f"{said} is gone")
        elif name not in released_tables() or (held.facts is not None and name not in sealed):
            held.broken.append(f"{said} was never released")
        elif not _is_table(content[name]):
            held.broken.append(f"{said} cannot be read")
        elif name in sealed and data_digest(content[name]) != sealed[name].digest:
            held.broken.append(f"{said} is not the table that was sealed")


def _is_table(content: object) -> bool:
    """Whether something read back is a table: columns, and rows of as many values."""
    if not isinstance(content, Mapping) or not {"columns", "data"} <= set(content):
        return False
    columns, rows = content["columns"], content["data"]
    good = isinstance(columns, list) and isinstance(rows, list) and {"n", "status"} <= set(map(str, columns))
    return good and all(isinstance(row, list) and len(row) == len(columns) for row in rows)


def _recompute(opened: OpenStudy, record: Record, shown: Mapping[str, Any], held: Held) -> None:
    """Count the groups of a present release again where the tables it was made of are still there."""
    facts = held.facts
    assert facts is not None
    if held.broken:
        return
    gone = _why_gone(opened, record)
    if gone:
        held.said += f"; {gone}, so its groups are not counted again"
        return
    wave = record.wave if opened.store.has("responses") else None
    unchanged = _just_published(opened, record)
    requests, response = requests_of(opened, wave), response_rate(opened, wave)
    told = (text.partition(": ") for text in held.certificate.get("barred", []))
    barred = [(table, group) for table, _, group in told]
    own = {name: content for name, content in shown.items() if any(r.name == name for r in requests)}
    scales = {name: one.scales for name, one in facts.tables.items()}
    again = facts_of(facts.wave, requests, own, rules=rules_of(opened), scales=scales, barred=barred, response=response)
    other = sorted(name for name in facts.tables if again.tables.get(name) != facts.tables[name])
    if unchanged and again != facts:
        named = ", ".join(other[:5]) or "who answered"
        held.broken.append(f"the facts sealed with {record.wave} are not what the study's tables say: {named}")
    elif not other:
        held.said += f"; all {len(own)} tables counted again from the study's tables"
    else:
        held.said += (
            f"; the study's tables have changed since (another run, people taken out), so {len(other)} of its "
            f"{len(facts.tables)} tables are not counted again"
        )


def _why_gone(opened: OpenStudy, record: Record) -> str:
    """Why a release cannot be counted again from the study's tables, in words; nothing where it can be."""
    store = opened.store
    if not store.has("people") and not store.has("spells") and not store.has("responses"):
        return "the tables it was made of are gone"
    if store.has("responses") and not (store.read("responses")["wave"] == record.wave).any():
        return "nobody who answered then is in the study any more"
    if wave_of(opened) != record.wave:
        return "the study's tables are those of another wave now"
    return ""


def _just_published(opened: OpenStudy, record: Record) -> bool:
    """Whether this release is what publishing the tables that are there would give once more."""
    if out_of_date(["publish"], opened) or current_receipt(STAGES_IN_ORDER["publish"], opened) is None:
        return False
    place = (record.files / MANIFEST).relative_to(opened.workspace).as_posix()
    return place in read_json(opened.receipts / "publish.json")["files"]


def _name(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()


def facts_problem(opened: OpenStudy, ledger: ReleaseLedger) -> str | None:
    """None when the facts of every release on record are there as the ledger speaks of them, else what is wrong."""
    committed, book = ledger.facts(), facts_book(opened)
    for record in releases_on_record(opened.workspace):
        name = certificate_of(record).get("facts")
        problem = book.problem({name: committed[name]}) if name in committed else None
        if problem is not None:
            return problem
        if name in committed and book.commitment(name) is None:
            return f"The facts sealed with {record.wave} are not in {FILE} any more."
    return None


def certificate_of(record: Record) -> ReleaseCertificate:
    """What the manifest of a release says of its safety; nothing where it cannot be read."""
    try:
        found: ReleaseCertificate = read_json(record.files / MANIFEST).get("certificate", {})
    except NotReady:
        return {}
    return found if isinstance(found, dict) else {}
