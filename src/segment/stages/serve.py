"""One model of a study as a service on this machine: the champion, or the newest where nobody has decided yet."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from segment.errors import Refusal
from segment.governance.grant import refuse_ungoverned
from segment.stages.audit_log import actor
from segment.stages.base import OpenStudy, open_study
from segment.stages.decisions import refuse_contradictions
from segment.stages.exclusive import alone
from segment.stages.recovery import complete_interrupted, tracker_of
from segment.stages.release.ledgers import events_of
from segment.stages.score import download_witnessed
from segment.tracking import registry
from segment.tracking.service import HOST, Service, application, listen, run
from segment.tracking.serving import ServedScorer
from segment.workspace.lock import alone_in

#: How long the end of a service waits for the workspace, to write down how many people were answered.
_PATIENCE = 60.0


def serve_model(
    study: Path, *, model: str, port: int, tell: Callable[[str], None], overrides: Sequence[str] = ()
) -> None:
    """Serve a model until the process is ended.

    Answers are about single people, so they need governance, at the start and with every request; who served what is
    in the event log, and at the end how many people were answered. The workspace is not held meanwhile.

    Raises
    ------
    NotReady
        No version of the model yet, or the port is taken.
    RefusedRelease
        No governance, or it has expired.
    """
    place = listen(port)
    try:
        opened, service, said = ready_service(study, model=model, overrides=overrides)
        tell(f"{said}\nhttp://{HOST}:{place.getsockname()[1]}/invocations (and /health); Ctrl-C ends it.")
        run(application(service, ended=lambda: _write_end(opened, service, tell)), place)
    except KeyboardInterrupt:
        return
    finally:
        place.close()


@alone("serve")
def ready_service(study: Path, *, model: str, overrides: Sequence[str] = ()) -> tuple[OpenStudy, Service, str]:
    """A model that was loaded and may be served, written down; with what to say about it.

    Raises
    ------
    NotReady
        No version of the model yet.
    RefusedRelease
        No governance, or it has expired.
    """
    opened = open_study(study, overrides=overrides)
    complete_interrupted(opened)
    opened.anchor.refuse_older()
    _agreed(opened, model)
    refuse_contradictions(opened)
    version, decided = registry.decided_or_newest(tracker_of(opened), study=opened.config.study, model=model)
    with tempfile.TemporaryDirectory() as scratch:
        scorer = ServedScorer().load(download_witnessed(opened, version, Path(scratch)))
    state = "champion" if decided else "newest"
    about = {"model": version.name, "version": version.number, "sha256": version.sha256, "decided": decided}
    events_of(opened).write(actor(), "serve", version.name, {**about, **_purpose(opened)})
    said = f"{version.name} version {version.number} ({state}" + (")" if decided else "; nobody has decided yet)")
    return opened, Service(scorer, about, lambda: _agreed(opened, model)), said


def _agreed(opened: OpenStudy, model: str) -> None:
    refuse_ungoverned(model, opened.config.governance, dt.datetime.now(dt.UTC).date())


def _purpose(opened: OpenStudy) -> dict[str, str]:
    agreed = opened.config.governance
    return {} if agreed is None else {"approver": agreed.approver, "expires": agreed.expires.isoformat()}


def _write_end(opened: OpenStudy, service: Service, tell: Callable[[str], None]) -> None:
    """Write down how many people were answered, when the workspace is free."""
    try:
        with alone_in(opened.workspace, doing="serve", wait=_PATIENCE, tell=tell):
            detail = {"version": service.about["version"], **service.answered}
            events_of(opened).write(actor(), "served", str(service.about["model"]), detail)
    except Refusal as refusal:
        tell(f"How many people were answered ({service.answered['people']:,}) was not written down: {refusal.what}")
