"""Names that become part of a path, and writes that stay in their workspace: attacked with whatever text there is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segment.config import load_study
from segment.errors import InvalidInput, InvalidStudy, Refusal
from segment.places import inside, is_safe_name
from segment.stages.shared_mounts import warn_of_sharing
from segment.store import Store, confined, save_json, written_atomically
from segment.workspace.lock import alone_in

DEMO = Path(__file__).parents[1] / "configs" / "studies" / "demo.yaml"
BAD = [
    "../../../../PWNED",
    "../tables",
    "..",
    "/etc",
    "a/b",
    "a\\b",
    "C:x",
    ".hid",
    "con",
    "nul.txt",
    "a\n",
    "\x00",
    "x" * 99,
]
PARTS = st.sampled_from(["..", "/", "\\", ".", "tables", "a", "\x00", "~", "con", " ", "2024-03", "\u202e", "%2e", ":"])


@pytest.mark.parametrize("name", BAD)
def test_a_name_that_leads_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    assert not is_safe_name(name)
    with pytest.raises(InvalidInput, match="cannot be part of a path"):
        inside(tmp_path, name)


@given(st.one_of(st.text(max_size=90), st.lists(PARTS, max_size=6).map("".join)))
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_safe_name_is_one_folder_in_its_place_and_every_other_is_refused(tmp_path: Path, name: str) -> None:
    if is_safe_name(name):
        path = inside(tmp_path, name)
        assert path.parent == tmp_path
        assert path.resolve().parent == tmp_path.resolve()
        path.mkdir(exist_ok=True)
        assert [found.name for found in tmp_path.iterdir()] == [name]
        path.rmdir()
    else:
        with pytest.raises(InvalidInput):
            inside(tmp_path, name)


def test_a_wave_in_the_study_is_a_safe_name() -> None:
    with pytest.raises(InvalidStudy, match="wave: this name becomes part of a path"):
        load_study(DEMO, overrides=["wave=../tables"])


@pytest.mark.parametrize("name", ["../../ledger", "people/../..", "a/b"])
def test_no_table_or_model_lies_elsewhere(name: str, tmp_path: Path) -> None:
    store = Store(tmp_path / "tables", tmp_path / "models")
    for asked in (store.table_path, store.model_path):
        with pytest.raises(InvalidInput):
            asked(name)


def test_a_write_leaves_its_workspace_by_no_way_and_no_link(tmp_path: Path) -> None:
    work, out = tmp_path / "work", tmp_path / "out"
    (work / "tables").mkdir(parents=True)
    out.mkdir()
    (work / "link").symlink_to(out)
    with confined(work):
        save_json(work / "tables" / "a.json", {})
        for path in (work / "link" / "a.json", work / ".." / "out" / "a.json", out / "a.json"):
            with pytest.raises(Refusal, match="outside its workspace, so nothing was"), written_atomically(path):
                pass
        with pytest.raises(Refusal):
            inside(work, "link")
    assert list(out.iterdir()) == []
    save_json(out / "a.json", {})


def test_what_is_written_is_its_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        work = tmp_path / "work"
        with alone_in(work, doing="run"):
            save_json(work / "receipts" / "a.json", {})
            (work / "mlflow.db").write_bytes(b"")
            (work / "mlartifacts" / "deep").mkdir(parents=True)
            (work / "old").mkdir(mode=0o777)
            (work / "old").chmod(0o777)
            (work / "exports").mkdir()
            (work / "exports").chmod(0o755)
        modes = {path: path.stat().st_mode & 0o077 for path in work.rglob("*")}
        assert {path.name for path, others in modes.items() if others} == {"exports"}
        assert work.stat().st_mode & 0o777 == 0o711
    finally:
        os.umask(before)


def test_a_workspace_that_others_reach_is_warned_of(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir(mode=0o700)
    assert warn_of_sharing(work, mounts=f"disk / ext4 rw 0 0\ndisk {tmp_path} xfs rw 0 0\n") == []
    assert "shared mount (nfs4)" in warn_of_sharing(work, mounts=f"disk / ext4 rw\nhost:/x {tmp_path} nfs4 rw\n")[0]
    (work / "tables").mkdir()
    (work / "tables").chmod(0o755)
    assert "others can read 1 places of the workspace (tables)" in warn_of_sharing(work, mounts="")[0]
    work.chmod(0o777)
    assert "anybody can write" in warn_of_sharing(work, mounts="")[0]
