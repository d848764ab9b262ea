"""Codes that respondents make themselves: they link waves that nobody at the employer can link to staff."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import pandas as pd

from segment.ingest.declared import DeclaredFile
from segment.ingest.findings import Findings
from segment.ingest.labels import plain
from segment.ingest.parsing import as_text

#: Letters and digits from which something is a code; fewer are shared by too many.
_SHORTEST = 4
_LINKED = "token:"


def token_id(code: str) -> str:
    """A code as an identifier: without case, accents and signs, and apart from every identifier that HR gives out.

    >>> token_id("Em-07 d"), token_id("em07D") == token_id("EM 07 d"), token_id("?")
    ('token:em07d', True, '')
    """
    told = plain(code).replace(" ", "")
    return f"{_LINKED}{told}" if len(told) >= _SHORTEST else ""


def raw_tokens(file: DeclaredFile, wave: str | None) -> pd.Series:
    """An identifier for each row of a survey: its code, or one of its own where a code does not tell people apart.

    That is so where a code is missing or short, and where several rows of one wave have it; how many is written down
    (DQ096), and never which. ``wave``: the declared one, for a file without a column of waves.
    """
    text = as_text(file.raw.frame[file.column("person_id")])
    waves = file.text("wave").fillna("") if file.has("wave") else pd.Series(wave or "", index=text.index, dtype="str")
    codes = text.fillna("").map(token_id)
    none = codes == ""
    twice = pd.DataFrame({"code": codes, "wave": waves}).duplicated(keep=False) & ~none
    if none.any() or twice.any():
        came = f"{int(none.sum())} without a code of {_SHORTEST} signs, {int(twice.sum())} with a code that others have"
        file.findings.add(
            "DQ096", file.file, column=file.column("person_id"), count=int((none | twice).sum()), came=came
        )
    alone = pd.Series([f"row:{file.file}:{row}" for row in file.rows], index=codes.index, dtype="str")
    return codes.where(~(none | twice), alone)


def check_tokens(findings: Findings, surveys: Sequence[tuple[str, str, pd.Series]], order: Iterable[str]) -> None:
    """How many codes of a wave differ in one sign from one of the wave before it (DQ097); they stay unlinked.

    ``surveys``: file, column and identifiers by row of each survey export; ``order``: the waves, earliest first.
    """
    codes: dict[str, set[str]] = {}
    files = {file: column for file, column, _ in surveys}
    for file, _, ids in surveys:
        waves = findings.waves_of(file)
        for row, code in zip(ids.index.tolist(), ids.tolist(), strict=True):
            if code.startswith(_LINKED):
                codes.setdefault(waves.get(row, ""), set()).add(code)
    for before, after in pairwise(order):
        first, second = codes.get(before, set()), codes.get(after, set())
        near = _one_sign_apart(second - first, first - second)
        if near:
            findings.add(
                "DQ097", ", ".join(files), column=next(iter(files.values())), count=near,
                came=f"{near} codes of {after} are one sign from one of {before}; {len(first & second)} are the same",
            )  # fmt: skip


def _one_sign_apart(codes: Iterable[str], others: Iterable[str]) -> int:
    """How many codes become one of the others by adding, leaving out, changing or swapping one sign."""
    left_out: dict[str, set[str]] = {}
    for other in others:
        for shorter in (other, *_shorter(other)):
            left_out.setdefault(shorter, set()).add(other)
    return sum(
        any(
            _is_one_apart(code, other)
            for shorter in (code, *_shorter(code))
            for other in left_out.get(shorter, ())
        )
        for code in codes
    )  # fmt: skip


def _shorter(code: str) -> Iterator[str]:
    return (code[:place] + code[place + 1 :] for place in range(len(_LINKED), len(code)))


def _is_one_apart(one: str, other: str) -> bool:
    """Whether one edit makes one code of the other, two neighbours that are swapped being one edit."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    if len(one) != len(other):
        long, short = (one, other) if len(one) > len(other) else (other, one)
        return long[start + 1 :] == short[start:]
    swapped = one[start : start + 2] == other[start : start + 2][::-1]
    return one[start + 1 :] == other[start + 1 :] or (swapped and one[start + 2 :] == other[start + 2 :])
