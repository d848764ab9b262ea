"""``segment ui``: where MLflow's pages are, and which of them open."""

from __future__ import annotations

from pathlib import Path

import pytest

from segment.errors import NotReady
from segment.tracking.interface import serve_interface


def test_a_tracking_server_has_its_own_pages_and_no_second_server_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://ann:secret@127.0.0.1:9/")
    assert serve_interface(tmp_path, port=5000) == 0
    said = capsys.readouterr().out
    assert "127.0.0.1:9/#/experiments?workflowType=machine_learning" in said and "secret" not in said


def test_a_study_without_runs_has_nothing_to_look_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with pytest.raises(NotReady, match="no runs yet"):
        serve_interface(tmp_path, port=5000)
