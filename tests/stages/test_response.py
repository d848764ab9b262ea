"""How many took part, by department: counted by hand, and nothing where nobody knows who could."""

from __future__ import annotations

import pandas as pd

from segment.stages.counts import asked_by_group, population_of, took_part
from segment.tables import spec_of


def test_every_department_is_counted_by_hand(walked) -> None:
    opened = walked.open()
    told = opened.store.read("response")
    wave = told["wave"].iloc[0]
    people = opened.store.read("people")
    day = pd.Timestamp(opened.config.sources.responses[-1].date)
    here = people[(people["relation"] == "employee") & (people["start_date"] <= day) & ~(people["end_date"] < day)]
    answered = set(opened.store.read("assignments").query("wave == @wave")["person"])
    assert set(told["group"].dropna()) == set(here["department"])
    for row in told.itertuples():
        own = here if pd.isna(row.group) else here[here["department"] == row.group]
        assert row.n == own["person"].nunique()
        assert row.share == own["person"].isin(answered).mean()
    everyone, population = told[told["group"].isna()].iloc[0], population_of(opened, wave)
    assert (everyone["n"], everyone["share"]) == (population.scope, population.rate)
    assert spec_of("response").check(told) is not None


def test_only_what_may_describe_people_groups_them(walked) -> None:
    for name, told in (("department", True), ("sex", False), ("hours", False), ("nothing", False)):
        opened = walked.open(f"experience.response_by={name}")
        wave = opened.store.read("response")["wave"].iloc[0]
        assert (asked_by_group(opened, wave) is not None) == told
        assert took_part(opened, wave)
