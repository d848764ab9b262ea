"""What a run tells the tracker, what became of that, and what is sent later because the tracker was away."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from segment.errors import NotReady
from segment.stages import STAGES_IN_ORDER
from segment.stages.base import OpenStudy, Receipt, open_study
from segment.stages.comparison.kept import keep_held_out
from segment.stages.provenance import provenance_of
from segment.stages.recorded import record_run
from segment.stages.recovery import tracker_of
from segment.store import digest_text, read_json, save_json
from segment.tracking.local import local_file, set_damaged_aside
from segment.tracking.mlflow_log import PLACE, StudyRun, Tracker, end_abandoned, short
from segment.tracking.reach import LOST, Unreachable, refuse_unreachable, what_broke, without_secrets
from segment.tracking.records import Record, from_frame
from segment.tracking.registry import is_registered, register_challenger, with_bytes
from segment.tracking.seen import VERSION

#: Which tracker and which run the workspace's last study run went to.
REMEMBERED = "tracking.json"

_LOG = logging.getLogger(__name__)


def refuse_lost_tracker(opened: OpenStudy, *, tell: Callable[[str], object]) -> Tracker:
    """The study's tracker, when it can be reached; a damaged store of the workspace is moved aside, and that is said.

    Raises
    ------
    NotReady
        The server does not answer.
    """
    tracker = tracker_of(opened)
    file = local_file(tracker.uri)
    if file is None:
        refuse_unreachable(tracker.uri)
        return tracker
    aside = set_damaged_aside(file)
    if aside is not None:
        tell(
            f"The store of earlier runs was damaged and is now {aside}; a new one is begun. "
            "Models that were decided on are kept apart and still hold."
        )
    return tracker


@dataclass
class Recording:
    """One run of a study on its way to MLflow.

    A tracker that is lost on the way ends no study: the run goes on without it, says so, and what is missing is sent
    when the tracker is back (:func:`catch_up`).
    """

    opened: OpenStudy
    run: StudyRun
    tell: Callable[[str], object]
    lost: bool = False
    _skipped: bool = False

    @classmethod
    def of(cls, opened: OpenStudy, *, tell: Callable[[str], object] = _LOG.warning) -> Recording:
        """A recording for a study; nothing is created until a stage has really run.

        Raises
        ------
        NotReady
            The server does not answer.
        """
        return cls(opened, _new_run(opened, refuse_lost_tracker(opened, tell=tell)), tell)

    def take(self, receipt: Receipt) -> None:
        """Send one stage's records; a stage that was skipped sends them only when a later one runs."""
        self._skipped |= receipt.skipped
        if self.lost:
            return
        records = from_frame(self.opened.store.read(f"records_{receipt.stage}"))
        with self._or_lost():
            if not receipt.skipped and self.run.run_id is None:
                _end_killed(self.opened, self.run.tracker, keep=None)
            _send(self.opened, self.run, receipt, records)
            if not receipt.skipped:
                _register(self.opened, self.run, records)

    def end(self, *, failed: bool, killed: bool = False) -> None:
        """Close the run; what the tracker lacks of what lies on disk is sent now, if the tracker is there."""
        was_lost, self.lost = self.lost, False
        with self._or_lost():
            if was_lost:
                refuse_unreachable(self.run.tracker.uri)
            if failed or (self.run.run_id is not None and not was_lost):
                _close(self.opened, self.run, failed=failed, killed=killed)
            elif was_lost or self._skipped:
                catch_up(self.opened, self.run.tracker)
        if self.lost:
            self.tell(
                "The tracker lacks runs or models of this study. When it is back, send what is missing: "
                f"segment track {self.opened.study.file} --resume"
            )

    @contextmanager
    def _or_lost(self) -> Iterator[None]:
        """Whatever befalls the tracker is no fault of the study; what may not be sent is still refused."""
        try:
            yield
        except Unreachable as refusal:
            self.lost = True
            self.tell(str(refusal))
        except LOST as fault:
            self.lost = True
            self.tell(f"The tracker was lost ({what_broke(fault)}); the study goes on without it.")


def catch_up(opened: OpenStudy, tracker: Tracker) -> list[str]:
    """Send what the tracker lacks of what lies on disk, once, and end what was killed; says what was sent.

    The run that was begun for the same results is completed; where the tracker has none, one is begun.
    """
    run, missing = _run_and_missing(opened, tracker)
    for name in missing:
        receipt = replace(_kept(opened)[name], skipped=False)
        _send(opened, run, receipt, from_frame(opened.store.read(f"records_{name}")))
    registered: list[str] = []
    if run.run_id is not None:
        for name in _kept(opened):
            registered += _register(opened, run, from_frame(opened.store.read(f"records_{name}")))
        if missing or registered:
            _close(opened, run, failed=False)
    _end_killed(opened, tracker, keep=run.run_id)
    return [*missing, *(f"model {name}" for name in registered)]


def track_study(file: str | Path, *, resume: bool, tell: Callable[[str], object], overrides: Sequence[str] = ()) -> str:
    """Say what the tracker lacks of a study that lies on disk; with ``resume`` it is sent.

    Raises
    ------
    NotReady
        No stage has run yet, or the server does not answer or is lost on the way.
    """
    opened = open_study(file, overrides=overrides)
    if not _kept(opened):
        raise NotReady("No stage of this study has run yet.", where=str(opened.workspace), advice="run the study first")
    tracker = refuse_lost_tracker(opened, tell=tell)
    try:
        named = ", ".join(catch_up(opened, tracker) if resume else _missing_from(opened, tracker))
    except LOST as fault:
        raise NotReady(
            "The tracker was lost; what arrived stays there, and the rest can be sent again.",
            came=what_broke(fault),
            where=without_secrets(tracker.uri),
            advice=f"when it is back: segment track {file} --resume",
        ) from None
    if not named:
        return "The tracker has everything that lies on disk."
    return f"Sent to the tracker: {named}." if resume else f"The tracker lacks: {named}. Send it with --resume."


def _missing_from(opened: OpenStudy, tracker: Tracker) -> list[str]:
    """The stages, and the models, that lie on disk and that the tracker lacks."""
    _, missing = _run_and_missing(opened, tracker)
    records = [record for name in _kept(opened) for record in from_frame(opened.store.read(f"records_{name}"))]
    return [*missing, *(f"model {name}" for name in _unregistered(opened, tracker, records))]


def _run_and_missing(opened: OpenStudy, tracker: Tracker) -> tuple[StudyRun, list[str]]:
    """The run to complete, or a new one, and the stages it lacks."""
    kept, known = _kept(opened), _remembered(opened)
    run = None
    if known.get("tracker") == _identity(tracker) and known.get("run"):
        run = StudyRun.found(tracker, opened.config.study, _tags(opened), run_id=known["run"])
    if run is None or any(name not in kept or short(kept[name].key) != key for name, key in run.sent.items()):
        run = _new_run(opened, tracker)
    return run, [name for name in kept if name not in run.sent]


def _kept(opened: OpenStudy) -> dict[str, Receipt]:
    """The receipts that lie on disk, by stage, in order."""
    found: dict[str, Receipt] = {}
    for name in STAGES_IN_ORDER:
        path = opened.receipts / f"{name}.json"
        if path.is_file():
            found[name] = Receipt.kept(name, path)
    return found


def _new_run(opened: OpenStudy, tracker: Tracker) -> StudyRun:
    return StudyRun(tracker, opened.config.study, _tags(opened), made_of=partial(provenance_of, opened))


def _tags(opened: OpenStudy) -> dict[str, str]:
    return {
        "study": opened.config.study,
        "data": str(opened.config.data),
        "study_digest": short(opened.digest),
        PLACE: _place(opened),
    }


def _send(opened: OpenStudy, run: StudyRun, receipt: Receipt, records: Sequence[Record]) -> None:
    """Send a stage's records, and keep which run they went to."""
    try:
        run.log_stage(
            receipt.stage, records, said=receipt.said, skipped=receipt.skipped, key=receipt.key, took=receipt.took
        )
    finally:
        _remember(opened, run)


def _register(opened: OpenStudy, run: StudyRun, records: Sequence[Record]) -> list[str]:
    """Register the models of a stage that are not registered yet; returns their names."""
    new = _unregistered(opened, run.tracker, records)
    made_in = {one.value: one.run for one in records if one.kind == "model"}
    for name in new:
        register_challenger(
            run.tracker,
            study=opened.config.study,
            model=name,
            file=opened.store.model_path(name),
            run_id=str(run.run_id),
            said=run.said(made_in[name]),
        )
    _remember_versions(opened, run, [record.value for record in records if record.kind == "model"])
    return new


def _remember_versions(opened: OpenStudy, run: StudyRun, models: Sequence[str]) -> None:
    """Write on the run which versions it made, and keep in the workspace what each said of people held out."""
    client = run.tracker.client()
    for name in models:
        file = opened.store.model_path(name)
        version = with_bytes(run.tracker, study=opened.config.study, model=name, file=file) if file.is_file() else None
        if version is not None:
            keep_held_out(opened, name)
            client.set_tag(str(run.run_id), f"{VERSION}{name}", str(version.number))


def _unregistered(opened: OpenStudy, tracker: Tracker, records: Sequence[Record]) -> list[str]:
    """The models of a study that the registry has not as they are."""
    if not opened.config.tracking.register_models:
        return []
    names = [record.value for record in records if record.kind == "model"]
    files = {name: opened.store.model_path(name) for name in names}
    study = opened.config.study
    return [
        name
        for name, file in files.items()
        if file.is_file() and not is_registered(tracker, study=study, model=name, file=file)
    ]


def _close(opened: OpenStudy, run: StudyRun, *, failed: bool, killed: bool = False) -> None:
    """Close a run, with the heads of the books as they are."""
    if run.run_id is not None:
        client = run.tracker.client()
        for name, (number, digest) in opened.anchor.heads().items():
            client.set_tag(run.run_id, f"head.{name}", f"{number} {digest}")
        if not failed:
            record_run(opened, run.run_id)
    run.end(failed=failed, killed=killed)


def _end_killed(opened: OpenStudy, tracker: Tracker, *, keep: str | None) -> None:
    """End what this workspace began and nobody ended."""
    end_abandoned(tracker, study=opened.config.study, place=_place(opened), keep=keep)


def _remembered(opened: OpenStudy) -> dict[str, str]:
    path = opened.workspace / REMEMBERED
    try:
        return dict(read_json(path)) if path.is_file() else {}
    except NotReady:
        return {}


def _remember(opened: OpenStudy, run: StudyRun) -> None:
    """Keep which run of which tracker this workspace's results went to."""
    now = _remembered(opened) | {"tracker": _identity(run.tracker), "run": str(run.run_id or "")}
    if run.run_id is not None and now != _remembered(opened):
        save_json(opened.workspace / REMEMBERED, now)


def _place(opened: OpenStudy) -> str:
    """What runs of this workspace are known by at a server that others use; says nothing about where it lies."""
    known = _remembered(opened)
    if "workspace" not in known:
        known["workspace"] = secrets.token_hex(8)
        save_json(opened.workspace / REMEMBERED, known)
    return short(digest_text(known["workspace"], str(Path(opened.workspace).resolve())))


def _identity(tracker: Tracker) -> str:
    """A tracker's address by its digest, as it may hold a password; the workspace's own store is where that lies."""
    return "own" if tracker.is_own else short(digest_text(tracker.uri))
