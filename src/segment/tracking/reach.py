"""Whether a tracker can be reached, and what broke when it was lost: a code of its own or the system's, no value."""

from __future__ import annotations

import logging
import os
import socket
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

import requests
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient
from sqlalchemy.exc import SQLAlchemyError

from segment.errors import NotReady

# That it tries again is no news to a reader of the log; that it gave up is reported here.
logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)

#: What a tracker's failure looks like from here, whatever stands behind it.
LOST = (MlflowException, requests.RequestException, SQLAlchemyError, OSError)

#: How long a run waits for a server that does not answer: about half a minute in all, where MLflow's own habit is six.
PATIENCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "4", "MLFLOW_HTTP_REQUEST_TIMEOUT": "60"}
#: And before any work: one more try.
_AT_FIRST = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "MLFLOW_HTTP_REQUEST_TIMEOUT": "8"}
_SECONDS = 8
_PORTS = {"postgresql": 5432, "mysql": 3306, "mssql": 1433}

#: What to do about a tracker that is away.
ADVICE = "start the server, or correct MLFLOW_TRACKING_URI; without it runs are kept in the workspace"


class Unreachable(NotReady):
    """A tracking server that does not answer."""


def refuse_unreachable(uri: str) -> None:
    """Refuse a server that does not answer, within half a minute.

    Raises
    ------
    Unreachable
        Says what broke.
    """
    try:
        _knock(uri)
        with _environment(_AT_FIRST):
            MlflowClient(tracking_uri=uri, registry_uri=uri).search_experiments(max_results=1)
    except LOST as fault:
        came = what_broke(fault)
    except ImportError as fault:
        came = f"the Python package {fault.name} is not installed"
    else:
        return
    raise Unreachable(
        "The tracking server does not answer.",
        expected="an MLflow server, or a database that it keeps",
        came=came,
        where=without_secrets(uri),
        advice=ADVICE,
    )


def what_broke(fault: BaseException) -> str:
    """What broke, reported by codes and the system's own words: messages may hold values, or a password.

    >>> what_broke(ConnectionRefusedError(111, "anything"))
    'ConnectionRefusedError: Connection refused'
    """
    words: list[str] = []
    below: BaseException | None = fault
    deepest = type(fault).__name__
    while below is not None:
        if isinstance(below, sqlite3.Error) and getattr(below, "sqlite_errorname", None):
            words.append(below.sqlite_errorname)
        elif isinstance(below, OSError) and isinstance(below.errno, int):
            words.append(os.strerror(below.errno))
        elif isinstance(below, MlflowException):
            words.append(str(below.error_code))
        if words:
            deepest = type(below).__name__
        below = _below(below)
    return f"{deepest}: {', '.join(dict.fromkeys(words))}" if words else deepest


def without_secrets(uri: str) -> str:
    """An address without the name and password that may stand in it.

    >>> without_secrets("postgresql://ann:secret@db.example:5432/mlflow")
    'postgresql://db.example:5432/mlflow'
    """
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _below(fault: BaseException) -> BaseException | None:
    """The fault that this one was made of; some libraries hand it on as an argument or a reason only."""
    inner = (fault.__cause__, fault.__context__, getattr(fault, "reason", None), *fault.args)
    return next((found for found in inner if isinstance(found, BaseException) and found is not fault), None)


def _knock(uri: str) -> None:
    """Knock at a database's door: its library would try for minutes. Servers are asked over HTTP."""
    parts = urlsplit(uri)
    kind = parts.scheme.partition("+")[0]
    if kind in _PORTS and parts.hostname:
        socket.create_connection((parts.hostname, parts.port or _PORTS[kind]), timeout=_SECONDS).close()


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Variables for a while."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
