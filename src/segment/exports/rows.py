"""Figures of rows: dots with intervals, sorted, each with its figure in words, under a title that tells the finding."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial

import numpy as np
import pandas as pd

from segment.displays.base import answer_axis
from segment.displays.column_text import cell_text, name_of
from segment.displays.labels import (
    Labels,
    answer_text,
    bands_of,
    first_named,
    floats,
    in_order,
    interval,
    of_segment,
    rows_of,
    said_yes,
    share_interval,
)
from segment.exports.answers import every_lack, why_nothing_lacks
from segment.exports.blocks import Line, Mark, Rows
from segment.exports.gaps import widest_gaps
from segment.exports.near_ties import first_of, sentence
from segment.exports.story import Story
from segment.locale import STANDS_IN, number, percent, say
from segment.tables.registry import shown_tables
from segment.tables.shapes import SAID_YES
from segment.tables.shown import ShownColumn

#: Lines of a figure that shows the first of many.
_MOST = 8


def _at(value: float, low: float, high: float) -> float:
    """Where a value stands between the ends of an axis, in hundredths; at an end where it lies beyond it.

    >>> _at(3.0, 1.0, 5.0), _at(0.7, 0.0, 0.5)
    (50.0, 100.0)
    """
    return round(100 * min(max((value - low) / (high - low), 0.0), 1.0), 1)


def _between(low: float, high: float, ends: tuple[float, float]) -> tuple[float, float] | None:
    return (_at(low, *ends), _at(high, *ends)) if np.isfinite([low, high]).all() else None


def lacking_rows(story: Story, language: str) -> list[Rows]:
    """Where most is lacking: needs of segments (of everyone, where there are none), the largest shortfall first."""
    lacks = [one for one in every_lack(story, story.labels(language)) if one.need.lacking]
    if not lacks:
        return []
    shown, labels = lacks[:_MOST], story.labels(language)
    highest = max(one.high if one.high == one.high else one.need.value for one in shown)
    ends = (0.0, next(end for end in (0.2, 0.4, 0.6, 1.0) if end >= min(highest, 1.0)))
    lines = tuple(
        Line(
            one.need.name,
            one.need.unmet(language),
            (Mark(_at(one.need.value, *ends)),),
            _between(one.low, one.high, ends),
            under=labels.segment(one.segment) if story.segments else "",
        )
        for one in shown
    )
    key = "segment" if story.segments else "everyone"
    told = {"need": lacks[0].need.name, "value": lacks[0].need.unmet(language), "segment": lines[0].under}
    note = labels.say("page.lacking.note")
    after = say("page.lacking.more", language, shown=len(shown), all=len(lacks)) if len(lacks) > _MOST else ""
    title, known = say(f"page.lacking.{key}", language, **told), lacks_known(story)
    return [Rows("lacking", title, note, lines, _numbers(ends, language), after, segments=known)]


def no_lack(story: Story, segment: int, language: str) -> str:
    """Where no need is reported that a segment lacks: hidden, no figure, not measured, or nothing worth naming."""
    blank = story.blank("shortfalls" if "shortfalls" in story.released else "profiles", segment, language)
    if blank != "–":
        return blank
    measured = why_nothing_lacks(story) != "report.not_measured.sentence"
    return say("report.card.lacks.none" if measured else "report.not_measured", language)


def lacks_known(story: Story) -> frozenset[int]:
    """The segments of which unmet needs may be shown, lacking or not."""
    return frozenset(one.segment for one in every_lack(story, story.labels(STANDS_IN)) if one.segment is not None)


def _numbers(ends: tuple[float, float], language: str) -> tuple[str, str]:
    digits = 0 if all(end == int(end) for end in ends) else 1
    return (number(ends[0], language, digits=0), number(ends[1], language, digits=digits))


def promise_rows(story: Story, language: str) -> list[Rows]:
    """What was promised and kept, of everyone: the widest gap first; means and shares of people apart."""
    gaps, made = widest_gaps(story, story.labels(language), None), []
    for share in (False, True):
        own = [gap for gap in gaps if gap.share is share]
        if not own:
            continue
        (low, high), ticks = answer_axis(language, shares=share)
        lines = tuple(
            Line(
                gap.name,
                say("page.promise.line", language, promised=gap.told(language)[0], kept=gap.told(language)[1]),
                (Mark(_at(gap.promised, low, high), open=True), Mark(_at(gap.kept, low, high))),
                joined=True,
            )
            for gap in own
        )
        promised, kept = own[0].told(language)
        title = say("page.promise.title", language, need=own[0].name, promised=promised, kept=kept)
        note = say(f"page.promise.note{'.share' if share else ''}", language)
        ends = (ticks[0][1], ticks[-1][1])
        after = sentence(first_of(gaps, 1), language) if own[0] is gaps[0] else ""
        made.append(Rows(f"promised{'-share' * share}", title, note, lines, ends, after))
    return made


def journey_rows(story: Story, language: str) -> list[Rows]:
    """Moments of working life as everyone lived them, the lowest first; means and shares of people apart."""
    table = story.released.get("journey")
    rows = of_segment(rows_of(table), None) if table is not None else pd.DataFrame()
    if rows.empty:
        return []
    labels, share, made = story.labels(language), said_yes(rows, SAID_YES["journey"]), []
    values = np.where(share, floats(rows, "share"), floats(rows, "value"))
    order = in_order(rows, values)
    for kind in (False, True):
        own = [at for at in order if bool(share[at]) is kind]
        if own:
            made.append(_moments(rows, values, own, labels, shares=kind))
    return made


def _moments(rows: pd.DataFrame, values: np.ndarray, own: Sequence[int], labels: Labels, *, shares: bool) -> Rows:
    language = labels.language
    (first, last), ticks = answer_axis(language, shares=shares)
    low, high = floats(rows, "low"), floats(rows, "high")
    lines = []
    for at in own:
        bands = bands_of(rows.iloc[at])
        text = answer_text(values[at], language, share=shares, bands=bands)
        doubt, name = _between(low[at], high[at], (first, last)), labels.moment(str(rows["moment"].iloc[at]))
        tell = partial(share_interval, bands=bands) if shares else _means
        told = f"{text} ({tell(low[at], high[at], language)})" if doubt else text
        lines.append(Line(name, told, (Mark(_at(values[at], first, last)),), doubt))
    lowest = answer_text(values[own[0]], language, share=shares, bands=bands_of(rows.iloc[own[0]]))
    title = say("page.journey.title", language, moment=lines[0].name, value=lowest)
    note = say(f"page.journey.note{'.share' if shares else ''}", language)
    return Rows(f"moments{'-share' * shares}", title, note, tuple(lines), (ticks[0][1], ticks[-1][1]))


def _means(low: float, high: float, language: str) -> str:
    return interval(number(low, language), number(high, language), language)


def spec_rows(
    story: Story, name: str, language: str, *, title: str, most: int = _MOST, named: Collection[str] = ()
) -> list[Rows]:
    """The lines that a table's spec draws, with the figures that its table tells, under a title of their own.

    ``named``: lines that are among them wherever they stand, as the title names them.
    """
    table, shown, labels = story.released.get(name), shown_tables()[name], story.labels(language)
    frame = rows_of(table) if table is not None else pd.DataFrame()
    frame = shown.shape(frame) if shown.shape is not None and len(frame) else frame
    order = in_order(frame, floats(frame, shown.value), rank="place") if len(frame) else []
    order = first_named(order, [str(one) for one in frame[shown.line]], named, most) if order else []
    if not order:
        return []
    view = shown.tables[0]
    told_of = (view.shape(frame) if name == "verdict" and view.shape is not None else frame).iloc[order]
    told = ShownColumn(shown.value, "percent", ends=shown.ends, blank=shown.column_of(shown.value).blank)
    figures = np.column_stack([np.nan_to_num(floats(told_of, one)) for one in (shown.value, *shown.ends)])
    ends = (0.0, next((end for end in (0.1, 0.2, 0.4, 0.6, 1.0) if end >= figures.max()), 1.0))
    by, lines = shown.column_of(shown.line), []
    for row, (value, low, high) in zip(told_of.to_dict("records"), figures, strict=True):
        mark, doubt = Mark(_at(value, *ends), open=row[shown.value] != row[shown.value]), _between(low, high, ends)
        text = cell_text(row, told, labels)
        lines.append(Line(name_of(by, row[shown.line], labels), text, (mark,), None if mark.open else doubt))
    axis = (percent(ends[0], language), percent(ends[1], language))
    note = labels.say(shown.text, **labels.values) if shown.text else ""
    return [Rows(name, title, note, tuple(lines), axis)]
