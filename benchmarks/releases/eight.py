"""Eight releases of one organisation, as its studies make them under one key: who left, who joined, who was erased,
waves and studies renamed or merged, windows moved by a day, a month and a quarter, other seeds and other bands.

Every release goes through the product's own loop (:func:`segment.stages.release.control.release_held`), held
against the organisation's ledger. What is written down here is what an outsider sees, and who stands behind it.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd

from releases.begun import TABLE, Listed, MadeOf, listed, people_in, year_before
from segment.disclosure.ledger.answers import Sketch
from segment.disclosure.ledger.released import EXITS, SPELLS
from segment.disclosure.linked_tables import EVERYONE, Request
from segment.governance.encryption import SealedBook
from segment.privacy import ReleaseLedger, ReleaseRules
from segment.stages.release.asked import Asked, Counted
from segment.stages.release.control import release_held
from segment.stages.release.ledgers import Book, Books

#: Questions on a scale of 1 to 5; the last one is unmet where the answer is 1 or 2.
ITEMS = ("PAY", "SEC")
#: What else was asked, so that the same answers are recognised.
_OTHERS = tuple(f"Q{number}" for number in range(6))
_FIRST_WAVE, _SECOND_WAVE, _DAY, _MONTH, _QUARTER = 1_000, 1_365, 1, 31, 92
#: Where bands of years of service are cut, in one release and in another.
_BANDS = ((0, 2, 5, 60), (0, 1, 3, 6, 60), (0, 3, 8, 60))


@dataclass(frozen=True)
class World:
    """People (one row each: department, first and last day, what segment they are like) and their answers by wave."""

    people: pd.DataFrame
    answers: dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Plan:
    """One release: by which study, about which answers under what name, up to which day."""

    study: str
    wave: str
    answers: tuple[str, ...]
    until: int
    bands: int
    seed: int
    drop_leavers: bool
    crossed: bool = True
    departments: int | None = None
    erase: int = 0
    begun: bool = False


@dataclass(frozen=True)
class Row:
    """One row as an outsider sees it, and the units behind it (indices of people; of who left; of answers).

    ``shown`` holds the figures by name; ``n`` the least and the most number of people it is told to be about; ``until``
    the last day of the window; ``made_of`` what a change is made of.
    """

    release: int
    until: int
    table: str
    group: str
    line: str
    n: tuple[int, int]
    shown: dict[str, float]
    banded: bool
    people: frozenset[Any]
    left: frozenset[Any]
    made_of: MadeOf = ()


@dataclass
class Seen:
    """Everything that was published of one organisation, hidden groups beside it, and what was kept."""

    rows: list[Row] = field(default_factory=list)
    #: Who is in groups of one to four people that are hidden: of answers, and of spells.
    small: dict[str, set[frozenset[Any]]] = field(default_factory=lambda: {"answers": set(), "spells": set()})
    #: Groups that a table hides: release, whether of answers or of spells, people.
    hidden: set[tuple[int, str, frozenset[Any]]] = field(default_factory=set)
    #: Departments and segments in which nobody is, at any time.
    nobody: list[frozenset[str]] = field(default_factory=list)
    #: Per release the share of rows that are shown, and rows shown again that nobody showed before.
    kept: list[float] = field(default_factory=list)
    unknown: int = 0
    #: What was told of lists of actions, row by row.
    lists: list[tuple[Any, ...]] = field(default_factory=list)


def world_of(rng: np.random.Generator, *, least: int = 60, most: int = 5_000) -> World:
    """An organisation; in some of them a whole department gives the highest answer to one question."""
    people = int(np.exp(rng.uniform(np.log(least), np.log(most))))
    joiners = int(people * rng.uniform(0.03, 0.12))
    departments = int(np.clip(people / rng.uniform(20, 80), 3, 12))
    everyone = people + joiners
    start = np.r_[_FIRST_WAVE - rng.exponential(1_500, people), rng.uniform(_FIRST_WAVE, _SECOND_WAVE + 200, joiners)]
    stay = rng.exponential(365 / rng.uniform(0.05, 0.2), everyone)
    staff = pd.DataFrame(
        {
            "department": rng.choice(departments, everyone, p=rng.dirichlet(np.full(departments, 2.0))).astype(float),
            "start": np.floor(start),
            "end": np.floor(np.maximum(start, _FIRST_WAVE - 200 * rng.random(everyone)) + stay),
            "like": rng.choice(4, everyone, p=[0.4, 0.3, 0.2, 0.1]),
        }
    )
    answers = {}
    for wave, day in (("A", _FIRST_WAVE), ("B", _SECOND_WAVE)):
        there = staff[(staff["start"] <= day) & (staff["end"] > day)]
        own = there.index[rng.random(len(there)) < rng.uniform(0.7, 0.95)]
        said = rng.integers(1, 6, (len(own), len(ITEMS) + len(_OTHERS)))
        frame = pd.DataFrame(said, index=own, columns=[*ITEMS, *_OTHERS])
        if rng.random() < 0.6:  # everyone in a department says five
            frame.loc[staff.loc[own, "department"] == rng.integers(departments), "SEC"] = 5
        answers[wave] = frame
    return World(staff, answers)


def plans_of(rng: np.random.Generator, *, crossed: bool = True, begun: bool = False) -> list[Plan]:
    """Eight releases: five about the first wave (the middle ones in any order), three after the second.

    ``begun``: all but the first have a list of actions that began since the wave before; the last tells the study as it
    was known on the day of the first wave.
    """
    day = _FIRST_WAVE + int(rng.integers(60, 150))
    later = _SECOND_WAVE + 40
    drop = rng.random(8) < 0.7
    middle = [
        Plan("needs", "2024-03", ("A",), day + _DAY, 0, 0, bool(drop[1]), erase=int(rng.integers(0, 4))),
        Plan("needs", "2024-03b", ("A",), day + _MONTH, 0, 1, bool(drop[2])),
        Plan("again", "spring", ("A",), day + _MONTH + _DAY, 1, 0, bool(drop[3])),
        Plan("part", "2024-03", ("A",), day + _QUARTER, 0, 0, bool(drop[4]), departments=2),
    ]
    plans = [
        Plan("needs", "2024-03", ("A",), day, 0, 0, False),
        *(middle[place] for place in rng.permutation(4)),
        Plan("needs", "2025-03", ("B",), later, 0, 2, False, erase=int(rng.integers(0, 4))),
        Plan("needs", "2024 and 2025", ("A", "B"), later + _DAY, 2, 2, bool(drop[6])),
        Plan("again", "2025", ("B",), later + _QUARTER, 1, 3, bool(drop[7]), erase=int(rng.integers(0, 4))),
    ]
    if begun:
        plans = [plans[0], *(replace(plan, begun=True) for plan in plans[1:7])]
        plans.append(Plan("again", "as known", ("A",), day, 1, 3, drop_leavers=False, begun=True))
    return [replace(plan, crossed=crossed) for plan in plans]


class _Once(Books):
    """Ledgers that write a release down without holding it against them a second time: the loop just did."""

    def record(self, tables: Any, **given: Any) -> None:
        super().record(tables, **{"held": False, **given})


class Publisher:
    """The studies of one organisation under one key, in the organisation's ledger.

    ``shared`` off: every study knows its own ledger alone. A study's own ledger holds nothing that the organisation's
    does not, so with it nothing else is asked.
    """

    def __init__(self, folder: Path, *, shared: bool = True, known_by_answers: bool = True) -> None:
        self._folder, self._shared, self.by_answers = folder, shared, known_by_answers
        self._ledgers: dict[str, ReleaseLedger] = {}

    def books(self, study: str, everyone: range) -> Books:
        """The ledger of a study; it calls people by pseudonyms of its own, the organisation's by their ties."""
        name = "all" if self._shared else study
        if name not in self._ledgers:
            files = self._folder / f"{name}.db", self._folder / f"{name}.m.db"
            self._ledgers[name] = ReleaseLedger(files[0], members=files[1], key=b"benchmark")
        ties = {f"{study} {one}": f"tie {one}" for one in everyone}
        return _Once((Book(self._ledgers[name], ties),))

    def forget(self, people: list[int]) -> None:
        """Erase people in every ledger."""
        for ledger in self._ledgers.values():
            ledger.forget([f"tie {one}" for one in people])


@contextmanager
def in_memory() -> Iterator[None]:
    """The people of the groups are not written to a disk at every turn; nothing else is different."""

    @contextmanager
    def opened(self: SealedBook) -> Iterator[Any]:
        self._book = self._book or self._loaded()
        with self._book:
            yield self._book

    with mock.patch.object(SealedBook, "open", opened):
        yield


def publish_eight(rng: np.random.Generator, world: World, plans: list[Plan], folder: Path, **options: bool) -> Seen:
    """Make all releases; returns what was seen."""
    publisher, seen, gone = Publisher(folder, **options), Seen(), set[int]()
    filled: set[tuple[float, float]] = set()
    for number, plan in enumerate(plans):
        if plan.erase:
            there = world.people.index.difference(list(gone))
            erased = rng.choice(there, plan.erase, replace=False).tolist()
            publisher.forget(erased)
            gone |= set(erased)
        material = _material(world, plan, gone)
        asked, units = _asked(material, plan, publisher)
        list_of = _listed(world, plan, gone, material["answers"]) if plan.begun else None
        if list_of is not None:
            said = list_of.then[["person", *ITEMS, *_OTHERS]]
            asked = list_of.beside(asked, Sketch.of(said) if publisher.by_answers else None)
        held = release_held(publisher.books(plan.study, range(len(world.people))), asked)
        _look(seen, number, plan, asked, held.tables, units)
        if list_of is not None:
            _look_at_list(seen, number, plan, list_of, held.tables[TABLE].frame)
        own = material["answers"]
        filled |= set(zip(own["department"].tolist(), own["segment"].tolist(), strict=True))
    pairs = itertools.product({one for one, _ in filled}, {one for _, one in filled}) if plans[0].crossed else ()
    seen.nobody = [frozenset((f"department {d:g}", f"segment {s:g}")) for d, s in pairs if (d, s) not in filled]
    return seen


def _segments(world: World, plan: Plan) -> np.ndarray:
    """Everyone's segment under a seed: up to eight people are elsewhere under another one."""
    found = world.people["like"].to_numpy(dtype=float).copy()
    draw = np.random.default_rng([plan.seed, len(found)])
    who = draw.choice(len(found), min(int(draw.integers(0, 9)), len(found)), replace=False)
    found[who] = draw.integers(0, 4, 2)[draw.integers(0, 2, len(who))]
    return found


def _material(world: World, plan: Plan, gone: set[int]) -> dict[str, pd.DataFrame]:
    """Who answered (``answers``, a row per person, with the wave they answered in) and who was watched."""
    staff = _staff(world, plan, gone)
    said = pd.concat([world.answers[wave].assign(wave=wave) for wave in plan.answers])
    said = said[~said.index.duplicated(keep="last")]
    answers = staff.join(said, how="inner")
    if plan.drop_leavers:
        answers = answers[answers["end"] > plan.until]
    spells = staff[staff["end"] > _FIRST_WAVE - 200]
    return {"answers": answers, "spells": spells.assign(gone=spells["end"] <= plan.until)}


def _staff(world: World, plan: Plan, gone: set[int]) -> pd.DataFrame:
    """Everyone a study knows: who began by the last day of its window and is not erased."""
    staff = world.people.assign(segment=_segments(world, plan))
    staff["band"] = pd.cut((plan.until - staff["start"]) / 365.25, _BANDS[plan.bands], labels=False).astype(float)
    staff = staff[(staff["start"] <= plan.until) & ~staff.index.isin(list(gone))]
    return staff if plan.departments is None else staff[staff["department"] < plan.departments]


def _counted(rows: pd.DataFrame, groups: list[str], figures: dict[str, tuple[str, str]]) -> pd.DataFrame:
    """Figures of every group, of every group of one column where there are two, and of everyone."""
    made = []
    values = {name: rows[column].to_numpy(dtype=float) for name, (column, _) in figures.items()}
    for own in (chosen for size in range(len(groups) + 1) for chosen in itertools.combinations(groups, size)):
        labels, place = np.unique(rows[list(own)].to_numpy(dtype=float), axis=0, return_inverse=True)
        place = place.ravel() if own else np.zeros(len(rows), dtype=np.int64)
        n = np.bincount(place)
        columns: dict[str, Any] = {name: np.full(len(n), np.nan) for name in groups}
        columns |= {name: labels[:, at] for at, name in enumerate(own)} | {"n": n}
        for name, one in values.items():
            sums = np.bincount(place, weights=one)
            columns[name] = sums if figures[name][1] == "sum" else sums / n
        made.append(pd.DataFrame(columns))
    return pd.concat(made, ignore_index=True)


def _tables(material: dict[str, pd.DataFrame], plan: Plan) -> Iterator[tuple[Request, str]]:
    """The tables of a release, and who each is about."""
    answers, spells = material["answers"], material["spells"]
    said, dated = f"answers {plan.wave} of {plan.study}", SPELLS
    for name, groups in (
        ("profiles", ["segment"]), ("by_department", ["department"]), ("by_band", ["band"]),
        ("crossed", ["department", "segment"]),
    )[: 4 if plan.crossed else 3]:  # fmt: skip
        lines = [
            _counted(answers, groups, {"mean": (item, "mean")}).assign(need=item, low_end=1.0, high_end=5.0)
            for item in ITEMS
        ]
        ends = {"mean": ("low_end", "high_end")}
        yield Request(name, pd.concat(lines, ignore_index=True), tuple(groups), said, lines=("need",),
                      options={"means": ["mean"], "ends": ends}), "answers"  # fmt: skip
    unmet = answers.assign(unmet=answers["SEC"] <= 2)
    for name, groups in (("shortfalls", ["segment"]), ("unmet_by_department", ["department"])):
        yield Request(name, _counted(unmet, groups, {"unmet": ("unmet", "mean")}), tuple(groups), said,
                      options={"shares": ["unmet"], "kind": "rates"}), "answers"  # fmt: skip
    named = _counted(answers, ["segment"], {})
    named["share"] = named["n"] / len(answers)
    yield Request("segments", named, ("segment",), said,
                  options={"shares": ["share"], "kind": "segments", "population": len(answers)}), "answers"  # fmt: skip
    for name, groups in (("curves", ["segment"]), ("scorecard", ["department"])):
        rows = _counted(spells, groups, {"events": ("gone", "sum"), "gone": ("gone", "mean")})
        options = {"shares": ["gone"], "kind": "curves", "events": "events"}
        if name == "scorecard":
            options = {"shares": ["gone"], "kind": "rates", "counts": ["events"]}
        yield Request(name, rows, tuple(groups), dated, options=options), "spells"


def _asked(material: dict[str, pd.DataFrame], plan: Plan, publisher: Publisher) -> tuple[Asked, dict[str, str]]:
    pairs = [(request, about) for request, about in _tables(material, plan) if len(material[about])]
    named = {
        about: rows.assign(person=np.array([f"{plan.study} {one}" for one in rows.index], dtype=object))
        for about, rows in material.items()
    }
    about = {request.name: kind for request, kind in pairs}
    behind = {name: named[kind] for name, kind in about.items()}
    left = named["spells"][named["spells"]["gone"]]
    counted = {name: [Counted(", who left", EXITS + name, left)] for name, kind in about.items() if kind == "spells"}
    rows = named["answers"][["person", *ITEMS, *_OTHERS]]
    sketch = Sketch.of(rows) if publisher.by_answers else None
    answers = {request.source: sketch if about[request.name] == "answers" else None for request, _ in pairs}
    kinds = {name: "curves" if kind == "spells" else "wave" for name, kind in about.items()}
    requests = tuple(r for r, _ in pairs)
    return Asked(requests, kinds, behind, answers, ReleaseRules(), counted=counted), about


def _look(seen: Seen, number: int, plan: Plan, asked: Asked, tables: dict[str, Any], about: dict[str, str]) -> None:
    """Write down what a release shows; rows shown again count as those they repeat."""
    shown = whole = 0
    for request in (one for one in asked.requests if one.name != TABLE):
        table, kind, behind = tables[request.name].frame, about[request.name], asked.behind[request.name]
        again = table["earlier"] if "earlier" in table else pd.Series(False, index=table.index)
        shown_columns = tables[request.name].values  # noqa: PD011
        units = behind.index.to_numpy()
        if kind == "answers":
            units = np.fromiter(zip(units, behind["wave"], strict=True), dtype=object, count=len(units))
        places = zip(request.names(table), request.lines_of(table), again, table.to_dict("records"), strict=True)
        for group, line, repeated, row in places:
            whole, shown = whole + 1, shown + (row["status"] != "hidden")
            figures = {name: float(row[name]) for name in shown_columns if row[name] == row[name]}
            if repeated:
                alike = (o for o in seen.rows if (o.table, o.line) == (request.name, line))
                seen.unknown += not any(o.shown == figures and o.n == people_in(row["n"]) for o in alike)
                continue
            inside = np.ones(len(behind), dtype=bool)
            for column in request.groups:
                inside &= (behind[column] == row[column]).to_numpy() if row[column] == row[column] else True
            if row["status"] == "hidden":
                seen.small[kind] |= {frozenset(units[inside])} if 0 < inside.sum() < 5 else set()
                seen.hidden |= (
                    {(number, kind, frozenset(units[inside]))} if inside.any() and group != EVERYONE else set()
                )
                continue
            left = frozenset(units[inside & behind["gone"].to_numpy()]) if kind == "spells" else frozenset()
            seen.rows.append(
                Row(number, plan.until, request.name, group, line, people_in(row["n"]), figures,
                    row["status"] == "banded", frozenset(units[inside]), left)
            )  # fmt: skip
    seen.kept.append(shown / max(whole, 1))


def _listed(world: World, plan: Plan, gone: set[int], now: pd.DataFrame) -> Listed | None:
    """The list of actions that began since the wave before: the same one for a wave, and another for an odd seed."""
    first = "A" in plan.answers
    before = year_before(world.people, [*ITEMS, *_OTHERS], day=_FIRST_WAVE - 365) if first else world.answers["A"]
    then = _staff(world, plan, gone).join(before.assign(wave="Z" if first else "A"), how="inner")
    waves = {"then": "2023-03" if first else "2024-03", "now": plan.wave}
    draw = np.random.default_rng([len(world.people), plan.seed % 2, first])
    return listed(then, now, items=ITEMS, waves=waves, study=plan.study, draw=draw)


def _look_at_list(seen: Seen, number: int, plan: Plan, list_of: Listed, table: pd.DataFrame) -> None:
    """Write down what a release tells of a list; what is shown again must have been shown before."""
    again = table["earlier"] if "earlier" in table else pd.Series(False, index=table.index)
    for repeated, row in zip(again, table.to_dict("records"), strict=True):
        if row["status"] == "hidden":
            continue
        figures = (row["about"], row["n"], row["effect"], row["before_share"], row["waiting"])
        if repeated:
            seen.unknown += figures not in seen.lists
            continue
        seen.lists.append(figures)
        for told in list_of.told(row, ITEMS):
            seen.rows.append(
                Row(number, plan.until, TABLE, row["begun"], banded=row["status"] == "banded", left=frozenset(), **told)
            )


def eight_releases(rng: np.random.Generator, world: World, *, crossed: bool, begun: bool, **options: bool) -> Seen:
    """Publish eight times in a folder of its own: ``crossed`` by department and segment too, ``begun`` with lists."""
    with tempfile.TemporaryDirectory() as folder, in_memory():
        return publish_eight(rng, world, plans_of(rng, crossed=crossed, begun=begun), Path(folder), **options)
