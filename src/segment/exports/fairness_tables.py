"""Tables on protected groups: whether predictions hold alike, how chances are spread, and what other features tell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segment.displays.labels import band_of, bands_of, floats, people_text, share_interval, share_text
from segment.exports.blocks import Grid
from segment.exports.story import Story
from segment.locale import number, say

#: What is shown of the check on protected groups, in this order; with an interval where it is compared.
CHECKED = ("observed", "predicted", "oe", "fnr", "fpr")
_WITH_INTERVAL = ("oe", "fnr", "fpr", "score_p10", "score_p50", "score_p90", "proxy_auc")
_SPREAD = ("score_p10", "score_p50", "score_p90")


def fairness_grids(story: Story, language: str) -> tuple[Grid, ...]:
    """The three tables on protected groups; those that have nothing to tell are left out."""
    heads = {name: say(f"report.checked.{name}", language) for name in CHECKED if name != "oe"}
    heads |= {name: say(f"report.groups.{name}", language) for name in ("oe", *_SPREAD, "proxy_auc")}
    tables = (
        ("report.staying.groups", "report.staying.groups.text", CHECKED),
        ("report.groups.scores", "report.groups.scores.text", _SPREAD),
        ("report.groups.proxies", "report.groups.proxies.text", ("proxy_auc",)),
    )
    found = []
    for title, note, metrics in tables:
        lines = _lines(story, language, metrics)
        columns = tuple(say(f"report.column.{name}", language) for name in ("attribute", "group"))
        columns += (say("display.column.n", language), *(heads[name] for name in metrics))
        if lines:
            found.append(Grid(say(title, language), columns, lines, note=say(note, language)))
    return tuple(found)


def _lines(story: Story, language: str, metrics: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """One row per protected attribute and group; the number of people is that of the first metric."""
    frame = group_figures(story)
    frame = frame[frame["metric"].isin(metrics)]
    labels, hidden = story.labels(language), say("report.hidden", language)
    cells: dict[tuple[str, str], dict[str, str]] = {}
    for row in frame.to_dict("records"):
        group = cells.setdefault((str(row["attribute"]), str(row["group"])), {})
        gone = row["status"] == "hidden"
        group[str(row["metric"])] = hidden if gone else _figure(row, language)
        if row["metric"] == metrics[0]:
            group["n"] = hidden if gone else people_text(row["n"], language)
    return tuple(
        (labels.feature(attribute), group_name(group, language), *(found.get(name, "–") for name in ("n", *metrics)))
        for (attribute, group), found in cells.items()
    )


def group_figures(story: Story) -> pd.DataFrame:
    """The released check on groups with one ``figure``, ``figure_low`` and ``figure_high`` per row, all as shares."""
    table = story.released.get("group_results")
    if table is None:
        return pd.DataFrame(columns=["attribute", "group", "metric", "n", "status", "figure"])
    frame = table.frame.reset_index(drop=True)
    for name, share, value in (
        ("figure", "share", "value"),
        ("figure_low", "share_low", "low"),
        ("figure_high", "share_high", "high"),
    ):
        own, ratio = floats(frame, share), floats(frame, value) / 100
        frame = frame.assign(**{name: np.where(np.isnan(own), ratio, own)})
    return frame


def group_name(group: object, language: str) -> str:
    """A group as the study calls it; everyone where it is empty."""
    return say("display.everyone", language) if str(group) in ("(everyone)", "nan") else str(group)


def _figure(row: dict[object, object], language: str) -> str:
    value, low, high = (float(str(row[name])) for name in ("figure", "figure_low", "figure_high"))
    bands = bands_of(row) if row["metric"] != "oe" else None
    told = share_text(value, language, bands=bands)
    if row["metric"] not in _WITH_INTERVAL or not np.isfinite([low, high]).all():
        return told
    if any(band_of(end, bands) for end in (low, high)):
        return f"{told} ({share_interval(low, high, language, bands=bands)})"
    ends = (number(100 * end, language, digits=0) for end in (low, high))
    return f"{told} ({'–'.join(ends)})"
