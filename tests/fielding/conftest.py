"""A study whose codebook goes out as a survey, and the answers that come back."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest

from segment.stages.simulate import simulate_into
from segment.vocabulary import World

_HERE = str(Path(__file__).resolve().parent)
if _HERE not in sys.path:
    sys.path.append(_HERE)


@pytest.fixture(scope="session")
def organisation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of 120 people, one wave; of its lists only picks are written, as survey tools do."""
    folder = tmp_path_factory.mktemp("fielded") / "org"
    simulate_into(folder, people=120, seed=3, world=World.NEEDS, waves=1)
    (file,) = folder.glob("responses_*.csv")
    table = pd.read_csv(file, dtype=str, keep_default_na=False)
    picks = [name for name in table if name.startswith("H_pick3_")]
    table[picks] = table[picks].replace("0", "")
    table.drop(columns=["wave", "weight"]).to_csv(folder / "survey.csv", index=False)
    return folder


@pytest.fixture(scope="session")
def answers(organisation: Path) -> pd.DataFrame:
    return pd.read_csv(organisation / "survey.csv", dtype=str, keep_default_na=False)
