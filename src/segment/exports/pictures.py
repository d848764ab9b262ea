"""The pictures and tables of the report that are made by hand, each under the name of the released table it shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from segment.disclosure.release import ReleasedTable
from segment.displays.base import Display
from segment.displays.column_text import EXITS, POINTS, SHARES, measure_name
from segment.displays.experience import draw_journey, draw_promises
from segment.displays.labels import (
    Labels,
    bands_of,
    floats,
    of_segment,
    rows_of,
    segments_in,
    share_text,
    signed,
)
from segment.displays.retention import (
    draw_calibration,
    draw_curves,
    draw_effects,
    draw_incidence,
    draw_leaving,
    draw_tornado,
)
from segment.displays.segments import draw_profiles, draw_shortfalls, draw_stability, draw_verdict
from segment.exports.answers import planned_actions
from segment.exports.blocks import ActionList, Block, Grid, pictures, spoken
from segment.exports.method_sections import evaluation_grid
from segment.exports.scales import converted
from segment.exports.story import Story
from segment.locale import number, say
from segment.vocabulary import SEVEN_RS

#: What a table registers as its own: from the story and a language to blocks; none where there is nothing to show.
Own = Callable[[Story, str], Sequence[Block]]


def _profiles(story: Story, language: str) -> list[Block]:
    """What weighs for each segment; what was asked with yes and no apart."""
    if "profiles" not in story.released:
        return []
    return pictures(profile_of(story, language, prefix="prof"), _said_yes(story, language))


def profile_of(story: Story, language: str, *, prefix: str, only: int | None = None) -> Display | None:
    """The profile figure: style-free scores between segments, mean answers where everyone is one group."""
    profiles, labels = story.released["profiles"], story.labels(language)
    asked = "experience" if story.by_experience else "importance"
    for measure in ("score", asked) if story.segments else (asked, "experience"):
        for shares in (False, True):
            drawn = draw_profiles(
                profiles, labels, prefix=prefix, measure=measure, experienced=story.by_experience, only=only,
                shares=shares,
            )  # fmt: skip
            if drawn is not None:
                return drawn
    return None


def _said_yes(story: Story, language: str) -> Display | None:
    """Needs that were asked with yes and no, beside those that were not, where everyone is one group."""
    profiles, labels = story.released["profiles"], story.labels(language)
    asked = "experience" if story.by_experience else "importance"
    beside = None if story.segments else draw_profiles(profiles, labels, prefix="mean", measure=asked)
    if beside is None:
        return None
    return draw_profiles(profiles, labels, prefix="said", measure=asked, experienced=story.by_experience, shares=True)


def _shortfalls(story: Story, language: str) -> list[Block]:
    lacking = story.released.get("shortfalls", story.released.get("profiles"))
    return pictures(draw_shortfalls(lacking, story.labels(language), prefix="lack")) if lacking is not None else []


def _verdict(story: Story, language: str) -> list[Block]:
    if "verdict" not in story.released or not story.segments:
        return []
    return pictures(draw_verdict(story.released["verdict"], story.labels(language), prefix="verd"))


def _promises(story: Story, language: str) -> list[Block]:
    return _means_and_shares(draw_promises, story.released.get("promises"), story.labels(language), prefix="prom")


def _journey(story: Story, language: str) -> list[Block]:
    return _means_and_shares(draw_journey, story.released.get("journey"), story.labels(language), prefix="jour")


def _means_and_shares(
    draw: Callable[..., Display | None], table: ReleasedTable | None, labels: Labels, *, prefix: str
) -> list[Block]:
    """The drawing of mean answers, and that of what was asked with yes and no, as far as there are such figures."""
    if table is None:
        return []
    drawn = (draw(table, labels, prefix=f"{prefix}{'yes' * shares}", shares=shares) for shares in (False, True))
    return pictures(*drawn)


def _seven_rs(story: Story, language: str) -> list[Block]:
    """The seven Rs, each with its own measures; a side without a figure says 'not measured'."""
    labels = story.labels(language)
    table = story.released.get("scorecard")
    rows = rows_of(table) if table is not None else pd.DataFrame({"segment": [], "r": [], "measure": []})
    segments = segments_in(rows) if len(rows) else [None]
    columns = (
        say("report.rs.r", language),
        say("report.rs.measure", language),
        *(labels.segment(one) for one in segments),
    )
    absent, lines = say("report.not_measured", language), []
    for code in SEVEN_RS:
        of_r = rows[rows["r"] == code]
        measures = [m for m in dict.fromkeys(of_r["measure"]) if not (story.by_intention and m in EXITS)]
        lines += [
            (
                say(f"display.r.{code}", language),
                measure_name(measure, language, share=_is_share(of_r, measure)),
                *(_r_cell(of_r, measure, one, language) for one in segments),
            )
            for measure in measures
        ] or [(say(f"display.r.{code}", language), "–", *([absent] * len(segments)))]
    note = " ".join(spoken((say("report.rs.scale", language), converted(story, ("scorecard",), language))))
    return [Grid(say("report.rs.table", language), columns, tuple(lines), note=note)]


def _is_share(rows: pd.DataFrame, measure: str) -> bool:
    """Whether a measure is a share of people: by its kind, or because it was asked with yes and no."""
    return measure in SHARES or bool(np.isfinite(floats(rows[rows["measure"] == measure], "share")).any())


def _r_cell(rows: pd.DataFrame, measure: str, segment: int | None, language: str) -> str:
    cell = of_segment(rows[rows["measure"] == measure].reset_index(drop=True), segment)
    values = floats(cell, "value")
    values = np.where(np.isnan(values), floats(cell, "share"), values)
    if not len(values) or values[0] != values[0]:
        return say("report.hidden", language)
    if measure == POINTS:
        return signed(values[0], language, unit="")
    if _is_share(rows, measure):
        return share_text(values[0], language, bands=bands_of(cell.iloc[0]))
    return number(values[0], language)


def _leaving(story: Story, language: str) -> list[Block]:
    if "leaving" not in story.released:
        return []
    leaving, labels, months = story.released["leaving"], story.labels(language), story.horizon_months
    kind = "intention" if story.by_intention else "flag" if story.outcome_kind == "horizon" else "exit"
    return pictures(draw_leaving(leaving, labels, prefix="leav", kind=kind, months=months))


def _curves(story: Story, language: str) -> list[Block]:
    if "curves" not in story.released or story.by_intention:
        return []
    curves, labels = story.released["curves"], story.labels(language)
    return pictures(draw_curves(curves, labels, prefix="curv"), draw_incidence(curves, labels, prefix="inci"))


def _effects(story: Story, language: str) -> list[Block]:
    if "effects" not in story.released:
        return []
    effects, labels = story.released["effects"], story.labels(language)
    return pictures(draw_effects(effects, labels, prefix="effe", intention=story.by_intention))


def _calibration(story: Story, language: str) -> list[Block]:
    if "calibration" not in story.released:
        return []
    calibration, labels = story.released["calibration"], story.labels(language)
    return pictures(draw_calibration(calibration, labels, prefix="cali", months=story.horizon_months))


def _value_sensitivity(story: Story, language: str) -> list[Block]:
    if "value_sensitivity" not in story.released:
        return []
    return pictures(draw_tornado(story.released["value_sensitivity"], story.labels(language), prefix="torn"))


def _stability(story: Story, language: str) -> list[Block]:
    if "stability" not in story.released or not story.segments:
        return []
    return pictures(draw_stability(story.released["stability"], story.labels(language), prefix="stab"))


def _plans(story: Story, language: str) -> list[Block]:
    """The actions of each segment, and of everyone."""
    labels = story.labels(language)
    plans = {one: planned_actions(story, language, segment=one) for one in (*story.segments, None)}
    return [ActionList(labels.segment(one), own) for one, own in plans.items() if own]


PICTURES: Mapping[str, Own] = {
    "profiles": _profiles,
    "shortfalls": _shortfalls,
    "verdict": _verdict,
    "promises": _promises,
    "scorecard": _seven_rs,
    "journey": _journey,
    "leaving": _leaving,
    "curves": _curves,
    "effects": _effects,
    "calibration": _calibration,
    "value_sensitivity": _value_sensitivity,
    "plans": _plans,
    "stability": _stability,
    "evaluation": evaluation_grid,
}
