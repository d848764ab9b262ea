"""What a workspace keeps of every run, so that it can be rebuilt: settings, digests, and what was released.

It stays in the workspace (``runs/<run id>.json``) and knows places relative to it, so that a project can be moved.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from segment.config import Study, load_study, recorded_study
from segment.errors import Refusal
from segment.exports.dossier.bill import LOCK
from segment.stages import STAGES_IN_ORDER
from segment.stages.base import OpenStudy, code_digest, decided_store, digest_now, named_files
from segment.stages.observation_window import FILE as EXCLUDED
from segment.stages.provenance import code_version
from segment.store import digest_file, read_json, save_json

#: The folder of a workspace in which runs are recorded.
RUNS = "runs"
_CPU = Path("/proc/cpuinfo")


@dataclass(frozen=True)
class Recorded:
    """One run.

    Parameters
    ----------
    run
        Its id in the tracker.
    study
        The study's file, relative to the workspace.
    settings
        All settings as they held, as JSON in the order in which the study names things, which a result may depend on.
    overrides
        What was changed from the study's own settings, as ``key=value``.
    made_of
        Digests of data, code, lock file and decided model, and the processor: name -> what it was.
    stages
        The stages that had run.
    files
        What was released, or would have been: place in the workspace -> digest.
    models
        The models that it made: name -> digest.
    """

    run: str
    study: str
    settings: str
    overrides: tuple[str, ...] = ()
    made_of: Mapping[str, str] = field(default_factory=dict)
    stages: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)

    @property
    def held_back(self) -> bool:
        """Whether what it would have released stayed in the workspace."""
        return bool(self.files) and not any(name.startswith("exports/") for name in self.files)

    @classmethod
    def of(cls, content: Mapping[str, object]) -> Recorded:
        """A run as it was written."""
        told = {one.name: content[one.name] for one in fields(cls) if one.name in content}
        return cls(**told)  # type: ignore[arg-type]


def record_run(opened: OpenStudy, run_id: str) -> None:
    """Keep what a run of this study was made of and what it released."""
    receipts = {
        name: read_json(opened.receipts / f"{name}.json")
        for name in STAGES_IN_ORDER
        if (opened.receipts / f"{name}.json").is_file()
    }
    files = receipts.get("publish", {}).get("files", {})
    study = opened.study
    record = Recorded(
        run_id,
        Path(os.path.relpath(study.file, opened.workspace)).as_posix(),
        study.config.model_dump_json(),
        study.overrides,
        made_of_now(study, opened.workspace),
        tuple(receipts),
        {name: digest for name, digest in files.items() if not name.startswith("handover/")},
        {name: digest for one in receipts.values() for name, digest in one["models"].items()},
    )
    save_json(opened.workspace / RUNS / f"{run_id}.json", asdict(record))


def study_of(file: Path, record: Recorded) -> tuple[Study, list[str]]:
    """The study as it was recorded, and what its file says otherwise by now.

    As its file says it where that is the same: strings that are one object there are one in a model's file as well.
    """
    recorded = recorded_study(file, record.settings)
    try:
        read = load_study(file, overrides=record.overrides)
    except Refusal:
        return recorded, ["settings: the study's file can no longer be read; the recorded settings were used"]
    if read.config == recorded.config:
        return read, []
    then, said = recorded.config.model_dump(mode="json"), read.config.model_dump(mode="json")
    own = sorted(name for name in then if then[name] != said[name])
    return recorded, [
        f"settings: the study's file says otherwise by now ({', '.join(own)}); the recorded ones were used"
    ]


def made_of_now(study: Study, workspace: Path) -> dict[str, str]:
    """What a run of a study would be made of now; a file that is gone is ``missing``."""
    files = {f"data {file.name}": file for file in named_files(study)}
    decided = decided_store(study.models).model_path("segmentation")
    excluded = workspace / EXCLUDED
    return {
        **{name: digest_now(file) for name, file in files.items()},
        "code": code_digest(),
        **{f"code {name.rpartition('.')[2]}": value for name, value in code_version().items()},
        "lock file": digest_file(LOCK) if LOCK.is_file() else "none",
        "processor": f"{processor()}, {platform.system()}, Python {platform.python_version()}",
        "decided model": digest_file(decided) if decided.is_file() else "none",
        "who stays out": digest_file(excluded) if excluded.is_file() else "nobody",
    }


def processor() -> str:
    """What computes here: the processor's own name where the system tells it, and its kind."""
    lines = _CPU.read_text(encoding="utf-8", errors="replace").splitlines() if _CPU.is_file() else []
    named = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return f"{named or platform.processor()} {platform.machine()}".strip()
