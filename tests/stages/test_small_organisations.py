"""Small organisations publish something: their small groups are hidden, and nothing is refused as a whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from segment.stages.audit import audit_study
from segment.stages.release.read_back import read_frame
from segment.stages.simulate import simulate_into
from segment.vocabulary import World

if TYPE_CHECKING:
    from conftest import Walk


@pytest.mark.parametrize(("people", "seed"), [(60, 1)])
def test_everyone_from_sixty_people_on_publishes_something_and_the_audit_finds_nothing(
    walk: Callable[..., Walk], tmp_path: Path, people: int, seed: int
) -> None:
    simulate_into(tmp_path / "small", people=people, seed=seed, world=World.NEEDS, waves=1)
    walked = walk(tmp_path / "small" / "study.yaml", f"workspace={tmp_path / 'work'}")
    frames = [read_frame(path) for path in sorted((walked.open().workspace / "released").glob("*/*.json"))]
    status = pd.concat([frame["status"] for frame in frames])
    assert (status != "hidden").any()
    assert (status == "hidden").any()
    said = audit_study(walked.file, overrides=[*walked.overrides])
    assert said[-1] == "Nothing about a small group or a single person could be recovered."
