"""Reliability of need scores: how well the items of a need agree on where a person stands.

Alpha: Cronbach, L. J. (1951), Psychometrika 16, 297-334, with the interval of Feldt, L. S. (1965), Psychometrika 30,
357-370 (normal answers, parallel items): ``1 - (1 - alpha) F``. Omega: McDonald, R. P. (1999), Test Theory, from one
common factor fitted by minimum residuals (Harman & Jones 1966, Psychometrika 31, 351-368), with a percentile
bootstrap over people. Centred reliability asks the same of the scores segments are made of: answers from which the
person's own level has been taken, where agreement that comes from saying yes to everything no longer counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from segment.errors import InvalidInput
from segment.needs.answers import FloatArray, check_answers, check_need_map, check_weights

_COLUMNS = [
    "need", "items", "n", "alpha", "alpha_low", "alpha_high", "omega", "omega_low", "omega_high",
    "item_rest_min", "item_rest_mean", "reason",
]  # fmt: skip
_FEWEST = 10
_MOST_IN_BOOTSTRAP = 5000


def need_reliability(
    items: pd.DataFrame,
    need_map: Mapping[str, str],
    sample_weight: npt.ArrayLike | None = None,
    *,
    scales: Mapping[str, tuple[float, float]] | None = None,
    n_bootstrap: int = 100,
    random_state: int = 0,
) -> pd.DataFrame:
    """One row per need: how consistently its items are answered.

    Parameters
    ----------
    items, need_map, sample_weight, scales
        As for ``NeedScorer.fit``. People who answered every item of a need count for that need.
    n_bootstrap
        Resamples of people for the interval of omega; 0 gives no interval.
    random_state
        Seed of the resamples.

    Returns
    -------
    DataFrame with columns ``need``, ``items`` (count), ``n`` (people), ``alpha``, ``alpha_low``, ``alpha_high`` (95 %,
    Feldt), ``omega``, ``omega_low``, ``omega_high`` (95 %, bootstrap; NaN below three items), ``item_rest_min``,
    ``item_rest_mean`` (correlation of an item with the sum of the others) and ``reason``: why a figure is missing, a
    code of ``needs.reason``.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> pay = rng.normal(size=200)
    >>> items = pd.DataFrame({f"p{j}": pay + rng.normal(size=200) for j in range(4)} | {"m": pay})
    >>> table = need_reliability(items, dict.fromkeys(["p0", "p1", "p2", "p3"], "pay") | {"m": "meaning"})
    >>> table[["need", "items", "alpha"]].round(2).values.tolist()
    [['pay', 4, 0.81], ['meaning', 1, nan]]
    >>> table.reason.tolist()
    ['', 'one_item']
    """
    answers = check_answers(items[[code for code in items.columns if code in need_map]], scales=scales)
    return _by_need(answers, need_map, sample_weight, n_bootstrap, random_state)


def centred_reliability(
    items: pd.DataFrame,
    need_map: Mapping[str, str],
    sample_weight: npt.ArrayLike | None = None,
    *,
    scales: Mapping[str, tuple[float, float]] | None = None,
) -> pd.DataFrame:
    """The same table for answers from which item means and each person's mean over needs have been taken.

    Taking out the person's level makes unrelated items of different needs correlate negatively; so a need with
    nothing in common between its items comes out near zero, as it should. Only alpha and item-rest correlations
    are given; omega would need the level back.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> style = rng.normal(size=(300, 1))
    >>> items = pd.DataFrame(style + rng.normal(size=(300, 6)), columns=list("abcdef"))
    >>> needs = dict(zip("abcdef", ["pay", "pay", "meaning", "meaning", "social", "social"]))
    >>> bool(need_reliability(items, needs, n_bootstrap=0).alpha.min() > 0.5)
    True
    >>> bool(centred_reliability(items, needs).alpha.max() < 0.3)
    True
    """
    answers = check_answers(items[[code for code in items.columns if code in need_map]], scales=scales)
    known = check_need_map(answers, need_map)
    weight = check_weights(sample_weight, len(answers))
    values = answers[list(known)].to_numpy()
    given = ~np.isnan(values)
    totals = weight @ given
    centred = values - (weight @ np.where(given, values, 0.0)) / np.where(totals > 0, totals, 1.0)
    design = pd.get_dummies(pd.Series(known)).to_numpy(dtype=np.float64)
    counts = given @ design
    means = np.where(given, centred, 0.0) @ design / np.maximum(counts, 1)
    level = (means * (counts > 0)).sum(axis=1) / np.maximum((counts > 0).sum(axis=1), 1)
    stripped = pd.DataFrame(centred - level[:, None], index=answers.index, columns=list(known))
    return _by_need(stripped, known, weight, 0, 0).drop(columns=["omega", "omega_low", "omega_high"])


def _by_need(
    answers: pd.DataFrame,
    need_map: Mapping[str, str],
    sample_weight: npt.ArrayLike | None,
    n_bootstrap: int,
    random_state: int,
) -> pd.DataFrame:
    known = check_need_map(answers, need_map)
    weight = check_weights(sample_weight, len(answers))
    needs = list(dict.fromkeys(known.values()))
    seeds = np.random.SeedSequence(random_state).spawn(len(needs))
    rows = []
    for need, seed in zip(needs, seeds, strict=True):
        codes = [code for code, other in known.items() if other == need]
        values = answers[codes].to_numpy()
        complete = ~np.isnan(values).any(axis=1) & (weight > 0)
        row = {"need": need, "items": len(codes), "n": int(complete.sum())}
        rows.append(row | _one_need(values[complete], weight[complete], n_bootstrap, np.random.default_rng(seed)))
    return pd.DataFrame(rows, columns=_COLUMNS)


def _one_need(
    values: FloatArray, weight: FloatArray, n_bootstrap: int, generator: np.random.Generator
) -> dict[str, float | str]:
    empty: dict[str, float | str] = dict.fromkeys(_COLUMNS[3:-1], np.nan)
    n, items = values.shape
    if items < 2:
        return empty | {"reason": "one_item"}
    if n < _FEWEST:
        return empty | {"reason": "few_people"}
    covariance = _covariance(values, weight)
    if (np.diag(covariance) <= 1e-12).any():
        return empty | {"reason": "no_variation"}
    alpha = cronbach_alpha(covariance)
    low, high = feldt_interval(alpha, _effective(weight), items)
    rest = _item_rest(covariance)
    found: dict[str, float | str] = empty | {
        "alpha": alpha, "alpha_low": low, "alpha_high": high,
        "item_rest_min": float(rest.min()), "item_rest_mean": float(rest.mean()), "reason": "",
    }  # fmt: skip
    if items < 3:
        return found | {"reason": "no_omega"}
    found["omega"] = mcdonald_omega(covariance)
    if n_bootstrap > 0:
        draws = _bootstrap_omega(values, weight, n_bootstrap, generator)
        found["omega_low"], found["omega_high"] = (float(edge) for edge in np.quantile(draws, [0.025, 0.975]))
    return found


def cronbach_alpha(covariance: npt.ArrayLike) -> float:
    """Alpha of a sum of items from their covariance: ``J / (J - 1) (1 - trace / total)``.

    >>> cronbach_alpha([[1.0, 0.5], [0.5, 1.0]])
    0.6666666666666667
    """
    matrix = np.asarray(covariance, dtype=np.float64)
    items, total = len(matrix), float(matrix.sum())
    return float(items / (items - 1) * (1 - np.trace(matrix) / total)) if total > 1e-12 else float("-inf")


def feldt_interval(alpha: float, n: float, items: int, *, level: float = 0.95) -> tuple[float, float]:
    """Interval of alpha for ``n`` people and ``items`` items (Feldt 1965).

    >>> low, high = feldt_interval(0.8, 200, 4)
    >>> round(low, 3), round(high, 3)
    (0.751, 0.842)
    """
    if not np.isfinite(alpha):
        return float("nan"), float("nan")
    tail = (1 - level) / 2
    first, second = n - 1, (n - 1) * (items - 1)
    return (
        float(1 - (1 - alpha) * stats.f.ppf(1 - tail, first, second)),
        float(1 - (1 - alpha) * stats.f.ppf(tail, first, second)),
    )


def mcdonald_omega(covariance: npt.ArrayLike) -> float:
    """Omega: share of the variance of the sum of items that their one common factor explains, 0 to 1.

    >>> round(mcdonald_omega([[1.0, 0.5, 0.5], [0.5, 1.0, 0.5], [0.5, 0.5, 1.0]]), 3)
    0.75
    """
    matrix = np.asarray(covariance, dtype=np.float64)
    scale = np.sqrt(np.diag(matrix))
    loadings = _one_factor(matrix / np.outer(scale, scale)) * scale
    unique = np.maximum(np.diag(matrix) - loadings**2, 0.0)
    common = float(loadings.sum() ** 2)
    return common / max(common + float(unique.sum()), 1e-12)


def _one_factor(correlation: FloatArray, rounds: int = 200) -> FloatArray:
    """Loadings on one factor that leave the least squared residual correlation, item by item (minres)."""
    items = len(correlation)
    off = correlation - np.eye(items)
    start = np.sqrt(np.clip(np.abs(off).max(axis=1), 0.05, 0.95))
    direction = np.sign(off.sum(axis=1))
    loadings: FloatArray = start * np.where(direction == 0, 1.0, direction)
    for _ in range(rounds):
        before = loadings.copy()
        for item in range(items):
            others = float(loadings @ loadings) - loadings[item] ** 2
            loadings[item] = np.clip(float(off[item] @ loadings) / max(others, 1e-9), -1.0, 1.0)
        if np.abs(loadings - before).max() < 1e-8:
            break
    return loadings


def _bootstrap_omega(
    values: FloatArray, weight: FloatArray, n_bootstrap: int, generator: np.random.Generator
) -> Sequence[float]:
    """Omega of resampled people; above 5,000 people resamples have 5,000 and the spread shrinks by root n."""
    n = len(values)
    size = min(n, _MOST_IN_BOOTSTRAP)
    centre = mcdonald_omega(_covariance(values, weight))
    draws = []
    for _ in range(n_bootstrap):
        counts = weight * np.bincount(generator.integers(0, n, size), minlength=n)
        if counts.sum() <= 0:
            continue
        covariance = _covariance(values, counts)
        if (np.diag(covariance) > 1e-12).all():
            draws.append(centre + (mcdonald_omega(covariance) - centre) * float(np.sqrt(size / n)))
    return draws or [centre]


def _effective(weight: FloatArray) -> float:
    """As many people as the weights are worth (Kish, 1965)."""
    return float(weight.sum() ** 2 / (weight @ weight))


def _covariance(values: FloatArray, weight: FloatArray) -> FloatArray:
    centred = values - weight @ values / weight.sum()
    return np.asarray((centred * weight[:, None]).T @ centred / weight.sum())


def _item_rest(covariance: FloatArray) -> FloatArray:
    """Correlation of every item with the sum of the other items."""
    total = covariance.sum()
    own = np.diag(covariance)
    with_rest = covariance.sum(axis=1) - own
    rest_variance = np.maximum(total - 2 * covariance.sum(axis=1) + own, 1e-12)
    return np.asarray(np.clip(with_rest / np.sqrt(own * rest_variance), -1.0, 1.0))


def usual_reliability(items: int) -> float:
    """What scores of so many questions usually have, where it was not measured: .7 for four (Spearman-Brown formula).

    >>> round(usual_reliability(4), 2), round(usual_reliability(1), 2)
    (0.7, 0.37)
    """
    single = 0.7 / (4 - 3 * 0.7)
    return items * single / (1 + (items - 1) * single)


def median_reliability(table: pd.DataFrame) -> float:
    """Median alpha over the needs that have one; NaN when none has.

    Raises
    ------
    InvalidInput
        When the table is not one of reliabilities.

    Examples
    --------
    >>> median_reliability(pd.DataFrame({"need": ["GRO", "PAY", "REC"], "alpha": [0.8, 0.7, float("nan")]}))
    0.75
    """
    if "alpha" not in table.columns:
        raise InvalidInput("This is no table of reliabilities.", expected="a column alpha")
    known = table["alpha"].dropna()
    return float(known.median()) if len(known) else float("nan")
