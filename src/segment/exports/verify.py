"""Controleert een map met uitgebrachte cijfers / Verifies a folder of released figures.

    python verify.py [MAP|FOLDER] [--earlier OUDERE_MAP|OLDER_FOLDER] [--head NUMBER:HEX]

Gebruikt niets dan Python, leest alleen, en is kort / Uses nothing but Python, only reads, and is short on purpose.
"""

import argparse
import hashlib
import html
import json
import re
import sys
import zipfile
from fractions import Fraction
from pathlib import Path

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
    "tables": ("released.json is er niet of is onleesbaar", "released.json is missing or cannot be read"),
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
    "withdrawn": ("ingetrokken door {0}: niet gebruiken", "withdrawn by {0}: not to be used"),
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


def tables_in(page: str) -> list:
    """The tables of a page, as lists of rows of texts."""
    table, tr, td = (re.compile(rf"<({tag})\b[^>]*>(.*?)</\1\s*>", re.S | re.I) for tag in ("table", "tr", "t[dh]"))
    return [[[" ".join(html.unescape(re.sub(r"<[^>]*>", "", cell)).split()) for _, cell in td.findall(row)]
             for _, row in tr.findall(one)] for _, one in table.findall(page)]  # fmt: skip


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
    if isinstance(text, (int, float)):
        return int(text), int(text)
    text = str(text).replace(".", "").replace(",", "").strip()
    band = re.fullmatch(r"(\d+)(?:\s*[–-]\s*(\d+))?", text)
    return (int(band[1]), int(band[2] or band[1])) if band else None


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
        check.files, data = check.files + 1, path.read_bytes()
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
                if part.endswith(".bin") or "externalLinks" in part or re.search(r'<f[ >]|TargetMode="External"', text):
                    check.point("file.active", name)
    except Exception:  # a changed byte can make any part of it unreadable, each in its own way
        check.point("file.changed", name)


def check_chain(manifest: dict, check: Check, kept: str) -> str:
    if "withdrawn" in manifest:
        check.point("withdrawn", str(manifest["withdrawn"]["by"]))
        return ""
    chain = manifest.get("chain") or []
    made = links(chain)
    if not chain or chain[-1] != content_of(manifest):
        check.point("chain")
    if kept and kept not in [f"{number}:{link}" for number, link in enumerate(made, start=1)]:
        check.point("head")
    return f"{len(made)}:{made[-1]}" if made else ""


def check_table(name: str, table: dict, rules: dict, check: Check) -> None:
    """Floors, roundings and sums of one table."""
    of_kind = LEAST["min_rate_group"] if table["shares"] else 0
    floor = max(int(table.get("floor") or 0), LEAST[KIND.get(table["kind"], "min_group")], of_kind)
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
    if table["groups"] and (size is None or (size[1] < floor and (size[1] > 0 or any(figures.values())))):
        check.point("small", name, floor)
    if any(abs(one - round(one, digits)) > 1e-9 for kind, digits in DECIMALS.items() for one in figures[kind]):
        check.point("fine", name)
    if table["kind"] != "curves" and any(not 0.05 <= value <= 0.95 for value in figures["shares"]):
        check.point("nearly", name)


def check_sums(name: str, table: dict, rows: list, check: Check) -> None:
    """Everyone less what is shown, for every sum and for all sums of a line together: nobody is left, or five."""
    lines: dict = {}
    for row in rows:
        lines.setdefault(tuple(str(row[c]) for c in table["lines"]), []).append(row)
    for own in lines.values():
        sums = [one for group in table["groups"] for one in sums_of(own, group, table["groups"])]
        check.sums += len(sums)
        for parts, left in [*sums, *solved(sums)]:
            if 0 < left < LEAST["min_group"] and min(parts.values()) > 0:
                check.point("rest", name, left)


def sums_of(rows: list, group: str, groups: list) -> list:
    """Per sum the parts whose size is not told (place: 1; the total: -1), and how many people they are together."""
    found = []
    for fixed in {tuple(row[o] for o in groups if o != group) for row in rows}:
        part = [at for at, row in enumerate(rows) if tuple(row[o] for o in groups if o != group) == fixed]
        left, parts = 0, {}
        for at in part:
            size, sign = people(rows[at]["n"]), -1 if rows[at][group] is None else 1
            now = rows[at]["status"] != "hidden" and not rows[at].get("earlier")
            if now and size is not None and size[0] == size[1]:
                left -= sign * size[0]
            else:
                parts[at] = sign
        if parts and sum(rows[at][group] is None for at in part) == 1:
            found.append((parts, left))
    return found


def solved(sums: list) -> list:
    """All sums of a line solved together (Gauss and Jordan): what adding and subtracting whole sums gives."""
    waiting, done = [(dict(parts), Fraction(left)) for parts, left in sums], sums[:0]
    while waiting:
        parts, left = waiting.pop()
        for first in list(parts)[:1]:
            own = {at: sign / Fraction(parts[first]) for at, sign in parts.items()}, left / parts[first]
            waiting, done = ([less(one, own, one[0].get(first, 0)) for one in some] for some in (waiting, done))
            done.append(own)
    return done


def less(one: tuple, other: tuple, times: Fraction) -> tuple:
    parts = {at: one[0].get(at, 0) - times * other[0].get(at, 0) for at in {**one[0], **other[0]}}
    return {at: sign for at, sign in parts.items() if sign}, one[1] - times * other[1]


def check_counts(folder: Path, manifest: dict, released: dict, check: Check) -> None:
    """Every number of people in a table of a page is one of a released table."""
    known = {people(row[table["columns"].index("n")]) for table in released.values() for row in table["data"]}
    files = (name for name in sorted(manifest.get("files", {})) if (folder / name).is_file())
    for name in (name for name in files if name.endswith(".html") and not name.startswith("dossier/")):
        for table in tables_in((folder / name).read_text(encoding="utf-8", errors="replace")):
            heads = [head.lower() for head in table[0]] if table else []
            places = [at for at, head in enumerate(heads) if head in COUNT_WORDS and heads[0] != "code"]
            for row in table[1:]:
                sizes = [people(row[at]) for at in places if at < len(row)]
                if any(size is not None and size not in known and size != (0, 0) for size in sizes):
                    check.point("count", name)


def check_earlier(released: dict, older: dict, check: Check) -> None:
    """What two releases of the same answers give away: whom a group differs by, what is hidden now and shown then."""
    for name in sorted(name for name in released if name in older and released[name]["groups"]):
        keys = [*released[name]["lines"], *released[name]["groups"]]
        dicts = ([dict(zip(one[name]["columns"], row)) for row in one[name]["data"]] for one in (released, older))
        now, then = ({tuple(str(row.get(c)) for c in keys): row for row in rows} for rows in dicts)
        both = [key for key in now if key in then and "hidden" not in (now[key]["status"], then[key]["status"])]
        if not both or sum(now[key] == then[key] for key in both) < len(both) / 2:
            continue  # another source: other answers, another time
        for size, old in ((people(now[key]["n"]), people(then[key]["n"])) for key in both):
            apart = abs(size[0] - old[0]) if size and old and size[0] == size[1] and old[0] == old[1] else 0
            if 0 < apart < LEAST["min_group"]:
                check.point("change", name, apart)
        check_sums(
            name, released[name], [then.get(k, r) if r["status"] == "hidden" else r for k, r in now.items()], check
        )


def read(folder: Path, name: str) -> "dict | None":
    try:
        content = json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def verify(folder: "str | Path", earlier: "tuple | list" = (), kept: str = "") -> "tuple[Check, str]":
    """Everything that can be seen from a folder: the check, and the number of the release."""
    check, folder = Check(), Path(folder)
    manifest = read(folder, "manifest.json")
    released = {} if "withdrawn" in (manifest or {}) else read(folder, "released.json")
    if manifest is None or released is None:
        check.point("manifest" if manifest is None else "tables")
        return check, ""
    check_files(folder, manifest, check)
    number = check_chain(manifest, check, kept)
    proofs = manifest.get("certificate", {}).get("tables", {})
    try:
        for name, table in sorted(released.items()):
            check_table(name, table, proofs.get(name, {}).get("rules", {}), check)
        check_counts(folder, manifest, released, check)
        for other in earlier:
            check_earlier(released, read(Path(other), "released.json") or {}, check)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        check.point("tables")
    return check, number


def main(arguments: "list | None" = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", default=Path(__file__).resolve().parent)
    parser.add_argument("--earlier", action="append", default=[], metavar="FOLDER")
    parser.add_argument("--head", default="", metavar="NUMBER:HEX")
    given = parser.parse_args(arguments)
    check, number = verify(given.folder, given.earlier, given.head)
    done = ("done", (check.files, check.tables, check.rows, check.sums, len(given.earlier)))
    points = [*check.found, ("bad", (len(check.found),)) if check.found else ("good", ()), done]
    for key, values in [*points, *([("kept", (number,))] if number else []), ("limits", ())]:
        print(*(f"{lang}  {text.format(*values)}" for lang, text in zip(("NL", "EN"), SAID[key])), sep="\n")
    return 1 if check.found else 0


if __name__ == "__main__":
    sys.exit(main())
