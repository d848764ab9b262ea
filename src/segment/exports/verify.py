"""Controleert een map met uitgebrachte cijfers / Verifies a folder of released figures.

    python verify.py [MAP|FOLDER] [--earlier OUDERE_MAP|OLDER_FOLDER] [--head NUMBER:HEX]

Gebruikt niets dan Python, leest alleen, en is kort / Uses nothing but Python, only reads, and is short on purpose.
Wat mag en hoe het heet, staat in / What is allowed, and the words for it, stand in rules.json, bound by RULES below.
"""

# fmt: off
import argparse, csv, hashlib, html, io, json, re, sys, zipfile
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
#: The sha256 of rules.json: whoever changes a rule has to change this line too.
RULES = "8f0db4cf8afea2b0971e16c7fb3e8986525f9087f0820226b5f2370ac672c7ce"
HIDDEN, BANDS = "–", ("5–9", "10–19")
def pinned() -> dict:
    """What rules.json says, which has to be the file that this program is bound to."""
    data = b"".join(file.read_bytes() for file in [Path(__file__).with_name("rules.json")] if file.is_file())
    if hashlib.sha256(data).hexdigest() != RULES:
        sys.exit("NL  rules.json hoort niet bij deze verify.py.\nEN  rules.json is not the one of this verify.py.")
    return json.loads(data)
def read(folder: Path, name: str) -> dict:
    try:
        content = json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError, MemoryError):
        return {}
    return content if isinstance(content, dict) else {}
def content_of(manifest: dict) -> str:
    """Fingerprint of a manifest without its chain."""
    bare = {name: value for name, value in manifest.items() if name != "chain"}
    return hashlib.sha256(json.dumps(bare, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
def links(contents: list) -> list:
    """The chain: every link is the fingerprint of the one before it and of what one release held."""
    return list(accumulate(contents, lambda one, new: hashlib.sha256((one + new).encode()).hexdigest(), initial="0" * 64))[1:]
def figure(cell: object) -> "float | str | None":
    """A figure or a band of people, so that the same one in a table and in a workbook are equal."""
    number = re.fullmatch(r"-?\d{1,15}(\.\d{1,20})?(e-\d+)?", str(cell))
    return str(cell) if cell in BANDS else round(float(cell), 4) if number else None
def people(text: object) -> "tuple[int, int] | None":
    """A number of people as it was published, as least and most: '120', '10–19' or hidden (None)."""
    text = re.sub(r"(?<=\d)[.,](?=\d{3}(?!\d))", "", str(int(text) if isinstance(text, float) and text == int(text) else text))
    band = re.fullmatch(r"\s*(\d{1,12})(?:\s*[–-]\s*(\d{1,12}))?\s*", text)
    return (int(band[1]), int(band[2] or band[1])) if band else None
def key_of(row: dict, columns: list) -> tuple:
    """What a row is about, so that two rows that look alike are one."""
    return tuple(" ".join(row[one].lower().split()) if isinstance(row[one], str) else row[one] for one in columns)
def texts_of(path: "Path | io.BytesIO", forms: list) -> "dict | None":
    """The text of every part of a workbook or of slides, workbooks inside too; None where there are other parts, or too much."""
    with zipfile.ZipFile(path) as parts:
        names, size = sorted(parts.namelist()), sum(one.file_size for one in parts.infolist())
        if size > 10**8 or len({*names}) < len(names) or not all(re.fullmatch(forms[0], one) for one in names):
            return None
        inside = [texts_of(io.BytesIO(parts.read(one)), forms[1:]) for one in names if one.endswith(".xlsx")]
        own = {one: html.unescape(parts.read(one).decode("utf-8")) for one in names if not one.endswith(".xlsx")}
    return None if None in inside else {**own, **{f"{at} {one}": text for at, some in enumerate(inside) for one, text in (some or {}).items()}}
def sheets(path: Path, allowed: dict) -> "list | None":
    """Every sheet of a workbook as rows of cells (texts, numbers); None where something may run or call out."""
    texts = texts_of(path, [allowed["parts"]])
    if texts is None or any(re.search(allowed["not in a workbook"], text) or (name.startswith("xl/w") and re.search(r"<[^\s>/]*:", text)) or (
            "/worksheets/" in name and re.search(r"[^-+\d.eE\s]", re.sub(allowed["in a sheet"], " ", text))) for name, text in texts.items()):
        return None
    shared = [one.rpartition("<si")[2].partition(">")[2] for one in texts["xl/sharedStrings.xml"].split("</si")[:-1]]
    return [[[cell_of(cell, shared) for cell in re.split(r"<c\s", row.rpartition("<row")[2])[1:]] for row in text.split("</row")[:-1]]
            for name, text in texts.items() if name.startswith("xl/worksheets/")]
def cell_of(cell: str, shared: list) -> "str | float | None":
    about, _, inside = cell.partition(">")
    text = "" if about.endswith("/") else re.sub(r"<[^>]*>", "", inside.partition("</c")[0]).strip()
    return re.sub(r"<[^>]*>", "", shared[int(text)]) if text and ' t="s"' in f" {about}" else float(text) if text else None
def page_of(text: str, allowed: dict) -> tuple:
    """Whether anything in a page may run or call out; its texts; its tables as rows of texts."""
    tag = re.compile(r"<(/?[a-z][a-z0-9]*)((?:\s+[\w:-]+(?:=\"[^\"<>]*\")?)*)\s*/?>", re.I)
    tags, styles = tag.findall(text), [one.partition("</style")[0] for one in text.lower().split("<style")[1:]]
    active = not re.match(allowed["head"], text) or bool(re.search("[\x00-\x08\x0b-\x1f]", text)) or "<" in tag.sub("", re.sub("<!doctype html>", "", text, count=1, flags=re.I)) or any(
        re.search(allowed["not in a style"], html.unescape(one), re.I) for one in styles)
    for key, said in (pair for _, some in tags for pair in re.findall(r"([\w:-]+)(?:=\"([^\"]*)\")?", some.lower())):
        form = allowed["forms"].get(key, "[^<]*") if re.fullmatch(allowed["attributes"], key) else "(?!)"
        active |= not re.fullmatch(form, html.unescape(said), re.S)
    active |= not {name.strip("/").lower() for name, _ in tags} <= set(allowed["tags"].split())
    tables = [[[" ".join(html.unescape(tag.sub("", re.split("<t[dh]", cell)[-1].partition(">")[2])).split())
                for cell in re.split("</t[dh]", row.rpartition("<tr")[2])[:-1]] for row in one.rpartition("<table")[2].split("</tr")[:-1]]
              for one in text.lower().split("</table")[:-1]]
    return active, html.unescape(tag.sub("\0", re.sub(allowed["inside a line"], "", text, flags=re.I))).split("\0"), tables
class Check:
    """What was found and what was done."""
    def __init__(self, folder: Path, rules: dict) -> None:
        self.folder, self.rules, self.allowed, self.tables, self.found, self.apart, self.files, self.sums, self.renewed = folder, rules, rules["allowed"], {}, [], [], 0, 0, {}
        self.few = lambda text: all(re.search(self.allowed[one], text, re.I) for one in ("few", "told"))
    def point(self, key: str, *values: object) -> None:
        if (key, values) not in self.found:
            self.found.append((key, values))
    def check_files(self, listed: dict, always: list) -> None:
        for name in sorted({*listed, *always}):
            path = self.folder / name
            if name not in listed or path.resolve() != self.folder.resolve() / name or not path.is_file():
                self.point("file.missing", name)
                continue
            self.files, data = self.files + 1, path.read_bytes()
            if hashlib.sha256(data).hexdigest() != listed[name]: self.point("file.changed", name)
            if not re.fullmatch(self.allowed["files"], name) or (path.suffix == ".csv" and re.search(self.allowed["formula"], data.decode("utf-8-sig", "replace"), re.M)):
                self.point("file.active", name)
        for path in sorted(self.folder.rglob("*")):
            name = path.relative_to(self.folder).as_posix()
            if (path.is_symlink() or not path.is_dir()) and name not in {*listed, "manifest.json"}: self.point("file.extra", name)
    def check_chain(self, manifest: dict, kept: str, earlier: list) -> str:
        chain, made = manifest["chain"], links(manifest["chain"])
        form = all(re.fullmatch("[0-9a-f]{64}", one) for one in chain) and len({"0" * 64, *chain}) > len(chain)
        if not chain or chain[-1] != content_of(manifest) or not form: self.point("chain")
        if kept and kept not in [f"{number}:{link}" for number, link in enumerate(made, start=1)]: self.point("head")
        for older in (read(Path(other), "manifest.json").get("chain", []) for other in earlier):
            if set(older) & set(chain) and any(a != b for a, b in zip(older, chain)):
                self.point("chain")  # two releases of one history, and one of them tells it otherwise
        return f"{len(made)}:{made[-1]}" if made else ""
    def check_table(self, name: str, told: dict, proof: dict) -> None:
        """Floors, roundings and sums of one table, by what the rules say it is, whatever it says itself."""
        table, columns = self.rules["tables"].get(name, {}), told["columns"]
        needed = {*table.get("groups", ()), *table.get("lines", ()), "n", "status"}
        known = {"earlier", *needed, *(one for part in table.values() if isinstance(part, list) for one in part)}
        rows = [dict(zip(columns, row)) for row in told["data"]]
        if not table or told["groups"] != table["groups"] or set(told) - set(self.allowed["keys"].split()) or (
                not needed <= set(columns) <= known or any(len(row) != len(set(columns)) for row in [columns, *told["data"]])
                or len({key_of(row, table["lines"] + table["groups"]) for row in rows}) < len(rows)):
            self.point("unknown", name)
            return
        for rule, least in self.rules["least"].items():
            if not proof["rules"].get(rule, 0) >= least: self.point("rules", f"{name}, {rule}")
        floor = max(one for one in (told.get("floor"), table["floor"], 10 * bool({*table["shares"], *table["texts"]} & set(columns))) if isinstance(one, int))
        self.tables[name] = {**table, "rows": rows}
        for row in rows:
            self.check_row(name, {**table, "scales": proof.get("scales", {}), "names": proof.get("names", [])}, row, floor)
        self.check_sums(name, table, rows)
    def check_row(self, name: str, table: dict, row: dict, floor: int) -> None:
        """One row: hidden without a figure, or shown of enough people, no finer than allowed, and not of one mind."""
        told = {column: cell for column, cell in row.items() if cell not in (None, "")}
        low, most = people(row["n"]) or (0, 0)
        texts = [told[one] for part in ("groups", "lines", "texts") for one in table[part] if isinstance(told.get(one), str)]
        if any(self.few(one) or not (one in table["names"] or re.fullmatch(self.allowed["label"], one)) for one in texts) or row.get("earlier") not in (None, True, False):
            self.point("figure", name)
        if row["status"] == "hidden":
            return self.point("figure", name) if row["n"] != HIDDEN or set(told) - {*table["groups"], *(set(table["lines"]) - set(table["chosen"])), "n", "status", "earlier"} else None
        if most < floor or (row["n"] not in BANDS and not low == most >= 20): self.point("small", name, floor)
        for part, digits in self.rules["decimals"].items():
            cells = [told[one] for one in table[part] if one in told and (part not in ("groups", "lines") or not isinstance(told[one], str))]
            bound = self.rules["most"].get(part, float("inf"))
            if any(isinstance(cell, str) or not abs(cell) <= bound or abs(cell - round(cell, digits - (part == "shares" and most < 20))) > 1e-9 for cell in cells):
                self.point("fine", name)
        near = [one for one in table["alike"] if one in told and row["status"] == "banded" and name != "plans"]
        near += [one for one in table["shares"] if one in told and table["kind"] != "curves" and abs(told[one] - 0.5) > (0.4501 if most >= 20 else 0.4001)]
        if table["answers"] and (name != "profiles" or row["measure"] not in ("score", "shortfall")):
            least, last = table["scales"].get("|".join(str(row[one]) for one in table["lines"]), (1, 5))
            edge, reach = (last - least) / 20 - 0.051, 0.4271 * min((last - least) / 4, 1) / max(most, 1) ** 0.5
            near += [one for one in table["answers"] if one in told and not least + edge <= told[one] <= last - edge]
            if "low" in told and "low" in table["means"]:
                near += ["low"] * (told["high"] - told["low"] + 0.1001 < 2 * reach or told["low"] > last - edge or told["high"] < least + edge)
        return self.point("nearly", name) if near else None
    def check_sums(self, name: str, table: dict, rows: list) -> None:
        """Everyone less what is shown, for every sum and for all sums of a line together: nobody is left, or five."""
        lines: dict = {}
        for row in rows:
            lines.setdefault(tuple(str(row[one]) for one in table["lines"]), []).append(row)
        for own in lines.values():
            for before in (False, True):  # earlier figures are of other people, and are solved among themselves
                sums = [one for group in table["groups"] for one in sums_of(own, group, table["groups"], before)]
                self.sums += 0 if before else len(sums)
                for parts, left in [*sums, *solved(sums)]:
                    if 0 < left < 5 and min(parts.values(), default=1) > 0: self.point("rest", name, left)
    def check_page(self, name: str) -> None:
        """A page runs nothing and calls nobody; a number of people in it is one of a released table."""
        text = (self.folder / name).read_text(encoding="utf-8")
        active, texts, tables = page_of(text, self.allowed) if len(text) < 10**7 else (True, [], [])
        if active: self.point("file.active", name)
        known = {people(row["n"]) for table in self.tables.values() for row in table["rows"]} | {None, (0, 0)}
        cells = [row[at] for table in tables if table for row in table[1:] for at, head in enumerate(table[0][: len(row)])
                 if re.fullmatch(self.allowed["counted"], head, re.I)]
        if any(map(self.few, texts)) or any(people(one) not in known or (re.search(r"\d", one) and not people(one)) for one in cells):
            self.point("count", name)
    def check_book(self, name: str) -> None:
        """A workbook runs nothing; each of its rows of figures is one of a released table, and the other way round."""
        book, headed, known, whole, shown = sheets(self.folder / name, self.allowed), [], {}, {}, {}
        for row in (row for table in self.tables.values() for row in table["rows"]):
            own = {figure(cell) for cell in row.values()}
            whole.setdefault(figure(row.get("segment")), set()).update(own)
            for one in own:
                known.setdefault(one, []).append(own)
        for row in (row for sheet in book or [] for row in [[], *sheet]):
            headed = [at for at, cell in enumerate(row) if re.fullmatch(self.allowed["counted"], str(cell), re.I)] or (headed if row else [])
            number = row[0] if row and isinstance(row[0], float) else 0  # of a segment, whose figures stand together
            told = {figure(cell) for cell in row[bool(number):] if isinstance(cell, float) or cell in BANDS}
            fits = (told <= whole.get(number - 1, set()) if number else
                    any(told <= own for own in known.get(next(iter(told), None), ())) if headed else
                    all(one == int(one) for one in told if one not in BANDS))
            if told and not (fits and (headed or not number)): self.point("book", name)
            small = (people(row[at]) or (0, 20) for at in headed if at < len(row) and isinstance(row[at], str) and row[at] not in BANDS)
            if any(one[1] < 20 for one in small) or any(self.few(one) or re.search(r"\d[.,]\d{4}", one) for one in row if isinstance(one, str)):
                self.point("count", name)
            for one in told:
                shown.setdefault(one, []).append(told)
        for table, own in self.tables.items() if book else ():
            wanted = [(figure(row["n"]), {figure(row.get(one)) for one in own["book"]} - {None}) for row in own["rows"] if row["status"] != "hidden" and own["book"]]
            if any(not any(figures <= one for one in shown.get(size, ())) for size, figures in wanted): self.point("book", f"{name}, {table}")
        if book is None: self.point("file.active", name)
    def check_slides(self, name: str) -> None:
        """Slides run nothing and call nobody, nor do the workbooks of their charts; no text of theirs is about a few people."""
        texts = texts_of(self.folder / name, [self.allowed["slides"], self.allowed["parts"]])
        if texts is None or any(re.search(self.allowed["not in slides"], one) for one in texts.values()): self.point("file.active", name)
        if any(self.few(re.sub("<[^>]*>", "", one)) for text in (texts or {}).values() for one in text.split("</a:p>")):
            self.point("count", name)
    def check_actions(self, name: str) -> None:
        """Each line of the list of actions has the figures of one row of the released plans; its words hold no others."""
        rows, whole = self.tables.get("plans", {"rows": []})["rows"], lambda cell, times=1: "" if cell in (None, "") else f"{times * float(cell):.0f}"
        known = {(whole(0 if row["segment"] is None else row["segment"] + 1), whole(row["rank"]), row["action"], people(row["n"]), whole(row.get("priority"), 100),
                  whole(row.get("place")), whole(row.get("about_as_much") and row["about_as_much"] > 0)) for row in rows if row["status"] != "hidden"}
        head, *lines = csv.reader((self.folder / name).read_text(encoding="utf-8-sig").splitlines(), delimiter=";")
        for own in (dict(zip(head, line)) if len(line) == len(set(head)) else {} for line in lines):
            told = tuple(people(own.get(one)) if one == "people_answered" else own.get(one) for one in self.allowed["list"].split())
            words = [one for key, one in own.items() if re.fullmatch(self.allowed["words"], key)]
            if told not in known or len(words) + len(told) != len(own) or any(self.few(one) or re.search(r"\d[.,]\d{3}", one) for one in words):
                self.point("actions", name)
    def check_earlier(self, older: dict) -> None:
        """What two releases of the same answers give away: whom a group differs by, what is hidden now and shown then."""
        for name, table in ((name, own) for name, own in self.tables.items() if name in older and own["groups"]):
            then_rows = [dict(zip(older[name]["columns"], row)) for row in older[name]["data"]]
            now, then = ({tuple(str(row.get(one)) for one in (*table["lines"], *table["groups"])): row for row in rows}
                         for rows in (table["rows"], then_rows))
            both = [key for key in now if key in then and "hidden" not in (now[key]["status"], then[key]["status"])]
            sizes = [(people(now[key]["n"]) or (0, 1), people(then[key]["n"]) or (0, 1)) for key in both]
            told = [list(key) in self.renewed.get(name, []) for key in both]  # five or more came and went, says whoever made it
            apart = [abs(one[0] - old[0]) for (one, old), five in zip(sizes, told) if one[0] == one[1] and old[0] == old[1] and not five]
            if not both or (sum(now[key] == then[key] for key in both) < len(both) / 2 and max(apart, default=5) > 4):
                self.apart.append(name)  # another source: other answers, another time
                continue
            for size in {size for size in apart if 0 < size < 5}: self.point("change", name, size)
            self.check_sums(name, table, [then.get(k, r) if r["status"] == "hidden" else r for k, r in now.items()])
def sums_of(rows: list, group: str, groups: list, before: bool) -> list:
    """Per sum the parts whose size is not shown (place: 1; the total: -1), and how many people they are together."""
    found = []
    for fixed in {tuple(row[o] for o in groups if o != group) for row in rows}:
        part, left, parts = [at for at, row in enumerate(rows) if tuple(row[o] for o in groups if o != group) == fixed], 0, {}
        for at, sign in ((at, -1 if rows[at][group] is None else 1) for at in part):
            size = people(rows[at]["n"])
            if rows[at]["status"] != "hidden" and bool(rows[at].get("earlier")) == before and size is not None and size[0] == size[1]:
                left -= sign * size[0]
            else:
                parts[at] = sign
        if (parts or left) and sum(rows[at][group] is None for at in part) == 1:
            found.append((parts, left))
    return found
def solved(sums: list) -> list:
    """All sums of a line solved together (Gauss and Jordan): what adding and subtracting whole sums gives."""
    done: list = []
    for own in sums:
        for first, other in done:
            own = less(own, other, own[0].get(first, 0))
        for first in list(own[0])[:1]:
            own = {at: sign / Fraction(own[0][first]) for at, sign in own[0].items()}, own[1] / Fraction(own[0][first])
            done = [*((one, less(other, own, other[0].get(first, 0))) for one, other in done), (first, own)]
    return [own for _, own in done]
def less(one: tuple, other: tuple, times: Fraction) -> tuple:
    parts = {at: one[0].get(at, 0) - times * other[0].get(at, 0) for at in {**one[0], **other[0]}}
    return {at: sign for at, sign in parts.items() if sign}, one[1] - times * other[1]
def verify(folder: "str | Path", earlier: "tuple | list" = (), kept: str = "") -> "tuple[Check, str]":
    """Everything that can be seen from a folder: the check, and the number of the release."""
    check, manifest, number, place = Check(Path(folder), pinned()), read(Path(folder), "manifest.json"), "", "manifest"
    try:
        languages = sorted({one[1] for one in (re.match(r"(?:report|segments)\.(\w\w)\.", name) for name in {**manifest["files"]}) if one}) or ["*"]
        check.check_files(manifest["files"], [] if "withdrawn" in manifest else [one.format(also) for one in check.allowed["always"].split() for also in languages])
        if "withdrawn" in manifest:
            check.point("withdrawn", *(manifest["withdrawn"][one] for one in ("by", "on", "reason")))
            return check, ""
        number = check.check_chain(manifest, kept, list(earlier))
        proofs, check.renewed, place = manifest["certificate"]["tables"], manifest["certificate"].get("renewed", {}), "released.json"
        released = read(check.folder, place)
        if not released or set(released) != set(proofs) or set(manifest) - set(check.allowed["manifest"].split()):
            check.point("tables", place)
        for name, table in sorted(released.items()):
            check.check_table(name, table, proofs.get(name, {"rules": {}}))
        for place in sorted(name for name in manifest["files"] if (check.folder / name).is_file()):
            {"html": check.check_page, "xlsx": check.check_book, "pptx": check.check_slides, "csv": check.check_actions}.get(place.rpartition(".")[2], str)(place)
        if "actions.csv" not in manifest["files"] and any(row["status"] != "hidden" for row in check.tables.get("plans", {"rows": []})["rows"]): check.point("file.missing", "actions.csv")
        for place in map(str, earlier): check.check_earlier(read(Path(place), "released.json"))
    except Exception:  # whatever a file that was made to break a reader does to it is reported as a file that cannot be read
        check.point("tables", place)
    return check, number
def main(arguments: "list | None" = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", default=Path(__file__).resolve().parent)
    parser.add_argument("--earlier", action="append", default=[], metavar="FOLDER")
    parser.add_argument("--head", default="", metavar="NUMBER:HEX")
    given, rules = parser.parse_args(arguments), pinned()
    check, number = verify(given.folder, given.earlier, given.head)
    rows, code = sum(len(table["rows"]) for table in check.tables.values()), sys.stdout.encoding or "ascii"
    done = ("done", (check.files, len(check.tables), rows, check.sums, len(given.earlier)))
    last = [("bad", (len(check.found),)) if check.found else ("good", ()), done, ("apart", (", ".join(check.apart),)), ("kept", (number,)), ("limits", ())]
    said = [f"{language}  {text.format(*values)}" for key, values in [*check.found, *(one for one in last if one[1] != ("",))]
            for language, text in zip(("NL", "EN"), rules["said"][key])]
    lines = "".join("".join(sign if sign.isprintable() else "?" for sign in line) + "\n" for line in said)
    sys.stdout.buffer.write(lines.encode(code, "replace"))  # at once: who reads the first lines alone breaks nothing
    return 1 if check.found else 0
if __name__ == "__main__":
    sys.exit(main())
