"""A raw file's columns and rows held against their declaration: what is missing, not declared or not data."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase

import numpy as np
import pandas as pd

from segment.config import FileConfig
from segment.errors import nearest
from segment.ingest.findings import Findings
from segment.ingest.headers import extra_headers
from segment.ingest.parsing import as_numbers, as_text, translate
from segment.ingest.raw import RawTable
from segment.ingest.sensitive import is_denied

#: The name that stands for every column.
ALL = "*"
#: Settings that are given by name of a column, and how many names of them one finding tells.
_BY_NAME, _MOST_IDLE = ("values", "missing", "decimal", "date_format", "time_zone"), 6


def by_our_names(config: FileConfig, names: Mapping[str, str], called: Mapping[str, str]) -> FileConfig:
    """The declaration with each setting under all our names of the column that it is given for.

    A setting is given by our name, by the file's own name of a column, or by what the study calls a column elsewhere
    (``called``: our name to that word). What is given by our name counts most.
    """
    changed: dict[str, object] = {}
    for setting in _BY_NAME:
        written = dict(config)[setting]
        if not isinstance(written, dict):
            continue
        made: dict[str, object] = {}
        for key, said in written.items():
            for name in _meant(key, names, called):
                made[name] = _joined(made[name], said) if name in made else said
        for key, said in written.items():
            made[key] = _joined(made[key], said) if key in made else said
        changed[setting] = made
    return config.model_copy(update=changed)


def _meant(key: str, names: Mapping[str, str], called: Mapping[str, str]) -> list[str]:
    """Our names, other than the key itself, that a setting under this key is for."""
    file_column = names.get(key, key) == key
    return [
        name
        for name, column in names.items()
        if name != key and (called.get(name) == key or (file_column and column == key))
    ]


def _joined(first: object, second: object) -> object:
    """Two things said of one column: translations and words for 'not known' add up, of marks and formats the last."""
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        return {**first, **second}
    return (*first, *second) if isinstance(first, tuple) and isinstance(second, tuple) else second


def check_settings(
    file: str, config: FileConfig, names: Mapping[str, str], words: Collection[str], prefixes: tuple[str, ...],
    present: Collection[str], findings: Findings,
) -> None:  # fmt: skip
    """Settings for a name that no table and no column has (DQ011), or for a column that this file lacks (DQ067)."""
    idle: list[str] = []
    for setting in ("columns", *_BY_NAME):
        written = dict(config)[setting]
        for name in written if isinstance(written, dict) else ():
            read = setting != "columns" and name in names.values()
            if name == ALL or read or is_own(name, words, prefixes):
                idle += [name] if setting != "columns" and names.get(name, name) not in present else []
            else:
                hint = "" if findings.told("DQ011", file) else _hint_on_setting(name, names, words, present)
                findings.add(
                    "DQ011",
                    file,
                    column=name,
                    count=1,
                    came=f"'{name}' under '{setting}'" + (f"; {hint}" if hint else ""),
                )
    idle = [name for name in dict.fromkeys(idle) if name != ALL]
    if idle:
        shown = ", ".join(idle[:_MOST_IDLE]) + (f" and {len(idle) - _MOST_IDLE} more" if len(idle) > _MOST_IDLE else "")
        findings.add("DQ067", file, count=len(idle), came=f"settings for {shown}")


def _hint_on_setting(name: str, names: Mapping[str, str], words: Collection[str], present: Collection[str]) -> str:
    """What a setting's name may be: a column that is left out, or one of the file's or ours written otherwise."""
    if name in present:
        return "this column is not taken in, so nothing of it is read"
    return nearest(name, [*words, *names.values()], listed=False)


def check_presence(
    file: str,
    names: Mapping[str, str],
    required: Iterable[str],
    optional: Collection[str],
    present: list[str],
    findings: Findings,
) -> set[str]:
    """Required and declared columns that the file does not have (DQ009); returns our names of them."""
    absent, there = set(), set(present)
    for name in dict.fromkeys([*required, *names]):
        column = names.get(name, name)
        if column in there or name in optional:
            continue
        absent.add(name)
        hint = "" if findings.told("DQ009", file) else nearest(column, present, listed=False)
        findings.add(
            "DQ009",
            file,
            column=column,
            count=1,
            expected=f"a column for '{name}'",
            came=f"none; {hint}" if hint else "none",
        )
    return absent


def figures_of(raw: RawTable, config: FileConfig) -> list[str]:
    """Columns that hold numbers and nothing else."""
    texts = {name: as_text(raw.frame[name]) for name in map(str, raw.frame.columns)}
    return [name for name, text in texts.items() if not as_numbers(text, decimal=config.decimal_of(name)).bad.any()]


def is_own(column: str, words: Collection[str], prefixes: tuple[str, ...]) -> bool:
    """Whether a file column carries one of our own names."""
    return column in words or bool(prefixes and column.startswith(prefixes))


def ignored(column: str, config: FileConfig, *, own: bool = False) -> bool:
    """Whether a column is left out: by its own name always, by a pattern unless it carries one of our names."""
    return column in config.ignore or (
        not own and any(fnmatchcase(column, pattern) for pattern in config.ignored_patterns)
    )


def taken(
    column: str, config: FileConfig, names: Mapping[str, str], words: Collection[str], prefixes: tuple[str, ...]
) -> bool:
    """Whether a file column is taken in: named by us, or carrying one of our names itself and not left out."""
    if column in names.values():
        return True
    own = is_own(column, words, prefixes)
    return own and column not in names and not ignored(column, config, own=own)


def check_declared(
    file: str,
    config: FileConfig,
    names: Mapping[str, str],
    words: Collection[str],
    prefixes: tuple[str, ...],
    present: list[str],
    findings: Findings,
) -> None:
    """Columns nobody declared (DQ010)."""
    keep, named = {rule.column for rule in config.keep}, set(names.values())
    for column in present:
        if column in named:
            continue
        if not taken(column, config, names, words, prefixes) and not ignored(column, config) and column not in keep:
            hint = "" if findings.told("DQ010", file) else _hint(column, names, words)
            findings.add(
                "DQ010",
                file,
                column=column,
                count=1,
                came="a column that the study file does not speak of" + (f"; {hint}" if hint else ""),
            )


def _hint(column: str, names: Mapping[str, str], words: Collection[str]) -> str:
    """What a column that nobody declared may be: one of our names written otherwise, or one that is another column."""
    if column in names:
        return f"the study file says that '{column}' is column '{names[column]}'"
    return nearest(column, words, listed=False)


def check_denied(
    file: str, config: FileConfig, names: Mapping[str, str], words: Collection[str], prefixes: tuple[str, ...],
    present: list[str], deny: tuple[str, ...], findings: Findings,
) -> None:  # fmt: skip
    """Declared columns whose name says that they may never come in (DQ012); the identifier is pseudonymised."""
    identifier = names.get("person_id", "person_id")
    ours = {column: name for name, column in names.items()}
    for column in present:
        if column == identifier or not taken(column, config, names, words, prefixes):
            continue
        if is_denied(column, further=deny) or is_denied(ours.get(column, column), further=deny):
            findings.add("DQ012", file, column=column, count=1, came="a name on the list of what identifies people")


def check_patterns(
    file: str, config: FileConfig, own: Collection[str], prefixes: tuple[str, ...], present: list[str],
    findings: Findings,
) -> None:  # fmt: skip
    """Columns with a name of ours that a pattern under 'ignore' would have left out (DQ064); ``present`` are those that
    the study file does not name."""
    kept = [
        column
        for column in present
        if is_own(column, own, prefixes) and column not in config.ignore and ignored(column, config)
    ]
    if kept:
        shown = ", ".join(kept[:6]) + (f" and {len(kept) - 6} more" if len(kept) > 6 else "")
        findings.add("DQ064", file, count=len(kept), came=f"taken in all the same: {shown}")


def with_numbers(raw: RawTable, findings: Findings, *, place: str) -> RawTable:
    """The rows with file and spreadsheet row as identifier, for a file that says of nobody who it is.

    ``place``: the file as the study names it. The same row of another file is somebody else.
    """
    if "person_id" in raw.frame.columns:
        findings.add(
            "DQ011", raw.file, column="person_id", count=1, came="'number_rows' for a file that has 'person_id'",
            advice="take 'number_rows' out of the study file: this file has an identifier",
        )  # fmt: skip
        return raw
    file = posixpath.normpath(place)
    names = pd.Series([f"{file}:{row}" for row in raw.rows], dtype="str")
    return replace(raw, frame=raw.frame.assign(person_id=names))


def without_headers(raw: RawTable, findings: Findings) -> RawTable:
    """The rows that are not headers too (DQ053): labels of questions, or the survey tool's own codes.

    Nothing further is said of such rows: advice about their words would make people of them.
    """
    extra = extra_headers(raw.frame)
    rows = raw.rows[extra]
    if len(rows):
        findings.add(
            "DQ053", raw.file, rows=rows, expected="data under the header", came="words in columns of numbers or dates",
            advice=f"leave them out: skip_rows: [{', '.join(map(str, rows))}]",
        )  # fmt: skip
    return raw.where(~extra) if len(rows) else raw


def _absent(config: FileConfig, column: str, names: Mapping[str, str]) -> set[str]:
    """The words that mean 'not known' in a column of the file."""
    return {
        word for name, said in config.missing.items() if name == ALL or names.get(name, name) == column for word in said
    }


def kept_rows(raw: RawTable, config: FileConfig, names: Mapping[str, str], findings: Findings) -> RawTable | None:
    """The rows that belong to the study."""
    keep = np.ones(len(raw.frame), dtype=bool)
    for rule in config.keep:
        column = names.get(rule.column, rule.column)
        if column not in raw.frame.columns:
            hint = nearest(column, map(str, raw.frame.columns), listed=False)
            findings.add(
                "DQ009",
                raw.file,
                column=column,
                count=1,
                expected="the column that 'keep' names",
                came=f"none; {hint}" if hint else "none",
            )
            return None
        text = as_text(raw.frame[column])
        if rule.answered:
            known = translate(text, values={}, missing=_absent(config, column, names))
            keep &= known.notna().to_numpy()
        if wanted := dict(rule)["values"]:
            keep &= text.isin(list(wanted)).to_numpy()
    return raw if keep.all() else raw.where(keep)
