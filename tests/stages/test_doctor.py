"""The doctor looks at a workspace in every state a run can leave it in, and says what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from segment.cli import app
from segment.errors import NotReady
from segment.stages import STAGES_IN_ORDER, open_study, run_stage
from segment.stages.doctor import Examined, examine
from segment.stages.simulate import simulate_into
from segment.store import read_json, save_json
from segment.tracking.mlflow_log import Tracker
from segment.vocabulary import World
from segment.workspace.processes import SERVER, remember_server
from tests.live import free_port


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of which one stage has run, with a store; made once."""
    folder = tmp_path_factory.mktemp("ran") / "tiny"
    simulate_into(folder, people=60, seed=3, world=World.NEEDS, waves=1)
    opened = open_study(folder / "study.yaml")
    run_stage(STAGES_IN_ORDER["prepare"], opened)
    Tracker.of(opened.workspace, "tiny").client().search_experiments()
    return folder


@pytest.fixture
def study(ran: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("PREFECT_API_URL", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(name, raising=False)
    shutil.copytree(ran, tmp_path / "tiny")
    return tmp_path / "tiny" / "study.yaml"


def workspace(study: Path) -> Path:
    return study.parent / "var" / "tiny"


def fine(address: str) -> None:
    """A server that answers."""


def asked(study: Path | None, knock: Callable[[str], object] = fine) -> dict[str, Examined]:
    return {one.what: one for one in examine(study, knock=knock)}


def to_mend(study: Path) -> dict[str, Examined]:
    return {name: one for name, one in asked(study).items() if one.advice}


def test_a_workspace_that_is_well_has_nothing_to_mend(study: Path) -> None:
    found = asked(study)
    assert to_mend(study) == {}
    assert set(found) == {
        "versions", "flows", "study", "key", "tracker", "disk", "lock", "permissions", "results"
    }  # fmt: skip
    said = CliRunner().invoke(app, ["doctor", str(study)])
    assert said.exit_code == 0, said.output
    assert len(said.output.splitlines()) == len(found)
    assert all(line.startswith("ok ") for line in said.output.splitlines())


def test_without_a_study_the_machine_alone_is_looked_at(study: Path) -> None:
    assert set(asked(None)) == {"versions", "flows", "disk"}


def test_before_the_first_run_there_is_nothing_to_mend(study: Path) -> None:
    shutil.rmtree(workspace(study))
    assert to_mend(study) == {}
    assert not workspace(study).exists()


def a_table_was_changed(study: Path) -> None:
    (workspace(study) / "tables" / "people.parquet").write_bytes(b"other")


def a_receipt_is_damaged(study: Path) -> None:
    (workspace(study) / "receipts" / "prepare.json").write_text("{half")


def the_store_is_damaged(study: Path) -> None:
    (workspace(study) / "mlflow.db").write_bytes(b"no database at all, but long enough to be one" * 40)


def the_books_are_damaged(study: Path) -> None:
    (workspace(study) / "ledger.db").write_bytes(b"no database at all, but long enough to be one" * 40)


def the_history_is_damaged(study: Path) -> None:
    (workspace(study) / "prefect").mkdir(mode=0o700)
    (workspace(study) / "prefect" / "prefect.db").write_bytes(b"no database at all" * 90)


def a_change_was_begun(study: Path) -> None:
    (workspace(study) / ".transaction").mkdir(mode=0o700)
    save_json(
        workspace(study) / ".transaction" / "journal.json",
        {"doing": "promote", "steps": [{"kind": "do", "name": "champion", "with": {}}]},
    )


def others_may_read(study: Path) -> None:
    (workspace(study) / "tables").chmod(0o755)


def the_study_has_a_mistake(study: Path) -> None:
    study.write_text(study.read_text() + "\nwavez: x\n")


def the_workspace_is_of_another_key(study: Path) -> None:
    save_json(workspace(study) / "key.json", {"key_id": "00000000"})


def files_come_from_the_future(study: Path) -> None:
    os.utime(workspace(study) / "ledger.db", (4e9, 4e9))


FAULTS: dict[Callable[[Path], None], str] = {
    a_table_was_changed: "results", a_receipt_is_damaged: "results", the_store_is_damaged: "tracker",
    the_books_are_damaged: "study", the_history_is_damaged: "store", a_change_was_begun: "changes",
    others_may_read: "permissions", the_study_has_a_mistake: "study", the_workspace_is_of_another_key: "study",
    files_come_from_the_future: "clock",
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_what_is_not_well_is_told_with_what_to_do_and_exit_code_one(study: Path, fault: Callable[[Path], None]) -> None:
    fault(study)
    assert FAULTS[fault] in to_mend(study)
    said = CliRunner().invoke(app, ["doctor", str(study)])
    assert said.exit_code == 1, said.output
    assert "MEND" in said.output and "what to do: " in said.output
    assert "Traceback" not in said.output


def test_a_full_disk_is_told(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type(shutil.disk_usage("/"))(10**12, 10**12 - 10**8, 10**8)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    assert to_mend(study)["disk"].said.startswith("0.1 GB free")


def test_servers_that_are_away_are_told(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(address: str) -> None:
        raise NotReady("The Prefect server does not answer.", advice="start it")

    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{free_port()}")
    found = asked(study, away)
    assert found["flows"].advice == "start it"
    assert found["tracker"].said == "The tracking server does not answer."
    assert found["tracker"].advice


def test_the_server_of_a_killed_run_is_ended_when_nobody_holds_the_workspace(
    study: Path, somebody: subprocess.Popen[bytes]
) -> None:
    remember_server(workspace(study), somebody.pid)
    assert "processes" not in asked(study)  # this run goes on
    written = read_json(workspace(study) / SERVER)
    save_json(workspace(study) / SERVER, {**written, "run": {"process": 2**22, "started": 1.0}})
    holding = "import sys, time; from pathlib import Path; from segment.workspace.lock import alone_in\n"
    holding += "with alone_in(Path(sys.argv[1]), doing='run'): print('held', flush=True); time.sleep(60)"
    other = subprocess.Popen([sys.executable, "-c", holding, str(workspace(study))], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout is not None and other.stdout.readline() == "held\n"
        found = asked(study)
        assert found["lock"].said.startswith(f"held by run, process {other.pid} on ")
        assert "processes" not in found and somebody.poll() is None
    finally:
        other.kill()
        other.communicate()
    found = asked(study)
    assert found["lock"].said.startswith("free; the last one was killed (run, ")
    assert str(somebody.pid) in found["processes"].said
    assert somebody.wait(5) is not None
    assert not found["processes"].advice
