"""What the files for HR say of the limits of a forecast: findings about the data and about later time, and notes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from segment.locale import catalogue
from segment.stages.base import OpenStudy

_FEWEST = 10


def every_finding(opened: OpenStudy) -> pd.DataFrame:
    """Findings about the data, and about staying and leaving where it was modelled, shaped as table ``findings``."""
    found = [opened.store.read(name) for name in ("findings", "retention_findings") if opened.store.has(name)]
    return pd.concat([one[list(found[0])] for one in found], ignore_index=True)


def unforeseen_notes(opened: OpenStudy) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    """One sentence per finding on staying and leaving that the catalogue has words for, with its values.

    Of one code about several causes the first speaks; features are named one by one. Nothing is said of fewer than
    ten people or exits.
    """
    if not opened.store.has("retention_findings"):
        return ()
    found, words = opened.store.read("retention_findings"), catalogue()
    about = found["subject"].where(found["code"].str.startswith("LK"), "")
    spoken = found[(found["count"] >= _FEWEST) & ~pd.DataFrame({"c": found["code"], "a": about}).duplicated()]
    return tuple(
        (
            f"publish.note.{row['code']}",
            {
                "number": row["count"],
                "of": row["of"],
                "value": row["value"],
                "subject": row["subject"].replace("_", " "),
            },
        )
        for row in spoken.to_dict("records")
        if f"publish.note.{row['code']}" in words
    )
