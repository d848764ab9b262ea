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
    lines = [
        ("a", "controller", pen.missing("employer")),
        ("a", "officer", pen.agreed("data_protection_officer")),
        ("b", "processing", f"{story.title[pen.language]} ({story.study}, {story.wave})"),
        ("b", "purpose", pen.agreed("purpose")),
        ("b", "legal_basis", pen.agreed("legal_basis")),
        ("c", "who", pen.relations()),
        ("c", "hr_data", pen.listed([*(pen.say(f"fixed.{name}") for name in facts.fixed), *columns])),
        ("c", "answers", pen.listed(answers, otherwise="no_survey")),
        ("d", "recipients", pen.say("recipients.cards" if story.governance else "recipients.groups")),
        ("e", "transfers", pen.missing("security")),
        ("f", "kept", "; ".join(kept) or pen.missing("officer")),
        ("g", "security", pen.say("security.program")),
        ("g", "security_more", pen.missing("security")),
    ]
    rows = [(f"{letter}. {pen.say(f'about.{key}')}", value) for letter, key, value in lines]
    return pen.document(pen.section("line", blocks=[pen.table("", ("about", "said"), rows)]))
