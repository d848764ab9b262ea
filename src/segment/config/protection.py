"""What may leave the building, how long rows are kept, and who agreed to what."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from segment.config.settings import Day, Months, Settings
from segment.errors import nearest
from segment.floors import FLOORS
from segment.locale import languages


class RetentionPeriods(Settings):
    """For how many months people's rows are kept after they left, or after they were last heard of (candidates)."""

    employee: Months = 24
    """months after the last day of employment"""
    contractor: Months = 24
    """months after the last day of the contract"""
    alumnus: Months = 24
    """months after they were last heard of"""
    candidate: Months = 12
    """months after they were last heard of"""


class PrivacyConfig(Settings):
    """What may leave the building. The floors can be raised, never lowered."""

    min_group: Annotated[int, Field(ge=FLOORS.min_group)] = FLOORS.min_group
    """people behind any figure"""
    min_rate_group: Annotated[int, Field(ge=FLOORS.min_rate_group)] = FLOORS.min_rate_group
    """people behind a share, a rate or a curve"""
    min_segment: Annotated[int, Field(ge=FLOORS.min_segment)] = FLOORS.min_segment
    """people in a named segment"""
    segment_share: Annotated[float, Field(ge=FLOORS.segment_share, le=1)] = FLOORS.segment_share
    """share of people in a named segment"""
    min_driver: Annotated[int, Field(ge=FLOORS.min_driver)] = FLOORS.min_driver
    """people behind what goes together with leaving, and behind worth"""
    min_curve_people: Annotated[int, Field(ge=FLOORS.min_curve_people)] = FLOORS.min_curve_people
    """people behind a curve"""
    min_curve_events: Annotated[int, Field(ge=FLOORS.min_curve_events)] = FLOORS.min_curve_events
    """exits behind a curve"""
    min_response: Annotated[float, Field(ge=FLOORS.min_response, le=1)] = FLOORS.min_response
    """share of the people asked who answered, below which nothing from the answers leaves"""
    key: str = Field("SEGMENT_PSEUDONYM_KEY", description="the environment variable that holds the key")
    retention: RetentionPeriods = RetentionPeriods()
    """how long rows are kept"""


class GovernanceConfig(Settings):
    """Who agreed to what: without it nothing about one person leaves."""

    works_council: str
    """what the works council agreed to, and when"""
    dpia: str
    """the data protection impact assessment"""
    data_protection_officer: str
    """whom people can ask"""
    legal_basis: str
    """the legal basis of the processing"""
    purpose: str
    """what the data of single people are used for"""
    approver: str
    """who approved that single people are shown their own card"""
    expires: Day
    """last day on which this holds"""
    translations: dict[str, dict[str, str]] = Field(
        {}, description="language: line: the same words for readers of that language; the lines above where it has none"
    )

    @field_validator("translations")
    @classmethod
    def _known_lines(cls, value: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        lines = [name for name in cls.model_fields if name not in ("expires", "translations")]
        for language, words in value.items():
            if language not in languages():
                raise ValueError(f"'{language}' is not a known language; {nearest(language, languages())}")
            for line in words.keys() - set(lines):
                raise ValueError(f"'{line}' is no line that has words; {nearest(line, lines)}")
        return value
