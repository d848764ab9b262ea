"""A study that is not there and a setting or option of the wrong kind: told in our words, before any work."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from segment.cli import app
from segment.config import load_study
from segment.errors import InvalidStudy

VERBS = (
    ["check"],
    ["audit"],
    ["plan", "--budget", "1"],
    ["doctor"],
    ["questionnaire"],
    ["clean"],
    ["purge"],
    ["power"],
)
WRONG = {
    "segmentation.n_splits=many": "expected a whole number, found a text",
    "segmentation.n_splits=1.5": "expected a whole number, found a number with decimals",
    "segmentation.basis=7": "expected a list, such as [a, b], found a whole number",
    "retention=5": "expected settings, as 'name: value' lines, found a whole number",
    "study=[a]": "expected a text, found a list",
}


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb[0])
def test_every_verb_names_the_study_that_was_meant(verb: list[str], tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text("study: ours\n", encoding="utf-8")
    for given, said in (
        (tmp_path, f"is a folder; did you mean '{tmp_path / 'study.yaml'}'?"),
        (tmp_path / "stduy.yaml", "no such file; did you mean 'study.yaml'?"),
        (tmp_path / "nowhere" / "study.yaml", "no folder"),
    ):
        told = CliRunner().invoke(app, [verb[0], str(given), *verb[1:]])
        assert told.exit_code == 1 and said in told.output, told.output


@pytest.mark.parametrize(
    ("language", "line", "said"),
    [("nl", "aprover", "mean 'approver'"), ("nk", "approver", "known: nl, en"), ("nl", "expires", "no line that")],
)
def test_a_translation_of_an_unknown_line_or_language_names_the_nearest(
    language: str, line: str, said: str, tmp_path: Path
) -> None:
    whole = Path("configs/studies/demo.yaml").read_text(encoding="utf-8")
    agreed = whole[whole.index("governance:") :].partition("  translations:")[0]
    study = tmp_path / "study.yaml"
    study.write_text(f"study: a\n{agreed}  translations: {{{language}: {{{line}: woorden}}}}\n", encoding="utf-8")
    with pytest.raises(InvalidStudy, match=said):
        load_study(str(study))


@pytest.mark.parametrize("setting", WRONG)
def test_a_setting_of_the_wrong_kind_says_what_was_expected_and_what_came(setting: str) -> None:
    with pytest.raises(InvalidStudy) as told:
        load_study("configs/studies/demo.yaml", overrides=[setting])
    assert told.value.problems[0].endswith(WRONG[setting])
    assert "input should" not in str(told.value)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["plan", "none.yaml", "--budget", "veel"], "'--budget': expected a number, found another text"),
        (["promote", "none.yaml", "--version", "one"], "'--version': expected a whole number, found another text"),
        (["run", "none.yaml", "--from", "discovr"], "found 'discovr'; did you mean 'discover'?"),
        (["run", "none.yaml", "--only", "dream"], "expected a stage (prepare, discover,"),
    ],
)
def test_a_wrong_option_is_wrong_usage_in_our_words(arguments: list[str], said: str) -> None:
    told = CliRunner().invoke(app, arguments)
    assert told.exit_code == 2
    assert said in " ".join(told.output.split()), told.output
    assert "valid" not in told.output.replace("Invalid value", "")
