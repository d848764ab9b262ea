"""People over four waves who come, go and skip: are the chances to move right, and do their intervals hold?

Segments are learned from the last wave alone, as a study does, and read in every wave; what is planted is known.
Peers: counting where people are put (modal segments), and hmmlearn's chain on the same modal segments with the error of
classification held fixed and a symbol of its own for "did not answer" (three steps; in an environment of its own, see
``staying.outside``; left out where that cannot be made). It knows one matrix for all steps, and no intervals.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from staying.outside import ask

from segment.segments.latent_transitions import Chain
from segment.segments.mixtures import TiedMixture
from segment.segments.panel import Panel, evidence_of
from segment.segments.transitions import joint_shares, learn_transitions, random_weights

_SHARES = np.array([0.35, 0.30, 0.20, 0.15])
#: By how much more or less often than others each segment is left, where steps are turned.
_LEFT_MORE = np.array([0.8, -0.8, 0.4, -0.4])
#: hmmlearn goes over people one by one, so it is asked about the first of the simulations only.
_OF_PEER = 10


@dataclass(frozen=True)
class World:
    """What is planted: how often people change segment in each step, how many never do, what of them lasts; and how far
    apart segments lie."""

    name: str
    changes: tuple[float, ...] = (0.12,)
    stayers: float = 0.0
    lasts: float = 0.25
    apart: float = 2.4
    turned: float = 0.0
    people: int = 2000
    waves: int = 4

    def moves(self) -> np.ndarray:
        """Steps x segments x segments; larger segments draw more; with ``turned`` others do in each step, and others
        are left more."""
        k, made = len(_SHARES), []
        for step in range(self.waves - 1):
            change = self.changes[step % len(self.changes)]
            draw = (1 - self.turned) * _SHARES + self.turned * np.roll(_SHARES, step)
            leave = change * (1 + self.turned * np.roll(_LEFT_MORE, step))[:, None]
            onward = np.where(np.eye(k, dtype=bool), 0.0, draw)
            made.append((1 - leave) * np.eye(k) + leave * onward / onward.sum(axis=1, keepdims=True))
        return np.stack(made)

    def chain(self) -> Chain:
        """The truth as a chain: newcomers are as those there are by then."""
        entry, moves = [_SHARES], self.moves()
        for wave in range(self.waves - 1):
            step = moves[wave]
            entry.append(
                self.stayers * _SHARES + (1 - self.stayers) * (entry[-1] @ step) if self.stayers else entry[-1] @ step
            )
        return Chain(np.stack(entry), moves, self.stayers or None)

    def draw(self, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Scores (people x waves x directions), true segments, and who answered which wave."""
        n, waves, k = self.people, self.waves, len(_SHARES)
        came = np.where(generator.random(n) < 0.25, generator.integers(1, waves, n), 0)
        went = np.where(generator.random(n) < 0.20, generator.integers(1, waves, n), waves)
        truth, noise = np.zeros((n, waves), dtype=int), generator.normal(size=(n, waves, k))
        stays, moves, chain = generator.random(n) < self.stayers, self.moves(), self.chain()
        begins = (generator.random(n)[:, None] > chain.entry[came].cumsum(axis=1)).sum(axis=1).clip(0, k - 1)
        truth[:] = begins[:, None]
        for wave in range(1, waves):
            step = moves[wave - 1]
            on = (generator.random(n)[:, None] > step[truth[:, wave - 1]].cumsum(axis=1)).sum(axis=1).clip(0, k - 1)
            truth[:, wave] = np.where(stays | (wave <= came), truth[:, wave - 1], on)
            noise[:, wave] = self.lasts * noise[:, wave - 1] + np.sqrt(1 - self.lasts**2) * noise[:, wave]
        place = np.arange(waves)
        answered = (place >= came[:, None]) & (place < went[:, None]) & (generator.random((n, waves)) < 0.75)
        seen = answered.any(axis=1)
        return (self.apart * np.eye(k)[truth] + noise)[seen], truth[seen], answered[seen]


WORLDS = (
    World("alike in all steps"),
    World("nothing lasts", lasts=0.0),
    World("each step its own pace", changes=(0.05, 0.20, 0.10)),
    World("each step its own ways", changes=(0.05, 0.20, 0.10), turned=0.7),
    World("steps a little apart", turned=0.35),
    World("segments nearer", apart=2.0),
    World("half never move", changes=(0.30,), stayers=0.5, lasts=0.0),
)


def once(world: World, seed: int, *, peer: bool) -> dict[str, object]:
    """One simulation: errors and cover of every share, the chain that was chosen, and what peers say."""
    scores, truth, answered = world.draw(np.random.default_rng([seed, 13]))
    begin = time.process_time()
    read = _read(scores, truth, answered)
    evidence, named, right = read.evidence, read.named, read.right
    panel = Panel.of(np.where(answered[..., None], evidence, np.nan))
    found = learn_transitions(panel, measured=read.measured(panel, np.random.default_rng([seed, 14])))
    seconds = time.process_time() - begin
    joint = joint_shares(panel, world.chain())
    true = (joint / joint.sum(axis=2, keepdims=True)).ravel()
    told = found.shares
    moved = 1 - np.trace(joint, axis1=1, axis2=2)
    return {
        "right": right,
        "error": (told["share"].to_numpy() - true).tolist(),
        "holds": ((told["low"] <= true) & (true <= told["high"])).tolist(),
        "moved_error": (found.moved["moved"].to_numpy() - moved).tolist(),
        "moved_holds": ((found.moved["low"] <= moved) & (moved <= found.moved["high"])).tolist(),
        "lasting": found.chain.lasting or 0.0,
        "stayers": None if found.stayers is None else list(found.stayers),
        "counted": (_counted(named, answered, world.waves) - true).tolist(),
        "hmmlearn": _by_hmmlearn(named, evidence, answered, true) if peer else None,
        "seconds": seconds,
    }


@dataclass(frozen=True)
class _Read:
    """Evidence and modal segment per person and wave, read by a mixture learned from the last wave; share put right."""

    scores: np.ndarray
    model: TiedMixture
    own: np.ndarray
    order: np.ndarray
    evidence: np.ndarray
    named: np.ndarray
    right: float

    def measured(self, panel: Panel, generator: np.random.Generator) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The same read by mixtures fitted to the same people with random weights, as the stage does."""
        for factors in random_weights(panel, generator):
            model = self.model.again(self.scores[self.own, -1], factors[self.own])
            yield factors, _evidence(model, self.scores, self.order)[0]


def _evidence(model: TiedMixture, scores: np.ndarray, order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Evidence and memberships: people x waves x segments."""
    memberships = model.predict_proba(scores.reshape(-1, scores.shape[2]))[:, order]
    shape = (*scores.shape[:2], len(order))
    return evidence_of(memberships, model.weights_[order]).reshape(shape), memberships.reshape(shape)


def _read(scores: np.ndarray, truth: np.ndarray, answered: np.ndarray) -> _Read:
    own, k = answered[:, -1], len(_SHARES)
    model = TiedMixture(k, n_init=4, stretch=False).fit(scores[own, -1])
    together = np.zeros((k, k))
    np.add.at(together, (truth[own, -1], model.labels_), 1)
    order = linear_sum_assignment(-together)[1]
    evidence, memberships = _evidence(model, scores, order)
    named = memberships.argmax(axis=2)
    return _Read(scores, model, own, order, evidence, named, float((named == truth)[answered].mean()))


def _counted(named: np.ndarray, answered: np.ndarray, waves: int) -> np.ndarray:
    """Shares by counting where people are put in one wave and in the next."""
    k, rows = len(_SHARES), []
    for wave in range(waves - 1):
        both = answered[:, wave] & answered[:, wave + 1]
        table = np.bincount(named[both, wave] * k + named[both, wave + 1], minlength=k * k).reshape(k, k)
        rows.append(table / np.maximum(table.sum(axis=1, keepdims=True), 1))
    return np.stack(rows).ravel()


def _by_hmmlearn(named: np.ndarray, evidence: np.ndarray, answered: np.ndarray, true: np.ndarray) -> list[float] | None:
    """Errors of a chain on modal segments: classification error fixed, "no answer" as likely everywhere."""
    k = len(_SHARES)
    likely = np.exp(evidence[answered]) * _SHARES
    belongs = likely / likely.sum(axis=1, keepdims=True)
    error = np.stack([belongs[named[answered] == put].sum(axis=0) for put in range(k)], axis=1)
    error = error / error.sum(axis=1, keepdims=True)
    first = answered.argmax(axis=1)
    symbols = np.where(answered, named, k)
    rows = [symbols[person, first[person] :] for person in range(len(symbols))]
    told = ask(
        "hmmlearn",
        "hidden chain",
        {
            "symbols": np.concatenate(rows),
            "lengths": np.array([len(row) for row in rows]),
            "emission": np.concatenate([0.5 * error, np.full((k, 1), 0.5)], axis=1),
        },
    )
    if isinstance(told, str):
        print(told, flush=True)
        return None
    steps = len(true) // k**2
    return (np.tile(told["moves"].ravel(), steps) - true).tolist()


def waves(seeds: Sequence[int], *, worlds: Sequence[World] = WORLDS, kept: Path | None = None) -> pd.DataFrame:
    """One row per world: planted chances to move, what is found, and how often intervals of 95 % hold them.

    ``kept``: a folder in which simulations are kept, so that a run that was stopped goes on where it was.
    """
    rows = []
    for world in worlds:
        found = [
            _kept(kept, world, seed, lambda world=world, seed=seed, peer=place < _OF_PEER: once(world, seed, peer=peer))
            for place, seed in enumerate(seeds)
        ]
        errors = np.array([one["error"] for one in found])
        stayers = [one["stayers"] for one in found if one["stayers"] is not None]
        rows.append(
            {
                "world": world.name, "simulations": len(found), "put right": np.mean([one["right"] for one in found]),
                "largest bias (claimed .02)": np.abs(errors.mean(axis=0)).max(),
                "rms error": np.sqrt((errors**2).mean()),
                "shares held (.93-.97)": np.mean([one["holds"] for one in found]),
                "moved, bias": np.abs(np.mean([one["moved_error"] for one in found], axis=0)).max(),
                "moved held": np.mean([one["moved_holds"] for one in found]),
                "lasts": np.mean([one["lasting"] for one in found]),
                "stayers found": len(stayers) / len(found),
                "their share": _mean([one[0] for one in stayers]),
                "share held": _mean([low <= world.stayers <= high for _, low, high in stayers]),
                "counting, largest bias": np.abs(np.mean([one["counted"] for one in found], axis=0)).max(),
                **_beside_peer([one for one in found if one["hmmlearn"]]),
                "seconds": np.mean([one["seconds"] for one in found]),
            }
        )  # fmt: skip
    return pd.DataFrame(rows).set_index("world").T


def _beside_peer(found: Sequence[dict[str, object]]) -> dict[str, float]:
    """Errors of ours, of counting and of hmmlearn in the simulations that all three were asked about."""
    if not found:
        return {}
    figures: dict[str, float] = {"asked of hmmlearn too": len(found)}
    for name, key in (("ours", "error"), ("counting", "counted"), ("hmmlearn", "hmmlearn")):
        errors = np.array([one[key] for one in found])
        figures[f"{name} there, largest bias"] = float(np.abs(errors.mean(axis=0)).max())
        figures[f"{name} there, rms error"] = float(np.sqrt((errors**2).mean()))
    return figures


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def _kept(folder: Path | None, world: World, seed: int, make: Callable[[], dict[str, object]]) -> dict[str, object]:
    """A simulation as it was kept, or made and kept."""
    if folder is None:
        return make()
    folder.mkdir(parents=True, exist_ok=True)
    name = "-".join(f"{value}" for value in asdict(world).values()).replace(" ", "_")
    file = folder / f"{name}-{seed}.json"
    if not file.is_file():
        half = file.with_suffix(".part")
        half.write_text(json.dumps(make()), encoding="utf-8")
        half.replace(file)
    return dict(json.loads(file.read_text(encoding="utf-8")))
