"""The model file that MLflow loads: code, not a pickle, around the joblib file that lies beside it."""

from __future__ import annotations

import mlflow

from segment.tracking.serving import ServedScorer

mlflow.models.set_model(ServedScorer())
