"""What can be done: actions matched to unmet needs, for a whole segment and on a person's own card."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from math import nan
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from segment.errors import InvalidInput, InvalidStudy
from segment.locale import say
from segment.tables import schema_of
from segment.vocabulary import Language, Severity

#: For whom an action is, and who takes it.
LEVELS: tuple[str, ...] = ("segment", "individual", "both")
OWNERS: tuple[str, ...] = ("hr", "manager", "person", "organisation")

_TEXTS = ("title", "what", "first_step")
_FIELDS = ("code", "need", "level", "owner", "effort", *_TEXTS, "evidence")
_YES = ("1", "1.0", "yes", "ja", "true")


@dataclass(frozen=True)
class Action:
    """One thing that can be done about one need.

    ``effort`` runs from 1 (this month, no budget) to 3 (a programme); ``evidence`` is ``practice`` or a reference.
    Texts hold ``nl`` and ``en``.
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
        """Action code -> title, what, first_step and owner -> the text in each language."""
        return {
            action.code: {
                **{field: dict(getattr(action, field)) for field in _TEXTS},
                "owner": {lang.value: say(f"personalisation.owner.{action.owner}", lang) for lang in Language},
            }
            for action in self.actions
        }


# ---------------------------------------------------------------------------------------------- reading


def read_catalogue(path: Path | str) -> Catalogue:
    """Read an action catalogue from YAML: a list ``actions`` with code, need, level, owner, effort, texts and evidence.

    Raises
    ------
    InvalidStudy
        With every mistake of the file at once, each as ``file:line:column``.
    """
    file = Path(path)
    try:
        root = YAML(typ="safe").compose(StringIO(file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError):
        raise InvalidStudy(
            "The action catalogue cannot be read.", [f"{file.name}:1:1: no such file, or not UTF-8 text"]
        ) from None
    except MarkedYAMLError as failure:
        mark = failure.problem_mark or failure.context_mark
        place = f"{mark.line + 1}:{mark.column + 1}" if mark else "1:1"
        problem = f"{file.name}:{place}: not valid YAML: {failure.problem or failure.context}"
        raise InvalidStudy("The action catalogue cannot be read.", [problem]) from None
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
    written = [str(key.value) for key, _ in entry.value]
    for key, _ in entry.value:
        if key.value not in _FIELDS:
            yield f"{_place(key)}: '{key.value}' is not a word of an action{_hint(str(key.value), _FIELDS)}"
        elif written.count(str(key.value)) > 1:
            yield f"{_place(key)}: '{key.value}' stands here twice"
    fields = _children(entry)
    for name in _FIELDS:
        if name not in fields:
            yield f"{_place(entry)}: '{name}' is missing"
        elif name in _TEXTS:
            yield from _text_problems(name, fields[name])
        elif not isinstance(fields[name], ScalarNode) or not str(fields[name].value).strip():
            yield f"{_place(fields[name])}: '{name}' is empty or not one word or sentence"
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
    for language in Language:
        text = texts.get(language)
        if not isinstance(text, ScalarNode) or not text.value.strip():
            yield f"{_place(node)}: '{name}' needs a text in '{language}'"
    for other in texts.keys() - set(Language):
        yield f"{_place(texts[other])}: '{name}' has '{other}'; languages are {', '.join(Language)}"


def _action(fields: Mapping[str, Node]) -> Action:
    words = {name: str(fields[name].value).strip() for name in _FIELDS if name not in (*_TEXTS, "effort")}
    texts = {name: {k: " ".join(v.value.split()) for k, v in _children(fields[name]).items()} for name in _TEXTS}
    return Action(**words, **texts, effort=int(fields["effort"].value))  # type: ignore[arg-type]


def _children(node: Node) -> dict[str, Node]:
    return {str(key.value): child for key, child in node.value}


def _place(node: Node) -> str:
    return f"{node.start_mark.line + 1}:{node.start_mark.column + 1}"


def _hint(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean '{near[0]}'?" if near else f"; known: {', '.join(known)}"


def catalogue_findings(catalogue: Catalogue, needs: Sequence[str]) -> pd.DataFrame:
    """Needs of the questionnaire for which nothing can be proposed, as table ``findings`` (code ``AC001``)."""
    rows = [
        {
            "code": "AC001", "severity": Severity.WARNING.value, "subject": need, "where": "action catalogue",
            "count": 1, "explanation": f"The catalogue has no action for need {need} {whom}.",
            "advice": f"add an action with need {need} and level {level}",
        }
        for level, whom in (("segment", "of a whole segment"), ("individual", "of one person"))
        for need in catalogue.without_actions(needs, level, "both")
    ]  # fmt: skip
    schema = schema_of("findings")
    return schema.check(pd.DataFrame(rows) if rows else schema.empty())


# ---------------------------------------------------------------------------------------------- segments


def plan_actions(
    profiles: pd.DataFrame,
    catalogue: Catalogue,
    *,
    per_segment: int = 3,
    min_shortfall: float = 0.05,
    ladder: pd.DataFrame | None = None,
    wave: str | None = None,
) -> pd.DataFrame:
    """What each segment would be helped by first.

    Parameters
    ----------
    profiles
        Table ``profiles``; its rows with measure ``shortfall`` (0 met, 1 wholly unmet) are read.
    per_segment
        At most so many actions per segment. Every need has its first action before any has a second.
    min_shortfall
        Needs met better than this get no action.
    ladder
        Table ``ladder``: a need with rung ``one policy`` is planned once, for everyone (``segment`` NaN); for one with
        rung ``per individual``, what managers can do comes first and the reason says to take it up person by person.
    wave
        The wave to plan for; the last by default.

    Returns
    -------
    DataFrame
        Table ``plans``, one row per segment and action, best first: ``rank``, ``priority`` (shortfall times the share
        of the people), ``n`` people, ``wave``, ``shortfall`` with ``low`` and ``high``, ``rung``, ``owner``,
        ``effort``, ``evidence``, ``reason_nl``, ``reason_en`` (no figure in them). No rows when no need with an action
        falls short.
    """
    rungs = {} if ladder is None else dict(zip(ladder["need"], ladder["rung"], strict=True))
    short = _shortfalls(profiles, wave, rungs)
    rows: list[dict[str, object]] = []
    for _, needs in short[short["shortfall"] >= min_shortfall].groupby("segment", dropna=False, sort=True):
        ordered = needs.sort_values("priority", ascending=False, kind="stable")
        facts = {str(fact["need"]): fact for fact in ordered.to_dict("records")}
        chosen = _in_turn([_fitting(catalogue, need, str(fact["rung"])) for need, fact in facts.items()])
        largest = next(iter(facts))
        for rank, action in enumerate(chosen[:per_segment], start=1):
            rows.append(_plan_row(facts[action.need], action, rank, first=action.need == largest))
    schema = schema_of("plans")
    further: dict[str, Any] = {
        "wave": "str", "shortfall": "float64", "low": "float64", "high": "float64", "rung": "str", "owner": "str",
        "effort": "int64", "evidence": "str", "reason_nl": "str", "reason_en": "str",
    }  # fmt: skip
    table = pd.DataFrame(rows, columns=[*(column.name for column in schema.columns), *further])
    return schema.check(table.astype(further))


def _shortfalls(profiles: pd.DataFrame, wave: str | None, rungs: Mapping[str, str]) -> pd.DataFrame:
    """One row per segment and need (one for everyone where one policy fits), with its priority."""
    rows = profiles[profiles["measure"] == "shortfall"]
    if rows.empty:
        return pd.DataFrame(columns=["segment", "need", "shortfall", "priority", "rung"])
    rows = rows[rows["wave"] == (rows["wave"].max() if wave is None else wave)]
    rows = rows.assign(
        rung=rows["need"].map(lambda need: rungs.get(need, "")),
        shortfall=rows["mean"],
        segment=rows["segment"].astype(float),
        share=rows["n"] / rows.groupby("need")["n"].transform("sum").clip(lower=1),
    )
    alike = rows["rung"] == "one policy"
    everyone = rows[alike].groupby("need", sort=False, as_index=False).agg(
        wave=("wave", "first"), rung=("rung", "first"), shortfall=("overall", "first"), n=("n", "sum")
    )  # fmt: skip
    both = pd.concat([everyone.assign(segment=nan, share=1.0, low=nan, high=nan), rows[~alike]], ignore_index=True)
    return both.assign(priority=both["shortfall"] * both["share"])


def _fitting(catalogue: Catalogue, need: str, rung: str) -> list[Action]:
    """What can be done for many people about a need, best first; managers first where people differ."""
    actions = catalogue.about(need, "segment", "both")
    if rung == "per individual":
        return sorted(actions, key=lambda action: action.owner != "manager")
    return list(actions)


def _in_turn(queues: Sequence[Sequence[Action]]) -> list[Action]:
    """The first of every queue, then the second of every queue, and so on."""
    longest = max(map(len, queues), default=0)
    return [queue[turn] for turn in range(longest) for queue in queues if turn < len(queue)]


def _plan_row(fact: Mapping[Any, Any], action: Action, rank: int, *, first: bool) -> dict[str, object]:
    told = "one_policy" if fact["rung"] == "one policy" else "largest" if first else "further"
    whys = [told, "per_individual"] if fact["rung"] == "per individual" else [told]
    return {
        "segment": fact["segment"], "need": action.need, "action": action.code, "rank": rank,
        "priority": fact["priority"], "n": int(fact["n"]), "wave": fact["wave"], "shortfall": fact["shortfall"],
        "low": fact["low"], "high": fact["high"], "rung": fact["rung"], "owner": action.owner, "effort": action.effort,
        "evidence": action.evidence,
        **{f"reason_{lang}": _reason(whys, lang) for lang in Language},
    }  # fmt: skip


def _reason(whys: Sequence[str], language: str) -> str:
    return " ".join(say(f"personalisation.reason.{why}", language) for why in whys)


# ---------------------------------------------------------------------------------------------- persons


def build_cards(
    need_scores: pd.DataFrame,
    responses: pd.DataFrame,
    catalogue: Catalogue,
    *,
    assignments: pd.DataFrame | None = None,
    opt_in: str = "Q_opt",
    wave: str | None = None,
    per_card: int = 3,
    min_shortfall: float = 0.05,
) -> pd.DataFrame:
    """Personal cards, for the people who asked for one in this wave and for nobody else.

    Parameters
    ----------
    need_scores
        Table ``need_scores``: ``shortfall_<NEED>``, ``importance_<NEED>``, ``experience_<NEED>``, ``wish_<NEED>``.
    responses
        Table ``responses`` with the column ``opt_in``: 1 or yes for who wants a card.
    assignments
        Table ``assignments``: the person's own segment, left out for who stands between segments.
    wave
        The wave the cards are about; the last by default.

    Returns
    -------
    DataFrame
        Table ``cards``, one row per person and need, the greatest shortfall first: ``rank``, ``need``, ``action`` (what
        the person can do), ``ask`` (what the person can ask for; both empty where the catalogue has none), ``kind``
        (``shortfall``, or ``going well`` for the need that matters most to who lacks nothing), the person's own
        ``shortfall``, ``importance`` and ``experience``, ``wished`` (flag), ``segment``. Nothing about anyone else, and
        no chance of leaving. People without any known shortfall have no card.
    """
    wanted = _who_asked(need_scores, responses, opt_in, wave)
    needs = [c.removeprefix("shortfall_") for c in need_scores.columns if c.startswith("shortfall_")]
    short = _of(wanted, "shortfall_", needs)
    importance, experience, wishes = (_of(wanted, name, needs) for name in ("importance_", "experience_", "wish_"))
    known = np.isfinite(short)
    greatest = np.lexsort((-np.nan_to_num(importance), -np.where(known, short, -1.0)), axis=1)
    lacks = np.take_along_axis(np.where(known, short, -1.0), greatest, axis=1) >= min_shortfall
    dearest = np.where(known, np.nan_to_num(importance), -1.0).argmax(axis=1) if needs else np.empty(0, dtype=int)
    contented = known.any(axis=1) & ~lacks.any(axis=1)
    person, place = np.nonzero(lacks[:, :per_card])
    column = np.concatenate([greatest[person, place], dearest[contented]]).astype(int)
    row = np.concatenate([person, np.flatnonzero(contented)]).astype(int)
    own, ask = zip(*(_for_person(catalogue, need) for need in needs), strict=True) if needs else ((), ())
    table = pd.DataFrame(
        {
            "person": wanted["person"].to_numpy()[row], "wave": wanted["wave"].to_numpy()[row],
            "rank": np.concatenate([place + 1, np.ones(contented.sum())]).astype("int64"),
            "need": np.array(needs, dtype=object)[column], "action": np.array(own, dtype=object)[column],
            "ask": np.array(ask, dtype=object)[column], "kind": np.where(contented[row], "going well", "shortfall"),
            "shortfall": short[row, column], "importance": importance[row, column],
            "experience": experience[row, column], "wished": wishes[row, column] > 0,
            "segment": _own_segment(wanted, assignments)[row],
        }
    )  # fmt: skip
    table.loc[table["kind"] == "going well", ["action", "ask"]] = None
    table = table.astype(dict.fromkeys(("person", "wave", "need", "action", "ask", "kind"), "str"))
    order = np.lexsort((table["rank"].to_numpy(), row))
    return schema_of("cards").check(table.iloc[order].reset_index(drop=True))


def _who_asked(need_scores: pd.DataFrame, responses: pd.DataFrame, opt_in: str, wave: str | None) -> pd.DataFrame:
    """The need scores of the people who said yes in this wave, in the order of the scores."""
    for name, frame in (("need scores", need_scores), ("responses", responses)):
        twice = int(frame.duplicated(["person", "wave"]).sum())
        if twice:
            raise InvalidInput(
                f"The {name} have people who stand twice in a wave.", expected="one row per person and wave",
                came=f"{twice} row{'s' if twice != 1 else ''} too many", where=name,
            )  # fmt: skip
    if opt_in not in responses.columns or responses.empty:
        return need_scores.iloc[:0]
    now = responses["wave"].max() if wave is None else wave
    answered = responses[responses["wave"] == now]
    yes = answered[opt_in].astype("str").str.strip().str.lower().isin(_YES)
    asked = set(answered.loc[yes, "person"])
    return need_scores[(need_scores["wave"] == now) & need_scores["person"].isin(asked)]


def _of(frame: pd.DataFrame, measure: str, needs: Sequence[str]) -> np.ndarray:
    """People x needs of one measure; NaN where it was not measured."""
    wanted = [f"{measure}{need}" for need in needs]
    return frame.reindex(columns=wanted).to_numpy(dtype=float, na_value=np.nan)


def _for_person(catalogue: Catalogue, need: str) -> tuple[str | None, str | None]:
    """What a person can do about a need, and what they can ask for."""
    actions = catalogue.about(need, "individual", "both")
    own = next((action.code for action in actions if action.own), None)
    return own, next((action.code for action in actions if not action.own), None)


def _own_segment(wanted: pd.DataFrame, assignments: pd.DataFrame | None) -> np.ndarray:
    if assignments is None:
        return np.full(len(wanted), np.nan)
    clear = assignments[~assignments["between"]] if "between" in assignments.columns else assignments
    segments = clear.set_index(["person", "wave"])["segment"]
    return segments.reindex(pd.MultiIndex.from_frame(wanted[["person", "wave"]])).to_numpy(dtype=float)
