"""What leaves for a tracker is as round as what is released: diagnostics to three decimals, numbers of people in bands.

A number of people that a release holds is printed as it stands there, by every reader.
Two runs of a study with one person more or less then look alike; fifteen digits of a metric would tell them apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isfinite, log10, nan

import numpy as np

from segment.disclosure.figures import apart, interval_columns, people_band, rounded
from segment.floors import FLOORS

DECIMALS = 3
#: Keys of a model's card under which numbers of people, spells or exits stand.
COUNTS = frozenset(
    {"people", "events", "n", "months", "rows", "exits", "observations", "at_risk", "n_people", "n_events"}
)
_NUMBER = r"(?<![\d.,])(\d{1,3}(?:,\d{3})+|\d+)"
_OF = r"(?:people|answers|exits|spells|cards|who intend|asked|moved|rows)\b"
_COUNTED = re.compile(rf"{_NUMBER}(?= {_OF})")
#: One of them is a number too.
_ONE = re.compile(r"(?<![\d.,])1 (person|answer|exit|spell|card|row)\b")
#: Between a released number and what it counts.
_TIE = "\N{NO-BREAK SPACE}"


def least_of_band(n: float) -> int:
    """The lower end of a number's band: two digits, or zero, five and ten where there are under twenty.

    >>> [least_of_band(n) for n in (3, 7, 12, 99, 2141, 61_174)]
    [0, 5, 10, 90, 2100, 61000]
    """
    if n < 20:
        return 0 if n < 5 else 5 if n < 10 else 10
    step = 10 ** max(int(log10(n)) - 1, 1)
    return int(n // step * step)


def in_band(n: int) -> str:
    """A number of people, spells or exits as a band.

    >>> in_band(3), in_band(12), in_band(42), in_band(2141)
    ('under 5', '10–19', '40–49', '2,100–2,199')
    """
    if n < 5:
        return "under 5"
    if n < 20:
        return people_band(n)
    low = least_of_band(n)
    return f"{low:,}–{low + 10 ** max(int(log10(n)) - 1, 1) - 1:,}"


def told_share(share: float, n: float) -> float:
    """The share of a group that no release holds, in whole twentieths; nothing where it is too small for a segment.

    >>> told_share(0.23, 163), told_share(0.02, 163)
    (0.25, nan)
    """
    return round(20 * share) / 20 if share * n >= FLOORS.min_segment else nan


def words_in_bands(text: str) -> str:
    """A sentence about a run with its numbers of people as bands; other numbers stay.

    >>> words_in_bands("2,141 people, 5 segments, AUC at 12 months 0.666; 180 exits among 499 spells")
    '2,100–2,199 people, 5 segments, AUC at 12 months 0.666; 180–189 exits among 490–499 spells'
    >>> words_in_bands("1 exit among 3 spells")
    'under 5 exits among under 5 spells'
    """
    several = _ONE.sub(lambda one: f"1 {'people' if one[1] == 'person' else f'{one[1]}s'}", text)
    return _COUNTED.sub(lambda found: in_band(int(found[1].replace(",", ""))), several)


def as_released(text: str) -> str:
    """A sentence that a release holds as it is: its numbers of people are not put in bands, wherever it is repeated.

    They are tied to what they count by a no-break space.

    >>> words_in_bands(as_released("Of 2,141 people 12% leave.") + " 180 exits among 499 spells") == (
    ...     "Of 2,141\N{NO-BREAK SPACE}people 12% leave. 180–189 exits among 490–499 spells")
    True
    """
    return re.sub(rf"{_NUMBER} (?={_OF})", rf"\g<1>{_TIE}", text)


def told_numbers(figures: Mapping[str, float]) -> dict[str, float]:
    """Diagnostics to three decimals as a release rounds them: ends of intervals outward, apart from their figure.

    >>> told_numbers({"leaving": 0.612, "leaving_low": 0.611925, "leaving_high": 0.6127})
    {'leaving': 0.612, 'leaving_low': 0.611, 'leaving_high': 0.613}
    >>> told_numbers({"gain_low": 0.00783, "slope": -0.0})
    {'gain_low': 0.007, 'slope': 0.0}
    """
    given = {name: np.array([figure]) for name, figure in figures.items()}
    told = {name: rounded(name, figure, DECIMALS) for name, figure in given.items()}
    for name, ends in interval_columns(list(given)).items():
        told |= {end: apart(end, given[end], given[name], DECIMALS) for end in ends}
    return {name: float(figure[0]) + 0.0 for name, figure in told.items()}


def rounded_card(card: Mapping[str, object]) -> dict[str, object]:
    """A model's card with figures to three decimals and numbers of people in bands, at every depth.

    >>> rounded_card({"people": 2141, "events": {"left": 31}, "metrics": [{"value": 0.123456, "n": 750}]})
    {'people': '2,100–2,199', 'events': {'left': '30–39'}, 'metrics': [{'value': 0.123, 'n': '750–759'}]}
    """
    return _rounded_parts(card, counted=False)


def _rounded_parts(parts: Mapping[str, object], *, counted: bool) -> dict[str, object]:
    """The parts of a card, intervals beside their figures."""
    people = {name for name in parts if counted or name in COUNTS}
    figures = {k: v for k, v in parts.items() if k not in people and isinstance(v, float) and isfinite(v)}
    told = told_numbers(figures)
    return {
        name: told[name] if name in told else _rounded(name, value, counted=name in people)
        for name, value in parts.items()
    }


def _rounded(name: str, value: object, *, counted: bool) -> object:
    if isinstance(value, Mapping):
        return _rounded_parts({str(key): one for key, one in value.items()}, counted=counted)
    if isinstance(value, list | tuple):
        return [_rounded(name, one, counted=counted) for one in value]
    if isinstance(value, bool):
        return value
    if counted and isinstance(value, int | float) and isfinite(value):
        return in_band(int(value))
    return told_numbers({name: value})[name] if isinstance(value, float) and isfinite(value) else value
