"""What segmentations keep of people: no answer that one person gave, and no centre that is one person."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.disclosure.crowds import cuts_between
from segment.needs.choices import pick_popularity
from segment.segments import SegmentSelector, TypingTool
from segment.segments.candidates import Candidate, Material
from segment.segments.families import FAMILIES
from segment.segments.frozen import SegmentScorer
from segment.segments.reading import Reading
from tests.kept_values import PAY, TENURE, attributes_holding, bytes_holding, parts_of, saved

NEEDS = {f"{need}{k}": need for need in ("pay", "team", "time", "growth") for k in (1, 2, 3)}
N = 241


def answers(*, far: float | None = None) -> pd.DataFrame:
    """Two kinds of people, and a last one who is like nobody else; ``far`` is an answer that only this one gave."""
    rng = np.random.default_rng(5)
    high = np.where(rng.random(N) < 0.5, 0, 2)
    middle = np.full((N, len(NEEDS)), 3.0)
    middle[np.arange(N)[:, None], 3 * high[:, None] + np.arange(3)] += 1.4
    drawn = np.clip(np.round(middle + rng.normal(0, 0.7, middle.shape)), 1, 5)
    drawn[-1] = [1, 1, 1, 5, 5, 5, 1, 1, 1, 5, 5, 5]
    items = pd.DataFrame(drawn, columns=list(NEEDS))
    if far is not None:
        items.loc[N - 1, "pay1"] = far
    return items


def material(items: pd.DataFrame) -> Material:
    weight = np.ones(len(items))
    return Reading(items, NEEDS, weight=weight, scales=None, choice_weight=0.0).read(items, weight)


def fitted(family: str, items: pd.DataFrame) -> SegmentScorer:
    selector = SegmentSelector(3, families=(family,), n_splits=1, n_starts=3, null_draws=1)
    selector.fit(items, NEEDS)
    tool = TypingTool(n_splits=2, n_simulated=500).fit(items, selector.labels_)
    names = {number: {"nl": f"groep {number}", "en": f"group {number}"} for number in range(3)}
    return SegmentScorer.of(selector, names, typing_tool=tool)


@pytest.mark.parametrize("far", [PAY, TENURE])
@pytest.mark.parametrize("family", FAMILIES)
def test_no_attribute_and_no_byte_holds_an_answer_of_one_person(family: str, far: float) -> None:
    scorer = fitted(family, answers(far=far))
    assert attributes_holding(scorer) == []
    assert bytes_holding(saved(scorer)) == []
    assert scorer.score(answers()).shape[0] == N


def test_the_walk_finds_the_answer_in_a_reading_that_is_not_frozen() -> None:
    items = answers(far=PAY)
    reading = Reading(items, NEEDS, weight=np.ones(N), scales=None, choice_weight=0.0)
    assert attributes_holding(reading) == ["._range.high"] and bytes_holding(saved(reading))
    assert attributes_holding(reading.frozen()) == []


@pytest.mark.parametrize("family", FAMILIES)
def test_a_segment_of_one_person_is_kept_as_the_mean_of_ten(family: str) -> None:
    """Where a number of segments is asked for, one of them may be a single person; its centre may not."""
    items = answers()
    seen = material(pd.concat([items.iloc[:-1], items.iloc[[-1]]], ignore_index=True))
    candidate = alone(FAMILIES[family], seen)
    before = candidate.memberships(seen).sum(axis=0)
    own = candidate.looked_at(seen)[-1]
    least = int(before.argmin())
    assert before[least] < 10
    centre = centre_of(candidate, least, seen)
    assert near(centre, own, 1e-6) == (before[least] < 1.5)
    ten = np.argsort(-candidate.memberships(seen)[:, least], kind="stable")[:10]
    kept = candidate.filled(seen)
    wanted = candidate.looked_at(seen)[ten].mean(axis=0)
    assert near(centre_of(kept, least, seen), wanted, 1e-6) and not near(centre_of(kept, least, seen), own, 0.05)
    assert not any(
        near(row, own, 1e-9)
        for _, part in parts_of(kept)
        if isinstance(part, np.ndarray) and part.ndim == 2 and part.shape[1] == len(own)
        for row in part
    )
    np.testing.assert_allclose(kept.memberships(seen).sum(axis=1), 1.0)


def alone(family: type[Candidate], seen: Material) -> Candidate:
    """The family's own model with one segment put at the last person, as a search that isolates somebody leaves it."""
    candidate = family(3, n_starts=3, seed=1).fit(seen)
    least = int(candidate.memberships(seen).sum(axis=0).argmin())
    candidate.model.recentre(least, candidate.looked_at(seen)[[-1]], 1 / len(seen))
    return candidate


def centre_of(candidate: Candidate, segment: int, seen: Material) -> np.ndarray:
    """Means of scores or answers; of a latent class the mean answers under its probabilities."""
    if hasattr(candidate.model, "means_"):
        return np.asarray(candidate.model.means_[segment])
    pairs = zip(candidate.model.item_probabilities_, candidate.model.categories_, strict=True)  # type: ignore[attr-defined]
    assert seen.items.shape[1] == len(candidate.model.categories_)  # type: ignore[attr-defined]
    return np.array([probabilities[segment] @ answers for probabilities, answers in pairs])


def near(one: np.ndarray, other: np.ndarray, within: float) -> bool:
    return bool(np.abs(np.asarray(one) - np.asarray(other)).max() < within)


def test_a_question_and_a_wish_of_few_are_not_kept_as_theirs() -> None:
    items = answers()
    items["pay1"] = items["pay1"].where(np.arange(N) >= N - 1)
    items.loc[N - 1, "pay1"] = 2.123
    reading = Reading(items, NEEDS, weight=np.ones(N), scales=None, choice_weight=0.0)
    assert reading.scorer is not None and reading.scorer.item_means_["pay1"] != 2.123
    assert reading.scorer.n_usable_ % 10 == 0
    picks = pd.DataFrame({"raise": [1.0] * 200, "dog": [1.0] + [0.0] * 199, "bike": [0.0, 1.0, 1.0, 1.0] + [0.0] * 196})
    shares = pick_popularity(picks)
    assert shares["dog"] == shares["bike"] and shares["raise"] == 1.0


def test_numbers_of_people_in_a_frozen_segmentation_are_bands() -> None:
    scorer = fitted("k_means", answers())
    assert scorer.typing_tool is not None and set(scorer.typing_tool.agreement_["n"]) <= {0, 240}
    assert not hasattr(scorer.selector, "evidence_")
    few = SegmentSelector().fit(answers().head(43), NEEDS)
    assert few.decision_.parts["n"] == 43
    assert SegmentScorer.of(few, {}).selector.decision_.parts["n"] == 40


@pytest.mark.parametrize("seed", range(6))
def test_answers_of_a_person_each_are_cut_as_answers_of_people_with_names_are(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.choice(
        [rng.normal(size=400).round(2), rng.integers(1, 6, 400), rng.integers(1, 3, 400)][seed % 3], 9 * 7 ** (seed % 4)
    )
    names = rng.permutation(len(values))
    for most in (2, 5, 20):
        assert cuts_between(values, None, most=most).tobytes() == cuts_between(values, names, most=most).tobytes()
