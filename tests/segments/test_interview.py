"""A form that adapts: what it asks next, when it stops, and that it costs fewer questions for the same agreement."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.segments import NeedsMixture, SegmentSelector, TypingTool
from segment.segments.frozen import ADAPTED, SegmentScorer
from segment.segments.interview import MOST
from tests.segments.test_typing_tool import CODES, _survey

NEED_MAP = {code: code.split("_")[0] for code in CODES}


@pytest.fixture(scope="module")
def learned() -> tuple[TypingTool, pd.DataFrame, np.ndarray]:
    """The tool, and unseen people with the segments that all questions put them in."""
    survey = _survey(2600, 4)
    seen, unseen = survey.iloc[:1600].reset_index(drop=True), survey.iloc[1600:].reset_index(drop=True)
    model = NeedsMixture(5, n_init=4).fit(seen, NEED_MAP)
    tool = TypingTool(n_simulated=1500).fit(seen, model.predict_proba(seen))
    return tool.coarse(), unseen, model.predict(unseen)


def test_it_needs_fewer_questions_than_a_fixed_form_that_agrees_as_often(learned):
    tool, unseen, whole = learned
    told = tool.interview_.held_with(unseen.to_numpy(dtype=float))
    questions = told[..., 0].sum(axis=1)
    right = (tool.interview_.form.posteriors(told[..., 1]).argmax(axis=1) == whole).mean()
    fixed = {
        size: (form.posteriors(unseen[list(form.names)].to_numpy(dtype=float)).argmax(axis=1) == whole).mean()
        for size, form in tool.forms_.items()
    }
    assert questions.max() <= MOST and questions.mean() < 7
    assert right >= fixed[8] and right > fixed[6] + 0.03
    row = tool.adaptive_.iloc[0]
    assert row["low"] - 0.03 <= right <= row["high"] + 0.03 and abs(row["questions"] - questions.mean()) < 0.7
    assert (row["most"], row["n"]) == (MOST, 600)


def test_asked_one_by_one_it_asks_what_it_asks_of_people_whose_answers_are_known(learned):
    tool, unseen, _ = learned
    held = tool.interview_.held_with(unseen.iloc[:8].to_numpy(dtype=float))
    for person in range(8):
        answers: dict[str, float] = {}
        while (code := tool.interview_.next_question(answers)) is not None:
            assert code not in answers
            answers[code] = float(unseen.loc[person, code])
        asked = [code for code, mark in zip(CODES, held[person, :, 0], strict=True) if mark]
        assert sorted(answers) == sorted(asked)


def test_who_is_sure_is_asked_less_and_nothing_is_asked_twice_or_without_end(learned):
    interview = learned[0].interview_
    first = interview.next_question({})
    assert first in CODES
    unanswered = {code: float("nan") for code in CODES[:MOST]}
    assert interview.next_question(unanswered) is None
    chances = interview.form.posteriors
    sure = learned[1].to_numpy(dtype=float)[:300]
    told = interview.held_with(sure)
    after, questions = chances(told[..., 1]).max(axis=1), told[..., 0].sum(axis=1)
    assert questions[after > 0.97].mean() < questions[after < 0.7].mean()


def test_a_question_that_is_worth_less_than_it_lifts_the_chance_to_be_right_is_not_asked(learned):
    """The gain it expects is the gain there is: of people drawn from its own law, simulated a thousand times."""
    interview, rng = learned[0].interview_, np.random.default_rng(3)
    rule, centre = interview.form.rule, interview.form.centre
    answers = np.full(len(CODES), np.nan)
    answers[[0, 8]] = 5.0, 2.0
    rest = [place for place in range(len(CODES)) if place not in (0, 8)]
    chances = interview.form.posteriors(answers[None])[0]
    told = interview._right_after(answers, rest, chances)
    place = rest[int(told.argmax())]
    covariance, known = rule.covariance, [0, 8]
    gain = np.linalg.solve(covariance[np.ix_(known, known)], covariance[np.ix_(known, [place])])[:, 0]
    spread = np.sqrt(covariance[place, place] - covariance[place, known] @ gain)
    segment = rng.choice(len(chances), 4000, p=chances)
    off = answers[known] - centre[known] - rule.means[segment][:, known]
    people = np.tile(answers, (4000, 1))
    people[:, place] = centre[place] + rule.means[segment, place] + off @ gain + spread * rng.normal(size=4000)
    read = interview.form.posteriors(people)
    assert told.max() == pytest.approx(read.max(axis=1).mean(), abs=0.03)
    assert told.max() == pytest.approx((read.argmax(axis=1) == segment).mean(), abs=0.04)


def test_a_saved_segmentation_asks_on_reads_who_was_asked_enough_and_refuses_what_it_cannot_ask(learned):
    tool, unseen, _ = learned
    items = _survey(700, 9)
    selector = SegmentSelector(5, families=("needs_mixture",), n_splits=1, null_draws=1, n_starts=2)
    scorer = SegmentScorer.of(selector.fit(items, NEED_MAP), {k: {"en": str(k), "nl": str(k)} for k in range(5)})
    with pytest.raises(InvalidInput, match="no questions that adapt"):
        scorer.next_question({})
    scorer = scorer.with_forms(tool)
    assert scorer.next_question({}) == tool.coarse().interview_.next_question({})  # as coarse as a model keeps it
    with pytest.raises(InvalidInput, match="no question of these segments"):
        scorer.next_question({"shoe": 3.0})
    with pytest.raises(InvalidInput, match="outside"):
        scorer.next_question({CODES[0]: 99.0})
    told = tool.interview_.held_with(unseen.iloc[:40].to_numpy(dtype=float))
    asked = pd.DataFrame(told[..., 1], columns=CODES)
    enough = scorer.forms_of(asked) == ADAPTED
    assert enough.mean() > 0.7
    np.testing.assert_allclose(
        scorer.memberships(asked)[enough], scorer.typing_tool.interview_.form.posteriors(asked[enough].to_numpy())
    )
    np.testing.assert_allclose(scorer.memberships(asked.iloc[[3]]), scorer.memberships(asked)[[3]], atol=1e-9)
    assert (scorer.forms_of(unseen.iloc[:40].fillna(3.0)) == 0).all()
