"""A short form that adapts: it asks what tells most about this person, and stops when another question is not worth it.

After each answer the segment's law of every question not asked yet is known (a normal law given the answers, as in
``GaussianRule``). The next question is the one after which the likeliest segment will be right most often; asking ends
when even that one would lift the chance to be right by less than ``worth``, or when ``most`` were asked. Lord, F. M.
(1980), Applications of item response theory, ch. 10; stopping by the value of the next question: Wald, A. (1947),
Sequential analysis.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from segment.segments.checking import Floats
from segment.segments.short_form import ShortForm

#: A question that lifts the chance to be right by less than this is not asked.
WORTH = 0.008
#: Most questions that anybody is asked.
MOST = 12

_NODES, _SHARES = np.polynomial.hermite_e.hermegauss(5)
_SHARES = _SHARES / _SHARES.sum()


@dataclass(frozen=True)
class Interview:
    """The rule of an adaptive short form: a form of all questions that is read from whatever was answered.

    Attributes
    ----------
    form
        Every question, with the law of its answers in every segment.
    worth
        Least gain in the chance to be right for which one more question is asked.
    most
        Most questions that are asked.
    """

    form: ShortForm
    worth: float = WORTH
    most: int = MOST

    def coarse(self, people: float) -> Interview:
        """The same as a model may keep it: of every figure what so many people allow (``disclosure.coarse``)."""
        return replace(self, form=self.form.coarse(people))

    def next_question(self, answers: Mapping[str, float]) -> str | None:
        """Code of the question to ask next; None: enough was asked.

        Parameters
        ----------
        answers
            Code to answer of what was asked so far, in any order; NaN: asked, and not answered.
        """
        places = [self.form.names.index(code) for code in answers]
        given = np.full(len(self.form.names), np.nan)
        given[places] = [float(answer) for answer in answers.values()]
        place = self._next(given, places)
        return None if place is None else self.form.names[place]

    def finished(self, answers: Floats) -> bool:
        """Whether nothing is left to ask somebody with these answers (one per question, NaN: not answered)."""
        return self._next(answers, np.flatnonzero(np.isfinite(answers)).tolist()) is None

    def held_with(self, answers: Floats) -> Floats:
        """What would have been asked of people whose answers are all known: NaN where they were not asked.

        Parameters
        ----------
        answers
            People x questions; NaN: would have been asked without an answer.

        Returns
        -------
        ndarray
            People x questions x 2: whether it was asked (0, 1), and the answer.
        """
        known: dict[tuple[tuple[int, float], ...], int | None] = {}
        told = np.zeros((*answers.shape, 2))
        told[..., 1] = np.nan
        for person, own in enumerate(answers):
            asked: list[int] = []
            while True:
                story = tuple((place, float(np.nan_to_num(own[place], nan=-1e9))) for place in asked)
                if story not in known:
                    known[story] = self._next(told[person, :, 1], asked)
                place = known[story]
                if place is None:
                    break
                asked.append(place)
                told[person, place] = 1.0, own[place]
        return told

    def _next(self, answers: Floats, asked: list[int]) -> int | None:
        rest = [place for place in range(len(answers)) if place not in asked]
        if len(asked) >= self.most or not rest:
            return None
        chances = self.form.posteriors(answers[None])[0]
        right = self._right_after(answers, rest, chances)
        best = int(np.argmax(np.round(right, 9)))
        return rest[best] if right[best] - chances.max() >= self.worth else None

    def _right_after(self, answers: Floats, rest: list[int], chances: Floats) -> Floats:
        """The chance that the likeliest segment is the right one, once each of these questions is answered."""
        rule, known, other = self.form.rule, np.flatnonzero(np.isfinite(answers)), np.array(rest)
        means, variance = rule.means[:, other], np.diag(rule.covariance)[other]
        if len(known):
            across = rule.covariance[np.ix_(known, other)]
            gain = np.linalg.solve(rule.covariance[np.ix_(known, known)], across)
            off = answers[known] - self.form.centre[known] - rule.means[:, known]
            means, variance = means + off @ gain, variance - (across * gain).sum(axis=0)
        spread = np.sqrt(np.maximum(variance, 1e-12))
        # segments it may be x nodes x questions, then segments it is read as in front
        drawn = means[:, None, :] + _NODES[None, :, None] * spread
        logs = (
            np.log(np.maximum(chances, 1e-300))[:, None, None, None]
            - 0.5 * ((drawn[None] - means[:, None, None, :]) / spread) ** 2
        )
        read = np.exp(logs - logs.max(axis=0))
        top = 1.0 / read.sum(axis=0)  # the likeliest one has the height 1
        return np.asarray(np.einsum("k,q,kqj->j", chances, _SHARES, top))
