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
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sample_story

from segment.exports import verify as program
from segment.exports.verify import content_of, links, verify
from segment.exports.writing import make_exports
from segment.stages.release.proof import TABLES, tables_as_data
from segment.tables.registry import released_tables

Folder = Path


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    story = sample_story.full_story()
    proofs = {name: table.certificate for name, table in story.released.items()}
    proofs["scorecard"]["scales"] = {"Recommendation|enps": [-100.0, 100.0], "Referral|referral": [0.0, 1.0]}
    story = sample_story.replace(story, certificate={"tables": proofs})
    folder = tmp_path_factory.mktemp("release") / "2025-2"
    make_exports(story, folder, extra={TABLES: tables_as_data(story.released, story.weighing)}, before=["a" * 64])
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
    assert len(check.tables) == len(json.loads((honest / TABLES).read_text()))
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
        assert all(text in done.stdout for text in program.pinned()["said"][key])
    source = (honest / "verify.py").read_text()
    assert len(source.splitlines()) <= 300
    imports = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import | ast.ImportFrom)]
    modules = {str(node.module) for node in imports if isinstance(node, ast.ImportFrom)}
    modules |= {one.name for node in imports if isinstance(node, ast.Import) for one in node.names}
    assert {module.split(".")[0] for module in modules} <= set(sys.stdlib_module_names)


def test_who_reads_the_first_line_alone_gets_no_trace(honest: Folder) -> None:
    command = [sys.executable, "-I", str(honest / "verify.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout is not None and run.stderr is not None
        first = run.stdout.readline()
        run.stdout.close()
        assert first.startswith(b"NL  ") and run.stderr.read() == b""


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


def of_nineteen(tables: dict[str, Any]) -> None:
    """Thirteen of them: the share says of how many it is."""
    table = tables["leaving"]
    row = row_of(table)
    row[table["columns"].index("n")], row[table["columns"].index("value")] = "10–19", 0.68


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


def test_a_share_that_says_how_many_a_band_stands_for_is_told(copy: Folder) -> None:
    changed_tables(copy, of_nineteen)
    assert ("fine", ("leaving",)) in verify(copy)[0].found


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


def test_a_group_in_which_others_came_than_left_is_no_group_that_differs_by_a_few(honest: Folder, copy: Folder) -> None:
    """Four left and two joined: whoever made the release says so for that row, and for that row alone."""

    def two_fewer(tables: dict[str, Any]) -> None:
        for segment in (0, 1):
            row = next(row for row in tables["segments"]["data"] if row[columns.index("segment")] == segment)
            row[columns.index("n")] = str(int(row[columns.index("n")]) - 2)

    columns = json.loads((copy / TABLES).read_text())["segments"]["columns"]
    changed_tables(copy, two_fewer)
    assert ("change", ("segments", 2)) in verify(copy, [honest])[0].found
    manifest = json.loads((copy / "manifest.json").read_text())
    for rows, told in (([["0"]], True), ([["0"], ["1"]], False)):
        manifest["certificate"]["renewed"] = {"segments": rows}
        (copy / "manifest.json").write_text(json.dumps(manifest))
        sealed_again(copy)
        assert (("change", ("segments", 2)) in verify(copy, [honest])[0].found) is told


def in_page(text: str) -> Callable[[Folder], None]:
    def change(folder: Folder) -> None:
        page = folder / "report.en.html"
        page.write_text(page.read_text().replace("</body>", f"{text}</body>"))

    return change


def in_sheet(text: str) -> Callable[[Folder], None]:
    def change(folder: Folder) -> None:
        book = folder / "segments.en.xlsx"
        with zipfile.ZipFile(book) as parts:
            content = {name: parts.read(name) for name in parts.namelist()}
        sheet = "xl/worksheets/sheet2.xml"
        content[sheet] = content[sheet].replace(b"</sheetData>", text.encode() + b"</sheetData>")
        with zipfile.ZipFile(book, "w") as parts:
            for name, data in content.items():
                parts.writestr(name, data)

    return change


def listed(name: str, text: str) -> Callable[[Folder], None]:
    def change(folder: Folder) -> None:
        (folder / name).write_text(text)
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest["files"][name] = ""
        (folder / "manifest.json").write_text(json.dumps(manifest))

    return change


def told(**changed: Any) -> Callable[[Folder], None]:
    def change(folder: Folder) -> None:
        manifest = json.loads((folder / "manifest.json").read_text())
        (folder / "manifest.json").write_text(json.dumps({**manifest, **changed}))

    return change


FORGED: dict[str, tuple[Callable[[Folder], None], str]] = {
    "onerror": (in_page("<img/src=x/onerror=alert(1)>"), "file.active"),
    "link": (in_page('<a href="javascript:alert(1)">x</a>'), "file.active"),
    "refresh": (in_page('<meta http-equiv="refresh" content="0;url=https://example.org">'), "file.active"),
    "css": (in_page("<style>body{background:url(https://example.org/x)}</style>"), "file.active"),
    "srcset": (in_page('<img srcset="https://example.org/x 1x">'), "file.active"),
    "formaction": (in_page('<button formaction="https://example.org">x</button>'), "file.active"),
    "entity": (in_page('<a href="https&#58;//example.org">x</a>'), "file.active"),
    "data link": (in_page('<a href="data:text/html,x">x</a>'), "file.active"),
    "sentence": (in_page("<p>In team A only 2 people answered; their mean is 1.5.</p>"), "count"),
    "employees": (in_page("<table><tr><th>employees</th></tr><tr><td>2</td></tr></table>"), "count"),
    "htm": (listed("extra.htm", "<script>alert(1)</script>"), "file.active"),
    "svg": (listed("extra.svg", "<svg><script>alert(1)</script></svg>"), "file.active"),
    "csv": (listed("extra.csv", '"a",1\n=HYPERLINK("https://example.org"),x\n'), "file.active"),
    "prefixed formula": (in_sheet('<row r="900"><c r="A900"><x:f>1+1</x:f></c></row>'), "file.active"),
    "broken formula": (in_sheet('<row r="900"><c r="A900"><f\n>1+1</f></c></row>'), "file.active"),
    "cells": (in_sheet('<row r="900"><c r="A900"><v>2</v></c><c r="B900"><v>1.5</v></c></row>'), "book"),
    "deep": (listed(TABLES, '{"a":' + "[" * 100_000 + "]" * 100_000 + "}"), "tables"),
    "empty": (listed(TABLES, "{}"), "tables"),
    "no certificate": (told(certificate=None), "tables"),
    "no proofs": (told(certificate={"tables": {}}), "rules"),
    "files a list": (told(files=[]), "tables"),
    "invented links": (told(chain=["0" * 64] * 7 + ["a" * 64]), "chain"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_what_was_forged_without_a_key_is_told_in_a_sentence(copy: Folder, name: str) -> None:
    change, key = FORGED[name]
    change(copy)
    if name != "files a list":
        sealed_again(copy)
    assert key in found(copy)


def unlisted(tables: dict[str, Any]) -> None:
    tables["segments"]["columns"].append("exact")
    for row in tables["segments"]["data"]:
        row.append(0.9723641)


def invented(tables: dict[str, Any]) -> None:
    tables["extra"] = {**tables["segments"], "columns": ["team", "n", "status"], "data": [["A", "2", "shown"]]}


def ungrouped(tables: dict[str, Any]) -> None:
    tables["profiles"]["groups"] = []


def of_one_mind(tables: dict[str, Any]) -> None:
    table = tables["scorecard"]
    row = row_of(table)
    row[table["columns"].index("value")] = 5.0


@pytest.mark.parametrize(
    ("change", "key"), [(unlisted, "unknown"), (invented, "unknown"), (ungrouped, "unknown"), (of_one_mind, "nearly")]
)
def test_a_table_cannot_tell_its_own_rules(copy: Folder, change: Callable[..., None], key: str) -> None:
    changed_tables(copy, change)
    assert key in found(copy)


def test_the_rules_are_those_of_the_registry_and_bound_to_the_program() -> None:
    rules = program.pinned()
    assert set(rules["tables"]) == set(released_tables())
    for name, plan in released_tables().items():
        own = rules["tables"][name]
        assert own["kind"] == plan.kind
        for part in ("groups", "lines", "means", "shares", "overall", "texts", "answers", "ranks", "alike"):
            assert own[part] == list(getattr(plan, part)), f"{name}, {part}: run python docs/pin_rules.py"
        assert own["floor"] >= 5
