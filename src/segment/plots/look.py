"""What the pictures share: lines that differ without colour too, a legend, and one label per person."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from segment.displays.base import ACCENT, CONTRAST, INK, MUTED, Axes, Line2D
from segment.errors import InvalidInput

#: One label per person.
Groups = Sequence[Hashable] | npt.NDArray[np.generic] | pd.Series

_COLOURS, _LINES, _MARKS = (ACCENT, CONTRAST, INK, MUTED), ("-", "--", "-."), "os^DvPX*"


def looks(number: int) -> list[dict[str, object]]:
    """How so many lines look, as matplotlib takes it: no two alike among the first twelve.

    >>> [(one["linestyle"], one["marker"]) for one in looks(3)]
    [('-', 'o'), ('--', 's'), ('-.', '^')]
    """
    return [
        {
            "color": _COLOURS[place % len(_COLOURS)],
            "linestyle": _LINES[place % len(_LINES)],
            "marker": _MARKS[place % len(_MARKS)],
        }
        for place in range(number)
    ]


def draw(ax: Axes, across: npt.ArrayLike, up: npt.ArrayLike, look: Mapping[str, object]) -> Line2D:
    """One line or set of marks, with this look."""
    (line,) = ax.plot(across, up)
    line.set(**look)
    return line


def legend(ax: Axes, kinds: int, *, beside: bool = False) -> None:
    """Name what is drawn where there is more than one thing; ``beside`` the axes where marks are all over."""
    if kinds > 1:
        if beside:
            ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
        else:
            ax.legend(frameon=False)


def of_people(labels: Groups | None, size: int) -> pd.Series:
    """One label for each of ``size`` people; the same for everyone when none are given.

    Raises
    ------
    InvalidInput
        More or fewer labels than people.
    """
    found = pd.Series(np.zeros(size, dtype=int) if labels is None else np.asarray(labels))
    if len(found) != size:
        raise InvalidInput("The labels are not one per person.", expected=f"{size}", came=f"{len(found)}")
    return found
