"""Exports as they lie on a desk: opened without being told how, and known by the tool that made them."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from itertools import dropwhile, islice
from pathlib import Path

from segment.config.addresses import address_of, fault_of
from segment.errors import Refusal
from segment.ingest.findings import Findings, finding_lines
from segment.ingest.headers import TOP
from segment.ingest.limits import Limits
from segment.ingest.raw import RawTable
from segment.ingest.readers import formats, read_raw
from segment.ingest.shares import on_this_machine
from segment.ingest.tools import tool_of
from segment.onboarding.questionnaires import as_shipped

_DELIMITERS = (",", ";", "\t", "|")
_HEAD = 200_000


@dataclass(frozen=True)
class Opened:
    """One export: its table, how it is read (as the study file says it), and what made it."""

    path: Path
    raw: RawTable
    declared: dict[str, str | int] = field(default_factory=dict)
    tool: str = ""
    notes: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """Its columns, in order."""
        return [str(name) for name in self.raw.frame.columns]


def open_export(path: Path) -> Opened:
    """Read one export.

    Raises
    ------
    Refusal
        With every reason why it cannot be read.
    """
    if fault := fault_of(address_of(path) or ""):
        raise Refusal("An address cannot be read.", came="one that is refused, and not repeated", advice=fault)
    found, limits = Findings(), Limits()
    declared: dict[str, str] = {}
    raw: RawTable | None = None
    with on_this_machine(path, found, limits) as file:
        if file is not None:
            is_text = file.is_file() and file.suffix.lower() not in set(formats()) - {".csv", ".txt", ".tsv"}
            declared = _as_text(file) if is_text else {}
            raw = read_raw(
                file, found, delimiter=declared.get("delimiter", ","), encoding=declared.get("encoding", "utf-8"),
                header_row=None, limits=limits,
            )  # fmt: skip
    if raw is None:
        lines = finding_lines(found.table())
        raise Refusal(
            f"{path.name} cannot be read.", came="\n    ".join(lines) or "nothing that is a table",
            advice="correct the export; docs/from/ says which export of each tool to choose",
        )  # fmt: skip
    if not len(raw.frame):
        raise Refusal(f"{path.name} has no rows.", advice="choose the export that holds the answers of people")
    _refuse_headless(path, raw)
    notes = tuple(finding_lines(found.table()))
    above = {"header_row": raw.header_row} if raw.header_row > 1 else {}
    tool = raw.tool or tool_of(list(map(str, raw.frame.columns)))
    return Opened(path, as_shipped(raw, tool), {**declared, **above}, tool, notes)


def _as_text(path: Path) -> dict[str, str]:
    """Encoding and delimiter of a text, where they are not the usual ones."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    said: dict[str, str] = {}
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        said["encoding"] = "utf-16"
    elif not _is_utf8(path):
        said["encoding"] = "cp1252"
    text = head.decode(said.get("encoding", "utf-8-sig"), errors="replace")
    sizes = {sign: _columns(text, sign) for sign in _DELIMITERS}
    best = max(sizes, key=lambda sign: (sizes[sign], -_DELIMITERS.index(sign)))
    return said | ({"delimiter": best} if best != "," and sizes[best] > 1 else {})


def _columns(text: str, delimiter: str) -> int:
    """Columns of the first record below titles; none where the next ones are of another width."""
    try:
        records = list(islice(csv.reader(io.StringIO(text), delimiter=delimiter), TOP))
    except csv.Error:
        return 0
    sizes = list(map(len, records))
    usual = max(set(sizes), key=sizes.count, default=0)
    below = list(dropwhile(lambda size: size < usual, sizes))
    alike = sum(size == usual for size in below[1:-1])
    return usual if below[:1] == [usual] and alike >= 0.8 * max(len(below) - 2, 0) else 0


def _is_utf8(path: Path) -> bool:
    try:
        path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _refuse_headless(path: Path, raw: RawTable) -> None:
    """A first row that holds values and no names belongs to a person: nothing of it is repeated."""
    names = [str(name) for name in raw.frame.columns]
    values = [name for name in names if "@" in name or not any(sign.isalpha() for sign in name)]
    if len(names) > 1 and len(values) > 0.5 * len(names):
        raise Refusal(
            f"{path.name} begins with values, not with names of columns.",
            expected="names on row 1, or below titles",
            came=f"{len(values)} of {len(names)} columns headed by a number or an address",
            advice="export it with a header, or give the columns names",
        )  # fmt: skip
