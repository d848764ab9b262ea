"""What changed between two waves: each figure then and now, its change with an interval, and whether it is sure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import nan

import numpy as np
import pandas as pd
from scipy import stats

from segment.disclosure.figures import least_people, least_reach, share_bands
from segment.experience.answers import TOLD_ON, asked, numbers, person_means
from segment.experience.estimates import checked_level
from segment.experience.scorecard import Measure, concerned_by, measures_of, months_by_person
from segment.needs.multiplicity import holm
from segment.tables import spec_of
from segment.tables.codebook import Codebook, Item
from segment.vocabulary import ItemKind

Floats = np.ndarray

#: What a change is about: what needs lack, how much they weigh or are lived, promises kept, the seven Rs.
SHORTFALL, PROMISE, SEVEN = "shortfall", "promise", "seven"
#: Ends of a promise kept less promised, and of promoters less detractors.
_GAP, _POINTS = (-4.0, 4.0), (-100.0, 100.0)


@dataclass(frozen=True)
class Compared:
    """One figure that two waves may share: what it is about, its unit, its scale, and the questions it is made of.

    Two waves share it only where all of this is the same: the same questions, on the same scale.
    """

    topic: str
    about: str
    unit: str
    scale: tuple[float, float]
    questions: frozenset[str]
    r: str = ""

    @property
    def soft(self) -> bool:
        """Whether people count in a segment as far as they belong to it, as they do in profiles."""
        return self.topic not in (PROMISE, SEVEN)


@dataclass(frozen=True)
class Wave:
    """Everyone who answered one wave: a value per person and figure, a weight, and where they belong."""

    people: pd.Index
    weights: Floats
    figures: Mapping[Compared, Floats]
    segments: Floats
    memberships: Mapping[int, Floats] = field(default_factory=dict)

    def within(self, segment: float, *, soft: bool) -> Floats:
        """The weight of each person in a segment; NaN: in everyone together."""
        inside: Floats = np.ones(len(self.weights))
        if segment == segment:
            hard = self.segments == segment
            inside = self.memberships.get(int(segment), hard) if soft else hard
        return np.asarray(self.weights * inside)

    def counted(self, segment: float, values: Floats) -> int:
        """How many of a segment's people have a value."""
        inside = np.isfinite(values) if segment != segment else np.isfinite(values) & (self.segments == segment)
        return int(inside.sum())


def change_table(
    responses: pd.DataFrame,
    assignments: pd.DataFrame | None,
    codebook: Codebook,
    need_scores: pd.DataFrame | None,
    *,
    waves: Sequence[str],
    by_segment: Mapping[str, str] | None = None,
    tenure: pd.DataFrame | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Each figure of a wave beside the same figure of the last wave that asked the same.

    Parameters
    ----------
    responses
        One row per person and wave with item columns and, perhaps, ``weight``.
    assignments
        One row per person and wave with ``segment`` and, perhaps, memberships ``p_1`` ..; None: everyone only.
    codebook
        The questionnaire: which questions are about which need, or which R.
    need_scores
        One row per person and wave with ``shortfall_``, ``importance_`` and ``experience_`` columns per need.
    waves
        The waves, earliest first.
    by_segment
        Later wave -> the earlier one with which its segments may be compared: one model says the same of both.
    tenure
        Months of tenure per person and wave, for items that are asked of newcomers only.
    level
        Of the intervals, 0 to 1.

    Returns
    -------
    DataFrame
        Table ``changes``: per wave, segment (NaN: everyone) and figure the people of either wave, the figure then
        (``before``) and ``now`` in its unit, the ``change`` with its interval (``change_low``, ``change_high``; of
        shares in points of a hundred) and ``direction``: more, less, or unsure. No rows where nothing was asked twice.
        A figure of which nearly everyone says the same in either wave is left out: its change would say how nearly. No
        interval is as narrow as if all had answered alike.

    Notes
    -----
    The change is d = m2 - m1, of weighted means. People of both waves are no two people: with u_ti = w_ti (y_ti - m_t)
    / sum w_t, corrected by e_t / (e_t - 1) for the effective number of people e_t (Kish, 1965), its variance is the
    sum over all people of (u_2i - u_1i)^2, u being 0 in a wave somebody missed (Binder, 1983; Berger, 2004, Canadian
    Journal of Statistics 32, for rotating samples). Student's t has min(e_1, e_2) - 1 degrees of freedom. Which
    changes are surely none of chance is decided over all figures of a group together (Holm, 1979).
    """
    checked_level(level)
    schema = spec_of("changes")
    read = {wave: _read(wave, responses, assignments, codebook, need_scores, tenure) for wave in waves}
    rows: list[dict[str, object]] = []
    for place, wave in enumerate(waves):
        earlier = next((one for one in reversed(waves[:place]) if _shared(read[one], read[wave])), None)
        if earlier is None:
            continue
        then, now = read[earlier], read[wave]
        comparable = (by_segment or {}).get(wave) == earlier
        own = sorted(set(then.segments) & set(now.segments)) if comparable else []
        for segment in (nan, *(float(one) for one in own if one == one)):
            found = [_row(one, then, now, segment, level) for one in _shared(then, now)]
            told = _judged([row for row in found if row is not None], level)
            rows += [{"wave": wave, "since": earlier, "segment": segment, **row} for row in told]
    if not rows:
        return schema.empty()
    table = pd.DataFrame(rows).astype({"n": "int64", "n_before": "int64"})
    return schema.check(table)


def _shared(then: Wave, now: Wave) -> list[Compared]:
    return [one for one in now.figures if one in then.figures]


def _read(
    wave: str,
    responses: pd.DataFrame,
    assignments: pd.DataFrame | None,
    codebook: Codebook,
    need_scores: pd.DataFrame | None,
    tenure: pd.DataFrame | None,
) -> Wave:
    """Everyone's values in one wave."""
    answers = responses[responses["wave"] == wave].drop_duplicates("person").reset_index(drop=True)
    people = pd.Index(answers["person"])
    weights = answers["weight"].to_numpy(dtype=float) if "weight" in answers else np.ones(len(answers))
    values = {
        **_of_needs(answers, codebook, need_scores, wave),
        **_of_promises(answers, codebook),
        **_of_rs(answers, codebook, months_by_person(tenure)),
    }
    if assignments is None or assignments.empty:
        return Wave(people, weights, values, np.full(len(people), nan))
    own = assignments[assignments["wave"] == wave].set_index("person").reindex(people)
    soft = {
        int(name.removeprefix("p_")) - 1: own[name].fillna(0.0).to_numpy(dtype=float)
        for name in own.columns
        if name.startswith("p_")
    }
    return Wave(people, weights, values, own["segment"].to_numpy(dtype=float), soft)


def _of_needs(
    answers: pd.DataFrame, codebook: Codebook, need_scores: pd.DataFrame | None, wave: str
) -> dict[Compared, Floats]:
    """What each need lacks, and how much it weighs or, where that was not asked, how it is lived."""
    if need_scores is None or need_scores.empty:
        return {}
    scores = need_scores[need_scores["wave"] == wave].drop_duplicates("person").set_index("person")
    scores = scores.reindex(answers["person"])
    weighed = any(str(name).startswith("importance_") and scores[name].notna().any() for name in scores)
    rated = ItemKind.IMPORTANCE if weighed else ItemKind.EXPERIENCE
    found: dict[Compared, Floats] = {}
    for need in codebook.needs:
        asked_of = {
            kind: frozenset(_answered([i for i in codebook.by_code(kind) if i.need == need], answers))
            for kind in (ItemKind.IMPORTANCE, ItemKind.EXPERIENCE)
        }
        both = frozenset().union(*asked_of.values())
        if f"shortfall_{need}" in scores and all(asked_of.values()):
            one = Compared(SHORTFALL, need, "share", (0.0, 1.0), both)
            found[one] = scores[f"shortfall_{need}"].to_numpy(dtype=float)
        if f"{rated}_{need}" in scores and asked_of[rated]:
            given = scores[f"{rated}_{need}"].to_numpy(dtype=float)
            if need in codebook.yes_no_needs(rated):
                low, high = TOLD_ON
                found[Compared(str(rated), need, "share", (0.0, 1.0), asked_of[rated])] = (given - low) / (high - low)
            else:
                found[Compared(str(rated), need, "mean", TOLD_ON, asked_of[rated])] = given
    return {one: values for one, values in found.items() if np.isfinite(values).any()}


def _answered(items: Sequence[Item], answers: pd.DataFrame) -> list[str]:
    """The items that anybody answered, with the ends of their scales."""
    return [f"{i.code} {i.low:g} {i.high:g}" for i in asked(items, answers) if answers[i.code].notna().any()]


def _of_promises(answers: pd.DataFrame, codebook: Codebook) -> dict[Compared, Floats]:
    """What was kept less what was promised, need by need, of who answered both."""
    found = {}
    two = codebook.yes_no_needs(ItemKind.PROMISED, ItemKind.KEPT)
    for need in codebook.needs:
        sides = [
            [i for i in asked(codebook.by_code(kind), answers) if i.need == need and answers[i.code].notna().any()]
            for kind in (ItemKind.PROMISED, ItemKind.KEPT)
        ]
        if need not in two and all(sides):
            promised, kept = (person_means(answers, side, scale=TOLD_ON) for side in sides)
            questions = frozenset(code for side in sides for code in _answered(side, answers))
            found[Compared(PROMISE, need, "mean", _GAP, questions)] = kept - promised
    return found


def _of_rs(answers: pd.DataFrame, codebook: Codebook, months: pd.Series | None) -> dict[Compared, Floats]:
    """The measures of the seven Rs that are asked, one value per person."""
    found = {}
    for measure in measures_of(codebook):
        items = [item for item in asked(measure.items, answers) if answers[item.code].notna().any()]
        if not items:
            continue
        values, unit, scale = _of_measure(answers, measure, items)
        values = np.where(concerned_by(answers, items, months), values, nan)
        if np.isfinite(values).any():
            questions = frozenset(_answered(items, answers))
            found[Compared(SEVEN, measure.name, unit, scale, questions, measure.r)] = values
    return found


def _of_measure(
    answers: pd.DataFrame, measure: Measure, items: Sequence[Item]
) -> tuple[Floats, str, tuple[float, float]]:
    if measure.name == ItemKind.ENPS:
        given = numbers(answers, items[0].code)
        points = np.where(given >= 9, 100.0, np.where(given <= 6, -100.0, 0.0))
        return np.where(np.isfinite(given), points, nan), "points", _POINTS
    if measure.name == ItemKind.REFERRAL:
        yes = numbers(answers, items[0].code)
        return np.where(np.isfinite(yes), (yes == items[0].high).astype(float), nan), "share", (0.0, 1.0)
    share = all(item.is_yes_no for item in items)
    scale = (0.0, 1.0) if share else TOLD_ON
    return person_means(answers, items, scale=scale), "share" if share else "mean", scale


def _row(one: Compared, then: Wave, now: Wave, segment: float, level: float) -> dict[str, object] | None:
    """One figure of one group in both waves; None where it may not, or cannot, be compared."""
    sides = [_mean(wave, one, segment) for wave in (then, now)]
    if any(side is None for side in sides):
        return None
    before, after = (side for side in sides if side is not None)
    if any(_nearly(side, one.scale) for side in (before, after)):
        return None
    change = after.value - before.value
    together = pd.concat([pd.Series(-before.parts, index=then.people), pd.Series(after.parts, index=now.people)])
    error = float(np.sqrt((together.groupby(level=0, sort=False).sum() ** 2).sum()))
    freedom = min(before.effective, after.effective) - 1
    reach = float(stats.t.ppf(0.5 + level / 2, freedom)) * error
    ends = (np.array([one.scale[0]]), np.array([one.scale[1]]))
    reach = max(reach, float(least_reach(least_people(np.array([min(before.n, after.n)])), ends=ends)[0]))
    certain = 2 * float(stats.t.sf(abs(change) / error, freedom)) if error > 0 else 1.0
    size = 100.0 if one.unit == "share" else 1.0
    told = {"topic": one.topic, "r": one.r, "about": one.about, "unit": one.unit}
    ends_told = {"scale_low": one.scale[0], "scale_high": one.scale[1]}
    sides_told = {"n": after.n, "n_before": before.n, "before": before.value, "now": after.value}
    interval = {"change": size * change, "change_low": size * (change - reach), "change_high": size * (change + reach)}
    return {**told, **ends_told, **sides_told, **interval, "p_value": certain}


@dataclass(frozen=True)
class _Mean:
    """A weighted mean with each person's part in its doubt."""

    n: int
    value: float
    effective: float
    parts: Floats


def _mean(wave: Wave, one: Compared, segment: float) -> _Mean | None:
    values = wave.figures[one]
    weights = np.where(np.isfinite(values), wave.within(segment, soft=one.soft), 0.0)
    total, n = float(weights.sum()), wave.counted(segment, values)
    effective = total**2 / float(weights @ weights) if total > 0 else 0.0
    if n < 2 or effective < 2 - 1e-9:
        return None
    known = np.where(np.isfinite(values), values, 0.0)
    mean = float(weights @ known) / total
    parts = np.sqrt(effective / (effective - 1)) * weights * (known - mean) / total
    return _Mean(n, mean, effective, parts)


def _nearly(mean: _Mean, scale: tuple[float, float]) -> bool:
    """Whether nearly all of so many people are at one end: a figure that is reported as a band, or not at all."""
    low, high = scale
    none, all_of = share_bands(np.array([mean.n]))
    place = (mean.value - low) / (high - low)
    return bool(place <= none[0] + 1e-9 or place >= all_of[0] - 1e-9)


def _judged(rows: list[dict[str, object]], level: float) -> list[dict[str, object]]:
    """The rows with which way each surely went; over all of them, one in twenty groups has a wrong one (Holm, 1979)."""
    sure = holm([float(str(row["p_value"])) for row in rows]) <= 1 - level
    ways = ["more" if float(str(row["change"])) > 0 else "less" for row in rows]
    return [{**row, "direction": way if known else "unsure"} for row, way, known in zip(rows, ways, sure, strict=True)]
