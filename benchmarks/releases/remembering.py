"""What is a function of content alone is worked out once: so that thousands of sequences of verbs fit in an hour.

Stages before publish, tables read and written as they were before, the linear programs of the attack, and files as an
outsider reads them. Publishing, books, rights and the audit's own judgement are never remembered: they are tried.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import pickle
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from unittest import mock

import pandas as pd

from segment.config import Study, files
from segment.disclosure import attack
from segment.ingest import Inputs
from segment.personalisation import catalogue
from segment.stages import STAGES_IN_ORDER, audit, prepare
from segment.stages.base import OpenStudy, Stage, StageResult, source_digests, stage_key
from segment.stages.release import read_back
from segment.stages.rights.exclusion import FILE as EXCLUDED
from segment.stages.segmentation import need_scores
from segment.store import Store, digest_file, written_atomically

MOST = 600
_Written = dict[int, tuple[pd.DataFrame, dict[str, bytes]]]


class Memory:
    """The last results, by what they were made of."""

    def __init__(self, most: int = MOST) -> None:
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._most = most

    def of(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The result of this key, made when it is not known."""
        if key not in self._kept:
            self._kept[key] = make()
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]


@contextmanager
def remembered() -> Iterator[None]:
    """While the block runs, equal things are worked out once; afterwards everything is as it was."""
    before = dict(STAGES_IN_ORDER)
    release = importlib.import_module("segment.disclosure.release")  # the room's name stands for its function
    with ExitStack() as changed:
        known = _stages(before)
        _tables(changed, known)
        changed.enter_context(mock.patch.object(prepare, "read_inputs", _by_source(prepare.read_inputs)))
        changed.enter_context(
            mock.patch.object(need_scores, "need_reliability", _by_content(need_scores.need_reliability))
        )
        compose = lru_cache(maxsize=64)(files.compose)
        changed.enter_context(mock.patch.object(files, "compose", compose))
        changed.enter_context(mock.patch.object(catalogue, "compose", compose))
        changed.enter_context(mock.patch.object(attack, "_widths", _by_line(attack._widths)))
        changed.enter_context(mock.patch.object(release, "suppress_lines", _by_content(release.suppress_lines)))
        changed.enter_context(mock.patch.object(audit, "read_html", _by_bytes(read_back.read_html)))
        changed.enter_context(mock.patch.object(audit, "numbers_in", _by_text(read_back.numbers_in)))
        try:
            yield
        finally:
            STAGES_IN_ORDER.update(before)


def _stages(before: dict[str, Stage]) -> _Written:
    """The stages before publish make the same result once, of the same settings, tables and people.

    Returns their frames by identity, each with room for the bytes that it is written as.
    """
    results, made = Memory(), {}

    def once(stage: Stage) -> Callable[[OpenStudy], StageResult]:
        def run(opened: OpenStudy) -> StageResult:
            key = stage.name, stage_key(stage, opened), _kept_out(opened.workspace / EXCLUDED)
            result: StageResult = results.of(key, lambda: stage.run(opened))
            for frame in result.tables.values():
                made.setdefault(id(frame), (frame, {}))
            return result

        return run

    STAGES_IN_ORDER.update({n: replace(s, run=once(s)) for n, s in before.items() if n != "publish"})
    return made


def _kept_out(file: Path) -> str:
    """Who is kept out and from when on, without why."""
    if not file.is_file():
        return ""
    content = json.loads(file.read_text(encoding="utf-8"))
    return json.dumps({**content, "reasons": sorted(content.get("reasons", {}))}, sort_keys=True)


def _tables(changed: ExitStack, known: _Written) -> None:
    """Tables of the same bytes are checked once; a remembered result is written as it was the first time."""
    read, write, frames = Store.read, Store.write, Memory()

    def reads(store: Store, name: str) -> pd.DataFrame:
        path = store.table_path(name)
        if not path.is_file():
            return read(store, name)
        frame: pd.DataFrame = frames.of((name, digest_file(path)), lambda: read(store, name))
        return frame.copy()

    def writes(store: Store, name: str, frame: pd.DataFrame) -> str:
        if id(frame) not in known:
            return write(store, name, frame)
        written = known[id(frame)][1]
        path = store.table_path(name)
        if name not in written:
            write(store, name, frame)
            written[name] = path.read_bytes()
        else:
            with written_atomically(path) as temporary:
                temporary.write_bytes(written[name])
        return digest_file(path)

    changed.enter_context(mock.patch.object(Store, "read", reads))
    changed.enter_context(mock.patch.object(Store, "write", writes))


def _by_line(widths: Callable[..., dict[int, float]]) -> Callable[..., dict[int, float]]:
    """The attack on lines that differ in nothing that it looks at."""
    known = Memory(most=20_000)

    def looked_up(cells: Sequence[attack.Cell], bounds: Sequence[tuple[float, float]]) -> dict[int, float]:
        key = tuple((one.group, one.secret, one.shown, one.same, one.exact) for one in cells), tuple(bounds)
        found: dict[int, float] = known.of(key, lambda: widths(cells, bounds))
        return found

    return looked_up


def _by_source(read: Callable[..., Inputs]) -> Callable[..., Inputs]:
    """The same exports, read with the same settings and key."""
    known = Memory(most=100)

    def looked_up(study: Study, *, key: bytes, ordered: bool = True) -> Inputs:
        settings = study.config.model_dump_json(exclude={"workspace", "tracking"})
        of = settings, tuple(source_digests(study)), key, ordered
        found: Inputs = known.of(of, lambda: read(study, key=key, ordered=ordered))
        return replace(found, tables={name: table.copy() for name, table in found.tables.items()})

    return looked_up


def _by_content(made: Callable[..., Any]) -> Callable[..., Any]:
    """The same of equal arguments; the tables in it are the caller's own."""
    known = Memory(most=3_000)

    def looked_up(*arguments: object, **named: object) -> Any:
        key = hashlib.sha256(pickle.dumps((arguments, named))).digest()
        return _own(known.of(key, lambda: made(*arguments, **named)))

    return looked_up


def _own(made: Any) -> Any:
    if isinstance(made, pd.DataFrame):
        return made.copy()
    return type(made)(_own(part) for part in made) if type(made) in (tuple, list) else made


def _by_bytes(read: Callable[[Path], list[Any]]) -> Callable[[Path], list[Any]]:
    known = Memory(most=200)
    return lambda path: list(known.of((path.name, digest_file(path)), lambda: read(path)))


def _by_text(count: Callable[[str], int]) -> Callable[[str], int]:
    known = Memory(most=20_000)
    return lambda text: int(known.of(hashlib.sha256(text.encode()).digest(), lambda: count(text)))
