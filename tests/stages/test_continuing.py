"""Segments that go on under a decided model's numbers, and what stands beside the choice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from segment.needs.chosen import Choices
from segment.segments import SegmentSelector
from segment.segments.frozen import SegmentScorer
from segment.segments.identity import match_segments
from segment.segments.names import names_in
from segment.stages.audit_log import witnessed
from segment.stages.base import decided_store
from segment.stages.segmentation.basis import Basis
from segment.stages.segmentation.identity import continued
from segment.stages.segmentation.neighbours import neighbours_of, without_choices
from segment.store import Store
from segment.vocabulary import ItemKind

KEY = bytes(range(32))
NEEDS = ("pay", "social", "growth", "meaning")


@dataclass(frozen=True)
class Survey:
    people: pd.DataFrame
    basis: Basis
    selector: SegmentSelector


def fitted(sizes: tuple[int, ...], *, seed: int = 3) -> Survey:
    """People in planted segments, the first about the first need and so on; segments come largest first."""
    rng = np.random.default_rng(seed)
    truth = np.repeat(np.arange(len(sizes)), sizes)
    items = {
        f"{need}{number}": np.clip(np.round(3 + 1.4 * (truth == place) + rng.normal(0, 0.6, len(truth))), 1, 5)
        for place, need in enumerate(NEEDS)
        for number in range(4)
    }
    people = pd.DataFrame(items).assign(weight=1.0)
    basis = Basis({code: code[:-1] for code in items}, dict.fromkeys(items, (1.0, 5.0)))
    selector = SegmentSelector(len(sizes), families=("needs_mixture",), n_splits=2, null_draws=2, n_starts=4)
    return Survey(people, basis, selector.fit(basis.items(people), basis.need_map, scales=basis.scales))


def a_study(folder: Path) -> SimpleNamespace:
    """As much of an open study as looking for a decided model needs."""
    config = SimpleNamespace(
        codebook=SimpleNamespace(wishes=None), segmentation=SimpleNamespace(basis=(ItemKind.IMPORTANCE,))
    )
    return SimpleNamespace(store=Store(folder / "tables", folder), config=config, book=folder / "ledger.db", key=KEY)


def decide(folder: Path, survey: Survey, names: tuple[str, ...]) -> None:
    called = {number: {"nl": f"{name} nl", "en": name} for number, name in enumerate(names)}
    with witnessed(folder / "ledger.db", KEY, stage="discover", on="0" * 64) as seen:
        digest = decided_store(folder).save_model("segmentation", SegmentScorer.of(survey.selector, called), card={})
        seen["models"] = {"segmentation": digest}


def go_on(folder: Path, survey: Survey):
    return continued(a_study(folder), survey.selector, survey.people)


def test_without_a_decision_segments_are_numbered_by_size(tmp_path):
    survey = fitted((250, 150, 100))
    kept = go_on(tmp_path, survey)
    assert kept.selector is survey.selector and not kept.names and kept.identity.empty


def test_a_segment_keeps_its_number_and_name_when_another_has_outgrown_it(tmp_path):
    decide(tmp_path, fitted((250, 150, 100)), ("about pay", "about others", "about growth"))
    later = fitted((100, 250, 150), seed=8)
    kept = go_on(tmp_path, later)
    assert {number: told["en"] for number, told in kept.names.items()} == {
        0: "about pay", 1: "about others", 2: "about growth",
    }  # fmt: skip
    assert np.bincount(kept.selector.labels_).tolist() == pytest.approx([100, 250, 150], abs=12)
    assert kept.selector.need_profiles_.idxmax(axis=1).tolist() == ["pay", "social", "growth"]
    assert (kept.identity["status"] == "kept").all() and kept.identity["overlap"].min() > 0.8


def test_a_new_segment_gets_a_number_that_is_free_and_no_old_name(tmp_path):
    decide(tmp_path, fitted((250, 150, 100)), ("about pay", "about others", "about growth"))
    kept = go_on(tmp_path, fitted((250, 150, 100, 90), seed=8))
    assert sorted(kept.names) == [0, 1, 2]
    assert kept.identity.set_index("segment")["status"].to_dict() == {0: "kept", 1: "kept", 2: "kept", 3: "new"}
    assert kept.selector.need_profiles_.idxmax(axis=1).tolist() == list(NEEDS)


def test_a_segment_that_is_gone_is_said_to_be(tmp_path):
    decide(tmp_path, fitted((250, 150, 100)), ("about pay", "about others", "about growth"))
    kept = go_on(tmp_path, fitted((250, 150), seed=8))
    gone = kept.identity[kept.identity["status"] == "gone"]
    names = names_in(kept.earlier_names, of="earlier")
    assert [names[int(one)]["en"] for one in gone["earlier"]] == ["about growth"] and gone["segment"].isna().all()


def test_another_questionnaire_goes_its_own_way(tmp_path):
    decide(tmp_path, fitted((250, 150, 100)), ("about pay", "about others", "about growth"))
    survey = fitted((250, 150))
    other = survey.people.rename(columns=lambda c: f"new_{c}" if c != "weight" else c)
    basis = Basis({f"new_{c}": n for c, n in survey.basis.need_map.items()},
                  {f"new_{c}": s for c, s in survey.basis.scales.items()})  # fmt: skip
    assert go_on(tmp_path, Survey(other, basis, survey.selector)).identity.empty


def test_a_kept_number_past_the_last_gives_way_to_one_that_exists():
    match = match_segments([0] * 4 + [1] * 4 + [2] * 4, [1] * 4 + [1] * 4 + [0] * 4)
    assert sorted(match.numbers().values()) == [0, 1]


def test_neighbours_say_who_was_one_segment_before(tmp_path):
    survey = fitted((200, 150, 100))
    choices = Choices({}, {}, {})
    found = neighbours_of(survey.selector, survey.people, survey.basis, choices, random_state=0).set_index("segment")
    assert sorted(found["n"], reverse=True) == sorted(np.bincount(survey.selector.labels_), reverse=True)
    joined = {segment: set(map(int, others.split(","))) for segment, others in found["one_with"].items() if others}
    assert len(joined) == 2 and all(segment in joined[other] for segment, rest in joined.items() for other in rest)
    assert found["stability"].between(0, 1).all() and found["stability"].max() > 0.8
    assert found["parts"].astype(int).sum() in (3, 4)


def test_what_wishes_add_is_measured_and_absent_where_none_were_asked(tmp_path):
    survey = fitted((200, 150, 100))
    nothing = without_choices(survey.selector, survey.people, survey.basis, Choices({}, {}, {}), random_state=0)
    assert nothing.empty
    rng, truth = np.random.default_rng(1), np.repeat([0, 1, 2], (200, 150, 100))
    picks = {
        f"w_{need}": ((truth == place) | (rng.random(450) < 0.2)).astype(float) for place, need in enumerate(NEEDS)
    }
    people, wishes = survey.people.assign(**picks), Choices({}, {f"w_{n}": n for n in NEEDS}, dict.fromkeys(picks, 0.4))
    selector = SegmentSelector(3, families=("needs_mixture",), n_splits=2, null_draws=2, n_starts=4)
    items = survey.basis.items(people)
    selector.fit(items, survey.basis.need_map, scales=survey.basis.scales, choices=wishes.read(people, list(NEEDS)))
    found = without_choices(selector, people, survey.basis, wishes, random_state=0).iloc[0]
    assert found["kinds"] == "wish" and found["n"] == selector.usable_.sum()
    assert 0.8 < found["same"] < 1 and 0.6 < found["agreement"] < 1
