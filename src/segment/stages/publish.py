"""The way out: released tables, the files for HR, what is handed over under governance, and a manifest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from segment.disclosure.certificates import Head, ReleaseCertificate
from segment.exports.dossier import BILL, FOLDER, bill_of_materials, render_dossier
from segment.exports.manifest import NAME as MANIFEST
from segment.exports.story import Story
from segment.exports.writing import make_exports, same_files
from segment.places import inside
from segment.stages.base import OpenStudy, Stage, StageResult
from segment.stages.decisions import refuse_contradictions
from segment.stages.documentation import facts_of
from segment.stages.recovery import complete_interrupted, steps_of
from segment.stages.release.control import Control, release_under_control
from segment.stages.release.handover import hand_over
from segment.stages.release.history import keep_earlier, refuse_shorter_books
from segment.stages.release.ledgers import events_of, ledger_of
from segment.stages.release.proof import TABLES, releases_before, remember_release, renewed_rows, tables_as_data
from segment.stages.release.records import (
    keep_released,
    leavers_told,
    records_of_files,
    records_of_tables,
    weighing_tags,
    widest_gap_told,
)
from segment.stages.report_context import tell
from segment.stages.waves import model_wave
from segment.store import digest_file, read_json
from segment.vocabulary import UNDATED, Weighing
from segment.workspace.transaction import Transaction


def publish(opened: OpenStudy) -> StageResult:
    """Release what may leave, write it down for HR in both languages, and hand over what governance allows."""
    complete_interrupted(opened)
    opened.anchor.refuse_older()
    refuse_shorter_books(opened)
    refuse_contradictions(opened)
    wave = wave_of(opened)
    control = release_under_control(opened, wave=wave if opened.store.has("responses") else None, place=wave)
    released = control.tables
    story = _controlled(tell(opened, released, wave=wave, people=control.people), control)
    renewed = renewed_rows(released, ledger_of(opened))
    told: ReleaseCertificate = {**story.certificate, "events": _events_head(opened, wave, story)}
    told = {**told, "renewed": renewed} if renewed else told
    story = replace(story, certificate=told)
    with Transaction(opened.workspace, doing="publish", steps=steps_of(opened)) as change:
        files, number = _put_out(opened, change, story, control, wave)
        handed = hand_over(opened, change, wave=wave, texts=story.actions, needs=story.need_names)
        kept = keep_released(opened, change, released, wave)
    how = {name: str(story.weighing.get(name, Weighing.ALL)) for name in kept} if story.weighing else {}
    hidden = sum(table.hidden for table in story.released.values())
    cards = sum(path.name.endswith(".nl.html") for path in handed)
    said = f"{len(files)} files for HR, {len(story.released)} tables released, {hidden} hidden rows"
    if control.barred or control.sealed:
        said += f", {len(control.barred) + len(control.sealed)} of them kept as they were published before"
    said += f"; {cards} cards for the people who asked" if cards else "; nothing about single people handed over"
    said += widest_gap_told(story) + leavers_told(story)
    records = [*records_of_files(opened, files, number), *records_of_tables(opened, kept, hidden), *weighing_tags(how)]
    return StageResult({}, records, said=said)


def _put_out(
    opened: OpenStudy, change: Transaction, story: Story, control: Control, wave: str
) -> tuple[list[Path], str]:
    """Make ``exports/<wave>/`` anew where anything is different; returns its files and the number of the release."""
    dossier = {**render_dossier(story, facts_of(opened, control)), f"{FOLDER}/{BILL}": bill_of_materials()}
    extra = {**dossier, TABLES: tables_as_data(control.tables, story.weighing)}
    folder = inside(opened.workspace / "exports", wave)
    fresh = change.aside(folder)
    names = make_exports(story, fresh, extra=extra, before=releases_before(opened))
    folder.parent.mkdir(exist_ok=True)
    folder.parent.chmod(0o755)
    if not same_files(fresh, folder):
        keep_earlier(change, opened.workspace, wave, fresh)
        change.put(fresh, folder)
    return [folder / name for name in names], remember_release(opened, change, fresh)


def _controlled(story: Story, control: Control) -> Story:
    """The story with what the ledger barred in its notes and in the certificate of the manifest."""
    number, head = control.head
    certificate: ReleaseCertificate = {
        **story.certificate,
        "ledger": {"entries": number, "head": head},
        "facts": control.facts,
        "barred": [f"{table}: {group}" for table, group in control.barred],
        "sealed": list(control.sealed),
    }
    return replace(story, notes=(*story.notes, *control.notes), certificate=certificate)


def _events_head(opened: OpenStudy, wave: str, story: Story) -> Head:
    """Number and public digest of the last event; the same release again keeps those it was first written with."""
    events, file = events_of(opened), opened.workspace / "exports" / wave / MANIFEST
    before = read_json(file) if file.is_file() else {}
    kept = before.get("certificate", {}).get("events", {})
    same = before.get("study_digest") == story.study_digest
    if same and kept and events.knows_head(int(kept["entries"]), kept["head"]):
        return {"entries": int(kept["entries"]), "head": str(kept["head"])}
    heads = events.public_heads
    return {"entries": len(heads) - 1, "head": heads[-1]}


def wave_of(opened: OpenStudy) -> str:
    """The name of the folder: the wave of the segments, else the last day of the observation window."""
    if opened.store.has("responses"):
        return model_wave(opened, opened.store.read("responses"))
    outcome = opened.config.outcome
    return str(outcome.window.end) if outcome is not None and outcome.window is not None else UNDATED


def _written(opened: OpenStudy) -> dict[str, str]:
    """Digest of every file this stage left, relative to the workspace."""
    wave = wave_of(opened)
    folders = [opened.workspace / folder / wave for folder in ("exports", "handover", "released")]
    files = sorted(path for folder in folders if folder.is_dir() for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(opened.workspace)): digest_file(path) for path in files}


PUBLISH = Stage(
    "publish",
    publish,
    builds_on=("prepare", "discover", "retain", "relate", "personalise"),
    writes=(),
    settings=(
        "study",
        "title",
        "languages",
        "data",
        "sources",
        "waves",
        "segmentation",
        "privacy",
        "governance",
        "outcome",
        "actions",
        "codebook",
        "segmentation",
        "wave",
    ),
    catalogue=True,
    named=True,
    outputs=_written,
)
