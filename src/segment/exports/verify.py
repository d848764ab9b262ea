"""Controleert een map met uitgebrachte cijfers / Verifies a folder of released figures.

    python verify.py [MAP|FOLDER] [--earlier OUDERE_MAP|OLDER_FOLDER] [--head NUMBER:HEX]

Gebruikt niets dan Python, leest alleen, en is kort / Uses nothing but Python, only reads, and is short on purpose.
"""

import argparse
import hashlib
import html.parser
import json
import re
import sys
import zipfile
from pathlib import Path

HIDDEN = "–"
#: Fewest people behind any figure, a share, a named segment; they may be raised, never lowered.
LEAST = {"min_group": 5, "min_rate_group": 10, "min_segment": 30, "min_driver": 30, "min_curve_people": 30,
         "min_curve_events": 10}  # fmt: skip
KIND = {"scores": "min_group", "rates": "min_rate_group", "segments": "min_segment", "curves": "min_curve_people",
        "driver": "min_driver"}  # fmt: skip
DECIMALS = {"means": 1, "shares": 2, "overall": 3}
COUNT_WORDS = {"aantal", "mensen", "people"}
ACTIVE = re.compile(r"<\s*(script|iframe|object|embed|form|base)\b|<[^>]*\son[a-z]+\s*=|<[^>]*(src|href)\s*=\s*"
                    r"[\"']?\s*(https?:|//)", re.I)  # fmt: skip

SAID = {
    "file.missing": ("{0}: staat op de lijst en is er niet", "{0}: is listed and not there"),
    "file.changed": ("{0}: is niet het bestand van de lijst", "{0}: is not the file that was listed"),
    "file.extra": ("{0}: staat niet op de lijst", "{0}: is not listed"),
    "file.active": ("{0}: bevat iets dat draait of naar buiten gaat", "{0}: holds something that runs or calls out"),
    "manifest": ("manifest.json is er niet of is onleesbaar", "manifest.json is missing or cannot be read"),
    "chain": ("de keten van uitgaven klopt niet", "the chain of releases does not hold"),
    "head": ("de keten bevat het bewaarde kenmerk niet", "the chain does not hold the number that was kept"),
    "rules": ("{0}: de ondergrens is verlaagd", "{0}: the floor was lowered"),
    "small": ("{0}: een groep van minder dan {1} mensen is getoond", "{0}: a group of fewer than {1} people is shown"),
    "figure": ("{0}: een verborgen groep heeft een cijfer", "{0}: a hidden group has a figure"),
    "fine": ("{0}: een cijfer is fijner dan mag", "{0}: a figure is finer than allowed"),
    "nearly": ("{0}: bijna iedereen of niemand is precies getoond", "{0}: nearly everyone or nobody is shown exactly"),
    "rest": ("{0}: door aftrekken blijven {1} mensen over", "{0}: subtracting leaves {1} people"),
    "change": ("{0}: een groep verschilt {1} mensen van eerder", "{0}: a group differs by {1} people from before"),
    "count": ("{0}: een aantal mensen uit geen enkele tabel", "{0}: a number of people that no released table holds"),
    "done": ("{0} bestanden, {1} tabellen, {2} rijen, {3} aftreksommen, {4} eerdere mappen nagerekend.",
             "{0} files, {1} tables, {2} rows, {3} subtractions, {4} earlier folders recomputed."),
    "kept": ("Kenmerk van deze uitgave: {0}. Bewaar het elders.", "Number of this release: {0}. Keep it elsewhere."),
    "good": ("In orde: niets gevonden.", "In order: nothing found."),
    "bad": ("NIET in orde: {0} punten.", "NOT in order: {0} points."),
    "limits": ("Wat dit niet kan weten: of de cijfers waar zijn; wie in een groep zit; wat elders over hen staat; "
               "of alles samen opnieuw is gemaakt, tenzij een bewaard kenmerk is meegegeven (--head).",
               "What this cannot know: whether figures are true; who is in a group; what stands elsewhere about them; "
               "whether everything was made anew together, unless a kept number was given (--head)."),
}  # fmt: skip


class Cells(html.parser.HTMLParser):
    """The tables of a page, as lists of rows of texts."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list = []
        self.cell: list | None = None

    def handle_starttag(self, tag: str, _attrs: list) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in ("td", "th") and self.tables and self.tables[-1]:
            self.cell = []

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self.cell is not None:
            self.tables[-1][-1].append(" ".join("".join(self.cell).split()))
            self.cell = None


class Check:
    """What was found and what was done."""

    def __init__(self) -> None:
        self.found: list = []
        self.files = self.tables = self.rows = self.sums = 0

    def point(self, key: str, *values: object) -> None:
        if (key, values) not in self.found:
            self.found.append((key, values))


def people(text: object) -> "tuple[int, int] | None":
    """A number of people as it was published, as least and most: '120', '10–19' or hidden (None)."""
    text = str(text).replace(".", "").replace(",", "").strip()
    if text.isdigit():
        return int(text), int(text)
    band = re.fullmatch(r"(\d+)\s*[–-]\s*(\d+)", text)
    return (int(band[1]), int(band[2])) if band else None


def content_of(manifest: dict) -> str:
    """Fingerprint of a manifest without its chain."""
    bare = {name: value for name, value in manifest.items() if name != "chain"}
    return hashlib.sha256(json.dumps(bare, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def links(contents: list) -> list:
    """The chain: every link is the fingerprint of the one before it and of what one release held."""
    made = ["0" * 64]
    for content in contents:
        made.append(hashlib.sha256((made[-1] + content).encode()).hexdigest())
    return made[1:]


def check_files(folder: Path, manifest: dict, check: Check) -> None:
    listed = manifest.get("files", {})
    for name, digest in sorted(listed.items()):
        path = folder / name
        if not path.is_file() or path.is_symlink():
            check.point("file.missing", name)
            continue
        check.files += 1
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != digest:
            check.point("file.changed", name)
        if path.suffix == ".html" and ACTIVE.search(data.decode("utf-8", "replace")):
            check.point("file.active", name)
        if path.suffix in (".xlsx", ".pptx"):
            check_office(path, name, check)
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in listed and name != "manifest.json":
            check.point("file.extra", name)


def check_office(path: Path, name: str, check: Check) -> None:
    try:
        with zipfile.ZipFile(path) as parts:
            for part in parts.namelist():
                text = parts.read(part).decode("utf-8", "replace") if part.endswith((".xml", ".rels")) else ""
                outside = 'TargetMode="External"' in text
                if part.endswith(".bin") or "externalLinks" in part or outside or re.search(r"<f[ >]", text):
                    check.point("file.active", name)
    except (zipfile.BadZipFile, OSError):
        check.point("file.changed", name)


def check_chain(manifest: dict, check: Check, kept: str) -> str:
    chain = manifest.get("chain") or []
    made = links(chain)
    if not chain or chain[-1] != content_of(manifest):
        check.point("chain")
    if kept:
        number, _, digest = kept.partition(":")
        if not number.isdigit() or not 0 < int(number) <= len(made) or made[int(number) - 1] != digest:
            check.point("head")
    return f"{len(made)}:{made[-1]}" if made else ""


def check_table(name: str, table: dict, rules: dict, check: Check) -> None:
    """Floors, roundings and sums of one table."""
    floor = max(int(table.get("floor") or 0), LEAST[KIND.get(table["kind"], "min_group")])
    floor = max(floor, LEAST["min_rate_group"] if table["shares"] else 0)
    for rule, least in LEAST.items():
        if rules.get(rule, least) < least:
            check.point("rules", f"{name}, {rule}")
    rows = [dict(zip(table["columns"], row)) for row in table["data"]]
    check.tables, check.rows = check.tables + 1, check.rows + len(rows)
    for row in rows:
        check_row(name, table, row, floor, check)
    if table["groups"]:
        check_sums(name, table, rows, check)


def check_row(name: str, table: dict, row: dict, floor: int, check: Check) -> None:
    """One row: hidden without a figure, or shown of enough people and no finer than allowed."""
    figures = {kind: [row[c] for c in table[kind] if row.get(c) is not None] for kind in DECIMALS}
    size = people(row["n"])
    if row["status"] == "hidden":
        if any(figures.values()) or (size is not None and table["groups"]):
            check.point("figure", name)
        return
    if table["groups"] and size is not None and 0 < size[1] < floor:
        check.point("small", name, floor)
    if any(abs(one - round(one, digits)) > 1e-9 for kind, digits in DECIMALS.items() for one in figures[kind]):
        check.point("fine", name)
    if table["kind"] != "curves" and any(not 0.05 <= value <= 0.95 for value in figures["shares"]):
        check.point("nearly", name)


def check_sums(name: str, table: dict, rows: list, check: Check) -> None:
    """Everyone less all groups that are shown: nobody may be left, or at least five."""
    lines: dict = {}
    for row in rows:
        lines.setdefault(tuple(str(row[c]) for c in table["lines"]), []).append(row)
    for own in lines.values():
        for place, group in enumerate(table["groups"]):
            others = [g for at, g in enumerate(table["groups"]) if at != place]
            for fixed in {tuple(row[o] for o in others) for row in own}:
                part = [row for row in own if tuple(row[o] for o in others) == fixed]
                total = [people(row["n"]) for row in part if row[group] is None]
                own_rows = [row for row in part if row[group] is not None]
                shown = [people(row["n"]) for row in own_rows if row["status"] != "hidden"]
                if len(total) != 1 or len(shown) == len(own_rows):
                    continue
                exact = [size[0] for size in (*total, *shown) if size is not None and size[0] == size[1]]
                check.sums += 1
                left = exact[0] - sum(exact[1:]) if len(exact) == len(shown) + 1 else 0
                if 0 < left < LEAST["min_group"]:
                    check.point("rest", name, left)


def check_counts(folder: Path, manifest: dict, released: dict, check: Check) -> None:
    """Every number of people in a table of a page is one of a released table."""
    known = {people(row[table["columns"].index("n")]) for table in released.values() for row in table["data"]}
    for name in sorted(manifest.get("files", {})):
        if not name.endswith(".html") or name.startswith("dossier/") or not (folder / name).is_file():
            continue
        pages = Cells()
        pages.feed((folder / name).read_text(encoding="utf-8", errors="replace"))
        for table in pages.tables:
            heads = [head.lower() for head in table[0]] if table else []
            places = [at for at, head in enumerate(heads) if head in COUNT_WORDS and heads[0] != "code"]
            for row in table[1:]:
                sizes = [people(row[at]) for at in places if at < len(row)]
                if any(size is not None and size not in known and size != (0, 0) for size in sizes):
                    check.point("count", name)


def check_earlier(released: dict, older: dict, check: Check) -> None:
    """The same figures made of nearly the same people would give the few away by whom they differ."""
    for name in sorted(set(released) & set(older)):
        now, then = (rows_by_group(one[name]) for one in (released, older))
        both = sorted(set(now) & set(then), key=str)
        same = sum(now[key] == then[key] for key in both)
        if not both or same < len(both) / 2:
            continue  # another source: other answers, another time
        for key in both:
            size, old = people(now[key][0]), people(then[key][0])
            apart = abs(size[0] - old[0]) if size and old and size[0] == size[1] and old[0] == old[1] else 0
            if 0 < apart < LEAST["min_group"]:
                check.point("change", name, apart)


def rows_by_group(table: dict) -> dict:
    """Line and group of every shown row -> number of people and figures."""
    keys = [table["columns"].index(c) for c in (*table["lines"], *table["groups"])]
    n, status = table["columns"].index("n"), table["columns"].index("status")
    shown = [row for row in table["data"] if table["groups"] and row[status] != "hidden"]
    return {tuple(str(row[at]) for at in keys): (row[n], *row) for row in shown}


def read(folder: Path, name: str) -> object:
    try:
        return json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def verify(folder: "str | Path", earlier: "tuple | list" = (), kept: str = "") -> "tuple[Check, str]":
    """Everything that can be seen from a folder: the check, and the number of the release."""
    check, folder = Check(), Path(folder)
    manifest = read(folder, "manifest.json")
    if not isinstance(manifest, dict):
        check.point("manifest")
        return check, ""
    check_files(folder, manifest, check)
    number = check_chain(manifest, check, kept)
    released = read(folder, "released.json")
    if not isinstance(released, dict):
        return check, number  # missing, which is told already
    proofs = manifest.get("certificate", {}).get("tables", {})
    for name, table in sorted(released.items()):
        check_table(name, table, proofs.get(name, {}).get("rules", {}), check)
    check_counts(folder, manifest, released, check)
    for other in earlier:
        older = read(Path(other), "released.json")
        check_earlier(released, older if isinstance(older, dict) else {}, check)
    return check, number


def main(arguments: "list | None" = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", default=Path(__file__).resolve().parent)
    parser.add_argument("--earlier", action="append", default=[], metavar="FOLDER")
    parser.add_argument("--head", default="", metavar="NUMBER:HEX")
    given = parser.parse_args(arguments)
    check, number = verify(given.folder, given.earlier, given.head)
    points = [*check.found, ("bad", (len(check.found),)) if check.found else ("good", ())]
    points.append(("done", (check.files, check.tables, check.rows, check.sums, len(given.earlier))))
    for key, values in [*points, *([("kept", (number,))] if number else []), ("limits", ())]:
        dutch, english = SAID[key]
        print(f"NL  {dutch.format(*values)}\nEN  {english.format(*values)}")
    return 1 if check.found else 0


if __name__ == "__main__":
    sys.exit(main())
