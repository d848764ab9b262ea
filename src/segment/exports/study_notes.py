"""What is said under a table because of the study: of whom its figures are, and what they were converted from."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from segment.exports.scales import converted
from segment.exports.story import Story
from segment.locale import say


def _moved(story: Story, language: str) -> str:
    """Whether it was people or the model that moved, and what follows from that."""
    frame = story.table("movement")
    codes = [code for code in frame["code"] if code] if frame is not None else []
    return say(f"report.moved.{codes[0]}", language) if codes else ""


def _drivers(story: Story, language: str) -> str:
    return converted(story, ("drivers",), language)


#: By the table that they stand under.
NOTES: Mapping[str, Callable[[Story, str], str]] = {
    "movement": _moved,
    "drivers": _drivers,
}
