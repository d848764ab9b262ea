"""What a study says about its raw exports: one frozen model per file, unknown words refused."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from segment.config.addresses import address_of, fault_of
from segment.config.settings import Bilingual, Day, Months, SafeName, Seed, Settings
from segment.errors import nearest
from segment.vocabulary import Purpose, World

_NO_PATTERN, _MOST_PATTERNS = re.compile(r"[^*?\[]*"), 100


class AttributeConfig(Settings):
    """One attribute of people: what it may be used for, and what it is."""

    purpose: Purpose
    """profile (may describe segments), model (may explain leaving) or audit (only checked for fairness)"""
    column: str | None = Field(None, description="the file's column; the attribute's own name when left out")
    type: Literal["category", "number", "ordered"] = "category"
    """category, number, or ordered values"""
    order: tuple[str, ...] = Field((), max_length=200, description="an ordered attribute's values, lowest first")
    source: str = Field("", description="where it comes from, for the register of processing")
    name: Bilingual | None = None
    """what readers call it; its own name in the study when left out"""
    sensitivity: Literal["ordinary", "confidential", "protected"] = "ordinary"
    """ordinary, confidential or protected"""
    retention_months: Months | None = None
    """months after which the attribute is purged"""

    @model_validator(mode="after")
    def _protected_is_audit(self) -> AttributeConfig:
        if self.sensitivity == "protected" and self.purpose != Purpose.AUDIT:
            raise ValueError("a protected attribute may only have purpose 'audit'")
        if self.type == "ordered" and not self.order:
            raise ValueError("an ordered attribute needs 'order': its values, lowest first")
        return self


def _told_per_language(values: Mapping[str, Mapping[str, str | Bilingual]]) -> Iterator[Bilingual]:
    """The values that have words in every language."""
    return (ours for told in values.values() for ours in told.values() if not isinstance(ours, str))


#: What a value of a file is called in a study: a word, or one in each language. The tags stand in no message.
OurValue = Annotated[
    Annotated[str, Tag("<word>")] | Annotated[Bilingual, Tag("<words>")],
    Discriminator(lambda given: "<words>" if isinstance(given, (dict, Bilingual)) else "<word>"),
]


class KeepRows(Settings):
    """Which rows of a file belong to the study."""

    column: str
    """the column the rule looks at"""
    answered: bool = False
    """keep rows in which it is neither empty nor 'not known'"""
    values: tuple[str, ...] = Field((), max_length=1000)
    """keep rows in which it has one of these values"""


class FileConfig(Settings):
    """A raw file: where it lies and how to read it. Nothing is guessed that would change a value."""

    file: str
    """CSV, Excel, Parquet, SPSS, Stata, DuckDB, a query (.sql), or a folder of Parquet files; relative to the study. Or
    the address of a file on a share: s3://, abfss:// or https://"""
    delimiter: str = ","
    """what separates fields"""
    encoding: str = "utf-8"
    """how text is stored"""
    decimal: Literal[".", ","] | dict[str, Literal[".", ","]] = Field(
        ".", description="one for the file, or a column (our name or the file's): its own"
    )
    sheet: str | None = None
    """the sheet of a workbook, or the table of a database; the first when left out"""
    date_format: str | dict[str, str] | None = Field(
        None,
        description="as in strptime, one for the file or a column (our name or the file's): its own; needed when "
        "dates are ambiguous",
    )
    time_zone: str | dict[str, str] | None = Field(
        None,
        description="such as Europe/Amsterdam, for dates stored as moments in another zone; or a column (our name or "
        "the file's): its own",
    )
    header_row: int = Field(
        1, ge=1, le=50, description="the spreadsheet row of the columns' names; titles above it are not read"
    )
    skip_rows: tuple[Annotated[int, Field(ge=2)], ...] = Field(
        (),
        max_length=100,
        description="spreadsheet rows that are not data, such as a second header",
    )
    identifiers_as_written: bool = Field(False, description="identifiers that look like 5E12 are right as they stand")
    number_rows: bool = Field(False, description="the file has no identifier: every row is somebody of its own")
    columns: dict[str, str] = Field({}, description="our name: the file's column")
    values: dict[str, dict[str, OurValue]] = Field(
        {},
        description="a column (our name or the file's): {the file's value: our value}; {nl, en} where readers call it"
        " something else in each language ('order' and other settings know the English one)",
    )
    missing: dict[str, tuple[str, ...]] = Field(
        {}, description="a column (our name or the file's): values that mean 'not known'; '' is an empty cell"
    )
    ignore: dict[str, str] = Field({}, description="the file's column (or pattern with *): why it is left out")
    keep: tuple[KeepRows, ...] = Field((), max_length=20, description="rows of the study: those that every rule keeps")

    @field_validator("file")
    @classmethod
    def _without_secret(cls, value: str) -> str:
        address = address_of(value)
        fault = fault_of(value) if address is not None else ""
        if fault:
            raise ValueError(fault)
        return value

    @field_validator("date_format")
    @classmethod
    def _known_format(cls, value: str | dict[str, str] | None) -> str | dict[str, str] | None:
        for written in value.values() if isinstance(value, dict) else [value] if value else []:
            try:
                dt.datetime.strptime("", written)
            except ValueError as failure:
                if "does not match" not in str(failure):
                    raise ValueError("expected a format as in strptime, such as %d-%m-%Y") from None
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str | dict[str, str] | None) -> str | dict[str, str] | None:
        for zone in value.values() if isinstance(value, dict) else [value] if value else []:
            if zone not in available_timezones():
                hint = nearest(zone, available_timezones(), listed=False)
                raise ValueError(
                    f"expected the name of a time zone, such as Europe/Amsterdam or UTC{hint and '; '}{hint}"
                )
        return value

    @field_validator("values")
    @classmethod
    def _one_name_a_value(cls, value: dict[str, dict[str, OurValue]]) -> dict[str, dict[str, OurValue]]:
        known: dict[str, dict[str, str]] = {}
        for told in _told_per_language(value):
            if known.setdefault(told.en, told.texts) != told.texts:
                raise ValueError(f"'{told.en}' is called two things in one language; give it the same words everywhere")
        return value

    @cached_property
    def our_values(self) -> dict[str, dict[str, str]]:
        """A column (our name or the file's): the file's value -> ours, by which tables and settings know it."""
        return {
            column: {written: ours if isinstance(ours, str) else ours.en for written, ours in told.items()}
            for column, told in dict(self)["values"].items()
        }

    @cached_property
    def value_names(self) -> dict[str, dict[str, str]]:
        """Our value -> what readers call it, per language, where the file's declaration says so."""
        return {told.en: told.texts for told in _told_per_language(dict(self)["values"])}

    @cached_property
    def ignored_patterns(self) -> tuple[str, ...]:
        """What stands under ``ignore`` for more columns than one."""
        return tuple(name for name in self.ignore if not _NO_PATTERN.fullmatch(name))

    def decimal_of(self, name: str) -> Literal[".", ","]:
        """The decimal mark of one of our columns."""
        if isinstance(self.decimal, str):
            return self.decimal
        return self.decimal.get(name, self.decimal.get("*", "."))

    def decimal_is_said(self, name: str) -> bool:
        """Whether somebody declared the decimal mark of this column, for the file or for it alone."""
        if isinstance(self.decimal, str):
            return "decimal" in self.model_fields_set
        return name in self.decimal or "*" in self.decimal

    def date_format_of(self, name: str) -> str | None:
        """How dates of one of our columns are written; nothing where ISO dates are expected."""
        return (
            self.date_format.get(name, self.date_format.get("*"))
            if isinstance(self.date_format, dict)
            else (self.date_format)
        )

    def time_zone_of(self, name: str) -> str | None:
        """The zone whose calendar day counts for one of our columns; nothing where the file's own does."""
        return self.time_zone.get(name, self.time_zone.get("*")) if isinstance(self.time_zone, dict) else self.time_zone

    @field_validator("ignore")
    @classmethod
    def _few_patterns(cls, value: dict[str, str]) -> dict[str, str]:
        if sum(not _NO_PATTERN.fullmatch(name) for name in value) > _MOST_PATTERNS:
            raise ValueError(f"at most {_MOST_PATTERNS} patterns with *, ? or [; name the other columns in full")
        return value

    @field_validator("keep", mode="before")
    @classmethod
    def _one_rule_or_more(cls, value: object) -> object:
        return [value] if isinstance(value, dict) else value


class HistoryConfig(Settings):
    """An HR export of lists of everyone (snapshots): who is missing from the next list has left in between."""

    gone: Literal["middle", "last", "next"] = "middle"
    """where an exit without a date is placed: in the middle between two lists, the day after the last one with the
    person, or the day of the next"""
    absent: Literal["stays", "leaves"] = "stays"
    """what being away from a list and back on a later one with the same start means: still here, or hired again"""


class PeopleConfig(FileConfig):
    """The HR export."""

    attributes: dict[str, AttributeConfig] = Field({})
    """our name: what the attribute is and may be used for"""
    history: HistoryConfig | None = None
    """each date under snapshot_date is a list of everyone who works here: spells are made out of them"""

    @field_validator("attributes")
    @classmethod
    def _in_one_order(cls, value: dict[str, AttributeConfig]) -> dict[str, AttributeConfig]:
        """What models learn from first, protected ones last, each kind by name: in a file they stand in any order."""
        purposes = (Purpose.MODEL, Purpose.PROFILE, Purpose.AUDIT)
        return dict(sorted(value.items(), key=lambda one: (purposes.index(one[1].purpose), one[0])))


class ResponsesConfig(FileConfig):
    """One survey wave; ``wave`` names it, and its name or a date tells when it was."""

    wave: SafeName | None = Field(None, description="the wave's name, unless the file has a wave column")
    date: Day | None = Field(None, description="last day of answering; from then on answers may explain leaving")
    unanswered: tuple[str, ...] = Field((), max_length=100, description="codes that mean 'no answer', such as 99")
    tokens: bool = Field(
        False, description="the identifier is a code that respondents made by a rule of their own: it links waves alone"
    )

    @property
    def place(self) -> tuple[str, ...]:
        """Where a survey is read among the others: by its day, wave and file; the order of a list says nothing."""
        return str(self.date or ""), self.wave or "", self.file, self.model_dump_json()

    @model_validator(mode="after")
    def _tokens_stand_in_a_column(self) -> ResponsesConfig:
        if self.tokens and self.number_rows:
            raise ValueError("'tokens' are read from a column, so 'number_rows' has to go")
        return self


class ActionsListConfig(FileConfig):
    """The list of actions of an earlier release, filled in; its columns are separated as a release writes them."""

    delimiter: str = ";"
    """what separates fields"""


class SourcesConfig(Settings):
    """The raw exports of a study."""

    people: PeopleConfig | None = None
    """the HR export"""
    responses: tuple[ResponsesConfig, ...] = Field((), max_length=60)
    """the survey, one file per wave or one for all"""
    employer: FileConfig | None = None
    """what the employer promises and offers, per need"""
    offers: FileConfig | None = None
    """roles that seek people"""
    units: FileConfig | None = None
    """results of units"""
    actions: ActionsListConfig | None = None
    """the list of actions of an earlier release (actions.csv), filled in: what was begun where, and on which day"""

    @property
    def every(self) -> tuple[tuple[str, FileConfig], ...]:
        """Where each source stands in a study, and the source: those that are there, people first."""
        waves = [(f"responses[{number}]", one) for number, one in enumerate(self.responses)]
        rest = [(name, getattr(self, name)) for name in ("employer", "offers", "units", "actions")]
        named = [("people", self.people), *waves, *rest]
        return tuple((f"sources.{name}", one) for name, one in named if one is not None)

    @property
    def surveys(self) -> tuple[ResponsesConfig, ...]:
        """The surveys in one order, whatever that of the list: the last one is the latest that has a day."""
        return tuple(sorted(self.responses, key=lambda survey: survey.place))

    @property
    def places_exits(self) -> bool:
        """Whether days of leaving are placed between two lists: that many fall on one day then says nothing."""
        return self.people is not None and self.people.history is not None

    @model_validator(mode="after")
    def _something(self) -> SourcesConfig:
        if self.people is None and not self.responses:
            raise ValueError("a study needs 'people', 'responses' or both")
        return self

    @property
    def tokens(self) -> bool:
        """Whether people are known by codes that they made themselves, and by nothing else."""
        return any(one.tokens for one in self.responses)

    @model_validator(mode="after")
    def _tokens_alone(self) -> SourcesConfig:
        if self.tokens and not all(one.tokens for one in self.responses):
            raise ValueError("'tokens' links waves by codes that respondents make, so every wave needs it")
        if self.tokens and self.people is not None:
            raise ValueError("with 'tokens', which respondents make themselves, there is no 'people': nobody is known")
        return self


class SimulationConfig(Settings):
    """A simulated organisation instead of real exports."""

    people: Annotated[int, Field(ge=50, le=200_000)] = 3000
    """how many people"""
    seed: Seed = 0
    """seed of the organisation"""
    world: World = World.NEEDS
    """what is planted: needs, or a world in which there is nothing to find"""
    waves: Annotated[int, Field(ge=1, le=60)] = 2
    """survey waves"""


#: Scales that are known without declaring them.
KNOWN_SCALES: dict[str, tuple[float, float]] = {
    "imp5": (1, 5),
    "true5": (1, 5),
    "prom5": (1, 5),
    "kept5": (1, 5),
    "mom5": (1, 5),
    "rank6": (1, 6),
    "0-10": (0, 10),
    "yesno": (0, 1),
    "pick3of12": (0, 1),
    "pick1": (1, 99),
}


class CodebookConfig(Settings):
    """The questionnaire: its items, its scales, and what wishes stand for."""

    file: str
    """the CSV file of items"""
    wishes: str | None = None
    """the CSV file of what wishes stand for (code, need)"""
    needs: dict[str, Bilingual] = Field({}, description="need code: its name")
    scales: dict[str, tuple[float, float]] = Field(KNOWN_SCALES)
    """scale: lowest and highest answer, beside those that are known anyway"""
    labels: dict[str, dict[str, float]] = Field(
        {}, max_length=200, description="scale: {word of an answer: its number}, beside the usual labels"
    )

    @field_validator("scales")
    @classmethod
    def _lowest_first(cls, value: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
        for name, (low, high) in value.items():
            if not low < high:
                raise ValueError(f"scale '{name}' needs its lowest answer first, then its highest")
        return KNOWN_SCALES | value

    @model_validator(mode="after")
    def _labels_of_scales(self) -> CodebookConfig:
        for name, labels in self.labels.items():
            if name not in self.scales:
                raise ValueError(f"labels are given for '{name}', which is no scale of this study")
            low, high = self.scales[name]
            if not all(low <= number <= high for number in labels.values()):
                raise ValueError(f"labels of '{name}' stand for {low:g} to {high:g}")
        return self
