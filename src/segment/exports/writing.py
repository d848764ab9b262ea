"""Everything HR receives from one story, written to one folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from segment.errors import InvalidInput
from segment.exports import verify
from segment.exports.actions_list import has_actions, render_actions
from segment.exports.companions import (
    ACTIONS,
    guide_name,
    method_name,
    onepager_name,
    report_name,
    slides_name,
    workbook_name,
)
from segment.exports.deck import render_slides
from segment.exports.guide import render_guide
from segment.exports.manifest import NAME, write_manifest
from segment.exports.method import render_method
from segment.exports.onepager import render_onepager
from segment.exports.report import render_report
from segment.exports.story import Story
from segment.exports.workbook import render_workbook


def make_exports(
    story: Story, folder: Path, *, extra: Mapping[str, str | bytes] | None = None, before: Sequence[str] = ()
) -> list[str]:
    """Write the files of a release to a new folder, for anybody to read; returns their names, in order.

    Parameters
    ----------
    folder
        Where they go; the transaction of the release puts it in its place.
    extra
        Further files of the same release: relative path -> content (the dossier, the released tables).
    before
        What earlier releases held, for the chain in the manifest.

    Raises
    ------
    InvalidInput
        When an extra file would lie outside the folder or has the name of another one.
    """
    files = _with_extra(_contents(story), extra or {})
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    write_manifest(
        folder, study_digest=story.study_digest, certificate=story.certificate, files=list(files), before=before
    )
    open_to_readers(folder)
    return sorted((*files, NAME))


def open_to_readers(folder: Path) -> None:
    """Let others read a folder and all it holds, whatever the umask: what is exported is made for them."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def verifier() -> dict[str, bytes]:
    """The program that checks a folder of figures, and the rules that it is bound to: file name -> bytes."""
    program = Path(verify.__file__)
    return {path.name: path.read_bytes() for path in (program, program.with_name("rules.json"))}


def _contents(story: Story) -> dict[str, bytes]:
    """File name -> bytes, in every language of the story."""
    files = verifier() | ({ACTIONS: render_actions(story)} if has_actions(story) else {})
    for language in story.languages:
        files[report_name(language)] = render_report(story, language).encode()
        files[guide_name(language)] = render_guide(story, language).encode()
        files[method_name(language)] = render_method(story, language).encode()
        files[workbook_name(language)] = render_workbook(story, language)
        files[slides_name(language)] = render_slides(story, language)
        for segment in story.segments:
            files[onepager_name(segment, language)] = render_onepager(story, segment, language).encode()
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


def same_files(fresh: Path, target: Path) -> bool:
    """Whether a folder holds exactly the files of another one."""
    if not target.is_dir():
        return False
    ours, theirs = (
        {path.relative_to(root): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
        for root in (fresh, target)
    )
    return ours == theirs
