"""The same answers under other names and codes are the same source; other answers of the same people are not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from segment.disclosure.ledger.answers import Sketch
from segment.disclosure.ledger.rewording import reworded
from segment.privacy import ReleaseLedger

PEOPLE, QUESTIONS = 60, 14
CHANGES: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "counted from zero": lambda rows: rows - 1,
    "turned round": lambda rows: 6 - rows,
    "half of them turned round": lambda rows: rows.assign(**{name: 6 - rows[name] for name in list(rows)[::2]}),
    "under other names": lambda rows: rows.rename(columns=lambda name: f"new {name}"),
    "some under other names": lambda rows: rows.rename(columns={f"q{number}": f"new {number}" for number in range(9)}),
    "names exchanged": lambda rows: rows.set_axis(list(rows)[::-1], axis=1),
    "renamed and turned round": lambda rows: (6 - rows).rename(columns=lambda name: f"new {name}"),
    "renamed, with other answers under the old names": lambda rows: pd.concat(
        [rows.rename(columns=lambda name: f"new {name}"), answered(9)], axis=1
    ),
}


def answered(seed: int, *, like: pd.DataFrame | None = None, share: float = 0.0) -> pd.DataFrame:
    """Answers of 1 to 5 with missing ones; of ``like`` this ``share`` is said again."""
    rng = np.random.default_rng(seed)
    names = [f"q{number}" for number in range(QUESTIONS)]
    rows = pd.DataFrame(rng.integers(1, 6, (PEOPLE, QUESTIONS)).astype(float), columns=names)
    rows = rows.mask(rng.random(rows.shape) < 0.05)
    return rows if like is None else rows.where(rng.random(rows.shape) >= share, like)


def sketch(rows: pd.DataFrame) -> Sketch:
    return Sketch.of(rows.assign(person=[f"p{number}" for number in rows.index]))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[ReleaseLedger]:
    yield ReleaseLedger(
        tmp_path / "ledger.db", members=tmp_path / "members.db", key=b"a key of thirty-two bytes in all"
    )


def conflicts(ledger: ReleaseLedger, name: str, rows: pd.DataFrame, *, write: bool = False) -> list[str]:
    told, groups = sketch(rows), {"profiles": {"everyone": [f"p{number}" for number in rows.index]}}
    found = ledger.conflicts(groups, source=f"answers {name}", answers=told)
    if write:
        shown = {"profiles": {"everyone": [{"status": "shown", "n": str(len(rows))}]}}
        ledger.record(groups, source=f"answers {name}", digests={"profiles": name}, answers=told, rows=shown)
    return [str(one) for one in found]


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_one_who_left_is_not_given_away_by_questions_told_otherwise(
    ledger: ReleaseLedger, change: Callable[[pd.DataFrame], pd.DataFrame]
) -> None:
    before = answered(1)
    assert conflicts(ledger, "spring of one", before, write=True) == []
    again = change(before).drop(index=5)
    assert conflicts(ledger, "autumn of another", again) != []
    everyone = change(before)
    assert conflicts(ledger, "autumn of another", everyone, write=True) == []
    assert conflicts(ledger, "winter of a third", again) != [], "told so a second time it is known as well"
    assert conflicts(ledger, "winter of a third", before.drop(index=5)) != [] and ledger.verify() is None


def test_who_answered_nothing_that_both_asked_is_nobody_else(ledger: ReleaseLedger) -> None:
    """One left; two had left these questions open. They alone would make the groups differ by five."""
    before = answered(1)
    before.loc[[3, 4], "q0":"q5"] = np.nan
    conflicts(ledger, "spring", before, write=True)
    assert conflicts(ledger, "autumn", before.loc[:, "q0":"q5"].drop(index=9)) != []


@pytest.mark.parametrize("share", [0.0, 0.3, 0.5])
def test_other_answers_of_the_same_people_are_another_source(ledger: ReleaseLedger, share: float) -> None:
    """As many as half of the answers are given again a year later; that is a new wave."""
    before = answered(1)
    conflicts(ledger, "spring", before, write=True)
    assert conflicts(ledger, "spring a year later", answered(2, like=before, share=share).drop(index=5)) == []


@pytest.mark.parametrize(("change", "again"), [("under other names", True), ("turned round", False)])
def test_figures_are_shown_again_on_their_own_scale_only(ledger: ReleaseLedger, change: str, again: bool) -> None:
    before = answered(1)
    conflicts(ledger, "spring", before, write=True)
    rows = CHANGES[change](before).drop(index=5)
    groups = {"everyone": [f"p{number}" for number in rows.index]}
    published = ledger.published("profiles", groups, source="answers autumn", answers=sketch(rows))
    assert bool(published) == again


def test_few_people_and_few_questions_are_no_ground_to_call_answers_the_same() -> None:
    one, other = answered(1), answered(2)
    assert reworded(sketch(one.iloc[:12]), sketch(one.iloc[:12] - 1)) is None
    assert reworded(sketch(one), sketch(other.assign(q0=6 - one["q0"], q1=6 - one["q1"]))) is None
    found = reworded(sketch(one), sketch(6 - one))
    assert found is not None and found.recoded and found.of(sketch(6 - one)).said.tolist() == sketch(one).said.tolist()


def test_a_source_between_two_others_links_them(ledger: ReleaseLedger) -> None:
    """One study of half the people, one of all, one of the other half without who left: these two share nobody."""
    rows = answered(1)
    assert conflicts(ledger, "half", rows.iloc[:30], write=True) == []
    assert conflicts(ledger, "all", rows, write=True) == []
    assert conflicts(ledger, "the other half", rows.iloc[30:-1]) != []
    assert conflicts(ledger, "the other half", rows.iloc[30:]) == []
    assert conflicts(ledger, "the other half in other words", 6 - rows.iloc[30:-1]) != []
    assert conflicts(ledger, "another time", answered(3).iloc[30:-1]) == []
