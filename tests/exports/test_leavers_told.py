"""How many will have left, in words: whole people, outward, and a bound where a share is told as one."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import sample_story
from pages_read import read_page

from segment.exports.answers import Share
from segment.exports.onepager import render_onepager
from segment.exports.report import render_report
from segment.stages.release.records import leavers_told
from segment.stages.summary import laid_out


@pytest.mark.parametrize(
    ("low", "high", "n", "told"),
    [
        (0.08, 0.15, "212", "nine times in ten 16 to 32 people"),
        (0.05, 0.10, "493", "nine times in ten at most 50 people"),
        (0.40, 0.95, "1240", "nine times in ten at least 496 people"),
        (0.08, 0.15, "10–19", ""),
        (float("nan"), float("nan"), "212", ""),
    ],
)
def test_a_band_is_told_in_whole_people_and_never_narrower_than_it_was_released(low, high, n, told) -> None:
    assert Share(0.1, bands=(0.05, 0.95), n=n, left_low=low, left_high=high).leavers("en") == told


def test_dutch_says_the_same() -> None:
    share = Share(0.1, bands=(0.05, 0.95), n="1240", left_low=0.9, left_high=0.94)
    assert share.leavers("nl") == "negen van de tien keer 1.116 tot 1.166 mensen"


@pytest.mark.parametrize(
    ("causes", "told"),
    [
        (("voluntary", "involuntary"), ", for any reason"),
        (("voluntary",), ", of their own will"),
        (("left",), ", for any reason"),
    ],
)
def test_a_segments_own_page_says_which_exits_it_counts(causes: tuple[str, ...], told: str) -> None:
    page = render_onepager(replace(sample_story.full_story(), causes=causes), 0, "en")
    assert f"Leaves within 12 months{told}" in page
    assert "Intends to leave</dt>" in render_onepager(sample_story.intention(), 0, "en")


@pytest.mark.parametrize("watched", [True, False])
def test_the_console_counts_people_as_the_report_does_whoever_watches(watched: bool) -> None:
    """Its sentences are those of a release, also where lines are kept; counts that nobody released are bands there."""
    story = sample_story.full_story()
    lines = f"  prepare      3,041 people\n  publish      24 files{leavers_told(story)}"
    told = " ".join(laid_out(lines, watched=watched, width=20_000).split())
    assert ("prepare 3,041 people" if watched else "prepare 3,000–3,099 people") in told
    said, report = told.split("; leaving: ")[1], read_page(render_report(story, "en")).text
    assert "2,607 people" in said
    assert [one for one in re.split(r"(?<=[.!?]) ", said) if one not in report] == []
