"""The journey map."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.experience import journey_table
from segment.tables import spec_of
from segment.tables.codebook import Codebook

FIGURES = ["value", "low", "high", "weight", "weight_low", "weight_high", "pain"]


@pytest.fixture(scope="module")
def journey(responses: pd.DataFrame, assignments: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    return journey_table(responses, assignments, codebook)


def test_one_row_per_wave_segment_and_moment(journey: pd.DataFrame, codebook: Codebook) -> None:
    spec_of("journey").check(journey)
    moments = [item.code for item in codebook.of_kind("moment")]
    assert len(journey) == 2 * 4 * len(moments)
    assert journey["moment"].iloc[: len(moments)].tolist() == moments


def test_the_shares_of_what_weighed_most_add_to_one(journey: pd.DataFrame) -> None:
    totals = journey.groupby(["wave", "segment"], dropna=False)["weight"].sum()
    np.testing.assert_allclose(totals, 1.0)
    shares = journey[["weight", "weight_low", "weight_high", "pain"]]
    assert ((shares >= 0) & (shares <= 1)).all(axis=None)


def test_everyone_is_the_weighted_combination_of_the_segments(
    journey: pd.DataFrame, responses: pd.DataFrame, assignments: pd.DataFrame
) -> None:
    both = responses.merge(assignments, on=["person", "wave"])
    for (wave, moment), rows in journey.groupby(["wave", "moment"]):
        lived = both[(both["wave"] == wave) & both[moment].notna()]
        weights = lived.groupby("segment")["weight"].sum()
        segments = rows.dropna(subset="segment").set_index("segment")
        everyone = rows[rows["segment"].isna()].iloc[0]
        assert everyone["n"] == segments["n"].sum() == len(lived)
        assert everyone["value"] == pytest.approx((segments["value"] * weights).sum() / weights.sum())


def test_doubling_every_weight_changes_nothing(
    journey: pd.DataFrame, responses: pd.DataFrame, assignments: pd.DataFrame, codebook: Codebook
) -> None:
    doubled = journey_table(responses.assign(weight=2 * responses["weight"]), assignments, codebook)
    np.testing.assert_allclose(doubled[FIGURES], journey[FIGURES])
    assert (doubled["painful"] == journey["painful"]).all()


def test_by_hand(codebook: Codebook) -> None:
    # the change hurt (mean 1.5) and three of four picked it; the start went well; applying was below the middle too
    responses = pd.DataFrame(
        {"person": list("abcd"), "wave": "2024", "weight": 1.0,
         "J_apply": [2, np.nan, np.nan, 2], "J_start": [5, 4, np.nan, np.nan], "J_change": [1, 2, 1, 2],
         "J_weight": ["J_change", "J_change", "J_change", "J_apply"]}
    )  # fmt: skip
    table = journey_table(responses, None, codebook, painful=1).set_index("moment")
    assert table["n"].to_dict() == {"J_apply": 2, "J_start": 2, "J_change": 4}
    assert table["value"].to_dict() == {"J_apply": 2.0, "J_start": 4.5, "J_change": 1.5}
    assert table["weight"].to_dict() == {"J_apply": 0.25, "J_start": 0.0, "J_change": 0.75}
    assert table["pain"].to_dict() == {"J_apply": 0.5 * 0.25, "J_start": 0.0, "J_change": 0.75 * 0.75}
    assert table.index[table["painful"]].tolist() == ["J_change"]
    two = journey_table(responses, None, codebook, painful=5)
    assert two["painful"].sum() == 2


def test_a_pick_may_be_the_moments_place(codebook: Codebook) -> None:
    base = pd.DataFrame({"person": ["a", "b"], "wave": "1", "J_apply": [3.0, 3.0], "J_start": [3.0, 3.0]})
    by_code = journey_table(base.assign(J_weight=["J_start", "J_apply"]), None, codebook)
    for places in (["2", "1"], [2, 1], [2.0, 1.0]):
        pd.testing.assert_frame_equal(journey_table(base.assign(J_weight=places), None, codebook), by_code)


def test_without_a_pick_the_pain_is_how_bad_it_was(codebook: Codebook) -> None:
    responses = pd.DataFrame({"person": ["a", "b"], "wave": "1", "J_talk": [1, 1], "J_thanks": [np.nan, np.nan]})
    table = journey_table(responses, None, codebook).set_index("moment")
    assert table.loc["J_talk", ["pain", "n_weight"]].tolist() == [1.0, 0]
    assert np.isnan(table.loc["J_talk", "weight"])
    assert table["n"].tolist() == [2, 0]
    assert table["painful"].tolist() == [True, False]


def test_nothing_asked_gives_no_rows(codebook: Codebook) -> None:
    table = journey_table(pd.DataFrame({"person": ["a"], "wave": ["1"]}), None, codebook)
    assert len(table) == 0
    spec_of("journey").check(table)
    assert "painful" in table.columns


def test_refuses_people_twice(codebook: Codebook) -> None:
    with pytest.raises(InvalidInput, match="stand twice in a wave"):
        journey_table(pd.DataFrame({"person": ["a", "a"], "wave": ["1", "1"]}), None, codebook)
