"""The line for the register of processing activities, with the parts of article 30(1) of the GDPR."""

from __future__ import annotations

from segment.exports.dossier.pen import Document, Pen


def register(pen: Pen) -> Document:
    """Parts (a) to (g), one line each."""
    facts, story = pen.facts, pen.story
    labels = story.labels(pen.language)
    columns = [labels.feature(column.name) for column in facts.columns]
    answers = [pen.say(f"kind.{kind}") for kind in facts.questions]
    kept = [
        f"{pen.say(f'relation.{relation}')}: "
        + pen.say("kept.heard" if relation == "candidate" else "kept.left", months=months)
        for relation, months in facts.periods.items()
    ]
    return pen.document(
        pen.section(
            "line",
            blocks=[
                pen.lines(
                    "register",
                    ("controller", pen.missing("employer")),
                    ("officer", pen.agreed("data_protection_officer")),
                    ("processing", f"{story.title[pen.language]} ({story.study}, {story.wave})"),
                    ("purpose", pen.agreed("purpose")),
                    ("legal_basis", pen.agreed("legal_basis")),
                    ("who", pen.relations()),
                    ("hr_data", pen.listed([*(pen.say(f"fixed.{name}") for name in facts.fixed), *columns])),
                    ("answers", pen.listed(answers, otherwise="no_survey")),
                    ("recipients", pen.say("recipients.cards" if story.governance else "recipients.groups")),
                    ("transfers", pen.missing("security")),
                    ("kept", "; ".join(kept) or pen.missing("officer")),
                    ("security", pen.say("security.program")),
                    ("security_more", pen.missing("security")),
                )
            ],
        ),
    )
