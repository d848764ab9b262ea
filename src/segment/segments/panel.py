"""What the same people answered over several waves, as evidence for the segments of one decided segmentation.

How far two answers of one person are alike *beyond* their segments matters too: somebody who stands at the edge of a
segment today often stood there last year, and a model that takes each wave's doubt for a fresh throw of dice would take
that for people who never move.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from segment.errors import InvalidInput
from segment.segments.checking import Floats, Integers, checked_weights

#: Fewest waves of which transitions are learned.
FEWEST_WAVES = 3
#: How far an answer may speak against a segment, in logarithms: beyond this a chance is zero anyway.
_FURTHEST = -500.0
#: Directions in which what answers say hardly differs inside segments, as a share of that in which it differs most.
_FLAT = 1e-6
_ROUNDS = 200
#: Share of a segment's answers that lie nearer than what is drawn in.
_NEAR = 0.999


@dataclass(frozen=True)
class Link:
    """The people who answered two waves and none between.

    Attributes
    ----------
    earlier, later
        The waves, counted from zero.
    people
        Their rows in the panel.
    spread, alike
        People x segments then x segments now: how far both answers lie from the middle of the segment (sum of
        squares), and how far in the same direction (sum of products), in spreads inside segments.
    """

    earlier: int
    later: int
    people: Integers
    spread: Floats
    alike: Floats


@dataclass(frozen=True)
class Panel:
    """People over waves: how far the answers of each wave speak for each segment.

    People stand in the order of their own evidence, so that whoever comes first in a file moves no figure.

    Attributes
    ----------
    evidence
        People x waves x segments: log-likelihood of the answers of that wave in each segment, up to a constant of the
        person and wave; 0 in all segments where the person did not answer.
    weight
        One per person, on average one.
    answered
        People x waves: who answered which.
    links
        From one answered wave to the next, earliest first.
    directions
        In how many directions answers differ inside segments.
    order
        Which row of what was given each person is.
    """

    evidence: Floats
    weight: Floats
    answered: NDArray[np.bool_]
    links: tuple[Link, ...]
    directions: int
    order: Integers

    @classmethod
    def of(cls, evidence: ArrayLike, sample_weight: ArrayLike | None = None) -> Panel:
        """From people x waves x segments, NaN where a person did not answer a wave.

        Raises
        ------
        InvalidInput
            Not such a table, fewer than two segments, fewer than three waves that anybody answered, or a person who is
            in no wave.

        Examples
        --------
        >>> both, first, none = [0.0, -2.0], [-1.0, 0.0], [np.nan, np.nan]
        >>> panel = Panel.of([[both, first, none], [none, both, both]])
        >>> [(link.earlier, link.later, len(link.people)) for link in panel.links]
        [(0, 1, 1), (1, 2, 1)]
        """
        values = np.asarray(evidence, dtype=float)
        if values.ndim != 3 or 0 in values.shape or values.shape[2] < 2:
            raise InvalidInput(
                "What answers say of segments over waves must be people x waves x segments.",
                expected="at least one person and two segments",
                came=" x ".join(map(str, values.shape)) or "a single number",
            )
        answered = ~np.isnan(values).all(axis=2)
        _refuse(values, answered)
        weight = checked_weights(sample_weight, len(values))
        told = _told(values, answered)
        order = np.lexsort((weight, *told.reshape(len(told), -1).T, *answered.T))
        told, answered, weight = told[order], answered[order], weight[order]
        places = _places(told[answered], np.repeat(weight[:, None], answered.shape[1], axis=1)[answered])
        return cls(told, weight, answered, tuple(_links(answered, places)), places.shape[2], order)

    def read_anew(self, evidence: Floats, factors: Floats) -> Panel:
        """The same answers of the same people, as another measurement reads them, each counted so many times.

        Parameters
        ----------
        evidence
            People x waves x segments, in the order that ``of`` was given them.
        factors
            One per person, in the same order.
        """
        told = _told(evidence[self.order], self.answered)
        return replace(self, evidence=told, weight=self.weight * factors[self.order])

    def __len__(self) -> int:
        return len(self.weight)

    def at_most(self, people: int) -> Panel:
        """The same of every so-manieth person, of no more than so many."""
        every = -(-len(self) // people)
        if every == 1:
            return self
        values = np.where(self.answered[..., None], self.evidence, np.nan)
        return Panel.of(values[::every], self.weight[::every])

    @property
    def waves(self) -> int:
        """How many waves there are."""
        result: int = self.evidence.shape[1]
        return result

    @property
    def segments(self) -> int:
        """How many segments there are."""
        result: int = self.evidence.shape[2]
        return result

    @property
    def first(self) -> Integers:
        """The first wave that each person answered."""
        return np.asarray(self.answered.argmax(axis=1))

    @property
    def last(self) -> Integers:
        """The last wave that each person answered."""
        return np.asarray(self.waves - 1 - self.answered[:, ::-1].argmax(axis=1))


def _told(values: Floats, answered: NDArray[np.bool_]) -> Floats:
    told = np.where(answered[..., None], values, 0.0)
    return np.asarray(np.maximum(told - told.max(axis=2, keepdims=True), _FURTHEST))


def evidence_of(memberships: Floats, shares: Floats) -> Floats:
    """How far answers speak for each segment, from memberships and the shares that these went out from (Bayes).

    Parameters
    ----------
    memberships
        People x segments, rows adding to one.
    shares
        One per segment: what the model thinks of somebody who answered nothing.

    Returns
    -------
    ndarray
        People x segments, log-likelihoods up to a constant per person.

    Examples
    --------
    >>> evidence_of(np.array([[0.9, 0.1]]), np.array([0.9, 0.1])).tolist()
    [[0.0, 0.0]]
    """
    found = np.log(np.maximum(memberships, 1e-300)) - np.log(np.maximum(shares, 1e-12))
    return np.asarray(found - found.max(axis=1, keepdims=True))


def _refuse(values: Floats, answered: NDArray[np.bool_]) -> None:
    waves, nowhere = int(answered.any(axis=0).sum()), int((~answered.any(axis=1)).sum())
    if waves < FEWEST_WAVES:
        raise InvalidInput(
            "How people move over time is learned from several waves.",
            expected=f"at least {FEWEST_WAVES} waves that somebody answered",
            came=f"{waves}",
            advice="two waves are compared with compare_waves",
        )
    if nowhere:
        raise InvalidInput(
            "Somebody answered no wave.", expected="answers in one wave at least", came=f"{nowhere} without any",
            advice="leave them out",
        )  # fmt: skip
    if not np.isfinite(values[answered]).all():
        raise InvalidInput("What an answer says of a segment must be a finite number.", expected="one per segment")


def _places(told: Floats, weight: Floats) -> Floats:
    """Where an answer lies from the middle of each segment, in spreads inside it: answers x segments x directions.

    What answers say of the segments, as k figures, is all that a mixture of normal laws with one covariance takes from
    them (the linear discriminants), and normal inside a segment then. Middle and spread come from memberships in each
    wave by itself. What lies further out than hardly anyone of the segment is drawn in to there: whether it belongs is
    for the evidence to say.
    """
    k = told.shape[1]
    likely, shares = np.exp(told), np.full(k, 1 / k)
    for _ in range(_ROUNDS):
        belongs = likely * shares
        belongs *= (weight / belongs.sum(axis=1))[:, None]
        shares = belongs.sum(axis=0) / belongs.sum()
    centred = told - told.mean(axis=1, keepdims=True)
    middle = belongs.T @ centred / np.maximum(belongs.sum(axis=0), 1e-12)[:, None]
    spread = sum(
        (centred - middle[place]).T @ (belongs[:, place, None] * (centred - middle[place])) for place in range(k)
    )
    values, vectors = np.linalg.eigh(np.asarray(spread) / max(float(belongs.sum()), 1e-12))
    kept = values > max(_FLAT * float(values[-1]), 1e-9)
    turn = vectors[:, kept] / np.sqrt(values[kept])
    places = (centred[:, None, :] - middle) @ turn
    far = np.sqrt((places**2).sum(axis=2, keepdims=True))
    most = float(np.sqrt(stats.chi2.ppf(_NEAR, max(int(kept.sum()), 1))))
    return np.asarray(places * np.minimum(1.0, most / np.maximum(far, 1e-12)))


def _links(answered: NDArray[np.bool_], places: Floats) -> Iterator[Link]:
    row = np.cumsum(answered.ravel()).reshape(answered.shape) - 1
    waves = answered.shape[1]
    for later in range(1, waves):
        for earlier in reversed(range(later)):
            between = answered[:, earlier + 1 : later].any(axis=1)
            people = np.flatnonzero(answered[:, earlier] & answered[:, later] & ~between)
            if len(people):
                then, now = places[row[people, earlier]], places[row[people, later]]
                size = [(one**2).sum(axis=2) for one in (then, now)]
                yield Link(
                    earlier, later, people, size[0][:, :, None] + size[1][:, None, :],
                    np.einsum("ird,isd->irs", then, now),
                )  # fmt: skip
