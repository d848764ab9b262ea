"""The retention model's card: what it learned from, how good it is, whom it may concern, and what it is not for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from segment.retention.evaluation import Evaluation
from segment.retention.foresight import beats_floor, gain_of
from segment.retention.hazard import HazardModel
from segment.retention.horizon import HorizonModel

#: What the model is made for.
INTENDED = (
    "describing what goes together with staying and leaving, for groups",
    "planning: how many people may leave within a horizon, per group of at least thirty",
)
#: What it must not be used for.
FORBIDDEN = (
    "decisions about one person: pay, promotion, dismissal, surveillance",
    "saying why somebody leaves: nothing here is a cause",
    "ranking people for managers",
)
#: What to keep in mind.
LIMITS = (
    "it knows what was recorded, and takes the future to be like the period it learned from",
    "attributes are held as they are on the day of prediction",
    "beyond the longest tenure that ten people reached the hazard is held flat",
)
#: What of people's values the model's file still holds, and what it does not.
KEPT = (
    "coefficients, and sums of trees, over everyone; no row and no person",
    "each number between two ends; an end is the mean of ten people near it, so values beyond the ends are not there",
    "knots and borders between groups of values, each the mean of ten people or more",
    "names of levels that ten people or more carry; rarer ones share one term without a name",
    "the longest tenure that ten people reached, in whole months; numbers of people, months and exits as bands",
)


def model_card(
    model: HazardModel | HorizonModel,
    *,
    population: str,
    period: tuple[str, str],
    metrics: pd.DataFrame,
    calibration: pd.DataFrame,
    groups: pd.DataFrame | None = None,
    limits: Sequence[str] = (),
    months: float = 12,
) -> dict[str, object]:
    """Everything a reviewer needs, as plain values that can be written as JSON.

    Parameters
    ----------
    model
        The fitted model.
    population, period
        Who was watched, and from which day to which.
    metrics, calibration
        From :func:`~segment.retention.evaluate` or :func:`~segment.retention.evaluate_flag`.
    groups
        From :func:`~segment.retention.group_results`.
    limits
        Further limits of this study.
    months
        The horizon the study asks about.

    Examples
    --------
    >>> X = pd.DataFrame({"unmet": [0.0, 1.0] * 30})
    >>> model = HorizonModel("linear").fit(X, [0, 1] * 30)
    >>> card = model_card(model, population="demo", period=("2024-01-01", "2024-12-31"), metrics=pd.DataFrame(),
    ...                   calibration=pd.DataFrame())
    >>> card["outcome"], card["people"], card["learned"]["left"]
    ('one horizon', 60, 'linear')
    """
    is_hazard = isinstance(model, HazardModel)
    causes = model.causes_ if isinstance(model, HazardModel) else ()
    risks: Mapping[str, str] = (
        {cause: risk.name for cause, risk in zip(model.causes_, model.risks_, strict=True)}
        if isinstance(model, HazardModel)
        else {"left": model.risk_.name}
    )
    return {
        "kind": "retention model",
        "outcome": "monthly hazard by cause" if is_hazard else "one horizon",
        "population": population,
        "period": list(period),
        "people": model.n_people_,
        "events": dict(zip(model.causes_, model.n_events_, strict=True))
        if isinstance(model, HazardModel)
        else {"left": model.n_events_},
        "attributes": list(model.plan_.names),
        "learned": dict(risks),
        "gain_over_floor": gain_of(metrics),
        "beats_floor": beats_floor(Evaluation(metrics, calibration), causes, months=months),
        "competition": _records(model.competition_),
        "metrics": _records(metrics),
        "calibration": _records(calibration),
        "groups": [] if groups is None else _records(groups),
        "limits": [*LIMITS, *limits],
        "kept_of_people": list(KEPT),
        "intended_use": list(INTENDED),
        "forbidden_use": list(FORBIDDEN),
    }


def _records(table: pd.DataFrame) -> list[dict[str, object]]:
    """Rows as plain values; gaps as None."""
    plain = table.astype(object).where(table.notna(), None)
    return [{str(name): _plain(value) for name, value in row.items()} for row in plain.to_dict("records")]


def _plain(value: object) -> object:
    return value.item() if hasattr(value, "item") else value
