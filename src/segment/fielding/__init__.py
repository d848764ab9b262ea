"""The codebook as a survey to field: on paper, and as the files from which survey tools make it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from segment.fielding import forms, limesurvey, paper, qualtrics
from segment.fielding.survey import Survey, survey_of

__all__ = ["FORMATS", "Format", "Survey", "survey_of"]


@dataclass(frozen=True)
class Format:
    """One way to write a survey: what its file ends in, what makes its bytes, and whether these are text."""

    ending: str
    written: Callable[[Survey], bytes]
    is_text: bool = True


#: Every format by the name it is asked for by.
FORMATS: Mapping[str, Format] = {
    "md": Format(".md", paper.as_markdown),
    "docx": Format(".docx", paper.as_word, is_text=False),
    "limesurvey": Format(".txt", limesurvey.written),
    "qualtrics": Format(".qsf", qualtrics.written),
    "forms": Format(".gs", forms.written),
}
