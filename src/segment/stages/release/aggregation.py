"""From the tables of the stages to figures about groups: one wave, one row per group and line, words for flags."""

from __future__ import annotations

import pandas as pd

from segment.tables.registry import plan_of, released_tables
from segment.tables.release_plan import Frames


def shaped(tables: Frames, wave: str | None) -> dict[str, pd.DataFrame]:
    """Every table as a release takes it."""
    frames = {name: _of_wave(frame, wave) for name, frame in tables.items()}
    for name, plan in released_tables().items():
        if plan.made_of in frames:
            frames[name] = frames[plan.made_of]
    made = {name: _shape(name, frame, frames) for name, frame in frames.items()}
    if "segments" in frames and frames["segments"]["segment"].nunique() < 2:
        made = {name: _of_everyone(frame) for name, frame in made.items()}
    return {name: in_order_of(name, frame) for name, frame in made.items()}


def _shape(name: str, frame: pd.DataFrame, frames: Frames) -> pd.DataFrame:
    shape = plan_of(name).shape
    return shape(frame, frames) if shape is not None else frame


def _of_everyone(rows: pd.DataFrame) -> pd.DataFrame:
    """Where there are no segments, what is said of the only one is said of everyone, and once."""
    if "segment" not in rows:
        return rows
    if rows["segment"].isna().any():
        return rows[rows["segment"].isna()]
    return rows.assign(segment=float("nan"))


def in_order_of(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """A table with the unrounded numbers by which its rows are listed in order, under the names of the ranks."""
    plan = plan_of(name)
    ranked = rows.assign(**{rank: number(rows).astype(float) for rank, number in plan.orders.items()})
    return plan.likeness(ranked) if plan.likeness is not None else ranked


def _of_wave(frame: pd.DataFrame, wave: str | None) -> pd.DataFrame:
    """The rows of one wave without its column; of moves, those from the wave before into this one."""
    if wave is None:
        return frame
    if {"wave_from", "segment_from"} <= set(frame):
        return frame[frame["wave_to"] == wave]  # moves are from the wave before
    return frame[frame["wave"] == wave].drop(columns="wave") if "wave" in frame else frame
