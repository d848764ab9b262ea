"""The dossier of a run: the documents that works council, officer, staff and reviewers need, from real values."""

from segment.exports.dossier.facts import FIXED_COLUMNS, Column, Facts, ModelFacts
from segment.exports.dossier.writing import DOCUMENTS, FOLDER, render_dossier

__all__ = ["DOCUMENTS", "FIXED_COLUMNS", "FOLDER", "Column", "Facts", "ModelFacts", "render_dossier"]
