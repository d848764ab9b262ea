"""The way out: released tables, the files for HR, what is handed over under governance, and a manifest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from segment.disclosure.certificates import Head, ReleaseCertificate
from segment.disclosure.release import ReleasedTable
from segment.exports.answers import leaving_of
from segment.exports.dossier import BILL, FOLDER, bill_of_materials, render_dossier
from segment.exports.gaps import gaps_known, widest_gaps
from segment.exports.leaving_words import leaving_told
from segment.exports.manifest import NAME as MANIFEST
from segment.exports.near_ties import first_of
from segment.exports.story import Story
from segment.exports.writing import make_exports, same_files
from segment.locale import STANDS_IN
from segment.places import inside
from segment.stages.base import OpenStudy, Stage, StageResult
from segment.stages.decisions import refuse_contradictions
from segment.stages.documentation import facts_of
from segment.stages.recovery import complete_interrupted, steps_of
from segment.stages.release.control import Control, release_under_control
from segment.stages.release.handover import hand_over
from segment.stages.release.history import keep_earlier
from segment.stages.release.ledgers import events_of
from segment.stages.release.proof import TABLES, releases_before, remember_release, tables_as_data
from segment.stages.report_context import tell
from segment.stages.waves import model_wave
from segment.store import digest_file, read_json, written_atomically
from segment.tables.registry import run_of
from segment.tracking.records import Record, artifact, metric, table, tag
from segment.vocabulary import Weighing
from segment.workspace.transaction import Transaction


def publish(opened: OpenStudy) -> StageResult:
    """Release what may leave, write it down for HR in both languages, and hand over what governance allows."""
    complete_interrupted(opened)
    opened.anchor.refuse_older()
    refuse_contradictions(opened)
    wave = wave_of(opened)
    control = release_under_control(opened, wave=wave if opened.store.has("responses") else None, place=wave)
    released = control.tables
    story = _controlled(tell(opened, released, wave=wave), control)
    story = replace(story, certificate={**story.certificate, "events": _events_head(opened, wave, story)})
    with Transaction(opened.workspace, doing="publish", steps=steps_of(opened)) as change:
        files, number = _put_out(opened, change, story, control, wave)
        handed = hand_over(opened, change, wave=wave, texts=story.actions, needs=story.need_names)
        kept = _keep_released(opened, change, released, wave)
    how = {name: str(story.weighing.get(name, Weighing.ALL)) for name in kept} if story.weighing else {}
    hidden = sum(table.hidden for table in released.values())
    cards = sum(path.name.endswith(".nl.html") for path in handed)
    said = f"{len(files)} files for HR, {len(released)} tables released, {hidden} groups hidden"
    if control.barred or control.sealed:
        said += f", {len(control.barred) + len(control.sealed)} of them kept as they were published before"
    said += f"; {cards} cards for the people who asked" if cards else "; nothing about single people handed over"
    said += widest_gap_told(story) + leavers_told(story)
    records = [*_records(opened, files, number), *records_of_tables(opened, kept, hidden), *_weighing_tags(how)]
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


def widest_gap_told(story: Story) -> str:
    """The need with the widest gap between promised and kept, as the report names it; empty if none was measured."""
    gaps = first_of(widest_gaps(story, story.labels(STANDS_IN), None), 1)
    if gaps:
        first, *rest = [gap.name for gap in gaps]
        alike = f" (about as wide: {', '.join(rest)})" if rest else ""
        return f"; widest gap between promised and kept: {first}{alike}"
    return "; what was promised was kept" if gaps_known(story, None) else ""


def leavers_told(story: Story) -> str:
    """Who leaves, in the sentences of the report's page one; empty where that was not measured."""
    return f"; leaving: {' '.join(leaving_told(story, STANDS_IN))}" if leaving_of(story) is not None else ""


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
    return str(outcome.window.end) if outcome is not None and outcome.window is not None else "all"


def _keep_released(
    opened: OpenStudy, change: Transaction, released: Mapping[str, ReleasedTable], wave: str
) -> dict[str, Path]:
    """The released tables as JSON files, for the tracker: the same figures as in the files for HR, and no others."""
    folder = inside(opened.workspace / "released", wave)
    fresh = change.aside(folder)
    write_tables(released, fresh)
    change.put(fresh, folder)
    return {name: folder / f"{name}.json" for name in sorted(released)}


def write_tables(released: Mapping[str, ReleasedTable], folder: Path) -> None:
    """Write every table as a JSON file into a new folder of the workspace."""
    folder.mkdir(mode=0o700)
    for name, one in sorted(released.items()):
        text = one.frame.to_json(orient="split", index=False, double_precision=4)
        with written_atomically(folder / f"{name}.json") as temporary:
            temporary.write_text(json.dumps(json.loads(text), ensure_ascii=False) + "\n", encoding="utf-8")


def records_of_tables(opened: OpenStudy, kept: Mapping[str, Path], hidden: int) -> list[Record]:
    """Every table that was written (name: file), and how many groups they hide."""
    told = [table(name, str(path.relative_to(opened.workspace)), run=run_of(name)) for name, path in kept.items()]
    return [metric("groups_hidden", hidden), *told]


def _records(opened: OpenStudy, files: list[Path], number: str) -> list[Record]:
    """The release's number, and its files, on the parent run."""
    inside = opened.workspace
    return [
        tag("head.release", number), tag("published", "yes"),
        *(artifact(_shelf(path, inside), str(path.relative_to(inside))) for path in files),
    ]  # fmt: skip


def _shelf(path: Path, workspace: Path) -> str:
    """The folder in the tracker: as in the release, so that the copy there can be verified as well."""
    exports, _, *below = path.relative_to(workspace).parent.parts
    return "/".join((exports, *below))


def _weighing_tags(how: Mapping[str, str]) -> list[Record]:
    """How every table counts people, for who looks at it in the tracker."""
    return [tag(f"weighing.{name}", word, run="publish") for name, word in how.items()]


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
