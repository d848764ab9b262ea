"""Every number that HR receives, found back in the released tables by parsing: pages, workbook, slides, actions.

Tables, figures of rows, heat maps and sheets are read cell by cell against the rows that they may come from
(``truths/readers.py``). What is told in sentences stands under no heading: it is held against the released figures of
what a sentence names, the counts of people and the settings that a reader is told. A wrong number passes more easily
there; how easily is measured with planted ones.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from truths.pages import Figure, Page, figures
from truths.ranks import actions_rows
from truths.readers import LANGUAGES, Behind, Compared, compare, numbers_in
from truths.rows import Row, row

from received.studies import Release
from segment.displays.labels import Labels, segment_number
from segment.locale import catalogue
from segment.stages.publish import wave_of
from segment.stages.release.read_back import read_slides
from segment.stages.report_context import tell
from segment.tables.registry import met

#: Small whole numbers count things on a page (steps, places, months, ends of scales) and prove nothing.
_COUNTED = 12


#: Columns whose names are said in sentences.
_NAMED = ("segment", "segment_from", "segment_to", "need", "moment")
#: A digest is a name and no number.
_DIGEST = re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{8,64}\b")


@dataclass(frozen=True)
class Known:
    """Every number that a sentence may tell: of released rows by what they are about, and of the study itself."""

    tables: Mapping[str, Behind]
    study: np.ndarray

    @classmethod
    def of(cls, release: Release, labels: Labels) -> Known:
        """From the released tables, and from what the story tells of counts, days, search and settings."""
        story = tell(release.opened, {}, wave=wave_of(release.opened))
        values = [float(story.n_people), float(story.n_respondents), float(story.n_answered), story.horizon_months]
        values += [float(one) for one in story.outside.values()] + [story.response_rate or 0.0]
        for frame in (story.divided, story.tried, story.findings):
            values += [number for row in _cells(frame) for number in row] if frame is not None else []
        certificate = json.loads((release.exports / "manifest.json").read_text(encoding="utf-8"))["certificate"]
        days = f"{story.wave} {story.counted_on} {story.employed_on} {story.watched_until}".replace("-", " ")
        values += [one.value for one in figures(f"{json.dumps(certificate)} {days}", "en")]
        lines = pd.concat([table["status"] for table in met(release.released).values()])
        values += [float(len(lines)), float((lines == "hidden").sum()), *_leavers(release), *_in_segments(release)]
        tables = {name: Behind.of(rows, labels) for name, rows in release.released.items()}
        return cls(tables, np.array([one for one in values if np.isfinite(one)]))

    def stands(self, one: Figure, sentence: str) -> bool:
        """Whether a known number reads like this: as it is, as a percentage, or as what is left of one.

        Where a sentence names a segment, a need or a moment, rows about it alone may stand behind its numbers, of the
        tables that know the most of what it names.
        """
        if not one.percent and one.decimals == 0 and abs(one.value) <= _COUNTED:
            return True
        return _reads(one, self.study) or any(_reads(one, values) for values in self._about(sentence))

    def _about(self, sentence: str) -> Iterator[np.ndarray]:
        """The numbers of the tables that know the most of what is named, then of those that know any of it."""
        named = {name: _named(behind, sentence) for name, behind in self.tables.items()}
        most = max((columns for columns, _ in named.values()), default=0)
        for least in (most, min(most, 1)):
            close = (self.tables[name].numbers_for(keys) for name, (columns, keys) in named.items() if columns >= least)
            yield np.array([number for numbers in close for number in numbers])


def _leavers(release: Release) -> list[float]:
    """How many people will have left, nine times in ten: the ends of the band of each group, in people."""
    rows = release.released.get("leaving", pd.DataFrame())
    if not {"left_low", "left_high"} <= set(rows):
        return []
    people = pd.to_numeric(rows["n"], errors="coerce").to_numpy(dtype=float)
    low, high = (people * rows[name].to_numpy(dtype=float) for name in ("left_low", "left_high"))
    return [*np.floor(low + 1e-9).tolist(), *np.ceil(high - 1e-9).tolist()]


def _in_segments(release: Release) -> list[float]:
    """How many of the people of whom leaving is foretold are in the segments together."""
    rows = release.released.get("leaving", pd.DataFrame({"segment": [], "n": []}))
    people = pd.to_numeric(rows["n"], errors="coerce")[rows["segment"].notna()]
    return people.groupby(rows["horizon"]).sum().tolist() if "horizon" in rows else [float(people.sum())]


def _named(behind: Behind, sentence: str) -> tuple[int, list[str]]:
    """How many key columns have a name that stands in the sentence, and these names; a name within another is none."""
    names = {word: one for one, of in behind.words.items() if one in _NAMED for word in of if len(word) > 2}
    pattern = "|".join(rf"(?<!\w){re.escape(one)}(?!\w)" for one in sorted(names, key=len, reverse=True))
    keys = re.findall(pattern, sentence) if pattern else []
    return len({names[key] for key in keys}), keys


def _reads(one: Figure, values: np.ndarray) -> bool:
    half = 0.5 * 10.0**-one.decimals + 1e-6
    shares = 100 * values
    every = np.r_[shares, 100 - shares] if one.percent else np.r_[values, shares, 1 - values, -values]
    return bool((np.abs(every - one.value) <= half).any())


def _cells(table: pd.DataFrame) -> Iterator[list[float]]:
    yield from (numbers_in(row) for row in table.to_numpy(dtype=object))


def found_back(release: Release) -> list[Row]:
    """One row per kind of file: how many numbers were read, and how many no released figure stands behind."""
    found = compare(release.exports, release.released, release.labels) if "segments" in release.released else Compared()
    for language in LANGUAGES:
        known = Known.of(release, release.labels(language))
        for path in sorted(release.exports.glob(f"*.{language}.html")):
            _told(found, path, Page.of(path), known, language)
        _slides(found, release, release.exports / f"segments.{language}.pptx")
    _actions(found, release)
    kinds = Counter[str]()
    wrong = Counter[str]()
    for reader, count in found.checked.items():
        kinds[_kind(reader)] += count
    for fault in found.faults:
        wrong[_kind(fault.split(": ")[0])] += 1
    shown = {kind: next((one for one in found.faults if _kind(one.split(": ")[0]) == kind), "") for kind in kinds}
    return [
        row(
            f"{release.name}: {kind}", "every number found back",
            f"{count - wrong[kind]} of {count}" + (f"; not: {shown[kind][:90]}" if wrong[kind] else ""),
            not wrong[kind],
        )
        for kind, count in sorted(kinds.items())
    ]  # fmt: skip


def _kind(reader: str) -> str:
    """The kind of file, and whether it is read by cell or by sentence."""
    name, _, told = reader.partition(", ")
    kind = name.split(".")[0].split("_")[0] + Path(name).suffix
    return f"{kind}, sentences" if told == "sentences" else kind


def _told(found: Compared, path: Path, page: Page, known: Known, language: str) -> None:
    for _, words in page.parts:
        for one in _numbers(words, language):
            found.holds(f"{path.name}, sentences", words[:70], known.stands(one, words), one.value)


def _slides(found: Compared, release: Release, path: Path) -> None:
    """Every figure of every chart, and of the workbook behind it: a released one, or what is left of one."""
    numbers = [number for table in release.released.values() for row in _cells(table) for number in row]
    known = np.array([one for one in numbers if np.isfinite(one)])
    for one in read_slides(path)[1]:
        is_so = bool((np.abs(np.r_[known - one, 1 - known - one]) < 1e-6).any())
        found.holds(path.name, "a chart", is_so or one == 0, one)


def _actions(found: Compared, release: Release) -> None:
    """Every line of the list of actions against the released plan of its segment and rank."""
    plans = release.released.get("plans")
    for line in actions_rows(release.exports / "actions.csv") if plans is not None else []:
        own = int(line["segment"]) - 1
        numbers = plans["segment"].map(segment_number)
        rows = plans[(numbers.isna() if own < 0 else numbers == own) & (plans["action"] == line["action"])]
        values = [number for cells in _cells(rows) for number in cells]
        for column in ("rank", "people_answered", "priority_percent", "place"):
            for one in figures(line[column], "en"):
                percent = Figure(one.value, one.decimals, column == "priority_percent")
                is_so = any(percent.is_of(value) for value in values)
                found.holds("actions.csv", f"{line['segment']}.{line['rank']} {column}", is_so, line[column])


def planted(release: Release, *, seed: int) -> Row:
    """Two hundred numbers that stand in sentences, each turned into another of its kind: how many are seen."""
    rng, known = np.random.default_rng(seed), Known.of(release, release.labels("en"))
    said = [words for path in sorted(release.exports.glob("*.en.html")) for _, words in Page.of(path).parts]
    told = [(one, words) for words in said for one in _numbers(words, "en")]
    told = [(one, words) for one, words in told if one.percent or one.decimals or abs(one.value) > _COUNTED]
    chosen = [told[int(at)] for at in rng.integers(len(told), size=200)]
    wrong = ((Figure(_other(one, rng), one.decimals, one.percent), words) for one, words in chosen)
    seen = sum(not known.stands(one, words) for one, words in wrong)
    return row(f"{release.name}: wrong numbers planted in sentences", "", f"{seen} of {len(chosen)} seen", None)


def _numbers(words: str, language: str) -> list[Figure]:
    """The numbers of a sentence that are not a part of the sentence itself ('20 of 100 cases')."""
    for piece in _own_numbers(language):
        words = words.replace(piece, " ")
    return figures(_DIGEST.sub("", words), language)


@cache
def _own_numbers(language: str) -> tuple[str, ...]:
    """The pieces of messages, between what is filled in, that hold a number."""
    pieces = {piece for text in catalogue().values() for piece in re.split(r"\{[^}]*\}", text[language])}
    return tuple(sorted((one for one in pieces if re.search(r"\d", one) and len(one) > 4), key=len, reverse=True))


def _other(one: Figure, rng: np.random.Generator) -> float:
    """Another number with as many digits."""
    width = max(1.0, abs(one.value))
    return round(float(one.value + rng.choice([-1, 1]) * rng.uniform(0.1, 0.9) * width), one.decimals)
