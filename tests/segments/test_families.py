"""A family of models that lacks something says what, when it is imported and not when it is fitted."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from segment.segments import families
from segment.segments.candidates import Candidate


def test_a_family_that_does_not_say_all_it_must_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    class Half(Candidate):
        name, basis = "half", "needs"

        def fit(self, material: object) -> Half:
            return self

    module = ModuleType("half")
    module.FAMILY = Half  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, f"{families.__name__}.half", module)
    monkeypatch.setattr(families, "FAMILY_NAMES", ("half",))
    with pytest.raises(ValueError, match="'half' does not say _new, log_likelihoods, looked_at, memberships"):
        families._families()


def test_a_family_is_called_as_its_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, f"{families.__name__}.other", sys.modules[f"{families.__name__}.k_means"])
    monkeypatch.setattr(families, "FAMILY_NAMES", ("other",))
    with pytest.raises(ValueError, match="called as its module: other, not k_means"):
        families._families()
