"""An outsider with all the files: what can be worked out about hidden groups from every number that left.

Shares no code with the release rules. The outsider knows every shown number of people, that bands and sums hold, and
(more than a real one would) which figures are about the same people. What is found is judged by the true sizes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import optimize

#: From this number of people on the exact number may be shown.
EXACT_FROM = 20

_EXACT = re.compile(r"^\d{1,3}(?:[.,\s]?\d{3})*$|^\d+$")
_BAND = re.compile(r"^(\d+)\s*[–-]\s*(\d+)$")
_WIDE = 1e7


@dataclass(frozen=True)
class Cell:
    """One published line about one group: who, what, how many people as published, and how many really.

    ``low`` and ``high`` are what the file says (None: hidden); ``people`` the true number, where it is known;
    ``secret`` marks a group under its floor, or one that an earlier release bars.

    The attack needs no number: ``same`` is equal for lines about equally many people of a group (0 where nobody is
    behind it), ``exact`` names the columns over which a total holds all of its parts (:func:`without_numbers`).
    """

    table: str
    source: str
    line: str
    group: str
    low: int | None
    high: int | None
    people: int | None = None
    secret: bool = False
    same: int | None = None
    exact: frozenset[str] = frozenset()

    @property
    def shown(self) -> bool:
        """Whether the file shows a number of people."""
        return self.low is not None


@dataclass(frozen=True)
class Recovered:
    """Something an outsider can work out; never the value itself."""

    how: str
    table: str
    group: str
    line: str = ""

    def __str__(self) -> str:
        line = f" ({self.line})" if self.line else ""
        return f"{self.table}{line}, {self.group}: {self.how}"


def read_people(text: object) -> tuple[int, int] | None:
    """A number of people as a file shows it: exact, a band, or None where it is no number.

    >>> read_people("222"), read_people("10–19"), read_people("–"), read_people(1478.0), read_people("1.478")
    ((222, 222), (10, 19), None, (1478, 1478), (1478, 1478))
    """
    if isinstance(text, int | float):
        return None if text != text or text != int(text) else (int(text), int(text))
    words = str(text).strip()
    band = _BAND.match(words)
    if band:
        return int(band[1]), int(band[2])
    if _EXACT.match(words):
        exact = int(re.sub(r"\D", "", words))
        return exact, exact
    return None


def too_small(cells: Iterable[Cell], *, least: int) -> list[Recovered]:
    """Groups shown under the least number of people, or exactly where only a band may stand."""
    found = []
    for cell in cells:
        if cell.low is None or cell.high is None:
            continue
        if cell.secret or cell.low < least:
            found.append(Recovered("shown, and smaller than its floor or barred", cell.table, cell.group, cell.line))
        elif cell.low == cell.high < EXACT_FROM:
            found.append(Recovered("an exact number where only a band may stand", cell.table, cell.group, cell.line))
    return found


def without_numbers(cells: Sequence[Cell]) -> list[Cell]:
    """The same lines with what an attack needs of the true numbers of people in their place.

    >>> sizes = {"unit a": 3, "unit b": 9, "everyone": 12}
    >>> own = [Cell("pay", "s", "", group, None, None, n) for group, n in sizes.items()]
    >>> [(cell.people, cell.same, sorted(cell.exact)) for cell in without_numbers(own)]
    [(None, 1, []), (None, 1, []), (None, 1, ['unit'])]
    """
    classes: dict[tuple[str, str], dict[int, int]] = {}
    found = []
    for cell in cells:
        if cell.people is None:
            found.append(cell)
            continue
        known = classes.setdefault((cell.source, cell.group), {0: 0})
        found.append(replace(cell, same=known.setdefault(cell.people, len(known))))
    for own in _by_line(found).values():
        for total, column, inside in _totals([found[place] for place in own]):
            people = [found[own[place]].people for place in inside]
            if None not in people and sum(n or 0 for n in people) == found[own[total]].people:
                found[own[total]] = replace(found[own[total]], exact=found[own[total]].exact | {column})
    return [replace(cell, people=None) for cell in found]


def _by_line(cells: Sequence[Cell]) -> dict[tuple[str, str], list[int]]:
    """Places of the cells of every line of every table."""
    found: dict[tuple[str, str], list[int]] = {}
    for place, cell in enumerate(cells):
        found.setdefault((cell.table, cell.line), []).append(place)
    return found


def worked_out(cells: Sequence[Cell], *, least: int) -> tuple[list[Recovered], int, float]:
    """Hidden groups whose size the shown ones confine to fewer than ``least`` people's difference.

    Returns what was recovered, how many secret groups were attacked, and the narrowest interval found.
    """
    cells = without_numbers(cells)
    elsewhere: dict[tuple[str, str, int], tuple[int, int]] = {}
    for cell in cells:
        if cell.low is not None and cell.high is not None and cell.same is not None:
            elsewhere[cell.source, cell.group, cell.same] = (cell.low, cell.high)
    lines = {line: [cells[place] for place in places] for line, places in _by_line(cells).items()}
    found: list[Recovered] = []
    known: dict[tuple[object, ...], dict[int, float]] = {}
    attacked, narrowest = 0, float("inf")
    for own in lines.values():
        if not any(cell.secret and not cell.shown and cell.same for cell in own):
            continue
        bounds = [_bounds(cell, elsewhere) for cell in own]
        key = (tuple((cell.group, cell.same, cell.exact) for cell in own), tuple(bounds))
        if key not in known:
            known[key] = _widths(own, bounds)
        for place, width in known[key].items():
            attacked, narrowest = attacked + 1, min(narrowest, width)
            if width < least - 1e-6:
                cell = own[place]
                found.append(
                    Recovered("its size can be worked out from what is shown", cell.table, cell.group, cell.line)
                )
    return found, attacked, narrowest


def _bounds(cell: Cell, elsewhere: Mapping[tuple[str, str, int], tuple[int, int]]) -> tuple[float, float]:
    """What is known of one group before any sums: as shown here, or for the same people elsewhere."""
    if cell.low is not None and cell.high is not None:
        return cell.low, cell.high
    if cell.same is not None and (cell.source, cell.group, cell.same) in elsewhere:
        return elsewhere[cell.source, cell.group, cell.same]
    return 0.0, _WIDE


def _widths(cells: Sequence[Cell], bounds: Sequence[tuple[float, float]]) -> dict[int, float]:
    """Width of the interval of each secret group of one line, by two linear programs each."""
    sums = _sums(cells)
    found = {}
    for place, cell in enumerate(cells):
        if not cell.secret or cell.shown or not cell.same:
            continue
        ends = []
        for sign in (1.0, -1.0):
            goal = np.zeros(len(cells))
            goal[place] = sign
            equal = np.array([row for row, exact in sums if exact]).reshape(-1, len(cells))
            above = np.array([row for row, exact in sums if not exact]).reshape(-1, len(cells))
            answer = optimize.linprog(
                goal,
                A_eq=equal if len(equal) else None, b_eq=np.zeros(len(equal)) if len(equal) else None,
                A_ub=above if len(above) else None, b_ub=np.zeros(len(above)) if len(above) else None,
                bounds=list(bounds), method="highs",
            )  # fmt: skip
            ends.append(answer.x[place] if answer.status == 0 else (0.0 if sign > 0 else _WIDE))
        found[place] = float(ends[1] - ends[0])
    return found


def _sums(cells: Sequence[Cell]) -> list[tuple[np.ndarray, bool]]:
    """Parts minus total, for every total of a line; exact where the parts are everybody in it, else at most."""
    found = []
    for total, column, inside in _totals(cells):
        row = np.zeros(len(cells))
        row[inside], row[total] = 1.0, -1.0
        found.append((row, column in cells[total].exact))
    return found


def _totals(cells: Sequence[Cell]) -> Iterator[tuple[int, str, list[int]]]:
    """Place of every total of a line, the column it adds up, and the places of its parts."""
    keys = [_parts(cell.group) for cell in cells]
    named = [key for key in keys if key]
    varying = {name for key in named for name in key if len({other.get(name) for other in named}) > 1}
    keys = [{name: label for name, label in key.items() if name in varying} for key in keys]
    for total, key in enumerate(keys):
        for column in sorted(varying - set(key)):
            inside = [
                place
                for place, other in enumerate(keys)
                if set(other) == {*key, column} and all(other[name] == label for name, label in key.items())
            ]
            if inside:
                yield total, column, inside


def _parts(group: str) -> dict[str, str]:
    """'segment 2, department sales' as columns and labels; everyone has none."""
    if group == "everyone":
        return {}
    return {part.split(" ", 1)[0]: part.split(" ", 1)[-1] for part in group.split(", ")}
