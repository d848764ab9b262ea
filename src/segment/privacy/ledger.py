"""The release ledger: which groups left the building, so that no two of them differ by a handful of people.

A mean of a group before and after one person left gives that person's answer away. The ledger remembers every
released group and refuses a release in which a group differs by one to four people from another group whose figures
come from the same answers or spells, in the same release or an earlier one. It holds names of tables and groups,
bands of sizes and commitments; who was in a group lies apart (:mod:`segment.privacy.members`).
"""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from segment.errors import InvalidInput, RefusedRelease
from segment.privacy.chain import Chain
from segment.privacy.figures import people_band
from segment.privacy.members import Members
from segment.privacy.release import ReleasedTable
from segment.privacy.rules import ReleaseRules

#: The people of a released group, by the group's label.
Groups = Mapping[str, Collection[str]]


@dataclass(frozen=True)
class Entry:
    """One released table in the ledger: what it was made from, its fingerprint, and its groups."""

    number: int
    table: str
    source: str
    digest: str
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Conflict:
    """Two groups that differ by so few people that publishing both gives those people away."""

    table: str
    group: str
    other_table: str
    other_group: str
    earlier: bool

    def __str__(self) -> str:
        when = "released earlier" if self.earlier else "in the same release"
        return (
            f"{self.table}, {self.group}: differs by a few people from {self.other_table}, {self.other_group} ({when})"
        )


class ReleaseLedger:
    """The book of released groups: append-only, chained by digests, with the people apart.

    Parameters
    ----------
    path
        SQLite file of the ledger (table ``releases``); it may be the file of the event log.
    members
        SQLite file with the people of the groups; made when missing.
    key
        The ledger's secret, kept outside the repository.
    rules
        ``min_group`` says by how many people two groups must differ.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ledger = ReleaseLedger(Path(folder) / "ledger.db", members=Path(folder) / "members.db", key=b"secret")
    ...     team = [f"p{i}" for i in range(9)]
    ...     first = ledger.record({"pay": {"team a": team}}, source="answers 2024", digests={"pay": "d1"})
    ...     conflicts = ledger.conflicts({"pay": {"team a": team[1:]}}, source="answers 2024")
    ...     len(first), str(conflicts[0])
    (1, 'pay, team a: differs by a few people from pay, team a (released earlier)')
    """

    def __init__(self, path: Path | str, *, members: Path | str, key: bytes, rules: ReleaseRules | None = None) -> None:
        if not key:
            raise InvalidInput(
                "A release ledger needs a key.", advice="set the key's environment variable, or name a key file"
            )
        self._least = (rules or ReleaseRules()).min_group
        self._chain = Chain(path, name="releases", key=key)
        self._members = Members(members, key=key)

    def entries(self) -> list[Entry]:
        """All released tables, oldest first."""
        return [
            Entry(link.number, c["table"], c["source"], c["digest"], tuple(g["label"] for g in c["groups"]))
            for link in self._chain.links()
            for c in [link.content]
        ]

    def conflicts(self, tables: Mapping[str, Groups], *, source: str) -> list[Conflict]:
        """Groups of a release to be that differ by one to four people from another one.

        Parameters
        ----------
        tables
            Per table the people (pseudonyms) of every group that it would show.
        source
            What the figures come from: answers of a wave, spells up to a day. Only groups of one source meet.
        """
        new = [
            (table, label, frozenset(people)) for table, groups in tables.items() for label, people in groups.items()
        ]
        found = [
            Conflict(one[0], one[1], other[0], other[1], earlier=False)
            for one, other in itertools.combinations(new, 2)
            if abs(len(one[2]) - len(other[2])) < self._least and 0 < len(one[2] ^ other[2]) < self._least
        ]
        secrets = self._members.secrets(frozenset().union(*(people for _, _, people in new)))
        sizes = self._members.sizes()
        for old_table, old_group in self._groups(source):
            then = sizes.get(old_group["group"], 0)
            for table, label, people in new:
                if abs(then - len(people)) < self._least:
                    shared = self._members.overlap(old_group["group"], (secrets[p] for p in people if p in secrets))
                    if 0 < then + len(people) - 2 * shared < self._least:
                        found.append(Conflict(table, label, old_table, old_group["label"], earlier=True))
        return found

    def record(self, tables: Mapping[str, Groups], *, source: str, digests: Mapping[str, str]) -> list[Entry]:
        """Write the groups of a release down, before its files are handed out.

        A table that was released before with the same digest from the same source adds nothing.

        Parameters
        ----------
        tables, source
            As in :meth:`conflicts`.
        digests
            Per table the fingerprint of what it shows (:func:`table_digest`).

        Returns
        -------
        list of Entry
            The new entries; none when everything was released before.

        Raises
        ------
        RefusedRelease
            A group differs from another by fewer people than the least group; nothing is written then.
        """
        entries = self.entries()
        before = {(entry.table, entry.source, entry.digest) for entry in entries}
        new = {table: groups for table, groups in tables.items() if (table, source, digests[table]) not in before}
        if not new:
            return []
        conflicts = self.conflicts(tables, source=source)
        if conflicts:
            raise RefusedRelease(
                "A release would give a few people away, because two of its groups or an earlier one differ by so few.",
                expected=f"groups from the same answers that differ by nobody or by at least {self._least} people",
                came="; ".join(map(str, conflicts[:10]))
                + (f"; {len(conflicts) - 10} more" if len(conflicts) > 10 else ""),
                advice="hide these groups (release(..., barred=...)), or keep what was released before",
            )
        self._members.keep_only([group["group"] for _, group in self._groups(None)])
        for table, groups in new.items():
            self._chain.append(self._content(table, groups, source, digests[table]))
        return self.entries()[len(entries) :]

    def _content(self, table: str, groups: Groups, source: str, digest: str) -> dict[str, Any]:
        lines = []
        for label, people in groups.items():
            number = os.urandom(12).hex()
            commitment = self._members.add(number, people).hex()
            lines.append(
                {
                    "group": number,
                    "label": label,
                    "band": people_band(len(people), exact_from=10**9),
                    "commitment": commitment,
                }
            )
        return {"table": table, "source": source, "digest": digest, "groups": lines}

    def groups_of(self, person: str) -> list[tuple[str, str]]:
        """Released groups (table, label) the person was in; none once erased."""
        groups = self._groups(None)
        inside = set(self._members.released_with(person, [group["group"] for _, group in groups]))
        return [(table, group["label"]) for table, group in groups if group["group"] in inside]

    def erase(self, person: str) -> list[tuple[str, str]]:
        """Destroy what ties a person to released groups; returns the groups (table, label) that stay locked.

        The chain still verifies. The locked groups can be published again only as they were: without the person
        they differ by one.
        """
        locked = self.groups_of(person)
        self._members.erase(person)
        return locked

    def verify(self, *, head: tuple[int, str] | None = None) -> str | None:
        """None when ledger and members are as they were written, else what is wrong in words."""
        problem = self._chain.verify(head=head)
        if problem is not None:
            return problem
        for table, group in self._groups(None):
            if self._members.commitment(group["group"]).hex() != group["commitment"]:
                return f"The people of {table}, {group['label']} are not as they were when it was released."
        return None

    @property
    def head(self) -> tuple[int, str]:
        """Number and digest of the last entry: kept elsewhere, it shows whether the ledger was cut short."""
        return self._chain.head

    def _groups(self, source: str | None) -> list[tuple[str, dict[str, Any]]]:
        return [
            (link.content["table"], group)
            for link in self._chain.links()
            if source is None or link.content["source"] == source
            for group in link.content["groups"]
        ]


def table_digest(table: ReleasedTable) -> str:
    """Fingerprint of what a released table shows: the same figures, the same fingerprint.

    The text of every cell is taken, so it depends on nothing but the figures.
    """
    text = table.frame.to_csv(index=False, lineterminator="\n", float_format="%.10g")
    return hashlib.blake2b(f"{table.name}\n{table.kind}\n{text}".encode(), digest_size=16).hexdigest()


def shown_groups(table: ReleasedTable, people: pd.DataFrame) -> dict[str, frozenset[str]]:
    """The people of every group a released table shows.

    Parameters
    ----------
    table
        What would be published.
    people
        One row per person: ``person`` and the table's group columns.

    Returns
    -------
    dict
        Label of the group ('segment 2, department sales'; 'everyone') to pseudonyms.
    """
    missing = [column for column in ("person", *table.groups) if column not in people]
    if missing:
        raise InvalidInput(
            f"The people of table '{table.name}' cannot be found.",
            expected="one row per person with person and the table's group columns",
            came="no column " + ", ".join(missing),
        )
    frame = table.frame
    shown = frame.loc[frame["status"] != "hidden", list(table.groups)].drop_duplicates()
    found: dict[str, frozenset[str]] = {}
    for row in shown.to_dict("records") if table.groups else [{}]:
        chosen = {str(column): label for column, label in row.items() if not pd.isna(label)}
        inside = pd.Series(True, index=people.index)
        for column, label in chosen.items():
            inside &= people[column] == label
        name = ", ".join(f"{column} {_plain(label)}" for column, label in chosen.items()) or "everyone"
        found[name] = frozenset(people.loc[inside, "person"].tolist())
    return found


def _plain(label: object) -> str:
    return f"{label:g}" if isinstance(label, float) else str(label)
