"""Honest folders of releases, as the library writes them, and what a test does with one."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter

from releases.books import QUICK
from segment.exports import verify
from segment.exports.manifest import write_manifest
from segment.privacy import release
from segment.stages import STAGES_IN_ORDER, open_study, run_stage
from segment.stages.release.proof import TABLES, tables_as_data
from segment.stages.simulate import simulate_into
from segment.vocabulary import World

MANIFEST = "manifest.json"
#: How every page of a release begins.
HEAD = """<!doctype html>
<html lang="{}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; \
img-src data:; font-src data:; base-uri &#39;none&#39;; form-action &#39;none&#39;">
"""


@dataclass
class Folder:
    """A release to be verified: its folder, what whoever verifies it kept and has beside it, and another release."""

    path: Path
    other: Path
    head: str = ""
    earlier: list[Path] = field(default_factory=list)

    @property
    def manifest(self) -> dict[str, Any]:
        return dict(json.loads((self.path / MANIFEST).read_text(encoding="utf-8")))

    @property
    def tables(self) -> dict[str, Any]:
        return dict(json.loads((self.path / TABLES).read_text(encoding="utf-8")))

    def write(self, manifest: dict[str, Any]) -> None:
        (self.path / MANIFEST).write_text(json.dumps(manifest, indent=2, sort_keys=True), encoding="utf-8")

    def seal(self, **changed: Any) -> None:
        """Digests and chain made anew, so that they agree with the files."""
        manifest = {**self.manifest, **changed}
        files = {name: self.path / name for name in manifest["files"] if (self.path / name).is_file()}
        manifest["files"] = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
        self.write({**manifest, "chain": [*manifest["chain"][:-1], verify.content_of(manifest)]})

    def put(self, tables: dict[str, Any]) -> None:
        (self.path / TABLES).write_text(json.dumps(tables), encoding="utf-8")
        for page in self.path.glob("report.*.html"):  # pages and workbook would show that the tables were others
            page.write_text(f"{HEAD.format(page.suffixes[0][1:])}</head><body></body></html>", encoding="utf-8")
        own = tables["profiles"]
        for book in self.path.glob("segments.*.xlsx"):
            _as_book(book, [dict(zip(own["columns"], row, strict=True)) for row in own["data"]])
        self.seal()

    def refused(self) -> bool:
        """Whether the proof in the folder refuses it."""
        beside = [word for folder in self.earlier for word in ("--earlier", str(folder))]
        command = [sys.executable, "-I", "-S", str(self.path / "verify.py"), str(self.path), *beside]
        done = subprocess.run([*command, *(["--head", self.head] if self.head else [])], capture_output=True, text=True)
        if done.returncode not in (0, 1) or "Traceback" in done.stderr:
            raise RuntimeError(f"the proof failed: {done.stderr[-500:]}")
        return done.returncode == 1


def number_of(folder: Path) -> str:
    """The number of a release, as whoever receives it keeps it."""
    made = verify.links(json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["chain"])
    return f"{len(made)}:{made[-1]}"


def made(rng: np.random.Generator, sizes: np.ndarray, folder: Path, before: list[str]) -> None:
    """A release of one organisation (departments x segments): moves, scores and the sizes of its segments."""
    rows, columns = sizes.shape
    whole = np.vstack([np.hstack([sizes, sizes.sum(1, keepdims=True)]), [*sizes.sum(0), sizes.sum()]])
    labels = [*map(float, range(rows)), None], [*map(float, range(columns)), None]
    cells = [(labels[0][r], labels[1][c], int(whole[r, c])) for r in range(rows + 1) for c in range(columns + 1)]
    moves = pd.DataFrame(cells, columns=["segment_from", "segment_to", "n"]).query("n > 0")
    moves = moves.assign(share=rng.uniform(0, 1, len(moves)))
    own = pd.DataFrame([(labels[1][c], int(whole[-1, c])) for c in range(columns + 1)], columns=["segment", "n"])
    own = own.query("n > 0")
    needs = pd.concat(
        [
            own.assign(need=need, measure="importance", mean=rng.uniform(1.5, 4.5, len(own)))
            for need in ("PAY", "GRO", "SOC")
        ]
    )
    released = {
        "migration": release(
            "migration", moves, groups=["segment_from", "segment_to"], count="n", shares=["share"], kind="rates"
        ),
        "profiles": release(
            "profiles", needs, groups=["segment"], count="n", lines=["need", "measure"], means=["mean"]
        ),
    }
    folder.mkdir(parents=True)
    (folder / TABLES).write_text(tables_as_data(released, {}), encoding="utf-8")
    for language, people in (("nl", "aantal"), ("en", "people")):
        text = "".join(_as_page(table.frame, people) for table in released.values())
        page = f"{HEAD.format(language)}</head><body>{text}</body></html>"
        (folder / f"report.{language}.html").write_text(page, encoding="utf-8")
        _as_book(folder / f"segments.{language}.xlsx", released["profiles"].frame.to_dict("records"))
    (folder / "actions.csv").write_text("segment;action\n", encoding="utf-8")
    for name in ("verify.py", "rules.json"):
        shutil.copy(Path(verify.__file__).with_name(name), folder / name)
    proofs = {"tables": {name: table.certificate for name, table in released.items()}}
    files = [path for path in folder.iterdir() if path.name != MANIFEST]
    write_manifest(folder, study_digest=f"{rng.integers(10**9)}", certificate=proofs, files=files, before=before)


def _as_page(frame: pd.DataFrame, people: str) -> str:
    heads = "".join(f"<th>{people if name == 'n' else name}</th>" for name in frame)
    rows = ("".join(f"<td>{value}</td>" for value in row) for row in frame.map(str).to_numpy())
    return f"<table><tr>{heads}</tr>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def _as_book(path: Path, rows: list[dict[Any, Any]]) -> None:
    """The workbook of these rows of profiles; figures as they are, whatever they are."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("profiles")
        sheet.write_row(0, 0, ["Need", "Measure", "Segment", "People", "Mean"])
        for at, row in enumerate(rows, start=1):
            people = int(row["n"]) if str(row["n"]).isdigit() else row["n"]
            mean = "" if pd.isna(row["mean"]) else row["mean"]
            sheet.write_row(at, 0, [row["need"], row["measure"], str(row["segment"]), people, mean])


def walked(place: Path, *, people: int, seed: int) -> Iterator[Path]:
    """The releases of a whole study: one for each of its two waves."""
    simulate_into(place, people=people, seed=seed, world=World.NEEDS, waves=2)
    waves = sorted(path.stem.partition("_")[2] for path in place.glob("responses_*.csv"))
    for wave in waves:
        opened = open_study(place / "study.yaml", overrides=[*QUICK, f"workspace={place / 'work'}", f"wave={wave}"])
        for stage in STAGES_IN_ORDER.values():
            run_stage(stage, opened)
        yield opened.workspace / "exports" / wave
