"""What check lets through, the run survives: a small study, changed in one respect at a time, checked and prepared."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from segment.errors import Refusal, RefusedData
from segment.stages import STAGES_IN_ORDER, open_study, run_stage
from segment.stages.check import check_study
from segment.stages.prepare import prepare
from tests.stages.conftest import QUICK

PEOPLE = 60
UP_TO_PUBLISH = tuple(stage for name, stage in STAGES_IN_ORDER.items() if name != "publish")
Change = Callable[["Small"], None]


class Small:
    """A study of sixty people as text: files by name, and its settings."""

    def __init__(self) -> None:
        reasons = ["", "", "voluntary", "", "involuntary"]
        self.people = ["person_id,start_date,end_date,end_reason,department,hours,tenure,status"]
        self.survey = ["person_id,wave,weight,I_PAY,I_SEC,E_PAY,E_SEC,F_ref"]
        for n in range(PEOPLE):
            why = reasons[n % 5]
            end = f"2024-0{1 + n % 9}-15" if why else ""
            self.people.append(
                f"p{n:03d},2019-0{1 + n % 9}-01,{end},{why},{'AB'[n % 2]},{24 + n % 3 * 8},{n + 1},{why}"
            )
            answers = [1 + n % 5, 1 + n % 4, 1 + n % 3, 5 - n % 5, ("ja", "nee")[n % 2]]
            self.survey.append(f"p{n:03d},2023-03,1," + ",".join(map(str, answers)))
        self.codebook = [
            "code,driver,kind,scale,reverse,nl,en",
            "I_PAY,PAY,importance,imp5,,a,a",
            "I_SEC,SEC,importance,imp5,,b,b",
            "E_PAY,PAY,experience,true5,,c,c",
            "E_SEC,SEC,experience,true5,,d,d",
            "F_ref,*,referral,yesno,,e,e",
        ]
        self.settings: dict[str, Any] = {
            "study": "small",
            "title": {"nl": "Klein", "en": "Small"},
            "data": "public",
            "codebook": {"file": "codebook.csv"},
            "needs": {"bootstrap": 0},
            "sources": {
                "people": {
                    "file": "people.csv",
                    "attributes": {
                        "department": {"purpose": "profile"},
                        "hours": {"purpose": "model", "type": "number"},
                    },
                    "ignore": {"tenure": "not used", "status": "not used"},
                },
                "responses": [{"file": "survey.csv", "date": "2023-03-31"}],
            },
            "outcome": {"kind": "spells", "window": {"start": "2022-01-01", "end": "2025-12-31"}},
        }

    @property
    def source(self) -> dict[str, Any]:
        return self.settings["sources"]["people"]

    def cell(self, table: str, column: str, *values: str, rows: range | None = None) -> None:
        """Set a column, in all rows or in some, to these values in turn."""
        lines = getattr(self, table)
        place = lines[0].split(",").index(column)
        for number in rows or range(1, len(lines)):
            fields = lines[number].split(",")
            fields[place] = values[number % len(values)]
            lines[number] = ",".join(fields)

    def duration(self) -> None:
        del self.source["ignore"]
        self.source["ignore"] = dict.fromkeys(("start_date", "end_date", "end_reason"), "not used")
        self.settings["outcome"] = {
            "kind": "duration", "column": "tenure", "event": "status", "causes": ["voluntary", "involuntary"],
            "no": [""], "unit": "months",
        }  # fmt: skip

    def horizon(self) -> None:
        self.settings["outcome"] = {
            "kind": "horizon",
            "column": "F_ref",
            "source": "responses",
            "yes": ["ja"],
            "no": ["nee"],
        }

    def write(self, folder: Path) -> Path:
        for name in ("people", "survey", "codebook"):
            (folder / f"{name}.csv").write_text("\n".join(getattr(self, name)) + "\n", encoding="utf-8")
        (folder / "study.yaml").write_text(json.dumps(self.settings), encoding="utf-8")
        return folder / "study.yaml"


def _all(*changes: Change) -> Change:
    def change(small: Small) -> None:
        for one in changes:
            one(small)

    return change


def _cells(table: str, column: str, *values: str, rows: range | None = None) -> Change:
    return lambda small: small.cell(table, column, *values, rows=rows)


def _tenures(*values: str) -> Change:
    return _all(Small.duration, _cells("people", "tenure", *values))


def _only(table: str, people: int) -> Change:
    return lambda small: setattr(small, table, getattr(small, table)[: people + 1])


def _items(*values: str) -> Change:
    return _all(*(_cells("survey", item, *values) for item in ("I_PAY", "I_SEC", "E_PAY", "E_SEC")))


def _column_is_gone(small: Small) -> None:
    place = small.survey[0].split(",").index("I_SEC")
    small.survey = [",".join(cell for n, cell in enumerate(row.split(",")) if n != place) for row in small.survey]


def _candidates(small: Small) -> None:
    small.cell("people", "status", "candidate")
    small.source.update(columns={"relation": "status"}, ignore={"tenure": "not used"})


def _duration_of_candidates(small: Small) -> None:
    small.people[0] += ",relation"
    small.people[1:] = [f"{row},candidate" for row in small.people[1:]]
    small.duration()


def _without_needs(small: Small) -> None:
    small.codebook = [row.replace(",PAY,", ",*,").replace(",SEC,", ",,") for row in small.codebook]


NOBODY = _cells("survey", "person_id", *(f"q{n:03d}" for n in range(PEOPLE)))
LONG_AGO = _all(_cells("people", "end_date", "2020-01-01"), _cells("people", "end_reason", "other"))
NOBODY_LEFT = _all(_cells("people", "end_date", ""), _cells("people", "end_reason", ""))
CHANGES: dict[str, Change] = {
    "nothing": _all(),
    "a duration": Small.duration,
    "a tenure of zero": _tenures("0", "12", "24"),
    "an empty tenure": _tenures("", "12", "24"),
    "no tenure at all": _tenures(""),
    "tenure in days": _tenures("2000", "900", "30"),
    "a tenure in words": _tenures("long", "12"),
    "a negative tenure": _tenures("-3", "12"),
    "an infinite tenure": _tenures("inf", "12"),
    "a horizon": Small.horizon,
    "a horizon nobody answered": _all(Small.horizon, _cells("survey", "F_ref", "")),
    "a horizon with one answer": _all(Small.horizon, _cells("survey", "F_ref", "ja")),
    "one person who answered": _only("survey", 1),
    "three people who answered": _only("survey", 3),
    "nobody who answered": _only("survey", 0),
    "one person": _only("people", 1),
    "an item without answers": _cells("survey", "I_PAY", ""),
    "no importance": _all(_cells("survey", "I_PAY", ""), _cells("survey", "I_SEC", "")),
    "not one answer": _all(_items(""), _cells("survey", "F_ref", "")),
    "the same answer everywhere": _items("3"),
    "an item that is missing": _column_is_gone,
    "waves in no order": _cells("survey", "wave", "before", "after"),
    "waves by number": _cells("survey", "wave", "wave 9", "wave 10"),
    "a wave with a slash": _cells("survey", "wave", "2024/3"),
    "an empty wave": _cells("survey", "wave", ""),
    "weights of zero": _cells("survey", "weight", "0"),
    "weights that are none": _cells("survey", "weight", "1;5"),
    "a start in the future": _cells("people", "start_date", "2091-01-01", rows=range(1, 3)),
    "a start after the window": _cells("people", "start_date", "2026-02-01", rows=range(1, 2)),
    "no start": _cells("people", "start_date", "", rows=range(1, 3)),
    "nobody left": NOBODY_LEFT,
    "everybody left before the window": LONG_AGO,
    "one department": _cells("people", "department", "A"),
    "no hours": _cells("people", "hours", ""),
    "nobody who answered is known": NOBODY,
    "candidates only": _candidates,
    "an outcome of candidates only": _all(Small.horizon, _candidates),
    "a duration of candidates only": _duration_of_candidates,
    "a wave that does not exist": lambda small: small.settings.update(wave="2031"),
    "needs about nothing": _without_needs,
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_check_lets_through_the_run_survives(name: str, tmp_path: Path) -> None:
    small = Small()
    CHANGES[name](small)
    file = small.write(tmp_path)
    workspace = [f"workspace={tmp_path / 'work'}"]
    try:
        said = check_study(file, overrides=workspace)
    except Refusal as refused:
        assert "what to do" in str(refused).lower()
        with pytest.raises(Refusal):
            prepare(open_study(file, overrides=workspace))
        return
    assert "may run" in said[-1]
    made = prepare(open_study(file, overrides=workspace))
    assert set(made.tables["findings"]["severity"]) <= {"warning", "note"}
    assert len(made.tables["responses"])
    assert {"people", "spells", "need_scores"} <= set(made.tables)


TOO_FEW, NOBODY_GOES = ("RT009", "Too few people have the outcome"), ("RT001", "Nobody left in the period looked at")


@pytest.mark.parametrize(
    ("name", "told"),
    [("an outcome of candidates only", TOO_FEW), ("a duration of candidates only", TOO_FEW),
     ("candidates only", TOO_FEW), ("everybody left before the window", NOBODY_GOES)],
)  # fmt: skip
def test_where_nobody_s_staying_is_known_all_else_goes_on(name: str, told: tuple[str, str], tmp_path: Path) -> None:
    """It was refused as a column that is not there, or failed; the column is, and what was asked has its answers."""
    small = Small()
    CHANGES[name](small)
    file, settings = small.write(tmp_path), [*QUICK, f"workspace={tmp_path / 'work'}", "segmentation.n_segments=[2]"]
    foreseen = [line.split()[0] for line in check_study(file, overrides=settings) if line.startswith("RT")]
    for stage in STAGES_IN_ORDER.values():
        run_stage(stage, open_study(file, overrides=settings))
    found = open_study(file, overrides=settings).store.read("retention_findings")["code"].tolist()
    assert foreseen == found and told[0] in found
    (page,) = (tmp_path / "work" / "exports").rglob("report.en.html")
    assert told[1] in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["the same answer everywhere", "one person"])
def test_the_whole_way_goes_on_where_little_can_be_learned(name: str, tmp_path: Path) -> None:
    small = Small()
    CHANGES[name](small)
    file = small.write(tmp_path)
    settings = [*QUICK, f"workspace={tmp_path / 'work'}", "segmentation.n_segments=[2]"]
    assert "may run" in check_study(file, overrides=settings)[-1]
    said = {stage.name: run_stage(stage, open_study(file, overrides=settings)).said for stage in UP_TO_PUBLISH}
    assert set(said) == {"prepare", "discover", "retain", "relate", "personalise"}


@pytest.mark.parametrize("people", [1, 3, 9])
def test_a_survey_of_fewer_people_than_a_figure_is_about_is_refused(people: int, tmp_path: Path) -> None:
    small = Small()
    _only("survey", people)(small)
    with pytest.raises(RefusedData, match="Too few people answered"):
        check_study(small.write(tmp_path), overrides=[f"workspace={tmp_path / 'work'}"])


def test_a_survey_of_less_than_two_segments_is_told_beforehand(tmp_path: Path) -> None:
    small = Small()
    _only("survey", 40)(small)
    said = check_study(small.write(tmp_path), overrides=[f"workspace={tmp_path / 'work'}"])
    assert any("expect a report without segments" in line for line in said)
