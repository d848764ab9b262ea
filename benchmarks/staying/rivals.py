"""Peers of the same environment, and the paired comparison with the best of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.stats import t as student
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, SplineTransformer, StandardScaler

from segment.retention import calibration_table
from staying.rows import Row, row


def peers() -> dict[str, Callable[[], object]]:
    words = make_column_selector(dtype_include=["object", "string", "category"])
    numbers = make_column_selector(dtype_include="number")

    def encoded(numeric: object) -> object:
        return make_column_transformer(
            (OneHotEncoder(handle_unknown="ignore", sparse_output=False), words), (numeric, numbers)
        )

    splines = make_pipeline(StandardScaler(), SplineTransformer(n_knots=5, knots="quantile", extrapolation="linear"))
    return {
        "spline logistic": lambda: make_pipeline(encoded(splines), LogisticRegression(C=0.3, max_iter=2_000)),
        "random forest": lambda: make_pipeline(
            encoded("passthrough"), RandomForestClassifier(400, min_samples_leaf=3, random_state=0)
        ),
        "gradient boosting": lambda: make_pipeline(
            encoded("passthrough"), HistGradientBoostingClassifier(random_state=0)
        ),
    }


def corrected_p(differences: np.ndarray, folds: int) -> float:
    """Two-sided p of the corrected resampled t-test (Nadeau & Bengio, Machine Learning 2003)."""
    n = len(differences)
    error = np.sqrt((1 / n + 1 / (folds - 1)) * differences.var(ddof=1))
    return float(2 * student.sf(abs(differences.mean()) / error, n - 1)) if error > 0 else 1.0


def calibration_error(y: np.ndarray, p: np.ndarray) -> float:
    bins = calibration_table(y, p)
    return float(np.average((bins["predicted"] - bins["observed"]).abs(), weights=bins["n"]))


def against_best(name: str, losses: dict[str, list[tuple[float, float]]], place: int, metric: str) -> Row:
    by_model = {model: np.array(pairs)[:, place] for model, pairs in losses.items()}
    best = min((model for model in by_model if model != "segment"), key=lambda model: by_model[model].mean())
    gap = by_model["segment"] - by_model[best]
    p = corrected_p(gap, 5)
    return row(
        name, f"segment minus {best}", f"{metric} (p = {p:.2f})", gap.mean(), "no worse", gap.mean() <= 0 or p > 0.05
    )
