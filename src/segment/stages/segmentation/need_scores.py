"""Answers become need scores: style-free, as means, what is lacking, and how reliable they are."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from segment.config import StudyConfig
from segment.needs.reliability import need_reliability
from segment.needs.scoring import NeedScorer, need_means
from segment.needs.shortfalls import need_shortfalls
from segment.stages.base import OpenStudy
from segment.stages.segmentation.basis import Basis, answered_in, basis_of
from segment.stages.waves import model_wave
from segment.tables.codebook import Codebook
from segment.vocabulary import ItemKind

_SCALE = (1.0, 5.0)


def need_tables(opened: OpenStudy, responses: pd.DataFrame, codebook: Codebook) -> dict[str, pd.DataFrame]:
    """Style-free need scores, mean answers per need, unmet needs, and how reliable they are."""
    config = opened.config
    wave = model_wave(opened, responses)
    basis = basis_of(codebook, config.segmentation.basis, answered_in(responses, wave))
    blocks = {
        kind: basis_of(codebook, (kind,), responses.columns) for kind in (ItemKind.IMPORTANCE, ItemKind.EXPERIENCE)
    }
    means = {
        str(kind): need_means(block.items(responses), block.need_map, scales=block.scales)
        for kind, block in blocks.items()
        if block.need_map
    }
    parts = [responses[["person", "wave"]], _style_free(responses, basis, wave)]
    parts += [frame.add_prefix(f"{kind}_") for kind, frame in means.items()]
    if ItemKind.EXPERIENCE in means:
        missing = need_shortfalls(means.get(ItemKind.IMPORTANCE), means[ItemKind.EXPERIENCE], scale=_SCALE)
        parts.append(missing.add_prefix("shortfall_"))
    return {
        "need_scores": pd.concat(parts, axis=1),
        "reliability": _reliability(responses[responses["wave"] == wave], blocks, config),
    }


def _style_free(responses: pd.DataFrame, basis: Basis, wave: str) -> pd.DataFrame:
    """Scores in pool standard deviations, with level and spread; fitted on one wave, applied to all."""
    items = basis.items(responses)
    now = (responses["wave"] == wave).to_numpy()
    if len(set(basis.need_map.values())) < 2:
        missing = pd.DataFrame({"usable": False, "answered": 0.0}, index=responses.index)
        return missing.assign(level=float("nan"), spread=float("nan"))
    scorer = NeedScorer().fit(items[now], basis.need_map, responses.loc[now, "weight"].to_numpy(), scales=basis.scales)
    found = scorer.transform(items)
    style = pd.DataFrame(
        {"usable": found.usable, "answered": found.answered, "level": found.level, "spread": found.spread}
    )
    return pd.concat([style, (found.scores / found.pool_sd).add_prefix("score_")], axis=1)


def _reliability(responses: pd.DataFrame, blocks: Mapping[ItemKind, Basis], config: StudyConfig) -> pd.DataFrame:
    """Reliability per need and block of items, on the wave segments are made on."""
    found = [
        need_reliability(
            block.items(responses),
            block.need_map,
            responses["weight"].to_numpy(),
            scales=block.scales,
            random_state=config.random_state,
        ).assign(block=str(kind))
        for kind, block in blocks.items()
        if block.need_map
    ]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()
