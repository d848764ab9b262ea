"""Tables hold codes, catalogues hold words: no column is a sentence of the program's own in one language."""

from __future__ import annotations

import re
from string import Formatter

from segment.locale import catalogue, languages
from segment.tables import TableSpec, all_tables
from segment.tables.spec import Column


def coded() -> list[tuple[TableSpec, Column]]:
    return [(spec, column) for spec in all_tables().values() for column in spec.columns if column.words]


def test_no_table_has_a_column_per_language() -> None:
    """A further language is one file: it adds rows to tables of names, and no column to any."""
    ends = "|".join(languages())
    found = {
        (name, column.name)
        for name, spec in all_tables().items()
        for column in (*spec.columns, *spec.made)
        if re.fullmatch(rf"(\w+_)?({ends})", column.name)
    }
    assert found == set(), "declare the words that say a code (Column.words), or a row per language (segment_names)"


def test_every_code_has_words_that_its_own_row_can_fill() -> None:
    assert len(coded()) >= 5
    for spec, column in coded():
        known = {key: texts for key, texts in catalogue().items() if key.startswith(f"{column.words}.")}
        assert known and all(set(texts) == set(languages()) for texts in known.values()), (spec.name, column.words)
        told = [text for texts in known.values() for text in texts.values()]
        left_open = {name for text in told for _, name, _, _ in Formatter().parse(text) if name}
        assert left_open <= {one.name for one in spec.columns}, spec.name
