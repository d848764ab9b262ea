"""Files and folders put in place together: all of them, or none, also when the machine stops halfway.

What is to come is made aside first (``.transaction/``, for its owner only). Then a journal names every step, and with
it the change is decided: until then nothing has happened, from then on it can only be completed. Every step can be done
twice; the journal goes last. So a change that was interrupted is undone or completed by whatever command runs next.

A change belongs to whoever holds the workspace (:mod:`segment.workspace.lock`); two never run beside each other.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from segment.errors import NotReady, Refusal
from segment.places import refuse_outside
from segment.store import read_json, refuse_stray, save_json

#: What a step is given, as JSON holds it.
Content = Mapping[str, Any]
#: Where what is to come waits, in the workspace and in every other folder that a change reaches.
ROOM = ".transaction"
JOURNAL = "journal.json"

Steps = Mapping[str, Callable[[Content], object]]


class Transaction:
    """A change of a workspace that happens whole when the ``with`` block ends, and not at all when it fails.

    Parameters
    ----------
    workspace
        The study's folder; it holds the journal.
    doing
        The command, for whoever finds the journal: ``"publish"``.
    beside
        Other folders that the change reaches (models).
    steps
        What is done beyond files (:meth:`then`), by name; every one must bear to be done twice.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     work = Path(folder)
    ...     with Transaction(work, doing="example") as change:
    ...         fresh = change.aside(work / "report" / "page.txt")
    ...         _ = fresh.write_text("whole")
    ...         change.put(fresh, work / "report" / "page.txt")
    ...         before = (work / "report").exists()
    ...     before, (work / "report" / "page.txt").read_text()
    (False, 'whole')
    """

    def __init__(
        self, workspace: Path, *, doing: str, beside: tuple[Path, ...] = (), steps: Steps | None = None
    ) -> None:
        self._roots = _roots(workspace, beside)
        self._doing, self._steps = doing, dict(steps or {})
        self._written: list[dict[str, Any]] = []
        self._made = 0

    def __enter__(self) -> Self:
        begun = pending(self._roots[0])
        if begun is not None:
            raise Refusal(
                f"An earlier change of this workspace ({begun}) was begun and is not complete.",
                where=str(self._roots[0]),
                advice="run the study, or give that command once more: either completes it",
            )
        _clear(self._roots)
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        if kind is None and self._written:
            for step in self._written:
                if step["kind"] == "put":
                    _settle(_found(step["fresh"], self._roots))
            journal = _room(self._roots[0]) / JOURNAL
            save_json(journal, {"doing": self._doing, "steps": self._written})
            _sync(journal.parent)
            complete(self._roots[0], beside=self._roots[1:], steps=self._steps)
        else:
            _clear(self._roots)

    def aside(self, target: Path) -> Path:
        """A path that does not exist yet, on the same disk as ``target``: where a file or folder is made."""
        refuse_stray(target)
        root, _ = _placed(target, self._roots)
        self._made += 1
        place = _room(self._roots[root]) / str(self._made) / target.name
        place.parent.mkdir(mode=0o700)
        return place

    def put(self, fresh: Path, target: Path) -> None:
        """Let a file or folder that was made aside take the place of what stands at ``target``, if anything does."""
        refuse_stray(target)
        self._written.append({"kind": "put", "fresh": _placed(fresh, self._roots), "at": _placed(target, self._roots)})

    def remove(self, target: Path) -> None:
        """Take a file or folder away, with folders below the top that are left empty; nothing where there is none."""
        refuse_stray(target)
        self._written.append({"kind": "remove", "at": _placed(target, self._roots)})

    def then(self, name: str, content: Mapping[str, object]) -> None:
        """Do something beyond files at this point: a step by its name, with what it needs (as JSON holds it)."""
        self._written.append({"kind": "do", "name": name, "with": dict(content)})


def pending(workspace: Path) -> str | None:
    """What was decided and is not complete (``"promote"``); None when there is nothing."""
    journal = workspace / ROOM / JOURNAL
    try:
        return str(read_json(journal).get("doing", "?")) if journal.is_file() else None
    except NotReady:
        if journal.is_file():
            raise
        return None  # completed meanwhile


def complete(workspace: Path, *, beside: tuple[Path, ...] = (), steps: Steps | None = None) -> str | None:
    """Complete the change that was decided, or clear away one that was not; returns what was completed.

    A journal with steps that are not among ``steps`` is left to whoever knows them.

    Raises
    ------
    Refusal
        The journal names a place outside the workspace and the folders beside it.
    """
    roots, known = _roots(workspace, beside), steps or {}
    doing = pending(roots[0])
    if doing is None:
        _clear(roots)
        return None
    written = read_json(roots[0] / ROOM / JOURNAL)["steps"]
    if any(step["kind"] == "do" and step["name"] not in known for step in written):
        return None
    for number, step in enumerate(written):
        if step["kind"] == "do":
            known[step["name"]](step["with"])
        elif step["kind"] == "put":
            _put(_found(step["fresh"], roots), _found(step["at"], roots), _old(step, number, roots))
        else:
            _remove(_found(step["at"], roots), _old(step, number, roots), roots[int(step["at"][0])])
    (roots[0] / ROOM / JOURNAL).unlink()
    _clear(roots)
    return doing


def _put(fresh: Path, target: Path, old: Path) -> None:
    """Put one thing in place. Two renames at most, and after each of them what is left to do can be seen."""
    if os.path.lexists(fresh):
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if target.is_dir() and not old.exists():
            old.parent.mkdir(exist_ok=True, mode=0o700)
            target.replace(old)
        fresh.replace(target)
        _sync(target.parent)
    shutil.rmtree(old, ignore_errors=True)


def _remove(target: Path, old: Path, root: Path) -> None:
    if target.is_dir() and not target.is_symlink():
        _room(root)
        old.parent.mkdir(exist_ok=True, mode=0o700)
        target.replace(old)  # at once, not file by file
    else:
        target.unlink(missing_ok=True)
    shutil.rmtree(old, ignore_errors=True)
    for parent in target.parents:
        if parent in (root, *root.parents) or parent.parent == root or not parent.is_dir() or any(parent.iterdir()):
            break
        parent.rmdir()


def _room(root: Path) -> Path:
    """The folder where what is to come waits, which nobody may read yet; refused where a link leads elsewhere."""
    room = root / ROOM
    refuse_outside(room, root)
    room.mkdir(parents=True, exist_ok=True, mode=0o700)
    return room


def _roots(workspace: Path, beside: tuple[Path, ...]) -> tuple[Path, ...]:
    return tuple(folder.resolve() for folder in (workspace, *beside))


def _placed(path: Path, roots: tuple[Path, ...]) -> tuple[int, str]:
    """A path as the journal holds it: which folder, and where in it; so that a workspace can be moved."""
    place = path.parent.resolve() / path.name
    for number, root in enumerate(roots):
        if place.is_relative_to(root) and place != root:
            return number, place.relative_to(root).as_posix()
    refuse_outside(path, roots[0])
    raise AssertionError(path)


def _found(written: tuple[int, str], roots: tuple[Path, ...]) -> Path:
    root = roots[int(written[0])]
    refuse_outside(root / written[1], root)
    return root / written[1]


def _old(step: Content, number: int, roots: tuple[Path, ...]) -> Path:
    """Where what a step replaces goes until it is gone."""
    return roots[int(step["at"][0])] / ROOM / "old" / str(number)


def _settle(place: Path) -> None:
    """Have a file, or a folder and all it holds, on disk before anything says that it is there."""
    for path in (place, *(sorted(place.rglob("*")) if place.is_dir() else ())):
        _sync(path)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _clear(roots: tuple[Path, ...]) -> None:
    for root in roots:
        shutil.rmtree(root / ROOM, ignore_errors=True)
