"""Eight releases of one organisation by all its studies: no adding, subtracting or programming gives anybody away."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from releases.every_rule import ALL_RULES, attacked


def test_eight_releases_give_nobody_away_unless_the_ledger_is_not_asked() -> None:
    """The same organisation both times: who left, was erased, and a renamed wave, other study, window and bands."""
    with_all_rules, without = (attacked(1, seed=0, rule=rule, most=70) for rule in (ALL_RULES, "without the ledger"))
    assert with_all_rules["recovered"] == 0
    assert with_all_rules["unknown"] == 0, "what is shown again was published before"
    assert with_all_rules["watched"] > 0
    assert without["exact_answers"] > 0
    assert without["rows"] > with_all_rules["rows"]
