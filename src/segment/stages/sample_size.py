"""Whether enough people answered: fewer than any figure may be about, or fewer than a segment has."""

from __future__ import annotations

import numpy as np

from segment.errors import RefusedData
from segment.ingest import Inputs
from segment.locale import bare_wave
from segment.segments.cases import FEWEST
from segment.segments.division import FEWEST as FEWEST_DIVIDED
from segment.stages.base import OpenStudy
from segment.stages.waves import model_wave

#: Measured detection limits: people, and how far four equal groups had to differ (points, scale of 1 to 5) to be found
#: in 80 % of worlds, with six needs, four questions each, and what surveys usually show of noise and style.
LIMITS = ((250, 1.73), (500, 1.52), (1000, 1.50))


def refuse_few(opened: OpenStudy, inputs: Inputs) -> None:
    """Stop where the survey that segments are made on has fewer people than any figure may be about.

    Raises
    ------
    RefusedData
        With the number that is needed.
    """
    answered = _answered(opened, inputs)
    if answered is None:
        return
    wave, people = answered
    fewest = opened.config.privacy.min_rate_group
    if people < fewest:
        raise RefusedData(
            "Too few people answered to say anything about them.",
            [f"wave {bare_wave(wave)}: fewer than {fewest} people answered; no figure is about fewer"],
            advice="check the export and 'keep', or take the survey out of the study file",
        )


def warn_of_few(opened: OpenStudy, inputs: Inputs) -> list[str]:
    """What will be left out where the survey has fewer people than two segments."""
    answered = _answered(opened, inputs)
    fewest = 2 * opened.config.privacy.min_segment
    if answered is None or answered[1] >= fewest:
        return []
    return [
        f"Wave {bare_wave(answered[0])} has answers of fewer than {fewest} people, which is fewer than two segments "
        f"that may be shown: expect a report without segments."
    ]


def hope_for(opened: OpenStudy, inputs: Inputs) -> list[str]:
    """What a survey of this size can hope for: one note, or none where too few answered for anything."""
    answered = _answered(opened, inputs)
    if answered is None or answered[1] < 2 * opened.config.privacy.min_segment:
        return []
    return [f"Wave {bare_wave(answered[0])}: {hope_of(answered[1])}"]


def hope_of(people: int) -> str:
    """What so many answers can hope for, by rule of thumb.

    >>> hope_of(80)[:60]
    'with fewer than 100 answers no groups are looked for; two or'
    >>> hope_of(500)[:69]
    'groups that differ by about 1.5 points in a need (scale of 1 to 5) ha'
    """
    if people < FEWEST_DIVIDED:
        return f"with fewer than {FEWEST_DIVIDED} answers expect what everyone needs, and no groups."
    if people < FEWEST:
        return f"with fewer than {FEWEST} answers no groups are looked for; two or three may be made where that pays."
    sizes, limits = np.array(LIMITS).T
    about = float(np.interp(np.log(people), np.log(sizes), limits))
    beyond = "more than " if people < sizes[0] else "at most " if people > sizes[-1] else ""
    return (
        f"groups that differ by {beyond or 'about '}{about:.1f} points in a need (scale of 1 to 5) have four "
        f"chances in five to be found, where there are four of one size, six needs and four questions each: a rule of "
        f"thumb. 'segment power' with this study tells its own."
    )


def _answered(opened: OpenStudy, inputs: Inputs) -> tuple[str, int] | None:
    """The wave that segments are made on and how many people answered anything in it."""
    responses = inputs.tables.get("responses")
    if responses is None or responses.empty:
        return None
    wave = model_wave(opened, responses)
    answers = responses[responses["wave"] == wave].drop(columns=["person", "wave", "weight"])
    return wave, int(answers.notna().any(axis=1).sum())
