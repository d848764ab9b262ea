"""One exit, none, all on one day, nobody left, a cause that stops, a short window: the study goes on and says so."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from segment.config import OutcomeConfig
from segment.displays.labels import Labels
from segment.exports.finding_words import finding_words
from segment.stages import STAGES_IN_ORDER, OpenStudy, open_study, run_stage
from segment.stages.check import check_study
from segment.stages.retention.data_sufficiency import Exits, foreseen_gaps, gaps, gaps_of_durations
from segment.stages.retention.limitations import unforeseen_notes
from segment.stages.simulate import simulate_into
from segment.vocabulary import World

LIGHT = (
    "codebook=null", "sources.responses=[]", "sources.employer=null", "sources.offers=null", "sources.units=null",
    "retention.learner=linear", "retention.max_rows=3000", "retention.bootstrap=5",
)  # fmt: skip
Change = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exports of a small organisation, to be changed in one respect per test."""
    made = tmp_path_factory.mktemp("thin") / "study"
    simulate_into(made, people=700, seed=5, world=World.NEEDS, waves=1)
    return made


def changed(folder: Path, tmp_path: Path, change: Change, *settings: str) -> tuple[OpenStudy, list[str]]:
    """The study with its leavers changed, after `check` and after the stage that models leaving."""
    shutil.copytree(folder, tmp_path / "study")
    people = pd.read_csv(tmp_path / "study" / "people.csv", dtype=str).drop_duplicates("person_id", keep="last")
    change(people).to_csv(tmp_path / "study" / "people.csv", index=False)
    file, overrides = tmp_path / "study" / "study.yaml", [*LIGHT, f"workspace={tmp_path / 'work'}", *settings]
    lines = check_study(file, overrides=overrides)
    opened = open_study(file, overrides=overrides)
    for name in ("prepare", "discover", "retain"):
        run_stage(STAGES_IN_ORDER[name], opened)
    return opened, lines


def staying(people: pd.DataFrame, rows: pd.Series | slice = slice(None)) -> pd.DataFrame:
    """The same people, some of them without a last day."""
    people.loc[rows, ["end_date", "end_reason"]] = None
    return people


def one_exit(people: pd.DataFrame) -> pd.DataFrame:
    left = people["end_date"].notna() & (people["end_date"] < "2023-01-01") & (people["end_date"] > "2021-06-01")
    return staying(people, people.index != people.index[left][0])


def on_one_day(people: pd.DataFrame) -> pd.DataFrame:
    left = people["end_date"].notna() & (people["start_date"] < "2022-01-01")
    people.loc[~left, ["end_date", "end_reason"]] = None
    people.loc[left, "end_date"] = "2022-06-30"
    return people


def everybody_left(people: pd.DataFrame) -> pd.DataFrame:
    here = people["end_date"].isna() | (people["end_date"] > "2025-10-31")
    return people.assign(
        end_date=people["end_date"].mask(here, "2025-10-31"), end_reason=people["end_reason"].mask(here, "voluntary")
    )[lambda rows: rows["start_date"] < "2025-10-01"]


def only_leavers(people: pd.DataFrame) -> pd.DataFrame:
    return people[people["end_date"].notna() & (people["end_date"] <= "2025-12-31")]


def without_late_layoffs(people: pd.DataFrame) -> pd.DataFrame:
    late = (people["end_reason"] == "involuntary") & (people["end_date"] >= "2024-06-01")
    return staying(people, late)


def without_layoffs(people: pd.DataFrame) -> pd.DataFrame:
    return staying(people, people["end_reason"] == "involuntary")


CASES = {
    "no exits": (staying, {"RT001"}),
    "one exit": (one_exit, {"RT002"}),
    "all on one day": (on_one_day, {"RT003"}),
    "everybody has left": (everybody_left, {"RT004"}),
    "leavers only": (only_leavers, {"RT004", "RT015"}),
    "a cause that stops": (without_late_layoffs, {"RT005"}),
    "a cause that never happens": (without_layoffs, {"RT005"}),
}


def associations_rest_on(opened: OpenStudy) -> bool:
    """Whether associations of everyone count everybody they were learned from, more than are still there."""
    watched = opened.store.read("spells")["person"].nunique()
    return set(opened.store.read("effects")["n"]) == {watched} and watched > len(opened.store.read("risks"))


@pytest.mark.parametrize("case", CASES)
def test_the_study_goes_on_and_check_foresees_what_cannot_be_learned(folder: Path, tmp_path: Path, case: str) -> None:
    change, codes = CASES[case]
    opened, lines = changed(folder, tmp_path, change, "outcome.causes=[voluntary, involuntary]")
    foreseen = {line.split()[0] for line in lines if line.startswith("RT")}
    found = opened.store.read("retention_findings")
    assert codes <= foreseen
    assert foreseen <= set(found["code"])
    assert {f"finding.{code}" for code in codes} <= {key for key, _ in unforeseen_notes(opened)}
    about = found.loc[found["code"] == "RT005", "subject"]
    assert "RT005" not in codes or "involuntary" in set(about)
    assert not {"RT002", "RT003"} <= foreseen, "one reason, the one that no other day to test from would mend"
    modelled = not codes & {"RT001", "RT002", "RT003"}
    assert opened.store.has("evaluation") == modelled
    assert opened.store.has("risks") == (modelled and "RT004" not in codes)
    assert not opened.store.has("risks") or associations_rest_on(opened)


@pytest.mark.parametrize("months", [18, 24, 36])
def test_short_windows_are_judged_as_far_as_they_reach(folder: Path, tmp_path: Path, months: int) -> None:
    """Few people are watched for a year after the cut: groups hold who stayed as well as who left."""
    end = pd.Timestamp("2022-01-01") + pd.DateOffset(months=months) - pd.Timedelta(days=1)
    window = f"outcome.window={{start: 2022-01-01, end: {end:%Y-%m-%d}}}"
    opened, lines = changed(folder, tmp_path, lambda people: people, window, "retention.test_from=null")
    groups = opened.store.read("group_results")
    observed = groups[(groups["metric"] == "observed") & groups["value"].notna()]
    assert len(observed) > 2 and observed["value"].max() < 0.6
    judged = opened.store.read("evaluation").query("model == 'model'")["metric"]
    assert any(name.startswith("auc_") for name in judged)
    assert any(line.startswith("RT007") for line in lines) == (months < 46)


@pytest.mark.parametrize(
    ("ended", "codes"),
    [([None] * 60, ["RT001"]), (["left"] * 60, ["RT004", "RT015"]), (["left"] * 12 + [None] * 48, ["RT009"]),
     (["left"] * 30 + [None] * 30, []), (["left"] * 12, ["RT009", "RT004", "RT015"])],
)  # fmt: skip
def test_check_foresees_what_tenure_without_dates_cannot_teach(ended: list[str | None], codes: list[str]) -> None:
    stated = pd.DataFrame({"person": [str(n) for n in range(len(ended))], "tenure": 5.0, "event": ended})
    outcome = OutcomeConfig(kind="duration", column="months", event="gone")
    config = SimpleNamespace(outcome=outcome, retention=SimpleNamespace(value=None))
    assert [line.split()[0] for line in foreseen_gaps(None, stated, config)] == codes


@pytest.mark.parametrize(
    ("why", "told"),
    [({"voluntary": 40}, {"RT016": ["involuntary"]}), ({"voluntary": 40, "involuntary": 4}, {"RT016": ["involuntary"]}),
     ({"voluntary": 40, "involuntary": 12}, {}), ({"left": 40}, {"RT014": ["any"]}), ({"voluntary": 40, "left": 4},
     {"RT016": ["involuntary"]})],
)  # fmt: skip
def test_a_cause_that_hardly_ever_ends_a_tenure_is_told(why: dict[str, int], told: dict[str, list[str]]) -> None:
    """Without dates as with them: what the study names and nobody left for is in no figure, so words have to say it."""
    outcome = OutcomeConfig(kind="duration", column="months", event="why", causes=("voluntary", "involuntary"))
    reasons = pd.Series([cause for cause, number in why.items() for _ in range(number)] + [None] * 50)
    found = gaps_of_durations(outcome, reasons)
    assert found.groupby("code")["subject"].agg(list).to_dict() == told
    labels, rows = Labels("en"), found[found["code"] == "RT016"].to_dict("records")
    assert all("‘not by choice’" in finding_words(row, labels) for row in rows)


@pytest.mark.parametrize(("yes", "codes"), [(5, ["RT009"]), (30, []), (57, ["RT009"])])
def test_check_foresees_a_flag_that_hardly_anybody_or_everybody_has(yes: int, codes: list[str]) -> None:
    stated = pd.DataFrame({"person": [str(n) for n in range(60)], "flag": [1.0] * yes + [0.0] * (60 - yes)})
    config = SimpleNamespace(
        outcome=OutcomeConfig(kind="horizon", column="gone"), retention=SimpleNamespace(value=None)
    )
    assert [line.split()[0] for line in foreseen_gaps(None, stated, config)] == codes
    amounts = SimpleNamespace(value=SimpleNamespace(horizon_months=36))  # given, and of no use without dates
    config = SimpleNamespace(outcome=config.outcome, retention=amounts)
    assert [line.split()[0] for line in foreseen_gaps(None, stated, config)] == [*codes, "RT010"]


@pytest.mark.parametrize(("horizons", "told"), [([12, 60], []), ([12, 61, 120], [2])])
def test_horizons_further_ahead_than_anybody_was_watched_are_said(horizons: list[int], told: list[int]) -> None:
    window = SimpleNamespace(start="2021-01-01", end="2025-12-31")
    retention = SimpleNamespace(horizons=horizons, test_from="2024-01-01")
    outcome = OutcomeConfig(kind="spells", window={"start": window.start, "end": window.end})  # type: ignore[arg-type]
    config = SimpleNamespace(outcome=outcome, retention=retention)
    seen = Exits(people=400, before=90, later={"voluntary": 40}, days=80, present=200, months=24, untold=0)
    found = gaps(seen, config)
    assert found.loc[found["code"] == "RT012", "count"].tolist() == told
