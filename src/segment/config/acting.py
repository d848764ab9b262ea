"""What a study says about acting: the catalogue, how many actions are proposed, and what a plan may cost."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from segment.config.settings import Settings

Share = Annotated[float, Field(ge=0, le=1)]
_Amount = Annotated[float, Field(ge=0, le=1e12)]


class ActionsConfig(Settings):
    """The action catalogue and how many actions are proposed."""

    catalogue: str = "actions.yaml"
    """the catalogue of actions, beside the study or in configs/"""
    names: str = "catalogues/names.yaml"
    """names that people remember, by two needs, beside the study or in configs/"""
    per_segment: Annotated[int, Field(ge=1)] = 3
    """actions proposed per segment at most"""
    per_card: Annotated[int, Field(ge=1)] = 3
    """actions on a person's own card at most"""
    min_shortfall: Annotated[float, Field(ge=0, le=1)] = 0.05
    """unmet need (0 to 1) below which no action is proposed"""
    criteria: dict[
        Literal["size", "distinctness", "cohesion", "shortfall", "leaving"], Annotated[float, Field(ge=0)]
    ] = Field({}, description="what makes acting per segment worth while, and how much each counts; {}: all alike")


class CostConfig(Settings):
    """What an action costs, in the currency of the budget."""

    once: _Amount = 0
    """paid once, however many segments it is for"""
    per_person: _Amount = 0
    """paid for every person it reaches"""


class PlanConfig(Settings):
    """What actions cost and bring where the catalogue does not say it: assumptions, to be replaced by a study's own."""

    cost: dict[Literal[1, 2, 3], CostConfig] = Field(
        {
            1: CostConfig(once=500, per_person=5),
            2: CostConfig(once=5_000, per_person=40),
            3: CostConfig(once=25_000, per_person=150),
        },
        description="effort of an action (1 to 3): what it costs",
    )
    effect: dict[Literal["practice", "study"], tuple[Share, Share, Share]] = Field(
        {"practice": (0.0, 0.05, 0.15), "study": (0.02, 0.10, 0.20)},
        description="evidence of an action: the least, likeliest and largest share of a shortfall that it takes away",
    )
    capacity: dict[Literal["hr", "manager", "organisation"], Annotated[float, Field(ge=0)]] = Field(
        {}, description="owner: most effort, summed over the actions of a plan; no limit when left out"
    )
    fair_reach: Share = 0.5
    """every segment gets at least this part of the relief that its share of all that is unmet would give it"""
    steps: Annotated[int, Field(ge=1, le=12)] = 4
    """in how many steps actions begin"""
    source: str = "assumptions of this program; nobody measured them here"
    """where costs and effects come from"""

    @field_validator("cost", mode="before")
    @classmethod
    def _numbered(cls, value: object) -> object:
        """Efforts as JSON names them are efforts."""
        if not isinstance(value, dict):
            return value
        return {int(effort) if effort in ("1", "2", "3") else effort: cost for effort, cost in value.items()}

    @field_validator("effect")
    @classmethod
    def _rising(cls, value: dict[str, tuple[float, float, float]]) -> dict[str, tuple[float, float, float]]:
        for evidence, (least, likeliest, most) in value.items():
            if not least <= likeliest <= most < 1:
                raise ValueError(f"'{evidence}': expected least <= likeliest <= largest, below 1")
        return value
