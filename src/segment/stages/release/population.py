"""How many people were asked and took part, as a release tells it: it stays as it was told while a few come or go.

Whoever knows that one person is gone, erased or on the list by mistake, and has the pages of before and of now, would
read from one answer fewer that this person took part.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict

from segment.disclosure.ledger.released import COUNTED
from segment.disclosure.linked_tables import EVERYONE
from segment.stages.base import OpenStudy
from segment.stages.counts import Population, people_counted, population_of
from segment.stages.release.group_members import answers_behind
from segment.stages.release.ledgers import Books
from segment.store import digest_text

#: What the ledger calls them, with whom each number counts behind it.
TABLE = "population"


def told_population(opened: OpenStudy, books: Books, wave: str) -> Population:
    """The numbers of a wave, or those told before where somebody fewer than five came or went since.

    What is told anew is written down, with whom it counts.
    """
    now = population_of(opened, wave)
    counted = {f"{TABLE}, {kind}": own for kind, own in people_counted(opened, wave).items() if own}
    source, answers = f"{COUNTED}{TABLE} {wave} of {opened.config.study}", answers_behind(opened, wave)
    for table, people in counted.items():
        groups = {EVERYONE: people}
        if books.changed({table: groups}, source=source, answers=answers):
            rows = books.published(table, groups, source=source, answers=answers).get(EVERYONE)
            return _read(rows[0]) if rows else now
    row = _written(now)
    books.record(
        {table: {EVERYONE: people} for table, people in counted.items()}, source=source,
        digests=dict.fromkeys(counted, digest_text(repr(sorted(row.items())))), answers=answers,
        rows={table: {EVERYONE: [row]} for table in counted}, held=False,
    )  # fmt: skip
    return now


def _written(population: Population) -> dict[str, object]:
    row: dict[str, object] = asdict(population)
    return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in row.items()}


def _read(row: Mapping[str, object]) -> Population:
    days = {name: dt.date.fromisoformat(str(row[name])) for name in ("counted_on", "day") if row[name]}
    return Population(**{**row, "counted_on": None, "day": None, **days})  # type: ignore[arg-type]
