"""A simulated study's released tables and its story, for the tests of everything HR receives."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from segment.disclosure.release import ReleasedTable, release
from segment.disclosure.release import without_choices as bare
from segment.exports.story import Story
from segment.retention.released import surest_first
from segment.stages.release.aggregation import in_order_of
from segment.tables.registry import plan_of

NEEDS: dict[str, dict[str, str]] = {
    "PAY": {"nl": "Beloning", "en": "Pay"},
    "SEC": {"nl": "Zekerheid", "en": "Security"},
    "SOC": {"nl": "Verbondenheid", "en": "Belonging"},
    "GRO": {"nl": "Groei", "en": "Growth"},
    "AUT": {"nl": "Autonomie", "en": "Autonomy"},
    "MEA": {"nl": "Betekenis", "en": "Meaning"},
    "REC": {"nl": "Waardering", "en": "Recognition"},
    "EAS": {"nl": "Werkbaarheid", "en": "Workability"},
}
SEGMENTS: dict[int, dict[str, str]] = {
    0: {"nl": "Zekerheid en verbondenheid", "en": "Security and belonging"},
    1: {"nl": "Groei en autonomie", "en": "Growth and autonomy"},
    2: {"nl": "Betekenis en waardering", "en": "Meaning and recognition"},
    3: {"nl": "Beloning en werkbaarheid", "en": "Pay and workability"},
}
MOMENTS: dict[str, dict[str, str]] = {
    "J_apply": {"nl": "Solliciteren en mijn contract regelen", "en": "Applying and arranging my contract"},
    "J_start": {"nl": "Mijn eerste weken en het inwerken", "en": "My first weeks and settling in"},
    "J_talk": {"nl": "Een gesprek over mijn werk en groei", "en": "A conversation about my work and growth"},
    "J_role": {"nl": "Een nieuwe rol of nieuwe leidinggevende", "en": "A new role or a new manager"},
    "J_life": {"nl": "Een periode waarin privé veel vroeg", "en": "A period when private life asked a lot of me"},
    "J_change": {"nl": "Een reorganisatie of grote verandering", "en": "A reorganisation or other major change"},
    "J_thanks": {"nl": "Een moment van waardering", "en": "A moment of appreciation"},
}
FEATURES: dict[str, dict[str, str]] = {
    "tenure": {"nl": "dienstjaren", "en": "years of service"},
    "department": {"nl": "afdeling", "en": "department"},
    "function": {"nl": "functie", "en": "function"},
}
ACTIONS: dict[str, dict[str, dict[str, str]]] = {
    "growth-talk": {
        "title": {"nl": "Een groeigesprek met vervolg", "en": "A growth conversation that leads somewhere"},
        "what": {
            "nl": "Twee keer per jaar een gesprek over waar iemand heen wil, met één afspraak op papier.",
            "en": "Twice a year a conversation about where someone wants to go, with one agreement on paper.",
        },
        "first_step": {
            "nl": "Plan deze maand de eerste gesprekken en vraag vooraf één wens.",
            "en": "Plan the first conversations this month and ask for one wish beforehand.",
        },
        "owner": {"nl": "Leidinggevende", "en": "Manager"},
    },
    "rota-say": {
        "title": {"nl": "Zeggenschap over het rooster", "en": "A say in the rota"},
        "what": {
            "nl": "Teams roosteren zelf binnen duidelijke grenzen.",
            "en": "Teams plan their own rota within clear limits.",
        },
        "first_step": {"nl": "Begin met één team dat het wil.", "en": "Start with one team that wants to."},
        "owner": {"nl": "Teamleider en planning", "en": "Team lead and planning"},
    },
    "thanks": {
        "title": {"nl": "Waardering die iets noemt", "en": "Appreciation that names something"},
        "what": {
            "nl": "Elke week één concrete bijdrage benoemen, in het team of onder vier ogen.",
            "en": "Name one concrete contribution every week, in the team or in private.",
        },
        "first_step": {"nl": "Open het volgende teamoverleg ermee.", "en": "Open the next team meeting with it."},
        "owner": {"nl": "Leidinggevende", "en": "Manager"},
    },
    "pay-open": {
        "title": {"nl": "Open zijn over beloning", "en": "Be open about pay"},
        "what": {
            "nl": "Uitleggen hoe de schaal werkt en wat iemand nodig heeft voor de volgende stap.",
            "en": "Explain how the scale works and what someone needs for the next step.",
        },
        "first_step": {
            "nl": "Zet de loonschalen met uitleg op één pagina.",
            "en": "Put the pay scales with their explanation on one page.",
        },
        "owner": {"nl": "HR", "en": "HR"},
    },
}
SIZES = (982, 741, 566, 318)
MEASURES = ("score", "importance", "experience", "shortfall")
PEOPLE, RESPONDENTS = 3000, sum(SIZES)


#: Open roles: the list that HR gave names them in both languages, and has a code for each.
OFFERS = {
    "shift_lead": {"nl": "Teamleider ploeg", "en": "Shift lead"},
    "care_coach": {"nl": "Begeleider zorg", "en": "Care coach"},
}


def _released(name: str, frame: pd.DataFrame, **how: Any) -> ReleasedTable:
    """A table as it is released: with the ranks of its unrounded figures, and no line that a hidden group's chose."""
    frame = in_order_of(name, frame)
    ranks = {rank: within for rank, within in plan_of(name).ranks.items() if rank in frame}
    told = release(name, frame, count="n", **{"ranks": ranks, "digits": plan_of(name).digits, **how})
    return bare(told, plan_of(name).chosen)


def match_counts() -> ReleasedTable:
    """Open roles by their codes, and which share of whom they were compared with fits."""
    rows = pd.DataFrame({"offer": [*OFFERS, "team"], "n": [140, 96, 60], "share": [0.21, 0.4, 0.33]})
    return _released("match_counts", rows, groups=["offer"], shares=["share"], kind="rates")


def _groups(sizes: tuple[int, ...]) -> list[tuple[float, int]]:
    return [*((float(k), n) for k, n in enumerate(sizes)), (float("nan"), sum(sizes))]


def segments(sizes: tuple[int, ...] = SIZES) -> ReleasedTable:
    total = sum(sizes)
    rows = [{"segment": k, "n": n, "share": n / total, "mean_posterior": 0.87 - 0.03 * k} for k, n in enumerate(sizes)]
    frame = pd.DataFrame(rows)
    return _released("segments", frame, groups=["segment"], shares=["share", "mean_posterior"], kind="segments")


def profiles(sizes: tuple[int, ...] = SIZES, *, measures: tuple[str, ...] = MEASURES) -> ReleasedTable:
    rng = np.random.default_rng(4)
    strong = ((1, 2), (3, 4), (5, 6), (0, 7))
    rows = []
    for k, n in enumerate(sizes):
        for place, need in enumerate(NEEDS):
            score = 0.9 - 0.25 * strong[k].index(place) if place in strong[k] else float(rng.normal(-0.25, 0.25))
            short = 0.34 - 0.05 * k if place == strong[k][0] else float(rng.uniform(0.03, 0.2))
            spread = 2.2 / np.sqrt(n)
            for measure, mean, half, overall in (
                ("score", score, spread, 0.05 * (place - 4)),
                ("importance", 3.9 + 0.4 * score, spread / 2, 3.9),
                ("experience", 3.6 - 2 * short, spread / 2, 3.3),
                ("shortfall", short, spread / 8, 0.12),
            ):
                line = {"segment": k, "need": need, "measure": measure, "n": n, "mean": mean, "overall": overall}
                rows.append(line | {"low": mean - half, "high": mean + half})
    frame = pd.DataFrame([row for row in rows if row["measure"] in measures])
    values = ["mean", "low", "high", "overall"]
    return _released("profiles", frame, groups=["segment"], lines=["need", "measure"], means=values)


def shortfalls(sizes: tuple[int, ...] = SIZES) -> ReleasedTable:
    rng = np.random.default_rng(8)
    rows = []
    for k, n in _groups(sizes):
        for place, need in enumerate(NEEDS):
            place_of_top = (1, 3, 6, 0, 3)[4 if k != k else int(k)]
            share = (
                (0.24, 0.37, 0.29, 0.31, 0.21)[4 if k != k else int(k)]
                if place == place_of_top
                else float(rng.uniform(0.03, 0.2))
            )
            rows.append(
                {"segment": k, "need": need, "n": n, "shortfall": share, "low": share - 0.03, "high": share + 0.03}
            )
    return _released(
        "shortfalls", pd.DataFrame(rows), groups=["segment"], lines=["need"], shares=["shortfall", "low", "high"]
    )


def promises(sizes: tuple[int, ...] = SIZES) -> ReleasedTable:
    rng = np.random.default_rng(5)
    rows = [
        {
            "segment": k,
            "need": need,
            "n": n,
            "promised": 3.2 + 0.25 * (place % 4),
            "kept": 2.6 + float(rng.uniform(0, 1.2)),
            "broken_share": float(rng.uniform(0.08, 0.45)),
        }
        for k, n in _groups(sizes)
        for place, need in enumerate(list(NEEDS)[:6])
    ]
    frame = pd.DataFrame(rows)
    return _released(
        "promises", frame, groups=["segment"], lines=["need"], means=["promised", "kept"], shares=["broken_share"]
    )


def scorecard(sizes: tuple[int, ...] = SIZES) -> ReleasedTable:
    rng = np.random.default_rng(6)
    lines = (
        ("Relatie", "engagement"),
        ("Relatie", "belonging"),
        ("Relevantie", "fit_now"),
        ("Relevantie", "fit_future"),
        ("Reputatie", "reputation"),
        ("Reputatie", "pride"),
        ("Recruitment", "recruitment"),
        ("Retentie", "stay"),
        ("Recommendation", "enps"),
        ("Referral", "referral"),
    )
    rows = []
    for k, n in _groups(sizes):
        for r, measure in lines:
            value = {"enps": 12.0, "referral": 0.38}.get(measure, 3.6) * float(rng.uniform(0.9, 1.1))
            rows.append({"segment": k, "r": r, "measure": measure, "n": n, "value": value})
    return _released("scorecard", pd.DataFrame(rows), groups=["segment"], lines=["r", "measure"], means=["value"])


def changes(sizes: tuple[int, ...] = SIZES) -> ReleasedTable:
    """What changed since the wave before: of needs what is lacking, and one of the seven Rs; growth surely."""
    rng = np.random.default_rng(17)
    rows = []
    for k, n in _groups(sizes):
        for about in (*NEEDS, "stay"):
            share, moved = about in NEEDS, -0.09 if about == "GRO" else float(rng.uniform(-0.01, 0.01))
            before = float(rng.uniform(0.15, 0.35)) if share else 3.6
            sides = {"before": before, "now": before + moved}
            told = {f"{name}_share" if share else name: value for name, value in sides.items()}
            size = 100 * moved if share else moved
            lines = {"topic": "shortfall" if share else "seven", "r": "" if share else "Retentie", "about": about}
            ends = {"change": size, "change_low": size - 2.5, "change_high": size + 2.5}
            direction = "less" if about == "GRO" else "unsure"
            rows.append({"segment": k, "since": "2025-1", "n": n, "direction": direction, **lines, **told, **ends})
    plan = plan_of("changes")
    return _released(
        "changes", pd.DataFrame(rows), groups=["segment"], lines=plan.lines, means=plan.means, shares=plan.shares,
        texts=plan.texts, kind=plan.kind,
    )  # fmt: skip


def journey(sizes: tuple[int, ...] = SIZES) -> ReleasedTable:
    rng = np.random.default_rng(7)
    rows = []
    for k, n in _groups(sizes):
        for place, moment in enumerate(MOMENTS):
            value = 3.9 - 0.35 * (place % 3) - 0.2 * (moment == "J_change") + float(rng.normal(0, 0.15))
            lived = n if moment != "J_change" else n // 3
            rows.append(
                {
                    "segment": k,
                    "moment": moment,
                    "n": lived,
                    "value": value,
                    "low": value - 0.15,
                    "high": value + 0.15,
                    "weight": 0.28 if moment == "J_talk" else 0.1,
                }
            )
    frame = pd.DataFrame(rows)
    return _released(
        "journey", frame, groups=["segment"], lines=["moment"], means=["value", "low", "high"], shares=["weight"]
    )


def curves(sizes: tuple[int, ...] = SIZES, *, everyone_only: bool = False) -> ReleasedTable:
    rows = []
    for k, n in _groups(sizes)[-1:] if everyone_only else _groups(sizes):
        rate = 0.011 if k != k else (0.007, 0.016, 0.010, 0.014)[int(k)]
        for month in range(0, 61, 3):
            survival = float(np.exp(-rate * month * (1 - month / 240)))
            half = 1.9 * np.sqrt(survival * (1 - survival) / n)
            gone = 1 - survival
            rows.append(
                {
                    "segment": k,
                    "month": float(month),
                    "n": n,
                    "events": int(gone * n) + 12,
                    "survival": survival,
                    "low": max(0.0, survival - half),
                    "high": min(1.0, survival + half),
                    "incidence_voluntary": 0.7 * gone,
                    "incidence_involuntary": 0.3 * gone,
                }
            )
    shares = ["survival", "low", "high", "incidence_voluntary", "incidence_involuntary"]
    return _released(
        "curves", pd.DataFrame(rows), groups=["segment"], lines=["month"], shares=shares, kind="curves", events="events"
    )


def leaving(sizes: tuple[int, ...] = SIZES, *, everyone: float = 0.13) -> ReleasedTable:
    risks = (0.08, 0.19, 0.12, 0.16, everyone)
    rows = [
        {"segment": k, "horizon": 12.0, "n": n, "value": risk, "low": risk - 0.02, "high": risk + 0.03}
        for (k, n), risk in zip(_groups(sizes), (*risks[: len(sizes)], risks[-1]), strict=True)
    ]
    frame = pd.DataFrame(rows)
    return _released(
        "leaving", frame, groups=["segment"], lines=["horizon"], shares=["value", "low", "high"], kind="rates"
    )


def calibration(people: int = RESPONDENTS) -> ReleasedTable:
    rows = []
    for tenth in range(1, 11):
        predicted = 0.02 * tenth + 0.04
        observed = predicted + 0.01 * (-1) ** tenth
        rows.append(
            {
                "horizon": 12.0,
                "bin": tenth,
                "n": people // 10,
                "predicted": predicted,
                "observed": observed,
                "low": observed - 0.05,
                "high": observed + 0.05,
                "covers": "yes",
            }
        )
    frame = pd.DataFrame(rows)
    shares = ["predicted", "observed", "low", "high"]
    return _released(
        "calibration", frame, groups=["bin"], lines=["horizon"], shares=shares, texts=["covers"], kind="rates"
    )


def evaluation(people: int = 750) -> ReleasedTable:
    rows = [
        {
            "model": model,
            "sample": "hold-out",
            "metric": metric,
            "n": people,
            "value": value,
            "low": value - 0.03,
            "high": value + 0.03,
        }
        for model, metric, value in (
            ("model", "concordance", 0.74),
            ("model", "auc_12", 0.76),
            ("model", "calibration_slope", 0.98),
            ("model", "oe_12", 0.87),
            ("model", "gain", 0.08),
            ("kaplan-meier", "auc_12", 0.67),
            ("floor", "concordance", 0.61),
        )
    ]
    frame = pd.DataFrame(rows)
    return _released(
        "evaluation", frame, groups=[], lines=["model", "sample", "metric"], overall=["value", "low", "high"]
    )


def effects(people: int = RESPONDENTS, cause: str = "voluntary") -> ReleasedTable:
    found = {
        "shortfall_GRO": 120.0,
        "shortfall_REC": 80.0,
        "tenure": -50.0,
        "shortfall_PAY": 60.0,
        "score_SEC": -30.0,
        "department": 22.0,
    }
    frame = pd.DataFrame([{"feature": name, "n": people, "change": value} for name, value in found.items()])
    frame = frame.assign(
        change_low=frame["change"] - 25, change_high=frame["change"] + 25,
        direction=np.where(frame["feature"] == "department", "by level", "more"), cause=cause,
        place=surest_first(frame.assign(low=frame["change"] - 25, high=frame["change"] + 25), "change"),
    )  # fmt: skip
    return _released(
        "effects", frame, groups=[], lines=["feature"], overall=["change", "change_low", "change_high"],
        texts=["direction", "cause"], ranks={"place": ()}, kind="driver",
    )  # fmt: skip


def segment_effects(sizes: tuple[int, ...] = SIZES) -> ReleasedTable:
    rows = [
        {
            "segment": k,
            "feature": name,
            "n": n,
            "events": n // 8,
            "change": change,
            "low": change - 4,
            "high": change + 4,
        }
        for k, n in enumerate(sizes)
        for name, change in (("shortfall_GRO", 12.0 - 9 * k), ("shortfall_PAY", 3.0 * k), ("tenure", 1.0))
    ]
    means, frame = ["change", "low", "high"], pd.DataFrame(rows).assign(cause="voluntary")
    return _released(
        "segment_effects", frame.assign(place=surest_first(frame, "change")), groups=["segment"], lines=["feature"],
        means=means, texts=["cause"], kind="driver", events="events",
    )  # fmt: skip


def what_if() -> ReleasedTable:
    rows = [
        {"feature": name, "level": level, "n": 200, "leaving": leaving}
        for name, ends in (("shortfall_GRO", (11.3, 13.6)), ("tenure", (15.0, 9.8)))
        for level, leaving in zip(("low", "high"), ends, strict=True)
    ]
    frame = pd.DataFrame(rows)
    return _released("what_if", frame, groups=[], lines=["feature", "level"], overall=["leaving"], kind="driver")


def first_year(*, grouped: bool = True) -> ReleasedTable:
    groups = {"network": (600, 120), "agency": (285, 84), "rehire": (15, 6)} if grouped else {}
    sources = {float("nan"): (900, 210), **groups}
    rows = [
        {
            "source": name,
            "month": month,
            "n": n,
            "events": events,
            "gone": gone,
            "low": gone - 0.03,
            "high": gone + 0.03,
        }
        for name, (n, events) in sources.items()
        for month, gone in ((3.0, 0.07), (6.0, 0.16), (12.0, 0.29))
    ]
    shares = ["gone", "low", "high"]
    return _released(
        "first_year", pd.DataFrame(rows).astype({"source": object}), groups=["source"], lines=["month"], shares=shares,
        kind="curves", events="events",
    )  # fmt: skip


def lifetime_value(sizes: tuple[int, ...] = SIZES) -> ReleasedTable:
    rows = [
        {"segment": k, "n": n, "value": 20_000.0, "low": 9_000.0, "high": 31_000.0}
        | {"at_risk": 1_800.0, "at_risk_low": 1_700.0, "at_risk_high": 1_900.0}
        for k, n in _groups(sizes)
    ]
    means = ["value", "low", "high", "at_risk", "at_risk_low", "at_risk_high"]
    return _released("lifetime_value", pd.DataFrame(rows), groups=["segment"], means=means, kind="driver")


def value_sensitivity(people: int = PEOPLE) -> ReleasedTable:
    rows = [
        {"segment": float("nan"), "assumption": name, "n": people, "at_low_setting": low, "at_high_setting": high}
        | {"low_setting": "80%", "high_setting": "120%"}
        for name, low, high in (("exits", 21_043.8, 19_948.0), ("value", -8_902.6, 49_894.5))
    ]
    return _released(
        "value_sensitivity", pd.DataFrame(rows), groups=["segment"], lines=["assumption"],
        means=["at_low_setting", "at_high_setting"],
        texts=["low_setting", "high_setting"], kind="driver",
    )  # fmt: skip


LEARNERS = (("floor", 0.0, "no"), ("linear", 0.5, "no"), ("boosting", 0.7, "yes"))


def competition(
    people: int = PEOPLE,
    *,
    learners: Sequence[tuple[str, float, str]] = LEARNERS,
    others: Mapping[str, Sequence[tuple[str, float, str]]] | None = None,
) -> ReleasedTable:
    """Learner, its gain on the floor in percent, and whether it was taken; ``others``: of causes other than choice."""
    rows = [
        {"cause": cause, "learner": name, "n": people, "log_loss": 0.046, "chosen": taken}
        | {"gain": gain, "gain_low": gain - 0.4 * bool(gain), "gain_high": gain + 0.4 * bool(gain)}
        | {"behind": 0.7 - gain, "behind_low": 0.3 - gain, "behind_high": 1.1 - gain}
        for cause, tried in {"voluntary": learners, **(others or {})}.items()
        for name, gain, taken in tried
    ]
    figures = ["log_loss", "gain", "gain_low", "gain_high", "behind", "behind_low", "behind_high"]
    return _released(
        "competition", pd.DataFrame(rows), groups=[], lines=["cause", "learner"], overall=figures, texts=["chosen"]
    )


def group_results() -> ReleasedTable:
    rows = [
        {"attribute": "sex", "group": group, "metric": metric, "n": n, "share": value, "value": ratio}
        | {"share_low": value - 0.03, "share_high": value + 0.03, "low": ratio - 12, "high": ratio + 12}
        for group, n in ((float("nan"), 700), ("female", 400), ("male", 300))
        for metric, value, ratio in (
            ("observed", 0.11, np.nan),
            ("predicted", 0.12, np.nan),
            ("oe", np.nan, 88.0),
            ("fpr", 0.4, np.nan),
            ("fnr", 0.38, np.nan),
            ("score_p10", 0.06, np.nan),
            ("score_p50", 0.1, np.nan),
            ("score_p90", 0.25, np.nan),
            ("proxy_auc", 0.53, np.nan),
        )
    ]
    return _released(
        "group_results", pd.DataFrame(rows).astype({"group": object}), groups=["group"], lines=["attribute", "metric"],
        means=["value", "low", "high"], shares=["share", "share_low", "share_high"], kind="rates",
    )  # fmt: skip


def verdict(people: int = RESPONDENTS) -> ReleasedTable:
    rows = [
        {
            "grouping": name,
            "target": "needs",
            "n": people,
            "explained": value,
            "low": value - 0.02,
            "high": value + 0.02,
        }
        for name, value in (("segments", 0.31), ("department", 0.09), ("function", 0.12))
    ]
    frame = pd.DataFrame(rows)
    return _released("verdict", frame, groups=[], lines=["grouping", "target"], shares=["explained", "low", "high"])


def stability(sizes: tuple[int, ...] = SIZES) -> ReleasedTable:
    rows = [
        {"segment": k, "measure": "jaccard", "n": n, "value": 0.88 - 0.04 * k, "low": 0.8 - 0.05 * k, "high": 0.94}
        for k, n in enumerate(sizes)
    ]
    frame = pd.DataFrame(rows)
    return _released("stability", frame, groups=["segment"], lines=["measure"], shares=["value", "low", "high"])


def reliability(people: int = RESPONDENTS) -> ReleasedTable:
    rows = [
        {"need": need, "block": block, "n": people, "alpha": 0.78 + 0.01 * place, "omega": 0.8 + 0.01 * place}
        for place, need in enumerate(NEEDS)
        for block in ("importance", "experience")
    ]
    return _released("reliability", pd.DataFrame(rows), groups=[], lines=["need", "block"], shares=["alpha", "omega"])


def ladder(people: int = RESPONDENTS) -> ReleasedTable:
    rungs = (
        "one policy",
        "one policy",
        "per segment",
        "per segment",
        "per segment",
        "per individual",
        "per individual",
        "one policy",
    )
    reasons = {"one policy": "constant", "per segment": "groups", "per individual": "continuum"}
    rows = [
        {"need": need, "rung": rung, "reason": reasons[rung], "n": people, "between_share": 0.05 + 0.06 * place}
        for place, (need, rung) in enumerate(zip(NEEDS, rungs, strict=True))
    ]
    return _released(
        "ladder", pd.DataFrame(rows), groups=[], lines=["need", "rung", "reason"], shares=["between_share"]
    )


def exemplars(sizes: tuple[int, ...] = SIZES) -> ReleasedTable:
    """Two questions more and one less per segment; the strongest comes last in the table."""
    asked = (("tenure", "more", 3.4, 3.1, 2), ("department", "less", 2.5, 3.2, 3), ("function", "more", 4.4, 3.3, 1))
    rows = [
        {"segment": k, "n": n, "item": item, "side": side, "mean": mean, "overall": overall, "place": place}
        for k, n in enumerate(sizes)
        for item, side, mean, overall, place in asked
    ]
    return _released(
        "exemplars", pd.DataFrame(rows), groups=["segment"], lines=["place", "side", "item"],
        means=["mean", "overall"], kind="segments",
    )  # fmt: skip


def neighbours(sizes: tuple[int, ...] = SIZES) -> ReleasedTable:
    frame = pd.DataFrame(
        {
            "segment": range(len(sizes)), "n": sizes, "stability": 0.9, "one_with": ["", "3", "", "1"][: len(sizes)],
            "parts": ["2", "1", "1", "1"][: len(sizes)],
        }
    )  # fmt: skip
    return _released(
        "neighbours", frame, groups=["segment"], shares=["stability"], texts=["one_with", "parts"], kind="segments"
    )


def without_choices(people: int = RESPONDENTS) -> ReleasedTable:
    frame = pd.DataFrame({"kinds": ["rank,wish"], "n": people, "agreement": 0.86, "same": 0.94})
    return _released("without_choices", frame, groups=[], lines=["kinds"], overall=["agreement", "same"])


def attractiveness(sizes: tuple[int, ...] = SIZES) -> ReleasedTable:
    rows = [
        {"segment": k, "n": n, "criterion": criterion, "rating": rating, "attractiveness": (10 - 3 * k + 4 * k) / 2}
        for k, n in enumerate(sizes)
        for criterion, rating in (("size", 10 - 3.0 * k), ("leaving", 4.0 * k))
    ]
    means = ["rating", "attractiveness"]
    return _released(
        "attractiveness", pd.DataFrame(rows), groups=["segment"], lines=["criterion"], means=means, kind="segments"
    )


def plans(sizes: tuple[int, ...] = SIZES) -> ReleasedTable:
    chosen = (
        ("rota-say", "thanks", "growth-talk"),
        ("growth-talk", "rota-say", "thanks"),
        ("thanks", "growth-talk", "rota-say"),
        ("pay-open", "rota-say", "thanks"),
    )
    needs = {"growth-talk": "GRO", "rota-say": "AUT", "thanks": "REC", "pay-open": "PAY"}
    rows = [
        {
            "segment": k,
            "rank": rank,
            "action": action,
            "need": needs[action],
            "n": int(n * (0.5 - 0.1 * rank)),
            "priority": 0.34 - 0.07 * rank,
        }
        for k, n in enumerate(sizes)
        for rank, action in enumerate(chosen[k], start=1)
    ]
    frame = pd.DataFrame(rows)
    return _released("plans", frame, groups=["segment"], lines=["rank", "action", "need"], shares=["priority"])


def migration(sizes: tuple[int, ...] = SIZES) -> ReleasedTable:
    rows = []
    for a, n in enumerate(sizes):
        for b in range(len(sizes)):
            share = 0.79 if a == b else 0.21 / (len(sizes) - 1)
            rows.append({"segment_from": a, "segment_to": b, "n": int(n * share), "share": share})
    return _released("migration", pd.DataFrame(rows), groups=["segment_from", "segment_to"], shares=["share"])


TRIED = pd.DataFrame(
    [
        {"family": family, "k": k, "chosen": family == "mixture" and k == 4, "agreement": agreement, "floor": 0.7}
        for family, row in (("mixture", (0.93, 0.84, 0.88, 0.61)), ("kmeans", (0.9, 0.8, 0.82, 0.58)))
        for k, agreement in zip((2, 3, 4, 5), row, strict=True)
    ]
)

FINDINGS = pd.DataFrame(
    {
        "code": ["DQ011", "DQ020"],
        "severity": ["warning", "note"],
        "subject": ["responses", "I_PAY_live"],
        "where": ["wave-2.csv", "wave-2.csv"],
        "count": [37, 3],
        "explanation": ["same answer to every question", "not answered"],
        "advice": ["left out of the fit", "nothing"],
    }
)

GOVERNANCE = {
    "works_council": "OR-2025-14",
    "dpia": "DPIA-2025-03",
    "data_protection_officer": "fg@voorbeeld.nl",
    "legal_basis": "gerechtvaardigd belang",
    "purpose": "beter werk per behoefte",
    "approver": "Directeur HR",
    "expires": "2026-12-31",
}


@cache
def full_story() -> Story:
    """Everything measured: four segments, spells, promises, journey, plans."""
    tables = (
        segments(),
        profiles(),
        shortfalls(),
        promises(),
        scorecard(),
        journey(),
        changes(),
        curves(),
        leaving(),
        calibration(),
        evaluation(),
        effects(),
        verdict(),
        stability(),
        reliability(),
        ladder(),
        plans(),
        migration(),
        segment_effects(),
        what_if(),
        first_year(),
        lifetime_value(),
        value_sensitivity(),
        competition(),
        group_results(),
        match_counts(),
        exemplars(),
        neighbours(),
        without_choices(),
        attractiveness((982, 741, 566)),
    )
    return Story(
        study="demo",
        wave="2025-2",
        title={"nl": "Wat drijft onze mensen?", "en": "What drives our people?"},
        organisation={"nl": "Voorbeeldorganisatie (gesimuleerd)", "en": "Example organisation (simulated)"},
        study_digest="3f9a1c77b2d04e55",
        data_kind="simulated",
        outcome_kind="spells",
        meaning="exit",
        basis=("importance", "rank", "wish"),
        status="segments",
        n_people=PEOPLE,
        n_respondents=RESPONDENTS,
        response_rate=RESPONDENTS / PEOPLE,
        need_names=NEEDS,
        segment_names=SEGMENTS,
        moment_names=MOMENTS,
        feature_names=FEATURES,
        offer_names=OFFERS,
        released={table.name: table for table in tables},
        actions=ACTIONS,
        tried=TRIED,
        findings=FINDINGS,
        certificate={"tables": len(tables), "hidden": 0, "audit": "0 recovered"},
        governance=GOVERNANCE,
    )


def without_segments() -> Story:
    """A survey in which no reproducible segments exist: one group, everyone."""
    one = (RESPONDENTS,)
    tables = (
        profiles(one),
        shortfalls(one),
        promises(one),
        journey(one),
        curves(everyone_only=True),
        calibration(),
        evaluation(),
        effects(),
        reliability(),
    )
    story = full_story()
    tried = TRIED.assign(agreement=TRIED["agreement"] - 0.4, chosen=False)
    return replace(
        story, status="none", segment_names={}, released={table.name: table for table in tables}, tried=tried
    )


def made_groups() -> Story:
    """Groups that are made: what HR knows that comes nearest has a name in either language, and no column's code."""
    story = full_story()
    division = {
        "k": 4, "n": 400, "explained": 0.08, "explained_low": 0.05, "explained_high": 0.11, "rival": "pay_grade",
        "rival_explained": 0.01, "ahead": 0.07, "ahead_low": 0.04, "again": 0.6, "same": 0.8, "by_halves": 0.4,
        "again_low": 0.55, "again_high": 0.65, "same_low": 0.77, "same_high": 0.83, "agreement": 0.8,
        "agreement_low": 0.7, "agreement_high": 0.9,
        "style_share": 0.01, "spread_share": 0.01, "smallest_share": 0.2, "smallest_n": 80,
        "failed": "", "chosen": True,
    }  # fmt: skip
    names = {**story.feature_names, "pay_grade": {"nl": "salarisschaal", "en": "salary band"}}
    return replace(story, divided=pd.DataFrame([division]), feature_names=names)


def hr_only() -> Story:
    """A study without a survey: staying and leaving, and nothing else."""
    tables = (curves(everyone_only=True), calibration(), evaluation(), effects())
    return replace(
        full_story(),
        status="no survey",
        basis=(),
        segment_names={},
        need_names={},
        n_respondents=0,
        response_rate=None,
        released={table.name: table for table in tables},
        tried=None,
        actions={},
        governance=None,
    )


def intention() -> Story:
    """Experience items and an intention to leave, asked at one moment (public data)."""
    tables = (
        segments(),
        profiles(measures=("score", "experience")),
        leaving(),
        calibration(),
        evaluation(),
        effects(cause=""),
        stability(),
    )
    return replace(
        full_story(),
        outcome_kind="horizon",
        meaning="intention",
        basis=("experience",),
        data_kind="public",
        released={table.name: table for table in tables},
        governance=None,
        actions={},
    )


def with_rows(story: Story, name: str, frame: pd.DataFrame) -> Story:
    """The story as if these rows had been released."""
    table: ReleasedTable = copy.copy(story.released[name])
    object.__setattr__(table, "_frame", frame)
    return replace(story, released={**story.released, name: table})
