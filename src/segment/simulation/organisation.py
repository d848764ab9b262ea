"""An organisation with a known answer: people, surveys, employer form and results, and the truth beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from segment.errors import InvalidInput, nearest
from segment.simulation.answers import Wave, draw_answers, draw_response, open_wave
from segment.simulation.leaving import WINDOW
from segment.simulation.minds import Needscape, lay_out_needs
from segment.simulation.planted import NEEDS, Planted
from segment.simulation.population import populate
from segment.simulation.questionnaire import Questionnaire, open_questionnaire
from segment.simulation.records import WINDOW_END, WINDOW_START, export_people, label_of, tell_truth
from segment.simulation.streams import Streams
from segment.simulation.surroundings import fill_employer_form, list_offers, report_units
from segment.simulation.workforce import staff_organisation
from segment.vocabulary import World

#: Month of the window in which the first survey is held.
FIRST_WAVE = 26
_FEWEST = 50
_SHARES = (
    "within_correlation",
    "need_persistence",
    "segment_change",
    "experience_correlation",
    "experience_persistence",
    "response_rate",
    "missing",
    "straight_liners",
    "break_off",
)


@dataclass(frozen=True)
class Organisation:
    """Raw tables as an HR system and a survey tool would export them, and the planted truth.

    Attributes
    ----------
    people
        One row per person and spell.
    responses
        Per wave (label such as ``2023-03``) one row per person who answered.
    employer
        One row per need: what the organisation promises and offers.
    offers
        One row per open role: what it offers and asks.
    units
        One row per department and wave: results.
    truth
        One row per person who could be asked and wave: what was planted.
    meta
        Planted parameters and how the organisation was made, as plain values.

    Examples
    --------
    >>> organisation = simulate_organisation(60, seed=1, waves=1)
    >>> len(organisation.people) > 60, sorted(organisation.responses)
    (True, ['2023-03'])
    """

    people: pd.DataFrame
    responses: Mapping[str, pd.DataFrame]
    employer: pd.DataFrame
    offers: pd.DataFrame
    units: pd.DataFrame
    truth: pd.DataFrame
    meta: Mapping[str, object] = field(default_factory=dict)

    @property
    def waves(self) -> tuple[str, ...]:
        """The labels of the waves, oldest first."""
        return tuple(self.responses)


def simulate_organisation(
    people: int,
    *,
    seed: int,
    world: str = "needs",
    waves: int = 2,
    codebook: pd.DataFrame | Path | str | None = None,
    wishes: pd.DataFrame | Path | str | None = None,
    months_between_waves: int = 12,
    planted: Planted | None = None,
    **parameters: float,
) -> Organisation:
    """Simulate an organisation whose answer is known.

    Parameters
    ----------
    people
        Employees when the five-year window opens, at least 50. The organisation keeps about this size; with
        everyone who comes and goes, ``people`` has about 1.7 times as many rows.
    seed
        Same seed, same bytes. More waves leave the earlier ones as they are.
    world
        What really groups the people: ``needs``, ``departments``, ``none``, ``gradient`` or ``style``.
    waves
        Surveys, the first in March 2023, then every ``months_between_waves`` months, all inside the window.
    codebook, wishes
        Tables or CSV files; by default the project's own questionnaire.
    planted
        Parameters of the population; ``parameters`` replace single ones by name, such as ``separation=0.6``
        (segments closer together), ``acquiescence=0.8``, ``leaving_effect=0`` (nobody leaves because of needs)
        or ``response_rate=0.5``.

    Raises
    ------
    InvalidInput
        Too few people, no wave, too many waves for the window, an unknown world or parameter.

    Examples
    --------
    >>> organisation = simulate_organisation(60, seed=1, waves=1)
    >>> organisation.waves
    ('2023-03',)
    >>> simulate_organisation(20, seed=1)
    Traceback (most recent call last):
    segment.errors.InvalidInput: An organisation of 20 people is too small to simulate.
      expected: at least 50 people
      what to do: ask for more people; a smaller organisation cannot be segmented
    """
    chosen = _check(people, seed, world, waves, months_between_waves)
    settings = _adjust(planted or Planted(), parameters)
    form, streams = open_questionnaire(codebook, wishes), Streams(seed)
    scape = lay_out_needs(chosen, settings, streams.of("setting", 0))
    workforce = staff_organisation(people, scape, settings, streams)
    population = populate(workforce, chosen, scape, settings, streams)
    months = [FIRST_WAVE + index * months_between_waves for index in range(waves)]
    surveys = [
        open_wave(population, settings, label_of(month), index=index, month=month) for index, month in enumerate(months)
    ]
    answering = [draw_response(wave, len(population.mind), settings, streams) for wave in surveys]
    return Organisation(
        people=export_people(population, streams.of("identity", WINDOW)),
        responses={
            wave.label: draw_answers(wave, replies, form, settings, streams)
            for wave, replies in zip(surveys, answering, strict=True)
        },
        employer=fill_employer_form(),
        offers=list_offers(scape.climate, streams.of("surroundings")),
        units=_stack([report_units(w, streams.of("surroundings", w.index + 1)) for w in surveys]),
        truth=_stack([tell_truth(wave, answers) for wave, answers in zip(surveys, answering, strict=True)]),
        meta=_describe(people, seed, scape, surveys, form, settings),
    )


def _check(people: int, seed: int, world: str, waves: int, months_between: int) -> World:
    """Refuse what cannot be simulated; return the world."""
    for name, value in (("people", people), ("seed", seed), ("waves", waves), ("months_between_waves", months_between)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer):
            raise InvalidInput(f"{name} must be a whole number.", came=f"{type(value).__name__}")
    if people < _FEWEST:
        raise InvalidInput(
            f"An organisation of {people} people is too small to simulate.",
            expected=f"at least {_FEWEST} people",
            advice="ask for more people; a smaller organisation cannot be segmented",
        )
    if seed < 0:
        raise InvalidInput("A seed cannot be negative.", expected="0 or more", came=str(seed))
    if world not in list(World):
        raise InvalidInput(
            f"There is no world called {world!r}.",
            expected=", ".join(World),
            advice=nearest(str(world), list(World), listed=False) or "choose one of these worlds",
        )
    if waves < 1:
        raise InvalidInput("A simulated organisation needs a survey.", expected="waves of 1 or more", came=str(waves))
    if months_between < 1:
        raise InvalidInput("Waves must follow each other.", expected="months_between_waves of 1 or more")
    most = 1 + (WINDOW - 1 - FIRST_WAVE) // months_between
    if waves > most:
        raise InvalidInput(
            f"{waves} waves do not fit in the five years of observation.",
            expected=f"at most {most} waves with {months_between} months between them",
            advice="ask for fewer waves or set months_between_waves lower",
        )
    return World(world)


def _adjust(planted: Planted, parameters: Mapping[str, float]) -> Planted:
    """Return ``planted`` with single parameters replaced."""
    known = [name for name, value in planted.as_dict().items() if isinstance(value, float)]
    for name, value in parameters.items():
        if name not in known:
            raise InvalidInput(
                f"There is no planted parameter called {name!r}.",
                expected=", ".join(known),
                advice=nearest(name, known, listed=False) or "see Planted for what each one means",
            )
        most = 1.0 if name in _SHARES else np.inf
        if not 0 <= value <= most or np.isinf(value):
            wanted = "a share from 0 to 1" if name in _SHARES else "a number of 0 or more"
            raise InvalidInput(f"{name} cannot be used.", expected=wanted, came=str(value))
    return replace(planted, **parameters)  # type: ignore[arg-type]


def _stack(parts: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True)


def _describe(
    people: int, seed: int, scape: Needscape, surveys: list[Wave], form: Questionnaire, planted: Planted
) -> dict[str, object]:
    """Return how the organisation was made, as plain values."""
    return {
        "people": int(people),
        "seed": int(seed),
        "world": str(scape.world),
        "waves": [wave.label for wave in surveys],
        "wave_dates": [f"{wave.label}-01" for wave in surveys],
        "window": [WINDOW_START, WINDOW_END],
        "needs": list(form.needs),
        "need_columns": list(NEEDS),
        "ranked_needs": list(form.ranked_needs),
        "wishes": form.wishes["code"].tolist(),
        "n_segments": len(scape.shares),
        "segment_shares": scape.shares.round(4).tolist(),
        "segment_means": scape.centres.round(4).tolist(),
        "planted": planted.as_dict(),
    }
