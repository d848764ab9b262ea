"""Names that people remember: a reviewed list, by the two needs that weigh most for a group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from segment.config.bounded import Unbounded, bounded_text, compose
from segment.errors import InvalidStudy
from segment.locale import own_languages

#: Two needs, in whatever order -> the name in each language.
Remembered = Mapping[frozenset[str], Mapping[str, str]]

_PAIR = 2


def read_remembered(path: Path) -> Remembered:
    """Read the list from YAML: ``names``, each with ``needs`` (two codes) and a name per language.

    Raises
    ------
    InvalidStudy
        With every mistake of the file at once, each as ``file:line:column``.

    Examples
    --------
    >>> read_remembered(Path("nowhere.yaml"))
    Traceback (most recent call last):
    segment.errors.InvalidStudy: The list of names cannot be read.
      nowhere.yaml:1:1: no such file, or not UTF-8 text
    """
    try:
        root = compose(bounded_text(path))
    except Unbounded as failure:
        raise InvalidStudy("The list of names cannot be read.", [f"{path.name}:{failure}"]) from None
    except (OSError, UnicodeDecodeError):
        problem = f"{path.name}:1:1: no such file, or not UTF-8 text"
        raise InvalidStudy("The list of names cannot be read.", [problem]) from None
    entries = _children(root).get("names")
    if not isinstance(entries, SequenceNode):
        raise InvalidStudy("There is no list of names.", [f"{path.name}:1:1: expected a list under 'names'"])
    problems = [f"{path.name}:{problem}" for problem in _problems(entries)]
    if problems:
        raise InvalidStudy("The list of names has mistakes.", problems)
    read = [_children(entry) for entry in entries.value]
    return {_needs(one["needs"]): {lang: str(one[lang].value).strip() for lang in own_languages()} for one in read}


def _problems(entries: SequenceNode) -> Iterator[str]:
    seen: set[object] = set()
    for entry in entries.value:
        place, told = f"{entry.start_mark.line + 1}:{entry.start_mark.column + 1}", _children(entry)
        needs = _needs(told.get("needs"))
        if len(needs) != _PAIR:
            yield f"{place}: expected 'needs' with the codes of two needs"
        names = [(lang, told.get(lang)) for lang in own_languages()]
        yield from (f"{place}: a name in '{lang}' is missing" for lang, node in names if not _said(node))
        for one in (needs, *((lang, _said(node).lower()) for lang, node in names)):
            if one in seen:
                yield f"{place}: a pair or a name that stands here before"
            seen.add(one)


def _needs(node: Node | None) -> frozenset[str]:
    listed = node.value if isinstance(node, SequenceNode) else []
    return frozenset(str(one.value) for one in listed if isinstance(one, ScalarNode))


def _said(node: Node | None) -> str:
    return str(node.value).strip() if isinstance(node, ScalarNode) else ""


def _children(node: Node | None) -> dict[str, Node]:
    return {str(key.value): child for key, child in node.value} if isinstance(node, MappingNode) else {}
