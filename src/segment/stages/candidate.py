"""What a run that is not published would release: tables under release control for reviewers, and nothing for HR.

They are held against every release there is, on copies of the books: no ledger is written, so trying something out
spends nothing of what may still be shown. They stay in the workspace and on the run in the tracker.
"""

from __future__ import annotations

from dataclasses import replace

from segment.places import inside
from segment.stages.apart import with_copied_books
from segment.stages.base import OpenStudy, StageResult
from segment.stages.publish import PUBLISH, wave_of
from segment.stages.recovery import complete_interrupted, steps_of
from segment.stages.release.control import Control, release_under_control
from segment.stages.release.history import refuse_shorter_books
from segment.stages.release.records import records_of_tables, write_tables
from segment.store import digest_file
from segment.tables.registry import met
from segment.tracking.records import tag
from segment.workspace.transaction import Transaction

#: Where the tables of a run lie that was not published, by wave.
CANDIDATE = "candidate"


def hold_back(opened: OpenStudy) -> StageResult:
    """Make the tables as they would be released, for whoever decides; HR's files, ledger and handover stay."""
    complete_interrupted(opened)
    opened.anchor.refuse_older()
    refuse_shorter_books(opened)
    control, wave = would_release(opened), wave_of(opened)
    folder = inside(opened.workspace / CANDIDATE, wave)
    with Transaction(opened.workspace, doing="publish", steps=steps_of(opened)) as change:
        fresh = change.aside(folder)
        write_tables(control.tables, fresh)
        change.put(fresh, folder)
    kept = {name: folder / f"{name}.json" for name in sorted(control.tables)}
    told = met(control.tables)
    hidden = sum(table.hidden for table in told.values())
    said = f"held back from HR: {len(told)} tables as they would be released, {hidden} hidden rows"
    return StageResult({}, [*records_of_tables(opened, kept, hidden), tag("published", "no")], said=said)


def would_release(opened: OpenStudy) -> Control:
    """The release that the study's tables would give today; written into no book."""
    wave = wave_of(opened)
    with with_copied_books(opened) as apart:
        return release_under_control(apart, wave=wave if opened.store.has("responses") else None, place=wave)


def _written(opened: OpenStudy) -> dict[str, str]:
    folder = opened.workspace / CANDIDATE / wave_of(opened)
    return {str(file.relative_to(opened.workspace)): digest_file(file) for file in sorted(folder.glob("*.json"))}


#: The last stage of a run that is not published.
HOLD_BACK = replace(PUBLISH, run=hold_back, held_back=True, outputs=_written)
