"""A share that was banded is never told as an exact figure: at least and at most, on every page and in every cell."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest
import sample_story
from pages_read import read_page

from segment.disclosure.release import ReleasedTable
from segment.displays.labels import bands_of, shares_text
from segment.exports.answers import Share
from segment.exports.cells import Bound, share_cell
from segment.exports.onepager import render_onepager
from segment.exports.report import render_report
from segment.exports.story import Story
from segment.exports.workbook import render_workbook
from segment.privacy import ReleaseRules, release

in_order = sample_story._released
LANGUAGES = ("nl", "en")
#: A bare 5% or 95%, or 0.05 or 0.95 of an unmet need, that no sign and no word makes a bound.
BARE = re.compile(r"(?<![\d.,+−–-])(?:9?5%|0[.,][09]5)(?![\d–])")
BOUND = re.compile(r"(?:≥|≤|at least|at most|ten minste|ten hoogste) *$")
#: Levels of intervals, slopes with theirs, and the rule itself are no figures about people.
METHOD = re.compile(
    r"(?i)(?:simultaneous )?95% (?:interval|band|low|high)|(?:interval|band|ondergrens|bovengrens)s?(?: van)? 95%"
    r"|(?:boven|over) 95% (?:of onder|or under) 5%|\d[.,]\d\d \(\d[.,]\d\d (?:tot|to) \d[.,]\d\d\)"
)


def planted(name: str, frame: pd.DataFrame, **how: Any) -> ReleasedTable:
    """Everybody but a few in the first group of people said so, and hardly anybody in the second."""
    own = [c for c in how.get("shares", ()) if c not in ("low", "high") and not c.endswith(("_low", "_high"))]
    group = next(iter(how["groups"]), None)
    if group is None:
        frame[own] += 0.011  # about everyone at once: never banded
    if own and group is not None and how.get("kind") != "curves":
        first, second, *_ = [*dict.fromkeys(frame[group].dropna()), None, None]
        for column in own:
            known = frame[column].notna()
            frame.loc[known & (frame[group] == first), column] = 0.987
            frame.loc[known & (frame[group] == second), column] = 0.012
            ends = ("low", "high") if "low" in frame else (f"{column}_low", f"{column}_high")
            if set(ends) <= set(how["shares"]):
                frame[ends[0]] = (frame[column] - 0.03).clip(lower=0)
                frame[ends[1]] = (frame[column] + 0.03).clip(upper=1)
    return in_order(name, frame, **how)


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    """Without curves, of which no share is banded: staying is no answer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sample_story, "_released", planted)
        full = sample_story.full_story.__wrapped__()
        released = {name: table for name, table in full.released.items() if table.kind != "curves"}
        yield replace(full, tried=None, released=released)


def bare_shares(text: str) -> list[str]:
    plain = METHOD.sub("", text)
    return [
        plain[max(0, one.start() - 60) : one.end() + 20]
        for one in BARE.finditer(plain)
        if not BOUND.search(plain[: one.start()])
    ]


def without_axes(html: str) -> str:
    """The page without its drawings: the ticks of an axis are no figures about people."""
    return re.sub(r"<svg.*?</svg>", "", html, flags=re.S)


@pytest.mark.parametrize("language", LANGUAGES)
def test_report_and_one_pagers_never_tell_a_banded_share_as_a_figure(story: Story, language: str) -> None:
    pages = [render_report(story, language), *(render_onepager(story, s, language) for s in story.segments)]
    texts = [read_page(without_axes(page)).text for page in pages]
    assert [found for text in texts for found in bare_shares(text)] == []
    told = {"nl": ("ten minste 95%", "ten hoogste 5%"), "en": ("at least 95%", "at most 5%")}[language]
    assert all(words in texts[0] for words in (*told, "≥ 95%", "≤ 5%"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_end_of_an_interval_that_was_cut_off_is_open(story: Story, language: str) -> None:
    text = read_page(render_report(story, language)).text
    assert {"nl": "of meer)", "en": "or more)"}[language] in text
    assert not re.search(r"(tot|to) 95%", text)


def test_a_share_keeps_its_words_wherever_it_is_told() -> None:
    nearly, exact = Share(0.95, 0.9, 0.95, bands=(0.05, 0.95)), Share(0.95, 0.9, 0.97)
    assert (nearly.text("nl"), nearly.interval("nl")) == ("ten minste 95%", "90% of meer")
    assert (exact.text("en"), exact.interval("en")) == ("95%", "90% to 97%")


def number_formats(book: bytes) -> list[tuple[float, str]]:
    """Every number of a workbook with the way it is written."""
    space = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with ZipFile(io.BytesIO(book)) as parts:
        styles = ElementTree.fromstring(parts.read("xl/styles.xml"))
        codes = {one.get("numFmtId"): str(one.get("formatCode")) for one in styles.iterfind(".//x:numFmt", space)}
        codes |= {"9": "0%", "2": "0.00"}
        written = [codes.get(one.get("numFmtId"), "") for one in styles.iterfind("x:cellXfs/x:xf", space)]
        found = []
        for part in parts.namelist():
            if part.startswith("xl/worksheets/sheet"):
                for cell in ElementTree.fromstring(parts.read(part)).iterfind(".//x:c", space):
                    value = cell.find("x:v", space)
                    if cell.get("t") is None and value is not None:
                        found.append((float(value.text or "nan"), written[int(cell.get("s", 0))]))
    return found


def test_the_workbook_writes_bounds_as_bounds_and_keeps_them_numbers(story: Story) -> None:
    shares = [(value, how) for value, how in number_formats(render_workbook(story, "nl")) if value in (0.05, 0.95)]
    assert len(shares) > 20
    assert [one for one in shares if one[1] in ("0%", "0.00")] == []
    assert {how for _, how in shares} >= {'"≥ "0%', '"≤ "0%', '"≥ "0.00'}


def test_a_bound_is_true_of_every_share_and_depends_on_how_many_people_it_is_of() -> None:
    """Every number of people of these groups, beside a share that is a band: what is told holds the share."""
    sizes = np.array([*range(10, 42), 56, 139])
    people, counted = np.repeat(sizes, sizes + 1), np.concatenate([np.arange(n + 1) for n in sizes])
    frame = pd.DataFrame(
        {"line": np.arange(len(people)).astype(str), "team": "a", "n": people, "share": counted / people}
    )
    told = release(
        "t", frame.assign(other=1.0), groups=["team"], lines=["line"], count="n", shares=["share", "other"],
        rules=ReleaseRules(min_rate_group=10),
    ).frame  # fmt: skip
    assert set(told["status"]) == {"banded"}
    for share, value, n, text in zip(
        frame["share"], told["share"], people, shares_text(told, "share", "en"), strict=True
    ):
        edge = 0.1 if n < 20 else 0.05
        assert text == (
            f"≤ {edge:.0%}" if share <= edge else f"≥ {1 - edge:.0%}" if share >= 1 - edge - 1e-9 else f"{value:.0%}"
        ), (n, share)
        assert abs(value - share) < (0.1 if n < 20 else 0.01) or text[0] in "≤≥"


def test_the_cell_of_a_larger_group_beside_a_band_is_a_figure() -> None:
    frame = pd.DataFrame({"n": ["10–19", "140"], "share": [0.9, 0.9], "status": "banded"})
    assert shares_text(frame, "share", "nl") == ["≥ 90%", "90%"]
    assert [share_cell(row["share"], bands_of(row)) for _, row in frame.iterrows()] == [Bound(0.9, "at_least"), 0.9]
