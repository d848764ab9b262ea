"""What a reviewer sees before clicking: few figures with their ends, and names that tell runs apart."""

from __future__ import annotations

import pytest

from segment.stages.provenance import changed_settings, code_version, without_paths
from segment.tracking.headlines import HEADLINES, legend, opening
from segment.tracking.provenance import run_name
from segment.tracking.records import PARENT, count, metric, param


def test_at_most_eight_figures_open_and_each_says_what_it_is() -> None:
    assert len(HEADLINES) == 8
    assert all(one.about in legend() for one in HEADLINES)
    assert all("better" in one.about or "right" in one.about for one in HEADLINES)
    assert not any(word in one.name for one in HEADLINES for word in ("seed", "digest", "random"))
    assert "rows" not in {one.name for one in HEADLINES}  # how many rows were read; those that are hidden are told


def test_what_decides_stands_first_as_a_comparison_opens_with_the_first_figure() -> None:
    records = [metric("n_segments", 5), metric("agreement_low", 0.6), metric("agreement", 0.7), metric("gain", 0.4)]
    told = [one.name for one in opening("discover", [*records, param("data", "simulated")])[0]]
    assert told == ["data", "segments_gain", "agreement", "agreement_low", "segments"]


def test_every_figure_is_on_its_stage_and_only_headlines_are_on_the_parent() -> None:
    records = [metric("headline", 0.7), metric("headline_low", 0.6), count("rows", 100), param("learner", "linear")]
    parent, below = opening("retain", records)
    assert [(one.run, one.name) for one in parent] == [
        (PARENT, "learner"),
        (PARENT, "leaving"),
        (PARENT, "leaving_low"),
    ]
    assert [(one.run, one.name) for one in below] == [("retain", name) for name in ("headline", "headline_low", "rows")]
    assert opening("relate", records)[0] == [param("learner", "linear")]


@pytest.mark.parametrize(
    ("overrides", "name"),
    [
        ((), "demo"),
        (("workspace=/data/ann/w", "tracking.experiment=x", "segmentation.n_jobs=4"), "demo"),
        (("segmentation.n_segments=[4]",), "n_segments=[4]"),
        (("retention.learner=trees", "random_state=3"), "random_state=3, learner=trees"),
        (("needs.bootstrap=20", "retention.bootstrap=10"), "retention.bootstrap=10, needs.bootstrap=20"),
        (
            ("segmentation.n_segments=[4]", "random_state=3", "segmentation.n_segments=[3]"),
            "n_segments=[3], random_state=3",
        ),
        (("codebook.file=/data/ann/secret place/codes.csv",), "file=codes.csv"),
    ],
)
def test_names_tell_what_was_changed_and_nothing_else(overrides: tuple[str, ...], name: str) -> None:
    assert run_name("demo", changed_settings(overrides)) == name


def test_a_long_name_is_cut() -> None:
    assert len(run_name("demo", {"segmentation.families": "x" * 300})) == 100


@pytest.mark.parametrize("path", ["/data/ann/x.csv", "C:\\data\\ann\\x.csv", "\\\\server\\ann\\x.csv"])
def test_a_path_leaves_its_last_name(path: str) -> None:
    assert without_paths(path).endswith("x.csv") and "ann" not in without_paths(path)
    assert without_paths("I/O and 2024/03, exit: 1/2") == "I/O and 2024/03, exit: 1/2"


def test_the_commit_of_the_code_is_known_in_a_checkout() -> None:
    known = code_version()
    assert not known or (len(known["mlflow.source.git.commit"]) == 40 and known["git_dirty"] in ("yes", "no"))
