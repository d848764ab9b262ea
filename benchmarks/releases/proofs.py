"""Releases that carry their own proof: a hundred folders that were tampered with or give somebody away, and as many
honest ones, each put to the ``verify.py`` inside it, alone, by a bare Python (``-I -S``).

Honest folders come out of the library: small tables released by :func:`segment.disclosure.release` from random
organisations, with pages and a workbook that show them; in the long form also whole studies, walked and published. Who
tampers knows the program: unless the attack is on the digests themselves, they and the chain are made anew to agree.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter

from releases.books import QUICK
from segment.exports import verify
from segment.exports.manifest import write_manifest
from segment.privacy import release
from segment.stages import STAGES_IN_ORDER, open_study, run_stage
from segment.stages.release.proof import TABLES, tables_as_data
from segment.stages.simulate import simulate_into
from segment.vocabulary import World

MANIFEST, BOOK = "manifest.json", "segments.en.xlsx"
Draw = Callable[[], np.ndarray]


@dataclass
class Folder:
    """A release to be verified: its folder, what whoever verifies it kept and has beside it, and another release."""

    path: Path
    other: Path
    head: str = ""
    earlier: list[Path] = field(default_factory=list)

    @property
    def manifest(self) -> dict[str, Any]:
        return dict(json.loads((self.path / MANIFEST).read_text(encoding="utf-8")))

    @property
    def tables(self) -> dict[str, Any]:
        return dict(json.loads((self.path / TABLES).read_text(encoding="utf-8")))

    def write(self, manifest: dict[str, Any]) -> None:
        (self.path / MANIFEST).write_text(json.dumps(manifest, indent=2, sort_keys=True), encoding="utf-8")

    def seal(self, **changed: Any) -> None:
        """Digests and chain made anew, so that they agree with the files."""
        manifest = {**self.manifest, **changed}
        files = {name: self.path / name for name in manifest["files"] if (self.path / name).is_file()}
        manifest["files"] = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
        self.write({**manifest, "chain": [*manifest["chain"][:-1], verify.content_of(manifest)]})

    def put(self, tables: dict[str, Any]) -> None:
        (self.path / TABLES).write_text(json.dumps(tables), encoding="utf-8")
        for page in self.path.glob("report.*.html"):  # pages and workbook would show that the tables were others
            page.write_text("<html><body></body></html>", encoding="utf-8")
        own = tables["profiles"]
        _as_book(self.path / BOOK, [dict(zip(own["columns"], row, strict=True)) for row in own["data"]])
        self.seal()

    def refused(self) -> bool:
        """Whether the proof in the folder refuses it."""
        beside = [word for folder in self.earlier for word in ("--earlier", str(folder))]
        command = [sys.executable, "-I", "-S", str(self.path / "verify.py"), str(self.path), *beside]
        done = subprocess.run([*command, *(["--head", self.head] if self.head else [])], capture_output=True, text=True)
        if done.returncode not in (0, 1) or "Traceback" in done.stderr:
            raise RuntimeError(f"the proof failed: {done.stderr[-500:]}")
        return done.returncode == 1


Attack = Callable[[random.Random, Folder], None]


def number_of(folder: Path) -> str:
    """The number of a release, as whoever receives it keeps it."""
    made = verify.links(json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["chain"])
    return f"{len(made)}:{made[-1]}"


# --------------------------------------------------------------------------------------------- honest folders


def made(rng: np.random.Generator, sizes: np.ndarray, folder: Path, before: list[str]) -> None:
    """A release of one organisation (departments x segments): moves, scores and the sizes of its segments."""
    rows, columns = sizes.shape
    whole = np.vstack([np.hstack([sizes, sizes.sum(1, keepdims=True)]), [*sizes.sum(0), sizes.sum()]])
    labels = [*map(float, range(rows)), None], [*map(float, range(columns)), None]
    cells = [(labels[0][r], labels[1][c], int(whole[r, c])) for r in range(rows + 1) for c in range(columns + 1)]
    moves = pd.DataFrame(cells, columns=["segment_from", "segment_to", "n"]).query("n > 0")
    moves = moves.assign(share=rng.uniform(0, 1, len(moves)))
    own = pd.DataFrame([(labels[1][c], int(whole[-1, c])) for c in range(columns + 1)], columns=["segment", "n"])
    own = own.query("n > 0")
    needs = pd.concat(
        [
            own.assign(need=need, measure="importance", mean=rng.uniform(1.5, 4.5, len(own)))
            for need in ("PAY", "GRO", "SOC")
        ]
    )
    released = {
        "migration": release(
            "migration", moves, groups=["segment_from", "segment_to"], count="n", shares=["share"], kind="rates"
        ),
        "profiles": release(
            "profiles", needs, groups=["segment"], count="n", lines=["need", "measure"], means=["mean"]
        ),
    }
    folder.mkdir(parents=True)
    (folder / TABLES).write_text(tables_as_data(released, {}), encoding="utf-8")
    for language, people in (("nl", "aantal"), ("en", "people")):
        text = "".join(_as_page(table.frame, people) for table in released.values())
        (folder / f"report.{language}.html").write_text(f"<html><body>{text}</body></html>", encoding="utf-8")
    _as_book(folder / BOOK, released["profiles"].frame.to_dict("records"))
    for name in ("verify.py", "rules.json"):
        shutil.copy(Path(verify.__file__).with_name(name), folder / name)
    proofs = {"tables": {name: table.certificate for name, table in released.items()}}
    files = [path for path in folder.iterdir() if path.name != MANIFEST]
    write_manifest(folder, study_digest=f"{rng.integers(10**9)}", certificate=proofs, files=files, before=before)


def _as_page(frame: pd.DataFrame, people: str) -> str:
    heads = "".join(f"<th>{people if name == 'n' else name}</th>" for name in frame)
    rows = ("".join(f"<td>{value}</td>" for value in row) for row in frame.map(str).to_numpy())
    return f"<table><tr>{heads}</tr>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def _as_book(path: Path, rows: list[dict[Any, Any]]) -> None:
    """The workbook of these rows of profiles; figures as they are, whatever they are."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("profiles")
        sheet.write_row(0, 0, ["Need", "Measure", "Segment", "People", "Mean"])
        for at, row in enumerate(rows, start=1):
            people = int(row["n"]) if str(row["n"]).isdigit() else row["n"]
            mean = "" if pd.isna(row["mean"]) else row["mean"]
            sheet.write_row(at, 0, [row["need"], row["measure"], str(row["segment"]), people, mean])


def walked(place: Path, *, people: int, seed: int) -> Iterator[Path]:
    """The releases of a whole study: one for each of its two waves."""
    simulate_into(place, people=people, seed=seed, world=World.NEEDS, waves=2)
    waves = sorted(path.stem.partition("_")[2] for path in place.glob("responses_*.csv"))
    for wave in waves:
        opened = open_study(place / "study.yaml", overrides=[*QUICK, f"workspace={place / 'work'}", f"wave={wave}"])
        for stage in STAGES_IN_ORDER.values():
            run_stage(stage, opened)
        yield opened.workspace / "exports" / wave


# ---------------------------------------------------------------------------------------------------- attacks


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
}  # fmt: skip


def prove(draw: Draw, place: Path, *, honest: int, tampered: int, studies: int, seed: int) -> pd.DataFrame:
    """One row per folder: ``kind`` (``honest`` or the attack), ``source`` (tables or a study), ``refused``."""
    rng, drawn = np.random.default_rng(seed), random.Random(seed)
    whole = [one for number in range(studies)
             for one in walked(place / f"study-{number}", people=150 + 40 * number, seed=seed + number)]  # fmt: skip
    folders, before = list(whole), [f"{drawn.getrandbits(256):064x}"]
    while len(folders) < max(honest, 3):
        folder = place / f"honest-{len(folders)}"
        made(rng, draw(), folder, before)
        before = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["chain"]
        folders.append(folder)
    rows = []
    for at, folder in enumerate(folders[:honest]):
        beside = [folders[at - 1]] if at % 2 else []
        one = Folder(folder, folder, head=number_of(folder), earlier=beside)
        rows.append({"kind": "honest", "source": "study" if folder in whole else "tables", "refused": one.refused()})
    able = [folder for folder in folders if folder not in whole and _serves(folder)]
    for number in range(tampered):
        name = list(ATTACKS)[number % len(ATTACKS)]
        chosen = drawn.choice(able)
        copy = Path(shutil.copytree(chosen, place / f"tampered-{number}" / "2025-2"))
        one = Folder(copy, next(folder for folder in folders[::-1] if folder != chosen))
        ATTACKS[name](drawn, one)
        rows.append({"kind": name, "source": "tables", "refused": one.refused()})
    return pd.DataFrame(rows)


def _serves(folder: Path) -> bool:
    """Whether a release hides and shows groups that stand in both groupings, and tells all sizes of its segments."""
    tables = json.loads((folder / TABLES).read_text(encoding="utf-8"))
    own = tables["profiles"]
    if not all(str(row[own["columns"].index("n")]).isdigit() for row in own["data"]):
        return False
    table = tables["migration"]
    rows = [dict(zip(table["columns"], row, strict=True)) for row in table["data"]]
    inner = [row["status"] for row in rows if row["segment_from"] is not None and row["segment_to"] is not None]
    return "hidden" in inner and len(set(inner)) > 1
