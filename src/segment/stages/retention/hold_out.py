"""Exits observed and expected on later time, of everyone and of people from the day their segment was known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.retention import HazardModel, check_spells
from segment.retention.discrimination import follow_people
from segment.stages.base import OpenStudy
from segment.stages.causes import causes_in
from segment.stages.survey_weights import answers_weighted
from segment.stages.waves import wave_dates
from segment.vocabulary import DAYS_PER_MONTH


def observed_and_expected(
    opened: OpenStudy,
    model: HazardModel,
    people: pd.DataFrame,
    seen: pd.DataFrame,
    later: pd.DataFrame,
    *,
    cut: pd.Timestamp,
) -> pd.DataFrame:
    """One row per person employed at the cut: exits and the model's cumulative hazard over the time watched.

    A segment counts from the day somebody answered, so that nobody is credited with time in which they could not have
    left (immortal time; Suissa, 2008). Columns as
    :func:`~segment.stages.retention.evaluation.levels_by_segment` takes them.
    """
    first, followed, start = follow_people(check_spells(later, causes=causes_in(opened)))
    grid = np.arange(1.0, np.ceil(followed.time.max()) + 1)
    survival = model.predict_ahead(seen.iloc[first], grid, start=start).survival
    cumulative = np.hstack([np.zeros((len(first), 1)), -np.log(np.maximum(survival, 1e-12))])
    person = people.loc[later.index[first], "person"].to_numpy()
    answered = first_segments(opened).reindex(person)
    wait = ((answered["day"] - cut).dt.days / DAYS_PER_MONTH).clip(lower=0.0).to_numpy(dtype=float)
    inside = answered["segment"].notna().to_numpy() & (wait < followed.time)
    until = _at(cumulative, followed.time)
    gone = (followed.event > 0).astype(float)
    before = _at(cumulative, np.where(inside, wait, 0.0))
    return pd.DataFrame(
        {
            "person": person,
            "observed": gone,
            "expected": until,
            "segment": answered["segment"].where(inside).to_numpy(),
            "observed_in": np.where(inside, gone, 0.0),
            "expected_in": np.where(inside, until - before, 0.0),
            "weight": np.where(inside, answered["weight"].to_numpy(dtype=float), np.nan),
        }
    )


def by_person(said: pd.DataFrame, person: pd.Series) -> pd.DataFrame:
    """What was said of people held out, as table ``held_out_leaving``; ``person``: who stands in each ``row``."""
    if said.empty:
        return said
    told = said.assign(person=person.to_numpy()[said["row"].to_numpy(dtype=int)]).sort_values("row", kind="stable")
    return told.drop(columns="row").drop_duplicates("person", ignore_index=True)


def _at(cumulative: np.ndarray, months: np.ndarray) -> np.ndarray:
    """Each person's cumulative hazard at their own month, even within months."""
    low = np.minimum(np.floor(months).astype(np.int64), cumulative.shape[1] - 2)
    rows = np.arange(len(months))
    result: np.ndarray = cumulative[rows, low] + (months - low) * (cumulative[rows, low + 1] - cumulative[rows, low])
    return result


def first_segments(opened: OpenStudy) -> pd.DataFrame:
    """The first ``segment`` of everyone who answered, the ``day`` it is known from and their ``weight``, by person."""
    dates = wave_dates(opened)
    if not dates or not opened.store.has("assignments"):
        empty = {"segment": "float64", "day": "datetime64[us]", "weight": "float64"}
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in empty.items()})
    assigned = opened.store.read("assignments")[["person", "wave", "segment"]]
    weights = answers_weighted(opened)
    assigned = assigned.assign(weight=1.0) if weights is None else assigned.merge(weights, on=["person", "wave"])
    dated = assigned.assign(day=assigned["wave"].map(dates)).dropna(subset="day").sort_values("day", kind="stable")
    return dated.drop_duplicates("person").set_index("person")[["segment", "day", "weight"]]


def spells_by_segment(opened: OpenStudy, spells: pd.DataFrame) -> pd.DataFrame:
    """Spells of people who answered, from that day on, with the segment they were first in and their weight then."""
    first = first_segments(opened)
    if first.empty or spells["start_date"].isna().all():
        return spells.head(0).assign(segment=pd.Series(dtype="float64"))
    rows = spells.drop(columns="weight").merge(first.reset_index(), on="person")
    asked_at = (rows["day"] - rows["start_date"]).dt.days / DAYS_PER_MONTH
    rows = rows.assign(entry=rows["entry"].clip(lower=asked_at))
    return rows[(asked_at >= 0) & (rows["entry"] < rows["exit"])].reset_index(drop=True)
