"""The answers of each wave by segment and for everyone, ready to be read figure by figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
import pandas as pd

from segment.errors import InvalidInput
from segment.tables.codebook import Item

_KEY = ["person", "wave"]

#: The scale on which means are reported, whichever scale was asked with: readers see one, and gaps can be compared.
TOLD_ON = (1.0, 5.0)


@dataclass(frozen=True)
class Group:
    """The answers of one segment in one wave; ``segment`` is NaN for everyone who answered."""

    wave: str
    segment: float
    answers: pd.DataFrame

    @property
    def weights(self) -> np.ndarray:
        """One weight per person, 1 where the answers carry none."""
        if "weight" not in self.answers.columns:
            return np.ones(len(self.answers))
        return self.answers["weight"].to_numpy(dtype=float)


def groups_of(responses: pd.DataFrame, assignments: pd.DataFrame | None) -> Iterator[Group]:
    """Everyone, then each segment, wave by wave in their order.

    Parameters
    ----------
    responses
        One row per person and wave, with item columns and optionally ``weight``.
    assignments
        One row per person and wave with ``segment``; None when there are no segments. People who answered but have no
        segment count for everyone only.

    Raises
    ------
    InvalidInput
        Columns that are missing, or people who stand twice in a wave.
    """
    _refuse_bad_key(responses, "responses", _KEY)
    answers = responses
    if assignments is not None:
        _refuse_bad_key(assignments, "assignments", [*_KEY, "segment"])
        segments = assignments.set_index(_KEY)["segment"]
        own = segments.reindex(pd.MultiIndex.from_frame(responses[_KEY])).to_numpy(dtype=float)
        answers = responses.assign(segment=own)
    for wave, present in answers.groupby("wave", sort=True):
        yield Group(str(wave), nan, present)
        if assignments is not None:
            own = present["segment"].to_numpy(dtype=float)
            for segment in np.unique(own[np.isfinite(own)]):
                yield Group(str(wave), float(segment), present[own == segment])


def _refuse_bad_key(frame: pd.DataFrame, name: str, columns: Sequence[str]) -> None:
    absent = [column for column in columns if column not in frame.columns]
    if absent:
        raise InvalidInput(
            f"The {name} lack columns.", expected=", ".join(columns), came=f"without {', '.join(absent)}", where=name
        )
    twice = int(frame.duplicated(_KEY).sum())
    if twice:
        raise InvalidInput(
            f"The {name} have people who stand twice in a wave.",
            expected="one row per person and wave",
            came=f"{twice} row{'s' if twice != 1 else ''} too many",
            where=name,
            advice="keep each person's last complete answer",
        )


def numbers(answers: pd.DataFrame, code: str) -> np.ndarray:
    """The answers to one item as numbers; yes is 1 and no is 0, in Dutch or English; NaN where nothing was answered."""
    column = answers[code]
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.to_numpy(dtype=float, na_value=np.nan)
    words = column.astype("str").str.strip().str.lower().replace(_WORDS)
    return pd.to_numeric(words, errors="coerce").to_numpy(dtype=float, na_value=np.nan)


_WORDS = {"yes": "1", "ja": "1", "true": "1", "no": "0", "nee": "0", "false": "0"}


def person_means(answers: pd.DataFrame, items: Sequence[Item], *, scale: tuple[float, float]) -> np.ndarray:
    """Each person's mean over these items on ``scale``; NaN without any answer.

    Items on another scale are stretched to it, end on end. Reversed items were turned round when they were taken in.
    """
    table = np.full((len(answers), len(items)), np.nan)
    low, high = scale
    for column, item in enumerate(items):
        given = numbers(answers, item.code)
        table[:, column] = low + (given - item.low) * (high - low) / (item.high - item.low)
    known = np.isfinite(table)
    count = known.sum(axis=1)
    total = np.where(known, table, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def asked(items: Sequence[Item], answers: pd.DataFrame) -> list[Item]:
    """The items that stand in these answers."""
    return [item for item in items if item.code in answers.columns]
