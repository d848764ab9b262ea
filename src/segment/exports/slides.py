"""What the slides say: a finding as title, one chart or a few lines, and notes on what may not be concluded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from segment.displays.column_text import grouping_name
from segment.displays.labels import Edges, band_of, first_named, floats, in_order, rows_of, share_text
from segment.exports.answers import (
    every_lack,
    leaving_of,
    most_lacking,
    segment_answers,
    strongest_needs,
)
from segment.exports.blocks import spoken
from segment.exports.confidence import sureness
from segment.exports.dated import wave_told
from segment.exports.exits import only_with_care, told_instead, with_care
from segment.exports.first_actions import also_pressing, first_actions, why_no_actions
from segment.exports.gaps import gaps_known, widest_gaps
from segment.exports.leaving_words import leaving_name, leaving_told, no_figure
from segment.exports.left_out import left_out
from segment.exports.method_sections import limits_told
from segment.exports.near_ties import first_of, in_words, sentence
from segment.exports.page_one import Point, how_near, points, verdict, what_first, what_would_help
from segment.exports.report import about, key_figures, lead, weights_told
from segment.exports.rows import lacks_known
from segment.exports.story import Story
from segment.exports.weighting import leaving_unweighted, weighed
from segment.locale import own_words, percent, say

#: Bars on one slide at most: more cannot be read across a table.
MOST = 8


@dataclass(frozen=True)
class Series:
    """One colour of bars: its name, its released figures (None: hidden or not there), and what is shown as a bound."""

    name: str
    values: tuple[float | None, ...]
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bars:
    """A bar chart: a name per bar, one or more series; ``form``: how figures are written."""

    names: tuple[str, ...]
    series: tuple[Series, ...]
    form: str = "0%"


@dataclass(frozen=True)
class Slide:
    """A slide: the finding as its title, lines of text, a chart where there is one, and the speaker's notes."""

    title: str
    lines: tuple[str, ...] = ()
    chart: Bars | None = None
    notes: tuple[str, ...] = ()
    figures: tuple[tuple[str, str], ...] = field(default=())


def slides_of(story: Story, language: str) -> tuple[Slide, ...]:
    """The slides of a study in one language, eight at most; what may not be shown says so.

    A question that was not measured has no slide; the notes of the last one name it.
    """
    makers = (_opening, _groups, _verdict, _lacking, _promises, _leaving, _actions, _limits)
    made = [make(story, language) for make in makers if make is not _actions or story.status != "no survey"]
    unmeasured = [(say(f"report.{key}", language),) for key in ("not_measured.sentence", "answer.leave.absent")]
    told = [one for one in made if one.lines not in unmeasured]
    absent = "; ".join(one.title for one in made if one.lines in unmeasured)
    notes = (say("slides.notes.absent", language, questions=absent),) if absent else ()
    return (*told[:-1], replace(told[-1], notes=(*told[-1].notes, *notes)))


def _notes(story: Story, language: str, key: str, tables: Sequence[str]) -> tuple[str, ...]:
    """What may not be concluded from a slide, and how its figures count people."""
    own = story.say(f"slides.notes.{key}", language)
    made = say("made.slide", language) if story.made and key in ("groups", "verdict", "lacking") else ""
    told = (own, made, weighed(story, tables, language) if tables else "")
    return spoken((*told, say("slides.notes.person", language)))


def _opening(story: Story, language: str) -> Slide:
    figures = tuple(
        (one.figure, one.about + (f" ({one.note})" if one.note else ""))
        for one in key_figures(story, leaving_of(story), language)
    )
    kind = say(f"report.kind.{story.data_kind}", language)
    place = (own_words(story.organisation or {}, language, ""), wave_told(story, language), kind)
    first, *more = lead(story, language)
    notes = (*more, *about(story, language), *weights_told(story, language), say("slides.notes.opening", language))
    lines = (" · ".join(one for one in place if one), first)
    return Slide(own_words(story.title, language), lines, notes=notes, figures=figures)


def _groups(story: Story, language: str) -> Slide:
    answers = segment_answers(story, language)
    if not answers:
        return _everyone(story, language)
    bars = _bars([one.label for one in answers], "", [(one.share.value, one.share.bands) for one in answers], language)
    lines = tuple(
        say("slides.group", language, k=one.number + 1, name=one.label, needs=in_words(one.strongest, language))
        for one in answers
        if one.strongest
    )
    if story.made:
        lines = (say("made.groups", language), *lines)
    names = say("slides.groups.share", language)
    chart = Bars(bars.names, (Series(names, bars.series[0].values, bars.series[0].labels),))
    return Slide(
        story.say("report.answer.who", language), lines, chart, _notes(story, language, "groups", ("segments",))
    )


def _everyone(story: Story, language: str) -> Slide:
    """Without groups: what weighs most for everyone, or that nobody was asked."""
    asked = "experience" if story.by_experience else "importance"
    needs = strongest_needs(story, story.labels(language), None, most=MOST)
    title = say(f"report.answer.drivers{'.experience' if story.by_experience else ''}", language)
    notes = _notes(story, language, "everyone", ("profiles",))
    if not needs:
        return Slide(title, (say("report.not_measured.sentence", language),), notes=notes)
    scales = [one for one in needs if one.value > 1] or list(needs)
    bars = _bars([one.name for one in scales[:MOST]], "", [(one.value, one.bands) for one in scales[:MOST]], language)
    form = "0.0" if scales[0].value > 1 else "0%"
    name = say(f"slides.everyone.{asked}", language)
    labels = bars.series[0].labels if form == "0%" else ()
    chart = Bars(bars.names, (Series(name, bars.series[0].values, labels),), form)
    return Slide(title, (), chart, notes)


def _verdict(story: Story, language: str) -> Slide:
    told = verdict(story, language)
    if told is None:
        return _near(story, language)
    rows = rows_of(story.released["verdict"])
    rows = rows[rows["target"] == "needs"]
    every = in_order(rows, floats(rows, "explained"), rank="place")
    order = first_named(every, [str(one) for one in rows["grouping"]], told.named, MOST)
    labels = story.labels(language)
    names = [grouping_name(str(rows["grouping"].iloc[at]), labels) for at in order]
    words = {"needs": told.needs, "other": told.other, "rival": told.rival}
    values = tuple(float(max(rows["explained"].iloc[at], 0.0)) for at in order)
    nothing = [bool(rows["high"].iloc[at] <= 0) for at in order]
    empty = say("display.verdict.nothing", language)
    labelled = [empty if less else percent(value, language) for value, less in zip(values, nothing, strict=True)]
    chart = Bars(tuple(names), (Series(say("slides.verdict.series", language), values, tuple(labelled)),))
    title = say("page.verdict.title", language, **words)
    return Slide(title, told.said, chart, _notes(story, language, "verdict", ("verdict",)))


def _near(story: Story, language: str) -> Slide:
    """Without groups: how near the search came and what would help; else that nothing was held against departments."""
    near, helping = how_near(story, language), what_would_help(story, language)
    notes = _notes(story, language, "near", ())
    if near is None and not helping:
        question = say("page.verdict.question", language)
        return Slide(question, (say("report.not_measured.sentence", language),), notes=notes)
    first = (near.answer, *near.texts) if near is not None else ()
    return Slide(
        near.asked if near is not None else say("page.help.question", language), (*first, *helping), notes=notes
    )


def _lacking(story: Story, language: str) -> Slide:
    labels = story.labels(language)
    worst = most_lacking(story, labels)
    notes = _notes(story, language, "lacking", ("shortfalls",))
    if not worst:
        point = _point(story, language, "report.answer.lack")
        return Slide(point.asked, (point.answer,), notes=notes)
    shown = [one for one in every_lack(story, labels) if one.need.lacking][:MOST]
    names = [f"{one.need.name} · {labels.segment(one.segment)}" if story.segments else one.need.name for one in shown]
    kind = "everyone" if worst[0].segment is None else "segment"
    told = {"need": worst[0].need.name, "value": worst[0].need.unmet(language)}
    title = say(f"page.lacking.{kind}", language, segment=labels.segment(worst[0].segment), **told)
    bars = _bars(names, say("slides.lacking.series", language), [(o.need.value, o.need.bands) for o in shown], language)
    own = tuple(share_text(o.need.value, language, bands=o.need.bands, digits=2) for o in shown)
    series = Series(bars.series[0].name, bars.series[0].values, own if bars.series[0].labels else ())
    silent = left_out(story, "shortfalls", lacks_known(story), language)
    return Slide(
        title, (*spoken((sentence(worst, language, after=True),)), *silent), Bars(bars.names, (series,), "0.00"), notes
    )


def _point(story: Story, language: str, key: str) -> Point:
    """A question whose answer has no figures: what page one says there."""
    asked = say("page.lack.question" if key == "report.answer.lack" else key, language)
    known = [one for one in points(story, language) if one.asked == asked]
    return Point(asked, known[0].answer if known else say("report.not_measured.sentence", language), ())


def _promises(story: Story, language: str) -> Slide:
    gaps = widest_gaps(story, story.labels(language), None)
    notes = _notes(story, language, "promises", ("promises",))
    if not gaps:
        key = "page.promise.kept" if gaps_known(story, None) else "report.not_measured.sentence"
        return Slide(say("page.promise.question", language), (say(key, language),), notes=notes)
    shown = [one for one in gaps if one.share == gaps[0].share][:MOST]
    promised, kept = gaps[0].told(language)
    title = say("page.promise.title", language, need=gaps[0].name, promised=promised, kept=kept)
    told = [one.told(language) for one in shown]
    bounded = any(one.bands is not None for one in shown) and shown[0].share
    series = tuple(
        Series(
            say(f"display.column.{side}", language), tuple(getattr(one, side) for one in shown), own if bounded else ()
        )
        for side, own in zip(("promised", "kept"), zip(*told, strict=True), strict=True)
    )
    chart = Bars(tuple(one.name for one in shown), series, "0%" if shown[0].share else "0.0")
    return Slide(title, spoken((sentence(first_of(gaps, 1), language, after=True),)), chart, notes)


def _leaving(story: Story, language: str) -> Slide:
    leaving, labels = leaving_of(story), story.labels(language)
    question = say("report.answer.leave.intention" if story.by_intention else "report.answer.leave", language)
    notes = _notes(story, language, "leaving", ("leaving",))
    if leaving is None:
        return Slide(question, leaving_told(story, language), notes=notes)
    first, *_ = leaving_told(story, language)
    groups = [*story.segments, *([None] if None in leaving.shares or None in leaving.hidden else [])]
    values = [
        (leaving.shares[one].value, leaving.shares[one].bands) if one in leaving.shares else None for one in groups
    ]
    why = {one: no_figure(leaving, one, language) for one in groups}
    name = with_care(story, leaving_name(story, leaving, language), language) if None in leaving.shares else question
    everyone = labels.segment(None)
    if leaving_unweighted(story) and story.segments:
        everyone = say("weighed.one", language, what=everyone)
    elif leaving_unweighted(story):
        name = say("weighed.one", language, what=name)
    names = [everyone if one is None else labels.segment(one) for one in groups]
    bars = _bars(names, name, values, language, untold=[why[one] for one in groups])
    return Slide(question, (first, *told_instead(story, language), *only_with_care(story, language)), bars, notes)


def _actions(story: Story, language: str) -> Slide:
    chosen, question = first_actions(story, language), what_first(story, language)
    notes = _notes(story, language, "actions", ("plans",))
    if not chosen:
        return Slide(question, (why_no_actions(story, language),), notes=notes)
    lines = tuple(
        say("slides.action", language, title=one.title, whom=one.segment_label, step=one.first_step) for one in chosen
    )
    alike = dict.fromkeys(also_pressing(story, language, most=most) for most in (1, len(chosen)))
    return Slide(f"{question}: {chosen[0].title}", (*lines, *(one for one in alike if one)), notes=notes)


def _limits(story: Story, language: str) -> Slide:
    lines = (*limits_told(story, language), *sureness(story, language)[:2])
    return Slide(say("page.limits.question", language), lines, notes=_notes(story, language, "limits", ()))


def _bars(
    names: Sequence[str],
    series: str,
    told: Sequence[tuple[float, Edges] | None],
    language: str,
    *,
    untold: Sequence[str] = (),
) -> Bars:
    """Bars of shares; where one is shown as a bound, every bar is labelled in words.

    ``untold``: why a bar has no figure, by the bar; by default that it is hidden.
    """
    why = untold or [say("report.hidden", language)] * len(names)
    values = tuple(float(one[0]) if one is not None and pd.notna(one[0]) else None for one in told)
    in_words = tuple(
        share_text(one[0], language, bands=one[1]) if one is not None and pd.notna(one[0]) else absent
        for one, absent in zip(told, why, strict=True)
    )
    bounded = any(one is None or band_of(one[0], one[1]) for one in told)
    # no bar, no label: what has no figure says so in its name
    called = [
        name if value is not None else f"{name} ({absent})"
        for name, value, absent in zip(names, values, why, strict=True)
    ]
    return Bars(tuple(called), (Series(series, values, in_words if bounded else ()),))
