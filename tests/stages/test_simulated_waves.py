"""``segment simulate``: as many surveys as asked for, as far apart as asked for, in a study that reads them."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
from ruamel.yaml import YAML
from typer.testing import CliRunner

from segment.cli import app


def test_surveys_lie_as_many_months_apart_as_asked(tmp_path: Path) -> None:
    folder = tmp_path / "half-yearly"
    asked = ["simulate", str(folder), "--people", "60", "--waves", "3", "--months-between-waves", "6"]
    said = CliRunner().invoke(app, asked)
    assert said.exit_code == 0, said.output
    everyone = pd.read_csv(folder / "people.csv").drop_duplicates("person_id")
    employees = int((everyone["relation"] == "employee").sum())
    told = re.findall(r"([\d,]+) (?:people|employees|hired|candidates)", said.output)
    assert [int(n.replace(",", "")) for n in told] == [len(everyone), 60, employees - 60, len(everyone) - employees]
    waves = ["2023-03", "2023-09", "2024-03"]
    assert sorted(path.name for path in folder.glob("responses_*.csv")) == [f"responses_{wave}.csv" for wave in waves]
    settings = YAML(typ="safe").load((folder / "study.yaml").read_text(encoding="utf-8"))["sources"]["responses"]
    assert [str(source["date"]) for source in settings] == ["2023-03-31", "2023-09-30", "2024-03-31"]
    assert list(pd.read_parquet(folder / "truth.parquet")["wave"].unique()) == waves


def test_surveys_beyond_the_five_years_are_refused_with_the_option_to_change(tmp_path: Path) -> None:
    asked = ["simulate", str(tmp_path / "long"), "--people", "60", "--waves", "5", "--months-between-waves", "24"]
    said = CliRunner().invoke(app, asked)
    assert said.exit_code == 1 and "months_between_waves lower" in said.output
    assert not (tmp_path / "long").exists()
