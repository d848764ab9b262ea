"""The audit holds what left against each release rule: a table that leaves with one of them switched off is found."""

from __future__ import annotations

import importlib
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from segment.disclosure.linked_tables import Request
from segment.disclosure.suppression import Suppression, suppress
from segment.errors import RefusedRelease
from segment.exports.manifest import NAME
from segment.privacy import ReleasedTable, ReleaseRules
from segment.stages import OpenStudy
from segment.stages.audit import audit_study
from segment.stages.counts import Population
from segment.stages.release.control import release_under_control
from segment.stages.release.ledgers import ledger_of
from segment.stages.release.plans import requests_of, rules_of
from segment.stages.release.records import keep_released
from segment.stages.release.sealed_facts import floor_of, seal_release
from segment.store import digest_file, read_json, save_json
from segment.tables import registry, spec_of
from segment.tables.registry import plan_of, released_tables
from segment.workspace.transaction import Transaction

if TYPE_CHECKING:
    from conftest import Walk

WAVE = "2024-03"
audit_stage = importlib.import_module("segment.stages.audit")
controlling = importlib.import_module("segment.stages.release.control")
holding = importlib.import_module("segment.stages.release_check")
hiding = importlib.import_module("segment.disclosure.hiding")
showing = importlib.import_module("segment.disclosure.presentation")


def refusal(walked: Walk, opened: OpenStudy) -> str:
    with pytest.raises(RefusedRelease) as told:
        audit_study(walked.file, overrides=[*walked.overrides, f"workspace={opened.workspace}"])
    return str(told.value)


@pytest.fixture
def tables_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """The audit without files and books, where a test is about the released tables and what is sealed with them."""
    without = {"_attack_files": None, "_outside_ledger": [], "_hold_against_shared": None, "unwitnessed_manifests": []}
    for name, answer in without.items():
        monkeypatch.setattr(audit_stage, name, lambda *args, answer=answer, **options: answer)
    for name in ("_hold_manifest", "_hold_tables", "_recompute"):
        monkeypatch.setattr(holding, name, lambda *args, **options: None)


def only_barred(cells: object, *, also: np.ndarray, **options: object) -> Suppression:
    found = suppress(cells, also=also, **options)  # type: ignore[arg-type]
    return Suppression(also & False, also & False, found.audit)


def leave(opened: OpenStudy, name: str) -> None:
    """Put a table where ``publish`` puts it, with every group shown, as if its floors were switched off."""
    request = next(r for r in requests_of(opened, WAVE) if r.name == name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hiding, "suppress", only_barred)
        table = request.release(rules=rules_of(opened))
    keep(opened, {name: table})
    seal(opened, request, table)


def keep(opened: OpenStudy, tables: Mapping[str, ReleasedTable]) -> None:
    """Put tables where ``publish`` puts them, and no others."""
    with Transaction(opened.workspace, doing="publish") as change:
        keep_released(opened, change, tables, WAVE)


def seal(opened: OpenStudy, request: Request, table: ReleasedTable) -> None:
    """Seal what is true of a table as ``publish`` would, and let the manifest speak of it."""
    facts = seal_release(opened, WAVE, [request], {table.name: table}, barred=(), response=None)
    ledger_of(opened).seal_facts(facts, study=opened.config.study, wave=WAVE)
    tell(opened, facts)


def tell(opened: OpenStudy, facts: str) -> None:
    """Name these facts in the manifest."""
    manifest = opened.workspace / "exports" / WAVE / NAME
    content = read_json(manifest)
    save_json(manifest, {**content, "certificate": {**content["certificate"], "facts": facts}})


def few_in_last(n: int) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Give the last segment's rows so many people."""
    return lambda frame: frame.assign(n=frame["n"].where(frame["segment"] != frame["segment"].max(), n))


def of_most_exits(frame: pd.DataFrame) -> pd.Series:
    """The rows of the segment whose curve has the most steps: one with few exits is told nowhere as it is."""
    return frame["segment"] == frame.dropna(subset="segment").sort_values("events")["segment"].iloc[-1]


def few_watched(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(n=frame["n"].mask(of_most_exits(frame), 29))


def few_exits(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(events=frame["events"].mask(of_most_exits(frame), frame["events"].clip(upper=9)))


#: Rule -> table whose last segment falls under it, and what it then looks like in the store.
FLOORS: dict[str, tuple[str, Callable[[pd.DataFrame], pd.DataFrame]]] = {
    "scores 5": ("profiles", few_in_last(4)),
    "rates 10": ("journey", few_in_last(9)),
    "words 10": ("segment_outcomes", few_in_last(9)),
    "segments 30": ("segments", few_in_last(29)),
    "segments 5 %": ("segments", few_in_last(30)),
    "curves 30 people": ("curves", few_watched),
    "curves 10 exits": ("curves", few_exits),
}


@pytest.mark.usefixtures("tables_only")
@pytest.mark.parametrize("rule", FLOORS)
def test_a_group_under_its_floor_is_found(walked: Walk, copied: OpenStudy, rule: str) -> None:
    name, change = FLOORS[rule]
    copied.store.write(name, change(copied.store.read(name)))
    leave(copied, name)
    told = refusal(walked, copied)
    assert f"{name}," in told or f"{name} (" in told
    assert "shown, and smaller than its floor or barred" in told


def test_what_weighs_in_a_group_of_twenty_nine_is_under_its_floor(walked: Walk, copied: OpenStudy) -> None:
    driver = {name: plan for name, plan in released_tables().items() if plan.kind == "driver" and plan.groups}
    assert {"drivers", "segment_effects"} <= set(driver)
    assert {
        floor_of(Request(name, pd.DataFrame(), plan.groups, ""), rules_of(copied)) for name, plan in driver.items()
    } == {ReleaseRules().min_driver}


@pytest.mark.usefixtures("tables_only")
@pytest.mark.parametrize(("response", "words"), [(0.39, "too few of those asked"), (0.59, "the reader is not warned")])
def test_answers_of_few_are_found(
    walked: Walk, copied: OpenStudy, monkeypatch: pytest.MonkeyPatch, response: float, words: str
) -> None:
    monkeypatch.setattr(controlling, "response_rate", lambda opened, wave: response)
    monkeypatch.setattr(controlling, "requests_of", lambda opened, wave, **options: requests_of(opened, wave))
    keep(copied, release_under_control(copied, wave=WAVE).tables)
    tell(copied, list(ledger_of(copied).facts())[-1])
    assert words in refusal(walked, copied)


def test_figures_of_before_may_stand_though_one_who_was_erased_took_the_response_below_the_floor() -> None:
    """To hide them, or to refuse the audit, would say that the one who is gone had answered."""
    rows = pd.DataFrame({"status": ["shown", "hidden"], "earlier": [True, None]})
    facts = SimpleNamespace(few=True, warn=True)
    few = [
        audit_stage._too_few_answered(None, SimpleNamespace(facts=facts, tables={"profiles": table}))
        for table in (rows, rows.assign(earlier=None), rows.drop(columns="earlier"))
    ]
    assert [len(one) for one in few] == [0, 1, 1]


def test_the_share_who_answered_is_the_one_that_was_told() -> None:
    """One who is gone moves it over the edge of a percent, and the numbers beside it stay."""
    control = controlling.Control({}, response=270 / 668, people=Population(669, 271, 271, {}))
    assert dict(control.notes)["control.note.response"] == {"percent": "41"}


@pytest.mark.usefixtures("tables_only")
def test_three_groupings_at_once_are_found(walked: Walk, copied: OpenStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = spec_of("profiles")
    plan = replace(plan_of("profiles"), groups=("segment", "need", "measure"), lines=())
    monkeypatch.setitem(registry._KNOWN, "profiles", replace(spec, release=plan))
    assert "profiles, all groups: more than two groupings at once" in refusal(walked, copied)


@pytest.mark.usefixtures("tables_only")
def test_two_decimals_of_a_share_and_three_are_told_apart(
    walked: Walk, copied: OpenStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        showing, "round_shares", lambda v, hidden, **_: (np.where(hidden, np.nan, np.round(v, 3)), hidden & False)
    )
    request = next(r for r in requests_of(copied, WAVE) if r.name == "journey")
    table = request.release(rules=rules_of(copied))
    keep(copied, {"journey": table})
    seal(copied, request, table)
    assert "more than 2 decimals" in refusal(walked, copied)


def test_files_that_were_changed_by_hand_are_named(walked: Walk, copied: OpenStudy) -> None:
    folder, names = copied.workspace / "exports" / WAVE, ["report.nl.html", "segments.en.xlsx", "actions.csv"]
    for name in names:
        (folder / name).write_bytes((folder / name).read_bytes() + b" ")
    told = refusal(walked, copied)
    assert all(f"{name} is not the file its manifest lists" in told for name in names)


def test_a_number_in_a_workbook_that_no_table_holds_is_found_with_the_files_name(
    walked: Walk, copied: OpenStudy
) -> None:
    """A cell is changed and the manifest with it, as a faulty renderer would."""
    folder = copied.workspace / "exports" / WAVE
    book = folder / "segments.en.xlsx"
    with zipfile.ZipFile(book) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    sheet = next(name for name, text in sorted(parts.items()) if re.search(rb"<v>\d+\.\d+</v>", text))
    parts[sheet] = re.sub(rb"<v>\d+\.\d+</v>", b"<v>71.8281</v>", parts[sheet], count=1)
    with zipfile.ZipFile(book, "w") as packed:
        for name, text in parts.items():
            packed.writestr(name, text)
    manifest = read_json(folder / NAME)
    manifest["files"][book.name] = digest_file(book)
    save_json(folder / NAME, manifest)
    assert "segments.en.xlsx, a group: a number that no released table holds" in refusal(walked, copied)
