"""The small organisation: what moves its people as a whole, and which archetypes they resemble, without clustering.

Under a hundred respondents any clustering is mostly chance: with 60 people and five segments a segment of 8 % has
five people, and its mean is off by half an answer step. What can be said honestly is the driver profile of everybody
together, drawn toward what is known from elsewhere exactly as far as the data are few.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from segment.errors import InvalidInput
from segment.segments.checking import (
    Floats,
    checked_level,
    checked_scores,
    checked_weights,
)
from segment.segments.design import effective_size, t_half_width

#: Fewer respondents than this are not clustered.
ENOUGH_TO_CLUSTER = 100
#: Reliability of a need score of four items where it was not measured.
USUAL_RELIABILITY = 0.7


@dataclass(frozen=True)
class SmallOrganisation:
    """The answer for a small organisation, and why it is not a segmentation.

    Attributes
    ----------
    code
        ``SM001`` too few respondents to cluster; ``SM002`` the same, and the archetypes do not fit these people;
        ``SM000`` there are enough to cluster.
    explanation
        Why, in one English sentence (displays translate by code).
    n
        Respondents.
    drivers
        One row per need, the strongest first: ``need``, ``n``, ``mean``, ``low``, ``high`` (of this organisation
        alone), ``prior`` (what the archetypes expect), ``pull`` (0 own data only .. 1 archetypes only), ``shrunken``
        (the best estimate), ``shrunken_low``, ``shrunken_high``, ``rank``.
    archetypes
        One row per archetype: ``archetype``, ``share`` (posterior mean of its share here), ``low``, ``high``,
        ``prior_share``.
    membership
        One row per person, in the order given: chance of each archetype, 0..1, rows add to one.
    people
        Person x needs: each person's scores drawn toward the archetypes they resemble.
    """

    code: Literal["SM000", "SM001", "SM002"]
    explanation: str
    n: int
    drivers: pd.DataFrame
    archetypes: pd.DataFrame
    membership: pd.DataFrame = field(repr=False)
    people: pd.DataFrame = field(repr=False)


def one_archetype_per_need(needs: list[str], *, height: float = 1.0) -> pd.DataFrame:
    """Archetypes where nothing is known from elsewhere: one per need, high in it and evenly low in the others.

    One row per archetype (named after its need), one column per need, each row adding to zero like within-person
    centred scores.

    >>> one_archetype_per_need(["pay", "time", "team"]).loc["pay"].tolist()
    [1.0, -0.5, -0.5]
    """
    if len(needs) < 2:
        raise InvalidInput("Archetypes need at least two needs.", came=f"{len(needs)}")
    pattern = np.where(np.eye(len(needs), dtype=bool), height, -height / (len(needs) - 1))
    return pd.DataFrame(pattern, index=list(needs), columns=list(needs))


def describe_small_organisation(
    scores: pd.DataFrame,
    *,
    archetypes: pd.DataFrame | None = None,
    shares: pd.Series | None = None,
    inside: float | None = None,
    reliability: Mapping[str, float] | None = None,
    sample_weight: ArrayLike | None = None,
    enough: int = ENOUGH_TO_CLUSTER,
    prior_people: float = 10.0,
    level: float = 0.95,
) -> SmallOrganisation:
    """Driver profile of everybody and resemblance to archetypes, each drawn toward prior knowledge by empirical
    Bayes.

    Parameters
    ----------
    scores
        People x needs, style-free; NaN: not known.
    archetypes
        Archetypes x the same needs, in the same unit, such as the profiles of a larger organisation (default:
        ``one_archetype_per_need`` at the height the data have).
    shares
        Expected share per archetype (default: equal).
    inside
        Standard deviation of scores inside an archetype, measurement error included (default: estimated).
    reliability
        Share of each need's variance that is not measurement error, 0..1 (default 0.7, usual for four items).
    enough
        Respondents from which clustering is worth while.
    prior_people
        How many people the expected shares count for.

    Raises
    ------
    InvalidInput
        Fewer than two respondents, a need without scores, archetypes with other needs.

    Notes
    -----
    *Drivers.* With z the organisation's mean minus the prior in standard errors over d needs, the positive-part
    James-Stein estimator moves each mean toward the prior by pull = min(1, (d - 2) / sum z^2) (Efron and Morris,
    1973, *JASA* 68, 117-130), d above 2, else no pull. The prior is the archetypes' mean at their estimated shares,
    so it borrows the shape of known patterns. The interval is as wide as that of the own mean and lies round the
    shrunken one (Hwang and Casella, 1982, *Annals of Statistics* 10, 868-881): it holds the truth at least as often as
    it says. A narrower one would lean on archetypes that are themselves estimated from these few people.

    *Archetypes.* A person's scores follow a normal law round their archetype with one variance; shares get a
    Dirichlet prior worth ``prior_people``; both by EM. A share's interval is that of a Beta law in which each person
    counts for sum_a p_a^2, less than one where resemblance is doubtful. A person's shrunken score is reliability x
    own score + (1 - reliability) x what the archetypes expect of them (Kelley, 1927), and what they expect where the
    person has no score.

    Examples
    --------
    >>> scores = pd.DataFrame({"pay": [1.0, 0.8, 1.2], "time": [-0.5, -0.4, -0.6], "team": [-0.5, -0.4, -0.6]})
    >>> answer = describe_small_organisation(scores)
    >>> answer.code, answer.drivers["need"].iloc[0], answer.archetypes["archetype"].iloc[0]
    ('SM001', 'pay', 'pay')
    """
    checked_level(level)
    table = checked_scores(scores)
    n = len(table)
    if n < 2 or table.notna().sum().min() < 2:
        raise InvalidInput(
            "There are too few answers even for a profile.",
            expected="two respondents or more with a score on every need",
            came=f"{n} respondents", where=", ".join(str(need) for need in table.columns[table.notna().sum() < 2]),
        )  # fmt: skip
    weights = checked_weights(sample_weight, n)
    patterns = _checked_archetypes(archetypes, table, weights)
    expected = _checked_shares(shares, patterns)
    values = table.to_numpy()
    found, members = _resemble(values, patterns.to_numpy(), expected, weights, inside, prior_people)
    means = members @ patterns.to_numpy()
    code, explanation = _why(n, enough, _fit(values, means, expected @ patterns.to_numpy(), weights))
    return SmallOrganisation(
        code=code,
        explanation=explanation,
        n=n,
        drivers=_drivers(table, weights, found @ patterns.to_numpy(), level),
        archetypes=_archetype_table(patterns, expected, found, members, weights, prior_people, level),
        membership=pd.DataFrame(members, columns=patterns.index, index=table.index),
        people=_shrunken_people(table, means, reliability),
    )


def _checked_archetypes(archetypes: pd.DataFrame | None, table: pd.DataFrame, weights: Floats) -> pd.DataFrame:
    needs = [str(need) for need in table.columns]
    if archetypes is None:
        known = table.notna().to_numpy()
        squares = np.where(known, table.to_numpy(), 0.0) ** 2
        mean_square = float((weights @ squares / np.maximum(weights @ known, 1e-300)).sum())
        # Half of what people differ in is taken to be between archetypes; height^2 d / (d - 1) is what they span.
        height = float(np.sqrt(max(mean_square / 2 * (len(needs) - 1) / len(needs), 1e-6)))
        return one_archetype_per_need(needs, height=height)
    patterns = checked_scores(archetypes, what="archetypes")
    named = patterns.set_axis([str(need) for need in patterns.columns], axis=1)
    if set(named.columns) != set(needs) or named.isna().to_numpy().any() or len(named) < 1:
        raise InvalidInput(
            "The archetypes do not fit the needs.", expected=f"a number for each of {', '.join(needs)}",
            came=", ".join(named.columns),
        )  # fmt: skip
    return named[needs]


def _checked_shares(shares: pd.Series | None, patterns: pd.DataFrame) -> Floats:
    if shares is None:
        return np.full(len(patterns), 1 / len(patterns))
    given = shares.reindex(patterns.index).to_numpy(dtype=float)
    if not np.isfinite(given).all() or (given < 0).any() or given.sum() <= 0:
        raise InvalidInput("The expected shares do not fit the archetypes.", expected="zero or more per archetype")
    return np.asarray(given / given.sum())


def _resemble(
    values: Floats, patterns: Floats, expected: Floats, weights: Floats, inside: float | None, prior_people: float
) -> tuple[Floats, Floats]:
    """Posterior mean shares of the archetypes and each person's chance of each, by EM."""
    if inside is not None and not inside > 0:
        raise InvalidInput("The spread inside archetypes must be above zero.", came=f"{inside}")
    if not prior_people > 0:
        raise InvalidInput("The expected shares must count for more than zero people.", came=f"{prior_people}")
    known = np.isfinite(values)
    gaps = known[:, None, :] * (np.where(known, values, 0.0)[:, None, :] - patterns[None, :, :])
    distance = (gaps**2).sum(axis=2)
    centred = known.all(axis=1) & (np.abs(values.sum(axis=1, where=known)) < 1e-6)
    freedom = known.sum(axis=1) - centred
    counts = weights * effective_size(weights) / weights.sum()
    dimensions = max(float(counts @ freedom), 1.0)
    shares = expected
    variance = inside**2 if inside is not None else max(float(counts @ distance.mean(axis=1)) / dimensions, 1e-9)
    members = np.tile(shares, (len(values), 1))
    for _ in range(1_000):
        with np.errstate(divide="ignore"):
            logs = np.log(shares) - distance / (2 * variance)
        chances = np.exp(logs - logs.max(axis=1, keepdims=True))
        updated = chances / chances.sum(axis=1, keepdims=True)
        change = float(np.abs(updated - members).max())
        members = updated
        shares = (counts @ members + prior_people * expected) / (counts.sum() + prior_people)
        if inside is None:
            variance = max(float(counts @ (members * distance).sum(axis=1)) / dimensions, 1e-9)
        if change < 1e-10:
            break
    return shares, members


def _fit(values: Floats, means: Floats, centre: Floats, weights: Floats) -> float:
    """Share of people's distance from the average archetype that resembling one accounts for; below zero: none."""
    known = np.isfinite(values)
    filled = np.where(known, values, 0.0)
    total = float(weights @ (known * (filled - centre) ** 2).sum(axis=1))
    left = float(weights @ (known * (filled - means) ** 2).sum(axis=1))
    return 1 - left / total if total > 0 else 0.0


def _drivers(table: pd.DataFrame, weights: Floats, prior: Floats, level: float) -> pd.DataFrame:
    """One row per need: own mean, what the archetypes expect, and the James-Stein compromise."""
    values = table.to_numpy()
    known = np.isfinite(values)
    counts = weights[:, None] * known
    total = counts.sum(axis=0)
    mean = (counts * np.where(known, values, 0.0)).sum(axis=0) / total
    effective = total**2 / (counts**2).sum(axis=0)
    residual = counts * (np.where(known, values, 0.0) - mean) / total
    correction = effective / np.maximum(effective - 1, 1e-9)
    error = np.sqrt(correction * (residual**2).sum(axis=0))
    gap = mean - prior
    surprise = float(((gap / np.maximum(error, 1e-9)) ** 2).sum())
    freedom = len(mean) - int(np.abs(values.sum(axis=1)[known.all(axis=1)]).max(initial=0.0) < 1e-6)
    pull = float(np.clip((freedom - 2) / surprise, 0, 1)) if surprise > 0 and freedom > 2 else 0.0
    shrunken = mean - pull * gap
    half = t_half_width(error, effective, level)
    drivers = pd.DataFrame(
        {
            "need": [str(need) for need in table.columns], "n": known.sum(axis=0), "mean": mean, "low": mean - half,
            "high": mean + half, "prior": prior, "pull": pull, "shrunken": shrunken,
            "shrunken_low": shrunken - half, "shrunken_high": shrunken + half,
        }
    )  # fmt: skip
    drivers = drivers.sort_values("shrunken", ascending=False, kind="stable", ignore_index=True)
    return drivers.assign(rank=np.arange(1, len(drivers) + 1))


def _archetype_table(
    patterns: pd.DataFrame, expected: Floats, found: Floats, members: Floats, weights: Floats,
    prior_people: float, level: float,
) -> pd.DataFrame:  # fmt: skip
    counts = weights * effective_size(weights) / weights.sum()
    worth = prior_people + float(counts @ (members**2).sum(axis=1))
    inside = np.clip(found, 1e-9, 1 - 1e-9)
    low, high = (
        stats.beta.ppf(tail, worth * inside, worth * (1 - inside)) for tail in (0.5 - level / 2, 0.5 + level / 2)
    )
    single = len(patterns) == 1
    table = pd.DataFrame(
        {
            "archetype": [str(name) for name in patterns.index], "share": found, "low": 1.0 if single else low,
            "high": 1.0 if single else high, "prior_share": expected,
        }
    )  # fmt: skip
    return table.sort_values("share", ascending=False, kind="stable", ignore_index=True)


def _why(n: int, enough: int, fit: float) -> tuple[Literal["SM000", "SM001", "SM002"], str]:
    if n >= enough:
        return "SM000", f"{n} respondents are enough to look for segments ({enough} needed)."
    why = (
        f"{n} respondents are too few to look for segments ({enough} needed): groups would mostly be chance; this is "
        "one profile of everybody, drawn toward known archetypes as far as the answers leave doubt."
    )
    if fit <= 0:
        return "SM002", f"{why} The archetypes do not describe these people better than their average does."
    return "SM001", why


def _shrunken_people(table: pd.DataFrame, means: Floats, reliability: Mapping[str, float] | None) -> pd.DataFrame:
    """Each person's scores drawn toward the archetypes they resemble, by what measurement leaves in doubt."""
    trust = []
    for need in table.columns:
        given = USUAL_RELIABILITY if reliability is None else reliability.get(str(need), np.nan)
        if not 0 <= given <= 1:
            raise InvalidInput("A need has no reliability.", where=str(need), expected="0 to 1 for every need")
        trust.append(given)
    known = table.notna().to_numpy()
    own = np.where(known, table.to_numpy(), means)
    return pd.DataFrame(means + np.array(trust) * (own - means), index=table.index, columns=table.columns)
