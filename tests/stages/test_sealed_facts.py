"""Each release is held against facts sealed when it was made: later waves and people who are gone change nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from segment.disclosure.facts import FILE
from segment.errors import RefusedRelease
from segment.exports.manifest import NAME
from segment.exports.verify import content_of
from segment.stages import STAGES_IN_ORDER, OpenStudy, run_stage
from segment.stages.audit import audit_log, audit_study
from segment.stages.release.proof import HISTORY, TABLES
from segment.stages.release.sealed_facts import facts_book
from segment.stages.rights.erasure import Removal, remove
from segment.store import digest_file, read_json, save_json

if TYPE_CHECKING:
    from conftest import Walk

WAVE, EARLIER = "2024-03", "2023-03"


def audited(walked: Walk, opened: OpenStudy, *more: str) -> str:
    options = [*walked.overrides, f"workspace={opened.workspace}", *more]
    audit_log(walked.file, overrides=options)
    return "\n".join(audit_study(walked.file, overrides=options))


def refused(walked: Walk, opened: OpenStudy) -> str:
    with pytest.raises(RefusedRelease) as told:
        audit_study(walked.file, overrides=[*walked.overrides, f"workspace={opened.workspace}"])
    return str(told.value)


def test_a_release_is_counted_again_from_the_tables_it_was_made_of(walked: Walk, copied: OpenStudy) -> None:
    said = audited(walked, copied)
    assert f"{WAVE}: held against the facts sealed when it was made; all " in said
    assert "tables counted again from the study's tables" in said


def test_sealed_facts_hold_no_number_and_no_person(copied: OpenStudy) -> None:
    name = read_json(copied.workspace / "exports" / WAVE / NAME)["certificate"]["facts"]
    facts = facts_book(copied).read(name)
    assert facts is not None and facts.tables["profiles"].secret
    text, people = facts.as_text(), set(copied.store.read("responses")["person"])
    assert not any(person in text for person in people)
    numbers = {number for one in facts.tables.values() for number in one.same if number is not None}
    assert numbers == set(range(len(numbers)))  # a count of the sizes that were met, in their order, and no size
    raw = (copied.workspace / FILE).read_bytes()
    assert b"profiles" not in raw and (copied.workspace / FILE).stat().st_mode & 0o077 == 0


def test_two_waves_pass_also_when_the_people_of_the_first_are_gone(walked: Walk, copied: OpenStudy) -> None:
    """The release of another wave is audited without a table of that wave; what cannot be counted again is told."""
    run_stage(STAGES_IN_ORDER["publish"], walked.open(f"workspace={copied.workspace}", f"wave={EARLIER}"))
    said = audited(walked, copied)
    assert "the study's tables are those of another wave now, so its groups are not counted again" in said
    assert "Audit of 2 releases" in said and said.count("held against the facts sealed when it was made") == 2
    first = copied.store.read("responses").query("wave == @EARLIER")["person"]
    gone = sorted(set(first))
    remove(copied, Removal(tuple(gone), "purge", "a test"))
    assert not (copied.store.read("responses")["wave"] == EARLIER).any()
    for path in copied.store.tables.glob("*.parquet"):  # as the next run would leave them
        frame = pd.read_parquet(path)
        if "wave" in frame:
            frame[frame["wave"] != EARLIER].to_parquet(path, index=False)
    said = audited(walked, copied)
    assert f"{EARLIER}: held against the facts sealed when it was made; nobody who answered then is in" in said


def test_a_release_stands_when_the_segments_are_made_anew(walked: Walk, copied: OpenStudy) -> None:
    """The next wave gives everybody another segment; the release before it is no worse for it."""
    rows = copied.store.read("assignments")
    copied.store.write("assignments", rows.assign(segment=(rows["segment"] + 1) % (rows["segment"].max() + 1)))
    profiles = copied.store.read("profiles")
    copied.store.write("profiles", profiles.assign(n=profiles["n"].where(profiles["segment"] != 1, 3)))
    assert "not counted again" in audited(walked, copied)


def one_byte(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(bytes(raw))


def first_byte(path: Path) -> None:
    """What cannot be read any more is named as well."""
    path.write_bytes(b"?" + path.read_bytes()[1:])


def other_figure(path: Path) -> None:
    content = read_json(path)
    content["data"][0][content["columns"].index("n")] = "4321"
    save_json(path, content)


def other_data(path: Path) -> None:
    content = read_json(path)
    content["profiles"]["data"][0][0] = "PAY2"
    save_json(path, content)


CHANGES: dict[str, tuple[str, Callable[[Path], Any], str]] = {
    "sealed facts": (FILE, one_byte, rf"The file {FILE} is not as it was written"),
    "no sealed facts": (FILE, Path.unlink, rf"{FILE} with the facts of earlier releases is gone"),
    "a byte of a table": (f"released/{WAVE}/profiles.json", one_byte, rf"released/{WAVE}/profiles\.json"),
    "a figure of a table": (
        f"released/{WAVE}/effects.json", other_figure, r"effects\.json is not the table that was sealed",
    ),
    "no table": (f"released/{WAVE}/journey.json", Path.unlink, rf"released/{WAVE}/journey\.json is gone"),
    "a byte of released.json": (f"exports/{WAVE}/{TABLES}", one_byte, rf"exports/{WAVE}/released\.json"),
    "a figure of released.json": (
        f"exports/{WAVE}/{TABLES}", other_data, rf"exports/{WAVE}/released\.json: table profiles is not the table",
    ),
    "the first byte of the manifest": (f"exports/{WAVE}/{NAME}", first_byte, rf"exports/{WAVE}/manifest\.json"),
    "a byte of the manifest": (f"exports/{WAVE}/{NAME}", one_byte, rf"exports/{WAVE}/manifest\.json"),
    "no history": (HISTORY, Path.unlink, rf"exports/{WAVE}/manifest\.json is not in the history of releases"),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_what_was_changed_is_named(walked: Walk, copied: OpenStudy, what: str) -> None:
    name, change, words = CHANGES[what]
    change(copied.workspace / name)
    with pytest.raises(RefusedRelease, match=words):
        audit_study(walked.file, overrides=[*walked.overrides, f"workspace={copied.workspace}"])


def test_a_table_exchanged_in_every_file_and_in_the_manifest_is_still_not_the_sealed_one(
    walked: Walk, copied: OpenStudy
) -> None:
    """Somebody who writes all files consistently, and has no key."""
    folder = copied.workspace / "exports" / WAVE
    other_data(folder / TABLES)
    own = copied.workspace / "released" / WAVE / "profiles.json"
    content = read_json(own)
    content["data"][0][0] = "PAY2"
    save_json(own, content)
    manifest = read_json(folder / NAME)
    manifest["files"][TABLES] = digest_file(folder / TABLES)
    chain = manifest.pop("chain")
    save_json(folder / NAME, {**manifest, "chain": [*chain[:-1], content_of(manifest)]})
    save_json(copied.workspace / HISTORY, {"releases": [*chain[:-1], content_of(manifest)]})
    told = refused(walked, copied)
    assert f"exports/{WAVE}/released.json: table profiles is not the table that was sealed" in told
    assert f"released/{WAVE}/profiles.json is not the table that was sealed" in told
    del manifest["certificate"]["facts"]
    save_json(folder / NAME, {**manifest, "chain": [*chain[:-1], content_of(manifest)]})
    assert f"exports/{WAVE}/manifest.json does not name the facts that were sealed" in refused(walked, copied)


def test_a_manifest_written_anew_without_the_key_is_named(walked: Walk, copied: OpenStudy) -> None:
    """The certificate says another floor, and every digest that needs no key agrees with it."""
    folder = copied.workspace / "exports" / WAVE
    manifest = read_json(folder / NAME)
    chain = manifest.pop("chain")
    manifest["certificate"]["barred"] = ["profiles: PAY"]
    forged = [*chain[:-1], content_of(manifest)]
    save_json(folder / NAME, {**manifest, "chain": forged})
    save_json(copied.workspace / HISTORY, {"releases": forged})
    words = f"exports/{WAVE}/manifest.json is not a manifest that any run in the event log has left"
    assert words in refused(walked, copied)
    with pytest.raises(RefusedRelease, match="is not a manifest that any run"):
        audit_log(walked.file, overrides=[*walked.overrides, f"workspace={copied.workspace}"])


def test_a_scale_that_the_manifest_tells_otherwise_is_not_the_sealed_one(walked: Walk, copied: OpenStudy) -> None:
    """``verify.py`` has no other word for a scale than the manifest's; whoever has the key does."""
    folder = copied.workspace / "exports" / WAVE
    manifest = read_json(folder / NAME)
    chain = manifest.pop("chain")
    manifest["certificate"]["tables"]["profiles"]["scales"] = {"PAY|importance": [0.0, 10.0]}
    save_json(folder / NAME, {**manifest, "chain": [*chain[:-1], content_of(manifest)]})
    save_json(copied.workspace / HISTORY, {"releases": [*chain[:-1], content_of(manifest)]})
    assert f"exports/{WAVE}/manifest.json: the scale of table profiles is not the one that was sealed" in refused(
        walked, copied
    )


def test_an_old_copy_of_the_facts_is_told(walked: Walk, copied: OpenStudy, tmp_path: Path) -> None:
    shutil.copy(copied.workspace / FILE, tmp_path / "old")
    run_stage(STAGES_IN_ORDER["publish"], walked.open(f"workspace={copied.workspace}", f"wave={EARLIER}"))
    shutil.copy(tmp_path / "old", copied.workspace / FILE)
    assert f"the facts sealed with {EARLIER} are not in {FILE} any more" in refused(walked, copied)
    with pytest.raises(RefusedRelease, match=rf"The facts sealed with {EARLIER} are not in {FILE} any more"):
        audit_log(walked.file, overrides=[*walked.overrides, f"workspace={copied.workspace}"])


def test_a_file_among_the_tables_that_was_never_released_is_named(walked: Walk, copied: OpenStudy) -> None:
    stray = copied.workspace / "released" / WAVE / "names.json"
    stray.write_text(json.dumps({"columns": ["n", "status"], "data": []}))
    assert f"released/{WAVE}/names.json was never released" in refused(walked, copied)


def test_publishing_the_same_again_seals_nothing_more(walked: Walk, copied: OpenStudy) -> None:
    before = (copied.workspace / "exports" / WAVE / NAME).read_bytes()
    run_stage(STAGES_IN_ORDER["publish"], copied, force=True)
    assert (copied.workspace / "exports" / WAVE / NAME).read_bytes() == before
    assert pd.Series(read_json(copied.workspace / HISTORY)["releases"]).is_unique
