"""Change between two waves: of the same questions only, with an interval that holds, and surely none of chance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from segment.experience import change_table
from segment.tables import spec_of
from segment.tables.codebook import Codebook, Item
from segment.vocabulary import ItemKind

WAVES = ("2023", "2024")


def item(code: str, kind: ItemKind, need: str = "", low: float = 1, high: float = 5, r: str = "") -> Item:
    return Item(code, kind, need, f"{low:g}-{high:g}", low, high, False, r, "", False, {"en": code})


ASKED = (
    item("I1", ItemKind.IMPORTANCE, "PAY"), item("E1", ItemKind.EXPERIENCE, "PAY"),
    item("P1", ItemKind.PROMISED, "PAY"), item("K1", ItemKind.KEPT, "PAY"),
    item("R1", ItemKind.RELATIONSHIP), item("N", ItemKind.ENPS, low=0, high=10),
    item("F", ItemKind.REFERRAL, low=0, high=1),
)  # fmt: skip
BOOK = Codebook(ASKED, {})


def answers(then: int, now: int, both: int, *, seed: int, shift: float = 0.0) -> pd.DataFrame:
    """Answers of two waves; ``both`` people are in either, and answer the second time much as the first."""
    draw = np.random.default_rng(seed)
    people = {"2023": np.arange(then), "2024": np.arange(then - both, then - both + now)}
    own = draw.normal(0, 0.8, (then + now, len(ASKED)))
    frames = []
    for wave, who in people.items():
        told = 3 + own[who] + draw.normal(0, 0.6, (len(who), len(ASKED))) + (shift if wave == "2024" else 0)
        rows = pd.DataFrame(np.clip(np.rint(told), 1, 5), columns=[one.code for one in ASKED])
        rows["N"], rows["F"] = 2 * rows["N"], (rows["F"] > 3).astype(float)
        frames.append(rows.assign(person=[f"p{one}" for one in who], wave=wave, weight=draw.uniform(0.5, 2, len(who))))
    return pd.concat(frames, ignore_index=True)


def scores(responses: pd.DataFrame) -> pd.DataFrame:
    lacking = (responses["I1"] - responses["E1"]).clip(lower=0) / 4
    rows = {"importance_PAY": responses["I1"], "experience_PAY": responses["E1"], "shortfall_PAY": lacking}
    return responses[["person", "wave"]].assign(**rows)


def changed(responses: pd.DataFrame, **more: object) -> pd.DataFrame:
    return change_table(responses, None, BOOK, scores(responses), waves=WAVES, **more)  # type: ignore[arg-type]


def of(table: pd.DataFrame, about: str, segment: float | None = None) -> pd.Series:
    group = table["segment"].isna() if segment is None else table["segment"] == segment
    return table[(table["about"] == about) & group].iloc[0]


def test_a_change_is_the_figure_now_less_the_figure_then() -> None:
    responses = answers(300, 280, 200, seed=1, shift=0.5)
    table = changed(responses)
    spec_of("changes").check(table)
    means = [np.average(rows["R1"], weights=rows["weight"]) for _, rows in responses.groupby("wave")]
    told = of(table, "relationship")
    assert [told["before"], told["now"]] == pytest.approx(means)
    assert told["change"] == pytest.approx(means[1] - means[0]) and (told["n_before"], told["n"]) == (300, 280)
    assert told["change_low"] < told["change"] < told["change_high"] and told["since"] == "2023"
    lacking = table[table["topic"] == "shortfall"].iloc[0]  # shares change in points of a hundred
    assert lacking["change"] == pytest.approx(100 * (lacking["now"] - lacking["before"]))
    assert set(table["topic"]) == {"shortfall", "importance", "promise", "seven"}


def test_the_same_answers_again_are_no_change_and_surely_none() -> None:
    first = answers(200, 200, 200, seed=2).query("wave == '2023'")
    table = changed(pd.concat([first, first.assign(wave="2024")], ignore_index=True))
    assert np.allclose(table["change"], 0) and (table["direction"] == "unsure").all()
    assert (
        table["change_high"] - table["change_low"] > 0.02
    ).all()  # not so narrow as to say that nobody answered otherwise


def test_weights_twice_as_large_change_nothing_and_people_may_come_in_any_order() -> None:
    responses = answers(150, 150, 100, seed=3)
    same = changed(responses.assign(weight=2 * responses["weight"]).sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(changed(responses), same)


def test_only_the_same_questions_are_compared() -> None:
    responses = answers(150, 150, 100, seed=4)
    responses.loc[responses["wave"] == "2023", "R1"] = np.nan
    table = changed(responses)
    assert "relationship" not in set(table["about"]) and "enps" in set(table["about"])
    responses.loc[responses["wave"] == "2023", [one.code for one in ASKED]] = np.nan
    assert changed(responses).empty


def test_it_is_compared_with_the_last_wave_that_asked_the_same() -> None:
    responses = answers(150, 150, 100, seed=5)
    between = responses.query("wave == '2024'").assign(wave="2023-06", **dict.fromkeys([o.code for o in ASKED], np.nan))
    both = pd.concat([responses, between], ignore_index=True)
    table = change_table(both, None, BOOK, scores(both), waves=("2023", "2023-06", "2024"))
    assert set(zip(table["wave"], table["since"], strict=True)) == {("2024", "2023")}


def test_segments_are_compared_only_where_that_is_allowed() -> None:
    responses = answers(300, 300, 200, seed=6, shift=0.6)
    placed = responses[["person", "wave"]].assign(segment=np.arange(len(responses)) % 2)
    told = change_table(responses, placed, BOOK, scores(responses), waves=WAVES, by_segment={"2024": "2023"})
    assert set(told["segment"].dropna()) == {0.0, 1.0}
    own = responses[placed["segment"] == 1]
    means = [np.average(rows["R1"], weights=rows["weight"]) for _, rows in own.groupby("wave")]
    assert of(told, "relationship", 1)["change"] == pytest.approx(means[1] - means[0])
    without = change_table(responses, placed, BOOK, scores(responses), waves=WAVES)
    assert without["segment"].isna().all()


def test_what_nearly_everyone_says_is_left_out() -> None:
    responses = answers(200, 200, 100, seed=7)
    responses.loc[responses["wave"] == "2024", "R1"] = 5.0
    assert "relationship" not in set(changed(responses)["about"])


def test_a_change_of_everyone_is_surely_one_and_chance_is_not() -> None:
    assert (changed(answers(400, 400, 300, seed=8, shift=0.6))["direction"].isin(["more", "less"])).sum() >= 3
    wrong = sum((changed(answers(200, 200, 120, seed=seed))["direction"] != "unsure").any() for seed in range(60))
    assert wrong <= 8  # one in twenty, over all figures together: more than 8 of 60 would be seen once in 200 times


def _covered(seeds: Sequence[int], both: int) -> float:
    held = []
    for seed in seeds:
        table = changed(answers(160, 140, both, seed=seed))
        rows = table[table["about"].isin(["relationship", "enps", "PAY"])]
        held += [(rows["change_low"] <= 0) & (rows["change_high"] >= 0)]
    return float(pd.concat(held).mean())


@pytest.mark.parametrize("both", [0, 60, 140])
def test_its_interval_holds_nothing_in_nineteen_of_twenty_where_nothing_changed(both: int) -> None:
    assert 0.925 <= _covered(range(120), both) <= 0.975
