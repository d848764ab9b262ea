"""A study of three waves: who really moved, apart from doubt, and apart from segments that moved."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import pytest

from segment.disclosure.release import release
from segment.needs.chosen import Choices
from segment.segments import SegmentSelector
from segment.segments.frozen import SegmentScorer
from segment.segments.panel import Panel
from segment.segments.profiling import membership
from segment.segments.transitions import MEASURED_AGAIN, Measured, Transitions, learn_transitions
from segment.stages.segmentation import transitions as stage
from segment.stages.segmentation.basis import Basis
from segment.stages.segmentation.transitions import transitions_of
from segment.tables import spec_of
from segment.tables.registry import plan_of

NEEDS = ("pay", "social", "growth", "meaning")
PEOPLE, WAVES = 900, ("2023", "2024", "2025")
CODES = [f"{need}{number}" for need in NEEDS for number in range(3)]
BASIS = Basis({code: code[:-1] for code in CODES}, dict.fromkeys(CODES, (1.0, 5.0)))
ASKED = Choices({}, {}, {})


def survey(name: str, truth: np.ndarray, *, seed: int, answered: np.ndarray) -> pd.DataFrame:
    """Who puts which need first: clear, and not so clear that nobody is ever put wrongly."""
    rng = np.random.default_rng(seed)
    items = {
        f"{need}{number}": np.clip(np.round(3 + 1.1 * (truth == place) + rng.normal(0, 0.9, PEOPLE)), 1, 5)
        for place, need in enumerate(NEEDS)
        for number in range(3)
    }
    people = pd.DataFrame({"person": [f"p{i}" for i in range(PEOPLE)], "wave": name, "weight": 1.0} | items)
    return people[answered].reset_index(drop=True)


def truths(changed: float) -> list[np.ndarray]:
    """Three segments of four needs; in each step so many go to the next."""
    rng = np.random.default_rng(7)
    found = [np.repeat([0, 1, 2], PEOPLE // 3)]
    for _ in WAVES[1:]:
        found.append(np.where(rng.random(PEOPLE) < changed, (found[-1] + 1) % 3, found[-1]))
    return found


def selected(responses: pd.DataFrame, wave: str) -> SegmentSelector:
    own = responses[responses["wave"] == wave].reset_index(drop=True)
    selector = SegmentSelector(3, families=("needs_mixture",), n_splits=2, null_draws=2, n_starts=4)
    return selector.fit(BASIS.items(own), BASIS.need_map, scales=BASIS.scales)


def assigned(selector: SegmentSelector, responses: pd.DataFrame) -> pd.DataFrame:
    parts = []
    for _, people in responses.groupby("wave"):
        chances = SegmentScorer.of(selector, {}, choices=ASKED).memberships(people)
        soft = membership(chances).reset_index(drop=True)
        parts.append(pd.concat([people[["person", "wave"]].reset_index(drop=True), soft], axis=1))
    return pd.concat(parts, ignore_index=True)


def learned(
    responses: pd.DataFrame, *, wave: str = "2025", selector: SegmentSelector | None = None
) -> dict[str, pd.DataFrame]:
    selector = selected(responses, wave) if selector is None else selector
    waves = sorted(responses["wave"].unique())
    return transitions_of(
        selector, assigned(selector, responses), responses, BASIS, ASKED, waves=waves, wave=wave, keep_from=0.7,
        random_state=0,
    )  # fmt: skip


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    """Everyone comes, goes and skips; a tenth move in each step."""
    rng = np.random.default_rng(3)
    there = rng.random((len(WAVES), PEOPLE)) < 0.8
    rows = zip(WAVES, truths(0.10), there, strict=True)
    return pd.concat([survey(name, truth, seed=place, answered=own) for place, (name, truth, own) in enumerate(rows)])


@pytest.fixture(scope="module")
def tables(answers: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return learned(answers)


def test_both_tables_keep_their_promises(tables: dict[str, pd.DataFrame]) -> None:
    assert set(tables) == {"transitions", "wave_steps"}
    for name, table in tables.items():
        spec_of(name).check(table)
    assert len(tables["transitions"]) == 2 * 9 and len(tables["wave_steps"]) == 2


def test_people_moved_is_told_without_the_doubt(tables: dict[str, pd.DataFrame]) -> None:
    steps = tables["wave_steps"]
    assert ((steps["moved_low"] <= 0.10) & (steps["moved_high"] >= 0.10)).all()
    assert (steps["placed"] > steps["moved"] + 0.05).all()
    assert (steps["model"] == "same").all() and steps["stayers"].isna().all()


def test_a_cell_counts_the_people_who_were_put_there_in_both_waves(
    answers: pd.DataFrame, tables: dict[str, pd.DataFrame]
) -> None:
    segments = assigned(selected(answers, "2025"), answers)
    then, now = (segments[segments["wave"] == name].set_index("person")["segment"] for name in WAVES[1:])
    both = pd.concat([then, now], axis=1, join="inner").set_axis(["segment_from", "segment_to"], axis=1)
    counted = both.value_counts()
    rows = tables["transitions"].query("wave_to == '2025'").set_index(["segment_from", "segment_to"])["n"]
    assert rows.to_dict() == counted.reindex(rows.index, fill_value=0).to_dict()
    assert tables["wave_steps"]["n"].tolist()[1] == len(both) == rows.sum()


def test_cells_of_few_people_never_leave_and_cannot_be_worked_out(tables: dict[str, pd.DataFrame]) -> None:
    plan, rows = plan_of("transitions"), tables["transitions"].query("wave_to == '2025'")
    few = rows.assign(n=rows["n"].mask((rows["segment_from"] == 0) & (rows["segment_to"] == 1), 4))
    told = release("transitions", few, groups=plan.groups, count="n", shares=plan.shares, kind=plan.kind).frame
    hidden = told[told["status"] == "hidden"]
    assert hidden["share"].isna().all() and (hidden["n"] == "–").all()
    assert {(0, 1)} < set(zip(hidden["segment_from"], hidden["segment_to"], strict=True))
    for group in plan.groups:  # shares of a row add to one: one gap alone would be the rest
        assert (hidden.groupby(group).size() >= 2).all()
    steps = plan_of("wave_steps")
    assert steps.groups == () and "person" not in steps.lines


def test_segments_that_moved_are_no_movement_of_people() -> None:
    moved = [np.repeat([0, 1, 2], PEOPLE // 3), np.repeat([0, 1, 2], PEOPLE // 3), np.tile([0, 2, 3], PEOPLE // 3)]
    everyone = np.ones(PEOPLE, dtype=bool)
    rows = zip(WAVES, moved, strict=True)
    responses = pd.concat([survey(name, one, seed=5 + k, answered=everyone) for k, (name, one) in enumerate(rows)])
    steps = learned(responses, wave="2024", selector=selected(responses, "2024"))["wave_steps"]
    assert steps["model"].tolist() == ["same", "other"]
    assert steps["moved"].iloc[0] < 0.05


def test_that_segments_were_learned_from_people_too_is_in_the_figures(
    answers: pd.DataFrame, tables: dict[str, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[Panel, list[Measured]]] = []

    def learn(panel: Panel, *, measured: Iterable[Measured]) -> Transitions:
        seen.append((panel, list(measured)))
        return learn_transitions(panel)

    monkeypatch.setattr(stage, "learn_transitions", learn)
    known = learned(answers)
    [(panel, again)] = seen
    assert len(again) == MEASURED_AGAIN
    own = np.where(panel.answered[..., None], panel.evidence, np.nan)
    for factors, evidence in again:
        assert factors.mean() == pytest.approx(1.0) and factors.min() > 0
        now = evidence[panel.order]
        assert np.array_equal(np.isnan(now), np.isnan(own))
        now = now - now.max(axis=2, keepdims=True)
        apart = np.nanmean(np.abs(np.exp(now) - np.exp(own)))
        assert 0 < apart < 0.1
    width = {name: table["high"] - table["low"] for name, table in
             (("with", tables["transitions"]), ("without", known["transitions"]))}  # fmt: skip
    assert (width["with"] / width["without"]).median() > 1


def test_the_order_of_people_and_of_rows_moves_no_byte(answers: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> None:
    selector = selected(answers, "2025")
    segments = assigned(selector, answers)
    mixed = segments.sample(frac=1, random_state=1)
    again = transitions_of(
        selector, mixed, answers, BASIS, ASKED, waves=WAVES, wave="2025", keep_from=0.7, random_state=0
    )
    for name, table in tables.items():
        assert table.to_csv() == again[name].to_csv()


def test_two_waves_made_groups_and_few_people_have_no_such_tables(answers: pd.DataFrame) -> None:
    two = answers[answers["wave"] != "2023"]
    assert learned(two) == {}
    few = answers[answers["person"].isin([f"p{i}" for i in range(0, PEOPLE, 12)])]
    selector = selected(answers, "2025")
    assert learned(few, selector=selector) == {}
    selector.kind_ = "made"
    assert learned(answers, selector=selector) == {}


def test_a_wave_of_few_gets_no_model_of_its_own_and_no_step_of_few_is_told(answers: pd.DataFrame) -> None:
    some = answers[(answers["wave"] != "2023") | answers["person"].isin([f"p{i}" for i in range(0, PEOPLE, 10)])]
    steps = learned(some)["wave_steps"]
    assert steps["model"].tolist() == ["unknown", "same"]
    none = answers[(answers["wave"] != "2023") | answers["person"].isin([f"p{i}" for i in range(0, PEOPLE, 50)])]
    found = learned(none)
    assert found["wave_steps"]["wave_from"].tolist() == ["2024"]
    assert set(found["transitions"]["wave_from"]) == {"2024"}


def test_weights_of_a_survey_reach_the_shares(answers: pd.DataFrame) -> None:
    selector = selected(answers, "2025")
    one = learned(answers, selector=selector)["wave_steps"]
    first = assigned(selector, answers).drop_duplicates("person").set_index("person")["segment"]
    heavy = answers.assign(weight=np.where(answers["person"].map(first) == 0, 5.0, 1.0))
    other = learned(heavy, selector=selector)["wave_steps"]
    assert not np.allclose(one["moved"], other["moved"], atol=1e-4)
    assert ((other["moved_high"] - other["moved_low"]) > (one["moved_high"] - one["moved_low"])).all()
