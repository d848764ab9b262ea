"""The surroundings of a flow: an embedded server in the workspace that does not begin with a hundred migrations."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pipelines import empty_database, environment

STUDY = "configs/studies/demo.yaml"


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """An environment without a server, put back as it was afterwards, and so is what signals do."""
    monkeypatch.setattr(os, "environ", os.environ.copy())
    for name in ("PREFECT_API_URL", "PREFECT_HOME"):
        os.environ.pop(name, None)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield monkeypatch
    for number, handler in before.items():
        signal.signal(number, handler)


def _database(path: Path) -> Path:
    with closing(sqlite3.connect(path)) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("CREATE TABLE flow (name TEXT)")
        made.commit()
    return path


def test_a_new_workspace_starts_from_the_empty_database(clean: pytest.MonkeyPatch, tmp_path: Path) -> None:
    clean.setattr(empty_database, "EMPTY_DATABASE", _database(tmp_path / "empty.db"))
    environment.embed([STUDY, "--set", f"workspace={tmp_path / 'w'}"], terminal=False)
    home = Path(os.environ["PREFECT_HOME"])
    assert home == tmp_path / "w" / "prefect"
    with closing(sqlite3.connect(home / "prefect.db")) as copied:
        assert copied.execute("SELECT name FROM sqlite_master").fetchall() == [("flow",)]


def test_a_history_that_exists_stays(clean: pytest.MonkeyPatch, tmp_path: Path) -> None:
    clean.setattr(empty_database, "EMPTY_DATABASE", _database(tmp_path / "empty.db"))
    (tmp_path / "prefect").mkdir()
    (tmp_path / "prefect" / "prefect.db").write_bytes(b"history")
    environment.embed([STUDY, "--set", f"workspace={tmp_path}"], terminal=False)
    assert (tmp_path / "prefect" / "prefect.db").read_bytes() == b"history"


def test_without_an_empty_database_the_server_makes_its_own(clean: pytest.MonkeyPatch, tmp_path: Path) -> None:
    clean.setattr(empty_database, "EMPTY_DATABASE", tmp_path / "none.db")
    environment.embed([STUDY, "--set", f"workspace={tmp_path}"], terminal=True)
    assert list((tmp_path / "prefect").iterdir()) == []
    assert os.environ["PREFECT_LOGGING_LEVEL"] == "ERROR"


def test_a_server_of_ones_own_is_left_alone(clean: pytest.MonkeyPatch, tmp_path: Path) -> None:
    os.environ["PREFECT_API_URL"] = "http://127.0.0.1:1/api"
    environment.embed([STUDY, "--set", f"workspace={tmp_path}"], terminal=False)
    assert "PREFECT_HOME" not in os.environ and not (tmp_path / "prefect").exists()
