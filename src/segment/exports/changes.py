"""What changed since the last wave that asked the same: sentences, and figures then and now as lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd

from segment.displays.base import Display
from segment.displays.column_text import cell_text
from segment.displays.labels import Labels, Row, of_segment, rows_of
from segment.displays.slope import Slope, draw_slopes
from segment.exports.blocks import Block, Section, pictures
from segment.exports.near_ties import Name, listed
from segment.exports.story import Story
from segment.locale import number, say
from segment.tables.shown import Told

#: What is drawn: the first of these of which two figures may be told.
_DRAWN = ("shortfall", "promise", "experience", "importance", "seven")


@dataclass(frozen=True)
class Change:
    """One figure then and now; ``direction``: more, less, or unsure."""

    topic: str
    name: str
    before: float
    now: float
    told: tuple[str, str]
    change: str
    direction: str

    @property
    def sure(self) -> bool:
        return self.direction in ("more", "less")


def changes_of(story: Story, language: str, segment: int | None = None) -> tuple[Change, ...]:
    """What may be told of a group's changes (``None``: everyone's), in the order of the questionnaire."""
    table = story.released.get("changes")
    rows = of_segment(rows_of(table), segment) if table is not None else pd.DataFrame()
    labels = story.labels(language)
    return tuple(_change(row, labels) for row in rows.to_dict("records"))


def _change(row: Row, labels: Labels) -> Change:
    share = row["now"] != row["now"]
    sides = [float(str(row[f"{one}_share" if share else one])) for one in ("before", "now")]
    digits = 2 if share else 0 if row["about"] == "enps" else 1
    told = tuple(number(one, labels.language, digits=digits) for one in sides)
    tell = partial(cell_text, labels=labels)
    return Change(
        str(row["topic"]), tell(row, Told("about", "about")), sides[0], sides[1], (told[0], told[1]),
        tell(row, Told("change", "signed", ends=("change_low", "change_high"))), str(row["direction"]),
    )  # fmt: skip


def compared_with(story: Story) -> str:
    """The wave that this one is compared with; empty where there is none, or nothing may be told of it."""
    table = story.released.get("changes")
    rows = rows_of(table) if table is not None else pd.DataFrame()
    return str(rows["since"].iloc[0]) if len(rows) else ""


def changed_told(story: Story, language: str) -> tuple[str, ...]:
    """How many of the figures of everyone surely changed since then, and which; nothing where none is compared."""
    every = changes_of(story, language)
    if not every:
        return ()
    since, sure = compared_with(story), [one for one in every if one.sure]
    words = {"since": since, "all": len(every), "n": len(sure)}
    told = [say(f"change.count{'' if sure else '.none'}", language, **words)]
    for topic in _DRAWN:
        for direction in ("more", "less"):
            named = [Name(one.name, 0) for one in sure if (one.topic, one.direction) == (topic, direction)]
            if named:
                told.append(say(f"change.{topic}.{direction}", language, names=listed(named, language)))
    return tuple(told)


def changes_section(story: Story, language: str, blocks: Sequence[Block]) -> Section:
    """What is surely otherwise than last time, and what may be chance."""
    title, told = say("change.title", language), changed_told(story, language)
    if not told:
        text = say("report.not_measured.sentence", language)
        return Section("changes", title, (text,), tuple(blocks), absent=not blocks)
    return Section("changes", title, (" ".join((*told, say("change.how", language))),), tuple(blocks))


def change_slopes(story: Story, language: str) -> Sequence[Block]:
    """The figures of everyone then and now: what is lacking, or the first of the others that were compared."""
    every = changes_of(story, language)
    topic = next((one for one in _DRAWN if sum(change.topic == one for change in every) > 1), "")
    own = [one for one in every if one.topic == topic]
    if not own:
        return ()
    sure = [Name(one.name, 0) for one in own if one.sure]
    words = {"since": compared_with(story), "all": len(own), "names": listed(sure, language) if sure else ""}
    title = say(f"change.drawn.{topic}{'' if sure else '.none'}", language, **words)
    slopes = [Slope(one.name, one.before, one.now, one.told, one.sure) for one in own]
    moments = (compared_with(story), story.wave)
    note = say("change.drawn.note", language)
    panel = draw_slopes(slopes, moments, prefix="changes", title=title, description=note)
    heads = [say(key, language) for key in ("change.figure", "change.change", "change.is")]
    columns = (heads[0], *moments, *heads[1:])
    lines = tuple((one.name, *one.told, one.change, say(f"change.direction.{one.direction}", language)) for one in own)
    return pictures(Display("changes", title, note, (panel,), columns, lines))
