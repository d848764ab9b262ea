"""One more table is three files: its maker, its spec, its words; every reader finds it by the registry."""

from __future__ import annotations

import importlib.util
import io
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from one_more_table.tables import COMPLETE
from python_calamine import CalamineWorkbook
from ruamel.yaml import YAML

from segment.exports import verify
from segment.locale import catalogue
from segment.stages import STAGES_IN_ORDER, OpenStudy, run_stage
from segment.stages.tracking import Recording
from segment.tables import registry
from segment.tracking.mlflow_log import Tracker

HERE = Path(__file__).resolve().parent / "one_more_table"
DOCS = Path(__file__).resolve().parents[2] / "docs"
WORDS = YAML(typ="safe").load(HERE / "words.yaml")


def maker_of(name: str) -> ModuleType:
    """A program that makes files of the project from its code."""
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def known() -> Iterator[None]:
    """The table is registered, and its words are in the catalogue."""
    with pytest.MonkeyPatch.context() as patch:
        registry.all_tables()
        patch.setitem(registry._KNOWN, COMPLETE.name, COMPLETE)
        for key, texts in WORDS.items():
            patch.setitem(catalogue(), key, texts)
        yield


@pytest.fixture(scope="module")
def told(known: None, copied_once: OpenStudy) -> OpenStudy:
    """The study with that table: run again from the stage that makes it, in the tracker too."""
    recording = Recording.of(copied_once)
    for name in ("relate", "personalise", "publish"):
        recording.take(run_stage(STAGES_IN_ORDER[name], copied_once, force=True))
    recording.end(failed=False)
    return copied_once


def exports_of(opened: OpenStudy) -> Path:
    return next(path for path in (opened.workspace / "exports").iterdir() if path.is_dir())


def test_it_is_three_files() -> None:
    assert sorted(path.name for path in HERE.iterdir() if path.is_file()) == ["making.py", "tables.py", "words.yaml"]


def test_it_is_in_parquet_and_on_the_receipt_of_its_stage(told: OpenStudy) -> None:
    rows = told.store.read("complete")
    assert len(rows) > 3 and rows["share"].between(0, 1).all()
    receipt = json.loads((told.receipts / "relate.json").read_text())
    assert receipt["tables"]["complete"]["rows"] == len(rows)


def test_it_is_released_under_the_rules(told: OpenStudy) -> None:
    released = json.loads((exports_of(told) / "released.json").read_text())["complete"]
    assert {"segment", "n", "share", "low", "high", "status"} <= set(released["columns"])
    assert len(released["data"]) >= 2


@pytest.mark.parametrize(("language", "head"), [("nl", "Vulde alles in"), ("en", "Answered everything")])
def test_it_is_in_the_report_as_a_picture_with_its_finding(told: OpenStudy, language: str, head: str) -> None:
    page = (exports_of(told) / f"report.{language}.html").read_text(encoding="utf-8")
    section = re.search(r'<section[^>]*id="segments".*?</section>', page, re.S)
    assert section is not None
    figure = re.search(r'<figure id="figure-complete">.*?</figure>', section.group(), re.S)
    assert figure is not None, "it is not in its section"
    assert WORDS["complete.finding"][language] in figure.group()
    assert "<svg" in figure.group() and head in figure.group()


@pytest.mark.parametrize(("language", "sheet", "head"), [
    ("nl", "Volledig", "Vulde alles in"), ("en", "Complete", "Answered everything"),
])  # fmt: skip
def test_it_is_a_sheet_of_the_workbook(told: OpenStudy, language: str, sheet: str, head: str) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO((exports_of(told) / f"segments.{language}.xlsx").read_bytes()))
    rows = book.get_sheet_by_name(sheet).to_python()
    assert head in rows[0]
    shares = [row[rows[0].index(head)] for row in rows[1:]]
    assert any(isinstance(share, float) and 0 <= share <= 1 for share in shares)


def test_it_is_an_artifact_of_the_run(told: OpenStudy) -> None:
    tracker = Tracker.of(told.workspace, told.config.tracking.experiment or told.config.study)
    client = tracker.client()
    [experiment] = [one for one in client.search_experiments() if one.name == tracker.experiment]
    runs = client.search_runs([experiment.experiment_id])
    parents = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    assert any(file.path == "complete.json" for run in parents for file in client.list_artifacts(run.info.run_id))


def test_it_is_in_the_pages_about_tables(known: None) -> None:
    page = maker_of("make_reference").pages()["tables.md"]
    about = page[page.index("## `complete`") :].split("\n## ")[0]
    assert "share who left no question open" in about
    assert "dots with intervals" in about and "`complete`" in about and "`segments`" in about


def test_the_rules_of_the_verifier_follow_the_registry(known: None) -> None:
    rules = maker_of("pin_rules").rules()["tables"]["complete"]
    assert rules["shares"] == ["share", "low", "high"] and rules["book"] == ["share", "low", "high"]


def test_the_release_with_it_keeps_the_rules(told: OpenStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = maker_of("pin_rules").rules()
    monkeypatch.setattr(verify, "pinned", lambda: rules)
    assert verify.verify(exports_of(told))[0].found == []
