"""The actions as a list for a spreadsheet: one row per segment and action, both languages side by side."""

from __future__ import annotations

import csv
import io

from segment.exports.answers import planned_actions
from segment.exports.story import Story
from segment.exports.weighting import weighed
from segment.locale import STANDS_IN, languages, own_words

#: Signs with which a spreadsheet would begin to calculate, in every width; tab, return and NUL hide such a sign.
_LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")

_SAID = ("title", "what", "first_step", "owner")
#: What is reported of the action itself, and what HR fills in for themselves.
_RESTS_ON, _TO_FILL_IN = ("effort", "evidence", "watch"), ("who", "date", "status", "target")


def _in_each(name: str) -> tuple[str, ...]:
    return tuple(f"{name}_{language}" for language in languages())


_COLUMNS = (
    "segment", *_in_each("segment"), "rank", "action", *_in_each("need"), "people_answered", "priority_percent",
    *(column for name in _SAID for column in _in_each(name)),
    "place", "about_as_much_as_next", *(column for name in _RESTS_ON for column in _in_each(name)), *_TO_FILL_IN,
)  # fmt: skip


def has_actions(story: Story) -> bool:
    """Whether anything is planned that may be shown: without it a release has no list of actions."""
    return story.shown("plans") is not None


def render_actions(story: Story) -> bytes:
    """The plans as CSV: UTF-8 with a byte order mark, semicolons, lines ending in CR LF.

    That combination opens in the right columns and letters by a double click in a Dutch Excel (whose list separator
    is ';'), and in every program that lets its reader choose. Figures are whole numbers, so that no decimal sign can be
    read wrong: ``segment`` runs from 1 (0: everyone), ``priority_percent`` from 0 to 100, ``people_answered``
    is a number or a band of those of the segment who answered about the need, who can be fewer than its people;
    ``place`` is the order over all segments, and ``about_as_much_as_next`` 1 where the action in the next place
    is about as pressing, 0 where it is less so, and empty if that is not shown. ``effort``, ``evidence`` and
    ``watch`` (what may get worse meanwhile) are the catalogue's; ``who``, ``date``, ``status`` and ``target`` are left
    empty for whoever works with the list, but for the date of what is known to have begun. In a weighted study two
    columns more say so. Words that would start a formula get an apostrophe before them.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    told = [weighed(story, ("plans",), language) for language in languages()]
    told = told if all(told) else []
    writer.writerow((*_COLUMNS, *(_in_each("weighing") if told else ())))
    for segment in (*story.segments, None):
        each = (planned_actions(story, language, segment=segment) for language in languages())
        for plans in zip(*each, strict=True):
            plan = plans[0]  # figures are the same in every language
            people = plans[languages().index(STANDS_IN)].n.replace(",", "")
            priority = "" if plan.priority != plan.priority else f"{100 * plan.priority:.0f}"
            words = [getattr(one, name) for name in _SAID for one in plans]
            writer.writerow(
                [
                    0 if segment is None else segment + 1,
                    *(inert(one.segment_label) for one in plans),
                    plan.rank,
                    *(inert(word) for word in (plan.code, *(one.need for one in plans), people)),
                    priority,
                    *(inert(word) for word in words),
                    "" if plan.place != plan.place else f"{plan.place:.0f}",
                    "" if plan.about_as_much != plan.about_as_much else int(plan.alike > 0),
                    *(inert(text) for text in _rests_on(story, plan.code)),
                    *(plan.begun if name == "date" else "" for name in _TO_FILL_IN),
                    *told,
                ]
            )
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()


def _rests_on(story: Story, action: str) -> list[str]:
    """What the catalogue tells of an action, in every language; empty where a study's own does not."""
    texts = story.actions.get(action, {})
    return [own_words(texts.get(name) or {}, language) for name in _RESTS_ON for language in languages()]


def inert(text: str) -> str:
    """A text that no spreadsheet takes for a formula: one line, no NUL, an apostrophe before a sign that calculates.

    >>> inert("=1+1"), inert("two\\nlines"), inert("－2"), inert("plain")
    ("'=1+1", 'two lines', "'－2", 'plain')
    """
    dangerous = text.lstrip(" \u00a0").startswith(_LIVE)
    line = " ".join(text.replace("\0", "").split())
    return f"'{line}" if dangerous else line
