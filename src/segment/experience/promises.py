"""Promises of both sides: what people say was promised and kept, beside what the employer says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from segment.errors import InvalidInput
from segment.experience.answers import TOLD_ON, Group, asked, groups_of, person_means
from segment.experience.estimates import Estimate, checked_level, weighted_mean, weighted_share
from segment.needs.likeness import MEANS_ALIKE, influence_of_means, names_alike, not_apart
from segment.tables import spec_of
from segment.tables.codebook import Codebook, Item
from segment.vocabulary import ItemKind

_FURTHER = (
    "promised_share", "promised_low", "promised_high", "kept_low", "kept_high", "gap", "gap_low", "gap_high",
    "employer_promised", "employer_offered", "gap_employer", "gap_offered",
)  # fmt: skip


def promise_table(
    responses: pd.DataFrame,
    assignments: pd.DataFrame | None,
    codebook: Codebook,
    *,
    promised_from: float = 4,
    kept_from: float = 4,
    employer: pd.DataFrame | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """The promise ledger, per segment and for everyone.

    Promised and received stay two figures: a gap alone cannot tell a large promise half kept from a small one broken
    (Edwards, 1994; Zhao et al., 2007).

    Parameters
    ----------
    responses
        One row per person and wave, with the items of kind ``promised`` and ``kept``.
    assignments
        One row per person and wave with ``segment``; None for everyone only.
    promised_from, kept_from
        From which answer, from 1 to 5, a promise counts as made, and as kept. Answers on another scale are stretched to
        this one, end on end: yes is 5.
    employer
        One row per need with ``promised`` and ``offered``, 1 to 5: the employer's own form.
    codebook
        The questionnaire: which items ask what was promised and kept of which need.
    level
        Of the intervals, 0 to 1.

    Returns
    -------
    DataFrame
        Table ``promises``, one row per wave, segment (NaN: everyone) and need that was asked about. ``n``: people who
        answered both questions (or the one that was asked); every figure of the row is about them: ``promised``,
        ``kept`` (means, 1 to 5), ``gap`` (kept - promised, mean of the people's own differences), ``promised_share``,
        ``broken_share`` with Wilson's ``low`` and ``high``. Beside them ``employer_promised``, ``employer_offered``,
        ``gap_employer`` (employer's promised - people's promised: above 0, the organisation says it promises more than
        people heard) and ``gap_offered`` (employer's offered - people's kept). ``alike``: a JSON list of the needs
        whose gap cannot be told apart from this one's. No rows when nothing was asked.

    Raises
    ------
    InvalidInput
        Frames without their key columns, people twice in a wave, needs twice in the employer's form.

    Examples
    --------
    >>> kinds = (ItemKind.PROMISED, ItemKind.KEPT)
    >>> items = [Item(kind, kind, "PAY", "1-5", 1, 5, False, "", "", False, {"en": ""}) for kind in kinds]
    >>> responses = pd.DataFrame({"person": ["a", "b"], "wave": "2024", "promised": [5, 5], "kept": [5, 2]})
    >>> promise_table(responses, None, Codebook(tuple(items), {}))[["need", "n", "promised", "kept", "broken_share"]]
      need  n  promised  kept  broken_share
    0  PAY  2       5.0   3.5           0.5
    """
    checked_level(level)
    own_view = _employer_view(employer)
    promised, kept = codebook.by_code(ItemKind.PROMISED), codebook.by_code(ItemKind.KEPT)
    needs = sorted({item.need for item in (*promised, *kept) if item.need})
    rows = []
    for group in groups_of(responses, assignments):
        told = {need: tuple(_about(need, items, group) for items in (promised, kept)) for need in needs}
        told = {need: sides for need, sides in told.items() if any(sides)}
        alike = _gaps_alike(group, told)
        rows += [
            _row(group, need, sides, (promised_from, kept_from), level)
            | {"alike": alike[need]}
            | own_view.get(need, {})
            for need, sides in told.items()
        ]
    schema = spec_of("promises")
    columns = [*(column.name for column in schema.columns), *_FURTHER, "alike"]
    table = pd.DataFrame(rows, columns=columns)
    table[list(_FURTHER)] = table[list(_FURTHER)].astype(float)
    table["gap_employer"] = table["employer_promised"] - table["promised"].astype(float)
    table["gap_offered"] = table["employer_offered"] - table["kept"].astype(float)
    return schema.check(table)


def _about(need: str, items: Sequence[Item], group: Group) -> list[Item]:
    return [item for item in asked(items, group.answers) if item.need == need]


def _row(
    group: Group, need: str, sides: tuple[list[Item], ...], thresholds: tuple[float, float], level: float
) -> dict[str, object]:
    """One need in one segment; both sides over the same people."""
    promised, kept = _answers(group, sides)
    weights = group.weights
    made = np.where(np.isfinite(promised), promised >= thresholds[0], np.nan)
    broken = np.where(np.isfinite(made * kept), (made == 1) & (kept < thresholds[1]), np.nan)
    told = weighted_mean(promised, weights, level=level, bounds=TOLD_ON)
    held = weighted_mean(kept, weights, level=level, bounds=TOLD_ON)
    share = weighted_share(broken, weights, level=level)
    return {
        "wave": group.wave, "segment": group.segment, "need": need, "n": max(told.n, held.n),
        "promised": told.value, "promised_low": told.low, "promised_high": told.high,
        "kept": held.value, "kept_low": held.low, "kept_high": held.high,
        **_named("gap", weighted_mean(kept - promised, weights, level=level)),
        "promised_share": weighted_share(made, weights, level=level).value,
        "broken_share": share.value, "low": share.low, "high": share.high,
    }  # fmt: skip


def _answers(group: Group, sides: tuple[list[Item], ...]) -> tuple[np.ndarray, np.ndarray]:
    """What each person says was promised and kept; where both were asked, of who answered both."""
    promised, kept = (
        person_means(group.answers, items, scale=TOLD_ON) if items else np.full(len(group.answers), np.nan)
        for items in sides
    )
    if all(sides):
        both = np.isfinite(promised) & np.isfinite(kept)
        promised, kept = np.where(both, promised, np.nan), np.where(both, kept, np.nan)
    return promised, kept


def _gaps_alike(group: Group, told: Mapping[str, tuple[list[Item], ...]]) -> dict[str, str]:
    """Per need the other needs (a JSON list) between promise and experience of which people see about as wide a gap."""
    if not told:
        return {}
    answers = [_answers(group, sides) for sides in told.values()]
    gaps = np.column_stack([kept - promised for promised, kept in answers])
    influence, effective = influence_of_means(gaps, group.weights)
    means = [weighted_mean(gap, group.weights).value for gap in gaps.T]
    alike = not_apart(means, influence, effective, least=MEANS_ALIKE)
    return dict(zip(told, names_alike(alike, list(told)), strict=True))


def _named(name: str, estimate: Estimate) -> dict[str, float]:
    return {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}


def _employer_view(employer: pd.DataFrame | None) -> dict[str, dict[str, float]]:
    """The employer's form as need -> its two figures."""
    if employer is None or employer.empty:
        return {}
    absent = [column for column in ("need", "promised", "offered") if column not in employer.columns]
    if absent:
        raise InvalidInput(
            "The employer's form lacks columns.",
            expected="need, promised, offered",
            came=f"without {', '.join(absent)}",
            where="employer",
        )
    twice = sorted(employer.loc[employer["need"].duplicated(), "need"].unique())
    if twice:
        raise InvalidInput("The employer's form has a need twice.", expected="one row per need",
                           came=", ".join(map(str, twice)), where="employer, column need")  # fmt: skip
    return {
        str(need): {"employer_promised": float(promised), "employer_offered": float(offered)}
        for need, promised, offered in zip(employer["need"], employer["promised"], employer["offered"], strict=True)
    }
