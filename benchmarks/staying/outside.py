"""Peers in environments of their own: tools whose pins or licence keep them out of the project's.

Each environment is made once, in a cache folder (``SEGMENT_BENCH_CACHE``, default ``~/.cache/segment-benchmarks``), by
pip; without a package index the peer is skipped by name. Numbers travel as ``.npz`` files.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import numpy as np

#: Environment -> what pip installs into it.
ENVIRONMENTS = {
    "scikit-survival": ("scikit-survival>=0.25,<1",),
    "hazardous": ("hazardous>=0.1",),
    "lifelines": ("lifelines>=0.30", "scikit-learn>=1.6"),
    "stepmix": ("stepmix>=3",),
    "skrub": ("skrub>=0.6",),
    "fairlearn": ("fairlearn>=0.13",),
    "pytauargus": ("pytauargus>=0.6,<0.7",),
    "hmmlearn": ("hmmlearn>=0.3,<0.4",),
}
#: Seconds that pip may take.
_LONGEST = 900
_WORKER = Path(__file__).with_name("outside_worker.py")


def environment(name: str) -> Path | str:
    """The interpreter of a peer's environment, made if need be; or why there is none, in words."""
    folder = _folder(name)
    python, ready = folder / "bin" / "python", folder / "ready"
    if made_before(name):
        return python
    folder.parent.mkdir(parents=True, exist_ok=True)
    venv.create(folder, with_pip=True, clear=True)
    command = [str(python), "-m", "pip", "install", "--quiet", *ENVIRONMENTS[name]]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_LONGEST, check=False)
    except subprocess.TimeoutExpired:
        return f"{name} cannot be installed here: pip was not done after {_LONGEST / 60:.0f} minutes"
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        return f"{name} cannot be installed here: {last[0][:120]}"
    ready.touch()
    return python


def made_before(name: str) -> bool:
    """Whether a peer's environment is there and whole."""
    folder = _folder(name)
    return (folder / "ready").is_file() and (folder / "bin" / "python").exists()


def _folder(name: str) -> Path:
    cache = Path(os.environ.get("SEGMENT_BENCH_CACHE", Path.home() / ".cache" / "segment-benchmarks"))
    return cache / f"{name}-{sys.version_info.major}.{sys.version_info.minor}"


def ask(name: str, model: str, arrays: dict[str, np.ndarray], *, timeout: float = 1_800) -> dict[str, np.ndarray] | str:
    """What a peer's model says: its answer arrays, or why there is no answer.

    Of leaving, ``arrays`` holds ``X``, ``entry``, ``exit``, ``event`` to learn from, ``X_new`` to predict and
    ``months`` ahead; the answer holds ``survival`` (n_new, months), from competing-risk models ``incidence`` of cause
    1, and ``cpu``. What a hidden chain is given and gives stands with it in ``outside_worker``.
    """
    python = environment(name)
    if isinstance(python, str):
        return python
    with tempfile.TemporaryDirectory() as folder:
        question, answer = Path(folder, "question.npz"), Path(folder, "answer.npz")
        np.savez(question, **arrays)
        variables = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
        done = subprocess.run(
            [str(python), str(_WORKER), model, str(question), str(answer)],
            capture_output=True, text=True, timeout=timeout, check=False, env=variables,
        )  # fmt: skip
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
            return f"{model} failed: {last[0][:160]}"
        with np.load(answer) as told:
            return {key: told[key] for key in told.files}
