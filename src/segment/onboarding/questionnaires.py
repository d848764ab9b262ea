"""Questionnaires as survey tools save them: what each column asks, in which block, with which labels."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from segment.config import shipped_settings
from segment.config.addresses import address_of
from segment.config.sources import KNOWN_SCALES
from segment.errors import Refusal
from segment.ingest.fielded import under_codes
from segment.ingest.findings import Findings
from segment.ingest.raw import RawTable
from segment.ingest.tools import OWN_COLUMNS
from segment.locale import catalogue, own_languages, say
from segment.tables.codebook import read_codebook
from segment.tables.options import FORM_BEGINS, wishes_in_words

_MOST_BYTES = 30_000_000
_TAG = re.compile(r"<[^<>]{0,1000}>")
#: Where the questionnaire that comes with the program lies, and the share of its codes from which it is the one.
_SHIPPED, _SURE = shipped_settings() / "codebooks" / "relation.csv", 0.6
#: Its list of wishes, as a study names it.
SHIPPED_WISHES = "codebooks/wishes.csv"
_ENDINGS = {".qsf", ".lss", ".lsg", ".lsq", ".gs"}
_TSV_HEADER = ("id", "related_id", "class", "type/scale", "name")


@dataclass(frozen=True)
class Asked:
    """One question: the column its answers stand in, its wording, block, and what its codes stand for."""

    code: str
    text: str
    block: str = ""
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)


def same_code(name: str) -> str:
    """A column's name as tools agree on it: ``G01Q01[SQ001]`` and ``G01Q01_SQ001`` are one.

    >>> same_code("G01Q01[SQ001]") == same_code("g01q01_SQ001")
    True
    """
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")


def is_questionnaire(path: Path) -> bool:
    """Whether a file is a questionnaire and not a table of answers."""
    if path.suffix.lower() in _ENDINGS:
        return True
    if not path.is_file() or path.suffix.lower() not in (".txt", ".tsv"):
        return False
    with path.open("rb") as file:
        first = file.readline(100_000).decode("utf-8-sig", errors="replace")
    return tuple(word.strip('"') for word in first.rstrip("\r\n").split("\t")[:5]) == _TSV_HEADER


def read_questionnaire(path: Path) -> list[Asked]:
    """The questions of a questionnaire of Qualtrics (.qsf), LimeSurvey (.lss, .lsg, tab-separated), or a script for a
    Google Form (.gs, as ``segment questionnaire`` writes it), in order.

    Raises
    ------
    Refusal
        The file is too large, damaged or holds no question.
    """
    if address_of(path) is not None:
        raise Refusal(
            f"{path.name} is a questionnaire, and these are not read from a share.",
            advice="store it on this machine; the answers may stay where they are",
        )
    if path.stat().st_size > _MOST_BYTES:
        raise Refusal(f"{path.name} is too large for a questionnaire.", expected=f"at most {_MOST_BYTES:,} bytes")
    text = path.read_bytes().decode("utf-8-sig", errors="replace")
    try:
        read = _READ.get(path.suffix.lower()) or (_of_xml if text.lstrip().startswith("<") else _of_tsv)
        asked = [_in_plain_words(one) for one in read(text)]
    except (
        ValueError,
        LookupError,
        StopIteration,
        RuntimeError,
        TypeError,
        AttributeError,
        ET.ParseError,
        csv.Error,
        RecursionError,
    ):
        asked = []
    if not asked:
        raise Refusal(
            f"{path.name} cannot be read as a questionnaire.",
            expected="what Qualtrics or LimeSurvey export",
            came="a damaged file, or one without a question",
            advice="export the survey again",
        )
    return asked


def _in_plain_words(one: Asked) -> Asked:
    labels = {code: _plain(label) for code, label in one.labels.items()}
    return Asked(one.code, _plain(one.text), _plain(one.block), labels)


def listed_questions(table: RawTable, codes: Iterable[str]) -> list[Asked]:
    """The questions of a table that has one row per question: one of its columns holds the names of answers' columns.

    Nothing where no column names at least half of ``codes``.
    """
    wanted = {same_code(code) for code in codes}
    frame = table.frame.astype("str")
    if len(frame) > 5000 or not wanted:
        return []
    shares = {name: frame[name].map(same_code).isin(wanted).sum() / len(wanted) for name in frame}
    code = max(shares, key=lambda name: shares[name], default=None)
    if code is None or shares[code] < 0.5:
        return []
    others = [str(name) for name in frame if name != code]
    lengths = {name: _words_in(frame[name]) for name in others}
    text = max(lengths, key=lambda name: lengths[name], default="")
    if not text or lengths[text] < 2:
        return []
    blocks = [name for name in others if name != text and 1 < frame[name].nunique() <= max(len(frame) // 3, 2)]
    block = next(
        (name for name in blocks if re.search("section|block|blok|group|groep|theme|thema", str(name), re.I)), None
    )
    points = {name: found[1] for name in others if (found := re.fullmatch(r"label_?(\d+)", str(name), re.I))}
    return [
        Asked(
            str(row[code]),
            " ".join(str(row[text]).split()),
            str(row[block]) if block else "",
            {number: str(row[name]) for name, number in sorted(points.items()) if str(row[name]) not in ("", "nan")},
        )
        for row in frame.to_dict("records")
    ]


def shipped_rows(names: Iterable[str]) -> list[dict[str, str]]:
    """The rows of the codebook that comes with the program for what an export asks; nothing where it asks another one.

    A ranking and a list of wishes have one column for each of their options.
    """
    if not _SHIPPED.is_file():
        return []
    columns = set(names)
    codes = {item.code for item in read_codebook(_SHIPPED, scales=KNOWN_SCALES).items}
    with _SHIPPED.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    many = {code for code in codes if any(name.startswith(f"{code}_") for name in columns - codes)}
    asked = (codes & columns) | many
    return [row for row in rows if row["code"] in asked] if len(codes & columns) >= _SURE * len(codes) else []


def usual_names(need: str) -> dict[str, str]:
    """The name of a usual need in the languages of studies; nothing for another one."""
    key = f"onboarding.need.{need}"
    return {language: say(key, language) for language in own_languages()} if key in catalogue() else {}


def as_shipped(raw: RawTable, tool: str) -> RawTable:
    """An export of a survey tool under the codes of the questionnaire that comes with the program, where it asks it."""
    if tool not in OWN_COLUMNS or not _SHIPPED.is_file():
        return raw
    names = {need: usual_names(need) for need in read_codebook(_SHIPPED, scales=KNOWN_SCALES).needs}
    book = read_codebook(_SHIPPED, scales=KNOWN_SCALES, need_names=names)
    wishes = wishes_in_words(shipped_settings() / SHIPPED_WISHES)
    read, _, _ = under_codes(raw, book, wishes, tool=tool, findings=Findings())
    codes = {item.code for item in book.items}
    return read if len(codes.intersection(read.frame.columns)) >= _SURE * len(codes) else raw


def _words_in(cells: pd.Series) -> float:
    """Words of a cell, on average."""
    return float(cells.map(lambda cell: len(str(cell).split())).mean())


def _of_qsf(text: str) -> Iterator[Asked]:
    elements = json.loads(text)["SurveyElements"]
    blocks: dict[str, str] = {}
    for element in elements:
        if element["Element"] == "BL":
            payload = element["Payload"]
            for block in payload.values() if isinstance(payload, dict) else payload:
                for one in block.get("BlockElements") or ():
                    if one.get("QuestionID"):
                        blocks[one["QuestionID"]] = str(block.get("Description", ""))
    for element in elements:
        if element["Element"] == "SQ":
            yield from _of_question(element["Payload"], blocks.get(element.get("PrimaryAttribute", ""), ""))


def _of_script(text: str) -> Iterator[Asked]:
    """A survey that stands as JSON in the script of a form."""
    line = next(line for line in text.splitlines() if line.startswith(FORM_BEGINS))
    # No page's signs are in a form's texts: they are made ones, so that these read as those of other tools.
    for block in json.loads(html.escape(line.removeprefix(FORM_BEGINS).rstrip(";"), quote=False))["blocks"]:
        labels = {one["code"]: one["text"] for one in block["choices"]}
        parts = block["choices"] if block["answering"] == "many" else ()
        for row in block["rows"]:
            for part in parts:
                yield Asked(f"{row['code']}_{part['code']}", part["text"], block["heading"])
            if not parts:
                yield Asked(row["code"], row["text"], block["heading"], labels)


def _of_question(told: Mapping[str, object], block: str) -> Iterator[Asked]:
    """A question of Qualtrics: a grid has a column for each of its statements, others have one."""
    tag, text = str(told["DataExportTag"]), str(told.get("QuestionText", ""))
    choices, answers = _displays(told.get("Choices")), _displays(told.get("Answers"))
    recoded = told.get("RecodeValues")
    codes = {key: str(value) for key, value in recoded.items()} if isinstance(recoded, dict) else {}
    if told.get("QuestionType") == "Matrix":
        tags = told.get("ChoiceDataExportTags")
        named = tags if isinstance(tags, dict) else {}
        labels = {codes.get(key, key): label for key, label in answers.items()}
        for key, statement in choices.items():
            yield Asked(str(named.get(key, f"{tag}_{key}")), statement, block, labels)
    elif told.get("QuestionType") == "MC" and str(told.get("Selector", "")).startswith("MA"):
        for key, choice in choices.items():
            yield Asked(f"{tag}_{codes.get(key, key)}", f"{text} {choice}", block)
    else:
        yield Asked(tag, text, block, {codes.get(key, key): label for key, label in choices.items()})


def _displays(told: object) -> dict[str, str]:
    pairs = told.items() if isinstance(told, dict) else enumerate(told, start=1) if isinstance(told, list) else ()
    return {str(key): str(one["Display"]) for key, one in pairs if isinstance(one, dict) and "Display" in one}


def _of_xml(text: str) -> Iterator[Asked]:
    """A survey or group of LimeSurvey, of all its versions: texts stand in the rows, or in tables of their own."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError("a questionnaire declares no entities")
    tree = ET.fromstring(text)
    texts = {row.get("qid", ""): row.get("question", "") for row in reversed(_rows(tree, "question_l10ns"))}
    groups = {row.get("gid", ""): row.get("group_name", "") for row in reversed(_rows(tree, "group_l10ns"))}
    groups |= {row["gid"]: row["group_name"] for row in _rows(tree, "groups") if row.get("group_name")}
    answers = {row.get("aid", ""): row.get("answer", "") for row in reversed(_rows(tree, "answer_l10ns"))}
    labels: dict[str, dict[str, str]] = {}
    for row in _rows(tree, "answers"):
        word = row.get("answer") or answers.get(row.get("aid", ""), "")
        labels.setdefault(row.get("qid", ""), {}).setdefault(row.get("code", ""), word)
    parts: dict[str, list[Mapping[str, str]]] = {}
    for row in [*_rows(tree, "subquestions"), *_rows(tree, "questions")]:
        if row.get("parent_qid", "0") not in ("", "0"):
            parts.setdefault(row["parent_qid"], []).append(row)
    seen: set[str] = set()
    for row in _rows(tree, "questions"):
        qid = row.get("qid", "")
        if row.get("parent_qid", "0") not in ("", "0") or qid in seen:
            continue
        seen.add(qid)
        block = groups.get(row.get("gid", ""), "")
        if not parts.get(qid):
            yield Asked(row["title"], row.get("question") or texts.get(qid, ""), block, labels.get(qid, {}))
        for part in {one["title"]: one for one in reversed(parts.get(qid, []))}.values():
            wording = part.get("question") or texts.get(part.get("qid", ""), "")
            yield Asked(f"{row['title']}_{part['title']}", wording, block, labels.get(qid, {}))


def _rows(tree: ET.Element, table: str) -> list[dict[str, str]]:
    return [{cell.tag: cell.text or "" for cell in row} for row in tree.findall(f"./{table}/rows/row")]


def _of_tsv(text: str) -> Iterator[Asked]:
    """A survey of LimeSurvey as tab-separated text, in the first of its languages."""
    rows = list(csv.DictReader(io.StringIO(text), delimiter="\t"))
    spoken = next((row["language"] for row in rows if row["class"] == "Q"), "")
    group, question = "", None
    parts: list[dict[str, str]] = []
    labels: dict[str, str] = {}
    for row in [*(row for row in rows if row["language"] == spoken), {"class": "Q", "name": "", "text": ""}]:
        if row["class"] in ("G", "Q"):
            yield from _of_parts(question, group, parts, labels)
            parts, labels, question = [], {}, row if row["class"] == "Q" and row["name"] else None
            group = row["name"] if row["class"] == "G" else group
        elif row["class"] == "SQ":
            parts.append(row)
        elif row["class"] == "A":
            labels[row["name"]] = row["text"]


def _of_parts(
    question: Mapping[str, str] | None, group: str, parts: list[dict[str, str]], labels: dict[str, str]
) -> Iterator[Asked]:
    if question is None:
        return
    if not parts:
        yield Asked(question["name"], question["text"], group, labels)
    for part in parts:
        yield Asked(f"{question['name']}_{part['name']}", part["text"], group, labels)


def _plain(text: str) -> str:
    """A text without the page's own signs."""
    return " ".join(html.unescape(_TAG.sub(" ", text)).split())


_READ = {".qsf": _of_qsf, ".gs": _of_script}
