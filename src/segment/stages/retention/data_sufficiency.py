"""What these data cannot teach about staying and leaving: counted before anything is modelled, and said in the report.

`segment check` asks the same questions of the same people, so that nothing here comes as a surprise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from segment.config import OutcomeConfig, StudyConfig, WindowConfig, given
from segment.errors import Refusal
from segment.retention import split_by_time
from segment.retention.foresight import COLUMNS
from segment.stages.causes import (
    FEWEST_UNNAMED,
    absent_causes,
    asked_cause,
    causes_of,
    causes_of_dates,
    never_told,
    with_causes,
)
from segment.stages.counts import STAFF
from segment.vocabulary import DAYS_PER_MONTH, EndReason, OutcomeKind, Severity

#: Exits needed before the hold-out, and again in it, before leaving is modelled at all.
FEWEST_EXITS = 10
#: People needed with an outcome without dates, and as many without it.
FEWEST_FLAGS = 2 * FEWEST_EXITS
#: Months ahead that are foretold; a hold-out that is shorter judges fewer.
YEAR = 12.0
_NOTHING = (float("nan"),) * 3


@dataclass(frozen=True)
class Exits:
    """How many people left before the hold-out and in it, on how many days, and who is still there at the end.

    ``later`` counts the exits of those who were employed when the hold-out began, by cause, and ``earlier`` those
    before; ``months`` is its length; ``untold`` the exits of none of the causes, which end the watching only;
    ``named`` the causes of the study if none of them occurs, ``reasons`` the reasons of ten people or more that do.
    """

    people: int
    before: int
    later: Mapping[str, int]
    days: int
    present: int
    months: float
    untold: int = 0
    earlier: Mapping[str, int] = field(default_factory=dict)
    named: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def after(self) -> int:
        """Exits in the hold-out, of all causes."""
        return sum(self.later.values())

    @property
    def enough(self) -> bool:
        """Whether leaving can be learned from the time before, and judged on the time after."""
        return min(self.before, self.after) >= FEWEST_EXITS


def cut_of(config: StudyConfig) -> pd.Timestamp:
    """The first day that is held out: as the study says, else the last part of the window, at a month's start."""
    watched = given(config.outcome, "outcome").watched
    start, end = pd.Timestamp(watched.start), pd.Timestamp(watched.end)
    written = config.retention.test_from
    if written is None:
        cut = (end - (end - start) * config.retention.test_share).to_period("M").to_timestamp()
        return cut if cut > start else (end - (end - start) * config.retention.test_share).normalize()
    cut = pd.Timestamp(written)
    if not start < cut <= end:
        raise Refusal(
            "The hold-out begins outside the observation window.",
            expected=f"retention.test_from between {start.date()} and {end.date()}",
            came=str(cut.date()),
            advice="correct retention.test_from in the study file",
        )
    return cut


def count_exits(people: pd.DataFrame, config: StudyConfig) -> Exits:
    """Count exits around the first held-out day; ``people`` has one row per employment with its dates and reason."""
    outcome, cut = given(config.outcome, "outcome"), cut_of(config)
    start, end = pd.Timestamp(outcome.watched.start), pd.Timestamp(outcome.watched.end)
    causes = causes_of_dates(outcome, people)
    named, reasons = never_told(outcome, people["end_reason"].where(people["end_date"].between(start, end)))
    people = with_causes(people, causes)
    before, after = split_by_time(people, cut=cut, window_start=start, window_end=end, causes=causes)
    after = after[(people.loc[after.index, "start_date"] <= cut).to_numpy()]
    gone = before.index[before["event"] > 0].union(after.index[after["event"] > 0])
    inside = people["end_date"].between(start, end) & people["start_date"].notna()
    untold = inside & ~people["end_reason"].isin(causes) & (EndReason.OTHER not in causes)
    here = (people["start_date"] <= end) & ~(people["end_date"] <= end)
    return Exits(
        people=len(before.index.union(after.index)),
        before=int((before["event"] > 0).sum()),
        later={cause: int((after["event"] == k).sum()) for k, cause in enumerate(causes, start=1)},
        days=int(people.loc[gone, "end_date"].nunique()),
        present=int(here.sum()),
        months=((end - cut).days + 1) / DAYS_PER_MONTH,
        untold=int(untold.sum()),
        earlier={cause: int((before["event"] == k).sum()) for k, cause in enumerate(causes, start=1)},
        named=tuple(named),
        reasons=tuple(reasons),
    )


def gaps(seen: Exits, config: StudyConfig) -> pd.DataFrame:
    """Findings on what cannot be learned, as table ``retention_findings``; none where everything can be.

    ``RT001`` nobody left, ``RT002`` too few left before the hold-out or in it, ``RT003`` all left on one day (alone, if
    that is why), ``RT004`` nobody is left to look ahead for, ``RT005`` a cause that hardly occurs in the hold-out, or
    that the study names and that never occurs, ``RT007`` a hold-out of less than a year, ``RT011`` exits of none of the
    causes, too few to be one, ``RT013`` the cause that the study asks for cannot be told apart, so that its figures are
    of leaving for any reason, ``RT014`` none of the study's causes occurs, ``RT015`` everybody on the list left.
    ``count`` is of what the finding speaks of: exits, months or people still there, and ``of`` how many people were
    looked at. Numbers of exits under ten are not shown.
    """
    rows, when, total, people = [], f"{cut_of(config):%Y-%m-%d}", seen.before + seen.after, seen.people
    if total == 0:
        rows.append(_row("RT001", 0, "nobody left in the observation window; leaving was not modelled", of=people))
    elif not seen.enough and not _crowded(seen, config):
        said = f"fewer than {FEWEST_EXITS} people left before {when}, or from then on; leaving was not modelled"
        advice = "watch for longer, or set retention.test_from to another day"
        rows.append(_row("RT002", min(seen.before, seen.after), said, advice, of=people))
    if seen.untold:
        said = f"fewer than {FEWEST_UNNAMED} left for another reason than the causes, or for none: no longer watched"
        advice = "name their reason under outcome.causes, if it is to be a cause of its own"
        rows.append(_row("RT011", seen.untold, said, advice, of=people, severity=Severity.NOTE))
    rows += _never_told(seen.named, seen.reasons, total)
    if total > 1 and seen.days == 1 and not config.sources.places_exits:
        rows.append(_row("RT003", total, "all exits are on one day: one decision, not many; leaving was not modelled"))
    if people and not seen.present:
        said = "nobody is employed on the last day; there is nobody to look ahead for"
        rows.append(_row("RT004", 0, said, of=people))
        rows += [_everybody_left(people)] if total >= people else []
    if seen.enough:
        rare = [cause for cause, number in seen.later.items() if number < FEWEST_EXITS] if len(seen.later) > 1 else []
        for cause in (*rare, *absent_causes(given(config.outcome, "outcome"), tuple(seen.later))):
            said = f"fewer than {FEWEST_EXITS} left for cause '{cause}' from {when} on; it was not judged apart"
            number = seen.later.get(cause, 0)
            rows.append(_row("RT005", number, said, subject=cause, of=seen.after, severity=Severity.NOTE))
        if seen.months < YEAR - 0.5:
            said = f"the hold-out lasts {seen.months:.0f} months; a year ahead was not checked to its end"
            rows.append(_row("RT007", round(seen.months), said, severity=Severity.NOTE))
        rows += _out_of_sight(given(config.outcome, "outcome").watched, config.retention.horizons)
    causes = tuple(seen.later)
    asked = asked_cause(given(config.outcome, "outcome"), causes)
    few = asked is not None and min(seen.later.get(asked, 0), seen.earlier.get(asked, 0)) < FEWEST_EXITS
    if total and asked is not None and few and causes != (asked,) and (seen.enough or asked not in causes):
        rows.append(_instead(asked, seen.later.get(asked, 0), seen.after))
    return pd.DataFrame(rows, columns=COLUMNS)


def _crowded(seen: Exits, config: StudyConfig) -> bool:
    """Whether exits are enough in number, and only their all being on one day keeps leaving from being modelled."""
    return seen.before + seen.after >= FEWEST_EXITS and seen.days == 1 and not config.sources.places_exits


def not_modelled(seen: Exits, config: StudyConfig) -> str:
    """Why leaving was not modelled, in a few words for a log."""
    why = "all exits are on one day" if _crowded(seen, config) else "too few exits"
    return f"{why}: leaving was not modelled"


def _instead(asked: str, number: int, of: int) -> tuple[object, ...]:
    """``RT013``: the cause that is asked for cannot be shown, and what is shown instead."""
    said = f"'{asked}' is asked for but not reported separately: fewer than {FEWEST_EXITS} such exits could be judged, "
    advice = "watch for longer, or write down why people leave; figures count leaving for any reason"
    return _row(
        "RT013", number, said + "or nobody says why people left", advice, subject=asked, of=of, severity=Severity.NOTE
    )


def told_instead(found: pd.DataFrame, outcome: OutcomeConfig, told: str | None, reasons: pd.Series) -> pd.DataFrame:
    """The findings with ``RT013`` where the headline is not about the cause that the study asks for.

    ``told`` is the cause that it is about (nothing: any), ``reasons`` the reason of each exit (missing: still there).
    """
    asked = asked_cause(outcome, causes_of(outcome, reasons))
    if asked is None or told == asked or "RT013" in set(found["code"]):
        return found
    row = _instead(asked, int((reasons == asked).sum()), int(reasons.notna().sum()))
    return pd.concat([found, pd.DataFrame([row], columns=COLUMNS)], ignore_index=True)


def _out_of_sight(window: WindowConfig, asked: Sequence[int]) -> list[tuple[object, ...]]:
    """``RT012`` where chances are asked for further ahead than anybody can have been watched."""
    wide = ((pd.Timestamp(window.end) - pd.Timestamp(window.start)).days + 1) / DAYS_PER_MONTH
    far = [months for months in asked if months > wide + 0.5]
    said = f"nobody is watched for more than {wide:.0f} months: nothing is said about longer horizons"
    advice = "lower retention.horizons, or begin the window earlier where the exits of that time are in the export"
    return [_row("RT012", len(far), said, advice, of=len(asked), severity=Severity.NOTE)] if far else []


def _never_told(named: Sequence[str], reasons: Sequence[str], exits: int) -> list[tuple[object, ...]]:
    """``RT014`` if none of the causes that the study names is a reason in the file."""
    if not named:
        return []
    there = (
        f"reasons of ten people or more are {', '.join(reasons)}" if reasons else "no reason is of ten people or more"
    )
    said = f"expected {', '.join(named)} as outcome.causes says, and nobody left for that; {there}; all count as 'left'"
    advice = f"say causes: [{', '.join(reasons)}] under outcome" if reasons else "leave outcome.causes out"
    return [_row("RT014", exits, said, f"{advice}, or translate the reasons under 'values' of sources.people")]


def _everybody_left(people: int) -> tuple[object, ...]:
    """``RT015``: a list of leavers only, in which a share who left says when they did and not how many do."""
    said = "everybody on the list left; shares say how soon those who left did, and nothing of how many leave"
    return _row("RT015", people, said, "give the list of everyone, with those who stayed", of=people)


def segments_without_curve(own: int, of: int) -> pd.DataFrame:
    """Finding ``RT006``: so many of the segments have too few leavers for a curve of their own."""
    said = f"{of - own} of {of} segments have too few people or exits for a curve of their own"
    rows = [_row("RT006", of - own, said, of=of, severity=Severity.NOTE)] if own < of and of > 1 else []
    return pd.DataFrame(rows, columns=COLUMNS)


def too_few_flags(yes: int, no: int) -> pd.DataFrame:
    """Finding ``RT009`` where an outcome without dates has too few of either answer to learn from and be judged on."""
    said = f"fewer than {FEWEST_FLAGS} people with, or without, the outcome; it was not modelled"
    rows = [_row("RT009", min(yes, no), said, of=yes + no)] if min(yes, no) < FEWEST_FLAGS else []
    return pd.DataFrame(rows, columns=COLUMNS)


def gaps_of_durations(outcome: OutcomeConfig, reasons: pd.Series) -> pd.DataFrame:
    """What tenure without dates cannot teach, from the reason of each exit (missing: still there).

    ``RT001`` nobody left, ``RT009`` too few did, ``RT004`` and ``RT015`` everybody did, ``RT014`` none of the study's
    causes occurs, ``RT016`` one of several hardly does, or never.

    >>> gone = pd.Series(["voluntary"] * 90)
    >>> outcome = OutcomeConfig(kind="duration", column="months", event="why", causes=("voluntary", "involuntary"))
    >>> gaps_of_durations(outcome, gone)["code"].tolist()
    ['RT004', 'RT015', 'RT016']
    """
    gone, there = int(reasons.notna().sum()), int(reasons.isna().sum())
    if gone == 0 and there:
        rows = [_row("RT001", 0, "nobody left; leaving was not modelled", of=there)]
        return pd.DataFrame(rows, columns=COLUMNS)
    nobody = _row("RT004", 0, "nobody is there any more; there is nobody to look ahead for", of=gone)
    rows = [] if there or not gone else [nobody, _everybody_left(gone)]
    rows += _never_told(*never_told(outcome, reasons), gone)
    rows += _hardly_told(outcome, reasons) if gone >= FEWEST_FLAGS else []
    return pd.concat([too_few_flags(gone, FEWEST_FLAGS), pd.DataFrame(rows, columns=COLUMNS)], ignore_index=True)


def _hardly_told(outcome: OutcomeConfig, reasons: pd.Series) -> list[tuple[object, ...]]:
    """``RT016`` for each cause of several that hardly anybody left for, or that the study names and nobody did."""
    causes, gone = causes_of(outcome, reasons), int(reasons.notna().sum())
    told = (*causes, *absent_causes(outcome, causes))
    rows = []
    for cause in told if len(told) > 1 else ():
        number = int((reasons == cause).sum())
        if number < FEWEST_EXITS and cause != EndReason.LEFT:
            said = f"fewer than {FEWEST_EXITS} left for cause '{cause}', or nobody did; it was not judged apart"
            rows.append(_row("RT016", number, said, subject=cause, of=gone, severity=Severity.NOTE))
    return rows


def value_left_out(config: StudyConfig) -> pd.DataFrame:
    """Finding ``RT010`` where amounts are given and the outcome has no dates: nobody is known to be there today."""
    value = config.retention.value
    said = "what a stay is worth is not calculated: without dates nobody knows who is there today and for how long"
    advice = "give people's start and end dates and outcome.kind: spells, or leave retention.value out"
    rows = [] if value is None else [_row("RT010", value.horizon_months, said, advice)]
    return pd.DataFrame(rows, columns=COLUMNS)


def foreseen_gaps(people: pd.DataFrame | None, stated: pd.DataFrame | None, config: StudyConfig) -> list[str]:
    """What `segment check` says of it, a line per finding: of dates in ``people``, or of what staff ``stated``."""
    if stated is not None:
        found = _stated(stated, given(config.outcome, "outcome"))
        found = pd.concat([found, value_left_out(config)], ignore_index=True)
    else:
        found = gaps_of_dates(people, config)
    return [
        f"{row.code} {row.where}: {row.explanation}. What to do: {row.advice}"
        for row in found.rename(columns=str).itertuples()
    ]


def gaps_of_dates(people: pd.DataFrame | None, config: StudyConfig) -> pd.DataFrame:
    """What cannot be learned in a study that watches dates; ``RT009`` where nobody with dates is or was an employee."""
    nothing, outcome = pd.DataFrame(columns=COLUMNS), config.outcome
    if people is None or outcome is None or outcome.kind != OutcomeKind.SPELLS or outcome.window is None:
        return nothing
    employed = people[people["relation"].isin(STAFF) & people["start_date"].notna()]
    if employed.empty:
        return too_few_flags(0, 0)
    found = gaps(count_exits(employed.reset_index(drop=True), config), config)
    return pd.concat([found, _looks_too_far(config)], ignore_index=True)


def _stated(outcome: pd.DataFrame, config: OutcomeConfig) -> pd.DataFrame:
    """Of a study whose exports state what became of each person."""
    last = outcome.drop_duplicates("person", keep="last")
    if config.kind == OutcomeKind.DURATION:
        reasons = last["event"]
        found = gaps_of_durations(config, reasons)
    else:
        reasons = pd.Series(config.cause_of_yes, index=last.index).where(last["flag"] == 1)
        found = too_few_flags(int((last["flag"] == 1).sum()), int((last["flag"] == 0).sum()))
    if reasons.notna().sum() == 0 or found["code"].isin(["RT001", "RT009"]).any():
        return found
    return told_instead(found, config, _foreseen_cause(config, reasons), reasons)


def _foreseen_cause(outcome: OutcomeConfig, reasons: pd.Series) -> str | None:
    """The cause that a headline can be about, by how many left for it; nothing where it is any."""
    causes = causes_of(outcome, reasons)
    asked = asked_cause(outcome, causes)
    return asked if causes == (asked,) or int((reasons == asked).sum()) >= FEWEST_EXITS else None


def _looks_too_far(config: StudyConfig) -> pd.DataFrame:
    """``RT008`` where value is to be computed further ahead than the window is wide."""
    value, window = config.retention.value, given(config.outcome, "outcome").watched
    wide = (pd.Timestamp(window.end) - pd.Timestamp(window.start)).days / DAYS_PER_MONTH
    rows = []
    if value is not None and value.horizon_months > np.ceil(wide):
        said = (
            f"value is calculated {value.horizon_months} months ahead, and nobody is watched for more than {wide:.0f}"
        )
        advice = "lower retention.value.horizon_months, or read what lies past it as drawn on, not as measured"
        rows = [_row("RT008", value.horizon_months, said, advice)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _row(
    code: str,
    number: int,
    said: str,
    advice: str = "nothing, if this is so; the report says what could not be learned",
    *,
    subject: str = "any",
    of: int | None = None,
    severity: Severity = Severity.WARNING,
) -> tuple[object, ...]:
    total = number if of is None else of
    return (code, severity, subject, "exits of people", number, total, *_NOTHING, said, advice)
