"""What one person alone carries stands in no model file and in nothing that the tracker holds: a small study, run."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from segment.stages import STAGES_IN_ORDER, open_study, run_stage
from segment.stages.tracking import Recording
from tests.kept_values import LEVEL, PAY, TENURE, files_holding
from tests.stages.test_retain_kinds import DURATION, STUDY, write_people


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of leaving as a duration; the last of its people has been there longest, earns most, and works alone."""
    folder = tmp_path_factory.mktemp("alone")
    write_people(folder)
    people = pd.read_csv(folder / "people.csv").rename(columns={"badge": "pay"})
    people.loc[people.index[-1], ["grade", "months", "site", "gone"]] = [8, TENURE, LEVEL, "no"]
    people["pay"] = people["pay"].astype(float)
    people.loc[people.index[-1], "pay"] = PAY
    people.to_csv(folder / "people.csv", index=False)
    text = STUDY.replace("badge:", "pay:").replace("learner: linear", "learner: average")
    (folder / "study.yaml").write_text(text.format(outcome=DURATION, ignore="    ignore: {intends: not used}"))
    opened = open_study(folder / "study.yaml", overrides=[f"workspace={folder / 'work'}"])
    recording = Recording.of(opened)
    for name in ("prepare", "discover", "retain"):
        recording.take(run_stage(STAGES_IN_ORDER[name], opened))
    recording.end(failed=False)
    return folder


def test_the_person_is_in_the_study(workspace: Path) -> None:
    people = pd.read_parquet(workspace / "work" / "tables" / "people.parquet")
    assert PAY in set(people["pay"]) and LEVEL in set(people["site"])
    assert files_holding(workspace / "work" / "tables")


def test_models_and_tracker_hold_nothing_of_the_one_person(workspace: Path) -> None:
    places = [file.parent for file in workspace.rglob("*.joblib")]
    assert len(places) >= 2  # in the store, and with the tracker
    for place in {workspace / "work" / "mlartifacts", *places}:
        assert files_holding(place) == {}
    kept = {name: held for name, held in files_holding(workspace / "work").items() if not name.startswith("tables/")}
    assert kept == {}
