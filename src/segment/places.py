"""Names that become part of a path, and places that may be written: one pattern, one check, for all of them.

A wave, a person or a sheet is called what a file says it is called. Such a name may name one file or folder and nothing
else: no separators, no way up, no hidden file, no name that some system reserves.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from segment.errors import InvalidInput, Refusal

_NAME = re.compile(r"[^\W_][\w .+@()-]{0,79}")
#: Names that Windows keeps for devices, with or without an ending.
_RESERVED = frozenset(("con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))))
#: What a safe name is, in the words of a refusal.
EXPECTED = "1 to 80 letters, digits, spaces and . _ - + @ ( ), beginning with a letter or digit"


def is_safe_name(name: object) -> bool:
    """Whether a text can be part of a path and name one file or folder, on every system.

    >>> [is_safe_name(name) for name in ("2024-03", "Welle 1 (März)", "../../PWNED", "a/b", ".hidden", "con", "")]
    [True, True, False, False, False, False, False]
    """
    text = str(name)
    return (
        _NAME.fullmatch(text) is not None
        and not text.endswith((" ", "."))
        and ".." not in text
        and text.partition(".")[0].rstrip().casefold() not in _RESERVED
        and unicodedata.is_normalized("NFC", text)
    )


def inside(folder: Path, *names: str) -> Path:
    """The path of these names in a folder; every name is safe, and no link on the way leads out of the folder.

    Raises
    ------
    InvalidInput
        A name that is no safe name.
    Refusal
        A link leads elsewhere.
    """
    unsafe = [name for name in names if not is_safe_name(name)]
    if unsafe:
        raise InvalidInput(
            "A name cannot be part of a path.",
            expected=EXPECTED,
            came=f"{len(unsafe[0])} signs, others among them",
            where=str(folder),
            advice="rename the wave or file in the study and its exports",
        )
    path = folder.joinpath(*names)
    refuse_outside(path, folder)
    return path


def refuse_outside(path: Path, folder: Path) -> None:
    """Refuse a path that is not inside a folder, links followed.

    Raises
    ------
    Refusal
        Says where the path leads.
    """
    if not path.resolve().is_relative_to(folder.resolve()):
        raise Refusal(
            "Something would have been written outside its workspace, so nothing was.",
            expected=f"a path inside {folder.resolve()}",
            came=str(path.resolve()),
            where=str(path),
            advice="remove the link, or check who can write in the workspace",
        )
