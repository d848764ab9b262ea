"""The whole way of a study: what is left behind, what is skipped, and what never changes or leaves."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from segment.errors import NotReady
from segment.governance.pseudonyms import study_pseudonyms
from segment.segments.stability import agreement
from segment.stages import STAGES_IN_ORDER, run_stage
from segment.store import digest_file
from segment.tables import spec_of

if TYPE_CHECKING:
    from conftest import Walk


def files_of(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): digest_file(p) for p in sorted(folder.rglob("*")) if p.is_file()}


def test_every_table_keeps_its_schema_and_its_receipt_counts_its_rows(walked: Walk) -> None:
    store = walked.open().store
    for receipt in walked.receipts:
        for name, entry in receipt.tables.items():
            frame = pd.read_parquet(store.table_path(name))
            assert len(spec_of(name).check(frame)) == entry["rows"], name


def test_the_planted_segments_are_found(walked: Walk, organisation: Path) -> None:
    opened = walked.open()
    truth = pd.read_parquet(organisation / "truth.parquet")
    truth["person"] = study_pseudonyms(opened.config.study, opened.key).persons(truth["person_id"])
    both = opened.store.read("assignments").merge(truth, on=["person", "wave"], suffixes=("", "_planted"))
    assert len(both) == len(opened.store.read("assignments"))
    assert agreement(both["segment"], both["segment_planted"]) > 0.5


def test_no_name_comes_twice_in_what_tracking_sees(walked: Walk) -> None:
    for name in STAGES_IN_ORDER:
        records = walked.open().store.read(f"records_{name}")
        figures = records[records["kind"].isin(["metric", "param", "tag"])]
        assert not figures.duplicated(["kind", "run", "name", "step"]).any(), name


def test_a_second_run_does_nothing(walked: Walk) -> None:
    opened = walked.open()
    before = files_of(opened.workspace)
    again = [run_stage(stage, opened) for stage in STAGES_IN_ORDER.values()]
    assert all(receipt.skipped for receipt in again)
    assert files_of(opened.workspace) == before


def test_how_work_is_spread_over_cores_is_no_part_of_what_a_study_depends_on(walked: Walk) -> None:
    one, two = walked.open("segmentation.n_jobs=1"), walked.open("segmentation.n_jobs=2")
    assert (one.config.segmentation.n_jobs, two.config.segmentation.n_jobs) == (1, 2)
    assert one.digest == two.digest == walked.open().digest
    assert run_stage(STAGES_IN_ORDER["discover"], two).skipped


def test_a_changed_setting_runs_only_the_stages_that_depend_on_it(walked: Walk, organisation: Path) -> None:
    copy = organisation / "copy"
    shutil.copytree(organisation / "work", copy)
    opened = walked.open(f"workspace={copy}", "actions.per_segment=1")
    again = {stage.name: run_stage(stage, opened).skipped for stage in STAGES_IN_ORDER.values()}
    assert again == {
        "prepare": True, "discover": True, "retain": True, "relate": True, "personalise": False, "publish": False,
    }  # fmt: skip


def test_a_table_that_was_touched_is_made_again(walked: Walk, organisation: Path) -> None:
    copy = organisation / "touched"
    shutil.copytree(organisation / "work", copy)
    opened = walked.open(f"workspace={copy}")
    opened.store.table_path("plans").write_bytes(b"broken")
    assert not run_stage(STAGES_IN_ORDER["personalise"], opened).skipped
    assert len(opened.store.read("plans")) > 0


def test_a_stage_says_what_it_builds_on(walked: Walk, tmp_path: Path) -> None:
    opened = walked.open(f"workspace={tmp_path}")
    with pytest.raises(NotReady, match="--from prepare"):
        run_stage(STAGES_IN_ORDER["discover"], opened)


def test_from_an_empty_workspace_the_same_bytes(walked: Walk, walk: Callable[..., Walk], organisation: Path) -> None:
    other = walk(walked.file, f"workspace={organisation / 'again'}")
    first, second = walked.open().workspace, other.open().workspace
    for folder in ("exports", "handover", "released", "tables"):
        assert files_of(first / folder) == files_of(second / folder), folder


def test_department_function_age_and_sex_change_no_label(walked: Walk, organisation: Path) -> None:
    shuffled = organisation.parent / "shuffled"
    shutil.copytree(organisation, shuffled, ignore=shutil.ignore_patterns("work", "again", "copy", "touched"))
    people = pd.read_csv(shuffled / "people.csv", dtype=str, keep_default_na=False)
    rng = np.random.default_rng(5)
    for name in ("department", "function", "age", "sex"):
        people[name] = rng.permutation(people[name].to_numpy())
    people.to_csv(shuffled / "people.csv", index=False)
    opened = walked.open(f"workspace={shuffled / 'work'}")
    moved = opened.__class__(
        opened.study.__class__(opened.config, shuffled / "study.yaml", opened.study.root, opened.study.configs),
        opened.store,
        opened.key,
    )
    for name in ("prepare", "discover"):
        run_stage(STAGES_IN_ORDER[name], moved)
    key = ["person", "wave"]
    before, after = (o.store.read("assignments").set_index(key)["segment"] for o in (walked.open(), moved))
    pd.testing.assert_series_equal(before.sort_index(), after.sort_index())


def test_no_raw_identifier_is_anywhere_but_in_the_raw_files(walked: Walk, organisation: Path) -> None:
    ids = pd.read_csv(organisation / "people.csv", dtype=str)["person_id"]
    needles = [i.encode() for i in ids.sample(40, random_state=1)]
    for path in walked.open().workspace.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(needle in content for needle in needles), path.name


def test_nothing_about_one_person_is_in_the_exports(walked: Walk) -> None:
    opened = walked.open()
    persons = opened.store.read("people")["person"]
    for folder in ("exports", "released"):
        for path in (opened.workspace / folder).rglob("*"):
            if path.is_file() and path.suffix not in (".xlsx", ".pptx"):
                text = path.read_text(encoding="utf-8")
                assert not any(person in text for person in persons), path.name


def test_small_groups_are_hidden_in_what_is_released(walked: Walk) -> None:
    released = walked.open().workspace / "released"
    counted = 0
    for path in released.rglob("*.json"):
        content = json.loads(path.read_text())
        frame = pd.DataFrame(content["data"], columns=content["columns"])
        exact = pd.to_numeric(frame.loc[frame["status"] != "hidden", "n"], errors="coerce").dropna()
        counted += len(exact)
        assert (exact >= 20).all(), path.name
    assert counted > 100


def test_cards_are_for_people_who_asked_and_for_nobody_else(walked: Walk) -> None:
    opened = walked.open()
    responses = opened.store.read("responses")
    last = responses[responses["wave"] == max(responses["wave"])]
    asked = set(last.loc[last["Q_opt"] == 1, "person"])
    cards = {path.name.split(".")[0] for path in (opened.workspace / "handover").rglob("*.html")}
    assert cards
    assert cards <= asked


def test_the_handover_table_has_the_columns_of_the_contract(walked: Walk) -> None:
    opened = walked.open()
    (path,) = (opened.workspace / "handover").rglob("segments.parquet")
    frame = pd.read_parquet(path)
    chances = [f"p_{k}" for k in range(1, frame["segment"].nunique() + 1)]
    assert list(frame) == [
        "person", "wave", "segment", "segment_name", *chances, "entropy", "model_version", "expires",
    ]  # fmt: skip
    np.testing.assert_allclose(frame[chances].sum(axis=1), 1.0)
    assert (frame["segment"] == frame[chances].to_numpy().argmax(axis=1) + 1).all()


def test_without_governance_nothing_about_one_person_leaves(walked: Walk, organisation: Path) -> None:
    copy = organisation / "ungoverned"
    shutil.copytree(organisation / "work", copy)
    opened = walked.saying(governance=None).open(f"workspace={copy}")
    run_stage(STAGES_IN_ORDER["publish"], opened)
    assert [p for p in (copy / "handover").rglob("*") if p.is_file()] == []
    assert (copy / "exports").is_dir()


def arrays_in(thing: object, seen: set[int] | None = None) -> list[np.ndarray]:
    """Every array anywhere inside an object."""
    seen = set() if seen is None else seen
    if id(thing) in seen or isinstance(thing, str | bytes | int | float | bool | type(None)):
        return []
    seen.add(id(thing))
    if isinstance(thing, np.ndarray):
        return [thing]
    if isinstance(thing, pd.DataFrame | pd.Series | pd.Index):
        return [np.asarray(thing)]
    parts: list[object] = []
    if isinstance(thing, dict):
        parts = [*thing.keys(), *thing.values()]
    elif isinstance(thing, list | tuple | set):
        parts = list(thing)
    elif hasattr(thing, "__dict__"):
        parts = list(vars(thing).values())
    return [array for part in parts for array in arrays_in(part, seen)]


@pytest.mark.parametrize("name", ["segmentation", "retention"])
def test_a_saved_model_holds_nothing_as_long_as_the_people(walked: Walk, name: str) -> None:
    store = walked.open().store
    people = {len(store.read(table)) for table in ("people", "responses", "spells")}
    people.add(int((store.read("assignments")["fitted"]).sum()))
    arrays = arrays_in(store.load_model(name, object))
    assert len(arrays) > 3
    longest = max(max(array.shape, default=0) for array in arrays)
    assert longest < min(people), f"an array of {longest}"
