"""Groups that are made and not found: called so by every reader, and never where a study does not accept them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from python_calamine import CalamineWorkbook

from segment.stages import STAGES_IN_ORDER, run_stage
from segment.stages.simulate import simulate_into
from segment.store import read_json
from segment.vocabulary import World

if TYPE_CHECKING:
    from conftest import Walk

QUICK = ("segmentation.n_segments=[2, 3, 4]", "segmentation.n_splits=6", "segmentation.null_draws=3")


@pytest.fixture(scope="module")
def gradient(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gradient") / "small"
    simulate_into(folder, people=900, seed=1, world=World.GRADIENT, waves=1)
    return folder / "study.yaml"


@pytest.fixture(scope="module")
def made(gradient: Path, walk: Callable[..., Walk]) -> Walk:
    return walk(gradient, *QUICK, "segmentation.planted_worlds=10")


def _exports(walked: Walk) -> Path:
    return next(path for path in (walked.open().workspace / "exports").iterdir() if path.is_dir())


def _text(file: Path) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", file.read_text(encoding="utf-8")))


def test_it_says_made_and_not_found_on_every_page(made: Walk) -> None:
    folder = _exports(made)
    for language, told, one in (
        ("en", "made, not found", "This group is made, not found"),
        ("nl", "gemaakt, niet gevonden", "Deze groep is gemaakt, niet gevonden"),
    ):
        assert told in _text(folder / f"report.{language}.html")
        cards = _text(folder / "dossier" / f"model_cards.{language}.html")
        assert told in cards and "strongest need" not in cards
        pages = sorted(folder.glob(f"segment_*.{language}.html"))
        assert pages and all(one in _text(page) for page in pages)
        rows = CalamineWorkbook.from_path(folder / f"segments.{language}.xlsx").get_sheet_by_index(0).to_python()
        assert any(told in str(cell) for row in rows for cell in row)


def test_it_says_what_would_have_been_found_and_how_near_it_was_to_each_gate(made: Walk) -> None:
    opened, folder = made.open(), _exports(made)
    row = opened.store.read("detection").iloc[0]
    assert row["planted"] == "groups" and row["groups"] == 4 and row["worlds"] == 10 and row["width"] == 4
    assert 0 < row["low"] <= row["limit"] <= row["high"]
    near = opened.store.read("nearness").set_index("gate")
    assert {"size", "style", "posterior", "reliability", "one segment"} <= set(near.index)
    assert (near["passed"] == "no").any()  # or it would have been taken
    metrics = {str(name) for name in opened.store.read("records_discover")["name"]}
    assert {"gate_style_reached", "gate_style_needed"} <= metrics
    assert ("detection_limit" in metrics) == (row["reached"] == "yes")
    for language, page, method, head in (
        (
            "en",
            ("would have been seen", "would not have been seen"),
            "simulated organisations with the same survey",
            "How close another",
        ),
        (
            "nl",
            ("te zien was geweest", "niet te zien geweest"),
            "gesimuleerde organisaties met dezelfde vragenlijst",
            "Hoe dicht een andere",
        ),
    ):
        told = _text(folder / f"report.{language}.html")
        assert any(words in told for words in page)
        appendix = (
            told + _text(folder / f"method.{language}.html") if (folder / f"method.{language}.html").exists() else told
        )
        assert method in appendix and head in appendix
        sheets = CalamineWorkbook.from_path(folder / f"segments.{language}.xlsx")
        cells = [
            str(cell)
            for name in sheets.sheet_names
            for row in sheets.get_sheet_by_name(name).to_python()
            for cell in row
        ]
        assert any(method in cell for cell in cells) and any(head in cell for cell in cells)


def test_it_never_says_found(made: Walk) -> None:
    for language, wrong in (
        ("en", ("groups of people each ask", "No segments were found", "no segments are reported")),
        ("nl", ("Elke groep vraagt iets anders", "geen segmenten gevonden", "geen segmenten gerapporteerd")),
    ):
        text = _text(_exports(made) / f"report.{language}.html")
        assert not [phrase for phrase in wrong if phrase in text]


def test_the_model_and_the_tracker_know_it_too(made: Walk) -> None:
    store = made.open().store
    card = read_json(store.model_path("segmentation").with_suffix(".json"))
    assert (card["kind_of_groups"], card["decision_code"], card["family"]) == ("made", "made", "strongest_need")
    tags = store.read("records_discover").set_index("name")["value"]
    assert tags["kind_of_groups"] == "made"


def test_its_figures_are_those_of_the_table(made: Walk) -> None:
    row = made.open().store.read("divisions").query("chosen").iloc[0]
    assert f"{row['same']:.0%} of people land in the same group" in _text(_exports(made) / "report.en.html")


def test_a_study_may_accept_found_groups_only(made: Walk) -> None:
    opened = made.open("segmentation.accept=[natural, reproducible]", f"workspace={made.file.parent / 'found-only'}")
    for name in ("prepare", "discover"):
        run_stage(STAGES_IN_ORDER[name], opened)
    assert not opened.store.has("divisions") and not opened.store.has("stability")


def test_found_groups_of_a_kind_that_is_not_accepted_are_no_answer(walked: Walk, tmp_path: Path) -> None:
    opened = walked.open("segmentation.accept=[constructive]", f"workspace={tmp_path}")
    for name in ("prepare", "discover"):
        run_stage(STAGES_IN_ORDER[name], opened)
    card = read_json(opened.store.model_path("segmentation").with_suffix(".json"))
    assert card["decision_code"] in ("made", "not_accepted")
