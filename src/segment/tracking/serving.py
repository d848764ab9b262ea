"""Models as MLflow serves them: any scorer with ``score(frame) -> frame``, loaded only when its card agrees."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Protocol, runtime_checkable

import mlflow
import pandas as pd
from mlflow.pyfunc import PythonModel, PythonModelContext

from segment.store import Store


@runtime_checkable
class Scorer(Protocol):
    """Anything that turns answers or attributes into scores, row by row, without knowing the other rows."""

    def score(self, frame: pd.DataFrame) -> pd.DataFrame:
        """One row of scores per row of the frame."""
        ...


class ServedScorer(PythonModel):
    """A scorer behind MLflow's ``predict``."""

    def load_context(self, context: PythonModelContext) -> None:
        """Load the model file after comparing it with its card."""
        file = Path(context.artifacts["model"])
        self._scorer = Store(file.parent, file.parent).load_model(file.stem, Scorer)  # type: ignore[type-abstract]

    def predict(self, context: PythonModelContext, model_input: pd.DataFrame, params: object = None) -> pd.DataFrame:  # noqa: ARG002
        """Scores, one row per input row."""
        return self._scorer.score(model_input)


def log_scorer(run_id: str, *, model: str, file: Path) -> tuple[str, str]:
    """Log a model file with its card to a run; returns the logged model's URI and its id.

    The requirements are named outright: inferring them takes more than ten seconds and guesses.
    """
    packages = ("segment", "scikit-learn", "lightgbm", "pandas", "numpy", "joblib")
    with mlflow.start_run(run_id=run_id):
        info = mlflow.pyfunc.log_model(
            name=model,
            python_model=str(Path(__file__).with_name("served.py")),
            artifacts={"model": str(file), "card": str(file.with_suffix(".json"))},
            pip_requirements=[f"{package}=={version(package)}" for package in packages],
        )
    return str(info.model_uri), str(info.model_id)
