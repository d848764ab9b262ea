"""`segment check`: settings and data against the contract, every finding at once, nothing modelled or written."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from segment.config import load_study
from segment.errors import Refusal
from segment.ingest import Inputs, finding_lines, read_inputs, refuse_errors
from segment.personalisation import read_catalogue
from segment.stages.base import OpenStudy, open_study
from segment.stages.begun import warn_of_begun
from segment.stages.check_page import write_check_page
from segment.stages.observation_window import warn_of_purge
from segment.stages.retention.data_sufficiency import foreseen_gaps
from segment.stages.retention.spells import stated_of_staff
from segment.stages.rights.exclusion import warn_of_left_out, who_stays_out, without_excluded
from segment.stages.sample_size import hope_for, refuse_few, warn_of_few
from segment.stages.segmentation.basis_check import warn_of_basis
from segment.stages.shared_mounts import warn_of_sharing
from segment.stages.simulate import ensure_raw_exports


def check_study(file: str | Path, *, overrides: Sequence[str] = (), page: Path | None = None) -> list[str]:
    """What to say about a study that may run: its size, its warnings and notes.

    A study with a ``simulation`` section is simulated aside, so that nothing is written to its workspace. ``page``: the
    same as one page is written there, also for data that are refused.

    Raises
    ------
    InvalidStudy, RefusedData
        With every mistake of the settings, or every finding that is an error.
    """
    study = load_study(file, overrides=overrides)
    shared = warn_of_sharing(study.workspace)
    if study.config.simulation is not None:
        with tempfile.TemporaryDirectory() as aside:
            return _check(file, [*overrides, f"workspace={aside}"], page, shared=shared)
    return _check(file, overrides, page, shared=shared)


def _check(file: str | Path, overrides: Sequence[str], page: Path | None, *, shared: Sequence[str]) -> list[str]:
    opened = open_study(file, overrides=overrides)
    ensure_raw_exports(opened.study)
    read = read_inputs(opened.study, key=opened.key)
    try:
        lines = _told(opened, read, shared)
    except Refusal as refusal:
        if page is not None:
            write_check_page(opened, read, page, verdict=f"The study may not run yet. {refusal.what}")
        raise
    if page is not None:
        own = len(finding_lines(read.findings))
        write_check_page(opened, read, page, verdict=lines[-1], further=lines[own:-1])
    return lines


def _size(name: str, frame: pd.DataFrame) -> str:
    """How much a table holds: rows, and of people how many these are about."""
    persons = frame["person"].nunique() if name == "people" else len(frame)
    return f"{persons:,} {name}" + (f" on {len(frame):,} rows" if persons != len(frame) else "")


def _told(opened: OpenStudy, read: Inputs, shared: Sequence[str]) -> list[str]:
    """Findings, what is foreseen, and the verdict in the last line."""
    refuse_errors(read.findings)
    out, inputs = who_stays_out(opened, read), without_excluded(opened, read)
    refuse_few(opened, inputs)
    begun: list[str] = []
    if inputs.codebook is not None:
        catalogue = read_catalogue(opened.study.config_path(opened.config.actions.catalogue))
        begun = warn_of_begun(inputs, catalogue)
    told = {name: frame for name, frame in inputs.tables.items() if len(frame) and name != "identities"}
    sizes = ", ".join(_size(name, frame) for name, frame in told.items())
    gaps = foreseen_gaps(inputs.tables.get("people"), stated_of_staff(inputs, opened.config), opened.config)
    few = warn_of_few(opened, inputs)
    lines = [
        *finding_lines(inputs.findings),
        *shared,
        *gaps,
        *warn_of_purge(opened.study),
        *few,
        *warn_of_basis(opened, inputs),
        *hope_for(opened, inputs),
        *warn_of_left_out(out),
        *begun,
    ]
    counted = f"{len(lines)} finding{'s' if len(lines) != 1 else ''}, none of them an error" if lines else "no findings"
    return [*lines, f"The study may run: {sizes}; {counted}."]
