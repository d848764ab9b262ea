"""How sure we are: range, bias and the simplest peer stand beside every claim."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
import pytest
import sample_story
from python_calamine import CalamineWorkbook

from segment.disclosure.release import release
from segment.displays.labels import interval, share_interval
from segment.displays.retention import cause_name
from segment.exports.confidence import bias, sureness
from segment.exports.finding_words import finding_words
from segment.exports.leaving_words import leaving_told
from segment.exports.method import render_method, reviewed_section
from segment.exports.report import render_report
from segment.exports.reported_metrics import evaluation_summary
from segment.exports.story import Story
from segment.exports.workbook import render_workbook
from segment.locale import number, say

LANGUAGES = ["nl", "en"]
FIGURES = {
    ("model", "auc_12"): (0.68, 0.64, 0.72),
    ("kaplan-meier", "auc_12"): (0.67, 0.63, 0.71),
    ("model", "oe_12"): (0.87, 0.78, 0.94),
    ("model", "slope_12"): (0.74, 0.6, 0.88),
    ("model", "gain"): (0.004, -0.006, 0.014),
}


def told(changed: Mapping[tuple[str, str], tuple[float, float, float]] | None = None, **story: object) -> Story:
    """The sample's story with these held-out figures."""
    rows = [
        {"model": model, "sample": "hold-out", "metric": metric, "n": 700, "value": v, "low": a, "high": b}
        for (model, metric), (v, a, b) in (FIGURES | dict(changed or {})).items()
    ]
    table = release(
        "evaluation", pd.DataFrame(rows), groups=[], count="n", lines=["model", "sample", "metric"],
        overall=["value", "low", "high"],
    )  # fmt: skip
    whole = sample_story.full_story()
    return replace(whole, released={**whole.released, "evaluation": table}, **story)


@pytest.mark.parametrize("language", LANGUAGES)
def test_level_and_slope_stand_where_groups_that_were_right_were_counted(language: str) -> None:
    said = " ".join(sureness(told(), language))
    assert {"nl": "87% (78% tot 94%)", "en": "87% (78% to 94%)"}[language] in said
    assert ("0,74 (0,60 tot 0,88)" if language == "nl" else "0.74 (0.60 to 0.88)") in said
    assert ("verder uiteen" if language == "nl" else "further apart") in said
    assert "10 van de 10" not in said and "10 of 10" not in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_simplest_peer_stands_beside_the_ranking_instead_of_a_coin(language: str) -> None:
    said = " ".join(sureness(told(), language))
    to = {"nl": "tot", "en": "to"}[language]
    assert f"68% (64% {to} 72%)" in said and f"67% (63% {to} 71%)" in said
    assert "munt" not in said and "coin" not in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_better_is_said_only_where_the_gain_is_surely_above_zero(language: str) -> None:
    better = "beter dan" if language == "nl" else "better than"
    assert better not in " ".join(sureness(told(), language))
    worse = told({("model", "gain"): (-2.5, -4.0, -1.0)})
    surely = {"nl": "slechter dan met ", "en": "worse than with "}[language]
    assert surely in " ".join(sureness(worse, language)) and surely not in " ".join(sureness(told(), language))
    sure = told({("model", "gain"): (0.05, 0.02, 0.08)})
    assert better in " ".join(sureness(sure, language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_least_and_the_most_certain_segment_are_told_with_a_band_called_by_its_name(language: str) -> None:
    said = " ".join(sureness(told(), language))
    assert "76%" in said and "88%" in said
    assert ("negen van de tien" if language == "nl" else "nine of ten") in said
    page = render_method(told(), language)
    start = page.index("stab-") if "stab-" in page else 0
    assert ("Middelste 90%" if language == "nl" else "Middle 90%") in page[start:]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_bias_that_is_sure_stands_beside_the_headline_about_leaving(language: str) -> None:
    story = told()
    sentence = bias(story, language)
    assert "87%" in sentence
    page = render_report(story, language)
    assert page.index(sentence) < page.index('id="q-sure"')
    assert bias(told({("model", "oe_12"): (0.97, 0.88, 1.07)}), language) == ""
    assert bias(told(meaning="intention"), language) == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_method_says_what_figures_are_from(language: str) -> None:
    rows = sample_story.evaluation().frame
    table = release(
        "evaluation", rows.drop(columns="status").assign(sample="out of fold", n=700), groups=[], count="n",
        lines=["model", "sample", "metric"], overall=["value", "low", "high"],
    )  # fmt: skip
    whole = sample_story.full_story()
    folds = replace(whole, released={**whole.released, "evaluation": table})
    notes = [
        " ".join(str(getattr(block, "note", "")) for block in reviewed_section(one, "method", language).blocks)
        for one in (whole, folds)
    ]
    word = "meermalen" if language == "nl" else "several times"
    assert word not in notes[0] and word in notes[1]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_model_that_is_the_floor_is_not_held_against_the_floor(language: str) -> None:
    story = sample_story.full_story()
    peer = say("report.model.kaplan-meier", language)
    assert peer in " ".join(sureness(story, language))
    learners = (("floor", 0.0, "yes"), ("linear", 0.5, "no"), ("boosting", 0.7, "no"))
    floor = replace(story, released=story.released | {"competition": sample_story.competition(learners=learners)})
    said = " ".join(sureness(floor, language))
    assert say("report.sure.floor.tenure", language) in said
    assert peer not in said and "Brier" not in said


FLOOR, TREES = (("floor", 0.0, "yes"), ("boosting", 0.7, "no")), (("floor", 0.0, "no"), ("boosting", 1.7, "yes"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_tenure_alone_is_said_of_the_whole_only_where_every_cause_is_learned_from_nothing_else(language: str) -> None:
    """Where only leaving by choice is, the reasons that are told by more are named; in pages and workbook alike."""
    choice = {("model", "auc_voluntary_12"): (0.6, 0.5, 0.7)}
    whole = say("report.sure.floor.tenure", language)
    for other, alone in ((FLOOR, True), (TREES, False)):
        table = sample_story.competition(learners=FLOOR, others={"involuntary": other})
        story = told(choice)
        story = replace(story, released=story.released | {"competition": table})
        named = say("report.sure.floor.tenure.choice", language, causes=cause_name("involuntary", language))
        pages = (render_method(story, language), render_report(story, language), sheets(story, language))
        for said in (" ".join(sureness(story, language)), *pages):
            assert (whole in said, named in said) == (alone, not alone)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_peer_that_ranks_better_is_named_beside_the_model(language: str) -> None:
    """Behind the simplest peer, also where the model is the floor; one that ranks worse is left to the table."""
    cox = say("report.model.cox", language)
    better = told({("cox", "auc_12"): (0.71, 0.66, 0.75)})
    assert say("report.sure.ranking.peer", language, peer=cox, value="V").split("V")[0] in " ".join(
        sureness(better, language)
    )
    assert cox not in " ".join(sureness(told({("cox", "auc_12"): (0.6, 0.55, 0.65)}), language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_called_measured_unweighted_that_was_not_measured(language: str) -> None:
    measured = told(weighing={"evaluation": "unweighted"})
    said = say("report.sure.unweighted", language)
    assert said in sureness(measured, language)
    bare = {name: table for name, table in measured.released.items() if name != "evaluation"}
    assert said not in sureness(replace(measured, released=bare), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_interval_has_the_same_ends_in_a_finding_in_its_note_and_in_the_table(language: str) -> None:
    """Outward everywhere, from the released figure and from the one before it was released; slope and share alike."""
    ends = (1.427671, 1.149660, 1.772910)
    about = {"subject": "voluntary", "number": 76, "of": 90} | dict(zip(("value", "low", "high"), ends, strict=True))
    row = {"code": "FO006", "severity": "warning", "count": 76, "where": "-", "explanation": "-", "advice": "-"} | about
    story = told({("model", "oe_voluntary_12"): ends, ("model", "oe_12"): ends, ("model", "slope_12"): ends})
    story = replace(story, notes=(("finding.FO006", about),), findings=pd.DataFrame([row]))
    between = share_interval(1.14, 1.78, language)
    sentence = finding_words(row, story.labels(language))
    assert between in sentence and sentence == sureness(story, language)[-1]
    level = next(one for one in sureness(story, language) if "143%" in one)
    assert between in level and between in bias(story, language)
    cells = [line[1] for line in evaluation_summary(story, language)[1]]
    assert [cell for cell in cells if "143%" in cell] == [f"143% ({between})"] * 2
    assert interval(*(number(end, language, digits=2) for end in (1.14, 1.78)), language) in " ".join(cells)
    page = render_method(story, language)
    assert "177%" not in page and page.count(between) >= 4


def coin(**gain: tuple[float, float, float]) -> Story:
    """Chances that come closer than the floor's, and a ranking that was found to be no better than a coin."""
    figures = {("model", "auc_12"): (0.55, 0.48, 0.62), ("model", "gain"): (0.05, 0.02, 0.08)}
    story = told(figures)
    row = {"code": "FO004", "severity": "warning", "subject": "any", "count": 40, "explanation": "-", "advice": "-"}
    about = {"subject": "any", "value": 0.55, "low": 0.48, "high": 0.62, "number": 40, "of": 40}
    findings = pd.concat([pd.DataFrame(story.findings), pd.DataFrame([row])], ignore_index=True)
    return replace(story, findings=findings, notes=(*story.notes, ("finding.FO004", about)))


def sheets(story: Story, language: str) -> str:
    """Every word of the workbook."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(render_workbook(story, language)))
    return " ".join(
        str(one) for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for one in row
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_reader_praises_and_denies_at_once(language: str) -> None:
    """Page and workbook; what the tracker and the card say is in tests/retention/test_foresight.py."""
    denied = {"nl": "muntje", "en": "coin"}[language]
    praised = {"nl": "kansen van het model zijn beter", "en": "chances are better than with"}[language]
    assert praised in render_report(told({("model", "gain"): (0.05, 0.02, 0.08)}), language)
    for text in (render_report(coin(), language), sheets(coin(), language)):
        assert denied in text
        assert praised not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_ranking_on_the_page_is_the_one_that_was_found_to_be_a_coin_or_not(language: str) -> None:
    """The headline: of choice at the horizon nearest to the study's, not of anyone at the study's own."""
    figures = {("model", "auc_voluntary_6"): (0.61, 0.58, 0.64)}
    assert "61%" in " ".join(sureness(told(figures), language))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["slope_12", "calibration_slope"])
@pytest.mark.parametrize(
    ("slope", "trusted"),
    [
        ((-0.06, -0.5, 0.38), False),  # nobody is told apart
        ((0.45, -0.1, 1.0), False),  # holds 1 and zero: nothing is known
        ((0.5, 0.3, 0.7), False),  # differences are half as large
        ((1.9, 1.4, 2.4), False),
        ((0.0, float("nan"), float("nan")), False),
        ((0.74, 0.6, 0.88), True),
        ((1.02, 0.9, 1.14), True),
        ((1.1, float("nan"), float("nan")), True),
    ],
)
def test_a_gain_is_praised_only_where_the_slope_does_not_contradict_it(
    language: str, name: str, slope: tuple[float, float, float], trusted: bool
) -> None:
    better = {"nl": "kansen van het model zijn beter", "en": "chances are better than with"}[language]
    distrust = {"nl": "niet per persoon te vertrouwen", "en": "not to be trusted person by person"}[language]
    unmeasured = {("model", "slope_12"): (float("nan"),) * 3}
    story = told(unmeasured | {("model", name): slope, ("model", "gain"): (0.05, 0.02, 0.08)})
    said = " ".join(sureness(story, language))
    assert (better in said, distrust in said) == (trusted, not trusted)
    assert ("+5,0" if language == "nl" else "+5.0") in said  # the gain itself is told all the same


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_reader_praises_what_the_slope_contradicts(language: str) -> None:
    better = {"nl": "kansen van het model zijn beter", "en": "chances are better than with"}[language]
    story = told({("model", "slope_12"): (-0.06, -0.5, 0.38), ("model", "gain"): (0.05, 0.02, 0.08)})
    assert better not in render_report(story, language) + sheets(story, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_shorter_test_is_told_with_its_months_and_not_as_none(language: str) -> None:
    """Half a year of later time: its level and slope are told, and that a year was not checked."""
    short = {("model", f"{name}_6"): FIGURES["model", f"{name}_12"] for name in ("auc", "oe", "slope")}
    story = told(short)
    rows = story.released["evaluation"].frame
    story = sample_story.with_rows(story, "evaluation", rows[~rows["metric"].str.endswith("_12")])
    said = " ".join(sureness(story, language))
    assert say("report.sure.calibration.absent", language) not in said
    assert {"nl": "87% (78% tot 94%)", "en": "87% (78% to 94%)"}[language] in said
    assert say("report.sure.sooner", language, judged=6, months=12) in said
    assert {"nl": "6 maanden", "en": "6 months"}[language] in render_method(story, language)
    assert say("report.sure.sooner", language, judged=12, months=12) not in " ".join(sureness(told(), language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_comes_back_is_of_the_segments_shown_where_some_are_not(language: str) -> None:
    story = told()
    shown = say("report.sure.stability.shown", language)
    assert shown not in " ".join(sureness(story, language))
    rows = story.released["stability"].frame
    fewer = sample_story.with_rows(story, "stability", rows[rows["segment"] != rows["segment"].max()])
    assert shown in " ".join(sureness(fewer, language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_level_that_is_off_for_one_cause_is_in_the_method(language: str) -> None:
    page = render_method(told({("model", "oe_involuntary_12"): (2.6, 1.9, 3.6)}), language)
    assert {"nl": "260% (190% tot 360%)", "en": "260% (190% to 360%)"}[language] in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_beside_a_share_of_leavers_only_stands_what_it_is_of(language: str) -> None:
    story = told()
    assert say("finding.RT015", language) not in " ".join(leaving_told(story, language))
    found = pd.DataFrame({"code": ["RT015"], "severity": "warning", "where": "x", "count": 90, "explanation": "x"})
    assert say("finding.RT015", language) in " ".join(leaving_told(replace(story, findings=found), language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_comes_back_has_its_range_also_where_segments_tie(language: str) -> None:
    story = told()
    rows = story.released["stability"].frame.assign(value=0.93)
    tied = sample_story.with_rows(story, "stability", rows)
    lowest = rows.iloc[-1]  # the least certain before rounding
    (said,) = [one for one in sureness(tied, language) if "93%" in one]
    assert share_interval(lowest["low"], lowest["high"], language) in said
    assert story.labels(language).segment(lowest["segment"]) in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_model_that_gives_all_who_start_the_same_chance_points_to_nobody(language: str) -> None:
    """Durations in which nothing told more than tenure: 'the model points to the right one in 50% of cases'."""
    story = sample_story.full_story()
    learners = (("floor", 0.0, "yes"), ("linear", 0.5, "no"))
    floor = replace(story, released=story.released | {"competition": sample_story.competition(learners=learners)})
    rows = floor.released["evaluation"].frame
    ranked = (rows["model"] == "model") & rows["metric"].str.startswith(("auc", "uno"))
    coin = {"value": rows["value"].mask(ranked, 0.5)} | {end: rows[end].mask(ranked) for end in ("low", "high")}
    points = {"nl": "wijst het model in", "en": "points to the right one in"}[language]
    alike = " ".join(sureness(sample_story.with_rows(floor, "evaluation", rows.assign(**coin)), language))
    assert points not in alike and say("report.sure.floor.tenure", language) in alike
    assert points in " ".join(sureness(floor, language)), "years of service tell some who are employed apart"


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_model_no_chance_is_said_to_be_unmeasured(language: str) -> None:
    """One exit, so no model; page one said that it was not measured whether the predicted chances hold."""
    story = sample_story.full_story()
    absent = say("report.sure.calibration.absent", language)
    bare = {name: table for name, table in story.released.items() if name != "evaluation"}
    assert absent not in sureness(replace(story, released=bare), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_of_groups_are_no_way_out_where_they_did_not_come_true_either(language: str) -> None:
    """Where everybody had left, 231 % (221-240) of the number expected went; the page said: read numbers of groups."""
    way_out = {"nl": "Lees aantallen van groepen.", "en": "Read numbers of groups."}[language]
    slope = {("model", "slope_12"): (0.06, -0.37, 0.48)}
    gone = told(slope | {("model", "oe_12"): (2.31, 2.21, 2.4)})
    curves = {name: table for name, table in gone.released.items() if name != "leaving"}
    off = " ".join(sureness(replace(gone, released=curves), language))
    fair = " ".join(sureness(told(slope | {("model", "oe_12"): (1.04, 0.9, 1.2)}), language))
    assert way_out in " ".join(sureness(gone, language))  # figures of who is still there were brought to that level
    assert way_out not in off and {"nl": "weken zeker af", "en": "surely differed"}[language] in off
    assert way_out in fair


@pytest.mark.parametrize("language", LANGUAGES)
def test_tenure_counted_is_named_where_it_ranks_better_than_the_line_that_was_chosen(language: str) -> None:
    """Model 53 %, tenure counted 62 %: page one named the 53 alone and said that nothing was better."""
    counted = say("report.sure.ranking.counted", language, value="V").split("V")[0]
    table = sample_story.competition(learners=FLOOR)
    for km, named in ((0.75, True), (0.6, False)):
        story = told({("kaplan-meier", "auc_12"): (km, km - 0.05, km + 0.05)})
        story = replace(story, released=story.released | {"competition": table})
        assert (counted in " ".join(sureness(story, language))) == named
