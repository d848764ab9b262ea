"""Linear programs over figures as they are shown: what can be one whole number only is recovered.

A mean of 3.4 among 17 people is a total of 57 or 58. Who is in which group is taken as known; asked is what the total
of every atom, the number of people in every hidden group and the exits in between can be. Shares no code with the
library.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy import optimize, sparse

from releases.eight import ITEMS, Row, Seen
from releases.exact import HAIR, LEAST, Atoms

#: Random directions that are tried for all atoms at once; further ones while they leave fewer than this share open.
_DIRECTIONS, _FEWER = 4, 0.7
#: How far from the mean a change of one in a hundred may be on a scale of four points.
_CHANGE = 4 * 0.0005


def _step(n: int) -> float:
    """In which steps a share of so many people is told."""
    return 0.1 if n < 20 else 0.01


def bounds_of(
    value: float, n: int, *, ends: tuple[float, float], step: float, banded: bool, inward: bool = True
) -> tuple[int, int]:
    """Between which whole numbers a total lies of which ``value`` is shown as a mean over ``n`` people.

    Bands are told from the edge on: of a twentieth, for shares (``step`` .01) of fewer than twenty people of a tenth,
    in which their other shares are told as well.
    The edge stands for the band alone: a share that is rounded to it from inside is shown one step
    further in (``inward``), other than on a curve, which has no bands.
    """
    (low, high), share = ends, step < 0.1
    step = _step(n) if share and inward else step
    edge = 0.1 if n < 20 and share else 0.05
    near = (low + edge * (high - low), low + (1 - edge) * (high - low))
    least, most = value - step / 2, value + step / 2
    if banded and abs(value - near[0]) < HAIR:
        least, most = low, near[0] + step / 2
    elif banded and abs(value - near[1]) < HAIR:
        least, most = near[1] - step / 2, high
    elif inward and share and abs(value - near[0] - step) < HAIR:
        least = near[0] + 2 * HAIR / n
    elif inward and share and abs(value - near[1] + step) < HAIR:
        most = near[1] - 2 * HAIR / n
    return int(np.ceil(max(least, low) * n - HAIR)), int(np.floor(min(most, high) * n + HAIR))


def told_alike(row: Row) -> bool:
    """Whether a row says by itself that everybody in it gave the answer at an end, or nobody did."""
    n = len(row.people)
    if "mean" in row.shown:
        low, high = bounds_of(row.shown["mean"], n, ends=(1, 5), step=0.1, banded=row.banded)
        if low >= 5 * n or high <= n:
            return True
    if "unmet" in row.shown:
        low, high = bounds_of(row.shown["unmet"], n, ends=(0, 1), step=0.01, banded=row.banded)
        return low >= n or high <= 0
    return False


class Program:
    """Linear bounds on unknown numbers, and what sums of them can be."""

    def __init__(self, size: int, low: np.ndarray, high: np.ndarray) -> None:
        self._size, self._box = size, np.column_stack([low, high])
        self._rows: list[tuple[np.ndarray, np.ndarray, float, float]] = []

    def between(self, places: np.ndarray, signs: np.ndarray | float, low: float, high: float) -> None:
        self._rows.append((places, np.broadcast_to(np.asarray(signs, dtype=float), places.shape), low, high))

    def widths(self, targets: sparse.csr_array, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Least and most seen of every target (targets x unknowns).

        Who is seen at two values that are one or more apart is open; all others get programs of their own.
        """
        lengths = [len(row[0]) for row in self._rows]
        indices = (np.repeat(np.arange(len(lengths)), lengths), np.concatenate([row[0] for row in self._rows]))
        matrix = sparse.csr_array(
            (np.concatenate([row[1] for row in self._rows]), indices), shape=(len(lengths), self._size)
        )
        low, high = (np.array([row[end] for row in self._rows]) for end in (2, 3))
        upper, lower = np.isfinite(high), np.isfinite(low)
        system = sparse.vstack([matrix[upper], -matrix[lower]]).tocsr()
        right = np.r_[high[upper], -low[lower]]
        least, most = np.full(targets.shape[0], np.inf), np.full(targets.shape[0], -np.inf)

        def look(goal: np.ndarray) -> None:
            done = optimize.linprog(goal, A_ub=system, b_ub=right, bounds=self._box, method="highs")
            if done.status != 0:
                raise RuntimeError(f"the figures contradict each other: {done.message}")
            value = targets @ done.x
            np.minimum(least, value, out=least)
            np.maximum(most, value, out=most)

        for _ in range(_DIRECTIONS):
            goal = targets.T @ rng.choice([-1.0, 1.0], targets.shape[0])
            look(goal)
            look(-goal)
        before, narrow = np.inf, np.flatnonzero(_pinned(least, most))
        while len(narrow) and len(narrow) < _FEWER * before:  # together, as long as that settles many of them
            goal = targets[narrow].T @ rng.choice([-1.0, 1.0], len(narrow))
            look(goal)
            look(-goal)
            before, narrow = len(narrow), np.flatnonzero(_pinned(least, most))
        for target in narrow:
            goal = targets[[target]].toarray().ravel()
            for sign in (1.0, -1.0):
                if _pinned(least[target], most[target]):
                    look(sign * goal)
        return least, most


def _pinned(least: np.ndarray, most: np.ndarray) -> np.ndarray:
    return np.asarray(most - least < 1 - 1e-6)


def _atoms_and_targets(rows: Sequence[Row], small: set[frozenset[Any]]) -> tuple[Atoms, sparse.csr_array]:
    """Atoms by shown sets and hidden small groups; targets: what shown sets leave of one to four people, and these."""
    shown = [row.people for row in rows]
    seen = frozenset().union(*shown)
    hidden = [one for one in sorted(small, key=lambda one: (len(one), sorted(map(str, one)))) if one <= seen]
    atoms = Atoms.of([*shown, *hidden])
    places = sorted({atoms.place[one] for one in shown})
    _, own = np.unique(np.packbits(atoms.member[:, places], axis=1), axis=0, return_inverse=True)
    own = own.ravel()
    people = np.bincount(own, weights=atoms.sizes)
    few = np.flatnonzero(people < LEAST)
    parts = [np.flatnonzero(own == atom) for atom in few]
    parts += [np.flatnonzero(atoms.member[:, atoms.place[one]]) for one in hidden]
    unique = list({part.tobytes(): part for part in parts}.values())
    where = np.repeat(np.arange(len(unique)), [len(part) for part in unique])
    columns = np.concatenate(unique) if unique else np.zeros(0, dtype=int)
    return atoms, sparse.csr_array((np.ones(len(columns)), (where, columns)), shape=(len(unique), len(atoms.sizes)))


def answers_by_programming(rows: Sequence[Row], seen: Seen) -> Counter[str]:
    """What comes out of answers: scores, shares and numbers of people, of how many sets it was asked, and what comes
    out only because five or more people said the same (``nearly``)."""
    found = Counter[str]()
    atoms, targets = _atoms_and_targets(rows, seen.small["answers"])
    if targets.shape[0] == 0:
        return found
    rng, n = np.random.default_rng(0), atoms.sizes.astype(float)
    inside = {one: np.flatnonzero(atoms.member[:, at]) for one, at in atoms.place.items()}
    found["watched"] = targets.shape[0]
    found["counts"] = _numbers_pinned(rows, atoms, inside, targets)
    for item in ITEMS:
        own = [row for row in rows if row.line == item or (item == "SEC" and "unmet" in row.shown)]
        both = sparse.block_diag([targets, targets] if item == "SEC" else [targets, targets[:0]]).tocsr()
        least, most = _totals(own, inside, n).widths(both, rng)
        pinned = np.flatnonzero(_pinned(least, most))
        if pinned.size:
            free = _totals(own, inside, n, ends=False).widths(both[pinned], rng)
            alone = _pinned(*free)
            found["nearly"] += int((~alone).sum())
            pinned = pinned[alone]
        found["scores"] += int((pinned < targets.shape[0]).sum())
        found["shares"] += int((pinned >= targets.shape[0]).sum())
    return found


def numbers_pinned(rows: Sequence[Row], small: set[frozenset[Any]] = frozenset()) -> int:
    """Of how many hidden groups and atoms of one to four people the number comes out, which is told nowhere."""
    atoms, targets = _atoms_and_targets(rows, small)
    inside = {one: np.flatnonzero(atoms.member[:, at]) for one, at in atoms.place.items()}
    return _numbers_pinned(rows, atoms, inside, targets)


def _numbers_pinned(
    rows: Sequence[Row], atoms: Atoms, inside: dict[frozenset[Any], np.ndarray], targets: sparse.csr_array
) -> int:
    if targets.shape[0] == 0:
        return 0
    size = len(atoms.sizes)
    numbers = Program(size, np.zeros(size), np.full(size, 10.0 * atoms.sizes.sum()))
    for people, (low, high) in {(row.people, row.n) for row in rows}:
        numbers.between(inside[people], 1.0, low, high)
    least, most = numbers.widths(targets, np.random.default_rng(0))
    whole = np.floor(most + 1e-6)
    return int(((np.ceil(least - 1e-6) == whole) & (whole > 0) & (whole < LEAST)).sum())


def _totals(
    rows: Sequence[Row], inside: dict[frozenset[Any], np.ndarray], n: np.ndarray, *, ends: bool = True
) -> Program:
    """Bounds on the total of every atom, and (after these) on how many of its people say 1 or 2.

    What is lacking is the answer as a share from 5 down to 1; a change of it is that of four means.

    Without ``ends`` it is not used that answers lie between 1 and 5: what comes out then does so by subtracting, and
    not because many people said the same.
    """
    size = len(n)
    if not ends:
        totals = Program(2 * size, np.r_[-20 * n, -20 * n], np.r_[25 * n, 21 * n])
    else:
        totals = Program(2 * size, np.r_[n, np.zeros(size)], np.r_[5 * n, n])
        for atom in range(size):  # of n people u say 1 or 2, the others 3 to 5
            pair = np.array([atom, size + atom])
            totals.between(pair, np.array([1.0, 2.0]), 3 * n[atom], np.inf)
            totals.between(pair, np.array([1.0, 3.0]), -np.inf, 5 * n[atom])
    for row in rows:
        places, many = inside[row.people], len(row.people)
        if "mean" in row.shown:
            told = bounds_of(row.shown["mean"], many, ends=(1, 5), step=0.1, banded=row.banded)
            totals.between(places, 1.0, *told)
        if "unmet" in row.shown:
            told = bounds_of(row.shown["unmet"], many, ends=(0, 1), step=0.01, banded=row.banded)
            totals.between(size + places, 1.0, *told)
        if "lacking" in row.shown:
            mean = 5 - 4 * row.shown["lacking"]
            reach = 4 * _step(many) / 2 + HAIR
            totals.between(places, 1.0, many * (mean - reach), many * (mean + reach))
        if row.made_of:
            where = np.concatenate([inside[one] for one, _ in row.made_of])
            signs = np.concatenate([np.full(len(inside[one]), sign / len(one)) for one, sign in row.made_of])
            change = -4 * row.shown["change"]
            totals.between(where, signs, change - _CHANGE - HAIR, change + _CHANGE + HAIR)
    return totals


def exits_by_programming(rows: Sequence[Row], seen: Seen) -> Counter[str]:
    """Unknown are the exits of every atom in every stretch between the last days of windows."""
    atoms, people = _atoms_and_targets(rows, seen.small["spells"])
    days, size = sorted({row.until for row in rows}), len(atoms.sizes)
    inside = {one: np.flatnonzero(atoms.member[:, at]) for one, at in atoms.place.items()}

    def until(row: Row) -> np.ndarray:
        stretches = np.arange(days.index(row.until) + 1)
        return (inside[row.people][None, :] + size * stretches[:, None]).ravel()

    goals = [np.tile(people[[number]].toarray().ravel(), len(days)) for number in range(people.shape[0])]
    by_group: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        by_group.setdefault((row.table, row.group), []).append(row)
    for own in by_group.values():
        for before, after in itertools.pairwise(own):
            if 0 < len(before.left ^ after.left) < LEAST:
                goal = np.zeros(size * len(days))
                goal[until(after)] += 1
                goal[until(before)] -= 1
                goals.append(goal)
    found = Counter[str](watched=len(goals))
    if not goals:
        return found
    asked, n = sparse.csr_array(np.array(goals)), atoms.sizes.astype(float)
    pinned = _pinned(*_exits(rows, until, n, len(days)).widths(asked, np.random.default_rng(0)))
    if pinned.any():
        free = _exits(rows, until, n, len(days), ends=False).widths(asked[pinned], np.random.default_rng(0))
        found["exits"] = int(_pinned(*free).sum())
        found["nearly"] = int(pinned.sum()) - found["exits"]
    return found


def _exits(
    rows: Sequence[Row], until: Callable[[Row], np.ndarray], n: np.ndarray, stretches: int, *, ends: bool = True
) -> Program:
    """Bounds on the exits of every atom (of ``n`` people) in every stretch; without ``ends`` these are not used to be
    no less than none and no more than its people: what comes out then does so by subtracting."""
    most = np.tile(n, stretches)
    program = Program(len(most), np.zeros(len(most)) if ends else -20 * most, most if ends else 21 * most)
    for atom in range(len(n) if ends else 0):
        program.between(atom + len(n) * np.arange(stretches), 1.0, 0, n[atom])
    for row in rows:
        rates, gone = row.table == "scorecard", row.shown["gone"]
        low, high = bounds_of(
            gone, len(row.people), ends=(0, 1), step=0.01, banded=row.banded and rates, inward=rates
        )  # fmt: skip
        if "events" in row.shown:
            low, high = max(low, int(row.shown["events"]) - 2), min(high, int(row.shown["events"]) + 2)
        program.between(until(row), 1.0, low, high)
    return program
