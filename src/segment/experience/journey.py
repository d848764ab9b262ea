"""The journey of people through the organisation: which moments were lived, how they went, and which weighed most."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.experience.answers import TOLD_ON, Group, asked, groups_of, person_means
from segment.experience.estimates import NOBODY, checked_level, weighted_mean, weighted_share
from segment.needs.likeness import MEANS_ALIKE, influence_of_means, names_alike, not_apart
from segment.tables import spec_of
from segment.tables.codebook import Codebook, Item
from segment.vocabulary import ItemKind

_NUMBERS = ("weight_low", "weight_high", "pain")


def journey_table(
    responses: pd.DataFrame,
    assignments: pd.DataFrame | None,
    codebook: Codebook,
    *,
    painful: int = 2,
    level: float = 0.95,
) -> pd.DataFrame:
    """The journey map, per segment and for everyone.

    Parameters
    ----------
    responses
        One row per person and wave; an item of kind ``moment`` is empty for who did not live it, and the item of kind
        ``moment_pick`` holds the code of the moment that weighed most, or its place (1, 2, ...) among the moments.
    assignments
        One row per person and wave with ``segment``; None for everyone only.
    painful
        At most how many moments per wave and segment are flagged.
    codebook
        The questionnaire, with its moments in order.
    level
        Of the intervals, 0 to 1.

    Returns
    -------
    DataFrame
        Table ``journey``, one row per wave, segment (NaN: everyone) and moment that was asked about, in the
        questionnaire's order: ``n`` (people who lived it), ``value`` with ``low`` and ``high`` (mean, 1 to 5, whichever
        scale was asked with; NaN when nobody lived it), ``weight`` with ``weight_low`` and ``weight_high`` (share of
        the ``n_weight`` people who picked a moment), ``pain`` (0 to 1: how far the mean lies under the middle of the
        scale, as a share of the way to its lowest point, times ``weight`` where that is known), ``painful`` (flag:
        among the highest pains above 0) and ``alike`` (a JSON list of moments whose mean cannot be told apart from this
        one's).

    Raises
    ------
    InvalidInput
        Frames without their key columns, or people who stand twice in a wave.

    Examples
    --------
    >>> texts = {"nl": "Mijn start", "en": "My start"}
    >>> moment = Item("J_start", ItemKind.MOMENT, "", "1-5", 1, 5, False, "", "", False, texts)
    >>> responses = pd.DataFrame({"person": ["a", "b", "c"], "wave": "2024", "J_start": [2, 1, None]})
    >>> journey_table(responses, None, Codebook((moment,), {}))[["moment", "n", "value", "painful"]]
        moment  n  value  painful
    0  J_start  2    1.5     True
    """
    checked_level(level)
    moments = codebook.of_kind(ItemKind.MOMENT)
    picks = codebook.of_kind(ItemKind.MOMENT_PICK)
    blocks = []
    for group in groups_of(responses, assignments):
        lived = asked(moments, group.answers)
        if lived:
            heaviest = _heaviest(group, asked(picks, group.answers), moments)
            rows = [_row(group, item, heaviest, level) for item in lived]
            blocks.append(_flag(pd.DataFrame(rows), painful).assign(alike=_alike(group, lived)))
    schema = spec_of("journey")
    if not blocks:
        return schema.check(
            schema.empty().assign(
                n_weight=pd.Series(dtype="int64"),
                **{name: pd.Series(dtype=float) for name in _NUMBERS},
                painful=pd.Series(dtype=bool),
                alike=pd.Series(dtype="str"),
            )
        )
    return schema.check(pd.concat(blocks, ignore_index=True))


def _heaviest(group: Group, picks: list[Item], moments: tuple[Item, ...]) -> np.ndarray | None:
    """The code of the moment each person picked, empty if they picked none; None when nobody was asked."""
    if not picks:
        return None
    codes = {item.code for item in moments}
    places = {str(place): item.code for place, item in enumerate(moments, start=1)}
    given = group.answers[picks[0].code].astype("str").str.strip().str.replace(r"\.0$", "", regex=True)
    read = given.map(lambda pick: pick if pick in codes else places.get(pick, ""))
    return read.fillna("").to_numpy(dtype=object)


def _row(group: Group, item: Item, heaviest: np.ndarray | None, level: float) -> dict[str, object]:
    """One moment in one segment."""
    values = person_means(group.answers, [item], scale=TOLD_ON)
    mean = weighted_mean(values, group.weights, level=level, bounds=TOLD_ON)
    picked = NOBODY
    if heaviest is not None:
        flags = np.where(heaviest == "", np.nan, (heaviest == item.code).astype(float))
        picked = weighted_share(flags, group.weights, level=level)
    lowest, middle = TOLD_ON[0], sum(TOLD_ON) / 2
    below = max(0.0, middle - mean.value) / (middle - lowest) if mean.n else np.nan
    return {
        "wave": group.wave, "segment": group.segment, "moment": item.code, "n": mean.n, "value": mean.value,
        "low": mean.low, "high": mean.high, "weight": picked.value, "n_weight": picked.n,
        "weight_low": picked.low, "weight_high": picked.high,
        "pain": below * picked.value if picked.n else below,
    }  # fmt: skip


def _alike(group: Group, lived: list[Item]) -> list[str]:
    """Per moment the others (a JSON list) that cannot be told apart from it, in how they were lived."""
    values = np.column_stack([person_means(group.answers, [item], scale=TOLD_ON) for item in lived])
    means = [weighted_mean(one, group.weights).value for one in values.T]
    influence, effective = influence_of_means(values, group.weights)
    return names_alike(not_apart(means, influence, effective, least=MEANS_ALIKE), [item.code for item in lived])


def _flag(rows: pd.DataFrame, painful: int) -> pd.DataFrame:
    """Flag the highest pains above 0; among equals the earlier moment."""
    order = rows["pain"].fillna(0.0).sort_values(ascending=False, kind="stable")
    chosen = order[order > 0].index[:painful]
    return rows.assign(painful=rows.index.isin(chosen))
