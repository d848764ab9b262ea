"""The way in: the only maker of input tables, where identifiers become pseudonyms and nothing undeclared passes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from segment.config import FileConfig, ResponsesConfig, SourcesConfig, Study
from segment.governance.organisation import organisation_ties, sealed_ties
from segment.governance.pseudonyms import Pseudonymiser, study_pseudonyms
from segment.ingest.answers import RESPONSE_NAMES, prefixes_of, read_answers, single_codes, waves_of
from segment.ingest.as_of import as_of_day
from segment.ingest.begun import BEGUN_NAMES, BEGUN_NEEDS, BEGUN_PREFIXES, read_begun
from segment.ingest.declared import DeclaredFile
from segment.ingest.fielded import asker
from segment.ingest.findings import Findings, finding_lines, refuse_errors
from segment.ingest.levels import check_named
from segment.ingest.limits import limits_of
from segment.ingest.opening import open_declared
from segment.ingest.organisation import (
    EMPLOYER_NAMES,
    OFFER_NAMES,
    OFFER_PREFIXES,
    UNIT_NAMES,
    read_employer,
    read_offers,
    read_units,
)
from segment.ingest.outcomes import outcome_columns, read_outcome
from segment.ingest.parsing import as_text
from segment.ingest.people import PEOPLE_NAMES, raw_persons, read_people
from segment.ingest.raw import RawTable
from segment.ingest.readers import read_raw
from segment.ingest.together import (
    check_asked,
    check_join,
    check_needs,
    check_order,
    check_presence,
    check_tenures,
    dates_inside,
    own_days,
)
from segment.ingest.tokens import check_tokens, raw_tokens
from segment.tables import spec_of
from segment.tables.codebook import Codebook, read_codebook
from segment.tables.waves import Wave
from segment.vocabulary import OutcomeKind

__all__ = [
    "Inputs", "finding_lines", "has_column", "open_codebook", "read_inputs", "refuse_errors", "renamed_people",
    "renamed_ties",
]  # fmt: skip

#: Waves that one finding names.
_MOST_NAMED = 8


@dataclass(frozen=True)
class Inputs:
    """What a study's raw exports became.

    ``tables`` holds those of people, snapshots, audit, responses, wave_days, identities, employer, offers, units and
    begun that the study has a source for (``segment.ingest.tables``); ``outcome`` the outcome as stated, nothing for
    dated spells; ``findings`` everything that was noticed (schema ``findings``); ``codebook`` the questionnaire.
    """

    tables: dict[str, pd.DataFrame]
    outcome: pd.DataFrame | None
    findings: pd.DataFrame
    codebook: Codebook | None


def read_inputs(study: Study, *, key: bytes, ordered: bool = True) -> Inputs:
    """Read all sources of a study and hold them against their contract, every finding at once.

    Nothing is refused here: call ``refuse_errors(inputs.findings)`` before the tables are used. Tables keep their
    schemas when no finding is an error. ``ordered``: the waves must have an order, and be those that the study speaks
    of; not so for new people, who are assigned one by one.

    Raises
    ------
    InvalidStudy
        The codebook itself has mistakes.
    """
    reading = _begin(study, key, ordered=ordered)
    if reading.codebook is not None:
        check_needs(reading.findings, study.config.codebook.file if study.config.codebook else "", reading.codebook)
    _take_people(reading)
    _take_responses(reading)
    _take_identities(reading)
    _take_organisation(reading)
    check_join(reading.findings, reading.people_ids, reading.survey_ids)
    _check_presence(reading)
    if not reading.findings.errors:
        reading.tables = as_of_day(reading.tables, study.config.as_of, reading.waves, study.config.wave)
        for name, table in reading.tables.items():
            reading.tables[name] = spec_of(name).check(table)
    outcome = pd.concat(reading.outcomes, ignore_index=True) if reading.outcomes else None
    return Inputs(reading.tables, outcome, reading.findings.table(), reading.codebook)


def told_file(config: FileConfig, sources: SourcesConfig) -> str:
    """What a raw file is called: its name, with the folder or the sheet that tells it from another of the same name."""
    name, others = Path(config.file).name, [one for _, one in sources.every if one is not config]
    alike = [one for one in others if Path(one.file).name == name]
    if any(Path(one.file) != Path(config.file) for one in alike):
        return Path(*Path(config.file).parts[-2:]).as_posix()
    return f"{name}, sheet {config.sheet}" if any(one.sheet != config.sheet for one in alike) else name


def has_column(path: Path, config: FileConfig, name: str) -> bool:
    """Whether a raw file holds one of our columns, under the name its declaration gives; no when it cannot be read."""
    raw = read_raw(
        path, Findings(), delimiter=config.delimiter, encoding=config.encoding, sheet=config.sheet,
        header_row=config.header_row,
    )  # fmt: skip
    return raw is not None and config.columns.get(name, name) in raw.frame.columns


def renamed_people(study: Study, *, old: bytes, new: bytes) -> dict[str, str]:
    """Everyone in the raw exports: the pseudonym under one key, and under another. Identifiers stay in here."""
    before, after = (study_pseudonyms(study.config.study, key) for key in (old, new))
    return {before.person(one): after.person(one) for one in _identifiers(study, old)}


def renamed_ties(study: Study, *, old: bytes, new: bytes) -> dict[str, str]:
    """Everyone in the raw exports as :func:`renamed_people`, by the ties to the organisation's release ledger."""
    before, after = organisation_ties(old), organisation_ties(new)
    return {before.person(one): after.person(one) for one in _identifiers(study, old)}


def _identifiers(study: Study, key: bytes) -> list[str]:
    reading = _begin(study, key)
    people = _open_people(reading)
    files = [(config, _open_wave(reading, config)) for config in study.config.sources.responses]
    ids = [_survey_persons(file, config) for config, file in files if file is not None]
    return sorted(set().union(*(one.dropna() for one in [*([raw_persons(people)] if people else []), *ids])))


def _survey_persons(file: DeclaredFile, config: ResponsesConfig) -> pd.Series:
    """The identifiers of a survey's rows: as they stand, or made of the codes that respondents made."""
    return raw_tokens(file, config.wave) if config.tokens else raw_persons(file)


def _begin(study: Study, key: bytes, *, ordered: bool = True) -> _Reading:
    findings = Findings(study.config.ingest.max_rows_named, study.config.ingest.policy)
    return _Reading(study, study_pseudonyms(study.config.study, key), findings, open_codebook(study), ordered)


def open_codebook(study: Study) -> Codebook | None:
    """The study's questionnaire with the names of its needs, or nothing for a study without a survey."""
    config = study.config.codebook
    if config is None:
        return None
    names = {code: name.texts for code, name in config.needs.items()}
    return read_codebook(study.config_path(config.file), scales=config.scales, need_names=names, labels=config.labels)


@dataclass
class _Reading:
    """A study being read: what came in so far."""

    study: Study
    pseudonyms: Pseudonymiser
    findings: Findings
    codebook: Codebook | None
    ordered: bool = True
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    outcomes: list[pd.DataFrame] = field(default_factory=list)
    people_ids: pd.Series | None = None
    left_out_ids: frozenset[str] = frozenset()
    survey_ids: list[tuple[str, str, pd.Series]] = field(default_factory=list)
    waves: tuple[Wave, ...] = ()
    dates_inside: dict[str, dt.date] = field(default_factory=dict)
    own_days: dict[str, dt.date] = field(default_factory=dict)

    def open(
        self, config: FileConfig, *, required: Iterable[str], known: Iterable[str], optional: Iterable[str] = (),
        columns: dict[str, str] | None = None, prefixes: tuple[str, ...] = (), figures: bool = False,
        called: dict[str, str] | None = None, asked: Callable[[RawTable], RawTable] | None = None,
    ) -> DeclaredFile | None:  # fmt: skip
        """One raw file against its declaration."""
        told = told_file(config, self.study.config.sources)
        with self.findings.reading(self.study.path(config.file).name, told):
            return open_declared(
                self.study.path(config.file), config, self.findings, required=required, known=known, optional=optional,
                columns=columns, prefixes=prefixes, deny=self.study.config.ingest.deny, figures=figures,
                limits=limits_of(self.study.config.ingest), called=called, told=told, asked=asked,
            )  # fmt: skip


def _open_people(reading: _Reading) -> DeclaredFile | None:
    """The HR export against its declaration."""
    config, outcome = reading.study.config.sources.people, reading.study.config.outcome
    if config is None:
        return None
    dated = outcome is not None and outcome.kind == OutcomeKind.SPELLS
    columns = {name: setting.column or config.columns.get(name, name) for name, setting in config.attributes.items()}
    columns |= {name: config.columns.get(column, column) for name, column in outcome_columns(outcome, "people").items()}
    ends = ("snapshot_date",) if config.history is not None else ("end_date",)
    required = ("person_id", "start_date", *ends) if dated else ("person_id",)
    known = (*PEOPLE_NAMES, *outcome_columns(outcome, "people").values())
    called = outcome_columns(outcome, "people")
    return reading.open(config, required=required, known=known, columns=columns, called=called)


def _take_people(reading: _Reading) -> None:
    """people, snapshots, audit, and the outcome where the HR export states it."""
    config, outcome = reading.study.config.sources.people, reading.study.config.outcome
    file = _open_people(reading)
    if config is None or file is None:
        return
    dated = outcome is not None and outcome.kind == OutcomeKind.SPELLS
    reading.people_ids = raw_persons(file)
    if file.left_out is not None:
        left_out = as_text(file.left_out.frame[file.column("person_id")]).dropna()
        reading.left_out_ids = frozenset(left_out) - frozenset(reading.people_ids.dropna())
    persons = reading.pseudonyms.persons(reading.people_ids)
    window, day = outcome.window if outcome and dated else None, reading.study.config.as_of
    made = read_people(file, config.attributes, persons=persons, window=window, history=config.history, day=day)
    reading.tables["people"] = made.people
    if made.snapshots is not None:
        reading.tables["snapshots"] = made.snapshots
    reading.tables["audit"] = made.audit
    value = reading.study.config.retention.value
    if value is not None and value.by in made.people:
        check_named(reading.findings, file.file, made.people[value.by], value.functions, "retention.value.functions")
    names = outcome_columns(outcome, "people")
    if outcome is not None and names and all(file.has(name) for name in names):
        reading.outcomes.append(read_outcome(file, outcome, persons=persons))


def _take_responses(reading: _Reading) -> None:
    """responses of all waves together, and the outcome where the survey states it."""
    sources = reading.study.config.sources.surveys
    taken = [(config, table) for config in sources if (table := _take_wave(reading, config)) is not None]
    if not taken:
        return
    answered = [(config.date, table["wave"]) for config, table in taken]
    reading.dates_inside, reading.own_days = dates_inside(answered), own_days(answered)
    own = {"wave": list(reading.own_days), "day": pd.to_datetime(list(reading.own_days.values()))}
    reading.tables["wave_days"] = pd.DataFrame(own)
    names = outcome_columns(reading.study.config.outcome, "responses")
    if names and not reading.outcomes:
        files = _survey_files(reading)
        for column in names.values():
            reading.findings.add("DQ009", files, column=column, count=1, expected="the outcome's column", came="none")
    table = pd.concat([table for _, table in taken], ignore_index=True)
    ordered = _in_codebook_order(table, reading.codebook)
    twice = table.duplicated(["person", "wave"], keep=False) & (table["wave"] != "")
    if twice.any():
        named = ", ".join(sorted(map(str, table.loc[twice, "wave"].unique()))[:_MOST_NAMED])
        came = f"the same wave in two files: {named}"
        reading.findings.add("DQ020", _survey_files(reading), count=int(twice.sum()), came=came)
    reading.waves = _order_waves(reading, table)
    place = {wave.name: number for number, wave in enumerate(reading.waves)}
    table = table[ordered].drop_duplicates(["person", "wave"]).sort_values("person", kind="stable")
    table = table.sort_values("wave", key=lambda names: names.map(place), kind="stable")
    if reading.study.config.sources.tokens:
        check_tokens(reading.findings, reading.survey_ids, [wave.name for wave in reading.waves])
    reading.tables["responses"] = table.reset_index(drop=True)


def _take_identities(reading: _Reading) -> None:
    """Who everybody is for the organisation's release ledger; sealed, and in no order that says who."""
    told = [ids for ids in (reading.people_ids, *(ids for _, _, ids in reading.survey_ids)) if ids is not None]
    raw = pd.concat(told).dropna().drop_duplicates() if told else pd.Series(dtype="str")
    persons = reading.pseudonyms.persons(raw)
    table = pd.DataFrame({"person": persons, "tie": sealed_ties(raw, persons, key=reading.pseudonyms.key)})
    reading.tables["identities"] = table.sort_values("person", ignore_index=True)


def _order_waves(reading: _Reading, table: pd.DataFrame) -> tuple[Wave, ...]:
    """The survey's waves, earliest first, and what is said about all surveys together."""
    config, files = reading.study.config, _survey_files(reading)
    if reading.codebook is not None:
        check_asked(reading.findings, files, reading.codebook, map(str, table.columns))
    names = sorted(map(str, table["wave"].unique()))
    if not reading.ordered:
        return tuple(Wave.of(name) for name in names)
    declared = [*config.waves, *([config.wave] if config.wave is not None else [])]
    dated = config.outcome is not None and config.outcome.kind == OutcomeKind.SPELLS
    days = config.wave_days(names, inside=reading.own_days)
    return check_order(reading.findings, files, names, days, declared, dated=dated, inside=reading.dates_inside)


def _check_presence(reading: _Reading) -> None:
    people, answers = reading.tables.get("people"), reading.tables.get("responses")
    source = reading.study.config.sources.people
    if people is not None and source is not None and not reading.findings.errors:
        check_tenures(
            reading.findings, told_file(source, reading.study.config.sources), source.columns, people, reading.waves
        )
    if people is not None and answers is not None and not reading.findings.errors:
        check_presence(reading.findings, _survey_files(reading), people, answers, reading.waves)


def _days(reading: _Reading) -> dict[str, dt.date]:
    """The days that the study gives for waves, of its surveys and of others."""
    config = reading.study.config
    return config.wave_days((wave.name for wave in reading.waves), inside=reading.own_days) | config.waves


def _survey_files(reading: _Reading) -> str:
    return ", ".join(dict.fromkeys(name for name, _, _ in reading.survey_ids))


def _open_wave(reading: _Reading, config: ResponsesConfig) -> DeclaredFile | None:
    """One survey export against its declaration; nothing without a codebook."""
    codebook = reading.codebook
    if codebook is None:
        return None
    names = outcome_columns(reading.study.config.outcome, "responses")
    columns = {name: config.columns.get(column, column) for name, column in names.items()}
    return reading.open(
        config, required=("person_id",) if config.wave is not None else ("person_id", "wave"),
        known=(*RESPONSE_NAMES, *single_codes(codebook), *names, *names.values()), optional=tuple(names),
        columns=columns, prefixes=prefixes_of(codebook), called={n: word for n, word in names.items() if n in columns},
        asked=asker(reading.study, codebook, config, columns.values(), reading.findings),
    )  # fmt: skip


def _take_wave(reading: _Reading, config: ResponsesConfig) -> pd.DataFrame | None:
    """One survey export."""
    codebook, outcome = reading.codebook, reading.study.config.outcome
    file = _open_wave(reading, config)
    if codebook is None or file is None:
        return None
    names = outcome_columns(outcome, "responses")
    ids = _survey_persons(file, config)
    taken = _without_left_out(reading, file, ids)
    if taken is None:
        return None
    file, ids = taken
    reading.survey_ids.append((file.file, file.column("person_id"), ids.set_axis(file.rows)))
    persons, waves = reading.pseudonyms.persons(ids), waves_of(file, config)
    reading.findings.know_waves(file.file, file.rows, waves)
    if outcome is not None and names and all(file.has(name) for name in names):
        reading.outcomes.append(read_outcome(file, outcome, persons=persons, wave=waves, unanswered=config.unanswered))
    return read_answers(file, codebook, config, persons=persons, waves=waves)


def _without_left_out(reading: _Reading, file: DeclaredFile, ids: pd.Series) -> tuple[DeclaredFile, pd.Series] | None:
    """A survey and its identifiers without people whom 'keep' leaves out of HR's list, counted (DQ084).

    Nothing where nobody else answered (DQ008). Who stands on no row of HR's list stays: a candidate, or an alumnus.
    """
    people = reading.study.config.sources.people
    aside = ids.isin(reading.left_out_ids).to_numpy()
    if people is None or not aside.any():
        return file, ids
    came = f"of people whom 'keep' leaves out of {people.file}"
    if aside.all():
        reading.findings.add("DQ008", file.file, count=0, came=f"no answers but {came}")
        return None
    came = f"{aside.sum()} of {len(ids)}, {came}"
    reading.findings.add("DQ084", file.file, column=file.column("person_id"), count=int(aside.sum()), came=came)
    return file.where(~aside), ids[~aside].reset_index(drop=True)


def _in_codebook_order(table: pd.DataFrame, codebook: Codebook | None) -> list[str]:
    """Key columns first, then items in questionnaire order, several columns of one item by name: never by the file."""
    place = {item.code: i for i, item in enumerate(codebook.items)} if codebook else {}

    def position(column: str) -> tuple[int, str]:
        code = column if column in place else next((code for code in place if column.startswith(f"{code}_")), "")
        return (place[code], column) if code in place else (-1, "")

    return sorted(map(str, table.columns), key=position)


def _take_organisation(reading: _Reading) -> None:
    """employer, offers, units and the actions that were begun."""
    sources = reading.study.config.sources
    needs = reading.codebook.needs if reading.codebook else ()
    if sources.employer is not None:
        file = reading.open(sources.employer, required=("need",), known=(*EMPLOYER_NAMES, *sources.employer.columns))
        if file is not None:
            reading.tables["employer"] = read_employer(file, needs=needs)
    if sources.offers is not None:
        known = (*OFFER_NAMES, *sources.offers.columns)
        file = reading.open(sources.offers, required=("offer",), known=known, prefixes=OFFER_PREFIXES)
        if file is not None:
            reading.tables["offers"] = read_offers(file)
    if sources.units is not None:
        known = (*UNIT_NAMES, *sources.units.columns)
        file = reading.open(sources.units, required=("unit",), known=known, figures=True)
        if file is not None:
            reading.tables["units"] = read_units(file, days=_days(reading))
    if sources.actions is not None:
        known = (*BEGUN_NAMES, *sources.actions.columns)
        file = reading.open(sources.actions, required=BEGUN_NEEDS, known=known, prefixes=BEGUN_PREFIXES)
        if file is not None:
            reading.tables["begun"] = read_begun(file)
