"""What a study accepts as groups: found and apart, found again in other people, or made because that is useful."""

from __future__ import annotations

import pandas as pd

from segment.needs.chosen import Choices
from segment.segments import SegmentSelector
from segment.segments.decision import Decision
from segment.segments.division import divided
from segment.segments.gates import Gates
from segment.stages.base import OpenStudy
from segment.stages.segmentation.basis import Basis
from segment.stages.segmentation.stability import known_to_hr


def accepted(
    opened: OpenStudy, selector: SegmentSelector, people: pd.DataFrame, basis: Basis, choices: Choices
) -> tuple[SegmentSelector, pd.DataFrame]:
    """What was found, where the study accepts its kind; else groups that are made, where that pays; else everyone.

    The second is the ``divisions`` table: what each number of groups showed; empty if none was tried.
    """
    settings = opened.config.segmentation
    items, weight, chosen = (
        basis.items(people),
        people["weight"].to_numpy(dtype=float),
        choices.read(people, basis.needs),
    )
    if selector.kind_ in ("natural", "reproducible") and selector.kind_ not in settings.accept:
        parts = {"k": selector.n_segments_, "kind": selector.kind_, "accept": ", ".join(settings.accept)}
        selector = selector.refused(Decision("not_accepted", parts), selector.reading_.read(items, weight, chosen))
    if selector.kind_ != "none" or "constructive" not in settings.accept or selector.decision_.code == "too_alike":
        return selector, pd.DataFrame()
    attributes = known_to_hr(opened, people["person"])
    return divided(
        selector,
        items,
        basis.need_map,
        weight,
        scales=basis.scales,
        choices=chosen,
        groupings=attributes if len(attributes.columns) else None,
        ks=settings.n_segments,
        gates=Gates(smallest_share=settings.min_share, smallest_n=settings.min_people),
        n_splits=settings.n_splits,
        random_state=opened.config.random_state,
        n_jobs=settings.n_jobs,
    )
