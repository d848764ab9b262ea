"""The learners' competition: whoever predicts people it has not seen best, and whether that beats knowing nothing.

Learners are compared by log loss on inner folds that keep all rows of a person together. The floor knows the base
rate and the tenure only; of the learners that beat it clearly the best one wins, and when none does, the floor is the
answer and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import lightgbm
import numpy as np

from segment.retention.learners import (
    DEEP,
    SHALLOW,
    BoostedRisk,
    LinearRisk,
    RiskTask,
    TenureCurve,
    TreeShape,
    boosting_data,
    boosting_settings,
    fit_boosted,
    fit_linear,
    score_linear,
)
from segment.retention.recalibration import AS_IT_IS, Recalibration

#: The learners that may be asked for; ``auto`` lets them compete.
LEARNERS = ("auto", "linear", "boosting", "average")
#: With fewer people who left than this, only the floor is learned.
FEWEST_EVENTS = 10
#: Learners compete on about this many rows at most.
TRIAL_ROWS = 40_000
#: Ridge strength of the plain fit: enough to settle levels that say the same, too little to hide an effect.
PLAIN = 1.0
#: How clearly the floor must be beaten: one-sided 95 %, shared among three learners (Bonferroni).
CLEARLY = 2.13


@dataclass(frozen=True)
class Risk:
    """One risk as it was learned: frozen parameters that turn attributes and tenure into log odds.

    ``share`` is the boosted trees' part of the log odds (0, 0.5 or 1); ``recalibration`` puts the sum on the scale of
    what happened to people the learners had not seen. ``plain`` is a nearly unpenalised linear risk with its
    covariance, fitted beside the winner to say how strongly each attribute goes together with leaving, and how sure
    that is.
    """

    name: str
    linear: LinearRisk | None
    boosted: BoostedRisk | None
    share: float
    recalibration: Recalibration = AS_IT_IS
    plain: LinearRisk | None = None

    def score(self, linear: np.ndarray, trees: np.ndarray, month: np.ndarray | None) -> np.ndarray:
        """Log odds of people (rows) in months (columns), or of people when ``month`` is None."""
        shape = (len(linear),) if month is None else month.shape
        total = np.zeros(shape)
        if self.linear is not None and self.share < 1:
            people = self.linear.attribute_score(linear)
            people = people if month is None else people[:, None]
            total = total + (1 - self.share) * (people + self.linear.tenure_score(month, len(linear)))
        if self.boosted is not None and self.share > 0:
            total = total + self.share * self.boosted.score(trees, month)
        return self.recalibration(total)


@dataclass(frozen=True)
class Entrant:
    """One learner's result on unseen people: mean log loss per row, its gain over the floor and its distance behind
    the best learner, each with its error, to six decimals.
    """

    learner: str
    setting: str
    log_loss: float
    gain: float
    gain_error: float
    behind: float
    behind_error: float
    chosen: bool = False

    def rounded(self) -> Entrant:
        """As a model keeps it: gains of a monthly hazard are in the fourth decimal, and more tells of the rows."""
        return replace(
            self,
            log_loss=round(self.log_loss, 6),
            gain=round(self.gain, 6),
            gain_error=round(self.gain_error, 6),
            behind=round(self.behind, 6),
            behind_error=round(self.behind_error, 6),
        )


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


def compete(
    task: RiskTask, *, learner: str, max_rounds: int, seed: int, strengths: Sequence[float] | None = None
) -> tuple[Risk, tuple[Entrant, ...]]:
    """Let the learners compete on inner folds and fit the winner on everything.

    Returns
    -------
    (risk, entrants)
        The winner (or the learner asked for) and every entrant's result, the floor first.
    """
    curve = _tenure_curve(task)
    if np.count_nonzero(task.y) < FEWEST_EVENTS:
        return _floor_risk(task, curve), (Entrant("floor", "too few leavers to learn from", *_nothing(), chosen=True),)
    trial = _trial(task, seed)
    unseen = {"floor": Unseen("tenure only", _unseen_linear(trial, curve, 1.0, attributes=False)[0])}
    if learner != "boosting":
        unseen["linear"] = _unseen_best_linear(trial, curve, strengths or _strengths(trial))
    if learner != "linear":
        unseen["boosting"] = _unseen_best_boosted(trial, curve, max_rounds, seed)
    if learner in ("auto", "average"):
        mean = (unseen["linear"].score + unseen["boosting"].score) / 2
        unseen["average"] = Unseen("mean of both", mean)
    entrants = _rank(trial, unseen)
    chosen = _choose(entrants, learner)
    calibration = Recalibration.learned(unseen[chosen].score, trial.y, trial.weight)
    risk = _fit_chosen(task, chosen, unseen, curve=curve, seed=seed, calibration=calibration)
    start = fit_linear(trial, strength=PLAIN, curve=curve, tolerance=1e-3).coef
    plain = _plain(task, curve, start)
    entrants = [replace(entrant.rounded(), chosen=entrant.learner == chosen) for entrant in entrants]
    return replace(risk, plain=plain), tuple(entrants)


def _trial(task: RiskTask, seed: int) -> RiskTask:
    """The rows that compete: all, or those of people drawn at random where there are very many.

    Ridge strengths and trees' rounds that suit a large part suit the whole; the winner is fitted on the whole.
    """
    if len(task.y) <= TRIAL_ROWS:
        return task
    codes = np.unique(task.person, return_inverse=True)[1]
    drawn = np.random.default_rng(seed).random(int(codes.max()) + 1) < TRIAL_ROWS / len(task.y)
    return task.part(drawn[codes])


def strengths_like(risk: Risk) -> tuple[float, ...] | None:
    """The ridge strength a risk was learned with, to compete again at it; None where all are to be tried."""
    return (risk.linear.strength,) if risk.linear is not None and risk.name != "floor" else None


def was_learned(entrants: Sequence[Entrant]) -> bool:
    """Whether there were leavers enough for a competition."""
    return len(entrants) > 1


def learn_again(task: RiskTask, like: Risk, *, seed: int, explained: bool = False) -> Risk:
    """The same learners with the same settings on other rows or weights, recalibrated as before.

    With ``explained`` the plain fit beside the winner is made anew as well; without, it is left out.
    """
    curve = _tenure_curve(task)
    if like.name == "floor":
        return replace(_floor_risk(task, curve), plain=_plain(task, curve, None) if explained else None)
    linear = boosted = None
    if like.linear is not None:
        linear = fit_linear(task, strength=like.linear.strength, curve=curve)
    if like.boosted is not None:
        boosted = fit_boosted(
            task,
            shape=like.boosted.shape,
            rounds=like.boosted.rounds,
            seed=seed,
            base=_base(task, curve),
        )
    return replace(like, linear=linear, boosted=boosted, plain=_plain(task, curve, None) if explained else None)


def _plain(task: RiskTask, curve: TenureCurve | None, start: np.ndarray | None) -> LinearRisk:
    """The nearly unpenalised fit that says how strongly each attribute goes together with leaving."""
    return fit_linear(task, strength=PLAIN, curve=curve, doubt=True, start=start)


def _nothing() -> tuple[float, float, float, float, float]:
    return (float("nan"),) * 5


def _tenure_curve(task: RiskTask) -> TenureCurve | None:
    if task.month is None:
        return None
    left = task.y > 0
    seen = left if np.count_nonzero(left) >= FEWEST_EVENTS else np.ones(len(left), dtype=bool)
    return TenureCurve.of(task.month[seen], weight=task.weight[seen], longest=float(task.month.max()))


def _strengths(task: RiskTask) -> tuple[float, ...]:
    """Ridge strengths to try, strongest first; fewer when there is much to learn from and little to choose."""
    if np.count_nonzero(task.y) > 5_000:
        return (300.0, 100.0, 10.0, 1.0)
    return (300.0, 100.0, 30.0, 10.0, 3.0, 1.0)


def _unseen_linear(
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


def _unseen_best_linear(task: RiskTask, curve: TenureCurve | None, strengths: Sequence[float]) -> Unseen:
    best: Unseen | None = None
    starts: list[np.ndarray] | None = None
    for strength in strengths:
        score, starts = _unseen_linear(task, curve, strength, starts=starts)
        if best is not None and _loss(task, score) > _loss(task, best.score):
            break
        best = Unseen(f"ridge {strength:g}", score, strength=strength, coef=np.mean(starts, axis=0))
    assert best is not None
    return best


def _unseen_best_boosted(task: RiskTask, curve: TenureCurve | None, max_rounds: int, seed: int) -> Unseen:
    results = [_unseen_boosted(task, shape, curve, max_rounds, seed) for shape in (SHALLOW, DEEP)]
    return min(results, key=lambda result: _loss(task, result.score))


def _base(task: RiskTask, curve: TenureCurve | None) -> LinearRisk:
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
        base = _base(task.part(~held), curve)
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


def _row_loss(task: RiskTask, score: np.ndarray) -> np.ndarray:
    return task.weight * (np.logaddexp(0, score) - task.y * score)


def _loss(task: RiskTask, score: np.ndarray) -> float:
    return float(_row_loss(task, score).sum() / task.weight.sum())


def _rank(task: RiskTask, unseen: dict[str, Unseen]) -> list[Entrant]:
    """Every learner's loss, beside the floor's and beside the best one's, as a corrected resampled t-test has it."""
    losses = {learner: _row_loss(task, said.score) for learner, said in unseen.items()}
    best = min(losses, key=lambda learner: float(losses[learner].sum()))
    return [
        Entrant(
            learner,
            said.setting,
            _loss(task, said.score),
            *_apart(task, losses["floor"], losses[learner]),
            *_apart(task, losses[learner], losses[best]),
        )
        for learner, said in unseen.items()
    ]


def _apart(task: RiskTask, one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """How much higher one loss is than another, person by person, and its error.

    The error allows for training folds that overlap (Nadeau & Bengio, Machine Learning 2003). That is cautious where a
    learner has much to tell, and just enough where it has little (``benchmarks/truth.py``): what is learned from fewer
    people then gains less than what everyone's model will, which no spread between people shows (Bates, Hastie &
    Tibshirani, JASA 2023). So its interval is one of at least 95 %.
    """
    n_folds = int(task.fold.max()) + 1
    overlap = np.sqrt(1 + n_folds / (n_folds - 1))
    total = task.weight.sum()
    gap = np.bincount(np.unique(task.person, return_inverse=True)[1], one - other)
    return float(gap.sum() / total), float(overlap * np.sqrt(np.sum((gap - gap.mean()) ** 2)) / total)


def _choose(entrants: Sequence[Entrant], learner: str) -> str:
    if learner != "auto":
        return learner
    clear = [entrant for entrant in entrants if entrant.gain > CLEARLY * entrant.gain_error]
    return min(clear, key=lambda entrant: entrant.log_loss).learner if clear else "floor"


def _fit_chosen(
    task: RiskTask,
    chosen: str,
    unseen: dict[str, Unseen],
    *,
    curve: TenureCurve | None,
    seed: int,
    calibration: Recalibration,
) -> Risk:
    if chosen == "floor":
        return _floor_risk(task, curve)
    linear = boosted = None
    if chosen in ("linear", "average"):
        said = unseen["linear"]
        linear = fit_linear(task, strength=said.strength, curve=curve, start=said.coef)
    if chosen in ("boosting", "average"):
        said = unseen["boosting"]
        base = _base(task, curve)
        boosted = fit_boosted(task, shape=said.shape, rounds=said.rounds, seed=seed, base=base)
    share = {"linear": 0.0, "average": 0.5, "boosting": 1.0}[chosen]
    return Risk(chosen, linear, boosted, share, calibration)


def _floor_risk(task: RiskTask, curve: TenureCurve | None) -> Risk:
    """Base rate and tenure; with too few leavers for a curve, the base rate, of two leavers or of seven.

    One to four leavers count as two and more as seven: the rate itself would say how many there were.
    """
    if np.count_nonzero(task.y) >= FEWEST_EVENTS:
        return Risk("floor", fit_linear(task, strength=1.0, curve=curve, attributes=False), None, 0.0)
    number = np.count_nonzero(task.y)
    left = 1e-9 if number == 0 else 2.0 if number < FEWEST_EVENTS / 2 else 7.0
    p = left / max(float(task.weight.sum()), 2 * left)
    coef = np.r_[round(float(np.log(p / (1 - p))), 1), np.zeros(task.linear.shape[1])]
    return Risk("floor", LinearRisk(coef, None, np.empty((0, 0)), 1.0), None, 0.0)
