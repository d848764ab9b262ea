"""Rights, retention and delivery: reaching every store, all or nothing, and written down once."""

from __future__ import annotations

import dataclasses
import datetime as dt
import importlib
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from typer.testing import CliRunner

from segment.cli import app
from segment.errors import Refusal, RefusedRelease
from segment.governance.pseudonyms import study_pseudonyms
from segment.segments.frozen import SegmentScorer
from segment.stages import STAGES_IN_ORDER, OpenStudy
from segment.stages.recovery import complete_interrupted
from segment.stages.release.ledgers import events_of, ledger_of
from segment.stages.rights.delivery import deliver_cards
from segment.stages.rights.erasure import Removal, remove
from segment.stages.rights.exclusion import Excluded, blank_attributes, reference_of
from segment.stages.rights.purge import people_due, purge_study
from segment.stages.rights.subject import erase_subject, export_subject, object_subject
from segment.stages.rights.traces import traces
from segment.store import read_json
from segment.workspace.transaction import JOURNAL, ROOM

if TYPE_CHECKING:
    from conftest import Walk

WAVE = "2024-03"
removing = importlib.import_module("segment.stages.rights.erasure")


@dataclasses.dataclass(frozen=True)
class Someone:
    """A copy of the walked study, and somebody in it who asked for a card."""

    walk: Walk
    workspace: Path
    raw: str
    code: str

    @property
    def options(self) -> list[str]:
        return [*self.walk.overrides, f"workspace={self.workspace}"]

    def open(self) -> OpenStudy:
        return self.walk.open(f"workspace={self.workspace}")

    def rows(self) -> int:
        tables = self.open().store.tables.glob("*.parquet")
        frames = (pd.read_parquet(path) for path in tables)
        return sum(int((frame["person"] == self.code).sum()) for frame in frames if "person" in frame)


@pytest.fixture
def someone(walked: Walk, organisation: Path, tmp_path: Path) -> Someone:
    shutil.copytree(walked.open().workspace, tmp_path / "work")
    opened = walked.open()
    raw = pd.read_csv(organisation / "responses_2024-03.csv", dtype=str)["person_id"]
    codes = study_pseudonyms(opened.config.study, opened.key).persons(raw)
    present = set(opened.store.read("cards")["person"]) & set(opened.store.read("risks")["person"])
    place = codes.isin(present).idxmax()
    return Someone(walked, tmp_path / "work", raw[place], codes[place])


def test_a_person_gets_everything_and_it_is_written_down_without_saying_who(someone: Someone, tmp_path: Path) -> None:
    out = tmp_path / "copy.json"
    said = export_subject(someone.walk.file, person=someone.raw, out=out, overrides=someone.options)
    copy = json.loads(out.read_text())
    assert sum(len(rows) for rows in copy["tables"].values()) == someone.rows()
    assert {"people", "responses", "assignments", "need_scores", "risks", "cards"} <= set(copy["tables"])
    assert len(copy["cards"]) == 2
    assert any(group.startswith("profiles: segment") for group in copy["counted_in_released_groups"])
    event = events_of(someone.open()).events()[-1]
    assert event.action == "export"
    assert event.detail["references"] == [reference_of(someone.open(), someone.code)]
    assert someone.raw not in "\n".join(said) + json.dumps(event.detail)
    assert someone.code not in "\n".join(said) + json.dumps(event.detail)
    assert out.stat().st_mode & 0o077 == 0


def test_an_erased_person_is_nowhere_the_books_verify_and_the_groups_stay_locked(someone: Someone) -> None:
    opened = someone.open()
    deliver_cards(someone.walk.file, overrides=someone.options)
    groups, head = ledger_of(opened).groups_of(someone.code), ledger_of(opened).head
    assert groups
    assert traces(opened, [someone.code])
    said = erase_subject(someone.walk.file, person=someone.raw, overrides=someone.options)
    assert f"{len(groups)} released groups stay locked" in "\n".join(said)
    assert traces(opened, [someone.code, someone.raw]) == []
    assert someone.rows() == 0
    ledger = ledger_of(opened)
    assert ledger.groups_of(someone.code) == []
    assert ledger.verify(head=head) is None
    assert events_of(opened).verify() is None
    assert [e.action for e in events_of(opened).events()].count("erase") == 1
    assert not list(opened.receipts.glob("*.json"))
    assert read_json(opened.store.model_path("segmentation").with_suffix(".json"))["refit_due"]
    assert opened.store.load_model("segmentation", SegmentScorer) is not None
    again = erase_subject(someone.walk.file, person=someone.raw, overrides=someone.options)
    assert again == ["This person was taken out before; there is nothing left to do."]


def test_the_raw_export_does_not_bring_an_erased_person_back(someone: Someone) -> None:
    before = len(someone.open().store.read("people"))
    own = int((someone.open().store.read("people")["person"] == someone.code).sum())
    erase_subject(someone.walk.file, person=someone.raw, overrides=someone.options)
    tables = STAGES_IN_ORDER["prepare"].run(someone.open()).tables
    assert len(tables["people"]) == before - own
    assert not any((frame["person"] == someone.code).any() for frame in tables.values() if "person" in frame)


def test_who_objects_stays_out_and_is_still_counted_in_what_was_released(someone: Someone) -> None:
    groups = ledger_of(someone.open()).groups_of(someone.code)
    said = object_subject(someone.walk.file, person=someone.raw, overrides=someone.options)
    assert "from now on this person stays out of every run" in "\n".join(said)
    assert someone.rows() == 0
    assert ledger_of(someone.open()).groups_of(someone.code) == groups
    erase_subject(someone.walk.file, person=someone.raw, overrides=someone.options)
    assert ledger_of(someone.open()).groups_of(someone.code) == []
    assert set(Excluded.of(someone.open()).reasons.values()) == {"erase"}


STEPS = ["_from_tables", "_from_handover", "_rewrite", "_mark_models", "_write_event_once", "forget"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("after", [False, True])
def test_an_interrupted_erasure_is_completed_by_what_runs_next(
    someone: Someone, monkeypatch: pytest.MonkeyPatch, step: str, after: bool
) -> None:
    real = getattr(removing, step)

    def stop(*args: object, **kwargs: object) -> object:
        if after:
            real(*args, **kwargs)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(removing, step, stop)
        remove(someone.open(), Removal((someone.code,), "erase", "test"))
    opened = someone.open()
    assert (opened.workspace / ROOM / JOURNAL).stat().st_mode & 0o077 == 0
    assert complete_interrupted(opened)
    assert not complete_interrupted(opened)
    assert traces(opened, [someone.code]) == []
    assert ledger_of(opened).groups_of(someone.code) == []
    assert [event.action for event in events_of(opened).events()].count("erase") == 1


def test_what_a_killed_process_left_half_written_goes_too(someone: Someone) -> None:
    opened = someone.open()
    half = opened.store.tables / ".people.parquet.x7f"
    shutil.copy(opened.store.table_path("people"), half)
    (opened.workspace / ROOM).mkdir()
    (opened.workspace / ROOM / f".{JOURNAL}.q1").write_text(someone.code)
    (opened.workspace / "handover" / ".2024-03.k2" / "cards").mkdir(parents=True)
    assert not complete_interrupted(opened)
    assert not (opened.workspace / ROOM).exists()
    remove(opened, Removal((someone.code,), "erase", "test"))
    assert not half.exists()
    assert traces(opened, [someone.code]) == []


@pytest.mark.parametrize("verb", [export_subject, erase_subject, object_subject])
def test_an_unknown_identifier_is_refused_and_not_repeated(someone: Someone, verb: Callable[..., list[str]]) -> None:
    with pytest.raises(Refusal, match="Nobody with this identifier is in the study") as told:
        verb(someone.walk.file, person="canary-4711", overrides=someone.options)
    assert "4711" not in str(told.value)
    assert traces(someone.open(), ["canary-4711"]) == []


def test_the_identifier_can_come_from_standard_input(someone: Someone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{someone.raw}\n"))
    assert erase_subject(someone.walk.file, person="-", overrides=someone.options)[0].startswith("Taken out: ")
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    with pytest.raises(Refusal, match="No identifier was given"):
        erase_subject(someone.walk.file, person="-", overrides=someone.options)


def test_cards_are_delivered_once_under_governance_and_written_down(someone: Someone) -> None:
    one = deliver_cards(someone.walk.file, person=someone.raw, overrides=someone.options)
    assert one[0] == "2 cards of 1 people delivered."
    folder = someone.workspace / "handover" / "delivered" / WAVE / someone.code
    assert sorted(path.name for path in folder.iterdir()) == [f"{someone.code}.en.html", f"{someone.code}.nl.html"]
    events = events_of(someone.open()).events()
    assert [event.action for event in events[-2:]] == ["grant", "deliver"]
    assert someone.code not in json.dumps(events[-1].detail)
    assert "nothing to do" in deliver_cards(someone.walk.file, person=someone.raw, overrides=someone.options)[0]
    assert len(events_of(someone.open()).events()) == len(events)
    (folder / f"{someone.code}.nl.html").write_text("older")
    assert deliver_cards(someone.walk.file, person=someone.raw, overrides=someone.options)[0].startswith("1 cards")


def test_nobody_gets_a_card_without_governance_or_without_asking(someone: Someone) -> None:
    with pytest.raises(RefusedRelease, match="this study has no governance"):
        deliver_cards(someone.walk.saying(governance=None).file, overrides=someone.options)
    assert not (someone.workspace / "handover" / "delivered").exists()
    with pytest.raises(Refusal, match="There is no card for this person"):
        deliver_cards(someone.walk.file, person="nobody", overrides=someone.options)


def test_people_whose_time_has_run_out_are_taken_out_by_relation(someone: Someone) -> None:
    opened, day = someone.open(), dt.date(2026, 6, 1)
    due, undated = people_due(opened, day)
    people = opened.store.read("people")
    last = people.sort_values(["person", "spell"]).drop_duplicates("person", keep="last").set_index("person")
    gone = last.loc[due.loc[due["relation"] != "candidate", "person"], "end_date"]
    assert len(gone) > 50
    assert gone.notna().all()
    assert (gone < pd.Timestamp("2024-06-02")).all()
    still = last.drop(index=due["person"])
    assert not ((still["end_date"] < pd.Timestamp("2024-05-30")) & (still["relation"] == "employee")).any()
    said = purge_study(someone.walk.file, today=day, overrides=someone.options)
    assert said[0].startswith(f"Taken out: {len(due)} people (")
    assert undated == 0 or f"{undated} people have no date" in said[-1]
    assert traces(opened, due["person"].tolist()) == []
    event = events_of(opened).events()[-1]
    assert event.action == "purge"
    assert event.detail["relations"] == due["relation"].value_counts().sort_index().to_dict()
    assert event.detail["references"] == []
    again = purge_study(someone.walk.file, today=day, overrides=someone.options)
    assert again[0] == "Nobody's retention period had run out on 2026-06-01."


def test_an_attribute_is_emptied_when_its_own_period_has_run_out(someone: Someone) -> None:
    opened = someone.walk.open(
        f"workspace={someone.workspace}", "sources.people.attributes.salary_band.retention_months=6"
    )
    people = opened.store.read("people")
    emptied = blank_attributes(opened, {"people": people}, dt.date(2026, 6, 1))["people"]
    left = emptied["end_date"] < pd.Timestamp("2025-11-01")
    alone = left & ~emptied["person"].duplicated(keep=False)
    assert alone.any()
    assert emptied.loc[alone, "salary_band"].isna().all()
    here = emptied["end_date"].isna()
    pd.testing.assert_series_equal(emptied.loc[here, "salary_band"], people.loc[here, "salary_band"])


@pytest.mark.parametrize(
    "words", [["audit"], ["deliver"], ["purge"], ["withdraw"], ["subject", "export"], ["subject", "erase"],
              ["subject", "object"]],
)  # fmt: skip
def test_every_verb_has_an_example(words: list[str]) -> None:
    told = CliRunner().invoke(app, [*words, "--help"])
    assert told.exit_code == 0
    assert "example:" in told.output


def test_a_wrong_day_is_wrong_usage_and_an_unknown_person_a_refusal(someone: Someone) -> None:
    settings = [part for option in someone.options for part in ("--set", option)]
    run = CliRunner().invoke(app, ["purge", str(someone.walk.file), *settings, "--today", "soon"])
    assert run.exit_code == 2
    run = CliRunner().invoke(app, ["subject", "erase", str(someone.walk.file), *settings, "--person", "nobody"])
    assert run.exit_code == 1
    assert "Nobody with this identifier" in run.output
