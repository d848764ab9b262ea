"""The public contract: every name that users, schedulers and notebooks may rely on, and a digest of them all.

    python docs/contract.py            # the names, the digest, and what is wrong with the version
    python docs/contract.py --record   # write the digest of this version into pyproject.toml: once, when it is released

A released version keeps its digest for ever. When names change after it, `version` in pyproject.toml and in
`src/segment/__init__.py` has to move, and CHANGELOG.md needs a section for the new one: `tests/test_contract.py`.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import inspect
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import typer
from library_page import ROOMS, public
from pydantic import BaseModel

from segment import __version__
from segment.cli import app
from segment.config import StudyConfig
from segment.tables.codebook import COLUMNS
from segment.vocabulary import ITEM_KINDS

ROOT = Path(__file__).resolve().parents[1]


def names() -> list[str]:
    """Every public name: of the library with its arguments, commands with their options, settings, codebook columns."""
    found = [*_library(), *_commands("segment", typer.main.get_command(app)), *_settings("", StudyConfig)]
    found += [f"codebook column {name}" for name in COLUMNS] + [f"item kind {kind}" for kind in ITEM_KINDS]
    return sorted(set(found))


def digest() -> str:
    """One number for all of them."""
    return hashlib.sha256("\n".join(names()).encode()).hexdigest()[:16]


def what_is_wrong(version: str, now: str, released: Mapping[str, str], changelog: str) -> str:
    """Why this version may not be called so; empty when it may.

    Parameters
    ----------
    version, now
        What the project calls itself, and the digest of its names.
    released
        Released versions with the digests they had.
    changelog
        The text of CHANGELOG.md.
    """
    if released.get(version, now) != now:
        return f"public names changed since {version} was released: move the version, and give it a section"
    if any(_order(one) > _order(version) for one in released):
        return f"{version} is older than a released version"
    sections = [line.split()[1] for line in changelog.splitlines() if line.startswith("## ")]
    without = [one for one in (*released, version) if one not in sections]
    if without:
        return f"CHANGELOG.md has no section for {', '.join(without)}"
    return "" if sections[0] == version else f"CHANGELOG.md begins with {sections[0]}, not with {version}"


def released() -> dict[str, str]:
    """Released versions with their digests, as pyproject.toml has them beside the version."""
    return dict(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["segment"]["released"])


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _library() -> Iterator[str]:
    for room in ROOMS:
        module = importlib.import_module(f"segment.{room}")
        for name in public(module):
            one = getattr(module, name)
            yield f"segment.{room}.{name}{_arguments(one)}"
            if inspect.isclass(one):
                for method, function in inspect.getmembers(one, inspect.isfunction):
                    if not method.startswith("_"):
                        yield f"segment.{room}.{name}.{method}{_arguments(function)}"


def _arguments(one: Any) -> str:
    """Names of arguments; defaults and types may change."""
    try:
        return f"({', '.join(inspect.signature(one).parameters)})" if callable(one) else ""
    except ValueError:
        return ""


def _commands(name: str, command: Any) -> Iterator[str]:
    yield name
    for parameter in command.params:
        yield f"{name} {parameter.name.upper() if parameter.param_type_name == 'argument' else parameter.opts[0]}"
    for inner, one in getattr(command, "commands", {}).items():
        yield from _commands(f"{name} {inner}", one)


def _settings(where: str, model: type[BaseModel]) -> Iterator[str]:
    for name, about in model.model_fields.items():
        place = f"{where}.{name}".strip(".")
        yield f"setting {place}"
        for inner in _models_in(about.annotation):
            yield from _settings(place, inner)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


def main(arguments: list[str]) -> int:
    """Print the names and their digest, or record it."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--record", action="store_true", help="write the digest of this version into pyproject.toml")
    if not asked.parse_args(arguments).record:
        changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
        wrong = what_is_wrong(__version__, digest(), released(), changelog)
        print("\n".join([*names(), digest()]))
        print(wrong, file=sys.stderr)
        return 1 if wrong else 0
    if __version__ in released():
        print(f"{__version__} was released before; a released version keeps its digest", file=sys.stderr)
        return 1
    file = ROOT / "pyproject.toml"
    head = "[tool.segment.released]\n"
    text = file.read_text(encoding="utf-8").replace(head, f'{head}"{__version__}" = "{digest()}"\n')
    file.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
