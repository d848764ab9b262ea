"""Choices as need scores: rankings and pick-a-few wishes say what wins when not all can win.

A choice has no level and no stretch: whoever ranks six things gives the same six ranks as everybody. So both
forms end as ipsative scores, people x needs with every row summing to zero, in standard deviations of one choice;
they stand alone or are blended with scores from ratings.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from segment.disclosure.crowds import FEWEST_CARRYING, step_of, to_step
from segment.errors import InvalidInput
from segment.needs.answers import FloatArray, check_answers, check_need_map


def scores_from_ranks(ranks: pd.DataFrame, need_map: Mapping[str, str]) -> pd.DataFrame:
    """Scores from a ranking: one row per person, one column per need, rows sum to zero (NaN: nothing ranked).

    Parameters
    ----------
    ranks
        People x ranked options (``W_...``), rank 1 the most important; NaN = not ranked. Who ranked only a top
        gives the mean of the ranks that are left to the rest.
    need_map
        Option to need; options of one need are averaged.

    Raises
    ------
    InvalidInput
        When ranks are no whole numbers from 1 to the number of options.

    Examples
    --------
    >>> ranks = pd.DataFrame({"W_pay": [1, 3], "W_social": [2, 1], "W_meaning": [3, 2]})
    >>> needs = {"W_pay": "pay", "W_social": "social", "W_meaning": "meaning"}
    >>> scores_from_ranks(ranks, needs).round(2).to_numpy().tolist()
    [[1.22, 0.0, -1.22], [-1.22, 1.22, 0.0]]
    """
    known = check_need_map(ranks, need_map)
    values = check_answers(ranks[list(known)]).to_numpy()
    options = values.shape[1]
    given = ~np.isnan(values)
    wrong = given & ~(np.isin(values, np.arange(1, options + 1)))
    if wrong.any():
        raise InvalidInput(
            "Some ranks are no places in the ranking.",
            expected=f"whole numbers from 1 (most important) to {options}, or NaN",
            came=f"{int(wrong.any(axis=1).sum())} people with another number",
            where=", ".join(str(code) for code, bad in zip(known, wrong.any(axis=0), strict=True) if bad),
        )
    ranked = given.sum(axis=1, keepdims=True)
    left = (options * (options + 1) / 2 - np.where(given, values, 0.0).sum(axis=1, keepdims=True)) / np.maximum(
        options - ranked, 1
    )
    filled = np.where(given, values, left)
    unit = float(np.sqrt((options**2 - 1) / 12))  # the standard deviation of the places in a ranking
    return _ipsative(-filled, known, unit=unit, nothing=ranked.ravel() == 0, index=ranks.index)


def pick_popularity(picks: pd.DataFrame) -> dict[str, float]:
    """How often each option is picked, 0 to 1, by people (rows) who picked anything; NaN counts as not picked.

    In steps that so many people allow, and as five picks where fewer than ten of ten people or more picked it: the
    shares are kept with a model, and may not tell of one person.

    >>> pick_popularity(pd.DataFrame({"raise": [1, 1, 0], "course": [0, 1, 0]}))
    {'raise': 1.0, 'course': 0.5}
    """
    values = picks.fillna(0.0).astype("float64")
    some = values[values.sum(axis=1) > 0]
    if not len(some):
        return {str(option): 0.0 for option in values}
    rare = (some > 0).sum() < FEWEST_CARRYING if len(some) >= FEWEST_CARRYING else pd.Series(False, index=some.columns)
    shares = some.mean().mask(rare, FEWEST_CARRYING / 2 / len(some))
    return {str(option): float(to_step(share, step_of(len(some)))) for option, share in shares.items()}


def scores_from_picks(
    picks: pd.DataFrame, need_map: Mapping[str, str], *, popularity: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """Scores from "choose up to three": rows sum to zero (NaN: nothing picked).

    Parameters
    ----------
    picks
        People x options, 1 picked, 0 or NaN not.
    need_map
        Option to need. Every option counts against how often it is picked at all, so that popular options do not
        make everybody alike.
    popularity
        How often each option is picked; the ``pick_popularity`` of these people when left out. Hand in the one of a
        fit, so that new people are scored without a look at who else is new.

    Raises
    ------
    InvalidInput
        When a pick is neither 0 nor 1.

    Examples
    --------
    >>> picks = pd.DataFrame({"raise": [1, 0], "course": [0, 1], "hours": [0, 0]})
    >>> needs = {"raise": "pay", "course": "development", "hours": "flexibility"}
    >>> scores_from_picks(picks, needs).round(2).iloc[0].tolist()
    [1.22, -1.22, 0.0]
    """
    known = check_need_map(picks, need_map)
    values = np.nan_to_num(check_answers(picks[list(known)].astype(np.float64)).to_numpy(), nan=0.0)
    if not np.isin(values, (0.0, 1.0)).all():
        raise InvalidInput(
            "A pick is 1 (picked) or 0 (not picked).", advice="split a list of picks into one column each"
        )
    nothing = values.sum(axis=1) == 0
    shares = pick_popularity(picks[list(known)]) if popularity is None else popularity
    usual = np.array([shares.get(str(option), 0.0) for option in known])
    unit = float(np.sqrt(np.mean(usual * (1 - usual))))  # the standard deviation of a pick
    return _ipsative(values - usual, known, unit=unit, nothing=nothing, index=picks.index)


def choice_stretch(ratings: pd.DataFrame, choices: pd.DataFrame) -> float:
    """What choices are multiplied by to have the spread of the ratings, over the needs both know.

    >>> choice_stretch(pd.DataFrame({"pay": [1.0, -1.0]}), pd.DataFrame({"pay": [4.0, -4.0]}))
    0.25
    """
    shared = [need for need in ratings.columns if need in choices.columns]
    rated, asked = ratings[shared].to_numpy(), choices.reindex(index=ratings.index, columns=shared).to_numpy()
    other = _pool_sd(asked)
    return _pool_sd(rated) / other if other > 0 else 1.0


def blend(
    ratings: pd.DataFrame, choices: pd.DataFrame, weight: float = 0.3, *, stretch: float | None = None
) -> pd.DataFrame:
    """Scores from ratings and choices together: ``(1 - weight) ratings + weight choices``, rows summing to zero.

    Choices are first brought to the spread of the ratings. Needs without choices, and people who made none, keep
    their rating; needs come out as in ``ratings``, and so does the unit.

    Parameters
    ----------
    ratings, choices
        People x needs; choices are matched to the people of ``ratings`` by index.
    weight
        Share of the choices, 0 to 1.
    stretch
        What choices are multiplied by first; the ``choice_stretch`` of these people when left out. Hand in the one of
        a fit, so that new people are scored without a look at who else is new.

    Raises
    ------
    InvalidInput
        When the weight is outside 0..1 or the two share no need.

    Examples
    --------
    >>> ratings = pd.DataFrame({"pay": [1.0, -1.0], "meaning": [-1.0, 1.0]})
    >>> choices = pd.DataFrame({"pay": [3.0], "meaning": [-3.0]})
    >>> blend(ratings, choices, 0.5)["pay"].tolist()
    [1.0, -1.0]
    """
    if not 0 <= weight <= 1:
        raise InvalidInput("The weight of the choices is a share.", expected="0 to 1", came=str(weight))
    shared = [need for need in ratings.columns if need in choices.columns]
    if not shared:
        raise InvalidInput(
            "Ratings and choices have no need in common.",
            expected=", ".join(map(str, ratings.columns)),
            came=", ".join(map(str, choices.columns)),
        )
    asked = choices.reindex(index=ratings.index, columns=shared).to_numpy()
    rated = ratings[shared].to_numpy()
    scaled = asked * (choice_stretch(ratings, choices) if stretch is None else stretch)
    both = ~np.isnan(rated) & ~np.isnan(scaled)
    mixed = np.where(both, (1 - weight) * rated + weight * scaled, np.where(np.isnan(rated), scaled, rated))
    blended = ratings.copy()
    blended[shared] = mixed
    return blended.sub(blended.mean(axis=1), axis=0)


def _pool_sd(values: FloatArray) -> float:
    known = values[~np.isnan(values)]
    return float(np.sqrt((known**2).mean())) if known.size else 0.0


def _ipsative(
    values: FloatArray, known: Mapping[str, str], *, unit: float, nothing: np.ndarray, index: pd.Index
) -> pd.DataFrame:
    """Mean per need, the person's mean taken out, in a unit that does not depend on who else chose."""
    needs = list(dict.fromkeys(known.values()))
    if len(needs) < 2:
        raise InvalidInput(
            "A choice is between needs.", expected="options of at least two needs", came=f"{needs[0]} only"
        )
    columns = [[place for place, other in enumerate(known.values()) if other == need] for need in needs]
    means = np.column_stack([values[:, places].mean(axis=1) for places in columns])
    centred = means - means.mean(axis=1, keepdims=True)
    centred[nothing] = np.nan
    return pd.DataFrame(centred / unit if unit > 0 else centred, index=index, columns=needs)
