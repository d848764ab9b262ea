"""A cause that nobody gave is called "left" on every surface; "by choice" is said only where somebody said so."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from segment.retention.scorer import RetentionScorer
from segment.stages import STAGES_IN_ORDER, OpenStudy, open_study, run_stage
from segment.stages.check import check_study
from segment.stages.summary import describe_run
from segment.store import read_json

#: Words that say why somebody left.
SAYS_WHY = re.compile(
    r"voluntar|by choice|own choice|own accord|own will|zelf vertrokken|zelf gekozen|vrijwillig vertrek|eigen keuze"
    r"|eigen initiatief|besluit van de werkgever(?! en ingang)|employer's decision",
    re.IGNORECASE,
)
#: A sentence about something else: whether taking part is voluntary.
ABOUT_TAKING_PART = re.compile(r"taking part|take part|meedoen|meedoet|deelname", re.IGNORECASE)

DURATION = {"kind": "duration", "column": "months", "event": "gone", "yes": ["1"], "no": ["0"]}
DATES = {"kind": "spells", "window": {"start": "2020-01-01", "end": "2024-12-31"}}
FLAG = {"kind": "horizon", "column": "gone", "yes": ["1"], "no": ["0"]}


def folder_of(folder: Path, outcome: dict[str, object]) -> Path:
    """Eight hundred people of whom the higher grades stay longer; nobody says why anybody left."""
    rng = np.random.default_rng(3)
    grade = rng.integers(1, 9, 800)
    start = pd.Timestamp("2019-01-01") + pd.to_timedelta(rng.integers(0, 1_600, 800), unit="D")
    months = rng.exponential(45 * np.exp(0.3 * (grade - 4.5))) + 0.2
    end = start + pd.to_timedelta((months * 30.44).round(), unit="D")
    gone = end <= pd.Timestamp("2024-12-31")
    table = pd.DataFrame({"number": np.arange(800) + 1, "grade": grade, "start": start.date})
    if outcome["kind"] == "spells":
        table["end"] = np.where(gone, end.date, None)
        table = table[end > pd.Timestamp("2020-01-01")]
    else:
        watched = np.minimum(months, 40).round(2)
        table = table.drop(columns="start").assign(months=watched, gone=(months < 40).astype(int))
    table.to_csv(folder / "people.csv", index=False)
    dates = {"start_date": "start", "end_date": "end"} if outcome["kind"] == "spells" else {}
    source = {
        "file": "people.csv",
        "columns": {"person_id": "number", **dates},
        "attributes": {"grade": {"purpose": "model", "type": "number"}},
        "ignore": {"months": "not used"} if outcome["kind"] == "horizon" else {},
    }
    settings = {
        "study": "unsaid", "title": {"nl": "Ongezegd", "en": "Unsaid"}, "data": "simulated",
        "sources": {"people": source}, "outcome": outcome,
        "retention": {"learner": "linear", "bootstrap": 5, "max_rows": 3000},
    }  # fmt: skip
    (folder / "study.yaml").write_text(json.dumps(settings), encoding="utf-8")
    return folder / "study.yaml"


@pytest.fixture(scope="module", params=[DURATION, DATES, FLAG], ids=lambda outcome: outcome["kind"])
def unsaid(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[OpenStudy, list[str]]:
    """A study whose exits have no cause, after the whole way, and what the console said of it."""
    folder = tmp_path_factory.mktemp("unsaid")
    file, overrides = folder_of(folder, request.param), [f"workspace={folder / 'work'}"]
    lines = check_study(file, overrides=overrides)
    opened = open_study(file, overrides=overrides)
    receipts = [run_stage(stage, opened) for stage in STAGES_IN_ORDER.values()]
    return opened, [*lines, *(receipt.said for receipt in receipts), *describe_run(str(file), overrides, receipts)]


def written(folder: Path) -> Iterator[tuple[str, str]]:
    """The text of every file that left, also inside workbooks and slides."""
    for file in sorted(folder.rglob("*")):
        if file.suffix in (".xlsx", ".pptx", ".docx"):
            with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as parts:
                for name in parts.namelist():
                    if name.endswith(".xml"):
                        yield f"{file.name}/{name}", parts.read(name).decode()
        elif file.is_file() and file.name != "rules.json":  # what any release may hold, and nothing of this one
            yield file.name, file.read_text(encoding="utf-8", errors="replace")


def test_no_file_says_why_people_left(unsaid: tuple[OpenStudy, list[str]]) -> None:
    opened, _ = unsaid
    seen = 0
    for folder in ("exports", "released"):
        for name, text in written(opened.workspace / folder):
            around = [text[max(0, said.start() - 90) : said.end() + 90] for said in SAYS_WHY.finditer(text)]
            assert not [one for one in around if not ABOUT_TAKING_PART.search(one)], name
            seen += 1
    assert seen > 10


def test_console_and_tracker_do_not_say_why_people_left(unsaid: tuple[OpenStudy, list[str]]) -> None:
    opened, lines = unsaid
    records: list[object] = []
    for stage in STAGES_IN_ORDER:
        name = f"records_{stage}"
        if opened.store.has(name):
            records += opened.store.read(name).to_dict("records")
    assert lines and records
    for said in (*lines, *map(repr, records)):
        assert not SAYS_WHY.search(said), said


def test_model_and_card_call_it_left(unsaid: tuple[OpenStudy, list[str]]) -> None:
    opened, _ = unsaid
    assert isinstance(opened.store.load_model("retention", RetentionScorer), RetentionScorer)
    card = read_json(opened.store.model_path("retention").with_suffix(".json"))
    assert card["outcome"]["causes"] == ["left"] and not SAYS_WHY.search(json.dumps(card))
    assert opened.store.read("spells")["cause"].dropna().unique().tolist() == ["left"]


def test_curves_tell_who_left(unsaid: tuple[OpenStudy, list[str]]) -> None:
    opened, _ = unsaid
    if not opened.store.has("curves"):
        assert opened.config.outcome.kind == "horizon"
        return
    curves = opened.store.read("curves")
    assert [name for name in curves if name.startswith("incidence_")] == ["incidence_left"]
    assert np.allclose(curves["survival"] + curves["incidence_left"], 1)
    report = (next((opened.workspace / "exports").iterdir()) / "report.nl.html").read_text(encoding="utf-8")
    assert "vertrokken" in report
