"""The dossier: both languages, nothing made up, nothing that loads or runs, and the same bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import pytest
import sample_story
from pages_read import read_page
from sample_dossier import AGREED, facts, governed, proven

from segment.disclosure.rules import ReleaseRules
from segment.exports.dossier import DOCUMENTS, FIXED_COLUMNS, Facts, render_dossier
from segment.exports.dossier.facts import Proof
from segment.exports.dossier.pen import GOVERNANCE, ROLES
from segment.exports.exits import whom_counted
from segment.exports.pages import POLICY
from segment.locale import catalogue, day_told, say
from segment.vocabulary import ItemKind, OutcomeKind, Purpose, Relation


@pytest.fixture(scope="module")
def pages() -> Mapping[str, str]:
    return render_dossier(governed(), facts())


@pytest.fixture(scope="module")
def bare() -> Mapping[str, str]:
    """A study without survey, model or agreements."""
    story = proven(replace(sample_story.hr_only(), governance=None))
    nothing = Facts(version="1", code="c", key_id="k", relations=("employee",), periods={"employee": 24})
    return render_dossier(story, nothing)


def text_of(page: str) -> str:
    return read_page(page).text


def test_every_document_is_there_in_both_languages(pages: Mapping[str, str], bare: Mapping[str, str]) -> None:
    names = ["overview", *DOCUMENTS]
    expected = {f"dossier/{name}.{language}.html" for name in names for language in ("nl", "en")}
    assert set(pages) == set(bare) == expected
    for name, page in (*pages.items(), *bare.items()):
        assert f'<html lang="{name.split(".")[1]}">' in page


def test_a_study_in_one_language_has_a_dossier_in_that_language() -> None:
    pages = render_dossier(replace(governed(), languages=("en",)), facts())
    assert {name.split(".")[1] for name in pages} == {"en"}


def test_every_page_says_it_is_no_legal_advice(pages: Mapping[str, str], bare: Mapping[str, str]) -> None:
    for name, page in (*pages.items(), *bare.items()):
        first = {"nl": "Dit is geen juridisch advies.", "en": "This is not legal advice."}[name.split(".")[1]]
        assert first in text_of(page)


def test_no_key_or_gap_of_a_template_is_left(pages: Mapping[str, str], bare: Mapping[str, str]) -> None:
    for page in (*pages.values(), *bare.values()):
        assert not re.search(r"dossier\.[a-z_]+\.|\{[a-z_]+\}|None|nan", text_of(page))


def test_the_catalogue_has_words_for_everything_a_study_may_say_and_none_too_many() -> None:
    known = {key for key in catalogue() if key.startswith("dossier.")}
    for words, prefix in (
        (ItemKind, "kind"),
        (Relation, "relation"),
        (Purpose, "purpose"),
        (OutcomeKind, "method"),
        (ROLES, "role"),
        (FIXED_COLUMNS, "fixed"),
        (ReleaseRules().as_dict(), "floor"),
    ):
        assert {f"dossier.{prefix}.{word}" for word in words} <= known, prefix
    for texts in (catalogue()[key] for key in known):
        assert set(texts) == {"nl", "en"}
        assert set(re.findall(r"\{(\w+)", texts["nl"])) == set(re.findall(r"\{(\w+)", texts["en"]))


@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_was_agreed_stands_in_the_documents_that_need_it(pages: Mapping[str, str], language: str) -> None:
    needed = {
        "works_council": ("purpose", "approver", "expires", "works_council"),
        "dpia": ("purpose", "legal_basis", "dpia"),
        "register": ("purpose", "legal_basis", "data_protection_officer"),
        "notice": ("purpose", "legal_basis", "data_protection_officer"),
        "ai_act": ("purpose",),
    }
    assert {line for lines in needed.values() for line in lines} == set(GOVERNANCE)
    for document, lines in needed.items():
        told = text_of(pages[f"dossier/{document}.{language}.html"])
        assert all(AGREED[line] in told for line in lines), document


def test_without_agreements_every_line_says_who_fills_it_in(bare: Mapping[str, str]) -> None:
    front = text_of(bare["dossier/overview.en.html"])
    for what in ("Legal basis", "Purpose", "Approved by", "Valid until", "Reference", "Data protection officer"):
        assert what in front, what
    assert "to be filled in by the works council" in text_of(bare["dossier/works_council.en.html"])
    assert "to be filled in by legal counsel" in text_of(bare["dossier/register.en.html"])
    assert "Nothing about one person leaves the study" in text_of(bare["dossier/register.en.html"])
    assert "This study made no model." in text_of(bare["dossier/model_cards.en.html"])
    assert "No survey was held" in text_of(bare["dossier/limits.en.html"])


def test_the_front_page_counts_what_the_documents_leave_open(pages: Mapping[str, str]) -> None:
    for language in ("nl", "en"):
        open_words = [say("dossier.missing", language, role=say(f"dossier.role.{role}", language)) for role in ROLES]
        front = pages[f"dossier/overview.{language}.html"]
        for name in DOCUMENTS:
            page = pages[f"dossier/{name}.{language}.html"]
            marked = page.count('<td class="open">')
            assert marked == sum(page.count(f">{words}</td>") for words in open_words)
            row = re.search(rf"<td>{name}\.{language}\.html</td><td>.*?</td><td>(\d+)</td>", front)
            assert row is not None
            assert int(row[1]) == marked or name == "model_cards", name


def test_columns_come_with_purpose_source_sensitivity_and_time(pages: Mapping[str, str]) -> None:
    for document in ("works_council", "dpia", "ai_act"):
        page = pages[f"dossier/{document}.en.html"]
        found = re.findall(r'<th scope="row">([^<]*)</th>' + r"<td[^>]*>([^<]*)</td>" * 4 + "</tr>", page)
        rows = {row[0]: row[1:] for row in found}
        assert rows["contract"][1:] == ("payroll", "ordinary", "until 7 months after the last day")
        assert rows["salary band"][1:3] == ("to be filled in by the owner of the data", "confidential")
        assert rows["age"][0] == "only to check that groups are treated alike; never in a model"
        assert rows["last day"][1] == "to be filled in by the owner of the data"


def test_floors_periods_dates_and_versions_are_those_of_the_study(pages: Mapping[str, str]) -> None:
    notice = text_of(pages["dossier/notice.en.html"])
    assert "at least 7 people" in notice
    assert "from 13 people on" in notice
    assert "at least 42 people" in notice
    assert "25 months after the last day" in notice
    assert "11 months after they were last heard of" in notice
    technical = text_of(pages["dossier/ai_act.en.html"])
    for told in ("segment 9.8.7", "c0dec0dec0dec0de", "ab12cd34", "2021-01-04 – 2025-08-31", "2025-2 (2025-09-30)"):
        assert told in technical
    own = render_dossier(governed(), replace(facts(), causes=("voluntary", "early_retirement")))
    assert "left by choice, early retirement" in text_of(own["dossier/ai_act.en.html"])
    assert "3 groups and 1 tables" in text_of(pages["dossier/audit.en.html"])


def test_the_ai_act_document_has_the_nine_headings_and_leaves_the_date_open(pages: Mapping[str, str]) -> None:
    page = read_page(pages["dossier/ai_act.en.html"])
    headings = [text for level, text in page.headings if level == 2]
    assert [heading[:2] for heading in headings[1:]] == [f"{number}." for number in range(1, 10)]
    assert "to be confirmed by legal counsel" in page.text
    assert page.text.count("high-risk (Annex III, point 4)") == 2
    without = facts(matching=False, models=())
    page = read_page(render_dossier(governed(), without)["dossier/ai_act.en.html"])
    assert "high-risk (Annex III, point 4)" not in page.text


def test_pages_are_inert(pages: Mapping[str, str], bare: Mapping[str, str]) -> None:
    for html in (*pages.values(), *bare.values()):
        page = read_page(html)
        assert {tag for tag, _ in page.tags} & {"script", "iframe", "object", "embed", "form", "img", "base"} == set()
        policies = [told["content"] for tag, told in page.tags if told.get("http-equiv") == "Content-Security-Policy"]
        assert policies == [POLICY]
        for tag, told in page.tags:
            assert not any(name.startswith("on") for name in told), tag
            for name in ("href", "src", "action"):
                target = told.get(name)
                assert target is None or target.startswith(("#", "data:")), target
        anchors = [told["href"][1:] for tag, told in page.tags if tag == "a" and told.get("href")]
        assert set(anchors) <= set(page.ids)
        assert len(page.ids) == len(set(page.ids))
    assert "planning &lt;b&gt;rosters&lt;/b&gt;" in pages["dossier/dpia.en.html"]


def test_headings_are_in_order(pages: Mapping[str, str]) -> None:
    for html in pages.values():
        levels = [level for level, _ in read_page(html).headings]
        assert levels[0] == 1
        assert set(levels[1:]) <= {2, 3}


def test_the_same_facts_give_the_same_bytes(pages: Mapping[str, str]) -> None:
    assert render_dossier(governed(), facts()) == pages


def test_a_small_study_does_not_tell_how_many_people_exactly() -> None:
    story = replace(governed(), n_people=13, n_respondents=7, response_rate=7 / 13)
    told = text_of(render_dossier(story, facts())["dossier/dpia.en.html"])
    assert "Number of people 10–19" in told
    assert "Took part 5–9" in told


def test_the_proof_adds_up_over_tables() -> None:
    one = {"cells": 10, "hidden_primary": 2, "hidden_complementary": 1,
           "audit": {"groups_audited": 2, "narrowest_interval": 9.5, "required_interval": 5}}  # fmt: skip
    other = {"cells": 4, "hidden_primary": 0, "hidden_complementary": 0,
             "audit": {"groups_audited": 0, "narrowest_interval": None, "required_interval": 5}}  # fmt: skip
    certificate = {"tables": {"profiles": one, "stability": other, "segment_names": one}, "passed": True,
                   "hidden": {"profiles": 3, "stability": 0, "segment_names": 3},
                   "ledger": {"entries": 6, "head": "f00"}}  # fmt: skip
    assert Proof.of(certificate) == Proof(2, 14, 3, 2, 2, 9.5, 5, passed=True, entries=6, head="f00")
    assert not Proof.of({}).passed


@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_a_model_of_leaving_learned_from_stands_in_full_where_people_are_asked_to_consent(
    pages: Mapping[str, str], language: str
) -> None:
    """The model reads 'contract' and a shortfall; 'salary band' was meant for it and dropped."""
    answers, labels = say("dossier.answers", language), governed().labels(language)
    for name in ("works_council", "ai_act"):
        text = text_of(pages[f"dossier/{name}.{language}.html"])
        assert f"{labels.feature('contract')}, {answers}" in text
    only = replace(facts().models[1], reads=("contract",))
    other = render_dossier(governed(), facts(models=(facts().models[0], only)))
    assert answers not in text_of(other[f"dossier/works_council.{language}.html"])


@pytest.mark.parametrize("language", ["nl", "en"])
def test_where_nobody_was_asked_no_document_tells_of_answers_or_groups(bare: Mapping[str, str], language: str) -> None:
    untrue = {
        "nl": "antwoorden op|(de vragenlijst)|naar wat zij in hun werk nodig|segmenten van behoeften|hebt geantwoord",
        "en": "answers to|(the survey)|by what they need from|segments of needs|what you answered",
    }[language].split("|")
    for name in ("notice", "dpia", "works_council", "ai_act"):
        text = text_of(bare[f"dossier/{name}.{language}.html"])
        assert not [words for words in untrue if words in text], name


@pytest.mark.parametrize("language", ["nl", "en"])
def test_nobody_is_told_that_the_study_finds_out_why_people_go(pages: Mapping[str, str], language: str) -> None:
    text = text_of(pages[f"dossier/notice.{language}.html"])
    assert not re.search({"nl": "waarom mensen|waardoor mensen", "en": "why people"}[language], text)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("kind", ["horizon", "duration"])
def test_leaving_without_dates_is_not_called_not_studied(kind: str, language: str) -> None:
    known = render_dossier(replace(governed(), outcome_kind=kind), facts(window=None))
    for name in ("ai_act", "dpia"):
        text = text_of(known[f"dossier/{name}.{language}.html"])
        assert say("dossier.undated", language) in text and say("dossier.no_window", language) not in text


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("day", ["2025-09-30", ""])
def test_the_impact_assessment_says_whom_its_number_of_people_counts(language: str, day: str) -> None:
    """'People in scope: 694' stood under employees, candidates and former employees, who were 1,292."""
    story = replace(governed(), employed_on=day, employed=bool(day), n_people=694)
    told = text_of(render_dossier(story, facts())[f"dossier/dpia.{language}.html"])
    assert f"694 {whom_counted(story, language)}" in told
    assert say("report.on_day", language, day=day_told(day, language)) in told if day else "HR" in told
