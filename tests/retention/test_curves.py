"""Observed curves: laws, the textbook, and segments that are too small."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.retention import check_spells, estimate_curve, first_year_risk, segment_curves
from segment.retention.shown import months_to_print

#: Freireich et al. (Blood 1963), months in remission under 6-MP; 0 = censored.
REMISSION = [
    (6, 1),
    (6, 1),
    (6, 1),
    (6, 0),
    (7, 1),
    (9, 0),
    (10, 1),
    (10, 0),
    (11, 0),
    (13, 1),
    (16, 1),
    (17, 0),
    (19, 0),
    (20, 0),
    (22, 1),
    (23, 1),
    (25, 0),
    (32, 0),
    (32, 0),
    (34, 0),
    (35, 0),
]


def test_the_textbook() -> None:
    """Survival and Greenwood errors as printed in Collett, Modelling Survival Data, and many others."""
    seen = check_spells(pd.DataFrame(REMISSION, columns=["exit", "event"]), causes=("relapse",))
    curve = estimate_curve(seen)
    np.testing.assert_allclose(
        curve.survival_at([6, 7, 10, 13, 16, 22, 23]), [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448], atol=5e-4
    )
    errors = curve.survival * np.sqrt(curve.variance)
    np.testing.assert_allclose(errors, [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346], atol=5e-5)
    assert curve.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]


def test_laws(world) -> None:
    curve = estimate_curve(check_spells(world.spells), start=1.0)
    assert (np.diff(curve.survival) <= 0).all() and (np.diff(curve.incidence) >= 0).all()
    np.testing.assert_allclose(curve.survival + curve.incidence.sum(axis=0), 1, atol=1e-9)
    low, high = curve.band_at(np.arange(1, 60))
    middle = curve.survival_at(np.arange(1, 60))
    assert ((low <= middle) & (middle <= high)).all()


def test_whole_weights_are_repeated_people() -> None:
    table = pd.DataFrame(REMISSION, columns=["exit", "event"])
    double = estimate_curve(check_spells(pd.concat([table, table]), causes=("relapse",)))
    weighted = estimate_curve(check_spells(table.assign(weight=2.0), causes=("relapse",)))
    np.testing.assert_allclose(double.survival, weighted.survival)


def test_left_truncation_is_honoured(world) -> None:
    honest = estimate_curve(check_spells(world.spells), start=1.0).survival_at([24])
    naive = estimate_curve(check_spells(world.spells.drop(columns="entry"))).survival_at([24])
    truth = world.survival[:, 23].mean()
    assert abs(honest - truth) < 0.1 < abs(naive - truth)


def test_split_rows_change_nothing() -> None:
    table = pd.DataFrame(REMISSION, columns=["exit", "event"]).assign(entry=0.0, person=range(21))
    first = table.assign(exit=3.0, event=0)
    second = table.assign(entry=3.0)
    both = estimate_curve(check_spells(pd.concat([first, second]), causes=("relapse",)))
    whole = estimate_curve(check_spells(table, causes=("relapse",)))
    np.testing.assert_allclose(both.survival, whole.survival)


def test_a_segment_below_the_minimum_never_stands_beside_somebody_elses_figures(world) -> None:
    labels = pd.Series(0, index=world.spells.index, dtype=object)
    labels.iloc[:20], labels.iloc[20:40] = 1, None
    table = segment_curves(world.spells, labels)
    assert not (table["segment"] == 1).any()
    everyone = table[table["segment"].isna()]
    assert (everyone["n"] == len(world.spells)).all()
    assert table["at_risk"].min() >= 10
    total = table[["survival", "incidence_voluntary", "incidence_involuntary"]].sum(axis=1)
    np.testing.assert_allclose(total, 1, atol=1e-9)


def test_no_two_groups_carry_the_same_row(world) -> None:
    """Groups of different people, some of them under the floor of leavers: no line of figures is printed twice."""
    labels = np.repeat([0, 1, 2, 3], [len(world.spells) - 105, 35, 35, 35])
    event = world.spells["event"].where(labels < 2, 0)
    table = segment_curves(world.spells.assign(event=event), labels)
    lines = table.groupby("segment")[["survival", "low", "high"]].agg(tuple)
    assert len(lines) and not lines.duplicated().any()
    assert not {2, 3} & set(table["segment"].dropna())


def test_where_nobody_left_yet_the_band_has_width() -> None:
    spells = pd.DataFrame({"entry": 0.0, "exit": [30.0] * 30 + [40.0] * 30, "event": [1] * 30 + [0] * 30})
    curve = estimate_curve(check_spells(spells, causes=("left",)))
    low, high = curve.band_at([0, 12, 29])
    assert (high == 1).all() and (low < 0.97).all()
    none = estimate_curve(check_spells(spells.assign(event=0), causes=("left",)))
    assert none.band_at([24])[0][0] == pytest.approx(60 / (60 + 1.96**2), abs=1e-3)


def test_no_figure_rests_on_fewer_than_ten_at_risk() -> None:
    """People hired before the watching began, and one hired in it who left at once."""
    rng = np.random.default_rng(3)
    entry = np.r_[rng.uniform(20, 90, 180), 0.0]
    leaves = np.r_[rng.exponential(120, 180), 0.4]
    spells = pd.DataFrame({"entry": entry, "exit": entry + np.minimum(leaves, 60), "event": (leaves < 60).astype(int)})
    table = segment_curves(spells, [np.nan] * 181, causes=("left",))
    assert table["at_risk"].min() >= 10 and table["month"].min() >= 20
    assert table["survival"].iloc[0] == 1 and table["survival"].iloc[-1] > 0.1
    assert first_year_risk(spells, ["site"] * 181, causes=("left",))["gone"].isna().all()
    watched = check_spells(spells, causes=("left",))
    curve = estimate_curve(watched, start=float(table["month"].iloc[0]))
    inside = curve.times <= table["month"].iloc[-1]
    assert curve.at_risk[inside].min() >= 10


def test_first_months_that_too_few_reached_have_no_figure() -> None:
    exits = np.r_[np.full(20, 1.0), np.full(12, 2.0), np.full(5, 11.0)]
    spells = pd.DataFrame({"entry": 0.0, "exit": exits, "event": [1] * 20 + [0] * 12 + [1] * 5})
    table = first_year_risk(spells, ["a"] * 37, causes=("left",), months=[1, 3, 12])
    assert table.loc[table["source"] == "a", "gone"].notna().tolist() == [True, False, False]


def test_a_curve_begins_where_people_were_watched(world) -> None:
    late = world.spells[world.spells["entry"] > 24]
    table = segment_curves(late, np.zeros(len(late)))
    assert table["month"].min() >= 24
    assert table["note"].str.startswith("from_month_").all()


def test_a_curve_has_no_doubt_where_it_begins_and_a_list_leaves_that_month_out(world) -> None:
    """That everyone is still there in the first month is no finding, at month 0 or later."""
    for spells in (world.spells, world.spells[world.spells["entry"] > 24]):
        table = segment_curves(spells, np.zeros(len(spells)))
        begins = table["month"] == table["month"].min()
        assert (table.loc[begins, "survival"] == 1).all() and begins.sum() == 2
        assert table[["low", "high"]].isna().all(axis=1).equals(begins)
        printed = months_to_print(table)["month"]
        assert len(printed) > 4 and set(printed) <= set(table.loc[~begins, "month"])


def test_first_year_by_source(world) -> None:
    source = pd.Series(np.where(world.X["unmet"] > 0, "agency", "own"), index=world.spells.index)
    table = first_year_risk(world.spells, source)
    by_source = table[table["month"] == 12].set_index("source")["gone"]
    assert by_source["agency"] > by_source["own"]
    assert (table["low"] <= table["gone"]).all() and (table["gone"] <= table["high"]).all()
    few = first_year_risk(world.spells, ["one"] * 5 + ["rest"] * (len(world.spells) - 5))
    assert few.loc[few["source"] == "one", "note"].eq("too_few").all()


def test_refusal(world) -> None:
    with pytest.raises(InvalidInput, match="Every spell needs a segment"):
        segment_curves(world.spells, [0, 1])
