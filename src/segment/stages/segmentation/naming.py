"""What segments need, what they are called, and how many people are in them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd

from segment.disclosure.crowds import FEWEST_CARRYING
from segment.locale import STANDS_IN, in_every_language, of_kind, say
from segment.segments.names import Names, name_rows
from segment.segments.profiling import name_segments, profile_segments
from segment.stages.base import OpenStudy
from segment.stages.segmentation.near_ties import likeness_of
from segment.stages.segmentation.search import Found
from segment.tables.codebook import Codebook

_MEASURES = ("importance", "experience", "shortfall")


def profiles_of(opened: OpenStudy, assignments: pd.DataFrame, responses: pd.DataFrame) -> pd.DataFrame:
    """Needs per segment and wave: style-free score, importance, experience and shortfall, and what is about as much."""
    scores = opened.store.read("need_scores")
    parts = []
    for wave, members in assignments.groupby("wave", sort=True):
        key = members[["person", "wave"]]
        own = key.merge(scores, on=["person", "wave"], how="left")
        weight = key.merge(responses[["person", "wave", "weight"]], on=["person", "wave"])["weight"]
        views = {name: _columns(own, f"{name}_") for name in ("score", *_MEASURES)}
        views = {name: view for name, view in views.items() if name == "score" or view.shape[1]}
        found = profile_segments(
            views["score"],
            members.filter(regex=r"^p_\d+$").to_numpy(),
            measures={name: view for name, view in views.items() if name != "score"},
            sample_weight=weight.to_numpy(),
        )
        alike = likeness_of(views, members.filter(regex=r"^p_\d+$").to_numpy(), weight.to_numpy())
        parts.append(found.merge(alike, on=["measure", "segment", "need"], how="left").assign(wave=wave))
    return pd.concat(parts, ignore_index=True)


def _columns(frame: pd.DataFrame, prefix: str) -> pd.DataFrame:
    chosen = frame[[c for c in frame if str(c).startswith(prefix)]]
    return chosen.rename(columns=lambda c: str(c).removeprefix(prefix))


def too_few_in(assignments: pd.DataFrame, wave: str) -> list[int]:
    """The segments of fewer people than a model's centre needs."""
    inside = assignments.loc[assignments["wave"] == wave, "segment"].astype(int).tolist()
    return [segment for segment in sorted(set(inside)) if inside.count(segment) < FEWEST_CARRYING]


def names_of(
    profiles: pd.DataFrame, codebook: Codebook, found: Found, kept: Names, *, few: Sequence[int] = ()
) -> Names:
    """Neutral names from what stands out, those of the decided model where they go on; one segment is everyone.

    A name is a text about people, and goes on for years: segments of too ``few`` people have their number, also for
    those whose names have to differ from theirs.
    """
    if found.selector.n_segments_ == 1:
        return {0: in_every_language(partial(say, "display.everyone"))}
    names = {need: in_every_language(partial(codebook.need_name, need)) for need in found.basis.needs}
    own = profiles[(profiles["wave"] == found.wave) & (profiles["measure"] == "score")]
    fresh, taken = name_segments(own[~own["segment"].isin(few)], names), {text[STANDS_IN] for text in kept.values()}
    unnamed = of_kind("display.segment", [found.selector.kind_])  # groups that are made are called no segments
    fresh |= {segment: in_every_language(partial(say, unnamed, k=segment + 1)) for segment in few}
    return {
        segment: kept.get(
            segment, {lang: f"{text} (2)" for lang, text in told.items()} if told[STANDS_IN] in taken else told
        )
        for segment, told in sorted(fresh.items())
    }


def segments_of(assignments: pd.DataFrame, responses: pd.DataFrame, names: Names) -> dict[str, pd.DataFrame]:
    """The tables ``segments`` and ``segment_names``: how many people are in each, per wave, and what each is called."""
    sizes = _sizes(assignments, responses)
    return {"segments": sizes, "segment_names": sizes[["wave", "segment"]].merge(name_rows(names), on="segment")}


def _sizes(assignments: pd.DataFrame, responses: pd.DataFrame) -> pd.DataFrame:
    """People, weighted share, and how clear membership is, per wave and segment."""
    rows = assignments.merge(responses[["person", "wave", "weight"]], on=["person", "wave"])
    best = rows.filter(regex=r"^p_\d+$").max(axis=1)
    rows = rows.assign(clear=best * rows["weight"])
    total = rows.groupby("wave")["weight"].sum()
    sizes = rows.groupby(["wave", "segment"]).agg(
        n=("person", "size"), weight=("weight", "sum"), mean_posterior=("clear", "sum"), between=("between", "sum")
    )
    sizes = sizes.reset_index()
    return sizes.assign(
        mean_posterior=sizes["mean_posterior"] / sizes["weight"],
        share=sizes["weight"] / sizes["wave"].map(total),
    ).drop(columns="weight")
