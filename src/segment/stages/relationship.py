"""The tables of the relationship, of what a study has: exits, tenure, moves, changes, response, units and roles."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd

from segment.config import given
from segment.experience import (
    change_table,
    exits_by_segment,
    linkage,
    match_counts,
    match_expectations,
    response_table,
    unit_means,
)
from segment.segments.migration import migration_matrix
from segment.stages.base import OpenStudy
from segment.stages.causes import causes_in
from segment.stages.counts import asked_by_group, took_part
from segment.stages.survey_weights import answers_weighted, weight_of
from segment.stages.waves import model_wave, wave_dates, wave_names
from segment.tables import spec_of
from segment.tables.codebook import Codebook
from segment.vocabulary import DAYS_PER_MONTH, EndReason, ItemKind, OutcomeKind


def exits_seen(opened: OpenStudy) -> pd.DataFrame | None:
    """Exits per segment, where exits were seen: those by choice, or all where nobody said why people left."""
    outcome = opened.config.outcome
    if outcome is None or outcome.kind != OutcomeKind.SPELLS or not opened.store.has("spells"):
        return None
    causes = causes_in(opened)
    return exits_by_segment(
        opened.store.read("spells"),
        opened.store.read_or_empty("assignments"),
        waves=wave_names(opened),
        weight=weight_of(opened),
        cause=EndReason.LEFT if causes == (EndReason.LEFT,) else EndReason.VOLUNTARY,
    )


def tenure_at_waves(opened: OpenStudy, responses: pd.DataFrame) -> pd.DataFrame | None:
    """Months of tenure on the day of each wave, for people with a start date."""
    dates = wave_dates(opened)
    if not dates or not opened.store.has("people"):
        return None
    people = opened.store.read("people")[["person", "start_date"]].dropna()
    rows = responses[["person", "wave"]].merge(people, on="person")
    asked = rows["wave"].map(dates)
    rows = rows.assign(months=(asked - rows["start_date"]).dt.days / DAYS_PER_MONTH)
    latest = rows[rows["months"] >= 0].sort_values("months").drop_duplicates(["person", "wave"])
    return latest[["person", "wave", "months"]].reset_index(drop=True)


def migration_between(opened: OpenStudy, assignments: pd.DataFrame) -> pd.DataFrame:
    """Who moved from which segment to which, wave by wave; nobody can where everyone is one group."""
    if assignments["segment"].nunique() < 2:
        return spec_of("migration").empty()
    waves = wave_names(opened, assignments["wave"].unique())
    moves, weights = [], answers_weighted(opened)
    for earlier, later in pairwise(waves):
        then, now = (
            assignments[assignments["wave"] == wave].set_index("person")["segment"] for wave in (earlier, later)
        )
        if len(then.index.intersection(now.index)):
            own = None if weights is None else weights[weights["wave"] == later].set_index("person")["weight"]
            moves.append(migration_matrix(then, now, sample_weight=own).assign(wave_from=earlier, wave_to=later))
    return pd.concat(moves, ignore_index=True) if moves else spec_of("migration").empty()


def changes_of(opened: OpenStudy, responses: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """What changed for everyone since the last wave that asked the same.

    Not by segment: who was in one then is another group than who is in it now, and to tell both of two waves, release
    control would have to hide whole segments in every other table.
    """
    return change_table(
        responses, None, codebook, opened.store.read_or_empty("need_scores"), waves=wave_names(opened),
        tenure=tenure_at_waves(opened, responses),
    )  # fmt: skip


def response_of(opened: OpenStudy, responses: pd.DataFrame) -> pd.DataFrame:
    """How many of those who could answer did, by group, in the wave that segments are reported for."""
    wave = model_wave(opened, responses)
    asked = asked_by_group(opened, wave)
    return spec_of("response").empty() if asked is None else response_table(asked, took_part(opened, wave), wave=wave)


def links_of(opened: OpenStudy, responses: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Survey means per unit beside unit results of the last wave, where the study has units."""
    if not (opened.store.has("units") and opened.store.has("people")):
        return spec_of("linkage").empty()
    units = opened.store.read("units")
    attribute = given(opened.config.sources.units, "sources.units").columns.get("unit", "unit")
    people = opened.store.read("people").drop_duplicates("person", keep="last").set_index("person")
    if attribute not in people:
        return spec_of("linkage").empty()
    last = wave_names(opened)[-1]
    if "wave" in units:
        units = units[units["wave"] == last].drop(columns="wave")
    outcomes = [
        item.code
        for item in codebook.of_kind(ItemKind.ENGAGEMENT, ItemKind.ENPS, ItemKind.RELATIONSHIP)
        if item.code in responses
    ]
    means = unit_means(responses[responses["wave"] == last], people[attribute].dropna(), outcomes)
    return linkage(units.drop(columns="n", errors="ignore"), means)


def matches_of(opened: OpenStudy, responses: pd.DataFrame, codebook: Codebook) -> dict[str, pd.DataFrame]:
    """People and open roles whose expectations meet, and counts per role."""
    if not (opened.store.has("offers") and opened.store.has("people")):
        return {}
    offers = opened.store.read("offers")
    last = model_wave(opened, responses)
    scores = opened.store.read("need_scores")
    wanted = scores[scores["wave"] == last].set_index("person").filter(like="importance_")
    people = opened.store.read("people").drop_duplicates("person", keep="last").set_index("person")
    given = responses[responses["wave"] == last].set_index("person")
    brings = {
        f"brings_{kind.removeprefix('own_')}": item.code
        for kind in ("own_contribution",)
        for item in codebook.of_kind(kind)
    }
    brought = pd.DataFrame({name: given[code] for name, code in brings.items() if code in given})
    if "hours" in people:
        brought["brings_hours"] = people["hours"].reindex(brought.index)
    needs = wanted.join(brought).join(people["relation"]).reset_index()
    threshold = opened.config.experience.match_threshold
    matches = match_expectations(needs, offers, threshold=threshold, per_person=3)
    return {"matches": matches, "match_counts": match_counts(needs, offers, threshold=threshold)}
