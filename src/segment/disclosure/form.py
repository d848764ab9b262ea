"""What a frame has to be before it can be released: figures about groups, and none about single people."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from segment.disclosure.presentation import Form
from segment.errors import RefusedRelease
from segment.governance.grant import DIRECT_IDENTIFIERS

#: A person's pseudonym: 32 hexadecimal signs.
_CODE = re.compile(r"[0-9a-f]{32}")


def refuse_people(frame: pd.DataFrame, request: Form) -> None:
    """Refuse a frame that has one row per person: one with a column that says who somebody is.

    Numbers of people say nothing of the kind: ten groups of one are small groups, and hidden.
    """
    names = [str(column) for column in (*frame.columns, *frame.index.names)]
    leaving = (*request.groups, *request.lines, *request.figures)
    people = [name for name in names if name in ("person", "person_id")]
    people += [name for name in leaving if name.lower().replace("-", "_") in DIRECT_IDENTIFIERS]
    people += [name for name in (*request.groups, *request.lines) if name in frame and _pseudonyms(frame[name])]
    if people:
        raise RefusedRelease(
            f"Table '{request.name}' has one row per person.",
            expected="one row per group of people",
            came=f"column {people[0]}",
            advice="hand it to grant(), which asks for governance",
        )


def _pseudonyms(labels: pd.Series) -> bool:
    """Whether labels are codes of people."""
    return any(isinstance(label, str) and _CODE.fullmatch(label) for label in labels.unique())


def refuse_form(frame: pd.DataFrame, request: Form) -> None:
    """Refuse a frame that cannot be read as figures about groups."""
    _refuse_columns(frame, request)
    _refuse_values(frame, request)


def _refuse_columns(frame: pd.DataFrame, request: Form) -> None:
    """What a request names: columns that are there, groups in at most two ways, exits behind a curve."""
    where = f"table '{request.name}'"
    missing = [column for column in request.named if column not in frame]
    taken = sorted({"n", "status"}.intersection((*request.lines, *request.groups, *request.figures)))
    if missing or taken:
        raise RefusedRelease(
            "A release names columns that it cannot use.",
            came="; ".join([*(f"no column {c}" for c in missing), *(f"{c} is a column of the result" for c in taken)]),
            where=where,
            advice="correct the names, or rename the column first",
        )
    if len(request.groups) > 2:
        raise RefusedRelease(
            "A release groups people in more than two ways at once.",
            expected="at most two group columns",
            came=", ".join(request.groups),
            where=where,
            advice="release smaller tables; columns that say what, not who, are lines",
        )
    if request.overall and request.groups:
        raise RefusedRelease(
            "Figures about everyone at once cannot be released by group.",
            came=f"{', '.join(request.overall)} by {', '.join(request.groups)}",
            where=where,
            advice="name them as means or shares, or leave the groups out",
        )
    if request.kind == "curves" and request.events is None:
        raise RefusedRelease(
            "A retention curve needs its number of exits.", where=where, advice="name the column in events="
        )


def _refuse_values(frame: pd.DataFrame, request: Form) -> None:
    """What stands in the frame: whole numbers of people, shares from 0 to 1, no group and line twice."""
    counts = pd.to_numeric(frame[request.count], errors="coerce").to_numpy(dtype=float)
    wrong = int((~(counts >= 0) | (counts != np.floor(counts))).sum())
    shares = frame[list(request.shares)].to_numpy(dtype=float)
    beyond = int(((shares < -1e-9) | (shares > 1 + 1e-9)).sum())
    twice = int(frame.duplicated([*request.lines, *request.groups]).sum()) if request.lines or request.groups else 0
    problems = [
        (wrong, "counts that are missing, negative or not whole"),
        (beyond, "shares outside 0 to 1"),
        (twice, "rows that repeat a group and line"),
    ]
    if any(number for number, _ in problems):
        raise RefusedRelease(
            "A table to release is not what a release can read.",
            expected="one row per group and line, whole numbers of people, shares from 0 to 1",
            came="; ".join(f"{number} {what}" for number, what in problems if number),
            where=f"table '{request.name}'",
            advice="correct the table; differences between shares are means",
        )
