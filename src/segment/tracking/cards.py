"""A model's card as a page to read: in the registry it is the description of the model's version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

#: Long tables of a card are cut here; the JSON beside the model holds all of it.
MOST_ROWS = 40


def card_text(card: Mapping[str, object]) -> str:
    """Markdown: a heading per subject; lists of equal rows as tables, lists of words as bullets.

    >>> print(card_text({"model": "retention", "causes": ["voluntary"], "metrics": [{"metric": "uno", "value": 0.64}]}))
    **model**: retention
    <BLANKLINE>
    ### causes
    - voluntary
    <BLANKLINE>
    ### metrics
    | metric | value |
    |---|---|
    | uno | 0.64 |
    """
    plain = {name: value for name, value in card.items() if not isinstance(value, Mapping | list | tuple)}
    parts = ["\n".join(f"**{_words(name)}**: {_cell(value)}  " for name, value in plain.items()).rstrip()]
    parts += [f"### {_words(name)}\n{_block(value)}" for name, value in card.items() if name not in plain]
    return "\n\n".join(parts)


def _block(value: object) -> str:
    if isinstance(value, Mapping):
        return "\n".join(f"- **{_words(str(name))}**: {_cell(one)}" for name, one in value.items())
    rows = list(value) if isinstance(value, Sequence) else []
    if not rows:
        return "none"
    if not isinstance(rows[0], Mapping):
        return "\n".join(f"- {_cell(row)}" for row in rows)
    columns = list(rows[0])
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
        return ", ".join(_cell(one) for one in value) or "none"
    return str(value).replace("|", "/")


def _words(name: str) -> str:
    return name.replace("_", " ")
