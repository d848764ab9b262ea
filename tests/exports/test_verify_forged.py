"""Folders forged by somebody who knows the program, without the key: each is told, and for its own reason."""

from __future__ import annotations

import csv
import json
import re
import shutil
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from test_verify import changed_tables, found, honest, row_of, sealed_again

from segment.exports.verify import people, verify

__all__ = ["honest"]

Tables = dict[str, Any]


@pytest.fixture
def copy(honest: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(honest, tmp_path / "2025-2"))


def cell(table: Tables, row: list[Any], column: str, value: object) -> None:
    if column not in table["columns"]:
        table["columns"].append(column)
        for other in table["data"]:
            other.append(None)
    row[table["columns"].index(column)] = value


def two_told_as_twenty(tables: Tables) -> None:
    cell(tables["profiles"], row_of(tables["profiles"]), "n", "2.0")


def floor_that_is_no_number(tables: Tables) -> None:
    tables["profiles"]["floor"] = float("nan")
    cell(tables["profiles"], row_of(tables["profiles"]), "n", "4")


def a_group_twice(tables: Tables) -> None:
    table = tables["scorecard"]
    other = list(row_of(table))
    cell(table, other, "n", str(int(other[table["columns"].index("n")]) - 2))
    table["data"].append(other)


def a_figure_among_the_earlier_ones(tables: Tables) -> None:
    cell(tables["profiles"], row_of(tables["profiles"]), "earlier", 0.3333333)


def a_group_that_tells(tables: Tables) -> None:
    cell(tables["profiles"], row_of(tables["profiles"]), "segment", 1.5512345)


def a_line_that_tells(tables: Tables) -> None:
    table = tables["profiles"]
    cell(table, row_of(table), table["lines"][0], "E004393 scored 4.5512, 2 people")


def rows_under_another_key(tables: Tables) -> None:
    tables["profiles"]["people"] = [["E004393", 4.5512345]]


def all_of_one_mind_called_a_score(tables: Tables) -> None:
    table = tables["scorecard"]
    row = next(row for row in table["data"] if row[table["columns"].index("value")] is not None)
    for column, value in (("value", 5.0), ("low", 4.0), ("high", 5.0), ("measure", "score")):
        cell(table, row, column, value)


def a_small_group_left_out(tables: Tables) -> None:
    """Two more in the total than in its parts, and no hidden row that could be they."""
    table = tables["scorecard"]
    at, line = table["columns"].index("n"), [table["columns"].index(one) for one in table["lines"]]
    group = table["columns"].index(table["groups"][0])
    for total in [row for row in table["data"] if row[group] is None]:
        own = [row for row in table["data"] if row[group] is not None and all(row[one] == total[one] for one in line)]
        if own and all(str(row[at]).isdigit() for row in own):
            total[at] = str(sum(int(row[at]) for row in own) + 2)
            return
    raise AssertionError("no total whose parts are all shown")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (two_told_as_twenty, "small"),
        (floor_that_is_no_number, "small"),
        (a_group_twice, "unknown"),
        (a_figure_among_the_earlier_ones, "figure"),
        (a_group_that_tells, "fine"),
        (a_line_that_tells, "figure"),
        (rows_under_another_key, "unknown"),
        (all_of_one_mind_called_a_score, "nearly"),
        (a_small_group_left_out, "rest"),
    ],
)
def test_tables(copy: Path, change: Callable[[Tables], None], told: str) -> None:
    changed_tables(copy, change)
    assert told in found(copy)


def table_of(first: str, second: str, people: str) -> str:
    return f"<table><tr><th>{first}</th><th>{second}</th></tr><tr><td>A</td><td>{people}</td></tr></table>"


CHARSET, POLICY = re.compile('<meta charset="utf-8">'), re.compile('<meta http-equiv="Content-Security-Policy"[^>]*>')


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda page: POLICY.sub("", page), "file.active"),
        (lambda page: CHARSET.sub('<meta charset="iso-2022-jp">', page), "file.active"),
        (lambda page: page + "<style>body{background:url(https://evil.example/x)}", "file.active"),
        (lambda page: page + '<style>@page{@top-left{content:"A"url(https://evil.example/x)}}</style>', "file.active"),
        (lambda page: page + '<style>@page{@top-left{content:"A";background:u\\72 l(x)}}</style>', "file.active"),
        (lambda page: page + "<svg><style>rect{fill:&#117;rl(https://evil.example/x)}</style></svg>", "file.active"),
        (lambda page: page + '<p class="\x1b$B">\x1b(B</p>', "file.active"),
        (lambda page: page + "<p>Only <b>2</b> people answered; their mean is 1.55.</p>", "count"),
        (lambda page: page + "<p>Two colleagues of Logistics answered: mean 1.55.</p>", "count"),
        (lambda page: page + table_of("Code", "People", "2"), "count"),
        (lambda page: page + table_of("Team", "Respondents (n)", "7.9"), "count"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["report.en.html"])
def test_pages(copy: Path, change: Callable[[str], str], told: str, name: str) -> None:
    page = copy / name
    page.write_text(change(page.read_text(encoding="utf-8")), encoding="utf-8")
    sealed_again(copy)
    assert told in found(copy)


PREFIXED = '<a-b:row r="900"><a-b:c r="A900"><a-b:v>2</a-b:v></a-b:c></a-b:row></sheetData>'
TEXTS = (
    '<row r="900"><c r="A900" t="inlineStr"><is><t>2</t></is></c><c r="B900" t="str"><v>1.55</v></c></row></sheetData>'
)
CALLS = (
    "</sheetData><dataValidations><dataValidation><formula1>WEBSERVICE(1)</formula1></dataValidation></dataValidations>"
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("</sheetData>", PREFIXED),
        ("</sheetData>", TEXTS),
        ("</sheetData>", CALLS),
        ("</worksheet>", "<headerFooter><oddHeader>E004393: 1.55 (n=2)</oddHeader></headerFooter></worksheet>"),
    ],
)
def test_workbooks(copy: Path, old: str, new: str) -> None:
    book = copy / "segments.en.xlsx"
    with zipfile.ZipFile(book) as parts:
        inside = {name: parts.read(name) for name in parts.namelist()}
    name = "xl/worksheets/sheet2.xml"
    assert old.encode() in inside[name]
    inside[name] = inside[name].replace(old.encode(), new.encode())
    with zipfile.ZipFile(book, "w") as parts:
        for part, data in inside.items():
            parts.writestr(part, data)
    sealed_again(copy)
    assert "file.active" in found(copy)


@pytest.mark.parametrize("name", ["people.csv", "notes.txt", "cells.json", "extra.html"])
def test_a_listed_file_that_no_release_has_is_told(copy: Path, name: str) -> None:
    (copy / name).write_text("person;score\nE004393;4.5512345\n")
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["files"][name] = ""
    (copy / "manifest.json").write_text(json.dumps(manifest))
    sealed_again(copy)
    assert "file.active" in found(copy)


def test_a_folder_without_pages_and_workbooks_is_no_release(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    for name in [name for name in manifest["files"] if name.endswith((".html", ".xlsx"))]:
        (copy / name).unlink()
        del manifest["files"][name]
    (copy / "manifest.json").write_text(json.dumps(manifest))
    sealed_again(copy)
    assert "file.missing" in found(copy)


@pytest.mark.parametrize("part", ["<style>", "<table>", "</table>", "<table><tr>"])
def test_a_page_made_to_keep_a_reader_busy_is_read_at_once(copy: Path, part: str) -> None:
    page = copy / "report.en.html"
    page.write_text(page.read_text(encoding="utf-8") + part * 30_000, encoding="utf-8")
    sealed_again(copy)
    begun = time.process_time()
    found(copy)  # nothing inside that could run: what counts is that it is told at all, and soon
    assert time.process_time() - begun < 5


def test_everybody_one_fewer_is_no_other_source(copy: Path, honest: Path) -> None:
    def fewer(tables: Tables) -> None:
        for table in tables.values():
            at = table["columns"].index("n")
            for row in table["data"]:
                if str(row[at]).isdigit() and int(row[at]) > 60:
                    row[at] = str(int(row[at]) - 1)

    changed_tables(copy, fewer)
    assert "change" in found(copy, earlier=[honest])


def test_a_table_that_was_not_compared_is_named(honest: Path, copy: Path) -> None:
    def others(tables: Tables) -> None:
        at = tables["profiles"]["columns"].index("n")
        for row in tables["profiles"]["data"]:
            row[at] = str(int(row[at]) + 20) if str(row[at]).isdigit() else row[at]

    changed_tables(copy, others)
    check, _ = verify(copy, [honest])
    assert check.apart == ["profiles"]


def test_a_number_of_people_has_dots_between_thousands_only() -> None:
    assert [people(text) for text in ("2.0", "3,0", "7.9")] == [None, None, None]
    assert [people(text) for text in ("1.234", "12,345", "120", "10–19")] == [
        (1234, 1234),
        (12345, 12345),
        (120, 120),
        (10, 19),
    ]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("people_answered", "2"), ("people_answered", "777"), ("priority_percent", "99"),
        ("place", "1234567"), ("segment", "2"),
        ("action", "another"), ("what_en", "Two people of Logistics answered: mean 1.55"),
        ("title_nl", "score 1.5512345"), ("person", "E004393"),
    ],
)  # fmt: skip
def test_the_list_of_actions_says_what_the_plans_say(copy: Path, column: str, value: str) -> None:
    file = copy / "actions.csv"
    head, *rows = csv.reader(file.read_text(encoding="utf-8-sig").splitlines(), delimiter=";")
    assert len(rows) > 1
    if column not in head:
        head, rows = [*head, column], [[*row, ""] for row in rows]
    rows[0][head.index(column)] = value
    with file.open("w", encoding="utf-8-sig", newline="") as target:
        csv.writer(target, delimiter=";").writerows([head, *rows])
    sealed_again(copy)
    assert found(copy) == {"actions"}


def test_only_a_release_without_plans_has_no_list_of_actions(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "actions.csv").unlink()
    del manifest["files"]["actions.csv"]
    (copy / "manifest.json").write_text(json.dumps(manifest))
    sealed_again(copy)
    assert found(copy) == {"file.missing"}
    released = json.loads((copy / "released.json").read_text())
    del released["plans"], manifest["certificate"]["tables"]["plans"]
    (copy / "released.json").write_text(json.dumps(released))
    (copy / "manifest.json").write_text(json.dumps(manifest))
    sealed_again(copy)
    assert "file.missing" not in found(copy)


def test_a_release_in_one_language_is_whole(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    for name in [name for name in manifest["files"] if ".nl." in name]:
        (copy / name).unlink()
        del manifest["files"][name]
    (copy / "manifest.json").write_text(json.dumps(manifest))
    sealed_again(copy)
    assert found(copy) == set()
    (copy / "segments.en.xlsx").unlink()
    assert found(copy) == {"file.missing"}
