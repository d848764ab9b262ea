"""Which segments have no figure where others have one, and why: nobody falls out of a picture or a list unsaid."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from segment.displays.base import Display
from segment.exports.blocks import Block, Grid, Picture, Rows, Words, spoken
from segment.exports.story import Story
from segment.locale import catalogue, say


def left_out(story: Story, table: str, told: Collection[int], language: str) -> tuple[str, ...]:
    """Which of the segments that may be named are not among these, in a sentence for each reason.

    Parameters
    ----------
    story, table
        The study, and the released table that the picture or list is made of.
    told
        The segments (0..k-1) that it shows, or says of that they are hidden.
    """
    absent = [one for one in story.segments if one not in told]
    hidden = [one for one in absent if story.is_hidden(table, one)]
    return spoken(
        (
            _sentence("left_out.hidden", table, hidden, story, language),
            _sentence("left_out.none", table, [one for one in absent if one not in hidden], story, language),
        )
    )


def with_left_out(story: Story, table: str, blocks: Sequence[Block], language: str) -> Sequence[Block]:
    """The blocks of a table, and which segments they leave out, where they tell of segments one by one."""
    by_segment = [at for at, block in enumerate(blocks) if _told_in(block)]
    told = frozenset[int]().union(*(_told_in(blocks[at]) for at in by_segment))
    silent = left_out(story, table, told, language) if told else ()
    if not silent:
        return blocks
    after = by_segment[-1] + 1
    return [*blocks[:after], Words(silent), *blocks[after:]]


def not_on_sheet(story: Story, table: str, language: str) -> tuple[str, ...]:
    """Which segments have no line of a table on its sheet, where others have: hidden ones stand there and say so."""
    told = {one for one in story.segments if story.has_rows(table, one)}
    return left_out(story, table, told, language) if told else ()


def _told_in(block: Block) -> frozenset[int]:
    """The segments that a block tells of one by one; none where it is about something else, or about everyone."""
    shown = block.display if isinstance(block, Picture) else block
    return (shown.segments or frozenset()) if isinstance(shown, Display | Grid | Rows) else frozenset()


def _sentence(why: str, table: str, segments: Sequence[int], story: Story, language: str) -> str:
    labels, own = story.labels(language), f"{why}.{table}"
    names = ", ".join(f"‘{labels.segment(one)}’" for one in segments)
    return say(labels.for_study(own) if own in catalogue() else why, language, segments=names) if segments else ""
