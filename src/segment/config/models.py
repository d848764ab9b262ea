"""What a study may say: one frozen model per concern, unknown words refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Annotated, Literal, TypeVar

from pydantic import Field, model_validator

from segment.config.sources import (
    Bilingual,
    CodebookConfig,
    SafeName,
    Settings,
    SimulationConfig,
    SourcesConfig,
    StudyName,
)
from segment.errors import NotReady
from segment.vocabulary import DataKind, EndReason, ItemKind, Language, OutcomeKind

_Setting = TypeVar("_Setting")
_KINDS_OF_BASIS = (ItemKind.IMPORTANCE, ItemKind.RANK, ItemKind.WISH)


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
    """
    if setting is None:
        raise NotReady(f"The study does not say '{name}'.", where="the study file", advice=f"add '{name}'")
    return setting


# ---------------------------------------------------------------------------------------------- outcome


class WindowConfig(Settings):
    """The observation window: nobody is seen before its start or after its end."""

    start: dt.date
    end: dt.date

    @model_validator(mode="after")
    def _order(self) -> WindowConfig:
        if self.start >= self.end:
            raise ValueError("the window must start before it ends")
        return self


class OutcomeConfig(Settings):
    """What staying and leaving look like in these data."""

    kind: OutcomeKind
    meaning: Literal["exit", "intention"] = "exit"
    causes: tuple[str, ...] = (EndReason.VOLUNTARY, EndReason.INVOLUNTARY)
    window: WindowConfig | None = None
    source: Literal["people", "responses"] = "people"
    column: str | None = Field(None, description="duration: the tenure column; horizon: the flag's column")
    event: str | None = Field(None, description="duration: the column with the event or cause")
    entry: str | None = Field(None, description="duration: the tenure at which observation began")
    unit: Literal["days", "weeks", "months", "years"] = Field("months", description="duration: what tenure counts")
    yes: tuple[str, ...] = ("yes", "1", "true")
    no: tuple[str, ...] = ("no", "0", "false")
    months: Annotated[int, Field(gt=0)] = 12

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
        return self


# ---------------------------------------------------------------------------------------------- rooms


class IngestConfig(Settings):
    """How strict the way in is."""

    max_rows_named: Annotated[int, Field(ge=1)] = 10
    deny: tuple[str, ...] = Field((), description="further column names that may never be taken in")
    max_megabytes: Annotated[int, Field(ge=1)] = 4000
    max_rows: Annotated[int, Field(ge=1)] = 20_000_000
    max_columns: Annotated[int, Field(ge=1)] = 5000
    max_cells: Annotated[int, Field(ge=1)] = 1_000_000_000
    max_cell_signs: Annotated[int, Field(ge=1)] = 100_000
    max_memory_megabytes: Annotated[int, Field(ge=100)] = 4000


class NeedsConfig(Settings):
    """How answers become needs."""

    choice_weight: Annotated[float, Field(ge=0, le=1)] = 0.3
    bootstrap: Annotated[int, Field(ge=0)] = 200


class SegmentationConfig(Settings):
    """How people are grouped by what drives them. The gates can be made stricter, never looser."""

    basis: tuple[ItemKind, ...] = _KINDS_OF_BASIS
    n_segments: tuple[Annotated[int, Field(ge=1)], ...] = (2, 3, 4, 5, 6, 7, 8)
    families: tuple[Literal["needs_mixture", "k_means", "latent_class", "intercept_mixture"], ...] = (
        "needs_mixture",
        "k_means",
        "latent_class",
        "intercept_mixture",
    )
    n_splits: Annotated[int, Field(ge=2)] = 20
    n_starts: Annotated[int, Field(ge=1)] = 10
    null_draws: Annotated[int, Field(ge=1)] = 20
    min_share: Annotated[float, Field(ge=0.05, lt=0.5)] = 0.05
    min_people: Annotated[int, Field(ge=50)] = 50
    min_agreement: Annotated[float, Field(ge=0.7, le=1)] = 0.7
    bootstrap: Annotated[int, Field(ge=20)] = 50
    n_jobs: int | None = None


class ValueParameters(Settings):
    """What a stay is worth in one function, in the study's currency, and who says so."""

    value_per_month: float = Field(description="what a person at full strength brings in a month")
    cost_per_month: Annotated[float, Field(ge=0)] = 0.0
    months_to_full: Annotated[float, Field(ge=0)] = 6.0
    exit_cost: dict[str, Annotated[float, Field(ge=0)]] = Field({}, description="cause of leaving: cost of one exit")
    source: Annotated[str, Field(min_length=3)] = Field(description="who says so, and when")


class ValueConfig(Settings):
    """How lifetime value is reckoned: an amount of its own where functions differ, and how unsure the amounts are."""

    everyone: ValueParameters
    by: str | None = Field(None, description="the attribute of people that names their function")
    functions: dict[str, ValueParameters] = Field({}, description="value of that attribute: its own parameters")
    horizon_months: Annotated[int, Field(ge=1, le=120)] = 60
    discount_rate: Annotated[float, Field(gt=-1, lt=1)] = 0.03
    unsure: Annotated[float, Field(ge=0, lt=1)] = Field(
        0.2, description="scenarios: amounts this share lower or higher"
    )
    draws: Annotated[int, Field(ge=2)] = Field(20, description="models learned again, each with a drawn scenario")

    @model_validator(mode="after")
    def _functions_have_an_attribute(self) -> ValueConfig:
        if self.functions and not self.by:
            raise ValueError("'functions' needs 'by': the attribute that names a person's function")
        return self


class RetentionConfig(Settings):
    """How staying and leaving are modelled."""

    learner: Literal["auto", "linear", "boosting", "average"] = "auto"
    horizons: tuple[int, ...] = (6, 12, 24)
    test_share: Annotated[float, Field(gt=0, lt=0.6)] = Field(
        0.25, description="spells: the last part of the window that is held out"
    )
    test_from: dt.date | None = Field(None, description="spells: person-time after this date is held out")
    max_rows: Annotated[int, Field(ge=1000)] = Field(200_000, description="months at risk to learn from at most")
    use_needs: bool = True
    use_items: bool = False
    bootstrap: Annotated[int, Field(ge=0)] = 200
    first_year_by: str = Field("hiring_source", description="the attribute that first-year risk is shown by")
    value: ValueConfig | None = Field(None, description="parameters of lifetime value, with their sources")


class ExperienceConfig(Settings):
    """How promises, the seven Rs and the journey are read."""

    promised_from: Annotated[float, Field(ge=1, le=5)] = 4
    kept_from: Annotated[float, Field(ge=1, le=5)] = 4
    match_threshold: Annotated[float, Field(ge=0, le=1)] = 0.6


class ActionsConfig(Settings):
    """The action catalogue and how many actions are proposed."""

    catalogue: str = "actions.yaml"
    per_segment: Annotated[int, Field(ge=1)] = 3
    per_card: Annotated[int, Field(ge=1)] = 3
    min_shortfall: Annotated[float, Field(ge=0, le=1)] = 0.05
    criteria: dict[
        Literal["size", "distinctness", "cohesion", "shortfall", "leaving"], Annotated[float, Field(ge=0)]
    ] = Field({}, description="what makes acting per segment worth while, and how much each counts; {}: all alike")


class RetentionPeriods(Settings):
    """For how many months people's rows are kept after they left, or after they were last heard of (candidates)."""

    employee: Annotated[int, Field(gt=0)] = 24
    contractor: Annotated[int, Field(gt=0)] = 24
    alumnus: Annotated[int, Field(gt=0)] = 24
    candidate: Annotated[int, Field(gt=0)] = 12


class PrivacyConfig(Settings):
    """What may leave the building. The floors can be raised, never lowered."""

    min_group: Annotated[int, Field(ge=5)] = 5
    min_rate_group: Annotated[int, Field(ge=10)] = 10
    min_segment: Annotated[int, Field(ge=30)] = 30
    segment_share: Annotated[float, Field(ge=0.05, le=1)] = 0.05
    min_driver: Annotated[int, Field(ge=30)] = 30
    min_curve_people: Annotated[int, Field(ge=30)] = 30
    min_curve_events: Annotated[int, Field(ge=10)] = 10
    min_response: Annotated[float, Field(ge=0.4, le=1)] = 0.4
    key: str = Field("SEGMENT_PSEUDONYM_KEY", description="the environment variable that holds the key")
    retention: RetentionPeriods = RetentionPeriods()


class GovernanceConfig(Settings):
    """Who agreed to what: without it nothing about one person leaves."""

    works_council: str
    dpia: str
    data_protection_officer: str
    legal_basis: str
    purpose: str
    approver: str
    expires: dt.date


class TrackingConfig(Settings):
    """Where runs are recorded."""

    experiment: str | None = None
    register_models: bool = True


class StudyConfig(Settings):
    """One study: one YAML file over the defaults of every room."""

    study: StudyName
    title: Bilingual
    data: DataKind = DataKind.PERSONAL
    languages: tuple[Language, ...] = (Language.NL, Language.EN)
    random_state: Annotated[int, Field(ge=0)] = 0
    workspace: str | None = None
    wave: SafeName | None = Field(None, description="the wave segments are made on; the last that asked when left out")
    waves: dict[str, dt.date] = Field({}, description="wave: its last day of answering, where its name does not tell")
    simulation: SimulationConfig | None = None
    codebook: CodebookConfig | None = None
    sources: SourcesConfig
    outcome: OutcomeConfig | None = None
    ingest: IngestConfig = IngestConfig()
    needs: NeedsConfig = NeedsConfig()
    segmentation: SegmentationConfig = SegmentationConfig()
    retention: RetentionConfig = RetentionConfig()
    experience: ExperienceConfig = ExperienceConfig()
    actions: ActionsConfig = ActionsConfig()
    privacy: PrivacyConfig = PrivacyConfig()
    governance: GovernanceConfig | None = None
    tracking: TrackingConfig = TrackingConfig()

    def wave_days(self, names: Iterable[str]) -> dict[str, dt.date]:
        """The last day of answering of each of these waves that the study gives a date.

        A source without a name of its own is of the wave whose name its file carries.
        """
        known = sorted(map(str, names), key=len, reverse=True)
        days: dict[str, dt.date] = {}
        for source in self.sources.responses:
            wave = source.wave or next((name for name in known if name in source.file), None)
            wave = known[0] if wave is None and len(known) == len(self.sources.responses) == 1 else wave
            if source.date is not None and wave in known:
                days[wave] = source.date
        return days | {name: day for name, day in self.waves.items() if name in known}

    @model_validator(mode="after")
    def _consistent(self) -> StudyConfig:
        if self.sources.responses and self.codebook is None:
            raise ValueError("'sources.responses' needs a 'codebook'")
        if self.simulation is not None and self.data != DataKind.SIMULATED:
            raise ValueError("a study with 'simulation' must say 'data: simulated'")
        return self
