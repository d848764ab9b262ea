"""Whether enough people answered: fewer than any figure may be about, or fewer than a segment has."""

from __future__ import annotations

from segment.errors import RefusedData
from segment.ingest import Inputs
from segment.stages.base import OpenStudy
from segment.stages.waves import model_wave


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
            [f"wave {wave}: fewer than {fewest} people answered; no figure is about fewer"],
            advice="check the export and 'keep', or take the survey out of the study file",
        )


def warn_of_few(opened: OpenStudy, inputs: Inputs) -> list[str]:
    """What will be left out where the survey has fewer people than two segments."""
    answered = _answered(opened, inputs)
    fewest = 2 * opened.config.privacy.min_segment
    if answered is None or answered[1] >= fewest:
        return []
    return [
        f"Wave {answered[0]} has answers of fewer than {fewest} people, which is fewer than two segments that may be "
        f"shown: expect a report without segments."
    ]


def _answered(opened: OpenStudy, inputs: Inputs) -> tuple[str, int] | None:
    """The wave that segments are made on and how many people answered anything in it."""
    responses = inputs.tables.get("responses")
    if responses is None or responses.empty:
        return None
    wave = model_wave(opened, responses)
    answers = responses[responses["wave"] == wave].drop(columns=["person", "wave", "weight"])
    return wave, int(answers.notna().any(axis=1).sum())
