"""What was known about people, and from when: attributes of HR and answers of surveys, as features of retention."""

from __future__ import annotations

import pandas as pd

from segment.retention.hazard import HazardModel
from segment.retention.horizon import HorizonModel
from segment.stages.base import OpenStudy
from segment.stages.codebooks import codebook_of
from segment.stages.segmentation.basis import RATED, as_asked
from segment.stages.waves import wave_dates
from segment.tables.order import in_turn
from segment.tracking.intake import DAYS, Column
from segment.vocabulary import Purpose

_KEY = ["person", "spell"]


def model_attributes(opened: OpenStudy) -> list[str]:
    """Attributes declared for the model; protected ones can never be among them."""
    people = opened.config.sources.people
    if people is None:
        return []
    return [name for name, attribute in people.attributes.items() if attribute.purpose == Purpose.MODEL]


def survey_features(opened: OpenStudy) -> pd.DataFrame:
    """One row per person and wave: unmet needs and the items the codebook marks for the model.

    Columns: ``person``, ``wave``, then the features. With ``retention.use_items`` every item marked for the model
    enters by itself; without, only those about no single need, because unmet needs stand for the others.
    """
    store, settings = opened.store, opened.config.retention
    codebook = codebook_of(opened)
    if codebook is None or not settings.use_needs or not store.has("need_scores"):
        return pd.DataFrame(columns=["person", "wave"])
    scores, responses = store.read("need_scores"), store.read("responses")
    items = [
        item.code
        for item in codebook.by_code()
        if "model" in item.use and item.code in responses and (settings.use_items or not item.need)
    ]
    unmet = [] if settings.use_items else [c for c in scores if str(c).startswith("shortfall_")]
    return scores[["person", "wave", *unmet]].merge(responses[["person", "wave", *items]], on=["person", "wave"])


def known_by_person(opened: OpenStudy, wave: str | None) -> pd.DataFrame:
    """One row per person (the index): attributes of HR and, where there is a survey, features of one wave."""
    parts = []
    if opened.store.has("people"):
        people = opened.store.read("people").drop_duplicates("person", keep="last").set_index("person")
        parts.append(people[model_attributes(opened)])
    answers = survey_features(opened)
    if len(answers) and wave is not None:
        parts.append(answers[answers["wave"] == wave].set_index("person").drop(columns="wave"))
    return as_features(pd.concat(parts, axis=1)) if parts else pd.DataFrame()


def known_over_time(opened: OpenStudy, people: pd.DataFrame, window_start: pd.Timestamp) -> pd.DataFrame:
    """One row per person, spell and day from which something was known: ``valid_from`` and every feature.

    HR snapshots where the study has them, else the attributes of ``people`` from the first day of watching; answers
    from the last day of their wave on. What was known stays known until something newer is.
    """
    attributes = model_attributes(opened)
    if opened.store.has("snapshots"):
        snapshots = opened.store.read("snapshots")
        base = snapshots.merge(people[_KEY], on=_KEY)[[*_KEY, "valid_from", *attributes]]
    else:
        first = people["start_date"].where(people["start_date"] > window_start, window_start)
        base = people[[*_KEY, *attributes]].assign(valid_from=first)
    answers = survey_features(opened)
    dates = wave_dates(opened)
    if len(answers) and dates:
        asked = answers.assign(valid_from=answers["wave"].map(dates)).dropna(subset="valid_from").drop(columns="wave")
        spells = people[[*_KEY, "start_date", "end_date"]]
        asked = asked.merge(spells, on="person")
        inside = (asked["start_date"] <= asked["valid_from"]) & ~(asked["end_date"] <= asked["valid_from"])
        base = pd.concat([base, asked[inside].drop(columns=["start_date", "end_date"])], ignore_index=True)
    rows = in_turn(base, people["person"], then=["spell", "valid_from"])
    features = [str(c) for c in rows if c not in (*_KEY, "valid_from")]
    rows[features] = rows.groupby(_KEY, sort=False)[features].ffill()
    latest = rows.drop_duplicates([*_KEY, "valid_from"], keep="last").reset_index(drop=True)
    return latest.assign(**{str(name): column for name, column in as_features(latest[features]).items()})


def known_on(known: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """The newest row of every person and spell that was known on a day, indexed by person and spell."""
    rows = known[known["valid_from"] <= day].drop_duplicates(_KEY, keep="last")
    return rows.set_index(_KEY).drop(columns="valid_from")


def as_features(frame: pd.DataFrame) -> pd.DataFrame:
    """Words as categories, everything else as numbers: what the models of retention take."""
    return pd.DataFrame(
        {
            name: column.astype("float64") if pd.api.types.is_numeric_dtype(column) else column.astype("category")
            for name, column in frame.items()
        },
        index=frame.index,
    )


def columns_taken(opened: OpenStudy, model: HazardModel | HorizonModel) -> list[Column]:
    """What a served model of leaving takes of a person: what HR and the survey hold, from which the rest is made.

    Tenure is months, or the days ``start_date`` and ``on``; unmet needs are made of the answers about them.
    """
    codebook = codebook_of(opened)
    items = {} if codebook is None else {item.code: item for item in codebook.items}
    time = [Column("tenure", "number"), *(Column(day, "day") for day in DAYS)]
    own = [
        as_asked(items[one.name]) if one.name in items else Column(one.name, one.kind) for one in model.plan_.attributes
    ]
    needs = {name.removeprefix("shortfall_") for name in model.plan_.names if name.startswith("shortfall_")}
    asked = set(opened.store.read("responses").columns) if needs else set()
    parts = [
        as_asked(item, block=str(item.kind))
        for item in (codebook.by_code(*RATED) if codebook is not None else ())
        if item.need in needs and item.code in asked and item.code not in model.plan_.names
    ]
    return [*(time if isinstance(model, HazardModel) else []), *own, *parts]
