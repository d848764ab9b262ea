"""The release ledger: which groups left the building, so that no two of them differ by a handful of people.

A mean of a group before and after one person left gives that person's answer away. The ledger remembers every
released group and refuses a release in which a group differs by one to four people from another group whose figures
come from the same answers or spells, in the same release or an earlier one. It holds names of tables and groups,
bands of sizes and commitments; who was in a group lies apart (:mod:`segment.privacy.members`).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from segment.errors import InvalidInput, RefusedRelease
from segment.privacy.chain import Chain, Link
from segment.privacy.comparing import few_in_pairs, few_in_sums
from segment.privacy.figures import people_band
from segment.privacy.groups import Compared as _Group
from segment.privacy.groups import Conflict
from segment.privacy.linked import group_name
from segment.privacy.members import Members
from segment.privacy.release import ReleasedTable
from segment.privacy.rules import ReleaseRules
from segment.privacy.seals import ledger_key, seal, wrapped
from segment.privacy.spans import few_in_spans

#: The people of a released group, by the group's label.
Groups = Mapping[str, Collection[str]]

#: Per table, group and line the number of people behind a figure.
Counts = Mapping[str, Mapping[str, Mapping[str, int]]]


@dataclass(frozen=True)
class Entry:
    """One released table in the ledger: what it was made from, its fingerprint, and its groups."""

    number: int
    table: str
    source: str
    digest: str
    groups: tuple[str, ...]


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
        self._key = ledger_key(key)
        self._chain = Chain(path, name="releases", key=key)
        self._members = Members(members, key=key)

    def entries(self) -> list[Entry]:
        """All released tables that were not withdrawn, oldest first."""
        return [
            Entry(link.number, c["table"], c["source"], c["digest"], tuple(g["label"] for g in c["groups"]))
            for link in self._standing()
            for c in [link.content]
        ]

    def conflicts(self, tables: Mapping[str, Groups], *, source: str, counts: Counts | None = None) -> list[Conflict]:
        """Groups of a release to be that give one to four people away, by themselves or added up.

        Parameters
        ----------
        tables
            Per table the people (pseudonyms) of every group that it would show.
        source
            What the figures come from: answers of a wave, spells up to a day. Only groups of one source meet.
        counts
            Per table, group and line the number of people behind the figure, where that is fewer than the group: one
            answer fewer than in an earlier release of the same group gives that answer away.
        """
        new = [
            _Group(table, label, frozenset(people)) for table, own in tables.items() for label, people in own.items()
        ]
        earlier = self._earlier(source, frozenset().union(*(group.people for group in new)))
        found = few_in_pairs(new, earlier, least=self._least)
        for more in (few_in_sums(new, earlier, least=self._least), self._fewer_answers(new, earlier, counts or {})):
            named = {(conflict.table, conflict.group) for conflict in found}
            found += [conflict for conflict in more if (conflict.table, conflict.group) not in named]
        return list(dict.fromkeys(found or few_in_spans(new, earlier, least=self._least)))

    def record(
        self,
        tables: Mapping[str, Groups],
        *,
        source: str,
        digests: Mapping[str, str],
        counts: Counts | None = None,
    ) -> list[Entry]:
        """Write the groups of a release down, before its files are handed out.

        A table that was released before with the same digest from the same source adds nothing. A table without
        groups is sealed: who stood behind it is not known, so it can only be released again as it was
        (:meth:`sealed_otherwise`).

        Parameters
        ----------
        tables, source, counts
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
            A group gives a few people away; nothing is written then.
        """
        before = {(entry.table, entry.source, entry.digest) for entry in self.entries()}
        new = {table: groups for table, groups in tables.items() if (table, source, digests[table]) not in before}
        if not new:
            return []
        conflicts = self.conflicts(tables, source=source, counts=counts)
        if conflicts:
            raise RefusedRelease(
                "A release would give a few people away, because two of its groups or an earlier one differ by so few.",
                expected=f"groups from the same answers that differ by nobody or by at least {self._least} people",
                came="; ".join(map(str, conflicts[:10]))
                + (f"; {len(conflicts) - 10} more" if len(conflicts) > 10 else ""),
                advice="hide these groups (release(..., barred=...)), or keep what was released before",
            )
        self._members.keep_only([group["group"] for _, group in self._groups(withdrawn=True)])
        known = self._numbered(new, source)
        last = self._chain.head[0]
        for table, groups in new.items():
            lines = [
                {
                    "group": known[frozenset(people)][0],
                    "label": label,
                    "band": people_band(len(people), exact_from=10**9),
                    "commitment": known[frozenset(people)][1],
                    "lines": self._seals(known[frozenset(people)][0], (counts or {}).get(table, {}).get(label, {})),
                }
                for label, people in groups.items()
            ]
            self._chain.append({"table": table, "source": source, "digest": digests[table], "groups": lines})
        return [entry for entry in self.entries() if entry.number > last]

    def reexamine(self, people: Collection[str]) -> list[Conflict]:
        """Hold everything that was released and not withdrawn against each other once more.

        ``people``: everyone who may have been in a group. People who were erased are taken to be the same ones in every
        group, which can only hide a difference among themselves; groups that counted them are not added and subtracted.
        """
        found: list[Conflict] = []
        for source in dict.fromkeys(entry.source for entry in self.entries()):
            groups, released = [], self._earlier(source, frozenset(people))
            for old in released:
                erased = {f"erased {number}" for number in range(old.size - len(old.people))}
                groups.append(replace(old, people=old.people | erased))
            found += few_in_pairs(groups, (), least=self._least)
            found += few_in_sums(groups, (), least=self._least)
            whole = [old for old in released if old.size == len(old.people)]
            found += few_in_spans(whole, (), least=self._least)
        return list(dict.fromkeys(found))

    def sealed_otherwise(self, table: str, *, source: str, digest: str) -> bool:
        """Whether a table whose people are not known was released before with other figures from the same source."""
        before = {entry.digest for entry in self.entries() if (entry.table, entry.source) == (table, source)}
        return bool(before) and digest not in before

    def withdraw(self, *, by: str, reason: str, sources: Collection[str] | None = None) -> list[Entry]:
        """Take earlier releases back: a reviewer's word that nobody holds their files any more; returns them.

        What was withdrawn is no longer held against later releases. The entries stay in the book.
        """
        if not by.strip() or not reason.strip():
            raise InvalidInput("A withdrawal needs to say who takes the release back, and why.")
        gone = [entry for entry in self.entries() if sources is None or entry.source in sources]
        if gone:
            self._chain.append({"withdraws": [entry.number for entry in gone], "by": by, "reason": reason})
        return gone

    def _numbered(self, tables: Mapping[str, Groups], source: str) -> dict[frozenset[str], tuple[str, str]]:
        """Number and commitment for each set of people; the same people keep the number they had before."""
        sets = list(dict.fromkeys(frozenset(people) for groups in tables.values() for people in groups.values()))
        known: dict[frozenset[str], tuple[str, str]] = {}
        for old in self._earlier(source, frozenset().union(*sets)):
            if old.number is not None and old.size == len(old.people):
                known[old.people] = (old.number, old.commitment)
        fresh = {os.urandom(12).hex(): people for people in sets if people not in known}
        for number, commitment in self._members.add(fresh).items():
            known[fresh[number]] = (number, commitment.hex())
        return known

    def _earlier(self, source: str, people: frozenset[str]) -> list[_Group]:
        """Groups of earlier releases with their people who are not erased; ``people`` go by their names."""
        groups = self._groups(source)
        inside = self._members.inside(dict.fromkeys(group["group"] for _, group in groups), people, others=True)
        sizes = self._members.sizes()
        return [
            _Group(
                table, group["label"], inside[group["group"]], sizes.get(group["group"], 0),
                group["group"], group["commitment"], frozenset(group["lines"]), group["entry"],
            )
            for table, group in groups
        ]  # fmt: skip

    def _seals(self, number: str, counts: Mapping[str, int]) -> list[str]:
        return sorted(seal(self._key, number, line, people) for line, people in counts.items())

    def _seal_keys(self) -> list[bytes]:
        """The key that seals are made with, and those from before the study's key was changed."""
        lines = [link for link in self._chain.links() if "seal" in link.content]
        return [self._key, *(wrapped(bytes.fromhex(link.content["seal"]), self._key, link.number) for link in lines)]

    def _fewer_answers(self, new: list[_Group], earlier: list[_Group], counts: Counts) -> list[Conflict]:
        """Groups with the same people as before, of whom one to four more or fewer stand behind a figure.

        A figure about more people than its group comes from elsewhere (exits beside answers); there the number alone
        is compared.
        """
        nearby = [few for few in range(1 - self._least, self._least) if few]
        keys, found = self._seal_keys(), []
        for group in new:
            own = counts.get(group.table, {}).get(group.label, {})
            for old in earlier:
                if old.key != group.key:
                    continue
                same = (old.people, old.size) == (group.people, group.size)
                lines = [(line, people) for line, people in own.items() if same or people > group.size]
                seals = (
                    seal(key, str(old.number), line, n + few) for line, n in lines for few in nearby for key in keys
                )
                if not old.lines.isdisjoint(seals):
                    found.append(Conflict(*group.key, old.table, old.label, earlier=True))
        return found

    def groups_of(self, person: str) -> list[tuple[str, str]]:
        """Released groups (table, label) the person was in; none once erased."""
        groups = self._groups()
        inside = set(self._members.released_with(person, [group["group"] for _, group in groups]))
        return [(table, group["label"]) for table, group in groups if group["group"] in inside]

    def erase(self, person: str) -> list[tuple[str, str]]:
        """Destroy what ties a person to released groups; returns the groups (table, label) that stay locked.

        The chain still verifies. The locked groups can be published again only as they were: without the person
        they differ by one.
        """
        locked = self.groups_of(person)
        self._members.erase([person])
        return locked

    def forget(self, people: Collection[str]) -> int:
        """Erase many people at once; returns how many released groups stay locked because of it."""
        groups = self._groups()
        inside = self._members.inside({group["group"] for _, group in groups}, people)
        self._members.erase(people)
        return sum(bool(inside[group["group"]]) for _, group in groups)

    def verify(self, *, head: tuple[int, str] | None = None) -> str | None:
        """None when ledger and members are as they were written, else what is wrong in words."""
        problem = self._chain.verify(head=head)
        if problem is not None:
            return problem
        now: dict[str, str] = {}
        for table, group in self._groups(withdrawn=True):
            number = group["group"]
            now[number] = now.get(number) or self._members.commitment(number).hex()
            if now[number] != group["commitment"]:
                return f"The people of {table}, {group['label']} are not as they were when it was released."
        return None

    @property
    def head(self) -> tuple[int, str]:
        """Number and digest of the last entry: kept elsewhere, it shows whether the ledger was cut short."""
        return self._chain.head

    @property
    def public_head(self) -> tuple[int, str]:
        """Number of entries, and a keyed digest of what they released: the same releases give the same digest.

        It goes into manifests. It holds no secret of a person, which are drawn anew in every workspace, and so is no
        different when a study is run again from nothing.
        """
        digests = self.public_heads
        return len(digests) - 1, digests[-1]

    def public_head_at(self, number: int) -> str | None:
        """The public digest as it was after that many entries; None where there are fewer."""
        digests = self.public_heads
        return digests[number] if 0 <= number < len(digests) else None

    def knows_head(self, number: int, head: str | None) -> bool:
        """Whether this was the public digest after that many entries, under this key or an earlier one."""
        before = [link.content["heads"] for link in self._chain.links() if "heads" in link.content]
        return head in [self.public_head_at(number), *(heads[number] for heads in before if 0 <= number < len(heads))]

    @property
    def public_heads(self) -> list[str]:
        """The public digest after every entry, from the empty ledger on."""
        digest = hashlib.blake2b(b"releases", digest_size=32, key=self._key).digest()
        found = [digest.hex()]
        for link in self._chain.links():
            plain = {key: value for key, value in link.content.items() if key != "groups"}
            labels = [(group["label"], group["band"]) for group in link.content.get("groups", [])]
            text = json.dumps([plain, labels], sort_keys=True, ensure_ascii=False)
            digest = hashlib.blake2b(digest + text.encode(), digest_size=32, key=self._key).digest()
            found.append(digest.hex())
        return found

    def _standing(self) -> list[Link]:
        """Entries of tables that were not withdrawn."""
        links = self._chain.links()
        gone = {number for link in links for number in link.content.get("withdraws", [])}
        return [link for link in links if "table" in link.content and link.number not in gone]

    def _groups(self, source: str | None = None, *, withdrawn: bool = False) -> list[tuple[str, dict[str, Any]]]:
        links = self._chain.links() if withdrawn else self._standing()
        return [
            (link.content["table"], group | {"entry": link.number})
            for link in links
            if "table" in link.content and (source is None or link.content["source"] == source)
            for group in link.content["groups"]
        ]


def table_digest(table: ReleasedTable) -> str:
    """Fingerprint of what a released table shows: the same figures, the same fingerprint.

    The text of every cell is taken, so it depends on nothing but the figures.
    """
    return figures_digest(table.name, table.kind, table.frame)


def figures_digest(name: str, kind: str, frame: pd.DataFrame) -> str:
    """Fingerprint of the figures of a table, also of one that was read back from a file."""
    text = frame.to_csv(index=False, lineterminator="\n", float_format="%.10g")
    return hashlib.blake2b(f"{name}\n{kind}\n{text}".encode(), digest_size=16).hexdigest()


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
        found[group_name(chosen, tuple(chosen))] = frozenset(people.loc[inside, "person"].tolist())
    return found
