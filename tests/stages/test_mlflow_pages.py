"""MLflow's own pages on a study with two runs, over SQLite and PostgreSQL, read in a browser as reviewers read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import pytest

from segment.exports.comparison import verdict
from tests.browsing import NEEDED, MlflowPages, silent_browser
from tests.live import mlflow_server, postgres, segment_ui
from tests.stages.compared import compared, decide, record
from tests.stages.conftest import Decided, Walk

pytestmark = NEEDED


@dataclass(frozen=True)
class Opened:
    """MLflow's pages on the study with both runs, the runs, and the facts of their comparison."""

    pages: MlflowPages
    runs: list[str]
    facts: dict[str, Any]


@pytest.fixture(scope="module", params=["SQLite", "PostgreSQL"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a tracking server over PostgreSQL, or nothing where runs go to the workspace's own SQLite."""
    if request.param == "SQLite":
        yield ""
        return
    folder = tmp_path_factory.mktemp("server")
    with postgres(folder) as database, mlflow_server(folder, store=database) as address:
        yield address


@pytest.fixture(scope="module")
def opened(walked: Walk, store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """A study with two runs, the first decided on, compared; and MLflow's pages on it."""
    with pytest.MonkeyPatch.context() as patch:
        if store:
            patch.setenv("MLFLOW_TRACKING_URI", store)
        study = Decided(walked.file, walked.overrides).copy(tmp_path_factory.mktemp("paged") / "small")
        runs = [record(study)]
        for model in ("segmentation", "retention"):
            decide(study, 1, model)
        runs.append(record(study.with_settings("segmentation.n_segments=[2]", "retention.use_needs=false")))
        _, facts, _ = compared(study)
    settings = [part for override in study.overrides for part in ("--set", override)]
    own = segment_ui(tmp_path_factory.mktemp("ui"), str(study.file), *settings)
    with nullcontext(store) if store else own as address, silent_browser("--window-size=1800,1100") as driver:
        yield Opened(MlflowPages(driver, address), runs, facts)


def test_mlflows_list_of_runs_tells_them_apart_and_says_how_each_ended(opened: Opened) -> None:
    """What was changed stands first in a name, as a list shows its beginning only."""
    said = opened.pages.read("experiments/1/runs", "use_needs=false, n_segments=[2]", "segment run", "small people (")
    names = [line for line in said.splitlines() if line.startswith(("use_needs=", "retention.bootstrap="))]
    assert len({name[:12] for name in names}) == 2
    assert "Training runs" in said and "_low and _high are the ends of a 95 % interval" in said


def test_mlflows_comparison_has_useful_axes_as_it_opens(opened: Opened) -> None:
    first, second = opened.runs
    path = f"compare-runs?runs=[%22{first}%22,%22{second}%22]&experiments=[%221%22]"
    said = opened.pages.read(path, "Parallel Coordinates Plot", "Run details", "rows_hidden")
    axes = said[said.index("Parameters:") : said.index("Run details")]
    assert "set.segmentation.n_segments" in axes and "set.retention.use_needs" in axes
    assert "segments_gain" in axes and not re.search(r"seed|digest|sha|rows|random", axes)


def test_mlflows_charts_show_the_headline_figures_of_both_runs(opened: Opened) -> None:
    said = opened.pages.read("experiments/1/runs?compareRunsMode=CHART", "Model metrics", "agreement", "clearness")
    assert "(16)" in said, "eight headline figures, four of them with two ends each"


def test_a_reviewers_five_questions_are_answered_on_two_pages(opened: Opened) -> None:
    """Which is better, is it sure, for whom is it worse, what changes for people, can I repeat it."""
    number = str(opened.facts["id"])
    versions = opened.pages.read("models/small-segmentation", "Version 2", "@ challenger", "@ champion", number)
    better = verdict(opened.facts, "en")
    assert better in versions and f"\n{better[:25]}" in versions and "promotion by A. Reviewer: it holds" in versions
    version_run = opened.facts["sides"][1]["runs"]["segmentation"][0]
    path = f"experiments/1/runs/{version_run}/artifacts/comparisons/{number}/compare.en.html"
    page = opened.pages.read(path, better, "Gain on people held out", frame=True)
    assert re.search(r"surely (better|worse)|not shown", page), "how sure"
    assert "Differences between groups" in page, "for whom"
    assert re.search(r"would change segment", page), "what changes for people"
    assert f"segment rerun {version_run[:12]}" in page, "can I repeat it"
    card = opened.pages.read("models/small-segmentation/versions/2", "forbidden use", "2 segments as requested")
    assert better in card and "compare.en.html" in card
    assert "Schema" in card and "I_AUT_how" in card, "what it takes"


def test_a_run_opens_with_what_each_stage_said_and_its_tables(opened: Opened) -> None:
    run = opened.runs[1]
    said = opened.pages.read(f"experiments/1/runs/{run}", "discover: 2 segments as requested", "agreement_low")
    assert re.search(r"prepare: [\d,]+–[\d,]+ people", said), "numbers of people stand as bands"
    files = opened.pages.read(f"experiments/1/runs/{run}/artifacts", "profiles.json", "comparisons", "made_of")
    assert "segments.json" in files
