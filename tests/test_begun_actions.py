"""What actions that were begun did, in one table: planted effects, side effects, and why some cannot be told."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from segment.personalisation import action_effects, people_of_begun
from segment.personalisation.begun_actions import learned_share

DAYS = {"1": dt.date(2023, 3, 31), "2": dt.date(2024, 3, 31)}
NEEDS = {"PAY_talk": "PAY", "GRO_week": "GRO", "SEC_map": "SEC", "ZZZ_none": "ZZZ"}


def outcomes(effect: float = -0.15, side: float = -0.5, *, people: int = 120, seed: int = 1) -> pd.DataFrame:
    """Four segments in two waves; in segment 0 pay falls short less, and engagement gets worse."""
    draw = np.random.default_rng(seed)
    rows = pd.DataFrame([(s, p, w) for s in range(4) for p in range(people) for w in "12"], columns=["s", "p", "wave"])
    after = (rows["wave"] == "2") & (rows["s"] == 0)
    noise = draw.normal(0, 0.1, (4, len(rows)))
    return pd.DataFrame(
        {
            "person": rows["s"].astype(str) + "-" + rows["p"].astype(str), "wave": rows["wave"],
            "segment": rows["s"].astype(float), "weight": 1.0,
            "shortfall_PAY": 0.5 + effect * after + noise[0], "shortfall_GRO": 0.3 + noise[1],
            "shortfall_SEC": 0.2 + noise[2], "engagement": 3.5 + side * after + noise[3],
        }
    )  # fmt: skip


def begun(*rows: tuple[str, float, str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["action", "segment", "day"])
    return table.assign(day=pd.to_datetime(table["day"]), known=table["segment"].isin([0, 1, 2, 3]))


def told(*rows: tuple[str, float, str], **world: int) -> pd.DataFrame:
    return action_effects(begun(*rows), outcomes(**world), NEEDS, days=DAYS, least=30).set_index(["action", "about"])


def test_a_gain_on_the_target_and_a_loss_beside_it_are_both_told() -> None:
    table = told(("PAY_talk", 0, "2023-09-01"), ("GRO_week", 2, "2023-09-01"))
    pay, engaged = table.loc[("PAY_talk", "PAY")], table.loc[("PAY_talk", "engagement")]
    assert (pay["role"], pay["result"], pay["n"], pay["waiting"]) == ("target", "better", 120, 360)
    assert pay["effect_low"] < -0.15 < pay["effect_high"] and pay["before"] == pytest.approx(0.5, abs=0.03)
    assert (engaged["role"], engaged["result"]) == ("side", "worse")
    assert table.loc[("PAY_talk", "other_needs"), "result"] == "unsure"
    assert table.loc[("GRO_week", "GRO"), "result"] == "unsure"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (("ZZZ_none", 0, "2023-09-01"), "absent"), (("QQQ_else", 0, "2023-09-01"), "unknown"),
        (("PAY_talk", np.nan, "2023-09-01"), "everyone"), (("PAY_talk", -1, "2023-09-01"), "gone"),
        (("PAY_talk", 0, "2024-05-01"), "later"), (("PAY_talk", 0, "2023-01-01"), "before"),
    ],
)  # fmt: skip
def test_why_an_effect_cannot_be_told_stands_in_its_row(row: tuple[str, float, str], why: str) -> None:
    (only,) = told(row).reset_index().to_dict("records")
    assert (only["reason"], only["result"], only["n"]) == (why, "", 0) and only["effect"] != only["effect"]


def test_too_few_people_on_either_side_have_no_effect() -> None:
    for people, effects in ((29, False), (30, True)):
        table = told(("PAY_talk", 0, "2023-09-01"), people=people)
        assert (table["n"] > 0).all() == table["effect"].notna().all() == (table["result"] != "").all() == effects


def released(*rows: tuple[str, float, str], **columns: object) -> pd.DataFrame:
    table = action_effects(begun(*rows), outcomes().assign(**columns), NEEDS, days=DAYS, least=30)
    return table.set_index(["action", "about"])


@pytest.mark.parametrize("wave", ["1", "2"])
@pytest.mark.parametrize("segment", [0.0, 1.0])
def test_where_a_side_says_nearly_the_same_nothing_is_told(wave: str, segment: float) -> None:
    """A mean of 5 says what everybody answered, and so does a change to 3.2, beside the mean since."""
    rows, before = outcomes(), ("PAY_talk", 0.0, "2023-09-01")
    alike = (rows["wave"] == wave) & ((rows["segment"] == 0.0) == (segment == 0.0))
    table = released(before, engagement=rows["engagement"].mask(alike, 5.0))
    assert table["effect"].isna().tolist() == [about == "engagement" for _, about in table.index]
    assert table.loc[("PAY_talk", "engagement"), ["n", "result"]].tolist() == [0, ""]


def test_an_interval_has_width_where_all_changed_alike() -> None:
    rows = outcomes()
    table = released(("PAY_talk", 0.0, "2023-09-01"), engagement=3.0 + (rows["segment"] == 0.0) * (rows["wave"] == "2"))
    row = table.loc[("PAY_talk", "engagement")]
    assert row["effect"] == pytest.approx(1.0) and row["effect_high"] - row["effect_low"] > 0.05


def test_who_stands_behind_an_effect_is_who_was_seen_before_and_since_and_who_waited_twice() -> None:
    rows = outcomes()
    gone = rows["person"].isin(["0-0", "0-1", "1-0"]) & (rows["wave"] == "2")
    people = people_of_begun(begun(("PAY_talk", 0.0, "2023-09-01")), rows[~gone], NEEDS, days=DAYS)
    assert set(people["begun"]) == {"1 (2)"}
    effect = action_effects(begun(("PAY_talk", 0.0, "2023-09-01")), rows[~gone], NEEDS, days=DAYS, least=30).iloc[0]
    for side, n, absent in (("began", effect["n"], {"0-0", "0-1"}), ("waiting", effect["waiting"], {"1-0"})):
        for wave in DAYS:
            own = set(people.loc[(people["side"] == side) & (people["wave"] == wave), "person"])
            assert len(own) == n and not own & absent
    assert effect["n"] == 118 and effect["waiting"] == 359


def test_actions_that_began_at_once_are_counted_beside_each_other() -> None:
    table = told(("PAY_talk", 0, "2023-09-01"), ("GRO_week", 0, "2023-06-01"), ("SEC_map", 1, "2023-06-01"))
    assert table["alongside"].groupby("action").first().to_dict() == {"PAY_talk": 1, "GRO_week": 1, "SEC_map": 0}


def test_chance_alone_is_seldom_called_an_effect() -> None:
    wrong = 0
    for seed in range(60):
        rows = outcomes(0.0, 0.0, seed=seed)
        given = begun(("PAY_talk", 0, "2023-09-01"), ("GRO_week", 1, "2023-09-01"))
        wrong += action_effects(given, rows, NEEDS, days=DAYS, least=30)["result"].isin(["better", "worse"]).any()
    assert wrong <= 8


def test_what_was_measured_counts_as_much_as_it_is_sure() -> None:
    assumed = (0.0, 0.05, 0.15)
    sure = learned_share(assumed, 0.5, -0.2, -0.201, -0.199)
    assert sure == pytest.approx((0.4, 0.4, 0.4), abs=0.01)
    assert learned_share(assumed, 0.5, 0.2, 0.199, 0.201) == pytest.approx((0.0, 0.0, 0.0), abs=0.01)
    unsure = learned_share(assumed, 0.5, -0.2, -5.0, 5.0)
    assert unsure[1] == pytest.approx(sum(assumed) / 3, abs=0.01)
