"""A workspace belongs to one key and one kind of data, whoever says otherwise: a file or an environment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from segment.cli import app
from segment.errors import Refusal
from segment.governance.events import EventLog
from segment.stages import STAGES_IN_ORDER, open_study, run_stage
from segment.stages.audit import audit_log
from segment.stages.keys import NAME
from segment.stages.simulate import simulate_into
from segment.vocabulary import World

VARIABLE, KEY, OTHER = "SEGMENT_PSEUDONYM_KEY", bytes(range(32)), bytes(range(9, 41))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study file of a small organisation on personal data, with its first stage run."""
    folder = tmp_path_factory.mktemp("bound") / "org"
    simulate_into(folder, people=60, seed=3, world=World.NEEDS, waves=1)
    file = folder / "study.yaml"
    said = file.read_text(encoding="utf-8").replace("data: simulated", "data: personal\nworkspace: work")
    file.write_text(said, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, KEY.hex())
        run_stage(STAGES_IN_ORDER["prepare"], open_study(file))
    return file


@pytest.fixture
def study(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, KEY.hex())
    monkeypatch.setenv("ANOTHER_KEY", OTHER.hex())
    return made


def saying(study: Path, before: str, after: str) -> Path:
    """The same study, and the same workspace, under a file beside it that says something else."""
    file, text = study.with_name("changed.yaml"), study.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")
    return file


CHANGES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "public data": (lambda s: saying(s, "data: personal", "data: public"), "This workspace holds personal data."),
    "simulated data": (lambda s: saying(s, "data: personal", "data: simulated"), "This workspace holds personal data."),
    "another key": (
        lambda s: saying(s, "data: personal", "data: personal\nprivacy: {key: ANOTHER_KEY}"), "another pseudonym key"
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("note", ["as it was", "taken away"])
def test_no_verb_writes_under_another_key_or_kind_of_data(study: Path, change: str, note: str, tmp_path: Path) -> None:
    make, words = CHANGES[change]
    workspace = study.parent / "work"
    kept = (workspace / NAME).read_bytes()
    if note == "taken away":
        (workspace / NAME).unlink()
        words = "another pseudonym key"
    try:
        file = make(study)
        before = EventLog(workspace / "ledger.db", key=KEY).head
        with pytest.raises(Refusal, match=words):
            open_study(file)
        for verb in (
            ["audit", str(file), "--log"],
            ["subject", "erase", str(file), "--person", "7"],
            ["purge", str(file)],
        ):
            said = CliRunner().invoke(app, verb)
            assert said.exit_code == 1, said.output
            assert words in said.output
    finally:
        (workspace / NAME).write_bytes(kept)
    assert EventLog(workspace / "ledger.db", key=KEY).head == before
    assert "unchanged" in audit_log(study)[0]


def test_books_begun_on_simulated_people_take_no_personal_data(tmp_path: Path, study: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, OTHER.hex())
        simulated = saying(study, "data: personal\nworkspace: work", "data: simulated\nworkspace: other")
        run_stage(STAGES_IN_ORDER["prepare"], open_study(simulated))
        personal = saying(study, "workspace: work", "workspace: other")
        with pytest.raises(Refusal, match="another pseudonym key"):
            open_study(personal)
        renamed = saying(study, "study: org\n", "study: another\n")
        renamed.write_text(
            renamed.read_text().replace("data: personal\nworkspace: work", "data: simulated\nworkspace: other")
        )
        with pytest.raises(Refusal, match="another pseudonym key"):
            open_study(renamed)
