"""What the ledger knows of earlier releases: their groups, with the people called alike who answered the same."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from segment.disclosure.ledger.answers import LinkedNames, Sketch, told_apart
from segment.disclosure.ledger.groups import Compared
from segment.disclosure.ledger.members import Members
from segment.disclosure.ledger.rewording import TRIAL, reworded
from segment.governance.chain import Chain, Link

#: The people of a released group, by the group's label.
Groups = Mapping[str, Collection[str]]

#: The kind of source that is one source whatever it is called: dated spells overlap.
SPELLS = "spells"
#: How kinds begin that hold who was seen to leave, one kind per table.
EXITS = f"{SPELLS}-exits-"
#: How sources begin that hold whom of the people asked a share counts: who answered, and who did not.
COUNTED = "counted-"
#: From this share of people with the same answers on two sources are one as a whole.
_MOST = 0.5
#: Words that answers of before are looked for among, with those of today; so many in all.
_WORDS, _MOST_WORDS = [f"{number:g}" for number in range(-5, 12)], 60


def kind_of(source: str) -> str:
    """The kind of a source: the first word of its label."""
    return source.partition(" ")[0]


def one_name(label: str, source: str) -> bool:
    """Whether two labels name one source."""
    return label == source or kind_of(label) == kind_of(source) == SPELLS


@dataclass(frozen=True)
class Entry:
    """One released table in the ledger: what it was made from, its fingerprint, and its groups."""

    number: int
    table: str
    source: str
    digest: str
    groups: tuple[str, ...]


@dataclass(frozen=True)
class View:
    """Earlier groups, and how the people of a release to be are called beside them."""

    groups: list[Compared]
    names: Mapping[str, str]


class Released:
    """Earlier releases of a ledger: the lines of its book together with the people, who lie apart."""

    def __init__(self, chain: Chain, members: Members) -> None:
        self._chain, self._members = chain, members
        self._retold: dict[tuple[int, str], tuple[list[str], Sketch, tuple[Sketch, bool]]] = {}

    def standing(self) -> list[Link]:
        """Entries of tables that were not withdrawn."""
        links = self._chain.links()
        gone = {number for link in links for number in link.content.get("withdraws", [])}
        return [link for link in links if "table" in link.content and link.number not in gone]

    def groups(self, source: str | None = None, *, withdrawn: bool = False) -> list[tuple[str, dict[str, Any]]]:
        links = self._chain.links() if withdrawn else self.standing()
        return [
            (link.content["table"], group | {"entry": link.number})
            for link in links
            if "table" in link.content and (source is None or link.content["source"] == source)
            for group in link.content["groups"]
        ]

    def rows(self, table: str) -> list[dict[str, object]]:
        """Every row of a table that was published and not withdrawn, oldest first."""
        links = [link.content for link in self.standing() if link.content["table"] == table]
        return [row for content in links for own in content.get("rows", {}).values() for row in own]

    def numbers(self) -> list[str]:
        """Numbers of all sketches in the book."""
        return list(dict.fromkeys(link.content["sketch"] for link in self._chain.links() if "sketch" in link.content))

    def in_words_of_before(self, source: str, answers: Sketch) -> Sketch:
        """Answers as an earlier source of this kind told them, where they are the same under other names or codes."""
        return self._told_before(source, answers)[0]

    def _told_before(self, source: str, answers: Sketch) -> tuple[Sketch, bool]:
        """The same, and whether some codes were others: what was published then is on another scale."""
        links = [one for one in self.standing() if kind_of(one.content["source"]) == kind_of(source)]
        numbers = list(dict.fromkeys(one.content["sketch"] for one in reversed(links) if "sketch" in one.content))
        key = (id(answers), kind_of(source))  # the answers are kept beside, so that the name stays theirs
        if key not in self._retold or self._retold[key][0] != numbers:
            self._retold[key] = (numbers, answers, self._retell(numbers, answers))
        return self._retold[key][2]

    def _retell(self, numbers: Sequence[str], answers: Sketch) -> tuple[Sketch, bool]:
        if any(self._members.asked(n) == answers.columns and self._shared(n, answers) >= _MOST for n in numbers):
            return answers, False
        rows = {person: row for row, person in enumerate(answers.people)}
        spelled = sorted({str(word) for word in answers.said.flat})
        words = list(dict.fromkeys([*_WORDS, *(word for word in spelled if word)]))
        for number in numbers:
            some = sorted(one for one in self._members.answers_of(number, answers.people).people if one in rows)
            before = self._members.spelled(number, some[:: -(-len(some) // TRIAL) or 1], words[:_MOST_WORDS])
            told = [rows[person] for person in before.people]
            change = reworded(before, Sketch(before.people, answers.columns, answers.said[told]))
            again = change.of(answers) if change is not None else answers
            if change is not None and self._shared(number, again) >= _MOST:
                return again, change.recoded
        return answers, False

    def _shared(self, number: str, answers: Sketch) -> float:
        """Of the people who are in an earlier sketch as well, the share who have the same answers there."""
        before = self._members.answers_of(number, answers.people)
        return told_apart([("before", before), ("now", self._members.sketch(answers))])[1].shared.get(0, 0.0)

    def of_one_source(self, source: str, answers: Sketch | None) -> set[int]:
        """Numbers of the lines about a source, whatever it was called: most people of both answered the same."""
        links = [link for link in self.standing() if kind_of(link.content["source"]) == kind_of(source)]
        found = {link.number for link in links if one_name(link.content["source"], source)}
        if answers is None:
            return found
        answers = self.in_words_of_before(source, answers)
        numbers = {link.content["sketch"] for link in links if link.number not in found and "sketch" in link.content}
        same = {number for number in numbers if self._shared(number, answers) >= _MOST}
        return found | {link.number for link in links if link.content.get("sketch") in same}

    def recognise(self, source: str, answers: Sketch) -> int:
        """Call people of a source by the names they had, where they answered the same under others; how many these are.

        Nobody where most of those who are known by name answered the same in a source of this kind, or none of its
        sources has the same answers.
        """
        answers = self.in_words_of_before(source, answers)
        links = [one for one in self.standing() if kind_of(one.content["source"]) == kind_of(source)]
        numbers = list(dict.fromkeys(one.content["sketch"] for one in reversed(links) if "sketch" in one.content))
        now, size = self._members.sketch(answers), len(answers.people)
        for number in numbers:
            before = self._members.answers_of(number, answers.people)
            known = told_apart([("before", before), ("now", now)])[1].names
            as_before = sum(known.get(person) == person for person in now.people)
            if as_before >= _MOST * min(size, len(before.people)):
                return 0
        self._retold.clear()
        return next((found for number in numbers if (found := self._members.recognise(number, answers))), 0)

    def compared(
        self, tables: Mapping[str, Groups], source: str, answers: Sketch | None
    ) -> tuple[list[Compared], list[Compared]]:
        """The groups of a release to be, and the earlier ones they are held against.

        Which earlier sources have the same answers is decided by everyone who answered, not by who is shown: an earlier
        release of all other departments has nobody in common with the last one, and is what is left of everyone's.
        """
        answers = self.in_words_of_before(source, answers) if answers is not None else None
        told = answers.people if answers is not None else ()
        everyone = frozenset(told).union(*(people for own in tables.values() for people in own.values()))
        view = self.view(kind_of(source), everyone, source=source, answers=answers)
        new = [
            Compared(table, label, frozenset(view.names.get(person, person) for person in people))
            for table, own in tables.items()
            for label, people in own.items()
        ]
        return new, view.groups

    def published(
        self, table: str, groups: Groups, source: str, answers: Sketch | None, *, least: int
    ) -> dict[str, list[dict[str, object]]]:
        """Earlier rows of these groups, or of groups with all but a few (fewer than ``least``) of their people.

        None where the answers go by other codes now: figures of before are on another scale.
        """
        if answers is not None and self._told_before(source, answers)[1]:
            return {}
        new, earlier = self.compared({table: groups}, source, answers)
        rows = {link.number: link.content.get("rows", {}) for link in self.standing()}
        there = [old for old in earlier if old.table == table and rows[old.entry].get(old.label)]
        kept: dict[str, list[dict[str, object]]] = {}
        for one in new:
            apart = [(old.size + one.size - 2 * len(old.people & one.people), -old.entry, old.label) for old in there]
            differ, entry, label = min(apart, default=(least, 0, ""))
            if differ < least:
                kept[one.label] = [dict(row) for row in rows[-entry][label]]
        return kept

    def published_as_a_whole(
        self, table: str, source: str, answers: Sketch | None
    ) -> Mapping[str, list[dict[str, object]]]:
        """The latest rows of a table of one source, by group; none on another scale."""
        if answers is not None and self._told_before(source, answers)[1]:
            return {}
        lines = self.of_one_source(source, answers)
        found = [link.content for link in self.standing() if link.number in lines]
        return next((c["rows"] for c in reversed(found) if c["table"] == table and c.get("rows")), {})

    def together(self, kind: str, people: frozenset[str]) -> list[list[Compared]]:
        """Earlier groups of a kind that are held against each other: of counted people those of one source.

        Who answered in another wave is no earlier self of who answers in this one.
        """
        groups = self.view(kind, people).groups
        if not kind.startswith(COUNTED):
            return [groups]
        sources = {link.number: link.content["source"] for link in self.standing()}
        named = dict.fromkeys(sources[one.entry] for one in groups)
        return [[one for one in groups if sources[one.entry] == source] for source in named]

    def view(
        self,
        kind: str,
        people: frozenset[str],
        *,
        source: str | None = None,
        answers: Sketch | None = None,
        plain: bool = False,
    ) -> View:
        """Earlier groups of one kind of source, their people called alike where their answers are the same.

        People who are not erased are in them; ``people`` go by their own names as far as nothing tells their answers
        apart. With ``source`` only what shares answers with it; ``plain``: everybody by their own name.
        """
        links = [link for link in self.standing() if kind_of(link.content["source"]) == kind]
        numbers = {link.content["sketch"]: link.content["source"] for link in links if "sketch" in link.content}
        sources: list[tuple[str, Sketch | None]] = [
            (label, self._members.answers_of(number, people)) for number, label in numbers.items() if not plain
        ]
        if source is not None:
            sources.append((source, self._members.sketch(answers) if answers is not None else None))
        told = told_apart(sources) if not plain else []
        last = told[-1] if source is not None else LinkedNames({}, {}, {})
        own = dict(zip(numbers, told, strict=False))
        linked = _linked(told, most=_MOST if kind.startswith(COUNTED) else 0.0)
        kept = {number for place, number in enumerate(numbers) if source is None or place in linked}
        inside = self._members.inside({group["group"] for _, group in self.groups()}, people, others=True)
        sizes, groups = self._members.sizes(), []
        for link in links:
            label, number = link.content["source"], link.content.get("sketch")
            alike = source is None or one_name(label, source)
            if not plain and not alike and number not in kept:
                continue
            names = own[number].names if number in own and (source is None or answers is not None) else {}
            changed = last.corrected.get(list(numbers).index(number), frozenset()) if number in own else frozenset()
            apart = f" of {label}" if source is None and not plain and number is None and kind != SPELLS else ""
            for group in link.content["groups"]:
                members = inside[group["group"]]
                groups.append(
                    Compared(
                        link.content["table"], group["label"],
                        frozenset(names.get(person, person) + apart for person in members),
                        sizes.get(group["group"], 0), group["group"], group["commitment"], frozenset(group["lines"]),
                        link.number, frozenset(last.names.get(person, person) for person in changed),
                    )
                )  # fmt: skip
        return View(groups, last.names)


def _linked(told: Sequence[LinkedNames], *, most: float = 0.0) -> set[int]:
    """Places of the sources that share answers with the last one, or with another one that does, and so on.

    What a source holds of other people than the last one may still be what is left when both are taken from a third.
    ``most``: the least share of the people of both who have the same answers. Of counted people it takes one source:
    who answered in another wave, or did not, is no earlier self of who does in this one.
    """
    found, ends = set[int](), [len(told) - 1]
    beside = {place: {one for one, share in own.shared.items() if share >= most} for place, own in enumerate(told)}
    for place in range(len(told)):
        for other in [*beside[place]]:
            beside[other].add(place)
    while ends:
        fresh = beside.get(ends.pop(), set()) - found
        found |= fresh
        ends += fresh
    return found - {len(told) - 1}
