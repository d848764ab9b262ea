"""Names that lead out of the workspace, from every place a study gets names from: refused in words, nothing written."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from pipelines.command import run_command
from pipelines.flows import FLOWS
from pipelines.study import run_study
from segment.cli import app
from segment.errors import Refusal
from segment.ingest import read_inputs, refuse_errors
from segment.places import inside, is_safe_name
from segment.stages import STAGES_IN_ORDER, open_study, run_stage
from segment.stages.simulate import simulate_into
from segment.store import digest_file
from segment.vocabulary import World

PARTS = st.sampled_from(["..", "/", "\\", ".", "tables", "2024-03", "~", "con", " ", "\u202e", "%2e", ":", "-", "ä"])
NAMES = st.one_of(
    st.lists(PARTS, min_size=1, max_size=6).map("".join),
    st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\n\""), min_size=1, max_size=90),
)  # fmt: skip


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small organisation's folder, made once."""
    folder = tmp_path_factory.mktemp("honest") / "org"
    simulate_into(folder, people=60, seed=3, world=World.NEEDS, waves=1)
    return folder


@pytest.fixture
def study(honest: Path, tmp_path: Path) -> Path:
    """A copy so deep down that four steps up are still inside what a test watches."""
    deep = tmp_path / "a" / "b" / "c" / "d" / "org"
    shutil.copytree(honest, deep)
    (deep / "work" / "tables").mkdir(parents=True)
    (deep / "work" / "tables" / "people.parquet").write_text("what was there before")
    return deep / "study.yaml"


def tree(folder: Path) -> dict[str, str]:
    """Every file and what it holds, but for what a run may leave in its own workspace."""
    kept = (path for path in folder.rglob("*") if path.is_file() and "work" not in path.relative_to(folder).parts)
    tables = (folder / "a" / "b" / "c" / "d" / "org" / "work" / "tables").glob("*")
    return {str(path): digest_file(path) for path in (*kept, *tables)}


def wave_column(study: Path, name: str) -> None:
    survey = next(study.parent.glob("responses_*.csv"))
    rows = pd.read_csv(survey, dtype=str, keep_default_na=False)
    rows.assign(wave=[name] * (len(rows) // 2) + ["2023-03"] * (len(rows) - len(rows) // 2)).to_csv(survey, index=False)


def in_the_file(before: str, after: str) -> Callable[[Path, str], None]:
    def change(study: Path, name: str) -> None:
        text = study.read_text(encoding="utf-8")
        assert before in text
        study.write_text(text.replace(before, after.replace("NAME", name.replace("\\", "\\\\")), 1), encoding="utf-8")

    return change


def sheet(study: Path, name: str) -> None:
    pd.read_csv(study.parent / "people.csv", dtype=str).to_excel(study.parent / "people.xlsx", index=False)
    in_the_file("    file: people.csv", '    file: people.xlsx\n    sheet: "NAME"')(study, name)


#: Where a name comes from: how it gets there, one that leads out, and what the refusal says of it.
PLACES: dict[str, tuple[Callable[[Path, str], None], str, str]] = {
    "the survey's column of waves": (wave_column, "../tables", "a name for a folder"),
    "the wave of the segments": (
        in_the_file("random_state: 3", 'random_state: 3\nwave: "NAME"'), "../tables", "becomes part of a path"
    ),
    "the wave of a survey": (
        in_the_file("    date: 2023-03-31", '    wave: "NAME"'), "../../../../PWNED", "becomes part of a path"
    ),
    "the study": (in_the_file("study: org", 'study: "NAME"'), "../tables", "becomes part of a path"),
    "the study, as a device": (in_the_file("study: org", 'study: "NAME"'), "con", "becomes part of a path"),
    "a file": (in_the_file("file: people.csv", 'file: "NAME"'), "../../../../PWNED", "correct 'file' in the study"),
    "a sheet": (sheet, "../tables", "sheet"),
}  # fmt: skip


def run_in(study: Path) -> list[str]:
    return [str(study), "--set", f"workspace={study.parent / 'work'}"]


@pytest.mark.parametrize("place", PLACES)
def test_the_check_refuses_it_in_words_and_nothing_is_written(study: Path, place: str, tmp_path: Path) -> None:
    put, name, words = PLACES[place]
    put(study, name)
    before = tree(tmp_path)
    checked = CliRunner().invoke(app, ["check", *run_in(study)])
    assert checked.exit_code == 1, checked.output
    assert words in checked.output
    assert "Traceback" not in checked.output
    with pytest.raises(Refusal, match=words):
        run_stage(STAGES_IN_ORDER["prepare"], open_study(study, overrides=run_in(study)[2:]))
    assert tree(tmp_path) == before


@pytest.mark.parametrize(("flow", "name"), [(run_study, "../../../../PWNED"), (FLOWS["prepare"], "../tables")])
def test_the_flow_refuses_a_wave_that_leads_out(
    study: Path, flow: Any, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wave_column(study, name)
    before = tree(tmp_path)
    assert run_command(flow, run_in(study), one_stage=flow is not run_study) == 1
    assert "a name for a folder" in capsys.readouterr().err
    assert tree(tmp_path) == before
    assert not (study.parent / "work" / "exports").exists()


def test_people_called_like_paths_are_codes_in_every_name(study: Path, tmp_path: Path) -> None:
    survey = next(study.parent.glob("responses_*.csv"))
    for file in (study.parent / "people.csv", survey):
        rows = pd.read_csv(file, dtype=str, keep_default_na=False)
        rows["person_id"] = "../../../../PWNED/" + rows["person_id"]
        rows.to_csv(file, index=False)
    before = set(tree(tmp_path)) | {str(study.parent / "work" / "tables" / "people.parquet")}
    run_stage(STAGES_IN_ORDER["prepare"], open_study(study, overrides=run_in(study)[2:]))
    new = [Path(path) for path in set(tree(tmp_path)) - before]
    assert new
    assert all(path.parent == study.parent / "work" / "tables" or "models" in path.parts for path in new)
    assert not [path for path in tmp_path.rglob("*") if "PWNED" in path.name]


@given(name=NAMES)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_wave_is_called_it_is_refused_or_one_folder(study: Path, name: str) -> None:
    header = "person_id,wave,I_PAY_match,I_SOC_peers\n"
    survey = next(study.parent.glob("responses_*.csv"))
    survey.write_text(header + "".join(f'p{n},"{name}",{n % 5 + 1},3\n' for n in range(6)), encoding="utf-8")
    text = study.read_text(encoding="utf-8").replace("\n    date: 2023-03-31", "")
    alone = study.with_name("alone.yaml")
    start, _, rest = text.partition("sources:\n")
    alone.write_text(f"{start}sources:\n  responses:\n  - file: {survey.name}\n", encoding="utf-8")
    assert "outcome" in rest
    opened = open_study(alone, overrides=[f"workspace={study.parent / 'work'}"])
    try:
        inputs = read_inputs(opened.study, key=opened.key)
        refuse_errors(inputs.findings)
    except Refusal as refusal:
        assert "expected" in str(refusal) or "what to do" in str(refusal)
        return
    for wave in inputs.tables["responses"]["wave"].unique():
        assert is_safe_name(wave)
        assert inside(opened.workspace / "exports", wave).parent == opened.workspace / "exports"


def test_settings_after_one_set_are_refused_before_the_first_study_begins(tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text("study: ours\n", encoding="utf-8")
    words = ["run", str(tmp_path / "study.yaml"), "--set", "random_state=1", "retention.bootstrap=2"]
    told = CliRunner().invoke(app, words)
    assert told.exit_code == 1
    assert "each setting needs its own --set: --set retention.bootstrap=2" in told.output
