"""A release to be: its tables, who stands behind every figure, and what of that each table would show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from segment.disclosure.ledger.answers import Sketch
from segment.disclosure.ledger.fingerprints import shown_groups
from segment.disclosure.linked_tables import EVERYONE, Request
from segment.disclosure.release import ReleasedTable
from segment.disclosure.rules import ReleaseRules

#: The people of every group, and by line how many stand behind the figure.
Groups = Mapping[str, frozenset[str]]
Counts = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, eq=False)
class Besides:
    """Others whose answers a table's figures are made of as well, or other answers of the same people.

    ``name``: what they are, behind the table's own; ``source``: what they answered; ``people``: one row per person with
    the table's group columns; ``same``: these are the people of the table itself, as many of them behind each figure.
    """

    name: str
    source: str
    people: pd.DataFrame
    same: bool


@dataclass(frozen=True, eq=False)
class Counted:
    """Whom of the people behind a table its shares count: a share changes with them, whoever is in the group.

    ``name``: who they are, behind the table's own; ``source``: what tells them; ``people``: one row per person with the
    table's group columns; ``answers``: of that source, where it has some; ``model``: a model learned from all of them
    whatever its figures say of one group.
    """

    name: str
    source: str
    people: pd.DataFrame
    answers: Sketch | None = None
    model: bool = False

    def groups(self, table: ReleasedTable) -> Groups:
        """Whom a table tells of by what it shows."""
        if not self.model:
            return shown_groups(table, self.people)
        told = (table.frame["status"] != "hidden").any()
        return {EVERYONE: frozenset(self.people["person"])} if told else {}


@dataclass(frozen=True)
class Asked:
    """A release to be: its tables, and what the ledger has to know of each.

    ``kinds`` says by what kind of people a table is made (:func:`people_behind`); ``behind`` holds them, with the
    columns that group them, and ``counted`` whom of them a share counts. ``answers`` goes by source; ``rows`` is what
    HR's files hold of people, by which they are recognised where a source has no answers. ``besides`` are others behind
    the same figures: these leave where they might as well. ``parts`` says by table and group of which groups it is made
    that other tables tell one by one: where one of these is hidden, so is what is made of it.
    """

    requests: tuple[Request, ...]
    kinds: Mapping[str, str]
    behind: Mapping[str, pd.DataFrame | None]
    answers: Mapping[str, Sketch | None]
    rules: ReleaseRules
    rows: Sketch | None = None
    besides: Mapping[str, Sequence[Besides]] = field(default_factory=dict)
    parts: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    counted: Mapping[str, Sequence[Counted]] = field(default_factory=dict)


@dataclass(frozen=True)
class ToldOf:
    """The groups a table shows: their people, whom of them its shares count, and by line how many are behind a figure.

    ``besides``: by source and name the same of others behind its figures.
    """

    groups: Groups
    counts: Counts
    counted: Sequence[tuple[Counted, Groups]]
    besides: Mapping[tuple[str, str], tuple[Groups, Counts]]

    @classmethod
    def of(cls, request: Request, table: ReleasedTable, asked: Asked) -> ToldOf:
        people = asked.behind[request.name]
        if people is None:
            return cls({}, {}, (), {})
        groups = dict(shown_groups(table, people))
        if _tells_everyone(table):
            groups[EVERYONE] = frozenset(people["person"])
        counts: dict[str, dict[str, int]] = {}
        for name, count, line, shown in request.sizes(table):
            if shown and asked.kinds[request.name] != "curves":
                counts.setdefault(name, {})[line] = count
        besides = {
            (one.source, request.name + one.name): (shown_groups(table, one.people), counts if one.same else {})
            for one in asked.besides.get(request.name, ())
        }
        counted = [(one, one.groups(table)) for one in asked.counted.get(request.name, ())]
        return cls(groups, counts, counted, besides)


def _tells_everyone(table: ReleasedTable) -> bool:
    """Whether a table without a row for everyone has everyone's figure beside each group's."""
    frame = table.frame
    return "overall" in frame and bool(frame.loc[frame["status"] != "hidden", "overall"].notna().any())


def by_source(requests: Sequence[Request], shown: Mapping[str, ToldOf]) -> dict[str, dict[str, tuple[Groups, Counts]]]:
    """By source and table the groups that are shown; last those that others stand behind as well: they yield."""
    found: dict[str, dict[str, tuple[Groups, Counts]]] = {}
    for request in sorted((r for r in requests if r.groups), key=lambda r: bool(shown[r.name].besides)):
        here = shown[request.name]
        found.setdefault(request.source, {})[request.name] = (here.groups, here.counts)
        for (source, name), told in here.besides.items():
            found.setdefault(source, {})[name] = told
    return found


def of_hidden_parts(
    requests: Sequence[Request], tables: Mapping[str, ReleasedTable], asked: Asked
) -> set[tuple[str, str]]:
    """Groups that are made of a group which a table of the same source hides: less the others, it would be known."""
    hidden: dict[str, set[str]] = {}
    for request in (r for r in requests if r.groups and r.name not in asked.parts):
        frame = tables[request.name].frame
        gone = (frame["status"] == "hidden").groupby(request.names(frame)).all()
        hidden.setdefault(request.source, set()).update(gone.index[gone])
    source = {request.name: request.source for request in requests}
    return {
        (name, group)
        for name, own in asked.parts.items()
        for group, parts in own.items()
        if parts & hidden.get(source[name], set())
    }
