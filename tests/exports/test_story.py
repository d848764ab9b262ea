"""The story: only released figures come in, and only words it knows."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
import sample_story

from segment.errors import InvalidInput, RefusedRelease
from segment.exports.answers import Share, leaving_of, segment_answers, shortfalls_of
from segment.exports.confidence import sureness
from segment.exports.first_actions import first_actions
from segment.exports.leaving_words import _spread
from segment.exports.story import Story
from segment.privacy import release


def test_a_frame_is_no_released_table() -> None:
    with pytest.raises(RefusedRelease, match="may not go into a file for HR") as refusal:
        replace(sample_story.full_story(), released={"segments": pd.DataFrame({"segment": [0]})})
    assert "segment.privacy.release" in str(refusal.value)


@pytest.mark.parametrize(("field", "word"), [("status", "some"), ("data_kind", "secret"), ("meaning", "leaving")])
def test_unknown_words_are_refused_with_the_known_ones(field: str, word: str) -> None:
    with pytest.raises(InvalidInput, match=f"A story's {field}") as refusal:
        replace(sample_story.full_story(), **{field: word})
    assert word in str(refusal.value)


def test_segments_are_those_released_with_their_size() -> None:
    story = sample_story.full_story()
    assert story.segments == (0, 1, 2, 3)
    tables = dict(story.released) | {"segments": sample_story.segments((982, 741, 566, 20))}
    assert 3 not in replace(story, released=tables).segments
    assert replace(story, status="none").segments == ()


def test_an_empty_or_absent_table_is_none() -> None:
    story = Story(study="a", wave="1", title={"nl": "a", "en": "a"}, study_digest="0")
    assert story.table("promises") is None
    assert story.shown("promises") is None


def test_answers_of_a_worked_example() -> None:
    story = sample_story.full_story()
    one = segment_answers(story, "nl")[1]
    assert (one.label, one.n, [need.code for need in one.strongest]) == ("Groei en autonomie", "741", ["GRO", "AUT"])
    assert [(need.code, need.value) for need in one.lacks] == [("GRO", 0.37)]
    assert one.leaving.text("nl") == "19%"
    assert one.leaving.interval("nl") == "17% tot 22%"
    assert one.first.code == "growth-talk"


def test_first_actions_name_each_action_once_by_priority() -> None:
    plans = first_actions(sample_story.full_story(), "en")
    assert len(plans) == 3
    assert len({plan.code for plan in plans}) == 3
    assert [plan.priority for plan in plans] == sorted((plan.priority for plan in plans), reverse=True)


def test_leaving_falls_back_on_curves_but_never_for_an_intention() -> None:
    story = sample_story.full_story()
    tables = {name: table for name, table in story.released.items() if name != "leaving"}
    fallen = leaving_of(replace(story, released=tables))
    assert fallen.origin == "curve"
    assert 0 < fallen.shares[None].low <= fallen.shares[None].value <= fallen.shares[None].high < 1
    assert leaving_of(replace(story, released=tables, meaning="intention")) is None


def test_shortfalls_come_from_their_own_table_or_from_the_profiles() -> None:
    story = sample_story.full_story()
    tables = {name: table for name, table in story.released.items() if name != "shortfalls"}
    labels = story.labels("en")
    both = (shortfalls_of(told, labels, 0) for told in (story, replace(story, released=tables)))
    assert len({frozenset(need.code for need in found) for found in both}) == 1


def test_a_low_response_is_named() -> None:
    story = replace(sample_story.full_story(), response_rate=0.45)
    assert "may think otherwise" in " ".join(sureness(story, "en"))
    assert "may think otherwise" not in " ".join(sureness(sample_story.full_story(), "en"))


def test_what_is_not_known_about_certainty_is_said() -> None:
    story = sample_story.full_story()
    judged = pd.DataFrame({"model": ["model"], "sample": ["hold-out"], "metric": ["auc"], "value": [0.6], "n": [90]})
    ranked = release("evaluation", judged, groups=[], lines=["model", "sample", "metric"], count="n", overall=["value"])
    told = {"segments": story.released["segments"], "evaluation": ranked}
    said = " ".join(sureness(replace(story, released=told), "en"))
    assert "How firm the segments are was not measured." in said
    assert "Whether the predicted chances hold was not measured." in said
    without = " ".join(sureness(replace(story, released={"segments": told["segments"]}), "en"))
    assert "predicted" not in without, "without a model nothing was predicted"


def test_segments_with_one_figure_are_said_not_to_be_told_apart() -> None:
    alike = {0: Share(0.1944, 0.0846, 0.4105, 1), 1: Share(0.1938, 0.0843, 0.4094, 2)}
    labels = sample_story.full_story().labels("en")
    assert _spread(alike, labels, "en") == ("On this point the segments do not clearly differ.",)
    apart = alike | {1: Share(0.17, 0.08, 0.39, 2)}
    (said,) = _spread(apart, labels, "en")
    assert said == "The segments were not shown to differ in this: 17% to 19%; that difference may be chance."
    meeting = {0: Share(0.31, 0.225, 0.404, 1), 1: Share(0.17, 0.117, 0.229, 2)}  # their difference is 4 to 25 points
    assert "31%" in _spread(meeting, labels, "en")[0] and "not shown" not in _spread(meeting, labels, "en")[0]
    twice = {0: Share(0.39, 0.24, 0.59, 1), 1: Share(0.2, 0.12, 0.32, 2)}  # twice as much, and not surely so
    dutch = sample_story.full_story().labels("nl")
    assert _spread(twice, dutch, "nl")[0].startswith("Dat segmenten hierin verschillen is niet aangetoond: 20% tot")
