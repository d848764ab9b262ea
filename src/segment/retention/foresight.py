"""What could not have been foreseen: later exits whose cause, tenure or day had no precedent before the cut.

A ranking on later time can fail for two reasons: the model is poor, or the later exits are of a kind that nobody had
seen when it learned. Only the second is visible from counts alone, so it is counted and said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.retention.evaluation import FEWEST_CASES, Evaluation
from segment.vocabulary import EndReason, Severity

#: Tenure counts as watched before where at least this many people passed through that month.
FEWEST_WATCHED = 10
#: Exits that share a day are named when they make up this share of their cause's later exits.
BUNDLED = 0.2
#: Observed over expected outside this range, with an interval that leaves 1 out, is named.
ABOUT_RIGHT = (0.8, 1.25)

#: Columns of findings about a model.
COLUMNS = ["code", "severity", "subject", "where", "count", "of", "value", "low", "high", "explanation", "advice"]
_NO_INTERVAL = (float("nan"), float("nan"))


@dataclass(frozen=True)
class Headline:
    """The one figure a model is introduced by: ``metric`` with its 95 % interval, and the cause it is about.

    Parameters
    ----------
    metric
        Name of the metric.
    cause
        The cause it is about; None: leaving for any cause.
    months
        The horizon; None where there is none.
    value, low, high
        The figure with its 95 % interval.

    Examples
    --------
    >>> told = Headline("auc_12", None, 12.0, 0.71, 0.65, 0.77)
    >>> told.metric, told.low > 0.5
    ('auc_12', True)
    """

    metric: str
    cause: str | None
    months: float | None
    value: float
    low: float
    high: float

    @property
    def is_chance(self) -> bool:
        """Whether the interval reaches down to a coin; of an unknown interval nothing is said."""
        return self.low <= 0.5


def headline(judged: Evaluation, causes: Sequence[str], *, months: float = 12) -> Headline:
    """What HR can act on, if it was judged: leaving of one's own will at the horizon nearest to ``months``.

    Falls back to leaving for any cause at that horizon, and then to Uno's concordance. Of a study with one cause, all
    leaving is of that cause.

    Parameters
    ----------
    judged
        What `evaluate` found.
    causes
        Names of the reasons for leaving.
    months
        The horizon that is looked for.

    Examples
    --------
    >>> rows = [("model", "hold-out", name, 0.6, 0.5, 0.7, 90) for name in ("uno", "auc_12", "auc_voluntary_12")]
    >>> columns = ["model", "sample", "metric", "value", "low", "high", "n"]
    >>> headline(Evaluation(pd.DataFrame(rows, columns=columns), pd.DataFrame()), ["voluntary", "involuntary"]).metric
    'auc_voluntary_12'
    """
    rows = judged.metrics[(judged.metrics["model"] == "model") & np.isfinite(judged.metrics["value"])]
    own = rows.set_index("metric")[["value", "low", "high"]].astype(float)
    only = next((str(cause) for cause in causes if len(causes) == 1 and cause != EndReason.LEFT), None)
    preferred = [c for c in ("voluntary",) if c in causes and len(causes) > 1]
    for cause in (*preferred, None):
        prefix = "auc_" if cause is None else f"auc_{cause}_"
        found = [n for n in own.index if str(n).startswith(prefix) and str(n).removeprefix(prefix).isdigit()]
        if found:
            name = min(found, key=lambda n: (abs(float(n.removeprefix(prefix)) - months), n))
            return Headline(name, cause or only, float(name.removeprefix(prefix)), *own.loc[name])
    name = next(n for n in ("uno", "auc") if n in own.index)
    return Headline(name, only, None, *own.loc[name])


def gain_of(metrics: pd.DataFrame) -> dict[str, float] | None:
    """``value``, ``low`` and ``high`` of the gain over the floor on people not learned from; None when not measured."""
    rows = metrics[metrics["metric"] == "gain"] if "metric" in metrics else metrics[:0]
    ends = ("value", "low", "high")
    if len(rows) != 1 or not np.isfinite(rows[list(ends)].to_numpy(dtype=float)).all():
        return None
    return {end: float(rows[end].iloc[0]) for end in ends}


def slope_of(metrics: pd.DataFrame, *, months: float) -> pd.Series | None:
    """The row of the model's calibration slope at the horizon nearest to ``months``; None when it was not measured."""
    rows = metrics[metrics["model"] == "model"] if "metric" in metrics else metrics[:0]
    if rows.empty:
        return None
    rows = rows[rows["metric"].astype(str).str.match(r"^(calibration_)?slope(_\d+)?$")]
    rows = rows[np.isfinite(rows[["value", "low", "high"]].to_numpy(dtype=float)).all(axis=1)]
    if rows.empty:
        return None
    horizon = rows["metric"].astype(str).str.extract(r"(\d+)$")[0].astype(float).fillna(months)
    result: pd.Series | None = rows.iloc[int(np.argmin(np.abs(horizon.to_numpy() - months)))]
    return result


def tells_people_apart(low: float, high: float) -> bool:
    """Whether a slope of calibration with this interval lets chances be read person by person.

    It surely lies above zero (Cox, Biometrika 1958: at zero differences that were foretold did not come back), and
    may lie near 1, where they came back as large as foretold.

    >>> [tells_people_apart(low, high) for low, high in ((0.6, 0.9), (-0.1, 1.0), (0.2, 0.6))]
    [True, False, False]
    """
    return low > 0 and low <= ABOUT_RIGHT[1] and high >= ABOUT_RIGHT[0]


def beats_floor(judged: Evaluation, causes: Sequence[str], *, months: float = 12) -> bool:
    """Whether a model may be called better than the floor by readers that say nothing else beside it.

    Its chances surely come closer to what happened, the ranking that it is introduced by is not that of a coin, and the
    slope of calibration does not say that they tell nobody apart.

    Parameters
    ----------
    judged, causes, months
        As in :func:`headline`.

    Examples
    --------
    >>> rows = [("model", "hold-out", "auc", 0.6, 0.45, 0.7, 90), ("model", "hold-out", "gain", 0.2, 0.1, 0.3, 90)]
    >>> columns = ["model", "sample", "metric", "value", "low", "high", "n"]
    >>> beats_floor(Evaluation(pd.DataFrame(rows, columns=columns), pd.DataFrame()), [])
    False
    """
    gain, slope = gain_of(judged.metrics), slope_of(judged.metrics, months=months)
    if gain is None or gain["low"] <= 0 or headline(judged, causes, months=months).is_chance:
        return False
    return slope is None or tells_people_apart(float(slope["low"]), float(slope["high"]))


def foresight_findings(
    before: pd.DataFrame,
    after: pd.DataFrame,
    judged: Evaluation,
    *,
    causes: Sequence[str],
    cut: pd.Timestamp,
    days: pd.Series | None = None,
    months: float = 12,
    tenure_only: bool = False,
) -> pd.DataFrame:
    """Compare exits after the cut with what had been seen before it.

    Parameters
    ----------
    before, after
        Spells (``entry``, ``exit`` in months of tenure, ``event`` 0 or 1.. into ``causes``) until and from the cut.
    judged
        The evaluation on ``after`` of a model that learned from ``before``.
    cut
        The first day held out.
    days
        Last day of employment per row of ``after``.
    months
        The horizon the headline is about.
    tenure_only
        Whether the model knows nothing but tenure: then nothing is said of its being no better than tenure.

    Returns
    -------
    DataFrame
        One row per finding: ``code``, ``severity``, ``subject`` (a cause), ``where``, ``count`` of ``of`` exits,
        ``value`` with its interval, ``explanation``, ``advice``. Codes: ``FO001`` a cause without precedent, ``FO002``
        exits at a tenure hardly anybody had reached, ``FO003`` exits bundled on single days, ``FO004`` ranking no
        better than a coin, ``FO005`` ranking no better than tenure alone, ``FO006`` another number of exits than
        expected. Nothing is said of fewer than ten exits.
    """
    since = f"{cut:%Y-%m-%d}"
    all_exits = int((after["event"] > 0).sum())
    reached = longest_watched(before)
    rows: list[tuple[object, ...]] = []
    for number, cause in enumerate(causes, start=1):
        later = after[after["event"] == number]
        earlier = int((before["event"] == number).sum())
        if len(later) < FEWEST_CASES:
            continue
        if earlier < FEWEST_CASES:
            rows.append(_new_cause(cause, len(later), all_exits, earlier, since))
        beyond = int((later["exit"] > reached).sum())
        if beyond >= FEWEST_CASES and earlier >= FEWEST_CASES:
            rows.append(_new_tenure(cause, beyond, len(later), reached, since))
        rows += _bundled(cause, len(later), None if days is None else days.loc[later.index])
    told = headline(judged, causes, months=months)
    its_own = all_exits if told.cause is None else int((after["event"] == 1 + list(causes).index(told.cause)).sum())
    rows += about_headline(told, judged, (its_own, all_exits), f"exits from {since} on", tenure_only=tenure_only)
    return pd.DataFrame(rows, columns=COLUMNS)


def longest_watched(before: pd.DataFrame) -> float:
    """The longest tenure in months that at least ten people had reached; infinite when fewer were watched.

    Parameters
    ----------
    before
        Spells known before the cut: ``exit`` in months of tenure, optionally ``person``.

    Examples
    --------
    >>> longest_watched(pd.DataFrame({"exit": np.arange(1.0, 31)}))
    21.0
    """
    per_person = before.groupby("person")["exit"].max() if "person" in before else before["exit"]
    longest = np.sort(per_person.to_numpy(dtype=float))[::-1]
    return float(longest[FEWEST_WATCHED - 1]) if len(longest) >= FEWEST_WATCHED else float("inf")


def _new_cause(cause: str, count: int, of: int, earlier: int, since: str) -> tuple[object, ...]:
    seen = "none" if earlier == 0 else f"only {earlier}" if earlier >= 5 else "hardly any"
    return (
        "FO001",
        Severity.WARNING,
        cause,
        f"exits from {since} on",
        count,
        of,
        count / of,
        *_NO_INTERVAL,
        f"{count} of {of} later exits were {cause}; {seen} had been seen before {since}: they could not be predicted.",
        "judge the other causes apart; nothing can be learned of this one from the time before",
    )


def _new_tenure(cause: str, count: int, of: int, reached: float, since: str) -> tuple[object, ...]:
    return (
        "FO002",
        Severity.WARNING,
        cause,
        f"exits from {since} on",
        count,
        of,
        count / of,
        *_NO_INTERVAL,
        f"{count} of {of} later {cause} exits came after more than {reached:.0f} months of service, which hardly "
        f"anybody had reached before {since}.",
        "do not read the ranking of people with the longest service; watch them for longer first",
    )


def _bundled(cause: str, of: int, days: pd.Series | None) -> list[tuple[object, ...]]:
    if days is None:
        return []
    counts = pd.to_datetime(days).dt.normalize().value_counts()
    crowded = counts[counts >= max(FEWEST_CASES, BUNDLED * of)]
    if crowded.empty:
        return []
    count, on = int(crowded.sum()), len(crowded)
    return [
        (
            "FO003",
            Severity.NOTE,
            cause,
            "last days of employment",
            count,
            of,
            float(on),
            *_NO_INTERVAL,
            f"{count} of {of} later {cause} exits fell on {on} day{'s' if on > 1 else ''}: a decision of the "
            "organisation more than of people.",
            "give such exits a reason of their own, so that they are judged apart",
        )
    ]


def within_precedent(told: Headline, *, people: int, of: int) -> pd.DataFrame:
    """One finding, ``FO007``: the headline of those people only whose tenure had been reached by others before the cut.

    ``people`` of the ``of`` people judged; columns as in :func:`foresight_findings`.

    Parameters
    ----------
    told
        The headline of those people.
    people
        How many they are.
    of
        Among how many that were judged.

    Examples
    --------
    >>> within_precedent(Headline("auc_12", None, 12.0, 0.71, 0.65, 0.77), people=80, of=100)["code"].tolist()
    ['FO007']
    """
    text = (
        f"Of the {people} people whose tenure others had reached before, {told.metric} is {told.value:.2f} "
        f"({told.low:.2f} to {told.high:.2f})."
    )
    where, advice = "people with a tenure seen before", "read the ranking of these people only"
    subject = told.cause or "any"
    row = ("FO007", Severity.NOTE, subject, where, people, of, told.value, told.low, told.high, text, advice)
    return pd.DataFrame([row], columns=COLUMNS)


def chance_finding(told: Headline, *, exits: int, where: str, of: int | None = None) -> pd.DataFrame:
    """``FO004`` where the headline's interval reaches down to a coin, else nothing.

    Parameters
    ----------
    told
        The headline.
    exits
        How many left for the headline's cause in the period it was judged on.
    where
        Words on where it was judged.
    of
        How many left for any cause; None: as many.

    Examples
    --------
    >>> [len(chance_finding(Headline("auc", None, None, 0.6, low, 0.7), exits=40, where="")) for low in (0.48, 0.55)]
    [1, 0]
    """
    if not told.is_chance:
        return pd.DataFrame(columns=COLUMNS)
    said = f"Of people not learned from {told.metric} is {told.value:.2f} ({told.low:.2f} to {told.high:.2f})"
    figures = (exits, exits if of is None else of, told.value, told.low, told.high)
    advice = "do not use the order of people; whether expected numbers hold is said apart"
    row = ("FO004", Severity.WARNING, told.cause or "any", where, *figures, f"{said}: no better than a coin.", advice)
    return pd.DataFrame([row], columns=COLUMNS)


def about_headline(
    told: Headline, judged: Evaluation, exits: tuple[int, int], where: str, *, tenure_only: bool
) -> list[tuple[object, ...]]:
    """What is said of the headline, as rows. ``exits``: those of the headline's cause, and those of any."""
    subject = told.cause or "any"
    rows = list(chance_finding(told, exits=exits[0], of=exits[1], where=where).itertuples(index=False, name=None))
    floor = None if tenure_only else _value(judged, told.metric, "kaplan-meier")
    if floor is not None and told.value < floor:
        rows.append(
            (
                "FO005",
                Severity.WARNING,
                subject,
                where,
                *exits,
                floor,
                *_NO_INTERVAL,
                f"On later time tenure alone reaches {told.metric} {floor:.2f}, the model {told.value:.2f}: what went "
                "together with leaving before did not afterwards.",
                "learn from more recent years, or use tenure only",
            )
        )
    ratio = _interval(judged, told.metric.replace("auc_", "oe_", 1))
    if ratio is not None and not ABOUT_RIGHT[0] <= ratio[0] <= ABOUT_RIGHT[1] and not ratio[1] <= 1 <= ratio[2]:
        rows.append(
            (
                "FO006",
                Severity.WARNING,
                subject,
                where,
                *exits,
                *ratio,
                f"{ratio[0]:.2f} times as many left as expected ({ratio[1]:.2f} to {ratio[2]:.2f}).",
                "read expected shares with their interval",
            )
        )
    return rows


def _interval(judged: Evaluation, metric: str, model: str = "model") -> tuple[float, float, float] | None:
    rows = judged.metrics[(judged.metrics["metric"] == metric) & (judged.metrics["model"] == model)]
    if rows.empty or not np.isfinite(rows[["value", "low", "high"]].to_numpy(dtype=float)).all():
        return None
    value, low, high = (float(rows[name].iloc[0]) for name in ("value", "low", "high"))
    return value, low, high


def _value(judged: Evaluation, metric: str, model: str) -> float | None:
    rows = judged.metrics[(judged.metrics["metric"] == metric) & (judged.metrics["model"] == model)]
    value = float(rows["value"].iloc[0]) if len(rows) else float("nan")
    return value if np.isfinite(value) else None
