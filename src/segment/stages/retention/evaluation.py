"""What every kind of retention model is judged by: metrics, groups, shares per segment, worth, and the model's card."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from segment.disclosure.figures import BROAD_DIGITS, BROAD_UNDER, share_bands
from segment.proportions import wilson_interval
from segment.retention import (
    Evaluation,
    HazardModel,
    Headline,
    HorizonModel,
    calibration_reservations,
    fairness_reservations,
    group_results,
    proxy_test,
)
from segment.retention import model_card as retention_card
from segment.retention.foresight import beats_floor, gain_of
from segment.retention.levels import Level, drawn_levels, level_of_exits, level_of_weighted_exits
from segment.stages.base import OpenStudy, learned_from
from segment.stages.causes import causes_in
from segment.stages.counts import without_rare
from segment.stages.retention.features import columns_taken
from segment.stages.survey_weights import weight_in_segments, weight_of_outcome
from segment.stages.waves import by_wave
from segment.tables import spec_of
from segment.tracking.intake import as_rows
from segment.tracking.records import PARENT, Record, metric, param
from segment.tracking.records import model as model_record

#: People the proxy test looks at: an AUC within a few hundredths, at a fraction of the time.
_PROXY_PEOPLE = 1500

#: What the headline counts where it is about no one cause.
_ANY = "any reason"

#: How often a model that gives everyone the same chance orders two people rightly.
_COIN = 0.5


def hazard_of(opened: OpenStudy) -> HazardModel:
    """An unfitted hazard model with the study's settings."""
    settings = opened.config.retention
    return HazardModel(
        settings.learner,
        causes_in(opened),
        opened.config.random_state,
        max_rows=settings.max_rows,
    )


def as_events(spells: pd.DataFrame, causes: tuple[str, ...]) -> pd.DataFrame:
    """The ``spells`` table with causes as numbers, 0 for who stayed, as the models take it."""
    event = spells["cause"].map({cause: i for i, cause in enumerate(causes, start=1)}).fillna(0).astype("int64")
    return spells.assign(event=event).reset_index(drop=True)


def checked(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables that hold anything, each held to its schema."""
    return {name: spec_of(name).check(frame) for name, frame in tables.items() if not frame.empty}


def knows_only_tenure(model: HazardModel | HorizonModel, cause: str | None) -> bool:
    """Whether nothing was surely better than the floor for this cause (for any, where it is ``None``)."""
    table = model.competition_
    rows = table if cause is None or "cause" not in table else table[table["cause"] == cause]
    return bool((rows.loc[rows["chosen"], "learner"] == "floor").all())


def model_records(
    opened: OpenStudy,
    judged: Evaluation,
    findings: pd.DataFrame,
    told: Headline,
    *,
    tried: Sequence[Record],
    also: Sequence[Record] = (),
) -> list[Record]:
    """What the tracker gets of a retention model: how it did, what was found, what else was tried, and the model."""
    figures = [*_evaluation_records(opened, judged), *_finding_records(findings, told)]
    return [*figures, *tried, *also, model_record("retention", run="retain")]


def _evaluation_records(opened: OpenStudy, judged: Evaluation) -> list[Record]:
    """The model's own metrics on held-out people, on the parent and on the stage.

    The gain over the floor goes with its interval; ``beats_floor`` is 1 only where that lies above zero and the
    ranking is not that of a coin.
    """
    own = judged.metrics[judged.metrics["model"] == "model"]
    figures, gain = _figures(own), gain_of(judged.metrics)
    if gain is not None:
        figures |= {"gain_low": gain["low"], "gain_high": gain["high"]}
    slope = own[own["metric"].isin(["slope", f"slope_{opened.outcome.months:g}"])]
    for end, column in (("", "value"), ("_low", "low"), ("_high", "high")):
        figures |= {f"slope{end}": float(value) for value in slope[column].dropna()}
    figures["beats_floor"] = float(beats_floor(judged, causes_in(opened), months=opened.outcome.months))
    records = [metric(name, value, run=run) for run in (PARENT, "retain") for name, value in figures.items()]
    return [*records, *_lines(figures)]


def _lines(figures: Mapping[str, float]) -> list[Record]:
    """Figures of several horizons as lines over months, one per measure.

    >>> [(one.name, one.step, one.number) for one in _lines({"auc_6": 0.6, "auc_12": 0.7, "uno": 0.6})]
    [('horizons/auc', 6, 0.6), ('horizons/auc', 12, 0.7)]
    """
    parts = ((name.rpartition("_"), value) for name, value in figures.items())
    return [
        metric(f"horizons/{measure}", value, run="retain", step=int(months))
        for (measure, _, months), value in parts
        if measure and months.isdigit()
    ]


def _figures(rows: pd.DataFrame) -> dict[str, float]:
    """Metric -> value, of those that have one."""
    values = zip(rows["metric"].astype(str), rows["value"].to_numpy(dtype=float), strict=True)
    return {name: float(value) for name, value in values if np.isfinite(value)}


def _finding_records(findings: pd.DataFrame, told: Headline) -> list[Record]:
    """The figure the model is introduced by, and how many findings of each code there are."""
    records = [param("retention.headline", told.metric), param("retention.headline_exits", told.cause or _ANY)]
    ends = {"headline": told.value, "headline_low": told.low, "headline_high": told.high}
    records += [metric(name, value) for name, value in ends.items() if np.isfinite(value)]
    counts = findings["code"].value_counts().sort_index()
    return records + [metric(f"finding_{code}", int(number)) for code, number in counts.items()]


def say_later(
    told: Headline,
    findings: pd.DataFrame | None,
    expected: tuple[float, int] | None,
    *,
    on: str = "later time",
    fewest: int = 10,
    counted: str = "",
) -> str:
    """One line on how well leaving was foretold, what could not be, and how much of it is to come.

    ``expected`` is the share that will leave within a year, as the report says it, and of how many; ``counted`` says
    whether figures are weighted, in a study whose answers are. The line goes to
    logs and to the tracker: nothing is said of fewer than ``fewest`` people or exits.
    """
    name = f"leaving for {_ANY}" if told.cause is None else f"{told.cause} leaving"
    months = "" if told.months is None else f" at {told.months:g} months"
    measure = "concordance" if told.months is None else "AUC"
    how = f", {counted}" if counted else ""
    parts = [f"{name} on {on}: {measure}{months} {say_value(told)}{how}"]
    if told.value == _COIN and not np.isfinite([told.low, told.high]).any():
        parts[0] = f"{name} on {on}: nobody is told apart, as only years of service are known{how}"
    if told.is_chance:
        parts[0] += ", no better than chance"
    if findings is not None:
        unseen = findings[(findings["code"] == "FO001") & (findings["count"] >= fewest)]
        rows = zip(unseen["count"], unseen["of"], unseen["subject"], strict=True)
        parts += [f"{count} of {of} exits {subject}, not seen before" for count, of, subject in rows]
        parts += say_instead(findings)
    share = None if expected is None else say_share(*expected, fewest=fewest)
    if share is not None:
        parts.append(f"expected to leave within a year: {share}" + (f" ({counted})" if counted else ""))
    return "; ".join(parts)


def say_instead(findings: pd.DataFrame) -> list[str]:
    """That the cause the study asks for is not what the headline is about, where that is so."""
    asked = findings.loc[findings["code"] == "RT013", "subject"]
    return [f"{cause} leaving is asked for but not reported separately" for cause in asked]


def say_value(told: Headline) -> str:
    """The headline with its interval, rounded outward, so that what is printed holds what is printed.

    >>> say_value(Headline("auc", None, None, 0.6664, 0.66512, 0.7181))
    '0.666 (0.665-0.719)'
    """
    if not np.isfinite([told.low, told.high]).all():
        return f"{told.value:.3f}"
    return f"{told.value:.3f} ({np.floor(1000 * told.low) / 1000:.3f}-{np.ceil(1000 * told.high) / 1000:.3f})"


def say_share(share: float, people: int, *, fewest: int) -> str | None:
    """A share of everyone as a line of progress may say it: nothing of fewer people, nearly all and none as bands.

    It is rounded as a release rounds it, of fewer than twenty people to a tenth.

    >>> [say_share(share, people, fewest=10) for share, people in ((0.113, 2000), (0.02, 2000), (0.07, 15), (0.5, 8))]
    ['11%', 'at most 5%', 'at most 10%', None]
    """
    if people < fewest:
        return None
    none, all_of = (float(edge) for edge in share_bands(np.array(people)))
    if not none < share < all_of:
        return f"at most {none:.0%}" if share <= none else f"at least {all_of:.0%}"
    return f"{round(share, BROAD_DIGITS) if people < BROAD_UNDER else share:.0%}"


def groups_of(
    opened: OpenStudy, X: pd.DataFrame, left: np.ndarray, chances: np.ndarray, *, weights: np.ndarray | None = None
) -> pd.DataFrame:
    """Errors and scores by protected group, and how well the features tell the group; people are the index of ``X``.

    Protected attributes come from the ``audit`` table; they are never among the features.
    """
    if not opened.store.has("audit"):
        return pd.DataFrame()
    protected = protected_bands(opened, X.index).set_index(X.index)
    found = group_results(left, chances, protected, weights=weights)
    proxies = proxy_test(X, protected, most_people=_PROXY_PEOPLE, random_state=opened.config.random_state)
    return pd.concat([found, proxies], ignore_index=True)


def protected_bands(opened: OpenStudy, people: Iterable[str]) -> pd.DataFrame:
    """Protected attributes of these people, one row each in this order; numbers in tens, rare values missing."""
    if not opened.store.has("audit"):
        return pd.DataFrame(index=range(len(list(people))))
    protected = opened.store.read("audit").set_index("person").reindex(list(people)).reset_index(drop=True)
    bands = {str(name): without_rare(_banded(column)) for name, column in protected.items()}
    return pd.DataFrame(bands, index=protected.index)


def _banded(column: pd.Series) -> pd.Series:
    """A protected number (such as age) in bands of ten years; words as they are."""
    if not pd.api.types.is_numeric_dtype(column):
        return column.astype("str").where(column.notna())
    tens = (column // 10 * 10).astype("Int64")
    return (tens.astype("str") + "-" + (tens + 9).astype("str")).where(column.notna())


def shares_by_segment(
    opened: OpenStudy,
    shares: pd.Series,
    *,
    horizon: float,
    origin: str,
    levels: Mapping[Hashable, Level] | None = None,
) -> pd.DataFrame:
    """The ``leaving`` table: mean share per segment and of everyone; ``shares`` is indexed by person.

    Who stands for more people counts for more: in segments as they answered, among everyone as the outcome was asked.
    Answers get Wilson's interval, of as many people as their weights are worth (Kish). Expected chances are brought to
    the level that was seen on people and time not learned from: ``levels`` by segment, ``None`` for everyone. A segment
    without a level of its own has no row: its people are reported with everyone.
    """
    labels = segment_of(opened).reindex(shares.index)
    whole, apart = (_worth(weight, shares.index) for weight in (weight_of_outcome(opened), weight_in_segments(opened)))
    groups: list[tuple[object, pd.Series]] = [(float("nan"), shares)]
    groups += [(segment, shares[labels == segment]) for segment in sorted(labels.dropna().unique())]
    rows = []
    for segment, members in groups:
        if members.empty:
            continue
        key = None if segment != segment else segment
        if levels is not None and key not in levels:
            continue
        weights = (whole if key is None else apart).loc[members.index].to_numpy()
        if levels is None:
            told = _answered(members, weights)
        else:
            told = levels[key].shares(members.to_numpy(dtype=float), weights=weights)
        rows.append((segment, horizon, len(members), *told, origin))
    found = pd.DataFrame(rows, columns=["segment", "horizon", "n", "value", "low", "high", "origin"])
    return found.assign(left_low=np.nan, left_high=np.nan)  # a number that comes is given for an expected year only


def _worth(weight: pd.Series | None, people: pd.Index) -> pd.Series:
    """For how many each of these people stands; for themselves where nobody said."""
    return pd.Series(1.0, index=people) if weight is None else weight.reindex(people).fillna(1.0)


def _answered(members: pd.Series, counts: np.ndarray) -> tuple[float, float, float]:
    """A share of answers with Wilson's interval."""
    mean, n = float(np.average(members, weights=counts)), float(counts.sum() ** 2 / np.sum(counts**2))
    low, high = wilson_interval(np.array([mean]), np.array([n]))
    return mean, float(low[0]), float(high[0])


def levels_by_segment(opened: OpenStudy, seen: pd.DataFrame) -> dict[Hashable, Level]:
    """The level of everyone (``None``) and of each segment, from exits observed and expected on later time.

    ``seen`` has one row per person: ``person``, ``observed``, ``expected`` (both over all of the time watched), and
    ``segment``, ``observed_in``, ``expected_in`` (over the time since they answered; no segment before it) and
    ``weight``, for how many they stand in it: a segment's level is of the people that its share is of. A segment of
    which fewer people were watched after they answered than a rate may rest on has no level.
    """
    return drawn_levels(level_of_all(seen), levels_apart(opened, seen))


def level_of_all(seen: pd.DataFrame) -> Level:
    """The level of everyone in ``seen`` (as :func:`levels_by_segment` takes it), each counted once."""
    return level_of_exits(float(seen["observed"].sum()), float(seen["expected"].sum()))


def levels_apart(opened: OpenStudy, seen: pd.DataFrame) -> dict[Hashable, Level]:
    """Each segment's own level, before segments are drawn together; none of a segment with too few people watched."""
    return {
        segment: level_of_weighted_exits(
            *(rows[column].to_numpy(dtype=float) for column in ("observed_in", "expected_in", "weight"))
        )
        for segment, rows in seen[seen["segment"].notna()].groupby("segment")
        if len(rows) >= opened.config.privacy.min_rate_group
    }


def segment_of(opened: OpenStudy) -> pd.Series:
    """Each person's last segment, indexed by person; empty where there are no segments."""
    if not opened.store.has("assignments"):
        return pd.Series(dtype="float64")
    last = by_wave(opened, opened.store.read("assignments")).drop_duplicates("person", keep="last")
    return last.set_index("person")["segment"]


def reservations_about(opened: OpenStudy, judged: Evaluation, groups: pd.DataFrame) -> pd.DataFrame:
    """Findings on chances that are too sure and on protected groups, as table ``retention_findings``."""
    about = (
        calibration_reservations(judged, months=float(opened.outcome.months)),
        fairness_reservations(groups),
    )
    return pd.concat([one for one in about if len(one)] or [about[0]], ignore_index=True)


def model_card(
    opened: OpenStudy,
    model: HazardModel | HorizonModel,
    judged: Evaluation,
    *,
    findings: pd.DataFrame,
    groups: pd.DataFrame | None = None,
) -> dict[str, object]:
    """The model's card for this study: data, population, period, causes, metrics, calibration, groups, limits, use.

    Figures of protected groups are released figures, so the card names the attributes that were looked at and what
    stood out; the figures themselves are in the released table ``group_results``.
    """
    config = opened.config
    window = opened.outcome.window
    period = (str(window.start), str(window.end)) if window is not None else ("not dated", "not dated")
    checked_for = [] if groups is None or groups.empty else sorted(groups["attribute"].unique())
    told = [f"{code} {subject}: {text}" for code, subject, text in _told(findings)]
    card = retention_card(
        model,
        population=f"{'simulated ' if config.data == 'simulated' else ''}people of study {config.study}",
        period=period,
        metrics=judged.metrics,
        calibration=_covered(judged.calibration),
        limits=[text for text in told if not text.startswith("FA")],
        months=opened.outcome.months,
    )
    about = {name: value for name, value in card.items() if name not in ("kind", "outcome", "attributes")}
    return {
        "model": "retention",
        "study": config.study,
        "study_digest": opened.digest,
        "data": str(config.data),
        "outcome": {
            "kind": str(opened.outcome.kind),
            "meaning": opened.outcome.meaning,
            "causes": list(causes_in(opened)),
            "modelled_as": card["outcome"],
        },
        "features": card["attributes"],
        "takes": as_rows(columns_taken(opened, model)),
        **learned_from(opened),
        **about,
        "protected_attributes_used": [],
        "groups": {
            "looked_at": checked_for,
            "stood_out": [text for text in told if text.startswith("FA")],
            "figures": "released table group_results"
            if checked_for
            else "none: the study holds no protected attributes",
        },
    }


def _covered(calibration: pd.DataFrame) -> pd.DataFrame:
    """Per cause and horizon, in how many tenths of predicted risk the band covers the prediction."""
    by = [name for name in ("cause", "horizon") if name in calibration]
    rows = calibration if by else calibration.assign(cause="any")
    return (
        rows.groupby(by or ["cause"], sort=False).agg(tenths=("bin", "size"), covered=("covers", "sum")).reset_index()
    )


def _told(findings: pd.DataFrame) -> list[tuple[str, str, str]]:
    return [(str(c), str(s), str(t)) for c, s, t in findings[["code", "subject", "explanation"]].to_numpy()]
