"""Studies as frozen settings, read from layered YAML."""

from segment.config.acting import ActionsConfig, CostConfig, PlanConfig
from segment.config.files import PACKED, ROOMS, Study, load_study, recorded_study, shipped_settings
from segment.config.models import (
    ExperienceConfig,
    IngestConfig,
    NeedsConfig,
    OutcomeConfig,
    RetentionConfig,
    SegmentationConfig,
    StudyConfig,
    TrackingConfig,
    WindowConfig,
    given,
)
from segment.config.operations import OperationsConfig
from segment.config.protection import GovernanceConfig, PrivacyConfig
from segment.config.reviewing import ReviewConfig
from segment.config.settings import Bilingual
from segment.config.sources import (
    AttributeConfig,
    CodebookConfig,
    FileConfig,
    HistoryConfig,
    PeopleConfig,
    ResponsesConfig,
    SimulationConfig,
    SourcesConfig,
)

__all__ = [
    "PACKED",
    "ROOMS",
    "ActionsConfig",
    "AttributeConfig",
    "Bilingual",
    "CodebookConfig",
    "CostConfig",
    "ExperienceConfig",
    "FileConfig",
    "GovernanceConfig",
    "HistoryConfig",
    "IngestConfig",
    "NeedsConfig",
    "OperationsConfig",
    "OutcomeConfig",
    "PeopleConfig",
    "PlanConfig",
    "PrivacyConfig",
    "ResponsesConfig",
    "RetentionConfig",
    "ReviewConfig",
    "SegmentationConfig",
    "SimulationConfig",
    "SourcesConfig",
    "Study",
    "StudyConfig",
    "TrackingConfig",
    "WindowConfig",
    "given",
    "load_study",
    "recorded_study",
    "shipped_settings",
]
