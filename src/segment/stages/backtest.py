"""``segment backtest``: a study's own past, wave by wave: what would have been said, what came, what gates decided.

At each wave the study is run as it would have been on that day: with the answers and the days there were, in a place of
its own. Then the time up to the next wave tells whether that was right.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from segment.drift import observed_against_expected
from segment.errors import NotReady, Refusal
from segment.floors import FLOORS
from segment.locale import STANDS_IN, say
from segment.segments.identity import match_segments
from segment.stages.apart import Apart, copy_books, moved
from segment.stages.base import OpenStudy, open_study, run_stage
from segment.stages.comparison.gates import OF_SEGMENTS, leaving_gates
from segment.stages.discover import DISCOVER
from segment.stages.exclusive import alone
from segment.stages.prepare import PREPARE
from segment.stages.recovery import complete_interrupted
from segment.stages.retain import RETAIN
from segment.stages.watching.champion import Watched, read_watched
from segment.stages.watching.exits import since_learned
from segment.stages.waves import wave_dates, wave_names
from segment.store import Store, confined
from segment.tracking.records import PARENT, from_frame

_STAGES = (PREPARE, DISCOVER, RETAIN)
#: Agreement of two segmentations of the same people from which the later one confirms the earlier.
_CONFIRMED = 0.7


@dataclass(frozen=True)
class Past:
    """One wave as it would have been.

    Parameters
    ----------
    wave
        Its name.
    kind
        ``natural``, ``reproducible``, ``made`` or ``none``; empty where no segmentation could be tried.
    k
        How many segments.
    agreement
        Share of people of the next wave whom that wave's own segmentation puts the same; NaN where it cannot be known.
    ratio, low, high
        Exits until the next wave over those expected, with limits; NaN without a model of leaving.
    missed
        Gates that the chosen segments missed, and those that the model of leaving missed; None where there is none.
    refused
        Why nothing was said; empty where something was.
    """

    wave: str
    kind: str = ""
    k: int = 0
    agreement: float = float("nan")
    ratio: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    refused: str = ""
    missed: tuple[tuple[str, ...] | None, tuple[str, ...] | None] = (None, None)

    @property
    def segments_held(self) -> bool | None:
        """Whether what was said of segments was so a wave later; None where that cannot be known."""
        return None if np.isnan(self.agreement) else self.agreement >= _CONFIRMED

    @property
    def level_held(self) -> bool | None:
        """Whether as many left as expected; None where that cannot be known."""
        return None if np.isnan(self.ratio) else self.low <= 1 <= self.high

    def __str__(self) -> str:
        if self.refused:
            return f"{self.wave}: nothing would have been said ({self.refused})"
        found = f"{self.k} segments ({self.kind})" if self.k > 1 else "no segments"
        if self.k > 1 and self.missed[0] is not None:
            found += f", {_gates(self.missed[0])}"
        told = {True: "it was so a wave later", False: "a wave later it was not so", None: "not known yet"}
        parts = [f"said {found}: {told[self.segments_held]}"]
        if not np.isnan(self.ratio):
            held = "as expected" if self.level_held else "not as expected"
            parts.append(f"exits until the next wave {self.ratio:.1f} times those expected "
                         f"({self.low:.1f} to {self.high:.1f}): {held}")  # fmt: skip
        if self.missed[1] is not None:
            parts.append(f"model of leaving, {_gates(self.missed[1])}")
        return f"{self.wave}: {'; '.join(parts)}"


def _gates(missed: Sequence[str]) -> str:
    """What gates decided, in words.

    >>> _gates(()), _gates(["agreement", "style"])
    ('every gate passed', 'missed: comes back in the other half, no response style')
    """
    named = ", ".join(say(f"compare.gate.{gate.replace(' ', '_')}", STANDS_IN) for gate in missed)
    return f"missed: {named}" if named else "every gate passed"


@alone("backtest")
def backtest_study(
    study: Path, *, tell: Callable[[str], object] = lambda _: None, overrides: Sequence[str] = ()
) -> list[str]:
    """Walk through the waves of a study; returns a line for each, and one for all.

    Nothing of the study changes, and nothing is published or registered.

    Raises
    ------
    NotReady
        The study has fewer than two waves with a day.
    """
    told = walk_back(study, tell=tell, overrides=overrides)
    kept = [held for one in told for held in (one.segments_held, one.level_held) if held is not None]
    return [*map(str, told), f"Altogether {sum(kept)} of {len(kept)} statements held until the next wave."]


def walk_back(
    study: Path, *, tell: Callable[[str], object] = lambda _: None, overrides: Sequence[str] = ()
) -> list[Past]:
    """Each wave as it would have been, oldest first."""
    opened = open_study(study, overrides=overrides)
    complete_interrupted(opened)
    opened.anchor.refuse_older()
    run_stage(PREPARE, opened)
    days = wave_dates(opened)
    waves = [name for name in wave_names(opened) if name in days]
    if len(waves) < 2:
        raise NotReady(
            "There is no past to walk through.",
            expected="two waves or more whose days are known",
            came=f"{len(waves)}",
            where=str(study),
        )
    with tempfile.TemporaryDirectory(prefix="segment-backtest-") as scratch:
        walked = []
        for number, wave in enumerate(waves):
            tell(f"{wave} ...")
            walked.append(_as_it_was(opened, wave, days[wave], Path(scratch).resolve() / str(number)))
        return [
            _judged(opened, then, walked[number + 1] if number + 1 < len(walked) else None, days)
            for number, then in enumerate(walked)
        ]


@dataclass(frozen=True)
class _Then:
    """A study as it was at a wave, and what it would have said; ``refused``: why it said nothing."""

    wave: str
    opened: OpenStudy
    refused: str = ""

    def model(self, name: str) -> Watched | None:
        """One of its models with its card."""
        if self.refused or not self.opened.store.model_path(name).is_file():
            return None
        return read_watched(self.opened.store, name, decided=False)


def _as_it_was(opened: OpenStudy, wave: str, day: pd.Timestamp, place: Path) -> _Then:
    """Run the study as it would have been on the day of a wave."""
    shared = copy_books(opened, place)
    config = opened.config.model_copy(update={"wave": wave, "as_of": day.date()}).as_known()
    study = moved(replace(opened.study, config=config), place)
    apart = Apart(study, Store(place / "tables", place / "models"), opened.key, shared)
    try:
        with confined(place):
            for stage in _STAGES:
                run_stage(stage, apart)
    except Refusal as refusal:
        return _Then(wave, apart, str(refusal).splitlines()[0])
    return _Then(wave, apart)


def _judged(opened: OpenStudy, then: _Then, after: _Then | None, days: dict[str, pd.Timestamp]) -> Past:
    """What would have been said at a wave beside what came until the next."""
    if then.refused:
        return Past(then.wave, refused=then.refused)
    found = then.model("segmentation")
    past = Past(then.wave)
    if found is not None:
        selector = found.segments.selector
        past = replace(past, kind=str(selector.kind_), k=int(selector.n_segments_), missed=_missed(then))
    if after is None:
        return past
    if found is not None:
        past = replace(past, agreement=_agreement(found, after))
    leaving = then.model("retention")
    if leaving is not None:
        past = _with_exits(opened, past, leaving, days[after.wave])
    return past


def _missed(then: _Then) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """Gates that the chosen segments missed, and those that the model of leaving missed; None where there is none."""
    store = then.opened.store
    chosen = store.read("candidates").query("chosen")["failed"].tolist()
    segments = tuple(gate for gate in OF_SEGMENTS if gate in chosen[0].split(", ")) if chosen else None
    if then.model("retention") is None:
        return segments, None
    records = from_frame(store.read("records_retain"))
    figures = {one.name: one.number for one in records if one.run == PARENT and one.kind == "metric"}
    return segments, tuple(gate for gate, passed in leaving_gates(figures.get).items() if passed is False)


def both_none(then: tuple[str, int], later: tuple[str, int]) -> bool:
    """Whether "no segments" was so a wave later: groups that are then made were not found either.

    >>> both_none(("none", 1), ("none", 1)), both_none(("none", 1), ("made", 3))
    (True, True)
    >>> both_none(("none", 1), ("natural", 5)), both_none(("made", 3), ("none", 1))
    (False, False)
    """
    return then[1] == 1 and (later[1] == 1 or later[0] == "made")


def _agreement(found: Watched, after: _Then) -> float:
    """Share of the next wave's people whom its own segmentation puts as this one does; 1 where both find none."""
    later = after.model("segmentation")
    if later is None:
        return float("nan")
    selectors = [one.segments.selector for one in (found, later)]
    if min(one.n_segments_ for one in selectors) == 1:
        return float(both_none(*((str(one.kind_), int(one.n_segments_)) for one in selectors)))
    responses = after.opened.store.read("responses")
    people = responses[responses["wave"] == after.wave].reset_index(drop=True)
    labels = []
    for one in (found, later):
        try:
            rows = people.reindex(columns=one.segments.columns).astype("float64")
            labels.append(one.segments.memberships(rows).argmax(axis=1))
        except Refusal:
            return float("nan")
    pairs = match_segments(labels[0], labels[1]).table.dropna(subset=["old", "new"])
    same = dict(zip(pairs["new"].astype(int), pairs["old"].astype(int), strict=True))
    return float((np.array([same.get(int(one), -1) for one in labels[1]]) == labels[0]).mean())


def _with_exits(opened: OpenStudy, past: Past, leaving: Watched, day: pd.Timestamp) -> Past:
    """Exits from a wave to the next, beside those its model expected."""
    outcome = opened.config.outcome
    if outcome is None or outcome.window is None:
        return past
    window = outcome.window.model_copy(update={"end": min(day.date(), outcome.window.end)})
    settings = opened.config.model_copy(update={"outcome": outcome.model_copy(update={"window": window})})
    since = since_learned(replace(opened, study=replace(opened.study, config=settings)), leaving)
    if since is None or since.empty or since["expected"].sum() < 1 or since["observed"].sum() < FLOORS.min_group:
        return past
    told = observed_against_expected(float(since["observed"].sum()), float(since["expected"].sum()), alpha=0.05)
    return replace(past, ratio=told.value, low=told.low, high=told.high)
