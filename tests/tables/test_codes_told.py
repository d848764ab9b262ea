"""Tables hold codes, catalogues hold words: no column is a sentence of the program's own in one language."""

from __future__ import annotations

import re
from string import Formatter

from segment.locale import catalogue, languages
from segment.tables import TableSpec, all_tables
from segment.tables.spec import Column

#: Tables with a column per language, and why: names are a study's own words, kept as they were when they were given.
NAMED = {
    "segments": "what a segment is called: made of the codebook's names, or given by `segment name`, and kept",
    "identity": "what the decided model calls a segment that is no more",
}


def coded() -> list[tuple[TableSpec, Column]]:
    return [(spec, column) for spec in all_tables().values() for column in spec.columns if column.words]


def test_only_names_that_a_study_gave_have_a_column_per_language() -> None:
    ends = "|".join(languages())
    found = {
        name
        for name, spec in all_tables().items()
        for column in (*spec.columns, *spec.made)
        if re.fullmatch(rf"(\w+_)?({ends})", column.name)
    }
    assert found == set(NAMED), "write a code, and declare the words that say it (Column.words)"


def test_every_code_has_words_that_its_own_row_can_fill() -> None:
    assert len(coded()) >= 5
    for spec, column in coded():
        known = {key: texts for key, texts in catalogue().items() if key.startswith(f"{column.words}.")}
        assert known and all(set(texts) == set(languages()) for texts in known.values()), (spec.name, column.words)
        told = [text for texts in known.values() for text in texts.values()]
        left_open = {name for text in told for _, name, _, _ in Formatter().parse(text) if name}
        assert left_open <= {one.name for one in spec.columns}, spec.name
