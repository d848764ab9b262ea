"""A small study that keeps every rule, for tests to break one rule at a time."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from segment.config import Study, load_study
from segment.ingest import Inputs, read_inputs

KEY = bytes(range(32))

PEOPLE = """\
person_id,start_date,end_date,end_reason,department,hours,grade,sex
007,2019-03-01,,,NA,36,low,v
008,2020-05-01,2023-02-28,voluntary,Zorg,24,mid,m
009,2021-01-01,,,None,32,high,v
010,2018-09-01,2022-06-30,involuntary,Zorg,36.5,mid,m
010,2023-01-01,,,Zorg,36,high,m
011,2022-02-01,,,NA,16,low,x
"""

SURVEY = """\
person_id,wave,weight,I_PAY,E_PAY,O_look,W_rank6_PAY,W_rank6_SEC,H_pick3_a,H_pick3_b,F_ref,J_talk,J_weight,H_dream
007,2024,1.5,5,4,1,1,2,1,0,ja,4,J_talk,een eigen boot
009,2024,1,4,3,2,2,1,0,1,nee,3,J_start,
010,2024,0.5,,99,5,1,2,1,1,yes,5,,rust
011,2024,2,3,2,4,2,1,0,0,,2,J_talk,
"""

CODEBOOK = """\
code,block,driver,kind,scale,reverse,r7,use,short,nl,en
I_PAY,A,PAY,importance,imp5,,,,,Een,One
E_PAY,B,PAY,experience,true5,,,,,Twee,Two
E_SEC,B,SEC,experience,true5,,,,,Drie,Three
O_look,G,*,stay,true5,R,,,,Vier,Four
W_rank6,A,*,rank,rank6,,,,,Vijf,Five
H_pick3,H,*,wish,pick3of12,,,,,Zes,Six
F_ref,G,*,referral,yesno,,,,,Zeven,Seven
J_start,F,*,moment,mom5,,,,,Acht,Eight
J_talk,F,*,moment,mom5,,,,,Negen,Nine
J_weight,F,*,moment_pick,pick1,,,,,Tien,Ten
H_dream,H,*,dream,open,,,,,Elf,Eleven
"""

SETTINGS: dict[str, Any] = {
    "study": "small",
    "title": {"nl": "Klein", "en": "Small"},
    "codebook": {"file": "codebook.csv"},
    "sources": {
        "people": {
            "file": "people.csv",
            "attributes": {
                "department": {"purpose": "profile"},
                "hours": {"purpose": "model", "type": "number"},
                "grade": {"purpose": "model", "type": "ordered", "order": ["low", "mid", "high"]},
                "sex": {"purpose": "audit", "sensitivity": "protected"},
            },
        },
        "responses": [{"file": "survey.csv", "unanswered": ["99"]}],
    },
    "outcome": {"kind": "spells", "window": {"start": "2020-01-01", "end": "2025-12-31"}},
}


class Desk:
    """A folder with a study: change its files and settings, then read it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[str, str | bytes] = {"people.csv": PEOPLE, "survey.csv": SURVEY, "codebook.csv": CODEBOOK}
        self.settings: dict[str, Any] = copy.deepcopy(SETTINGS)

    @property
    def people(self) -> dict[str, Any]:
        return self.settings["sources"]["people"]

    @property
    def survey(self) -> dict[str, Any]:
        return self.settings["sources"]["responses"][0]

    def swap(self, file: str, old: str, new: str) -> None:
        text = self.files[file]
        assert isinstance(text, str)
        assert old in text
        self.files[file] = text.replace(old, new, 1)

    def study(self) -> Study:
        for name, content in self.files.items():
            data = content if isinstance(content, bytes) else content.encode("utf-8")
            (self.folder / name).write_bytes(data)
        (self.folder / "small.yaml").write_text(json.dumps(self.settings), encoding="utf-8")
        return load_study(self.folder / "small.yaml", environment={})

    def read(self) -> Inputs:
        return read_inputs(self.study(), key=KEY)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """The small study in a folder of its own."""
    return Desk(tmp_path)


@pytest.fixture
def desks(tmp_path: Path) -> Callable[[], Desk]:
    """Fresh small studies, each in a folder of its own."""
    made: list[Desk] = []

    def fresh() -> Desk:
        folder = tmp_path / f"study{len(made)}"
        folder.mkdir()
        made.append(Desk(folder))
        return made[-1]

    return fresh
