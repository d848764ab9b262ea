"""A basis that rates no needs is foreseen by check, and no file says that needs were looked for."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest

from segment.exports.report import render_report
from segment.stages import open_study
from segment.stages.check import check_study
from segment.stages.codebooks import codebook_of
from segment.stages.discover import discover
from segment.stages.prepare import prepare
from segment.stages.report_context import tell
from segment.stages.segmentation.basis import answered_in, telling_kinds
from tests.stages.test_check_and_run import Small

#: Rated with needs, chosen among needs, and without any.
KINDS = ("importance", "experience", "rank", "wish", "engagement", "stay")
RATED = {"importance", "experience"}


def _small(folder: Path, *basis: str) -> tuple[Path, list[str]]:
    """Sixty people who rated two needs both ways, ranked them, picked wishes, and answered about their work."""
    small = Small()
    small.survey[0] += ",W_rank_PAY,W_rank_SEC,H_pick_a,H_pick_b,G_work,O_stay"
    for n in range(1, len(small.survey)):
        ranks = (1, 2) if n % 3 else (2, 1)
        small.survey[n] += f",{ranks[0]},{ranks[1]},{n % 2},{(n + 1) % 2},{1 + n % 5},{1 + n % 4}"
    small.codebook += [
        "W_rank,*,rank,rank6,,f,f", "H_pick,*,wish,pick3of12,,g,g", "G_work,*,engagement,true5,,h,h",
        "O_stay,*,stay,true5,,i,i",
    ]  # fmt: skip
    (folder / "wishes.csv").write_text("code,need,nl,en\na,PAY,a,a\nb,SEC,b,b\n", encoding="utf-8")
    small.settings["codebook"]["wishes"] = "wishes.csv"
    small.settings["segmentation"] = {"basis": list(basis)}
    return small.write(folder), [f"workspace={folder / 'work'}", "retention.bootstrap=5"]


ALL = [kinds for size in range(1, len(KINDS) + 1) for kinds in combinations(KINDS, size)]


@pytest.mark.parametrize("rated", [set(), {"importance"}, {"experience"}, RATED], ids=lambda one: "+".join(sorted(one)))
def test_check_foresees_every_basis(rated: set[str], tmp_path: Path) -> None:
    """Of all combinations of kinds: nothing is said where all tell of needs, and never nothing where none does."""
    file, settings = _small(tmp_path, *KINDS)
    cases = [kinds for kinds in ALL if set(kinds) & RATED == rated]
    assert len(cases) == 16 - (not rated)
    for kinds in cases[:: 1 if len(cases) < 4 else 3]:
        said = check_study(file, overrides=[*settings, f"segmentation.basis=[{', '.join(kinds)}]"])
        codes = {line[:5] for line in said if line.startswith("SB")}
        silent = {"engagement", "stay"} & set(kinds)
        assert codes == ({"SB001"} if not rated else {"SB002"} if silent else set()), kinds
        for line in (line for line in said if line.startswith("SB")):
            assert all(word in line for word in ("segmentation.basis", "expected", "found", "What to do"))
            assert rated or "importance (rates 2 needs) or experience (rates 2 needs)" in line


def test_kinds_that_tell_are_those_with_needs_that_are_rated(tmp_path: Path) -> None:
    file, settings = _small(tmp_path, *KINDS)
    opened = open_study(file, overrides=settings)
    made = prepare(opened)
    columns = answered_in(made.tables["responses"], "2023-03")
    wishes = {"a": "PAY", "b": "SEC"}
    for kinds in ALL:
        rated = set(kinds) & RATED
        expected = [kind for kind in kinds if rated and kind not in ("engagement", "stay")]
        assert telling_kinds(codebook_of(opened), kinds, columns, wishes) == expected, kinds


@pytest.mark.parametrize("kinds", [("rank",), ("wish",), ("engagement", "stay"), ("rank", "wish", "engagement")])
def test_the_report_says_that_this_basis_measures_no_needs(kinds: tuple[str, ...], tmp_path: Path) -> None:
    file, settings = _small(tmp_path, *kinds)
    opened = open_study(file, overrides=settings)
    for name, frame in prepare(opened).tables.items():
        opened.store.write(name, frame)
    found = discover(opened)
    assert "segmentation.basis names no kinds of questions that rate two needs" in found.said and not found.tables
    story = tell(opened, {}, wave="2023-03")
    assert story.needs_rated_otherwise and story.basis == () and story.answers_without_needs
    for language, words in (("nl", "meten geen behoeften"), ("en", "measure no needs")):
        text = re.sub(r"<[^>]+>", " ", render_report(story, language))
        assert words in text
        assert not re.search(
            r"zonder antwoorden waaruit|without answers that tell|Er is naar segmenten gezocht|We looked for", text
        )


def test_a_study_without_rated_needs_says_that_nobody_was_asked(tmp_path: Path) -> None:
    small = Small()
    small.codebook = [row.replace(",PAY,", ",*,").replace(",SEC,", ",,") for row in small.codebook]
    file = small.write(tmp_path)
    said = check_study(file, overrides=[f"workspace={tmp_path / 'work'}"])
    (line,) = (line for line in said if line.startswith("SB"))
    assert "SB001" in line and "ask about two needs or more" in line
