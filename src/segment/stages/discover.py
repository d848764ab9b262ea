"""Segments of people by what drives them, or the answer that there are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import pandas as pd

from segment.disclosure.crowds import FEWEST_CARRYING
from segment.locale import STANDS_IN, in_every_language, languages, own_words, say
from segment.needs.chosen import Choices
from segment.segments import SegmentSelector
from segment.segments.frozen import SegmentScorer
from segment.segments.gates import Gates
from segment.segments.profiling import membership, name_segments, profile_segments
from segment.stages.base import Model, OpenStudy, Stage, StageResult, learned_from
from segment.stages.codebooks import codebook_of
from segment.stages.segmentation.basis import (
    FEWEST_NEEDS,
    Basis,
    answered_in,
    basis_of,
    columns_taken,
    study_choices,
    who_answered,
)
from segment.stages.segmentation.basis_check import rated_instead
from segment.stages.segmentation.description import drivers_of, exemplars_of, held_out, outcomes_of, typing_of
from segment.stages.segmentation.detection import detection_of, detection_records
from segment.stages.segmentation.division import accepted
from segment.stages.segmentation.identity import Names, continued
from segment.stages.segmentation.migration import movement_of
from segment.stages.segmentation.near_ties import likeness_of
from segment.stages.segmentation.neighbours import neighbours_of, without_choices
from segment.stages.segmentation.stability import ladder_of, stability_of, verdict_of
from segment.stages.segmentation.transitions import transitions_of
from segment.stages.waves import model_wave, wave_names, waves_before
from segment.tables.codebook import Codebook
from segment.tracking.intake import Column, as_rows
from segment.tracking.records import PARENT, Record, metric, param, tag
from segment.tracking.records import model as model_record

#: What of people's answers the model's file still holds, and what it does not.
KEPT = (
    "means, shares and spreads over everyone, in steps of half their own error; no row and no person",
    "the centre of each segment, the mean of ten people or more, also where a number of segments was asked for",
    "answers that ten people or more gave; rarer ones are read as their neighbours",
    "how often each wish was made, to two decimals; numbers of people as bands",
)
_MEASURES = ("importance", "experience", "shortfall")


@dataclass(frozen=True)
class Found:
    """A fitted selector and what it was fitted on: the people of one wave, in the order of their pseudonyms."""

    selector: SegmentSelector
    basis: Basis
    wave: str
    people: pd.DataFrame
    choices: Choices


def discover(opened: OpenStudy) -> StageResult:
    """Search for segments on one wave, put everyone of every wave into them, and say how sure that is."""
    codebook = codebook_of(opened)
    if not opened.store.has("responses") or codebook is None:
        return StageResult({}, said="no survey in this study, so no segments")
    responses = opened.store.read("responses")
    wave = model_wave(opened, responses)
    basis = basis_of(codebook, opened.config.segmentation.basis, answered_in(responses, wave))
    if lacking := _lacking(opened, codebook, responses, basis, wave):
        return StageResult({}, said=f"{lacking}, so no segments")
    responses = who_answered(responses, study_choices(opened, responses, codebook, basis), basis)
    found = _search(opened, responses[responses["wave"] == wave].reset_index(drop=True), codebook, basis, wave)
    selector, divided = accepted(opened, found.selector, found.people, basis, found.choices)
    kept = continued(opened, selector, found.people)
    found = replace(found, selector=kept.selector)
    scorer, assignments, forms = _assigned(opened, responses, found)
    profiles = _profile(opened, assignments, responses)
    names = _name(profiles, codebook, found, kept.names, few=_of_few(assignments, wave))
    segments = _size(assignments, responses, names)
    tables = {
        "candidates": found.selector.evidence_,
        "assignments": assignments,
        "profiles": profiles,
        "segments": segments,
        "identity": kept.identity,
        "divisions": divided,
        "held_out_segments": held_out(opened, found.selector, found.people, basis, found.choices),
    }
    tables |= detection_of(opened, found.selector, found.people, basis, _gates(opened))
    if found.selector.decision_.code == "too_few":
        tables["drivers"] = drivers_of(opened, found.people)
    if found.selector.n_segments_ > 1:
        tables |= forms | _of_segments(opened, found, responses, assignments, codebook)
    taken = [one for one in columns_taken(codebook, basis, found.choices) if one.name in scorer.columns]
    return StageResult(
        {name: frame for name, frame in tables.items() if not frame.empty},
        _records(found, tables),
        {"segmentation": Model(replace(scorer, names=names), _card(opened, found, names, taken))},
        said=found.selector.reason_,
    )


def _lacking(opened: OpenStudy, codebook: Codebook, responses: pd.DataFrame, basis: Basis, wave: str) -> str:
    """What a search for segments lacks, in words; empty where it can begin."""
    if len(basis.needs) < FEWEST_NEEDS:
        return _unmeasured(codebook, answered_in(responses, wave))
    scores = opened.store.read("need_scores")
    usable = int(scores.loc[scores["wave"] == wave, "usable"].sum())
    few = usable < opened.config.privacy.min_segment
    return "too few people gave answers that tell needs apart" if few else ""


def _assigned(
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


def _of_few(assignments: pd.DataFrame, wave: str) -> list[int]:
    """The segments of fewer people than a model's centre needs."""
    inside = assignments.loc[assignments["wave"] == wave, "segment"].astype(int).tolist()
    return [segment for segment in sorted(set(inside)) if inside.count(segment) < FEWEST_CARRYING]


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


def _unmeasured(codebook: Codebook, asked: pd.Index) -> str:
    """Why no needs were measured: nobody was asked, or not by the kinds of questions that the study chose."""
    if rated_instead(codebook, asked):
        return "segmentation.basis names no kinds of questions that rate two needs"
    return "fewer than two needs were asked about"


def _search(opened: OpenStudy, people: pd.DataFrame, codebook: Codebook, basis: Basis, wave: str) -> Found:
    """Fit the selector on one wave."""
    settings = opened.config.segmentation
    selector = SegmentSelector(
        settings.n_segments,
        families=settings.families,
        n_splits=settings.n_splits,
        n_starts=settings.n_starts,
        null_draws=settings.null_draws,
        gates=_gates(opened),
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


def _gates(opened: OpenStudy) -> Gates:
    """Where the study puts the gates."""
    settings = opened.config.segmentation
    return Gates(smallest_share=settings.min_share, smallest_n=settings.min_people, agreement=settings.min_agreement)


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


def _beside(opened: OpenStudy, found: Found) -> dict[str, pd.DataFrame]:
    """One segment fewer and one more, and the same without rankings and wishes."""
    seen = (found.selector, found.people, found.basis, found.choices)
    return {
        "neighbours": neighbours_of(*seen, random_state=opened.config.random_state),
        "without_choices": without_choices(*seen, random_state=opened.config.random_state),
    }


def _profile(opened: OpenStudy, assignments: pd.DataFrame, responses: pd.DataFrame) -> pd.DataFrame:
    """Needs per segment and wave: style-free score, importance, experience and shortfall, and what is about as much."""
    scores = opened.store.read("need_scores")
    parts = []
    for wave, members in assignments.groupby("wave", sort=True):
        key = members[["person", "wave"]]
        own = key.merge(scores, on=["person", "wave"], how="left")
        weight = key.merge(responses[["person", "wave", "weight"]], on=["person", "wave"])["weight"]
        views = {name: _columns(own, f"{name}_") for name in ("score", *_MEASURES)}
        views = {name: view for name, view in views.items() if name == "score" or view.shape[1]}
        found = profile_segments(
            views["score"],
            members.filter(regex=r"^p_\d+$").to_numpy(),
            measures={name: view for name, view in views.items() if name != "score"},
            sample_weight=weight.to_numpy(),
        )
        alike = likeness_of(views, members.filter(regex=r"^p_\d+$").to_numpy(), weight.to_numpy())
        parts.append(found.merge(alike, on=["measure", "segment", "need"], how="left").assign(wave=wave))
    return pd.concat(parts, ignore_index=True)


def _columns(frame: pd.DataFrame, prefix: str) -> pd.DataFrame:
    chosen = frame[[c for c in frame if str(c).startswith(prefix)]]
    return chosen.rename(columns=lambda c: str(c).removeprefix(prefix))


def _name(profiles: pd.DataFrame, codebook: Codebook, found: Found, kept: Names, *, few: Sequence[int] = ()) -> Names:
    """Neutral names from what stands out, those of the decided model where they go on; one segment is everyone.

    A name is a text about people, and goes on for years: segments of too ``few`` people have their number, also for
    those whose names have to differ from theirs.
    """
    if found.selector.n_segments_ == 1:
        return {0: in_every_language(partial(say, "display.everyone"))}
    names = {need: in_every_language(partial(codebook.need_name, need)) for need in found.basis.needs}
    own = profiles[(profiles["wave"] == found.wave) & (profiles["measure"] == "score")]
    fresh, taken = name_segments(own[~own["segment"].isin(few)], names), {text[STANDS_IN] for text in kept.values()}
    fresh |= {segment: in_every_language(partial(say, "display.segment", k=segment + 1)) for segment in few}
    return {
        segment: kept.get(
            segment, {lang: f"{text} (2)" for lang, text in told.items()} if told[STANDS_IN] in taken else told
        )
        for segment, told in sorted(fresh.items())
    }


def _size(assignments: pd.DataFrame, responses: pd.DataFrame, names: Names) -> pd.DataFrame:
    """The ``segments`` table: people, weighted share, and how clear membership is, per wave."""
    rows = assignments.merge(responses[["person", "wave", "weight"]], on=["person", "wave"])
    best = rows.filter(regex=r"^p_\d+$").max(axis=1)
    rows = rows.assign(clear=best * rows["weight"])
    total = rows.groupby("wave")["weight"].sum()
    sizes = rows.groupby(["wave", "segment"]).agg(
        n=("person", "size"), weight=("weight", "sum"), mean_posterior=("clear", "sum"), between=("between", "sum")
    )
    sizes = sizes.reset_index()
    return sizes.assign(
        mean_posterior=sizes["mean_posterior"] / sizes["weight"],
        share=sizes["weight"] / sizes["wave"].map(total),
        **{
            f"name_{lang}": sizes["segment"].map({number: own_words(text, lang) for number, text in names.items()})
            for lang in languages()
        },
    ).drop(columns="weight")


def _records(found: Found, tables: Mapping[str, pd.DataFrame]) -> list[Record]:
    """The choice on the parent, every candidate as a child; all figures are about everyone at once."""
    selector = found.selector
    records = [
        param("segmentation.family", selector.family_),
        param("segmentation.wave", found.wave),
        metric("n_segments", selector.n_segments_),
        metric("style_share", selector.style_share_),
        tag("decision", selector.decision_.code),
        tag("kind_of_groups", selector.kind_),
        model_record("segmentation", run="discover"),
    ]
    if "verdict" in tables and not tables["verdict"].empty:
        records.append(tag("verdict", tables["verdict"]["code"].iloc[0]))
    for row in tables.get("without_choices", pd.DataFrame()).to_dict("records"):
        records += [metric(f"without_choices_{name}", float(row[name])) for name in ("agreement", "same")]
    records += detection_records(tables)
    for row in selector.evidence_.to_dict("records"):
        run = f"discover/{row['family']}-{row['k']}"
        figures = {
            str(name): value
            for name, value in row.items()
            if isinstance(value, float) and value == value and name not in ("n", "smallest_n")
        }
        records += [param("family", row["family"], run=run), param("k", row["k"], run=run)]
        records += [
            tag("chosen", "yes" if row["chosen"] else "no", run=run),
            tag("failed", row["failed"] or "none", run=run),
        ]
        records += [metric(name, value, run=run) for name, value in figures.items()]
        if row["chosen"] and selector.n_segments_ > 1:
            own = {record.name for record in records if record.run == PARENT}  # about everyone, not about a sample
            records += [metric(name, value, run=PARENT) for name, value in figures.items() if name not in own]
    return records


def _card(opened: OpenStudy, found: Found, names: Names, taken: Sequence[Column]) -> dict[str, object]:
    """Plain facts about the segmentation model."""
    return {
        "model": "segmentation",
        "study": opened.config.study,
        "study_digest": opened.digest,
        "data": str(opened.config.data),
        "wave": found.wave,
        "family": found.selector.family_,
        "n_segments": found.selector.n_segments_,
        "names": {str(number): dict(text) for number, text in names.items()},
        "people": int(found.selector.usable_.sum()),
        "items": list(found.basis.need_map),
        "needs": found.basis.needs,
        "decision": found.selector.reason_,
        "decision_code": found.selector.decision_.code,
        "kind_of_groups": found.selector.kind_,
        "style_share": round(float(found.selector.style_share_), 4),
        "kept_of_people": list(KEPT),
        "takes": as_rows(taken),
        **learned_from(opened),
        "intended_use": "describing and serving groups of people by what they need",
        "forbidden_use": "decisions about one person's contract, pay, promotion or selection",
    }


DISCOVER = Stage(
    "discover",
    discover,
    builds_on=("prepare",),
    writes=(
        "candidates",
        "assignments",
        "held_out_segments",
        "profiles",
        "segments",
        "stability",
        "verdict",
        "ladder",
        "drivers",
        "movement",
        "transitions",
        "wave_steps",
        "segment_outcomes",
        "typing_tool",
        "interview",
        "exemplars",
        "identity",
        "neighbours",
        "without_choices",
        "divisions",
        "detection",
        "nearness",
    ),
    decided="segmentation",
    settings=("segmentation", "needs", "random_state", "wave", "waves", "codebook", "sources"),
)
