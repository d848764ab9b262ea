"""A run once more: rebuilt from what was recorded, in a workspace of its own, and held against what it released.

Nothing of the study changes: books, decided model and the list of who stays out are copied; what is written goes with
the temporary workspace. Nothing is published, registered or sent.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from segment.config import Study, load_study
from segment.errors import NotReady, Refusal
from segment.exports.manifest import NAME as MANIFEST
from segment.governance.pseudonyms import key_for
from segment.stages import STAGES_IN_ORDER
from segment.stages.apart import Apart, copy_books, moved
from segment.stages.base import OpenStudy, decided_store, run_stage
from segment.stages.candidate import CANDIDATE, HOLD_BACK
from segment.stages.observation_window import after_purges
from segment.stages.recorded import RUNS, Recorded, made_of_now, study_of
from segment.stages.release.proof import TABLES
from segment.store import Store, digest_file, read_json

_FEWEST_SIGNS, _MOST_NAMED = 6, 8


@dataclass(frozen=True)
class Rerun:
    """What came of it: whether every released byte agrees, and what to say."""

    agrees: bool
    said: tuple[str, ...]


def run_again(
    run_id: str, *, study: Path | None = None, here: Path | None = None, tell: Callable[[str], object] = print
) -> Rerun:
    """Rebuild a run and hold its released files against those that were recorded.

    Parameters
    ----------
    run_id
        Its id in the tracker, or the first six signs of it.
    study
        The study's file, where its workspace does not lie in ``var/`` of the project one stands in.
    here
        Where one stands; the current folder when left out.
    tell
        Takes a line per stage.

    Raises
    ------
    NotReady
        No such run was recorded.
    Refusal
        A file that the run was made from is gone.
    """
    workspace, record = _found(run_id, study, here or Path.cwd())
    recorded, changed = study_of(workspace / record.study, record)
    now = made_of_now(recorded, workspace)
    _refuse_gone(record, now)
    with tempfile.TemporaryDirectory(prefix="segment-rerun-") as scratch:
        opened = _apart(recorded, workspace, record, Path(scratch).resolve() / "workspace")
        for name in record.stages:
            stage = HOLD_BACK if name == HOLD_BACK.name and record.held_back else STAGES_IN_ORDER[name]
            tell(run_stage(stage, opened).line())
        fresh = _left(opened)
    unlike = _unlike(record.files, fresh)
    differs = [*_differs(record.made_of, now), *changed]
    return Rerun(not unlike, tuple(_told(record, unlike, differs)))


def _found(run_id: str, study: Path | None, here: Path) -> tuple[Path, Recorded]:
    """The workspace and the record of a run."""
    if study is not None:
        folders = [load_study(study).workspace / RUNS]
    else:
        folders = [one for place in (here, *here.parents) for one in sorted((place / "var").glob(f"*/{RUNS}"))]
    files = [file for folder in folders for file in sorted(folder.glob("*.json"))]
    same = [file for file in files if file.stem == run_id] or [
        file for file in files if len(run_id) >= _FEWEST_SIGNS and file.stem.startswith(run_id)
    ]
    if len(same) != 1:
        raise NotReady(
            f"{'More than one run' if same else 'No run'} of that id was recorded.",
            expected=f"one of {', '.join(file.stem[:12] for file in files[-5:])}" if files else "a run of this project",
            came=run_id,
            where=", ".join(str(folder) for folder in folders) or f"{here}/var",
            advice="stand in the project's folder, or name the study: segment rerun RUN_ID --study STUDY",
        )
    return same[0].parents[1], Recorded.of(read_json(same[0]))


def _refuse_gone(record: Recorded, now: Mapping[str, str]) -> None:
    gone = [name for name in record.made_of if name.startswith("data ") and now.get(name) == "missing"]
    if gone:
        raise Refusal(
            "The run cannot be rebuilt: files that it was made from are gone.",
            came=", ".join(name.removeprefix("data ") for name in gone),
            advice="put them back where they were",
        )


def _apart(recorded: Study, workspace: Path, record: Recorded, place: Path) -> Apart:
    """The study in a new workspace, with copies of the books and of the decided models that the run knew."""
    key = key_for(moved(recorded, place), os.environ)
    shared = copy_books(OpenStudy(moved(recorded, workspace), Store(workspace / "tables", recorded.models), key), place)
    decided = decided_store(recorded.models).models
    if record.made_of.get("decided model") != "none" and decided.is_dir():
        shutil.copytree(decided, place / "models" / decided.name)
    study = after_purges(moved(recorded, place))
    return Apart(study, Store(place / "tables", study.models), key, shared)


def _left(opened: OpenStudy) -> dict[str, str]:
    """Digest of every file that a reader would receive, by its place in the workspace."""
    root = opened.workspace
    files = [
        file
        for folder in ("released", "exports", CANDIDATE)
        for file in sorted((root / folder).rglob("*"))
        if file.is_file()
    ]
    return {file.relative_to(root).as_posix(): digest_file(file) for file in files}


def _unlike(recorded: Mapping[str, str], fresh: Mapping[str, str]) -> list[str]:
    """Files that differ, figures first; the manifest does not count, as it names a place in the books."""
    every = (name for name in {*recorded, *fresh} if not name.endswith(f"/{MANIFEST}"))
    names = sorted(every, key=lambda name: (not name.endswith(TABLES), not name.startswith("released/"), name))
    return [name for name in names if recorded.get(name) != fresh.get(name)]


def _differs(then: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    return [f"{name}: {then.get(name, 'none')[:40]} then, {now.get(name, 'none')[:40]} now"
            for name in sorted({*then, *now}) if then.get(name) != now.get(name)]  # fmt: skip


def _told(record: Recorded, unlike: Sequence[str], differs: Sequence[str]) -> list[str]:
    if not record.files:
        return [f"Run {record.run} released nothing, so there is nothing to hold it against.", *_lines(differs)]
    if not unlike:
        said = [f"Run {record.run} agrees: all {len(record.files)} released files have the same bytes."]
        return said + (["Different by now, without a difference in them:", *_lines(differs)] if differs else [])
    more = f" and {len(unlike) - _MOST_NAMED} more" if len(unlike) > _MOST_NAMED else ""
    said = [f"Run {record.run} differs in {len(unlike)} of {len(record.files)} released files: "
            f"{', '.join(unlike[:_MOST_NAMED])}{more}."]  # fmt: skip
    if differs:
        return [*said, "What is different:", *_lines(differs)]
    return [*said, "Nothing that was recorded explains it: data, settings, code, lock file and processor are the same."]


def _lines(told: Sequence[str]) -> list[str]:
    return [f"  {one}" for one in told]
