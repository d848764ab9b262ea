"""Where acting per segment promises most, from the tables of a study."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd

from segment.config import PrivacyConfig
from segment.segments.profiling import profile_segments
from segment.stages.segmentation.attractiveness import attractiveness_of


class Tables(dict):
    """Named tables, as a store hands them out."""

    def read(self, name):
        return self[name]

    def read_or_empty(self, name):
        return self.get(name, pd.DataFrame({"segment": [], "horizon": [], "value": []}))


def a_study(sizes, *, leaving=None, criteria=None, doubt=0.0):
    labels = [segment for segment, n in enumerate(sizes) for _ in range(n)]
    chances = pd.get_dummies(pd.Series(labels)).astype(float)
    scores = pd.DataFrame({"pay": [1.0 if s == 0 else -0.3 for s in labels], "time": [0.1 * s for s in labels]})
    tables = Tables(
        responses=pd.DataFrame({"wave": ["2024"]}),
        segments=pd.DataFrame({"wave": "2024", "segment": range(len(sizes)), "n": sizes}),
        profiles=profile_segments(scores, chances.to_numpy()).assign(wave="2024"),
    )
    if leaving is not None:
        rows = pd.DataFrame({"segment": range(len(leaving)), "horizon": 12.0, "value": leaving})
        tables["leaving"] = rows.assign(low=rows["value"] - doubt, high=rows["value"] + doubt)
    floors = PrivacyConfig(min_segment=30)
    config = SimpleNamespace(wave="2024", privacy=floors, actions=SimpleNamespace(criteria=criteria or {}))
    return SimpleNamespace(store=tables, config=config)


def test_expected_leaving_counts_where_it_is_known():
    found = attractiveness_of(a_study((60, 50, 40), leaving=[0.1, 0.2, 0.3]))
    ratings = found[found["criterion"] == "leaving"].set_index("segment")["rating"]
    assert ratings.tolist() == [0.0, 5.0, 10.0]
    assert "leaving" not in set(attractiveness_of(a_study((60, 50, 40)))["criterion"])


def test_no_rating_ends_a_hair_above_ten():
    rng = np.random.default_rng(0)
    for _ in range(50):
        found = attractiveness_of(a_study((60, 50, 40), leaving=rng.random(3).tolist()))
        assert found[["rating", "attractiveness"]].to_numpy().max() <= 10


def test_only_the_criteria_that_were_chosen_count():
    found = attractiveness_of(a_study((60, 50, 40), leaving=[0.1, 0.2, 0.3], criteria={"leaving": 3.0, "size": 1.0}))
    assert set(found["criterion"]) == {"leaving", "size"}
    best = found.drop_duplicates("segment").set_index("segment")
    assert best["rank"].idxmin() == 2 and best.loc[2, "attractiveness"] == 7.5


def test_a_segment_under_the_floor_does_not_show_in_the_ratings_of_others():
    with_small, without = a_study((60, 50, 9)), a_study((60, 50))
    assert set(attractiveness_of(with_small)["segment"]) == {0, 1}
    assert attractiveness_of(with_small).query("criterion == 'size'")["rating"].tolist() == [10.0, 0.0]
    assert attractiveness_of(without)["n"].unique().tolist() == [60, 50]
    assert attractiveness_of(a_study((60, 9))).empty


def ratings(found, criterion):
    return found[found["criterion"] == criterion].set_index("segment")["rating"].round(1).tolist()


def test_what_cannot_be_told_apart_is_rated_alike():
    found = attractiveness_of(a_study((139, 138), leaving=[0.1944, 0.1938], doubt=0.15))
    assert ratings(found, "leaving") == [5.0, 5.0]
    assert ratings(found, "size") == [5.0, 5.0]
    wide = attractiveness_of(a_study((60, 50, 40), leaving=[0.10, 0.30, 0.13], doubt=0.05))
    assert ratings(wide, "leaving") == [0.0, 10.0, 0.0]


def test_a_small_difference_is_not_stretched_over_the_whole_scale():
    found = attractiveness_of(a_study((103, 100), leaving=[0.20, 0.22]))
    assert ratings(found, "size") == [6.5, 3.5]
    assert ratings(found, "leaving") == [3.0, 7.0]
