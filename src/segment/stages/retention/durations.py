"""Leaving as tenure and an event per person, without dates."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.retention import HazardModel, chance_finding, headline, judge_durations, segment_curves
from segment.retention.repeats import folds_for
from segment.retention.scorer import RetentionScorer
from segment.stages.base import Model, OpenStudy, StageResult
from segment.stages.causes import causes_in
from segment.stages.retention.data_sufficiency import gaps_of_durations, told_instead, too_few_flags, value_left_out
from segment.stages.retention.evaluation import (
    as_events,
    checked,
    hazard_of,
    model_card,
    model_records,
    reservations_about,
    say_later,
    segment_of,
)
from segment.stages.retention.explanation import Reckons, competition_of, explained_cause, first_year, what_matters
from segment.stages.retention.features import as_features, known_by_person
from segment.stages.retention.leakage import kept_together, leaking_features, together_finding
from segment.stages.survey_weights import counted_in_outcome


def retain_duration(opened: OpenStudy) -> StageResult:
    """Learn from everyone, and judge by repeated folds of people, for lack of time to split by.

    Near-duplicates stay in one fold; the model that is kept learned from everyone.
    """
    config, settings, causes = opened.config, opened.config.retention, causes_in(opened)
    every = as_events(opened.store.read("spells"), causes)
    spells = every.set_index("person")
    thin = gaps_of_durations(opened.outcome, every["cause"])
    thin = pd.concat([thin, value_left_out(config)], ignore_index=True)
    if thin["code"].isin(["RT001", "RT009"]).any():
        return _as_seen(opened, every, thin)
    X = known_by_person(opened, None)
    spells = spells.loc[spells.index.intersection(X.index)]
    X = as_features(X.loc[spells.index])
    leaks = leaking_features(X, (spells["event"] > 0).to_numpy())
    X, group = X.drop(columns=[c for c in leaks["subject"] if c in X]), kept_together(X)
    found = pd.concat([thin, leaks, together_finding(group)], ignore_index=True)
    if not folds_for(group, spells["event"].to_numpy(), both=False):
        return _as_seen(opened, every, too_few_flags(0, 0))
    fitted = hazard_of(opened).fit(X, spells.assign(person=group))
    judged = judge_durations(
        fitted, X, spells, groups=group, horizons=settings.horizons, random_state=config.random_state
    )
    told, gone = headline(judged, causes, months=opened.outcome.months), spells["event"] > 0
    its_own = gone if told.cause is None else spells["event"] == 1 + causes.index(told.cause)
    where = "people not learned from"
    chance = chance_finding(told, exits=int(its_own.sum()), of=int(gone.sum()), where=where)
    findings = pd.concat([found, chance, reservations_about(opened, judged, pd.DataFrame())], ignore_index=True)
    findings = told_instead(findings, opened.outcome, told.cause, every["cause"])
    entrants, tried = competition_of(fitted, people=len(X))
    tables = {
        "evaluation": judged.metrics,
        "calibration": judged.calibration,
        "curves": _everyone(spells, causes),
        "first_year": first_year(opened, every),
        "retention_findings": findings,
        "competition": entrants,
        **_mattering(opened, fitted, X, spells),
    }
    card = model_card(opened, fitted, judged, findings=findings)
    records = model_records(opened, judged, findings, told, tried=tried)
    said = say_later(told, findings, None, on="people not learned from", counted=counted_in_outcome(opened))
    return StageResult(checked(tables), records, {"retention": Model(RetentionScorer(fitted), card)}, said=said)


def _mattering(
    opened: OpenStudy, fitted: HazardModel, X: pd.DataFrame, spells: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """What goes together with leaving: of people as long here as they were, and of those who are still there."""
    explained = spells["event"] == 1 + causes_in(opened).index(str(explained_cause(opened, fitted)))
    gone = segment_of(opened).reindex(spells.index[explained]).value_counts()
    tenure = np.floor(spells["exit"].to_numpy(dtype=float))
    reckons = Reckons(fitted, there=(spells["event"] == 0).to_numpy())
    return what_matters(opened, fitted, X, tenure=tenure, left_in=gone, reckons=reckons)


def _as_seen(opened: OpenStudy, every: pd.DataFrame, few: pd.DataFrame) -> StageResult:
    """Without a model: what was seen, and why there is nothing more."""
    causes = causes_in(opened)
    observed = {"curves": _everyone(every.set_index("person"), causes), "first_year": first_year(opened, every)}
    return StageResult(checked(observed | {"retention_findings": few}), said="too few exits: leaving was not modelled")


def _everyone(spells: pd.DataFrame, causes: tuple[str, ...]) -> pd.DataFrame:
    """The curve of everyone together."""
    return segment_curves(spells.reset_index(), pd.Series(float("nan"), index=range(len(spells))), causes=causes)
