"""The observation window after a purge: it begins when the last purged leaver had left, so that exits are not missed.

A purge takes people out who left long ago and keeps those who stayed. Watching from before would see their years of
staying and none of the exits beside them, and take leaving for rarer than it was. Who was there already on the new
first day counts from then on (left truncation).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math

from segment.config import Study
from segment.store import read_json
from segment.vocabulary import DAYS_PER_MONTH, OutcomeKind

#: The list of who stays out of a study; it also remembers up to which day leavers are gone.
FILE = "excluded.json"


def leavers_gone(study: Study) -> dt.date | None:
    """The day before which everybody who left may have been purged; None where nobody was."""
    path = study.workspace / FILE
    day = read_json(path).get("leavers_gone") if path.is_file() else None
    return dt.date.fromisoformat(day) if day else None


def after_purges(study: Study) -> Study:
    """The study with its window begun after purged exits; without an outcome if none of the window is left."""
    outcome, gone = study.config.outcome, leavers_gone(study)
    if gone is None or outcome is None or outcome.window is None or outcome.window.start >= gone:
        return study
    window = outcome.window.model_copy(update={"start": gone})
    left = outcome.model_copy(update={"window": window}) if gone < window.end else None
    return dataclasses.replace(study, config=study.config.model_copy(update={"outcome": left}))


def first_day_kept(study: Study, day: dt.date) -> dt.date:
    """The first day whose exits are all still there after a purge on a day."""
    periods = study.config.privacy.retention
    return day - dt.timedelta(days=math.floor(min(periods.employee, periods.alumnus) * DAYS_PER_MONTH))


def warn_of_purge(study: Study) -> list[str]:
    """What a purge would cost the model of leaving, where the window reaches back further than people are kept."""
    outcome = study.config.outcome
    if outcome is None or outcome.kind != OutcomeKind.SPELLS or outcome.window is None:
        return []
    start, end = outcome.window.start, outcome.window.end
    kept = max(first_day_kept(study, end), start)
    lost, all_of_it = ((one - start).days / DAYS_PER_MONTH for one in (kept, end))
    if lost < 1:
        return []
    periods = study.config.privacy.retention
    return [
        f"Leavers are kept for {min(periods.employee, periods.alumnus)} months and the window holds {all_of_it:.0f}: "
        f"a purge on its last day takes the exits of the first {lost:.0f} months away, and the window then begins "
        f"on {kept}. Longer periods (privacy.retention) need a reason of their own."
    ]
