"""A withdrawn release in the tracker: its runs say that it was taken back, and its files and tables leave them."""

from __future__ import annotations

from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.tracking import MlflowClient

from segment.errors import NotReady
from segment.tracking.mlflow_log import Tracker, runs_where

#: The tag of a run whose release was taken back; it says when, by whom and why.
WITHDRAWN = "withdrawn"


def mark_withdrawn(tracker: Tracker, *, study: str, by: str, reason: str, on: str) -> tuple[int, int]:
    """Tag every run of a study that sent a release, and take the released files and tables out of it.

    Models stay: they are decided on and withdrawn by themselves. Runs that were marked before keep their tag, so this
    can be done twice.

    Returns
    -------
    tuple of int
        Runs that are marked now, and how many runs there are whose files the store would not let go.

    Raises
    ------
    NotReady
        The tracker cannot be reached.
    """
    try:
        return _mark(tracker, study, f"on {on} by {by}: {reason}")
    except MlflowException:
        raise NotReady("The tracker could not be reached, and still shows what was withdrawn.") from None


def _mark(tracker: Tracker, study: str, said: str) -> tuple[int, int]:
    if tracker.uri.startswith("sqlite:") and not (tracker.workspace / "mlflow.db").is_file():
        return 0, 0
    client = tracker.client()
    found = client.get_experiment_by_name(tracker.experiment)
    if found is None:
        return 0, 0
    chosen = f"tags.study = '{study}'"
    runs = [run for run in runs_where(client, found.experiment_id, chosen) if WITHDRAWN not in run.data.tags]
    kept, parents = 0, 0
    for run in runs:
        kept += not _emptied(client, run.info.run_id, run.info.artifact_uri)
        if "mlflow.parentRunId" not in run.data.tags:
            parents += 1
            before = run.data.tags.get("mlflow.note.content", "")
            client.set_tag(run.info.run_id, "mlflow.note.content", f"**Withdrawn** {said}\n\n{before}")
        client.set_tag(run.info.run_id, WITHDRAWN, said)
    return parents, kept


def _emptied(client: MlflowClient, run_id: str, artifact_uri: str) -> bool:
    """Delete the files of a run; whether the store did."""
    try:
        store = get_artifact_repository(artifact_uri)
        for file in client.list_artifacts(run_id):
            store.delete_artifacts(file.path)
        return not client.list_artifacts(run_id)
    except (MlflowException, NotImplementedError, OSError):
        return False
