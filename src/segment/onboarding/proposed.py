"""What is proposed for a study, and what is said about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

Settings = dict[str, object]
#: Decisions that a person is asked for at most, and names that one of them lists.
MOST_DECISIONS, _MOST_NAMED = 10, 12


@dataclass
class Proposal:
    """What is written: the study's settings, the codebook's rows, and what is said about both."""

    settings: Settings
    codebook: list[dict[str, str]]
    files: list[str] = field(default_factory=list)
    decided: list[str] = field(default_factory=list)
    open: list[tuple[int, str]] = field(default_factory=list)

    def ask(self, place: int, text: str) -> None:
        """Leave something to a person; the lower the place, the more depends on it."""
        self.open.append((place, text))

    @property
    def decisions(self) -> list[str]:
        """What only a person can decide, most useful first, at most ten."""
        return [text for _, text in sorted(self.open, key=lambda one: one[0])][:MOST_DECISIONS]


def named(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:_MOST_NAMED])
    return shown + (f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else "")
