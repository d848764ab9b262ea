"""Segments of people who share needs: found, tested against chance, or made; described and kept."""

from segment.segments.decision import Decision
from segment.segments.division import divided
from segment.segments.gates import Gates
from segment.segments.latent_class import LatentClass
from segment.segments.needs_mixture import NeedsMixture
from segment.segments.selection import SegmentSelector
from segment.segments.typing_tool import TypingTool

__all__ = ["Decision", "Gates", "LatentClass", "NeedsMixture", "SegmentSelector", "TypingTool", "divided"]
