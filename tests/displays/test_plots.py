"""Pictures for notebooks draw the figures that were computed, and refuse what cannot be drawn."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from segment.errors import InvalidInput
from segment.plots import CalibrationDisplay, CurveDisplay, ProfileDisplay, StabilityDisplay
from segment.retention import HazardModel, HorizonModel, calibration_table, evaluate
from segment.segments import NeedsMixture, SegmentSelector

NEEDS = {f"{need}{number}": need for need in "abc" for number in (1, 2)}


@pytest.fixture(autouse=True)
def figures() -> Iterator[None]:
    with mpl.rc_context({"backend": "agg"}):
        yield
    plt.close("all")


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    means = np.repeat(3.0 + 1.5 * np.eye(3)[np.arange(150) % 3], 2, axis=1)
    return pd.DataFrame(np.clip(np.round(means + rng.normal(0, 0.6, (150, 6))), 1, 5), columns=list(NEEDS))


@pytest.fixture(scope="module")
def people() -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"unmet": rng.normal(size=300), "site": rng.choice(list("AB"), 300)})
    gone = rng.exponential(20 * np.exp(-X["unmet"])) + 0.01
    return X, pd.DataFrame({"exit": np.minimum(gone, 24), "event": (gone < 24).astype(int)})


@pytest.fixture(scope="module")
def hazard(people: tuple[pd.DataFrame, pd.DataFrame]) -> HazardModel:
    return HazardModel("linear", causes=("left",)).fit(*people)


def test_a_curve_per_group_is_the_mean_of_its_people(
    hazard: HazardModel, people: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    X, _ = people
    drawn = CurveDisplay.from_estimator(hazard, X, [0, 6, 12], groups=X["site"])
    foretold = hazard.predict_survival(X, [0, 6, 12])
    assert drawn.names == ("A", "B") and len(drawn.lines_) == 2
    for name, line in zip("AB", drawn.lines_, strict=True):
        np.testing.assert_allclose(line.get_ydata(), foretold[(X["site"] == name).to_numpy()].mean(axis=0))
    whole = CurveDisplay.from_estimator(hazard, X)
    assert whole.months[-1] == hazard.longest_watched_ and whole.names == ("everyone",)


def test_curves_of_any_model_are_drawn_where_one_says_and_as_one_says() -> None:
    _, ax = plt.subplots()
    drawn = CurveDisplay.from_predictions([0, 12], [[1.0, 0.5]], ax=ax, color="red", label="a peer")
    assert drawn.ax_ is ax and drawn.figure_ is ax.figure
    assert (drawn.lines_[0].get_color(), drawn.lines_[0].get_label()) == ("red", "a peer")
    again = drawn.plot()
    assert again is drawn and drawn.ax_ is not ax


@pytest.mark.parametrize("made", ["selector", "mixture"])
def test_profiles_are_those_that_were_found(answers: pd.DataFrame, made: str) -> None:
    if made == "selector":
        quick = {"families": ("needs_mixture",), "n_splits": 1, "n_starts": 2, "null_draws": 1}
        model: SegmentSelector | NeedsMixture = SegmentSelector(3, **quick).fit(answers, NEEDS)
    else:
        model = NeedsMixture(3, n_init=2).fit(answers, NEEDS)
    drawn = ProfileDisplay.from_estimator(model)
    np.testing.assert_allclose([line.get_xdata() for line in drawn.lines_], model.need_profiles_)
    assert [text.get_text() for text in drawn.ax_.get_yticklabels()] == list(model.need_profiles_.columns)
    own = ProfileDisplay.from_predictions(answers, model.labels_, NEEDS)
    assert own.profiles.shape == (3, 3)
    assert (own.profiles.to_numpy().argmax(axis=1) == model.need_profiles_.to_numpy().argmax(axis=1)).all()


def test_stability_is_what_halves_said_and_knows_identity(answers: pd.DataFrame) -> None:
    quick = {"families": ("needs_mixture",), "n_splits": 2, "n_starts": 2, "null_draws": 2}
    selector = SegmentSelector(3, **quick).fit(answers, NEEDS)
    drawn = StabilityDisplay.from_estimator(selector)
    tried = selector.evidence_.dropna(subset="agreement")
    np.testing.assert_allclose(drawn.lines_[0].get_ydata(), tried["agreement"])
    same = StabilityDisplay.from_predictions({k: [(np.arange(12) % k, np.arange(12) % k)] for k in (2, 3)})
    assert same.table["agreement"].tolist() == [1.0, 1.0]


def test_calibration_is_that_of_the_table(hazard: HazardModel, people: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    X, spells = people
    flag = spells["event"].to_numpy()
    model = HorizonModel("linear").fit(X, flag)
    drawn = CalibrationDisplay.from_estimator(model, X, flag, bins=5)
    table = calibration_table(flag, model.predict(X), 5)
    np.testing.assert_allclose(drawn.line_.get_xydata(), table[["predicted", "observed"]])
    assert drawn.line_.get_label() == "HorizonModel"
    ahead = CalibrationDisplay.from_estimator(hazard, X, spells, months=6)
    told = evaluate(hazard, X, spells, horizons=(6,), n_boot=0).calibration
    np.testing.assert_allclose(ahead.line_.get_xydata(), told.loc[told["cause"] == "any", ["predicted", "observed"]])


def test_lines_differ_without_colour() -> None:
    curves = np.linspace(1, 0.1, 12)[:, None] * np.ones((1, 3))
    drawn = CurveDisplay.from_predictions([0, 1, 2], curves, groups=[f"{place:02d}" for place in range(12)])
    assert len({(line.get_color(), line.get_linestyle()) for line in drawn.lines_}) == 12


def test_what_cannot_be_drawn_is_refused(answers: pd.DataFrame, hazard: HazardModel) -> None:
    nothing = SegmentSelector(range(2, 4)).fit(answers[:60], NEEDS)
    with pytest.raises(InvalidInput, match="no segments whose needs"):
        ProfileDisplay.from_estimator(nothing)
    with pytest.raises(InvalidInput, match="nothing is known of stability"):
        StabilityDisplay.from_estimator(nothing)
    with pytest.raises(InvalidInput, match="do not fit the months"):
        CurveDisplay.from_predictions([0, 1], np.ones((3, 5)))
    with pytest.raises(InvalidInput, match="not one per person"):
        CurveDisplay.from_predictions([0, 1], np.ones((3, 2)), groups=["A"])
