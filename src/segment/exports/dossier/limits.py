"""What the study cannot do: the limits of this run in its own words, and those that hold for every run."""

from __future__ import annotations

from segment.exports.blocks import Words
from segment.exports.dossier.pen import Document, Pen
from segment.exports.finding_words import note_words


def limits(pen: Pen) -> Document:
    """Limits of this run first; nothing is left out that the report says as well."""
    own = tuple(note_words(key, values, pen.story.labels(pen.language)) for key, values in pen.story.notes)
    if pen.story.status != "segments":
        status = "no needs" if pen.story.answers_without_needs else pen.story.status
        own = (pen.say(f"limits.status.{status.replace(' ', '_')}"), *own)
    if pen.facts.model("retention") is None:
        own = (*own, pen.say("limits.no_retention"))
    return pen.document(
        pen.section("own", blocks=[Words(own or (pen.say("limits.nothing"),))]),
        pen.section("always"),
        pen.section("unseen"),
    )
