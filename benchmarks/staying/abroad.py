"""Claims beside tools that live in environments of their own: on public folds, and where entry is late."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold

from segment.retention import HazardModel
from segment.retention.discrimination import Followed, concordance, integrated_brier
from segment.retention.features import plan_features
from staying.data import from_wheel, hires
from staying.outside import ask
from staying.rows import Row, not_run, row

#: environment, model
SURVIVAL = (
    ("scikit-survival", "cox"),
    ("scikit-survival", "gradient boosting"),
    ("scikit-survival", "random survival forest"),
    ("hazardous", "SurvivalBoost"),
)


def numbers(X: pd.DataFrame, new: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Both tables as the same numbers: categories one column per level."""
    plan = plan_features(X)
    straight = ~plan.bends
    return plan.linear(X)[:, straight], plan.linear(new)[:, straight]


def abroad(*, people: int, folds: int, seed: int) -> list[Row]:
    """Peers on the folds of job_retention, and on simulated hires of whom most entered before watching began."""
    return [*on_job_retention(folds=folds), *with_late_entry(people=people, seed=seed)]


def on_job_retention(*, folds: int) -> list[Row]:
    table = from_wheel()
    if table is None:
        return not_run("job_retention, outside", "peopleanalyticsdata cannot be downloaded")
    X, months = table[["gender", "field", "level", "sentiment", "intention"]], np.arange(1.0, 12.0)
    spells = pd.DataFrame({"exit": table["month"].astype(float), "event": table["left"]})
    splits = list(StratifiedKFold(5, shuffle=True, random_state=0).split(X, table["left"]))[:folds]
    rows: list[Row] = []
    for place, model in (("segment", "hazard"), *SURVIVAL):
        scores, problem = [], ""
        for train, test in splits:
            told = _said(place, model, X.iloc[train], spells.iloc[train], X.iloc[test], months)
            if isinstance(told, str):
                problem = told
                break
            seen = spells.iloc[test]
            ones, zeros = np.ones(len(test)), np.zeros(len(test), dtype=int)
            followed = Followed(seen["exit"].to_numpy(), seen["event"].to_numpy(), ones, zeros)
            uno = concordance(followed, 1 - told[:, -1], until=12.0, censoring=True)
            scores.append((uno, integrated_brier(followed, told, months)))
        if problem:
            rows += not_run(f"job_retention, {place} {model}", problem)
            continue
        uno, brier = np.mean(scores, axis=0)
        data = f"job_retention, {len(splits)} folds"
        rows += [row(data, f"{place} {model}", "Uno", uno), row(data, f"{place} {model}", "IBS", brier)]
    return rows


def _said(
    place: str, model: str, X: pd.DataFrame, spells: pd.DataFrame, new: pd.DataFrame, months: np.ndarray
) -> np.ndarray | str:
    if place == "segment":
        return HazardModel(causes=("left",)).fit(X, spells).predict_ahead(new, months).survival
    old, fresh = numbers(X, new)
    arrays = {"X": old, "X_new": fresh, "months": months, "entry": np.zeros(len(spells))}
    arrays |= {name: spells[name].to_numpy(dtype=float) for name in ("exit", "event")}
    told = ask(place, model, arrays)
    return told if isinstance(told, str) else told["survival"]


def with_late_entry(*, people: int, seed: int) -> list[Row]:
    """Survival at twelve months from hire, against the truth, of tools that know entry and tools that do not."""
    X, spells, survival, _ = hires(people, seed)
    seen = (spells["exit"] > spells["entry"] + 1e-3).to_numpy()
    truth, months = float(survival[:, 11].mean()), np.arange(1.0, 25.0)
    fresh = hires(2_000, seed + 1_000)[0]
    old, new = numbers(X[seen], fresh)
    arrays = {"X": old, "X_new": new, "months": months}
    arrays |= {name: spells.loc[seen, name].to_numpy(dtype=float) for name in ("entry", "exit", "event")}
    model = HazardModel(random_state=seed).fit(X[seen], spells[seen])
    said = model.predict_ahead(fresh, months)
    rows = _entry_rows("segment hazard", said.survival, truth)
    for place, name in (*SURVIVAL[2:], ("lifelines", "cox with entry")):
        told = ask(place, name, arrays)
        if isinstance(told, str):
            rows += not_run(f"late entry, {place} {name}", told)
            continue
        rows += _entry_rows(f"{place} {name}", told["survival"], truth)
        if "survival_breslow" in told:
            rows += _entry_rows(f"{place} {name}, Breslow by hand", told["survival_breslow"], truth)
    return rows


def _entry_rows(name: str, survival: np.ndarray, truth: float) -> list[Row]:
    rising = float((np.diff(survival, axis=1) > 1e-9).any(axis=1).mean())
    return [
        row("late entry", name, "error of S(12 m)", abs(float(survival[:, 11].mean()) - truth)),
        row("late entry", name, "share of curves that rise", rising),
    ]
