"""Waves as moments in time: what a name tells, and an order that is known or not, never guessed."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from segment.tables.waves import Wave, latest_wave, waves_in_order


@pytest.mark.parametrize(
    "ordered",
    [
        ["wave 9", "wave 10"],
        ["meting 2", "meting 11"],
        ["Golf 1", "golf 2", "golf 10"],
        ["T0", "T1", "T12"],
        ["1", "2", "10"],
        ["Q4 2023", "Q1 2024"],
        ["2023-Q4", "2024Q1", "2024 Q2"],
        ["4e kwartaal 2023", "1e kwartaal 2024"],
        ["december 2023", "februari 2024", "mei 2024"],
        ["Oct 2023", "March 2024", "Aug 2024"],
        ["najaar 2022", "voorjaar 2023", "MTO najaar 2023"],
        ["2022", "2023", "2024"],
        ["2023-09", "2023-10", "2024-01"],
        ["09-2023", "10-2023", "01-2024"],
        ["2023-03-31", "1 april 2023", "25-04-2023"],
        ["2023 wave 1", "2023 wave 2", "2024 wave 1"],
        ["2023", "Q1 2024", "mei 2024"],
    ],
)
def test_the_order_is_that_of_time_and_not_of_the_alphabet(ordered: list[str]) -> None:
    mixed = ordered.copy()
    random.Random(1).shuffle(mixed)
    found = waves_in_order(mixed)
    assert found is not None
    assert [wave.name for wave in found] == ordered
    assert latest_wave(mixed) == ordered[-1]


@pytest.mark.parametrize(
    "names",
    [
        ["before", "after"],
        ["wave 1", "meting 2"],
        ["wave 1", "2024"],
        ["2024", "Q1 2024"],
        ["03-04-2024", "04-03-2024"],
        ["2024 east", "2024 west"],
        ["wave 1a", "wave 1b"],
    ],
)
def test_an_order_that_nobody_knows_is_not_guessed(names: list[str]) -> None:
    assert waves_in_order(names) is None
    days = {name: dt.date(2024, 1, 1 + number) for number, name in enumerate(names)}
    known = waves_in_order(names, days)
    assert known is not None
    assert [wave.name for wave in known] == names


def test_one_wave_needs_no_order_and_a_given_day_counts_more_than_the_name() -> None:
    assert waves_in_order(["whatever"]) == (Wave("whatever", series="whatever"),)
    days = {"2023": dt.date(2024, 6, 1)}
    assert [wave.name for wave in waves_in_order(["2023", "2024-03"], days) or ()] == ["2024-03", "2023"]


def test_a_wave_has_a_first_and_a_last_day() -> None:
    wave = Wave.of("Q1 2024")
    assert (wave.first, wave.last) == (dt.date(2024, 1, 1), dt.date(2024, 3, 31))
