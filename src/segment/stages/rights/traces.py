"""Where in a workspace something is written that should not be: a person's code, in any file of any kind."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection
from pathlib import Path

import pandas as pd

from segment.stages.base import OpenStudy

#: The raw exports of a simulated study lie in the workspace; they are the source, and not ours to change.
_NOT_OURS = ("raw",)
#: A pseudonym: 32 hexadecimal signs, and no longer digest that happens to hold them.
_CODE = re.compile(rb"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")


def traces(opened: OpenStudy, needles: Collection[str]) -> list[str]:
    """Files and folders of the workspace and the models that hold one of these words: their paths, never the words.

    Tables and workbooks are packed, so they are opened; everything else (databases, logs, pages) is read as bytes.
    """
    words = [needle.encode() for needle in needles]
    found = []
    for path in _own_files(opened):
        texts = [path.name.encode(), *_content(path)]
        if any(word in text for word in words for text in texts):
            found.append(str(path))
    return found


def codes_left(opened: OpenStudy, codes: Collection[str]) -> list[str]:
    """Files and folders of the workspace and the models that hold one of many pseudonyms: their paths only."""
    wanted = {code.encode() for code in codes}
    return [
        str(path)
        for path in _own_files(opened)
        if any(wanted.intersection(_CODE.findall(text)) for text in (path.name.encode(), *_content(path)))
    ]


def _own_files(opened: OpenStudy) -> list[Path]:
    folders = (opened.workspace, opened.store.models)
    files = {p.resolve() for folder in folders if folder.is_dir() for p in folder.rglob("*")}
    return [path for path in sorted(files) if not _is_source(opened, path)]


def _is_source(opened: OpenStudy, path: Path) -> bool:
    return any(path.is_relative_to((opened.workspace / name).resolve()) for name in _NOT_OURS)


def _content(path: Path) -> list[bytes]:
    """What a file holds, unpacked; nothing for a folder, which has its name only."""
    if path.is_dir():
        return []
    if path.suffix == ".parquet":
        text = pd.read_parquet(path).select_dtypes(include=["str", "object"])
        return ["\n".join(map(str, text[column].dropna().unique())).encode() for column in text]
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            return [packed.read(name) for name in packed.namelist()]
    return [path.read_bytes()]
