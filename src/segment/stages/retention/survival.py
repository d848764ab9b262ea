"""Leaving over time: monthly hazards by cause, judged on time that came after what was learned from."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.retention import (
    Evaluation,
    HazardModel,
    check_spells,
    evaluate,
    foresight_findings,
    headline,
    longest_watched,
    periods_from_snapshots,
    segment_curves,
    split_by_time,
    within_precedent,
)
from segment.retention.discrimination import follow_people, known_by
from segment.retention.levels import Level
from segment.retention.paired import held_out_chances
from segment.retention.scorer import RetentionScorer
from segment.stages.base import Model, OpenStudy, StageResult
from segment.stages.causes import causes_in
from segment.stages.retention.data_sufficiency import (
    YEAR,
    count_exits,
    cut_of,
    gaps,
    not_modelled,
    segments_without_curve,
    told_instead,
)
from segment.stages.retention.evaluation import (
    as_events,
    checked,
    groups_of,
    hazard_of,
    knows_only_tenure,
    levels_by_segment,
    model_card,
    model_records,
    reservations_about,
    say_later,
    segment_of,
    shares_by_segment,
)
from segment.stages.retention.explanation import (
    Reckons,
    competition_of,
    explained_cause,
    first_year,
    leavers_by_segment,
    what_matters,
)
from segment.stages.retention.features import known_on, known_over_time
from segment.stages.retention.hold_out import by_person, observed_and_expected, spells_by_segment
from segment.stages.retention.leakage import answers_after_notice, leaking_features
from segment.stages.retention.leavers import with_bands
from segment.stages.retention.value import past_finding, worth_of
from segment.stages.survey_weights import counted_in_outcome
from segment.tracking.records import count, param
from segment.vocabulary import DAYS_PER_MONTH

_KEY = ["person", "spell"]
_DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class _Past:
    """What was learned from the time before the cut, and how it did on the time after it."""

    model: HazardModel
    people: int
    events: int
    judged: Evaluation
    groups: pd.DataFrame
    findings: pd.DataFrame
    levels: dict[Hashable, Level]
    seen: pd.DataFrame
    held_out: pd.DataFrame


def retain_time(opened: OpenStudy) -> StageResult:
    """Learn from the past, judge on the later part of the window, then learn the same way from all of it.

    Where too few left to learn from or to judge on, only what was seen is reported, and why.
    """
    people, config = _watched_people(opened), opened.config
    events = as_events(opened.store.read("spells"), causes_in(opened))
    curves, seen = _curves(opened, events), count_exits(people, config)
    segments = segment_of(opened).nunique()
    own = curves["segment"].nunique() if len(curves) else 0
    unlearned = pd.concat([gaps(seen, config), segments_without_curve(own, segments)], ignore_index=True)
    observed = {"curves": curves, "first_year": first_year(opened, events)}
    if not seen.enough:
        return StageResult(checked(observed | {"retention_findings": unlearned}), said=not_modelled(seen, config))
    return _modelled(opened, people, observed, unlearned)


def _modelled(
    opened: OpenStudy, people: pd.DataFrame, observed: dict[str, pd.DataFrame], unlearned: pd.DataFrame
) -> StageResult:
    """The model, how it did on later time, and what it expects of those who are still there."""
    config = opened.config
    start, end = pd.Timestamp(opened.outcome.watched.start), pd.Timestamp(opened.outcome.watched.end)
    known = known_over_time(opened, people, start)
    learned = _periods(opened, people, known, start, end)
    leaks = _leaks(opened, people, learned)
    known = known.drop(columns=[c for c in leaks["subject"] if c in known])
    learned = (learned[0].drop(columns=[c for c in leaks["subject"] if c in learned[0]]), learned[1])
    past = _judge(opened, people, known, start, end)
    final = hazard_of(opened).fit_like(*learned, like=past.model, explained=True)
    entrants, tried = competition_of(past.model, people=past.people)
    ahead = _ahead(opened, final, past, _present(people, known, end), learned)
    reserved = reservations_about(opened, past.judged, past.groups)
    told = headline(past.judged, causes_in(opened), months=opened.outcome.months)
    findings = pd.concat([leaks, past.findings, reserved, unlearned, past_finding(ahead, config)], ignore_index=True)
    findings = told_instead(findings, opened.outcome, told.cause, opened.store.read("spells")["cause"])
    tables = {
        **observed,
        "evaluation": past.judged.metrics,
        "calibration": past.judged.calibration,
        "group_results": past.groups,
        "retention_findings": findings,
        "competition": entrants,
        "held_out_leaving": past.held_out,
        **ahead,
    }
    also = [
        count("train_events", past.events),
        param("retention.features", learned[0].shape[1]),
        param("retention.learner", config.retention.learner),
        param("retention.test_from", cut_of(config).date()),
    ]
    card = model_card(opened, final, past.judged, findings=findings, groups=past.groups)
    return StageResult(
        checked(tables),
        model_records(opened, past.judged, findings, told, tried=tried, also=also),
        {"retention": Model(RetentionScorer(final), card)},
        said=say_later(
            told, findings, _expected(tables), fewest=config.privacy.min_rate_group, counted=counted_in_outcome(opened)
        ),
    )


def _expected(tables: Mapping[str, pd.DataFrame]) -> tuple[float, int] | None:
    """The share of everyone that is expected to leave, and how many people they are; nothing if none is reported."""
    if "leaving" not in tables:
        return None
    everyone = tables["leaving"][tables["leaving"]["segment"].isna()]
    return None if everyone.empty else (float(everyone["value"].iloc[0]), int(everyone["n"].iloc[0]))


def _ahead(
    opened: OpenStudy,
    final: HazardModel,
    past: _Past,
    present: tuple[pd.DataFrame, pd.Series],
    learned: tuple[pd.DataFrame, pd.DataFrame],
) -> dict[str, pd.DataFrame]:
    """Tables about those still employed at the end of the window; none where nobody is."""
    X_now, tenure = present
    if X_now.empty:
        return {}
    # Groups are reported from the model that was judged, at the level later time showed: all of the time counts once.
    expected = _risks(opened, past.model, X_now, tenure).set_index("person")["p_leave"]
    leaving = shares_by_segment(opened, expected, horizon=YEAR, origin="risk", levels=past.levels)
    leaving = with_bands(opened, leaving, expected, past.seen)
    keys = [None if key != key else float(key) for key in leaving["segment"]]
    told = {key: (float(share), past.levels[key].error) for key, share in zip(keys, leaving["value"], strict=True)}
    return {
        "leaving": leaving,
        "risks": _risks(opened, final, X_now, tenure),
        **what_matters(
            opened,
            final,
            X_now,
            tenure=tenure.to_numpy(),
            left_in=leavers_by_segment(opened, explained_cause(opened, final)),
            reckons=Reckons(past.model, past.levels[None]),
            learned_from=int(learned[1]["person"].nunique()),
        ),
        **worth_of(opened, final, X_now, tenure, learned=learned, told=told),
    }


def _leaks(opened: OpenStudy, people: pd.DataFrame, learned: tuple[pd.DataFrame, pd.DataFrame]) -> pd.DataFrame:
    """Findings about features that know the outcome, and about answers given around the end of employment."""
    X, spells = learned
    first = (~spells["person"].duplicated()).to_numpy()
    found = [leaking_features(X, (spells["event"] > 0).to_numpy(), first=first), answers_after_notice(opened, people)]
    return pd.concat([one for one in found if len(one)] or found[:1], ignore_index=True)


def _watched_people(opened: OpenStudy) -> pd.DataFrame:
    """The employment spells under observation, with their dates and attributes."""
    spells = opened.store.read("spells")[_KEY]
    return opened.store.read("people").merge(spells, on=_KEY)


def _judge(
    opened: OpenStudy, people: pd.DataFrame, known: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp
) -> _Past:
    """Learn until the cut; on the cut, foretell those employed from what was known then; compare with what came."""
    cut, causes, settings = cut_of(opened.config), causes_in(opened), opened.config.retention
    X, spells = _periods(opened, people, known[known["valid_from"] < cut], start, cut - _DAY)
    learned = hazard_of(opened).fit(X, spells)
    _, later = split_by_time(people, cut=cut, window_start=start, window_end=end, causes=causes)
    employed = people.loc[later.index, "start_date"] <= cut
    later = later[employed]
    seen = known_on(known, cut).reindex(pd.MultiIndex.from_frame(people.loc[later.index, _KEY]))
    seen = seen.set_index(later.index)
    judged = evaluate(
        learned,
        seen,
        later,
        train=(X, spells),
        horizons=settings.horizons,
        sample="hold-out",
        n_boot=settings.bootstrap,
        random_state=opened.config.random_state,
    )
    days = people.loc[later.index, "end_date"]
    told = None if opened.config.sources.places_exits else days
    findings = _unforeseen(opened, learned, (spells, later), seen, judged=judged, days=told)
    groups = _by_group(opened, learned, people, seen, later)
    watched = observed_and_expected(opened, learned, people, seen, later, cut=cut)
    events = int((spells["event"] > 0).sum())
    said = held_out_chances(learned, seen, later, (X, spells), months=float(opened.outcome.months))
    said = by_person(said, people.loc[later.index, "person"])
    among = int(spells["person"].nunique())
    return _Past(learned, among, events, judged, groups, findings, levels_by_segment(opened, watched), watched, said)


def _unforeseen(
    opened: OpenStudy,
    learned: HazardModel,
    spells: tuple[pd.DataFrame, pd.DataFrame],
    seen: pd.DataFrame,
    *,
    judged: Evaluation,
    days: pd.Series | None,
) -> pd.DataFrame:
    """What could not have been foreseen in the spells after the cut; where tenures are new, the others judged apart."""
    (before, after), causes, months = spells, causes_in(opened), float(opened.outcome.months)
    findings = foresight_findings(
        before, after, judged, causes=causes, cut=cut_of(opened.config), days=days, months=months,
        tenure_only=knows_only_tenure(learned, headline(judged, causes, months=months).cause),
    )  # fmt: skip
    inside = after["entry"] + months <= longest_watched(before)
    if "FO002" not in set(findings["code"]) or not (after.loc[inside, "event"] > 0).any():
        return findings
    others = evaluate(
        learned,
        seen[inside],
        after[inside],
        horizons=(months,),
        sample="hold-out",
        n_boot=opened.config.retention.bootstrap,
        random_state=opened.config.random_state,
    )
    apart = within_precedent(headline(others, causes, months=months), people=int(inside.sum()), of=len(after))
    return pd.concat([findings, apart], ignore_index=True)


def _by_group(
    opened: OpenStudy, learned: HazardModel, people: pd.DataFrame, seen: pd.DataFrame, later: pd.DataFrame
) -> pd.DataFrame:
    """Results by protected group within twelve months of the cut, or as far as anybody was watched.

    Who was lost from sight before is stood for by others who were watched as long (weights against censoring).
    """
    watched = check_spells(later, causes=causes_in(opened))
    first, followed, entry = follow_people(watched)
    horizon = min(YEAR, float(np.floor(followed.time.max() + 0.5)))
    left, weight = known_by(followed, horizon)
    told = weight > 0
    chosen = seen.iloc[first[told]]
    if chosen.empty or horizon < 1:
        return pd.DataFrame()
    chances = 1.0 - learned.predict_ahead(chosen, [horizon], start=entry[told]).survival[:, 0]
    by_person = chosen.set_index(pd.Index(people.loc[chosen.index, "person"]))
    return groups_of(opened, by_person, left[told].astype(float), chances, weights=weight[told])


def _periods(
    opened: OpenStudy, people: pd.DataFrame, known: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Stretches of tenure with what was known at their start."""
    X, spells = periods_from_snapshots(known, people, window_start=start, window_end=end, causes=causes_in(opened))
    return X.drop(columns=[c for c in (*_KEY, "valid_from") if c in X]), spells


def _present(people: pd.DataFrame, known: pd.DataFrame, end: pd.Timestamp) -> tuple[pd.DataFrame, pd.Series]:
    """What is known at the end of the window of those still employed, and their tenure in months; indexed by person."""
    here = people[(people["start_date"] <= end) & ~(people["end_date"] <= end)].drop_duplicates("person", keep="last")
    X = known_on(known, end).reindex(pd.MultiIndex.from_frame(here[_KEY])).set_index(pd.Index(here["person"]))
    tenure = pd.Series((end - here["start_date"]).dt.days.to_numpy() / DAYS_PER_MONTH, index=X.index)
    return X, tenure


def _risks(opened: OpenStudy, model: HazardModel, X: pd.DataFrame, tenure: pd.Series) -> pd.DataFrame:
    """One row per person still employed: the chance to leave within twelve months, by cause. Restricted."""
    ahead = model.predict_ahead(X, [12.0], start=tenure.to_numpy())
    by_cause = {f"p_{cause}": ahead.incidence[cause][:, 0] for cause in causes_in(opened)}
    return pd.DataFrame(
        {"person": X.index, "horizon": 12.0, "p_leave": 1.0 - ahead.survival[:, 0], **by_cause}
    ).reset_index(drop=True)


def _curves(opened: OpenStudy, spells: pd.DataFrame) -> pd.DataFrame:
    """Observed curves of everyone, and per segment from the day people answered.

    A segment is known only of people who were still there to answer; counting their earlier months would credit them
    with a time in which they could not have left (immortal time; Suissa, 2008). So they enter on their first wave.
    """
    causes = causes_in(opened)
    floors = {
        "fewest_people": opened.config.privacy.min_curve_people,
        "fewest_leavers": opened.config.privacy.min_curve_events,
    }
    curves = [segment_curves(spells, pd.Series(float("nan"), index=spells.index), causes=causes, **floors)]
    rows = spells_by_segment(opened, spells)
    if len(rows):
        own = segment_curves(rows, rows["segment"], causes=causes, **floors)
        curves.append(own[own["segment"].notna()] if len(own) else own)
    return pd.concat(curves, ignore_index=True)
