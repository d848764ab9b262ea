"""What goes together with leaving: for everyone, per segment, and as ranges of the model's sensitivity; first years."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.retention import (
    HazardModel,
    HorizonModel,
    effects,
    explain_people,
    first_year_risk,
    segment_doubt,
    segment_effects,
    what_if,
)
from segment.retention.levels import Level
from segment.stages.base import OpenStudy
from segment.stages.causes import asked_cause, causes_in
from segment.stages.counts import without_rare
from segment.stages.retention.data_sufficiency import FEWEST_EXITS
from segment.stages.retention.evaluation import segment_of
from segment.stages.survey_weights import weight_in_segments, weight_of_outcome
from segment.tables import spec_of
from segment.tracking.records import Record, metric, param, tag
from segment.vocabulary import EndReason

#: People the what-if ranges are computed on, and at most so many features besides needs.
_PEOPLE, _FEATURES = 200, 4
#: Months of tenure that make a first year.
YEAR = 12.0


@dataclass(frozen=True)
class Reckons:
    """What tells how much a chance moves with an attribute: a model, the level of later time, and of whom.

    ``there`` marks the people it is about, all where it is left out.
    """

    model: HazardModel | HorizonModel
    level: Level | None = None
    there: np.ndarray | None = None


def explained_cause(opened: OpenStudy, model: HazardModel | HorizonModel) -> str | None:
    """The cause whose odds associations are about: the one asked for where enough left for it, else the most frequent.

    A model of a flag is of its one cause, else of leaving for any. Nothing where leaving is an intention.
    """
    if isinstance(model, HazardModel):
        asked = asked_cause(opened.outcome, model.causes_)
        left = dict(zip(model.causes_, model.n_events_, strict=True))
        enough = asked is not None and left.get(asked, 0) >= FEWEST_EXITS
        return asked if enough else max(left, key=lambda one: left[one])
    causes = causes_in(opened)
    one = str(causes[0]) if len(causes) == 1 else str(EndReason.LEFT)
    return None if opened.outcome.meaning == "intention" else one


def what_matters(
    opened: OpenStudy,
    model: HazardModel | HorizonModel,
    X: pd.DataFrame,
    *,
    tenure: np.ndarray | None = None,
    left_in: pd.Series | None = None,
    reckons: Reckons | None = None,
    learned_from: int | None = None,
) -> dict[str, pd.DataFrame]:
    """Tables ``effects``, ``segment_effects`` and ``what_if`` of these people (the index of ``X``).

    ``learned_from``: how many people the model learned from, where they are more than these: associations of everyone
    rest on them. Of too few people here the lesser number stands, as what is reported compares these.

    ``reckons``: with which model, at which level and of whom sensitivity is reported; this one and these when left out.

    Associations are about one cause (:func:`explained_cause`), which stands beside them.

    ``left_in`` counts the people who left for it, by segment: a segment with fewer than a curve needs gets no effects,
    and neither does one with too few people present. Without it there are none per segment. They are held against the
    mean of everyone with a segment.
    """
    about = explained_cause(opened, model)
    cause = about if isinstance(model, HazardModel) else None
    parts = explain_people(model, X, tenure=tenure, cause=cause)
    asked = weight_of_outcome(opened)
    weights = None if asked is None else asked.reindex(X.index).to_numpy(dtype=float)
    overall = effects(model, X, tenure=tenure, cause=cause, parts=parts, weights=weights)
    by_segment = _by_segment(opened, model, X, parts, tenure=tenure, left_in=left_in)
    few = learned_from is None or len(X) < opened.config.privacy.min_driver
    return {
        "effects": overall.assign(cause=about or "", n=len(X) if few else learned_from),
        "segment_effects": by_segment.assign(cause=about or "") if len(by_segment) else by_segment,
        "what_if": _ranges(opened, reckons or Reckons(model), X, overall, (tenure, weights)),
    }


def _by_segment(
    opened: OpenStudy,
    model: HazardModel | HorizonModel,
    X: pd.DataFrame,
    parts: pd.DataFrame,
    *,
    tenure: np.ndarray | None,
    left_in: pd.Series | None,
) -> pd.DataFrame:
    parts = parts.drop(columns="tenure", errors="ignore")
    privacy = opened.config.privacy
    labels = segment_of(opened).reindex(parts.index)
    if left_in is None or labels.notna().sum() == 0:
        return pd.DataFrame()
    enough = left_in[left_in >= privacy.min_curve_events].index
    answered = weight_in_segments(opened)
    weights = np.ones(len(X)) if answered is None else answered.reindex(X.index).fillna(1.0).to_numpy(dtype=float)
    known = labels.notna().to_numpy()
    against = pd.Series(np.average(parts[known], axis=0, weights=weights[known]), index=parts.columns)
    cause = explained_cause(opened, model) if isinstance(model, HazardModel) else None
    doubt = segment_doubt(model, X, labels, parts=parts, tenure=tenure, cause=cause, weights=weights)
    labels = labels.where(labels.isin(enough))
    found = segment_effects(
        parts - against, labels, fewest_people=privacy.min_curve_people, doubt=doubt, weights=weights
    )
    return found.assign(events=found["segment"].map(left_in).astype("int64"))


def _ranges(
    opened: OpenStudy,
    reckons: Reckons,
    X: pd.DataFrame,
    overall: pd.DataFrame,
    of_people: tuple[np.ndarray | None, np.ndarray | None],
) -> pd.DataFrame:
    """Sensitivity to one number at a time, needs first, on some people; nothing when the floor was the answer or
    nobody is there any more.

    ``of_people``: their tenure, and for how many each stands.
    """
    numbers = {str(name) for name in X if pd.api.types.is_numeric_dtype(X[name]) and X[name].nunique() > 2}
    needs = sorted(name for name in numbers if name.startswith("shortfall_"))
    others = [str(name) for name in overall["feature"] if name in numbers and name not in needs][:_FEATURES]
    there = np.arange(len(X)) if reckons.there is None else np.flatnonzero(reckons.there)
    place = np.sort(np.random.default_rng(opened.config.random_state).permutation(there)[:_PEOPLE])
    tables = []
    for name in (*needs, *others) if reckons.model.beats_floor_ and len(place) else ():
        low, middle, high = (float(v) for v in np.nanquantile(X[name].to_numpy(dtype=float), [0.1, 0.5, 0.9]))
        levels = {low: "low", middle: "middle", high: "high"} if low < middle < high else {low: "low", high: "high"}
        if len(levels) > 1:
            tenure, weights = (None if own is None else own[place] for own in of_people)
            found = what_if(
                reckons.model, X.iloc[place], name, list(levels), tenure=tenure, weights=weights, level=reckons.level
            )
            tables.append(found.assign(level=found["value"].map(levels)))
    return pd.concat(tables, ignore_index=True).assign(n=len(place)) if tables else pd.DataFrame()


def leavers_by_segment(opened: OpenStudy, cause: str | None = None) -> pd.Series | None:
    """How many people with a segment left (for one cause), by segment; ``None`` without segments."""
    labels = segment_of(opened)
    if labels.empty:
        return None
    spells = opened.store.read("spells")
    left = spells["cause"].notna() if cause is None else spells["cause"] == cause
    gone = spells.loc[left, "person"].unique()
    return labels.reindex(gone).value_counts()


def first_year(opened: OpenStudy, events: pd.DataFrame) -> pd.DataFrame:
    """Table ``first_year``: what share of new hires is gone, of everyone and by source where the study has one.

    ``events`` is the ``spells`` table with ``event`` numbers.
    """
    source = hires_by_source(opened, events)["source"]
    found = first_year_risk(events, source.to_numpy(dtype=object), causes=causes_in(opened))
    everyone = found["source"] == "everyone"
    if found.loc[everyone, "gone"].isna().all():
        return pd.DataFrame()
    return found.assign(source=found["source"].where(~everyone))


def hires_by_source(opened: OpenStudy, spells: pd.DataFrame) -> pd.DataFrame:
    """``person`` and ``source`` of hire of every spell, in its order; it is empty where it is not known, or too rare.

    Who was hired again within what is watched counts once: with the source of the first of these hires. Otherwise the
    sources would hold more people than everyone, and sums of them nobody could rely on.
    """
    name, store = opened.config.retention.first_year_by, opened.store
    if not store.has("people") or name not in (people := store.read("people")):
        return spells[["person"]].assign(source=pd.Series(np.nan, index=spells.index, dtype=object))
    named = people[["person", "spell", name]].astype({name: object}).rename(columns={name: "source"})
    found = spells[["person", "spell", "entry"]].merge(named, how="left")
    first = found[found["entry"] < YEAR].sort_values("spell", kind="stable").drop_duplicates("person")
    return found[["person"]].assign(source=found["person"].map(without_rare(first.set_index("person")["source"])))


def competition_of(model: HazardModel | HorizonModel, *, people: int) -> tuple[pd.DataFrame, list[Record]]:
    """Table ``competition`` of so many ``people`` learned from, and each learner's result as a child run of its own."""
    table = model.competition_
    table = table if "cause" in table else table.assign(cause="any")
    columns = [column.name for column in spec_of("competition").columns]
    records: list[Record] = []
    for row in table.to_dict("records"):
        records += _entrant_records(row)
    return table.assign(n=people)[columns], records


def _entrant_records(row: dict[Hashable, object]) -> list[Record]:
    run = f"retain/{row['cause']}-{row['learner']}"
    figures = {name: float(str(row[name])) for name in ("log_loss", "gain", "gain_error")}
    return [
        param("setting", row["setting"], run=run),
        tag("chosen", "yes" if row["chosen"] else "no", run=run),
        *(metric(name, value, run=run) for name, value in figures.items() if np.isfinite(value)),
    ]
