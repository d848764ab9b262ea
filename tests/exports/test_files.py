"""The folder HR receives: inert lists, a manifest that adds up, and all or nothing on disk."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sample_story

from segment.errors import InvalidInput
from segment.exports.actions_list import inert, render_actions
from segment.exports.manifest import write_manifest
from segment.exports.story import Story
from segment.exports.writing import make_exports, same_files


def small() -> Story:
    """A story that is quick to write."""
    story = sample_story.full_story()
    tables = {name: story.released[name] for name in ("segments", "plans")}
    return replace(story, released=tables, languages=("en",), tried=None, findings=None)


def rows(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf"), "a byte order mark, so that Excel reads the letters right"
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_actions_are_one_row_per_segment_and_action() -> None:
    found = rows(render_actions(sample_story.full_story()))
    assert len(found) == 12
    assert (found[0]["segment"], found[0]["rank"], found[0]["action"]) == ("1", "1", "rota-say")
    assert found[0]["title_nl"] == "Zeggenschap over het rooster"
    assert found[0]["title_en"] == "A say in the rota"
    assert all(row["priority_percent"].isdigit() for row in found), "whole numbers, so that no decimal sign is misread"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t=", "\r=", "\n=", "\0=", "＝", "＋", "－", "＠"])
def test_no_text_in_a_list_can_become_a_formula(sign: str) -> None:
    actions = {code: dict(texts) for code, texts in sample_story.ACTIONS.items()}
    actions["rota-say"]["title"] = {"nl": f"{sign}cmd|' /C calc'!A0", "en": "fine"}
    cell = rows(render_actions(replace(sample_story.full_story(), actions=actions)))[0]["title_nl"]
    assert cell.startswith("'")
    assert not set("\t\r\n\0") & set(cell)


def test_plain_words_stay_as_they_are() -> None:
    assert inert("Een gesprek – met vervolg; nu") == "Een gesprek – met vervolg; nu"


def test_the_manifest_adds_up(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_bytes(b"two")
    (tmp_path / "a.txt").write_bytes(b"one")
    certificate = {"hidden": np.int64(3), "audit": {"passed": np.bool_(True)}}
    path = write_manifest(tmp_path, study_digest="abc", certificate=certificate, files=["b.txt", "a.txt"])
    told = json.loads(path.read_text("utf-8"))
    assert told["files"]["a.txt"] == hashlib.sha256(b"one").hexdigest()
    assert list(told["files"]) == ["a.txt", "b.txt"]
    assert told["certificate"] == {"audit": {"passed": True}, "hidden": 3}
    assert told["study_digest"] == "abc"


def test_the_manifest_refuses_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="not in its folder"):
        write_manifest(tmp_path, study_digest="abc", certificate={}, files=["absent.txt"])


def test_everything_is_written_and_listed(tmp_path: Path) -> None:
    target = tmp_path / "exports" / "2025-2"
    written = make_exports(small(), target, extra={"dossier/dpia.en.md": "# DPIA\n"})
    names = sorted(path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file())
    assert written == names
    assert names == [
        "actions.csv", "dossier/dpia.en.md", "guide.en.html", "manifest.json", "method.en.html", "report.en.html",
        "rules.json",
        "segment_1.en.html", "segment_2.en.html", "segment_3.en.html", "segment_4.en.html", "segments.en.pptx",
        "segments.en.xlsx",
        "verify.py",
    ]  # fmt: skip
    told = json.loads((target / "manifest.json").read_text("utf-8"))["files"]
    assert set(told) == set(names) - {"manifest.json"}
    assert all(hashlib.sha256((target / name).read_bytes()).hexdigest() == digest for name, digest in told.items())
    assert [path.name for path in target.parent.iterdir()] == ["2025-2"], "no leftovers beside it"


def test_without_actions_no_list_of_them_is_made_or_linked(tmp_path: Path) -> None:
    bare = replace(small(), released={name: one for name, one in small().released.items() if name != "plans"})
    assert "actions.csv" not in make_exports(bare, tmp_path / "bare")
    assert "actions.csv" not in (tmp_path / "bare" / "report.en.html").read_text("utf-8")
    assert "actions.csv" in make_exports(small(), tmp_path / "usual")


def test_the_same_story_again_makes_the_same_files_and_another_one_does_not(tmp_path: Path) -> None:
    make_exports(small(), tmp_path / "first")
    make_exports(small(), tmp_path / "again")
    make_exports(replace(small(), study_digest="other"), tmp_path / "other")
    assert same_files(tmp_path / "again", tmp_path / "first")
    assert not same_files(tmp_path / "other", tmp_path / "first")
    assert not same_files(tmp_path / "first", tmp_path / "absent")


@pytest.mark.parametrize("name", ["../outside.txt", "/absolute.txt", "actions.csv", "manifest.json"])
def test_extra_files_stay_inside_and_take_no_name_of_ours(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be exported under this name"):
        make_exports(small(), tmp_path / "2025-2", extra={name: "x"})
    assert not (tmp_path / "2025-2").exists()
