"""`segment name`: HR calls a segment what people will remember, in every language, until it is called otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from segment.errors import InvalidInput, NotReady, nearest
from segment.locale import STANDS_IN
from segment.stages.base import OpenStudy, open_study
from segment.stages.given_names import ACTION, checked_name
from segment.stages.publish import wave_of
from segment.stages.recovery import complete_interrupted
from segment.stages.release.ledgers import events_of
from segment.stages.release.plans import segments_named
from segment.stages.release.read_back import read_frame


def name_segment(file: Path, *, segment: str, names: Mapping[str, str], by: str, overrides: Sequence[str] = ()) -> str:
    """Give a segment of the last release a name; returns what to say about it.

    Parameters
    ----------
    segment
        Its number as in the report (from 1), or what it is called there in any language.
    names
        Language -> name.

    Raises
    ------
    InvalidInput
        A name that is not safe in every file, that another segment has, or no such segment in the release.
    NotReady
        Nothing was released yet.
    """
    opened = open_study(file, overrides=overrides)
    complete_interrupted(opened)
    opened.anchor.refuse_older()
    shown, every = _shown(opened), _every(opened)
    number = _number(segment, shown)
    told = {language: checked_name(text, language=language) for language, text in names.items()}
    others = every[every["segment"] != number]
    for language, text in told.items():
        if text.lower() in others[f"name_{language}"].astype(str).str.lower().tolist():
            raise InvalidInput("Another segment is called this already.", came=f"'{text}' ({language})")
    neutral = opened.store.read("segments").query("segment == @number")[f"name_{STANDS_IN}"].iloc[-1]
    detail = {"segment": number, "neutral": str(neutral), "names": told}
    events_of(opened).write(by.strip() or "HR", ACTION, f"segment {number + 1}", detail)
    was = shown.loc[shown["segment"] == number, f"name_{STANDS_IN}"].iloc[0]
    called = ", ".join(f"'{text}' ({language})" for language, text in told.items())
    return f"Segment {number + 1}, '{was}', is called {called} from the next release on: segment publish {file}"


def _every(opened: OpenStudy) -> pd.DataFrame:
    """All segments of the wave of the release, as they are called now."""
    table = segments_named(opened)
    return table[table["wave"] == wave_of(opened)]


def _shown(opened: OpenStudy) -> pd.DataFrame:
    """The segments that the last release shows, by number and name."""
    file = opened.workspace / "released" / wave_of(opened) / "segments.json"
    if not file.is_file():
        raise NotReady("Nothing was released that could be named.", advice="run the study first: segment run STUDY")
    rows = read_frame(file)
    rows = rows[rows["segment"].notna() & (rows["status"] != "hidden")]
    if len(rows) < 2:
        raise InvalidInput("There are no segments to name in this study.", came="everyone together")
    return rows.assign(segment=rows["segment"].astype(float).astype(int))


def _number(asked: str, shown: pd.DataFrame) -> int:
    """The segment that is meant, by its number or its name; a hidden one is no segment of the release."""
    names = shown.filter(regex="^name_")
    known = {str(number + 1): int(number) for number in shown["segment"]}
    for column in names:
        known |= {str(name): int(at) for name, at in zip(names[column], shown["segment"], strict=True)}
    found = {name.lower(): number for name, number in known.items()}
    if asked.strip().lower() in found:
        return found[asked.strip().lower()]
    raise InvalidInput(
        "There is no such segment in the last release.",
        expected=f"a number from the report ({', '.join(one for one in known if one.isdigit())}), or a segment's name",
        came=f"'{asked[:60]}'",
        advice=nearest(asked, known),
    )
