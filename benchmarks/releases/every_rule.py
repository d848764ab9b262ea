"""Eight releases of many organisations put to the outsider: with all rules, and with each of them switched off."""

from __future__ import annotations

import importlib
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd

from releases.eight import eight_releases, world_of
from releases.outsider import outsider
from releases.twice import ADDING_UP, SWITCHES
from segment.disclosure.ledger.members import Members
from segment.disclosure.ledger.release_ledger import ReleaseLedger
from segment.disclosure.ledger.released import SPELLS

_showing = importlib.import_module("segment.disclosure.presentation")
_linked = importlib.import_module("segment.disclosure.linked_tables")
_begun = importlib.import_module("releases.begun")
_released = importlib.import_module("segment.disclosure.ledger.released")

#: By department and segment at once as well in one of so many organisations: it takes twice the time.
_CROSSED_EVERY = 8
#: With lists of actions, and a study told as it was known on a day, in one of so many (the first of these).
_BEGUN_EVERY, _BEGUN_FROM = 4, 1
ALL_RULES = "all rules"


def _sizes_without_erased(self: Members) -> dict[str, int]:
    inside = self.inside(_ALL_SIZES(self), [], others=True)
    return {number: len(people) for number, people in inside.items()}


_ALL_SIZES = Members.sizes


def _not_near(values: np.ndarray, **_: Any) -> tuple[np.ndarray, np.ndarray]:
    return values, np.zeros(len(values), dtype=bool)


def _no_bands(values: np.ndarray, *, hidden: np.ndarray, **_: Any) -> tuple[np.ndarray, np.ndarray]:
    return np.where(hidden, np.nan, np.round(values, 2)), np.zeros(len(values), dtype=bool)


def _one_window(label: str, source: str) -> bool:
    """Spells of one release alone are one source."""
    return label == source and not label.startswith(SPELLS)


def _none_hidden(*_: object, **__: object) -> set[str]:
    return set()


def _nothing(*_: object, **__: object) -> list[object]:
    return []


_NO_BANDS: list[tuple[object, str, object]] = [
    (_showing, "band_scores", _not_near), (_showing, "round_shares", _no_bands)
]  # fmt: skip
_NO_LEDGER_OF_EXITS: list[tuple[object, str, object]] = [
    (ReleaseLedger, "changed", _nothing), (_released, "one_name", _one_window)
]  # fmt: skip

_NO_LINKING: list[tuple[object, str, object]] = [
    (_linked, "_given_away", _nothing), (_linked, "_hidden_before", _none_hidden)
]  # fmt: skip


def _nobody(people: pd.DataFrame) -> pd.DataFrame:
    return people.iloc[:0]


def _no_parts(_: pd.DataFrame) -> dict[str, frozenset[str]]:
    return {}


_LISTS_NOT_HELD: list[tuple[object, str, object]] = [
    (_begun, "began_now", _nobody), (_begun, "besides_of_begun", _nothing), (_begun, "parts_of_begun", _no_parts)
]  # fmt: skip

#: Rule that is switched off -> what is patched, and how releases are published.
OFF: dict[str, tuple[list[tuple[object, str, object]], dict[str, bool]]] = {
    ALL_RULES: ([], {}),
    "without floors, nor adding up": (SWITCHES["without floors, nor adding up"], {}),
    "without complementary hiding, nor adding up": (SWITCHES["without complementary hiding, nor adding up"], {}),
    "without linking tables": (_NO_LINKING, {}),
    "without linking tables, nor adding up": ([*_NO_LINKING, *ADDING_UP], {}),
    "without adding groups up": (ADDING_UP, {}),
    "without the ledger": ([*SWITCHES["without the ledger"], (ReleaseLedger, "changed", _nothing)], {}),
    "without one ledger for all studies": ([], {"shared": False}),
    "without knowing sources by their answers": ([], {"known_by_answers": False}),
    "without counting erased people": ([(Members, "sizes", _sizes_without_erased)], {}),
    "without taking overlapping windows as one source": (_NO_LEDGER_OF_EXITS, {}),
    "without bands for nearly everyone": (_NO_BANDS, {}),
    "without holding lists of actions": (_LISTS_NOT_HELD, {}),
}


@contextmanager
def without(rule: str) -> Iterator[dict[str, bool]]:
    patches, options = OFF[rule]
    with ExitStack() as stack:
        for owner, attribute, stand_in in patches:
            stack.enter_context(mock.patch.object(owner, attribute, stand_in))
        yield options


def attacked(number: int, *, seed: int, rule: str = ALL_RULES, most: int = 5_000) -> dict[str, Any]:
    """One organisation, by its number: published eight times under the rules, and attacked."""
    rng = np.random.default_rng([seed, number])
    world = world_of(rng, most=most)
    start = time.process_time()
    with without(rule) as options:
        begun = number % _BEGUN_EVERY == _BEGUN_FROM
        seen = eight_releases(rng, world, crossed=number % _CROSSED_EVERY == 0, begun=begun, **options)
    between = time.process_time()
    found = outsider(seen)
    return {
        "number": number, "rule": rule, "people": len(world.people), **asdict(found), "recovered": found.recovered,
        "rows": len(seen.rows), "lists": len(seen.lists), "unknown": seen.unknown,
        "first": seen.kept[0], "second": seen.kept[1], "later": float(np.mean(seen.kept[1:])),
        "publishing": between - start, "attacking": time.process_time() - between,
    }  # fmt: skip


def attack_many(
    organisations: int,
    *,
    switched: Sequence[int],
    most_switched: int,
    seed: int,
    most: int = 5_000,
    kept: Path | None = None,
) -> pd.DataFrame:
    """One row per organisation and rule; all rules in ``organisations``, each switched off in the small ones that
    have the numbers ``switched``.

    ``kept``: a file to which every row is added as it is found, and from which an interrupted run goes on. The smallest
    organisations come first.
    """
    rows = [json.loads(line) for line in kept.read_text().splitlines()] if kept and kept.is_file() else []
    done = {(row["rule"], row["number"]) for row in rows}
    asked = [(rule, number) for rule in OFF if rule != ALL_RULES for number in switched]
    by_size = sorted(range(organisations), key=lambda number: np.random.default_rng([seed, number]).random())
    asked += [(ALL_RULES, number) for number in by_size]
    for rule, number in asked:
        if (rule, number) not in done:
            rows.append(attacked(number, seed=seed, rule=rule, most=most if rule == ALL_RULES else most_switched))
            if kept is not None:
                with kept.open("a") as file:
                    file.write(json.dumps(rows[-1]) + "\n")
    return pd.DataFrame(rows)


def in_short(found: pd.DataFrame) -> pd.DataFrame:
    """Per rule the organisations in which something of fewer than five people was recovered, by what it is of."""
    kinds = {
        "adding and subtracting": ["exact_answers", "exact_exits"], "scores, shares": ["scores", "shares"],
        "counts, segments": ["counts"], "exits": ["exits"], "number of a hidden group": ["elsewhere"],
        "all or none, in a row": ["alike"], "all or none of five or more": ["nearly"],
    }  # fmt: skip
    table = []
    for rule, own in found.groupby("rule", sort=False):
        line: dict[str, Any] = {"rule": rule, "organisations": len(own)}
        line |= {name: int((own[columns].sum(axis=1) > 0).sum()) for name, columns in kinds.items()}
        shown = {"shown at first": "first", "second": "second", "2nd to 8th": "later"}
        table.append(line | {name: f"{own[column].mean():.0%}" for name, column in shown.items()})
    return pd.DataFrame(table)
