"""Segments of people by what drives them, or the answer that there are none."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from segment.stages.base import Model, OpenStudy, Stage, StageResult
from segment.stages.codebooks import codebook_of
from segment.stages.segmentation.basis import (
    answered_in,
    basis_of,
    columns_taken,
    study_choices,
    who_answered,
)
from segment.stages.segmentation.description import drivers_of, exemplars_of, held_out, outcomes_of
from segment.stages.segmentation.detection import detection_of
from segment.stages.segmentation.division import accepted
from segment.stages.segmentation.identity import continued
from segment.stages.segmentation.migration import movement_of
from segment.stages.segmentation.naming import names_of, profiles_of, segments_of, too_few_in
from segment.stages.segmentation.neighbours import neighbours_of, without_choices
from segment.stages.segmentation.records import card_of, records_of
from segment.stages.segmentation.search import Found, assigned, gates_of, lacking_of, search
from segment.stages.segmentation.stability import ladder_of, stability_of, verdict_of
from segment.stages.segmentation.transitions import transitions_of
from segment.stages.waves import model_wave, wave_names, waves_before
from segment.tables.codebook import Codebook


def discover(opened: OpenStudy) -> StageResult:
    """Search for segments on one wave, put everyone of every wave into them, and say how sure that is."""
    codebook = codebook_of(opened)
    if not opened.store.has("responses") or codebook is None:
        return StageResult({}, said="no survey in this study, so no segments")
    responses = opened.store.read("responses")
    wave = model_wave(opened, responses)
    basis = basis_of(codebook, opened.config.segmentation.basis, answered_in(responses, wave))
    if lacking := lacking_of(opened, codebook, responses, basis, wave):
        return StageResult({}, said=f"{lacking}, so no segments")
    responses = who_answered(responses, study_choices(opened, responses, codebook, basis), basis)
    found = search(opened, responses[responses["wave"] == wave].reset_index(drop=True), codebook, basis, wave)
    selector, divided = accepted(opened, found.selector, found.people, basis, found.choices)
    kept = continued(opened, selector, found.people)
    found = replace(found, selector=kept.selector)
    scorer, assignments, forms = assigned(opened, responses, found)
    profiles = profiles_of(opened, assignments, responses)
    names = names_of(profiles, codebook, found, kept.names, few=too_few_in(assignments, wave))
    tables = {
        "candidates": found.selector.evidence_,
        "assignments": assignments,
        "profiles": profiles,
        **segments_of(assignments, responses, names),
        "identity": kept.identity,
        "earlier_names": kept.earlier_names,
        "divisions": divided,
        "held_out_segments": held_out(opened, found.selector, found.people, basis, found.choices),
    }
    tables |= detection_of(opened, found.selector, found.people, basis, gates_of(opened))
    if found.selector.decision_.code == "too_few":
        tables["drivers"] = drivers_of(opened, found.people)
    if found.selector.n_segments_ > 1:
        tables |= forms | _of_segments(opened, found, responses, assignments, codebook)
    taken = [one for one in columns_taken(codebook, basis, found.choices) if one.name in scorer.columns]
    return StageResult(
        {name: frame for name, frame in tables.items() if not frame.empty},
        records_of(found, tables),
        {"segmentation": Model(replace(scorer, names=names), card_of(opened, found, names, taken))},
        said=_say(found.selector.reason_, tables.get("verdict", pd.DataFrame())),
    )


def _say(reason: str, verdict: pd.DataFrame) -> str:
    """How the search ended, and by what else the segments are to be called where not by needs (VE002, VE003)."""
    code, other = ("", "") if verdict.empty else verdict[["code", "attribute"]].iloc[0]
    how = {"VE002": "is strongly associated with them", "VE003": "explains more"}.get(code, "")
    return f"{reason} Not to be called needs segments: {other} {how} ({code})." if how else reason


def _of_segments(
    opened: OpenStudy, found: Found, responses: pd.DataFrame, assignments: pd.DataFrame, codebook: Codebook
) -> dict[str, pd.DataFrame]:
    """What there is to say of segments: how sure they are, who is typical, who moves, and what lies beside them."""
    selector, people, basis, choices, wave = found.selector, found.people, found.basis, found.choices, found.wave
    own = assignments[assignments["wave"] == wave].reset_index(drop=True)
    waves, keep_from = assignments["wave"].unique(), opened.config.segmentation.min_agreement
    seed = opened.config.random_state
    earlier = waves_before(opened, waves, wave)
    moved = movement_of(
        selector, responses, basis, choices, wave=wave, earlier=earlier, keep_from=keep_from, random_state=seed
    )
    steps = transitions_of(
        selector, assignments, responses, basis, choices,
        waves=wave_names(opened, waves), wave=wave, keep_from=keep_from, random_state=seed,
    )  # fmt: skip
    return {
        "movement": moved,
        "exemplars": exemplars_of(people, own, basis),
        "segment_outcomes": outcomes_of(people, own, codebook),
        "stability": stability_of(opened, selector, people, basis, choices.read(people, basis.needs)),
        "verdict": verdict_of(opened, people, own, basis),
        "ladder": ladder_of(opened, people, own),
        **_beside(opened, found),
        **steps,
    }


def _beside(opened: OpenStudy, found: Found) -> dict[str, pd.DataFrame]:
    """One segment fewer and one more, and the same without rankings and wishes."""
    seen = (found.selector, found.people, found.basis, found.choices)
    return {
        "neighbours": neighbours_of(*seen, random_state=opened.config.random_state),
        "without_choices": without_choices(*seen, random_state=opened.config.random_state),
    }


DISCOVER = Stage(
    "discover",
    discover,
    builds_on=("prepare",),
    writes=(
        "candidates", "assignments", "held_out_segments", "profiles", "segments", "segment_names", "stability",
        "verdict", "ladder", "drivers", "movement", "transitions", "wave_steps", "segment_outcomes",
        "typing_tool", "interview", "exemplars", "identity", "earlier_names", "neighbours", "without_choices",
        "divisions", "detection", "nearness",
    ),
    decided="segmentation",
    settings=("segmentation", "needs", "random_state", "wave", "waves", "codebook", "sources"),
)  # fmt: skip
