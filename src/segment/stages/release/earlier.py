"""Earlier releases: what left the building before stays on record, so that an audit can hold all of it together."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from segment.exports.manifest import NAME
from segment.places import inside
from segment.privacy.deciding import refuse_nobody
from segment.stages.alone import alone
from segment.stages.base import OpenStudy, open_study
from segment.stages.release.books import events_of, ledger_of, take_back
from segment.stages.release.withdrawing import Record, is_withdrawn, place_of, take_away
from segment.store import confined, digest_file, make_private, read_json, save_json

FOLDER = "earlier"
#: What a withdrawal writes down before it begins, and takes away when it is complete.
NOTE = "withdrawal.json"


@contextmanager
def earlier_kept(workspace: Path, wave: str) -> Iterator[None]:
    """Keep a copy of the release of a wave that is about to be replaced, unless what comes is the same.

    The copy is made first and lies under its manifest's digest, so that a run that ends in between leaves nothing half.
    """
    present, kept = inside(workspace / "exports", wave), None
    if (present / NAME).is_file() and not is_withdrawn(present):
        kept = inside(workspace / FOLDER, wave, digest_file(present / NAME)[:16])
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            scratch = kept.with_name(f".{kept.name}")
            shutil.rmtree(scratch, ignore_errors=True)
            shutil.copytree(present, scratch)
            if (workspace / "released" / wave).is_dir():
                shutil.copytree(workspace / "released" / wave, scratch / "released")
            make_private(scratch)
            scratch.replace(kept)
    yield
    if kept is not None and digest_file(present / NAME)[:16] == kept.name:
        shutil.rmtree(kept)


def releases_on_record(workspace: Path) -> list[Record]:
    """All releases: earlier ones by wave, then the present ones."""
    earlier = [path.parent for path in sorted((workspace / FOLDER).glob(f"*/*/{NAME}")) if path.parent.name[0] != "."]
    present = [path.parent for path in sorted((workspace / "exports").glob(f"*/{NAME}"))]
    present = [path for path in present if not is_withdrawn(path)]
    return [
        *(Record(path.parent.name, path, path / "released", now=False) for path in earlier),
        *(Record(path.name, path, workspace / "released" / path.name, now=True) for path in present),
    ]


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
    opened.anchor.refuse_older()
    complete_withdrawal(opened)
    with confined(opened.workspace, *opened.outside):
        records = [record for record in releases_on_record(opened.workspace) if record.now]
        if not records and not ledger_of(opened).entries():
            return "Nothing was released yet, so there is nothing to take back."
        places = {record.wave: place_of(opened.workspace, record) for record in records}
        for place in places.values():
            shutil.rmtree(place, ignore_errors=True)  # the same release, taken back before
        moved = {wave: place.relative_to(opened.workspace).as_posix() for wave, place in places.items()}
        gone = len(ledger_of(opened).entries())
        said = {"by": by, "reason": reason, "on": f"{datetime.now(UTC):%Y-%m-%d}"}
        begun = {**said, "moved": moved, "tables": gone, "events": events_of(opened).head[0]}
        save_json(opened.workspace / NOTE, begun)
        _take_back(opened, begun)
    return (
        f"{gone} released tables taken back (decided by {by}). Their files lie in "
        f"{', '.join(str(path) for path in places.values()) or 'no place any more'}; a notice stands where they were. "
        "Make sure that nobody keeps the old files; then publish again: python -m pipelines.study STUDY --only publish"
    )


def complete_withdrawal(opened: OpenStudy) -> bool:
    """Complete a withdrawal that was interrupted; True when there was one."""
    if not begun_withdrawal(opened.workspace):
        return False
    with confined(opened.workspace, *opened.outside):
        _take_back(opened, read_json(opened.workspace / NOTE))
    return True


def begun_withdrawal(workspace: Path) -> bool:
    """Whether a withdrawal was begun and is not complete."""
    return (workspace / NOTE).is_file()


def _take_back(opened: OpenStudy, begun: Mapping[str, Any]) -> None:
    """Move files, tell the ledger and the event log; every step can be done twice, and the note goes last."""
    by, reason, on = (str(begun.get(name, "?")) for name in ("by", "reason", "on"))
    for wave, place in begun["moved"].items():
        take_away(opened.workspace, wave, inside(opened.workspace, *place.split("/")), by=by, reason=reason, on=on)
    take_back(opened, by=by, reason=reason)
    shutil.rmtree(opened.workspace / FOLDER, ignore_errors=True)
    (opened.receipts / "publish.json").unlink(missing_ok=True)
    events = events_of(opened)
    since = [event for event in events.events() if event.number > int(begun["events"]) and event.action == "withdraw"]
    if not since:
        detail = {"tables": begun["tables"], "reason": reason, "moved_to": sorted(begun["moved"].values())}
        events.write(by, "withdraw", "exports", detail)
    (opened.workspace / NOTE).unlink()
