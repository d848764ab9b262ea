"""Figures of staying as they leave: by their floors, with their people in the ledger, and finer than nothing."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from segment.disclosure.linked_tables import release_linked
from segment.privacy import ReleaseRules, release
from segment.retention import first_year_risk
from segment.retention.released import (
    effects_in_percent,
    gains_in_percent,
    segment_effects_in_percent,
    sensitivity_in_percent,
    settings_in_words,
)
from segment.stages.publish import wave_of
from segment.stages.release.aggregation import shaped
from segment.stages.release.group_members import people_behind
from segment.stages.release.plans import requests_of, rules_of
from segment.stages.retention.explanation import hires_by_source
from segment.tables.registry import plan_of

if TYPE_CHECKING:
    from conftest import Walk

NEW = ("segment_effects", "first_year", "what_if", "competition")


@pytest.fixture(scope="module")
def released(walked: Walk):
    opened = walked.open()
    requests = requests_of(opened, wave_of(opened))
    return {r.name: r for r in requests}, release_linked(requests, rules=rules_of(opened))


def test_every_table_of_staying_has_a_plan_and_leaves(walked: Walk, released) -> None:
    store = walked.open().store
    made = [name for name in NEW if store.has(name)]
    assert {"segment_effects", "first_year", "competition"} <= set(made)
    assert set(made) <= set(released[1])


@pytest.mark.parametrize(("n", "events", "status"), [(29, 50, "hidden"), (300, 9, "hidden"), (300, 10, "shown")])
def test_effects_of_a_segment_need_thirty_people_and_ten_exits(released, n: int, events: int, status: str) -> None:
    request = released[0]["segment_effects"]
    table = replace(request, frame=request.frame.assign(n=n, events=events)).release(rules=ReleaseRules())
    assert set(table.frame["status"]) == {status}


def test_a_source_of_hire_needs_them_too(released) -> None:
    request, table = released[0]["first_year"], released[1]["first_year"].frame
    sizes = request.frame.set_index(["source", "month"])[["n", "events"]]
    shown = table[(table["status"] != "hidden") & table["source"].notna()]
    for row in shown.itertuples():
        n, events = sizes.loc[(row.source, row.month)]
        assert n >= 30 and events >= 10


def test_the_ledger_knows_who_stands_behind_them(walked: Walk, released) -> None:
    opened = walked.open()
    for name in ("segment_effects", "first_year", "value_sensitivity", "lifetime_value"):
        people = people_behind(opened, plan_of(name).people, None)
        assert people is not None and set(plan_of(name).groups) <= set(people)
    hires = people_behind(opened, "hires", None)
    counted = released[0]["first_year"].frame.drop_duplicates("source").set_index("source")["n"]
    for source, n in counted[counted.index.notna()].items():
        assert hires.loc[hires["source"] == source, "person"].nunique() == n
    assert hires["person"].nunique() == counted[counted.index.isna()].item()
    present = people_behind(opened, "explained", None)
    by_segment = released[0]["segment_effects"].frame.drop_duplicates("segment").set_index("segment")["n"]
    for segment, n in by_segment.items():
        assert (present["segment"] == segment).sum() == n


def test_people_of_a_duration_are_not_known_by_name(walked: Walk) -> None:
    opened = walked.open("outcome.kind=duration", "outcome.column=months", "outcome.event=gone")
    assert people_behind(opened, "explained", None) is None


def test_log_odds_become_percent_which_the_release_makes_whole_and_nothing_is_nothing() -> None:
    rows = pd.DataFrame(
        {"segment": [0.0, 0.0], "feature": ["pay", "hours"], "n": 40, "events": 12, "effect": [-0.2, 0.001]}
    )
    told = segment_effects_in_percent(rows.assign(low=-0.3, high=0.0))
    assert told["feature"].tolist() == ["pay"]
    assert told[["change", "low", "high"]].to_numpy().tolist() == [pytest.approx([-18.127, -25.918, 0.0], abs=1e-3)]
    assert plan_of("segment_effects").digits == dict.fromkeys(("change", "low", "high"), 0)
    everyone = effects_in_percent(pd.DataFrame({"feature": ["a"], "effect": [0.0], "low": [-np.inf], "high": [np.inf]}))
    assert everyone[["change", "change_low", "change_high"]].to_numpy().tolist() == [[0.0, -100.0, np.inf]]


def test_what_may_be_nothing_never_heads_a_list_of_associations() -> None:
    rows = pd.DataFrame(
        {
            "feature": ["unsure", "small", "large", "unknown"], "effect": [1.04, 0.1, -0.41, 2.0],
            "low": [-0.2, 0.05, -0.7, np.nan], "high": [2.3, 0.2, -0.1, np.nan],
        }
    )  # fmt: skip
    told = effects_in_percent(rows).sort_values("place")
    assert told["feature"].tolist() == ["large", "small", "unknown", "unsure"]
    assert "effect" not in plan_of("effects").overall, "one association leaves in one form"


def test_shares_settings_and_gains_are_told_in_percent() -> None:
    assert sensitivity_in_percent(pd.DataFrame({"leaving": [0.11684]}))["leaving"].item() == pytest.approx(11.684)
    assert plan_of("what_if").digits == {"leaving": 1}
    words = settings_in_words(pd.DataFrame({"low_setting": [0.8], "high_setting": [1.2]}))
    assert (
        words[["low_setting", "high_setting"]].to_numpy().tolist() == [["80%", "120%"]]
        and words["segment"].isna().all()
    )
    rows = pd.DataFrame(
        {"cause": "any", "learner": ["floor", "linear"], "log_loss": [0.5, 0.4], "chosen": [False, True]}
    )
    rows = rows.assign(gain=[0.0, 0.1], gain_error=[0.0, 0.01], behind=[0.1, 0.0], behind_error=[0.01, 0.0])
    linear = gains_in_percent(rows).iloc[1]
    assert linear["gain"] == pytest.approx(20) and linear["gain_low"] == pytest.approx(20 - 1.96 * 2)
    assert linear["chosen"] == "yes" and linear["behind"] == 0
    assert gains_in_percent(rows.assign(log_loss=np.nan)).empty


def test_the_value_of_leaving_lies_inside_and_fewer_people_are_less_sure(walked: Walk) -> None:
    table = walked.open().store.read("leaving")
    assert ((table["low"] < table["value"]) & (table["value"] < table["high"])).all()
    widths = (table["high"] - table["low"]) / table["value"]
    named = table["segment"].notna()
    assert widths[named].min() > widths[~named].item()
    assert widths[named].nunique() == named.sum()


def test_the_band_of_who_will_have_left_holds_what_is_expected_and_segments_do_not_contradict_everyone(
    walked: Walk,
) -> None:
    table = walked.open().store.read("leaving")
    assert ((table["left_low"] <= table["value"]) & (table["value"] <= table["left_high"])).all()
    named = table["segment"].notna()
    everyone = table[~named].iloc[0]
    within = (table.loc[named, ["left_low", "left_high"]].mul(table.loc[named, "n"], axis=0)).sum()
    assert (
        everyone["left_high"] - everyone["left_low"]
        < (table.loc[named, "left_high"] - table.loc[named, "left_low"]).min()
    )
    if table.loc[named, "n"].sum() == everyone["n"]:
        assert within["left_low"] <= everyone["left_low"] * everyone["n"]
        assert everyone["left_high"] * everyone["n"] <= within["left_high"]


def test_who_was_hired_again_from_elsewhere_counts_in_one_source() -> None:
    """Otherwise the sources hold more people than everyone, and nothing of the study is released."""
    hires = [*((f"p{n}", 1, "site" if n < 40 else "campus") for n in range(80)), ("p0", 2, "campus"), ("p1", 2, "site")]
    people = pd.DataFrame(hires, columns=["person", "spell", "hiring_source"])
    spells = people.drop(columns="hiring_source").assign(entry=0.0, exit=[6.0, 20.0] * 41, event=[1, 0] * 41)
    settings = SimpleNamespace(first_year_by="hiring_source")
    store = SimpleNamespace(has=lambda _: True, read=lambda _: people)
    opened = SimpleNamespace(config=SimpleNamespace(retention=settings), store=store)
    source = hires_by_source(opened, spells)["source"]  # type: ignore[arg-type]
    table = first_year_risk(spells, source, causes=("left",), months=[12])
    assert table.set_index("source")["n"].to_dict() == {"everyone": 80, "campus": 40, "site": 40}
    frame = table.assign(source=table["source"].where(table["source"] != "everyone"))
    shares = ["gone", "low", "high"]
    shown = release("first_year", frame, groups=["source"], count="n", shares=shares, kind="curves", events="events")
    assert set(shown.frame["status"]) == {"shown"}


def test_who_left_of_a_group_is_not_what_remains_of_two_lines() -> None:
    """Observed less false alarms is who left: no line of a group's outcome is told of another number of people."""
    found = []
    for left, stayed in ((7, 73), (15, 90), (4, 50), (11, 60)):
        group = f"{left} of {left + stayed}"
        sizes = {"observed": left + stayed, "fpr": stayed, "fnr": left, "oe": left + stayed, "predicted": left + stayed}
        found += [("age", group, name, n, 0.2, 0.1, 0.3, "") for name, n in sizes.items()]
    sizes = {"observed": 310, "fpr": 273, "fnr": 37, "oe": 310, "predicted": 310}
    found += [("age", "(everyone)", name, n, 0.2, 0.1, 0.3, "") for name, n in sizes.items()]
    columns = ["attribute", "group", "metric", "n", "value", "low", "high", "note"]
    plan, frame = plan_of("group_results"), shaped({"group_results": pd.DataFrame(found, columns=columns)}, None)
    table = release(
        "group_results", frame["group_results"], count="n", groups=list(plan.groups), lines=list(plan.lines),
        means=list(plan.means), shares=list(plan.shares), kind=plan.kind, events=plan.events, rules=ReleaseRules(),
    ).frame  # fmt: skip
    shown = table[table["status"] != "hidden"]
    told = shown.groupby(shown["group"].fillna("all"))["n"].nunique()
    assert (told == 1).all()
    about = shown["metric"].isin(["observed", "fpr", "fnr", "oe"])
    assert set(shown.loc[about, "group"].dropna()) <= {"15 of 105", "11 of 71"}
    patterns = shown[about].groupby("metric")["group"].agg(lambda names: tuple(sorted(names.fillna("all"))))
    assert len(set(patterns)) == 1
    assert {"7 of 80", "4 of 54"} <= set(shown.loc[shown["metric"] == "predicted", "group"])
