"""Laws of the gate for figures about groups: nothing under a floor, nothing that can be worked out."""

import copy
import dataclasses
import json
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segment.errors import RefusedRelease
from segment.privacy import ReleasedTable, ReleaseRules, release


def by_segment(people, everyone=None, **columns):
    """One row per segment, and one for everyone when asked."""
    rows = len(people) + (everyone is not None)
    frame = pd.DataFrame({"segment": [*map(float, range(len(people)))] + [np.nan] * (rows - len(people))})
    frame["people"] = [*people] + ([everyone] if everyone is not None else [])
    frame["mean"] = np.linspace(1.04, 4.96, rows)
    return frame.assign(**columns)


def let_out(frame, **kwargs):
    kwargs = {"groups": ["segment"], "count": "people", "means": ["mean"], **kwargs}
    return release("table", frame, **kwargs)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=9), st.integers(0, 12), st.booleans())
def test_no_small_group_is_shown_or_left_over(people, unlisted, with_total):
    everyone = sum(people) + unlisted if with_total else None
    table = let_out(by_segment(people, everyone))
    shown = (table.frame["status"] == "shown").to_numpy()[: len(people)]
    sizes = np.array(people)
    assert (sizes[shown] >= 5).all()
    rest = sizes[~shown].sum() + (unlisted if with_total else 0)
    assert rest == 0 or rest >= 5 or sum(people) + unlisted < 5 or not shown.any()
    small_alone = (~shown).sum() == 1 and 0 < sizes[~shown][0] < 5 and not (with_total and unlisted)
    assert not small_alone or not shown.any()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(people, shuffler):
    frame = by_segment(people, sum(people))
    order = list(range(len(frame)))
    shuffler.shuffle(order)
    straight = let_out(frame).frame
    turned = let_out(frame.iloc[order].reset_index(drop=True)).frame
    pd.testing.assert_frame_equal(straight, turned.sort_values("segment", ignore_index=True))


def test_the_next_smallest_group_is_hidden_with_a_small_one_and_marked_the_same():
    table = let_out(by_segment([40, 12, 3], 55))
    assert table.frame["n"].tolist() == ["40", "–", "–", "55"]
    assert table.frame["status"].tolist() == ["shown", "hidden", "hidden", "shown"]
    assert table.frame["mean"].isna().tolist() == [False, True, True, False]
    assert table.hidden == 2
    assert (table.certificate["hidden_primary"], table.certificate["hidden_complementary"]) == (1, 1)


def test_a_total_that_is_not_in_the_table_is_taken_as_known():
    assert let_out(by_segment([40, 12, 3])).hidden == 2


def test_people_outside_every_group_are_protected_as_well():
    assert let_out(by_segment([40, 12], 55)).frame["n"].tolist() == ["40", "–", "55"]
    assert let_out(by_segment([40, 12], 57)).hidden == 0


def test_small_numbers_are_bands_and_figures_are_rounded():
    frame = by_segment([5, 9, 10, 19, 20], share=[0.126, 0.5, 0.5, 0.5, 0.5])
    assert let_out(frame).frame["n"].tolist() == ["5–9", "5–9", "10–19", "10–19", "20"]
    assert let_out(frame).frame["mean"].tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]
    rates = let_out(frame.iloc[2:], shares=["share"], means=[])
    assert rates.frame["share"].tolist() == [0.5, 0.5, 0.5]


def test_a_table_with_shares_or_words_falls_under_the_floor_for_rates():
    frame = by_segment([40, 12, 9], share=0.5, word="w")
    assert let_out(frame).hidden == 0
    assert let_out(frame, shares=["share"]).hidden == 2
    worded = let_out(frame, texts=["word"])
    assert worded.frame["word"].tolist() == ["w", "", ""]


def test_near_unanimity_is_shown_as_a_band():
    table = let_out(by_segment([40, 50, 60], share=[0.99, 0.02, 0.5]), shares=["share"], means=[])
    assert table.frame["share"].tolist() == [0.95, 0.05, 0.5]
    assert table.frame["status"].tolist() == ["banded", "banded", "shown"]


def test_a_band_of_one_share_moves_the_interval_of_no_other():
    """What was foretold is nearly none; what was observed, and its interval, are not."""
    frame = by_segment([58], predicted=[0.02], observed=[0.11], low=[0.04], high=[0.28])
    told = let_out(frame, shares=["predicted", "observed", "low", "high"], means=[]).frame
    assert told[["predicted", "observed", "low", "high"]].to_numpy().tolist() == [[0.05, 0.11, 0.05, 0.28]]


SCALE = {"mean": ("least", "most")}


def on_scale(means, n=40, **columns):
    frame = by_segment([n] * len(means)).assign(mean=means, least=1.0, most=5.0, **columns)
    return let_out(frame, ends=SCALE, means=["mean", *(name for name in ("low", "high") if name in columns)]).frame


@pytest.mark.parametrize(("mean", "shown"), [(5.0, 4.8), (4.84, 4.8), (4.8, 4.8), (4.7, 4.7), (1.0, 1.2), (3.0, 3.0)])
def test_a_mean_near_an_end_of_its_scale_is_shown_as_a_band_like_a_share(mean, shown):
    frame = on_scale([mean, 3.0])
    assert frame["mean"].iloc[0] == shown
    assert frame["status"].tolist() == ["shown" if 1.2 < mean < 4.8 else "banded", "shown"]


@pytest.mark.parametrize("nearly", [0.0, 0.04, 0.1, 0.16])
def test_nothing_in_a_row_says_whether_everyone_or_nearly_everyone_said_five(nearly):
    """Mean, share and both intervals are the same whatever the few others said."""
    frame = by_segment([40, 40]).assign(
        mean=[5.0 - nearly, 3.0], low=[5.0 - 1.5 * nearly, 2.8], high=[5.0, 3.2], least=1.0, most=5.0,
        share=[1 - nearly / 4, 0.5], share_low=[0.91 - nearly, 0.4], share_high=[1.0, 0.6],
    )  # fmt: skip
    everyone = frame.assign(mean=[5.0, 3.0], low=[5.0, 2.8], share=[1.0, 0.5], share_low=[0.912, 0.4])
    let = {"means": ["mean", "low", "high"], "shares": ["share", "share_low", "share_high"], "ends": SCALE}
    pd.testing.assert_frame_equal(let_out(frame, **let).frame, let_out(everyone, **let).frame)


def test_an_interval_never_says_that_everybody_answered_alike():
    alike = on_scale([3.0, 3.0], low=[3.0, 2.5], high=[3.0, 3.5])
    assert alike[["low", "high"]].to_numpy().tolist() == [[2.9, 3.1], [2.5, 3.5]]


def test_figures_on_no_scale_keep_their_values():
    frame = by_segment([40, 40]).assign(
        mean=[5.0, 900.0], low=[5.0, 900.0], high=[5.0, 900.0], least=np.nan, most=np.nan
    )
    shown = let_out(frame, ends=SCALE, means=["mean", "low", "high"]).frame
    assert shown[["mean", "low", "high"]].to_numpy().tolist() == [[5.0] * 3, [900.0] * 3]


def test_many_groups_of_one_are_small_groups_and_hidden():
    table = let_out(by_segment([1] * 10 + [40, 50]))
    assert table.frame["status"].tolist() == ["hidden"] * 10 + ["shown"] * 2


def test_numbers_of_some_of_the_people_are_rounded_to_fives():
    table = let_out(by_segment([40, 50, 60], exits=[2, 3, 48]), counts=["exits"])
    assert table.frame["exits"].tolist() == [0.0, 5.0, 50.0]


def test_a_curve_needs_people_and_exits():
    months = pd.concat([by_segment([100, 90, 29, 60], exits=[10, 9, 20, 12]).assign(month=m) for m in (0.0, 12.0)])
    months.loc[months["month"] == 0, "exits"] = 0
    curves = let_out(months, lines=["month"], kind="curves", events="exits", means=[], shares=[])
    assert curves.frame["status"].tolist() == ["shown", "hidden", "hidden", "shown"] * 2
    starts = let_out(months.assign(here=1.0), lines=["month"], kind="curves", events="exits", means=[], shares=["here"])
    assert starts.frame["here"].iloc[0] == 1.0
    with pytest.raises(RefusedRelease, match="needs its number of exits"):
        let_out(months, lines=["month"], kind="curves")


def test_a_group_with_few_answers_or_barred_is_hidden_with_one_more():
    few = let_out(by_segment([100, 90, 60], asked=[0.8, 0.39, 0.5]), response="asked")
    assert few.frame["status"].tolist() == ["shown", "hidden", "hidden"]
    barred = let_out(by_segment([100, 90, 60], locked=[False, False, True]), barred="locked")
    assert barred.frame["status"].tolist() == ["shown", "hidden", "hidden"]


def test_each_line_is_protected_on_its_own():
    frame = pd.concat([by_segment([40, 12, 3], 55).assign(need="PAY"), by_segment([40, 12, 8], 60).assign(need="SEC")])
    table = let_out(frame, lines=["need"])
    hidden = table.frame["status"] == "hidden"
    assert hidden.groupby(table.frame["need"]).sum().to_dict() == {"PAY": 2, "SEC": 0}
    assert list(table.frame.columns) == ["need", "segment", "n", "mean", "status"]


def test_a_table_by_two_groupings_gets_hidden_rows_for_empty_combinations():
    frame = pd.DataFrame(
        {"segment": [0, 1, 0], "unit": ["a", "a", "b"], "people": [30, 40, 50], "mean": [1.0, 2.0, 3.0]}
    )
    table = let_out(frame, groups=["segment", "unit"])
    added = table.frame.query("segment == 1 and unit == 'b'")
    assert added["status"].tolist() == ["hidden"]
    assert added["n"].tolist() == ["–"]


@pytest.mark.parametrize("kind", ["float64", "Int64", "category", "object", "str"])
def test_groups_and_lines_keep_their_types(kind):
    frame = pd.DataFrame({"segment": [0, 1, 0], "unit": [1, 1, 2], "need": "PAY", "people": [30, 40, 50], "mean": 1.0})
    typed = frame.astype({"segment": kind, "unit": kind, "need": "category"})
    out = let_out(typed, groups=["segment", "unit"], lines=["need"]).frame
    assert (out["segment"].dtype, out["unit"].dtype) == (typed["segment"].dtype, typed["unit"].dtype)
    assert out["need"].tolist() == ["PAY"] * 4
    assert out["status"].tolist() == ["shown", "shown", "shown", "hidden"]


def test_teams_under_departments_are_protected_against_their_department():
    frame = pd.DataFrame({"team": ["a1", "a2", "a3", "b1", "b2", "a"], "people": [3, 20, 30, 40, 25, 53], "mean": 1.0})
    table = let_out(frame, groups=["team"], hierarchy={"team": {"a1": "a", "a2": "a", "a3": "a", "b1": "b", "b2": "b"}})
    assert table.frame["status"].tolist() == ["hidden", "hidden", "shown", "shown", "shown", "shown"]


def test_a_table_without_rows_and_a_table_of_everyone_pass():
    assert let_out(by_segment([])).frame.empty
    whole = release("all", pd.DataFrame({"people": [12], "mean": [2.0]}), groups=[], count="people", means=["mean"])
    assert whole.frame.to_dict("records") == [{"n": "10–19", "mean": 2.0, "status": "shown"}]


def test_a_released_table_is_made_by_release_only_and_cannot_be_changed():
    table = let_out(by_segment([40, 12, 30]))
    for maker in (None, object(), table):
        with pytest.raises(RefusedRelease, match=r"can only be made by segment\.privacy\.release"):
            ReleasedTable("x", ("segment",), (), content=table.frame, proof={}, maker=maker)
    with pytest.raises(ValueError, match="InitVar"):
        dataclasses.replace(table, name="y")
    with pytest.raises(dataclasses.FrozenInstanceError):
        table.name = "y"
    handed = table.frame
    handed["mean"] = 0.0
    table.certificate["rules"]["min_group"] = 1
    assert (table.frame["mean"] > 0).all()
    assert table.certificate["rules"]["min_group"] == 5
    pd.testing.assert_frame_equal(copy.deepcopy(table).frame, table.frame)
    pd.testing.assert_frame_equal(pickle.loads(pickle.dumps(table)).frame, table.frame)


def test_release_changes_no_input_and_lets_only_named_columns_out():
    frame = by_segment([40, 12, 3], 55, secret="x")
    before = frame.copy()
    assert "secret" not in let_out(frame).frame
    pd.testing.assert_frame_equal(frame, before)


def test_the_certificate_can_be_written_as_json_and_names_the_rules():
    certificate = let_out(by_segment([40, 12, 3], 55)).certificate
    assert json.loads(json.dumps(certificate)) == certificate
    assert certificate["audit"]["passed"] is True
    assert certificate["audit"]["narrowest_interval"] == 10.0, "at least; it was 15"
    assert certificate["rules"]["min_group"] == 5
    assert certificate["cells"] == 4


def test_raised_floors_hide_more():
    frame = by_segment([40, 12, 6, 30])
    assert let_out(frame).hidden == 0
    assert let_out(frame, rules=ReleaseRules(min_group=7)).hidden == 2


def test_diagnostics_over_everyone_keep_three_decimals_and_no_groups():
    frame = pd.DataFrame({"model": ["a", "b"], "people": [800, 4], "auc": [0.79149, 0.7]})
    table = release("evaluation", frame, groups=[], lines=["model"], count="people", overall=["auc"])
    assert table.frame["auc"].tolist()[0] == 0.791
    assert table.frame["status"].tolist() == ["shown", "hidden"]


REFUSALS = [
    (by_segment([90, 90], auc=0.7), {"overall": ["auc"]}, "everyone at once cannot be released by group"),
    (by_segment([9, 9]).assign(person="a"), {}, "one row per person(.|\n)*column person"),
    (by_segment([9, 9]).rename_axis(index="person"), {}, "one row per person(.|\n)*column person"),
    (by_segment([9, 9]).assign(e_mail="x"), {"texts": ["e_mail"]}, "one row per person(.|\n)*column e_mail"),
    (by_segment([9, 9]).assign(code="0a" * 16), {"lines": ["code"]}, "one row per person(.|\n)*column code"),
    (by_segment([9, 9], a="x", b="y"), {"groups": ["segment", "a", "b"]}, "at most two group columns"),
    (by_segment([9, 9]), {"means": ["pay"]}, "no column pay"),
    (by_segment([9, 9], n=1.0), {"means": ["n"]}, "n is a column of the result"),
    (by_segment([9, 9.5]), {}, "1 counts that are missing, negative or not whole"),
    (by_segment([9, -9]), {}, "1 counts that are missing, negative or not whole"),
    (by_segment([9, np.nan]), {}, "1 counts that are missing, negative or not whole"),
    (by_segment([90, 90], share=[0.2, 1.2]), {"shares": ["share"]}, "1 shares outside 0 to 1"),
    (pd.concat([by_segment([9, 9])] * 2), {}, "2 rows that repeat a group and line"),
    (by_segment([30, 30], 50), {}, "total that is smaller than the sum of its groups"),
    (
        by_segment([30, 30]),
        {"hierarchy": {"segment": {0.0: 1.0, 1.0: 0.0}}},
        "goes round in a circle",
    ),
]


@pytest.mark.parametrize(("frame", "kwargs", "message"), REFUSALS)
def test_what_cannot_be_released_is_refused_in_plain_words(frame, kwargs, message):
    with pytest.raises(RefusedRelease, match=message):
        let_out(frame, **kwargs)


@pytest.mark.parametrize("n", [*range(10, 45), 100])
def test_a_band_never_says_that_all_or_none_gave_an_answer(n):
    """Whatever a row shows of how many said yes, somebody in it may have said otherwise: two numbers look the same."""
    yes = pd.DataFrame({"group": range(n + 1), "n": n, "share": np.arange(n + 1) / n})
    said = pd.DataFrame(
        {"group": range(4 * n + 1), "n": n, "mean": 1 + np.arange(4 * n + 1) / n, "least": 1.0, "most": 5.0}
    )
    shares = release("t", yes, groups=["group"], count="n", shares=["share"]).frame
    means = release("t", said, groups=["group"], count="n", means=["mean"], ends={"mean": ("least", "most")}).frame
    for rows, figure in ((shares, "share"), (means, "mean")):
        for end in (0, len(rows) - 1):
            alike = (rows[figure] == rows[figure][end]) & (rows["status"] == rows["status"][end])
            assert rows["status"][end] == "banded" and alike.sum() > 1


def test_the_mean_of_five_of_whom_all_said_the_highest_looks_like_that_of_four_of_them():
    said = pd.DataFrame({"group": [0, 1], "n": 5, "mean": [5.0, 4.8], "least": 1.0, "most": 5.0})
    rows = release("t", said, groups=["group"], count="n", means=["mean"], ends={"mean": ("least", "most")}).frame
    assert rows[["mean", "status"]].drop_duplicates().to_numpy().tolist() == [[4.8, "banded"]]
