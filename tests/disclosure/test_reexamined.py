"""Released groups held against each other once more, after people in several of them were erased."""

from __future__ import annotations

from pathlib import Path

import pytest

from segment.disclosure.ledger.release_ledger import ReleaseLedger


def test_two_people_erased_from_two_groups_are_no_finding(tmp_path: Path) -> None:
    ledger = ReleaseLedger(tmp_path / "ledger.db", members=tmp_path / "members.db", key=b"secret")
    parts = {name: [f"{name}{n}" for n in range(40)] for name in "abcd"}
    groups = {"segments": parts, "profiles": {"everyone": [one for part in parts.values() for one in part]}}
    ledger.record(groups, source="answers", digests={"segments": "s", "profiles": "p"})
    everyone = set(groups["profiles"]["everyone"])
    assert ledger.reexamine(everyone) == []
    ledger.forget(["a3", "b7"])
    assert ledger.reexamine(everyone - {"a3", "b7"}) == []
    assert ledger.verify() is None


def test_groups_of_erased_people_only_are_no_finding_however_alike_their_sizes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The people of an earlier wave are gone: nobody can tell whether two of its groups held the same ones."""
    ledger = ReleaseLedger(tmp_path / "ledger.db", members=tmp_path / "members.db", key=b"secret")
    groups = {"one": {"a": [f"a{n}" for n in range(40)]}, "two": {"b": [f"b{n}" for n in range(42)]}}
    ledger.record(groups, source="answers", digests={"one": "1", "two": "2"})
    ledger.forget({*groups["one"]["a"], *groups["two"]["b"]})
    assert ledger.reexamine(set()) == []

    team = [f"c{n}" for n in range(40)]
    with monkeypatch.context() as patch:
        patch.setattr(ReleaseLedger, "conflicts", lambda *args, **kwargs: [])
        ledger.record(
            {"three": {"c": team}, "four": {"d": [*team, "d1"]}},
            source="answers",
            digests=dict.fromkeys(["three", "four"], "3"),
        )
    ledger.forget({"d1"})
    found = ledger.reexamine(set(team))
    assert [(one.table, one.other_table) for one in found] == [("four", "three")], (
        "whoever was erased, they differ by one"
    )
