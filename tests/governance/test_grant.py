"""Laws of the gate for single people: nothing without governance, and nothing without a line in the log."""

import dataclasses
import datetime as dt
from types import SimpleNamespace

import pandas as pd
import pytest

from segment.config import GovernanceConfig
from segment.errors import RefusedRelease
from segment.privacy import EventLog, GrantedTable, grant

AGREED = {
    "works_council": "OR 2024-7",
    "dpia": "DPIA 12",
    "data_protection_officer": "the officer",
    "legal_basis": "legitimate interest",
    "purpose": "better conversations",
    "approver": "the board",
    "expires": dt.date(2026, 12, 31),
}
TODAY = dt.date(2026, 1, 5)
ROWS = pd.DataFrame({"person": ["k1", "k2"], "segment": [0, 1]})


@pytest.fixture
def log(tmp_path):
    return EventLog(tmp_path / "ledger.db")


def ask(log, frame=ROWS, governance=None, **kwargs):
    governance = GovernanceConfig(**AGREED) if governance is None else governance
    return grant(
        "segments", frame, **{"governance": governance, "purpose": "labels", "events": log, "today": TODAY, **kwargs}
    )


def test_a_grant_carries_purpose_approver_and_expiry_and_writes_an_event(log):
    table = ask(log, actor="data team")
    assert (table.name, table.purpose, table.approver, table.expires) == (
        "segments",
        "labels",
        "the board",
        dt.date(2026, 12, 31),
    )
    (event,) = log.events()
    assert (event.actor, event.action, event.subject) == ("data team", "grant", "segments")
    assert event.detail["rows"] == 2
    assert event.detail["agreed_purpose"] == "better conversations"
    assert "k1" not in str(event.detail)
    pd.testing.assert_frame_equal(table.frame, ROWS)


def test_the_log_tells_different_rows_apart(log):
    ask(log)
    ask(log, ROWS.assign(segment=[1, 0]))
    ask(log)
    first, second, third = (event.detail["digest"] for event in log.events())
    assert first == third != second


def test_without_governance_every_needed_line_is_named(log):
    with pytest.raises(RefusedRelease) as refusal:
        grant("cards", ROWS, governance=None, purpose="cards", events=log, today=TODAY)
    assert all(key in str(refusal.value) for key in AGREED)
    assert "governance: {works_council: '...', dpia: '...'" in str(refusal.value)
    assert log.events() == []


@pytest.mark.parametrize("key", AGREED)
def test_an_empty_line_in_governance_is_named(log, key):
    holes = SimpleNamespace(**{**AGREED, key: "  " if key != "expires" else None})
    with pytest.raises(RefusedRelease, match=rf"is not complete(.|\n)*expected: {key} \([^;]*\)\n"):
        ask(log, governance=holes)
    assert log.events() == []


@pytest.mark.parametrize("nobody", ["-", "x", "n/a", "?", ".", "N.A.", "??", "tbd", "xx"])
@pytest.mark.parametrize("line", ["approver", "data_protection_officer", "legal_basis", "purpose"])
def test_a_dash_or_a_letter_is_no_approver(log, nobody, line):
    with pytest.raises(RefusedRelease, match=rf"is not complete(.|\n)*expected: {line} \("):
        ask(log, governance=GovernanceConfig(**{**AGREED, line: nobody}))
    assert log.events() == []


def test_expired_governance_is_refused_and_its_last_day_is_not(log):
    assert ask(log, today=dt.date(2026, 12, 31)).expires == dt.date(2026, 12, 31)
    with pytest.raises(RefusedRelease, match=r"has expired(.|\n)*2027-01-01(.|\n)*2026-12-31"):
        ask(log, today=dt.date(2027, 1, 1))


@pytest.mark.parametrize(
    ("frame", "purpose", "message"),
    [
        (ROWS, " ", "found: no purpose"),
        (ROWS.drop(columns="person"), "labels", "no column person"),
        (ROWS.assign(**{"E-mail": "x"}), "labels", "direct identifiers: E-mail"),
        (ROWS.assign(Naam="x", person_id="y"), "labels", "direct identifiers: Naam, person_id"),
    ],
)
def test_rows_that_cannot_be_granted_are_refused(log, frame, purpose, message):
    with pytest.raises(RefusedRelease, match=message):
        ask(log, frame, purpose=purpose)
    assert log.events() == []


def test_a_granted_table_is_made_by_grant_only_and_cannot_be_changed(log):
    with pytest.raises(RefusedRelease, match=r"can only be made by segment\.privacy\.grant"):
        GrantedTable("x", "p", "a", TODAY, content=ROWS, maker=object())
    table = ask(log)
    with pytest.raises(dataclasses.FrozenInstanceError):
        table.purpose = "marketing"
    handed = table.frame
    handed["segment"] = 9
    assert table.frame["segment"].tolist() == [0, 1]


def test_nothing_is_granted_when_the_log_cannot_be_written(log, monkeypatch):
    def refuse(*args):
        raise OSError("disk full")

    monkeypatch.setattr(log, "write", refuse)
    with pytest.raises(OSError, match="disk full"):
        ask(log)
