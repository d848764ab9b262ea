"""Tables about segments: how they differ in what people said, and the few questions that tell who belongs where."""

from __future__ import annotations

import pandas as pd

from segment.displays.labels import (
    Labels,
    bands_in,
    bands_of,
    floats,
    in_order,
    people_text,
    rows_of,
    segments_in,
    share_text,
    shares_text,
)
from segment.exports.blocks import Grid, spoken
from segment.exports.scales import converted, question
from segment.exports.story import Story
from segment.locale import number, percent, say

#: The answer of a segment and of everyone: a mean, or a share where there were two answers.
_EXEMPLAR = (("mean", "share"), ("overall", "share_overall"))


def outcomes_grid(story: Story, language: str) -> tuple[Grid, ...]:
    """One row per outcome, one column per segment, and whether segments really differ in it."""
    table = story.released.get("segment_outcomes")
    if table is None or table.frame.empty or not story.segments:
        return ()
    frame, labels = table.frame, story.labels(language)
    segments = segments_in(frame)
    hidden = say("report.hidden", language)
    lines = []
    for item, rows in frame.groupby("item", sort=False):
        shown = dict(zip(floats(rows, "segment").astype(int), _means(rows, language, hidden), strict=True))
        seen = rows[rows["status"] != "hidden"]
        overall = _mean_or_share(seen, ("overall", "share_overall"), language)[0] if len(seen) else hidden
        differs = say("report.yes" if (seen["differs"] == "yes").any() else "report.no", language)
        lines.append((question(story, str(item), language), *(shown.get(s, "–") for s in segments), overall, differs))
    columns = (
        say("report.outcomes.question", language),
        *(labels.segment(segment) for segment in segments),
        say("display.everyone", language),
        say("report.outcomes.differs", language),
    )
    note = say("report.outcomes.text", language)
    return (Grid(say("report.outcomes.title", language), columns, tuple(lines), note=note),)


def _means(rows: pd.DataFrame, language: str, hidden: str) -> list[str]:
    told = _mean_or_share(rows, ("mean", "share"), language)
    return [hidden if status == "hidden" else value for value, status in zip(told, rows["status"], strict=True)]


def _mean_or_share(rows: pd.DataFrame, columns: tuple[str, str], language: str) -> list[str]:
    """A mean answer with one decimal, or the share of those who said yes where there were two answers."""
    return [
        number(mean, language, digits=1) if share != share else share_text(float(share), language, bands=bands)
        for mean, share, bands in zip(*(floats(rows, name) for name in columns), bands_in(rows), strict=True)
    ]


def short_form_grids(story: Story, language: str) -> tuple[Grid, ...]:
    """How well 6 to 12 questions tell the segment, and which questions those are."""
    table = story.released.get("typing_tool")
    rows = rows_of(table) if table is not None else pd.DataFrame()
    if rows.empty or not story.segments:
        return ()
    sizes = rows.drop_duplicates("n_items")
    columns = tuple(say(f"report.short.{name}", language) for name in ("n_items", "agreement", "interval", "chance"))
    lines = tuple(
        (str(int(n)), percent(a, language), f"{percent(low, language)}–{percent(high, language)}", percent(c, language))
        for n, a, low, high, c in zip(
            *(floats(sizes, name) for name in ("n_items", "agreement", "low", "high", "chance")), strict=True
        )
    )
    first = Grid(say("report.short.title", language), columns, lines, note=say("report.short.text", language))
    longest = rows[floats(rows, "n_items") == floats(rows, "n_items").max()]
    labels = story.labels(language)
    asked = tuple(
        (str(int(place)), labels.feature(str(item)))
        for place, item in zip(floats(longest, "place"), longest["item"], strict=True)
    )
    heads = (say("report.short.place", language), say("report.outcomes.question", language))
    return (first, Grid(say("report.short.questions", language), heads, asked))


def movement_grid(story: Story, language: str) -> tuple[Grid, ...]:
    """Of the people who answered both surveys: who moved, and was it they or the model?"""
    table = story.released.get("movement")
    if table is None or table.frame.empty:
        return ()
    hidden, frame = say("report.hidden", language), table.frame
    lines = []
    for row, share in zip(frame.to_dict("records"), floats(frame, "share"), strict=True):
        shown = row["status"] != "hidden"
        told = share_text(share, language, bands=bands_of(row)) if shown else hidden
        people = people_text(row["n"], language) if shown else hidden
        lines.append((say(f"report.moved.{row['moved']}", language), people, told))
    columns = (
        say("report.moved.way", language),
        say("display.column.n", language),
        say("report.moved.share", language),
    )
    codes = [code for code in frame["code"] if code]
    note = say(f"report.moved.{codes[0]}", language) if codes else ""
    return (Grid(say("report.moved.title", language), columns, tuple(lines), note=note),)


def drivers_grid(story: Story, language: str) -> tuple[Grid, ...]:
    """What weighs most for everyone, where there are too few people for segments."""
    table = story.released.get("drivers")
    rows = rows_of(table) if table is not None else pd.DataFrame()
    if rows.empty:
        return ()
    labels = story.labels(language)
    rows = rows.sort_values("rank", key=lambda rank: rank.astype(float), kind="stable")
    figures = zip(*(floats(rows, name) for name in ("shrunken", "shrunken_low", "shrunken_high")), strict=True)
    lines = tuple(
        (labels.need(str(need)), *(number(value, language, digits=1) for value in three))
        for need, three in zip(rows["need"], figures, strict=True)
    )
    columns = tuple(
        say(key, language)
        for key in ("display.column.need", "report.drivers.weight", "report.drivers.low", "report.drivers.high")
    )
    note = " ".join(spoken((say("report.drivers.text", language), converted(story, ("drivers",), language))))
    return (Grid(say("report.drivers.title", language), columns, lines, note=note),)


def exemplars_grid(story: Story, language: str) -> tuple[Grid, ...]:
    """An imagined person per segment: what they say more and less than others, and how strongly."""
    table = story.released.get("exemplars")
    rows = rows_of(table) if table is not None else pd.DataFrame()
    if rows.empty or not story.segments:
        return ()
    labels, lines = story.labels(language), []
    rows = rows.assign(place=floats(rows, "place")).sort_values("place", kind="stable")
    for segment, own in rows.groupby("segment", sort=True):
        name = labels.segment(int(str(segment)))
        told = (_mean_or_share(own, (which, share), language) for which, share in _EXEMPLAR)
        for place, (item, side, *means) in enumerate(zip(own["item"], own["side"], *told, strict=True)):
            said = (question(story, str(item), language), say(f"report.exemplar.{side}", language))
            lines.append((name if place == 0 else "", *said, *means))
    columns = (
        say("display.column.segment", language),
        *(say(f"report.exemplar.{name}", language) for name in ("question", "side", "mean", "overall")),
    )
    note = say("report.exemplar.text", language)
    return (Grid(say("report.exemplar.title", language), columns, tuple(lines), note=note),)


def neighbours_grid(story: Story, language: str) -> tuple[Grid, ...]:
    """Who each segment is one with when there is one segment fewer, and in how many it falls when there is one more."""
    table = story.released.get("neighbours")
    rows = rows_of(table) if table is not None else pd.DataFrame()
    if rows.empty or not story.segments:
        return ()
    labels = story.labels(language)
    lines = tuple(
        (
            labels.segment(segment),
            _one_with(str(others), labels, language),
            _falls_apart(str(parts), language),
            stability,
        )
        for segment, others, parts, stability in zip(
            rows["segment"], rows["one_with"], rows["parts"], shares_text(rows, "stability", language), strict=True
        )
    )
    columns = (
        say("display.column.segment", language),
        *(say(f"report.neighbours.{name}", language) for name in ("fewer", "more", "stability")),
    )
    note = say("report.neighbours.text", language)
    return (Grid(say("report.neighbours.title", language), columns, lines, note=note),)


def _one_with(others: str, labels: Labels, language: str) -> str:
    names = [labels.segment(int(other)) for other in others.split(",") if other.isdigit()]
    if not names:
        return say("report.neighbours.itself", language)
    return say("report.neighbours.one_with", language, names=", ".join(names))


def _falls_apart(parts: str, language: str) -> str:
    if not parts.isdigit() or int(parts) < 2:
        return say("report.neighbours.whole", language)
    return say("report.neighbours.parts", language, parts=parts)


def attractiveness_grid(story: Story, language: str) -> tuple[Grid, ...]:
    """Where acting per segment promises most: one row per segment, one column per criterion, the best first."""
    table = story.released.get("attractiveness")
    rows = rows_of(table) if table is not None else pd.DataFrame()
    if rows.empty or not story.segments:
        return ()
    labels = story.labels(language)
    rows = rows.assign(rating=floats(rows, "rating"), total=floats(rows, "attractiveness"))
    wide = rows.pivot_table(index="segment", columns="criterion", values="rating", sort=False)
    once = rows.drop_duplicates("segment").reset_index(drop=True)
    totals = once.iloc[in_order(once, floats(once, "total"))]
    ratings = wide.loc[totals["segment"]].to_numpy(dtype=float)
    lines = tuple(
        (labels.segment(int(segment)), *(number(value, language, digits=1) for value in (*own, total)))
        for segment, total, own in zip(totals["segment"], totals["total"], ratings, strict=True)
    )
    columns = (
        say("display.column.segment", language),
        *(say(f"report.attractive.{name}", language) for name in wide.columns),
        say("report.attractive.together", language),
    )
    note = say("report.attractive.text", language)
    return (Grid(say("report.attractive.title", language), columns, lines, note=note),)
