"""Refusals in plain words: what was expected, what was found, where, and what to do.

A refusal is never a traceback for its reader and never holds a person's value. The command line prints
``str(refusal)`` and ends with exit code 1; anything else that escapes is a fault of ours (exit code 3).
"""

from __future__ import annotations

import difflib
import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path

#: Mistakes of one file that are spelled out.
MOST_LISTED = 20
#: Names that there are, listed if none is near; and the longest name that is looked at.
_MOST_KNOWN, _LONGEST = 12, 100


def nearest(word: str, known: Iterable[str], *, listed: bool = True) -> str:
    """``did you mean '...'?`` with the nearest of the names that there are, whatever its case; else which these are.

    With ``listed=False`` nothing if none is near.

    >>> nearest("strat_date", ["start_date", "end_date"]), nearest("xyz", ["start_date", "end_date"])
    ("did you mean 'start_date'?", 'known: start_date, end_date')
    """
    names = [str(name) for name in known]
    found = nearest_word(word, names)
    if found:
        return f"did you mean '{found}'?"
    if not listed or not names:
        return ""
    more = f" and {len(names) - _MOST_KNOWN} more" if len(names) > _MOST_KNOWN else ""
    return f"known: {', '.join(names[:_MOST_KNOWN])}{more}"


def nearest_word(word: str, known: Iterable[str]) -> str:
    """The nearest known word, whatever its case; empty if none is near.

    >>> nearest_word("Voluntry", ["voluntary", "involuntary"]), nearest_word("resigned", ["voluntary", "other"])
    ('voluntary', '')
    """
    words = {str(name).lower(): str(name) for name in known if len(str(name)) <= _LONGEST}
    found = difflib.get_close_matches(word.lower(), list(words), n=1) if len(word) <= _LONGEST else []
    return words[found[0]] if found else ""


class Refusal(ValueError):
    """Something we will not do, said in words a reader can act on.

    Parameters
    ----------
    what
        What is wrong, in one sentence.
    expected, came, where, advice
        The four things a reader needs; each is left out of the text when empty.

    Examples
    --------
    >>> print(Refusal("Item JOB_1 has an answer outside its scale.", expected="1 to 5", came="1 answer above 5",
    ...               where="survey.csv, column JOB_1, row 12", advice="correct the export or the codebook's scale"))
    Item JOB_1 has an answer outside its scale.
      expected: 1 to 5
      found: 1 answer above 5
      where: survey.csv, column JOB_1, row 12
      what to do: correct the export or the codebook's scale
    """

    def __init__(self, what: str, *, expected: str = "", came: str = "", where: str = "", advice: str = "") -> None:
        self.what, self.expected, self.came, self.where, self.advice = what, expected, came, where, advice
        super().__init__(self._text())

    def _text(self) -> str:
        labelled = (
            ("expected", self.expected),
            ("found", self.came),
            ("where", self.where),
            ("what to do", self.advice),
        )
        return "\n".join([self.what, *(f"  {label}: {text}" for label, text in labelled if text)])

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.__dict__.copy()))


def _rebuild(kind: type[Refusal], state: dict[str, object]) -> Refusal:
    """Make a refusal again in another process (keyword-only arguments do not pickle by themselves)."""
    refusal = kind.__new__(kind)
    refusal.__dict__.update(state)
    ValueError.__init__(refusal, refusal._text())
    return refusal


class InvalidInput(Refusal):
    """An argument of a library call that cannot be worked with."""


class InvalidStudy(Refusal):
    """A study or configuration file with one or more mistakes: the first twenty listed, the others counted.

    ``problems`` holds one line per mistake, each beginning with ``file:line:column``; ``further`` says how many
    mistakes have no line.
    """

    def __init__(self, what: str, problems: Sequence[str], *, further: int = 0, advice: str = "") -> None:
        self.problems, self.further = tuple(problems), further
        super().__init__(what, advice=advice)

    def _text(self) -> str:
        lines = [f"  {problem}" for problem in self.problems[:MOST_LISTED]]
        more = len(self.problems) + self.further - len(lines)
        lines += [f"  and {more:,} more"] if more else []
        return "\n".join([self.what, *lines]) + (f"\n  what to do: {self.advice}" if self.advice else "")


class InvalidTable(Refusal):
    """A table that does not keep its schema; names the table, the columns and the rules, never a row's content."""


class RefusedData(Refusal):
    """Raw data against their contract: every finding at once. ``lines`` holds one line per finding."""

    def __init__(self, what: str, lines: Sequence[str], *, advice: str = "") -> None:
        self.lines = tuple(lines)
        super().__init__(what, advice=advice)

    def _text(self) -> str:
        return "\n".join([self.what, *(f"  {line}" for line in self.lines)]) + (
            f"\n  what to do: {self.advice}" if self.advice else ""
        )


class RefusedRelease(Refusal):
    """Something that may not leave the building: too small, not governed, or not in the allowed form."""


class NotReady(Refusal):
    """A table, model or stage that is needed but not there yet; says which command makes it."""


class StageFault(RuntimeError):
    """A fault of ours or of a library, reported by its type and place only: the original message may hold a value."""


def describe_fault(fault: BaseException) -> str:
    """Type and place of a fault, without its message: messages of libraries may hold a person's value.

    >>> try:
    ...     int("a person's answer")
    ... except ValueError as fault:
    ...     describe_fault(fault).startswith("ValueError in ")
    True
    """
    trail = traceback.extract_tb(fault.__traceback__)
    own = next((frame for frame in reversed(trail) if "segment" in frame.filename), trail[-1])
    return f"{type(fault).__name__} in {Path(own.filename).name}, line {own.lineno} ({own.name})"
