"""The months of a curve are those at which its people left: a hidden curve has none."""

from __future__ import annotations

import pandas as pd

from segment.disclosure.linked_tables import Request
from segment.disclosure.release import without_choices
from segment.disclosure.rules import ReleaseRules
from segment.retention.steps import curves_told
from segment.tables.registry import plan_of


def test_the_month_at_which_the_fifth_left_a_hidden_segment_is_told_nowhere() -> None:
    """The attack: whoever knows who had left by 48 months reads their segment from a line without figures."""
    rows = [
        {"segment": 0.0, "month": float(month), "events": min(month // 9, 7), "events_voluntary": min(month // 9, 7),
         "n": 80, "survival": 0.9, "incidence_voluntary": 0.1}
        for month in range(90)
    ]  # fmt: skip
    plan = plan_of("curves")
    frame = curves_told(pd.DataFrame(rows))
    assert 48.0 in set(frame["month"]), "the fifth had left by then"
    options = {"shares": ["survival"], "kind": "curves", "events": "events", "chosen": plan.chosen}
    request = Request("curves", frame, plan.groups, "spells", lines=plan.lines, options=options)
    told = without_choices(request.release(rules=ReleaseRules()), plan.chosen).frame
    assert set(told["status"]) == {"hidden"} and len(told) == 1 and told["month"].isna().all()


def test_months_are_lines_that_figures_chose() -> None:
    assert [plan_of(name).chosen for name in ("curves", "first_year")] == [("month",), ("month",)]
