"""Two releases about the same answers, with leavers, movers and erasures in between: what an outsider can subtract.

The attacker shares no code with the library: people fall into atoms by the shown groups they are in, over all tables
of both releases together, and dense linear algebra says which atoms of one to four people (alone or two together) can
be written as sums and differences of shown groups. Everything that can, gives a few people's answers away.
"""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
from scipy import linalg

from segment.privacy import ReleaseLedger, ReleaseRules
from segment.privacy.linked import EVERYONE, Request, release_linked
from segment.privacy.suppression import Suppression, suppress

LEAST = 5
_release = importlib.import_module("segment.privacy.release")
_ledger = importlib.import_module("segment.privacy.ledger")
_linked = importlib.import_module("segment.privacy.linked")


def _only_primary(cells: object, **options: object) -> Suppression:
    found = suppress(cells, **options)
    return Suppression(found.primary & found.hidden, found.primary, found.audit)


def _only_barred(cells: object, *, also: np.ndarray, **options: object) -> Suppression:
    found = suppress(cells, also=also, **options)
    return Suppression(also & cells.listed, also, found.audit)


def _none(*_: object, **__: object) -> list[object]:
    return []


#: Rule that is switched off -> what is patched.
SWITCHES: dict[str, list[tuple[object, str, object]]] = {
    "all rules": [],
    "without floors and hiding": [(_release, "suppress", _only_barred)],
    "without complementary hiding": [(_release, "suppress", _only_primary)],
    "without linking tables": [(_linked, "_given_away", _none)],
    "without the ledger": [(_ledger.ReleaseLedger, "conflicts", _none)],
    "without adding groups up": [(_ledger, "few_in_sums", _none)],
}


@contextmanager
def switched_off(name: str) -> Iterator[None]:
    with ExitStack() as stack:
        for owner, attribute, stand_in in SWITCHES[name]:
            stack.enter_context(mock.patch.object(owner, attribute, stand_in))
        yield


def staff_of(rng: np.random.Generator, *, most: int) -> pd.DataFrame:
    """One row per person: department and segment."""
    people = int(np.exp(rng.uniform(np.log(60), np.log(most))))
    departments = int(np.clip(people / rng.uniform(15, 60), 3, 14))
    share = rng.dirichlet(np.full(departments, 1.5))
    return pd.DataFrame(
        {
            "person": [f"p{number}" for number in range(people)],
            "department": rng.choice(departments, size=people, p=share).astype(float),
            "segment": rng.choice(4, size=people, p=[0.4, 0.3, 0.2, 0.1]).astype(float),
        }
    )


def later_staff(rng: np.random.Generator, staff: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The same people after some left, some moved to another group, and some were erased; and who was erased."""
    order = rng.permutation(len(staff))
    left, moved = int(rng.integers(0, 8)), int(rng.integers(0, 8))
    erased = staff["person"].iloc[order[: left // 2]].tolist()
    later = staff.drop(index=order[:left]).copy()
    who = order[left : left + moved]
    pairs = rng.integers(0, 4, size=2)
    later.loc[who, "segment"] = np.where(rng.random(moved) < 0.5, pairs[0], pairs[1])
    return later.reset_index(drop=True), erased


def _frame(staff: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    counts = staff.groupby(columns).size().rename("n").reset_index()
    total = pd.DataFrame({**{column: [np.nan] for column in columns}, "n": [len(staff)]})
    return pd.concat([counts, total], ignore_index=True).assign(value=0.5, mean=3.0)


def _requests(staff: pd.DataFrame) -> list[Request]:
    both = [
        Request("score by segment", _frame(staff, ["segment"]), ("segment",), "answers", options={"means": ["mean"]}),
        Request("share by segment", _frame(staff, ["segment"]), ("segment",), "answers", options={"shares": ["value"]}),
    ]
    department = _frame(staff, ["department"])
    return [*both, Request("score by department", department, ("department",), "answers", options={"means": ["mean"]})]


def _groups(staff: pd.DataFrame, request: Request, table: object) -> dict[str, frozenset[str]]:
    return _ledger.shown_groups(table, staff[["person", *request.groups]])


def publish(ledger: ReleaseLedger, staff: pd.DataFrame) -> tuple[list[frozenset[str]], float]:
    """Release all tables as ``publish`` does; returns the people of every shown group and the share of rows shown."""
    requests, barred = _requests(staff), set()
    while True:
        tables = release_linked(requests, rules=ReleaseRules(), barred=barred)
        groups = {r.name: _groups(staff, r, tables[r.name]) for r in requests}
        more = {(c.table, c.group) for c in ledger.conflicts(groups, source="answers")} - barred
        if not more:
            break
        barred |= more
    digests = {name: _ledger.table_digest(table) + str(len(staff)) for name, table in tables.items()}
    ledger.record(groups, source="answers", digests=digests)
    rows = pd.concat([table.frame["status"] for table in tables.values()])
    shown = [people for own in groups.values() for people in own.values() if people]
    return shown, float((rows != "hidden").mean())


def recovered(shown: list[frozenset[str]]) -> bool:
    """Whether some atom of one to four people, or two such atoms together, is a combination of shown groups."""
    everyone = sorted(frozenset().union(*shown)) if shown else []
    if not everyone:
        return False
    member = np.array([[person in group for group in shown] for person in everyone])
    atoms, sizes = np.unique(member, axis=0, return_counts=True)
    free = linalg.null_space(atoms.T.astype(float))
    small = np.flatnonzero(sizes < LEAST)
    if free.size == 0:
        return bool(small.size)
    if (np.abs(free[small]).max(axis=1, initial=0.0) < 1e-9).any():
        return True
    pairs = ((a, b) for i, a in enumerate(small) for b in small[i + 1 :] if sizes[a] + sizes[b] < LEAST)
    return any(np.abs(free[a] + free[b]).max() < 1e-9 for a, b in pairs)


def given_away_by_number(tables: dict[str, object], requests: list[Request]) -> bool:
    """Whether a group that one table hides is shown by another with the same number of people."""
    sizes = {r.name: r.sizes(tables[r.name]) for r in requests}
    hidden = {(g, n) for rows in sizes.values() for g, n, _, shown in rows if not shown and g != EVERYONE}
    return any((g, n) in hidden for rows in sizes.values() for g, n, _, shown in rows if shown)


def two_releases(rng: np.random.Generator, organisations: int, *, most: int) -> pd.DataFrame:
    """Per rule that is switched off, the share of organisations in which somebody's answers can be recovered."""
    worlds = []
    for _ in range(organisations):
        staff = staff_of(rng, most=most)
        worlds.append((staff, *later_staff(rng, staff)))
    rows = []
    for name in SWITCHES:
        found, numbers, kept = [], [], []
        with switched_off(name), tempfile.TemporaryDirectory() as folder:
            for number, (staff, later, erased) in enumerate(worlds):
                ledger = ReleaseLedger(
                    Path(folder) / f"{number}.db", members=Path(folder) / f"{number}m.db", key=b"benchmark"
                )
                first, _ = publish(ledger, staff)
                ledger.forget(erased)
                second, share = publish(ledger, later)
                found.append(recovered(first + second))
                requests = _requests(staff)
                numbers.append(given_away_by_number(release_linked(requests), requests))
                kept.append(share)
        rows.append(
            {
                "rule": name,
                "answers of 1-4 people": f"{np.mean(found):.0%}",
                "number of a hidden group": f"{np.mean(numbers):.0%}",
                "rows shown in the second release": f"{np.mean(kept):.0%}",
            }
        )
    return pd.DataFrame(rows)
