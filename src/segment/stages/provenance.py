"""What a run of a study is made of, gathered from its settings, its tables and the machine; no path, no row."""

from __future__ import annotations

import platform
import re
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pyarrow.parquet as pq

from segment import __version__
from segment.exports.dossier.bill import LOCK
from segment.stages.audit_log import actor
from segment.stages.base import OpenStudy, code_digest
from segment.store import digest_file
from segment.tracking.provenance import Provenance, Table, run_name

#: Settings that say where something lies or how fast it goes, and change no result.
_NO_CHANGE = re.compile(r"workspace|(tracking|review|operations)(\..*)?|.*n_jobs")
#: A path from the root, of which a run tells the last name only.
_PATH = re.compile(r"(?<![\w.])(?:/|[A-Za-z]:[\\/]|\\\\)(?:[^\n,\]}\"']*[\\/])?([^\s,\]}\"'\\/]*)")
_TABLES = ("people", "responses", "spells")


def provenance_of(opened: OpenStudy) -> Provenance:
    """What the next run of a study is made of."""
    changed = changed_settings(opened.study.overrides)
    return Provenance(
        run_name(opened.config.study, changed),
        changed,
        {
            "mlflow.user": actor(), "mlflow.source.type": "LOCAL", "mlflow.source.name": "segment run",
            "segment_version": __version__, **code_version(),
        },
        [_table(opened, name) for name in _TABLES if opened.store.has(name)],
        {"settings": _settings(opened), "environment": environment()},
    )  # fmt: skip


def changed_settings(overrides: tuple[str, ...]) -> dict[str, str]:
    """Settings that were changed and change a result, by key; the last word counts, and stands where it came.

    >>> changed_settings(("workspace=/data/ann/x", "random_state=1", "codebook.file=/data/ann/c.csv", "random_state=3"))
    {'codebook.file': 'c.csv', 'random_state': '3'}
    """
    told: dict[str, str] = {}
    for key, _, value in (text.partition("=") for text in overrides):
        told.pop(key.strip(), None)
        told[key.strip()] = without_paths(value.strip())
    return {key: value for key, value in told.items() if not _NO_CHANGE.fullmatch(key)}


def without_paths(text: str) -> str:
    """A text with the last name of every path from the root in place of the path.

    >>> without_paths("{file: /data/ann/wave 1.csv, at: 1/2}"), without_paths("C:\\\\data\\\\x.csv")
    ('{file: wave 1.csv, at: 1/2}', 'x.csv')
    """
    return _PATH.sub(r"\1", text)


@cache
def code_version() -> dict[str, str]:
    """The commit of the code and whether it was changed since; nothing where the code stands in no repository."""
    root = LOCK.parent
    if not (root / ".git").exists():
        return {}
    commit, changed = _git(root, "rev-parse", "HEAD"), _git(root, "status", "--porcelain", "--untracked-files=no")
    if not commit or changed is None:
        return {}
    return {"mlflow.source.git.commit": commit, "git_dirty": "yes" if changed else "no"}


def environment() -> dict[str, object]:
    """What the results depend on beside settings and data: code, locked dependencies, Python and machine."""
    lock = digest_file(LOCK) if LOCK.is_file() else "no lock file: an installed package"
    return {
        "code": code_digest(), "requirements.lock": lock, "python": platform.python_version(),
        "system": platform.system(), "machine": platform.machine(),
    }  # fmt: skip


def _git(root: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _table(opened: OpenStudy, name: str) -> Table:
    path = opened.store.table_path(name)
    schema = pq.read_schema(path)
    columns = [(str(field.name), str(field.type)) for field in schema]
    return Table(f"{opened.config.study} {name}", digest_file(path), pq.read_metadata(path).num_rows, columns)


def _settings(opened: OpenStudy) -> dict[str, object]:
    """All settings as they hold, without places, names of people and who agreed to what."""
    settings = opened.config.model_dump(mode="json", exclude={"workspace", "tracking", "review", "governance"})
    return {str(name): _clean(value) for name, value in settings.items()}


def _clean(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(name): _clean(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_clean(one) for one in value]
    return without_paths(value) if isinstance(value, str) else value
