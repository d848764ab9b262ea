"""`segment plan`: from released figures alone, in both languages, within the budget, and nothing hidden in it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from segment.cli import app
from segment.errors import NotReady
from segment.locale import languages
from segment.stages.plan import Asked, plan_under_budget


def said(walked, **asked: object) -> list[str]:
    words = {"budget": 20_000.0, "language": "en", **asked}
    return plan_under_budget(walked.file, Asked(**words), overrides=walked.overrides)


def test_a_plan_stays_within_its_budget_and_reads_the_release_alone(copied, walked, tmp_path: Path) -> None:
    settings = (*walked.overrides[:-1], f"workspace={copied.workspace}")
    asked = Asked(budget=20_000.0, language="en", out=tmp_path / "plan.csv")
    before = plan_under_budget(walked.file, asked, overrides=settings)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "plan.csv").read_text("utf-8-sig")), delimiter=";"))
    assert rows and sum(float(row["cost"]) for row in rows) <= 20_000 + len(rows) / 2
    assert {row["segment"] for row in rows} > {"1"} and {row["step"] for row in rows} <= set("1234")
    for language in languages():
        assert all(row[f"title_{language}"] and row[f"need_{language}"] for row in rows)
    for table in (copied.workspace / "tables").iterdir():
        if table.suffix == ".parquet":
            table.unlink()
    assert plan_under_budget(walked.file, asked, overrides=settings) == before


def test_hidden_shortfalls_are_in_no_plan(walked, copied, tmp_path: Path) -> None:
    settings = (*walked.overrides[:-1], f"workspace={copied.workspace}")
    folder = next((copied.workspace / "exports").iterdir())
    data = json.loads((folder / "released.json").read_text(encoding="utf-8"))
    table = data["shortfalls"]
    place, segment = table["columns"].index("status"), table["columns"].index("segment")
    for row in table["data"]:
        if row[segment] == 0:
            row[place] = "hidden"
    text = json.dumps(data)
    (folder / "released.json").write_text(text, encoding="utf-8")
    with pytest.raises(NotReady, match="not as they were released"):
        plan_under_budget(walked.file, Asked(budget=1e6, language="en"), overrides=settings)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    from segment.store import digest_file

    manifest["files"]["released.json"] = digest_file(folder / "released.json")
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    out = tmp_path / "plan.csv"
    plan_under_budget(walked.file, Asked(budget=1e7, language="en", out=out), overrides=settings)
    planned = pd.read_csv(out, sep=";", encoding="utf-8-sig")
    assert len(planned) and 1 not in set(planned["segment"])


def test_both_languages_say_the_same_figures_and_no_keys(walked) -> None:
    dutch, english = said(walked, language="nl"), said(walked)
    digits = [["".join(sign for sign in line if sign.isdigit()) for line in lines] for lines in (dutch, english)]
    assert digits[0] == digits[1]
    assert not any("plan." in line.replace("'plan'", "") for line in dutch if "fair_reach" not in line)


def test_what_cannot_be_planned_is_refused_in_a_sentence(walked, tmp_path: Path) -> None:
    settings = [part for one in walked.overrides for part in ("--set", one)]

    def typed(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["plan", str(walked.file), *words, *settings])
        return result.exit_code, result.output

    assert typed("--budget", "-1")[0] == 1 and typed("--budget", "nan")[0] == 1
    assert typed("--budget", "5", "--lang", "xx")[0] == 1 and typed("--budget", "5", "--for", "love")[0] == 1
    assert typed("--budget", "5", "--out", str(tmp_path / "plan.xlsx"))[0] == 1
    code, told = typed("--budget", "5", "--for", "value")
    assert code == 1 and "value at risk" in told
    code, told = typed("--budget", "5")
    assert code == 0 and "no action fits" in told
    code, told = typed("--budget", "20000")
    assert code == 0 and "assumptions" in told
    empty = [part for one in (*walked.overrides[:-1], f"workspace={tmp_path / 'none'}") for part in ("--set", one)]
    assert CliRunner().invoke(app, ["plan", str(walked.file), "--budget", "5", *empty]).exit_code == 1
