"""The side of tau-argus that runs in its own environment: every ``.jj`` file of a folder, answered in an ``.out``."""

from __future__ import annotations

import sys
from pathlib import Path

from pytauargus import HiTaSCtrl

folder, seconds = Path(sys.argv[1]), int(sys.argv[2])
for question in sorted(folder.glob("*.jj")):
    answer = question.with_suffix(".out")
    code = HiTaSCtrl().full_jj(in_file_jj=str(question), out_file=str(answer), max_time=seconds)
    if code > 1:
        raise SystemExit(f"optimal suppression ended with code {code}")
