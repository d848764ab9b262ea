"""What an auditor asks first: the evidence behind the figures, and what the study cannot do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segment.exports.blocks import Grid, Words
from segment.exports.dossier.pen import Document, Pen
from segment.exports.finding_words import note_words
from segment.exports.weighting import table_name
from segment.locale import number


def evidence(pen: Pen) -> Document:
    """The suppression certificate in words and figures, table by table."""
    return pen.document(
        pen.section("result", blocks=[pen.proof()]),
        pen.section("rules", blocks=[pen.floors()]),
        pen.section("tables", blocks=[_by_table(pen)] if pen.story.certificate.get("tables") else []),
        pen.section("again", blocks=[pen.lines("again", ("audited", pen.missing("reviewer")))]),
    )


def _by_table(pen: Pen) -> Grid:
    """One row per released table: its floor, its rows, what was hidden and why, and what the attack found."""
    tables: Mapping[str, Mapping[str, Any]] = pen.story.certificate["tables"]
    rows = []
    for name, one in sorted(tables.items()):
        audit = one.get("audit", {})
        narrowest = audit.get("narrowest_interval")
        rows.append(
            (
                table_name(pen.story, name, pen.language),
                str(one.get("floor", "–")),
                number(int(one.get("cells", 0)), pen.language, digits=0),
                number(int(pen.story.certificate.get("hidden", {}).get(name, 0)), pen.language, digits=0),
                number(int(audit.get("groups_audited", 0)), pen.language, digits=0),
                "–" if narrowest is None or narrowest > 1e6 else number(int(narrowest), pen.language, digits=0),
            )
        )
    return pen.table("", ("table", "floor", "rows", "hidden", "attacked", "narrowest"), rows)


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
