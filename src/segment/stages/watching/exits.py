"""Exits since a retention model was learned, beside those it expected: of everyone, and of protected groups."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from segment.disclosure.release import release
from segment.drift import ALPHA, Advice, Alarm, Ratio, observed_against_expected
from segment.floors import FLOORS
from segment.retention import split_by_time
from segment.stages.base import OpenStudy
from segment.stages.causes import causes_in
from segment.stages.release.plans import rules_of
from segment.stages.retention.evaluation import protected_bands
from segment.stages.retention.features import known_on, known_over_time
from segment.stages.retention.hold_out import observed_and_expected
from segment.stages.watching.champion import Watched
from segment.vocabulary import DAYS_PER_MONTH

_DAY = pd.Timedelta(days=1)
#: Fewest exits that may be expected of a group before it is held against them.
_EXPECTED = 5.0


def watch_exits(opened: OpenStudy, watched: Watched) -> tuple[list[str], list[Alarm]]:
    """What came since the model was learned: sentences, and alarms."""
    since = since_learned(opened, watched)
    if since is None:
        return ["exits: a model of one horizon is judged when that is over"], []
    if since.empty:
        return ["exits: nobody was watched for a month after the model was learned"], []
    months = round(float(since["months"].iloc[0]))
    told = observed_against_expected(
        float(since["observed"].sum()), float(since["expected"].sum()), alpha=ALPHA["outcomes"]
    )
    if told.observed < FLOORS.min_group:
        return [f"exits: fewer than {FLOORS.min_group} within {months} months"], []
    line = f"exits: {_said(told)} as many as expected within {months} months"
    alarms = [Alarm("DR004", "exits", f"{_said(told)} as many as expected.", Advice.RECALIBRATE)] if told.alarm else []
    lines, unfair = _groups(opened, since, told)
    return [line, *lines], [*alarms, *unfair]


def since_learned(opened: OpenStudy, watched: Watched) -> pd.DataFrame | None:
    """One row per person employed when the model was learned: exits and what was expected, and the months watched.

    None where the model knows no time; no rows where less than a month has passed.
    """
    model, period = watched.hazards, watched.card.get("period")
    outcome = opened.config.outcome
    if model is None or not isinstance(period, list) or not opened.store.has("spells"):
        return None
    if outcome is None or outcome.window is None:
        return None
    start, end = pd.Timestamp(outcome.watched.start), pd.Timestamp(outcome.watched.end)
    cut = pd.Timestamp(str(period[1])) + _DAY
    months = (end - cut).days / DAYS_PER_MONTH
    columns = ["person", "observed", "expected", "months"]
    if months < 1 or cut <= start:
        return pd.DataFrame(columns=columns)
    spells = opened.store.read("spells")[["person", "spell"]]
    people = opened.store.read("people").merge(spells, on=["person", "spell"])
    _, later = split_by_time(people, cut=cut, window_start=start, window_end=end, causes=causes_in(opened))
    later = later[people.loc[later.index, "start_date"] <= cut]
    if later.empty:
        return pd.DataFrame(columns=columns)
    keys = pd.MultiIndex.from_frame(people.loc[later.index, ["person", "spell"]])
    seen = known_on(known_over_time(opened, people, start), cut).reindex(keys).set_index(later.index)
    seen = seen.reindex(columns=model.plan_.names)
    found = observed_and_expected(opened, model, people, seen, later, cut=cut)
    return found.assign(months=months)[columns]


def _groups(opened: OpenStudy, since: pd.DataFrame, whole: Ratio) -> tuple[list[str], list[Alarm]]:
    """Groups of protected attributes whose ratio everyone's does not allow; hidden groups are not looked at."""
    groups = protected_bands(opened, since["person"])
    shown: Mapping[tuple[str, str], np.ndarray] = {
        (str(name), group): inside for name in groups for group, inside in _released(opened, groups[name]).items()
    }
    alarms = []
    for (name, group), inside in shown.items():
        expected = float(since.loc[inside, "expected"].sum())
        observed = float(since.loc[inside, "observed"].sum())
        if expected < _EXPECTED or observed < FLOORS.min_group:
            continue
        told = observed_against_expected(observed, expected, alpha=ALPHA["fairness"] / len(shown))
        if told.low > whole.high or told.high < whole.low:
            text = (
                f"of a group of {name}, {_said(told)} as many left as expected, where it is {whole.value:.1f} for all."
            )
            alarms.append(Alarm("DR005", f"{name} {group}", text, Advice.REFIT))
    told_of = sorted({name for name, _ in shown})
    return ([f"fairness: exits held against expected by {', '.join(told_of)}"] if told_of else []), alarms


def _released(opened: OpenStudy, groups: pd.Series) -> dict[str, np.ndarray]:
    """The groups that may be shown, with who is inside."""
    counts = groups.value_counts().rename_axis("group").rename("n").reset_index()
    if counts.empty:
        return {}
    rules = rules_of(opened)
    table = release(
        "watched_groups", counts.assign(rate=0.5), groups=["group"], count="n", shares=["rate"], rules=rules
    )
    names = table.frame.loc[table.frame["status"] != "hidden", "group"].astype(str)
    return {name: (groups == name).fillna(False).to_numpy(dtype=bool) for name in names}


def _said(told: Ratio) -> str:
    return f"{told.value:.1f} times ({told.low:.1f} to {told.high:.1f})"
