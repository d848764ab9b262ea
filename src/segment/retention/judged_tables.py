"""The tables of how well leaving was foreseen: calibration, measures, learners, protected groups, findings."""

from __future__ import annotations

from collections.abc import Mapping

from segment.retention.released import (
    calibration_told,
    gains_in_percent,
    group_results_told,
)
from segment.retention.shown import rivals_told
from segment.tables.columns import (
    COUNTED,
    INTERVAL,
    PEOPLE,
    SHARES,
    YES_ENDS,
    YES_SHARES,
    count,
    number,
    text,
)
from segment.tables.release_plan import ReleasePlan
from segment.tables.shown import Shown, ShownColumn, View
from segment.tables.spec import Column, TableSpec
from segment.vocabulary import Severity, Weighing

CALIBRATION = TableSpec(
    "calibration",
    "cause, horizon and tenth of predicted risk",
    ("cause", "horizon", "bin"),
    (
        text("cause", "cause of leaving; any for all together"),
        number("horizon", "months ahead", 0, unit="months"),
        count("bin", "tenth, 1 is the lowest risk", unit="tenth"),
        count("n", "people"),
        number("predicted", "mean predicted", 0, 1),
        number("observed", "share observed", 0, 1),
        number("low", "simultaneous 95 % band", 0, 1),
        number("high", "simultaneous 95 % band", 0, 1),
        Column("covers", "flag", "the band covers the prediction"),
    ),
    open_to=("*",),
    release=ReleasePlan(
        weighing_by_hr=Weighing.NONE,
        groups=("bin",),
        lines=("horizon",),
        shares=("predicted", "observed", *INTERVAL),
        texts=("covers",),
        kind="rates",
        people="hold-out",
        shape=calibration_told,
    ),
    shown=Shown(display="own", section="staying", part="appendix", at=70),
)

EVALUATION = TableSpec(
    "evaluation",
    "model, sample and metric",
    ("model", "sample", "metric"),
    (
        text("model", "model or floor"),
        text("sample", "hold-out or training"),
        text("metric", "name of the metric"),
        number("value", "value", unit="of the metric"),
        number("low", "95 % interval", unit="of the metric"),
        number("high", "95 % interval", unit="of the metric"),
        count("n", "people or spells"),
    ),
    release=ReleasePlan(
        weighing_by_hr=Weighing.NONE,
        groups=(),
        lines=("model", "sample", "metric"),
        overall=("value", *INTERVAL),
        people="watched",
        counts="model",
    ),
    shown=Shown(display="own", section="method", at=60, sheet="method"),
)

#: Figures of a learner in percent of the floor's loss.
_PERCENT = ("gain", "gain_low", "gain_high", "behind", "behind_low", "behind_high")
COMPETITION = TableSpec(
    "competition",
    "cause and learner",
    ("cause", "learner"),
    (
        text("cause", "cause of leaving; any for a flag"),
        text("learner", "learner, or floor"),
        count("n", "people learned from"),
        text("setting", "its setting"),
        number("log_loss", "mean log loss on people it had not seen", 0, unit="log loss"),
        number("gain", "how much lower than the floor's", unit="log loss"),
        number("gain_error", "standard error of the gain", 0, unit="log loss"),
        number("behind", "how much higher than the best learner's", 0, unit="log loss"),
        number("behind_error", "standard error of that", 0, unit="log loss"),
        Column("chosen", "flag", "it was taken"),
    ),
    release=ReleasePlan(
        weighing_by_hr=Weighing.NONE,
        groups=(),
        lines=("cause", "learner"),
        overall=("log_loss", *_PERCENT),
        digits=dict.fromkeys(_PERCENT, 1),
        texts=("chosen",),
        people="watched",
        counts="model",
        shape=gains_in_percent,
    ),
    made=(
        number("gain_low", "at least 95 % interval of the gain; all are percent of the floor's", unit="percent"),
        number("gain_high", "at least 95 % interval of the gain", unit="percent"),
        number("behind_low", "at least 95 % interval of what it lacks beside the best", unit="percent"),
        number("behind_high", "at least 95 % interval of what it lacks beside the best", unit="percent"),
    ),
    shown=Shown(
        views=(
            View(
                (
                    ShownColumn("cause", "word", head="report.competition.cause", words="display.cause"),
                    ShownColumn("learner", "word", head="report.competition.learner", words="report.learner"),
                    *(
                        ShownColumn(name, "change", head=f"report.competition.{name}", digits=1, ends=tuple(ends))
                        for name, *ends in (("gain", "gain_low", "gain_high"), ("behind", "behind_low", "behind_high"))
                    ),
                    *(
                        ShownColumn(name, "word", head="report.competition.chosen", words="report", note=note)
                        for name, note in (("chosen", "report.competition.text"), ("named", "report.competition.asked"))
                    ),
                ),
                shape=rivals_told,
                with_hidden=False,
            ),
        ),
        section="method",
        at=70,
        title="report.competition.title",
    ),
)


def _by_group(cells: Mapping[str, ShownColumn], *, title: str) -> View:
    """One line per protected attribute and group, one column per metric."""
    attribute = ShownColumn("attribute", "feature", head="report.column.attribute")
    return View(
        (attribute, ShownColumn("group", "group", head="report.column.group"), COUNTED),
        across=ShownColumn("metric"), cells=cells, lines=("attribute", "group"), title=title, text=f"{title}.text",
    )  # fmt: skip


GROUP_RESULTS = TableSpec(
    "group_results",
    "protected attribute, group and metric",
    ("attribute", "group", "metric"),
    (
        text("attribute", "protected attribute"),
        text("group", "group"),
        text("metric", "metric"),
        count("n", "people"),
        number("value", "value", unit="of the metric"),
        number("low", "95 % interval", unit="of the metric"),
        number("high", "95 % interval", unit="of the metric"),
    ),
    open_to=("*",),
    release=ReleasePlan(
        weighing_by_hr=Weighing.NONE,
        groups=("group",),
        lines=("attribute", "metric"),
        means=("value", *INTERVAL),
        digits=dict.fromkeys(("value", *INTERVAL), 0),
        shares=("share", "share_low", "share_high"),
        kind="rates",
        events="fewer",
        people="hold-out",
        who=("attribute",),
        shape=group_results_told,
    ),
    made=(*YES_SHARES,),
    shown=Shown(
        (
            ShownColumn("attribute", "feature", width=22),
            ShownColumn("group", "group", width=20),
            ShownColumn("metric", "word", head="workbook.column.measure", words="report.groups", width=44),
            PEOPLE,
            ShownColumn("share", "percent", width=12),
            *SHARES,
            ShownColumn("value", "points", width=16),
            *(ShownColumn(end, "points", width=13) for end in INTERVAL),
        ),
        views=(
            _by_group(
                {
                    "observed": ShownColumn("share", "percent", head="report.groups.observed"),
                    "predicted": ShownColumn("share", "percent", head="report.groups.predicted"),
                    "oe": ShownColumn("value", "points", head="report.groups.oe", digits=0, ends=INTERVAL),
                    "fnr": ShownColumn("share", "percent", head="report.groups.fnr", ends=YES_ENDS),
                    "fpr": ShownColumn("share", "percent", head="report.groups.fpr", ends=YES_ENDS),
                },
                title="report.staying.groups",
            ),
            _by_group(
                {
                    name: ShownColumn("share", "percent", head=f"report.groups.{name}", ends=YES_ENDS)
                    for name in ("score_p10", "score_p50", "score_p90")
                },
                title="report.groups.scores",
            ),
            _by_group(
                {"proxy_auc": ShownColumn("share", "percent", head="report.groups.proxy_auc", ends=YES_ENDS)},
                title="report.groups.proxies",
            ),
        ),
        section="staying",
        part="appendix",
        at=120,
        sheet="groups",
    ),
)

RETENTION_FINDINGS = TableSpec(
    "retention_findings",
    "finding about staying and leaving (never about a person)",
    (),
    (
        text("code", "stable code, such as FO001 or LK004"),
        Column("severity", "text", "how much it matters", allowed=tuple(Severity)),
        text("subject", "cause of leaving, or column"),
        text("where", "what was looked at"),
        count(
            "count",
            "of what the finding speaks of: exits, rows, people, groups, segments, months or percent",
            unit="of the finding",
        ),
        count("of", "out of how many", unit="of the finding"),
        number("value", "the figure it is about", unit="of the finding"),
        number("low", "95 % interval of it", unit="of the finding"),
        number("high", "95 % interval of it", unit="of the finding"),
        text("explanation", "what was expected and what was found"),
        text("advice", "what to do"),
    ),
)

JUDGED = (CALIBRATION, EVALUATION, COMPETITION, GROUP_RESULTS, RETENTION_FINDINGS)
