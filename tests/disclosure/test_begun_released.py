"""What begun actions did is told of groups that somebody chose: no choice of segments gives anybody away."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from segment.disclosure.ledger.answers import Sketch
from segment.disclosure.ledger.release_ledger import ReleaseLedger
from segment.disclosure.linked_tables import Options, Request
from segment.disclosure.release import ReleasedTable
from segment.disclosure.rules import ReleaseRules
from segment.personalisation import action_effects, people_of_begun
from segment.stages.release.asked import Asked
from segment.stages.release.control import release_held
from segment.stages.release.group_members import BEGUN, besides_of_begun, parts_of_begun
from segment.stages.release.ledgers import Book, Books
from segment.tables.registry import plan_of

DAYS = {"2023": pd.Timestamp("2023-03-31").date(), "2024": pd.Timestamp("2024-03-31").date()}
NEEDS = {"PAY_talk": "PAY"}
NOTHING = pd.DataFrame({"person": ["a"], "x": 1.0}).iloc[:0]


def world(*sizes: int, only_then: Mapping[int, int] | None = None, seed: int = 3) -> pd.DataFrame:
    """Who answered in both waves, by segment; of some segments (``only_then``) a few in the first wave alone."""
    draw = np.random.default_rng(seed)
    people = [(float(segment), f"{segment}-{one}") for segment, n in enumerate(sizes) for one in range(n)]
    gone = [f"{segment}-{one}" for segment, n in (only_then or {}).items() for one in range(n)]
    rows = pd.DataFrame(
        [(s, p, wave) for wave in DAYS for s, p in people if wave == "2023" or p not in gone],
        columns=["segment", "person", "wave"],
    )
    return rows.assign(
        weight=1.0, shortfall_PAY=draw.integers(1, 9, len(rows)) / 10, engagement=draw.integers(1, 6, len(rows)) * 1.0
    )


def answered(outcomes: pd.DataFrame, wave: str) -> pd.DataFrame:
    """The answers of a wave; what was asked besides tells people apart, and is the same in every release."""
    own = outcomes[outcomes["wave"] == wave]
    said = np.array([np.random.default_rng([sum(map(ord, p)), len(wave)]).integers(1, 6, 12) for p in own["person"]])
    return own[["person", "segment", "shortfall_PAY", "engagement"]].assign(
        **{f"Q{place}": said[:, place] for place in range(12)}
    )


def tables_of(outcomes: pd.DataFrame, chosen: list[int]) -> list[tuple[Request, pd.DataFrame]]:
    """Means by segment, who may be named, what an action did that began in ``chosen`` segments; with their people."""
    now, plan = answered(outcomes, "2024"), plan_of("action_effects")
    said, source = now.groupby("segment")["engagement"].agg(n="size", mean="mean").reset_index(), "answers 2024 of us"
    named: Options = {"shares": ["share"], "kind": "segments", "population": len(now)}
    begun = pd.DataFrame({"action": "PAY_talk", "segment": [float(one) for one in chosen], "known": True})
    begun["day"] = pd.Timestamp("2023-09-01")
    effects = action_effects(begun, outcomes, NEEDS, days=DAYS, least=30)
    people = people_of_begun(begun, outcomes, NEEDS, days=DAYS)
    assert plan.shape is not None
    frame = plan.shape(effects, {}).assign(_least=1.0, _most=5.0)
    told: Options = {
        "means": plan.means, "shares": plan.shares, "texts": plan.texts, "kind": plan.kind, "digits": plan.digits,
        "ends": {"before": ("_least", "_most")},
    }  # fmt: skip
    of_action = Request("action_effects", frame, plan.groups, source, lines=plan.lines, options=told)
    return [
        (Request("profiles", said, ("segment",), source, options={"means": ["mean"]}), now),
        (Request("segments", said.assign(share=said["n"] / len(now)), ("segment",), source, options=named), now),
        (of_action, people),
    ]


class Organisation:
    """The releases of one organisation, one after the other."""

    def __init__(self, folder: Path) -> None:
        self._books = Books((Book(ReleaseLedger(folder / "l.db", members=folder / "m.db", key=b"key")),))

    def publish(self, outcomes: pd.DataFrame, chosen: list[int], *, then: bool = False) -> dict[str, ReleasedTable]:
        """A release of the second wave; ``then``: before it, the means by segment of the first."""
        if then:
            before = answered(outcomes, "2023")
            said = before.groupby("segment")["engagement"].agg(n="size", mean="mean").reset_index()
            self._release([(Request("profiles", said, ("segment",), "answers 2023 of us", options={"means": ["mean"]}),
                            before)], outcomes, pd.DataFrame())  # fmt: skip
        made = tables_of(outcomes, chosen)
        return self._release(made, outcomes, made[-1][1])

    def _release(
        self, made: list[tuple[Request, pd.DataFrame]], outcomes: pd.DataFrame, people: pd.DataFrame
    ) -> dict[str, ReleasedTable]:
        of_begun = [request.name for request, _ in made if request.name == "action_effects"]
        behind = {request.name: own for request, own in made}
        for name in of_begun:
            behind[name] = people[(people["side"] == "began") & (people["wave"] == "2024")]
        asked = Asked(
            tuple(request for request, _ in made), {r.name: BEGUN if r.name in of_begun else "wave" for r, _ in made},
            behind,
            {f"answers {wave} of us": Sketch.of(answered(outcomes, wave).drop(columns="segment")) for wave in DAYS},
            ReleaseRules(),
            besides=dict.fromkeys(of_begun, besides_of_begun(people, "2024", "answers {} of us".format))
            if of_begun else {},
            parts=dict.fromkeys(of_begun, parts_of_begun(people)) if of_begun else {},
        )  # fmt: skip
        return dict(release_held(self._books, asked).tables)


def effects(tables: Mapping[str, ReleasedTable]) -> pd.DataFrame:
    """The rows of what actions did, by what they are about."""
    return tables["action_effects"].frame.set_index("about")


FIGURES = ["before", "before_share", "effect", "effect_low", "effect_high", "waiting"]


@pytest.mark.parametrize(("second", "told"), [(20, False), (80, True)])
def test_two_lists_do_not_tell_of_a_segment_that_is_hidden(tmp_path: Path, second: int, told: bool) -> None:
    """Segment 1 with others, less the others, is segment 1; where it may be told itself, so may both."""
    outcomes, us = world(100, second, 90, 110), Organisation(tmp_path)
    first = us.publish(outcomes, [0])
    assert (first["segments"].frame.set_index("segment").loc[1.0, "status"] != "hidden") == told
    assert effects(first)["status"].eq("shown").all() and effects(first)["n"].eq("100").all()
    both = effects(us.publish(outcomes, [0, 1]))
    assert both["status"].ne("hidden").all() == both[FIGURES].notna().any(axis=None) == told


@pytest.mark.parametrize("segment", [0, 2])
def test_one_who_left_leaves_the_figures_as_they_were(tmp_path: Path, segment: int) -> None:
    """On either side: the mean before, and the change, with one less would be that one's answers."""
    outcomes, us = world(100, 80, 90), Organisation(tmp_path)
    first = effects(us.publish(outcomes, [0]))
    without = outcomes[outcomes["person"] != f"{segment}-7"]
    fresh = (
        effects(Organisation(tmp_path / "other").publish(without, [0])) if (tmp_path / "other").mkdir() is None else 0
    )
    again = effects(us.publish(without, [0]))
    assert first["status"].eq("shown").all() and again["earlier"].all()
    pd.testing.assert_frame_equal(again[["n", *FIGURES]], first[["n", *FIGURES]])
    assert not fresh[["n", *FIGURES]].equals(first[["n", *FIGURES]]), "it could have told"


def test_many_who_left_have_figures_of_their_own(tmp_path: Path) -> None:
    outcomes, us = world(100, 80, 90), Organisation(tmp_path)
    first = effects(us.publish(outcomes, [0]))
    gone = [f"{segment}-{one}" for segment in (0, 1, 2) for one in range(12)]
    again = effects(us.publish(outcomes[~outcomes["person"].isin(gone)], [0]))
    assert "earlier" not in again and again["n"].eq("88").all() and first["n"].eq("100").all()


@pytest.mark.parametrize(("few", "told"), [(2, False), (12, True)])
@pytest.mark.parametrize("segment", [0, 2])
def test_a_segment_then_less_those_who_answered_since_is_nobody(
    tmp_path: Path, few: int, told: bool, segment: int
) -> None:
    """Means then of all, and of those who answered since, differ by who did not: on both sides."""
    outcomes = world(100, 80, 90, only_then={segment: few})
    assert effects(Organisation(tmp_path).publish(outcomes, [0], then=True))["status"].ne("hidden").all() == told


def test_one_answer_less_behind_one_side_keeps_what_was_told_of_it(tmp_path: Path) -> None:
    outcomes, us = world(100, 80, 90), Organisation(tmp_path)
    first = effects(us.publish(outcomes, [0]))
    open_now = (outcomes["person"] == "2-5") & (outcomes["wave"] == "2023")
    again = effects(us.publish(outcomes.assign(engagement=outcomes["engagement"].mask(open_now)), [0]))
    assert first.loc["engagement", FIGURES].equals(again.loc["engagement", FIGURES])
    assert again.loc["engagement", "earlier"]
