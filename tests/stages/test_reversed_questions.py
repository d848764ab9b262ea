"""A question that asks for the opposite: in which direction it is told, and of what its figures are more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from segment.displays.labels import Labels
from segment.stages.report_context import question_names
from segment.stages.segmentation.basis import basis_of
from segment.stages.segmentation.description import exemplars_of
from segment.tables.codebook import Codebook, Item
from segment.vocabulary import ItemKind

NEEDS = {"PAY": {"nl": "Beloning", "en": "Pay"}, "SEC": {"nl": "Zekerheid", "en": "Security"}}


def item(code: str, need: str, words: str, *, reverse: bool = False) -> Item:
    texts = {"nl": f"{words} (nl)", "en": words}
    return Item(code, ItemKind.IMPORTANCE, need, "imp5", 1, 5, reverse, "", "", False, texts)


BOOK = Codebook(
    (
        item("pay", "PAY", "Pay matters to me"),
        item("money", "PAY", "Money hardly matters to me", reverse=True),
        item("sec", "SEC", "A safe job matters to me"),
        item("risk", "SEC", "I do not mind losing my job", reverse=True),
    ),
    NEEDS,
)


@pytest.fixture
def told() -> pd.DataFrame:
    """Two segments: the first about pay, the second about security; answers turned round as they are when read."""
    rng, first = np.random.default_rng(4), np.arange(200) < 100
    about = {"PAY": np.where(first, 4.5, 2.0), "SEC": np.where(first, 2.0, 4.5)}
    turned = {one.code: np.clip(np.round(about[one.need] + rng.normal(0, 0.4, 200)), 1, 5) for one in BOOK.items}
    turned["money"], turned["risk"] = (np.clip(turned[code] + np.where(first == (code == "money"), 0.5, -0.5), 1, 5)
                                       for code in ("money", "risk"))  # fmt: skip
    people = pd.DataFrame({"weight": 1.0, **turned})
    chances = pd.DataFrame({"p_1": first.astype(float), "p_2": 1.0 - first})
    return exemplars_of(people, chances, basis_of(BOOK, [ItemKind.IMPORTANCE], people.columns))


def test_more_of_a_reversed_question_is_more_of_its_need(told: pd.DataFrame) -> None:
    """The side is that of the need, and so are the means: the segment about pay says more, also by the reversed one."""
    sides = told.set_index(["segment", "need"])["side"].to_dict()
    assert sides == {(0, "PAY"): "more", (0, "SEC"): "less", (1, "SEC"): "more", (1, "PAY"): "less"}
    assert {"money", "risk"} & set(told["item"])  # the reversed questions tell the segments apart best
    assert ((told["mean"] > told["overall"]) == (told["side"] == "more")).all()


@pytest.mark.parametrize(
    ("language", "said"), [("nl", "(meer betekent: meer Beloning)"), ("en", "(more means: more Pay)")]
)
def test_behind_its_words_stands_what_its_figures_are_more_of(language: str, said: str) -> None:
    labels = Labels(language, features=question_names(BOOK))
    assert labels.feature("money").endswith(said) and labels.feature("money").startswith("Money hardly matters")
    assert "(meer" not in labels.feature("pay") and "(more" not in labels.feature("pay")


def test_a_question_about_no_need_is_told_as_it_was_asked() -> None:
    bare = replace(BOOK, items=(replace(BOOK.items[1], need=""),))
    assert question_names(bare)["money"]["en"] == "Money hardly matters to me"
