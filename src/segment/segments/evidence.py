"""The paper trail of a search for segments, and the rule that turns it into a choice.

The rule, in the order in which it is applied:

1. candidates that fail a gate are out, and so is a candidate whose BIC is no better than that of one segment: of
   any family on need scores for those (k-means cuts one correlated cloud in round pieces), else of its own family;
   k-means, a special case of the tied mixture, is out ("outdone") unless its BIC is at least as good;
2. within a family, the number of segments with the best likelihood after a toll for every further segment: what
   95 per cent of the segments added to simulated worlds without segments would have gained (families on need scores,
   where the simulated worlds are one-class versions of the same model), or the likelihood of people not seen
   (families on single items: Smyth, P. (2000), Statistics and Computing 10, 63-72);
3. need-based families go before families on single items; two need-based families meet on the likelihood of people
   they have not seen, two item-based ones on split-half agreement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from segment.disclosure.rounding import told_share
from segment.segments.candidates import Candidate
from segment.segments.families import FAMILIES
from segment.segments.gates import Gates, Showing
from segment.segments.trials import Trial

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """Everything seen of one family: showings, failed gates, trials on the data and trials on chance."""

    family: type[Candidate]
    showings: Sequence[Showing]
    failed: Mapping[int, list[str]]
    reliability: float
    ks: Sequence[int] = ()
    data: Sequence[Trial] = ()
    chance: Sequence[tuple[str, Trial]] = ()


def evidence_table(cases: Sequence[Case], gates: Gates) -> pd.DataFrame:
    """One row per family and k: criteria, gates (``failed`` lists those not passed; empty: all passed), ``criterion``.

    ``agreement`` (mean split-half, with its 5th and 95th percentile), ``gain`` (log-likelihood per unseen person over
    one segment), both with the chance level they must exceed; ``criterion`` is minus twice the log-likelihood plus the
    toll, lower is better; ``chosen`` marks the answer.
    """
    rows = [row for case in cases for row in _rows(case, gates)]
    table = pd.DataFrame(rows)
    table["passed"] = (table["failed"] == "") & (table["k"] > 1)
    table["chosen"] = False
    return table


def untried_table(
    families: Sequence[type[Candidate]], ks: Sequence[int], *, people: int, why: str, gates: Gates
) -> pd.DataFrame:
    """The table of a search that ended before it began, with one segment and ``ks`` in every family: ``why``."""
    failed: dict[int, list[str]] = {k: [why] for k in ks} | {1: []}
    cases = [
        Case(family, [untried(family.name, k, people) for k in (1, *ks)], failed, float("nan")) for family in families
    ]
    return evidence_table(cases, gates)


def _rows(case: Case, gates: Gates) -> list[dict[str, object]]:
    toll = toll_of(case, gates)
    rows = []
    for showing in case.showings:
        row: dict[str, object] = asdict(showing) | {"basis": case.family.basis, "reliability": case.reliability}
        failed = list(case.failed[showing.k]) if showing.k > 1 else []
        found, missed = against_chance(case, showing.k, gates)
        row |= found | {"criterion": _criterion(case, showing, found["held_out"], toll)}
        row["failed"] = ", ".join(failed + (missed if showing.k > 1 else []))
        rows.append(row)
    return rows


def against_chance(case: Case, k: int, gates: Gates) -> tuple[dict[str, float], list[str]]:
    """What trials on halves say of ``k`` segments, and which of the gates against chance that fails."""
    names = [
        "agreement", "agreement_low", "agreement_high", "agreement_chance",
        "held_out", "gain", "gain_chance",
    ]  # fmt: skip
    nothing = dict.fromkeys(names, float("nan"))
    if k not in case.ks or not case.data:
        return nothing, []
    place = list(case.ks).index(k)
    agreement = np.array([trial.agreement[place] for trial in case.data])
    if np.isnan(agreement).any():
        return nothing, []
    gain = np.array([trial.gain[place] for trial in case.data])
    kinds = {kind for kind, _ in case.chance}
    by_kind = [[trial for other, trial in case.chance if other == kind] for kind in sorted(kinds)]
    agreement_chance = _by_chance([[t.agreement[place] for t in trials] for trials in by_kind], gates.chance)
    agreement_chance = min(agreement_chance, 1.0)
    gain_chance = _by_chance([[t.gain[place] for t in trials] for trials in by_kind], gates.chance)
    low, high = np.quantile(agreement, [0.05, 0.95])
    found = {
        "agreement": float(agreement.mean()), "agreement_low": float(low), "agreement_high": float(high),
        "agreement_chance": agreement_chance, "held_out": float(np.mean([t.held_out[place] for t in case.data])),
        "gain": float(gain.mean()), "gain_chance": gain_chance,
    }  # fmt: skip
    missed = []
    if found["agreement"] < gates.agreement:
        missed.append("agreement")
    if found["agreement"] <= agreement_chance or found["gain"] <= max(0.0, gain_chance):
        missed.append("chance")
    return found, missed


def _by_chance(by_kind: Sequence[Sequence[float]], share: float) -> float:
    """The highest percentile of any kind of chance; NaN where chance was not asked about this number of segments."""
    known = [_percentile(values, share) for values in by_kind if np.isfinite(values).all()]
    return max(known) if len(known) == len(by_kind) and known else float("nan")


def _percentile(values: Sequence[float], share: float) -> float:
    """The percentile, or that of a normal curve through the values where it lies higher: few draws miss their tail."""
    drawn = np.array(values)
    spread = float(drawn.std(ddof=1)) if len(drawn) > 1 else 0.0
    return max(float(np.quantile(drawn, share)), float(drawn.mean() + stats.norm.ppf(share) * spread))


def toll_of(case: Case, gates: Gates) -> float:
    """What every further segment must gain in twice the log-likelihood; NaN where chance was not simulated."""
    model = [trial for kind, trial in case.chance if kind == "elliptical"]
    if not model:
        return float("nan")
    steps = np.diff(np.array([1, *case.ks]))
    rises = np.array([np.diff(np.concatenate([[0.0], trial.rise])) / steps for trial in model])
    return max(float(np.quantile(rises, gates.chance)), 0.0)


def _criterion(case: Case, showing: Showing, held_out: float, toll: float) -> float:
    if case.family.basis == "items" and np.isfinite(held_out):
        return -2 * showing.n * held_out
    if np.isfinite(toll):
        return -2 * showing.log_likelihood + toll * (showing.k - 1)
    return showing.bic


def choose(table: pd.DataFrame, ks: Sequence[int], *, requested: bool = False) -> tuple[str, int]:
    """Family and number of segments, or ("none", 1).

    With ``requested`` a candidate of that number is returned whatever gates it fails: one that passes all of them, else
    one that is not response style where there is any, of need scores where there is any, with the fewest failed gates;
    then by the same rule.
    """
    field = table[table["k"].isin(list(ks))]
    field = _least_wrong(field) if requested else field[field["passed"]]
    if field.empty:
        return "none", 1
    best = field.loc[field.groupby("family", sort=False)["criterion"].idxmin()]
    for basis, measure in (("needs", "held_out"), ("items", "agreement")):
        own = best[best["basis"] == basis]
        if not own.empty:
            order = own.assign(place=own["family"].map(list(FAMILIES).index))
            first = order.sort_values([measure, "place"], ascending=[False, True], na_position="last").iloc[0]
            return str(first["family"]), int(first["k"])
    return "none", 1


def _least_wrong(field: pd.DataFrame) -> pd.DataFrame:
    """The candidates that may be handed out when a number was asked for."""
    if (field["failed"] == "").any():
        return field[field["failed"] == ""]
    for good in (~field["failed"].map(lambda failed: "style" in _names(failed)), field["basis"] == "needs"):
        narrowed = field[good.reindex(field.index)]
        field = narrowed if len(narrowed) else field
    result: pd.DataFrame = field[field["failed"].map(_count) == field["failed"].map(_count).min()]
    return result


def _names(failed: str) -> list[str]:
    return [name for name in failed.split(", ") if name]


def _count(failed: str) -> int:
    return len(_names(failed))


def untried(family: str, k: int, n: int) -> Showing:
    """A family at a number of segments that nothing was seen of."""
    nothing = float("nan")
    return Showing(family, k, n, nothing, 0, nothing, 0, 0, nothing, 0, nothing, nothing, nothing, nothing)


def obstacles(table: pd.DataFrame) -> str:
    """The gates that stopped most candidates, most frequent first."""
    names = [name for text in table.loc[table.k > 1, "failed"] for name in text.split(", ") if name]
    counts = pd.Series(names, dtype=str).value_counts()
    return ", ".join(f"{name} ({count})" for name, count in counts.items()) or "nothing beat one segment"


def nearest_candidate(table: pd.DataFrame) -> pd.Series | None:
    """The row with the fewest gates not passed; of several the one that came back best. None: nothing was tried."""
    rows = table[table["k"] > 1]
    if rows.empty:
        return None
    gates = rows["failed"].map(
        lambda failed: len([gate for gate in str(failed).split(", ") if gate not in ("", "nan")])
    )
    back = pd.to_numeric(rows.reindex(columns=["agreement"])["agreement"], errors="coerce")
    order = pd.DataFrame({"gates": gates, "back": back}).sort_values(["gates", "back"], ascending=[True, False],
                                                                     kind="stable")  # fmt: skip
    result: pd.Series | None = rows.loc[order.index[0]]
    return result


def nearness(table: pd.DataFrame, gates: Gates) -> pd.DataFrame:
    """How near the best candidate that was not taken came to each gate: one row per gate, none if none was tried.

    Columns ``gate``, ``k``, ``n`` (people it was tried on), ``reached``, ``needed`` (at least; at most for ``style``)
    and ``passed`` (yes or no). The share of the smallest group is in twentieths, and missing where it has fewer people
    than a segment must have: it could be the number of a hidden one. Gates of which nothing is known, such as those
    against chance of a candidate that was not tried on halves, are left out.
    """
    best = nearest_candidate(table[~table["chosen"]])
    if best is None:
        return pd.DataFrame()
    one = table.loc[(table["k"] == 1) & (table["basis"] == best["basis"]), "bic"].min()
    smallest = max(gates.smallest_share, gates.smallest_n / max(float(best["n"]), 1.0))
    rows = [
        ("size", best["smallest_share"], smallest),
        ("style", max(best["style_share"], best["spread_share"]), gates.style_share),
        ("posterior", best["posterior_limit"], gates.posterior),
        ("reliability", best["reliability"], gates.reliability),
        ("one segment", (one - best["bic"]) / max(float(best["n"]), 1.0), 0.0),
        ("agreement", best["agreement"], gates.agreement),
        ("agreement by chance", best["agreement"], best["agreement_chance"]),
        ("gain by chance", best["gain"], max(float(best["gain_chance"]), 0.0)),
    ]
    told = pd.DataFrame(rows, columns=["gate", "reached", "needed"]).astype({"reached": float, "needed": float})
    told = told[np.isfinite(told["reached"]) & np.isfinite(told["needed"])].reset_index(drop=True)
    beyond = told["gate"].isin(["one segment", "agreement by chance", "gain by chance"])
    enough = np.where(beyond, told["reached"] > told["needed"], told["reached"] >= told["needed"])
    passed = np.where(told["gate"] == "style", told["reached"] <= told["needed"], enough)
    size = told_share(float(best["smallest_share"]), float(best["n"]))
    told["reached"] = told["reached"].mask(told["gate"] == "size", size)
    result: pd.DataFrame = told.assign(k=int(best["k"]), n=int(best["n"]), passed=np.where(passed, "yes", "no"))
    return result
