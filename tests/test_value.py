"""Lifetime value: the closed form, laws, bands that cover, refusals."""

from __future__ import annotations

import numpy as np
import pytest

from segment.errors import InvalidInput
from segment.value import lifetime_value, ramp_up, segment_value, sensitivity, value_at_risk


def constant(q: float, months: int, share: float = 0.7) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    survival = ((1 - q) ** np.arange(1, months + 1))[None, :]
    return survival, {"voluntary": share * (1 - survival), "involuntary": (1 - share) * (1 - survival)}


@pytest.mark.parametrize(("q", "rate", "months"), [(0.01, 0.05, 60), (0.2, 0.0, 12), (0.003, 0.3, 240)])
def test_closed_form_under_a_constant_hazard(q: float, rate: float, months: int) -> None:
    """A geometric series: every month (1-q) d of the month before."""
    survival, gone = constant(q, months)
    d = (1 + rate) ** (-1 / 12)
    series = np.sqrt(d) * (1 - ((1 - q) * d) ** months) / (1 - (1 - q) * d)
    truth = series * ((1 - q / 2) * (5_000 - 3_600) - q * (0.7 * 20_000 + 0.3 * 9_000)) - 4_000
    found = lifetime_value(
        survival,
        gone,
        value=5_000.0,
        cost=3_600.0,
        discount_rate=rate,
        acquisition=4_000.0,
        exit_cost={"voluntary": 20_000.0, "involuntary": 9_000.0},
    )
    assert abs(found.item() - truth) < 1e-9 * max(1, abs(truth))


def test_laws() -> None:
    low, high = constant(0.02, 36), constant(0.01, 36)
    assert lifetime_value(*high, value=10.0).item() > lifetime_value(*low, value=10.0).item()
    once, twice = (lifetime_value(*low, value=v, cost=v / 3, discount_rate=0.04).item() for v in (10.0, 20.0))
    assert twice == pytest.approx(2 * once)
    assert lifetime_value(*low, value=10.0, discount_rate=0.1).item() < once * 3
    short = lifetime_value(*low, value=10.0, horizon_months=12)
    np.testing.assert_allclose(short, lifetime_value(low[0][:, :12], {}, value=10.0))


def test_amounts_by_person_and_month() -> None:
    survival, gone = np.ones((2, 3)), {}
    assert lifetime_value(survival, gone, value=np.array([[1.0], [2.0]])).tolist() == [3, 6]
    assert lifetime_value(survival, gone, value=[1.0, 2.0, 3.0]).tolist() == [6, 6]
    ramp = ramp_up([0.0, 12.0], months_to_full=3, horizon_months=3)
    assert lifetime_value(survival, gone, value=6.0, ramp=ramp).tolist() == pytest.approx([9.0, 18.0])
    assert ramp_up([0.0], months_to_full=0, horizon_months=2).tolist() == [[1, 1]]


def test_value_at_risk_by_hand() -> None:
    gone = {"voluntary": np.array([[0.1, 0.2]]), "involuntary": np.array([[0.0, 0.1]])}
    assert value_at_risk(gone, 100.0, months=1).item() == pytest.approx(10)
    assert value_at_risk(gone, 100.0, months=12).item() == pytest.approx(30)


def test_bands_cover_the_truth_in_90_to_98_of_100() -> None:
    """Segments of 60 from a population whose mean is known."""
    rng = np.random.default_rng(0)
    inside = []
    for seed in range(100):
        values = rng.gamma(4, 2_500, 60)
        row = segment_value(values, np.zeros(60), n_boot=300, random_state=seed).iloc[1]
        inside.append(row["low"] <= 10_000 <= row["high"])
    assert 0.9 <= np.mean(inside) <= 0.98


def test_doubt_about_the_model_widens_the_bands() -> None:
    values, label = np.random.default_rng(1).normal(100, 5, 200), np.zeros(200)
    draws = values + np.random.default_rng(2).normal(0, 10, (30, 1))
    alone, both = segment_value(values, label), segment_value(values, label, draws=draws)
    assert (both["high"] - both["low"]).iloc[1] > 3 * (alone["high"] - alone["low"]).iloc[1]
    np.testing.assert_array_equal(alone["value"], both["value"])


def test_small_segments_get_no_figure_and_seeds_repeat() -> None:
    values = np.arange(60.0)
    label = [1] * 20 + [0] * 40
    table = segment_value(values, label, random_state=3)
    assert table["note"].tolist() == ["", "", "too_few"] and np.isnan(table["value"].iloc[2])
    assert table.equals(segment_value(values, label, random_state=3))


def test_refusals() -> None:
    survival, gone = constant(0.01, 12)
    for call, said in (
        (lambda: lifetime_value(survival[0], gone, value=1.0), "people by months"),
        (lambda: lifetime_value(survival, gone, value=1.0, horizon_months=13), "longer than the curves"),
        (lambda: lifetime_value(survival, {"a": np.ones((1, 2))}, value=1.0), "do not match"),
        (lambda: lifetime_value(survival[:, ::-1], {}, value=1.0), "curve rises"),
        (lambda: lifetime_value(survival, gone, value=[1.0, 2.0]), "does not fit people and months"),
        (lambda: lifetime_value(survival, gone, value=1.0, discount_rate=-1.0), "discount rate"),
        (lambda: lifetime_value(survival, gone, value=1.0, exit_cost={"retired": 1.0}), "no incidence"),
        (lambda: segment_value(np.ones(3), [0]), "do not match"),
        (lambda: value_at_risk({}, 1.0), "needs incidences"),
    ):
        with pytest.raises(InvalidInput, match=said):
            call()


def test_tornado_is_widest_first() -> None:
    table = sensitivity({"a": (0, 1), "b": (0, 1)}, {"a": {0: 1, 1: 2}, "b": {0: 5, 1: 0}})
    assert table["assumption"].tolist() == ["b", "a"] and table["width"].tolist() == [5, 1]
