"""One population per page: in a weighted study figures are weighted everywhere, or say that they are not."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook
from ruamel.yaml import YAML

from segment.proportions import wilson_interval
from segment.retention import segment_curves
from segment.stages import STAGES_IN_ORDER, OpenStudy, open_study, run_stage
from segment.stages.relate import relate
from segment.stages.retention.evaluation import segment_of
from segment.stages.retention.flags import retain_flag
from segment.stages.segmentation.naming import segments_of
from segment.stages.simulate import simulate_into
from segment.stages.summary import describe_run
from segment.stages.survey_weights import relative_weights, weighing_of
from segment.tables import TableSpec, registry
from segment.tables.columns import SEGMENT, count
from segment.tables.release_plan import ReleasePlan
from segment.vocabulary import Weighing, World

OUTCOME = {"kind": "horizon", "meaning": "intention", "source": "responses", "column": "intends"}


def asked_in_a_survey(folder: Path, *, weight: str | None = "own") -> Path:
    """Three hundred people, asked whether they intend to leave; who does stands for four times as many."""
    simulate_into(folder, people=320, seed=7, world=World.NEEDS, waves=1)
    survey = next(folder.glob("responses_*.csv"))
    answers = pd.read_csv(survey, dtype=str)
    rng = np.random.default_rng(5)
    yes = rng.random(len(answers)) < 0.35
    answers["intends"] = np.where(yes, "yes", "no")
    answers["weight"] = np.where(yes, 2.0, 0.5) * rng.uniform(0.8, 1.2, len(answers)) if weight == "own" else weight
    (answers if weight else answers.drop(columns="weight")).to_csv(survey, index=False)
    yaml = YAML()
    study = folder / "study.yaml"
    settings = yaml.load(study.read_text(encoding="utf-8"))
    settings["outcome"] = OUTCOME
    settings["retention"].pop("test_from", None)
    if not weight:
        for source in settings["sources"]["responses"]:
            source.get("columns", {}).pop("weight", None)
    with study.open("w", encoding="utf-8") as out:
        yaml.dump(settings, out)
    return study


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory, walk: Callable[..., object]) -> OpenStudy:
    """A study whose outcome was asked in a weighted survey, after the whole way."""
    folder = tmp_path_factory.mktemp("weighed") / "study"
    walked = walk(
        asked_in_a_survey(folder),
        f"workspace={folder / 'work'}",
        "segmentation.n_segments=[3]",
        "segmentation.n_splits=2",
    )
    return walked.open()


def by_hand(opened: OpenStudy) -> pd.DataFrame:
    """The answers with weight, flag and segment of each person."""
    spells = opened.store.read("spells").set_index("person")
    answers = opened.store.read("responses").set_index("person")["weight"].reindex(spells.index)
    flag = spells["cause"].notna().astype(float)
    return pd.DataFrame({"flag": flag, "weight": answers, "segment": segment_of(opened).reindex(spells.index)})


def kish(weight: pd.Series) -> float:
    return float(weight.sum() ** 2 / (weight**2).sum())


def test_shares_of_intention_are_weighted_with_intervals_of_the_effective_number(asked: OpenStudy) -> None:
    people = by_hand(asked)
    told = asked.store.read("leaving").set_index(asked.store.read("leaving")["segment"].fillna(-1))
    groups = {-1.0: people, **dict(list(people.groupby("segment")))}
    assert len(told) == len(groups) > 2
    for segment, rows in groups.items():
        share = float(np.average(rows["flag"], weights=rows["weight"]))
        low, high = wilson_interval(np.array([share]), np.array([kish(rows["weight"])]))
        assert told.loc[segment, ["value", "low", "high"]].tolist() == pytest.approx([share, low[0], high[0]])
        assert told.loc[segment, "n"] == len(rows)
    assert told.loc[-1.0, "value"] > people["flag"].mean() + 0.1  # far from what heads would say


def test_the_model_of_a_flag_learns_and_is_judged_by_weight(asked: OpenStudy) -> None:
    people, risks = by_hand(asked), asked.store.read("risks").set_index("person")["p_leave"]
    chances = risks.reindex(people.index)
    level = float(np.average(chances, weights=people["weight"]))
    share = float(np.average(people["flag"], weights=people["weight"]))
    assert abs(level - share) < 0.06 < abs(level - people["flag"].mean())
    calibration = asked.store.read("calibration")
    observed = float(np.average(calibration["observed"], weights=calibration["n"]))
    assert abs(observed - share) < abs(observed - people["flag"].mean())


def test_everything_that_left_says_how_it_counts(asked: OpenStudy) -> None:
    held(asked)
    assert weighing_of(asked)["stability"] == Weighing.NONE and "leaving" not in weighing_of(asked)


def test_a_table_may_say_itself_that_it_counts_each_person_once(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = TableSpec(
        "plain", "segment", ("segment",), (SEGMENT, count("n", "people")), release=ReleasePlan(weighing=Weighing.NONE)
    )
    registry.all_tables()
    monkeypatch.setitem(registry._KNOWN, "plain", plain)
    monkeypatch.setattr("segment.stages.survey_weights.answers_weighted", lambda _: pd.DataFrame())
    study: Any = SimpleNamespace(store=SimpleNamespace(has=lambda _: False), config=SimpleNamespace(outcome=None))
    assert weighing_of(study)["plain"] == weighing_of(study)["stability"] == Weighing.NONE


def test_figures_of_hr_data_say_that_they_are_unweighted(walked) -> None:
    opened = walked.open()
    how = weighing_of(opened)
    assert how["first_year"] == how["evaluation"] == Weighing.NONE and how["curves"] == Weighing.SEGMENTS
    held(opened)
    section = (exports(opened) / "method.nl.html").read_text(encoding="utf-8")
    assert re.search(r"Ongewogen \(ieder mens telt één keer\): [^.]*het eerste jaar", section)


def exports(opened: OpenStudy) -> Path:
    return next(path for path in (opened.workspace / "exports").iterdir() if path.is_dir())


def held(opened: OpenStudy) -> None:
    """No table, section, sheet or page of a weighted study lacks the word for its population."""
    folder = exports(opened)
    tables = json.loads((folder / "released.json").read_text(encoding="utf-8"))
    assert len(tables) > 15 and all(one["weighing"] in list(Weighing) for one in tables.values())
    for language, word in (("nl", "gewogen"), ("en", "weighted")):
        report = "".join(
            (folder / f"{one}.{language}.html").read_text(encoding="utf-8") for one in ("report", "method")
        )
        sections = re.findall(r"<section[^>]*id=\"(.*?)\"[^>]*>(.*?)</section>", report, flags=re.DOTALL)
        figures = [(anchor, text) for anchor, text in sections if re.search('<svg|<table|class="rows"', text)]
        assert {"segments", "staying"} <= {anchor for anchor, _ in figures}
        assert [anchor for anchor, text in figures if word not in text.lower() and anchor != "privacy"] == []
        pages = list(folder.glob(f"segment_*.{language}.html"))
        assert pages and all(word in page.read_text(encoding="utf-8") for page in pages)
        book = CalamineWorkbook.from_path(str(folder / f"segments.{language}.xlsx"))
        for name in book.sheet_names[:-2]:  # privacy, and what the columns mean
            cells = [str(cell) for row in book.get_sheet_by_name(name).to_python() for cell in row]
            assert any(word in cell.lower() for cell in cells) or len(cells) < 5, (language, name)
    assert "weighted" in (folder / "actions.csv").read_text(encoding="utf-8").lower()
    records = opened.store.read("records_publish")
    assert records.isin([f"weighing.{name}" for name in tables]).to_numpy().sum() == len(tables)
    console = describe_run(str(opened.study.file), [f"workspace={opened.workspace}"], [])
    assert any(line.split()[0] == "weighted" for line in console)


def said_by_stages(opened: OpenStudy) -> dict[str, str]:
    """What each stage said on the console, every space a plain one."""
    told = {path.stem: json.loads(path.read_text("utf-8"))["said"] for path in opened.receipts.glob("*.json")}
    return {stage: " ".join(said.split()) for stage, said in told.items()}


def words_of(text: str) -> str:
    """The words of a page as they are read."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


@pytest.mark.parametrize("study", ["walked", "asked"])
def test_console_report_and_workbook_say_the_same_about_who_counts_in_leaving(
    study: str, request: pytest.FixtureRequest
) -> None:
    """Dated exits of everyone are unweighted, what a weighted survey asked is weighted: in every place."""
    found = request.getfixturevalue(study)
    opened = found.open() if study == "walked" else found
    said = said_by_stages(opened)
    share, counted = re.search(r"(\d+%)[^(;]*\((unweighted|weighted)\)", said["retain"]).groups()  # type: ignore[union-attr]
    assert counted == {"walked": "unweighted", "asked": "weighted"}[study]
    assert re.search(rf"AUC[^;]*\), {counted}", said["retain"])
    sentences = said["publish"].partition("; leaving: ")[2]
    report = words_of((exports(opened) / "report.en.html").read_text(encoding="utf-8"))
    assert sentences and all(one in report for one in re.split(r"(?<=\.) (?=[A-Z])", sentences))
    assert ("(unweighted)" in sentences) == (counted == "unweighted") and share in sentences
    page = CalamineWorkbook.from_path(str(exports(opened) / "segments.en.xlsx")).get_sheet_by_index(0).to_python()
    figure = next(row for row in page if row[0] == share)
    assert ("(unweighted)" in figure[1]) == (counted == "unweighted")


def doubled(opened: OpenStudy) -> OpenStudy:
    """Everybody of a study twice, with half the weight, in the tables that stages read."""
    for name in ("people", "snapshots", "spells", "audit", "responses", "need_scores", "assignments"):
        if not opened.store.has(name):
            continue
        once = opened.store.read(name)
        twin = once.assign(person=once["person"] + "b")
        both = pd.concat([once, twin], ignore_index=True)
        opened.store.write(name, both.assign(weight=both["weight"] / 2) if name == "responses" else both)
    return opened


def figures_of(table: pd.DataFrame, key: list[str], names: list[str]) -> pd.DataFrame:
    return table.set_index(key)[names].sort_index()


RELATED = {
    "scorecard": (["wave", "segment", "r", "measure"], ["value"]),
    "journey": (["wave", "segment", "moment"], ["value", "weight"]),
    "promises": (["wave", "segment", "need"], ["promised", "kept", "broken_share", "gap"]),
    "migration": (["wave_from", "segment_from", "segment_to"], ["share"]),
}


def test_everybody_twice_with_half_the_weight_moves_no_figure_of_answers(copied: OpenStudy) -> None:
    first = {name: copied.store.read(name) for name in RELATED}
    sizes = [segments_of(copied.store.read("assignments"), copied.store.read("responses"), {})["segments"]]
    second = relate(doubled(copied)).tables
    for name, (key, columns) in RELATED.items():
        one, two = (figures_of(tables[name], key, columns) for tables in (first, second))
        pd.testing.assert_frame_equal(one, two, rtol=1e-9)
    sizes.append(segments_of(copied.store.read("assignments"), copied.store.read("responses"), {})["segments"])
    shares = [size.set_index(["wave", "segment"])[["share", "mean_posterior"]] for size in sizes]
    pd.testing.assert_frame_equal(*shares)
    assert (sizes[1]["n"] == 2 * sizes[0]["n"]).all()


def test_nor_shares_of_intention_nor_curves(asked: OpenStudy, tmp_path: Path) -> None:
    first = asked.store.read("leaving")
    kept = {
        name: asked.store.read(name)
        for name in ("people", "spells", "audit", "responses", "need_scores", "assignments")
    }
    try:
        second = retain_flag(doubled(asked)).tables["leaving"]
    finally:
        for name, table in kept.items():
            asked.store.write(name, table)
    assert np.allclose(first["value"], second["value"]) and (second["n"] == 2 * first["n"]).all()
    assert ((second["high"] - second["low"]) < (first["high"] - first["low"])).all()
    rng = np.random.default_rng(0)
    spells = pd.DataFrame({"entry": 0.0, "exit": rng.exponential(40, 600).round(1) + 0.1, "event": 1})
    spells["weight"], label = rng.uniform(0.3, 3.0, 600), np.repeat([0, 1], 300)
    twice = pd.concat([spells, spells], ignore_index=True).assign(weight=lambda rows: rows["weight"] / 2)
    one, two = (
        segment_curves(rows, np.tile(label, times), causes=("left",)).set_index(["segment", "month"])
        for rows, times in ((spells, 1), (twice, 2))
    )
    together = one.index.intersection(two.index)
    assert len(together) == len(one)
    figures = ["survival", "incidence_left"]
    pd.testing.assert_frame_equal(one[figures], two.loc[one.index, figures])
    plain = segment_curves(spells.drop(columns="weight"), label, causes=("left",)).set_index(["segment", "month"])
    assert (plain[["at_risk", "events", "n"]] == one[["at_risk", "events", "n"]]).all(axis=None)
    assert (one["high"] - one["low"]).mean() > (plain["high"] - plain["low"]).mean()


def test_segments_of_hr_data_are_weighted_by_the_survey_and_everyone_is_not(walked) -> None:
    opened = walked.open()
    leaving = opened.store.read("leaving")
    answers = relative_weights(opened.store.read("responses"))
    assert answers is not None
    assert opened.store.read("spells")["weight"].eq(1).all() and leaving["segment"].isna().sum() == 1
    scorecard = opened.store.read("scorecard")
    exits = scorecard[scorecard["measure"] == "voluntary_exits"]
    assert exits["segment"].notna().any() and exits["n"].gt(0).any()


def test_weights_that_are_all_alike_change_nothing(tmp_path: Path) -> None:
    seen = []
    for name, own in (("without", None), ("with", "2.5")):
        folder = tmp_path / name / "study"
        opened = open_study(
            asked_in_a_survey(folder, weight=own),
            overrides=[f"workspace={tmp_path / name / 'work'}", "retention.learner=linear", "retention.bootstrap=5"],
        )
        for stage in ("prepare", "retain"):
            if stage == "retain":
                seen.append({**retain_flag(opened).tables, "spells": opened.store.read("spells")})
            else:
                run_stage(STAGES_IN_ORDER[stage], opened)
        assert weighing_of(opened) == {}
    assert seen[0].keys() == seen[1].keys()
    for name, table in seen[0].items():
        pd.testing.assert_frame_equal(table, seen[1][name], check_exact=True)
