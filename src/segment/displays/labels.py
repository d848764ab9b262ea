"""The words a figure uses for needs, segments, moments and features, in one language."""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from segment.disclosure.figures import edges_of
from segment.disclosure.release import ReleasedTable
from segment.errors import RefusedRelease
from segment.locale import catalogue, number, of_kind, own_words, percent, say

_EVERYONE = frozenset({"", "all", "everyone", "total", "nan", "none", "<na>"})
#: A row of a table, by its columns: words, numbers or nothing.
Row = Mapping[Hashable, Any]
_Names = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Labels:
    """Names in one language; a code without a name stands for itself.

    ``needs``, ``moments``, ``features``, ``offers``, ``actions`` and ``groups`` map a code, ``segments`` a number (from
    0), to ``{nl, en}``. ``needs`` and ``moments`` stand in the order in which figures list them. ``together``: there
    are no segments, everyone is one group. ``asked_on``: the kind and the ends of the scale of each question with more
    than two answers. ``values``: what fills the places that headings and notes leave open (``months``, ``by``).
    ``kinds``: what kind of study it is (``intention``, ``everyone``, ``unasked``), where words differ by that.

    Examples
    --------
    >>> labels = Labels("nl", needs={"PAY": {"nl": "Beloning", "en": "Pay"}})
    >>> labels.need("PAY"), labels.need("SOC"), labels.segment(1), labels.segment(None)
    ('Beloning', 'SOC', 'Segment 2', 'Iedereen')
    """

    language: str
    needs: _Names = field(default_factory=dict)
    segments: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    moments: _Names = field(default_factory=dict)
    features: _Names = field(default_factory=dict)
    together: bool = False
    asked_on: Mapping[str, tuple[str, float, float]] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    offers: _Names = field(default_factory=dict)
    actions: _Names = field(default_factory=dict)
    groups: _Names = field(default_factory=dict)

    def for_study(self, key: str) -> str:
        """The key of the words for this kind of study, where the catalogue has such words; else the key itself."""
        return of_kind(key, self.kinds)

    def say(self, key: str, **values: object) -> str:
        """A message in the words for this kind of study: groups that are made are called no segments.

        >>> [Labels("en", kinds=kinds).say("display.segment", k=2) for kinds in ((), ("made",))]
        ['Segment 2', 'Group 2']
        """
        return say(self.for_study(key), self.language, **values)

    def scale(self, item: str) -> str:
        """The scale that a question was asked on, such as '1–7'; empty where it had two answers or is not known."""
        return _span(*self.asked_on[item][1:]) if item in self.asked_on else ""

    def scales(self, *kinds: str) -> tuple[str, ...]:
        """The scales that questions of these kinds were asked on, where not all of them are 1 to 5; else empty."""
        found = tuple(sorted({_span(low, high) for kind, low, high in self.asked_on.values() if kind in kinds}))
        return () if found in ((), (_span(1, 5),)) else found

    def converted(self, *kinds: str) -> str:
        """That answers to questions of these kinds were brought to 1 to 5, and from where; empty where they were not.

        >>> Labels("en", asked_on={"a": ("stay", 1.0, 7.0)}).converted("stay")
        'Asked on a scale of 1–7; converted here to 1 to 5.'
        """
        asked = self.scales(*kinds)
        return say("display.converted", self.language, asked=", ".join(asked)) if asked else ""

    def axis(self, words: str, *kinds: str) -> str:
        """What an axis of 1 to 5 says, with the scale that was asked on where that was another."""
        asked = self.scales(*kinds)
        return say("display.converted.axis", self.language, axis=words, asked=", ".join(asked)) if asked else words

    def need(self, code: str) -> str:
        """A need's name."""
        return own_words(self.needs.get(code) or {}, self.language, code)

    def moment(self, code: str) -> str:
        """A moment's name."""
        return own_words(self.moments.get(code) or {}, self.language, code)

    def offer(self, code: str) -> str:
        """An open role's name."""
        return own_words(self.offers.get(code) or {}, self.language, code.replace("_", " "))

    def action(self, code: str) -> str:
        """An action's title; of one that the catalogue lacks its code."""
        return own_words(self.actions.get(code) or {}, self.language, code)

    def feature(self, code: str) -> str:
        """A feature's name; of its need where it is a need score; in plain words where the attribute is a usual one."""
        if code not in self.features and code.startswith(("score_", "shortfall_", "importance_", "experience_")):
            measure, need = code.split("_", 1)
            return f"{self.need(need)} ({self.say(f'display.measure.{measure}')})"
        known = f"display.attribute.{code}"
        default = say(known, self.language) if known in catalogue() else code.replace("_", " ")
        return own_words(self.features.get(code) or {}, self.language, default)

    def segment(self, number: int | None) -> str:
        """A segment's name, numbered from 1 when it has none; 'everyone' for ``None``."""
        if number is None or self.together:
            return self.everyone
        return own_words(self.segments.get(number) or {}, self.language, self.say("display.segment", k=number + 1))

    @property
    def everyone(self) -> str:
        """What everyone together is called."""
        return say("display.everyone", self.language)

    def need_order(self, codes: pd.Series) -> list[str]:
        """The needs that occur, in the order of the questionnaire; unknown ones afterwards, by name."""
        return _ordered(codes, self.needs)

    def moment_order(self, codes: pd.Series) -> list[str]:
        """The moments that occur, in the order in which they are lived."""
        return _ordered(codes, self.moments)


#: Up to where and from where on the shares of a row are bands; ``None`` where the row holds no band.
Edges = tuple[float, float] | None


def rows_of(table: ReleasedTable) -> pd.DataFrame:
    """The rows of a released table that may be drawn: not hidden, ``segment`` as 0..k-1 or ``None`` for everyone.

    Raises
    ------
    RefusedRelease
        When something else than a ``ReleasedTable`` is handed in.
    """
    if not isinstance(table, ReleasedTable):
        raise RefusedRelease(
            "Only released figures may be drawn.",
            expected="a ReleasedTable",
            came=type(table).__name__,
            advice="let segment.privacy.release make it",
        )
    frame = table.frame
    if "status" in frame:
        frame = frame[frame["status"] != "hidden"]
    frame = frame.reset_index(drop=True)
    if "segment" in frame:
        numbers = pd.Series([segment_number(v) for v in frame["segment"]], dtype=object, index=frame.index)
        frame = frame.assign(segment=numbers)
    return frame


def _span(low: float, high: float) -> str:
    return f"{low:g}–{high:g}"


def segment_number(value: object) -> int | None:
    """A segment as a table holds it (number, text or empty) as 0..k-1; ``None`` stands for everyone.

    >>> segment_number(2.0), segment_number("1"), segment_number(float("nan")), segment_number("all")
    (2, 1, None, None)
    """
    if value is None or (isinstance(value, float) and math.isnan(value)) or str(value).lower() in _EVERYONE:
        return None
    return int(float(str(value)))


def numbers_in(values: Iterable[object]) -> frozenset[int]:
    """The segments (0..k-1) among values of a column, without everyone.

    >>> sorted(numbers_in([1.0, "0", None, 1.0]))
    [0, 1]
    """
    return frozenset(one for one in map(segment_number, values) if one is not None)


def segments_in(frame: pd.DataFrame) -> list[int | None]:
    """The segments that occur in rows of :func:`rows_of`: everyone first, then 0, 1, ..."""
    found = set(frame["segment"]) if "segment" in frame else {None}
    ordered: list[int | None] = [None] if None in found else []
    return [*ordered, *sorted(number for number in found if number is not None)]


def of_segment(frame: pd.DataFrame, number: int | None) -> pd.DataFrame:
    """The rows of one segment; of everyone for ``None``."""
    if "segment" not in frame:
        return frame if number is None else frame.iloc[:0]
    keep = frame["segment"].isna() if number is None else frame["segment"] == number
    return frame[keep].reset_index(drop=True)


def _ordered(codes: pd.Series, known: _Names) -> list[str]:
    found = set(codes.astype(str))
    return [code for code in known if code in found] + sorted(found - set(known))


def floats(frame: pd.DataFrame, column: str) -> npt.NDArray[np.float64]:
    """A column as numbers; NaN throughout when the table has no such column."""
    if column not in frame:
        return np.full(len(frame), np.nan)
    return np.asarray(pd.to_numeric(frame[column], errors="coerce"), dtype=float)


def in_order(rows: pd.DataFrame, values: npt.NDArray[np.float64], *, rank: str = "place") -> list[int]:
    """Places of the rows that have a value, the first first: by the rank that was decided before rounding.

    No value is compared here: rows of a table without that rank keep their order.

    >>> rows = pd.DataFrame({"need": ["PAY", "SEC", "SOC"], "place": [2.0, 1.0, 3.0]})
    >>> in_order(rows, np.array([0.3, 0.3, np.nan]))
    [1, 0]
    """
    order = np.argsort(floats(rows, rank), kind="stable")  # what is not known comes last
    return [int(at) for at in order if np.isfinite(values[at])]


def first_named(order: list[int], names: Sequence[str], named: Collection[str], most: int) -> list[int]:
    """The first ``most`` places of an order, the last of them given up for those that are named and stand further on.

    >>> first_named([2, 0, 1, 3], ["a", "b", "c", "d"], {"d"}, 2)
    [2, 3]
    """
    asked = [at for at in order if names[at] in named]
    others = [at for at in order if at not in asked][: max(most - len(asked), 0)]
    return [at for at in order if at in asked or at in others]


def first_alike(rows: pd.DataFrame, order: list[int], most: int) -> list[int]:
    """The first ``most`` places of an order, and those after them that are about as much as one of these."""
    alike = np.nan_to_num(floats(rows, "about_as_much")).astype(int)
    return order[: max([most, *(place + 1 + int(alike[at]) for place, at in enumerate(order[:most]))])]


def said_yes(rows: pd.DataFrame, named: Mapping[str, str]) -> npt.NDArray[np.bool_]:
    """Of each row whether its figures are shares of people who say yes; ``named``: mean -> column of its share."""
    result: npt.NDArray[np.bool_] = np.any([np.isfinite(floats(rows, share)) for share in named.values()], axis=0)
    return result


def told_as(rows: pd.DataFrame, named: Mapping[str, str], *, shares: bool) -> pd.DataFrame:
    """The rows whose figures are shares of people, under the names of the means; or those whose figures are means.

    >>> rows = pd.DataFrame({"need": ["PAY", "SEC"], "mean": [3.9, None], "share": [None, 0.8]})
    >>> told_as(rows, {"mean": "share"}, shares=True)
      need  mean
    0  SEC   0.8
    """
    asked = said_yes(rows, named)
    if not shares:
        return rows[~asked].reset_index(drop=True)
    rows = rows[asked].drop(columns=list(named), errors="ignore")
    return rows.rename(columns={share: mean for mean, share in named.items()}).reset_index(drop=True)


def bands_of(row: Row | pd.Series) -> Edges:
    """Where the bands of a released row begin: it depends on of how many people the row is.

    >>> [bands_of({"status": status, "n": n}) for status, n in (("banded", "140"), ("banded", "10–19"), ("shown", "9"))]
    [(0.05, 0.95), (0.1, 0.9), None]
    """
    return edges_of(str(row.get("n", ""))) if row.get("status") == "banded" else None


def bands_in(frame: pd.DataFrame) -> list[Edges]:
    """:func:`bands_of` each row."""
    nothing = pd.Series([""] * len(frame), index=frame.index)
    told = zip(frame.get("status", nothing), frame.get("n", nothing), strict=True)
    return [bands_of({"status": status, "n": n}) for status, n in told]


def answer_text(value: float, language: str, *, share: bool, bands: Edges = None) -> str:
    """A mean answer, 1 to 5, as a number; of what was asked with yes and no, the share who say yes."""
    return share_text(value, language, bands=bands) if share else number(value, language)


def answers_text(rows: pd.DataFrame, column: str, language: str, *, shares: bool) -> list[str]:
    """A column of :func:`told_as` as text, row by row."""
    if shares:
        return shares_text(rows, column, language)
    return [number(value, language) for value in floats(rows, column)]


def interval(low: str, high: str, language: str) -> str:
    """An interval in words; a dash when a bound is not known.

    >>> interval("0,1", "0,3", "nl"), interval("–", "0,3", "nl")
    ('0,1 tot 0,3', '–')
    """
    return "–" if "–" in (low, high) else say("display.between", language, low=low, high=high)


def shortfall_rows(table: ReleasedTable) -> pd.DataFrame:
    """The unmet needs of a ``shortfalls`` table (``shortfall, low, high``) or of ``profiles`` (measure ``shortfall``).

    One row per segment and need with ``mean, low, high, overall``, 0 (met) to 1, and ``status`` and ``overall_status``.
    """
    rows = rows_of(table)
    if "measure" in rows:
        return rows[rows["measure"] == "shortfall"].reset_index(drop=True)
    rows = rows.rename(columns={"shortfall": "mean"})
    everyone = of_segment(rows, None)
    overall = dict(zip(everyone["need"], zip(floats(everyone, "mean"), everyone["status"], strict=True), strict=True))
    told = [overall.get(need, (np.nan, "hidden")) for need in rows["need"]]
    return rows.assign(overall=[value for value, _ in told], overall_status=[status for _, status in told])


def share_text(value: float, language: str, *, bands: Edges = None, spoken: bool = False, digits: int = -1) -> str:
    """A released share as a percentage; in a row whose extremes were banded, the edges of its bands are bounds.

    ``spoken``: as a sentence has it. ``digits``: as a number from 0 to 1 with so many decimals.

    >>> usual, of_few = (0.05, 0.95), (0.1, 0.9)
    >>> share_text(0.05, "nl", bands=usual), share_text(0.9, "en", bands=of_few), share_text(0.9, "en", bands=usual)
    ('≤ 5%', '≥ 90%', '90%')
    >>> share_text(0.95, "nl", bands=usual, spoken=True), share_text(0.05, "nl", bands=usual, digits=2)
    ('ten minste 95%', '≤ 0,05')
    """
    told = percent(value, language) if digits < 0 else number(value, language, digits=digits)
    bound = band_of(value, bands)
    if spoken and bound:
        return say(f"display.{bound}", language, value=told)
    return {"at_most": "≤ ", "at_least": "≥ ", "": ""}[bound] + told


def band_of(value: float, bands: Edges) -> str:
    """What a share is shown as: 'at_least', 'at_most', or '' where it is the share itself."""
    if bands is None:
        return ""
    return "at_most" if value == bands[0] else "at_least" if value == bands[1] else ""


def shares_text(frame: pd.DataFrame, column: str, language: str, *, digits: int = -1) -> list[str]:
    """A released column of shares as text, row by row; bounds where the row was banded."""
    told = zip(floats(frame, column), bands_in(frame), strict=True)
    return [share_text(value, language, bands=bands, digits=digits) for value, bands in told]


def share_interval(low: float, high: float, language: str, *, bands: Edges = None) -> str:
    """The interval of a share in words: open where an end was cut off at a band; a dash when it is not known.

    One that is narrower than a percentage shows is not written as one without a width.

    >>> usual = (0.05, 0.95)
    >>> share_interval(0.81, 0.95, "en", bands=usual), share_interval(0.05, 0.19, "nl", bands=usual)
    ('81% or more', '19% of minder')
    >>> share_interval(0.81, 0.95, "en"), share_interval(float("nan"), 0.3, "en")
    ('81% to 95%', '–')
    >>> share_interval(0.0, 0.004, "en")
    'less than 1 point wide'
    """
    below, above = band_of(low, bands) == "at_most", band_of(high, bands) == "at_least"
    ends = {"low": percent(low, language), "high": percent(high, language)}
    if not (below or above) and ends["low"] == ends["high"] != "–":
        return say("display.narrow", language)
    if below == above or "–" in ends.values():
        return interval(ends["low"], ends["high"], language)
    return say("display.or_more" if above else "display.or_less", language, **ends)


def share_intervals(frame: pd.DataFrame, language: str, columns: tuple[str, str] = ("low", "high")) -> list[str]:
    """The intervals of a released column of shares as text, row by row."""
    ends = zip(floats(frame, columns[0]), floats(frame, columns[1]), bands_in(frame), strict=True)
    return [share_interval(low, high, language, bands=bands) for low, high, bands in ends]


def signed(value: float, language: str, *, digits: int = 0, unit: str = "%") -> str:
    """A difference with its sign.

    >>> signed(3.0, "nl"), signed(-1.25, "nl", digits=1, unit=""), signed(0.0, "en")
    ('+3%', '−1,2', '0%')
    """
    if value != value:
        return "–"
    rounded = round(value, digits)
    sign = "+" if rounded > 0 else "−" if rounded < 0 else ""
    return f"{sign}{number(abs(rounded), language, digits=digits)}{unit}"


def people_text(n: object, language: str) -> str:
    """A released number of people as its language writes it; a band or dash stays as it is.

    >>> people_text("1240", "nl"), people_text("10–19", "nl")
    ('1.240', '10–19')
    """
    text = str(n)
    return number(float(text), language, digits=0) if text.isdigit() else text
