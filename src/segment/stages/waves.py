"""Survey waves of a study: which came first, when each was answered, and the one that segments are made on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import pandas as pd

from segment.config import StudyConfig
from segment.errors import InvalidStudy
from segment.stages.base import OpenStudy
from segment.stages.codebooks import codebook_of
from segment.stages.segmentation.basis import basis_of
from segment.tables.waves import Wave, rows_by_wave, waves_in_order


def ordered_waves(opened: OpenStudy, names: Iterable[str] | None = None) -> tuple[Wave, ...]:
    """The waves of these names (of all answers when left out), earliest first.

    Raises
    ------
    InvalidStudy
        Their order is not known.
    """
    if names is None:
        if not opened.store.has("responses"):
            return ()
        names = opened.store.read("responses")["wave"].unique()
    found = sorted(set(map(str, names)))
    waves = waves_in_order(found, wave_days(opened, found))
    if waves is None:
        raise InvalidStudy(
            "It is not known which wave was first.",
            [f"'{name}' is not a time, or lies inside another wave" for name in found],
            advice="give each its last day of answering, as in waves: {'first wave': 2023-03-31}",
        )
    return waves


def wave_days(opened: OpenStudy, names: Iterable[str]) -> dict[str, dt.date]:
    """The last day of answering of each of these waves that the study gives a date, of the wave or of its file."""
    return opened.config.wave_days(names, inside=days_of(opened.store.read_or_empty("wave_days")))


def days_of(told: pd.DataFrame) -> dict[str, dt.date]:
    """The table ``wave_days`` as a mapping."""
    return dict(zip(told["wave"].astype(str), told["day"].dt.date, strict=True))


def wave_names(opened: OpenStudy, names: Iterable[str] | None = None) -> list[str]:
    """The names of ``ordered_waves``, earliest first."""
    return [wave.name for wave in ordered_waves(opened, names)]


def by_wave(opened: OpenStudy, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows in the order of their waves; rows of one wave keep their order."""
    return rows_by_wave(rows, wave_names(opened, rows["wave"].unique()))


def waves_before(opened: OpenStudy, names: Iterable[str], wave: str) -> list[str]:
    """Which of these waves came before one, earliest first."""
    ordered = wave_names(opened, {*map(str, names), wave})
    return ordered[: ordered.index(wave)]


def wave_dates(opened: OpenStudy) -> dict[str, pd.Timestamp]:
    """The last day of answering of each wave, as the study gives it or as its name tells, earliest wave first.

    Of a name that tells a stretch of time in which the observation window ends it is the end of the window: nobody was
    watched for longer. A wave of which neither tells a day is not in it.
    """
    return _last_days(opened.config, ordered_waves(opened))


def dates_in(config: StudyConfig, tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.Timestamp]:
    """The same, of the tables that exports became (``responses``, ``wave_days``); nothing where no order is known."""
    if "responses" not in tables:
        return {}
    names = sorted(set(tables["responses"]["wave"].astype(str)))
    inside = days_of(tables["wave_days"]) if "wave_days" in tables else {}
    return _last_days(config, waves_in_order(names, config.wave_days(names, inside=inside)) or ())


def _last_days(config: StudyConfig, waves: Iterable[Wave]) -> dict[str, pd.Timestamp]:
    outcome = config.outcome
    end = outcome.window.end if outcome is not None and outcome.window is not None else dt.date.max
    days = {wave.name: (wave.first, wave.last) for wave in waves}
    return {
        name: pd.Timestamp(end if first <= end < last else last)
        for name, (first, last) in days.items()
        if first is not None and last is not None
    }


def model_wave(opened: OpenStudy, responses: pd.DataFrame) -> str:
    """The wave segments are made on: the one the study names, else the last that asked what segments are made of.

    Where no wave did it is the last of all.
    """
    if opened.config.wave is not None:
        return opened.config.wave
    codebook = codebook_of(opened)
    kinds = opened.config.segmentation.basis
    asked = list(basis_of(codebook, kinds, responses.columns).need_map) if codebook is not None else []
    answered = responses.loc[responses[asked].notna().any(axis=1), "wave"] if asked else responses["wave"]
    return wave_names(opened, (answered if len(answered) else responses["wave"]).unique())[-1]
