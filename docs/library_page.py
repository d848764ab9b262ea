"""The library's pages in `docs/reference/library/`: one for each room that can be imported, made from docstrings."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from docstring_parser import Docstring, DocstringParam, DocstringStyle, parse

#: The public rooms, as README and notebooks import them.
ROOMS = ("segments", "retention", "value", "experience", "privacy", "simulation", "plots")
_SHORTEST = 30


def library() -> dict[str, str]:
    """File inside `docs/reference/library/` -> page; `index.md` links them all."""
    made = {f"{room}.md": _page(room) for room in ROOMS}
    listed = [
        f"- [`segment.{room}`]({room}.md): {_meaning(importlib.import_module(f'segment.{room}'))}" for room in ROOMS
    ]
    words = "What a notebook or a program may import. Names that are not on these pages can change without notice."
    return {"index.md": "\n".join(["# Library", words, "", *listed]), **made}


def public(module: ModuleType) -> list[str]:
    """The names that a module offers: its list, or what it makes itself."""
    own = [
        name
        for name, one in vars(module).items()
        if name[0] != "_" and getattr(one, "__module__", "") == module.__name__
    ]
    return list(getattr(module, "__all__", own))


def _meaning(module: ModuleType) -> str:
    return (parse(module.__doc__ or "").short_description or "").strip()


def described(room: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Everything in a room that can be called, under the name it has there."""
    module = importlib.import_module(f"segment.{room}")
    for name in public(module):
        one = getattr(module, name)
        if callable(one):
            yield name, one
            yield from (
                (f"{name}.{method}", function) for method, function in (methods(one) if inspect.isclass(one) else ())
            )


def _page(room: str) -> str:
    module = importlib.import_module(f"segment.{room}")
    found = list(described(room))
    lines = [f"# segment.{room}", _meaning(module), ""]
    lines += [", ".join(f"[{name}](#{name.lower()})" for name, _ in found if "." not in name)]
    for name, one in found:
        own = name.partition(".")[2]
        lines += ["", f"{'###' if own else '##'} {name}", *_about(f".{own}" if own else f"segment.{room}.{name}", one)]
    return "\n".join(lines)


def methods(one: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    """What our own classes define; scikit-learn's own methods are described by scikit-learn."""
    for name, function in inspect.getmembers(one, inspect.isroutine):
        if name[0] != "_" and str(getattr(function, "__module__", "")).startswith("segment") and function.__doc__:
            yield name, function


def _about(name: str, one: Callable[..., Any]) -> Iterator[str]:
    """Signature, what it does, its arguments, what it gives, refuses, rests on, and an example."""
    text = inspect.getdoc(one) or ""
    if inspect.isclass(one) and text.startswith(f"{one.__name__}("):
        text = ""  # a dataclass without words of its own: its signature says the same
    found = parse(text, DocstringStyle.NUMPYDOC)
    yield from ("```python", f"{name}{_signature(one)}", "```")
    yield from _prose(found)
    yield from _listed("Arguments", [p for p in found.params if p.args[0] == "param"], _annotations(one))
    yield from _listed("Attributes", [p for p in found.params if p.args[0] == "attribute"], {})
    given = [f"{f'{r.type_name}: ' if r.type_name else ''}{_flat(r.description)}" for r in found.many_returns]
    yield from _lines("Gives", given)
    yield from _lines("Refuses", [f"`{r.type_name}` {_flat(r.description)}" for r in found.raises])
    yield from _example(text)


def _prose(found: Docstring) -> Iterator[str]:
    for part in (found.short_description, found.long_description):
        words, example, shown = (part or "").partition(">>>")
        if words.strip():
            yield from ("", _plain(words))
        if example:
            yield from ("", "```python", f">>>{shown}".rstrip(), "```")


def _signature(one: Callable[..., Any]) -> str:
    """Arguments with defaults; a long one line by line."""
    try:
        known = inspect.signature(one)
    except ValueError:
        return "(...)"
    plain = [p.replace(annotation=inspect.Parameter.empty) for p in known.parameters.values() if p.name != "self"]
    shown = re.sub(r" at 0x[0-9a-f]+", "", str(inspect.Signature(plain)))
    return re.sub(r"<(?:function|class) '?([\w.]+)'?>", r"\1", shown)


def _annotations(one: Callable[..., Any]) -> dict[str, str]:
    target = one.__init__ if inspect.isclass(one) else one  # type: ignore[misc]
    return {name: str(kind) for name, kind in getattr(target, "__annotations__", {}).items() if name != "return"}


def _listed(title: str, parts: list[DocstringParam], kinds: dict[str, str]) -> Iterator[str]:
    lines = []
    for part in parts:
        words = " ".join(word for word in (part.type_name, _flat(part.description)) if word)
        names = part.arg_name.split(", ")
        kind = kinds.get(names[0], "")
        lines.append(f"{', '.join(f'`{name}`' for name in names)}{f' ({kind})' if kind else ''}: {words}")
    yield from _lines(title, lines)


def _lines(title: str, parts: list[str]) -> Iterator[str]:
    if parts:
        yield from ("", f"**{title}**", "")
        yield from (f"- {_plain(part).removesuffix(':')}" for part in parts)


def _plain(words: str) -> str:
    """Markdown for what docstrings mark up in reStructuredText."""
    return re.sub(r":\w+:`~?(?:[\w.]+\.)?(\w+)`", r"`\1`", words.replace("``", "`")).strip()


def _flat(words: str | None) -> str:
    return re.sub(r"\s+", " ", words or "").strip()


def _example(text: str) -> Iterator[str]:
    """The doctest as it stands: the suite runs it."""
    _, found, example = text.partition("Examples\n--------\n")
    if found and len(example) > _SHORTEST:
        yield from ("", "**Example**", "", "```python", example.split("\n\nReferences")[0].rstrip(), "```")
