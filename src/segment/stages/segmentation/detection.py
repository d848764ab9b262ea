"""What would have been seen: the detection limit beside every answer of the search, and how near it was to another."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from segment.segments import SegmentSelector
from segment.segments.detection import Curve, smallest_difference
from segment.segments.evidence import nearness
from segment.segments.gates import Gates
from segment.segments.measurement import Measurement
from segment.segments.planting import Planting
from segment.stages.base import OpenStudy
from segment.stages.segmentation.basis import Basis
from segment.tracking.records import Record, metric

_FOUND = ("natural", "reproducible")


def detection_of(
    opened: OpenStudy, selector: SegmentSelector, people: pd.DataFrame, basis: Basis, gates: Gates
) -> dict[str, pd.DataFrame]:
    """The ``detection`` and ``nearness`` tables; empty where nothing was searched, or nothing says what is noise.

    Without found segments: groups of the sizes the study asks for, among people as these are. With found ones: one
    further group beside them, a tenth of the people. Rankings and wishes are not simulated; they tell more, so the
    limit is rather too large than too small where a study has them.
    """
    settings, found = opened.config.segmentation, selector.kind_ in _FOUND
    if selector.decision_.code in ("too_few", "too_alike", "requested") or settings.planted_worlds == 0:
        return {}
    near = {"nearness": nearness(selector.evidence_, gates)}
    labels = selector.labels_ if found else None
    measurement = Measurement.of(
        basis.items(people)[selector.usable_], basis.need_map, people["weight"].to_numpy(dtype=float)[selector.usable_],
        scales=basis.scales, labels=None if labels is None else labels[selector.usable_],
        random_state=opened.config.random_state,
    )  # fmt: skip
    if measurement is None or (found and selector.need_profiles_ is None):
        return near
    planting = _further(selector, measurement, gates) if found else _apart(settings.planted_shares, measurement, gates)
    curve = smallest_difference(
        planting, n_worlds=settings.planted_worlds, random_state=opened.config.random_state, n_jobs=settings.n_jobs
    )
    return near | {"detection": _told(curve, planting, "further" if found else "groups")}


def detection_records(tables: Mapping[str, pd.DataFrame]) -> list[Record]:
    """The limit and the gates, all about everyone at once."""
    records = []
    for row in tables.get("detection", pd.DataFrame()).to_dict("records"):
        if row["reached"] == "yes":
            records += [metric(f"detection_{name}", float(row[name])) for name in ("limit", "low", "high")]
    for row in tables.get("nearness", pd.DataFrame()).to_dict("records"):
        name = str(row["gate"]).replace(" ", "_")
        known = {part: float(row[part]) for part in ("reached", "needed") if pd.notna(row[part])}
        records += [metric(f"gate_{name}_{part}", value) for part, value in known.items()]
    return records


def _apart(shares: tuple[float, ...], measurement: Measurement, gates: Gates) -> Planting:
    return Planting.apart(measurement, shares[: len(measurement.needs)], gates)


def _further(selector: SegmentSelector, measurement: Measurement, gates: Gates) -> Planting:
    profiles = selector.need_profiles_
    assert profiles is not None
    base = profiles[measurement.needs].to_numpy(dtype=float)
    shares = np.bincount(selector.labels_[selector.usable_], minlength=selector.n_segments_) + 1.0
    return Planting.further(measurement, base, [float(share) for share in shares], 0.1, gates)


def _told(curve: Curve, planting: Planting, kind: str) -> pd.DataFrame:
    reached = bool(np.isfinite(curve.limit))
    top = float(curve.worlds["x"].max())
    limit, low, high = map(float, (curve.limit, curve.low, curve.high) if reached else (top, top, top))
    smallest = planting.shares[-1] if kind == "further" else min(planting.shares)
    return pd.DataFrame(
        [
            {
                "planted": kind, "groups": planting.k, "smallest": smallest, "limit": limit, "low": low,
                "high": high, "reached": "yes" if reached else "no", "width": planting.measurement.range,
                "worlds": len(curve.worlds), "n": len(planting.measurement),
            }
        ]
    )  # fmt: skip
