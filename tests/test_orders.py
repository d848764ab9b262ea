"""Orders are decided once, on unrounded figures, before release: nobody who reads a release sorts its values again."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from segment.segments.released import means_and_scores
from segment.tables.registry import released_tables, shown_tables

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "segment"
READERS = sorted(
    [
        *(path for room in ("exports", "displays", "tracking") for path in (PACKAGE / room).rglob("*.py")),
        PACKAGE / "stages" / "summary.py",
        PACKAGE / "stages" / "report_context.py",
    ]
)

#: What puts numbers in an order or picks the first of them.
SORTING = {"argmin", "argmax", "nanargmin", "nanargmax", "argsort", "lexsort", "nlargest", "nsmallest", "idxmin",
           "idxmax", "rank", "argpartition", "searchsorted"}  # fmt: skip
#: Columns that are no figures: what a row is about, and the ranks that a release holds.
KEYS = {"segment", "month", "bin", "horizon", "person", "rank", "place", "wave"}
#: Module -> what it may: ranks and lines that a spec names are read, the nearest horizon is found, candidates that were
#: tried are not rounded, labels of a picture stand beside the height of their value, and the rest are names.
ALLOWED = {
    "displays/labels.py": {"np.argsort(floats(rows, rank), kind='stable')"},
    "displays/shown.py": {"np.argsort(floats(rows, shown.line), kind='stable')"},
    "displays/tabular.py": {
        "np.argsort(_places(frame, column, kinds.get(column, ''), labels), kind='stable')",
        "sorted(found.values(), key=lambda value: -1.0 if value != value else float(value))",
    },
    "displays/slope.py": {"sorted(slopes, key=lambda one: one.sure)", "np.argsort(values, kind='stable')"},
    "displays/retention.py": {"np.argmin(np.abs(horizon - months))"},
    "exports/leaving_words.py": {"sorted(named, key=lambda s: named[s].place)"},
    "exports/first_actions.py": {"every.sort(key=_place_and_rank)"},
    "exports/made_groups.py": {"rows.sort_values(['fewest', 'explained'], ascending=[True, False], kind='stable')"},
    "exports/registry_tables.py": {"sorted(here, key=lambda name: shown[name].at)"},
    "exports/shared_sheets.py": {"sorted(here, key=lambda name: shown[name].at)"},
    "exports/deck.py": {"sorted(archive.namelist(), key=lambda one: (one != '[Content_Types].xml', one))"},
    "exports/dossier/bill.py": {"sorted(packages, key=lambda one: (one.reference, one.marker))"},
    "tracking/headlines.py": {"sorted(parent, key=lambda record: places.get(record.name, -1))"},
    "tracking/cards.py": {
        "sorted(card, key=_place)",
        "sorted(rows[0], key=lambda name: (not isinstance(rows[0][name], str), _place(str(name))))",
    },
}


def orders_in(tree: ast.AST) -> Iterator[ast.Call]:
    """Calls that put values in an order: by a sorting function, by a key of their own, or by columns with figures."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        keyed = any(word.arg == "key" for word in node.keywords)
        by_figures = name == "sort_values" and not _by_keys(node)
        if by_figures or name in SORTING or (keyed and name in ("sorted", "sort", "max", "min")):
            yield node


def _by_keys(call: ast.Call) -> bool:
    by = call.args[0] if call.args else next((w.value for w in call.keywords if w.arg == "by"), None)
    names = by.elts if isinstance(by, ast.List) else [] if by is None else [by]
    if by is None:  # a column of its own: told by what stands before the dot
        return isinstance(call.func, ast.Attribute) and any(f"'{key}'" in ast.unparse(call.func.value) for key in KEYS)
    return all(isinstance(name, ast.Constant) and name.value in KEYS for name in names)


@pytest.mark.parametrize("path", READERS, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_reader_puts_released_values_in_an_order(path: Path) -> None:
    told = str(path.relative_to(PACKAGE))
    found = [ast.unparse(call) for call in orders_in(ast.parse(path.read_text(encoding="utf-8")))]
    assert [one for one in found if one not in ALLOWED.get(told, set())] == []


@pytest.mark.parametrize("told", sorted(ALLOWED))
def test_what_is_allowed_is_still_there(told: str) -> None:
    calls = {ast.unparse(call) for call in orders_in(ast.parse((PACKAGE / told).read_text(encoding="utf-8")))}
    assert ALLOWED[told] - calls == set()


def test_what_a_spec_orders_by_is_what_a_row_is_about_or_a_rank_of_the_release() -> None:
    """How a table is shown names the columns of its order: no figure is one of them."""
    asked = {
        (name, column)
        for name, shown in shown_tables().items()
        for view in (*shown.views, *shown.tables)
        for column in (*view.order, *((view.across.column,) if view.across is not None else ()))
    }
    told = {name: {*KEYS, *plan.groups, *plan.lines, *plan.ranks} for name, plan in released_tables().items()}
    assert len(asked) > 10
    assert {(name, column) for name, column in asked if column not in told[name]} == set()


@pytest.mark.parametrize(
    "line",
    ["rows['value'].argmax()", "np.nanargmin(values)", "rows.nlargest(2, 'mean')", "rows.sort_values('mean')",
     "sorted(shares, key=lambda one: one.value)", "rows['mean'].sort_values()", "max(needs, key=value_of)"],
)  # fmt: skip
def test_the_law_sees_what_it_forbids(line: str) -> None:
    assert list(orders_in(ast.parse(line)))


@pytest.mark.parametrize("line", ["rows.sort_values('month')", "sorted(names)", "max(high, limit)",
                                  "shown['segment'].astype('float64').sort_values()"])  # fmt: skip
def test_the_law_lets_keys_be_sorted(line: str) -> None:
    assert not list(orders_in(ast.parse(line)))


def test_scores_of_everyone_are_not_told_as_they_are_counted_from_everyone() -> None:
    """Where there are no segments a workbook gave everyone a weight of .1 for one need and -.1 for another."""
    rows = pd.DataFrame(
        [(0.0, need, measure, mean) for measure in ("score", "importance", "shortfall") for need, mean in
         (("A", 0.1), ("B", -0.1))],
        columns=["segment", "need", "measure", "mean"],
    )  # fmt: skip
    other = rows.assign(segment=1.0)
    assert set(means_and_scores(rows, {})["measure"]) == {"importance"}
    assert set(means_and_scores(pd.concat([rows, other]), {})["measure"]) == {"score", "importance"}
