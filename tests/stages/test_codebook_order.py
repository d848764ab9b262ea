"""The order of a codebook's rows is nobody's statement: it moves no person between segments and no figure of them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from segment.stages import STAGES_IN_ORDER, open_study, run_stage

if TYPE_CHECKING:
    from conftest import Walk

CODEBOOK = Path(__file__).resolve().parents[2] / "configs" / "codebooks" / "relation.csv"
#: What is said of segments; needs and questions stand in these tables in the order of the questionnaire.
TABLES = (
    "segments",
    "assignments",
    "profiles",
    "stability",
    "verdict",
    "ladder",
    "exemplars",
    "typing_tool",
    "drivers",
)


def in_order(table: pd.DataFrame) -> pd.DataFrame:
    """The rows by what they are about."""
    keys = [name for name in table if name in ("person", "wave", "segment", "place", "n_items", "item", "grouping")]
    keys += [name for name in ("target", "need", "measure") if name in table]
    return table.sort_values(keys, kind="stable").reset_index(drop=True)


def test_shuffled_rows_of_the_codebook_move_nothing_where_segments_are_found(walked: Walk, tmp_path: Path) -> None:
    before = walked.open()
    folder = tmp_path / "organisation"
    shutil.copytree(walked.file.parent, folder, ignore=shutil.ignore_patterns("work*"))
    rows = CODEBOOK.read_text(encoding="utf-8-sig").splitlines()
    shuffled = pd.Series(rows[1:]).sample(frac=1.0, random_state=5).tolist()
    assert shuffled != rows[1:]
    (folder / "shuffled.csv").write_text("\n".join([rows[0], *shuffled]) + "\n", encoding="utf-8")
    settings = [one for one in walked.overrides if not one.startswith("workspace=")]
    own = ("codebook.file=shuffled.csv", f"workspace={tmp_path / 'work'}")
    after = open_study(folder / "study.yaml", overrides=[*settings, *own])
    for name in ("prepare", "discover"):
        run_stage(STAGES_IN_ORDER[name], after)
    assert before.store.read("segments")["segment"].nunique() > 2
    compared = [name for name in TABLES if before.store.has(name)]
    assert len(compared) >= 8
    for name in compared:
        one, two = (in_order(opened.store.read(name)) for opened in (before, after))
        pd.testing.assert_frame_equal(one, two, rtol=0, atol=0, obj=name)
