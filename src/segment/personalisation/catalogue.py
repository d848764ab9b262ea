"""The action catalogue: what can be done about each need, by whom, with how much effort, and on what evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pandas as pd
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from segment.config.bounded import Unbounded, bounded_text, compose
from segment.errors import InvalidStudy, nearest
from segment.locale import STANDS_IN, in_every_language, languages, own_languages, own_words, say
from segment.tables import spec_of
from segment.vocabulary import Severity

#: For whom an action is, and who takes it.
LEVELS: tuple[str, ...] = ("segment", "individual", "both")
PRACTICE = "practice"
OWNERS: tuple[str, ...] = ("hr", "manager", "person", "organisation")

_TEXTS = ("title", "what", "first_step")
_FIELDS = ("code", "need", "level", "owner", "effort", *_TEXTS, "evidence")
#: What an action need not say.
_WATCH, _FOUND = "watch", "found"
_MAY = (_WATCH, _FOUND)


@dataclass(frozen=True)
class Action:
    """One thing that can be done about one need.

    ``effort`` runs from 1 (this month, no budget) to 3 (a programme); ``evidence`` is ``practice`` or a reference, and
    ``found`` what that study found. ``watch`` is what may get worse meanwhile. Both are empty where the file does not
    say. Texts hold ``nl`` and ``en``.
    """

    code: str
    need: str
    level: str
    owner: str
    effort: int
    title: Mapping[str, str]
    what: Mapping[str, str]
    first_step: Mapping[str, str]
    evidence: str
    watch: Mapping[str, str] = field(default_factory=dict)
    found: Mapping[str, str] = field(default_factory=dict)

    @property
    def own(self) -> bool:
        """Whether the person it is about can take it without asking anyone."""
        return self.owner == "person"


@dataclass(frozen=True)
class Catalogue:
    """All actions of a study, in the order of their file."""

    actions: tuple[Action, ...]

    def about(self, need: str, *levels: str) -> tuple[Action, ...]:
        """The actions for a need at these levels (all when none is named), least effort first."""
        fitting = [a for a in self.actions if a.need == need and (not levels or a.level in levels)]
        return tuple(sorted(fitting, key=lambda action: action.effort))

    def without_actions(self, needs: Sequence[str], *levels: str) -> tuple[str, ...]:
        """The needs for which the catalogue holds nothing at these levels."""
        return tuple(need for need in needs if not self.about(need, *levels))

    def texts(self) -> dict[str, dict[str, dict[str, str]]]:
        """Action code -> title, what, first_step, owner, effort, evidence and watch -> the text in each language."""
        return {
            action.code: {
                **{name: dict(getattr(action, name)) for name in (*_TEXTS, _WATCH)},
                "owner": in_every_language(partial(say, f"personalisation.owner.{action.owner}")),
                "effort": in_every_language(partial(say, f"personalisation.effort.{action.effort}")),
                "evidence": in_every_language(partial(_evidence_told, action)),
            }
            for action in self.actions
        }


def _evidence_told(action: Action, language: str) -> str:
    """What an action rests on: the study as it is cited with what it found, or that it is experience only."""
    if action.evidence == PRACTICE:
        return say("personalisation.practice", language)
    found, cited = own_words(action.found, language), _cited(action.evidence, language)
    return f"{cited}: {found}" if found else cited


def _cited(reference: str, language: str) -> str:
    """A reference with its authors joined as the reader's language does; titles stay as they are.

    >>> _cited("Holman and Axtell (2016), Journal of Work and Health", "nl")
    'Holman en Axtell (2016), Journal of Work and Health'
    """
    authors, year, title = reference.partition(" (")
    for key in ("personalisation.cited.others", "personalisation.cited.and"):
        authors = f"{authors} ".replace(f" {say(key, STANDS_IN)} ", f" {say(key, language)} ").removesuffix(" ")
    return f"{authors}{year}{title}"


def read_catalogue(path: Path | str) -> Catalogue:
    """Read an action catalogue from YAML: a list ``actions`` with code, need, level, owner, effort, texts and evidence.

    Raises
    ------
    InvalidStudy
        With every mistake of the file at once, each as ``file:line:column``.

    Examples
    --------
    >>> read_catalogue("nowhere.yaml")
    Traceback (most recent call last):
    segment.errors.InvalidStudy: The action catalogue cannot be read.
      nowhere.yaml:1:1: no such file, or not UTF-8 text
    """
    file = Path(path)
    try:
        root = compose(bounded_text(file))
    except Unbounded as failure:
        raise InvalidStudy("The action catalogue cannot be read.", [f"{file.name}:{failure}"]) from None
    except (OSError, UnicodeDecodeError):
        raise InvalidStudy(
            "The action catalogue cannot be read.", [f"{file.name}:1:1: no such file, or not UTF-8 text"]
        ) from None
    entries = _children(root).get("actions") if isinstance(root, MappingNode) else None
    if not isinstance(entries, SequenceNode) or not entries.value:
        problem = f"{file.name}:1:1: expected a list under 'actions'"
        raise InvalidStudy("The action catalogue has no actions.", [problem])
    problems = [f"{file.name}:{problem}" for problem in _catalogue_problems(entries)]
    if problems:
        raise InvalidStudy(
            f"The action catalogue has {len(problems)} mistake{'s' if len(problems) != 1 else ''}.", problems
        )
    return Catalogue(tuple(_action(_children(entry)) for entry in entries.value))


def _catalogue_problems(entries: SequenceNode) -> Iterator[str]:
    seen: dict[str, str] = {}
    for entry in entries.value:
        if not isinstance(entry, MappingNode):
            yield f"{_place(entry)}: expected an action with {', '.join(_FIELDS)}"
            continue
        yield from _entry_problems(entry)
        code = _children(entry).get("code")
        if isinstance(code, ScalarNode) and code.value:
            if code.value in seen:
                yield f"{_place(code)}: code '{code.value}' stands at {seen[code.value]} too"
            seen.setdefault(code.value, _place(code))


def _entry_problems(entry: MappingNode) -> Iterator[str]:
    """What is wrong with one action."""
    written = Counter(str(key.value) for key, _ in entry.value)
    for key, _ in entry.value:
        if key.value not in (*_FIELDS, *_MAY):
            yield f"{_place(key)}: '{key.value}' is not a word of an action{_hint(str(key.value), (*_FIELDS, *_MAY))}"
        elif written[str(key.value)] > 1:
            yield f"{_place(key)}: '{key.value}' stands here twice"
    fields = _children(entry)
    for name in _FIELDS:
        if name not in fields:
            yield f"{_place(entry)}: '{name}' is missing"
        elif name in _TEXTS:
            yield from _text_problems(name, fields[name])
        elif not isinstance(fields[name], ScalarNode) or not str(fields[name].value).strip():
            yield f"{_place(fields[name])}: '{name}' is empty or not one word or sentence"
    for name in (one for one in _MAY if one in fields):
        yield from _text_problems(name, fields[name])
    yield from _word_problems(fields)


def _word_problems(fields: Mapping[str, Node]) -> Iterator[str]:
    """Words of an action that are not known, or do not go together."""
    for name, known in (("level", LEVELS), ("owner", OWNERS), ("effort", ("1", "2", "3"))):
        node = fields.get(name)
        if isinstance(node, ScalarNode) and node.value and node.value not in known:
            yield f"{_place(node)}: {name} '{node.value}' is not known{_hint(node.value, known)}"
    level, owner = (str(fields[name].value) if name in fields else "" for name in ("level", "owner"))
    if level != "individual" and level in LEVELS and owner == "person":
        yield f"{_place(fields['owner'])}: a person cannot take an action for a whole segment; use level 'individual'"


def _text_problems(name: str, node: Node) -> Iterator[str]:
    texts = _children(node) if isinstance(node, MappingNode) else {}
    for language in own_languages():
        text = texts.get(language)
        if not isinstance(text, ScalarNode) or not text.value.strip():
            yield f"{_place(node)}: '{name}' needs a text in '{language}'"
    for other in texts.keys() - set(languages()):
        yield f"{_place(texts[other])}: '{name}' has '{other}'; languages are {', '.join(languages())}"


def _action(fields: Mapping[str, Node]) -> Action:
    words = {name: str(fields[name].value).strip() for name in _FIELDS if name not in (*_TEXTS, "effort")}
    told = [name for name in (*_TEXTS, *_MAY) if name in fields]
    texts = {name: {k: " ".join(v.value.split()) for k, v in _children(fields[name]).items()} for name in told}
    return Action(**words, **texts, effort=int(fields["effort"].value))  # type: ignore[arg-type]


def _children(node: Node) -> dict[str, Node]:
    return {str(key.value): child for key, child in node.value}


def _place(node: Node) -> str:
    return f"{node.start_mark.line + 1}:{node.start_mark.column + 1}"


def _hint(word: str, known: Sequence[str]) -> str:
    return f"; {nearest(word, known)}"


def catalogue_findings(catalogue: Catalogue, needs: Sequence[str]) -> pd.DataFrame:
    r"""Needs of the questionnaire for which nothing can be proposed, as table ``findings`` (code ``AC001``).

    Examples
    --------
    >>> print(*catalogue_findings(Catalogue(()), ["PAY"])["explanation"], sep="\n")
    The catalogue has no action for need PAY of a whole segment.
    The catalogue has no action for need PAY of one person.
    """
    rows = [
        {
            "code": "AC001", "severity": Severity.WARNING.value, "subject": need, "where": "action catalogue",
            "wave": "", "count": 1, "explanation": f"The catalogue has no action for need {need} {whom}.",
            "advice": f"add an action with need {need} and level {level}",
        }
        for level, whom in (("segment", "of a whole segment"), ("individual", "of one person"))
        for need in catalogue.without_actions(needs, level, "both")
    ]  # fmt: skip
    schema = spec_of("findings")
    return schema.check(pd.DataFrame(rows) if rows else schema.empty())
