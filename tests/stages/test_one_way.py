"""One way to a segment: alone, in a batch, served, from a file, and as the study itself said."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest

from segment.errors import InvalidInput
from segment.governance.pseudonyms import study_pseudonyms
from segment.segments.frozen import SegmentScorer
from segment.stages.codebooks import codebook_of
from segment.stages.score import read_new_people
from segment.stages.segmentation.basis import answered_in, basis_of, study_choices, who_answered
from segment.store import Store
from segment.tracking.serving import ServedScorer


@pytest.fixture(scope="module")
def scorer(walked) -> SegmentScorer:
    return walked.open().store.load_model("segmentation", SegmentScorer)


@pytest.fixture(scope="module")
def answers(walked) -> pd.DataFrame:
    """Everyone of the last wave, with rankings and wishes."""
    responses = walked.open().store.read("responses")
    return responses[responses["wave"] == responses["wave"].max()].reset_index(drop=True)


@pytest.fixture(scope="module")
def gapped(scorer, answers) -> pd.DataFrame:
    """The same people with gaps of every kind: single answers, all of a need's, rankings, wishes, both, and none."""
    rng, given = np.random.default_rng(3), answers.copy()
    codes, choices = list(scorer.selector.reading_.codes), scorer.choices
    given[codes] = given[codes].mask(rng.random((len(given), len(codes))) < 0.1)
    whole = [code for code in codes if code.split("_")[1] == codes[0].split("_")[1]]
    for columns, of in ((list(choices.ranks), 0.2), (list(choices.picks), 0.2), (whole, 0.1)):
        given.loc[rng.random(len(given)) < of, columns] = np.nan
    ranked, picked = (given[list(columns)].notna().any(axis=1) for columns in (choices.ranks, choices.picks))
    assert pd.crosstab(ranked, picked).to_numpy().min() > 10  # each, either, both and neither
    return given


def chances(scored: pd.DataFrame) -> np.ndarray:
    return scored.filter(regex=r"^p_\d+$").to_numpy()


def test_new_people_are_read_as_the_study_read_its_own_rankings_and_wishes_included(walked, scorer, answers) -> None:
    assert scorer.choices.ranks or scorer.choices.picks
    known = answers[["person", "wave"]].merge(walked.open().store.read("assignments"), on=["person", "wave"])
    scored = scorer.score(answers)
    np.testing.assert_allclose(chances(scored), chances(known), rtol=0, atol=1e-12)
    assert (scored["segment"] == known["segment"] + 1).all()
    without = answers.assign(**dict.fromkeys(scorer.choices.columns, np.nan))
    assert np.abs(chances(scorer.score(without)) - chances(scored)).max() > 0.01  # what was chosen counts


def test_alone_in_a_batch_and_in_another_order_are_the_same_answer(scorer, gapped) -> None:
    batch = chances(scorer.score(gapped))
    turned = np.random.default_rng(0).permutation(len(gapped))
    np.testing.assert_allclose(chances(scorer.score(gapped.iloc[turned])), batch[turned], rtol=0, atol=1e-12)
    for row in range(0, len(gapped), 20):
        np.testing.assert_allclose(chances(scorer.score(gapped.iloc[[row]]))[0], batch[row], rtol=0, atol=1e-12)


def test_numbers_are_those_of_the_report_and_the_likeliest_is_the_largest(walked, scorer, answers) -> None:
    scored = scorer.score(answers)
    k = walked.open().store.read("segments")["segment"].nunique()
    assert set(scored["segment"]) <= set(range(1, k + 1)) and scored["segment"].max() == k
    own = [row[f"p_{row['segment']}"] for row in scored.to_dict("records")]
    np.testing.assert_array_equal(own, chances(scored).max(axis=1))


def test_a_short_answer_does_not_depend_on_who_else_is_in_the_file(scorer, answers) -> None:
    form = scorer.typing_tool.forms_[min(scorer.typing_tool.forms_)]
    codes = scorer.selector.reading_.codes
    few = answers.dropna(subset=list(form.names)).head(60)
    short = few.assign(**{code: np.nan for code in codes if code not in form.names})
    own = scorer.score(short)
    assert (scorer.forms_of(short) == len(form.names)).all()
    mixed = scorer.score(pd.concat([short, answers.tail(200)], ignore_index=True)).head(len(short))
    np.testing.assert_allclose(chances(mixed), chances(own), rtol=0, atol=1e-12)
    bare = scorer.score(short[list(form.names)])
    np.testing.assert_allclose(chances(bare), chances(own), rtol=0, atol=1e-12)


def test_the_served_model_says_the_same(walked, scorer, answers, gapped) -> None:
    file = walked.open().store.model_path("segmentation")
    served = ServedScorer()
    served.load_context(mlflow.pyfunc.PythonModelContext({"model": str(file)}, {}))
    for given in (answers, gapped):
        pd.testing.assert_frame_equal(served.predict(None, given), scorer.score(given), rtol=0, atol=1e-12)


def test_a_model_read_back_from_its_file_says_the_same(tmp_path: Path, scorer, answers, gapped) -> None:
    store = Store(tmp_path, tmp_path)
    store.save_model("segmentation", scorer, card={})
    read = store.load_model("segmentation", SegmentScorer)
    for given in (answers, gapped):
        pd.testing.assert_frame_equal(read.score(given), scorer.score(given), rtol=0, atol=1e-12)


def test_people_in_a_file_are_read_as_in_the_study(walked, tmp_path: Path, scorer, gapped) -> None:
    opened, file = walked.open(), tmp_path / "new.csv"
    gapped.rename(columns={"person": "person_id"}).drop(columns=["wave", "weight"]).to_csv(file, index=False)
    read = read_new_people(opened, file)
    scored = scorer.score(read)
    known = gapped.assign(
        person=study_pseudonyms(opened.config.study, opened.key).persons(gapped["person"].astype("str"))
    )
    assert set(known["person"]) == set(read["person"])
    order = known.set_index("person").index.get_indexer(read["person"])
    own = scorer.score(gapped.iloc[order].reset_index(drop=True))
    pd.testing.assert_frame_equal(scored.reset_index(drop=True), own, rtol=0, atol=1e-12)


@pytest.mark.parametrize("broken", ["missing", "renamed", "out of scale", "infinite", "nobody", "no wishes", "words"])
def test_what_cannot_be_read_is_refused_in_words(scorer, answers, broken: str) -> None:
    code, wish = scorer.selector.reading_.codes[0], scorer.choices.columns[0]
    frames = {
        "missing": answers.drop(columns=code),
        "renamed": answers.rename(columns={code: f"{code}_old"}),
        "out of scale": answers.assign(**{code: 99.0}),
        "infinite": answers.assign(**{code: np.inf}),
        "nobody": answers.head(0),
        "no wishes": answers.drop(columns=wish),
        "words": answers.assign(**{code: "often"}),
    }
    with pytest.raises(InvalidInput) as refusal:
        scorer.score(frames[broken])
    named = wish if broken == "no wishes" else code
    assert broken == "nobody" or named in str(refusal.value)


def test_nobody_who_answered_nothing_is_put_into_a_segment(scorer, gapped) -> None:
    """Alone or among others; whoever wished for one thing, or ranked one, said something."""
    people = gapped.head(5).copy()
    people.loc[2, list(scorer.columns)] = np.nan
    for frame in (people, people.loc[[2]]):
        with pytest.raises(InvalidInput, match="who answered nothing"):
            scorer.score(frame)
    assert scorer.who_answered(people).tolist() == [True, True, False, True, True]
    wished, others = next(iter(scorer.choices.picks)), list(scorer.choices.picks)
    people.loc[2, others] = 0.0  # nothing of a list was marked
    assert not scorer.who_answered(people)[2]
    people.loc[2, wished] = 1.0
    assert scorer.who_answered(people)[2] and len(scorer.score(people)) == 5


def test_who_answers_nothing_is_in_no_count_of_segments(walked) -> None:
    opened = walked.open()
    responses, codebook = opened.store.read("responses"), codebook_of(opened)
    wave = responses["wave"].max()
    basis = basis_of(codebook, opened.config.segmentation.basis, answered_in(responses, wave))
    choices = study_choices(opened, responses, codebook, basis)
    blank = responses.copy()
    silent = blank.index[blank["wave"] == wave][:20]
    blank.loc[silent, [*basis.need_map, *choices.columns]] = np.nan
    left = who_answered(blank, choices, basis)
    assert len(left) == len(responses) - 20
    assert not set(left.loc[left["wave"] == wave, "person"]) & set(responses.loc[silent, "person"])


@pytest.mark.parametrize("turned", [False, True])
def test_new_people_are_read_by_the_declaration_whose_columns_they_have(walked, tmp_path: Path, turned: bool) -> None:
    opened, file = walked.open(), tmp_path / "new.csv"
    last = opened.config.sources.responses[-1]
    names = {"person_id": "number", "wave": "round"} if turned else {"person_id": "code", "wave": "measurement"}
    declared = [
        last.model_copy(update={"columns": {**last.columns, "person_id": person, "wave": wave}})
        for person, wave in (("number", "round"), ("code", "measurement"))
    ]
    sources = opened.config.sources.model_copy(update={"responses": tuple(declared)})
    config = opened.config.model_copy(update={"sources": sources})
    asked = dataclasses.replace(opened, study=dataclasses.replace(opened.study, config=config))
    pd.read_csv(walked.file.parent / last.file, dtype=str).rename(columns=names).to_csv(file, index=False)
    expected = read_new_people(opened, walked.file.parent / last.file)
    pd.testing.assert_frame_equal(read_new_people(asked, file), expected)
