"""What a person may ask: a copy of everything, to be erased, to stay out from now on."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from segment.errors import Refusal
from segment.governance.kept_out import KeptOut
from segment.governance.organisation import organisation_ties
from segment.governance.pseudonyms import study_pseudonyms
from segment.ingest.tokens import token_id
from segment.stages.base import OpenStudy, open_study
from segment.stages.exclusive import alone
from segment.stages.recovery import complete_interrupted
from segment.stages.release.ledgers import events_of, ledger_of, refuse_other_people, shared_ledger_of
from segment.stages.rights.erasure import Removal, remove, tables_about_people
from segment.stages.rights.exclusion import Excluded, reference_of
from segment.stages.rights.place import refuse_place
from segment.stages.rights.traces import traces
from segment.store import save_json

ACTOR = "segment subject"


@alone("subject export")
def export_subject(study: Path, *, person: str, out: Path | None = None, overrides: Sequence[str] = ()) -> list[str]:
    """Write everything the study holds about one person to one JSON file, for that person.

    Raises
    ------
    Refusal
        Nobody with this identifier is in the study, or the file would lie where nothing about one person may.
    """
    opened = _open(study, overrides)
    pseudonym = pseudonym_of(opened, person)
    target = out or opened.workspace / "handover" / "subject" / f"{pseudonym}.json"
    refuse_place(opened, target)
    held = {path.stem: _rows(frame, pseudonym) for path, frame in tables_about_people(opened)}
    held = {name: rows for name, rows in held.items() if rows}
    cards = _files_of(opened, pseudonym)
    if not held and not cards:
        raise _nobody(opened, pseudonym)
    groups = ledger_of(opened).groups_of(pseudonym)
    content = {
        "study": opened.config.study,
        "about": "everything this study holds about you, under the code that stands for you",
        "code": pseudonym,
        "tables": held,
        "cards": {path.name: path.read_text(encoding="utf-8") for path in cards if path.suffix == ".html"},
        "counted_in_released_groups": [f"{table}: {group}" for table, group in groups],
    }
    save_json(target, content)
    target.chmod(0o600)
    detail = {"references": [reference_of(opened, pseudonym)], "tables": len(held), "cards": len(cards)}
    events_of(opened).write(ACTOR, "export", "people", detail)
    rows = sum(len(rows) for rows in held.values())
    return [
        f"{rows} rows from {len(held)} tables, {len(cards)} files and {len(groups)} released groups written.",
        f"  file: {target.parent}/ (for its owner only; hand it to the person and remove it)",
    ]


@alone("subject erase")
def erase_subject(study: Path, *, person: str, overrides: Sequence[str] = ()) -> list[str]:
    """Erase one person from every store of the study, for good."""
    return _take_out(study, person, "erase", overrides)


@alone("subject object")
def object_subject(study: Path, *, person: str, overrides: Sequence[str] = ()) -> list[str]:
    """Keep one person out of the study from now on; the ledger still knows the groups the person was counted in."""
    return _take_out(study, person, "object", overrides)


def _take_out(study: Path, person: str, reason: str, overrides: Sequence[str]) -> list[str]:
    opened = _open(study, overrides)
    raw = _identifier(opened, person)
    pseudonym = study_pseudonyms(opened.config.study, opened.key).person(raw)
    before = Excluded.of(opened).reasons.get(reference_of(opened, pseudonym))
    if before == reason or before in ("erase", "purge"):
        return ["This person was taken out before; there is nothing left to do."]
    known = any(_rows(frame, pseudonym) for _, frame in tables_about_people(opened)) or _files_of(opened, pseudonym)
    if not known and before is None:
        raise _nobody(opened, pseudonym)
    _tell_organisation(opened, raw, reason, listed=before is not None)
    counts = remove(opened, Removal((pseudonym,), reason, ACTOR))
    left = traces(opened, [pseudonym])
    if left:
        raise Refusal(
            "The person was taken out, and some traces are still there.",
            expected="no file of the workspace that holds the person's code",
            came="; ".join(left),
            advice="remove these files by hand, and report it: nothing should have written them",
        )
    return [
        f"Taken out: {counts['rows']} rows of tables and {counts['files']} files; no trace is left in the workspace.",
        *(
            [f"  {counts['groups']} released groups stay locked: they can be published again only as they were"]
            if reason == "erase"
            else ["  from now on this person stays out of every run"]
        ),
        "  models hold no person; their cards say they are due for a new fit: run the study again",
        "  the raw exports are not ours to change: have the person removed at the source as well",
    ]


def _open(study: Path, overrides: Sequence[str]) -> OpenStudy:
    opened = open_study(study, overrides=overrides)
    complete_interrupted(opened)
    return opened


def pseudonym_of(opened: OpenStudy, person: str) -> str:
    """The code of an identifier given on the command line; ``-`` reads it from standard input."""
    return study_pseudonyms(opened.config.study, opened.key).person(_identifier(opened, person))


def _identifier(opened: OpenStudy, person: str) -> str:
    """The identifier as the study knows it; who answers under a code that they made asks under it as well."""
    raw = sys.stdin.readline().strip() if person == "-" else person.strip()
    if not raw:
        raise Refusal("No identifier was given.", expected="--person ID, or --person - and the ID on standard input")
    return token_id(raw) if opened.config.sources.tokens else raw


def _tell_organisation(opened: OpenStudy, raw: str, reason: str, *, listed: bool) -> None:
    """Keep a person out of every study under the key; also one whom this study's tables do not know any more.

    ``listed``: whether the person objected before, so that only the identifier says who it is for the organisation.
    """
    shared = opened.organisation
    if shared is None:
        return
    opened.anchor.refuse_older()
    refuse_other_people(opened)
    tie, ledger = organisation_ties(opened.key).person(raw), shared_ledger_of(opened)
    KeptOut(shared).add([tie], reason)
    if reason == "erase" and listed and ledger is not None:
        ledger.forget([tie])


def _rows(frame: pd.DataFrame, person: str) -> list[dict[str, object]]:
    own = frame[frame["person"] == person]
    return [{str(k): None if pd.isna(v) else v for k, v in row.items()} for row in own.to_dict("records")]


def _files_of(opened: OpenStudy, person: str) -> list[Path]:
    return sorted(p for p in (opened.workspace / "handover").rglob(f"*{person}*") if p.is_file())


def _nobody(opened: OpenStudy, person: str) -> Refusal:
    out = reference_of(opened, person) in Excluded.of(opened).reasons
    return Refusal(
        "Nobody with this identifier is in the study.",
        expected="an identifier as the HR export or the survey writes it",
        came="one that was taken out before" if out else "one that no table knows",
        advice="check the identifier (leading zeros count), and that it belongs to this study",
    )
