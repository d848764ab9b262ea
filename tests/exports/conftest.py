"""Lets these tests use the simulated story that all tests of HR's files share."""

import sys
from pathlib import Path

_SHARED = str(Path(__file__).resolve().parents[1] / "exports")
if _SHARED not in sys.path:
    sys.path.append(_SHARED)
