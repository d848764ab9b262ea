"""The questionnaire as data: what each item asks, on which scale, about which need."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from segment.errors import InvalidStudy, nearest
from segment.locale import languages, own_languages, own_words, say
from segment.vocabulary import SEVEN_RS, ItemKind

#: Column of a codebook -> whether it must be there, and what it holds.
COLUMNS: Mapping[str, tuple[bool, str]] = {
    "code": (True, "the item's column in the survey export"),
    "driver": (True, "the need it is about; empty or * for none"),
    "kind": (True, "what it asks, one of the kinds below"),
    "scale": (True, "the scale of its answers; open for words"),
    "reverse": (True, "yes (R, x, ja, 1) for an item that asks for the opposite; empty for others"),
    **{
        language: (language in own_languages(), f"the question in {say('language.called', language)}")
        for language in languages()
    },
    "r7": (False, "which of the seven Rs it belongs to"),
    "use": (False, "how it is used where its kind leaves that open"),
    "short": (False, "yes for an item of the short form"),
    "block": (False, "the block of the questionnaire; for people who read the file"),
}
_REQUIRED = tuple(name for name, (needed, _) in COLUMNS.items() if needed)
#: Most items and bytes of a questionnaire.
MOST_ITEMS, MOST_BYTES = 2_000, 2_000_000
_LONG = "a codebook has one question per line: look on that line for a quote that is never closed, or for data"
_NO_NEED = ("", "*")
#: Words of the columns that say yes or no, in Dutch and English, without regard to case.
_YES = frozenset({"yes", "y", "ja", "j", "x", "1", "true", "waar"})
_NO = frozenset({"", "no", "n", "nee", "0", "false", "onwaar"})
#: Further words for an item that asks for the opposite.
_REVERSED = _YES | {"r", "-1", "reverse", "reversed", "omgekeerd", "gespiegeld"}


@dataclass(frozen=True)
class Item:
    """One question. ``need`` is empty for items about no single need; answers run from ``low`` to ``high``."""

    code: str
    kind: ItemKind
    need: str
    scale: str
    low: float
    high: float
    reverse: bool
    r: str
    use: str
    short: bool
    texts: Mapping[str, str] = field(hash=False)
    labels: Mapping[str, float] = field(default_factory=dict, hash=False)
    """words of its scale that the study adds to the usual ones, and what they stand for"""

    @property
    def is_yes_no(self) -> bool:
        """Whether there are two answers, such as yes and no."""
        return self.high - self.low == 1

    def text(self, language: str) -> str:
        """The question in one language."""
        return own_words(self.texts, language)


@dataclass(frozen=True)
class Codebook:
    """All items of a study, in questionnaire order, and the names of its needs."""

    items: tuple[Item, ...]
    need_names: Mapping[str, Mapping[str, str]]

    def of_kind(self, *kinds: str) -> tuple[Item, ...]:
        """Items of these kinds, in order."""
        return tuple(item for item in self.items if item.kind in kinds)

    def by_code(self, *kinds: str) -> tuple[Item, ...]:
        """Items of these kinds (of all, if none is given) by code: computations go through them so.

        What is drawn, tried or rounded item by item is then the same wherever an item stands in the questionnaire; what
        is shown stands in the questionnaire's order.
        """
        return tuple(sorted(self.of_kind(*kinds) if kinds else self.items, key=lambda item: item.code))

    def need_map(self, *kinds: str) -> dict[str, str]:
        """Item code -> need, for the items of these kinds that belong to one need; by code. Of no kinds: nothing."""
        return {item.code: item.need for item in self.by_code() if item.need and item.kind in kinds}

    def yes_no_needs(self, *kinds: str) -> frozenset[str]:
        """The needs about which items of these kinds ask with two answers only: their means are shares of people."""
        items = [item for item in self.of_kind(*kinds) if item.need]
        return frozenset(item.need for item in items) - {item.need for item in items if not item.is_yes_no}

    def need_scales(self, *kinds: str) -> dict[str, tuple[float, float] | None]:
        """Need -> lowest and highest answer of the items of these kinds about it; ``None`` where these differ.

        Where every item has two answers that is 0 to 1, however they are written.
        """
        found: dict[str, set[tuple[float, float]]] = {}
        for item in self.of_kind(*kinds):
            if item.need:
                found.setdefault(item.need, set()).add((0.0, 1.0) if item.is_yes_no else (item.low, item.high))
        return {need: next(iter(ends)) if len(ends) == 1 else None for need, ends in found.items()}

    def scales(self) -> dict[str, tuple[float, float]]:
        """Item code -> lowest and highest answer."""
        return {item.code: (item.low, item.high) for item in self.items}

    @property
    def needs(self) -> tuple[str, ...]:
        """The needs in the order in which the questionnaire first asks about them."""
        return tuple(dict.fromkeys(item.need for item in self.items if item.need))

    def need_name(self, need: str, language: str) -> str:
        """A need's name in one language; its code where no name was given."""
        return own_words(self.need_names.get(need) or {}, language, need)

    def item(self, code: str) -> Item:
        """One item by its code."""
        return next(item for item in self.items if item.code == code)


def read_codebook(
    file: Path,
    *,
    scales: Mapping[str, tuple[float, float]],
    need_names: Mapping[str, Mapping[str, str]] | None = None,
    labels: Mapping[str, Mapping[str, float]] | None = None,
) -> Codebook:
    """Read a codebook CSV (one row per item) and refuse it with every mistake at once.

    Columns: ``code, kind, driver, scale, reverse, nl, en`` and, optionally, ``r7, use, short, block``. An open
    question has scale ``open``. ``driver`` is the need the item is about, ``*`` or empty for none. ``reverse`` and
    ``short`` take words for yes and no (Dutch or English; ``R`` is yes too); any other word is a mistake. ``labels``:
    scale -> {word of an answer: the number it stands for}.
    """
    name = file.name
    columns: list[str] = []
    rows: list[tuple[int, dict[str, str]]] = []
    try:
        _refuse_long(file)
        with file.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle)
            columns += [(column or "").strip() for column in reader.fieldnames or ()]
            reader.fieldnames = columns
            rows.extend((reader.line_num, _stripped(row)) for row in islice(reader, MOST_ITEMS + 1))
    except (OSError, UnicodeDecodeError):
        raise InvalidStudy("The codebook cannot be read.", [f"{name}:1:1: no such file, or not UTF-8 text"]) from None
    except csv.Error:
        line = rows[-1][0] + 1 if rows else 2 if columns else 1
        raise InvalidStudy(
            "The codebook cannot be read.", [f"{name}:{line}:1: a text that is too long, or is no text"], advice=_LONG
        ) from None
    absent = [column for column in _REQUIRED if column not in columns]
    if absent:
        raise InvalidStudy(
            "The codebook lacks columns.",
            [f"{name}:1:1: column '{column}' is missing" for column in absent],
            advice="separate columns by commas" if len(columns) == 1 else "",
        )
    if len(rows) > MOST_ITEMS:
        raise InvalidStudy("The codebook cannot be read.", [f"{name}:{rows[-1][0]}: more than {MOST_ITEMS:,} items"])
    if not rows:
        raise InvalidStudy("The codebook asks nothing.", [f"{name}:2: expected one row per item"])
    problems = list(_problems(name, rows, scales))
    if problems:
        raise InvalidStudy(f"The codebook has {len(problems)} mistake{'s' if len(problems) != 1 else ''}.", problems)
    return Codebook(tuple(_item(row, scales, labels or {}) for _, row in rows), need_names or {})


def _refuse_long(file: Path) -> None:
    """Refuse a file of which more would be read than a questionnaire holds, with the line on which it is too much."""
    with file.open("rb") as handle:
        data = handle.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        where = f"{file.name}:{data.count(bytes([10])) + 1}:1"
        raise InvalidStudy(
            "The codebook cannot be read.",
            [f"{where}: here the file is longer than {MOST_BYTES:,} bytes"],
            advice=_LONG,
        )


def _stripped(row: Mapping[str | None, str | list[str] | None]) -> dict[str, str]:
    """A row's words without the spaces around them; fields beyond the header under the name '+'."""
    words = {column or "+": value for column, value in row.items()}
    return {column: value.strip() if isinstance(value, str) else "" for column, value in words.items()}


def _problems(
    name: str, rows: list[tuple[int, dict[str, str]]], scales: Mapping[str, tuple[float, float]]
) -> Iterable[str]:
    """Every mistake, each with the line its row ends on."""
    seen: dict[str, int] = {}
    for line, row in rows:
        code = row["code"]
        if "+" in row:
            yield f"{name}:{line}: more fields than the header has; put texts with a comma in quotes"
        if not code:
            yield f"{name}:{line}: column code: empty"
        elif code in seen:
            yield f"{name}:{line}: column code: '{code}' stands on line {seen[code]} too"
        seen.setdefault(code, line)
        if row["kind"].lower() not in tuple(ItemKind):
            yield f"{name}:{line}: column kind: '{row['kind']}' is not a known kind{_hint(row['kind'], ItemKind)}"
        if row["scale"] not in scales and row["scale"] != "open":
            yield f"{name}:{line}: column scale: '{row['scale']}' is not a declared scale{_hint(row['scale'], scales)}"
        for column, words in (("reverse", _REVERSED | _NO), ("short", _YES | _NO)):
            word = row.get(column, "")
            if word.lower() not in words:
                known = "R, yes, ja or x for reversed" if column == "reverse" else "yes, ja or x"
                yield f"{name}:{line}: column {column}: '{word}' is not a known word; known: {known}, else no or empty"
        letter = row.get("r7", "")
        if letter and letter.capitalize() not in (*SEVEN_RS, *SEVEN_RS.values()):
            yield f"{name}:{line}: column r7: '{letter}' is not one of the seven Rs{_hint(letter, SEVEN_RS)}"


def _hint(word: str, known: Iterable[str]) -> str:
    return f"; {nearest(word, known)}"


def _item(
    row: dict[str, str], scales: Mapping[str, tuple[float, float]], labels: Mapping[str, Mapping[str, float]]
) -> Item:
    low, high = scales.get(row["scale"], (float("nan"), float("nan")))
    return Item(
        code=row["code"],
        kind=ItemKind(row["kind"].lower()),
        need="" if row["driver"] in _NO_NEED else row["driver"],
        scale=row["scale"],
        low=low,
        high=high,
        reverse=row["reverse"].lower() in _REVERSED,
        r=row.get("r7", "").capitalize(),
        use=row.get("use", ""),
        short=row.get("short", "").lower() in _YES,
        texts={language: row[language] for language in languages() if row.get(language)},
        labels=labels.get(row["scale"], {}),
    )
