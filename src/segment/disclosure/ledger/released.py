"""What the ledger knows of earlier releases: their groups, with the people called alike who answered the same."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from segment.disclosure.ledger.answers import Sketch, Told, told_apart
from segment.disclosure.ledger.groups import Compared
from segment.disclosure.ledger.members import Members
from segment.governance.chain import Chain, Link

#: The people of a released group, by the group's label.
Groups = Mapping[str, Collection[str]]

#: The kind of source that is one source whatever it is called: dated spells overlap.
SPELLS = "spells"
#: How kinds begin that hold who was seen to leave, one kind per table.
EXITS = f"{SPELLS}-exits-"
#: From this share of people with the same answers on two sources are one as a whole.
_MOST = 0.5


def kind_of(source: str) -> str:
    """The kind of a source: the first word of its label."""
    return source.partition(" ")[0]


def one_name(label: str, source: str) -> bool:
    """Whether two labels name one source."""
    return label == source or kind_of(label) == kind_of(source) == SPELLS


@dataclass(frozen=True)
class View:
    """Earlier groups, and how the people of a release to be are called beside them."""

    groups: list[Compared]
    names: Mapping[str, str]


class Released:
    """Earlier releases of a ledger: the lines of its book together with the people, who lie apart."""

    def __init__(self, chain: Chain, members: Members) -> None:
        self._chain, self._members = chain, members

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

    def numbers(self) -> list[str]:
        """Numbers of all sketches in the book."""
        return list(dict.fromkeys(link.content["sketch"] for link in self._chain.links() if "sketch" in link.content))

    def of_one_source(self, source: str, answers: Sketch | None) -> set[int]:
        """Numbers of the lines about a source, whatever it was called: most people of both answered the same."""
        links = [link for link in self.standing() if kind_of(link.content["source"]) == kind_of(source)]
        found = {link.number for link in links if one_name(link.content["source"], source)}
        if answers is None:
            return found
        now = self._members.sketch(answers)
        for link in links:
            if link.number not in found and "sketch" in link.content:
                before = self._members.answers_of(link.content["sketch"], answers.people)
                shared = told_apart([(link.content["source"], before), (source, now)])[1].shared
                found |= {link.number} if shared.get(0, 0.0) >= _MOST else set()
        return found

    def recognise(self, source: str, answers: Sketch) -> int:
        """Call people of a source by the names they had, where they answered the same under others; how many these are.

        Nobody where most of those who are known by name answered the same in a source of this kind, or none of its
        sources has the same answers.
        """
        links = [one for one in self.standing() if kind_of(one.content["source"]) == kind_of(source)]
        numbers = list(dict.fromkeys(one.content["sketch"] for one in reversed(links) if "sketch" in one.content))
        now, size = self._members.sketch(answers), len(answers.people)
        for number in numbers:
            before = self._members.answers_of(number, answers.people)
            known = told_apart([("before", before), ("now", now)])[1].names
            as_before = sum(known.get(person) == person for person in now.people)
            if as_before >= _MOST * min(size, len(before.people)):
                return 0
        return next((found for number in numbers if (found := self._members.recognise(number, answers))), 0)

    def compared(
        self, tables: Mapping[str, Groups], source: str, answers: Sketch | None
    ) -> tuple[list[Compared], list[Compared]]:
        """The groups of a release to be, and the earlier ones they are held against.

        Which earlier sources have the same answers is told by everyone who answered, not by who is shown: an earlier
        release of all other departments has nobody in common with the last one, and is what is left of everyone's.
        """
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
        """Earlier rows of these groups, or of groups with all but a few (fewer than ``least``) of their people."""
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
        """The latest rows of a table of one source, by group."""
        lines = self.of_one_source(source, answers)
        found = [link.content for link in self.standing() if link.number in lines]
        return next((c["rows"] for c in reversed(found) if c["table"] == table and c.get("rows")), {})

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
        last = told[-1] if source is not None else Told({}, {}, {})
        own = dict(zip(numbers, told, strict=False))
        kept = {number for place, number in enumerate(numbers) if source is None or place in last.corrected}
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
