"""Everything that was released, held against each other once more by who looks later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from segment.privacy.comparing import few_in_pairs, few_in_sums, few_seen
from segment.privacy.groups import Compared, Conflict
from segment.privacy.spans import few_in_spans


def few_among(released: Sequence[Compared], *, parts: bool, least: int) -> list[Conflict]:
    """Released groups of one kind that give 1 to ``least - 1`` people away.

    Who was erased is taken to be the same ones in every group, and then none of them; groups that counted erased people
    are not added and subtracted. ``parts``: the groups are parts of groups (who was seen to leave).
    """
    groups, apart, found = [], [], []
    for old in released:
        erased = {f"erased {number}" for number in range(old.size - len(old.people))}
        groups.append(replace(old, people=old.people | erased))
        apart.append(replace(old, people=old.people | {f"{one} of {old.number}" for one in erased}))
    if parts:
        for one in groups:
            found += few_seen([one], [old for old in groups if old.entry < one.entry], least=least)
        return found
    sure = set(few_in_pairs(apart, (), least=least))
    found += [one for one in few_in_pairs(groups, (), least=least) if one in sure]
    whole = [old for old in released if old.size == len(old.people)]
    return [*found, *few_in_sums(whole, (), least=least), *few_in_spans(whole, (), least=least)]
