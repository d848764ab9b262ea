"""The model file that MLflow loads: code, not a pickle, around the joblib file and the package that lie beside it."""

from __future__ import annotations

import sys
from pathlib import Path

import mlflow

# A logged model brings the code it was made with; that stands before whatever else is called so.
_CODE = Path(__file__).parent / "code" / "segment.zip"
if _CODE.is_file():
    sys.path.insert(0, str(_CODE))

from segment.tracking.serving import ServedScorer, refuse_in_one_line  # noqa: E402

_SERVER = sys.modules.get("mlflow.pyfunc.scoring_server")
if _SERVER is not None:
    refuse_in_one_line(_SERVER)

mlflow.models.set_model(ServedScorer())
