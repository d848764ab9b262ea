"""Who answered every question, per segment."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.tables.release_plan import Frames


def complete_answers(tables: Frames) -> pd.DataFrame:
    """One row per wave and segment, and one of everyone: people, and the share who left no question open."""
    rows = tables["need_scores"].merge(tables["assignments"][["person", "wave", "segment"]], on=["person", "wave"])
    rows = rows.assign(whole=(rows["answered"] == 1).astype(float))
    found = []
    for wave, own in rows.groupby("wave"):
        groups = [(float("nan"), own), *((float(str(k)), of) for k, of in own.groupby("segment"))]
        for segment, people in groups:
            share, n = people["whole"].mean(), len(people)
            reach = 1.96 * np.sqrt(share * (1 - share) / n)
            ends = {"low": max(share - reach, 0.0), "high": min(share + reach, 1.0)}
            found.append({"wave": wave, "segment": segment, "n": n, "share": share, **ends})
    return pd.DataFrame(found)
