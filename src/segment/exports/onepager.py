"""One page per segment for a manager: who they are, what they need, what they miss, what to do first."""

from __future__ import annotations

from collections.abc import Sequence

from segment.errors import RefusedRelease
from segment.exports.answers import Leaving, Need, leaving_of, planned_actions, segment_answers, shortfalls_of
from segment.exports.blocks import Grid, spoken
from segment.exports.exits import exits_counted, with_care
from segment.exports.first_actions import beyond_the_list, why_no_actions
from segment.exports.gaps import gaps_known, widest_gaps
from segment.exports.leaving_words import counted_by_segment, no_figure
from segment.exports.near_ties import first_of, in_words, sentence
from segment.exports.pages import render_page
from segment.exports.pictures import profile_of
from segment.exports.rows import no_lack
from segment.exports.scales import converted
from segment.exports.story import Story
from segment.locale import say

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
    return render_page(
        "onepager.html.j2",
        language,
        story=story,
        one=answer,
        title=story.say("onepager.title", language, k=segment + 1, name=answer.label),
        lead=story.say("onepager.lead", language, n=answer.n, share=answer.share.text(language)),
        others=_not_shown(story, language),
        leaving_label=_leaving_label(story, leaving, language) if leaving else "",
        no_leaving=no_figure(leaving, segment, language) if leaving else "",
        counts=" ".join(counted_by_segment(story, leaving, (segment,), language)) if leaving else "",
        profile=profile,
        needs=_weighing(answer.strongest, language),
        lacks=in_words(answer.lacks, language) or no_lack(story, segment, language),
        lacking=_lacking(story, segment, language),
        promises=_gaps(story, segment, language),
        no_gap=say(
            "onepager.promises.kept" if gaps_known(story, segment) else "report.not_measured.sentence", language
        ),
        why=why_no_actions(story, language, segment),
        beyond=beyond_the_list(story, language, segment),
        plans=planned_actions(story, language, segment=segment)[:_MOST],
    )


def _leaving_label(story: Story, leaving: Leaving, language: str) -> str:
    """What the figure of leaving is: which exits it counts, and what makes it no chance to leave."""
    key = {
        "risk": "report.card.leaving",
        "curve": "report.card.leaving.curve",
        "intention": "report.card.intention",
        "flag": "report.card.leaving.flag",
    }
    about = say(key[leaving.origin], language, months=leaving.months) + exits_counted(story, language)
    return with_care(story, about, language)


def _not_shown(story: Story, language: str) -> str:
    """That there are segments without a page, where there are."""
    if story.n_segments == len(story.segments):
        return ""
    return story.say("onepager.shown", language, shown=len(story.segments), k=story.n_segments)


def _weighing(needs: Sequence[Need], language: str) -> str:
    """Needs as one phrase: 'Growth and Autonomy'; what is about as much says so."""
    if len(needs) == 2 and not needs[0].alike:
        return say("report.and", language, first=needs[0].name, last=needs[1].name)
    return in_words(needs, language)


def _lacking(story: Story, segment: int, language: str) -> Grid | None:
    top = first_of(shortfalls_of(story, story.labels(language), segment), _MOST)
    if not top:
        return None
    columns = (say("display.column.need", language), say("onepager.lacks.column", language))
    lines = tuple((need.name, need.unmet(language)) for need in top)
    return Grid("", columns, lines, note=sentence(top, language))


def _gaps(story: Story, segment: int, language: str) -> Grid | None:
    """The needs with the widest gap between promised and kept."""
    top = first_of(widest_gaps(story, story.labels(language), segment), _MOST)
    if not top:
        return None
    columns = tuple(say(f"display.column.{name}", language) for name in ("need", "promised", "kept"))
    lines = tuple((one.name, *one.told(language)) for one in top)
    scales = {one.share for one in top}
    kind = ".both" if len(scales) > 1 else ".share" if scales == {True} else ""
    brought = "" if kind == ".share" else converted(story, ("promises",), language)
    told = " ".join(spoken((say(f"onepager.promises.text{kind}", language), brought)))
    return Grid(told, columns, lines, note=sentence(top, language))
