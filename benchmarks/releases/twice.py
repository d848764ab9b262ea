"""Two releases about the same answers, with leavers, movers and erasures in between: what an outsider can subtract.

The attacker shares no code with the library: people fall into atoms by the shown groups they are in, over all tables
of both releases together, and dense linear algebra says which atoms of one to four people (alone or two together) can
be written as sums and differences of shown groups. Everything that can, gives a few people's answers away.
"""

from __future__ import annotations

import importlib
import itertools
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
from scipy import linalg

from segment.disclosure.linked_tables import EVERYONE, Request, group_name, release_linked
from segment.disclosure.suppression import Suppression, suppress
from segment.privacy import ReleaseLedger, ReleaseRules
from segment.stages.release.control import Asked, release_held
from segment.stages.release.ledgers import Book, Books

LEAST = 5
_hiding = importlib.import_module("segment.disclosure.hiding")
_ledger = importlib.import_module("segment.disclosure.ledger.release_ledger")
_linked = importlib.import_module("segment.disclosure.linked_tables")


def _only_primary(cells: object, **options: object) -> Suppression:
    found = suppress(cells, **options)
    return Suppression(found.primary & found.hidden, found.primary, found.audit)


def _only_barred(cells: object, *, also: np.ndarray, **options: object) -> Suppression:
    found = suppress(cells, also=also, **options)
    return Suppression(also & cells.listed, also, found.audit)


def _none(*_: object, **__: object) -> list[object]:
    return []


#: Adding groups up finds small groups that are shown or left over as well, so it is a second guard of two other rules.
ADDING_UP: list[tuple[object, str, object]] = [
    (_ledger, "few_in_sums", _none), (_ledger, "few_in_spans", _none),
    (_ledger, "few_erased", _none),
]  # fmt: skip

#: Rule that is switched off -> what is patched.
SWITCHES: dict[str, list[tuple[object, str, object]]] = {
    "all rules": [],
    "without floors, nor adding up": [(_hiding, "suppress", _only_barred), *ADDING_UP],
    "without complementary hiding, nor adding up": [(_hiding, "suppress", _only_primary), *ADDING_UP],
    "without linking tables": [(_linked, "_given_away", _none)],
    "without the ledger": [(_ledger.ReleaseLedger, "conflicts", _none)],
    "without adding groups up": ADDING_UP,
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
    rows = []
    for own in (chosen for size in range(len(columns) + 1) for chosen in itertools.combinations(columns, size)):
        sizes = staff.groupby(list(own)).size().rename("n").reset_index() if own else pd.DataFrame({"n": [len(staff)]})
        rows.append(sizes.reindex(columns=[*columns, "n"]))
    return pd.concat(rows, ignore_index=True).assign(value=0.5, mean=3.0)


def _requests(staff: pd.DataFrame, *, crossed: bool) -> list[Request]:
    """Scores and shares by segment, scores by department, and (crossed) scores by both with all totals."""
    means, shares = {"means": ["mean"]}, {"shares": ["value"]}
    found = [
        Request("score by segment", _frame(staff, ["segment"]), ("segment",), "answers", options=means),
        Request("share by segment", _frame(staff, ["segment"]), ("segment",), "answers", options=shares),
        Request("score by department", _frame(staff, ["department"]), ("department",), "answers", options=means),
    ]
    both = ["department", "segment"]
    return [*found, Request("score by both", _frame(staff, both), tuple(both), "answers", options=means)][: 3 + crossed]


#: A group that was shown: its name and its people.
Shown = tuple[str, frozenset[str]]


def _people_of(staff: pd.DataFrame) -> dict[str, frozenset[str]]:
    """Who is in every group, by its name."""
    everyone = np.array(staff["person"].tolist(), dtype=object)
    found = {EVERYONE: frozenset(everyone)}
    for own in (["department"], ["segment"], ["department", "segment"]):
        for labels, rows in staff.groupby(own).indices.items():
            named = zip(own, labels if isinstance(labels, tuple) else (labels,), strict=True)
            found[group_name(dict(named), own)] = frozenset(everyone[rows])
    return found


def could_show(first: list[Shown], later: pd.DataFrame, *, crossed: bool) -> tuple[float, float]:
    """Shares of the rows of a second release: what any choice could show anew, or anew or as it was.

    Anew: groups at their floor that differ from no group of the first release by one to four people. As it was: groups
    that differ by so few from one that was shown. That subtracting several groups gives nobody away asks for less.
    """
    rules, people, anew, again, rows = ReleaseRules(), _people_of(later), 0, 0, 0
    shown = {inside for _, inside in first}
    for request in _requests(later, crossed=crossed):
        floor = request.strictness(rules)[1]
        for (_, name), size in request.people().items():
            near = any(0 < len(people[name] ^ before) < LEAST for before in shown)
            rows, anew, again = rows + 1, anew + (size >= floor and not near), again + (size >= floor and near)
    return anew / rows, (anew + again) / rows


def publish(ledger: ReleaseLedger, staff: pd.DataFrame, *, crossed: bool) -> tuple[list[Shown], float, float]:
    """Release all tables as ``publish`` does; the people of every group shown anew, and the shares of rows shown.

    The first share is of rows that are shown anew, the second of these and of rows shown again as they were.
    """
    requests, people = _requests(staff, crossed=crossed), _people_of(staff)
    names = [request.name for request in requests]
    asked = Asked(
        tuple(requests), dict.fromkeys(names, "wave"), dict.fromkeys(names, staff), {"answers": None},
        ReleaseRules(),
    )  # fmt: skip
    tables = release_held(Books((Book(ledger),)), asked).tables
    shown: list[Shown] = []
    again, rows = 0, 0
    for request in requests:
        frame = tables[request.name].frame
        earlier = frame["earlier"] if "earlier" in frame else pd.Series(False, index=frame.index)
        fresh = (frame["status"] != "hidden") & ~earlier
        shown += [(name, people[name]) for name, new in zip(request.names(frame), fresh, strict=True) if new]
        again, rows = again + int(earlier.sum()), rows + len(frame)
    return shown, len(shown) / rows, (len(shown) + again) / rows


def recovered(shown: list[Shown], *, nobody: list[set[str]]) -> bool:
    """Whether some atom of one to four people, or two such atoms together, is a combination of shown groups.

    ``nobody``: groups (department and segment) without people; that they are empty is not known from outside.
    """
    everyone = sorted(frozenset().union(*(people for _, people in shown)))
    if not everyone:
        return False
    member = np.array([[person in people for _, people in shown] for person in everyone])
    atoms, sizes = np.unique(member, axis=0, return_counts=True)
    empty = [[name == EVERYONE or labels.issuperset(name.split(", ")) for name, _ in shown] for labels in nobody]
    atoms, sizes = np.vstack([atoms, *empty]), np.concatenate([sizes, np.zeros(len(empty), dtype=np.int64)])
    free = linalg.null_space(atoms.T.astype(float))
    small = np.flatnonzero((sizes > 0) & (sizes < LEAST))
    if free.size == 0:
        return bool(small.size)
    if (np.abs(free[small]).max(axis=1, initial=0.0) < 1e-9).any():
        return True
    pairs = ((a, b) for i, a in enumerate(small) for b in small[i + 1 :] if sizes[a] + sizes[b] < LEAST)
    return any(np.abs(free[a] + free[b]).max() < 1e-9 for a, b in pairs)


def _nobody(*times: pd.DataFrame) -> list[set[str]]:
    """Departments x segments in which nobody is at any of these times."""
    there = {pair for staff in times for pair in zip(staff["department"], staff["segment"], strict=True)}
    pairs = itertools.product({department for department, _ in there}, {segment for _, segment in there})
    return [{f"department {d:g}", f"segment {s:g}"} for d, s in sorted(set(pairs) - there)]


def given_away_by_number(tables: dict[str, object], requests: list[Request]) -> bool:
    """Whether a group that one table hides is shown by another with the same number of people."""
    sizes = {r.name: r.sizes(tables[r.name]) for r in requests}
    hidden = {(g, n) for rows in sizes.values() for g, n, _, shown in rows if not shown and g != EVERYONE}
    return any((g, n) in hidden for rows in sizes.values() for g, n, _, shown in rows if shown)


def two_releases(
    rng: np.random.Generator, *, organisations: int, attacked: int, most: int, crossed: bool
) -> pd.DataFrame:
    """Per rule that is switched off, the share of organisations in which somebody's answers can be recovered.

    All rules stand in ``organisations`` of 60 to ``most`` people; each is switched off in the first ``attacked``.
    """
    found: dict[str, list[tuple[bool, bool, float, float, float, float, float]]] = {name: [] for name in SWITCHES}
    for number in range(organisations):
        staff = staff_of(rng, most=most)
        later, erased = later_staff(rng, staff)
        for name in SWITCHES if number < attacked else ["all rules"]:
            with switched_off(name):
                found[name].append(_attacked(staff, later, erased, crossed=crossed))
    return pd.DataFrame(
        {
            "rule": name,
            "organisations": len(rows),
            "answers of 1-4 people": sum(row[0] for row in rows),
            "number of a hidden group": sum(row[1] for row in rows),
            "rows shown at first": f"{np.mean([row[2] for row in rows]):.0%}",
            "rows shown anew": f"{np.mean([row[3] for row in rows]):.0%}",
            "anew or as before": f"{np.mean([row[4] for row in rows]):.0%}",
            "most that could be shown anew": f"{np.mean([row[5] for row in rows]):.0%}",
            "anew or as before, at most": f"{np.mean([row[6] for row in rows]):.0%}",
        }
        for name, rows in found.items()
    )


def _attacked(
    staff: pd.DataFrame, later: pd.DataFrame, erased: list[str], *, crossed: bool
) -> tuple[bool, bool, float, float, float, float, float]:
    """Publish twice; whether answers or a hidden number can be recovered, the share of rows shown each time, bounds."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = ReleaseLedger(Path(folder) / "ledger.db", members=Path(folder) / "members.db", key=b"benchmark")
        first, at_first, _ = publish(ledger, staff, crossed=crossed)
        ledger.forget(erased)
        second, *then = publish(ledger, later, crossed=crossed)
    requests = _requests(staff, crossed=crossed)
    number = given_away_by_number(release_linked(requests), requests)
    nobody = _nobody(staff, later) if crossed else []
    most = could_show(first, later, crossed=crossed)
    return recovered(first + second, nobody=nobody), number, at_first, *then, *most
