"""Figures of staying from HR's data, weighted in segments by the survey: reckoned again by hand, person by person."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from segment.proportions import wilson_interval
from segment.stages import OpenStudy
from segment.stages.publish import wave_of
from segment.stages.retention import explanation, survival

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from truths.readers import read_released

EVERYONE = -1.0


@pytest.fixture(scope="module")
def seen(walked) -> dict[str, Any]:
    """What the figures of segments are made of, as the stage reckoned it: chances and parts of log odds."""
    found: dict[str, Any] = {"opened": walked.open()}

    def listen(patch: pytest.MonkeyPatch, room: Any, name: str, keep: Any) -> None:
        real = getattr(room, name)

        def heard(*given: Any, **named: Any) -> Any:
            came = real(*given, **named)
            found.setdefault(name, keep(came, given, named))
            return came

        patch.setattr(room, name, heard)

    with pytest.MonkeyPatch.context() as patch:
        listen(patch, survival, "shares_by_segment", lambda _, given, named: (given[1], named["levels"]))
        listen(patch, explanation, "explain_people", lambda came, given, __: came.set_axis(given[1].index))
        found["tables"] = survival.retain_time(found["opened"]).tables
    return found


@pytest.fixture(scope="module")
def people(seen: dict[str, Any]) -> pd.DataFrame:
    """Of everyone still employed: the last segment, and for how many they stand where they answered last."""
    store = seen["opened"].store
    answers = store.read("responses")
    # What a weight is relative to is its own wave; of the two waves of this study the names sort by time.
    answers = answers.assign(weight=answers["weight"] / answers.groupby("wave")["weight"].transform("mean"))
    last = answers.sort_values("wave").drop_duplicates("person", keep="last").set_index("person")["weight"]
    segment = store.read("assignments").sort_values("wave").drop_duplicates("person", keep="last")
    index = seen["shares_by_segment"][0].index
    own = segment.set_index("person")["segment"].reindex(index).astype(float)
    found = pd.DataFrame({"segment": own, "weight": last.reindex(index).fillna(1.0)})
    assert found["weight"].std() > 0.02 and found["segment"].nunique() > 2
    return found


def groups(people: pd.DataFrame) -> dict[float, tuple[np.ndarray, np.ndarray]]:
    """Segment (-1: everyone) -> who is in it, and for how many they count: everyone once, segments as they answered."""
    found = {EVERYONE: (np.ones(len(people), dtype=bool), np.ones(len(people)))}
    for segment in np.unique(people["segment"].dropna()):
        inside = (people["segment"] == segment).to_numpy()
        found[float(segment)] = (inside, people["weight"].to_numpy()[inside])
    return found


def keyed(table: pd.DataFrame) -> pd.DataFrame:
    return table.set_index(pd.to_numeric(table["segment"], errors="coerce").fillna(EVERYONE))


def released(opened: OpenStudy, name: str) -> pd.DataFrame:
    """The rows that left, as whoever takes the release reads them; hidden ones are left out."""
    table = read_released(opened.workspace / "released" / wave_of(opened))[name]
    return table[table["status"] != "hidden"]


def test_chances_of_segments_are_weighted_means_at_the_level_of_later_time(seen, people) -> None:
    chances, levels = seen["shares_by_segment"]
    told, left = keyed(seen["tables"]["leaving"]), keyed(released(seen["opened"], "leaving"))
    assert set(told.index) == {EVERYONE, *(k for k in levels if k is not None)} and len(told) > 2
    for segment, (inside, counts) in groups(people).items():
        if segment not in told.index:
            continue
        level, own = levels[None if segment == EVERYONE else segment], chances.to_numpy()[inside]
        by_hand = [
            float(np.sum(counts * (1 - (1 - own) ** np.exp(level.log_ratio + away))) / counts.sum())
            for away in (level.drawn, -1.959964 * level.error, 1.959964 * level.error)
        ]
        assert told.loc[segment, ["value", "low", "high"]].tolist() == pytest.approx(by_hand, abs=1e-6)
        if segment in left.index:
            value, low, high = left.loc[segment, ["value", "low", "high"]]
            assert value == pytest.approx(by_hand[0], abs=0.0051)
            assert 0 <= by_hand[1] - low < 0.01 and 0 <= high - by_hand[2] < 0.01  # ends are rounded outward
    plain = {k: float(np.mean(levels[k].chances(chances[people["segment"] == k].to_numpy())))
             for k in told.index if k != EVERYONE}  # fmt: skip
    assert any(abs(told.loc[k, "value"] - value) > 1e-6 for k, value in plain.items())  # weights do matter here


def test_effects_of_segments_are_weighted_means_against_everyone_with_a_segment(seen, people) -> None:
    parts = seen["explain_people"].drop(columns=["tenure", "base"], errors="ignore")
    known = people["segment"].notna().to_numpy()
    weight = people["weight"].to_numpy()
    middle = weight[known] @ parts[known].to_numpy() / weight[known].sum()
    told = seen["tables"]["segment_effects"]
    left = released(seen["opened"], "segment_effects").assign(
        segment=lambda frame: pd.to_numeric(frame["segment"])
    ).set_index(["segment", "feature"])  # fmt: skip
    assert len(set(told["segment"])) > 1
    for row in told.itertuples():
        inside = (people["segment"] == row.segment).to_numpy()
        own = parts.columns.get_loc(row.feature)
        mean = weight[inside] @ parts.to_numpy()[inside, own] / weight[inside].sum() - middle[own]
        assert row.n == inside.sum()
        assert row.effect == pytest.approx(mean, abs=1e-9) and row.low <= mean <= row.high
        if (row.segment, row.feature) in left.index:
            percentage = 100 * (np.exp(mean) - 1)
            assert left.loc[(row.segment, row.feature), "change"] == pytest.approx(percentage, abs=0.51)


def test_exits_of_segments_are_weighted_shares_of_who_was_there_a_year_before(seen) -> None:
    store = seen["opened"].store
    answers = store.read("responses")
    answers = answers.assign(weight=answers["weight"] / answers.groupby("wave")["weight"].transform("mean"))
    weight = answers.sort_values("wave").drop_duplicates("person", keep="last").set_index("person")["weight"]
    segment = store.read("assignments").sort_values("wave").drop_duplicates("person", keep="last")
    spells = store.read("spells")
    first = spells["start_date"].dt.year * 12 + spells["start_date"].dt.month + spells["start_date"].dt.day / 30.44
    ended = first + spells["exit"]
    there = (first + spells["entry"] <= ended.max() - 12 + 1e-9) & (ended > ended.max() - 12 + 1e-9)
    rows = spells[there].assign(
        segment=spells["person"].map(segment.set_index("person")["segment"]),
        weight=spells["person"].map(weight).fillna(1.0),
        left=(spells["cause"] == "voluntary").fillna(False).astype(float),
    )
    told = store.read("scorecard").query("measure == 'voluntary_exits' and n > 0")
    told = told[told["wave"] == sorted(told["wave"])[-1]]
    assert told["segment"].notna().sum() > 1
    for row in told.itertuples():
        own = rows if pd.isna(row.segment) else rows[rows["segment"] == row.segment]
        counts = np.ones(len(own)) if pd.isna(row.segment) else own["weight"].to_numpy()
        share, worth_of = float(counts @ own["left"] / counts.sum()), float(counts.sum() ** 2 / (counts @ counts))
        low, high = wilson_interval(np.array([share]), np.array([worth_of]))
        assert row.n == len(own)
        assert [row.value, row.low, row.high] == pytest.approx([share, low[0], high[0]], abs=1e-9)
