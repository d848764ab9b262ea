"""The answers of page one: who, what they lack, who leaves, and what to do first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.displays.labels import (
    Labels,
    floats,
    in_order,
    of_segment,
    people_text,
    rows_of,
    segment_number,
    share_interval,
    share_text,
    shortfall_rows,
)
from segment.exports.story import Story
from segment.locale import percent


@dataclass(frozen=True)
class Share:
    """A share with its 95 % interval; NaN bounds when they were not released. ``place``: its rank, 1 the largest.

    ``banded``: .05 and .95 are told as at most and at least.
    """

    value: float
    low: float = float("nan")
    high: float = float("nan")
    place: float = float("nan")
    banded: bool = False

    def text(self, language: str) -> str:
        """The share as a percentage."""
        return share_text(self.value, language, banded=self.banded, spoken=True)

    def interval(self, language: str) -> str:
        """The interval in words; empty when it is not known or narrower than a percentage shows."""
        if self.low != self.low or self.high != self.high:
            return ""
        if percent(self.low, language) == percent(self.high, language):
            return ""
        return share_interval(self.low, self.high, language, banded=self.banded)


@dataclass(frozen=True)
class Leaving:
    """Who leaves: a share per segment (``None``: everyone), and whether it is a risk, a curve or an intention."""

    origin: str
    months: int
    shares: dict[int | None, Share]


@dataclass(frozen=True)
class Need:
    """A need on page one, with the figure that put it there."""

    code: str
    name: str
    value: float
    banded: bool = False

    def unmet(self, language: str) -> str:
        """An unmet need, from 0 to 1."""
        return share_text(self.value, language, banded=self.banded, digits=2)


@dataclass(frozen=True)
class PlannedAction:
    """One action of the plans in words; ``segment`` is ``None`` when it is for everyone."""

    segment: int | None
    segment_label: str
    rank: int
    code: str
    need: str
    title: str
    what: str
    first_step: str
    owner: str
    n: str
    priority: float
    place: float = float("nan")


@dataclass(frozen=True)
class SegmentAnswer:
    """One segment on page one."""

    number: int
    label: str
    n: str
    share: Share
    strongest: tuple[Need, ...]
    lacks: Need | None
    leaving: Share | None
    first: PlannedAction | None


def segment_answers(story: Story, language: str) -> tuple[SegmentAnswer, ...]:
    """One answer per segment that may be named, in order; empty when there are none."""
    frame = rows_of(story.released["segments"]) if story.segments else pd.DataFrame()
    labels, leaving = story.labels(language), leaving_of(story)
    answers = []
    for segment in story.segments:
        row = of_segment(frame, segment).iloc[0]
        plans = planned_actions(story, language, segment=segment)
        answers.append(
            SegmentAnswer(
                number=segment, label=labels.segment(segment), n=people_text(row["n"], language),
                share=Share(float(row.get("share", np.nan)), banded=row["status"] == "banded"),
                strongest=strongest_needs(story, labels, segment),
                lacks=next(iter(shortfalls_of(story, labels, segment)), None),
                leaving=leaving.shares.get(segment) if leaving else None, first=plans[0] if plans else None,
            )
        )  # fmt: skip
    return tuple(answers)


def strongest_needs(story: Story, labels: Labels, segment: int | None, *, most: int = 2) -> tuple[Need, ...]:
    """The needs that weigh most: style-free in a segment, by mean answer for everyone.

    Where importance was not asked, these are the needs that are experienced best.
    """
    table = story.released.get("profiles")
    if table is None:
        return ()
    rows = rows_of(table)
    asked = "experience" if story.by_experience else "importance"
    for measure in (asked,) if segment is None else ("score", asked):
        chosen = _people_rows(rows[rows["measure"] == measure].reset_index(drop=True), segment)
        values = floats(chosen, "mean")
        if np.isfinite(values).any():
            return tuple(_need(chosen, at, labels) for at in in_order(chosen, values)[:most])
    return ()


def shortfalls_of(story: Story, labels: Labels, segment: int | None) -> tuple[Need, ...]:
    """What a segment lacks (unmet need, 0 to 1), the most first; empty when it was not measured or nothing is."""
    table = story.released.get("shortfalls", story.released.get("profiles"))
    if table is None:
        return ()
    rows = _people_rows(shortfall_rows(table), segment)
    order = in_order(rows, floats(rows, "mean"))
    found = (_need(rows, at, labels) for at in order)
    return tuple(need for need in found if need.value > 0)


def _need(rows: pd.DataFrame, at: int, labels: Labels) -> Need:
    code = str(rows["need"].iloc[at])
    return Need(code, labels.need(code), floats(rows, "mean")[at], rows["status"].iloc[at] == "banded")


def most_lacking(story: Story, labels: Labels) -> tuple[int | None, Need] | None:
    """The segment (``None``: everyone, where there are no segments) and need with the largest unmet need."""
    table = story.released.get("shortfalls", story.released.get("profiles"))
    if table is None:
        return None
    rows = shortfall_rows(table)
    rows = rows[[one in story.segments for one in rows["segment"]]] if story.segments else _people_rows(rows, None)
    rows, values = rows.reset_index(drop=True), floats(rows, "mean")
    at = next(iter(in_order(rows, values, rank="place_of_all")), None)
    if at is None or values[at] <= 0:
        return None
    return rows["segment"].iloc[at], _need(rows, at, labels)


def _people_rows(rows: pd.DataFrame, segment: int | None) -> pd.DataFrame:
    """A segment's rows; for everyone also the rows of the one segment that holds everyone."""
    chosen = of_segment(rows, segment)
    if segment is None and chosen.empty and "segment" in rows and len(set(rows["segment"])) == 1:
        return rows
    return chosen


def leaving_of(story: Story) -> Leaving | None:
    """Who leaves within the horizon: the released ``leaving`` table, else the curves; ``None`` when not measured."""
    months = story.horizon_months
    if "leaving" in story.released:
        rows = rows_of(story.released["leaving"])
        if "horizon" in rows and len(rows):
            rows = rows[floats(rows, "horizon") == months]
        origin = "intention" if story.by_intention else "risk"
        shares = _shares(rows, ("value", "low", "high"))
    elif "curves" in story.released and not story.by_intention:
        rows, every = rows_of(story.released["curves"]), story.released["curves"].frame
        # A curve that begins later is of those who reached that month: it says nothing of this many months from hire.
        begun = {segment_number(one) for one in every.loc[floats(every, "month") == 0, "segment"]}
        rows = rows[(floats(rows, "month") == months) & rows["segment"].isin(begun).to_numpy()]
        origin = "curve"
        shares = {
            segment: Share(round(1 - s.value, 2), round(1 - s.high, 2), round(1 - s.low, 2))
            for segment, s in _shares(rows, ("survival", "low", "high")).items()
        }
    else:
        return None
    return Leaving(origin, months, shares) if shares else None


def _shares(rows: pd.DataFrame, columns: tuple[str, str, str]) -> dict[int | None, Share]:
    values = np.column_stack([floats(rows, column) for column in (*columns, "place")])
    segments = rows["segment"] if "segment" in rows else [None] * len(rows)
    return {
        segment: Share(value, low, high, place, banded=status == "banded")
        for segment, status, (value, low, high, place) in zip(segments, rows["status"], values.tolist(), strict=True)
        if np.isfinite(value)
    }


def planned_actions(story: Story, language: str, *, segment: int | None) -> tuple[PlannedAction, ...]:
    """The plans of one segment (everyone for ``None``) in words, in order; actions without a text are left out."""
    table = story.released.get("plans")
    if table is None:
        return ()
    rows = of_segment(rows_of(table), segment)
    order = in_order(rows, floats(rows, "rank"), rank="rank")
    labels = story.labels(language)
    return tuple(_planned(story, labels, rows.iloc[at]) for at in order if rows["action"].iloc[at] in story.actions)


def _planned(story: Story, labels: Labels, row: pd.Series) -> PlannedAction:
    texts, language = story.actions[row["action"]], labels.language
    segment = row.get("segment")
    said = {name: texts.get(name, {}).get(language, "") for name in ("title", "what", "first_step", "owner")}
    priority = float(row["priority"]) if "priority" in row and row["priority"] == row["priority"] else float("nan")
    return PlannedAction(
        segment=segment, segment_label=labels.segment(segment), rank=int(float(row["rank"])), code=str(row["action"]),
        need=labels.need(str(row["need"])) if "need" in row else "", n=people_text(row["n"], language),
        priority=priority, place=float(row.get("place", np.nan)), **said,
    )  # fmt: skip


def first_actions(story: Story, language: str, *, most: int = 3) -> tuple[PlannedAction, ...]:
    """The first actions over all segments: by the place that priority gave them before rounding, every action once."""
    every = [plan for segment in (*story.segments, None) for plan in planned_actions(story, language, segment=segment)]
    every.sort(key=_place_and_rank)
    once = {plan.code: plan for plan in reversed(every)}
    return tuple(plan for plan in every if once[plan.code] is plan)[:most]


def _place_and_rank(plan: PlannedAction) -> tuple[float, int]:
    return (plan.place if plan.place == plan.place else float("inf"), plan.rank)
