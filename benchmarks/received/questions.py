"""Five questions of HR, put to what the first screen of the report shows, and answered from released tables.

A question is answered when the names and figures that answer it stand in the text that can be read without scrolling;
the right answers come from the released tables, not from the page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
from truths.pages import figures
from truths.ranks import actions_rows, named, needs_of
from truths.readers import LANGUAGES
from truths.rows import Row, row

from received.browser import first_screen, opened
from received.studies import Release
from segment.displays.labels import Labels, segment_number

_FOUND = {"en": r"\b[Ff]ound\b", "nl": r"\b(?:vonden|gevonden)\b"}
_MADE = {"en": r"\bmade\b", "nl": r"\bgemaakt\b"}
_NONE = {
    "en": r"\b(?:no|too few people)\b[^.]*\b(?:groups|segments)\b",
    "nl": r"\b(?:geen|te weinig mensen)\b[^.]*\b(?:groepen|segmenten)\b",
}
#: Answers of a question: None where the study cannot answer it.
Answered = bool | None


def asked(release: Release, driver: Any) -> list[Row]:
    """One row per question and language."""
    rows = []
    for language in LANGUAGES:
        opened(driver, release.exports / f"report.{language}.html")
        blocks, labels = first_screen(driver), release.labels(language)
        for question, answer in QUESTIONS.items():
            told = answer(release, blocks, labels)
            said = "nothing to tell" if told is None else "on the first screen" if told else "not on the first screen"
            rows.append(row(f"{release.name}.{language}: {question}", "on the first screen", said, told))
    return rows


def _rows(release: Release, name: str) -> pd.DataFrame:
    table = release.released.get(name)
    return pd.DataFrame() if table is None else table[table["status"] != "hidden"]


def _segments(release: Release) -> dict[int, str]:
    rows = _rows(release, "segments")
    numbers = [segment_number(one) for one in rows["segment"]] if len(rows) else []
    return {one: "" for one in numbers if one is not None}


def _how_many(release: Release, blocks: list[str], labels: Labels) -> Answered:
    """The number of groups, and whether they were found, made, or there are none."""
    told, language = " ".join(blocks), labels.language
    table = release.released.get("segments")
    if table is None or not table["segment"].notna().any():
        return re.search(_NONE[language], told, flags=re.IGNORECASE) is not None
    divided = release.opened.store.read("divisions") if release.opened.store.has("divisions") else pd.DataFrame()
    made = len(divided) > 0 and bool(divided["chosen"].any())
    number = float(table["segment"].notna().sum())
    numbers = {one.value for one in figures(told, language)}
    return number in numbers and re.search((_MADE if made else _FOUND)[language], told) is not None


def _wants(release: Release, blocks: list[str], labels: Labels) -> Answered:
    """Of every group its name and the need that weighs most in it; without groups the need of everyone."""
    rows, needs = _rows(release, "profiles"), needs_of(labels)
    if rows.empty:
        return None
    groups = _segments(release)
    if not groups:
        measure = "importance" if (rows["measure"] == "importance").any() else "experience"
        own = rows[rows["measure"] == measure].dropna(subset="mean")
        return None if own.empty else _strongest(own) in named(" ".join(blocks), needs)
    measure = "score" if (rows["measure"] == "score").any() else "importance"
    for group in groups:
        own = rows[(rows["segment"].map(segment_number) == group) & (rows["measure"] == measure)].dropna(subset="mean")
        lines = [block for block in blocks if labels.segment(group) in block]
        if not lines or (len(own) and not any(_strongest(own) in named(line, needs) for line in lines)):
            return False
    return True


def _strongest(rows: pd.DataFrame) -> str:
    return str(rows.loc[rows["mean"].astype(float).idxmax(), "need"])


def _departments(release: Release, blocks: list[str], labels: Labels) -> Answered:
    """What the groups explain of needs and what the department does, in one block."""
    rows = _rows(release, "verdict")
    rows = rows[rows["target"] == "needs"] if len(rows) else rows
    if rows.empty or not _segments(release) or len(rows) < 2:
        return None
    known = rows.set_index("grouping")["explained"].astype(float).clip(lower=0)
    other = known["department"] if "department" in known else known.drop("segments").max()
    return _has(blocks, [known["segments"], other], labels.language)


def _promise(release: Release, blocks: list[str], labels: Labels) -> Answered:
    """The need with the widest gap by name, and what was promised and what was kept."""
    rows = _rows(release, "promises")
    rows = rows[rows["segment"].isna()] if "segment" in rows else rows
    if rows.empty or not {"promised", "kept"} <= set(rows):
        return None
    rows = rows.dropna(subset=["promised", "kept"])
    gaps = (rows["promised"] - rows["kept"]).astype(float)
    if rows.empty or gaps.max() <= 0:
        return None
    widest = rows.loc[gaps.idxmax()]
    name = labels.need(str(widest["need"]))
    both = [float(widest[side]) for side in ("promised", "kept")]
    return name in " ".join(blocks) and _has(blocks, both, labels.language)


def _has(blocks: list[str], values: list[float], language: str) -> bool:
    """Whether one block, or two that follow each other, show all of these figures."""
    pairs = zip(blocks, [*blocks[1:], ""], strict=True)
    told = (figures(f"{one} {two}", language) for one, two in pairs)
    return any(all(any(one.is_of(value) for one in shown) for value in values) for shown in told)


def _first(release: Release, blocks: list[str], labels: Labels) -> Answered:
    """The title of the action that comes first."""
    actions = actions_rows(release.exports / "actions.csv")
    rows = [one for one in actions if one["place"] in ("1", "") and one["rank"] == "1"]
    if not rows:
        return None
    told = " ".join(blocks)
    return any(one[f"title_{labels.language}"] in told for one in rows)


QUESTIONS: Mapping[str, Callable[[Release, list[str], Labels], Answered]] = {
    "how many groups, found or made": _how_many,
    "what each wants": _wants,
    "needs or departments": _departments,
    "largest promise gap, both figures": _promise,
    "what to do first": _first,
}
