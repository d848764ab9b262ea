"""`segment power`: what a survey of so many people and questions would find, before anybody is asked."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from segment.config import load_study
from segment.displays.power import draw_power, refuse_picture
from segment.errors import InvalidInput, NotReady
from segment.ingest import read_inputs, refuse_errors
from segment.locale import bare_wave
from segment.segments.detection import CHANCE, PEOPLE, Curve, fewest_people, smallest_difference
from segment.segments.gates import Gates
from segment.segments.measurement import Measurement
from segment.segments.planting import Planting
from segment.stages.base import OpenStudy, open_study
from segment.stages.codebooks import codebook_of
from segment.stages.rights.exclusion import without_excluded
from segment.stages.segmentation.basis import answered_in, basis_of
from segment.stages.simulate import ensure_raw_exports
from segment.stages.waves import model_wave

#: Groups that are planted where nobody says how many.
GROUPS = 4
_FEWEST, _MOST = 100, 1_000_000
_ASKED = "--people N --needs K --items I, or a study file"


@dataclass(frozen=True)
class Question:
    """What is asked of a survey; what is left open is None."""

    people: int | None = None
    needs: int | None = None
    items: int | None = None
    difference: float | None = None
    segments: int | None = None
    shares: Sequence[float] | None = None
    out: Path | None = None
    worlds: int = 36
    seed: int = 0
    n_jobs: int | None = None


def read_shares(shares: str | None) -> list[float] | None:
    """Sizes of groups as they are put on the command line, in one text.

    Raises
    ------
    InvalidInput
        Shares that are not numbers.
    """
    if shares is None:
        return None
    try:
        return [float(part) for part in shares.replace("%", "").split(",")]
    except ValueError:
        raise InvalidInput(
            "The sizes of the groups cannot be read.", expected="numbers with commas between, such as 40,30,20,10",
            came=repr(shares), where="--shares",
        ) from None  # fmt: skip


def tell_power(study: Path | None, asked: Question, *, overrides: Sequence[str] = ()) -> list[str]:
    """What to say about a survey: the detection limit, the chance at a difference, from how many people on; a table.

    Raises
    ------
    InvalidInput
        Numbers that no survey has, or neither a study nor numbers.
    NotReady
        The study has not been asked anything yet, and nobody says how many people there will be.
    """
    if asked.out is not None:
        refuse_picture(asked.out)
    _refuse(asked, study)
    measurement, source, gates = _measured(study, asked, overrides)
    count = asked.segments or (len(asked.shares) if asked.shares else min(GROUPS, len(measurement.needs)))
    planting = Planting.apart(measurement, asked.shares or [1.0] * count, gates)
    if asked.difference is not None and not 0 < asked.difference <= measurement.range:
        raise InvalidInput(
            "No groups can differ by that much.", expected=f"points of the scale, above 0 and at most "
            f"{measurement.range:g}", came=f"{asked.difference:g}", where="--difference",
        )  # fmt: skip
    settings = {"n_worlds": asked.worlds, "random_state": asked.seed, "n_jobs": asked.n_jobs}
    limit = smallest_difference(planting, **settings)  # type: ignore[arg-type]
    lines = [*_about(planting, source), "", *_table(limit, "difference", 2), "", _said_limit(limit, planting)]
    curve, axis = limit, "how far groups differ in a need, in points of the scale"
    if asked.difference is not None:
        more = fewest_people(planting, asked.difference, **settings)  # type: ignore[arg-type]
        lines += [_said_chance(limit, asked.difference, len(measurement)), "", *_table(more, "people", 0), ""]
        lines += [_said_people(more, asked.difference)]
        curve, axis = more, f"people who answer, where groups differ by {asked.difference:g} points"
    if asked.out is not None:
        _draw(curve, asked.out, axis)
        lines.append(f"Curve: {asked.out}")
    return lines


def _refuse(asked: Question, study: Path | None) -> None:
    """Stop at numbers that no survey has."""
    if study is None and None in (asked.people, asked.needs, asked.items):
        missing = [f"--{name}" for name in ("people", "needs", "items") if getattr(asked, name) is None]
        raise InvalidInput(
            "Nobody can tell what a survey shows without knowing it.", expected=_ASKED,
            came=f"no study, and no {', no '.join(missing)}",
        )  # fmt: skip
    if study is not None and (asked.needs is not None or asked.items is not None):
        raise InvalidInput(
            "A study knows its own needs and questions.", expected=_ASKED, came="a study file with --needs or --items"
        )
    if asked.n_jobs == 0:
        raise InvalidInput(
            "Nothing is worked out by no process.", expected="1 or more, or -1 for all cores", came="0", where="--jobs"
        )
    bounds = {"people": (_FEWEST, _MOST), "needs": (2, 40), "items": (1, 40), "segments": (2, 40),
              "worlds": (12, 2000)}  # fmt: skip
    for name, (least, most) in bounds.items():
        value = getattr(asked, name)
        if value is not None and not least <= value <= most:
            raise InvalidInput(
                f"A survey with so many {name} cannot be looked at.", expected=f"{least:,} to {most:,}",
                came=f"{value:,}", where=f"--{name}",
            )  # fmt: skip
    if asked.shares is not None and asked.segments is not None and len(asked.shares) != asked.segments:
        raise InvalidInput(
            "Every group has one share.", expected=f"{asked.segments} shares", came=f"{len(asked.shares)}",
            where="--shares",
        )  # fmt: skip


def _measured(study: Path | None, asked: Question, overrides: Sequence[str]) -> tuple[Measurement, str, Gates]:
    """The survey as an instrument, where its figures come from, and the gates of the search."""
    if study is None:
        assert asked.people is not None and asked.needs is not None and asked.items is not None
        return (
            Measurement.assumed(asked.people, asked.needs, asked.items),
            "assumed: a scale of 1 to 5, noise of .9 in an answer, .45 between people of one group in a need, .5 in "
            "saying yes to everything, 5 % of answers missing",
            Gates(smallest_n=30),
        )
    if load_study(study, overrides=overrides).config.simulation is not None:
        with tempfile.TemporaryDirectory() as aside:
            return _of_study(open_study(study, overrides=[*overrides, f"workspace={aside}"]), asked)
    return _of_study(open_study(study, overrides=overrides), asked)


def _of_study(opened: OpenStudy, asked: Question) -> tuple[Measurement, str, Gates]:
    """Measured on the answers of the study's survey; assumed from its codebook where nobody has answered yet."""
    ensure_raw_exports(opened.study)
    settings, codebook = opened.config.segmentation, codebook_of(opened)
    gates = Gates(smallest_share=settings.min_share, smallest_n=settings.min_people, agreement=settings.min_agreement)
    read = read_inputs(opened.study, key=opened.key)
    refuse_errors(read.findings)
    responses = without_excluded(opened, read).tables.get("responses")
    if codebook is None or responses is None or responses.empty:
        raise NotReady(
            "This study has no answers yet, so nothing says how well its questions measure.", expected=_ASKED,
            came="a study without answers", advice="give --people, --needs and --items instead",
        )  # fmt: skip
    wave = model_wave(opened, responses)
    basis = basis_of(codebook, settings.basis, answered_in(responses, wave))
    people = responses[responses["wave"] == wave]
    measured = Measurement.of(
        basis.items(people), basis.need_map, people["weight"].to_numpy(dtype=float), scales=basis.scales
    ) if len(basis.needs) > 1 else None  # fmt: skip
    if measured is None:
        raise NotReady(
            "This survey does not say how well it measures.", expected="two needs or more, with two questions or more "
            "each", came="fewer", where=f"wave {bare_wave(wave)}", advice="give --people, --needs and --items instead",
        )  # fmt: skip
    return (
        measured if asked.people is None else measured.asked_of(asked.people),
        f"measured on wave {bare_wave(wave)}: reliability, style, gaps and scale are this survey's own",
        gates,
    )


def _about(planting: Planting, source: str) -> list[str]:
    measurement = planting.measurement
    sizes = ", ".join(f"{share:.0%}" for share in planting.shares)
    asked = len(measurement.need_map) / len(measurement.needs)
    return [
        f"{len(measurement):,} people, {len(measurement.needs)} needs, {asked:.3g} questions for each; {source}.",
        f"Planted: {planting.k} groups ({sizes} of the people). Each finds one need of its own more important than the "
        f"other groups do, by the difference in the first column.",
    ]


def _table(curve: Curve, axis: str, digits: int) -> list[str]:
    """What was seen on every rung, as lines of text."""
    told = curve.rungs()
    shown = pd.DataFrame(
        {
            axis: told["x"].map(lambda x: f"{x:,.{digits}f}"),
            "worlds": told["worlds"],
            "found": told["found"].map("{:.0%}".format),
            "chance": told["chance"].map("{:.0%}".format),
            "roughly": [f"{low:.0%} to {high:.0%}" for low, high in zip(told["low"], told["high"], strict=True)],
            "agreement with what was planted": told["agreement"].map("{:.2f}".format),
            "knowing it": told["ceiling"].map("{:.2f}".format),
        }
    )
    return shown.to_string(index=False).splitlines()


def _said_limit(curve: Curve, planting: Planting) -> str:
    width = planting.measurement.range
    if np.isnan(curve.limit):
        most = float(curve.worlds["x"].max())
        none = (
            f"Detection limit: none; not even differences of {most:.2f} of {width:g} points are found in {CHANCE:.0%}."
        )
        if len(planting.measurement.needs) > 2:
            return none
        return (
            f"{none} With two needs everyone lies on one line, and people spread evenly along a line divide in the "
            "same way again and again: the search calls that a difference by degree, however far apart two groups are. "
            "Ask about three needs or more."
        )
    return (
        f"Detection limit: {curve.limit:.2f} points of a scale that is {width:g} wide (roughly {curve.low:.2f} to "
        f"{curve.high:.2f}). Groups that differ by so much are found in {CHANCE:.0%} of worlds."
    )


def _said_chance(curve: Curve, difference: float, people: int) -> str:
    chance, low, high = curve.chance(difference)
    return (
        f"Groups that differ by {difference:g} points are found among {people:,} people with a chance of {chance:.0%} "
        f"(roughly {low:.0%} to {high:.0%})."
    )


def _said_people(curve: Curve, difference: float) -> str:
    if np.isnan(curve.limit):
        return (
            f"Groups that differ by {difference:g} points are not found in {CHANCE:.0%} of worlds of {PEOPLE[-1]:,} "
            f"people either, and the search decides on no more people: ask more questions for each need."
        )
    return (
        f"From about {curve.limit:,.0f} people on (roughly {curve.low:,.0f} to {curve.high:,.0f}) they are found in "
        f"{CHANCE:.0%} of worlds."
    )


def _draw(curve: Curve, out: Path, axis: str) -> None:
    rungs = curve.rungs()
    x = np.linspace(float(rungs["x"].min()), float(rungs["x"].max()), 160)
    points = pd.DataFrame([curve.chance(one) for one in x], columns=["chance", "low", "high"]).assign(x=x)
    draw_power(
        points, rungs, out, axis=axis, title="Chance to find groups that are there", limit=curve.limit, wanted=CHANCE
    )
