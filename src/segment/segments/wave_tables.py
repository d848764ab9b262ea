"""The tables of what became of segments: who moved between waves, and which segment is still the same."""

from __future__ import annotations

from segment.segments.released import of_both_waves
from segment.tables.columns import COUNTED, INTERVAL, count, number, text
from segment.tables.release_plan import ReleasePlan
from segment.tables.shown import Shown, ShownColumn, View
from segment.tables.spec import TableSpec

MIGRATION = TableSpec(
    "migration",
    "earlier wave, later wave, segment then and segment now",
    ("wave_from", "wave_to", "segment_from", "segment_to"),
    (
        text("wave_from", "earlier wave"),
        text("wave_to", "later wave"),
        count("segment_from", "segment then", unit="segment"),
        count("segment_to", "segment now", unit="segment"),
        count("n", "people"),
        number("share", "of the people then in that segment", 0, 1),
    ),
    open_to=("*",),
    release=ReleasePlan(groups=("segment_from", "segment_to"), shares=("share",), kind="rates", people="moves"),
    shown=Shown(
        views=(
            View(
                (ShownColumn("segment_from", "segment", head="report.migration.from"),),
                across=ShownColumn("segment_to", "segment"),
                cells={"": ShownColumn("share", "percent")},
                lines=("segment_from",),
                shape=of_both_waves,
                order=("segment_from",),
            ),
        ),
        section="staying",
        part="appendix",
        at=100,
        title="report.staying.migration",
        text="report.staying.migration.text",
    ),
)

IDENTITY = TableSpec(
    "identity",
    "segment of this solution or of the decided model",
    ("place",),
    (
        count("place", "order of the rows", unit="row"),
        number("segment", "segment number now; empty when it is gone", 0, unit="segment"),
        number("earlier", "segment number in the decided model; empty when it is new", 0, unit="segment"),
        text("status", "kept, new or gone"),
        number("overlap", "people of either who are in both (Jaccard)", 0, 1),
    ),
)

EARLIER_NAMES = TableSpec(
    "earlier_names",
    "segment of the decided model and language",
    ("earlier", "language"),
    (
        count("earlier", "segment number in the decided model", unit="segment"),
        text("language", "code of the language"),
        text("called", "what the decided model calls the segment in it"),
    ),
)

MOVEMENT = TableSpec(
    "movement",
    "way of moving between two waves",
    ("moved",),
    (
        text("wave_from", "earlier wave"),
        text("wave_to", "later wave"),
        text("moved", "nobody, people, model or both"),
        count("n", "people of both waves"),
        number("share", "weighted share of the people of both waves", 0, 1),
        number(
            "agreement",
            "of the earlier and the later model about the later wave (adjusted Rand index)",
            None,
            1,
            unit="adjusted Rand index",
        ),
        text("code", "MG000 keep the model, MG001 and MG002 refit, MG003 look closer"),
    ),
    release=ReleasePlan(groups=("moved",), shares=("share",), texts=("code",), kind="rates", people="two models"),
    shown=Shown(
        views=(
            View(
                (
                    ShownColumn("moved", "word", head="report.moved.way", words="report.moved"),
                    COUNTED,
                    ShownColumn("share", "percent", head="report.moved.share"),
                )
            ),
        ),
        section="staying",
        part="appendix",
        at=110,
        title="report.moved.title",
    ),
)

_OF_PEOPLE_THEN = "of the people then in that segment, doubt about who belongs where taken out"
TRANSITIONS = TableSpec(
    "transitions",
    "earlier wave, later wave, segment then and segment now, in a study of three waves and more",
    ("wave_from", "wave_to", "segment_from", "segment_to"),
    (
        text("wave_from", "earlier wave"),
        text("wave_to", "later wave"),
        count("segment_from", "segment then", unit="segment"),
        count("segment_to", "segment now", unit="segment"),
        count("n", "people of both waves who were put there then and now"),
        number("share", _OF_PEOPLE_THEN, 0, 1),
        number("low", "95 % interval", 0, 1),
        number("high", "95 % interval", 0, 1),
    ),
    release=ReleasePlan(
        groups=("segment_from", "segment_to"), shares=("share", *INTERVAL), kind="rates", people="moves"
    ),
    shown=Shown(
        (
            ShownColumn("segment_from", "segment", head="report.migration.from", width=32),
            ShownColumn("segment_to", "segment", width=32),
            COUNTED,
            ShownColumn("share", "percent"),
            ShownColumn("low", "percent"),
            ShownColumn("high", "percent"),
        ),
        views=(
            View(
                (ShownColumn("segment_from", "segment", head="report.migration.from"),),
                across=ShownColumn("segment_to", "segment"),
                cells={"": ShownColumn("share", "percent", ends=INTERVAL)},
                lines=("segment_from",),
                shape=of_both_waves,
                order=("segment_from",),
            ),
        ),
        study="segments",
        section="staying",
        at=102,
        sheet="transitions",
        title="report.transitions.title",
        text="report.transitions.text",
    ),
)

_MOVED, _STAYERS = ("moved_low", "moved_high"), ("stayers_low", "stayers_high")
WAVE_STEPS = TableSpec(
    "wave_steps",
    "wave and the next one, in a study of three waves and more",
    ("wave_from", "wave_to"),
    (
        text("wave_from", "earlier wave"),
        text("wave_to", "later wave"),
        count("n", "people of both waves"),
        number("moved", "share of people in another segment, doubt about who belongs where taken out", 0, 1),
        number("moved_low", "95 % interval", 0, 1),
        number("moved_high", "95 % interval", 0, 1),
        number("placed", "share of people of both waves whom the same model puts elsewhere", 0, 1),
        number("stayers", "share of people who never move; empty if none were found", 0, 1),
        number("stayers_low", "95 % interval", 0, 1),
        number("stayers_high", "95 % interval", 0, 1),
        number(
            "agreement",
            "of the decided model and one made of a single wave about that wave's people, the lower of both waves "
            "(adjusted Rand index)",
            None,
            1,
            unit="adjusted Rand index",
        ),
        text("model", "same: both models say about the same; other: they do not; unknown: too few people in a wave"),
    ),
    release=ReleasePlan(
        groups=(),
        lines=("wave_from", "wave_to"),
        overall=("moved", *_MOVED, "placed", "stayers", *_STAYERS, "agreement"),
        texts=("model",),
        digits=dict.fromkeys(("moved", *_MOVED, "placed", "stayers", *_STAYERS, "agreement"), 2),
    ),
    shown=Shown(
        (
            ShownColumn("wave_from"),
            ShownColumn("wave_to"),
            COUNTED,
            ShownColumn("moved", "percent", ends=_MOVED),
            ShownColumn("placed", "percent"),
            ShownColumn("stayers", "percent", ends=_STAYERS),
            ShownColumn("agreement", "two"),
            ShownColumn("model", "word", words="report.steps.model", width=30),
        ),
        study="segments",
        section="staying",
        at=104,
        sheet="wave_steps",
        title="report.steps.title",
        text="report.steps.text",
    ),
)
