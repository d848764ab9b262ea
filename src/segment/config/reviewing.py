"""Who decides on a study's models, and what HR may receive before anybody has."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from segment.config.settings import Settings


class ReviewConfig(Settings):
    """How models are decided on. Nothing here changes a result."""

    approvers: Annotated[int, Field(ge=1, le=5)] = 1
    """how many people have to promote a version, each under a name of their own, before it is the champion"""
    publish_undecided: bool = False
    """whether runs of the study's own settings publish while nobody has decided on a model; for one run: --publish"""
