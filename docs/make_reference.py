"""Makes pages from the code: `docs/tables.md`, in `docs/reference/` settings, codebook, commands and library, and the
floors in `docs/privacy.md`.

python docs/make_reference.py            # write the pages
python docs/make_reference.py --check    # end with 1 when a page is not what the code says
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import typer
from library_page import library
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from ruamel.yaml import YAML

from segment.cli import app
from segment.config import StudyConfig
from segment.config.sources import CodebookConfig
from segment.exports.guide import guide_in_markdown
from segment.floors import FLOORS
from segment.locale import catalogue, own_languages
from segment.retention.steps import FEWEST_IN_STEP
from segment.stages.release.sealed_facts import WARN_RESPONSE
from segment.tables import Column, TableSpec, all_tables
from segment.tables.codebook import COLUMNS
from segment.tables.shown import DISPLAYS
from segment.vocabulary import ITEM_KINDS, SEVEN_RS

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs"
_MADE = "<!-- made by docs/make_reference.py: change the code, not this page -->\n"
#: An example that is longer says less than the study it stands in.
_LONGEST = 60
#: Between these the page on privacy has the floors.
_FLOORS = ("<!-- floors: made by docs/make_reference.py -->", "<!-- end of floors -->")
_PART = {"main": "", "appendix": " of the appendix"}


def pages() -> Mapping[str, str]:
    """File inside `docs/` -> the page as the code says it now."""
    made = {
        "reference/settings.md": settings(),
        "reference/codebook.md": codebook(),
        "reference/commands.md": commands(),
        "tables.md": tables(),
        **{f"hr-guide.{language}.md": guide_in_markdown(language) for language in own_languages()},
        **{f"reference/library/{name}": text for name, text in library().items()},
    }
    return {name: _MADE + text.rstrip() + "\n" for name, text in made.items()} | {"privacy.md": privacy()}


def privacy() -> str:
    """The page on privacy, written by hand, with the table of floors as the code has them."""
    page = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
    rows = [
        _head("figure", "people needed"),
        _row("mean score", f"{FLOORS.min_group}"),
        _row("share, rate, distribution, text", f"{FLOORS.min_rate_group}"),
        _row("named segment", f"{FLOORS.min_segment}, and {100 * FLOORS.segment_share:.0f} % of everyone"),
        _row("what goes together with an outcome", f"{FLOORS.min_driver}"),
        _row(
            "retention curve",
            f"{FLOORS.min_curve_people} people and {FLOORS.min_curve_events} exits; "
            f"{FEWEST_IN_STEP} exits in every step",
        ),
        _row(
            "anything from the answers by group",
            f"{100 * FLOORS.min_response:.0f} % response; under {100 * WARN_RESPONSE:.0f} % the report warns",
        ),
    ]
    before, _, rest = page.partition(_FLOORS[0])
    return before + "\n".join([_FLOORS[0], *rows, _FLOORS[1]]) + rest.partition(_FLOORS[1])[2]


# ---------------------------------------------------------------------------------------------- settings


def settings() -> str:
    """Every key of a study file, group by group."""
    shipped = [YAML(typ="safe").load(path) for path in sorted((ROOT / "configs" / "studies").glob("*.yaml"))]
    lines = [
        "# Settings of a study",
        "A study is one YAML file. What it leaves out has the default below. `--set group.key=value` overrides one",
        "setting for one command; `data`, `governance` and the floors under `privacy` can be said in the file only.",
        "Examples are from the studies that come with the project.",
    ]
    for where, model in _groups("", StudyConfig):
        lines += [
            "",
            f"## {where or 'the study itself'}",
            _first_line(model),
            "",
            _head("key", "type", "default", "meaning", "example"),
        ]
        for name, about in model.model_fields.items():
            example = next((one for study in shipped if (one := _example(study, f"{where}.{name}".strip(".")))), "")
            lines.append(_row(f"`{name}`", _type(about.annotation), _default(about), about.description or "", example))
    return "\n".join(lines)


def _groups(where: str, model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    """Every group of settings with its place, in the order of a study file."""
    yield where, model
    for name, about in model.model_fields.items():
        for inner, many in _models_in(about.annotation):
            yield from _groups(f"{where}.{name}".strip(".") + many, inner)


def _models_in(annotation: Any, many: str = "") -> Iterator[tuple[type[BaseModel], str]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, many
        return
    sign = {tuple: "[]", dict: ".*"}.get(get_origin(annotation), "")  # type: ignore[call-overload]
    for inner in get_args(annotation):
        yield from _models_in(inner, many or sign)


def _type(annotation: Any) -> str:
    """A type in words."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return ", ".join(f"`{one}`" for one in inner)
    if origin in (Union, UnionType):
        return " or ".join(dict.fromkeys(_type(one) for one in inner if one is not NoneType))
    if origin is tuple:
        return f"list of {_type(inner[0])}" if len(inner) == 2 and inner[1] is ... else f"{len(inner)} values"
    if origin is dict:
        return f"name: {_type(inner[1])}"
    if origin is not None and inner:
        return _type(inner[0])
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return ", ".join(f"`{one}`" for one in annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "group"
    words = {str: "text", int: "whole number", float: "number", bool: "true or false", dt.date: "date"}
    return words.get(annotation, str(annotation))


def _default(about: FieldInfo) -> str:
    if about.default is PydanticUndefined:
        return "*to be said*"
    if about.default is None:
        return ""
    if isinstance(about.default, BaseModel):
        return "see the group"
    return f"`{_written(about.default)}`"


def _example(study: Any, where: str) -> str:
    """What a shipped study says at this place, where it is short enough to show."""
    found: Any = [study]
    for part in re.split(r"\.", where.replace("[]", "")):
        found = [child for one in found for child in _children(one, part)]
    plain = [one for one in found if not isinstance(one, dict) or len(_written(one)) < _LONGEST]
    text = _written(plain[0]) if plain else ""
    return f"`{text}`" if text and len(text) < _LONGEST else ""


def _children(value: Any, part: str) -> Iterable[Any]:
    if isinstance(value, list):
        return [child for one in value for child in _children(one, part)]
    if not isinstance(value, dict):
        return []
    return list(value.values()) if part == "*" else [value[part]] if part in value else []


def _written(value: Any) -> str:
    """A value as YAML writes it on one line."""
    if isinstance(value, StrEnum | str):
        return str(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_written(one)}" for key, one in value.items()) + "}"
    return str(value)


# ---------------------------------------------------------------------------------------------- codebook


def codebook() -> str:
    """The columns of a codebook, the kinds of items, the scales that need not be declared, and the seven Rs."""
    scales = CodebookConfig.model_fields["scales"].default
    lines = [
        "# The codebook",
        "One CSV file (UTF-8, commas), one row per item of the questionnaire, in its order.",
        "", "## Columns", "", _head("column", "needed", "meaning"),
        *(_row(f"`{name}`", "yes" if needed else "", about) for name, (needed, about) in COLUMNS.items()),
        "", "## Kinds of items", "", _head("kind", "asks"),
        *(_row(f"`{kind}`", about) for kind, about in ITEM_KINDS.items()),
        "", "## Scales known without declaring them", "",
        "Others are declared under `codebook.scales` as `name: [lowest, highest]`.", "",
        _head("scale", "lowest", "highest"), *(_row(f"`{name}`", low, high) for name, (low, high) in scales.items()),
        "", "## The seven Rs", "", "Column `r7` takes either word.", "", _head("Dutch", "English"),
        *(_row(dutch, english) for dutch, english in SEVEN_RS.items()),
    ]  # fmt: skip
    return "\n".join(lines)


# ---------------------------------------------------------------------------------------------- commands


def commands() -> str:
    """Every command with its arguments and options."""
    group: Any = typer.main.get_command(app)
    lines = [
        "# Commands",
        "Exit codes: 0 done, 1 refused (the message says what to do), 2 the command line is wrong, 3 a fault.",
        *_of_command("segment", group),
    ]
    for name, command in group.commands.items():
        lines += _commands_of(f"segment {name}", command)
    return "\n".join(lines)


def _commands_of(name: str, command: Any) -> list[str]:
    lines = _of_command(name, command)
    for inner, one in getattr(command, "commands", {}).items():
        lines += _commands_of(f"{name} {inner}", one)
    return lines


def _of_command(name: str, command: Any) -> list[str]:
    about = " ".join((command.help or "").split())
    rows = []
    for parameter in command.params:
        written = (
            (parameter.metavar or parameter.name) if parameter.param_type_name == "argument" else parameter.opts[0]
        )
        if "--help" in parameter.opts:
            continue
        needed = "yes" if parameter.required else ""
        rows.append(_row(f"`{written}`", needed, getattr(parameter, "help", "") or ""))
    table = ["", _head("argument or option", "needed", "meaning"), *rows] if rows else []
    return ["", f"## `{name}`", "", about, *table]


# ---------------------------------------------------------------------------------------------- tables


def tables() -> str:
    """Every table: one row per what, key, columns, and how it leaves."""
    lines = [
        "# Tables",
        "What stages write and read, in `tables/` of a workspace. A table leaves it only as the lines under it say;",
        "columns marked as released are made for that.",
    ]
    for name, spec in sorted(all_tables().items()):
        lines += [
            "",
            f"## `{name}`",
            "",
            f"One row per {spec.one_row_per}."
            + (" About people: it never leaves as it is." if spec.about_people else ""),
        ]
        lines += ["", _head("column", "kind", "meaning", "unit")]
        lines += [
            _row(f"`{one.name}`" + (" (key)" if one.name in spec.key else ""), _kind(one), _meaning(one), one.unit)
            for one in spec.columns
        ]
        lines += [_row(f"`{one.name}` (released)", _kind(one), one.about, one.unit) for one in spec.made]
        lines += [*_leaving(spec), *_shown(spec)]
    return "\n".join(lines)


def _kind(column: Column) -> str:
    ends = [f"{sign} {end:g}" for sign, end in (("from", column.low), ("to", column.high)) if end is not None]
    return " ".join([column.kind, *ends]) + (", may be empty" if column.nullable else "")


def _meaning(column: Column) -> str:
    """What a column is about; of codes, which there are and where the catalogue has their words."""
    codes = [key.removeprefix(f"{column.words}.") for key in catalogue() if key.startswith(f"{column.words}.")]
    if not column.words:
        return column.about
    return f"{column.about}; said by `{column.words}.<code>`: {', '.join(f'`{code}`' for code in codes)}"


def _leaving(spec: TableSpec) -> list[str]:
    plan = spec.release
    if plan is None:
        return []
    whom = f"per {', '.join(plan.groups)}" if plan.groups else "of everyone at once"
    shown = ", ".join(f"`{one}`" for one in (*plan.means, *plan.shares, *plan.overall, *plan.texts))
    return [
        "",
        f"Leaves {whom}" + (f", by {', '.join(plan.lines)}" if plan.lines else "") + (f": {shown}." if shown else "."),
    ]


def _shown(spec: TableSpec) -> list[str]:
    """Where readers meet it: report, workbook, tracker."""
    shown = spec.shown
    if shown is None:
        return []
    drawn = DISPLAYS[shown.display]
    where = [f"in the report as {drawn}, section `{shown.section}`{_PART[shown.part]}"] if shown.section else []
    where += [f"in the workbook on sheet `{shown.sheet}`"] if shown.sheet else []
    where.append(f"in the tracker with run `{shown.run}`")
    return ["", f"Shown {', '.join(where)}."]


# ---------------------------------------------------------------------------------------------- markdown


def _first_line(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").strip().splitlines()[0]


def _head(*cells: str) -> str:
    return f"{_row(*cells)}\n{_row(*('---' for _ in cells))}"


def _row(*cells: Any) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def main(arguments: list[str]) -> int:
    """Write the pages, or say which are stale."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--check", action="store_true", help="write nothing; end with 1 when a page is stale")
    check, made = asked.parse_args(arguments).check, pages()
    stale = [
        name
        for name, text in made.items()
        if not (PAGES / name).is_file() or (PAGES / name).read_text(encoding="utf-8") != text
    ]
    if check:
        for name in stale:
            print(f"docs/{name} is not what the code says; run python docs/make_reference.py", file=sys.stderr)
        return 1 if stale else 0
    for name in stale:
        (PAGES / name).parent.mkdir(parents=True, exist_ok=True)
        (PAGES / name).write_text(made[name], encoding="utf-8")
    print(f"{len(stale)} of {len(made)} pages written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
