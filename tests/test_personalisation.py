"""What can be done: the catalogue, plans per segment, and cards for who asked for one."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput, InvalidStudy
from segment.locale import languages, say
from segment.personalisation import (
    Action,
    Catalogue,
    build_cards,
    catalogue_findings,
    plan_actions,
    read_catalogue,
)
from segment.tables import spec_of

SHIPPED = Path(__file__).parents[1] / "configs" / "catalogues" / "actions.yaml"
CODEBOOKS = Path(__file__).parents[1] / "configs" / "codebooks"
NEEDS = ("PAY", "SEC", "SOC", "GRO", "AUT", "MEA", "REC", "EAS")
#: Needs that some shipped studies ask about besides.
FURTHER = ("LEA", "INT", "HLP", "FLX")


def action(code: str, *, level: str = "segment", owner: str = "manager", effort: int = 1) -> Action:
    texts = {"nl": "tekst", "en": "text"}
    return Action(code, code.split("_", maxsplit=1)[0], level, owner, effort, texts, texts, texts, "practice")


SMALL = Catalogue(
    (
        action("PAY_slow", effort=3),
        action("PAY_fast"),
        action("GRO_hr", owner="hr"),
        action("GRO_boss", effort=2),
        action("PAY_own", level="individual", owner="person"),
        action("PAY_ask", level="individual"),
        action("GRO_ask", level="individual", owner="hr"),
        action("AUT_both", level="both"),
    )
)


def profile_rows(shortfalls: dict[tuple[int, str], float], people: dict[int, int], wave: str = "2024") -> pd.DataFrame:
    rows = [
        {"wave": wave, "segment": segment, "need": need, "measure": "shortfall", "n": people[segment], "mean": value,
         "low": value - 0.02, "high": value + 0.02}
        for (segment, need), value in shortfalls.items()
    ]  # fmt: skip
    frame = pd.DataFrame(rows)
    total = frame["mean"] * frame["n"]
    overall = total.groupby(frame["need"]).transform("sum") / frame.groupby("need")["n"].transform("sum")
    return frame.assign(overall=overall, difference=frame["mean"] - overall)


PROFILES = profile_rows(
    {(0, "PAY"): 0.3, (0, "GRO"): 0.1, (0, "AUT"): 0.01, (1, "PAY"): 0.08, (1, "GRO"): 0.4, (1, "AUT"): 0.2},
    {0: 300, 1: 100},
)


# ------------------------------------------------------------------------------------------- catalogue


def test_the_shipped_catalogue_serves_every_need_of_the_questionnaire() -> None:
    catalogue = read_catalogue(SHIPPED)
    for need in (*NEEDS, *FURTHER):
        assert len(catalogue.about(need, "segment", "both")) >= 2
        individual = catalogue.about(need, "individual", "both")
        assert any(a.own for a in individual)
        assert any(not a.own for a in individual)
    assert len(catalogue_findings(catalogue, (*NEEDS, *FURTHER))) == 0


def test_the_shipped_catalogue_has_sixty_actions_that_are_no_repeats_and_say_what_they_rest_on() -> None:
    actions = read_catalogue(SHIPPED).actions
    assert len(actions) >= 60
    for language in ("nl", "en"):
        for field in ("title", "what", "first_step"):
            texts = [getattr(action, field)[language].lower() for action in actions]
            assert len(set(texts)) == len(texts), (field, language)
    for action in actions:
        year = re.search(r"\((19|20)\d\d\), [A-Z]", action.evidence)
        assert action.evidence == "practice" or year, f"{action.code}: who, when and where"
        assert set(action.watch) == {"nl", "en"} and action.watch["nl"] != action.watch["en"], action.code


@pytest.mark.parametrize("codebook", sorted(CODEBOOKS.glob("*.csv")), ids=lambda file: file.stem)
def test_every_need_of_the_shipped_codebooks_is_served_by_several_actions(codebook: Path) -> None:
    catalogue = read_catalogue(SHIPPED)
    rows = pd.read_csv(codebook, dtype=str).fillna("")
    needs = set(rows["driver" if "driver" in rows else "need"]) - {"", "*"}
    few = {need: len(catalogue.about(need, "segment", "both")) for need in needs}
    assert {need: n for need, n in few.items() if n < 3} == {}
    assert {need for need in needs if len(catalogue.about(need, "individual", "both")) < 2} == set()


def test_shipped_texts_differ_between_languages_and_end_as_sentences() -> None:
    for code, texts in read_catalogue(SHIPPED).texts().items():
        assert set(texts) == {"title", "what", "first_step", "owner", "effort", "evidence", "watch"}, code
        for field in ("title", "what", "first_step"):
            assert texts[field]["nl"] != texts[field]["en"], code
        for language in ("nl", "en"):
            assert texts["what"][language].endswith((".", "?"))
            assert texts["first_step"][language].endswith((".", "?"))
            assert not texts["title"][language].endswith(".")
            assert len(texts["title"][language]) <= 75, code
            assert " u " not in f" {texts['what'][language]} ".lower() or language == "en"


def test_least_effort_comes_first_and_file_order_decides_ties() -> None:
    assert [a.code for a in SMALL.about("PAY")] == ["PAY_fast", "PAY_own", "PAY_ask", "PAY_slow"]
    assert [a.code for a in SMALL.about("AUT", "individual", "both")] == ["AUT_both"]


def test_a_need_without_actions_is_said() -> None:
    assert SMALL.without_actions(["PAY", "MEA"]) == ("MEA",)
    findings = catalogue_findings(SMALL, ["PAY", "GRO", "MEA"])
    spec_of("findings").check(findings)
    assert findings[["code", "subject", "severity"]].to_numpy().tolist() == [["AC001", "MEA", "warning"]] * 2


def test_every_mistake_of_a_catalogue_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "actions.yaml"
    good = SHIPPED.read_text(encoding="utf-8").split("actions:\n")[1].split("  - code: PAY_equity")[0]
    file.write_text(
        "actions:\n" + good + "\n".join(
            [
                "  - code: PAY_explain", "    need: PAY", "    level: segmant", "    owner: person", "    effort: 4",
                "    titel: {nl: Een, en: One}", "    what: {nl: Twee, de: Zwei}", "    first_step: Drie",
                "    evidence: practice", "  - only a word", "  - code: X", "    level: segment", "    owner: person",
            ]
        ) + "\n",
        encoding="utf-8",
    )  # fmt: skip
    with pytest.raises(InvalidStudy) as refusal:
        read_catalogue(file)
    said = str(refusal.value)
    for part in (
        "code 'PAY_explain' stands at",
        "level 'segmant' is not known; did you mean 'segment'?",
        "effort '4' is not known; known: 1, 2, 3",
        "'titel' is not a word of an action; did you mean 'title'?",
        "'title' is missing",
        "'what' needs a text in 'en'",
        "'what' has 'de'; languages are nl, en",
        "'first_step' needs a text in 'nl'",
        "expected an action with code, need",
        "a person cannot take an action for a whole segment",
    ):
        assert part in said
    lines = file.read_text(encoding="utf-8").splitlines()
    place = next(problem for problem in refusal.value.problems if "segmant" in problem)
    name, line, column = place.split(":")[:3]
    assert name == "actions.yaml"
    assert lines[int(line) - 1][int(column) - 1 :] == "segmant"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no actions"),
        ("actions: []", "no actions"),
        ("catalogue: somewhere.yaml", "expected a list under 'actions'"),
        ("actions: [", "not valid YAML"),
        ("- a", "expected a list under 'actions'"),
    ],
)
def test_refuses_a_file_that_is_no_catalogue(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "actions.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidStudy, match=said):
        read_catalogue(file)


def test_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidStudy, match="no such file"):
        read_catalogue(tmp_path / "none.yaml")


# --------------------------------------------------------------------------------------------- segments


def test_plans_by_hand() -> None:
    plans = plan_actions(PROFILES, SMALL, per_segment=3)
    spec_of("plans").check(plans)
    first, second = plans[plans["segment"] == 0], plans[plans["segment"] == 1]
    # each need has its first action before any has a second; AUT of segment 0 is met
    assert plan_actions(PROFILES, SMALL, per_segment=2).query("segment == 0")["need"].tolist() == ["PAY", "GRO"]
    # and the rank tells the same order as the priority over all segments
    assert first["action"].tolist() == ["PAY_fast", "PAY_slow", "GRO_hr"]
    assert first["priority"].tolist() == pytest.approx([0.3 * 0.75, 0.3 * 0.75, 0.1 * 0.75])
    assert second["action"].tolist() == ["GRO_hr", "AUT_both", "PAY_fast"]
    assert second["rank"].tolist() == [1, 2, 3]
    assert second["n"].tolist() == [100, 100, 100]
    assert second["reason"].tolist() == ["largest", "further", "further"]


def test_plans_keep_their_limits() -> None:
    for per_segment in (1, 2, 5):
        plans = plan_actions(PROFILES, SMALL, per_segment=per_segment)
        assert plans.groupby("segment").size().max() <= per_segment
        assert not plans.duplicated(["segment", "action"]).any()
    assert plan_actions(PROFILES, SMALL, min_shortfall=0.35)["need"].unique().tolist() == ["GRO"]
    individual = {a.code for a in SMALL.actions if a.level == "individual"}
    assert not plan_actions(PROFILES, SMALL, per_segment=9)["action"].isin(individual).any()


def test_a_need_that_all_share_is_planned_once_for_everyone() -> None:
    ladder = pd.DataFrame({"need": ["PAY", "GRO"], "rung": ["one policy", "per individual"]})
    plans = plan_actions(PROFILES, SMALL, ladder=ladder)
    everyone = plans[plans["segment"].isna()]
    assert everyone["action"].tolist() == ["PAY_fast", "PAY_slow"]
    assert everyone["shortfall"].iloc[0] == pytest.approx((0.3 * 300 + 0.08 * 100) / 400)
    assert everyone["n"].tolist() == [400, 400]
    segments = plans.dropna(subset="segment")
    assert "PAY" not in set(segments["need"])
    # where people differ, what a manager can do comes first
    assert segments.loc[segments["need"] == "GRO", "action"].iloc[0] == "GRO_boss"
    assert segments.loc[segments["need"] == "GRO", "reason"].iloc[0] in ("largest_by_person", "further_by_person")


def test_reasons_hold_no_figure() -> None:
    ladder = pd.DataFrame({"need": ["PAY", "GRO"], "rung": ["one policy", "per individual"]})
    for plans in (plan_actions(PROFILES, SMALL), plan_actions(PROFILES, SMALL, ladder=ladder)):
        told = [say(f"personalisation.reason.{code}", language) for code in plans["reason"] for language in languages()]
        assert not any(re.search(r"\d", text) for text in told)


def test_the_last_wave_counts_unless_another_is_asked_for() -> None:
    earlier = profile_rows({(0, "AUT"): 0.5}, {0: 400}, wave="2023")
    both = pd.concat([PROFILES, earlier], ignore_index=True)
    pd.testing.assert_frame_equal(plan_actions(both, SMALL), plan_actions(PROFILES, SMALL))
    assert plan_actions(both, SMALL, wave="2023")["need"].tolist() == ["AUT"]


def test_nothing_short_or_nothing_to_do_gives_no_plan() -> None:
    for profiles in (PROFILES.iloc[:0], PROFILES.assign(measure="score"), PROFILES.assign(need="MEA")):
        plans = plan_actions(profiles, SMALL)
        assert len(plans) == 0
        spec_of("plans").check(plans)


# ---------------------------------------------------------------------------------------------- persons


def scores(people: int = 40, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"person": [f"p{number:02d}" for number in range(people)], "wave": "2024"})
    for need in ("PAY", "GRO", "AUT", "MEA"):
        frame[f"importance_{need}"] = rng.integers(1, 6, people).astype(float)
        frame[f"experience_{need}"] = rng.integers(1, 6, people).astype(float)
        frame[f"shortfall_{need}"] = rng.choice([0.0, 0.1, 0.4, 0.7, np.nan], people)
        frame[f"wish_{need}"] = rng.choice([0.0, 1.0], people)
    return frame


def answers(frame: pd.DataFrame, wish: object) -> pd.DataFrame:
    return frame[["person", "wave"]].assign(weight=1.0, Q_opt=wish)


def test_no_card_without_a_yes_in_that_wave() -> None:
    frame = scores()
    asked = np.resize([1.0, 0.0, np.nan, 1.0], len(frame))
    cards = build_cards(frame, answers(frame, asked), SMALL)
    spec_of("cards").check(cards)
    assert set(cards["person"]) <= set(frame.loc[asked == 1, "person"])
    assert len(cards) > 0
    earlier = answers(frame, 1.0).assign(wave="2023")
    both = pd.concat([earlier, answers(frame, 0.0)], ignore_index=True)
    assert len(build_cards(frame, both, SMALL)) == 0
    assert len(build_cards(frame, answers(frame, 1.0).drop(columns="Q_opt"), SMALL)) == 0


def test_yes_may_be_written_in_words() -> None:
    frame = scores()
    numbers = build_cards(frame, answers(frame, np.resize([1, 0], 40)), SMALL)
    for words in (["yes", "no"], ["Ja", "nee"], [True, False], ["1", "0"]):
        pd.testing.assert_frame_equal(build_cards(frame, answers(frame, np.resize(words, 40)), SMALL), numbers)


def test_a_card_holds_the_persons_own_figures_and_no_risk() -> None:
    frame = scores()
    cards = build_cards(frame, answers(frame, 1.0), SMALL)
    own = frame.set_index("person")
    for row in cards.itertuples():
        for measure in ("shortfall", "importance", "experience"):
            assert getattr(row, measure) == own.loc[row.person, f"{measure}_{row.need}"]
        assert row.wished == (own.loc[row.person, f"wish_{row.need}"] == 1)
    assert not any(word in column for column in cards.columns for word in ("risk", "leave", "p_", "mean", "overall"))


def test_a_persons_card_does_not_depend_on_others() -> None:
    frame = scores()
    everyone = build_cards(frame, answers(frame, 1.0), SMALL)
    alone = frame.iloc[[7]]
    pd.testing.assert_frame_equal(
        build_cards(alone, answers(alone, 1.0), SMALL),
        everyone[everyone["person"] == "p07"].reset_index(drop=True),
    )


def test_the_greatest_shortfall_comes_first_and_the_card_is_short() -> None:
    frame = scores()
    for per_card in (1, 2, 3):
        cards = build_cards(frame, answers(frame, 1.0), SMALL, per_card=per_card)
        for _, own in cards.groupby("person"):
            assert own["rank"].tolist() == list(range(1, len(own) + 1))
            assert len(own) <= per_card
            assert own["shortfall"].is_monotonic_decreasing
    lacking = cards[cards["kind"] == "shortfall"]
    assert (lacking["shortfall"] >= 0.05).all()


def test_cards_by_hand() -> None:
    frame = pd.DataFrame(
        {
            "person": ["short", "content", "silent"], "wave": "2024",
            "shortfall_PAY": [0.2, 0.0, np.nan], "importance_PAY": [3.0, 2.0, np.nan],
            "shortfall_GRO": [0.2, 0.01, np.nan], "importance_GRO": [5.0, 4.5, np.nan],
            "shortfall_MEA": [0.6, 0.0, np.nan], "importance_MEA": [4.0, 3.0, np.nan],
        }
    )  # fmt: skip
    assignments = pd.DataFrame(
        {"person": ["short", "content"], "wave": "2024", "segment": [2, 0], "between": [False, True]}
    )
    cards = build_cards(frame, answers(frame, "ja"), SMALL, assignments=assignments)
    short = cards[cards["person"] == "short"]
    # MEA lacks most but has no action; PAY and GRO lack as much, and GRO matters more
    assert short["need"].tolist() == ["MEA", "GRO", "PAY"]
    assert short["action"].isna().tolist() == [True, True, False]
    assert short["ask"].fillna("").tolist() == ["", "GRO_ask", "PAY_ask"]
    assert short["action"].iloc[2] == "PAY_own"
    assert (short["segment"] == 2).all()
    content = cards[cards["person"] == "content"].iloc[0]
    assert (content["need"], content["kind"], content["rank"]) == ("GRO", "going well", 1)
    assert pd.isna(content["action"])
    assert pd.isna(content["segment"])
    assert "silent" not in set(cards["person"])


def test_nobody_asking_gives_an_empty_table() -> None:
    frame = scores()
    for empty in (
        build_cards(frame, answers(frame, 0.0), SMALL),
        build_cards(frame.iloc[:0], answers(frame, 1.0), SMALL),
        build_cards(frame[["person", "wave"]], answers(frame, 1.0), SMALL),
        build_cards(frame, answers(frame, 1.0).iloc[:0], SMALL),
    ):
        assert len(empty) == 0
        spec_of("cards").check(empty)


def test_refuses_people_who_stand_twice_without_naming_them() -> None:
    frame = scores(3)
    with pytest.raises(InvalidInput, match="need scores have people who stand twice") as refusal:
        build_cards(pd.concat([frame, frame]), answers(frame, 1.0), SMALL)
    assert "p00" not in str(refusal.value)


def test_no_input_is_changed() -> None:
    frame = scores()
    asked = answers(frame, 1.0)
    before = frame.copy(), asked.copy(), PROFILES.copy()
    build_cards(frame, asked, SMALL)
    plan_actions(PROFILES, SMALL)
    for now, then in zip((frame, asked, PROFILES), before, strict=True):
        pd.testing.assert_frame_equal(now, then)


def test_what_an_action_rests_on_is_told_in_the_language_of_the_reader() -> None:
    """Authors are joined as the language does, titles stay; what the study found is in words of the language."""
    actions = read_catalogue(SHIPPED)
    texts = actions.texts()
    for action in actions.actions:
        told = texts[action.code]["evidence"]
        assert told["nl"] != told["en"], action.code
        if action.evidence != "practice":
            authors, year, title = action.evidence.partition(" (")
            dutch = authors.replace(" and others", " en anderen").replace(" and ", " en ")
            assert told["en"] == f"{action.evidence}: {action.found['en']}", action.code
            assert told["nl"] == f"{dutch}{year}{title}: {action.found['nl']}", action.code
            assert " and " not in dutch
