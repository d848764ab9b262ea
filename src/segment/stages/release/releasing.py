"""Which tables are released, and as what: groups, lines, means and shares of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from segment.privacy import ReleaseRules
from segment.privacy.linked import Request
from segment.privacy.ranking import Alike, Ranks
from segment.stages.base import OpenStudy
from segment.stages.release.behind import source_of
from segment.stages.release.scales import ENDS, with_ends, yes_no_apart
from segment.stages.release.shaping import MADE_HERE, shaped
from segment.vocabulary import EndReason


@dataclass(frozen=True)
class Plan:
    """How one table leaves: who its rows are about (``groups``), what each line is, and which columns go along.

    ``overall`` names diagnostics over all people at once, which may keep three decimals. ``people`` says who stands
    behind a group (:func:`segment.stages.release.behind.people_behind`), ``who`` which lines are part of its name,
    ``answers`` which means are those of answers on a scale.
    ``ranks``: columns of unrounded numbers whose order readers are told, and within which columns; ``alike``: what is
    about as much as the next in rank.
    """

    groups: tuple[str, ...] = ("segment",)
    lines: tuple[str, ...] = ()
    means: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    overall: tuple[str, ...] = ()
    kind: str = "scores"
    events: str | None = None
    people: str = "wave"
    who: tuple[str, ...] = ()
    ranks: Ranks = field(default_factory=dict)
    answers: tuple[str, ...] = ()
    alike: Mapping[str, Alike] = field(default_factory=dict)


def _alike(name: str) -> dict[str, Alike]:
    """What is about as much, of rows whose own name stands in one column."""
    return {"about_as_much": Alike("place", name, "alike")}


_INTERVAL = ("low", "high")

#: Every table that may leave, by its name. All of them are about the wave of the study.
PLANS: Mapping[str, Plan] = {
    "segments": Plan(shares=("share", "mean_posterior"), kind="segments"),
    "profiles": Plan(
        lines=("need", "measure"),
        means=("mean", *_INTERVAL, "overall"),
        shares=("share", "share_low", "share_high", "share_overall"),
        answers=("mean", "overall"),
        ranks={"place": ("segment", "measure")},
        alike=_alike("need"),
    ),
    "shortfalls": Plan(
        lines=("need",),
        shares=("shortfall", *_INTERVAL),
        kind="rates",
        ranks={"place": ("segment",), "place_of_all": ()},
        alike={**_alike("need"), "about_as_much_of_all": Alike("place_of_all", "name_of_all", "alike_of_all")},
    ),
    "promises": Plan(
        lines=("need",),
        means=("promised", "kept", "employer_promised", "employer_offered"),
        shares=("broken_share", *_INTERVAL),
        kind="rates",
        ranks={"place": ("segment",)},
        alike=_alike("need"),
        answers=("promised", "kept"),
    ),
    "scorecard": Plan(
        lines=("r", "measure"),
        means=("value", *_INTERVAL),
        shares=("share", "share_low", "share_high"),
        answers=("value",),
    ),
    "journey": Plan(
        lines=("moment",),
        means=("value", *_INTERVAL),
        shares=("weight",),
        kind="rates",
        ranks={"place": ("segment",), "place_of_weight": ("segment",)},
        alike=_alike("moment"),
        answers=("value",),
    ),
    "leaving": Plan(
        lines=("horizon",),
        shares=("value", *_INTERVAL),
        kind="rates",
        people="present",
        ranks={"place": ("horizon",)},
        alike=_alike("name"),
    ),
    "curves": Plan(
        lines=("month",),
        shares=("survival", *_INTERVAL, *(f"incidence_{cause}" for cause in EndReason)),
        kind="curves",
        events="events",
        people="curves",
    ),
    "plans": Plan(
        lines=("rank", "action", "need"),
        shares=("priority",),
        kind="rates",
        ranks={"place": ()},
        alike={"about_as_much": Alike("place", "name", "alike", near="near")},
    ),
    "lifetime_value": Plan(
        means=("value", *_INTERVAL, "at_risk", "at_risk_low", "at_risk_high", "past"), kind="driver", people="present"
    ),
    "value_sensitivity": Plan(
        lines=("assumption",),
        means=("at_low", "at_high"),
        texts=("low_setting", "high_setting"),
        ranks={"place": ()},
        kind="driver",
        people="present",
    ),
    "segment_effects": Plan(
        lines=("feature",),
        means=("change", *_INTERVAL),
        kind="driver",
        events="events",
        people="explained",
        ranks={"place": ()},
    ),
    "first_year": Plan(
        groups=("source",),
        lines=("month",),
        shares=("gone", *_INTERVAL),
        kind="curves",
        events="events",
        people="hires",
    ),
    "what_if": Plan(groups=(), lines=("feature", "level"), overall=("leaving",), kind="driver"),
    "competition": Plan(
        groups=(),
        lines=("cause", "learner"),
        overall=("log_loss", "gain", "gain_low", "gain_high", "behind", "behind_low", "behind_high"),
        texts=("chosen",),
    ),
    "group_results": Plan(
        groups=("group",),
        lines=("attribute", "metric"),
        means=("value", *_INTERVAL),
        shares=("share", "share_low", "share_high"),
        kind="rates",
        people="hold-out",
        who=("attribute",),
    ),
    "migration": Plan(groups=("segment_from", "segment_to"), shares=("share",), kind="rates", people="moves"),
    "movement": Plan(groups=("moved",), shares=("share",), texts=("code",), kind="rates", people="two models"),
    "calibration": Plan(
        groups=("bin",),
        lines=("horizon",),
        shares=("predicted", "observed", *_INTERVAL),
        texts=("covers",),
        kind="rates",
        people="hold-out",
    ),
    "stability": Plan(
        lines=("measure",),
        shares=("value", *_INTERVAL),
        kind="segments",
        ranks={"place": ("measure",)},
        alike=_alike("name"),
    ),
    "evaluation": Plan(groups=(), lines=("model", "sample", "metric"), overall=("value", *_INTERVAL)),
    "effects": Plan(
        groups=(),
        lines=("feature",),
        overall=("change", "change_low", "change_high"),
        texts=("direction",),
        kind="driver",
        ranks={"place": ()},
    ),
    "verdict": Plan(
        groups=(), lines=("grouping", "target"), overall=("explained", *_INTERVAL), ranks={"place": ("target",)}
    ),
    "ladder": Plan(groups=(), lines=("need", "rung", "reason"), overall=("between_share",)),
    "exemplars": Plan(
        lines=("place", "side", "item"),
        means=("mean", "overall"),
        shares=("share", "share_overall"),
        kind="segments",
        answers=("mean", "overall"),
    ),
    "neighbours": Plan(shares=("stability",), texts=("one_with", "parts"), kind="segments"),
    "without_choices": Plan(groups=(), lines=("kinds",), overall=("agreement", "same")),
    "attractiveness": Plan(
        lines=("criterion",), means=("rating", "attractiveness"), kind="segments", ranks={"place": ("criterion",)}
    ),
    "segment_outcomes": Plan(
        lines=("item",),
        means=("mean", *_INTERVAL, "overall"),
        shares=("share", "share_low", "share_high", "share_overall"),
        texts=("differs",),
        answers=("mean", "overall"),
    ),
    "drivers": Plan(lines=("need", "rank"), means=("shrunken", "shrunken_low", "shrunken_high"), kind="driver"),
    "typing_tool": Plan(groups=(), lines=("n_items", "place", "item"), overall=("agreement", *_INTERVAL, "chance")),
    "reliability": Plan(groups=(), lines=("need", "block"), overall=("alpha", "omega")),
    "match_counts": Plan(groups=("offer",), shares=("share",), kind="rates", people="roles"),
}


def rules_of(opened: OpenStudy) -> ReleaseRules:
    """The study's floors."""
    return ReleaseRules(**{name: getattr(opened.config.privacy, name) for name in ReleaseRules().as_dict()})


def requests_of(opened: OpenStudy, wave: str | None, *, response: float | None = None) -> list[Request]:
    """Every table the study has, for one wave, as a release asks for it.

    ``response``: share of the people asked who answered; under the floor nothing from the answers is shown.
    """
    everyone = max(len(opened.store.read(name)) for name in ("people", "responses", "spells") if opened.store.has(name))
    requests = [
        _request(opened, name, frame.reset_index(drop=True), wave=wave, everyone=everyone)
        for name, frame in frames_to_release(opened, wave).items()
        if not frame.empty
    ]
    if response is None:
        return requests
    return [_with_response(r, response) if r.groups and r.source.startswith("answers") else r for r in requests]


def _request(opened: OpenStudy, name: str, frame: pd.DataFrame, *, wave: str | None, everyone: int) -> Request:
    """One table with the columns of its plan that it has; diagnostics are about ``everyone``."""
    plan = PLANS[name]
    if not plan.groups:
        frame = frame.assign(n=frame["n"].fillna(everyone) if "n" in frame else everyone).astype({"n": "int64"})
    options: dict[str, Any] = {
        part: [c for c in getattr(plan, part) if c in frame] for part in ("means", "shares", "overall", "texts")
    }
    ranks = {name: within for name, within in plan.ranks.items() if name in frame}
    alike = {name: one for name, one in plan.alike.items() if set(one.columns) <= set(frame)}
    options |= {"kind": plan.kind, "events": plan.events, "ranks": ranks, "alike": alike}
    if plan.kind == "segments" and plan.groups:
        options["population"] = _population(frame.dropna(subset=list(plan.groups)), plan.lines)
    answers = [name for name in plan.answers if name in frame]
    if answers:
        frame = with_ends(frame, opened)
        options["ends"] = dict.fromkeys(answers, ENDS)
    source = source_of(opened, plan.people, wave)
    return Request(name, frame, plan.groups, source, lines=plan.lines, who=plan.who, options=options)


def _population(rows: pd.DataFrame, lines: tuple[str, ...]) -> int:
    """How many people all groups hold, of whom a named segment is to be a share."""
    return int(rows.groupby(list(lines))["n"].sum().max() if lines else rows["n"].sum()) if len(rows) else 0


def _with_response(request: Request, response: float) -> Request:
    return replace(
        request, frame=request.frame.assign(_response=response), options={**request.options, "response": "_response"}
    )


def frames_to_release(opened: OpenStudy, wave: str | None) -> dict[str, pd.DataFrame]:
    """The tables as figures about groups, for one wave and without its column."""
    store = opened.store
    frames = shaped({name: store.read(name) for name in PLANS if name not in MADE_HERE and store.has(name)}, wave)
    return {name: yes_no_apart(rows, opened) if name == "profiles" else rows for name, rows in frames.items()}
