"""A comparison as plain facts: every figure as it may leave, before any words. The same facts, the same id.

Figures by group come from the released tables of the runs; figures over everyone from their metrics; gains from what
was said of people held out, as means over thirty people or more.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial

import pandas as pd

from segment.config import OutcomeConfig
from segment.exports.comparison import Facts
from segment.locale import languages
from segment.segments.names import names_in, released_names
from segment.stages.base import OpenStudy
from segment.stages.codebooks import codebook_of
from segment.stages.comparison.gains import OTHER, Gain, gains_of
from segment.stages.comparison.gates import OF_LEAVING, OF_SEGMENTS, leaving_gates
from segment.stages.comparison.migration import Moves, moves_between
from segment.stages.comparison.sides import Side
from segment.stages.report_context import attribute_names, value_names
from segment.store import digest_text
from segment.tracking.seen import SeenRun
from segment.vocabulary import OutcomeKind

#: Figures that stand beside each other: name, model, stage, and the figure's name there, with or without ends.
_FIGURES = (
    ("segments", "segmentation", "discover", "n_segments", False),
    ("agreement", "segmentation", "discover", "agreement", True),
    ("clearness", "segmentation", "discover", "posterior", False),
    ("leaving", "retention", "retain", "headline", True),
    ("slope", "retention", "retain", "slope", True),
    ("rows_hidden", "segmentation", "publish", "rows_hidden", False),
)
_TOP = 3


def facts_of(opened: OpenStudy, sides: tuple[Side, Side]) -> Facts:
    """Everything a comparison says, as JSON can hold it, with its ``id``."""
    moves = moves_between(opened, *sides)
    gains = gains_of(opened, sides)
    gates = [row for row in _gates(sides) if row["told"] != [None, None]]
    facts: Facts = {
        "study": opened.config.study,
        "title": dict(opened.config.title),
        "data": str(opened.config.data),
        "kinds": [*kinds_of(opened.config.outcome), *groups_of(sides)],
        "sides": [_side(side) for side in sides],
        "needs": _need_names(opened, sides),
        "attributes": attribute_names(opened),
        "groups": value_names(opened),
        "changed": _changed(sides),
        "moves": _moves(moves),
        "profiles": _profiles(sides, moves),
        "figures": _figures(sides),
        "gains": [_gain(one) for one in gains],
        "fairness": _fairness(sides),
        "short_form": _short_form(sides),
        "hidden": _hidden(sides),
        "gates": gates,
    }  # fmt: skip
    facts["verdict"] = verdict_of(facts)
    told = json.dumps(facts, sort_keys=True, ensure_ascii=False, default=str)
    return {"id": f"c{digest_text(told)[:12]}", **json.loads(told)}


def kinds_of(outcome: OutcomeConfig | None) -> list[str]:
    """What kind of outcome is foreseen, where words differ by that; the order in which words are looked for.

    >>> kinds_of(OutcomeConfig(kind="horizon", column="asked", meaning="intention")), kinds_of(None)
    (['intention', 'horizon'], [])
    """
    if outcome is None or outcome.kind != OutcomeKind.HORIZON:
        return []
    return ["intention", "horizon"] if outcome.meaning == "intention" else ["horizon"]


def verdict_of(facts: Facts) -> Facts:
    """What a comparison amounts to: a code with its values, for the first sentence."""
    first, second = (side["versions"] for side in facts["sides"])
    if first and first == second:
        return {"code": "same"}
    sure: dict[tuple[str, str], int] = {
        (one["model"], one["over"]): one["sure"] for one in facts["gains"] if one["side"] == 1 and "value" in one
    }
    missed = [row["gate"] for row in facts["gates"] if row["told"][1] == "missed"]
    lost = [row["gate"] for row in facts["gates"] if row["told"] == ["passed", "missed"]]
    over = OTHER if first else "peer"
    told = {
        "code": "against" if first else "alone",
        "segmentation": sure.get(("segmentation", over)), "retention": sure.get(("retention", over)),
        "missed": len(missed), "lost": len(lost),
    }  # fmt: skip
    told["whole"] = _whole([sure.get((model, over)) for model in ("segmentation", "retention")], lost=len(lost))
    moves = facts["moves"]
    return told | ({"moved": moves["moved"], "people": moves["people"], "share": moves["share"]} if moves else {})


def _whole(sure: Sequence[int | None], *, lost: int) -> str:
    """What gains of both models, and gates that only the other side passes, amount to in one word.

    >>> _whole([1, 0], lost=0), _whole([1, -1], lost=0), _whole([0, None], lost=1), _whole([0, 0], lost=0)
    ('better', 'mixed', 'worse', 'alike')
    """
    better, worse = 1 in sure, -1 in sure or lost > 0
    return "mixed" if better and worse else "better" if better else "worse" if worse else "alike"


def _side(side: Side) -> Facts:
    return {
        "title": side.title,
        "versions": {model: one.number for model, one in sorted(side.versions.items())},
        "runs": {model: [run.run_id, run.name] for model, run in sorted(side.runs.items())},
    }


def _runs(sides: tuple[Side, Side], model: str) -> list[SeenRun | None]:
    return [side.run_of(model) for side in sides]


def _changed(sides: tuple[Side, Side]) -> list[Facts]:
    """Settings, data and environment that differ between the runs behind the two sides."""
    found: dict[str, list[str | None]] = {}
    for model in ("segmentation", "retention"):
        first, second = _runs(sides, model)
        if first is None or second is None or first.run_id == second.run_id:
            continue
        for name in sorted({*first.made_of, *second.made_of}):
            told = [first.made_of.get(name), second.made_of.get(name)]
            if told[0] != told[1]:
                found.setdefault(name, told)
    return [{"name": name, "told": told} for name, told in found.items()]


def _figures(sides: tuple[Side, Side]) -> list[Facts]:
    rows: list[Facts] = []
    for name, model, stage, record, ends in _FIGURES:
        rows.append({"name": name, "told": [_figure(run, stage, record, ends=ends) for run in _runs(sides, model)]})
    rows.append({"name": "limit", "told": [_limit(run) for run in _runs(sides, "segmentation")]})
    rows.append({"name": "unfair", "told": [_unfair(run) for run in _runs(sides, "retention")]})
    return [row for row in rows if row["told"] != [None, None]]


def _figure(run: SeenRun | None, stage: str, record: str, *, ends: bool) -> Facts | None:
    value = None if run is None else run.figure(stage, record)
    if run is None or value is None:
        return None
    low, high = (run.figure(stage, f"{record}{end}") if ends else None for end in ("_low", "_high"))
    return {"value": value, "low": low, "high": high}


def _limit(run: SeenRun | None) -> Facts | None:
    """The smallest difference between segments that would have been found; ``beyond``: larger than was tried."""
    rows = pd.DataFrame() if run is None else run.table("detection")
    if rows.empty or rows["limit"].isna().all():
        return None
    found = rows[rows["reached"] == "yes"]
    of = (found if len(found) else rows).dropna(subset=["limit"]).sort_values("limit").to_dict("records")
    row = of[0] if len(found) else of[-1]
    low, high = (_number(row[end]) if len(found) else None for end in ("low", "high"))
    return {"value": float(row["limit"]), "low": low, "high": high, "beyond": not len(found)}


def _unfair(run: SeenRun | None) -> Facts | None:
    """How many findings there are about protected groups."""
    if run is None or "retain" not in run.figures:
        return None
    told = [value for name, value in run.figures["retain"].items() if name.startswith("finding_FA")]
    return {"value": float(sum(told)), "low": None, "high": None}


def groups_of(sides: tuple[Side, Side]) -> list[str]:
    """``made`` where groups of a side are made and not found: they are called groups, as in the report."""
    return ["made"] if any(run is not None and run.groups == "made" for run in _runs(sides, "segmentation")) else []


def _gates(sides: tuple[Side, Side]) -> list[Facts]:
    rows = [
        {"gate": gate, "told": [_segmentation_gate(run, gate) for run in _runs(sides, "segmentation")]}
        for gate in OF_SEGMENTS
    ]
    runs = _runs(sides, "retention")
    passed = [{} if run is None else leaving_gates(partial(run.figure, "retain")) for run in runs]
    rows += [{"gate": gate, "told": [_word(own.get(gate)) for own in passed]} for gate in OF_LEAVING]
    return rows


def _segmentation_gate(run: SeenRun | None, gate: str) -> str | None:
    if run is None:
        return None
    if run.failed is not None:
        return _word(gate not in run.failed)
    near = run.table("nearness")
    named = {"chance": ("agreement by chance", "gain by chance")}.get(gate, (gate,))
    rows = near[near["gate"].isin(named)] if "gate" in near else near
    return None if rows.empty else _word(bool((rows["passed"] == "yes").all()))


def _word(passed: bool | None) -> str | None:
    return None if passed is None else "passed" if passed else "missed"


def _moves(moves: Moves | None) -> Facts | None:
    if moves is None:
        return None
    names = [{str(number): dict(text) for number, text in sorted(own.items())} for own in moves.names]
    return {
        "people": moves.people, "moved": moves.moved, "share": moves.share,
        "cells": [list(cell) for cell in moves.cells], "names": names,
    }  # fmt: skip


def _profiles(sides: tuple[Side, Side], moves: Moves | None) -> list[Facts]:
    """Segments that go on beside each other, then those that one side has only; what stands out most in each."""
    own = [{row["segment"]: row for row in _segments(run)} for run in _runs(sides, "segmentation")]
    pairs = dict(moves.pairs) if moves is not None else {}
    rows = [[own[0].get(pairs.get(number, -1)), row] for number, row in own[1].items()]
    gone = [[row, None] for number, row in own[0].items() if number not in pairs.values()]
    return [{"told": told} for told in (*rows, *gone)]


def _segments(run: SeenRun | None) -> list[Facts]:
    table = pd.DataFrame() if run is None else run.table("segments")
    if run is None or table.empty:
        return []
    profiles, found = run.table("profiles"), []
    names = names_in(released_names(run.table("segment_names"), table))
    table = table.assign(kept=_kept(table)).sort_values("segment")
    for row in table.to_dict("records"):
        number, why = int(row["segment"]), "hidden" if row["status"] == "hidden" else "kept" if row["kept"] else ""
        told: Facts = {"segment": number, "hidden": why}
        if not why:
            told |= {"n": str(row["n"]), "share": float(row["share"]), "most": _most(profiles, number)}
            told["names"] = names.get(number, {})
        found.append(told)
    return found


def _most(profiles: pd.DataFrame, segment: int) -> list[list[object]]:
    """What stands out most in a segment: needs with their style-free scores, the first the most."""
    if profiles.empty:
        return []
    rows = profiles[(profiles["segment"] == segment) & (profiles["measure"] == "score")]
    rows = rows[(rows["status"] != "hidden") & ~_kept(rows)].dropna(subset=["mean"]).sort_values("place").head(_TOP)
    return [[str(need), float(mean)] for need, mean in zip(rows["need"], rows["mean"], strict=True)]


def _need_names(opened: OpenStudy, sides: tuple[Side, Side]) -> Facts:
    codebook = codebook_of(opened)
    tables = [run.table("profiles") for run in _runs(sides, "segmentation") if run is not None]
    needs = sorted({str(need) for table in tables if "need" in table for need in table["need"]})
    if codebook is None:
        return {need: {} for need in needs}
    return {need: {lang: codebook.need_name(need, lang) for lang in languages()} for need in needs}


def _gain(one: Gain) -> Facts:
    told: Facts = {"model": one.model, "side": one.side, "over": one.over}
    if one.gain is None:
        return told | {"missing": one.missing}
    gain = one.gain
    scale = 1.0 if one.model == "segmentation" else gain.share / gain.value if gain.value else float("nan")
    ends = [round(end * scale, 4) if scale == scale else 0.0 for end in (gain.value, gain.low, gain.high)]
    return told | {"value": ends, "sure": gain.sure, "people": one.people}


def _fairness(sides: tuple[Side, Side]) -> list[Facts]:
    """The widest difference between groups that are shown, per protected attribute and measure."""
    spreads = [_spreads(run) for run in _runs(sides, "retention")]
    return [
        {"attribute": attribute, "measure": measure, "told": [own.get((attribute, measure)) for own in spreads]}
        for attribute, measure in sorted({*spreads[0], *spreads[1]})
    ]


def _spreads(run: SeenRun | None) -> dict[tuple[str, str], Facts]:
    rows = pd.DataFrame() if run is None else run.table("group_results")
    if rows.empty:
        return {}
    rows = rows[(rows["status"] != "hidden") & rows["group"].notna() & ~rows["metric"].str.startswith("score_")]
    value = rows.reindex(columns=["value"])["value"].astype(float) / 100  # a ratio leaves as a percentage
    rows = rows.assign(told=value.fillna(rows.reindex(columns=["share"])["share"].astype(float)), kept=_kept(rows))
    rows = rows.dropna(subset=["told"])
    found: dict[tuple[str, str], Facts] = {}
    for (attribute, measure), group in rows.groupby(["attribute", "metric"]):
        ordered = group.sort_values("told", kind="stable")
        if len(ordered) > 1:
            (least, most), names = ordered["told"].iloc[[0, -1]], ordered["group"].astype(str)
            kept = bool(ordered["kept"].any())
            told = {"apart": round(float(most - least), 3), "most": names.iloc[-1], "least": names.iloc[0]}
            found[(str(attribute), str(measure))] = {"kept": True} if kept else told
    return found


def _kept(rows: pd.DataFrame) -> pd.Series:
    """Which rows stand as an earlier release gave them: they say nothing about this run."""
    return rows["earlier"].fillna(False).astype(bool) if "earlier" in rows else pd.Series(False, index=rows.index)


def _short_form(sides: tuple[Side, Side]) -> list[Facts]:
    """How often short forms put people in the same segment, by number of questions."""
    own = []
    for run in _runs(sides, "segmentation"):
        rows = pd.DataFrame() if run is None else run.table("typing_tool")
        rows = rows[rows["status"] != "hidden"].drop_duplicates("n_items") if len(rows) else rows
        ends = ("agreement", "low", "high")
        names = ("value", "low", "high")
        own.append(
            {
                int(row["n_items"]): {name: _number(row[end]) for name, end in zip(names, ends, strict=True)}
                for row in rows.to_dict("records")
            }
        )
    return [{"questions": n, "told": [one.get(n) for one in own]} for n in sorted({*own[0], *own[1]})]


def _number(value: float | None) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _hidden(sides: tuple[Side, Side]) -> list[Facts]:
    """Rows that release control hides, in each released table that a comparison reads."""
    rows: list[Facts] = []
    tables: Sequence[tuple[str, str]] = (
        ("segments", "segmentation"), ("profiles", "segmentation"), ("stability", "segmentation"),
        ("group_results", "retention"),
    )  # fmt: skip
    for name, model in tables:
        told = [_hidden_in(run, name) for run in _runs(sides, model)]
        if told != [None, None]:
            rows.append({"table": name, "told": told})
    return rows


def _hidden_in(run: SeenRun | None, name: str) -> list[int] | None:
    table = pd.DataFrame() if run is None else run.table(name)
    return None if table.empty else [int(((table["status"] == "hidden") | _kept(table)).sum()), len(table)]
