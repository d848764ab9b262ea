"""New people into existing segments with the champion model, and the decision that makes a model the champion."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from segment.config import ResponsesConfig
from segment.errors import Refusal
from segment.governance.decisions import refuse_nobody
from segment.governance.grant import grant
from segment.ingest import has_column, read_inputs, refuse_errors
from segment.needs.chosen import Choices
from segment.segments.frozen import SegmentScorer
from segment.stages.approvals import APPROVED, approvals_of, refuse_twice, together
from segment.stages.audit_log import refuse_unwitnessed
from segment.stages.base import OpenStudy, decided_store, open_study
from segment.stages.decisions import next_decision, refuse_contradictions, seen_comparison, unlike
from segment.stages.exclusive import alone
from segment.stages.recovery import complete_interrupted, steps_of, tracker_of
from segment.stages.release.ledgers import events_of
from segment.stages.rights.exclusion import without_excluded
from segment.stages.rights.place import refuse_place
from segment.stages.waves import model_wave, wave_days
from segment.store import Store, confined, digest_file, written_atomically
from segment.tracking import registry
from segment.workspace.transaction import Transaction

#: What the wave of new people is called where neither their file nor the study says so.
NEW_WAVE = "new"


@alone("assign")
def assign_file(study: Path, *, survey: Path, out: Path, overrides: Sequence[str] = ()) -> list[str]:
    """Score a survey export with the champion and write one row per person, under governance.

    The file is read as the study declares its last survey (a column ``wave`` is welcome, not needed; identifiers may
    stand in a column ``person_id``, whatever the survey calls them); people come out
    under their pseudonyms, with the columns of ``handover/<wave>/segments.parquet``.

    Raises
    ------
    NotReady
        No champion yet.
    RefusedData
        The survey breaks its contract, with every finding.
    RefusedRelease
        The study has no governance: rows about single people may not leave.
    """
    opened = open_study(study, overrides=overrides)
    complete_interrupted(opened)
    opened.anchor.refuse_older()
    _refuse_place(opened, out)
    refuse_contradictions(opened)
    scorer, version = champion_of(opened)
    answers = _with_options(read_new_people(opened, survey), scorer.choices)
    said = scorer.who_answered(answers).to_numpy()
    if not said.any():
        raise Refusal(
            "Nobody in this file answered anything.", where=str(survey), advice="check that it is the right file"
        )
    answers, silent = answers[said].reset_index(drop=True), int((~said).sum())
    scored = scorer.score(answers)
    frame = pd.concat([answers[["person", "wave"]].reset_index(drop=True), scored.reset_index(drop=True)], axis=1)
    granted = grant(
        "segments",
        frame.assign(model_version=version.number, expires=_expiry(opened)),
        governance=opened.config.governance,
        purpose="new people into existing segments",
        events=events_of(opened),
    ).frame
    with written_atomically(out) as temporary:
        if out.suffix.lower() == ".csv":
            granted.to_csv(temporary, index=False, lineterminator="\n")
        else:
            granted.to_parquet(temporary, index=False)
        temporary.chmod(0o600)
    short = int((scorer.forms_of(answers) != 0).sum())
    return [
        f"people assigned with champion version {version.number}: {len(granted):,}; "
        f"between segments: {int(scored['between'].sum()):,}",
        *([f"{silent:,} who answered nothing are left out"] if silent else []),
        *([f"{short:,} of them answered a short form only and are read by it"] if short else []),
        f"written: {out} (pseudonyms; purpose, approver and expiry are in the event log)",
    ]


@alone("promote")
def promote_model(study: Path, *, model: str, version: int, by: str, reason: str, overrides: Sequence[str] = ()) -> str:
    """Make a registered version the champion; returns what to say about it.

    Where the study wants several approvers, each calls this under a name of their own and the last one makes it.

    Nothing is loaded: its file and card are put beside the newest models as they are. File, event and the registry's
    alias change together, in this order: what a kill interrupts is completed by the next command.

    Raises
    ------
    NotReady
        No such version.
    Refusal
        No name or reason, a second word of the same person, or a version that the event log does not know.
    """
    refuse_nobody("A promotion", by=by, reason=reason)
    opened = open_study(study, overrides=overrides)
    complete_interrupted(opened)
    opened.anchor.refuse_older()
    asked = registry.version_of(tracker_of(opened), study=opened.config.study, model=model, number=version)
    before, needed = approvals_of(opened, asked), opened.config.review.approvers
    refuse_twice(by, before)
    if len(before) + 1 < needed:
        return _approve(opened, asked, by=by, reason=reason, nth=len(before) + 1)
    by, reason = together(by, reason, before)
    place = decided_store(opened.store.models).model_path(model)
    number, kind = next_decision(opened, model, version=version)
    saw = seen_comparison(opened, model, version=version)
    with (
        tempfile.TemporaryDirectory() as scratch,
        Transaction(opened.workspace, doing="promote", beside=(opened.store.models,), steps=steps_of(opened)) as change,
    ):
        file = download_witnessed(opened, asked, Path(scratch))
        for source, target in ((file, place), (file.with_suffix(".json"), place.with_suffix(".json"))):
            fresh = change.aside(target)
            shutil.copyfile(source, fresh)
            fresh.chmod(0o600)
            change.put(fresh, target)
        how = {"reason": reason, "kind": kind} | ({"comparison": saw} if saw else {})
        detail = {"version": asked.number, "sha256": digest_file(file), **how}
        told = {"actor": by, "action": "promote", "subject": asked.name, "detail": detail}
        change.then("event", {**told, "after": events_of(opened).head[0]})
        change.then("champion", {"model": model, "version": version, "by": by, "number": number, **how})
    named, back = f"{asked.name} version {asked.number}", " again: a rollback," if kind == "rollback" else ""
    said = f"{named} is the champion now{back} (decision {number}, by {by}); its segments keep their numbers."
    said += (
        f" Kept with it: comparison {saw}."
        if saw
        else (f" No comparison of it with the champion was seen: segment compare {study}")
    )
    apart = unlike(opened)
    return said if apart is None else f"{said}\nBut {apart}: decide on the other one as well, or nothing is published."


def _approve(opened: OpenStudy, version: registry.Version, *, by: str, reason: str, nth: int) -> str:
    """Write down that somebody approved a version that needs the word of others as well."""
    with tempfile.TemporaryDirectory() as scratch:
        download_witnessed(opened, version, Path(scratch))
    detail = {"version": version.number, "sha256": version.sha256, "reason": reason}
    with confined(opened.workspace, *opened.outside):
        events_of(opened).write(by, APPROVED, version.name, detail)
    return (
        f"{by} approved {version.name} version {version.number}: {nth} of {opened.config.review.approvers} that the "
        "study wants. It is the champion once somebody else promotes it as well."
    )


def champion_of(opened: OpenStudy) -> tuple[SegmentScorer, registry.Version]:
    """The champion of a study's segmentations and its version, when registry, card and event log agree on its bytes.

    Raises
    ------
    NotReady
        No champion yet.
    """
    version = registry.champion(tracker_of(opened), study=opened.config.study, model="segmentation")
    with tempfile.TemporaryDirectory() as scratch:
        file = download_witnessed(opened, version, Path(scratch))
        scorer = Store(file.parent, file.parent).load_model(file.stem, SegmentScorer)
    return scorer, version


def download_witnessed(opened: OpenStudy, version: registry.Version, folder: Path) -> Path:
    """The model file of a version, when registry, card and event log agree on its bytes.

    Raises
    ------
    Refusal
        They do not.
    """
    file = registry.download(tracker_of(opened), version, folder)
    advice = "run the study again and promote the version it makes"
    refuse_unwitnessed(opened.book, opened.key, file, advice=advice)
    return file


def _refuse_place(opened: OpenStudy, out: Path) -> None:
    if out.suffix.lower() not in (".csv", ".parquet"):
        raise Refusal("That kind of file is not written.", expected="a name ending in .csv or .parquet", came=out.name)
    refuse_place(opened, out)


def read_new_people(opened: OpenStudy, survey: Path) -> pd.DataFrame:
    """The answers of a survey file, read as the study declares its last survey, without people who stay out.

    A file without a column of waves is one wave: the one that the study declares, else ``new``. What it is called
    needs no date and no place among the study's waves.
    """
    config = opened.config
    if not config.sources.responses:
        raise Refusal("This study has no survey, so it has no segments to assign to.")
    last = _with_identifiers(survey.resolve(), _declaration_of(opened, survey.resolve()))
    named = has_column(survey.resolve(), last, "wave")
    wave = None if named else last.wave or NEW_WAVE
    declared = last.model_copy(update={"file": str(survey.resolve()), "keep": (), "wave": wave})
    alone = config.sources.model_copy(
        update={"responses": (declared,), **dict.fromkeys(("people", "employer", "offers", "units", "actions"))}
    )
    study = dataclasses.replace(
        opened.study, config=config.model_copy(update={"sources": alone, "outcome": None, "simulation": None})
    )
    inputs = read_inputs(study, key=opened.key, ordered=False)
    refuse_errors(inputs.findings)
    answers = without_excluded(opened, inputs).tables["responses"]
    if answers.empty:
        raise Refusal(
            "Nobody in this file may be assigned.",
            expected="people who were not erased and do not object",
            where=str(survey),
            advice="nothing is to be done for these people; check that it is the right file",
        )
    return answers


def _declaration_of(opened: OpenStudy, survey: Path) -> ResponsesConfig:
    """The declaration that a new file is read by: the one most of whose columns it has.

    Where several have as many: that of the wave on which the segments were made, else the latest.
    """
    declared = opened.config.sources.surveys
    responses = opened.store.read_or_empty("responses")
    wave = model_wave(opened, responses) if len(responses) else None
    days = wave_days(opened, [wave]) if wave is not None else {}

    def fits(source: ResponsesConfig) -> tuple[int, bool]:
        own = source.wave == wave or (source.date is not None and source.date == days.get(str(wave)))
        return sum(has_column(survey, source, name) for name in source.columns), own

    best = max(map(fits, declared))
    return [source for source in declared if fits(source) == best][-1]


def _with_identifiers(survey: Path, declared: ResponsesConfig) -> ResponsesConfig:
    """The declaration of a survey whose identifiers stand in the study's own column, else in ``person_id``."""
    ours = declared.model_copy(
        update={"columns": {name: column for name, column in declared.columns.items() if name != "person_id"}}
    )
    if has_column(survey, declared, "person_id") or not has_column(survey, ours, "person_id"):
        return declared
    return ours


def _with_options(answers: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """Rankings and wishes that were put to these people, with the options that nobody took as empty columns."""
    asked = [columns for columns in (choices.ranks, choices.picks) if set(columns) & set(answers.columns)]
    untaken = [column for columns in asked for column in columns if column not in answers.columns]
    return answers.reindex(columns=[*answers.columns, *untaken])


def _expiry(opened: OpenStudy) -> str | None:
    return str(opened.config.governance.expires) if opened.config.governance is not None else None
