"""Earlier releases: what left the building before stays on record, so that an audit can hold all of it together."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from segment.exports.manifest import NAME
from segment.places import inside
from segment.privacy.deciding import refuse_nobody
from segment.stages.base import open_study
from segment.stages.release.controlling import events_of, ledger_of
from segment.stages.release.withdrawing import Record, is_withdrawn, take_away
from segment.store import confined, digest_file, make_private

FOLDER = "earlier"


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
    with confined(opened.workspace, *filter(None, [opened.anchor.file])):
        moved = [take_away(opened.workspace, record, by=by, reason=reason)
                 for record in releases_on_record(opened.workspace) if record.now]  # fmt: skip
        gone = ledger_of(opened).withdraw(by=by, reason=reason)
        shutil.rmtree(opened.workspace / FOLDER, ignore_errors=True)
        (opened.receipts / "publish.json").unlink(missing_ok=True)
        if not gone and not moved:
            return "Nothing was released yet, so there is nothing to take back."
        places = sorted(path.relative_to(opened.workspace).as_posix() for path in moved)
        detail = {"tables": len(gone), "reason": reason, "moved_to": places}
        events_of(opened).write(by, "withdraw", "exports", detail)
    return (
        f"{len(gone)} released tables taken back (decided by {by}). Their files lie in "
        f"{', '.join(str(path) for path in moved) or 'no place any more'}; a notice stands where they were. "
        "Make sure that nobody keeps the old files; then publish again: python -m pipelines.study STUDY --only publish"
    )
