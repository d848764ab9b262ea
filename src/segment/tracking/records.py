"""Neutral records of what a stage found: metrics, parameters, tags, files and models, before any tracker.

A record of figures over all people may be tracked, rounded on its way out (:mod:`segment.disclosure.rounding`). A
record that speaks of a group of people exists only for files that were made from a released table; so no record ever
holds a row of people.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from segment.errors import InvalidInput

#: The run a record belongs to when it belongs to the whole study.
PARENT = "parent"

_KINDS = ("metric", "count", "param", "tag", "artifact", "table", "model")


@dataclass(frozen=True)
class Record:
    """One thing that tracking should see.

    ``run`` is ``parent`` or a child's name (``discover``, ``discover/mixture-5``); ``value`` holds the text of a
    parameter, tag, artifact or table (a path inside the workspace) or model (its name); ``number`` that of a metric,
    ``step`` where on its line it lies (a number of segments, a horizon).
    """

    kind: str
    run: str
    name: str
    value: str = ""
    number: float = math.nan
    step: int = 0

    def __post_init__(self) -> None:
        if self.kind not in _KINDS:
            raise InvalidInput(f"'{self.kind}' is not a kind of record.", expected=", ".join(_KINDS))


def metric(name: str, number: float, *, run: str = PARENT, step: int = 0) -> Record:
    """A figure over all people; figures of one name with a ``step`` each are a line.

    >>> metric("agreement", 0.9).number
    0.9
    """
    return Record("metric", run, name, number=float(number), step=int(step))


def count(name: str, number: float, *, run: str = PARENT) -> Record:
    """A number of people, rows or exits: it leaves as the lower end of its band."""
    return Record("count", run, name, number=float(number))


def param(name: str, value: object, *, run: str = PARENT) -> Record:
    """A setting or choice."""
    return Record("param", run, name, value=str(value))


def tag(name: str, value: object, *, run: str = PARENT) -> Record:
    """A word to filter runs by."""
    return Record("tag", run, name, value=str(value))


def artifact(name: str, path: str, *, run: str = PARENT) -> Record:
    """A file made from released tables; ``path`` is relative to the workspace, ``name`` the folder in the tracker."""
    return Record("artifact", run, name, value=path)


def table(name: str, path: str, *, run: str = PARENT) -> Record:
    """A released table as a JSON file (pandas ``orient="split"``); ``path`` is relative to the workspace."""
    return Record("table", run, name, value=path)


def model(name: str, *, run: str = PARENT) -> Record:
    """A model of this study, by its name in the store."""
    return Record("model", run, name, value=name)


def to_frame(records: Iterable[Record]) -> pd.DataFrame:
    """Records as the ``records`` table, one row per record."""
    columns = {"kind": "str", "run": "str", "name": "str", "value": "str", "number": "float64", "step": "int64"}
    return pd.DataFrame([[getattr(r, c) for c in columns] for r in records], columns=list(columns)).astype(columns)


def from_frame(frame: pd.DataFrame) -> list[Record]:
    """The records of a ``records`` table.

    >>> from_frame(to_frame([param("k", 5)]))[0].value
    '5'
    """
    rows = frame[["kind", "run", "name", "value", "number", "step"]].to_numpy(dtype=object)
    return [
        Record(str(kind), str(run), str(name), str(value), float(number), int(step))
        for kind, run, name, value, number, step in rows
    ]
