"""Who is told how a run ended: study, stage and a sentence; never a person's value, and never at a run's cost."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from types import SimpleNamespace

import pytest
from prefect.states import Cancelled, Completed, Crashed, Failed

from pipelines import hooks
from pipelines.command import run_command
from pipelines.flows import FLOWS
from pipelines.hooks import sentence, tell_hook
from pipelines.messages import as_card, send
from pipelines.tasks import ALARM, OUT_OF_TIME, REFUSED
from segment.config import OperationsConfig
from segment.stages import STAGES_IN_ORDER
from segment.stages.base import OpenStudy, StageResult
from tests.live import free_port, hook, mail_server, options

CANARY = "canary-4711"


def run_prepare(study: Path, *more: str) -> int:
    return run_command(FLOWS["prepare"], [str(study), *options(*more)], one_stage=True)


def fail(opened: OpenStudy) -> StageResult:
    raise ValueError(f"{CANARY} earns 4,711 a month")


def test_a_fault_is_told_with_study_stage_and_run_and_without_a_value(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SEGMENT_DEBUG", raising=False)
    monkeypatch.setitem(STAGES_IN_ORDER, "prepare", dataclasses.replace(STAGES_IN_ORDER["prepare"], run=fail))
    with hook() as (address, came):
        monkeypatch.setenv("SEGMENT_HOOK", address)
        assert run_prepare(study) == 3
    (told,) = came
    assert set(told) == {"study", "flow", "stage", "run", "ending", "sentence"}
    assert (told["study"], told["stage"], told["ending"]) == ("tiny", "prepare", "failed")
    assert told["sentence"].startswith("ValueError in ")
    assert CANARY not in str(told)


def test_a_refusal_is_told_and_a_run_that_is_done_only_where_that_is_asked(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = study.with_name("broken.yaml")
    broken.write_text(study.read_text().replace("file: people.csv", "file: poeple.csv"))
    with hook() as (address, came):
        monkeypatch.setenv("ELSEWHERE", address)
        assert run_prepare(broken, "operations.hook=ELSEWHERE", "workspace=broken") == 1
        assert run_prepare(study, "operations.hook=ELSEWHERE") == 0
        assert run_prepare(study, "operations.hook=ELSEWHERE", "operations.hook_on=[done]") == 0
    assert [told["ending"] for told in came] == ["refused", "done"]
    assert "\n" not in came[0]["sentence"]


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:PORT/away",
        "ftp://127.0.0.1/x",
        "not an address",
        "smtp://127.0.0.1:PORT?from=a@x.nl&to=b@x.nl",
    ],
)
def test_a_hook_that_cannot_be_reached_ends_nothing(
    study: Path, address: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SEGMENT_HOOK", address.replace("PORT", str(free_port())))
    assert run_prepare(study, "operations.hook_on=[done]") == 0
    assert "The hook in SEGMENT_HOOK did not take the message" in caplog.text
    assert "127.0.0.1" not in caplog.text.split("did not take the message")[1].splitlines()[0]


def test_a_study_that_cannot_be_read_is_told_by_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = SimpleNamespace(id="r-1", parameters={"study": str(tmp_path / "ours.yaml")})
    with hook() as (address, came):
        monkeypatch.setenv("SEGMENT_HOOK", address)
        state = Failed(name=REFUSED, message="The study has 3 mistakes.\n  ours.yaml:1:1: no")
        tell_hook(flow=FLOWS["prepare"], flow_run=run, state=state)  # by name, as a worker does
    (told,) = came
    assert (told["study"], told["flow"], told["stage"], told["run"]) == ("ours", "prepare", "", "r-1")
    assert (told["ending"], told["sentence"]) == ("refused", "The study has 3 mistakes.")


def test_teams_gets_a_card_with_the_same(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with hook() as (address, came):
        monkeypatch.setenv("SEGMENT_HOOK", address)
        assert run_prepare(study, "operations.hook_on=[done]", "operations.hook_form=teams") == 0
    (told,) = came
    content = told["attachments"][0]["content"]
    assert (told["type"], content["type"]) == ("message", "AdaptiveCard")
    texts = [block["text"] for block in content["body"] if block["type"] == "TextBlock"]
    assert texts == ["tiny: done", "The run is done."]
    assert [fact["title"] for fact in content["body"][-1]["facts"]] == ["flow", "stage", "run"]


def test_a_card_leaves_out_what_is_not_known() -> None:
    card = as_card({"study": "s", "flow": "f", "stage": "", "run": "r", "ending": "ended", "sentence": "x"})
    assert '"stage"' not in str(card).replace("'", '"')


@pytest.mark.parametrize(("state", "said"), [
    (Failed(message=f"Flow run encountered an exception: ValueError: {CANARY}"), "The run failed; its log says where."),
    (Failed(name=REFUSED, message="533 people are too few.\n  found: 533"), "530–539 people are too few."),
    (Failed(name=OUT_OF_TIME, message="Stage 'retain' took longer.\n  what to do: x"), "Stage 'retain' took longer."),
    (Crashed(message=f"Flow run process exited with {CANARY}"), "The run was ended from outside"),
    (Cancelled(message=CANARY), "The run was ended from outside"),
    (Completed(message=CANARY), "The run is done."),
])  # fmt: skip
def test_an_ending_in_one_sentence(state: object, said: str) -> None:
    told = sentence(state)
    assert told.startswith(said)
    assert CANARY not in told and "\n" not in told


TOLD = {"study": "ours", "flow": "study", "stage": "retain", "run": "6f0c", "ending": "failed"}


def test_a_letter_goes_to_everybody_named_with_the_ending_in_its_subject() -> None:
    with mail_server() as (port, said):
        send(f"smtp://127.0.0.1:{port}?from=runs@x.nl&to=a@x.nl,b@x.nl", {**TOLD, "sentence": "ValueError in retain."})
    assert {"<a@x.nl>", "<b@x.nl>"} == {line.split(":")[1] for line in said if line.upper().startswith("RCPT")}
    assert "Subject: ours: failed" in said and "ValueError in retain." in said and "stage: retain" in said


def test_no_password_is_said_to_a_mail_server_without_tls() -> None:
    with mail_server("AUTH PLAIN LOGIN") as (port, said), pytest.raises(ValueError, match="speaks no TLS"):
        send(f"smtp://user:s3cret@127.0.0.1:{port}?from=a@x.nl&to=b@x.nl", {**TOLD, "sentence": "s"})
    assert not any("AUTH" in line.upper() or "s3cret" in line for line in said)


@pytest.mark.parametrize(
    "address", ["smtp://127.0.0.1", "smtp://127.0.0.1?from=a@x.nl", "smtp:///?from=a@x.nl&to=b@x.nl"]
)
def test_an_address_of_a_mail_server_names_sender_and_reader(address: str) -> None:
    with pytest.raises(ValueError, match="names its host"):
        send(address, {**TOLD, "sentence": "s"})


def test_a_watch_with_an_alarm_is_told_as_one() -> None:
    state = Completed(name=ALARM, message="2 alarms; advice: refit. First: DR001 q1: moved, 1,234 people.")
    assert hooks._ending(state) == "alarm"
    assert sentence(state) == "2 alarms; advice: refit. First: DR001 q1: moved, 1,200–1,299 people."
    assert "alarm" in OperationsConfig().hook_on
