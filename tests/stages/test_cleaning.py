"""What a workspace may lose: told, deleted only when asked, and nothing that anything rests on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from segment.cli import app
from segment.stages import STAGES_IN_ORDER, open_study, run_stage
from segment.stages.simulate import simulate_into
from segment.store import digest_file
from segment.vocabulary import World

#: What may go, by the place in the workspace; a folder ends with a stroke.
MAY_GO = (
    "prefect/prefect.db", "prefect/storage/one", "mlflow.db.damaged-1", "mlflow.db.damaged-1-wal",
    "mlflow.db.damaged-2", ".mlflow.db.4711.x/made.db", ".transaction/aside/table.parquet",
    ".tracking.json.abcd1234", "tables/.people.parquet.k_3fz9a1",
)  # fmt: skip
#: What stays, whatever it is called.
STAYS = (
    "mlflow.db", "mlflow.db.damaged-3", "mlartifacts/one/model.bin", "ledger.db", "tracking.json", ".lock",
    "exports/2024-03/report.nl.html", "exports/2024-03/.hidden.abcd1234", "handover/2024-03/segments.parquet",
    "earlier/2023-03/report.nl.html", "withdrawn/2023-03/x/report.nl.html", "raw/people.csv",
    "receipts/prepare.json", "receipts/.prepare.json.abcd1234", "models/segmentation.joblib", "tables/people.parquet",
)  # fmt: skip


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ran") / "tiny"
    simulate_into(folder, people=60, seed=3, world=World.NEEDS, waves=1)
    run_stage(STAGES_IN_ORDER["prepare"], open_study(folder / "study.yaml"))
    return folder


@pytest.fixture
def study(ran: Path, tmp_path: Path) -> Path:
    shutil.copytree(ran, tmp_path / "tiny")
    workspace = tmp_path / "tiny" / "var" / "tiny"
    for name in (*MAY_GO, *STAYS):
        (workspace / name).parent.mkdir(parents=True, exist_ok=True)
        if not (workspace / name).exists():
            (workspace / name).write_bytes(name.encode() * 100)
    return tmp_path / "tiny" / "study.yaml"


def cleaned(study: Path, *more: str) -> str:
    said = CliRunner().invoke(app, ["clean", str(study), *more])
    assert said.exit_code == 0, said.output
    return said.output


def files(folder: Path) -> dict[str, str]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): digest_file(path) for path in found}


def test_without_yes_it_is_told_and_nothing_goes(study: Path) -> None:
    before = files(study.parent)
    said = cleaned(study)
    assert files(study.parent) == before
    assert "Nothing was deleted. It would be " in said and "--yes" in said
    for name in ("prefect:", "mlflow.db.damaged-1:", "mlflow.db.damaged-2:", "tables/.people.parquet.k_3fz9a1:"):
        assert name in said


def test_with_yes_exactly_that_goes(study: Path) -> None:
    before = files(study.parent)
    said = cleaned(study, "--yes")
    gone = {f"var/tiny/{name}" for name in MAY_GO}
    assert files(study.parent) == {name: digest for name, digest in before.items() if name not in gone}
    assert "Deleted: 0.0 MB in 8 places." in said
    assert cleaned(study, "--yes") == "There is nothing that this workspace may lose.\n"


@pytest.mark.parametrize(("keep", "left"), [(0, set()), (2, {"2", "3"}), (9, {"1", "2", "3"})])
def test_so_many_damaged_stores_stay_the_newest(study: Path, keep: int, left: set[str]) -> None:
    cleaned(study, "--keep", str(keep), "--yes")
    found = {path.name[-1] for path in (study.parent / "var" / "tiny").glob("mlflow.db.damaged-?")}
    assert found == left


def test_a_change_that_was_decided_stays(study: Path) -> None:
    journal = study.parent / "var" / "tiny" / ".transaction" / "journal.json"
    journal.write_text('{"doing": "promote", "steps": [{"kind": "do", "name": "champion", "with": {}}]}')
    assert ".transaction" not in cleaned(study, "--yes")
    assert journal.exists()


def test_a_link_goes_and_what_it_leads_to_stays(study: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("x")
    prefect = study.parent / "var" / "tiny" / "prefect"
    shutil.rmtree(prefect)
    prefect.symlink_to(elsewhere)
    cleaned(study, "--yes")
    assert not prefect.is_symlink()
    assert (elsewhere / "kept").exists()


def test_the_next_stage_still_finds_what_it_builds_on(study: Path) -> None:
    cleaned(study, "--yes", "--keep", "0")
    assert run_stage(STAGES_IN_ORDER["prepare"], open_study(study)).skipped
