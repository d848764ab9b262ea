"""What the sources of a study say about each other: who is in both, when people answered, and in which order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from segment.errors import nearest
from segment.ingest.findings import Findings, counted_by_wave
from segment.ingest.unknown import quoted
from segment.locale import bare_wave
from segment.tables.codebook import Codebook
from segment.tables.waves import Wave, waves_in_order
from segment.vocabulary import Relation

#: Days after the last day of employment within which an answer can have been given before it.
_GRACE = 62
_NEVER = pd.Timestamp("2200-01-01")
_MOST_NAMED = 8
#: People from whom on it is no chance that all have been here equally long.
_NO_CHANCE = 10


def check_join(findings: Findings, people: pd.Series | None, surveys: Iterable[tuple[str, str, pd.Series]]) -> None:
    """Respondents whom the HR export does not know (DQ039), or none of whom it knows (DQ046).

    ``people`` are its identifiers; ``surveys`` file, column and identifiers by row of each survey export.
    """
    if people is None:
        return
    known = set(people.dropna())
    shorter = {name.lstrip("0") for name in known}
    for file, column, ids in surveys:
        strangers = ids.dropna()[~ids.dropna().isin(known)]
        if not len(strangers):
            continue
        fits = int(strangers.str.lstrip("0").isin(shorter).sum())
        waves = findings.waves_of(file)
        by_wave = counted_by_wave(sorted(waves[row] for row in strangers.index if row in waves))
        came = f"{len(strangers)} of {int(ids.notna().sum())}" + (f" ({by_wave})" if by_wave else "")
        came += f"; {fits} of them fit without leading zeros" if fits else ""
        nobody = len(strangers) == ids.notna().sum()
        rows = () if nobody else strangers.index
        findings.add("DQ046" if nobody else "DQ039", file, column=column, rows=rows, count=len(strangers), came=came)


def dates_inside(surveys: Sequence[tuple[dt.date | None, pd.Series]]) -> dict[str, dt.date]:
    """The last day of answering of waves all of whose answers stand in files of one declared date.

    ``surveys``: of each file its date and the waves of its rows.

    >>> first, second = dt.date(2024, 3, 31), dt.date(2025, 3, 31)
    >>> dates_inside([(first, pd.Series(["1", "1"])), (second, pd.Series(["2"])), (None, pd.Series(["2"]))])
    {'1': datetime.date(2024, 3, 31)}
    """
    days: dict[str, set[dt.date | None]] = {}
    for date, waves in surveys:
        for name in map(str, waves.unique()):
            days.setdefault(name, set()).add(date)
    return {name: day for name, (day, *more) in days.items() if day is not None and not more}


def own_days(surveys: Sequence[tuple[dt.date | None, pd.Series]]) -> dict[str, dt.date]:
    """The last day of answering of waves that have a file of their own with a date, whatever both are called."""
    alone = [(date, waves) for date, waves in surveys if len(waves.unique()) == 1]
    return {wave: day for wave, day in dates_inside(alone).items() if wave in dates_inside(surveys)}


def check_order(
    findings: Findings,
    file: str,
    names: Sequence[str],
    days: Mapping[str, dt.date],
    declared: Iterable[str],
    *,
    dated: bool = False,
    inside: Mapping[str, dt.date] | None = None,
) -> tuple[Wave, ...]:
    """The waves, earliest first; an order that nobody knows is written down (DQ066), and so are days of no wave.

    ``dated``: employment has dates beside which answers are laid; a wave without a day is then written down (DQ078).
    ``inside``: the dates of files in which a wave stands, which the advice gives where nothing else tells.
    """
    names = [name for name in names if name]  # a wave without a name was reported already
    for name in declared:
        if name not in names:
            came = f"'{name}' in the study file; {nearest(name, names) or 'the surveys have none'}"
            findings.add("DQ011", file, column="wave", count=1, came=came)
    ordered = waves_in_order(names, days)
    if ordered is None:
        shown = ", ".join(f"'{name}'" for name in names[:_MOST_NAMED])
        findings.add(
            "DQ066", file, column="wave", count=len(names), expected="names or dates that show which was first",
            came=shown, advice=advice_on_order(names, {**(inside or {}), **days}),
        )  # fmt: skip
        return tuple(Wave.of(name, days.get(name)) for name in names)
    undated = [wave.name for wave in ordered if wave.last is None]
    if dated and undated:
        findings.add(
            "DQ078", file, column="wave", count=len(undated), expected="a name or a date that shows when it was",
            came=", ".join(f"'{name}'" for name in undated[:_MOST_NAMED]),
            advice=advice_on_order(names, {**(inside or {}), **days}),
        )  # fmt: skip
    return ordered


def advice_on_order(names: Sequence[str], days: Mapping[str, dt.date]) -> str:
    """The setting that puts these waves in order, with the days that are known and differ; the others are to fill in.

    >>> advice_on_order(["2024", "2024 Q1"], {})
    "give each wave its own last day of answering: waves: {'2024': 2024-12-31, '2024 Q1': 2024-03-31}"
    """
    lasts = {name: Wave.of(name, days.get(name)).last for name in names}
    known = list(lasts.values())
    told = {name: last.isoformat() if last and known.count(last) == 1 else "YYYY-MM-DD" for name, last in lasts.items()}
    shown = ", ".join(f"{quoted(name)}: {day}" for name, day in told.items())
    open_days = "; write the real day for every YYYY-MM-DD, no two the same" if "YYYY-MM-DD" in told.values() else ""
    return f"give each wave its own last day of answering: waves: {{{shown}}}{open_days}"


def check_asked(findings: Findings, file: str, codebook: Codebook, columns: Iterable[str]) -> None:
    """Items of the codebook for which no survey has a column (DQ063): not told of one survey (DQ035) as well."""
    present = list(columns)
    absent = [
        item.code
        for item in codebook.items
        if item.scale != "open" and not any(name == item.code or name.startswith(f"{item.code}_") for name in present)
    ]
    if absent:
        findings.leave_out("DQ035", absent)
        findings.add("DQ063", file, count=len(absent), names=absent)


def check_needs(findings: Findings, file: str, codebook: Codebook) -> None:
    """Items about needs that the study file does not name (DQ073), where it names any: most are misspelt."""
    unnamed = [item.need for item in codebook.items if item.need and item.need not in codebook.need_names]
    if unnamed and codebook.need_names:
        shown = ", ".join(list(dict.fromkeys(unnamed))[:_MOST_NAMED])
        came = f"{shown}; under codebook.needs: {nearest(unnamed[0], codebook.need_names)}"
        findings.add("DQ073", file, column="driver", count=len(unnamed), came=came)


def check_presence(
    findings: Findings, file: str, people: pd.DataFrame, answers: pd.DataFrame, waves: Iterable[Wave]
) -> None:
    """Employees who answered before they were hired, or long after they had left (DQ059); waves need a date."""
    works = people[people["relation"].isin([Relation.EMPLOYEE, Relation.CONTRACTOR]) & people["start_date"].notna()]
    others = set(people.loc[~people.index.isin(works.index), "person"])
    spans = works.groupby("person").agg(start=("start_date", "min"))
    spans["end"] = works.assign(end=works["end_date"].fillna(_NEVER)).groupby("person")["end"].max()
    before: dict[str, set[str]] = {}
    after: dict[str, set[str]] = {}
    for wave in waves:
        if wave.last is None or wave.first is None:
            continue
        here = answers.loc[(answers["wave"] == wave.name) & ~answers["person"].isin(others), "person"]
        told = spans.reindex(here).dropna(subset="start")
        before[wave.name] = set(told.index[told["start"] > pd.Timestamp(wave.last)])
        after[wave.name] = set(told.index[told["end"] < pd.Timestamp(wave.first) - pd.Timedelta(days=_GRACE)])
    early, late = (set().union(*found.values()) for found in (before, after))
    if early or late:
        came = f"{len(early)} people before they were hired, {len(late)} more than {_GRACE} days after they had left"
        when = [f"{len(before[name])} and {len(after[name])} in wave {bare_wave(name)}" for name in before]
        came += f"; {', '.join(when)}" if len(when) > 1 else ""
        findings.add("DQ059", file, column="wave", count=len(early | late), came=came)


def check_tenures(
    findings: Findings, file: str, columns: Mapping[str, str], people: pd.DataFrame, waves: Iterable[Wave]
) -> None:
    """Staff who all began on one day, or all on days of surveys; leavers who all stayed equally long (DQ085)."""
    works = people[people["relation"].isin([Relation.EMPLOYEE, Relation.CONTRACTOR])]
    starts = works["start_date"].dropna()
    asked = {pd.Timestamp(wave.last) for wave in waves if wave.last is not None}
    if len(set(starts)) > 1 and len(starts) >= _NO_CHANCE and starts.isin(list(asked)).all():
        came = "days of surveys as the first day of everyone"
        findings.add("DQ085", file, column=columns.get("start_date", "start_date"), count=len(starts), came=came)
    elif not tell_alike(findings, file, columns.get("start_date", "start_date"), starts, "the same first day"):
        stayed = (works["end_date"] - works["start_date"]).dropna()
        months = (stayed.dt.days / (365.2425 / 12)).round()
        left = columns.get("end_date", "end_date")
        tell_alike(findings, file, left, months, "the same number of months for all who left")


def tell_alike(findings: Findings, file: str, column: str, values: pd.Series, what: str) -> bool:
    """Whether known values of enough people are one and the same, which is written down (DQ085)."""
    known = values.dropna()
    if len(known) < _NO_CHANCE or len(set(known)) > 1:
        return False
    findings.add("DQ085", file, column=column, count=len(known), came=f"{what}, {len(known)} times")
    return True
