"""What is proposed for a study, and what is said about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from segment.onboarding.asking import Answer, Read, Tell, put_questions

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
    open: list[tuple[int, str, Answer | None]] = field(default_factory=list)

    def ask(self, place: int, text: str, answer: Answer | None = None) -> None:
        """Leave something to a person; the lower the place, the more depends on it.

        ``answer``: how it can be answered on a terminal, where a line is enough.
        """
        self.open.append((place, text, answer))

    def put_questions(self, *, read: Read, tell: Tell) -> None:
        """Put the decisions on a terminal; what somebody answers is decided."""
        self.decided += put_questions([(text, answer) for _, text, answer in self._sorted()], read=read, tell=tell)
        said = {text.partition(" You said: ")[0] for text in self.decided}
        self.open = [one for one in self.open if one[1].partition("**")[2].partition("**")[0] not in said]

    def _sorted(self) -> list[tuple[int, str, Answer | None]]:
        return sorted(self.open, key=lambda one: one[0])[:MOST_DECISIONS]

    @property
    def decisions(self) -> list[str]:
        """What only a person can decide, most useful first, at most ten."""
        return [text for _, text, _ in self._sorted()]


def named(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:_MOST_NAMED])
    return shown + (f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else "")
