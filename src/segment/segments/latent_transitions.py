"""Segments over time: where people really are in each wave, and how they come to be there, as a hidden chain.

A person is in one segment ``z_t`` in every wave ``t`` from the first to the last that they answered. How answers look
in a segment is known: it is what the decided segmentation says, the same in every wave. What is learned is where people
are when they are first seen, and how they go on:

    P(y_i) = sum_c P(c) sum_z p_e(z_e) prod_(t,u) A_c,t..u(z_t, z_u) g(y_it, y_iu | z_t, z_u) prod_t f(y_it | z_t)

with ``e`` the person's own first wave, so that newcomers need not be like those who were there; ``(t, u)`` two waves
that the person answered without one between; ``A_t..u`` the product of the chances of going from one segment to another
in each step between them, of which each has its own, so that a wave without answers is summed out (full information: as
good as answers that are missing by what is known); ``c`` two kinds of people where that pays, movers, and stayers of
whom ``A`` is the identity. A wave that puts somebody wrongly by chance is no movement: doubt about a segment is part of
``f``. What lasts of a person beyond the segment is part of ``g``: with ``d`` figures per answer that are normal inside
a segment (``Panel``),

    g = N(v - r u; 0, 1 - r^2) / N(v; 0, 1)

for places ``u`` then and ``v`` now from the middle of the segment, and ``r`` how much of it lasts; ``r = 0``: nothing.

Sums over all paths: Baum, Petrie, Soules & Weiss (1970), Annals of Mathematical Statistics 41, 164-171. Latent Markov
models with missing waves: Bartolucci, Farcomeni & Pennoni (2013), Latent Markov Models for Longitudinal Data. Movers
and stayers behind a latent chain: Langeheine & van de Pol (1990), Sociological Methods & Research 18, 416-441; Vermunt,
Langeheine & Boeckenholt (1999), Journal of Educational and Behavioral Statistics 24, 179-207. Measurement that was
decided beforehand: Vermunt (2010), Political Analysis 18, 450-469; Asparouhov & Muthen (2014), Structural Equation
Modeling 21, 329-341. Answers that depend on earlier answers: Hamilton (1989), Econometrica 57, 357-384.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

from segment.segments.acceleration import climb
from segment.segments.checking import Floats
from segment.segments.panel import Link, Panel

#: People who are added to each row of chances, over all steps together, spread evenly, so that no chance is exactly
#: zero (Vermunt & Magidson, 2016, Technical Guide for Latent GOLD, section 7.3).
ADDED = 1.0
_LEAST, _NOTHING = 1e-12, 1e-300
#: What lasts of a person is less than this.
_MOST_LASTING = 0.98
#: A step that raises the log-likelihood of a person by less ends a fit.
_TOLERANCE = 1e-7
#: Shares of stayers that a fit begins with.
_STAYERS = (0.25, 0.7)


@dataclass(frozen=True)
class Chain:
    """How people begin and go on.

    Attributes
    ----------
    entry
        Waves x segments: where those are who are first seen in that wave; rows add to one.
    moves
        Steps x segments x segments: chances of a mover to go from one segment to another, between each wave and the
        next.
    stayers
        Share of people who never move, 0 to 1; ``None`` where everyone may.
    lasting
        How much of what is a person's own beyond the segment lasts from answer to answer, -1 to 1; ``None``: nothing.
    """

    entry: Floats
    moves: Floats
    stayers: float | None = None
    lasting: float | None = None

    def reach(self, earlier: int, later: int) -> Floats:
        """The chances of a mover between two waves: the product of all steps."""
        made = np.eye(self.moves.shape[1])
        for wave in range(earlier, later):
            made = made @ self.moves[wave]
        return made

    @property
    def n_parameters(self) -> int:
        """Free figures."""
        waves, k = self.entry.shape
        free = waves * (k - 1) + len(self.moves) * k * (k - 1)
        result: int = free + int(self.stayers is not None) + int(self.lasting is not None)
        return result

    def pack(self) -> Floats:
        """As one vector, of which any finite one is a chain: logarithms of shares, and what lasts by Fisher's z."""
        kinds = [] if self.stayers is None else [self.stayers, 1 - self.stayers]
        shares = np.log(np.maximum(np.concatenate([self.entry.ravel(), self.moves.ravel(), kinds]), _LEAST))
        lasts = [] if self.lasting is None else [np.arctanh(self.lasting / _MOST_LASTING)]
        return np.concatenate([shares, lasts])

    def unpack(self, packed: Floats) -> Chain:
        """A chain of this form."""
        cuts = np.cumsum([self.entry.size, self.moves.size, 0 if self.stayers is None else 2])
        entry, moves, kinds, lasts = np.split(packed, cuts)
        return Chain(
            _shares(entry.reshape(self.entry.shape)),
            _shares(moves.reshape(self.moves.shape)),
            None if self.stayers is None else float(_shares(kinds)[0]),
            None if self.lasting is None else float(_MOST_LASTING * np.tanh(lasts[0])),
        )


def _shares(logs: Floats) -> Floats:
    raised = np.exp(logs - logs.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


@dataclass(frozen=True)
class Paths:
    """What is expected of each person under a chain, given all their answers.

    Attributes
    ----------
    log_likelihood
        One per person.
    where
        People x waves x segments: chance to be there, in waves that the person answered; else zero.
    pairs
        Per link people of the link x segments then x segments now: chance to be a mover and in both.
    at_rest
        The same of stayers: per link people x segments.
    stayer
        Chance that the person is a stayer.
    """

    log_likelihood: Floats
    where: Floats
    pairs: tuple[Floats, ...]
    at_rest: tuple[Floats, ...]
    stayer: Floats


def follow(panel: Panel, chain: Chain) -> Paths:
    """Sum over all paths, forward and backward; in logarithms between waves, so that nothing underflows."""
    likely = np.exp(panel.evidence)
    kept = [_lasting(panel, link, chain.lasting) for link in panel.links]
    reach = [chain.reach(link.earlier, link.later) for link in panel.links]
    movers = _run(panel, likely, chain.entry, [made * one for made, one in zip(reach, kept, strict=True)])
    if chain.stayers is None:
        none = np.zeros(len(panel))
        return Paths(
            movers.log, movers.where, movers.pairs, tuple(none[link.people, None] for link in panel.links), none
        )
    rest = _run(panel, likely, chain.entry, [np.eye(panel.segments) * one for one in kept])
    logs = np.stack(
        [np.log(max(1 - chain.stayers, _NOTHING)) + movers.log, np.log(max(chain.stayers, _NOTHING)) + rest.log]
    )
    top = logs.max(axis=0)
    total = top + np.log(np.exp(logs - top).sum(axis=0))
    mover, stayer = np.exp(logs - total)
    return Paths(
        total,
        mover[:, None, None] * movers.where + stayer[:, None, None] * rest.where,
        tuple(mover[link.people, None, None] * pair for link, pair in zip(panel.links, movers.pairs, strict=True)),
        tuple(
            stayer[link.people, None] * np.diagonal(pair, axis1=1, axis2=2)
            for link, pair in zip(panel.links, rest.pairs, strict=True)
        ),
        stayer,
    )


def _lasting(panel: Panel, link: Link, lasting: float | None) -> Floats:
    """How much likelier both answers are because something of the person lasts: people x segments x segments."""
    if lasting is None:
        return np.ones((1, 1, 1))
    rest = 1 - lasting**2
    far = lasting * (lasting * link.spread - 2 * link.alike) / (2 * rest)
    return np.asarray(np.exp(-far - panel.directions / 2 * np.log(rest)))


@dataclass(frozen=True)
class _Run:
    """One kind of people: log-likelihood, where they are, and in which two segments at either end of a link."""

    log: Floats
    where: Floats
    pairs: tuple[Floats, ...]


def _run(panel: Panel, likely: Floats, entry: Floats, ways: list[Floats]) -> _Run:
    """Forward and backward over all links; ``ways``: per link people x segments x segments."""
    n, waves, _ = likely.shape
    first, log = panel.first, np.zeros(n)
    forward, backward = np.zeros_like(likely), np.ones_like(likely)
    for wave in range(waves):
        begins = first == wave
        now = forward[:, wave]
        now[begins] = entry[wave]
        for link, way in zip(panel.links, ways, strict=True):
            if link.later == wave:
                now[link.people] = np.einsum("ir,irs->is", forward[link.people, link.earlier], way)
        now *= likely[:, wave]
        here = panel.answered[:, wave]
        total = np.maximum(now[here].sum(axis=1), _NOTHING)
        now[here] /= total[:, None]
        log[here] += np.log(total)
    pairs = []
    for link, way in reversed(list(zip(panel.links, ways, strict=True))):
        ahead = likely[link.people, link.later] * backward[link.people, link.later]
        joint = way * ahead[:, None, :]
        behind = joint.sum(axis=2)
        backward[link.people, link.earlier] = behind / np.maximum(behind.sum(axis=1, keepdims=True), _NOTHING)
        pair = forward[link.people, link.earlier, :, None] * joint
        pairs.append(pair / np.maximum(pair.sum(axis=(1, 2), keepdims=True), _NOTHING))
    where = forward * backward
    where /= np.maximum(where.sum(axis=2, keepdims=True), _NOTHING)
    return _Run(log, where, tuple(reversed(pairs)))


def fit_chain(panel: Panel, *, stayers: bool = False, lasting: bool = True, most: int = 1000) -> Chain:
    """The chain under which these answers are likeliest, by EM (Baum-Welch).

    Parameters
    ----------
    stayers
        Whether some people never move.
    lasting
        Whether something of a person lasts beyond the segment.
    most
        Most steps of EM.
    """
    begins = [_begin(panel, share, 0.1 if lasting else None) for share in (_STAYERS if stayers else (None,))]
    ends = [_climbed(panel, begin, most) for begin in begins]
    return max(ends, key=lambda one: one[1])[0]


def _begin(panel: Panel, stayers: float | None, lasting: float | None) -> Chain:
    """One person in ten moves at each step; of movers so many more as others stay."""
    k = panel.segments
    apart = min(0.1 / (1 - (stayers or 0.0)), 0.5)
    moves = (1 - apart) * np.eye(k) + apart / (k - 1) * (1 - np.eye(k))
    return Chain(np.full((panel.waves, k), 1 / k), np.repeat(moves[None], panel.waves - 1, axis=0), stayers, lasting)


def _climbed(panel: Panel, begin: Chain, most: int) -> tuple[Chain, float]:
    def step(packed: Floats) -> tuple[Floats, float]:
        chain = begin.unpack(packed)
        paths = follow(panel, chain)
        return _next(panel, chain, paths).pack(), _objective(panel, chain, paths)

    packed, value, _, _ = climb(step, begin.pack(), max_steps=most, tolerance=_TOLERANCE * len(panel))
    return begin.unpack(packed), value


def _objective(panel: Panel, chain: Chain, paths: Paths) -> float:
    """Weighted log-likelihood, with that of the people who are added."""
    entry, moves = (np.log(np.maximum(part, _LEAST)).sum() for part in (chain.entry, chain.moves))
    kinds = 0.0 if chain.stayers is None else np.log(max(chain.stayers * (1 - chain.stayers), _LEAST)) / 2
    added = (entry + moves / len(chain.moves)) / panel.segments + kinds
    return float(panel.weight @ paths.log_likelihood + ADDED * added)


def _next(panel: Panel, chain: Chain, paths: Paths) -> Chain:
    """One step of EM: expected counts as shares, and what lasts as pairs of answers show it."""
    begin, made = _counts(panel, chain, paths)
    stayers = None
    if chain.stayers is not None:
        stayers = float((panel.weight @ paths.stayer + ADDED / 2) / (panel.weight.sum() + ADDED))
    return Chain(
        begin / begin.sum(axis=-1, keepdims=True),
        made / made.sum(axis=-1, keepdims=True),
        stayers,
        None if chain.lasting is None else _lasts(panel, paths),
    )


def _counts(panel: Panel, chain: Chain, paths: Paths) -> tuple[Floats, Floats]:
    """How many people are expected to begin where (waves x segments), and to go from where to where (steps x segments
    x segments), with those who are added."""
    weight, k = panel.weight, panel.segments
    begin = np.stack([weight[own := panel.first == wave] @ paths.where[own, wave] for wave in range(panel.waves)])
    made = np.zeros_like(chain.moves)
    for link, pair in zip(panel.links, paths.pairs, strict=True):
        for wave, step in _steps(chain, link, np.tensordot(weight[link.people], pair, axes=1)[None]):
            made[wave] += step[0]
    return begin + ADDED / k, made + ADDED / k / len(made)


def pull_of(panel: Panel, chain: Chain) -> Floats:
    """How the weighted log-likelihood rises with each packed figure, that of the people who are added included."""
    paths = follow(panel, chain)
    begin, made = _counts(panel, chain, paths)
    parts = [counts - counts.sum(axis=-1, keepdims=True) * chances
             for counts, chances in ((begin, chain.entry), (made, chain.moves))]  # fmt: skip
    if chain.stayers is not None:
        stay = panel.weight @ (paths.stayer - chain.stayers) + ADDED * (0.5 - chain.stayers)
        parts.append(np.array([stay, -stay]))
    if chain.lasting is not None:
        parts.append(np.array([panel.weight @ _rises(panel, chain, paths)]))
    return np.concatenate([part.ravel() for part in parts])


def _steps(chain: Chain, link: Link, pairs: Floats) -> Iterator[tuple[int, Floats]]:
    """Every step between two waves, by the wave it begins in, and what is expected of it: rows x segments x segments.

    Over waves without answers, what is known of both ends is shared out over the ways between.
    """
    if link.later == link.earlier + 1:
        yield link.earlier, pairs
        return
    known = pairs / np.maximum(chain.reach(link.earlier, link.later), _NOTHING)
    for wave in range(link.earlier, link.later):
        before, after = chain.reach(link.earlier, wave), chain.reach(wave + 1, link.later)
        yield wave, chain.moves[wave] * (before.T @ known @ after.T)


def _lasts(panel: Panel, paths: Paths) -> float:
    """The likeliest correlation of places inside segments, of unit spread each, from answer to answer."""
    spread = alike = answers = 0.0
    for link, pair, rest in zip(panel.links, paths.pairs, paths.at_rest, strict=True):
        weight = panel.weight[link.people]
        both = pair + np.eye(panel.segments) * rest[:, None, :]
        spread += float(weight @ (both * link.spread).sum(axis=(1, 2)))
        alike += float(weight @ (both * link.alike).sum(axis=(1, 2)))
        answers += float(weight @ both.sum(axis=(1, 2)))

    def unlikely(lasting: float) -> float:
        rest = 1 - lasting**2
        return float(
            panel.directions * answers * np.log(rest) / 2 + lasting * (lasting * spread - 2 * alike) / (2 * rest)
        )

    limits = (-0.99 * _MOST_LASTING, 0.99 * _MOST_LASTING)
    return float(minimize_scalar(unlikely, bounds=limits, method="bounded", options={"xatol": 1e-9}).x)


def scores_of(panel: Panel, chain: Chain) -> Floats:
    """People x packed figures: how each person's log-likelihood rises with each (Fisher's identity).

    With the logarithm of one share among those that add to one it rises by what is expected of it minus its part of
    all that is expected.
    """
    paths = follow(panel, chain)
    entered = (panel.first[:, None] == np.arange(panel.waves))[..., None]
    begin = np.where(entered, paths.where - chain.entry, 0.0)
    made = np.zeros((len(panel), *chain.moves.shape))
    for link, pair in zip(panel.links, paths.pairs, strict=True):
        for wave, step in _steps(chain, link, pair):
            made[link.people, wave] += step
    made = made - made.sum(axis=3, keepdims=True) * chain.moves
    parts = [begin.reshape(len(panel), -1), made.reshape(len(panel), -1)]
    if chain.stayers is not None:
        parts += [(paths.stayer - chain.stayers)[:, None], (chain.stayers - paths.stayer)[:, None]]
    if chain.lasting is not None:
        parts.append(_rises(panel, chain, paths)[:, None])
    return np.concatenate(parts, axis=1)


def _rises(panel: Panel, chain: Chain, paths: Paths) -> Floats:
    """How each person's log-likelihood rises with what lasts, as it is packed."""
    lasting, lasts = chain.lasting or 0.0, np.zeros(len(panel))
    for link, pair, rest in zip(panel.links, paths.pairs, paths.at_rest, strict=True):
        lasts[link.people] += _rise(panel, link, pair + np.eye(panel.segments) * rest[:, None, :], lasting)
    return np.asarray(lasts * (_MOST_LASTING - lasting**2 / _MOST_LASTING))


def _rise(panel: Panel, link: Link, pair: Floats, lasting: float) -> Floats:
    """How the logarithm of ``g`` rises with what lasts, per person of a link."""
    rest = 1 - lasting**2
    each = panel.directions * lasting / rest - (lasting * link.spread - (1 + lasting**2) * link.alike) / rest**2
    return np.asarray((pair * each).sum(axis=(1, 2)))
