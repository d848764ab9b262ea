"""The groups of a table as cells that add up: a tree of groups per dimension, and the sums an outsider can use."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import sparse

from segment.errors import RefusedRelease


@dataclass(frozen=True)
class Dimension:
    """One way of grouping people, as a tree: the leaves, their parents, and everyone at the root.

    ``labels[i]`` is the group at place i (None: everyone), ``parent[i]`` the place of its parent (-1 for
    everyone). Under each parent lies one place without a label (``listed`` False) for people who are counted in
    the parent and in none of its groups.
    """

    labels: tuple[Hashable, ...]
    parent: tuple[int, ...]
    listed: tuple[bool, ...]

    @cached_property
    def children(self) -> dict[int, list[int]]:
        """Places under each parent, deepest parents first."""
        found: dict[int, list[int]] = {}
        for place, above in enumerate(self.parent):
            if above >= 0:
                found.setdefault(above, []).append(place)
        return dict(sorted(found.items(), key=lambda item: (-self._depth(item[0]), item[0])))

    @cached_property
    def place(self) -> dict[Hashable, int]:
        """Place of each listed label."""
        return {label: i for i, (label, listed) in enumerate(zip(self.labels, self.listed, strict=True)) if listed}

    def _depth(self, place: int) -> int:
        depth = 0
        while self.parent[place] >= 0:
            place, depth = self.parent[place], depth + 1
        return depth


def dimension_of(values: pd.Series, *, parents: Mapping[Hashable, Hashable] | None = None) -> Dimension:
    """The tree of one group column: missing means everyone, ``parents`` maps a group to the group above it.

    >>> tree = dimension_of(pd.Series(["a1", "a2", "b", None]), parents={"a1": "a", "a2": "a"})
    >>> [label for label in tree.labels if label is not None]
    ['a', 'a1', 'a2', 'b']
    """
    above = dict(parents or {})
    labels = set(values.dropna().tolist()) | set(above.values())
    ordered = sorted(labels, key=lambda label: (type(label).__name__, label))
    place = {label: i + 1 for i, label in enumerate(ordered)}
    parent = [-1] + [place[above[label]] if label in above else 0 for label in ordered]
    _refuse_circles(parent)
    inner = sorted(set(parent) - {-1})
    return Dimension(
        labels=(None, *ordered, *([None] * len(inner))),
        parent=(*parent, *inner),
        listed=(*([True] * len(parent)), *([False] * len(inner))),
    )


def _refuse_circles(parent: Sequence[int]) -> None:
    for start in range(len(parent)):
        place, steps = start, 0
        while parent[place] >= 0:
            place, steps = parent[place], steps + 1
            if steps > len(parent):
                raise RefusedRelease(
                    "The hierarchy of groups goes round in a circle.",
                    expected="every group under one larger group, and in the end under everyone",
                    advice="correct the parents",
                )


#: The dimension of a table that groups people one way only: everyone.
EVERYONE = Dimension(labels=(None,), parent=(-1,), listed=(True,))


@dataclass(frozen=True)
class Cells:
    """Sizes of all groups of one table, the sums that tie them together, and which of them the table lists.

    ``sizes`` (first dimension x second dimension, people), ``relations`` (sparse: sums x cells; +1 for the
    parts, -1 for their total; every row times the sizes is 0), ``listed`` (the place has a label in both
    dimensions), ``present`` (the frame holds the cell).
    """

    first: Dimension
    second: Dimension
    sizes: np.ndarray
    relations: sparse.csr_matrix
    listed: np.ndarray
    present: np.ndarray


def relations_of(first: Dimension, second: Dimension) -> sparse.csr_matrix:
    """All sums of a table: every parent is the sum of its parts, in both dimensions (sums x cells)."""
    width = len(second.labels)
    rows: list[int] = []
    columns: list[int] = []
    signs: list[float] = []
    sums = 0
    for across, places, step, stride in (
        (first, range(width), width, 1),
        (second, range(len(first.labels)), 1, width),
    ):
        for parent, parts in across.children.items():
            for fixed in places:
                for place, sign in [*((part, 1.0) for part in parts), (parent, -1.0)]:
                    rows.append(sums)
                    columns.append(place * step + fixed * stride)
                    signs.append(sign)
                sums += 1
    return sparse.csr_matrix((signs, (rows, columns)), shape=(sums, len(first.labels) * width))


def fill_cells(
    first: Dimension, second: Dimension, *, keys: Sequence[tuple[Hashable, Hashable]], counts: Sequence[int], table: str
) -> Cells:
    """Put the counts of one table in their cells; totals that are not given are the sums of their parts.

    Raises
    ------
    RefusedRelease
        A total smaller than the sum of its parts: the groups overlap, and sums say nothing about overlap.
    """
    sizes = np.full((len(first.labels), len(second.labels)), np.nan)
    for (one, two), count in zip(keys, counts, strict=True):
        sizes[first.place[one], second.place[two]] = count
    present = ~np.isnan(sizes)
    leaf = np.ix_(_leaves(first), _leaves(second))
    sizes[leaf] = np.nan_to_num(sizes[leaf])
    _add_missing_totals(first, second, sizes)
    for across, table_sizes in ((first, sizes), (second, sizes.T)):
        for parent, parts in across.children.items():
            named = [p for p in parts if across.listed[p]]
            (rest,) = (p for p in parts if not across.listed[p])
            table_sizes[rest] = table_sizes[parent] - table_sizes[named].sum(axis=0)
    if np.nanmin(sizes) < 0:
        raise RefusedRelease(
            f"Table '{table}' has a total that is smaller than the sum of its groups.",
            expected="groups that do not overlap, and totals that count the same people",
            came=f"{int((sizes < 0).sum())} totals that are too small",
            advice="count every person once, or leave the row for everyone out",
        )
    listed = np.outer(np.array(first.listed), np.array(second.listed))
    return Cells(first, second, sizes.astype(np.int64), relations_of(first, second), listed, present)


def _add_missing_totals(first: Dimension, second: Dimension, sizes: np.ndarray) -> None:
    """Fill totals that the frame does not hold with their parts, people without a group of either kind left out."""
    parts_of_first, parts_of_second = (
        {p: [c for c in parts if d.listed[c]] for p, parts in d.children.items()} for d in (first, second)
    )
    for one, parts in parts_of_first.items():
        for two in _leaves(second):
            if np.isnan(sizes[one, two]):
                sizes[one, two] = sizes[parts, two].sum()
    for two, parts in parts_of_second.items():
        for one in [*_leaves(first), *parts_of_first]:
            if np.isnan(sizes[one, two]):
                both = parts_of_first.get(one, [])
                inside = sizes[np.ix_(both, parts)].sum() if both else 0.0
                sizes[one, two] = sizes[one, parts].sum() + sizes[both, two].sum() - inside


def _leaves(dimension: Dimension) -> list[int]:
    inner = set(dimension.children)
    return [i for i in range(len(dimension.labels)) if i not in inner and dimension.listed[i]]
