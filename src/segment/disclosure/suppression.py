"""Which groups to hide so that no small one can be worked out from the others, with the proof.

First the groups that may not be shown are hidden (primary). Then others are hidden as well (complementary), as few
as a search finds, until in every sum of the table the hidden part holds nobody or at least ``floor`` people, never
a single group, and until the audit (:mod:`segment.disclosure.intervals`) finds every hidden small size uncertain by at
least ``width`` people.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from scipy import optimize, sparse

from segment.disclosure.cells import EVERYONE, Cells, Dimension, relations_of
from segment.disclosure.exact import fewest_hidden
from segment.disclosure.intervals import Audit, audit
from segment.disclosure.problem import Problem
from segment.errors import RefusedRelease

_SMALL = 1e-7
_MOST_TRIES = 40


@dataclass(frozen=True)
class Suppression:
    """Which cells of a table are hidden, why, and how well the hidden ones stay unknown.

    ``hidden``, ``primary`` have the shape of ``Cells.sizes``.
    """

    hidden: np.ndarray
    primary: np.ndarray
    audit: Audit


def suppress(cells: Cells, *, floor: int, width: int, also: np.ndarray | None = None) -> Suppression:
    """Hide every group under ``floor`` people, and what else is needed so that none can be worked out.

    Parameters
    ----------
    cells
        The groups and their sums.
    floor
        People a group needs to be shown, and a hidden remainder needs to exist.
    width
        People: how uncertain the size of a hidden small group must stay.
    also
        Groups that are hidden for another reason (shape of ``cells.sizes``), such as too few exits.

    Notes
    -----
    Totals are decided first, as a table of totals alone decides them, so that a table by two groupings hides the
    same totals as the tables by one. A total is taken as known, even when this table does not list it.

    Raises
    ------
    RefusedRelease
        No set of hidden groups protects the small ones.
    """
    bars = np.zeros(cells.sizes.shape, dtype=bool) if also is None else also
    found = _suppressed(cells.first, cells.second, cells.sizes.tobytes(), bars.tobytes(), floor, width)
    return Suppression(found.hidden.copy(), found.primary.copy(), found.audit)


@lru_cache(maxsize=512)
def _suppressed(first: Dimension, second: Dimension, people: bytes, bars: bytes, floor: int, width: int) -> Suppression:
    """The same for the bytes of the sizes; tables that are released again and again are decided once."""
    shape = len(first.labels), len(second.labels)
    listed = np.outer(np.array(first.listed), np.array(second.listed))
    sizes, rest = np.frombuffer(people, dtype=np.int64), ~listed.ravel()
    primary = ((sizes < floor) & ~rest) | np.frombuffer(bars, dtype=bool)
    secret = (primary & (sizes > 0)) | (rest & (sizes > 0) & (sizes < floor))
    must = primary | (rest & (sizes > 0))
    problem = Problem(sizes, relations_of(first, second), must, ~rest, secret, floor, width)
    hidden = _margins_first(first, second, problem)
    checked = _check(problem, hidden)
    if not checked.passed:
        hidden = must | ~rest
        checked = _check(problem, hidden)
    if not checked.passed:
        raise RefusedRelease(
            "No choice of hidden groups keeps the small ones unknown.",
            expected=f"the size of every hidden small group uncertain by at least {width} people",
            came=f"{checked.failing.size} groups that can be known more precisely",
            advice="release fewer or larger groups",
        )
    return Suppression(hidden.reshape(shape) & listed, primary.reshape(shape), checked)


def _margins_first(first: Dimension, second: Dimension, problem: Problem) -> np.ndarray:
    """Decide the totals of each dimension alone, then the cells within; then both together, if that hides less."""
    shape = len(first.labels), len(second.labels)
    fixed = np.zeros(shape, dtype=bool)
    fixed[0, 0] = True
    hidden = problem.must.copy()
    if min(shape) > 1:
        for across, margin in ((first, np.s_[:, 0]), (second, np.s_[0, :])):
            places = np.arange(problem.sizes.size).reshape(shape)[margin]
            own = relations_of(across, EVERYONE)
            part = _part(problem, places, own, may=problem.may[places] & (np.arange(places.size) > 0))
            hidden[places] |= protect(part)
            fixed[margin] = True
    for may in (problem.may & ~fixed.ravel(), problem.may):
        attempt = protect(replace(problem, must=hidden, may=may))
        if _check(problem, attempt).passed:
            return _together(problem, attempt)
    return attempt


def _together(problem: Problem, hidden: np.ndarray) -> np.ndarray:
    """Totals and cells chosen at once, where that hides fewer groups; the groups' total stays known."""
    may = problem.may.copy()
    may[0] = False
    fewer = fewest_hidden(replace(problem, may=may), at_most=hidden)
    return fewer if fewer.sum() < hidden.sum() else hidden


def protect(problem: Problem) -> np.ndarray:
    """Choose what to hide (cells,): repair every sum, widen what the audit finds too narrow, then hide less."""
    hidden = _repair_sums(problem, problem.must.copy())
    for _ in range(problem.sizes.size):
        failing = _check(problem, hidden).failing
        wider = _widen(problem, hidden, failing) if failing.size else hidden
        if (wider == hidden).all():
            break
        hidden = _repair_sums(problem, wider)
    if not _check(problem, hidden).passed:
        return hidden
    return fewest_hidden(problem, at_most=_show_needless(problem, hidden))


def _show_needless(problem: Problem, hidden: np.ndarray) -> np.ndarray:
    """Show again, largest first, what turns out not to be needed (left out for very large tables)."""
    extra = np.flatnonzero(hidden & ~problem.must)
    if extra.size > _MOST_TRIES:
        return hidden
    by_sum, by_cell = problem.relations.tocsr(), problem.relations.tocsc()
    for cell in extra[np.lexsort((extra, -problem.sizes[extra]))]:
        fewer = hidden.copy()
        fewer[cell] = False
        sums = by_cell.indices[by_cell.indptr[cell] : by_cell.indptr[cell + 1]]
        if not any(_too_small(problem, by_sum, row, fewer) for row in sums) and _check(problem, fewer).passed:
            hidden = fewer
    return hidden


def _check(problem: Problem, hidden: np.ndarray) -> Audit:
    return audit(problem.sizes, problem.relations, hidden=hidden, watched=problem.watched & hidden, width=problem.width)


def _part(problem: Problem, places: np.ndarray, relations: sparse.csr_matrix, *, may: np.ndarray) -> Problem:
    """The same problem for some of the cells, with sums of their own."""
    return replace(
        problem,
        sizes=problem.sizes[places],
        relations=relations,
        must=problem.must[places],
        may=may,
        watched=problem.watched[places],
    )


def _repair_sums(problem: Problem, hidden: np.ndarray) -> np.ndarray:
    """Hide the next smallest cell in every sum whose hidden part is too small, until no sum needs it."""
    hidden = hidden.copy()
    by_sum, by_cell = problem.relations.tocsr(), problem.relations.tocsc()
    waiting = list(range(by_sum.shape[0]))
    while waiting:
        row = waiting.pop(0)
        while _too_small(problem, by_sum, row, hidden):
            members = by_sum.indices[by_sum.indptr[row] : by_sum.indptr[row + 1]]
            open_to = members[problem.may[members] & ~hidden[members] & (problem.sizes[members] > 0)]
            if not open_to.size:
                break
            costs = [(_new_trouble(by_sum, by_cell, cell, hidden), problem.sizes[cell], cell) for cell in open_to]
            chosen = min(costs)[2]
            hidden[chosen] = True
            sums = by_cell.indices[by_cell.indptr[chosen] : by_cell.indptr[chosen + 1]]
            waiting.extend(int(other) for other in sums if other != row and other not in waiting)
    return hidden


def _too_small(problem: Problem, by_sum: sparse.csr_matrix, row: int, hidden: np.ndarray) -> bool:
    """The hidden part of a sum is one group alone, or some people but fewer than the floor."""
    span = slice(by_sum.indptr[row], by_sum.indptr[row + 1])
    members, signs = by_sum.indices[span], by_sum.data[span]
    unknown = hidden[members]
    people = problem.sizes[members[unknown]]
    if not people.any():
        return False
    if unknown.sum() == 1:
        alone = members[unknown][0]
        return bool(problem.may[alone] or problem.watched[alone])
    return bool((signs[unknown] > 0).all() and people.sum() < problem.floor)


def _new_trouble(by_sum: sparse.csr_matrix, by_cell: sparse.csc_matrix, cell: int, hidden: np.ndarray) -> int:
    """Number of sums in which this cell would be the only hidden one."""
    sums = by_cell.indices[by_cell.indptr[cell] : by_cell.indptr[cell + 1]]
    return sum(not hidden[by_sum.indices[by_sum.indptr[r] : by_sum.indptr[r + 1]]].any() for r in sums)


def _widen(problem: Problem, hidden: np.ndarray, failing: np.ndarray) -> np.ndarray:
    """Hide, for each cell that is known too well, the cheapest cells that let its size move by ``width`` people.

    Minimises the sum over shown cells of cost times change, under unchanged sums: the linear heuristic of the
    cell suppression problem (Robertson 1993; Fischetti and Salazar 2001, section 6).
    """
    hidden = hidden.copy()
    count = problem.sizes.size
    sums = sparse.hstack([problem.relations, -problem.relations], format="csr")
    for cell in failing:
        cost = np.where(hidden, 0.0, 1.0 + problem.sizes / (1.0 + problem.sizes.max()))
        free = hidden | problem.may
        up = np.where(free, problem.sizes.sum() + 100.0, 0.0)
        down = np.where(free, problem.sizes, 0).astype(float)
        down[cell] = 0.0
        up[cell] = 0.0
        for change in (problem.width, problem.width - min(problem.sizes[cell], problem.width)):
            fixed = np.zeros(2 * count)
            fixed[cell] = change
            found = optimize.linprog(
                np.concatenate([cost, cost]),
                A_eq=sums,
                b_eq=-(sums @ fixed),
                bounds=np.column_stack([np.zeros(2 * count), np.concatenate([up, down])]),
                method="highs",
            )
            if found.status == 0:
                moved = (found.x[:count] > _SMALL) | (found.x[count:] > _SMALL)
                hidden |= moved & problem.may
                break
    return hidden
