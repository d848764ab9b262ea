"""What an action did: planted effects are found, target and side, and what no one who waits tells of is not told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.personalisation import stepped_effects

WAVES = ["0", "1", "2", "3"]


def world(
    seed: int, *, effect: float = -0.1, people: int = 40, segments: int = 6
) -> tuple[pd.DataFrame, dict[object, str]]:
    """Segments that begin in a drawn order; everyone changes from wave to wave, and not everyone answers each time."""
    draw = np.random.default_rng(seed)
    order = draw.permutation(segments)[:4]
    begun: dict[object, str] = {int(segment): WAVES[1 + at // 2] for at, segment in enumerate(order)}
    common, base = np.cumsum(draw.normal(0, 0.05, len(WAVES))), draw.normal(0, 0.1, segments)
    rows = pd.DataFrame([(s, p, t) for s in range(segments) for p in range(people) for t in range(len(WAVES))],
                        columns=["segment", "p", "t"])  # fmt: skip
    own = draw.normal(0, 0.12, (segments, people))[rows["segment"], rows["p"]]
    since = rows["segment"].map({segment: int(wave) for segment, wave in begun.items()}).fillna(9)
    noise = draw.normal(0, 0.1, len(rows))
    rows["lack"] = 0.3 + base[rows["segment"]] + own + common[rows["t"]] + effect * (rows["t"] >= since) + noise
    rows["load"] = 0.5 + own + draw.normal(0, 0.1, len(rows))
    told = rows[draw.random(len(rows)) < 0.8].reset_index(drop=True)
    names = {"person": told["segment"].astype(str) + "-" + told["p"].astype(str), "wave": told["t"].astype(str)}
    return told.assign(**names), begun


def test_a_planted_effect_is_found_and_a_side_effect_that_is_none_is_not() -> None:
    rows, begun = world(1)
    told = stepped_effects(rows, begun, waves=WAVES, figures=["lack", "load"]).set_index("figure")
    assert told.loc["lack", "low"] < -0.1 < told.loc["lack", "high"] < 0
    assert told.loc["load", "low"] < 0 < told.loc["load", "high"]


def test_two_waves_are_a_difference_of_differences_by_hand() -> None:
    rows, begun = world(2)
    two = rows[rows["wave"].isin(["0", "1"])]
    wide = two.pivot_table(index="person", columns="wave", values="lack").dropna()
    began = two.drop_duplicates("person").set_index("person")["segment"].reindex(wide.index).map(begun).eq("1")
    by_hand = (wide["1"] - wide["0"])[began].mean() - (wide["1"] - wide["0"])[~began].mean()
    first = {segment: wave for segment, wave in begun.items() if wave == "1"}
    told = stepped_effects(two, first, waves=["0", "1"], figures=["lack"])
    assert told["effect"].iloc[0] == pytest.approx(by_hand)


def test_what_happens_to_everyone_alike_and_where_people_stand_changes_nothing() -> None:
    rows, begun = world(3)
    moved = rows.assign(lack=rows["lack"] + rows["t"] ** 2 + 3.0 * rows["segment"])
    same = stepped_effects(moved.sample(frac=1, random_state=1), begun, waves=WAVES, figures=["lack"])
    pd.testing.assert_frame_equal(same, stepped_effects(rows, begun, waves=WAVES, figures=["lack"]))


def test_an_effect_that_no_one_who_waits_tells_of_is_missing() -> None:
    rows, _ = world(4)
    everyone = dict.fromkeys(range(6), "1")
    assert stepped_effects(rows, everyone, waves=WAVES, figures=["lack"])["effect"].isna().all()
    few = rows[rows["p"] < 1]
    assert stepped_effects(few, {0: "1"}, waves=WAVES, figures=["lack"])["effect"].isna().all()
    assert stepped_effects(rows, {}, waves=WAVES, figures=["lack"])["effect"].isna().all()


def test_its_interval_holds_the_planted_effect_in_nineteen_of_twenty() -> None:
    held = []
    for seed in range(200):
        rows, begun = world(seed, people=25)
        told = stepped_effects(rows, begun, waves=WAVES, figures=["lack"]).iloc[0]
        held.append(told["low"] <= -0.1 <= told["high"])
    assert 0.91 <= np.mean(held) <= 0.985


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows.drop(columns="segment"), "without segment"),
        (lambda rows: pd.concat([rows, rows]), "stand twice"),
        (lambda rows: rows.assign(wave=rows["wave"] + "x"), "A wave is not known"),
    ],
)
def test_what_cannot_be_read_is_refused(change: object, said: str) -> None:
    rows, begun = world(5)
    with pytest.raises(InvalidInput, match=said):
        stepped_effects(change(rows), begun, waves=WAVES, figures=["lack"])  # type: ignore[operator]
