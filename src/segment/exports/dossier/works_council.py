"""The request for consent to the works council: what is decided, why, and what it means for people (WOR, art. 27)."""

from __future__ import annotations

from segment.exports.dossier.pen import Document, Pen
from segment.locale import own_words


def works_council(pen: Pen) -> Document:
    """Article 27(1)(k) and (l) of the Dutch Works Councils Act, in the order that article 27(2) asks for."""
    facts, story = pen.facts, pen.story
    return pen.document(
        pen.section(
            "decision",
            blocks=[
                pen.lines(
                    "decision",
                    ("reference", pen.agreed("works_council")),
                    ("purpose", pen.agreed("purpose")),
                    ("study", f"{own_words(story.title, pen.language)} ({story.study})"),
                    ("surveys", pen.waves()),
                    ("who", pen.relations()),
                    ("approver", pen.agreed("approver")),
                    ("expires", pen.agreed("expires")),
                    ("starts", pen.missing("employer")),
                )
            ],
        ),
        pen.section("reasons", blocks=[pen.lines("reasons", ("motive", pen.missing("employer")))]),
        pen.section("data", blocks=pen.about_people()),
        pen.section(
            "consequences",
            pen.say("individual.cards" if facts.cards else "individual.none"),
            blocks=[pen.lines("consequences", ("voluntary", pen.missing("employer")))],
        ),
        pen.section("watching", learned=pen.learned()),
        pen.section("measures", blocks=[pen.floors(), pen.periods(), pen.proof()]),
        pen.section(
            "procedure",
            blocks=[
                pen.lines(
                    "procedure",
                    ("meeting", pen.missing("employer")),
                    ("consent", pen.missing("works_council")),
                    ("announced", pen.missing("employer")),
                )
            ],
        ),
    )
