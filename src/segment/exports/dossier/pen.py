"""A pen that writes documents in one language from a study's facts, and says who fills in what the study lacks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count

from segment.exports.blocks import Block, Grid, Section
from segment.exports.dossier.facts import Facts, Proof
from segment.exports.exits import whom_counted
from segment.exports.story import Story
from segment.locale import catalogue, number, say

#: Who fills in what the study does not hold.
ROLES: tuple[str, ...] = ("employer", "officer", "works_council", "lawyer", "security", "data", "reviewer")

#: Lines of the governance, with the role that fills in the ones that are missing.
GOVERNANCE: dict[str, str] = {
    "purpose": "employer",
    "legal_basis": "lawyer",
    "approver": "employer",
    "expires": "employer",
    "works_council": "works_council",
    "dpia": "officer",
    "data_protection_officer": "employer",
}


@dataclass(frozen=True)
class Document:
    """One document of the dossier in one language: file name, title, what it is, for whom, and its sections."""

    name: str
    title: str
    lead: str
    reader: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Pen:
    """Writes one document (``name``) in one language; every sentence comes from the catalogue."""

    name: str
    language: str
    story: Story
    facts: Facts

    def say(self, key: str, **values: object) -> str:
        """A sentence of the dossier's catalogue, as this kind of study has it."""
        return self.story.say(f"dossier.{key}", self.language, **values)

    def missing(self, role: str) -> str:
        """What stands in the place of something that the study does not hold: who fills it in."""
        return self.say("missing", role=self.say(f"role.{role}"))

    def gaps(self) -> dict[str, str]:
        """What stands in the place of missing things, and the role it names."""
        return {self.missing(role): role for role in ROLES}

    def agreed(self, line: str) -> str:
        """A line of the study's governance, or who fills it in."""
        written = self.story.agreements(self.language).get(line, "").strip()
        return written or self.missing(GOVERNANCE[line])

    def listed(self, words: Iterable[str], *, otherwise: str = "none") -> str:
        """Words as a list; another word of the catalogue where there are none."""
        return ", ".join(words) or self.say(otherwise)

    def names(self, columns: Iterable[str], *, between: str = ", ") -> str:
        """Attributes, questions and unmet needs in words, as a list."""
        labels = self.story.labels(self.language)
        return between.join(labels.feature(column) for column in columns) or self.say("none")

    def watched(self) -> str:
        """Between which days staying was watched; without dates that it is known of people, or not looked at."""
        window = self.facts.window
        if window is None and self.story.outcome_kind is not None and not self.story.by_intention:
            return self.say("undated")
        return f"{window[0]} – {window[1]}" if window else self.say("no_window")

    def learned(self) -> str:
        """What the model of leaving learns from: attributes by name, and that answers are among it."""
        names = [self.names((name,)) for name in self.facts.learned]
        return self.listed([*names, *([self.say("answers")] if self.facts.answers_learned else [])])

    def family(self, family: str) -> str:
        """A family of segmentations in words; its own name where the catalogue has none."""
        key = f"report.family.{family}"
        return say(key, self.language) if key in catalogue() else family.replace("_", " ")

    def yes(self, answer: bool) -> str:
        """Yes or no."""
        return say("report.yes" if answer else "report.no", self.language)

    def section(self, anchor: str, *more: str, blocks: Sequence[Block] = (), **values: object) -> Section:
        """A section with its title, its sentences (numbered in the catalogue) and what is added to them."""
        key = f"{self.name}.{anchor}"
        told = [f"{key}.{place}" for place in self._numbered(key)]
        return Section(
            anchor,
            self.say(f"{key}.title"),
            (*(self.say(one, **values) for one in told), *more),
            tuple(blocks),
        )

    def document(self, *sections: Section, **values: object) -> Document:
        """The document, with its title, its first sentence and its reader from the catalogue."""
        title, lead, reader = (self.say(f"{self.name}.{part}", **values) for part in ("title", "lead", "reader"))
        return Document(self.name, title, lead, reader, sections)

    def table(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *, note: str = "") -> Grid:
        """A table whose title, headings and note are keys of the catalogue."""
        heads = tuple(self.say(f"column.{column}") for column in columns)
        lines = tuple(tuple(row) for row in rows)
        return Grid(self.say(f"table.{title}") if title else "", heads, lines, note=self.say(note) if note else "")

    def lines(self, title: str, *rows: tuple[str, str]) -> Grid:
        """A table of subjects (keys of the catalogue) and what is to be said of each."""
        return self.table(title, ("about", "said"), [(self.say(f"about.{key}"), value) for key, value in rows])

    def _numbered(self, key: str) -> list[int]:
        known = catalogue()
        places: list[int] = []
        for place in count(1):
            if f"dossier.{key}.{place}" not in known:
                return places
            places.append(place)
        return places

    # What several documents tell alike.

    def people(self) -> str:
        """How many people the study is about, and who these are; a band where they are few."""
        return f"{_few(self.story.n_people, self.language)} {whom_counted(self.story, self.language)}"

    def respondents(self) -> str:
        """How many of them answered; a band where they are few."""
        return self.say("respondents", n=_few(self.story.n_respondents, self.language))

    def columns(self) -> Grid:
        """Every column about people, with purpose, source, sensitivity and how long it is kept."""
        rows = [
            (self.say(f"fixed.{name}"), self.say(f"fixed.{name}.for"), self.missing("data"), self.missing("officer"),
             self.say("kept.person"))
            for name in self.facts.fixed
        ]  # fmt: skip
        labels = self.story.labels(self.language)
        rows += [
            (
                labels.feature(column.name),
                self.say(f"purpose.{column.purpose}"),
                column.source or self.missing("data"),
                self.say(f"sensitivity.{column.sensitivity}"),
                self.say("kept.months", months=column.months) if column.months else self.say("kept.person"),
            )
            for column in self.facts.columns
        ]
        return self.table("columns", ("column", "purpose", "source", "sensitivity", "kept"), rows)

    def questions(self) -> Grid:
        """What was asked, by kind of question."""
        rows = [(self.say(f"kind.{kind}"), str(asked)) for kind, asked in self.facts.questions.items()]
        return self.table("questions", ("kind", "questions"), rows, note="questions.note")

    def about_people(self) -> list[Block]:
        """The tables of what is known about people, those that the study has."""
        found: list[Block] = []
        if self.facts.columns or self.facts.fixed:
            found.append(self.columns())
        if self.facts.questions:
            found.append(self.questions())
        return found

    def waves(self) -> str:
        """The surveys with their last day."""
        told = [f"{name} ({day})" if day and day != name else name for name, day in self.facts.waves]
        return self.listed(told, otherwise="no_survey")

    def relations(self) -> str:
        """Whom the study is about."""
        return self.listed(self.say(f"relation.{relation}") for relation in self.facts.relations)

    def organisation(self) -> str:
        """What is known of the organisation, and not of people."""
        return self.listed(self.say(f"organisation.{name}") for name in self.facts.organisation)

    def periods(self, *, note: str = "periods.note") -> Grid:
        """How long people are kept, by what they are to the organisation."""
        rows = [
            (
                self.say(f"relation.{relation}"),
                self.say("kept.heard" if relation == "candidate" else "kept.left", months=months),
            )
            for relation, months in self.facts.periods.items()
        ]
        return self.table("periods", ("who", "kept"), rows, note=note)

    def floors(self) -> Grid:
        """How many people each figure needs."""
        floors = self.facts.floors
        rows = [
            (self.say(f"floor.{name}"), number(floors[name], self.language, digits=0))
            for name in ("min_group", "min_rate_group", "min_segment", "min_driver", "min_curve_people",
                         "min_curve_events")
            if name in floors
        ]  # fmt: skip
        rows += [
            (self.say(f"floor.{name}"), f"{number(100 * floors[name], self.language, digits=0)}%")
            for name in ("segment_share", "min_response")
            if name in floors
        ]
        return self.table("floors", ("figure", "floor"), rows)

    def proof(self) -> Grid:
        """What the release's own check found."""
        proof = Proof.of(self.story.certificate)
        width = self.say("proof.none") if proof.narrowest is None else _people(proof.narrowest, self.language)
        return self.lines(
            "proof",
            ("proof.tables", str(proof.tables)),
            ("proof.rows", number(proof.rows, self.language, digits=0)),
            ("proof.hidden", number(proof.hidden, self.language, digits=0)),
            ("proof.attacked", number(proof.attacked, self.language, digits=0)),
            ("proof.narrowest", width),
            ("proof.required", str(proof.required)),
            ("proof.passed", self.yes(proof.passed)),
            ("proof.barred", self.say("proof.kept", groups=self.facts.barred, tables=self.facts.sealed)),
            ("proof.ledger", self.say("proof.entries", entries=proof.entries, head=proof.head[:16])),
        )


def _few(people: int, language: str) -> str:
    """A number of people of everyone: from twenty on exact, under it a band."""
    if people >= 20:
        return number(people, language, digits=0)
    low, high = next((pair for pair in ((10, 19), (5, 9)) if people >= pair[0]), (0, 4))
    return f"{low}–{high}"


def _people(width: float, language: str) -> str:
    return "–" if width > 1e6 else number(int(width), language, digits=0)
