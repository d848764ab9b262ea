"""Why nothing was chosen for a segment, what is lacking in bands, and gaps that are about as wide."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import sample_story

from segment.displays.column_text import grouping_name
from segment.displays.labels import Labels
from segment.exports.answers import leaving_of, most_lacking, shortfalls_of, strongest_needs
from segment.exports.cells import HIDDEN
from segment.exports.first_actions import beyond_the_list, first_actions, why_no_actions
from segment.exports.gaps import widest_gaps
from segment.exports.near_ties import Name, first_of, in_words, sentence
from segment.exports.onepager import render_onepager
from segment.exports.page_one import points
from segment.exports.registry_tables import blocks_of
from segment.exports.report import about, lead, render_report, section_of
from segment.exports.sheets import sheets_of
from segment.exports.story import Story
from segment.locale import say
from segment.segments.verdict import SEGMENTS

NOT_MEASURED = {"nl": "geen cijfer van wat mensen missen", "en": "no figure of what people lack"}
NO_ACTION = {"nl": "de lijst met acties heeft er geen", "en": "the list has no action for what is lacking"}


@cache
def small_story() -> Story:
    """Four segments with what they lack, what was promised to them, and plans; nothing else."""
    tables = (sample_story.segments(), sample_story.shortfalls(), sample_story.promises(), sample_story.plans())
    return Story(
        study="demo", wave="2025-2", title={"nl": "Wat drijft ons?", "en": "What drives us?"}, status="segments",
        study_digest="3f9a1c77b2d04e55", data_kind="simulated", basis=("importance",), n_respondents=3200,
        need_names=sample_story.NEEDS, segment_names=sample_story.SEGMENTS, actions=sample_story.ACTIONS,
        released={table.name: table for table in tables},
    )  # fmt: skip


def no_survey() -> Story:
    return replace(small_story(), status="no survey", basis=(), n_respondents=0, segment_names={}, released={})


def plans_but_for(story: Story, *segments: int) -> Story:
    table = story.released["plans"]
    frame = table.frame[~table.frame["segment"].astype(float).isin(segments)].reset_index(drop=True)
    return sample_story.with_rows(story, "plans", frame)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_segment_without_a_fitting_action_is_told_so_on_every_page(language: str) -> None:
    story = plans_but_for(small_story(), 0)
    name = story.labels(language).segment(0)
    for page in (render_onepager(story, 0, language), render_report(story, language)):
        assert NO_ACTION[language] in page
        assert NOT_MEASURED[language] not in page
    assert f"‘{name}’: " in render_report(story, language)
    assert NO_ACTION[language] not in render_report(small_story(), language)
    assert NO_ACTION[language] not in render_onepager(story, 1, language)


def test_without_shortfalls_the_reason_is_that_they_were_not_measured() -> None:
    assert NOT_MEASURED["en"] in why_no_actions(no_survey(), "en")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_is_lacking_and_has_no_action_is_named_beside_the_actions(language: str) -> None:
    """In the report's section and on the one-pager; needs that the list serves are not named."""
    story = small_story()
    labels = story.labels(language)
    lacking = shortfalls_of(story, labels, 0)
    assert len(lacking) > 1 and beyond_the_list(story, language, 0) == ""
    bare = replace(story, without_action=frozenset({lacking[0].code}))
    said = beyond_the_list(bare, language, 0)
    assert lacking[0].name in said and lacking[1].name not in said
    assert said in render_onepager(bare, 0, language) and said not in render_onepager(story, 0, language)
    assert (
        render_report(bare, language).count(say("report.answer.do.for", language, segment=labels.segment(0), why=said))
        == 1
    )


@pytest.mark.parametrize("language", ["nl", "en"])
def test_where_both_were_asked_nobody_is_told_that_they_were_not(language: str) -> None:
    """Importance and experience were answered, and yet there are no figures of what is lacking."""
    told = why_no_actions(replace(no_survey(), both_asked=True), language)
    assert NOT_MEASURED[language] not in told and told == say("report.answer.do.untold", language)


def test_what_may_be_zero_is_not_lacking() -> None:
    story = small_story()
    table = story.released["shortfalls"]
    low = table.frame["segment"].astype(float) == 0
    frame = table.frame.assign(
        shortfall=np.where(low, 0.05, table.frame["shortfall"]), status=np.where(low, "banded", table.frame["status"])
    )
    story = sample_story.with_rows(story, "shortfalls", frame)
    labels = story.labels("en")
    assert shortfalls_of(story, labels, 0) == ()
    assert shortfalls_of(story, labels, 1)
    assert all(lack.segment != 0 for lack in most_lacking(story, labels))
    assert "nothing was measured to be lacking" in why_no_actions(story, "en", 0)


def promises_of(gaps: list[tuple[float, float]], alike: list[int]) -> Story:
    """A story in which everyone's promises have these figures, in the order of their rank."""
    story = small_story()
    table = story.released["promises"]
    frame = table.frame[table.frame["segment"].isna()].head(len(gaps)).reset_index(drop=True)
    promised, kept = zip(*gaps, strict=True)
    places = np.arange(1.0, len(gaps) + 1)
    frame = frame.assign(promised=promised, kept=kept, place=places, about_as_much=alike)
    return sample_story.with_rows(story, "promises", frame)


def test_a_gap_that_rounds_to_nothing_is_no_gap_and_what_is_about_as_wide_is_named() -> None:
    story = promises_of([(3.6, 3.5), (3.4, 3.4), (3.5, 3.4), (3.0, 3.4)], [2, 1, 0, 0])
    gaps = widest_gaps(story, story.labels("en"), None)
    assert [(gap.promised, gap.alike) for gap in gaps] == [(3.6, 1), (3.5, 0)]
    page = render_report(story, "en")
    assert f"the gap is widest for {gaps[0].name}" in page
    assert f"About as much: {gaps[1].name}." in page
    story = promises_of([(3.64, 3.61), (3.55, 3.46)], [1, 0])  # to a tenth: 3.6 and 3.6
    assert [gap.promised for gap in widest_gaps(story, story.labels("en"), None)] == [3.55]


def test_what_is_printed_as_nought_is_not_lacking() -> None:
    story = small_story()
    table = story.released["shortfalls"]
    frame = table.frame.assign(shortfall=np.where(table.frame["segment"].astype(float) == 0, 0.004, 0.2))
    story = sample_story.with_rows(story, "shortfalls", frame)
    assert shortfalls_of(story, story.labels("en"), 0) == ()
    assert shortfalls_of(story, story.labels("en"), 1)


@pytest.mark.parametrize(
    ("language", "heading", "alike"),
    [("nl", "De grootste verschillen", "Ongeveer evenveel"), ("en", "The widest gaps", "About as much")],
)
def test_what_was_kept_better_than_promised_is_no_widest_gap(language: str, heading: str, alike: str) -> None:
    """Also where it is about as much as a gap: neither the table nor the sentence under it names it."""
    every = promises_of([(3.6, 3.5), (3.5, 3.4), (3.3, 3.4), (3.0, 3.4)], [2, 1, 1, 0])
    frame = every.released["promises"].frame.assign(segment=0.0, n=120)
    story = sample_story.with_rows(small_story(), "promises", frame)
    labels = story.labels(language)
    gaps = widest_gaps(story, labels, 0)
    assert [(gap.promised, gap.kept, gap.alike) for gap in gaps] == [(3.6, 3.5, 1), (3.5, 3.4, 0)]
    page = render_onepager(story, 0, language)
    part = page[page.index(heading) :]
    part = part[: part.index("</section>")]
    assert f"{alike}: {gaps[0].name} " in part
    others = [labels.need(str(need)) for need in frame["need"][2:]]
    assert not any(name in part for name in others) and len(others) == 2
    only = sample_story.with_rows(small_story(), "promises", frame.assign(promised=3.0, kept=3.4))
    assert widest_gaps(only, labels, 0) == () and heading not in render_onepager(only, 0, language)
    assert say("onepager.promises.kept", language) in render_onepager(only, 0, language)


def test_the_widest_gap_is_the_first_in_rank_and_none_where_no_figure_shows_one() -> None:
    story = promises_of([(3.6, 3.6), (3.4, 3.3), (3.0, 3.4)], [0, 0, 0])
    assert [gap.promised for gap in widest_gaps(story, story.labels("en"), None)] == [3.4]
    story = promises_of([(3.6, 3.6), (3.4, 3.4)], [1, 0])
    assert widest_gaps(story, story.labels("en"), None) == ()


def test_answers_without_needs_are_not_called_no_survey() -> None:
    answered = replace(no_survey(), n_respondents=53)
    assert lead(answered, "en")[0].startswith("A survey was held")
    assert section_of(answered, "segments", "en").paragraphs[0].startswith("A survey was held")
    assert lead(no_survey(), "en")[0].startswith("No survey was held")


def test_without_segments_the_lead_names_who_answered_from_outside() -> None:
    story = no_survey()
    story = replace(
        story, status="none", n_respondents=245, n_answered=272, outside={"contractor": 15, "candidate": 12}
    )
    told = " ".join(about(story, "en"))
    assert "272 people answered. HR's list calls 245 of them employees." in told
    assert "Besides these: 15 contractors, 12 candidates." in told
    dated = " ".join(about(replace(story, employed_on="2024-03-31"), "nl"))
    assert "Van hen waren er 245 in dienst op 31 maart 2024." in dated
    assert "Figures for everyone" not in " ".join(about(replace(story, outside={}), "en"))


def test_being_about_as_much_is_no_chain_and_who_was_named_is_not_named_again() -> None:
    """The first and the third of three neighbours can be told apart: no list says that both are about as much."""
    named = [Name("Growth", 1), Name("Autonomy", 1), Name("Security", 0), Name("Pay", 0)]
    assert sentence(named, "en") == "About as much: Growth and Autonomy; Autonomy and Security."
    assert sentence(named, "en", after=True) == "About as much: Autonomy; Autonomy and Security."
    assert in_words(named, "nl") == "Growth, Autonomy en Security (elk ongeveer evenveel als de volgende); Pay"
    assert sentence(first_of(named, 1), "en", after=True) == "About as much: Autonomy."
    assert sentence(named[2:], "en") == ""


@pytest.mark.parametrize(("language", "words"), [("nl", "niets over andere mensen"), ("en", "nothing of other people")])
def test_a_grouping_that_explains_less_than_nothing_has_no_band_of_zero(language: str, words: str) -> None:
    story = sample_story.full_story()
    frame = story.released["verdict"].frame
    last = frame.index[-1]
    frame.loc[last, ["explained", "low", "high"]] = [-0.088, -0.122, -0.053]
    planted = sample_story.with_rows(story, "verdict", frame)
    (drawn,) = blocks_of(planted, "verdict", language)
    assert [line.text for line in drawn.lines].count(words) == 1
    assert [line.doubt for line in drawn.lines if line.text == words] == [None]


def test_the_grouping_by_needs_is_called_so_under_the_name_that_its_maker_gives_it() -> None:
    assert {grouping_name(name, Labels("en")) for name in (SEGMENTS, "needs")} == {"needs segments"}


def test_leaving_of_a_segment_without_a_page_is_told_by_every_reader() -> None:
    """Its answers are hidden and its leaving is not: the range on page one and the sheet of segments hold it too."""
    story = sample_story.full_story()
    frame = story.released["segments"].frame
    frame["status"] = frame["status"].where(frame["segment"] != 1, "hidden")
    story = sample_story.with_rows(story, "segments", frame)
    leaving = leaving_of(story)
    assert leaving is not None and 1 in leaving.shares
    sheet = next(one for one in sheets_of(story, "en") if one.name == "Segments")
    row = next(line for line in sheet.rows if line[0] == 2)
    assert all(cell == HIDDEN for cell in row[2:8]) and not any(cell == HIDDEN for cell in row[8:11])


def test_a_strongest_need_is_told_from_everyone_wherever_one_of_a_segment_can_be() -> None:
    """The second need weighs about as much as the first and the third; of the second and third, one covers zero."""
    story = sample_story.full_story()
    frame = story.released["profiles"].frame.copy()
    own = frame.index[(frame["measure"] == "score") & (frame["segment"].astype(float) == 0)]
    rest = range(4, len(own) + 1)
    frame.loc[own, "mean"] = [0.5, 0.3, 0.2, *(-0.1 * one for one in rest)]
    frame.loc[own, "low"] = [0.4, -0.1, 0.1, *(-0.1 * one - 0.1 for one in rest)]
    frame.loc[own, "place"] = [1.0, 2.0, 3.0, *map(float, rest)]
    frame.loc[own, "about_as_much"] = [1, 1, 0, *(0 for _ in rest)]
    labels, codes = story.labels("en"), list(frame.loc[own, "need"])
    named = strongest_needs(sample_story.with_rows(story, "profiles", frame), labels, 0)
    assert [(need.code, need.alike) for need in named] == [(codes[0], 0), (codes[2], 0)]
    frame.loc[own, "low"] = -1.0  # none can be told from everyone: what weighs most is named all the same
    named = strongest_needs(sample_story.with_rows(story, "profiles", frame), labels, 0)
    assert [need.code for need in named] == codes[:3]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_is_as_pressing_as_the_first_action_stands_beside_it_and_on_the_slide(language: str) -> None:
    story = sample_story.full_story()
    frame = story.released["plans"].frame
    order = frame["place"].astype(float).sort_values().index
    first, second = (
        str(frame.loc[at, "action"]) for at in order[frame.loc[order, "action"].duplicated().eq(False)][:2]
    )
    title = first_actions(story, language, most=2)[1].title
    frame = frame.assign(about_as_much=[1 if at == order[0] else 0 for at in frame.index])
    alike = sample_story.with_rows(story, "plans", frame)
    assert first != second
    said = say("report.alike.pressing", language, names=title)
    assert said in " ".join(points(alike, language)[-1].texts)
    none = sample_story.with_rows(story, "plans", frame.assign(about_as_much=0))
    assert said not in " ".join(points(none, language)[-1].texts)
