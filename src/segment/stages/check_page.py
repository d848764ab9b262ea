"""The page of `segment check --html`: findings first, then what was read, who answered and how, what hangs together.

For those who make and mend the exports, in English as the terminal is. It counts people in groups of ten and more
only, and names no person; what HR reads is released by `publish`, not here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from segment.config import FileConfig
from segment.exports.blocks import Grid, Section
from segment.exports.pages import render_page
from segment.floors import FLOORS
from segment.ingest import Inputs
from segment.ingest.carelessness import in_straight_line
from segment.ingest.contract import told_file
from segment.locale import STANDS_IN, bare_wave, say
from segment.needs.reliability import need_reliability
from segment.stages.base import OpenStudy
from segment.stages.waves import days_of
from segment.store import written_atomically
from segment.tables.codebook import Codebook
from segment.vocabulary import ItemKind, Purpose, Relation, Severity

#: Kinds of questions that everyone is meant to answer.
_OF_EVERYONE = (ItemKind.IMPORTANCE, ItemKind.EXPERIENCE, ItemKind.PROMISED, ItemKind.KEPT)
_KINDS = (ItemKind.IMPORTANCE, ItemKind.EXPERIENCE)
_MOST_ROWS = 200
_WORDS = {Severity.ERROR: "stops the study", Severity.WARNING: "warning", Severity.NOTE: "note"}


def write_check_page(opened: OpenStudy, read: Inputs, page: Path, *, verdict: str, further: Sequence[str] = ()) -> None:
    """Write the page.

    Parameters
    ----------
    read
        What the raw exports became, as far as they could be read, with the findings.
    page
        Where the page is written, whole or not at all.
    verdict
        Whether the study may run.
    further
        What is said beside findings.
    """
    sections = (
        _to_do(opened, read.findings, tuple(further)),
        _read(opened, read.tables),
        *_answers(opened, read),
        _settings(opened),
    )
    name = str(opened.config.study)
    text = render_page("check.html.j2", STANDS_IN, title=name, verdict=verdict, sections=sections)
    with written_atomically(page) as fresh:
        fresh.write_text(text, encoding="utf-8")


def _to_do(opened: OpenStudy, findings: pd.DataFrame, further: tuple[str, ...]) -> Section:
    order = {str(one): place for place, one in enumerate(Severity)}
    rows = findings.assign(place=findings["severity"].map(order)).sort_values(
        ["place", "count"], ascending=[True, False], kind="stable"
    )
    lines = tuple(
        (
            f"{row.code}, {_WORDS[Severity(str(row.severity))]}", str(row.where), str(row.explanation),
            str(row.advice) + (f" ({setting})" if (setting := _setting_of(opened, str(row.where))) else ""),
        )
        for row in rows.itertuples()
    )  # fmt: skip
    head = ("finding", "where", "what was found", "what to do (where in study.yaml)")
    told = () if lines else ("Nothing was found.",)
    blocks = (Grid("", head, lines),) if lines else ()
    return Section("findings", "What to do, the most serious first", (*told, *further), blocks)


def _setting_of(opened: OpenStudy, where: str) -> str:
    """The part of the study that a finding is about."""
    for name, source in opened.config.sources.every:
        if re.match(re.escape(told_file(source, opened.config.sources)) + r"($|[ ,])", where):
            return name
    codebook = opened.config.codebook
    return "codebook" if codebook is not None and where.startswith(Path(codebook.file).name) else ""


def _read(opened: OpenStudy, tables: Mapping[str, pd.DataFrame]) -> Section:
    known = {name: table for name, table in tables.items() if name != "identities"}
    sizes = tuple((name, f"{len(table):,}", f"{table.shape[1]}") for name, table in known.items())
    left = tuple(
        (told_file(source, opened.config.sources), column, why)
        for _, source in opened.config.sources.every
        for column, why in source.ignore.items()
    )[:_MOST_ROWS]
    blocks = [Grid("Tables made of the exports", ("table", "rows", "columns"), sizes)] if sizes else []
    if left:
        blocks.append(Grid("Left out on purpose", ("file", "column or pattern", "why"), left))
    told = () if blocks else ("No file could be read.",)
    return Section("read", "What was read, and what was left out", told, tuple(blocks))


def _answers(opened: OpenStudy, read: Inputs) -> Iterator[Section]:
    """Who answered, how, and how well questions hang together; nothing while an error stands."""
    answers, codebook = read.tables.get("responses"), read.codebook
    if answers is None or codebook is None or (read.findings["severity"] == str(Severity.ERROR)).any():
        return
    waves = list(dict.fromkeys(answers["wave"]))
    by_wave = {wave: answers[answers["wave"] == wave] for wave in waves}
    yield Section(
        "answered", "Who answered", (f"Groups of fewer than {FLOORS.min_rate_group} people are counted together.",),
        tuple(_response(opened, read.tables, by_wave)),
    )  # fmt: skip
    yield Section("style", "How people answered", (), (_style(by_wave, codebook),))
    yield Section(
        "questions", "Question by question",
        ("Those left open most stand first. The shift is the change of the mean since the wave before, in standard "
         "deviations of the answers; half of one is much.",),
        (_questions(by_wave, codebook),),
    )  # fmt: skip
    yield Section(
        "reliability", "How well the questions about a need hang together",
        ("Cronbach's alpha with its 95 % interval (Feldt), in the last wave: from .7 on a need is measured well.",),
        (_reliability(by_wave[waves[-1]], codebook),),
    )  # fmt: skip


def _response(
    opened: OpenStudy, tables: Mapping[str, pd.DataFrame], by_wave: Mapping[str, pd.DataFrame]
) -> Iterator[Grid]:
    people, days = tables.get("people"), opened.config.wave_days(by_wave, inside=days_of(tables["wave_days"]))
    source = opened.config.sources.people
    counts = tuple((wave, f"{len(rows):,}") for wave, rows in by_wave.items())
    yield Grid("", ("wave", "people who answered"), counts)
    if people is None or source is None:
        return
    profile = {name: one for name, one in source.attributes.items() if one.purpose == Purpose.PROFILE}
    groups = [name for name, one in profile.items() if one.type != "number" and name in people]
    wave, rows = list(by_wave.items())[-1]
    here = people[people["relation"] == str(Relation.EMPLOYEE)]
    if wave not in days or not here["start_date"].notna().any():
        return
    day = pd.Timestamp(days[wave])
    here = here[(here["start_date"] <= day) & ~(here["end_date"] < day)].drop_duplicates("person", keep="last")
    for name in groups:
        lines = tuple(_of_groups(here[name].fillna("not known").astype("str"), here["person"].isin(rows["person"])))
        yield Grid(f"Wave {bare_wave(wave)}, by {name}", (name, "employed that day", "answered", "share"), lines)


def _of_groups(groups: pd.Series, answered: pd.Series) -> Iterator[tuple[str, ...]]:
    """Response of groups, the lowest share first; small groups as one, and that one only where it is large enough."""
    table = pd.DataFrame({"group": groups, "answered": answered})
    small = table.groupby("group")["answered"].transform("size") < FLOORS.min_rate_group
    table.loc[small, "group"] = "smaller groups together"
    told = table.groupby("group")["answered"].agg(["size", "sum"])
    told = told[told["size"] >= FLOORS.min_rate_group].assign(share=lambda one: one["sum"] / one["size"])
    for row in told.sort_values(["share", "size"], kind="stable").itertuples():
        yield str(row.Index), f"{row.size:,}", f"{row.sum:,}", f"{row.share:.0%}"


def _style(by_wave: Mapping[str, pd.DataFrame], codebook: Codebook) -> Grid:
    lines = []
    for wave, rows in by_wave.items():
        items = [item.code for item in codebook.of_kind(*_OF_EVERYONE) if item.code in rows]
        straight, asked = in_straight_line(rows, codebook)
        open_share = float(rows[items].isna().to_numpy().mean()) if items else np.nan
        straight_share = float(straight.sum()) / asked if asked else np.nan
        lines.append((wave, f"{len(rows):,}", _percent(straight_share), _percent(open_share)))
    head = ("wave", "people", "one answer to a whole block", "questions left open")
    return Grid("", head, tuple(lines))


def _questions(by_wave: Mapping[str, pd.DataFrame], codebook: Codebook) -> Grid:
    last = list(by_wave)[-1]
    rows = by_wave[last]
    before = {later: earlier for earlier, later in pairwise(by_wave)}.get(last)
    lines = []
    for item in codebook.of_kind(*_OF_EVERYONE):
        if item.code not in rows:
            continue
        own = rows[item.code].astype(float)
        open_share = float(own.isna().mean())
        shift = _shift(by_wave[before], own, item.code) if before is not None else np.nan
        figures = (_percent(open_share), _two(own.mean()), _two(own.std()), _two(shift))
        lines.append((open_share, (item.code, str(item.need or ""), *figures)))
    lines.sort(key=lambda one: -one[0])
    head = ("question", "need", "left open", "mean", "standard deviation", "shift")
    return Grid(f"Wave {bare_wave(last)}", head, tuple(line for _, line in lines[:_MOST_ROWS]))


def _shift(before: pd.DataFrame, own: pd.Series, code: str) -> float:
    """Change of the mean in pooled standard deviations (Cohen's d); NaN where the wave before did not ask."""
    if code not in before:
        return float("nan")
    earlier = before[code].astype(float)
    spread = np.sqrt((earlier.var() + own.var()) / 2)
    return float((own.mean() - earlier.mean()) / spread) if spread > 0 else float("nan")


def _reliability(rows: pd.DataFrame, codebook: Codebook) -> Grid:
    lines = []
    for kind in _KINDS:
        needs = {code: need for code, need in codebook.need_map(kind).items() if code in rows}
        if not needs:
            continue
        items = rows[list(needs)].astype(float)
        for one in need_reliability(items, needs, n_bootstrap=0).to_dict("records"):
            interval = f"{_two(one['alpha_low'])} to {_two(one['alpha_high'])}" if one["alpha"] == one["alpha"] else ""
            counts = (f"{one['items']}", f"{one['n']:,}")
            why = say(f"needs.reason.{one['reason']}", STANDS_IN) if one["reason"] else ""
            lines.append((str(one["need"]), str(kind), *counts, _two(one["alpha"]), interval, why))
    return Grid("", ("need", "asked as", "questions", "people", "alpha", "interval", "why not"), tuple(lines))


def _settings(opened: OpenStudy) -> Section:
    """What each source's settings are called and mean."""
    meant = {name: field.description or "" for name, field in FileConfig.model_fields.items()}
    lines = tuple((name, text) for name, text in meant.items() if text)
    named = ", ".join(name for name, _ in opened.config.sources.every)
    told = (f"They stand in study.yaml under {named}; docs/reference/settings.md holds every setting there is.",)
    return Section("settings", "Settings of a file", told, (Grid("", ("setting", "what it says"), lines),))


def _percent(share: float) -> str:
    return "–" if share != share else f"{share:.0%}"


def _two(value: float) -> str:
    return "–" if value != value else f"{value:.2f}"
