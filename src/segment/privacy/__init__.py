"""The two gates out: figures about groups under release rules, and figures about one person under governance."""

from segment.privacy.release import ReleasedTable, release
from segment.privacy.rules import ReleaseRules

__all__ = ["ReleaseRules", "ReleasedTable", "release"]
