"""Attack on released tables: in how many organisations can somebody's answer be worked out, and what is kept.

Random organisations publish the mean score of every department, every segment and every department x segment,
with everyone's. The attacker here shares no code with the library's own audit: it uses dense linear algebra on what
is shown (for exact scores), sums (for remainders) and one linear program per hidden group (for intervals). Then what is
kept beside tau-argus and Gaussian elimination and how long large tables take (releases/kept.py), two releases with
leavers, movers and erasures in between (releases/twice.py), eight releases by all studies of an organisation
(releases/eight.py), books, crashes and canaries (releases/books.py), verbs in any order (releases/verbs.py), and the
proof that a release carries put to tampered and honest folders (releases/proofs.py).

    python benchmarks/privacy.py            # 200 to 500 organisations; about an hour
    python benchmarks/privacy.py --short    # fewer, under a minute; publishing and the canary's walk are left out
    python benchmarks/privacy.py --only twice          # one part: rules, kept, twice, eight, books, verbs or verify

Eight releases and verbs write every row as it is found to the files that SEGMENT_BENCH_EIGHT and SEGMENT_BENCH_VERBS
name, and go on from there when they were stopped.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from releases.books import QUICK, canary, killed_while_erasing, killed_while_publishing, small_study, tampering
from releases.every_rule import attack_many, in_short
from releases.kept import beside_peers, flat, large_tables, three_levels
from releases.proofs import prove
from releases.twice import two_releases
from releases.verbs import attack as sequences_of_verbs
from releases.verbs import started, told
from releases.whole import whole_study
from scipy import linalg, optimize

from segment.errors import RefusedRelease
from segment.privacy import ReleaseLedger, release

LEAST = 5


@dataclass(frozen=True)
class Organisation:
    """Head counts by department (rows) and segment (columns), margins in the last row and column."""

    sizes: np.ndarray

    @classmethod
    def random(cls, rng: np.random.Generator) -> Organisation:
        people = int(np.exp(rng.uniform(np.log(60), np.log(5_000))))
        departments = int(np.clip(people / rng.uniform(20, 80), 3, 40))
        segments = int(rng.integers(3, 9))
        share = np.outer(rng.dirichlet(np.full(departments, 2.0)), rng.dirichlet(np.full(segments, 4.0)))
        share = rng.gamma(4 * share * share.size + 1e-9)
        inner = rng.multinomial(people, (share / share.sum()).ravel()).reshape(departments, segments)
        inner = np.hstack([inner, inner.sum(axis=1, keepdims=True)])
        return cls(np.vstack([inner, inner.sum(axis=0, keepdims=True)]))

    @property
    def sums(self) -> np.ndarray:
        """Every row and column as a sum (sums x cells, dense): parts +1, total -1."""
        rows, columns = self.sizes.shape
        place = np.arange(rows * columns).reshape(rows, columns)
        found = np.zeros((rows + columns, rows * columns))
        for number, line in enumerate([*place, *place.T]):
            found[number, line[:-1]], found[number, line[-1]] = 1.0, -1.0
        return found


def threshold(organisation: Organisation) -> np.ndarray:
    """Hide groups under five, nothing else."""
    return organisation.sizes < LEAST


def next_smallest(organisation: Organisation) -> np.ndarray:
    """A market default: where a department has exactly one hidden group, hide its next smallest too."""
    hidden = threshold(organisation)
    for row in range(hidden.shape[0]):
        _hide_second(organisation.sizes[row, :-1], hidden[row, :-1])
    return hidden


def two_per_line(organisation: Organisation) -> np.ndarray:
    """The same for departments and segments, margins included, until every line has none or two hidden."""
    hidden, before = threshold(organisation), None
    while before is None or (hidden != before).any():
        before = hidden.copy()
        for row in range(hidden.shape[0]):
            _hide_second(organisation.sizes[row, :-1], hidden[row, :-1])
        for column in range(hidden.shape[1]):
            _hide_second(organisation.sizes[:-1, column], hidden[:-1, column])
    return hidden


def ours(organisation: Organisation) -> np.ndarray:
    """What :func:`segment.disclosure.release` hides."""
    rows, columns = organisation.sizes.shape
    labels = [*map(float, range(rows - 1)), None], [*map(float, range(columns - 1)), None]
    frame = pd.DataFrame(
        [
            {"department": labels[0][r], "segment": labels[1][c], "people": organisation.sizes[r, c], "score": 3.0}
            for r in range(rows)
            for c in range(columns)
        ]
    )
    table = release("scores", frame, groups=["department", "segment"], count="people", means=["score"])
    return (table.frame["status"] == "hidden").to_numpy().reshape(rows, columns)


def _hide_second(sizes: np.ndarray, hidden: np.ndarray) -> None:
    if hidden.sum() == 1 and not hidden.all():
        hidden[np.argmin(np.where(hidden, np.iinfo(np.int64).max, sizes))] = True


RULES: dict[str, Callable[[Organisation], np.ndarray]] = {
    "threshold alone": threshold,
    "next smallest in the department": next_smallest,
    "two per row and column": two_per_line,
    "segment.disclosure.release": ours,
}


@dataclass(frozen=True)
class Attack:
    """What the attacker got out of one organisation's tables."""

    exact: bool
    remainder: bool
    narrow: bool
    kept: float
    seconds: float


def attack(organisation: Organisation, rule: Callable[[Organisation], np.ndarray]) -> Attack:
    """Publish under a rule, then try to get at groups of one to four people."""
    start = time.process_time()
    hidden = rule(organisation).ravel()
    seconds = time.process_time() - start
    sizes, sums = organisation.sizes.ravel(), organisation.sums
    small = hidden & (sizes > 0) & (sizes < LEAST)
    unknown = sums[:, hidden]
    free = linalg.null_space(unknown) if hidden.any() else np.zeros((0, 0))
    determined = np.zeros(sizes.size, dtype=bool)
    determined[hidden] = np.abs(free).max(axis=1, initial=0.0) < 1e-9
    known_total = ~(hidden & (sums < 0)).any(axis=1)
    rest = ((sums > 0) * (sizes * hidden)).sum(axis=1)
    exact = bool((determined & small).any())
    remainder = bool((known_total & (rest > 0) & (rest < LEAST)).any())
    narrow = exact or remainder or _narrow(sizes[hidden], unknown, np.flatnonzero(small[hidden]))
    people = sizes > 0
    return Attack(exact, remainder, narrow, float((people & ~hidden).sum() / people.sum()), seconds)


def _narrow(sizes: np.ndarray, sums: np.ndarray, small: np.ndarray) -> bool:
    """Whether some small group's size can be confined to fewer than five people's difference."""
    for place in small:
        goal = np.zeros(sizes.size)
        goal[place] = 1.0
        ends = [
            optimize.linprog(sign * goal, A_eq=sums, b_eq=sums @ sizes, bounds=(0, sizes.sum() + 100), method="highs").x
            for sign in (1.0, -1.0)
        ]
        if ends[1][place] - ends[0][place] < LEAST - 1e-6:
            return True
    return False


def before_and_after(rng: np.random.Generator, groups: int) -> pd.DataFrame:
    """One person leaves and the mean (one decimal) is published again: is the answer, 1 to 5, given away?"""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(groups):
            n = int(rng.integers(6, 31))
            answers = rng.integers(1, 6, size=n)
            means = (round(answers.mean(), 1), round(answers[1:].mean(), 1))
            fits = [a for a in range(1, 6) if _consistent(n, a, means)]
            ledger = ReleaseLedger(Path(folder) / f"{number}.db", members=Path(folder) / f"{number}m.db", key=b"bench")
            team = [str(person) for person in range(n)]
            ledger.record({"pay": {"team": team}}, source="answers", digests={"pay": "before"})
            try:
                ledger.record({"pay": {"team": team[1:]}}, source="answers", digests={"pay": "after"})
                refused = False
            except RefusedRelease:
                refused = True
            band = "6-9" if n < 10 else "10-19" if n < 20 else "20-30"
            rows.append(
                {"people": band, "given away": len(fits) == 1, "with the ledger": len(fits) == 1 and not refused}
            )
    table = pd.DataFrame(rows).groupby("people").mean().loc[["6-9", "10-19", "20-30"]]
    return table.map(lambda share: f"{share:.0%}")


def _consistent(n: int, answer: int, means: tuple[float, float]) -> bool:
    """Whether some total of answers before and after shows as these two means."""
    totals = range(n, 5 * n + 1)
    return any(round(t / n, 1) == means[0] and round((t - answer) / (n - 1), 1) == means[1] for t in totals)


def _rules(short: bool, seed: int) -> None:
    """One release under each rule, and a mean before and after one person left."""
    rng = np.random.default_rng(seed)
    organisations = [Organisation.random(rng) for _ in range(12 if short else 200)]
    rows = []
    for name, rule in RULES.items():
        found = pd.DataFrame([vars(attack(organisation, rule)) for organisation in organisations])
        rows.append(
            {
                "rule": name,
                "exact score of 1-4 people": f"{found['exact'].mean():.0%}",
                "remainder of 1-4 people": f"{found['remainder'].mean():.0%}",
                "interval under five wide": f"{found['narrow'].mean():.0%}",
                "groups shown": f"{found['kept'].mean():.0%}",
                "CPU s per table": f"{found['seconds'].mean():.3f}",
            }
        )
    print(f"{len(organisations)} organisations of 60 to 5,000 people; share in which the attack succeeds")
    print(pd.DataFrame(rows).to_string(index=False))
    print("\nMean before and after one person left, share of groups in which the answer is given away")
    print(before_and_after(rng, 30 if short else 400).to_string())


def _kept(short: bool, seed: int) -> None:
    """Groups kept beside tau-argus and Gaussian elimination, and large tables."""
    rng = np.random.default_rng(seed)
    tables = [flat(Organisation.random(rng).sizes[:-1, :-1]) for _ in range(6 if short else 40)]
    if not short:
        tables += [three_levels(rng, people=int(n), teams=20, segments=4) for n in rng.integers(300, 2_000, size=10)]
    print(beside_peers(tables).to_string(index=False))
    if not short:
        print("\n200 teams in 20 departments in 4 divisions x 12 segments")
        print(large_tables(seed).to_string(index=False))


def _twice(short: bool, seed: int) -> None:
    """Two releases with leavers, movers and erasures in between."""
    forms = [(8, 4, 400, False), (2, 1, 200, True)] if short else [(500, 60, 5_000, False), (60, 12, 3_000, True)]
    for organisations, attacked, most, crossed in forms:
        rng = np.random.default_rng(seed)
        found = two_releases(rng, organisations=organisations, attacked=attacked, most=most, crossed=crossed)
        tables = "department and segment, and both at once" if crossed else "department and segment"
        print(f"\nTwo releases by {tables}: organisations in which it can be recovered")
        print(found.to_string(index=False))


def _kept_in(variable: str, short: bool) -> Path | None:
    """The file that a part writes its rows to as they are found, and goes on from when it was stopped."""
    kept = os.environ.get(variable)
    return Path(kept) if kept and not short else None


def _eight(short: bool, seed: int) -> None:
    """Eight releases by all studies of an organisation, and the same with each rule switched off."""
    found = attack_many(
        2 if short else 500, switched=[1] if short else range(8), most_switched=70 if short else 300,
        most=150 if short else 5_000, seed=seed, kept=_kept_in("SEGMENT_BENCH_EIGHT", short),
    )  # fmt: skip
    print("\nEight releases by all studies of an organisation: organisations in which it can be recovered")
    print(in_short(found).to_string(index=False))
    print(f"linear programs on {found['watched'].sum():,} sets of 1-4 people, each to its end")
    rows = []
    for people in () if short else (150, 120, 180, 250, 300, 400):  # a whole study takes minutes
        with tempfile.TemporaryDirectory() as folder:
            rows.append(whole_study(Path(folder), people=people, seed=3))
    if rows:
        print("\nWhole studies published eight times, read back from their folders")
        print(pd.DataFrame(rows).T.to_string(header=False))


def _books(short: bool, seed: int) -> None:
    """Changed bytes, killed processes and a canary."""
    print("\nOne byte changed")
    print(tampering(100, seed=seed).to_string(index=False))
    with tempfile.TemporaryDirectory() as folder:
        rows = [killed_while_erasing(small_study(Path(folder) / "erase", whole=False), 20, seed=seed)]
        if not short:
            rows.append(killed_while_publishing(small_study(Path(folder) / "publish", whole=True), 20, seed=seed))
        print("\nKilled at a random moment, then run once more")
        print(pd.DataFrame(rows).to_string(index=False))
        if not short:
            print("\nPeople like nobody else, the whole way as a flow")
            print(canary(Path(folder) / "canary").to_string(index=False))


def _verbs(short: bool, seed: int, sequences: int | None = None, minutes: float = np.inf) -> None:
    """Sequences of up to four verbs, each ending in both audits."""
    kept = _kept_in("SEGMENT_BENCH_VERBS", short)
    with tempfile.TemporaryDirectory() as folder:
        starts = started(Path(folder) / "s", people=60 if short else 80, quick=QUICK)
        found = sequences_of_verbs(
            starts, sequences=sequences or (4 if short else 2000), seed=seed, minutes=minutes, kept=kept
        )
    print("\nSequences of verbs that end in two passing audits")
    print(told(found))


def _verify(short: bool, seed: int) -> None:
    """The proof that every release carries, put to tampered, unsafe and honest folders."""
    rng, many = np.random.default_rng(seed), 42 if short else 100
    with tempfile.TemporaryDirectory() as folder:
        found = prove(
            lambda: Organisation.random(rng).sizes[:-1, :-1], Path(folder),
            honest=10 if short else 100, tampered=many, studies=0 if short else 5, seed=seed,
        )  # fmt: skip
    tampered = found[found["kind"] != "honest"]
    print("\nFolders put to their own verify.py by a bare Python")
    for name, own in {"tampered or unsafe": tampered, "honest": found[found["kind"] == "honest"]}.items():
        by = ", ".join(f"{n} of {source}" for source, n in own["source"].value_counts().items())
        print(f"  {name}: {int(own['refused'].sum())} of {len(own)} refused ({by})")
    for kind in tampered.loc[~tampered["refused"].astype(bool), "kind"].unique():
        print(f"  not caught: {kind}")


PARTS: dict[str, Callable[[bool, int], None]] = {
    "rules": _rules, "kept": _kept, "twice": _twice, "eight": _eight, "books": _books, "verbs": _verbs,
    "verify": _verify,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="fewer organisations")
    parser.add_argument("--only", choices=PARTS, action="append", help="some of the parts")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sequences", type=int, help="how many sequences of verbs (2,000)")
    parser.add_argument("--minutes", type=float, default=np.inf, help="when to end them, however many were tried")
    options = parser.parse_args()
    parts = {**PARTS, "verbs": partial(_verbs, sequences=options.sequences, minutes=options.minutes)}
    for part in options.only or parts:
        parts[part](options.short, options.seed)


if __name__ == "__main__":
    main()
