"""Judging tenures without dates by repeated folds, as flags are: everyone is foretold by models of the other folds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.base import clone

from segment.errors import InvalidInput
from segment.retention.ahead import Ahead
from segment.retention.discrimination import Followed, follow_people
from segment.retention.evaluation import (
    FEWEST_CASES,
    Evaluation,
    calibrations,
    decisions,
    floors_of,
    gained,
    judge_forecast,
    measures,
    slopes,
    watched_horizons,
)
from segment.retention.hazard import HazardModel
from segment.retention.outcomes import check_spells
from segment.retention.repeats import OUT_OF_FOLD, fold_rows, folds_for, gains, is_flat, repeated_folds, repeats_for

#: Months at risk learned from in all, over folds and repeats, and from how many on the choice is made once.
_MONTHS_IN_ALL, _CHOSEN_ONCE = 60_000, 50_000
#: Draws of people for the error of a metric.
_DRAWS = 50


@dataclass(frozen=True)
class _Deal:
    """One deal of people into folds: what was said of everyone (``model`` and floors), and measures per fold."""

    fold: np.ndarray
    ahead: Mapping[str, Ahead]
    by_fold: Sequence[Mapping[str, Mapping[str, float]]]


def judge_durations(
    model: HazardModel,
    X: pd.DataFrame,
    spells: pd.DataFrame,
    *,
    groups: np.ndarray,
    horizons: Sequence[float] = (6, 12, 24),
    random_state: int = 0,
) -> Evaluation:
    """Judge a hazard model on people that models of its kind had not seen, beside Kaplan-Meier and Cox.

    Parameters
    ----------
    model
        Fitted on everyone; folds choose their learner anew at its ridge strength (with very many months at risk they
        learn by its choice).
    X, spells
        One row per person, as for ``fit``, without ``person``.
    groups
        A number from 0 per row; rows of one group are never on both sides.
    horizons
        Months ahead of entry, as for :func:`~segment.retention.evaluate`.

    Returns
    -------
    Evaluation
        As :func:`~segment.retention.evaluate`, with sample ``out of fold``: ranks, errors, observed over expected and
        ``gain`` over Kaplan-Meier are means over folds with the corrected resampled error; slopes, tenths and decision
        curve are of each person's mean forecast.

    Raises
    ------
    InvalidInput
        When people cannot be dealt into two folds with exits, or a person has several rows.
    """
    watched = check_spells(spells.drop(columns="person", errors="ignore"), causes=model.causes, index=X.index)
    _, followed, start = follow_people(watched)
    left = followed.event > 0
    n_folds = folds_for(groups, left, both=False)
    if not n_folds:
        raise InvalidInput(
            "People cannot be dealt into folds with exits.",
            expected="at least two groups of people who left",
            came="fewer",
            where="groups, spells",
        )
    kept = watched_horizons(followed, horizons)
    grid = np.unique(np.r_[np.arange(1.0, max(kept) + 1e-9), kept])
    seen = (1 - 1 / n_folds) * np.bincount(followed.event, minlength=len(model.causes) + 1)
    foretold = frozenset(int(k) for k in range(1, len(seen)) if seen[k] >= FEWEST_CASES)
    chosen_once = model.n_months_ > _CHOSEN_ONCE
    n_repeats = repeats_for(model.n_months_, chosen_once=chosen_once, in_all=_MONTHS_IN_ALL)
    folds = repeated_folds(groups, left, n_folds=n_folds, n_repeats=n_repeats, random_state=random_state)
    again = _Again(model, X, spells.assign(person=groups), like=chosen_once)
    deals = [_deal(again, fold, followed, start, grid=grid, kept=kept, foretold=foretold) for fold in folds]
    return _evaluation(deals, followed, kept, foretold, n_folds=n_folds)


@dataclass(frozen=True)
class _Again:
    """A model to be learned again from some of the people it was fitted on."""

    model: HazardModel
    X: pd.DataFrame
    spells: pd.DataFrame
    like: bool

    def without(self, out: np.ndarray) -> dict[str, HazardModel]:
        """The model and its floors, learned from everyone but these."""
        X, spells, own = self.X[~out], self.spells[~out], clone(self.model)
        fitted = own.fit_like(X, spells, like=self.model) if self.like else own.fit(X, spells, beside=self.model)
        return {"model": fitted, **floors_of(fitted, (X, spells))}


def _deal(
    again: _Again,
    fold: np.ndarray,
    followed: Followed,
    start: np.ndarray,
    *,
    grid: np.ndarray,
    kept: list[float],
    foretold: frozenset[int],
) -> _Deal:
    parts: list[tuple[np.ndarray, dict[str, Ahead]]] = []
    by_fold = []
    for number in range(int(fold.max()) + 1):
        out = fold == number
        said = {
            name: one.predict_ahead(again.X[out], grid, start=start[out]) for name, one in again.without(out).items()
        }
        rows = np.arange(int(out.sum()))
        by_fold.append(
            {
                name: measures(one, followed.take(out), rows, kept, foretold=foretold, fewest=1)
                for name, one in said.items()
            }
        )
        parts.append((np.flatnonzero(out), said))
    place = np.argsort(np.concatenate([rows for rows, _ in parts]), kind="stable")
    ahead = {name: _joined([said[name] for _, said in parts], place) for name in parts[0][1]}
    return _Deal(fold, ahead, by_fold)


def _joined(parts: Sequence[Ahead], place: np.ndarray) -> Ahead:
    """Forecasts of folds as one of everyone, in the order of everyone."""
    incidence = {cause: np.vstack([one.incidence[cause] for one in parts])[place] for cause in parts[0].incidence}
    return Ahead(parts[0].months, np.vstack([one.survival for one in parts])[place], incidence)


def _mean(deals: Sequence[_Deal], name: str) -> Ahead:
    """The mean forecast over deals; everybody's if none told anybody apart."""
    several = [deal.ahead[name] for deal in deals]
    survival = np.mean([one.survival for one in several], axis=0)
    incidence = {cause: np.mean([one.incidence[cause] for one in several], axis=0) for cause in several[0].incidence}
    if all(is_flat(deal.ahead[name].survival, deal.fold) for deal in deals):
        survival = np.broadcast_to(survival.mean(axis=0), survival.shape)
        incidence = {cause: np.broadcast_to(one.mean(axis=0), one.shape) for cause, one in incidence.items()}
    return Ahead(several[0].months, survival, incidence)


def _errors_of_people(
    mean: Mapping[str, Ahead], followed: Followed, kept: list[float], foretold: frozenset[int]
) -> dict[str, dict[str, float]]:
    """The error of every metric because people are drawn, by a bootstrap of the mean forecasts.

    Folds hold equally many leavers, so that errors and levels differ less between folds than between samples.
    """
    judged = {
        name: judge_forecast(said, followed, kept, foretold=foretold, n_boot=_DRAWS, seed=0)
        for name, said in mean.items()
    }
    gain = gained(judged["model"], judged["kaplan-meier"]).errors
    return {name: found.errors | (gain if name == "model" else {}) for name, found in judged.items()}


def _evaluation(
    deals: Sequence[_Deal], followed: Followed, kept: list[float], foretold: frozenset[int], *, n_folds: int
) -> Evaluation:
    names = list(deals[0].ahead)
    every = [fold for deal in deals for fold in deal.by_fold]
    by_fold: dict[str, dict[str, np.ndarray]] = {}
    for name in names:
        keys = dict.fromkeys(key for fold in every for key in fold[name])
        by_fold[name] = {key: np.array([fold[name].get(key, np.nan) for fold in every]) for key in keys}
    by_fold["model"]["gain"] = gains(by_fold["model"]["ibs"], by_fold["kaplan-meier"]["ibs"])
    mean = {name: _mean(deals, name) for name in names}
    rows = fold_rows(by_fold, n_folds=n_folds, least=_errors_of_people(mean, followed, kept, foretold))
    rows += [row for name in names for row in slopes(name, mean[name], followed, kept)]
    metrics = pd.DataFrame(rows, columns=["model", "metric", "value", "low", "high"])
    metrics = metrics.assign(sample=OUT_OF_FOLD, n=len(followed.time))
    metrics = metrics[["model", "sample", "metric", "value", "low", "high", "n"]]
    tenths = calibrations(mean["model"], followed, kept, foretold)
    return Evaluation(metrics, tenths, decisions(mean["model"], followed, kept))
