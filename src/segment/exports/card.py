"""A person's own card, made because they asked for it: what matters to them and what they can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from segment.displays.labels import Row
from segment.errors import RefusedRelease
from segment.exports.pages import render_page
from segment.exports.story import Bilingual
from segment.governance.grant import GrantedTable
from segment.locale import STANDS_IN, number, percent, say

#: From the middle of the scale of 1 to 5 on a need is called important.
IMPORTANT = 3.0

_NO_TEXT: Mapping[str, Bilingual] = {}
#: The least and the most an answer could be; ``None``: questions about the need were asked on several scales.
Scale = tuple[float, float] | None
#: The scale that answers are kept on.
_KEPT_ON = (1.0, 5.0)


@dataclass(frozen=True)
class CardLine:
    """One need on a card.

    ``importance`` and ``experience`` are the person's own mean answers (1 to 5, NaN when not known). ``own`` (what the
    person could do) and ``ask`` (what they can ask for) hold ``title, what, first_step, owner`` in both languages;
    empty when the catalogue has nothing. ``well``: the need that matters most to who lacks nothing. ``scales``: the
    scale on which 'importance' and 'experience' were asked, 1 to 5 if that is not shown; the answers are shown on it.
    """

    need: Bilingual
    importance: float = float("nan")
    experience: float = float("nan")
    own: Mapping[str, Bilingual] = field(default_factory=dict)
    ask: Mapping[str, Bilingual] = field(default_factory=dict)
    well: bool = False
    wished: bool = False
    scales: Mapping[str, Scale] = field(default_factory=dict)

    @property
    def said(self) -> str:
        """The message that goes with the need: it is called important only where the person did so."""
        matters = "well" if self.well else "lacking"
        if self.importance != self.importance:
            return f"card.need.{matters}.unrated"
        return f"card.need.{matters}" if self.importance >= IMPORTANT else f"card.need.{matters}.modest"


@dataclass(frozen=True)
class CardContent:
    """Everything on one card; nothing says who it is about, the file's name does (by pseudonym).

    ``contact`` is where to object; ``expires`` is a date as text. ``translations``: language -> one of these lines
    (purpose, approver, legal_basis, contact) -> the same words for readers of that language.
    """

    wave: str
    lines: tuple[CardLine, ...]
    purpose: str
    approver: str
    expires: str
    legal_basis: str = ""
    contact: str = ""
    organisation: Bilingual = field(default_factory=dict)
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def translated(self, language: str) -> CardContent:
        """The card with its agreements in one language, where they were translated."""
        own = self.translations.get(language, {})
        return replace(
            self,
            purpose=own.get("purpose", self.purpose),
            approver=own.get("approver", self.approver),
            legal_basis=own.get("legal_basis", self.legal_basis),
            contact=own.get("contact", self.contact),
        )


def card_contents(
    granted: GrantedTable,
    *,
    need_names: Mapping[str, Bilingual],
    actions: Mapping[str, Mapping[str, Bilingual]],
    contact: str = "",
    translations: Mapping[str, Mapping[str, str]] | None = None,
    organisation: Bilingual | None = None,
    scales: Mapping[str, Mapping[str, Scale]] | None = None,
) -> dict[str, CardContent]:
    """Pseudonym -> card, for every person in granted rows.

    Parameters
    ----------
    granted
        The ``cards`` table as granted: one row per person and need with ``wave, rank, need, action`` and perhaps
        ``ask, kind, wished, importance, experience``.
    actions
        Action code -> ``title, what, first_step, owner`` -> text in both languages.
    contact
        Where to object: the data protection officer.
    translations
        Language -> purpose, approver, legal_basis and contact for readers of that language.
    scales
        'importance' and 'experience' -> need -> the scale on which that was asked; 1 to 5 if it is not shown.

    Raises
    ------
    RefusedRelease
        When the rows were not granted.
    """
    if not isinstance(granted, GrantedTable):
        raise RefusedRelease(
            "A card can only be made of granted rows.",
            expected="a GrantedTable",
            came=type(granted).__name__,
            advice="hand the rows to segment.privacy.grant, which asks for governance",
        )
    frame = granted.frame.sort_values(["person", "rank"], kind="stable")
    return {
        str(person): CardContent(
            wave=str(rows["wave"].iloc[0]),
            lines=tuple(_line(row, need_names, actions, scales or {}) for row in rows.to_dict("records")),
            purpose=granted.purpose,
            approver=granted.approver,
            expires=granted.expires.isoformat(),
            legal_basis=granted.legal_basis,
            contact=contact,
            organisation=organisation or {},
            translations=translations or {},
        )
        for person, rows in frame.groupby("person", sort=True)
    }


def _line(
    row: Row,
    need_names: Mapping[str, Bilingual],
    actions: Mapping[str, Mapping[str, Bilingual]],
    scales: Mapping[str, Mapping[str, Scale]],
) -> CardLine:
    need = str(row["need"])

    def texts(column: str) -> Mapping[str, Bilingual]:
        code = row.get(column)
        return _NO_TEXT if code is None or pd.isna(code) else actions.get(str(code), _NO_TEXT)

    def figure(column: str) -> float:
        value = row.get(column)
        return float("nan") if value is None or pd.isna(value) else float(value)

    return CardLine(
        need=need_names.get(need) or {STANDS_IN: need},
        importance=figure("importance"),
        experience=figure("experience"),
        own=texts("action"),
        ask=texts("ask"),
        well=row.get("kind") == "going well",
        wished=bool(row.get("wished", False)),
        scales={kind: own[need] for kind, own in scales.items() if need in own},
    )


def answer_text(value: float, language: str, scale: Scale = _KEPT_ON) -> str:
    """A person's own mean answer (kept as 1 to 5) in words, on the scale that was asked on; yes and no where it was.

    Where several scales were asked on it is reported on the one it is kept on, and that it was brought to it.

    >>> answer_text(4.5, "nl"), answer_text(4.5, "nl", (1.0, 7.0)), answer_text(4.5, "en", (-3.0, 3.0))
    ('4,5 van 5', '6,2 van 7', '2.2 on a scale of -3 to 3')
    >>> answer_text(5.0, "nl", (0.0, 1.0)), answer_text(3.0, "en", (0.0, 1.0)), answer_text(4.5, "en", None)
    ('ja', 'yes to 50% of the questions', '4.5 out of 5, brought to one scale')
    """
    low, high = scale or _KEPT_ON
    share = (value - 1) / 4
    told = number(low + share * (high - low), language)
    if scale is None:
        return say("card.scale.several", language, value=told)
    if high - low > 1:
        ends = {"low": f"{low:g}", "high": f"{high:g}"}
        return say("card.scale" if low in (0.0, 1.0) else "card.scale.between", language, value=told, **ends)
    if share in (0.0, 1.0):
        return say("card.yes" if share else "card.no", language)
    return say("card.yes.share", language, share=percent(share, language))


def ends_text(language: str, scale: Scale = _KEPT_ON) -> tuple[str, str]:
    """What stands at the two ends of the bar of an answer.

    >>> ends_text("nl"), ends_text("en", (0.0, 10.0)), ends_text("nl", (0.0, 1.0))
    (('1', '5'), ('0', '10'), ('nee', 'ja'))
    """
    low, high = scale or _KEPT_ON
    return (f"{low:g}", f"{high:g}") if high - low > 1 else (say("card.no", language), say("card.yes", language))


def render_card(card: CardContent, language: str) -> str:
    """The card as one HTML page in one language, addressed to the person ('je', 'you').

    Examples
    --------
    >>> line = CardLine(need={"nl": "Groei", "en": "Growth"}, importance=4.5, experience=2.0)
    >>> card = CardContent("2025", (line,), purpose="own card", approver="HR director", expires="2026-12-31")
    >>> page = render_card(card, "nl")
    >>> "Groei" in page, "4,5 van 5" in page, "2026-12-31" in page
    (True, True, True)
    """
    own = card.translated(language)
    return render_page("card.html.j2", language, card=own, answer_text=answer_text, ends_text=ends_text)
