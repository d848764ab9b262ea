"""A release carries its own proof: honest folders pass, tampered and unsafe ones are told, in both languages."""

from __future__ import annotations

import ast
import hashlib
import itertools
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sample_story

from segment.exports import write_exports
from segment.exports.verify import SAID, content_of, links, verify
from segment.stages.release.proving import TABLES, tables_as_data

Folder = Path


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    story = sample_story.full_story()
    proofs = {name: table.certificate for name, table in story.released.items()}
    story = sample_story.replace(story, certificate={"tables": proofs})
    folder = tmp_path_factory.mktemp("release") / "2025-2"
    write_exports(story, folder, extra={TABLES: tables_as_data(story.released, story.weighing)}, before=["a" * 64])
    return folder


@pytest.fixture
def copy(honest: Folder, tmp_path: Path) -> Folder:
    return Path(shutil.copytree(honest, tmp_path / "2025-2"))


def found(folder: Folder, **how: Any) -> set[str]:
    return {key for key, _ in verify(folder, **how)[0].found}


def sealed_again(folder: Folder) -> None:
    """What somebody does who knows the program: digests and chain made anew to agree with the files."""
    manifest = json.loads((folder / "manifest.json").read_text())
    for name in manifest["files"]:
        manifest["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    manifest["chain"] = [*manifest["chain"][:-1], content_of(manifest)]
    (folder / "manifest.json").write_text(json.dumps(manifest))


def changed_tables(folder: Folder, change: Callable[[dict[str, Any]], None]) -> None:
    """Released tables changed and sealed again: as an unsafe program would have written them."""
    file = folder / TABLES
    tables = json.loads(file.read_text())
    change(tables)
    file.write_text(json.dumps(tables))
    sealed_again(folder)


def row_of(table: dict[str, Any], *, hidden: bool = False) -> list[Any]:
    """A row of a group in a table, shown or not."""
    status, group = table["columns"].index("status"), table["columns"].index(table["groups"][0])
    return next(row for row in table["data"] if (row[status] == "hidden") is hidden and row[group] is not None)


def test_an_honest_folder_passes_and_its_number_can_be_kept(honest: Folder) -> None:
    check, number = verify(honest)
    assert check.found == []
    assert check.files > 10
    assert check.tables == len(json.loads((honest / TABLES).read_text()))
    assert number.startswith("2:")
    assert found(honest, kept=number) == set()
    assert found(honest, kept=f"1:{links(['a' * 64])[0]}") == set()
    assert found(honest, earlier=[honest]) == set()


def test_it_runs_alone_with_any_python_and_speaks_both_languages(honest: Folder) -> None:
    done = subprocess.run(
        [sys.executable, "-I", str(honest / "verify.py")], capture_output=True, text=True, check=False, cwd="/"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for key in ("good", "limits"):
        assert all(text in done.stdout for text in SAID[key])
    source = (honest / "verify.py").read_text()
    assert len(source.splitlines()) <= 300
    modules = {node.names[0].name if isinstance(node, ast.Import) else str(node.module)
               for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import | ast.ImportFrom)}  # fmt: skip
    assert {module.split(".")[0] for module in modules} <= set(sys.stdlib_module_names)


@pytest.mark.parametrize("seed", range(25))
def test_any_changed_byte_missing_or_added_file_is_told(copy: Folder, seed: int) -> None:
    drawn = random.Random(seed)
    file = drawn.choice(sorted(path for path in copy.rglob("*") if path.is_file()))
    how = drawn.choice(["byte", "gone", "added", "renamed"])
    if how == "byte":
        data = bytearray(file.read_bytes())
        data[drawn.randrange(len(data))] ^= 1 << drawn.randrange(8)
        file.write_bytes(data)
    elif how == "gone":
        file.unlink()
    elif how == "added":
        (file.parent / "extra.html").write_text("more")
    else:
        file.rename(file.with_name("other.html"))
    assert found(copy)


def test_a_figure_changed_together_with_its_digest_breaks_the_chain(copy: Folder) -> None:
    page = copy / "report.nl.html"
    page.write_text(page.read_text().replace("%", " %", 1))
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["files"]["report.nl.html"] = hashlib.sha256(page.read_bytes()).hexdigest()
    (copy / "manifest.json").write_text(json.dumps(manifest))
    assert found(copy) == {"chain"}


def test_everything_made_anew_is_told_by_whoever_kept_the_number(honest: Folder, copy: Folder) -> None:
    _, number = verify(honest)
    page = copy / "report.nl.html"
    page.write_text(page.read_text().replace("%", " %", 1))
    sealed_again(copy)
    assert found(copy) == set()
    assert found(copy, kept=number) == {"head"}


def small(tables: dict[str, Any]) -> None:
    table = tables["profiles"]
    row_of(table)[table["columns"].index("n")] = "4"


def fine(tables: dict[str, Any]) -> None:
    table = tables["profiles"]
    row_of(table)[table["columns"].index("mean")] = 3.14159


def nearly(tables: dict[str, Any]) -> None:
    table = tables["leaving"]
    row_of(table)[table["columns"].index("value")] = 0.99


def figure(tables: dict[str, Any]) -> None:
    table = tables["segments"]
    row = row_of(table)
    row[table["columns"].index("status")] = "hidden"


def rest(tables: dict[str, Any]) -> None:
    """Two groups of which one is hidden, and a total that leaves three."""
    table = tables["profiles"]
    columns = table["columns"]
    everyone, shown, hidden = ([None] * len(columns) for _ in range(3))
    for row, segment, n, status in (
        (everyone, None, "103", "shown"),
        (shown, 0, "100", "shown"),
        (hidden, 1, "–", "hidden"),
    ):
        row[columns.index("segment")], row[columns.index("n")] = segment, n
        row[columns.index("status")] = status
    for at in (columns.index(c) for c in table["lines"]):
        everyone[at] = shown[at] = hidden[at] = "line"
    table["data"] = [everyone, shown, hidden]


@pytest.mark.parametrize("unsafe", [small, fine, nearly, figure, rest], ids=lambda change: change.__name__)
def test_an_unsafe_release_is_told_however_well_it_is_sealed(copy: Folder, unsafe: Callable[..., None]) -> None:
    changed_tables(copy, unsafe)
    assert unsafe.__name__ in found(copy)


def moves(tables: dict[str, Any], sizes: list[list[int]], hidden: set[tuple[int, int]]) -> None:
    """A table of two groupings and their totals, with some groups hidden."""
    rows = [[*row, sum(row)] for row in sizes]
    rows.append([sum(column) for column in zip(*rows, strict=True)])
    data = []
    for (r, row), c in itertools.product(enumerate(rows), range(len(rows[0]))):
        names = (r if r < len(sizes) else None, c if c < len(sizes[0]) else None)
        told = (r, c) not in hidden
        data.append([*names, str(row[c]) if told else "–", 0.5 if told else None, "shown" if told else "hidden"])
    columns = ["segment_from", "segment_to", "n", "share", "status"]
    tables["migration"] = {
        "groups": columns[:2], "lines": [], "kind": "rates", "means": [], "shares": ["share"], "overall": [],
        "floor": 10, "columns": columns, "data": data,
    }  # fmt: skip


BLOCKS = {(0, 0), (0, 1), (1, 0), (1, 1), (2, 2), (2, 3), (3, 2), (3, 3)}


def test_what_only_all_sums_together_leave_is_told(copy: Folder) -> None:
    """Two blocks of hidden groups and one group between them: no sum alone leaves fewer than ten people."""
    sizes = [[11, 12, 40, 30], [13, 14, 4, 50], [31, 22, 15, 16], [33, 44, 17, 18]]
    changed_tables(copy, lambda tables: moves(tables, sizes, BLOCKS))
    assert "rest" not in found(copy)
    changed_tables(copy, lambda tables: moves(tables, sizes, BLOCKS | {(1, 2)}))
    assert ("rest", ("migration", 4)) in verify(copy)[0].found
    sizes[1][2] = 12
    changed_tables(copy, lambda tables: moves(tables, sizes, BLOCKS | {(1, 2)}))
    assert "rest" not in found(copy)


def test_a_group_hidden_now_that_an_earlier_folder_opens_is_told(copy: Folder, tmp_path: Path) -> None:
    sizes = [[3, 22, 40], [30, 25, 45], [31, 24, 50]]
    corner = {(0, 0), (0, 1), (1, 0), (1, 1)}
    changed_tables(copy, lambda tables: moves(tables, sizes, corner))
    earlier = Path(shutil.copytree(copy, tmp_path / "earlier"))
    assert "rest" not in found(copy, earlier=[earlier])
    changed_tables(earlier, lambda tables: moves(tables, sizes, {(0, 0), (1, 0)}))
    assert "rest" in found(copy, earlier=[earlier])


@pytest.mark.parametrize("n", [3, 3.0, "3", "a few", None, "0", "1–4"])
def test_a_group_shown_of_a_few_is_told_however_its_number_is_written(copy: Folder, n: object) -> None:
    def write(tables: dict[str, Any]) -> None:
        row_of(tables["profiles"])[tables["profiles"]["columns"].index("n")] = n

    changed_tables(copy, write)
    assert "small" in found(copy)


@pytest.mark.parametrize("content", ["[]", "{", '{"profiles": 3}', '{"profiles": {"kind": "scores"}}', "null"])
def test_tables_of_another_form_are_told_and_no_fault(copy: Folder, content: str) -> None:
    (copy / TABLES).write_text(content)
    sealed_again(copy)
    assert "tables" in found(copy)


def test_a_lowered_floor_is_told(copy: Folder) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["certificate"]["tables"]["profiles"]["rules"]["min_group"] = 2
    (copy / "manifest.json").write_text(json.dumps(manifest))
    sealed_again(copy)
    assert found(copy) == {"rules"}


def test_something_that_runs_or_calls_out_is_told(copy: Folder) -> None:
    page = copy / "report.en.html"
    page.write_text(page.read_text().replace("</body>", '<img src="https://example.org/x"></body>'))
    sealed_again(copy)
    assert found(copy) == {"file.active"}


def test_a_group_that_differs_by_a_few_people_from_an_earlier_release_is_told(honest: Folder, copy: Folder) -> None:
    def two_fewer(tables: dict[str, Any]) -> None:
        table = tables["segments"]
        row, at = row_of(table), table["columns"].index("n")
        row[at] = str(int(row[at]) - 2)

    changed_tables(copy, two_fewer)
    assert "change" in found(copy, earlier=[honest])
