"""Addresses of a file share as a study names them: which there are, and that none holds a secret."""

from __future__ import annotations

import re
from pathlib import Path

#: Kind of share -> how an address of it looks.
KINDS = {
    "s3": "s3://bucket/folder/file.csv",
    "abfss": "abfss://container@account.dfs.core.windows.net/folder/file.csv",
    "https": "https://server/folder/file.csv",
}
#: A path keeps one of the two strokes; one letter before the colon is a drive.
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/{1,2}(.*)", re.DOTALL)
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?::\d{1,5})?")
_AZURE = re.compile(r"[a-z0-9$][a-z0-9-]*@[A-Za-z0-9][A-Za-z0-9.-]*")


def address_of(path: Path | str) -> str | None:
    """The address that a path stands for; nothing where it is a path on this machine.

    >>> address_of(Path("s3://hr/2025/survey.csv")), address_of("exports/survey.csv"), address_of("C:/survey.csv")
    ('s3://hr/2025/survey.csv', None, None)
    """
    found = _ADDRESS.fullmatch(str(path))
    return f"{found[1]}://{found[2]}" if found else None


def fault_of(address: str) -> str:
    """What is wrong with an address, without a word of it; empty where it is right, or none.

    >>> fault_of("https://server/survey.csv?sig=1")[:36], fault_of("s3://hr/survey.csv")
    ('an address holds no secret: nothing ', '')
    """
    if not address:
        return ""
    kind, _, rest = address.partition("://")
    if kind not in KINDS:
        return f"expected an address that begins with {', '.join(f'{one}://' for one in KINDS)}, or a path"
    server, _, place = rest.partition("/")
    before, at, _ = server.rpartition("@")
    if re.search(r"[?#;]", rest) or (at and kind != "abfss") or ":" in before:
        return (
            "an address holds no secret: nothing behind ? or #, no name or password before the server; "
            "secrets stand in the environment (docs/from/share.md)"
        )
    named = (_AZURE if kind == "abfss" else _HOST).fullmatch(server)
    if not named or any(part in ("", ".", "..") for part in place.split("/")) or not place.isprintable():
        return f"expected an address such as {KINDS[kind]}"
    if place.lower().endswith(".sql"):
        return "a query stands in a file beside the study, not on a share"
    return ""
