"""Whatever is done to a study, in whatever order: its books verify, and its releases withstand the audit."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from releases.verbs import VERBS, Put, people_known, put_through

from segment.privacy.pseudonyms import derived_key

if TYPE_CHECKING:
    from conftest import Walk

#: Verbs that fit no stage anew; the benchmark tries the others as well.
QUICK_VERBS = tuple(verb for verb in VERBS if verb not in ("run", "second", "third", "assign", "promote"))


@pytest.fixture(scope="module")
def start(walked: Walk) -> Put:
    opened = walked.open()
    raw = pd.read_csv(walked.file.parent / "responses_2024-03.csv", dtype=str)["person_id"]
    people = people_known(walked.file, walked.overrides, raw)
    key = derived_key(opened.config.study)
    return Put(walked.file, walked.overrides, opened.workspace, people[:20], (), key)


@pytest.mark.parametrize("verbs", [("erase",), ("object", "purge", "deliver"), ("withdraw", "erase")], ids="-".join)
def test_the_books_verify_after_people_were_taken_out(start: Put, tmp_path: Path, verbs: Sequence[str]) -> None:
    assert put_through(start, verbs, tmp_path).refused == []


@given(verbs=st.lists(st.sampled_from(QUICK_VERBS), min_size=2, max_size=4))
@settings(
    max_examples=4, deadline=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
def test_every_sequence_of_verbs_ends_in_two_passing_audits(start: Put, verbs: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        put_through(start, verbs, Path(folder))
