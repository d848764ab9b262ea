"""A local store whose workspace was moved or copied: its files lie in the workspace it is in now, not where it was.

MLflow writes whole addresses into its store. Those of a copied workspace would lead into the first one: a withdrawal
in the copy would empty the first one's runs, and a run of the copy would lie there. Those of a moved one lead nowhere,
and a withdrawal would find nothing to take away.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

#: The folder of a workspace that files of runs and models lie in.
ARTIFACTS = "mlartifacts"
#: Where MLflow's store holds addresses of files.
_ADDRESSES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "storage_location"),
    ("model_versions", "source"),
)


def settle(store: Path) -> int:
    """Let every address of a local store lead into the folder beside it; returns how many were changed.

    Parameters
    ----------
    store
        The SQLite file in the workspace; nothing is done where there is none.
    """
    if not store.is_file():
        return 0
    here = (store.parent / ARTIFACTS).as_uri()
    with closing(sqlite3.connect(store)) as book, book:
        there = {row[0] for row in book.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "experiments" not in there:
            return 0
        rows = book.execute("SELECT DISTINCT artifact_location FROM experiments").fetchall()
        moved = [one for (one,) in rows if one != here and str(one).endswith(f"/{ARTIFACTS}")]
        return sum(
            book.execute(
                f"UPDATE {table} SET {column} = ? || substr({column}, ?) "
                f"WHERE {column} = ? OR substr({column}, 1, ?) = ? || '/'",
                (here, len(old) + 1, old, len(old) + 1, old),
            ).rowcount
            for old in moved
            for table, column in _ADDRESSES
            if table in there
        )
