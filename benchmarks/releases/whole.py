"""Whole studies, published eight times through all stages, and what an outsider reads in the folders that left.

Every folder is read as it lies there: released tables, pages in both languages with alternative texts and the points of
their drawings, workbooks and CSV. Whatever number stands in one of them must be a figure of a released table, no finer;
then people behind all shown rows of all releases are put to the same linear algebra and linear programs as elsewhere.
"""

from __future__ import annotations

import html
import json
import os
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from releases.books import QUICK
from releases.eight import Row
from releases.exact import exits_singled_out, singled_out
from releases.programming import numbers_pinned
from releases.verbs import LEDGER, VARIABLE, Put, key_kept, people_known
from segment.governance.organisation import ties_of
from segment.stages import OpenStudy, open_study
from segment.stages.release.group_members import counted_behind, people_behind
from segment.stages.simulate import simulate_into
from segment.tables.registry import plan_of
from segment.vocabulary import World

_WINDOW = pd.Timestamp("2025-12-31")


def whole_study(folder: Path, *, people: int, seed: int, releases: int = 8) -> dict[str, Any]:
    """One organisation's whole study published that often; what was read, and what came out."""
    with key_kept():
        rows, read = _published(_started(folder, people, seed), releases)
    answers = [row for row in rows if plan_of(row.table).people == "wave"]
    curves = [row for row in rows if plan_of(row.table).kind == "curves"]
    return {
        "people": people, "releases": releases, "rows": len(rows), **read,
        "answers recovered": len(singled_out([row.people for row in answers])),
        "exits recovered": sum(
            len(exits_singled_out([row for row in curves if row.table == name])) for name in {r.table for r in curves}
        ),
        "numbers recovered": numbers_pinned(answers),
    }  # fmt: skip


def _started(folder: Path, people: int, seed: int) -> Put:
    simulate_into(folder, people=people, seed=seed, world=World.NEEDS, waves=2)
    file = folder / "study.yaml"
    text = file.read_text(encoding="utf-8").replace("data: simulated", "data: personal")
    file.write_text(f"{text}\nlanguages: [nl, en]\n", encoding="utf-8")
    key = bytes(range(32))
    os.environ |= {VARIABLE: key.hex(), LEDGER: str(folder / "ledgers")}
    waves = sorted(path.stem.partition("_")[2] for path in folder.glob("responses_*.csv"))
    raw = pd.concat([pd.read_csv(path, dtype=str)["person_id"] for path in sorted(folder.glob("responses_*.csv"))])
    start = Put(file, tuple(QUICK), folder / "work", [], waves, key, wave=waves[0], tracked=False)
    start.do("run")
    if start.refused:
        raise RuntimeError(f"the study does not run: {start.refused}")
    return replace(start, raw=people_known(file, start.options, raw))


def _steps(start: Put) -> Iterator[Put]:
    """The study as it is published each time: people erased, windows, seeds, its own name and wave are others."""
    ends = pd.to_datetime(pd.read_csv(start.file.with_name("people.csv"))["end_date"])
    last = ends[ends <= _WINDOW].max()
    moved = {days: f"outcome.window.end={(last - pd.Timedelta(days=days)).date()}" for days in (1, 31, 92)}
    yield start
    start.do("erase")
    yield start
    yield replace(start, settings=(*start.settings, moved[1]))
    start.do("erase")
    yield replace(start, settings=(*start.settings, moved[31], "segmentation.n_starts=3"))
    yield replace(start, settings=(*start.settings, "study=other"), workspace=start.workspace.with_name("other"))
    later = replace(start, wave=start.waves[1])
    yield later
    later.do("erase")
    yield replace(later, settings=(*later.settings, moved[92]))
    yield replace(
        later,
        settings=(*later.settings, "study=other", "segmentation.n_starts=3"),
        workspace=start.workspace.with_name("other"),
    )


def _published(start: Put, releases: int) -> tuple[list[Row], dict[str, Any]]:
    rows: list[Row] = []
    read: dict[str, Any] = {}
    for number, put in zip(range(releases), _steps(start), strict=False):
        put.do("run")
        opened = open_study(put.file, overrides=put.options)
        folder = opened.workspace / "exports" / put.wave
        released = json.loads((folder / "released.json").read_text(encoding="utf-8"))
        read = {name: read.get(name, 0) + many for name, many in _read(folder, released).items()}
        rows += _rows(opened, put.wave, number, released)
        if put.refused:
            raise RuntimeError(f"a release of the study was refused: {put.refused}")
    return rows, read


def _rows(opened: OpenStudy, wave: str, number: int, released: dict[str, Any]) -> list[Row]:
    """The rows that a release shows anew, with the people behind them by ties."""
    ties, found = ties_of(opened.store.read("identities"), key=opened.key), []
    for name, table in released.items():
        people = people_behind(opened, plan_of(name).people, wave) if table["groups"] else None
        if people is None:
            continue
        counted = [one for one in counted_behind(opened, name, people, wave) if not one.model]
        left = next((one.people for one in counted if one.name == ", who left"), None)
        for values in table["data"]:
            row = dict(zip(table["columns"], values, strict=True))
            if row["status"] == "hidden" or row.get("earlier"):
                continue
            own, gone = (_inside(frame, row, table["groups"], ties, wave if plan_of(name).people == "wave" else "")
                         for frame in (people, left))  # fmt: skip
            least, _, most = str(row["n"]).partition("–")
            group = ", ".join(f"{c} {row[c]}" for c in table["groups"] if row[c] is not None) or "everyone"
            found.append(Row(number, number, name, group, "", (int(least), int(most or least)), {}, False, own, gone))
    return found


def _inside(
    frame: pd.DataFrame | None, row: dict[str, Any], groups: Sequence[str], ties: dict[str, str], wave: str
) -> frozenset[Any]:
    if frame is None:
        return frozenset()
    own = pd.Series(True, index=frame.index)
    for column in groups:
        own &= frame[column] == row[column] if row[column] is not None else True
    return frozenset((ties.get(one, one), wave) for one in frame.loc[own, "person"])


# --------------------------------------------------------------------------------------------- reading the folders

_NUMBER = re.compile(r"(?<![\w.,])\d+[.,]\d+(?![\w.,]*\d)")
_POINT = re.compile(r"[ML] (-?[\d.]+) (-?[\d.]+)")
_MOST_DECIMALS, _PIXEL = 3, 0.03


def _read(folder: Path, released: dict[str, Any]) -> dict[str, int]:
    """How many numbers and drawn lines were read, how many are finer than any released one, how many lines fit one."""
    numbers = [float(one.replace(",", ".")) for text in _texts(folder) for one in _NUMBER.findall(text)]
    pages = [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.html"))]
    lines = [line for page in pages for line in _drawn(page)]
    series = _series(released)
    return {
        "numbers read": len(numbers),
        "finer than released": sum(abs(one - round(one, _MOST_DECIMALS)) > 1e-9 for one in numbers),
        "lines drawn": len(lines),
        "fit a released series": sum(any(_drawn_from(line, one) for one in series) for line in lines),
    }


def _texts(folder: Path) -> Iterator[str]:
    """What can be read: pages (alternative texts with them), cells of workbooks, CSV."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if path.suffix == ".html":
            page = re.sub(r"<(style|path|use|rect|line|circle)\b[^>]*>|<style.*?</style>", " ", path.read_text("utf-8"))
            attributes = re.findall(r'(?:alt|aria-label|title)="([^"]*)"', page)
            yield html.unescape(" ".join([re.sub(r"<[^>]*>", " ", page), *attributes]))
        elif path.suffix == ".csv":
            yield path.read_text(encoding="utf-8")
        elif path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                for part in (name for name in book.namelist() if "sheet" in name or "sharedStrings" in name):
                    yield re.sub(r"<[^>]*>", " ", book.read(part).decode("utf-8", "replace"))


def _drawn(page: str) -> list[np.ndarray]:
    """The heights of lines of four points and more in the drawings of a page, each height once."""
    paths = (re.findall(r'<path d="([^"]*)"', svg, re.S) for svg in re.findall(r"<svg.*?</svg>", page, re.S))
    heights = [np.unique([float(y) for _, y in _POINT.findall(path)]) for one in paths for path in one]
    return [line for line in heights if len(line) > 3]


def _series(released: dict[str, Any]) -> list[np.ndarray]:
    """What released tables show of each group, column by column, each value once."""
    found = []
    for table in released.values():
        frame = pd.DataFrame(table["data"], columns=table["columns"])
        for _, own in frame.groupby(table["groups"], dropna=False) if table["groups"] else [("", frame)]:
            columns = [*table["means"], *table["shares"], *table["overall"]]
            values = [pd.to_numeric(own[c], errors="coerce").dropna().unique() for c in columns if c in own]
            found += [np.sort(one) for one in values if len(one) > 2]
    return found


def _drawn_from(line: np.ndarray, series: np.ndarray) -> bool:
    """Whether heights are those of these values on a scale: the ends laid on each other, the others between."""
    if len(series) < len(line) - 1 or series[-1] == series[0]:
        return False
    heights = line[-1] - (series - series[0]) / (series[-1] - series[0]) * (line[-1] - line[0])
    return bool((np.abs(line[:, None] - heights[None, :]).min(axis=1) < _PIXEL).all())
