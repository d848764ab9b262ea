"""Where acting per segment promises most: segments rated on criteria that people chose beforehand."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.sparse.csgraph import connected_components

from segment.errors import InvalidInput
from segment.needs.likeness import MEANS_ALIKE, SHARES_ALIKE, intervals_meet
from segment.segments.checking import checked_scores

#: Ratings are stretched over at least so much of a criterion's own unit, so that little between segments stays little;
#: five points of a hundred for shares and shortfalls, a tenth of a point of the scale for differences of needs.
LEAST_REACH = {"size": 0.05, "leaving": 0.05, "shortfall": 0.05, "distinctness": 0.1, "cohesion": 0.05}
#: What a reader of the released figure does not see.
_UNSEEN = {"distinctness": MEANS_ALIKE, "cohesion": MEANS_ALIKE / 2}


def attractiveness(
    profiles: pd.DataFrame,
    *,
    criteria: pd.DataFrame | None = None,
    importance: Mapping[str, float] | None = None,
    intervals: Mapping[str, pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """Where acting per segment promises most: each segment rated on each criterion, and their weighted mean.

    Parameters
    ----------
    profiles
        Table of ``profile_segments``. It yields the criteria ``size`` (weighted share), ``distinctness`` (root mean
        square difference from everyone over needs), ``cohesion`` (1 / (1 + spread inside)) and, where measure
        ``shortfall`` is present, ``shortfall`` (mean unmet need).
    criteria
        More criteria, one row per segment (the index), higher is more attractive, such as a risk of leaving.
    importance
        Weight per criterion, zero or more; default 1 each. A criterion that is not named gets 0.
    intervals
        ``low`` and ``high`` of criteria from elsewhere, one row per segment (the index); those of ``shortfall`` are
        in ``profiles``. Without one a value counts as certain.

    Returns
    -------
    DataFrame
        One row per segment and criterion: ``segment``, ``criterion``, ``value`` (own unit), ``rating`` (0..10, higher
        for more; 5 where all are alike), ``importance`` (adds to one), ``attractiveness`` (0..10,
        the same on all rows of a segment), ``rank`` (1 is the most attractive).

    Notes
    -----
    Segments that cannot be told apart on a criterion, directly or by way of others, get the rating of their mean. The
    lowest and the highest get 0 and 10 only where they lie at least :data:`LEAST_REACH` apart; what is nearer lies
    around 5 in proportion.

    The segment evaluation of Dolnicar, Gruen and Leisch (2018, *Market Segmentation Analysis*, step 8): criteria and
    their weights are chosen by people before they see the segments; this table only does the sum.

    Examples
    --------
    >>> from segment.segments.profiling import profile_segments
    >>> scores = pd.DataFrame({"pay": [1.0, 1.2, 0.8, -1.0], "time": [0.0, 0.1, 0.0, 0.0]})
    >>> table = attractiveness(profile_segments(scores, [[1, 0], [1, 0], [1, 0], [0, 1]]), importance={"size": 1})
    >>> table[["segment", "criterion", "value", "rating"]]
       segment criterion  value  rating
    0        0      size   0.75    10.0
    1        1      size   0.25     0.0
    """
    values = _criteria(profiles)
    if criteria is not None:
        extra = checked_scores(criteria, what="criteria")
        if set(extra.index) != set(values.index) or extra.isna().to_numpy().any():
            raise InvalidInput("The criteria do not fit the segments.", expected="one complete row per segment")
        values = values.join(extra, how="left")
    weights = pd.Series(dict(importance) if importance is not None else dict.fromkeys(values.columns, 1.0), dtype=float)
    unknown = [str(name) for name in weights.index if name not in values.columns]
    if unknown:
        raise InvalidInput(
            "There is no such criterion.", expected=", ".join(map(str, values.columns)), came=", ".join(unknown)
        )
    if not (weights >= 0).all() or weights.sum() <= 0:
        raise InvalidInput("The importance of criteria must be zero or more, and not zero for all.")
    weights = weights[weights > 0] / weights.sum()
    values = values[list(weights.index)]
    known = {**_intervals(profiles), **(intervals or {})}
    ratings = pd.DataFrame({name: _ratings(name, values[name], known.get(name)) for name in values.columns})
    total = (ratings @ weights).clip(upper=10.0)  # sums of floats may end a hair above ten
    rank = total.rank(ascending=False, method="min").astype(int)
    return pd.DataFrame(
        [
            (segment, name, value, rating, weights[name], total[segment], rank[segment])
            for segment in values.index
            for name, value, rating in zip(values.columns, values.loc[segment], ratings.loc[segment], strict=True)
        ],
        columns=["segment", "criterion", "value", "rating", "importance", "attractiveness", "rank"],
    )


def _ratings(criterion: str, values: pd.Series, interval: pd.DataFrame | None) -> pd.Series:
    """0..10 per segment; the same for segments that cannot be told apart, and little apart where little differs."""
    low, high = (
        (values, values) if interval is None else (interval[end].reindex(values.index) for end in ("low", "high"))
    )
    meet = intervals_meet(values, low, high, least=_UNSEEN.get(criterion, SHARES_ALIKE))
    _, party = connected_components(meet, directed=False)
    told = values.groupby(party).transform("mean")
    reach = max(float(told.max() - told.min()), LEAST_REACH.get(criterion, 0.0), 1e-12)
    result: pd.Series = (5 + 10 * (told - (told.max() + told.min()) / 2) / reach).round(9).clip(0.0, 10.0)
    return result


def _intervals(profiles: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Of the mean shortfall: the mean of the needs' ends, as if they all erred to the same side."""
    rows = profiles.loc[profiles["measure"] == "shortfall"]
    return {"shortfall": rows.groupby("segment")[["low", "high"]].mean()} if len(rows) else {}


def _criteria(profiles: pd.DataFrame) -> pd.DataFrame:
    """The criteria that a profile table yields, one row per segment."""
    score = profiles.loc[profiles["measure"] == "score"].groupby("segment")
    values = pd.DataFrame(
        {
            "size": score["weight_share"].first(),
            "distinctness": score["difference"].apply(lambda differences: float(np.sqrt((differences**2).mean()))),
            "cohesion": score["spread"].apply(lambda spread: 1 / (1 + float(np.sqrt((spread**2).mean())))),
        }
    )
    shortfall = profiles.loc[profiles["measure"] == "shortfall"]
    if len(shortfall):
        values["shortfall"] = shortfall.groupby("segment")["mean"].mean()
    return values
