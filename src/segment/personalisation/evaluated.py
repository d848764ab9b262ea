"""What an action did, from the order in which groups began: those who began against those who still waited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from segment.errors import InvalidInput

Floats = NDArray[np.float64]

#: Fewest people who were seen before and after they began, and who still waited, before an effect is reported.
FEWEST = 10
_COLUMNS = ("person", "wave", "segment")


def stepped_effects(
    outcomes: pd.DataFrame,
    begun: Mapping[object, str],
    *,
    waves: Sequence[str],
    figures: Sequence[str],
    level: float = 0.95,
) -> pd.DataFrame:
    """The effect of an action on each figure, by difference in differences over the steps in which groups began.

    Parameters
    ----------
    outcomes
        One row per person and wave: ``person``, ``wave``, ``segment``, the figures (NaN: not known), and perhaps
        ``weight``.
    begun
        Segment -> the first wave in which the action had begun there. Segments that are not named still wait.
    waves
        The waves, earliest first.
    figures
        Columns of ``outcomes``: the target, and what it may do besides.
    level
        Of the intervals, 0 to 1.

    Returns
    -------
    DataFrame
        One row per figure: ``figure``, ``effect`` (mean over people and waves since they began, in its unit) with
        ``low`` and ``high``, ``n`` (people seen both before and after they began) and ``n_waiting`` (people of waves in
        which they waited). An effect that cannot be known (fewer than ten people, or a wave in which nobody waited) is
        missing.

    Raises
    ------
    InvalidInput
        Columns that are missing, people who stand twice in a wave, waves that are not known.

    Notes
    -----
    By imputation (Borusyak, Jaravel and Spiess, 2024, Review of Economic Studies 91): from people while they waited,
    y_it = a_i + b_t by weighted least squares; the effect is the mean of y_it - a_i - b_t of people after they began.
    It takes nobody who has begun for somebody who waits, so that effects may grow, and differ between segments, as
    they may not in a regression with one coefficient (Goodman-Bacon, 2021). Its variance is the sum of squared
    influences of people, that of b_t included. It takes for granted that, without the action, segments would have
    changed alike, and that what happened to one segment alone in one wave is the action: a drawn order makes that
    fair (Hussey and Hughes, 2007), and no order makes it sure.

    Examples
    --------
    >>> people = [f"{side}{number}" for side in "ab" for number in range(20)]
    >>> rows = pd.DataFrame({"person": people * 2, "wave": ["1"] * 40 + ["2"] * 40})
    >>> rows["segment"] = ([0] * 20 + [1] * 20) * 2
    >>> rows["lack"] = 0.4 - 0.1 * (rows["wave"] == "2") - 0.2 * ((rows["wave"] == "2") & (rows["segment"] == 0))
    >>> stepped_effects(rows, {0: "2"}, waves=["1", "2"], figures=["lack"])[["figure", "effect", "n"]].round(2)
      figure  effect   n
    0   lack    -0.2  20
    """
    _refuse(outcomes, begun, waves, figures)
    order = {wave: at for at, wave in enumerate(waves)}
    rows = outcomes.assign(
        _at=outcomes["wave"].map(order), _since=outcomes["segment"].map({k: order[v] for k, v in begun.items()})
    )
    rows["_treated"] = rows["_at"] >= rows["_since"].fillna(len(waves))
    return pd.DataFrame([{"figure": name, **_effect(rows, name, len(waves), level)} for name in figures])


def _effect(rows: pd.DataFrame, figure: str, size: int, level: float) -> dict[str, float]:
    """One figure's effect; missing where too few people tell of it."""
    known = rows[rows[figure].notna()]
    weight = known["weight"].to_numpy(dtype=float) if "weight" in known else np.ones(len(known))
    codes, people = pd.factorize(known["person"])
    after = known["_treated"].to_numpy(dtype=bool)
    seen = np.zeros((len(people), size, 2))  # per person and wave: whether seen waiting, whether seen after they began
    values, own = np.zeros((len(people), size)), np.ones(len(people))
    at = known["_at"].to_numpy(dtype=int)
    seen[codes, at, after.astype(int)] = 1.0
    values[codes, at], own[codes] = known[figure].to_numpy(dtype=float), weight
    waiting, begun = seen[..., 0], seen[..., 1]
    waited = waiting.sum(axis=1)
    begun = begun * (waited > 0)[:, None]
    told = begun.sum(axis=1) > 0
    counts = {"n": int(told.sum()), "n_waiting": int((waited > 1).sum())}
    nothing = {"effect": np.nan, "low": np.nan, "high": np.nan, **counts}
    if min(counts.values()) < FEWEST:
        return nothing
    share = waiting / np.maximum(waited, 1.0)[:, None]
    inside = waiting[:, :, None] * (np.eye(size)[None] - share[:, None, :])  # each wave less the person's mean
    normal = np.einsum("i,its,itu->su", own, inside, inside)
    reached = (begun * own[:, None]).sum(axis=0) > 0
    inverse = np.linalg.pinv(normal, rcond=1e-9)
    if not _identified(normal, inverse, share, begun, own, reached):
        return nothing
    mean = (share * values).sum(axis=1)
    steps = inverse @ np.einsum("i,its,it->s", own, inside, values * waiting)
    left = waiting * (values - mean[:, None] - (steps[None] - (share @ steps)[:, None]))
    each = begun * (values - mean[:, None] - (steps[None] - (share @ steps)[:, None]))
    whole = float((own[:, None] * begun).sum())
    effect = float((own[:, None] * each).sum()) / whole
    direction = ((own[:, None] * begun).sum(axis=0) - (own * begun.sum(axis=1)) @ share) / whole
    influence = own * (each.sum(axis=1) - effect * begun.sum(axis=1)) / whole
    influence -= own * (np.einsum("it,its->is", left, inside) @ inverse @ direction)
    n = int(((waited > 1) | told).sum())
    error = float(np.sqrt((influence**2).sum() * n / (n - 1)))
    reach = float(stats.t.ppf(0.5 + level / 2, n - 1)) * error
    return {"effect": effect, "low": effect - reach, "high": effect + reach, **counts}


def _identified(
    normal: Floats, inverse: Floats, share: Floats, begun: Floats, own: Floats, reached: NDArray[np.bool_]
) -> bool:
    """Whether people who waited tell of every wave in which somebody had begun, beside the waves before."""
    people = own * begun.sum(axis=1)
    contrasts = np.eye(len(normal))[reached] - (people @ share) / people.sum()
    return bool(np.allclose(contrasts @ inverse @ normal, contrasts, atol=1e-6))


def _refuse(outcomes: pd.DataFrame, begun: Mapping[object, str], waves: Sequence[str], figures: Sequence[str]) -> None:
    absent = [name for name in (*_COLUMNS, *figures) if name not in outcomes]
    if absent:
        raise InvalidInput("The outcomes lack columns.", came=f"without {', '.join(absent)}", where="outcomes")
    twice = int(outcomes.duplicated(["person", "wave"]).sum())
    if twice:
        raise InvalidInput("People stand twice in a wave.", came=f"{twice} rows too many", where="outcomes")
    unknown = sorted({*map(str, outcomes["wave"]), *map(str, begun.values())} - set(waves))
    if unknown:
        raise InvalidInput("A wave is not known.", expected=", ".join(waves), came=", ".join(unknown), where="wave")
