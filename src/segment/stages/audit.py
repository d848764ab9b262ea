"""An attacker in the box: everything that left is read back, attacked, and held against the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from python_calamine import CalamineWorkbook

from segment.disclosure.attack import Cell, Recovered, read_people, too_small, worked_out
from segment.disclosure.certificates import ReleaseCertificate
from segment.disclosure.figures import BROAD_DIGITS, BROAD_UNDER, share_bands
from segment.disclosure.ledger.fingerprints import figures_digest
from segment.disclosure.ledger.release_ledger import ReleaseLedger
from segment.errors import NotReady, RefusedRelease
from segment.exports.manifest import NAME as MANIFEST
from segment.governance.anchors import ANCHORS, Anchor
from segment.governance.events import EventLog
from segment.locale import catalogue
from segment.stages.audit_log import refuse_unwitnessed, unwitnessed_manifests
from segment.stages.base import OpenStudy, open_study
from segment.stages.decisions import refuse_contradictions, told_decisions
from segment.stages.release.group_members import BEGUN
from segment.stages.release.history import releases_on_record
from segment.stages.release.ledgers import events_of, ledger_of, shared_ledger_of, ties_in
from segment.stages.release.read_back import Grid, grids_with, numbers_in, read_csv, read_html, read_slides, text_of
from segment.stages.release.sealed_facts import cells_of
from segment.stages.release.withdrawal import Record, broken_withdrawals, strays, withdrawn_releases
from segment.stages.release_check import Held, certificate_of, facts_problem, hold
from segment.store import digest_file
from segment.tables.registry import plan_of, released_tables
from segment.workspace.transaction import pending

#: How a column with numbers of people is called in the files.
_PEOPLE_KEYS = ("display.column.n", "workbook.column.n")
_FINDINGS_KEY = "report.column.code"
_MOST_NAMED = 10


#: What is said of tables that were written down and never put in place, or taken away; and what then helps.
_NOWHERE = "and no release in the workspace holds it"
_AGAIN = "keep these files in; publish again"
_STOPPED = (
    f"{_AGAIN}, which ends a publish that was stopped. If it comes back, data have changed since, or files were taken "
    "away: see that nobody holds a release of this study, segment withdraw STUDY --by NAME --reason TEXT, publish again"
)


@dataclass
class Findings:
    """What an audit read, and what it could recover."""

    releases: int = 0
    files: int = 0
    numbers: int = 0
    tables: int = 0
    hidden: int = 0
    attacked: int = 0
    narrowest: float = float("inf")
    recovered: list[Recovered] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def certificate(self, *, least: int, people: int, entries: int) -> list[str]:
        """What to print when nothing was found."""
        width = "none had to be attacked" if self.attacked == 0 else f"narrowest interval {_width(self.narrowest)}"
        return [
            f"Audit of {self.releases} releases: {self.files} files, {self.numbers:,} numbers, {self.tables} tables.",
            f"  hidden rows: {self.hidden:,}; groups under their floor or barred: {self.attacked:,} "
            f"({width}; at least {least} people)",
            f"  pseudonyms looked for in every file: {people:,}; found: 0",
            f"  release ledger: {entries} entries, unchanged, and every released table is in it",
            *(f"  {line}" for line in self.told),
            "Nothing about a small group or a single person could be recovered.",
        ]


def audit_study(study: Path, *, overrides: Sequence[str] = ()) -> list[str]:
    """Attack everything a study released; the certificate, or a refusal that names what can be recovered.

    Raises
    ------
    NotReady
        Nothing was released yet.
    RefusedRelease
        Something can be recovered, or the ledger does not hold what left.
    """
    opened = open_study(study, overrides=overrides)
    records = releases_on_record(opened.workspace)
    taken = withdrawn_releases(opened.workspace)
    ledger = ledger_of(opened)
    if not records and not taken and not ledger.entries():
        raise NotReady(
            "This study has released nothing yet, so there is nothing to attack.",
            where=str(opened.workspace / "exports"),
            advice="publish first: segment publish STUDY, or before any decision: segment run STUDY --publish",
        )
    least, people = opened.config.privacy.min_group, people_of(opened)
    found = Findings(releases=len(records))
    problem = ledger.verify()
    begun = pending(opened.workspace)
    if begun is not None:
        problem = f"a change ({begun}) was begun and is not complete: the next command that writes completes it"
    if problem is not None:
        found.broken.append(problem)
        _refuse(found)
    releases = [(record, hold(opened, ledger, record)) for record in records]
    for record, held in releases:
        _attack(opened, record, held, found, people=people)
    found.broken += _other_books(opened, records)
    found.broken += _outside_ledger(releases, ledger)
    found.recovered += [
        Recovered(f"differs by a few people from {one.other_table}, {one.other_group}", one.table, one.group)
        for one in ledger.reexamine(people)
    ]
    _hold_against_shared(opened, releases, found)
    found.broken += [*broken_withdrawals(opened), *strays(opened.workspace), *_nowhere(releases, ledger)]
    _refuse(found)
    said = found.certificate(least=least, people=len(people), entries=len(ledger.entries()))
    return [*said, *(f"Withdrawn: {path.parent.name}; its files lie in {path}" for path in taken)]


def audit_log(study: Path, *, head: Path | None = None, overrides: Sequence[str] = ()) -> list[str]:
    """Verify the event log and the release ledger, line by line, and every model on disk against the log.

    The books must hold every line whose number and digest are kept outside the workspace. ``head``: a file with heads
    that somebody kept elsewhere (a copy of the anchors, or ``{"events": [number, digest], "releases": [...]}``).

    Raises
    ------
    RefusedRelease
        A line is not as it was written.
    Refusal
        A model on disk is not one that a run in the log has written, or the registry tells
        other decisions than the log.
    """
    opened = open_study(study, overrides=overrides)
    events, ledger = events_of(opened), ledger_of(opened)
    anchor = opened.anchor
    kept, shared = anchor.holds_file(head) if head is not None else None, shared_ledger_of(opened)
    theirs = shared.verify() if shared is not None else None
    asked = (events.verify(), ledger.verify() or facts_problem(opened, ledger), theirs, anchor.problem(), kept)
    problems = [problem for problem in asked if problem is not None]
    problems = problems or _other_books(opened, releases_on_record(opened.workspace))
    if problems:
        raise RefusedRelease(
            "The books of this study are not as they were written.",
            came=" ".join(problems),
            where=str(opened.book),
            advice="put the last good copy back, and find out who could write the file; it is never made again",
        )
    models = sorted(opened.store.models.rglob("*.joblib"))
    for model in models:
        refuse_unwitnessed(opened.book, opened.key, model, advice="run the study again, or promote the version again")
    refuse_contradictions(opened)
    return [
        f"Event log: {events.head[0]} events, unchanged; the last one is {events.head[1][:16]}.",
        f"Release ledger: {ledger.head[0]} lines, unchanged; the last one is {ledger.head[1][:16]}.",
        f"Models: {len(models)} on disk, each as a run in the log has written it.",
        *told_decisions(opened),
        _say_anchor(anchor),
    ]


def _say_anchor(anchor: Anchor) -> str:
    if anchor.file is not None and not anchor.keeps:
        return (
            f"No heads of these books are kept in {anchor.file.parent}: whether the workspace is the newest copy "
            "cannot be known. The next command that writes keeps them there."
        )
    if anchor.file is None:
        return (
            "Keep the numbers of the two books elsewhere: they show whether one was cut short "
            f"(name a folder for them in {ANCHORS}, or the key in a file)."
        )
    return f"Heads of both books: as kept in {anchor.file.parent}."


def people_of(opened: OpenStudy) -> frozenset[str]:
    """The pseudonyms of everyone in the study's tables."""
    found: set[str] = set()
    for path in sorted(opened.store.tables.glob("*.parquet")):
        if path.stem in ("people", "responses", "assignments", "risks", "spells"):
            found.update(pd.read_parquet(path, columns=["person"])["person"])
    return frozenset(found)


def _attack(opened: OpenStudy, record: Record, held: Held, found: Findings, *, people: frozenset[str]) -> None:
    """One release: held against what was sealed with it, then attacked with nothing of today's tables."""
    found.broken += held.broken
    found.told.append(f"{record.wave}: {held.said}")
    if not held.manifest:
        return
    least = int(held.facts.rules["min_group"]) if held.facts is not None else opened.config.privacy.min_group
    cells: list[Cell] = []
    for name, frame in held.tables.items():
        found.tables, found.hidden = found.tables + 1, found.hidden + int((frame["status"] == "hidden").sum())
        found.recovered += _rules_broken(name, frame)
        if plan_of(name).groups:
            cells += cells_of(name, frame, held.facts.tables.get(name) if held.facts is not None else None)
    found.recovered += _too_few_answered(record, held)
    found.recovered += too_small(cells, least=least)
    recovered, attacked, narrowest = worked_out(cells, least=least)
    found.recovered += recovered
    found.attacked, found.narrowest = found.attacked + attacked, min(found.narrowest, narrowest)
    _attack_files(record, held, found, people=people, least=least)


def _tells_anew(table: pd.DataFrame) -> bool:
    """Whether a table shows a figure that no earlier release showed."""
    before = table["earlier"].eq(True) if "earlier" in table else pd.Series(False, index=table.index)
    return bool(((table["status"] != "hidden") & ~before).any())


def _too_few_answered(record: Record, held: Held) -> list[Recovered]:
    """Figures from the answers of fewer people than may be shown, or of few without a word to the reader."""
    if held.facts is None or not held.facts.warn:
        return []
    of_answers = [name for name in held.tables if plan_of(name).people in ("wave", BEGUN) and plan_of(name).groups]
    shown = [name for name in of_answers if _tells_anew(held.tables[name])]
    if held.facts.few:
        return [Recovered("shown, though too few of those asked have answered", name, "all groups") for name in shown]
    warned = {text.partition("{percent}")[2][:40] for text in catalogue()["control.note.response"].values()}
    pages = [text_of(path) for path in sorted(record.files.glob("report.*.html"))]
    silent = [page for page in pages if not any(words in page for words in warned)]
    return [Recovered("few have answered, and the reader is not warned", "the report", "everyone")] if silent else []


def _rules_broken(name: str, frame: pd.DataFrame) -> list[Recovered]:
    """Figures that are finer than the release rules allow."""
    plan, shown = plan_of(name), frame[frame["status"] != "hidden"]
    found = [Recovered("more than two groupings at once", name, "all groups")] if len(plan.groups) > 2 else []
    for column in (*plan.means, *plan.shares, *plan.overall):
        if column not in shown:
            continue
        values = pd.to_numeric(shown[column], errors="coerce").dropna()
        digits = 1 if column in plan.means else 2 if column in plan.shares else 3
        if ((values - values.round(digits)).abs() > 1e-9).any():
            found.append(Recovered(f"more than {digits} decimals", name, "all groups", column))
        people = np.array([(read_people(n) or (0, 0))[1] for n in shown.loc[values.index, "n"]])
        few = values[people < BROAD_UNDER] if column in plan.shares else values.iloc[:0]
        if ((few - few.round(BROAD_DIGITS)).abs() > 1e-9).any():
            found.append(Recovered("a share that tells how many people a band stands for", name, "all groups", column))
        none, all_of = share_bands(people)
        if column in plan.shares and plan.kind != "curves" and ((values > all_of) | (values < none)).any():
            found.append(Recovered("a share of nearly everyone or nobody, not as a band", name, "all groups", column))
    hidden = frame[frame["status"] == "hidden"]
    figures = [column for column in (*plan.means, *plan.shares) if column in hidden]
    if hidden[figures].notna().to_numpy().any():
        found.append(Recovered("figures of a hidden group", name, "hidden groups"))
    return found


def _attack_files(record: Record, held: Held, found: Findings, *, people: frozenset[str], least: int) -> None:
    """The files for HR: no number of people that no released table shows, no pseudonym, no changed file."""
    frames, manifest = held.tables, held.manifest
    shown = {read_people(n) for frame in frames.values() for n in frame.loc[frame["status"] != "hidden", "n"]}
    headings = frozenset(text for key in _PEOPLE_KEYS for text in catalogue()[key].values()) | {"people"}
    figures = _figures(frames, held.certificate)
    for path in sorted(path for path in record.files.rglob("*") if path.is_file() and path.parent != record.tables):
        found.files += 1
        relative = path.relative_to(record.files).as_posix()
        if path.name != "manifest.json" and manifest.get("files", {}).get(relative) != digest_file(path):
            found.broken.append(f"{relative} is not the file its manifest lists")
        grids, text, values = _read(path)
        found.numbers += numbers_in(text) + len(values)
        if any(person in text for person in people):
            found.recovered.append(Recovered("the pseudonym of a person", relative, "a person"))
        if any(round(value, 4) not in figures for value in values):
            found.recovered.append(Recovered("a number that no released table holds", relative, "a group"))
        for grid, place in grids_with(grids, headings):
            if grid.headings[0] in catalogue()[_FINDINGS_KEY].values():
                continue  # findings count rows and cells of the data, not people
            for row in grid.rows:
                n = read_people(row[place]) if place < len(row) else None
                if n is None or n == (0, 0):
                    continue
                own = Cell(grid.where, "", "", str(row[0]), *n)
                found.recovered += too_small([own], least=least)
                if n not in shown:
                    found.recovered.append(
                        Recovered("a number of people that no released table shows", grid.where, str(row[0]))
                    )


def _read(path: Path) -> tuple[list[Grid], str, list[float]]:
    """Tables, text and number cells of one file."""
    if path.suffix == ".pptx":
        return [], *read_slides(path)
    if path.suffix == ".xlsx":
        book = CalamineWorkbook.from_path(str(path))
        sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
        grids = [Grid(f"{path.name}, {name}", tuple(map(str, rows[0])), tuple(map(tuple, rows[1:])))
                 for name, rows in sheets.items() if rows]  # fmt: skip
        cells = [cell for rows in sheets.values() for row in rows for cell in row]
        text = "\n".join(cell for cell in cells if isinstance(cell, str))
        numbers = [float(cell) for cell in cells if isinstance(cell, int | float) and not isinstance(cell, bool)]
        return grids, text, numbers
    grids = read_html(path) if path.suffix == ".html" else read_csv(path) if path.suffix == ".csv" else []
    return grids, text_of(path), []


def _figures(frames: Mapping[str, pd.DataFrame], certificate: ReleaseCertificate) -> set[float]:
    """Every number the workbook may hold: figures of released tables, their sizes and floors, and order numbers."""
    tables = certificate.get("tables", {})
    allowed = {float(number) for number in range(1, 21)} | {0.0}
    for name, frame in frames.items():
        allowed |= {float(len(frame)), float((frame["status"] == "hidden").sum())}
        allowed.add(float(tables[name]["floor"] if name in tables else 0))
        for column in frame:
            allowed.update(pd.to_numeric(frame[column], errors="coerce").dropna().round(4).tolist())
    return allowed


def _outside_ledger(releases: Sequence[tuple[Record, Held]], ledger: ReleaseLedger) -> list[str]:
    """Tables about groups that left without being in the ledger."""
    kept = {(entry.table, entry.digest) for entry in ledger.entries()}
    return [
        f"table {name} of {record.wave} left without being in the ledger"
        for record, held in releases
        for name, frame in held.tables.items()
        if plan_of(name).groups and (name, figures_digest(name, plan_of(name).kind, frame)) not in kept
    ]


def _nowhere(releases: Sequence[tuple[Record, Held]], ledger: ReleaseLedger) -> list[str]:
    """Tables that the ledger lists as released, in the workspace as no release: what left cannot be looked at."""
    there = {
        (name, figures_digest(name, plan_of(name).kind, frame))
        for _, held in releases
        for name, frame in held.tables.items()
    }
    left = [entry for entry in ledger.entries() if entry.table in released_tables()]
    lost = sorted({entry.table for entry in left if (entry.table, entry.digest) not in there})
    return [f"the ledger lists {', '.join(lost)} as released, {_NOWHERE}"] if lost else []


def _hold_against_shared(opened: OpenStudy, releases: Sequence[tuple[Record, Held]], found: Findings) -> None:
    """The ledger of all studies under the key verifies, holds what the study publishes now, and finds nobody."""
    shared = shared_ledger_of(opened)
    problem = shared.verify() if shared is not None else None
    if shared is None or problem is not None:
        found.broken += [f"the organisation's ledger: {problem}"] if problem is not None else []
        return
    now = [(record, held) for record, held in releases if record.now]
    found.broken += [f"{problem} of the organisation" for problem in _outside_ledger(now, shared)]
    found.recovered += [
        Recovered(
            f"differs by a few people from {one.other_table}, {one.other_group} under the key", one.table, one.group
        )
        for one in shared.reexamine(ties_in(opened).values())
    ]


def _other_books(opened: OpenStudy, records: Sequence[Record]) -> list[str]:
    """What manifests say that the books do not hold: every release names the heads of both books when it was made."""
    books = (("ledger", "ledger", ledger_of(opened)), ("events", "event log", events_of(opened)))
    found = [problem for _, _, book in books if (problem := book.verify()) is not None]
    if found:
        return found
    left = [(record.wave, file) for record in records if (file := record.files / MANIFEST).is_file()]
    for file in unwitnessed_manifests(events_of(opened), left):
        name = file.relative_to(opened.workspace).as_posix()
        found.append(f"{name} is not a manifest that any run in the event log has left")
    for record in records:
        certificate = certificate_of(record)
        for name, words, book in books:
            head = certificate.get(name)
            if isinstance(head, Mapping) and not _knows(book, head):
                found.append(f"the {words} is not the one that the manifest of {record.wave} speaks of")
    return found


def _knows(book: ReleaseLedger | EventLog, head: Mapping[str, object]) -> bool:
    """Whether a book holds the head that a manifest names."""
    number = str(head.get("entries", ""))
    return number.isdigit() and book.knows_head(int(number), str(head.get("head")))


def _refuse(found: Findings) -> None:
    problems = list(dict.fromkeys([*found.broken, *map(str, found.recovered)]))
    if not problems:
        return
    lost = any(one.endswith(_NOWHERE) for one in found.broken)
    more = f"; and {len(problems) - _MOST_NAMED} more" if len(problems) > _MOST_NAMED else ""
    raise RefusedRelease(
        "The audit got at something that was meant to stay hidden, or the books do not agree with the files.",
        expected="nothing about a small group or a person that can be worked out, and every release in the ledger",
        came="; ".join(problems[:_MOST_NAMED]) + more,
        advice=_STOPPED if lost else f"{_AGAIN}, and if it comes back, raise the floors or release fewer tables",
    )


def _width(width: float) -> str:
    return "without end" if width > 1e6 else f"{width:.0f} people"
