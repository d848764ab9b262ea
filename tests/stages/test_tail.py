"""What is cut off the books or put back from before is told, whatever it is, and no verb goes on with it."""

from __future__ import annotations

import dataclasses
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from segment.disclosure.ledger.members import Members
from segment.errors import Refusal, RefusedRelease
from segment.governance.anchors import ANCHORS
from segment.governance.organisation import LEDGER
from segment.governance.pseudonyms import derived_key
from segment.stages import STAGES_IN_ORDER, OpenStudy, open_study, run_stage
from segment.stages.audit import audit_log
from segment.stages.candidate import hold_back
from segment.stages.publish import publish
from segment.stages.rekey import rekey_study
from segment.stages.release.history import withdraw
from segment.stages.release.ledgers import events_of, ledger_of
from segment.stages.rights.subject import erase_subject
from segment.store import digest_file

if TYPE_CHECKING:
    from conftest import Walk

VARIABLE, NEW = "SEGMENT_PSEUDONYM_KEY", bytes(range(100, 132))


@dataclasses.dataclass(frozen=True)
class Kept:
    """A published study on personal data after an erasure: its newest workspace, and an older copy of it."""

    file: Path
    options: list[str]
    workspace: Path
    older: Path
    vault: Path
    ledgers: Path
    person: str

    def open(self) -> OpenStudy:
        return open_study(self.file, overrides=self.options)

    def put_back(self, *names: str) -> None:
        for name in names:
            shutil.copy(self.older / name, self.workspace / name)

    def everything_put_back(self) -> None:
        shutil.rmtree(self.workspace)
        shutil.copytree(self.older, self.workspace)


@pytest.fixture(scope="module")
def kept(walked: Walk, organisation: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    folder = tmp_path_factory.mktemp("tail")
    work, older = folder / "work", folder / "older"
    shutil.copytree(walked.open().workspace, work)
    raw = pd.read_csv(organisation / "responses_2024-03.csv", dtype=str)["person_id"]
    settings = [*walked.overrides, f"workspace={work}"]
    vault, ledgers = folder / "vault", folder / "ledgers"
    study = Kept(walked.saying(data="personal").file, settings, work, older, vault, ledgers, str(raw.iloc[1]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, derived_key(walked.open().config.study).hex())
        patch.setenv(ANCHORS, str(study.vault))
        patch.setenv(LEDGER, str(study.ledgers))
        for number in range(4):
            events_of(study.open()).write("A. Officer", "look", f"round {number}")
        shutil.copytree(work, older)
        erase_subject(study.file, person=str(raw.iloc[0]), overrides=settings)
        yield study


@pytest.fixture
def newest(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    """The study with its organisation's ledger, put right again afterwards."""
    monkeypatch.setenv(LEDGER, str(kept.ledgers))
    places = {"newest": kept.workspace, "heads": kept.vault, "ledgers": kept.ledgers}
    for name, place in places.items():
        shutil.copytree(place, tmp_path / name)
    yield kept
    for name, place in places.items():
        shutil.rmtree(place)
        shutil.copytree(tmp_path / name, place)


def cut(study: Kept, name: str, last: int) -> None:
    with sqlite3.connect(study.workspace / "ledger.db") as book:
        book.executescript(f"DROP TRIGGER {name}_keep_all")
        book.execute(f"DELETE FROM {name} WHERE number > (SELECT MAX(number) FROM {name}) - ?", (last,))


def five_secrets(study: Kept) -> None:
    with Members(study.workspace / "members.db", key=study.open().key)._open() as members:
        members.execute("DELETE FROM secrets WHERE person IN (SELECT person FROM secrets LIMIT 5)")


ATTACKS: dict[str, tuple[Callable[[Kept], object], str]] = {
    "the last four events": (lambda s: cut(s, "events", 4), "of events is kept in"),
    "every event": (lambda s: cut(s, "events", 10**6), "started again"),
    "the last line of the ledger": (lambda s: cut(s, "releases", 1), "of releases is kept in"),
    "every line of the ledger": (lambda s: cut(s, "releases", 10**6), "of releases is kept in"),
    "five secrets": (five_secrets, "no erasure or purge says so. Put the newest copy of members.db back"),
    "an older file of secrets": (lambda s: s.put_back("members.db"), "An older members.db was put back"),
    "older books": (lambda s: s.put_back("members.db", "ledger.db"), "an older copy of the workspace was put back"),
    "an older workspace": (Kept.everything_put_back, "an older copy of the workspace was put back"),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_it_is_told_and_nothing_is_released_erased_or_sealed_on_it(newest: Kept, attack: str, tmp_path: Path) -> None:
    assert len(audit_log(newest.file, overrides=newest.options)) == 5
    do, words = ATTACKS[attack]
    do(newest)
    with pytest.raises(RefusedRelease) as told:
        audit_log(newest.file, overrides=newest.options)
    assert words in str(told.value)
    assert "what to do: put the" in str(told.value)
    before = digest_file(newest.workspace / "ledger.db")
    (tmp_path / "new.key").write_text(NEW.hex())
    decided = {"by": "A. Officer", "reason": "yearly", "overrides": newest.options}
    for verb in (
        lambda: erase_subject(newest.file, person=newest.person, overrides=newest.options),
        lambda: rekey_study(newest.file, new_key_file=tmp_path / "new.key", let_go=True, **decided),
    ):
        with pytest.raises(Refusal):
            verb()
    assert not (newest.workspace / ".transaction").exists()
    if "secrets" not in attack:
        for verb in (
            lambda: run_stage(STAGES_IN_ORDER["publish"], newest.open(), force=True),
            lambda: run_stage(STAGES_IN_ORDER["prepare"], newest.open(), force=True),
            lambda: withdraw(newest.file, **decided),
        ):
            with pytest.raises(RefusedRelease, match="not the newest"):
                verb()
    assert digest_file(newest.workspace / "ledger.db") == before


def test_a_whole_publish_keeps_the_heads_and_a_copy_from_before_it_is_told(newest: Kept, tmp_path: Path) -> None:
    shutil.copytree(newest.older / "receipts", newest.workspace / "receipts")  # so that publish alone can run
    run_stage(STAGES_IN_ORDER["publish"], newest.open(), force=True)
    said = audit_log(newest.file, overrides=newest.options)
    opened = newest.open()
    assert said[1].startswith(f"Release ledger: {ledger_of(opened).head[0]} lines, unchanged")
    shutil.copytree(newest.workspace, tmp_path / "published")
    five_secrets(newest)
    with pytest.raises(Refusal, match="nothing is built on them"):
        erase_subject(newest.file, person=newest.person, overrides=newest.options)
    newest.everything_put_back()
    with pytest.raises(RefusedRelease, match="an older copy"):
        audit_log(newest.file, overrides=newest.options)
    shutil.rmtree(newest.workspace)
    shutil.copytree(tmp_path / "published", newest.workspace)
    assert audit_log(newest.file, overrides=newest.options) == said


def test_heads_put_back_with_the_books_are_told_by_the_release_that_stands(newest: Kept, tmp_path: Path) -> None:
    """Who restores the books and what lies beside the key, and leaves what was handed out, builds on neither."""
    shutil.copytree(newest.older / "receipts", newest.workspace / "receipts")
    books = [newest.workspace / name for name in ("ledger.db", "members.db", "facts.db")]
    places = {"heads": newest.vault, "ledgers": newest.ledgers}
    for name, place in places.items():
        shutil.copytree(place, tmp_path / "before" / name)
    for book in books:
        shutil.copy(book, tmp_path / book.name)
    run_stage(STAGES_IN_ORDER["publish"], newest.open(), force=True)
    for name, place in places.items():
        shutil.rmtree(place)
        shutil.copytree(tmp_path / "before" / name, place)
    for book in books:
        shutil.copy(tmp_path / book.name, book)
    [shared] = newest.ledgers.glob("*.ledger.db")
    before = digest_file(shared)
    with pytest.raises(RefusedRelease, match="as the manifest of 2024-03 says"):
        publish(newest.open())
    with pytest.raises(RefusedRelease, match="not the newest"):
        hold_back(newest.open())
    assert digest_file(shared) == before


def test_a_copy_from_before_a_change_of_key_is_told_under_either_key(
    newest: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(newest.workspace, tmp_path / "before")
    (tmp_path / "new.key").write_text(NEW.hex())
    decided = {"by": "A. Officer", "reason": "yearly", "overrides": newest.options}
    rekey_study(newest.file, new_key_file=tmp_path / "new.key", let_go=True, **decided)
    with monkeypatch.context() as patch:
        patch.setenv(VARIABLE, NEW.hex())
        audit_log(newest.file, overrides=newest.options)
        shutil.copytree(newest.workspace, tmp_path / "after")
        cut(newest, "events", 1)
        with pytest.raises(RefusedRelease, match="of events is kept in"):
            audit_log(newest.file, overrides=newest.options)
    shutil.rmtree(newest.workspace)
    shutil.copytree(tmp_path / "before", newest.workspace)
    with pytest.raises(RefusedRelease, match="The key of these books was changed to"):
        audit_log(newest.file, overrides=newest.options)
    with monkeypatch.context() as patch, pytest.raises(Refusal, match="another pseudonym key"):
        patch.setenv(VARIABLE, NEW.hex())
        newest.open()


def test_books_put_back_under_another_name_of_the_study_are_told(newest: Kept) -> None:
    """Heads are kept by the study's name; whose books they are says their first line."""
    newest.everything_put_back()
    renamed = [*newest.options, "study=another"]
    with pytest.raises(RefusedRelease, match="an older copy of the workspace was put back"):
        audit_log(newest.file, overrides=renamed)


def test_where_no_heads_are_kept_the_audit_says_that_it_cannot_tell(
    newest: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setenv(ANCHORS, str(tmp_path / "elsewhere"))
    assert audit_log(newest.file, overrides=newest.options)[-1].startswith("No heads of these books are kept in")
