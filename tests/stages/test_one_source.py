"""A source is known by whom and which answers it holds: no other name, copy or window brings a few people out."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from ruamel.yaml import YAML

from segment.governance.organisation import LEDGER, ties_of
from segment.governance.pseudonyms import study_pseudonyms
from segment.privacy import shown_groups
from segment.stages import STAGES_IN_ORDER, OpenStudy, open_study
from segment.stages.release.control import release_under_control
from segment.stages.release.group_members import counted_behind, people_behind
from segment.stages.release.history import withdraw
from segment.stages.release.ledgers import ledger_of, shared_ledger_of, ties_in
from segment.stages.rights.erasure import Removal, remove
from segment.stages.simulate import simulate_into
from segment.tables.registry import plan_of
from segment.vocabulary import World

WAVE = "2023-03"
VARIABLE = "SEGMENT_PSEUDONYM_KEY"
KEY = bytes(range(60, 92))

#: Table and group -> the people behind the figures, and (other name) whom of them a share counts.
Behind = dict[tuple[str, str], frozenset[str]]
#: Who stands behind the rows of a release, and its tables.
Told = tuple[Behind, Mapping[str, pd.DataFrame]]


@dataclass(frozen=True)
class Place:
    """A study on personal data: its file, its settings, and the folder with its workspace and ledgers."""

    file: Path
    settings: tuple[str, ...]
    folder: Path

    def open(self, *more: str) -> OpenStudy:
        return open_study(self.file, overrides=[*self.settings, f"workspace={self.folder / 'work'}", *more])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, walk: Callable[..., object]) -> Iterator[Place]:
    """A small organisation of one's own whose study was published once."""
    folder = tmp_path_factory.mktemp("one-source")
    simulate_into(folder / "raw", people=420, seed=4, world=World.NEEDS, waves=1)
    yaml, file = YAML(), folder / "raw" / "study.yaml"
    content = yaml.load(file)
    content["data"] = "personal"
    yaml.dump(content, file)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, KEY.hex())
        patch.setenv(LEDGER, str(folder / "ledgers"))
        done = walk(file, f"workspace={folder / 'work'}")
    yield Place(file, tuple(one for one in done.overrides if not one.startswith("workspace=")), folder)


@pytest.fixture(scope="module")
def first_told(made: Place) -> Told:
    """Who stood behind that first release, and its tables."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, KEY.hex())
        patch.setenv(LEDGER, str(made.folder / "ledgers"))
        return released(made.open(), WAVE)


@pytest.fixture
def place(made: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A copy of it, with its ledgers."""
    for name in ("work", "ledgers"):
        shutil.copytree(made.folder / name, tmp_path / name)
    monkeypatch.setenv(VARIABLE, KEY.hex())
    monkeypatch.setenv(LEDGER, str(tmp_path / "ledgers"))
    return Place(made.file, made.settings, tmp_path)


def released(opened: OpenStudy, wave: str) -> Told:
    """Who stands behind every row that a release shows anew, by ties, and its tables."""
    tables, found = release_under_control(opened, wave=wave).tables, {}
    ties = ties_of(opened.store.read("identities"), key=opened.key)
    for name, table in tables.items():
        people = people_behind(opened, plan_of(name).people, wave) if table.groups else None
        if people is None:
            continue
        groups = {key: own for key, own in shown_groups(table, people).items() if key in anew(name, table.frame)}
        found |= {(name, group): frozenset(ties[one] for one in own) for group, own in groups.items()}
        for counted in (one for one in counted_behind(opened, name, people, wave) if not one.model):
            told = {group: own for group, own in shown_groups(table, counted.people).items() if group in groups}
            found |= {(name + counted.name, group): frozenset(ties[one] for one in own) for group, own in told.items()}
    return found, {name: table.frame for name, table in tables.items()}


def anew(name: str, frame: pd.DataFrame) -> set[str]:
    """Groups with a row that is shown and was not published before."""
    kept = frame["earlier"] if "earlier" in frame else pd.Series(False, index=frame.index)
    rows = frame.loc[(frame["status"] != "hidden") & ~kept, list(plan_of(name).groups)].drop_duplicates()
    named = [[f"{column} {_label(label)}" for column, label in row.items() if not pd.isna(label)]
             for row in rows.to_dict("records")]  # fmt: skip
    return {", ".join(parts) or "everyone" for parts in named}


def _label(label: object) -> str:
    return f"{label:g}" if isinstance(label, float) else str(label)


def given_away(first: Behind, then: Behind) -> list[tuple[str, str]]:
    """Groups shown anew that differ by one to four people from what the same table showed before."""
    return sorted(
        {
            key
            for key, people in then.items()
            for other, before in first.items()
            if other[0] == key[0] and (other == key or people & before) and 0 < len(people ^ before) < 5
        }
    )


def take_one_out(opened: OpenStudy, wave: str = WAVE) -> None:
    """One person who answered is not in the survey's export any more."""
    rows = opened.store.read("responses")
    gone = rows.loc[rows["wave"] == wave, "person"].iloc[0]
    for name in ("responses", "assignments"):
        frame = opened.store.read(name)
        opened.store.write(name, frame[frame["person"] != gone])


def call_wave(opened: OpenStudy, name: str) -> None:
    for path in opened.store.tables.glob("*.parquet"):
        frame = opened.store.read(path.stem)
        if "wave" in frame:
            opened.store.write(path.stem, frame.assign(wave=frame["wave"].replace({WAVE: name})))


def call_study(place: Place, name: str) -> OpenStudy:
    """The tables of the study as another study has them, whose people have other pseudonyms."""
    opened, other = place.open(), place.open(f"study={name}")
    raw = pd.read_csv(place.file.with_name("people.csv"), dtype=str)["person_id"]
    before, after = (study_pseudonyms(one.config.study, KEY).persons(raw) for one in (opened, other))
    names = dict(zip(before, after, strict=True))
    identities = STAGES_IN_ORDER["prepare"].run(other).tables["identities"]
    for path in opened.store.tables.glob("*.parquet"):
        frame = opened.store.read(path.stem)
        if "person" in frame:
            opened.store.write(path.stem, frame.assign(person=frame["person"].map(names)))
    other.store.write("identities", identities)
    return other


def call_people(place: Place, opened: OpenStudy, folder: Path, raw_name: Callable[[list[str]], list[str]]) -> OpenStudy:
    """The tables of the study as they are when HR's system gave everybody another identifier."""
    shutil.copytree(place.file.parent, folder)
    raw = pd.read_csv(place.file.with_name("people.csv"), dtype=str)["person_id"].tolist()
    again = dict(zip(raw, raw_name(raw), strict=True))
    for path in [folder / "people.csv", *folder.glob("responses_*.csv")]:
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
        rows.assign(person_id=rows["person_id"].map(lambda name: again.get(name, f"X{name}"))).to_csv(path, index=False)
    moved = Place(folder / place.file.name, place.settings, place.folder).open()
    pseudonyms = study_pseudonyms(opened.config.study, KEY)
    names = dict(zip(*(pseudonyms.persons(pd.Series(ids)) for ids in (raw, [again[one] for one in raw])), strict=True))
    identities = STAGES_IN_ORDER["prepare"].run(moved).tables["identities"]
    for path in opened.store.tables.glob("*.parquet"):
        frame = opened.store.read(path.stem)
        if "person" in frame:
            moved.store.write(path.stem, frame.assign(person=frame["person"].map(lambda one: names.get(one, one))))
    moved.store.write("identities", identities)
    return moved


@pytest.mark.parametrize(
    "raw_name", [lambda raw: [f"N{one[1:]}" for one in raw], lambda raw: raw[1:] + raw[:1]], ids=["new", "exchanged"]
)
def test_other_identifiers_bring_nobody_out(
    place: Place, first_told: Told, tmp_path: Path, raw_name: Callable[[list[str]], list[str]]
) -> None:
    """A system that was replaced, or somebody who wants an answer back, gives everybody another identifier."""
    opened = place.open()
    _, before = first_told
    people = opened.store.read("responses")
    take_one_out(opened)
    moved = call_people(place, opened, tmp_path / "moved", raw_name)
    gone = moved.store.read("responses")["person"].iloc[0]
    formers = set(ledger_of(opened).groups_of(gone))  # of whoever had that identifier before, where they were exchanged
    tables = release_under_control(moved, wave=WAVE).tables
    for name, column in (("profiles", "mean"), ("promises", "broken_share"), ("segments", "share")):
        frame = tables[name].frame
        shown = frame[frame["status"] != "hidden"]
        keys = [*plan_of(name).lines, *plan_of(name).groups]
        both = shown.merge(before[name], on=keys, suffixes=("", "_then"))
        assert len(both) == len(shown) and both[column].equals(both[f"{column}_then"].rename(column)), name
        assert both["n"].equals(both["n_then"].rename("n")), name
    assert (tables["promises"].frame["status"] != "hidden").any()
    everyone = tables["curves"].frame.query("segment.isna() and status != 'hidden'")
    assert set(everyone["n"].astype(str)) <= set(before["curves"].query("segment.isna()")["n"].astype(str))
    shared = shared_ledger_of(moved)
    assert shared is not None and shared.verify() is None and ledger_of(moved).verify() is None
    assert ledger_of(moved).groups_of(gone), "a person is found, and can be erased, under the identifier of today"
    assert ledger_of(moved).erase(gone) and set(ledger_of(moved).groups_of(gone)) <= formers
    assert len(people)


@pytest.mark.parametrize("called", ["as before", "another wave", "another study", "a copy", "another study's copy"])
def test_whoever_left_is_not_given_away_whatever_the_source_is_called(
    place: Place, first_told: Told, called: str
) -> None:
    opened, wave = place.open(), WAVE
    first, before = first_told
    take_one_out(opened)
    if "study" in called:
        opened = call_study(place, "other")
    if "copy" in called:
        for name in ("ledger.db", "members.db"):
            (opened.workspace / name).unlink()
    if called == "another wave":
        wave = f"{WAVE}b"
        call_wave(opened, wave)
    then, after = released(opened, wave)
    assert {"response, who answered", "response, who did not"} <= {name for name, _ in first}
    assert given_away(first, then) == []
    assert ("profiles", "everyone") not in then
    again = after["promises"].query("segment.isna() and status != 'hidden'")
    assert again["earlier"].all()
    both = again.merge(before["promises"].query("segment.isna()"), on=["need", "n", "broken_share"])
    assert len(both) == len(again) > 0
    ledgers = [ledger_of(opened), shared_ledger_of(opened)]
    assert all(ledger is not None and ledger.verify() is None for ledger in ledgers)


def call_questions(opened: OpenStudy, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """The same answers as another questionnaire has them, whose scales and names are others."""
    rows = opened.store.read("responses")
    asked = [name for name in rows if str(name)[:2] in ("I_", "E_", "P_", "K_")]
    opened.store.write("responses", pd.concat([rows.drop(columns=asked), change(rows[asked])], axis=1))


@pytest.mark.parametrize(
    "change",
    [lambda asked: asked - 1, lambda asked: 6 - asked, lambda asked: (6 - asked).rename(columns=lambda one: f"Z{one}")],
    ids=["counted from zero", "turned round", "renamed and turned round"],
)
def test_nor_whatever_its_questions_and_answers_are_called(
    place: Place, first_told: Told, change: Callable[[pd.DataFrame], pd.DataFrame]
) -> None:
    opened = place.open()
    first, _ = first_told
    take_one_out(opened)
    other = call_study(place, "other")
    call_questions(other, change)
    for name in ("ledger.db", "members.db"):
        (other.workspace / name).unlink()
    then, after = released(other, WAVE)
    assert given_away(first, then) == [] and ("profiles", "everyone") not in then
    everyone = after["promises"].query("segment.isna() and status != 'hidden'")
    assert everyone.empty, "figures of before are on another scale"
    shared = shared_ledger_of(other)
    assert shared is not None and shared.verify() is None


@pytest.mark.parametrize(("gone", "again"), [(1, True), (4, True), (6, False)])
@pytest.mark.parametrize("name", ["reliability", "effects"])
def test_tables_about_everyone_at_once_stay_when_a_few_are_gone(
    place: Place, first_told: Told, name: str, gone: int, again: bool
) -> None:
    """Their numbers of people are exact: one fewer in some lines says which questions somebody answered."""
    opened = place.open()
    _, before = first_told
    if name == "reliability":
        for _ in range(gone):
            take_one_out(opened)
    else:
        spells = opened.store.read("spells")
        opened.store.write("spells", spells[~spells["person"].isin(spells["person"].unique()[:gone])])
    figure, rows = {"reliability": "alpha", "effects": "effect"}[name], opened.store.read(name)
    lines = rows.index < 3
    changed = {figure: rows[figure] - 0.25 * lines} | ({"n": rows["n"] - gone * lines} if "n" in rows else {})
    opened.store.write(name, rows.assign(**changed))
    _, after = released(opened, WAVE)
    columns = [column for column in before[name] if column != "status"]
    assert after[name][columns].equals(before[name][columns]) == again
    ledgers = [ledger_of(opened), shared_ledger_of(opened)]
    assert all(ledger is not None and ledger.verify() is None for ledger in ledgers)
    assert ledgers[0] is not None and ledgers[0].reexamine(opened.store.read("people")["person"]) == []


@pytest.mark.parametrize("days", [1, 31, 92])
def test_a_window_moved_by_a_day_a_month_or_a_quarter_keeps_what_changed_by_a_few(
    place: Place, first_told: Told, days: int
) -> None:
    """The window ends that many days before the last day on which somebody was seen to leave."""
    first, before = first_told
    gone = pd.to_datetime(pd.read_csv(place.file.with_name("people.csv"))["end_date"])
    last = gone[gone <= "2025-12-31"].max()
    opened = place.open(f"outcome.window.end={(last - pd.Timedelta(days=days)).date()}")
    for name in ("prepare", "retain", "relate"):
        result = STAGES_IN_ORDER[name].run(opened)
        for table, frame in result.tables.items():
            opened.store.write(table, frame)
    then, after = released(opened, WAVE)
    assert given_away(first, then) == []
    shown_again = [name for name in ("leaving", "curves", "scorecard") if "earlier" in after[name]]
    assert days > 1 or {"leaving", "curves"} <= set(shown_again)
    for name in shown_again:
        keys = [*plan_of(name).lines, *plan_of(name).groups]
        columns = [column for column in before[name] if column not in (*keys, "status")]
        rows = after[name][after[name]["earlier"]].merge(before[name], on=keys, suffixes=("", "_then"))
        for column in columns:
            assert rows[column].equals(rows[f"{column}_then"].rename(column)), (name, column)


def test_who_is_erased_and_what_is_taken_back_is_so_in_the_ledger_of_all_studies(place: Place) -> None:
    opened = place.open()
    code = opened.store.read("responses")["person"].iloc[0]
    tie, shared = ties_in(opened)[code], shared_ledger_of(opened)
    assert shared is not None
    assert shared.groups_of(tie)
    remove(opened, Removal((code,), "erase", "test"))
    assert shared.groups_of(tie) == []
    assert code not in set(opened.store.read("identities")["person"])
    shared.record({"pay": {"a": [f"p{n}" for n in range(30)]}}, source="answers of others", digests={"pay": "d"})
    said = withdraw(
        place.file, by="A. Reviewer", reason="destroyed", overrides=[*place.settings, f"workspace={opened.workspace}"]
    )
    assert "taken back" in said
    assert [entry.source for entry in shared.entries()] == ["answers of others"]
    assert shared.verify() is None
