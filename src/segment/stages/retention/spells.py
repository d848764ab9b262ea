"""What was watched of the people who are or were employed: the table ``spells``, for the three kinds of outcome."""

from __future__ import annotations

import pandas as pd

from segment.config import OutcomeConfig, StudyConfig, given
from segment.errors import Refusal
from segment.ingest import Inputs
from segment.retention import spells_from_dates
from segment.stages.causes import causes_of_dates, with_causes
from segment.stages.counts import STAFF, of_employed, of_staff
from segment.stages.survey_weights import relative_weights
from segment.stages.waves import dates_in
from segment.vocabulary import OutcomeKind


def stated_of_staff(inputs: Inputs, config: StudyConfig) -> pd.DataFrame | None:
    """The outcome as the exports state it, of people who are or were employed; an intention of who was when asked."""
    seen, people = inputs.outcome, inputs.tables.get("people")
    if seen is None or people is None:
        return seen
    if given(config.outcome, "outcome").meaning == "intention":
        return of_employed(seen, people, dates_in(config, inputs.tables))
    return of_staff(seen, people)


def observed_spells(inputs: Inputs, config: StudyConfig) -> pd.DataFrame:
    """The ``spells`` table for the three kinds of outcome: of people who are or were employed.

    Of an intention it holds the last answer of who was employed when it was asked. Empty where the outcome of no
    employee is known.
    """
    outcome = given(config.outcome, "outcome")
    if outcome.kind == OutcomeKind.SPELLS:
        return _watch_dates(inputs.tables.get("people"), outcome)
    seen = stated_of_staff(inputs, config)
    if seen is None or inputs.outcome is None or inputs.outcome.empty:
        raise Refusal(
            f"The outcome's column '{outcome.column}' was not found in the data.",
            expected=f"a {outcome.kind} outcome",
            advice="check 'outcome' in the study file",
        )
    if outcome.kind == OutcomeKind.HORIZON:
        seen = seen[seen["flag"].notna()].drop_duplicates("person", keep="last")
        facts: dict[str, object] = {"entry": float("nan"), "exit": float(outcome.months)}
        cause = pd.Series(outcome.cause_of_yes, index=seen.index).where(seen["flag"] == 1)
    else:
        facts = {"entry": seen.get("entry", 0.0), "exit": seen["tenure"]}
        cause = seen["event"]
    frame = pd.DataFrame(
        {
            "person": seen["person"], "spell": 1, **facts, "cause": cause, "weight": _stands_for(inputs, seen),
            "start_date": pd.NaT,
        }
    )  # fmt: skip
    return frame.astype({"start_date": "datetime64[us]", "cause": "str"})


def _stands_for(inputs: Inputs, seen: pd.DataFrame) -> pd.Series:
    """For how many each person stands: as in the survey that asked for the outcome, else for themselves."""
    everyone = pd.Series(1.0, index=seen.index)
    weights = relative_weights(inputs.tables["responses"]) if "wave" in seen and "responses" in inputs.tables else None
    if weights is None:
        return everyone
    found = seen[["person", "wave"]].merge(weights, how="left", on=["person", "wave"])["weight"]
    return found.set_axis(seen.index).fillna(everyone)


def _watch_dates(people: pd.DataFrame | None, outcome: OutcomeConfig) -> pd.DataFrame:
    """Spells of people who are or were employed, in months of tenure inside the observation window."""
    if people is None or outcome.window is None:
        raise Refusal("A 'spells' outcome needs the people source.", advice="add sources.people to the study file")
    employed = people[people["relation"].isin(STAFF) & people["start_date"].notna()]
    causes = causes_of_dates(outcome, employed)
    start, end = pd.Timestamp(outcome.window.start), pd.Timestamp(outcome.window.end)
    seen = spells_from_dates(with_causes(employed, causes), window_start=start, window_end=end, causes=causes)
    kept = employed.loc[seen.index]
    names = pd.Series(["", *causes])
    cause = seen["event"].map(names).where(seen["event"] > 0)
    return pd.DataFrame(
        {
            "person": kept["person"], "spell": kept["spell"], "entry": seen["entry"], "exit": seen["exit"],
            "cause": cause.astype("str"), "weight": 1.0, "start_date": kept["start_date"],
        }
    )  # fmt: skip
