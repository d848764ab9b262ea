"""The list of actions of an earlier release, filled in: what was begun for whom, and on which day."""

from __future__ import annotations

import pandas as pd

from segment.ingest.date_formats import EARLIEST, LATEST
from segment.ingest.declared import DeclaredFile
from segment.locale import STANDS_IN, languages

#: The columns that the list must have.
BEGUN_NEEDS = ("segment", "action", "date")
#: The columns of the list that every language shares, and the beginnings of those that each has of its own.
BEGUN_NAMES = (
    "segment", "rank", "action", "people_answered", "priority_percent", "place", "about_as_much_as_next", "who", "date",
    "status", "target",
)  # fmt: skip
BEGUN_PREFIXES = (
    "segment_", "need_", "title_", "what_", "first_step_", "owner_", "effort_", "evidence_", "watch_", "weighing_",
)  # fmt: skip


def read_begun(file: DeclaredFile) -> pd.DataFrame:
    """Table ``begun``: one row per segment and action that has a day on which it began; without one it did not.

    The list of a release may be handed back as it is. A day out of reach (DQ023), what cannot be the number of a
    segment, a row without an action (DQ030) and two days for one action and segment (DQ042) are written down.
    """
    table = pd.DataFrame(
        {"listed": file.numbers("segment"), "called": _called(file), "action": file.text("action"),
         "day": file.dates("date"), "row": file.rows}
    )  # fmt: skip
    table = table[file.filled("date") & table["day"].notna()]
    far = ~table["day"].between(EARLIEST, LATEST)
    if far.any():
        file.findings.add(
            "DQ023", file.file, column=file.column("date"), rows=table.loc[far, "row"],
            expected=f"days from {EARLIEST.year} to {LATEST.year}", advice="fill in the day on which it began",
        )  # fmt: skip
    table = table[~far]
    wrong = ~(table["listed"].ge(0) & (table["listed"] % 1 == 0)).fillna(False)
    if wrong.any():
        file.findings.add(
            "DQ030", file.file, column=file.column("segment"), rows=table.loc[wrong, "row"],
            expected="the number of a segment in the report, 0 for everyone", came="something else",
            advice="take the number from the list of that release, or leave the row out",
        )  # fmt: skip
    nothing = table["action"].isna()
    if nothing.any():
        file.findings.add(
            "DQ030", file.file, column=file.column("action"), rows=table.loc[nothing, "row"],
            expected="the code of the action", came="nothing", advice="fill in the code, or empty the date",
        )  # fmt: skip
    table = table[~wrong & ~nothing]
    key = ["listed", "action"]
    twice = table.duplicated(key, keep=False)
    if twice.any():
        file.findings.add("DQ042", file.file, column=file.column("action"), rows=table.loc[twice, "row"])
    table = table.drop_duplicates(key).drop(columns="row").astype({"listed": "int64"})
    return table.sort_values(key, ignore_index=True)


def _called(file: DeclaredFile) -> pd.Series:
    """What each segment is called in the list: in the language that stands in for others, else in any that it has."""
    for language in (STANDS_IN, *languages()):
        if file.has(f"segment_{language}"):
            return file.text(f"segment_{language}")
    return pd.Series(None, index=range(len(file.rows)), dtype="object")
