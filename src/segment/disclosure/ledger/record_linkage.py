"""People under other identifiers: rows that are the same people as earlier rows, known by what they hold alone.

A system of HR that was replaced gives everybody another identifier, and so may somebody who wants an earlier answer
back. Who the rows of a source are is then known by the answers: nearly every row has one partner among earlier ones.
"""

from __future__ import annotations

import numpy as np

from segment.disclosure.ledger.answers import MISSING, SAME

#: From this share of the smaller source on, and this much above what chance does, rows with a partner are people again.
_MOST, _ABOVE_CHANCE = 0.5, 0.5
#: So many questions are looked at, spread over all; so many answers a pair needs in common at least; so many
#: rows are a trial.
COLUMNS, _FEWEST, _TRIAL = 40, 2, 200
#: Rounds of pairing: people who answered nearly alike find their partners one after the other.
_ROUNDS = 60


def partners(earlier: np.ndarray, now: np.ndarray) -> np.ndarray:
    """For each row the earlier row that is the same person; -1 for none, for everyone where the sources are not one.

    Two rows are partners when each agrees best with the other, in at least four fifths of what both answered. Sources
    hold the same people when at least half of the smaller one has a partner, and far more than among rows with the same
    columns put together at random: short questionnaires make strangers alike.

    Parameters
    ----------
    earlier, now
        Answers as numbers from 1, rows x the same columns; zero: not answered or not known.

    Examples
    --------
    >>> rows = np.random.default_rng(0).integers(1, 6, (30, 12))
    >>> partners(rows, rows[[4, 2, 9, 7]]).tolist()
    [4, 2, 9, 7]
    >>> partners(rows, np.random.default_rng(1).integers(1, 6, (30, 12))).max().item()
    -1
    """
    nobody = np.full(len(now), -1)
    if not len(earlier) or not len(now) or earlier.shape[1] < _FEWEST:
        return nobody
    rng = np.random.default_rng(0)
    some = np.sort(rng.permutation(len(now))[:_TRIAL])
    if len(some) < len(now) and (_paired(earlier, now[some]) >= 0).mean() < _MOST / 2:
        return nobody
    found = _paired(earlier, now)
    mixed = np.column_stack([rng.permutation(column) for column in now[some].T])
    size = min(len(earlier), len(now))
    share, chance = (found >= 0).sum() / size, (_paired(earlier, mixed) >= 0).sum() / min(len(earlier), len(some))
    if share < _MOST or share - chance < _ABOVE_CHANCE * (1 - chance):
        return nobody
    return _with_the_rest(earlier, now, found)


def _with_the_rest(earlier: np.ndarray, now: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Those as well who answered little: by what little they both said, and who said nothing one for one."""
    found = found.copy()
    for fewest in (1, 0):
        own = np.flatnonzero(found < 0)
        free = np.setdiff1d(np.arange(len(earlier)), found)
        if fewest == 0:
            own, free = (rows[(said[rows] == MISSING).all(axis=1)] for rows, said in ((own, now), (free, earlier)))
            size = min(len(own), len(free))
            found[own[:size]] = free[:size]
        elif len(own) and len(free):  # a person who says other things is nobody of before
            more = _paired(earlier[free], now[own], fewest=fewest)
            found[own[more >= 0]] = free[more[more >= 0]]
    return found


def _paired(earlier: np.ndarray, now: np.ndarray, *, fewest: int = 0) -> np.ndarray:
    """Mutually best partners with ``fewest`` answers in common (zero: a quarter of all), whether many or few."""
    fewest = fewest or max(_FEWEST, now.shape[1] // 4)
    found = _alike(earlier, now, fewest=fewest)
    likeness = _likeness(earlier, now, fewest=fewest)
    likeness[found >= 0], likeness[:, found[found >= 0]] = -1.0, -1.0
    for _ in range(_ROUNDS):
        best, back = likeness.argmax(axis=1), likeness.argmax(axis=0)
        rows = np.flatnonzero((back[best] == np.arange(len(now))) & (likeness[np.arange(len(now)), best] >= SAME))
        if not len(rows):
            break
        found[rows] = best[rows]
        likeness[rows], likeness[:, best[rows]] = -1.0, -1.0
    return found


def _alike(earlier: np.ndarray, now: np.ndarray, *, fewest: int) -> np.ndarray:
    """Partners who said the very same, one for one where several did."""
    free: dict[bytes, list[int]] = {}
    for place, row in enumerate(earlier):
        free.setdefault(row.astype(np.int32).tobytes(), []).append(place)
    told = (now != MISSING).sum(axis=1) >= fewest
    partner = [
        there.pop(0) if said and (there := free.get(row.astype(np.int32).tobytes())) else -1
        for row, said in zip(now, told, strict=True)
    ]
    return np.array(partner, dtype=int)


def _likeness(earlier: np.ndarray, now: np.ndarray, *, fewest: int) -> np.ndarray:
    """Share of equal answers among those that both gave, rows of now x rows of earlier; -1 for too few."""
    equal = np.zeros((len(now), len(earlier)), dtype=np.int16)
    both = np.zeros_like(equal)
    for left, right in zip(now.T, earlier.T, strict=True):
        known = (left != MISSING)[:, None] & (right != MISSING)[None, :]
        both += known
        equal += known & (left[:, None] == right[None, :])
    return np.where(both >= fewest, equal / np.maximum(both, 1), -1.0).astype(np.float32)
