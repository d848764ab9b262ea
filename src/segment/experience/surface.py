"""What a promise does to the relationship, with what was received: a surface, and not a difference.

A gap (received - promised) as one number cannot tell whether people mind what was promised, what was received, or that
the two differ. Both stay in the model, in points of the scale from its middle:

    z = b0 + b1 x + b2 y + b3 x^2 + b4 x y + b5 y^2 + e,        x promised, y received, z the relationship.

Along agreement (y = x) the surface has slope ``b1 + b2`` and curvature ``b3 + b4 + b5``: whether more, promised and
received alike, is better. Along disagreement (y = -x) it has slope ``b2 - b1``, from more promised than received to
more received than promised, and curvature ``b3 - b4 + b5``: below 0, the relationship suffers whenever the two differ.
The gap as one number is the case b1 = -b2, b3 = b4 = b5 = 0 (Edwards, J. R. and Parry, M. E., 1993, Academy of
Management Journal 36; Edwards, 1994; of promises: Lambert, L. S., Edwards, J. R. and Cable, D. M., 2003, Personnel
Psychology 56).

Intervals are those of weighted least squares with the variance of each answer let free (HC3: MacKinnon, J. G. and
White, H., 1985, Journal of Econometrics 29), with Student's t: slopes and curvatures are sums of coefficients, for
which no drawing is needed. It is an association: who was disappointed may remember larger promises.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

import numpy as np
import pandas as pd
from scipy import stats

from segment.errors import InvalidInput
from segment.experience.answers import TOLD_ON, Group, asked, groups_of, person_means
from segment.experience.estimates import Floats, checked_level
from segment.tables import spec_of
from segment.tables.codebook import Codebook, Item
from segment.vocabulary import ItemKind

#: Fewest people who answered all three for a surface.
FEWEST = 60
#: Whose answers are the relationship: the first kind that was asked.
OUTCOMES = (ItemKind.RELATIONSHIP, ItemKind.PROMISE_TRUST, ItemKind.ENGAGEMENT)
#: What is reported of a surface: its name, and what each coefficient counts (promised, received, and their squares).
FEATURES: dict[str, tuple[int, int, int, int, int]] = {
    "promised": (1, 0, 0, 0, 0),
    "received": (0, 1, 0, 0, 0),
    "agreement_slope": (1, 1, 0, 0, 0),
    "agreement_curve": (0, 0, 1, 1, 1),
    "difference_slope": (-1, 1, 0, 0, 0),
    "difference_curve": (0, 0, 1, -1, 1),
}
_MIDDLE = sum(TOLD_ON) / 2


def fit_surface(
    promised: Floats, received: Floats, outcome: Floats, weights: Floats | None = None, *, level: float = 0.95
) -> pd.DataFrame:
    """The surface of an outcome over what was promised and what was received.

    Parameters
    ----------
    promised, received
        One per person, 1 to 5; NaN: not answered.
    outcome
        One per person, in any unit.
    weights
        Survey weights; only ratios matter.
    level
        Of the intervals.

    Returns
    -------
    DataFrame
        One row per figure of ``FEATURES``: ``feature``, ``n``, ``value``, ``low``, ``high``; and ``explained`` by the
        surface and ``explained_by_gap`` by received - promised alone (both shares of variance, adjusted for how many
        coefficients they have), the same in every row. No rows below ``FEWEST`` people, or where answers do not differ
        enough to tell six coefficients.

    Raises
    ------
    InvalidInput
        Answers of different numbers of people, or a level outside 0 to 1.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x, y = rng.integers(1, 6, (2, 400)).astype(float)
    >>> found = fit_surface(x, y, 3 + 0.8 * (y - 3) + rng.normal(0, 0.5, 400)).set_index("feature")["value"]
    >>> [abs(round(float(found[name]), 1)) for name in ("received", "promised", "difference_slope")]
    [0.8, 0.0, 0.8]
    """
    checked_level(level)
    x, y, z = (np.asarray(one, dtype=float) for one in (promised, received, outcome))
    w = np.ones(len(x)) if weights is None else np.asarray(weights, dtype=float)
    if not len(x) == len(y) == len(z) == len(w):
        raise InvalidInput(
            "A surface needs the answers of the same people.",
            expected="as many promised as received, outcomes and weights",
            came=", ".join(str(len(one)) for one in (x, y, z, w)),
        )
    known = np.isfinite(x) & np.isfinite(y) & np.isfinite(z) & (w > 0)
    x, y, z, w = x[known] - _MIDDLE, y[known] - _MIDDLE, z[known], w[known]
    columns = ["feature", "n", "value", "low", "high", "explained", "explained_by_gap"]
    design = np.column_stack([np.ones(len(x)), x, y, x * x, x * y, y * y])
    if len(x) < FEWEST or np.linalg.matrix_rank(design * np.sqrt(w)[:, None]) < design.shape[1]:
        return pd.DataFrame(columns=columns)
    coefficients, variance = _least_squares(design, z, w)
    reach = float(stats.t.ppf(0.5 + level / 2, len(x) - design.shape[1]))
    both = _explained(design, z, w), _explained(np.column_stack([np.ones(len(x)), y - x]), z, w)
    rows = []
    for name, counts in FEATURES.items():
        counted = np.array([0.0, *counts])
        value, spread = float(counted @ coefficients), float(np.sqrt(counted @ variance @ counted))
        rows.append((name, len(x), value, value - reach * spread, value + reach * spread, *both))
    return pd.DataFrame(rows, columns=columns)


def _least_squares(design: Floats, outcome: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Coefficients of weighted least squares, and their HC3 variance."""
    bread = np.linalg.inv(design.T @ (weights[:, None] * design))
    coefficients = bread @ (design.T @ (weights * outcome))
    left = outcome - design @ coefficients
    leverage = weights * np.einsum("ij,jk,ik->i", design, bread, design)
    score = design * (weights * left / np.maximum(1 - leverage, 1e-6))[:, None]
    return coefficients, bread @ (score.T @ score) @ bread


def _explained(design: Floats, outcome: Floats, weights: Floats) -> float:
    """Adjusted share of variance that a design explains (Ezekiel, 1930), with weights that sum to the people."""
    coefficients, _ = _least_squares(design, outcome, weights)
    left = outcome - design @ coefficients
    off = outcome - np.average(outcome, weights=weights)
    n, k = len(outcome), design.shape[1]
    whole = float(weights @ off**2)
    return nan if whole <= 0 else 1 - float(weights @ left**2) / whole * (n - 1) / (n - k)


def surface_table(responses: pd.DataFrame, codebook: Codebook, *, wave: str, level: float = 0.95) -> pd.DataFrame:
    """The surface of the relationship over each need that was promised and is lived, in one wave.

    Parameters
    ----------
    responses
        One row per person and wave, with items of kind ``promised``, ``experience`` and one of ``OUTCOMES``.
    codebook
        The questionnaire.
    wave
        Whose answers are read.
    level
        Of the intervals.

    Returns
    -------
    DataFrame
        Table ``surfaces``: per need and figure ``n``, ``value`` with ``low`` and ``high``, ``explained`` and
        ``explained_by_gap``; ``outcome`` names the kind of question that is explained. No rows where nothing of this
        was asked, or of too few.
    """
    schema, blocks = spec_of("surfaces"), []
    for group in groups_of(responses[responses["wave"] == wave], None):
        kind = next((one for one in OUTCOMES if asked(codebook.by_code(one), group.answers)), None)
        if kind is None:
            continue
        outcome = person_means(group.answers, asked(codebook.by_code(kind), group.answers), scale=TOLD_ON)
        for need in codebook.needs:
            sides = [_about(need, one, codebook, group) for one in (ItemKind.PROMISED, ItemKind.EXPERIENCE)]
            if all(sides):
                x, y = (person_means(group.answers, items, scale=TOLD_ON) for items in sides)
                found = fit_surface(x, y, outcome, group.weights, level=level)
                blocks.append(found.assign(wave=group.wave, need=need, outcome=str(kind)))
    blocks = [block for block in blocks if len(block)]
    if not blocks:
        return schema.empty()
    return schema.check(pd.concat(blocks, ignore_index=True))


def _about(need: str, kind: ItemKind, codebook: Codebook, group: Group) -> Sequence[Item]:
    return [item for item in asked(codebook.by_code(kind), group.answers) if item.need == need]
