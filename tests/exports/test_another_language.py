"""A further language is one file: nothing that a reader meets stays behind in another."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest
from languages_read import strings_of

from segment import locale
from segment.errors import NotReady
from segment.locale import catalogue, own_languages

ROOT = Path(__file__).resolve().parents[2]
#: A language that nobody speaks: the English texts in brackets.
CODE = "qps"
INNERMOST = re.compile("⟦[^⟦⟧]*⟧")
#: Names of the samples' own: groups and columns in their data, codes of needs and questions, the study's name.
OF_THE_STUDY = {
    "female", "male", "network", "agency", "rehire", "payroll", "team", "demo", "GRO", "REC", "PAY", "SEC",
    "I_PAY_live", "ab12cd34", "c0dec0dec0dec0de",
}  # fmt: skip
#: Days as its locale has them; names of files, codes of findings, digests, the name of this program.
DAY = re.compile(r"\d+ [α-ωά-ώΑ-Ω]+ \d{4}")
NAMES = re.compile(
    rf"{DAY.pattern}|\w+\.{CODE}\.(?:html|xlsx|pptx)|actions\.csv|\b[0-9a-f]{{16}}\b|\bDQ\d{{3}}\b|^segment 9\.8\.7"
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Report, one-pagers, workbook, dossier and card in the language, by a copy of the package with one file more."""
    folder = tmp_path_factory.mktemp("spoken")
    package = folder / "src" / "segment"
    shutil.copytree(Path(locale.__file__).parents[1], package, ignore=shutil.ignore_patterns("__pycache__"))
    texts = {key: f"⟦{said['en']}⟧" for key, said in catalogue().items()} | {"language.locale": "el_GR"}
    (package / "locale" / "languages").mkdir()
    file = package / "locale" / "languages" / f"{CODE}.yaml"
    file.write_text(json.dumps(texts, ensure_ascii=False), encoding="utf-8")
    program = Path(__file__).with_name("render_in_language.py")
    ran = subprocess.run(
        [sys.executable, str(program), str(package.parent), CODE, str(folder / "out")],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return folder / "out"


def left_behind(path: Path) -> list[str]:
    """What stands outside the brackets of a page and is no name of the study's own."""
    text = "¦".join(strings_of(path))
    while INNERMOST.search(text):
        text = INNERMOST.sub(" ", text)
    rest = (NAMES.sub(" ", piece.strip()) for piece in text.split("¦"))
    return [piece for piece in rest if set(re.findall(r"[^\W\d]\w+", piece)) - OF_THE_STUDY]


@pytest.mark.parametrize("kind", ["report", "method", "segment_1", "segments", "card", "dossier"])
def test_no_string_of_a_release_is_left_untranslated(pages: Path, kind: str) -> None:
    found = [path for path in pages.rglob(f"*.{CODE}.*") if kind in (path.name.split(".")[0], path.parent.name)]
    assert found
    assert all("⟦" in "".join(strings_of(path)) for path in found)
    wrong = {path.name: left for path in found if (left := left_behind(path))}
    assert wrong == {}


def test_what_a_study_keeps_is_there_in_the_language(pages: Path) -> None:
    told = json.loads((pages / "kept.json").read_text(encoding="utf-8"))
    assert CODE in told["names"], "a segment has a name in it"
    assert f"segment_{CODE}" in told["actions"]
    assert told["codebook"][CODE] is False, "a study may write its questions in it, and need not"
    assert told["named"][CODE] == "⟦pay more than time⟧", "English stands in for a need without a name in it"
    assert told["title"] == ["My title", "its title"]


def test_every_message_is_one_text_in_each_language_and_nothing_else() -> None:
    """A comma without quotes ends a text and begins another key: half a sentence, and no fault of YAML's."""
    wrong = [
        key
        for key, texts in catalogue().items()
        if tuple(texts) != own_languages() or not all(isinstance(text, str) and text for text in texts.values())
    ]
    assert wrong == [], "put the text in quotes"


def test_a_language_is_packed_with_the_library() -> None:
    """Every file beside the code, and a further language's, is in what `pip install` brings."""
    [call] = [
        node
        for node in ast.walk(ast.parse((ROOT / "setup.py").read_text(encoding="utf-8")))
        if isinstance(node, ast.keyword) and node.arg == "package_data"
    ]
    patterns = ast.literal_eval(call.value)["segment"]
    package = Path(locale.__file__).parents[1]
    data = [
        path.relative_to(package).as_posix()
        for path in package.rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    ]
    assert len(data) > 25
    wanted = [*data, f"locale/languages/{CODE}.yaml"]
    assert [one for one in wanted if not any(fnmatch(one, pattern) for pattern in patterns)] == []


@pytest.mark.parametrize(("written", "said"), [
    ("language.nam: Deutsch", "'language.nam' is in no other language; no text for 3 of 3 messages (language.name, "),
    ("language.name: Deutsch", "no text for 2 of 3 messages (language.locale, report.count)"),
    ("{language.name: x, language.locale: de, report.count: '{m} x'}", "'report.count' leaves open m, its message n"),
    ("{language.name: Deutsch, language.locale: de, report.count: 3}", "'report.count' has no text"),
    ("{language.name: Deutsch, language.locale: german, report.count: '{n} Leute'}", "no locale of Unicode's CLDR"),
    ("{l: Deutsch, report.count: ''}", "'l' is in no other language; 'report.count' has no text; no text for 2"),
])  # fmt: skip
def test_all_faults_of_half_a_language_are_told_where_it_is_written(
    written: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be refused in the middle of a run otherwise, or leave a page in two languages."""
    (tmp_path / "languages").mkdir()
    texts = {
        "language.name": {"nl": "Nederlands", "en": "English"}, "language.locale": {"nl": "nl_NL", "en": "en_GB"},
        "report.count": {"nl": "{n} mensen", "en": "{n} people"},
    }  # fmt: skip
    (tmp_path / "general.yaml").write_text(json.dumps(texts))
    file = tmp_path / "languages" / "de.yaml"
    monkeypatch.setattr(locale, "_FOLDER", tmp_path)
    file.write_text(f"{written}\n")
    with pytest.raises(NotReady, match=re.escape(said)):
        locale.catalogue.__wrapped__()
    file.write_text("{language.name: Deutsch, language.locale: de, report.count: '{n} Leute'}\n")
    assert locale.catalogue.__wrapped__()["report.count"]["de"] == "{n} Leute"


def test_numbers_and_days_are_those_of_the_languages_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    """A further language needs no signs or months of its own, only which locale is its own."""
    for made in (locale._pattern, locale._locale, locale.day_told):
        made.cache_clear()
    told = {"fr": "fr_FR", "de": "de_DE", "hi": "hi_IN"}
    spoken = {key: {**said, **told} if key == "language.locale" else said for key, said in catalogue().items()}
    monkeypatch.setattr(locale, "catalogue", lambda: spoken)
    thin = "\N{NARROW NO-BREAK SPACE}"
    shown = {language: locale.number(-1234567.75, language) for language in ("nl", "en", *told)}
    assert shown == {
        "nl": "−1.234.567,8", "en": "−1,234,567.8", "fr": f"−1{thin}234{thin}567,8",
        "de": "−1.234.567,8", "hi": "−12,34,567.8",
    }  # fmt: skip
    assert (
        locale.day_told("2024-03-01", "fr") == "1 mars 2024" and locale.day_told("2024-03-01", "de") == "1. März 2024"
    )
