"""Study files: layers, places of mistakes, and words that are nearly right."""

from __future__ import annotations

from pathlib import Path

import pytest

from segment.config import load_study
from segment.errors import InvalidStudy

GOOD = """\
study: pilot
title: {nl: Proef, en: Pilot}
sources:
  people: {file: people.csv}
"""


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "study.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def problems(file: Path, **kwargs: object) -> list[str]:
    with pytest.raises(InvalidStudy) as refused:
        load_study(file, **kwargs)  # type: ignore[arg-type]
    return [line.removeprefix(str(file.parent) + "/") for line in refused.value.problems]


def test_a_good_study_is_frozen_and_knows_where_it_lives(tmp_path: Path) -> None:
    study = load_study(write(tmp_path, GOOD))
    assert study.workspace == tmp_path / "var" / "pilot"
    assert study.models == tmp_path / "models" / "pilot"
    assert study.path("people.csv") == tmp_path / "people.csv"
    with pytest.raises(ValueError, match="frozen"):
        study.config.study = "other"  # type: ignore[misc]


def test_every_mistake_of_a_file_comes_at_once_with_its_place(tmp_path: Path) -> None:
    text = GOOD + "segmentaton: {n_splits: 3}\nretention:\n  learner: magic\nprivacy:\n  min_group: 2\n"
    assert problems(write(tmp_path, text)) == [
        "study.yaml:5:1: 'segmentaton' is not a known setting; did you mean 'segmentation'?",
        "study.yaml:7:3: 'retention.learner': input should be 'auto', 'linear', 'boosting' or 'average'",
        "study.yaml:9:3: privacy.min_group: input should be greater than or equal to 5",
    ]


def test_a_mistake_in_an_override_says_so(tmp_path: Path) -> None:
    found = problems(write(tmp_path, GOOD), overrides=["segmentation.n_splits=one"])
    assert found == ["--set segmentation.n_splits: segmentation.n_splits: expected a whole number, found a text"]


def test_broken_yaml_says_where(tmp_path: Path) -> None:
    assert problems(write(tmp_path, "study: [pilot\n"))[0].startswith("study.yaml:2:1: not valid YAML")


def test_a_key_that_stands_twice_is_a_mistake(tmp_path: Path) -> None:
    assert problems(write(tmp_path, GOOD + "study: again\n")) == ["study.yaml:5:1: 'study' stands here twice"]


def test_an_unset_variable_is_named_with_its_place_and_a_set_one_is_filled_in(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD.replace("people.csv", "'${DATA}/people.csv'"))
    assert problems(file, environment={}) == ["study.yaml:4:18: the environment variable DATA is not set"]
    assert load_study(file, environment={"DATA": "/data"}).config.sources.people.file == "/data/people.csv"  # type: ignore[union-attr]


def test_layers_go_from_room_to_study_to_override(tmp_path: Path) -> None:
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "segmentation.yaml").write_text("n_splits: 5\nn_starts: 6\nbootstrap: 27\n")
    file = write(tmp_path, GOOD + "segmentation: {n_starts: 8, bootstrap: 29}\n")
    config = load_study(file, overrides=["segmentation.bootstrap=30"]).config.segmentation
    assert (config.n_splits, config.n_starts, config.bootstrap) == (5, 8, 30)


def test_words_stay_words(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD + "outcome: {kind: horizon, column: LEFT, yes: [no], no: ['010']}\n")
    outcome = load_study(file).config.outcome
    assert outcome is not None
    assert (outcome.yes, outcome.no) == (("no",), ("010",))


def test_a_protected_attribute_may_only_be_audited(tmp_path: Path) -> None:
    text = GOOD.replace(
        "{file: people.csv}", "{file: p.csv, attributes: {sex: {purpose: model, sensitivity: protected}}}"
    )
    assert "a protected attribute may only have purpose 'audit'" in problems(write(tmp_path, text))[0]


def test_no_mistake_shows_what_was_written(tmp_path: Path) -> None:
    found = problems(write(tmp_path, GOOD + "random_state: Jan Jansen 123456782\n"))
    assert len(found) == 1
    assert "Jansen" not in found[0]


def test_a_missing_file_is_a_refusal(tmp_path: Path) -> None:
    with pytest.raises(InvalidStudy, match="does not exist"):
        load_study(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("{kind: horizon, column: gone, yes: [ja], no: [nee, Ja]}", "leaving or staying"),
        ("{kind: horizon, column: gone, no: ['1']}", "leaving or staying"),  # where 1 is a yes unless told otherwise
        ("{kind: duration, column: m, event: e, causes: [voluntary, other], no: [other]}", "leaving or staying"),
        ("{kind: duration, column: m, event: e, causes: [voluntary, Voluntary]}", "different names"),
        ("{kind: spells, window: {start: 2021-01-01, end: 2025-12-31}, causes: [other, other]}", "different names"),
        ("{kind: spells, window: {start: 2021-01-01, end: 2025-12-31}, causes: []}", "different names"),
    ],
)
def test_a_word_of_the_outcome_means_one_thing(tmp_path: Path, outcome: str, said: str) -> None:
    (found,) = problems(write(tmp_path, f"{GOOD}outcome: {outcome}\n"))
    assert said in found


@pytest.mark.parametrize(("by", "refused"), [("channel", False), ("chanel", True), ("sex", True)])
def test_first_year_risk_is_shown_by_an_attribute_that_can_be_shown(tmp_path: Path, by: str, refused: bool) -> None:
    listed = "{channel: {purpose: profile}, sex: {purpose: audit, sensitivity: protected}}"
    text = GOOD.replace("{file: people.csv}", f"{{file: people.csv, attributes: {listed}}}")
    assert text != GOOD
    file = write(tmp_path, f"{text}retention: {{first_year_by: {by}}}\n")
    if refused:
        assert "'retention.first_year_by': " in problems(file)[0]
    else:
        assert load_study(file).config.retention.first_year_by == by


@pytest.mark.parametrize(
    ("people", "said"),
    [
        ("{file: p.csv, date_format: '%q'}", "a format as in strptime"),
        ("{file: p.csv, date_format: {start_date: '%'}}", "a format as in strptime"),
        ("{file: p.csv, time_zone: Mars/Base}", "the name of a time zone"),
        ("{file: p.csv, decimal: {hours: ';'}}", "decimal"),
        ("{file: p.csv, skip_rows: [1]}", "skip_rows"),
    ],
)
def test_settings_of_a_column_are_checked_before_a_file_is_opened(tmp_path: Path, people: str, said: str) -> None:
    found = problems(write(tmp_path, GOOD.replace("{file: people.csv}", people)))
    assert any(said in line for line in found)


def test_what_is_named_side_by_side_may_stand_in_any_order(tmp_path: Path) -> None:
    """Attributes, causes, families and the like are sets: an order of theirs would reach draws and figures."""
    plain, turned = (
        load_study(
            write(
                tmp_path,
                GOOD.replace(
                    "{file: people.csv}",
                    f"{{file: people.csv, attributes: {{{', '.join(attributes)}}}}}",
                )
                + f"outcome: {{kind: horizon, column: gone, causes: [{', '.join(causes)}]}}\n"
                + f"segmentation: {{n_segments: {list(ks)}, families: [{', '.join(families)}], "
                + f"basis: [{', '.join(basis)}], accept: [{', '.join(accept)}], planted_shares: {list(shares)}}}\n"
                + f"retention: {{horizons: {list(months)}}}\n",
            )
        ).config.model_dump_json()
        for attributes, causes, ks, families, basis, accept, shares, months in (
            [one[::step] for one in (
                ["a: {purpose: model}", "b: {purpose: audit}", "c: {purpose: profile}"],
                ["voluntary", "involuntary", "retired"], [2, 3, 4], ["k_means", "latent_class"],
                ["importance", "rank"], ["natural", "constructive"], [3, 2, 1], [6, 12],
            )]
            for step in (1, -1)
        )
    )  # fmt: skip
    assert plain == turned
