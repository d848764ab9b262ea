"""What would have been seen: planted groups, the survey as an instrument, and the curve through what was found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.needs.reliability import centred_reliability, median_reliability
from segment.segments import SegmentSelector, detection
from segment.segments.detection import CHANCE, Curve, _log_likelihood, _probit, smallest_difference
from segment.segments.evidence import nearest_candidate, nearness
from segment.segments.gates import Gates
from segment.segments.measurement import Measurement
from segment.segments.planting import Planting, plant
from segment.segments.sightings import Outcome, learn_chance, look

GATES = Gates(smallest_n=30)


@dataclass(frozen=True)
class PlannedSighting:
    """A sighting of which it is said beforehand whether it is found."""

    found: bool
    named: tuple[str, int] | None = None

    def against(self, _: Planting, __: object) -> Outcome:
        found = self.found and self.named is not None
        return Outcome(3 if found else 1, 0.9, 1.0)


FIFTHS = dict.fromkeys([f"n{need}_{item}" for need in range(1, 5) for item in range(1, 5)], (1.0, 5.0))


@pytest.fixture(scope="module")
def survey() -> Measurement:
    """Four needs with four questions each."""
    return Measurement.assumed(300, 4, 4, within=0.6, noise=0.8, level_sd=0.7, stretch_sd=0.3, missing=0.1)


@pytest.fixture(scope="module")
def planting(survey: Measurement) -> Planting:
    """Three groups, one of a fifth."""
    return Planting.apart(survey, [2, 2, 1], GATES)


def test_a_survey_is_measured_as_it_was_made(survey: Measurement) -> None:
    items, _ = survey.asked_of(3000).answers(np.zeros((1, 4)), [1.0], np.random.default_rng(1))
    measured = Measurement.of(items, survey.need_map, np.ones(3000), scales=survey.scales)
    assert measured is not None
    assert measured.noise.mean() == pytest.approx(0.8, abs=0.06)
    assert measured.level_sd == pytest.approx(0.7, abs=0.12)
    assert measured.stretch_sd == pytest.approx(0.3, abs=0.08)
    centring = np.eye(4) - 1 / 4  # what all needs share is the person's level
    assert np.trace(measured.spread) == pytest.approx(np.trace(centring @ survey.spread), rel=0.15)
    assert measured.gaps.mean() == pytest.approx(0.1, abs=0.02)
    again, _ = measured.answers(np.zeros((1, 4)), [1.0], np.random.default_rng(2))
    reliabilities = [
        median_reliability(centred_reliability(one, survey.need_map, scales=FIFTHS)) for one in (items, again)
    ]
    assert reliabilities[0] == pytest.approx(reliabilities[1], abs=0.05)


def test_people_differ_inside_groups_where_groups_are_known(survey: Measurement) -> None:
    groups = Planting.apart(survey.asked_of(3000), [1, 1], GATES)
    items, truth = groups.measurement.answers(groups.means(2.0), groups.shares, np.random.default_rng(1))
    together, inside = (
        Measurement.of(items, survey.need_map, np.ones(3000), scales=survey.scales, labels=labels)
        for labels in (None, truth)
    )
    assert together is not None and inside is not None
    assert np.trace(inside.spread) < 0.7 * np.trace(together.spread)


def test_one_question_for_a_need_says_nothing_of_noise() -> None:
    items = pd.DataFrame({"a": [1.0, 5, 3], "b": [2.0, 2, 4]})
    scales = dict.fromkeys(items, (1.0, 5.0))
    assert Measurement.of(items, {"a": "pay", "b": "meaning"}, np.ones(3), scales=scales) is None


def test_planted_groups_differ_by_what_was_asked_and_not_by_style(planting: Planting) -> None:
    means = planting.means(1.5)
    apart = means[0] - means[1]
    # Against what a group gives its other needs, its own need stands out by the difference.
    assert apart[0] - apart[3] == pytest.approx(1.5)
    assert apart[1] - apart[3] == pytest.approx(-1.5)
    assert means.mean(axis=1) == pytest.approx([0, 0, 0])
    world = plant(planting, 1.5, np.random.SeedSequence(1))
    assert np.bincount(world.truth) / len(world.truth) == pytest.approx([0.4, 0.4, 0.2], abs=0.03)
    levels = [world.level[world.truth == group].mean() for group in (0, 1)]
    assert abs(levels[0] - levels[1]) < 0.25


def test_far_groups_are_found_and_near_ones_are_not(planting: Planting) -> None:
    far = look(planting, 2.2, np.random.SeedSequence(1))
    assert far.named is not None
    told = far.against(planting, learn_chance(planting, 2.2, {far.named}, np.random.SeedSequence(0)))
    assert told.found and told.k == 3 and told.agreement > 0.8
    near = look(planting, 0.2, np.random.SeedSequence(1)).against(planting, {})
    assert not near.found and near.k == 1 and near.agreement == 0


def test_round_groups_among_few_people_are_seen_as_the_search_sees_them() -> None:
    """Where the mixture's own agreement is too low, k-means with its fewer parameters finds them, here as there."""
    survey = Measurement.assumed(400, 5, 4)
    planting = Planting.apart(survey, [1, 1, 1, 1], GATES)
    seen = [look(planting, 1.7, seed) for seed in np.random.SeedSequence(3).spawn(4)]
    assert "k_means" in {one.case.family.name for one in seen if one.case is not None}
    whole = SegmentSelector(range(3, 6), families=("needs_mixture", "k_means"), gates=GATES, n_splits=6, null_draws=8)
    for number, own in enumerate(np.random.SeedSequence(3).spawn(4)):
        world = planting.measurement.answers(
            planting.means(1.7), planting.shares, np.random.default_rng(own.spawn(2)[0])
        )
        found = whole.fit(world[0], survey.need_map, scales=survey.scales)
        assert (found.n_segments_ > 1) == (seen[number].case is not None)


def test_what_came_back_is_not_found_where_chance_gives_as_much(planting: Planting) -> None:
    far = look(planting, 2.2, np.random.SeedSequence(1))
    assert far.named is not None and far.case is not None
    as_good = tuple(("elliptical", trial) for trial in far.case.data)
    told = far.against(planting, {far.named: as_good})
    assert (told.k, told.agreement) == (1, 0.0) and told.ceiling == far.ceiling


def test_where_chance_gives_as_much_the_other_families_are_looked_at(
    planting: Planting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 200 people asked about three needs, the search found by the mixture what chance gives k-means as well."""
    asked: list[tuple[str, ...]] = []

    def seen(_: Planting, difference: float, __: object, without: tuple[str, ...]) -> PlannedSighting:
        asked.append(without)
        family = next((name for name in ("k_means", "needs_mixture") if name not in without), None)
        return PlannedSighting(family == "needs_mixture" and difference > 1.4, family and (family, 3))

    monkeypatch.setattr(detection, "learn_chance", lambda _, __, wanted, ___: dict.fromkeys(wanted, ()))
    monkeypatch.setattr(detection, "look", seen)
    curve = smallest_difference(planting, n_worlds=20, n_jobs=1)
    assert curve.limit == pytest.approx(1.4, rel=0.15)
    assert [asked.count(one) for one in ((), ("k_means",))] == [20, 20]
    assert asked.count(("k_means", "needs_mixture")) == 20 - curve.worlds["found"].sum()


def test_a_world_looked_at_again_is_the_same_world(planting: Planting) -> None:
    seed = np.random.SeedSequence(8)
    first, again = look(planting, 2.2, seed), look(planting, 2.2, seed, ("k_means",))
    assert first.ceiling == again.ceiling
    assert again.case is None or again.case.family.name == "needs_mixture"


def test_chance_is_asked_about_what_came_back_only(planting: Planting) -> None:
    assert learn_chance(planting, 1.5, set(), np.random.SeedSequence(0)) == {}
    both, one = {("k_means", 3), ("needs_mixture", 3)}, {("k_means", 3)}
    told = [learn_chance(planting, 1.5, wanted, np.random.SeedSequence(0)) for wanted in (both, one)]
    assert set(told[0]) == both and set(told[1]) == one
    assert {kind for kind, _ in told[1]["k_means", 3]} == {"elliptical", "gradient"}
    gains = [[trial.gain.tolist() for _, trial in chance["k_means", 3]] for chance in told]
    assert gains[0] == gains[1]  # another family beside it moves nothing


def test_something_else_than_what_was_planted_is_not_found() -> None:
    assert not Outcome(2, agreement=0.2, ceiling=0.8).found
    assert Outcome(2, agreement=0.41, ceiling=0.8).found
    assert not Outcome(1, agreement=0.0, ceiling=0.0).found


def test_the_curve_finds_the_limit_it_was_drawn_from() -> None:
    generator = np.random.default_rng(4)
    x = np.repeat(np.geomspace(0.5, 3, 15), 20)
    found = generator.random(len(x)) < _probit(x, 1.3, 0.15)
    worlds = pd.DataFrame(
        {"x": x, "learned": np.arange(len(x)), "found": found, "groups": 1 + found, "agreement": 0.5, "ceiling": 0.6}
    )
    curve = Curve.through(worlds, 3.0)
    assert curve.low < 1.3 < curve.high and curve.limit == pytest.approx(1.3, rel=0.07)
    chance, low, high = curve.chance(curve.limit)
    assert low < CHANCE < high and chance == pytest.approx(CHANCE, abs=0.02)
    told = curve.rungs()
    assert told["worlds"].sum() == len(x) and told["chance"].is_monotonic_increasing
    assert np.isnan(Curve.through(worlds.assign(found=False), 3.0).limit)


def test_worlds_that_share_what_chance_gives_tell_less_than_as_many_that_do_not() -> None:
    generator = np.random.default_rng(4)
    x = np.tile(np.geomspace(0.8, 2, 5), 8)
    found = generator.random(len(x)) < _probit(x, 1.3, 0.15)
    worlds = pd.DataFrame({"x": x, "found": found, "groups": 1 + found, "agreement": 0.5, "ceiling": 0.6})
    alone, fours, one = (
        Curve.through(worlds.assign(learned=learned), 3.0)
        for learned in (np.arange(40), np.arange(40) // 10, np.zeros(40, dtype=int))
    )
    widths = [curve.high / curve.low for curve in (alone, fours, one)]
    assert widths[0] < widths[1] < widths[2]
    again = Curve.through(worlds.assign(learned=np.arange(40)[::-1]), 3.0)  # numbers of learnings are names
    assert (again.limit, again.low, again.high) == pytest.approx((alone.limit, alone.low, alone.high), rel=1e-9)


def test_the_luck_of_a_learning_is_summed_out_to_the_chance_over_all() -> None:
    """One world in a learning of its own says the same whatever part of the spread is shared."""
    one = pd.DataFrame({"x": [1.1], "found": [True]})
    told = np.exp(_log_likelihood(one, np.array([0.9, 1.3])))
    assert told == pytest.approx(np.broadcast_to(told[:, :, :1], told.shape), rel=0.02)


def test_the_second_round_learns_chance_anew_for_some_of_its_worlds(
    planting: Planting, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned: list[float] = []

    def learn(_: Planting, difference: float, wanted: set[tuple[str, int]], __: object) -> dict[tuple[str, int], int]:
        learned.append(difference)
        return dict.fromkeys(wanted, len(learned))

    def seen(_: Planting, difference: float, __: object, without: tuple[str, ...]) -> PlannedSighting:
        return PlannedSighting(difference > 1.4, None if without else ("k_means", 3))

    monkeypatch.setattr(detection, "learn_chance", learn)
    monkeypatch.setattr(detection, "look", seen)
    curve = smallest_difference(planting, n_worlds=30, n_jobs=1)
    shared = curve.worlds.groupby("learned").size()
    assert len(learned) == len(shared) == 7 and shared.sum() == 30
    assert learned[3] == learned[4] and learned[5] == learned[6] and shared.iloc[3:].tolist() == [5] * 4
    assert curve.limit == pytest.approx(1.4, rel=0.1)


@pytest.mark.parametrize("odd", [1, 7])
def test_a_world_that_came_out_odd_does_not_send_the_others_astray(
    planting: Planting, monkeypatch: pytest.MonkeyPatch, odd: int
) -> None:
    """The second of the rungs found, or the eighth not found, where all others say 1.2."""
    told: list[float] = []

    def seen(_: Planting, difference: float, *__: object) -> PlannedSighting:
        told.append(difference)
        found = (difference > 1.2) != (len(told) == odd + 1)
        return PlannedSighting(found, ("k_means", 3) if found else None)

    monkeypatch.setattr(detection, "learn_chance", lambda _, __, wanted, ___: dict.fromkeys(wanted, ()))
    monkeypatch.setattr(detection, "look", seen)
    curve = smallest_difference(planting, n_worlds=40, n_jobs=1)
    assert curve.limit == pytest.approx(1.25, rel=0.1)
    assert np.ptp(told[25:]) < np.ptp(told[10:25])


def test_what_cannot_be_planted_is_refused(survey: Measurement, planting: Planting) -> None:
    with pytest.raises(InvalidInput, match="2 to 4 groups"):
        Planting.apart(survey, [1] * 5, GATES)
    with pytest.raises(InvalidInput, match="above zero"):
        Planting.apart(survey, [1, 0], GATES)
    with pytest.raises(InvalidInput, match="at least 10"):
        smallest_difference(planting, n_worlds=4)


def test_a_further_group_is_like_the_largest_but_for_one_need(survey: Measurement) -> None:
    base = np.array([[1.0, 0.0, -0.5, -0.5], [-0.5, 0.0, 0.0, 0.5]])
    planting = Planting.further(survey, base, [0.7, 0.3], 0.1, GATES)
    assert planting.shares == pytest.approx((0.6, 0.3, 0.1)) and planting.k == 3
    means = planting.means(1.2)
    apart = means[2] - means[0]
    assert apart[2] - apart[0] == pytest.approx(1.2)  # the need that the largest group finds least important
    assert apart[0] == pytest.approx(apart[1]) and apart[1] == pytest.approx(apart[3])
    assert planting.among == (0, 2)  # telling the groups that were there before apart is no discovery


def test_a_limit_is_not_stated_where_the_others_alone_are_found(survey: Measurement) -> None:
    base = np.array([[2.5, -0.5, -1.0, -1.0], [-1.0, -0.5, -1.0, 2.5]])
    planting = Planting.further(survey, base, [0.6, 0.4], 0.1, GATES)
    world = plant(planting, 0.05, np.random.SeedSequence(2))
    assert set(world.truth) == {0, 1, 2}
    seen = look(planting, 0.05, np.random.SeedSequence(3))
    wanted = set() if seen.named is None else {seen.named}
    assert not seen.against(planting, learn_chance(planting, 0.05, wanted, np.random.SeedSequence(0))).found


def test_nearness_says_of_every_gate_what_was_reached_and_needed() -> None:
    common = {"family": "needs_mixture", "basis": "needs", "n": 1000, "chosen": False, "reliability": 0.6,
              "spread_share": 0.02, "gain_chance": 0.01}  # fmt: skip
    table = pd.DataFrame(
        [
            {"k": 1, "failed": "", "bic": 5000.0},
            {"k": 2, "failed": "style, agreement", "bic": 4990.0, "style_share": 0.4, "agreement": 0.5},
            {"k": 3, "failed": "agreement", "bic": 4980.0, "style_share": 0.1, "agreement": 0.61,
             "agreement_chance": 0.45, "gain": 0.03, "posterior_limit": 0.81, "smallest_share": 0.2},
        ]
    ).assign(**common)  # fmt: skip
    best = nearest_candidate(table)
    assert best is not None and best["k"] == 3
    told = nearness(table, GATES).set_index("gate")
    assert told["passed"].to_dict() == {
        "size": "yes", "style": "yes", "posterior": "yes", "reliability": "yes", "one segment": "yes",
        "agreement": "no", "agreement by chance": "yes", "gain by chance": "yes",
    }  # fmt: skip
    assert told.loc["agreement", ["reached", "needed"]].tolist() == pytest.approx([0.61, 0.70])
    assert told.loc["size", "needed"] == pytest.approx(0.05)
    assert nearness(table[table["k"] == 1], GATES).empty


@pytest.mark.parametrize(("share", "reached"), [(0.23, 0.25), (0.02, None)])
def test_how_near_a_search_came_is_no_number_of_a_few_people(share: float, reached: float | None) -> None:
    """The group that is too small may be a segment that the release hides."""
    row = {"family": "needs_mixture", "basis": "needs", "n": 163, "chosen": False, "k": 2, "failed": "size",
           "bic": 90.0, "smallest_share": share}  # fmt: skip
    known = dict.fromkeys(["style_share", "spread_share", "posterior_limit", "reliability", "agreement",
                           "agreement_chance", "gain", "gain_chance"], 0.5)  # fmt: skip
    table = pd.DataFrame([row | known, row | known | {"k": 1, "failed": "", "bic": 95.0}])
    told = nearness(table, GATES).set_index("gate").loc["size"]
    assert told["passed"] == ("no" if reached is None else "yes")
    assert pd.isna(told["reached"]) if reached is None else told["reached"] == reached
