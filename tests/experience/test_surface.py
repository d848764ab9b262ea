"""The surface of the relationship: an effect is found where it was planted, and intervals hold the truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.experience.surface import FEATURES, FEWEST, fit_surface, surface_table
from segment.tables.codebook import Codebook, Item
from segment.vocabulary import ItemKind


def people(n: int, rng: np.random.Generator, *, b: tuple[float, ...], noise: float = 0.8):
    """Promised and received that go together (r about .4), answered in whole points, and an outcome of the surface."""
    both = rng.multivariate_normal([3.2, 3.0], [[1.0, 0.4], [0.4, 1.0]], n)
    x, y = np.clip(np.round(both), 1, 5).T
    u, v = x - 3, y - 3
    z = 3 + b[0] * u + b[1] * v + b[2] * u * u + b[3] * u * v + b[4] * v * v
    return x, y, z + rng.normal(0, noise, n) * (1 + 0.3 * np.abs(u))  # spread that is not the same everywhere


def truth(b: tuple[float, ...]) -> dict[str, float]:
    return {name: float(np.dot(counts, b)) for name, counts in FEATURES.items()}


def test_an_effect_of_what_was_received_is_found_there_and_not_in_the_promise() -> None:
    x, y, z = people(1500, np.random.default_rng(0), b=(0.0, 0.6, 0.0, 0.0, 0.0))
    found = fit_surface(x, y, z).set_index("feature")
    assert found.loc["received", "low"] > 0.5 and found.loc["promised", "low"] < 0 < found.loc["promised", "high"]
    # The gap as one number says that the promise does as much harm as what was received does good.
    assert found["explained"].iloc[0] > found["explained_by_gap"].iloc[0] + 0.05
    assert found.loc["difference_slope", "value"] > 0.5


def test_it_suffers_whenever_the_two_part_where_that_is_so() -> None:
    x, y, z = people(2000, np.random.default_rng(1), b=(0.0, 0.2, -0.15, 0.3, -0.15))
    found = fit_surface(x, y, z).set_index("feature")
    assert found.loc["difference_curve", "high"] < -0.4 and abs(found.loc["agreement_curve", "value"]) < 0.1


@pytest.mark.parametrize("b", [(0.0, 0.6, 0.0, 0.0, 0.0), (-0.3, 0.5, -0.1, 0.15, -0.05)])
def test_intervals_hold_the_truth(b: tuple[float, ...]) -> None:
    rng, held = np.random.default_rng(7), []
    for _ in range(200):
        found = fit_surface(*people(250, rng, b=b)).set_index("feature")
        held.append([found.loc[n, "low"] <= v <= found.loc[n, "high"] for n, v in truth(b).items()])
    assert 0.93 <= np.mean(held) <= 0.97
    assert np.mean(held, axis=0).min() >= 0.91


def test_weights_count_as_people_do_and_order_and_missing_answers_do_not_matter() -> None:
    x, y, z = people(300, np.random.default_rng(3), b=(-0.2, 0.4, 0.0, 0.0, 0.0))
    once = fit_surface(x, y, z, np.where(np.arange(300) < 100, 2.0, 1.0))
    twice = fit_surface(*(np.concatenate([one, one[:100]]) for one in (x, y, z)))
    np.testing.assert_allclose(once["value"], twice["value"], atol=1e-9)
    turn = np.random.default_rng(0).permutation(300)
    gaps = [
        np.concatenate([one[turn], [np.nan if place == at else 3.0 for place in range(3)]])
        for at, one in enumerate((x, y, z))
    ]
    np.testing.assert_allclose(fit_surface(*gaps)["value"], fit_surface(x, y, z)["value"], atol=1e-9)


def test_too_few_or_all_alike_make_no_surface_and_others_numbers_are_refused() -> None:
    x, y, z = people(FEWEST - 1, np.random.default_rng(3), b=(0.0, 0.4, 0.0, 0.0, 0.0))
    assert fit_surface(x, y, z).empty
    assert fit_surface(np.full(500, 4.0), np.full(500, 3.0), np.arange(500.0)).empty
    with pytest.raises(InvalidInput, match="same people"):
        fit_surface(x, y[1:], z)


def test_the_table_takes_the_first_outcome_that_was_asked_and_each_need_with_both_sides() -> None:
    def item(code: str, kind: ItemKind, need: str) -> Item:
        return Item(code, kind, need, "1-5", 1, 5, False, "", "", False, {"en": code})

    codebook = Codebook(
        (
            item("P_PAY", ItemKind.PROMISED, "PAY"), item("E_PAY", ItemKind.EXPERIENCE, "PAY"),
            item("E_GRO", ItemKind.EXPERIENCE, "GRO"), item("bond", ItemKind.RELATIONSHIP, ""),
            item("eng", ItemKind.ENGAGEMENT, ""),
        ),
        {},
    )  # fmt: skip
    x, y, z = people(200, np.random.default_rng(4), b=(0.0, 0.5, 0.0, 0.0, 0.0))
    responses = pd.DataFrame(
        {
            "person": np.arange(200).astype(str),
            "wave": "2024",
            "P_PAY": x,
            "E_PAY": y,
            "E_GRO": y,
            "bond": z,
            "eng": 3.0,
        }
    )
    table = surface_table(responses, codebook, wave="2024")
    assert table["need"].unique().tolist() == ["PAY"] and table["outcome"].unique().tolist() == ["relationship"]
    assert len(table) == len(FEATURES) and (table["n"] == 200).all()
    assert surface_table(responses, codebook, wave="2030").empty
    assert surface_table(responses.drop(columns=["bond", "eng"]), codebook, wave="2024").empty
