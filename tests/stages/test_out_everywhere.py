"""Who was erased or objects in one study stays out of every study under the organisation's key."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from ruamel.yaml import YAML

from segment.governance.kept_out import KeptOut
from segment.governance.organisation import LEDGER, organisation_ties
from segment.governance.pseudonyms import study_pseudonyms
from segment.stages import STAGES_IN_ORDER, OpenStudy, open_study, run_stage
from segment.stages.audit import audit_log
from segment.stages.check import check_study
from segment.stages.recovery import complete_interrupted
from segment.stages.rekey import rekey_study
from segment.stages.release.ledgers import events_of, shared_ledger_of, ties_in
from segment.stages.rights.exclusion import Excluded
from segment.stages.rights.subject import erase_subject, object_subject
from segment.stages.score import read_new_people
from segment.stages.simulate import simulate_into
from segment.vocabulary import World

VARIABLE = "SEGMENT_PSEUDONYM_KEY"
KEY, NEW = bytes(range(60, 92)), bytes(range(10, 42))
VERBS = {"erase": erase_subject, "object": object_subject}


@dataclass(frozen=True)
class Place:
    """Raw exports of one organisation, studied under several names."""

    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "raw" / "study.yaml"

    @property
    def ids(self) -> pd.Series:
        return pd.read_csv(self.folder / "raw" / "people.csv", dtype=str)["person_id"]

    def settings(self, study: str) -> list[str]:
        return [f"study={study}", f"workspace={self.folder / study}", "needs.bootstrap=10"]

    def open(self, study: str) -> OpenStudy:
        return open_study(self.file, overrides=self.settings(study))

    def prepared(self, study: str) -> OpenStudy:
        opened = self.open(study)
        complete_interrupted(opened)
        run_stage(STAGES_IN_ORDER["prepare"], opened)
        return opened

    def out(self, verb: str, study: str, person: str) -> None:
        VERBS[verb](self.file, person=person, overrides=self.settings(study))

    def code(self, study: str, person: str, key: bytes = KEY) -> str:
        return study_pseudonyms(study, key).person(person)


def knows(opened: OpenStudy, code: str) -> list[str]:
    """Tables of a study that hold a person."""
    frames = {path.stem: pd.read_parquet(path) for path in opened.store.tables.glob("*.parquet")}
    return [name for name, frame in frames.items() if "person" in frame and (frame["person"] == code).any()]


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("everywhere") / "raw"
    simulate_into(folder, people=200, seed=4, world=World.NEEDS, waves=1)
    yaml, file = YAML(), folder / "study.yaml"
    content = yaml.load(file)
    content["data"] = "personal"
    yaml.dump(content, file)
    yield folder


@pytest.fixture
def place(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    shutil.copytree(raw, tmp_path / "raw")
    monkeypatch.setenv(VARIABLE, KEY.hex())
    monkeypatch.setenv(LEDGER, str(tmp_path / "ledgers"))
    return Place(tmp_path)


@pytest.mark.parametrize("verb", list(VERBS))
def test_a_later_study_under_the_key_leaves_the_person_out(place: Place, verb: str) -> None:
    person, other = place.ids[3], place.ids[5]
    first = place.prepared("first")
    assert knows(first, place.code("first", person))
    place.out(verb, "first", person)
    second = place.prepared("second")
    assert knows(second, place.code("second", person)) == []
    assert knows(second, place.code("second", other))
    assert list(Excluded.of(second).reasons.values()) == [verb]
    said = "\n".join(check_study(place.file, overrides=place.settings("third")))
    assert "under 5 people are left out" in said
    assert not (place.folder / "third").exists() or not list((place.folder / "third").rglob("*.db"))
    assert first.organisation is not None
    held = b"".join(path.read_bytes() for path in first.organisation.files if path.is_file())
    codes = [place.code(study, person) for study in ("first", "second")]
    for word in [*codes, organisation_ties(KEY).person(person)]:
        assert word.encode() not in held
    for study in ("first", "second"):
        assert audit_log(place.file, overrides=place.settings(study))


def test_a_study_that_stands_takes_the_person_out_before_it_does_anything_else(place: Place) -> None:
    person = place.ids[3]
    for study in ("first", "second"):
        place.prepared(study)
    place.out("object", "first", person)
    second = place.prepared("second")
    assert knows(second, place.code("second", person)) == []
    last = [event for event in events_of(second).events() if event.action == "object"]
    assert len(last) == 1
    place.out("erase", "first", person)
    second = place.prepared("second")
    assert list(Excluded.of(second).reasons.values()) == ["object"]  # until the exports are read again
    run_stage(STAGES_IN_ORDER["prepare"], second, force=True)
    assert list(Excluded.of(second).reasons.values()) == ["erase"]


def test_who_objected_first_is_erased_in_the_ledger_of_all_studies_too(place: Place) -> None:
    person, first = place.ids[3], place.prepared("first")
    shared, tie = shared_ledger_of(first), organisation_ties(KEY).person(person)
    assert shared is not None
    everyone = list(ties_in(first).values())
    shared.record({"pay": {"a": everyone}}, source="answers 2023", digests={"pay": "d"})
    place.out("object", "first", person)
    assert shared.groups_of(tie) == [("pay", "a")]
    place.out("erase", "first", person)
    assert shared.groups_of(tie) == []
    assert shared.verify() is None


def test_a_list_from_before_is_told_to_the_organisation_when_exports_are_read_again(place: Place) -> None:
    person, first = place.ids[3], place.prepared("first")
    place.out("erase", "first", person)
    shutil.rmtree(place.folder / "ledgers")  # as a version wrote it that told nobody
    run_stage(STAGES_IN_ORDER["prepare"], first, force=True)
    assert knows(place.prepared("second"), place.code("second", person)) == []


def test_it_goes_along_when_the_key_changes(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    person, _ = place.ids[3], place.prepared("first")
    place.out("erase", "first", person)
    new = place.folder / "new.key"
    new.write_text(NEW.hex(), encoding="utf-8")
    rekey_study(place.file, new_key_file=new, by="A. Officer", reason="yearly", overrides=place.settings("first"))
    monkeypatch.setenv(VARIABLE, NEW.hex())
    second = place.prepared("second")
    assert knows(second, place.code("second", person, NEW)) == []
    assert second.organisation is not None
    assert list(KeptOut(second.organisation).reasons().values()) == ["erase"]


def test_a_purge_is_of_one_study_whose_periods_it_follows(place: Place) -> None:
    first = place.prepared("first")
    assert first.organisation is not None
    book = KeptOut(first.organisation)
    assert book.reasons() == {}
    assert book.add(["00" * 16], "object") == 1
    assert book.add(["00" * 16], "object") == 0
    assert book.add(["00" * 16], "erase") == 1
    assert book.add(["00" * 16], "object") == 0
    assert list(book.reasons().values()) == ["erase"]


def test_new_people_are_not_assigned_who_stay_out(place: Place) -> None:
    survey = next((place.folder / "raw").glob("responses_*.csv"))
    person, first = pd.read_csv(survey, dtype=str)["person_id"][0], place.prepared("first")
    before = read_new_people(first, survey)
    place.out("object", "first", person)
    after = read_new_people(place.open("second"), survey)
    assert len(before) == len(after) + 1
    assert place.code("second", person) not in set(after["person"])
