"""Waves in the stages: the last one is the latest in time, and segments come from the last that asked for needs."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pandas as pd
import pytest

from segment.config import load_study
from segment.errors import InvalidStudy, RefusedData
from segment.ingest.findings import Findings
from segment.ingest.together import check_order, dates_inside
from segment.stages import OpenStudy, open_study
from segment.stages.check import check_study
from segment.stages.counts import population_of
from segment.stages.prepare import prepare
from segment.stages.retention.features import known_over_time
from segment.stages.simulate import simulate_into
from segment.stages.waves import by_wave, model_wave, wave_dates, wave_names, waves_before
from segment.vocabulary import World

_OLD, _NEW = "2023-03", "2024-03"


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of two waves."""
    folder = tmp_path_factory.mktemp("waves") / "small"
    simulate_into(folder, people=200, seed=5, world=World.NEEDS, waves=2)
    return folder


def renamed(simulated: Path, folder: Path, old: str, new: str) -> Path:
    """The same study with other names of its waves, in a folder of its own."""
    folder.mkdir()
    for file in simulated.iterdir():
        if file.is_file():
            (folder / file.name).write_bytes(file.read_bytes())
    (folder / "codebooks").mkdir(exist_ok=True)
    for file in (simulated / "codebooks").glob("*"):
        (folder / "codebooks" / file.name).write_bytes(file.read_bytes())
    for was, name in ((_OLD, old), (_NEW, new)):
        path = folder / f"responses_{was}.csv"
        path.write_text(path.read_text(encoding="utf-8").replace(f",{was},", f",{name},"), encoding="utf-8")
    return folder / "study.yaml"


def opened(file: Path) -> OpenStudy:
    return open_study(file, overrides=[f"workspace={file.parent / 'work'}", "needs.bootstrap=0"])


def test_wave_10_comes_after_wave_9_and_2024_after_the_end_of_2023(simulated: Path, tmp_path: Path) -> None:
    for number, (old, new) in enumerate([("wave 9", "wave 10"), ("Q4 2023", "Q1 2024")]):
        study = opened(renamed(simulated, tmp_path / str(number), old, new))
        responses = prepare(study).tables["responses"]
        assert responses["wave"].iloc[-1] == new
        assert model_wave(study, responses) == new
        assert wave_names(study, [new, old]) == [old, new]
        assert waves_before(study, [old, new], new) == [old]
        rows = pd.DataFrame({"wave": [new, old], "n": [1, 2]})
        assert by_wave(study, rows)["n"].tolist() == [2, 1]


def answered(file: Path) -> OpenStudy:
    """The study with its people and answers read."""
    study = opened(file)
    for name, table in prepare(study).tables.items():
        if name in ("people", "responses", "wave_days", "spells", "need_scores"):
            study.store.write(name, table)
    return study


def test_a_date_of_a_file_is_that_of_the_wave_inside_it_whatever_both_are_called(
    simulated: Path, tmp_path: Path
) -> None:
    given = answered(renamed(simulated, tmp_path / "given", _OLD, _NEW))
    inside = answered(renamed(simulated, tmp_path / "inside", "wave 9", "wave 10"))
    assert dict(zip(["wave 9", "wave 10"], wave_dates(given).values(), strict=True)) == wave_dates(inside)
    assert population_of(inside, "wave 10") == population_of(given, _NEW)
    assert population_of(inside, "wave 10").counted_on is None
    assert "DQ078" not in set(prepare(inside).tables["findings"]["code"])


def undated(file: Path) -> Path:
    """The same study without a date of any wave."""
    file.write_text(re.sub(r",? *date: *'?[0-9-]+'?", "", file.read_text(encoding="utf-8")), encoding="utf-8")
    assert "2024-03-31" not in file.read_text(encoding="utf-8")
    return file


def test_a_name_that_tells_the_day_dates_the_wave_for_every_stage(simulated: Path, tmp_path: Path) -> None:
    given = answered(renamed(simulated, tmp_path / "given", _OLD, _NEW))
    named = answered(undated(renamed(simulated, tmp_path / "named", _OLD, _NEW)))
    last = {_OLD: pd.Timestamp("2023-03-31"), _NEW: pd.Timestamp("2024-03-31")}
    assert wave_dates(given) == wave_dates(named) == last
    assert population_of(named, _OLD) == population_of(given, _OLD)
    start = pd.Timestamp(named.outcome.watched.start)
    people = named.store.read("people")
    asked = [c for c in known_over_time(named, people, start) if c.startswith("shortfall_")]
    assert asked and asked == [c for c in known_over_time(given, people, start) if c.startswith("shortfall_")]


def test_a_wave_without_a_day_is_counted_on_the_last_day_watched_and_says_so(simulated: Path, tmp_path: Path) -> None:
    study = answered(undated(renamed(simulated, tmp_path / "nobody", "wave 9", "wave 10")))
    assert wave_dates(study) == {}
    people = population_of(study, "wave 10")
    assert people.counted_on == study.config.outcome.window.end and people.scope > 0


def test_segments_come_from_the_last_wave_that_asked_for_needs(simulated: Path, tmp_path: Path) -> None:
    file = renamed(simulated, tmp_path / "short", _OLD, _NEW)
    path = file.parent / "responses_2024-03.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table = table[[name for name in table if not name.startswith(("I_", "E_", "W_rank"))]].assign(wave=_NEW)
    table.to_csv(path, index=False)
    older = file.parent / "responses_2023-03.csv"
    older.write_text((simulated / older.name).read_text(encoding="utf-8"), encoding="utf-8")
    study = opened(file)
    made = prepare(study).tables
    assert set(made["responses"]["wave"]) == {_OLD, _NEW}
    assert model_wave(study, made["responses"]) == _OLD
    assert made["need_scores"].loc[made["need_scores"]["wave"] == _OLD, "usable"].any()


def test_an_order_that_is_not_known_is_refused_by_check_and_its_advice_helps(simulated: Path, tmp_path: Path) -> None:
    file = renamed(simulated, tmp_path / "words", "before", "after")
    file.write_text(file.read_text(encoding="utf-8").replace("    date: 20", "    # date: 20"), encoding="utf-8")
    workspace = f"workspace={file.parent / 'work'}"
    with pytest.raises(RefusedData) as refused:
        check_study(file, overrides=[workspace])
    assert "DQ066" in str(refused.value)
    assert "waves: {'after': YYYY-MM-DD, 'before': YYYY-MM-DD}; write the real day" in str(refused.value)
    days = "waves={before: 2023-03-31, after: 2024-03-31}"
    assert check_study(file, overrides=[workspace, days])[-1].startswith("The study may run")
    study = open_study(file, overrides=[workspace, days])
    assert wave_names(study, ["after", "before"]) == ["before", "after"]
    with pytest.raises(InvalidStudy, match="which wave was first"):
        wave_names(opened(file), ["after", "before"])


def test_a_number_inside_a_file_s_date_is_no_wave_and_the_advice_gives_the_days_of_the_files(
    simulated: Path, tmp_path: Path
) -> None:
    """Waves 1 and 2 stand in a column; each file says when it was answered."""
    config = load_study(simulated / "study.yaml").config
    sources = tuple(
        source.model_copy(
            update={"wave": None, "file": f"survey_{day}.csv", "date": dt.date.fromisoformat(f"{day}-31")}
        )
        for source, day in zip(config.sources.responses, ("2023-12", "2024-12"), strict=True)
    )
    named = config.model_copy(update={"sources": config.sources.model_copy(update={"responses": sources})})
    assert named.wave_days(["1", "2"]) == {}
    assert named.wave_days(["2023-12", "2024-12"]) == {
        "2023-12": dt.date(2023, 12, 31), "2024-12": dt.date(2024, 12, 31)
    }  # fmt: skip
    inside = dates_inside([(source.date, pd.Series([one, one])) for source, one in zip(sources, "12", strict=True)])
    findings = Findings()
    check_order(findings, "surveys", ["1", "2"], {}, [], dated=True, inside=inside)
    (advice,) = findings.table().query("code in ('DQ066', 'DQ078')")["advice"]
    assert "'1': 2023-12-31" in advice and "'2': 2024-12-31" in advice
