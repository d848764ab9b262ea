"""What every version of a model said of people held out, kept in the workspace under the version's digest.

The copies lie among the study's tables: whoever is erased, purged or given another code is so here as well.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping

import pandas as pd

from segment.stages.base import OpenStudy
from segment.store import digest_file, written_atomically
from segment.tables import spec_of

#: Model -> the table of what it said of people held out.
HELD_OUT: Mapping[str, str] = {"segmentation": "held_out_segments", "retention": "held_out_leaving"}
_DIGEST = re.compile(r"[0-9a-f]{16}")


def keep_held_out(opened: OpenStudy, model: str) -> None:
    """Keep what the newest model said of people held out beside its digest; nothing where it said nothing."""
    table, file = HELD_OUT[model], opened.store.model_path(model)
    if not (opened.store.has(table) and file.is_file()):
        return
    target = opened.store.table_path(f"{table}.{digest_file(file)[:16]}")
    if not target.is_file():
        with written_atomically(target) as temporary:
            shutil.copyfile(opened.store.table_path(table), temporary)


def held_out_of(opened: OpenStudy, model: str, digest: str) -> pd.DataFrame:
    """What a version said of people held out, one row per person; no rows where that was not kept."""
    spec = spec_of(HELD_OUT[model])
    if _DIGEST.fullmatch(digest[:16]) is None:
        return spec.empty()
    path = opened.store.table_path(f"{spec.name}.{digest[:16]}")
    return spec.check(pd.read_parquet(path)) if path.is_file() else spec.empty()
