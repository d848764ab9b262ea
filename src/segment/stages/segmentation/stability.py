"""How sure the segments are: do they come back, does a department explain more, what does each need call for?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from segment.config import given
from segment.needs.halves import parallel_halves
from segment.needs.reliability import usual_reliability
from segment.parallel import run_parallel
from segment.segments import SegmentSelector
from segment.segments.candidates import Candidate, Material
from segment.segments.families import family_named
from segment.segments.ladder import place_needs
from segment.segments.stability import global_stability, segment_stability
from segment.segments.verdict import judge_segments
from segment.stages.base import OpenStudy
from segment.stages.segmentation.basis import Basis
from segment.vocabulary import Purpose

#: Most people that stability is measured on; on more it takes longer and says the same.
_MOST = 4000

Rows = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Refit:
    """Fits the chosen family again on drawn people; people are given by their row, so nothing is copied."""

    material: Material
    family: str
    k: int

    def __call__(self, rows: Rows, weights: npt.ArrayLike | None, random_state: int) -> _Refitted:  # noqa: ARG002
        drawn = self.material.take(_places(rows))
        candidate = family_named(self.family)(self.k, n_starts=3, seed=int(random_state) % 2**31)
        return _Refitted(self.material, candidate.fit(drawn))


@dataclass(frozen=True)
class _Refitted:
    material: Material
    candidate: Candidate

    def predict(self, rows: Rows) -> npt.NDArray[np.intp]:
        """The segments of people given by their row."""
        return self.candidate.labels(self.material.take(_places(rows)))


def _places(rows: Rows) -> npt.NDArray[np.intp]:
    return np.asarray(rows, dtype=np.intp).ravel()


def stability_of(
    opened: OpenStudy, selector: SegmentSelector, people: pd.DataFrame, basis: Basis, choices: pd.DataFrame | None
) -> pd.DataFrame:
    """The ``stability`` table: agreement about everyone, and how much of each segment comes back."""
    settings = opened.config.segmentation
    everyone = selector.reading_.read(basis.items(people), people["weight"].to_numpy(), choices)
    usable = np.flatnonzero(selector.usable_)
    step = max(1, int(np.ceil(len(usable) / _MOST)))
    chosen = usable[::step]
    rows = np.arange(len(chosen), dtype=float)[:, None]
    fit: Callable[..., _Refitted] = _Refit(everyone.take(chosen), selector.family_, selector.n_segments_)
    run = partial(run_parallel, n_jobs=settings.n_jobs)
    seed, k = opened.config.random_state, selector.n_segments_
    whole = global_stability(fit, rows, n_pairs=max(2, settings.bootstrap // 2), random_state=seed, run=run)[
        "agreement"
    ]
    each = segment_stability(
        fit, rows, selector.labels_[chosen], n_bootstrap=settings.bootstrap, random_state=seed, run=run
    )
    first = {
        "measure": "agreement", "segment": float("nan"), "value": whole.mean(),
        "low": whole.quantile(0.05), "high": whole.quantile(0.95), "n": len(chosen),
    }  # fmt: skip
    rest = each.rename(columns={"jaccard": "value"})[["segment", "n", "value", "low", "high", "verdict"]]
    table = pd.concat([pd.DataFrame([first]), rest.assign(measure="jaccard")], ignore_index=True)
    return table.assign(k=k)


def verdict_of(opened: OpenStudy, people: pd.DataFrame, assigned: pd.DataFrame, basis: Basis) -> pd.DataFrame:
    """The ``verdict`` table: do needs segments explain needs better than what HR knows of people?

    Outcomes such as the wish to stay are left out of the verdict: tenure explains them by their nature, and that says
    nothing about what the segments may be called.
    """
    attributes = known_to_hr(opened, people["person"])
    if attributes.empty:
        return pd.DataFrame()
    scores = _scores(opened, people)
    halves = parallel_halves(
        basis.items(people), basis.need_map, people["weight"].to_numpy(dtype=float), scales=basis.scales
    )
    answered = scores.notna().all(axis=1).to_numpy()
    for half in halves or ():
        answered = answered & half.notna().all(axis=1).to_numpy()
    found = judge_segments(
        scores[answered],
        assigned["segment"].to_numpy()[answered],
        attributes[answered],
        halves=(halves[0][answered], halves[1][answered]) if halves else None,
        sample_weight=people.loc[answered, "weight"].to_numpy(),
        n_bootstrap=opened.config.segmentation.bootstrap,
        random_state=opened.config.random_state,
    )
    return found.table.assign(code=found.code, winner=found.winner, attribute=found.attribute)


def known_to_hr(opened: OpenStudy, person: pd.Series) -> pd.DataFrame:
    """What HR knows of these people and may be profiled by, tenure included; rows as given, no column without any."""
    if not opened.store.has("people"):
        return pd.DataFrame(index=range(len(person)))
    declared = given(opened.config.sources.people, "sources.people").attributes
    names = [name for name, attribute in declared.items() if attribute.purpose != Purpose.AUDIT]
    known = opened.store.read("people").drop_duplicates("person", keep="last").set_index("person").reindex(person)
    attributes = known[names].reset_index(drop=True)
    if known["start_date"].notna().any():
        newest = known["start_date"].max()
        attributes["tenure"] = (newest - known["start_date"]).dt.days.to_numpy() / 365.2425
    return attributes.loc[:, [len(set(attributes[name].dropna())) > 1 for name in attributes]]


def _scores(opened: OpenStudy, people: pd.DataFrame) -> pd.DataFrame:
    scores = people[["person", "wave"]].merge(opened.store.read("need_scores"), on=["person", "wave"], how="left")
    chosen = scores[[c for c in scores if str(c).startswith("score_")]]
    return chosen.rename(columns=lambda c: str(c).removeprefix("score_"))


def ladder_of(opened: OpenStudy, people: pd.DataFrame, assigned: pd.DataFrame) -> pd.DataFrame:
    """The ``ladder`` table: per need one policy, a policy per segment, or a conversation with each person."""
    reliability = opened.store.read("reliability")
    block = reliability[reliability["block"] == reliability["block"].iloc[0]]
    known = {
        row.need: min(max(float(row.alpha), 0.05), 1.0) if row.alpha == row.alpha else usual_reliability(int(row.items))
        for row in block.itertuples(index=False)
    }
    return place_needs(
        _scores(opened, people),
        assigned.filter(regex=r"^p_\d+$").to_numpy(),
        reliability=known,
        sample_weight=people["weight"].to_numpy(),
    )
