"""What a table or a stage names is there: a word that is misspelt is seen here, not at the end of a run or never."""

from __future__ import annotations

import re
from pathlib import Path

import segment
from segment.config import StudyConfig
from segment.disclosure.rules import KINDS
from segment.stages import STAGES_IN_ORDER
from segment.stages.release.group_members import KNOWN_BY_NAME
from segment.tables import all_tables
from segment.tables.registry import released_tables, shown_tables, tables_made_in

#: Kinds of people whom no table keeps by name, and why.
NOT_KNOWN = {
    "hold-out": "a model was judged on them; the groups are made by it",
    "roles": "an open role is compared with people; who fits is in no table that leaves",
    "two models": "who moves between two versions is told in bands, in a comparison of its own",
}
#: Written by every stage, or with nothing but a release's own rows.
BY_NOBODY = {"records"}


def written_until(stage: str) -> set[str]:
    """The tables that there are when a stage ends."""
    names = list(STAGES_IN_ORDER)
    done = names[: names.index(stage) + 1]
    return {table for one in done for table in (*STAGES_IN_ORDER[one].writes, *tables_made_in(one))}


def test_a_table_is_made_in_a_stage_of_tables_that_are_there_by_then() -> None:
    makers = {name: spec.maker for name, spec in all_tables().items() if spec.maker is not None}
    unknown = {name: maker.stage for name, maker in makers.items() if maker.stage not in STAGES_IN_ORDER}
    assert unknown == {}, f"stages are {', '.join(STAGES_IN_ORDER)}"
    lacking = {name: set(maker.needs) - written_until(maker.stage) for name, maker in makers.items()}
    assert {name: gone for name, gone in lacking.items() if gone} == {}, "no stage until then writes these"


def test_every_table_is_written_by_a_stage_or_stands_in_a_release_only() -> None:
    written = written_until(list(STAGES_IN_ORDER)[-1])
    of_release = {name for name, plan in released_tables().items() if plan.made_of is not None}
    assert set(all_tables()) - written - of_release == BY_NOBODY, "name them in a stage's writes, or give a maker"
    assert {plan.made_of for plan in released_tables().values() if plan.made_of is not None} <= written


def test_a_stage_names_tables_settings_and_earlier_stages() -> None:
    for place, (name, stage) in enumerate(STAGES_IN_ORDER.items()):
        assert name == stage.name
        assert set(stage.writes) <= set(all_tables()), f"{name} writes what no room declares"
        assert set(stage.settings) <= set(StudyConfig.model_fields), f"{name} depends on settings that are none"
        assert set(stage.builds_on) <= set(list(STAGES_IN_ORDER)[:place]), f"{name} builds on what is no earlier stage"


def test_a_release_knows_who_stands_behind_each_table_and_which_floor_it_has() -> None:
    people = {name: plan.people for name, plan in released_tables().items()}
    unknown = {name: one for name, one in people.items() if one not in {*KNOWN_BY_NAME, *NOT_KNOWN}}
    assert unknown == {}, f"people are {', '.join(KNOWN_BY_NAME)}"
    assert {name: plan.kind for name, plan in released_tables().items() if plan.kind not in KINDS} == {}


def test_the_people_behind_a_table_are_known_by_its_groups() -> None:
    """Else a release stops at its end, when the ledger asks who was in which group."""
    plans = {name: plan for name, plan in released_tables().items() if plan.people in KNOWN_BY_NAME}
    lacking = {name: set(plan.groups) - set(KNOWN_BY_NAME[plan.people].groups) for name, plan in plans.items()}
    assert len(lacking) > 20
    known = {kind: known.groups for kind, known in KNOWN_BY_NAME.items()}
    assert {name: gone for name, gone in lacking.items() if gone} == {}, f"people are known by {known}"


def test_a_table_goes_to_a_run_of_the_tracker_that_there_is() -> None:
    runs = {"parent", *STAGES_IN_ORDER}
    assert {name: shown.run for name, shown in shown_tables().items() if shown.run not in runs} == {}


def test_only_the_registry_reads_the_modules_in_which_tables_are_declared() -> None:
    """Tables are released room by room: a module that reads one of them first would change that order."""
    rooms = Path(segment.__file__).parent
    found = [
        str(path.relative_to(rooms))
        for path in rooms.rglob("*.py")
        if re.search(r"^\s*(?:from|import) segment\.(?!tables\b)\w+\.tables\b", path.read_text(encoding="utf-8"), re.M)
    ]
    assert found == [], "name a table, and ask segment.tables for it"
