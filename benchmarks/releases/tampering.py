"""What somebody does to a released folder who knows the program: digests and chain are made anew to agree."""

from __future__ import annotations

import json
import random
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from releases.folders import MANIFEST, Folder, number_of
from segment.exports import verify
from segment.stages.release.proof import TABLES

Attack = Callable[[random.Random, Folder], None]


def pick(rng: random.Random, folder: Folder, *endings: str) -> Path:
    """A file of a release, with one of these endings."""
    files = sorted(path for path in folder.path.rglob("*") if path.is_file())
    return rng.choice([path for path in files if path.name != "verify.py" and path.name.endswith(endings)])


def flip(rng: random.Random, path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    path.write_bytes(bytes(content))


def a_byte(*endings: str) -> Attack:
    return lambda rng, folder: flip(rng, pick(rng, folder, *endings))


def a_byte_of_the_manifest(rng: random.Random, folder: Folder) -> None:
    folder.head = number_of(folder.path)
    flip(rng, folder.path / MANIFEST)


def a_file_gone(rng: random.Random, folder: Folder) -> None:
    pick(rng, folder, ".html", ".xlsx", ".json").unlink()


def a_file_more(rng: random.Random, folder: Folder) -> None:
    (folder.path / f"extra{rng.randrange(99)}.html").write_text("<p>more</p>", encoding="utf-8")


def a_file_renamed(rng: random.Random, folder: Folder) -> None:
    file = pick(rng, folder, ".html")
    file.rename(file.with_name("renamed.html"))


def a_link(rng: random.Random, folder: Folder) -> None:
    file = pick(rng, folder, ".html")
    elsewhere = file.replace(folder.path.parent / "elsewhere.html")
    file.symlink_to(elsewhere)


def manifest_swapped(_rng: random.Random, folder: Folder) -> None:
    shutil.copy(folder.other / MANIFEST, folder.path / MANIFEST)


def tables_swapped(_rng: random.Random, folder: Folder) -> None:
    folder.head = number_of(folder.path)
    shutil.copy(folder.other / TABLES, folder.path / TABLES)
    folder.seal()


def chain_cut(_rng: random.Random, folder: Folder) -> None:
    folder.head = number_of(folder.path)
    folder.write({**folder.manifest, "chain": folder.manifest["chain"][1:]})


def chain_gone(_rng: random.Random, folder: Folder) -> None:
    folder.write({**folder.manifest, "chain": []})


def chain_extended(rng: random.Random, folder: Folder) -> None:
    folder.write({**folder.manifest, "chain": [*folder.manifest["chain"], f"{rng.getrandbits(256):064x}"]})


def chain_reordered(_rng: random.Random, folder: Folder) -> None:
    folder.write({**folder.manifest, "chain": folder.manifest["chain"][::-1]})


def all_anew(rng: random.Random, folder: Folder) -> None:
    folder.head = number_of(folder.path)
    page = pick(rng, folder, ".html")
    page.write_text(page.read_text(encoding="utf-8").replace("</body>", "<p>.</p></body>"), encoding="utf-8")
    folder.seal()


def in_a_row(
    change: Callable[[random.Random, dict[str, Any]], dict[str, Any]], table: str, *, hidden: bool = False
) -> Attack:
    """An unsafe table: one of its rows of a group, shown or hidden, with something changed in it."""

    def attack(rng: random.Random, folder: Folder) -> None:
        tables = folder.tables
        own = tables[table]
        rows = [dict(zip(own["columns"], row, strict=True)) for row in own["data"]]
        inner = [at for at, row in enumerate(rows) if all(row[group] is not None for group in own["groups"])]
        able = [at for at in inner if (rows[at]["status"] == "hidden") is hidden]
        at = rng.choice(able)
        own["data"][at] = list({**rows[at], **change(rng, rows[at])}.values())
        folder.put(tables)

    return attack


def opened_by_one_sum(_rng: random.Random, folder: Folder) -> None:
    """Two hidden groups of one sum, of three and twelve people; the larger is shown."""
    _moves(folder, [[3, 12, 40], [30, 25, 45], [31, 22, 50]], hidden=[(0, 0)])


def opened_by_several_sums(_rng: random.Random, folder: Folder) -> None:
    """Two blocks of hidden groups with one of four people between them: no sum leaves few, all of them leave these."""
    sizes = [[11, 12, 40, 30], [13, 14, 4, 50], [31, 22, 15, 16], [33, 44, 17, 18]]
    _moves(folder, sizes, hidden=[(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 2), (2, 3), (3, 2), (3, 3)])


def a_total_of_few(_rng: random.Random, folder: Folder) -> None:
    """Two hidden groups of one sum that are two people each."""
    _moves(folder, [[2, 2, 40], [30, 25, 45], [31, 22, 50]], hidden=[(0, 0), (0, 1)])


def _moves(folder: Folder, sizes: list[list[int]], *, hidden: list[tuple[int, int]]) -> None:
    whole = np.array(sizes)
    whole = np.vstack([np.hstack([whole, whole.sum(1, keepdims=True)]), [*whole.sum(0), whole.sum()]])
    rows = []
    for (r, c), n in np.ndenumerate(whole):
        told = (r, c) not in hidden
        names = (r if r < whole.shape[0] - 1 else None, c if c < whole.shape[1] - 1 else None)
        rows.append([*names, str(n) if told else "–", 0.5 if told else None, "shown" if told else "hidden"])
    tables = folder.tables
    columns = ["segment_from", "segment_to", "n", "share", "status"]
    tables["migration"] |= {"groups": columns[:2], "lines": [], "columns": columns, "data": rows, "shares": ["share"],
                            "means": [], "overall": [], "kind": "rates", "floor": 10}  # fmt: skip
    folder.put(tables)


def a_few_left_since(rng: random.Random, folder: Folder) -> None:
    """The earlier folder beside it holds the same figures of a few people more."""
    _beside(folder)
    in_a_row(lambda rng, row: {"n": str(verify.people(row["n"])[0] - rng.randint(1, 4))}, "profiles")(rng, folder)


def hidden_and_shown_before(_rng: random.Random, folder: Folder) -> None:
    """The earlier folder beside it shows the larger of two groups that are hidden now."""
    sizes = [[3, 22, 40], [30, 25, 45], [31, 24, 50]]
    _moves(folder, sizes, hidden=[(0, 0), (1, 0), (0, 1), (1, 1)])
    _beside(folder)
    before = Folder(folder.earlier[0], folder.other)
    tables = before.tables
    for row in tables["migration"]["data"]:
        if tuple(row[:2]) == (0, 1):
            row[2:] = ["22", 0.5, "shown"]
    before.put(tables)


def _beside(folder: Folder) -> None:
    earlier = folder.path.with_name("earlier")
    shutil.copytree(folder.path, earlier)
    folder.earlier = [earlier]


def floor_lowered(rng: random.Random, folder: Folder) -> None:
    certificate = folder.manifest["certificate"]
    rule, least = rng.choice([("min_group", 2), ("min_rate_group", 5), ("min_segment", 5)])
    certificate["tables"]["profiles"]["rules"][rule] = least
    folder.seal(certificate=certificate)


def in_a_page(text: str) -> Attack:
    def attack(rng: random.Random, folder: Folder) -> None:
        page = pick(rng, folder, "report.nl.html", "report.en.html")
        page.write_text(page.read_text(encoding="utf-8").replace("</body>", f"{text}</body>"), encoding="utf-8")
        folder.seal()

    return attack


def a_page_changed(old: str, new: str) -> Attack:
    def attack(rng: random.Random, folder: Folder) -> None:
        page = pick(rng, folder, "report.nl.html", "report.en.html")
        page.write_text(re.sub(old, new, page.read_text(encoding="utf-8"), count=1), encoding="utf-8")
        folder.seal()

    return attack


def a_group_twice(_rng: random.Random, folder: Folder) -> None:
    tables = folder.tables
    table = tables["profiles"]
    row = list(next(row for row in table["data"] if row[table["columns"].index("segment")] is not None))
    row[table["columns"].index("n")] = str(int(row[table["columns"].index("n")]) + 2)
    table["data"].append(row)
    (folder.path / TABLES).write_text(json.dumps(tables), encoding="utf-8")
    folder.seal()


def a_figure_in_the_workbook(rng: random.Random, folder: Folder) -> None:
    """A figure of a sheet that no table has."""
    book = pick(rng, folder, ".xlsx")
    with zipfile.ZipFile(book) as parts:
        content = {name: parts.read(name) for name in parts.namelist()}
    sheet = next(name for name in content if name.startswith("xl/worksheets/sheet"))
    figures = re.findall(rb"<c r=\"E\d+\"[^>]*><v>([\d.]+)</v>", content[sheet])
    old = b"<v>" + rng.choice(figures) + b"</v></c></row>"
    content[sheet] = content[sheet].replace(old, b"<v>3.77</v></c></row>", 1)
    with zipfile.ZipFile(book, "w") as parts:
        for name, data in content.items():
            parts.writestr(name, data)
    folder.seal()


def a_listed_file_more(_rng: random.Random, folder: Folder) -> None:
    (folder.path / "people.csv").write_text("person;score\nE004393;4.5512345\n", encoding="utf-8")
    files = {**folder.manifest["files"], "people.csv": ""}
    folder.seal(files=files)


def a_formula(rng: random.Random, folder: Folder) -> None:
    book = pick(rng, folder, ".xlsx")
    with zipfile.ZipFile(book) as parts:
        content = {name: parts.read(name) for name in parts.namelist()}
    sheet = next(name for name in content if name.startswith("xl/worksheets/sheet"))
    formula = b'<row r="999"><c r="A999"><f>HYPERLINK("http://example.org")</f></c></row></sheetData>'
    content[sheet] = content[sheet].replace(b"</sheetData>", formula)
    with zipfile.ZipFile(book, "w") as parts:
        for name, data in content.items():
            parts.writestr(name, data)
    folder.seal()


ATTACKS: dict[str, Attack] = {
    "a byte of a page": a_byte(".html"),
    "a byte of the tables": a_byte(TABLES),
    "a byte of the workbook": a_byte(".xlsx"),
    "a byte of the manifest, number kept": a_byte_of_the_manifest,
    "a file gone": a_file_gone,
    "a file more": a_file_more,
    "a file renamed": a_file_renamed,
    "a link in a file's place": a_link,
    "manifest swapped": manifest_swapped,
    "tables swapped, number kept": tables_swapped,
    "chain cut, number kept": chain_cut,
    "chain gone": chain_gone,
    "chain longer": chain_extended,
    "chain turned round": chain_reordered,
    "everything anew, number kept": all_anew,
    "a group of a few shown": in_a_row(lambda rng, _row: {"n": str(rng.randint(1, 4))}, "profiles"),
    "a few, as a number": in_a_row(lambda rng, _row: {"n": float(rng.randint(1, 4))}, "profiles"),
    "a few, in words": in_a_row(lambda *_: {"n": "a few"}, "profiles"),
    "a few, as nobody": in_a_row(lambda *_: {"n": "0"}, "profiles"),
    "a share of five to nine": in_a_row(lambda *_: {"n": "5–9", "share": 0.5, "status": "shown"}, "migration"),
    "a hidden row restored": in_a_row(
        lambda rng, _row: {"n": str(rng.randint(1, 9)), "share": 0.4, "status": "shown"}, "migration", hidden=True
    ),
    "a hidden row's figure": in_a_row(lambda *_: {"share": 0.4}, "migration", hidden=True),
    "a hidden row's people": in_a_row(lambda *_: {"n": "12"}, "migration", hidden=True),
    "a figure too fine": in_a_row(lambda rng, _row: {"mean": 3.0 + rng.randint(1, 9) / 1000}, "profiles"),
    "nearly everyone": in_a_row(lambda rng, _row: {"share": rng.choice([0.0, 0.02, 0.97, 1.0])}, "migration"),
    "opened by one sum": opened_by_one_sum,
    "opened by several sums": opened_by_several_sums,
    "a sum of a few": a_total_of_few,
    "a few left since an earlier folder": a_few_left_since,
    "hidden now, shown in an earlier folder": hidden_and_shown_before,
    "floor lowered": floor_lowered,
    "a script": in_a_page("<script>alert(1)</script>"),
    "a picture from outside": in_a_page('<img src="https://example.org/p.gif">'),
    "people of no table": in_a_page("<table><tr><th>A</th><th>people</th></tr><tr><td>B</td><td>7</td></tr></table>"),
    "a formula": a_formula,
    "two, told as 2.0": in_a_row(lambda *_: {"n": "2.0"}, "profiles"),
    "a group twice": a_group_twice,
    "a figure in the workbook only": a_figure_in_the_workbook,
    "a listed file more": a_listed_file_more,
    "a page without its policy": a_page_changed('<meta http-equiv="Content-Security-Policy"[^>]*>', ""),
    "a page in another alphabet": a_page_changed('charset="utf-8"', 'charset="iso-2022-jp"'),
    "a few, split by a tag": in_a_page("<p>Only <b>2</b> people answered: mean 1.55</p>"),
}  # fmt: skip
