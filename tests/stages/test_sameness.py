"""What is nobody's business moves nothing: name, key, order of rows, columns and settings, one irrelevant attribute."""

from __future__ import annotations

import shutil
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from segment.stages import OpenStudy
from segment.stages.discover import DISCOVER
from segment.tables.order import in_order_of_content

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from truths import sameness


def again(file: Path, folder: Path, overrides: tuple[str, ...] = ()) -> OpenStudy:
    """A copy of a study's sources with name, key and every order changed, walked."""
    shutil.copytree(file.parent, folder, ignore=shutil.ignore_patterns("work"))
    sameness.everything(folder / "study.yaml")
    return sameness.walk(folder / "study.yaml", *overrides)


def test_another_name_key_and_order_of_rows_and_columns_move_no_figure_of_dated_spells(walked, tmp_path: Path) -> None:
    first = walked.open()
    assert first.store.read("segments")["segment"].max() > 0  # splits, nulls and bootstraps were drawn
    quick = tuple(one for one in walked.overrides if not one.startswith("workspace"))
    other = again(walked.file, tmp_path / "other", quick)
    assert other.key_id != first.key_id
    codes = (first.store.read("people")["person"], other.store.read("people")["person"])
    assert not set(codes[0]) & set(codes[1])
    one, two = (sameness.seen(opened, names=("small", "quiteanother")) for opened in (first, other))
    assert len(one.tables) > 30 and len(one.files) > 20
    assert one.moved(two) == []


@pytest.fixture(scope="module")
def flagged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, OpenStudy]:
    """A small study whose outcome is a flag: its file, and walked."""
    file = sameness.small_study(tmp_path_factory.mktemp("flagged") / "first", "horizon", people=250)
    return file, sameness.walk(file)


def test_nor_those_of_a_flag(flagged: tuple[Path, OpenStudy], tmp_path: Path) -> None:
    file, first = flagged
    assert first.store.read("evaluation")["metric"].eq("auc").any()
    other = again(file, tmp_path / "other")
    assert sameness.seen(first).moved(sameness.seen(other)) == []


def test_what_a_wave_is_called_moves_no_figure_of_a_flag(flagged: tuple[Path, OpenStudy], tmp_path: Path) -> None:
    file, first = flagged
    shutil.copytree(file.parent, tmp_path / "other", ignore=shutil.ignore_patterns("work"))
    sameness.wave_renamed(tmp_path / "other" / "study.yaml")
    other = sameness.walk(tmp_path / "other" / "study.yaml")
    assert (first.workspace / "exports" / "firstwave").is_dir()
    assert (other.workspace / "exports" / "otherwave").is_dir()
    assert sameness.seen(first).moved(sameness.seen(other)) == []


def test_nor_what_several_waves_are_called(walked, tmp_path: Path) -> None:
    """The later name comes first in the alphabet here: days tell which wave is the last one, as the old names did."""
    first = walked.open()
    shutil.copytree(walked.file.parent, tmp_path / "other", ignore=shutil.ignore_patterns("work"))
    file = tmp_path / "other" / "study.yaml"
    sameness.call_waves(file, "zeroth", "after")
    days = {"zeroth": date(2023, 3, 31), "after": date(2024, 3, 31)}
    sameness.change_settings(file, lambda settings: settings.update(waves=days))
    quick = tuple(one for one in walked.overrides if not one.startswith("workspace"))
    other = sameness.walk(file, *quick, until="discover")
    one = sameness.seen(first, names=("2023-03", "2024-03"))
    two = sameness.seen(other, names=("zeroth", "after"))
    made = {*DISCOVER.writes, "responses", "need_scores"} & one.tables.keys()
    assert {"stability", "verdict", "neighbours", "assignments", "segments"} <= made
    assert made.isdisjoint(one.figures_moved(two))


def test_the_order_of_the_questionnaire_decides_what_stands_where_and_no_figure(
    flagged: tuple[Path, OpenStudy], tmp_path: Path
) -> None:
    file, first = flagged
    shutil.copytree(file.parent, tmp_path / "other", ignore=shutil.ignore_patterns("work"))
    sameness.questions_moved(tmp_path / "other" / "study.yaml")
    other = sameness.walk(tmp_path / "other" / "study.yaml")
    codes = [list(one.store.read("responses").columns) for one in (first, other)]
    assert codes[0] != codes[1]
    assert sameness.seen(first).figures_moved(sameness.seen(other)) == []


def test_why_people_left_moves_nothing_that_comes_of_answers(walked, tmp_path: Path) -> None:
    first = walked.open()
    shutil.copytree(walked.file.parent, tmp_path / "other", ignore=shutil.ignore_patterns("work"))
    people = pd.read_csv(tmp_path / "other" / "people.csv", dtype=str)
    gone = people["end_reason"].notna()
    people.loc[gone, "end_reason"] = people.loc[gone, "end_reason"].sample(frac=1, random_state=4).to_numpy()
    people.to_csv(tmp_path / "other" / "people.csv", index=False)
    quick = tuple(one for one in walked.overrides if not one.startswith("workspace"))
    other = sameness.walk(tmp_path / "other" / "study.yaml", *quick, until="discover")
    one, two = sameness.seen(first).tables, sameness.seen(other).tables
    assert not one["spells"].equals(two["spells"])
    made = set(DISCOVER.writes) & one.keys()
    assert {"stability", "verdict", "neighbours"} <= made
    assert [name for name in sorted(made) if not one[name].equals(two[name])] == []


def test_another_seed_finds_the_books_as_they_are(walked) -> None:
    """The key of simulated and public data is the study's; a seed is no part of it."""
    assert walked.open("random_state=99").key == walked.open().key


def test_what_leaves_about_people_stands_in_no_order_that_tells_of_answers(walked) -> None:
    opened = walked.open()
    for path in (opened.workspace / "handover").rglob("segments.parquet"):
        people = pd.read_parquet(path)["person"]
        assert people.is_monotonic_increasing
    assert not opened.store.read("people")["person"].is_monotonic_increasing


# ------------------------------------------------------------------------------------------ the order itself


def tables(codes: str, *, weight: float = 1.0) -> dict[str, pd.DataFrame]:
    """Four people; the last two are alike in what they said, and differ in what is known of them."""
    persons = list(codes)
    answers = pd.DataFrame({"person": persons, "wave": "1", "weight": weight, "PAY1": [1.0, 2.0, 3.0, 3.0]})
    people = pd.DataFrame({"person": persons, "spell": 1, "grade": [1.0, 1.0, 2.0, 3.0], "site": list("xyyx")})
    return {"people": people, "responses": answers}


def shown(ordered: dict[str, pd.DataFrame]) -> list[list[float]]:
    return [ordered["people"]["grade"].tolist(), ordered["responses"]["PAY1"].tolist()]


@pytest.mark.parametrize("codes", ["abcd", "dcba", "bdac"])
def test_the_order_of_people_follows_their_content_and_not_their_codes(codes: str) -> None:
    straight = in_order_of_content(tables("abcd"), ["grade", "site"])
    backwards = {name: frame.iloc[::-1] for name, frame in tables(codes).items()}
    turned = in_order_of_content(backwards, ["grade", "site"])
    assert shown(straight) == shown(turned)
    assert turned["people"]["person"].tolist() == turned["responses"]["person"].tolist()


def test_one_attribute_more_and_other_weights_move_nobody() -> None:
    plain = in_order_of_content(tables("abcd"), ["grade", "site"])
    more = tables("abcd", weight=2.0)
    more["people"] = more["people"].assign(door=["red", "blue", "red", "blue"])
    assert shown(in_order_of_content(more, ["grade", "site", "door"])) == shown(plain)


def test_what_hr_says_of_people_moves_nobody_among_those_who_answered() -> None:
    """So what is drawn among them is the same, whatever the outcome is and whichever people have one."""
    alone = in_order_of_content({"responses": tables("abcd")["responses"].iloc[:3]}, [])["responses"]["person"].tolist()
    for seed in range(20):
        rng = np.random.default_rng(seed)
        given = tables("abcd") | {"spells": pd.DataFrame({"person": list("abcd"), "exit": rng.random(4)})}
        given["responses"] = given["responses"].iloc[:3]
        given["people"] = given["people"].assign(grade=rng.random(4))
        assert in_order_of_content(given, ["grade", "site"])["responses"]["person"].tolist() == alone


def test_people_who_are_alike_in_everything_may_stand_either_way() -> None:
    alike = pd.DataFrame({"person": ["a", "b"], "spell": 1, "grade": 1.0})
    assert in_order_of_content({"people": alike}, ["grade"])["people"]["grade"].tolist() == [1.0, 1.0]


def test_the_name_of_a_wave_moves_nobody() -> None:
    def order(first: str, second: str) -> list[str]:
        waves = [first] * 30 + [second] * 30
        people = [f"p{n}" for n in range(30)] * 2
        said = np.random.default_rng(0).integers(1, 6, 60).astype(float)
        answers = pd.DataFrame({"person": people, "wave": waves, "PAY1": said})
        return in_order_of_content({"responses": answers}, [])["responses"]["person"].tolist()

    assert order("2023-03", "2024-03") == order("zeroth", "after") != [f"p{n}" for n in range(30)] * 2


def test_waves_stay_together_in_the_order_they_came_in() -> None:
    answers = pd.DataFrame(
        {"person": list("abab"), "wave": ["wave 9", "wave 9", "wave 10", "wave 10"], "PAY1": [1.0, 2.0, 4.0, 5.0]}
    )
    assert in_order_of_content({"responses": answers}, [])["responses"]["wave"].tolist() == [
        "wave 9", "wave 9", "wave 10", "wave 10",
    ]  # fmt: skip
