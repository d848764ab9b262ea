"""Promises against experience, the seven Rs, the journey, both sides' expectations, and what moved between waves."""

from __future__ import annotations

import pandas as pd

from segment.experience import (
    journey_table,
    promise_table,
    scorecard,
    surface_table,
)
from segment.stages.base import OpenStudy, Stage, StageResult
from segment.stages.codebooks import codebook_of
from segment.stages.relationship import (
    changes_of,
    exits_seen,
    links_of,
    matches_of,
    migration_between,
    response_of,
    tenure_at_waves,
)
from segment.stages.waves import model_wave, wave_names
from segment.tracking.records import count


def relate(opened: OpenStudy) -> StageResult:
    """Hold what was promised against what is lived; a study without a survey gets what its HR data can tell."""
    store = opened.store
    exits = exits_seen(opened)
    codebook = codebook_of(opened)
    if not store.has("responses") or codebook is None:
        return StageResult({}, said="no survey: promises, journey and the seven Rs were not measured")
    responses, assignments = store.read("responses"), store.read_or_empty("assignments")
    employer = store.read("employer") if store.has("employer") else None
    settings = opened.config.experience
    tables = {
        "promises": promise_table(
            responses,
            assignments,
            codebook,
            promised_from=settings.promised_from,
            kept_from=settings.kept_from,
            employer=employer,
        ),
        "surfaces": surface_table(responses, codebook, wave=model_wave(opened, responses)),
        "scorecard": scorecard(
            responses,
            assignments,
            codebook,
            exits=exits,
            tenure=tenure_at_waves(opened, responses),
            waves=wave_names(opened),
        ),
        "journey": journey_table(responses, assignments, codebook),
        "migration": migration_between(opened, assignments),
        "linkage": links_of(opened, responses, codebook),
        "changes": changes_of(opened, responses, codebook),
        "response": response_of(opened, responses),
    }
    tables |= matches_of(opened, responses, codebook)
    return StageResult(
        {name: frame for name, frame in tables.items() if not frame.empty},
        [count(f"rows_{name}", len(frame)) for name, frame in tables.items()],
        said=_say(tables),
    )


def _say(tables: dict[str, pd.DataFrame]) -> str:
    """How much of each was measured: has a figure. What it showed is said once it is released: this goes to logs."""
    card, promises, journey = tables["scorecard"], tables["promises"], tables["journey"]
    measured = (card["status"] == "measured") & card["value"].notna()
    found = {
        ("need", "needs", " with promises"): promises.loc[promises[["promised", "kept"]].notna().all(axis=1), "need"],
        ("figure", "figures", " of the seven Rs"): card.loc[measured, "r"].str.cat(
            card.loc[measured, "measure"], sep=" "
        ),
        ("moment", "moments", ""): journey.loc[journey["value"].notna(), "moment"],
    }
    counted = {words: len(column.unique()) for words, column in found.items()}
    told = [f"{n} {one if n == 1 else several}{what}" for (one, several, what), n in counted.items() if n]
    return f"measured: {', '.join(told)}" if told else "no promises, moments or figures of the seven Rs were measured"


RELATE = Stage(
    "relate",
    relate,
    builds_on=("prepare", "discover"),
    writes=(
        "promises",
        "surfaces",
        "scorecard",
        "journey",
        "matches",
        "match_counts",
        "linkage",
        "migration",
        "changes",
        "response",
    ),
    settings=("experience", "outcome", "sources", "codebook", "wave", "waves", "segmentation"),
)  # fmt: skip
