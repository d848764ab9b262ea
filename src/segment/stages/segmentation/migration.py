"""Between two surveys: did people move to another segment, or did the segments move?"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from segment.errors import InvalidInput
from segment.needs.chosen import Choices
from segment.segments import SegmentSelector
from segment.segments.families import family_named
from segment.segments.migration import compare_waves
from segment.stages.segmentation.basis import Basis
from segment.tables import spec_of

#: Fewest people of the earlier survey before a model is made of it.
_FEWEST = 100


def movement_of(
    selector: SegmentSelector,
    responses: pd.DataFrame,
    basis: Basis,
    choices: Choices,
    *,
    wave: str,
    earlier: Sequence[str],
    keep_from: float,
    random_state: int,
) -> pd.DataFrame:
    """The ``movement`` table: the survey segments were made on, held against the one before it.

    ``earlier`` are the surveys before it that asked the same, earliest first.

    A model of the same family and number is made on the earlier survey. Where it puts people now, against where it
    put them then, is how people moved; where the two models disagree about the same answers is how the model moved.
    """
    if selector.n_segments_ < 2 or not earlier:
        return spec_of("movement").empty()
    then, now = (responses[responses["wave"] == one].reset_index(drop=True) for one in (earlier[-1], wave))
    seen_then, seen_now = (
        selector.reading_.read(basis.items(people), people["weight"].to_numpy(), choices.read(people, basis.needs))
        for people in (then, now)
    )
    usable = selector.reading_.usable(basis.items(then)).nonzero()[0]
    if len(usable) < _FEWEST:
        return spec_of("movement").empty()
    old = family_named(selector.family_)(selector.n_segments_, n_starts=selector.n_starts, seed=random_state)
    old.fit(seen_then.take(usable))
    try:
        found = compare_waves(
            pd.Series(old.labels(seen_then), index=then["person"]),
            pd.Series(old.labels(seen_now), index=now["person"]),
            pd.Series(selector.labels_, index=now["person"]),
            sample_weight=pd.Series(now["weight"].to_numpy(), index=now["person"]),
            keep_from=keep_from,
        )
    except InvalidInput:  # nobody answered both surveys
        return spec_of("movement").empty()
    return found.sources.assign(
        wave_from=earlier[-1], wave_to=wave, agreement=found.model_agreement, code=found.advice.code
    )
