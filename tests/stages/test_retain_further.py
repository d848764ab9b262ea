"""Beside the figures of staying and leaving: leaks, twins, random rows, competition, sensitivity and worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from segment.errors import Refusal
from segment.retention import HazardModel, Headline
from segment.retention.repeats import repeated_folds
from segment.stages.retention.data_sufficiency import foreseen_gaps
from segment.stages.retention.evaluation import say_later
from segment.stages.retention.leakage import kept_together, leaking_features, refuse_random_rows, together_finding
from segment.stages.retention.limitations import every_finding, unforeseen_notes
from segment.stages.retention.value import past_finding, worth_of
from segment.tables import spec_of
from segment.tracking.records import from_frame

if TYPE_CHECKING:
    from conftest import Walk

VALUE = (
    "retention.value={by: function, discount_rate: 0.0, horizon_months: 12, draws: 3,"
    " everyone: {value_per_month: 100, source: 'finance, 2024'},"
    " functions: {Manager: {value_per_month: 200, source: 'finance, 2024'}}}"
)


def test_one_learner_is_chosen_per_cause_and_each_has_a_child_run(walked: Walk) -> None:
    store = walked.open().store
    table = store.read("competition")
    assert (table.groupby("cause")["chosen"].sum() == 1).all()
    runs = {record.run for record in from_frame(store.read("records_retain"))}
    assert {f"retain/{row.cause}-{row.learner}" for row in table.itertuples()} <= runs


def test_the_comparison_of_learners_counts_whom_they_learned_from(walked: Walk) -> None:
    """It was released with the rows of the longest file as its number of people: 957 answers of 780 employees."""
    opened = walked.open()
    spells, cut = opened.store.read("spells"), pd.Timestamp(opened.config.retention.test_from)
    people = opened.store.read("people")
    before = people.loc[pd.to_datetime(people["start_date"]) < cut, "person"]
    (told,) = opened.store.read("competition")["n"].unique()
    assert 0 < told <= spells.loc[spells["person"].isin(before), "person"].nunique() < len(people)


def test_segments_have_effects_only_at_the_floors_and_never_of_tenure(walked: Walk) -> None:
    opened = walked.open()
    table = opened.store.read("segment_effects")
    assert (table["n"] >= opened.config.privacy.min_curve_people).all()
    assert "tenure" not in set(table["feature"]) and table["feature"].str.startswith("shortfall_").any()


def test_what_if_is_a_sensitivity_of_numbers_one_at_a_time(walked: Walk) -> None:
    store = walked.open().store
    if not store.has("what_if"):
        assert store.read("competition").query("learner == 'floor'")["chosen"].all()
        return
    table = store.read("what_if")
    assert set(table["reading"]) == {"sensitivity"} and table["leaving"].between(0, 1).all()
    assert (table.groupby("feature").size() <= 3).all()
    if store.has("leaving"):  # at the level of page one: everyone's share lies between what the ends of a feature give
        expected = store.read("leaving").query("segment.isna()")["value"].item()
        ends = table.groupby("feature")["leaving"].agg(["min", "max"])
        assert ((ends["min"] - 0.03 < expected) & (expected < ends["max"] + 0.03)).all()


def test_first_year_risk_is_shown_by_source_of_hire_and_of_everyone(walked: Walk) -> None:
    table = walked.open().store.read("first_year")
    everyone = table[table["source"].isna()]
    assert everyone["month"].tolist() == [3, 6, 12] and (np.diff(everyone["gone"]) > 0).all()
    shown = table[table["note"] == ""]
    assert (shown["n"] >= 30).all() and shown["source"].nunique() >= 1


def test_findings_about_leaving_stand_beside_those_about_the_data(walked: Walk) -> None:
    opened = walked.open()
    codes = set(every_finding(opened, {})["code"])
    of_groups = {"FA001", "FA002"}  # told of groups that a release shows
    assert set(opened.store.read("retention_findings")["code"]) - of_groups <= codes
    notes = dict(unforeseen_notes(opened))
    assert all(key.startswith(("finding.FO", "finding.LK", "finding.RT")) for key in notes)
    assert all(values["number"] >= 10 for key, values in notes.items() if not key.startswith("finding.RT"))


def test_random_rows_are_refused_where_dates_of_leaving_are_known(walked: Walk) -> None:
    with pytest.raises(Refusal, match="random rows although its dates are known"):
        refuse_random_rows(walked.open("outcome.kind=horizon", "outcome.column=left"))
    refuse_random_rows(walked.open("outcome.kind=horizon", "outcome.column=left", "outcome.meaning=intention"))


@pytest.fixture
def people() -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"pay": rng.normal(3_000, 300, 400).round(2), "site": rng.choice(list("AB"), 400)})
    return X, rng.random(400) < 0.2


def test_features_that_know_the_outcome_are_named_and_left_out(people: tuple[pd.DataFrame, np.ndarray]) -> None:
    X, left = people
    leaky = X.assign(exit_talk=np.where(left, 1.0, np.nan), number=np.arange(400))
    found = spec_of("retention_findings").check(leaking_features(leaky, left))
    assert found["subject"].tolist() == ["number", "exit_talk"] and (found["severity"] == "warning").all()
    assert found["explanation"].str.endswith("left out of the model.").all()
    assert leaking_features(X, left).empty


def test_an_identifier_is_seen_though_people_have_several_rows(people: tuple[pd.DataFrame, np.ndarray]) -> None:
    X, left = people
    numbered = X.assign(number=np.repeat(np.arange(200), 2))
    assert leaking_features(numbered, left).empty
    found = leaking_features(numbered, left, first=np.arange(400) % 2 == 0)
    assert found[["code", "subject"]].to_numpy().tolist() == [["LK003", "number"]]


def test_twins_stay_together_and_large_sets_do_not_count() -> None:
    rng = np.random.default_rng(1)
    X = pd.DataFrame(rng.normal(size=(300, 9)), columns=[f"a{i}" for i in range(9)])
    twins = pd.concat([X, X.head(20).assign(a0=0.0)], ignore_index=True)
    group = kept_together(twins)
    assert (group[:20] == group[300:]).all() and len(set(group)) == 300
    found = spec_of("retention_findings").check(together_finding(group))
    assert found["count"].item() == 40 and found["code"].item() == "LK006"
    alike = pd.DataFrame({"site": ["A"] * 150 + ["B"] * 150})
    assert len(set(kept_together(alike))) == 300 and together_finding(kept_together(alike)).empty
    y = (rng.random(320) < 0.3).astype(float)
    for fold in repeated_folds(group, y, n_repeats=2):
        assert pd.Series(fold).groupby(group).nunique().max() == 1 and set(fold) == set(range(5))


def test_worth_follows_the_function_and_the_tornado_its_widest_assumption(walked: Walk) -> None:
    """Nobody leaves at a hazard this low, so a year is worth twelve months of the function's amount."""
    opened = walked.open(VALUE)
    index = opened.store.read("people")["person"].drop_duplicates().head(120)
    X = pd.DataFrame({"x": np.random.default_rng(0).normal(size=120)}, index=pd.Index(index, name="person"))
    spells = pd.DataFrame({"exit": 2_000.0 * 0.4, "event": [1] * 12 + [0] * 108}, index=X.index)
    model = HazardModel("linear").fit(X, spells)
    tables = worth_of(opened, model, X, pd.Series(24.0, index=X.index), learned=(X, spells))
    people = opened.store.read("people").drop_duplicates("person").set_index("person").loc[X.index]
    amount = np.where(people["function"] == "Manager", 200.0, 100.0).mean()
    everyone = tables["lifetime_value"].iloc[0]
    assert everyone["low"] < everyone["value"] < everyone["high"]
    assert everyone["value"] == pytest.approx(12 * amount, rel=0.02)
    tornado = tables["value_sensitivity"]
    assert tornado["assumption"].iloc[0] == "value" and (np.diff(tornado["width"]) <= 0).all()
    for name, frame in tables.items():
        spec_of(name).check(frame)


def test_worth_reads_a_table_as_often_for_many_people_as_for_few(walked: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the causes of leaving are was looked up once per person: minutes for thousands."""
    opened, reads = walked.open(VALUE), []
    people = opened.store.read("people")["person"].drop_duplicates()
    leave = np.random.default_rng(1).exponential(60.0, 120)
    X = pd.DataFrame({"x": np.random.default_rng(0).normal(size=120)}, index=pd.Index(people.head(120), name="person"))
    spells = pd.DataFrame({"exit": np.minimum(leave, 48.0), "event": (leave < 48.0).astype(int)}, index=X.index)
    model, read = HazardModel("linear").fit(X, spells), type(opened.store).read
    monkeypatch.setattr(type(opened.store), "read", lambda self, name: reads.append(name) or read(self, name))
    for size in (20, 120):
        some = X.head(size)
        worth_of(opened, model, some, pd.Series(24.0, index=some.index), learned=(X, spells))
        reads.append("|")
    few, many = " ".join(reads).split("|")[:2]
    assert few.split() == many.split()


def test_worth_of_a_segment_is_reckoned_with_the_share_that_is_told_of_it(walked: Walk) -> None:
    """By hand, a hazard the same in all months: who stays longer is worth more, and who is hidden has no figure."""
    opened = walked.open(VALUE.replace("by: function, ", "").replace("functions: {Manager: {value_per_month: 200,"
                                       " source: 'finance, 2024'}}", "unsure: 0.0"))  # fmt: skip
    segments = opened.store.read("assignments").drop_duplicates("person", keep="last").set_index("person")["segment"]
    people = pd.concat([segments[segments == one].head(60) for one in sorted(segments.unique())[:3]])
    X = pd.DataFrame({"x": np.random.default_rng(0).normal(size=len(people))}, index=people.index)
    leave = np.random.default_rng(1).exponential(60.0, len(people))
    spells = pd.DataFrame({"exit": np.minimum(leave, 48.0), "event": (leave < 48.0).astype(int)}, index=X.index)
    model = HazardModel("linear").fit(X, spells)
    first, second, _ = sorted(people.unique())
    told = {None: (0.3, 0.05), float(first): (0.2, 0.1), float(second): (0.5, 0.1)}
    tables = worth_of(opened, model, X, pd.Series(24.0, index=X.index), learned=(X, spells), told=told)
    found = tables["lifetime_value"].set_index("segment")
    assert found.index.dropna().tolist() == [first, second]
    for segment, share in ((first, 0.2), (second, 0.5), (np.nan, 0.3)):
        row = found[found.index.isna()].iloc[0] if segment != segment else found.loc[segment]
        stay, value = (1 - share) ** (1 / 12), 0.0
        for month in range(12):
            value += 100 * (stay**month + stay ** (month + 1)) / 2
        assert row["value"] == pytest.approx(value, rel=0.02)
        assert row["at_risk"] == pytest.approx(share * value, rel=0.02)
        assert row["low"] < row["value"] < row["high"]


def test_value_past_what_was_watched_is_marked_with_how_much_it_is(walked: Walk) -> None:
    """Of twelve months ahead six lie past the longest tenure that ten people were watched for."""
    opened = walked.open(VALUE)
    index = opened.store.read("people")["person"].drop_duplicates().head(120)
    X = pd.DataFrame({"x": np.random.default_rng(0).normal(size=120)}, index=pd.Index(index, name="person"))
    months = [*np.linspace(50.0, 780.0, 12), *[800.0] * 108]
    spells = pd.DataFrame({"exit": months, "event": [1] * 12 + [0] * 108}, index=X.index)
    model = HazardModel("linear").fit(X, spells)
    told = {
        tenure: worth_of(opened, model, X, pd.Series(tenure, index=X.index), learned=(X, spells))
        for tenure in (770.0, 795.0)
    }
    past = {tenure: tables["lifetime_value"]["past"].iloc[0] for tenure, tables in told.items()}
    assert past[770.0] == 0 and past[795.0] == pytest.approx(50, abs=5)
    assert past_finding(told[770.0], opened.config).empty
    finding = past_finding(told[795.0], opened.config).iloc[0]
    assert finding["code"] == "RT008" and finding["count"] == round(past[795.0]) and finding["of"] == 12
    assert past_finding({}, opened.config).empty


def test_value_further_ahead_than_the_window_is_wide_is_foreseen_and_marked(walked: Walk) -> None:
    opened = walked.open(VALUE.replace("horizon_months: 12", "horizon_months: 120"))
    people = opened.store.read("people")
    assert any(line.startswith("RT008") for line in foreseen_gaps(people, None, opened.config))
    assert not any(line.startswith("RT008") for line in foreseen_gaps(people, None, walked.open(VALUE).config))
    X = pd.DataFrame({"x": np.random.default_rng(0).normal(size=120)}, index=people["person"].unique()[:120])
    X.index.name = "person"
    spells = pd.DataFrame({"exit": 800.0, "event": [1] * 12 + [0] * 108}, index=X.index)
    model = HazardModel("linear").fit(X, spells)
    tables = worth_of(opened, model, X, pd.Series(24.0, index=X.index), learned=(X, spells))
    window = opened.config.outcome.window
    wide = np.ceil((window.end - window.start).days / (365.2425 / 12))
    assert tables["lifetime_value"]["past"].iloc[0] == pytest.approx(100 * (120 - wide) / 120, abs=6)


def test_without_amounts_there_is_no_worth(walked: Walk) -> None:
    assert worth_of(walked.open(), HazardModel(), pd.DataFrame(), pd.Series(), learned=(pd.DataFrame(),) * 2) == {}


def test_amounts_per_function_need_the_attribute_that_names_it(walked: Walk) -> None:
    with pytest.raises(Refusal, match="'functions' needs 'by'"):
        walked.open(VALUE.replace("by: function, ", ""))


def test_one_line_says_what_was_not_foretold() -> None:
    told = Headline("auc_voluntary_12", "voluntary", 12.0, 0.53, 0.45, 0.62)
    findings = pd.DataFrame({"code": ["FO001"], "subject": ["involuntary"], "count": [211], "of": [462]})
    about = "voluntary leaving on later time: AUC at 12 months 0.530 (0.450-0.620), no better than chance"
    assert say_later(told, findings, (0.11, 20)) == (
        f"{about}; 211 of 462 exits involuntary, not seen before; expected to leave within a year: 11%"
    )
    assert say_later(told, None, (0.11, 10)).endswith("within a year: 10%")  # of few people in tenths
    assert say_later(told, findings.assign(count=9), (0.11, 9)) == about
    assert say_later(told, None, (0.04, 20)).endswith("within a year: at most 5%")
    assert say_later(told, None, (0.97, 20)).endswith("within a year: at least 95%")
    assert say_later(told, None, (0.11, 20), fewest=21) == about


def test_the_console_says_that_years_of_service_alone_tell_nobody_apart() -> None:
    coin = say_later(Headline("auc_12", "voluntary", 12.0, 0.5, float("nan"), float("nan")), None, None)
    assert "0.500" not in coin and "years of service" in coin
    assert "0.500 (0.450-0.550)" in say_later(Headline("auc_12", "voluntary", 12.0, 0.5, 0.45, 0.55), None, None)
