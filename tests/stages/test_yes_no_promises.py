"""Promises and moments that were asked with yes and no are told as shares; every reader names the same widest gap."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "exports"))

import sample_story
from pages_read import read_page

from segment.experience import journey_table, promise_table, scorecard
from segment.exports.gaps import widest_gaps
from segment.exports.onepager import render_onepager
from segment.exports.report import render_report
from segment.exports.story import Story
from segment.exports.workbook import render_workbook
from segment.privacy import ReleasedTable, release
from segment.stages.release import scales
from segment.stages.release.aggregation import shaped
from segment.stages.release.records import widest_gap_told
from segment.stages.release.scales import yes_no_apart
from segment.tables.codebook import Codebook, Item
from segment.tables.registry import plan_of
from segment.vocabulary import ItemKind

LANGUAGES = ("nl", "en")
NEEDS = ("PAY", "SEC", "SOC", "GRO")
#: Both sides of these are asked with yes and no; of GRO promised alone; the others from 1 to 7.
YES_NO = ("PAY", "SEC")
PEOPLE = 240


class _Opened:
    study = None


def item(kind: str, about: str, high: float) -> Item:
    low, need = (0.0 if high == 1 else 1.0), about if about in NEEDS else ""
    return Item(
        f"{kind}_{about}",
        ItemKind(kind),
        need,
        f"{low}-{high}",
        low,
        high,
        False,
        "",
        "",
        False,
        {"nl": about, "en": about},
    )


_PROMISES = [
    item(kind, need, 1 if need in YES_NO or (need == "GRO" and kind == "promised") else 7)
    for need in NEEDS
    for kind in ("promised", "kept")
]
CODEBOOK = Codebook((*_PROMISES, item("moment", "J_start", 1), item("moment", "J_role", 7)), sample_story.NEEDS)


def responses(wide: float = 0.3) -> pd.DataFrame:
    """The gap of PAY and that of SEC are near: one person in 240 apart, SEC the wider; those of the others small."""
    rank = np.arange(PEOPLE) / PEOPLE
    told = {"wave": "2024", "person": [f"p{at}" for at in range(PEOPLE)]}
    for need, further in (("PAY", 0), ("SEC", 1)):
        told[f"promised_{need}"] = (rank < 0.8).astype(float)
        told[f"kept_{need}"] = (rank < 0.8 - wide - further / PEOPLE).astype(float)
    told["promised_SOC"], told["kept_SOC"] = 4.0 + 2 * (rank < 0.5), 4.0 + 2 * (rank < 0.16)
    told["promised_GRO"], told["kept_GRO"] = (rank < 0.6).astype(float), 5.0 - (rank < 0.45)
    told["moment_J_start"], told["moment_J_role"] = (rank < 0.3).astype(float), 6.0 - (rank < 0.5)
    return pd.DataFrame(told)


ASSIGNED = pd.DataFrame(
    {"person": [f"p{at}" for at in range(PEOPLE)], "wave": "2024", "segment": np.arange(PEOPLE) % 2}
)


@pytest.fixture(autouse=True)
def _codebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scales, "open_codebook", lambda _: CODEBOOK)


def released(name: str, table: pd.DataFrame) -> ReleasedTable:
    rows = yes_no_apart(name, shaped({name: table}, "2024")[name], _Opened())  # type: ignore[arg-type]
    plan = plan_of(name)
    columns = {part: [c for c in getattr(plan, part) if c in rows] for part in ("means", "shares")}
    alike = {one: alike for one, alike in plan.alike.items() if set(alike.columns) <= set(rows)}
    ranks = {one: within for one, within in plan.ranks.items() if one in rows}
    how = {"lines": list(plan.lines), "kind": plan.kind, "ranks": ranks, "alike": alike}
    return release(name, rows, groups=["segment"], count="n", **how, **columns)


def story_of(answers: pd.DataFrame) -> Story:
    story = sample_story.full_story()
    moments = {"moment_J_start": {"nl": "Start", "en": "Start"}, "moment_J_role": {"nl": "Rol", "en": "Role"}}
    tables = {
        "promises": released("promises", promise_table(answers, ASSIGNED, CODEBOOK)),
        "journey": released("journey", journey_table(answers, ASSIGNED, CODEBOOK)),
    }
    return replace(story, released={**story.released, **tables}, moment_names=moments)


def test_answers_on_any_scale_are_told_from_1_to_5() -> None:
    told = promise_table(responses(), None, CODEBOOK).set_index("need")
    assert told["promised"].to_dict() == pytest.approx({"PAY": 4.2, "SEC": 4.2, "SOC": 1 + 4 / 1.5, "GRO": 3.4})
    assert told.loc["PAY", "broken_share"] == pytest.approx(0.3)
    lived = journey_table(responses(), None, CODEBOOK).set_index("moment")["value"]
    assert lived.to_dict() == pytest.approx({"moment_J_start": 2.2, "moment_J_role": 1 + 4.5 / 1.5})
    card = scorecard(responses()[["person", "wave", "kept_SOC", "kept_PAY"]], None, CODEBOOK)
    kept = card[card["measure"] == "kept"].iloc[0]
    assert (kept["unit"], kept["scale_low"], kept["scale_high"]) == ("mean", 1.0, 5.0)


def test_two_answers_on_both_sides_leave_as_shares_and_nothing_else_does() -> None:
    rows = story_of(responses()).released["promises"].frame
    everyone = rows[rows["segment"].isna()].set_index("need")
    assert everyone.loc["PAY", ["promised_yes", "kept_yes"]].tolist() == [0.8, 0.5]
    assert everyone.loc[list(YES_NO), ["promised", "kept"]].isna().all(axis=None)
    assert everyone.loc[["SOC", "GRO"], ["promised_yes", "kept_yes"]].isna().all(axis=None)
    assert everyone.loc["GRO", "promised"] == 3.4


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_print_shares_with_the_words_of_shares(language: str) -> None:
    story = story_of(responses())
    page = read_page(render_report(story, language)).text
    comma = "," if language == "nl" else "."
    assert {"nl": "beloofd 80%, nagekomen 50%", "en": "promised 80%, kept 50%"}[language] in page
    assert f"Start ({30}%)" in page
    assert {"nl": "aandeel dat zegt dat het beloofd is", "en": "share who say it was promised"}[language] in page
    one = read_page(render_onepager(story, 0, language)).text
    assert {"nl": "het aandeel dat ja zegt", "en": "the share who say yes"}[language] in one
    for text in (page, one):
        assert f"0{comma}8" not in text.split({"nl": "Wat als eerste doen", "en": "What to do first"}[language])[0]


def test_the_workbook_has_shares_in_columns_of_their_own() -> None:
    book = pd.read_excel(io.BytesIO(render_workbook(story_of(responses()), "en")), sheet_name=None, engine="calamine")
    everyone = book["Promises"].query("Segment == 'Everyone' and Need == 'Pay'").iloc[0]
    assert everyone[["Say it was promised", "Say it was kept"]].tolist() == [0.8, 0.5]
    assert everyone[["Promised (1–5)", "Kept (1–5)"]].isna().all()


@pytest.mark.parametrize("wide", [0.3, 0.12])
def test_readers_agree_on_a_near_tie_of_the_widest_gap(wide: float) -> None:
    """SEC is the widest before rounding, PAY about as wide though it shows another figure; nothing else is."""
    answers = responses(wide)
    story = story_of(answers)
    gaps = widest_gaps(story, story.labels("en"), None)
    others = {0.3: [], 0.12: ["Belonging"]}[wide]
    assert [gap.name for gap in gaps][: 2 + len(others)] == ["Security", "Pay", *others]
    assert widest_gap_told(story) == (
        f"; widest gap between promised and kept: Security (about as wide: {', '.join(['Pay', *others])})"
    )
    said = "; ".join(["Pay", *others])
    page = read_page(render_report(story, "en")).text
    assert "the gap is widest for Security" in page
    assert f"About as much: {' and '.join(said.rsplit('; ', 1)).replace('; ', ', ')}" in page
    sheet = pd.read_excel(io.BytesIO(render_workbook(story, "en")), sheet_name="Promises", engine="calamine")
    own = sheet[sheet["Segment"] == "Everyone"].sort_values("Place")
    alike = own.iloc[:, own.columns.get_loc("Place") + 1].tolist()
    assert own["Need"].tolist()[: 2 + len(others)] == ["Security", "Pay", *others]
    assert alike[: 2 + len(others)] == ["yes"] * (1 + len(others)) + ["no"]


def test_no_reader_names_a_gap_that_no_rounded_figure_shows() -> None:
    answers = responses()
    for need in NEEDS:
        answers[f"kept_{need}"] = answers[f"promised_{need}"] * (7 if need == "GRO" else 1)
    answers["kept_GRO"] = answers["kept_GRO"].clip(lower=1.0)
    answers.loc[0, ["kept_PAY"]] = 0.0  # one of 240: the share stays 80%
    story = story_of(answers)
    assert widest_gap_told(story) == "; what was promised was kept"
    assert widest_gaps(story, story.labels("en"), None) == ()
    assert "the gap is widest" not in read_page(render_report(story, "en")).text
