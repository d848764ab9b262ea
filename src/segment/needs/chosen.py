"""Rankings and wishes of a questionnaire as one reading: which columns, about which need, against what is usual."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from segment.needs.choices import scores_from_picks, scores_from_ranks


@dataclass(frozen=True)
class Choices:
    """Rankings and wishes that count for segments: columns of the responses, each with its need.

    ``popularity`` says how often each wish was picked by the people the segments were made on, so that one new person
    is read as a thousand are.
    """

    ranks: Mapping[str, str] = field(default_factory=dict)
    picks: Mapping[str, str] = field(default_factory=dict)
    popularity: Mapping[str, float] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """Every column that is read."""
        return [*self.ranks, *self.picks]

    def read(self, responses: pd.DataFrame, needs: Sequence[str]) -> pd.DataFrame | None:
        """People x needs: what stands out, rows summing to zero; ``None`` where nothing was asked.

        Where both were asked their mean counts; who made no choice has no values.
        """
        found = []
        if self.ranks:
            found.append(scores_from_ranks(responses[list(self.ranks)], self.ranks))
        if self.picks:
            found.append(scores_from_picks(responses[list(self.picks)], self.picks, popularity=self.popularity))
        if not found:
            return None
        places = [scores.reindex(columns=list(needs)).reset_index(drop=True) for scores in found]
        mean = pd.concat(places, keys=range(len(places))).groupby(level=1, sort=False).mean()
        return mean.set_axis(responses.index)
