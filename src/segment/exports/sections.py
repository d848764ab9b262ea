"""What was found, section by section: segments, promises, the seven Rs, the journey, staying, actions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from segment.displays.base import Display
from segment.displays.experience import draw_journey, draw_promises
from segment.displays.labels import (
    Labels,
    answer_text,
    floats,
    in_order,
    of_segment,
    people_text,
    rows_of,
    said_yes,
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
from segment.displays.segments import draw_profiles, draw_shortfalls, draw_verdict
from segment.displays.told import EXITS, POINTS, SHARES, measure_name
from segment.exports.alike import Name, first_of, following, sentence
from segment.exports.answers import planned_actions, segments_without, why_no_actions, widest_gaps
from segment.exports.blocks import ActionList, Block, Grid, Section, pictures, spoken
from segment.exports.fairness_tables import fairness_grids
from segment.exports.further_tables import matches_grid, migration_grid, value_grid
from segment.exports.segment_tables import (
    attractiveness_grid,
    drivers_grid,
    exemplars_grid,
    movement_grid,
    outcomes_grid,
)
from segment.exports.staying_tables import first_year_grid, segment_effects_grid, what_if_grid
from segment.exports.story import Story
from segment.locale import catalogue, number, percent, say
from segment.privacy import ReleasedTable
from segment.tables.shapes import SAID_YES
from segment.vocabulary import SEVEN_RS


def segments_section(story: Story, language: str) -> Section:
    """The segments side by side, what weighs for each, what they lack; everyone together when there are none."""
    texts = {
        "segments": "report.segments.text.experience" if story.by_experience else "report.segments.text",
        "none": "report.segments.text.none",
        "no survey": f"report.segments.text.{'no_needs' if story.answers_without_needs else 'absent'}",
        "too few": "report.segments.text.few",
    }
    blocks: list[Block] = []
    if story.segments:
        blocks.append(_sizes(story, language))
    labels = story.labels(language)
    profiles = story.released.get("profiles")
    if profiles is not None:
        blocks += pictures(profile_of(story, language, prefix="prof"), _said_yes(story, language))
    lacking = story.released.get("shortfalls", profiles)
    if lacking is not None:
        blocks += pictures(draw_shortfalls(lacking, labels, prefix="lack"))
    if "verdict" in story.released and story.segments:
        blocks += pictures(draw_verdict(story.released["verdict"], labels, prefix="verd"))
    blocks += [*exemplars_grid(story, language), *outcomes_grid(story, language), *drivers_grid(story, language)]
    return Section(
        "segments", say("report.segments.title", language), (say(texts[story.status], language),), tuple(blocks)
    )


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


def _sizes(story: Story, language: str) -> Grid:
    """One row per segment: number of people, share, and how clearly they belong; hidden ones say so."""
    frame = story.released["segments"].frame
    labels = story.labels(language)
    columns = [say(f"display.column.{name}", language) for name in ("segment", "n")]
    columns += [say("report.column.share", language), say("report.column.between", language)]
    hidden = say("report.hidden", language)
    rows = []
    for place, (_, row) in enumerate(frame.iterrows()):
        shown = row["status"] != "hidden"
        share, clear = (
            share_text(floats(frame, name)[place], language, banded=row["status"] == "banded")
            for name in ("share", "mean_posterior")
        )
        cells = (people_text(row["n"], language), share, clear)
        name = labels.segment(int(float(row["segment"]))) if row["segment"] == row["segment"] else labels.segment(None)
        rows.append((name, *(cells if shown else (hidden,) * 3)))
    return Grid(say("report.segments.sizes", language), tuple(columns), tuple(rows))


def promises_section(story: Story, language: str) -> Section:
    """What was promised beside what was kept."""
    title = say("report.promises.title", language)
    table = story.released.get("promises")
    drawn = _means_and_shares(draw_promises, table, story.labels(language), prefix="prom")
    if not drawn:
        absent = _absent("promises", title, language)
        return Section(absent.anchor, title, absent.paragraphs, matches_grid(story, language))
    text = (say("report.promises.text", language), *_widest_gap(story, language))
    return Section("promises", title, spoken(text), (*drawn, *matches_grid(story, language)))


def _means_and_shares(
    draw: Callable[..., Display | None], table: ReleasedTable | None, labels: Labels, *, prefix: str
) -> list[Block]:
    """The drawing of mean answers, and that of what was asked with yes and no, as far as there are such figures."""
    if table is None:
        return []
    drawn = (draw(table, labels, prefix=f"{prefix}{'yes' * shares}", shares=shares) for shares in (False, True))
    return pictures(*drawn)


def _widest_gap(story: Story, language: str) -> tuple[str, ...]:
    gaps = first_of(widest_gaps(story, story.labels(language), None), 1)
    if not gaps:
        return ()
    promised, kept = gaps[0].told(language)
    hidden = ".rounded" if promised == kept else ""
    told = say(f"report.promises.gap{hidden}", language, need=gaps[0].name, promised=promised, kept=kept)
    return told, sentence(gaps, language)


def rs_section(story: Story, language: str) -> Section:
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
    for code, english in SEVEN_RS.items():
        name = code if language == "nl" else english
        of_r = rows[rows["r"] == code]
        measures = [m for m in dict.fromkeys(of_r["measure"]) if not (story.by_intention and m in EXITS)]
        lines += [
            (
                name,
                measure_name(measure, language, share=_is_share(of_r, measure)),
                *(_r_cell(of_r, measure, one, language) for one in segments),
            )
            for measure in measures
        ] or [(name, "–", *([absent] * len(segments)))]
    grid = Grid(say("report.rs.table", language), columns, tuple(lines), note=say("report.rs.scale", language))
    return Section("seven-rs", say("report.rs.title", language), (say("report.rs.text", language),), (grid,))


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
        return share_text(values[0], language, banded=cell["status"].iloc[0] == "banded")
    return number(values[0], language)


def journey_section(story: Story, language: str) -> Section:
    """Moments of working life, judged by those who lived them."""
    title = say("report.journey.title", language)
    table = story.released.get("journey")
    labels = story.labels(language)
    drawn = _means_and_shares(draw_journey, table, labels, prefix="jour")
    if table is None or not drawn:
        return _absent("journey", title, language)
    text = (say("report.journey.text", language), *_lowest(of_segment(rows_of(table), None), labels, language))
    return Section("journey", title, spoken(text), tuple(drawn))


def _lowest(rows: pd.DataFrame, labels: Labels, language: str) -> tuple[str, ...]:
    share, names = said_yes(rows, SAID_YES["journey"]), [labels.moment(str(one)) for one in rows["moment"]]
    values = np.where(share, floats(rows, "share"), floats(rows, "value"))
    order = in_order(rows, values)
    if not order:
        return ()
    first = order[0]
    value = answer_text(
        values[first], language, share=bool(share[first]), banded=rows["status"].iloc[first] == "banded"
    )
    told = say("report.journey.low", language, moment=names[first], value=value)
    moments = first_of([Name(names[at], following(rows, at)) for at in order], 1)
    return told, sentence(moments, language, about="low")


def staying_section(story: Story, language: str) -> Section:
    """Who stays and who leaves, how well that was foreseen, and what goes together with it."""
    intention, labels, released = story.by_intention, story.labels(language), story.released
    title = say("report.staying.title.intention" if intention else "report.staying.title", language)
    if story.outcome_kind is None:
        return _absent("staying", title, language)
    key = "intention" if intention else "horizon" if story.outcome_kind == "horizon" else ""
    text = say(f"report.staying.text{'.' + key if key else ''}", language, months=story.horizon_months)
    blocks: list[Block] = []
    months = story.horizon_months
    if "leaving" in released:
        blocks += pictures(draw_leaving(released["leaving"], labels, prefix="leav", intention=intention, months=months))
    if "curves" in released and not intention:
        blocks += pictures(
            draw_curves(released["curves"], labels, prefix="curv"),
            draw_incidence(released["curves"], labels, prefix="inci"),
        )
    blocks += first_year_grid(story, language)
    if "effects" in released:
        blocks += pictures(draw_effects(released["effects"], labels, prefix="effe", intention=intention))
    blocks += [*segment_effects_grid(story, language), *what_if_grid(story, language)]
    if "calibration" in released:
        blocks += pictures(draw_calibration(released["calibration"], labels, prefix="cali", months=months))
    blocks += value_grid(story, language)
    if "value_sensitivity" in released:
        blocks += pictures(draw_tornado(released["value_sensitivity"], labels, prefix="torn"))
    blocks += [
        *migration_grid(story, language),
        *movement_grid(story, language),
        *fairness_grids(story, language),
    ]
    if not blocks:
        return _absent("staying", title, language)
    return Section("staying", title, (text,), tuple(blocks))


def actions_section(story: Story, language: str) -> Section:
    """What to do per segment, and whether one policy, a segment's policy or a conversation fits each need."""
    title, labels = say("report.actions.title", language), story.labels(language)
    blocks: list[Block] = []
    for segment in (*story.segments, None):
        plans = planned_actions(story, language, segment=segment)
        if plans:
            blocks.append(ActionList(labels.segment(segment), plans))
    told = (say("report.actions.text", language), segments_without(story, language))
    return Section(
        "actions",
        title,
        spoken(told if blocks else (why_no_actions(story, language),)),
        (*blocks, *attractiveness_grid(story, language), *_ladder(story, language)),
    )


def _ladder(story: Story, language: str) -> list[Block]:
    table = story.released.get("ladder")
    rows = rows_of(table) if table is not None else pd.DataFrame()
    if rows.empty:
        return []
    labels = story.labels(language)
    rows = rows.set_index("need").loc[labels.need_order(rows["need"])].reset_index()
    columns: tuple[str, ...] = (say("display.column.need", language),)
    columns += tuple(say(f"report.column.{name}", language) for name in ("rung", "rung.reason", "between_share"))
    lines = tuple(
        (
            labels.need(str(need)),
            rung_name(str(rung), language),
            say(f"report.rung.reason.{reason}", language),
            percent(share, language),
        )
        for need, rung, reason, share in zip(
            rows["need"], rows["rung"], rows["reason"], floats(rows, "between_share"), strict=True
        )
    )
    return [
        Grid(say("report.actions.ladder", language), columns, lines, note=say("report.actions.ladder.text", language))
    ]


def rung_name(rung: str, language: str) -> str:
    """A rung of the ladder in words; the rung itself when it has none."""
    return say(f"report.rung.{rung}", language) if f"report.rung.{rung}" in catalogue() else rung


def _absent(anchor: str, title: str, language: str) -> Section:
    return Section(anchor, title, (say("report.not_measured.sentence", language),))
