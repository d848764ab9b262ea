"""How tables are shown: what a spec may say, and that every table that leaves is shown or told somewhere."""

from __future__ import annotations

import pytest

from segment.displays.column_text import heading, meaning, title_of
from segment.displays.labels import Labels
from segment.exports.method import OWN as METHOD
from segment.exports.pictures import PICTURES
from segment.exports.report import SECTIONS
from segment.exports.shared_sheets import SHARED
from segment.exports.sheets import OWN_SHEETS
from segment.locale import catalogue
from segment.tables import Shown, ShownColumn, TableSpec, View, all_tables
from segment.tables.columns import SEGMENT, count, number
from segment.tables.registry import released_tables, shown_tables
from segment.tables.release_plan import ReleasePlan

#: What a study fills into headings.
FILLED = {"by": "source", "By": "Source", "months": "12"}


def headed(view: View) -> list[ShownColumn]:
    """What has a heading of its own: not the values across, which are the headings."""
    return [*view.columns, *view.after, *(told for value, told in view.cells.items() if value)]


def test_a_spec_may_show_only_what_leaves() -> None:
    with pytest.raises(ValueError, match="Table 'toy' shows what does not leave: secret"):
        TableSpec(
            "toy", "segment", ("segment",), (SEGMENT, count("n", "people"), number("secret", "of one person")),
            release=ReleasePlan(), shown=Shown((ShownColumn("n", "people"), ShownColumn("secret", "one"))),
        )  # fmt: skip


def test_what_never_leaves_is_shown_nowhere() -> None:
    with pytest.raises(ValueError, match="shows what does not leave: n"):
        TableSpec(
            "toy", "segment", ("segment",), (SEGMENT, count("n", "people")), shown=Shown((ShownColumn("n", "people"),))
        )


@pytest.mark.parametrize(("how", "said"), [
    ({"display": "pie"}, "shown as 'pie'; known: table, heat, dots, curve, own"),
    ({"part": "cellar"}, "stands in part 'cellar'"),
    ({"display": "heat", "value": "n", "line": "n"}, "a heat map needs across"),
    ({"display": "dots", "value": "share", "line": "n"}, "shown in columns: share is not"),
])  # fmt: skip
def test_a_display_that_cannot_be_drawn_is_refused_where_it_is_written(how: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Shown((ShownColumn("n", "people"),), **how)


def test_every_heading_and_title_is_in_the_catalogue_in_both_languages() -> None:
    for name, shown in shown_tables().items():
        for language in catalogue()["language.name"]:
            assert title_of(name, shown, Labels(language, values=FILLED))
            told = (*shown.columns, *(one for view in shown.views for one in headed(view)))
            assert all(heading(name, one, Labels(language, values=FILLED)) for one in told), name
            assert all(key in catalogue() for view in shown.views for key in (view.title, view.text) if key), name


def test_every_table_that_leaves_stands_in_a_section_of_the_report_or_of_its_method_file() -> None:
    shown = shown_tables()
    assert set(released_tables()) - set(shown) == {"segment_names"}, "they stand wherever a segment is told of"
    assert set(shown) <= set(released_tables())
    assert {name: one.section for name, one in shown.items() if one.section not in (*SECTIONS, *METHOD)} == {}


def test_a_picture_of_its_own_is_registered_and_no_other() -> None:
    assert {name for name, one in shown_tables().items() if one.display == "own"} == set(PICTURES)


def test_few_tables_have_a_picture_of_their_own_and_each_says_why() -> None:
    """How a table is shown is data: what no kind of display fits says in one line what is its own."""
    assert len(PICTURES) <= 13
    assert {name: why for name, (_, why) in PICTURES.items() if not 20 < len(why) < 120} == {}


def test_few_sheets_are_made_by_hand_and_each_says_why() -> None:
    """A sheet is declared with its table: one that joins several, or tells of none, says why that cannot do."""
    assert len(OWN_SHEETS) <= 4
    assert {name: why for name, (_, _, why) in OWN_SHEETS.items() if not 20 < len(why) < 120} == {}
    # A sheet of one table that is told column by column could be declared: each of these tells of more, or of less.
    plain = [
        name
        for name, (tables, _, _) in OWN_SHEETS.items()
        if len(tables) == 1 and shown_tables()[tables[0]].display != "own"
    ]
    assert plain == []
    assert not set(OWN_SHEETS) & set(SHARED)


def test_two_tables_of_a_section_never_claim_one_place() -> None:
    places = [(one.section, one.at) for one in shown_tables().values()]
    assert len(places) == len(set(places))


def test_a_sheet_that_is_not_made_by_hand_has_one_table() -> None:
    by_hand = {"method"}  # several tables, each under a note of its own
    sheets = [one.sheet for one in shown_tables().values() if one.sheet and one.sheet not in by_hand and one.columns]
    assert len(sheets) == len(set(sheets))
    assert all(one.columns or one.views for one in shown_tables().values() if one.display not in ("own", "words"))


def test_lines_on_a_shared_sheet_have_its_columns_and_words_in_the_catalogue() -> None:
    for name, spec in all_tables().items():
        shown = spec.shown
        for entry in shown.entries if shown is not None else ():
            on_sheet = {told.column for told in SHARED[shown.sheet]}
            assert set(entry.cells) <= on_sheet and set(entry.cells.values()) <= set(spec.leaving), name
            assert any(key == entry.what or key.startswith(f"{entry.what}.") for key in catalogue()), name


def test_every_figure_has_a_unit_and_every_released_column_a_meaning() -> None:
    for name, spec in all_tables().items():
        columns = (*spec.columns, *spec.made)
        assert [one.name for one in columns if one.kind in ("number", "integer") and not one.unit] == [], name
        assert set(spec.leaving) - {one.name for one in columns if one.about} == set(), name
        assert len(columns) == len({one.name for one in columns}), name


def test_what_stands_on_a_sheet_has_a_meaning_in_every_language() -> None:
    told = [(name, one) for name, shown in shown_tables().items() if shown.sheet for one in shown.columns]
    noted = ("reliability", "nearness")  # stand on the sheet of methods, under notes of their own
    told = [pair for pair in told if pair[0] not in noted]
    assert [
        (n, one.column) for n, one in told for lang in catalogue()["language.name"] if not meaning(n, one, Labels(lang))
    ] == [], "say it in the catalogue: table.<table>.<column>.about"
