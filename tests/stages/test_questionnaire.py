"""The codebook as a survey: on paper in every language, and asked one by one until the segment is sure."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from segment.cli import app
from segment.errors import Refusal
from segment.locale import languages
from segment.segments.frozen import ADAPTED, SegmentScorer
from segment.stages import STAGES_IN_ORDER, run_stage
from segment.stages.codebooks import codebook_of
from segment.stages.questionnaire import Interviewer
from segment.stages.score import read_new_people
from segment.stages.tracking import Recording


def typed(*words: str, into: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(app, ["questionnaire", *words], input=into)
    return result.exit_code, result.output


@pytest.mark.parametrize("language", languages())
def test_every_question_of_the_codebook_is_put_once_in_every_language(walked, language: str) -> None:
    code, said = typed(str(walked.file), "--lang", language)
    codebook = codebook_of(walked.open())
    assert code == 0
    numbered = re.findall(r"^(\d+)\. (.+)$", said, flags=re.MULTILINE)
    assert [int(number) for number, _ in numbered] == list(range(1, len(codebook.items) + 1))
    assert [text for _, text in numbered] == [item.text(language) for item in codebook.items]
    wishes = pd.read_csv(walked.file.parent / "wishes.csv") if (walked.file.parent / "wishes.csv").exists() else None
    if wishes is not None:
        assert all(text in said for text in wishes[language])


def test_where_only_codes_are_turned_the_paper_does_not_say_which_end_is_the_most(tmp_path: Path) -> None:
    study = Path(__file__).parents[2] / "configs" / "studies" / "gss2016.yaml"
    code, said = typed(str(study), "--out", str(tmp_path / "survey.md"))
    text = (tmp_path / "survey.md").read_text(encoding="utf-8")
    assert code == 0 and "survey.md" in said
    assert "from 1 to 5." in text and "(least)" not in text.split("##")[1]


def test_it_refuses_in_a_sentence_what_it_cannot_do(walked, tmp_path: Path) -> None:
    file = str(walked.file)
    assert typed(file, "--lang", "xx")[0] == 1
    assert typed(file, "--format", "pdf")[0] == 1
    code, said = typed(file, "--adaptive")
    assert code == 1 and "--person" in said and "--out" in said
    assert typed(file, "--person", "7")[0] == 1


def like(answers: pd.Series, codebook, language: str):
    """Somebody at the terminal who answers as a person of the survey did, on the scale as it was put."""
    words = {item.text(language): item for item in codebook.items}
    asked: list[str] = []

    def tell(line: str) -> None:
        found = re.match(r"^\d+\. (.+)$", line)
        if found:
            asked.append(words[found[1]].code)

    def read() -> str:
        value = answers[asked[-1]]
        item = codebook.item(asked[-1])
        told = item.low + item.high - value if item.reverse else value
        return "-\n" if pd.isna(value) else f"{told:g}\n"

    return asked, tell, read


def test_it_stops_early_and_what_was_asked_reads_as_the_form_that_adapts(walked) -> None:
    opened = walked.open()
    scorer, codebook = opened.store.load_model("segmentation", SegmentScorer), codebook_of(opened)
    answers = opened.store.read("responses")
    answers = answers[answers["wave"] == answers["wave"].max()].dropna(subset=list(scorer.selector.reading_.codes))
    interviewer = Interviewer(opened, scorer, codebook, "nl")
    counts, same = [], []
    for _, own in answers.head(40).iterrows():
        asked, tell, read = like(own, codebook, "nl")
        given = interviewer.ask(read=read, tell=tell)
        assert list(given) == asked and len(set(asked)) == len(asked)
        row = pd.DataFrame([{code: own[code] if code in given else float("nan") for code in scorer.columns}])
        assert scorer.forms_of(row.astype("float64")).iloc[0] in (ADAPTED, *scorer.typing_tool.forms_)
        counts.append(len(asked))
        whole = scorer.score(own[scorer.columns].to_frame().T.astype("float64"))["segment"].iloc[0]
        same.append(scorer.score(row.astype("float64"))["segment"].iloc[0] == whole)
    assert max(counts) <= 12 and sum(counts) / len(counts) < 10
    assert sum(same) / len(same) > 0.6


def test_another_word_is_asked_again_and_an_end_of_input_writes_nothing(walked) -> None:
    opened = walked.open()
    interviewer = Interviewer(opened, opened.store.load_model("segmentation", SegmentScorer), codebook_of(opened), "en")
    words = iter(["six\n", "9\n", "³\n", "-1\n", "3\n", ""])
    told: list[str] = []
    with pytest.raises(Refusal, match="nothing was written"):
        interviewer.ask(read=lambda: next(words), tell=told.append)
    assert len([line for line in told if re.match(r"^\d+\. ", line)]) == 2


@pytest.fixture(scope="module")
def decided(walked, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the study whose segmentation is the champion."""
    folder = tmp_path_factory.mktemp("asked") / "small"
    shutil.copytree(walked.file.parent, folder)
    return folder


def test_asked_at_the_terminal_then_assigned(walked, decided: Path, tmp_path: Path) -> None:
    settings = [f"--set={one}" for one in (*walked.overrides[:-1], f"workspace={decided / 'work'}")]
    study = str(decided / "study.yaml")
    opened = walked.open(f"workspace={decided / 'work'}")
    recording = Recording.of(opened)
    recording.take(run_stage(STAGES_IN_ORDER["discover"], opened, force=True))
    recording.end(failed=False)
    by = ["--model", "segmentation", "--version", "1", "--by", "A. Reviewer", "--reason", "to be asked"]
    promoted = CliRunner().invoke(app, ["promote", study, *by, *settings])
    assert promoted.exit_code == 0, promoted.output
    out = tmp_path / "answers.csv"
    asking = ("--adaptive", "--lang", "nl", "--out", str(out), *settings)
    code, said = typed(study, *asking, "--person", "n-1", into="4\n" * 12)
    assert code == 0, said
    assert typed(study, *asking, "--person", "-", into="n-2\n" + "2\n5\n" * 6)[0] == 0  # not in the shell's history
    assert typed(study, *asking, "--person", "n-2", into="2\n5\n" * 6)[0] == 1
    assert out.stat().st_mode & 0o077 == 0
    read = read_new_people(opened, out)
    assert len(read) == 2
    found = CliRunner().invoke(
        app, ["assign", study, "--survey", str(out), "--out", str(tmp_path / "segments.csv"), *settings]
    )
    assert found.exit_code == 0, found.output
    assert "version 1: 2; between" in found.output and len(pd.read_csv(tmp_path / "segments.csv")) == 2
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    code, said = typed(
        study, "--adaptive", "--person", "n-3", "--out", str(tmp_path / "other.csv"), *settings, into="4\n" * 12
    )
    assert code == 1 and (tmp_path / "other.csv").read_text(encoding="utf-8") == "a,b\n1,2\n"
