"""The codebook goes out as a survey and comes back: the same questions, and the same answers without an edit."""

from __future__ import annotations

import html
import json
import re
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest
from fielded_by_tools import ANSWERED, EXPORTS, MICROSOFT, export
from ruamel.yaml import YAML
from typer.testing import CliRunner

from segment.cli import app
from segment.config import load_study
from segment.errors import InvalidStudy
from segment.fielding import FORMATS, survey_of
from segment.ingest import Inputs, open_codebook, read_inputs
from segment.locale import own_languages
from segment.onboarding import begin_study
from segment.onboarding.questionnaires import read_questionnaire
from segment.tables.codebook import read_codebook
from segment.tables.options import bare, options_of, wishes_in_words

KEY = bytes(range(32))
#: Who answered, as each tool tells it.
WHO: dict[str, dict[str, Any]] = {
    "limesurvey": {"columns": {"person_id": "token"}}, "qualtrics": {"columns": {"person_id": "ExternalReference"}},
    "forms": {"number_rows": True}, "microsoft": {"number_rows": True},
}  # fmt: skip
WISHES = Path(__file__).parents[2] / "configs" / "codebooks" / "wishes.csv"


def study_of(organisation: Path, name: str, source: dict[str, Any]) -> Path:
    """The study with one survey, and without HR's data."""
    yaml = YAML(typ="safe")
    settings = yaml.load(organisation / "study.yaml")
    sources = {"responses": [{"wave": "2024-03", "date": "2024-03-31"} | source]}
    kept = {one: settings[one] for one in ("study", "title", "codebook", "data")}
    file = organisation / f"{name}.yaml"
    with file.open("w", encoding="utf-8") as handle:
        yaml.dump(kept | {"sources": sources}, handle)
    return file


def written(study: Path, form: str, language: str, out: Path, *more: str) -> str:
    typed = ["questionnaire", str(study), "--lang", language, "--format", form, "--out", str(out), *more]
    result = CliRunner().invoke(app, typed)
    assert result.exit_code == 0, result.output
    return out.read_text(encoding="utf-8") if FORMATS[form].is_text else ""


def read(study: Path) -> Inputs:
    inputs = read_inputs(load_study(study), key=KEY)
    errors = inputs.findings[inputs.findings["severity"] == "error"]
    assert errors.empty, errors[["code", "subject", "where", "explanation"]].to_string()
    return inputs


@pytest.fixture(scope="module")
def straight(organisation: Path) -> pd.DataFrame:
    """The answers as they are read without any tool."""
    return read(study_of(organisation, "straight", {"file": "survey.csv"})).tables["responses"]


@pytest.mark.parametrize(("language", "words"), list(zip(own_languages(), (False, True), strict=True)))
@pytest.mark.parametrize("tool", ANSWERED)
def test_a_fielded_export_is_read_without_an_edit(
    tool: str, language: str, words: bool, organisation: Path, answers: pd.DataFrame, straight: pd.DataFrame,
    tmp_path: Path,
) -> None:  # fmt: skip
    survey = written(
        study_of(organisation, "out", {"file": "none.csv"}), form_of(tool), language, tmp_path / ending(tool)
    )
    file = export(tmp_path, tool, survey, answers, words=words)
    inputs = read(study_of(organisation, f"{tool}-{language}-{words}", {"file": str(file), **WHO[tool]}))
    table, told = inputs.tables["responses"], set(inputs.findings["code"])
    if WHO[tool].get("number_rows"):  # rows are people of their own there
        order = [name for name in straight if name not in ("person", "wave", "weight")]
        table, ours = (one.sort_values(order, ignore_index=True).drop(columns="person") for one in (table, straight))
        pd.testing.assert_frame_equal(table, ours)
    else:
        pd.testing.assert_frame_equal(table, straight)
    assert "DQ095" in told and ("DQ094" in told)


def ending(tool: str) -> str:
    return f"survey{FORMATS[form_of(tool)].ending}"


def form_of(tool: str) -> str:
    return "forms" if tool == "microsoft" else tool


@pytest.mark.parametrize("language", own_languages())
@pytest.mark.parametrize("tool", EXPORTS)
def test_the_survey_parses_back_to_the_codebook(tool: str, language: str, organisation: Path, tmp_path: Path) -> None:
    study = study_of(organisation, "back", {"file": "none.csv"})
    written(study, tool, language, tmp_path / ending(tool))
    asked = read_questionnaire(tmp_path / ending(tool))
    codebook = open_codebook(load_study(study))
    assert codebook is not None
    wanted = []
    for item in codebook.items:
        options = options_of(item, codebook, wishes_in_words(WISHES))
        if item.kind == "wish":
            wanted += [texts[language] for texts in options.values()]
        else:
            wanted.append(item.text(language))
    assert [one.text.removeprefix(codebook.item("H_pick3").text(language) + " ") for one in asked] == wanted
    codes = {bare(item.code): item.code for item in codebook.items}
    found = [codes[known] for one in asked if (known := bare(re.sub("^B[0-9]+_", "", one.code))) in codes]
    assert found == [item.code for item in codebook.items if item.kind != "wish"]
    for one in asked:
        item = codebook.item(codes.get(bare(re.sub("^B[0-9]+_", "", one.code)), "H_pick3"))
        if item.scale != "open" and item.kind not in ("wish", "rank", "moment_pick"):
            assert {int(code) for code in one.labels} == set(range(int(item.low), int(item.high) + 1))


@pytest.mark.parametrize("tool", ANSWERED)
def test_init_knows_the_codebook_again(tool: str, organisation: Path, answers: pd.DataFrame, tmp_path: Path) -> None:
    """Two files, nothing typed: the study that is proposed reads the answers as the study that sent them out."""
    survey = written(study_of(organisation, "sent", {"file": "none.csv"}), form_of(tool), "nl", tmp_path / ending(tool))
    file = export(tmp_path, tool, survey, answers, words=True)
    begin_study(tmp_path / "new", surveys=[file, tmp_path / ending(tool)], people=[])
    inputs = read(tmp_path / "new" / "study.yaml")
    assert len(inputs.tables["responses"]) == len(answers)
    codebook = read_codebook(tmp_path / "new" / "codebook.csv", scales={"imp5": (1, 5), "true5": (1, 5), **SCALES})
    assert {"I_PAY_match", "E_EAS_load", "W_rank6", "K_MEA", "H_pick3"} <= {item.code for item in codebook.items}
    assert {"I_PAY_match", "K_MEA", "W_rank6_PAY", "H_pick3_PAY_mix"} <= set(inputs.tables["responses"])


SCALES = {
    "prom5": (1, 5), "kept5": (1, 5), "mom5": (1, 5), "rank6": (1, 6), "0-10": (0, 10), "yesno": (0, 1),
    "pick3of12": (0, 1), "pick1": (1, 99),
}  # fmt: skip


def test_on_paper_every_question_stands_once_with_boxes_and_nothing_runs(organisation: Path, tmp_path: Path) -> None:
    study = study_of(organisation, "paper", {"file": "none.csv"})
    for name in ("one.docx", "two.docx"):
        written(study, "docx", "nl", tmp_path / name)
    assert (tmp_path / "one.docx").read_bytes() == (tmp_path / "two.docx").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.docx") as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert set(parts) == {"[Content_Types].xml", "_rels/.rels", "word/_rels/document.xml.rels", *WORDS}
    for text in parts.values():
        ElementTree.fromstring(text)
        assert "TargetMode" not in text and "instrText" not in text and "macro" not in text.lower()
    said = re.findall("<w:t [^>]*>([^<]*)</w:t>", parts["word/document.xml"])
    codebook = open_codebook(load_study(study))
    assert codebook is not None
    numbered = [html.unescape(found[2]) for one in said if (found := re.fullmatch(r"(\d+)\. (.+)", one))]
    assert numbered == [item.text("nl") for item in codebook.items]
    rated = sum(item.scale in ("imp5", "true5", "prom5", "kept5", "mom5") for item in codebook.items)
    assert said.count("☐") == 5 * rated + 2 * 2


WORDS = {"word/document.xml", "word/styles.xml"}


@pytest.mark.parametrize("form", FORMATS)
def test_the_short_form_alone(form: str, organisation: Path, tmp_path: Path) -> None:
    study = study_of(organisation, "short", {"file": "none.csv"})
    out = tmp_path / f"short{FORMATS[form].ending}"
    text = written(study, form, "en", out, "--short")
    if form == "docx":
        text = zipfile.ZipFile(out).read("word/document.xml").decode()
    codebook = open_codebook(load_study(study))
    assert codebook is not None
    for item in codebook.items:
        wording = json.dumps(item.text("en"))[1:-1] if form == "forms" else item.text("en")
        assert (wording in html.unescape(text)) == any(
            other.short and item.text("en") in other.text("en") for other in codebook.items
        )


def test_what_a_tool_would_not_take_is_refused(organisation: Path, tmp_path: Path) -> None:
    study = str(study_of(organisation, "refused", {"file": "none.csv"}))
    asked = ["questionnaire", study, "--format"]
    for more, said in (
        (["docx"], "--out survey.docx"), (["qualtrics", "--out", "survey.json"], ".qsf"), (["pdf"], "limesurvey"),
    ):  # fmt: skip
        result = CliRunner().invoke(app, [*asked, *more])
        assert result.exit_code == 1 and said in result.output
    book = tmp_path / "codebook.csv"
    head = "code,driver,kind,scale,reverse,nl,en\n"
    book.write_text(head + "I_a_b,P,importance,imp5,,Een,One\nI_ab,P,importance,imp5,,Twee,Two\n", encoding="utf-8")
    alike = read_codebook(book, scales={"imp5": (1, 5)})
    with pytest.raises(InvalidStudy, match="Iab"):
        FORMATS["limesurvey"].written(survey_of(alike, {}, title="T", language="en"))
    book.write_text(head + f"I_{'a' * 30},P,importance,imp5,,Een,One\n", encoding="utf-8")
    long = survey_of(read_codebook(book, scales={"imp5": (1, 5)}), {}, title="T", language="en")
    with pytest.raises(InvalidStudy, match="20 letters"):
        FORMATS["limesurvey"].written(long)


def test_signs_of_pages_and_of_scripts_stay_signs(tmp_path: Path) -> None:
    book = tmp_path / "codebook.csv"
    wording = 'Is "pay" < {TOKEN} & ${q} </script> fair; `so`?'
    text = f'code,driver,kind,scale,reverse,nl,en\nI_a,P,importance,imp5,,x,"{wording.replace(chr(34), chr(34) * 2)}"\n'
    book.write_text(text, encoding="utf-8")
    survey = survey_of(read_codebook(book, scales={"imp5": (1, 5)}), {}, title="A & B", language="en")
    for tool in EXPORTS:
        (tmp_path / ending(tool)).write_bytes(FORMATS[tool].written(survey))
        (asked,) = read_questionnaire(tmp_path / ending(tool))
        assert asked.text.replace(" ", "") == wording.replace(" ", "")
    lime = (tmp_path / ending("limesurvey")).read_text(encoding="utf-8-sig")
    assert "{TOKEN}" not in lime and "<" not in lime
    assert "${q}" not in (tmp_path / ending("qualtrics")).read_text(encoding="utf-8")


def test_headings_that_fit_two_questions_stay_undeclared(organisation: Path, answers: pd.DataFrame) -> None:
    """'Good pay' is asked of what was promised and of what was kept: without its heading it is neither."""
    table = pd.DataFrame(
        {"Timestamp": "2024-03-01", "Good pay": answers["P_PAY"], "Pay that matches what I contribute": 3}
    )
    table.to_csv(organisation / "doubt.csv", index=False)
    study = study_of(organisation, "doubt", {"file": "doubt.csv", "number_rows": True})
    inputs = read_inputs(load_study(study), key=KEY)
    undeclared = inputs.findings[inputs.findings["code"] == "DQ010"]
    assert list(undeclared["subject"].str.contains("Good pay")) == [True]


def test_lists_in_one_cell_of_microsoft_forms(organisation: Path, answers: pd.DataFrame) -> None:
    codebook = open_codebook(load_study(study_of(organisation, "ms0", {"file": "none.csv"})))
    assert codebook is not None
    wishes = wishes_in_words(WISHES)
    first, second, third = list(wishes)[:3]
    ranks = ";".join(codebook.need_name(need, "nl") for need in reversed(codebook.needs[:6]))
    table = pd.DataFrame({
        "ID": range(1, 9), "Start time": "2024-03-01", "Completion time": "2024-03-01", "Email": "", "Name": "",
        codebook.item("I_PAY_match").text("nl"): [1, 2, 3, 4, 5, 1, 2, 3],
        codebook.item("W_rank6").text("nl"): f"{ranks};",
        codebook.item("H_pick3").text("nl"): [f"{wishes[first]['nl']};{wishes[third]['nl']};"] * 7 + ["iets anders;"],
    })  # fmt: skip
    table.to_csv(organisation / "ms.csv", index=False)
    study = study_of(organisation, "ms", {"file": "ms.csv", "number_rows": True})
    inputs = read_inputs(load_study(study), key=KEY)
    (wrong,) = inputs.findings[inputs.findings["severity"] == "error"].to_dict("records")
    assert wrong["code"] == "DQ030" and "anders" not in str(wrong)
    read = inputs.tables["responses"]
    assert read["W_rank6_PAY"].eq(6).all() and read["W_rank6_MEA"].eq(1).all()
    assert read[f"H_pick3_{first}"].sum() == 7 and read[f"H_pick3_{second}"].sum() == 0


def test_words_that_stand_twice_are_read_in_order_only_where_all_are_there(
    organisation: Path, answers: pd.DataFrame
) -> None:
    codebook = open_codebook(load_study(study_of(organisation, "twice0", {"file": "none.csv"})))
    assert codebook is not None
    promised, kept = codebook.item("P_PAY"), codebook.item("K_PAY")
    assert promised.text("en") == kept.text("en")
    words = promised.text("en")
    noted = dict.fromkeys(MICROSOFT["en"], "")
    for name, more, told in (("both", [f"{words}2"], {"P_PAY", "K_PAY"}), ("one", [], set())):
        table = pd.DataFrame({**noted, codebook.item("I_PAY_match").text("en"): [3] * 8, words: [1] * 8})
        table[more] = 5
        table.to_csv(organisation / f"{name}.csv", index=False)
        study = study_of(organisation, name, {"file": f"{name}.csv", "number_rows": True})
        inputs = read_inputs(load_study(study), key=KEY)
        undeclared = inputs.findings[inputs.findings["code"] == "DQ010"]
        assert len(undeclared) == (not told)
        if told:
            (by_words,) = inputs.findings[inputs.findings["code"] == "DQ094"]["explanation"]
            assert "2 of them by the codebook's order" in by_words
            read_back = inputs.tables["responses"]
            assert read_back["P_PAY"].eq(1).all() and read_back["K_PAY"].eq(5).all()
