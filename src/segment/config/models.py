"""What a study may say: one frozen model per concern, unknown words refused."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

from pydantic import Field, model_validator

from segment.config.acting import ActionsConfig, PlanConfig
from segment.config.operations import OperationsConfig
from segment.config.protection import GovernanceConfig, PrivacyConfig
from segment.config.reviewing import ReviewConfig
from segment.config.settings import (
    ASCENDING,
    DESCENDING,
    Bilingual,
    Cores,
    Day,
    LanguageCode,
    Months,
    SafeName,
    Seed,
    Settings,
    StudyName,
    Worlds,
    in_turn,
)
from segment.config.sources import CodebookConfig, SimulationConfig, SourcesConfig
from segment.errors import NotReady
from segment.floors import FLOORS
from segment.locale import languages, own_languages
from segment.vocabulary import FAMILY_NAMES, DataKind, EndReason, ItemKind, OutcomeKind

_Setting = TypeVar("_Setting")
#: Most repetitions of anything that is drawn or started again.
MOST_DRAWS = 10_000
Draws = Annotated[int, Field(ge=0, le=MOST_DRAWS)]
if TYPE_CHECKING:
    FamilyName = str
else:
    FamilyName = Literal[FAMILY_NAMES]
_KINDS_OF_BASIS = (ItemKind.IMPORTANCE, ItemKind.RANK, ItemKind.WISH)
_FAMILIES = ("needs_mixture", "k_means", "latent_class", "intercept_mixture")
_ACCEPTED: tuple[Literal["natural", "reproducible", "constructive"], ...] = ("natural", "reproducible", "constructive")


def given(setting: _Setting | None, name: str) -> _Setting:
    """A setting that a study may leave out, for what is done only where it says it.

    Raises
    ------
    NotReady
        When the study leaves it out.

    Examples
    --------
    >>> given(None, "governance")
    Traceback (most recent call last):
    segment.errors.NotReady: The study does not say 'governance'.
      where: the study file
      what to do: add 'governance'
    """
    if setting is None:
        raise NotReady(f"The study does not say '{name}'.", where="the study file", advice=f"add '{name}'")
    return setting


# ---------------------------------------------------------------------------------------------- outcome


class WindowConfig(Settings):
    """The observation window: nobody is seen before its start or after its end."""

    start: Day
    """first day of watching"""
    end: Day
    """last day of watching"""

    @model_validator(mode="after")
    def _order(self) -> WindowConfig:
        if self.start >= self.end:
            raise ValueError("the window must start before it ends")
        return self


class OutcomeConfig(Settings):
    """What staying and leaving look like in these data."""

    kind: OutcomeKind
    """spells (dated employment), duration (tenure and an event) or horizon (a flag: 'left within so many months')"""
    meaning: Literal["exit", "intention"] = Field("exit", description="exit: they left; intention: they say they will")
    causes: Annotated[tuple[str, ...], in_turn(EndReason)] = Field(tuple(EndReason)[:2], max_length=20)
    """the causes of leaving that are kept separate"""
    window: WindowConfig | None = None
    """spells: the observation window"""
    source: Literal["people", "responses"] = "people"
    """the file that holds the outcome: the HR export or the survey"""
    column: str | None = Field(None, description="duration: the tenure column; horizon: the flag's column")
    event: str | None = Field(None, description="duration: the column with the event or cause")
    entry: str | None = Field(None, description="duration: the tenure at which observation began")
    unit: Literal["days", "weeks", "months", "years"] = Field("months", description="duration: what tenure counts")
    yes: tuple[str, ...] = Field(("yes", "1", "true"), max_length=50, description="horizon: what counts as yes")
    no: tuple[str, ...] = Field(("no", "0", "false"), max_length=50, description="horizon: what counts as no")
    months: Months = Field(12, description="how many months ahead the headline looks")

    @property
    def watched(self) -> WindowConfig:
        """The observation window, where leaving is dated."""
        return given(self.window, "outcome.window")

    @property
    def cause_of_yes(self) -> str:
        """What a plain yes is called: the one cause that the study names, else that somebody left."""
        named = "causes" in self.model_fields_set and len(self.causes) == 1
        return str(self.causes[0] if named else EndReason.LEFT)

    @model_validator(mode="after")
    def _complete(self) -> OutcomeConfig:
        if self.kind == OutcomeKind.SPELLS and self.window is None:
            raise ValueError("a 'spells' outcome needs 'window' with start and end")
        if self.kind == OutcomeKind.DURATION and not (self.column and self.event):
            raise ValueError("a 'duration' outcome needs 'column' (tenure in months) and 'event'")
        if self.kind == OutcomeKind.HORIZON and not self.column:
            raise ValueError("a 'horizon' outcome needs 'column' (the flag)")
        causes, yes, no = ([word.strip().lower() for word in words] for words in (self.causes, self.yes, self.no))
        if not causes or len(set(causes)) < len(causes):
            raise ValueError("'causes' needs different names, at least one: each cause of leaving once")
        if set(no) & {*yes, *causes}:
            raise ValueError("a word means leaving or staying: 'no' may share none with 'yes' or 'causes'")
        return self


# ---------------------------------------------------------------------------------------------- rooms


class IngestConfig(Settings):
    """How strict the way in is."""

    max_rows_named: Annotated[int, Field(ge=1)] = 10
    """row numbers that a finding names at most"""
    policy: dict[str, Literal["stop", "warn", "note"]] = Field(
        {}, description="the code of a finding, such as DQ039: what it does; what stops a study by itself stays so"
    )
    deny: tuple[str, ...] = Field((), max_length=200, description="further column names that may never be taken in")
    max_megabytes: Annotated[int, Field(ge=1)] = 1000
    """size of one file at most"""
    max_rows: Annotated[int, Field(ge=1)] = 5_000_000
    """rows of one file at most"""
    max_columns: Annotated[int, Field(ge=1)] = 2000
    """columns of one file at most"""
    max_cells: Annotated[int, Field(ge=1)] = 200_000_000
    """cells of one file at most"""
    max_cell_signs: Annotated[int, Field(ge=1)] = 20_000
    """signs in one cell at most"""
    max_memory_megabytes: Annotated[int, Field(ge=100)] = 4000
    """memory that reading one file may take"""


class NeedsConfig(Settings):
    """How answers become needs."""

    choice_weight: Annotated[float, Field(ge=0, le=1)] = 0.3
    """how much rankings and wishes count beside ratings, 0 to 1"""
    bootstrap: Draws = 200
    """draws of people for intervals of reliability"""


class SegmentationConfig(Settings):
    """How people are grouped by what drives them. The gates can be made stricter, never looser."""

    basis: Annotated[tuple[ItemKind, ...], in_turn(ItemKind)] = Field(_KINDS_OF_BASIS, max_length=20)
    """kinds of questions that segments are made of"""
    n_segments: Annotated[tuple[Annotated[int, Field(ge=1, le=100)], ...], ASCENDING] = Field(
        (2, 3, 4, 5, 6, 7, 8), max_length=30
    )
    """numbers of segments to try"""
    families: Annotated[tuple[FamilyName, ...], in_turn(_FAMILIES)] = Field(_FAMILIES, max_length=len(FAMILY_NAMES))
    """families of models to try"""
    accept: Annotated[tuple[Literal["natural", "reproducible", "constructive"], ...], in_turn(_ACCEPTED)] = Field(
        _ACCEPTED, min_length=1, max_length=3
    )
    """kinds of groups that may be the answer: found and apart, found again in others, made because that is useful"""
    n_splits: Annotated[int, Field(ge=2, le=MOST_DRAWS)] = 20
    """halvings of the people that stability rests on"""
    n_starts: Annotated[int, Field(ge=1, le=MOST_DRAWS)] = 10
    """random starts of every fit"""
    null_draws: Annotated[int, Field(ge=1, le=MOST_DRAWS)] = 20
    """simulated worlds without segments that a solution is held against"""
    min_share: Annotated[float, Field(ge=FLOORS.segment_share, lt=0.5)] = FLOORS.segment_share
    """share of people that the smallest segment needs"""
    min_people: Annotated[int, Field(ge=FLOORS.min_segment)] = FLOORS.min_segment
    """people that the smallest segment needs"""
    min_agreement: Annotated[float, Field(ge=0.7, le=1)] = 0.7
    """agreement over halves (adjusted Rand index) that a solution needs"""
    bootstrap: Annotated[int, Field(ge=20, le=MOST_DRAWS)] = 50
    """draws of people for the stability of each segment"""
    planted_worlds: Annotated[Worlds, Field(ge=0, le=MOST_DRAWS)] = 30
    """simulated worlds with groups that say what would have been found; 0: no limit is reported, else 10 at least"""
    planted_shares: Annotated[tuple[Annotated[float, Field(gt=0)], ...], DESCENDING] = Field(
        (1.0, 1.0, 1.0, 1.0), min_length=2, max_length=30
    )
    """sizes of the groups in those worlds, against each other; at most as many as there are needs count"""
    n_jobs: Cores = Field(-1, exclude=True)
    """processes at once; -1: all cores; the result is the same, so nothing is worked out again when this changes"""


class ValueParameters(Settings):
    """What a stay is worth in one function, in the study's currency, and who says so."""

    value_per_month: float = Field(description="what a person at full strength brings in a month")
    cost_per_month: Annotated[float, Field(ge=0)] = 0.0
    """what a person costs in a month"""
    months_to_full: Annotated[float, Field(ge=0)] = 6.0
    """months until a new person is at full strength"""
    exit_cost: dict[str, Annotated[float, Field(ge=0)]] = Field({}, description="cause of leaving: cost of one exit")
    source: Annotated[str, Field(min_length=3)] = Field(description="who says so, and when")


class ValueConfig(Settings):
    """How lifetime value is computed: an amount of its own where functions differ, and how unsure the amounts are."""

    everyone: ValueParameters
    """amounts for whoever has no function of their own"""
    by: str | None = Field(None, description="the attribute of people that names their function")
    functions: dict[str, ValueParameters] = Field({}, description="value of that attribute: its own parameters")
    horizon_months: Annotated[int, Field(ge=1, le=120)] = 60
    """how far ahead value is counted"""
    discount_rate: Annotated[float, Field(gt=-1, lt=1)] = 0.03
    """by how much a year ahead counts for less"""
    unsure: Annotated[float, Field(ge=0, lt=1)] = Field(
        0.2, description="scenarios: amounts this share lower or higher"
    )
    draws: Annotated[int, Field(ge=2, le=MOST_DRAWS)] = Field(
        20, description="models learned again, each with a drawn scenario"
    )

    @model_validator(mode="after")
    def _functions_have_an_attribute(self) -> ValueConfig:
        if self.functions and not self.by:
            raise ValueError("'functions' needs 'by': the attribute that names a person's function")
        return self


class RetentionConfig(Settings):
    """How staying and leaving are modelled."""

    learner: Literal["auto", "linear", "boosting", "average"] = "auto"
    """what may compete: auto (all), or one of linear, boosting, average"""
    horizons: Annotated[tuple[Months, ...], ASCENDING] = Field((6, 12, 24), min_length=1, max_length=20)
    """months ahead that are predicted and evaluated"""
    test_share: Annotated[float, Field(gt=0, lt=0.6)] = Field(
        0.25, description="spells: the last part of the window that is held out"
    )
    test_from: Day | None = Field(None, description="spells: person-time after this date is held out")
    max_rows: Annotated[int, Field(ge=1000)] = Field(200_000, description="months at risk to learn from at most")
    use_needs: bool = True
    """whether segments and need scores explain leaving"""
    use_items: bool = False
    """whether single answers do"""
    bootstrap: Draws = 200
    """draws of people for intervals"""
    first_year_by: str = Field("hiring_source", description="the attribute that first-year risk is shown by")
    value: ValueConfig | None = Field(None, description="parameters of lifetime value, with their sources")


class ExperienceConfig(Settings):
    """How promises, the seven Rs and the journey are read."""

    promised_from: Annotated[float, Field(ge=1, le=5)] = 4
    """an answer from which something counts as promised"""
    kept_from: Annotated[float, Field(ge=1, le=5)] = 4
    """an answer from which a promise counts as kept"""
    match_threshold: Annotated[float, Field(ge=0, le=1)] = 0.6
    """fit from which a person and a role fit each other, on both sides"""
    response_by: str = "department"
    """the attribute by which the report tells how many answered; it must have purpose profile"""


class TrackingConfig(Settings):
    """Where runs are recorded."""

    experiment: str | None = Field(None, description="the MLflow experiment; the study's name when left out")
    register_models: bool = Field(True, description="whether models are registered")


class StudyConfig(Settings):
    """One study: one YAML file over the defaults of every room."""

    study: StudyName
    """the name of the study; part of paths"""
    title: Bilingual
    """what the report is called"""
    data: DataKind = DataKind.PERSONAL
    """personal, simulated or public"""
    languages: tuple[LanguageCode, ...] = Field(own_languages(), max_length=len(languages()))
    """languages of the exports, of those that there is a catalogue in"""
    random_state: Seed = 0
    """seed of everything random"""
    workspace: str | None = None
    """where tables, exports and stores lie; var/<study> when left out"""
    wave: SafeName | None = Field(None, description="the wave segments are made on; the last that asked when left out")
    waves: dict[str, Day] = Field(
        {}, max_length=60, description="wave: its last day of answering, where its name does not tell"
    )
    as_of: Day | None = Field(None, description="report the study as it was known on this day, without anything later")
    simulation: SimulationConfig | None = Field(None, description="a simulated organisation instead of real exports")
    codebook: CodebookConfig | None = Field(None, description="the questionnaire")
    sources: SourcesConfig
    """the raw exports"""
    outcome: OutcomeConfig | None = None
    """what staying and leaving look like; without it nothing is reported about leaving"""
    ingest: IngestConfig = IngestConfig()
    """limits of what is read"""
    needs: NeedsConfig = NeedsConfig()
    """how answers become needs"""
    segmentation: SegmentationConfig = SegmentationConfig()
    """how people are grouped"""
    retention: RetentionConfig = RetentionConfig()
    """how leaving is modelled"""
    experience: ExperienceConfig = ExperienceConfig()
    """how promises and the journey are read"""
    actions: ActionsConfig = ActionsConfig()
    """what is proposed"""
    plan: PlanConfig = PlanConfig()
    """what actions cost and bring, for a plan under a budget"""
    privacy: PrivacyConfig = PrivacyConfig()
    """the floors of a release; they can be raised, never lowered"""
    governance: GovernanceConfig | None = None
    """who agreed to what; without it nothing about single people leaves"""
    tracking: TrackingConfig = TrackingConfig()
    """where runs are recorded"""
    review: ReviewConfig = ReviewConfig()
    """who decides on models, and what HR receives before"""
    operations: OperationsConfig = OperationsConfig()
    """how it runs by itself"""

    def wave_days(self, names: Iterable[str], *, inside: Mapping[str, dt.date] | None = None) -> dict[str, dt.date]:
        """The last day of answering of each of these waves that the study gives a date.

        ``inside`` holds those of waves whose answers are known to fill a file of their own. Else a source without a
        name of its own is of the wave whose name stands in its file's, by itself: a wave '1' is none of
        ``survey_2023-12.csv``.
        """
        known = sorted(map(str, names), key=len, reverse=True)
        days: dict[str, dt.date] = {}
        for source in self.sources.responses:
            wave = source.wave or next((name for name in known if _stands_in(name, source.file)), None)
            wave = known[0] if wave is None and len(known) == len(self.sources.responses) == 1 else wave
            if source.date is not None and wave in known:
                days[wave] = source.date
        return days | {name: day for name, day in {**(inside or {}), **self.waves}.items() if name in known}

    def as_known(self) -> StudyConfig:
        """The settings on the day of ``as_of``: nobody is watched for longer, and held-out time lies before it."""
        day, outcome = self.as_of, self.outcome
        if day is None or outcome is None or outcome.window is None:
            return self
        window = outcome.window.model_copy(update={"end": min(day, outcome.window.end)})
        changed: dict[str, object] = {"outcome": outcome.model_copy(update={"window": window})}
        cut = self.retention.test_from
        if cut is not None and cut >= window.end:
            later = window.start + dt.timedelta(days=int(0.7 * (window.end - window.start).days))
            changed["retention"] = self.retention.model_copy(update={"test_from": later})
        return self.model_copy(update=changed)

    @model_validator(mode="after")
    def _consistent(self) -> StudyConfig:
        if self.as_of is not None and self.outcome is not None:
            if self.outcome.window is None:
                raise ValueError("'as_of' needs an outcome with dates: nothing says what was known of this one by then")
            if self.as_of <= self.outcome.window.start:
                raise ValueError("'as_of' lies before anybody was watched: give a day after 'outcome.window.start'")
        if self.sources.responses and self.codebook is None:
            raise ValueError("'sources.responses' needs a 'codebook'")
        if self.simulation is not None and self.data != DataKind.SIMULATED:
            raise ValueError("a study with 'simulation' must say 'data: simulated'")
        return self


def _stands_in(name: str, file: str) -> bool:
    """Whether a wave's name is a word of its own in a file's name.

    >>> [_stands_in(name, "data/survey_2023-12.csv") for name in ("2023-12", "1", "12")]
    [True, False, False]
    """
    return re.search(rf"(?<![A-Za-z0-9-]){re.escape(name)}(?![A-Za-z0-9-])", Path(file).name) is not None
