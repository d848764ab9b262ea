"""The three studies on public data read without an error and say what their sources say."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from segment.config import load_study
from segment.governance.pseudonyms import key_for
from segment.ingest import Inputs, read_inputs, refuse_errors
from segment.tables.codebook import read_codebook

CONFIGS = Path(__file__).resolve().parents[2] / "configs"


@cache
def _read(name: str) -> Inputs:
    study = load_study(CONFIGS / "studies" / f"{name}.yaml")
    inputs = read_inputs(study, key=key_for(study, os.environ))
    refuse_errors(inputs.findings)
    return inputs


@pytest.mark.data
def test_fevs2018_has_every_person_item_and_flag() -> None:
    inputs = _read("fevs2018")
    assert inputs.tables["people"].shape[0] == inputs.tables["responses"].shape[0] == 61_174
    assert inputs.outcome is not None
    assert inputs.outcome["flag"].value_counts().to_dict() == {0.0: 48_271, 1.0: 12_903}
    items = inputs.tables["responses"].filter(regex=r"^Q\d+$")
    assert items.shape[1] == 71
    assert (items.min().min(), items.max().max()) == (1, 5)
    assert set(inputs.tables["audit"]) == {"person", "sex", "minority"}
    assert not {"sex", "minority", "agency_sub"} & set(inputs.tables["people"])
    assert len(inputs.findings) == 0
    assert inputs.codebook is not None
    assert len(inputs.codebook.need_map("experience")) == 71


@pytest.mark.data
def test_gss2016_has_930_people_eight_pairs_and_a_second_wave() -> None:
    inputs = _read("gss2016")
    table, codebook = inputs.tables["responses"], inputs.codebook
    assert codebook is not None
    assert len(inputs.tables["people"]) == 930
    assert table["wave"].value_counts().to_dict() == {"2016": 930, "2020": 245}
    assert set(codebook.need_map("importance").values()) == set(codebook.need_map("experience").values())
    assert len(codebook.of_kind("importance")) == len(codebook.of_kind("experience")) == 8
    first = table[table["wave"] == "2016"]
    assert first["secjob"].mean() > first["flexhrs"].mean()  # security matters most, hours least
    assert set(first["decidwrk"].dropna()) == {1, 3, 5}
    assert inputs.outcome is not None
    assert inputs.outcome["flag"].sum() == 151 + 127
    assert (table["weight"] > 0).all()


@pytest.mark.data
def test_gss2016_turns_its_scales_so_that_high_is_more() -> None:
    table = _read("gss2016").tables["responses"]
    first = table[table["wave"] == "2016"]
    for more in ("prideorg", "stayorg", "satjob"):
        assert first["helporg"].corr(first[more]) > 0.2
    assert first["rsecjob"].corr(first["joblose"]) > 0.2


@pytest.mark.data
def test_mfg10year_has_spells_with_ends_and_snapshots_that_do_not_know_them() -> None:
    inputs = _read("mfg10year")
    people, snapshots = inputs.tables["people"], inputs.tables["snapshots"]
    assert len(people) == people["person"].nunique() == 6_284
    assert people["end_reason"].value_counts().to_dict() == {"voluntary": 1_270, "involuntary": 215}
    assert snapshots["valid_from"].dt.strftime("%m-%d").unique().tolist() == ["12-31"]
    joined = snapshots.merge(people[["person", "spell", "end_date"]], on=["person", "spell"])
    year_of_leaving = joined["valid_from"].dt.year == joined["end_date"].dt.year
    assert year_of_leaving.sum() == 1_485
    assert (joined.loc[year_of_leaving, "valid_from"] >= joined.loc[year_of_leaving, "end_date"]).all()
    leaking = {"STATUS", "recorddate_key", "termreason_desc", "length_of_service", "end_date"}
    assert not leaking & set(snapshots)
    assert set(inputs.findings["code"]) == {"DQ019", "DQ048"}
    assert "responses" not in inputs.tables


def test_codebooks_speak_both_languages() -> None:
    for name in ("fevs2018", "gss2016"):
        codebook = read_codebook(
            CONFIGS / "codebooks" / f"{name}.csv", scales={"imp5": (1, 5), "true5": (1, 5), "gss4": (1, 4)}
        )
        texts = pd.DataFrame([(item.text("nl"), item.text("en")) for item in codebook.items], columns=["nl", "en"])
        assert (texts != "").all(axis=None)
        assert not texts.duplicated("nl").any()
        assert (texts["nl"] != texts["en"]).all()
