"""The store in the workspace: whole or not there, and moved aside when damaged."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from segment.tracking.local import make_store, set_damaged_aside

MAKING = (
    "import sys; from pathlib import Path; from segment.tracking.local import make_store; make_store(Path(sys.argv[1]))"
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("store") / "mlflow.db"
    make_store(file)
    return file


def test_a_store_is_made_whole_and_nothing_lies_beside_it(whole: Path) -> None:
    assert [path.name for path in whole.parent.iterdir()] == ["mlflow.db"]
    assert set_damaged_aside(whole) is None
    before = whole.read_bytes()
    make_store(whole)
    assert whole.read_bytes() == before


def test_whoever_is_killed_while_making_it_leaves_no_half_one_and_the_next_clears_up(tmp_path: Path) -> None:
    file = tmp_path / "mlflow.db"
    maker = subprocess.Popen([sys.executable, "-c", MAKING, str(file)])
    until = time.monotonic() + 240
    while not any(path.stat().st_size for path in tmp_path.glob(".mlflow.db.*/made.db")):
        assert maker.poll() is None and time.monotonic() < until
        time.sleep(0.01)
    os.kill(maker.pid, signal.SIGKILL)
    maker.wait()
    assert not file.exists()
    assert list(tmp_path.glob(".mlflow.db.*"))
    make_store(file)
    assert set_damaged_aside(file) is None
    assert [path.name for path in tmp_path.iterdir()] == ["mlflow.db"]


def half_migrated(file: Path) -> None:
    with closing(sqlite3.connect(file)) as store:
        store.execute("CREATE TABLE _alembic_tmp_jobs (id INTEGER)")
        store.commit()


def never_begun(file: Path) -> None:
    with closing(sqlite3.connect(file)) as store:
        store.execute("DELETE FROM alembic_version")
        store.commit()


def overwritten(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    file.write_bytes(content)


def no_database(file: Path) -> None:
    file.write_bytes(b"not a database at all" * 300)


def empty(file: Path) -> None:
    file.write_bytes(b"")


@pytest.mark.parametrize("damage", [half_migrated, never_begun, overwritten, no_database, empty])
def test_a_damaged_store_is_moved_aside_with_all_its_bytes(whole: Path, tmp_path: Path, damage: object) -> None:
    file = tmp_path / "mlflow.db"
    file.write_bytes(whole.read_bytes())
    damage(file)  # type: ignore[operator]
    broken = file.read_bytes()
    aside = set_damaged_aside(file)
    assert aside == tmp_path / "mlflow.db.damaged-1"
    assert aside.read_bytes() == broken
    assert not file.exists()
    file.write_bytes(broken)
    assert set_damaged_aside(file) == tmp_path / "mlflow.db.damaged-2"


def test_a_store_that_somebody_writes_in_is_not_damaged(whole: Path) -> None:
    with closing(sqlite3.connect(whole)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert set_damaged_aside(whole) is None
