"""Delimited text: read as declared, with every fault of the file found before a single value is used."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import re
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd

from segment.ingest.findings import Findings
from segment.ingest.headers import TOP, found_elsewhere, header_row
from segment.ingest.limits import text_is_right
from segment.ingest.raw import RawTable, drop_blank, names_are_sound
from segment.ingest.readers.base import Declared, Format

_DELIMITERS = (",", ";", "\t", "|")
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
#: UTF-8 read as a single-byte encoding leaves these pairs, which no language writes.
_SECOND_HALVES = "\u0080-\u00bf" + bytes(range(0x80, 0xA0)).decode("cp1252", errors="ignore")
_MOJIBAKE = re.compile(f"[\u00c3\u00c2][{_SECOND_HALVES}]|\u00e2\u20ac")
_LAST_ROW = (
    "if the last row is a total or a note, take it out in the export; else part of the file is missing: export or "
    "copy it again"
)
_NEVER_TEXT = re.compile("[\x00\ufffd\u0080-\u009f]")


def read_delimited(path: Path, findings: Findings, declared: Declared) -> RawTable | None:
    """Every cell as text, empty where nothing stood; or nothing, with the file's faults written down."""
    return read_records(path, findings, declared)


def read_records(
    path: Path,
    findings: Findings,
    declared: Declared,
    *,
    names: Sequence[str] | None = None,
    header: bool = True,
    quote: str = '"',
) -> RawTable | None:
    """As :func:`read_delimited`, for text of which another file tells more.

    Parameters
    ----------
    names
        What its columns are called, instead of what the first row says.
    header
        Whether the first row is a header.
    quote
        The sign around texts.
    """
    data = _text_of(path, findings, declared)
    if data is None:
        return None
    delimiter, codec = declared.delimiter, _codec(declared.encoding)
    top = _records(data, codec, delimiter, quote, TOP)
    place = 1 if names is not None else declared.header_row or header_row(top)
    advice = found_elsewhere(top, place) if names is None else ""
    data = _from_record(data, codec, delimiter, quote, place)
    if not data:
        findings.add("DQ008", path.name, count=0, expected=f"names on row {place}", came="fewer rows")
        return None
    first = _header(data, codec, delimiter, quote)
    if names is not None and len(names) != len(first):
        findings.add(
            "DQ006", path.name, rows=[1], expected=f"the {len(names)} columns of its syntax file",
            came=f"{len(first)}", advice="export the data and the syntax again, together",
        )  # fmt: skip
        return None
    if names is None and not _is_delimited(path.name, data, codec, delimiter, findings, row=place):
        return None
    called = first if names is None else list(names)
    if not names_are_sound(path.name, called, findings, row=place, advice=advice):
        return None
    if not _rows_are_whole(
        path.name, data, codec, delimiter, len(called), findings, quote, above=place - 1, advice=advice
    ):
        return None
    frame = pd.read_csv(
        io.BytesIO(data), sep=delimiter, encoding=codec, dtype=str, keep_default_na=False, na_filter=False,
        skip_blank_lines=False, index_col=False, names=called, header=0 if header else None, engine="c",
        quotechar=quote,
    )  # fmt: skip
    begins = place + 1 if header else 1
    return drop_blank(RawTable(path.name, frame, np.arange(begins, len(frame) + begins), header_row=place))


def _text_of(path: Path, findings: Findings, declared: Declared) -> bytes | None:
    """The bytes of a file that is text within its limits, in the declared encoding; or nothing, and why not."""
    delimiter, encoding = declared.delimiter, declared.encoding
    titles = declared.header_row - 1 if declared.header_row else TOP
    if not text_is_right(path, findings, declared.limits, delimiter=delimiter, titles=titles):
        return None
    data = path.read_bytes()
    if len(delimiter) != 1:
        findings.add(
            "DQ003", path.name, count=1, expected="one sign", came=f"{len(delimiter)} signs",
            advice='a tab is written as delimiter: "\\t"',
        )  # fmt: skip
        return None
    if not _is_text(path.name, data, findings) or not _is_encoded(path.name, data, encoding, findings):
        return None
    return data.removeprefix(codecs.BOM_UTF8)


def _is_text(name: str, data: bytes, findings: Findings) -> bool:
    """Whether the bytes are delimited text at all."""
    if not data.strip():
        findings.add("DQ008", name, count=0, came="an empty file")
        return False
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1")):
        kind = "a Parquet file" if data.startswith(b"PAR1") else "an Excel file"
        findings.add(
            "DQ002",
            name,
            count=1,
            expected="delimited text",
            came=f"{kind} under another ending",
            advice="give the file its right ending, or save it as CSV",
        )
        return False
    return True


def _codec(encoding: str) -> str:
    return "utf-8" if encoding.lower().replace("_", "-") in ("utf-8", "utf8", "utf-8-sig") else encoding


def _is_encoded(name: str, data: bytes, encoding: str, findings: Findings) -> bool:
    """Whether the whole file is text in the declared encoding; names the first row where it is not."""
    declared = f"text in {encoding}"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not encoding.lower().startswith("utf-16"):
        findings.add("DQ004", name, rows=[1], expected=declared, came="UTF-16 (Excel calls it Unicode text)")
        return False
    try:
        codec = codecs.lookup(_codec(encoding)).name
    except LookupError:
        findings.add(
            "DQ004", name, count=1, expected="an encoding such as utf-8 or cp1252", came="an encoding nobody knows"
        )
        return False
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as failure:
        row = data.count(b"\n", 0, failure.start) + 1
        if codec == "utf-8" and failure.reason == "unexpected end of data":
            findings.add("DQ005", name, rows=[row], came="the last sign is incomplete")
        else:
            findings.add("DQ004", name, rows=[row], expected=declared, came="bytes that are not")
        return False
    came = _looks_wrong(text, data, codec)
    if came:
        findings.add("DQ004", name, rows=[came[1]], expected=declared, came=came[0])
    return not came


def _looks_wrong(text: str, data: bytes, codec: str) -> tuple[str, int] | None:
    """What betrays a wrong encoding that decodes without an error, with the first row it shows on."""
    if text.isascii() and "\x00" not in text:
        return None
    found = _NEVER_TEXT.search(text)
    if found:
        return "signs that no text has, such as a replacement sign", text.count("\n", 0, found.start()) + 1
    found = _MOJIBAKE.search(text)
    if found:
        return "letters broken in two, as when UTF-8 is read as something else", text.count("\n", 0, found.start()) + 1
    if codec not in ("utf-8", "utf-16", "utf-16-le", "utf-16-be") and _is_utf8(data):
        first = next(i for i, byte in enumerate(data) if byte > 127)
        return "text that is UTF-8 throughout", data.count(b"\n", 0, first) + 1
    return None


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _records(data: bytes, codec: str, delimiter: str, quote: str, most: int) -> list[list[str]]:
    """The first records, until one that cannot be read."""
    text = io.TextIOWrapper(io.BytesIO(data), codec, newline="")
    found: list[list[str]] = []
    with contextlib.suppress(csv.Error):
        found.extend(islice(csv.reader(text, delimiter=delimiter, quotechar=quote), most))
    return found


def _from_record(data: bytes, codec: str, delimiter: str, quote: str, place: int) -> bytes:
    """The text from a record on, the first being 1; nothing where it has fewer."""
    if place == 1:
        return data
    text = io.TextIOWrapper(io.BytesIO(data), codec, newline="")
    lines = iter(text.readline, "")
    read = sum(1 for _ in islice(csv.reader(lines, delimiter=delimiter, quotechar=quote), place - 1))
    rest = text.read()
    return rest.encode(codec) if read == place - 1 and rest.strip() else b""


def _header(data: bytes, codec: str, delimiter: str, quote: str = '"') -> list[str]:
    """The first record's names, without the spaces around them."""
    return [name.strip() for record in _records(data, codec, delimiter, quote, 1) for name in record]


def _is_delimited(name: str, data: bytes, codec: str, delimiter: str, findings: Findings, *, row: int) -> bool:
    """Whether no other delimiter explains the header better than the declared one."""
    header = _header(data, codec, delimiter)
    for other in _DELIMITERS:
        columns = len(_header(data, codec, other))
        better = columns > len(header) and (len(header) == 1 or any(other in cell for cell in header))
        if other != delimiter and better:
            sign = "tab" if other == "\t" else other
            findings.add(
                "DQ003",
                name,
                rows=[row],
                expected=f"columns separated by '{_NAMES.get(delimiter, delimiter)}'",
                came=f"{len(header)} column{'s' if len(header) != 1 else ''}; the header contains '{sign}'",
                advice='declare delimiter: "\\t"' if other == "\t" else f'declare delimiter: "{other}"',
            )
            return False
    return True


def _rows_are_whole(
    name: str, data: bytes, codec: str, delimiter: str, width: int, findings: Findings, quote: str,
    *, above: int, advice: str,
) -> bool:  # fmt: skip
    """Whether every row has as many fields as the header; of a short last row it is said that it is the last."""
    fields, closed = _fields_per_row(data, codec, delimiter, quote)
    uneven = np.flatnonzero((fields != width) & (fields > 0)) + 1
    if not closed:
        findings.add("DQ005", name, rows=[len(fields) + above], came="a quoted text that never ends")
        return False
    last = int(np.flatnonzero(fields)[-1]) + 1
    if len(uneven) and uneven[-1] == last and fields[last - 1] < width:
        # a row that ends as the others do is whole: what is cut off ends anywhere
        findings.add(
            "DQ006" if data.rstrip(b"\0").endswith((b"\n", b"\r")) else "DQ005",
            name,
            rows=[last + above],
            expected=f"{width} field{'s' if width != 1 else ''}",
            came=f"{int(fields[last - 1])} in the last row",
            advice=_LAST_ROW,
        )
        uneven = uneven[:-1]
    elif not len(uneven):
        return True
    if len(uneven):
        counts = sorted({int(fields[row - 1]) for row in uneven})
        wanted = f"{width} field{'s' if width != 1 else ''}"
        came = " or ".join(map(str, counts[:4]))
        findings.add("DQ006", name, rows=uneven + above, expected=wanted, came=came, advice=advice)
    return False


def _fields_per_row(data: bytes, codec: str, delimiter: str, quote: str) -> tuple[np.ndarray, bool]:
    """Number of fields of every record (0 for a blank line), and whether every quoted text ends."""
    if quote.encode() in data or codec.startswith("utf-16"):
        return _fields_of_records(data, codec, delimiter, quote)
    signs = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(signs == ord("\n"))
    if not len(ends) or ends[-1] != len(signs) - 1:
        ends = np.append(ends, len(signs))
    before = np.searchsorted(np.flatnonzero(signs == ord(delimiter)), ends)
    fields = np.diff(before, prepend=0) + 1
    lengths = np.diff(ends, prepend=-1) - 1
    last = signs[np.maximum(ends - 1, 0)]
    fields[(lengths == 0) | ((lengths == 1) & (last == ord("\r")))] = 0
    return fields, True


def _fields_of_records(data: bytes, codec: str, delimiter: str, quote: str) -> tuple[np.ndarray, bool]:
    """As above for texts in quotes, which may hold delimiters and line ends."""
    for strict in (True, False):
        counts: list[int] = []
        text = io.TextIOWrapper(io.BytesIO(data), codec, newline="")
        reader = csv.reader(text, delimiter=delimiter, quotechar=quote, strict=strict)
        try:
            counts.extend(len(record) for record in reader)
        except csv.Error as failure:
            if "unexpected end" in str(failure) or "field limit" in str(failure):
                return np.array([*counts, 0]), False
            continue
        break
    return np.array(counts), True


FORMAT = Format((".csv", ".txt", ".tsv"), read_delimited)
