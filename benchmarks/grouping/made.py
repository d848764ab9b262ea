"""Groups that are made where none are found: what they are worth, beside what k-means on raw answers would be worth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans

from grouping.real import public_answers
from grouping.worlds import EMPTY, world_of
from segment.needs.halves import parallel_halves
from segment.segments import SegmentSelector, divided
from segment.segments.explained import cross_validated_losses, explained, unit_variance
from segment.segments.gates import Gates, eta_squared

#: Most people of a real survey that are looked at, and the settings of the search before: enough to refuse.
_MOST, _SEARCH = 5000, {"families": ("needs_mixture", "k_means"), "n_splits": 10, "null_draws": 10, "n_starts": 5}


def raw_k_means(items: pd.DataFrame, need_map: dict[str, str], k: int) -> tuple[float, float]:
    """What k-means on raw answers explains of needs, style taken out, read from one half of the questions on people
    who were not used; and how much of people's mean answer its groups are."""
    scales = dict.fromkeys(items, (float(np.nanmin(items)), float(np.nanmax(items))))
    weight, answers = np.ones(len(items)), items.fillna(items.mean())
    halves = parallel_halves(items, need_map, weight, scales=scales)
    assert halves is not None
    by_need: dict[str, list[str]] = {}
    for code, need in need_map.items():
        by_need.setdefault(need, []).append(code)
    known = np.flatnonzero(halves[0].notna().all(axis=1) & halves[1].notna().all(axis=1))
    folds = np.random.default_rng(0).permutation(len(known)) % 5
    losses = []
    for half in (0, 1):
        values = answers[[code for codes in by_need.values() for code in codes[half::2]]].to_numpy()[known]
        target = unit_variance(halves[1 - half].to_numpy()[known], weight[known])

        def read(train: np.ndarray, values: np.ndarray = values) -> np.ndarray:
            return KMeans(k, n_init=5, random_state=0).fit(values[train]).predict(values)

        losses.append(cross_validated_losses(target, read, read, weights=weight[known], folds=folds))
    labels = KMeans(k, n_init=10, random_state=0).fit_predict(answers)
    level = answers.mean(axis=1).to_numpy()
    found = explained(losses, known=np.ones(len(known), dtype=bool), level=0.95)
    return found.groups[0], eta_squared(level, labels.astype(np.intp), weight)


def made_of(items: pd.DataFrame, need_map: dict[str, str], seed: int, groupings: pd.DataFrame | None = None) -> dict:
    """The answer for these people, made or not, with its figures."""
    scales = dict.fromkeys(items, (float(np.nanmin(items)), float(np.nanmax(items))))
    found = SegmentSelector(range(2, 9), random_state=seed, **_SEARCH).fit(items, need_map, scales=scales)
    row: dict = {"people": len(items), "kind": found.kind_, "groups": found.n_segments_}
    if found.kind_ != "none":
        return row
    made, table = divided(
        found, items, need_map, scales=scales, groupings=groupings, gates=Gates(smallest_n=30), random_state=seed
    )
    if not len(table):
        return row
    chosen = table[table["chosen"]] if table["chosen"].any() else table.sort_values("failed", key=lambda s: s.str.len())
    told = chosen.iloc[0]
    return row | {
        "kind": made.kind_, "groups": made.n_segments_, "explains": told["explained"], "low": told["explained_low"],
        "high": told["explained_high"], "same again": told["same"], "kappa": told["again"],
        "with others": told["agreement"], "style": told["style_share"], "not reached": told["failed"] or "-",
    }  # fmt: skip


def made(
    folder: Path | None, seeds: Sequence[int], *, names: Sequence[str] = EMPTY, sizes: Sequence[int] = (300, 1000)
) -> pd.DataFrame:
    """Worlds of one group, where nothing may be called found, and real surveys: the answer and what it is worth."""
    rows = []
    for name in names:
        for n in sizes:
            told = [made_of(world.items, world.need_map, seed % 1000) for seed in seeds
                    for world in (world_of(name, n, seed),)]  # fmt: skip
            kinds = [one["kind"] for one in told]
            figures = pd.DataFrame([one for one in told if one["kind"] == "made"])
            means = figures.select_dtypes("number").drop(columns="people", errors="ignore").mean().to_dict()
            answer = ", ".join(f"{kind} {kinds.count(kind)}" for kind in sorted(set(kinds)))
            rows.append({"data": name, "people": n, "answer": answer, **means})
    for name in ("volunteers", "gss2016", "fevs2018") if folder is not None else ():
        items, need_map = public_answers(name, folder)
        if need_map is None or min(pd.Series(need_map).value_counts()) < 2:
            rows.append({"data": name, "people": len(items), "answer": "none: needs unknown, or one question each"})
            continue
        step = max(1, int(np.ceil(len(items) / _MOST)))
        some = items.iloc[::step].reset_index(drop=True)
        told = made_of(some, need_map, seeds[0] % 1000)
        raw, style = raw_k_means(some, need_map, max(told["groups"], 2))
        rows.append({"data": name, "answer": told.pop("kind"), **told, "raw k-means explains": raw, "its style": style})
    return pd.DataFrame(rows)
