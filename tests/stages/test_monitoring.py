"""A watch over a decided model: what changed is told with advice, it changes nothing, and names nobody."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from segment.privacy import EventLog
from segment.stages.base import decided_store
from segment.stages.monitor import FOLDER, monitor_study
from segment.store import digest_file, read_json, save_json
from tests.stages.conftest import Decided


def learned_earlier(study: Decided) -> None:
    """Let the cards of both models say that they were learned before the last wave and the last year."""
    opened = study.open()
    for store, model in ((decided_store(opened.store.models), "segmentation"), (opened.store, "retention")):
        card = store.model_path(model).with_suffix(".json")
        told = read_json(card)
        changed = {"wave": "2023-03"} if model == "segmentation" else {"period": ["2021-01-01", "2024-12-31"]}
        save_json(card, told | changed)


@pytest.fixture
def study(decided: Decided, tmp_path: Path) -> Decided:
    return decided.copy(tmp_path / "small")


def look(study: Decided) -> list[str]:
    return monitor_study(study.file, overrides=list(study.overrides)).said


def test_where_nothing_has_come_nothing_is_said_and_the_same_data_are_one_look(study: Decided) -> None:
    code, said = study.type("monitor")
    assert code == 0 and "no wave has come after" in said and "no alarm" in said
    assert "watched: segmentation (decided on) and retention (the newest, nobody decided)" in said
    assert look(study)[0] == "look 1"
    opened = study.open()
    looks = [e for e in EventLog(opened.book, key=opened.key).events() if e.action == "monitor"]
    assert [e.subject for e in looks] == ["look 1"]
    assert len(list((opened.workspace / FOLDER).iterdir())) == 1


def test_a_question_that_moved_is_named_with_advice_and_no_model_is_changed(study: Decided) -> None:
    learned_earlier(study)
    first = "\n".join(look(study))
    assert "answers: " in first and "segments: " in first and "who answered both waves" in first
    assert "exits: " in first and "times (" in first and "fairness: exits held against expected by age, sex" in first
    survey = study.file.parent / "responses_2024-03.csv"
    rows = pd.read_csv(survey)
    item = next(c for c in rows if c.startswith("I_") or c.endswith("_1"))
    rows[item] = (rows[item] + 2).clip(upper=5)
    rows.to_csv(survey, index=False)
    opened = study.open()
    files = [decided_store(opened.store.models).model_path("segmentation"), opened.store.model_path("retention")]
    before = [digest_file(file) for file in files]
    said = look(study)
    assert said[0] == "look 2"
    named = [line for line in said if line.startswith("DR001")]
    assert any(
        line.startswith(f"DR001 {item}: answers moved by +") and line.endswith("Advice: refit.") for line in named
    )
    assert said[-1].startswith("refit: run the study on today's data")
    assert [digest_file(file) for file in files] == before
    people = set(opened.store.read("people")["person"])
    kept = "".join(file.read_text() for file in (opened.workspace / FOLDER).iterdir())
    assert not any(person in kept or person in "".join(said) for person in people)
    code, text = study.type("audit", "--log")
    assert code == 0, text


def test_a_study_without_a_model_has_nothing_to_watch(study: Decided) -> None:
    opened = study.open()
    for store in (decided_store(opened.store.models), opened.store):
        for model in ("segmentation", "retention"):
            store.model_path(model).unlink(missing_ok=True)
    code, said = study.type("monitor")
    assert code == 1 and "no model to watch" in said
