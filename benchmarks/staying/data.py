"""The data of the benchmark: public tables, and simulated employees whose truth is known."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from segment.vocabulary import DAYS_PER_MONTH


def public(*parts: str) -> Path | None:
    path = Path(os.environ.get("SEGMENT_DATA", "missing")).joinpath(*parts)
    return path if path.exists() else None


def yearly_rows(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """One row per person and year-end: attributes of that day, and what happened in the following year."""
    table = table.assign(
        hired=pd.to_datetime(table["orighiredate_key"]), gone=pd.to_datetime(table["terminationdate_key"])
    )
    ended = table[table["STATUS"] == "TERMINATED"].drop_duplicates("EmployeeID").set_index("EmployeeID")
    active = table[table["STATUS"] == "ACTIVE"].assign(day=lambda t: pd.to_datetime(t["recorddate_key"]))
    following = active["day"] + pd.DateOffset(years=1)
    end = active["EmployeeID"].map(ended["gone"])
    left = end.notna() & (end <= following)
    reason = active["EmployeeID"].map(ended["termreason_desc"]).map({"Resignaton": 1, "Retirement": 2, "Layoff": 3})
    entry = (active["day"] - active["hired"]).dt.days / DAYS_PER_MONTH
    leave = (end.where(left, following) - active["hired"]).dt.days / DAYS_PER_MONTH
    spells = pd.DataFrame({"entry": entry, "exit": leave, "event": np.where(left, reason, 0).astype(int),
                           "person": active["EmployeeID"]})  # fmt: skip
    X = active[["age", "city_name", "department_name", "job_title", "store_name", "gender_short", "BUSINESS_UNIT"]]
    X = X.assign(
        store_name=X["store_name"].astype(int).astype(str), job_title=X["job_title"].astype(str), service=entry / 12
    )
    kept = (entry >= 0) & (leave > entry)
    return X[kept], spells[kept], active.loc[kept, "STATUS_YEAR"]


def from_wheel() -> pd.DataFrame | None:
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--dest",
            folder,
            "peopleanalyticsdata",
        ]
        if subprocess.run(command, capture_output=True, timeout=120, check=False).returncode:
            return None
        with (
            zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel,
            wheel.open("peopleanalyticsdata/data/job_retention.csv") as file,
        ):
            return pd.read_csv(file)


def hires(n: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray, np.ndarray]:
    """Hires over ten years before a window of three, two causes, known truth; those watched are marked in ``exit``."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({f"x{k}": rng.normal(size=n) for k in range(6)}).assign(site=rng.choice(list("ABCDE"), n))
    month = np.arange(240)
    push = (0.6 * X["x0"] - 0.4 * X["x1"] + 0.5 * (X["x2"] > 0) * (X["x3"] > 0) + 0.3 * (X["site"] == "A")).to_numpy()
    voluntary = np.exp(-4.0 + push[:, None] - 0.5 * np.log1p(month / 12) + 0.4 * np.exp(-(((month - 10) / 6) ** 2)))
    involuntary = np.exp(-5.6 + 0.4 * X["x4"].to_numpy()[:, None] + 0 * month)
    total = voluntary + involuntary
    force = np.cumsum(total, axis=1)
    before, drawn, rows = np.hstack([np.zeros((n, 1)), force[:, :-1]]), rng.exponential(size=n), np.arange(n)
    at = np.minimum((force < drawn[:, None]).sum(axis=1), 239)
    leave = at + np.clip((drawn - before[rows, at]) / total[rows, at], 1e-3, 1)
    cause = np.where(rng.random(n) < voluntary[rows, at] / total[rows, at], 1, 2)
    hired = rng.uniform(-120, 36, n)
    entry, end = np.maximum(-hired, 0), 36 - hired
    spells = pd.DataFrame({"entry": entry, "exit": np.minimum(leave, end), "event": np.where(leave < end, cause, 0)})
    survival = np.exp(-force)
    incidence = np.cumsum(voluntary / total * (np.exp(-before) - survival), axis=1)
    return X, spells, survival, incidence


def employees(n: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Employees of a five-year window, most of them hired before it; twelve numbers and two categories."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({f"x{k}": rng.normal(size=n).astype(np.float32) for k in range(12)})
    X = X.assign(site=rng.choice(list("ABCDEFGH"), n), job=rng.choice([f"job {k}" for k in range(25)], n))
    entry = np.where(rng.random(n) < 0.6, np.minimum(rng.exponential(60, n), 480), 0.0)
    push = 0.5 * X["x0"] - 0.3 * X["x2"] + 0.3 * (X["x3"] > 0) * (X["x4"] > 0) + 0.2 * (X["site"] == "A")
    leave = rng.exponential(np.exp(4.4 - push) / np.where(entry < 12, 1.3, 0.8))
    watched = np.where(entry > 0, 60.0, rng.uniform(0, 60, n))
    event = np.where(leave < watched, 1 + (rng.random(n) < 0.3), 0)
    return X, pd.DataFrame({"entry": entry, "exit": entry + np.minimum(leave, watched) + 1e-3, "event": event})
