"""Findings in words for HR: one sentence per code and language, with its numbers filled in."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from segment.displays.labels import Labels
from segment.displays.retention import cause_name
from segment.locale import catalogue, number, say


def finding_line(row: Mapping[Hashable, Any], labels: Labels) -> tuple[str, str, str, str]:
    """Code, subject, count and sentence of one finding; a count under five is a band, it could point at somebody.

    On fairness groups are counted, not people.

    Examples
    --------
    >>> row = {"code": "DQ029", "subject": "end_reason", "count": 3, "explanation": "end without reason"}
    >>> finding_line(row, Labels("en"))[2:]
    ('1–4', 'For 1–4 exits no reason was written down; the cause counts as unknown.')
    """
    code, subject = str(row["code"]), subject_words(str(row["code"]), str(row["subject"]), labels)
    count = str(row["count"]) if code.startswith("FA") else few(int(row["count"]), labels.language)
    return code, subject, count, finding_words(row, labels)


def finding_words(row: Mapping[Hashable, Any], labels: Labels) -> str:
    """The sentence of one finding; a code without words of its own tells what was written down when it was found."""
    code, language = str(row["code"]), labels.language
    if f"finding.{code}" not in catalogue():
        return str(row["explanation"])
    of = row.get("of")
    return say(
        f"finding.{code}",
        language,
        number=few(int(row["count"]), language),
        groups=int(row["count"]),
        of="–" if of is None or of != of else number(float(of), language, digits=0),
        subject=subject_words(code, str(row["subject"]), labels),
        where=_features(str(row.get("where", "")), labels),
        **{name: float(row.get(name, float("nan"))) for name in ("value", "low", "high")},
    )


def subject_words(code: str, subject: str, labels: Labels) -> str:
    """What a finding is about: a cause, attribute, question or need in words; a file or column as it is called."""
    key = f"finding.subject.{subject.replace(' ', '_')}"
    if key in catalogue():
        return say(key, labels.language)
    if code.startswith(("FO", "CA", "RT")):
        return cause_name(subject, labels.language)
    if code.startswith("AC"):
        return labels.need(subject)
    known = subject in labels.features or code.startswith(("LK", "FA", "VE"))
    return labels.feature(subject) if known else subject


def few(count: int, language: str) -> str:
    """A count as it may be read: under five a band."""
    return "1–4" if 0 < count < 5 else number(count, language, digits=0)


def _features(where: str, labels: Labels) -> str:
    return ", ".join(f"‘{labels.feature(name)}’" for name in where.split(", "))
