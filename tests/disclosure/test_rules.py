"""Laws of the floors: they rise, they never fall."""

import dataclasses

import pytest

from segment.disclosure.rules import KINDS, ReleaseRules
from segment.errors import RefusedRelease


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(ReleaseRules)])
def test_every_floor_can_be_raised_and_not_lowered(field):
    default = getattr(ReleaseRules(), field)
    assert getattr(ReleaseRules(**{field: default * 2}), field) == default * 2
    with pytest.raises(RefusedRelease, match=f"can be raised, never lowered(.|\n)*{field} at least {default}"):
        ReleaseRules(**{field: default / 2})


@pytest.mark.parametrize("value", [float("nan"), True, "7", None])
def test_a_floor_that_is_no_number_is_refused(value):
    with pytest.raises(RefusedRelease, match="never lowered"):
        ReleaseRules(min_group=value)


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_falls_under_the_least_group(kind):
    assert ReleaseRules(min_group=50).floor(kind) == 50


def test_the_floors_by_kind():
    rules = ReleaseRules()
    assert {kind: rules.floor(kind, population=400) for kind in KINDS} == {
        "scores": 5,
        "rates": 10,
        "segments": 30,
        "curves": 30,
        "driver": 30,
    }
    assert rules.floor("segments", population=1_001) == 51


def test_an_unknown_kind_is_refused_by_name():
    with pytest.raises(RefusedRelease, match=r"one of scores, rates(.|\n)*'photos'"):
        ReleaseRules().floor("photos")
