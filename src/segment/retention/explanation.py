"""What goes together with leaving: in the whole organisation, per segment, and for one person.

Contributions are parts of the log odds of leaving; they add up to the model's own score exactly. For the linear part
they are coefficient times distance from the average person; for the trees they are Shapley values (Lundberg et al.,
Nature Machine Intelligence 2020), computed by LightGBM. They describe the model: something "goes together with"
leaving, and nothing here says that changing it would change who leaves.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm, studentized_range

from segment.errors import InvalidInput
from segment.floors import FLOORS
from segment.retention.competition import Risk
from segment.retention.features import FeaturePlan
from segment.retention.hazard import HazardModel
from segment.retention.horizon import HorizonModel, check_weight
from segment.retention.learners import tree_columns
from segment.retention.repeatable import single_threaded

Model = HazardModel | HorizonModel
#: Name of the column that holds what tenure contributes.
TENURE = "tenure"
#: Name of the column that holds the average person's log odds.
BASE = "base"


@dataclass(frozen=True)
class _Asked:
    """One risk of a model with what is needed to explain it."""

    risk: Risk
    plan: FeaturePlan
    month: np.ndarray | None


@single_threaded
def explain_people(
    model: Model,
    X: pd.DataFrame,
    *,
    tenure: Sequence[float] | np.ndarray | float | None = None,
    cause: str | None = None,
) -> pd.DataFrame:
    """What each attribute adds to each person's log odds of leaving.

    Parameters
    ----------
    model
        A fitted :class:`HazardModel` or :class:`HorizonModel`.
    X
        People x attributes.
    tenure
        Months of tenure at which to explain a hazard; one number or one per person. Not used for a horizon.
    cause
        Which cause's hazard to explain; default the first.

    Returns
    -------
    DataFrame
        One row per person, index of ``X``: one column per attribute, ``tenure`` (hazards only) and ``base``; the row's
        sum is the model's log odds.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"unmet": rng.normal(size=400)})
    >>> y = (rng.random(400) < 1 / (1 + np.exp(1 - X["unmet"]))).astype(int)
    >>> parts = explain_people(HorizonModel("linear").fit(X, y), X.head(2))
    >>> list(parts.columns)
    ['unmet', 'base']
    """
    asked = _ask(model, len(X), tenure, cause)
    names = list(asked.plan.names)
    parts = np.zeros((len(X), len(names)))
    by_tenure, base = np.zeros(len(X)), np.zeros(len(X))
    if asked.risk.linear is not None and asked.risk.share < 1:
        own, of_tenure, middle = _linear_parts(asked, X)
        keep = 1 - asked.risk.share
        parts, by_tenure, base = parts + keep * own, by_tenure + keep * of_tenure, base + keep * middle
    if asked.risk.boosted is not None and asked.risk.share > 0:
        own, of_tenure, middle = _boosted_parts(asked, X)
        share = asked.risk.share
        parts, by_tenure, base = parts + share * own, by_tenure + share * of_tenure, base + share * middle
    scale = asked.risk.recalibration.share_out(base + parts.sum(axis=1) + by_tenure, base)
    table = pd.DataFrame(scale[:, None] * parts, index=X.index, columns=names)
    if asked.month is not None:
        table[TENURE] = scale * by_tenure
    return table.assign(**{BASE: asked.risk.recalibration(base)})


@single_threaded
def effects(
    model: Model,
    X: pd.DataFrame,
    *,
    tenure: Sequence[float] | np.ndarray | float | None = None,
    cause: str | None = None,
    parts: pd.DataFrame | None = None,
    weights: np.ndarray | None = None,
) -> pd.DataFrame:
    """How strongly each attribute goes together with leaving, over all people.

    ``parts`` is what :func:`explain_people` said of the same people, if it was asked already; ``weights`` for how many
    each person stands.

    Parameters
    ----------
    model
        A fitted `HazardModel` or `HorizonModel`.
    X
        People x attributes, as in `fit`.
    tenure
        Months of tenure of each person; None: the middle of what the model saw.
    cause
        One of its causes; None: the first.
    parts
        What `explain_people` said of the same people, if it was asked already.
    weights
        For how many each person stands, shape (n,); None: one each.

    Returns
    -------
    DataFrame
        One row per attribute, strongest first: ``feature``; ``effect`` in log odds, all other attributes held equal:
        for a number the fifth with the highest values against the fifth with the lowest, for a category the level that
        goes together with most leaving against that with least; ``low``, ``high`` (95 %); ``odds_ratio``;
        ``importance`` (mean absolute contribution to the model's score) with ``importance_low``, ``importance_high``
        (95 %, people only); ``direction`` (``more``, ``less``, ``by level``, ``none``); ``compared`` (what with what);
        ``n``.

    Notes
    -----
    The effect comes from the nearly unpenalised linear fit beside the winner, ``c'b +- 1.96 sqrt(c'Vc)`` with ``c`` the
    difference of the two groups' mean terms and ``V`` robust and clustered by person: penalties that help prediction
    would draw it towards zero. The importance comes from the winner itself. A category's two levels are picked after
    looking, so their difference is on the large side; its interval is that of all pairs of levels at once (Tukey, 1953;
    the studentised range in the place of 1.96 times the root of 2).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"unmet": rng.normal(size=400), "noise": rng.normal(size=400)})
    >>> model = HorizonModel("linear").fit(X, (X["unmet"] + rng.normal(size=400) > 0).astype(int))
    >>> effects(model, X)[["feature", "direction"]].to_numpy().tolist()[0]
    ['unmet', 'more']
    """
    parts = explain_people(model, X, tenure=tenure, cause=cause) if parts is None else parts
    asked = _ask(model, len(X), tenure, cause)
    linear, weight = asked.plan.linear(X), check_weight(weights, len(X))
    rows = [
        (name, *_contrast(asked, place, X[name], linear, weight), *_importance(parts[name].to_numpy(), weight), len(X))
        for place, name in enumerate(asked.plan.names)
    ]
    columns = ["feature", "effect", "low", "high", "odds_ratio", "direction", "compared"]
    table = pd.DataFrame(rows, columns=[*columns, "importance", "importance_low", "importance_high", "n"])
    strength = table["effect"].abs()
    order = table.assign(strength=strength).sort_values(
        ["importance", "strength", "feature"], ascending=[False, False, True]
    )
    return order.drop(columns="strength").reset_index(drop=True)


def segment_doubt(
    model: Model,
    X: pd.DataFrame,
    labels: Sequence[Hashable] | np.ndarray | pd.Series,
    *,
    parts: pd.DataFrame,
    tenure: Sequence[float] | np.ndarray | float | None = None,
    cause: str | None = None,
    weights: np.ndarray | None = None,
) -> pd.DataFrame:
    """How unsure the model is of what an attribute adds in a segment beyond what it adds in all segments together.

    Parameters
    ----------
    model
        A fitted `HazardModel` or `HorizonModel`.
    X
        People x attributes, as in `fit`.
    labels
        Segment per person; missing counts for nobody.
    parts
        What `explain_people` said of the same people.
    tenure
        Months of tenure of each person.
    cause
        One of its causes; None: the first.
    weights
        For how many each person stands, shape (n,); None: one each.

    Returns
    -------
    DataFrame
        Segments x attributes, standard errors in log odds: ``sqrt(c'Vc + (c'b - a)^2)`` with ``c`` the segment's mean
        terms minus those of everyone with a segment, ``b`` and ``V`` the nearly unpenalised linear fit beside the
        winner and its robust covariance (as in :func:`effects`), and ``a`` what the winner says in ``parts``: how far
        its penalty drew it in is doubt as well. Without such a fit nothing is known, and the doubt is zero.

    Examples
    --------
    >>> from segment.retention import HorizonModel
    >>> X, gone = pd.DataFrame({"load": np.linspace(-2, 2, 400)}), np.arange(400) % 9 < np.arange(400) // 50
    >>> model, labels = HorizonModel(learner="linear").fit(X, gone.astype(int)), np.where(X["load"] > 0, "busy", "calm")
    >>> segment_doubt(model, X, labels, parts=explain_people(model, X)).round(1).to_dict("index")
    {'busy': {'load': 0.1}, 'calm': {'load': 0.1}}
    """
    asked = _ask(model, len(X), tenure, cause)
    label = pd.Series(np.asarray(labels, dtype=object))
    linear, plain, names = asked.plan.linear(X), asked.risk.plain, list(asked.plan.names)
    known, said = label.notna().to_numpy(), parts[names].to_numpy(dtype=float)
    weight = check_weight(weights, len(X))
    found = {}
    for segment in sorted(label.dropna().unique()):
        mine = (label == segment).to_numpy()
        apart, winner = (_mean(rows, mine, weight) - _mean(rows, known, weight) for rows in (linear, said))
        found[segment] = np.zeros(len(names))
        if plain is None:
            continue
        for place in range(len(names)):
            terms = np.flatnonzero(asked.plan.owner == place)
            own = plain.n_base + terms
            spread = max(float(apart[terms] @ plain.covariance[np.ix_(own, own)] @ apart[terms]), 0.0)
            found[segment][place] = np.sqrt(spread + float(apart[terms] @ plain.coef[own] - winner[place]) ** 2)
    return pd.DataFrame.from_dict(found, orient="index", columns=names)


def _mean(rows: np.ndarray, mine: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return np.asarray(np.average(rows[mine], axis=0, weights=weight[mine]))


def segment_effects(
    parts: pd.DataFrame,
    labels: Sequence[Hashable] | np.ndarray | pd.Series,
    *,
    fewest_people: int = FLOORS.min_driver,
    doubt: pd.DataFrame | None = None,
    weights: np.ndarray | None = None,
) -> pd.DataFrame:
    """Which attributes go together with leaving in which segment.

    Parameters
    ----------
    parts
        From :func:`explain_people`.
    labels
        The segment of each row; missing is left out.
    doubt
        From :func:`segment_doubt`; without it the intervals know of people only, not of the model.
    weights
        For how many each person stands; intervals are of as many people as the weights are worth (Kish, 1965).

    Returns
    -------
    DataFrame
        One row per segment and attribute: ``segment``, ``feature``, ``n``, ``effect`` (mean contribution in log odds),
        ``low``, ``high`` (95 %, of people and of the model together), ``importance``. Segments below ``fewest_people``
        are left out.

    Examples
    --------
    >>> parts = pd.DataFrame({"unmet": [0.5] * 30, "base": [-2.0] * 30})
    >>> segment_effects(parts, [0] * 30)[["segment", "feature", "effect"]].values.tolist()
    [[0, 'unmet', 0.5]]
    """
    label = pd.Series(np.asarray(labels, dtype=object))
    if len(label) != len(parts):
        raise InvalidInput(
            "Every person needs a segment.", expected=f"{len(parts)} labels", came=f"{len(label)}", where="labels"
        )
    rows, weight = [], check_weight(weights, len(parts))
    for segment in sorted(label.dropna().unique()):
        inside = (label == segment).to_numpy()
        mine, counts = parts[inside], weight[inside]
        if len(mine) < fewest_people:
            continue
        unsure = {} if doubt is None else doubt.loc[segment].to_dict()
        for name in mine.columns.drop(BASE):
            own = mine[name].to_numpy()
            of_model = float(unsure.get(name, 0.0))
            mean, error = _mean_and_error(own, counts)
            reach = norm.ppf(0.975) * float(np.hypot(error, of_model))
            strength = float(np.average(np.abs(own), weights=counts))
            rows.append((segment, name, len(own), mean, mean - reach, mean + reach, strength))
    return pd.DataFrame(rows, columns=["segment", "feature", "n", "effect", "low", "high", "importance"])


def _mean_and_error(values: np.ndarray, counts: np.ndarray) -> tuple[float, float]:
    """A weighted mean and its standard error, of as many people as the weights are worth."""
    mean, worth = float(np.average(values, weights=counts)), float(counts.sum() ** 2 / (counts @ counts))
    if worth <= 1:
        return mean, float("nan")
    return mean, float(np.sqrt(np.average((values - mean) ** 2, weights=counts) / (worth - 1)))


def _ask(model: Model, size: int, tenure: Sequence[float] | np.ndarray | float | None, cause: str | None) -> _Asked:
    if isinstance(model, HorizonModel):
        return _Asked(model.risk_, model.plan_, None)
    wanted = model.causes_[0] if cause is None else cause
    if wanted not in model.causes_:
        raise InvalidInput(
            "That cause was not learned.", expected=", ".join(model.causes_), came=repr(cause), where="cause"
        )
    if tenure is None:
        raise InvalidInput(
            "A hazard is explained at a tenure.",
            expected="months, one number or one per person",
            came="none",
            where="tenure",
        )
    month = np.floor(np.broadcast_to(np.asarray(tenure, dtype=float), (size,)))
    return _Asked(model.risks_[model.causes_.index(wanted)], model.plan_, month)


def _linear_parts(asked: _Asked, X: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Per attribute, of tenure (against none), and of the average person."""
    risk, plan = asked.risk.linear, asked.plan
    assert risk is not None
    coef = risk.coef[risk.n_base :]
    means = np.asarray(plan.term_means)
    by_term = (plan.linear(X) - means) * coef
    own = np.zeros((len(X), len(plan.names)))
    np.add.at(own.T, plan.owner, by_term.T)
    middle = float(risk.coef[0] + means @ coef)
    month = None if asked.month is None else asked.month[:, None]
    of_tenure = risk.tenure_score(month, len(X)).reshape(len(X)) - risk.coef[0]
    return own, of_tenure, np.full(len(X), middle)


def _boosted_parts(asked: _Asked, X: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    risk, plan = asked.risk.boosted, asked.plan
    assert risk is not None
    columns = tree_columns(plan.trees(X), asked.month)
    found = np.asarray(risk.booster().predict(columns, pred_contrib=True))
    n_attributes = len(plan.names)
    if asked.month is None:
        return found[:, :n_attributes], np.zeros(len(X)), found[:, -1] + risk.base.coef[0]
    smooth = risk.base.tenure_score(asked.month, len(X)) - risk.base.coef[0]
    return found[:, :n_attributes], found[:, n_attributes] + smooth, found[:, -1] + risk.base.coef[0]


def _importance(own: np.ndarray, weight: np.ndarray) -> tuple[float, float, float]:
    mean, error = _mean_and_error(np.abs(own), weight)
    reach = float(norm.ppf(0.975) * error)
    return mean, max(mean - reach, 0.0), mean + reach


def _contrast(
    asked: _Asked, place: int, column: pd.Series, linear: np.ndarray, weight: np.ndarray
) -> tuple[float, float, float, float, str, str]:
    """Effect, its interval, odds ratio, direction, and what was compared."""
    plain, terms = asked.risk.plain, np.flatnonzero(asked.plan.owner == place)
    if plain is None:
        return 0.0, float("nan"), float("nan"), 1.0, "none", ""
    is_category = asked.plan.attributes[place].kind == "category"
    coef = plain.coef[plain.n_base + terms]
    ends = _levels_apart(column, linear[:, terms] @ coef) if is_category else _fifths_apart(column)
    if ends is None:
        return np.nan, np.nan, np.nan, np.nan, "none", ""  # nobody to compare: that is not nought
    top, bottom, compared, levels = ends
    contrast = np.zeros(len(plain.coef))
    contrast[plain.n_base + terms] = _mean(linear[:, terms], top, weight) - _mean(linear[:, terms], bottom, weight)
    effect = float(contrast @ plain.coef)
    times = studentized_range.ppf(0.95, levels, np.inf) / np.sqrt(2) if levels > 2 else norm.ppf(0.975)
    reach = times * float(np.sqrt(max(contrast @ plain.covariance @ contrast, 0.0)))
    direction = "by level" if is_category else "more" if effect > 0 else "less"
    return effect, effect - reach, effect + reach, float(np.exp(effect)), direction, compared


#: Who is compared with whom: people of either side, in words, and among how many levels the two were picked.
_Ends = tuple[np.ndarray, np.ndarray, str, int]


def _levels_apart(column: pd.Series, score: np.ndarray) -> _Ends | None:
    """The people of the two levels that lie furthest apart, among levels that are not rare."""
    levels = column.astype(object).map(str, na_action="ignore")
    counts = levels.value_counts()
    means = pd.Series(score, index=levels.index).groupby(levels).mean()[counts[counts >= min(20, counts.max())].index]
    if len(means) < 2:
        return None
    most, least = str(means.idxmax()), str(means.idxmin())
    return (levels == most).to_numpy(), (levels == least).to_numpy(), f"{most} with {least}", len(means)


def _fifths_apart(column: pd.Series) -> _Ends | None:
    """The people with the highest and with the lowest values: a fifth each, or the two ends where values are few."""
    values = column.to_numpy(dtype=float, na_value=np.nan)
    if not np.isfinite(values).any():
        return None
    low, high = np.nanquantile(values, [0.2, 0.8])
    if not low < high:
        low, high = np.nanmin(values), np.nanmax(values)
    return (values >= high, values <= low, "highest fifth with lowest fifth", 2) if low < high else None
