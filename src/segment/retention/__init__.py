"""Who stays, for how long, and how sure we are."""

from segment.retention.dated_spells import periods_from_snapshots, spells_from_dates, split_by_time
from segment.retention.hazard import Ahead, HazardModel
from segment.retention.horizon import HorizonModel
from segment.retention.outcomes import Watched, check_spells
from segment.retention.person_period import PersonMonths, PersonMonthSource

__all__ = [
    "Ahead",
    "HazardModel",
    "HorizonModel",
    "PersonMonthSource",
    "PersonMonths",
    "Watched",
    "check_spells",
    "periods_from_snapshots",
    "spells_from_dates",
    "split_by_time",
]
