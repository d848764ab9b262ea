"""What the dossier is filled from: the study's settings, the columns that were read, and the models of the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pandas as pd

import segment
from segment.exports.dossier import FIXED_COLUMNS, Column, Facts, ModelFacts
from segment.stages.base import OpenStudy, code_digest
from segment.stages.causes import causes_in
from segment.stages.codebooks import codebook_of
from segment.stages.release.control import Control
from segment.stages.release.plans import rules_of
from segment.stages.waves import wave_dates, wave_names
from segment.store import read_json
from segment.vocabulary import EndReason, Relation

_ORGANISATION = ("employer", "units", "offers", "begun")


def facts_of(opened: OpenStudy, control: Control) -> Facts:
    """Everything the dossier tells besides the story; values of settings are the settings' own."""
    config, store = opened.config, opened.store
    people = store.read("people") if store.has("people") else pd.DataFrame()
    window = config.outcome.window if config.outcome is not None else None
    return Facts(
        version=segment.__version__,
        code=code_digest(),
        key_id=opened.key_id,
        columns=_columns(opened),
        fixed=tuple(name for name in FIXED_COLUMNS if _was_read(opened, people, name)),
        relations=_relations(people),
        waves=_waves(opened),
        questions=_questions(opened),
        organisation=tuple(name for name in _ORGANISATION if store.has(name)),
        window=(str(window.start), str(window.end)) if window is not None else None,
        causes=causes_in(opened) if store.has("spells") and config.outcome is not None else (),
        periods=config.privacy.retention.model_dump(),
        floors=rules_of(opened).as_dict(),
        models=_models(opened),
        cards=config.governance is not None and store.has("cards"),
        matching=store.has("matches"),
        barred=len(control.barred),
        sealed=len(control.sealed),
    )


def _relations(people: pd.DataFrame) -> tuple[str, ...]:
    """What people are to the organisation, employees first."""
    found = set(people["relation"].dropna()) if "relation" in people else set()
    return tuple(str(relation) for relation in Relation if relation in found)


def _columns(opened: OpenStudy) -> tuple[Column, ...]:
    """The attributes of people that were read in, as the study declares them."""
    people = opened.config.sources.people
    if people is None:
        return ()
    tables = [opened.store.read(name) for name in ("people", "audit", "snapshots") if opened.store.has(name)]
    read = {str(column) for table in tables for column in table}
    return tuple(
        Column(name, str(one.purpose), one.sensitivity, one.source, one.retention_months)
        for name, one in people.attributes.items()
        if name in read
    )


def _was_read(opened: OpenStudy, people: pd.DataFrame, name: str) -> bool:
    if name == "snapshot_date":
        return opened.store.has("snapshots")
    return name in people and bool((people[name].notna() & (people[name] != EndReason.LEFT)).any())


def _waves(opened: OpenStudy) -> tuple[tuple[str, str], ...]:
    """Surveys that were read, with the last day of answering where the study declares one."""
    if not opened.store.has("responses"):
        return ()
    days = wave_dates(opened)
    return tuple((wave, str(days[wave].date()) if wave in days else "") for wave in wave_names(opened))


def _questions(opened: OpenStudy) -> dict[str, int]:
    """Kind of question -> how many were read in, in questionnaire order."""
    codebook = codebook_of(opened)
    if codebook is None or not opened.store.has("responses"):
        return {}
    read = set(opened.store.read("responses").columns)
    return dict(Counter(str(item.kind) for item in codebook.items if item.code in read))


def _models(opened: OpenStudy) -> tuple[ModelFacts, ...]:
    """The models of the run, from their cards; never a figure of people."""
    found = []
    for name in ("segmentation", "retention"):
        path = opened.store.model_path(name).with_suffix(".json")
        if path.is_file() and opened.store.has({"segmentation": "assignments", "retention": "evaluation"}[name]):
            found.append(_model(name, read_json(path)))
    return tuple(found)


def _model(name: str, card: Mapping[str, Any]) -> ModelFacts:
    if name == "segmentation":
        return ModelFacts(name, str(card["family"]), tuple(card["items"]), card["sha256"], int(card["n_segments"]))
    return ModelFacts(name, str(card["outcome"]["kind"]), tuple(card["features"]), card["sha256"])
