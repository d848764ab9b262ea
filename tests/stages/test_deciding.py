"""A reviewer's decision: which bytes become the champion, who is scored with them, and which are never loaded."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import joblib
import pandas as pd
import pytest
from ruamel.yaml import YAML

from segment.errors import Refusal
from segment.privacy import EventLog
from segment.stages import STAGES_IN_ORDER, run_stage
from segment.stages.base import decided_store
from segment.store import digest_file, read_json, save_json

if TYPE_CHECKING:
    from conftest import Decided, Walk

#: Where MLflow writes down where files lie.
PLACES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "storage_location"),
)
DISCOVER = STAGES_IN_ORDER["discover"]


class Trap:
    """What an intruder puts in the place of a model: code that runs when it is loaded."""

    def __init__(self, sign: Path) -> None:
        self.sign = sign

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return (Path.touch, (self.sign,))


def champion_of(study: Decided) -> Path:
    return decided_store(study.open().store.models).model_path("segmentation")


def put_a_trap(place: Path, sign: Path) -> None:
    """Another file in the place of a model, with a card that agrees with it."""
    joblib.dump(Trap(sign), place)
    save_json(place.with_suffix(".json"), read_json(place.with_suffix(".json")) | {"sha256": digest_file(place)})


def test_the_champion_is_the_registered_file_byte_for_byte_and_the_log_says_who_decided(decided: Decided) -> None:
    opened, place = decided.open(), champion_of(decided)
    digest = digest_file(place)
    assert digest == digest_file(opened.store.model_path("segmentation"))
    assert (
        place.with_suffix(".json").read_bytes()
        == opened.store.model_path("segmentation").with_suffix(".json").read_bytes()
    )
    (event,) = [e for e in EventLog(opened.book, key=opened.key).events() if e.action == "promote"]
    told = {"version": 1, "sha256": digest, "kind": "promotion", "reason": "stable"}
    assert (event.actor, event.detail) == ("A. Reviewer", told)


def test_a_stage_writes_the_digests_of_its_models_into_the_log(walked: Walk) -> None:
    opened = walked.open()
    made: dict[str, str] = {}
    for event in EventLog(opened.book, key=opened.key).events():
        made |= event.detail.get("models", {})
    assert made == {name: digest_file(opened.store.model_path(name)) for name in ("segmentation", "retention")}


def test_people_are_put_into_the_champions_segments(decided: Decided, tmp_path: Path) -> None:
    code, said = decided.assign(tmp_path / "new.csv")
    assert code == 0 and "assigned with champion version 1" in said
    new = pd.read_csv(tmp_path / "new.csv").set_index("person")["segment"]
    known = decided.open().store.read("assignments")
    known = known[known["wave"] == known["wave"].max()].set_index("person")["segment"]
    assert new.equals(known.reindex(new.index).astype(new.dtype) + 1)  # leaves as 1..k, as the report counts


def test_governance_as_the_refusal_writes_it_lets_people_be_assigned_once_it_is_filled_in(
    decided: Decided, tmp_path: Path
) -> None:
    out = tmp_path / "new.csv"
    code, said = decided.saying(governance=None).assign(out)
    assert code != 0 and "this study has no governance" in said
    setting = re.search(r"governance: (\{.*\})", said)
    assert setting is not None
    agreed = YAML(typ="safe").load(setting[1].replace("YYYY-MM-DD", "2091-01-01"))
    code, said = decided.saying(governance=agreed).assign(out)
    assert code != 0 and "its governance is not complete" in said  # nothing is agreed by pasting
    lines = re.search(r"under 'governance' in the study file: (.*); or", said)
    assert lines is not None
    words = YAML(typ="safe").load(f"{{{lines[1]}}}")
    assert set(words) == set(agreed) - {"expires"}
    code, said = decided.saying(governance=agreed | dict.fromkeys(words, "A. Reviewer, 1 May")).assign(out)
    assert code == 0, said
    assert pd.read_csv(out)["expires"].unique().tolist() == ["2091-01-01"]


@pytest.mark.parametrize("name", ["person_id", "Medewerker", "nummer"])
def test_new_people_are_known_by_the_studys_own_column_or_by_person_id(
    decided: Decided, name: str, tmp_path: Path
) -> None:
    sources = YAML(typ="safe").load(decided.file)["sources"]
    for survey in sources["responses"]:
        survey["columns"] = {**survey.get("columns", {}), "person_id": "Medewerker"}
    rows = pd.read_csv(decided.file.parent / "responses_2024-03.csv", dtype=str).rename(columns={"person_id": name})
    rows.to_csv(tmp_path / "new.csv", index=False)
    out = tmp_path / "out.csv"
    code, said = decided.saying(sources=sources).type(
        "assign", "--survey", str(tmp_path / "new.csv"), "--out", str(out)
    )
    assert (code == 0) == (name != "nummer"), said
    if name == "nummer":
        assert "column Medewerker: column is missing" in said
        return
    assert decided.assign(tmp_path / "named.csv")[0] == 0
    assert pd.read_csv(out)["segment"].tolist() == pd.read_csv(tmp_path / "named.csv")["segment"].tolist()


@pytest.mark.parametrize("waves", [None, ["intake", "later"]], ids=["no column", "two without a date"])
def test_new_people_need_no_wave_that_the_study_knows_or_can_date(
    decided: Decided, waves: list[str] | None, tmp_path: Path
) -> None:
    """A study that dates its waves and names the one it is about still takes new people, whatever they come as."""
    rows = pd.read_csv(decided.file.parent / "responses_2024-03.csv", dtype=str).drop(columns="wave")
    if waves is not None:
        rows.insert(1, "wave", [waves[place % 2] for place in range(len(rows))])
    rows.to_csv(tmp_path / "new.csv", index=False)
    strict = decided.with_settings("wave=2024-03", "waves={2024-03: 2024-03-31}")
    code, said = strict.type("assign", "--survey", str(tmp_path / "new.csv"), "--out", str(tmp_path / "out.csv"))
    assert code == 0, said
    out = pd.read_csv(tmp_path / "out.csv", dtype=str)
    assert sorted(out["wave"].unique()) == (["new"] if waves is None else waves)
    assert decided.assign(tmp_path / "named.csv")[0] == 0
    named = pd.read_csv(tmp_path / "named.csv", dtype=str).set_index("person")["segment"]
    assert out.set_index("person")["segment"].sort_index().equals(named.sort_index())


def test_segments_keep_their_numbers_when_the_study_runs_again(decided: Decided, tmp_path: Path) -> None:
    again = decided.copy(tmp_path / "again")
    assert not run_stage(DISCOVER, again.open()).skipped
    identity = again.open().store.read("identity")
    assert len(identity) and (identity["status"] == "kept").all() and (identity["overlap"] == 1).all()
    assert (identity["segment"] == identity["earlier"]).all()


def test_a_champion_that_no_run_has_written_is_not_loaded_and_promoting_again_mends_it(
    decided: Decided, tmp_path: Path
) -> None:
    spoiled, sign = decided.copy(tmp_path / "spoiled"), tmp_path / "sprung"
    put_a_trap(champion_of(spoiled), sign)
    with pytest.raises(Refusal, match="no run in this study's event log has written this file") as refused:
        run_stage(DISCOVER, spoiled.open())
    assert "segment promote" in str(refused.value) and not sign.exists()
    code, said = spoiled.type("audit", "--log")
    assert code == 1 and "champion/segmentation.joblib" in said
    assert spoiled.promote()[0] == 0
    code, said = spoiled.type("audit", "--log")
    assert code == 0 and "Models: 3 on disk" in said
    assert not run_stage(DISCOVER, spoiled.open()).skipped and not sign.exists()


def test_a_registry_that_was_rewritten_with_its_digest_is_not_believed(decided: Decided, tmp_path: Path) -> None:
    spoiled, sign = decided.copy(tmp_path / "registry"), tmp_path / "sprung"
    work = spoiled.open().workspace
    (held,) = (work / "mlartifacts").rglob("segmentation.joblib")
    was, now = str(decided.open().workspace), str(work)  # a copied store still points at the one it was copied from
    with sqlite3.connect(work / "mlflow.db") as store:
        for table, column in PLACES:
            store.execute(f"UPDATE {table} SET {column} = replace({column}, ?, ?)", (was, now))
    assert spoiled.assign(tmp_path / "good.csv")[0] == 0
    put_a_trap(held, sign)
    with sqlite3.connect(work / "mlflow.db") as store:
        store.execute("UPDATE model_version_tags SET value = ? WHERE key = 'sha256'", (digest_file(held),))
    code, said = spoiled.assign(tmp_path / "bad.csv")
    assert code == 1 and "digest of segmentation version 1 in the registry is another one than was decided on" in said
    assert not sign.exists() and not (tmp_path / "bad.csv").exists()


def test_a_log_that_was_changed_vouches_for_nothing(decided: Decided, tmp_path: Path) -> None:
    spoiled = decided.copy(tmp_path / "log")
    digest = digest_file(champion_of(spoiled)).encode()
    book = spoiled.open().book
    content = book.read_bytes()
    at = content.index(digest)
    book.write_bytes(content[:at] + (b"0" if content[at : at + 1] != b"0" else b"1") + content[at + 1 :])
    with pytest.raises(Refusal, match="the event log cannot vouch for it") as refused:
        run_stage(DISCOVER, spoiled.open())
    assert "is not as it was written" in str(refused.value)
