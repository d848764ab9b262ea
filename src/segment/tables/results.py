"""The tables that stages write: what was found, one row per what, with its doubt."""

from __future__ import annotations

from segment.tables.schema import Column, TableSchema

_PERSON = Column("person", "text", "keyed pseudonym of the person")
_WAVE = Column("wave", "text", "survey wave")
_SEGMENT = Column("segment", "integer", "segment number, 0 is the largest", low=0)
_NEED = Column("need", "text", "need code of the codebook")


def _number(name: str, about: str, low: float | None = None, high: float | None = None) -> Column:
    return Column(name, "number", about, nullable=True, low=low, high=high)


def _text(name: str, about: str, *, nullable: bool = False) -> Column:
    return Column(name, "text", about, nullable=nullable)


def _count(name: str, about: str) -> Column:
    return Column(name, "integer", about, low=0)


NEED_SCORES = TableSchema(
    "need_scores", "person and wave", ("person", "wave"),
    (
        _PERSON, _WAVE,
        Column("usable", "flag", "answered enough, and not the same answer everywhere"),
        _number("answered", "share of the basis items answered", 0, 1),
        _number("level", "the person's mean answer, on the scale (response style)"),
        _number("spread", "the person's spread over needs, relative to the pool (response style)", 0),
    ),
    # score_: style-free score in pool standard deviations; importance_, experience_: mean answer, 1 to 5;
    # shortfall_: unmet need, 0 (met) to 1
    open_to=("score_", "importance_", "experience_", "shortfall_", "wish_"), about_people=True,
)  # fmt: skip

RELIABILITY = TableSchema(
    "reliability", "need and block of items", ("need", "block"),
    (
        _NEED, _text("block", "importance or experience"), _count("items", "number of items"), _count("n", "people"),
        _number("alpha", "Cronbach's alpha", None, 1), _number("alpha_low", "95 % interval"), _number("alpha_high", "95 % interval"),
        _number("omega", "McDonald's omega", None, 1), _number("omega_low", "95 % interval"), _number("omega_high", "95 % interval"),
        _number("item_rest_min", "lowest item-rest correlation", -1, 1),
        _number("item_rest_mean", "mean item-rest correlation", -1, 1),
        _text("reason", "why a figure is missing; empty when none is", nullable=True),
    ),
)  # fmt: skip

CANDIDATES = TableSchema(
    "candidates", "family of models and number of segments that was tried", ("family", "k"),
    (
        _text("family", "family of models"), _count("k", "number of segments"),
        Column("chosen", "flag", "the one that was taken"),
    ),
    open_to=("*",),
)  # fmt: skip

ASSIGNMENTS = TableSchema(
    "assignments", "person and wave", ("person", "wave"),
    (
        _PERSON, _WAVE, _SEGMENT,
        _number("entropy", "doubt about the segment, 0 (none) to 1", 0, 1),
        Column("between", "flag", "between segments: no segment is clearly the person's own"),
        Column("fitted", "flag", "was part of the fit; others were scored afterwards"),
    ),
    open_to=("p_",), about_people=True,
)  # fmt: skip

PROFILES = TableSchema(
    "profiles", "wave, segment, need and measure", ("wave", "segment", "need", "measure"),
    (
        _WAVE, _SEGMENT, _NEED, _text("measure", "score, importance, experience or shortfall"), _count("n", "people"),
        _number("mean", "weighted mean"), _number("low", "95 % interval"), _number("high", "95 % interval"),
        _number("overall", "mean of everyone"), _number("difference", "mean minus overall"),
    ),
    open_to=("*",),
)  # fmt: skip

SEGMENTS = TableSchema(
    "segments", "wave and segment", ("wave", "segment"),
    (
        _WAVE, _SEGMENT, _text("name_nl", "neutral name in Dutch"), _text("name_en", "neutral name in English"),
        _count("n", "people"), _number("share", "weighted share", 0, 1),
        _number("mean_posterior", "mean membership of the people in it", 0, 1), _count("between", "people between segments"),
    ),
    open_to=("*",),
)  # fmt: skip

STABILITY = TableSchema(
    "stability", "measure of stability, number of segments and segment", (),
    (
        _text("measure", "what was measured"), _count("k", "number of segments"),
        _number("segment", "segment number; empty for the whole solution"),
        _number("value", "mean over repetitions"), _number("low", "5th percentile"), _number("high", "95th percentile"),
    ),
    open_to=("*",),
)  # fmt: skip

VERDICT = TableSchema(
    "verdict", "grouping of people that was compared", ("grouping", "target"),
    (
        _text("grouping", "needs segments, department, function, ..."), _text("target", "needs or an outcome"),
        _number("explained", "cross-validated share of variance explained"),
        _number("low", "95 % interval"), _number("high", "95 % interval"),
    ),
    open_to=("*",),
)  # fmt: skip

LADDER = TableSchema(
    "ladder", "need", ("need",),
    (_NEED, _text("rung", "one policy, per segment or per individual"), _number("between_share", "variance between segments", 0, 1)),
    open_to=("*",),
)  # fmt: skip

CURVES = TableSchema(
    "curves", "segment and month of tenure", ("segment", "month"),
    (
        _number("segment", "segment number; empty for everyone together"), _number("month", "months of tenure", 0),
        _number("survival", "share still here", 0, 1), _number("low", "95 % band", 0, 1), _number("high", "95 % band", 0, 1),
        _count("at_risk", "people at risk"), _count("events", "exits so far"), _count("n", "people with a spell"),
    ),
    # incidence_<cause>: share gone by that cause
    open_to=("incidence_", "note"),
)  # fmt: skip

CALIBRATION = TableSchema(
    "calibration", "horizon and tenth of predicted risk", ("horizon", "bin"),
    (
        _number("horizon", "months ahead", 0), _count("bin", "tenth, 1 is the lowest risk"), _count("n", "people"),
        _number("predicted", "mean predicted", 0, 1), _number("observed", "share observed", 0, 1),
        _number("low", "simultaneous 95 % band", 0, 1), _number("high", "simultaneous 95 % band", 0, 1),
        Column("covers", "flag", "the band covers the prediction"),
    ),
    open_to=("*",),
)  # fmt: skip

EVALUATION = TableSchema(
    "evaluation", "model, sample and metric", ("model", "sample", "metric"),
    (
        _text("model", "model or floor"), _text("sample", "hold-out or training"), _text("metric", "name of the metric"),
        _number("value", "value"), _number("low", "95 % interval"), _number("high", "95 % interval"), _count("n", "people or spells"),
    ),
)  # fmt: skip

EFFECTS = TableSchema(
    "effects", "feature", ("feature",),
    (_text("feature", "feature of the retention model"), _number("effect", "goes together with leaving, in log odds")),
    open_to=("*",),
)  # fmt: skip

GROUP_RESULTS = TableSchema(
    "group_results", "protected attribute, group and metric", ("attribute", "group", "metric"),
    (
        _text("attribute", "protected attribute"), _text("group", "group"), _text("metric", "metric"), _count("n", "people"),
        _number("value", "value"), _number("low", "95 % interval"), _number("high", "95 % interval"),
    ),
    open_to=("*",),
)  # fmt: skip

RISKS = TableSchema(
    "risks", "person (restricted: never leaves as it is)", ("person",),
    (_PERSON, _number("horizon", "months ahead", 0), _number("p_leave", "probability of leaving within the horizon", 0, 1)),
    open_to=("p_",), about_people=True,
)  # fmt: skip

LIFETIME_VALUE = TableSchema(
    "lifetime_value", "segment", ("segment",),
    (
        _number("segment", "segment number; empty for everyone"), _count("n", "people"),
        _number("value", "expected discounted value, in the study's currency"),
        _number("low", "95 % band"), _number("high", "95 % band"),
    ),
    open_to=("*",),
)  # fmt: skip

PROMISES = TableSchema(
    "promises", "wave, segment and need", ("wave", "segment", "need"),
    (
        _WAVE, _number("segment", "segment number; empty for everyone"), _NEED, _count("n", "people who answered"),
        _number("promised", "mean of what people say was promised, 1 to 5"), _number("kept", "mean of what was kept, 1 to 5"),
        _number("broken_share", "share with a promise made and not kept", 0, 1),
        _number("low", "95 % interval"), _number("high", "95 % interval"),
    ),
    open_to=("*",),
)  # fmt: skip

SCORECARD = TableSchema(
    "scorecard", "wave, segment, one of the seven Rs and measure", ("wave", "segment", "r", "measure"),
    (
        _WAVE, _number("segment", "segment number; empty for everyone"), _text("r", "one of the seven Rs, as the codebook spells it"),
        _text("measure", "item kind or figure"), _text("status", "measured or not measured"), _count("n", "people"),
        _number("value", "mean or share"), _number("low", "95 % interval"), _number("high", "95 % interval"),
    ),
    open_to=("*",),
)  # fmt: skip

JOURNEY = TableSchema(
    "journey", "wave, segment and moment", ("wave", "segment", "moment"),
    (
        _WAVE, _number("segment", "segment number; empty for everyone"), _text("moment", "item code of the moment"), _count("n", "people who lived it"),
        _number("value", "mean, 1 to 5"), _number("low", "95 % interval"), _number("high", "95 % interval"),
        _number("weight", "share who say it weighed most", 0, 1),
    ),
    open_to=("*",),
)  # fmt: skip

MATCHES = TableSchema(
    "matches", "person and offer (both sides fit)", ("person", "offer"),
    (_PERSON, _text("offer", "role"), _number("fit_person", "how the offer fits the person, 0 to 1", 0, 1), _number("fit_offer", "how the person fits the offer, 0 to 1", 0, 1)),
    open_to=("*",), about_people=True,
)  # fmt: skip

LINKAGE = TableSchema(
    "linkage", "measure and unit result", ("measure", "result"),
    (_text("measure", "survey measure"), _text("result", "unit result"), _count("units", "units compared"),
     _number("correlation", "rank correlation", -1, 1), _number("low", "95 % interval"), _number("high", "95 % interval")),
    open_to=("*",),
)  # fmt: skip

MIGRATION = TableSchema(
    "migration", "earlier wave, later wave, segment then and segment now", ("wave_from", "wave_to", "segment_from", "segment_to"),
    (_text("wave_from", "earlier wave"), _text("wave_to", "later wave"), _count("segment_from", "segment then"),
     _count("segment_to", "segment now"), _count("n", "people"), _number("share", "of the people then in that segment", 0, 1)),
    open_to=("*",),
)  # fmt: skip

PLANS = TableSchema(
    "plans", "segment and action", ("segment", "action"),
    (
        _number("segment", "segment number; empty for everyone"), _NEED, _text("action", "action code of the catalogue"),
        _number("rank", "order within the segment, 1 first", 1), _number("priority", "shortfall times share of people"), _count("n", "people concerned"),
    ),
    open_to=("*",),
)  # fmt: skip

CARDS = TableSchema(
    "cards", "person, need and action on the person's own card", ("person", "rank"),
    (_PERSON, _WAVE, Column("rank", "integer", "order on the card, 1 first", low=1), _NEED, _text("action", "action code of the catalogue", nullable=True)),
    open_to=("*",), about_people=True,
)  # fmt: skip

RECORDS = TableSchema(
    "records", "thing that tracking should see", (),
    (
        _text("kind", "metric, param, tag or artifact"), _text("run", "parent, or the child's name"), _text("name", "name"),
        _text("value", "value as text; for an artifact the released table it shows"), _number("number", "value as a number"),
    ),
)  # fmt: skip

RESULT_TABLES: tuple[TableSchema, ...] = (
    NEED_SCORES, RELIABILITY, CANDIDATES, ASSIGNMENTS, PROFILES, SEGMENTS, STABILITY, VERDICT, LADDER, CURVES, CALIBRATION,
    EVALUATION, EFFECTS, GROUP_RESULTS, RISKS, LIFETIME_VALUE, PROMISES, SCORECARD, JOURNEY, MATCHES, LINKAGE, MIGRATION,
    PLANS, CARDS, RECORDS,
)  # fmt: skip
