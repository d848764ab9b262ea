"""Groups that are made and not found: what the files say of them, and why none were made where that did not pay."""

from __future__ import annotations

import pandas as pd

from segment.displays.column_text import grouping_name
from segment.displays.labels import Row, interval
from segment.exports.blocks import Grid
from segment.exports.story import Story
from segment.locale import number, percent, say
from segment.segments.division import AGAIN, ELSEWHERE

_FIGURES = ("explained", "ahead", "same", "again", "agreement")


def made_lead(story: Story, language: str) -> tuple[str, ...]:
    """Page one, where groups are made: that they are, what their borders are worth, and what they explain."""
    row = _chosen(story)
    border = {"same": percent(row["same"], language), "range": _range(row.to_dict(), "same", language)}
    return (
        say("made.lead", language, k=story.n_segments),
        say("made.border", language, chance=percent(_by_chance(row), language), **border),
        _pays(story, row, language),
    )


def _pays(story: Story, row: pd.Series, language: str) -> str:
    explained = percent(row["explained"], language)
    if not row["rival"]:
        return say("made.pays", language, explained=explained)
    known = percent(max(float(row["rival_explained"]), 0.0), language)
    rival = grouping_name(str(row["rival"]), story.labels(language))
    alike = percent(max(float(row["rival_explained"]) + float(row["ahead"]), 0.0), language)
    # Both were merged to as many groups as the one with fewest has: with that few, ours explain less than as they are.
    key = "made.pays.rival" if alike == explained else "made.pays.rival.fewer"
    return say(key, language, explained=explained, rival=rival, known=known, alike=alike)


def nearest_known(story: Story) -> tuple[str, ...]:
    """What HR knows that comes nearest to the groups that were made, by its code; nothing where there is none."""
    rival = str(_chosen(story)["rival"])
    return (rival,) if rival else ()


def why_not_made(story: Story, language: str) -> str:
    """Why no division to work with was made either: the criterion that the nearest one did not reach."""
    table = story.divided
    if table is None or table.empty or table["chosen"].any():
        return ""
    rows = table.assign(fewest=table["failed"].map(lambda failed: len(str(failed).split(", "))))
    nearest = rows.sort_values(["fewest", "explained"], ascending=[True, False], kind="stable").iloc[0]
    criterion = str(nearest["failed"]).split(", ")[0]
    rival = grouping_name(str(nearest["rival"]), story.labels(language)) if nearest["rival"] else ""
    told = {"same": percent(float(nearest["same"]), language), "range": _range(nearest.to_dict(), "same", language)}
    return say(f"made.not.{criterion}", language, rival=rival, **told)


def divisions_grid(story: Story, language: str) -> list[Grid]:
    """One row per number of groups that a division was tried with."""
    if story.divided is None or story.divided["explained"].isna().all():
        return []
    columns = tuple(say(f"made.column.{name}", language) for name in ("k", "chosen", *_FIGURES, "failed"))
    lines = tuple(
        (
            str(int(row["k"])),
            say("report.yes" if row["chosen"] else "report.no", language),
            *(_with_range(row, name, language) for name in _FIGURES),
            ", ".join(say(f"made.gate.{name}", language) for name in str(row["failed"]).split(", ") if name) or "–",
        )
        for row in story.divided.to_dict("records")
    )
    bars = {"again": number(AGAIN, language, digits=2), "elsewhere": number(ELSEWHERE, language, digits=2)}
    return [Grid(say("made.table", language), columns, lines, note=say("made.table.text", language, **bars))]


def _by_chance(row: pd.Series) -> float:
    """Share of people whom chance alone puts in the same group: what kappa is beyond, for groups of these sizes."""
    same, kappa = float(row["same"]), float(row["again"])
    return (same - kappa) / (1 - kappa) if kappa < 1 else float("nan")


def _chosen(story: Story) -> pd.Series:
    assert story.divided is not None  # a story tells of made groups only with what they rest on
    return story.divided[story.divided["chosen"]].iloc[0]


def _range(row: Row, name: str, language: str) -> str:
    """The ends of a figure's interval or range, from low to high."""
    low, high = (_figure(name, float(row[f"{name}_{end}"]), language) for end in ("low", "high"))
    return interval(low, high, language)


def _with_range(row: Row, name: str, language: str) -> str:
    """A figure, and behind it what it may be; how far ahead it is has a lower end only."""
    told = _figure(name, float(row[name]), language)
    if told == "–":
        return told
    if f"{name}_high" in row:
        return f"{told} ({_range(row, name, language)})"
    low = _figure(name, float(row[f"{name}_low"]), language)
    return f"{told} ({say('display.or_more', language, low=low)})"


def _figure(name: str, value: float, language: str) -> str:
    return number(value, language, digits=2) if name in ("again", "agreement") else percent(value, language)
