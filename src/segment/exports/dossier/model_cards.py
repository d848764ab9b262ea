"""Model cards for people: what each model of the run is for, what it reads, how good it is, and what it is not for."""

from __future__ import annotations

from segment.exports.blocks import Block, Section
from segment.exports.dossier.facts import ModelFacts
from segment.exports.dossier.pen import Document, Pen
from segment.exports.method_sections import evaluation_grid, tried_grid
from segment.exports.registry_tables import blocks_of, table_grids


def model_cards(pen: Pen) -> Document:
    """One section per model; where the run made none, that is said."""
    sections = [_card(pen, model) for model in pen.facts.models]
    return pen.document(*(sections or [pen.section("absent")]))


def _card(pen: Pen, model: ModelFacts) -> Section:
    rows = pen.lines(
        "",
        ("method", method_of(pen, model)),
        ("intended", pen.say(f"model.{model.name}.intended")),
        ("forbidden", pen.say("model.forbidden")),
        ("population", _population(pen, model)),
        ("reads", pen.names(model.reads, between="; ")),
        ("protected", pen.say("model.protected", names=pen.names(pen.facts.named("audit")))),
        ("limits", pen.say(f"model.{model.name}.limits")),
        ("digest", model.digest[:16]),
        ("reviewed", pen.missing("reviewer")),
    )
    return pen.section(model.name, blocks=[rows, *_evidence(pen, model.name)])


def _population(pen: Pen, model: ModelFacts) -> str:
    """Whom a model learned from."""
    if model.name == "segmentation":
        return pen.say("population.answered", wave=pen.story.wave)
    if pen.facts.window is None:
        return pen.say("population.outcome")
    return pen.say("population.watched", start=pen.facts.window[0], end=pen.facts.window[1])


def method_of(pen: Pen, model: ModelFacts) -> str:
    """How a model was made, in words."""
    if model.name != "segmentation":
        return pen.say(f"method.{model.method}")
    if model.groups < 2:
        return pen.say("method.none")
    return pen.say(
        "method.made" if pen.story.made else "method.segments", family=pen.family(model.method), k=model.groups
    )


def _evidence(pen: Pen, model: str) -> list[Block]:
    """Released figures about the model, and what was tried before it was chosen."""
    story, language = pen.story, pen.language
    if model == "segmentation":
        return [*tried_grid(story, language), *blocks_of(story, "reliability", language)]
    return [*evaluation_grid(story, language), *table_grids(story, "group_results", language)]
