"""What is handed over about single people, under governance: the data team's table, and people's cards."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from segment.config import given
from segment.exports.card import card_contents, render_card
from segment.exports.story import Bilingual
from segment.governance.grant import Events, GrantedTable, grant
from segment.locale import STANDS_IN
from segment.places import inside
from segment.segments.names import called, names_in
from segment.stages.base import OpenStudy
from segment.stages.codebooks import codebook_of
from segment.stages.release.ledgers import ComingEvents
from segment.stages.release.plans import names_now
from segment.stages.segmentation.basis import RATED
from segment.store import digest_file
from segment.workspace.transaction import Transaction


def hand_over(
    opened: OpenStudy,
    change: Transaction,
    *,
    wave: str,
    texts: Mapping[str, Mapping[str, Bilingual]],
    needs: Mapping[str, Bilingual],
) -> list[Path]:
    """Let ``handover/<wave>/`` be made anew, or go when the study has no governance; returns the files it will hold."""
    target = inside(opened.workspace / "handover", wave)
    governance = opened.config.governance
    if governance is None:
        change.remove(target)
        return []
    events, fresh = ComingEvents(opened), change.aside(target)
    fresh.mkdir(mode=0o700)
    segments = _segments(opened, wave)
    if segments is not None:
        _grant(opened, "segments", segments, events).frame.to_parquet(fresh / "segments.parquet", index=False)
        (fresh / "segments.parquet").chmod(0o600)
    if opened.store.has("cards"):
        _cards(opened, wave, fresh / "cards", events, texts=texts, needs=needs)
    change.put(fresh, target)
    events.follow(change)
    return sorted(target / path.relative_to(fresh) for path in fresh.rglob("*") if path.is_file())


def _grant(opened: OpenStudy, name: str, frame: pd.DataFrame, events: Events) -> GrantedTable:
    settings = given(opened.config.governance, "governance")
    return grant(name, frame, governance=settings, purpose=settings.purpose, events=events)


def _segments(opened: OpenStudy, wave: str) -> pd.DataFrame | None:
    """One row per person: segment (1..k, as in the report), name, membership and doubt, for one wave."""
    if not opened.store.has("assignments"):
        return None
    rows = opened.store.read("assignments")
    rows = rows[rows["wave"] == wave].sort_values("person", ignore_index=True)  # a place says nothing of an answer
    names = names_in(names_now(opened))
    own = [called(names, number, STANDS_IN) for number in rows["segment"]]
    model = digest_file(opened.store.model_path("segmentation"))[:12]
    chances = [c for c in rows if str(c).startswith("p_")]
    frame = rows[["person", "wave"]].assign(segment=rows["segment"] + 1, segment_name=own)
    frame = pd.concat([frame, rows[[*chances, "entropy"]]], axis=1)
    return frame.assign(model_version=model, expires=str(given(opened.config.governance, "governance").expires))


def _cards(
    opened: OpenStudy,
    wave: str,
    folder: Path,
    events: Events,
    *,
    texts: Mapping[str, Mapping[str, Bilingual]],
    needs: Mapping[str, Bilingual],
) -> None:
    rows = opened.store.read("cards")
    rows = rows[rows["wave"] == wave].reset_index(drop=True)
    if rows.empty:
        return
    folder.mkdir(mode=0o700)
    codebook = codebook_of(opened)
    agreed = given(opened.config.governance, "governance")
    words = {
        language: {**own, **({"contact": own["data_protection_officer"]} if "data_protection_officer" in own else {})}
        for language, own in agreed.translations.items()
    }
    contents = card_contents(
        _grant(opened, "cards", rows, events),
        need_names=needs,
        actions=texts,
        contact=agreed.data_protection_officer,
        translations=words,
        scales={str(kind): codebook.need_scales(kind) for kind in RATED} if codebook else {},
    )
    for person, card in contents.items():
        for language in opened.config.languages:
            path = folder / f"{person}.{language}.html"
            path.write_text(render_card(card, str(language)), encoding="utf-8")
            path.chmod(0o600)
