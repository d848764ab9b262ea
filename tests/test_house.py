"""The house keeps itself: floors, rooms that own a library, file sizes, and words that may not stand here."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "segment"

FLOORS = [
    {"vocabulary", "errors", "places", "floors", "interruptions", "locale", "proportions"},
    {"tables", "config", "parallel", "parameters", "progress"},
    {"store", "workspace", "governance"},
    {"disclosure", "privacy", "needs"},
    {
        "ingest", "segments", "retention", "value", "experience", "personalisation", "displays", "tracking", "drift",
        "simulation",
    },
    {"exports", "fielding", "onboarding", "plots"},
    {"stages"},
    {"cli"},
]  # fmt: skip
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS, start=1) for room in rooms}
#: Rooms on one floor never import each other, but for the ground: its rooms share words, settings and tables.
SHARED_FLOORS = {1, 2, 3, 4}

#: Who may import what, as paths relative to the project's root.
OWNED = {
    "prefect": ("pipelines/", "tests/pipelines/"),
    "mlflow": ("src/segment/tracking/", "tests/"),
    "dask": ("src/segment/parallel.py",),
    "matplotlib": ("src/segment/displays/", "tests/displays/"),
    "pptx": ("src/segment/exports/deck.py", "tests/exports/test_slides.py", "tests/exports/languages_read.py"),
    "xlsxwriter": ("src/segment/exports/workbook.py", "tests/ingest/test_limits.py", "tests/test_same_release.py"),
    "pyreadstat": ("src/segment/ingest/", "tests/ingest/", "tests/onboarding/"),
    "python_calamine": ("src/segment/ingest/", "src/segment/stages/audit.py", "tests/"),
}


def python_files(*folders: str) -> list[Path]:
    return sorted(p for folder in folders for p in (ROOT / folder).rglob("*.py"))


def imports_of(path: Path) -> Iterator[tuple[str, int]]:
    """Every module a file imports, also inside functions, with the line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module, node.lineno
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.lineno
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield "relative import", node.lineno


def room_of(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "segment" and len(parts) > 1 else None


def room_of_file(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def test_every_room_has_a_floor() -> None:
    rooms = {room_of_file(path) for path in python_files("src/segment")} - {"__init__", "__main__"}
    assert rooms <= set(FLOOR_OF), f"rooms without a floor: {sorted(rooms - set(FLOOR_OF))}"


def test_modules_lean_on_their_own_room_and_on_lower_floors_only() -> None:
    wrong = []
    for path in python_files("src/segment"):
        own = room_of_file(path)
        for module, line in imports_of(path):
            other = room_of(module)
            if other is None or own in ("__init__", "__main__") or other == own or other not in FLOOR_OF:
                continue
            up = FLOOR_OF[other] > FLOOR_OF[own]
            beside = FLOOR_OF[other] == FLOOR_OF[own] and FLOOR_OF[own] not in SHARED_FLOORS
            if up or beside:
                wrong.append(f"{path.relative_to(ROOT)}:{line} imports segment.{other}")
    assert wrong == []


def test_flows_are_never_imported_by_the_library() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in python_files("src/segment")
        for module, line in imports_of(path)
        if module.split(".")[0] == "pipelines" and room_of_file(path) != "cli"
    ]
    assert wrong == []


@pytest.mark.parametrize("library", sorted(OWNED))
def test_libraries_stay_in_the_room_that_owns_them(library: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in python_files("src", "pipelines", "tests")
        for module, line in imports_of(path)
        if module.split(".")[0] == library and not str(path.relative_to(ROOT)).startswith(OWNED[library])
    ]
    assert wrong == []


def test_parallel_work_starts_in_one_place() -> None:
    wrong = [
        str(path.relative_to(ROOT))
        for path in python_files("src", "pipelines")
        if re.search(r"joblib\.(Parallel|parallel_config|delayed)|from joblib import .*Parallel", path.read_text())
        and path != PACKAGE / "parallel.py"
    ]
    assert wrong == []


def test_no_import_circles() -> None:
    graph = {}
    paths = [(p, p.relative_to(ROOT / "src")) for p in python_files("src/segment")]
    paths += [(p, p.relative_to(ROOT)) for p in python_files("pipelines")]
    names = {".".join(own.with_suffix("").parts): path for path, own in paths}
    names = {name.removesuffix(".__init__"): path for name, path in names.items()}
    for name, path in names.items():
        graph[name] = {m for m, _ in imports_of(path) if m in names and m != name and not name.startswith(m + ".")}
    done: set[str] = set()

    def walk(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join([*trail[trail.index(name) :], name])
        if name not in done:
            for other in sorted(graph[name]):
                walk(other, (*trail, name))
            done.add(name)

    for name in sorted(graph):
        walk(name, ())


def test_what_programs_outside_the_package_import_exists() -> None:
    """Types are checked in the package only: what moves there may not leave a benchmark or a test behind."""
    missing = []
    for path in python_files("benchmarks", "docs", "tests", "pipelines"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "segment":
                home = importlib.import_module(str(node.module))
                wanted = [alias.name for alias in node.names]
                rooms = (
                    [one for one in wanted if importlib.util.find_spec(f"{node.module}.{one}")]
                    if _is_room(home)
                    else []
                )
                missing += [
                    f"{path.relative_to(ROOT)}: {node.module}.{one}"
                    for one in wanted
                    if not hasattr(home, one) and one not in rooms
                ]
    assert missing == []


def _is_room(module: ModuleType) -> bool:
    return hasattr(module, "__path__")


def test_files_stay_readable() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in python_files("src", "pipelines")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}, "is a room or a name missing?"


def test_no_function_is_long() -> None:
    """A docstring does not count; what is longer than forty lines has a step in it that wants a name."""
    long = []
    for path in python_files("src/segment", "pipelines"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
                long += [f"{path.relative_to(ROOT)}: {node.name}, {lines} lines"] if lines > 40 else []
    assert long == []


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in python_files("src", "pipelines")
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def stages_of(path: Path) -> list[ast.Assign]:
    """The stages that a module makes: one module each, however short."""
    return [
        node
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "Stage"
    ]


def test_stages_are_thin() -> None:
    """A stage says what happens in which order; how stands in the rooms beside it."""
    stages = {
        path: len(path.read_text(encoding="utf-8").splitlines())
        for path in python_files("src/segment/stages")
        if stages_of(path)
    }
    assert len(stages) >= 6
    assert {str(path.relative_to(ROOT)): lines for path, lines in stages.items() if lines > 150} == {}


def test_flow_modules_are_short() -> None:
    long = [path.name for path in python_files("pipelines") if len(path.read_text().splitlines()) > 100]
    assert long == []


def places_of_this_machine() -> list[str]:
    """Folders that mean something on one machine only: where the project lies, its owner's home, the interpreter."""
    places = {ROOT, ROOT.parent, Path.home(), Path(sys.prefix), Path(sys.base_prefix), Path(tempfile.gettempdir())}
    shared = {Path("/"), Path("/usr"), Path("/usr/local")}  # these are everybody's
    return sorted(f"{place}/" for place in places - shared)


def package_indexes() -> list[str]:
    """Addresses of package indexes that the installers of this machine are set to, by host or folder."""
    told = [value for name, value in os.environ.items() if re.search(r"(INDEX_URL|FIND_LINKS)$", name)]
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    told += [line.partition("=")[2].strip("'\"") for line in listed.splitlines() if re.search("index|find-links", line)]
    addresses = {address for value in told for address in value.split()}
    return sorted({urlsplit(a).netloc.rpartition("@")[2] or urlsplit(a).path for a in addresses} - {"", "/"})


#: A package index wherever it is, and a file of somebody's own machine.
AN_ADDRESS = r"https?://[^\s\"']+/simple\b|\bfiles\.[\w.]+/packages/|file:/{2}\S"
#: Somebody's home, whoever they are.
A_HOME = r"(?<![\w.])/(?:home|Users)/\w"


def names_a_machine() -> re.Pattern[str]:
    places = [rf"(?<![\w.]){re.escape(place)}" for place in places_of_this_machine()]
    return re.compile("|".join([AN_ADDRESS, A_HOME, *places, *map(re.escape, package_indexes())]))


def test_nothing_here_names_a_machine_or_an_index() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    forbidden, wrong = names_a_machine(), []
    for name in tracked.splitlines():
        path = ROOT / name
        if path.suffix in {".png", ".svg", ".parquet"} or not path.is_file():
            continue
        for line, text in enumerate(path.read_text(encoding="utf-8", errors="ignore").splitlines(), start=1):
            if forbidden.search(text):
                wrong.append(f"{name}:{line}")
    assert wrong == []


@pytest.mark.parametrize(
    "text",
    [f"{ROOT}/README.md", "see https" + "://index.example.org/simple/", "file" + ":///srv/wheels", "/ho" + "me/ann/x"],
)
def test_the_rule_on_places_sees_what_it_is_there_for(text: str) -> None:
    assert names_a_machine().search(text)


@pytest.mark.parametrize("text", ["https://example.org/page", "/usr/bin/env bash", "var/demo/exports", "path/to/data"])
def test_the_rule_on_places_leaves_the_rest_alone(text: str) -> None:
    assert not names_a_machine().search(text)


#: Where one module is one thing that is found by being there, however short it is.
FOUND_BY_BEING_THERE = ("segment.segments.families.", "segment.ingest.readers.")
#: Modules that may be short and have one reader: the command line starts fast without it.
SHORT_ON_PURPOSE = {"segment.tracking.interface"}


def test_no_module_is_a_drawer_for_one_other() -> None:
    """A module under 40 lines that one other module reads belongs into that one, or beside its like."""
    names = {name_of_module(path): path for path in python_files("src/segment", "pipelines")}
    readers: dict[str, set[str]] = {name: set() for name in names}
    for name, path in names.items():
        for imported, _ in imports_of(path):
            if imported in readers and imported != name:
                readers[imported].add(name)
    short = {
        name
        for name, path in names.items()
        if path.name != "__init__.py"
        and not name.startswith(FOUND_BY_BEING_THERE)
        and len(readers[name]) == 1
        and not stages_of(path)
        and len(path.read_text(encoding="utf-8").splitlines()) < 40
    }
    assert short <= SHORT_ON_PURPOSE, f"merge with their reader or with a neighbour: {sorted(short - SHORT_ON_PURPOSE)}"


def test_no_name_lives_for_its_tests_alone() -> None:
    """Every function, class and constant of a module is read by code: by its own, by another's, or by a benchmark."""
    where: dict[str, str] = {}
    for path in python_files("src/segment", "pipelines"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                names = [] if any("command" in ast.unparse(d) for d in node.decorator_list) else [node.name]
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names = [target.id for target in targets if isinstance(target, ast.Name)]
            else:
                names = []
            where |= {name: str(path.relative_to(ROOT)) for name in names if not name.startswith("__")}
    read = {
        node.id if isinstance(node, ast.Name) else node.attr
        for path in python_files("src/segment", "pipelines", "benchmarks", "docs")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)) or isinstance(node, ast.Attribute)
    }
    read |= set(re.findall(r"entrypoint: \S+:(\w+)", (ROOT / "prefect.yaml").read_text(encoding="utf-8")))
    dead = {name: path for name, path in where.items() if name not in read}
    assert dead == {}, "what only tests or nobody reads goes, or moves to the tests"


def test_vulture_finds_nothing_dead() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "vulture"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout
    assert found == ""


def name_of_module(path: Path) -> str:
    """``segment.needs.scoring`` of ``src/segment/needs/scoring.py``."""
    parts = path.relative_to(ROOT / "src" if PACKAGE in path.parents else ROOT).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


#: Who may name a language: the simulated organisation, whose files are written in Dutch and English, and the ground.
SPEAKS = {
    "src/segment/locale/__init__.py": "the language that stands in",
    "src/segment/simulation/surroundings.py": "columns of the simulated employer's files",
}


def test_languages_are_named_by_the_catalogues_alone() -> None:
    """A third language is one file: no module lists languages, asks which one it is, or names a column after one."""
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {node.value!r}"
        for path in python_files("src/segment", "pipelines")
        if str(path.relative_to(ROOT)) not in SPEAKS
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if re.fullmatch(r"(\w+_)?(nl|en)", node.value)
    ]
    assert wrong == [], "ask segment.locale: languages(), own_languages(), in_every_language, own_words, STANDS_IN"


#: Uses of ``Any`` in the package and the flows: this may fall, never rise. Typed seams bring it down.
MOST_ANY = 26


def test_any_does_not_spread() -> None:
    """What is typed ``Any`` is checked by nobody: every use beyond those that are here needs a type."""
    uses = sum(
        isinstance(node, ast.Name) and node.id == "Any"
        for path in python_files("src/segment", "pipelines")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    )
    assert uses <= MOST_ANY
