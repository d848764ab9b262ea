"""Who decided on which model and why: told exactly, or refused, whatever somebody clicks in the registry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from segment.errors import Refusal
from segment.privacy import EventLog
from segment.stages import STAGES_IN_ORDER, run_stage
from segment.stages.base import decided_store
from segment.stages.recovery import tracker_of
from segment.stages.serve import ready_service
from segment.stages.tracking import Recording
from segment.store import digest_file, read_json, save_json

if TYPE_CHECKING:
    from conftest import Decided
    from mlflow.tracking import MlflowClient

NAME = "small-segmentation"


def decide(study: Decided, version: int, by: str, reason: str, *, model: str = "segmentation") -> str:
    """A decision that is taken, and what is said about it."""
    code, said = study.type("promote", "--model", model, "--version", str(version), "--by", by, "--reason", reason)
    assert code == 0, said
    return said


def registry_of(study: Decided) -> MlflowClient:
    return tracker_of(study.open()).client()


@pytest.fixture(scope="module")
def twice(decided: Decided, tmp_path_factory: pytest.TempPathFactory) -> Decided:
    """A study with two versions and three decisions: the first, the second, the first again."""
    study = decided.copy(tmp_path_factory.mktemp("twice") / "small")
    other = study.with_settings("segmentation.n_segments=[4]")
    recording = Recording.of(other.open())
    recording.take(run_stage(STAGES_IN_ORDER["discover"], other.open(), force=True))
    recording.end(failed=False)
    decide(study, 2, "B. Reviewer", "four are\n easier to tell")
    assert "again: a rollback, (decision 3, by C. Reviewer)" in decide(study, 1, "C. Reviewer", "four did not hold")
    return study


@pytest.fixture
def spoiled(twice: Decided, tmp_path: Path) -> Decided:
    return twice.copy(tmp_path / "small")


def refusals(study: Decided, out: Path) -> list[str]:
    """What is said where the champion would be used, and where the books are looked at; each refuses."""
    found = [study.assign(out), study.type("audit", "--log"), study.type("serve", "--port", "0")]
    with pytest.raises(Refusal, match="What the registry calls decided is not what was decided") as refused:
        run_stage(STAGES_IN_ORDER["publish"], study.open(), force=True)
    assert [code for code, _ in found] == [1, 1, 1] and not out.exists()
    return [*(said for _, said in found), str(refused.value)]


def test_every_decision_is_told_and_none_is_written_over(twice: Decided, tmp_path: Path) -> None:
    code, said = twice.type("audit", "--log")
    assert code == 0, said
    lines = [line.strip().partition(": ")[2] for line in said.splitlines() if line.startswith("  segmentation: ")]
    days = [line.partition(" on ")[2][:10] for line in lines]
    assert [line.replace(day, "DAY") for line, day in zip(lines, days, strict=True)] == [
        "1. promotion of version 1 by A. Reviewer on DAY: stable",
        "2. promotion of version 2 by B. Reviewer on DAY: four are easier to tell",
        "3. rollback of version 1 by C. Reviewer on DAY: four did not hold",
    ]
    tags = {v.version: v.tags for v in registry_of(twice).search_model_versions(f"name='{NAME}'")}
    told = {int(v): {n: t for n, t in own.items() if n.startswith("decision.")} for v, own in tags.items()}
    first, second = (
        str(tags[str(v)]["sha256"])[:16] if str(v) in tags else str(tags[v]["sha256"])[:16] for v in (1, 2)
    )
    assert told == {
        1: {
            "decision.0001": f"promotion by A. Reviewer: stable (sha256 {first})",
            "decision.0003": f"rollback by C. Reviewer: four did not hold (sha256 {first})",
        },
        2: {"decision.0002": f"promotion by B. Reviewer: four are easier to tell (sha256 {second})"},
    }
    opened = twice.open()
    events = [e for e in EventLog(opened.book, key=opened.key).events() if e.action == "promote"]
    assert [(e.actor, e.detail["version"], e.detail["kind"]) for e in events] == [
        ("A. Reviewer", 1, "promotion"), ("B. Reviewer", 2, "promotion"), ("C. Reviewer", 1, "rollback"),
    ]  # fmt: skip
    assert twice.assign(tmp_path / "out.csv")[0] == 0


def test_an_alias_moved_by_hand_is_refused_with_the_last_decision_and_deciding_again_mends_it(
    spoiled: Decided, tmp_path: Path
) -> None:
    registry_of(spoiled).set_registered_model_alias(NAME, "champion", "2")
    for said in refusals(spoiled, tmp_path / "out.csv"):
        assert "the registry calls version 2 of segmentation champion" in said
        assert (
            "the last decision is 3. rollback of version 1 by C. Reviewer on " in said and "four did not hold" in said
        )
    decide(spoiled, 2, "D. Reviewer", "looked at again, and it holds")
    assert spoiled.assign(tmp_path / "out.csv")[0] == 0
    code, said = spoiled.type("audit", "--log")
    assert code == 0 and "4. promotion of version 2 by D. Reviewer" in said


def test_an_alias_taken_away_is_refused(spoiled: Decided, tmp_path: Path) -> None:
    registry_of(spoiled).delete_registered_model_alias(NAME, "champion")
    for said in refusals(spoiled, tmp_path / "out.csv"):
        assert "the registry calls no segmentation version champion" in said


@pytest.mark.parametrize("how", ["added", "changed", "taken away", "digest"])
def test_a_forged_tag_is_refused_by_its_name(spoiled: Decided, how: str, tmp_path: Path) -> None:
    client = registry_of(spoiled)
    if how == "added":
        client.set_model_version_tag(NAME, "2", "decision.0004", "promotion by E. Reviewer: better (sha256 0)")
        told = "tag 'decision.0004' of segmentation version 2 was written or changed by hand"
    elif how == "changed":
        client.set_model_version_tag(NAME, "1", "decision.0001", "promotion by E. Reviewer: stable (sha256 0)")
        told = "tag 'decision.0001' of segmentation version 1 was written or changed by hand"
    elif how == "taken away":
        client.delete_model_version_tag(NAME, "1", "decision.0003")
        told = "tag 'decision.0003' of segmentation version 1 was taken away"
    else:
        client.set_model_version_tag(NAME, "1", "sha256", "0" * 64)
        told = "the digest of segmentation version 1 in the registry is another one than was decided on"
    for said in refusals(spoiled, tmp_path / "out.csv"):
        assert told in said


def test_a_champion_that_nobody_decided_on_is_refused(spoiled: Decided) -> None:
    client = registry_of(spoiled)
    (only,) = client.search_model_versions("name='small-retention'") or [None]
    if only is None:
        recording = Recording.of(spoiled.open())
        recording.take(run_stage(STAGES_IN_ORDER["retain"], spoiled.open(), force=True))
        recording.end(failed=False)
    client.set_registered_model_alias("small-retention", "champion", "1")
    code, said = spoiled.type("audit", "--log")
    assert code == 1 and "calls version 1 of retention champion, and nobody has decided on one" in said
    decide(spoiled, 1, "A. Reviewer", "better than tenure alone", model="retention")
    assert spoiled.type("audit", "--log")[0] == 0


def test_models_of_other_people_are_not_published_together(spoiled: Decided) -> None:
    opened = spoiled.open()
    store = decided_store(opened.store.models)
    card = read_json(store.model_path("segmentation").with_suffix(".json"))
    file = store.model_path("retention")
    file.write_bytes(opened.store.model_path("retention").read_bytes())
    own = read_json(opened.store.model_path("retention").with_suffix(".json"))
    assert own["learned_from"] == card["learned_from"] and own["sha256"] == digest_file(file)
    save_json(file.with_suffix(".json"), own)
    assert spoiled.type("audit", "--log")[0] == 0
    save_json(file.with_suffix(".json"), own | {"learned_from": "another"})
    code, said = spoiled.type("audit", "--log")
    assert code == 1 and "do not belong together: they were learned from other people or answers" in said
    with pytest.raises(Refusal, match="do not belong together"):
        run_stage(STAGES_IN_ORDER["publish"], spoiled.open(), force=True)
    with pytest.raises(Refusal, match="do not belong together"):
        ready_service(spoiled.file, model="segmentation", overrides=list(spoiled.overrides))


def test_bytes_that_were_registered_before_are_that_version_again(spoiled: Decided) -> None:
    recording = Recording.of(spoiled.open())
    made = run_stage(STAGES_IN_ORDER["discover"], spoiled.open(), force=True)
    recording.take(made)
    recording.end(failed=False)
    known = registry_of(spoiled).search_model_versions(f"name='{NAME}'")
    digests = [v.tags["sha256"] for v in known]
    assert len(digests) == len(set(digests))
    assert digest_file(spoiled.open().store.model_path("segmentation")) in digests


def saying_review(study: Decided, approvers: int) -> Decided:
    """The study with another number of approvers in its file."""
    return study.saying(review={"approvers": approvers})


def test_two_people_promote_where_the_study_wants_two(spoiled: Decided, tmp_path: Path) -> None:
    """Neither one alone, nor one under the same name twice, nor one who sets another rule."""
    study = saying_review(spoiled, 2)
    said = decide(study, 2, "D. Reviewer", "holds in both halves")
    assert "1 of 2 that the study wants" in said
    code, said = study.type("audit", "--log")
    assert code == 0 and "4. promotion" not in said
    assert study.assign(tmp_path / "first.csv")[1].count("champion version 1") == 1
    words = ("--model", "segmentation", "--version", "2", "--reason", "again")
    code, said = study.type("promote", *words, "--by", " d.  reviewer")
    assert code == 1 and "this one has said so already" in said
    code, said = study.with_settings("review.approvers=1").type("promote", *words, "--by", "E. Reviewer")
    assert code == 1 and "only the study's own files may say this" in said
    assert "(decision 4, by D. Reviewer and E. Reviewer)" in decide(study, 2, "E. Reviewer", "clearer")
    code, said = study.type("audit", "--log")
    assert code == 0 and "by D. Reviewer and E. Reviewer on " in said and "holds in both halves; clearer" in said
    assert "champion version 2" in study.assign(tmp_path / "second.csv")[1]


def test_a_word_for_a_version_does_not_outlive_the_next_decision(spoiled: Decided) -> None:
    study = saying_review(spoiled, 2)
    decide(study, 2, "D. Reviewer", "holds")
    decide(spoiled, 1, "C. Reviewer", "still the better one")
    assert "1 of 2" in decide(study, 2, "E. Reviewer", "clearer")


def test_a_release_is_refused_where_the_registry_was_moved(spoiled: Decided) -> None:
    registry_of(spoiled).set_registered_model_alias(NAME, "champion", "2")
    for words in (("--preview",), ("--yes",)):
        code, said = spoiled.type("publish", *words)
        assert code == 1 and "What the registry calls decided is not what was decided" in said
