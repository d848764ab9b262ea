"""The learners' competition: whoever predicts people it has not seen best, and whether that beats knowing nothing.

Learners are compared by log loss on inner folds that keep all rows of a person together. The floor knows the base
rate and the tenure only; of the learners that beat it clearly the best one wins, and when none does, the floor is the
answer and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from segment.progress import Tell, silent
from segment.retention.learners import (
    BoostedRisk,
    LinearRisk,
    RiskTask,
    TenureCurve,
    fit_boosted,
    fit_linear,
)
from segment.retention.recalibration import AS_IT_IS, Recalibration
from segment.retention.unseen import (
    FEWEST_EVENTS,
    Unseen,
    base_curve,
    best_boosted,
    best_linear,
    mean_loss,
    row_loss,
    strengths_to_try,
    tenure_curve,
    unseen_linear,
)

#: The learners that may be asked for; ``auto`` lets them compete.
LEARNERS = ("auto", "linear", "boosting", "average")
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


def compete(
    task: RiskTask,
    *,
    learner: str,
    max_rounds: int,
    seed: int,
    strengths: Sequence[float] | None = None,
    tell: Tell = silent,
) -> tuple[Risk, tuple[Entrant, ...]]:
    """Let the learners compete on inner folds and fit the winner on everything.

    Returns
    -------
    (risk, entrants)
        The winner (or the learner asked for) and every entrant's result, the floor first.
    """
    curve = tenure_curve(task)
    if np.count_nonzero(task.y) < FEWEST_EVENTS:
        tell("floor chosen: too few leavers to learn from")
        return _floor_risk(task, curve), (Entrant("floor", "too few leavers to learn from", *_nothing(), chosen=True),)
    trial = _trial(task, seed)
    unseen = {"floor": Unseen("tenure only", unseen_linear(trial, curve, 1.0, attributes=False)[0])}
    tell("floor tried")
    if learner != "boosting":
        unseen["linear"] = best_linear(trial, curve, strengths or strengths_to_try(trial))
        tell(f"linear tried: {unseen['linear'].setting}")
    if learner != "linear":
        unseen["boosting"] = best_boosted(trial, curve, max_rounds, seed)
        tell(f"boosting tried: {unseen['boosting'].setting}")
    if learner in ("auto", "average"):
        mean = (unseen["linear"].score + unseen["boosting"].score) / 2
        unseen["average"] = Unseen("mean of both", mean)
    entrants = _rank(trial, unseen)
    chosen = _choose(entrants, learner)
    calibration = Recalibration.learned(unseen[chosen].score, trial.y, trial.weight)
    risk = _fit_chosen(task, chosen, unseen, curve=curve, seed=seed, calibration=calibration)
    start = fit_linear(trial, strength=PLAIN, curve=curve, tolerance=1e-3).coef
    plain = _plain(task, curve, start)
    tell(f"{chosen} chosen, and fitted to everyone")
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
    curve = tenure_curve(task)
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
            base=base_curve(task, curve),
        )
    return replace(like, linear=linear, boosted=boosted, plain=_plain(task, curve, None) if explained else None)


def _plain(task: RiskTask, curve: TenureCurve | None, start: np.ndarray | None) -> LinearRisk:
    """The nearly unpenalised fit that says how strongly each attribute goes together with leaving."""
    return fit_linear(task, strength=PLAIN, curve=curve, doubt=True, start=start)


def _nothing() -> tuple[float, float, float, float, float]:
    return (float("nan"),) * 5


def _rank(task: RiskTask, unseen: dict[str, Unseen]) -> list[Entrant]:
    """Every learner's loss, beside the floor's and beside the best one's, as a corrected resampled t-test has it."""
    losses = {learner: row_loss(task, said.score) for learner, said in unseen.items()}
    best = min(losses, key=lambda learner: float(losses[learner].sum()))
    return [
        Entrant(
            learner,
            said.setting,
            mean_loss(task, said.score),
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
        base = base_curve(task, curve)
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
