"""Answers that look right and contradict the codebook: no answer at all, a reversed item, another scale."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from segment.ingest.declared import DeclaredFile
from segment.locale import bare_wave
from segment.tables.codebook import Codebook, Item
from segment.vocabulary import ItemKind

#: Answers before anything is suspected; the correlation with the other items below which an item looks reversed; and
#: the points that a scale has at least before another one is suspected.
_ENOUGH, _AGAINST, _LONG_SCALE = 50, -0.2, 6
#: Answers, and their share of what is filled in, that a study may declare as 'not known' before it is asked about it.
_SOME, _LARGE_SHARE, _SHOWN = 5, 0.2, 8
#: Answers of a wave before its weights are looked at; the share of all weight that one answer may carry before it is
#: told, and before nothing else counts; and the share of the answers that they have to be worth.
_WEIGHED, _MUCH, _MOST, _WORTH = 10, 0.1, 0.5, 0.5
_KINDS = (ItemKind.IMPORTANCE, ItemKind.EXPERIENCE)


def check_answers(file: DeclaredFile, codebook: Codebook, answers: pd.DataFrame) -> None:
    """Write down a survey without one answer (DQ062), items that look reversed (DQ060) or scaled otherwise (DQ061).

    ``answers`` has a column per item, turned where the codebook says so.
    """
    asked = answers.drop(columns=["person", "wave", "weight", "row"])
    if not asked.notna().to_numpy().any():
        came = f"{len(answers)} rows and {asked.shape[1]} items, all empty" if asked.shape[1] else "no item's column"
        file.findings.add("DQ062", file.file, count=len(answers), came=came)
        return
    for item in codebook.items:
        if item.code in asked and item.scale != "open" and item.kind != ItemKind.MOMENT_PICK:
            _check_scale(file, item, codebook, asked[item.code].to_numpy(dtype=float))
    for kind in _KINDS:
        for need in codebook.needs:
            items = [item for item in codebook.of_kind(kind) if item.need == need and item.code in asked]
            _check_direction(file, items, asked)


def check_unanswered(file: DeclaredFile, names: Iterable[str], unanswered: Sequence[str]) -> None:
    """Columns of which a large share of what is filled in counts as 'not known' (DQ070), in one finding."""
    told = []
    for name in names:
        away, filled = int(file.declared_away(name, unanswered).sum()), int(file.filled(name).sum())
        if away >= _SOME and away >= _LARGE_SHARE * filled:
            told.append((name, away, filled))
    if told:
        shown = ", ".join(f"{file.column(name)} ({away} of {filled})" for name, away, filled in told[:_SHOWN])
        more = f" and {len(told) - _SHOWN} more columns" if len(told) > _SHOWN else ""
        one = file.column(told[0][0]) if len(told) == 1 else ""
        count = sum(away for _, away, _ in told)
        file.findings.add("DQ070", file.file, column=one, count=count, came=shown + more)


def check_weights(file: DeclaredFile, answers: pd.DataFrame) -> None:
    """Waves in which one weight, or few, stand for nearly everyone (DQ071, DQ072).

    Answers are worth (sum of weights)^2 / sum of squared weights answers of equal weight (Kish, 1965).
    """
    for wave, rows in answers.groupby("wave"):
        weight = rows["weight"].to_numpy(dtype=float)
        if len(weight) < _WEIGHED or not weight.sum() > 0:
            continue
        share = weight / weight.sum()
        worth = 1 / np.sum(share**2)
        largest = f"the largest weight is {share.max():.0%} of all"
        came = f"{len(weight)} answers worth {worth:.1f} in wave {bare_wave(str(wave))}; {largest}"
        if share.max() > _MUCH or worth < _WORTH * len(weight):
            code = "DQ071" if share.max() > _MOST else "DQ072"
            heavy = rows.loc[share > _MUCH, "row"]
            file.findings.add(
                code, file.file, column=file.column("weight"), rows=heavy, count=len(heavy) or len(rows), came=came
            )


def _check_scale(file: DeclaredFile, item: Item, codebook: Codebook, values: np.ndarray) -> None:
    """An item whose answers fill another, shorter scale of the codebook from end to end and nothing beyond."""
    known = values[np.isfinite(values)]
    if len(known) < _ENOUGH or item.high - item.low + 1 < _LONG_SCALE:
        return
    known = item.low + item.high - known if item.reverse else known
    ends = (float(known.min()), float(known.max()))
    others = {(one.low, one.high): one.scale for one in codebook.items if (one.low, one.high) != (item.low, item.high)}
    if ends in others and ends[1] - ends[0] > 1:
        file.findings.add(
            "DQ061", file.file, column=file.column(item.code), count=len(known),
            expected=f"{item.low:g} to {item.high:g} ({item.scale})",
            came=f"{ends[0]:g} to {ends[1]:g} in {len(known)} answers, as on scale {others[ends]}",
        )  # fmt: skip


def _check_direction(file: DeclaredFile, items: list[Item], asked: pd.DataFrame) -> None:
    """Items that go against the others of their need; of two that go against each other nobody knows which."""
    if len(items) < 2:
        return
    table = asked[[item.code for item in items]].astype(float)
    between = table.corr(min_periods=_ENOUGH).to_numpy(copy=True)
    np.fill_diagonal(between, np.nan)
    with np.errstate(all="ignore"):
        mean = np.array([np.nanmean(row) if np.isfinite(row).any() else np.nan for row in between])
    against = np.flatnonzero(mean < _AGAINST)
    if len(items) == 2 and len(against):
        shown = [file.column(item.code) for item in items]
        came = f"a correlation of {mean[against[0]]:.2f} between {' and '.join(shown)}"
        file.findings.add("DQ060", file.file, column=shown[1], count=int(table.notna().all(axis=1).sum()), came=came)
        return
    answered = table.notna().sum().to_numpy()
    for place in against:
        if mean[place] == np.nanmin(mean):
            others = ", ".join(item.code for n, item in enumerate(items) if n != place)
            file.findings.add(
                "DQ060", file.file, column=file.column(items[place].code), count=int(answered[place]),
                came=f"a correlation of {mean[place]:.2f} with {others}",
            )  # fmt: skip
