"""A study as it was known on a day: nothing that came later is read, and every wave can be run so in turn."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest
from ruamel.yaml import YAML

from segment.errors import InvalidInput, InvalidStudy, NotReady
from segment.ingest import read_inputs
from segment.stages import open_study
from segment.stages.backfill import waves_to_run

DAY = pd.Timestamp("2023-03-31")


def read(walked, *more: str) -> dict[str, pd.DataFrame]:
    opened = open_study(walked.file, overrides=[*walked.overrides, *more])
    return read_inputs(opened.study, key=opened.key).tables


def test_nothing_that_came_later_is_read(walked) -> None:
    now, then = read(walked), read(walked, "as_of=2023-03-31")
    assert set(then["responses"]["wave"]) == {"2023-03"} < set(now["responses"]["wave"])
    assert len(now["people"]) > len(then["people"]) and not (then["people"]["start_date"] > DAY).any()
    assert not (then["people"]["end_date"] > DAY).any() and (now["people"]["end_date"] > DAY).any()
    assert then["people"]["end_reason"].isna().sum() > now["people"]["end_reason"].isna().sum() - len(now["people"])
    assert set(then["audit"]["person"]) <= set(then["people"]["person"])


def test_it_is_what_files_of_that_day_would_have_given(walked, tmp_path: Path) -> None:
    """The law: later rows cut out of the files by hand, and later ends emptied, read to the same tables."""
    folder = walked.file.parent
    with (folder / "people.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    kept = [row for row in rows if row["start_date"] <= "2023-03-31"]
    for row in kept:
        if row["end_date"] > "2023-03-31":
            row["end_date"] = row["end_reason"] = ""
    with (folder / "people-then.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(kept)
    sources = YAML(typ="safe").load(walked.file)["sources"]
    first = [one for one in sources["responses"] if "2023-03" in one["file"]]
    past = walked.saying(sources={"people": {**sources["people"], "file": "people-then.csv"}, "responses": first})
    end = "outcome.window.end=2023-03-31"
    by_hand, by_day = read(past, end), read(walked, "as_of=2023-03-31")
    for name in ("people", "responses", "audit", "wave_days"):
        left, right = by_hand[name], by_day[name]
        keys = [column for column in ("person", "spell", "wave") if column in left]
        columns = [column for column in left if column in right]
        assert set(left) <= set(right), name
        pd.testing.assert_frame_equal(
            left.sort_values(keys, ignore_index=True), right[columns].sort_values(keys, ignore_index=True)
        )


def test_a_day_that_tells_nothing_is_refused_with_one_that_does(walked) -> None:
    with pytest.raises(InvalidStudy, match="before anybody was watched"):
        read(walked, "as_of=1990-01-01")
    with pytest.raises(InvalidStudy, match="no answers yet") as refused:
        read(walked, "as_of=2022-06-01")
    assert "give a day from 2023-03" in str(refused.value)
    with pytest.raises(InvalidStudy, match="had not been answered"):
        read(walked, "as_of=2023-06-01", "wave=2024-03")


def test_the_waves_are_told_in_order_each_with_its_day(walked) -> None:
    every = waves_to_run(walked.file, "all", overrides=walked.overrides)
    assert [name for name, _ in every] == ["2023-03", "2024-03"]
    assert every[0][1] == ("as_of=2023-03-31", "wave=2023-03") and every[1][1] == ()
    assert waves_to_run(walked.file, "2023-03", overrides=walked.overrides) == every[:1]
    with pytest.raises(InvalidInput, match="no such wave"):
        waves_to_run(walked.file, "2023-03,2031", overrides=walked.overrides)


def test_a_study_without_answers_has_no_waves_to_run(walked) -> None:
    alone = walked.saying(sources={"responses": []}, codebook=None)
    with pytest.raises(NotReady, match="no waves"):
        waves_to_run(alone.file, "all", overrides=[o for o in alone.overrides if "needs" not in o])
