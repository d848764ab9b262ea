"""Guards of a study against knowing the answer beforehand: features that tell the outcome, and people seen twice."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.errors import Refusal
from segment.retention import duplicate_groups, leakage_findings
from segment.stages.base import OpenStudy
from segment.stages.waves import wave_dates
from segment.tables import spec_of
from segment.vocabulary import Severity

_KEY = ["person", "spell"]
#: What a finding about a feature means for it: it does not enter the model.
_LEAVES = " It was left out of the model."
#: A set of equal people larger than this share of everyone is people with little known of them, not duplicates.
_COMMON = 0.02


def leaking_features(X: pd.DataFrame, left: np.ndarray, *, first: np.ndarray | None = None) -> pd.DataFrame:
    """Findings about features that may not enter the model, as table ``retention_findings``.

    Parameters
    ----------
    X, left
        Rows x features and whether each row ends in leaving.
    first
        Whether a row is its person's first. Dates and identifiers are looked for among these only: an identifier
        repeats when a person has several rows.
    """
    once = np.ones(len(X), dtype=bool) if first is None else first
    by_row = leakage_findings(X, left, table="features")
    named = leakage_findings(X[once], left[once], table="features")
    identifiers = named[named["code"].isin(["LK002", "LK003"])]
    others = by_row[~by_row["subject"].isin(identifiers["subject"]) & (by_row["code"] != "LK003")]
    found = pd.concat([identifiers, others], ignore_index=True)
    found = found.assign(explanation=found["explanation"] + _LEAVES, severity=Severity.WARNING.value)
    return shaped(found, of=len(X))


def answers_after_notice(opened: OpenStudy, people: pd.DataFrame) -> pd.DataFrame:
    """Findings about answers given around the end of employment; each answer counts once, in the spell of its day."""
    dates = wave_dates(opened)
    if not opened.store.has("responses") or not dates:
        return shaped(pd.DataFrame(), of=0)
    asked = opened.store.read("responses")[["person", "wave"]]
    asked = asked.assign(day=asked["wave"].map(dates)).dropna(subset="day")
    rows = asked.merge(people[["person", "start_date", "end_date"]], on="person")
    rows = rows[rows["start_date"] <= rows["day"]].sort_values("start_date", kind="stable")
    rows = rows.drop_duplicates(["person", "wave"], keep="last")
    nothing = pd.DataFrame(index=rows.index)
    found = leakage_findings(
        nothing,
        rows["end_date"].notna().to_numpy(),
        answered=rows["day"],
        end_date=rows["end_date"],
        table="responses",
    )
    found = found[found["severity"] == Severity.WARNING]
    return shaped(found, of=len(rows))


def kept_together(X: pd.DataFrame) -> np.ndarray:
    """One code per row, equal for people who are (nearly) the same, so that a split can keep them on one side.

    Sets larger than a fiftieth of everyone are taken apart again: there, little is known of people, and sharing it all
    means nothing.
    """
    group = duplicate_groups(X)
    size = np.bincount(group)[group]
    alone = size > max(_COMMON * len(X), 2)
    return pd.factorize(np.where(alone, group.max(initial=0) + 1 + np.arange(len(X)), group))[0]


def together_finding(group: np.ndarray) -> pd.DataFrame:
    """A note on how many people have a near-duplicate that was kept on their side of the split; none when nobody."""
    size = np.bincount(group)[group]
    count = int((size > 1).sum())
    if not count:
        return shaped(pd.DataFrame(), of=0)
    row = {
        "code": "LK006",
        "severity": Severity.NOTE.value,
        "subject": "rows",
        "where": "people",
        "count": count,
        "explanation": f"{count} people are the same as another, or nearly; they were kept on one side of every split.",
        "advice": "look whether people were taken in twice",
    }
    return shaped(pd.DataFrame([row]), of=len(group))


def refuse_random_rows(opened: OpenStudy) -> None:
    """Refuse an outcome without time where the study holds dates of leaving.

    Random rows let a model learn from the same months it is judged on: on the ten-year public set they turn an AUC of
    .67 into .94.

    Raises
    ------
    Refusal
        When exits are modelled as a flag or a duration although ``people`` has end dates.
    """
    outcome = opened.outcome
    if outcome.meaning != "exit" or not opened.store.has("people"):
        return
    people = opened.store.read("people")
    if "end_date" not in people or not people["end_date"].notna().any():
        return
    raise Refusal(
        "Leaving would be judged on random rows although its dates are known.",
        expected="outcome.kind: spells, judged on later time",
        came=f"outcome.kind: {outcome.kind}",
        where="outcome in the study file",
        advice="use kind: spells with an observation window; the dates are there",
    )


def shaped(found: pd.DataFrame, *, of: int) -> pd.DataFrame:
    """Findings with the columns of table ``retention_findings``."""
    columns = [column.name for column in spec_of("retention_findings").columns]
    if found.empty:
        return pd.DataFrame(columns=columns)
    return found.assign(of=of, value=np.nan, low=np.nan, high=np.nan)[columns]
