"""What stands out in a hidden segment is as hidden as its figures: not by its rows, not by its name."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from segment.exports.actions_list import render_actions
from segment.exports.report import render_report
from segment.exports.story import Story
from segment.exports.workbook import render_workbook
from segment.segments.names import name_rows
from segment.segments.profiling import profile_segments
from segment.stages import OpenStudy
from segment.stages.release.control import release_under_control
from segment.stages.release.sealed_facts import as_data
from segment.stages.report_context import tell
from segment.stages.segmentation.naming import names_of
from segment.tables.registry import released_tables

if TYPE_CHECKING:
    from conftest import Walk


report_context = importlib.import_module("segment.stages.report_context")

WAVE = "2024-03"
HIDDEN, OTHER, FEW = 0, 1, 4
NAMES = {HIDDEN: {"nl": "Verzonnen naam", "en": "Invented name"}}


@pytest.fixture
def copy(walked: Walk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], OpenStudy]:
    """Makes a further copy of the walked workspace, under books of its own."""

    def copy(name: str) -> OpenStudy:
        monkeypatch.setenv("SEGMENT_LEDGER", str(tmp_path / f"{name}-ledger"))
        shutil.copytree(walked.open().workspace, tmp_path / name)
        return walked.open(f"workspace={tmp_path / name}")

    return copy


def with_four_people(opened: OpenStudy, *, like_another: bool) -> OpenStudy:
    """Segment 1 has four people in every table that leaves; ``like_another``: with all that segment 2 is.

    Curves keep their own rows: until which month enough people are watched is a number of people.
    """
    for name, plan in released_tables().items():
        source = plan.made_of or name
        if plan.groups != ("segment",) or not opened.store.has(source):
            continue
        rows = opened.store.read(source)
        own, other = rows["segment"] == HIDDEN, rows["segment"] == OTHER
        if not own.any() or "n" not in rows:
            continue
        few = (
            (rows[other] if like_another and plan.kind != "curves" else rows[own])
            .assign(segment=HIDDEN, n=FEW)
            .astype(rows.dtypes.to_dict())
        )
        opened.store.write(source, pd.concat([few, rows[~own]]).sort_values(["segment"], kind="stable"))
    if like_another:
        names = opened.store.read("segment_names")
        few = (
            names[names["segment"] == HIDDEN].drop(columns="called").merge(name_rows(NAMES), on=["segment", "language"])
        )
        opened.store.write("segment_names", pd.concat([few, names[names["segment"] != HIDDEN]]))
    return opened


def told(opened: OpenStudy) -> tuple[dict[str, object], Story]:
    control = release_under_control(opened, wave=WAVE)
    return {name: as_data(table) for name, table in control.tables.items()}, tell(opened, control.tables, wave=WAVE)


def test_what_a_hidden_segment_is_like_changes_no_released_byte(copy: Callable[[str], OpenStudy]) -> None:
    """The attack: read in the files what stands out in a segment of four people, which questions and which actions."""
    (first, one), (second, two) = (
        told(with_four_people(copy(name), like_another=like)) for name, like in (("own", False), ("another", True))
    )
    assert {"exemplars", "plans", "segments", "profiles"} <= set(first)
    hidden = [
        row for row in first["exemplars"]["data"] if row[first["exemplars"]["columns"].index("segment")] == HIDDEN
    ]  # type: ignore[index]
    assert len(hidden) == 1, "one bare row says that the segment is there"
    assert [name for name in first if first[name] != second[name]] == []
    assert one.segment_names == two.segment_names
    assert HIDDEN not in one.segment_names
    assert one.segment_names
    assert render_actions(one) == render_actions(two)
    for language in one.languages:
        assert render_report(one, language) == render_report(two, language)
        assert render_workbook(one, language) == render_workbook(two, language)


def test_a_note_on_what_became_of_segments_calls_a_hidden_one_by_its_number() -> None:
    rows = pd.DataFrame({"segment": [0, 1], "status": "kept"})
    opened = SimpleNamespace(store=SimpleNamespace(read_or_empty=lambda _: rows))
    [(key, said)] = report_context._identity_notes(opened, {1: {"nl": "Beloning", "en": "Pay"}})
    assert (key, said["names"]) == ("publish.note.identity.kept", {"nl": "Segment 1; Beloning", "en": "Segment 1; Pay"})


@pytest.mark.parametrize("written", ["now", "before"])
def test_a_segment_that_is_gone_has_a_name_only_where_some_release_showed_it(
    monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    called = {0: {"nl": "Getoond", "en": "Shown"}, 3: {"nl": "Nooit getoond", "en": "Never shown"}}
    tables = {
        "identity": pd.DataFrame({"segment": None, "earlier": [0, 3], "status": "gone"}),
        "earlier_names": name_rows(called, of="earlier"),
    }
    opened = SimpleNamespace(store=SimpleNamespace(read_or_empty=lambda name: tables[name]))
    told = {"nl": "Getoond", "en": "Shown"}
    books = {
        "now": {"segment_names": name_rows({0: told}).to_dict("records"), "segments": [{"segment": 0, "share": 0.5}]},
        "before": {"segments": [{"segment": 0, **{f"name_{language}": name for language, name in told.items()}}]},
    }
    released = books[written]
    monkeypatch.setattr(
        report_context, "ledger_of", lambda _: SimpleNamespace(rows=lambda name: released.get(name, []))
    )
    [(key, said)] = report_context._identity_notes(opened, {})
    assert (key, said["names"]) == (
        "publish.note.identity.gone",
        {"nl": "Getoond; Segment 4", "en": "Shown; Segment 4"},
    )


def test_a_segment_of_fewer_than_ten_people_has_no_name_and_no_other_is_told_apart_from_it() -> None:
    """A name goes on in later waves: of few people it would say what stood out in them when they were hidden."""
    scores = pd.DataFrame({"pay": [2.0] * 20 + [-1.0] * 20 + [2.1] * 4, "time": [-1.0] * 20 + [1.0] * 20 + [-1.1] * 4})
    own = [[1, 0, 0]] * 20 + [[0, 1, 0]] * 20 + [[0, 0, 1]] * 4
    profiles = profile_segments(scores, own).assign(wave=WAVE)
    words = {need: {"nl": need, "en": need} for need in scores}
    codebook = SimpleNamespace(need_name=lambda need, lang: words[need][lang])
    found = SimpleNamespace(
        selector=SimpleNamespace(n_segments_=3, kind_="natural"), basis=SimpleNamespace(needs=list(scores)), wave=WAVE
    )
    names = names_of(profiles, codebook, found, {}, few=[2])
    alone = names_of(profiles[profiles["segment"] != 2], codebook, found, {})
    assert names == {**alone, 2: {"nl": "Segment 3", "en": "Segment 3"}}
    assert names_of(profiles, codebook, found, {}) != names
    assert set(names_of(profiles, codebook, found, {}, few=[0, 1, 2])) == {0, 1, 2}
    found.selector.kind_ = "made"
    assert names_of(profiles, codebook, found, {}, few=[2])[2] == {"nl": "Groep 3", "en": "Group 3"}
