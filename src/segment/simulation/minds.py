"""What simulated people need and experience: the planted positions behind every answer and every exit."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from segment.simulation.planted import (
    DEPARTMENTS,
    GRADIENT,
    OFFERED,
    PROMISED,
    SEGMENT_MEANS,
    SEGMENT_SHARES,
    Planted,
)
from segment.vocabulary import World

#: Needs and experience change once a year; the window has five years.
YEARS = 5


@dataclass(frozen=True)
class Mind:
    """One person per row, one year per first axis where there are years.

    Attributes
    ----------
    segment
        (years, people) planted segment, 0 the largest; all 0 if none is planted.
    need
        (years, people, needs) position per need, need units.
    experience
        (years, people, needs) what the person experiences of each need, need units.
    promised
        (people, needs) what the person feels was promised, need units.
    """

    segment: np.ndarray
    need: np.ndarray
    experience: np.ndarray
    promised: np.ndarray

    def __len__(self) -> int:
        return len(self.promised)

    def take(self, rows: np.ndarray) -> Mind:
        """Return the people of ``rows``, in that order."""
        return Mind(self.segment[:, rows], self.need[:, rows], self.experience[:, rows], self.promised[rows])

    def unmet(self, year: int) -> np.ndarray:
        """Return each person's unmet need: the mean over needs of importance above experience, need units."""
        gaps: np.ndarray = np.maximum(0.0, self.need[year] - self.experience[year]).mean(axis=1)
        return gaps

    def broken(self, year: int) -> np.ndarray:
        """Return each person's broken promises: the mean over needs of promised above experienced."""
        gaps: np.ndarray = np.maximum(0.0, self.promised - self.experience[year]).mean(axis=1)
        return gaps


def join_minds(parts: list[Mind]) -> Mind:
    """Put people of several minds below each other."""
    axes = {"segment": 1, "need": 1, "experience": 1, "promised": 0}
    return Mind(
        **{
            field.name: np.concatenate([getattr(part, field.name) for part in parts], axis=axes[field.name])
            for field in fields(Mind)
        }
    )


@dataclass(frozen=True)
class Needscape:
    """How needs are laid out in one world: the groups, their shares and centres, and what departments give.

    ``shares`` (groups,), ``centres`` (groups, needs), ``department_segment`` (departments,) or None,
    ``cloud`` the covariance inside a group (needs, needs), ``climate`` (departments, needs) experience.
    """

    world: World
    shares: np.ndarray
    centres: np.ndarray
    department_segment: np.ndarray | None
    cloud: np.ndarray
    climate: np.ndarray


def lay_out_needs(world: World, planted: Planted, rng: np.random.Generator) -> Needscape:
    """Lay out the needs of a world.

    ``needs``: five groups, the same in every department. ``departments``: the same five profiles, but every
    department follows one of them. ``none`` and ``style``: one correlated cloud with the covariance that the
    groups would have given together. ``gradient``: one Gaussian direction, no groups.
    """
    shares = np.array(SEGMENT_SHARES)
    centres = SEGMENT_MEANS * planted.separation
    n_needs = centres.shape[1]
    one = np.full((n_needs, n_needs), planted.within_correlation) + (1 - planted.within_correlation) * np.eye(n_needs)
    inside = planted.within_sd**2 * one
    follows = None
    if world is World.DEPARTMENTS:
        follows = np.array([segment for _, segment in DEPARTMENTS.values()])
        weights = np.array([share for share, _ in DEPARTMENTS.values()])
        shares = np.bincount(follows, weights=weights / weights.sum())
    elif world in (World.NONE, World.STYLE):
        middle = shares @ centres
        between = (centres - middle).T @ ((centres - middle) * shares[:, None])
        inside, shares, centres = inside + between, np.ones(1), np.zeros((1, n_needs))
    elif world is World.GRADIENT:
        steep = planted.separation * 1.2 * GRADIENT / np.linalg.norm(GRADIENT)
        inside, shares, centres = inside + np.outer(steep, steep), np.ones(1), np.zeros((1, n_needs))
    climate = rng.normal(0.0, planted.department_experience_sd, (len(DEPARTMENTS), n_needs))
    return Needscape(world, shares, centres, follows, inside, climate)


def draw_groups(
    scape: Needscape, shares: np.ndarray, n_people: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw a segment and a department for each person, with ``shares`` as the segments' shares."""
    weights = np.array([share for share, _ in DEPARTMENTS.values()])
    if scape.department_segment is None:
        segment = rng.choice(len(shares), size=n_people, p=shares / shares.sum())
        return segment, rng.choice(len(weights), size=n_people, p=weights / weights.sum())
    tilted = weights * (shares / scape.shares)[scape.department_segment]
    department = rng.choice(len(weights), size=n_people, p=tilted / tilted.sum())
    return scape.department_segment[department], department


def draw_first_year(
    scape: Needscape, planted: Planted, segment: np.ndarray, department: np.ndarray, rng: np.random.Generator
) -> Mind:
    """Draw people's minds in their first year, given their segment and department (one year on the first axis)."""
    need = scape.centres[segment] + _cloud(scape.cloud, len(segment), rng)
    own = _cloud(_experience_covariance(planted, need.shape[1]), len(segment), rng)
    experience = OFFERED + scape.climate[department] + own
    promised = PROMISED + rng.normal(0.0, planted.promise_sd, need.shape)
    return Mind(segment[None, :].copy(), need[None], experience[None], promised)


def live_on(scape: Needscape, planted: Planted, first: Mind, department: np.ndarray, rng: np.random.Generator) -> Mind:
    """Let first-year minds live through all years: needs and experience drift, some people change segment.

    First-order autoregressions keep the spread constant: ``x' = r x + sqrt(1 - r^2) e``.
    """
    segment, need, experience = [first.segment[0]], [first.need[0]], [first.experience[0]]
    usual = OFFERED + scape.climate[department]
    kept, lived = planted.need_persistence, planted.experience_persistence
    covariance = _experience_covariance(planted, usual.shape[1])
    for _ in range(YEARS - 1):
        changes = rng.random(len(first)) < planted.segment_change
        other = rng.choice(len(scape.shares), size=len(first), p=scape.shares / scape.shares.sum())
        now = segment[-1] if scape.department_segment is not None else np.where(changes, other, segment[-1])
        own = need[-1] - scape.centres[segment[-1]]
        drift = np.sqrt(1 - kept**2) * _cloud(scape.cloud, len(first), rng)
        need.append(scape.centres[now] + kept * own + drift)
        shock = np.sqrt(1 - lived**2) * _cloud(covariance, len(first), rng)
        experience.append(usual + lived * (experience[-1] - usual) + shock)
        segment.append(now)
    return Mind(np.stack(segment), np.stack(need), np.stack(experience), first.promised)


def _experience_covariance(planted: Planted, n_needs: int) -> np.ndarray:
    same, rho = np.eye(n_needs), planted.experience_correlation
    covariance: np.ndarray = planted.experience_sd**2 * (rho + (1 - rho) * same)
    return covariance


def _cloud(covariance: np.ndarray, n_people: int, rng: np.random.Generator) -> np.ndarray:
    """Draw one correlated Gaussian row per person; a spread of zero or a correlation of one is allowed."""
    root = np.linalg.cholesky(covariance + 1e-12 * np.eye(len(covariance)))
    drawn: np.ndarray = rng.standard_normal((n_people, len(covariance))) @ root.T
    return drawn
