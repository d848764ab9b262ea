"""Survey waves of a study: when each was answered."""

from __future__ import annotations

import pandas as pd

from segment.stages.base import OpenStudy


def wave_dates(opened: OpenStudy) -> dict[str, pd.Timestamp]:
    """The last day of answering of each wave that has a date in the study file."""
    dates: dict[str, pd.Timestamp] = {}
    if not opened.store.has("responses"):
        return dates
    waves = sorted(opened.store.read("responses")["wave"].unique())
    for source in opened.config.sources.responses:
        if source.date is None:
            continue
        wave = source.wave or next((w for w in waves if w in source.file), None)
        if wave is not None:
            dates[str(wave)] = pd.Timestamp(source.date)
    return dates
