"""Findings in words for HR: one sentence per code and language, with its numbers filled in."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from segment.disclosure.figures import apart
from segment.displays.labels import Labels, Row
from segment.displays.retention import cause_name
from segment.locale import catalogue, number, say

#: What is counted where it is neither rows, answers, exits nor people: the number points at nobody and stands as it is.
_THINGS = {
    "RT006": "segments",
    "RT007": "months",
    "RT008": "percent",
    "RT012": "horizons",
    **dict.fromkeys(("FA001", "FA002", "FA003", "FA004"), "groups"),
    **dict.fromkeys(("DQ035", "DQ038", "DQ063", "DQ064"), "questions"),
    "DQ067": "columns",
}
#: Findings that something is too rare: how rare is not told under this number.
_RARE = {"RT002": 10, "RT003": 10, "RT005": 10, "RT009": 20, "RT011": 10, "RT013": 10, "RT016": 10}


def finding_line(row: Row, labels: Labels) -> tuple[str, str, str, str]:
    """Code, subject (with its wave, if that is shown), count and sentence of one finding.

    The count is of what the sentence speaks of. Of people, rows, answers and exits it is a band, because two releases
    with one person between them would tell that person's; of segments, groups, questions and months it is the number.

    Examples
    --------
    >>> row = {"code": "DQ029", "subject": "end_reason", "count": 3, "explanation": "end without reason"}
    >>> finding_line(row, Labels("en"))[2:]
    ('1–4', 'For 1–4 exits no reason was written down; the cause counts as unknown.')
    """
    code, subject = str(row["code"]), subject_words(str(row["code"]), str(row["subject"]), labels)
    if row.get("wave") and isinstance(row["wave"], str):
        subject = say("finding.of_wave", labels.language, subject=subject, wave=row["wave"])
    return code, subject, _counted(row, labels.language), finding_words(row, labels)


def finding_words(row: Row, labels: Labels) -> str:
    """The sentence of one finding; a code without words of its own tells what was written down when it was found."""
    code, language = str(row["code"]), labels.language
    if f"finding.{code}" not in catalogue():
        return str(row["explanation"])
    bare = f"finding.{code}.bare"
    return say(
        bare if bare in catalogue() and not row.get("where") else _key(code, str(row["subject"]), labels),
        language,
        groups=int(row["count"]),
        **_numbers(code, row["count"], row.get("of"), language),
        subject=subject_words(code, str(row["subject"]), labels),
        where=_features(str(row.get("where", "")), labels),
        **_ends(row),
        value=float(row.get("value", np.nan)),
    )


def note_words(key: str, values: Mapping[str, object], labels: Labels) -> str:
    """The sentence of a note; where it is a finding, with its subject in words and of one cause as of that cause."""
    if not key.startswith("finding.") or "subject" not in values:
        return say(key, labels.language, **values)
    code, subject = key.removeprefix("finding."), str(values["subject"])
    words = {**values, **_ends(values), "subject": subject_words(code, subject, labels)}
    words |= _numbers(code, values.get("number"), values.get("of"), labels.language)
    return say(_key(code, subject, labels), labels.language, **words)


def _ends(row: Row | Mapping[str, object]) -> dict[str, float]:
    """Ends of a finding's interval to two decimals, outward and apart from its figure as those of released figures."""
    value, *ends = (np.array([row.get(name, np.nan)], dtype=float) for name in ("value", "low", "high"))
    return {name: float(apart(name, end, value, 2)[0]) for name, end in zip(("low", "high"), ends, strict=True)}


def _key(code: str, subject: str, labels: Labels) -> str:
    """The sentence of a code for this kind of study; of what was judged for one cause only, the one that names it."""
    of_cause = f"finding.{code}.cause"
    return of_cause if subject != "any" and of_cause in catalogue() else labels.for_study(f"finding.{code}")


def subject_words(code: str, subject: str, labels: Labels) -> str:
    """What a finding is about: a cause, attribute, question or need in words; a file or column as it is called."""
    key = f"finding.subject.{subject.replace(' ', '_')}"
    if key in catalogue():
        return say(key, labels.language)
    if code.startswith(("FO", "CA", "RT")) and subject == "any":
        return labels.say("display.cause.any")
    if code.startswith(("FO", "CA", "RT")):
        return cause_name(subject, labels.language)
    if code.startswith("AC"):
        return labels.need(subject)
    known = subject in labels.features or code.startswith(("LK", "FA", "VE"))
    return labels.feature(subject) if known else subject


def _counted(row: Row, language: str) -> str:
    """The count of a finding with what it counts, where that is not rows, answers, exits or people."""
    code, count = str(row["code"]), int(row["count"])
    if code in _RARE:
        least = _RARE[code]
        return say("finding.count.fewer", language, n=least) if count < least else counted_in_band(count, language)
    key = f"finding.count.{_THINGS.get(code)}"
    if key in catalogue():
        return say(key, language, n=count, **_numbers(code, count, row.get("of"), language))
    return _numbers(code, count, None, language)["number"]


def _numbers(code: str, count: object, of: object, language: str) -> dict[str, str]:
    """``number`` and ``of`` of a finding: as they are where they count things, else a band and about how many."""
    plain = {name: _whole(value) for name, value in (("number", count), ("of", of))}
    if code in _THINGS:
        return {name: "–" if n is None else number(n, language, digits=0) for name, n in plain.items()}
    among, most = plain["of"], None if plain["of"] is None else _roughly(plain["of"])
    return {
        "number": "–" if plain["number"] is None else counted_in_band(plain["number"], language, most=most),
        "of": "–" if among is None else say("finding.count.about", language, n=most),
    }


def _whole(value: object) -> int | None:
    number_of = float(str(value)) if value is not None else np.nan
    return int(number_of) if number_of == number_of else None


def _roughly(n: int) -> int:
    """A number of people with its first digit alone: who is one more or less does not show.

    >>> _roughly(318), _roughly(320), _roughly(9)
    (300, 300, 9)
    """
    return round(n, -(len(str(n)) - 1))


def counted_in_band(count: int, language: str, *, most: int | None = None) -> str:
    """People, rows, answers or exits as a page may tell them: 1, 2 and 5 times a power of ten are the bounds.

    The numbers of a finding stand in no table that release control holds against earlier releases. ``most``: about how
    many there are in all; a band that goes beyond it has no upper end.

    >>> [counted_in_band(n, "en") for n in (0, 3, 7, 11, 37, 1234)]
    ['0', '1–4', '5–9', '10–19', '20–49', '1,000–1,999']
    >>> counted_in_band(214, "en", most=200)
    '200 or more'
    """
    if count < 1:
        return number(count, language, digits=0)
    ten = 10 ** (len(str(count)) - 1)
    low, high = next((ten * low, ten * high) for low, high in ((5, 10), (2, 5), (1, 2)) if count >= ten * low)
    low, high = (1, 5) if count < 5 else (low, high)
    if most is not None and high - 1 > most >= low:
        return say("finding.count.least", language, n=number(low, language, digits=0))
    return "–".join(number(end, language, digits=0) for end in (low, high - 1))


def _features(where: str, labels: Labels) -> str:
    return ", ".join(f"‘{labels.feature(name)}’" for name in where.split(", "))
