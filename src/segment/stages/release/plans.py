"""Which tables are released, and as what: groups, lines, means and shares of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from segment.disclosure.linked_tables import Options, Request
from segment.disclosure.rules import ReleaseRules
from segment.stages.base import OpenStudy
from segment.stages.given_names import named
from segment.stages.release.aggregation import shaped
from segment.stages.release.group_members import response_rate, source_of, waves_behind
from segment.stages.release.scales import ENDS, with_ends, yes_no_apart
from segment.tables.registry import plan_of, released_tables


def rules_of(opened: OpenStudy) -> ReleaseRules:
    """The study's floors."""
    return ReleaseRules(**{name: getattr(opened.config.privacy, name) for name in ReleaseRules().as_dict()})


def requests_of(opened: OpenStudy, wave: str | None, *, response: float | None = None) -> list[Request]:
    """Every table the study has, for one wave, as a release asks for it.

    ``response``: share of the people asked who answered; under the floor nothing from the answers is shown by group.
    """
    everyone = max(len(opened.store.read(name)) for name in ("people", "responses", "spells") if opened.store.has(name))
    requests = [
        _request(opened, name, frame.reset_index(drop=True), wave=wave, everyone=everyone)
        for name, frame in frames_to_release(opened, wave).items()
        if not frame.empty
    ]
    if response is None:
        return requests
    return [
        _with_response(r, _response_of(opened, r, wave, response)) if r.groups and r.source.startswith("answers") else r
        for r in requests
    ]


def _response_of(opened: OpenStudy, request: Request, wave: str | None, response: float) -> float:
    """The share who answered of a table's own wave: of one made of several waves, or compared with one, the lowest."""
    waves = waves_behind(opened, plan_of(request.name).people, wave)
    rates = (response if own == wave else response_rate(opened, own) for own in waves)
    return min([response, *(rate for rate in rates if rate is not None)])


def _request(opened: OpenStudy, name: str, frame: pd.DataFrame, *, wave: str | None, everyone: int) -> Request:
    """One table with the columns of its plan that it has; diagnostics are about ``everyone``."""
    plan = plan_of(name)
    if not plan.groups:
        frame = frame.assign(n=frame["n"].fillna(everyone) if "n" in frame else everyone).astype({"n": "int64"})
    ranks = {name: within for name, within in plan.ranks.items() if name in frame}
    alike = {name: one for name, one in plan.alike.items() if set(one.columns) <= set(frame)}
    options: Options = {
        "means": _there(plan.means, frame), "shares": _there(plan.shares, frame),
        "overall": _there(plan.overall, frame), "texts": _there(plan.texts, frame),
        "kind": plan.kind, "events": plan.events, "ranks": ranks, "alike": alike, "chosen": plan.chosen,
        "digits": plan.digits,
    }  # fmt: skip
    if plan.kind == "segments" and plan.groups:
        options["population"] = _population(frame.dropna(subset=list(plan.groups)), plan.lines)
    answers = [name for name in plan.answers if name in frame]
    if answers:
        frame = with_ends(frame, opened)
        options["ends"] = dict.fromkeys(answers, ENDS)
    source = source_of(opened, plan.people, wave)
    return Request(name, frame, plan.groups, source, lines=plan.lines, who=plan.who, options=options)


def _there(columns: Sequence[str], frame: pd.DataFrame) -> list[str]:
    return [column for column in columns if column in frame]


def _population(rows: pd.DataFrame, lines: tuple[str, ...]) -> int:
    """How many people all groups hold, of whom a named segment is to be a share."""
    return int(rows.groupby(list(lines))["n"].sum().max() if lines else rows["n"].sum()) if len(rows) else 0


def _with_response(request: Request, response: float) -> Request:
    options: Options = {**request.options, "response": "_response"}
    return replace(request, frame=request.frame.assign(_response=response), options=options)


def names_now(opened: OpenStudy) -> pd.DataFrame:
    """The ``segment_names`` table with the names that HR gave."""
    return named(opened.store.read("segment_names"), opened.given_names, kept=kept_segments(opened))


def kept_segments(opened: OpenStudy) -> frozenset[int]:
    """The segments (0..k-1) that are those of the decided model under the same number."""
    if not opened.store.has("identity"):
        return frozenset()
    rows = opened.store.read("identity").query("status == 'kept'").dropna(subset=["segment", "earlier"])
    return frozenset(int(row["segment"]) for row in rows.to_dict("records") if row["segment"] == row["earlier"])


def frames_to_release(opened: OpenStudy, wave: str | None) -> dict[str, pd.DataFrame]:
    """The tables as figures about groups, for one wave and without its column."""
    store = opened.store
    tables = {name: store.read(name) for name in released_tables() if store.has(name)}
    if "segment_names" in tables:
        tables["segment_names"] = names_now(opened)
    frames = shaped(tables, wave)
    return {name: yes_no_apart(name, rows, opened) for name, rows in frames.items()}
