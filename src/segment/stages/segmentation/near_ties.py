"""Which needs of a segment weigh, or are lacking, about as much, and which actions are about as pressing."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from segment.disclosure.figures import is_nearly
from segment.needs.likeness import (
    MEANS_ALIKE,
    SHARES_ALIKE,
    Floats,
    influence_of_means,
    names_alike,
    not_apart,
)
from segment.stages.base import OpenStudy

#: The measure that is reported over all segments at once, and as a share.
_UNMET = "shortfall"


def likeness_of(views: Mapping[str, pd.DataFrame], memberships: Floats, weights: Floats) -> pd.DataFrame:
    """Per measure, segment and need the names of others that cannot be told apart from it.

    Parameters
    ----------
    views
        Measure -> people x needs.
    memberships, weights
        People x segments, and the weight of each person: whoever is between segments counts in each.

    Returns
    -------
    DataFrame
        One row per measure, segment and need: ``alike`` (a JSON list of needs of the same segment) and, of unmet needs,
        ``alike_of_all`` (a JSON list of 'segment need' over all segments).
    """
    parts = [_of_measure(name, view, memberships, weights) for name, view in views.items()]
    return pd.concat(parts, ignore_index=True)


def _of_measure(measure: str, view: pd.DataFrame, memberships: Floats, weights: Floats) -> pd.DataFrame:
    least = SHARES_ALIKE if measure == _UNMET else MEANS_ALIKE
    needs = [str(need) for need in view.columns]
    by_segment = [influence_of_means(view, weights * chance) for chance in memberships.T]
    means = [_means(view, weights * chance) for chance in memberships.T]
    rows = []
    for segment, ((influence, effective), mean) in enumerate(zip(by_segment, means, strict=True)):
        alike = names_alike(not_apart(mean, influence, effective, least=least), needs)
        rows.append(pd.DataFrame({"measure": measure, "segment": segment, "need": needs, "alike": alike}))
    found = pd.concat(rows, ignore_index=True)
    if measure == _UNMET:
        every = np.concatenate([influence for influence, _ in by_segment], axis=1)
        people = np.concatenate([effective for _, effective in by_segment])
        names = (found["segment"].astype("str") + " " + found["need"]).tolist()
        found["alike_of_all"] = names_alike(not_apart(np.concatenate(means), every, people, least=least), names)
    return found


def _means(view: pd.DataFrame, weights: Floats) -> Floats:
    known = view.notna().to_numpy()
    own = np.where(known, weights[:, None], 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((own * view.fillna(0.0).to_numpy(dtype=float)).sum(axis=0) / own.sum(axis=0))


def with_pressing_alike(opened: OpenStudy, plans: pd.DataFrame) -> pd.DataFrame:
    """The plans with ``name``, ``alike`` (which actions, over all segments, are about as pressing) and ``near``.

    A priority is a share of a share, often under .05; what must not be told apart is an unmet need that is itself told
    as a band (``near``).

    A priority is an unmet need times the share of the people; the share is taken as it is. Actions about one need of
    one segment are as pressing as each other.
    """
    if plans.empty:
        return plans
    wave = plans["wave"].iloc[0]
    members, scores, responses = (opened.store.read(name) for name in ("assignments", "need_scores", "responses"))
    members = members[members["wave"] == wave]
    key = members[["person", "wave"]]
    unmet = key.merge(scores, on=["person", "wave"], how="left")
    weights = key.merge(responses[["person", "wave", "weight"]], on=["person", "wave"])["weight"].to_numpy(dtype=float)
    chances = members.filter(regex=r"^p_\d+$").to_numpy()
    columns, people = [], []
    for row in plans.to_dict("records"):
        everyone = row["segment"] != row["segment"]
        counted = weights if everyone else weights * chances[:, int(row["segment"])]
        influence, effective = influence_of_means(unmet[[f"{_UNMET}_{row['need']}"]], counted)
        columns.append(influence[:, 0] * row["priority"] / row["shortfall"])
        people.append(effective[0])
    names = [f"{row['segment']} {row['action']}" for row in plans.to_dict("records")]
    alike = not_apart(plans["priority"], np.column_stack(columns), people, least=SHARES_ALIKE)
    near = is_nearly(plans["shortfall"].to_numpy(dtype=float), plans["n"].to_numpy(dtype=float))
    return plans.assign(name=names, alike=names_alike(alike, names), near=near)
