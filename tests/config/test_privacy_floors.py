"""The floors of a study: every one can be raised in its file, and none lowered."""

from __future__ import annotations

from dataclasses import fields
from types import SimpleNamespace

import pytest
from pydantic import ValidationError

from segment.config import PrivacyConfig
from segment.disclosure.rules import ReleaseRules
from segment.stages.release.plans import rules_of

FLOORS = {field.name: float(str(field.default)) for field in fields(ReleaseRules)}


def told(**floors: float) -> dict[str, float]:
    """The release rules of a study with these floors."""
    study = SimpleNamespace(config=SimpleNamespace(privacy=PrivacyConfig.model_validate(floors)))
    return rules_of(study).as_dict()  # type: ignore[arg-type]


def test_without_a_word_the_defaults_hold() -> None:
    assert told() == FLOORS


@pytest.mark.parametrize("name", FLOORS)
def test_a_floor_that_is_raised_reaches_the_rules_and_no_other_floor(name: str) -> None:
    higher = FLOORS[name] * 2 if FLOORS[name] >= 1 else FLOORS[name] + 0.1
    assert told(**{name: higher}) == {**FLOORS, name: higher}


@pytest.mark.parametrize("name", FLOORS)
def test_a_floor_cannot_be_lowered_in_the_study(name: str) -> None:
    lower = FLOORS[name] - 1 if FLOORS[name] >= 1 else FLOORS[name] - 0.01
    with pytest.raises(ValidationError, match=f"{name}(.|\n)*greater than or equal to"):
        PrivacyConfig.model_validate({name: lower})


@pytest.mark.parametrize("name", ["segment_share", "min_response"])
def test_a_share_beyond_everyone_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="less than or equal to 1"):
        PrivacyConfig.model_validate({name: 1.01})
