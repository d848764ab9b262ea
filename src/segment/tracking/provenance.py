"""What a run was made of: changed settings, code, data and environment, as MLflow shows them; no row, no path."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mlflow.entities import Dataset, DatasetInput, InputTag, Param, RunTag
from mlflow.tracking import MlflowClient

from segment.disclosure.rounding import in_band

#: The folder of a run in which settings and environment lie.
FOLDER = "made_of"
_LONGEST_NAME = 100
#: Types of columns as MLflow calls them, by the first letters of arrow's names.
_TYPES = (
    ("timestamp", "datetime"), ("date", "datetime"), ("double", "double"), ("float", "float"), ("int", "long"),
    ("uint", "long"), ("bool", "boolean"),
)  # fmt: skip


@dataclass(frozen=True)
class Table:
    """One table that a run was made on: its digest, how many rows and which columns (name, arrow's type)."""

    name: str
    digest: str
    rows: int
    columns: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Provenance:
    """What a run was made of.

    Parameters
    ----------
    name
        The run's name.
    changed
        Settings that were changed from the study's own, by key.
    tags
        Who, with which code.
    tables
        What it was made on.
    files
        Contents by the name of a JSON file.
    """

    name: str
    changed: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    tables: Sequence[Table] = ()
    files: Mapping[str, Mapping[str, object]] = field(default_factory=dict)

    def send(self, client: MlflowClient, run_id: str) -> None:
        """Write it all on a run."""
        params = [Param(f"set.{key}", value[:6000]) for key, value in self.changed.items()]
        tags = [RunTag(key, value) for key, value in self.tags.items()]
        client.log_batch(run_id, params=params, tags=tags)
        if self.tables:
            client.log_inputs(run_id, [_as_input(table) for table in self.tables])
        for name, content in self.files.items():
            client.log_dict(run_id, dict(content), f"{FOLDER}/{name}.json")


def run_name(study: str, changed: Mapping[str, str]) -> str:
    """A name that tells runs apart: what was changed from the study's own settings, the last word first.

    Lists show its beginning only, and the experiment is called after the study already.

    >>> run_name("demo", {}), run_name("demo", {"random_state": "3", "segmentation.n_segments": "[4]"})
    ('demo', 'n_segments=[4], random_state=3')
    """
    ends = [key.rpartition(".")[2] for key in changed]
    short = {key: end if ends.count(end) == 1 else key for key, end in zip(changed, ends, strict=True)}
    name = ", ".join(f"{short[key]}={value}" for key, value in list(changed.items())[::-1]) or study
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 3]}..."


def _as_input(table: Table) -> DatasetInput:
    columns = [{"type": _type_of(kind), "name": name, "required": True} for name, kind in table.columns]
    dataset = Dataset(
        name=table.name,
        digest=table.digest[:16],
        source_type="study",
        source=json.dumps({"table": table.name}),
        schema=json.dumps({"mlflow_colspec": columns}),
        profile=json.dumps({"rows": in_band(table.rows)}),
    )
    return DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])


def _type_of(kind: str) -> str:
    return next((told for start, told in _TYPES if kind.startswith(start)), "string")
