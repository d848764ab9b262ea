"""Released groups held against each other once more, after people in several of them were erased."""

from __future__ import annotations

from pathlib import Path

from segment.privacy.ledger import ReleaseLedger


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
