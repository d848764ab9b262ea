"""Real answers of real people: what is said of them, beside what raw k-means would have said."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from segment.segments import SegmentSelector
from segment.segments.families import FAMILIES


def public_answers(name: str, folder: Path) -> tuple[pd.DataFrame, dict[str, str] | None]:
    """Answers of real people: volunteers' yes-no motives as they are, the two studies as their files declare them."""
    if name == "volunteers":
        return pd.read_csv(folder / name / f"{name}.csv").drop(columns=["GENDER", "AGEG"]).astype(float), None
    from segment.stages import STAGES_IN_ORDER, open_study, run_stage
    from segment.stages.codebooks import codebook_of
    from segment.stages.segmentation.basis import basis_of
    from segment.stages.waves import model_wave

    with tempfile.TemporaryDirectory() as workspace:
        file = Path(__file__).resolve().parents[2] / "configs" / "studies" / f"{name}.yaml"
        opened = open_study(file, overrides=[f"workspace={workspace}"])
        run_stage(STAGES_IN_ORDER["prepare"], opened)
        responses = opened.store.read("responses")
        basis = basis_of(codebook_of(opened), opened.config.segmentation.basis, responses.columns)
        own = responses[responses["wave"] == model_wave(opened, responses)].reset_index(drop=True)
    return basis.items(own), basis.need_map


def raw_answer(items: pd.DataFrame, *, most: int = 4000) -> tuple[int, float, float]:
    """What raw k-means would have said: the largest number of segments with split-half agreement of .70 or more (the
    best one where none has), that agreement, and the share of the person's mean answer its segments explain."""
    values = items.fillna(items.mean()).to_numpy()
    generator = np.random.default_rng(0)
    values = values[generator.permutation(len(values))[:most]]
    found = {}
    for k in range(2, 7):
        agreements = []
        for split in range(10):
            order = np.random.default_rng(split).permutation(len(values))
            halves = np.array_split(order, 2)
            labels = [KMeans(k, n_init=3, random_state=split).fit(values[h]).predict(values) for h in halves]
            agreements.append(adjusted_rand_score(*labels))
        found[k] = float(np.mean(agreements))
    steady = [k for k, agreement in found.items() if agreement >= 0.7]
    k = max(steady) if steady else max(found, key=lambda number: found[number])
    labels = KMeans(k, n_init=10, random_state=0).fit_predict(values)
    level = pd.Series(values.mean(axis=1))
    between = level.groupby(labels).transform("mean").var(ddof=0) / level.var(ddof=0)
    return k, found[k], float(between)


def public(folder: Path) -> pd.DataFrame:
    """Real answers: what this project says of them, beside what raw k-means would have said."""
    rows = []
    for name in ("volunteers", "gss2016", "fevs2018"):
        items, need_map = public_answers(name, folder)
        families = ("needs_mixture", "k_means") if name == "fevs2018" else tuple(FAMILIES)
        selector = SegmentSelector(range(2, 7), families=families, random_state=0).fit(items, need_map)
        k, agreement, style = raw_answer(items)
        best = selector.evidence_[selector.evidence_["k"] > 1]["agreement"].max()
        rows.append(
            {
                "data": name, "people": len(items), "segments": selector.n_segments_, "family": selector.family_,
                "style share": selector.style_share_, "best agreement tried": best, "raw k-means: segments": k,
                "its agreement": agreement, "its style share": style, "why": selector.reason_[:110],
            }
        )  # fmt: skip
    return pd.DataFrame(rows)
