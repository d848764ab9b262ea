"""Which tables there are: every room declares its own in its module ``tables`` and registers them here."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TypeVar

import segment
from segment.errors import NotReady
from segment.tables.release_plan import ReleasePlan
from segment.tables.shown import Shown
from segment.tables.spec import Maker, TableSpec

Told = TypeVar("Told")

_KNOWN: dict[str, TableSpec] = {}


def register(*specs: TableSpec) -> None:
    """Make tables known under their names, to everything that writes, releases, shows or documents tables.

    Raises
    ------
    ValueError
        When another table has that name.
    """
    for spec in specs:
        if _KNOWN.setdefault(spec.name, spec) != spec:
            raise ValueError(f"Two tables are called '{spec.name}'.")


def spec_of(name: str) -> TableSpec:
    """What a table promises, by its name; ``records_<stage>`` is the ``records`` table of one stage.

    >>> spec_of("responses").one_row_per
    'person and wave'
    """
    wanted = "records" if name.startswith("records_") else name
    for room in _rooms():
        if wanted in _KNOWN:
            break
        importlib.import_module(room)
    if wanted not in _KNOWN:
        raise NotReady(f"There is no table called '{name}'.", expected=", ".join(_KNOWN))
    return _KNOWN[wanted]


def all_tables() -> Mapping[str, TableSpec]:
    """Every table by its name, room by room."""
    for room in _rooms():
        importlib.import_module(room)
    return dict(_KNOWN)


def released_tables() -> Mapping[str, ReleasePlan]:
    """How every table leaves that may, by its name."""
    return {name: spec.release for name, spec in all_tables().items() if spec.release is not None}


def shown_tables() -> Mapping[str, Shown]:
    """How every table is shown that is, by its name."""
    return {name: spec.shown for name, spec in all_tables().items() if spec.shown is not None}


def met(released: Mapping[str, Told]) -> dict[str, Told]:
    """Of what is known of released tables, by name, that of those which readers meet by themselves.

    What segments are called stands in all the others, and is counted in none.
    """
    shown = shown_tables()
    return {name: told for name, told in released.items() if name in shown}


def run_of(name: str) -> str:
    """The run of the tracker that gets a released table: ``parent``, where runs are compared, or a child."""
    shown = spec_of(name).shown
    return shown.run if shown is not None else "parent"


def tables_made_in(stage: str) -> Mapping[str, Maker]:
    """What makes tables of others at the end of a stage, by the names of these tables."""
    makers = {name: spec.maker for name, spec in all_tables().items() if spec.maker is not None}
    return {name: maker for name, maker in makers.items() if maker.stage == stage}


def plan_of(name: str) -> ReleasePlan:
    """How a table leaves.

    Raises
    ------
    NotReady
        When no table of that name may leave.
    """
    plan = spec_of(name).release
    if plan is None:
        raise NotReady(f"Table '{name}' does not leave the workspace.")
    return plan


@cache
def _rooms() -> tuple[str, ...]:
    """The modules in which rooms declare their tables."""
    return tuple(
        f"segment.{room.name}.tables"
        for path in segment.__path__
        for room in pkgutil.iter_modules([path])
        if room.ispkg and (Path(path) / room.name / "tables.py").is_file()
    )
