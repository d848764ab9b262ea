"""Actions per segment and, for people who asked for one, a personal card."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from segment.personalisation import build_cards, catalogue_findings, plan_actions, read_catalogue
from segment.stages.base import OpenStudy, Stage, StageResult
from segment.stages.begun import effects_of_begun
from segment.stages.codebooks import codebook_of
from segment.stages.segmentation.attractiveness import attractiveness_of
from segment.stages.segmentation.near_ties import with_pressing_alike
from segment.stages.waves import model_wave
from segment.tracking.records import count, metric
from segment.vocabulary import ItemKind


def personalise(opened: OpenStudy) -> StageResult:
    """Match the catalogue's actions to unmet needs: per segment, and per person who asked for a card."""
    store, settings = opened.store, opened.config.actions
    codebook = codebook_of(opened)
    if not store.has("need_scores") or codebook is None:
        return StageResult({}, said="no survey: no needs to match actions to")
    catalogue = read_catalogue(opened.study.config_path(settings.catalogue))
    scores, responses, tables = store.read("need_scores"), store.read("responses"), {}
    wave = model_wave(opened, responses)
    if store.has("profiles"):
        tables["plans"] = plan_actions(
            store.read("profiles"),
            catalogue,
            wave=wave,
            per_segment=settings.per_segment,
            min_shortfall=settings.min_shortfall,
            ladder=store.read("ladder") if store.has("ladder") else None,
        )
        tables["plans"] = with_pressing_alike(opened, tables["plans"])
        tables["attractiveness"] = attractiveness_of(opened)
    tables |= effects_of_begun(opened, codebook, catalogue)
    asked = codebook.of_kind(ItemKind.PERSONALISE_OPTIN)
    if asked and asked[0].code in responses:
        tables["cards"] = build_cards(
            scores,
            responses,
            catalogue,
            assignments=store.read("assignments") if store.has("assignments") else None,
            opt_in=asked[0].code,
            wave=wave,
            per_card=settings.per_card,
            min_shortfall=settings.min_shortfall,
        )
    tables = {name: frame for name, frame in tables.items() if not frame.empty}
    needs = [str(c).removeprefix("shortfall_") for c in scores if str(c).startswith("shortfall_")]
    unmatched = set(catalogue_findings(catalogue, needs)["subject"])
    return _result(tables, len(unmatched), made=_made(opened))


def _made(opened: OpenStudy) -> bool:
    """Whether the groups are made and not found."""
    return opened.store.has("divisions") and bool(opened.store.read("divisions")["chosen"].any())


def _result(tables: Mapping[str, pd.DataFrame], unmatched: int, *, made: bool) -> StageResult:
    """The tables with what is recorded and said of them; ``unmatched``: needs that the catalogue has no action for."""
    plans, cards = (len(tables[name]) if name in tables else 0 for name in ("plans", "cards"))
    people = tables["cards"]["person"].nunique() if cards else 0
    records = [metric("plans", plans), count("cards", people), metric("needs_without_actions", unmatched)]
    without = f", {unmatched} needs without an action in the catalogue" if unmatched else ""
    whom = _for_whom(tables["plans"], made=made) if plans else "anyone"
    begun = tables.get("action_effects", pd.DataFrame({"role": [], "n": []})).query("role == 'target' and n > 0")
    did = f", what {len(begun)} action{'s' * (len(begun) != 1)} did that were begun" if len(begun) else ""
    said = f"{plans} actions for {whom}, {people} cards for people who asked{without}{did}"
    return StageResult(tables, records, said=said)


def _for_whom(plans: pd.DataFrame, *, made: bool) -> str:
    segments = plans["segment"].nunique()
    return f"{segments} {'groups' if made else 'segments'}" if segments > 1 else "everyone"


PERSONALISE = Stage(
    "personalise",
    personalise,
    builds_on=("prepare", "discover", "retain", "relate"),
    writes=("plans", "action_effects", "begun_people", "cards", "attractiveness"),
    settings=("actions", "codebook", "privacy", "sources", "wave", "waves", "segmentation"),
    catalogue=True,
)
