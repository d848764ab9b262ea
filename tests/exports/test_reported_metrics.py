"""Every metric that a model of leaving is measured by has a name in words, in both languages."""

from __future__ import annotations

import numpy as np
import pytest

from segment.exports.reported_metrics import metric_name
from segment.retention import evaluate_flag


@pytest.mark.parametrize("language", ["nl", "en"])
def test_no_metric_of_a_flag_is_told_by_its_code(language: str) -> None:
    chance = np.random.default_rng(0).uniform(0.1, 0.9, 200)
    metrics = evaluate_flag(np.random.default_rng(1).random(200) < chance, chance, base_rate=0.5).metrics["metric"]
    assert {"auc", "ece"} <= set(metrics)
    assert [name for name in metrics if metric_name(str(name), language) in {name, str(name).upper()}] == []
