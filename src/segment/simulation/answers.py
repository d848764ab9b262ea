"""What simulated people answer in one wave: ratings with response style, rankings, picks and outcomes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr

from segment.simulation.leaving import tenure_effect, weigh_reasons
from segment.simulation.minds import YEARS
from segment.simulation.planted import (
    BROKEN_CENTRE,
    BROKEN_SPREAD,
    NEEDS,
    UNMET_CENTRE,
    UNMET_SPREAD,
    Planted,
)
from segment.simulation.population import NEVER, Population
from segment.simulation.questionnaire import Questionnaire
from segment.simulation.streams import Streams
from segment.simulation.workforce import circumstances_of
from segment.vocabulary import ItemKind, Relation

#: What people outside the organisation can be asked; everyone else gets the whole questionnaire.
_OF_ALL = (ItemKind.IMPORTANCE, ItemKind.RANK, ItemKind.WISH, ItemKind.SURVEY_TRUST, ItemKind.PERSONALISE_OPTIN)
_ASKED: dict[Relation, tuple[ItemKind, ...]] = {
    Relation.CANDIDATE: _OF_ALL,
    Relation.ALUMNUS: (*_OF_ALL, ItemKind.ENPS, ItemKind.REFERRAL, ItemKind.REPUTATION),
}
#: Response rate of people outside, relative to the employees'.
_KEENNESS = {Relation.CONTRACTOR: 0.7, Relation.CANDIDATE: 0.6, Relation.ALUMNUS: 0.45}
#: How much more or less often a segment answers (added to the response rate).
SEGMENT_RESPONSE: tuple[float, ...] = (-0.02, 0.02, 0.03, -0.03, 0.03)
_NEW_MONTHS = 24


@dataclass(frozen=True)
class Wave:
    """One survey: its label, position, month of the window, and who could be asked with their state then.

    ``present`` has one row per person who could be asked (see ``Population.attend``) with the columns of
    ``draw_facts`` and: tenure (months, NaN without a spell), segment, level, stretch, straight, unmet, broken,
    the parts of the log hazard, and ``fit``, ``trust``, ``mood`` (about mean 0, sd 1). ``need`` and
    ``experience`` are (people, needs).
    """

    label: str
    index: int
    month: int
    present: pd.DataFrame
    need: np.ndarray
    experience: np.ndarray
    promised: np.ndarray


def open_wave(population: Population, planted: Planted, label: str, *, index: int, month: int) -> Wave:
    """Gather who could be asked in ``month`` and what is true of them then."""
    year = min(month // 12, YEARS - 1)
    asked = population.attend(month)
    who = asked["person"].to_numpy()
    mind, style = population.mind.take(who), population.style
    reasons = weigh_reasons(planted, mind, circumstances_of(asked), year)
    tenure = (month - asked["start"]).where(asked["start"] != NEVER)
    months = tenure.fillna(1).to_numpy(dtype=int)
    new = asked["temporary"].to_numpy() & (months <= planted.effects.temporary_months)
    unmet, broken = mind.unmet(year), mind.broken(year)
    present = asked.assign(
        relation=population.relation[who],
        person_id=population.person_id[who],
        tenure=tenure,
        segment=mind.segment[year],
        level=style.level[who],
        stretch=style.stretch[who],
        style_group=style.group[who],
        straight=style.straight[who],
        unmet=unmet,
        broken=broken,
        hazard_base=planted.effects.voluntary_base,
        hazard_tenure=tenure_effect(planted.effects, months),
        hazard_unmet=reasons.unmet,
        hazard_broken=reasons.broken,
        hazard_circumstances=reasons.circumstances + planted.effects.temporary_voluntary * new,
        hazard_involuntary=planted.effects.involuntary_base
        + reasons.involuntary
        + planted.effects.temporary_involuntary * new
        + planted.effects.probation * (months <= planted.effects.probation_months),
        fit=(UNMET_CENTRE - unmet) / UNMET_SPREAD,
        trust=(BROKEN_CENTRE - broken) / BROKEN_SPREAD,
        mood=mind.experience[year].mean(axis=1) / (planted.experience_sd or 1.0),
    )
    return Wave(label, index, month, present, mind.need[year], mind.experience[year], mind.promised)


def draw_response(wave: Wave, n_people: int, planted: Planted, streams: Streams) -> np.ndarray:
    """Tell who answers: about ``response_rate`` of the employees, mostly the same people in every wave.

    A person answers when ``0.8 habit + 0.6 occasion`` falls under their chance (both standard normal), so that
    habit carries over from wave to wave.
    """
    from_habit = streams.of("response").standard_normal(n_people)[wave.present["person"]]
    occasion = streams.of("response", wave.index).standard_normal(n_people)[wave.present["person"]]
    rank = 0.8 * from_habit + 0.6 * occasion
    segment = wave.present["segment"].to_numpy()
    tilt = np.array(SEGMENT_RESPONSE)[segment] if segment.max() > 0 else np.zeros(len(segment))
    keen = wave.present["relation"].map(_KEENNESS).fillna(1.0).to_numpy(dtype=float)
    chance = np.clip((planted.response_rate + tilt) * keen, 0.0, 1.0)
    answers: np.ndarray = ndtr(rank) < chance
    return answers


def draw_answers(
    wave: Wave, answering: np.ndarray, form: Questionnaire, planted: Planted, streams: Streams
) -> pd.DataFrame:
    """Return one row per person who answers: person_id, wave, weight, then the columns of the questionnaire.

    Ratings 1..5 follow ``round(clip(3 + s (b + l x + a + e - 3)))``: ``x`` the position the item asks about,
    ``b`` and ``l`` the item's intercept and loading (the same in every wave), ``a`` and ``s`` the person's level
    and stretch, ``e`` noise. Rankings are 1 (first) to 6, picks 0 or 1 per option, eNPS 0..10, yes/no in words,
    the heaviest moment its item code; free text stays empty. NaN = not asked, not answered, did not happen.
    """
    rated = _draw_ratings(wave, form, planted, streams)
    choices = _draw_choices(wave, form, streams)
    moments = form.codes(ItemKind.MOMENT)
    for code in form.codes(ItemKind.MOMENT_PICK):
        choices[code] = _pick_moment(rated[moments], streams.of("choices", wave.index, 1))
    answers = pd.concat([rated, choices], axis=1)[form.columns]
    answers = _leave_gaps(answers, wave, form, planted, streams.of("gaps", wave.index))
    head = pd.DataFrame(
        {
            "person_id": wave.present["person_id"],
            "wave": wave.label,
            "weight": _weights(wave.present, answering),
        }
    )
    table = pd.concat([head, answers], axis=1)[answering]
    order = streams.of("identity", wave.index).permutation(len(table))
    return table.iloc[order].reset_index(drop=True)


def _draw_ratings(wave: Wave, form: Questionnaire, planted: Planted, streams: Streams) -> pd.DataFrame:
    """Return the ratings of everyone present, 1..5; moments that did not happen are NaN."""
    items, setting, rng = form.rated, streams.of("items"), streams.of("answers", wave.index)
    intercept = planted.intercept + setting.normal(0.0, planted.intercept_sd, len(items))
    loading = setting.uniform(*planted.loading, len(items))
    happens = setting.uniform(0.3, 0.8, len(items))
    present = wave.present
    own = rng.standard_normal((len(present), 3)) * 0.5
    answers = np.empty((len(present), len(items)))
    for column, (word, need, reverse) in enumerate(zip(items["kind"], items["driver"], items["reverse"], strict=True)):
        kind = ItemKind(word)
        signal = _signal(wave, kind, need, own)
        sign = -1.0 if reverse == "R" else 1.0
        noise = planted.importance_noise if kind is ItemKind.IMPORTANCE else planted.noise
        feels = intercept[column] + sign * loading[column] * signal + present["level"].to_numpy()
        felt = feels + noise * rng.standard_normal(len(present))
        answers[:, column] = 3.0 + present["stretch"].to_numpy() * (felt - 3.0)
        if kind is ItemKind.MOMENT:
            answers[rng.random(len(present)) > happens[column], column] = np.nan
    answers = np.clip(np.rint(answers), 1.0, 5.0)
    flat = np.clip(np.rint(planted.intercept + present["level"].to_numpy()), 1.0, 5.0)[:, None]
    same = present["straight"].to_numpy()[:, None] & ~np.isnan(answers)
    return pd.DataFrame(np.where(same, flat, answers), columns=items["code"])


def _signal(wave: Wave, kind: ItemKind, driver: str, own: np.ndarray) -> np.ndarray:
    """Return the position (about need units) that an item of this kind asks about; ``own``: lasting traits."""
    present = wave.present
    column = list(NEEDS).index(driver) if driver in NEEDS else None
    if column is not None:
        of_need = {
            ItemKind.IMPORTANCE: wave.need,
            ItemKind.EXPERIENCE: wave.experience,
            ItemKind.PROMISED: wave.promised,
            ItemKind.KEPT: wave.experience - wave.promised,
        }
        need: np.ndarray = of_need[kind][:, column]
        return need
    fit, trust, mood = (present[name].to_numpy() for name in ("fit", "trust", "mood"))
    leaving = (present["hazard_unmet"] + present["hazard_broken"] + present["hazard_tenure"]).to_numpy()
    wholes = {
        ItemKind.PROMISE_TRUST: 0.8 * trust,
        ItemKind.OVERPROMISE: 0.8 * trust,
        ItemKind.OWN_CONTRIBUTION: 0.8 + own[:, 0],
        ItemKind.EMPLOYER_ASK: 0.3 * mood + own[:, 1],
        ItemKind.BALANCE: 0.5 * fit + 0.3 * trust,
        ItemKind.TALK: 0.5 * mood + 0.2 * trust,
        ItemKind.FIT_NOW: 0.8 * fit,
        ItemKind.FIT_FUTURE: 0.7 * fit - 0.2,
        ItemKind.MOMENT: 0.6 * mood + 0.3 * trust,
        ItemKind.ENGAGEMENT: 0.5 * fit + 0.3 * mood + own[:, 0],
        ItemKind.PRIDE: 0.3 * fit + 0.3 * mood + 0.6 * own[:, 0],
        ItemKind.BELONGING: 0.4 * fit + 0.4 * mood,
        ItemKind.RELATIONSHIP: 0.4 * fit + 0.4 * trust,
        ItemKind.STAY: 0.4 - leaving + 0.8 * own[:, 2],
        ItemKind.REPUTATION: 0.3 * mood + 0.4 * trust,
        ItemKind.RECRUITMENT: 0.6 * trust,
        ItemKind.SURVEY_TRUST: 0.4 * trust + own[:, 1],
    }
    result: np.ndarray = wholes[kind]
    return result


def _draw_choices(wave: Wave, form: Questionnaire, streams: Streams) -> pd.DataFrame:
    """Return rankings, wishes, eNPS, yes/no answers and the (empty) free text of everyone present."""
    rng, present = streams.of("choices", wave.index), wave.present
    n_people = len(present)
    fit, trust = present["fit"].to_numpy(), present["trust"].to_numpy()
    columns: dict[str, np.ndarray] = {}
    for code, kind, scale in zip(form.items["code"], form.items["kind"], form.items["scale"], strict=True):
        names = form.columns_of(code, scale)
        if scale == "rank6":
            liking = wave.need[:, _positions(form.ranked_needs)] + rng.gumbel(0.0, 0.6, (n_people, len(names)))
            columns |= dict(zip(names, _ranks(-liking).T + 1.0, strict=True))
        elif scale == "pick3of12":
            columns |= dict(zip(names, _pick_wishes(wave, form, rng).T, strict=True))
        elif scale == "0-10":
            felt = 6.8 + 1.3 * fit + 0.6 * trust + present["level"] + 1.5 * rng.standard_normal(n_people)
            columns[code] = np.clip(np.rint(felt), 0.0, 10.0)
        elif scale == "yesno":
            lean = 0.5 * trust if kind == ItemKind.PERSONALISE_OPTIN else 0.8 * fit - 0.6
            yes = rng.random(n_people) < 1.0 / (1.0 + np.exp(-lean))
            columns[code] = np.where(yes, "yes", "no").astype(object)
        elif scale in ("open", "pick1"):
            columns[code] = np.full(n_people, np.nan)
    return pd.DataFrame(columns)


def _pick_wishes(wave: Wave, form: Questionnaire, rng: np.random.Generator) -> np.ndarray:
    """Return 0 or 1 per person and wish, at most three picked: needs that matter and lack are picked most."""
    places = _positions(form.wishes["need"])
    inside = (wave.present["start"] != NEVER).to_numpy()[:, None]
    lack = np.where(inside, wave.need - wave.experience, wave.need)[:, places]
    liking = lack + rng.gumbel(0.0, 0.8, lack.shape)
    many = rng.choice([0, 1, 2, 3], len(lack), p=[0.03, 0.06, 0.13, 0.78])[:, None]
    picked: np.ndarray = (_ranks(-liking) < many).astype(float)
    return picked


def _pick_moment(moments: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Return the code of the moment that weighed most: one that happened, extreme ones more often."""
    weight = (moments - 3.0).abs().to_numpy() + rng.gumbel(0.0, 1.0, moments.shape)
    weight = np.where(np.isnan(weight), -np.inf, weight)
    heaviest = np.array(moments.columns, dtype=object)[weight.argmax(axis=1)]
    return np.where(np.isneginf(weight).all(axis=1), np.nan, heaviest)


def _leave_gaps(
    answers: pd.DataFrame, wave: Wave, form: Questionnaire, planted: Planted, rng: np.random.Generator
) -> pd.DataFrame:
    """Blank what was not asked, not answered, or came after someone broke off."""
    question = np.repeat(np.arange(len(form.items)), [len(form.columns_of(*pair)) for pair in _pairs(form.items)])
    n_people, n_items = len(answers), len(form.items)
    blank = rng.random((n_people, n_items)) < planted.missing
    stops = rng.integers(n_items // 4, n_items, n_people)
    breaks = rng.random(n_people) < planted.break_off
    blank |= breaks[:, None] & (np.arange(n_items) >= stops[:, None])
    kinds = form.items["kind"].to_numpy()
    for relation, asked in _ASKED.items():
        outside = (wave.present["relation"] == relation).to_numpy()
        blank |= outside[:, None] & ~np.isin(kinds, [str(kind) for kind in asked])
    long_here = ~(wave.present["tenure"] < _NEW_MONTHS).to_numpy()
    blank |= long_here[:, None] & (kinds == ItemKind.RECRUITMENT)
    return answers.mask(blank[:, question])


def _pairs(items: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(items["code"], items["scale"], strict=True))


def _weights(present: pd.DataFrame, answering: np.ndarray) -> pd.Series:
    """Return weights that give every department its share of the employees; mean 1 among those who answer."""
    inside = present["relation"] == Relation.EMPLOYEE
    invited = present[inside].groupby("department").size()
    replied = present[inside & answering].groupby("department").size()
    if replied.empty:
        return pd.Series(1.0, index=present.index)
    factor = (invited / replied) * (replied.sum() / invited[replied.index].sum())
    return present["department"].map(factor).where(inside, 1.0).round(4)


def _ranks(values: np.ndarray) -> np.ndarray:
    """Return positions 0.. of each value within its row, the smallest first."""
    ranks: np.ndarray = values.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    return ranks


def _positions(needs: Iterable[str]) -> list[int]:
    names = list(NEEDS)
    return [names.index(need) for need in needs]
