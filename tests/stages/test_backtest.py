"""A study's own past, wave by wave: what would have been said beside what came, and nothing changes by looking."""

from __future__ import annotations

import re
from pathlib import Path

from segment.stages.backtest import Past
from segment.store import digest_file
from tests.stages.conftest import Decided


def test_what_is_not_known_yet_is_neither_right_nor_wrong() -> None:
    last = Past("2025", kind="natural", k=4)
    assert last.segments_held is None and last.level_held is None and "not known yet" in str(last)
    wrong = Past("2024", kind="natural", k=4, agreement=0.5, ratio=2.0, low=1.4, high=2.8)
    assert wrong.segments_held is False and wrong.level_held is False
    assert str(wrong) == (
        "2024: said 4 segments (natural): a wave later it was not so; "
        "exits until the next wave 2.0 times those expected (1.4 to 2.8): not as expected"
    )
    assert "nothing would have been said (too few)" in str(Past("2023", refused="too few"))


def test_what_gates_would_have_decided_is_told() -> None:
    missed = Past("2024", kind="reproducible", k=4, agreement=0.8, missed=(("agreement",), ("calibrated",)))
    assert str(missed) == (
        "2024: said 4 segments (reproducible), missed: comes back in the other half: it was so a wave later; "
        "model of leaving, missed: chances mean what they say"
    )
    passed = Past("2024", kind="natural", k=4, agreement=0.8, missed=((), ()))
    assert str(passed).count("every gate passed") == 2
    assert "gate" not in str(Past("2024", kind="none", k=1, agreement=1.0, missed=(None, None)))


def test_each_wave_is_walked_as_it_was_and_the_study_stays_as_it_is(decided: Decided, tmp_path: Path) -> None:
    study = decided.copy(tmp_path / "small")
    work = study.open().workspace
    kept = [
        work / "ledger.db",
        *sorted((work / "models").rglob("*.joblib")),
        *sorted((work / "exports").rglob("*.html")),
    ]
    before = [digest_file(file) for file in kept]
    code, said = study.type("backtest")
    assert code == 0, said
    lines = [line for line in said.splitlines() if line.startswith(("2023-03: ", "2024-03: "))]
    assert len(lines) == 2 and "5 segments" in lines[0] and "exits until the next wave" in lines[0]
    assert all(re.search(r"5 segments \(\w+\), (every gate passed|missed: )", line) for line in lines)
    assert all(re.search(r"model of leaving, (every gate passed|missed: )", line) for line in lines)
    assert ": not known yet" in lines[1] and "statements held until the next wave" in said
    assert [digest_file(file) for file in kept][1:] == before[1:]  # the log may know that data were read
