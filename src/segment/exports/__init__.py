"""Files that HR receives: report, method, workbook, one-pagers, cards and the manifest beside them."""

from segment.exports.card import CardContent, CardLine, card_contents, render_card
from segment.exports.manifest import write_manifest
from segment.exports.method import render_method
from segment.exports.onepager import render_onepager
from segment.exports.report import render_report
from segment.exports.story import Story
from segment.exports.workbook import render_workbook

__all__ = [
    "CardContent",
    "CardLine",
    "Story",
    "card_contents",
    "render_card",
    "render_method",
    "render_onepager",
    "render_report",
    "render_workbook",
    "write_manifest",
]
