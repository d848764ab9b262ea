"""What the files for HR say of the limits of a forecast: findings about the data and about later time, and notes."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from segment.disclosure.release import ReleasedTable
from segment.retention.reservations import judgement_told, reservations_told
from segment.stages.base import OpenStudy
from segment.stages.causes import causes_in

_FEWEST = 10
#: Findings that are reported on page one as well; twins that were kept together change nothing for a reader, and that
#: another cause is reported than was asked for stands beside the figure itself.
_TOLD_EARLY, _TOLD_ELSEWHERE = ("FO", "LK", "RT"), ("LK006", "RT013")


def every_finding(opened: OpenStudy, released: Mapping[str, ReleasedTable]) -> pd.DataFrame:
    """Findings about the data, and about staying and leaving where it was modelled; of groups and models as released.

    Columns of table ``findings``, and ``of``, ``value``, ``low`` and ``high`` where a finding has them.
    """
    found = [opened.store.read(name) for name in ("findings", "retention_findings") if opened.store.has(name)]
    groups, judged = (_shown(released, name) for name in ("group_results", "evaluation"))
    for at, own in enumerate(found[1:], start=1):
        told = reservations_told(own, groups)
        dated, months = opened.outcome.kind == "spells", opened.outcome.months
        found[at] = judgement_told(told, judged, causes=causes_in(opened), months=months, dated=dated)
    return pd.concat(found, ignore_index=True)


def _shown(released: Mapping[str, ReleasedTable], name: str) -> pd.DataFrame:
    """The shown rows of a released table; none where it was not released."""
    return released[name].frame.query("status != 'hidden'") if name in released else pd.DataFrame()


def answers_set_aside(opened: OpenStudy) -> tuple[tuple[str, Mapping[str, object]], ...]:
    """How many answers are of people whom the study leaves out of HR's list; nothing is said of fewer than ten."""
    found = opened.store.read("findings")
    aside = int(found.loc[found["code"] == "DQ084", "count"].sum())
    return (("finding.DQ084", {"number": aside}),) if aside >= _FEWEST else ()


def unforeseen_notes(opened: OpenStudy) -> tuple[tuple[str, Mapping[str, object]], ...]:
    """One sentence per finding on leaks and on what could not be foreseen, with its values.

    Of one code about several causes the first speaks; features, and causes that hardly occurred, are named one by one.
    Nothing is said of fewer than ten people or exits.
    """
    if not opened.store.has("retention_findings"):
        return ()
    found = opened.store.read("retention_findings")
    found = found[found["code"].str.startswith(_TOLD_EARLY) & ~found["code"].isin(_TOLD_ELSEWHERE)]
    about = found["subject"].where(found["code"].str.startswith(("LK", "RT")), "")
    # What could not be learned counts segments or months, and nobody: it is always said.
    enough = (found["count"] >= _FEWEST) | found["code"].str.startswith("RT")
    spoken = found[enough & ~pd.DataFrame({"c": found["code"], "a": about}).duplicated()]
    return tuple(
        (
            f"finding.{row['code']}",
            {
                "number": row["count"],
                "groups": row["count"],
                "of": row["of"],
                **{name: row[name] for name in ("value", "low", "high")},
                "subject": row["subject"],
            },
        )
        for row in spoken.to_dict("records")
    )
