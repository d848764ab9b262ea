"""Counts name their people and add up: segments hold everyone who answered, staff and others are told apart."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.config import OutcomeConfig
from segment.exports.report import in_the_rest
from segment.locale import day_told, number, say
from segment.segments.names import names_in
from segment.stages import STAGES_IN_ORDER, counts, run_stage
from segment.stages.check import check_study
from segment.stages.counts import FEWEST, REST, Population, employed_on_its_day, population_of
from segment.stages.prepare import _say
from segment.stages.publish import wave_of
from segment.stages.retention import leakage
from segment.stages.retention.limitations import answers_set_aside
from segment.stages.retention.spells import observed_spells
from segment.stages.retention.survival import _present
from segment.stages.summary import _segments

if TYPE_CHECKING:
    from conftest import Walk

    from segment.stages import OpenStudy

KINDS = ("candidate", "contractor", "alumnus", "employee", REST)


@given(st.dictionaries(st.sampled_from(KINDS), st.integers(0, 40)))
def test_no_kind_of_people_is_told_that_is_fewer_than_five(outside: dict[str, int]) -> None:
    there = {kind: n for kind, n in outside.items() if n}
    people = Population(100, 80, 80 + sum(there.values()), there)
    if people.apart:
        assert sum(people.told.values()) == sum(there.values())
        assert all(n >= FEWEST for n in people.told.values())
    else:
        assert 0 < sum(there.values()) < FEWEST


def test_who_answered_is_in_scope_or_outside(walked: Walk) -> None:
    opened = walked.open()
    people = population_of(opened, wave_of(opened))
    assert people.answered == people.asked + sum(people.outside.values())
    assert 0 < people.asked <= people.scope
    assert {"candidate", "alumnus"} & set(people.outside)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_segments_add_up_to_a_number_on_the_same_page(walked: Walk, language: str) -> None:
    opened = walked.open()
    wave = wave_of(opened)
    page = (opened.workspace / "exports" / wave / f"report.{language}.html").read_text(encoding="utf-8")
    text = " ".join(re.sub(r"<[^>]*>", " ", page).split())
    sizes = opened.store.read("segments").query("wave == @wave")["n"]
    people = population_of(opened, wave)
    assert sizes.sum() == people.answered
    held = number(people.answered, language, digits=0)
    rest = in_the_rest(people.told, language)
    told = [
        say(f"report.outside.{kind}", language, n=number(n, language, digits=0), kinds=rest)
        for kind, n in people.told.items()
    ]
    asked = number(people.asked, language, digits=0)
    assert people.day is not None
    when = say("report.on_day", language, day=day_told(people.day.isoformat(), language))
    assert say("report.counted.outside", language, n=held, asked=asked, others=", ".join(told), when=when) in text
    assert say("report.key.people", language, when=when) in text
    assert people.asked + sum(people.told.values()) == people.answered


def test_answers_of_people_whom_keep_leaves_out_are_set_aside_and_told_alike_everywhere(
    walked: Walk, tmp_path: Path
) -> None:
    everyone = walked.open().store
    settings = ("sources.people.keep={column: relation, values: [employee]}", f"workspace={tmp_path / 'kept'}")
    opened = walked.open(*settings)
    receipt = run_stage(STAGES_IN_ORDER["prepare"], opened)
    responses, people = opened.store.read("responses"), opened.store.read("people")
    assert set(people["relation"]) == {"employee"}
    aside = len(everyone.read("responses")) - len(responses)
    assert aside >= FEWEST
    wave = wave_of(opened)
    found = population_of(opened, wave)
    assert set(found.outside) <= {"employee"}
    assert found.answered == responses.query("wave == @wave")["person"].nunique()
    assert f"{aside:,} answers of people whom 'keep' leaves out set aside" in receipt.said
    checked = "\n".join(check_study(walked.file, overrides=[*walked.overrides, *settings]))
    told = re.findall(r"found (\d+) of \d+, of people whom 'keep' leaves out", checked)  # one line a file
    assert sum(map(int, told)) == aside
    assert dict(answers_set_aside(opened)) == {"finding.DQ084": {"number": aside}}


def test_an_intention_is_never_called_an_exit(walked: Walk) -> None:
    tables = {"spells": walked.open().store.read("spells")}
    asked = OutcomeConfig(kind="horizon", column="leave", meaning="intention")
    assert "exit" not in _say(tables, asked)
    assert "intend to leave" in _say(tables, asked)
    assert "exits" in _say(tables, OutcomeConfig(kind="horizon", column="leave"))


@pytest.mark.parametrize(("causes", "employed"), [([None, "voluntary"], False), ([None, None], True)])
@pytest.mark.parametrize(("kind", "meaning"), [("duration", "exit"), ("horizon", "exit"), ("horizon", "intention")])
def test_without_dates_nobody_is_called_employed_where_some_left(
    causes: list[str | None], employed: bool, kind: str, meaning: str
) -> None:
    tables = {
        "responses": pd.DataFrame({"wave": "2024", "person": ["a", "b"]}),
        "people": pd.DataFrame({"person": ["a", "b"], "relation": "employee", "start_date": pd.NaT}),
        "spells": pd.DataFrame({"person": ["a", "b"], "cause": causes}),
    }
    store = SimpleNamespace(has=tables.__contains__, read=tables.__getitem__)
    outcome = SimpleNamespace(kind=kind, meaning=meaning, window=None)
    opened = SimpleNamespace(store=store, config=SimpleNamespace(outcome=outcome))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counts, "wave_day", lambda opened, wave: None)
        known = employed or meaning == "intention"  # who intends to leave has not left
        found = population_of(opened, "2024")
        assert found == Population(2, 2, 2, {}, employed=known)
        assert found.rate == (1.0 if known else None)


def test_nobody_says_how_many_took_part_of_those_employed_on_another_day() -> None:
    people = Population(100, 58, 80, {"alumnus": 22})
    assert people.rate == 0.58
    assert replace(people, counted_on=dt.date(2025, 12, 31)).rate is None
    assert replace(people, employed=False).rate is None


def test_an_answer_of_somebody_hired_again_counts_once() -> None:
    day = pd.Timestamp
    people = pd.DataFrame(
        {
            "person": ["a", "a", "b"],
            "start_date": [day("2018-01-01"), day("2023-01-01"), day("2020-01-01")],
            "end_date": [day("2022-06-30"), day("2024-05-01"), day("2024-04-15")],
        }
    )
    asked = pd.DataFrame({"person": ["a", "b"], "wave": "2024-03"})
    opened = SimpleNamespace(store=SimpleNamespace(has=lambda name: True, read=lambda name: asked))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(leakage, "wave_dates", lambda opened: {"2024-03": day("2024-03-31")})
        (row,) = leakage.answers_after_notice(opened, people).to_dict("records")
    assert (row["count"], row["of"]) == (2, 2)


def test_nobody_is_counted_in_a_folder_of_a_study_without_answers(walked: Walk, tmp_path: Path) -> None:
    empty = walked.open(f"workspace={tmp_path}")
    assert population_of(empty, "2024-03") == Population(0, 0, 0, {})


def test_the_console_tells_of_no_segment_that_the_files_hide(copied: OpenStudy) -> None:
    file = copied.workspace / "released" / wave_of(copied) / "segments.json"
    content = json.loads(file.read_text())
    names = {number: told["en"] for number, told in names_in(copied.store.read("segment_names")).items()}
    line, *_ = _segments(copied)
    assert all(name in line for name in names.values())
    segment, status = (content["columns"].index(one) for one in ("segment", "status"))
    hidden = next(row for row in content["data"] if row[segment] is not None)
    hidden[status] = "hidden"
    file.write_text(json.dumps(content))
    line, *_ = _segments(copied)
    assert names[int(hidden[segment])] not in line
    assert "%" in line


@pytest.mark.parametrize("kind", ["duration", "horizon"])
def test_nobody_leaves_who_was_never_employed(kind: str) -> None:
    """A contractor whose assignment ends and a candidate who is turned down: of neither is staying watched."""
    people = pd.DataFrame(
        {"person": list("abcde"), "relation": ["employee", "contractor", "candidate", "alumnus", "contractor"]}
    )
    people = pd.concat([people, pd.DataFrame({"person": ["e"], "relation": ["employee"]})], ignore_index=True)
    stated = pd.DataFrame({"person": list("abcdef"), "tenure": 12.0, "event": "left", "flag": 1.0})
    outcome = OutcomeConfig(kind=kind, column="months", event="gone" if kind == "duration" else None, meaning="exit")
    inputs, config = SimpleNamespace(tables={"people": people}, outcome=stated), SimpleNamespace(outcome=outcome)
    assert observed_spells(inputs, config)["person"].tolist() == ["a", "d", "e", "f"]  # f is on no list of people


def intended(people: pd.DataFrame, asked: pd.DataFrame) -> dict[str, str]:
    """Of whom an intention is known, and whether they have it: in two waves, of March 2023 and of March 2024."""
    outcome = OutcomeConfig(kind="horizon", meaning="intention", source="responses", column="LEAVING")
    tables = {"people": people, "responses": asked[["person", "wave"]].assign(weight=1.0)}
    config = SimpleNamespace(outcome=outcome, wave_days=lambda names, inside: {})
    found = observed_spells(SimpleNamespace(tables=tables, outcome=asked), config).set_index("person")["cause"]
    return found.notna().map({True: "yes", False: "no"}).to_dict()


@given(st.lists(st.one_of(st.none(), st.integers(-3, 3)), min_size=1, max_size=12))
def test_who_is_there_on_the_last_day_and_who_is_after_it_differ_by_whose_last_day_it_was(
    ends: list[int | None],
) -> None:
    """A person's last day is one of employment: page one counts them on that day, and looks ahead for the others."""
    day = pd.Timestamp("2025-12-31")
    last = pd.Series([pd.NaT if end is None else day + pd.Timedelta(days=end) for end in ends], dtype="datetime64[us]")
    people = pd.DataFrame({"person": [f"p{at}" for at in range(len(ends))], "spell": 1, "relation": "employee"})
    people = people.assign(start_date=pd.Timestamp("2020-01-01"), end_date=last)
    known = people[["person", "spell"]].assign(valid_from=pd.Timestamp("2020-01-01"))
    store = SimpleNamespace(read=lambda name: people)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counts, "wave_day", lambda opened, wave: day)
        here, on = employed_on_its_day(SimpleNamespace(store=store), "2025-12")
    X, _ = _present(people, known, day)
    assert on == day.date()
    assert set(here["person"]) - set(X.index) == set(people.loc[last == day, "person"])
    assert set(X.index) <= set(here["person"])


def test_only_who_is_employed_can_intend_to_leave() -> None:
    """A candidate, a contractor, who has left and who is not on HR's list say something else with the same answer."""
    people = pd.DataFrame({"person": list("abcd"), "relation": ["employee", "candidate", "alumnus", "contractor"]})
    asked = pd.DataFrame({"person": list("abcde"), "wave": "2024-03", "flag": 1.0})
    assert intended(people.assign(start_date=pd.NaT, end_date=pd.NaT), asked) == {"a": "yes"}


def test_an_intention_is_the_last_answer_of_who_was_employed_on_the_day_it_was_asked() -> None:
    days = {"a": ("2020-01-01", None), "b": ("2024-04-01", None), "c": ("2020-01-01", "2024-03-31"),
            "d": ("2020-01-01", "2024-03-30")}  # fmt: skip
    people = pd.DataFrame(days.values(), columns=["start_date", "end_date"]).apply(pd.to_datetime)
    people = people.assign(person=list(days), relation="employee")
    earlier = pd.DataFrame({"person": list("ad"), "wave": "2023-03", "flag": [0.0, 0.0]})
    asked = pd.concat([earlier, pd.DataFrame({"person": list("abcd"), "wave": "2024-03", "flag": 1.0})])
    told = intended(people, asked.reset_index(drop=True))
    assert told == {"a": "yes", "c": "yes", "d": "no"}  # c on their last day, d as they answered while they were there
