"""Everything the files for HR may tell: released tables, names, and the sentences around them.

A story holds no person. Figures by group come in as ``ReleasedTable`` only; the type is checked when a story is
made, so that no file can be written from anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, wraps
from typing import Concatenate, ParamSpec, TypeVar

import pandas as pd

from segment.disclosure.certificates import ReleaseCertificate
from segment.disclosure.release import ReleasedTable
from segment.displays.column_text import EXITS
from segment.displays.labels import Labels, segment_number
from segment.errors import InvalidInput, RefusedRelease
from segment.locale import own_languages, say
from segment.vocabulary import DataKind

Made = TypeVar("Made")
Asked = ParamSpec("Asked")


def once_per_story(make: Callable[Concatenate[Story, Asked], Made]) -> Callable[Concatenate[Story, Asked], Made]:
    """Let what is made of a story be made once: page, guide, slides and cards ask for the same answers.

    Its further arguments are words and numbers, and what it gives is nothing that may be changed.
    """

    @wraps(make)
    def once(story: Story, /, *args: Asked.args, **kwargs: Asked.kwargs) -> Made:
        known = (make, args, tuple(sorted(kwargs.items())))
        made: dict[object, Made] = story.__dict__.setdefault("_made", {})
        if known not in made:
            made[known] = make(story, *args, **kwargs)
        return made[known]

    return once


#: A text in both languages: ``{"nl": ..., "en": ...}``.
Bilingual = Mapping[str, str]

#: How the segmentation ended: segments were found, none were reproducible, nobody was asked, too few answered.
STATUSES: tuple[str, ...] = ("segments", "none", "no survey", "too few")

#: Notes by which segments may not be called needs segments: an attribute in disguise, or one that explains more.
NAME_REFUSED = ("finding.VE002", "finding.VE003")


@dataclass(frozen=True)
class Story:
    """One study at one wave, as HR may read it.

    Parameters
    ----------
    study, wave
        The study's name and the wave the figures are about; the only date in the files.
    title, organisation
        In both languages; the organisation's text may be empty.
    study_digest
        Digest of inputs, configuration, code version, lock file and key id.
    data_kind
        ``personal``, ``public`` or ``simulated``.
    outcome_kind, meaning
        ``spells``, ``duration``, ``horizon`` or ``None``; ``exit``, ``intention`` or ``None``.
    horizon_months
        The horizon of the leaving figure on page one, in months.
    basis
        Item kinds that segments are made of: those that the study names and that tell of needs.
    needs_rated_otherwise
        Needs were rated, but by no kind of question that the study makes segments of.
    status
        One of ``STATUSES``.
    n_people, n_respondents, response_rate
        People in scope, those of them who answered, and their share (``None`` when not known).
    n_answered, outside
        Everyone who answered: the people in the segments; and who of them is not in scope, by relation.
    counted_apart
        False where people in scope and everyone who answered differ by so few that both numbers may not be shown:
        ``n_respondents`` is then ``n_answered``.
    employed
        False where it is not known who of the people in scope was employed when they were asked.
    counted_on
        The day people in scope were counted on, where nobody knows when the survey was; else empty.
    employed_on
        The day that people in scope were employed on; empty where that has no dates.
    watched_until
        The last day on which leaving was watched; empty where it has no dates.
    need_names, segment_names, moment_names, feature_names, group_names, offer_names
        Code (segment: 0..k-1) to a text in both languages; a missing name falls back on the code.
    asked_on
        Item code -> its kind and the ends of its scale, of questions with more than two answers.
    entries_known
        False where it is not known from when on people were followed, as in durations without such a column.
    hires_by
        The attribute that first years are shown by.
    causes
        The causes of leaving that figures count together; empty where that is not known.
    released
        Table name -> ``ReleasedTable``. Every table is optional; files say "not measured" where one is absent.
    weighing
        Table name -> how it counts people (a word of ``Weighing``; weighted where it is not named); empty where no
        answer weighs more than another.
    notes
        Refusals and limits to be reported: (message key of the catalogue, values).
    actions
        Action code -> ``title, what, first_step, owner`` -> text in both languages.
    begun
        Segment (None: everyone) and action -> the day on which it began, as somebody filled in.
    remembered, renamed
        Two needs -> the name that people remember of a group for which these weigh most; the segments (0..k-1) that HR
        gave a name, which need no other.
    divided
        The ``divisions`` table: what a division to work with showed, where no segments were found; else ``None``.
    without_action
        Needs (codes) for which the catalogue has no action for a whole segment.
    both_asked
        Whether importance and experience were both asked; without figures of what is lacking it was another reason.
    tried
        The ``candidates`` table: what was tried before segments were chosen (model diagnostics over all people).
    findings
        The ``findings`` table about the data: codes and columns, never people.
    certificate
        Summary of the suppression certificate.
    governance
        Reference lines (works council, DPIA, officer, legal basis, purpose, approver, expiry), or ``None``.
    translations
        Language -> line -> the same words for readers of that language.

    Raises
    ------
    RefusedRelease
        When a table is not a ``ReleasedTable``.
    InvalidInput
        When ``status``, ``meaning`` or ``data_kind`` is not a known word.

    Examples
    --------
    >>> story = Story(study="pilot", wave="2025", title={"nl": "Proef", "en": "Pilot"}, study_digest="0" * 16)
    >>> story.status, story.table("segments") is None, story.labels("nl").segment(0)
    ('no survey', True, 'Segment 1')
    >>> Story(study="pilot", wave="2025", title={"nl": "Proef", "en": "Pilot"}, study_digest="0", status="maybe")
    Traceback (most recent call last):
    segment.errors.InvalidInput: A story's status is not a known word.
      expected: segments, none, no survey, too few
      found: maybe
    """

    study: str
    wave: str
    title: Bilingual
    study_digest: str
    organisation: Bilingual = field(default_factory=dict)
    data_kind: str = "personal"
    outcome_kind: str | None = None
    meaning: str | None = None
    horizon_months: int = 12
    basis: tuple[str, ...] = ()
    needs_rated_otherwise: bool = False
    status: str = "no survey"
    n_people: int = 0
    n_respondents: int = 0
    n_answered: int = 0
    outside: Mapping[str, int] = field(default_factory=dict)
    counted_apart: bool = True
    employed: bool = True
    counted_on: str = ""
    employed_on: str = ""
    watched_until: str = ""
    response_rate: float | None = None
    need_names: Mapping[str, Bilingual] = field(default_factory=dict)
    segment_names: Mapping[int, Bilingual] = field(default_factory=dict)
    moment_names: Mapping[str, Bilingual] = field(default_factory=dict)
    feature_names: Mapping[str, Bilingual] = field(default_factory=dict)
    group_names: Mapping[str, Bilingual] = field(default_factory=dict)
    offer_names: Mapping[str, Bilingual] = field(default_factory=dict)
    asked_on: Mapping[str, tuple[str, float, float]] = field(default_factory=dict)
    entries_known: bool = True
    hires_by: str = "hiring_source"
    causes: tuple[str, ...] = ()
    released: Mapping[str, ReleasedTable] = field(default_factory=dict)
    weighing: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[tuple[str, Mapping[str, object]], ...] = ()
    actions: Mapping[str, Mapping[str, Bilingual]] = field(default_factory=dict)
    begun: Mapping[tuple[int | None, str], str] = field(default_factory=dict)
    remembered: Mapping[frozenset[str], Bilingual] = field(default_factory=dict)
    renamed: frozenset[int] = frozenset()
    divided: pd.DataFrame | None = None
    without_action: frozenset[str] = frozenset()
    both_asked: bool = False
    tried: pd.DataFrame | None = None
    findings: pd.DataFrame | None = None
    certificate: ReleaseCertificate = field(default_factory=ReleaseCertificate)
    governance: Mapping[str, str] | None = None
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    languages: tuple[str, ...] = own_languages()

    def __post_init__(self) -> None:
        for name, table in self.released.items():
            if not isinstance(table, ReleasedTable):
                raise RefusedRelease(
                    f"Table '{name}' may not go into a file for HR.",
                    expected="a ReleasedTable",
                    came=type(table).__name__,
                    advice="let segment.privacy.release make it",
                )
        _known("status", self.status, STATUSES)
        _known("data_kind", self.data_kind, tuple(DataKind))
        _known("meaning", self.meaning, ("exit", "intention", None))

    @property
    def made(self) -> bool:
        """Whether the groups are made and not found."""
        return self.status == "segments" and self.divided is not None and bool(self.divided["chosen"].any())

    def table(self, name: str) -> pd.DataFrame | None:
        """A released table with its hidden rows, or ``None`` when it is absent or empty."""
        table = self.released.get(name)
        return None if table is None or table.frame.empty else table.frame

    def shown(self, name: str) -> pd.DataFrame | None:
        """The rows of a released table that are not hidden, or ``None`` when nothing is left."""
        frame = self.table(name)
        if frame is None:
            return None
        frame = frame[frame["status"] != "hidden"].reset_index(drop=True)
        return None if frame.empty else frame

    def is_hidden(self, name: str, segment: int) -> bool:
        """Whether a table has rows of this segment and none of them may be shown."""
        frame = self.table(name)
        own = None if frame is None or "segment" not in frame else frame["status"][_of(frame["segment"], segment)]
        return own is not None and len(own) > 0 and bool((own == "hidden").all())

    def has_rows(self, name: str, segment: int) -> bool:
        """Whether a table has rows of this segment, shown or hidden."""
        frame = self.table(name)
        return frame is not None and "segment" in frame and any(_of(frame["segment"], segment))

    def blank(self, name: str, segment: int, language: str) -> str:
        """What stands where a table tells nothing of a segment: that it is hidden, that it has no figure, or a dash."""
        if self.is_hidden(name, segment):
            return say("report.hidden", language)
        told = self.table(name) is None or self.has_rows(name, segment)
        return "–" if told else say("report.no_figure", language)

    @cached_property
    def segments(self) -> tuple[int, ...]:
        """The segments that may be named (released with their size), 0 first; empty unless segments were found."""
        frame = self.shown("segments") if self.status == "segments" else None
        if frame is None:
            return ()
        numbers = (segment_number(value) for value in frame["segment"])
        return tuple(sorted({value for value in numbers if value is not None}))

    @cached_property
    def n_segments(self) -> int:
        """How many segments there are, with those that may not be shown."""
        table = self.released.get("segments") if self.status == "segments" else None
        return 0 if table is None else int(table.frame["segment"].notna().sum())

    @property
    def by_intention(self) -> bool:
        """Leaving was asked, not seen: files say 'intention' and never the other word."""
        return self.meaning == "intention"

    @property
    def lists_staff(self) -> bool:
        """HR's list tells who is employed: people in scope are more than who answered."""
        return self.response_rate is not None or bool(self.outside) or self.status == "no survey"

    @cached_property
    def hires_grouped(self) -> bool:
        """First years are known by an attribute, not of everyone together only."""
        frame = self.table("first_year")
        return frame is not None and bool(frame["source"].notna().any())

    @property
    def by_experience(self) -> bool:
        """Segments rest on experience alone: importance was not asked."""
        return bool(self.basis) and set(self.basis) == {"experience"}

    @property
    def answers_without_needs(self) -> bool:
        """People answered, but not the questions about needs."""
        return self.status == "no survey" and max(self.n_respondents, self.n_answered) > 0

    @property
    def further_answers(self) -> tuple[str, ...]:
        """Where needs were not answered: the tables that tell of other answers (promises, seven Rs, moments)."""
        if not self.answers_without_needs:
            return ()
        told = {name: self.shown(name) for name in ("promises", "scorecard", "journey", "changes")}
        return tuple(
            name
            for name, rows in told.items()
            if rows is not None and ("measure" not in rows or (~rows["measure"].isin(EXITS)).any())
        )

    def agreements(self, language: str) -> Mapping[str, str]:
        """The lines of what was agreed, in one language where they were translated; empty without governance."""
        return {**self.governance, **self.translations.get(language, {})} if self.governance else {}

    def say(self, key: str, language: str, **values: object) -> str:
        """A message in the words for this kind of study: groups that are made are called no segments."""
        return self.labels(language).say(key, **values)

    @once_per_story
    def labels(self, language: str) -> Labels:
        """The names of needs, segments, moments and features in one language."""
        labels = Labels(
            language, self.need_names, self.segment_names, self.moment_names, self.feature_names,
            together=self.status in ("none", "too few"), asked_on=self.asked_on, groups=self.group_names,
        )  # fmt: skip
        by = labels.feature(self.hires_by)
        unasked = self.status == "no survey" and not (self.answers_without_needs or self.by_intention)
        kinds = {
            "unasked": unasked, "unstudied": not self.outcome_kind, "unlisted": not self.lists_staff,
            "intention": self.by_intention,
            "horizon": self.outcome_kind == "horizon", "everyone": not self.segments,
            "undated": not self.employed_on, "ungrouped": not self.hires_grouped,
            "unfollowed": not self.entries_known, "experience": self.by_experience,
            "refused": any(key in NAME_REFUSED for key, _ in self.notes), "made": self.made,
        }  # fmt: skip
        return replace(
            labels,
            offers=self.offer_names,
            actions={code: texts.get("title", {}) for code, texts in self.actions.items()},
            values={"by": by, "By": by[:1].upper() + by[1:], "months": str(self.horizon_months)},
            kinds=tuple(kind for kind, so in kinds.items() if so),
        )


def _of(values: pd.Series, segment: int) -> list[bool]:
    return [segment_number(one) == segment for one in values]


def _known(name: str, value: str | None, known: tuple[object, ...]) -> None:
    if value not in known:
        raise InvalidInput(
            f"A story's {name} is not a known word.",
            expected=", ".join(str(word) for word in known),
            came=str(value),
        )
