"""Champion beside challenger: what is said, from what, what is kept of it, and what nobody may read off it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from segment.exports.comparison import verdict
from segment.privacy import EventLog
from segment.stages.comparison.migration import told_moves
from segment.stages.decisions import decisions_on
from segment.stages.recovery import tracker_of
from segment.stages.rights.erasure import Removal, remove
from tests.stages.compared import compared, decide, record
from tests.stages.conftest import Decided, Walk

NAME = "small-segmentation"


@pytest.fixture(scope="module")
def alone(walked: Walk, tmp_path_factory: pytest.TempPathFactory) -> tuple[Decided, str]:
    """A study with one run, on which nobody has decided, and that run."""
    study = Decided(walked.file, walked.overrides).copy(tmp_path_factory.mktemp("alone") / "small")
    return study, record(study)


@pytest.fixture(scope="module")
def both(alone: tuple[Decided, str], tmp_path_factory: pytest.TempPathFactory) -> tuple[Decided, Decided, list[str]]:
    """A study whose first run was decided on, the same with other settings, and the ids of both runs."""
    study = alone[0].copy(tmp_path_factory.mktemp("both") / "small")
    for model in ("segmentation", "retention"):
        decide(study, 1, model)
    other = study.with_settings("segmentation.n_segments=[2]", "retention.use_needs=false")
    return study, other, [alone[1], record(other)]


def test_without_a_champion_the_simplest_peer_stands_beside(alone: tuple[Decided, str]) -> None:
    said, facts, _ = compared(alone[0])
    assert said.startswith("There is no champion yet")
    assert facts["verdict"]["code"] == "alone" and facts["moves"] is None  # type: ignore[index]
    over = {(one["model"], one["over"]) for one in facts["gains"]}  # type: ignore[attr-defined]
    assert over == {("segmentation", "peer"), ("retention", "peer")}


def test_a_changed_setting_is_told_with_who_would_change_segment_and_what_it_gains(
    both: tuple[Decided, Decided, list[str]],
) -> None:
    study, other, _ = both
    said, facts, _ = compared(study)
    first = said.splitlines()[0]
    assert re.match(r"The challenger is (worse|better)|Neither was shown", first) and "would change segment" in first
    changed = {row["name"]: row["told"] for row in facts["changed"]}  # type: ignore[attr-defined]
    assert changed["set.segmentation.n_segments"][1] == "[2]"
    assert changed["set.retention.use_needs"][1] == "false"
    gains = {(one["model"], one["side"], one["over"]): one for one in facts["gains"]}  # type: ignore[attr-defined]
    assert set(gains) == {
        (model, side, over) for model in ("segmentation", "retention") for side, over in ((0, "peer"), (1, "peer"),
                                                                                          (1, "other"))
    }  # fmt: skip
    assert all("value" in one for one in gains.values())
    assert gains["segmentation", 1, "other"]["sure"] == -1  # two segments where five were planted
    told = {row["name"] for row in facts["figures"]}  # type: ignore[attr-defined]
    assert {"segments", "agreement", "leaving", "slope", "rows_hidden"} <= told
    assert facts["fairness"] and facts["short_form"] and facts["hidden"]
    gates = {row["gate"]: row["told"] for row in facts["gates"]}  # type: ignore[attr-defined]
    sides = [one.open().store.read("candidates").query("chosen")["failed"].item() for one in (study, other)]
    for gate in ("agreement", "size", "style", "posterior"):
        assert gates[gate] == ["missed" if gate in failed.split(", ") else "passed" for failed in sides]
    assert {word for told in gates.values() for word in told} <= {"passed", "missed"} and "calibrated" in gates


def test_nothing_on_it_is_a_number_of_few_people_or_a_person(both: tuple[Decided, Decided, list[str]]) -> None:
    study, _, _ = both
    _, facts, folder = compared(study)
    people = set(study.open().store.read("responses")["person"])
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()))
    assert not any(person in text for person in people)
    moves = facts["moves"]
    bands = [cell[2] for cell in moves["cells"]] + [moves["people"], moves["moved"]]  # type: ignore[index]
    assert all(re.fullmatch(r"|under 5|[\d,]+–[\d,]+", band) for band in bands), bands
    assert all(re.fullmatch(r"[\d,]+–[\d,]+", one["people"]) for one in facts["gains"])  # type: ignore[attr-defined]


def test_two_runs_by_their_ids_say_the_same_and_an_unknown_one_is_refused(
    both: tuple[Decided, Decided, list[str]],
) -> None:
    study, _, runs = both
    _, decided, _ = compared(study)
    _, told, _ = compared(study, "--runs", runs[0], runs[1][:10])
    assert told["gains"] == decided["gains"] and told["moves"] == decided["moves"]
    assert told["sides"][1]["versions"] == decided["sides"][1]["versions"]  # type: ignore[index]
    code, said = study.type("compare", "--runs", runs[0], "nosuchrun")
    assert code == 1 and "no study run of that id" in said and runs[0][:12] in said


def test_the_page_stands_on_the_version_and_a_decision_keeps_which_one_was_seen(
    both: tuple[Decided, Decided, list[str]], tmp_path: Path
) -> None:
    study = both[0].copy(tmp_path / "small")
    _, facts, folder = compared(study)
    number = str(facts["id"])
    client = tracker_of(study.open()).client()
    version = client.get_model_version(NAME, "2")
    assert version.tags["comparison"] == number and "champion (" in version.tags[f"comparison.{number}"]
    assert version.tags[f"comparison.{number}"].startswith(verdict(facts, "en"))
    assert version.description.startswith(verdict(facts, "en"))
    assert "\n\n2 segments as requested" in version.description and "**study**: small" in version.description
    sent = {Path(file.path).name for file in client.list_artifacts(version.run_id, f"comparisons/{number}")}
    assert sent == {path.name for path in folder.iterdir()} and "compare.nl.html" in sent
    assert f"Kept with it: comparison {number}" in decide(study, 2)
    opened = study.open()
    event = [one for one in EventLog(opened.book, key=opened.key).events() if one.action == "promote"][-1]
    assert event.detail["comparison"] == number
    assert decisions_on(opened, "segmentation")[-1].comparison == number
    tags = client.get_model_version(NAME, "2").tags
    assert any(key.startswith("decision.") and f"comparison {number}" in text for key, text in tags.items())
    code, said = study.type("audit", "--log")
    assert code == 0 and f"saw comparison {number}" in said


def test_a_comparison_with_an_earlier_champion_is_not_kept_with_a_decision(
    both: tuple[Decided, Decided, list[str]], tmp_path: Path
) -> None:
    study = both[0].copy(tmp_path / "small")
    compared(study)
    decide(study, 2)
    assert "No comparison of it with the champion was seen" in decide(study, 2)


def test_the_same_comparison_has_the_same_id(both: tuple[Decided, Decided, list[str]]) -> None:
    assert compared(both[0])[1] == compared(both[0])[1]


def test_what_was_kept_of_people_held_out_goes_with_them(
    both: tuple[Decided, Decided, list[str]], tmp_path: Path
) -> None:
    study = both[0].copy(tmp_path / "small")
    opened = study.open()
    kept = sorted(opened.store.tables.glob("held_out_*.*.parquet"))
    assert len(kept) == 4  # two models, two versions each
    person = str(pd.read_parquet(kept[0])["person"].iloc[0])
    remove(opened, Removal((person,), "erase", "A. Officer"))
    assert all(person not in set(pd.read_parquet(path)["person"]) for path in kept)


def test_a_cell_of_few_people_is_hidden_with_another_so_that_it_cannot_be_worked_out() -> None:
    before = np.repeat([0, 1], [60, 60])
    after = np.r_[np.zeros(57), np.ones(3), np.ones(60)].astype(int)
    told = told_moves(before, after)
    shown = {(a, b): band for a, b, band in told.cells}
    assert shown[0, 1] == "" and shown[0, 0] == "" and told.moved == "under 5" and told.pairs == {0: 0, 1: 1}
