"""The figures a run opens with: at most eight, each with its interval beside it; all others are on its stages.

A reviewer's table, chart and comparison show a parent's figures as they open. So a parent holds what decides, under
names that can be read, and neither seeds, digests nor numbers of rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from segment.tracking.records import PARENT, Record


@dataclass(frozen=True)
class Shown:
    """One headline: the record of a stage it comes from, and what it is, with its unit and which way is better."""

    name: str
    stage: str
    record: str
    about: str


#: In the order of the stages that give them, what decides first: MLflow's comparison opens with the first as its axis.
HEADLINES = (
    Shown(
        "segments_gain", "discover", "gain", "gain over one segment on people held out, per person; higher is better"
    ),
    Shown("agreement", "discover", "agreement", "how alike segments of two halves are; 0 to 1, higher is better"),
    Shown("clearness", "discover", "posterior", "mean chance of belonging to one's segment; 0 to 1, higher is better"),
    Shown("segments", "discover", "n_segments", "number of segments; neither more nor fewer is better"),
    Shown("leaving_gain", "retain", "gain", "gain over the simplest peer on people held out; higher is better"),
    Shown(
        "leaving", "retain", "headline", "who leaves first, in order (AUC or concordance); 0.5 to 1, higher is better"
    ),
    Shown("leaving_slope", "retain", "slope", "slope of calibration at the study's horizon; 1 is right"),
    Shown("rows_hidden", "publish", "rows_hidden", "rows of tables that release control hides; fewer is better"),
)
_ENDS = ("", "_low", "_high")


def opening(stage: str, records: Iterable[Record]) -> tuple[list[Record], list[Record]]:
    """Records of a stage as they open: what stands on the parent, and what is on the stage and its candidates.

    Figures come in the order of the headlines.

    >>> from segment.tracking.records import metric
    >>> parent, below = opening("discover", [metric("agreement", 0.8), metric("agreement_low", 0.7), metric("bic", 9)])
    >>> [one.name for one in parent], [(one.run, one.name) for one in below]
    (['agreement', 'agreement_low'], [('discover', 'agreement'), ('discover', 'agreement_low'), ('discover', 'bic')])
    """
    names = {f"{one.record}{end}": f"{one.name}{end}" for one in HEADLINES if one.stage == stage for end in _ENDS}
    parent: list[Record] = []
    below: list[Record] = []
    for record in records:
        figure = record.kind in ("metric", "count")
        if record.run == PARENT and not figure:
            parent.append(record)
            continue
        if record.run == PARENT and record.name in names:
            parent.append(replace(record, name=names[record.name]))
        below.append(replace(record, run=stage) if record.run == PARENT else record)
    places = {name: place for place, name in enumerate(names.values())}
    return sorted(parent, key=lambda record: places.get(record.name, -1)), below


def legend() -> str:
    """What every headline is, for the description of the experiment, in Markdown.

    >>> legend().splitlines()[2]
    '- **segments_gain**: gain over one segment on people held out, per person; higher is better'
    """
    lines = [f"- **{one.name}**: {one.about}" for one in HEADLINES]
    return "\n".join(["Figures of a run; `_low` and `_high` are the ends of a 95 % interval.", "", *lines])
