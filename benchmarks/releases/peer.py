"""What tau-argus hides in the same tables: its optimal cell suppression, as it comes and under the rules that are ours.

As it comes, a frequency rule says that groups under five are hidden and not to be known within a fifth of their size.
Under our rules their size must stay open by five people and a hidden remainder holds nobody or at least five; tau-argus
knows no remainders, so these are asked for the usual way: the small groups of a sum together are a cell of their own
that must stay unknown, and where a remainder is still too small its next group is named as one to hide. Totals may be
hidden as well, everyone's is known, and the number of hidden groups is what it minimises, as ours does.
"""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from staying.outside import environment

LEAST = 5
_ROUNDS, _SECONDS = 20, 5
_WORKER = Path(__file__).with_name("peer_worker.py")


@dataclass(frozen=True)
class Table:
    """Sizes of all cells (cells,) and the sums that tie them (sums x cells: parts +1, total -1); cell 0 is everyone."""

    sizes: np.ndarray
    sums: np.ndarray

    @property
    def small(self) -> np.ndarray:
        """Cells that may not be shown."""
        return self.sizes < LEAST

    def small_remainders(self, hidden: np.ndarray) -> np.ndarray:
        """Sums whose hidden part is one to four people."""
        known = ~(hidden & (self.sums < 0)).any(axis=1)
        rest = ((self.sums > 0) & hidden) @ self.sizes
        return np.flatnonzero(known & (rest > 0) & (rest < LEAST))


def tau_argus(tables: list[Table], *, our_rules: bool) -> list[np.ndarray] | str:
    """What tau-argus hides in each table (cells,), or why it cannot be asked.

    Under our rules two ways to ask for five people's difference are tried, upwards from the true size and around it;
    per table the one that hides less is taken.
    """
    python = environment("pytauargus")
    if isinstance(python, str):
        return python
    best: list[np.ndarray | None] = [None] * len(tables)
    for way in ("upwards", "around") if our_rules else ("a fifth",):
        named = [table.small.copy() for table in tables]
        waiting = list(range(len(tables)))
        for _ in range(_ROUNDS):
            answers = _ask(python, {n: _question(tables[n], named[n], way=way) for n in waiting})
            if isinstance(answers, str):
                return answers
            waiting = []
            for n, cells in answers.items():
                hidden = named[n].copy()
                hidden[[cell for cell in cells if cell < hidden.size]] = True
                more = _next_smallest(tables[n], hidden) if our_rules else np.zeros(0, dtype=bool)
                if more.any():
                    named[n] = named[n] | more
                    waiting.append(n)
                elif best[n] is None or hidden.sum() < best[n].sum():
                    best[n] = hidden
            if not waiting:
                break
    return [table.sizes >= 0 if hidden is None else hidden for table, hidden in zip(tables, best, strict=True)]


def _question(table: Table, named: np.ndarray, *, way: str) -> str:
    """A table in tau-argus' own format: cell, size, weight, status, bounds and protection; then the sums."""
    sizes, most = table.sizes, int(table.sizes[0]) + 100
    cells: list[tuple[int, int, str, float, float]] = []
    for cell, size in enumerate(sizes.tolist()):
        status = "z" if cell == 0 else "u" if named[cell] else "s"
        spread = {"upwards": (0, LEAST), "around": (size, LEAST - size), "a fifth": (size / 5, size / 5)}[way]
        weight = 1000 + round(100 * size / max(int(sizes[0]), 1))
        cells.append((size, weight, status, *(spread if 0 < size < LEAST else (0, 0))))
    rows = []
    for line in table.sums:
        parts, total = np.flatnonzero(line > 0), np.flatnonzero(line < 0)[0]
        rows.append([(int(total), -1), *((int(part), 1) for part in parts)])
        together = [int(part) for part in parts if table.small[part] and sizes[part] > 0]
        if way != "a fifth" and len(together) > 1:
            size = int(sizes[together].sum())
            rows.append([(len(cells), -1), *((part, 1) for part in together)])
            cells.append((size, 1, "u", 0, LEAST if size < LEAST else 0))
    lines = ["0", str(len(cells))]
    lines += [f"{n} {s}.0 {w} {status} 0.0 {most}.0 {low:.3f} {high:.3f} 0.0"
              for n, (s, w, status, low, high) in enumerate(cells)]  # fmt: skip
    lines.append(str(len(rows)))
    lines += [f"0.0 {len(row)} : " + " ".join(f"{cell} ({sign})" for cell, sign in row) for row in rows]
    return "\n".join(lines) + "\n"


def _next_smallest(table: Table, hidden: np.ndarray) -> np.ndarray:
    """The next group to hide in every sum whose hidden part is one to four people."""
    more = np.zeros(hidden.size, dtype=bool)
    for number in table.small_remainders(hidden):
        parts = table.sums[number] > 0
        open_to = np.flatnonzero(parts & ~hidden)
        if open_to.size and not (more & parts).any():
            more[open_to[np.argmin(table.sizes[open_to])]] = True
    return more


def _ask(python: Path, texts: dict[int, str]) -> dict[int, list[int]] | str:
    with tempfile.TemporaryDirectory() as folder:
        for number, text in texts.items():
            (Path(folder) / f"{number}.jj").write_text(text, encoding="utf-8")
        command = [str(python), str(_WORKER), folder, str(_SECONDS)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
        if done.returncode:
            return f"tau-argus failed: {(done.stderr.strip().splitlines() or ['no reason given'])[-1][:160]}"
        answers = {number: (Path(folder) / f"{number}.out").read_text(encoding="utf-8") for number in texts}
    return {number: [int(word) for word in text.split()] for number, text in answers.items()}
