"""Releases that carry their own proof: a hundred folders that were tampered with or give somebody away, and as many
honest ones, each put to the ``verify.py`` inside it, alone, by a bare Python (``-I -S``).

Honest folders come out of the library: small tables released by :func:`segment.disclosure.release` from random
organisations, with pages and a workbook that show them; in the long form also whole studies, walked and published. Who
tampers knows the program: unless the attack is on the digests themselves, they and the chain are made anew to agree.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from releases.folders import MANIFEST, Folder, made, number_of, walked
from releases.tampering import ATTACKS
from segment.stages.release.proof import TABLES

Draw = Callable[[], np.ndarray]


def prove(draw: Draw, place: Path, *, honest: int, tampered: int, studies: int, seed: int) -> pd.DataFrame:
    """One row per folder: ``kind`` (``honest`` or the attack), ``source`` (tables or a study), ``refused``."""
    rng, drawn = np.random.default_rng(seed), random.Random(seed)
    whole = [one for number in range(studies)
             for one in walked(place / f"study-{number}", people=150 + 40 * number, seed=seed + number)]  # fmt: skip
    folders, before = list(whole), [f"{drawn.getrandbits(256):064x}"]
    while len(folders) < max(honest, 3):
        folder = place / f"honest-{len(folders)}"
        made(rng, draw(), folder, before)
        before = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["chain"]
        folders.append(folder)
    rows = []
    for at, folder in enumerate(folders[:honest]):
        beside = [folders[at - 1]] if at % 2 else []
        one = Folder(folder, folder, head=number_of(folder), earlier=beside)
        rows.append({"kind": "honest", "source": "study" if folder in whole else "tables", "refused": one.refused()})
    able = [folder for folder in folders if folder not in whole and _serves(folder)]
    for number in range(tampered):
        name = list(ATTACKS)[number % len(ATTACKS)]
        chosen = drawn.choice(able)
        copy = Path(shutil.copytree(chosen, place / f"tampered-{number}" / "2025-2"))
        one = Folder(copy, next(folder for folder in folders[::-1] if folder != chosen))
        ATTACKS[name](drawn, one)
        rows.append({"kind": name, "source": "tables", "refused": one.refused()})
    return pd.DataFrame(rows)


def _serves(folder: Path) -> bool:
    """Whether a release hides and shows groups that stand in both groupings, and tells all sizes of its segments."""
    tables = json.loads((folder / TABLES).read_text(encoding="utf-8"))
    own = tables["profiles"]
    if not all(str(row[own["columns"].index("n")]).isdigit() for row in own["data"]):
        return False
    table = tables["migration"]
    rows = [dict(zip(table["columns"], row, strict=True)) for row in table["data"]]
    inner = [row["status"] for row in rows if row["segment_from"] is not None and row["segment_to"] is not None]
    return "hidden" in inner and len(set(inner)) > 1
