"""A withdrawn release: nothing of it is left in exports/, a notice says so, and the audit knows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from segment.errors import InvalidInput, Refusal, RefusedRelease
from segment.exports import verify
from segment.exports.manifest import NAME
from segment.stages import STAGES_IN_ORDER, OpenStudy, run_stage
from segment.stages.audit import audit_log, audit_study
from segment.stages.recovery import complete_interrupted
from segment.stages.release.history import releases_on_record, withdraw
from segment.stages.release.ledgers import events_of, ledger_of
from segment.stages.rights.place import refuse_place
from segment.store import digest_file, save_json

if TYPE_CHECKING:
    from conftest import Walk

WAVE = "2024-03"


def test_a_withdrawn_release_leaves_exports_is_seen_as_withdrawn_and_can_be_published_again(
    walked: Walk, copied: OpenStudy
) -> None:
    options, work = [*walked.overrides, f"workspace={copied.workspace}"], copied.workspace
    place = work / "exports" / WAVE
    before = {path.relative_to(place): path.read_bytes() for path in place.rglob("*") if path.is_file()}
    with pytest.raises(InvalidInput, match="no name and no reason"):
        withdraw(walked.file, by="-", reason="x", overrides=options)
    said = withdraw(walked.file, by="A. Reviewer", reason="a wrong export", overrides=options)
    (moved,) = (work / "withdrawn" / WAVE).iterdir()
    assert str(moved) in said
    assert {name: (moved / name).read_bytes() for name in before} == before
    assert not (work / "released" / WAVE).exists()
    left = sorted(path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file())
    assert left == ["WITHDRAWN.txt", "dossier/WITHDRAWN.txt", "manifest.json", "rules.json", "verify.py"]
    notice = (place / "WITHDRAWN.txt").read_text(encoding="utf-8")
    assert all(word in notice for word in ("INGETROKKEN", "WITHDRAWN", "A. Reviewer", "a wrong export", moved.name))
    assert json.loads((place / NAME).read_text())["withdrawn"]["by"] == "A. Reviewer"
    assert all(path.stat().st_mode & 0o077 == 0 for path in (work / "withdrawn").rglob("*"))
    assert releases_on_record(work) == []
    assert f"Withdrawn: {WAVE}; its files lie in {moved}" in audit_study(walked.file, overrides=options)
    audit_log(walked.file, overrides=options)

    report = place / "report.en.html"
    report.write_bytes(before[report.relative_to(place)])
    with pytest.raises(RefusedRelease, match=r"was withdrawn, and report\.en\.html is not what its notice lists"):
        audit_study(walked.file, overrides=options)
    report.unlink()

    run_stage(STAGES_IN_ORDER["publish"], walked.open(f"workspace={work}"))
    assert (place / "report.en.html").is_file()
    assert not (place / "WITHDRAWN.txt").exists()
    assert not (work / "earlier").exists() or not any((work / "earlier").rglob(NAME))
    audit_study(walked.file, overrides=options)
    withdraw(walked.file, by="A. Reviewer", reason="once more", overrides=options)
    audit_study(walked.file, overrides=options)


STEPS = {
    "nothing was moved": "segment.stages.release.withdrawal._write_notice",
    "the files were moved and the manifest was not": "segment.stages.release.withdrawal.make_private",
    "the manifest went and no notice stands": "segment.stages.release.withdrawal.save_json",
    "the files went and the ledger does not know": "segment.disclosure.ledger.release_ledger.ReleaseLedger.withdraw",
    "the ledger knows and the event log does not": "segment.governance.events.EventLog.write",
}


@pytest.mark.parametrize("step", STEPS)
def test_a_withdrawal_that_was_killed_is_named_and_completed_by_the_next_command(
    walked: Walk, copied: OpenStudy, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    options, work = [*walked.overrides, f"workspace={copied.workspace}"], copied.workspace
    place = work / "exports" / WAVE
    before = {path.relative_to(place): path.read_bytes() for path in place.rglob("*") if path.is_file()}

    def killed(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(STEPS[step], killed)
        withdraw(walked.file, by="A. Reviewer", reason="a wrong export", overrides=options)
    with pytest.raises(RefusedRelease, match=r"\(withdraw\) was begun and is not complete"):
        audit_study(walked.file, overrides=options)
    complete_interrupted(walked.open(f"workspace={work}"))
    (moved,) = (work / "withdrawn" / WAVE).iterdir()
    assert {name: (moved / name).read_bytes() for name in before} == before
    assert (moved / "released" / "profiles.json").is_file()
    left = sorted(path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file())
    assert left == ["WITHDRAWN.txt", "dossier/WITHDRAWN.txt", "manifest.json", "rules.json", "verify.py"]
    assert [event.action for event in events_of(copied).events()].count("withdraw") == 1
    assert ledger_of(copied).entries() == []
    audit_study(walked.file, overrides=options)
    audit_log(walked.file, overrides=options)
    assert withdraw(walked.file, by="A. Reviewer", reason="once more", overrides=options).startswith("Nothing was")


def test_a_member_of_the_works_council_sees_that_a_release_was_withdrawn(
    walked: Walk, copied: OpenStudy, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a copy of ``verify.py`` that came with the release, on the folder where it was."""
    options, place = [*walked.overrides, f"workspace={copied.workspace}"], copied.workspace / "exports" / WAVE
    withdraw(walked.file, by="A. Reviewer", reason="a wrong export", overrides=options)
    assert (place / "verify.py").is_file()
    assert verify.main([str(place)]) == 1
    said = capsys.readouterr().out
    assert "NL  INGETROKKEN door A. Reviewer op 20" in said
    assert "EN  WITHDRAWN by A. Reviewer on 20" in said
    assert "NOT in order: 1 points" in said


def test_a_release_is_withdrawn_by_the_books_and_not_by_its_own_manifest(walked: Walk, copied: OpenStudy) -> None:
    """The attack: a person's row beside the figures, and a manifest made anew that calls all of it withdrawn."""
    options, place = [*walked.overrides, f"workspace={copied.workspace}"], copied.workspace / "exports" / WAVE
    (place / "people.csv").write_text("person;score\nE0001;4.5512345\n", encoding="utf-8")
    files = {path.relative_to(place).as_posix(): digest_file(path) for path in place.rglob("*") if path.is_file()}
    said = {"by": "x", "on": "2024-01-01", "reason": "y", "moved": "z"}
    save_json(place / NAME, {"withdrawn": said, "files": {n: d for n, d in files.items() if n != NAME}})
    fake = copied.workspace / "withdrawn" / WAVE / "0000000000000000"
    fake.mkdir(parents=True)
    save_json(fake / NAME, {})
    with pytest.raises(RefusedRelease) as refusal:
        audit_study(walked.file, overrides=options)
    assert f"{WAVE} is called withdrawn there, and no event of this study says so" in str(refusal.value)
    assert "and no release in the workspace holds it" in str(refusal.value)


@pytest.mark.parametrize("name", ["people.csv", "2024-04/report.en.html"])
def test_what_lies_in_exports_and_is_no_release_is_named(walked: Walk, copied: OpenStudy, name: str) -> None:
    stray = copied.workspace / "exports" / name
    stray.parent.mkdir(exist_ok=True)
    stray.write_text("E0001;4.5512345", encoding="utf-8")
    with pytest.raises(RefusedRelease, match=f"exports/{name.partition('/')[0]} is no release of this study"):
        audit_study(walked.file, overrides=[*walked.overrides, f"workspace={copied.workspace}"])


def test_nothing_about_one_person_is_written_over_what_a_study_lives_on(walked: Walk, copied: OpenStudy) -> None:
    raw = copied.study.path(copied.config.sources.responses[0].file)
    for out, words in (
        (raw, "is one that the study reads"),
        (walked.file, "is one that the study reads"),
        (copied.workspace / "tables" / "people.parquet", "keeps its own files"),
        (copied.workspace / "exports" / WAVE / "people.csv", "holds nothing about one person"),
    ):
        with pytest.raises(Refusal, match=words):
            refuse_place(copied, out)
    refuse_place(copied, copied.workspace / "handover" / "mine.csv")
    refuse_place(copied, copied.workspace.parent / "mine.csv")
