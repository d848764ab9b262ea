"""The fewest groups to hide, found exactly on small tables: an integer program that learns from the audit.

The program starts with what every sum demands and grows a cut whenever the audit still finds a small group known
too well (Fischetti and Salazar 2001, Management Science 47(7), section 4). With y a table that agrees with what is
shown, n the true one, and duals g of the linear program that finds the largest y_p, every such table obeys

    y_p - n_p <= sum_j x_j (max(-r_j, 0) u_j + max(r_j, 0) n_j),     r = -e_p - A'g,

where x_j says that cell j is hidden, A holds the sums, and u_j is how far cell j can rise; the same for the smallest
y_p. Both together must reach the width that is asked for.
"""

from __future__ import annotations

import numpy as np
from scipy import optimize, sparse

from segment.disclosure.intervals import Audit, audit
from segment.disclosure.problem import Problem

#: Limits that depend on the work done, not on the clock, so that the answer is the same on every machine.
_MOST_CELLS, _MOST_ROUNDS, _MOST_NODES = 400, 25, 400


def fewest_hidden(problem: Problem, *, at_most: np.ndarray) -> np.ndarray:
    """The cheapest cells to hide (cells,), or ``at_most`` (a choice that passes) when no cheaper one is found.

    Cells cost one each, and a little more the more people they hold. Tables with many cells are left as they are.
    """
    free = problem.may & ~problem.must
    if free.sum() > _MOST_CELLS or (at_most & free).sum() <= 1:
        return at_most
    cost = np.where(free, 1.0 + problem.sizes / (1.0 + problem.sizes.sum()), 0.0)
    matrix, least = _demands_of_sums(problem)
    for _ in range(_MOST_ROUNDS):
        found = optimize.milp(
            cost,
            constraints=optimize.LinearConstraint(matrix, lb=least),
            bounds=optimize.Bounds(problem.must.astype(float), (problem.must | free).astype(float)),
            integrality=np.ones(cost.size),
            options={"node_limit": _MOST_NODES},
        )
        if found.status != 0 or found.fun >= cost @ at_most - 1e-9:
            return at_most
        hidden: np.ndarray = found.x > 0.5
        checked = audit(
            problem.sizes, problem.relations, hidden=hidden, watched=problem.watched & hidden, width=problem.width
        )
        if checked.passed:
            return hidden
        cuts = [_cut(problem, hidden, int(cell)) for cell in _worst(checked)]
        matrix = sparse.vstack([matrix, sparse.csr_matrix(np.array(cuts))], format="csr")
        least = np.concatenate([least, np.full(len(cuts), float(problem.width))])
    return at_most


def _worst(checked: Audit) -> np.ndarray:
    return checked.failing[:12]


def _demands_of_sums(problem: Problem) -> tuple[sparse.csr_matrix, np.ndarray]:
    """What every sum asks for, as rows a with a'x >= 0: never one hidden alone, never a small remainder."""
    rows: list[np.ndarray] = []
    for line in problem.relations.toarray():
        members = np.flatnonzero(line)
        parts = members[line[members] > 0]
        total = members[line[members] < 0]
        for cell in members[(problem.may | problem.watched)[members] & (problem.sizes[members] > 0)]:
            row = np.zeros(line.size)
            row[members] = 1.0
            row[cell] = -1.0
            rows.append(row)
        for cell in parts[problem.sizes[parts] > 0]:
            row = np.zeros(line.size)
            row[parts] = np.minimum(problem.sizes[parts], problem.floor)
            row[total] = problem.floor
            row[cell] -= problem.floor
            rows.append(row)
    return sparse.csr_matrix(np.array(rows)), np.zeros(len(rows))


def _cut(problem: Problem, hidden: np.ndarray, cell: int) -> np.ndarray:
    """What must be hidden besides, so that this cell's interval can be wide enough (a'x >= width)."""
    sums = problem.relations
    unknown = sums[:, hidden]
    ceiling = problem.sizes.sum() + 100.0
    slope = np.zeros(problem.sizes.size)
    for sign in (1.0, -1.0):
        goal = np.zeros(problem.sizes.size)
        goal[cell] = -sign
        found = optimize.linprog(
            goal[hidden], A_eq=unknown, b_eq=unknown @ problem.sizes[hidden], bounds=(0, ceiling), method="highs"
        )
        reduced = goal - sums.T @ found.eqlin.marginals
        reduced[np.abs(reduced) < 1e-9] = 0.0
        slope += np.maximum(-reduced, 0.0) * (ceiling - problem.sizes) + np.maximum(reduced, 0.0) * problem.sizes
    return np.minimum(slope, problem.width)
