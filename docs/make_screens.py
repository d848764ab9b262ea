"""Pictures of MLflow's pages in `docs/images/`: the demo's two runs, compared and decided, as a reviewer sees them.

python docs/make_screens.py                       # runs the demo twice in a folder of its own; needs Chromium
python docs/make_screens.py --workspace FOLDER    # the same in a folder that is kept; what lies there is not run again
python docs/make_screens.py --all --out FOLDER    # every page that a reviewer opens, and not only those of the README
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.browsing import MlflowPages, silent_browser  # noqa: E402
from tests.live import segment_ui  # noqa: E402

IMAGES, STUDY = ROOT / "docs" / "images", ROOT / "configs" / "studies" / "demo.yaml"
#: What the second run changes.
OTHER = ("segmentation.n_segments=[4]", "retention.use_needs=false")
_COLOURS = 128
#: Where files lie on this machine is no part of a picture.
_NO_PLACE = """for (const one of document.querySelectorAll("*"))
  if (one.children.length === 0 && one.textContent.startsWith("Path:")) one.textContent = "";"""


@dataclass(frozen=True)
class Screen:
    """A page of MLflow: its address, what it must say first, its size, and whether the README shows it."""

    name: str
    path: str
    awaited: tuple[str, ...]
    size: tuple[int, int] = (1500, 900)
    frame: bool = False
    shown: bool = False


def make(workspace: Path) -> None:
    """Run the demo, decide on it, run it with other settings, and compare; what was done already is left alone."""
    if (workspace / "comparisons").is_dir():
        return
    _run("pipelines.study", str(STUDY), workspace)
    for model, reason in (("segmentation", "stable over both waves"), ("retention", "nothing simpler is surer")):
        _type("promote", workspace, "--model", model, "--version", "1", "--by", "A. Reviewer", "--reason", reason)
    _run("pipelines.study", str(STUDY), workspace, *(part for one in OTHER for part in ("--set", one)))
    _type("compare", workspace)


def screens(workspace: Path) -> list[Screen]:
    """Every page that a reviewer opens, by the ids of this workspace."""
    newest = max(workspace.glob("comparisons/**/comparison.json"), key=lambda file: file.stat().st_mtime)
    facts = json.loads(newest.read_text(encoding="utf-8"))
    first, second = (side["runs"]["segmentation"][0] for side in facts["sides"])
    compared = f"compare-runs?runs=[%22{first}%22,%22{second}%22]&experiments=[%221%22]"
    models = "models/demo-segmentation"
    page = f"experiments/1/runs/{second}/artifacts/comparisons/{facts['id']}/compare.en.html"
    return [
        Screen("mlflow-runs", "experiments/1/runs", ("Training runs", "n_segments=[4]")),
        Screen("mlflow-charts", "experiments/1/runs?compareRunsMode=CHART", ("Model metrics", "agreement")),
        Screen("mlflow-compare-runs", compared, ("Parallel Coordinates Plot", "rows_hidden"), (1500, 1300)),
        Screen("mlflow-run", f"experiments/1/runs/{second}", ("discover:", "agreement_low"), (1500, 1300)),
        Screen("mlflow-artifacts", f"experiments/1/runs/{second}/artifacts", ("profiles.json", "made_of")),
        Screen("mlflow-models", models, ("@ challenger", "@ champion")),
        Screen(
            "mlflow-version",
            "models/demo-segmentation/versions/2",
            ("forbidden use", "Schema"),
            (1300, 900),
            shown=True,
        ),
        Screen("mlflow-comparison", page, ("Gain on people held out",), (1300, 900), frame=True, shown=True),
    ]


def look(workspace: Path, out: Path, chosen: Sequence[Screen]) -> None:
    """Open each page in a browser and keep its picture."""
    out.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as scratch,
        segment_ui(Path(scratch), str(STUDY), "--set", f"workspace={workspace}") as address,
        silent_browser() as driver,
    ):
        pages = MlflowPages(driver, address)
        pages.bare()
        for screen in chosen:
            driver.set_window_size(*screen.size)
            pages.read(screen.path, *screen.awaited, frame=screen.frame)
            pages.settle()
            driver.switch_to.default_content()
            driver.execute_script(_NO_PLACE)
            picture = Image.open(io.BytesIO(driver.get_screenshot_as_png())).convert("RGB")
            picture.quantize(_COLOURS).save(out / f"{screen.name}.png", optimize=True)
            print(out / f"{screen.name}.png")


def _run(module: str, study: str, workspace: Path, *words: str) -> None:
    command = [sys.executable, "-m", module, study, "--set", f"workspace={workspace}", *words]
    subprocess.run(command, check=True, cwd=ROOT, env=os.environ | {"SEGMENT_ACTOR": "A. Reviewer"})


def _type(verb: str, workspace: Path, *words: str) -> None:
    main = "from segment.cli import main; main()"
    command = [sys.executable, "-c", main, verb, str(STUDY), "--set", f"workspace={workspace}", *words]
    subprocess.run(command, check=True, cwd=ROOT)


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the pictures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--workspace", type=Path)
    parser.add_argument("--out", type=Path, default=IMAGES)
    parser.add_argument("--all", action="store_true")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="segment-screens-") as scratch:
        workspace = (given.workspace or Path(scratch) / "demo").resolve()
        make(workspace)
        look(workspace, given.out, [one for one in screens(workspace) if one.shown or given.all])
    return 0


if __name__ == "__main__":
    sys.exit(main())
