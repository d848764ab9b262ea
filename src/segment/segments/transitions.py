"""From wave to wave: the chances to go from one segment to another, how sure they are, and who never goes.

Every step between two waves has chances of its own. Whether something of a person lasts beyond the segment is chosen by
BIC, and then movers and stayers or movers only. That all steps are alike is never chosen: a test that finds steps alike
has often only too few people to see them differ, and intervals that go on as if they were known to be alike hold less
than they say, whatever the test and its level (Bancroft, 1944, Annals of Mathematical Statistics 15, 190-204; Leeb &
Poetscher, 2005, Econometric Theory 21, 21-59). Chances of their own are right in both cases.

Segments are learned from people too. With the measurement of other people the same answers would say something else,
which blurs every share, and moves all of them one way: a measurement that fits its own people a little too well is too
sure of everybody, and what it gets wrong then looks like movement. Both are learned from measurements that are fitted
again to the same people with random weights (Rubin, 1981, The Bayesian bootstrap, Annals of Statistics 9, 130-134): how
far each would move a share is one step of Newton from the chain that was found,

    d_b = slope' I^-1 (sum_i w_ib s_i(theta_b) - sum_i (w_ib - 1) s_i(theta))

with ``s_i`` the score of a person, ``theta`` the measurement, ``w_ib`` the random weights, ``I`` the information about
the chain and ``slope`` that of a share. The mean of ``d`` is taken out of a share, by at most one standard error; its
variance, and twice its covariance with the second sum, are added to that of the share (estimation in two steps: Murphy
& Topel, 1985, Journal of Business & Economic Statistics 3, 370-379; of latent classes: Bakk, Oberski & Vermunt, 2014,
Political Analysis 22, 520-540).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from segment.proportions import wilson_interval
from segment.segments.checking import Floats, checked_level
from segment.segments.design import effective_size, sandwich
from segment.segments.latent_transitions import Chain, fit_chain, follow, pull_of, scores_of
from segment.segments.panel import Panel

#: By how much BIC must be lower before a share of people is said never to move: strong evidence by Raftery (1995),
#: Sociological Methodology 25, 111-163. What lasts of people in another way than the chain knows looks like stayers.
STRONG = 6.0
#: Most people that a chain is chosen on.
_CHOSEN_ON = 10_000
_STEP = 1e-4

#: How often a measurement is fitted again to say how far the shares hang on it.
MEASURED_AGAIN = 24
#: Random weights of people, and what their answers say as a measurement fitted with these weights reads them.
Measured = tuple[Floats, Floats]
#: A share with the ends of its interval.
Share = tuple[float, float, float]


@dataclass(frozen=True)
class Transitions:
    """How people went from wave to wave.

    Attributes
    ----------
    chain
        The chain that was chosen.
    choice
        One row per chain that was tried: ``lasting``, ``stayers`` (flags), ``log_likelihood`` and ``bic``
        (of as many people as the weights are worth), ``n_parameters``, ``chosen``; of stayers ``by_chance``, how often
        chance alone would speak as much for them: the likelihood ratio at the border of what is possible, half zero
        and half chi-squared with one degree (Self & Liang, 1987, JASA 82, 605-610).
    shares
        One row per step between waves, segment then and segment now: ``step`` (0 from the first wave to the second),
        ``segment_from``, ``segment_to``, ``share`` (of those then in that segment; adds to one per segment then),
        ``low``, ``high``.
    moved
        One row per step: ``step``, ``moved`` (share of people who are in another segment), ``low``, ``high``.
    stayers
        Share of people who never move with its interval, or ``None`` if none were found.
    """

    chain: Chain
    choice: pd.DataFrame
    shares: pd.DataFrame
    moved: pd.DataFrame
    stayers: Share | None


def learn_transitions(panel: Panel, *, measured: Iterable[Measured] = (), level: float = 0.95) -> Transitions:
    """Choose a chain for a panel and say how people went from wave to wave.

    Parameters
    ----------
    panel
        What the same people answered over three waves or more.
    measured
        ``MEASURED_AGAIN`` times: one random weight per person (on average one), and people x waves x segments as a
        measurement fitted with these weights reads their answers; both in the order that the panel was made of. None:
        the measurement is known, not learned from people.
    level
        Of the intervals, between 0 and 1.

    Examples
    --------
    >>> stays, goes = [[0.0, -9.0]] * 3, [[0.0, -9.0], [-9.0, 0.0], [-9.0, 0.0]]
    >>> found = learn_transitions(Panel.of([stays] * 150 + [goes] * 50))
    >>> found.moved["moved"].round(2).tolist()
    [0.25, 0.0]
    """
    checked_level(level)
    few = panel.at_most(_CHOSEN_ON)
    lasting = (False, True) if few.directions else (False,)
    tried = [fit_chain(few, lasting=lasts) for lasts in lasting]
    best = min(tried, key=lambda chain: _weighed(few, chain)[1])
    divided = fit_chain(few, lasting=best.lasting is not None, stayers=True)
    chosen = divided if _weighed(few, divided)[1] + STRONG <= _weighed(few, best)[1] else best
    choice = _choice(few, [*tried, divided], best=best, chosen=chosen)
    if few is not panel:
        chosen = fit_chain(panel, lasting=chosen.lasting is not None, stayers=chosen.stayers is not None)
    return Transitions(chosen, choice, *_told(panel, chosen, measured, level))


def random_weights(panel: Panel, generator: np.random.Generator) -> Iterator[Floats]:
    """Weights with which a measurement is fitted again, ``MEASURED_AGAIN`` times: one per person, on average one.

    In the order that the panel was made of; drawn in its own, so that whoever comes first in a file moves no figure.
    """
    for _ in range(MEASURED_AGAIN):
        drawn = generator.exponential(size=len(panel))
        factors = np.empty(len(panel))
        factors[panel.order] = drawn / drawn.mean()
        yield factors


def _weighed(panel: Panel, chain: Chain) -> tuple[float, float]:
    """Log-likelihood and BIC, of as many people as the weights are worth (Kish)."""
    people = effective_size(panel.weight)
    value = float(panel.weight @ follow(panel, chain).log_likelihood) * people / len(panel)
    return value, chain.n_parameters * float(np.log(people)) - 2 * value


def _choice(panel: Panel, tried: list[Chain], *, best: Chain, chosen: Chain) -> pd.DataFrame:
    names = ["lasting", "stayers", "log_likelihood", "bic", "n_parameters", "chosen"]
    rows = [
        (one.lasting is not None, one.stayers is not None, *_weighed(panel, one), one.n_parameters, one is chosen)
        for one in tried
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=names)
    gain = 2 * (table["log_likelihood"] - _weighed(panel, best)[0])
    by_chance = np.where(gain > 0, stats.chi2.sf(np.maximum(gain, 0.0), 1) / 2, 1.0)
    return table.assign(by_chance=np.where(table["stayers"], by_chance, np.nan))


def joint_shares(panel: Panel, chain: Chain) -> Floats:
    """Where those are, then and now, who are between their first and last wave at both ends of a step.

    Returns
    -------
    ndarray
        Steps x segments then x segments now; each step adds to one, or is zero where nobody is there.
    """
    k, stayers = panel.segments, chain.stayers or 0.0
    joint = np.zeros((panel.waves - 1, k, k))
    for step in range(panel.waves - 1):
        there = (panel.first <= step) & (panel.last > step)
        came = np.bincount(panel.first[there], weights=panel.weight[there], minlength=panel.waves)
        for entry in np.flatnonzero(came).tolist():
            begin = came[entry] / came.sum() * chain.entry[entry]
            joint[step] += (1 - stayers) * (begin @ chain.reach(entry, step))[:, None] * chain.moves[step]
            joint[step] += stayers * begin[:, None] * np.eye(k)
    return joint


def _told(
    panel: Panel, chain: Chain, measured: Iterable[Measured], level: float
) -> tuple[pd.DataFrame, pd.DataFrame, Share | None]:
    """Shares, people who moved, and stayers, each with its interval."""
    steps, k = panel.waves - 1, panel.segments

    def figures(packed: Floats) -> Floats:
        now = chain.unpack(packed)
        joint = joint_shares(panel, now)
        rows = joint / np.maximum(joint.sum(axis=2, keepdims=True), 1e-300)
        moved = joint.sum(axis=(1, 2)) - np.trace(joint, axis1=1, axis2=2)
        return np.concatenate([rows.ravel(), moved, [now.stayers or 0.0]])

    packed = chain.pack()
    found, slope = figures(packed), _slopes(figures, packed)
    bread, doubts = _doubt(panel, chain)
    variance = np.max([np.einsum("pf,pq,qf->f", slope, one, slope) for one in doubts], axis=0)
    too_far, blurred = _of_measurement(panel, chain, measured, bread @ slope)
    errors = np.sqrt(np.maximum(variance + blurred, 0.0))
    found = found - np.clip(too_far, -errors, errors)
    rows = np.clip(found[: steps * k * k], 0.0, 1.0).reshape(steps, k, k)
    found = np.concatenate(
        [(rows / rows.sum(axis=2, keepdims=True)).ravel(), np.clip(found[steps * k * k :], 0.0, 1.0)]
    )
    low, high = share_interval(found, errors, level)
    places, cut = np.indices((steps, k, k)).reshape(3, -1), steps * k * k
    named = dict(zip(("step", "segment_from", "segment_to"), places, strict=True))
    shares = pd.DataFrame({**named, "share": found[:cut], "low": low[:cut], "high": high[:cut]})
    moved = pd.DataFrame(
        {"step": range(steps), "moved": found[cut:-1], "low": low[cut:-1], "high": high[cut:-1]}
    )  # fmt: skip
    stayers = None if chain.stayers is None else (float(found[-1]), float(low[-1]), float(high[-1]))
    return shares, moved, stayers


def _of_measurement(
    panel: Panel, chain: Chain, measured: Iterable[Measured], to_figures: Floats
) -> tuple[Floats, Floats]:
    """How far the measurement has moved each figure, and what it adds to the variance (``to_figures``: packed x
    figures, how a figure moves with the pull on the chain)."""
    scores = scores_of(panel, chain)
    moved, drawn = [], []
    for factors, evidence in measured:
        again = panel.read_anew(evidence, factors)
        other = panel.weight * (factors[panel.order] - 1)
        drawn.append((other @ scores) @ to_figures)
        moved.append(pull_of(again, chain) @ to_figures - drawn[-1])
    if len(moved) < 2:
        return np.zeros(to_figures.shape[1]), np.zeros(to_figures.shape[1])
    middle = np.mean(moved, axis=0)
    apart, by_people = np.array(moved) - middle, np.array(drawn) - np.mean(drawn, axis=0)
    return middle, ((apart + 2 * by_people) * apart).sum(axis=0) / (len(moved) - 1)


def _slopes(function: Callable[[Floats], Floats], at: Floats) -> Floats:
    """How figures change with each packed one: packed x figures."""
    moves = np.eye(len(at)) * _STEP
    return np.stack([(function(at + move) - function(at - move)) / (2 * _STEP) for move in moves])


def _doubt(panel: Panel, chain: Chain) -> tuple[Floats, tuple[Floats, Floats]]:
    """The inverse of the curvature, and covariances of the packed figures as the model has them and as people do; the
    larger counts, figure by figure.

    As people do: the curvature about what single people say (sandwich; White, 1982, Econometrica 50, 1-25), right where
    the chain is not. As the model has them: the curvature alone, for as many people as the weights are worth, which
    knows that nobody seen on a road does not make it closed.
    """
    curved = _slopes(lambda packed: pull_of(panel, chain.unpack(packed)), chain.pack())
    bread = np.linalg.pinv(-(curved + curved.T) / 2, rcond=1e-9, hermitian=True)
    filling = sandwich(panel.weight[:, None] * scores_of(panel, chain), weights=panel.weight)
    model, people = bread * (len(panel) / effective_size(panel.weight)), bread @ filling @ bread
    return np.asarray(bread), (np.asarray(model), np.asarray(people))


def share_interval(shares: Floats, errors: Floats, level: float) -> tuple[Floats, Floats]:
    """Intervals of shares with these standard errors: Wilson's, of as many people as would give that error."""
    inside = np.clip(shares, 1e-9, 1 - 1e-9)
    people = inside * (1 - inside) / np.maximum(errors, 1e-9) ** 2
    low, high = wilson_interval(inside, people, level=level)
    return np.minimum(low, shares), np.maximum(high, shares)
