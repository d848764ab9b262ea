"""The order in which people stand in tables: decided by what they said and what is known of them, never by a code.

Searches, splits, folds and bootstraps draw rows by their place. An order by pseudonym would let a figure move when the
study gets another name or another key; the order of a file would let it move when the file is sorted. So people stand
in the order of a digest of their own content: as good as random to every procedure, the same for the same people. Who
have everything in common are exchangeable: their rows are alike, so it does not matter who of them comes first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

#: What is not content: codes that depend on a key, and a number that a file's author may scale.
_NOT_CONTENT = ("person", "weight")
_KEYS = ("spell", "valid_from")


def in_order_of_content(tables: Mapping[str, pd.DataFrame], attributes: Sequence[str]) -> dict[str, pd.DataFrame]:
    """The same tables with people in the order of their content; the rows of one person keep their order.

    Answers decide alone, so that what is drawn among those who answered is the same whatever HR's data say of them;
    then the outcome, dates and relation, and one attribute after the other: one attribute more moves nobody but those
    who are alike in everything else. Tables without people are handed back as they are.

    Parameters
    ----------
    tables
        ``people``, ``snapshots``, ``spells``, ``audit`` and ``responses``, those that there are, and any others.
        ``responses`` keeps its waves together, in the order in which they come; their names count for nothing.
    attributes
        Names of attributes, the weightiest first.

    Examples
    --------
    >>> given = {"responses": pd.DataFrame({"person": ["a", "b"], "wave": "1", "PAY1": [2.0, 5.0]})}
    >>> other = {"responses": pd.DataFrame({"person": ["z", "a"], "wave": "1", "PAY1": [2.0, 5.0]})}
    >>> one, two = (in_order_of_content(tables, [])["responses"]["PAY1"] for tables in (given, other))
    >>> one.equals(two)
    True
    """
    own = {name: frame for name, frame in tables.items() if "person" in frame and not frame.empty}
    if not own:
        return dict(tables)
    persons = pd.Index(sorted(set().union(*(frame["person"].dropna() for frame in own.values()))))
    layers = list(_layers(own, attributes, persons))
    place = np.empty(len(persons), dtype=np.int64)
    place[np.lexsort(layers[::-1])] = np.arange(len(persons))
    return dict(tables) | {
        name: _placed(frame, place[persons.get_indexer(pd.Index(frame["person"]))]) for name, frame in own.items()
    }


def _layers(
    tables: Mapping[str, pd.DataFrame], attributes: Sequence[str], persons: pd.Index
) -> Iterator[npt.NDArray[np.uint64]]:
    """One digest per person and layer, the layer that decides first comes first."""
    said = [tables[name] for name in ("responses", "spells") if name in tables]
    for frame in said:
        yield _digest([_by_number(frame.drop(columns=list(_NOT_CONTENT), errors="ignore"))], [frame], persons)
    about = [tables[name] for name in ("people", "snapshots", "audit") if name in tables]
    spine = [frame.drop(columns=["person", *attributes], errors="ignore") for frame in about]
    yield _digest(spine, about, persons)
    for name in attributes:
        known = [frame for frame in about if name in frame]
        yield _digest([frame[[*(key for key in _KEYS if key in frame), name]] for frame in known], known, persons)
    weighed = [frame for frame in said if "weight" in frame]
    yield _digest([frame[["weight"]] for frame in weighed], weighed, persons)


def _by_number(said: pd.DataFrame) -> pd.DataFrame:
    """A wave is known by its place in the row of waves: what people call it is no answer of anybody's."""
    return said.assign(wave=pd.factorize(said["wave"])[0]) if "wave" in said else said


def _digest(contents: Sequence[pd.DataFrame], of: Sequence[pd.DataFrame], persons: pd.Index) -> npt.NDArray[np.uint64]:
    """64 bits per person over their rows in all of these tables, whatever the order of rows and columns."""
    total = np.zeros(len(persons), dtype=np.uint64)
    for content, frame in zip(contents, of, strict=True):
        if content.shape[1] == 0:
            continue
        columns = content[sorted(content.columns)]
        place = persons.get_indexer(pd.Index(frame["person"]))
        np.add.at(total, place, pd.util.hash_pandas_object(columns, index=False).to_numpy())
        total = total * np.uint64(0x9E3779B97F4A7C15)  # so that two tables do not undo each other
    return total


def _placed(frame: pd.DataFrame, place: npt.NDArray[np.int64]) -> pd.DataFrame:
    waves = pd.factorize(frame["wave"])[0] if "wave" in frame else np.zeros(len(frame), dtype=np.int64)
    return frame.iloc[np.lexsort((place, waves))].reset_index(drop=True)


def in_turn(rows: pd.DataFrame, persons: pd.Series, *, then: Sequence[str]) -> pd.DataFrame:
    """Rows about people in the order in which ``persons`` names them first; within a person by other columns.

    >>> rows = pd.DataFrame({"person": ["a", "b", "a"], "day": [2, 1, 1]})
    >>> in_turn(rows, pd.Series(["b", "a"]), then=["day"])["person"].tolist()
    ['b', 'a', 'a']
    """
    turn = pd.Index(persons).unique().get_indexer(pd.Index(rows["person"]))
    return rows.iloc[np.lexsort((*(rows[name].to_numpy() for name in reversed(then)), turn))]
