"""A study that knows its people by their own codes alone: waves, migration and a person's rights."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from segment.cli import app

#: What is made of this study with tokens.
KEPT = ("study", "title", "codebook", "data", "random_state", "review")


@pytest.fixture(scope="module")
def tokens(organisation: Path, tmp_path_factory: pytest.TempPathFactory, walk: Callable):
    """The small organisation's surveys under codes of their own, and no list of HR."""
    folder = tmp_path_factory.mktemp("tokens") / "own"
    folder.mkdir()
    settings = YAML(typ="safe").load(organisation / "study.yaml")
    responses, codes = [], {}
    for file in sorted(organisation.glob("responses_*.csv")):
        table = pd.read_csv(file, dtype=str, keep_default_na=False)
        table.insert(0, "own_code", [codes.setdefault(one, f"qz{len(codes):04d}") for one in table["person_id"]])
        table.drop(columns="person_id").to_csv(folder / file.name, index=False)
        wave = file.stem.removeprefix("responses_")
        responses.append({
            "file": file.name, "date": f"{wave}-28", "columns": {"person_id": "own_code"}, "tokens": True,
        })  # fmt: skip
    content = {name: settings[name] for name in KEPT if name in settings} | {"sources": {"responses": responses}}
    (folder / "study.yaml").write_text(json.dumps(content, default=str), encoding="utf-8")
    return walk(folder / "study.yaml", f"workspace={folder / 'work'}")


def test_migration_between_waves_is_told_and_no_code_leaves(tokens) -> None:
    opened = tokens.open()
    moved = opened.store.read("migration")
    answered = opened.store.read("responses").groupby("person")["wave"].nunique()
    assert (answered == 2).sum() > 200
    assert len(moved) and moved["share"].between(0, 1).all()
    for file in (*opened.workspace.rglob("exports/**/*"), *opened.workspace.rglob("released/**/*")):
        if file.is_file():
            assert b"qz0" not in file.read_bytes(), file.name
    for file in opened.workspace.rglob("tables/*.parquet"):
        table = pd.read_parquet(file).astype(str)
        assert not table.apply(lambda cells: cells.str.contains("qz0", regex=False)).to_numpy().any(), file.name


def test_who_made_the_code_asks_for_their_data_by_it(tokens, tmp_path: Path) -> None:
    settings = [part for one in tokens.overrides for part in ("--set", one)]
    for code, found in (("QZ 0003", True), ("qz9999", False)):
        typed = ["subject", "export", str(tokens.file), "--person", "-", *settings]
        result = CliRunner().invoke(app, typed, input=f"{code}\n")
        assert (result.exit_code == 0) == found, result.output
