"""Where acting per segment promises most, by criteria that people chose before they saw the segments."""

from __future__ import annotations

import pandas as pd

from segment.segments.attractiveness import attractiveness
from segment.stages.base import OpenStudy
from segment.stages.waves import model_wave

#: The horizon of leaving that counts, in months.
_MONTHS = 12


def attractiveness_of(opened: OpenStudy) -> pd.DataFrame:
    """The ``attractiveness`` table of the segments that are large enough to be named; empty for fewer than two.

    A segment under the floor is left out beforehand: ratings are relative, so it would show in those of the others.
    Criteria a study cannot know (no one is followed, nothing was experienced) do not count.
    """
    store, wave = opened.store, model_wave(opened, opened.store.read("responses"))
    sizes = store.read("segments").query("wave == @wave").set_index("segment")["n"]
    floors = opened.config.privacy
    named = sizes[(sizes >= floors.min_segment) & (sizes >= floors.segment_share * sizes.sum())]
    if len(named) < 2:
        return pd.DataFrame()
    profiles = store.read("profiles")
    profiles = profiles[(profiles["wave"] == wave) & profiles["segment"].isin(named.index)]
    leaving = _leaving(opened).reindex(named.index)
    extra = leaving[["value"]].set_axis(["leaving"], axis=1) if leaving["value"].notna().all() else None
    known = {"size", "distinctness", "cohesion", *(["leaving"] if extra is not None else [])}
    known |= {"shortfall"} if (profiles["measure"] == "shortfall").any() else set()
    importance: dict[str, float] = {
        name: weight for name, weight in opened.config.actions.criteria.items() if name in known
    }
    table = attractiveness(
        profiles,
        criteria=extra,
        importance=importance if sum(importance.values()) > 0 else None,
        intervals=None if extra is None else {"leaving": leaving[["low", "high"]]},
    )
    return table.assign(n=table["segment"].map(named).astype("int64"))


def _leaving(opened: OpenStudy) -> pd.DataFrame:
    """Expected share leaving, with its interval, per segment at the horizon nearest to a year; empty if not known."""
    rows = opened.store.read_or_empty("leaving").dropna(subset="segment")
    if rows.empty:
        return pd.DataFrame(columns=["value", "low", "high"], dtype="float64")
    nearest = rows["horizon"].iloc[(rows["horizon"] - _MONTHS).abs().argmin()]
    own = rows[rows["horizon"] == nearest].drop_duplicates("segment")
    result: pd.DataFrame = own.set_index(own["segment"].astype("int64"))[["value", "low", "high"]]
    return result
