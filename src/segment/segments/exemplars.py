"""An imagined person of each segment: what sets its answers apart, from means over many and never a real person's."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from segment.segments.checking import Floats, checked_posteriors, checked_scores, checked_weights

#: What an exemplar says more than others do, and less: numbers of questions.
MORE, LESS = 3, 2
_COLUMNS = ["segment", "place", "side", "item", "need", "n", "mean", "overall", "difference"]


def exemplars(
    items: pd.DataFrame,
    posteriors: ArrayLike,
    need_map: Mapping[str, str],
    *,
    sample_weight: ArrayLike | None = None,
    digits: int = 1,
) -> pd.DataFrame:
    """The questions that tell a segment apart, at most one per need, with its mean answer beside everyone's.

    A question that everybody answered alike tells nobody apart, and neither does one of which the segment's mean is
    everyone's, as they are shown.

    Parameters
    ----------
    items
        People x codes, all on one scale; NaN: not answered. Codes without a need are left out.
    posteriors
        People x segments, 0..1, rows add to one; means are weighted by them.
    digits
        Decimals with which means are shown.

    Returns
    -------
    DataFrame
        One row per segment and place: ``segment``, ``place`` (1..), ``side`` (``more``, ``less``), ``item``, ``need``,
        ``n`` (people of the segment who answered), ``mean``, ``overall`` (answer units), ``difference`` (standard
        deviations; the segment's own level is taken out, so that people who score everything high say nothing "more").

    Notes
    -----
    Exemplars are made of a segment's means, the archetype of a persona (Cooper, 1999, *The Inmates Are Running the
    Asylum*): showing the person closest to the middle would show somebody.

    Examples
    --------
    >>> answers = pd.DataFrame({"p": [5.0, 4, 2, 1], "s": [1.0, 2, 4, 5], "g": [3.0, 3, 3, 3.5]})
    >>> told = exemplars(answers, [[1, 0], [1, 0], [0, 1], [0, 1]], {"p": "pay", "s": "social", "g": "growth"})
    >>> told.loc[told["place"] == 1, ["segment", "side", "item", "mean", "overall"]]
       segment  side item  mean  overall
    0        0  more    p   4.5      3.0
    3        1  more    s   4.5      3.0
    """
    asked = checked_scores(items[[code for code in items if str(code) in need_map]])
    table = asked.loc[:, (asked.max() > asked.min()).to_numpy()]
    if table.empty:
        return pd.DataFrame(columns=_COLUMNS)
    p = checked_posteriors(posteriors, len(table))
    weights = checked_weights(sample_weight, len(table))
    values, given = np.nan_to_num(table.to_numpy(dtype=float)), table.notna().to_numpy()
    mass = p * weights[:, None]
    means = (mass.T @ values) / np.maximum(mass.T @ given, 1e-12)
    whole = np.maximum(weights @ given, 1e-12)
    overall = weights @ values / whole
    spread = np.sqrt(np.maximum(weights @ ((values - overall) ** 2 * given) / whole, 1e-12))
    apart = _level_free(means - overall) / spread
    shown = np.round(means, digits) != np.round(overall, digits)
    assigned = p.argmax(axis=1)
    answered = np.array([given[assigned == segment].sum(axis=0) for segment in range(p.shape[1])])
    codes, needs = [str(c) for c in table], [need_map[str(c)] for c in table]
    rows = []
    for segment in range(p.shape[1]):
        for place, (at, side) in enumerate(_telling(apart[segment], needs, shown[segment]), start=1):
            rows.append((segment, place, side, codes[at], needs[at], int(answered[segment, at]),
                         means[segment, at], overall[at], apart[segment, at]))  # fmt: skip
    return pd.DataFrame(rows, columns=_COLUMNS)


def _level_free(differences: Floats) -> Floats:
    result: Floats = differences - differences.mean(axis=1, keepdims=True)
    return result


def _telling(apart: Floats, needs: list[str], shown: np.ndarray) -> list[tuple[int, str]]:
    """Places of the questions that stand out, one per need; what nobody is shown to say more or less of is left out."""
    chosen: list[tuple[int, str]] = []
    seen: set[str] = set()
    for side, sign, most in (("more", -1.0, MORE), ("less", 1.0, LESS)):
        own: list[int] = []
        for at in np.argsort(sign * apart, kind="stable"):
            if len(own) < most and shown[at] and sign * apart[at] < 0 and needs[at] not in seen:
                own.append(int(at))
                seen.add(needs[at])
        chosen += [(at, side) for at in own]
    return chosen
