"""The page on adding things is walked: its blocks, applied to a copy of the tree, work and touch few files."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
#: What each addition may touch at most, beside its test.
MOST = {
    "A file format": 1,
    "A family of segment models": 2,
    "A released table": 3,
    "A rule for raw data": 3,
    "A stage": 2,
    "A setting": 2,
    "A floor's value": 1,
    "A language": 1,
}
COPIED = ("src", "pipelines", "configs", "docs", "tests", "pyproject.toml")


@dataclass(frozen=True)
class Block:
    """A fenced block of the page: its language, what is done with it (``file``, ``append``, ``try``), and where."""

    language: str
    deed: str
    place: str
    text: str

    def apply(self, tree: Path) -> None:
        """Do to a file of the tree what the block shows."""
        file = tree / self.place
        if self.deed == "append":
            file.write_text(file.read_text(encoding="utf-8") + self.text, encoding="utf-8")
        elif self.language == "diff":
            file.write_text(changed(file.read_text(encoding="utf-8"), self.text), encoding="utf-8")
        else:
            assert not file.exists(), f"{self.place} is there already: the page has to show another example"
            file.write_text(self.text, encoding="utf-8")

    def attempt(self, tree: Path) -> None:
        """Run the block in the tree."""
        own = {"PYTHONPATH": f"{tree / 'src'}{os.pathsep}{tree}", "PYTHONDONTWRITEBYTECODE": "1"}
        own |= {"PYTHON": sys.executable}
        shell = 'python() { "$PYTHON" "$@"; }\nset -e\n' + self.text
        command = [sys.executable, "-c", self.text] if self.language == "python" else ["sh", "-c", shell]
        done = subprocess.run(command, cwd=tree, env=os.environ | own, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{self.text}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"


def changed(text: str, diff: str) -> str:
    """A text after a diff without line numbers: what each part (between ``@@``) changes stands in it exactly once."""
    for part in (part.splitlines() for part in diff.split("@@\n")):
        old = "".join(f"{line[1:]}\n" for line in part if line[:1] != "+")
        new = "".join(f"{line[1:]}\n" for line in part if line[:1] != "-")
        assert old and text.count(old) == 1, f"stands {text.count(old)} times in the file:\n{old}"
        text = text.replace(old, new)
    return text


def sections() -> dict[str, list[Block]]:
    """Every section of the page that shows an addition, with its blocks in order."""
    found: dict[str, list[Block]] = {}
    for section in re.split(r"^## ", PAGE, flags=re.M)[1:]:
        title = section.partition("\n")[0].strip()
        fences = re.findall(r"^```(\w+) (try|file|append)(?:=(\S+))?\n(.*?)^```$", section, re.M | re.S)
        found[title] = [Block(*fence) for fence in fences]
    return found


def test_the_page_shows_every_addition_and_says_how_many_files_it_touches() -> None:
    assert set(sections()) == set(MOST)
    said = re.findall(r"^\| a .* \| (\d) \|$", PAGE, re.M)
    assert [int(one) for one in said] == [MOST[title] for title in sections()]


@pytest.mark.parametrize("title", MOST)
def test_it_touches_no_more_files_than_it_says(title: str) -> None:
    touched = {block.place for block in sections()[title] if block.deed != "try"}
    assert len({place for place in touched if not place.startswith("tests/")}) <= MOST[title]
    assert any(block.deed == "try" for block in sections()[title])


@pytest.mark.parametrize("title", MOST)
def test_the_steps_of_the_page_work(title: str, tmp_path: Path) -> None:
    for name in COPIED:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copyfile
        copy(source, tmp_path / name, **({"ignore": shutil.ignore_patterns("__pycache__")} if source.is_dir() else {}))
    for block in sections()[title]:
        if block.deed != "try":
            block.apply(tmp_path)
    for block in sections()[title]:
        if block.deed == "try":
            block.attempt(tmp_path)
    if any(block.deed == "file" and block.place.startswith("src/") for block in sections()[title]):
        house = "tests/test_house.py -k 'drawer or own_room or thin'"
        Block("sh", "try", "", f"python -m pytest -q -p no:cacheprovider {house}").attempt(tmp_path)


def test_a_step_that_no_longer_fits_the_code_is_seen() -> None:
    assert changed("a\nb\nc\n", " a\n-b\n+d") == "a\nd\nc\n"
    with pytest.raises(AssertionError, match="stands 0 times"):
        changed("a\nb\n", " a\n-gone\n+d")
