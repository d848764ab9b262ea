"""Who stays and for how long: a monthly hazard of leaving, by cause.

For a person with attributes ``x`` at tenure month ``m`` the chance to leave in that month for cause ``k`` is

    h_k(m, x) = exp(eta_k(m, x)) / (1 + sum_j exp(eta_j(m, x))),

a multinomial discrete-time hazard (Tutz & Schmid 2016, chapter 8), learned from months at risk. Survival from tenure
``s`` to ``t`` is the product of ``1 - sum_k h_k`` over the months between, and the incidence of a cause adds up what
that cause takes; so survival plus incidences is one and no curve rises, by construction.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pandas as pd
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import check_is_fitted

from segment.disclosure.crowds import reached_by_ten
from segment.disclosure.rounding import least_of_band
from segment.errors import InvalidInput
from segment.parameters import SEED, Constraints, OfTables, at_least, check_parameters
from segment.progress import Tell, telling
from segment.retention.ahead import Ahead, checked_months, checked_start, foretell
from segment.retention.competition import (
    LEARNERS,
    Entrant,
    Risk,
    compete,
    learn_again,
    strengths_like,
    was_learned,
)
from segment.retention.discrimination import concordance, follow_people
from segment.retention.features import check_attributes, directions, plan_features
from segment.retention.learners import RiskTask
from segment.retention.outcomes import Watched, check_spells, with_weight
from segment.retention.person_period import PersonMonths, PersonMonthSource
from segment.retention.repeatable import single_threaded
from segment.retention.unseen import n_folds_for, person_folds

#: Person-months predicted at once; bounds the memory of a prediction.
CELLS = 400_000


class FurtherThanWatched(UserWarning):
    """A curve was asked for months of tenure that fewer than ten people were watched in."""


class HazardModel(OfTables):
    """Monthly hazard of leaving, by cause, given attributes and tenure.

    Parameters
    ----------
    learner
        ``"linear"`` (a penalised curve of tenure, one term per attribute), ``"boosting"`` (trees), ``"average"`` (mean
        of their log odds) or ``"auto"``: they compete per cause, by log loss on inner folds that keep people together,
        against a floor that knows tenure only. When nobody beats the floor clearly, the floor is used.
    causes
        Names of the reasons for leaving, in the order of the numbers 1.. in ``spells["event"]``.
    random_state
        Seed; the same seed gives the same model on any number of cores.
    monotone
        Attributes with a declared direction: ``{"unmet_needs": 1}`` may only go together with more leaving.
    max_rows
        Months at risk to learn from at most. Above it every month of leaving is kept and months of staying are drawn
        and weighted, which leaves the estimates unbiased.
    max_rounds
        Most boosting rounds.
    verbose
        1: every step of the fit is said in a line; 0: none.

    Attributes
    ----------
    plan_ : the frozen description of the attributes.
    risks_ : one :class:`~segment.retention.competition.Risk` per cause.
    entrants_ : per cause, every learner's result on unseen people.
    longest_watched_ : the whole months of tenure that at least ten people were watched for.
    feature_names_in_, n_features_in_ : names of the attributes, and how many.
    n_people_, n_months_, n_rows_, n_events_ : people, months at risk, months learned from, leavers per cause; each the
        lower end of its band.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"unmet": rng.normal(size=400)})
    >>> exits = np.minimum(rng.exponential(30 * np.exp(-X["unmet"])) + 0.01, 24)
    >>> spells = pd.DataFrame({"entry": 0.0, "exit": exits, "event": (exits < 24).astype(int)})
    >>> model = HazardModel("linear", causes=("left",)).fit(X, spells)
    >>> curves = model.predict_survival(pd.DataFrame({"unmet": [-1.0, 1.0]}), [12, 24])
    >>> bool((curves[0] > curves[1]).all() and (np.diff(curves) <= 0).all())
    True
    """

    _parameter_constraints: ClassVar[Constraints] = {
        "learner": [StrOptions(set(LEARNERS))],
        "causes": [Sequence],
        "random_state": SEED,
        "monotone": [Mapping, None],
        "max_rows": at_least(1),
        "max_rounds": at_least(1),
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        learner: str = "auto",
        causes: Sequence[str] = ("voluntary", "involuntary"),
        random_state: int = 0,
        *,
        monotone: Mapping[str, int] | None = None,
        max_rows: int = 100_000,
        max_rounds: int = 400,
        verbose: int = 0,
    ) -> None:
        self.learner = learner
        self.causes = causes
        self.random_state = random_state
        self.monotone = monotone
        self.max_rows = max_rows
        self.max_rounds = max_rounds
        self.verbose = verbose

    @single_threaded
    def fit(
        self,
        X: pd.DataFrame,
        spells: pd.DataFrame,
        sample_weight: Sequence[float] | np.ndarray | None = None,
        *,
        beside: HazardModel | None = None,
    ) -> HazardModel:
        """Learn from attributes and watched spells.

        Parameters
        ----------
        X
            Rows x attributes (numbers, categories; gaps allowed).
        spells
            Same index as ``X``; columns as in :func:`~segment.retention.check_spells`: ``exit``, ``event``, optional
            ``entry`` (default 0), ``weight`` and ``person``. For attributes that change, give several rows per person,
            each with its own ``entry`` and ``exit`` and the attributes known at its start.
        sample_weight
            For how many each row stands, shape (n,); times the column ``weight`` where ``spells`` has one.
        beside
            A fitted model of nearly the same people, whose ridge strengths are taken instead of searched for again.

        Raises
        ------
        InvalidInput
            When the spells or attributes cannot be worked with, or nobody left.
        """
        check_parameters(self)
        tell = telling(self)
        check_attributes(X)
        spells = with_weight(spells, sample_weight)
        known = [None] * len(self.causes) if beside is None else [strengths_like(risk) for risk in beside.risks_]
        tasks = zip(self.causes, self._tasks(X, spells), known, strict=True)
        results = [self._compete(task, cause, tell, strengths) for cause, task, strengths in tasks]
        self.risks_: tuple[Risk, ...] = tuple(risk for risk, _ in results)
        self.entrants_: tuple[tuple[Entrant, ...], ...] = tuple(tried for _, tried in results)
        return self

    @single_threaded
    def fit_like(
        self, X: pd.DataFrame, spells: pd.DataFrame, *, like: HazardModel, explained: bool = False
    ) -> HazardModel:
        """Learn with the learners and settings that another fitted model chose, without a new competition.

        With ``explained`` the result is a model to keep: it can say what goes together with leaving, and causes that
        the other model had too few leavers of compete now.

        Parameters
        ----------
        X
            People x attributes.
        spells
            As in `fit`.
        like
            The fitted model whose learners and settings are taken.
        explained
            Whether it is to be kept and asked what goes together with leaving.
        """
        check_is_fitted(like, "risks_")
        results, tell = [], telling(self)
        for cause, task, risk, tried in zip(
            self.causes, self._tasks(X, spells), like.risks_, like.entrants_, strict=True
        ):
            if explained and not was_learned(tried):
                results.append(self._compete(task, cause, tell))
            else:
                results.append((learn_again(task, risk, seed=self.random_state, explained=explained), tried))
        self.risks_ = tuple(risk for risk, _ in results)
        self.entrants_ = tuple(tried for _, tried in results)
        return self

    def _compete(
        self, task: RiskTask, cause: str, tell: Tell, strengths: Sequence[float] | None = None
    ) -> tuple[Risk, tuple[Entrant, ...]]:
        return compete(
            task,
            learner=self.learner,
            max_rounds=self.max_rounds,
            seed=self.random_state,
            strengths=strengths,
            tell=lambda step: tell(f"{cause}: {step}"),
        )

    def _tasks(self, X: pd.DataFrame, spells: pd.DataFrame) -> Iterator[RiskTask]:
        """Check, describe, draw months at risk, and hand out one task per cause."""
        check_attributes(X)
        spelt = check_spells(spells, causes=self.causes, index=X.index)
        watched = replace(spelt, weight=spelt.weight / spelt.weight.mean())  # only ratios matter
        self.plan_ = plan_features(X, watched.person)
        if not watched.event.any():
            raise InvalidInput(
                "Nobody left, so leaving cannot be learned.",
                expected="at least one event",
                came=f"{len(watched)} spells without one",
                where="spells, column event",
            )
        source = PersonMonthSource(watched)
        months = source.draw(max(self.max_rows, 2 * source.n_events), random_state=self.random_state)
        self.feature_names_in_, self.n_features_in_ = np.asarray(X.columns, dtype=object), X.shape[1]
        self.causes_ = watched.causes
        self.longest_watched_ = reached_by_ten(watched.exit, watched.person)
        self.n_people_ = least_of_band(int(watched.person.max()) + 1)
        self.n_months_, self.n_rows_ = least_of_band(source.n_months), least_of_band(len(months))
        self.n_events_ = tuple(least_of_band(int(np.sum(watched.event == k + 1))) for k in range(len(watched.causes)))
        whole = self._whole_task(X, watched, months)
        for number in range(1, len(self.causes_) + 1):
            part = whole.part((whole.y == 0) | (whole.y == number))
            yield replace(part, y=(part.y > 0).astype(float))

    def _whole_task(self, X: pd.DataFrame, watched: Watched, months: PersonMonths) -> RiskTask:
        """All causes together, ``y`` the cause's number, rows of a person following each other.

        Months that fewer than ten people reached count as the last month that ten did: nothing learns from them alone.
        """
        ordered = np.lexsort((months.month, months.row, watched.person[months.row]))
        person = watched.person[months.row][ordered]
        left = months.outcome[ordered]
        folds = person_folds(person, left > 0, n_folds=n_folds_for(len(ordered)), seed=self.random_state)
        penalty, straight, monotone = directions(self.plan_, self.monotone)
        return RiskTask(
            self.plan_.linear(X),
            self.plan_.trees(X),
            months.row[ordered],
            np.minimum(months.month[ordered], max(int(self.longest_watched_) - 1, 0)),
            left.astype(float),
            months.weight[ordered],
            person,
            folds,
            penalty,
            self.plan_.categorical,
            straight,
            monotone,
        )

    @property
    def competition_(self) -> pd.DataFrame:
        """One row per cause and learner: setting, log loss on unseen people, gain over the floor, its error."""
        check_is_fitted(self, "risks_")
        return pd.DataFrame(
            [
                {"cause": cause, **entrant.__dict__}
                for cause, tried in zip(self.causes_, self.entrants_, strict=True)
                for entrant in tried
            ]
        )

    @property
    def beats_floor_(self) -> bool:
        """Whether attributes tell more about leaving than tenure does, for at least one cause."""
        check_is_fitted(self, "risks_")
        return any(risk.name != "floor" for risk in self.risks_)

    def predict_survival(
        self, X: pd.DataFrame, times: Sequence[float] | np.ndarray, start: Sequence[float] | np.ndarray | None = None
    ) -> np.ndarray:
        """The chance still to be here at each tenure, given here at ``start``.

        Parameters
        ----------
        X
            People x attributes, as fitted.
        times
            Months of tenure, ascending, shape (T,).
        start
            Tenure already survived, one number or one per person; default 0.

        Returns
        -------
        ndarray (n, T)
            Between 0 and 1, never rising; 1 for times before ``start``.

        Warns
        -----
        FurtherThanWatched
            For a tenure that fewer than ten people were watched for (``longest_watched_``, months).
        """
        asked = self._check_times(times, len(X), watched=True)
        survival, _ = self._curves(X, asked, checked_start(start, len(X)))
        return survival

    def predict_incidence(
        self,
        X: pd.DataFrame,
        times: Sequence[float] | np.ndarray,
        cause: str = "voluntary",
        start: Sequence[float] | np.ndarray | None = None,
    ) -> np.ndarray:
        """The chance to have left for one cause by each tenure, given here at ``start``: (n, T), never falling.

        Parameters
        ----------
        X
            People x attributes, as in `fit`.
        times
            Months of tenure, shape (T,), not below `start`.
        cause
            One of ``causes``.
        start
            Tenure in months so far, one or one per person; None: at the first day.
        """
        check_is_fitted(self, "risks_")
        if cause not in self.causes_:
            raise InvalidInput(
                "That cause was not learned.", expected=", ".join(self.causes_), came=repr(cause), where="cause"
            )
        asked = self._check_times(times, len(X), watched=True)
        _, incidence = self._curves(X, asked, checked_start(start, len(X)))
        result: np.ndarray = incidence[self.causes_.index(cause)]
        return result

    def predict_ahead(
        self,
        X: pd.DataFrame,
        months: Sequence[float] | np.ndarray,
        *,
        start: Sequence[float] | np.ndarray | None = None,
    ) -> Ahead:
        """Survival and incidences so many months from today, each person from their own tenure ``start``."""
        ahead = np.asarray(months, dtype=float).ravel()
        self._check_times(ahead, len(X))
        begin = checked_start(start, len(X))
        survival, incidence = self._curves(X, begin[:, None] + ahead, begin)
        return Ahead(ahead, survival, dict(zip(self.causes_, incidence, strict=True)))

    def score(
        self, X: pd.DataFrame, spells: pd.DataFrame, sample_weight: Sequence[float] | np.ndarray | None = None
    ) -> float:
        """Harrell's concordance of new people, 0 to 1, as ``cross_val_score`` takes it: 0.5 is chance.

        Parameters
        ----------
        X, spells, sample_weight
            As in `fit`, of people it has not seen; who leaves is foretold from the day each was watched from.
        """
        check_is_fitted(self, "risks_")
        watched = check_spells(with_weight(spells, sample_weight), causes=self.causes_, index=X.index)
        first, followed, start = follow_people(watched)
        ahead = self.predict_ahead(X.iloc[first], [followed.time.max()], start=start)
        return concordance(followed, 1 - ahead.survival[:, 0])

    def _check_times(self, times: Sequence[float] | np.ndarray, size: int, *, watched: bool = False) -> np.ndarray:
        check_is_fitted(self, "risks_")
        values = checked_months(times)
        if watched and size == 0:
            raise InvalidInput("There is nobody to speak of.", expected="at least one row", came="none", where="X")
        if watched and values[-1] > self.longest_watched_:
            warnings.warn(
                f"Hardly anybody was watched for {values[-1]:g} months of tenure: beyond {self.longest_watched_:g} "
                "months the curve is a guess, not a finding.",
                FurtherThanWatched,
                stacklevel=3,
            )
        return np.broadcast_to(values, (size, len(values)))

    @single_threaded
    def _curves(self, X: pd.DataFrame, times: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Survival (n, T) and incidences (causes, n, T) at each person's own times."""
        linear, trees = self.plan_.linear(X), self.plan_.trees(X)
        survival = np.ones(times.shape)
        incidence = np.zeros((len(self.causes_), *times.shape))
        reach = np.maximum(np.ceil(times.max(axis=1)) - np.floor(start), 1)
        step = max(1, int(CELLS / max(1.0, float(reach.max(initial=1.0)))))
        for a in range(0, len(X), step):
            part = slice(a, a + step)
            survival[part], incidence[:, part] = foretell(
                self.risks_, linear[part], trees[part], times[part], start[part]
            )
        return survival, incidence
