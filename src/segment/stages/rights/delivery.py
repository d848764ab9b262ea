"""How a card reaches its person: copied to where it is handed out from, under governance, once, and written down."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from segment.errors import NotReady, Refusal
from segment.governance.grant import grant
from segment.stages.base import OpenStudy, open_study
from segment.stages.exclusive import alone
from segment.stages.recovery import complete_interrupted, steps_of
from segment.stages.release.ledgers import ComingEvents
from segment.stages.rights.exclusion import reference_of
from segment.stages.rights.subject import pseudonym_of
from segment.workspace.transaction import Transaction

FOLDER = "delivered"


@alone("deliver")
def deliver_cards(study: Path, *, person: str | None = None, overrides: Sequence[str] = ()) -> list[str]:
    """Copy cards to ``handover/delivered/<wave>/<code>/``, those of one person or of everyone who asked for one.

    A card that was delivered as it is, is left alone; a new version takes the old one's place. Each delivery of
    something new is one event.

    Raises
    ------
    RefusedRelease
        No governance, or it has expired.
    NotReady
        There are no cards yet.
    Refusal
        The person has no card: only who asked for one has.
    """
    opened = open_study(study, overrides=overrides)
    complete_interrupted(opened)
    opened.anchor.refuse_older()
    cards = _cards(opened)
    if person is not None:
        code = pseudonym_of(opened, person)
        cards = cards[cards["person"] == code].reset_index(drop=True)
        if cards.empty:
            raise Refusal(
                "There is no card for this person.",
                expected="somebody who asked for a card in the survey (Q_opt)",
                advice="check the identifier; a card is made at the person's own request only",
            )
    elif cards.empty:
        raise NotReady(
            "There are no cards to deliver.",
            where=str(opened.workspace / "handover"),
            advice="run the study with governance first; cards are made for people who asked for one",
        )
    return _hand_out(opened, cards)


def _cards(opened: OpenStudy) -> pd.DataFrame:
    """One row per card file: ``person``, ``wave``, ``file``."""
    rows = [
        {"person": path.name.split(".")[0], "wave": path.parent.parent.name, "file": path.name}
        for path in sorted((opened.workspace / "handover").glob("*/cards/*.html"))
    ]
    return pd.DataFrame(rows, columns=["person", "wave", "file"])


def _hand_out(opened: OpenStudy, cards: pd.DataFrame) -> list[str]:
    handover = opened.workspace / "handover"
    fresh = [
        (handover / wave / "cards" / name, handover / FOLDER / wave / person / name)
        for person, wave, name in cards[["person", "wave", "file"]].itertuples(index=False)
    ]
    fresh = [(card, place) for card, place in fresh if not _same(card, place)]
    people = sorted({place.parent.name for _, place in fresh})
    settings, events = opened.config.governance, ComingEvents(opened)
    rows = cards[cards["person"].isin(people)] if people else cards
    if not fresh and settings is not None:
        return ["Every card was delivered before, as it is now; nothing to do."]
    purpose = settings.purpose if settings is not None else "cards"
    grant("cards", rows, governance=settings, purpose=purpose, events=events, actor="segment deliver")
    with Transaction(opened.workspace, doing="deliver", steps=steps_of(opened)) as change:
        for card, place in fresh:
            copy = change.aside(place)
            shutil.copyfile(card, copy)
            copy.chmod(0o600)
            change.put(copy, place)
        detail = {"people": len(people), "references": [reference_of(opened, one) for one in people]}
        events.write("segment deliver", "deliver", "cards", detail)
        events.follow(change)
    return [
        f"{len(fresh)} cards of {len(people)} people delivered.",
        f"  where: {handover / FOLDER} (one folder per person, for its owner only)",
        "  purpose, approver and expiry stand in the event log",
    ]


def _same(card: Path, place: Path) -> bool:
    return place.is_file() and place.read_bytes() == card.read_bytes()
