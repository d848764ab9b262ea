"""Leaving as one flag per person: an intention item, or 'left within so many months'."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

from segment.retention import HorizonModel, evaluate_flag, headline
from segment.retention.levels import Level, group_levels, level_of_flags
from segment.retention.scorer import RetentionScorer
from segment.stages.base import Model, OpenStudy, StageResult
from segment.stages.staying.judging import (
    checked,
    evaluation_records,
    finding_records,
    groups_of,
    model_card,
    reservations_about,
    say_share,
    segment_of,
    shares_by_segment,
)
from segment.stages.staying.known import known_by_person
from segment.stages.staying.leaks import kept_together, leaking_features, together_finding
from segment.stages.staying.mattering import competition_of, what_matters
from segment.stages.staying.thin import too_few_flags
from segment.stages.waves import wave_names
from segment.tracking.records import model as model_record
from segment.tracking.records import param


def retain_flag(opened: OpenStudy) -> StageResult:
    """Learn from some people, judge on others, and give everyone's probability to the restricted table.

    One survey at one moment has no time to split by, so people are split at random (stratified by the flag); people
    who are nearly the same stay on one side. The model that was judged is the model that is kept.
    """
    config = opened.config
    spells = opened.store.read("spells").set_index("person")
    X = known_by_person(opened, _wave(opened))
    people = X.index.intersection(spells.index)
    X, y = X.loc[people], spells.loc[people, "cause"].notna().astype(float).to_numpy()
    few = too_few_flags(int(y.sum()), int((y == 0).sum()))
    if len(few):
        return _as_answered(opened, people, y, few)
    leaks = leaking_features(X, y > 0)
    X, group = X.drop(columns=[c for c in leaks["subject"] if c in X]), kept_together(X)
    findings = pd.concat([leaks, together_finding(group)], ignore_index=True)
    train, test = _split(group, y, config.retention.test_share, config.random_state)
    fitted = HorizonModel(config.retention.learner, config.random_state).fit(
        X.iloc[train], y[train], groups=group[train]
    )
    judged = evaluate_flag(
        y[test],
        fitted.predict(X.iloc[test]),
        base_rate=float(y[train].mean()),
        n_boot=config.retention.bootstrap,
        random_state=config.random_state,
    )
    months = float(config.outcome.months)
    chances = fitted.predict(X)
    groups = groups_of(opened, X.iloc[test], y[test], chances[test])
    findings = pd.concat([findings, reservations_about(opened, judged, groups)], ignore_index=True)
    entrants, tried = competition_of(fitted)
    gone = segment_of(opened).reindex(people[y > 0]).value_counts()
    tables = {
        "evaluation": judged.metrics,
        "calibration": judged.calibration.assign(horizon=months, cause="any"),
        "retention_findings": findings,
        "competition": entrants,
        **what_matters(opened, fitted, X.iloc[test], left_in=gone),
        "group_results": groups,
        "leaving": _leaving(opened, people, y, chances, months, test),
        "risks": pd.DataFrame({"person": people, "horizon": months, "p_leave": chances}),
    }
    records = [
        *evaluation_records(judged),
        *finding_records(findings, headline(judged, config.outcome.causes)),
        *tried,
        param("retention.features", X.shape[1]),
        param("retention.learner", fitted.risk_.name if hasattr(fitted.risk_, "name") else config.retention.learner),
        model_record("retention", run="retain"),
    ]
    card = model_card(opened, fitted, judged, findings=findings, groups=groups)
    return StageResult(
        checked(tables),
        records,
        {"retention": Model(RetentionScorer(fitted, months), card)},
        said=_say(opened, judged, y),
    )


def _as_answered(opened: OpenStudy, people: pd.Index, y: np.ndarray, few: pd.DataFrame) -> StageResult:
    """Without a model: what was answered, where the flag is an intention, and why there is nothing more."""
    outcome, tables = opened.config.outcome, {"retention_findings": few}
    if outcome.meaning == "intention" and len(people):
        tables["leaving"] = _leaving(opened, people, y, y, float(outcome.months), np.arange(0))
    return StageResult(checked(tables), said="too few with one of the two outcomes: it was not modelled")


def _split(group: np.ndarray, y: np.ndarray, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows to learn from and rows to judge on: groups of near-duplicates whole, stratified by whether any has the flag.

    >>> train, test = _split(np.array([0, 0, 1, 2, 3, 4, 5, 6]), np.array([1, 0, 0, 1, 0, 1, 0, 0]), 0.5, 0)
    >>> bool(np.isin([0, 1], train).all() or np.isin([0, 1], test).all())
    True
    """
    flagged = np.bincount(group, y) > 0
    codes = np.arange(len(flagged))
    _, held = train_test_split(codes, test_size=share, stratify=flagged, random_state=seed)
    out = np.isin(group, held)
    return np.flatnonzero(~out), np.flatnonzero(out)


def _leaving(
    opened: OpenStudy, people: pd.Index, y: np.ndarray, chances: np.ndarray, months: float, test: np.ndarray
) -> pd.DataFrame:
    """Leaving per segment: intentions as answered, else as expected, at the level that held-out people show."""
    if opened.config.outcome.meaning == "intention":
        return shares_by_segment(opened, pd.Series(y, index=people), horizon=months, origin="intention")
    everyone = level_of_flags(y[test], chances[test])
    labels = segment_of(opened).reindex(people).to_numpy(dtype=float)[test]
    own: dict[Hashable, Level] = {
        segment: level_of_flags(y[test][labels == segment], chances[test][labels == segment])
        for segment in np.unique(labels[~np.isnan(labels)])
    }
    levels = {None: everyone, **group_levels(own, everyone)}
    return shares_by_segment(opened, pd.Series(chances, index=people), horizon=months, origin="risk", levels=levels)


def _wave(opened: OpenStudy) -> str | None:
    """The wave whose answers describe people: the one that holds most of the outcome's people, else the last."""
    if not opened.store.has("responses"):
        return None
    responses = opened.store.read("responses")
    watched = set(opened.store.read("spells")["person"])
    counts = responses[responses["person"].isin(watched)].groupby("wave").size()
    return opened.config.wave or wave_names(opened, counts[counts == counts.max()].index)[-1]


def _say(opened: OpenStudy, judged: object, y: np.ndarray) -> str:
    word = "intend to leave" if opened.config.outcome.meaning == "intention" else "left"
    auc = judged.value("auc")  # type: ignore[attr-defined]
    share = say_share(float(y.mean()), len(y), fewest=opened.config.privacy.min_rate_group)
    begin = f"{share} {word}; " if share is not None else ""
    return f"{begin}AUC on people not learned from {auc:.3f}"
