"""Questionnaires of survey tools: wordings, blocks and labels, or a refusal; never a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from segment.errors import Refusal
from segment.ingest.findings import Findings
from segment.ingest.readers import read_raw
from segment.onboarding.questionnaires import is_questionnaire, listed_questions, read_questionnaire, same_code

MATRIX = {
    "DataExportTag": "Q7",
    "QuestionType": "Matrix",
    "QuestionText": "How far do you agree?",
    "Choices": {"1": {"Display": "My work is useful"}, "2": {"Display": "My team&nbsp;helps me"}},
    "Answers": {"1": {"Display": "No"}, "2": {"Display": "Yes"}},
    "RecodeValues": {"1": "0", "2": "1"},
    "ChoiceDataExportTags": {"1": "useful", "2": "helps"},
}
LSS = """<?xml version="1.0"?><document><LimeSurveyDocType>Survey</LimeSurveyDocType>
<groups><rows><row><gid>1</gid></row></rows></groups>
<group_l10ns><rows><row><gid>1</gid><group_name>Work</group_name></row></rows></group_l10ns>
<questions><rows><row><qid>5</qid><parent_qid>0</parent_qid><gid>1</gid><title>G01Q01</title></row></rows></questions>
<subquestions><rows><row><qid>6</qid><parent_qid>5</parent_qid><gid>1</gid><title>SQ001</title></row></rows></subquestions>
<question_l10ns><rows><row><qid>5</qid><question>Agree?</question></row>
<row><qid>6</qid><question>&lt;p&gt;My work is useful&lt;/p&gt;</question></row></rows></question_l10ns>
<answers><rows><row><aid>1</aid><qid>5</qid><code>A1</code></row></rows></answers>
<answer_l10ns><rows><row><aid>1</aid><answer>Strongly agree</answer></row></rows></answer_l10ns>
</document>"""
TSV = (
    "id\trelated_id\tclass\ttype/scale\tname\trelevance\ttext\thelp\tlanguage\n"
    "1\t\tG\t\tWork\t1\t\t\tnl\n"
    "2\t\tQ\tF\tG01Q01\t1\tMee eens?\t\tnl\n"
    "3\t\tSQ\t\tSQ001\t\tMijn werk is zinvol\t\tnl\n"
    "4\t\tA\t0\tA1\t\tHelemaal mee eens\t\tnl\n"
    "5\t\tQ\tN\tG01Q02\t1\tHoe lang?\t\tnl\n"
    "2\t\tQ\tF\tG01Q01\t1\tAgree?\t\ten\n"
)


def read(folder: Path, name: str, text: str) -> list[tuple[str, str, str, dict[str, str]]]:
    (folder / name).write_text(text, encoding="utf-8")
    assert is_questionnaire(folder / name)
    return [(one.code, one.text, one.block, dict(one.labels)) for one in read_questionnaire(folder / name)]


def test_a_grid_of_qualtrics_has_a_question_for_each_statement(tmp_path: Path) -> None:
    text = json.dumps({"SurveyElements": [{"Element": "SQ", "PrimaryAttribute": "QID7", "Payload": MATRIX}]})
    labels = {"0": "No", "1": "Yes"}
    assert read(tmp_path, "s.qsf", text) == [
        ("useful", "My work is useful", "", labels),
        ("helps", "My team helps me", "", labels),
    ]


def test_a_survey_of_limesurvey_in_both_of_its_forms(tmp_path: Path) -> None:
    assert read(tmp_path, "s.lss", LSS) == [("G01Q01_SQ001", "My work is useful", "Work", {"A1": "Strongly agree"})]
    assert read(tmp_path, "s.txt", TSV) == [
        ("G01Q01_SQ001", "Mijn werk is zinvol", "Work", {"A1": "Helemaal mee eens"}),
        ("G01Q02", "Hoe lang?", "Work", {}),
    ]
    assert same_code("G01Q01[SQ001]") == same_code("G01Q01_SQ001")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("s.qsf", ""),
        ("s.qsf", "{}"),
        ("s.qsf", "[1]"),
        ("s.qsf", '{"SurveyElements": 3}'),
        ("s.qsf", "[" * 100_000),
        ("s.qsf", '{"SurveyElements": [{"Element": "SQ", "Payload": null}]}'),
        ("s.lss", "<document>"),
        ("s.lss", '<!DOCTYPE a [<!ENTITY b "c">]><document>&b;</document>'),
        ("s.lss", "<document></document>"),
        ("s.lsg", "nothing"),
        ("s.txt", TSV.splitlines()[0] + "\n"),
    ],
)
def test_a_damaged_questionnaire_is_refused(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(Refusal, match=name.replace(".", r"\.")):
        read_questionnaire(tmp_path / name)


def test_a_table_that_lists_questions_is_known_by_the_columns_it_names(tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_text(
        "item,section,text,label1,label2\nQ1,One,I like it,No,Yes\nQ2,Two,I do it well,No,Yes\n"
    )
    table = read_raw(tmp_path / "items.csv", Findings())
    assert table is not None
    asked = listed_questions(table, ["Q1", "Q2", "id"])
    assert [(one.code, one.text, one.block, one.labels["2"]) for one in asked] == [
        ("Q1", "I like it", "One", "Yes"),
        ("Q2", "I do it well", "Two", "Yes"),
    ]
    assert listed_questions(table, ["a", "b", "c"]) == []


@pytest.mark.data
def test_real_questionnaires_of_limesurvey_are_read(public_data: Path) -> None:
    files = [*public_data.glob("exports/limesurvey/*.lsg"), *public_data.glob("exports/limesurvey/*.txt")]
    assert len(files) >= 10
    told = {file.name: 0 for file in files}
    for file in files:
        try:
            told[file.name] = len(read_questionnaire(file))
        except Refusal:
            assert "minimal" in file.name
    assert sum(count > 0 for count in told.values()) >= len(files) - 1
