"""The answers of page one: who, what they lack, who leaves, and what to do first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import ceil, floor

import numpy as np
import pandas as pd

from segment.displays.labels import (
    Edges,
    Labels,
    band_of,
    bands_in,
    bands_of,
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
from segment.exports.near_ties import counts_among, first_of, following
from segment.exports.story import Story, once_per_story
from segment.locale import number, own_words, percent, say

#: Needs met better than this get no action.
AT_MOST = 0.05


@dataclass(frozen=True)
class Share:
    """A share with its 95 % interval; NaN bounds when they were not released. ``place``: its rank, 1 the largest.

    ``alike``: how many of the next in rank are about as much. ``bands``: what is shown as at most and at least.
    ``n``: of how many people it is, as released; empty if that is not shown. ``left_low``, ``left_high``: the band of
    the share that will have left; NaN if none is foretold.
    """

    value: float
    low: float = float("nan")
    high: float = float("nan")
    place: float = float("nan")
    alike: int = 0
    bands: Edges = None
    n: str = ""
    left_low: float = float("nan")
    left_high: float = float("nan")

    def text(self, language: str) -> str:
        """The share as a percentage."""
        return share_text(self.value, language, bands=self.bands, spoken=True)

    def interval(self, language: str) -> str:
        """The interval in words; empty when it is not known or narrower than a percentage shows."""
        if self.low != self.low or self.high != self.high:
            return ""
        if percent(self.low, language) == percent(self.high, language):
            return ""
        return share_interval(self.low, self.high, language, bands=self.bands)

    def of_people(self, language: str) -> str:
        """Of how many people it is; empty if that is not shown."""
        return say("report.card.of", language, n=people_text(self.n, language)) if self.n else ""

    def leavers(self, language: str) -> str:
        """How many people will have left, nine times in ten; empty where that is not foretold, or not of how many.

        >>> Share(0.1, n="212", left_low=0.08, left_high=0.15).leavers("en")
        'nine times in ten 16 to 32 people'
        """
        if not self.n.isdigit() or self.left_low != self.left_low:
            return ""
        people, below = int(self.n), band_of(self.left_low, self.bands) == "at_most"
        low = 0 if below else floor(self.left_low * people + 1e-9)
        high = people if band_of(self.left_high, self.bands) == "at_least" else ceil(self.left_high * people - 1e-9)
        ends = {"low": number(low, language, digits=0), "high": number(high, language, digits=0)}
        key = ".most" if low == 0 else ".least" if high == people else ""
        return say(f"report.leavers{key}", language, **ends)


@dataclass(frozen=True)
class Leaving:
    """Who leaves: a share per segment (``None``: everyone), and what it is.

    ``risk`` of those still there, ``curve``, ``intention``, or ``flag``: who left within the months. ``hidden``: whose
    figure there is, and may not be shown.
    """

    origin: str
    months: int
    shares: dict[int | None, Share]
    hidden: frozenset[int | None] = frozenset()

    def together(self, segment: int | None) -> bool:
        """Whether this segment has no figure of its own, while everyone together has one."""
        return segment not in self.shares and None in self.shares


@dataclass(frozen=True)
class Need:
    """A need on page one, with the figure that put it there; ``alike``: how many of the next are about as much."""

    code: str
    name: str
    value: float
    bands: Edges = None
    alike: int = 0

    @property
    def lacking(self) -> bool:
        """Whether something is lacking, for an unmet need: 'at most .05' or a printed zero do not say so."""
        return round(self.value, 2) > 0 and band_of(self.value, self.bands) != "at_most"

    def unmet(self, language: str) -> str:
        """An unmet need, from 0 to 1."""
        return share_text(self.value, language, bands=self.bands, digits=2)


@dataclass(frozen=True)
class PlannedAction:
    """One action of the plans in words; ``segment`` is ``None`` when it is for everyone.

    ``place`` is its rank over all segments, by priority; ``about_as_much``: how many of the next are about as pressing
    (NaN: not shown). ``begun``: the day on which it began there; empty where nobody said that it did.
    """

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
    about_as_much: float = float("nan")
    begun: str = ""

    @property
    def alike(self) -> int:
        """How many of the next in place are about as pressing; zero if that is not shown."""
        return int(self.about_as_much) if self.about_as_much == self.about_as_much else 0

    @property
    def name(self) -> str:
        """The action and whom it is for, where actions of several segments stand together."""
        return f"{self.title} ({self.segment_label})"


@dataclass(frozen=True)
class SegmentAnswer:
    """One segment on page one."""

    number: int
    label: str
    n: str
    share: Share
    strongest: tuple[Need, ...]
    lacks: tuple[Need, ...]
    leaving: Share | None
    together: bool
    hidden: bool
    first: PlannedAction | None
    remembered: str = ""


@once_per_story
def segment_answers(story: Story, language: str) -> tuple[SegmentAnswer, ...]:
    """One answer per segment that may be named, in order; empty when there are none."""
    frame = rows_of(story.released["segments"]) if story.segments else pd.DataFrame()
    labels, leaving, remembered = story.labels(language), leaving_of(story), remembered_names(story, language)
    answers = []
    for segment in story.segments:
        row = of_segment(frame, segment).iloc[0]
        plans = planned_actions(story, language, segment=segment)
        answers.append(
            SegmentAnswer(
                number=segment, label=labels.segment(segment), n=people_text(row["n"], language),
                share=Share(float(row.get("share", np.nan)), bands=bands_of(row)),
                strongest=strongest_needs(story, labels, segment),
                lacks=first_of(shortfalls_of(story, labels, segment), 1),
                leaving=leaving.shares.get(segment) if leaving else None,
                together=leaving is not None and leaving.together(segment),
                hidden=leaving is not None and segment in leaving.hidden, first=plans[0] if plans else None,
                remembered=remembered.get(segment, ""),
            )
        )  # fmt: skip
    return tuple(answers)


def remembered_names(story: Story, language: str) -> dict[int, str]:
    """The names that people remember, by segment: of the two needs that weigh most, each name once.

    The larger segment has it where two have the same needs; the other one is called by a need that weighs about as
    much, where there is one. None has one that HR gave a name, or of which importance was not asked.
    """
    found: dict[int, str] = {}
    for segment in () if story.by_experience else story.segments:
        needs = [need.code for need in strongest_needs(story, story.labels(language), segment)]
        pairs = (story.remembered.get(frozenset(pair)) or {} for pair in combinations(needs, 2))
        free = (name for pair in pairs if (name := own_words(pair, language)) and name not in found.values())
        if name := next(free, ""):
            found[segment] = name
    return {segment: name for segment, name in found.items() if segment not in story.renamed}


def strongest_needs(story: Story, labels: Labels, segment: int | None, *, most: int = 2) -> tuple[Need, ...]:
    """The needs that weigh most, and what weighs about as much: style-free in a segment, by mean answer for everyone.

    In a segment a need that cannot be told from everyone's is not among them, unless all are such. Where importance was
    not asked, these are the needs that are experienced best.
    """
    table = story.released.get("profiles")
    if table is None:
        return ()
    rows = rows_of(table)
    asked = "experience" if story.by_experience else "importance"
    for measure in (asked,) if segment is None else ("score", asked):
        chosen = _people_rows(rows[rows["measure"] == measure].reset_index(drop=True), segment)
        means = floats(chosen, "mean")
        values = np.where(np.isnan(means), floats(chosen, "share"), means)
        if np.isfinite(values).any():
            order = in_order(chosen, values)
            needs = _needs(chosen, labels)
            found = first_of([needs[at] for at in order], most)
            low = floats(chosen, "low")[order][: len(found)].tolist() if measure == "score" else []
            above = [end > 0 for end in low]
            return _only(found, above) if any(above) else found
    return ()


def _only(needs: Sequence[Need], kept: Sequence[bool]) -> tuple[Need, ...]:
    """Those needs of an order that are kept, each with what is about as much among these."""
    alike = counts_among([need.alike for need in needs], kept)
    left = (need for need, stays in zip(needs, kept, strict=True) if stays)
    return tuple(replace(need, alike=count) for need, count in zip(left, alike, strict=True))


def shortfalls_of(story: Story, labels: Labels, segment: int | None) -> tuple[Need, ...]:
    """What a segment lacks (unmet need, 0 to 1), the most first; empty when it was not measured or nothing is."""
    table = story.released.get("shortfalls", story.released.get("profiles"))
    if table is None:
        return ()
    rows = _people_rows(shortfall_rows(table), segment)
    order = in_order(rows, floats(rows, "mean"))
    needs = _needs(rows, labels)
    return tuple(needs[at] for at in order if needs[at].lacking)


def _needs(rows: pd.DataFrame, labels: Labels) -> list[Need]:
    """The need that each row tells of, with its figure."""
    told = zip(map(str, rows.get("need", ())), floats(rows, "mean"), bands_in(rows), following(rows), strict=True)
    return [Need(code, labels.need(code), value, bands, alike) for code, value, bands, alike in told]


@dataclass(frozen=True)
class Lack:
    """An unmet need of a segment (``None``: of everyone) among those of all segments; ``name`` tells both."""

    segment: int | None
    need: Need
    name: str
    alike: int
    low: float = float("nan")
    high: float = float("nan")


def most_lacking(story: Story, labels: Labels) -> tuple[Lack, ...]:
    """The largest unmet need over all segments (of everyone, where there are none), and those that are about as large.

    Empty when none was measured, or nothing is lacking.
    """
    return first_of([one for one in every_lack(story, labels) if one.need.lacking], 1)


def every_lack(story: Story, labels: Labels) -> tuple[Lack, ...]:
    """The unmet needs over all segments (of everyone, where there are none), the largest first."""
    table = story.released.get("shortfalls", story.released.get("profiles"))
    if table is None:
        return ()
    rows = shortfall_rows(table)
    rows = rows[[one in story.segments for one in rows["segment"]]] if story.segments else _people_rows(rows, None)
    rows = rows.reset_index(drop=True)
    lacks = _lacks(story, rows, labels)
    return tuple(lacks[at] for at in in_order(rows, floats(rows, "mean"), rank="place_of_all"))


def measured_of(story: Story, measure: str) -> bool:
    """Whether the profiles hold figures of this measure, shown or not."""
    table = story.released.get("profiles")
    return table is not None and bool((table.frame["measure"] == measure).any())


def why_nothing_lacks(story: Story) -> str:
    """Key of the message where no unmet need is named: none is, none may be shown, or none was measured."""
    table = story.released.get("shortfalls", story.released.get("profiles"))
    if table is None or ("shortfalls" not in story.released and not measured_of(story, "shortfall")):
        return "report.not_measured.sentence"
    known = bool(np.isfinite(floats(shortfall_rows(table), "mean")).any())
    return "report.answer.lack.none" if known else "report.answer.hidden"


def _lacks(story: Story, rows: pd.DataFrame, labels: Labels) -> list[Lack]:
    told = list(zip(_needs(rows, labels), floats(rows, "low"), floats(rows, "high"), strict=True))
    if not story.segments:
        return [Lack(None, need, need.name, need.alike, low, high) for need, low, high in told]
    found, among_all = [], following(rows, column="about_as_much_of_all")
    for segment, alike, (need, low, high) in zip(rows.get("segment", ()), among_all, told, strict=True):
        name = say("report.alike.lack", labels.language, segment=labels.segment(segment), need=need.name)
        found.append(Lack(segment, need, name, alike, low, high))
    return found


def _people_rows(rows: pd.DataFrame, segment: int | None) -> pd.DataFrame:
    """A segment's rows; for everyone also the rows of the one segment that holds everyone."""
    chosen = of_segment(rows, segment)
    if segment is None and chosen.empty and "segment" in rows and len(set(rows["segment"])) == 1:
        return rows
    return chosen


@once_per_story
def leaving_of(story: Story) -> Leaving | None:
    """Who leaves within the horizon: the released ``leaving`` table, else the curves; ``None`` when not measured."""
    months = story.horizon_months
    if "leaving" in story.released:
        rows, every = rows_of(story.released["leaving"]), story.released["leaving"].frame
        if "horizon" in every and len(every):
            rows, every = (one[floats(one, "horizon") == months] for one in (rows, every))
        origin = "intention" if story.by_intention else "flag" if story.outcome_kind == "horizon" else "risk"
        shares = _shares(rows, ("value", "low", "high"))
    elif "curves" in story.released and not story.by_intention:
        rows, every = rows_of(story.released["curves"]), story.released["curves"].frame
        # A curve that begins later is of those who reached that month: it says nothing of this many months from hire.
        begun = {segment_number(one) for one in every.loc[floats(every, "month") == 0, "segment"]}
        rows = rows[(floats(rows, "month") == months) & rows["segment"].isin(begun).to_numpy()]
        every = every[floats(every, "month") == months]
        origin = "curve"
        shares = {
            segment: Share(round(1 - s.value, 2), round(1 - s.high, 2), round(1 - s.low, 2), n=s.n)
            for segment, s in _shares(rows, ("survival", "low", "high")).items()
        }
    else:
        return None
    return Leaving(origin, months, shares, _hidden(every)) if shares else None


def _hidden(rows: pd.DataFrame) -> frozenset[int | None]:
    """Whose figures are hidden: segments, or ``None`` for everyone."""
    return frozenset(map(segment_number, rows.loc[rows["status"] == "hidden", "segment"]) if "segment" in rows else ())


def _shares(rows: pd.DataFrame, columns: tuple[str, str, str]) -> dict[int | None, Share]:
    told = (*columns, "place", "about_as_much", "left_low", "left_high")
    values = np.column_stack([floats(rows, column) for column in told])
    segments = rows["segment"] if "segment" in rows else [None] * len(rows)
    people = rows["n"].astype("string").fillna("") if "n" in rows else [""] * len(rows)
    return {
        segment: Share(value, low, high, place, int(alike) if alike == alike else 0, bands, str(n), *band)
        for segment, bands, n, (value, low, high, place, alike, *band) in zip(
            segments, bands_in(rows), people, values.tolist(), strict=True
        )
        if np.isfinite(value)
    }


@once_per_story
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
    said = {name: own_words(texts.get(name) or {}, language, "") for name in ("title", "what", "first_step", "owner")}
    priority = float(row["priority"]) if "priority" in row and row["priority"] == row["priority"] else float("nan")
    return PlannedAction(
        segment=segment, segment_label=labels.segment(segment), rank=int(float(row["rank"])), code=str(row["action"]),
        need=labels.need(str(row["need"])) if "need" in row else "", n=people_text(row["n"], language),
        priority=priority, place=float(row.get("place", np.nan)),
        about_as_much=float(row.get("about_as_much", np.nan)), **said,
        begun=story.begun.get((segment, str(row["action"])), ""),
    )  # fmt: skip
