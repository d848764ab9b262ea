"""The MLflow log of a study: one parent run per study run, one child per stage and per candidate.

Everything is sent from the flow's own process, from neutral records. No autolog, no example rows; a file is sent only
when it lies in ``released/`` or ``exports/``, where nothing but released tables and what was made of them can lie.
"""

from __future__ import annotations

import json
import logging
import os
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from segment.disclosure.rounding import least_of_band, told_numbers, words_in_bands
from segment.errors import Refusal
from segment.tracking.headlines import legend, opening
from segment.tracking.provenance import Provenance
from segment.tracking.records import PARENT, Record
from segment.tracking.relocation import ARTIFACTS, settle

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("DO_NOT_TRACK", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")

import mlflow
from mlflow.entities import Metric, Param, Run, RunTag
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from segment.tracking.local import local_file, make_store
from segment.tracking.reach import PATIENCE

for _variable, _value in PATIENCE.items():
    os.environ.setdefault(_variable, _value)

# Making its store, and a model without an example row (which would be a person), are no news to a reader of the log.
for _name in (
    "mlflow.store.db.utils", "mlflow.pyfunc", "mlflow.models.model", "mlflow.store.model_registry.abstract_store",
):  # fmt: skip
    logging.getLogger(_name).setLevel(logging.ERROR)

#: Folders of a workspace whose files may be sent to a tracker.
OPEN_FOLDERS = ("released", "exports", "candidate")

#: When something began and ended, in milliseconds since 1970.
Moments = tuple[int, int]

_PARAM_LENGTH = 6000
#: Tags: which study run a child belongs to, which workspace a run comes from, and which stages arrived whole.
_OF, PLACE, _SENT = "study_run", "place", "sent."
_PARENT, _NOTE = "mlflow.parentRunId", "mlflow.note.content"


@dataclass(frozen=True)
class Tracker:
    """Where runs go: ``MLFLOW_TRACKING_URI`` when it is set, else an SQLite store inside the workspace."""

    uri: str
    experiment: str
    workspace: Path

    @classmethod
    def of(cls, workspace: Path, experiment: str, *, environment: Mapping[str, str] | None = None) -> Tracker:
        """The tracker of a workspace."""
        variables = os.environ if environment is None else environment
        return cls(
            variables.get("MLFLOW_TRACKING_URI") or f"sqlite:///{workspace / 'mlflow.db'}", experiment, workspace
        )

    @property
    def is_own(self) -> bool:
        """Whether the store lies in the workspace, with nobody else's runs in it."""
        return local_file(self.uri) == self.workspace / "mlflow.db"

    def client(self) -> MlflowClient:
        """A client on this store; a local store is made first, because writers on a missing one crash.

        The files of a local one lie in this workspace, also when it was moved or copied here.
        """
        self.workspace.mkdir(parents=True, exist_ok=True)
        file = local_file(self.uri)
        if file is not None:
            make_store(file)
        if file is not None and self.is_own:
            settle(file)
        _point_mlflow_at(self.uri)
        return MlflowClient(tracking_uri=self.uri, registry_uri=self.uri)

    def experiment_id(self, client: MlflowClient) -> str:
        """The experiment's id; a new one keeps its artifacts inside the workspace when the store is local."""
        found = client.get_experiment_by_name(self.experiment)
        if found is not None:
            return str(found.experiment_id)
        local = self.uri.startswith("sqlite:")
        location = (self.workspace / ARTIFACTS).as_uri() if local else None
        tags = {_NOTE: legend(), "mlflow.experimentKind": "custom_model_development"}
        return str(client.create_experiment(self.experiment, artifact_location=location, tags=tags))


def _point_mlflow_at(uri: str) -> None:
    """Tell MLflow where to write, and leave the environment as it was.

    MLflow writes the address into ``MLFLOW_TRACKING_URI`` for its child processes; a second study in the same process
    would take it for the user's wish and log into the first one's store.
    """
    before = os.environ.get("MLFLOW_TRACKING_URI")
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    if before is None:
        os.environ.pop("MLFLOW_TRACKING_URI", None)
    else:
        os.environ["MLFLOW_TRACKING_URI"] = before


@dataclass
class StudyRun:
    """One study run on its way into the log. Nothing is created until the first stage that really ran.

    ``made_of`` says what the run is made of, once there is something. ``log_stage`` takes a stage's records; those of
    stages that were skipped are held back and sent along when a later stage runs, so that every parent run holds the
    whole study and two parents can be compared. What arrived whole is written on the parent (``sent.<stage>``), so that
    a run that was cut off can be completed (:meth:`found`).
    """

    tracker: Tracker
    name: str
    tags: Mapping[str, str]
    run_id: str | None = None
    made_of: Callable[[], Provenance] | None = None
    sent: dict[str, str] = field(default_factory=dict)
    _said: dict[str, str] = field(default_factory=dict)
    _held: list[tuple[str, Sequence[Record], str, Moments | None]] = field(default_factory=list)
    _children: dict[str, str] = field(default_factory=dict)
    _arrived: dict[str, frozenset[str]] = field(default_factory=dict)
    _ended: dict[str, int] = field(default_factory=dict)

    @classmethod
    def found(cls, tracker: Tracker, name: str, tags: Mapping[str, str], *, run_id: str) -> StudyRun | None:
        """A run that the tracker has already, with what arrived of it; None where it has none of that id."""
        client = tracker.client()
        try:
            parent = client.get_run(run_id)
        except MlflowException as fault:
            if fault.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            return None
        sent = {key.removeprefix(_SENT): value for key, value in parent.data.tags.items() if key.startswith(_SENT)}
        said = re.findall(r"^- \*\*(\w+)\*\*: (.*)$", parent.data.tags.get(_NOTE, ""), re.MULTILINE)
        below = runs_where(client, parent.info.experiment_id, f"tags.{_OF} = '{run_id}'")
        children = {str(child.info.run_name): child.info.run_id for child in below}
        arrived = {run.info.run_id: frozenset(run.data.metrics) for run in (parent, *below)}
        ended = {child.info.run_id: child.info.end_time for child in below if child.info.end_time}
        return cls(tracker, name, tags, run_id, None, sent, dict(said), [], children, arrived, ended)

    def log_stage(
        self,
        stage: str,
        records: Sequence[Record],
        *,
        said: str,
        skipped: bool,
        key: str = "",
        took: Moments | None = None,
    ) -> None:
        """Send a stage's records, or hold them back while no stage has run yet.

        ``said`` is the stage's own line about what came of it; together they are the description of the parent run.
        ``key`` is what the stage's result depends on: it tells later what arrived. ``took``: when it began and ended.
        """
        self._said[stage] = words_in_bands(said)
        if skipped and self.run_id is None:
            self._held.append((stage, records, key, took))
            return
        client = self.tracker.client()
        if self.run_id is None:
            made_of = self.made_of() if self.made_of is not None else Provenance(self.name)
            self.run_id = self._create(client, made_of.name, None, took)
            made_of.send(client, self.run_id)
        while self._held:
            self._send(client, *self._held[0])
            self._held.pop(0)
        self._send(client, stage, records, key, took)
        described = "\n".join(f"- **{name}**: {line}" for name, line in self._said.items())
        client.set_tag(self.run_id, _NOTE, described)

    def end(self, *, failed: bool = False, killed: bool = False) -> None:
        """Close the parent and all its children; a run that was ended from outside is killed, not failed."""
        if self.run_id is None:
            return
        client = self.tracker.client()
        status = "KILLED" if killed else "FAILED" if failed else "FINISHED"
        for run_id in (*self._children.values(), self.run_id):
            client.set_terminated(run_id, status=status, end_time=self._ended.get(run_id))

    def said(self, stage: str) -> str:
        """What a stage said of what came of it; empty where it has not run."""
        return self._said.get(stage, "")

    def child(self, name: str) -> str | None:
        """The run id of a child by its name."""
        return self._children.get(name)

    def _create(self, client: MlflowClient, name: str, parent: str | None, took: Moments | None) -> str:
        """A run that began when its stage did, and lasts as long; candidates last as long as their search."""
        tags = dict(self.tags) | ({_PARENT: parent, _OF: str(self.run_id)} if parent else {})
        run = client.create_run(
            self.tracker.experiment_id(client),
            tags=tags | {"mlflow.runName": name},
            run_name=name,
            start_time=took[0] if took else None,
        )
        if took and parent:
            self._ended[run.info.run_id] = took[1]
        return str(run.info.run_id)

    def _send(
        self, client: MlflowClient, stage: str, records: Sequence[Record], key: str, took: Moments | None
    ) -> None:
        parent = str(self.run_id)
        opens, records = opening(stage, records)
        names = [stage, *dict.fromkeys(r.run for r in records if r.run not in (PARENT, stage))]
        for name in names:
            if name not in self._children:
                above = name.rpartition("/")[0]
                self._children[name] = self._create(client, name, self._children.get(above, parent), took)
        for name in (PARENT, *names):
            run_id = parent if name == PARENT else self._children[name]
            own = opens if name == PARENT else [record for record in records if record.run == name]
            if own:
                there = self._arrived.get(run_id)
                _send_batch(client, run_id, own, there=there)
                _send_files(client, run_id, own, self.tracker.workspace, again=there is not None)
        client.set_tag(parent, f"{_SENT}{stage}", short(key))
        self.sent[stage] = short(key)


def short(key: str) -> str:
    """A stage's key as a tag."""
    return key[:16]


def runs_where(client: MlflowClient, experiment: str, chosen: str) -> list[Run]:
    """All runs of an experiment that a filter chooses, page after page."""
    runs: list[Run] = []
    token = None
    while True:
        page = client.search_runs([experiment], filter_string=chosen, max_results=1000, page_token=token)
        runs += page
        token = page.token
        if not token:
            return runs


def end_abandoned(tracker: Tracker, *, study: str, place: str, keep: str | None) -> int:
    """End as killed what says it is running and cannot be, with its children; returns how many study runs that were.

    Whoever calls this is alone in the workspace: what runs of this study ``place`` began and nobody ended was killed.
    A store inside the workspace holds no other place's runs.
    """
    client = tracker.client()
    found = client.get_experiment_by_name(tracker.experiment)
    if found is None:
        return 0
    chosen = f"attributes.status = 'RUNNING' and tags.study = '{study}'"
    chosen += "" if tracker.is_own else f" and tags.{PLACE} = '{place}'"
    left = [run for run in runs_where(client, found.experiment_id, chosen) if _parent_of(run) != keep]
    for run in left:
        client.set_terminated(run.info.run_id, status="KILLED")
    return sum(_OF not in run.data.tags and _PARENT not in run.data.tags for run in left)


def _parent_of(run: Run) -> str:
    """The study run that a run belongs to, which may be itself."""
    return str(run.data.tags.get(_OF, run.info.run_id))


def _send_batch(client: MlflowClient, run_id: str, records: Iterable[Record], *, there: frozenset[str] | None) -> None:
    """Metrics, parameters and tags of one run, in one call.

    A name that comes twice for one step counts once, the first time: MLflow copies a run's metrics to its model and
    takes no second value of one moment there. Metrics that are ``there`` already are not sent again.
    """
    given = reversed(list(records))
    rows = list({(_slot(record.kind), record.name, record.step): record for record in given}.values())[::-1]
    now = int(time.time() * 1000)
    metrics = [
        Metric(name, number, now, step)
        for step in dict.fromkeys(row.step for row in rows)
        for name, number in _leaving([row for row in rows if row.step == step]).items()
        if name not in (there or ())
    ]
    params = [Param(r.name, r.value[:_PARAM_LENGTH]) for r in rows if r.kind == "param"]
    tags = [RunTag(r.name, r.value) for r in rows if r.kind == "tag"]
    for start in range(0, max(len(metrics), len(params), len(tags)), 100):
        part = slice(start, start + 100)
        client.log_batch(run_id, metrics=metrics[part], params=params[part], tags=tags[part])


def _slot(kind: str) -> str:
    """Counts and metrics share their names."""
    return "metric" if kind == "count" else kind


def _leaving(rows: Sequence[Record]) -> dict[str, float]:
    """Figures as they leave: a count as the lower end of its band, a diagnostic over everyone to three decimals."""
    given = [row for row in rows if row.kind in ("metric", "count") and row.number == row.number]
    told = told_numbers({row.name: row.number for row in given if row.kind == "metric"})
    return {row.name: told[row.name] if row.name in told else float(least_of_band(row.number)) for row in given}


def _send_files(client: MlflowClient, run_id: str, records: Iterable[Record], workspace: Path, *, again: bool) -> None:
    """Released tables (comparable between runs in the UI) and files, after a check of where they lie.

    MLflow adds a table's rows to those that are there, so one that arrived is not sent again.
    """
    there = {file.path for file in client.list_artifacts(run_id)} if again else set()
    for record in records:
        if record.kind not in ("artifact", "table") or f"{record.name}.json" in there:
            continue
        path = _open_path(workspace, record.value)
        if record.kind == "table":
            content = json.loads(path.read_text(encoding="utf-8"))
            frame = pd.DataFrame(content["data"], columns=content["columns"])
            client.log_table(run_id, data=frame, artifact_file=f"{record.name}.json")
        else:
            client.log_artifact(run_id, str(path), artifact_path=record.name or None)


def _open_path(workspace: Path, written: str) -> Path:
    """The file, refused when it lies anywhere but in the folders that hold released things only."""
    path = (workspace / written).resolve()
    if not any(path.is_relative_to((workspace / folder).resolve()) for folder in OPEN_FOLDERS):
        raise Refusal(
            "A file was kept from the tracker: it was not made from released tables.",
            expected=f"a file in {' or '.join(OPEN_FOLDERS)}/",
            where=written,
            advice="release the table first",
        )
    return path
