"""Several people promote a version, where the study wants that: each under a name of their own, for the same bytes."""

from __future__ import annotations

from collections.abc import Sequence

from segment.errors import Refusal
from segment.governance.events import Event
from segment.stages.base import OpenStudy
from segment.stages.release.ledgers import events_of
from segment.tracking.registry import Version

#: What the event log calls a word for a version that needs more of them; its subject is the model's registered name.
APPROVED = "approve"


def approvals_of(opened: OpenStudy, version: Version) -> list[Event]:
    """Who approved this version since the last decision on its model, oldest first."""
    found: list[Event] = []
    for event in events_of(opened).events():
        if event.subject != version.name:
            continue
        if event.action == "promote":
            found = []
        elif event.action == APPROVED and _is_of(event, version):
            found.append(event)
    return found


def refuse_twice(by: str, before: Sequence[Event]) -> None:
    """Refuse a second word of the same person.

    Raises
    ------
    Refusal
        Names differ in no more than case and spaces.
    """
    if _folded(by) in {_folded(one.actor) for one in before}:
        raise Refusal(
            "A version is promoted by several people, and this one has said so already.",
            expected=f"another name than {', '.join(one.actor for one in before)}",
            came=by,
            advice="let somebody else look at it and decide",
        )


def together(by: str, reason: str, before: Sequence[Event]) -> tuple[str, str]:
    """The names and the reasons of all who approved, as a decision keeps them."""
    names = [*(one.actor for one in before), by]
    reasons = dict.fromkeys([*(str(one.detail.get("reason", "")) for one in before), reason])
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names), "; ".join(reasons)


def _is_of(event: Event, version: Version) -> bool:
    return int(str(event.detail.get("version"))) == version.number and event.detail.get("sha256") == version.sha256


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
