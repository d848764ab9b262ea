"""What to do first: the actions of a plan over all segments, and why there is none for what somebody lacks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from segment.displays.labels import floats, shortfall_rows
from segment.exports.answers import AT_MOST, PlannedAction, planned_actions, shortfalls_of
from segment.exports.near_ties import Name, first_of, listed
from segment.exports.story import Story
from segment.locale import say


def why_no_actions(story: Story, language: str, *of: int | None) -> str:
    """Why no action was chosen for these segments (everyone is ``None``; by default for anyone)."""
    labels, segments = story.labels(language), of or (*story.segments, None)
    if of and all(one is not None and story.is_hidden("plans", one) for one in of):
        return say("report.answer.hidden.plans", language)
    table = story.released.get("shortfalls", story.released.get("profiles"))
    rows = shortfall_rows(table) if table is not None else pd.DataFrame()
    if not np.isfinite(floats(rows, "mean")).any():
        return say(f"report.answer.do.{'untold' if story.both_asked else 'absent'}", language)
    lacks = (need for one in segments for need in shortfalls_of(story, labels, one))
    return say(f"report.answer.do.{'no_action' if any(n.value >= AT_MOST for n in lacks) else 'met'}", language)


def beside_where_to_begin(story: Story, language: str) -> str:
    """How the order of segments differs from that of actions, of which page one tells the first; empty without any."""
    return say("report.attractive.first", language) if _all_actions(story, language) else ""


def beyond_the_list(story: Story, language: str, segment: int | None) -> str:
    """What this segment lacks and the list of actions has nothing for, as a sentence; empty where there is none.

    Where nothing was chosen at all, :func:`why_no_actions` says why.
    """
    if not planned_actions(story, language, segment=segment):
        return ""
    lacks = [
        need
        for need in shortfalls_of(story, story.labels(language), segment)
        if need.value >= AT_MOST and need.code in story.without_action
    ]
    names = ", ".join(f"{need.name} ({need.unmet(language)})" for need in lacks)
    return say("report.answer.do.beyond", language, needs=names) if lacks else ""


def segments_without(story: Story, language: str) -> str:
    """For which segments nothing was chosen, or nothing for what they lack, while others have some."""
    if not _all_actions(story, language):
        return ""
    labels, told = story.labels(language), []
    for one in story.segments:
        chosen = planned_actions(story, language, segment=one)
        why = beyond_the_list(story, language, one) if chosen else why_no_actions(story, language, one)
        told += [say("report.answer.do.for", language, segment=labels.segment(one), why=why)] if why else []
    return " ".join(told)


def first_actions(story: Story, language: str, *, most: int = 3) -> tuple[PlannedAction, ...]:
    """The first actions over all segments: by the place that priority gave them before rounding, every action once."""
    every = _all_actions(story, language)
    return tuple(every[at] for at in _first_of_each(every)[:most])


def actions_once(story: Story, language: str) -> tuple[PlannedAction, ...]:
    """Every planned action once, the most pressing first, with all the segments and needs it is for."""
    every = _all_actions(story, language)
    return tuple(_of_all([plan for plan in every if plan.code == every[at].code]) for at in _first_of_each(every))


def _of_all(same: list[PlannedAction]) -> PlannedAction:
    labels, needs = (dict.fromkeys(getattr(one, name) for one in same) for name in ("segment_label", "need"))
    return replace(same[0], segment_label=", ".join(labels), need=", ".join(one for one in needs if one))


def about_as_pressing(story: Story, language: str, *, most: int = 3) -> tuple[PlannedAction, ...]:
    """The first actions, with every other one, of whichever segment, that is about as pressing as the last of them."""
    every = _all_actions(story, language)
    named = _first_of_each(every)[:most]
    return first_of(every, named[-1] + 1) if named else ()


def also_pressing(story: Story, language: str, *, most: int = 3) -> str:
    """The actions that are about as pressing as the last of the first ones and are not among these, as a sentence."""
    shown = {plan.code for plan in first_actions(story, language, most=most)}
    pressing = about_as_pressing(story, language, most=most)
    others = {plan.code: Name(plan.title, 0) for plan in pressing if plan.code not in shown}
    names = listed(list(others.values()), language) if others else ""
    return say("report.alike.pressing", language, names=names) if names else ""


def _first_of_each(plans: list[PlannedAction]) -> list[int]:
    """Places at which an action stands for the first time."""
    codes = [plan.code for plan in plans]
    return [at for at, code in enumerate(codes) if code not in codes[:at]]


def _all_actions(story: Story, language: str) -> list[PlannedAction]:
    every = [plan for segment in (*story.segments, None) for plan in planned_actions(story, language, segment=segment)]
    every.sort(key=_place_and_rank)
    return every


def _place_and_rank(plan: PlannedAction) -> tuple[float, int]:
    return (plan.place if plan.place == plan.place else float("inf"), plan.rank)
