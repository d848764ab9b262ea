"""One Prefect server for all flow tests, on loopback and a free port, stopped when they are done."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from prefect.testing.utilities import prefect_test_harness


@pytest.fixture(scope="session", autouse=True)
def server() -> Iterator[None]:
    """An embedded server with a store of its own."""
    with prefect_test_harness(server_startup_timeout=180):
        yield
