"""Champion against challenger: one page, a table, and the id of what a reviewer saw."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from segment.exports.comparison import Facts, comparison_lines, render_comparison, verdict
from segment.locale import STANDS_IN
from segment.places import inside
from segment.stages.audit_log import actor
from segment.stages.base import OpenStudy, open_study
from segment.stages.comparison.facts import facts_of
from segment.stages.comparison.sides import Side, decided_sides, sides_of_runs
from segment.stages.decisions import COMPARED
from segment.stages.exclusive import alone
from segment.stages.recovery import complete_interrupted, tracker_of
from segment.stages.release.ledgers import events_of
from segment.store import confined, save_json, written_atomically
from segment.tracking.seen import COMPARISONS, keep_comparison


@alone("compare")
def compare_study(
    study: Path, *, runs: tuple[str, str] | None = None, language: str = STANDS_IN, overrides: Sequence[str] = ()
) -> list[str]:
    """Compare the champion with the challenger, or two runs, and keep the page and its id.

    The pages lie in ``comparisons/<id>/`` of the workspace and at the run of the challenger's version, which bears the
    id as a tag; the event log keeps which versions it was about, for a decision to name.

    Raises
    ------
    NotReady
        Nothing is registered yet, or no such run.
    """
    opened = open_study(study, overrides=overrides)
    complete_interrupted(opened)
    opened.anchor.refuse_older()
    sides = decided_sides(opened) if runs is None else sides_of_runs(opened, runs)
    with confined(opened.workspace, *opened.outside):
        facts = facts_of(opened, sides)
        folder = _keep(opened, facts)
        _send(opened, facts, sides, folder)
        _write_event(opened, facts)
    page = folder / f"compare.{language}.html"
    return [*comparison_lines(facts, language), "", f"comparison {facts['id']}: {page}"]


def _keep(opened: OpenStudy, facts: Facts) -> Path:
    """The pages and the facts in the workspace."""
    folder = inside(opened.workspace / COMPARISONS, facts["id"])
    for language in opened.config.languages:
        with written_atomically(folder / f"compare.{language}.html") as temporary:
            temporary.write_text(render_comparison(facts, language), encoding="utf-8")
    save_json(folder / "comparison.json", facts)
    return folder


def _send(opened: OpenStudy, facts: Facts, sides: tuple[Side, Side], folder: Path) -> None:
    first, second = sides
    found = " ".join([verdict(facts, STANDS_IN), *([f"Against {first.named}."] if first.versions else [])])
    for version in second.versions.values():
        keep_comparison(tracker_of(opened), version, number=facts["id"], folder=folder, found=found)


def _write_event(opened: OpenStudy, facts: Facts) -> None:
    """Write down which comparison was seen; the same one at once again is no news."""
    detail = {name: facts["sides"][side]["versions"] for side, name in enumerate(("first", "second"))}
    events = events_of(opened)
    last = events.events()[-1:]
    if not (last and last[0].action == COMPARED and last[0].subject == facts["id"]):
        events.write(actor(), COMPARED, facts["id"], json.loads(json.dumps(detail)))
