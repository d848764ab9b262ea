"""The order in which a study lists its files says nothing: findings and tables are the same in every order."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pandas as pd
import pytest

from segment.displays.labels import Labels
from segment.exports.finding_words import finding_line
from segment.ingest import finding_lines

#: Three surveys with much to find: open answers under different names, strangers, values off the scale, answers twice,
#: an item that only one of them asked, and people who had not begun.
LATER = """\
person_id,I_PAY,E_PAY,O_look,H_dream,H_other
9,2,3,4,een tuin,x
008,1,7,2,,y
008,1,2,2,,
012,9,2,1,rust,
"""
LAST = """\
medewerker,wave,I_PAY,E_SEC,J_talk,A_dream
010,2026,3,4,2,zee
77,2026,a word,4,,
011,2025,5,1,99,
"""


def _three(desk: Any) -> list[dict[str, Any]]:
    desk.files |= {"later.csv": LATER, "a_last.csv": LAST}
    desk.files["codebook.csv"] += (
        "H_other,H,*,dream,open,,,,,Twaalf,Twelve\nA_dream,H,*,dream,open,,,,,Dertien,Thirteen\n"
    )
    desk.swap("survey.csv", "007,2024", "7,2024")
    desk.settings["waves"] = {"2024": "2018-01-31"}
    return [
        desk.settings["sources"]["responses"][0],
        {"file": "later.csv", "wave": "2025", "date": "2025-03-31", "unanswered": ["99"]},
        {"file": "a_last.csv", "columns": {"person_id": "medewerker"}, "unanswered": ["99"]},
    ]


def _reread(desk: Any, order: tuple[dict[str, Any], ...]) -> Any:
    desk.settings["sources"]["responses"] = list(order)
    return desk.read()


def test_findings_are_the_same_in_every_order_of_files(desk: Any) -> None:
    files = _three(desk)
    first, *others = (_reread(desk, order).findings for order in permutations(files))
    assert len(first) > 8 and first.loc[first["code"] == "DQ038", "subject"].nunique() == 3
    for other in others:
        pd.testing.assert_frame_equal(first, other)
        assert finding_lines(first) == finding_lines(other)
        for language in ("nl", "en"):
            told = [[finding_line(row, Labels(language)) for row in one.to_dict("records")] for one in (first, other)]
            assert told[0] == told[1]


@pytest.mark.parametrize("outcome", [False, True])
def test_tables_are_the_same_in_every_order_of_files(desk: Any, outcome: bool) -> None:
    """Where nothing is wrong: answers, days of waves, identities, and an outcome that the surveys state."""
    _, *later = _three(desk)
    asked = {
        "survey.csv": ("person_id,wave,I_PAY,E_PAY", "007,2024,5,4", "011,2024,4,2"),
        "later.csv": ("person_id,I_PAY,E_PAY,O_look", "009,2,3,4", "008,1,4,2"),
        "a_last.csv": ("medewerker,wave,I_PAY,E_SEC", "010,2026,3,4", "011,2026,5,1"),
    }
    for name, (heads, *rows) in asked.items():
        told = [
            f"{heads},leave" * outcome or heads,
            *(f"{row},{said}" * outcome or row for row, said in zip(rows, ("yes", "no"), strict=True)),
        ]
        desk.files[name] = "\n".join(told) + "\n"
    del desk.settings["waves"]
    if outcome:
        desk.settings["outcome"] = {"kind": "horizon", "source": "responses", "column": "leave"}
    files = [{"file": "survey.csv", "unanswered": ["99"]}, *later]
    first, *others = (_reread(desk, order) for order in permutations(files))
    assert set(first.tables["responses"]["wave"]) == {"2024", "2025", "2026"}
    for other in others:
        assert first.tables.keys() == other.tables.keys()
        for name, table in first.tables.items():
            pd.testing.assert_frame_equal(table, other.tables[name])
        assert (first.outcome is None) == (other.outcome is None)
        if first.outcome is not None:
            pd.testing.assert_frame_equal(first.outcome, other.outcome)
