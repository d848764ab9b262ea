"""Who stands behind the released groups: the people of every group, for the ledger and never for a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from segment.disclosure.ledger.answers import Sketch
from segment.disclosure.ledger.released import COUNTED, EXITS, SPELLS
from segment.disclosure.linked_tables import group_name
from segment.experience.scorecard import employed_before_the_end, last_segments
from segment.stages.base import OpenStudy
from segment.stages.counts import asked_by_group, knows_everyone, population_of, took_part
from segment.stages.release.asked import Besides, Counted
from segment.stages.retention.evaluation import segment_of
from segment.stages.retention.explanation import YEAR, hires_by_source
from segment.stages.retention.hold_out import spells_by_segment
from segment.stages.waves import wave_names, waves_before
from segment.tables.registry import plan_of
from segment.vocabulary import OutcomeKind

#: One row per person with the group columns of a table; None where that cannot be told from the study's tables.
People = pd.DataFrame | None

#: Kinds that rest on answers, and are no figures of a wave alone.
_OF_ANSWERS = ("moves", "two models", "roles", "in scope")
_BEFORE = "wave before"
#: Who stands behind what actions did: a table of figures from several waves.
BEGUN = "begun"


def people_behind(opened: OpenStudy, kind: str, wave: str | None) -> People:
    """One row per person behind the figures of one kind, with the columns that group them.

    ``kind``: ``wave`` (who answered in this wave, by segment), ``wave before`` (who answered in the wave that it is
    compared with, by segment then), ``present`` (whose leaving is foretold, by last segment), ``explained`` (the same,
    where everyone's chance is kept), ``curves`` (whose staying was watched, by segment), ``watched`` (the same people,
    of figures about everyone at once), ``hires`` (whose first year was watched, by source of hire), ``moves`` (who
    answered in this wave and in the one before, by both segments), ``in scope`` (who could answer in this wave, by the
    group that response is reported by), ``begun`` (who answered in this wave, of those for whom actions began). Other
    kinds are not known by name: their groups are made by a model on a hold-out.
    """
    known = KNOWN_BY_NAME.get(kind)
    return known.find(opened, wave) if known is not None else None


def source_of(opened: OpenStudy, kind: str, wave: str | None) -> str:
    """What figures of one kind come from: answers, moves since the wave before, an outcome asked for, or dated spells.

    The first word is the kind of source, and only figures of one kind are held against each other. Whether two sources
    of answers are the same is known by the answers (:func:`answers_behind`); dated spells are one source whatever the
    window, because windows overlap. An outcome that was asked for is a source of its own: it is another question than
    those about needs, and whoever left one of them open is not given away by the other.
    """
    outcome, which = opened.config.outcome, f"{wave_behind(opened, kind, wave) or 'all'} of {opened.config.study}"
    if kind in ("wave", _BEFORE, BEGUN):
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


def counted_behind(opened: OpenStudy, name: str, people: People, wave: str | None) -> list[Counted]:
    """Whom of the people behind a table its shares count: who left and how all began; or who answered, and who did not.

    Both of the latter, because six more of whom five answered say of one that he or she did not.
    """
    plan = plan_of(name)
    if plan.counts == "model":
        rows = [opened.store.read_or_empty(one) for one in ("spells", "people")]
        return [] if any(one.empty for one in rows) else [what_a_model_learned(name, *rows)]
    if people is None:
        return []
    if plan.counts == "answered" and wave is not None:
        there, told = people["person"].isin(took_part(opened, wave)), answers_behind(opened, wave)
        source = f"{COUNTED}{source_of(opened, plan.people, wave)}"
        named = ((", who answered", there), (", who did not", ~there))
        return [Counted(who, source, people[inside], told) for who, inside in named]
    if plan.counts == "left before the end" and opened.store.has("spells"):
        names, spells = wave_names(opened), opened.store.read("spells")
        assigned = opened.store.read_or_empty("assignments")
        return who_left_before_the_end(name, spells, assigned, waves=names) if names[-1:] == [wave] else []
    if plan.counts == "left" and opened.store.has("spells"):
        return who_left(name, people, opened.store.read("spells"))
    return []


def who_left(name: str, people: pd.DataFrame, spells: pd.DataFrame) -> list[Counted]:
    """Who of the people left, when and why; and all of them, as they began.

    One whose last day or reason was corrected moves a curve as one who left does, and one whose first day was corrected
    moves how many are at risk: whoever knows of the correction would read that person's segment.
    """
    ended = spells[spells["cause"].notna()]
    left = people[people["person"].isin(ended["person"])]
    return [
        Counted(", who left", EXITS + name, left, _as_told(ended, ["exit", "cause"])),
        Counted(", as they began", f"{EXITS}{name}-began", people, _as_told(spells, ["start_date"])),
    ]


def who_left_before_the_end(
    name: str, spells: pd.DataFrame, assignments: pd.DataFrame, *, waves: Sequence[str]
) -> list[Counted]:
    """Who was employed a year before observation ended, by last segment, and who of them left: also of those who
    answered nothing, and of those who answered in another wave than the table's own.
    """
    present = employed_before_the_end(spells)
    if present.empty:
        return []
    segment = last_segments(present["person"], assignments, waves=waves).astype("float64")
    return who_left(name, present[["person"]].assign(segment=segment).drop_duplicates("person"), present)


def what_a_model_learned(name: str, spells: pd.DataFrame, people: pd.DataFrame) -> Counted:
    """Everybody whose staying a model learned from, as HR's files tell of them: whether, when and why they left, who
    they are.

    One who left moves every figure of the model, also of groups that he or she was never in, towards what that one
    answered; and so does an attribute that was corrected.
    """
    ended = spells["cause"].notna()
    told = spells[["person", "start_date", "exit", "cause"]].assign(exit=spells["exit"].where(ended))
    inside = people[people["person"].isin(spells["person"])]
    known = inside.drop(columns=["spell", "relation", "start_date", "end_date", "end_reason"])
    rows = [_in_words(told), _in_words(known)]
    words = pd.concat(rows).groupby("person")["told"].agg(" ".join).reset_index()
    watched = spells[["person"]].drop_duplicates()
    return Counted(", as a model learned", EXITS + name, watched, Sketch.of(words), model=True)


def _in_words(rows: pd.DataFrame) -> pd.DataFrame:
    """One text for each row about a person, in an order that no file decides."""
    columns = [name for name in rows if name != "person"]
    words = rows[columns].astype(str).fillna("").agg(" ".join, axis=1)
    return pd.DataFrame({"person": rows["person"], "told": words}).sort_values(["person", "told"])


def _as_told(spells: pd.DataFrame, columns: list[str]) -> Sketch:
    """What HR's file says of everybody's spells, as one word for each column."""
    words = spells[["person", *columns]].astype(str).fillna("").sort_values(columns)
    return Sketch.of(words.groupby("person")[columns].agg(" ".join).reset_index())


def response_rate(opened: OpenStudy, wave: str | None) -> float | None:
    """Share of the people in scope who answered in this wave; None where the study does not know who was asked."""
    if wave is None or not opened.store.has("responses") or not knows_everyone(opened):
        return None
    return population_of(opened, wave).rate


def waves_behind(opened: OpenStudy, kind: str, wave: str | None) -> list[str | None]:
    """All waves whose answers are behind figures of one kind: of what actions did several."""
    if kind != BEGUN:
        return [wave_behind(opened, kind, wave)]
    return [wave, *sorted(set(opened.store.read_or_empty("begun_people")["wave"]) - {wave})]


def besides_of_begun(rows: pd.DataFrame, wave: str | None, source: Callable[[str], str]) -> list[Besides]:
    """Who stands behind what actions did besides those for whom they began, as they answered in this wave.

    These are the same people with the answers of other waves, and in every wave who waited: an effect is a sum of means
    of all these, and leaves where each of them might. ``rows``: table ``begun_people``; ``source``: of a wave.
    """
    found = []
    for side, name in (("began", ", then"), ("waiting", ", who waited")):
        for own, people in rows[rows["side"] == side].groupby("wave"):
            if (side, own) != ("began", wave):
                found.append(Besides(name, source(str(own)), people, same=side == "began"))
    return found


def parts_of_begun(rows: pd.DataFrame) -> dict[str, frozenset[str]]:
    """The segments in which actions began, by the group that they are together; of table ``begun_people``."""
    return {
        group_name({BEGUN: begun}, (BEGUN,)): frozenset(f"segment {one:g}" for one in own["segment"].unique())
        for begun, own in rows[rows["side"] == "began"].groupby(BEGUN)
    }


def _of_begun(opened: OpenStudy, wave: str | None) -> People:
    rows = opened.store.read_or_empty("begun_people")
    return rows[(rows["side"] == "began") & (rows["wave"] == wave)]


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


def _in_scope(opened: OpenStudy, wave: str | None) -> People:
    told = asked_by_group(opened, wave) if wave is not None else None
    return None if told is None else told.rename_axis("person").rename("group").reset_index()


def _of_wave_before(opened: OpenStudy, wave: str | None) -> People:
    return _of_wave(opened, wave_behind(opened, _BEFORE, wave))


@dataclass(frozen=True)
class Known:
    """What finds the people behind figures, of a study and a wave, and the columns that group them."""

    find: Callable[[OpenStudy, str | None], People]
    groups: tuple[str, ...] = ("segment",)


#: By the kind that a release plan names (``ReleasePlan.people``).
KNOWN_BY_NAME: Mapping[str, Known] = {
    "wave": Known(_of_wave),
    _BEFORE: Known(_of_wave_before),
    BEGUN: Known(_of_begun, (BEGUN,)),
    "present": Known(_present),
    "explained": Known(_explained),
    "hires": Known(_hired, ("source",)),
    "curves": Known(_watched),
    "watched": Known(_watched),
    "moves": Known(_moved, ("segment_from", "segment_to")),
    "in scope": Known(_in_scope, ("group",)),
}
