"""A purge shortens what leaving is learned from, and never leaves years of staying without the exits beside them."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from segment.stages import STAGES_IN_ORDER
from segment.stages.check import check_study
from segment.stages.observation_window import FILE, first_day_kept, leavers_gone, warn_of_purge
from segment.stages.recovery import complete_interrupted
from segment.stages.release.ledgers import events_of
from segment.stages.report_context import tell
from segment.stages.rights.exclusion import Excluded
from segment.stages.rights.purge import people_due, purge_study
from segment.workspace.transaction import pending

if TYPE_CHECKING:
    from conftest import Walk

DAY = dt.date(2026, 6, 1)


@pytest.fixture
def purged(walked: Walk, tmp_path: Path) -> list[str]:
    """Settings of a copy of the walked study after a purge."""
    shutil.copytree(walked.open().workspace, tmp_path / "work")
    options = [*walked.overrides, f"workspace={tmp_path / 'work'}"]
    said = purge_study(walked.file, today=DAY, overrides=options)
    assert said[0].startswith("Taken out: ")
    assert said[1] == "  staying and leaving is watched from 2024-06-01 on: exits before are gone"
    return options


def killed(*args: object, **kwargs: object) -> None:
    raise KeyboardInterrupt


def test_a_purge_that_was_killed_has_not_happened_or_is_completed_whole(
    walked: Walk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(walked.open().workspace, tmp_path / "work")
    options = [*walked.overrides, f"workspace={tmp_path / 'work'}"]
    opened = walked.open(options[-1])
    people = set(opened.store.read("people")["person"])
    due = set(people_due(opened, DAY)[0]["person"])
    for fault, decided in (("workspace.transaction.save_json", False), ("stages.rights.erasure.take_people_out", True)):
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(f"segment.{fault}", killed)
            purge_study(walked.file, today=DAY, overrides=options)
        assert (Excluded.of(opened).leavers_gone is not None) == decided
        assert set(opened.store.read("people")["person"]) == people
    assert pending(opened.workspace) == "purge"
    assert complete_interrupted(opened)
    assert due and set(opened.store.read("people")["person"]) == people - due
    assert [event.action for event in events_of(opened).events()].count("purge") == 1
    assert not complete_interrupted(opened)


def test_after_a_purge_watching_begins_where_no_exit_is_missing(walked: Walk, purged: list[str]) -> None:
    opened = walked.open(purged[-1])
    assert opened.config.outcome.window.start == first_day_kept(opened.study, DAY) == leavers_gone(opened.study)
    tables = STAGES_IN_ORDER["prepare"].run(opened).tables
    spells, people = tables["spells"], tables["people"]
    ended = spells.merge(people, on=["person", "spell"])["end_date"].dropna()
    assert len(ended) > 20
    assert ended.min() >= pd.Timestamp("2024-06-01"), "earlier spells of people who came back are not watched"
    before = spells["start_date"] < pd.Timestamp("2024-06-01")
    months = (pd.Timestamp("2024-06-01") - spells.loc[before, "start_date"]).dt.days * 12 / 365.2425
    assert before.sum() > 100
    assert (spells.loc[before, "entry"] - months).abs().max() < 0.1


def test_the_report_says_so(walked: Walk, purged: list[str]) -> None:
    notes = dict(tell(walked.open(purged[-1]), {}, wave="2024-03").notes)
    assert notes["publish.note.window"] == {"day": {"nl": "1 juni 2024", "en": "1 June 2024"}}
    assert "publish.note.window" not in dict(tell(walked.open(), {}, wave="2024-03").notes)


def test_a_later_purge_moves_the_day_on_and_an_earlier_one_does_not_move_it_back(
    walked: Walk, purged: list[str]
) -> None:
    opened = walked.open(purged[-1])
    purge_study(walked.file, today=dt.date(2026, 9, 1), overrides=purged)
    later = Excluded.of(opened).leavers_gone
    assert later == dt.date(2024, 9, 1)
    purge_study(walked.file, today=DAY, overrides=purged)
    assert Excluded.of(opened).leavers_gone == later


def test_where_the_whole_window_is_purged_leaving_is_not_studied(walked: Walk, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(json.dumps({"reasons": {}, "leavers_gone": "2031-01-01"}))
    assert walked.open(f"workspace={tmp_path}").config.outcome is None


def test_check_says_what_a_purge_would_cost(walked: Walk) -> None:
    said = [line for line in check_study(walked.file, overrides=walked.overrides) if "a purge on its last day" in line]
    window = walked.open().config.outcome.window
    assert len(said) == 1
    assert said[0].startswith("Leavers are kept for 24 months and the window holds 60: ")
    assert "exits of the first 36 months" in said[0]
    assert str(first_day_kept(walked.open().study, window.end)) in said[0]
    longer = ["privacy.retention.employee=60", "privacy.retention.alumnus=60"]
    assert warn_of_purge(walked.open(*longer).study) == []
    assert warn_of_purge(walked.open("outcome=null").study) == []
