"""A survey made from the codebook as its tool gives it back: every answer under its code again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import pandas as pd

from segment.config import ResponsesConfig, Study
from segment.ingest.findings import Findings
from segment.ingest.labels import plain
from segment.ingest.parsing import as_text
from segment.ingest.raw import RawTable
from segment.ingest.tools import OWN_COLUMNS, tool_of
from segment.locale import languages, say
from segment.tables.codebook import Codebook, Item
from segment.tables.options import Options, bare, options_of, wishes_in_words
from segment.vocabulary import ItemKind

#: Words that tools write for what was not ticked.
_NOT = frozenset({"n", "no", "nee", "0", "false"})
_PARTED = re.compile(r"(.*?)\s*\[(.*)\]|(.*)[_.]([^_.]+)")
#: Of a heading: what stands before its part, and the part.
_Key = tuple[str, str]


def asker(
    study: Study, codebook: Codebook, config: ResponsesConfig, outcome: Iterable[str], findings: Findings
) -> Callable[[RawTable], RawTable]:
    """What puts the columns of a survey under the codebook's codes (:func:`as_asked`), as the study declares it.

    ``outcome``: the columns in which the outcome stands.
    """
    settings = study.config.codebook
    file = study.config_path(settings.wishes) if settings is not None and settings.wishes else None
    wishes = wishes_in_words(file) if file is not None and file.is_file() else {}
    named = {*config.columns.values(), *config.ignore, *(rule.column for rule in config.keep), *outcome}
    token = config.columns.get("person_id", "person_id") if config.tokens else ""
    return partial(as_asked, codebook=codebook, wishes=wishes, named=named, findings=findings, token=token)


def as_asked(
    raw: RawTable, codebook: Codebook, wishes: Options, *, named: Collection[str], findings: Findings, token: str = ""
) -> RawTable:
    """The answers of an export of a known survey tool under the codebook's codes (DQ094), without what the tool notes.

    Columns that the study ``named`` stay as they are. The tool's own columns that nobody named are left out (DQ095).
    ``token``: the column of the code that respondents make themselves.
    """
    tool = raw.tool or tool_of(list(map(str, raw.frame.columns)))
    if tool not in OWN_COLUMNS:  # a file of SPSS or Stata carries the codes as they are
        return raw
    read, found, twice = under_codes(raw, codebook, wishes, tool=tool, named=named, findings=findings, token=token)
    own = [str(name) for name in read.frame if name in OWN_COLUMNS[tool] and name not in named]
    if found:
        ordered = f"; {twice} of them by the codebook's order, as their words stand twice" if twice else ""
        findings.add("DQ094", raw.file, count=found, came=f"{found} columns of an export of {tool}{ordered}")
    if own:
        findings.add("DQ095", raw.file, count=len(own), came=f"noted by {tool}: {', '.join(own)}")
    return replace(read, frame=read.frame.drop(columns=own))


def under_codes(
    raw: RawTable, codebook: Codebook, wishes: Options, *, tool: str, named: Collection[str] = (), findings: Findings,
    token: str = "",
) -> tuple[RawTable, int, int]:  # fmt: skip
    """The answers under the codebook's codes, how many columns were read so, and how many of these by their order.

    Headings are read by code, with or without the signs that tools do not allow in one, else by the question's words
    in any language; rankings and lists come out as one column for each of their options. Columns that no heading, or
    more than one, fits stay as they are. Microsoft Forms numbers headings that stand twice: they are the questions of
    these words in the codebook's order, where all of them are there.
    """
    there = [str(name) for name in raw.frame.columns]
    twice = _numbered(codebook, there) if tool == "Microsoft Forms" else {}
    keys = _headings(codebook, wishes, tool) | _token_headings(token) | twice
    meant = {name: ours for name in there if name not in named and (ours := _meant(name, keys)) not in (None, name)}
    counts = Counter(meant.values())
    found = {name: str(ours) for name, ours in meant.items() if counts[ours] == 1 and ours not in there}
    read = replace(
        raw,
        frame=raw.frame.rename(columns=found),
        labels={found.get(name, name): told for name, told in raw.labels.items()},
        questions={found.get(name, name): told for name, told in raw.questions.items()},
    )
    for item in codebook.items:
        options = options_of(item, codebook, wishes)
        if options:
            read = _with_parts(read, item, options, {*found.values()}, findings)
    return read, len(found), len({*found.values()}.intersection(twice.values()))


def _numbered(codebook: Codebook, there: Sequence[str]) -> dict[_Key, str]:
    """Headings of questions with the same words, as a workbook's table numbers them: the second ends in 2."""
    headings = Counter(map(plain, there))
    alike: dict[str, list[str]] = {}
    for item in codebook.items:
        for text in {text for text in item.texts.values() if text}:
            alike.setdefault(text, []).append(item.code)
    told: dict[_Key, str] = {}
    for text, codes in alike.items():
        names = [plain(text), *(plain(f"{text}{place}") for place in range(2, len(codes) + 2))]
        if len(codes) > 1 and [headings[name] for name in names] == [1] * len(codes) + [0]:
            told |= {("", name): code for name, code in zip(names, codes, strict=False)}
    return told


def _headings(codebook: Codebook, wishes: Options, tool: str) -> dict[_Key, str]:
    """What headings mean which column of ours; none that means two."""
    told: dict[_Key, str] = {}
    twice: set[_Key] = set()
    for item in codebook.items:
        for key, ours in _of_item(item, options_of(item, codebook, wishes), tool):
            if told.setdefault(key, ours) != ours:
                twice.add(key)
    return {key: ours for key, ours in told.items() if key not in twice}


def _of_item(item: Item, options: Mapping[str, Mapping[str, str]], tool: str) -> Iterator[tuple[_Key, str]]:
    code = bare(item.code)
    titles = [plain(say(f"questionnaire.kind.{item.kind}", language)) for language in languages()]
    texts = {plain(text) for text in item.texts.values()}
    yield ("", code), item.code
    for text in texts:
        yield ("", text), item.code
        yield from (((title, text), item.code) for title in titles)
    if item.kind not in (ItemKind.RANK, ItemKind.WISH):
        return
    by_place = item.kind == ItemKind.RANK and tool == "LimeSurvey"
    for place, (option, words) in enumerate(options.items(), start=1):
        ours = f"{item.code}_{option}"
        yield (code, bare(option)), ours
        yield (code, str(place)), f"{item.code}@{place}" if by_place else ours
        yield from (((text, plain(word)), ours) for text in texts for word in words.values())


def _token_headings(token: str) -> dict[_Key, str]:
    if not token:
        return {}
    words = {("", plain(say("questionnaire.token.ask", language))): token for language in languages()}
    return words | {("", bare(token)): token}


def _meant(name: str, keys: Mapping[_Key, str]) -> str | None:
    """Our name for a heading: by the whole of it, then by its two parts, then by the second alone."""
    tried: list[_Key] = [("", bare(name)), ("", plain(name))]
    if found := _PARTED.fullmatch(name):
        before, part = (found[1], found[2]) if found[2] is not None else (found[3], found[4])
        tried[1:1] = [(bare(before), bare(part)), (plain(before), plain(part)), ("", bare(part))]
        tried.append(("", plain(part)))
    return next((keys[key] for key in tried if key in keys), None)


def _with_parts(
    raw: RawTable, item: Item, options: Mapping[str, Mapping[str, str]], ours: Collection[str], findings: Findings
) -> RawTable:
    """One column for each option of a ranking or a list, and the code of what was picked."""
    words = _words(options)
    columns = {option: f"{item.code}_{option}" for option in options}
    places = [name for place in range(1, len(options) + 1) if (name := f"{item.code}@{place}") in ours]
    if item.kind == ItemKind.MOMENT_PICK and item.code in raw.frame:
        cells = as_text(raw.frame[item.code])
        known = cells.map(lambda cell: words.get(plain(cell), cell), na_action="ignore").fillna("")
        return replace(raw, frame=raw.frame.assign(**{item.code: known.astype("str")}), labels=_less(raw, [item.code]))
    if places:
        table = pd.DataFrame({name: as_text(raw.frame[name]) for name in places})
        rows = [[cell for cell in row if isinstance(cell, str)] for row in table.to_numpy().tolist()]
        return _spread(raw, item, columns, words, rows, places, findings)
    if item.code in ours:
        told = as_text(raw.frame[item.code])
        rows = [_parted(cell, words) if isinstance(cell, str) else [] for cell in told]
        return _spread(raw, item, columns, words, rows, [item.code], findings)
    if item.kind == ItemKind.WISH:
        ticked = {name: _ticked(raw.frame[name]) for name in columns.values() if name in ours}
        return replace(raw, frame=raw.frame.assign(**ticked), labels=_less(raw, ticked))
    return raw


def _words(options: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Each way to write an option: its number, its code, and its words in every language."""
    told = {str(place): option for place, option in enumerate(options, start=1)}
    for option, texts in options.items():
        told |= {plain(bare(option)): option, plain(option): option} | {plain(text): option for text in texts.values()}
    return told


def _spread(
    raw: RawTable, item: Item, columns: Mapping[str, str], words: Mapping[str, str], rows: Sequence[Sequence[str]],
    taken: Sequence[str], findings: Findings,
) -> RawTable:  # fmt: skip
    """Options in the order in which each row names them, as a column for each: its rank, or 1 where it was picked."""
    read = [[words.get(plain(cell), "") for cell in row] for row in rows]
    wrong = [place for place, row in enumerate(read) if "" in row]
    if wrong:
        findings.add(
            "DQ030", raw.file, column=item.code, rows=raw.rows[wrong], expected=f"one of {len(columns)} options",
            came="other words",
        )  # fmt: skip
    ranked = item.kind == ItemKind.RANK
    made = {
        name: pd.Series(
            [(str(row.index(option) + 1) if ranked else "1") if option in row else "" for row in read], dtype="str"
        )
        for option, name in columns.items()
    }
    frame = raw.frame.drop(columns=list(taken)).assign(**made)
    return replace(raw, frame=frame, labels=_less(raw, [*taken, *made]))


def _parted(cell: str, words: Mapping[str, str]) -> list[str]:
    """The options in a cell that holds several, between semicolons or commas; a comma may stand in an option too.

    >>> _parted("a rise, or so, a car", {"a rise or so": "rise", "a car": "car"})
    ['a rise, or so', 'a car']
    """
    if ";" in cell:
        return [part for part in map(str.strip, cell.split(";")) if part]
    found: list[str] = []
    rest = ""
    for part in cell.split(","):
        rest = f"{rest},{part}" if rest else part
        if plain(rest) in words:
            found.append(rest.strip())
            rest = ""
    return [*found, rest.strip()] if rest.strip() else found


def _ticked(cells: pd.Series) -> pd.Series:
    """Cells of one option as 1 where anything but 'no' stands, else empty: tools write Y, a number or its words."""
    text = as_text(cells)
    return text.notna().where(~text.str.lower().isin(_NOT), False).map({True: "1", False: ""}).astype("str")


def _less(raw: RawTable, names: Collection[str]) -> dict[str, Mapping[str, str]]:
    return {name: told for name, told in raw.labels.items() if name not in names}
