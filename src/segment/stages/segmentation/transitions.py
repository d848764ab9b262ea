"""Over three surveys and more: how people really went from segment to segment, and whether the segments stayed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd

from segment.needs.chosen import Choices
from segment.segments import SegmentSelector
from segment.segments.candidates import Material
from segment.segments.checking import Floats, Integers
from segment.segments.families import family_named
from segment.segments.panel import FEWEST_WAVES, Panel, evidence_of
from segment.segments.selection import MOST_FITTED
from segment.segments.stability import agreement
from segment.segments.transitions import Measured, Transitions, learn_transitions, random_weights
from segment.stages.segmentation.basis import Basis
from segment.stages.survey_weights import relative_weights

#: Fewest people who answered two waves or more before anything is learned of them, and before a step is reported.
_FEWEST, _FEWEST_OF_STEP = 100, 30
#: Fewest people of a wave before segments are made of it alone.
_FEWEST_OF_MODEL = 100


def transitions_of(
    selector: SegmentSelector,
    assignments: pd.DataFrame,
    responses: pd.DataFrame,
    basis: Basis,
    choices: Choices,
    *,
    waves: Sequence[str],
    wave: str,
    keep_from: float,
    random_state: int,
) -> dict[str, pd.DataFrame]:
    """The tables ``transitions`` and ``wave_steps``; none where fewer than three waves asked what segments are made of.

    Parameters
    ----------
    assignments
        One row per person and wave with memberships ``p_<segment>``, all under the decided segments.
    waves
        Those of ``assignments``, earliest first.
    wave
        The one that segments were made on.
    keep_from
        Agreement of two models about the same people from which they say the same.

    Notes
    -----
    Made groups have borders that somebody drew, and no kind of people behind them that a chain could be about: who
    crossed a border is counted (``migration``), and nothing more is said.
    """
    if selector.n_segments_ < 2 or selector.kind_ == "made" or len(waves) < FEWEST_WAVES:
        return {}
    often = assignments.groupby("person")["wave"].transform("size")
    if assignments.loc[often > 1, "person"].nunique() < _FEWEST:
        return {}
    evidence = _evidence(selector, assignments, waves)
    panel = Panel.of(evidence, _weights(assignments, responses))
    measured = _measured(
        selector,
        assignments,
        responses,
        basis,
        choices,
        panel,
        evidence,
        waves=waves,
        wave=wave,
        random_state=random_state,
    )
    found = learn_transitions(panel, measured=measured)
    models = _agreements(
        selector, assignments, responses, basis, choices, waves=waves, wave=wave, random_state=random_state
    )
    placed = _placed(assignments, waves, selector.n_segments_)
    tables = {
        "transitions": _shares(found, placed, waves),
        "wave_steps": _steps(found, placed, waves, models, keep_from=keep_from),
    }
    return {name: table for name, table in tables.items() if len(table)}


def _evidence(selector: SegmentSelector, assignments: pd.DataFrame, waves: Sequence[str]) -> Floats:
    """What everyone answered over all waves, as evidence: people x waves x segments, NaN where nothing was."""
    columns = [f"p_{segment + 1}" for segment in range(selector.n_segments_)]
    row, people = pd.factorize(assignments["person"])
    evidence = np.full((len(people), len(waves), len(columns)), np.nan)
    place = {name: number for number, name in enumerate(waves)}
    evidence[row, assignments["wave"].map(place).to_numpy()] = evidence_of(
        assignments[columns].to_numpy(), selector.shares_
    )
    return evidence


def _weights(assignments: pd.DataFrame, responses: pd.DataFrame) -> Floats | None:
    """A person weighs as their answers do on average."""
    weights = relative_weights(responses)
    if weights is None:
        return None
    means = weights.groupby("person")["weight"].mean().reindex(pd.unique(assignments["person"]))
    return np.asarray(means, dtype=float)


def _measured(
    selector: SegmentSelector,
    assignments: pd.DataFrame,
    responses: pd.DataFrame,
    basis: Basis,
    choices: Choices,
    panel: Panel,
    evidence: Floats,
    *,
    waves: Sequence[str],
    wave: str,
    random_state: int,
) -> Iterator[Measured]:
    """The same answers as the segments read them when they are made of the same people with random weights.

    What a reading says beyond the decided one is added to the evidence, so that who was read by a short form stays so.
    """
    row = pd.Series(np.arange(len(evidence)), index=pd.unique(assignments["person"]))
    read: dict[str, tuple[Integers, Material]] = {}
    for name in waves:
        people = responses[(responses["wave"] == name) & responses["person"].isin(row.index)].reset_index(drop=True)
        weight = people["weight"].to_numpy(dtype=float)
        told = selector.reading_.read(basis.items(people), weight, choices.read(people, basis.needs))
        read[name] = row.reindex(people["person"]).to_numpy(dtype=np.intp), told
        if name == wave:
            usable = np.flatnonzero(selector.reading_.usable(basis.items(people)) & (weight > 0))
            usable = usable[:: -(-len(usable) // MOST_FITTED)]
            own, material = read[name][0][usable], told.take(usable)
    before = {name: selector.evidence(told) for name, (_, told) in read.items()}
    for factors in random_weights(panel, np.random.default_rng([random_state, len(waves)])):
        other, now = selector.again(replace(material, weight=material.weight * factors[own])), evidence.copy()
        for place, name in enumerate(waves):
            now[read[name][0], place] += other.evidence(read[name][1]) - before[name]
        yield factors, now


def _placed(assignments: pd.DataFrame, waves: Sequence[str], k: int) -> list[Floats]:
    """Per step how many people of both waves were put into which segment then and now."""
    by_wave = {name: rows.set_index("person")["segment"] for name, rows in assignments.groupby("wave")}
    counts = []
    for then, now in pairwise(waves):
        both = pd.concat([by_wave[then], by_wave[now]], axis=1, join="inner").to_numpy(dtype=np.intp)
        counts.append(np.bincount(both @ [k, 1], minlength=k * k).reshape(k, k).astype(float))
    return counts


def _shares(found: Transitions, placed: Sequence[Floats], waves: Sequence[str]) -> pd.DataFrame:
    rows = found.shares
    told = rows["step"].map(lambda step: placed[step].sum() >= _FEWEST_OF_STEP)
    where = zip(rows["step"], rows["segment_from"], rows["segment_to"], strict=True)
    named = rows.assign(
        wave_from=rows["step"].map(lambda step: waves[step]),
        wave_to=rows["step"].map(lambda step: waves[step + 1]),
        n=[int(placed[step][then, now]) for step, then, now in where],
    )
    return named[told].drop(columns="step").reset_index(drop=True)


def _steps(
    found: Transitions,
    placed: Sequence[Floats],
    waves: Sequence[str],
    models: Mapping[str, float],
    *,
    keep_from: float,
) -> pd.DataFrame:
    nothing = (np.nan, np.nan, np.nan)
    rows = []
    for row, counts, (then, now) in zip(found.moved.to_dict("records"), placed, pairwise(waves), strict=True):
        agreed = float(np.min([models[then], models[now]]))  # not known where one of them is not
        rows.append(
            (then, now, int(counts.sum()), row["moved"], row["low"], row["high"],
             1 - np.trace(counts) / max(counts.sum(), 1.0), *(found.stayers or nothing), agreed,
             "unknown" if np.isnan(agreed) else "same" if agreed >= keep_from else "other")
        )  # fmt: skip
    names = ["wave_from", "wave_to", "n", "moved", "moved_low", "moved_high", "placed",
             "stayers", "stayers_low", "stayers_high", "agreement", "model"]  # fmt: skip
    table = pd.DataFrame(rows, columns=names).astype(dict.fromkeys(names[7:11], float))
    return table[table["n"] >= _FEWEST_OF_STEP].reset_index(drop=True)


def _agreements(
    selector: SegmentSelector,
    assignments: pd.DataFrame,
    responses: pd.DataFrame,
    basis: Basis,
    choices: Choices,
    *,
    waves: Sequence[str],
    wave: str,
    random_state: int,
) -> dict[str, float]:
    """Per wave how far segments made of it alone agree with the decided ones about its people.

    One for the wave the decided ones were made on, not known (NaN) where too few answered.
    """
    agreed = dict.fromkeys(waves, np.nan) | {wave: 1.0}
    for name in (one for one in waves if one != wave):
        people = responses[responses["wave"] == name].reset_index(drop=True)
        usable = np.flatnonzero(selector.reading_.usable(basis.items(people)))
        if len(usable) < _FEWEST_OF_MODEL:
            continue
        weight = people["weight"].to_numpy(dtype=float)
        seen = selector.reading_.read(basis.items(people), weight, choices.read(people, basis.needs)).take(usable)
        anew = family_named(selector.family_)(selector.n_segments_, n_starts=selector.n_starts, seed=random_state)
        decided = assignments[assignments["wave"] == name].set_index("person")["segment"]
        decided = decided.reindex(people["person"].iloc[usable])
        agreed[name] = agreement(decided.to_numpy(), anew.fit(seen).labels(seen), sample_weight=weight[usable])
    return agreed
