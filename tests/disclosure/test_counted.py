"""A share of counted people changes with them: who answered, and who did not, is held as who is in the group is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from segment.disclosure.ledger.answers import Sketch
from segment.disclosure.ledger.release_ledger import ReleaseLedger
from segment.disclosure.linked_tables import Request
from segment.disclosure.rules import ReleaseRules
from segment.experience.response_tables import response_table
from segment.stages.release.asked import Asked, Counted
from segment.stages.release.control import release_held
from segment.stages.release.group_members import KNOWN_BY_NAME
from segment.stages.release.ledgers import Book, Books
from segment.tables.registry import plan_of, released_tables

SIZES = {"Care": 40, "Operations": 22, "Sales": 30}
ANSWERED = {"Care": 25, "Operations": 14, "Sales": 20}


class Organisation:
    """The releases of response by department, one after the other."""

    def __init__(self, folder: Path, *, held: bool = True) -> None:
        folder.mkdir(exist_ok=True)
        self._ledger, self._held = ReleaseLedger(folder / "l.db", members=folder / "m.db", key=b"key"), held
        self.everyone: set[str] = set()

    def publish(
        self, answered: Mapping[str, int], *, sizes: Mapping[str, int] = SIZES, first: int = 0, wave: str = "2025",
        late: Collection[str] = (),
    ) -> pd.DataFrame:  # fmt: skip
        """Response by department; those who answered are the ones from place ``first`` on, and who was ``late``."""
        asked_of = [(f"{name} {one}", name, one) for name, n in sizes.items() for one in range(n)]
        people = pd.DataFrame(asked_of, columns=["person", "group", "place"])
        there = (people["place"] >= first) & (people["place"] < people["group"].map(answered) + first)
        there |= people["person"].isin(late)
        people = people.drop(columns="place")
        said = pd.DataFrame({"person": people.loc[there, "person"].tolist()})
        draws = [np.random.default_rng([*map(ord, f"{one}{wave}")]).integers(1, 6, 12) for one in said["person"]]
        said = said.join(pd.DataFrame(draws).add_prefix("Q"))
        rows = response_table(people.set_index("person")["group"], set(said["person"]), wave=wave)
        plan, source, sketch = plan_of("response"), f"answers-in-scope {wave} of us", Sketch.of(said)
        request = Request(
            "response", rows.drop(columns="wave"), plan.groups, source, options={"shares": plan.shares, "kind": "rates"}
        )
        counted = [
            Counted(name, f"counted-{source}", people[inside], sketch)
            for name, inside in ((", who answered", there), (", who did not", ~there))
        ]
        asked = Asked((request,), {"response": plan.people}, {"response": people}, {source: sketch}, ReleaseRules())
        asked = replace(asked, counted={"response": counted}) if self._held else asked
        self.everyone |= set(people["person"])
        table = release_held(Books((Book(self._ledger),)), asked).tables["response"]
        return table.frame.assign(group=table.frame["group"].fillna("everyone")).set_index("group")

    def examined(self) -> list[object]:
        return list(self._ledger.reexamine(self.everyone))


def told(frame: pd.DataFrame) -> dict[str, tuple[object, object]]:
    """What is shown of each group."""
    shown = frame[frame["status"] != "hidden"]
    return {name: (row["n"], row["share"]) for name, row in zip(shown.index, shown.to_dict("records"), strict=True)}


@pytest.mark.parametrize("by", [-4, -1, 1, 4])
def test_an_answer_more_or_less_leaves_the_share_as_it_was(tmp_path: Path, by: int) -> None:
    us, open_to = Organisation(tmp_path), Organisation(tmp_path / "other", held=False)
    before, now = ANSWERED, {**ANSWERED, "Operations": 14 + by}
    first, again = us.publish(before), us.publish(now)
    assert set(told(first)) == {*SIZES, "everyone"} and told(again) == told(first)
    assert again.loc[["Operations", "everyone"], "earlier"].all() and us.examined() == []
    assert told(open_to.publish(before)) != told(open_to.publish(now)), "it could have told"


def test_somebody_else_who_answered_is_no_new_share(tmp_path: Path) -> None:
    us = Organisation(tmp_path)
    first, again = us.publish(ANSWERED), us.publish(ANSWERED, first=1)
    assert told(again) == told(first) and again.loc[list(SIZES), "earlier"].all()


def test_six_more_of_whom_five_answered_tell_of_the_sixth(tmp_path: Path) -> None:
    """Neither who is in the department nor who answered changed by a few; who did not answer did."""
    us = Organisation(tmp_path)
    us.publish(ANSWERED)
    more = us.publish(ANSWERED, sizes={**SIZES, "Sales": 36}, late=[f"Sales {one}" for one in range(30, 35)])
    assert "Sales" not in told(more) and us.examined() == []


def test_many_late_answers_are_told(tmp_path: Path) -> None:
    us = Organisation(tmp_path)
    first, again = us.publish(ANSWERED), us.publish({name: n + 6 for name, n in ANSWERED.items()})
    assert "earlier" not in again and all(told(again)[name] != told(first)[name] for name in SIZES)
    assert us.examined() == []


def test_what_is_left_of_everyone_does_not_tell(tmp_path: Path) -> None:
    """Seven more of everyone, six of these of one department shown anew: one is left."""
    us = Organisation(tmp_path)
    first = us.publish(ANSWERED)
    again = us.publish({**ANSWERED, "Care": 31, "Operations": 15})
    same = [name for name in told(first) if told(again).get(name) == told(first)[name]]
    assert "Operations" in same and "everyone" in same and told(again)["Care"] != told(first)["Care"]
    assert us.examined() == []


def test_another_wave_is_no_earlier_self(tmp_path: Path) -> None:
    us, few = Organisation(tmp_path), {"Care": 38, "Operations": 20, "Sales": 28}
    first, other = us.publish(few), us.publish({**few, "Operations": 19}, first=2, wave="2026")
    assert set(told(other)) == set(told(first)) and "earlier" not in other and us.examined() == []


#: Kinds of people of whom every figure is made of what they answered, which the ledger knows by person; and moves, each
#: of which is a group.
ANSWERS, CELLS = {"wave", "wave before", "begun"}, {"moves"}
#: Kinds whose figures a model foretells: who left is no share of them.
FORETOLD = {"present", "explained"}


def test_whom_a_share_counts_is_known_of_every_table_by_group() -> None:
    """A table of people whom the ledger knows is of their answers, of their moves, foretold, or says whom it counts."""
    plans = {name: plan for name, plan in released_tables().items() if plan.groups and plan.people in KNOWN_BY_NAME}
    unsaid = [name for name, plan in plans.items() if not plan.counts and plan.people not in ANSWERS | CELLS | FORETOLD]
    assert unsaid == [] and {name for name, plan in plans.items() if plan.counts == "answered"} == {"response"}
    assert {name for name, plan in plans.items() if plan.counts == "left"} == {"curves", "first_year"}
    assert {name for name, plan in plans.items() if plan.counts == "left before the end"} == {"scorecard"}
    assert {plan.counts for plan in released_tables().values()} == {
        "",
        "left",
        "left before the end",
        "answered",
        "model",
    }
