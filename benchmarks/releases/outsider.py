"""What an outsider gets out of everything that was ever published of one organisation. Shares no code with the library.

Two attacks: adding and subtracting figures as if they had all their decimals (:mod:`releases.exact`), and linear
programs over figures as they are shown (:mod:`releases.programming`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from releases.eight import Seen
from releases.exact import answers_singled_out, exits_singled_out
from releases.programming import answers_by_programming, exits_by_programming, told_alike

_SPELLS = ("curves", "scorecard")


@dataclass(frozen=True)
class Found:
    """What was recovered of fewer than five people, by what it is of.

    ``nearly``: atoms that come out only because five or more people together, who are a group or what two groups differ
    by, all said the same. ``exits_if_exact``: exits that would come out of rates if these had all their decimals.
    ``alike``: rows of five and more that say by themselves that all or none of them gave the answer at an end.
    ``elsewhere``: groups that one table hides and another one of the same release tells the number of.
    ``watched``: what programs were asked for, each to its end.
    """

    exact_answers: int = 0
    exact_exits: int = 0
    scores: int = 0
    shares: int = 0
    counts: int = 0
    exits: int = 0
    exits_if_exact: int = 0
    nearly: int = 0
    alike: int = 0
    elsewhere: int = 0
    watched: int = 0

    @property
    def recovered(self) -> int:
        return self.exact_answers + self.exact_exits + self.scores + self.shares + self.counts + self.exits


def outsider(seen: Seen) -> Found:
    """Attack everything that was seen."""
    answers = [row for row in seen.rows if row.table not in _SPELLS]
    spells = [row for row in seen.rows if row.table in _SPELLS]
    told = {(row.release, "spells" if row.table in _SPELLS else "answers", row.people) for row in seen.rows}
    curves, rates = ([row for row in seen.rows if row.table == table] for table in _SPELLS)
    programs = answers_by_programming(answers, seen) if answers else Counter[str]()
    programs += exits_by_programming(spells, seen) if spells else Counter[str]()
    return Found(
        exact_answers=len(answers_singled_out(seen, answers)) if answers else 0,
        exact_exits=len(exits_singled_out(curves)),
        exits_if_exact=len(exits_singled_out(rates)),
        alike=sum(map(told_alike, answers)),
        elsewhere=len(seen.hidden & told),
        **programs,
    )
