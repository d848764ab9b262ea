"""Actions of an earlier release that were begun: which segment each was for, and what it did."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from segment.errors import nearest
from segment.experience.answers import TOLD_ON, asked, person_means
from segment.ingest import Inputs
from segment.personalisation import Catalogue, action_effects, people_of_begun
from segment.personalisation.begun_actions import SIDES
from segment.segments.names import names_in
from segment.stages.base import OpenStudy
from segment.stages.given_names import named
from segment.stages.release.plans import kept_segments
from segment.stages.survey_weights import answers_weighted
from segment.stages.waves import wave_dates
from segment.tables.codebook import Codebook

#: What stands for a segment of the list that there is none of any more.
_GONE = -1.0


def effects_of_begun(opened: OpenStudy, codebook: Codebook, catalogue: Catalogue) -> dict[str, pd.DataFrame]:
    """Tables ``action_effects`` and ``begun_people`` of a list in which somebody filled in what was begun, if any.

    A segment of the list is the one that is called the same now, in any language; else the one with its number, where
    that number is kept from the decided model.
    """
    store = opened.store
    if not (store.has("begun") and store.has("need_scores") and store.has("responses")):
        return {}
    days = {wave: day.date() for wave, day in wave_dates(opened).items()}
    outcomes = _outcomes(opened, codebook, list(days))
    needs = {action.code: action.need for action in catalogue.actions}
    listed = store.read("begun")
    listed = listed[listed["action"].isin(list(needs))].reset_index(
        drop=True
    )  # what else was typed is repeated nowhere
    begun = _placed(opened, listed, set(outcomes["segment"].dropna()))
    least = opened.config.privacy.min_driver
    return {
        "action_effects": action_effects(begun, outcomes, needs, days=days, least=least),
        "begun_people": people_of_begun(begun, outcomes, needs, days=days),
    }


def begun_on(opened: OpenStudy) -> dict[tuple[int | None, str], str]:
    """Segment (None: everyone) and action -> the day on which somebody filled in that it began."""
    if not opened.store.has("begun"):
        return {}
    segments = opened.store.read_or_empty("segments")
    there = set(segments["segment"].astype(float)) if len(segments) else set()
    rows = _placed(opened, opened.store.read("begun"), there).to_dict("records")
    return {
        (int(row["segment"]) if row["known"] else None, str(row["action"])): row["day"].date().isoformat()
        for row in rows
        if row["known"] or row["listed"] == 0
    }


def _placed(opened: OpenStudy, listed: pd.DataFrame, there: Collection[float]) -> pd.DataFrame:
    """The list with the segment (0..k-1) each row is for now: missing for everyone; not ``known`` if there is none."""
    now, kept, given = opened.store.read_or_empty("segment_names"), kept_segments(opened), opened.given_names
    called = {
        name.casefold(): float(segment)
        for many in range(len(given) + 1)  # whatever they were called when the list was made
        for segment, names in names_in(named(now, given[:many], kept=kept)).items()
        for name in names.values()
    }

    def segment_of(number: int, name: object) -> float:
        if number < 0:
            return np.nan
        by_number = float(number) if number in kept or not isinstance(name, str) else _GONE
        return called.get(name.casefold(), by_number) if isinstance(name, str) else by_number

    pairs = zip(listed["listed"] - 1, listed["called"], strict=True)
    placed = listed.assign(segment=[segment_of(int(number), name) for number, name in pairs])
    return placed.assign(known=placed["segment"].isin(list(there)))


def _outcomes(opened: OpenStudy, codebook: Codebook, waves: list[str]) -> pd.DataFrame:
    """What people lacked and said, wave by wave, by the segment that each was in when first seen."""
    store = opened.store
    scores = store.read("need_scores")
    lacks = [name for name in scores if str(name).startswith("shortfall_")]
    rows = scores.loc[scores["wave"].isin(waves), ["person", "wave", *lacks]]
    responses = store.read("responses")
    said = responses[["person", "wave"]].copy()
    for kind in SIDES:
        items = asked([item for item in codebook.by_code() if item.kind == kind], responses)
        if items:
            said[kind] = person_means(responses, items, scale=TOLD_ON)
    weights = answers_weighted(opened)
    rows = rows.merge(said, on=["person", "wave"], how="left")
    rows = rows.assign(weight=1.0) if weights is None else rows.merge(weights, on=["person", "wave"], how="left")
    placed = store.read_or_empty("assignments")
    first = placed[placed["wave"].isin(waves)].assign(at=lambda own: own["wave"].map(waves.index)).sort_values("at")
    own = first.drop_duplicates("person").set_index("person")["segment"].astype("float64")
    return rows.assign(segment=rows["person"].map(own), weight=rows["weight"].fillna(1.0))


def warn_of_begun(inputs: Inputs, catalogue: Catalogue) -> list[str]:
    """What is known beforehand of a list of actions that were begun: codes without an action, or a single wave."""
    begun = inputs.tables.get("begun")
    if begun is None or begun.empty:
        return []
    codes, told = [action.code for action in catalogue.actions], []
    unknown = sorted(set(begun["action"]) - set(codes))
    if unknown:
        hint = nearest(unknown[0], codes, listed=False)
        told.append(
            f"note: {len(unknown)} of the actions that were begun have a code that the catalogue does not have"
            f"{hint and '; '}{hint}: nothing will be reported of these"
        )
    if "responses" in inputs.tables and inputs.tables["responses"]["wave"].nunique() < 2:
        told.append("note: what an action did takes two waves, one before it began and one after; this study has one")
    return told
