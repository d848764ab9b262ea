"""A withdrawn release: its files leave ``exports/``, and whoever looks there reads that they were taken back."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from segment.exports.manifest import NAME
from segment.locale import say
from segment.places import inside
from segment.store import digest_file, make_private, read_json, save_json, written_atomically
from segment.vocabulary import Language

FOLDER, NOTICE = "withdrawn", "WITHDRAWN.txt"


@dataclass(frozen=True)
class Record:
    """One release on record: its wave, the folder of its files, and the folder of its tables; ``now``: it stands."""

    wave: str
    files: Path
    tables: Path
    now: bool


def take_away(workspace: Path, record: Record, *, by: str, reason: str) -> Path:
    """Move a release to ``withdrawn/<wave>/<digest>/`` and leave a notice in its place; returns where it lies now.

    The new place is made whole first: a move that is interrupted is completed by the next withdrawal.
    """
    target = inside(workspace / FOLDER, record.wave, digest_file(record.files / NAME)[:16])
    if (target / NAME).is_file():  # the same release was taken back before
        shutil.rmtree(target)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if record.tables.is_dir():
        (target / "released").parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        record.tables.replace(target / "released")
    place = inside(workspace / "exports", record.wave)
    for path in sorted(place.iterdir()):
        if path.name != NAME:
            path.replace(target / path.name)
    (place / NAME).replace(target / NAME)
    moved = target.relative_to(workspace).as_posix()
    _write_notice(target, _text(record.wave, moved, by=by, reason=reason))
    make_private(target)
    _leave_notice(place, _text(record.wave, moved, by=by, reason=reason), moved=moved, by=by, reason=reason)
    return target


def is_withdrawn(folder: Path) -> bool:
    """Whether a folder of ``exports/`` holds a notice instead of a release."""
    return "withdrawn" in read_json(folder / NAME)


def withdrawn_releases(workspace: Path) -> list[Path]:
    """Folders of releases that were taken back, by wave."""
    return [path.parent for path in sorted((workspace / FOLDER).glob(f"*/*/{NAME}"))]


def broken_withdrawals(workspace: Path) -> list[str]:
    """What is wrong with withdrawn releases: files that came back, a notice or a file that is gone or was changed."""
    found = []
    for folder in sorted((workspace / "exports").glob("*")):
        if not (folder / NAME).is_file() or not is_withdrawn(folder):
            continue
        listed = read_json(folder / NAME)["files"]
        there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
        wrong = sorted({*listed, *there} - {NAME} - {n for n, p in there.items() if listed.get(n) == digest_file(p)})
        found += [f"{folder.name} was withdrawn, and {name} is not what its notice lists" for name in wrong]
    return found


def _leave_notice(place: Path, text: str, **said: str) -> None:
    """The notice beside the manifest and where the dossier was, and a manifest that says so; made to be read."""
    for folder in (place, place / "dossier"):
        _write_notice(folder, text)
    files = {path.relative_to(place).as_posix(): digest_file(path) for path in sorted(place.rglob(NOTICE))}
    save_json(place / NAME, {"withdrawn": said, "files": files})
    for path in (place.parent, place, *place.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _write_notice(folder: Path, text: str) -> None:
    with written_atomically(folder / NOTICE) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _text(wave: str, moved: str, *, by: str, reason: str) -> str:
    words = {"wave": wave, "place": moved, "by": by, "reason": reason}
    return "\n\n".join(say("withdrawn.notice", language, **words) for language in Language) + "\n"
