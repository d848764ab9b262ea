"""What it is worth that people stay: expected lifetime value of employees, and how sure that is.

For months ``j = 1..H`` ahead, with survival ``S_j`` given the tenure so far (``S_0 = 1``) and incidences ``F_kj``,

    value = sum_j d_j [ (S_{j-1} + S_j) / 2 * (v_j r_j - c_j) - sum_k x_k (F_kj - F_k,j-1) ] - acquisition,

where ``v_j`` is the value a person brings in month ``j`` at full strength, ``r_j`` the ramp-up (0 to 1), ``c_j`` the
cost, ``x_k`` the cost of an exit for cause ``k``, and ``d_j = (1 + rate) ** (-(j - 1/2) / 12)``: exits and cash fall in
the middle of the month. It is a description of expectations, never a price of a person: release it per group only.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.stats import t as student

from segment.errors import InvalidInput

#: A group needs this many people before its value is shown.
FEWEST_PEOPLE = 30

Amount = float | Sequence[float] | np.ndarray


def lifetime_value(
    survival: np.ndarray,
    incidences: Mapping[str, np.ndarray],
    *,
    value: Amount,
    cost: Amount = 0.0,
    ramp: Amount = 1.0,
    discount_rate: float = 0.0,
    exit_cost: Mapping[str, float | np.ndarray] | None = None,
    acquisition: float | np.ndarray = 0.0,
    horizon_months: int | None = None,
) -> np.ndarray:
    """Expected discounted value per person over a finite horizon.

    Parameters
    ----------
    survival
        Shape (n, H): the chance still to be here at the end of months 1..H ahead, given the tenure so far.
    incidences
        Per cause, shape (n, H): the chance to have left for it by the end of each month.
    value, cost
        Per month at full strength: one number, one per person (n, 1), one per month (H,), or (n, H). Any currency,
        the same throughout.
    ramp
        Share of full strength, 0 to 1, shaped as ``value``; :func:`ramp_up` makes it from tenure.
    discount_rate
        Per year, above -1.
    exit_cost
        Per cause, one number or one per person; causes left out cost nothing.
    acquisition
        Cost of hiring, for those who still have to be hired; one number or one per person.
    horizon_months
        Use only the first so many months; default all.

    Returns
    -------
    ndarray (n,)
        In the currency of ``value``.

    Examples
    --------
    >>> lifetime_value(np.array([[1.0, 1.0]]), {}, value=100.0, cost=40.0).tolist()
    [120.0]
    >>> lifetime_value(np.array([[0.5]]), {"left": np.array([[0.5]])}, value=100.0, exit_cost={"left": 30.0}).tolist()
    [60.0]
    """
    alive, gone = _check_curves(survival, incidences, horizon_months)
    months = alive.shape[1]
    discount = monthly_discount(discount_rate, months)
    worth = _by_month(value, alive.shape, "value") * _by_month(ramp, alive.shape, "ramp")
    present = (np.hstack([np.ones((len(alive), 1)), alive[:, :-1]]) + alive) / 2
    total = (present * (worth - _by_month(cost, alive.shape, "cost"))) @ discount
    unknown = [cause for cause in exit_cost or {} if cause not in gone]
    if unknown:
        raise InvalidInput(
            "An exit cost has no incidence.",
            expected=", ".join(gone) or "no causes",
            came=", ".join(unknown),
            where="exit_cost",
        )
    for cause, price in (exit_cost or {}).items():
        leaving = np.diff(gone[cause], axis=1, prepend=0.0) @ discount
        total = total - np.asarray(price, dtype=float) * leaving
    return np.asarray(total - np.asarray(acquisition, dtype=float))


def ramp_up(
    tenure: Sequence[float] | np.ndarray, *, months_to_full: float, horizon_months: int, begin: float = 0.0
) -> np.ndarray:
    """Share of full strength in months 1..H ahead, rising in a straight line from ``begin`` at hire to 1.

    Parameters
    ----------
    tenure
        Months of tenure today, shape (n,).

    Returns
    -------
    ndarray (n, H)

    Examples
    --------
    >>> ramp_up([0.0, 24.0], months_to_full=2, horizon_months=3).tolist()
    [[0.25, 0.75, 1.0], [1.0, 1.0, 1.0]]
    """
    middle = np.asarray(tenure, dtype=float)[:, None] + np.arange(horizon_months) + 0.5
    share = np.ones_like(middle) if months_to_full <= 0 else np.clip(middle / months_to_full, 0, 1)
    return begin + (1 - begin) * share


def monthly_discount(rate: float, months: int) -> np.ndarray:
    """Discount factors in the middle of months 1..``months`` for a yearly rate.

    >>> monthly_discount(0.0, 2).tolist()
    [1.0, 1.0]
    """
    if not np.isfinite(rate) or rate <= -1:
        raise InvalidInput(
            "The discount rate cannot be used.",
            expected="a yearly rate above -1, such as 0.05",
            came=str(rate),
            where="discount_rate",
        )
    return (1.0 + rate) ** (-(np.arange(months) + 0.5) / 12)


def value_at_risk(
    incidences: Mapping[str, np.ndarray], exit_value: float | np.ndarray, *, months: int = 12
) -> np.ndarray:
    """Expected value lost to exits in the coming months: incidence of all causes times what a stay would be worth.

    ``exit_value`` is one number or one per person (for example the lifetime value given staying); shape (n,).

    Parameters
    ----------
    incidences
        Cause -> chance to have left by each month ahead, people x months.
    exit_value
        What a stay would be worth: one number or one per person.
    months
        How many months ahead count.

    Examples
    --------
    >>> value_at_risk({"left": np.array([[0.1, 0.2]])}, 1000.0, months=2).tolist()
    [200.0]
    """
    if not incidences:
        raise InvalidInput(
            "Value at risk needs incidences.", expected="at least one cause", came="none", where="incidences"
        )
    gone = np.sum([np.asarray(by_month, dtype=float) for by_month in incidences.values()], axis=0)
    return np.asarray(gone[:, min(months, gone.shape[1]) - 1] * np.asarray(exit_value, dtype=float))


def segment_value(
    values: np.ndarray,
    labels: Sequence[Hashable] | np.ndarray | pd.Series,
    *,
    draws: np.ndarray | None = None,
    weights: np.ndarray | None = None,
    n_boot: int = 500,
    level: float = 0.95,
    fewest_people: int = FEWEST_PEOPLE,
    random_state: int = 0,
) -> pd.DataFrame:
    """Mean value per segment with bands.

    Parameters
    ----------
    values
        Value per person, shape (n,).
    labels
        Segment per person; missing counts for everyone only.
    draws
        Shape (B, n): the same values under B refitted models (or scenarios). With them the bands carry the doubt about
        the model (Student's t with B - 1 degrees of freedom) as well as about who is in the segment; without them
        only the latter. At least two.
    weights
        Positive weights.
    fewest_people
        Below this a segment gets no figure: ``note`` says ``too_few``.
    n_boot
        Draws of people for the bands.
    level
        Of the bands, 0 to 1.
    random_state
        Seed of those draws.

    Returns
    -------
    DataFrame
        One row per segment, everyone first: ``segment`` (missing: everyone), ``n``, ``value``, ``low``, ``high``,
        ``note``.

    Examples
    --------
    >>> segment_value(np.arange(40.0), [0] * 40)[["n", "value", "note"]].values.tolist()
    [[40, 19.5, ''], [40, 19.5, '']]
    """
    amount = np.asarray(values, dtype=float).ravel()
    label = pd.Series(np.asarray(labels, dtype=object))
    weight = np.ones(len(amount)) if weights is None else np.asarray(weights, dtype=float)
    refits = None if draws is None else np.atleast_2d(np.asarray(draws, dtype=float))
    if not len(amount) == len(label) == len(weight) or (
        refits is not None and (refits.shape[1] != len(amount) or len(refits) < 2)
    ):
        raise InvalidInput(
            "Values, segments and draws do not match.",
            expected=f"one label and one column per value ({len(amount)})",
            came=f"{len(label)} labels",
            where="labels, draws, weights",
        )
    rng = np.random.default_rng(random_state)
    rows = [
        _value_row(None, np.ones(len(amount), dtype=bool), amount, weight, refits, n_boot, level, fewest_people, rng)
    ]
    for segment in sorted(label.dropna().unique()):
        inside = (label == segment).to_numpy()
        rows.append(_value_row(segment, inside, amount, weight, refits, n_boot, level, fewest_people, rng))
    return pd.DataFrame(rows, columns=["segment", "n", "value", "low", "high", "note"])


def sensitivity(
    evaluate_with: Mapping[str, tuple[float, float]], value_of: Mapping[str, Mapping[float, float]]
) -> pd.DataFrame:
    """A tornado: how far the value moves when one assumption goes from its low to its high end.

    Parameters
    ----------
    evaluate_with
        Per assumption its low and high setting.
    value_of
        Per assumption the value at each of the two settings.

    Returns
    -------
    DataFrame
        One row per assumption, widest first: ``assumption``, ``low_setting``, ``high_setting``, ``at_low_setting``,
        ``at_high_setting``, ``width``.

    Examples
    --------
    >>> values = {"rate": {0.0: 10, 0.1: 9}, "cost": {1.0: 10, 2.0: 5}}
    >>> table = sensitivity({"rate": (0.0, 0.1), "cost": (1.0, 2.0)}, values)
    >>> table["assumption"].tolist()
    ['cost', 'rate']
    """
    rows = [
        (name, low, high, value_of[name][low], value_of[name][high], abs(value_of[name][high] - value_of[name][low]))
        for name, (low, high) in evaluate_with.items()
    ]
    columns = ["assumption", "low_setting", "high_setting", "at_low_setting", "at_high_setting", "width"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(["width", "assumption"], ascending=[False, True], ignore_index=True)


def _value_row(
    segment: Hashable | None,
    inside: np.ndarray,
    values: np.ndarray,
    weight: np.ndarray,
    draws: np.ndarray | None,
    n_boot: int,
    level: float,
    fewest_people: int,
    rng: np.random.Generator,
) -> tuple[Hashable | None, int, float, float, float, str]:
    size = int(inside.sum())
    if size < fewest_people:
        return segment, size, float("nan"), float("nan"), float("nan"), "too_few"
    mine, own = values[inside], weight[inside]
    value = float(np.average(mine, weights=own))
    rows = rng.integers(0, size, (n_boot, size))
    means = np.sum(mine[rows] * own[rows], axis=1) / np.sum(own[rows], axis=1)
    if draws is None:
        low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
        return segment, size, value, float(low), float(high), ""
    refits = np.average(draws[:, inside], axis=1, weights=own)
    of_model = refits.std(ddof=1) * np.sqrt(1 + 1 / len(refits))
    reach = float(student.ppf(0.5 + level / 2, len(refits) - 1) * np.hypot(of_model, means.std(ddof=1)))
    return segment, size, value, value - reach, value + reach, ""


def _check_curves(
    survival: np.ndarray, incidences: Mapping[str, np.ndarray], horizon_months: int | None
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    alive = np.asarray(survival, dtype=float)
    if alive.ndim != 2 or alive.shape[1] == 0:
        raise InvalidInput(
            "Survival must be people by months.",
            expected="an array of shape (n, months)",
            came=f"shape {alive.shape}",
            where="survival",
        )
    months = alive.shape[1] if horizon_months is None else horizon_months
    if not 1 <= months <= alive.shape[1]:
        raise InvalidInput(
            "The horizon is longer than the curves.",
            expected=f"1 to {alive.shape[1]} months",
            came=str(months),
            where="horizon_months",
        )
    gone = {cause: np.asarray(by_month, dtype=float) for cause, by_month in incidences.items()}
    if any(by_month.shape != alive.shape for by_month in gone.values()):
        raise InvalidInput(
            "Incidences and survival do not match.",
            expected=f"shape {alive.shape}",
            came="another shape",
            where="incidences",
        )
    if (np.diff(alive, axis=1, prepend=1.0) > 1e-9).any() or (alive < -1e-12).any():
        raise InvalidInput(
            "A survival curve rises.", expected="1 or less, never rising", came="a rise", where="survival"
        )
    return alive[:, :months], {cause: by_month[:, :months] for cause, by_month in gone.items()}


def _by_month(amount: Amount, shape: tuple[int, int], name: str) -> np.ndarray:
    """An amount for every person and month."""
    given = np.asarray(amount, dtype=float)
    if given.ndim == 1 and len(given) not in (1, shape[1]) and len(given) > shape[1]:
        given = given[: shape[1]]
    elif given.ndim == 2 and given.shape[1] > shape[1]:
        given = given[:, : shape[1]]
    try:
        return np.broadcast_to(given, shape)
    except ValueError:
        raise InvalidInput(
            "An amount does not fit people and months.",
            expected=f"one number, {shape[1]} months, ({shape[0]}, 1) or {shape}",
            came=f"shape {given.shape}",
            where=name,
        ) from None
