"""What page one answers beside the groups: three points of the first screen, what changed, and what it does not say."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from segment.displays.column_text import grouping_name
from segment.displays.labels import bands_of, floats, in_order, rows_of, share_text
from segment.exports.answers import most_lacking, shortfalls_of
from segment.exports.changes import changed_told
from segment.exports.detection import detection_lead
from segment.exports.finding_words import note_words
from segment.exports.first_actions import also_pressing, first_actions, why_no_actions
from segment.exports.gaps import gaps_known, widest_gaps
from segment.exports.made_groups import nearest_known
from segment.exports.near_ties import first_of, sentence
from segment.exports.refusal import nearest
from segment.exports.story import NAME_REFUSED, Story
from segment.locale import catalogue, day_told, number, percent, say
from segment.segments.verdict import SEGMENTS

#: The grouping that the groups are held against; where it is not among what HR knows, the best of the others.
_DEPARTMENT = "department"
#: Gates that more questions per need help to pass, and those that more people do.
_MORE_QUESTIONS = frozenset({"agreement", "chance", "posterior", "reliability"})
_MORE_PEOPLE = frozenset({"agreement", "chance"})


@dataclass(frozen=True)
class Point:
    """An answer of the first screen: what is asked, the answer in a few words, and what it rests on."""

    asked: str
    answer: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """What the groups explain of people's needs, beside another grouping, as text; ``said``: which of them is more.

    ``named``: the groupings that page one names, which are among the bars of every chart.
    """

    needs: str
    other: str
    rival: str
    said: tuple[str, ...]
    named: frozenset[str]


def points(story: Story, language: str) -> tuple[Point, ...]:
    """The three answers of the first screen; without groups how near they were, and what would help."""
    if story.status == "no survey":
        return ()
    first = _groups_or_departments(story, language) if story.segments else how_near(story, language)
    second = _promise(story, language) or _lacking(story, language)
    return tuple(one for one in (first, second, _first_action(story, language)) if one is not None)


def verdict(story: Story, language: str) -> Verdict | None:
    """Groups against departments by what they explain of other people's needs; none where that was not released."""
    table = story.released.get("verdict")
    rows = rows_of(table) if table is not None else pd.DataFrame()
    rows = rows[rows["target"] == "needs"] if len(rows) else rows
    if rows.empty or not story.segments or not (rows["grouping"] == SEGMENTS).any():
        return None
    own = rows[rows["grouping"] == SEGMENTS].iloc[0]
    others = rows[rows["grouping"] != SEGMENTS]
    department = others[others["grouping"] == _DEPARTMENT]
    if others.empty:
        return None
    other = (
        department.iloc[0]
        if len(department)
        else others.iloc[in_order(others, floats(others, "explained"), rank="place")[0]]
    )
    name = grouping_name(str(other["grouping"]), story.labels(language))
    rival = say("page.verdict.department" if len(department) else "page.verdict.best", language, name=name)
    needs, known = (percent(max(float(one["explained"]), 0.0), language) for one in (own, other))
    named = {SEGMENTS, str(other["grouping"]), *(nearest_known(story) if story.made else ())}
    return Verdict(needs, known, rival, _which_is_more(own, other, story, language), frozenset(named))


def _which_is_more(own: pd.Series, other: pd.Series, story: Story, language: str) -> tuple[str, ...]:
    """Whether the groups surely explain more or less than another grouping, and why not to call them by needs."""
    more, less = float(own["low"]) > float(other["high"]), float(own["high"]) < float(other["low"])
    told = say(f"page.verdict.{'surely' if more else 'less' if less else 'unsure'}", language)
    labels = story.labels(language)
    return (told, *(note_words(key, values, labels) for key, values in story.notes if key in NAME_REFUSED))


def _groups_or_departments(story: Story, language: str) -> Point | None:
    told = verdict(story, language)
    if told is None:
        return None
    words = {"needs": told.needs, "other": told.other, "rival": told.rival}
    texts = (story.say("page.verdict.more", language, **words), *told.said)
    return Point(say("page.verdict.question", language), say("page.verdict.figure", language, **words), texts)


def how_near(story: Story, language: str) -> Point | None:
    """How near a search came that found no groups: what came back of the best division, or how many demands it met."""
    table = story.released.get("nearness")
    rows = rows_of(table) if table is not None else pd.DataFrame()
    if rows.empty:
        return None
    asked = say("page.near.question", language)
    passed, known = int((rows["passed"] == "yes").sum()), len(rows)
    gates = say("page.near.gates", language, passed=passed, all=known)
    back = rows[rows["gate"] == "agreement"]
    if back.empty:
        return Point(asked, gates, ())
    reached, needed = (number(floats(back, name)[0], language, digits=2) for name in ("reached", "needed"))
    words = {"reached": reached, "needed": needed}
    return Point(asked, say("page.near.figure", language, **words), (say("page.near.text", language, **words), gates))


def _promise(story: Story, language: str) -> Point | None:
    asked = say("page.promise.question", language)
    gaps = first_of(widest_gaps(story, story.labels(language), None), 1)
    if not gaps:
        return Point(asked, say("page.promise.kept", language), ()) if gaps_known(story, None) else None
    promised, kept = gaps[0].told(language)
    told = say("page.promise.text", language, promised=promised, kept=kept)
    about = sentence(gaps, language, after=True)
    return Point(asked, gaps[0].name, (told, about) if about else (told,))


def _lacking(story: Story, language: str) -> Point | None:
    worst = most_lacking(story, story.labels(language))
    if not worst:
        return None
    told = worst[0].need.unmet(language)
    key = "report.answer.lack.text" if worst[0].segment is None else "report.answer.lack.segment"
    segment = story.labels(language).segment(worst[0].segment)
    text = say(key, language, need=worst[0].need.name, value=told, segment=segment)
    alike = sentence(worst, language, after=True)
    return Point(say("page.lack.question", language), worst[0].name, (text, alike) if alike else (text,))


def _first_action(story: Story, language: str) -> Point:
    asked, chosen = what_first(story, language), first_actions(story, language, most=1)
    if not chosen:
        return Point(asked, "", (why_no_actions(story, language),))
    owner = say("page.do.who", language, owner=chosen[0].owner) if chosen[0].owner else ""
    alike = also_pressing(story, language, most=1)
    day = chosen[0].begun
    begun = say("page.do.begun", language, date=day_told(day, language)) if day else ""
    return Point(asked, chosen[0].title, tuple(one for one in (why_first(story, language), begun, owner, alike) if one))


def what_first(story: Story, language: str) -> str:
    """What stands over the first action: that it is to be done first, or gone on with where it has begun."""
    begun = any(one.begun for one in first_actions(story, language, most=1))
    return say("page.do.question.begun" if begun else "page.do.question", language)


def why_first(story: Story, language: str) -> str:
    """Why the first action is first: what is lacking, for whom, and how much; empty where that is not shown."""
    plan = first_actions(story, language, most=1)[0]
    lacks = shortfalls_of(story, story.labels(language), plan.segment)
    value = next((need.unmet(language) for need in lacks if need.name == plan.need), "")
    if not value:
        return ""
    kind = "everyone" if plan.segment is None else "segment"
    return say(f"page.do.why.{kind}", language, need=plan.need, value=value, segment=plan.segment_label)


def what_would_help(story: Story, language: str) -> tuple[str, ...]:
    """Where no groups are shown: what would help next time, what would have been seen, and what fits meanwhile."""
    if story.status not in ("none", "too few"):
        return ()
    told = [say("page.help.few", language)] if story.status == "too few" else [detection_lead(story, language)]
    best = nearest(story.tried)
    single = story.divided is not None and bool((story.divided["failed"] == "one question").any())
    if story.status == "none" and best is not None:
        told.append(_help_with(best.gate, language, single=single))
    told.append(say("page.help.two", language) if single else "")
    return tuple(one for one in (*told, units_differ(story, language), say("page.help.person", language)) if one)


def _help_with(gate: str, language: str, *, single: bool) -> str:
    """What helps to pass a gate; nothing of more questions where two per need are asked for already (``single``)."""
    if single and gate in _MORE_QUESTIONS:
        return say("page.help.people", language) if gate in _MORE_PEOPLE else ""
    return say(f"page.help.{gate}", language) if f"page.help.{gate}" in catalogue() else ""


def units_differ(story: Story, language: str) -> str:
    """How much of other answers the best of what HR knows explains, held against the division into most groups."""
    table = story.divided
    rows = table[table["rival_explained"].notna()] if table is not None and "rival_explained" in table else None
    if rows is None or rows.empty:
        return ""
    best = rows.iloc[-1]
    rival = grouping_name(str(best["rival"]), story.labels(language))
    known = max(float(best["rival_explained"]), 0.0)
    key = "page.verdict.units.text" if round(known, 2) > 0 else "page.verdict.units.nothing"
    return say(key, language, known=percent(known, language), rival=rival)


def what_changed(story: Story, language: str) -> tuple[str, ...]:
    """What surely changed since the earlier wave, and who stayed in their group.

    Where no changes are reported, whether groups may be compared over time.
    """
    changed, frame = " ".join(changed_told(story, language)[:2]), story.table("movement")
    if frame is None:
        return (changed or say("page.changed.none", language),)
    rows = frame[frame["status"] != "hidden"].to_dict("records")
    shares = {row["moved"]: share_text(float(row["share"]), language, bands=bands_of(row), spoken=True) for row in rows}
    if "nobody" not in shares:
        return (changed or say("page.changed.hidden", language),)
    told = [say("page.changed.stayed", language, same=shares["nobody"])]
    if changed:
        return (changed, *told)
    if "people" in shares:
        told.append(say("page.changed.moved", language, people=shares["people"]))
    codes = [code for code in frame["code"] if code]
    told += [story.say(f"report.moved.{codes[0]}", language)] if codes else []
    return (" ".join(told),)


def whom_to_ask(story: Story, language: str) -> tuple[str, ...]:
    """Whom to ask about the report and about personal data, as the study's agreements name them."""
    named = (("approver", "approver"), ("officer", "data_protection_officer"), ("council", "works_council"))
    known = story.agreements(language)
    told = [say(f"page.ask.{key}", language, name=known[field]) for key, field in named if known.get(field)]
    return tuple(told) or (say("page.ask.nobody", language),)
