"""Release control: the ledger is asked before anything leaves, and what it bars is named and hidden everywhere."""

from __future__ import annotations

import dataclasses
import importlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from segment.disclosure.linked_tables import EVERYONE
from segment.locale import say
from segment.stages import STAGES_IN_ORDER, OpenStudy, run_stage
from segment.stages.release.control import Control, release_under_control
from segment.stages.release.group_members import KNOWN_BY_NAME, people_behind, response_rate, source_of
from segment.stages.release.history import releases_on_record, withdraw
from segment.stages.release.ledgers import ledger_of
from segment.stages.release.plans import requests_of, rules_of
from segment.tables.registry import plan_of

if TYPE_CHECKING:
    from conftest import Walk

WAVE = "2024-03"
releasing = importlib.import_module("segment.stages.release.plans")


@pytest.fixture
def copy(walked: Walk, tmp_path: Path) -> Callable[[], OpenStudy]:
    """Makes a copy of the walked workspace when it is asked to, and opens it."""

    def copy() -> OpenStudy:
        shutil.copytree(walked.open().workspace, tmp_path / "work")
        return walked.open(f"workspace={tmp_path / 'work'}")

    return copy


def anew(control: Control, table: str) -> pd.DataFrame:
    """The rows of a table that are shown, and were not published before."""
    frame = control.tables[table].frame
    kept = frame["earlier"] if "earlier" in frame else pd.Series(False, index=frame.index)
    return frame[(frame["status"] != "hidden") & ~kept]


def move_three(opened: OpenStudy) -> None:
    """Three people of segment 0 come out in segment 1, in the tables that speak of the wave."""
    store = opened.store
    rows = store.read("assignments")
    own = rows.index[(rows["wave"] == WAVE) & (rows["segment"] == 0)][:3]
    rows.loc[own, "segment"] = 1
    store.write("assignments", rows)
    for name in ("segments", "profiles"):
        table = store.read(name)
        for segment, change in ((0, -3), (1, 3)):
            table.loc[(table["wave"] == WAVE) & (table["segment"] == segment), "n"] += change
        store.write(name, table)


def test_the_people_behind_a_figure_are_as_many_as_it_says(walked: Walk) -> None:
    opened = walked.open()
    compared = 0
    for request in requests_of(opened, WAVE):
        people = people_behind(opened, plan_of(request.name).people, WAVE)
        if people is None:
            continue
        assert tuple(people.columns) == ("person", *KNOWN_BY_NAME[plan_of(request.name).people].groups), request.name
        if not request.groups or request.name == "curves":
            continue
        frame = request.frame
        if request.name == "scorecard":  # exits come from spells and stand beside the answers
            frame = frame[frame["measure"] != "voluntary_exits"]
        for name, rows in frame.groupby(request.names(frame)):
            inside = people
            for column in request.groups if name != EVERYONE else ():
                inside = inside[inside[column] == rows[column].iloc[0]]
            assert rows["n"].max() <= len(inside), (request.name, name)
            if request.name in ("segments", "leaving", "migration"):
                assert rows["n"].max() == len(inside), (request.name, name)
            compared += 1
    assert compared > 30


def test_the_first_release_bars_nothing_and_is_in_the_ledger_and_the_manifest(walked: Walk) -> None:
    opened = walked.open()
    manifest = json.loads((opened.workspace / "exports" / WAVE / "manifest.json").read_text())
    ledger = ledger_of(opened)
    assert manifest["certificate"]["barred"] == manifest["certificate"]["sealed"] == []
    assert manifest["certificate"]["ledger"] == {"entries": ledger.public_head[0], "head": ledger.public_head[1]}
    assert {"segments", "profiles", "shortfalls", "leaving", "curves"} <= {e.table for e in ledger.entries()}
    assert ledger.verify() is None


def _as_before(opened: OpenStudy) -> Callable[..., list[str]]:
    """Makes the files of a release as they stand already."""
    folder = opened.workspace / "exports" / WAVE

    def made(story: object, fresh: Path, **named: object) -> list[str]:
        shutil.copytree(folder, fresh)
        return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]

    return made


def test_releasing_the_same_again_adds_nothing(copy: Callable[[], OpenStudy], monkeypatch: pytest.MonkeyPatch) -> None:
    opened = copy()
    publish = importlib.import_module("segment.stages.publish")
    monkeypatch.setattr(publish, "make_exports", _as_before(opened))  # the files are the same; not drawn twice
    monkeypatch.setattr(publish, "hand_over", lambda *given, **named: [])
    before = ledger_of(opened).head
    control = release_under_control(opened, wave=WAVE)
    assert control.barred == control.sealed == ()
    assert ledger_of(opened).head == before
    run_stage(STAGES_IN_ORDER["publish"], opened, force=True)
    assert [r.files for r in releases_on_record(opened.workspace)] == [opened.workspace / "exports" / WAVE]


def test_when_three_people_move_their_groups_are_hidden_and_named(copy: Callable[[], OpenStudy]) -> None:
    opened = copy()
    first = release_under_control(opened, wave=WAVE).tables
    move_three(opened)
    control = release_under_control(opened, wave=WAVE)
    assert {("segments", "segment 0"), ("segments", "segment 1"), ("profiles", "segment 0")} <= set(control.barred)
    # Figures and places of one segment that move with the others.
    of_others = {"attractiveness", "segment_effects", "shortfalls", "stability", "leaving", "plans"}
    assert {table for table, group in control.barred if group == "segment 2"} <= of_others
    sizes, before = (table.frame.set_index("segment") for table in (control.tables["segments"], first["segments"]))
    assert sizes.loc[[0, 1], "earlier"].all()
    pd.testing.assert_frame_equal(sizes.drop(columns="earlier"), before)
    told = [say(key, "en", **values) for key, values in control.notes]
    assert any("segments: segment 1, segment 2" in sentence for sentence in told)
    assert told[0].startswith("For the groups below, the figures published earlier stand.")
    again = release_under_control(opened, wave=WAVE)
    assert (again.barred, again.head) == (control.barred, control.head)


def test_the_report_names_them_and_the_earlier_release_is_kept_until_withdrawn(
    copy: Callable[[], OpenStudy], walked: Walk
) -> None:
    opened = copy()
    move_three(opened)
    run_stage(STAGES_IN_ORDER["publish"], opened, force=True)
    exports = opened.workspace / "exports" / WAVE
    assert "Geen nieuwe cijfers in segmenten: segment 1, segment 2" in (exports / "report.nl.html").read_text()
    assert "segments: segment 0" in json.loads((exports / "manifest.json").read_text())["certificate"]["barred"]
    earlier, now = (record.files for record in releases_on_record(opened.workspace))
    assert now == exports
    assert (earlier / "report.nl.html").read_bytes() == (
        walked.open().workspace / "exports" / WAVE / "report.nl.html"
    ).read_bytes()
    options = [*walked.overrides, f"workspace={opened.workspace}"]
    said = withdraw(walked.file, by="A. Reviewer", reason="old files destroyed", overrides=options)
    assert "taken back (decided by A. Reviewer)" in said
    assert releases_on_record(opened.workspace) == []
    assert "WITHDRAWN" in (exports / "WITHDRAWN.txt").read_text()
    assert release_under_control(opened, wave=WAVE).barred == ()


def test_when_everyone_changes_by_one_everyones_mean_goes_from_every_table(
    copy: Callable[[], OpenStudy],
) -> None:
    opened = copy()
    rows = opened.store.read("responses")
    gone = rows.loc[rows["wave"] == WAVE, "person"].iloc[0]
    for name in ("responses", "assignments"):
        frame = opened.store.read(name)
        opened.store.write(name, frame[(frame["person"] != gone) | (frame["wave"] != WAVE)])
    control = release_under_control(opened, wave=WAVE)
    assert ("profiles", EVERYONE) in control.barred
    assert anew(control, "profiles")["overall"].isna().all()
    for name in ("shortfalls", "promises", "journey", "scorecard"):
        assert anew(control, name)["segment"].notna().all(), name


@pytest.mark.parametrize("renamed", ["wave", "study"])
def test_the_same_answers_under_another_name_are_the_same_source(
    copy: Callable[[], OpenStudy], monkeypatch: pytest.MonkeyPatch, renamed: str
) -> None:
    """One person left; whatever the wave or the study is called then, no group shows one person fewer."""
    opened = copy()
    rows = opened.store.read("responses")
    gone = rows.loc[rows["wave"] == WAVE, "person"].iloc[0]
    for name in ("responses", "assignments"):
        frame = opened.store.read(name)
        opened.store.write(name, frame[(frame["person"] != gone) | (frame["wave"] != WAVE)])
    if renamed == "study":
        real = releasing.source_of
        monkeypatch.setattr(releasing, "source_of", lambda *given: real(*given).replace(" of small", " of other"))
        wave = WAVE
    else:
        wave = f"{WAVE}b"
        for path in opened.store.tables.glob("*.parquet"):
            frame = opened.store.read(path.stem)
            if "wave" in frame:
                opened.store.write(path.stem, frame.assign(wave=frame["wave"].replace({WAVE: wave})))
    control = release_under_control(opened, wave=wave)
    assert {("profiles", EVERYONE), ("promises", EVERYONE), ("journey", EVERYONE)} <= set(control.barred)
    for name in ("profiles", "segments", "promises"):
        assert anew(control, name)["segment"].notna().all(), name


def test_tables_made_on_a_hold_out_are_released_once(copy: Callable[[], OpenStudy]) -> None:
    opened = copy()
    table = opened.store.read("calibration")
    opened.store.write("calibration", table.assign(observed=table["observed"].clip(lower=0.3)))
    control = release_under_control(opened, wave=WAVE)
    assert control.sealed == ("calibration",)
    assert anew(control, "calibration").empty
    assert control.tables["calibration"].hidden < len(control.tables["calibration"].frame)


def test_few_answers_are_warned_of_and_too_few_hidden(copy: Callable[[], OpenStudy]) -> None:
    opened = copy()
    rate = response_rate(opened, WAVE)
    assert rate is not None
    assert 0.4 < rate < 1
    requests = requests_of(opened, WAVE, response=0.39)
    low = {r.name: r.release(rules=rules_of(opened)) for r in requests if r.name in ("segments", "leaving")}
    assert low["segments"].hidden == len(low["segments"].frame)
    assert low["leaving"].hidden == 0
    warned = dataclasses.replace(Control({}), response=0.55).notes
    assert say(warned[0][0], "en", **warned[0][1]).startswith("Only 55% answered")
    assert Control({}, response=0.61).notes == ()


def test_only_moves_into_the_wave_from_the_one_before_are_released(walked: Walk) -> None:
    frames = {r.name: r.frame for r in requests_of(walked.open(), WAVE)}
    assert set(frames["migration"]["wave_to"]) == {WAVE}


def test_an_outcome_that_was_asked_for_is_a_source_of_its_own(walked: Walk) -> None:
    assert source_of(walked.open(), "present", WAVE) == "spells"
    asked = walked.open("outcome.kind=horizon", "outcome.source=responses", "outcome.column=Q_stay")
    kinds = ("wave", "present", "moves")
    assert len({source_of(asked, kind, WAVE) for kind in kinds}) == 3
    assert all(source_of(asked, kind, WAVE).startswith("answers") for kind in kinds)
