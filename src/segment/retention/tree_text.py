"""LightGBM's own text of its trees, without exact numbers of rows."""

from __future__ import annotations

import re

from segment.privacy.rounding import least_of_band

#: Lines of a tree that predicting and explaining do without, and that hold sums over its rows.
_UNUSED = ("leaf_weight", "internal_weight", "internal_value")
#: The list of the trees' lengths, which is optional and no longer true.
_LENGTHS = re.compile(r"^tree_sizes=.*\n", flags=re.MULTILINE)


def counted_in_bands(text: str) -> str:
    """The same trees with the number of rows in each leaf brought down to the lower end of its band.

    Shapley values weigh the leaves by these numbers, so each branch gets the sum of its leaves' and they still add up.
    Predictions do not look at them.
    """
    head, *trees = _LENGTHS.sub("", text).split("Tree=")
    return "Tree=".join([head, *(_in_bands(tree) for tree in trees)])


def _in_bands(tree: str) -> str:
    lines = tree.split("\n")
    told = dict(line.split("=", 1) for line in lines if "=" in line)
    leaves = [least_of_band(int(count)) for count in told.get("leaf_count", "").split()]
    if not leaves:
        return tree
    left, right = ([int(child) for child in told.get(side, "").split()] for side in ("left_child", "right_child"))
    branches = [0] * len(left)
    for node in reversed(range(len(left))):  # a branch stands before those below it
        branches[node] = sum(leaves[~child] if child < 0 else branches[child] for child in (left[node], right[node]))
    counts = {"leaf_count": leaves, "internal_count": branches}
    kept = [line for line in lines if line.split("=", 1)[0] not in _UNUSED]
    return "\n".join(
        f"{name}={' '.join(map(str, counts[name]))}" if (name := line.split("=", 1)[0]) in counts else line
        for line in kept
    )
