"""A withdrawn release: its files leave ``exports/``, and whoever looks there reads that they were taken back."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from segment.errors import NotReady
from segment.exports.manifest import NAME
from segment.exports.writing import verifier
from segment.locale import own_languages, say
from segment.places import inside
from segment.stages.base import OpenStudy
from segment.stages.release.ledgers import events_of, take_back
from segment.store import digest_file, make_private, read_json, save_json, written_atomically
from segment.tracking.seen import COMPARISONS
from segment.workspace.transaction import Content

FOLDER, NOTICE = "withdrawn", "WITHDRAWN.txt"
#: Where releases that were replaced are kept.
EARLIER = "earlier"


@dataclass(frozen=True)
class Record:
    """One release on record: its wave, the folder of its files, and the folder of its tables; ``now``: it stands."""

    wave: str
    files: Path
    tables: Path
    now: bool


def place_of(workspace: Path, record: Record) -> Path:
    """Where a release goes when it is withdrawn: ``withdrawn/<wave>/<digest>/``."""
    return inside(workspace / FOLDER, record.wave, digest_file(record.files / NAME)[:16])


def take_away(workspace: Path, wave: str, target: Path, *, by: str, reason: str, on: str) -> None:
    """Move the release of a wave to ``target`` and leave a notice in its place.

    Every step can be done twice. The notice comes first and the manifest goes last, so whoever looks there in between
    sees that the release is being taken back, and an interrupted move can be completed.
    """
    place, tables = inside(workspace / "exports", wave), inside(workspace / "released", wave)
    moved = target.relative_to(workspace).as_posix()
    text = _text(wave, moved, by=by, reason=reason, on=on)
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write_notice(place, text)
    _write_notice(target, text)
    if tables.is_dir():
        tables.replace(target / "released")
    if is_withdrawn(place):
        return
    for path in sorted(place.iterdir()):
        if path.name in (NAME, NOTICE):
            continue
        if (target / path.name).exists():  # moved before; what lies here was put in its place
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        else:
            path.replace(target / path.name)
    with written_atomically(target / NAME) as temporary:
        temporary.write_bytes((place / NAME).read_bytes())
    make_private(target)
    _leave_notice(place, text, moved=moved, by=by, reason=reason, on=on)


def take_releases_back(opened: OpenStudy, begun: Content) -> None:
    """The step of a withdrawal: move files, tell the ledger and the event log. It can be done twice."""
    by, reason, on = (str(begun.get(name, "?")) for name in ("by", "reason", "on"))
    for wave, place in begun["moved"].items():
        take_away(opened.workspace, wave, inside(opened.workspace, *place.split("/")), by=by, reason=reason, on=on)
    take_back(opened, by=by, reason=reason)
    for folder in (EARLIER, COMPARISONS):
        shutil.rmtree(opened.workspace / folder, ignore_errors=True)
    (opened.receipts / "publish.json").unlink(missing_ok=True)
    events = events_of(opened)
    since = [event for event in events.events() if event.number > int(begun["events"]) and event.action == "withdraw"]
    if not since:
        detail = {"tables": begun["tables"], "reason": reason, "moved_to": sorted(begun["moved"].values())}
        events.write(by, "withdraw", "exports", detail)


def is_withdrawn(folder: Path) -> bool:
    """Whether a folder of ``exports/`` holds a notice instead of a release; one that cannot be read is no notice."""
    try:
        return (folder / NAME).is_file() and "withdrawn" in read_json(folder / NAME)
    except NotReady:
        return False


def withdrawn_releases(workspace: Path) -> list[Path]:
    """Folders of releases that were taken back, by wave; each is named by the digest of its manifest."""
    found = [path.parent for path in sorted((workspace / FOLDER).glob(f"*/*/{NAME}"))]
    return [folder for folder in found if folder.name == digest_file(folder / NAME)[:16]]


def strays(workspace: Path) -> list[str]:
    """What lies in ``exports/`` and is no release on record: a file, or a folder without a manifest."""
    return [
        f"exports/{path.name} is no release of this study: nothing vouches for what lies there"
        for path in sorted((workspace / "exports").glob("*"))
        if not (path / NAME).is_file()
    ]


def broken_withdrawals(opened: OpenStudy) -> list[str]:
    """What is wrong with withdrawn releases: no event says so, files came back, something is gone or was changed."""
    found, workspace = [], opened.workspace
    written = [event.detail.get("moved_to", ()) for event in events_of(opened).events() if event.action == "withdraw"]
    moved = {str(place) for places in written for place in places}
    for folder in sorted((workspace / "exports").glob("*")):
        if not is_withdrawn(folder):
            continue
        if str(read_json(folder / NAME)["withdrawn"].get("moved")) not in moved:
            found.append(f"{folder.name} is called withdrawn there, and no event of this study says so")
        listed = read_json(folder / NAME)["files"]
        there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
        wrong = sorted({*listed, *there} - {NAME} - {n for n, p in there.items() if listed.get(n) == digest_file(p)})
        found += [f"{folder.name} was withdrawn, and {name} is not what its notice lists" for name in wrong]
    return found


def _leave_notice(place: Path, text: str, **said: str) -> None:
    """The notice where release and dossier were, a manifest that says so, and the program that reads it to anybody."""
    for folder in (place, place / "dossier"):
        _write_notice(folder, text)
    for name, content in verifier().items():
        with written_atomically(place / name) as temporary:
            temporary.write_bytes(content)
    kept = [*place.rglob(NOTICE), *(place / name for name in verifier())]
    files = {path.relative_to(place).as_posix(): digest_file(path) for path in sorted(kept)}
    save_json(place / NAME, {"withdrawn": said, "files": files})
    for path in (place.parent, place, *place.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _write_notice(folder: Path, text: str) -> None:
    with written_atomically(folder / NOTICE) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _text(wave: str, moved: str, *, by: str, reason: str, on: str) -> str:
    words = {"wave": wave, "place": moved, "by": by, "reason": reason, "on": on}
    return "\n\n".join(say("withdrawn.notice", language, **words) for language in own_languages()) + "\n"
