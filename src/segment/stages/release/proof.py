"""What a release carries so that an outsider can check it: its tables as data, and the chain of what was released."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from segment.disclosure.ledger.release_ledger import ReleaseLedger
from segment.disclosure.release import ReleasedTable
from segment.exports.manifest import NAME as MANIFEST
from segment.exports.verify import links
from segment.floors import FLOORS
from segment.stages.base import OpenStudy
from segment.store import read_json, save_json
from segment.tables.registry import plan_of
from segment.vocabulary import Weighing
from segment.workspace.transaction import Transaction

#: The tables of a release, as ``verify.py`` reads them.
TABLES = "released.json"
#: What every release of a workspace held, oldest first.
HISTORY = "releases.json"


def tables_as_data(released: Mapping[str, ReleasedTable], weighing: Mapping[str, str]) -> str:
    """Every released table: which columns are what, its floor, its rows and, in a weighted study, how it counts."""
    content = {}
    for name, one in sorted(released.items()):
        plan, rows = plan_of(name), json.loads(one.frame.to_json(orient="split", index=False, double_precision=4))
        parts = {
            part: [c for c in getattr(plan, part) if c in rows["columns"]] for part in ("means", "shares", "overall")
        }
        content[name] = {
            "groups": list(one.groups), "lines": list(one.lines), "kind": one.kind, **parts,
            "floor": one.certificate["floor"], "columns": rows["columns"], "data": rows["data"],
        }  # fmt: skip
        if weighing:
            content[name]["weighing"] = str(weighing.get(name, Weighing.ALL))
    return json.dumps(content, sort_keys=True, ensure_ascii=False, indent=1) + "\n"


def renewed_rows(released: Mapping[str, ReleasedTable], ledger: ReleaseLedger) -> dict[str, list[list[str]]]:
    """Rows that are shown anew with one to four people more or fewer than an earlier release showed, by table.

    The ledger lets them leave because five or more changed: others came than left. Numbers alone do not say so, and
    whoever lays two folders beside each other would take them for a group that differs by a few. A row is named by its
    lines and groups, as ``verify.py`` reads them.
    """
    found: dict[str, list[list[str]]] = {}
    grouped = {name: table for name, table in released.items() if table.groups}
    for name, content in json.loads(tables_as_data(grouped, {})).items():
        by = [*content["lines"], *content["groups"]]
        before: dict[tuple[str, ...], set[int]] = {}
        for row in ledger.rows(name):
            if str(row["n"]).isdigit():
                before.setdefault(_called(row, by), set()).add(int(str(row["n"])))
        for row in (dict(zip(content["columns"], cells, strict=True)) for cells in content["data"]):
            if str(row["n"]).isdigit() and not row.get("earlier"):
                sizes = before.get(_called(row, by), set())
                if any(0 < abs(size - int(str(row["n"]))) < FLOORS.min_group for size in sizes):
                    found.setdefault(name, []).append([str(row[one]) for one in by])
    return found


def _called(row: Mapping[str, object], by: Sequence[str]) -> tuple[str, ...]:
    """What a row is about, whether it comes from a book or from a file."""
    cells = (row.get(one) for one in by)
    return tuple(f"{float(one):g}" if isinstance(one, int | float) else str(one) for one in cells)


def releases_before(opened: OpenStudy) -> tuple[str, ...]:
    """What earlier releases of this workspace held, oldest first."""
    file = opened.workspace / HISTORY
    return tuple(read_json(file)["releases"]) if file.is_file() else ()


def remember_release(opened: OpenStudy, change: Transaction, fresh: Path) -> str:
    """Add a release in a new folder to the history; returns its number, to be kept outside the workspace."""
    chain, history = read_json(fresh / MANIFEST)["chain"], opened.workspace / HISTORY
    before = releases_before(opened)
    if chain[-1] not in before:
        longer = change.aside(history)
        save_json(longer, {"releases": [*before, chain[-1]]})
        change.put(longer, history)
    return f"{len(chain)}:{links(chain)[-1]}"
