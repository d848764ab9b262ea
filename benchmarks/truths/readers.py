"""What each reader of a release is told, held against the released tables and against what other readers are told.

Every cell of every table is read back: its row, its column and its caption say which rows of the released table it
may come from (this segment, this need, this month), and every number in it must be one of theirs. Ranks are read as
the order in which names stand.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from segment.disclosure.figures import rounded
from segment.displays.column_text import measure_name
from segment.displays.labels import Labels, segment_number
from segment.displays.retention import assumption_name, cause_name
from segment.exports.reported_metrics import metric_name
from segment.locale import catalogue, say
from truths.pages import Figure, Page, Table, figures, workbook

LANGUAGES = ("nl", "en")

#: Caption -> the released table that it shows, by the key of its message.
CAPTIONS: Mapping[str, str] = {
    "report.segments.sizes": "segments",
    "display.profile.title.each.importance": "profiles",
    "display.profile.title.one.importance": "profiles",
    "display.profile.title.each.experience": "profiles",
    "display.profile.title.one.experience": "profiles",
    "display.shortfall.title": "shortfalls",
    "display.verdict.title": "verdict",
    "report.exemplar.title": "exemplars",
    "report.outcomes.title": "segment_outcomes",
    "report.drivers.title": "drivers",
    "display.promise.title": "promises",
    "report.matches.title": "match_counts",
    "report.rs.table": "scorecard",
    "display.journey.title": "journey",
    "display.leaving.title.exit": "leaving",
    "display.leaving.title.intention": "leaving",
    "display.curve.title": "curves",
    "display.incidence.title": "curves",
    "report.first_year.title": "first_year",
    "display.effect.title.exit": "effects",
    "display.effect.title.intention": "effects",
    "report.segment_effects.title": "segment_effects",
    "report.segment_effects.title.intention": "segment_effects",
    "report.what_if.title": "what_if",
    "display.calibration.title": "calibration",
    "report.staying.value": "lifetime_value",
    "display.tornado.title": "value_sensitivity",
    "report.staying.migration": "migration",
    "report.moved.title": "movement",
    "report.staying.groups": "group_results",
    "report.groups.scores": "group_results",
    "report.groups.proxies": "group_results",
    "report.attractive.title": "attractiveness",
    "report.actions.ladder": "ladder",
    "display.stability.title": "stability",
    "report.neighbours.title": "neighbours",
    "report.short.title": "typing_tool",
    "report.short.questions": "typing_tool",
    "report.method.reliability": "reliability",
    "report.method.evaluation": "evaluation",
    "report.competition.title": "competition",
}  # fmt: skip

#: Anchor of a figure of rows or of a heat map -> the released table that it shows; others are called by their table.
FIGURES: Mapping[str, str] = {
    "lacking": "shortfalls", "promised": "promises", "promised-share": "promises", "moments": "journey",
    "moments-share": "journey", "needs-score": "profiles", "needs-score-share": "profiles",
    "needs-importance": "profiles", "needs-importance-share": "profiles", "needs-experience": "profiles",
    "needs-experience-share": "profiles",
}  # fmt: skip


@dataclass
class Compared:
    """How many figures were read back, and which of them no released figure stands behind."""

    checked: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def holds(self, reader: str, claim: str, is_so: bool, told: object = "") -> None:
        """Count a claim of a reader; note it when it is not so."""
        self.checked[reader] += 1
        if not is_so:
            self.faults.append(f"{reader}: {claim}: {told}")


def read_released(folder: Path) -> dict[str, pd.DataFrame]:
    """The released tables as they were written for the tracker."""
    found = {}
    for path in sorted(folder.glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        found[path.stem] = pd.DataFrame(content["data"], columns=content["columns"])
    return found


def compare(exports: Path, released: Mapping[str, pd.DataFrame], labels: Callable[[str], Labels]) -> Compared:
    """Every figure of report, one-pagers and workbook against the released tables; the languages with each other."""
    found = Compared()
    for language in LANGUAGES:
        words = labels(language)
        pages = (exports / f"report.{language}.html", exports / f"method.{language}.html")
        for path in (*pages, *sorted(exports.glob(f"segment_*.{language}.html"))):
            only = re.match(r"segment_(\d+)\.", path.name)
            _page(found, path, released, words, segment=int(only.group(1)) - 1 if only else None)
        _workbook(found, exports / f"segments.{language}.xlsx", released, words)
    _languages(found, exports)
    return found


def _page(
    found: Compared, path: Path, released: Mapping[str, pd.DataFrame], labels: Labels, *, segment: int | None
) -> None:
    shown = captions(labels.language)
    page = Page.of(path)
    for table in (*page.tables, *(_named_rows(figure, labels) for figure in page.figures)):
        by_caption = shown.get(table.caption) or _by_headings(table, labels.language)
        name = FIGURES.get(table.anchor, table.anchor) or by_caption
        if name is None or name not in released:
            continue
        rows = released[name]
        if segment is not None and "segment" in rows:
            rows = rows[rows["segment"].map(segment_number) == segment]
        _table(found, f"{path.name}, {table.caption or name}", table, rows, labels)


def _named_rows(figure: Table, labels: Labels) -> Table:
    """A figure of rows as a table: what is of no segment is of everyone."""
    everyone = labels.segment(None)
    rows = [[name, under or everyone, told] for name, under, told in figure.rows]
    return Table(headings=["", "", ""], rows=rows, anchor=figure.anchor)


def captions(language: str) -> dict[str, str]:
    """Caption in one language -> released table."""
    told = {}
    for key, name in CAPTIONS.items():
        if key in catalogue():
            text = catalogue()[key][language]
            told |= {text.replace("{months}", str(months)): name for months in (6, 12, 18, 24, 36)}
    return told


def _by_headings(table: Table, language: str) -> str | None:
    """The table of a one-pager, which has no caption: told by its second column."""
    second = table.headings[1] if len(table.headings) > 1 else ""
    if second == say("onepager.lacks.column", language):
        return "shortfalls"
    return "promises" if second == say("display.column.promised", language) else None


def _table(found: Compared, reader: str, table: Table, rows: pd.DataFrame, labels: Labels) -> None:
    behind, above = Behind.of(rows, labels), ""
    for line in table.rows:
        above = line[0] or above
        names = [one for one in line if behind.is_label(one)]
        headings = [re.sub(r"^\d+ (?=\S)", "", one) for one in table.headings]  # a segment's number stands before it
        for heading, cell in zip(headings[1:], line[1:], strict=True):
            for one in [] if behind.is_label(cell) else figures(cell, labels.language):
                is_so = behind.stands(one, [above, *names, heading], cell)
                found.holds(reader, f"{above} / {heading}", is_so, f"'{cell}'")


def key_words(rows: pd.DataFrame, labels: Labels) -> dict[str, list[str]]:
    """Key column -> what a reader sees of it, row by row."""
    language = labels.language

    def segment(value: Any) -> str:
        return labels.segment(segment_number(value))

    def measure(value: Any) -> str:
        key = f"display.measure.{value}"
        return say(key, language) if key in catalogue() else measure_name(str(value), language)

    tell: Mapping[str, Callable[[Any], str]] = {
        "segment": segment, "segment_from": segment, "segment_to": segment,
        "need": lambda v: labels.need(str(v)), "moment": lambda v: labels.moment(str(v)),
        "item": lambda v: labels.feature(str(v)), "feature": lambda v: labels.feature(str(v)),
        "attribute": lambda v: labels.feature(str(v)), "measure": measure,
        "criterion": lambda v: say(f"report.attractive.{v}", language),
        "assumption": lambda v: assumption_name(str(v), language), "cause": lambda v: cause_name(str(v), language),
        "metric": lambda v: metric_name(str(v), language), "offer": lambda v: str(v).replace("_", " "),
        "source": lambda v: say("display.everyone", language) if pd.isna(v) else str(v).replace("_", " "),
        "group": lambda v: say("display.everyone", language) if pd.isna(v) else str(v),
        "month": lambda v: f"{float(v):.0f}", "moved": lambda v: say(f"report.moved.{v}", language),
        "bin": lambda v: f"{float(v):.0f}", "n_items": lambda v: f"{float(v):.0f}",
    }  # fmt: skip
    return {name: [how(value) for value in rows[name]] for name, how in tell.items() if name in rows}


def _told_outward(rows: pd.DataFrame) -> pd.DataFrame:
    """Figures of the evaluation with their ends to hundredths, outward as pages tell them; other tables as they are.

    Of a gain, told in tenths of a percent, the ends are those released.
    """
    if not {"model", "metric", "low", "high"} <= set(rows):
        return rows
    ends = {end: rounded(end, rows[end].to_numpy(dtype=float), 2) for end in ("low", "high")}
    return rows.assign(**{end: np.where(rows["metric"] == "gain", rows[end], told) for end, told in ends.items()})


@dataclass(frozen=True)
class Behind:
    """A released table as a place to look numbers up: what a reader sees of each row, and the row's own numbers."""

    words: Mapping[str, np.ndarray]
    numbers: Sequence[Sequence[float]]
    leaving: Sequence[float]

    @classmethod
    def of(cls, rows: pd.DataFrame, labels: Labels) -> Behind:
        words = {name: np.array(told, dtype=object) for name, told in key_words(rows, labels).items()}
        ends = rows.get("leaving", [])
        numbers = [numbers_in(row) for row in _told_outward(rows).to_numpy(dtype=object)]
        return cls(words, numbers, [float(end) for end in ends])

    def is_label(self, cell: str) -> bool:
        """Whether a cell is the name of a row, not a figure."""
        return any((of == cell).any() for of in self.words.values())

    def numbers_for(self, said: Iterable[str]) -> list[float]:
        """The numbers that a cell may show, by the words that stand beside and above it.

        Row and column of a migration are two keys; a source of hire stands behind a colon.
        """
        spoken = [one for one in said if one]
        tails = [one.rpartition(": ")[2] for one in spoken if ": " in one]
        places = {"segment_from": spoken[:1], "segment_to": spoken[-1:], "source": tails or spoken}
        keep = np.ones(len(self.numbers), dtype=bool)
        for column, of in self.words.items():
            hits = np.isin(of, places.get(column, spoken))
            keep &= hits if hits.any() else True
        return [number for at in np.flatnonzero(keep) for number in self.numbers[at]]

    def stands(self, one: Figure, said: Iterable[str], cell: str) -> bool:
        """Whether a released figure is behind a number: as it is, as what is left of one, as a difference of two."""
        values = self.numbers_for(said)
        if any(one.is_of(value) for value in values):
            return True
        others = [1 - value for value in values if 0 <= value <= 1]
        if "%" in cell or one.value > 1:
            others += [value / 100 for value in values] + [100 * value for value in values]
        others += [a - b for a in self.leaving for b in self.leaving]
        return any(one.is_of(value) for value in others)


def numbers_in(cells: Iterable[Any]) -> list[float]:
    """The numbers of a row, those written in words too."""
    found: list[float] = []
    for cell in cells:
        if isinstance(cell, str):
            found += [one.value / (100 if one.percent else 1) for one in figures(cell, "en")]
        elif cell is not None and np.isfinite(float(cell)):
            found.append(float(cell))
    return found


SHEETS: Mapping[str, tuple[str, ...]] = {
    "segments": ("segments", "shortfalls", "leaving", "curves"), "profiles": ("profiles",),
    "exemplars": ("exemplars",), "promises": ("promises",), "scorecard": ("scorecard",), "journey": ("journey",),
    "staying": ("leaving", "curves", "first_year"), "associations": ("effects", "segment_effects", "what_if"),
    "value": ("lifetime_value", "value_sensitivity"), "groups": ("group_results",),
    "attractiveness": ("attractiveness",), "actions": ("plans",),
}  # fmt: skip


def _workbook(found: Compared, path: Path, released: Mapping[str, pd.DataFrame], labels: Labels) -> None:
    book, month = workbook(path), say("workbook.column.month", labels.language)
    for sheet, names in SHEETS.items():
        title = _title(sheet, book, labels.language)
        tables = [Behind.of(released[name], labels) for name in names if name in released]
        if title is None or not tables:
            continue
        headings, *lines = book[title]
        for line in lines:
            cells = list(zip(headings, line, strict=False))
            said = [str(cell) for _, cell in cells if isinstance(cell, str)]
            said += [f"{cell:.0f}" for heading, cell in cells if isinstance(cell, float) and heading == month]
            behind = np.array([number for table in tables for number in table.numbers_for(said)])
            for heading, cell in cells:
                if isinstance(cell, float) and not _is_number_of_a_segment(sheet, heading, labels.language):
                    is_so = bool((np.abs(np.r_[cell - behind, 1 - cell - behind]) < 1e-6).any())
                    found.holds(f"{path.name}, {title}", f"{said[:2]} / {heading}", is_so, cell)


def _title(sheet: str, book: Mapping[str, Any], language: str) -> str | None:
    """The name of a sheet in one language, as it is in this workbook."""
    keys = [key for key in (f"workbook.sheet.{sheet}", f"workbook.sheet.{sheet}.intention") if key in catalogue()]
    return next((title for key in keys if (title := say(key, language)) in book), None)


def _is_number_of_a_segment(sheet: str, heading: str, language: str) -> bool:
    return sheet == "segments" and heading == say("workbook.column.number", language)


def _languages(found: Compared, exports: Path) -> None:
    """Dutch and English say the same numbers in the same order, page by page and sheet by sheet."""
    for dutch in sorted(exports.glob("*.nl.html")):
        both = [
            [one for _, words in Page.of(path).parts for one in figures(words, language)]
            + [
                one
                for table in Page.of(path).tables
                for line in table.rows
                for cell in line[1:]
                for one in figures(cell, language)
            ]
            for path, language in ((dutch, "nl"), (dutch.with_name(dutch.name.replace(".nl.", ".en.")), "en"))
        ]
        dutch_numbers, english_numbers = (Counter((one.value, one.decimals) for one in page) for page in both)
        apart = sorted(((dutch_numbers - english_numbers) + (english_numbers - dutch_numbers)).elements())
        found.holds(dutch.name, "the same numbers in both languages", not apart, apart[:5])
    books = [workbook(exports / f"segments.{language}.xlsx") for language in LANGUAGES]
    for (title, dutch_rows), english_rows in zip(books[0].items(), books[1].values(), strict=True):
        numbers = [
            [cell for line in rows for cell in line if isinstance(cell, float)] for rows in (dutch_rows, english_rows)
        ]
        found.holds("segments.xlsx", f"sheet {title}: the same numbers in both languages", numbers[0] == numbers[1])
