"""The typing tool: the few questions that tell which segment somebody belongs to, and how often they get it right."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from numbers import Integral
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import assert_all_finite, check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from segment.disclosure.rounding import least_of_band
from segment.errors import InvalidInput
from segment.needs.answers import AnswerRange
from segment.parameters import LEVEL, Constraints, at_least, check_parameters
from segment.progress import Tell, telling
from segment.proportions import wilson_interval
from segment.segments.checking import Floats, checked_posteriors, checked_weights
from segment.segments.design import effective_size
from segment.segments.interview import Interview
from segment.segments.short_form import FullForm, ShortForm

#: Most people that the adaptive form is tried on.
_INTERVIEWED = 600


class TypingTool(ClassifierMixin, BaseEstimator):
    """Short forms that read the segment of a full questionnaire, with their agreement on unseen people.

    Parameters
    ----------
    n_items
        Questions of the form that ``predict`` uses; a form with fewer questions than that uses all there are.
    sizes
        Other form lengths to make and to measure.
    n_splits
        Parts for measuring: questions are chosen and learned on all parts but one and tried on that one.
    n_simulated
        People simulated from the model of all answers to choose the questions on.
    max_people
        At most so many people, drawn at random, are used to learn from.
    level
        Confidence level of the intervals.
    random_state
        Seed; the same seed gives the same tool.
    verbose
        1: every step of the fit is said in a line; 0: none.

    Attributes
    ----------
    selected_items_
        Codes (positions, without column names) of the questions of the form in use, most telling first.
    agreement_
        One row per form: ``n_items``, ``agreement`` (weighted share of unseen people put in their full-form segment),
        ``low``, ``high`` (Wilson interval), ``chance`` (agreement when everybody is put in the largest segment),
        ``log_loss`` (of full-form memberships; 0 is perfect), ``n`` (unseen people). NaN where there are too few
        people to measure.
    forms_
        Per number of questions its frozen ``ShortForm``. Longer forms contain the shorter ones.
    interview_
        The form that adapts: what to ask somebody next, given what they answered (``Interview``).
    adaptive_
        One row about it: ``questions`` (mean number asked of unseen people), ``most``, ``agreement`` with ``low`` and
        ``high``, ``n``. NaN where there are too few people to measure.
    classes_
        The segments.

    Notes
    -----
    The rule is linear discriminant analysis with unanswered questions integrated out (``GaussianRule``). Its common
    covariance holds what all answers of a person have in common, so the rule itself takes a person's use of the scale
    off, as far as it hides the segment and as well as so few answers allow. Answers centred or standardised within
    the person first were measured too: they agree less with the full form, with and without response style, because
    the mean of eight answers is a poor measure of style. Questions are chosen by forward selection
    (``FullForm.rank``); choosing and learning are repeated without the people on whom agreement is measured.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> labels = rng.integers(3, size=300)
    >>> answers = np.clip(np.round(3 + 1.5 * np.eye(3)[labels].repeat(4, axis=1) + rng.normal(size=(300, 12))), 1, 5)
    >>> tool = TypingTool(n_items=6, sizes=(6, 8), n_simulated=2000).fit(answers, labels)
    >>> len(tool.selected_items_), tool.predict(answers).shape, bool(tool.agreement_["agreement"].iloc[0] > 0.7)
    (6, (300,), True)
    """

    _parameter_constraints: ClassVar[Constraints] = {
        "n_items": at_least(1),
        "sizes": [Sequence],
        "n_splits": at_least(2),
        "n_simulated": at_least(100),
        "max_people": at_least(10),
        "level": LEVEL,
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        n_items: int = 8,
        *,
        sizes: Sequence[int] = (6, 8, 10, 12),
        n_splits: int = 5,
        n_simulated: int = 6_000,
        max_people: int = 5_000,
        level: float = 0.95,
        random_state: int | np.random.RandomState | None = 0,
        verbose: int = 0,
    ) -> None:
        self.n_items = n_items
        self.sizes = sizes
        self.n_splits = n_splits
        self.n_simulated = n_simulated
        self.max_people = max_people
        self.level = level
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: pd.DataFrame | ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> TypingTool:
        """Choose the questions, learn the rule and measure it on unseen people.

        Parameters
        ----------
        X
            People x questions, answers on their scales; NaN: not answered.
        y
            The full form's answer: a segment per person, or memberships, people x segments, rows adding to one.
        sample_weight
            One weight per person; only ratios matter.
        """
        check_parameters(self)
        tell = telling(self)
        self._refuse_lengths()
        answers = self._checked_answers(X, reset=True)
        self._range = AnswerRange.of(answers) if np.isfinite(answers).any() else AnswerRange(-np.inf, np.inf)
        memberships = self._checked_segments(y, len(answers))
        weights = checked_weights(sample_weight, len(answers))
        generator = check_random_state(self.random_state)
        rng = np.random.default_rng(generator.randint(np.iinfo(np.int32).max))
        keep = weights > 0
        answers, memberships, weights = answers[keep], memberships[keep], weights[keep]
        if len(answers) > self.max_people:
            drawn = np.sort(rng.permutation(len(answers))[: self.max_people])
            answers, memberships, weights = answers[drawn], memberships[drawn], weights[drawn]
        lengths = sorted({min(length, answers.shape[1]) for length in (*self.sizes, self.n_items)})
        seed = int(rng.integers(2**31))
        folds = rng.permutation(len(answers)) % self.n_splits
        tried, adapted, asked = self._try(answers, memberships, weights, lengths, folds, seed, tell)
        self._people = len(answers)
        self.agreement_ = self._measured(tried, memberships, weights)
        full = FullForm.learn(answers, memberships, weights)
        self.forms_, self.interview_ = self._forms(full, lengths, seed), self._interview(full)
        tell(f"form of {self.n_items} questions learned from everyone")
        self.adaptive_ = self._interviewed(adapted, asked, memberships, weights)
        self.selected_items_ = list(
            self._in_use().names if hasattr(self, "feature_names_in_") else self._in_use().items
        )
        return self

    def within(self, asked: AnswerRange) -> TypingTool:
        """A copy that refuses answers outside this range, in place of that of the people it was learned from.

        Parameters
        ----------
        asked
            Lowest and highest answer that may be given to each item.
        """
        other = copy.copy(self)
        other._range = asked
        return other

    def coarse(self) -> TypingTool:
        """A copy as a model may keep it: figures as coarse as the people it was learned from allow."""
        other = copy.copy(self)
        other.forms_ = {length: form.coarse(self._people) for length, form in self.forms_.items()}
        other.interview_ = self.interview_.coarse(self._people)
        other.agreement_ = self.agreement_.assign(n=self.agreement_["n"].map(least_of_band)).round(3)
        other.adaptive_ = self.adaptive_.assign(n=self.adaptive_["n"].map(least_of_band)).round(3)
        other._people = least_of_band(self._people)
        return other

    def predict_proba(self, X: pd.DataFrame | ArrayLike) -> Floats:
        """Membership of each person in each segment, 0..1, rows add to one.

        A table may hold the questions of the form in use only; an array must have all questions of the full form.
        """
        check_is_fitted(self)
        form = self._in_use()
        if isinstance(X, pd.DataFrame) and hasattr(self, "feature_names_in_"):
            missing = [name for name in form.names if name not in X.columns]
            if missing and len(missing) < len(form.names):
                raise InvalidInput(
                    "The short form is not complete.",
                    expected=", ".join(form.names),
                    came=f"without {', '.join(missing)}",
                )
            if not missing and len(X.columns) < self.n_features_in_:
                X = X.reindex(columns=list(self.feature_names_in_))
        asked = self._checked_answers(X, reset=False)[:, list(form.items)]
        self._range.refuse(asked)
        return form.posteriors(asked)

    def predict(self, X: pd.DataFrame | ArrayLike) -> np.ndarray:
        """The likeliest segment of each person; who answered nothing gets the largest segment."""
        memberships = self.predict_proba(X)
        return np.asarray(self.classes_[memberships.argmax(axis=1)])

    def __sklearn_tags__(self) -> object:
        tags = super().__sklearn_tags__()  # type: ignore[no-untyped-call]
        tags.input_tags.allow_nan = True
        return tags

    def _refuse_lengths(self) -> None:
        if any(not isinstance(length, Integral) or length < 1 for length in self.sizes):
            raise InvalidInput(
                "A short form has at least one question.", expected="whole numbers from 1", where="sizes"
            )

    def _checked_answers(self, X: pd.DataFrame | ArrayLike, *, reset: bool) -> Floats:
        if isinstance(X, pd.DataFrame):
            wrong = [str(name) for name in X.columns if not pd.api.types.is_numeric_dtype(X[name])]
            if wrong:
                raise InvalidInput("Answers must be numbers.", where=f"column {', '.join(wrong)}")
        try:
            checked = validate_data(self, X, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan")
        except ValueError as fault:
            # The text of a failed conversion quotes the answer itself.
            told = "Answers must be numbers." if "could not convert" in str(fault) else str(fault)
            raise InvalidInput(told) from None
        return np.asarray(checked)

    def _checked_segments(self, y: ArrayLike, n: int) -> Floats:
        """Memberships from labels or memberships; sets the classes."""
        if y is None:
            raise InvalidInput("requires y to be passed, but the target y is None.")
        given = np.asarray(y)
        if given.ndim == 2 and given.shape[1] > 1:
            self.classes_ = np.arange(given.shape[1])
            return checked_posteriors(given, n)
        alone = given.ndim == 2 and bool(np.isin(given, (1,)).all())  # memberships of the only segment there is
        labels = column_or_1d(given, warn=not alone)
        try:
            assert_all_finite(labels, input_name="y")
            check_classification_targets(labels)
        except ValueError as fault:
            raise InvalidInput(str(fault)) from None
        if len(labels) != n:
            raise InvalidInput(
                "The segments do not fit the people.", expected=f"{n} labels", came=f"{len(labels)} labels"
            )
        self.classes_, codes = np.unique(labels, return_inverse=True)
        return np.eye(len(self.classes_))[codes]

    def _forms(self, full: FullForm, lengths: list[int], seed: int) -> dict[int, ShortForm]:
        """Per number of questions the form chosen from what all answers tell."""
        order = full.rank(max(lengths), n_simulated=self.n_simulated, rng=np.random.default_rng(seed))
        return {length: full.shortened(order[:length], self._codes(order[:length])) for length in lengths}

    def _interview(self, full: FullForm) -> Interview:
        """The adaptive form: every question, asked in an order of each person's own."""
        every = tuple(range(self.n_features_in_))
        return Interview(full.shortened(every, self._codes(every)))

    def _codes(self, items: Sequence[int]) -> tuple[str, ...]:
        names = getattr(self, "feature_names_in_", np.arange(self.n_features_in_).astype(str))
        return tuple(str(names[item]) for item in items)

    def _try(
        self,
        answers: Floats,
        memberships: Floats,
        weights: Floats,
        lengths: list[int],
        folds: np.ndarray,
        seed: int,
        tell: Tell,
    ) -> tuple[dict[int, Floats], Floats, Floats]:
        """Memberships of every person as read by forms chosen and learned on the others, by length and as the adaptive
        form reads them, and how many questions that asked; NaN where not tried."""
        tried = {length: np.full(memberships.shape, np.nan) for length in lengths}
        adapted, asked = np.full(memberships.shape, np.nan), np.full(len(answers), np.nan)
        for fold in range(self.n_splits if len(answers) >= 2 * self.n_splits else 0):
            train, test = folds != fold, folds == fold
            full = FullForm.learn(answers[train], memberships[train], weights[train])
            for length, form in self._forms(full, lengths, seed).items():
                tried[length][test] = form.posteriors(answers[test][:, list(form.items)])
            some, own = np.flatnonzero(test)[: _INTERVIEWED // self.n_splits], self._interview(full)
            told = own.held_with(answers[some])
            adapted[some], asked[some] = own.form.posteriors(told[..., 1]), told[..., 0].sum(axis=1)
            tell(f"part {fold + 1} of {self.n_splits}: forms learned on the others and tried on it")
        return tried, adapted, asked

    def _measured(self, tried: dict[int, Floats], memberships: Floats, weights: Floats) -> pd.DataFrame:
        """One row per form: how often, and how surely, it reads what the full form says."""
        full = memberships.argmax(axis=1)
        share = weights / weights.sum()
        n = effective_size(weights)
        chance = float(np.bincount(full, share).max())
        rows = []
        for length, read in tried.items():
            known = bool(np.isfinite(read).all())
            right = float(share @ (read.argmax(axis=1) == full)) if known else np.nan
            ends = wilson_interval(right, n, level=self.level) if known else (np.nan, np.nan)
            low, high = (float(end) for end in ends)
            loss = -float(share @ (memberships * np.log(np.maximum(read, 1e-300))).sum(axis=1))
            rows.append((length, right, low, high, chance, loss, len(full) if known else 0))
        return pd.DataFrame(rows, columns=["n_items", "agreement", "low", "high", "chance", "log_loss", "n"])

    def _interviewed(self, read: Floats, asked: Floats, memberships: Floats, weights: Floats) -> pd.DataFrame:
        """How many questions the adaptive form asks of people it was not learned from, and how often it is right."""
        tried = np.isfinite(asked)
        row: tuple[float, ...] = (np.nan, np.nan, np.nan, np.nan, 0)
        if tried.any():
            right = read[tried].argmax(axis=1) == memberships[tried].argmax(axis=1)
            questions, share = (float(np.average(one, weights=weights[tried])) for one in (asked[tried], right))
            limits = wilson_interval(share, effective_size(weights[tried]), level=self.level)
            row = (questions, share, *(float(end) for end in limits), int(tried.sum()))
        told = pd.DataFrame([row], columns=["questions", "agreement", "low", "high", "n"])
        told.insert(1, "most", min(self.interview_.most, self.n_features_in_))
        return told

    def _in_use(self) -> ShortForm:
        form: ShortForm = self.forms_[min(self.n_items, self.n_features_in_)]
        return form
