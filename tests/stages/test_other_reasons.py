"""Whoever left has left, for whatever reason: nobody is counted as still there whose reason the study does not name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from segment.config import OutcomeConfig
from segment.retention import spells_from_dates
from segment.stages.causes import causes_in, causes_of_dates, with_causes
from segment.stages.counts import STAFF
from segment.stages.retention.data_sufficiency import count_exits, gaps

if TYPE_CHECKING:
    from conftest import Walk

WINDOW = {"start": "2020-01-01", "end": "2024-12-31"}


def gone(**reasons: int) -> pd.DataFrame:
    """People who left for these reasons, and thirty who did not."""
    told = [reason for reason, n in reasons.items() for _ in range(n)]
    days = pd.to_datetime("2020-02-01") + pd.to_timedelta(np.linspace(0, 1700, len(told)).astype(int), unit="D")
    left = pd.DataFrame({"start_date": pd.Timestamp("2015-01-01"), "end_date": days, "end_reason": told})
    here = pd.DataFrame({"start_date": [pd.Timestamp("2015-01-01")] * 30, "end_date": pd.NaT, "end_reason": None})
    return pd.concat([left, here.astype({"end_date": left["end_date"].dtype})], ignore_index=True)


def outcome(*causes: str) -> OutcomeConfig:
    return OutcomeConfig(kind="spells", window=WINDOW, **({"causes": causes} if causes else {}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("people", "asked", "causes", "counted"),
    [
        (gone(voluntary=30, other=12), (), ("voluntary", "other"), 42),
        (gone(voluntary=30, involuntary=12), ("voluntary",), ("voluntary", "other"), 42),
        (gone(voluntary=30, other=6, left=6), (), ("voluntary", "other"), 42),
        (gone(voluntary=30, other=12, left=12), (), ("voluntary", "other", "left"), 54),
        (gone(voluntary=30, involuntary=12), ("retirement",), ("left",), 42),
        (gone(voluntary=30, other=4), (), ("voluntary",), 30),
    ],
)
def test_every_exit_counts(people: pd.DataFrame, asked: tuple[str, ...], causes: tuple[str, ...], counted: int) -> None:
    found = causes_of_dates(outcome(*asked), people)
    assert tuple(map(str, found)) == causes
    dates = {"window_start": WINDOW["start"], "window_end": WINDOW["end"], "causes": found}
    assert int((spells_from_dates(with_causes(people, found), **dates)["event"] > 0).sum()) == counted  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("people", "asked", "told"),
    [
        (gone(voluntary=30, involuntary=12, other=3), ("retirement",), ["retirement", "involuntary, voluntary"]),
        (gone(left=30), ("voluntary",), ["voluntary", "no reason is of ten people or more"]),
        (gone(voluntary=30), ("voluntary", "retirement"), []),
        (gone(left=30), (), []),
        (gone(), ("voluntary",), []),
    ],
)
def test_causes_none_of_which_occurs_are_said_with_those_that_do(
    walked: Walk, people: pd.DataFrame, asked: tuple[str, ...], told: list[str]
) -> None:
    config = walked.open(f"outcome.window={{start: {WINDOW['start']}, end: {WINDOW['end']}}}").config
    config = config.model_copy(update={"outcome": outcome(*asked)})
    found = gaps(count_exits(people, config), config).query("code == 'RT014'")
    assert len(found) == (1 if told else 0)
    assert [word for word in told if word not in " ".join(found["explanation"])] == []
    assert "'other'" not in " ".join(found["explanation"]) and "causes: [other" not in " ".join(found["advice"])
    assert ("causes: [involuntary, voluntary]" in " ".join(found["advice"])) == ("retirement" in told)


@pytest.mark.parametrize(("few", "codes"), [(4, ["RT011"]), (12, [])])
def test_too_few_to_be_a_cause_is_said(walked: Walk, few: int, codes: list[str]) -> None:
    config = walked.open(f"outcome.window={{start: {WINDOW['start']}, end: {WINDOW['end']}}}").config
    seen = count_exits(gone(voluntary=60, involuntary=20, other=few), config)
    assert [code for code in gaps(seen, config)["code"] if code == "RT011"] == codes


def test_who_is_still_there_is_who_did_not_leave_by_hand(walked: Walk) -> None:
    """The product limit over every exit in HR's file, whatever its reason."""
    opened = walked.open()
    spells, curves = opened.store.read("spells"), opened.store.read("curves")
    people = opened.store.read("people")
    people = people[people["relation"].isin(STAFF) & people["start_date"].notna()]
    window = opened.config.outcome.watched
    left = people[people["end_date"].between(pd.Timestamp(window.start), pd.Timestamp(window.end))]
    assert set(left["end_reason"]) == {"voluntary", "involuntary", "other"}
    assert spells["cause"].notna().sum() == len(left)
    assert tuple(map(str, causes_in(opened))) == ("voluntary", "involuntary", "other")
    everyone = curves[curves["segment"].isna()].set_index("month")["survival"]
    for month in (12, 24, 48):
        there = 1.0
        for moment in sorted(set(spells.loc[spells["cause"].notna() & (spells["exit"] <= month), "exit"])):
            at_risk = ((spells["entry"] < moment) & (spells["exit"] >= moment)).sum()
            there *= 1 - ((spells["exit"] == moment) & spells["cause"].notna()).sum() / at_risk
        assert everyone[month] == pytest.approx(there, abs=1e-9)
