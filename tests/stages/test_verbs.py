"""Whatever is done to a study, in whatever order: its books verify, and its releases withstand the audit.

``SEGMENT_SEQUENCES=2000`` tries as many sequences of verbs; ``benchmarks/privacy.py --only verbs`` walks them faster.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from releases.books import QUICK
from releases.remembering import remembered
from releases.verbs import VERBS, Put, put_through, started, told, walk

from segment.stages import STAGES_IN_ORDER, run_stage
from segment.stages.base import open_study

#: Verbs that publish, and those that take a second at most.
HEAVY = ("run", "second", "third")
LIGHT = tuple(verb for verb in VERBS if verb not in HEAVY)

tried = settings(
    max_examples=int(os.environ.get("SEGMENT_SEQUENCES", "3")), deadline=None, derandomize=True,
    phases=[Phase.generate], suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.fixture(scope="module")
def starts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Put]]:
    """A study of sixty people after its first run, and the same with its model promoted."""
    with pytest.MonkeyPatch.context() as variables, remembered():
        for name in ("SEGMENT_PSEUDONYM_KEY", "SEGMENT_LEDGER"):
            variables.setenv(name, "")
        yield started(tmp_path_factory.mktemp("verbs") / "s", people=60, quick=QUICK)


@pytest.mark.parametrize("verbs", [("erase",), ("object", "purge", "deliver"), ("withdraw", "erase")], ids="-".join)
def test_the_books_verify_after_people_were_taken_out(
    starts: Mapping[str, Put], tmp_path: Path, verbs: Sequence[str]
) -> None:
    assert put_through(starts["fresh"], verbs, tmp_path).refused == []


@given(start=st.sampled_from(["fresh", "promoted"]), verbs=st.lists(st.sampled_from(LIGHT), min_size=2, max_size=4))
@tried
def test_every_sequence_of_verbs_ends_in_two_passing_audits(
    starts: Mapping[str, Put], start: str, verbs: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        put_through(starts[start], verbs, Path(folder))


@given(
    start=st.sampled_from(["fresh", "promoted"]),
    before=st.lists(st.sampled_from(LIGHT), max_size=2),
    heavy=st.sampled_from(HEAVY),
    after=st.lists(st.sampled_from(VERBS), max_size=1),
)
@settings(tried, max_examples=max(tried.max_examples // 2, 2))
def test_so_does_every_sequence_in_which_a_wave_is_published(
    starts: Mapping[str, Put], start: str, before: list[str], heavy: str, after: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        put_through(starts[start], [*before, heavy, *after], Path(folder))


def test_a_fault_is_kept_with_its_sequence_and_ends_no_walk(
    starts: Mapping[str, Put], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(put: Put) -> None:
        raise KeyError("a text where a mapping is read")

    monkeypatch.setattr(Put, "_deliver", fails)
    found = walk(starts, [("fresh", "deliver"), ("fresh", "deliver", "erase"), ("fresh", "assign")], say=lambda _: None)
    assert list(found["fault"] != "") == [True, True, False]
    assert found["refused"].str.contains("no champion").tolist() == [False, False, True]
    assert "3 sequences, 2 faults" in told(found)
    assert "fresh: deliver: deliver: KeyError" in told(found)


def test_the_trackers_copy_of_a_release_verifies_as_the_release_does(starts: Mapping[str, Put]) -> None:
    [manifest] = (starts["fresh"].workspace / "mlartifacts").rglob("manifest.json")
    command = [sys.executable, "-I", "-S", str(manifest.with_name("verify.py"))]
    done = subprocess.run(command, capture_output=True, text=True, cwd=manifest.parent)
    assert done.returncode == 0, done.stdout
    released = starts["fresh"].workspace / "exports" / starts["fresh"].wave
    assert {file.relative_to(released) for file in released.rglob("*")} == {
        file.relative_to(manifest.parent) for file in manifest.parent.rglob("*")
    }


def test_a_walk_that_was_stopped_goes_on_from_what_it_wrote(
    starts: Mapping[str, Put], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wanted, kept, walked = [("fresh", "assign"), ("fresh", "deliver"), ("promoted", "assign")], tmp_path / "rows", []
    monkeypatch.setattr(Put, "do", lambda put, verb: walked.append(verb))
    monkeypatch.setattr(Put, "audit", lambda put: None)
    first = walk(starts, wanted[:1], kept=kept, say=lambda _: None)
    kept.write_text(kept.read_text() + '{"start": "fresh", "len')
    then = walk(starts, wanted, kept=kept, say=lambda _: None)
    assert walked == ["assign", "deliver", "assign"] and len(first) == 1
    assert list(zip(then["start"], then["verbs"], strict=True)) == wanted
    assert walk(starts, wanted, kept=kept, minutes=0, say=lambda _: None).equals(then) and len(walked) == 3


def test_a_table_that_the_wave_does_not_have_any_more_is_taken_away(starts: Mapping[str, Put], tmp_path: Path) -> None:
    """With too few exits left no figures about leaving are published; those of before are no release any more."""
    put = starts["fresh"].copied(tmp_path)
    file = put.workspace / "released" / put.wave / "reliability.json"
    assert file.is_file()
    opened = open_study(put.file, overrides=put.options)
    opened.store.remove("reliability")
    run_stage(STAGES_IN_ORDER["publish"], opened, force=True)
    assert not file.exists()
    put.audit()
