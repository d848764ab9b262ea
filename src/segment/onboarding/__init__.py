"""From the exports on a desk to a study that can be corrected: what is in the files, and what only a person decides."""

from segment.onboarding.writing import begin_study

__all__ = ["begin_study"]
