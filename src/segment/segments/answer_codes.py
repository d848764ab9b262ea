"""Answers as codes: several items of a person as one number, with exact lookup tables instead of products.

A latent class model needs, for every person and class, the sum over items of the logarithm of the answer's
probability. With ``m`` categories an item, four items have at most ``(m + 1)**4`` patterns (one more for "missing"):
their sums are computed once per pattern and looked up per person, and the expected counts of the next step are
added up per pattern and spread over the items at the end. Both are the same sums in another order, so nothing is
approximated; the block of zeros and ones, fifteen times as large, is never made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from math import prod

import numpy as np
import numpy.typing as npt

from segment.segments.categories import Categories

FloatArray = npt.NDArray[np.float64]

#: Most patterns of one group of items: its tables stay in the processor's cache, and a code in two bytes.
MOST_PATTERNS = 4096
_BLOCK = 8192


@dataclass(frozen=True)
class Group:
    """Items that share a code: their places, and the size of each (its categories, and one for "missing")."""

    items: tuple[int, ...]
    sizes: tuple[int, ...]

    @property
    def patterns(self) -> int:
        """How many codes there can be."""
        return prod(self.sizes)


@dataclass(frozen=True)
class AnswerCodes:
    """People's answers as one code per group of items, with a weight per person.

    Attributes
    ----------
    codes : (groups, people), which pattern of the group's items each person gave.
    weight : (people,).
    groups : the items behind each code.
    starts : where an item's categories begin among those of all items (items + 1,).
    """

    codes: npt.NDArray[np.uint16]
    weight: FloatArray
    groups: tuple[Group, ...]
    starts: npt.NDArray[np.intp]

    @classmethod
    def of(cls, categories: Categories, answers: FloatArray, weight: FloatArray) -> AnswerCodes:
        """Encode answers (people x items); a missing or unknown one is a category of its own that tells nothing.

        >>> known = Categories.of(np.array([[1.0, 1.0], [2.0, 5.0]]))
        >>> AnswerCodes.of(known, np.array([[2.0, 1.0], [np.nan, 5.0]]), np.ones(2)).codes.tolist()
        [[3, 7]]
        """
        groups = tuple(_groups([len(distinct) + 1 for distinct in categories.answers]))
        codes = np.zeros((len(groups), len(answers)), dtype=np.uint16)
        for row, group in zip(codes, groups, strict=True):
            for item, size in zip(group.items, group.sizes, strict=True):
                row *= np.uint16(size)
                row += categories.places(answers, item).astype(np.uint16)
        return cls(codes, weight, groups, categories.starts)

    def __len__(self) -> int:
        result: int = self.codes.shape[1]
        return result

    @property
    def total(self) -> float:
        """Sum of the weights."""
        return float(self.weight.sum())

    def some(self, n: int, generator: np.random.Generator) -> AnswerCodes:
        """At most ``n`` of the people, drawn at random, in their order."""
        if len(self) <= n:
            return self
        rows = np.sort(generator.choice(len(self), n, replace=False))
        return replace(self, codes=np.ascontiguousarray(self.codes[:, rows]), weight=self.weight[rows])

    def margin(self) -> FloatArray:
        """Weight of everyone who gave each answer (categories, 1)."""
        tables: list[FloatArray] = [
            np.bincount(code, self.weight, group.patterns).astype(np.float64)
            for code, group in zip(self.codes, self.groups, strict=True)
        ]
        return self._spread([table[None, :] for table in tables], 1)

    def expect(self, log_weights: FloatArray, log_items: FloatArray) -> Iterator[tuple[slice, FloatArray, FloatArray]]:
        """A block of people at a time: membership in every class (classes, people), and each one's log-likelihood."""
        tables = self._tables(log_items)
        for begin in range(0, len(self), _BLOCK):
            rows = slice(begin, begin + _BLOCK)
            yield rows, *_membership(tables, self.codes[:, rows], log_weights)

    def step(self, log_weights: FloatArray, log_items: FloatArray) -> tuple[FloatArray, FloatArray, float]:
        """What one EM step counts: answers (categories, classes), class sizes (classes,), and the log-likelihood."""
        k = len(log_weights)
        sums = [np.zeros((k, group.patterns)) for group in self.groups]
        sizes, value = np.zeros(k), 0.0
        for rows, member, logs in self.expect(log_weights, log_items):
            weight = self.weight[rows]
            value += float(weight @ logs)
            member *= weight
            sizes += member.sum(axis=1)
            for table, group, code in zip(sums, self.groups, self.codes[:, rows].astype(np.intp), strict=True):
                for own, one in zip(table, member, strict=True):
                    own += np.bincount(code, one, group.patterns)
        return self._spread(sums, k), sizes, value

    def _tables(self, log_items: FloatArray) -> list[FloatArray]:
        """Per group the sum of log-probabilities of every pattern (classes, patterns)."""
        by_class, k = np.ascontiguousarray(log_items.T), log_items.shape[1]
        found = []
        for group in self.groups:
            table = np.zeros((k, 1))
            for item in group.items:
                own = by_class[:, self.starts[item] : self.starts[item + 1]]
                own = np.hstack([own, np.zeros((k, 1))])
                table = (table[:, :, None] + own[:, None, :]).reshape(k, -1)
            found.append(table)
        return found

    def _spread(self, sums: list[FloatArray], k: int) -> FloatArray:
        """Counts per pattern, spread over the items' categories (categories, classes); missing answers drop out."""
        counts = np.zeros((int(self.starts[-1]), k))
        for table, group in zip(sums, self.groups, strict=True):
            cube = table.reshape(k, *group.sizes)
            for axis, item in enumerate(group.items, start=1):
                others = tuple(other for other in range(1, cube.ndim) if other != axis)
                counts[self.starts[item] : self.starts[item + 1]] = cube.sum(axis=others)[:, :-1].T
        return counts


def _membership(
    tables: list[FloatArray], codes: npt.NDArray[np.uint16], log_weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Posterior of each class (classes, people) and log-likelihood per person, by the log-sum-exp over classes."""
    joint = np.empty((len(log_weights), codes.shape[1]))
    joint[:] = log_weights[:, None]
    for table, code in zip(tables, codes.astype(np.intp), strict=True):
        for row, own in zip(joint, table, strict=True):
            row += own[code]
    top = joint.max(axis=0)
    joint -= top
    np.exp(joint, out=joint)
    total = joint.sum(axis=0)
    joint /= total
    return joint, np.log(total) + top


def _groups(sizes: list[int]) -> Iterator[Group]:
    """Neighbouring items, as many together as have at most :data:`MOST_PATTERNS` patterns."""
    cuts, patterns = [0], 1
    for item, size in enumerate(sizes):
        if patterns * size > MOST_PATTERNS and item > cuts[-1]:
            cuts.append(item)
            patterns = 1
        patterns *= size
    for begin, end in pairwise([*cuts, len(sizes)]):
        yield Group(tuple(range(begin, end)), tuple(sizes[begin:end]))
