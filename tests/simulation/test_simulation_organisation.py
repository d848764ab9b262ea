"""Promises of the simulation: same seed, same bytes; more waves change no earlier one; refusals in plain words."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from segment.errors import InvalidInput, NotReady
from segment.simulation import Planted, open_questionnaire, simulate_organisation, write_organisation
from segment.simulation.questionnaire import _codebook

WORLDS = ("needs", "departments", "none", "gradient", "style")


@pytest.mark.parametrize("world", WORLDS)
def test_same_seed_same_bytes_and_another_seed_another_organisation(world: str, tmp_path: Path) -> None:
    paths = [
        write_organisation(simulate_organisation(120, seed=seed, world=world), tmp_path / name)
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    ]
    for one, same, other in zip(*paths, strict=True):
        assert one.read_bytes() == same.read_bytes()
        if one.name != "employer.csv":
            assert one.read_bytes() != other.read_bytes()


def test_more_waves_leave_everything_earlier_as_it_was() -> None:
    one, three = (simulate_organisation(150, seed=5, waves=waves) for waves in (1, 3))
    assert three.waves == ("2023-03", "2024-03", "2025-03")
    assert_frame_equal(one.people, three.people)
    assert_frame_equal(one.offers, three.offers)
    assert_frame_equal(one.responses["2023-03"], three.responses["2023-03"])
    assert_frame_equal(one.truth, three.truth.head(len(one.truth)))
    assert_frame_equal(one.units, three.units.head(len(one.units)))


@pytest.mark.parametrize("world", WORLDS)
def test_the_smallest_organisation_is_complete(world: str) -> None:
    smallest = simulate_organisation(50, seed=3, world=world, waves=6, months_between_waves=6)
    assert len(smallest.responses) == 6
    assert all(len(answers) > 20 for answers in smallest.responses.values())
    assert smallest.meta["world"] == world


def test_every_respondent_is_in_people_and_once_per_wave() -> None:
    organisation = simulate_organisation(300, seed=4)
    for wave, answers in organisation.responses.items():
        assert not answers["person_id"].duplicated().any()
        assert (answers["wave"] == wave).all()
        assert answers["person_id"].isin(organisation.people["person_id"]).all()
    assert not organisation.truth.duplicated(["person_id", "wave"]).any()


def test_files_hold_whole_numbers_and_read_back_as_they_were(tmp_path: Path) -> None:
    organisation = simulate_organisation(80, seed=8, waves=1)
    paths = write_organisation(organisation, tmp_path / "new")
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(path.name for path in paths)
    assert [path.name for path in paths] == [
        "people.csv",
        "responses_2023-03.csv",
        "employer.csv",
        "offers.csv",
        "units.csv",
        "truth.parquet",
    ]
    text = paths[1].read_text(encoding="utf-8")
    weights = pd.read_csv(paths[1], dtype=str)["weight"]
    assert ".0," not in text.replace("1.0,", "")
    assert weights.notna().all()
    answers = pd.read_csv(paths[1])
    assert_frame_equal(answers, organisation.responses["2023-03"], check_dtype=False)
    assert_frame_equal(pd.read_parquet(paths[-1]), organisation.truth)


def test_a_failed_write_leaves_the_old_file_and_no_litter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = simulate_organisation(60, seed=1, waves=1)
    write_organisation(old, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    monkeypatch.setattr(pd.DataFrame, "to_csv", _break)
    with pytest.raises(OSError, match="disk"):
        write_organisation(simulate_organisation(60, seed=2, waves=1), tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def _break(*_: object, **__: object) -> None:
    raise OSError("disk full")


def test_the_shipped_questionnaire_covers_every_need_with_wishes_in_two_languages() -> None:
    form = open_questionnaire()
    assert len(form.items) == 96
    assert len(form.wishes) == 12
    assert set(form.wishes["need"]) == set(form.needs)
    assert form.wishes[["nl", "en"]].ne("").all(axis=None)


def test_a_shorter_codebook_gives_a_shorter_survey() -> None:
    items = pd.read_csv(_codebook("relation.csv"), dtype=str, keep_default_na=False)
    short = items[items["short"] == "yes"]
    answers = simulate_organisation(60, seed=1, waves=1, codebook=short).responses["2023-03"]
    assert list(answers) == ["person_id", "wave", "weight", *open_questionnaire(short).columns]
    assert "I_REC_seen" not in answers


def test_parameters_change_what_they_name() -> None:
    few = simulate_organisation(400, seed=1, waves=1, response_rate=0.4)
    assert few.meta["planted"]["response_rate"] == 0.4
    assert 0.3 < few.truth.query("relation == 'employee'")["responded"].mean() < 0.5
    near = simulate_organisation(400, seed=1, waves=1, planted=Planted(separation=0.0))
    spread = near.truth.groupby("segment")["need_PAY"].mean()
    assert spread.max() - spread.min() < 0.5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"people": 49}, "An organisation of 49 people is too small to simulate.\n  expected: at least 50 people"),
        ({"people": 3e3}, "people must be a whole number.\n  found: float"),
        ({"waves": 0}, "A simulated organisation needs a survey.\n  expected: waves of 1 or more\n  found: 0"),
        ({"waves": 4}, "4 waves do not fit in the five years of observation.\n  expected: at most 3 waves"),
        ({"months_between_waves": 0}, "Waves must follow each other."),
        ({"seed": -1}, "A seed cannot be negative."),
        ({"world": "departement"}, "did you mean 'departments'?"),
        ({"world": "xyz"}, "choose one of these worlds"),
        ({"separatoin": 1.0}, "did you mean 'separation'?"),
        ({"missing": -0.1}, "missing cannot be used.\n  expected: a share from 0 to 1\n  found: -0.1"),
        ({"response_rate": 1.5}, "response_rate cannot be used.\n  expected: a share from 0 to 1\n  found: 1.5"),
    ],
)
def test_refusals_say_what_to_do(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        simulate_organisation(**{"people": 60, "seed": 1, **arguments})  # type: ignore[arg-type]
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    "extreme",
    [{"within_sd": 0.0}, {"experience_sd": 0.0}, {"within_correlation": 1.0}, {"missing": 1.0}, {"response_rate": 0.0}],
)
def test_extreme_parameters_give_complete_tables(extreme: dict[str, float]) -> None:
    organisation = simulate_organisation(60, seed=1, waves=1, **extreme)
    assert organisation.truth.filter(regex="^(need|experience)_").notna().all(axis=None)
    assert len(organisation.responses["2023-03"]) > 0 or extreme == {"response_rate": 0.0}


@pytest.mark.parametrize(
    ("column", "word", "message"),
    [
        ("kind", "importence", "did you mean 'importance'?"),
        ("scale", "imp7", "did you mean 'imp5'?"),
        ("driver", "MONEY", "Unknown need: MONEY."),
    ],
)
def test_a_codebook_with_an_unknown_word_is_refused(column: str, word: str, message: str) -> None:
    codebook = pd.read_csv(_codebook("relation.csv"), dtype=str, keep_default_na=False)
    codebook.loc[0, column] = word
    with pytest.raises(InvalidInput) as refusal:
        open_questionnaire(codebook)
    assert message in str(refusal.value)


def test_a_codebook_must_be_there_have_its_columns_and_ask_what_matters(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="The codebook file is not there"):
        open_questionnaire(tmp_path / "none.csv")
    codebook = pd.read_csv(_codebook("relation.csv"), dtype=str, keep_default_na=False)
    with pytest.raises(InvalidInput, match="without scale"):
        open_questionnaire(codebook.drop(columns="scale"))
    with pytest.raises(InvalidInput, match="same code more than once"):
        open_questionnaire(pd.concat([codebook, codebook.head(1)]))
    with pytest.raises(InvalidInput, match="asks what people find important"):
        open_questionnaire(codebook[codebook["kind"] != "importance"])


def test_a_file_is_no_directory(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("something else")
    with pytest.raises(InvalidInput, match="expected: a directory"):
        write_organisation(simulate_organisation(60, seed=1, waves=1), tmp_path / "taken")
