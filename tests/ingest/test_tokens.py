"""Codes that respondents make themselves: waves are linked by them, staff are not, and likeness never links."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segment.config.sources import SourcesConfig
from segment.governance.pseudonyms import study_pseudonyms
from segment.ingest import Inputs
from segment.ingest.contract import renamed_people
from segment.ingest.tokens import _is_one_apart, token_id

KEY = bytes(range(32))
LETTERS = list("abcdefghijklmnopqrstuvwxyz")


def with_tokens(desk, *waves: tuple[str, list[str]]):
    """The small study with a file of answers for each wave, and a code for each row."""
    for name in ("people", "outcome"):
        (desk.settings["sources"] if name == "people" else desk.settings).pop(name, None)
    sources = []
    for wave, codes in waves:
        rows = [f"{code},{1 + row % 5},{1 + row % 4}" for row, code in enumerate(codes)]
        desk.files[f"{wave}.csv"] = "\n".join(["own_code,I_PAY,E_PAY", *rows]) + "\n"
        columns = {"person_id": "own_code"}
        sources.append(
            {"file": f"{wave}.csv", "wave": wave, "date": f"{wave}-03-31", "columns": columns, "tokens": True}
        )
    desk.settings["sources"]["responses"] = sources
    return desk


def people_of(inputs: Inputs, wave: str) -> list[str]:
    table = inputs.tables["responses"]
    return table.loc[table["wave"] == wave, "person"].tolist()


def said(inputs: Inputs, code: str) -> dict[str, object]:
    found = inputs.findings[inputs.findings["code"] == code]
    return found.iloc[0].to_dict() if len(found) else {}


def test_waves_are_linked_however_a_code_is_written(desk) -> None:
    inputs = with_tokens(desk, ("2023", ["EM07DO", "an12ke"]), ("2024", [" em-07 do", "Än 12 KE"])).read()
    assert sorted(people_of(inputs, "2023")) == sorted(people_of(inputs, "2024"))
    assert not (inputs.findings["severity"] == "error").any()


def test_a_code_that_several_have_links_nobody_and_every_answer_stays(desk) -> None:
    """In no order of rows is one of two people with one code taken for the other one's next wave."""
    before = ["EM07DO", "em07do", "", "x", "an12ke"]
    inputs = with_tokens(desk, ("2023", before), ("2024", ["EM07DO", "an12ke", ""])).read()
    first, second = people_of(inputs, "2023"), people_of(inputs, "2024")
    assert len(set(first)) == 5 and len(set(second)) == 3
    assert len(set(first) & set(second)) == 1
    told = inputs.findings[inputs.findings["code"] == "DQ096"]
    assert told["count"].tolist() == [4, 1]
    assert "2 without a code" in told["explanation"].iloc[0] and "2 with a code" in told["explanation"].iloc[0]


def test_codes_nearly_alike_are_counted_and_never_linked_or_shown(desk) -> None:
    before = ["EM07DO", "an12ke", "jo31pl", "li05st"]
    after = ["EM70DO", "an12k", "jo31pl", "wi99zz"]
    inputs = with_tokens(desk, ("2023", before), ("2024", after)).read()
    told = said(inputs, "DQ097")
    assert told["count"] == 2 and "1 are the same" in str(told["explanation"])
    assert len(set(people_of(inputs, "2023")) & set(people_of(inputs, "2024"))) == 1
    everything = inputs.findings.to_string().lower()
    assert not any(code.lower() in everything for code in (*before, *after))


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("em07do", "em07do", True), ("em07do", "em70do", True), ("em07do", "em07d", True), ("em07do", "xem07do", True),
        ("em07do", "em08do", True), ("em07do", "em08da", False), ("em07do", "me70do", False), ("em07do", "em07", False),
    ],
)  # fmt: skip
def test_one_edit_is_one_sign_more_less_other_or_two_swapped(one: str, other: str, near: bool) -> None:
    assert _is_one_apart(one, other) == _is_one_apart(other, one) == near


def test_a_new_key_knows_everybody_again(desk) -> None:
    inputs = with_tokens(desk, ("2023", ["EM07DO", "", "an12ke"]), ("2024", ["EM07DO", "an12ke"])).read()
    renamed = renamed_people(desk.study(), old=KEY, new=bytes(reversed(KEY)))
    assert set(inputs.tables["responses"]["person"]) <= set(renamed)


def test_tokens_stand_alone() -> None:
    survey = {"file": "a.csv", "wave": "2024"}
    for wrong in (
        {"people": {"file": "p.csv"}, "responses": [survey | {"tokens": True}]},
        {"responses": [survey | {"tokens": True}, survey]},
        {"responses": [survey | {"tokens": True, "number_rows": True}]},
    ):  # fmt: skip
        with pytest.raises(ValueError, match="tokens"):
            SourcesConfig.model_validate(wrong)


def staff(draw: np.random.Generator, n: int) -> pd.DataFrame:
    """What HR holds of its staff."""

    def names(size: int) -> list[str]:
        return ["".join(draw.choice(LETTERS, size)) for _ in range(n)]

    return pd.DataFrame({
        "person_id": [f"E{100000 + number}" for number in range(n)], "first": names(6), "last": names(8),
        "street": names(9), "born": draw.integers(1, 32, n), "team": draw.choice(["a", "b", "c"], n),
    })  # fmt: skip


def rule(first: pd.Series, day: np.ndarray, street: pd.Series) -> list[str]:
    return [f"{a[:2]}{d:02d}{c[:2]}" for a, d, c in zip(first, day, street, strict=True)]


def links(hr: pd.DataFrame, codes: list[str]) -> int:
    """People whom the best guess finds: each code goes to whoever's own data would make the code most like it.

    Row ``n`` of both is the same person, which whoever guesses does not know; ties are broken by order of names.
    """
    parts = pd.DataFrame({"a": hr["first"].str[:2], "d": hr["born"].map("{:02d}".format), "c": hr["street"].str[:2]})
    told = pd.DataFrame({"a": [c[:2] for c in codes], "d": [c[2:4] for c in codes], "c": [c[4:] for c in codes]})
    score = sum((told[p].to_numpy()[:, None] == parts[p].to_numpy()[None, :]).astype(float) for p in ("a", "d", "c"))
    score = score + 1e-6 * np.random.default_rng(0).random(score.shape)
    return int((score.argmax(axis=1) == np.arange(len(codes))).sum())


def test_with_all_files_in_hand_nobody_of_a_thousand_is_found_beyond_chance(desk) -> None:
    """The employer holds HR's list, both exports, the study's tables and its key. By chance one in a thousand fits:
    eight or more would be seen in 1 of 100,000 worlds. The same attack finds nearly all where the rule is broken."""
    draw = np.random.default_rng(7)
    hr, mothers = staff(draw, 1000), staff(draw, 1000)
    codes = rule(mothers["first"], draw.integers(1, 32, 1000), mothers["street"])
    order = draw.permutation(1000)
    inputs = with_tokens(desk, ("2023", codes), ("2024", [codes[row] for row in order])).read()
    pseudonyms = study_pseudonyms("small", KEY)
    everything = hr.map(str).to_numpy().ravel()
    known = {pseudonyms.person(value) for value in everything} | {pseudonyms.person(token_id(v)) for v in everything}
    assert not known & set(inputs.tables["responses"]["person"])
    assert not known & set(inputs.tables["identities"]["person"])
    assert links(hr, codes) < 8
    own = rule(hr["first"], hr["born"].to_numpy(), hr["street"])
    assert links(hr, own) > 900, "the attack has to see what a broken rule gives away"
    alone = len(set(codes))
    assert len(set(people_of(inputs, "2023")) & set(people_of(inputs, "2024"))) >= alone - (1000 - alone)


def test_a_personnel_number_that_is_used_as_a_code_is_not_that_person(desk) -> None:
    inputs = with_tokens(desk, ("2023", ["E100001", "an12ke"])).read()
    assert study_pseudonyms("small", KEY).person("E100001") not in set(inputs.tables["responses"]["person"])
