"""People over three waves and more: every path counted, nobody's gap held against them, doubt is no movement."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from segment.errors import InvalidInput
from segment.segments.latent_transitions import ADDED, Chain, fit_chain, follow, pull_of, scores_of
from segment.segments.panel import Panel, evidence_of
from segment.segments.transitions import Transitions, joint_shares, learn_transitions, random_weights, share_interval

MOVES = np.array([[0.85, 0.10, 0.05], [0.05, 0.90, 0.05], [0.10, 0.02, 0.88]])
BEGIN = np.array([0.5, 0.3, 0.2])


def people(
    n: int, *, seed: int = 0, waves: int = 4, apart: float = 2.6, stay: float = 0.0, lasts: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Evidence (NaN: no answer) of people who come, go and skip waves, and where they truly were."""
    rng, k = np.random.default_rng(seed), len(BEGIN)
    truth = np.empty((n, waves), dtype=int)
    truth[:, 0] = rng.choice(k, n, p=BEGIN)
    stayer, noise = rng.random(n) < stay, rng.normal(size=(n, waves, k))
    for wave in range(1, waves):
        drawn = (rng.random(n)[:, None] > MOVES[truth[:, wave - 1]].cumsum(axis=1)).sum(axis=1).clip(0, k - 1)
        truth[:, wave] = np.where(stayer, truth[:, wave - 1], drawn)
        noise[:, wave] = lasts * noise[:, wave - 1] + np.sqrt(1 - lasts**2) * noise[:, wave]
    middle = apart * np.eye(k)
    evidence = (middle[truth] + noise) @ middle.T - (middle**2).sum(axis=1) / 2
    came, went = rng.integers(-2, 2, n), rng.integers(2, waves + 2, n)
    there = (np.arange(waves) >= came[:, None]) & (np.arange(waves) <= went[:, None])
    evidence[~there | (rng.random((n, waves)) < 0.2)] = np.nan
    seen = ~np.isnan(evidence).all(axis=(1, 2))
    return evidence[seen], truth[seen]


def chain(*, waves: int, stayers: float | None = None, lasting: float | None = None) -> Chain:
    entry = np.random.default_rng(3).dirichlet(np.ones(3), waves)
    moves = np.stack([MOVES, MOVES[::-1, ::-1], MOVES.T / MOVES.T.sum(axis=1, keepdims=True)])[: waves - 1]
    return Chain(entry, moves, stayers, lasting)


def by_counting(panel: Panel, one: Chain) -> tuple[np.ndarray, np.ndarray]:
    """Log-likelihood, and chance to be in each segment at the end, by adding up every path of every person."""
    k, found, ends = panel.segments, [], []
    kinds = [(1.0, False)] if one.stayers is None else [(1 - one.stayers, False), (one.stayers, True)]
    for person in range(len(panel)):
        first, last, total, end = panel.first[person], panel.last[person], 0.0, np.zeros(k)
        for (share, stays), path in itertools.product(kinds, itertools.product(range(k), repeat=last - first + 1)):
            chance = share * one.entry[first, path[0]] * np.exp(panel.evidence[person, first, path[0]])
            for wave in range(first, last):
                then, now = path[wave - first], path[wave + 1 - first]
                chance *= float(then == now) if stays else one.moves[wave][then, now]
                chance *= np.exp(panel.evidence[person, wave + 1, now])
            for link in panel.links if one.lasting is not None else ():
                for row in np.flatnonzero(link.people == person):
                    place = row, path[link.earlier - first], path[link.later - first]
                    r, rest = one.lasting, 1 - one.lasting**2
                    far = r * (r * link.spread[place] - 2 * link.alike[place]) / (2 * rest)
                    chance *= np.exp(-far) * rest ** (-panel.directions / 2)
            total, end[path[-1]] = total + chance, end[path[-1]] + chance
        found.append(np.log(total))
        ends.append(end / total)
    return np.array(found), np.array(ends)


@pytest.mark.parametrize("waves", [3, 4])
@pytest.mark.parametrize("stayers", [None, 0.3])
@pytest.mark.parametrize("lasting", [None, 0.4])
def test_the_sum_over_paths_is_that_of_every_path_by_itself(
    waves: int, stayers: float | None, lasting: float | None
) -> None:
    panel, one = Panel.of(people(40, waves=waves)[0]), chain(waves=waves, stayers=stayers, lasting=lasting)
    paths = follow(panel, one)
    counted, ends = by_counting(panel, one)
    assert np.abs(paths.log_likelihood - counted).max() < 1e-10
    assert np.abs(paths.where[np.arange(len(panel)), panel.last] - ends).max() < 1e-10


def test_a_wave_that_was_skipped_is_summed_out() -> None:
    evidence = people(60)[0]
    known = evidence[~np.isnan(evidence).any(axis=(1, 2))]
    gap = known.copy()
    gap[:, 1] = np.nan
    one, k = chain(waves=4), known.shape[2]
    summed = np.zeros((len(known), k))
    for segment in range(k):
        sure = known.copy()
        sure[:, 1] = np.where(np.arange(k) == segment, 0.0, -1e9)
        summed[:, segment] = _in_order(sure, one)
    assert np.allclose(np.exp(_in_order(gap, one)), np.exp(summed).sum(axis=1), rtol=1e-12)


def _in_order(evidence: np.ndarray, one: Chain) -> np.ndarray:
    """Log-likelihoods of people one at a time: a panel of many puts them in an order of its own."""
    likelihood = []
    for person in evidence:
        top = np.nansum(np.nan_to_num(person, nan=0.0).max(axis=1))  # a panel counts from the likeliest segment
        with_all = np.stack([person, np.zeros_like(person)])
        panel = Panel.of(with_all)
        [own] = np.flatnonzero((panel.evidence != 0).any(axis=(1, 2)))
        likelihood.append(follow(panel, one).log_likelihood[own] + top)
    return np.array(likelihood)


def test_no_stayers_is_the_plain_chain_and_all_stayers_never_move() -> None:
    panel = Panel.of(people(80)[0])
    plain, none = follow(panel, chain(waves=4)), follow(panel, chain(waves=4, stayers=0.0))
    assert np.abs(plain.log_likelihood - none.log_likelihood).max() < 1e-9
    assert np.abs(plain.where - none.where).max() < 1e-9
    still = Chain(chain(waves=4).entry, np.repeat(np.eye(3)[None], 3, axis=0))
    every = follow(panel, chain(waves=4, stayers=1.0))
    assert np.abs(every.log_likelihood - follow(panel, still).log_likelihood).max() < 1e-9


@pytest.mark.parametrize("form", [{}, {"stayers": 0.3}, {"lasting": 0.3}, {"stayers": 0.2, "lasting": -0.2}])
def test_what_single_people_say_is_the_slope_of_the_likelihood(form: dict[str, float]) -> None:
    panel, one = Panel.of(people(150)[0]), chain(waves=4, **form)
    packed, said = one.pack(), scores_of(panel, one)
    for place in range(len(packed)):
        move = np.eye(len(packed))[place] * 1e-5
        ahead, behind = (follow(panel, one.unpack(packed + sign * move)).log_likelihood for sign in (1, -1))
        assert np.abs((ahead - behind) / 2e-5 - said[:, place]).max() < 1e-6


@pytest.mark.parametrize("form", [{}, {"stayers": 0.3}, {"lasting": 0.3}, {"stayers": 0.2, "lasting": -0.2}])
def test_the_pull_of_all_people_is_that_of_each_by_weight_and_nought_where_a_fit_ends(form: dict[str, float]) -> None:
    evidence = people(150)[0]
    weight = np.random.default_rng(1).choice([1.0, 3.0], len(evidence))
    panel, one = Panel.of(evidence, weight), chain(waves=4, **form)
    shares = [ADDED * (1 / 3 - one.entry.ravel()), ADDED / 3 * (1 / 3 - one.moves.ravel())]
    kinds = [] if one.stayers is None else [ADDED * (0.5 - one.stayers), ADDED * (one.stayers - 0.5)]
    added = np.concatenate([*shares, kinds, [] if one.lasting is None else [0.0]])
    assert np.allclose(pull_of(panel, one), panel.weight @ scores_of(panel, one) + added, atol=1e-9)
    fitted = fit_chain(panel, stayers="stayers" in form, lasting="lasting" in form)
    assert np.abs(pull_of(panel, fitted)).max() < 0.1


@pytest.fixture(scope="module")
def found() -> Transitions:
    return learn_transitions(Panel.of(people(2500, lasts=0.3)[0]))


def test_planted_chances_come_back_and_doubt_is_not_taken_for_movement(found: Transitions) -> None:
    evidence, truth = people(2500, lasts=0.3)
    told = found.shares["share"].to_numpy().reshape(3, 3, 3)
    assert np.abs(told.mean(axis=0) - MOVES).max() < 0.03
    seen, named = ~np.isnan(evidence).any(axis=2), np.nan_to_num(evidence).argmax(axis=2)
    both = seen[:, 1] & seen[:, 2]
    placed = (named[both, 1] != named[both, 2]).mean()
    moved = (truth[both, 1] != truth[both, 2]).mean()
    assert placed > moved + 0.05 and abs(found.moved["moved"][1] - moved) < 0.02


def test_the_chain_says_what_it_found(found: Transitions) -> None:
    assert found.stayers is None
    assert found.choice["by_chance"].max() > 0.01
    assert abs((found.chain.lasting or 0.0) - 0.3) < 0.06
    assert found.choice["chosen"].sum() == 1
    shares = found.shares.groupby(["step", "segment_from"])["share"].sum()
    assert np.allclose(shares, 1.0)
    assert ((found.shares["low"] <= found.shares["share"]) & (found.shares["share"] <= found.shares["high"])).all()
    inside = found.shares.query("step == 0").assign(truth=MOVES.ravel())
    assert ((inside["low"] <= inside["truth"]) & (inside["truth"] <= inside["high"])).sum() >= 7


def test_people_who_never_move_are_found_where_there_are_many() -> None:
    evidence, _ = people(4000, stay=0.6, waves=5, apart=3.5, seed=4)
    faster = learn_transitions(Panel.of(evidence))
    assert faster.stayers is not None and faster.choice["by_chance"].max() < 0.001
    share, low, high = faster.stayers
    assert abs(share - 0.6) < 0.12 and low <= share <= high
    step = joint_shares(Panel.of(evidence), faster.chain)
    assert np.allclose(step.sum(axis=(1, 2)), 1.0)


def test_chances_that_differ_between_waves_are_told_step_by_step() -> None:
    rng, n = np.random.default_rng(2), 1500
    truth = np.empty((n, 3), dtype=int)
    truth[:, 0] = rng.integers(0, 2, n)
    truth[:, 1] = np.where(rng.random(n) < 0.02, 1 - truth[:, 0], truth[:, 0])
    truth[:, 2] = np.where(rng.random(n) < 0.40, 1 - truth[:, 1], truth[:, 1])
    middle = 3.0 * np.eye(2)
    told = learn_transitions(Panel.of((middle[truth] + rng.normal(size=(n, 3, 2))) @ middle.T))
    assert np.allclose(told.moved["moved"], [0.02, 0.40], atol=0.03)


def test_steps_that_differ_by_less_than_a_test_would_see_are_held_by_their_own_intervals() -> None:
    held, paces = [], np.array([0.05, 0.20, 0.10])
    for seed in range(8):
        rng, n = np.random.default_rng(seed), 400
        truth = np.empty((n, 4), dtype=int)
        truth[:, 0] = rng.integers(0, 3, n)
        for step, pace in enumerate(paces):
            on = (truth[:, step] + rng.integers(1, 3, n)) % 3
            truth[:, step + 1] = np.where(rng.random(n) < pace, on, truth[:, step])
        middle = 3.0 * np.eye(3)
        told = learn_transitions(Panel.of((middle[truth] + rng.normal(size=(n, 4, 3))) @ middle.T)).moved
        held += ((told["low"] <= paces) & (paces <= told["high"])).tolist()
    assert np.mean(held) >= 0.83  # of 24 intervals of 95 %, fewer than 20 once in 2,000 times


def test_another_order_of_people_and_other_scales_of_weights_move_no_byte() -> None:
    evidence = people(300)[0]
    weight = np.random.default_rng(1).choice([1.0, 2.0], len(evidence))
    order = np.random.default_rng(2).permutation(len(evidence))
    one = learn_transitions(Panel.of(evidence, weight))
    other = learn_transitions(Panel.of(evidence[order], 4.0 * weight[order]))
    assert one.shares.to_numpy().tobytes() == other.shares.to_numpy().tobytes()
    assert one.choice.to_numpy(dtype=float).tobytes() == other.choice.to_numpy(dtype=float).tobytes()


def test_a_person_of_double_weight_is_two_people_in_the_figures_and_not_in_their_doubt() -> None:
    evidence = people(400)[0]
    weight = np.where(np.arange(len(evidence)) % 4 == 0, 2.0, 1.0)
    twice = np.concatenate([evidence, evidence[::4]])
    heavy, many = Panel.of(evidence, weight), Panel.of(twice)
    a, b = fit_chain(heavy, lasting=False), fit_chain(many, lasting=False)
    assert np.abs(a.moves - b.moves).max() < 0.01  # but for the person who is added to each row


def test_renaming_segments_renames_the_answer() -> None:
    evidence, turn = people(500)[0], np.array([2, 0, 1])
    one, other = (fit_chain(Panel.of(values)).moves[0] for values in (evidence, evidence[..., turn]))
    assert np.abs(one[np.ix_(turn, turn)] - other).max() < 1e-4


def test_memberships_become_evidence_by_taking_the_shares_out() -> None:
    shares, likely = np.array([0.7, 0.3]), np.array([[1.0, 0.2], [0.1, 1.0]])
    memberships = likely * shares / (likely * shares).sum(axis=1, keepdims=True)
    assert np.allclose(evidence_of(memberships, shares), np.log(likely))
    assert np.isfinite(evidence_of(np.array([[1.0, 0.0]]), shares)).all()


def test_places_inside_segments_have_the_spread_of_one() -> None:
    rng = np.random.default_rng(0)
    evidence = (3.0 * np.eye(3)[rng.integers(0, 3, (3000, 3))] + rng.normal(size=(3000, 3, 3))) @ (3.0 * np.eye(3))
    panel = Panel.of(evidence)
    paths = follow(panel, fit_chain(panel, lasting=False))
    assert panel.directions == 2
    for link, pair in zip(panel.links, paths.pairs, strict=True):
        assert abs((pair * link.spread).sum() / pair.sum() / 4 - 1) < 0.06
        assert abs((pair * link.alike).sum() / pair.sum()) < 0.1


def test_an_interval_of_a_share_stays_inside_and_is_open_where_nobody_was_seen() -> None:
    low, high = share_interval(np.array([0.0, 0.5, 1.0]), np.array([0.001, 0.05, 0.001]), 0.95)
    assert (low >= 0).all() and (high <= 1).all() and high[0] > 0 and low[2] < 1
    assert abs(low[1] - 0.404) < 0.003 and abs(high[1] - 0.596) < 0.003


def test_answers_that_tell_nothing_apart_say_nothing_of_what_lasts() -> None:
    none = learn_transitions(Panel.of(np.zeros((30, 3, 2))))
    assert none.chain.lasting is None and none.choice["lasting"].sum() == 0
    assert (none.shares["low"] < 0.2).all() and (none.shares["high"] > 0.8).any()


def told_again(
    evidence: np.ndarray, *, spread: float = 0.0, sharper: float = 1.0
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Measurements that differ in how far they see each segment, all of them this much sharper."""
    rng = np.random.default_rng(8)
    return [
        (np.ones(len(evidence)), sharper * evidence + spread * rng.normal(size=evidence.shape[2])) for _ in range(24)
    ]


def test_a_measurement_that_is_known_adds_nothing() -> None:
    evidence = people(500)[0]
    known, same = (
        learn_transitions(Panel.of(evidence), measured=told) for told in ((), told_again(np.nan_to_num(evidence)))
    )
    for name in ("share", "low", "high"):
        assert np.abs(known.shares[name] - same.shares[name]).max() < 2e-4


def test_a_measurement_that_could_be_another_widens_every_interval() -> None:
    evidence = people(500)[0]
    panel = Panel.of(evidence)
    known, apart = (
        learn_transitions(panel, measured=told) for told in ((), told_again(np.nan_to_num(evidence), spread=1.0))
    )
    wider = (apart.shares["high"] - apart.shares["low"]) / (known.shares["high"] - known.shares["low"])
    assert wider.median() > 1.05
    assert np.allclose(apart.shares.groupby(["step", "segment_from"])["share"].sum(), 1.0)


def test_what_measurements_of_the_same_people_see_too_sharply_is_taken_out_of_who_moved() -> None:
    evidence = people(1500)[0]
    panel = Panel.of(evidence)
    known, too_sure = (
        learn_transitions(panel, measured=told) for told in ((), told_again(np.nan_to_num(evidence), sharper=1.2))
    )
    assert (too_sure.moved["moved"] < known.moved["moved"] - 0.002).all()
    furthest = (known.moved["high"] - known.moved["low"]) / 2
    assert (known.moved["moved"] - too_sure.moved["moved"] < furthest).all()


def test_random_weights_belong_to_people_and_not_to_their_place() -> None:
    evidence, order = people(200)[0], np.random.default_rng(2).permutation(200)
    order = order[order < len(evidence)]
    one, other = (
        next(random_weights(Panel.of(values), np.random.default_rng(1))) for values in (evidence, evidence[order])
    )
    assert np.array_equal(one[order], other) and abs(one.mean() - 1) < 1e-12


NOBODY = np.full((5, 3, 2), np.nan)


@pytest.mark.parametrize(("evidence", "told"), [
    (np.zeros((5, 2, 2)), "at least 3 waves"),
    (np.where(np.arange(3)[:, None] < 2, np.zeros((5, 3, 2)), np.nan), "at least 3 waves"),
    (np.zeros((0, 3, 2)), "at least one person"),
    (np.zeros((5, 3, 1)), "two segments"),
    (np.zeros((5, 3)), "people x waves x segments"),
    (np.concatenate([np.zeros((5, 3, 2)), NOBODY]), "5 without any"),
    (np.where(np.arange(2) == 1, np.inf, np.zeros((5, 3, 2))), "finite"),
    (np.where(np.arange(2) == 1, np.nan, np.zeros((5, 3, 2))), "finite"),
])  # fmt: skip
def test_what_no_transitions_can_be_learned_of_is_refused(evidence: np.ndarray, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        Panel.of(evidence)
