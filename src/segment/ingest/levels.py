"""The values of an attribute as groups: those that are one group in two spellings, and those that mean 'not known'."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

import pandas as pd

from segment.errors import nearest_word
from segment.ingest.declared import DeclaredFile
from segment.ingest.findings import Findings
from segment.ingest.unknown import is_blank, key_of, quoted

#: What may be the number of a person, as `verify.py` looks for it in the names of groups, and who is too few for one.
_NUMBER, _FEWEST_NUMBERED = re.compile(r"\d{5}|[A-Za-z]\d{4}"), 10
#: Groups of fewer people are not named.
_FEWEST_NAMED, _MOST_NAMED = 5, 8


def check_levels(file: DeclaredFile, name: str, text: pd.Series) -> None:
    """Write down values that are alike (DQ057) and values that look like 'not known' (DQ058)."""
    counts = text.value_counts(sort=False)
    unknown = [str(word) for word in counts.index if is_blank(str(word))]
    if unknown:
        rows = file.rows[text.isin(unknown).to_numpy()]
        listed = ", ".join(map(quoted, sorted(unknown)))
        file.findings.add(
            "DQ058", file.file, column=file.column(name), rows=rows, came=listed,
            advice=f"if they mean 'not known', say missing: {{{key_of(name)}: [{listed}]}}; else nothing",
        )  # fmt: skip
    alike = _alike(counts.drop(unknown))
    if alike:
        groups = "; ".join(" / ".join(_seen(words)) for words in alike[:_MOST_NAMED]) or "small groups"
        table = ", ".join(_made_one(words) for words in alike[:_MOST_NAMED])
        count = int(sum(counts[list(words)].sum() for words in alike))
        file.findings.add(
            "DQ057", file.file, column=file.column(name), count=count, came=groups,
            advice=f"make them one: values: {{{key_of(name)}: {{{table}}}}}",
        )  # fmt: skip


def without_numbers_of_few(file: DeclaredFile, name: str, text: pd.Series, people: pd.Series) -> pd.Series:
    """Values that look like the number of a person and that fewer than ten people have become missing (DQ098).

    The name of a group stands in files that leave, also where its figures are hidden. A cost centre of many is a name.
    """
    persons = people.groupby(text).nunique()
    few = [word for word in persons.index[persons < _FEWEST_NUMBERED] if _NUMBER.search(str(word))]
    if not few:
        return text
    rows = text.isin(few)
    file.findings.add(
        "DQ098", file.file, column=file.column(name), rows=file.rows[rows.to_numpy()],
        expected=f"names of groups, or codes that {_FEWEST_NUMBERED} people or more have",
        came=f"{len(few)} such values",
    )  # fmt: skip
    return text.mask(rows)


def check_named(findings: Findings, file: str, values: pd.Series, names: Collection[str], setting: str) -> None:
    """Write down the values of an attribute that a setting names and that nobody has (DQ086), with what is there."""
    counts = values.dropna().astype("str").value_counts()
    strangers = sorted(set(names) - set(counts.index))
    there = sorted(counts.index[counts >= _FEWEST_NAMED])
    meant = {name: nearest_word(name, there) for name in strangers}
    swaps = ", ".join(f"{quoted(name)} -> {quoted(word)}" for name, word in meant.items() if word)
    if strangers:
        findings.add(
            "DQ086", file, column=str(values.name), count=len(strangers),
            expected=f"values of groups of {_FEWEST_NAMED} or more: {', '.join(map(quoted, there)) or 'none'}",
            came=", ".join(map(quoted, strangers)) + f" under {setting}",
            advice=f"if a name was misspelt, correct it in the study file: {swaps}" if swaps else "",
        )  # fmt: skip


def plain_of(word: str) -> str:
    """A value without what the eye does not see as a difference: case, spaces, and how accents are stored.

    >>> plain_of("Human  Resources ") == plain_of("human resources"), plain_of("Zorg") == plain_of("Zörg")
    (True, False)
    """
    return " ".join(unicodedata.normalize("NFKC", word).casefold().split())


def _seen(words: Collection[str]) -> list[str]:
    """Values as a reader can tell them apart: spelled out where another one looks the same."""
    return [quoted(word, spelled=True) if _has_a_twin(word, words) else word for word in words]


def _made_one(words: list[str]) -> str:
    """How alike values become the first of them, its accents stored as a keyboard gives them: it can be typed over.

    >>> print(_made_one(["Zo\u0308rg", "zörg"]))
    "Zo\\U00000308rg": 'Zörg', 'zörg': 'Zörg'
    """
    one = unicodedata.normalize("NFC", words[0])
    others = [word for word in words if word != one]
    return ", ".join(f"{quoted(word, spelled=_has_a_twin(word, [one, *others]))}: {quoted(one)}" for word in others)


def _has_a_twin(word: str, words: Collection[str]) -> bool:
    """Whether another of these values differs from this one in nothing that the eye sees.

    >>> [_has_a_twin("Zo\u0308rg", others) for others in (["Zörg"], ["zörg"], ["Zorg"])]
    [True, False, False]
    """
    seen = unicodedata.normalize("NFKC", word)
    return any(unicodedata.normalize("NFKC", one) == seen for one in words if one != word)


def _alike(counts: pd.Series) -> list[list[str]]:
    """Values that are alike, the most frequent first; only where together they may be named."""
    groups: dict[str, list[str]] = {}
    for word in counts.index:
        groups.setdefault(plain_of(str(word)), []).append(str(word))
    return [
        sorted(words, key=lambda word: (-int(counts[word]), not unicodedata.is_normalized("NFKC", word), word))
        for words in groups.values()
        if len(words) > 1 and int(counts[words].sum()) >= _FEWEST_NAMED
    ]
