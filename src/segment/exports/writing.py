"""Everything HR receives from one story, written to one folder whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from segment.errors import InvalidInput
from segment.exports import verify
from segment.exports.actions_list import render_actions
from segment.exports.manifest import NAME, write_manifest
from segment.exports.onepager import render_onepager
from segment.exports.report import render_report
from segment.exports.story import Story
from segment.exports.workbook import render_workbook
from segment.store import refuse_stray


def write_exports(
    story: Story, directory: Path, *, extra: Mapping[str, str | bytes] | None = None, before: Sequence[str] = ()
) -> list[Path]:
    """Write report, workbook, one-pagers, actions and manifest, and swap them in for what stood there.

    Everything is written to a folder beside ``directory`` first; only when all of it is there does it take the place
    of the old one, so that nothing is lost when something fails midway. The same story again changes nothing.

    Parameters
    ----------
    directory
        ``exports/<wave>/``.
    extra
        Further files of the same release: relative path -> content (the dossier, the released tables).
    before
        What earlier releases held, for the chain in the manifest.

    Returns
    -------
    The files, in the order of their names; ``manifest.json`` lists their fingerprints.

    Raises
    ------
    InvalidInput
        When an extra file would lie outside the folder or has the name of another one.
    """
    target = Path(directory)
    refuse_stray(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    _recover(target)
    files = _with_extra(_contents(story), extra or {})
    fresh = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.new-"))
    try:
        for name, content in files.items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        write_manifest(
            fresh, study_digest=story.study_digest, certificate=story.certificate, files=list(files), before=before
        )
        _open_to_readers(fresh)
        if not _same(fresh, target):
            _swap(fresh, target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return sorted(target / name for name in (*files, NAME))


def _open_to_readers(folder: Path) -> None:
    """What is exported is made to be read by others, whatever the umask."""
    for path in (folder.parent, folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def verifier() -> dict[str, bytes]:
    """The program that checks a folder of figures, and the rules that it is bound to: file name -> bytes."""
    program = Path(verify.__file__)
    return {path.name: path.read_bytes() for path in (program, program.with_name("rules.json"))}


def _contents(story: Story) -> dict[str, bytes]:
    """File name -> bytes, in every language of the story."""
    files: dict[str, bytes] = {"actions.csv": render_actions(story), **verifier()}
    for language in story.languages:
        files[f"report.{language}.html"] = render_report(story, language).encode()
        files[f"segments.{language}.xlsx"] = render_workbook(story, language)
        for segment in story.segments:
            files[f"segment_{segment + 1}.{language}.html"] = render_onepager(story, segment, language).encode()
    return files


def _with_extra(files: dict[str, bytes], extra: Mapping[str, str | bytes]) -> dict[str, bytes]:
    whole = dict(files)
    for name, content in extra.items():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or name in (*files, NAME):
            raise InvalidInput(
                "An extra file cannot be exported under this name.",
                expected="a relative path of its own, inside the folder",
                came=name,
            )
        whole[name] = content.encode() if isinstance(content, str) else content
    return whole


def _old(target: Path) -> Path:
    return target.with_name(f".{target.name}.old")


def _recover(target: Path) -> None:
    """Put the old folder back when an earlier run ended between the two renames of a swap; clear its leftovers."""
    old = _old(target)
    if old.exists() and not target.exists():
        old.replace(target)
    shutil.rmtree(old, ignore_errors=True)
    for leftover in target.parent.glob(f".{target.name}.new-*"):
        shutil.rmtree(leftover, ignore_errors=True)


def _swap(fresh: Path, target: Path) -> None:
    """Put the fresh folder in the old one's place; when that fails the old one comes back."""
    old = _old(target)
    if target.exists():
        target.replace(old)
    try:
        fresh.replace(target)
    except OSError:
        if old.exists():
            old.replace(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _same(fresh: Path, target: Path) -> bool:
    """Whether the folder already holds exactly these files."""
    if not target.is_dir():
        return False
    ours, theirs = (
        {path.relative_to(root): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
        for root in (fresh, target)
    )
    return ours == theirs
