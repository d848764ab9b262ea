"""Where something about single people may be written when somebody names a file: over nothing that a study lives on."""

from __future__ import annotations

import os
from pathlib import Path

from segment.errors import Refusal
from segment.stages.base import OpenStudy, named_files


def refuse_place(opened: OpenStudy, out: Path, *, where: str = "--out") -> None:
    """Refuse a file in which rows about single people would stand wrongly, or destroy something.

    Refused are folders of released figures, of this study or another; the workspace and the models but for
    ``handover/``; and the files that the study reads: its settings, exports, codebook, catalogue and key.

    Raises
    ------
    Refusal
        Says which of these it is.
    """
    place = out.resolve()
    above = place.parents
    if (opened.workspace / "exports").resolve() in above or any(_is_release(folder) for folder in above):
        raise Refusal(
            "A folder of released figures holds nothing about one person.",
            where=where,
            advice="choose a path outside exports/",
        )
    own = [opened.workspace.resolve(), opened.study.models.resolve()]
    if any(folder in above for folder in own) and (opened.workspace / "handover").resolve() not in above:
        raise Refusal(
            "The workspace keeps its own files, and this one would lie among them.",
            expected="a path in handover/ or outside the workspace",
            where=where,
        )
    key = os.environ.get(f"{opened.config.privacy.key}_FILE", "")
    read = [*named_files(opened.study), opened.study.file, *([Path(key)] if key else [])]
    if any(place == file.resolve() for file in read):
        raise Refusal(
            "That file is one that the study reads, so it is not written over.",
            expected="a file of its own",
            came=out.name,
            where=where,
        )


def _is_release(folder: Path) -> bool:
    return (folder / "manifest.json").is_file() and (folder / "verify.py").is_file()
