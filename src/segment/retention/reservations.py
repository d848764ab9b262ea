"""Reservations about a model as findings: chances that are too sure, groups it serves unequally, features that tell."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence

import pandas as pd

from segment.retention.evaluation import Evaluation
from segment.retention.fairness import PROXY_AUC
from segment.retention.foresight import ABOUT_RIGHT, COLUMNS, about_headline, chance_finding, headline, slope_of
from segment.vocabulary import Severity

#: Error rates of two groups that lie further apart than this, and surely so, are named.
ERRORS_APART = 0.1
#: What is said of how a model did: its ranking, what tenure alone reaches, numbers expected, chances too far apart.
_OF_JUDGEMENT = ("FO004", "FO005", "FO006", "CA001", "CA002")
#: Shares are shown with two decimals.
_HALF_A_STEP = 0.0051
_ERRORS = {"fpr": ("FA003", "false alarms"), "fnr": ("FA004", "leavers missed")}


def calibration_reservations(judged: Evaluation, *, months: float) -> pd.DataFrame:
    """``CA001`` when chances differ clearly more, or less, between people than what happened did; ``CA002`` when none
    of the difference that was foretold surely came back (the slope cannot be told from zero, or lies below it).

    The slope of calibration (Cox, Biometrika 1958) at the horizon nearest to ``months``: outside .8 to 1.25, its
    interval without 1. Columns as in :func:`~segment.retention.foresight_findings`.

    Parameters
    ----------
    judged
        What `evaluate` or `judge_flags` found.
    months
        The horizon whose slope counts.

    Examples
    --------
    >>> columns = ["model", "sample", "metric", "value", "low", "high", "n"]
    >>> found = pd.DataFrame([("model", "hold-out", "slope_12", 0.4, 0.2, 0.6, 90)], columns=columns)
    >>> calibration_reservations(Evaluation(found, pd.DataFrame()), months=12)["code"].tolist()
    ['CA001']
    """
    row = slope_of(judged.metrics, months=months)
    if row is None:
        return pd.DataFrame(columns=COLUMNS)
    value, low, high = (float(row[name]) for name in ("value", "low", "high"))
    if ABOUT_RIGHT[0] <= value <= ABOUT_RIGHT[1] or low <= 1 <= high:
        return pd.DataFrame(columns=COLUMNS)
    n = int(row["n"])
    much = "more" if value < 1 else "less"
    slope = f"The slope of calibration is {value:.2f} ({low:.2f} to {high:.2f})"
    told = f"{slope}: predictions lie {much} apart than what happened."
    code = "CA001"
    if low <= 0:
        code, told = "CA002", f"{slope}: not above zero."
    found = (
        code,
        Severity.WARNING,
        "any",
        "held-out people",
        n,
        n,
        value,
        low,
        high,
        told,
        "read groups, not people",
    )
    return pd.DataFrame([found], columns=COLUMNS)


def fairness_reservations(groups: pd.DataFrame) -> pd.DataFrame:
    """What stands out in a table of :func:`~segment.retention.group_results` and ``proxy_test``, one row per attribute.

    ``FA001``: the features tell the attribute (AUC over .65; ``where`` names those that tell most). ``FA002``: another
    number of exits than expected in some groups (observed over expected outside .8 to 1.25, its interval without 1).
    ``FA003``, ``FA004``: false alarms, or leavers missed, differ by more than ten points between groups. ``count`` is
    the number of groups concerned; no group is named, because which may be shown is decided elsewhere.

    Examples
    --------
    >>> row = {"attribute": "sex", "group": "f", "metric": "proxy_auc", "n": 90, "value": 0.8, "low": 0.7, "high": 0.9}
    >>> fairness_reservations(pd.DataFrame([row | {"note": "proxy: hours, pay"}]))[["code", "where"]].values.tolist()
    [['FA001', 'hours, pay']]
    """
    rows: list[tuple[object, ...]] = []
    for attribute, own in groups.groupby("attribute", sort=False) if len(groups) else ():
        rows += [*_proxies(str(attribute), own), *_levels(str(attribute), own), *_errors(str(attribute), own)]
    return pd.DataFrame(rows, columns=COLUMNS)


def reservations_told(findings: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """Findings with those about protected groups as a reader may know them: by the groups that are shown.

    How much the other attributes tell is the figure of a group that is shown, and only shown groups are counted. Which
    attributes tell most is said where that is the figure of now: beside an earlier one it would say what moved since.

    Parameters
    ----------
    findings
        As :func:`fairness_reservations` gives them, among others.
    groups
        The rows of released ``group_results`` that are shown: shares as ``share``, ratios as ``value`` in percent.
    """
    rows = []
    for row in findings.to_dict("records"):
        about = _ABOUT_GROUPS.get(str(row["code"]))
        if about is None:
            rows.append(row)
        elif len(groups) and (told := about(row, groups[groups["attribute"] == row["subject"]])) is not None:
            rows.append(told)
    return pd.DataFrame(rows, columns=findings.columns).astype(findings.dtypes.to_dict())


def judgement_told(
    findings: pd.DataFrame, judged: pd.DataFrame, *, causes: Sequence[str], months: float, dated: bool
) -> pd.DataFrame:
    """Findings with those about how a model did as the figures say that are shown, where these are earlier ones.

    A sentence that came or went with one person would say that the figures beside it, which stayed, have moved.

    Parameters
    ----------
    findings
        As :func:`~segment.retention.foresight_findings` and :func:`calibration_reservations` give them, among others.
    judged
        The rows of released ``evaluation`` that are shown: ``model``, ``metric``, ``value``, ``low``, ``high``, ``n``
        (in words), and ``earlier``, where some are those of before.
    causes, months
        As in :func:`~segment.retention.foresight.headline`.
    dated
        Whether exits are held against those expected by date.
    """
    if not judged.get("earlier", pd.Series(dtype=bool)).any():
        return findings
    people = judged["n"].astype(str).str.extract(r"(\d+)")[0].astype(float).fillna(0)
    kept = Evaluation(judged.assign(n=people), pd.DataFrame())
    own = findings[~findings["code"].isin(_OF_JUDGEMENT)]
    if not ((kept.metrics["model"] == "model") & kept.metrics["metric"].str.match("uno|auc")).any():
        return own
    told, n = headline(kept, causes, months=months), int(people.max())
    found = [*about_headline(told, kept, (n, n), "held-out people", tenure_only=False)] if dated else []
    ranked = pd.DataFrame(found, columns=COLUMNS) if dated else chance_finding(told, exits=n, where="held-out people")
    again = [one for one in (own, ranked, calibration_reservations(kept, months=months)) if len(one)]
    return pd.concat(again, ignore_index=True)[list(findings.columns)] if again else own


def _proxy_told(row: dict[Hashable, object], shown: pd.DataFrame) -> dict[Hashable, object] | None:
    own = shown[shown["metric"] == "proxy_auc"].dropna(subset="share").sort_values("share")
    if own.empty or not own["share"].iloc[-1] > PROXY_AUC:
        return None
    most = own.iloc[-1]
    now = not most.get("earlier", False) and abs(most["share"] - float(str(row["value"]))) < _HALF_A_STEP
    ends = {"value": most["share"], "low": most["share_low"], "high": most["share_high"]}
    return (
        row | ends | {"count": int((own["share"] > PROXY_AUC).sum()), "of": len(own)} | ({} if now else {"where": ""})
    )


def _level_told(row: dict[Hashable, object], shown: pd.DataFrame) -> dict[Hashable, object] | None:
    own = shown[(shown["metric"] == "oe") & shown["group"].notna()].dropna(subset="value")
    least, most = (100 * end for end in ABOUT_RIGHT)
    off = own[~own["value"].between(least, most) & ~((own["low"] <= 100) & (own["high"] >= 100))]
    return row | {"count": len(off), "of": len(own)} if len(off) else None


#: What is told of groups by those that are shown, by code.
_ABOUT_GROUPS: Mapping[str, Callable[[dict[Hashable, object], pd.DataFrame], dict[Hashable, object] | None]] = {
    "FA001": _proxy_told,
    "FA002": _level_told,
}


def _proxies(attribute: str, rows: pd.DataFrame) -> list[tuple[object, ...]]:
    told = rows[(rows["metric"] == "proxy_auc") & (rows["value"] > PROXY_AUC)]
    if told.empty:
        return []
    most = told.sort_values("value").iloc[-1]
    names = str(most["note"]).partition(": ")[2]
    auc, low, high = (float(most[name]) for name in ("value", "low", "high"))
    text = f"The features tell {attribute} with an AUC of {auc:.2f}, most of all {names}."
    advice = "ask of each of these whether it belongs in the model"
    return [("FA001", Severity.WARNING, attribute, names, len(told), _known(rows), auc, low, high, text, advice)]


def _levels(attribute: str, rows: pd.DataFrame) -> list[tuple[object, ...]]:
    own = rows[(rows["metric"] == "oe") & ~rows["group"].astype(str).str.startswith("(")].dropna(subset="value")
    off = own[~own["value"].between(*ABOUT_RIGHT) & ~((own["low"] <= 1) & (own["high"] >= 1))]
    if off.empty:
        return []
    text = f"In {len(off)} of {len(own)} groups of {attribute} clearly more or fewer people left than expected."
    advice, where, gap = "do not plan by these groups", "groups on the hold-out", float("nan")
    return [("FA002", Severity.WARNING, attribute, where, len(off), len(own), gap, gap, gap, text, advice)]


def _errors(attribute: str, rows: pd.DataFrame) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    for metric, (code, name) in _ERRORS.items():
        apart = rows[(rows["metric"] == metric) & (rows["group"] == "(difference)")]
        if apart.empty or not float(apart["low"].iloc[0]) > ERRORS_APART:
            continue
        own = rows[(rows["metric"] == metric) & ~rows["group"].astype(str).str.startswith("(")].dropna(subset="value")
        text = f"Between groups of {attribute} {name} differ by more than {ERRORS_APART:.0%}."
        where, advice, gap = "groups on the hold-out", "do not single people out by their chance", float("nan")
        found.append((code, Severity.NOTE, attribute, where, len(own), len(own), gap, gap, gap, text, advice))
    return found


def _known(rows: pd.DataFrame) -> int:
    return int(rows[(rows["metric"] == "proxy_auc") & rows["value"].notna()].shape[0])
