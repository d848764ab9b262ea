"""Nobody is called employed who may have left, and no figure without weights stands under words that say weighted."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sample_story

from segment.exports.answers import leaving_of
from segment.exports.report import key_figures, lead
from segment.exports.sureness import sureness
from segment.exports.weighed import weighed
from segment.locale import say


@pytest.mark.parametrize(
    ("language", "employed", "view"), [("nl", "in dienst", "in beeld"), ("en", "employed", "view")]
)
@pytest.mark.parametrize("known", [True, False])
def test_people_are_employed_only_where_that_is_known(language: str, employed: str, view: str, known: bool) -> None:
    story = replace(sample_story.full_story(), employed=known)
    tile = key_figures(story, leaving_of(story), language)[0]
    said = " ".join((str(tile), sureness(story, language)[0]))
    assert (employed in said, view in said) == (known, not known)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("how", ["segments", "unweighted", "weighted"])
def test_an_unweighted_figure_of_leaving_says_so_on_page_one(language: str, how: str) -> None:
    story = replace(sample_story.full_story(), weighing={"leaving": how, "curves": how, "plans": "priority"})
    (tile,) = key_figures(story, leaving_of(story), language)[-1:]
    mark = say("weighed.one", language, what="").strip()
    assert (mark in str(tile)) == (how != "weighted")
    assert (say("weighed.lead.leaving", language) in lead(story, language)) == (how != "weighted")


def test_the_order_of_actions_says_what_of_it_is_weighted() -> None:
    story = replace(sample_story.full_story(), weighing={"plans": "priority"})
    assert "share of people in the order is counted" in weighed(story, ["plans"], "en")
