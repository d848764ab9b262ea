"""A finding that names rows says of which file and wave each of them is, where a study has several."""

from __future__ import annotations

import re
from typing import Any

import pytest

from segment.displays.labels import Labels
from segment.exports.finding_words import finding_line
from segment.ingest import finding_lines

LATER = "person_id,I_PAY,E_PAY\n9,2,3\n008,1,2\n"


def _two_files(desk: Any, name: str = "later.csv") -> None:
    desk.files[name] = LATER
    desk.settings["sources"]["responses"].append({"file": name, "wave": "2025"})
    desk.swap("survey.csv", "007,2024", "7,2024")


def _found(desk: Any, code: str) -> list[dict[str, Any]]:
    found = desk.read().findings
    return found[found["code"] == code].to_dict("records")


def test_answers_of_people_not_in_hrs_data_say_in_which_file_and_wave_they_stand(desk: Any) -> None:
    _two_files(desk)
    found = _found(desk, "DQ039")
    assert [(one["where"], one["wave"]) for one in found] == [
        ("survey.csv (wave 2024), column person_id, row 2", "2024"),
        ("later.csv (wave 2025), column person_id, row 2", "2025"),
    ]
    for language, word in (("nl", "meting"), ("en", "wave")):
        told = [finding_line(one, Labels(language))[1] for one in found]
        assert told == [f"person_id ({word} {wave})" for wave in ("2024", "2025")]


def test_rows_of_one_file_with_several_waves_each_name_theirs(desk: Any) -> None:
    desk.swap("survey.csv", "007,2024", "7,2023")
    desk.swap("survey.csv", "011,2024", "12,2024")
    (one,) = _found(desk, "DQ039")
    assert one["where"] == "survey.csv, column person_id, rows 2 (wave 2023), 5 (wave 2024)"
    assert one["wave"] == "" and "2 of 4 (1 in wave 2023, 1 in wave 2024)" in one["explanation"]


def test_files_of_one_name_are_told_apart_by_their_folder(desk: Any) -> None:
    (desk.folder / "2025").mkdir()
    _two_files(desk, "2025/survey.csv")
    where = [one["where"].partition(" (wave")[0] for one in _found(desk, "DQ039")]
    assert len(set(where)) == 2 and where[1] == "2025/survey.csv"


def test_the_same_wave_in_two_files_is_named(desk: Any) -> None:
    desk.files["again.csv"] = desk.files["survey.csv"]
    desk.settings["sources"]["responses"].append({"file": "again.csv"})
    assert "the same wave in two files: 2024" in _found(desk, "DQ020")[0]["explanation"]


def test_answers_from_outside_employment_are_counted_by_wave(desk: Any) -> None:
    _two_files(desk)
    desk.files["later.csv"] = LATER.replace("9,2,3", "010,2,3")
    desk.settings["waves"] = {"2025": "2018-01-31", "2024": "2024-12-31"}
    (one,) = _found(desk, "DQ059")
    assert re.search(r"; \d and \d in wave 2025, \d and \d in wave 2024|in wave 2024, \d and", one["explanation"])


@pytest.mark.parametrize("cell", ["9", "a word"])
def test_so_does_every_finding_that_names_rows(desk: Any, cell: str) -> None:
    """Of answers of two waves in one file and of a third in another, whatever is wrong with them."""
    _two_files(desk)
    desk.swap("survey.csv", "009,2024,1,4", f"009,2023,1,{cell}")
    desk.files["later.csv"] = LATER.replace("008,1", f"008,{cell}")
    told = [line for line in finding_lines(desk.read().findings) if re.search(r", rows? \d", line)]
    assert len(told) >= 3
    assert [line for line in told if "wave 20" not in line and "people.csv" not in line] == []


def test_a_study_of_one_wave_needs_no_name_for_it(desk: Any) -> None:
    desk.swap("survey.csv", "007,2024", "7,2024")
    (one,) = _found(desk, "DQ039")
    assert (one["where"], one["wave"]) == ("survey.csv, column person_id, row 2", "")
