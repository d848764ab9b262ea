"""What the tracker gets of a search, and the card of its model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from segment.disclosure.rounding import told_share
from segment.segments.names import Names
from segment.stages.base import OpenStudy, learned_from
from segment.stages.segmentation.detection import detection_records
from segment.stages.segmentation.search import Found
from segment.tracking.intake import Column, as_rows
from segment.tracking.records import PARENT, Record, metric, param, tag
from segment.tracking.records import model as model_record

#: What of people's answers the model's file still holds, and what it does not.
KEPT = (
    "means, shares and spreads over everyone, in steps of half their own error; no row and no person",
    "the centre of each segment, the mean of ten people or more, also where a number of segments was asked for",
    "answers that ten people or more gave; rarer ones are read as their neighbours",
    "how often each wish was made, to two decimals; numbers of people as bands",
)


def records_of(found: Found, tables: Mapping[str, pd.DataFrame]) -> list[Record]:
    """The choice on the parent, every candidate as a child; all figures are about everyone at once."""
    selector = found.selector
    records = [
        param("segmentation.family", selector.family_),
        param("segmentation.wave", found.wave),
        metric("n_segments", selector.n_segments_),
        metric("style_share", selector.style_share_),
        tag("decision", selector.decision_.code),
        tag("kind_of_groups", selector.kind_),
        model_record("segmentation", run="discover"),
    ]
    if "verdict" in tables and not tables["verdict"].empty:
        records.append(tag("verdict", tables["verdict"]["code"].iloc[0]))
    for row in tables.get("without_choices", pd.DataFrame()).to_dict("records"):
        records += [metric(f"without_choices_{name}", float(row[name])) for name in ("agreement", "same")]
    records += detection_records(tables)
    for row in selector.evidence_.to_dict("records"):
        run = f"discover/{row['family']}-{row['k']}"
        told = {**row, "smallest_share": told_share(row["smallest_share"], row["n"])}  # it may be a hidden segment's
        figures = {
            str(name): value
            for name, value in told.items()
            if isinstance(value, float) and value == value and name not in ("n", "smallest_n")
        }
        records += [param("family", row["family"], run=run), param("k", row["k"], run=run)]
        records += [
            tag("chosen", "yes" if row["chosen"] else "no", run=run),
            tag("failed", row["failed"] or "none", run=run),
        ]
        records += [metric(name, value, run=run) for name, value in figures.items()]
        line = f"{row['family']}/"  # what a family's figures do as segments are added, one line each
        records += [metric(line + name, value, run="discover", step=row["k"]) for name, value in figures.items()]
        if row["chosen"] and selector.n_segments_ > 1:
            own = {record.name for record in records if record.run == PARENT}  # about everyone, not about a sample
            records += [metric(name, value, run=PARENT) for name, value in figures.items() if name not in own]
    return records


def card_of(opened: OpenStudy, found: Found, names: Names, taken: Sequence[Column]) -> dict[str, object]:
    """Plain facts about the segmentation model."""
    return {
        "model": "segmentation",
        "study": opened.config.study,
        "study_digest": opened.digest,
        "data": str(opened.config.data),
        "wave": found.wave,
        "family": found.selector.family_,
        "n_segments": found.selector.n_segments_,
        "names": {str(number): dict(text) for number, text in names.items()},
        "people": int(found.selector.usable_.sum()),
        "items": list(found.basis.need_map),
        "needs": found.basis.needs,
        "decision": found.selector.reason_,
        "decision_code": found.selector.decision_.code,
        "kind_of_groups": found.selector.kind_,
        "style_share": round(float(found.selector.style_share_), 4),
        "kept_of_people": list(KEPT),
        "takes": as_rows(taken),
        **learned_from(opened),
        "intended_use": "describing and serving groups of people by what they need",
        "forbidden_use": "decisions about one person's contract, pay, promotion or selection",
    }
