"""A comparison tells figures as the report does: ends outward, attributes in words, and no order where none differs."""

from __future__ import annotations

import itertools

import pytest
from sample_comparison import compared

from segment.exports.comparison import Facts, comparison_lines, sections
from segment.stages.comparison.facts import groups_of
from segment.stages.comparison.sides import Side
from segment.tracking.seen import SeenRun

LANGUAGES = pytest.mark.parametrize("language", ["nl", "en"])


def cells(facts: Facts, section: str, language: str) -> list[tuple[str, ...]]:
    (grid,) = [block for one in sections(facts, language) if one.anchor == section for block in one.blocks]
    return list(grid.rows)  # type: ignore[union-attr]


@LANGUAGES
def test_ends_of_intervals_are_rounded_outward(language: str) -> None:
    """The report had a slope of -2.30 (-7.30 to 2.71) and the page for the reviewer (-7.29 to 2.70)."""
    facts = compared([])
    facts["figures"] = [{"name": "slope", "told": [None, {"value": -2.2961, "low": -7.2941, "high": 2.7019}]}]
    facts["gains"] = [{**one, "value": [0.0026, -0.00071, 0.00511]} for one in facts["gains"]]
    to = {"nl": "tot", "en": "to"}[language]
    slope, gains = cells(facts, "figures", language)[0][2], [row[2] for row in cells(facts, "gains", language)]
    assert slope.replace(",", ".").replace("\u2212", "-") == f"-2.30 (-7.30 {to} 2.71)"
    assert {one.replace(",", ".").replace("\u2212", "-") for one in gains} == {f"0.3% (-0.1 {to} 0.6)"}


@LANGUAGES
def test_protected_attributes_are_told_in_words_and_groups_that_do_not_differ_in_no_order(language: str) -> None:
    facts = compared([])
    same, apart = ({"apart": by, "most": "50-59", "least": "20-29"} for by in (0.0, 0.2))
    facts["fairness"] = [{"attribute": "age", "measure": "predicted", "told": [same, apart]}]
    ((attribute, _, first, second),) = cells(facts, "fairness", language)
    assert attribute == {"nl": "leeftijd", "en": "age"}[language]
    assert "50-59" not in first and "50-59" in second


@LANGUAGES
def test_attributes_and_their_values_are_called_what_the_study_calls_them(language: str) -> None:
    """The page for the reviewer said 'race' and 'other above white' where Dutch reports have words of the study."""
    facts, apart = compared([]), {"apart": 0.2, "most": "other", "least": "white"}
    facts["attributes"] = {"race": {"nl": "etnische groep", "en": "race"}}
    facts["groups"] = {"other": {"nl": "anders", "en": "other"}, "white": {"nl": "wit", "en": "white"}}
    facts["fairness"] = [{"attribute": "race", "measure": "predicted", "told": [None, apart]}]
    ((attribute, _, _, told),) = cells(facts, "fairness", language)
    assert (attribute, told[6:-1]) == {
        "nl": ("etnische groep", "anders boven wit"), "en": ("race", "other above white")
    }[language]  # fmt: skip


@LANGUAGES
def test_groups_that_are_made_are_called_no_segments(language: str) -> None:
    facts, names = compared(["made"]), {"0": {"nl": "Eigen vleugels", "en": "Own wings"}}
    over = [{**one, "model": "segmentation", "value": [0.1, 0.05, 0.2]} for one in facts["gains"]]
    one = {"segment": 0, "hidden": "hidden", "names": names["0"]}
    facts |= {
        "gains": [*facts["gains"], *over],
        "moves": {"names": [names, names], "cells": [["0", "0", "90–99"]]},
        "profiles": [{"told": [one, {**one, "names": {}}]}],
        "short_form": [{"questions": 5, "told": [{"value": 0.9, "low": None, "high": None}, None]}],
        "sides": [
            {**side, "versions": {"segmentation": 1}, "runs": {"segmentation": ("5e" * 16, "")}}
            for side in facts["sides"]
        ],
    }
    for code, sure in itertools.product(("against", "alone"), (1, 0, -1)):
        moved = {"moved": "10–19", "people": "100–109", "share": 0.1}
        facts["verdict"] |= {"code": code, "segmentation": sure, **moved}
        told = " ".join(comparison_lines(facts, language)).lower().replace("segment rerun", "")  # a command
        assert {"nl": "groepen", "en": "groups"}[language] in told and "segment" not in told


def test_a_comparison_is_of_made_groups_where_a_run_says_so() -> None:
    sides = [Side(one, runs={"segmentation": SeenRun(one, one, groups=one)}) for one in ("made", "reproducible")]
    assert groups_of((sides[0], sides[1])) == ["made"]
    assert groups_of((sides[1], sides[1])) == []
