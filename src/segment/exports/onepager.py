"""One page per segment for a manager: who they are, what they need, what they miss, what to do first."""

from __future__ import annotations

from segment.displays.labels import floats, in_order, of_segment, rows_of
from segment.errors import RefusedRelease
from segment.exports.answers import leaving_of, planned_actions, segment_answers, shortfalls_of
from segment.exports.blocks import Grid
from segment.exports.pages import render_page
from segment.exports.sections import profile_of
from segment.exports.story import Story
from segment.locale import number, say

_MOST = 3


def render_onepager(story: Story, segment: int, language: str) -> str:
    """One A4 page about a segment (0..k-1; shown as 1..k), as HTML in one language.

    Raises
    ------
    RefusedRelease
        When the segment was not released with its size (too few people).
    """
    answer = next((one for one in segment_answers(story, language) if one.number == segment), None)
    if answer is None:
        raise RefusedRelease(
            "A page about a segment needs a segment that may be named.",
            expected="a segment in the released table 'segments'",
            came=f"segment {segment + 1}",
            advice="make pages for the segments in story.segments only",
        )
    profile = profile_of(story, language, prefix=f"s{segment}", only=segment) if "profiles" in story.released else None
    leaving = leaving_of(story)
    key = {"risk": "report.card.leaving", "curve": "report.card.leaving.curve", "intention": "report.card.intention"}
    return render_page(
        "onepager.html.j2",
        language,
        story=story,
        one=answer,
        title=say("onepager.title", language, k=segment + 1, name=answer.label),
        lead=say("onepager.lead", language, n=answer.n, share=answer.share.text(language)),
        leaving_label=say(key[leaving.origin], language, months=leaving.months) if leaving else "",
        profile=profile,
        needs=_together([need.name for need in answer.strongest], language),
        lacking=_lacking(story, segment, language),
        promises=_gaps(story, segment, language),
        plans=planned_actions(story, language, segment=segment)[:_MOST],
    )


def _together(names: list[str], language: str) -> str:
    """Names as one phrase: 'Growth and Autonomy'."""
    return say("report.and", language, first=names[0], last=names[1]) if len(names) == 2 else ", ".join(names)


def _lacking(story: Story, segment: int, language: str) -> Grid | None:
    top = shortfalls_of(story, story.labels(language), segment)[:_MOST]
    if not top:
        return None
    columns = (say("display.column.need", language), say("onepager.lacks.column", language))
    return Grid("", columns, tuple((need.name, need.unmet(language)) for need in top))


def _gaps(story: Story, segment: int, language: str) -> Grid | None:
    """The needs with the widest gap between promised and kept."""
    if "promises" not in story.released:
        return None
    rows = of_segment(rows_of(story.released["promises"]), segment)
    promised, kept = floats(rows, "promised"), floats(rows, "kept")
    gap = promised - kept
    order = [at for at in in_order(rows, gap)[:_MOST] if gap[at] > 0]
    if not order:
        return None
    labels = story.labels(language)
    columns = tuple(say(f"display.column.{name}", language) for name in ("need", "promised", "kept"))
    lines = tuple(
        (labels.need(str(rows["need"].iloc[at])), number(promised[at], language), number(kept[at], language))
        for at in order
    )
    return Grid("", columns, lines)
