"""How a study runs when nobody watches: how long a stage may take, how often a server is tried, who is informed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from segment.config.settings import Settings

Minutes = Annotated[float, Field(gt=0, le=100_000)] | None
#: What a hook can be sent: a run that failed, was refused, was ended from outside or is done; a watch with an alarm.
Ending = Literal["failed", "refused", "ended", "done", "alarm"]


class StageMinutes(Settings):
    """How many minutes each stage may take; one that takes longer fails its run. Left out: as long as it takes."""

    prepare: Minutes = Field(None, description="reading and checking the exports")
    discover: Minutes = Field(None, description="finding segments")
    retain: Minutes = Field(None, description="modelling who stays")
    relate: Minutes = Field(None, description="promises against experience")
    personalise: Minutes = Field(None, description="what is proposed to whom")
    publish: Minutes = Field(None, description="writing what may leave")

    def seconds(self, stage: str) -> float | None:
        """Seconds that a stage may take; None for as long as it takes."""
        minutes: float | None = getattr(self, stage)
        return None if minutes is None else 60 * minutes


class OperationsConfig(Settings):
    """How a study runs by itself. Nothing here changes a result."""

    most_minutes: StageMinutes = StageMinutes()
    """how long each stage may take"""
    retries: Annotated[int, Field(ge=0, le=10)] = 3
    """how often a tracking server that does not answer is tried again; a computation never is"""
    retry_seconds: Annotated[float, Field(gt=0, le=3600)] = 10
    """seconds before the first of these tries; each further one waits twice as long"""
    log_format: Literal["text", "json"] = "text"
    """what a run prints: lines for a person, or a line of JSON for each step and one at the end"""
    hook: str = Field(
        "SEGMENT_HOOK", description="the environment variable with the address that receives how runs end"
    )
    hook_form: Literal["json", "teams"] = "json"
    """what is sent there: plain JSON, or a card as Microsoft Teams takes it"""
    hook_on: tuple[Ending, ...] = Field(("failed", "refused", "ended", "alarm"), max_length=5)
    """which endings it is sent"""
