"""What learners say about people they have not seen: inner folds, and the setting of each learner that does best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import lightgbm
import numpy as np

from segment.retention.learners import (
    DEEP,
    SHALLOW,
    LinearRisk,
    RiskTask,
    TenureCurve,
    TreeShape,
    boosting_data,
    boosting_settings,
    fit_linear,
    score_linear,
)

#: With fewer people who left than this, only the floor is learned.
FEWEST_EVENTS = 10


@dataclass(frozen=True)
class Unseen:
    """What a learner said about people it had not seen: its setting and their log odds."""

    setting: str
    score: np.ndarray
    strength: float = 0.0
    coef: np.ndarray | None = None
    shape: TreeShape = SHALLOW
    rounds: int = 0


def person_folds(person: np.ndarray, left: np.ndarray, *, n_folds: int, seed: int) -> np.ndarray:
    """The inner fold of every row, 0..n_folds - 1: all rows of a person in one fold, leavers spread evenly.

    >>> person_folds(np.array([0, 0, 1, 2, 3]), np.array([0, 1, 0, 1, 0]), n_folds=2, seed=0).shape
    (5,)
    """
    codes = np.unique(person, return_inverse=True)[1]
    ever = np.zeros(int(codes.max()) + 1, dtype=bool)
    np.logical_or.at(ever, codes, left > 0)
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(len(ever))
    ordered = shuffled[np.argsort(ever[shuffled], kind="stable")]
    fold = np.empty(len(ever), dtype=np.int64)
    fold[ordered] = np.arange(len(ever)) % n_folds
    return fold[codes]


def n_folds_for(rows: int) -> int:
    """Inner folds: five where data are few, three where each fold is large anyway."""
    return 5 if rows <= 30_000 else 3


def tenure_curve(task: RiskTask) -> TenureCurve | None:
    if task.month is None:
        return None
    left = task.y > 0
    seen = left if np.count_nonzero(left) >= FEWEST_EVENTS else np.ones(len(left), dtype=bool)
    return TenureCurve.of(task.month[seen], weight=task.weight[seen], longest=float(task.month.max()))


def strengths_to_try(task: RiskTask) -> tuple[float, ...]:
    """Ridge strengths to try, strongest first; fewer when there is much to learn from and little to choose."""
    if np.count_nonzero(task.y) > 5_000:
        return (300.0, 100.0, 10.0, 1.0)
    return (300.0, 100.0, 30.0, 10.0, 3.0, 1.0)


def unseen_linear(
    task: RiskTask,
    curve: TenureCurve | None,
    strength: float,
    *,
    attributes: bool = True,
    starts: Sequence[np.ndarray | None] | None = None,
) -> tuple[np.ndarray, list[np.ndarray]]:
    score = np.empty(len(task.y))
    coefs: list[np.ndarray] = []
    for fold in range(int(task.fold.max()) + 1):
        held = task.fold == fold
        risk = fit_linear(
            task.part(~held),
            strength=strength,
            curve=curve,
            attributes=attributes,
            start=None if starts is None else starts[fold],
            tolerance=1e-3,
        )
        score[held] = score_linear(risk, task.part(held))
        coefs.append(risk.coef)
    return score, coefs


def best_linear(task: RiskTask, curve: TenureCurve | None, strengths: Sequence[float]) -> Unseen:
    best: Unseen | None = None
    starts: list[np.ndarray] | None = None
    for strength in strengths:
        score, starts = unseen_linear(task, curve, strength, starts=starts)
        if best is not None and mean_loss(task, score) > mean_loss(task, best.score):
            break
        best = Unseen(f"ridge {strength:g}", score, strength=strength, coef=np.mean(starts, axis=0))
    assert best is not None
    return best


def best_boosted(task: RiskTask, curve: TenureCurve | None, max_rounds: int, seed: int) -> Unseen:
    results = [_unseen_boosted(task, shape, curve, max_rounds, seed) for shape in (SHALLOW, DEEP)]
    return min(results, key=lambda result: mean_loss(task, result.score))


def base_curve(task: RiskTask, curve: TenureCurve | None) -> LinearRisk:
    """The smooth curve of tenure that trees begin from; the base rate where there is no tenure."""
    return fit_linear(task, strength=1.0, curve=curve, attributes=False)


def _unseen_boosted(task: RiskTask, shape: TreeShape, curve: TenureCurve | None, max_rounds: int, seed: int) -> Unseen:
    """Each fold is scored at the number of rounds that was best for the others, so that none picks its own moment."""
    settings = boosting_settings(task, shape, seed=seed)
    data = boosting_data(task, settings, base=None)
    begun = np.zeros(len(task.y))
    boosters, losses, sizes = [], [], []
    for fold in range(int(task.fold.max()) + 1):
        held = task.fold == fold
        base = base_curve(task.part(~held), curve)
        start = base.tenure_score(task.month, len(task.y))
        booster, loss = _boost_until_worse(settings, data, held, start, max_rounds)
        begun[held] = start[held]
        boosters.append(booster)
        losses.append(loss)
        sizes.append(float(task.weight[held].sum()))
    for fold, booster in enumerate(boosters):
        held = task.fold == fold
        rounds = _best_round(losses, sizes, without=fold)
        begun[held] += booster.predict(task.part(held).tree_rows(), raw_score=True, num_iteration=rounds)
    rounds = _best_round(losses, sizes)
    return Unseen(f"{shape.name} trees, {rounds} rounds", begun, shape=shape, rounds=rounds)


def _boost_until_worse(
    settings: dict[str, object], data: lightgbm.Dataset, held: np.ndarray, start: np.ndarray, max_rounds: int
) -> tuple[lightgbm.Booster, np.ndarray]:
    """Trees from all folds but one, and the loss on that one after each round."""
    inner, outer = (data.subset(np.flatnonzero(rows)).construct() for rows in (~held, held))
    inner, outer = inner.set_init_score(start[~held]), outer.set_init_score(start[held])
    trace: dict[str, dict[str, list[float]]] = {}
    booster = lightgbm.train(
        {**settings, "metric": "binary_logloss"},
        inner,
        num_boost_round=max_rounds,
        valid_sets=[outer],
        valid_names=["held"],
        callbacks=[lightgbm.early_stopping(30, verbose=False), lightgbm.record_evaluation(trace)],
    )
    return booster, np.asarray(trace["held"]["binary_logloss"])


def _best_round(curves: Sequence[np.ndarray], sizes: Sequence[float], *, without: int | None = None) -> int:
    """The round with the lowest mean loss over folds; a fold that stopped early stays at its last value."""
    used = [place for place in range(len(curves)) if place != without]
    longest = max(len(curves[place]) for place in used)
    padded = np.stack(
        [np.r_[curves[place], np.full(longest - len(curves[place]), curves[place][-1])] for place in used]
    )
    return int(np.argmin(np.average(padded, axis=0, weights=[sizes[place] for place in used]))) + 1


def row_loss(task: RiskTask, score: np.ndarray) -> np.ndarray:
    result: np.ndarray = task.weight * (np.logaddexp(0, score) - task.y * score)
    return result


def mean_loss(task: RiskTask, score: np.ndarray) -> float:
    return float(row_loss(task, score).sum() / task.weight.sum())
