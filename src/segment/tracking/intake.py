"""What a served model takes of a person: every column, checked and read as the study itself reads its files.

The model's card lists the columns (``takes``); so a model is served by what lies beside it, and by nothing else.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np
import pandas as pd

from segment.errors import InvalidInput
from segment.needs.answers import COMMON_SCALE
from segment.needs.scoring import need_means
from segment.needs.shortfalls import need_shortfalls

_WORDS = ("category", "day")
#: What the chance of leaving depends on, and the two days that it is made of where it is not given.
TENURE, DAYS = "tenure", ("start_date", "on")
_UNMET = "shortfall_"


@dataclass(frozen=True)
class Column:
    """One column of a request, one row per person.

    Parameters
    ----------
    name
        As the study calls it: an item's code, an attribute, ``tenure``, ``start_date`` or ``on``.
    kind
        ``rating``, ``rank``, ``wish`` (answers from ``low`` to ``high``), ``number``, ``category`` or ``day``
        (YYYY-MM-DD). ``None`` in a request: not answered, not known.
    low, high
        Ends of the scale; None for what is no answer.
    turned
        Whether the question asks for the opposite: its answer is turned round once here, as the study does.
    block, need
        Of a question that an unmet need is made of: importance or experience, and of which need.
    """

    name: str
    kind: str
    low: float | None = None
    high: float | None = None
    turned: bool = False
    block: str = ""
    need: str = ""

    @property
    def is_words(self) -> bool:
        """Whether it holds words; all others hold numbers."""
        return self.kind in _WORDS

    def example(self, place: int) -> object:
        """What an imagined person says here; ``place`` is the column's among those of its kind, from 0."""
        if self.low is not None and self.high is not None:
            chosen = {"rank": self.low + place, "wish": float(place == 0)}
            middle = float(np.floor((self.low + self.high) / 2))
            return chosen.get(self.kind, middle)
        return {"number": 24.0, "category": None, "day": "2024-01-31" if self.name == "on" else "2020-03-01"}[self.kind]

    def refused(self, what: str) -> InvalidInput:
        """The refusal of what stands in this column; it says what is expected, never what came."""
        ends = "a number" if self.low is None or self.high is None else f"{self.low:g} to {self.high:g}"
        return InvalidInput(f"{self.name} holds {what}.", expected=f"{ends}, or null for a missing value")


@dataclass(frozen=True)
class Intake:
    """All columns of a model, and, of a model of leaving, the features it learned from (``reads``).

    Examples
    --------
    >>> intake = Intake((Column("PAY", "rating", 1, 5, turned=True), Column("GRO", "rating", 1, 5)))
    >>> intake.read(pd.DataFrame({"PAY": [2, None], "GRO": [4, 5], "other": ["x", "y"]})).to_dict("list")
    {'PAY': [4.0, nan], 'GRO': [4.0, 5.0]}
    >>> intake.read(pd.DataFrame({"PAY": [6]}))
    Traceback (most recent call last):
    segment.errors.InvalidInput: PAY holds an answer outside its scale.
      expected: 1 to 5, or null for a missing value
    """

    columns: tuple[Column, ...]
    reads: tuple[str, ...] = field(default=())

    @classmethod
    def of_card(cls, card: Mapping[str, Any]) -> Intake | None:
        """What a model's card says that it takes; None where it says nothing."""
        rows = card.get("takes")
        if not isinstance(rows, Sequence) or not rows:
            return None
        known = {one.name for one in fields(Column)}
        columns = tuple(Column(**{name: value for name, value in row.items() if name in known}) for row in rows)
        return cls(columns, tuple(card.get("features", ())))

    def read(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A request as the model reads it: its own columns only, in their own order, one row per person.

        Rankings and wishes that were put to these people get the options that nobody took as empty columns.

        Raises
        ------
        InvalidInput
            No people, a column that comes twice, words where numbers are asked, an answer outside its scale or between
            two points; it says which column, never what stood there.
        """
        if not isinstance(frame, pd.DataFrame) or not len(frame):
            raise InvalidInput("There is nobody in this request.", expected="one row per person, columns by name")
        twice = sorted({str(name) for name in frame.columns[frame.columns.duplicated()]} & set(self._names))
        if twice:
            raise InvalidInput("A column comes twice.", came=", ".join(twice))
        asked = {one.kind for one in self.columns if one.name in frame.columns}
        words = {
            one.name: frame[one.name].astype(object).where(frame[one.name].notna(), None)
            for one in self.columns
            if one.is_words and one.name in frame.columns
        }
        numbers = [
            one for one in self.columns if not one.is_words and (one.kind in ("rank", "wish") or one.name in frame)
        ]
        numbers = [one for one in numbers if one.kind in asked]
        rows = pd.DataFrame(_read_numbers(frame, numbers), index=frame.index, columns=[one.name for one in numbers])
        return self._with_unmet(rows.assign(**words)) if self.reads else rows

    def example(self) -> pd.DataFrame:
        """One imagined person, who leaves the last question unanswered; what can be made of the rest is left out."""
        places = [[one.kind for one in self.columns[:place]].count(own.kind) for place, own in enumerate(self.columns)]
        row = {one.name: one.example(place) for one, place in zip(self.columns, places, strict=True)}
        ratings = [one.name for one in self.columns if one.kind == "rating"]
        row |= dict.fromkeys(ratings[-1:] if len(ratings) > 1 else [], np.nan)
        made = {f"{_UNMET}{one.need}" for one in self.columns if one.block} | ({TENURE} if DAYS[0] in row else set())
        return pd.DataFrame([{name: value for name, value in row.items() if name not in made}])

    @property
    def _names(self) -> list[str]:
        return [one.name for one in self.columns]

    def _with_unmet(self, rows: pd.DataFrame) -> pd.DataFrame:
        """What the model learned from, with unmet needs made of answers where they are not given themselves."""
        wanted = [name for name in self.reads if name.startswith(_UNMET) and name not in rows]
        means = {block: self._means(rows, block) for block in ("importance", "experience")}
        if wanted and means["experience"] is not None:
            unmet = need_shortfalls(means["importance"], means["experience"], scale=COMMON_SCALE).add_prefix(_UNMET)
            rows = pd.concat([rows, unmet[[name for name in wanted if name in unmet]]], axis=1)
        return rows[[name for name in (TENURE, *DAYS, *self.reads) if name in rows]]

    def _means(self, rows: pd.DataFrame, block: str) -> pd.DataFrame | None:
        asked = [one for one in self.columns if one.block == block and one.name in rows]
        if not asked:
            return None
        scales = {one.name: (float(one.low or 0.0), float(one.high or 0.0)) for one in asked}
        return need_means(rows[list(scales)], {one.name: one.need for one in asked}, scales=scales)


def as_rows(columns: Iterable[Column]) -> list[dict[str, object]]:
    """Columns as a card lists them; what says nothing is left out.

    >>> as_rows([Column("GRO", "wish", 0.0, 1.0)])
    [{'name': 'GRO', 'kind': 'wish', 'low': 0.0, 'high': 1.0}]
    """
    return [
        {name: value for name, value in asdict(one).items() if value is not None and value is not False and value != ""}
        for one in columns
    ]


def _read_numbers(frame: pd.DataFrame, columns: Sequence[Column]) -> np.ndarray:
    """People x columns as floats on their scales, NaN where there is nothing, turned where the question was."""
    low = np.array([-np.inf if one.low is None else one.low for one in columns])
    high = np.array([np.inf if one.high is None else one.high for one in columns])
    values = _as_floats(frame, columns)
    with np.errstate(invalid="ignore"):
        wrong = {
            "something that is not a number": np.isinf(values).any(axis=0),
            "an answer outside its scale": ((values < low) | (values > high)).any(axis=0),
            "an answer between two points": (low == np.round(low)) & ((values % 1) > 0).any(axis=0) & np.isfinite(low),
        }
    for what, where in wrong.items():
        for one in itertools.compress(columns, where):
            raise one.refused(what)
    turned = np.array([one.turned for one in columns], dtype=bool)
    values[:, turned] = low[turned] + high[turned] - values[:, turned]
    return values


def _as_floats(frame: pd.DataFrame, columns: Sequence[Column]) -> np.ndarray:
    """A matrix of its own, with NaN in the columns that the frame has not."""
    values = np.full((len(frame), len(columns)), np.nan)
    there = [place for place, one in enumerate(columns) if one.name in frame.columns]
    for place in there:
        if _says_true_or_false(frame[columns[place].name]):
            raise columns[place].refused("something that is not a number")
    try:
        given = frame[[columns[place].name for place in there]]
        values[:, there] = given.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError, OverflowError):
        raise next(columns[place] for place in there if not _is_numbers(frame[columns[place].name])).refused(
            "something that is not a number"
        ) from None
    return values


def _says_true_or_false(given: pd.Series) -> bool:
    """Whether JSON's true or false stands among these: NumPy would take them for one and zero."""
    if given.dtype == object:
        return any(isinstance(one, bool | np.bool_) for one in given)
    return pd.api.types.is_bool_dtype(given.dtype)


def _is_numbers(given: pd.Series) -> bool:
    try:
        given.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError, OverflowError):
        return False
    return True
