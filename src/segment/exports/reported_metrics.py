"""How well leaving was foreseen, in words: every metric with its own unit and its interval."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.disclosure.figures import apart, rounded
from segment.displays.labels import Row, interval, people_text, rows_of, signed
from segment.displays.retention import cause_name
from segment.exports.story import Story
from segment.locale import number, percent, say

_TOLD = ("uno", "concordance", "auc", "gain", "oe", "slope")
#: Metrics that are shares, or a ratio that the check by group tells in percent.
_PERCENTAGES = ("harrell", "uno", "concordance", "auc", "oe")
_METRICS = ("harrell", "uno", "concordance", "ibs", "auc", "oe", "slope", "intercept", "brier", "ece", "gain")


def _between(low: str, high: str, language: str) -> str:
    return say("display.between", language, low=low, high=high) if "–" not in (low, high) else "–"


def metric_name(metric: str, language: str) -> str:
    """A metric in words, with its horizon in months; the metric itself when it has none."""
    word, _, horizon = metric.lower().partition("_")
    if metric == "calibration_slope":
        word, horizon = "slope", ""
    cause, _, months = horizon.rpartition("_")
    if word not in _METRICS or (horizon and not months.isdigit()):
        return metric.replace("_", " ")
    name, horizon = say(f"report.metric.{word}", language), months
    name = say("report.metric.cause", language, metric=name, cause=cause_name(cause, language)) if cause else name
    return say("report.metric.months", language, metric=name, months=horizon) if horizon else name


def evaluation_lines(story: Story, language: str) -> tuple[tuple[str, ...], ...]:
    """Everything that was measured: model, sample, metric, people, value, interval."""
    lines = []
    for row in _evaluation(story).to_dict("records"):
        v, a, b = _figures(row, language)
        between = _between(a, b, language)
        words = (_named("model", row["model"], language), _named("sample", row["sample"], language))
        lines.append((*words, metric_name(str(row["metric"]), language), people_text(row["n"], language), v, between))
    return tuple(lines)


def evaluation_summary(story: Story, language: str) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """What HR reads of it: a metric per row, a model per column, each with its interval.

    At the study's own horizon, or as far ahead as it could be judged.
    """
    rows = _evaluation(story)
    rows = rows[rows["sample"] != "training"]
    models = list(dict.fromkeys(rows["model"]))
    told = [name for name in dict.fromkeys(rows["metric"]) if _is_told(str(name), judged_months(story))]
    cells = {(row["metric"], row["model"]): metric_text(row, language) for row in rows.to_dict("records")}
    columns = (say("report.column.metric", language), *(_named("model", model, language) for model in models))
    return columns, tuple(
        (metric_name(str(metric), language), *(cells.get((metric, model), "–") for model in models)) for metric in told
    )


def _evaluation(story: Story) -> pd.DataFrame:
    table = story.released.get("evaluation")
    return rows_of(table) if table is not None else pd.DataFrame({"model": [], "sample": [], "metric": []})


def judged_months(story: Story) -> int:
    """How far ahead the model is said to be judged: the study's horizon, or the longest below it that was measured."""
    rows = _evaluation(story)
    ends = {str(metric).rpartition("_")[2] for metric in rows.loc[rows["sample"] != "training", "metric"]}
    measured = {int(end) for end in ends if end.isdigit()}
    if story.horizon_months in measured:
        return story.horizon_months
    return max((months for months in measured if months < story.horizon_months), default=story.horizon_months)


def _is_told(metric: str, months: int) -> bool:
    """Whether the report shows a metric: about leaving as such or by choice, at so many months or at none.

    Of the level that of every cause: where one is far off, all together may not be.
    """
    word, _, horizon = metric.removeprefix("calibration_").partition("_")
    return word in _TOLD and (
        horizon in ("", str(months), f"voluntary_{months}") or (word == "oe" and horizon.endswith(f"_{months}"))
    )


def metric_text(row: Row, language: str) -> str:
    """A metric with its interval, wherever it is shown; the value alone where the interval is not known."""
    value, low, high = _figures(row, language)
    return value if "–" in (low, high) else f"{value} ({interval(low, high, language)})"


def _figures(row: Row, language: str) -> tuple[str, ...]:
    """Value and interval: a share in percent as page one tells it, a gain with its sign; else two decimals.

    Ends of intervals outward, as in the sentence of a finding about the same figure.
    """
    kind = str(row["metric"]).partition("_")[0]
    digits = 3 if kind == "gain" else 2  # of the figure; in percent two fewer
    value, low, high = (np.array([row.get(name, np.nan)], dtype=float) for name in ("value", "low", "high"))
    ends = (apart(name, end, value, digits) for name, end in (("low", low), ("high", high)))
    figures = [float(one[0]) for one in (rounded("value", value, digits), *ends)]
    if kind == "gain":
        return tuple(signed(100 * one, language, digits=1) for one in figures)
    is_share = kind in _PERCENTAGES
    return tuple(percent(one, language) if is_share else number(one, language, digits=2) for one in figures)


def _named(kind: str, word: object, language: str) -> str:
    known = {
        "model": ("model", "floor", "base rate", "kaplan-meier", "cox"),
        "sample": ("hold-out", "out of fold", "training"),
    }
    return say(f"report.{kind}.{word}", language) if word in known[kind] else str(word)
