"""Files of a simulated organisation, as an HR system and a survey tool would hand them over."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api.types import is_float_dtype

from segment.errors import InvalidInput
from segment.simulation.organisation import Organisation


def write_organisation(organisation: Organisation, directory: Path | str) -> list[Path]:
    """Write an organisation's tables and return their paths.

    ``people.csv``, ``responses_<wave>.csv`` per wave, ``employer.csv``, ``offers.csv``, ``units.csv`` (UTF-8,
    comma, one header line, whole numbers without decimals, empty where missing) and ``truth.parquet``. Each file
    is written under another name beside it and then put in place, so that a crash leaves the old file or the new.

    Raises
    ------
    InvalidInput
        ``directory`` is a file.

    Examples
    --------
    >>> import tempfile
    >>> from segment.simulation import simulate_organisation
    >>> organisation = simulate_organisation(60, seed=1, waves=1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     names = [path.name for path in write_organisation(organisation, folder)]
    >>> names[:2]
    ['people.csv', 'responses_2023-03.csv']
    """
    target = Path(directory)
    if target.exists() and not target.is_dir():
        raise InvalidInput(
            "The organisation cannot be written there.",
            expected="a directory",
            came="a file",
            where=target.name,
            advice="name another directory",
        )
    target.mkdir(parents=True, exist_ok=True)
    tables = {
        "people.csv": organisation.people,
        **{f"responses_{wave}.csv": table for wave, table in organisation.responses.items()},
        "employer.csv": organisation.employer,
        "offers.csv": organisation.offers,
        "units.csv": organisation.units,
    }
    paths = [_put_in_place(target / name, _csv_writer(table)) for name, table in tables.items()]
    truth = _put_in_place(target / "truth.parquet", lambda path: organisation.truth.to_parquet(path, index=False))
    return [*paths, truth]


def _csv_writer(table: pd.DataFrame) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        _whole_numbers(table).to_csv(path, index=False, encoding="utf-8", lineterminator="\n")

    return write


def _put_in_place(path: Path, write: Callable[[Path], None]) -> Path:
    """Write under another name in the same directory, then move onto ``path`` in one step."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    os.close(handle)
    half = Path(name)
    try:
        write(half)
        half.chmod(0o644)
        half.replace(path)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
    return path


def _whole_numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with decimals dropped from columns that hold whole numbers only."""
    whole = [
        name
        for name, column in table.items()
        if is_float_dtype(column) and np.array_equal(column.dropna(), column.dropna().round())
    ]
    return table.astype(dict.fromkeys(whole, "Int64"))
