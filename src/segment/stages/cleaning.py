"""What a workspace may lose: listed first, and deleted only when that is asked for.

Nothing that a release, a right or a decision rests on is among it: receipts, tables, models, ledgers, the event log,
keys, exports, what was handed over, earlier and withdrawn releases.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from segment.errors import Refusal
from segment.places import refuse_outside
from segment.stages.base import OpenStudy, open_study
from segment.stages.doctor import size_of
from segment.stages.exclusive import alone
from segment.workspace.transaction import ROOM, pending

#: Half of a file that was being written when its process was killed: ``.<name>.<eight signs>``.
_HALF = re.compile(r"\.(?P<of>.+)\.[a-z0-9_]{8}")
_DAMAGED = re.compile(r".+\.damaged-(\d+)")


@dataclass(frozen=True)
class Losable:
    """A file or folder that may go, and why."""

    path: Path
    why: str


@alone("clean")
def clean_study(file: Path, *, keep: int = 1, delete: bool = False, overrides: Sequence[str] = ()) -> list[str]:
    """Say what a workspace may lose and how much that is; delete it when asked.

    Parameters
    ----------
    file
        The study.
    keep
        How many damaged stores that were moved aside stay, the newest ones.
    delete
        Whether it is deleted.
    overrides
        Settings of the study, as ``key=value``.
    """
    opened = open_study(file, overrides=overrides)
    found = list(losable(opened, keep=keep))
    sizes = [size_of(one.path) for one in found]
    said = [
        f"  {size / 1e6:10,.1f} MB  {one.path.relative_to(_root_of(opened, one.path))}: {one.why}"
        for one, size in zip(found, sizes, strict=True)
    ]
    total = f"{sum(sizes) / 1e6:,.1f} MB in {len(found)} place{'s' if len(found) != 1 else ''}"
    if not found:
        return ["There is nothing that this workspace may lose."]
    if not delete:
        return [*said, f"Nothing was deleted. It would be {total}: segment clean {file} --yes"]
    for one in found:
        _delete(opened, one.path)
    return [*said, f"Deleted: {total}."]


def losable(opened: OpenStudy, *, keep: int) -> Iterator[Losable]:
    """Everything that may go, in order. Whoever asks holds the workspace, so nothing of it is in use."""
    workspace = opened.workspace
    if (workspace / "prefect").is_dir():
        yield Losable(workspace / "prefect", "history of the embedded Prefect server; the next run begins a new one")
    yield from _damaged_stores(workspace, keep=keep)
    for path in sorted(workspace.glob(".mlflow.db.*")):
        if path.is_dir():
            yield Losable(path, "a store that was being made when its process was killed")
    if (workspace / ROOM).is_dir() and pending(workspace) is None:
        yield Losable(workspace / ROOM, "a change that was never decided")
    for folder in (workspace, opened.store.tables, opened.store.models):
        for path in sorted(folder.glob(".*")):
            if path.is_file() and _HALF.fullmatch(path.name):
                yield Losable(path, "half of a file, left by a process that was killed")


def _damaged_stores(workspace: Path, *, keep: int) -> Iterator[Losable]:
    """Damaged stores that were moved aside, with their journals, but for the newest ones."""
    aside = [(int(match[1]), path) for path in workspace.iterdir() if (match := _DAMAGED.fullmatch(path.name))]
    for _, path in sorted(aside)[: max(0, len(aside) - keep)]:
        yield Losable(path, "a damaged store that was moved aside")
        for beside in sorted(workspace.glob(f"{path.name}-*")):
            yield Losable(beside, "its journal")


def _root_of(opened: OpenStudy, path: Path) -> Path:
    """The folder that a path is named in: the workspace, or that of the models."""
    return opened.workspace if path.is_relative_to(opened.workspace) else opened.store.models.parent


def _delete(opened: OpenStudy, path: Path) -> None:
    """Delete one place; a link goes itself, and what it leads to stays.

    Raises
    ------
    Refusal
        It lies outside the workspace.
    """
    refuse_outside(path.parent, _root_of(opened, path))
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as fault:
        raise Refusal(
            "Something could not be deleted; what was deleted before it is gone.",
            came=fault.strerror or type(fault).__name__,
            where=str(path),
            advice="look who owns it, and run the command again",
        ) from None
