"""The servers that a run was told to use: one that is away is reported within seconds, before any work."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence

from pipelines.faults import told_safely
from segment.errors import NotReady
from segment.stages.base import open_study
from segment.stages.tracking import refuse_lost_tracker
from segment.tracking.reach import what_broke, without_secrets


def refuse_lost_servers(study: str, overrides: Sequence[str], *, tell: Callable[[str], object]) -> None:
    """Refuse to begin while the Prefect or the tracking server that was configured does not answer, in half a minute.

    Raises
    ------
    NotReady
        Says which, and what broke.
    """
    address = os.environ.get("PREFECT_API_URL")
    if address:
        refuse_lost_prefect(address)
    told_safely(lambda: refuse_lost_tracker(open_study(study, overrides=overrides), tell=tell))


def refuse_lost_prefect(address: str) -> None:
    """Refuse a Prefect server that does not answer."""
    try:
        urllib.request.urlopen(f"{address.rstrip('/')}/health", timeout=20).close()
    except urllib.error.HTTPError:
        return  # somebody answers; what they mind is reported by Prefect itself
    except (OSError, ValueError) as fault:
        raise NotReady(
            "The Prefect server does not answer.",
            expected="the address of a Prefect server, such as http://127.0.0.1:4200/api",
            came=what_broke(fault),
            where=without_secrets(address),
            advice="start the server, or correct PREFECT_API_URL; without it every run brings its own",
        ) from None
