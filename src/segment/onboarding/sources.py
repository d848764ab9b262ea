"""Exports as a study names them: how each is read, which columns are which, and what stays outside."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from segment.config.addresses import address_of
from segment.ingest.tools import COUNTED
from segment.onboarding.asking import a_day, assigned, yes_no
from segment.onboarding.columns import Column
from segment.onboarding.hr import PeopleSide
from segment.onboarding.opening import Opened
from segment.onboarding.proposed import Proposal, Settings, named
from segment.onboarding.survey import SurveySide
from segment.vocabulary import Purpose


def survey_source(folder: Path, side: SurveySide, proposal: Proposal, about: PeopleSide | None) -> Settings:
    """One survey as a source."""
    used = {one.code for one in side.questions} | {side.weight or ""}
    source = _file_settings(folder, side.opened, side.columns, used, proposal)
    file = side.opened.path.name
    columns = {"person_id": side.identifier} if side.identifier not in (None, "person_id") else {}
    source |= {"number_rows": True} if side.identifier is None else {}
    _tell_identifier(file, side, source, proposal)
    if side.wave_column is None:
        source |= {"wave": side.wave} | ({"date": side.last_day} if side.last_day is not None else {})
    elif side.wave_column != "wave":
        columns |= {"wave": side.wave_column}
    _tell_moment(file, side, source, proposal)
    if side.weight is not None:
        columns |= {"weight": side.weight} if side.weight != "weight" else {}
        proposal.decided.append(f"{file}: `{side.weight}` is the weight of an answer.")
    source |= {"columns": columns} if columns else {}
    if side.unanswered:
        source["unanswered"] = side.unanswered
        proposal.decided.append(f"{file}: {named(side.unanswered)} mean 'no answer'.")
        proposal.ask(
            70, f"**Do {named(side.unanswered)} in {file} mean 'no answer'?** They stand outside the scale.",
            yes_no(lambda: _leave_out(source, "unanswered")),
        )  # fmt: skip
    shared = about is not None and about.opened is side.opened
    elsewhere = (
        "the HR export says it" if about is not None else "without an identifier people cannot be linked across surveys"
    )
    left_out = _left_out(side, "read above" if shared else elsewhere)
    source |= {"ignore": left_out} if left_out else {}
    return source


def _tell_identifier(file: str, side: SurveySide, source: Settings, proposal: Proposal) -> None:
    """Who answered: what was taken for it, and what a person decides."""
    if side.identifier is None:
        counted = [f"`{name}`" for name in side.columns if name in COUNTED.get(side.opened.tool, ())]
        why = f"{counted[0]} counts the answers of this survey alone" if counted else "no column says who somebody is"
        proposal.decided.append(f"{file}: {why}; every row is somebody of its own.")
        proposal.ask(
            30,
            f"**Who answered?** {file} has no identifier: rows count as people, nothing can be joined "
            f"to another file or "
            "wave, and nobody's own data can be found again. Export it with an identifier if there is one.",
        )
    else:
        how = "by its name" if side.sure else "because it differs on every row"
        proposal.decided.append(f"{file}: `{side.identifier}` says who answered, {how}.")
        if not side.sure:
            proposal.ask(
                30,
                f"**Is `{side.identifier}` in {file} who somebody is?** It was taken because it differs on every row.",
                yes_no(lambda: _number_rows(proposal, source)),
            )


def _tell_moment(file: str, side: SurveySide, source: Settings, proposal: Proposal) -> None:
    """When it was answered: what was taken for it, and what a person decides."""
    if side.wave_column is not None:
        proposal.decided.append(f"{file}: `{side.wave_column}` names the wave.")
    else:
        proposal.decided.append(f"{file}: the wave is called {side.wave}.")
        if side.last_day is not None:
            proposal.decided.append(
                f"{file}: answering ended on {side.last_day}, the end of the month of the last answer."
            )
        else:
            proposal.ask(
                50, f"**When was {file} answered?** Say its last day as `date` beside `wave` in study.yaml.",
                a_day(lambda day: source.update(date=day)),
            )  # fmt: skip


def _number_rows(proposal: Proposal, source: Settings) -> None:
    """Nothing says who somebody is: every row of this file is somebody of its own."""
    sources = proposal.settings["sources"]
    people = sources.get("people") if isinstance(sources, dict) else None
    for one in (source, people if people and people["file"] == source["file"] else {}):
        columns, ignore = one.get("columns"), one.get("ignore")
        if isinstance(columns, dict) and "person_id" in columns:
            reason = {columns.pop("person_id"): "says nothing of who somebody is"}
            one["ignore"] = {**(ignore if isinstance(ignore, dict) else {}), **reason}
        one["number_rows"] = True


def _leave_out(source: Settings, name: str) -> None:
    source.pop(name, None)


def _put_purposes(source: Settings, said: Mapping[str, str]) -> None:
    """Let attributes be used for something else."""
    attributes = source.get("attributes")
    for name, purpose in said.items():
        if isinstance(attributes, dict):
            attributes[name] = {**attributes[name], "purpose": purpose}


def _left_out(side: SurveySide, where: str) -> dict[str, str]:
    """Columns of a survey that are no answers, each with the reason."""
    reasons = dict(side.others.ignored) | dict.fromkeys(side.others.attributes, f"about people; {where}")
    return reasons | ({side.outcome: f"about leaving; {where}"} if side.outcome else {})


def people_source(folder: Path, side: PeopleSide, proposal: Proposal, *, shared: bool) -> Settings:
    """The HR export, or the part of a survey that is about people, as a source."""
    used = {*side.named.values(), *side.others.attributes}
    source = _file_settings(folder, side.opened, side.columns, used, proposal)
    columns = {ours: name for ours, name in side.named.items() if ours != name}
    if side.identifier is None:
        source["number_rows"] = True
    elif side.identifier != "person_id":
        columns = {"person_id": side.identifier} | columns
    source |= {"columns": columns} if columns else {}
    source |= {"missing": dict(side.missing)} if side.missing else {}
    source |= {"values": dict(side.words)} if side.words else {}
    source |= {"history": {"gone": "middle", "absent": "stays"}} if side.lists else {}
    source["attributes"] = {
        name: said | {"source": "the survey" if shared else "the HR export"}
        for name, said in side.others.attributes.items()
    }
    source["ignore"] = dict(side.others.ignored) | ({"*": "answers; read below"} if shared else {})
    for name in [key for key in ("attributes", "ignore") if not source[key]]:
        del source[name]
    _tell_people(side, source, proposal, used, shared=shared)
    return source


def _tell_people(side: PeopleSide, source: Settings, proposal: Proposal, used: set[str], *, shared: bool) -> None:
    """What was decided about the columns of people, and what a person decides about them."""
    file = side.opened.path.name
    if not shared:
        how = "by its name" if side.sure else "because it differs on every row"
        proposal.decided.append(f"{file}: `{side.identifier}` says who somebody is, {how}.")
    for ours, name in side.named.items():
        proposal.decided.append(f"{file}: `{name}` is {ours.replace('_', ' ')}, by its name.")
    for name, why in side.others.ignored.items():
        proposal.decided.append(f"{file}: `{name}` stays outside: {why}.")
    proposal.decided.append(
        f"{file}: {len(side.others.attributes)} attributes; numbers may explain leaving (`model`), "
        f"groups describe segments "
        "(`profile`)."
    )
    protected = [name for name, said in side.others.attributes.items() if "sensitivity" in said]
    proposal.ask(
        45,
        "**What may each attribute be used for?** Correct `purpose`: `model` may explain leaving, `profile` describes "
        f"segments, `audit` is checked for fairness only. Protected by name or values: {named(protected) or 'none'}.",
        assigned(
            [name for name in side.others.attributes if name not in protected], [str(one) for one in Purpose],
            lambda said: _put_purposes(source, said),
        ),
    )  # fmt: skip
    doubtful = [one.name for one in side.columns.values() if one.doubtful and one.name in used]
    if doubtful:
        proposal.ask(
            5,
            f"**How are {named(doubtful)} in {file} written?** They can be read in two ways: say "
            f"`date_format` (such as "
            "'%d-%m-%Y') or `decimal` for them.",
        )


def _file_settings(
    folder: Path, opened: Opened, columns: Mapping[str, Column], used: set[str], proposal: Proposal
) -> Settings:
    """Where a file lies and how its cells are written."""
    source: Settings = {"file": _place(folder.resolve(), opened.path), **opened.declared}
    read = {name: columns[name] for name in used if name in columns}
    row = opened.raw.header_row
    if row > 1:
        rows = f"the {row - 1} rows above it are" if row > 2 else "the row above it is"
        proposal.decided.append(
            f"{opened.path.name}: the names of columns stand on row {row}; {rows} not read (`header_row: {row}`)."
        )
    commas = [name for name, one in sorted(read.items()) if one.kind == "number" and one.decimal == ","]
    if commas:
        source["decimal"] = dict.fromkeys(commas, ",")
    formats = {name: one.date_format for name, one in sorted(read.items()) if one.date_format}
    if formats:
        source["date_format"] = formats
    return source


def _place(folder: Path, file: Path) -> str:
    """Where a file lies: from the study's folder where both are near each other, else in full; an address as it is."""
    address = address_of(file)
    if address is not None:
        return address
    file = file.resolve()
    near = file.is_relative_to(folder.parent)
    return Path(os.path.relpath(file, folder)).as_posix() if near else file.as_posix()


def described(opened: Opened) -> str:
    """One line of the table of files."""
    rows, columns = opened.raw.frame.shape
    how = ", ".join(f"{key} {value!r}" for key, value in opened.declared.items())
    return f"| {opened.path.name} | {opened.tool or 'not recognised'} | {rows:,} | {columns:,} | {how or 'as usual'} |"
