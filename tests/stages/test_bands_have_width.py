"""Every band of a walked study, as it left: it has width, holds its figure, and covers the band before rounding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from segment.disclosure.figures import interval_columns
from segment.disclosure.linked_tables import Request
from segment.stages.base import OpenStudy
from segment.stages.release.plans import requests_of, rules_of
from segment.stages.waves import wave_names


@pytest.fixture(scope="module")
def told(walked: Any) -> list[tuple[Request, pd.DataFrame, pd.DataFrame]]:
    """Each table of the last wave: as it was asked for, its unrounded rows that are shown, and these as they leave."""
    opened: OpenStudy = walked.open()
    found = []
    for request in requests_of(opened, wave_names(opened)[-1]):
        left = request.release(rules=rules_of(opened), barred=frozenset()).frame
        key = [*request.lines, *request.groups]
        raw = request.frame.drop(columns=[one for one in ("status",) if one in request.frame])
        both = left.merge(raw, on=key, how="left", suffixes=("", "_raw")) if key else left
        shown = (both["status"] != "hidden").to_numpy()
        raw = both[shown].rename(columns=lambda name: str(name))
        found.append((request, raw, left[left["status"] != "hidden"]))
    return found


def _bands(told: list[tuple[Request, pd.DataFrame, pd.DataFrame]]) -> Iterator[tuple[str, pd.DataFrame]]:
    """Name, and per row: the figure, its band, the same before rounding, and whether the row has a band of shares."""
    for request, raw, _ in told:
        for part in ("means", "shares", "overall"):
            for column, ends in interval_columns(request.options.get(part, ())).items():
                rows = pd.DataFrame({"value": raw[column], "banded": raw["status"] == "banded"})
                for name, end in zip(("low", "high"), ends, strict=True):
                    rows[name], rows[f"{name}_raw"] = raw[end], raw[f"{end}_raw"]
                rows = rows[np.isfinite(rows[["value", "low", "high"]].to_numpy(dtype=float)).all(axis=1)]
                if len(rows):
                    yield f"{request.name}.{column}", rows


def test_a_band_that_left_has_width_and_holds_its_figure(told: Any) -> None:
    """But for one that had no width before: nobody was seen to differ, or the figure is known."""
    seen = 0
    for name, rows in _bands(told):
        wide = rows[rows["low_raw"] + 1e-9 < rows["high_raw"]]
        seen += len(wide)
        assert (wide["low"] < wide["high"]).all(), name
        assert ((rows["low"] <= rows["value"]) & (rows["value"] <= rows["high"])).all(), name
    assert seen > 300


def test_it_covers_the_band_before_rounding_where_no_end_is_cut_off(told: Any) -> None:
    for name, rows in _bands(told):
        whole = rows[~rows["banded"]]
        assert (whole["low"] <= whole["low_raw"] + 1e-9).all(), name
        assert (whole["high"] >= whole["high_raw"] - 1e-9).all(), name
