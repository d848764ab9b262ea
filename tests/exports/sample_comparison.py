"""A comparison of champion and challenger that says everything one can say, for the tests of its words."""

from __future__ import annotations

from segment.exports.comparison import Facts
from segment.locale import catalogue


def compared(kinds: list[str], sure: int = 1, *, alone: bool = False) -> Facts:
    """A comparison that says everything a comparison can say of the model of leaving."""
    known = {key.split(".")[2] for key in catalogue() if key.startswith("compare.figure.")}
    measures = {key.split(".")[2] for key in catalogue() if key.startswith("compare.measure.")}
    gates = {key.split(".")[2] for key in catalogue() if key.startswith("compare.gate.")}
    ends, apart = {"value": 0.6, "low": 0.5, "high": 0.7}, {"apart": 0.2, "most": "a", "least": "b"}
    sides = [
        {"title": one, "versions": {"retention": at}, "runs": {"retention": [f"{at}" * 32, one]}}
        for at, one in enumerate(("champion", "challenger"), start=1)
    ]
    gains = [
        {"model": "retention", "side": 1, "over": over, "value": [0.1, 0.05, 0.2], "sure": sure, "people": "90-99"}
        for over in ("peer", "other")
    ]
    told = {"code": "alone" if alone else "against", "whole": "better", "segmentation": None, "retention": sure}
    return {
        "id": "c1", "study": "s", "title": {}, "data": "public", "kinds": kinds, "sides": sides, "needs": {},
        "attributes": {}, "groups": {},
        "changed": [], "moves": None, "profiles": [], "gains": gains, "short_form": [], "hidden": [], "verdict": told,
        "figures": [{"name": one, "told": [ends, ends]} for one in sorted(known)],
        "fairness": [{"attribute": "x", "measure": one, "told": [apart, apart]} for one in sorted(measures)],
        "gates": [{"gate": one, "told": ["passed", "missed"]} for one in sorted(gates)],
    }  # fmt: skip
