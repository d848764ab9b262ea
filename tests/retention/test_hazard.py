"""Laws of the hazard model, recovery of a known truth, and its refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from segment.errors import InvalidInput
from segment.retention import HazardModel, KaplanMeierFloor, refitted
from segment.retention.ahead import follow
from segment.retention.competition import Entrant, _choose

#: Laws hold also where nobody was watched; that such a curve is marked is tested with the refusals.
pytestmark = pytest.mark.filterwarnings("ignore::segment.retention.hazard.FurtherThanWatched")
TIMES = [0, 0.5, 1, 6, 12, 24.5, 60, 400]


@pytest.fixture(scope="module")
def fitted(world) -> dict[str, HazardModel]:
    return {
        name: HazardModel(name, max_rows=20_000, max_rounds=60).fit(world.X, world.spells)
        for name in ("linear", "boosting", "average")
    }


@pytest.mark.parametrize("learner", ["linear", "boosting", "average"])
def test_laws(fitted, world, learner: str) -> None:
    """Survival starts at one, never rises; incidences never fall; together they are one."""
    model, X = fitted[learner], world.X.head(300)
    survival = model.predict_survival(X, TIMES)
    by_cause = [model.predict_incidence(X, TIMES, cause) for cause in model.causes_]
    assert survival.shape == (300, len(TIMES))
    assert (survival[:, 0] == 1).all() and (np.diff(survival) <= 0).all() and (survival >= 0).all()
    assert all((np.diff(incidence) >= -1e-15).all() for incidence in by_cause)
    np.testing.assert_allclose(survival + sum(by_cause), 1, atol=1e-12)


@pytest.mark.parametrize("learner", ["linear", "average"])
def test_given_the_tenure_so_far(fitted, world, learner: str) -> None:
    """S(t | s) = S(t) / S(s); before s nothing happened."""
    model, X = fitted[learner], world.X.head(50)
    whole = model.predict_survival(X, [7.3, 20.0])
    given = model.predict_survival(X, [5.0, 7.3, 20.0], start=7.3)
    np.testing.assert_allclose(given[:, 2], whole[:, 1] / whole[:, 0], atol=1e-12)
    assert (given[:, :2] == 1).all()
    ahead = model.predict_ahead(X, [12.7], start=np.full(50, 7.3))
    np.testing.assert_allclose(ahead.survival[:, 0], given[:, 2], atol=1e-12)


def test_the_truth_is_found_in_spite_of_left_truncation(fitted, world) -> None:
    for model in fitted.values():
        survival = model.predict_survival(world.X, [12])[:, 0]
        assert abs(survival.mean() - world.survival[:, 11].mean()) < 0.03
        assert np.abs(model.predict_incidence(world.X, [12])[:, 0] - world.voluntary[:, 11]).mean() < 0.05


def test_ignoring_entry_would_be_wrong(fitted, world) -> None:
    """The mistake this model avoids: people already employed counted as watched from hire."""
    naive = HazardModel("linear", max_rows=20_000).fit(world.X, world.spells.drop(columns="entry"))
    truth = world.survival[:, 11].mean()
    honest = fitted["linear"].predict_survival(world.X, [12]).mean()
    assert abs(naive.predict_survival(world.X, [12]).mean() - truth) > 3 * abs(honest - truth)


def test_same_seed_same_bytes_and_inputs_untouched(world) -> None:
    X, spells = world.X.copy(), world.spells.copy()
    one, two = (HazardModel(max_rows=8_000, max_rounds=30, random_state=3).fit(X, spells) for _ in range(2))
    assert one.predict_survival(X, [12]).tobytes() == two.predict_survival(X, [12]).tobytes()
    assert one.risks_[0].boosted is None or one.risks_[0].boosted.text == two.risks_[0].boosted.text
    pd.testing.assert_frame_equal(X, world.X)
    pd.testing.assert_frame_equal(spells, world.spells)


def test_the_order_of_people_does_not_matter(fitted, world) -> None:
    order = np.random.default_rng(0).permutation(300)
    X = world.X.head(300)
    said = fitted["average"].predict_survival(X, [24])
    np.testing.assert_array_equal(fitted["average"].predict_survival(X.iloc[order], [24]), said[order])


def test_splitting_a_spell_in_two_changes_next_to_nothing(fitted, world) -> None:
    """Start-stop rows of one person say the same as one row."""
    middle = (world.spells["entry"] + world.spells["exit"]) // 2
    cut = (middle > world.spells["entry"]) & (middle < world.spells["exit"])
    first = world.spells.assign(
        exit=world.spells["exit"].where(~cut, middle), event=world.spells["event"].where(~cut, 0)
    )
    second = world.spells[cut].assign(entry=middle[cut])
    both = pd.concat([first.assign(person=first.index), second.assign(person=second.index)])
    X = pd.concat([world.X, world.X[cut]]).reset_index(drop=True)
    split = HazardModel("linear", max_rows=10**5).fit(X, both.reset_index(drop=True))
    whole = HazardModel("linear", max_rows=10**6).fit(world.X, world.spells)
    assert split.n_people_ == whole.n_people_ and split.n_months_ == whole.n_months_
    gap = split.predict_survival(world.X, [12]) - whole.predict_survival(world.X, [12])
    assert np.abs(gap).max() < 0.03


def test_doubling_every_weight_changes_little(fitted, world) -> None:
    double = HazardModel("linear", max_rows=20_000).fit(world.X, world.spells.assign(weight=2.0))
    gap = double.predict_survival(world.X, [12]) - fitted["linear"].predict_survival(world.X, [12])
    assert np.abs(gap).mean() < 0.005


def test_where_nothing_can_be_known_the_floor_says_so(make) -> None:
    null = make(2_000, 5, signal=0.0)
    model = HazardModel(max_rows=15_000, max_rounds=40).fit(null.X, null.spells)
    assert not model.beats_floor_
    floor = KaplanMeierFloor().fit(null.X, null.spells).predict_ahead(null.X[:1], [12]).survival
    np.testing.assert_allclose(model.predict_survival(null.X[:1], [12]), floor, atol=0.05)


def test_competition_is_reported(world) -> None:
    model = HazardModel(max_rows=15_000, max_rounds=40).fit(world.X, world.spells)
    table = model.competition_
    assert table.groupby("cause")["chosen"].sum().tolist() == [1, 1]
    assert set(table["learner"]) == {"floor", "linear", "boosting", "average"}
    assert model.beats_floor_


def test_a_declared_direction_is_kept(world) -> None:
    for learner in ("linear", "boosting"):
        model = HazardModel(learner, monotone={"unmet": -1}, max_rows=8_000, max_rounds=30).fit(world.X, world.spells)
        grid = pd.DataFrame({"unmet": np.linspace(-2, 2, 9), "pay": 0.0, "site": "B"})
        assert (np.diff(model.predict_survival(grid, [12])[:, 0]) >= -1e-12).all()


def test_a_cause_nobody_left_for_gets_nothing(world) -> None:
    only = world.spells.assign(event=(world.spells["event"] == 1).astype(int))
    model = HazardModel("linear", max_rows=10_000).fit(world.X, only)
    assert model.predict_incidence(world.X[:5], [60], "involuntary").max() < 1e-5


def test_duration_outcome_needs_no_entry_and_one_cause() -> None:
    spells = pd.DataFrame({"exit": [3.0, 5.0, 8.0, 9.0] * 20, "event": [True, False, True, False] * 20})
    X = pd.DataFrame(index=spells.index)
    survival = HazardModel("linear", causes=("left",)).fit(X, spells).predict_survival(X[:1], [9])
    assert 0.1 < survival.item() < 0.9


def test_unknown_levels_and_gaps_are_answered(fitted) -> None:
    odd = pd.DataFrame({"unmet": [np.nan, 99.0], "pay": [np.nan, -99.0], "site": ["Z", None]})
    for model in fitted.values():
        assert np.isfinite(model.predict_survival(odd, [12, 240])).all()


def test_a_model_holds_no_array_as_long_as_its_people(fitted, world) -> None:
    def arrays(thing: object) -> list[int]:
        if isinstance(thing, np.ndarray):
            return list(thing.shape)
        if isinstance(thing, list | tuple):
            return [len(thing), *(size for part in thing for size in arrays(part))]
        inner = thing.values() if isinstance(thing, dict) else getattr(thing, "__dict__", {}).values()
        return [size for part in inner for size in arrays(part)]

    for model in fitted.values():
        assert max(arrays(model)) < model.n_people_ / 4


def test_a_model_survives_saving_without_pickle(fitted, world) -> None:
    data = skops.io.dumps(fitted["average"])
    trusted = skops.io.get_untrusted_types(data=data)
    assert all(name.startswith("segment.retention.") for name in trusted)
    again = skops.io.loads(data, trusted=trusted)
    np.testing.assert_array_equal(
        again.predict_survival(world.X[:9], [12]), fitted["average"].predict_survival(world.X[:9], [12])
    )


def test_estimator_rules(world) -> None:
    model = HazardModel("linear", causes=("a",), random_state=4, max_rows=5)
    assert clone(model).get_params() == model.get_params()
    with pytest.raises(NotFittedError):
        model.predict_survival(world.X, [12])


def test_refits_differ_but_agree(fitted, world) -> None:
    said = fitted["linear"].predict_survival(world.X[:20], [12])
    draws = [
        m.predict_survival(world.X[:20], [12]) for m in refitted(fitted["linear"], world.X, world.spells, n_draws=3)
    ]
    assert all(0 < np.abs(draw - said).mean() < 0.05 for draw in draws)


def test_walking_the_months_by_hand() -> None:
    """Half stay each month, all exits to one cause; from the middle of month 1 to the middle of month 2."""
    stay = np.log(np.full((1, 2), 0.5))
    survival, gone = follow(
        np.ones((1, 1, 2)), stay, first=np.array([1.0]), start=np.array([1.5]), times=np.array([[2.0, 2.5]])
    )
    np.testing.assert_allclose(survival, [[0.5**0.5, 0.5]])
    np.testing.assert_allclose(gone[0], 1 - survival)


def test_refusals(world, fitted) -> None:
    model = fitted["linear"]
    for call, said in (
        (
            lambda: HazardModel("forest").fit(world.X, world.spells),
            "'learner' parameter of HazardModel must be",
        ),
        (lambda: HazardModel().fit(world.X, world.spells.assign(event=0)), "Nobody left"),
        (lambda: HazardModel().fit(world.X.iloc[::-1], world.spells), "same rows"),
        (lambda: HazardModel(monotone={"site": 1}).fit(world.X, world.spells), "direction cannot be kept"),
        (lambda: model.predict_survival(world.X, [12, 6]), "times cannot be worked with"),
        (lambda: model.predict_survival(world.X, [12], start=[1, 2]), "survived so far"),
        (lambda: model.predict_incidence(world.X, [12], "retired"), "cause was not learned"),
        (lambda: model.predict_survival(world.X.drop(columns="pay"), [12]), "no pay"),
        (lambda: HazardModel().fit(world.X.assign(day=pd.Timestamp("2024-01-01")), world.spells), "date cannot be"),
        (lambda: HazardModel().fit(world.X.assign(pay=np.inf), world.spells), "infinite"),
    ):
        with pytest.raises(InvalidInput, match=said):
            call()


def test_the_kept_model_follows_the_judged_recipe_and_can_be_explained(world) -> None:
    """Causes that were too rare to compete in the judged model compete now; the others keep learner and setting."""
    past = world.spells.assign(event=world.spells["event"].where(world.spells["event"] == 1, 0))
    judged = HazardModel("linear", max_rows=10_000).fit(world.X, past)
    kept = HazardModel("linear", max_rows=10_000).fit_like(world.X, world.spells, like=judged, explained=True)
    assert [len(tried) for tried in judged.entrants_] == [2, 1] and [len(tried) for tried in kept.entrants_] == [2, 2]
    assert kept.risks_[0].linear.strength == judged.risks_[0].linear.strength
    assert all(risk.plain is not None for risk in kept.risks_)
    plain = HazardModel("linear", max_rows=10_000).fit_like(world.X, world.spells, like=judged)
    assert all(risk.plain is None for risk in plain.risks_)


def test_the_best_learner_that_clearly_beats_the_floor_wins() -> None:
    """A learner with the lowest loss but an unsure gain does not send everyone back to the floor."""
    floor = Entrant("floor", "", 0.0200, 0.0, 0.0, 0.0005, 0.0003)
    sure = Entrant("linear", "", 0.0196, 0.0004, 0.0001, 0.0001, 0.0002)
    unsure = Entrant("boosting", "", 0.0195, 0.0005, 0.0003, 0.0, 0.0)
    assert _choose([floor, unsure, sure], "auto") == "linear"
    assert _choose([floor, unsure], "auto") == "floor"
    assert _choose([floor, unsure, sure], "boosting") == "boosting"
