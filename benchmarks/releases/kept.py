"""What is kept of the groups that may be shown, beside what tau-argus leaves in the same tables, and how long it takes.

A group may be shown when it has five people. Tables are department x segment with all totals, and teams in departments
in divisions x segment.
"""

from __future__ import annotations

import itertools
import time

import numpy as np
import pandas as pd

from releases.gauss import gaussian_elimination, narrow_cells
from releases.peer import LEAST, Table, tau_argus
from segment.disclosure.cells import Cells, dimension_of, fill_cells
from segment.disclosure.suppression import suppress


def flat(sizes: np.ndarray) -> Cells:
    """A table of head counts (departments x segments) with its totals."""
    rows, columns = (range(number) for number in sizes.shape)
    first, second = dimension_of(pd.Series(rows)), dimension_of(pd.Series(columns))
    keys = list(itertools.product(rows, columns))
    return fill_cells(first, second, keys=keys, counts=sizes.ravel().tolist(), table="flat")


def three_levels(rng: np.random.Generator, *, people: int, teams: int, segments: int) -> Cells:
    """Teams in departments of ten in divisions of five departments, by segments."""
    names = [f"t{number:03d}" for number in range(teams)]
    parents = {name: f"d{number // 10:02d}" for number, name in enumerate(names)}
    parents |= {f"d{number:02d}": f"v{number // 5}" for number in range(-(-teams // 10))}
    share = np.outer(rng.dirichlet(np.full(teams, 2.0)), rng.dirichlet(np.full(segments, 4.0)))
    share = rng.gamma(4 * share * share.size + 1e-9)
    counts = rng.multinomial(people, (share / share.sum()).ravel())
    first, second = dimension_of(pd.Series(names), parents=parents), dimension_of(pd.Series(range(segments)))
    return fill_cells(
        first, second, keys=list(itertools.product(names, range(segments))), counts=counts, table="levels"
    )


def beside_peers(tables: list[Cells]) -> pd.DataFrame:
    """One row per method: groups kept in all tables, tables in which it keeps more or fewer than ours, what is open."""
    listed = [_listed(cells) for cells in tables]
    start = time.process_time()
    own = [suppress(cells, floor=LEAST, width=LEAST).hidden[cells.listed] for cells in tables]
    seconds = time.process_time() - start
    answers: dict[str, list[np.ndarray]] = {}
    for name, our_rules in (("tau-argus, frequency rule", False), ("tau-argus, under our rules", True)):
        found = tau_argus(listed, our_rules=our_rules)
        if isinstance(found, str):
            print(found)
            continue
        answers[name] = found
    answers["Gaussian elimination"] = [gaussian_elimination(table) for table in listed]
    answers["segment.privacy"] = own
    kept = {
        name: np.array([_kept(*pair) for pair in zip(listed, hidden, strict=True)]) for name, hidden in answers.items()
    }
    ours = kept["segment.privacy"]
    small = {
        name: sum(bool(table.small_remainders(one).size) for table, one in zip(listed, hidden, strict=True))
        for name, hidden in answers.items()
    }
    narrow = {
        name: [narrow_cells(table, one).size for table, one in zip(listed, hidden, strict=True)]
        for name, hidden in answers.items()
    }
    may = sum(int((~table.small).sum()) for table in listed)
    print(f"{len(tables)} tables, {may:,} groups of five and more; ours took {seconds:.1f} s of CPU")
    return pd.DataFrame(
        {
            "method": name,
            "groups kept": int(number.sum()),
            "tables with more than ours": int((number > ours).sum()),
            "tables with fewer": int((number < ours).sum()),
            "tables with a remainder of 1-4 people": small[name],
            "tables with an interval under five": sum(number > 0 for number in narrow[name]),
            "groups of 1-4 within under five": sum(narrow[name]),
        }
        for name, number in kept.items()
    )


def large_tables(seed: int) -> pd.DataFrame:
    """200 teams x 12 segments on three levels: seconds of CPU and groups kept, for three sizes of the organisation."""
    rows = []
    for people in (2_000, 8_000, 30_000):
        cells = three_levels(np.random.default_rng(seed), people=people, teams=200, segments=12)
        start = time.process_time()
        found = suppress(cells, floor=LEAST, width=LEAST)
        may = cells.listed & (cells.sizes >= LEAST)
        rows.append(
            {
                "people": people,
                "CPU s": round(time.process_time() - start, 1),
                "groups under five": int((cells.listed & (cells.sizes < LEAST)).sum()),
                "kept": f"{(may & ~found.hidden).sum() / may.sum():.0%} of {int(may.sum()):,}",
                "narrowest interval": found.audit.narrowest,
            }
        )
    return pd.DataFrame(rows)


def _listed(cells: Cells) -> Table:
    """The cells and sums that a reader sees."""
    listed = cells.listed.ravel()
    sums = cells.relations.toarray()
    seen = ~((sums < 0) & ~listed).any(axis=1)
    return Table(cells.sizes.ravel()[listed], sums[seen][:, listed])


def _kept(table: Table, hidden: np.ndarray) -> int:
    return int((~table.small & ~hidden).sum())
