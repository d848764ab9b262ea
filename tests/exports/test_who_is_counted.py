"""Nobody is called employed who may have left, and no figure without weights stands under words that say weighted."""

from __future__ import annotations

import copy
from dataclasses import replace
from html import escape

import numpy as np
import pandas as pd
import pytest
import sample_story

from segment.disclosure.release import release
from segment.displays.column_text import EXITS
from segment.exports.actions_list import render_actions
from segment.exports.answers import leaving_of
from segment.exports.confidence import sureness
from segment.exports.guide import render_guide
from segment.exports.leaving_words import leaving_told
from segment.exports.method_sections import glossary
from segment.exports.onepager import render_onepager
from segment.exports.registry_tables import table_grids
from segment.exports.report import _answers, about, counted, further, key_figures, lead, render_report
from segment.exports.sheets import sheets_of
from segment.exports.weighting import weighed
from segment.exports.workbook import render_workbook
from segment.locale import day_told, number, say
from segment.stages.counts import FEWEST


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nl", ("in dienst", "op de lijst van HR", "in dit onderzoek")),
        ("en", ("employed", "on HR's list", "in this study")),
    ],
)
@pytest.mark.parametrize(("known", "day"), [(True, "2025-09-30"), (True, ""), (False, "")])
def test_people_are_employed_only_where_that_is_known(
    language: str, words: tuple[str, ...], known: bool, day: str
) -> None:
    """Employed on a day, else on a list without dates, also of who left since: tile, count and rate say the same."""
    story, outside = sample_story.full_story(), {"candidate": 8, "other": 6}
    rate = story.response_rate if known else None
    story = replace(story, employed=known, employed_on=day, response_rate=rate, outside=outside, n_answered=337)
    whom = words[0 if day else 1]
    tile = key_figures(story, leaving_of(story), language)[0].about
    alone = replace(story, outside={}, response_rate=None)  # nobody is on a list of HR's own
    assert words[2] in key_figures(alone, leaving_of(alone), language)[0].about
    few = replace(story, counted_apart=False, outside={})
    for said in (tile, *((sureness(one, language)[0] for one in (story, few)) if known else ())):
        assert [one for one in words if one in said] == [whom]
    for one in (story, replace(story, status="none")):
        assert (words[0] in counted(one, language)) == bool(day)
        assert (say("report.outside.kind.employee", language) in counted(one, language)) == bool(day)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("scope", [12, 24, 60, 323])
def test_a_few_who_took_part_from_elsewhere_are_said_and_cannot_be_worked_out(language: str, scope: int) -> None:
    """However many they are (one to four), with so many answers the page is the same: no rate tells them apart."""
    story = replace(sample_story.full_story(), counted_apart=False, outside={}, employed_on="2025-09-30")
    answered = round(0.75 * scope)
    pages = set()
    for few in range(1, FEWEST):
        rate = (answered - few) / scope
        own = replace(story, n_people=scope, n_respondents=answered, n_answered=answered, response_rate=rate)
        tiles = [str(tile) for tile in key_figures(own, leaving_of(own), language)[:2]]
        first = sureness(own, language)[0]
        assert (
            say("report.sure.response.rate", language, n=answered, people=scope, rate="R", when="").split("R")[1]
            in first
        ) == (scope >= 20)
        pages.add((*tiles, first.split("%")[0]))
    assert len(pages) < FEWEST - 1


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("how", ["segments", "unweighted", "weighted"])
def test_an_unweighted_figure_of_leaving_says_so_on_page_one(language: str, how: str) -> None:
    story = replace(sample_story.full_story(), weighing={"leaving": how, "curves": how, "plans": "priority"})
    (tile,) = key_figures(story, leaving_of(story), language)[-1:]
    mark = say("weighed.one", language, what="").strip()
    assert (mark in str(tile)) == (how != "weighted")
    assert (say("weighed.lead.leaving", language) in further(story, language)) == (how != "weighted")


def test_the_order_of_actions_says_what_of_it_is_weighted() -> None:
    story = replace(sample_story.full_story(), weighing={"plans": "priority"})
    assert "share of people in the order is counted" in weighed(story, ["plans"], "en")


@pytest.mark.parametrize(
    ("language", "past", "future"),
    [
        ("nl", "vertrok", ("naar verwachting", "Kans op vertrek", "mensen en maanden")),
        ("en", "left", ("is expected to leave", "are expected to leave", "hance of leav", "people and months")),
    ],
)
def test_who_left_is_not_told_as_a_forecast(language: str, past: str, future: tuple[str, ...]) -> None:
    """A flag says of everybody whether they left: that has been, and nobody is expected to do it again."""
    seen = replace(sample_story.full_story(), outcome_kind="horizon", meaning="exit")
    assert past in leaving_told(seen, language)[0] and leaving_of(seen).origin == "flag"
    assert past in key_figures(seen, leaving_of(seen), language)[-1].about
    assert render_workbook(seen, language)
    for page in (render_report(seen, language), render_onepager(seen, 0, language), render_guide(seen, language)):
        assert not any(word in page for word in future)
    watched = replace(seen, outcome_kind="spells")
    assert future[0] in leaving_told(watched, language)[0]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_people_of_a_forecast_are_said_to_be_others_than_those_of_the_segment(language: str) -> None:
    story = sample_story.full_story()
    told = say("report.answer.leave.within", language)
    assert (told in leaving_told(story, language)) == (leaving_of(story).origin == "risk")
    assert told not in leaving_told(replace(story, outcome_kind="horizon"), language)
    assert told in render_onepager(story, 0, language), "a page for a manager stands alone"


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("meaning", ["intention", "exit"])
@pytest.mark.parametrize("more", [-1, 0, 1])
def test_an_outcome_of_more_people_than_answered_says_whose_it_is(language: str, meaning: str, more: int) -> None:
    """Under a segment of 78 people the share of 94 is told: of those who answered in other waves as well."""
    story = replace(sample_story.full_story(), outcome_kind="horizon", meaning=meaning)
    table = copy.deepcopy(story.released["leaving"])
    counted = [str(int(n) + more) if n.isdigit() else n for n in table.frame["n"]]
    object.__setattr__(table, "_frame", table.frame.assign(n=counted))
    pooled = replace(story, released={**story.released, "leaving": table})
    told, page = leaving_told(pooled, language), render_onepager(pooled, 0, language)
    keys = [f"report.answer.leave.within.{key}" for key in ("known", "fewer", "fewer.staff")]
    assert [escape(say(key, language)) in page for key in keys] == [say(key, language) in told for key in keys]
    assert (say("report.answer.leave.within.known", language) in told) == (more > 0)
    assert (say("report.answer.leave.within.fewer", language) in told) == (more < 0 and meaning == "exit")
    assert (say("report.answer.leave.within.fewer.staff", language) in told) == (more < 0 and meaning == "intention")


@pytest.mark.parametrize(
    ("language", "employed", "listed", "outside"),
    [
        ("nl", "in dienst waren", "lijst van HR", "buiten dienst"),
        ("en", "were employed when they answered", "HR's list calls employees", "not employed"),
    ],
)
def test_an_intention_is_told_of_employees_and_names_them(
    language: str, employed: str, listed: str, outside: str
) -> None:
    """Who is a candidate or has left is not in the figure; without dates the list is all that says who is employed."""
    story = replace(sample_story.intention(), outside={"candidate": 6}, response_rate=0.43)
    dated, bare = (leaving_told(replace(story, employed_on=day), language)[0] for day in ("2024-03-31", ""))
    assert employed in dated and listed not in dated
    assert listed in bare and employed not in bare
    alone = leaving_told(replace(story, outside={}, response_rate=None), language)[0]
    assert not any(words in alone for words in (employed, listed))
    assert not any(outside in text for text in (dated, bare, alone))


@pytest.mark.parametrize("language", ["nl", "en"])
def test_segments_that_may_not_be_shown_are_counted_and_said_on_page_one(language: str) -> None:
    story = sample_story.full_story()
    table = copy.deepcopy(story.released["segments"])
    frame = table.frame
    few = frame["segment"].notna() & (frame["segment"].astype(float) != story.segments[0])
    object.__setattr__(table, "_frame", frame.assign(status=np.where(few, "hidden", frame["status"])))
    some = replace(story, released={**story.released, "segments": table})
    assert (len(some.segments), some.n_segments) == (1, len(story.segments))
    told = " ".join((*lead(some, language), *about(some, language)))
    assert str(len(story.segments)) in told
    assert say("report.lead.segments.shown", language, shown=1, k=len(story.segments)) in told
    (tile,) = [one for one in key_figures(some, leaving_of(some), language) if "segment" in one.about]
    assert tile.figure == str(len(story.segments)) and "1" in tile.about
    page = render_onepager(some, story.segments[0], language)
    assert say("onepager.shown", language, shown=1, k=len(story.segments)) in page
    assert say("report.lead.segments.shown", language, shown=3, k=3) not in " ".join(lead(story, language))


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_page_says_on_which_day_people_were_counted_where_nobody_knows_when_they_answered(language: str) -> None:
    story = replace(sample_story.full_story(), counted_on="2025-12-31")
    said = {"nl": "31 december 2025", "en": "31 December 2025"}[language]
    assert any(said in sentence for sentence in about(story, language))


@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_was_measured_and_may_not_be_shown_is_not_called_not_measured(language: str) -> None:
    story = replace(sample_story.full_story(), status="none")
    own = ("profiles", "shortfalls")
    tables = {name: copy.deepcopy(table) for name, table in story.released.items() if name in own}
    assert tables
    for table in tables.values():
        object.__setattr__(table, "_frame", table.frame.assign(status="hidden"))
    hidden = replace(story, released={**story.released, **tables})
    answers = dict(_answers(hidden, language))
    for question in ("report.answer.drivers", "report.answer.lack"):
        assert answers[say(question, language)] == (say("report.answer.hidden", language),)
    bare = replace(story, released={k: v for k, v in story.released.items() if k not in tables})
    assert dict(_answers(bare, language))[say("report.answer.lack", language)] == (
        say("report.not_measured.sentence", language),
    )


@pytest.mark.parametrize("language", ["nl", "en"])
def test_without_segments_no_column_and_no_term_is_called_segment(language: str) -> None:
    refused = replace(sample_story.full_story(), status="none")
    assert "segment" not in {key.lower() for key, _ in glossary(refused, language)}
    (grid,) = table_grids(refused, "lifetime_value", language)
    assert grid.columns[0] == say("display.column.whom", language)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_exits_of_the_seven_rs_say_of_which_twelve_months(language: str) -> None:
    bare = replace(sample_story.full_story(), watched_until="2025-12-31")
    table = bare.released["scorecard"].frame
    told = table.assign(measure=table["measure"].replace("referral", EXITS[0]))
    page = render_report(sample_story.with_rows(bare, "scorecard", told), language)
    said = say("report.rs.exits", language, day={"nl": "31 december 2025", "en": "31 December 2025"}[language])
    assert said in page
    assert say("report.rs.exits.everyone", language) in page
    assert said not in render_report(bare, language)


def test_the_list_of_actions_says_of_whom_its_people_are() -> None:
    story = sample_story.full_story()
    head = render_actions(story).decode("utf-8-sig").splitlines()[0].split(";")
    assert "people_answered" in head and "people" not in head
    for language in ("nl", "en"):
        note = say("workbook.actions.people", language)
        sheet = next(one for one in sheets_of(story, language) if one.name == say("workbook.sheet.actions", language))
        assert note in sheet.words


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_others_are_none_of_the_kinds_that_are_told_apart(language: str) -> None:
    kinds = {kind: say(f"report.outside.kind.{kind}", language) for kind in ("candidate", "contractor", "alumnus")}
    for apart in (
        {},
        {"candidate": 8},
        {"candidate": 8, "alumnus": 9},
        {"candidate": 8, "contractor": 7, "alumnus": 9},
    ):
        story = replace(sample_story.full_story(), outside={**apart, "other": 8}, n_answered=2640)
        told = counted(story, language)
        rest = told[told.index("(") :]
        assert {kind for kind, name in kinds.items() if name in rest} == set(kinds) - set(apart)
        assert say("report.outside.kind.unknown.only", language) in rest


@pytest.mark.parametrize("language", ["nl", "en"])
def test_who_is_still_employed_is_so_on_a_day_that_stands_beside_it(language: str) -> None:
    story = replace(sample_story.full_story(), employed_on="2024-03-31", watched_until="2025-12-31")
    story = replace(story, n_people=story.n_people + 5)
    after = {"nl": "na", "en": "after"}[language]
    watched = f"{after} {day_told('2025-12-31', language)}"  # on the day itself who leaves at its end is employed too
    on_it = say("report.on_day", language, day=day_told("2025-12-31", language))
    asked = say("report.on_day", language, day=day_told("2024-03-31", language))
    first, second, *_ = leaving_told(story, language)
    assert watched not in first and watched in second and on_it not in second
    assert asked in sureness(story, language)[0]


@pytest.mark.parametrize(
    ("language", "dated", "listed"),
    [("nl", "in dienst op de dag", "lijst van HR"), ("en", "employed on the day", "HR's list calls employees")],
)
def test_nobody_is_called_employed_on_a_day_by_a_list_without_dates(language: str, dated: str, listed: str) -> None:
    rows = pd.DataFrame(
        {"wave": "2025-2", "group": ["Care", "IT", None], "n": [120, 90, 210], "share": [0.6, 0.4, 0.51]}
    )
    table = release("response", rows, count="n", groups=["group"], shares=["share"], kind="rates")
    full = sample_story.full_story()
    for day, said, denied in (("2025-09-30", dated, listed), ("", listed, dated)):
        story = replace(full, employed_on=day, released={**full.released, "response": table})
        (grid,) = table_grids(story, "response", language)
        assert said in grid.note and denied not in grid.note
        sheet = next(one for one in sheets_of(story, language) if one.name == say("workbook.sheet.response", language))
        (meant,) = [one.about for one in sheet.columns if one.heading == say("table.response.n", language)]
        assert said.split()[-1] in meant and denied.split()[-1] not in meant


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(
    ("everyone", "unweighted", "said"), [(0.44, True, True), (0.3, True, False), (0.3, False, True)]
)
def test_where_everyone_left_more_often_than_every_segment_the_page_says_who_did(
    language: str, everyone: float, unweighted: bool, said: bool
) -> None:
    """Who had left answered no survey: 44% beside 25%, 22% and 20% is no slip of the pen."""
    story = replace(sample_story.full_story(), outcome_kind="horizon", meaning="exit")
    frame = story.released["leaving"].frame
    own = frame["segment"].notna()
    ends = {name: np.where(own, at, everyone + by) for name, at, by in (("low", 0.18, -0.04), ("high", 0.34, 0.04))}
    told = sample_story.with_rows(
        story, "leaving", frame.assign(value=np.where(own, 0.25, everyone), status="shown", **ends)
    )
    told = replace(told, weighing={"leaving": "segments"} if unweighted else {})
    assert (say("report.answer.leave.silent.flag", language) in leaving_told(told, language)) == said


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(("rest", "said"), [(270, True), (5, True), (4, False), (0, False)])
def test_people_of_a_forecast_who_are_in_no_segment_are_counted(language: str, rest: int, said: bool) -> None:
    """152, 118, 98 and 54 people stood under 692, and every share under that of everyone, without a word of the 270."""
    story = sample_story.full_story()
    frame = story.released["leaving"].frame
    own = frame["segment"].notna()
    held = frame.loc[own].drop_duplicates("segment")["n"].astype(int).sum()
    told = sample_story.with_rows(
        story, "leaving", frame.assign(n=np.where(own, frame["n"], str(held + rest)), status="shown")
    )
    words = {"n": number(held, language, digits=0), "all": number(held + rest, language, digits=0)}
    assert (say("report.answer.leave.segments", language, **words) in leaving_told(told, language)) == said
