"""The families of models that compete: one module each, called as the family is, with its ``FAMILY``.

Nothing else lists them: settings, search and reports find a family by its module here.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable

from segment.errors import InvalidInput
from segment.segments.candidates import Candidate, StrongestNeedCandidate
from segment.vocabulary import FAMILY_NAMES


def _families() -> dict[str, type[Candidate]]:
    """Every family by its name, in the order in which ties are settled."""
    found: list[type[Candidate]] = [importlib.import_module(f"{__name__}.{name}").FAMILY for name in FAMILY_NAMES]
    called = tuple(family.name for family in found)
    if called != FAMILY_NAMES:
        raise ValueError(f"A family is called as its module: {', '.join(FAMILY_NAMES)}, not {', '.join(called)}.")
    for family in found:
        lacking = sorted(getattr(family, "__abstractmethods__", ()))
        if lacking:
            raise ValueError(f"Family '{family.name}' does not say {', '.join(lacking)}: see segments/candidates.py.")
    return {family.name: family for family in sorted(found, key=lambda one: (one.place, one.name))}


#: The families by name, in the order in which ties are settled.
FAMILIES: dict[str, type[Candidate]] = _families()

#: Families by which groups are made when none are found.
DIVISIONS: dict[str, type[Candidate]] = {StrongestNeedCandidate.name: StrongestNeedCandidate}


def family_named(name: str) -> type[Candidate]:
    """The family of a fitted selector, found or made."""
    return (FAMILIES | DIVISIONS)[name]


def chosen_families(names: Iterable[str], *, needs_known: bool) -> list[type[Candidate]]:
    """The families of these names that the data allow.

    Raises
    ------
    InvalidInput
        For an unknown name, or when none is left because items belong to no needs.
    """
    wanted = list(dict.fromkeys(names))
    unknown = [name for name in wanted if name not in FAMILIES]
    if unknown or not wanted:
        raise InvalidInput(
            "No such family of models.", expected=", ".join(FAMILIES), came=", ".join(map(str, unknown)) or "none"
        )
    allowed = ("needs", "items") if needs_known else ("items",)
    families = [family for name, family in FAMILIES.items() if name in wanted and family.basis in allowed]
    if not families:
        raise InvalidInput(
            "These families need to know which item asks for which need.",
            came="no need map",
            advice="give a need map, or a family that works on single items: latent_class, intercept_mixture",
        )
    return families
