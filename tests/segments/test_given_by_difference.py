"""What two segmentations that differ by one person give away: the attack by difference, run on what is saved."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from segment.needs.choices import pick_popularity
from segment.segments import SegmentSelector, TypingTool
from segment.segments.candidates import Candidate, Material
from segment.segments.families import DIVISIONS, FAMILIES
from segment.segments.frozen import SegmentScorer
from segment.segments.reading import Reading
from tests.kept_values import parts_of

NEEDS = {f"{need}{k}": need for need in ("pay", "team", "time", "growth") for k in (1, 2, 3)}
N = 400
LEAVERS = (7, 113, 250, 399)
#: What is computed from coarse parts and holds no more than they do.
DERIVED = re.compile(r"covariance_?$|\.nodes$|log_sizes$|_log_items$|item_probabilities_\[|weights_?$")


def answers() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    middle = np.full((N, len(NEEDS)), 3.0)
    middle[np.arange(N)[:, None], 3 * rng.integers(3, size=N)[:, None] + np.arange(3)] += 1.3
    return pd.DataFrame(np.clip(np.round(middle + rng.normal(0, 0.8, middle.shape)), 1, 5), columns=list(NEEDS))


def seen(items: pd.DataFrame) -> tuple[Reading, Material]:
    weight = np.ones(len(items))
    reading = Reading(items, NEEDS, weight=weight, scales=None, choice_weight=0.0)
    return reading, reading.read(items, weight)


def without(items: pd.DataFrame, place: int) -> pd.DataFrame:
    return items.drop(index=place).reset_index(drop=True)


def subtracted(with_all: np.ndarray, with_fewer: np.ndarray) -> np.ndarray:
    """What one person must have answered, if both are exact means."""
    return np.asarray(with_all * N - with_fewer * (N - 1))


def got(found: np.ndarray, own: np.ndarray) -> float:
    """Share of a person's answers that were found out."""
    return float((np.round(found) == own).mean())


def test_means_of_questions_do_not_give_the_answers_of_the_one_who_left() -> None:
    items = answers()
    whole, _ = seen(items)
    shares = {"exact": [], "three decimals": [], "kept": [], "scorer": []}
    for place in LEAVERS:
        fewer, own = without(items, place), items.loc[place].to_numpy()
        less, _ = seen(fewer)
        exact = items.mean().to_numpy(), fewer.mean().to_numpy()
        shares["exact"].append(got(subtracted(*exact), own))
        shares["three decimals"].append(got(subtracted(*(mean.round(3) for mean in exact)), own))
        shares["kept"].append(got(subtracted(whole._means, less._means), own))
        assert whole.scorer is not None and less.scorer is not None
        kept = (scorer.item_means_.to_numpy() for scorer in (whole.scorer, less.scorer))
        shares["scorer"].append(got(subtracted(*kept), own))
    assert np.mean(shares["exact"]) == 1.0 and np.mean(shares["three decimals"]) > 0.9  # few digits are no help
    assert max(np.mean(shares["kept"]), np.mean(shares["scorer"])) < 0.3  # a guess gets as many


def fitted(family: type[Candidate], items: pd.DataFrame) -> tuple[Candidate, Material]:
    _, material = seen(items)
    return family(3, n_starts=3, seed=1).fit(material), material


def centre_of_all(candidate: Candidate) -> np.ndarray:
    """Everyone's mean as the segments' shares and centres give it."""
    model: Any = candidate.model
    if hasattr(model, "means_"):
        return np.asarray(model.weights_ @ model.means_)
    pairs = zip(model.item_probabilities_, model.categories_, strict=True)
    return np.array([model.class_weights_ @ (shares @ told) for shares, told in pairs])


@pytest.mark.parametrize("name", [*FAMILIES, *DIVISIONS])
def test_shares_and_centres_of_segments_do_not_give_the_one_who_left(name: str) -> None:
    """Shares times centres are everyone's mean; those of k-means and of made groups to the last digit."""
    family, (_, everyone) = (FAMILIES | DIVISIONS)[name], seen(answers())
    whole = family(3, n_starts=3, seed=1).fit(everyone)
    looked_at, before = whole.looked_at(everyone), centre_of_all(whole)
    after = centre_of_all(whole.kept(everyone))
    exact, kept, guess = [], [], []
    for place in LEAVERS:
        others = everyone.take(np.delete(np.arange(N), place))
        less, own = family(3, n_starts=3, seed=1).fit(others), looked_at[place]
        exact.append(np.abs(subtracted(before, centre_of_all(less)) - own).mean())
        kept.append(np.abs(subtracted(after, centre_of_all(less.kept(others))) - own).mean())
        guess.append(np.abs(looked_at.mean(axis=0) - own).mean())
    assert np.mean(exact) < 1e-6 or name not in ("k_means", "strongest_need")
    assert np.mean(kept) > 0.8 * np.mean(guess)  # who takes everyone's mean for the one who left is as near
    assert np.abs(after - before).max() < 0.25 * looked_at.std()  # and the centres still lie where the segments are


@pytest.mark.parametrize("name", FAMILIES)
def test_no_figure_of_people_in_the_file_has_more_digits_than_its_error_allows(name: str) -> None:
    items = answers()
    selector = SegmentSelector(3, families=(name,), n_splits=1, n_starts=3, null_draws=1).fit(items, NEEDS)
    tool = TypingTool(n_splits=2, n_simulated=500).fit(items, selector.labels_)
    scorer = SegmentScorer.of(selector, {}, typing_tool=tool)
    long = {where: value for where, part in parts_of(scorer) for value in numbers_in(part)
            if digits(value) > 5 and not DERIVED.search(where)}  # fmt: skip
    assert long == {}
    model = scorer.selector.candidate_.model  # type: ignore[union-attr]
    assert not {"log_likelihood_", "bic_", "aic_"} & set(vars(model))  # both together say how many people there are


def numbers_in(part: Any) -> list[float]:
    if isinstance(part, float):
        return [part] if np.isfinite(part) else []
    if isinstance(part, np.ndarray) and part.dtype.kind == "f":
        return [float(value) for value in part.ravel() if np.isfinite(value)]
    return []


def digits(value: float) -> int:
    """Significant digits of a number."""
    return len(re.sub(r"e.*$", "", f"{abs(value):.12g}").replace(".", "").strip("0"))


@pytest.mark.parametrize("name", FAMILIES)
def test_the_study_and_its_saved_model_read_everyone_alike(name: str) -> None:
    items = answers()
    selector = SegmentSelector(3, families=(name,), n_splits=1, n_starts=3, null_draws=1).fit(items, NEEDS)
    scorer = SegmentScorer.of(selector, {})
    np.testing.assert_allclose(scorer.memberships(items), selector.predict_proba(items), atol=1e-12)
    np.testing.assert_array_equal(scorer.memberships(items).argmax(axis=1), selector.labels_)


@pytest.mark.parametrize("name", FAMILIES)
def test_coarse_figures_move_hardly_anybody(name: str) -> None:
    candidate, material = fitted(FAMILIES[name], answers())
    before = candidate.memberships(material)
    after = candidate.kept(material).memberships(material)
    assert (before.argmax(axis=1) == after.argmax(axis=1)).mean() > 0.97
    assert np.abs(before - after).mean() < 0.02


def test_shares_of_wishes_do_not_say_what_the_one_who_left_wished() -> None:
    rng = np.random.default_rng(3)
    picks = pd.DataFrame((rng.random((N, 20)) < 0.3).astype(float), columns=[f"wish{k}" for k in range(20)])
    picks["wish0"] = 1.0  # everybody picked something
    whole, found = pick_popularity(picks), []
    for place in LEAVERS:
        less = pick_popularity(without(picks, place))
        told = subtracted(*(np.array([shares[str(name)] for name in picks]) for shares in (whole, less)))
        found.append(got(told[1:], picks.loc[place].to_numpy()[1:]))
    assert np.mean(found) < 0.75  # "wished nothing" is right for seven of ten
