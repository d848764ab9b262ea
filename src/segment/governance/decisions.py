"""Who decides, and why: a decision that is kept needs a name that somebody can be asked by, and a reason."""

from __future__ import annotations

from segment.errors import InvalidInput

#: Words that stand where a name or a reason should.
_PLACEHOLDERS = frozenset(
    (
        "na", "nvt", "none", "null", "nil", "nobody", "noone", "unknown", "tbd", "tba", "todo", "test", "geen",
        "niemand", "onbekend", "nognietbekend", "volgt", "asdf", "qwerty",
    )
)  # fmt: skip


def says_something(text: object) -> bool:
    """Whether a text can be a name, a reference or a reason: two different letters or more, and no placeholder.

    >>> [says_something(text) for text in ("A. Reviewer", "HR", "-", "x", ".", "xx", "n/a", "", None)]
    [True, True, False, False, False, False, False, False, False]
    """
    letters = [sign for sign in str(text or "").casefold() if sign.isalpha()]
    return len(set(letters)) > 1 and "".join(letters) not in _PLACEHOLDERS


def refuse_nobody(what: str, *, by: str, reason: str) -> None:
    """Refuse a decision without a name or a reason; ``what`` names the decision ("A withdrawal").

    Raises
    ------
    InvalidInput
        Says which of the two is missing.
    """
    missing = [word for word, text in (("name", by), ("reason", reason)) if not says_something(text)]
    if missing:
        raise InvalidInput(
            f"{what} needs to say who decides, and why.",
            expected="--by NAME --reason TEXT, both in words: a name of at least two letters, a reason one can read",
            came=f"no {' and no '.join(missing)} (a dash, one letter or 'n/a' is none)",
        )
