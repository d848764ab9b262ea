"""The files of a release beside the report, by their names, in words."""

from __future__ import annotations

from segment.exports.actions_list import has_actions
from segment.exports.story import Story
from segment.locale import say


def companions(story: Story, language: str) -> tuple[tuple[str, str], ...]:
    """Name and description of every file beside the report, in the order in which they are read."""
    labels = story.labels(language)
    files = [
        (guide_name(language), say("page.files.guide", language)),
        (method_name(language), say("page.files.method", language)),
        (workbook_name(language), say("page.files.workbook", language)),
        (slides_name(language), say("page.files.slides", language)),
    ]
    files += [(ACTIONS, say("page.files.actions", language))] if has_actions(story) else []
    for one in story.segments:
        told = say("page.files.segment", language, k=one + 1, name=labels.segment(one))
        files.append((onepager_name(one, language), told))
    return tuple(files)


ACTIONS = "actions.csv"


def report_name(language: str) -> str:
    """The file name of the report in one language."""
    return f"report.{language}.html"


def guide_name(language: str) -> str:
    """The file name of the guide for HR."""
    return f"guide.{language}.html"


def method_name(language: str) -> str:
    """The file name of the method file, for reviewers."""
    return f"method.{language}.html"


def workbook_name(language: str) -> str:
    """The file name of the workbook."""
    return f"segments.{language}.xlsx"


def slides_name(language: str) -> str:
    """The file name of the slides."""
    return f"segments.{language}.pptx"


def onepager_name(segment: int, language: str) -> str:
    """The file name of the page about one segment (0..k-1)."""
    return f"segment_{segment + 1}.{language}.html"
