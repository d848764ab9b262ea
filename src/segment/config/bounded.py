"""YAML that a stranger wrote, composed within bounds: size, depth, and how much its aliases stand for.

A few hundred bytes of YAML can stand for billions of values (an alias to a list of aliases, nine deep), or for a list
that holds itself. Both are counted on the composed tree, where an alias is the same node again, before any value is
made.
"""

from __future__ import annotations

from io import StringIO

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

#: Most bytes, levels and values of one file; a study of eight hundred columns has some ten thousand values.
MOST_BYTES, MOST_LEVELS, MOST_VALUES = 5_000_000, 40, 200_000


class Unbounded(ValueError):
    """A YAML text that is not read: where (line and column from 1), and why."""

    def __init__(self, line: int, column: int, why: str) -> None:
        self.line, self.column, self.why = line, column, why
        super().__init__(f"{line}:{column}: {why}")


def compose(text: str) -> Node | None:
    """The tree of a YAML text; ``None`` when it is empty.

    Raises
    ------
    Unbounded
        Not valid YAML, or beyond the bounds of this module.

    Examples
    --------
    >>> compose("a: &x [1, 2]\\nb: *x").value[1][1].value[0].value
    '1'
    >>> compose("a: &x [*x]")
    Traceback (most recent call last):
    segment.config.bounded.Unbounded: 1:4: this value refers to itself
    """
    if len(text) > MOST_BYTES:
        raise Unbounded(1, 1, f"longer than {MOST_BYTES:,} signs; a study file holds settings, not data")
    try:
        root: Node | None = YAML(typ="safe", pure=True).compose(StringIO(text)) if _shallow(text) else None
    except MarkedYAMLError as failure:
        mark = failure.problem_mark or failure.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise Unbounded(line, column, f"not valid YAML: {failure.problem or failure.context}") from None
    except (YAMLError, RecursionError, ValueError):
        raise Unbounded(1, 1, "not valid YAML") from None
    if root is not None:
        _Counted().count(root, 0)
    return root


def scalar(node: ScalarNode) -> object:
    """The plain value a scalar stands for: number, truth value, date, nothing or text.

    Raises
    ------
    Unbounded
        A value that cannot be made, such as a number with more digits than a number may have or a date that is none.
    """
    try:
        return YAML(typ="safe", pure=True).constructor.construct_object(node, deep=True)
    except (ValueError, YAMLError, OverflowError):
        mark = node.start_mark
        raise Unbounded(mark.line + 1, mark.column + 1, "not a value that can be read; put it in quotes") from None


def _shallow(text: str) -> bool:
    """Refuse texts whose brackets open deeper than any study does, before the parser walks down them."""
    level = deepest = 0
    for sign in text:
        level += (sign in "[{") - (sign in "]}")
        deepest = max(deepest, level)
    if deepest > 10 * MOST_LEVELS:
        raise Unbounded(1, 1, f"more than {MOST_LEVELS} levels deep")
    return True


class _Counted:
    """How many values a node stands for; every node is counted once, however often it is referred to."""

    def __init__(self) -> None:
        self.known: dict[int, int] = {}
        self.open: set[int] = set()

    def count(self, node: Node, level: int) -> int:
        if id(node) in self.known:
            return self.known[id(node)]
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        if id(node) in self.open:
            raise Unbounded(line, column, "this value refers to itself")
        if level > MOST_LEVELS:
            raise Unbounded(line, column, f"more than {MOST_LEVELS} levels deep")
        self.open.add(id(node))
        total = 1 + sum(self.count(child, level + 1) for child in _children(node))
        if total > MOST_VALUES:
            raise Unbounded(line, column, f"this stands for more than {MOST_VALUES:,} values (aliases counted in full)")
        self.open.discard(id(node))
        self.known[id(node)] = total
        return total


def _children(node: Node) -> list[Node]:
    if isinstance(node, MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, SequenceNode) else []
