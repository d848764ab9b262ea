"""Sources of chance: one independent stream of random numbers per block of the simulation, all from one seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: The order is part of the promise "same seed, same bytes": new blocks go at the end.
BLOCKS: tuple[str, ...] = (
    "setting",
    "incumbents",
    "hires",
    "careers",
    "rehires",
    "bystanders",
    "identity",
    "style",
    "items",
    "response",
    "answers",
    "choices",
    "gaps",
    "surroundings",
)


@dataclass(frozen=True)
class Streams:
    """Random generators spawned from one seed, one per block (and per wave where a block has waves).

    Asking for a stream twice gives the same numbers twice, and no stream knows of another: more waves, or
    another block, never change what an earlier one drew.

    Examples
    --------
    >>> streams = Streams(7)
    >>> bool(streams.of("answers", 0).random() == streams.of("answers", 0).random())
    True
    """

    seed: int

    def of(self, block: str, *keys: int) -> np.random.Generator:
        """Return the generator of ``block``; ``keys`` tell waves apart."""
        spawned = np.random.SeedSequence(self.seed, spawn_key=(BLOCKS.index(block), *keys))
        return np.random.default_rng(spawned)
