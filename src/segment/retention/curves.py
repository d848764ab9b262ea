"""Curves of staying and leaving: what share is still here after so many months, and what took the others.

Product-limit survival (Kaplan & Meier, JASA 1958) and cumulative incidences by cause (Aalen & Johansen, Scand. J.
Statist. 1978), with risk sets that people join at their tenure of entry, Greenwood's variance, and Wilson's bands of
the effective number of people, which have a width where nobody has left yet. No figure rests on fewer than ten at risk.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.errors import InvalidInput
from segment.floors import FLOORS
from segment.retention.intervals import survival_band
from segment.retention.outcomes import Watched, check_spells

#: A segment needs this many people and leavers before it gets a curve of its own.
FEWEST_PEOPLE, FEWEST_LEAVERS = FLOORS.min_curve_people, FLOORS.min_curve_events
#: A curve covers the stretch of tenure in which at every moment this many are at risk.
FEWEST_AT_RISK = 10


@dataclass(frozen=True)
class Curve:
    """A survival curve with its doubt, as steps.

    Attributes
    ----------
    start : the tenure the curve is conditional on (0 unless nobody was seen so early).
    times : tenures at which somebody left, ascending (J,).
    survival, variance : after each of them; ``variance`` is Greenwood's sum, that of log survival.
    incidence : share gone by cause, (causes, J).
    at_risk, events : people at risk just before, and leavers (unweighted counts).
    grid, fewest : months from ``start`` on (G,), and the fewest people at risk at any moment until each of them.
    kish : how many equally weighted people tell as much as one of these (1 without weights).

    Examples
    --------
    >>> spells = pd.DataFrame({"exit": [1.0, 2, 3, 4], "event": [1, 1, 0, 0]})
    >>> curve = estimate_curve(check_spells(spells, causes=("left",)))
    >>> curve.times.tolist(), curve.survival.tolist()
    ([1.0, 2.0], [0.75, 0.5])
    """

    start: float
    times: np.ndarray
    survival: np.ndarray
    variance: np.ndarray
    incidence: np.ndarray
    at_risk: np.ndarray
    events: np.ndarray
    grid: np.ndarray
    fewest: np.ndarray
    kish: float = 1.0

    def survival_at(self, times: np.ndarray | Sequence[float]) -> np.ndarray:
        """The share still here at these tenures; 1 up to the start.

        Parameters
        ----------
        times
            Months of tenure, any shape.
        """
        return self._step(np.r_[1.0, self.survival], times)

    def incidence_at(self, times: np.ndarray | Sequence[float]) -> np.ndarray:
        """The share gone by cause, shape (causes, ...).

        Parameters
        ----------
        times
            Months of tenure, any shape.
        """
        padded = np.hstack([np.zeros((len(self.incidence), 1)), self.incidence])
        return padded[:, self._place(times)]

    def band_at(self, times: np.ndarray | Sequence[float], *, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """The band of survival (:func:`~segment.retention.intervals.survival_band`).

        Parameters
        ----------
        times
            Months of tenure, any shape.
        level
            Of the pointwise band, 0 to 1.
        """
        place = np.searchsorted(self.grid, np.asarray(times, dtype=float) - 1e-9).clip(max=len(self.grid) - 1)
        variance = self._step(np.r_[0.0, self.variance], times)
        return survival_band(self.survival_at(times), variance, self.kish * self.fewest[place], level=level)

    def _place(self, times: np.ndarray | Sequence[float]) -> np.ndarray:
        return np.searchsorted(self.times, np.asarray(times, dtype=float) + 1e-9, side="right")

    def _step(self, values: np.ndarray, times: np.ndarray | Sequence[float]) -> np.ndarray:
        result: np.ndarray = values[self._place(times)]
        return result


def estimate_curve(watched: Watched, *, start: float = 0.0) -> Curve:
    """Kaplan-Meier and Aalen-Johansen with left truncation and weights.

    Parameters
    ----------
    watched
        Checked spells; several rows per person count as one person at a time.
    start
        Only tenure beyond this counts: the curve is conditional on having reached it.

    Examples
    --------
    >>> import pandas as pd
    >>> spells = pd.DataFrame({"entry": [0, 0, 5.0], "exit": [4.0, 8, 9], "event": [1, 1, 0]})
    >>> estimate_curve(check_spells(spells, causes=("left",))).survival.tolist()
    [0.5, 0.25]
    """
    inside = watched.exit > start
    entry, exit_ = np.maximum(watched.entry[inside], start), watched.exit[inside]
    event, weight = watched.event[inside], watched.weight[inside]
    times = np.unique(exit_[event > 0])
    n_causes = len(watched.causes)
    grid, fewest = _fewest(entry, exit_, times, start)
    spread = float(np.sum(weight**2) / np.sum(weight)) if len(weight) else 1.0
    kish = float(np.mean(weight)) / spread if len(weight) else 1.0
    if len(times) == 0:
        empty = np.empty(0)
        return Curve(start, empty, empty, empty, np.empty((n_causes, 0)), empty, empty, grid, fewest, kish)
    at_risk = _at_risk(entry, exit_, weight, times)
    place = np.searchsorted(times, exit_)
    left = np.stack(
        [np.bincount(place[event == k + 1], weight[event == k + 1], minlength=len(times)) for k in range(n_causes)]
    )
    every = left.sum(axis=0)
    stay = np.clip(1 - every / at_risk, 0, 1)
    survival = np.cumprod(stay)
    before = np.r_[1.0, survival[:-1]]
    remaining = np.maximum(at_risk - every, 1e-12)
    variance = np.cumsum(np.where(stay > 0, every / (at_risk * remaining), 0.0)) * spread
    counts = np.bincount(place[event > 0], minlength=len(times))
    people = _at_risk(entry, exit_, np.ones(len(exit_)), times)
    gone = np.cumsum(before * left / at_risk, axis=1)
    return Curve(start, times, survival, variance, gone, people, counts, grid, fewest, kish)


def _fewest(entry: np.ndarray, exit_: np.ndarray, times: np.ndarray, start: float) -> tuple[np.ndarray, np.ndarray]:
    """Months from ``start`` on, and the fewest at risk until each: at its ends, after its beginning, at every exit."""
    last = float(exit_.max(initial=start))
    grid = np.arange(start, np.ceil(last) + 1, dtype=float)
    ones = np.ones(len(exit_))
    before, after = (_at_risk(entry, exit_, ones, at) for at in (grid, grid + 1e-6))
    fewest = np.r_[after[:1], np.minimum(before[1:], after[:-1])]
    inside = times[times > start]
    place = np.searchsorted(grid, inside - 1e-9).clip(max=len(grid) - 1)
    np.minimum.at(fewest, place, _at_risk(entry, exit_, ones, inside))
    return grid, np.round(np.minimum.accumulate(fewest))


def _at_risk(entry: np.ndarray, exit_: np.ndarray, weight: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Weight of those with ``entry < t <= exit``, at each time."""
    joined, gone = np.argsort(entry, kind="stable"), np.argsort(exit_, kind="stable")
    in_by = np.r_[0.0, np.cumsum(weight[joined])][np.searchsorted(entry[joined], times, side="left")]
    out_by = np.r_[0.0, np.cumsum(weight[gone])][np.searchsorted(exit_[gone], times, side="left")]
    result: np.ndarray = np.maximum(in_by - out_by, 1e-12)
    return result


def segment_curves(
    spells: pd.DataFrame,
    labels: Sequence[Hashable] | np.ndarray | pd.Series,
    *,
    causes: Sequence[str] = ("voluntary", "involuntary"),
    fewest_people: int = FEWEST_PEOPLE,
    fewest_leavers: int = FEWEST_LEAVERS,
) -> pd.DataFrame:
    """Observed curves per segment, and of everyone.

    Parameters
    ----------
    spells
        As in :func:`~segment.retention.check_spells`.
    labels
        The segment of each row; missing counts for everyone only.
    fewest_people, fewest_leavers
        Below either, a segment has no curve of its own and no rows: its people count in that of everyone only.

    Returns
    -------
    DataFrame
        One row per segment and month of tenure: ``segment`` (missing: everyone), ``month``, ``survival``, ``low``,
        ``high`` (pointwise 95 %), ``at_risk`` (people at risk at that month), ``events`` (exits so far), ``n``
        (people), ``incidence_<cause>``, ``events_<cause>`` (exits by cause so far), and ``note``
        (empty, or ``from_month_<m>`` when too few were watched earlier and the curve is of those who got that far).
        In the first month of a curve everyone is still there by definition, so ``low`` and ``high`` are missing.
        Every figure rests on ten people at risk or more at every moment up to it; where there is no such stretch of
        tenure, there are no rows.

    Examples
    --------
    >>> import pandas as pd
    >>> spells = pd.DataFrame({"entry": 0.0, "exit": [float(m) for m in range(1, 41)], "event": 1})
    >>> table = segment_curves(spells, [0] * 40, causes=("left",))
    >>> table.loc[table["segment"].isna() & (table["month"] == 20), "survival"].round(3).item()
    0.5
    """
    watched = check_spells(spells, causes=causes)
    label = pd.Series(np.asarray(labels, dtype=object))
    if len(label) != len(watched):
        raise InvalidInput(
            "Every spell needs a segment.", expected=f"{len(watched)} labels", came=f"{len(label)}", where="labels"
        )
    tables = [_curve_rows(watched, None)]
    for segment in sorted(label.dropna().unique()):
        part = watched.take((label == segment).to_numpy())
        people = len(np.unique(part.person))
        if people >= fewest_people and np.count_nonzero(part.event) >= fewest_leavers:
            tables.append(_curve_rows(part, segment))
    tables = [table.astype({"segment": object}) for table in tables if len(table)]
    if not tables:
        return pd.DataFrame()
    joined = pd.concat(tables, ignore_index=True)
    return joined.assign(segment=pd.to_numeric(joined["segment"]) if _all_numbers(label) else joined["segment"])


def _all_numbers(label: pd.Series) -> bool:
    return all(isinstance(value, int | float | np.number) for value in label.dropna())


def supported_months(watched: Watched) -> np.ndarray:
    """The months of tenure a curve can tell of: the stretch with most people-months in which enough are at risk.

    A month belongs to it when at least ``FEWEST_AT_RISK`` people are at risk in it, at its exits, and all through the
    months since the first. Empty when there is none.
    """
    months = np.arange(0, int(np.ceil(watched.exit.max(initial=0.0))) + 1, dtype=float)
    ones = np.ones(len(watched))
    present = np.round(_at_risk(watched.entry, watched.exit, ones, months + 1e-6))
    through = np.minimum(present[:-1], np.round(_at_risk(watched.entry, watched.exit, ones, months[1:])))
    exits = np.unique(watched.exit[watched.event > 0])
    place = np.searchsorted(months, exits - 1e-9) - 1
    np.minimum.at(through, place.clip(min=0), np.round(_at_risk(watched.entry, watched.exit, ones, exits)))
    enough = through >= FEWEST_AT_RISK
    begins = np.flatnonzero(enough & ~np.r_[False, enough[:-1]])
    ends = np.flatnonzero(enough & ~np.r_[enough[1:], False])
    if not len(begins):
        return months[:0]
    longest = int(np.argmax([present[a : b + 1].sum() for a, b in zip(begins, ends, strict=True)]))
    last = ends[longest] + 1
    return months[begins[longest] : last + (present[last] >= FEWEST_AT_RISK)]


def _curve_rows(watched: Watched, segment: Hashable | None) -> pd.DataFrame:
    months = supported_months(watched)
    if not len(months):
        return pd.DataFrame()
    present = _at_risk(watched.entry, watched.exit, np.ones(len(watched)), months + 1e-6)
    curve = estimate_curve(watched, start=float(months[0]))
    low, high = (np.r_[np.nan, end[1:]] for end in curve.band_at(months))
    incidence = curve.incidence_at(months)
    so_far = np.r_[0, np.cumsum(curve.events)][curve._place(months)]
    by_cause = _exits_by_cause(watched, months)
    table = pd.DataFrame(
        {
            "segment": segment,
            "month": months,
            "survival": curve.survival_at(months),
            "low": low,
            "high": high,
            "at_risk": np.round(present).astype(np.int64),
            "events": so_far.astype(np.int64),
            "n": len(np.unique(watched.person)),
            "note": f"from_month_{int(months[0])}" if months[0] > 0 else "",
        }
    )
    gone = {f"incidence_{cause}": incidence[k] for k, cause in enumerate(watched.causes)}
    return table.assign(**gone, **{f"events_{cause}": by_cause[k] for k, cause in enumerate(watched.causes)})


def _exits_by_cause(watched: Watched, months: np.ndarray) -> list[np.ndarray]:
    """Exits of each cause after the first month and until each, as curves count them."""
    late = watched.exit > months[0]
    left = [np.sort(watched.exit[late & (watched.event == k + 1)]) for k in range(len(watched.causes))]
    return [np.searchsorted(one, months + 1e-9, side="right") for one in left]


def first_year_risk(
    spells: pd.DataFrame,
    sources: Sequence[Hashable] | np.ndarray | pd.Series,
    *,
    causes: Sequence[str] = ("voluntary", "involuntary"),
    months: Sequence[float] = (3, 6, 12),
) -> pd.DataFrame:
    """What share of new hires is gone within the first year, by where they were hired from.

    Only tenure below twelve months is used. A source with fewer than 30 people or 10 leavers in that year counts in
    the row ``everyone`` only, and gets no figure (``note`` says ``too_few``); neither does a month that is not reached
    with ten people at risk at every moment since the first day.

    Parameters
    ----------
    spells
        As for `check_spells`.
    sources
        Where each was hired from, one per row; missing counts for everyone only.
    causes
        Names of the reasons for leaving, by number.
    months
        Months of tenure that are shown, up to 12.

    Returns
    -------
    DataFrame
        One row per source and month: ``source``, ``month``, ``n``, ``events`` (in the whole year), ``so_far`` (until
        that month), ``gone`` (0 to 1), ``low``, ``high``, ``note``.

    Examples
    --------
    >>> import pandas as pd
    >>> spells = pd.DataFrame({"entry": 0.0, "exit": [float(m) for m in range(1, 41)], "event": 1})
    >>> first_year_risk(spells, ["site"] * 40, causes=("left",), months=[12])["gone"].round(3).tolist()
    [0.3, 0.3]
    """
    watched = check_spells(spells, causes=causes)
    label = pd.Series(np.asarray(sources, dtype=object))
    early = watched.entry < 12
    ends = np.minimum(watched.exit, 12.0 + 1e-9)
    event = np.where(watched.exit <= 12.0, watched.event, 0)
    new = Watched(watched.entry, ends, event, watched.weight, watched.person, watched.causes).take(early)
    label = label[early].reset_index(drop=True)
    rows = [_first_year_rows(new, "everyone", months)]
    rows += [
        _first_year_rows(new.take((label == name).to_numpy()), name, months) for name in sorted(label.dropna().unique())
    ]
    return pd.concat(rows, ignore_index=True)


def _first_year_rows(watched: Watched, source: Hashable, months: Sequence[float]) -> pd.DataFrame:
    people, left = len(np.unique(watched.person)), int(np.count_nonzero(watched.event))
    asked = np.asarray(months, dtype=float)
    exits = np.sort(watched.exit[watched.event > 0])
    so_far = np.searchsorted(exits, asked + 1e-9, side="right")
    table = pd.DataFrame({"source": str(source), "month": asked, "n": people, "events": left, "so_far": so_far})
    if people < FEWEST_PEOPLE or left < FEWEST_LEAVERS:
        return table.assign(gone=np.nan, low=np.nan, high=np.nan, note="too_few")
    curve = estimate_curve(watched)
    low, high = curve.band_at(asked)
    place = np.searchsorted(curve.grid, asked - 1e-9)
    known = (place < len(curve.grid)) & (curve.fewest[place.clip(max=len(curve.grid) - 1)] >= FEWEST_AT_RISK)
    found = table.assign(gone=1 - curve.survival_at(asked), low=1 - high, high=1 - low)
    found.loc[~known, ["gone", "low", "high"]] = np.nan
    return found.assign(note=np.where(known, "", "too_few"))
