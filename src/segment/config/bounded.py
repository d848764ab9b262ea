"""YAML that a stranger wrote, composed within bounds: size, depth, how many values, and what its aliases stand for.

Every value costs time when it is read, so values and levels are counted while the text streams by: reading ends at the
first one too many. A few hundred bytes can also stand for billions of values (an alias to a list of aliases, nine
deep), or for a list that holds itself. Both are counted on the composed tree, where an alias is the same node again,
before any value is made.
"""

from __future__ import annotations

from io import StringIO
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

#: Most bytes, levels and values of one file; a study of eight hundred columns has some ten thousand values.
MOST_BYTES, MOST_LEVELS, MOST_VALUES = 500_000, 40, 20_000
#: Makes plain values of scalars; making one takes longer than using it.
_PLAIN = YAML(typ="safe", pure=True).constructor
_TOO_LONG = f"longer than {MOST_BYTES:,} bytes; a study file holds settings, not data"
_TOO_MANY = f"more than {MOST_VALUES:,} values; a study file holds settings, not data"


class Unbounded(ValueError):
    """A YAML text that is not read: where (line and column from 1), and why."""

    def __init__(self, line: int, column: int, why: str) -> None:
        self.line, self.column, self.why = line, column, why
        super().__init__(f"{line}:{column}: {why}")


def bounded_text(path: Path) -> str:
    """The text of a file, of which no more is read than a study file may hold.

    Raises
    ------
    Unbounded
        It is longer.
    OSError, UnicodeDecodeError
        It cannot be opened, or is not UTF-8.
    """
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Unbounded(1, 1, _TOO_LONG)
    return data.decode("utf-8")


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
        raise Unbounded(1, 1, _TOO_LONG)
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = _CountingComposer
    try:
        root: Node | None = yaml.compose(StringIO(text)) if _shallow(text) else None
    except Unbounded:
        raise
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
        return _PLAIN.construct_object(node, deep=True)
    except (ValueError, YAMLError, OverflowError):
        mark = node.start_mark
        raise Unbounded(mark.line + 1, mark.column + 1, "not a value that can be read; put it in quotes") from None
    finally:
        _PLAIN.constructed_objects.clear()
        _PLAIN.recursive_objects.clear()


def _shallow(text: str) -> bool:
    """Refuse texts whose brackets open deeper than any study does, before the parser walks down them."""
    level = deepest = 0
    for sign in text:
        level += (sign in "[{") - (sign in "]}")
        deepest = max(deepest, level)
    if deepest > 10 * MOST_LEVELS:
        raise Unbounded(1, 1, f"more than {MOST_LEVELS} levels deep")
    return True


class _CountingComposer(Composer):
    """Composes values one by one and stops at the first that is too many or too deep."""

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)
        self._values = self._level = 0

    def compose_node(self, parent: object, index: object) -> object:
        """One value, counted with those inside it."""
        self._values, self._level = self._values + 1, self._level + 1
        if self._values > MOST_VALUES or self._level > MOST_LEVELS:
            mark = self.parser.peek_event().start_mark
            why = _TOO_MANY if self._values > MOST_VALUES else f"more than {MOST_LEVELS} levels deep"
            raise Unbounded(mark.line + 1, mark.column + 1, why)
        node = super().compose_node(parent, index)
        self._level -= 1
        return node


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
