"""The list of actions comes back filled in: what was begun is told in the next release, and the next plan counts it."""

from __future__ import annotations

import csv
import io
import shutil
from html import unescape
from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from segment.errors import RefusedData
from segment.exports.verify import verify
from segment.stages import STAGES_IN_ORDER, OpenStudy, open_study, run_stage
from segment.stages.audit import audit_study
from segment.stages.check import check_study
from segment.stages.plan import Asked, plan_under_budget
from segment.stages.release.control import release_under_control
from segment.stages.release.group_members import source_of
from segment.stages.release.ledgers import ledger_of

#: What somebody may type where the code of an action belongs.
TYPED = "coaching E000091"


def filled_in(opened: OpenStudy, to: Path, **cells: str) -> list[dict[str, str]]:
    """The list of the last release, ``cells`` filled in on the first rows of two segments and of all: these."""
    folder = next(path for path in sorted((opened.workspace / "exports").iterdir()) if path.is_dir())
    rows = list(csv.DictReader(io.StringIO((folder / "actions.csv").read_text("utf-8-sig")), delimiter=";"))
    chosen = [row for row in rows if row["place"] == "1" or (row["rank"], row["segment"]) in (("1", "1"), ("1", "3"))]
    for row in chosen:
        row.update(cells)
    with to.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=";", lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
    return chosen


@pytest.fixture(scope="module")
def told(walked, copied_once: OpenStudy) -> tuple[OpenStudy, list[dict[str, str]], Path, tuple[str, ...]]:
    """The study with its own list handed back, walked again in a copy of its workspace."""
    listed = walked.file.parent / "actions-2023.csv"
    chosen = filled_in(copied_once, listed, date="2023-09-01", status="loopt", who="HR")
    table = pd.read_csv(listed, sep=";", dtype=str, encoding="utf-8-sig")
    typed = table.iloc[[0]].assign(segment="1", action=TYPED, date="2023-09-01")
    pd.concat([table, typed]).to_csv(listed, sep=";", index=False, encoding="utf-8-sig")
    again = walked.saying(sources={"actions": {"file": "actions-2023.csv"}})
    overrides = (*again.overrides, f"workspace={copied_once.workspace}")
    opened = open_study(again.file, overrides=overrides)
    for stage in STAGES_IN_ORDER.values():
        run_stage(stage, opened)
    return opened, chosen, again.file, overrides


def test_the_list_is_read_as_it_was_handed_out(told) -> None:
    opened, chosen, file, overrides = told
    begun = opened.store.read("begun")
    read = list(zip(begun["listed"].astype(str), begun["action"], strict=True))
    assert read == sorted([*((row["segment"], row["action"]) for row in chosen), ("1", TYPED)])
    effects = opened.store.read("action_effects")
    assert set(effects["action"]) == {row["action"] for row in chosen}
    assert effects["effect"].notna().any() and (effects["role"] == "target").sum() == len(set(effects["action"]))
    assert check_study(file, overrides=overrides)[-1].startswith("The study may run")


def test_what_else_was_typed_as_an_action_is_counted_and_stands_in_no_file(told) -> None:
    opened, _, file, overrides = told
    assert any("1 of the actions that were begun" in line for line in check_study(file, overrides=overrides))
    folder = next(path for path in sorted((opened.workspace / "exports").iterdir()) if path.is_dir())
    books = [row for one in ("nl", "en") for row in _cells(folder / f"segments.{one}.xlsx")]
    texts = [path.read_bytes().decode("utf-8", "replace") for path in folder.rglob("*") if path.is_file()]
    assert len(books) > 1000 and not any("E000091" in one for one in (*books, *texts))


def _cells(book: Path) -> list[str]:
    opened = CalamineWorkbook.from_path(book)
    rows = [row for name in opened.sheet_names for row in opened.get_sheet_by_name(name).to_python()]
    return [str(cell) for row in rows for cell in row]


def test_the_release_tells_it_in_every_language(told) -> None:
    opened, chosen, _, _ = told
    folder = next(path for path in sorted((opened.workspace / "exports").iterdir()) if path.is_dir())
    for language, words in (("nl", "Wat deden de acties die begonnen zijn?"), ("en", "What did the actions that were")):
        page = unescape((folder / f"report.{language}.html").read_text(encoding="utf-8"))
        assert words in page and page.rsplit(words, 1)[1].count(chosen[0][f"title_{language}"])
        assert any(
            said in page.split('<nav class="toc"')[0] for said in ("Wat deden de acties?", "What did the actions do?")
        )
        book = CalamineWorkbook.from_path(folder / f"segments.{language}.xlsx")
        (sheet,) = [one for one in book.sheet_names if one in ("Effect van acties", "Effect of actions")]
        cells = [cell for row in book.get_sheet_by_name(sheet).to_python() for cell in row]
        assert chosen[0][f"title_{language}"] in cells
        assert not [cell for cell in cells if str(cell).startswith("action.")]
        assert ("begonnen op 1 september 2023" if language == "nl" else "began on 1 September 2023") in page
    listed = filled_in(opened, folder.parent / "again.csv")
    (folder.parent / "again.csv").unlink()
    dated = {(row["segment"], row["action"]): row["date"] for row in listed}
    assert dated[chosen[0]["segment"], chosen[0]["action"]] == "2023-09-01"
    assert verify(folder)[0].found == []


def test_why_an_effect_is_not_known_reaches_the_reader(walked, copied_once: OpenStudy, tmp_path: Path) -> None:
    listed = walked.file.parent / "actions-later.csv"
    filled_in(copied_once, listed, date="2031-02-01")
    again = walked.saying(sources={"actions": {"file": "actions-later.csv"}})
    shutil.copytree(copied_once.workspace, tmp_path / "work")
    opened = open_study(again.file, overrides=(*again.overrides, f"workspace={tmp_path / 'work'}"))
    for stage in STAGES_IN_ORDER.values():
        run_stage(stage, opened)
    folder = next(path for path in sorted((opened.workspace / "exports").iterdir()) if path.is_dir())
    assert "nog niet bekend: er was geen meting meer" in (folder / "report.nl.html").read_text(encoding="utf-8")
    assert verify(folder)[0].found == []


def test_the_next_plan_counts_what_was_measured(told) -> None:
    _, _, file, overrides = told
    said = plan_under_budget(file, Asked(budget=20_000.0, language="en"), overrides=overrides)
    assert any("what they did here counts" in line or "what it did here counts" in line for line in said)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [({"date": "2023-09-01", "segment": "one"}, "segment"), ({"date": "soon"}, "date"),
     ({"date": "2300-01-01"}, "date"), ({"date": "2023-09-01", "action": ""}, "action")],
)  # fmt: skip
def test_a_row_that_cannot_be_read_names_its_column(
    walked, copied_once: OpenStudy, tmp_path: Path, cells: dict[str, str], expected: str
) -> None:
    listed = tmp_path / "actions-wrong.csv"
    filled_in(copied_once, listed, **cells)
    file = walked.saying(sources={"actions": {"file": str(listed)}}).file
    with pytest.raises(RefusedData) as refused:
        check_study(file, overrides=(*walked.overrides, f"workspace={tmp_path / 'work'}"))
    assert f"column {expected}" in str(refused.value) and "one" not in str(refused.value).split("actions-wrong")[0]


def test_a_list_that_nobody_filled_in_says_nothing(walked, copied_once: OpenStudy, tmp_path: Path) -> None:
    listed = tmp_path / "actions-empty.csv"
    filled_in(copied_once, listed)
    file = walked.saying(sources={"actions": {"file": str(listed)}}).file
    lines = check_study(file, overrides=(*walked.overrides, f"workspace={tmp_path / 'work'}"))
    assert lines[-1].startswith("The study may run") and not any("begun" in line for line in lines[:-1])


def test_a_code_that_is_no_action_is_foreseen(walked, copied_once: OpenStudy, tmp_path: Path) -> None:
    listed = tmp_path / "actions-other.csv"
    chosen = filled_in(copied_once, listed, date="2023-09-01", action="PAY_explian")
    file = walked.saying(sources={"actions": {"file": str(listed)}}).file
    lines = check_study(file, overrides=(*walked.overrides, f"workspace={tmp_path / 'work'}"))
    assert len(chosen) and any("did you mean 'PAY_explain'?" in line for line in lines)


def test_who_stands_behind_what_actions_did_is_held_and_audited(told) -> None:
    """The ledger knows both sides with the answers of both waves, and the audit finds nobody."""
    opened, _, file, overrides = told
    frame = release_under_control(opened, wave="2024-03").tables["action_effects"].frame
    shown = frame[frame["status"] != "hidden"]
    assert len(shown) and shown["effect"].notna().all() and set(shown["begun"]) <= set(frame["begun"])
    entries = {(entry.table, entry.source) for entry in ledger_of(opened).entries()}
    now, then = (source_of(opened, "wave", wave) for wave in ("2024-03", "2023-03"))
    held = {("", now), (", then", then), (", who waited", now), (", who waited", then)}
    assert {(f"action_effects{name}", source) for name, source in held} <= entries
    assert any("Nothing about a small group" in line for line in audit_study(file, overrides=overrides))


def test_one_erased_leaves_what_actions_did_as_it_was(told, tmp_path: Path) -> None:
    opened, _, file, overrides = told
    shutil.copytree(opened.workspace, tmp_path / "work")
    again = open_study(file, overrides=(*overrides, f"workspace={tmp_path / 'work'}"))
    before = release_under_control(again, wave="2024-03").tables["action_effects"].frame
    people, effects = again.store.read("begun_people"), again.store.read("action_effects")
    label = before.loc[before["status"] != "hidden", "begun"].iloc[0]
    one = people.loc[(people["begun"] == label) & (people["side"] == "began"), "person"].iloc[0]
    again.store.write("begun_people", people[people["person"] != one])
    own = effects["begun"] == label
    again.store.write("action_effects", effects.assign(n=effects["n"] - own, effect=effects["effect"] + 0.2 * own))
    after = release_under_control(again, wave="2024-03").tables["action_effects"].frame
    figures = ["n", "before", "before_share", "effect", "effect_low", "effect_high", "result"]
    rows = (after["begun"] == label) & (before["status"] != "hidden")
    assert rows.any() and after.loc[rows, "earlier"].all()
    assert after.loc[rows, figures].equals(before.loc[rows, figures])
