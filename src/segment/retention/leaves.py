"""LightGBM's own text of its trees, so that no leaf is a small group and no number in it is exact.

A leaf of three people, or one that a single person left from, says of these people what a table may not say. So leaves
are joined with what lies beside them until ten people are in each, of whom five left and five did not. Of twenty people
or more nobody may have left, or everybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import lightgbm
import numpy as np

from segment.disclosure.crowds import FEWEST_CARRYING
from segment.disclosure.rounding import least_of_band

#: So many of a leaf's people left at least, and so many did not, where any did.
FEWEST_OF_A_KIND = 5
#: Fewest people of a leaf from which nobody left, or everybody: of so many it may be shown that nearly none or all did.
FEWEST_ALIKE = 20
#: Decimals of what a leaf adds to the log odds.
DECIMALS = 3
#: Trees whose leaves are counted at once; bounds the memory.
_AT_ONCE = 20
#: Lines of a tree that predicting and explaining do without, and that hold sums over its rows.
_UNUSED = ("leaf_weight", "internal_weight", "internal_value")
#: The list of the trees' lengths, which is optional and no longer true.
_LENGTHS = re.compile(r"^tree_sizes=.*\n", flags=re.MULTILINE)


@dataclass(frozen=True)
class _Leaf:
    """Leaves of a tree taken together: how many rows, people who did not leave and leavers are in it, and its value."""

    rows: int
    stayed: int
    left: int
    value: float

    @property
    def small(self) -> bool:
        few = any(0 < kind < FEWEST_OF_A_KIND for kind in (self.stayed, self.left))
        alike = min(self.stayed, self.left) == 0 and self.stayed + self.left < FEWEST_ALIKE
        return self.stayed + self.left < FEWEST_CARRYING or few or alike


@dataclass(frozen=True)
class _Branch:
    """A split: its number in the tree, and what lies on either side."""

    number: int
    sides: tuple[_Branch | _Leaf, _Branch | _Leaf]


def told_of_crowds(booster: lightgbm.Booster, rows: np.ndarray, *, y: np.ndarray, person: np.ndarray) -> str:
    """The trees as text, with small leaves joined, values to three decimals and rows as the lower end of their band.

    Shapley values weigh the leaves by their rows, so each branch gets the sum of its leaves' and they still add up.

    Parameters
    ----------
    booster
        The trees, each leaf with its number of rows.
    rows, y, person
        What they were learned from: rows x columns, 0/1, and whose row each is.
    """
    whose = np.unique(person, return_inverse=True)[1]
    head, *trees = _LENGTHS.sub("", booster.model_to_string()).split("Tree=")
    counted = _counts(booster, rows, y > 0, whose)
    return "Tree=".join([head, *(_told(tree, *counts) for tree, counts in zip(trees, counted, strict=True))])


def _counts(
    booster: lightgbm.Booster, rows: np.ndarray, left: np.ndarray, person: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """For each tree: by leaf the people who did not leave from it, and those who did."""
    size = int(person.max(initial=0)) + 1
    for first in range(0, booster.num_trees(), _AT_ONCE):
        found = np.asarray(booster.predict(rows, pred_leaf=True, start_iteration=first, num_iteration=_AT_ONCE))
        for leaf in found.reshape(len(rows), -1).T.astype(np.int64):
            everyone, leavers = (_people(leaf[part], person[part], size) for part in (left | ~left, left))
            yield everyone - leavers, leavers


def _people(leaf: np.ndarray, person: np.ndarray, size: int) -> np.ndarray:
    """Different people in each leaf, as long as any tree of ours has leaves."""
    return np.bincount(np.unique(leaf * size + person) // size, minlength=256)


def _told(tree: str, stayed: np.ndarray, left: np.ndarray) -> str:
    lines = tree.split("\n")
    told = {name: value for name, _, value in (line.partition("=") for line in lines[1:]) if value}
    values = [float(value) for value in told["leaf_value"].split()]
    rows = [int(count) for count in told.get("leaf_count", "0").split()]
    leaves = [_Leaf(rows[i], int(stayed[i]), int(left[i]), values[i]) for i in range(len(values))]
    children = [[int(child) for child in told.get(side, "").split()] for side in ("left_child", "right_child")]
    root = _joined(0, children, leaves) if len(leaves) > 1 else leaves[0]
    written = _written(root, told)
    kept = [f"{name}={written.get(name, value)}" if value or name in written else name
            for name, _, value in (line.partition("=") for line in lines[1:]) if name not in _UNUSED]  # fmt: skip
    return "\n".join([lines[0], *kept])


def _joined(node: int, children: Sequence[Sequence[int]], leaves: Sequence[_Leaf]) -> _Branch | _Leaf:
    """What lies below a split, with small leaves joined; a negative number is a leaf's."""
    if node < 0:
        return leaves[~node]
    one, other = (_joined(side[node], children, leaves) for side in children)
    if any(isinstance(side, _Leaf) and side.small for side in (one, other)):
        return _as_one([*_leaves(one), *_leaves(other)])
    return _Branch(node, (one, other))


def _as_one(leaves: Sequence[_Leaf]) -> _Leaf:
    """Leaves taken together; somebody with rows in several counts once for each, but is counted in each at least."""
    rows = np.array([leaf.rows for leaf in leaves])
    value = float(np.average([leaf.value for leaf in leaves], weights=np.maximum(rows, 1)))
    return _Leaf(int(rows.sum()), max(leaf.stayed for leaf in leaves), sum(leaf.left for leaf in leaves), value)


def _leaves(part: _Branch | _Leaf) -> Iterator[_Leaf]:
    if isinstance(part, _Leaf):
        yield part
    else:
        for side in part.sides:
            yield from _leaves(side)


def _branches(part: _Branch | _Leaf) -> Iterator[_Branch]:
    """Splits from the top down."""
    if isinstance(part, _Branch):
        yield part
        for side in part.sides:
            yield from _branches(side)


def _written(root: _Branch | _Leaf, told: dict[str, str]) -> dict[str, str]:
    """The lines of a tree that change."""
    branches, leaves = list(_branches(root)), list(_leaves(root))
    place = {id(part): number for number, part in enumerate(branches)}
    place |= {id(leaf): ~number for number, leaf in enumerate(leaves)}
    kept = {name: told.get(name, "").split() for name in ("split_feature", "threshold", "decision_type", "split_gain")}
    lists = {name: [values[one.number] for one in branches] for name, values in kept.items()}
    lists["split_gain"] = [f"{float(gain):.1e}" for gain in lists["split_gain"]]
    for side, name in enumerate(("left_child", "right_child")):
        lists[name] = [str(place[id(one.sides[side])]) for one in branches]
    lists["leaf_value"] = [f"{round(leaf.value, DECIMALS) + 0.0:g}" for leaf in leaves]
    lists["leaf_count"] = [str(least_of_band(leaf.rows)) for leaf in leaves]
    lists["internal_count"] = [str(sum(least_of_band(leaf.rows) for leaf in _leaves(one))) for one in branches]
    return {"num_leaves": str(len(leaves)), **{name: " ".join(values) for name, values in lists.items()}}
