"""The embedded Prefect server of one run: nothing is left behind.

The server is Prefect's own, started by Prefect's own means. It is written down as soon as it runs, so that a later run
can end it when this one is killed; and it does not hear Ctrl-C, because a run that is interrupted has something to tell
it still.
"""

from __future__ import annotations

import logging
import signal
import subprocess
from pathlib import Path

from prefect.server.api.server import SubprocessASGIServer, subprocess_server_logger
from prefect.settings import PREFECT_API_URL

from segment.errors import NotReady
from segment.workspace.processes import end_left_server, forget_server, remember_server


class _WrittenDown(SubprocessASGIServer):
    """The embedded server, written down in a workspace while it runs."""

    workspace: Path

    def _run_uvicorn_command(self) -> subprocess.Popen[bytes]:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # a child begins with what is blocked here
        try:
            process: subprocess.Popen[bytes] = super()._run_uvicorn_command()
            remember_server(self.workspace, process.pid)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return process

    def stop(self) -> None:
        """Stop it without a word: it ends after the summary, which is what a reader should find last."""
        before = subprocess_server_logger.level
        subprocess_server_logger.setLevel(logging.WARNING)
        try:
            super().stop()
        finally:
            subprocess_server_logger.setLevel(before)
        forget_server(self.workspace)


def start_embedded_server(workspace: Path) -> int | None:
    """Start the embedded server, which ends with this process, unless one is configured.

    What a killed run of this workspace left is ended first; returns its number. Whoever calls this holds the workspace.
    """
    left = end_left_server(workspace)
    if not PREFECT_API_URL.value():
        server = _WrittenDown()
        server.workspace = workspace
        try:
            server.start()
        except RuntimeError:  # Prefect's word for a server that did not answer in time; it ends with this process
            raise NotReady(
                "The embedded Prefect server did not start in time.",
                where=str(workspace / "prefect"),
                advice="run again on a quieter machine, allow it more time with "
                "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS, or name a server of your own in PREFECT_API_URL",
            ) from None
    return left
