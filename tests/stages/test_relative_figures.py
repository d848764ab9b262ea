"""Figures that compare segments say nothing of whoever left one of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from segment.disclosure.ledger.answers import Sketch
from segment.disclosure.linked_tables import Request
from segment.disclosure.rules import ReleaseRules
from segment.privacy import ReleaseLedger
from segment.stages.release.asked import Asked, Counted
from segment.stages.release.control import release_held
from segment.stages.release.ledgers import Book, Books
from segment.tables.registry import plan_of, released_tables

PEOPLE = pd.DataFrame({"person": [f"p{number}" for number in range(250)], "segment": np.repeat(np.arange(5.0), 50)})
ANSWERS = PEOPLE[["person"]].assign(
    **{f"q{item}": np.random.default_rng(item).integers(1, 6, len(PEOPLE)) for item in range(12)}
)


def publish(books: Books, people: pd.DataFrame, *, shift: float) -> pd.DataFrame:
    """Ratings of segments from the lowest to the highest mean of an answer; what is shown of them."""
    mean = people.merge(ANSWERS, on="person").groupby("segment")["q0"].mean() + shift * pd.Series(np.arange(5.0))
    rating = 10 * (mean - mean.min()) / (mean.max() - mean.min())
    frame = pd.DataFrame(
        {"segment": mean.index, "criterion": "shortfall", "rating": rating.to_numpy(),
         "attractiveness": rating.to_numpy(),
         "n": people.groupby("segment").size().to_numpy()}
    )  # fmt: skip
    plan = plan_of("attractiveness")
    options = {"means": ["rating", "attractiveness"], "kind": "scores"}
    told = Sketch.of(ANSWERS[ANSWERS["person"].isin(people["person"])])
    request = Request("attractiveness", frame, plan.groups, "answers spring", lines=plan.lines, options=options)
    asked = Asked(
        (request,), {request.name: "wave"}, {request.name: people}, {"answers spring": told},
        ReleaseRules(),
    )  # fmt: skip
    found: pd.DataFrame = release_held(books, asked).tables[request.name].frame
    return found[found["status"] != "hidden"].set_index("segment")


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return Books((Book(ReleaseLedger(tmp_path / "ledger.db", members=tmp_path / "members.db", key=b"k" * 32)),))


def test_a_rating_beside_a_segment_that_lost_one_stays_as_it_was(books: Books) -> None:
    first = publish(books, PEOPLE, shift=0.1)
    then = publish(books, PEOPLE.drop(index=249), shift=0.1)
    assert len(then) == 5 and then["rating"].equals(first["rating"])


def test_ratings_of_the_same_people_and_of_many_others_are_told(books: Books) -> None:
    first = publish(books, PEOPLE, shift=0.1)
    assert publish(books, PEOPLE, shift=0.1)["rating"].equals(first["rating"])
    fewer = publish(
        books, PEOPLE.drop(index=range(130, 150)).drop(index=range(10)).drop(index=range(60, 70)), shift=0.1
    )
    assert len(fewer) == 5 and "earlier" not in fewer


def ranked(books: Books, people: pd.DataFrame, *, left: int = 8) -> pd.DataFrame:
    """Segments by how many of them say so, the most first, as the release tells their places.

    Another table of the same segments counts who ``left`` each of them.
    """
    share = people.merge(ANSWERS, on="person").assign(yes=lambda rows: rows["q1"] > 3).groupby("segment")["yes"].mean()
    frame = share.rename("share").reset_index()
    frame = frame.assign(
        place=frame["share"].rank(ascending=False), n=people.groupby("segment").size().to_numpy(), need="pay"
    )
    told = Sketch.of(ANSWERS[ANSWERS["person"].isin(people["person"])])
    tables = {"shortfalls": {"shares": ["share"], "ranks": {"place": ()}}, "scorecard": {"shares": ["share"]}}
    requests = tuple(
        Request(name, frame, ("segment",), "answers spring", lines=("need",), options=options)
        for name, options in tables.items()
    )
    gone = people.groupby("segment").head(8).drop(index=people.index[: 8 - left])
    asked = Asked(
        requests, dict.fromkeys(tables, "wave"), dict.fromkeys(tables, people), {"answers spring": told},
        ReleaseRules(), counted={"scorecard": [Counted(", who left", "spells-exits-scorecard", gone)]},
    )  # fmt: skip
    return release_held(books, asked).tables["shortfalls"].frame.set_index("segment")


def test_places_beside_a_segment_that_stays_as_it_was_stay_too(books: Books) -> None:
    """Two segments stood in the first place: one among those of before, and one among what was shown anew."""
    first = ranked(books, PEOPLE)
    assert sorted(first["place"]) == [1, 2, 3, 4, 5]
    best = PEOPLE.index[PEOPLE["segment"] == first["place"].idxmin()][:1]
    then = ranked(books, PEOPLE.drop(index=best))
    assert then["place"].equals(first["place"]) and then["share"].equals(first["share"])
    assert books.own.verify() is None and books.own.reexamine(PEOPLE["person"]) == []


def test_so_do_they_where_another_table_keeps_the_segment_as_it_was(books: Books) -> None:
    first, then = ranked(books, PEOPLE), ranked(books, PEOPLE, left=7)
    assert then["earlier"].any(), "one fewer left the first segment, and it is hidden in every table"
    assert then["place"].equals(first["place"])


def test_tables_that_rate_segments_against_each_other_say_so() -> None:
    assert [name for name in released_tables() if plan_of(name).relative] == [
        "segment_effects",
        "attractiveness",
    ]
