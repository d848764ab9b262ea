"""The search for segments with a paper trail: how many there are, in which family of models, or that there are none.

One segment always competes. Every family and number of segments is fitted, put to the gates, tried on disjoint
halves of the people and held against the same trials on people simulated without segments. What is found is what
still stands; otherwise the answer is "no reproducible segments", with what was tried.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral, Real
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import ClusterMixin
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted

from segment.errors import InvalidInput
from segment.needs.answers import check_answers, check_weights
from segment.needs.reliability import centred_reliability, median_reliability
from segment.parameters import SEED, Constraints, OfTables, at_least, check_parameters
from segment.progress import telling
from segment.segments.candidates import Candidate, Material
from segment.segments.cases import Search, barrier_to, kind_of
from segment.segments.decision import Decision
from segment.segments.evidence import Case, choose, evidence_table, obstacles, untried_table
from segment.segments.families import DIVISIONS, FAMILIES, chosen_families
from segment.segments.gates import Gates, eta_squared
from segment.segments.needs_mixture import need_profiles
from segment.segments.panel import evidence_of
from segment.segments.reading import Reading, mapped, name_features
from segment.segments.rows import largest_first, stratified

FloatArray = npt.NDArray[np.float64]

#: Most people the final model is fitted on; everyone is assigned by it.
MOST_FITTED = 50_000


class SegmentSelector(ClusterMixin, OfTables):
    """Number and family of segments chosen by evidence, with one segment always in the race.

    Parameters
    ----------
    n_segments
        Numbers of segments to try, or one number: that one is always returned, with its gates reported.
    families
        Names of families: ``needs_mixture``, ``k_means``, ``latent_class``, ``intercept_mixture``.
    n_splits
        Pairs of disjoint halves (at least 20 for a decision; fewer for a quick look).
    n_starts
        Starts of every reported fit; fits on halves take three.
    null_draws
        Simulated worlds without segments per family; half of them elliptical and half gradients for families based
        on need scores.
    gates
        Where the gates stand; None: as the defaults of ``Gates``.
    selection_size
        Most people that family and number are chosen on (a sample stratified by the person's level). On more people
        likelihood rewards every departure from a normal curve with another segment.
    choice_weight
        Share of choices (rankings, wishes, best-worst) where ``fit`` is given some.
    need_map, scales
        As `fit` takes them, for who fits without them: a ``Pipeline``, ``cross_val_score``, ``GridSearchCV``.
    random_state
        Seed; the same seed gives the same bytes on one core or many.
    n_jobs
        Cores for fits and trials.
    verbose
        1: every step of the fit is said in a line; 0: none.

    Attributes
    ----------
    n_segments_ : int, 1 when no reproducible segments exist
    family_ : str, "none" when there are no segments
    feature_names_in_, n_features_in_ : codes of the items it was given, and how many
    labels_ : ndarray (n,), 0 the largest segment; people who could not be fitted are scored afterwards
    usable_ : ndarray (n,) of bool, who took part in the search
    evidence_ : DataFrame, one row per family and k (k = 1 included), every criterion and gate
    decision_ : Decision; reason_ : str, the decision as a sentence
    refusal_ : Decision or None, the decision when it is "no segments"
    kind_ : ``natural`` (found, and a valley between every two), ``reproducible`` (found), ``requested``, ``made`` or
        ``none``
    style_share_ : float, eta squared of the person's mean answer by segment
    need_profiles_ : DataFrame or None, segments x needs, style-free means in answer units

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> items = pd.DataFrame(rng.integers(1, 6, (60, 4)), columns=["p1", "p2", "m1", "m2"])
    >>> needs = {"p1": "pay", "p2": "pay", "m1": "meaning", "m2": "meaning"}
    >>> selector = SegmentSelector(range(2, 4)).fit(items, needs)
    >>> selector.n_segments_, selector.decision_.code
    (1, 'too_few')
    """

    _parameter_constraints: ClassVar[Constraints] = {
        "n_segments": [*at_least(1), Iterable],
        "families": [Sequence],
        "n_splits": at_least(1),
        "n_starts": at_least(1),
        "null_draws": at_least(1),
        "gates": [Gates, None],
        "selection_size": at_least(1),
        "choice_weight": [Interval(Real, 0, 1, closed="both")],
        "need_map": [Mapping, None],
        "scales": [Mapping, None],
        "random_state": [*SEED, None],
        "n_jobs": [Integral, None],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        n_segments: Iterable[int] | int = (2, 3, 4, 5, 6, 7, 8),
        *,
        families: Sequence[str] = tuple(FAMILIES),
        n_splits: int = 20,
        n_starts: int = 10,
        null_draws: int = 20,
        gates: Gates | None = None,
        selection_size: int = 5000,
        choice_weight: float = 0.3,
        need_map: Mapping[str, str] | None = None,
        scales: Mapping[str, tuple[float, float]] | None = None,
        random_state: int | None = 0,
        n_jobs: int | None = None,
        verbose: int = 0,
    ) -> None:
        self.n_segments = n_segments
        self.families = families
        self.n_splits = n_splits
        self.n_starts = n_starts
        self.null_draws = null_draws
        self.gates = gates
        self.selection_size = selection_size
        self.choice_weight = choice_weight
        self.need_map = need_map
        self.scales = scales
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    def fit(
        self,
        items: pd.DataFrame,
        need_map: Mapping[str, str] | None = None,
        sample_weight: npt.ArrayLike | None = None,
        scales: Mapping[str, tuple[float, float]] | None = None,
        *,
        choices: pd.DataFrame | None = None,
    ) -> SegmentSelector:
        """Search for segments.

        Parameters
        ----------
        items
            People x codes, NaN = not answered. With a need map, items without a need are left out.
        need_map
            Code to need; None: that of the selector, and where it has none only families that work on single items.
        sample_weight
            One weight per person, any scale.
        scales
            Lowest and highest answer per code; None: those of the selector, else one scale for all.
        choices
            People x needs, ipsative scores (``segment.needs.scores_from_ranks`` and its siblings), matched by index.

        Raises
        ------
        InvalidInput
            For answers, weights, needs or numbers of segments that cannot be worked with.
        """
        check_parameters(self)
        ks, tell = self._numbers(), telling(self)
        need_map, scales = mapped(need_map, self.need_map), mapped(scales, self.scales)
        weight = check_weights(sample_weight, len(check_answers(items)))
        name_features(self, items)
        self.reading_ = Reading(items, need_map, weight=weight, scales=scales, choice_weight=self.choice_weight)
        families = chosen_families(self.families, needs_known=self.reading_.scorer is not None)
        everyone = self.reading_.read(items, weight, choices)
        self.usable_ = self.reading_.usable(items) & (weight > 0)
        tell("answers read")
        people = np.flatnonzero(self.usable_)
        least = max(4, *ks)  # halves of the people hold two at least
        if len(people) < least and self._requested() is not None:
            raise InvalidInput(
                "There are too few usable people for so many segments.",
                expected=f"at least {least}",
                came=f"{len(people)}",
            )
        level = self.reading_.level(everyone)
        barrier = barrier_to(everyone, people)
        if barrier is not None and self._requested() is None:
            gates = self.gates or Gates()
            self.evidence_ = untried_table(families, ks, people=len(people), why=barrier.code, gates=gates)
            return self._one(barrier, everyone)
        seeds = np.random.SeedSequence(self.random_state).spawn(4)
        rows = stratified(people, level, self.selection_size, np.random.default_rng(seeds[0]))
        sample = everyone.take(rows)
        reliability = float("nan")  # no gate where no need has two items or items belong to no needs
        if need_map is not None and self.reading_.scorer is not None:
            of_needs = centred_reliability(items.iloc[rows], need_map, sample.weight, scales=scales)
            reliability = median_reliability(of_needs)
        search = Search(self.gates or Gates(), ks, self.n_splits, self.n_starts, self.null_draws, self.n_jobs, tell)
        cases = search.cases(families, sample, level[rows], reliability, seeds[1:3])
        self._settle(cases, ks, everyone, people, level, seeds[3])
        tell(f"decided: {self.reason_}")
        return self

    def _numbers(self) -> list[int]:
        wanted = [self.n_segments] if isinstance(self.n_segments, int | np.integer) else list(self.n_segments)
        whole = all(isinstance(k, int | np.integer) and not isinstance(k, bool) for k in wanted)
        if not wanted or not whole or min(wanted) < 1:
            raise InvalidInput(
                "The numbers of segments to try must be whole numbers from 1.", expected="for example range(2, 9), or 5"
            )
        return sorted({int(k) for k in wanted if k > 1}) or [1]

    def _requested(self) -> int | None:
        """The one number of segments that was asked for, if one was."""
        ks = self._numbers()
        return ks[0] if len(ks) == 1 else None

    def _settle(
        self,
        cases: Sequence[Case],
        ks: Sequence[int],
        everyone: Material,
        people: npt.NDArray[np.intp],
        level: FloatArray,
        seed: np.random.SeedSequence,
    ) -> SegmentSelector:
        gates = self.gates or Gates()
        table = evidence_table(cases, gates)
        requested = self._requested()
        family, k = choose(table, ks if requested is None else [requested], requested=requested is not None)
        names = [case.family.name for case in cases]
        if family == "none":
            self.evidence_ = table
            parts = {"families": ", ".join(names), "first": min(ks), "last": max(ks), "why": obstacles(table)}
            return self._one(Decision("none", parts), everyone)
        row = table[(table.family == family) & (table.k == k)].iloc[0]
        self.evidence_ = table.assign(chosen=(table.family == family) & (table.k == k))
        self.decision_ = Decision("found", {"k": k, "family": family, "agreement": float(row.agreement)})
        if requested is not None:
            self.decision_ = Decision("requested", {"k": k, "family": family, "failed": row.failed or "none"})
        self.refusal_: Decision | None = None
        self.family_, self.n_segments_ = family, k
        rows = stratified(people, level, MOST_FITTED, np.random.default_rng(seed))
        self.candidate_: Candidate | None = FAMILIES[family](
            k, n_starts=self.n_starts, seed=int(seed.generate_state(1)[0]) % 2**31
        )
        fitted = everyone.take(rows)
        labels = self.candidate_.fit(fitted).kept(fitted).labels(everyone)
        self._order = largest_first(labels, everyone.weight, k)
        self.kind_ = "requested" if requested is not None else kind_of(fitted, self._memberships(fitted))
        return self._describe(everyone, people, level)

    def divided(self, family: str, decision: Decision, everyone: Material) -> SegmentSelector:
        """A copy with these people, the ones it was fitted on, in groups that are made and not found.

        ``family`` is one of ``DIVISIONS``; ``decision`` (code ``made``) holds the number of groups as ``k``;
        ``everyone`` is the reading of their answers.

        Raises
        ------
        InvalidInput
            When the answers belong to no needs, or to fewer needs than there are to be groups.
        """
        check_is_fitted(self, "decision_")
        other, people, k = copy.copy(self), np.flatnonzero(self.usable_), int(str(decision.parts["k"]))
        level = self.reading_.level(everyone)
        fitted = everyone.take(stratified(people, level, MOST_FITTED, np.random.default_rng(self.random_state)))
        other.candidate_ = DIVISIONS[family](k).fit(fitted).kept(fitted)
        other._order = largest_first(other.candidate_.labels(everyone), everyone.weight, k)
        other.decision_, other.family_, other.n_segments_, other.kind_ = decision, family, k, "made"
        return other._describe(everyone, people, level)

    def refused(self, decision: Decision, everyone: Material) -> SegmentSelector:
        """A copy with everyone together, where what was found is not what is accepted: ``decision`` says why."""
        check_is_fitted(self, "decision_")
        other = copy.copy(self)
        other.evidence_ = self.evidence_.assign(chosen=False)
        return other._one(decision, everyone)

    def _describe(self, everyone: Material, people: npt.NDArray[np.intp], level: FloatArray) -> SegmentSelector:
        self.labels_ = self._memberships(everyone).argmax(axis=1)
        self.style_share_ = eta_squared(level[people], self.labels_[people], everyone.weight[people])
        self.reason_ = str(self.decision_)
        self.need_profiles_ = None
        if self.candidate_ is not None and self.candidate_.basis == "needs":
            means = getattr(self.candidate_.model, "means_")  # noqa: B009 - only these families have means of scores
            self.need_profiles_ = need_profiles(means[self._order], self.reading_)
        return self

    def _one(self, decision: Decision, everyone: Material) -> SegmentSelector:
        self.decision_, self.refusal_, self.reason_ = decision, decision, str(decision)
        self.family_, self.n_segments_, self.candidate_, self.kind_ = "none", 1, None, "none"
        self.labels_ = np.zeros(len(everyone), dtype=np.intp)
        self.style_share_, self.need_profiles_ = 0.0, None
        return self

    def renumbered(self, numbers: Mapping[int, int]) -> SegmentSelector:
        """A copy in which segment ``s`` is called ``numbers[s]``, such as it was called in an earlier solution.

        Raises
        ------
        InvalidInput
            When ``numbers`` does not give every segment a number of its own, 0..k-1.
        """
        check_is_fitted(self, "decision_")
        wanted = list(range(self.n_segments_))
        if sorted(numbers) != wanted or sorted(numbers.values()) != wanted:
            raise InvalidInput("Every segment needs one number of its own.", expected=f"0 to {self.n_segments_ - 1}")
        other, places = copy.copy(self), np.argsort([numbers[segment] for segment in wanted])
        if self.candidate_ is not None:
            other._order = self._order[places]
            other.labels_ = np.array([numbers[segment] for segment in wanted])[self.labels_]
            if self.need_profiles_ is not None:
                other.need_profiles_ = self.need_profiles_.iloc[places].set_axis(self.need_profiles_.index)
        return other

    def _memberships(self, material: Material) -> FloatArray:
        if self.candidate_ is None:
            return np.ones((len(material), 1))
        return np.asarray(self.candidate_.memberships(material)[:, self._order])

    def again(self, material: Material) -> SegmentSelector:
        """A copy whose model is fitted again, from where it stands; segments keep their numbers.

        Parameters
        ----------
        material
            The answers of the people it is fitted to, as they were read.
        """
        check_is_fitted(self, "decision_")
        other = copy.copy(self)
        other.candidate_ = None if self.candidate_ is None else self.candidate_.again(material)
        return other

    def evidence(self, material: Material) -> FloatArray:
        """How far answers speak for each segment: people x segments (``panel.evidence_of``).

        Parameters
        ----------
        material
            The answers, as they were read.
        """
        check_is_fitted(self, "decision_")
        return evidence_of(self._memberships(material), self.shares_)

    @property
    def shares_(self) -> FloatArray:
        """What the model thinks of somebody of whom it knows nothing: one share per segment, before any answer."""
        check_is_fitted(self, "decision_")
        return np.ones(1) if self.candidate_ is None else np.asarray(self.candidate_.shares[self._order])

    def predict_proba(self, items: pd.DataFrame, *, choices: pd.DataFrame | None = None) -> FloatArray:
        """Membership of each person in each segment: people x segments; new people do not move old ones.

        ``items``: people x codes, NaN = not answered; ``choices``: people x needs, if it was fitted with choices.

        Raises
        ------
        InvalidInput
            When the table lacks a fitted item, or holds an answer outside its scale.
        """
        check_is_fitted(self, "decision_")
        return self._memberships(self.reading_.read(items, np.ones(len(items)), choices))

    def predict(self, items: pd.DataFrame, *, choices: pd.DataFrame | None = None) -> npt.NDArray[np.intp]:
        """Most probable segment per person, 0 the largest; ``items`` and ``choices`` as in `predict_proba`."""
        return np.asarray(self.predict_proba(items, choices=choices).argmax(axis=1))

    def score(self, items: pd.DataFrame, y: object = None) -> float:  # noqa: ARG002 - scikit-learn's signature
        """Mean log-likelihood per person of new people's answers: higher is better, as ``cross_val_score`` takes it.

        Parameters
        ----------
        items
            People x codes: answers on the scales it was fitted with, NaN = not answered.
        y
            Not used.

        Raises
        ------
        InvalidInput
            When there are no segments.
        """
        check_is_fitted(self, "decision_")
        if self.candidate_ is None:
            raise InvalidInput(
                "There are no segments that people's answers could be likely under.",
                advice="ask for one number of segments, or look at evidence_",
            )
        return float(self.candidate_.log_likelihoods(self.reading_.read(items, np.ones(len(items)))).mean())
