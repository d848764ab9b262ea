"""One heat map of segments x needs: what weighs more and less than for everyone, and what cannot be told apart."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.displays.labels import Labels, bands_of, floats, of_segment, rows_of, share_text, told_as
from segment.exports.blocks import Cell, Heat
from segment.exports.story import Story
from segment.locale import number, of_kind, percent, say
from segment.tables.shapes import SAID_YES

#: From where on a difference with everyone is a shade darker: of scores and points, and of shares.
_STEPS, _SHARE_STEPS = (0.0, 0.35, 0.8), (0.0, 0.1, 0.25)


def needs_heat(story: Story, language: str) -> list[Heat]:
    """Every need of every segment beside everyone; none where segments are not shown or nothing can be.

    Scores free of style where there are such, else mean answers; what was asked with yes and no as shares, apart.
    """
    table = story.released.get("profiles")
    if table is None or not story.segments:
        return []
    asked = "experience" if story.by_experience else "importance"
    for measure in ("score", asked):
        found = [_heat(story, measure, language, shares=shares) for shares in (False, True)]
        if any(found):
            return [one for one in found if one is not None]
    return []


def _heat(story: Story, measure: str, language: str, *, shares: bool) -> Heat | None:
    labels = story.labels(language)
    rows = rows_of(story.released["profiles"])
    rows = told_as(rows[rows["measure"] == measure].reset_index(drop=True), SAID_YES["profiles"], shares=shares)
    if rows.empty:
        return None
    needs = labels.need_order(rows["need"])
    columns = [of_segment(rows, one).set_index("need").reindex(needs) for one in story.segments]
    cells = [_cells(one, measure, language, shares=shares) for one in columns]
    apart = sum(cell.apart and not cell.hidden for column in cells for cell in column)
    known = sum(not cell.hidden for column in cells for cell in column)
    lines = tuple((labels.need(need), tuple(column[at] for column in cells)) for at, need in enumerate(needs))
    heads = tuple((str(one + 1), labels.segment(one)) for one in story.segments)
    kind = "score" if measure == "score" else "share" if shares else "mean"
    words = "experience" if story.by_experience else "importance"
    what = say(of_kind(f"page.heat.{words}", [kind]), language)
    note = say(of_kind(f"page.heat.note.{kind}", [words]), language, what=what)
    note = f"{note} {_converted(labels, words, kind)}".strip()
    title = say("page.heat.title", language, apart=apart, all=known)
    return Heat(f"needs-{measure}{'-share' * shares}", title, note, heads, lines, say("display.column.need", language))


def _converted(labels: Labels, words: str, kind: str) -> str:
    return labels.converted(words) if kind == "mean" else ""


def _cells(rows: pd.DataFrame, measure: str, language: str, *, shares: bool) -> list[Cell]:
    """A segment's cells; one whose interval holds the figure of everyone is not told apart."""
    means, low, high, everyone = (floats(rows, name) for name in ("mean", "low", "high", "overall"))
    everyone = np.nan_to_num(everyone) if measure == "score" else everyone
    steps, cells = _SHARE_STEPS if shares else _STEPS, []
    for at in range(len(rows)):
        if means[at] != means[at]:
            cells.append(Cell(say("report.hidden", language), hidden=True))
            continue
        away = means[at] - everyone[at]
        apart = bool(np.isfinite(away)) and not (low[at] <= everyone[at] <= high[at]) and round(away, 2) != 0
        depth = int(np.sign(away)) * sum(abs(away) >= step for step in steps) if apart else 0
        cells.append(Cell(_figure(rows.iloc[at], means[at], measure, language, shares=shares), depth, apart))
    return cells


def _figure(row: pd.Series, mean: float, measure: str, language: str, *, shares: bool) -> str:
    if shares:
        return share_text(mean, language, bands=bands_of(row)) if "status" in row else percent(mean, language)
    told = number(mean, language)
    return f"+{told}" if measure == "score" and round(mean, 1) > 0 else told
