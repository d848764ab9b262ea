"""Whom the points are asked of: estimators of this library and of its peers, with people they can learn from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from neighbours.probes import Library, Subject

_PEOPLE = 120


def people(n: int = _PEOPLE) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Three measured attributes, a flag that goes together with the first, and months until it happens."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(n, 3)), columns=["unmet", "pay", "hours"])
    months = np.minimum(rng.exponential(20 * np.exp(-X["unmet"])) + 0.01, 24.0)
    return X, (months < 24).astype(int), months


def answers(n: int = _PEOPLE) -> tuple[pd.DataFrame, np.ndarray]:
    """Answers on 1..5 to six items of three needs, of three kinds of people, as numbers with a point; and the kinds."""
    rng = np.random.default_rng(0)
    kinds = np.arange(n) % 3
    means = np.repeat(3.0 + 1.5 * np.eye(3)[kinds], 2, axis=1)
    codes = ["a1", "a2", "b1", "b2", "c1", "c2"]
    return pd.DataFrame(np.clip(np.round(means + rng.normal(0, 0.6, (n, 6))), 1, 5), columns=codes), kinds


def predicted(one: Any, X: pd.DataFrame) -> Any:
    return one.predict(X)


def memberships(one: Any, X: pd.DataFrame) -> Any:
    return one.predict_proba(X)


def transformed(one: Any, X: pd.DataFrame) -> Any:
    return one.transform(X)


def segment() -> Library:
    """This library."""
    from segment.retention import HazardModel, HorizonModel
    from segment.segments import LatentClass, NeedsMixture, SegmentSelector, TypingTool

    (X, flag, months), (items, kinds) = people(), answers()
    needs = {code: code[0] for code in items}
    spells = pd.DataFrame({"exit": months, "event": flag})
    # The typing tool's form has every question here: a shorter one reads its own only, and the others may be missing.
    quick = {"n_splits": 1, "n_starts": 2, "null_draws": 1, "families": ("needs_mixture",), "need_map": needs}
    subjects = (
        Subject("LatentClass", lambda: LatentClass(3, n_init=2), items, None, memberships, {"n_components": [1, 2]},
                {"n_components": 0, "tol": -1.0}),
        Subject("NeedsMixture", lambda: NeedsMixture(3, n_init=2, need_map=needs), items, None, memberships,
                {"n_components": [1, 3]}, {"n_init": 0, "need_map": 3}),
        Subject("SegmentSelector", lambda: SegmentSelector(3, **quick), items, None, memberships,
                {"n_segments": [2, 3]}, {"n_splits": 0, "choice_weight": 2.0}),
        Subject("TypingTool", lambda: TypingTool(6, sizes=(6,), n_simulated=200, n_splits=2), items, kinds, memberships,
                {"n_items": [5, 6]}, {"n_items": 0, "level": 2.0}),
        Subject("HazardModel", lambda: HazardModel("linear", causes=("left",)), X, spells,
                lambda one, X: one.predict_survival(X, [6.0, 12.0]), {"max_rounds": [10, 20]},
                {"learner": "forest", "max_rounds": 0}),
        Subject("HorizonModel", lambda: HorizonModel("linear"), X, flag, predicted, {"max_rounds": [10, 20]},
                {"learner": "forest", "max_rounds": 0}),
    )  # fmt: skip
    rooms = ("segments", "retention", "value", "experience", "privacy", "simulation", "plots")
    return Library("segment", tuple(f"segment.{room}" for room in rooms), subjects)


def scikit_survival() -> Library:
    """Survival models on scikit-learn's base."""
    from sksurv.ensemble import RandomSurvivalForest
    from sksurv.linear_model import CoxPHSurvivalAnalysis
    from sksurv.util import Surv

    X, flag, months = people()
    y = Surv.from_arrays(flag.astype(bool), months)
    subjects = (
        Subject("CoxPHSurvivalAnalysis", lambda: CoxPHSurvivalAnalysis(alpha=0.1), X, y, predicted,
                {"alpha": [0.1, 1.0]}, {"alpha": -1.0, "ties": "none"}, random=False),
        Subject("RandomSurvivalForest", lambda: RandomSurvivalForest(n_estimators=10, random_state=0), X, y, predicted,
                {"n_estimators": [5, 10]}, {"n_estimators": 0, "max_depth": -1}),
    )  # fmt: skip
    modules = ("sksurv.ensemble", "sksurv.linear_model", "sksurv.metrics", "sksurv.nonparametric", "sksurv.util")
    return Library("sksurv", modules, subjects)


def stepmix() -> Library:
    """Latent classes in steps."""
    from stepmix.stepmix import StepMix

    items, _ = answers()
    made = {"measurement": "continuous", "n_init": 2, "random_state": 0, "progress_bar": 0}
    subject = Subject("StepMix", lambda: StepMix(3, **made), items, None, memberships, {"n_components": [1, 2]},
                      {"n_components": 0, "measurement": "none"})  # fmt: skip
    return Library("stepmix", ("stepmix", "stepmix.stepmix"), (subject,))


def lifelines() -> Library:
    """Survival analysis with an interface of its own: one table holds attributes and outcome."""
    from lifelines import CoxPHFitter

    X, flag, months = people()
    subject = Subject(
        "CoxPHFitter", lambda: CoxPHFitter(penalizer=0.1), X, None,
        lambda one, X: one.predict_survival_function(X, times=[6.0, 12.0]), {"penalizer": [0.1, 1.0]},
        {"penalizer": -1.0, "baseline_estimation_method": "none"}, random=False,
        fits=lambda one, X, y: one.fit(X.assign(T=months, E=flag), "T", "E"),  # noqa: ARG005
    )  # fmt: skip
    return Library("lifelines", ("lifelines", "lifelines.utils", "lifelines.plotting"), (subject,))


def skrub() -> Library:
    """From tables to what models take."""
    from skrub import TableVectorizer

    X, flag, _ = people()
    X = X.assign(site=np.where(flag, "north", "south"))
    subject = Subject("TableVectorizer", lambda: TableVectorizer(), X, None, transformed,
                      {"cardinality_threshold": [2, 40]}, {"cardinality_threshold": -1, "n_jobs": "all"},
                      random=False, weighed=False)  # fmt: skip
    return Library("skrub", ("skrub",), (subject,))


def fairlearn() -> Library:
    """Models under constraints of fairness, and figures by group."""
    from fairlearn.preprocessing import CorrelationRemover
    from fairlearn.reductions import DemographicParity, ExponentiatedGradient
    from sklearn.linear_model import LogisticRegression

    X, flag, _ = people()
    group = (X["pay"] > 0).astype(int).to_numpy()
    subjects = (
        Subject("ExponentiatedGradient",
                lambda: ExponentiatedGradient(LogisticRegression(), DemographicParity(), max_iter=5), X, flag,
                lambda one, X: one.predict(X, random_state=0), {"eps": [0.01, 0.1]}, {"eps": -1.0, "max_iter": 0},
                beside={"sensitive_features": group}),
        Subject("CorrelationRemover", lambda: CorrelationRemover(sensitive_feature_ids=["pay"]), X, None, transformed,
                {"alpha": [0.5, 1.0]}, {"alpha": 2.0, "sensitive_feature_ids": 3}, random=False, weighed=False),
    )  # fmt: skip
    modules = ("fairlearn.metrics", "fairlearn.preprocessing", "fairlearn.reductions", "fairlearn.postprocessing")
    return Library("fairlearn", modules, subjects)


#: Package as it is installed -> its estimators; the first is this library.
LIBRARIES: dict[str, Callable[[], Library]] = {
    "segment": segment,
    "scikit-survival": scikit_survival,
    "stepmix": stepmix,
    "lifelines": lifelines,
    "skrub": skrub,
    "fairlearn": fairlearn,
}
