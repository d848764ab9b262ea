"""The release ledger: which groups left the building, so that no two of them differ by a handful of people.

A mean of a group before and after one person left gives that person's answer away. The ledger remembers every released
group and refuses a release in which a group differs by one to four people from another whose figures come from the same
answers or spells, now or earlier. It holds names of tables and groups, bands of sizes and commitments; who was in a
group lies apart (:mod:`segment.disclosure.ledger.members`).
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path

from segment.disclosure.figures import people_band
from segment.disclosure.ledger.answers import Sketch, told_apart
from segment.disclosure.ledger.differencing import few_among, few_corrected, few_in_pairs, few_in_sums, few_seen
from segment.disclosure.ledger.erased import few_erased
from segment.disclosure.ledger.groups import Conflict
from segment.disclosure.ledger.members import Members
from segment.disclosure.ledger.released import COUNTED, EXITS, Entry, Groups, Released, kind_of
from segment.disclosure.ledger.roll import Roll
from segment.disclosure.ledger.seals import Counts, fewer_answers, heads_of, ledger_key, seal_keys, seals
from segment.disclosure.ledger.spans import few_in_spans
from segment.disclosure.rules import ReleaseRules
from segment.errors import InvalidInput, RefusedRelease
from segment.governance.chain import Chain
from segment.governance.decisions import refuse_nobody

#: Per group the rows that were published of it.
Rows = Mapping[str, list[dict[str, object]]]


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
        self._told = Released(self._chain, self._members)
        self._roll = Roll(self._chain, self._members.roll, file=self._members.path.name)

    def entries(self) -> list[Entry]:
        """All released tables that were not withdrawn, oldest first."""
        return [
            Entry(link.number, c["table"], c["source"], c["digest"], tuple(g["label"] for g in c["groups"]))
            for link in self._told.standing()
            for c in [link.content]
        ]

    def conflicts(
        self, tables: Mapping[str, Groups], *, source: str, counts: Counts | None = None, answers: Sketch | None = None,
        first: Collection[str] = (),
    ) -> list[Conflict]:  # fmt: skip
        """Groups of a release to be that give one to four people away, by themselves or added up.

        Parameters
        ----------
        tables
            Per table the people (pseudonyms) of every group that it would show.
        source
            What the figures come from; its first word is the kind (answers, spells). Only groups of one kind meet.
        counts
            Per table, group and line the number of people behind the figure, where that is fewer than the group: one
            answer fewer than in an earlier release of the same group gives that answer away.
        answers
            The answers of the source, which tell whether it is an earlier one under another name. Sources of dated
            spells need none: all of them are one.
        first
            Tables of which a group is named rather than one of another table, where there is a choice.
        """
        new, earlier = self._told.compared(tables, source, answers)
        found = few_in_pairs(new, earlier, least=self._least)
        for more in (
            few_in_sums(new, earlier, least=self._least),
            fewer_answers(
                new, earlier, counts or {}, keys=seal_keys(self._chain.links(), self._key), least=self._least
            ),
            few_corrected(new, earlier, least=self._least),
        ):
            named = {(conflict.table, conflict.group) for conflict in found}
            found += [conflict for conflict in more if (conflict.table, conflict.group) not in named]
        found = found or few_in_spans(new, earlier, least=self._least, first=first)
        return list(dict.fromkeys(found or few_erased(new, earlier, least=self._least)))

    def recognise(self, source: str, answers: Sketch) -> int:
        """Call people by the names they had in an earlier source, known by their answers; returns how many these are.

        For people whose identifiers were replaced (:mod:`segment.disclosure.ledger.record_linkage`); before anything is
        compared.
        """
        return self._told.recognise(source, answers)

    def record(
        self,
        tables: Mapping[str, Groups],
        *,
        source: str,
        digests: Mapping[str, str],
        counts: Counts | None = None,
        answers: Sketch | None = None,
        rows: Mapping[str, Rows] | None = None,
        known_by: Sketch | None = None,
        held: bool = True,
    ) -> list[Entry]:
        """Write the groups of a release down, before its files are handed out.

        A table that was released before with the same digest from the same source adds nothing. A table without
        groups is sealed: who stood behind it is not known, so it can only be released again as it was
        (:meth:`sealed_otherwise`).

        Parameters
        ----------
        tables, source, counts, answers
            As in :meth:`conflicts`.
        digests
            Per table the fingerprint of what it shows (:func:`table_digest`).
        rows
            Per table and group the published rows, to be shown again when the group changes by a few people.
        known_by
            What people are recognised by later (:meth:`recognise`), where that is not their ``answers``.
        held
            Whether the groups are held against each other and the earlier ones here once more.

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
        conflicts = self.conflicts(tables, source=source, counts=counts, answers=answers) if held else []
        if conflicts:
            raise RefusedRelease(
                "A release would give a few people away, because two of its groups or an earlier one differ by so few.",
                expected=f"groups from the same answers that differ by nobody or by at least {self._least} people",
                came="; ".join(map(str, conflicts[:10]))
                + (f"; {len(conflicts) - 10} more" if len(conflicts) > 10 else ""),
                advice="hide these groups (release(..., barred=...)), or keep what was released before",
            )
        self._roll.refuse_other()
        self._members.keep_only(
            [*self._told.numbers(), *(group["group"] for _, group in self._told.groups(withdrawn=True))]
        )
        known = self._numbered(new, source)
        kept = answers if answers is not None else known_by
        sketch = self._sketched(source, kept) if kept is not None else {}
        turn = self._roll.unwritten()
        last = self._chain.head[0]
        for table, groups in new.items():
            lines = [
                {
                    "group": known[frozenset(people)][0],
                    "label": label,
                    "band": people_band(len(people), exact_from=10**9),
                    "commitment": known[frozenset(people)][1],
                    "lines": seals(
                        self._key, known[frozenset(people)][0], (counts or {}).get(table, {}).get(label, {})
                    ),
                }
                for label, people in groups.items()
            ]
            shown = {"rows": rows[table]} if rows is not None and rows.get(table) else {}
            content = {"table": table, "source": source, "digest": digests[table], "groups": lines}
            self._chain.append({**content, **sketch, **shown, **turn})
            turn = {}
        return [entry for entry in self.entries() if entry.number > last]

    def reexamine(self, people: Collection[str]) -> list[Conflict]:
        """Hold everything that was released and not withdrawn against each other once more.

        ``people``: everyone who may have been in a group. Who was erased cannot be told from others who were, so two
        groups are named when they differ by a few people whoever these are: the same ones in both, or none of them.
        Groups that counted erased people are not added and subtracted.
        """
        found: list[Conflict] = []
        for kind in dict.fromkeys(kind_of(entry.source) for entry in self.entries()):
            for own in self._told.together(kind, frozenset(people)):
                found += few_among(own, parts=kind.startswith((EXITS, COUNTED)), least=self._least)
        return list(dict.fromkeys(found))

    def published(self, table: str, groups: Groups, *, source: str, answers: Sketch | None = None) -> Rows:
        """The rows of a table that were published of these groups, or of all but a few of their people, by group.

        Of several those of the group that differs least, of these the latest; of one ``source`` by name or ``answers``.
        """
        return self._told.published(table, groups, source, answers, least=self._least)

    def sealed_otherwise(self, table: str, *, source: str, digest: str, answers: Sketch | None = None) -> bool:
        """Whether a table whose people are not known was released before with other figures from the same source.

        ``digest``: of the figures now; the source is known by its name or by the sketch of its ``answers``.
        """
        lines = self._told.of_one_source(source, answers)
        before = {entry.digest for entry in self.entries() if entry.table == table and entry.number in lines}
        return bool(before) and digest not in before

    def seal_facts(self, facts: str, *, study: str, wave: str) -> None:
        """Write down which facts a release of this ``study`` and ``wave`` was made on, by their commitment; once.

        See :class:`segment.disclosure.facts.FactsBook`.
        """
        if facts not in self.facts():
            self._chain.append({"facts": facts, "commitment": facts, "study": study, "wave": wave})

    def facts(self, *, study: str = "", wave: str = "") -> dict[str, str]:
        """The keyed digest of the facts of every release (of a study's wave, if named), by the name they go by."""
        lines = [link.content for link in self._chain.links() if "facts" in link.content]
        named = [one for one in lines if not wave or (one["study"], one["wave"]) == (study, wave)]
        return {one["facts"]: one["commitment"] for one in named}

    def published_as_a_whole(self, table: str, *, source: str, answers: Sketch | None = None) -> Rows:
        """The latest rows of a table whose people are not known, by group; none where it was not published.

        ``source``: its name; or the same source by the sketch of its ``answers``.
        """
        return self._told.published_as_a_whole(table, source, answers)

    def rows(self, table: str) -> list[dict[str, object]]:
        """Every row of a table that was published and not withdrawn, oldest first."""
        return self._told.rows(table)

    def changed(self, tables: Mapping[str, Groups], *, source: str, answers: Sketch | None = None) -> list[Conflict]:
        """Parts of groups in ``tables`` (by name) that differ by a few people from what one source showed earlier.

        One source: the same name, or the same ``answers``. Of exits also where a few are told otherwise, of people
        counted in a share what is left of everyone less the groups shown both times.
        """
        new, earlier = self._told.compared(tables, source, answers)
        told = few_corrected(new, earlier, least=self._least) if source.startswith(EXITS) else []
        return told + few_seen(new, earlier, least=self._least, left_over=source.startswith(COUNTED))

    def withdraw(
        self,
        *,
        by: str,
        reason: str,
        sources: Collection[str] | None = None,
        released: Collection[tuple[str, str, str]] | None = None,
    ) -> list[Entry]:
        """Take earlier releases back: a reviewer's word that nobody holds their files any more; returns them.

        What was withdrawn is no longer held against later releases. The entries stay in the book, with ``by`` whom it
        was said and the ``reason``. ``sources`` and
        ``released`` (table, source and digest) say which; all of them where neither does.
        """
        refuse_nobody("A withdrawal", by=by, reason=reason)
        gone = [entry for entry in self.entries() if sources is None or entry.source in sources]
        gone = [one for one in gone if released is None or (one.table, one.source, one.digest) in released]
        if gone:
            self._chain.append({"withdraws": [entry.number for entry in gone], "by": by, "reason": reason})
        return gone

    def _numbered(self, tables: Mapping[str, Groups], source: str) -> dict[frozenset[str], tuple[str, str]]:
        """Number and commitment for each set of people; the same people keep the number they had before."""
        sets = list(dict.fromkeys(frozenset(people) for groups in tables.values() for people in groups.values()))
        known: dict[frozenset[str], tuple[str, str]] = {}
        for old in self._told.view(kind_of(source), frozenset().union(*sets), plain=True).groups:
            if old.number is not None and old.size == len(old.people):
                known[old.people] = (old.number, old.commitment)
        fresh = {os.urandom(12).hex(): people for people in sets if people not in known}
        for number, commitment in self._members.add(fresh).items():
            known[fresh[number]] = (number, commitment.hex())
        return known

    def _sketched(self, source: str, answers: Sketch) -> dict[str, object]:
        """Number of and commitment to the sketch of a source's answers; the same answers keep the number they had."""
        answers = self._told.in_words_of_before(source, answers)
        now = self._members.sketch(answers)
        for link in self._told.standing():
            number = link.content.get("sketch")
            if number is not None and link.content["source"] == source:
                before = self._members.answers_of(number, answers.people)
                told = told_apart([(source, before), (source, now)])[1]
                if set(before.people) == set(now.people) and not any(told.corrected.values()):
                    return {"sketch": number, "sketched": link.content["sketched"]}
        number = os.urandom(12).hex()
        self._members.remember_answers(number, answers)
        return {"sketch": number, "sketched": self._members.commitment(number).hex()}

    def refuse_other_people(self) -> None:
        """Refuse to build on other people than the ledger committed to: an old copy of them, or some taken out."""
        self._roll.refuse_other()

    def groups_of(self, person: str) -> list[tuple[str, str]]:
        """Released groups (table, label) the person was in; none once erased."""
        groups = self._told.groups()
        inside = set(self._members.released_with(person, [group["group"] for _, group in groups]))
        return [(table, group["label"]) for table, group in groups if group["group"] in inside]

    def erase(self, person: str) -> list[tuple[str, str]]:
        """Destroy what ties a person to released groups; returns the groups (table, label) that stay locked.

        The chain still verifies. The locked groups can be published again only as they were: without the person
        they differ by one.
        """
        locked = self.groups_of(person)
        self.forget([person])
        return locked

    def forget(self, people: Collection[str], *, why: str = "erase") -> int:
        """Erase many people at once (``why``: ``erase`` or ``purge``); returns how many released groups it locks.

        Raises
        ------
        RefusedRelease
            The people of earlier releases are not those that the ledger speaks of: an old copy, or some taken out.
        """
        self._roll.refuse_other()
        groups = self._told.groups()
        inside = self._members.inside({group["group"] for _, group in groups}, people)
        self._members.erase(people, why=why)
        self._roll.write()
        return sum(bool(inside[group["group"]]) for _, group in groups)

    def verify(self, *, head: tuple[int, str] | None = None) -> str | None:
        """None when ledger and members are as they were written, else what is wrong in words.

        ``head``: a number of entries and the public digest after them that was kept elsewhere.
        """
        problem = self._chain.verify(head=head) or self._members.problem() or self._roll.problem()
        if problem is not None:
            return problem
        for link in self._chain.links():
            number = link.content.get("sketch")
            if number is not None and self._members.commitment(number).hex() != link.content["sketched"]:
                return f"The answers behind {link.content['table']} are not as they were when it was released."
        now: dict[str, str] = {}
        for table, group in self._told.groups(withdrawn=True):
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
        """The public digest as it was after ``number`` entries; None where there are fewer."""
        digests = self.public_heads
        return digests[number] if 0 <= number < len(digests) else None

    def knows_head(self, number: int, head: str | None) -> bool:
        """Whether ``head`` was the public digest after ``number`` entries, under this key or an earlier one."""
        before = [link.content["heads"] for link in self._chain.links() if "heads" in link.content]
        return head in [self.public_head_at(number), *(heads[number] for heads in before if 0 <= number < len(heads))]

    @property
    def public_heads(self) -> list[str]:
        """The public digest after every entry, from the empty ledger on."""
        return heads_of(self._chain.links(), self._key)
