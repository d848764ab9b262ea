"""One small simulated study that walked the whole way once, for all tests of stages to look at."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from segment.cli import app
from segment.stages import STAGES_IN_ORDER, OpenStudy, Receipt, open_study, run_stage
from segment.stages.simulate import simulate_into
from segment.stages.tracking import Recording
from segment.vocabulary import World

_HERE = str(Path(__file__).resolve().parent)
if _HERE not in sys.path:
    sys.path.append(_HERE)

#: Small budgets: these tests are about the way, not about the finest choice.
QUICK = (
    "segmentation.families=[needs_mixture]",
    "segmentation.n_segments=[4, 5]",
    "segmentation.n_splits=3",
    "segmentation.n_starts=4",
    "segmentation.null_draws=2",
    "segmentation.bootstrap=20",
    "segmentation.planted_worlds=0",
    "needs.bootstrap=20",
    "retention.learner=linear",
    "retention.max_rows=5000",
    "retention.bootstrap=10",
)


@dataclass(frozen=True)
class Walk:
    """A study folder, its workspace and the receipts of its first run."""

    file: Path
    overrides: tuple[str, ...]
    receipts: tuple[Receipt, ...]

    def open(self, *more: str) -> OpenStudy:
        """The study, opened again, perhaps with other settings."""
        return open_study(self.file, overrides=[*self.overrides, *more])

    def saying(self, **changed: object) -> Walk:
        """The same study under a file beside it that says something else: what no override may change."""
        content = YAML(typ="safe").load(self.file)
        for name, value in changed.items():
            content[name] = {**content.get(name, {}), **value} if isinstance(value, dict) else value
        content = {name: value for name, value in content.items() if value is not None}
        name = hashlib.sha256(repr(sorted(changed.items())).encode()).hexdigest()[:12]
        file = self.file.with_name(f"study-{name}.yaml")
        file.write_text(json.dumps(content, default=str), encoding="utf-8")
        return replace(self, file=file)


@dataclass(frozen=True)
class Decided:
    """A study with a champion: its file and the settings it is run with."""

    file: Path
    overrides: tuple[str, ...]

    def open(self) -> OpenStudy:
        """The study, opened again."""
        return open_study(self.file, overrides=self.overrides)

    def type(self, verb: str, *words: str) -> tuple[int, str]:
        """What a user types, and what comes back: the exit code and everything that was said."""
        settings = [part for override in self.overrides for part in ("--set", override)]
        told = CliRunner().invoke(app, [verb, str(self.file), *words, *settings])
        return told.exit_code, told.output

    def promote(self) -> tuple[int, str]:
        """Decide on the first version."""
        return self.type(
            "promote", "--model", "segmentation", "--version", "1", "--by", "A. Reviewer", "--reason", "stable"
        )

    def assign(self, out: Path) -> tuple[int, str]:
        """Score the last survey with the champion."""
        return self.type("assign", "--survey", str(self.file.parent / "responses_2024-03.csv"), "--out", str(out))

    def copy(self, folder: Path) -> Decided:
        """The same study elsewhere, for a test that spoils it."""
        shutil.copytree(self.file.parent, folder)
        kept = tuple(o for o in self.overrides if not o.startswith("workspace="))
        return Decided(folder / self.file.name, (*kept, f"workspace={folder / 'work'}"))

    def saying(self, **changed: object) -> Decided:
        """The same study under a file beside it that says something else, or no longer says it."""
        content = {**YAML(typ="safe").load(self.file), **changed}
        file = self.file.with_name("otherwise.yaml")
        file.write_text(json.dumps({k: v for k, v in content.items() if v is not None}, default=str), encoding="utf-8")
        return replace(self, file=file)

    def with_settings(self, *more: str) -> Decided:
        """The same study with more settings."""
        return replace(self, overrides=(*self.overrides, *more))


def walk_study(file: Path, *overrides: str) -> Walk:
    """Run all stages of a study."""
    opened = open_study(file, overrides=[*QUICK, *overrides])
    receipts = tuple(run_stage(stage, opened) for stage in STAGES_IN_ORDER.values())
    return Walk(file, (*QUICK, *overrides), receipts)


@pytest.fixture(scope="session")
def organisation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a simulated organisation with its study file."""
    folder = tmp_path_factory.mktemp("organisation") / "small"
    simulate_into(folder, people=900, seed=11, world=World.NEEDS, waves=2)
    return folder


@pytest.fixture(scope="session")
def walk() -> Callable[..., Walk]:
    """The function that runs all stages of a study file with quick settings."""
    return walk_study


@pytest.fixture(scope="session")
def walked(organisation: Path) -> Walk:
    """The study after its first run."""
    return walk_study(organisation / "study.yaml", f"workspace={organisation / 'work'}")


@pytest.fixture
def copied(walked: Walk, tmp_path: Path) -> OpenStudy:
    """A copy of the walked workspace, opened."""
    shutil.copytree(walked.open().workspace, tmp_path / "work")
    return walked.open(f"workspace={tmp_path / 'work'}")


@pytest.fixture(scope="module")
def copied_once(walked: Walk, tmp_path_factory: pytest.TempPathFactory) -> OpenStudy:
    """A copy of the walked workspace for all tests of a module, opened."""
    work = tmp_path_factory.mktemp("copied") / "work"
    shutil.copytree(walked.open().workspace, work)
    return walked.open(f"workspace={work}")


@pytest.fixture(scope="session")
def decided(walked: Walk, tmp_path_factory: pytest.TempPathFactory) -> Decided:
    """A copy of the study whose first version a reviewer has made the champion."""
    first = registered(walked, tmp_path_factory.mktemp("decided") / "small")
    code, said = first.promote()
    assert code == 0, said
    return first


def registered(walked: Walk, folder: Path) -> Decided:
    """A copy of the study whose segmentation is registered, and nobody has decided yet."""
    first = Decided(walked.file, walked.overrides).copy(folder)
    recording = Recording.of(first.open())
    recording.take(run_stage(STAGES_IN_ORDER["discover"], first.open(), force=True))
    recording.end(failed=False)
    return first


@pytest.fixture
def undecided(walked: Walk, tmp_path: Path) -> Decided:
    """A study whose segmentation is registered, and nobody has decided yet."""
    return registered(walked, tmp_path / "undecided")
