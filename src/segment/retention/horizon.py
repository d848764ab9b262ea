"""Who says or does it within one horizon: the probability of a single flag per person.

The sibling of :class:`~segment.retention.hazard.HazardModel` for studies that hold no time: an intention item, or
"left within twelve months". Same learners, same competition, same front door.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import check_is_fitted

from segment.disclosure.rounding import least_of_band
from segment.errors import InvalidInput
from segment.parameters import SEED, Constraints, OfTables, at_least, check_parameters
from segment.progress import telling
from segment.retention.competition import LEARNERS, Entrant, Risk, compete, learn_again, strengths_like
from segment.retention.features import check_attributes, directions, plan_features
from segment.retention.learners import RiskTask
from segment.retention.repeatable import single_threaded
from segment.retention.unseen import n_folds_for, person_folds


class HorizonModel(OfTables):
    """Probability of one flag per person, learned without class weights and so on the scale of real shares.

    Parameters
    ----------
    learner, random_state, monotone, max_rounds, verbose
        As in :class:`~segment.retention.hazard.HazardModel`.

    Attributes
    ----------
    plan_ : the frozen description of the attributes.
    risk_ : the learned risk.
    entrants_ : every learner's result on unseen people, the floor first.
    feature_names_in_, n_features_in_ : names of the attributes, and how many.
    classes_ : 0 and 1, in the order of the columns of `predict_proba`.
    n_people_, n_events_ : people, and people with the flag; each the lower end of its band.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"unmet": rng.normal(size=500)})
    >>> y = (rng.random(500) < 1 / (1 + np.exp(1 - X["unmet"]))).astype(int)
    >>> p = HorizonModel("linear").fit(X, y).predict(pd.DataFrame({"unmet": [-1.0, 1.0]}))
    >>> bool(p[0] < p[1])
    True
    """

    _parameter_constraints: ClassVar[Constraints] = {
        "learner": [StrOptions(set(LEARNERS))],
        "random_state": SEED,
        "monotone": [Mapping, None],
        "max_rounds": at_least(1),
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        learner: str = "auto",
        random_state: int = 0,
        *,
        monotone: Mapping[str, int] | None = None,
        max_rounds: int = 400,
        verbose: int = 0,
    ) -> None:
        self.learner = learner
        self.random_state = random_state
        self.monotone = monotone
        self.max_rounds = max_rounds
        self.verbose = verbose

    @single_threaded
    def fit(
        self,
        X: pd.DataFrame,
        y: Sequence[float] | np.ndarray | pd.Series,
        sample_weight: np.ndarray | None = None,
        groups: Sequence[object] | np.ndarray | None = None,
        *,
        beside: HorizonModel | None = None,
    ) -> HorizonModel:
        """Learn from attributes and a flag.

        Parameters
        ----------
        X
            People x attributes (numbers, categories; gaps allowed).
        y
            0 or 1 per row.
        sample_weight
            Positive weights, default 1.
        groups
            Rows of one group stay together in the inner folds (a person with several rows, near-duplicates).
        beside
            A fitted model of nearly the same people, whose ridge strength is taken instead of searched for again.
        """
        check_parameters(self)
        tell = telling(self)
        task = self._task(X, y, sample_weight, groups)
        strengths = None if beside is None else strengths_like(beside.risk_)
        self.risk_: Risk
        self.entrants_: tuple[Entrant, ...]
        self.risk_, self.entrants_ = compete(
            task,
            learner=self.learner,
            max_rounds=self.max_rounds,
            seed=self.random_state,
            strengths=strengths,
            tell=tell,
        )
        return self

    @single_threaded
    def fit_like(
        self,
        X: pd.DataFrame,
        y: Sequence[float] | np.ndarray | pd.Series,
        *,
        like: HorizonModel,
        sample_weight: np.ndarray | None = None,
        groups: Sequence[object] | np.ndarray | None = None,
    ) -> HorizonModel:
        """Learn with the learner and settings that another fitted model chose, without a new competition.

        Parameters
        ----------
        X
            People x attributes.
        y
            0/1 per person, shape (n,).
        like
            The fitted model whose learner and settings are taken.
        sample_weight
            For how many each person stands, shape (n,); None: one each.
        groups
            Who or what belongs together in a fold, one label per row; None: every row by itself.
        """
        check_is_fitted(like, "risk_")
        task = self._task(X, y, sample_weight, groups)
        self.risk_, self.entrants_ = learn_again(task, like.risk_, seed=self.random_state), like.entrants_
        return self

    def _task(
        self,
        X: pd.DataFrame,
        y: Sequence[float] | np.ndarray | pd.Series,
        sample_weight: np.ndarray | None,
        groups: Sequence[object] | np.ndarray | None,
    ) -> RiskTask:
        """Check, describe, and put rows of a group together."""
        check_attributes(X)
        flag, weight = check_flag(y, len(X)), check_weight(sample_weight, len(X))
        group = np.arange(len(X)) if groups is None else pd.factorize(np.asarray(groups))[0]
        plan = plan_features(X, group)
        order = np.argsort(group, kind="stable")
        folds = person_folds(group[order], flag[order], n_folds=n_folds_for(len(X)), seed=self.random_state)
        penalty, straight, monotone = directions(plan, self.monotone)
        self.plan_ = plan
        self.feature_names_in_, self.n_features_in_ = np.asarray(X.columns, dtype=object), X.shape[1]
        self.classes_ = np.array([0, 1])
        self.n_people_, self.n_events_ = least_of_band(int(group.max()) + 1), least_of_band(int(flag.sum()))
        return RiskTask(
            plan.linear(X),
            plan.trees(X),
            order,
            None,
            flag[order],
            (weight / weight.mean())[order],
            group[order],
            folds,
            penalty,
            plan.categorical,
            straight,
            monotone,
        )

    @property
    def competition_(self) -> pd.DataFrame:
        """One row per learner: setting, log loss on unseen people, gain over the base rate, its error."""
        check_is_fitted(self, "risk_")
        return pd.DataFrame([entrant.__dict__ for entrant in self.entrants_])

    @property
    def beats_floor_(self) -> bool:
        """Whether the attributes tell more than the base rate does."""
        check_is_fitted(self, "risk_")
        return self.risk_.name != "floor"

    @single_threaded
    def predict(self, X: pd.DataFrame) -> np.ndarray:
        """The probability of the flag, shape (n,)."""
        check_is_fitted(self, "risk_")
        if isinstance(X, pd.DataFrame) and X.empty:
            raise InvalidInput("There is nobody to speak of.", expected="at least one row", came="none", where="X")
        result: np.ndarray = expit(self.risk_.score(self.plan_.linear(X), self.plan_.trees(X), None))
        return result

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        """The probabilities of no flag and of the flag, shape (n, 2).

        Parameters
        ----------
        X
            People x attributes, as fitted.
        """
        flagged = self.predict(X)
        return np.column_stack([1 - flagged, flagged])

    def score(
        self,
        X: pd.DataFrame,
        y: Sequence[float] | np.ndarray | pd.Series,
        sample_weight: Sequence[float] | np.ndarray | None = None,
    ) -> float:
        """Minus the Brier score of new people: at most 0, higher is better, as ``cross_val_score`` takes it.

        Parameters
        ----------
        X
            People x attributes, as fitted.
        y
            0 or 1 per row; both need not be there.
        sample_weight
            For how many each person stands, shape (n,); None: one each.
        """
        apart = self.predict(X) - np.asarray(y, dtype=float)
        weight = None if sample_weight is None else check_weight(np.asarray(sample_weight), len(X))
        return -float(np.average(apart**2, weights=weight))


def check_flag(y: Sequence[float] | np.ndarray | pd.Series, size: int) -> np.ndarray:
    """A 0/1 outcome as floats, both values present."""
    try:
        values = pd.Series(np.asarray(y)).to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        values = np.full(size, np.nan)
    if len(values) != size or not np.isin(values, (0.0, 1.0)).all() or len(np.unique(values)) < 2:
        raise InvalidInput(
            "The outcome is not one flag per person.",
            expected=f"{size} values of 0 or 1, both present",
            came=f"{len(values)} values, {int(np.isin(values, (0.0, 1.0)).sum())} of them 0 or 1",
            where="y",
        )
    return values


def check_weight(weight: np.ndarray | None, size: int) -> np.ndarray:
    """Positive weights, one per row; ones when none are given."""
    if weight is None:
        return np.ones(size)
    values = np.asarray(weight, dtype=float)
    if values.shape != (size,) or not np.isfinite(values).all() or (values <= 0).any():
        raise InvalidInput(
            "The weights cannot be worked with: none may be zero, negative or missing.",
            expected=f"{size} positive numbers",
            came=f"{values.size} numbers",
            where="sample_weight",
        )
    return values
