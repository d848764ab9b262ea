"""`make test-fast` leaves out what is named, and nothing else: every name on the list is there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LISTED = [line for line in (ROOT / "tests" / "slow.txt").read_text(encoding="utf-8").splitlines() if line[0] != "#"]


def test_every_name_on_the_list_is_a_file_or_folder_and_stands_there_once() -> None:
    assert [name for name in LISTED if not (ROOT / name).exists()] == []
    assert sorted(set(LISTED)) == LISTED
    assert not [one for one in LISTED for other in LISTED if one != other and one.startswith(f"{other}/")]


@pytest.mark.slow
def test_the_command_of_the_makefile_leaves_out_the_list_and_keeps_the_rest() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    [command] = re.findall(r"-m pytest (tests -q -m \"not slow.*\")$", makefile, re.M)
    marks = command.partition('-m "')[2].rstrip('"')
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "tests", "-q", "-m", marks, "--collect-only", "-p", "no:cacheprovider"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    files = {line.partition("::")[0] for line in done.stdout.splitlines() if "::" in line}
    assert not [one for one in files if any(one == name or one.startswith(f"{name}/") for name in LISTED)]
    assert files >= {
        "tests/disclosure/test_rules.py",
        "tests/needs/test_need_scoring.py",
        "tests/retention/test_curves.py",
    }
