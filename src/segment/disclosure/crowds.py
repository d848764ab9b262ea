"""What a model may keep of people's values: what at least ten of them carry.

The highest salary, the longest tenure or a level that one person holds would say something of that person to whoever
reads the model's file. So a range ends at the mean of ten people near either end, a knot is the mean of the ten
people around it, and a value that fewer than ten people carry goes with its neighbours. Values beyond the ends are
pulled in (winsorised; Dixon 1960, Annals of Mathematical Statistics 31, 385-391), for learning and for predicting.

People are counted, not rows: somebody with twenty rows is one person.

What is kept is round as well. A mean to fifteen digits is a sum, and the sums of two models that differ by one person
give that person's value; so numbers are rounded before anything is learned from them, and predictions agree with what
is stored.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

#: At least so many people carry what a model keeps.
FEWEST_CARRYING = 10
#: So many people at either end have no say in where it lies: one far value would else make the mean its own.
_SET_ASIDE = 5


def people_carrying(codes: np.ndarray, person: np.ndarray, size: int) -> np.ndarray:
    """How many different people carry each code ``0 .. size - 1``; negative codes are nobody's.

    >>> people_carrying(np.array([0, 0, 1, -1]), np.array([7, 7, 8, 9]), 3).tolist()
    [1, 1, 0]
    """
    own = codes >= 0
    pairs = np.unique(np.column_stack([codes[own], person[own]]), axis=0)
    return np.bincount(pairs[:, 0].astype(np.int64), minlength=size)


def ends_of(values: np.ndarray, person: np.ndarray) -> tuple[float, float] | None:
    """Between what a model may see of these values: at either end the mean of the sixth to the fifteenth person.

    Where ten people or more carry the tenth lowest (highest) value, that value itself is the end: it tells how many lie
    below it as little. None where fewer than ten people have a value.

    >>> ends_of(np.r_[np.arange(1.0, 30.0), 987654.3], np.arange(30))
    (10.5, 20.5)
    >>> ends_of(np.repeat([1.0, 2.0, 3.0], [3, 20, 20]), np.arange(43))
    (2.0, 3.0)
    """
    known = ~np.isnan(values)
    own = np.unique(person[known], return_inverse=True)[1]
    if not known.any() or own.max() + 1 < FEWEST_CARRYING:
        return None
    low = _end(values[known], own)
    high = -_end(-values[known], own)
    return min(low, high), max(low, high)


def _end(values: np.ndarray, person: np.ndarray) -> float:
    """The lower end."""
    lowest = np.full(int(person.max()) + 1, np.inf)
    np.minimum.at(lowest, person, values)
    lowest.sort()
    tenth = lowest[FEWEST_CARRYING - 1]
    if len(np.unique(person[values == tenth])) >= FEWEST_CARRYING:
        return float(tenth)
    first = min(_SET_ASIDE, len(lowest) - FEWEST_CARRYING)
    return float(lowest[first : first + FEWEST_CARRYING].mean())


def two_digits(value: float) -> float:
    """A spread as it may be kept: to two significant digits.

    >>> [two_digits(value) for value in (498.7312, 0.012345, 0.0)]
    [500.0, 0.012, 0.0]
    """
    return float(f"{value:.1e}")


def round_middle(value: float, scale: float) -> float:
    """A middle as it may be kept: to the first digit of the scale around it.

    >>> round_middle(3012.4431, 498.7), round_middle(2.9871, 1.41)
    (3000.0, 3.0)
    """
    return float(round(value, -int(np.floor(np.log10(scale))))) if scale > 0 else float(value)


def tenths(values: np.ndarray | Sequence[float]) -> np.ndarray:
    """Marks in standard deviations as they may be kept: to one decimal.

    >>> tenths([-1.2345, 0.04]).tolist()
    [-1.2, 0.0]
    """
    return np.round(np.asarray(values, dtype=float), 1) + 0.0


def step_of(people: float) -> float:
    """To which multiple an effect learned from so many people is kept: about half of what its own error must be.

    >>> [step_of(people) for people in (10, 40, 150, 1_000, 20_000)]
    [0.1, 0.05, 0.02, 0.01, 0.01]
    """
    half = 0.5 / max(people, 1.0) ** 0.5
    return max((step for step in (0.01, 0.02, 0.05, 0.1) if step <= half), default=0.01)


def to_step(values: np.ndarray | float, step: float) -> np.ndarray:
    """Rounded to multiples of a step.

    >>> to_step(np.array([0.1234, -2.0481]), 0.05).round(2).tolist()
    [0.1, -2.05]
    """
    return np.round(np.round(np.asarray(values, dtype=float) / step) * step, 4) + 0.0


def reached_by_ten(values: np.ndarray, person: np.ndarray) -> float:
    """The highest whole number that at least ten people reached; 0 where there are fewer people.

    >>> reached_by_ten(np.r_[np.full(12, 24.6), 613.0], np.arange(13))
    24.0
    """
    own = np.unique(person, return_inverse=True)[1]
    most = np.full(int(own.max(initial=-1)) + 1, -np.inf)
    np.maximum.at(most, own, values)
    if len(most) < FEWEST_CARRYING:
        return 0.0
    return float(max(np.floor(np.sort(most)[-FEWEST_CARRYING]), 0.0))


def marks_of(values: np.ndarray, person: np.ndarray, shares: Sequence[float]) -> np.ndarray:
    """Quantiles of the values, each the mean over the ten people around it or more; ascending.

    >>> marks_of(np.arange(101.0), np.arange(101), [0.0, 0.5, 1.0]).tolist()
    [4.5, 49.5, 95.5]
    """
    order = np.argsort(values, kind="stable")
    ranked, own = values[order], person[order]
    return np.array([_around(ranked, own, share) for share in shares])


def _around(ranked: np.ndarray, person: np.ndarray, share: float) -> float:
    half = FEWEST_CARRYING // 2
    place = round(share * (len(ranked) - 1))
    while True:
        begin = min(max(place - half, 0), max(len(ranked) - 2 * half, 0))
        part = slice(begin, begin + 2 * half)
        if len(np.unique(person[part])) >= FEWEST_CARRYING or 2 * half >= len(ranked):
            return float(ranked[part].mean())
        half *= 2


def cuts_between(values: np.ndarray, person: np.ndarray | None, *, most: int) -> np.ndarray:
    """Where to cut the values into at most ``most`` groups of ten people or more, shape (groups - 1,), ascending.

    ``person``: whose each value is; None: every value is another person's.

    A cut lies midway between the means of its two groups, to one decimal, so that it is nobody's own value; a cut that
    would leave fewer than ten people on its side of the one before is left out.

    >>> cuts_between(np.repeat([1.0, 2.0, 3.0], [20, 4, 20]), np.arange(44), most=8).tolist()
    [1.9]
    """
    rounded = np.unique(tenths(_cuts(values, person, most)))
    kept: list[float] = []
    for cut in rounded:
        if _people_between(values, person, kept[-1] if kept else -np.inf, cut) >= FEWEST_CARRYING:
            kept.append(float(cut))
    while kept and _people_between(values, person, kept[-1], np.inf) < FEWEST_CARRYING:
        kept.pop()
    return np.array(kept)


def _people_between(values: np.ndarray, person: np.ndarray | None, low: float, high: float) -> int:
    between = (values > low) & (values <= high)
    return int(between.sum()) if person is None else len(np.unique(person[between]))


def _cuts(values: np.ndarray, person: np.ndarray | None, most: int) -> np.ndarray:
    """Cuts as exact as the groups' means are."""
    order = np.argsort(values, kind="stable")
    ranked, own = values[order], None if person is None else np.unique(person, return_inverse=True)[1][order]
    people = len(values) if own is None else int(own.max(initial=-1)) + 1
    wanted = max(FEWEST_CARRYING, int(np.ceil(people / most)))
    least = int(np.ceil(len(ranked) / most))
    means: list[float] = []
    begin = 0
    while begin < len(ranked):
        end = _group_end(ranked, own, begin, wanted, least)
        if end < 0:
            break
        means.append(float(ranked[begin:end].mean()))
        begin = end
    result: np.ndarray = (np.array(means[:-1]) + np.array(means[1:])) / 2
    return result


def _group_end(ranked: np.ndarray, person: np.ndarray | None, begin: int, wanted: int, least: int) -> int:
    """Where the group that begins here ends, equal values together; -1 where too few people are left for one."""
    end = begin + max(wanted, least)
    while True:
        end = int(np.searchsorted(ranked, ranked[min(end, len(ranked)) - 1], side="right"))
        people = end - begin if person is None else len(np.unique(person[begin:end]))
        if people >= wanted:
            return end
        if end == len(ranked):
            return end if people >= FEWEST_CARRYING else -1
        end += wanted - people
