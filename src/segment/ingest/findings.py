"""What was found in the raw data: where, how often and what to do; never about whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from segment.errors import RefusedData
from segment.ingest.rules import RULES, Rule
from segment.tables import spec_of
from segment.vocabulary import Severity

_DEFAULT_ROWS = 10
#: Row numbers that a finding keeps, and findings of one rule about one file that are told one by one.
_KEPT_ROWS, MOST_ALIKE = 1000, 50
_LONGEST_NAME = 80
#: Names of absent columns that one finding tells.
_MOST_NAMED = 8


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

    def where(self, max_rows: int = _DEFAULT_ROWS) -> str:
        """File, column and row numbers, in words.

        >>> Finding(RULES["DQ025"], "people.csv", "end_date", (12, 40, 57), 3).where(2)
        'people.csv, column end_date, rows 12, 40 and 1 more'
        """
        named = self.rows[:max_rows]
        more = self.count - len(named)
        parts = [self.file]
        if self.column:
            name = self.column
            parts.append(f"column {name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + '...'}")
        if named:
            numbers = ", ".join(map(str, named))
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

    Of one rule about one file the first fifty are told one by one, the others in one line that counts them.
    """

    def __init__(self, max_rows: int = _DEFAULT_ROWS) -> None:
        self.max_rows = max_rows
        self.items: list[Finding] = []
        self._alike: dict[tuple[str, str], list[str]] = {}

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
        alike = self._alike.setdefault((code, file), [])
        alike.append(column)
        if len(alike) > MOST_ALIKE:
            return
        numbers = np.sort(np.asarray(list(rows), dtype=np.int64))
        shown = tuple(numbers[: max(_KEPT_ROWS, self.max_rows)].tolist())
        self.items.append(
            Finding(
                RULES[code], file, column, shown, len(numbers) if count is None else count, expected, came,
                advice or RULES[code].advice, tuple(names),
            )
        )  # fmt: skip

    def told(self, code: str, file: str) -> bool:
        """Whether so many findings of a rule about a file were made that further ones are only counted."""
        return len(self._alike.get((code, file), ())) >= MOST_ALIKE

    def _counted(self) -> list[Finding]:
        """One finding for those of a rule about a file that are not told one by one."""
        counted = []
        for (code, file), columns in self._alike.items():
            beyond = columns[MOST_ALIKE:]
            if beyond:
                named = ", ".join(column[:_LONGEST_NAME] for column in dict.fromkeys(beyond[:5]) if column)
                came = f"{len(beyond):,} more of this kind" + (f", such as {named}" if named else "")
                counted.append(Finding(RULES[code], file, count=len(beyond), came=came, advice=RULES[code].advice))
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
                "where": [item.where(self.max_rows) for item in items],
                "count": [item.count for item in items],
                "explanation": [item.explanation() for item in items],
                "advice": [item.advice for item in items],
            }
        )
        return spec_of("findings").check(frame if items else spec_of("findings").empty())


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
