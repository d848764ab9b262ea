"""What each sheet of the workbook holds: columns, rows, and how each figure is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from segment.displays.labels import Labels, bands_of, segment_number
from segment.exports.answers import Leaving, leaving_of, planned_actions, segment_answers
from segment.exports.blocks import spoken
from segment.exports.cells import HIDDEN, Cell, Column, Sheet, share_cell
from segment.exports.detection import detection_words
from segment.exports.finding_words import note_words
from segment.exports.first_actions import segments_without, why_no_actions
from segment.exports.left_out import not_on_sheet
from segment.exports.method_sections import (
    full_evaluation_grid,
    hidden_grid,
    release_floors,
    tried_grid,
)
from segment.exports.near_ties import in_words, whether_next
from segment.exports.refusal import refusal
from segment.exports.registry_tables import shown_sheet, table_grids
from segment.exports.rows import no_lack
from segment.exports.scales import converted
from segment.exports.shared_sheets import SHARED, shared_sheet, tables_on
from segment.exports.sheet_words import with_words
from segment.exports.story import Story
from segment.exports.weighting import weighed
from segment.locale import say
from segment.tables.registry import shown_tables

#: The sheets in their order; those of other tables come after these, before method and privacy.
_ORDER = (
    "segments", "profiles", "exemplars", "promises", "scorecard", "journey", "staying", "associations", "value",
    "groups", "attractiveness", "actions",
)  # fmt: skip
_LAST = ("method", "privacy")


def sheets_of(story: Story, language: str) -> tuple[Sheet, ...]:
    """All sheets after the first, in their order; what was not measured says so instead of being left out."""
    by_hand = ("", *OWN_SHEETS, *SHARED)
    tables = {one.sheet: (name, one) for name, one in shown_tables().items() if one.sheet not in by_hand}
    further = [sheet for sheet in tables if sheet not in _ORDER and story.table(tables[sheet][0]) is not None]
    found = []
    for sheet in (*_ORDER, *further, *_LAST):
        if sheet in OWN_SHEETS:
            names, make, _ = OWN_SHEETS[sheet]
            made = make(story, language)
        elif sheet in SHARED:
            names, made = tables_on(sheet), shared_sheet(story, sheet, language)
        else:
            name, shown = tables[sheet]
            names, made = (name,), shown_sheet(story, name, shown, language)
        made = with_words(made, story, sheet, language)
        silent = [one for name in names for one in not_on_sheet(story, name, language)]
        how = spoken((converted(story, names, language), weighed(story, names, language), *silent))
        found.append(_counted(made, " ".join(how)))
    return (*found, _columns(found, language))


def _columns(sheets: Sequence[Sheet], language: str) -> Sheet:
    """What every column of every sheet means."""
    heads = (("sheet", 22), ("column", 34), ("meaning", 90))
    columns = tuple(Column(say(f"workbook.column.{name}", language), width=width) for name, width in heads)
    rows = tuple((sheet.name, one.heading, one.about) for sheet in sheets for one in sheet.columns if one.about)
    return Sheet(_sheet_name("columns", language), (), columns, rows)


def _counted(sheet: Sheet, how: str) -> Sheet:
    """The sheet with how it counts people: beside its headings, above it where it has none."""
    if any(column.heading for column in sheet.columns):
        return replace(sheet, note=how)
    return replace(sheet, words=(*sheet.words, how)) if how else sheet


def _sheet_name(name: str, language: str) -> str:
    return say(f"workbook.sheet.{name}", language)


def _absent(name: str, language: str) -> Sheet:
    return Sheet(_sheet_name(name, language), (say("report.not_measured.sentence", language),))


def _column(name: str, labels: Labels, kind: str = "text", width: int = 14, **values: object) -> Column:
    """A column with its heading and meaning from the catalogue; ``values`` fill the heading."""
    head, about = (labels.for_study(f"workbook.{one}.{name}") for one in ("column", "about"))
    head, about = say(head, labels.language, **values), say(about, labels.language)
    return Column(head, kind, width, about=about)


def leaving_cells(leaving: Leaving | None, segment: int, language: str) -> tuple[Cell, ...]:
    """A segment's leaving, its interval and of how many people; words where only everyone together has a figure."""
    if leaving is None:
        return (None,) * 4
    share = leaving.shares.get(segment)
    if share is None and segment in leaving.hidden:
        return (HIDDEN,) * 4
    if share is None:
        return (say("workbook.together", language) if leaving.together(segment) else None, None, None, None)
    ends = (share_cell(end, share.bands) for end in (share.value, share.low, share.high))
    return (*ends, share.n or None)


def _segments(story: Story, language: str) -> Sheet:
    answers = {one.number: one for one in segment_answers(story, language)}
    if not answers:
        why = refusal(story, language) if story.status == "none" else say("report.not_measured.sentence", language)
        return Sheet(story.say("workbook.sheet.segments", language), (why,))
    leaving, labels = leaving_of(story), story.labels(language)
    kind = {"risk": "leaving", "curve": "leaving.curve", "intention": "leaving.intention", "flag": "leaving.flag"}[
        leaving.origin if leaving else "risk"
    ]
    strongest = "strongest.experience" if story.by_experience else "strongest"
    columns: tuple[Column, ...] = (
        _column("number", labels, "count", 6), _column("name", labels, width=32),
        _column("n", labels, "people", 10), _column("share", labels, "percent", 10),
        _column("clear", labels, "percent", 14), _column(strongest, labels, width=30),
        _column("lacks", labels, width=20), _column("shortfall", labels, "two", 12),
        replace(_column(kind, labels, "percent", 18, months=story.horizon_months), shade=True),
        _column("low", labels, "percent", 13), _column("high", labels, "percent", 13),
        _column("of", labels, "people", 13),
    )  # fmt: skip
    columns = columns if leaving else columns[:-4]
    rows: list[tuple[Cell, ...]] = []
    for row in story.released["segments"].frame.to_dict("records"):
        number = segment_number(row["segment"])
        if number is None:
            continue
        one = answers.get(number)
        if one is None:
            left = leaving_cells(leaving, number, language)[:-1]  # of how many would say how large it is
            rows.append((number + 1, labels.segment(number), *([HIDDEN] * 6), *left, HIDDEN))
            continue
        rows.append(
            (
                number + 1, one.label, str(row["n"]),
                *(share_cell(row.get(name), bands_of(row)) for name in ("share", "mean_posterior")),
                in_words(one.strongest, language), in_words(one.lacks, language) or no_lack(story, number, language),
                share_cell(one.lacks[0].value, one.lacks[0].bands) if one.lacks else None,
                *leaving_cells(leaving, number, language),
            )
        )  # fmt: skip
    told = tuple(row[: len(columns)] for row in rows)
    return Sheet(story.say("workbook.sheet.segments", language), (), columns, told)


def _actions(story: Story, language: str) -> Sheet:
    plans = [plan for one in (*story.segments, None) for plan in planned_actions(story, language, segment=one)]
    if not plans:
        return Sheet(_sheet_name("actions", language), (why_no_actions(story, language),))
    whom, without = "segment" if story.segments else "whom", segments_without(story, language)
    widths = {whom: 32, "rank": 10, "action": 34, "need": 20, "what": 60, "first_step": 52, "owner": 24, "n": 10,
              "place": 8, "alike": 16}  # fmt: skip
    kinds, labels = {"rank": "count", "n": "people", "place": "count"}, story.labels(language)
    columns = tuple(_column(name, labels, kinds.get(name, "text"), width) for name, width in widths.items())
    rows = tuple(
        (
            plan.segment_label,
            plan.rank,
            plan.title,
            plan.need,
            plan.what,
            plan.first_step,
            plan.owner,
            plan.n,
            plan.place,
            whether_next(plan.about_as_much, language),
        )
        for plan in plans
    )
    return Sheet(
        _sheet_name("actions", language),
        spoken((story.say("workbook.actions.people", language), without)),
        columns,
        rows,
    )


def _method(story: Story, language: str) -> Sheet:
    """What was tried, how reliable the questions are, how well the model predicts: one table under the other."""
    grids = [
        *tried_grid(story, language),
        *table_grids(story, "nearness", language),
        *table_grids(story, "reliability", language),
        *full_evaluation_grid(story, language),
    ]
    words = [say("report.method.digest", language, digest=story.study_digest[:16]), *detection_words(story, language)]
    words += [note_words(key, values, story.labels(language)) for key, values in story.notes]
    if not grids:
        return Sheet(_sheet_name("method", language), (say("report.not_measured.sentence", language), *words))
    wide = max(len(grid.columns) for grid in grids)
    columns = tuple(Column("", width=30 if place == 0 else 20) for place in range(wide))
    rows: list[tuple[Cell, ...]] = []
    for grid in grids:
        rows += [(grid.title,), grid.columns, *grid.rows, ()]
    return Sheet(_sheet_name("method", language), tuple(words), columns, tuple(rows[:-1]))


def _privacy(story: Story, language: str) -> Sheet:
    floors = {name: int(floor) for name, floor in release_floors(story).items()}
    words = (
        story.say("report.privacy.text", language, **floors),
        say("workbook.legend", language),
        say("report.privacy.names", language),
    )
    if not story.released:
        return Sheet(_sheet_name("privacy", language), words)
    grid = hidden_grid(story, language)
    columns = (Column(grid.columns[0], width=30), *(Column(one, "count", 16) for one in grid.columns[1:]))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (grid.rows[place][0], len(table.frame), table.hidden, table.certificate["floor"])
        for place, (_, table) in enumerate(sorted(story.released.items()))
    )
    return Sheet(_sheet_name("privacy", language), words, columns, rows)


#: Sheets that are made by hand: the tables they tell of, what makes them, and why no declaration of a table does.
OWN_SHEETS: Mapping[str, tuple[tuple[str, ...], Callable[[Story, str], Sheet], str]] = {
    "segments": (
        ("segments", "shortfalls", "leaving"),
        _segments,
        "a line joins three tables and names the needs that page one names, which are chosen over all of them",
    ),
    "actions": (
        ("plans",),
        _actions,
        "one line per action with the words of the catalogue of actions, which is no released table",
    ),
    "method": (
        ("reliability", "evaluation"),
        _method,
        "sentences, then tables of different columns one under the other: what was tried, and how well it holds",
    ),
    "privacy": ((), _privacy, "it tells of the release itself: the floors, and how many rows of each table are hidden"),
}
