"""LimeSurvey's data for R or SPSS, with the syntax file beside it that says what columns and codes mean."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from segment.ingest.findings import Findings
from segment.ingest.raw import RawTable
from segment.ingest.readers.base import Declared, Format
from segment.ingest.readers.delimited import read_records

#: How a file of data is called, how the syntax beside it is, and which of the two languages that is.
_PAIRS = (
    (re.compile(r"(.*)_R_data_file\.csv"), "{}_R_syntax_file.R"),
    (re.compile(r"(.*)_SPSS_data_file\.(?:dat|csv)"), "{}_SPSS_syntax_file.sps"),
)
_MOST_BYTES = 20_000_000
_R_LINE = re.compile(r'(?:attributes\(data\)\$(variable\.labels)|(names)\(data\))\[(\d+)\] <- "((?:[^"\\]|\\.)*)"\s*')
_R_CODES = re.compile(r"data\[, (\d+)\] <- factor\(data\[, \d+\], levels=c\((.*)\),\s*labels=c\((.*)\)\)\s*")
_WORD = re.compile(r""" "((?:[^"\\]|\\.)*)" | '((?:[^'\\]|\\.)*)' | ([^,\s"']+) """, re.X)
_TAG = re.compile(r"<[^<>]{0,1000}>")
_RENAME = re.compile(r"RENAME VARIABLES?\s*\(\s*(\S+)\s*=\s*([^\s)]+)\s*\)", re.I)


@dataclass
class Syntax:
    """What a syntax file says: names in the order of the columns, what each asks, and what its codes stand for."""

    names: list[str] = field(default_factory=list)
    questions: dict[str, str] = field(default_factory=dict)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)


def syntax_beside(path: Path) -> Path | None:
    """The syntax file that belongs to a file of data, where there is one."""
    for pattern, name in _PAIRS:
        found = pattern.fullmatch(path.name)
        beside = path.with_name(name.format(found[1])) if found else None
        if beside is not None and beside.is_file():
            return beside
    return None


def read_limesurvey(path: Path, findings: Findings, declared: Declared) -> RawTable | None:
    """The answers as their codes, under the names of the syntax file; or nothing, with the faults written down."""
    beside = syntax_beside(path)
    syntax = _read_syntax(beside, findings) if beside is not None else None
    if beside is None or syntax is None:
        return None
    for_r = beside.suffix == ".R"
    table = read_records(path, findings, declared, names=syntax.names, header=for_r, quote='"' if for_r else "'")
    return table and replace(table, labels=syntax.labels, questions=syntax.questions, tool="LimeSurvey")


def _read_syntax(path: Path, findings: Findings) -> Syntax | None:
    if path.stat().st_size > _MOST_BYTES:
        findings.add("DQ080", path.name, count=1, expected=f"at most {_MOST_BYTES:,} bytes", came="a larger file")
        return None
    text = path.read_bytes().decode("utf-8-sig", errors="replace")
    syntax = r_syntax(text) if path.suffix == ".R" else spss_syntax(text)
    if not syntax.names:
        findings.add(
            "DQ002", path.name, count=1, expected="the syntax that LimeSurvey writes", came="no names of columns",
            advice="export the data and the syntax again, together",
        )  # fmt: skip
        return None
    return syntax


def r_syntax(text: str) -> Syntax:
    """What R syntax says.

    >>> told = r_syntax('attributes(data)$variable.labels[1] <- "Who?"\\nnames(data)[1] <- "who"')
    >>> told.names, told.questions
    (['who'], {'who': 'Who?'})
    """
    names: dict[int, str] = {}
    asked: dict[int, str] = {}
    codes: dict[int, dict[str, str]] = {}
    for line in text.splitlines():
        told, coded = _R_LINE.fullmatch(line.strip()), _R_CODES.fullmatch(line.strip())
        if told:
            (asked if told[1] else names)[int(told[3])] = _plain(told[4])
        elif coded:
            codes[int(coded[1])] = dict(zip(_words(coded[2]), _words(coded[3]), strict=False))
    places = sorted(names)
    if places != list(range(1, len(places) + 1)):
        return Syntax()
    return Syntax(
        [names[place] for place in places],
        {names[place]: text for place, text in asked.items() if place in names and text},
        {names[place]: told for place, told in codes.items() if place in names},
    )


def spss_syntax(text: str) -> Syntax:
    """What SPSS syntax says.

    >>> told = spss_syntax('/VARIABLES=\\n q1 A2\\n.\\nVARIABLE LABELS q1 "Who?".\\nVALUE LABELS q1\\n "A1" "I".')
    >>> told.names, told.questions, told.labels
    (['q1'], {'q1': 'Who?'}, {'q1': {'A1': 'I'}})
    """
    syntax, block, column = Syntax(), "", ""
    for line in map(str.strip, text.splitlines()):
        upper, words = line.upper(), _words(line.rstrip("."))
        if upper.startswith("/VARIABLES"):
            block, words = "names", _words(line.partition("=")[2])
        elif upper.startswith(("VARIABLE LABELS", "VALUE LABELS")):
            block, words = upper.split()[0].lower(), words[2:]
            column = words.pop(0) if block == "value" and words else column
        if block == "names" and len(words) >= 2:
            syntax.names.append(words[0])
        elif block == "variable" and len(words) >= 2:
            syntax.questions[words[0]] = words[1]
        elif block == "value" and len(words) >= 2:
            syntax.labels.setdefault(column, {})[words[0]] = words[1]
        block = "" if line.endswith(".") else block
    return _renamed(syntax, dict(_RENAME.findall(text)))


def _renamed(syntax: Syntax, names: dict[str, str]) -> Syntax:
    return Syntax(
        [names.get(name, name) for name in syntax.names],
        {names.get(name, name): text for name, text in syntax.questions.items()},
        {names.get(name, name): told for name, told in syntax.labels.items()},
    )


def _words(text: str) -> list[str]:
    return list(_each_word(text))


def _each_word(text: str) -> Iterator[str]:
    for found in _WORD.finditer(text):
        quoted = found[1] if found[1] is not None else found[2]
        yield _plain(quoted) if quoted is not None else found[3]


def _plain(text: str) -> str:
    """A text without the syntax's own signs and the page's."""
    return " ".join(html.unescape(_TAG.sub(" ", re.sub(r"\\(.)", r"\1", text))).split())


FORMAT = Format((), read_limesurvey, recognised=lambda path: syntax_beside(path) is not None, beside=syntax_beside)
