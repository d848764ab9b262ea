"""Leaving as one flag per person: an intention item, or 'left within so many months'."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

from segment.retention import HorizonModel, effects, evaluate_flag
from segment.retention.scorer import RetentionScorer
from segment.stages.base import Model, OpenStudy, StageResult
from segment.stages.judging import came_true, evaluation_records, groups_of, model_card, shares_by_segment
from segment.stages.known import known_by_person
from segment.tables import schema_of
from segment.tracking.records import model as model_record
from segment.tracking.records import param


def retain_flag(opened: OpenStudy) -> StageResult:
    """Learn from some people, judge on others, and give everyone's probability to the restricted table.

    One survey at one moment has no time to split by, so people are split at random (stratified by the flag). The model
    that was judged is the model that is kept.
    """
    config = opened.config
    spells = opened.store.read("spells").set_index("person")
    X = known_by_person(opened, _wave(opened))
    people = X.index.intersection(spells.index)
    X, y = X.loc[people], spells.loc[people, "cause"].notna().astype(float).to_numpy()
    train, test = train_test_split(
        np.arange(len(people)), test_size=config.retention.test_share, stratify=y, random_state=config.random_state
    )
    fitted = HorizonModel(config.retention.learner, config.random_state).fit(X.iloc[train], y[train])
    judged = evaluate_flag(
        y[test],
        fitted.predict(X.iloc[test]),
        base_rate=float(y[train].mean()),
        n_boot=config.retention.bootstrap,
        random_state=config.random_state,
    )
    months = float(config.outcome.months)
    chances = fitted.predict(X)
    tables = {
        "evaluation": judged.metrics,
        "calibration": judged.calibration.assign(horizon=months, cause="any"),
        "effects": effects(fitted, X.iloc[test]),
        "group_results": groups_of(opened, X.iloc[test], y[test], chances[test]),
        "leaving": _leaving(opened, people, y, chances, months, came_true(judged, "oe")),
        "risks": pd.DataFrame({"person": people, "horizon": months, "p_leave": chances}),
    }
    records = [
        *evaluation_records(judged),
        param("retention.features", X.shape[1]),
        param("retention.learner", fitted.risk_.name if hasattr(fitted.risk_, "name") else config.retention.learner),
        model_record("retention", run="retain"),
    ]
    card = model_card(opened, X, judged, people=len(train), events=int(y[train].sum()))
    kept = {name: schema_of(name).check(frame) for name, frame in tables.items() if not frame.empty}
    return StageResult(
        kept, records, {"retention": Model(RetentionScorer(fitted, months), card)}, said=_say(opened, judged, y)
    )


def _leaving(
    opened: OpenStudy, people: pd.Index, y: np.ndarray, chances: np.ndarray, months: float, doubt: tuple[float, float]
) -> pd.DataFrame:
    """Leaving per segment: intentions as answered, else what the model expects."""
    asked = opened.config.outcome.meaning == "intention"
    shares = pd.Series(y if asked else chances, index=people)
    return shares_by_segment(
        opened, shares, horizon=months, origin="intention" if asked else "risk", came_true=None if asked else doubt
    )


def _wave(opened: OpenStudy) -> str | None:
    """The wave whose answers describe people: the one that holds most of the outcome's people, else the last."""
    if not opened.store.has("responses"):
        return None
    responses = opened.store.read("responses")
    watched = set(opened.store.read("spells")["person"])
    counts = responses[responses["person"].isin(watched)].groupby("wave").size()
    return str(opened.config.wave or counts[counts == counts.max()].index.max())


def _say(opened: OpenStudy, judged: object, y: np.ndarray) -> str:
    word = "intend to leave" if opened.config.outcome.meaning == "intention" else "left"
    auc = judged.value("auc")  # type: ignore[attr-defined]
    return f"{y.mean():.0%} {word}; AUC on people not learned from {auc:.3f}"
