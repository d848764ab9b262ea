"""A short questionnaire that reads somebody's segment: which questions, and the frozen rule for their answers.

Which questions tell most is found on people made up by the model of all answers, not on the few thousand real ones:
a search over thousands of question sets would otherwise pick what happened to work on these people.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from segment.disclosure.coarse import coarse
from segment.needs.answers import without_rare_questions
from segment.segments.checking import Floats
from segment.segments.discriminant import GaussianRule


@dataclass(frozen=True)
class ShortForm:
    """The questions of one short form and the frozen rule that reads a segment from their answers.

    Attributes
    ----------
    items
        Positions of the questions in the full form, most telling first.
    names
        Their codes, in the same order.
    centre
        Mean answer per question, as learned.
    rule
        Sizes, means and common covariance of the segments on these questions, of answers minus ``centre``.
    """

    items: tuple[int, ...]
    names: tuple[str, ...]
    centre: Floats
    rule: GaussianRule

    def posteriors(self, asked: Floats) -> Floats:
        """Membership of each person in each segment from people x the questions of this form, in their order."""
        return self.rule.posteriors(asked - self.centre)

    def coarse(self, people: float) -> ShortForm:
        """The form as a model may keep it: of every figure what so many people allow (``disclosure.coarse``)."""
        centre = coarse(self.centre, people, np.sqrt(np.diag(self.rule.covariance)))
        moved = replace(self.rule, means=self.rule.means + self.centre - centre)
        return replace(self, centre=centre, rule=moved.coarse(people))


@dataclass(frozen=True)
class FullForm:
    """What all answers tell: the frozen rule on every question, from which every short form is a part."""

    centre: Floats
    rule: GaussianRule

    @classmethod
    def learn(cls, answers: Floats, memberships: Floats, weights: Floats) -> FullForm:
        """Learn from people x questions (NaN: not answered), memberships and one weight per person."""
        known = np.isfinite(answers)
        total = weights @ known
        centre = (weights @ np.where(known, answers, 0.0)) / np.where(total > 0, total, 1.0)
        centre = without_rare_questions(centre, answers)
        return cls(centre=centre, rule=GaussianRule.learn(answers - centre, memberships, weights))

    def shortened(self, items: tuple[int, ...], names: tuple[str, ...]) -> ShortForm:
        """The short form of some questions: the law of a few answers is a part of the law of all."""
        columns = list(items)
        return ShortForm(items=items, names=names, centre=self.centre[columns], rule=self.rule.subset(columns))

    def rank(self, n_items: int, *, n_simulated: int, rng: np.random.Generator) -> tuple[int, ...]:
        """The questions that together tell most about the segment, in the order in which they are added.

        People are drawn from the rule, which also gives them their full-form memberships p. Each step adds the
        question whose set S has the highest mean sum_s p_s log q_s, with q the memberships read from S alone: so
        least information is lost between the full and the short form (Kullback-Leibler). A tie goes to the earlier
        question.
        """
        by_size = np.argsort(-self.rule.log_sizes, kind="stable")  # so that what segments are called does not matter
        sizes = np.exp(self.rule.log_sizes[by_size])
        segment = by_size[rng.choice(len(sizes), size=n_simulated, p=sizes / sizes.sum())]
        noise = rng.standard_normal((n_simulated, len(self.rule.covariance)))
        answers = self.rule.means[segment] + noise @ np.linalg.cholesky(self.rule.covariance).T
        full = np.ascontiguousarray(self.rule.posteriors(answers).T)
        answers = np.ascontiguousarray(answers.T)
        chosen: list[int] = []
        while len(chosen) < min(n_items, len(answers)):
            rest = [item for item in range(len(answers)) if item not in chosen]
            kept = [self._information([*chosen, item], answers, full) for item in rest]
            chosen.append(rest[int(np.argmax(np.round(kept, 9)))])
        return tuple(chosen)

    def _information(self, items: list[int], answers: Floats, full: Floats) -> float:
        """Mean log membership that these questions give (questions x people), under the full form's memberships."""
        means = self.rule.means[:, items]
        through = np.linalg.solve(self.rule.covariance[np.ix_(items, items)], means.T).T
        constant = np.maximum(self.rule.log_sizes, -700.0) - (means * through).sum(axis=1) / 2
        logs = through @ answers[items] + constant[:, None]
        logs -= logs.max(axis=0)
        return float(((full * logs).sum(axis=0) - np.log(np.exp(logs).sum(axis=0))).mean())
