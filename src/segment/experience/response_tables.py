"""Who took part: of the people employed on a wave's day, how many answered, by one way of grouping them."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from segment.tables.columns import PEOPLE, WAVE, count, number, text
from segment.tables.release_plan import ReleasePlan
from segment.tables.shown import Shown, ShownColumn
from segment.tables.spec import TableSpec
from segment.vocabulary import Weighing


def response_table(groups: pd.Series, answered: Collection[object], *, wave: str) -> pd.DataFrame:
    """Response by group and of everyone.

    Parameters
    ----------
    groups
        The group of everyone who could answer, by person; people whose group is not known count with everyone only.
    answered
        The people who answered.
    wave
        The wave that it is of.

    Returns
    -------
    DataFrame
        Table ``response``: ``wave``, ``group`` (missing: everyone; by name, and not by response, because the place of a
        row that stays hidden would tell), ``n`` (people who could answer) and ``share`` who did, 0 to 1. No interval:
        everyone was asked, and nobody was drawn.

    Examples
    --------
    >>> response_table(pd.Series({"a": "North", "b": "North", "c": "South"}), {"a", "c"}, wave="1")["share"].tolist()
    [0.5, 1.0, 0.6666666666666666]
    """
    took_part = pd.Series(groups.index.isin(list(answered)), index=groups.index, dtype=float)
    told = took_part.groupby(groups.astype(object)).agg(n="size", share="mean").rename_axis("group").reset_index()
    everyone = pd.DataFrame({"group": [None], "n": [len(groups)], "share": [took_part.mean()]})
    return pd.concat([told, everyone], ignore_index=True).assign(wave=wave)[["wave", "group", "n", "share"]]


RESPONSE = TableSpec(
    "response",
    "wave and group of people",
    ("wave", "group"),
    (
        WAVE,
        text("group", "department, or what the study groups people by; empty for everyone", nullable=True),
        count("n", "people employed on the day of the wave; all employees on the list where it has no dates"),
        number("share", "share of them who answered", 0, 1),
    ),
    release=ReleasePlan(
        groups=("group",), shares=("share",), kind="rates", people="in scope", counts="answered", weighing=Weighing.NONE
    ),
    shown=Shown(
        (ShownColumn("group", "group", width=28), PEOPLE, ShownColumn("share", "percent", width=14)),
        section="segments",
        at=90,
        sheet="response",
        title="response.title",
        text="response.text",
    ),
)
