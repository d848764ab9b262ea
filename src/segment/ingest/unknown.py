"""What spreadsheets, databases and people write for 'not known'."""

from __future__ import annotations

import re

import pandas as pd

#: What stands in a cell of which nothing is known, in lower case; in a column of reasons or groups it may be a value.
_BLANKS = frozenset({
    "none", "nan", "-", "--", "n/a", "na", "n.a.", "null", "nil", "#n/a", "#ref!", "#name?", "#value!", "#div/0!",
    "#null!", "?", "??", "unknown", "onbekend", "n.v.t.", "nvt", "nb", "n.b.", "missing", "<na>", "nat", "undefined",
    "(blank)", "(leeg)", "tbd", "."
})  # fmt: skip
#: What somebody answers who does not know or will not say: never a yes and never a no.
_ANSWERS = frozenset({
    "weet niet", "weet ik niet", "weet het niet", "weet nog niet", "geen idee", "geen mening", "geen antwoord",
    "wil niet zeggen", "wil ik niet zeggen", "zeg ik liever niet", "onbekend", "niet bekend", "niet ingevuld", "wn",
    "dk", "don't know", "dont know", "do not know", "i don't know", "not sure", "unsure", "no opinion", "no answer",
    "prefer not to say", "prefer not to answer", "rather not say", "refused", "unknown", "not known", "?", "??",
})  # fmt: skip


#: The first or last day of a calendar, which tools fill in where a date is not known.
_NO_DAY = re.compile(
    r"(?:0001|1899|1900|2999|9999)\W?(?:01\W?01|12\W?3[01])(?:\D.*)?"
    r"|(?:01\W01|3[01]\W12|12\W3[01])\W(?:0001|1899|1900|2999|9999)"
)


def looks_unknown(word: str) -> bool:
    """Whether a word is one that stands for 'not known' in many exports.

    >>> looks_unknown("NaN"), looks_unknown("Weet niet"), looks_unknown("31-12-9999"), looks_unknown("Zorg")
    (True, True, True, False)
    """
    return word.lower() in _BLANKS or says_not_known(word) or _NO_DAY.fullmatch(word) is not None


def is_blank(word: str) -> bool:
    """Whether a word is what files hold in cells of which nothing is known.

    >>> is_blank("#N/A"), is_blank("weet niet")
    (True, False)
    """
    return word.lower() in _BLANKS


def says_not_known(word: str) -> bool:
    """Whether a word is the answer of somebody who does not know or will not say.

    >>> says_not_known("Weet niet"), says_not_known("don\u2019t know"), says_not_known("-")
    (True, True, False)
    """
    return word.lower().replace("\u2019", "'") in _ANSWERS


def quoted(word: str, *, spelled: bool = False) -> str:
    """A word as the study file can hold it whatever signs it has; ``spelled``: what is beyond ASCII as its number.

    >>> quoted("don't"), quoted("two\\nlines"), quoted("é", spelled=True)
    ("'don''t'", '"two\\\\nlines"', '"\\\\U000000E9"')
    """
    if spelled and not word.isascii():
        return '"' + "".join(_escaped(sign, ascii_only=True) for sign in word) + '"'
    if word.isprintable():
        return "'" + word.replace("'", "''") + "'"
    return '"' + "".join(_escaped(sign) for sign in word) + '"'


def _escaped(sign: str, *, ascii_only: bool = False) -> str:
    if sign in '"\\':
        return f"\\{sign}"
    named = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(sign)
    return named or (sign if sign.isprintable() and (sign.isascii() or not ascii_only) else f"\\U{ord(sign):08X}")


def key_of(name: str) -> str:
    """A name as it can stand before the colon of a setting.

    >>> key_of("hours"), key_of("in dienst"), key_of("no")
    ('hours', "'in dienst'", "'no'")
    """
    plain = name.isidentifier() and name.lower() not in ("yes", "no", "true", "false", "null", "on", "off", "y", "n")
    return name if plain else quoted(name)


#: Rows that hold a word before advice repeats it: fewer could be one person's own.
NAMED_FROM = 5
_MOST_WORDS = 12


def named(words: pd.Series) -> tuple[str, int]:
    """Words as a list for the study file, and how many more there are that advice does not repeat.

    Words of few people are not repeated, unless everybody knows them as words for 'not known'; an empty cell is ``''``.

    >>> named(pd.Series(["nan", "Zorg", None]))
    ("'', 'nan'", 1)
    >>> named(pd.Series(["Zorg"]))
    ("'the word'", 0)
    """
    counts = words.fillna("").value_counts()
    told = [str(word) for word, n in counts.items() if n >= NAMED_FROM or not word or looks_unknown(str(word))]
    told = sorted(told)[:_MOST_WORDS]
    rest = len(counts) - len(told)
    return (", ".join(map(quoted, told)), rest) if told else ("'the word'", rest - 1)


def on_unknown(key: str, words: pd.Series) -> str:
    """The setting that takes these words for 'not known', if that is what they mean.

    ``key`` is what a setting for the column is given under.
    """
    listed, rest = named(words)
    more = f", and likewise the {rest} other words in this column that mean it" if rest > 0 else ""
    return f"if they mean 'not known', say missing: {{{key}: [{listed}]}}{more}; else correct the export"
