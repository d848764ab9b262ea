"""A server that is away: told in a sentence, in seconds, with what broke and without a password."""

from __future__ import annotations

import socket
import time

import pytest

from segment.tracking.reach import Unreachable, refuse_unreachable, what_broke
from tests.live import free_port


def test_a_port_where_nobody_listens() -> None:
    began = time.monotonic()
    with pytest.raises(Unreachable, match="tracking server does not answer") as told:
        refuse_unreachable(f"http://ann:secret@127.0.0.1:{free_port()}")
    assert time.monotonic() - began < 30
    assert "Connection refused" in told.value.came
    assert "secret" not in str(told.value)
    assert "ann" not in told.value.where


def test_a_server_that_takes_the_call_and_says_nothing() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(8)
        began = time.monotonic()
        with pytest.raises(Unreachable):
            refuse_unreachable(f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert time.monotonic() - began < 30


def test_a_database_that_is_down_is_told_at_once() -> None:
    began = time.monotonic()
    with pytest.raises(Unreachable, match="Connection refused"):
        refuse_unreachable(f"postgresql://ann:secret@127.0.0.1:{free_port()}/mlflow")
    assert time.monotonic() - began < 5


def test_what_broke_is_a_code_and_never_a_message() -> None:
    try:
        try:
            raise OSError(28, "No space left", "people/4711")
        except OSError as full:
            raise RuntimeError("person 4711 earns 90,000") from full
    except RuntimeError as fault:
        assert what_broke(fault) == "OSError: No space left on device"
    assert what_broke(ValueError("person 4711")) == "ValueError"
