"""A change of the pseudonym key: nobody keeps an old code, nothing released is forgotten, all or nothing."""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from typer.testing import CliRunner

from segment.cli import app
from segment.errors import InvalidInput, Refusal
from segment.governance.organisation import LEDGER
from segment.governance.pseudonyms import derived_key, study_pseudonyms
from segment.stages import STAGES_IN_ORDER, OpenStudy, Receipt, open_study, rekey, run_stage
from segment.stages.audit import audit_log, audit_study, people_of
from segment.stages.keys import NAME
from segment.stages.rekey import rekey_study
from segment.stages.release.control import release_under_control
from segment.stages.release.ledgers import events_of, ledger_of
from segment.stages.rights.delivery import deliver_cards
from segment.stages.rights.exclusion import Excluded
from segment.stages.rights.subject import erase_subject, export_subject
from segment.stages.rights.traces import codes_left
from segment.store import digest_file, read_json
from segment.workspace.transaction import JOURNAL, ROOM

if TYPE_CHECKING:
    from conftest import Walk

WAVE = "2024-03"
VARIABLE = "SEGMENT_PSEUDONYM_KEY"
NEW = bytes(range(100, 132))


@dataclasses.dataclass(frozen=True)
class Ours:
    """A study on people of one's own: its file, its settings, its workspace, and a new key in a file."""

    file: Path
    settings: tuple[str, ...]
    workspace: Path
    key_file: Path

    @property
    def options(self) -> list[str]:
        return [*self.settings, f"workspace={self.workspace}"]

    def open(self) -> OpenStudy:
        return open_study(self.file, overrides=self.options)

    def run(self, *names: str) -> dict[str, Receipt]:
        opened = self.open()
        return {name: run_stage(STAGES_IN_ORDER[name], opened) for name in names or STAGES_IN_ORDER}

    def rekey(self, **options: bool) -> list[str]:
        return rekey_study(
            self.file, new_key_file=self.key_file, by="A. Officer", reason="yearly", overrides=self.options, **options
        )

    def with_new_key(self, patch: pytest.MonkeyPatch) -> OpenStudy:
        patch.setenv(VARIABLE, NEW.hex())
        return self.open()

    def files(self) -> dict[str, str]:
        paths = (path for path in self.workspace.rglob("*") if path.is_file())
        return {str(path.relative_to(self.workspace)): digest_file(path) for path in paths}


@pytest.fixture(scope="module")
def published(walked: Walk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The walked study once more, as one on personal data under the key it had."""
    folder = tmp_path_factory.mktemp("ours") / "work"
    shutil.copytree(walked.open().workspace, folder)
    shutil.rmtree(folder / "exports")
    config = walked.open().config
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, derived_key(config.study).hex())
        patch.setenv(LEDGER, str(folder.parent / "ledgers"))
        opened = walked.saying(data="personal").open(f"workspace={folder}")
        for stage in STAGES_IN_ORDER.values():
            run_stage(stage, opened)
    yield folder


@pytest.fixture
def ours(walked: Walk, published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ours:
    shutil.copytree(published, tmp_path / "work")
    shutil.copytree(published.parent / "ledgers", tmp_path / "ledgers")
    monkeypatch.setenv(LEDGER, str(tmp_path / "ledgers"))
    (tmp_path / "vault").mkdir()
    (tmp_path / "vault" / "new.key").write_text(NEW.hex())
    config = walked.open().config
    monkeypatch.setenv(VARIABLE, derived_key(config.study).hex())
    return Ours(
        walked.saying(data="personal").file, walked.overrides, tmp_path / "work", tmp_path / "vault" / "new.key"
    )


def test_everybody_has_another_code_and_nothing_runs_again_but_publish(
    ours: Ours, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, tables = people_of(ours.open()), {t.stem: pd.read_parquet(t) for t in ours.open().store.tables.glob("*")}
    deliver_cards(ours.file, overrides=ours.options)
    released = {path.name: path.read_bytes() for path in (ours.workspace / "released" / WAVE).iterdir()}
    said = ours.rekey()
    assert said[0].startswith(f"{len(before):,} people have another code now")
    opened = ours.with_new_key(monkeypatch)
    after = people_of(opened)
    assert len(after) == len(before)
    assert not before & after
    assert codes_left(opened, before) == []
    for name, old in tables.items():
        new = pd.read_parquet(opened.store.table_path(name))
        pd.testing.assert_frame_equal(
            old.drop(columns=["person", "tie"], errors="ignore"), new.drop(columns=["person", "tie"], errors="ignore")
        )
    assert (opened.workspace / NAME).read_text().find(opened.key_id) > 0
    again = ours.run()
    assert {name for name, receipt in again.items() if not receipt.skipped} == {"publish"}
    assert {path.name: path.read_bytes() for path in (ours.workspace / "released" / WAVE).iterdir()} == released
    assert read_json(ours.workspace / "exports" / WAVE / "manifest.json")["certificate"]["barred"] == []
    assert all(receipt.skipped for receipt in ours.run().values())
    assert codes_left(opened, before) == []
    assert "Audit of 2 releases" in audit_study(ours.file, overrides=ours.options)[0]
    assert "unchanged" in audit_log(ours.file, overrides=ours.options)[0]


def test_cards_go_along_and_the_old_key_is_refused_by_name(ours: Ours, monkeypatch: pytest.MonkeyPatch) -> None:
    old = ours.open().key_id
    deliver_cards(ours.file, overrides=ours.options)
    names = {path.relative_to(ours.workspace) for path in (ours.workspace / "handover").rglob("*") if path.is_file()}
    ours.rekey()
    new = read_json(ours.workspace / NAME)["key_id"]
    with pytest.raises(Refusal, match="This workspace belongs to another pseudonym key") as told:
        ours.open()
    assert f"expected: the key with fingerprint {new}" in str(told.value)
    assert f"found: the key with fingerprint {old}" in str(told.value)
    opened = ours.with_new_key(monkeypatch)
    assert opened.key_id == new
    after = {path.relative_to(ours.workspace) for path in (ours.workspace / "handover").rglob("*") if path.is_file()}
    assert len(after) == len(names)
    cards = {path.name.split(".")[0] for path in (ours.workspace / "handover" / WAVE / "cards").iterdir()}
    assert cards == set(opened.store.read("cards")["person"])
    assert all(path.stat().st_mode & 0o077 == 0 for path in (ours.workspace / "handover").rglob("*.html"))
    assert "nothing to do" in deliver_cards(ours.file, overrides=ours.options)[0]


def test_any_other_key_is_refused_before_it_can_forget_a_release(ours: Ours, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, NEW.hex())
    with pytest.raises(Refusal, match="another pseudonym key"):
        ours.open()
    (ours.workspace / NAME).unlink()
    with pytest.raises(Refusal, match="the one its books were written under"):
        ours.run("prepare")
    assert not (ours.workspace / NAME).exists()


def barred_after_three_moved(ours: Ours, people: list[str]) -> set[tuple[str, str]]:
    """What stays hidden when three people of one segment come out in another."""
    opened = ours.open()
    rows = opened.store.read("assignments")
    moved = rows["person"].isin(people) & (rows["wave"] == WAVE)
    assert int(moved.sum()) == 3
    opened.store.write("assignments", rows.assign(segment=rows["segment"].mask(moved, 1)))
    return set(release_under_control(opened, wave=WAVE).barred)


def test_two_releases_with_a_change_of_key_between_give_nobody_away(
    ours: Ours, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = ours.open()
    rows = opened.store.read("assignments")
    people = rows.loc[(rows["wave"] == WAVE) & (rows["segment"] == 0), "person"].head(3).tolist()
    names = rekey.renamed_people(opened.study, old=opened.key, new=NEW)
    shutil.copytree(ours.workspace, tmp_path / "without")
    expected = barred_after_three_moved(dataclasses.replace(ours, workspace=tmp_path / "without"), people)
    ours.rekey()
    ours.with_new_key(monkeypatch)
    assert barred_after_three_moved(ours, [names[person] for person in people]) == expected
    assert any(group.startswith("segment 0") for _, group in expected)


def test_an_interrupted_change_leaves_the_study_as_it_was(ours: Ours, monkeypatch: pytest.MonkeyPatch) -> None:
    before = ours.files()
    for step in ("_handover", "_books", "_swap"):
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(rekey, step, _stop)
            ours.rekey()
        assert ours.files() == before, step
    assert all(receipt.skipped for receipt in ours.run().values())


def _stop(*args: object, **options: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("moves", [0, 7])
def test_a_change_interrupted_while_files_are_put_in_place_is_completed(
    ours: Ours, monkeypatch: pytest.MonkeyPatch, moves: int
) -> None:
    before, done, real = people_of(ours.open()), iter(range(moves)), Path.replace

    def stop_after(self: Path, target: Path) -> Path:
        if ROOM in self.parts and ROOM not in target.parts and next(done, None) is None:
            raise KeyboardInterrupt
        return real(self, target)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "replace", stop_after)
        ours.rekey()
    assert (ours.workspace / ROOM / JOURNAL).stat().st_mode & 0o077 == 0
    with pytest.raises(Refusal, match="another pseudonym key"):
        ours.open()
    opened = ours.with_new_key(monkeypatch)
    assert not (ours.workspace / ROOM).exists()
    assert codes_left(opened, before) == []
    assert ledger_of(opened).verify() is None
    assert [event.action for event in events_of(opened).events()].count("rekey") == 1
    assert all(
        receipt.skipped for receipt in ours.run(*[name for name in STAGES_IN_ORDER if name != "publish"]).values()
    )


def test_who_was_erased_stays_out_and_everybody_else_is_found_under_the_new_key(
    ours: Ours, organisation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw, other = pd.read_csv(organisation / "responses_2024-03.csv", dtype=str)["person_id"].iloc[:2]
    opened = ours.open()
    groups = ledger_of(opened).groups_of(study_pseudonyms(opened.config.study, opened.key).person(other))
    erase_subject(ours.file, person=raw, overrides=ours.options)
    ours.rekey()
    opened = ours.with_new_key(monkeypatch)
    assert set(Excluded.of(opened).reasons.values()) == {"erase"}
    code = study_pseudonyms(opened.config.study, NEW).person(raw)
    tables = STAGES_IN_ORDER["prepare"].run(opened).tables
    assert not any((frame["person"] == code).any() for frame in tables.values() if "person" in frame)
    erased = [event for event in events_of(opened).events() if event.action == "erase"]
    assert erased[0].detail["references"] == list(Excluded.of(opened).reasons)
    export_subject(ours.file, person=other, out=tmp_path / "copy.json", overrides=ours.options)
    assert len(read_json(tmp_path / "copy.json")["counted_in_released_groups"]) == len(groups) > 0


def test_people_whom_no_export_names_cannot_be_kept_out_unnoticed(ours: Ours, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = ours.open()
    Excluded({"f" * 32: "object"}).save(opened)
    with pytest.raises(Refusal, match="could no longer be kept out") as told:
        ours.rekey()
    assert "1 who stand in no export any more" in str(told.value)
    assert any("1 people are no longer kept out" in line for line in ours.rekey(let_go=True))
    assert Excluded.of(ours.with_new_key(monkeypatch)).reasons == {}


def test_tables_that_know_people_the_exports_do_not_are_refused(ours: Ours) -> None:
    opened = ours.open()
    people = opened.store.read("people")
    opened.store.write("people", people.assign(person=people["person"].replace(people["person"].iloc[0], "e" * 32)))
    with pytest.raises(Refusal, match="whom the raw exports do not name any more") as told:
        ours.rekey()
    assert "e" * 32 not in str(told.value)


def test_what_makes_no_sense_is_refused_in_words(ours: Ours, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="who decides, and why"):
        rekey_study(ours.file, new_key_file=ours.key_file, by="-", reason="x", overrides=ours.options)
    ours.key_file.write_text(os.environ[VARIABLE])
    with pytest.raises(Refusal, match="The new key is the one the study has"):
        ours.rekey()
    inside = ours.workspace / "new.key"
    inside.write_text(NEW.hex())
    with pytest.raises(InvalidInput, match="lies inside the project"):
        rekey_study(ours.file, new_key_file=inside, by="A. Officer", reason="yearly", overrides=ours.options)
    with pytest.raises(InvalidInput, match="cannot be read"):
        rekey_study(ours.file, new_key_file=tmp_path / "no", by="A. Officer", reason="yearly", overrides=ours.options)


def test_simulated_people_have_no_key_to_change(walked: Walk, tmp_path: Path) -> None:
    shutil.copytree(walked.open().workspace, tmp_path / "work")
    settings = [part for one in (*walked.overrides, f"workspace={tmp_path / 'work'}") for part in ("--set", one)]
    (tmp_path / "new.key").write_text(NEW.hex())
    words = [
        "rekey",
        str(walked.file),
        "--new-key-file",
        str(tmp_path / "new.key"),
        "--by",
        "A. Officer",
        "--reason",
        "yearly",
    ]
    told = CliRunner().invoke(app, [*words, *settings])
    assert told.exit_code == 1
    assert "no key of its own to change" in told.output
    assert "example:" in CliRunner().invoke(app, ["rekey", "--help"]).output
