"""A model's card can be read where the model is decided on."""

from __future__ import annotations

from segment.tracking.cards import MOST_ROWS, card_text


def test_words_lists_and_tables_each_have_their_form() -> None:
    text = card_text(
        {
            "study": "demo",
            "period": ["2021-01-01", "2025-12-31"],
            "outcome": {"kind": "spells", "causes": ["voluntary", "involuntary"]},
            "metrics": [{"metric": "uno", "value": 0.63112, "low": None}],
            "limits": [],
        }
    )
    assert text.startswith("**study**: demo")
    assert "- **causes**: voluntary, involuntary" in text
    assert "| uno | 0.6311 | – |" in text and "### limits\nnone" in text


def test_what_came_of_a_model_stands_before_its_card_and_sentences_are_not_a_list() -> None:
    text = card_text({"study": "demo", "groups": {"stood out": ["One.", "Two."]}}, said="5 segments: found")
    assert text.startswith("5 segments: found\n\n**study**: demo") and "- **stood out**: One. Two." in text


def test_a_long_table_is_cut_and_says_so_and_a_cell_cannot_break_a_row() -> None:
    text = card_text({"rows": [{"a|b": f"x|{i}"} for i in range(MOST_ROWS + 5)]})
    assert text.count("\n| x/") == MOST_ROWS and "5 more rows" in text
