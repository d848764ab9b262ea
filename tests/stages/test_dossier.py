"""The dossier of a run: from the study's own settings, in the manifest, and read back by the audit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from segment.errors import RefusedRelease
from segment.exports.dossier import DOCUMENTS
from segment.stages import OpenStudy
from segment.stages.audit import audit_study, people_of
from segment.stages.documentation import facts_of
from segment.stages.release.control import Control
from segment.store import digest_file, read_json, save_json

if TYPE_CHECKING:
    from conftest import Walk

WAVE = "2024-03"


def rewrite(opened: OpenStudy, name: str, old: str, new: str) -> None:
    """Change a page and its line in the manifest, as a faulty renderer would."""
    folder = opened.workspace / "exports" / WAVE
    page = (folder / name).read_text(encoding="utf-8")
    assert old in page
    (folder / name).write_text(page.replace(old, new, 1), encoding="utf-8")
    manifest = read_json(folder / "manifest.json")
    manifest["files"][name] = digest_file(folder / name)
    save_json(folder / "manifest.json", manifest)


def audit(walked: Walk, opened: OpenStudy) -> list[str]:
    return audit_study(walked.file, overrides=[*walked.overrides, f"workspace={opened.workspace}"])


def test_every_document_lies_in_the_release_and_in_its_manifest(walked: Walk) -> None:
    folder = walked.open().workspace / "exports" / WAVE
    listed = read_json(folder / "manifest.json")["files"]
    for name in ("overview", *DOCUMENTS):
        for language in ("nl", "en"):
            path = folder / "dossier" / f"{name}.{language}.html"
            assert listed[f"dossier/{path.name}"] == digest_file(path)


def test_what_is_told_is_what_the_study_says(walked: Walk) -> None:
    told = facts_of(walked.open(), Control({}))
    settings = walked.open().config
    assert [column.name for column in told.columns] == list(settings.sources.people.attributes)
    assert {column.source for column in told.columns} == {"HR system"}
    assert told.relations[0] == "employee"
    assert told.waves == (("2023-03", "2023-03-31"), ("2024-03", "2024-03-31"))
    assert told.window == (str(settings.outcome.window.start), str(settings.outcome.window.end))
    assert told.questions["importance"] == 24
    assert told.fixed == ("relation", "start_date", "end_date", "end_reason")
    assert [model.name for model in told.models] == ["segmentation", "retention"]
    store = walked.open().store
    assert all(model.digest == digest_file(store.model_path(model.name)) for model in told.models)
    assert told.cards
    assert told.matching


def test_other_settings_are_told_otherwise(walked: Walk) -> None:
    opened = walked.saying(privacy={"min_group": 8}, governance=None).open(
        "privacy.retention.employee=36",
        "sources.people.attributes.contract.source=payroll",
        "sources.people.attributes.contract.retention_months=3",
    )
    told = facts_of(opened, Control({}, barred=(("profiles", "segment 1"),), sealed=("calibration",)))
    assert told.floors["min_group"] == 8
    assert told.periods["employee"] == 36
    contract = next(column for column in told.columns if column.name == "contract")
    assert (contract.source, contract.months) == ("payroll", 3)
    assert not told.cards
    assert (told.barred, told.sealed) == (1, 1)


def test_no_person_is_in_the_dossier(walked: Walk) -> None:
    folder = walked.open().workspace / "exports" / WAVE / "dossier"
    people = people_of(walked.open())
    for path in folder.iterdir():
        assert not set(re.findall(r"[0-9a-f]{32}", path.read_text(encoding="utf-8"))) & people


def test_the_audit_reads_the_dossier_too(walked: Walk, copied: OpenStudy) -> None:
    assert audit(walked, copied)[-1].startswith("Nothing about a small group")
    page = (copied.workspace / "exports" / WAVE / "dossier" / "ai_act.en.html").read_text(encoding="utf-8")
    shown = re.search(r"<th scope=\"row\">[^<]*</th><td>[^<]*</td><td>(\d+)</td>", page)
    assert shown is not None, "the check by group shows numbers of people"
    rewrite(copied, "dossier/ai_act.en.html", f"<td>{shown[1]}</td>", "<td>4321</td>")
    with pytest.raises(RefusedRelease, match="a number of people that no released table shows"):
        audit(walked, copied)


def test_a_pseudonym_in_the_dossier_is_found(walked: Walk, copied: OpenStudy) -> None:
    person = sorted(people_of(copied))[0]
    rewrite(copied, "dossier/notice.nl.html", "</main>", f"<p>{person}</p></main>")
    with pytest.raises(RefusedRelease, match=r"dossier/notice\.nl\.html, a person: the pseudonym of a person"):
        audit(walked, copied)


def test_a_document_that_was_changed_is_found(walked: Walk, copied: OpenStudy) -> None:
    page = copied.workspace / "exports" / WAVE / "dossier" / "works_council.nl.html"
    page.write_text(page.read_text(encoding="utf-8").replace("30", "3"), encoding="utf-8")
    with pytest.raises(RefusedRelease, match=r"works_council\.nl\.html is not the file its manifest lists"):
        audit(walked, copied)
