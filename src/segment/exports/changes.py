"""What changed since the last wave that asked the same, and what actions did: sentences, and figures as lines."""

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
from segment.tables.shown import ShownColumn

#: What is drawn: the first of these of which two figures may be reported.
_DRAWN = ("shortfall", "promise", "experience", "importance", "seven")
#: Actions that were begun and that page one names; the section has all.
_ACTIONS = 2


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
    """What may be reported of a group's changes (``None``: everyone's), in the order of the questionnaire."""
    table = story.released.get("changes")
    rows = of_segment(rows_of(table), segment) if table is not None else pd.DataFrame()
    labels = story.labels(language)
    shared = rows.duplicated(["topic", "about"], keep=False) if len(rows) else ()
    return tuple(_change(row, labels, several) for row, several in zip(rows.to_dict("records"), shared, strict=True))


def _change(row: Row, labels: Labels, several: bool) -> Change:
    """One row in words; of several figures of one name each is called by its R."""
    share = row["now"] != row["now"]
    sides = [float(str(row[f"{one}_share" if share else one])) for one in ("before", "now")]
    digits = 2 if share else 0 if row["about"] == "enps" else 1
    told = tuple(number(one, labels.language, digits=digits) for one in sides)
    tell = partial(cell_text, labels=labels)
    name = tell(row, ShownColumn("about", "about"))
    if several:
        name = say("change.name", labels.language, r=tell(row, ShownColumn("r", "r")), name=name)
    return Change(
        str(row["topic"]), name, sides[0], sides[1], (told[0], told[1]),
        tell(row, ShownColumn("change", "signed", ends=("change_low", "change_high"), share="now_share")),
        str(row["direction"]),
    )  # fmt: skip


def compared_with(story: Story) -> str:
    """The wave that this one is compared with; empty where there is none, or nothing may be reported of it."""
    table = story.released.get("changes")
    rows = rows_of(table) if table is not None else pd.DataFrame()
    return str(rows["since"].iloc[0]) if len(rows) else ""


def changed_told(story: Story, language: str) -> tuple[str, ...]:
    """How many of the figures of everyone surely changed since then, and which; nothing without an earlier wave."""
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
    note = " ".join(say(key, language) for key in ("change.drawn.note", "change.judged"))
    panel = draw_slopes(slopes, moments, prefix="changes", title=title, description=note)
    heads = [say(key, language) for key in ("change.figure", "change.change", "change.is")]
    columns = (heads[0], *moments, *heads[1:])
    lines = tuple((one.name, *one.told, one.change, say(f"change.direction.{one.direction}", language)) for one in own)
    return pictures(Display("changes", title, note, (panel,), columns, lines))


def what_actions_did(story: Story, language: str) -> tuple[str, ...]:
    """Sentences for page one; none where no effect was measured."""
    table = story.released.get("action_effects")
    rows = pd.DataFrame() if table is None else rows_of(table).query("status != 'hidden'")
    told = rows[rows["result"].isin(["better", "worse", "unsure"])] if len(rows) else rows
    if not len(told):
        return ()
    sure = told[told["result"] != "unsure"]
    targets = sure[sure["role"] == "target"].to_dict("records")
    said = [_told_of(story, row, language, f"action.told.{row['result']}") for row in targets[:_ACTIONS]]
    if not said:
        measured = told.loc[told["role"] == "target", "action"].nunique()
        said = [say(f"action.told.unsure{'' if measured != 1 else '.one'}", language, n=measured)]
    losses = sure[(sure["role"] == "side") & (sure["result"] == "worse")].to_dict("records")
    said += [_told_of(story, row, language, "action.told.loss") for row in losses[:_ACTIONS]]
    return (*said, say("action.told.how", language))


def _told_of(story: Story, row: Row, language: str, key: str) -> str:
    """What one action did to one figure, with its interval."""
    action, figure = (cell_text(row, ShownColumn(name, name), story.labels(language)) for name in ("action", "about"))
    share = row["before_share"] == row["before_share"]  # then in points of a hundred, and told as a part of one
    figures = (float(str(row[name])) / (100 if share else 1) for name in ("effect", "effect_low", "effect_high"))
    change, low, high = (number(one, language, digits=3 if share else 1) for one in figures)
    return say(key, language, action=action, figure=figure, change=change, low=low, high=high)
