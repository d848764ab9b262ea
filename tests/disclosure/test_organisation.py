"""The ledger of all studies under a key: where it lies, who is who in it, and what a change of key takes along."""

from __future__ import annotations

import itertools
import stat
from pathlib import Path

import pandas as pd
import pytest

from segment.config import Study, load_study
from segment.disclosure.ledger.shared import merge_ledgers, organisation_ledger
from segment.errors import InvalidInput, RefusedRelease
from segment.governance.organisation import (
    LEDGER,
    Organisation,
    ledger_file,
    organisation_key,
    organisation_ties,
    resealed,
    sealed_ties,
    ties_of,
)
from segment.governance.pseudonyms import study_pseudonyms

OLD, NEW = bytes(range(32)), bytes(range(50, 82))
RAW = pd.Series([f"s{number:03}" for number in range(40)])


def ties(key: bytes) -> list[str]:
    return organisation_ties(key).persons(RAW).tolist()


def books(folder: Path, key: bytes) -> Organisation:
    return Organisation(folder / f"{key[0]}.ledger.db", organisation_key(key))


@pytest.fixture
def personal(tmp_path: Path) -> Study:
    file = tmp_path / "study.yaml"
    sources = "{people: {file: people.csv}}"
    file.write_text(f"study: one\ntitle: {{nl: Een, en: One}}\ndata: personal\nworkspace: work\nsources: {sources}\n")
    return load_study(file)


def test_it_lies_beside_the_key_where_it_is_named_or_at_home_and_never_in_a_workspace(
    personal: Study, tmp_path: Path
) -> None:
    vault, home = tmp_path / "vault", tmp_path / "home"
    beside = ledger_file(personal, "k1", {"SEGMENT_PSEUDONYM_KEY_FILE": str(vault / "our.key")})
    assert beside == vault / "k1.ledger.db"
    assert ledger_file(personal, "k1", {LEDGER: str(vault)}) == vault / "k1.ledger.db"
    assert ledger_file(personal, "k1", {LEDGER: str(vault / "ours.db")}) == vault / "ours.db"
    assert ledger_file(personal, "k1", {}, home=home) == home / ".local" / "state" / "segment" / "k1.ledger.db"
    assert ledger_file(personal, "k1", {"XDG_STATE_HOME": str(home)}) == home / "segment" / "k1.ledger.db"
    with pytest.raises(InvalidInput, match="in the workspace of one study"):
        ledger_file(personal, "k1", {LEDGER: str(personal.workspace / "books")})
    public = personal.config.model_copy(update={"data": "public"})
    assert ledger_file(Study(**{**vars(personal), "config": public}), "k1", {}) is None


def test_two_studies_hold_different_words_for_a_person_whom_the_key_makes_one() -> None:
    tables, key = {}, OLD
    for study in ("one", "other"):
        persons = study_pseudonyms(study, key).persons(RAW)
        tables[study] = pd.DataFrame({"person": persons, "tie": sealed_ties(RAW, persons, key=key)})
    one, other = tables.values()
    for left, right in itertools.product(("person", "tie"), repeat=2):
        assert set(one[left]).isdisjoint(other[right])
    assert list(ties_of(one, key=key).values()) == list(ties_of(other, key=key).values()) == ties(key)
    assert set(ties_of(other, key=NEW).values()).isdisjoint(ties(NEW))


def test_ties_are_sealed_again_under_a_new_key() -> None:
    persons, after = (study_pseudonyms("one", key).persons(RAW) for key in (OLD, NEW))
    table = pd.DataFrame({"person": after, "before": persons, "tie": sealed_ties(RAW, persons, key=OLD)})
    again = table.assign(tie=resealed(table, old=OLD, new=NEW, ties=dict(zip(ties(OLD), ties(NEW), strict=True))))
    assert list(ties_of(again, key=NEW).values()) == ties(NEW)


def test_what_studies_bring_along_one_by_one_is_held_against_each_other(tmp_path: Path) -> None:
    old, new = books(tmp_path, OLD), books(tmp_path, NEW)
    before, after = ties(OLD), ties(NEW)
    names, changed = dict(zip(before, after, strict=True)), {"by": "A. Officer"}
    counts = {"pay": {"a": {"q": 19}}}
    organisation_ledger(old).record(
        {"pay": {"a": before[:20]}}, source="answers one", digests={"pay": "d1"}, counts=counts
    )
    taken = organisation_ledger(old).record({"pay": {"a": before[:9]}}, source="answers gone", digests={"pay": "d0"})
    organisation_ledger(old).withdraw(by="A. Reviewer", reason="wrong", released=[("pay", taken[0].source, "d0")])
    organisation_ledger(new).record({"pay": {"z": after[30:]}}, source="answers own", digests={"pay": "d2"})
    assert merge_ledgers(old, new, ties=dict(list(names.items())[:20]), changed=changed) == 4
    assert merge_ledgers(old, new, ties=names, changed=changed) == 0
    organisation_ledger(old).record({"pay": {"b": before[20:]}}, source="answers other", digests={"pay": "d3"})
    assert merge_ledgers(old, new, ties=names, changed=changed) == 1
    ledger = organisation_ledger(new)
    assert ledger.verify() is None
    assert [entry.digest for entry in ledger.entries()] == ["d2", "d1", "d3"]
    assert ledger.conflicts({"pay": {"a": after[:19]}}, source="answers one")
    assert ledger.conflicts({"pay": {"b": after[21:]}}, source="answers other")
    fewer = {"pay": {"a": {"q": 18}}}
    assert ledger.conflicts({"pay": {"a": after[:20]}}, source="answers one", counts=fewer)
    assert ledger.conflicts({"pay": {"a": after[:20]}}, source="answers one", counts=counts) == []
    assert ledger.conflicts({"pay": {"a": after[:8]}}, source="answers gone") == []


def test_its_files_are_its_owners_and_a_changed_one_is_not_taken_along(tmp_path: Path) -> None:
    old, new = books(tmp_path, OLD), books(tmp_path, NEW)
    organisation_ledger(old).record({"pay": {"a": ties(OLD)}}, source="answers one", digests={"pay": "d"})
    assert {stat.S_IMODE(file.stat().st_mode) for file in old.files} == {0o600}
    old.members.unlink()
    with pytest.raises(RefusedRelease, match="not as it was written"):
        merge_ledgers(old, new, ties={}, changed={})
    assert organisation_ledger(new).entries() == []
