"""Groups: what is measured, from how many, and what the features give away."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.retention import group_results, proxy_test


@pytest.fixture(scope="module")
def sample() -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    rng = np.random.default_rng(0)
    p = rng.beta(2, 6, 6_000)
    sex = rng.choice(["f", "m"], 6_000)
    y = rng.random(6_000) < np.where(sex == "f", p, np.minimum(p * 1.5, 1))
    return y.astype(int), p, pd.DataFrame({"sex": sex, "one": "x"})


def test_a_group_treated_unlike_is_seen(sample) -> None:
    y, p, protected = sample
    table = group_results(y, p, protected[["sex"]]).set_index(["group", "metric"])
    assert table.loc[("f", "oe"), "low"] < 1 < table.loc[("f", "oe"), "high"]
    assert table.loc[("m", "oe"), "low"] > 1.3
    gap = table.loc[("(difference)", "oe")]
    assert gap["low"] > 0 and gap["value"] == pytest.approx(
        table.loc[("m", "oe"), "value"] - table.loc[("f", "oe"), "value"]
    )


def test_rates_by_hand() -> None:
    group = pd.DataFrame({"sex": ["f"] * 80})
    y, p = [1] * 40 + [0] * 40, [0.9] * 30 + [0.1] * 10 + [0.9] * 4 + [0.1] * 36
    table = group_results(y, p, group, threshold=0.5).set_index(["group", "metric"])["value"]
    assert table[("f", "fnr")] == 0.25 and table[("f", "fpr")] == 0.1 and table[("f", "observed")] == 0.5


def test_every_value_lies_in_its_interval_and_names_do_not_matter(sample) -> None:
    y, p, protected = sample
    table = group_results(y, p, protected)
    shown = table[table["value"].notna()]
    assert ((shown["low"] <= shown["value"]) & (shown["value"] <= shown["high"])).all()
    renamed = group_results(y, p, protected[["sex"]].replace({"f": "z"}))
    gap = renamed.query("group == '(difference)'")["value"].to_numpy()
    np.testing.assert_allclose(gap, table.query("group == '(difference)' and attribute == 'sex'")["value"])


def test_small_cells_have_no_figure(sample) -> None:
    y, p, protected = sample
    few = protected.assign(sex=["rare"] * 20 + protected["sex"].tolist()[20:])[["sex"]]
    rare = group_results(y, p, few).query("group == 'rare'")
    assert (rare["note"] == "too_few").all() and rare["value"].isna().all() and len(rare) == 8


def test_proxies_are_named() -> None:
    rng = np.random.default_rng(1)
    sex = rng.choice(["f", "m"], 900)
    X = pd.DataFrame({"part_time": (sex == "f") + rng.normal(size=900), "noise": rng.normal(size=900)})
    protected = pd.DataFrame({"sex": sex, "born": rng.choice(list("abc"), 900), "rare": ["q"] * 5 + ["r"] * 895})
    table = proxy_test(X, protected).set_index(["attribute", "group"])
    assert table.loc[("sex", "f"), "value"] > 0.65
    assert table.loc[("sex", "f"), "note"] == "proxy: part_time, noise"
    assert (table.loc["born", "note"] == "").all() and len(table.loc["born"]) == 3
    assert table.loc[("rare", "q"), "note"] == "too_few"


def test_refusals(sample) -> None:
    y, p, protected = sample
    with pytest.raises(InvalidInput, match="do not match"):
        group_results(y, p[:-1], protected)
    with pytest.raises(InvalidInput, match="not one flag per person"):
        group_results(y * 3, p, protected)
