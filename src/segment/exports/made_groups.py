"""Groups that are made and not found: what the files say of them, and why none were made where that did not pay."""

from __future__ import annotations

import pandas as pd

from segment.exports.blocks import Grid
from segment.exports.story import Story
from segment.locale import number, percent, say
from segment.segments.division import AGAIN, ELSEWHERE

_FIGURES = ("explained", "ahead", "same", "again", "agreement")


def made_lead(story: Story, language: str) -> tuple[str, ...]:
    """Page one, where groups are made: that they are, what their borders are worth, and what they explain."""
    row = _chosen(story)
    return (
        say("made.lead", language, k=story.n_segments),
        say("made.border", language, same=percent(row["same"], language)),
        _pays(row, language),
    )


def _pays(row: pd.Series, language: str) -> str:
    explained = percent(row["explained"], language)
    if not row["rival"]:
        return say("made.pays", language, explained=explained)
    known = percent(max(float(row["rival_explained"]), 0.0), language)
    rival = str(row["rival"]).replace("_", " ")
    return say("made.pays.rival", language, explained=explained, rival=rival, known=known)


def why_not_made(story: Story, language: str) -> str:
    """Why no division to work with was made either: the criterion that the nearest one did not reach."""
    table = story.divided
    if table is None or table.empty or table["chosen"].any():
        return ""
    rows = table.assign(fewest=table["failed"].map(lambda failed: len(str(failed).split(", "))))
    nearest = rows.sort_values(["fewest", "explained"], ascending=[True, False], kind="stable").iloc[0]
    criterion = str(nearest["failed"]).split(", ")[0]
    told = {"rival": str(nearest["rival"]).replace("_", " "), "same": percent(float(nearest["same"]), language)}
    return say(f"made.not.{criterion}", language, **told)


def divisions_grid(story: Story, language: str) -> list[Grid]:
    """One row per number of groups that a division was tried with."""
    if story.divided is None or story.divided["explained"].isna().all():
        return []
    columns = tuple(say(f"made.column.{name}", language) for name in ("k", "chosen", *_FIGURES, "failed"))
    lines = tuple(
        (
            str(int(row["k"])),
            say("report.yes" if row["chosen"] else "report.no", language),
            *(_figure(name, float(row[name]), language) for name in _FIGURES),
            ", ".join(say(f"made.gate.{name}", language) for name in str(row["failed"]).split(", ") if name) or "–",
        )
        for row in story.divided.to_dict("records")
    )
    bars = {"again": number(AGAIN, language, digits=2), "elsewhere": number(ELSEWHERE, language, digits=2)}
    return [Grid(say("made.table", language), columns, lines, note=say("made.table.text", language, **bars))]


def _chosen(story: Story) -> pd.Series:
    assert story.divided is not None  # a story tells of made groups only with what they rest on
    return story.divided[story.divided["chosen"]].iloc[0]


def _figure(name: str, value: float, language: str) -> str:
    return number(value, language, digits=2) if name in ("again", "agreement") else percent(value, language)
