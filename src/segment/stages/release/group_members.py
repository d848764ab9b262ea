"""Who stands behind the released groups: the people of every group, for the ledger and never for a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from segment.disclosure.ledger.answers import Sketch
from segment.disclosure.ledger.released import SPELLS
from segment.stages.base import OpenStudy
from segment.stages.counts import knows_everyone, population_of
from segment.stages.retention.evaluation import segment_of
from segment.stages.retention.explanation import YEAR, hires_by_source
from segment.stages.retention.hold_out import spells_by_segment
from segment.stages.waves import waves_before
from segment.tables.registry import plan_of
from segment.vocabulary import OutcomeKind

#: One row per person with the group columns of a table; None where that cannot be told from the study's tables.
People = pd.DataFrame | None

#: Kinds that rest on answers, and are no figures of a wave alone.
_OF_ANSWERS = ("moves", "two models", "roles")
_BEFORE = "wave before"


def people_behind(opened: OpenStudy, kind: str, wave: str | None) -> People:
    """One row per person behind the figures of one kind, with the columns that group them.

    ``kind``: ``wave`` (who answered in this wave, by segment), ``wave before`` (who answered in the wave that it is
    compared with, by segment then), ``present`` (whose leaving is foretold, by last segment), ``explained`` (the same,
    where everyone's chance is kept), ``curves`` (whose staying was watched, by segment), ``watched`` (the same people,
    of figures about everyone at once), ``hires`` (whose first year was watched, by source of hire), ``moves`` (who
    answered in this wave and in the one before, by both segments). Other kinds are not known by name: their groups are
    made by a model on a hold-out.
    """
    found = _KINDS.get(kind)
    return found(opened, wave) if found is not None else None


def source_of(opened: OpenStudy, kind: str, wave: str | None) -> str:
    """What figures of one kind come from: answers, moves since the wave before, an outcome asked for, or dated spells.

    The first word is the kind of source, and only figures of one kind are held against each other. Whether two sources
    of answers are the same is told by the answers (:func:`answers_behind`); dated spells are one source whatever the
    window, because windows overlap. An outcome that was asked for is a source of its own: it is another question than
    those about needs, and whoever left one of them open is not given away by the other.
    """
    outcome, which = opened.config.outcome, f"{wave_behind(opened, kind, wave) or 'all'} of {opened.config.study}"
    if kind in ("wave", _BEFORE):
        return f"answers {which}"
    if kind in _OF_ANSWERS:
        return f"answers-{kind.replace(' ', '-')} {which}"
    if outcome is None or outcome.source == "responses":
        return f"answers-outcome {which}"
    return SPELLS


def wave_behind(opened: OpenStudy, kind: str, wave: str | None) -> str | None:
    """The wave whose answers are behind figures of one kind: this one, or the one that it is compared with."""
    if kind != _BEFORE or not opened.store.has("changes"):
        return wave
    rows = opened.store.read("changes")
    return next(iter(rows.loc[rows["wave"] == wave, "since"]), wave)


def answers_behind(opened: OpenStudy, wave: str | None) -> Sketch | None:
    """The answers of a wave by person; nothing where nobody was asked."""
    if not opened.store.has("responses"):
        return None
    rows = opened.store.read("responses")
    own = rows[rows["wave"] == wave] if wave is not None else rows
    return Sketch.of(own.drop(columns=[name for name in ("wave", "weight") if name in own]))


def rows_behind(opened: OpenStudy) -> Sketch | None:
    """What HR's files hold of everybody that changes little: first day and attributes; nothing without such files."""
    if not opened.store.has("people"):
        return None
    people = opened.store.read("people")
    return Sketch.of(people.drop(columns=["spell", "relation", "end_date", "end_reason"]))


def exits_behind(opened: OpenStudy, name: str, people: People) -> People:
    """Who of the people behind a table was seen to leave; nothing for tables that count no exits."""
    if not plan_of(name).counts_exits or people is None or not opened.store.has("spells"):
        return None
    spells = opened.store.read("spells")
    return people[people["person"].isin(spells.loc[spells["cause"].notna(), "person"])]


def response_rate(opened: OpenStudy, wave: str | None) -> float | None:
    """Share of the people in scope who answered in this wave; None where the study does not know who was asked."""
    if wave is None or not opened.store.has("responses") or not knows_everyone(opened):
        return None
    return population_of(opened, wave).rate


def _of_wave(opened: OpenStudy, wave: str | None) -> People:
    if not opened.store.has("responses"):
        return None
    responses = opened.store.read("responses")[["person", "wave"]]
    assigned = opened.store.read_or_empty("assignments")[["person", "wave", "segment"]]
    rows = responses.merge(assigned, on=["person", "wave"], how="left")
    return rows[rows["wave"] == wave].drop(columns="wave")


def _present(opened: OpenStudy, _: str | None) -> People:
    if not opened.store.has("risks"):
        return None
    people = opened.store.read("risks")[["person"]].drop_duplicates()
    return people.assign(segment=segment_of(opened).reindex(people["person"]).to_numpy(dtype=float))


def _explained(opened: OpenStudy, wave: str | None) -> People:
    """Of a duration nobody's chance is kept, so nobody behind its explanation is known by name."""
    outcome = opened.config.outcome
    return _present(opened, wave) if outcome is not None and outcome.kind != OutcomeKind.DURATION else None


def _hired(opened: OpenStudy, _: str | None) -> People:
    """New hires by source; who was hired again counts with the first."""
    if not opened.store.has("spells"):
        return None
    spells = opened.store.read("spells")
    return hires_by_source(opened, spells[spells["entry"] < YEAR]).drop_duplicates()


def _watched(opened: OpenStudy, _: str | None) -> People:
    if not opened.store.has("spells"):
        return None
    spells = opened.store.read("spells")
    people = spells[["person"]].drop_duplicates()
    by_segment = spells_by_segment(opened, spells).drop_duplicates("person").set_index("person")["segment"]
    return people.assign(segment=by_segment.reindex(people["person"]).to_numpy(dtype=float))


def _moved(opened: OpenStudy, wave: str | None) -> People:
    assigned = opened.store.read_or_empty("assignments")
    earlier = waves_before(opened, assigned["wave"].unique(), wave) if wave is not None else []
    if not earlier:
        return None
    then, now = (assigned.loc[assigned["wave"] == name, ["person", "segment"]] for name in (earlier[-1], wave))
    return then.merge(now, on="person", suffixes=("_from", "_to"))


def _of_wave_before(opened: OpenStudy, wave: str | None) -> People:
    return _of_wave(opened, wave_behind(opened, _BEFORE, wave))


_KINDS: Mapping[str, Callable[[OpenStudy, str | None], People]] = {
    "wave": _of_wave,
    _BEFORE: _of_wave_before,
    "present": _present,
    "explained": _explained,
    "hires": _hired,
    "curves": _watched,
    "watched": _watched,
    "moves": _moved,
}
