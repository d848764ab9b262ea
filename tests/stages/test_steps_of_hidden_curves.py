"""The months of a curve are those at which its people left: a hidden curve has none."""

from __future__ import annotations

import json

import pandas as pd

from segment.disclosure.linked_tables import Request
from segment.disclosure.release import ReleasedTable, with_kept, without_choices
from segment.disclosure.rules import ReleaseRules
from segment.retention.steps import curves_told
from segment.tables.registry import plan_of


def hidden_curve(most: int) -> tuple[pd.DataFrame, ReleasedTable]:
    """A segment with too few exits to be shown, ``most`` at last: its curve before it is released, and the table."""
    rows = [
        {"segment": 0.0, "month": float(month), "events": (one := min(month // 9, most)), "events_voluntary": one,
         "n": 80, "survival": 0.9, "incidence_voluntary": 0.1}
        for month in range(110)
    ]  # fmt: skip
    plan = plan_of("curves")
    frame = curves_told(pd.DataFrame(rows))
    options = {"shares": ["survival"], "kind": "curves", "events": "events", "chosen": plan.chosen}
    request = Request("curves", frame, plan.groups, "spells", lines=plan.lines, options=options)
    return frame, without_choices(request.release(rules=ReleaseRules(min_curve_people=90)), plan.chosen)


def test_the_month_at_which_the_fifth_left_a_hidden_segment_is_told_nowhere() -> None:
    """The attack: whoever knows who had left by 48 months reads their segment from a line without figures."""
    curve, table = hidden_curve(7)
    assert 48.0 in set(curve["month"]), "the fifth had left by then"
    told = table.frame
    assert set(told["status"]) == {"hidden"} and len(told) == 1 and told["month"].isna().all()


def test_the_certificate_does_not_tell_at_how_many_months_a_hidden_segment_lost_five() -> None:
    """The attack: the manifest counted lines that do not leave, so that the tenth who left made one more of them."""
    (few, one), (more, other) = hidden_curve(9), hidden_curve(10)
    assert len(more) == len(few) + 1, "the tenth makes another month"
    assert one.certificate == other.certificate
    told = one.certificate
    assert (told["cells"], told["hidden_primary"] + told["hidden_complementary"], one.hidden) == (1, 1, 1)


def test_nor_does_it_where_an_earlier_curve_stands_in_its_place() -> None:
    """Nor how many lines those figures chose now that stay in, where the rows of before are shown again."""
    _, table = hidden_curve(10)
    row = {"segment": 0.0, "n": "80", "survival": 0.9, "status": "shown"}
    before = {("segment 0", f"{month:g}"): {**row, "month": month} for month in (0.0, 12.0, 24.0)}
    lines = [f"{month:g}" for month in table.frame["month"]]
    kept = with_kept(table, ["segment 0"], lines, before, chosen=("month",))
    assert kept.frame["month"].tolist() == [0.0, 12.0, 24.0]
    told = kept.certificate
    assert (told["cells"], told["kept"], told["hidden_primary"], told["hidden_complementary"]) == (3, 3, 0, 0)


def test_the_certificate_names_no_question_that_stands_out_in_a_hidden_segment() -> None:
    """The attack: the manifest lists the scale of every line, so that those shown leave the hidden one's."""
    rows = [(0, 1, "pay", 40), (0, 2, "growth 10.5", 40), (1, 1, "care", 4), (2, 1, "peers 1.5", 4)]
    frame = pd.DataFrame(rows, columns=["segment", "place", "item", "n"]).assign(mean=5.0, least=1.0, most=7.0)
    options = {"means": ["mean"], "ends": {"mean": ("least", "most")}, "chosen": ["place", "item"]}
    request = Request("telling", frame, ("segment",), "answers", lines=("place", "item"), options=options)
    table = without_choices(request.release(rules=ReleaseRules()), ["place", "item"])
    assert table.certificate["scales"] == {"1|pay": [1.0, 7.0], "2|growth 10.5": [1.0, 7.0]}
    assert table.certificate["names"] == ["growth 10.5"]
    told = json.loads(table.frame.query("status != 'hidden'")[["place", "item"]].to_json(orient="values"))
    assert {"|".join(map(str, row)) for row in told} == set(table.certificate["scales"]), "as verify.py asks"


def test_nor_a_hidden_segment_whose_name_looks_like_a_figure() -> None:
    frame = pd.DataFrame({"segment": [0, 1, 2], "n": [60, 8, 8], "called": ["Pay 2.0", "Care 2.0", "Peers"]})
    table = Request("segments", frame, ("segment",), "answers", options={"texts": ["called"]}).release(
        rules=ReleaseRules()
    )
    assert table.certificate["names"] == ["Pay 2.0"]


def test_months_are_lines_that_figures_chose() -> None:
    assert [plan_of(name).chosen for name in ("curves", "first_year")] == [("month",), ("month",)]
