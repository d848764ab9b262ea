"""One Prefect server for all flow tests, on loopback and a free port, and one small study for all of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.testing.utilities import prefect_test_harness

from segment.stages.simulate import simulate_into
from segment.vocabulary import World


@pytest.fixture(scope="session", autouse=True)
def server() -> Iterator[None]:
    """An embedded server with a store of its own, stopped when the tests are done."""
    with prefect_test_harness(server_startup_timeout=180):
        yield


@pytest.fixture(scope="session")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small organisation that nobody works in."""
    folder = tmp_path_factory.mktemp("exports") / "tiny"
    simulate_into(folder, people=300, seed=3, world=World.NEEDS, waves=1)
    return folder


@pytest.fixture(scope="module")
def study(exports: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small study, with a workspace of its own for every module of tests."""
    folder = tmp_path_factory.mktemp("flows") / "tiny"
    shutil.copytree(exports, folder)
    return folder / "study.yaml"
