"""Models as MLflow serves them: any scorer with ``score(frame) -> frame``, loaded only when its card agrees.

Who asks gets scores, or one line that says what to correct: no trace, no path, nobody's value.
"""

from __future__ import annotations

import json
import re
import tempfile
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol, runtime_checkable

import mlflow
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.models import ModelSignature
from mlflow.protos.databricks_pb2 import BAD_REQUEST, INTERNAL_ERROR
from mlflow.pyfunc.model import PythonModel, PythonModelContext
from mlflow.types import ColSpec, DataType, ParamSchema, ParamSpec, Schema

from segment.errors import Refusal, describe_fault
from segment.store import Store, read_json
from segment.tracking.intake import Intake

#: The file that a logged model's code lies in; ``served.py`` finds it by this name.
_CODE = "segment.zip"

#: What the code of a model imports when it scores.
_NEEDED = (
    "joblib", "lightgbm", "numpy", "pandas", "pandera", "pyarrow", "pydantic", "ruamel.yaml", "scikit-learn", "scipy",
)  # fmt: skip

#: A request may say ``"params": {"strict": true}``: a level of a category that is not known is refused then.
STRICT = "strict"
#: People who are scored at once: a batch of any length takes no more memory than its own.
_AT_ONCE = 100_000


@runtime_checkable
class Scorer(Protocol):
    """Anything that turns answers or attributes into scores, row by row, without knowing the other rows."""

    def score(self, frame: pd.DataFrame) -> pd.DataFrame:
        """One row of scores per row of the frame."""
        ...


@runtime_checkable
class KnowsLevels(Protocol):
    """A scorer that has learned from categories."""

    def refuse_unknown_levels(self, frame: pd.DataFrame) -> None:
        """Refuse a level that it has not learned from."""
        ...


class RefusedRequest(MlflowException):
    """A refusal as a scoring server answers it: its one line, whatever the server would put in front of it."""

    def __init__(self, line: str, *, error_code: int = BAD_REQUEST) -> None:
        super().__init__(line, error_code=error_code)

    @property
    def line(self) -> str:
        """What was wrong with the request, in one line."""
        return str(self.args[0])

    def serialize_as_json(self) -> str:
        """What the server sends."""
        return json.dumps({"error_code": self.error_code, "message": self.line})


def in_one_line(refusal: Refusal) -> str:
    """A refusal without its lines.

    >>> in_one_line(Refusal("PAY is no number.", expected="1 to 5"))
    'PAY is no number; expected: 1 to 5'
    """
    first, *more = (line.strip() for line in str(refusal).splitlines())
    return "; ".join([first.rstrip("."), *more]) if more else first


@contextmanager
def refused_in_one_line() -> Iterator[None]:
    """Whatever a request is refused for, or breaks on, comes out as one line.

    Raises
    ------
    RefusedRequest
        400 for what the sender can correct, 500 for a fault of ours.
    """
    try:
        yield
    except Refusal as refusal:
        raise RefusedRequest(in_one_line(refusal)) from None
    except RefusedRequest:
        raise
    except Exception as fault:
        told = f"Something failed that should not have: {describe_fault(fault)}"
        raise RefusedRequest(told, error_code=INTERNAL_ERROR) from None


class ServedScorer(PythonModel):
    """A scorer behind MLflow's ``predict``, and behind ``segment serve``."""

    def load_context(self, context: PythonModelContext) -> None:
        """Load the model file after comparing it with its card."""
        self.load(Path(context.artifacts["model"]))

    def load(self, file: Path) -> ServedScorer:
        """Load a model file that has its card beside it."""
        self._scorer = Store(file.parent, file.parent).load_model(file.stem, Scorer)  # type: ignore[type-abstract]
        self._intake = Intake.of_card(read_json(file.with_suffix(".json")))
        return self

    def predict(
        self, context: PythonModelContext | None, model_input: pd.DataFrame, params: Mapping[str, object] | None = None
    ) -> pd.DataFrame:
        """Scores, one row per input row; nobody's depend on who else is asked about.

        Raises
        ------
        RefusedRequest
            A column that is missing, an answer outside its scale, and, with ``strict``, an unknown level.
        """
        del context  # everything was loaded
        strict = bool((params or {}).get(STRICT))
        with refused_in_one_line():
            if len(model_input) <= _AT_ONCE:
                return self._scores(model_input, strict=strict)
            parts = (model_input.iloc[start : start + _AT_ONCE] for start in range(0, len(model_input), _AT_ONCE))
            return pd.concat([self._scores(part, strict=strict) for part in parts])

    def _scores(self, frame: pd.DataFrame, *, strict: bool) -> pd.DataFrame:
        read = frame if self._intake is None else self._intake.read(frame)
        if strict and isinstance(self._scorer, KnowsLevels):
            self._scorer.refuse_unknown_levels(read)
        return self._scorer.score(read)


def signature_of(card: Mapping[str, object]) -> ModelSignature | None:
    """Numbers as doubles, because a whole number that is not known is none; every column may be left out.

    What may not be left out is said by the model itself: which columns it needs depends on what there is.
    """
    intake = Intake.of_card(card)
    if intake is None:
        return None
    inputs = [
        ColSpec(DataType.string if one.is_words else DataType.double, one.name, required=False)
        for one in intake.columns
    ]
    strict = ParamSchema([ParamSpec(STRICT, DataType.boolean, default=False)]) if intake.reads else None
    return ModelSignature(inputs=Schema(inputs), outputs=_outputs(card), params=strict)


def _outputs(card: Mapping[str, Any]) -> Schema:
    if card.get("model") == "segmentation":
        chances = [f"p_{number + 1}" for number in range(int(card["n_segments"]))]
        return Schema([
            ColSpec(DataType.long, "segment"), ColSpec(DataType.string, "segment_name"),
            *(ColSpec(DataType.double, name) for name in (*chances, "entropy")), ColSpec(DataType.boolean, "between"),
        ])  # fmt: skip
    causes = card.get("learned", {}) if card.get("outcome", {}).get("modelled_as") != "one horizon" else {}
    return Schema([ColSpec(DataType.double, name) for name in ("p_leave", *(f"p_{cause}" for cause in causes))])


def refuse_in_one_line(server: ModuleType) -> None:
    """Let MLflow's scoring server refuse in one line.

    By itself it repeats the request (which is a person's answers), the trace and its paths in what it sends back.
    Nothing happens where it has no such function.
    """
    asked = getattr(server, "invocations", None)
    if asked is None or getattr(asked, "refuses_in_one_line", False):
        return

    @wraps(asked)
    def answered(*args: object, **kwargs: object) -> object:
        try:
            return asked(*args, **kwargs)
        except RefusedRequest:
            raise
        except MlflowException as fault:
            raise RefusedRequest(_unread(str(fault))) from None
        except Exception:
            raise RefusedRequest(_unread("")) from None

    answered.refuses_in_one_line = True  # type: ignore[attr-defined]
    server.invocations = answered  # type: ignore[attr-defined]


def _unread(told: str) -> str:
    """What could not be read, by the name of its column where that is known; never what stood there."""
    column = re.search(r"Failed to convert column (\w+) to type|types for column (\w+)\.", told)
    if column is not None:
        name = next(one for one in column.groups() if one)
        return f"{name} holds something that is not a number; expected: a number, or null for a missing value"
    return (
        'The request could not be read; expected: JSON such as {"dataframe_records": [{"column": value}]}, one record '
        "per person, with numbers or null where numbers are asked"
    )


def log_scorer(run_id: str, *, model: str, file: Path) -> tuple[str, str]:
    """Log a model file with its card and this package's code to a run; returns the logged model's URI and its id.

    The code travels with the model: an index may know another project by this package's name. The requirements are
    named outright: inferring them takes more than ten seconds and guesses.
    """
    card = read_json(file.with_suffix(".json"))
    intake = Intake.of_card(card)
    with mlflow.start_run(run_id=run_id), tempfile.TemporaryDirectory() as aside, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # MLflow looks at the example in a way pandas will give up
        info = mlflow.pyfunc.log_model(
            name=model,
            python_model=str(Path(__file__).with_name("served.py")),
            artifacts={"model": str(file), "card": str(file.with_suffix(".json"))},
            code_paths=[str(_packed(Path(aside) / _CODE))],
            pip_requirements=[f"{package}=={version(package)}" for package in _NEEDED],
            signature=signature_of(card),
            input_example=None if intake is None else intake.example(),
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
