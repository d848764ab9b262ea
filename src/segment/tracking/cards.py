"""A model's card as a page to read: in the registry it is the description of the model's version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

#: Long tables of a card are cut here; the JSON beside the model holds all of it.
MOST_ROWS = 40
#: The longest description of a version: PostgreSQL takes no more characters, and SQLite does not count.
MOST_CHARACTERS = 5000
#: Subjects and columns in the order in which they are read.
_FIRST = (
    "study", "model", "data", "population", "period", "people", "outcome", "events", "intended_use", "forbidden_use",
    "limits", "kept_of_people", "groups", "learned", "beats_floor", "gain_over_floor", "metrics", "calibration",
    "competition", "features", "takes",
    "name", "kind",
    "cause", "learner", "horizon", "metric", "value", "low", "high",
)  # fmt: skip


def card_text(card: Mapping[str, object], *, said: str = "") -> str:
    """Markdown: a heading per subject; lists of equal rows as tables, lists of words as bullets.

    ``said``, what came of the model in a line, stands first: MLflow's list of versions shows that line alone.

    >>> print(card_text({"model": "retention", "limits": ["one site"], "metrics": [{"value": 0.64, "metric": "uno"}]}))
    **model**: retention
    <BLANKLINE>
    ### limits
    - one site
    <BLANKLINE>
    ### metrics
    | metric | value |
    |---|---|
    | uno | 0.64 |
    """
    ordered = {name: card[name] for name in sorted(card, key=_place)}
    plain = {name: value for name, value in ordered.items() if not isinstance(value, Mapping | list | tuple)}
    parts = ["\n".join(f"**{_words(name)}**: {_cell(value)}  " for name, value in plain.items()).rstrip()]
    parts += [f"### {_words(name)}\n{_block(value)}" for name, value in ordered.items() if name not in plain]
    return "\n\n".join([said, *parts] if said else parts)


def fitted(text: str) -> str:
    """As many whole lines of a description as a database takes, with where the rest is.

    >>> told = fitted("\\n".join(["one line"] * 2000))
    >>> len(told) <= MOST_CHARACTERS, told.splitlines()[-1]
    (True, "The rest is in the card's JSON, beside the model.")
    >>> fitted("short")
    'short'
    """
    if len(text) <= MOST_CHARACTERS:
        return text
    rest = "\n\nThe rest is in the card's JSON, beside the model."
    return text[: text.rindex("\n", 0, MOST_CHARACTERS - len(rest))].rstrip() + rest


def _place(name: str) -> tuple[int, str]:
    """What a reader asks first comes first; the rest by name."""
    return (_FIRST.index(name) if name in _FIRST else len(_FIRST), name)


def _block(value: object) -> str:
    if isinstance(value, Mapping):
        return "\n".join(f"- **{_words(str(name))}**: {_cell(one)}" for name, one in value.items())
    rows = list(value) if isinstance(value, Sequence) else []
    if not rows:
        return "none"
    if not isinstance(rows[0], Mapping):
        return "\n".join(f"- {_cell(row)}" for row in rows)
    columns = sorted(rows[0], key=lambda name: (not isinstance(rows[0][name], str), _place(str(name))))
    lines = [f"| {' | '.join(_words(str(name)) for name in columns)} |", "|" + "---|" * len(columns)]
    lines += [f"| {' | '.join(_cell(row.get(name)) for name in columns)} |" for row in rows[:MOST_ROWS]]
    more = [f"\n{len(rows) - MOST_ROWS} more rows in the card's JSON."] if len(rows) > MOST_ROWS else []
    return "\n".join(lines + more)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        parts = [_cell(one) for one in value]
        sentences = all(part.endswith(".") for part in parts)
        return (" " if sentences else ", ").join(parts) or "none"
    return str(value).replace("|", "/")


def _words(name: str) -> str:
    return name.replace("_", " ")
