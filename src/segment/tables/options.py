"""What respondents choose from: the options of an item by code, and in the words of every language."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path

from segment.locale import languages
from segment.tables.codebook import Codebook, Item
from segment.vocabulary import ItemKind

Options = Mapping[str, Mapping[str, str]]
#: How the survey begins in the script of a form; what stands behind it on that line is JSON.
FORM_BEGINS = "const SURVEY = "


def wishes_in_words(file: Path) -> dict[str, dict[str, str]]:
    """Wish option -> its words per language, from the study's list of wishes."""
    with file.open(encoding="utf-8-sig", newline="") as handle:
        return {
            row["code"]: {language: row[language] for language in languages() if row.get(language)}
            for row in csv.DictReader(handle)
        }


def options_of(item: Item, codebook: Codebook, wishes: Options) -> dict[str, Mapping[str, str]]:
    """The options of a list, a ranking or a pick of one, in the order in which they are put; none for others.

    A ranking has the first needs of the questionnaire, as many as its scale has places.
    """
    if item.kind == ItemKind.WISH:
        return dict(wishes)
    if item.kind == ItemKind.RANK:
        places = int(item.high - item.low) + 1
        return {need: codebook.need_names.get(need) or {} for need in codebook.needs[:places]}
    if item.kind == ItemKind.MOMENT_PICK:
        return {moment.code: moment.texts for moment in codebook.of_kind(ItemKind.MOMENT)}
    return {}


def bare(code: str) -> str:
    """A code without the signs that some tools do not allow in one.

    >>> bare("I_PAY_match")
    'IPAYmatch'
    """
    return re.sub(r"[^A-Za-z0-9]", "", code)
