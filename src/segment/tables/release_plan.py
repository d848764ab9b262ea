"""How a table leaves: what a release takes of it, in which order it is shown, and what is made of it for that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from segment.vocabulary import Weighing

#: Column of ranks -> the columns within which they are counted.
Ranks = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Alike:
    """Where it stands which figures cannot be told apart.

    ``rank``: the column of ranks that this goes with. ``name``: the column with the row's own name (missing: the row is
    never about as much as another). ``others``: a JSON list of the names of rows that are about as much, among those
    ranked together. ``near``: the column of flags that says whose figure is shown as a band, where the ranked figure
    is made of it and is no figure about people itself; by default the row's own figures say so.
    """

    rank: str
    name: str
    others: str
    near: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(one for one in (self.rank, self.name, self.others, self.near) if one)


#: The tables of a study by their names, as far as it has them.
Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class ReleasePlan:
    """How one table leaves: who its rows are about (``groups``), what each line is, and which columns go along.

    ``overall`` names diagnostics over all people at once, which may keep three decimals. ``people`` says who
    stands behind a group (:func:`segment.stages.release.group_members.people_behind`), ``who`` which lines
    are part of its name,
    ``answers`` which means are those of answers on a scale, ``counts`` whom of the people behind it its shares count,
    whoever else is in the group (``left``: who was seen to leave; ``left before the end``: who did
    in the last year, of whoever was there then; ``answered``: who answered, and so who did not;
    ``model``: everyone, as a model learned from them);
    ``weighing``: how its figures count people where answers weigh more or less, weighted by default;
    ``weighing_by_hr``: the same where leaving is known from HR's own files, which count everybody once;
    ``relative`` that figures of one group depend on all others.
    ``ranks``: columns of ranks that readers see, and within which columns they are counted; ``orders``: by which
    unrounded number each is decided, the lowest first; ``alike``: what is about as much as the next in rank;
    ``likeness``: adds what cannot be told apart, where the intervals of a table say it.
    ``chosen``: lines that a group's own figures chose (what stands out in it); they say as much as a figure does, and
    leave with shown rows only.
    ``digits``: decimals of figures that readers see with fewer than others have, so that each is rounded once.
    ``beside``: tables of which a group that is hidden is hidden here as well, and the other way round: each would give
    away the other, as a figure then and its change do the figure now.
    ``shape``: from the table of a stage to these figures; ``made_of``: the table it is made of, where it exists in a
    release only.
    """

    groups: tuple[str, ...] = ("segment",)
    lines: tuple[str, ...] = ()
    means: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    overall: tuple[str, ...] = ()
    kind: str = "scores"
    events: str | None = None
    people: str = "wave"
    who: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    counts: str = ""
    weighing: Weighing = Weighing.ALL
    weighing_by_hr: Weighing | None = None
    relative: bool = False
    ranks: Ranks = field(default_factory=dict)
    orders: Mapping[str, Callable[[pd.DataFrame], pd.Series]] = field(default_factory=dict)
    alike: Mapping[str, Alike] = field(default_factory=dict)
    likeness: Callable[[pd.DataFrame], pd.DataFrame] | None = None
    chosen: tuple[str, ...] = ()
    digits: Mapping[str, int] = field(default_factory=dict)
    beside: tuple[str, ...] = ()
    shape: Callable[[pd.DataFrame, Frames], pd.DataFrame] | None = None
    made_of: str | None = None


def alike_by(name: str) -> dict[str, Alike]:
    """What is about as much, of rows whose own name stands in one column."""
    return {"about_as_much": Alike("place", name, "alike")}
