"""Eight releases of one organisation by all its studies: no adding, subtracting or programming gives anybody away."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from releases.eight import Row, Seen, in_memory, plans_of, publish_eight, world_of
from releases.every_rule import ALL_RULES, attacked, without
from releases.outsider import Found, outsider


def test_eight_releases_give_nobody_away_unless_the_ledger_is_not_asked() -> None:
    """The same organisation both times: who left, was erased, and a renamed wave, other study, window and bands."""
    with_all_rules, without = (attacked(1, seed=0, rule=rule, most=70) for rule in (ALL_RULES, "without the ledger"))
    assert with_all_rules["recovered"] == 0
    assert with_all_rules["unknown"] == 0, "what is shown again was published before"
    assert with_all_rules["watched"] > 0
    assert without["exact_answers"] > 0
    assert without["rows"] > with_all_rules["rows"]


def first_release(rule: str, folder: Path) -> Found:
    """What an outsider has from the first release of a small organisation."""
    rng = np.random.default_rng([0, 2])
    world = world_of(rng, most=150)
    folder.mkdir()
    with without(rule) as options, in_memory():
        return outsider(publish_eight(rng, world, plans_of(rng, crossed=False)[:1], folder, **options))


def test_linking_tables_and_bands_are_each_needed(tmp_path: Path) -> None:
    """One table tells the number of a group that another hides; a row says that everybody in it said five."""
    held = first_release(ALL_RULES, tmp_path / "all")
    assert held.elsewhere == held.alike == 0
    assert first_release("without linking tables", tmp_path / "linking").elsewhere > 0
    assert first_release("without bands for nearly everyone", tmp_path / "bands").alike > 0


def _watched(gone: tuple[float, float], people: tuple[int, int], few: int) -> Found:
    """An attack on one segment's curve in two releases; the first ``few`` of who came in between are a hidden group."""
    rows = [
        Row(at, 100, "curves", "segment 0", "", (n, n), {"gone": share}, False, frozenset(range(n)), frozenset())
        for at, (share, n) in enumerate(zip(gone, people, strict=True))
    ]
    hidden = frozenset(range(people[0], people[0] + few))
    return outsider(Seen(rows, {"answers": set(), "spells": {hidden}}))


def test_exits_told_by_subtracting_are_not_those_of_five_who_all_stayed() -> None:
    """Five newcomers of whom none left are told apart from two who are singled out: the latter is a leak."""
    alike = _watched((11 / 68, 11 / 73), (68, 73), few=2)
    assert (alike.exits, alike.nearly) == (0, 1)
    singled = _watched((0.25, 7 / 22), (20, 22), few=2)
    assert (singled.exits, singled.nearly) == (1, 0)


def test_lists_of_actions_give_nobody_away_unless_they_are_not_held_against_releases() -> None:
    """The same list in seven releases, between which people leave, are erased or move: their answers then come out."""
    held, alone = (
        attacked(13, seed=0, rule=rule, most=600) for rule in (ALL_RULES, "without holding lists of actions")
    )
    assert (held["recovered"], held["unknown"]) == (0, 0)
    assert alone["lists"] > held["lists"] and alone["exact_answers"] > 0
