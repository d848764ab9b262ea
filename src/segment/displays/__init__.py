"""Figures for HR: released tables drawn as inline SVG, each with its words and its numbers beside it."""

from segment.displays.base import Display, Panel
from segment.displays.labels import Labels

__all__ = ["Display", "Labels", "Panel"]
