"""The studies on real public data, walked whole with small budgets: what must hold whatever is found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from segment.stages import STAGES_IN_ORDER, OpenStudy, open_study, run_stage

STUDIES = Path(__file__).resolve().parents[2] / "configs" / "studies"
QUICK = (
    "segmentation.families=[needs_mixture]", "segmentation.n_segments=[2, 3]", "segmentation.n_splits=2",
    "segmentation.n_starts=2", "segmentation.null_draws=2", "segmentation.bootstrap=20", "needs.bootstrap=0",
    "segmentation.planted_worlds=0",
    "retention.learner=linear", "retention.max_rows=4000", "retention.bootstrap=5",
)  # fmt: skip

pytestmark = pytest.mark.data


def walk(name: str, workspace: Path) -> OpenStudy:
    opened = open_study(STUDIES / f"{name}.yaml", overrides=[*QUICK, f"workspace={workspace}"])
    for stage in STAGES_IN_ORDER.values():
        run_stage(stage, opened)
    return opened


def report(opened: OpenStudy, language: str) -> str:
    (path,) = (opened.workspace / "exports").rglob(f"report.{language}.html")
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def ten_years(tmp_path_factory: pytest.TempPathFactory) -> OpenStudy:
    """The study of ten years of HR records, walked once."""
    return walk("mfg10year", tmp_path_factory.mktemp("mfg10year"))


def test_a_study_without_a_survey_says_so(ten_years: OpenStudy) -> None:
    opened = ten_years
    assert not opened.store.has("assignments")
    assert opened.store.has("curves")
    assert not {"age", "gender_short", "birthdate_key"} & set(
        json.loads(opened.store.model_path("retention").with_suffix(".json").read_text())["features"]
    )
    assert "No survey" in report(opened, "en") or "no survey" in report(opened, "en")


def test_exits_that_nobody_could_have_foreseen_are_counted_and_said(ten_years: OpenStudy) -> None:
    """All layoffs of these ten years fall on two days after the cut, and later retirements at tenures never reached."""
    opened = ten_years
    found = opened.store.read("retention_findings").set_index(["code", "subject"])
    assert found.loc[("FO001", "involuntary"), "count"] == 211
    assert found.loc[("FO003", "involuntary"), "value"] == 2
    assert found.loc[("FO002", "voluntary"), "count"] == 119
    judged = set(opened.store.read("evaluation")["metric"])
    assert "auc_voluntary_12" in judged and not any(name.startswith("auc_involuntary") for name in judged)
    assert "hardly or never occurred before" in report(opened, "en")
    assert "niet of nauwelijks voorkwam" in report(opened, "nl")


def test_an_intention_is_never_called_an_exit(tmp_path: Path) -> None:
    opened = walk("gss2016", tmp_path)
    assert len(opened.store.read("spells")) == 930
    text = report(opened, "en").lower()
    assert "intention" in text or "intend" in text
    assert " exits" not in text


@pytest.mark.slow
def test_leaving_of_federal_employees_is_foretold_and_calibrated(tmp_path: Path) -> None:
    opened = open_study(STUDIES / "fevs2018.yaml", overrides=[*QUICK, f"workspace={tmp_path}"])
    for name in ("prepare", "discover", "retain"):
        run_stage(STAGES_IN_ORDER[name], opened)
    found = opened.store.read("evaluation").query("model == 'model'").set_index("metric")["value"]
    assert found["auc"] >= 0.79
    assert 0.95 <= found["slope"] <= 1.05
    covers = opened.store.read("calibration")["covers"]  # ten simultaneous bands; all ten hold with every learner tried
    assert covers.sum() >= 9  # straight lines alone put the tenth that leaves least a fraction too low
