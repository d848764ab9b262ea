"""One study run as the tracker shows it: figures, gates, released tables, and what it was made of."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from mlflow.entities import Run
from mlflow.tracking import MlflowClient

from segment.errors import NotReady
from segment.store import read_json
from segment.tracking.cards import fitted
from segment.tracking.mlflow_log import Tracker, runs_where
from segment.tracking.provenance import FOLDER
from segment.tracking.registry import Version

#: How tags of a run begin that say which version of a model it made.
VERSION = "version."
#: Where pages that compare runs lie in a run's artifacts, and how their tags on a version begin.
COMPARISONS, COMPARISON = "comparisons", "comparison"
#: How the second part of a version's description begins that was compared; the first is what was found, as MLflow's
#: list of versions shows no more than thirty characters.
_COMPARED = "Comparison "
_FEWEST_SIGNS = 6


#: The tag that says how a run's groups came about.
GROUPS = "kind_of_groups"


@dataclass(frozen=True)
class SeenRun:
    """What the tracker says of one study run.

    Parameters
    ----------
    run_id, name
        Its id, and what it is called there.
    versions
        Model -> number of the version it made.
    figures
        Stage -> figure -> value, about everyone at once.
    failed
        Gates that the chosen segmentation missed; None if none was chosen.
    tables
        Released tables by name.
    made_of
        Changed settings, data and environment, each by name.
    groups
        How its groups came about, as the run says: found (natural, reproducible), made, or one that was asked for.
    """

    run_id: str
    name: str
    versions: Mapping[str, int] = field(default_factory=dict)
    figures: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    failed: tuple[str, ...] | None = None
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    made_of: Mapping[str, str] = field(default_factory=dict)
    groups: str = ""

    def figure(self, stage: str, name: str) -> float | None:
        """One figure of a stage; None where it was not measured."""
        value = self.figures.get(stage, {}).get(name)
        return None if value is None or value != value else float(value)

    def table(self, name: str) -> pd.DataFrame:
        """A released table; without rows where the run has none."""
        return self.tables.get(name, pd.DataFrame())


def find_run(tracker: Tracker, told: str) -> str:
    """The id of a study run by its id, or by the beginning of it.

    Raises
    ------
    NotReady
        None, or more than one.
    """
    parents = _parents(tracker)
    ids = [str(run.info.run_id) for run in parents]
    found = [one for one in ids if one == told or (len(told) >= _FEWEST_SIGNS and one.startswith(told))]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"{run.info.run_id[:12]} ({run.info.run_name})" for run in parents[:5])
    raise NotReady(
        f"There is {'more than one' if found else 'no'} study run of that id.",
        expected=f"a run id or its first {_FEWEST_SIGNS} signs, such as {known}" if known else "a run of this study",
        came=told,
        advice="ids stand in the MLflow UI: segment ui STUDY",
    )


def seen_run(tracker: Tracker, run_id: str, tables: Sequence[str]) -> SeenRun:
    """A study run with these of its released tables.

    Raises
    ------
    NotReady
        The tracker has no such run.
    """
    client = tracker.client()
    parent = next((run for run in _parents(tracker) if run.info.run_id == run_id), None)
    if parent is None:
        raise NotReady(f"The tracker has no study run {run_id}.", advice="look in the MLflow UI: segment ui STUDY")
    below = {
        str(run.info.run_name): run
        for run in runs_where(client, parent.info.experiment_id, f"tags.study_run = '{run_id}'")
    }
    chosen = [run for run in below.values() if run.data.tags.get("chosen") == "yes" and "failed" in run.data.tags]
    failed = None
    if chosen:
        failed = tuple(one for one in chosen[0].data.tags["failed"].split(", ") if one not in ("", "none"))
    tags = parent.data.tags
    return SeenRun(
        run_id,
        str(parent.info.run_name),
        {key.removeprefix(VERSION): int(value) for key, value in tags.items() if key.startswith(VERSION)},
        {name: dict(run.data.metrics) for name, run in below.items()},
        failed,
        _tables(client, [parent, *below.values()], tables),
        _made_of(client, parent),
        next((run.data.tags[GROUPS] for run in (parent, *below.values()) if GROUPS in run.data.tags), ""),
    )


def keep_comparison(tracker: Tracker, version: Version, *, number: str, folder: Path, found: str) -> None:
    """Send a comparison's pages to the run of a version, and say on the version which one it was and what it found.

    Parameters
    ----------
    number
        The comparison's id.
    folder
        Where its pages lie; nothing but pages made of released figures.
    found
        What it amounts to, and with what the version was compared, in words.
    """
    client = tracker.client()
    if not {file.path for file in client.list_artifacts(version.run_id, COMPARISONS)} & {f"{COMPARISONS}/{number}"}:
        client.log_artifacts(version.run_id, str(folder), f"{COMPARISONS}/{number}")
    for key, text in ((COMPARISON, number), (f"{COMPARISON}.{number}", found)):
        client.set_model_version_tag(version.name, str(version.number), key, text)
    place = f"#/experiments/{client.get_run(version.run_id).info.experiment_id}/runs/{version.run_id}/artifacts"
    pages = [f"{place}/{COMPARISONS}/{number}/{page.name}" for page in sorted(folder.glob("*.html"))]
    card = str(client.get_model_version(version.name, str(version.number)).description)
    told = described(card, found, number=number, pages=pages)
    client.update_model_version(version.name, str(version.number), description=told)


def described(card: str, found: str, *, number: str, pages: Sequence[str]) -> str:
    """A version's description that begins with what a comparison found and where its pages are; an earlier one goes.

    >>> once = described("**study**: demo", "It is worse.", number="c1", pages=["#/a/compare.en.html"])
    >>> print(described(once, "It is better.", number="c2", pages=["#/b/compare.en.html"]))
    It is better.
    <BLANKLINE>
    Comparison c2: [compare.en.html](#/b/compare.en.html)
    <BLANKLINE>
    **study**: demo
    """
    parts = card.split("\n\n")
    own = parts[2:] if len(parts) > 1 and parts[1].startswith(_COMPARED) else parts
    links = ", ".join(f"[{page.rpartition('/')[2]}]({page})" for page in pages)
    return fitted("\n\n".join([found, f"{_COMPARED}{number}: {links}", *own]))


def _parents(tracker: Tracker) -> list[Run]:
    """Study runs, newest first."""
    client = tracker.client()
    experiment = client.get_experiment_by_name(tracker.experiment)
    if experiment is None:
        return []
    every = runs_where(client, experiment.experiment_id, "")
    return [run for run in every if "mlflow.parentRunId" not in run.data.tags]


def _tables(client: MlflowClient, runs: Sequence[Run], wanted: Sequence[str]) -> dict[str, pd.DataFrame]:
    found: dict[str, pd.DataFrame] = {}
    for run in runs:
        if not any(f'"{name}.json"' in run.data.tags.get("mlflow.loggedArtifacts", "") for name in wanted):
            continue
        there = {file.path for file in client.list_artifacts(run.info.run_id)}
        for name in (one for one in wanted if f"{one}.json" in there and one not in found):
            found[name] = _table(client, run.info.run_id, f"{name}.json")
    return found


def _table(client: MlflowClient, run_id: str, path: str) -> pd.DataFrame:
    with tempfile.TemporaryDirectory() as scratch:
        content = read_json(Path(client.download_artifacts(run_id, path, scratch)))
    return pd.DataFrame(content["data"], columns=content["columns"])


def _environment(client: MlflowClient, run_id: str) -> dict[str, str]:
    """With what a run was made, in words; nothing where the run does not say."""
    path = f"{FOLDER}/environment.json"
    if path not in {file.path for file in client.list_artifacts(run_id, FOLDER)}:
        return {}
    with tempfile.TemporaryDirectory() as scratch:
        content = read_json(Path(client.download_artifacts(run_id, path, scratch)))
    return {f"environment.{key}": str(value)[:16] for key, value in content.items()}


def _made_of(client: MlflowClient, run: Run) -> dict[str, str]:
    """What a run was made of, in words that are equal where it is the same."""
    told = {key: str(value) for key, value in run.data.params.items() if key.startswith("set.")}
    told |= {
        f"data.{one.dataset.name.rpartition(' ')[2]}": str(one.dataset.digest) for one in run.inputs.dataset_inputs
    }
    if "mlflow.source.git.commit" in run.data.tags:
        dirty = " (changed since)" if run.data.tags.get("git_dirty") == "yes" else ""
        told["commit"] = run.data.tags["mlflow.source.git.commit"][:12] + dirty
    return told | _environment(client, run.info.run_id)
