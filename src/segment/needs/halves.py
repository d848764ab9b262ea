"""The same needs scored twice, from every other question: what says whether an answer would come back."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from segment.needs.answers import FloatArray
from segment.needs.scoring import NeedScorer


def parallel_halves(
    items: pd.DataFrame,
    need_map: Mapping[str, str],
    sample_weight: FloatArray,
    *,
    scales: Mapping[str, tuple[float, float]],
) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Style-free scores from two halves of the questions, people x needs each; None where a need has one question.

    The first half takes the first, third, ... question of every need, the second half the others (Lord, F. M. &
    Novick, M. R. (1968), *Statistical Theories of Mental Test Scores*, chapter 9).

    Examples
    --------
    >>> import numpy as np
    >>> items = pd.DataFrame({"p1": [5.0, 1], "p2": [4.0, 1], "m1": [2.0, 3], "m2": [1.0, 4]})
    >>> needs = {"p1": "pay", "p2": "pay", "m1": "meaning", "m2": "meaning"}
    >>> halves = parallel_halves(items, needs, np.ones(2), scales=dict.fromkeys(items, (1.0, 5.0)))
    >>> [half.columns.tolist() for half in halves]
    [['pay', 'meaning'], ['pay', 'meaning']]
    """
    by_need: dict[str, list[str]] = {}
    for code, need in need_map.items():
        by_need.setdefault(need, []).append(code)
    if min(map(len, by_need.values())) < 2:
        return None
    parts = []
    for start in (0, 1):
        half = {code: need for need, codes in by_need.items() for code in codes[start::2]}
        own = items[list(half)]
        scorer = NeedScorer().fit(own, half, sample_weight, scales={code: scales[code] for code in half})
        parts.append(scorer.transform(own).scores.reset_index(drop=True))
    return parts[0], parts[1]
