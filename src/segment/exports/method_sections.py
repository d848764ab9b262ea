"""How the report was made, what was hidden and why, and what its words mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import SupportsFloat

import pandas as pd

from segment.disclosure.rounding import told_share
from segment.disclosure.rules import ReleaseRules
from segment.displays.labels import floats, rows_of
from segment.exports.blocks import Block, Grid, Section, Words
from segment.exports.confidence import floors_chosen, sureness
from segment.exports.detection import detection_words
from segment.exports.finding_words import finding_line, note_words
from segment.exports.made_groups import divisions_grid
from segment.exports.reported_metrics import evaluation_lines, evaluation_summary
from segment.exports.story import Story
from segment.exports.weighting import table_name
from segment.locale import catalogue, number, percent, say

_GOVERNANCE = ("purpose", "legal_basis", "approver", "expires", "works_council", "dpia", "data_protection_officer")
_TERMS = ("segment", "need", "weight", "shortfall", "alike", "interval", "odds", "calibration", "hidden")
_TRIED_FIRST = ("family", "k", "chosen")
_TRIED_THEN = ("smallest_share", "agreement", "agreement_chance", "gain", "gain_chance")


def method_section(story: Story, language: str, shown: Sequence[Block]) -> Section:
    """The evidence of choice, what was tried, how well it predicts, the data's findings, and the limits."""
    paragraphs = []
    if story.basis and story.status != "no survey":
        kinds = ", ".join(_named("report.basis", kind, language) for kind in story.basis)
        key = "report.method.basis" if story.segments else "report.method.basis.together"
        paragraphs.append(story.say(key, language, kinds=kinds))
    paragraphs += _without_choices(story, language)
    if story.status == "none" and _divided(story):
        paragraphs.append(say("report.method.none", language))
    if story.made:
        paragraphs.append(say("made.method", language))
    paragraphs += detection_words(story, language)
    tried = (*tried_grid(story, language), *divisions_grid(story, language))
    found = _findings(story, language)
    blocks = (*tried, *shown, *found, _limits(story, language), _governance(story, language))
    paragraphs.append(say("report.method.digest", language, digest=story.study_digest[:16]))
    return Section("method", say("report.method.title", language), tuple(paragraphs), blocks)


def _without_choices(story: Story, language: str) -> list[str]:
    """How much of the segments would be there without rankings and wishes."""
    table = story.released.get("without_choices")
    rows = rows_of(table) if table is not None else pd.DataFrame()
    if rows.empty:
        return []
    kinds = ", ".join(_named("report.basis", kind, language) for kind in str(rows["kinds"].iloc[0]).split(","))
    same, agreement = floats(rows, "same")[0], floats(rows, "agreement")[0]
    figures = {"same": percent(same, language), "agreement": number(agreement, language, digits=2)}
    return [story.say("report.method.without_choices", language, kinds=kinds, **figures)]


def _divided(story: Story) -> bool:
    """Whether any division into groups was tried, or it is not known what was."""
    return story.tried is None or "k" not in story.tried or bool((story.tried["k"] > 1).any())


def tried_grid(story: Story, language: str) -> list[Grid]:
    """One row per candidate; at most eight columns, so that it can be read on paper."""
    if story.tried is None or story.tried.empty:
        return []
    frame = _sizes_told(story.tried)
    figures = [name for name in _TRIED_THEN if name in frame and frame[name].notna().any()]
    names = [*_TRIED_FIRST, *figures, *(["failed"] if "failed" in frame else [])]
    lines = []
    for row in frame[names].to_dict("records"):
        said = [_named("report.family", str(row["family"]), language), str(int(row["k"]))]
        said += [_yes_no(bool(row["chosen"]), language)]
        said += [_figure(name, row[name], language) for name in figures]
        said += [_failed(str(row["failed"]), language)] if "failed" in row else []
        lines.append(tuple(said))
    columns = tuple(_named("report.tried", name, language) for name in names)
    note = say(f"report.method.tried.{'text' if _divided(story) else 'not'}", language)
    return [Grid(say("report.method.tried", language), columns, tuple(lines), note=note)]


def _sizes_told(tried: pd.DataFrame) -> pd.DataFrame:
    """What was tried, with the share of the smallest group as it may be told: a hidden segment can be that one."""
    if not {"smallest_share", "n"} <= set(tried):
        return tried
    shares = zip(tried["smallest_share"].astype(float), tried["n"].astype(float), strict=True)
    return tried.assign(smallest_share=[told_share(share, n) for share, n in shares])


def _figure(name: str, value: SupportsFloat, language: str) -> str:
    return percent(float(value), language) if name.endswith("_share") else number(float(value), language, digits=2)


def _failed(gates: str, language: str) -> str:
    """The gates a candidate did not pass, in words; a dash when it passed them all."""
    return ", ".join(_named("report.gate", gate, language) for gate in gates.split(", ") if gate) or "–"


def _yes_no(answer: bool, language: str) -> str:
    return say("report.yes" if answer else "report.no", language)


def _named(prefix: str, word: str, language: str) -> str:
    key = f"{prefix}.{word}"
    return say(key, language) if key in catalogue() else word.replace("_", " ")


def evaluation_grid(story: Story, language: str) -> list[Grid]:
    """How well the model predicts, beside floors anyone could reach."""
    columns, lines = evaluation_summary(story, language)
    if not lines:
        return []
    rows = rows_of(story.released["evaluation"])
    models, samples = set(rows["model"]), set(rows["sample"])
    floor = next((name for name in ("kaplan-meier", "base rate") if name in models), "floor")
    told = [say("report.method.evaluation.text", language, floor=say(f"report.model.{floor}", language))]
    chosen = floors_chosen(story)
    if "kaplan-meier" in models and chosen and all(chosen.values()):
        told.append(say("report.method.evaluation.tenure", language, floor=say("report.model.kaplan-meier", language)))
    if "out of fold" in samples:
        told.append(say("report.method.evaluation.folds", language))
    elif story.outcome_kind == "spells":
        told.append(say("report.method.evaluation.later", language))
    return [Grid(say("report.method.evaluation", language), columns, lines, note=" ".join(told))]


def full_evaluation_grid(story: Story, language: str) -> list[Grid]:
    """Every metric, horizon and cause, for the workbook."""
    lines = evaluation_lines(story, language)
    columns = tuple(say(f"report.column.{name}", language) for name in ("model", "sample", "metric"))
    columns += tuple(say(f"display.column.{name}", language) for name in ("n", "value", "interval"))
    return [Grid(say("report.method.evaluation", language), columns, lines)] if lines else []


def _findings(story: Story, language: str) -> list[Block]:
    """Findings about the data; a count under five stands as a band, because it could point at somebody.

    What is the same of several questions or columns is said once.
    """
    if story.findings is None or story.findings.empty:
        return []
    columns = tuple(say(f"report.column.{name}", language) for name in ("code", "subject", "count", "explanation"))
    labels = story.labels(language)
    together: dict[tuple[str, str, str], list[str]] = {}
    for code, subject, count, said in (finding_line(row, labels) for row in story.findings.to_dict("records")):
        together.setdefault((code, count, said), []).append(subject)
    lines = tuple(
        (code, ", ".join(dict.fromkeys(subjects)), count, said) for (code, count, said), subjects in together.items()
    )
    return [Grid(say("report.method.findings", language), columns, lines)]


def limits_told(story: Story, language: str) -> tuple[str, ...]:
    """What the figures do not say, on page one and in the method: no cause, no single person, no other time."""
    cause = "report.method.limit.cause.intention" if story.by_intention else "report.method.limit.cause"
    told = [say(cause, language)] if story.outcome_kind else []
    told += [story.say("report.method.limit.person", language)] if story.segments else []
    return (*told, story.say("report.method.limit.time", language))


def _limits(story: Story, language: str) -> Words:
    """What the figures do not say; what stands under how sure they are, at the top of the file, is said there."""
    labels, sure = story.labels(language), sureness(story, language)
    notes = (note_words(key, values, labels) for key, values in story.notes)
    told = (*limits_told(story, language), *(one for one in notes if one not in sure))
    return Words(told, title=say("report.method.limits", language))


def _governance(story: Story, language: str) -> Block:
    title = say("report.method.governance", language)
    agreed = story.agreements(language)
    if not agreed:
        return Words((say("report.method.governance.absent", language),), title=title)
    lines = tuple(
        (say(f"report.governance.{name}", language), agreed[name]) for name in _GOVERNANCE if agreed.get(name)
    )
    columns = tuple(say(f"report.column.{name}", language) for name in ("about", "agreed"))
    return Grid(title, columns, lines)


def privacy_section(story: Story, language: str, shown: Sequence[Block]) -> Section:
    """What was hidden and why, in counts of rows per table; the floors that were applied."""
    rules = release_floors(story)
    paragraphs = [story.say("report.privacy.text", language, **{name: int(rules[name]) for name in rules})]
    counts = {name: (len(table.frame), table.hidden) for name, table in story.released.items()}
    rows, hidden = (sum(pair[place] for pair in counts.values()) for place in (0, 1))
    if hidden:
        told = say(
            "report.privacy.hidden",
            language,
            hidden=number(hidden, language, digits=0),
            rows=number(rows, language, digits=0),
        )
        paragraphs += [told, say("report.privacy.audit", language)]
    else:
        paragraphs.append(say("report.privacy.nothing", language))
    paragraphs.append(say("report.privacy.names", language))
    blocks = (hidden_grid(story, language),) if story.released else ()
    return Section("privacy", say("report.privacy.title", language), tuple(paragraphs), (*blocks, *shown))


def hidden_told(story: Story, language: str) -> str:
    """How many rows of the released tables are hidden, in a sentence; empty if none are."""
    hidden = sum(table.hidden for table in story.released.values())
    rows = sum(len(table.frame) for table in story.released.values())
    return say("page.hidden", language, hidden=hidden, rows=rows) if hidden else ""


def release_floors(story: Story) -> Mapping[str, float]:
    """The floors under every figure: the highest of those the tables were released with."""
    floors = ReleaseRules().as_dict()
    for table in story.released.values():
        for name, floor in table.certificate["rules"].items():
            floors[name] = max(floors.get(name, floor), floor)
    return floors


def hidden_grid(story: Story, language: str) -> Grid:
    """One row per released table: its rows, how many are hidden, and its floor."""
    columns = tuple(say(f"report.column.{name}", language) for name in ("table", "rows", "hidden", "floor"))
    lines = tuple(
        (
            table_name(story, name, language), number(len(table.frame), language, digits=0),
            number(table.hidden, language, digits=0), str(table.certificate["floor"]),
        )
        for name, table in sorted(story.released.items())
    )  # fmt: skip
    return Grid(say("report.privacy.table", language), columns, lines)


def glossary(story: Story, language: str) -> tuple[tuple[str, str], ...]:
    """Words and what they mean; without a survey only those about staying, without segments not that word."""
    about_survey = ("segment", "need", "weight", "shortfall", "alike")
    silent = about_survey if story.status == "no survey" else ("segment",) if story.n_segments == 0 else ()
    terms = [term for term in _TERMS if term not in silent]
    own = story.labels(language).say
    return tuple((own(f"report.term.{term}"), own(f"report.term.{term}.text")) for term in terms)
