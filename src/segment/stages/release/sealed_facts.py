"""What a release was decided on, sealed when it is made: later audits read it and count nobody of today again."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import TypedDict

import pandas as pd

from segment.disclosure.attack import Cell, read_people, without_numbers
from segment.disclosure.facts import FILE, FactsBook, ReleaseFacts, TableFacts
from segment.disclosure.linked_tables import Request, TableGroup
from segment.disclosure.release import ReleasedTable
from segment.disclosure.rules import ReleaseRules
from segment.stages.base import OpenStudy
from segment.stages.release.plans import rules_of
from segment.store import digest_text
from segment.tables.registry import plan_of

#: Under this share of answers a figure may say more of who answered than of everyone.
WARN_RESPONSE = 0.60

#: Ends of scales other than 1 to 5 by line, as a certificate tells them; None where they are not known.
Scales = Mapping[str, Sequence[float]] | None


class TableData(TypedDict):
    """A released table as plain data."""

    columns: list[str]
    data: list[list[str | float | bool | None]]


def facts_book(opened: OpenStudy) -> FactsBook:
    """The sealed facts of a study's releases."""
    return FactsBook(opened.workspace / FILE, key=opened.key)


def as_data(table: ReleasedTable) -> TableData:
    """What a released table shows as plain data: its columns and its rows."""
    told = json.loads(table.frame.to_json(orient="split", index=False, double_precision=4))
    return {"columns": told["columns"], "data": told["data"]}


def data_digest(content: TableData) -> str:
    """Fingerprint of a released table as data, wherever it was written down."""
    return digest_text(json.dumps([content["columns"], content["data"]], ensure_ascii=False))[:32]


def facts_of(
    wave: str,
    requests: Sequence[Request],
    shown: Mapping[str, TableData],
    *,
    rules: ReleaseRules,
    scales: Mapping[str, Scales],
    barred: Collection[TableGroup] = (),
    response: float | None = None,
) -> ReleaseFacts:
    """What is true of released tables (name: plain data), by the figures they were made of; ``scales`` as told."""
    asked = {request.name: request for request in requests if request.name in shown}
    cells = [
        cell
        for name, request in asked.items()
        if request.groups
        for cell in _true_cells(request, _frame(shown[name]), rules=rules, barred=barred)
    ]
    known = without_numbers(cells)
    tables = {}
    for name, request in asked.items():
        own = [cell for cell in known if cell.table == name]
        tables[name] = TableFacts(
            data_digest(shown[name]),
            request.source,
            floor_of(request, rules) if request.groups else 0,
            [cell.same for cell in own],
            [cell.secret for cell in own],
            [sorted(cell.exact) for cell in own],
            scales.get(name),
        )
    few = response is not None and response < rules.min_response
    warn = response is not None and response < WARN_RESPONSE
    return ReleaseFacts(wave, rules.as_dict(), tables, few, warn)


def floor_of(request: Request, rules: ReleaseRules) -> int:
    """People a group of this table needs by the rules, whatever a certificate says."""
    plan, everyone = plan_of(request.name), int(request.options.get("population") or 0)
    return max(rules.floor(plan.kind, population=everyone), rules.min_rate_group if plan.shares or plan.texts else 0)


def cells_of(name: str, frame: pd.DataFrame, facts: TableFacts | None) -> list[Cell]:
    """Every row of a released table as the outsider knows it, with what was sealed about it."""
    plan, count, source = plan_of(name), len(frame), facts.source if facts is not None else "earlier"
    reader = Request(name, frame, plan.groups, source, lines=plan.lines, who=plan.who)
    sealed = facts is not None and len(facts.same) == count
    same, secret, exact = (
        (facts.same, facts.secret, facts.exact) if facts is not None and sealed
        else ([None] * count, [False] * count, [()] * count)
    )  # fmt: skip
    rows = zip(reader.lines_of(frame), reader.names(frame), _told(frame), same, secret, exact, strict=True)
    return [
        Cell(name, source, line, group, known[0], known[1], None, bool(hide), one, frozenset(sums))
        for line, group, known, one, hide, sums in rows
    ]


def _true_cells(
    request: Request, frame: pd.DataFrame, *, rules: ReleaseRules, barred: Collection[TableGroup]
) -> list[Cell]:
    """Every row of a released table with the true number of people beside it."""
    truth, floor = request.people(), floor_of(request, rules)
    fewest = {group: min(n for (_, one), n in truth.items() if one == group) for _, group in truth}
    secret = {group for table, group in barred if table == request.name} | _few_exits(request, rules)
    rows = zip(request.lines_of(frame), request.names(frame), _told(frame), strict=True)
    found = []
    for line, group, known in rows:
        people = int(truth.get((line, group), fewest.get(group, 0)))  # a bare row stands for all lines of its group
        found.append(
            Cell(request.name, request.source, line, group, *known, people, 0 < people < floor or group in secret)
        )
    return found


def _few_exits(request: Request, rules: ReleaseRules) -> set[str]:
    """Groups of a retention curve with fewer exits than a curve needs."""
    column = request.options.get("events")
    if column is None:
        return set()
    most = request.frame[column].groupby(request.names(request.frame)).max()
    return set(most.index[most < rules.min_curve_events])


def _told(frame: pd.DataFrame) -> list[tuple[int | None, int | None]]:
    """The number of people that each row tells, as least and most; nothing where it is hidden."""
    told = frame["status"] != "hidden"
    if "earlier" in frame:
        told &= ~frame["earlier"].astype(bool)  # rows of an earlier release are about who was there then
    rows = zip(frame["n"], told, strict=True)
    return [(read_people(n) or (0, 0)) if shown else (None, None) for n, shown in rows]


def _frame(content: TableData) -> pd.DataFrame:
    return pd.DataFrame(content["data"], columns=content["columns"])


def seal_release(
    opened: OpenStudy,
    wave: str,
    requests: Sequence[Request],
    tables: Mapping[str, ReleasedTable],
    *,
    barred: Collection[TableGroup],
    response: float | None,
) -> str:
    """Seal the facts of a release; returns the name they go by, for the ledger and for the manifest."""
    shown = {name: as_data(table) for name, table in tables.items()}
    scales = {name: table.certificate["scales"] for name, table in tables.items()}
    facts = facts_of(wave, requests, shown, rules=rules_of(opened), scales=scales, barred=barred, response=response)
    return facts_book(opened).keep(facts)
