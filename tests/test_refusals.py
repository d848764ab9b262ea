"""One contract for every estimator: what it cannot read it refuses in plain words, when fitted and afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.needs.scoring import NeedScorer
from segment.retention import HazardModel, HorizonModel
from segment.retention.hazard import FurtherThanWatched
from segment.segments import LatentClass, NeedsMixture, SegmentSelector, TypingTool
from segment.segments.centres import NeedCentres
from segment.segments.intercept_mixture import InterceptMixture
from segment.segments.mixtures import TiedMixture

CODES = ["pay1", "pay2", "team1", "team2", "grow1", "grow2"]
NEEDS = {code: code[:-1] for code in CODES}
SCALES = dict.fromkeys(CODES, (1.0, 5.0))


def answers() -> pd.DataFrame:
    """Three groups of eighty people, six items on 1 to 5."""
    rng = np.random.default_rng(0)
    centres = np.repeat([[4.5, 4.5, 2, 2, 3, 3], [2, 2, 4.5, 4.5, 2, 3], [3, 2, 2, 3, 4.5, 4.5]], 80, axis=0)
    return pd.DataFrame(np.clip(np.rint(centres + rng.normal(0, 0.7, centres.shape)), 1, 5), columns=CODES)


SEGMENTS = np.repeat([0, 1, 2], 80)
LEFT = np.random.default_rng(1).random(240) < 0.4
SPELLS = pd.DataFrame({"exit": np.random.default_rng(2).uniform(1, 24, 240), "event": LEFT.astype(int)})


@dataclass(frozen=True)
class Kind:
    """How one estimator is fitted and asked; ``scaled``: it knows a scale, or the range it learned from."""

    make: Callable[[], Any]
    fit: Callable[[Any, pd.DataFrame], Any]
    ask: Callable[[Any, pd.DataFrame], Any]
    scaled: bool = True


def asked(model: Any, X: pd.DataFrame) -> Any:
    return model.predict_proba(X)


def plain(model: Any, X: pd.DataFrame) -> Any:
    return model.fit(X)


KINDS = {
    "SegmentSelector": Kind(
        lambda: SegmentSelector(3, families=("needs_mixture",), n_splits=1, null_draws=1, n_starts=2),
        lambda model, X: model.fit(X, NEEDS, scales=SCALES),
        asked,
    ),
    "NeedsMixture": Kind(lambda: NeedsMixture(3, n_init=2), lambda model, X: model.fit(X, NEEDS), asked),
    "NeedScorer": Kind(NeedScorer, lambda model, X: model.fit(X, NEEDS, scales=SCALES), lambda m, X: m.transform(X)),
    "LatentClass": Kind(lambda: LatentClass(3, n_init=2), plain, asked),
    "TypingTool": Kind(
        lambda: TypingTool(n_items=6, sizes=(6,), n_simulated=200),
        lambda model, X: model.fit(X, SEGMENTS[: len(X)]),
        asked,
    ),
    "TiedMixture": Kind(lambda: TiedMixture(3, n_init=2), plain, asked, scaled=False),
    "NeedCentres": Kind(lambda: NeedCentres(3, n_init=2), plain, asked, scaled=False),
    "InterceptMixture": Kind(lambda: InterceptMixture(3, n_init=2), plain, asked, scaled=False),
    "HazardModel": Kind(
        lambda: HazardModel("linear", causes=("left",)),
        lambda model, X: model.fit(X, SPELLS.loc[X.index]),
        lambda model, X: model.predict_survival(X, [12.0]),
        scaled=False,
    ),
    "HorizonModel": Kind(
        lambda: HorizonModel("linear"),
        lambda model, X: model.fit(X, LEFT[: len(X)].astype(float)),
        lambda model, X: model.predict(X),
        scaled=False,
    ),
}
BROKEN = {
    "missing": lambda X: X.drop(columns="team1"),
    "renamed": lambda X: X.rename(columns={"team1": "team_1"}),
    "99": lambda X: X.assign(team1=99.0),
    "infinite": lambda X: X.assign(team1=np.inf),
    "nobody": lambda X: X.head(0),
}
each = pytest.mark.parametrize("name", KINDS)


@pytest.fixture(scope="module")
def fitted() -> dict[str, Any]:
    return {name: kind.fit(kind.make(), answers()) for name, kind in KINDS.items()}


#: Every estimator with every fault; 99 only where a scale or a range is known: hours of work may well be 99.
ASKED = [(name, broken) for name, kind in KINDS.items() for broken in BROKEN if kind.scaled or broken != "99"]


@pytest.mark.parametrize(("name", "broken"), ASKED)
def test_what_is_asked_of_a_fitted_estimator(name: str, broken: str, fitted: dict[str, Any]) -> None:
    kind = KINDS[name]
    with pytest.raises(InvalidInput) as refusal:
        kind.ask(fitted[name], BROKEN[broken](answers()))
    assert broken not in ("missing", "renamed") or "team1" in str(refusal.value) or "team_1" in str(refusal.value)


@each
@pytest.mark.parametrize("broken", ["infinite", "nobody"])
def test_what_it_is_fitted_to(name: str, broken: str) -> None:
    with pytest.raises(InvalidInput):
        KINDS[name].fit(KINDS[name].make(), BROKEN[broken](answers()))


@pytest.mark.parametrize("name", ["SegmentSelector", "NeedScorer"])
def test_an_answer_outside_its_scale_is_not_learned_from(name: str) -> None:
    with pytest.raises(InvalidInput, match="outside their scale"):
        KINDS[name].fit(KINDS[name].make(), answers().assign(team1=99.0))


@pytest.mark.parametrize("name", ["SegmentSelector", "NeedsMixture"])
@pytest.mark.parametrize("wrong", [{"absent1": "absent"}, {"pay1": ""}, {"pay1": None}, {"pay1": np.nan}])
def test_a_map_of_needs_that_is_not_of_these_answers(name: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match=next(iter(wrong))):
        KINDS[name].make().fit(answers(), NEEDS | wrong)


def test_looking_further_ahead_than_anyone_was_watched_is_marked(fitted: dict[str, Any]) -> None:
    model, X = fitted["HazardModel"], answers().head(3)
    assert model.longest_watched_ == 23  # the last whole month that ten people reached
    assert model.predict_survival(X, [23.0]).shape == (3, 1)  # warnings are errors here: nothing is said
    with pytest.warns(FurtherThanWatched, match="60 months of tenure: beyond 23"):
        model.predict_survival(X, [12.0, 60.0])
    with pytest.warns(FurtherThanWatched):
        model.predict_incidence(X, [60.0], cause="left")
