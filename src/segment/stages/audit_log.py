"""Every run of a stage in the event log: who, which stage, on which data and settings, which models, how it ended.

A joblib file is code, so before one is loaded the log is asked whether this study made it.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from segment.errors import Refusal, describe_fault
from segment.exports.manifest import NAME as MANIFEST
from segment.governance.events import Event, EventLog
from segment.store import digest_file

#: Names who runs a study where the account does not: a scheduler's job, a person behind a shared account.
ACTOR = "SEGMENT_ACTOR"


def actor() -> str:
    """Who runs this: ``SEGMENT_ACTOR``, else the account of the operating system."""
    named = os.environ.get(ACTOR, "").strip()
    if named:
        return named
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in some containers
        return f"user {os.getuid()}" if hasattr(os, "getuid") else "unknown"


@contextmanager
def witnessed(
    book: Path, key: bytes, *, stage: str, on: str, after: Callable[[], None] | None = None
) -> Iterator[dict[str, object]]:
    """Write one event when the block ends: what it put into the yielded detail, or that it was refused or failed.

    Parameters
    ----------
    book
        The file with the study's events.
    key
        The study's key.
    stage, on
        The stage, and the fingerprint of the data, settings and code it ran on.
    after
        Called after the event: keeps the head elsewhere.
    """
    detail: dict[str, object] = {"on": on[:16]}
    log = EventLog(book, key=key, after=after)
    try:
        yield detail
    except Refusal:
        _write(log, stage, {"on": on[:16], "result": "refused"})
        raise
    except Exception as fault:
        _write(log, stage, {"on": on[:16], "result": f"failed: {describe_fault(fault)}"})
        raise
    _write(log, stage, {**detail, "result": "done"})


def refuse_unwitnessed(book: Path, key: bytes, model: Path, *, advice: str) -> None:
    """Refuse a model file that no stage of this study has written, as far as its event log knows.

    Parameters
    ----------
    book, key
        The file with the study's events, and the study's key.
    model
        The file that is about to be loaded.
    advice
        What to do where the log does not know it.

    Raises
    ------
    Refusal
        The log is not as it was written, or holds no run that wrote these bytes.
    """
    log = EventLog(book, key=key)
    problem = log.verify()
    if problem is not None:
        raise Refusal(
            f"The {model.stem} model was not loaded: the event log cannot vouch for it.",
            came=problem,
            where=str(book),
            advice="put the last good copy of the log back; it is never made again",
        )
    made = {digest for event in log.events() for digest in _models_of(event)}
    if digest_file(model) not in made:
        raise Refusal(
            f"The {model.stem} model was not loaded: no run in this study's event log has written this file.",
            expected=f"a file whose digest stands in {book}",
            came=f"one with SHA-256 {digest_file(model)[:16]}...",
            where=str(model),
            advice=f"{advice}; a joblib file can run code when loaded",
        )


def manifests_seen(files: Mapping[str, str]) -> dict[str, object]:
    """What the event of a run says of releases: by file, the digest of every manifest it left; nothing without one.

    ``files``: digest of every file the run left, by its place in the workspace.

    >>> manifests_seen({"exports/w/manifest.json": "ab", "exports/w/report.en.html": "cd"})
    {'manifests': {'exports/w/manifest.json': 'ab'}}
    """
    found = {name: digest for name, digest in files.items() if Path(name).name == MANIFEST}
    return {"manifests": found} if found else {}


def unwitnessed_manifests(log: EventLog, manifests: Iterable[tuple[str, Path]]) -> list[Path]:
    """Manifests (wave and file) that no run in the log has left.

    A manifest is no secret, and whoever writes files can make one that agrees with itself; a line of the log needs the
    key. Where a version that wrote none down has published, only waves that the log knows are judged.
    """
    runs = [event.detail for event in log.events() if event.subject == "stage publish" and event.action == "run"]
    done = [detail.get("manifests") for detail in runs if detail.get("result") == "done"]
    known = {(name, digest) for one in done if isinstance(one, Mapping) for name, digest in one.items()}
    places, whole = {name for name, _ in known}, all(isinstance(one, Mapping) for one in done)
    return [
        file
        for wave, file in manifests
        if (place := f"exports/{wave}/{MANIFEST}") in places or whole
        if (place, digest_file(file)) not in known
    ]


def _models_of(event: Event) -> Collection[str]:
    """The digests of the models a run has made: only runs make any, and an event may speak of models in words."""
    models = event.detail.get("models") if event.action == "run" else None
    return models.values() if isinstance(models, Mapping) else ()


def _write(log: EventLog, stage: str, detail: Mapping[str, object]) -> None:
    log.write(actor(), "run", f"stage {stage}", detail)
