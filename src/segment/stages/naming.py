"""`segment name`: HR calls a segment what people will remember, in every language, until it is called otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from segment.errors import InvalidInput, NotReady, nearest
from segment.locale import STANDS_IN
from segment.segments.names import Names, called, names_in
from segment.stages.base import OpenStudy, open_study
from segment.stages.given_names import ACTION, checked_name
from segment.stages.publish import wave_of
from segment.stages.recovery import complete_interrupted
from segment.stages.release.ledgers import events_of
from segment.stages.release.plans import names_now
from segment.stages.release.read_back import read_frame, read_names


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
    shown, every = _shown(opened), names_in(names_now(opened))
    number = _number(segment, shown)
    told = {language: checked_name(text, language=language) for language, text in names.items()}
    for language, text in told.items():
        others = [called(every, other, language).lower() for other in every if other != number]
        if text.lower() in others:
            raise InvalidInput("Another segment is called this already.", came=f"'{text}' ({language})")
    neutral = called(names_in(opened.store.read("segment_names")), number, STANDS_IN)
    detail = {"segment": number, "neutral": neutral, "names": told}
    events_of(opened).write(by.strip() or "HR", ACTION, f"segment {number + 1}", detail)
    anew = ", ".join(f"'{text}' ({language})" for language, text in told.items())
    was = called(shown, number, STANDS_IN)
    return f"Segment {number + 1}, '{was}', is called {anew} from the next release on: segment publish {file}"


def _shown(opened: OpenStudy) -> Names:
    """What the segments that the last release shows are called in it, by number."""
    folder = opened.workspace / "released" / wave_of(opened)
    file = folder / "segments.json"
    if not file.is_file():
        raise NotReady("Nothing was released that could be named.", advice="run the study first: segment run STUDY")
    rows = read_frame(file)
    rows = rows[rows["segment"].notna() & (rows["status"] != "hidden")]
    if len(rows) < 2:
        raise InvalidInput("There are no segments to name in this study.", came="everyone together")
    names = names_in(read_names(folder))
    return {number: names.get(number, {}) for number in sorted(rows["segment"].astype(float).astype(int))}


def _number(asked: str, shown: Names) -> int:
    """The segment that is meant, by its number or its name; a hidden one is no segment of the release."""
    known = {str(number + 1): number for number in shown}
    known |= {name: number for number, told in shown.items() for name in told.values()}
    found = {name.lower(): number for name, number in known.items()}
    if asked.strip().lower() in found:
        return found[asked.strip().lower()]
    raise InvalidInput(
        "There is no such segment in the last release.",
        expected=f"a number from the report ({', '.join(one for one in known if one.isdigit())}), or a segment's name",
        came=f"'{asked[:60]}'",
        advice=nearest(asked, known),
    )
