"""Runs the examples in `examples/` and makes their pages in `docs/examples/`: words, code, and what it answers.

python docs/make_examples.py            # run them and write the pages
python docs/make_examples.py --check    # end with 1 when a page is not what its example answers
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from pprint import pformat

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from segment.displays.base import theme, to_svg

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
PAGES = ROOT / "docs" / "examples"
_MADE = "<!-- made by docs/make_examples.py from examples/{name}.py: change that, not this page -->"
_WIDTH = 110
#: How far a line of a picture may lie elsewhere, in pixels: another processor rounds otherwise.
_APART = 0.5
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass
class Page:
    """What an example says: its page, and its pictures by file name."""

    name: str
    lines: list[str] = field(default_factory=list)
    pictures: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return "\n".join([_MADE.format(name=self.name), *self.lines]).rstrip() + "\n"

    @property
    def title(self) -> str:
        return next(line for line in self.lines if line.startswith("# ")).splitlines()[0].removeprefix("# ")

    @property
    def files(self) -> dict[str, str]:
        return {f"{self.name}.md": self.text, **self.pictures}


def names() -> list[str]:
    """The examples, in the order in which a newcomer reads them."""
    order = ["simulate_and_find", "your_own_survey", "retention_without_leaks", "safe_tables", "reading_a_comparison"]
    there = {path.stem for path in EXAMPLES.glob("*.py")}
    return [name for name in order if name in there] + sorted(there - set(order))


def cells(text: str) -> Iterator[tuple[bool, str]]:
    """Whether each cell of a script in the percent format is words, and what it holds."""
    for part in re.split(r"^# %%", text, flags=re.MULTILINE)[1:]:
        head, _, body = part.partition("\n")
        in_words = "[markdown]" in head
        yield in_words, re.sub(r"^# ?", "", body, flags=re.MULTILINE).strip() if in_words else body.strip()


def run(name: str) -> Page:
    """Run an example from its first cell to its last."""
    page, known = Page(name), {"__name__": "__main__"}
    mpl.use("agg")
    with theme(), pd.option_context("display.width", _WIDTH, "display.max_columns", 20, "display.max_colwidth", 60):
        for in_words, source in cells((EXAMPLES / f"{name}.py").read_text(encoding="utf-8")):
            if in_words:
                page.lines += ["", source]
                continue
            page.lines += ["", "```python", source.removesuffix("  # fmt: skip"), "```"]
            said, value = _answer(source, known)
            drawn = getattr(value, "figure_", None)
            if isinstance(drawn, Figure):
                _keep_picture(page, drawn, type(value).__name__)
                value = None
            told = "\n".join(part for part in (said.rstrip(), _shown(value)) if part)
            page.lines += ["", "```text", told, "```"] if told else []
        plt.close("all")
    return page


def _answer(source: str, known: dict[str, object]) -> tuple[str, object]:
    """What a cell prints, and the value of its last line where that is an expression."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed, value = io.StringIO(), None
    with redirect_stdout(printed):
        exec(compile(tree, "example", "exec"), known)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "example", "eval"), known)
    return printed.getvalue(), value


def _shown(value: object) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, pd.DataFrame | pd.Series | np.ndarray) else pformat(value, width=_WIDTH)


def _keep_picture(page: Page, figure: Figure, kind: str) -> None:
    number = len(page.pictures) + 1
    file = f"{page.name}-{number}.svg"
    figure.set_layout_engine("tight")
    svg = to_svg(figure, prefix=f"p{number}", title=f"{page.title}: {kind}", description=f"Drawn by {kind}.")
    page.pictures[file] = svg.replace("<svg ", '<svg font-family="sans-serif" ', 1) + "\n"
    page.lines += ["", f"![{kind}]({file})"]


def index(pages: list[Page]) -> str:
    """The page that lists them."""
    words = (
        "Each is a script in `examples/` that Jupyter (with jupytext), VS Code and PyCharm open as a notebook (percent "
        "format). It was run, and stands here with what it answered; every test run runs it again."
    )
    listed = [f"- [{page.title}]({page.name}.md)" for page in pages]
    return "\n".join(["<!-- made by docs/make_examples.py -->", "# Examples", words, "", *listed]) + "\n"


def stale(made: Mapping[str, str]) -> list[str]:
    """Files that are not there, or do not say what was made now."""
    return [name for name, text in made.items() if not _same(PAGES / name, text)]


def _same(file: Path, text: str) -> bool:
    if not file.is_file():
        return False
    there = file.read_text(encoding="utf-8")
    if file.suffix != ".svg" or there == text:
        return there == text
    if _NUMBER.sub("", there) != _NUMBER.sub("", text):
        return False
    before, now = (np.array(_NUMBER.findall(one), dtype=float) for one in (there, text))
    return bool(np.allclose(before, now, rtol=0, atol=_APART))


def main(arguments: list[str]) -> int:
    """Run the examples and write their pages, or say which are stale."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--check", action="store_true", help="write nothing; end with 1 when a page is stale")
    check = asked.parse_args(arguments).check
    pages = [run(name) for name in names()]
    made = {"index.md": index(pages)} | {name: text for page in pages for name, text in page.files.items()}
    old = stale(made)
    if check:
        for name in old:
            print(
                f"docs/examples/{name} is not what its example answers; run python docs/make_examples.py",
                file=sys.stderr,
            )
        return 1 if old else 0
    PAGES.mkdir(parents=True, exist_ok=True)
    for name in old:
        (PAGES / name).write_text(made[name], encoding="utf-8")
    print(f"{len(old)} of {len(made)} files written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
