"""The floors: how many people each figure needs at least. A floor is written here and nowhere else.

Settings take their defaults and bounds from here, release rules their defaults, `rules.json` and the pages of the
documentation are made from them (``python docs/make_reference.py``, ``python docs/pin_rules.py``), and a dossier tells
those that its release was made with.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Floors:
    """People behind a figure, at least; shares are of everyone (``segment_share``) and of those asked."""

    min_group: int = 5
    min_rate_group: int = 10
    min_segment: int = 30
    segment_share: float = 0.05
    min_driver: int = 30
    min_curve_people: int = 30
    min_curve_events: int = 10
    min_response: float = 0.40


FLOORS = Floors()
