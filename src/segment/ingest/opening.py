"""A raw file opened by its declaration: its columns held against what a study says of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from segment.config import FileConfig
from segment.ingest.columns import (
    by_our_names,
    check_declared,
    check_denied,
    check_patterns,
    check_presence,
    check_settings,
    figures_of,
    is_own,
    kept_rows,
    with_numbers,
    without_headers,
)
from segment.ingest.declared import DeclaredFile
from segment.ingest.findings import Findings
from segment.ingest.limits import Limits
from segment.ingest.raw import RawTable
from segment.ingest.readers import read_raw


def open_declared(
    path: Path,
    config: FileConfig,
    findings: Findings,
    *,
    required: Iterable[str],
    known: Iterable[str],
    optional: Iterable[str] = (),
    columns: Mapping[str, str] | None = None,
    called: Mapping[str, str] | None = None,
    prefixes: tuple[str, ...] = (),
    deny: tuple[str, ...] = (),
    limits: Limits | None = None,
    figures: bool = False,
    told: str = "",
    asked: Callable[[RawTable], RawTable] | None = None,
) -> DeclaredFile | None:
    """Open a raw file and hold its columns against their declaration.

    Parameters
    ----------
    required, known
        Our names that must be there, and that this table may have.
    optional
        Names among ``known`` whose absence means nothing, even when they stand under ``columns``.
    columns
        Our name to file column, declared elsewhere than under ``columns`` (attributes, outcome); these must exist.
    called
        Our name to what the study calls that column (outcome), for settings that are given under that word.
    prefixes
        Beginnings of our names that this table may have besides (``W_rank6_``).
    deny
        Further names that may never be taken in.
    limits
        How large the file may be.
    figures
        Whether columns of numbers need no declaration: right for tables about units, never for tables about people.
    told
        What the file is called, where its name is not enough.
    asked
        Puts the columns of a survey tool's export under the codes of the questions.

    Returns nothing when the file cannot be read or its columns do not allow going on; why is in ``findings``.
    """
    raw = _read(path, config, findings, limits=limits, told=told, asked=asked)
    if raw is None:
        return None
    own = {*required, *known, *(columns or {})}
    words = {*own, *(figures_of(raw, config) if figures else ())}
    present = list(map(str, raw.frame.columns))
    names = {**config.columns, **(columns or {})}
    said = (called or {}).values()
    check_settings(raw.file, config, names, {*words, *said}, prefixes, {*present, *said}, findings)
    absent = check_presence(raw.file, names, required, set(optional), present, findings)
    check_declared(raw.file, config, names, words, prefixes, present, findings)
    check_denied(raw.file, config, names, words, prefixes, present, deny, findings)
    kept = kept_rows(raw, by_our_names(config, names, called or {}), names, findings)
    if kept is None or any(name in absent for name in required):
        return None
    if not len(kept.frame):
        findings.add(
            "DQ008",
            raw.file,
            count=0,
            came="a header without rows" if not len(raw.frame) else "no row that 'keep' asks for",
        )
        return None
    named = {*names.values(), *(("person_id",) if config.number_rows else ())}
    check_patterns(raw.file, config, own, prefixes, [one for one in present if one not in named], findings)
    return DeclaredFile(
        without_headers(kept, findings),
        config,
        names,
        findings,
        own=lambda column: is_own(column, own, prefixes),
        called=called,
        left_out=raw.where(~np.isin(raw.rows, kept.rows)),
    )


def _read(
    path: Path,
    config: FileConfig,
    findings: Findings,
    *,
    limits: Limits | None,
    told: str,
    asked: Callable[[RawTable], RawTable] | None,
) -> RawTable | None:
    """A raw file's cells under the name it is known by, without rows that are skipped; numbered where asked."""
    raw = read_raw(
        path, findings, delimiter=config.delimiter, encoding=config.encoding, sheet=config.sheet,
        header_row=config.header_row, limits=limits,
    )  # fmt: skip
    if raw is None:
        return None
    raw = replace(raw, file=told or raw.file)
    if asked is not None:
        raw = asked(raw)
    if config.skip_rows:
        raw = raw.where(~np.isin(raw.rows, list(config.skip_rows)))
    return with_numbers(raw, findings, place=str(config.file)) if config.number_rows else raw
