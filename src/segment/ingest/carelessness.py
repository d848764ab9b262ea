"""Signs that answers were given without reading: one answer to a whole block of questions, and too fast to read them.

Both count people and name none. Who answered so stays in: style is taken apart from needs when segments are looked for,
and one person's straight line may be meant.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.ingest.declared import DeclaredFile
from segment.locale import bare_wave
from segment.tables.codebook import Codebook
from segment.vocabulary import ItemKind

#: Kinds of questions that are asked in blocks on one scale, and the answers that a block has to have of somebody.
_KINDS = (ItemKind.IMPORTANCE, ItemKind.EXPERIENCE, ItemKind.PROMISED)
_LONG = 6
#: People before a share is reported, and the share from which it is.
_FEWEST, _MANY = 30, 0.10
#: Who takes less than this part of the median time is too fast: half of it (Leiner, D. J. (2019), Too fast, too
#: straight, too weird, Survey Research Methods 13(3), 229-248: relative speed index of 2).
_TOO_FAST = 0.5


def in_straight_line(answers: pd.DataFrame, codebook: Codebook) -> tuple[np.ndarray, int]:
    """Who gave one answer to every question of a block, and how many people answered so many that it can be seen.

    A block is the questions of one kind on one scale, six of them at least, as they were asked: a reversed question is
    turned back. ``answers`` has a column per question.
    """
    straight, seen = np.zeros(len(answers), dtype=bool), np.zeros(len(answers), dtype=bool)
    for kind in _KINDS:
        items = [item for item in codebook.of_kind(kind) if item.code in answers]
        for scale in dict.fromkeys((item.low, item.high) for item in items):
            block = [item for item in items if (item.low, item.high) == scale]
            if len(block) < _LONG:
                continue
            values = answers[[item.code for item in block]].to_numpy(dtype=float)
            turned = np.array([item.reverse for item in block])
            values = np.where(turned, sum(scale) - values, values)
            enough = np.isfinite(values).sum(axis=1) >= _LONG
            spread = np.full(len(values), np.inf)
            spread[enough] = np.nanmax(values[enough], axis=1) - np.nanmin(values[enough], axis=1)
            straight, seen = straight | (spread == 0), seen | enough
    return straight, int(seen.sum())


def check_straight(file: DeclaredFile, codebook: Codebook, answers: pd.DataFrame) -> None:
    """A wave of which many give one answer to a whole block (DQ092)."""
    for wave, rows in answers.groupby("wave"):
        straight, seen = in_straight_line(rows, codebook)
        if seen >= _FEWEST and straight.sum() >= _MANY * seen:
            came = f"{straight.sum() / seen:.0%} of {seen} people in wave {bare_wave(str(wave))}"
            file.findings.add("DQ092", file.file, count=int(straight.sum()), came=came)


def check_speed(file: DeclaredFile, waves: pd.Series) -> None:
    """A wave of which many took less than half the median time (DQ093), where the file says how long it took."""
    if not file.has("seconds"):
        return
    seconds = file.numbers("seconds")
    bad = (seconds <= 0).to_numpy()
    if bad.any():
        file.report("DQ034", "seconds", bad, expected="seconds above zero", came="others")
    for wave, own in seconds[~bad].dropna().groupby(waves[~bad]):
        fast = own < _TOO_FAST * own.median()
        if len(own) >= _FEWEST and fast.sum() >= _MANY * len(own):
            slow = f"the median is {own.median():,.0f} seconds"
            came = f"{fast.mean():.0%} of {len(own)} people in wave {bare_wave(str(wave))}; {slow}"
            column = file.column("seconds")
            file.findings.add("DQ093", file.file, column=column, count=int(fast.sum()), came=came)
