"""Studies as frozen settings, read from layered YAML."""

from segment.config.files import ROOMS, Study, load_study
from segment.config.models import (
    ActionsConfig,
    ExperienceConfig,
    GovernanceConfig,
    IngestConfig,
    NeedsConfig,
    OutcomeConfig,
    PrivacyConfig,
    RetentionConfig,
    SegmentationConfig,
    StudyConfig,
    TrackingConfig,
    WindowConfig,
)
from segment.config.sources import (
    AttributeConfig,
    Bilingual,
    CodebookConfig,
    FileConfig,
    PeopleConfig,
    ResponsesConfig,
    SimulationConfig,
    SourcesConfig,
)

__all__ = [
    "ROOMS",
    "ActionsConfig",
    "AttributeConfig",
    "Bilingual",
    "CodebookConfig",
    "ExperienceConfig",
    "FileConfig",
    "GovernanceConfig",
    "IngestConfig",
    "NeedsConfig",
    "OutcomeConfig",
    "PeopleConfig",
    "PrivacyConfig",
    "ResponsesConfig",
    "RetentionConfig",
    "SegmentationConfig",
    "SimulationConfig",
    "SourcesConfig",
    "Study",
    "StudyConfig",
    "TrackingConfig",
    "WindowConfig",
    "load_study",
]
