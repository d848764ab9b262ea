"""All waves of a study in one command: each as it would have been known then, in order, and the last as known now."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.command import run_command
from pipelines.study import run_study
from segment.stages.audit import audit_log, audit_study
from segment.stages.simulate import simulate_into
from segment.vocabulary import World
from tests.live import QUICK, options


@pytest.fixture(scope="module")
def two_waves(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("waves") / "tiny"
    simulate_into(folder, people=400, seed=4, world=World.NEEDS, waves=2)
    return folder / "study.yaml"


def test_every_wave_is_released_in_order_and_the_last_as_known_now(
    two_waves: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(run_study, [str(two_waves), *options(), "--waves", "all", "--publish"]) == 0
    assert "Study 'tiny' (simulated data), 2024-03" in capsys.readouterr().out
    workspace = two_waves.parent / "var" / "tiny"
    releases = sorted(path.name for path in (workspace / "exports").iterdir() if (path / "manifest.json").is_file())
    assert releases == ["2023-03", "2024-03"]
    then, now = (json.loads((workspace / "exports" / one / "released.json").read_text("utf-8")) for one in releases)
    assert "changes" not in then and "changes" in now, "the first wave had none before it"
    overrides = [*QUICK]
    audit_study(two_waves, overrides=overrides)
    audit_log(two_waves, overrides=overrides)
    assert run_command(run_study, [str(two_waves), *options(), "--publish"]) == 0
    assert "Nothing changed" in capsys.readouterr().out, "it ends as a plain run would leave it"


def test_a_wave_that_is_not_there_is_refused_before_any_work(
    two_waves: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(run_study, [str(two_waves), *options("workspace=elsewhere"), "--waves", "2031"]) == 1
    told = capsys.readouterr().err
    assert "no such wave" in told and "all, or 2023-03, 2024-03" in told
    with pytest.raises(SystemExit):
        run_command(run_study, [str(two_waves), *options(), "--waves", "all", "--only", "prepare"])
