"""Technical documentation under the EU AI Act, with the nine headings of Annex IV to Regulation (EU) 2024/1689."""

from __future__ import annotations

from segment.displays.retention import cause_name
from segment.exports.blocks import Block, Grid
from segment.exports.dossier.model_cards import method_of
from segment.exports.dossier.pen import Document, Pen
from segment.exports.method_sections import evaluation_grid, tried_grid
from segment.exports.registry_tables import blocks_of, table_grids
from segment.locale import own_words


def technical(pen: Pen) -> Document:
    """Classification first, because everything else follows from it; then Annex IV, heading by heading."""
    return pen.document(
        pen.section("class", blocks=[_classification(pen)]),
        pen.section("general", blocks=[_general(pen)]),
        pen.section("elements", blocks=[_elements(pen), *pen.about_people(), *tried_grid(pen.story, pen.language)]),
        pen.section("monitoring", blocks=_performance(pen)),
        pen.section("metrics"),
        pen.section("risks", blocks=[pen.lines("", ("risk_system", pen.missing("employer")))]),
        pen.section("changes", blocks=[_fingerprints(pen)]),
        pen.section("standards", blocks=[pen.lines("", ("standards", pen.missing("lawyer")))]),
        pen.section("declaration", blocks=[pen.lines("", ("declaration", pen.missing("employer")))]),
        pen.section("afterwards", blocks=[pen.lines("", ("plan", pen.missing("employer")))]),
    )


def _classification(pen: Pen) -> Grid:
    """One row per part of the program that the study uses: treated as, and why."""
    facts = pen.facts
    parts = [
        ("segments", facts.model("segmentation") is not None, "class.groups"),
        ("retention", facts.model("retention") is not None, "class.high"),
        ("matching", facts.matching, "class.high"),
        ("cards", facts.cards, "class.person"),
    ]
    rows = [
        (pen.say(f"part.{part}"), pen.yes(used), pen.say(treated) if used else "–", pen.missing("lawyer"))
        for part, used, treated in parts
    ]
    return pen.table("", ("part", "used", "treated", "counsel"), rows)


def _general(pen: Pen) -> Grid:
    return pen.lines(
        "general",
        ("purpose", pen.agreed("purpose")),
        ("provider", pen.missing("lawyer")),
        ("deployer", pen.missing("employer")),
        ("version", f"segment {pen.facts.version} ({pen.facts.code[:16]})"),
        ("study", f"{own_words(pen.story.title, pen.language)} ({pen.story.study}, {pen.story.wave})"),
        ("who", pen.relations()),
        ("interaction", pen.say("general.interaction")),
        ("forms", pen.say("general.forms")),
        ("hardware", pen.say("general.hardware")),
        ("screen", pen.say("general.screen")),
    )


def _elements(pen: Pen) -> Grid:
    facts = pen.facts
    models = [
        (f"model_{model.name}", f"{method_of(pen, model)}; {model.digest[:16]}") for model in facts.models
    ]  # fmt: skip
    told = pen.listed(cause_name(cause, pen.language) for cause in facts.causes)
    causes = [] if pen.story.by_intention else [("causes", told)]  # whoever intends to leave has left for no reason
    return pen.lines(
        "elements",
        *models,
        ("data_origin", pen.waves()),
        ("window", pen.watched()),
        ("organisation", pen.organisation()),
        *causes,
        ("learned", pen.learned()),
        ("protected", pen.names(facts.named("audit"))),
        ("oversight", pen.missing("reviewer")),
        ("security_more", pen.missing("security")),
    )


def _performance(pen: Pen) -> list[Block]:
    """Released figures only: quality over everyone, the check by protected group, reliability of the questions."""
    story, language = pen.story, pen.language
    return [
        *evaluation_grid(story, language),
        *table_grids(story, "group_results", language),
        *blocks_of(story, "reliability", language),
        pen.floors(),
    ]


def _fingerprints(pen: Pen) -> Grid:
    return pen.lines(
        "fingerprints",
        ("version", f"segment {pen.facts.version}"),
        ("code", pen.facts.code[:16]),
        ("study_digest", pen.story.study_digest[:16]),
        ("key", pen.facts.key_id),
        ("changed", pen.missing("reviewer")),
    )
