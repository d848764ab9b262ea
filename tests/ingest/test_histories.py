"""Spells out of lists of everyone: first seen, gone at the next list, back again, hired again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from segment.config import load_study
from segment.governance.pseudonyms import study_pseudonyms
from segment.ingest import read_inputs, refuse_errors
from segment.stages import STAGES_IN_ORDER, open_study, run_stage
from segment.stages.check import check_study
from segment.stages.simulate import simulate_into
from segment.vocabulary import World
from tests.stages.conftest import QUICK

KEY = bytes(range(32))
PERSON = study_pseudonyms("small", KEY).person
HEAD = "person_id,start_date,end_date,end_reason,department,hours,grade,sex,snapshot_date"
DAYS = ["2021-01-01", "2021-07-01", "2022-01-01"]


@pytest.fixture
def lists(desk: Any) -> Any:
    """Five people on three lists: one leaves, one is away once, one comes, one moves and is hired again elsewhere."""
    rows = {
        "007": [("2019-03-01", "NA"), ("2019-03-01", "NA"), ("2019-03-01", "NA")],
        "008": [("2020-05-01", "Zorg"), None, None],
        "009": [("2018-01-01", "NA"), None, ("2018-01-01", "NA")],
        "010": [("2018-09-01", "Zorg"), ("2021-05-01", "NA"), ("2021-05-01", "Zorg")],
        "011": [None, ("2021-03-01", "Zorg"), ("2021-03-01", "Zorg")],
    }
    desk.files["people.csv"] = "\n".join(
        [HEAD]
        + [
            f"{person},{row[0]},,,{row[1]},36,low,v,{day}"
            for person, own in rows.items()
            for day, row in zip(DAYS, own, strict=True)
            if row
        ]
        + [""]
    )
    desk.people["history"] = {}
    desk.settings["outcome"]["window"] = {"start": DAYS[0], "end": DAYS[-1]}
    return desk


def _spells(desk: Any, person: str) -> pd.DataFrame:
    inputs = desk.read()
    refuse_errors(inputs.findings)
    people = inputs.tables["people"]
    return people[people["person"] == PERSON(person)].reset_index(drop=True)


@pytest.mark.parametrize(("rule", "day"), [("middle", "2021-04-02"), ("last", "2021-01-02"), ("next", "2021-07-01")])
def test_who_is_missing_from_the_next_list_left_between_the_two(lists: Any, rule: str, day: str) -> None:
    lists.people["history"] = {"gone": rule}
    (one,) = _spells(lists, "008").to_dict("records")
    assert (one["end_date"], one["end_reason"]) == (pd.Timestamp(day), "left")


def test_who_is_on_the_last_list_is_here(lists: Any) -> None:
    assert _spells(lists, "007")["end_date"].isna().tolist() == [True]
    assert _spells(lists, "011")["end_date"].isna().tolist() == [True]


def test_an_end_that_is_stated_is_kept(lists: Any) -> None:
    lists.swap("people.csv", "008,2020-05-01,,,", "008,2020-05-01,2020-12-31,voluntary,")
    (one,) = _spells(lists, "008").to_dict("records")
    assert (one["end_date"], one["end_reason"]) == (pd.Timestamp("2020-12-31"), "voluntary")


def test_away_from_one_list_with_the_same_start_is_still_here_unless_the_study_says_otherwise(lists: Any) -> None:
    assert _spells(lists, "009")["end_date"].isna().tolist() == [True]
    lists.people["history"] = {"absent": "leaves"}
    two = _spells(lists, "009")
    assert two["start_date"].tolist() == [pd.Timestamp("2018-01-01"), pd.Timestamp("2021-10-01")]
    assert two["end_date"].iloc[0] == pd.Timestamp("2021-04-02")
    assert two["end_date"].isna().tolist() == [False, True]


def test_another_start_on_the_next_list_ends_the_spell_before_it(lists: Any) -> None:
    two = _spells(lists, "010")
    assert two["spell"].tolist() == [1, 2]
    assert pd.Timestamp(DAYS[0]) < two["end_date"].iloc[0] < two["start_date"].iloc[1] == pd.Timestamp("2021-05-01")


def test_what_was_inferred_is_told_from_list_to_list(lists: Any) -> None:
    (told,) = lists.read().findings.query("code == 'DQ089'")["explanation"]
    assert "2021-01-01 to 2021-07-01: 4 people, 2 gone, 1 new, 0 back, 1 with another department; " in told
    assert "2021-07-01 to 2022-01-01: 3 people, 0 gone, 0 new, 1 back, 1 with another department" in told
    (off,) = lists.read().findings.query("code == 'DQ090'")["explanation"]
    assert "2 exits lie between two lists, 6 months apart at most" in off
    assert "3 months off" in off


def test_the_files_order_changes_nothing(lists: Any, desks: Any) -> None:
    other = desks()
    other.settings, other.files = lists.settings, dict(lists.files)
    head, *rows = other.files["people.csv"].strip().split("\n")
    other.files["people.csv"] = "\n".join([head, *reversed(rows)]) + "\n"
    one, two = (desk.read().tables for desk in (lists, other))
    for name in ("people", "snapshots"):
        pd.testing.assert_frame_equal(one[name], two[name])


def test_following_the_advice_about_the_window_lets_the_study_run(lists: Any) -> None:
    lists.settings["outcome"]["window"] = {"start": "2020-01-01", "end": "2022-06-30"}
    (advice,) = lists.read().findings.query("code == 'DQ087'")["advice"]
    told = YAML(typ="safe").load(advice.partition(" be ")[2])
    lists.settings["outcome"]["window"] = {name: str(day) for name, day in told.items()}
    refuse_errors(lists.read().findings)


def test_a_column_of_ends_may_be_missing_from_lists_of_everyone(lists: Any) -> None:
    text = lists.files["people.csv"].replace(",,,", ",").replace("end_date,end_reason,", "")
    lists.files["people.csv"] = text
    assert _spells(lists, "008")["end_date"].notna().tolist() == [True]


@pytest.fixture(scope="module")
def organisation(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    """A simulated organisation whose HR exports a list of everyone each half year and no dates of leaving."""
    folder = tmp_path_factory.mktemp("lists")
    simulate_into(folder, people=1_500, seed=5, world=World.NEEDS, waves=1)
    dated = pd.read_csv(folder / "people.csv", dtype=str, keep_default_na=False)
    start, end = (pd.to_datetime(dated[name].replace("", None)) for name in ("start_date", "end_date"))
    staff = dated["relation"].isin(["employee", "contractor"])
    days = pd.date_range("2021-01-01", "2025-07-01", freq="6MS")
    parts = [dated[staff & (start <= day) & ~(end < day)].assign(snapshot_date=f"{day:%Y-%m-%d}") for day in days]
    pd.concat(parts).drop(columns=["end_date", "end_reason"]).to_csv(folder / "people.csv", index=False)
    yaml = YAML()
    file = folder / "study.yaml"
    settings = yaml.load(file)
    settings["sources"]["people"]["history"] = {}
    settings["outcome"] = {"kind": "spells", "window": {"start": "2021-01-01", "end": "2025-07-01"}}
    with file.open("w", encoding="utf-8") as out:
        yaml.dump(settings, out)
    return file, dated.assign(start=start, end=end)[staff]


def test_lists_of_everyone_tell_when_people_left_to_within_half_their_distance(
    organisation: tuple[Path, pd.DataFrame],
) -> None:
    file, truth = organisation
    study = load_study(file)
    inputs = read_inputs(study, key=KEY)
    refuse_errors(inputs.findings)
    person = study_pseudonyms(study.config.study, KEY).person
    truth = truth.assign(person=truth["person_id"].map(person))
    found = inputs.tables["people"].merge(
        truth[["person", "start", "end"]], left_on=["person", "start_date"], right_on=["person", "start"]
    )
    gone = (found["end"] < "2025-07-01") & (found["end"] >= "2021-01-01")
    assert gone.sum() > 100
    assert found.loc[gone, "end_date"].notna().all()
    assert found.loc[~gone, "end_date"].isna().all()
    off = (found["end_date"] - found["end"])[gone].dt.days
    assert off.abs().max() <= 93
    assert abs(off.mean()) < 3 * off.std() / np.sqrt(len(off))


def test_exits_that_were_placed_on_one_day_are_no_decision_of_the_organisation(
    organisation: tuple[Path, pd.DataFrame],
) -> None:
    """Everyone who is missing from one list is placed on the same day: nothing follows from that."""
    file, _ = organisation
    assert "RT003" not in "\n".join(check_study(file))
    overrides = ["outcome.window={start: 2024-07-01, end: 2025-07-01}", "retention.test_from=2025-01-01", *QUICK]
    opened = open_study(file, overrides=overrides)
    for name in ("prepare", "discover", "retain"):
        run_stage(STAGES_IN_ORDER[name], opened)
    ended = opened.store.read("people")["end_date"].dropna()
    assert ended.value_counts().max() > 50
    assert "FO003" not in set(opened.store.read("retention_findings")["code"])
