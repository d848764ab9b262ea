"""How sure the answers of page one are: who took part, what comes back of segments, and the model's bias and peer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.displays.labels import band_of, bands_of, floats, in_order, rows_of, share_interval, share_text
from segment.displays.retention import cause_name
from segment.exports.answers import leaving_of
from segment.exports.blocks import spoken
from segment.exports.exits import by_list, exits_counted, on_day
from segment.exports.finding_words import note_words
from segment.exports.near_ties import Name, first_of, following, sentence
from segment.exports.reported_metrics import judged_months, metric_text
from segment.exports.story import Story
from segment.locale import number, percent, say
from segment.retention import Evaluation, headline
from segment.retention.foresight import tells_people_apart
from segment.vocabulary import EndReason, Weighing

#: Causes of leaving: a figure of choice stands in front wherever it was judged apart.
_APART = (EndReason.VOLUNTARY, EndReason.INVOLUNTARY)
#: Models of other houses that are judged beside the own one.
_RIVALS = ("cox",)
#: A step of a rate is at least so many people where how many answered includes a few others.
_SEVERAL = 5
#: How often a model that gives everyone the same chance orders two people rightly.
_COIN = 0.5


@dataclass(frozen=True)
class Figure:
    """A measured figure of the retention model: its name, value and interval, and how it is shown."""

    metric: str
    value: float
    low: float
    high: float
    text: str

    def holds(self, number: float) -> bool:
        """Whether the interval holds a number; an unknown interval holds any."""
        return not (self.low > number or self.high < number)


def sureness(story: Story, language: str) -> tuple[str, ...]:
    """How sure we are, in sentences: response, stability, the model's bias and simplest peer, and the study's notes."""
    labels = story.labels(language)
    notes = (note_words(key, values, labels) for key, values in story.notes if not key.endswith(".simulated"))
    return (*_response(story, language), *_stability(story, language), *_prediction(story, language), *notes)


def remarks(story: Story, language: str) -> tuple[str, ...]:
    """Those of the study's notes that are about its data and causes, not about how well leaving is foreseen."""
    told = ((key, values) for key, values in story.notes if key.startswith("finding.") and ".FO" not in key)
    return tuple(note_words(key, values, story.labels(language)) for key, values in told)


def bias(story: Story, language: str) -> str:
    """By what the number who left differs from the number expected on later time, where it surely does; else empty."""
    level = _level(story, language) if story.outcome_kind == "spells" and not story.by_intention else None
    return "" if level is None or level.holds(1.0) else say("report.answer.leave.bias", language, value=level.text)


def _brought_to_level(story: Story, language: str) -> bool:
    """Whether figures of leaving were brought to the level that was found on later time: the pages show those."""
    leaving = leaving_of(story)
    return leaving is not None and leaving.origin == "risk" and bool(bias(story, language))


def doubt_by_group(story: Story, language: str) -> str:
    """Which doubt the level of groups includes, beside that of everyone; empty where both are reckoned alike.

    Of dated spells that of everyone is drawn over people, and by group chances are held fixed (binomial).
    """
    told = story.outcome_kind == "spells" and "group_results" in story.released
    if not told or story.by_intention or _level(story, language) is None:
        return ""
    return say("report.groups.oe.doubt", language, sure=say("report.answer.sure", language))


def _response(story: Story, language: str) -> Sequence[str]:
    if not story.n_respondents or story.response_rate is None:
        return ()
    words = {
        name: number(n, language, digits=0) for name, n in (("n", story.n_respondents), ("people", story.n_people))
    } | {"when": on_day(story.employed_on, language)}
    key = f"report.sure.response{'' if story.counted_apart else '.rate'}{by_list(story)}"
    rate = story.response_rate if story.counted_apart else _roughly(story.response_rate, story.n_people)
    said = say(key, language, rate=percent(rate, language), **words) if rate is not None else ""
    low = story.response_rate < 0.6
    told = " ".join(spoken((said, say("report.sure.response.low", language) if low else "")))
    return (told,) if told else ()


def _roughly(rate: float, people: int) -> float | None:
    """A rate so coarse that a step is several people: beside how many answered it singles out no few others.

    >>> _roughly(0.73, 323), _roughly(0.73, 60), _roughly(0.73, 12)
    (0.75, 0.7, None)
    """
    step = next((step for step in (0.05, 0.1, 0.25) if step * people >= _SEVERAL), None)
    return None if step is None else round(round(rate / step) * step, 2)


def _stability(story: Story, language: str) -> Sequence[str]:
    if not story.segments:
        return ()
    table = story.released.get("stability")
    rows = rows_of(table) if table is not None else pd.DataFrame()
    if "segment" in rows:
        rows = rows[rows["segment"].notna()].drop_duplicates("segment").reset_index(drop=True)
    values = floats(rows, "value")
    if "segment" not in rows or not np.isfinite(values).any():
        return (story.say("report.sure.stability.absent", language),)
    order = in_order(rows, values)
    names = [story.labels(language).segment(rows["segment"].iloc[at]) for at in (order[0], order[-1])]
    told = [
        share_text(float(values[at]), language, bands=bands_of(rows.iloc[at]), spoken=True)
        for at in (order[0], order[-1])
    ]
    words = {"value": told[0], "band": _nine_in_ten(rows.iloc[order[0]], language), "segment": names[0]}
    if len(order) > 1 and told[0] == told[1]:
        band = _nine_in_ten(rows.iloc[order[0]], language, of=names[0])
        return (story.say("report.sure.stability.every", language, value=told[0], band=band),)
    key = "report.sure.stability" if len(order) == 1 else "report.sure.stability.range"
    alike = following(rows)
    least = [Name(story.labels(language).segment(rows["segment"].iloc[at]), alike[at]) for at in order]
    about = sentence(first_of(least, 1), language, about="stability", after=True)
    shown = story.say("report.sure.stability.shown", language) if len(order) < story.n_segments else ""
    said = story.say(key, language, **words, most=told[1], other=names[1])
    return (" ".join(one for one in (said, about, shown) if one),)


def _nine_in_ten(row: pd.Series, language: str, *, of: str = "") -> str:
    """A sentence with the middle 90 % of the repeats, called so; empty where both ends were cut off.

    ``of``: the segment that it is of, where several have one figure.
    """
    low, high = (float(row.get(end, np.nan)) for end in ("low", "high"))
    if not np.isfinite([low, high]).all():
        return ""
    bands = bands_of(row)
    if [bool(band_of(end, bands)) for end in (low, high)] == [True, True]:
        return ""
    key = "report.sure.stability.band.of" if of else "report.sure.stability.band"
    return say(key, language, segment=of, range=share_interval(low, high, language, bands=bands))


def _prediction(story: Story, language: str) -> Sequence[str]:
    """The model's level and slope, its ranking beside the simplest peer, and whether it is better than that."""
    if story.outcome_kind is None:
        return ()
    level, slope = _level(story, language), _figure(story, language, "slope", "calibration_slope")
    ending, said = ".intention" if story.by_intention else "", list[str]()
    if level is not None:
        people = ending or ("" if story.outcome_kind == "spells" else ".people")  # only dates can hold months out
        said.append(say(f"report.sure.level{people}", language, value=level.text))
    if (level or slope) is not None and (judged := judged_months(story)) != story.horizon_months:
        said.append(say("report.sure.sooner", language, judged=judged, months=story.horizon_months))
    if slope is not None:
        said.append(say(f"report.sure.slope.{_way(slope)}", language, value=slope.text))
        off = level is not None and not level.holds(1.0) and not _brought_to_level(story, language)
        said += [] if _apart(slope) else [say(f"report.sure.slope.distrust{'.level' * off}", language)]
    if not said and "evaluation" in story.released:  # without a model nothing was predicted
        said.append(say("report.sure.calibration.absent", language))
    ranks = _ranking(story, language, slope)
    unweighted = story.weighing.get("evaluation") == Weighing.NONE and (ranks or level is not None or slope is not None)
    how = (say("report.sure.unweighted", language),) if unweighted else ()
    return [*said, *ranks, *how]


def _way(slope: Figure) -> str:
    """What a slope says: a word of the catalogue."""
    low = slope.low if np.isfinite(slope.low) else slope.value
    if slope.holds(1.0):
        return "unsure" if np.isfinite(slope.low) and slope.holds(0.0) else "right"
    return "none" if low <= 0 else "wide" if slope.value < 1 else "narrow"


def _apart(slope: Figure) -> bool:
    """Whether the model's chances may be read person by person; of an unknown interval the value decides."""
    known = np.isfinite([slope.low, slope.high]).all()
    return tells_people_apart(*((slope.low, slope.high) if known else (slope.value, slope.value)))


def _ranking(story: Story, language: str, slope: Figure | None) -> Sequence[str]:
    """How often the model ranks two people rightly, leaving by choice first, beside what one would say without it.

    Chances that come closer are praised where neither that ranking nor the slope of calibration contradicts it.
    """
    own = _headline(story, language)
    if own is None:
        return ()
    key = "report.sure.ranking.intention" if story.by_intention else "report.sure.ranking"
    key = "report.sure.ranking.voluntary" if own.metric.startswith("auc_voluntary") else key
    exits = exits_counted(story, language)
    better = _better(story, own, language)
    if _is_floor(story, own):
        known = "horizon" if story.outcome_kind == "horizon" else "tenure"
        counted = _counted_better(story, own, language)
        ranked = say(key, language, value=own.text, beside=counted + better, exits=exits)
        alike = known == "horizon" or (own.value == _COIN and not np.isfinite([own.low, own.high]).any())
        ranks = [] if alike else [ranked]  # all alike: no order
        more = ", ".join(cause_name(cause, language) for cause, alone in floors_chosen(story).items() if not alone)
        whole = say(f"report.sure.floor.{known}", language)
        return [*ranks, say("report.sure.floor.tenure.choice", language, causes=more) if more else whole]
    found = ((peer, _metric(story, language, own.metric, model=peer)) for peer in ("kaplan-meier", "base rate"))
    peer, figure = next(((name, one) for name, one in found if one is not None), ("", None))
    name = say(f"report.model.{peer}", language) if figure is not None else ""
    beside = "" if figure is None else say("report.sure.ranking.peer", language, peer=name, value=figure.text)
    said = [say(key, language, value=own.text, beside=beside + better, exits=exits)]
    gain = _metric(story, language, "gain")
    if gain is not None and name:
        closer = ".numbers" if _is_chance(story) else "" if slope is None or _apart(slope) else ".together"
        shown = closer if gain.low > 0 else ".worse" if gain.high < 0 else ".unsure"
        said.append(say(f"report.sure.gain{shown}", language, value=gain.text, peer=name))
    return said


def _headline(story: Story, language: str) -> Figure | None:
    """The ranking that the model is introduced by, here as everywhere; ``None`` if none was released."""
    rows = _evaluated(story)
    own = rows[(rows["model"] == "model") & rows["metric"].str.startswith(("auc", "uno"))] if len(rows) else rows
    if own.empty:
        return None
    figures = own.assign(**{name: floats(own, name) for name in ("value", "low", "high")})
    told = headline(Evaluation(figures, pd.DataFrame()), _APART, months=story.horizon_months)
    return _metric(story, language, told.metric)


def _is_chance(story: Story) -> bool:
    """Whether that ranking is no better than a coin: found once, where it was judged, and repeated by every reader."""
    return story.findings is not None and bool((story.findings["code"] == "FO004").any())


def _better(story: Story, own: Figure, language: str) -> str:
    """Other models that rank better than this one, each with its figure, to stand behind it; empty if none does."""
    told = ""
    for peer in _RIVALS:
        figure = _metric(story, language, own.metric, model=peer)
        if figure is not None and figure.value > own.value:
            told += say(
                "report.sure.ranking.peer", language, peer=say(f"report.model.{peer}", language), value=figure.text
            )
    return told


def _counted_better(story: Story, own: Figure, language: str) -> str:
    """Tenure alone as it is counted, where that ranks better than the smooth line that was chosen; else empty."""
    figure = _metric(story, language, own.metric, model="kaplan-meier")
    worse = figure is None or not figure.value > own.value
    return "" if figure is None or worse else say("report.sure.ranking.counted", language, value=figure.text)


def floors_chosen(story: Story) -> dict[str, bool]:
    """Per cause of leaving that was learned apart: whether nothing was surely better than the floor."""
    table = story.released.get("competition")
    rows = rows_of(table) if table is not None else pd.DataFrame()
    chosen = rows[rows["chosen"] == "yes"] if len(rows) else rows
    return (
        {str(cause): bool((own["learner"] == "floor").all()) for cause, own in chosen.groupby("cause")}
        if len(chosen)
        else {}
    )


def _is_floor(story: Story, figure: Figure) -> bool:
    """Whether nothing was surely better than the floor, so that the model is the peer it would be held against."""
    chosen = floors_chosen(story)
    if figure.metric.startswith("auc_voluntary") and "voluntary" in chosen:
        return chosen["voluntary"]
    return bool(chosen) and all(chosen.values())


def _level(story: Story, language: str) -> Figure | None:
    return _figure(story, language, "oe")


def _figure(story: Story, language: str, *names: str) -> Figure | None:
    """The first of these metrics that was measured: as far ahead as the model is judged, else at no horizon."""
    asked = (f"{name}{end}" for name in names for end in (f"_{judged_months(story)}", ""))
    return next((one for one in (_metric(story, language, name) for name in asked) if one is not None), None)


def _evaluated(story: Story) -> pd.DataFrame:
    """Metrics of people not learned from."""
    table = story.released.get("evaluation")
    rows = rows_of(table) if table is not None else pd.DataFrame({"sample": []})
    return rows[rows["sample"] != "training"]


def _metric(story: Story, language: str, metric: str, *, model: str = "model") -> Figure | None:
    """One metric of people not learned from; ``None`` where it was not released."""
    rows = _evaluated(story)
    rows = rows[(rows["model"] == model) & (rows["metric"] == metric)] if len(rows) else rows
    if rows.empty or not np.isfinite(floats(rows, "value")[0]):
        return None
    value, low, high = (float(floats(rows, name)[0]) for name in ("value", "low", "high"))
    return Figure(metric, value, low, high, metric_text(rows.iloc[0].to_dict(), language))
