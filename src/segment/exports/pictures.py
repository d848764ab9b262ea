"""The pictures and tables of the report that are made by hand, each under the name of the released table it shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from segment.disclosure.release import ReleasedTable
from segment.displays.base import Display
from segment.displays.experience import draw_journey, draw_promises
from segment.displays.labels import Labels
from segment.displays.retention import (
    draw_calibration,
    draw_curves,
    draw_effects,
    draw_incidence,
    draw_tornado,
)
from segment.displays.segments import draw_profiles, draw_shortfalls
from segment.exports.answers import leaving_of
from segment.exports.blocks import ActionList, Block, pictures
from segment.exports.changes import change_slopes
from segment.exports.first_actions import actions_once
from segment.exports.heat import needs_heat
from segment.exports.method_sections import evaluation_grid
from segment.exports.page_one import verdict
from segment.exports.rows import journey_rows, lacking_rows, promise_rows, spec_rows
from segment.exports.story import Story
from segment.locale import say

#: So many groupings stand beside each other, the groups among them.
_BESIDE = 5
#: What a table registers as its own: from the story and a language to blocks; none where there is nothing to show.
Own = Callable[[Story, str], Sequence[Block]]


def _profiles(story: Story, language: str) -> list[Block]:
    """What weighs for each segment, as one heat map; where everyone is one group, need by need."""
    if "profiles" not in story.released:
        return []
    heat = needs_heat(story, language)
    if heat:
        return [*heat]
    return _profile_panels(story, language)


def _profile_panels(story: Story, language: str) -> list[Block]:
    """What weighs for each segment, with intervals; what was asked with yes and no apart."""
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


def _shortfall_panels(story: Story, language: str) -> list[Block]:
    lacking = story.released.get("shortfalls", story.released.get("profiles"))
    return pictures(draw_shortfalls(lacking, story.labels(language), prefix="lack")) if lacking is not None else []


def _promise_panels(story: Story, language: str) -> list[Block]:
    return _means_and_shares(draw_promises, story.released.get("promises"), story.labels(language), prefix="prom")


def _journey_panels(story: Story, language: str) -> list[Block]:
    return _means_and_shares(draw_journey, story.released.get("journey"), story.labels(language), prefix="jour")


def _means_and_shares(
    draw: Callable[..., Display | None], table: ReleasedTable | None, labels: Labels, *, prefix: str
) -> list[Block]:
    """The drawing of mean answers, and that of what was asked with yes and no, as far as there are such figures."""
    if table is None:
        return []
    drawn = (draw(table, labels, prefix=f"{prefix}{'yes' * shares}", shares=shares) for shares in (False, True))
    return pictures(*drawn)


def _verdict(story: Story, language: str) -> list[Block]:
    told = verdict(story, language)
    if told is None:
        return []
    title = say("page.verdict.title", language, needs=told.needs, other=told.other, rival=told.rival)
    return [*spec_rows(story, "verdict", language, title=title, most=_BESIDE, named=told.named)]


def _leaving(story: Story, language: str) -> list[Block]:
    leaving = leaving_of(story)
    if leaving is None or "leaving" not in story.released:
        return []
    about = story.say("display.leaving.title", language, months=leaving.months)
    everyone = leaving.shares.get(None)
    told = say("page.leaving.title", language, about=about, value=everyone.text(language)) if everyone else about
    return [*spec_rows(story, "leaving", language, title=told)]


def _curves(story: Story, language: str) -> list[Block]:
    if "curves" not in story.released or story.by_intention:
        return []
    curves, labels = story.released["curves"], story.labels(language)
    return [] if story.segments else pictures(draw_curves(curves, labels, prefix="curv"))


def _every_curve(story: Story, language: str) -> list[Block]:
    if "curves" not in story.released or story.by_intention:
        return []
    curves, labels = story.released["curves"], story.labels(language)
    by_segment = draw_curves(curves, labels, prefix="curv") if story.segments else None
    return pictures(by_segment, draw_incidence(curves, labels, prefix="inci"))


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


def _plans(story: Story, language: str) -> list[Block]:
    """Every action once, the most pressing first, with the segments that it is for."""
    plans = actions_once(story, language)
    return [ActionList(plans)] if plans else []


#: Each with what no display of a spec (``segment.tables.shown.DISPLAYS``) can show of it.
PICTURES: Mapping[str, tuple[Own, str]] = {
    "profiles": (
        _profiles,
        "its measure depends on what was asked, and what cannot be told from everyone has a mark of its own",
    ),
    "shortfalls": (lacking_rows, "the largest of all segments stand in one order, under a title that tells the first"),
    "verdict": (_verdict, "its title tells the groups beside the department"),
    "promises": (promise_rows, "two figures of a line are joined, the widest gap first"),
    "journey": (journey_rows, "means and shares of people are told apart, the lowest first"),
    "leaving": (_leaving, "its title tells the figure of everyone"),
    "curves": (_curves, "everyone where there are no segments; by segment, and by cause, in the method file"),
    "effects": (_effects, "drawn on the scale of odds, and categories without a direction"),
    "calibration": (_calibration, "what was predicted against what was observed, beside the diagonal"),
    "value_sensitivity": (_value_sensitivity, "both ends of an assumption are joined, each with its setting"),
    "changes": (change_slopes, "each line is labelled at both its ends, and what surely changed has the accent"),
    "plans": (_plans, "actions with what to do first and who does it, not figures"),
    "evaluation": (
        evaluation_grid,
        "every metric has a unit of its own, and only the study's own horizon is shown",
    ),
}

#: What the method file shows of tables that the report draws: every segment by itself, with intervals.
REVIEWED: Mapping[str, Own] = {
    "profiles": lambda story, language: _profile_panels(story, language) if story.segments else [],
    "shortfalls": _shortfall_panels,
    "promises": _promise_panels,
    "journey": _journey_panels,
    "curves": _every_curve,
}
