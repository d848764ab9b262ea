"""The models that a watch is about: those that were decided on, else the newest, with what their cards say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from segment.errors import NotReady
from segment.retention.hazard import HazardModel
from segment.retention.scorer import RetentionScorer
from segment.segments.frozen import SegmentScorer
from segment.stages.audit_log import refuse_unwitnessed
from segment.stages.base import OpenStudy, decided_store
from segment.store import Store, read_json

_ADVICE = "run the study again, and promote the version it makes"


@dataclass(frozen=True)
class Watched:
    """One model with its card; ``decided``: whether a reviewer decided on it."""

    scorer: SegmentScorer | RetentionScorer
    card: Mapping[str, object]
    decided: bool

    @property
    def segments(self) -> SegmentScorer:
        """It as a segmentation."""
        if not isinstance(self.scorer, SegmentScorer):
            raise AssertionError("a segmentation is required")
        return self.scorer

    @property
    def hazards(self) -> HazardModel | None:
        """Its model of leaving over time; None where it knows one horizon only."""
        model = self.scorer.model if isinstance(self.scorer, RetentionScorer) else None
        return model if isinstance(model, HazardModel) else None


def watched_model(opened: OpenStudy, model: str, *, newest: bool = False) -> Watched | None:
    """A model as it was decided on, or the newest where nobody has, or that was asked for; None where there is none.

    Raises
    ------
    Refusal
        The event log does not know its file.
    """
    decided = decided_store(opened.store.models)
    chosen = decided if decided.model_path(model).is_file() and not newest else opened.store
    file = chosen.model_path(model)
    if not file.is_file():
        return None
    refuse_unwitnessed(opened.book, opened.key, file, advice=_ADVICE)
    return read_watched(chosen, model, decided=chosen is decided)


def read_watched(store: Store, model: str, *, decided: bool) -> Watched:
    """A model of a store, with its card."""
    card = _card(store.model_path(model))
    if model == "segmentation":
        return Watched(store.load_model(model, SegmentScorer), card, decided)
    return Watched(store.load_model(model, RetentionScorer), card, decided)


def _card(file: Path) -> Mapping[str, object]:
    try:
        return dict(read_json(file.with_suffix(".json")))
    except NotReady:
        return {}
