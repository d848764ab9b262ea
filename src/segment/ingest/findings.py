"""What was found in the raw data: where, how often and what to do; never about whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
import pandas as pd

from segment.errors import Refusal, RefusedData, nearest
from segment.ingest.rules import RULES, Rule
from segment.locale import bare_wave
from segment.tables import spec_of
from segment.vocabulary import Severity

_DEFAULT_ROWS = 10
#: Row numbers that a finding keeps, and findings of one rule about one file that are listed one by one.
_KEPT_ROWS, MOST_ALIKE = 1000, 50
_LONGEST_NAME = 80
#: Names of absent columns that one finding tells.
_MOST_NAMED = 8
#: What a policy makes of a finding.
_DOES = {"stop": Severity.ERROR, "warn": Severity.WARNING, "note": Severity.NOTE}
#: Spreadsheet row -> the wave that it belongs to.
Waves = Mapping[int, str]


@dataclass(frozen=True)
class Finding:
    """One broken rule in one place. ``rows`` are spreadsheet rows (the header is row 1), ``names`` absent columns."""

    rule: Rule
    file: str
    column: str = ""
    rows: tuple[int, ...] = ()
    count: int = 0
    expected: str = ""
    came: str = ""
    advice: str = ""
    names: tuple[str, ...] = ()

    def wave(self, waves: Waves) -> str:
        """The one wave of its rows, or of its file; empty where there are several, or none."""
        found = {waves.get(row, "") for row in self.rows} if self.rows else set(waves.values())
        return found.pop() if len(found) == 1 else ""

    def where(self, max_rows: int = _DEFAULT_ROWS, waves: Waves | None = None) -> str:
        """File, column and row numbers, in words; ``waves``: those of the file's rows, where a study has several.

        >>> found = Finding(RULES["DQ025"], "people.csv", "end_date", (12, 40, 57), 3)
        >>> found.where(2)
        'people.csv, column end_date, rows 12, 40 and 1 more'
        >>> found.where(3, {12: "2023", 40: "2023", 57: "2024"})
        'people.csv, column end_date, rows 12, 40 (wave 2023), 57 (wave 2024)'
        >>> found.where(2, dict.fromkeys((2, 12, 40, 57), "2024"))
        'people.csv (wave 2024), column end_date, rows 12, 40 and 1 more'
        """
        named, waves = self.rows[:max_rows], waves or {}
        more, one = self.count - len(named), self.wave(waves)
        parts = [f"{self.file} (wave {bare_wave(one)})" if one else self.file]
        if self.column:
            name = self.column
            parts.append(f"column {name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + '...'}")
        if named:
            numbers = ", ".join(map(str, named) if one else _by_wave(named, waves))
            word = "row" if self.count == 1 else "rows"
            parts.append(f"{word} {numbers}" + (f" and {more} more" if more > 0 else ""))
        return ", ".join(parts)

    def explanation(self) -> str:
        """The rule's name with what was expected and what was found."""
        came = self.came or _no_column_for(self.names)
        detail = "; ".join(
            text for text in (f"expected {self.expected}" * bool(self.expected), f"found {came}" * bool(came)) if text
        )
        return f"{self.rule.title} ({detail})" if detail else self.rule.title


class Findings:
    """A growing list of findings, in the order in which they were made.

    Of one rule about one file the first fifty are listed one by one, the others in one line that counts them.
    """

    def __init__(self, max_rows: int = _DEFAULT_ROWS, policy: Mapping[str, str] | None = None) -> None:
        self.max_rows = max_rows
        self.rules = RULES | {code: _under_policy(code, does) for code, does in (policy or {}).items()}
        self.items: list[Finding] = []
        self._alike: dict[tuple[str, str], list[str]] = {}
        self._reading = ("", "")
        self._waves: dict[str, dict[int, str]] = {}

    @contextmanager
    def reading(self, file: str, told: str) -> Iterator[None]:
        """Meanwhile a file of this name is called so: two folders may hold files of one name."""
        self._reading = (file, told)
        yield
        self._reading = ("", "")

    def know_waves(self, file: str, rows: Iterable[int], waves: Iterable[str]) -> None:
        """Write down to which wave the rows of a file belong."""
        self._waves.setdefault(file, {}).update(zip(map(int, rows), map(str, waves), strict=True))

    def waves_of(self, file: str) -> Waves:
        """The waves of a file's rows, where the study has several; else nothing."""
        told = {wave for own in self._waves.values() for wave in own.values()}
        return self._waves.get(file, {}) if len(told) > 1 else {}

    def add(
        self,
        code: str,
        file: str,
        *,
        column: str = "",
        rows: Iterable[int] = (),
        count: int | None = None,
        expected: str = "",
        came: str = "",
        advice: str = "",
        names: Iterable[str] = (),
    ) -> None:
        """Write down that a rule is broken; ``count`` is the number of rows unless given."""
        file = self._reading[1] if file and file == self._reading[0] else file
        alike = self._alike.setdefault((code, file), [])
        alike.append(column)
        if len(alike) > MOST_ALIKE:
            return
        numbers = np.sort(np.asarray(list(rows), dtype=np.int64))
        shown = tuple(numbers[: max(_KEPT_ROWS, self.max_rows)].tolist())
        self.items.append(
            Finding(
                self.rules[code], file, column, shown, len(numbers) if count is None else count, expected, came,
                advice or RULES[code].advice, tuple(names),
            )
        )  # fmt: skip

    def told(self, code: str, file: str) -> bool:
        """Whether so many findings of a rule about a file were made that further ones are only counted."""
        return len(self._alike.get((code, file), ())) >= MOST_ALIKE

    def _counted(self) -> list[Finding]:
        """One finding for those of a rule about a file that are not listed one by one."""
        counted = []
        for (code, file), columns in self._alike.items():
            beyond = columns[MOST_ALIKE:]
            if beyond:
                named = ", ".join(column[:_LONGEST_NAME] for column in dict.fromkeys(beyond[:5]) if column)
                came = f"{len(beyond):,} more of this kind" + (f", such as {named}" if named else "")
                counted.append(Finding(self.rules[code], file, count=len(beyond), came=came, advice=RULES[code].advice))
        return counted

    def leave_out(self, code: str, names: Iterable[str]) -> None:
        """Let findings of a code no longer name these, because another one does; what then names nothing goes."""
        told, kept = set(names), []
        for item in self.items:
            if item.rule.code == code and item.names:
                left = tuple(name for name in item.names if name not in told)
                kept += [replace(item, names=left, count=len(left))] if left else []
            else:
                kept.append(item)
        self.items = kept

    @property
    def errors(self) -> bool:
        """Whether anything stops the study."""
        return any(item.rule.severity == Severity.ERROR for item in self.items)

    def table(self) -> pd.DataFrame:
        """The findings as a table, most serious first (schema ``findings``)."""
        order = list(Severity)
        items = sorted(
            [*self.items, *self._counted()], key=lambda item: (order.index(item.rule.severity), item.rule.code)
        )
        frame = pd.DataFrame(
            {
                "code": [item.rule.code for item in items],
                "severity": [str(item.rule.severity) for item in items],
                "subject": [item.column or item.file for item in items],
                "where": [item.where(self.max_rows, self.waves_of(item.file)) for item in items],
                "wave": [item.wave(self.waves_of(item.file)) for item in items],
                "count": [item.count for item in items],
                "explanation": [item.explanation() for item in items],
                "advice": [item.advice for item in items],
            }
        )
        return spec_of("findings").check(frame if items else spec_of("findings").empty())


def _under_policy(code: str, does: str) -> Rule:
    """A rule that does what the study says; what stops a study by itself is not let through.

    Raises
    ------
    Refusal
        A code that no rule has, or an error that is to be less than one.
    """
    rule, where = RULES.get(code), "the study file, ingest.policy"
    if rule is None:
        raise Refusal(
            "A policy is for a finding that there is not.", expected="the code of a finding, such as DQ039", came=code,
            where=where, advice=nearest(code, RULES),
        )  # fmt: skip
    if rule.severity == Severity.ERROR and does != "stop":
        raise Refusal(
            f"{code} ({rule.title}) always stops a study.", expected="stop", came=does, where=where,
            advice="take it out of the policy, and correct what it reports",
        )  # fmt: skip
    return replace(rule, severity=_DOES[does])


def _by_wave(rows: Sequence[int], waves: Waves) -> Iterator[str]:
    """Row numbers as text, with the wave behind the last of those that belong to it."""
    for wave, own in groupby(rows, key=lambda row: waves.get(row, "")):
        yield ", ".join(map(str, own)) + (f" (wave {bare_wave(wave)})" if wave else "")


def counted_by_wave(waves: Iterable[str]) -> str:
    """How many of each wave, in words; empty where all are of one, or of none.

    >>> counted_by_wave(["2023", "2024", "2023"]), counted_by_wave(["2023", "2023"])
    ('2 in wave 2023, 1 in wave 2024', '')
    """
    found = list(waves)
    names = list(dict.fromkeys(found))
    return ", ".join(f"{found.count(name)} in wave {bare_wave(name)}" for name in names) if len(names) > 1 else ""


def _no_column_for(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"no column for {', '.join(names[:_MOST_NAMED])}{more}" if names else ""


def finding_lines(findings: pd.DataFrame, *, severities: Sequence[str] = tuple(Severity)) -> list[str]:
    """One readable line per finding of these severities; what is the same of several columns is said once.

    >>> found = Findings()
    >>> found.add("DQ025", "people.csv", column="end_date", rows=[12])
    >>> finding_lines(found.table())[0]
    'DQ025 people.csv, column end_date, row 12: end before start. What to do: correct the dates in the export'
    """
    chosen = findings[findings["severity"].isin(list(severities))]
    alike: dict[tuple[str, ...], list[tuple[str, str, str, str, str]]] = {}
    for code, subject, where, said, advice in zip(
        *(chosen[name].astype("str") for name in ("code", "subject", "where", "explanation", "advice")), strict=True
    ):
        file, in_column, rows = where.partition(f", column {subject}")
        key = (code, file, said, advice.replace(subject, "*"), "*" if in_column else where)
        alike.setdefault(key, []).append((subject, rows, where, said, advice))
    return [f"{key[0]} {_line(key[1], same)}" for key, same in alike.items()]


def _line(file: str, same: Sequence[tuple[str, str, str, str, str]]) -> str:
    """Where, what and what to do, of one finding or of those that differ in their column alone."""
    subjects = list(dict.fromkeys(subject for subject, *_ in same))
    subject, rows, where, said, advice = same[0]
    if len(subjects) > 1:
        where = f"{file}, columns {', '.join(subjects)}" + (rows if len({one[1] for one in same}) == 1 else "")
        advice += f" (and likewise for the other {len(subjects) - 1})" if subject in advice else ""
    return f"{where}: {said}. What to do: {advice}"


def refuse_errors(findings: pd.DataFrame) -> None:
    """Stop here when any finding is an error, and say all of them.

    Raises
    ------
    RefusedData
        With one line per error.

    Examples
    --------
    >>> found = Findings()
    >>> found.add("DQ038", "survey.csv", column="H_dream")
    >>> refuse_errors(found.table())
    """
    lines = finding_lines(findings, severities=(Severity.ERROR,))
    if lines:
        raise RefusedData(
            f"The data do not keep their contract: {len(lines)} error{'s' if len(lines) != 1 else ''}.",
            lines,
            advice="correct these in the exports or the study file and check again; nothing was written",
        )
