"""A real ``mlflow server`` over HTTP, with artifacts sent through it: what a study logs there, and reads back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pandas as pd
import pytest

from segment.store import Store
from segment.tracking.mlflow_log import StudyRun, Tracker
from segment.tracking.records import metric
from segment.tracking.registry import champion, download, promote, register_challenger
from tests.live import mlflow_server, postgres


class Multiplier:
    """A scorer that can be checked by hand."""

    def __init__(self, factor: int) -> None:
        self.factor = factor

    def score(self, frame: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"times": frame["x"] * self.factor})


@pytest.fixture(scope="module", params=["SQLite", "PostgreSQL"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of this test's own, on this machine only, over either kind of database."""
    folder = tmp_path_factory.mktemp("server")
    database = postgres(folder) if request.param == "PostgreSQL" else nullcontext("")
    with database as store, mlflow_server(folder, store=store) as address:
        yield address


def test_a_study_registers_decides_and_reads_back_over_http(server: str, tmp_path: Path) -> None:
    tracker = Tracker.of(tmp_path / "workspace", "pilot", environment={"MLFLOW_TRACKING_URI": server})
    run = StudyRun(tracker, "pilot", {"study": "pilot"})
    run.log_stage("discover", [metric("k", 3)], said="3 segments", skipped=False)
    store = Store(tmp_path / "tables", tmp_path / "models")
    made = []
    for factor in (2, 2, 3):  # the second has the first one's bytes, and is that version
        store.save_model("segmentation", Multiplier(factor), card={"study": "pilot", "limits": ["a limit " * 20] * 60})
        file = store.model_path("segmentation")
        made.append(
            register_challenger(tracker, study="pilot", model="segmentation", file=file, run_id=str(run.run_id))
        )
    assert tracker.client().get_run(str(run.run_id)).info.status == "RUNNING"
    run.end()
    assert [version.number for version in made] == [1, 1, 2]
    about = tracker.client().get_model_version("pilot-segmentation", "1").description
    assert about.startswith("**study**: pilot") and about.endswith("beside the model.")  # a card of 10,000 characters
    assert tracker.client().get_run(str(run.run_id)).info.status == "FINISHED"
    promote(tracker, study="pilot", model="segmentation", version=2, by="A. Reviewer", reason="stable over both waves")
    best = champion(tracker, study="pilot", model="segmentation")
    assert best == made[2]
    fetched = download(tracker, best, tmp_path / "fetched")
    scorer = Store(fetched.parent, fetched.parent).load_model("segmentation", object)
    assert scorer.score(pd.DataFrame({"x": [2]}))["times"].tolist() == [6]
    assert not (tmp_path / "workspace" / "mlflow.db").exists()
