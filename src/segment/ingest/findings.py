"""What was found in the raw data: where, how often and what to do; never about whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from segment.errors import RefusedData
from segment.ingest.rules import RULES, Rule
from segment.tables import spec_of
from segment.vocabulary import Severity

_DEFAULT_ROWS = 10


@dataclass(frozen=True)
class Finding:
    """One broken rule in one place. ``rows`` are spreadsheet rows (the header is row 1)."""

    rule: Rule
    file: str
    column: str = ""
    rows: tuple[int, ...] = ()
    count: int = 0
    expected: str = ""
    came: str = ""
    advice: str = ""

    def where(self, max_rows: int = _DEFAULT_ROWS) -> str:
        """File, column and row numbers, in words.

        >>> Finding(RULES["DQ025"], "people.csv", "end_date", (12, 40, 57), 3).where(2)
        'people.csv, column end_date, rows 12, 40 and 1 more'
        """
        named = self.rows[:max_rows]
        more = self.count - len(named)
        parts = [self.file]
        if self.column:
            parts.append(f"column {self.column}")
        if named:
            numbers = ", ".join(map(str, named))
            word = "row" if self.count == 1 else "rows"
            parts.append(f"{word} {numbers}" + (f" and {more} more" if more > 0 else ""))
        return ", ".join(parts)

    def explanation(self) -> str:
        """The rule's name with what was expected and what came."""
        detail = "; ".join(
            text
            for text in (f"expected {self.expected}" * bool(self.expected), f"came {self.came}" * bool(self.came))
            if text
        )
        return f"{self.rule.title} ({detail})" if detail else self.rule.title


class Findings:
    """A growing list of findings, in the order in which they were made."""

    def __init__(self, max_rows: int = _DEFAULT_ROWS) -> None:
        self.max_rows = max_rows
        self.items: list[Finding] = []

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
    ) -> None:
        """Write down that a rule is broken; ``count`` is the number of rows unless given."""
        numbers = tuple(sorted(int(row) for row in rows))
        self.items.append(
            Finding(
                RULES[code], file, column, numbers, len(numbers) if count is None else count, expected, came,
                advice or RULES[code].advice,
            )
        )  # fmt: skip

    @property
    def errors(self) -> bool:
        """Whether anything stops the study."""
        return any(item.rule.severity == Severity.ERROR for item in self.items)

    def table(self) -> pd.DataFrame:
        """The findings as a table, most serious first (schema ``findings``)."""
        order = list(Severity)
        items = sorted(self.items, key=lambda item: (order.index(item.rule.severity), item.rule.code))
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


def finding_lines(findings: pd.DataFrame, *, severities: Sequence[str] = tuple(Severity)) -> list[str]:
    """One readable line per finding of these severities.

    >>> found = Findings()
    >>> found.add("DQ025", "people.csv", column="end_date", rows=[12])
    >>> finding_lines(found.table())[0]
    'DQ025 people.csv, column end_date, row 12: end before start. What to do: correct the dates in the export'
    """
    chosen = findings[findings["severity"].isin(list(severities))]
    return [
        f"{row.code} {row.where}: {row.explanation}. What to do: {row.advice}"
        for row in chosen[["code", "where", "explanation", "advice"]].itertuples()
    ]


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
