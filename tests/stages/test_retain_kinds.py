"""Leaving as a duration or as one flag: judged on people not learned from, refused where dates are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from segment.errors import Refusal
from segment.retention import what_if
from segment.stages import STAGES_IN_ORDER, OpenStudy, open_study, run_stage
from segment.stages.retention import explanation

STUDY = """
study: small
title: {{nl: Klein, en: Small}}
data: simulated
sources:
  people:
    file: people.csv
    columns: {{person_id: number}}
    attributes:
      grade: {{purpose: model, type: number}}
      site: {{purpose: model}}
      badge: {{purpose: model, type: number}}
{ignore}
outcome: {outcome}
retention: {{learner: linear, bootstrap: 5, horizons: [6, 12]}}
"""


def write_people(folder: Path, *, dates: bool = False, wishes: float = 1.0) -> None:
    """Five hundred people; a high grade stays longer, and wishes to by so much; the badge is a number of its own."""
    rng = np.random.default_rng(0)
    grade = rng.integers(1, 9, 500)
    leave = rng.exponential(40 * np.exp(0.3 * (grade - 4.5)))
    table = pd.DataFrame(
        {
            "number": np.arange(500) + 1,
            "grade": grade,
            "site": rng.choice(list("ABC"), 500),
            "badge": rng.permutation(500) + 5_000,
            "months": np.minimum(leave, 36).round(2) + 0.01,
            "gone": np.where(leave < 36, "voluntary", "no"),
            "intends": np.where(rng.random(500) < 1 / (1 + np.exp(wishes * (grade - 4.5))), "yes", "no"),
        }
    )
    if dates:
        table["start"], table["end"] = "2020-01-01", np.where(leave < 36, "2022-06-30", "")
    table.to_csv(folder / "people.csv", index=False)


def retain(folder: Path, outcome: str, *ignored: str, dates: bool = False, wishes: float = 1.0) -> OpenStudy:
    write_people(folder, dates=dates, wishes=wishes)
    ignore = "    ignore: {" + ", ".join(f"{name}: not used" for name in ignored) + "}"
    text = STUDY.format(outcome=outcome, ignore=ignore)
    text = text.replace("learner: linear", "learner: auto") if wishes == 0 else text
    if dates:
        text = text.replace("person_id: number", "person_id: number, start_date: start, end_date: end")
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    opened = open_study(folder / "study.yaml", overrides=[f"workspace={folder / 'work'}"])
    for name in ("prepare", "discover", "retain"):
        receipt = run_stage(STAGES_IN_ORDER[name], opened)
    assert receipt.said
    return opened


DURATION = "{kind: duration, causes: [voluntary], column: months, event: gone}"
FLAG = "{kind: horizon, meaning: MEANING, column: intends}"


def test_a_duration_is_judged_on_people_not_learned_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[pd.Index] = []

    def reckoned(model: Any, X: pd.DataFrame, *args: Any, **how: Any) -> pd.DataFrame:
        asked.append(X.index)
        return what_if(model, X, *args, **how)

    monkeypatch.setattr(explanation, "what_if", reckoned)
    store = retain(tmp_path, DURATION, "intends").store
    stayed = set(store.read("spells").query("cause.isna()")["person"])
    assert asked and all(set(people) <= stayed for people in asked)  # "those still there", as the report says
    found = store.read("evaluation").query("model == 'model'").set_index("metric")["value"]
    assert found["auc_12"] > 0.6 and found["gain"] > 0 and store.has("curves") and store.has("competition")
    leaks = store.read("retention_findings")
    assert leaks[["code", "subject"]].to_numpy().tolist() == [["LK003", "badge"]]
    assert "badge" not in set(store.read("effects")["feature"])


def test_where_everybody_has_left_for_a_cause_of_the_study_s_own_all_is_published(tmp_path: Path) -> None:
    words = "causes: [early_retirement], yes: [voluntary, 'no'], no: [x]"
    outcome = "{kind: duration, column: months, event: gone, " + words + "}"
    opened = retain(tmp_path, outcome, "intends", "badge")
    codes = set(opened.store.read("retention_findings")["code"])
    assert "RT004" in codes and not opened.store.has("what_if")  # nobody is there whose chances could be other ones
    for name in ("relate", "personalise", "publish"):
        run_stage(STAGES_IN_ORDER[name], opened)
    assert len(list((opened.workspace / "exports").rglob("report.*.html"))) == 2


def test_a_flag_is_judged_on_people_not_learned_from_and_published_as_counted(tmp_path: Path) -> None:
    opened = retain(tmp_path, FLAG.replace("MEANING", "exit"), "months", "gone")
    store = opened.store
    found = store.read("evaluation").query("model == 'model'").set_index("metric")["value"]
    assert found["auc"] > 0.8 and found["gain"] > 0
    judged, expected = store.read("evaluation"), store.read("calibration")
    assert set(judged["sample"]) == {"out of fold"} and set(judged["n"]) == {500}
    assert expected["n"].sum() == 500 == len(store.read("risks"))
    assert store.read("competition")["cause"].unique().tolist() == ["any"]
    (everyone,) = store.read("leaving").to_dict("records")  # known of everyone: counted, not reckoned
    left = store.read("spells")["cause"].notna().mean()
    assert everyone["value"] == pytest.approx(left) and everyone["low"] < left < everyone["high"]
    assert everyone["origin"] == "seen"
    for name in ("relate", "personalise", "publish"):
        run_stage(STAGES_IN_ORDER[name], opened)
    pages = list((opened.workspace / "exports").rglob("report.*.html"))
    assert len(pages) == 2 and all(f"{left:.0%}" in page.read_text(encoding="utf-8") for page in pages)
    assert set(store.read("what_if")["feature"]) == {"grade"}


def test_chances_that_are_the_same_for_everyone_have_no_slope(tmp_path: Path) -> None:
    opened = retain(tmp_path, FLAG.replace("MEANING", "intention"), "months", "gone", "badge", wishes=0.0)
    store = opened.store
    assert np.ptp(store.read("risks")["p_leave"]) < 1e-9
    assert store.read("competition").query("chosen")["learner"].tolist() == ["floor"]
    assert not store.read("evaluation")["metric"].str.contains("slope").any()
    assert not [name for name in store.read("records_retain")["name"] if str(name).startswith("slope")]


def test_random_rows_are_refused_where_the_file_holds_dates_of_leaving(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="random rows"):
        retain(tmp_path, FLAG.replace("MEANING", "exit"), "months", "gone", dates=True)


def test_an_intention_may_stand_beside_dates(tmp_path: Path) -> None:
    store = retain(tmp_path, FLAG.replace("MEANING", "intention"), "months", "gone", dates=True).store
    assert store.read("evaluation").query("metric == 'auc'")["value"].max() > 0.8
