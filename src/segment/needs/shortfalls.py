"""Unmet needs: how far what people experience stays behind what they find important."""

from __future__ import annotations

import pandas as pd

from segment.errors import InvalidInput


def need_shortfalls(
    importance: pd.DataFrame | None, experience: pd.DataFrame, *, scale: tuple[float, float] = (1.0, 5.0)
) -> pd.DataFrame:
    """Unmet need per person and need, from 0 (met) to 1 (all of it missing).

    Parameters
    ----------
    importance
        People x needs, mean answers on ``scale``; ``None`` when importance was not asked.
    experience
        People x needs, mean answers on ``scale``.
    scale
        Lowest and highest answer.

    Returns
    -------
    DataFrame
        People x needs that both tables hold. With importance: how far experience stays behind it, as a share of the
        scale, never below 0. A person who answers everything one step higher has the same shortfalls. Without
        importance: how far experience stays behind the highest answer. NaN where either is not known.

    Notes
    -----
    shortfall = max(0, importance - experience) / (high - low): the gap of needs-supplies fit (Edwards, 1991), counted
    only on the side of too little, because more than is asked for does not make up for what is missing.

    Examples
    --------
    >>> asked, lived = pd.DataFrame({"PAY": [5.0, 3.0]}), pd.DataFrame({"PAY": [3.0, 4.0]})
    >>> need_shortfalls(asked, lived)["PAY"].tolist()
    [0.5, 0.0]
    """
    low, high = scale
    if not high > low:
        raise InvalidInput("The answer scale has no length.", expected="a lowest and a higher highest answer")
    if importance is None:
        return (high - experience) / (high - low)
    needs = [need for need in importance.columns if need in experience.columns]
    return ((importance[needs] - experience[needs]) / (high - low)).clip(lower=0.0)
