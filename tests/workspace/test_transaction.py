"""A change of files, folders and more happens whole or not at all, wherever a kill falls."""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from segment.errors import Refusal
from segment.store import save_json
from segment.workspace import transaction
from segment.workspace.lock import alone_in
from segment.workspace.transaction import JOURNAL, ROOM, Transaction, complete, pending


class Killed(BaseException):
    """The process ended here: nothing behind this point runs."""


class Place:
    """A workspace with models beside it, and a register outside files."""

    def __init__(self, folder: Path) -> None:
        self.work, self.models, self.register = folder / "work", folder / "models", folder / "register"
        write(self.work / "exports" / "w1" / "report.html", "old")
        write(self.work / "exports" / "w1" / "dossier" / "dpia.md", "old")
        write(self.work / "history.json", "old")
        write(self.work / "handover" / "w1" / "cards" / "a.html", "old")
        write(self.models / "champion.joblib", "old")
        write(self.register, "old")

    def note(self, content: Mapping[str, Any]) -> None:
        """The step beyond files."""
        self.register.write_text(str(content["word"]))

    def change(self) -> None:
        """A file, two folders, a model, something taken away, and a step beyond files."""
        with Transaction(self.work, doing="publish", beside=(self.models,), steps={"note": self.note}) as change:
            for target in (self.work / "exports" / "w1", self.work / "earlier" / "w1" / "x"):
                fresh = change.aside(target)
                write(fresh / "report.html", "new")
                change.put(fresh, target)
            for target in (self.models / "champion.joblib", self.work / "history.json"):
                fresh = change.aside(target)
                fresh.write_text("new")
                change.put(fresh, target)
            change.remove(self.work / "handover" / "w1" / "cards" / "a.html")
            change.remove(self.work / "never-there")
            change.then("note", {"word": "new"})

    def complete(self) -> str | None:
        """What the next command does first."""
        return complete(self.work, beside=(self.models,), steps={"note": self.note})

    def state(self) -> dict[str, str]:
        """Every file and what it holds."""
        found = (path for path in self.work.parent.rglob("*") if path.is_file())
        return {path.relative_to(self.work.parent).as_posix(): path.read_text() for path in found}


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


NEW = {
    "work/exports/w1/report.html": "new",
    "work/earlier/w1/x/report.html": "new",
    "work/history.json": "new",
    "models/champion.joblib": "new",
    "register": "new",
}


@contextmanager
def killed_at(patch: pytest.MonkeyPatch, nth: int) -> Iterator[list[int]]:
    """Kill at the n-th thing that is done to the disk, before it; yields how many there were."""
    seen = [0]

    def fragile(real: Callable[..., Any]) -> Callable[..., Any]:
        def once(*args: Any, **kwargs: Any) -> Any:
            seen[0] += 1
            if seen[0] >= nth:  # what clears up does not run any more either
                raise Killed
            return real(*args, **kwargs)

        return once

    with patch.context() as inside:
        for name in ("replace", "unlink", "mkdir", "rmdir"):
            inside.setattr(Path, name, fragile(getattr(Path, name)))
        inside.setattr(os, "fsync", fragile(lambda handle: None))  # a disk that keeps everything, and is quick
        inside.setattr(transaction.shutil, "rmtree", fragile(shutil.rmtree))
        inside.setattr(Place, "note", fragile(Place.note))
        yield seen


def count_of_steps(tmp_path: Path, patch: pytest.MonkeyPatch) -> int:
    place = Place(tmp_path / "counted")
    with killed_at(patch, 10_000) as seen:
        place.change()
    assert place.state() == NEW
    return seen[0]


def test_a_kill_at_any_step_leaves_all_or_nothing_once_the_next_command_has_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = count_of_steps(tmp_path, monkeypatch)
    assert steps > 30
    ends = set()
    for nth in range(1, steps + 1):
        place = Place(tmp_path / str(nth))
        before = place.state()
        with killed_at(monkeypatch, nth), pytest.raises(Killed):
            place.change()
        decided = pending(place.work) is not None
        done = place.complete()
        assert done == ("publish" if decided else None)
        ends.add(place.state() == NEW)
        assert place.state() in (before, NEW), nth
        assert place.state() == NEW or not decided
        assert place.complete() is None
        place.change()
        assert place.state() == NEW
    assert ends == {True, False}


def test_a_kill_while_it_is_completed_is_completed_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = count_of_steps(tmp_path, monkeypatch)
    place = Place(tmp_path / "often")
    nth = next(n for n in range(1, steps) if _decided(tmp_path / f"t{n}", monkeypatch, n))
    with killed_at(monkeypatch, nth), pytest.raises(Killed):
        place.change()
    for later in range(1, steps):  # every time it comes a little further
        with killed_at(monkeypatch, later):
            try:
                place.complete()
            except Killed:
                continue
            break
    assert place.state() == NEW
    assert not (place.work / ROOM).exists()


def _decided(folder: Path, patch: pytest.MonkeyPatch, nth: int) -> bool:
    place = Place(folder)
    with killed_at(patch, nth), pytest.raises(Killed):
        place.change()
    return pending(place.work) is not None


def test_a_fault_before_the_decision_changes_nothing(tmp_path: Path) -> None:
    place = Place(tmp_path)
    before = place.state()
    with pytest.raises(ZeroDivisionError), Transaction(place.work, doing="publish") as change:
        fresh = change.aside(place.work / "history.json")
        fresh.write_text("new")
        change.put(fresh, place.work / "history.json")
        raise ZeroDivisionError
    assert place.state() == before


def test_who_does_not_know_a_step_leaves_the_change_to_others_and_begins_none(tmp_path: Path) -> None:
    place = Place(tmp_path)

    def broken(_: Mapping[str, Any]) -> None:
        raise OSError("the tracker is away")

    with (
        pytest.raises(OSError, match="the tracker is away"),
        Transaction(place.work, doing="promote", steps={"note": broken}) as change,
    ):
        change.then("note", {"word": "new"})
    assert complete(place.work) is None
    assert pending(place.work) == "promote"
    with pytest.raises(Refusal, match=r"\(promote\) was begun and is not complete"), Transaction(place.work, doing="x"):
        pass
    assert place.complete() == "promote"
    assert place.register.read_text() == "new"


def test_a_folder_that_was_moved_with_its_journal_is_completed_where_it_is(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with pytest.raises(OSError), Transaction(place.work, doing="publish", steps={"note": _fail}) as change:
        change.then("note", {"word": "new"})
        fresh = change.aside(place.work / "history.json")
        fresh.write_text("new")
        change.put(fresh, place.work / "history.json")
    place.work.rename(tmp_path / "moved")
    assert complete(tmp_path / "moved", steps={"note": place.note}) == "publish"
    assert (tmp_path / "moved" / "history.json").read_text() == "new"


def _fail(_: Mapping[str, Any]) -> None:
    raise OSError


@pytest.mark.parametrize("path", ["../outside.txt", "/etc/hostname"])
def test_a_journal_that_leads_out_of_the_workspace_is_refused(tmp_path: Path, path: str) -> None:
    place = Place(tmp_path)
    write(tmp_path / "outside.txt", "theirs")
    step = {"kind": "remove", "at": [0, path]}
    save_json(place.work / ROOM / JOURNAL, {"doing": "publish", "steps": [step]})
    with pytest.raises(Refusal, match="outside its workspace"):
        place.complete()
    assert (tmp_path / "outside.txt").read_text() == "theirs"


def test_a_target_outside_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with pytest.raises(Refusal, match="outside its workspace"), Transaction(place.work, doing="x") as change:
        change.aside(tmp_path / "register")
    assert not (place.work / ROOM).exists()


def test_what_waits_is_its_owners_alone(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with pytest.raises(OSError), Transaction(place.work, doing="x", steps={"note": _fail}) as change:
        change.aside(place.work / "history.json")
        change.then("note", {})
    for path in (place.work / ROOM, *(place.work / ROOM).rglob("*")):
        assert path.stat().st_mode & 0o077 == 0


def test_what_is_for_everybody_to_read_still_is_when_it_was_completed_later(tmp_path: Path) -> None:
    place, wave = Place(tmp_path), tmp_path / "work" / "exports" / "w1"
    with pytest.raises(OSError), Transaction(place.work, doing="publish", steps={"note": _fail}) as change:
        change.then("note", {"word": "new"})
        fresh = change.aside(wave)
        write(fresh / "report.html", "new")
        fresh.chmod(0o755)
        (fresh / "report.html").chmod(0o644)
        change.put(fresh, wave)
    with alone_in(place.work, doing="next"):
        assert (place.work / ROOM).stat().st_mode & 0o077 == 0
        place.complete()
    assert wave.stat().st_mode & 0o777 == 0o755
    assert (wave / "report.html").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("seed", range(3))
def test_two_processes_that_write_at_once_leave_what_one_of_them_made(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    files = [tmp_path / "work" / folder / name for folder in ("exports", "released") for name in ("a", "b", "c")]

    def write_all(who: str, pause: float) -> None:
        with alone_in(tmp_path / "work", doing=who, wait=60), Transaction(tmp_path / "work", doing=who) as change:
            for file in files:
                fresh = change.aside(file)
                fresh.write_text(who)
                time.sleep(pause)
                change.put(fresh, file)

    children = []
    for who in ("one", "other"):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                write_all(who, chance.random() / 50)
                code = 0
            finally:
                os._exit(code)
        children.append(child)
        time.sleep(chance.random() / 10)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0]
    assert len({file.read_text() for file in files}) == 1


def test_a_room_that_leads_elsewhere_takes_nothing(tmp_path: Path) -> None:
    """Whoever may write in a workspace had a release, and what is handed over, made where a link leads."""
    work, elsewhere = tmp_path / "work", tmp_path / "elsewhere"
    work.mkdir()
    elsewhere.mkdir()
    (work / ROOM).symlink_to(elsewhere)
    with pytest.raises(Refusal, match="outside its workspace"), Transaction(work, doing="example") as change:
        change.aside(work / "page.txt").write_text("secret")
    assert not list(elsewhere.iterdir())
