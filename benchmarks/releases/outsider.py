"""What an outsider gets out of everything that was ever published of one organisation. Shares no code with the library.

People who are in the same shown groups, over all tables and releases, are an atom. Two attacks: **exact** takes every
figure as if it had all its decimals, and asks which atoms of one to four people (alone or two together) adding and
subtracting singles out. **Programming** takes figures as they are shown (a mean of 3.4 among 17 people is a total of 57
or 58) and who is in which group as known, and asks by linear programs what the total of every atom, the number of
people in every hidden group and the exits in between can be; what can be one whole number only is recovered.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import linalg, optimize, sparse

from releases.eight import ITEMS, Row, Seen

LEAST = 5
_HAIR = 1e-7
#: Random directions that are tried for all atoms at once; further ones while they leave fewer than this share open.
_DIRECTIONS, _FEWER = 4, 0.7
_SPELLS = ("curves", "scorecard")


@dataclass
class Found:
    """What was recovered of fewer than five people, by what it is of.

    ``nearly``: atoms that come out only because five or more people together, who are a group or what two groups differ
    by, all said the same. ``exits_if_exact``: exits that would come out of rates if these had all their decimals.
    ``alike``: rows of five and more that say by themselves that all or none of them gave the answer at an end.
    ``elsewhere``: groups that one table hides and another one of the same release tells the number of.
    ``watched``: what programs were asked for, each to its end.
    """

    exact_answers: int = 0
    exact_exits: int = 0
    scores: int = 0
    shares: int = 0
    counts: int = 0
    exits: int = 0
    exits_if_exact: int = 0
    nearly: int = 0
    alike: int = 0
    elsewhere: int = 0
    watched: int = 0

    @property
    def recovered(self) -> int:
        return self.exact_answers + self.exact_exits + self.scores + self.shares + self.counts + self.exits


@dataclass(frozen=True)
class Atoms:
    """Atoms (flags of sets they are in: atoms x sets), how many people each is, and where each set stands."""

    member: np.ndarray
    sizes: np.ndarray
    place: dict[frozenset[Any], int]
    people: tuple[frozenset[Any], ...]

    @classmethod
    def of(cls, sets: Sequence[frozenset[Any]]) -> Atoms:
        place = {one: at for at, one in enumerate(dict.fromkeys(sets))}
        everyone = {unit: at for at, unit in enumerate(frozenset().union(*place))}
        member = np.zeros((len(everyone), len(place)), dtype=bool)
        for one, at in place.items():
            member[[everyone[unit] for unit in one], at] = True
        packed, own, sizes = np.unique(np.packbits(member, axis=1), axis=0, return_inverse=True, return_counts=True)
        people: list[set[Any]] = [set() for _ in sizes]
        for unit, atom in zip(everyone, own.ravel(), strict=True):
            people[atom].add(unit)
        flags = np.unpackbits(packed, axis=1, count=len(place)).astype(bool)
        return cls(flags, sizes, place, tuple(map(frozenset, people)))


def outsider(seen: Seen) -> Found:
    """Attack everything that was seen."""
    found = Found()
    answers = [row for row in seen.rows if row.table not in _SPELLS]
    if answers:
        found.exact_answers = len(_answers_singled_out(seen, answers))
        _answers_by_programming(answers, seen, found)
        found.alike = sum(map(_told_alike, answers))
    told = {(row.release, "spells" if row.table in _SPELLS else "answers", row.people) for row in seen.rows}
    found.elsewhere = len(seen.hidden & told)
    curves, rates = ([row for row in seen.rows if row.table == table] for table in _SPELLS)
    found.exact_exits, found.exits_if_exact = (len(exits_singled_out(rows)) for rows in (curves, rates))
    spells = [row for row in seen.rows if row.table in _SPELLS]
    if spells:
        _exits_by_programming(spells, seen, found)
    return found


# ------------------------------------------------------------------------------------------------ exact figures


def _answers_singled_out(seen: Seen, rows: Sequence[Row]) -> set[frozenset[Any]]:
    """Also what needs to be known of departments and segments that hold nobody, if it takes a group of another kind."""
    found = singled_out([row.people for row in rows], nobody=_empty(seen, rows))
    more = singled_out([row.people for row in rows]) - found if seen.nobody else set()
    by_both = [row.people for row in rows if row.table != "by_band" or row.group == "everyone"]
    return found | (more - _spanned(more, list(dict.fromkeys(by_both))))


def _empty(seen: Seen, rows: Sequence[Row]) -> list[list[bool]]:
    """In which sets somebody would be whose department and segment hold nobody; that they do is not known outside."""
    sets = dict.fromkeys(row.people for row in rows)
    labels: dict[frozenset[Any], set[frozenset[str]]] = {one: set() for one in sets}
    for row in rows:
        labels[row.people].add(frozenset() if row.group == "everyone" else frozenset(row.group.split(", ")))
    return [[any(own <= one for own in labels[people]) for people in sets] for one in seen.nobody]


def singled_out(sets: Sequence[frozenset[Any]], *, nobody: Sequence[Sequence[bool]] = ()) -> set[frozenset[Any]]:
    """Atoms of fewer than five, and pairs of these, that are sums and differences of sets."""
    if not sets:
        return set()
    atoms = Atoms.of(sets)
    flags, sizes = atoms.member.astype(float), atoms.sizes
    if nobody:
        flags, sizes = np.vstack([flags, np.array(nobody, dtype=float)]), np.r_[sizes, np.zeros(len(nobody), dtype=int)]
    left, values, _ = linalg.svd(flags, full_matrices=False, check_finite=False)
    basis = left[:, values > 1e-9 * values[0]]
    small = np.flatnonzero((sizes > 0) & (sizes < LEAST))
    own = basis[small]
    gram = own @ own.T
    reach = np.diag(gram)
    alone = reach > 1 - _HAIR
    together = reach[:, None] + reach[None, :] + 2 * gram > 2 - _HAIR
    few = sizes[small][:, None] + sizes[small][None, :] < LEAST
    pairs = np.argwhere(np.triu(together & few & ~alone[:, None] & ~alone[None, :], 1))
    found = {atoms.people[one] for one in small[alone]}
    return found | {atoms.people[one] | atoms.people[other] for one, other in small[pairs]}


def exits_singled_out(rows: Sequence[Row]) -> set[frozenset[Any]]:
    """Who left, one to four of them, that only several releases together single out.

    A rate of three exits among thirty people is shown as such; who left between two releases is not.
    """
    found = singled_out([row.left for row in rows if row.left])
    for release in {row.release for row in rows} if found else ():
        own = [row.left for row in rows if row.left and row.release == release]
        found -= _spanned(found, own)
    return found


def _spanned(wanted: set[frozenset[Any]], sets: Sequence[frozenset[Any]]) -> set[frozenset[Any]]:
    """Which of these sets are sums and differences of some others."""
    units = {unit: at for at, unit in enumerate(frozenset().union(*sets, *wanted))}
    flags = np.zeros((len(units), len(sets)))
    for column, one in enumerate(sets):
        flags[[units[unit] for unit in one], column] = 1.0
    spanned = set()
    for one in wanted:
        goal = np.zeros(len(units))
        goal[[units[unit] for unit in one]] = 1.0
        nearest = linalg.lstsq(flags, goal)[0] if sets else np.zeros(0)
        if np.abs(flags @ nearest - goal).max() < _HAIR:
            spanned.add(one)
    return spanned


# ------------------------------------------------------------------------------------------ figures as they are shown


def bounds_of(
    value: float, n: int, *, ends: tuple[float, float], step: float, banded: bool, inward: bool = True
) -> tuple[int, int]:
    """Between which whole numbers a total lies of which ``value`` is shown as a mean over ``n`` people.

    Bands are told from the edge on: of a twentieth, for shares (``step`` .01) of fewer than twenty people of a tenth.
    The edge stands for the band alone: a share that is rounded to it from inside is shown one step
    further in (``inward``), other than on a curve, which has no bands.
    """
    low, high = ends
    edge = 0.1 if n < 20 and step < 0.1 else 0.05
    near = (low + edge * (high - low), low + (1 - edge) * (high - low))
    least, most = value - step / 2, value + step / 2
    if banded and abs(value - near[0]) < _HAIR:
        least, most = low, near[0] + step / 2
    elif banded and abs(value - near[1]) < _HAIR:
        least, most = near[1] - step / 2, high
    elif inward and step < 0.1 and abs(value - near[0] - step) < _HAIR:
        least = near[0] + 2 * _HAIR / n
    elif inward and step < 0.1 and abs(value - near[1] + step) < _HAIR:
        most = near[1] - 2 * _HAIR / n
    return int(np.ceil(max(least, low) * n - _HAIR)), int(np.floor(min(most, high) * n + _HAIR))


def _told_alike(row: Row) -> bool:
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


def _answers_by_programming(rows: Sequence[Row], seen: Seen, found: Found) -> None:
    atoms, targets = _atoms_and_targets(rows, seen.small["answers"])
    if targets.shape[0] == 0:
        return
    rng, n = np.random.default_rng(0), atoms.sizes.astype(float)
    inside = {one: np.flatnonzero(atoms.member[:, at]) for one, at in atoms.place.items()}
    found.watched += targets.shape[0]
    found.counts += _numbers_pinned(rows, atoms, inside, targets)
    for item in ITEMS:
        own = [row for row in rows if row.line == item or (item == "SEC" and "unmet" in row.shown)]
        both = sparse.block_diag([targets, targets] if item == "SEC" else [targets, targets[:0]]).tocsr()
        least, most = _totals(own, inside, n).widths(both, rng)
        pinned = np.flatnonzero(_pinned(least, most))
        if pinned.size:
            free = _totals(own, inside, n, ends=False).widths(both[pinned], rng)
            alone = _pinned(*free)
            found.nearly, pinned = found.nearly + int((~alone).sum()), pinned[alone]
        found.scores += int((pinned < targets.shape[0]).sum())
        found.shares += int((pinned >= targets.shape[0]).sum())


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
    return totals


def _exits_by_programming(rows: Sequence[Row], seen: Seen, found: Found) -> None:
    """Unknown are the exits of every atom in every stretch between the last days of windows."""
    atoms, people = _atoms_and_targets(rows, seen.small["spells"])
    days = sorted({row.until for row in rows})
    size, n = len(atoms.sizes), atoms.sizes.astype(float)
    inside = {one: np.flatnonzero(atoms.member[:, at]) for one, at in atoms.place.items()}
    program = Program(size * len(days), np.zeros(size * len(days)), np.tile(n, len(days)))
    for atom in range(size):
        program.between(atom + size * np.arange(len(days)), 1.0, 0, n[atom])

    def until(row: Row) -> np.ndarray:
        stretches = np.arange(days.index(row.until) + 1)
        return (inside[row.people][None, :] + size * stretches[:, None]).ravel()

    for row in rows:
        rates, gone = row.table == "scorecard", row.shown["gone"]
        low, high = bounds_of(
            gone, len(row.people), ends=(0, 1), step=0.01, banded=row.banded and rates, inward=rates
        )  # fmt: skip
        if "events" in row.shown:
            low, high = max(low, int(row.shown["events"]) - 2), min(high, int(row.shown["events"]) + 2)
        program.between(until(row), 1.0, low, high)
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
    if not goals:
        return
    found.watched += len(goals)
    least, most = program.widths(sparse.csr_array(np.array(goals)), np.random.default_rng(0))
    found.exits += int(_pinned(least, most).sum())
