"""The audit passes what publish lets out, and refuses as soon as any rule is switched off or a book is changed."""

from __future__ import annotations

import importlib
import json
import shutil
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from segment.disclosure import figures, linked_tables
from segment.disclosure.ledger import release_ledger
from segment.disclosure.suppression import Suppression, suppress
from segment.errors import NotReady, RefusedRelease
from segment.exports.manifest import NAME, write_manifest
from segment.exports.story import Story
from segment.exports.verify import verify
from segment.stages import STAGES_IN_ORDER, OpenStudy, run_stage
from segment.stages.audit import audit_log, audit_study, people_of
from segment.stages.release.proof import TABLES
from segment.store import digest_file, read_json, save_json

if TYPE_CHECKING:
    from conftest import Walk

WAVE = "2024-03"
#: The modules; the packages use the same words for functions.
hiding = importlib.import_module("segment.disclosure.hiding")
showing = importlib.import_module("segment.disclosure.presentation")
publish = importlib.import_module("segment.stages.publish")


def audit(walked: Walk, opened: OpenStudy) -> list[str]:
    return audit_study(walked.file, overrides=[*walked.overrides, f"workspace={opened.workspace}"])


def only_a_manifest(
    story: Story, directory: Path, *, extra: Mapping[str, str | bytes], before: Sequence[str] = ()
) -> list[str]:
    """What stands in for the files of HR where a test is about the released tables: these, and the manifest."""
    directory.mkdir(parents=True)
    (directory / TABLES).write_text(str(extra[TABLES]), encoding="utf-8")
    write_manifest(
        directory, study_digest=story.study_digest, certificate=story.certificate, files=[TABLES], before=before
    )
    return [TABLES, NAME]


def publish_anew(opened: OpenStudy, patch: pytest.MonkeyPatch) -> None:
    """Publish the tables as if nothing had been published before."""
    patch.setattr(publish, "make_exports", only_a_manifest)
    patch.setattr(publish, "hand_over", lambda *given, **named: [])
    for name in ("exports", "released", "earlier"):
        shutil.rmtree(opened.workspace / name, ignore_errors=True)
    for name in ("ledger.db", "members.db"):
        (opened.workspace / name).unlink()
    run_stage(STAGES_IN_ORDER["publish"], opened, force=True)


def only_primary(cells: object, **options: object) -> Suppression:
    found = suppress(cells, **options)  # type: ignore[arg-type]
    return Suppression(found.primary & found.hidden, found.primary, found.audit)


def nothing_hidden(cells: object, **options: object) -> Suppression:
    found = suppress(cells, **options)  # type: ignore[arg-type]
    return Suppression(found.hidden & False, found.primary & False, found.audit)


def with_a_small_department(opened: OpenStudy) -> None:
    """Four people in one department, and so many fewer of everyone: what fewer than five have makes no row."""
    table = opened.store.read("response").reset_index(drop=True)
    small = int(table["n"].where(table["group"].notna()).idxmin())
    fewer = table.loc[small, "n"] - 4
    table.loc[small, "n"] = 4
    opened.store.write("response", table.assign(n=table["n"].where(table["group"].notna(), table["n"] - fewer)))


def test_what_was_published_withstands_the_audit(walked: Walk, copied: OpenStudy) -> None:
    said = "\n".join(audit(walked, copied))
    files = [path for path in (copied.workspace / "exports" / WAVE).rglob("*") if path.is_file()]
    assert len(files) > 30 and said.startswith(f"Audit of 1 releases: {len(files)} files, ")
    assert "Nothing about a small group or a single person could be recovered." in said
    assert f"looked for in every file: {len(people_of(copied)):,}; found: 0" in said


def test_a_release_passes_its_own_proof_and_the_run_names_its_number(copied: OpenStudy) -> None:
    folder = copied.workspace / "exports" / WAVE
    check, number = verify(folder)
    assert check.found == []
    assert check.sums > 10
    records = copied.store.read("records_publish")
    assert number in set(records.loc[records["name"] == "head.release", "value"])


RULES: dict[str, tuple[Callable[[pytest.MonkeyPatch], object], str]] = {
    "floors": (
        lambda patch: (
            patch.setattr(hiding, "suppress", nothing_hidden),
            patch.setattr(release_ledger.ReleaseLedger, "conflicts", lambda *args, **kwargs: []),
        ),
        "smaller than its floor",
    ),
    "complementary hiding": (lambda patch: patch.setattr(hiding, "suppress", only_primary), "can be worked out"),
    "bands of people": (
        lambda patch: patch.setattr(showing, "people_band", lambda n: figures.people_band(n, exact_from=5)),
        "an exact number where only a band may stand",
    ),
    "decimals of means": (
        lambda patch: patch.setattr(
            showing,
            "told_figures",
            lambda _, values, digits, hidden: np.where(hidden, np.nan, np.round(values, digits + 2)),
        ),
        "more than 1 decimals",
    ),
    "bands of shares": (
        lambda patch: patch.setattr(
            showing, "round_shares", lambda v, hidden, **_: (np.where(hidden, np.nan, np.round(v, 2)), hidden & False)
        ),
        "nearly everyone or nobody",
    ),
    "blanking hidden figures": (
        lambda patch: patch.setattr(
            showing, "told_figures", lambda _, values, digits, hidden: np.round(values, digits)
        ),
        "figures of a hidden group",
    ),
    "writing the ledger": (
        lambda patch: patch.setattr(release_ledger.ReleaseLedger, "record", lambda *args, **kwargs: []),
        "left without being in the ledger",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES)
def test_without_a_rule_the_audit_refuses(
    walked: Walk, copied: OpenStudy, monkeypatch: pytest.MonkeyPatch, rule: str
) -> None:
    switch_off, words = RULES[rule]
    if rule == "complementary hiding":
        with_a_small_department(copied)
    with monkeypatch.context() as patch:
        switch_off(patch)
        publish_anew(copied, patch)
    with pytest.raises(RefusedRelease, match=words):
        audit(walked, copied)


@pytest.mark.slow
def test_without_asking_the_ledger_a_second_release_gives_people_away_and_the_audit_says_so(
    walked: Walk, copied: OpenStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = copied.store.read("assignments")
    moved = rows.index[(rows["wave"] == WAVE) & (rows["segment"] == 0)][:3]
    rows.loc[moved, "segment"] = 1
    copied.store.write("assignments", rows)
    with monkeypatch.context() as patch:
        for asked in ("conflicts", "changed"):  # of groups, and of who of them left
            patch.setattr(release_ledger.ReleaseLedger, asked, lambda *args, **kwargs: [])
        profiles = copied.store.read("profiles")
        copied.store.write("profiles", profiles.assign(mean=profiles["mean"] + 0.1))
        STAGES_IN_ORDER["publish"].run(copied)
    with pytest.raises(RefusedRelease, match="differs by a few people from"):
        audit(walked, copied)


@pytest.mark.slow
def test_a_linked_table_that_gives_a_group_away_is_found(
    walked: Walk, copied: OpenStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = copied.store.read("profiles")
    own = (table["wave"] == WAVE) & (table["segment"] == 3)
    copied.store.write("profiles", table.assign(n=table["n"].where(~own, 8)))
    with monkeypatch.context() as patch:
        patch.setattr(linked_tables, "_given_away", lambda requests, released: [])
        publish_anew(copied, patch)
    with pytest.raises(RefusedRelease, match=r"shortfalls .*segment 3: its size can be worked out"):
        audit(walked, copied)


def rewrite(opened: OpenStudy, name: str, change: Callable[[str], str]) -> None:
    """Change a file for HR and its line in the manifest, as a faulty renderer would."""
    folder = opened.workspace / "exports" / WAVE
    (folder / name).write_text(change((folder / name).read_text(encoding="utf-8")), encoding="utf-8")
    manifest = read_json(folder / "manifest.json")
    manifest["files"][name] = digest_file(folder / name)
    save_json(folder / "manifest.json", manifest)


def test_a_number_of_people_that_no_table_shows_is_found(walked: Walk, copied: OpenStudy) -> None:
    content = json.loads((copied.workspace / "released" / WAVE / "promises.json").read_text())
    n = content["data"][0][content["columns"].index("n")]
    assert f">{n}<" in (copied.workspace / "exports" / WAVE / "method.en.html").read_text(encoding="utf-8")
    rewrite(copied, "method.en.html", lambda page: page.replace(f">{n}<", ">4321<"))
    with pytest.raises(RefusedRelease, match="a number of people that no released table shows"):
        audit(walked, copied)


def test_a_pseudonym_in_a_page_is_found(walked: Walk, copied: OpenStudy) -> None:
    person = sorted(people_of(copied))[0]
    rewrite(
        copied, "segment_1.nl.html", lambda page: page.replace("</body>", f"<!-- {person} --><p>{person}</p></body>")
    )
    with pytest.raises(RefusedRelease, match=r"segment_1\.nl\.html, a person: the pseudonym of a person") as told:
        audit(walked, copied)
    assert person not in str(told.value)


def test_a_changed_file_and_a_foreign_ledger_are_found(walked: Walk, copied: OpenStudy) -> None:
    page = copied.workspace / "exports" / WAVE / "actions.csv"
    page.write_bytes(page.read_bytes() + b"\n")
    (copied.workspace / "ledger.db").unlink()
    with pytest.raises(RefusedRelease) as told:
        audit(walked, copied)
    assert "actions.csv is not the file its manifest lists" in str(told.value)
    assert "the ledger is not the one that the manifest of 2024-03 speaks of" in str(told.value)


def test_the_books_verify_until_a_line_is_changed(walked: Walk, copied: OpenStudy) -> None:
    options = [*walked.overrides, f"workspace={copied.workspace}"]
    said = audit_log(walked.file, overrides=options)
    assert said[0].startswith("Event log: 8 events, unchanged")
    assert said[1].startswith("Release ledger: ")
    with sqlite3.connect(copied.workspace / "ledger.db") as book:
        book.executescript("DROP TRIGGER events_keep_lines")
        book.execute("UPDATE events SET content = replace(content, 'segments', 'segmentz')")
    with pytest.raises(RefusedRelease, match=r"Line 2 of events in ledger\.db is not as it was written"):
        audit_log(walked.file, overrides=options)


def test_without_a_release_there_is_nothing_to_attack(walked: Walk, tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="released nothing yet"):
        audit_study(walked.file, overrides=[*walked.overrides, f"workspace={tmp_path}"])
