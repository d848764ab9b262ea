"""From files to a study: every public file through `init`, `check` and `prepare`, and what was proposed.

    SEGMENT_DATA=/path/to/data python benchmarks/ingest.py            # the table
    SEGMENT_DATA=/path/to/data python benchmarks/ingest.py --short    # large files by their first 5,000 rows

Lines are those of study.yaml that a person had to change before `prepare` ran. What is right is written down in
``CASES`` from the pages that came with the data. Every other file under the data folder is tried alone: it becomes a
study or is refused in words. A fault that is no refusal ends the benchmark with exit code 1.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from ruamel.yaml import YAML

from segment.errors import Refusal
from segment.onboarding import begin_study
from segment.stages import STAGES_IN_ORDER, open_study, run_stage
from segment.stages.check import check_study
from segment.tables.codebook import read_codebook


@dataclass(frozen=True)
class Case:
    """Files that belong together, what is right about them, and lines of study.yaml that have to be changed."""

    name: str
    surveys: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    identifier: str = ""
    questions: int = 0
    outcome: str = ""
    protected: frozenset[str] = frozenset()
    weight: str = ""
    changed: Mapping[str, str] = field(default_factory=dict)


CASES = (
    Case(
        "federal employees (FEVS 2018), with its list of questions",
        ("fevs2018/fevs2018.parquet", "fevs2018/fevs2018_items.csv"),
        (),
        "RANDOM",
        71,
        "horizon LEAVING",
        frozenset({"DSEX", "DMINORITY"}),
        "POSTWT",
    ),
    Case(
        "federal employees (FEVS 2018), answers alone",
        ("fevs2018/fevs2018.parquet",),
        (),
        "RANDOM",
        71,
        "horizon LEAVING",
        frozenset({"DSEX", "DMINORITY"}),
        "POSTWT",
    ),
    Case(
        "working Americans (GSS 2016)",
        ("gss2016_issp_work/gss2016_work_values_panel.parquet",),
        (),
        "yearid",
        55,
        "none",
        frozenset({"age_1a", "sex_1a", "race_1a", "marital_1a"}),
        "wtssall_1a",
    ),
    Case(
        "staff of a fictional firm (IBM)",
        ("ibm_attrition/WA_Fn-UseC_-HR-Employee-Attrition.csv",),
        (),
        "EmployeeNumber",
        5,
        "horizon Attrition",
        frozenset({"Age", "Gender", "MaritalStatus"}),
    ),
    Case(
        "volunteers' motives",
        ("volunteers/volunteers.csv",),
        (),
        "rows",
        19,
        "none",
        frozenset({"GENDER", "AGEG"}),
    ),
    Case(
        "ten years of a store chain (MFG)",
        (),
        ("mfg10year/mfg10year_termination.parquet",),
        "EmployeeID",
        0,
        "spells",
        frozenset({"age", "gender_short", "gender_full"}),
    ),
)


def main() -> None:
    """Print the table; end with 1 after a fault."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--short", action="store_true", help="large files by their first 5,000 rows")
    most = 5_000 if parser.parse_args().short else None
    if not os.environ.get("SEGMENT_DATA"):
        print("SEGMENT_DATA is not set: nothing was measured")
        return
    os.environ.setdefault("SEGMENT_PSEUDONYM_KEY", secrets.token_hex(32))
    data = Path(os.environ["SEGMENT_DATA"])
    faults: list[str] = []
    print("| files | init s | check s | prepare s | errors | lines changed | right | wrong |")
    print("|---|---|---|---|---|---|---|---|")
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            print(_row(case, data, Path(folder), faults, most), flush=True)
    print("\n| file alone | came out |\n|---|---|")
    used = {data / name for case in CASES for name in (*case.surveys, *case.people)}
    for file in sorted(path for path in data.rglob("*") if path.is_file() and path.suffix not in (".md", ".R")):
        if file not in used:
            with tempfile.TemporaryDirectory() as folder:
                print(f"| {file.relative_to(data)} | {_alone(file, Path(folder), faults)} |", flush=True)
    print(f"\n{len(faults)} faults" + "".join(f"\n  {fault}" for fault in faults))
    sys.exit(1 if faults else 0)


def _file(path: Path, folder: Path, most: int | None) -> Path:
    """The file, or its first rows in a file of the same name."""
    if most is None or path.suffix != ".parquet":
        return path
    rows = pd.read_parquet(path).iloc[:most]
    rows.to_parquet(folder / path.name)
    return folder / path.name


def _row(case: Case, data: Path, folder: Path, faults: list[str], most: int | None) -> str:
    """One line of the table: times, errors of the first check, and what was proposed."""
    study, times = folder / "study", []
    errors = ""
    try:
        surveys, people = (
            [_file(data / name, folder, most) for name in names] for names in (case.surveys, case.people)
        )
        began = time.perf_counter()
        begin_study(study, surveys=surveys, people=people)
        times.append(time.perf_counter() - began)
        errors = _checked(study, times)
        lines = _change(study / "study.yaml", case.changed)
        began = time.perf_counter()
        run_stage(STAGES_IN_ORDER["prepare"], open_study(study / "study.yaml", overrides=_aside(study)))
        times.append(time.perf_counter() - began)
        right, wrong = _judged(case, study)
    except Refusal as refusal:
        return f"| {case.name} | refused: {str(refusal).splitlines()[0]} | | | | | | |"
    except Exception as fault:
        faults.append(f"{case.name}: {type(fault).__name__}")
        return f"| {case.name} | FAULT | | | | | | |"
    shown = " | ".join(f"{one:.1f}" for one in times)
    judged = f"{len(right)} of {len(right) + len(wrong)} | {'; '.join(wrong) or '-'}"
    return f"| {case.name} | {shown} | {errors} | {lines} | {judged} |"


def _aside(study: Path) -> list[str]:
    return [f"workspace={study / 'workspace'}"]


def _checked(study: Path, times: list[float]) -> str:
    """The number of errors that the first check names."""
    began = time.perf_counter()
    try:
        check_study(study / "study.yaml", overrides=_aside(study))
        errors = 0
    except Refusal as refusal:
        errors = len(getattr(refusal, "lines", ())) or 1
    times.append(time.perf_counter() - began)
    return str(errors)


def _change(file: Path, changed: Mapping[str, str]) -> int:
    """Make the changes by hand that a case needs; returns how many lines they are."""
    text = file.read_text(encoding="utf-8")
    for old, new in changed.items():
        assert text.count(old) == 1, f"stands {text.count(old)} times: {old}"
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    return sum(new.count("\n") + 1 for new in changed.values())


def _judged(case: Case, study: Path) -> tuple[list[str], list[str]]:
    """What of the proposal is as it should be, and what is not."""
    settings = YAML(typ="safe").load(study / "study.yaml")
    sources = settings["sources"]
    answers = (sources.get("responses") or [{}])[0]
    source = answers or sources["people"]
    columns = source.get("columns", {})
    attributes = (sources.get("people") or {}).get("attributes", {})
    outcome = settings.get("outcome", {})
    scales = {name: tuple(ends) for name, ends in settings.get("codebook", {}).get("scales", {}).items()}
    known = {"true5": (1, 5), "imp5": (1, 5), "0-10": (0, 10), "yesno": (0, 1)}
    there = (study / "codebook.csv").exists()
    book = read_codebook(study / "codebook.csv", scales=known | scales).items if there else ()
    told = {
        "identifier": ("rows" if source.get("number_rows") else columns.get("person_id", "person_id"), case.identifier),
        "questions": (len(book), case.questions),
        "outcome": (f"{outcome.get('kind', 'none')} {outcome.get('column', '')}".strip(), case.outcome),
        "protected": (frozenset(n for n, one in attributes.items() if one["purpose"] == "audit"), case.protected),
        "weight": (columns.get("weight", ""), case.weight),
    }
    right = [name for name, (came, meant) in told.items() if came == meant]
    wrong = [f"{name}: {_shown(came)} for {_shown(meant)}" for name, (came, meant) in told.items() if came != meant]
    return right, wrong


def _shown(value: object) -> str:
    return ", ".join(sorted(value)) if isinstance(value, frozenset) else str(value) or "none"


def _alone(file: Path, folder: Path, faults: list[str]) -> str:
    """What becomes of one file by itself."""
    as_people = "workday" in file.parts
    surveys, people = ([], [file]) if as_people else ([file], [])
    try:
        begin_study(folder / "study", surveys=surveys, people=people)
        said = _last(check_study(folder / "study" / "study.yaml", overrides=_aside(folder / "study")))
    except Refusal as refusal:
        return f"refused: {str(refusal).splitlines()[0]}"
    except Exception as fault:
        faults.append(f"{file.name}: {type(fault).__name__}")
        return "FAULT"
    return said


def _last(lines: Sequence[str]) -> str:
    return lines[-1]


if __name__ == "__main__":
    main()
