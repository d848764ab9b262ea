"""Two documents of the GDPR: what people are informed of (articles 13 and 14), the line for the register (30)."""

from __future__ import annotations

from segment.exports.blocks import Grid
from segment.exports.dossier.pen import Document, Pen
from segment.locale import own_words


def notice(pen: Pen) -> Document:
    """What is done with your data, what your manager sees, how long it is kept, and what you may ask."""
    facts, floors = pen.facts, pen.facts.floors
    team = pen.story.governance and facts.model("segmentation")
    return pen.document(
        pen.section("what", blocks=[_what(pen)]),
        pen.section("data", blocks=[_data(pen)]),
        pen.section(
            "sees",
            *([pen.say("notice.team")] if team else []),
            pen.say("notice.card" if facts.cards else "notice.no_card"),
            min_group=int(floors["min_group"]),
            min_rate_group=int(floors["min_rate_group"]),
            min_segment=int(floors["min_segment"]),
        ),
        pen.section("decide"),
        pen.section("kept", blocks=[pen.periods(note="")]),
        pen.section("rights", blocks=[pen.lines("rights", ("ask", pen.missing("employer")))]),
        title=own_words(pen.story.title, pen.language),
    )


def _what(pen: Pen) -> Grid:
    """Who does this, why, and on which ground."""
    return pen.lines(
        "what",
        ("purpose", pen.agreed("purpose")),
        ("controller", pen.missing("employer")),
        ("officer", pen.agreed("data_protection_officer")),
        ("legal_basis", pen.agreed("legal_basis")),
        ("transfers", pen.missing("security")),
    )


def _data(pen: Pen) -> Grid:
    """Which of somebody's data are used."""
    facts, labels = pen.facts, pen.story.labels(pen.language)
    known = [*(pen.say(f"fixed.{name}") for name in facts.fixed), *(labels.feature(one.name) for one in facts.columns)]
    answers = [pen.say(f"kind.{kind}") for kind in facts.questions]
    return pen.lines(
        "data",
        ("hr_data", pen.listed(known)),
        ("answers", pen.listed(answers, otherwise="no_survey")),
        ("voluntary", pen.missing("employer")),
    )


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
        ("b", "processing", f"{own_words(story.title, pen.language)} ({story.study}, {story.wave})"),
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
