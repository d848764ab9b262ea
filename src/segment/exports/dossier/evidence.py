"""What an auditor asks first: the evidence behind the figures, and what the study cannot do."""

from __future__ import annotations

from segment.exports.blocks import Grid, Words
from segment.exports.dossier.pen import Document, Pen
from segment.exports.finding_words import note_words
from segment.exports.weighting import table_name
from segment.locale import number
from segment.tables.registry import met


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
    certificate, rows = pen.story.certificate, []
    for name, one in sorted(met(certificate["tables"]).items()):
        narrowest = one["audit"]["narrowest_interval"]
        rows.append(
            (
                table_name(pen.story, name, pen.language),
                str(one["floor"]),
                number(one["cells"], pen.language, digits=0),
                number(certificate.get("hidden", {}).get(name, 0), pen.language, digits=0),
                number(one["audit"]["groups_audited"], pen.language, digits=0),
                "–" if narrowest is None or narrowest > 1e6 else number(int(narrowest), pen.language, digits=0),
            )
        )
    return pen.table("", ("table", "floor", "rows", "hidden", "attacked", "narrowest"), rows)


def limits(pen: Pen) -> Document:
    """Limits of this run first; nothing is left out that the report says as well."""
    own = tuple(note_words(key, values, pen.story.labels(pen.language)) for key, values in pen.story.notes)
    if pen.story.status != "segments":
        unmeasured = "no basis" if pen.story.needs_rated_otherwise else "no needs"
        status = unmeasured if pen.story.answers_without_needs else pen.story.status
        own = (pen.say(f"limits.status.{status.replace(' ', '_')}"), *own)
    if pen.facts.model("retention") is None:
        own = (*own, pen.say("limits.no_retention"))
    return pen.document(
        pen.section("own", blocks=[Words(own or (pen.say("limits.nothing"),))]),
        pen.section("always"),
        pen.section("unseen"),
    )
