"""The dossier of a run: the documents that works council, officer, staff and reviewers need, from real values."""

from segment.exports.dossier.bill import BILL, bill_of_materials
from segment.exports.dossier.facts import FIXED_COLUMNS, Column, Facts, ModelFacts
from segment.exports.dossier.writing import DOCUMENTS, FOLDER, render_dossier

__all__ = [
    "BILL",
    "DOCUMENTS",
    "FIXED_COLUMNS",
    "FOLDER",
    "Column",
    "Facts",
    "ModelFacts",
    "bill_of_materials",
    "render_dossier",
]
