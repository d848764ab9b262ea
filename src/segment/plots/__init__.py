"""Pictures for a notebook, in scikit-learn's manner: curves, profiles, stability and calibration.

They show what a fitted model or a table of its answers says, to whoever may see the people behind it; nothing here is
released. What leaves is drawn from released tables (``segment.displays``).
"""

from segment.plots.calibration import CalibrationDisplay
from segment.plots.curves import CurveDisplay
from segment.plots.profiles import ProfileDisplay
from segment.plots.stability import StabilityDisplay

__all__ = ["CalibrationDisplay", "CurveDisplay", "ProfileDisplay", "StabilityDisplay"]
