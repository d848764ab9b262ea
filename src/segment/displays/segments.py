"""What segments need, how sure they are, and how they compare with other ways of grouping people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from segment.disclosure.release import ReleasedTable
from segment.displays.base import (
    MUTED,
    NARROW,
    WIDE,
    Display,
    Panel,
    Series,
    answer_axis,
    dot_panel,
    number_ticks,
    round_up,
    theme,
    to_svg,
)
from segment.displays.labels import (
    Labels,
    first_alike,
    floats,
    in_order,
    numbers_in,
    of_segment,
    rows_of,
    segments_in,
    shares_text,
    shortfall_rows,
    told_as,
)
from segment.locale import number, say
from segment.tables.shapes import SAID_YES

#: How the figures of a table are reported in a language, row by row.
_Tell = Callable[[pd.DataFrame, str], list[str]]


def draw_profiles(
    profiles: ReleasedTable,
    labels: Labels,
    *,
    prefix: str,
    measure: str = "score",
    experienced: bool = False,
    only: int | None = None,
    shares: bool = False,
) -> Display | None:
    """What weighs most in each segment: one panel per segment, the needs in one order, everyone beside it.

    Parameters
    ----------
    profiles
        Released ``segment, need, measure`` with ``mean`` and perhaps ``low, high, overall``.
    measure
        ``score`` (style-free, in standard deviations from the average person), ``importance`` or ``experience``
        (mean answers, 1 to 5).
    experienced
        The scores rest on experience, because importance was not asked; the words say so.
    only
        Draw this segment alone.
    shares
        Draw the needs that were asked with yes and no, as shares of people; the others otherwise.

    Returns
    -------
    ``None`` when the table has no row of this measure to show.
    """
    frame = rows_of(profiles)
    frame = told_as(frame[frame["measure"] == measure].reset_index(drop=True), SAID_YES["profiles"], shares=shares)
    if shares:
        frame = frame.assign(overall_status=frame["status"])
    found = segments_in(frame)
    segments = [one for one in found if one is not None] or found
    whole = len(segments) == 1 and only is None
    segments = [one for one in segments if only is None or one == only]
    if frame.empty or not segments:
        return None
    words = "experience" if experienced or measure == "experience" else "importance"
    needs = labels.need_order(frame["need"])
    title = labels.say(f"display.profile.title.{'one' if len(segments) == 1 else 'each'}.{words}")
    kind = "score" if measure == "score" else "share" if shares else "mean"
    text = _profile_text(kind, words, labels, compare=not whole)
    scale = _Scale.of(frame, kind, words, labels)
    width = WIDE if len(segments) == 1 else NARROW
    panels = []
    for place, segment in enumerate(segments):
        rows = of_segment(frame, segment).set_index("need").reindex(needs)
        heading = labels.segment(None if whole else segment)
        with theme():
            figure = _profile_figure(rows, labels, scale=scale, compare=not whole, width=width)
            svg = to_svg(figure, prefix=f"{prefix}{place}", title=heading, description=text)
        panels.append(Panel(heading, svg, width))
    columns, rows_out = _need_table(frame, labels, needs=needs, segments=segments, tell=_shares if shares else _means)
    name = f"profiles-{measure}{'-share' if shares else ''}"
    return Display(name, title, text, tuple(panels), columns, rows_out, numbers_in(segments))


@dataclass(frozen=True)
class _Scale:
    """The horizontal axis of a profile: scores around zero, mean answers from 1 to 5, shares of people."""

    limits: tuple[float, float]
    ticks: list[tuple[float, str]]
    axis: str
    reference: float | None

    @classmethod
    def of(cls, frame: pd.DataFrame, kind: str, words: str, labels: Labels) -> _Scale:
        language = labels.language
        axis = say(f"display.profile.axis.{kind}.{words}", language)
        if kind in ("mean", "share"):
            axis = labels.axis(axis, words) if kind == "mean" else axis
            return cls(*answer_axis(language, shares=kind == "share"), axis, None)
        values = np.concatenate([floats(frame, name) for name in ("mean", "low", "high", "overall")])
        reach = round_up(float(np.nanmax(np.abs(values))), (0.4, 1.0, 2.0, 3.0, 4.0))
        places = (-reach, -reach / 2, 0, reach / 2, reach)
        whole = all(place == int(place) for place in places)
        return cls((-reach, reach), number_ticks(places, language, digits=0 if whole else 1), axis, 0.0)


def _profile_text(kind: str, words: str, labels: Labels, *, compare: bool) -> str:
    share, language = ".share" if kind == "share" else "", labels.language
    marks = labels.say(f"display.profile.marks.{'compared' if compare else 'one'}{share}")
    text = f"{marks} {say(f'display.profile.scale.{kind}.{words}', language)}"
    return f"{text} {labels.converted(words)}".strip() if kind == "mean" else text


def _profile_figure(rows: pd.DataFrame, labels: Labels, *, scale: _Scale, compare: bool, width: int) -> Figure:
    """One segment: its mean per need with its interval; a mark for the two highest and what is about as much."""
    means, low, high = (floats(rows, name) for name in ("mean", "low", "high"))
    strongest = first_alike(rows, in_order(rows, means), 2)
    top = np.isin(np.arange(len(means)), strongest)
    series = [
        Series(np.where(top, np.nan, means), np.where(top, np.nan, low), np.where(top, np.nan, high)),
        Series(np.where(top, means, np.nan), np.where(top, low, np.nan), np.where(top, high, np.nan), marker="D"),
    ]
    if compare:
        series.insert(0, Series(floats(rows, "overall"), marker="o", colour=MUTED, filled=False, size=5.5))
    return dot_panel(
        [labels.need(str(need)) for need in rows.index],
        series,
        limits=scale.limits,
        ticks=scale.ticks,
        reference=scale.reference,
        axis=scale.axis,
        width=width,
    )


def _need_table(
    frame: pd.DataFrame, labels: Labels, *, needs: list[str], segments: Sequence[int | None], tell: _Tell
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Needs down, segments across, everyone last where it is known."""
    columns = [say("display.column.need", labels.language), *(labels.segment(one) for one in segments)]
    shown = {one: of_segment(frame, one).set_index("need").reindex(needs) for one in segments}
    known = frame.dropna(subset="overall").drop_duplicates("need") if "overall" in frame else frame.iloc[:0]
    everyone = known.set_index("need").reindex(needs).drop(columns=["mean", "status"], errors="ignore")
    everyone = everyone.rename(columns={"overall": "mean", "overall_status": "status"})
    with_everyone = len(segments) > 1 and len(known) > 0
    told = [tell(shown[one], labels.language) for one in segments]
    told += [tell(everyone, labels.language)] if with_everyone else []
    lines = tuple((labels.need(need), *(of[place] for of in told)) for place, need in enumerate(needs))
    return (*columns, *([labels.segment(None)] if with_everyone else [])), lines


def _means(rows: pd.DataFrame, language: str) -> list[str]:
    return [number(value, language) for value in floats(rows, "mean")]


def _shares(rows: pd.DataFrame, language: str) -> list[str]:
    return shares_text(rows, "mean", language)


def _unmet(rows: pd.DataFrame, language: str) -> list[str]:
    return shares_text(rows, "mean", language, digits=2)


def draw_shortfalls(
    shortfalls: ReleasedTable, labels: Labels, *, prefix: str, only: int | None = None
) -> Display | None:
    """What people lack per segment: unmet need from 0 to 1. ``None`` when shortfall was not measured."""
    frame = shortfall_rows(shortfalls)
    segments = [one for one in segments_in(frame) if one is not None] or segments_in(frame)
    segments = [one for one in segments if only is None or one == only]
    if frame.empty or not segments:
        return None
    needs = labels.need_order(frame["need"])
    language = labels.language
    whole = labels.together
    text = labels.say(f"display.shortfall.text{'.one' if whole else ''}")
    values = np.concatenate([floats(frame, name) for name in ("mean", "high", "overall")])
    limit = round_up(float(np.nanmax(values)), (0.2, 0.4, 0.6, 1.0))
    single = len(segments) == 1
    panels = []
    for place, segment in enumerate(segments):
        rows = of_segment(frame, segment).set_index("need").reindex(needs)
        heading = labels.segment(None if single and only is None else segment)
        with theme():
            figure = dot_panel(
                [labels.need(need) for need in needs],
                [
                    Series(floats(rows, "overall"), marker="o", colour=MUTED, filled=False, size=5.5),
                    Series(floats(rows, "mean"), floats(rows, "low"), floats(rows, "high")),
                ][whole:],
                limits=(0, limit), axis=say("display.shortfall.axis", language), width=WIDE if single else NARROW,
                ticks=number_ticks((0, limit / 2, limit), language, digits=1),
            )  # fmt: skip
            svg = to_svg(figure, prefix=f"{prefix}{place}", title=heading, description=text)
        panels.append(Panel(heading, svg, WIDE if single else NARROW))
    columns, lines = _need_table(frame, labels, needs=needs, segments=segments, tell=_unmet)
    title = say("display.shortfall.title", language)
    return Display("shortfalls", title, text, tuple(panels), columns, lines, numbers_in(segments))
