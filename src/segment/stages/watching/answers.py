"""The newest wave beside the one a segmentation was learned on: questions, segments, and people who answered both."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from segment.disclosure.release import release
from segment.disclosure.rounding import in_band
from segment.drift import ALPHA, Advice, Alarm, input_drift, level_of_look, proportions_differ, shares_differ
from segment.errors import Refusal
from segment.floors import FLOORS
from segment.segments.frozen import SegmentScorer
from segment.stages.base import OpenStudy
from segment.stages.comparison.migration import told_moves
from segment.stages.counts import knows_everyone, population_of
from segment.stages.release.plans import rules_of
from segment.stages.watching.champion import Watched, watched_model
from segment.stages.waves import wave_names

_MOST = 8


def waves_to_watch(opened: OpenStudy, watched: Watched) -> tuple[str, str] | None:
    """The wave a segmentation was learned on and the last one after it with its questions; None where there is none."""
    if not opened.store.has("responses"):
        return None
    responses = opened.store.read("responses")
    codes = [code for code in watched.segments.selector.reading_.codes if code in responses]
    asked = set(responses.loc[responses[codes].notna().any(axis=1), "wave"]) if codes else set()
    names, learned = wave_names(opened), str(watched.card.get("wave", ""))
    after = [name for name in names[names.index(learned) + 1 :] if name in asked] if learned in names else []
    return (learned, after[-1]) if after else None


def watch_answers(opened: OpenStudy, watched: Watched, look: int) -> tuple[list[str], list[Alarm]]:
    """What the newest wave says about a segmentation: sentences, and alarms."""
    waves = waves_to_watch(opened, watched)
    if waves is None:
        return ["answers: no wave has come after the one the segments were learned on"], []
    before, after = (_answers(opened, watched.segments, wave) for wave in waves)
    if min(len(before), len(after)) < FLOORS.min_driver:
        return [f"answers: fewer than {FLOORS.min_driver} people in one of {waves[0]} and {waves[1]}"], []
    lines, alarms = _questions(watched.segments, before, after, waves, look)
    for part in (_segments(opened, watched, before, after, look), _response(opened, waves, look)):
        lines += part[0]
        alarms += part[1]
    return lines + list(_moved(opened, watched, before, after)), alarms


def _answers(opened: OpenStudy, scorer: SegmentScorer, wave: str) -> pd.DataFrame:
    """Answers of one wave by person, as a scorer reads them; who answered none of its questions is left out."""
    responses = opened.store.read("responses")
    rows = responses[responses["wave"] == wave].set_index("person").reindex(columns=scorer.columns).astype("float64")
    codes = [code for code in scorer.selector.reading_.codes if code in rows]
    return rows[rows[codes].notna().any(axis=1)]


def _questions(
    scorer: SegmentScorer, before: pd.DataFrame, after: pd.DataFrame, waves: tuple[str, str], look: int
) -> tuple[list[str], list[Alarm]]:
    codes = [code for code in scorer.selector.reading_.codes if after[code].notna().any()]
    found = input_drift(before[codes], after[codes], level=level_of_look(ALPHA["inputs"], look))
    drifted = found[found["drifted"]].sort_values("difference", key=abs, ascending=False)
    alarms = [
        Alarm(
            "DR001", str(row["column"]), f"answers moved by {row['difference']:+.1f} standard deviations.", Advice.REFIT
        )
        for row in drifted.head(_MOST).to_dict("records")
    ]
    more = f" (the {_MOST} widest are named)" if len(drifted) > _MOST else ""
    told = f"answers: {len(drifted)} of {len(found)} questions changed from {waves[0]} to {waves[1]}{more}"
    return [f"{told}, {in_band(len(before))} people then and {in_band(len(after))} now"], alarms


def _segments(
    opened: OpenStudy, watched: Watched, before: pd.DataFrame, after: pd.DataFrame, look: int
) -> tuple[list[str], list[Alarm]]:
    """Sizes of the segments in both waves, as released tables tell them, and what their people answer."""
    k = int(watched.segments.selector.n_segments_)
    labels = [_labels(watched.segments, rows) for rows in (before, after)]
    if k < 2 or labels[0] is None or labels[1] is None:
        return [], []
    then, now = labels[0], labels[1]
    level = level_of_look(ALPHA["segments"], look) / 2
    sizes = [np.bincount(one, minlength=k) for one in (then, now)]
    told = [_shares(opened, size) for size in sizes]
    lines = [f"segments: {'; '.join(f'{name} {told[0][name]} then, {told[1][name]} now' for name in told[0])}"]
    alarms = []
    if shares_differ(*sizes) < level:
        alarms.append(Alarm("DR002", "sizes", "the shares of the segments are others than before.", Advice.NOTHING))
    for segment in range(k):
        inside = [rows.loc[own == segment] for rows, own in ((before, then), (after, now))]
        codes = [code for code in watched.segments.selector.reading_.codes if after[code].notna().any()]
        if min(len(rows) for rows in inside) < FLOORS.min_driver:
            continue
        changed = int(input_drift(inside[0][codes], inside[1][codes], level=level / k)["drifted"].sum())
        if changed:
            text = f"its people answer {changed} of {len(codes)} questions otherwise than its people did."
            alarms.append(Alarm("DR002", f"segment {segment + 1}", text, Advice.REFIT))
    return lines, alarms


def _shares(opened: OpenStudy, sizes: np.ndarray) -> dict[str, str]:
    """The share of each segment in whole twentieths, of released groups only."""
    counts = pd.DataFrame({"segment": range(len(sizes)), "n": sizes})
    table = release("watched_segments", counts, groups=["segment"], count="n", rules=rules_of(opened)).frame
    total = float(sizes.sum())
    return {
        f"{int(row['segment']) + 1}": "hidden"
        if row["status"] == "hidden"
        else f"about {5 * round(20 * float(sizes[int(row['segment'])]) / total)} %"
        for row in table.to_dict("records")
    }


def _labels(scorer: SegmentScorer, rows: pd.DataFrame) -> np.ndarray | None:
    try:
        return np.asarray(scorer.memberships(rows).argmax(axis=1))
    except Refusal:
        return None


def _moved(opened: OpenStudy, watched: Watched, before: pd.DataFrame, after: pd.DataFrame) -> Iterator[str]:
    """How many people moved under the same model, beside how many the newest model puts elsewhere."""
    both = before.index.intersection(after.index)
    if len(both) >= FLOORS.min_driver:
        labels = [_labels(watched.segments, rows.loc[both]) for rows in (before, after)]
        if labels[0] is not None and labels[1] is not None:
            share = 5 * round(20 * float((labels[0] != labels[1]).mean()))
            yield f"people: about {share} % of {in_band(len(both))} who answered both waves are in another segment now"
    newest = watched_model(opened, "segmentation", newest=True) if watched.decided else None
    if newest is not None and newest.segments.selector.n_segments_ > 1:
        own, other = (
            _labels(scorer, _answers_of(scorer, after, opened)) for scorer in (watched.segments, newest.segments)
        )
        if own is not None and other is not None and len(own) == len(other):
            elsewhere = told_moves(own, other, rules=rules_of(opened)).share
            yield f"model: the newest one puts about {elsewhere:.0%} of the same people elsewhere than the decided one"


def _answers_of(scorer: SegmentScorer, rows: pd.DataFrame, opened: OpenStudy) -> pd.DataFrame:
    """Answers of the same people and wave, with the columns another scorer reads."""
    responses = opened.store.read("responses")
    known = responses[responses["person"].isin(rows.index)].drop_duplicates("person", keep="last").set_index("person")
    return known.reindex(rows.index).reindex(columns=scorer.columns).astype("float64")


def _response(opened: OpenStudy, waves: tuple[str, str], look: int) -> tuple[list[str], list[Alarm]]:
    """The share of people who could answer that did, in both waves."""
    if not knows_everyone(opened):
        return [], []
    then, now = (population_of(opened, wave) for wave in waves)
    if then.rate is None or now.rate is None or min(then.scope, now.scope) < FLOORS.min_driver:
        return [], []
    told = f"response: about {5 * round(20 * then.rate)} % then, about {5 * round(20 * now.rate)} % now"
    differ = proportions_differ((then.asked, then.scope), (now.asked, now.scope))
    if differ >= level_of_look(ALPHA["response"], look) or abs(now.rate - then.rate) < 0.05:
        return [told], []
    text = "another share of people answered; what changed may be who answers."
    return [told], [Alarm("DR006", waves[1], text, Advice.NOTHING)]
