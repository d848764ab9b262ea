"""The questionnaire and the catalogue of a study, read from its settings."""

from __future__ import annotations

from segment.stages.base import OpenStudy
from segment.tables.codebook import Codebook, read_codebook


def codebook_of(opened: OpenStudy) -> Codebook | None:
    """The study's codebook, or ``None`` for a study without a survey."""
    settings = opened.config.codebook
    if settings is None:
        return None
    names = {need: text.texts for need, text in settings.needs.items()}
    return read_codebook(
        opened.study.config_path(settings.file), scales=settings.scales, need_names=names, labels=settings.labels
    )
