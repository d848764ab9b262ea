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

    Whoever left has left, also for a reason that the study does not tell apart: from ``fewest`` such exits on they are
    a cause, ``other``, and so are exits of which nobody said why, ``left``. A cause that never occurs is none; where
    none of the study's causes does, all exits are called ``left``.

    >>> outcome = OutcomeConfig(kind="horizon", column="gone")
    >>> causes_of(outcome, pd.Series(["left", None])), [str(c) for c in causes_of(outcome, pd.Series(["voluntary"]))]
    (('left',), ['voluntary'])
    >>> [str(c) for c in causes_of(outcome, pd.Series(["voluntary", "retirement"]))]
    ['voluntary', 'other']
    """
    told = [str(cause) for cause in outcome.causes if cause != EndReason.LEFT]
    unnamed = int((given == EndReason.LEFT).sum())
    others = int((given.notna() & ~given.isin([*told, EndReason.LEFT])).sum())
    named = [cause for cause in told if (given == cause).any() or (cause == EndReason.OTHER and others)]
    if not named and others + unnamed:
        return (str(EndReason.LEFT),)
    known = named or told  # of nobody who left yet, what the study names
    more = [EndReason.OTHER] if fewest <= others or (unnamed < fewest <= others + unnamed) else []
    more += [EndReason.LEFT] if fewest <= unnamed else []
    return (*known, *(str(cause) for cause in more if cause not in known))


def asked_cause(outcome: OutcomeConfig, causes: tuple[str, ...]) -> str | None:
    """The cause that the study's headline is to be about: by choice, else the one cause that it names.

    Nothing where leaving is an intention, where the study names none and nobody gave one, or where it names several.

    >>> outcome = OutcomeConfig(kind="horizon", column="gone")
    >>> asked_cause(outcome, ("left",)), asked_cause(outcome, ("voluntary", "involuntary"))
    (None, 'voluntary')
    """
    nobody_said = causes == (EndReason.LEFT,) and "causes" not in outcome.model_fields_set
    if outcome.meaning == "intention" or nobody_said:
        return None
    if EndReason.VOLUNTARY in outcome.causes:
        return str(EndReason.VOLUNTARY)
    return str(outcome.causes[0]) if len(outcome.causes) == 1 and outcome.causes[0] != EndReason.LEFT else None


def never_told(outcome: OutcomeConfig, given: pd.Series) -> tuple[list[str], list[str]]:
    """The causes that a study names if none of them occurs, and the reasons there are, of ten people or more.

    ``given``: the reason of each exit.

    >>> outcome = OutcomeConfig(kind="horizon", column="gone", causes=("retired",))
    >>> never_told(outcome, pd.Series(["voluntary"] * 12 + ["other"]))
    (['retired'], ['voluntary'])
    >>> never_told(outcome, pd.Series(["retired"] * 12))
    ([], [])
    """
    gone = given.dropna()
    named = [str(cause) for cause in outcome.causes if cause != EndReason.LEFT]
    if "causes" not in outcome.model_fields_set or gone.empty or gone.isin(named).any() or EndReason.OTHER in named:
        return [], []
    counts = gone[gone != EndReason.LEFT].value_counts()
    return named, sorted(str(reason) for reason, n in counts.items() if n >= FEWEST_UNNAMED)


def absent_causes(outcome: OutcomeConfig, causes: tuple[str, ...]) -> list[str]:
    """The causes that a study writes down and of which nobody left, where somebody did for another of them.

    ``causes``: those that are told apart. Of a study that writes none down, and of one whose exits are all called
    ``left``, nothing is said.

    >>> outcome = OutcomeConfig(kind="horizon", column="gone", causes=("voluntary", "involuntary"))
    >>> absent_causes(outcome, ("voluntary", "other")), absent_causes(outcome, ("left",))
    (['involuntary'], [])
    """
    if "causes" not in outcome.model_fields_set or causes == (EndReason.LEFT,):
        return []
    return [str(cause) for cause in outcome.causes if cause != EndReason.LEFT and cause not in causes]


def with_causes(people: pd.DataFrame, causes: tuple[str, ...]) -> pd.DataFrame:
    """People whose every exit is called ``left`` where that is the one cause."""
    if causes != (EndReason.LEFT,):
        return people
    return people.assign(end_reason=people["end_reason"].mask(people["end_date"].notna(), str(EndReason.LEFT)))


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
