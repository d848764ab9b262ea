"""Heads kept outside the workspace: what was cut off, put back or begun anew is noticed."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from segment.config import load_study
from segment.disclosure.ledger.release_ledger import ReleaseLedger
from segment.errors import InvalidInput, RefusedRelease
from segment.governance.anchors import ANCHORS, Anchor, anchor_file
from segment.governance.events import EventLog

KEY = bytes(range(32))
DEMO = Path(__file__).parents[2] / "configs" / "studies" / "demo.yaml"


@pytest.fixture
def anchor(tmp_path: Path) -> Anchor:
    return Anchor(tmp_path / "vault" / "s.anchors.json", tmp_path / "work" / "ledger.db", KEY)


@pytest.fixture
def write(anchor: Anchor) -> Callable[[int], None]:
    log = EventLog(anchor.book, key=KEY, after=anchor.keep)
    ledger = ReleaseLedger(anchor.book, members=anchor.book.with_name("members.db"), key=KEY)

    def written(times: int) -> None:
        for _ in range(times):
            number = log.head[0]
            people = [f"p{number}-{one}" for one in range(9)]
            ledger.record({"pay": {"team": people}}, source=f"s{number}", digests={"pay": str(number)})
            log.write("A. Reviewer", "run", "publish")

    return written


def cut(book: Path, name: str, left: int) -> None:
    with sqlite3.connect(book) as open_:
        open_.executescript(f"DROP TRIGGER {name}_keep_all; DELETE FROM {name} WHERE number > {left};")


def test_books_that_grow_hold_what_is_kept(anchor: Anchor, write: Callable[[int], None]) -> None:
    assert anchor.problem() is None
    write(6)
    before = json.loads(anchor.file.read_text())  # type: ignore[union-attr]
    write(1)
    assert anchor.problem() is None
    (entry,) = json.loads(anchor.file.read_text())["books"].values()  # type: ignore[union-attr]
    assert entry["events"][0] == entry["releases"][0] == 7
    assert entry != before


@pytest.mark.parametrize(("name", "left"), [("events", 2), ("events", 5), ("releases", 0), ("releases", 5)])
def test_a_tail_cut_off_is_noticed_and_stays_noticed(
    anchor: Anchor, write: Callable[[int], None], name: str, left: int
) -> None:
    write(6)
    cut(anchor.book, name, left)
    assert EventLog(anchor.book, key=KEY).verify() is None
    assert f"of {name} is kept in" in str(anchor.problem())
    with pytest.raises(RefusedRelease, match="not the newest"):
        anchor.refuse_older()
    EventLog(anchor.book, key=KEY, after=anchor.keep).write("me", "run", "publish")
    assert f"of {name} is kept in" in str(anchor.problem())


def test_an_older_copy_of_the_whole_workspace_is_told_from_the_newest(
    anchor: Anchor, write: Callable[[int], None], tmp_path: Path
) -> None:
    write(3)
    shutil.copytree(anchor.book.parent, tmp_path / "backup")
    write(2)
    assert "an older copy" in str(replace(anchor, book=tmp_path / "backup" / "ledger.db").problem())
    shutil.rmtree(anchor.book.parent)
    shutil.copytree(tmp_path / "backup", anchor.book.parent)
    assert "an older copy" in str(anchor.problem())


def test_books_begun_anew_in_the_same_place_are_noticed_where_people_are_real(
    anchor: Anchor, write: Callable[[int], None]
) -> None:
    write(2)
    shutil.rmtree(anchor.book.parent)
    assert "started again" in str(anchor.problem())
    EventLog(anchor.book, key=KEY).write("me", "run", "publish")
    assert "started again" in str(anchor.problem())
    assert replace(anchor, anew=True).problem() is None


def test_heads_somebody_kept_are_held_against_the_books(
    anchor: Anchor, write: Callable[[int], None], tmp_path: Path
) -> None:
    write(4)
    kept, plain = tmp_path / "kept.json", tmp_path / "plain.json"
    shutil.copy(str(anchor.file), kept)
    plain.write_text(json.dumps({name: list(head) for name, head in anchor.heads().items()}))
    write(1)
    assert (anchor.holds_file(kept), anchor.holds_file(plain)) == (None, None)
    plain.write_text(json.dumps({"events": [9, "0" * 64]}))
    assert "Line 9 of events" in str(anchor.holds_file(plain))


def test_the_place_is_named_or_that_of_the_key_and_never_the_workspace(tmp_path: Path) -> None:
    study = load_study(DEMO, overrides=[f"workspace={tmp_path / 'w'}"])
    assert anchor_file(study, "abc", {}) == tmp_path / "w" / "models" / "anchors.json"
    assert anchor_file(study, "abc", {ANCHORS: str(tmp_path / "a")}) == tmp_path / "a" / "demo.abc.anchors.json"
    with pytest.raises(InvalidInput, match="would lie in the workspace"):
        anchor_file(study, "abc", {ANCHORS: str(tmp_path / "w" / "a")})
    ours = replace(study, config=study.config.model_copy(update={"data": "personal"}))
    named = {"SEGMENT_PSEUDONYM_KEY_FILE": str(tmp_path / "vault" / "k")}
    assert anchor_file(ours, "abc", named) == tmp_path / "vault" / "demo.abc.anchors.json"
    assert anchor_file(ours, "abc", {}) is None
