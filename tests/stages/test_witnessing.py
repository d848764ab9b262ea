"""Who ran what on which data with which result: one event per run of a stage, and nothing about anybody in it."""

from __future__ import annotations

import pytest

from segment.errors import Refusal
from segment.governance.events import EventLog
from segment.stages import STAGES_IN_ORDER, run_stage
from segment.stages.audit_log import actor, witnessed

KEY = bytes(range(32))


def run(book, work):
    with witnessed(book, KEY, stage="discover", on="a" * 64) as seen:
        work(seen)


def test_a_run_says_who_what_on_what_and_how_it_ended(tmp_path, monkeypatch):
    monkeypatch.setenv("SEGMENT_ACTOR", "nightly job")
    run(tmp_path / "ledger.db", lambda seen: seen.update(rows={"segments": 5}))
    log = EventLog(tmp_path / "ledger.db", key=KEY)
    (event,) = log.events()
    assert (event.actor, event.action, event.subject) == ("nightly job", "run", "stage discover")
    assert event.detail == {"on": "a" * 16, "rows": {"segments": 5}, "result": "done"}
    assert log.verify() is None


@pytest.mark.parametrize("fault", [Refusal("no such column"), ValueError("the answer of one person")])
def test_a_run_that_did_not_end_well_is_written_down_without_its_message(tmp_path, fault):
    def work(seen):
        raise fault

    with pytest.raises(type(fault)):
        run(tmp_path / "ledger.db", work)
    (event,) = EventLog(tmp_path / "ledger.db", key=KEY).events()
    assert event.detail["result"].startswith("refused" if isinstance(fault, Refusal) else "failed: ValueError in ")
    assert "person" not in str(event.detail) and "column" not in str(event.detail)


def test_an_account_without_a_name_is_still_somebody(monkeypatch):
    monkeypatch.delenv("SEGMENT_ACTOR", raising=False)
    monkeypatch.setattr("getpass.getuser", lambda: (_ for _ in ()).throw(KeyError("uid")))
    assert actor().strip()


def test_a_study_leaves_one_event_per_stage_and_none_when_nothing_is_done(walked):
    opened = walked.open()
    log = EventLog(opened.workspace / "ledger.db", key=opened.key)
    ran = [event.subject for event in log.events() if event.action == "run"]
    assert ran[:6] == [f"stage {name}" for name in STAGES_IN_ORDER]
    before = len(log.events())
    assert all(run_stage(stage, opened).skipped for stage in STAGES_IN_ORDER.values())
    assert len(log.events()) == before
