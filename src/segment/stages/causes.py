"""What leaving is called in a study: the causes it names, and that somebody left where nobody said why."""

from __future__ import annotations

import pandas as pd

from segment.config import OutcomeConfig
from segment.stages.base import OpenStudy
from segment.vocabulary import EndReason

#: Exits without a reason beside others with one: fewer than this are no cause of their own.
FEWEST_UNNAMED = 10


def causes_of(outcome: OutcomeConfig, given: pd.Series, fewest: int = 1) -> tuple[str, ...]:
    """The causes that are told apart, from the reason of each exit (missing: still there).

    Where ``fewest`` exits have no reason, or none has one, ``left`` is a cause, and causes that never occur are none.

    >>> outcome = OutcomeConfig(kind="horizon", column="gone")
    >>> causes_of(outcome, pd.Series(["left", None])), [str(c) for c in causes_of(outcome, pd.Series(["voluntary"]))]
    (('left',), ['voluntary', 'involuntary'])
    """
    named = [str(cause) for cause in outcome.causes if cause != EndReason.LEFT and (given == cause).any()]
    unnamed = int((given == EndReason.LEFT).sum())
    if unnamed == 0 or (named and unnamed < fewest):
        return outcome.causes
    return (*named, str(EndReason.LEFT))


def causes_of_dates(outcome: OutcomeConfig, people: pd.DataFrame) -> tuple[str, ...]:
    """The causes told apart among exits of ``people`` (``end_date``, ``end_reason``) inside the window of a study."""
    if outcome.window is None:
        return outcome.causes
    inside = people["end_date"].between(pd.Timestamp(outcome.window.start), pd.Timestamp(outcome.window.end))
    return causes_of(outcome, people["end_reason"].where(inside), FEWEST_UNNAMED)


def causes_in(opened: OpenStudy) -> tuple[str, ...]:
    """The causes of a study whose spells are being watched."""
    outcome = opened.outcome
    return causes_of(outcome, opened.store.read("spells")["cause"]) if opened.store.has("spells") else outcome.causes
