"""Judging without dates: people are foretold by models that had not seen them, by folds drawn several times over.

One split is one throw of dice: on a few hundred people its AUC moves by five hundredths with the seed. So people are
dealt into folds again and again, and each is foretold by a model of the other folds. Ranks and errors are means over
folds, with an error that allows for training sets that overlap; calibration is of each person's mean chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sklearn.base import clone

from segment.errors import InvalidInput
from segment.retention.discrimination import weighted_auc
from segment.retention.evaluation import Evaluation, Row, scale_of
from segment.retention.flag_evaluation import evaluate_flag
from segment.retention.horizon import HorizonModel, check_flag, check_weight
from segment.retention.intervals import interval_around, mean_error, resampled_error
from segment.retention.unseen import person_folds

#: Folds people are dealt into, and how often at most.
FOLDS, REPEATS = 5, 5
#: What the figures are from, as the ``sample`` of an evaluation.
OUT_OF_FOLD = "out of fold"
#: About so many rows are learned from in all, over folds and repeats; there is always one whole round.
ROWS_IN_ALL = 25_000
#: With more rows than this, folds learn with the learner and settings chosen once on everyone: a choice among a
#: dozen cannot know any of so many.
CHOSEN_ONCE = 5_000


@dataclass(frozen=True)
class OutOfFold:
    """What models that had not seen them said of people.

    ``folds`` (R, n): each row's fold per repeat; ``chances`` (R, n); ``floor`` (R, n): the base rate of who was learned
    from.
    """

    folds: np.ndarray
    chances: np.ndarray
    floor: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """Each person's mean chance (n,); one and the same where no fold told anybody from another."""
        flat = all(is_flat(told, fold) for told, fold in zip(self.chances, self.folds, strict=True))
        return np.full(self.chances.shape[1], float(self.chances.mean())) if flat else self.chances.mean(axis=0)


def is_flat(told: np.ndarray, fold: np.ndarray) -> bool:
    """Whether within every fold everybody was given the same; (n,) or (n, T) figures.

    Folds differ a little in their level, against what is held out: calibration of a forecast that tells nobody apart
    would be about nothing else.
    """
    return all(np.ptp(told[fold == number], axis=0).max() < 1e-9 for number in np.unique(fold))


def repeats_for(rows: int, *, chosen_once: bool = False, in_all: int = ROWS_IN_ALL) -> int:
    """How often people are dealt into folds: the fewer there are, the more one deal is chance.

    Folds that learn by a choice made once cost a quarter of those that choose anew.

    >>> repeats_for(900), repeats_for(10_000, chosen_once=True), repeats_for(60_000, chosen_once=True)
    (5, 5, 1)
    """
    return int(np.clip((4 if chosen_once else 1) * in_all // max(rows, 1), 1, REPEATS))


def folds_for(group: np.ndarray, flagged: np.ndarray, *, both: bool = True) -> int:
    """Into how many folds people can be dealt so that each has the outcome; 0 where not even two can.

    ``both``: each is to have people without it as well.

    >>> folds_for(np.arange(9), np.arange(9) < 3), folds_for(np.array([0, 0, 1, 2]), np.array([1, 1, 0, 0]))
    (3, 0)
    """
    has = np.bincount(group, np.asarray(flagged, dtype=float) > 0) > 0
    most = int(min(FOLDS, has.sum(), (~has).sum() if both else FOLDS, len(has)))
    return most if most > 1 else 0


def repeated_folds(
    group: np.ndarray, flagged: np.ndarray, *, n_folds: int = FOLDS, n_repeats: int = REPEATS, random_state: int = 0
) -> np.ndarray:
    """The fold of every row, per repeat: groups whole, those with the outcome spread evenly; (R, n).

    >>> repeated_folds(np.array([0, 0, 1, 2, 3]), np.array([0, 1, 0, 1, 0]), n_folds=2, n_repeats=3).shape
    (3, 5)
    """
    seeds = np.random.SeedSequence(random_state).generate_state(n_repeats)
    return np.stack([person_folds(group, flagged, n_folds=n_folds, seed=int(seed)) for seed in seeds])


def foretell_flags(
    model: HorizonModel,
    X: pd.DataFrame,
    y: Sequence[float] | np.ndarray,
    *,
    groups: np.ndarray,
    weights: np.ndarray | None = None,
    random_state: int = 0,
) -> OutOfFold:
    """Everyone's chance by models of the other folds, several times over.

    Parameters
    ----------
    model
        Fitted on everyone; folds choose their learner anew at its ridge strength (with more rows than
        :data:`CHOSEN_ONCE` they learn by its choice).
    X, y
        Attributes and the 0/1 flag.
    groups
        A number from 0 per row; rows of one group are never on both sides.
    weights
        Positive weights.

    Raises
    ------
    InvalidInput
        When people cannot be dealt into two folds with both outcomes.

    Examples
    --------
    >>> from segment.retention import HorizonModel
    >>> generator = np.random.default_rng(0)
    >>> X = pd.DataFrame({"load": generator.normal(size=400)})
    >>> left = (generator.random(400) < 1 / (1 + np.exp(1 - X["load"]))).astype(int)
    >>> model = HorizonModel(learner="linear", random_state=0).fit(X, left)
    >>> chances = foretell_flags(model, X, left, groups=np.arange(400)).chances
    >>> chances.shape, bool(chances[:, left == 1].mean() > chances[:, left == 0].mean())
    ((5, 400), True)
    """
    flag, weight = check_flag(y, len(X)), check_weight(weights, len(X))
    n_folds = folds_for(groups, flag)
    if not n_folds:
        raise InvalidInput(
            "People cannot be dealt into folds with both outcomes.",
            expected="at least two groups of people with the outcome, and two without",
            came="fewer",
            where="groups, y",
        )
    chosen_once = len(X) > CHOSEN_ONCE
    n_repeats = repeats_for(len(X), chosen_once=chosen_once)
    folds = repeated_folds(groups, flag, n_folds=n_folds, n_repeats=n_repeats, random_state=random_state)
    chances, floor = np.empty(folds.shape), np.empty(folds.shape)
    for repeat, fold in np.ndindex(n_repeats, n_folds):
        out = folds[repeat] == fold
        inside = {"sample_weight": weight[~out], "groups": groups[~out]}
        own = clone(model)
        if chosen_once:
            own.fit_like(X[~out], flag[~out], like=model, **inside)
        else:
            own.fit(X[~out], flag[~out], beside=model, **inside)
        chances[repeat, out] = own.predict(X[out])
        floor[repeat, out] = np.average(flag[~out], weights=weight[~out])
    return OutOfFold(folds, chances, floor)


def judge_flags(
    said: OutOfFold, y: Sequence[float] | np.ndarray, *, weights: np.ndarray | None = None, bins: int = 10
) -> Evaluation:
    """Judge chances of one flag that were given out of fold, beside the base rate.

    Parameters
    ----------
    said
        What `foretell_flags` gave.
    y
        0/1 per person, shape (n,).
    weights
        For how many each person stands, shape (n,); None: one each.
    bins
        Bins of the calibration table.

    Returns
    -------
    Evaluation
        As :func:`~segment.retention.evaluate_flag`, with sample ``out of fold``. ``auc``, ``brier`` and ``gain`` (how
        much smaller the Brier score is than the base rate's, as a share: Kattan & Gerds 2018) are means
        over folds with the corrected resampled error (:func:`~segment.retention.intervals.resampled_error`); the
        others, the calibration table and the decision curve are of each person's mean chance.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"unmet": rng.normal(size=300)})
    >>> y = (rng.random(300) < 1 / (1 + np.exp(1 - X["unmet"]))).astype(int)
    >>> model = HorizonModel("linear").fit(X, y)
    >>> judged = judge_flags(foretell_flags(model, X, y, groups=np.arange(300)), y)
    >>> judged.value("auc") > 0.6 and judged.value("gain") > 0
    True
    """
    flag = check_flag(y, said.chances.shape[1])
    whole = evaluate_flag(flag, said.mean, weights=weights, sample=OUT_OF_FOLD, bins=bins, n_boot=0)
    weight = check_weight(weights, len(flag))
    by_fold = {name: _by_fold(said, flag, chances, weight) for name, chances in _spoken(said).items()}
    by_fold["model"]["gain"] = gains(by_fold["model"]["brier"], by_fold["base rate"]["brier"])
    apart = {name: _of_people(chances, flag, weight) for name, chances in _spoken(said).items()}
    apart["model"]["gain"] = _of_gain(said, flag, weight)
    return whole.replacing(fold_rows(by_fold, n_folds=int(said.folds.max()) + 1, least=apart))


def without_order(judged: Evaluation, chances: np.ndarray) -> Evaluation:
    """What was found without a slope of calibration, where the model that is kept gives everyone the same chance.

    Folds that chose anew may have told people apart; a slope would be about chances that nobody is given.
    """
    if np.ptp(chances) >= 1e-9:
        return judged
    return replace(judged, metrics=judged.metrics[judged.metrics["metric"] != "slope"].reset_index(drop=True))


def _of_people(chances: np.ndarray, flag: np.ndarray, weight: np.ndarray) -> dict[str, float]:
    """The error of the Brier score, of people as they were drawn."""
    return {"brier": mean_error(np.mean((chances - flag) ** 2, axis=0), weight)}


def _of_gain(said: OutOfFold, flag: np.ndarray, weight: np.ndarray) -> float:
    """The error of one minus the ratio of two mean Brier scores, of people as they were drawn (delta method)."""
    own, floor = (np.mean((told - flag) ** 2, axis=0) for told in (said.chances, said.floor))
    level = float(np.average(floor, weights=weight))
    ratio = float(np.average(own, weights=weight)) / level
    return mean_error((own - ratio * floor) / level, weight)


def _spoken(said: OutOfFold) -> Mapping[str, np.ndarray]:
    return {"model": said.chances, "base rate": said.floor}


def _by_fold(said: OutOfFold, flag: np.ndarray, chances: np.ndarray, weight: np.ndarray) -> dict[str, np.ndarray]:
    """Metric -> its value per fold of each repeat."""
    found: dict[str, list[float]] = {"auc": [], "brier": []}
    for repeat, fold in np.ndindex(len(said.folds), int(said.folds.max()) + 1):
        rows = said.folds[repeat] == fold
        own, told = flag[rows], chances[repeat, rows]
        found["auc"].append(weighted_auc(own > 0, told, weight[rows]))
        found["brier"].append(float(np.average((told - own) ** 2, weights=weight[rows])))
    return {metric: np.array(values) for metric, values in found.items()}


def gains(error: np.ndarray, floor: np.ndarray) -> np.ndarray:
    """How much smaller Brier scores are than the floor's, as a share of its mean; their mean is one minus the ratio."""
    result: np.ndarray = (floor - error) / float(np.mean(floor))
    return result


def fold_rows(
    by_fold: Mapping[str, Mapping[str, np.ndarray]], *, n_folds: int, least: Mapping[str, Mapping[str, float]]
) -> list[Row]:
    """Rows of metrics, from each model's value per fold: the mean over folds, with an interval that holds it.

    ``least``: the error of a metric because people are drawn. It stands for the variance between folds where that is
    larger, as it is for what the folds were made equal in; ``sqrt(k / (k - 1))`` of it allows for training sets of k
    folds that overlap, as many repeats do in the resampled error.
    """
    overlap = (n_folds / max(n_folds - 1, 1)) ** 0.5
    rows = []
    for name, metrics in by_fold.items():
        for metric, values in metrics.items():
            known = values[np.isfinite(values)]
            mean = float(known.mean()) if len(known) else float("nan")
            error = float(np.fmax(resampled_error(values, n_folds=n_folds), overlap * least[name].get(metric, 0.0)))
            rows.append((name, metric, mean, *interval_around(mean, error, scale_of(metric), degrees=len(known) - 1)))
    return rows
