"""What a released table shows, as a fingerprint and as groups of people: what the ledger writes down of it."""

from __future__ import annotations

import hashlib

import pandas as pd

from segment.disclosure.linked_tables import group_name
from segment.disclosure.release import ReleasedTable
from segment.errors import InvalidInput


def table_digest(table: ReleasedTable) -> str:
    """Fingerprint of what a released table shows: the same figures, the same fingerprint.

    The text of every cell is taken, so it depends on nothing but the figures.

    Examples
    --------
    >>> from segment.disclosure.release import release
    >>> frame = pd.DataFrame({"segment": [0], "people": [40], "pay": [3.14]})
    >>> one, same = (release("pay", frame, groups=["segment"], count="people", means=["pay"]) for _ in "ab")
    >>> table_digest(one) == table_digest(same)
    True
    """
    return figures_digest(table.name, table.kind, table.frame)


def figures_digest(name: str, kind: str, frame: pd.DataFrame) -> str:
    """Fingerprint of the figures of a table, also of one that was read back from a file."""
    text = frame.to_csv(index=False, lineterminator="\n", float_format="%.10g")
    return hashlib.blake2b(f"{name}\n{kind}\n{text}".encode(), digest_size=16).hexdigest()


def shown_groups(table: ReleasedTable, people: pd.DataFrame) -> dict[str, frozenset[str]]:
    """The people of every group a released table shows.

    Parameters
    ----------
    table
        What would be published.
    people
        One row per person: ``person`` and the table's group columns.

    Returns
    -------
    dict
        Label of the group ('segment 2, department sales'; 'everyone') to pseudonyms.

    Examples
    --------
    >>> from segment.disclosure.release import release
    >>> frame = pd.DataFrame({"segment": [0], "people": [40], "pay": [3.14]})
    >>> table = release("pay", frame, groups=["segment"], count="people", means=["pay"])
    >>> people = pd.DataFrame({"person": ["a", "b"], "segment": [0, 0]})
    >>> {label: sorted(who) for label, who in shown_groups(table, people).items()}
    {'segment 0': ['a', 'b']}
    """
    missing = [column for column in ("person", *table.groups) if column not in people]
    if missing:
        raise InvalidInput(
            f"The people of table '{table.name}' cannot be found.",
            expected="one row per person with person and the table's group columns",
            came="no column " + ", ".join(missing),
        )
    frame = table.frame
    shown = frame.loc[frame["status"] != "hidden", list(table.groups)].drop_duplicates()
    found: dict[str, frozenset[str]] = {}
    for row in shown.to_dict("records") if table.groups else [{}]:
        chosen = {str(column): label for column, label in row.items() if not pd.isna(label)}
        inside = pd.Series(True, index=people.index)
        for column, label in chosen.items():
            inside &= people[column] == label
        found[group_name(chosen, tuple(chosen))] = frozenset(people.loc[inside, "person"].tolist())
    return found
