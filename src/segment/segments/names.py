"""What segments are called: one row per segment and language, which every reader asks in the same way."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from segment.locale import languages, own_words, say

#: Segment (0..k-1) -> language -> what it is called.
Names = Mapping[int, Mapping[str, str]]

#: How columns of names began before names had a table of their own: ``name_<language>``, in ``segments``.
_BEFORE = "name_"


def name_rows(names: Names, *, of: str = "segment") -> pd.DataFrame:
    """One row per segment and language; the words of another language stand in where a segment has none.

    Parameters
    ----------
    of
        What the column with the number is called.

    Examples
    --------
    >>> name_rows({1: {"nl": "Rust", "en": "Rest"}}).values.tolist()
    [[1, 'nl', 'Rust'], [1, 'en', 'Rest']]
    """
    rows = [(number, language, own_words(told, language)) for number, told in names.items() for language in languages()]
    return pd.DataFrame(rows, columns=[of, "language", "called"])


def names_in(rows: pd.DataFrame, *, of: str = "segment") -> dict[int, dict[str, str]]:
    """What segments are called, by number; a name that a release hides, and everyone together, is left out.

    >>> names_in(name_rows({1: {"nl": "Rust", "en": "Rest"}}).assign(status=["shown", "hidden"]))
    {1: {'nl': 'Rust'}}
    """
    found: dict[int, dict[str, str]] = {}
    shown = rows[rows["status"] != "hidden"] if "status" in rows else rows
    for row in shown.to_dict("records"):
        if not pd.isna(row[of]) and isinstance(row["called"], str) and row["called"]:
            found.setdefault(int(float(row[of])), {})[str(row["language"])] = row["called"]
    return found


def called(names: Names, segment: float, language: str) -> str:
    """What one segment is called in one language: its number, from 1, where it has no name.

    >>> called({1: {"nl": "Rust", "en": "Rest"}}, 1, "nl"), called({}, 1.0, "nl")
    ('Rust', 'Segment 2')
    """
    number = int(segment)
    return own_words(names.get(number) or {}, language, say("display.segment", language, k=number + 1))


def released_names(names: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """Rows of names as they left: in a table of their own, or in columns of ``segments`` in a release of before.

    Parameters
    ----------
    names, segments
        The tables ``segment_names`` and ``segments`` of a release; without rows where it has none.

    Examples
    --------
    >>> before = pd.DataFrame({"segment": [0.0], "status": "shown", "name_nl": "Groei", "name_en": "Growth"})
    >>> names_in(released_names(pd.DataFrame(), before))
    {0: {'nl': 'Groei', 'en': 'Growth'}}
    """
    columns = [one for one in segments if str(one).startswith(_BEFORE)]
    told = segments.melt(
        id_vars=[one for one in segments if one not in columns],
        value_vars=columns, var_name="language", value_name="called",
    )  # fmt: skip
    told["language"] = told["language"].astype(str).str.removeprefix(_BEFORE)
    parts = [part for part in (told, names) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else name_rows({})
