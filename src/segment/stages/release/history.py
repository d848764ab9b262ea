"""Earlier releases: what left the building before stays on record, so that an audit can hold all of it together."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from segment.errors import NotReady, RefusedRelease
from segment.exports.manifest import NAME
from segment.governance.decisions import refuse_nobody
from segment.places import inside
from segment.stages.base import OpenStudy, open_study
from segment.stages.exclusive import alone
from segment.stages.recovery import complete_interrupted, steps_of, tracker_of
from segment.stages.release.ledgers import events_of, ledger_of
from segment.stages.release.withdrawal import EARLIER, Record, is_withdrawn, place_of
from segment.store import confined, digest_file, make_private, read_json
from segment.tracking.withdrawal import mark_withdrawn
from segment.workspace.transaction import Transaction


def keep_earlier(change: Transaction, workspace: Path, wave: str, fresh: Path) -> None:
    """Keep a copy of the release of a wave that ``fresh`` is about to replace, under its manifest's digest."""
    present = inside(workspace / "exports", wave)
    if not (present / NAME).is_file() or is_withdrawn(present):
        return
    digest = digest_file(present / NAME)
    kept = inside(workspace / EARLIER, wave, digest[:16])
    if kept.exists() or digest == digest_file(fresh / NAME):
        return
    copy = change.aside(kept)
    shutil.copytree(present, copy)
    if (workspace / "released" / wave).is_dir():
        shutil.copytree(workspace / "released" / wave, copy / "released")
    make_private(copy)
    change.put(copy, kept)


def releases_on_record(workspace: Path) -> list[Record]:
    """All releases: earlier ones by wave, then the present ones."""
    earlier = [path.parent for path in sorted((workspace / EARLIER).glob(f"*/*/{NAME}")) if path.parent.name[0] != "."]
    present = [path.parent for path in sorted((workspace / "exports").glob(f"*/{NAME}"))]
    present = [path for path in present if not is_withdrawn(path)]
    return [
        *(Record(path.parent.name, path, path / "released", now=False) for path in earlier),
        *(Record(path.name, path, workspace / "released" / path.name, now=True) for path in present),
    ]


def refuse_shorter_books(opened: OpenStudy) -> None:
    """Refuse to go on with a ledger of fewer lines than a release on record was made with.

    Who puts an older copy of the books back may put back the heads that are kept of them, too; what left since then
    stands in ``exports/``. Simulated and public books may be begun anew.

    Raises
    ------
    RefusedRelease
        Says which release knows more lines.
    """
    lines = ledger_of(opened).public_head[0]
    for record in () if opened.anchor.anew else releases_on_record(opened.workspace):
        entries = _lines_told(record.files / NAME)
        if entries > lines:
            raise RefusedRelease(
                "The books of this study are not the newest, so nothing is done on them.",
                expected=f"a release ledger of {entries} lines or more, as the manifest of {record.wave} says",
                came=f"{lines} lines: it was cut short, or an older copy was put back with the heads kept of it",
                where=str(opened.book),
                advice="put the newest copy of the workspace and of the heads back",
            )


def _lines_told(manifest: Path) -> int:
    """How many lines the ledger had, as a manifest says; 0 where it says nothing that can be read: the audit tells."""
    try:
        told = read_json(manifest)["certificate"]["ledger"]["entries"]
    except (NotReady, KeyError, TypeError):
        return 0
    return told if isinstance(told, int) else 0


@alone("withdraw")
def withdraw(study: Path, *, by: str, reason: str, overrides: Sequence[str] = ()) -> str:
    """Take every earlier release of a study back: a reviewer's word that nobody holds the files any more.

    The files leave ``exports/`` for ``withdrawn/<wave>/<digest>/``, and a notice in their place says so to whoever
    looks there. The ledger no longer holds later releases against them, copies of replaced releases are removed, and
    the next run publishes anew.

    Raises
    ------
    InvalidInput
        Nobody's name, or no reason.
    """
    refuse_nobody("A withdrawal", by=by, reason=reason)
    opened = open_study(study, overrides=overrides)
    complete_interrupted(opened)
    opened.anchor.refuse_older()
    with confined(opened.workspace, *opened.outside):
        records = [record for record in releases_on_record(opened.workspace) if record.now]
        said = {"by": by, "reason": reason, "on": f"{datetime.now(UTC):%Y-%m-%d}"}
        if not records and not ledger_of(opened).entries():
            before = any(event.action == "withdraw" for event in events_of(opened).events())
            told = f" {_tell_tracker(opened, **said)}" if before else ""
            return f"Nothing was released{' since' if before else ' yet'}, so there is nothing to take back.{told}"
        places = {record.wave: place_of(opened.workspace, record) for record in records}
        for place in places.values():
            shutil.rmtree(place, ignore_errors=True)  # the same release, taken back before
        moved = {wave: place.relative_to(opened.workspace).as_posix() for wave, place in places.items()}
        gone = len(ledger_of(opened).entries())
        begun = {**said, "moved": moved, "tables": gone, "events": events_of(opened).head[0]}
        with Transaction(opened.workspace, doing="withdraw", steps=steps_of(opened)) as change:
            change.then("take-releases-back", begun)
    return (
        f"{gone} released tables taken back (decided by {by}). Their files lie in "
        f"{', '.join(str(path) for path in places.values()) or 'no place any more'}; a notice stands where they were. "
        f"{_tell_tracker(opened, **said)} "
        "Make sure that nobody keeps the old files; then publish again: segment publish STUDY "
        "(before any decision on a model: segment run STUDY --publish)"
    )


def _tell_tracker(opened: OpenStudy, **said: str) -> str:
    """Mark the runs in the tracker, and say what came of it; a tracker out of reach does not undo the withdrawal."""
    try:
        marked, kept = mark_withdrawn(tracker_of(opened), study=opened.config.study, **said)
    except NotReady as failure:
        return f"{failure} Withdraw again when it can be reached."
    left = f" {kept} runs still hold files that the tracker did not let go: delete them there." if kept else ""
    return f"In the tracker {marked} more runs say so.{left}"
