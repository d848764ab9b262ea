"""The list of what was handed over: every file with its fingerprint, and the proof that small groups are safe."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from segment.disclosure.certificates import ReleaseCertificate
from segment.errors import InvalidInput
from segment.exports.verify import content_of

NAME = "manifest.json"


def write_manifest(
    directory: Path,
    *,
    study_digest: str,
    certificate: ReleaseCertificate,
    files: Iterable[Path | str],
    before: Sequence[str] = (),
) -> Path:
    """Write ``manifest.json`` beside the files: sorted keys, sha256 of every file, no date.

    Parameters
    ----------
    directory
        The folder that holds the files.
    files
        Paths relative to ``directory``, or inside it.
    before
        What the releases before this one held, oldest first (:func:`segment.exports.verify.content_of`); with this
        one's own they are the chain that ``verify.py`` recomputes. A release that is among them keeps its place.

    Raises
    ------
    InvalidInput
        When a file is missing or lies outside the folder.
    """
    folder = Path(directory)
    digests = {}
    for file in files:
        path = Path(file) if Path(file).is_absolute() else folder / file
        if not path.is_file() or not path.resolve().is_relative_to(folder.resolve()):
            raise InvalidInput(
                "The manifest lists a file that is not in its folder.",
                expected="files inside the folder",
                came=path.name,
            )
        digests[path.relative_to(folder).as_posix()] = digest(path.read_bytes())
    bare = json.loads(_text({"study_digest": study_digest, "certificate": certificate, "files": digests}))
    own = content_of(bare)
    chain = [*before[: before.index(own)], own] if own in before else [*before, own]
    target = folder / NAME
    target.write_text(_text({**bare, "chain": chain}) + "\n", "utf-8")
    return target


def _text(content: Mapping[str, object]) -> str:
    return json.dumps(content, sort_keys=True, indent=2, ensure_ascii=False, default=_plain)


def digest(content: bytes) -> str:
    """The sha256 of some bytes, as hexadecimal text."""
    return hashlib.sha256(content).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)
