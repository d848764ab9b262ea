"""What a sheet says above its table, where a column cannot: of whom figures are, and how they are to be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from segment.displays.labels import rows_of, segments_in
from segment.displays.retention import late_starts
from segment.exports.blocks import spoken
from segment.exports.cells import Sheet
from segment.exports.confidence import doubt_by_group
from segment.exports.first_actions import beside_where_to_begin
from segment.exports.story import Story
from segment.locale import say


def with_words(made: Sheet, story: Story, sheet: str, language: str) -> Sheet:
    """The sheet with what is said above its table; a sheet without a table as it is."""
    said = _ABOVE[sheet](story, language) if sheet in _ABOVE and made.rows else ()
    return replace(made, words=(*said, *made.words)) if said else made


def _curves(story: Story, language: str) -> Sequence[str]:
    """From which month on each curve counts, as the method file says it, and which people are counted beside it."""
    curves = story.released.get("curves")
    if curves is None or story.by_intention:
        return ()
    late = late_starts(curves, story.labels(language), segments_in(rows_of(curves)))
    return (*late, say(f"workbook.staying.people{'.late' if late else ''}", language))


def _associations(story: Story, language: str) -> Sequence[str]:
    """Which people are counted beside what goes together with leaving: they differ by row."""
    if story.by_intention or "segment_effects" not in story.released or "effects" not in story.released:
        return ()
    return (story.say("workbook.associations.people", language),)


def _changes(story: Story, language: str) -> Sequence[str]:
    """Over which figures a change is judged, so that nobody holds its verdict against its own interval."""
    return (say("change.judged", language),) if "changes" in story.released else ()


def _where_to_begin(story: Story, language: str) -> Sequence[str]:
    """Why the first segment here may be another than the one that page one's first action is for."""
    return spoken((beside_where_to_begin(story, language),))


def _groups(story: Story, language: str) -> Sequence[str]:
    """Why everyone's level has another interval here than where the model is described."""
    return spoken((doubt_by_group(story, language),))


#: Sheet -> its sentences, from the story and a language.
_ABOVE: Mapping[str, Callable[[Story, str], Sequence[str]]] = {
    "staying": _curves,
    "associations": _associations,
    "changes": _changes,
    "groups": _groups,
    "attractiveness": _where_to_begin,
}
