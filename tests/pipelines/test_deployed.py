"""A study on a schedule: a real Prefect server, a worker of its own, runs that meet, and a hook that hears of one."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.live import hook, options, prefect_server, prefect_worker, surroundings

ROOT = Path(__file__).resolve().parents[2]
EVERY_MINUTE, QUARTERLY = "* * * * *", "0 5 1 */3 *"


@dataclass(frozen=True)
class Server:
    """A Prefect server with a worker, and what its hook was told."""

    api: str
    told: list[dict[str, Any]]
    log: Path

    def ask(self, path: str, content: object = None, method: str = "POST") -> Any:
        data = None if method == "GET" else json.dumps(content or {}).encode()
        asked = urllib.request.Request(f"{self.api}/{path}", data, {"Content-Type": "application/json"}, method=method)
        for _ in range(20):  # the server's database may be busy
            try:
                with urllib.request.urlopen(asked, timeout=30) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as fault:
                if fault.code != 503:
                    raise
                time.sleep(1)
        raise AssertionError(path)

    def deployments(self) -> dict[str, Any]:
        return {found["name"]: found for found in self.ask("deployments/filter")}

    def begin(self, deployment: str, **parameters: object) -> str:
        made = self.deployments()[deployment]
        return str(self.ask(f"deployments/{made['id']}/create_flow_run", {"parameters": parameters})["id"])

    def run(self, run: str) -> dict[str, Any]:
        return dict(self.ask(f"flow_runs/{run}", method="GET"))

    def state(self, run: str) -> tuple[str, str]:
        found = self.run(run)
        return str(found["state_type"]), str(found["state_name"])

    def until(self, found: Callable[[], Any], seconds: float = 480) -> Any:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if answer := found():
                return answer
            time.sleep(1)
        raise AssertionError(self.log.read_text()[-6000:])

    def ended(self, run: str) -> tuple[str, str]:
        return self.until(
            lambda: (now := self.state(run))[0] in ("COMPLETED", "FAILED", "CANCELLED", "CRASHED") and now
        )


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server and its worker; the address of the hook is known to the worker alone."""
    folder = tmp_path_factory.mktemp("deployed")
    for name in ("server", "worker"):
        (folder / name).mkdir()
    with (
        prefect_server(folder / "server") as api,
        hook() as (address, told),
        prefect_worker(folder / "worker", api, {"SEGMENT_HOOK": address}) as log,
    ):
        yield Server(api, told, log)


def segment(live: Server, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "segment", *arguments],
        env=surroundings() | {"PREFECT_API_URL": live.api}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_run_of_the_schedule_happens_and_another_meanwhile_is_dropped(live: Server, study: Path) -> None:
    made = segment(live, "deploy", str(study), "--cron", EVERY_MINUTE, "--collision", "cancel", *options())
    assert made.returncode == 0, made.stderr
    assert "one at a time; a run that finds another is cancelled" in made.stdout
    first = live.until(lambda: [run for run in live.ask("flow_runs/filter") if run["state_type"] == "RUNNING"])[0]
    assert first["auto_scheduled"]
    assert live.ended(live.begin("tiny"))[0] == "CANCELLED"
    assert live.ended(first["id"])[0] == "COMPLETED"
    assert list((study.parent / "var" / "tiny" / "exports").rglob("report.nl.html"))


def test_a_new_schedule_takes_the_old_ones_place(live: Server, study: Path) -> None:
    again = segment(
        live, "deploy", str(study), "--cron", QUARTERLY, "--time-zone", "Europe/Amsterdam", *options()
    )  # fmt: skip
    assert again.returncode == 0, again.stderr
    assert list(live.deployments()) == ["tiny"]
    deployment = live.deployments()["tiny"]
    (schedule,) = deployment["schedules"]
    assert (schedule["schedule"]["cron"], schedule["schedule"]["timezone"]) == (QUARTERLY, "Europe/Amsterdam")
    assert deployment["global_concurrency_limit"]["limit"] == 1
    assert deployment["concurrency_options"]["collision_strategy"] == "ENQUEUE"
    assert deployment["parameters"]["study"] == str(study)
    assert deployment["job_variables"]["env"]["OMP_NUM_THREADS"] == "1"


def test_of_two_at_once_one_runs_and_the_other_waits_as_the_rule_says(live: Server) -> None:
    over = ("COMPLETED", "CANCELLED", "SCHEDULED")
    live.until(lambda: all(run["state_type"] in over for run in live.ask("flow_runs/filter")))
    both = [live.begin("tiny"), live.begin("tiny")]
    live.until(lambda: "AwaitingConcurrencySlot" in [live.state(run)[1] for run in both])
    (waiting,) = (run for run in both if live.state(run)[1] == "AwaitingConcurrencySlot")
    (running,) = (run for run in both if run != waiting)
    assert live.ended(running)[0] == "COMPLETED"
    live.ask(f"flow_runs/{waiting}/set_state", {"state": {"type": "CANCELLED"}, "force": True})


def test_a_stage_out_of_time_fails_the_run_is_not_tried_again_and_the_hook_hears_of_it(live: Server) -> None:
    quick = live.deployments()["tiny"]["parameters"]["overrides"]
    slow = [*quick, "operations.most_minutes.prepare=0.0001", "ingest.max_rows_named=7"]
    run = live.begin("tiny", overrides=slow)
    assert live.ended(run) == ("FAILED", "OutOfTime")
    told = live.until(lambda: [message for message in live.told if message["run"] == run], 240)
    assert [(message["study"], message["stage"], message["ending"]) for message in told] == [
        ("tiny", "prepare", "failed")
    ]
    assert told[0]["sentence"].startswith("Stage 'prepare' took longer than the 0.0001 minutes")
    assert live.run(run)["run_count"] == 1


def test_a_run_that_is_cancelled_ends_and_leaves_no_process(live: Server, study: Path) -> None:
    before = {message["run"] for message in live.told}
    long = [*live.deployments()["tiny"]["parameters"]["overrides"][:2], "segmentation.n_starts=5000"]
    run = live.begin("tiny", overrides=long)
    holder = study.parent / "var" / "tiny" / ".lock.json"
    live.until(lambda: live.state(run)[0] == "RUNNING" and holder.is_file())
    pid = json.loads(holder.read_text())["process"]
    live.ask(f"flow_runs/{run}/set_state", {"state": {"type": "CANCELLING"}, "force": True})
    assert live.ended(run)[0] == "CANCELLED"
    live.until(lambda: not Path(f"/proc/{pid}").exists(), 240)
    assert not holder.exists()
    told = live.until(lambda: [message for message in live.told if message["run"] not in before], 240)
    assert [message["ending"] for message in told] == ["ended"]


def test_every_deployment_of_the_repository_can_be_made(live: Server) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"], cwd=ROOT,
        env=surroundings() | {"PREFECT_API_URL": live.api}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    written = YAML(typ="safe").load((ROOT / "prefect.yaml").read_text())["deployments"]
    found = live.deployments()
    for one in written:
        kept = found[one["name"]]
        assert kept["parameters"] == one["parameters"]
        assert [s["schedule"]["cron"] for s in kept["schedules"]] == [s["cron"] for s in one["schedules"]]
        assert {s["schedule"]["timezone"] for s in kept["schedules"]} == {"Europe/Amsterdam"}
        assert kept["global_concurrency_limit"]["limit"] == 1
        assert kept["concurrency_options"]["collision_strategy"] == one["concurrency_limit"]["collision_strategy"]
        assert kept["work_pool_name"] == "segment"
        assert kept["job_variables"]["env"]["DO_NOT_TRACK"] == "true"
    assert {one["name"] for one in written} == {
        "quarterly-study", "monthly-retention", "weekly-assign", "monthly-monitor", "nightly-purge",
    }  # fmt: skip


@pytest.mark.parametrize(("more", "said"), [
    (["--cron", "at five"], "The schedule cannot be read."),
    (["--cron", QUARTERLY, "--time-zone", "Mars/Olympus"], "The schedule cannot be read."),
    (["--cron", QUARTERLY, "--collision", "fight"], "enqueue or cancel"),
    (["--cron", QUARTERLY, "--set", "wave=[]"], "mistake"),
])  # fmt: skip
def test_what_cannot_be_deployed_is_refused_in_words(live: Server, study: Path, more: list[str], said: str) -> None:
    ended = segment(live, "deploy", str(study), *more)
    assert ended.returncode == 1
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


def test_without_a_server_there_is_nothing_to_deploy_on(study: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "segment", "deploy", str(study), "--cron", QUARTERLY],
        env=surroundings(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    assert "There is no Prefect server to deploy on." in ended.stderr
