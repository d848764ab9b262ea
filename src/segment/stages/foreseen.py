"""What the files for HR say of the limits of a forecast: findings about the data and about later time, and notes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from segment.locale import catalogue
from segment.stages.base import OpenStudy


def every_finding(opened: OpenStudy) -> pd.DataFrame:
    """Findings about the data, and about staying and leaving where it was modelled, shaped as table ``findings``."""
    found = [opened.store.read(name) for name in ("findings", "retention_findings") if opened.store.has(name)]
    return pd.concat([one[list(found[0])] for one in found], ignore_index=True)


def unforeseen_notes(opened: OpenStudy) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    """One sentence per code of table ``retention_findings`` that the catalogue has words for, with its values."""
    if not opened.store.has("retention_findings"):
        return ()
    found, words = opened.store.read("retention_findings"), catalogue()
    return tuple(
        (f"publish.note.{row['code']}", {"number": row["count"], "of": row["of"], "value": row["value"]})
        for row in found.drop_duplicates("code").to_dict("records")
        if f"publish.note.{row['code']}" in words
    )
