"""The draft of a data protection impact assessment, in the four parts of article 35(7) of the GDPR."""

from __future__ import annotations

from segment.exports.blocks import Grid
from segment.exports.dossier.pen import Document, Pen

#: Risks to people, in the order in which they are reported; the last two need a model, a survey or cards.
_RISKS: tuple[str, ...] = ("recognised", "two_releases", "decided", "unfair", "pressed", "stolen", "wider")


def assessment(pen: Pen) -> Document:
    """Description, necessity and proportionality, risks to people, measures; then the opinions that must be asked."""
    return pen.document(
        pen.section("description", blocks=[_description(pen), *pen.about_people(), pen.periods()]),
        pen.section("necessity", blocks=[_necessity(pen)]),
        pen.section("risks", blocks=[_risks(pen)]),
        pen.section("measures", blocks=[pen.floors(), pen.proof()]),
        pen.section(
            "opinions",
            blocks=[
                pen.lines(
                    "opinions",
                    ("officer_advice", pen.missing("officer")),
                    ("people_heard", pen.missing("employer")),
                    ("authority", pen.missing("officer")),
                    ("signed", pen.missing("employer")),
                )
            ],
        ),
    )


def _description(pen: Pen) -> Grid:
    facts, story = pen.facts, pen.story
    return pen.lines(
        "description",
        ("reference", pen.agreed("dpia")),
        ("controller", pen.missing("employer")),
        ("purpose", pen.agreed("purpose")),
        ("who", pen.relations()),
        ("people", pen.people()),
        ("surveys", pen.waves()),
        ("respondents", pen.respondents() if story.n_respondents else pen.say("no_survey")),
        ("window", pen.watched()),
        ("organisation", pen.organisation()),
        ("recipients", pen.say("recipients.cards" if story.governance else "recipients.groups")),
        ("individual", pen.say("individual.cards" if facts.cards else "individual.none")),
        ("processors", pen.missing("security")),
        ("transfers", pen.missing("security")),
    )


def _necessity(pen: Pen) -> Grid:
    return pen.lines(
        "necessity",
        ("legal_basis", pen.agreed("legal_basis")),
        ("interest", pen.missing("lawyer")),
        ("less", pen.missing("employer")),
        ("protected", pen.names(pen.facts.named("audit"))),
    )


def _risks(pen: Pen) -> Grid:
    known = [
        risk
        for risk in _RISKS
        if (risk != "unfair" or pen.facts.model("retention")) and (risk != "pressed" or pen.facts.questions)
    ]
    rows = [(pen.say(f"risk.{risk}"), pen.say(f"risk.{risk}.done"), pen.missing("officer")) for risk in known]
    return pen.table("risks", ("risk", "done", "left"), rows)
