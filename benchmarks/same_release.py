"""Whether two versions of the code release the same of one study, file by file: for a change that is to move nothing.

    python benchmarks/same_release.py --before COMMIT            # a small study, this tree against a commit
    python benchmarks/same_release.py --before COMMIT --after COMMIT --study demo --study gss2016   # shipped studies
    python benchmarks/same_release.py --before DIR --waves 2     # against a checkout, with more than one wave
    python benchmarks/same_release.py --keep NEW                 # this tree alone: NEW/after is a --before for later
    python benchmarks/same_release.py --short                    # this tree against itself: nothing may differ

A version is a commit, a checkout as it stands (what is not committed too), or what ``--keep`` left. Each is copied
apart and runs all stages in a process of its own, under its own name, with the packages that are installed here.
Without ``--study`` both walk the same 300 simulated people (needs world) with the quick settings of the tests. A
shipped study is that of its own version, with its own settings; the public ones need ``SEGMENT_DATA``.

Then every file of the release and every table of the workspace is held against the other's. Of JSON it is said which
entries differ, of a table which columns, of a workbook which cells, of slides which parts, of the rest which lines;
``--told`` says how many of each. Digests of the code stand in a release on purpose: files that differ alone in digests
that the other one does not have are counted, and not told.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import unified_diff
from itertools import zip_longest
from pathlib import Path

import pandas as pd
from python_calamine import CalamineWorkbook

ROOT = Path(__file__).resolve().parents[1]
QUICK = [
    "segmentation.families=[needs_mixture]", "segmentation.n_segments=[4]", "segmentation.n_splits=2",
    "segmentation.n_starts=2", "segmentation.null_draws=2", "segmentation.bootstrap=20", "needs.bootstrap=0",
    "segmentation.planted_worlds=0",
    "retention.learner=linear", "retention.max_rows=3000", "retention.bootstrap=2",
]  # fmt: skip
#: What of a workspace a reader or a later stage meets.
KEPT = ("exports", "released", "handover", "tables")
SMALL = "small"
#: Run with whatever checkout PYTHONPATH names.
MAKE = """
import sys
from pathlib import Path
from segment.stages.simulate import simulate_into
from segment.vocabulary import World
folder, people, waves = sys.argv[1:]
simulate_into(Path(folder), people=int(people), seed=1, world=World.NEEDS, waves=int(waves))
"""
WALK = """
import sys
from segment.stages import STAGES_IN_ORDER, open_study, run_stage
study, *settings = sys.argv[1:]
opened = open_study(study, overrides=settings)
for stage in STAGES_IN_ORDER.values():
    run_stage(stage, opened)
"""
#: Digests, whole or as pages show them.
DIGEST = re.compile(r"\b(?:[0-9a-f]{64}|[0-9a-f]{32}|[0-9a-f]{16}|[0-9a-f]{12})\b")
DIGESTS_ALONE = "digests alone"


def copied(named: str, folder: Path) -> Path:
    """A version of the code in a new folder: of a commit, or of a checkout as it stands.

    Raises
    ------
    SystemExit
        The word names neither.
    """
    if (Path(named) / "pyproject.toml").is_file():
        for part in ("src", "pipelines", "configs"):
            shutil.copytree(Path(named) / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        for part in ("pyproject.toml", "requirements.lock"):
            shutil.copy2(Path(named) / part, folder / part)
        return folder
    packed = subprocess.run(["git", "-C", str(ROOT), "archive", named], capture_output=True, check=False)
    if packed.returncode:
        raise SystemExit(f"{named} is neither a checkout, nor a commit of this project, nor what --keep left.")
    folder.mkdir(parents=True)
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def walked(checkout: Path, study: str, folder: Path, *, people: int, waves: int) -> Path:
    """The workspace of a study after all stages of a checkout, in a new folder."""
    folder = folder.resolve()
    folder.mkdir(parents=True)
    paths = (checkout / "src", checkout, _installed(checkout, folder / "installed"))
    own = {"PYTHONPATH": os.pathsep.join(map(str, paths)), "PYTHONDONTWRITEBYTECODE": "1", "DO_NOT_TRACK": "true"}
    own |= {"SEGMENT_LEDGER": str(folder / "ledger"), "MLFLOW_DISABLE_TELEMETRY": "true"}

    def run(program: str, *words: str) -> None:
        subprocess.run([sys.executable, "-c", program, *words], env=os.environ | own, cwd=folder, check=True)

    file, settings = checkout / "configs" / "studies" / f"{study}.yaml", []
    if study == SMALL:
        file, settings = folder / "study" / "study.yaml", QUICK
        run(MAKE, str(file.parent), str(people), str(waves))
    run(WALK, str(file), *settings, f"workspace={folder}/work")
    return folder / "work"


def _installed(checkout: Path, folder: Path) -> Path:
    """A place where a checkout stands as installed, under the name and version that it gives itself."""
    own = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    info = folder / f"{own['name'].replace('-', '_')}-{own['version']}.dist-info"
    info.mkdir(parents=True)
    needs = "".join(f"Requires-Dist: {one}\n" for one in own["dependencies"])
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {own['name']}\nVersion: {own['version']}\n{needs}")
    scripts = "".join(f"{name} = {where}\n" for name, where in own.get("scripts", {}).items())
    (info / "entry_points.txt").write_text(f"[console_scripts]\n{scripts}")
    return folder


def files_of(workspace: Path) -> set[str]:
    """The names of all files that are compared."""
    found = (path for kept in KEPT for path in (workspace / kept).rglob("*") if path.is_file())
    return {path.relative_to(workspace).as_posix() for path in found}


def differences(before: Path, now: Path, *, told: int = 1) -> dict[str, list[str]]:
    """File -> what differs in it, of every file that either folder has; nothing for files with the same bytes.

    ``told`` is how many differences of one file are written out; what more there are is counted.
    """
    found = {}
    for name in sorted(files_of(before) | files_of(now)):
        one, two = before / name, now / name
        if not (one.is_file() and two.is_file()):
            found[name] = ["is new" if two.is_file() else "is gone"]
        elif one.read_bytes() != two.read_bytes():
            lines = list(_told(one, two))
            found[name] = [*lines[:told], *[f"and {len(lines) - told} more"][: len(lines) > told]] or [DIGESTS_ALONE]
    return found


@dataclass(frozen=True)
class Mask:
    """What takes the digests out of values that only one of two files has: the same pseudonym in both is no digest.

    Examples
    --------
    >>> Mask({"b" * 16})(["code " + "a" * 16, {"by": "b" * 16}])
    ['code #', {'by': 'bbbbbbbbbbbbbbbb'}]
    """

    alike: Collection[str]

    def __call__(self, value: object) -> object:
        """A value, or every value in it, with a mark in the place of digests."""
        if isinstance(value, str):
            return DIGEST.sub(lambda found: found[0] if found[0] in self.alike else "#", value)
        if isinstance(value, dict):
            return {key: self(one) for key, one in value.items()}
        return [self(one) for one in value] if isinstance(value, list) else value


def _told(one: Path, two: Path) -> Iterator[str]:
    """What differs in two files beyond digests."""
    if one.suffix == ".parquet":
        yield from _columns(*(pd.read_parquet(path) for path in (one, two)))
    elif one.suffix in (".xlsx", ".pptx", ".docx"):
        yield from _office(one, two)
    elif one.suffix in (".json", ".html", ".md", ".csv", ".txt", ".py"):
        texts = [path.read_text(encoding="utf-8") for path in (one, two)]
        texts = [str(_mask(*texts)(text)) for text in texts]
        yield from _entries(*map(json.loads, texts), "") if one.suffix == ".json" else _lines(*texts)
    else:
        yield "other bytes"


def _mask(one: str, two: str) -> Mask:
    return Mask(set(DIGEST.findall(one)) & set(DIGEST.findall(two)))


def _lines(one: str, two: str) -> Iterator[str]:
    found = unified_diff(one.splitlines(), two.splitlines(), n=0, lineterm="")
    changed = [line for line in found if line[:2] not in ("--", "++", "@@")]
    sides = ([line[1:].strip() for line in changed if line[0] == sign] for sign in "-+")
    yield from (f"{gone[:200]} -> {come[:200]}" for gone, come in zip_longest(*sides, fillvalue=""))


def _office(one: Path, two: Path) -> Iterator[str]:
    """Cells of two workbooks; where these are alike, and of slides, parts of the files: words and looks."""
    packs = [zipfile.ZipFile(path) for path in (one, two)]
    parts = [{name: pack.read(name).decode("latin-1") for name in pack.namelist()} for pack in packs]
    mask = _mask(*("\n".join(part.values()) for part in parts))
    cells = list(_cells(one, two, mask)) if one.suffix == ".xlsx" else []
    yield from cells
    for name in dict.fromkeys(() if cells else [*parts[0], *parts[1]]):
        if name not in parts[0] or name not in parts[1]:
            yield f"part {name} is {'new' if name in parts[1] else 'gone'}"
        elif mask(parts[0][name]) != mask(parts[1][name]):
            yield f"part {name}"


def _cells(one: Path, two: Path, mask: Mask) -> Iterator[str]:
    """Cells of two workbooks, by sheet, row and column from 1."""
    books = [CalamineWorkbook.from_path(path) for path in (one, two)]
    sheets = [{name: mask(b.get_sheet_by_name(name).to_python()) for name in b.sheet_names} for b in books]
    if list(sheets[0]) != list(sheets[1]):
        yield f"sheets: {list(sheets[0])} -> {list(sheets[1])}"
    for name in (name for name in sheets[0] if name in sheets[1]):
        for row, lines in enumerate(zip_longest(sheets[0][name], sheets[1][name], fillvalue=[]), start=1):
            for column, (was, now) in enumerate(zip_longest(*lines, fillvalue=""), start=1):
                if was != now:
                    yield f"sheet {name}, row {row}, column {column}: {str(was)[:200]} -> {str(now)[:200]}"


def _columns(one: pd.DataFrame, two: pd.DataFrame) -> Iterator[str]:
    for name in dict.fromkeys([*one.columns, *two.columns]):
        if name not in two or name not in one:
            yield f"column {name} is {'new' if name in two else 'gone'}"
            continue
        mask = _mask(*("\n".join(side[name].map(str)) for side in (one, two)))
        if not one[name].map(mask).equals(two[name].map(mask)):
            yield f"column {name}"
    if set(one.columns) == set(two.columns) and list(one.columns) != list(two.columns):
        yield "order of columns"


def _entries(one: object, two: object, where: str) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(two, dict):
        for key in dict.fromkeys([*one, *two]):
            place = f"{where}.{key}".lstrip(".")
            if key in one and key in two:
                yield from _entries(one[key], two[key], place)
            else:
                yield f"{place} is {'new' if key in two else 'gone'}"
        if one.keys() == two.keys() and list(one) != list(two):
            yield f"{where or 'top'}: order of names"
    elif isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
        for place, (first, second) in enumerate(zip(one, two, strict=True)):
            yield from _entries(first, second, f"{where}[{place}]")
    elif one != two:
        yield f"{where}: {str(one)[:200]} -> {str(two)[:200]}"


def made(named: str, study: str, folder: Path, code: Path, *, people: int, waves: int) -> Path:
    """The workspace of a study by a version: as ``--keep`` left it, or made in ``folder`` by a copy of its code."""
    kept = Path(named) / study / "work"
    if kept.is_dir():
        return kept
    if not code.is_dir():
        copied(named, code)
    return walked(code, study, folder / study, people=people, waves=waves)


def compared(study: str, before: Path, now: Path, *, told: int) -> bool:
    """Print what differs in a study's two workspaces; whether every byte is the same."""
    found = differences(before, now, told=told)
    more = {name: lines for name, lines in found.items() if lines != [DIGESTS_ALONE]}
    for name, lines in more.items():
        print(*(f"{study}: {name}: {line}" for line in lines), sep="\n")
    files = len(files_of(before) | files_of(now))
    print(f"{study}: {files} files: {len(found) - len(more)} differ in digests alone, {len(more)} in more", flush=True)
    return not found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--before", help="a commit, a checkout, or what --keep left")
    parser.add_argument("--after", default=str(ROOT), help="the same; left out: this tree as it stands")
    parser.add_argument("--study", action="append", help="a shipped study, with its own settings; may be given again")
    parser.add_argument("--keep", type=Path, help="a new folder for what both versions make")
    parser.add_argument("--told", type=int, default=1, help="how many differences of a file are written out")
    parser.add_argument("--people", type=int, default=300, help="of the small study")
    parser.add_argument("--waves", type=int, default=1, help="of the small study")
    parser.add_argument("--short", action="store_true", help="this tree against itself: nothing may differ")
    asked = parser.parse_args()
    if asked.short:
        asked.before, asked.people = str(ROOT), asked.people // 2
    if not (asked.before or asked.keep):
        parser.error("give --before, --keep, or both")
    same = True
    with tempfile.TemporaryDirectory() as scratch:
        place, code = asked.keep or Path(scratch) / "made", Path(scratch) / "code"
        for study in asked.study or [SMALL]:
            sides = [
                made(named, study, place / side, code / side, people=asked.people, waves=asked.waves)
                for side, named in (("before", asked.before), ("after", asked.after)) if named
            ]  # fmt: skip
            same &= len(sides) < 2 or compared(study, *sides, told=asked.told)
    if asked.short and not same:
        raise SystemExit("The same code made two releases of one study.")


if __name__ == "__main__":
    main()
