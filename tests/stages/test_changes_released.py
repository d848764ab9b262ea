"""Change leaves only where the figure then and the figure now may, and never says what either hides."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from segment.disclosure.linked_tables import Request, release_linked
from segment.locale import say
from segment.stages.release.control import hidden_beside, release_under_control
from segment.stages.release.group_members import people_behind, source_of, wave_behind

if TYPE_CHECKING:
    from conftest import Walk

    from segment.stages import OpenStudy

NOW, THEN = "2024-03", "2023-03"


def _request(name: str, sizes: dict[float, int], source: str) -> Request:
    frame = pd.DataFrame({"segment": list(sizes), "n": list(sizes.values()), "share": 0.4, "topic": "a", "r": ""})
    frame = frame.assign(about="b", since=THEN)
    return Request(
        name, frame, ("segment",), source, lines=("topic", "r", "about", "since"), options={"shares": ["share"]}
    )


def test_a_group_that_was_too_small_then_has_no_change_now() -> None:
    now = _request("changes", {0.0: 60, 1.0: 50, 2.0: 40, float("nan"): 150}, "answers now")
    then = _request("changes_before", {0.0: 60, 1.0: 50, 2.0: 7, float("nan"): 117}, "answers then")
    alone = release_linked([now, then])
    held = hidden_beside([now, then], alone)
    hidden = {group for _, group in held["changes"]}
    assert "segment 2" in hidden and len(hidden) == 2  # and one more, or it could be reckoned back
    again = replace(now, held=held["changes"])
    assert hidden_beside([again, then], release_linked([again, then])) == {}


def test_figures_then_come_from_the_answers_of_then(walked: Walk) -> None:
    opened = walked.open()
    assert wave_behind(opened, "wave before", NOW) == THEN and wave_behind(opened, "wave", NOW) == NOW
    assert source_of(opened, "wave before", NOW) == source_of(opened, "wave", THEN)
    people, responses = people_behind(opened, "wave before", NOW), opened.store.read("responses")
    assert people is not None and set(people["person"]) == set(responses.loc[responses["wave"] == THEN, "person"])


def test_what_is_told_of_change_hides_nothing_elsewhere(copied: OpenStudy) -> None:
    """Segments, profiles and promises are released as they are without it."""
    told = release_under_control(copied, wave=NOW).tables
    assert told["changes"].frame["segment"].isna().all() and len(told["changes"].frame) > 20
    copied.store.remove("changes")
    without = release_under_control(copied, wave=NOW).tables
    assert "changes" not in without
    for name, table in without.items():
        pd.testing.assert_frame_equal(table.frame, told[name].frame)


def test_page_one_and_a_chart_tell_what_changed_and_the_workbook_has_every_figure(walked: Walk) -> None:
    folder = walked.open().workspace / "exports" / NOW
    for language in ("nl", "en"):
        page = (folder / f"report.{language}.html").read_text(encoding="utf-8")
        assert 'id="changes"' in page and 'id="figure-changes"' in page
        said = say("change.count.none", language, since=THEN, all=0).split("0")[0]
        assert page.count(THEN) >= 3 and (said in page or say("change.drawn.note", language) in page)
