"""What an operator asks before a run, or after one that did not end well: one line each, and what to do."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from filelock import FileLock, Timeout

from segment import __version__
from segment.errors import NotReady, Refusal
from segment.stages.base import OpenStudy, open_study
from segment.stages.recovery import tracker_of
from segment.stages.shared_mounts import warn_of_sharing
from segment.store import digest_file, read_json
from segment.tracking.local import is_whole, local_file
from segment.tracking.reach import refuse_unreachable
from segment.workspace.lock import LOCK, holder_of
from segment.workspace.processes import end_left_server
from segment.workspace.transaction import pending

#: What a run stands on.
_PACKAGES = ("prefect", "mlflow", "pandas", "numpy", "scikit-learn", "lightgbm", "pyarrow")
#: Room that a disk needs, in bytes, and by how much a file may come from the future, in seconds.
_ROOM, _CLOCK = 1_000_000_000, 120
Knock = Callable[[str], object]


@dataclass(frozen=True)
class Examined:
    """One thing that was looked at: how it is, and what to do; nothing to do where it is well."""

    what: str
    said: str
    advice: str = ""

    def line(self) -> str:
        """One line, or two where something must be done."""
        mark = "MEND" if self.advice else "ok"
        return f"{mark:<5}{self.what:<12}{self.said}" + (f"\n  what to do: {self.advice}" if self.advice else "")


def examine(file: Path | None, *, knock: Knock, overrides: Sequence[str] = ()) -> list[Examined]:
    """Look at this machine, and at a study's workspace where one is named; the server of a killed run is ended.

    Parameters
    ----------
    file
        The study; only the machine and its servers when left out.
    knock
        Asks a Prefect server at an address; refuses one that does not answer.
    overrides
        Settings of the study, as ``key=value``.
    """
    found = [_versions(), _prefect(knock)]
    if file is None:
        return [*found, _disk(Path.cwd())]
    try:
        opened = open_study(file, overrides=overrides)
    except Refusal as refusal:
        return [*found, _of_refusal("study", refusal)]
    found += [Examined("study", f"{opened.config.study}, {opened.config.data} data"), _key(opened), _tracker(opened)]
    if not opened.workspace.is_dir():
        return [*found, _disk(opened.workspace), Examined("workspace", "none yet: nothing has run")]
    return [*found, _disk(opened.workspace), *_lock(opened.workspace), *_permissions(opened), *_whole(opened)]


def _of_refusal(what: str, refusal: Refusal) -> Examined:
    """A refusal as a finding: its first line, and its advice or the rest of what it says."""
    first, *rest = str(refusal).splitlines()
    told = " ".join([first, *getattr(refusal, "problems", ())])
    return Examined(what, told, getattr(refusal, "advice", "") or " ".join(map(str.strip, rest)))


def _versions() -> Examined:
    """What a run stands on, with the versions that are installed."""
    named, missing = [f"segment {__version__}", f"Python {platform.python_version()}"], []
    for package in _PACKAGES:
        try:
            named.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            missing.append(package)
    if missing:
        return Examined("versions", f"not installed: {', '.join(missing)}", "install the wheel with its dependencies")
    return Examined("versions", ", ".join(named))


def _prefect(knock: Knock) -> Examined:
    address = os.environ.get("PREFECT_API_URL")
    if not address:
        return Examined("flows", "no Prefect server is configured: every run brings its own")
    try:
        knock(address)
    except Refusal as refusal:
        return _of_refusal("flows", refusal)
    return Examined("flows", "the Prefect server answers")


def _tracker(opened: OpenStudy) -> Examined:
    """The tracking server, or the store in the workspace."""
    uri = tracker_of(opened).uri
    file = local_file(uri)
    if file is None:
        try:
            refuse_unreachable(uri)
        except Refusal as refusal:
            return _of_refusal("tracker", refusal)
        return Examined("tracker", "the tracking server answers")
    if not file.exists():
        return Examined("tracker", "the workspace's own store, not made yet")
    if not is_whole(file):
        return Examined(
            "tracker", f"{file.name} is damaged", "run the study: it is moved aside, and a new one is begun"
        )
    return Examined("tracker", "the workspace's own store is whole")


def _key(opened: OpenStudy) -> Examined:
    """The study opened, so there is a key and the workspace is its own; and whether the books hold what is kept."""
    try:
        problem = opened.anchor.problem()
    except Refusal as refusal:
        return _of_refusal("books", refusal)
    if problem is not None:
        return Examined("books", problem, "put the last good copy back, and find out who could write the file")
    return Examined("key", f"present, fingerprint {opened.key_id}; the books hold what is kept of them")


def _disk(place: Path) -> Examined:
    """Room for what a run makes aside before it takes its place: a gigabyte, and what the workspace holds already."""
    there = next(path for path in (place, *place.parents) if path.is_dir())
    free = shutil.disk_usage(there).free
    needed = _ROOM + (size_of(place) if place == there else 0)
    said = f"{free / 1e9:.1f} GB free where {there} lies"
    return Examined("disk", said, f"make room: {needed / 1e9:.1f} GB are needed" if free < needed else "")


def size_of(place: Path) -> int:
    """Bytes of a file, or of all files in a folder; links count nothing."""
    files = [place] if place.is_file() else place.rglob("*")
    return sum(path.stat().st_size for path in files if path.is_file() and not path.is_symlink())


def _lock(workspace: Path) -> Iterator[Examined]:
    """Who holds the workspace; where nobody does, what a killed run left running is ended."""
    named = "{doing}, process {process} on {host}, since {since}"
    holder = holder_of(workspace)
    known = named.format(**holder) if {"doing", "process", "host", "since"} <= holder.keys() else "another command"
    lock = FileLock(workspace / LOCK, mode=0o600, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        yield Examined("lock", f"held by {known}")
        return
    try:
        ended = end_left_server(workspace)
    finally:
        lock.release()
    yield Examined("lock", f"free; the last one was killed ({known})" if holder else "free")
    if ended is not None:
        yield Examined("processes", f"the server of a killed run (process {ended} on {socket.gethostname()}) was ended")


def _permissions(opened: OpenStudy) -> Iterator[Examined]:
    """Whether the workspace can be written, and by whom it can be read."""
    places = [opened.workspace, *(path for path in (opened.store.tables, opened.store.models) if path.is_dir())]
    closed = [str(path) for path in places if not os.access(path, os.R_OK | os.W_OK | os.X_OK)]
    if closed:
        yield Examined("permissions", f"{closed[0]} cannot be written", "give it to the account that runs the study")
        return
    warned = warn_of_sharing(opened.workspace)
    for line in warned:
        said, _, advice = line.removeprefix("warning: ").partition(": ")
        yield Examined("permissions", said, advice)
    if not warned:
        yield Examined("permissions", "the workspace is its owner's alone, but for the exports")


def _whole(opened: OpenStudy) -> Iterator[Examined]:
    """Whether what the workspace holds is what its receipts and journals speak of."""
    begun = pending(opened.workspace)
    if begun is not None:
        yield Examined("changes", f"a change was begun and is not complete ({begun})", "run the study: it completes it")
    history = opened.workspace / "prefect" / "prefect.db"
    if history.exists() and not _is_sound(history):
        advice = f"segment clean {opened.study.file} --yes: the next run begins a new one"
        yield Examined("store", "the history of the embedded Prefect server is damaged", advice)
    changed = [name for receipt in sorted(opened.receipts.glob("*.json")) for name in _changed_since(opened, receipt)]
    if changed:
        more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        said = f"changed or gone since they were made: {', '.join(changed[:3])}{more}"
        yield Examined("results", said, f"run the study: it makes them again (segment run {opened.study.file})")
    else:
        yield Examined("results", "every table, model and file is as its stage left it")
    newest = max((path.stat().st_mtime for path in opened.workspace.iterdir()), default=0.0)
    if newest > time.time() + _CLOCK:
        yield Examined("clock", "files of the workspace come from the future", "set the clock of this machine")


def _is_sound(file: Path) -> bool:
    """Whether SQLite can read a file to its end; one that is locked or out of reach is not called damaged."""
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as store:
            return bool(store.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except sqlite3.DatabaseError as fault:
        return fault.sqlite_errorcode not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _changed_since(opened: OpenStudy, receipt: Path) -> list[str]:
    """What is not as a stage left it, by its name in the workspace."""
    try:
        kept = read_json(receipt)
        files = {opened.store.table_path(name): entry["sha256"] for name, entry in kept["tables"].items()}
        files |= {opened.store.model_path(name): digest for name, digest in kept["models"].items()}
        files |= {opened.workspace / name: digest for name, digest in kept["files"].items()}
    except (NotReady, KeyError, TypeError, AttributeError):
        return [receipt.name]
    return [file.name for file, digest in files.items() if not file.is_file() or digest_file(file) != digest]
