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
from scipy.stats import norm

from segment.errors import InvalidInput
from segment.retention.competition import Risk
from segment.retention.features import FeaturePlan
from segment.retention.hazard import HazardModel
from segment.retention.horizon import HorizonModel
from segment.retention.learners import tree_columns

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
    table = pd.DataFrame(asked.risk.slope * parts, index=X.index, columns=names)
    if asked.month is not None:
        table[TENURE] = asked.risk.slope * by_tenure
    return table.assign(**{BASE: asked.risk.shift + asked.risk.slope * base})


def effects(
    model: Model,
    X: pd.DataFrame,
    *,
    tenure: Sequence[float] | np.ndarray | float | None = None,
    cause: str | None = None,
    n_boot: int = 200,
    random_state: int = 0,
) -> pd.DataFrame:
    """How strongly each attribute goes together with leaving, over all people.

    Returns
    -------
    DataFrame
        One row per attribute, strongest first: ``feature``; ``effect`` in log odds: for a number its mean contribution
        among the fifth with the highest values minus that among the fifth with the lowest, for a category the level
        that goes together with most leaving minus that with least; ``low``, ``high`` (95 %);
        ``odds_ratio``; ``importance`` (mean absolute contribution), ``importance_low``, ``importance_high``;
        ``direction`` (``more``, ``less``, ``by level``, ``none``); ``compared`` (what with what); ``doubt``: whether the
        interval carries the doubt about coefficients (``model``) or only about who was sampled (``people``); ``n``.

    Notes
    -----
    For a linear risk the interval is exact given the robust covariance ``V`` of the coefficients: ``c'b +- 1.96
    sqrt(c'Vc)``. For the average of both learners the linear part carries its own doubt; for trees alone only people
    are resampled, which is too narrow, and ``doubt`` says so.
    """
    parts = explain_people(model, X, tenure=tenure, cause=cause)
    asked = _ask(model, len(X), tenure, cause)
    linear = asked.plan.linear(X)
    rng = np.random.default_rng(random_state)
    draws = rng.integers(0, len(X), (n_boot, len(X))) if n_boot * len(X) <= 5_000_000 else None
    rows = []
    for place, name in enumerate(asked.plan.names):
        own = parts[name].to_numpy()
        top, bottom, compared = _ends(asked.plan, place, X[name], own)
        rows.append(_effect_row(asked, place, name, own, linear, top, bottom, compared, draws))
    columns = [
        "feature",
        "effect",
        "low",
        "high",
        "odds_ratio",
        "importance",
        "importance_low",
        "importance_high",
        "direction",
        "compared",
        "doubt",
        "n",
    ]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(["importance", "feature"], ascending=[False, True], ignore_index=True)


def segment_effects(
    parts: pd.DataFrame, labels: Sequence[Hashable] | np.ndarray | pd.Series, *, fewest_people: int = 30
) -> pd.DataFrame:
    """Which attributes go together with leaving in which segment.

    Parameters
    ----------
    parts
        From :func:`explain_people`.
    labels
        The segment of each row; missing is left out.

    Returns
    -------
    DataFrame
        One row per segment and attribute: ``segment``, ``feature``, ``n``, ``effect`` (mean contribution in log odds),
        ``low``, ``high`` (95 %, people only), ``importance``. Segments below ``fewest_people`` are left out.

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
    rows = []
    for segment in sorted(label.dropna().unique()):
        mine = parts[(label == segment).to_numpy()]
        if len(mine) < fewest_people:
            continue
        for name in mine.columns.drop(BASE):
            own = mine[name].to_numpy()
            reach = norm.ppf(0.975) * own.std(ddof=1) / np.sqrt(len(own))
            mean = float(own.mean())
            rows.append((segment, name, len(own), mean, mean - reach, mean + reach, float(np.abs(own).mean())))
    return pd.DataFrame(rows, columns=["segment", "feature", "n", "effect", "low", "high", "importance"])


def what_if(
    model: Model,
    X: pd.DataFrame,
    feature: str,
    values: Sequence[float | str],
    *,
    months: float = 12,
    tenure: Sequence[float] | np.ndarray | None = None,
) -> pd.DataFrame:
    """Sensitivity of the model to one attribute: the mean predicted chance to leave if everyone had each value.

    This is what the model says, with everything else left as it is; it is not what would happen.

    Returns
    -------
    DataFrame
        One row per value: ``feature``, ``value``, ``leaving`` (mean probability within ``months``), ``low``, ``high``
        (10th and 90th percentile over people), ``reading`` (always ``sensitivity``).
    """
    if feature not in X:
        raise InvalidInput("There is no such attribute.", expected=", ".join(X.columns), came=feature, where="feature")
    rows = []
    for value in values:
        changed = X.assign(**{feature: value})
        if isinstance(model, HorizonModel):
            leaving = model.predict(changed)
        else:
            leaving = 1 - model.predict_ahead(changed, [months], start=tenure).survival[:, 0]
        low, high = np.quantile(leaving, [0.1, 0.9])
        rows.append((feature, value, float(leaving.mean()), float(low), float(high), "sensitivity"))
    return pd.DataFrame(rows, columns=["feature", "value", "leaving", "low", "high", "reading"])


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
    month = None if asked.month is None else np.minimum(asked.month, risk.longest)
    found = np.asarray(risk.booster().predict(tree_columns(plan.trees(X), month), pred_contrib=True))
    n_attributes = len(plan.names)
    of_tenure = found[:, n_attributes] if month is not None else np.zeros(len(X))
    return found[:, :n_attributes], of_tenure, found[:, -1]


def _ends(plan: FeaturePlan, place: int, column: pd.Series, own: np.ndarray) -> tuple[np.ndarray, np.ndarray, str]:
    """The two groups of people to compare on one attribute, and what they are called."""
    if plan.attributes[place].kind == "category":
        levels = column.astype(object).map(str, na_action="ignore")
        counts = levels.value_counts()
        means = pd.Series(own, index=levels.index).groupby(levels).mean()[counts[counts >= min(20, counts.max())].index]
        if len(means) < 2:
            nobody = np.zeros(len(own), dtype=bool)
            return nobody, nobody, ""
        most, least = str(means.idxmax()), str(means.idxmin())
        return (levels == most).to_numpy(), (levels == least).to_numpy(), f"{most} with {least}"
    values = column.to_numpy(dtype=float, na_value=np.nan)
    low, high = np.nanquantile(values, [0.2, 0.8]) if np.isfinite(values).any() else (np.nan, np.nan)
    if not low < high:
        low, high = (np.nanmin(values), np.nanmax(values)) if np.isfinite(values).any() else (np.nan, np.nan)
    top, bottom = values >= high, values <= low
    return (top, bottom, "highest fifth with lowest fifth") if low < high else (top & False, bottom & False, "")


def _effect_row(
    asked: _Asked,
    place: int,
    name: str,
    own: np.ndarray,
    linear: np.ndarray,
    top: np.ndarray,
    bottom: np.ndarray,
    compared: str,
    draws: np.ndarray | None,
) -> tuple[object, ...]:
    weight = np.abs(own)
    spread = norm.ppf(0.975) * weight.std() / np.sqrt(len(own))
    importance = (float(weight.mean()), float(max(weight.mean() - spread, 0)), float(weight.mean() + spread))
    if not compared:
        return (name, 0.0, 0.0, 0.0, 1.0, *importance, "none", "", "people", len(own))
    effect = float(own[top].mean() - own[bottom].mean())
    error, doubt = _effect_error(asked, place, own, linear, top, bottom, draws)
    reach = norm.ppf(0.975) * error
    is_category = asked.plan.attributes[place].kind == "category"
    direction = "none" if abs(effect) < 1e-12 else "by level" if is_category else "more" if effect > 0 else "less"
    return (
        name,
        effect,
        effect - reach,
        effect + reach,
        float(np.exp(effect)),
        *importance,
        direction,
        compared,
        doubt,
        len(own),
    )


def _effect_error(
    asked: _Asked,
    place: int,
    own: np.ndarray,
    linear: np.ndarray,
    top: np.ndarray,
    bottom: np.ndarray,
    draws: np.ndarray | None,
) -> tuple[float, str]:
    """Standard error of the contrast, and what it covers."""
    risk = asked.risk
    of_people = float(np.sqrt(own[top].var() / max(top.sum(), 1) + own[bottom].var() / max(bottom.sum(), 1)))
    if draws is not None and risk.share == 1:
        means = [_contrast(own, top, bottom, rows) for rows in draws]
        of_people = float(np.nanstd(means))
    if risk.linear is None or risk.share == 1 or not risk.linear.covariance.size:
        return of_people, "people"
    terms = np.flatnonzero(asked.plan.owner == place)
    contrast = np.zeros(len(risk.linear.coef))
    contrast[risk.linear.n_base + terms] = linear[top][:, terms].mean(axis=0) - linear[bottom][:, terms].mean(axis=0)
    of_model = risk.slope * float(np.sqrt(max(contrast @ risk.linear.covariance @ contrast, 0.0)))
    return (of_model, "model") if risk.share == 0 else (float(np.hypot(of_model, of_people)), "model")


def _contrast(own: np.ndarray, top: np.ndarray, bottom: np.ndarray, rows: np.ndarray) -> float:
    up, down = rows[top[rows]], rows[bottom[rows]]
    return float(own[up].mean() - own[down].mean()) if len(up) and len(down) else float("nan")
