"""Which actions, for whom, under a budget: the portfolio that relieves most unmet need, and in which order to begin.

Every candidate is one action of the catalogue about one need, for one segment. It takes away a share ``e`` (the
expected effect) of what is unmet there, ``B = people x shortfall``; a second action about the same need takes its share
of what is left, so that of a set ``S`` of them

    relief = B (1 - prod_{i in S} (1 - e_i)) = B (1 - exp(-L)),    L = sum_{i in S} -log(1 - e_i),

which is concave in ``L``: it is put to the solver as the lowest of its tangents. An action is paid once, and per person
reached. The portfolio of most relief under the budget, under each owner's capacity, and with every segment getting at
least a set part of what its share of the unmet need would give it (counted as ``B L``, before what overlaps is taken
off, which is linear), is a mixed-integer linear program, solved by branch and bound (HiGHS; Huangfu,
Q. and Hall, J. A. J., 2018, Parallelizing the dual revised simplex method, Mathematical Programming Computation 10).
Choosing projects under a budget: Weingartner, H. M. (1963), Mathematical programming and the analysis of capital
budgeting problems.

Actions for several segments begin in different steps, in an order that is drawn, so that those who wait can be compared
with those who began (stepped wedge: Hussey, M. A. and Hughes, J. P., 2007, Contemporary Clinical Trials 28).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, vstack

from segment.errors import InvalidInput

Floats = NDArray[np.float64]

#: How near the proven optimum the solver goes, and the most nodes it may look at: nodes, and no seconds, so that a slow
#: machine gives the same plan.
GAP, NODES = 1e-4, 50_000
#: Tangents per need of a segment; with these the program is off by less than a thousandth.
_TANGENTS = 24
_DRAWS = 2_000

_COLUMNS = ("action", "segment", "need", "owner", "effort", "people", "shortfall", "low", "high",
            "effect_low", "effect", "effect_high", "once", "per_person")  # fmt: skip


@dataclass(frozen=True)
class Portfolio:
    """What was chosen.

    Attributes
    ----------
    chosen
        The candidates that are in, most relief per cost first: their columns, and ``cost`` (the part paid once is
        shared by the segments that the action is for, by people), ``relief`` (in people's worth of a need that is
        wholly unmet, with what else is done about the same need taken off), ``relief_low``, ``relief_high`` (95 %),
        ``step`` (1 first).
    relief, low, high
        Of all together, with its 95 % interval.
    bound
        What no portfolio under these limits can exceed.
    cost
        Of all together.
    unmet
        All that is unmet in the candidates' segments and needs.
    """

    chosen: pd.DataFrame
    relief: float
    low: float
    high: float
    bound: float
    cost: float
    unmet: float


def choose_portfolio(
    candidates: pd.DataFrame,
    *,
    budget: float,
    capacity: Mapping[str, float] | None = None,
    fair_reach: float = 0.5,
    steps: int = 4,
    random_state: int = 0,
) -> Portfolio:
    """The portfolio of most relief under a budget.

    Parameters
    ----------
    candidates
        One row per action, segment and need: ``action``, ``segment`` (any label), ``need``, ``owner``, ``effort`` (1 to
        3), ``people``, ``shortfall`` (0 met, 1 wholly unmet) with ``low`` and ``high``, ``effect_low``, ``effect``,
        ``effect_high`` (least, likeliest and largest share of the shortfall that it takes away, 0 to below 1; a
        triangular law, of which the mean is expected), ``once`` and ``per_person`` (cost). ``segment`` is missing for
        what is done for everyone. ``weight`` (1 when left out): what the relief of one person's whole need counts.
    budget
        Most that may be spent, in the unit of the costs.
    capacity
        Per owner the most effort they have, summed over actions (an action for several segments counts once); owners
        who are not named have no limit.
    fair_reach
        Every segment gets at least this part (0 to 1) of the relief that its share of all that is unmet would give it,
        counted before what several actions about one need take away twice is taken off.
    steps
        In how many steps actions begin.
    random_state
        Who begins first where an action is for several segments.

    Raises
    ------
    InvalidInput
        A budget below zero, a limit outside its range, candidates that are missing columns or hold no numbers, or the
        same action twice for a segment and need.

    Examples
    --------
    >>> row = {"need": "PAY", "owner": "hr", "effort": 1, "people": 100, "shortfall": 0.3, "low": 0.2, "high": 0.4,
    ...        "effect_low": 0.1, "effect": 0.2, "effect_high": 0.3, "once": 50.0, "per_person": 0.0}
    >>> dear = {"action": "pay", "segment": 1, **row, "once": 900.0}
    >>> table = pd.DataFrame([{"action": "talk", "segment": 1, **row}, dear])
    >>> plan = choose_portfolio(table, budget=100)
    >>> plan.chosen["action"].tolist(), round(plan.relief, 2), plan.cost
    (['talk'], 6.0, 50.0)
    """
    table = _checked(candidates, budget, capacity or {}, fair_reach, steps)
    table = table.sort_values(["segment", "need", "action"], kind="stable").reset_index(drop=True)
    if table.empty:
        return Portfolio(_without_rows(table), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    program = _Program.of(table)
    taken, bound = program.solve(budget, capacity or {}, fair_reach)
    chosen = table[taken].reset_index(drop=True)
    unmet = program.unmet.sum()
    if chosen.empty:
        return Portfolio(_without_rows(table), 0.0, 0.0, 0.0, float(bound), 0.0, float(unmet))
    draws = _drawn_relief(chosen, random_state)
    each = _relief(chosen, chosen["shortfall"].to_numpy(dtype=float), _expected(chosen))
    cost = _shared_cost(chosen)
    ends = np.quantile(draws, [0.025, 0.975], axis=0)
    told = chosen.assign(cost=cost, relief=each, relief_low=ends[0], relief_high=ends[1])
    told = told.iloc[np.lexsort((np.arange(len(told)), -np.round(each / np.maximum(cost, 1e-9), 9)))]
    told = told.reset_index(drop=True)
    whole = np.quantile(draws.sum(axis=1), [0.025, 0.975])
    return Portfolio(
        told.assign(step=_stepped(told, steps, random_state)), float(each.sum()), float(whole[0]), float(whole[1]),
        float(max(bound, each.sum())), float(cost.sum()), float(unmet),
    )  # fmt: skip


def _checked(
    candidates: pd.DataFrame, budget: float, capacity: Mapping[str, float], fair_reach: float, steps: int
) -> pd.DataFrame:
    """The candidates, when everything is as it must be."""
    missing = [name for name in _COLUMNS if name not in candidates]
    if missing:
        raise InvalidInput(
            "The candidates lack columns.", expected=", ".join(_COLUMNS), came=f"no {', '.join(missing)}"
        )
    if not np.isfinite(budget) or budget < 0:
        raise InvalidInput("That is no budget.", expected="an amount of 0 or more", came=f"{budget:g}")
    if not 0 <= fair_reach <= 1:
        raise InvalidInput("That is no fair reach.", expected="a part, from 0 to 1", came=f"{fair_reach:g}")
    if steps < 1:
        raise InvalidInput("Actions begin in one step or more.", expected="1 or more", came=str(steps))
    wrong = sorted(owner for owner, most in capacity.items() if not most >= 0)
    if wrong:
        raise InvalidInput("A capacity is 0 or more.", came=", ".join(wrong), where="capacity")
    numbers = candidates[["people", "shortfall", "low", "high", *_COLUMNS[9:]]].to_numpy(dtype=float)
    effects = candidates[["effect_low", "effect", "effect_high"]].to_numpy(dtype=float)
    if not np.isfinite(numbers).all() or (numbers < 0).any() or (effects >= 1).any() or (np.diff(effects) < 0).any():
        raise InvalidInput(
            "The candidates hold numbers that cannot be.",
            expected="people, shortfalls and costs of 0 or more; effects that rise from low to high, below 1",
        )
    if candidates.duplicated(["action", "segment", "need"]).any():
        raise InvalidInput("An action stands twice for the same segment and need.", expected="each once")
    return candidates if "weight" in candidates else candidates.assign(weight=1.0)


def _without_rows(table: pd.DataFrame) -> pd.DataFrame:
    return table.iloc[:0].assign(cost=0.0, relief=0.0, relief_low=0.0, relief_high=0.0, step=0)


@dataclass(frozen=True)
class _Program:
    """Variables: whether each candidate is in, whether each action is done, the relief of each segment and need."""

    table: pd.DataFrame
    pools: pd.DataFrame
    of_pool: np.ndarray
    of_action: np.ndarray
    unmet: Floats
    strength: Floats

    @classmethod
    def of(cls, table: pd.DataFrame) -> _Program:
        keys = table[["segment", "need"]]
        pools = keys.drop_duplicates().reset_index(drop=True)
        of_pool = table.groupby(["segment", "need"], sort=False, dropna=False).ngroup().to_numpy()
        of_action = table.groupby("action", sort=True).ngroup().to_numpy()
        first = np.unique(of_pool, return_index=True)[1]
        unmet = (table["people"] * table["shortfall"] * table["weight"]).to_numpy(dtype=float)[first]
        return cls(table, pools, of_pool, of_action, unmet, -np.log1p(-_expected(table)))

    def solve(self, budget: float, capacity: Mapping[str, float], fair_reach: float) -> tuple[np.ndarray, float]:
        """Which candidates are in, and what no choice can exceed."""
        n, actions, pools = len(self.table), int(self.of_action.max()) + 1, len(self.pools)
        size = n + actions + pools
        gain = np.concatenate([np.zeros(n + actions), np.ones(pools)])
        limits = [self._tangents(size), self._once(size), self._spending(size, budget), self._fair(size, fair_reach)]
        limits += self._efforts(size, capacity)
        found = milp(
            -gain,
            constraints=[limit for limit in limits if limit is not None],
            integrality=np.concatenate([np.ones(n + actions), np.zeros(pools)]),
            bounds=Bounds(0, np.concatenate([np.ones(n + actions), np.full(pools, np.inf)])),
            options={"mip_rel_gap": GAP, "node_limit": NODES},
        )
        if found.x is None:  # nothing but doing nothing was found
            return np.zeros(n, dtype=bool), float(self.unmet.sum())
        return found.x[:n] > 0.5, float(-found.mip_dual_bound)

    def _tangents(self, size: int) -> LinearConstraint:
        """Relief stays below every tangent of ``B (1 - exp(-L))`` of its pool."""
        blocks, most = [], []
        n, actions = len(self.table), int(self.of_action.max()) + 1
        longest = np.bincount(self.of_pool, self.strength)
        for pool, (whole, reach) in enumerate(zip(self.unmet, longest, strict=True)):
            at = np.linspace(0.0, max(reach, 1e-9), _TANGENTS)
            own = np.flatnonzero(self.of_pool == pool)
            rows = np.repeat(np.arange(_TANGENTS), len(own) + 1)
            columns = np.tile([*own, n + actions + pool], _TANGENTS)
            slopes = whole * np.exp(-at)
            values = np.column_stack([-slopes[:, None] * self.strength[own], np.ones(_TANGENTS)]).ravel()
            blocks.append(csr_array((values, (rows, columns)), shape=(_TANGENTS, size)))
            most.append(whole * (1 - np.exp(-at)) - slopes * at)
        return LinearConstraint(vstack(blocks), -np.inf, np.concatenate(most))

    def _once(self, size: int) -> LinearConstraint:
        """A candidate is in only when its action is done."""
        n = len(self.table)
        rows = np.tile(np.arange(n), 2)
        columns = np.concatenate([np.arange(n), n + self.of_action])
        values = np.concatenate([np.ones(n), -np.ones(n)])
        return LinearConstraint(csr_array((values, (rows, columns)), shape=(n, size)), -np.inf, 0.0)

    def _spending(self, size: int, budget: float) -> LinearConstraint:
        n, once = len(self.table), self._first_of_action("once")
        costs = np.zeros(size)
        costs[:n] = self.table["per_person"] * self.table["people"]
        costs[n : n + len(once)] = once
        return LinearConstraint(csr_array(costs[None]), -np.inf, budget)

    def _efforts(self, size: int, capacity: Mapping[str, float]) -> list[LinearConstraint]:
        n, owners, efforts = len(self.table), self._first_of_action("owner"), self._first_of_action("effort")
        limits = []
        for owner, most in sorted(capacity.items()):
            row = np.zeros(size)
            row[n : n + len(owners)] = np.where(owners == owner, efforts.astype(float), 0.0)
            limits.append(LinearConstraint(csr_array(row[None]), -np.inf, most))
        return limits

    def _fair(self, size: int, fair_reach: float) -> LinearConstraint | None:
        """Relief of a segment >= fair_reach x its share of all that is unmet x all relief, overlaps not taken off."""
        labels, segments = pd.factorize(self.pools["segment"])  # what is done for everyone reaches nobody more: -1
        own = labels >= 0
        shares = np.bincount(labels[own], self.unmet[own], minlength=len(segments))
        if fair_reach == 0 or len(shares) < 2 or shares.sum() == 0:
            return None
        rows = np.zeros((len(shares), size))
        reach, of = fair_reach * shares / shares.sum(), labels[self.of_pool]
        counted = self.unmet[self.of_pool] * self.strength * (of >= 0)
        rows[:, : len(of)] = ((of[None, :] == np.arange(len(shares))[:, None]) - reach[:, None]) * counted
        return LinearConstraint(csr_array(rows), 0.0, np.inf)

    def _first_of_action(self, column: str) -> np.ndarray:
        first = np.unique(self.of_action, return_index=True)[1]
        return self.table[column].to_numpy()[first]


def _expected(table: pd.DataFrame) -> Floats:
    """The mean of each action's triangular law."""
    return np.asarray(table[["effect_low", "effect", "effect_high"]].mean(axis=1), dtype=float)


def _relief(chosen: pd.DataFrame, shortfall: Floats, effect: Floats) -> Floats:
    """What each chosen action takes away: the relief of its pool, shared as the strengths of what is done about it.

    ``shortfall`` and ``effect`` hold one value per action, or draws x actions.
    """
    pool = chosen.groupby(["segment", "need"], sort=False, dropna=False).ngroup().to_numpy()
    strength = -np.log1p(-np.minimum(effect, 1 - 1e-12))
    members = (pool[:, None] == pool[None, :]).astype(float)
    whole = strength @ members
    share = np.divide(strength, whole, out=np.zeros_like(whole), where=whole > 0)
    people = (chosen["people"] * chosen["weight"]).to_numpy(dtype=float)
    return np.asarray(people * shortfall * -np.expm1(-whole) * share)


def _drawn_relief(chosen: pd.DataFrame, random_state: int) -> Floats:
    """Draws x actions: shortfalls within their intervals, and each action's effect, the same for all its segments."""
    rng = np.random.default_rng([20, random_state])
    spread = ((chosen["high"] - chosen["low"]) / (2 * 1.96)).to_numpy(dtype=float)
    places = chosen.groupby(["segment", "need"], sort=False, dropna=False).ngroup().to_numpy()
    turn = rng.standard_normal((_DRAWS, places.max() + 1))[:, places]
    shortfall = np.clip(chosen["shortfall"].to_numpy(dtype=float) + spread * turn, 0.0, 1.0)
    actions, first = np.unique(chosen["action"].to_numpy(dtype=str), return_index=True)
    low, likely, high = (chosen[name].to_numpy(dtype=float)[first] for name in ("effect_low", "effect", "effect_high"))
    effects = np.where(
        high > low, rng.triangular(low, likely, np.maximum(high, low + 1e-12), (_DRAWS, len(first))), low
    )
    return _relief(chosen, shortfall, effects[:, np.searchsorted(actions, chosen["action"].to_numpy(dtype=str))])


def _shared_cost(chosen: pd.DataFrame) -> Floats:
    """The cost of each row: per person, and its part of what is paid once."""
    people = chosen["people"].astype(float)
    of_all = people.groupby(chosen["action"]).transform("sum")
    return np.asarray(chosen["once"] * people / of_all.clip(lower=1e-9) + chosen["per_person"] * people)


def _stepped(chosen: pd.DataFrame, steps: int, random_state: int) -> Sequence[int]:
    """When each row begins: an action for several segments in different steps, in a drawn order, loads kept alike."""
    rng, load = np.random.default_rng([21, random_state]), np.zeros(steps)
    begins = np.zeros(len(chosen), dtype=int)
    for _, rows in chosen.groupby("action", sort=False):
        free = np.argsort(load, kind="stable")
        for turn, place in enumerate(rng.permutation(len(rows))):
            step = free[turn % steps]
            begins[rows.index[place]] = step + 1
            load[step] += float(rows["effort"].iloc[place])
    return begins.tolist()
