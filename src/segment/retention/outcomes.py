"""What was seen of each person's staying and leaving, checked once at the door.

Every model, curve and score of this room works from the same three numbers per row: the months of tenure at which
we began to watch (``entry``), the months at which we stopped (``exit``), and why we stopped (``event``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.errors import InvalidInput
from segment.vocabulary import LONGEST_TENURE

Floats = np.ndarray
Ints = np.ndarray


@dataclass(frozen=True)
class Watched:
    """Checked spells: one element per row of the table they came from.

    Attributes
    ----------
    entry, exit : months of tenure, ``0 <= entry < exit``.
    event : 0 stayed (or was lost from sight), 1.. the position in ``causes``.
    weight : how many people the row stands for, positive.
    person : integer codes 0..; rows of one person share a code.
    causes : the names behind ``event``.

    Examples
    --------
    >>> watched = check_spells(pd.DataFrame({"exit": [12.0, 3.0], "event": [0, 1]}), causes=("left",))
    >>> watched.entry.tolist(), watched.event.tolist(), watched.causes
    ([0.0, 0.0], [0, 1], ('left',))
    """

    entry: Floats
    exit: Floats
    event: Ints
    weight: Floats
    person: Ints
    causes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.entry)

    def take(self, rows: np.ndarray) -> Watched:
        """The same columns for some rows (positions or a mask)."""
        return Watched(
            self.entry[rows], self.exit[rows], self.event[rows], self.weight[rows], self.person[rows], self.causes
        )


def check_spells(
    spells: pd.DataFrame, *, causes: Sequence[str] = ("voluntary", "involuntary"), index: pd.Index | None = None
) -> Watched:
    """Check a table of spells and hand it back as arrays.

    Parameters
    ----------
    spells
        One row per watched stretch of tenure. Columns ``exit`` (months of tenure) and ``event`` (0 stayed, 1.. the
        position in ``causes``); optional ``entry`` (months of tenure when watching began, default 0), ``weight``
        (positive, default 1) and ``person`` (rows of one person share it; default: each row its own person).
    causes
        The reasons for leaving that are told apart.
    index
        When given, the index the table must have (that of the attributes).

    Raises
    ------
    InvalidInput
        When a column is missing, a number cannot be a tenure, ``entry`` is not below ``exit``, or an event has no
        cause.

    Examples
    --------
    >>> import pandas as pd
    >>> check_spells(pd.DataFrame({"entry": [0, 30.5], "exit": [12, 42], "event": [1, 0]})).exit.tolist()
    [12.0, 42.0]
    >>> check_spells(pd.DataFrame({"entry": [0, 50], "exit": [12, 42], "event": [1, 0]}))
    Traceback (most recent call last):
    segment.errors.InvalidInput: A spell must begin before it ends.
      expected: entry < exit, in months of tenure
      found: 1 row where entry is not below exit
      where: spells
      what to do: correct the dates, or leave such rows out
    """
    names = _check_causes(causes)
    _check_shape(spells, index)
    size = len(spells)
    entry = _numbers(spells, "entry") if "entry" in spells else np.zeros(size)
    exit_ = _numbers(spells, "exit")
    event = _events(spells, names)
    weight = _numbers(spells, "weight") if "weight" in spells else np.ones(size)
    _refuse_rows(entry < 0, "A tenure cannot be negative.", "entry of 0 months or more", "entry below 0")
    _refuse_rows(
        exit_ > LONGEST_TENURE,
        "A tenure is longer than a working life.",
        f"months up to {LONGEST_TENURE:.0f}",
        "exit above it",
        advice="give tenures in months, not in days",
    )
    _refuse_rows(
        entry >= exit_,
        "A spell must begin before it ends.",
        "entry < exit, in months of tenure",
        "entry is not below exit",
        advice="correct the dates, or leave such rows out",
    )
    _refuse_rows(weight <= 0, "A weight must be positive.", "weights above 0", "a weight of 0 or less")
    person = pd.factorize(spells["person"])[0] if "person" in spells else np.arange(size)
    _refuse_rows(person < 0, "Every spell belongs to a person.", "a value in column person", "no person")
    return Watched(entry, exit_, event, weight, person.astype(np.int64), names)


def _check_causes(causes: Sequence[str]) -> tuple[str, ...]:
    if isinstance(causes, str) or not causes or len(set(causes)) != len(tuple(causes)):
        raise InvalidInput(
            "The causes of leaving must be a list of different names.",
            expected="for example ('voluntary', 'involuntary')",
            came=repr(causes),
            where="causes",
        )
    return tuple(causes)


def _check_shape(spells: pd.DataFrame, index: pd.Index | None) -> None:
    if not isinstance(spells, pd.DataFrame):
        raise InvalidInput(
            "Spells must be a table.",
            expected="a DataFrame with columns entry, exit, event",
            came=type(spells).__name__,
            where="spells",
        )
    missing = [name for name in ("exit", "event") if name not in spells]
    if missing:
        raise InvalidInput(
            "The spells lack a column.",
            expected="columns entry (optional), exit, event",
            came=f"no {', '.join(missing)}",
            where="spells",
        )
    if len(spells) == 0:
        raise InvalidInput("There are no spells.", expected="at least one row", came="an empty table", where="spells")
    if index is not None and not spells.index.equals(index):
        raise InvalidInput(
            "The attributes and the spells do not describe the same rows.",
            expected="the same index in the same order",
            came=f"{len(index)} rows of attributes, {len(spells)} of spells",
            where="X and spells",
            advice="reindex one by the other before fitting",
        )


def _numbers(spells: pd.DataFrame, name: str) -> Floats:
    try:
        values = spells[name].to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        raise InvalidInput(
            f"Column {name} of the spells must hold numbers.",
            expected="months" if name != "weight" else "weights",
            came=str(spells[name].dtype),
            where=f"spells, column {name}",
        ) from None
    bad = ~np.isfinite(values)
    _refuse_rows(bad, f"Column {name} of the spells has gaps.", "a finite number in every row", "none")
    return values


def _events(spells: pd.DataFrame, causes: tuple[str, ...]) -> Ints:
    values = _numbers(spells, "event")
    whole = np.round(values)
    allowed = (whole == values) & (whole >= 0) & (whole <= len(causes))
    _refuse_rows(
        ~allowed,
        "An event has no cause.",
        f"0 (stayed) or 1 to {len(causes)} ({', '.join(causes)})",
        "another number",
        advice="name every cause in `causes`, in the order of the numbers",
    )
    return whole.astype(np.int64)


def _refuse_rows(bad: np.ndarray, what: str, expected: str, came: str, *, advice: str = "") -> None:
    count = int(np.count_nonzero(bad))
    if count:
        rows = "row" if count == 1 else "rows"
        raise InvalidInput(
            what,
            expected=expected,
            came=f"{count} {rows} where {came}" if "is not" in came else f"{count} {rows} with {came}",
            where="spells",
            advice=advice,
        )


def with_weight(spells: pd.DataFrame, sample_weight: Sequence[float] | np.ndarray | None) -> pd.DataFrame:
    """Spells with these weights, times those that they have; the same if none are given.

    >>> spells = pd.DataFrame({"exit": [3.0, 4.0], "event": [1, 0], "weight": [1.0, 2.0]})
    >>> with_weight(spells, [2.0, 2.0])["weight"].tolist()
    [2.0, 4.0]
    """
    if sample_weight is None:
        return spells
    _check_shape(spells, None)
    values = np.asarray(sample_weight, dtype=float)
    if values.shape != (len(spells),) or not np.isfinite(values).all() or (values <= 0).any():
        raise InvalidInput(
            "The weights cannot be worked with: none may be zero, negative or missing.",
            expected=f"{len(spells)} positive numbers",
            came=f"{values.size} numbers",
            where="sample_weight",
        )
    own = spells["weight"].to_numpy(dtype=float) if "weight" in spells else 1.0
    return spells.assign(weight=values * own)
