"""The search on one wave: what it lacks, what it found, and everyone of every wave as that assigns them."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from segment.locale import bare_wave
from segment.needs.chosen import Choices
from segment.segments import SegmentSelector
from segment.segments.frozen import SegmentScorer
from segment.segments.gates import Gates
from segment.segments.profiling import membership
from segment.stages.base import OpenStudy
from segment.stages.segmentation.basis import (
    FEWEST_NEEDS,
    Basis,
    answered_in,
    study_choices,
)
from segment.stages.segmentation.basis_check import rated_instead
from segment.stages.segmentation.description import typing_of
from segment.tables.codebook import Codebook


@dataclass(frozen=True)
class Found:
    """A fitted selector and what it was fitted on: the people of one wave, in the order of their pseudonyms."""

    selector: SegmentSelector
    basis: Basis
    wave: str
    people: pd.DataFrame
    choices: Choices


def lacking_of(opened: OpenStudy, codebook: Codebook, responses: pd.DataFrame, basis: Basis, wave: str) -> str:
    """What a search for segments lacks, in words; empty where it can begin."""
    if len(basis.needs) < FEWEST_NEEDS:
        return _unmeasured(codebook, responses, wave)
    scores = opened.store.read("need_scores")
    usable = int(scores.loc[scores["wave"] == wave, "usable"].sum())
    few = usable < opened.config.privacy.min_segment
    return "too few people gave answers that tell needs apart" if few else ""


def _unmeasured(codebook: Codebook, responses: pd.DataFrame, wave: str) -> str:
    """Why no needs were measured: nobody was asked, nobody answered, or not by the kinds that the study chose."""
    if rated_instead(codebook, answered_in(responses, wave)):
        return "segmentation.basis names no kinds of questions that rate two needs"
    if rated_instead(codebook, responses.columns):
        return f"fewer than two needs have an answer in wave {bare_wave(wave)}"
    return "fewer than two needs were asked about"


def search(opened: OpenStudy, people: pd.DataFrame, codebook: Codebook, basis: Basis, wave: str) -> Found:
    """Fit the selector on one wave."""
    settings = opened.config.segmentation
    selector = SegmentSelector(
        settings.n_segments,
        families=settings.families,
        n_splits=settings.n_splits,
        n_starts=settings.n_starts,
        null_draws=settings.null_draws,
        gates=gates_of(opened),
        choice_weight=opened.config.needs.choice_weight,
        random_state=opened.config.random_state,
        n_jobs=settings.n_jobs,
    )
    choices = study_choices(opened, people, codebook, basis)
    selector.fit(
        basis.items(people),
        basis.need_map,
        people["weight"].to_numpy(),
        scales=basis.scales,
        choices=choices.read(people, basis.needs),
    )
    return Found(selector, basis, wave, people, choices)


def gates_of(opened: OpenStudy) -> Gates:
    """Where the study puts the gates."""
    settings = opened.config.segmentation
    return Gates(smallest_share=settings.min_share, smallest_n=settings.min_people, agreement=settings.min_agreement)


def assigned(
    opened: OpenStudy, responses: pd.DataFrame, found: Found
) -> tuple[SegmentScorer, pd.DataFrame, dict[str, pd.DataFrame]]:
    """What assigns people, everyone as it assigns them, and the short forms that were made of it.

    Who answered a short form only is read by it.
    """
    scorer = SegmentScorer.of(found.selector, {}, choices=found.choices)
    assignments = _assign(responses, found, scorer)
    if found.selector.n_segments_ == 1:
        return scorer, assignments, {}
    own = assignments[assignments["wave"] == found.wave].reset_index(drop=True)
    tool, short_form = typing_of(found.people, own, found.basis, random_state=opened.config.random_state)
    scorer = scorer.with_forms(tool)
    return scorer, _assign(responses, found, scorer), {"typing_tool": short_form, "interview": tool.adaptive_.dropna()}


def _assign(responses: pd.DataFrame, found: Found, scorer: SegmentScorer) -> pd.DataFrame:
    """Everyone of every wave, read as new people are read; one row per person and wave."""
    parts = []
    for wave, people in responses.groupby("wave", sort=True):
        answers = people.reindex(columns=scorer.columns).astype("float64")
        if not answers[scorer.selector.reading_.codes].notna().to_numpy().any():
            continue
        chances = scorer.memberships(answers)
        fitted = found.selector.usable_ if wave == found.wave else False
        soft = membership(chances).assign(fitted=fitted)
        parts.append(
            pd.concat([people[["person", "wave"]].reset_index(drop=True), soft.reset_index(drop=True)], axis=1)
        )
    return pd.concat(parts, ignore_index=True)
