"""Needs that were asked with yes and no are told as shares of people, never as 4.6 of 5."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "exports"))

import sample_story
from pages_read import read_page

from segment.exports.card import CardContent, CardLine, render_card
from segment.exports.report import render_report
from segment.exports.story import Story
from segment.exports.workbook import render_workbook
from segment.needs.scoring import need_means
from segment.privacy import ReleasedTable, release
from segment.stages.release import scales
from segment.stages.release.aggregation import shaped
from segment.stages.release.scales import yes_no_apart
from segment.stages.segmentation.basis import Basis
from segment.stages.segmentation.description import exemplars_of
from segment.tables.codebook import Codebook, Item
from segment.tables.registry import plan_of
from segment.vocabulary import ItemKind

LANGUAGES = ("nl", "en")


def item(code: str, need: str, low: float, high: float, kind: ItemKind = ItemKind.IMPORTANCE) -> Item:
    return Item(code, kind, need, f"{low}-{high}", low, high, False, "", "", False, {"nl": code, "en": code})


CODEBOOK = Codebook(
    (item("P1", "PAY", 0, 1), item("P2", "PAY", 1, 2), item("S1", "SEC", 0, 1), item("S2", "SEC", 1, 5),
     item("G1", "GRO", 1, 5), item("X1", "PAY", 1, 5, ItemKind.EXPERIENCE)), {},
)  # fmt: skip


def test_a_need_is_asked_with_yes_and_no_when_all_its_items_are() -> None:
    assert CODEBOOK.yes_no_needs(ItemKind.IMPORTANCE) == {"PAY"}
    assert CODEBOOK.yes_no_needs(ItemKind.EXPERIENCE) == frozenset()


class _Opened:
    study = None


@pytest.fixture(autouse=True)
def codebook(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(scales, "open_codebook", lambda _: CODEBOOK)
    yield


def profiles(segments: int = 1, said: float = 4.6) -> pd.DataFrame:
    rows = [
        {"wave": "2024", "segment": k, "measure": measure, "need": need, "n": 200, "mean": mean, "low": mean - 0.3,
         "high": mean + 0.3, "overall": mean}
        for k in range(segments)
        for measure in ("score", "importance", "experience")
        for need, mean in (("PAY", said), ("GRO", 3.9), ("SEC", 3.4))
    ]  # fmt: skip
    return pd.DataFrame(rows)


def released(frame: pd.DataFrame) -> ReleasedTable:
    sized = pd.DataFrame({"wave": "2024", "segment": frame["segment"].unique(), "n": 200})
    rows = yes_no_apart("profiles", shaped({"profiles": frame, "segments": sized}, "2024")["profiles"], _Opened())  # type: ignore[arg-type]
    plan = plan_of("profiles")
    columns = {part: [c for c in getattr(plan, part) if c in rows] for part in ("means", "shares")}
    return release("profiles", rows, groups=["segment"], count="n", lines=list(plan.lines), ranks=plan.ranks, **columns)


def test_the_mean_of_yes_and_no_is_the_share_who_say_yes() -> None:
    answers = pd.DataFrame({"P1": [1, 1, 0, 1], "P2": [2, 1, 1, 2]})
    means = need_means(answers, {"P1": "PAY", "P2": "PAY"}, scales={"P1": (0, 1), "P2": (1, 2)})["PAY"]
    rows = yes_no_apart("profiles", profiles(said=float(means.mean())), _Opened())  # type: ignore[arg-type]
    own = rows[(rows["measure"] == "importance") & (rows["need"] == "PAY")]
    assert own["share"].tolist() == pytest.approx([5 / 8])
    assert own[["mean", "low", "high", "overall"]].isna().all(axis=None)
    assert rows.loc[rows["need"] != "PAY", "share"].isna().all()
    assert rows.loc[rows["measure"] != "importance", "mean"].notna().all()


def test_a_study_without_such_needs_keeps_its_table() -> None:
    frame = profiles()
    assert yes_no_apart("profiles", frame[frame["need"] == "GRO"], _Opened()).columns.tolist() == frame.columns.tolist()  # type: ignore[arg-type]


def together(table: ReleasedTable) -> Story:
    story = sample_story.without_segments()
    return replace(story, released={**story.released, "profiles": table})


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_tells_shares_apart_from_means(language: str) -> None:
    text = read_page(render_report(together(released(profiles(said=4.4))), language)).text
    pay, said = sample_story.NEEDS["PAY"][language], {"nl": "Hierover is alleen ja of nee", "en": "Only yes or no"}
    assert f"{pay} 85%" in text
    assert said[language] in text
    assert f"{pay} {'4,4' if language == 'nl' else '4.4'}" not in text
    assert f"{sample_story.NEEDS['GRO'][language]} {'3,9' if language == 'nl' else '3.9'}" in text
    assert text.index(pay) < text.index(sample_story.NEEDS["GRO"][language])  # the strongest comes first


def test_nearly_everyone_is_told_as_at_least(language: str = "nl") -> None:
    text = read_page(render_report(together(released(profiles(said=4.95))), language)).text
    assert "Beloning ≥ 95%" in text


def test_the_workbook_has_the_share_as_a_share() -> None:
    book = pd.read_excel(
        io.BytesIO(render_workbook(together(released(profiles())), "en")), sheet_name=2, engine="calamine"
    )
    own = book[(book["Need"] == "Pay") & (book["Measure"] == "importance")].iloc[0]
    assert 0.9 in own.to_numpy().tolist()
    assert not any(isinstance(cell, float) and 4 < cell <= 5 for cell in own)


@pytest.mark.parametrize(
    ("importance", "told"), [(5.0, ("ja", "yes")), (1.0, ("nee", "no")), (3.0, ("ja op 50%", "yes to 50%"))]
)
def test_a_card_says_yes_or_no_where_that_was_asked(importance: float, told: tuple[str, str]) -> None:
    line = CardLine(sample_story.NEEDS["PAY"], importance, 2.0, scales={"importance": (0.0, 1.0)})
    card = CardContent("2025", (line,), purpose="own card", approver="HR director", expires="2026-12-31")
    for language, words in zip(LANGUAGES, told, strict=True):
        text = read_page(render_card(card, language)).text
        assert f" {words} " in f"{text} "
        assert {"nl": "2,0 van 5", "en": "2.0 out of 5"}[language] in text


def test_the_scale_of_a_need_is_that_of_all_its_items() -> None:
    assert CODEBOOK.need_scales(ItemKind.IMPORTANCE) == {"PAY": (0.0, 1.0), "SEC": None, "GRO": (1.0, 5.0)}


@pytest.mark.parametrize(
    ("scale", "kept", "told"),
    [((1.0, 7.0), 1 + 4 * 5 / 6, ("6,0 van 7", "6.0 out of 7")), ((0.0, 10.0), 4.2, ("8,0 van 10", "8.0 out of 10")),
     ((1.0, 4.0), 5.0, ("4,0 van 4", "4.0 out of 4")),
     (None, 4.5, ("4,5 van 5, omgerekend", "4.5 out of 5, brought to one scale"))],
)  # fmt: skip
def test_a_card_says_an_answer_on_the_scale_that_was_asked_on(
    scale: tuple[float, float] | None, kept: float, told: tuple[str, str]
) -> None:
    line = CardLine(sample_story.NEEDS["PAY"], kept, 2.0, scales={"importance": scale})
    card = CardContent("2025", (line,), purpose="own card", approver="HR director", expires="2026-12-31")
    for language, words in zip(LANGUAGES, told, strict=True):
        page = render_card(card, language)
        assert f" {words}" in read_page(page).text
        assert {"nl": "2,0 van 5", "en": "2.0 out of 5"}[language] in read_page(page).text
        low, high = scale or (1.0, 5.0)
        assert f"<span>{low:g}</span><svg" in page
        assert f"</svg><span>{high:g}</span>" in page


def test_exemplars_of_yes_and_no_are_shares() -> None:
    rng = np.random.default_rng(2)
    first = np.arange(200) < 100
    people = pd.DataFrame({"weight": 1.0, "a": (rng.random(200) < np.where(first, 0.8, 0.3)) + 1,
                           "b": (rng.random(200) < np.where(first, 0.2, 0.7)) + 1})  # fmt: skip
    assigned = pd.DataFrame({"p_1": first.astype(float), "p_2": 1.0 - first})
    found = exemplars_of(people, assigned, Basis({"a": "PAY", "b": "SEC"}, dict.fromkeys("ab", (1.0, 2.0))))
    assert set(found["unit"]) == {"share"}
    assert found["mean"].between(0, 1).all()
    rows = shaped({"exemplars": found}, None)["exemplars"]
    assert rows["mean"].isna().all()
    assert rows["share"].notna().all()
