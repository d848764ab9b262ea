"""Leaving as one flag per person: an intention item, or 'left within so many months'."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.retention import Evaluation, Headline, HorizonModel, chance_finding, foretell_flags, headline, judge_flags
from segment.retention.repeats import OutOfFold, folds_for, without_order
from segment.retention.scorer import RetentionScorer
from segment.stages.base import Model, OpenStudy, StageResult
from segment.stages.causes import causes_in
from segment.stages.retention.data_sufficiency import told_instead, too_few_flags, value_left_out
from segment.stages.retention.evaluation import (
    checked,
    groups_of,
    model_card,
    model_records,
    reservations_about,
    say_instead,
    say_share,
    say_value,
    segment_of,
    shares_by_segment,
)
from segment.stages.retention.explanation import competition_of, what_matters
from segment.stages.retention.features import known_by_person
from segment.stages.retention.hold_out import by_person
from segment.stages.retention.leakage import kept_together, leaking_features, together_finding
from segment.stages.survey_weights import counted_in_outcome, weight_of_outcome
from segment.stages.waves import wave_names
from segment.tracking.records import param


def retain_flag(opened: OpenStudy) -> StageResult:
    """Learn from everyone, and judge on chances that models gave to people they had not seen, by repeated folds.

    One survey at one moment has no time to split by, so people are dealt into folds at random (stratified by the
    flag); people who are nearly the same stay in one fold. What is judged comes from those chances, and
    shares of groups are counted; the model that is kept learned from everyone in the same way.
    """
    config = opened.config
    spells = opened.store.read("spells").set_index("person")
    X = known_by_person(opened, _wave(opened))
    people = X.index.intersection(spells.index)
    X, y = X.loc[people], spells.loc[people, "cause"].notna().astype(float).to_numpy()
    weight = _weights(opened, people)
    few = too_few_flags(int(y.sum()), int((y == 0).sum()))
    if len(few):
        return _as_answered(opened, people, y, few)
    leaks = leaking_features(X, y > 0)
    X, group = X.drop(columns=[c for c in leaks["subject"] if c in X]), kept_together(X)
    if not folds_for(group, y):
        return _as_answered(opened, people, y, too_few_flags(0, 0))
    findings = pd.concat([leaks, together_finding(group), value_left_out(config)], ignore_index=True)
    fitted = HorizonModel(config.retention.learner, config.random_state).fit(X, y, weight, groups=group)
    said = foretell_flags(fitted, X, y, groups=group, weights=weight, random_state=config.random_state)
    judged = without_order(judge_flags(said, y, weights=weight), fitted.predict(X))
    groups = groups_of(opened, X, y, said.mean, weights=weight)
    causes = causes_in(opened) if opened.outcome.meaning == "exit" else ()  # whoever intends to has left for no reason
    told = headline(judged, causes, months=opened.outcome.months)
    chance = chance_finding(told, exits=int((y > 0).sum()), where="people not learned from")
    findings = pd.concat([findings, chance, reservations_about(opened, judged, groups)], ignore_index=True)
    findings = told_instead(findings, opened.outcome, told.cause, spells.loc[people, "cause"])
    tables = {
        "retention_findings": findings,
        "group_results": groups,
        "leaving": _leaving(opened, people, y),
        "held_out_leaving": _held_out(opened, said, people, y, weight),
        **_told(opened, fitted, judged, X=X, y=y),
    }
    entrants, tried = competition_of(fitted, people=len(y))
    learner = fitted.risk_.name if hasattr(fitted.risk_, "name") else config.retention.learner
    also = [param("retention.features", X.shape[1]), param("retention.learner", learner)]
    card = model_card(opened, fitted, judged, findings=findings, groups=groups)
    return StageResult(
        checked(tables | {"competition": entrants}),
        model_records(opened, judged, findings, told, tried=tried, also=also),
        {"retention": Model(RetentionScorer(fitted, float(opened.outcome.months)), card)},
        said="; ".join((_say(opened, told, y, weight), *say_instead(findings))),
    )


def _held_out(
    opened: OpenStudy, said: OutOfFold, people: pd.Index, y: np.ndarray, weight: np.ndarray | None
) -> pd.DataFrame:
    """What models that had not seen people said of them, beside the base rate of who was learned from."""
    told = {"left": y, "own": said.mean, "floor": said.floor.mean(axis=0)}
    found = pd.DataFrame({"person": people, **told}).assign(
        horizon=float(opened.outcome.months), weight=1.0 if weight is None else weight
    )
    return by_person(found.assign(row=np.arange(len(found))), found["person"])


def _told(
    opened: OpenStudy, fitted: HorizonModel, judged: Evaluation, *, X: pd.DataFrame, y: np.ndarray
) -> dict[str, pd.DataFrame]:
    """Tables of how good the model is, of what it says of everyone, and of what goes together with the flag."""
    months = float(opened.outcome.months)
    gone = segment_of(opened).reindex(X.index[y > 0]).value_counts()
    return {
        "evaluation": judged.metrics,
        "calibration": judged.calibration.assign(horizon=months, cause="any"),
        "risks": pd.DataFrame({"person": X.index, "horizon": months, "p_leave": fitted.predict(X)}),
        **what_matters(opened, fitted, X, left_in=gone),
    }


def _as_answered(opened: OpenStudy, people: pd.Index, y: np.ndarray, few: pd.DataFrame) -> StageResult:
    """Without a model: what was answered or came about, and why there is nothing more."""
    tables = {"retention_findings": pd.concat([few, value_left_out(opened.config)], ignore_index=True)}
    if len(people):
        tables["leaving"] = _leaving(opened, people, y)
    return StageResult(checked(tables), said="too few with one of the two outcomes: it was not modelled")


def _leaving(opened: OpenStudy, people: pd.Index, y: np.ndarray) -> pd.DataFrame:
    """Leaving per segment as it was answered or as it came about: of everyone it is known, so nothing is computed."""
    origin = "intention" if opened.outcome.meaning == "intention" else "seen"
    return shares_by_segment(opened, pd.Series(y, index=people), horizon=float(opened.outcome.months), origin=origin)


def _wave(opened: OpenStudy) -> str | None:
    """The wave whose answers describe people: the one that holds most of the outcome's people, else the last."""
    if not opened.store.has("responses"):
        return None
    responses = opened.store.read("responses")
    watched = set(opened.store.read("spells")["person"])
    counts = responses[responses["person"].isin(watched)].groupby("wave").size()
    return opened.config.wave or wave_names(opened, counts[counts == counts.max()].index)[-1]


def _weights(opened: OpenStudy, people: pd.Index) -> np.ndarray | None:
    """For how many each of these people stands; None where the outcome was not asked in a weighted survey."""
    weight = weight_of_outcome(opened)
    return None if weight is None else weight.reindex(people).to_numpy(dtype=float)


def _say(opened: OpenStudy, told: Headline, y: np.ndarray, weight: np.ndarray | None) -> str:
    word = "intend to leave" if opened.outcome.meaning == "intention" else "left"
    share = say_share(float(np.average(y, weights=weight)), len(y), fewest=opened.config.privacy.min_rate_group)
    counted = counted_in_outcome(opened)
    begin = f"{share} {word}{f' ({counted})' if counted else ''}; " if share is not None else ""
    return f"{begin}AUC on people not learned from {say_value(told)}{f', {counted}' if counted else ''}"
