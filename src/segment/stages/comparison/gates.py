"""Gates that a run's models pass or miss: whose segments may be found, and whose chances of leaving may be read."""

from __future__ import annotations

from collections.abc import Callable

from segment.retention.foresight import tells_people_apart

#: Gates of a segmentation, as candidates name those they missed.
OF_SEGMENTS = ("size", "style", "posterior", "reliability", "one segment", "outdone", "agreement", "chance")
#: Gates of a model of leaving.
OF_LEAVING = ("ranks", "calibrated", "beats_floor")


def leaving_gates(figure: Callable[[str], float | None]) -> dict[str, bool | None]:
    """Which gates a model of leaving passes, from its figures; None where a figure was not measured.

    >>> leaving_gates({"headline_low": 0.6, "slope_low": 0.2, "slope_high": 0.5}.get)
    {'ranks': True, 'calibrated': False, 'beats_floor': None}
    """
    lowest, low, high = (figure(name) for name in ("headline_low", "slope_low", "slope_high"))
    surer = figure("beats_floor")
    passed = (
        None if lowest is None else lowest > 0.5,
        None if low is None or high is None else tells_people_apart(low, high),
        None if surer is None else surer > 0,
    )
    return dict(zip(OF_LEAVING, passed, strict=True))
