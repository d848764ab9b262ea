"""Segments of which nobody was followed after they answered: no figure of others stands beside their name."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook
from ruamel.yaml import YAML

from segment.stages import OpenStudy
from segment.stages.simulate import simulate_into
from segment.vocabulary import World

TOGETHER = {"nl": "alleen bij iedereen samen", "en": "with everyone together only"}
CELL = {"nl": "iedereen samen", "en": "everyone together"}
SENTENCE = {"nl": "Per segment is er geen eigen cijfer", "en": "No segment has a figure of its own"}
LITTLE = {"nl": "Tussen de segmenten is het verschil klein", "en": "The segments differ little"}


@pytest.fixture(scope="module")
def undated(tmp_path_factory: pytest.TempPathFactory, walk: Callable[..., object]) -> OpenStudy:
    """A weighted study of three hundred whose survey has no day: nobody is known to be there after answering."""
    folder = tmp_path_factory.mktemp("undated") / "study"
    simulate_into(folder, people=300, seed=4, world=World.NEEDS, waves=1)
    yaml, study = YAML(), folder / "study.yaml"
    settings = yaml.load(study.read_text(encoding="utf-8"))
    settings.pop("waves", None)
    for source in settings["sources"]["responses"]:
        source.pop("date", None)
    with study.open("w", encoding="utf-8") as out:
        yaml.dump(settings, out)
    for file in folder.glob("*.csv"):  # and its name tells none
        rows = pd.read_csv(file, dtype=str)
        if "wave" in rows:
            rows.assign(wave="eerste").to_csv(file, index=False)
    more = ("segmentation.n_segments=[3]", "segmentation.n_splits=2")
    return walk(study, f"workspace={folder / 'work'}", *more).open()


def exports(opened: OpenStudy) -> Path:
    return next(path for path in (opened.workspace / "exports").iterdir() if path.is_dir())


def words(file: Path) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", file.read_text(encoding="utf-8")).split())


def test_a_segment_that_nobody_was_followed_of_has_no_row(undated: OpenStudy) -> None:
    told = undated.store.read("leaving")
    assert len(told) == 1 and told["segment"].isna().all()
    assert undated.store.read("assignments")["segment"].nunique() == 3


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_reader_says_that_it_is_told_with_everyone_only(undated: OpenStudy, language: str) -> None:
    folder = exports(undated)
    report = words(folder / f"report.{language}.html")
    assert SENTENCE[language] in report and LITTLE[language] not in report
    pages = sorted(folder.glob(f"segment_*.{language}.html"))
    named = report.count(TOGETHER[language])
    assert named == len(pages) == 3
    assert all(TOGETHER[language] in words(page) for page in pages)
    book = CalamineWorkbook.from_path(next(folder.glob(f"*.{language}.xlsx")))
    sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    assert sum(cell == CELL[language] for sheet in sheets for row in sheet for cell in row) >= 3


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_sentence_says_of_whom_and_that_it_is_unweighted(undated: OpenStudy, language: str) -> None:
    n = int(undated.store.read("leaving")["n"].iloc[0])
    said = {
        "nl": rf"naar verwachting [^.]*% \(ongewogen\) van iedereen die er nog werkt \({n} mensen\)",
        "en": rf"% \(unweighted\) of everyone still employed \({n} people\) is expected",
    }
    day = {
        "nl": r"Dat zijn de mensen die er na \d+ \w+ \d{4} nog werkten\.",
        "en": r"They are the people still employed after \d+ \w+ \d{4}\.",
    }
    report = words(exports(undated) / f"report.{language}.html")
    assert re.search(said[language], report) and re.search(day[language], report)


def test_a_card_says_of_how_many_people_its_chance_is(walked) -> None:
    opened = walked.open()
    told = opened.store.read("leaving").dropna(subset="segment")
    sizes = opened.store.read("segments").groupby("segment")["n"].last()
    assert len(told) and (told["n"].to_numpy() != sizes.reindex(told["segment"]).to_numpy()).any()
    for language, phrase in (("nl", "van {} mensen"), ("en", "of {} people")):
        report = words(exports(opened) / f"report.{language}.html")
        assert all(phrase.format(n) in report for n in told["n"])
        book = CalamineWorkbook.from_path(next(exports(opened).glob(f"*.{language}.xlsx")))
        rows = [row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()]
        heading = {"nl": "Van hoeveel mensen", "en": "Of how many people"}[language]
        at = next(row.index(heading) for row in rows if heading in row)
        column = pd.to_numeric(pd.Series([row[at] for row in rows if len(row) > at]), errors="coerce")
        assert set(told["n"]) <= set(column.dropna().astype(int))
