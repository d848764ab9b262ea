"""Orders that readers are told: what weighs most, what is lacking most, what to do first; each reader beside the rest.

The truth is the order of the unrounded figures. A reader may name two things as about as much; it may not turn them
round.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from segment.displays.labels import Labels
from segment.locale import catalogue, say
from truths.pages import Page, workbook
from truths.readers import LANGUAGES, Compared

#: (what is ranked, segment) -> reader -> names as codes, the first first.
ShownColumn = dict[tuple[str, int], dict[str, list[str]]]


def compare_ranks(
    found: Compared, exports: Path, truth: Mapping[str, pd.DataFrame], labels: Callable[[str], Labels]
) -> ShownColumn:
    """Hold every reader's order against the unrounded one.

    ``truth``: unrounded tables by name: ``profiles`` (``segment, need, measure, mean``; of the wave of the release) and
    ``plans`` (``segment, rank, action``).
    """
    told = told_orders(exports, labels)
    orders = true_orders(truth)
    for (what, segment), readers in sorted(told.items()):
        right = orders.get((what, segment), [])
        for reader, names in readers.items():
            shared = [name for name in right if name in names]
            claim = f"{what} of segment {segment + 1}"
            found.holds(reader, claim, bool(names) and names == right[: len(names)], f"{names}, in truth {shared}")
    return told


def compare_sentences(
    found: Compared, exports: Path, truth: Mapping[str, pd.DataFrame], labels: Callable[[str], Labels]
) -> None:
    """What page one and the sections name as the first, the largest and the lowest, against unrounded figures.

    ``truth``: as above, with ``plans.priority`` and ``journey`` and ``promises`` of the wave.
    """
    titles = {
        row[f"title_{language}"]: row["action"]
        for row in actions_rows(exports / "actions.csv")
        for language in LANGUAGES
    }
    plans = truth["plans"].sort_values(["priority", "rank"], ascending=[False, True], kind="stable")
    first = plans.drop_duplicates("action")["action"].astype(str).tolist()
    lacks = truth["profiles"][truth["profiles"]["measure"] == "shortfall"]
    most = lacks.loc[lacks["mean"].idxmax()]
    journey, promises = (truth[name][truth[name]["segment"].isna()] for name in ("journey", "promises"))
    lowest = str(journey.loc[journey["value"].idxmin(), "moment"])
    gap = str(promises.loc[(promises["promised"] - promises["kept"]).idxmax(), "need"])
    for language in LANGUAGES:
        page, words = Page.of(exports / f"report.{language}.html"), labels(language)
        named_first = (*page.within("div.points", "p.big")[-1:], *page.within("ol.next", "strong"))
        told = [titles.get(text, text) for text in named_first]
        found.holds(
            f"report.{language}.html", "what to do first", told == first[: len(told)] and bool(told), (told, first)
        )
        sentences = " ".join(page.within("section.qa", " p"))
        name = words.segment(int(most["segment"]))
        lacking = re.search(rf"{re.escape(name)}\W+(?:\w+\W+)*?{re.escape(words.need(str(most['need'])))}\b", sentences)
        found.holds(
            f"report.{language}.html", "largest shortfall", lacking is not None, (name, most["need"], sentences)
        )
        sections = page.within("section.part", " p")
        _named_first(
            found,
            language,
            "lowest moment",
            sections,
            words.moment(lowest),
            [words.moment(str(m)) for m in words.moments],
        )
        gaps = [one for one in sections if re.search(r"\d", one)]
        _named_first(found, language, "widest gap", gaps, words.need(gap), list(needs_of(words).values()))


def _named_first(
    found: Compared, language: str, what: str, sentences: Sequence[str], right: str, names: Sequence[str]
) -> None:
    """The first sentence that names one of these names must begin with the right one."""
    told = next((order for one in sentences if (order := named(one, {name: name for name in names}))), [])
    found.holds(f"report.{language}.html", what, told[:1] == [right], f"{told}, in truth {right}")


def true_orders(truth: Mapping[str, pd.DataFrame]) -> dict[tuple[str, int], list[str]]:
    """The orders by unrounded figures, the largest first."""
    found = {}
    for what, measure in (("strongest", "score"), ("lacks", "shortfall")):
        rows = truth["profiles"][truth["profiles"]["measure"] == measure]
        for segment, own in rows.groupby("segment"):
            ranked = own.sort_values("mean", ascending=False, kind="stable")
            found[what, int(float(str(segment)))] = ranked["need"].astype(str).tolist()
    for segment, own in truth["plans"].groupby("segment"):
        found["actions", int(float(str(segment)))] = own.sort_values("rank")["action"].astype(str).tolist()
    return found


def told_orders(exports: Path, labels: Callable[[str], Labels]) -> ShownColumn:
    """What report, one-pagers, workbook and the list of actions say, in both languages."""
    told: ShownColumn = defaultdict(dict)
    rows = actions_rows(exports / "actions.csv")
    for row in sorted(rows, key=lambda row: (int(row["segment"]), int(row["rank"]))):
        told["actions", int(row["segment"]) - 1].setdefault("actions.csv", []).append(row["action"])
    for language in LANGUAGES:
        words = labels(language)
        titles = {row[f"title_{language}"]: row["action"] for row in rows}
        _report(told, exports / f"report.{language}.html", words)
        for path in exports.glob(f"segment_*.{language}.html"):
            _onepager(told, path, words, titles)
        _sheets(told, exports / f"segments.{language}.xlsx", words, titles)
    return told


def actions_rows(path: Path) -> list[dict[str, str]]:
    """The rows of ``actions.csv``."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def named(text: str, names: Mapping[str, str]) -> list[str]:
    """The codes whose names stand in a text, in the order in which they stand.

    >>> named("Growth in work, Pay", {"PAY": "Pay", "GRO": "Growth", "WOR": "Growth in work"})
    ['WOR', 'PAY']
    """
    codes = {name: code for code, name in names.items()}
    longest = sorted(codes, key=len, reverse=True)
    pattern = "|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in longest)
    return [codes[name] for name in re.findall(pattern, text)] if longest else []


def needs_of(labels: Labels) -> dict[str, str]:
    return {str(code): labels.need(str(code)) for code in labels.needs}


def _facts(parts: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Term -> what is said of it, of a list of definitions."""
    found: dict[str, str] = {}
    term = ""
    for path, words in parts:
        if re.search(r"dt(\.\S+)?$", path):
            term = words
        elif " dd" in path and term:
            found[term] = f"{found.get(term, '')} {words}".strip()
    return found


def _take(told: ShownColumn, reader: str, segment: int, facts: Mapping[str, str], labels: Labels) -> None:
    for what, keys in (
        ("strongest", ("report.card.needs", "report.card.needs.experience")),
        ("lacks", ("report.card.lacks",)),
    ):
        for key in keys:
            said = facts.get(say(key, labels.language))
            if said is not None:
                told[what, segment][reader] = named(said, needs_of(labels))


def _report(told: ShownColumn, path: Path, labels: Labels) -> None:
    """The table of page one: a line per segment, its number first."""
    own = say("page.group", labels.language)
    for table in Page.of(path).tables:
        for line in table.rows if table.headings[:1] == [own] else []:
            facts = dict(zip(table.headings, line, strict=True))
            _take(told, f"{path.name}, page one", int(line[0].split()[0]) - 1, facts, labels)


def _onepager(told: ShownColumn, path: Path, labels: Labels, titles: Mapping[str, str]) -> None:
    page, segment = Page.of(path), int(path.name.split("_")[1].split(".")[0]) - 1
    _take(told, path.name, segment, _facts([part for part in page.parts if "dl.facts" in part[0]]), labels)
    column = say("onepager.lacks.column", labels.language)
    for table in page.tables:
        if table.headings[1:2] == [column]:
            names = [named(line[0], needs_of(labels)) for line in table.rows]
            told["lacks", segment][f"{path.name}, table"] = [code for one in names for code in one]
    told["actions", segment][path.name] = [
        titles.get(words, words) for place, words in page.parts if "div.plans" in place and place.endswith("strong.t")
    ]


def _sheets(told: ShownColumn, path: Path, labels: Labels, titles: Mapping[str, str]) -> None:
    book, language = workbook(path), labels.language
    heading, *rows = book[say("workbook.sheet.segments", language)]
    for row in rows:
        facts, segment = dict(zip(heading, row, strict=False)), int(row[0]) - 1
        for what, keys in (("strongest", ("strongest", "strongest.experience")), ("lacks", ("lacks",))):
            for key in keys:
                said = (
                    facts.get(say(f"workbook.column.{key}", language))
                    if f"workbook.column.{key}" in catalogue()
                    else None
                )
                if isinstance(said, str):
                    told[what, segment][path.name] = named(said, needs_of(labels))
    lines = iter(book[say("workbook.sheet.actions", language)])
    heading = next(
        line for line in lines if say("workbook.column.rank", language) in line
    )  # a sentence stands above it
    rows = list(lines)
    numbers = {labels.segment(number): number for number in labels.segments}
    at = {name: heading.index(say(f"workbook.column.{name}", language)) for name in ("segment", "rank", "action")}
    for row in sorted(rows, key=lambda row: float(row[at["rank"]])):
        if row[at["segment"]] in numbers:
            told["actions", numbers[row[at["segment"]]]].setdefault(path.name, []).append(
                titles.get(row[at["action"]], "?")
            )
