"""Pseudonyms: the same for the same person, key and purpose; different when any of these differs."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.config import Study, load_study
from segment.errors import InvalidInput
from segment.governance.pseudonyms import Pseudonymiser, derived_key, key_for, study_pseudonyms

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
HEX = KEY.hex()


def _study(folder: Path, **changes: Any) -> Study:
    settings = {
        "study": "pilot",
        "title": {"nl": "Proef", "en": "Pilot"},
        "sources": {"people": {"file": "people.csv"}},
        **changes,
    }
    (folder / "pilot.yaml").write_text(json.dumps(settings), encoding="utf-8")
    return load_study(folder / "pilot.yaml", environment={})


@given(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=30))
def test_equal_people_get_equal_codes_and_others_do_not(one: str, two: str) -> None:
    made = Pseudonymiser(KEY, "study:pilot")
    assert (made.person(one) == made.person(two)) == (one == two)


def test_key_and_purpose_change_every_code() -> None:
    codes = {
        Pseudonymiser(key, purpose).person("007") for key in (KEY, OTHER) for purpose in ("a", "b", "c" * 40, "c" * 41)
    }
    assert len(codes) == 8


def test_a_code_is_the_keyed_hash_of_the_standard_library() -> None:
    expected = hashlib.blake2b(b"007", key=KEY, digest_size=16, person=b"study:pilot").hexdigest()
    assert Pseudonymiser(KEY, "study:pilot").person("007") == expected
    assert study_pseudonyms("pilot", KEY).person("007") == expected


def test_a_column_gets_the_same_codes_as_its_people_one_by_one() -> None:
    made = Pseudonymiser(KEY, "study:pilot")
    ids = pd.Series(["007", "7", None, "007"], index=[3, 1, 4, 2], dtype="str")
    codes = made.persons(ids)
    assert codes.index.tolist() == [3, 1, 4, 2]
    assert codes.isna().tolist() == [False, False, True, False]
    assert codes.iloc[[0, 1, 3]].tolist() == [made.person("007"), made.person("7"), made.person("007")]


def test_the_key_never_shows() -> None:
    made = Pseudonymiser(KEY, "study:pilot")
    for text in (repr(made), str(made), made.key_id, made.person("007")):
        assert HEX[:8] not in text
        assert repr(KEY)[2:10] not in text
    assert made.key_id != Pseudonymiser(OTHER, "study:pilot").key_id
    assert len(made.key_id) == 8


@pytest.mark.parametrize(
    ("key", "came"), [(b"short", "5 bytes"), (bytes(range(65)), "65 bytes"), (b"ab" * 16, "the same few signs")]
)
def test_a_bad_key_is_refused_with_how_to_make_one(key: bytes, came: str) -> None:
    with pytest.raises(InvalidInput, match="token_hex") as refusal:
        Pseudonymiser(key, "p")
    assert came in str(refusal.value)


def test_a_purpose_is_needed() -> None:
    with pytest.raises(InvalidInput, match="purpose"):
        Pseudonymiser(KEY, "")


@pytest.mark.parametrize("data", ["public", "simulated"])
def test_public_and_simulated_data_derive_their_key_from_the_study_alone(tmp_path: Path, data: str) -> None:
    (tmp_path / "other").mkdir()
    study, reseeded = _study(tmp_path, data=data, random_state=3), _study(tmp_path / "other", data=data, random_state=4)
    assert key_for(study, {}) == key_for(study, {"SEGMENT_PSEUDONYM_KEY": HEX}) == derived_key("pilot")
    assert key_for(reseeded, {}) == key_for(study, {})
    assert derived_key("pilot") != derived_key("other")


def test_personal_data_without_a_key_are_refused_with_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refusal:
        key_for(_study(tmp_path), {})
    assert "Personal data need a pseudonym key." in str(refusal.value)
    assert "python -c 'import secrets; print(secrets.token_hex(32))'" in str(refusal.value)
    assert "SEGMENT_PSEUDONYM_KEY" in str(refusal.value)


def test_a_key_comes_from_the_environment_or_a_file_outside_the_project(tmp_path: Path) -> None:
    folder, vault = tmp_path / "project", tmp_path / "vault.key"
    folder.mkdir()
    study = _study(folder)
    vault.write_text(f"{HEX}\n", encoding="utf-8")
    assert key_for(study, {"SEGMENT_PSEUDONYM_KEY": HEX}) == KEY
    assert key_for(study, {"SEGMENT_PSEUDONYM_KEY_FILE": str(vault)}) == KEY
    plain = "a long sentence that nobody guesses"
    assert key_for(study, {"SEGMENT_PSEUDONYM_KEY": plain}) == plain.encode()


def test_the_variable_is_the_one_that_the_study_names(tmp_path: Path) -> None:
    study = _study(tmp_path, privacy={"key": "OUR_KEY"})
    assert key_for(study, {"OUR_KEY": HEX}) == KEY
    with pytest.raises(InvalidInput, match="OUR_KEY"):
        key_for(study, {"SEGMENT_PSEUDONYM_KEY": HEX})


def test_a_key_file_inside_the_project_missing_or_beside_a_key_is_refused(tmp_path: Path) -> None:
    study = _study(tmp_path)
    inside = tmp_path / "my.key"
    inside.write_text(HEX, encoding="utf-8")
    with pytest.raises(InvalidInput, match="inside the project"):
        key_for(study, {"SEGMENT_PSEUDONYM_KEY_FILE": str(inside)})
    with pytest.raises(InvalidInput, match="cannot be read"):
        key_for(study, {"SEGMENT_PSEUDONYM_KEY_FILE": str(tmp_path.parent / "nowhere.key")})
    with pytest.raises(InvalidInput, match="two pseudonym keys"):
        key_for(study, {"SEGMENT_PSEUDONYM_KEY_FILE": str(inside), "SEGMENT_PSEUDONYM_KEY": HEX})


def test_a_short_key_from_the_environment_is_refused_without_showing_it(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="wrong length") as refusal:
        key_for(_study(tmp_path), {"SEGMENT_PSEUDONYM_KEY": "geheim"})
    assert "geheim" not in str(refusal.value)
