"""`segment check --html`: what the terminal says and more, for the one who mends the exports; also of refused data."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from segment.cli import app
from segment.stages.simulate import simulate_into
from segment.vocabulary import World


@pytest.fixture(scope="module")
def organisation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page") / "org"
    simulate_into(folder, people=250, seed=8, world=World.NEEDS, waves=2)
    return folder / "study.yaml"


def checked(file: Path, page: Path, *options: str) -> tuple[int, str, str]:
    """Exit code, what the terminal says, and the page's visible text."""
    told = CliRunner().invoke(app, ["check", str(file), "--html", str(page), *options])
    text = re.sub(r"<style.*?</style>", "", page.read_text(encoding="utf-8"), flags=re.S) if page.is_file() else ""
    return told.exit_code, told.output, " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def changed(file: Path, folder: Path, change: object) -> Path:
    yaml = YAML()
    settings = yaml.load(file)
    change(settings)  # type: ignore[operator]
    for source in [settings["sources"]["people"], *settings["sources"]["responses"]]:
        source["file"] = str(file.parent / source["file"])
    for name in ("employer", "offers", "units"):
        settings["sources"][name]["file"] = str(file.parent / settings["sources"][name]["file"])
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "study.yaml").open("w", encoding="utf-8") as out:
        yaml.dump(settings, out)
    return folder / "study.yaml"


def test_the_page_says_what_the_terminal_says_and_how_people_answered(organisation: Path, tmp_path: Path) -> None:
    code, terminal, page = checked(organisation, tmp_path / "check.html")
    assert code == 0
    verdict = next(line for line in terminal.splitlines() if line.startswith("The study may run"))
    assert verdict in page
    people = pd.read_csv(organisation.parent / "people.csv")
    assert f": {people['person_id'].nunique():,} people" in verdict
    for finding in re.findall(r"^(DQ\d{3}) ", terminal, flags=re.M):
        assert f"{finding}, " in page
    for heading in ("Who answered", "How people answered", "Question by question", "hang together"):
        assert heading in page
    answers = pd.read_csv(organisation.parent / "responses_2024-03.csv")
    assert f"2024-03 {len(answers):,}" in page
    share = answers["I_PAY_match"].isna().mean()
    assert re.search(rf"I_PAY_match PAY {share:.0%} {answers['I_PAY_match'].mean():.2f} ", page)


def test_the_page_asks_for_nothing_and_names_nobody(organisation: Path, tmp_path: Path) -> None:
    page = tmp_path / "check.html"
    checked(organisation, page)
    html = unescape(page.read_text(encoding="utf-8"))
    assert "default-src 'none'" in html
    assert not re.search(r"""<script|(?:src|href|action)\s*=\s*["']?https?:|url\(["']?https?:""", html)
    people = set(pd.read_csv(organisation.parent / "people.csv")["person_id"])
    assert not people & set(re.findall(r"E\d{6}", html))


def test_groups_of_few_are_told_together(organisation: Path, tmp_path: Path) -> None:
    _, _, page = checked(organisation, tmp_path / "check.html")
    people = pd.read_csv(organisation.parent / "people.csv")
    here = people[(people["relation"] == "employee") & (people["start_date"] <= "2024-03-31")]
    here = here[~(here["end_date"] < "2024-03-31")].drop_duplicates("person_id")
    sizes = here["department"].value_counts()
    table = page[page.index("by department") : page.index("by function")]
    for name, size in sizes.items():
        assert (f"{name} {size} " in table) == (size >= 10)


def test_refused_data_have_a_page_as_well(organisation: Path, tmp_path: Path) -> None:
    file = changed(organisation, tmp_path, lambda one: one["sources"]["people"]["attributes"].pop("location"))
    code, terminal, page = checked(file, tmp_path / "check.html")
    assert code == 1
    assert "DQ010" in terminal
    assert "The study may not run yet" in page
    assert "DQ010, stops the study" in page
    assert "(sources.people)" in page
    assert "Who answered" not in page


def test_a_policy_stops_what_else_would_warn_and_never_lets_an_error_through(
    organisation: Path, tmp_path: Path
) -> None:
    code, terminal, _ = checked(organisation, tmp_path / "a.html", "--set", "ingest.policy={DQ038: stop}")
    assert code == 1
    assert "DQ038" in terminal
    code, terminal, _ = checked(organisation, tmp_path / "b.html", "--set", "ingest.policy={DQ010: note}")
    assert code == 1
    assert "always stops a study" in terminal
    code, terminal, _ = checked(organisation, tmp_path / "c.html", "--set", "ingest.policy={DQ0388: stop}")
    assert code == 1
    assert "did you mean 'DQ0" in terminal


def test_straight_lines_and_speed_are_told(organisation: Path, tmp_path: Path) -> None:
    folder = tmp_path / "again"
    simulate_into(folder, people=250, seed=8, world=World.NEEDS, waves=1)
    survey = next(folder.glob("responses_*.csv"))
    answers = pd.read_csv(survey, dtype=str)
    answers["seconds"] = "600"
    _, terminal, _ = checked(folder / "study.yaml", tmp_path / "before.html")
    assert "DQ092" not in terminal
    some = np.arange(len(answers)) % 5 == 0
    answers.loc[some, [name for name in answers if name.startswith("I_")]] = "4"
    answers.loc[some, "seconds"] = "120"
    answers.to_csv(survey, index=False)
    code, terminal, page = checked(folder / "study.yaml", tmp_path / "check.html")
    assert code == 0
    assert re.search(r"DQ092 .*one answer to a whole block of questions \(found 2\d% of", terminal)
    assert re.search(r"DQ093 .*column seconds.*\(found 20% of", terminal)
    assert re.search(r"\d+ 2\d% ", page[page.index("one answer to a whole block questions") :])
