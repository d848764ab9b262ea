"""The notice to staff in plain language, with what articles 13 and 14 of the GDPR ask for."""

from __future__ import annotations

from segment.exports.dossier.pen import Document, Pen


def notice(pen: Pen) -> Document:
    """What is done with your data, what your manager sees, how long it is kept, and what you may ask."""
    facts, floors, labels = pen.facts, pen.facts.floors, pen.story.labels(pen.language)
    known = [*(pen.say(f"fixed.{name}") for name in facts.fixed), *(labels.feature(one.name) for one in facts.columns)]
    answers = [pen.say(f"kind.{kind}") for kind in facts.questions]
    least, rate, named = (int(floors[name]) for name in ("min_group", "min_rate_group", "min_segment"))
    return pen.document(
        pen.section(
            "what",
            blocks=[
                pen.lines(
                    "what",
                    ("purpose", pen.agreed("purpose")),
                    ("controller", pen.missing("employer")),
                    ("officer", pen.agreed("data_protection_officer")),
                    ("legal_basis", pen.agreed("legal_basis")),
                    ("transfers", pen.missing("security")),
                )
            ],
        ),
        pen.section(
            "data",
            blocks=[
                pen.lines(
                    "data",
                    ("hr_data", pen.listed(known)),
                    (
                        "answers",
                        pen.listed(answers, otherwise="no_survey"),
                    ),
                    ("voluntary", pen.missing("employer")),
                )
            ],
        ),
        pen.section(
            "sees",
            *([pen.say("notice.team")] if pen.story.governance and facts.model("segmentation") else []),
            pen.say("notice.card" if facts.cards else "notice.no_card"),
            min_group=least,
            min_rate_group=rate,
            min_segment=named,
        ),
        pen.section("decide"),
        pen.section("kept", blocks=[pen.periods(note="")]),
        pen.section("rights", blocks=[pen.lines("rights", ("ask", pen.missing("employer")))]),
        title=pen.story.title[pen.language],
    )
