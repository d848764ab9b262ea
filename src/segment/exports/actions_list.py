"""The actions as a list for a spreadsheet: one row per segment and action, both languages side by side."""

from __future__ import annotations

import csv
import io

from segment.exports.answers import planned_actions
from segment.exports.story import Story
from segment.exports.weighting import weighed

#: Signs with which a spreadsheet would begin to calculate, in every width; tab, return and NUL hide such a sign.
_LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")

_COLUMNS = (
    "segment", "segment_nl", "segment_en", "rank", "action", "need_nl", "need_en", "people", "priority_percent",
    "title_nl", "title_en", "what_nl", "what_en", "first_step_nl", "first_step_en", "owner_nl", "owner_en",
    "place", "about_as_much_as_next",
)  # fmt: skip


def render_actions(story: Story) -> bytes:
    """The plans as CSV: UTF-8 with a byte order mark, semicolons, lines ending in CR LF.

    That combination opens in the right columns and letters by a double click in a Dutch Excel (whose list separator
    is ';'), and in every program that lets its reader choose. Figures are whole numbers, so that no decimal sign can be
    read wrong: ``segment`` runs from 1 (0: everyone), ``priority_percent`` from 0 to 100, ``people`` is a number or a
    band; ``place`` is the order over all segments, and ``about_as_much_as_next`` 1 where the action in the next place
    is about as pressing, 0 where it is less so, and empty where that is not told. In a weighted study two columns more
    say so. Words that would start a formula get an apostrophe before them.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    told = weighed(story, ("plans",), "en")
    writer.writerow((*_COLUMNS, *(("weighing_nl", "weighing_en") if told else ())))
    for segment in (*story.segments, None):
        both = (planned_actions(story, language, segment=segment) for language in ("nl", "en"))
        for dutch, english in zip(*both, strict=True):
            priority = "" if dutch.priority != dutch.priority else f"{100 * dutch.priority:.0f}"
            words = [
                getattr(plan, name) for name in ("title", "what", "first_step", "owner") for plan in (dutch, english)
            ]
            writer.writerow(
                [
                    0 if segment is None else segment + 1,
                    *(inert(plan.segment_label) for plan in (dutch, english)),
                    dutch.rank,
                    *(inert(word) for word in (dutch.code, dutch.need, english.need, english.n.replace(",", ""))),
                    priority,
                    *(inert(word) for word in words),
                    "" if dutch.place != dutch.place else f"{dutch.place:.0f}",
                    "" if dutch.about_as_much != dutch.about_as_much else int(dutch.alike > 0),
                    *((weighed(story, ("plans",), "nl"), told) if told else ()),
                ]
            )
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()


def inert(text: str) -> str:
    """A text that no spreadsheet takes for a formula: one line, no NUL, an apostrophe before a sign that calculates.

    >>> inert("=1+1"), inert("two\\nlines"), inert("－2"), inert("plain")
    ("'=1+1", 'two lines', "'－2", 'plain')
    """
    dangerous = text.lstrip(" \u00a0").startswith(_LIVE)
    line = " ".join(text.replace("\0", "").split())
    return f"'{line}" if dangerous else line
