"""What a study accepts as groups: found and apart, found again in other people, or made because that is useful."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.needs.chosen import Choices
from segment.needs.halves import parallel_halves
from segment.segments import SegmentSelector
from segment.segments.candidates import Material, StrongestNeedCandidate
from segment.segments.decision import Decision
from segment.segments.division import FEW, FEWEST, Evidence, divisions
from segment.segments.gates import Gates
from segment.segments.verdict import attribute_groups
from segment.stages.base import OpenStudy
from segment.stages.segmenting.basis import Basis
from segment.stages.segmenting.doubting import known_to_hr

#: Most people that the number of groups is chosen on.
_MOST = 5000


def accepted(
    opened: OpenStudy, selector: SegmentSelector, people: pd.DataFrame, basis: Basis, choices: Choices
) -> tuple[SegmentSelector, pd.DataFrame]:
    """What was found, where the study accepts its kind; else groups that are made, where that pays; else everyone.

    The second is the ``divisions`` table: what each number of groups showed; empty where none was tried.
    """
    accept = opened.config.segmentation.accept
    everyone = selector.reading_.read(
        basis.items(people), people["weight"].to_numpy(dtype=float), choices.read(people, basis.needs)
    )
    if selector.kind_ in ("natural", "reproducible") and selector.kind_ not in accept:
        parts = {"k": selector.n_segments_, "kind": selector.kind_, "accept": ", ".join(accept)}
        selector = selector.refused(Decision("not_accepted", parts), everyone)
    if selector.kind_ != "none" or "constructive" not in accept or selector.decision_.code == "too_alike":
        return selector, pd.DataFrame()
    evidence = _evidence(opened, selector, people, basis, everyone)
    if evidence is None or len(evidence) < FEWEST:
        return selector, pd.DataFrame()
    settings = opened.config.segmentation
    most = min(StrongestNeedCandidate.most(evidence.material), 3 if len(evidence) < FEW else len(basis.needs))
    table = divisions(
        evidence,
        [k for k in sorted(set(settings.n_segments)) if 1 < k <= most],
        gates=Gates(smallest_share=settings.min_share, smallest_n=settings.min_people),
        n_splits=settings.n_splits,
        random_state=opened.config.random_state,
        n_jobs=settings.n_jobs,
    )
    chosen = table[table["chosen"]] if len(table) else table
    if chosen.empty:
        return selector, table
    row = chosen.iloc[0]
    parts = {"k": int(row["k"]), "same": round(float(row["same"]), 2), "explained": round(float(row["explained"]), 3)}
    return selector.divided(StrongestNeedCandidate.name, Decision("made", parts), everyone), table


def _evidence(
    opened: OpenStudy, selector: SegmentSelector, people: pd.DataFrame, basis: Basis, everyone: Material
) -> Evidence | None:
    """Who took part and answered both halves of the questions; None where a need has one question only."""
    halves = parallel_halves(basis.items(people), basis.need_map, everyone.weight, scales=basis.scales)
    if halves is None or everyone.contrasts is None:
        return None
    rows = np.flatnonzero(
        selector.usable_ & halves[0].notna().all(axis=1).to_numpy() & halves[1].notna().all(axis=1).to_numpy()
    )
    rated = selector.reading_.read(basis.items(people), everyone.weight)
    rows = rows[:: max(1, int(np.ceil(len(rows) / _MOST)))]
    attributes = known_to_hr(opened, people["person"].iloc[rows])
    return Evidence(
        material=rated.take(rows),
        level=selector.reading_.level(everyone)[rows],
        halves=(halves[0].to_numpy()[rows], halves[1].to_numpy()[rows]),
        groupings=attribute_groups(attributes, len(rows)) if len(attributes.columns) else {},
    )
