"""Models as MLflow serves them: any scorer with ``score(frame) -> frame``, loaded only when its card agrees."""

from __future__ import annotations

import tempfile
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import Protocol, runtime_checkable

import mlflow
import pandas as pd
from mlflow.pyfunc import PythonModel, PythonModelContext

from segment.store import Store

#: The file that a logged model's code lies in; ``served.py`` finds it by this name.
_CODE = "segment.zip"

#: What the code of a model imports when it scores.
_NEEDED = (
    "joblib", "lightgbm", "numpy", "pandas", "pandera", "pyarrow", "pydantic", "ruamel.yaml", "scikit-learn", "scipy",
)  # fmt: skip


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
    """Log a model file with its card and this package's code to a run; returns the logged model's URI and its id.

    The code travels with the model: an index may know another project by this package's name. The requirements are
    named outright: inferring them takes more than ten seconds and guesses.
    """
    with mlflow.start_run(run_id=run_id), tempfile.TemporaryDirectory() as aside:
        info = mlflow.pyfunc.log_model(
            name=model,
            python_model=str(Path(__file__).with_name("served.py")),
            artifacts={"model": str(file), "card": str(file.with_suffix(".json"))},
            code_paths=[str(_packed(Path(aside) / _CODE))],
            pip_requirements=[f"{package}=={version(package)}" for package in _NEEDED],
        )
    return str(info.model_uri), str(info.model_id)


def _packed(file: Path) -> Path:
    """This package in one file, which Python imports as it is; the same code gives the same bytes."""
    package = Path(__file__).resolve().parents[1]
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(package.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                name = path.relative_to(package.parent).as_posix()
                archive.writestr(zipfile.ZipInfo(name), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return file
