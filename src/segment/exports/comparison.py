"""One page for whoever decides on a model: champion beside challenger, from facts that may leave; and as lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from segment.disclosure.figures import apart, rounded
from segment.displays.column_text import group_name
from segment.displays.labels import Labels
from segment.exports.blocks import Grid, Section
from segment.exports.pages import render_page
from segment.locale import catalogue, number, of_kind, own_words, percent, say

#: A comparison as plain facts, as JSON holds it.
Facts = dict[str, Any]
Texts = tuple[str, ...]

#: Figures that are shares or ranks between zero and one, shown with two decimals, and whole numbers.
_WHOLE = ("segments", "rows_hidden", "unfair")


def render_comparison(facts: Facts, language: str) -> str:
    """The page as HTML in one language."""
    return render_page(
        "comparison.html.j2",
        language,
        title=own_words(facts["title"], language, facts["study"]),
        kind="method",
        running=f"{say('compare.title', language)} {facts['id']}",
        facts=facts,
        verdict=verdict(facts, language),
        points=points(facts, language),
        sections=sections(facts, language),
        sides=[side_in_words(facts, side, language) for side in (0, 1)],
        again=again(facts, language),
    )


def comparison_lines(facts: Facts, language: str) -> list[str]:
    """The same for a terminal: what it amounts to, then every table with its columns under each other."""
    lines = [verdict(facts, language), *(f"  {point}" for point in points(facts, language))]
    for section in sections(facts, language):
        lines += ["", section.title, *(f"  {text}" for text in section.paragraphs)]
        for block in section.blocks:
            if isinstance(block, Grid):
                lines += _columns([block.columns, *block.rows])
    return [*lines, *(["", *told] if (told := again(facts, language)) else [])]


def say_of(facts: Facts, key: str, language: str, **words: object) -> str:
    """A message as this kind of study has it: of an intention nothing is called leaving, made groups no segments."""
    return say(of_kind(key, facts["kinds"]), language, **words)


def verdict(facts: Facts, language: str) -> str:
    """The first sentence: what the comparison amounts to."""
    told = facts["verdict"]
    if told["code"] == "same":
        return say("compare.verdict.same", language)
    parts = [say(f"compare.verdict.{told['whole'] if told['code'] == 'against' else 'alone'}", language)]
    if "moved" in told:
        words = {"moved": told["moved"], "people": told["people"], "percent": percent(told["share"], language)}
        parts.append(say_of(facts, "compare.verdict.moved", language, **words))
    over = "peer" if told["code"] == "alone" else "other"
    for model in ("segmentation", "retention"):
        if told[model] is not None:
            word = {1: "better", -1: "worse", 0: "alike"}[told[model]]
            parts.append(say_of(facts, f"compare.verdict.{model}.{over}.{word}", language))
    return " ".join(parts)


def points(facts: Facts, language: str) -> Texts:
    """What else decides: gates that were missed, and the figures of people held out."""
    missed = [row for row in facts["gates"] if row["told"][1] == "missed"]
    if facts["verdict"]["code"] == "same":
        return ()
    if not missed:
        return (say("compare.point.gates", language),)
    names = ", ".join(_gate(facts, row["gate"], language) for row in missed)
    return (say("compare.point.missed", language, gates=names),)


def sections(facts: Facts, language: str) -> tuple[Section, ...]:
    """Every part of the page that has something to say."""
    made = (
        ("people", _moved(facts, language)), ("profiles", _profiles(facts, language)),
        ("gains", _gains(facts, language)), ("figures", _figures(facts, language)),
        ("fairness", _fairness(facts, language)), ("short_form", _short_form(facts, language)),
        ("gates", _gates(facts, language)), ("hidden", _hidden(facts, language)),
        ("changed", _changed(facts, language)),
    )  # fmt: skip
    return tuple(
        Section(
            name,
            say_of(facts, f"compare.{name}.title", language),
            (say_of(facts, f"compare.{name}.text", language),),
            (grid,),
        )
        for name, grid in made
        if grid is not None and grid.rows
    )


def side_in_words(facts: Facts, side: int, language: str) -> str:
    """A side with its versions; where nobody has decided, that."""
    told = facts["sides"][side]
    title = _known(f"compare.side.{told['title']}", told["title"], language)
    versions = [
        f"{say_of(facts, f'compare.model.{model}', language)} {number(float(version), language, digits=0)}"
        for model, version in sorted(told["versions"].items())
    ]
    return f"{title}: {', '.join(versions)}" if versions else f"{title}: {say('compare.none', language)}"


def again(facts: Facts, language: str) -> list[str]:
    """How each run behind the two sides is rebuilt and held against what was recorded."""
    found: dict[str, str] = {}
    for side, name in zip(facts["sides"], _sides(facts, language), strict=True):
        found |= {run: name for run, _ in side["runs"].values() if run not in found}
    return [say("compare.again", language, side=name, run=run[:12]) for run, name in found.items()]


def _sides(facts: Facts, language: str) -> Texts:
    return tuple(side_in_words(facts, side, language).partition(":")[0] for side in (0, 1))


def _grid(facts: Facts, language: str, head: str, rows: Sequence[Texts], *more: str) -> Grid:
    return Grid("", (say(head, language), *_sides(facts, language), *more), tuple(rows))


def _moved(facts: Facts, language: str) -> Grid | None:
    moves = facts["moves"]
    if moves is None:
        return None
    first, second = moves["names"]
    heads = sorted({int(cell[1]) for cell in moves["cells"]})
    told = {(int(a), int(b)): band or say("report.hidden", language) for a, b, band in moves["cells"]}
    rows = [
        (_segment(facts, a, first.get(str(a), {}), language), *(told.get((a, b), "0") for b in heads))
        for a in sorted({a for a, _ in told})
    ]
    columns = (
        say("compare.people.from", language),
        *(
            say("compare.people.to", language, segment=_segment(facts, b, second.get(str(b), {}), language))
            for b in heads
        ),
    )
    return Grid("", columns, tuple(rows))


def _segment(facts: Facts, segment: int, names: Mapping[str, str], language: str) -> str:
    unnamed = say_of(facts, "display.segment", language, k=segment + 1)
    return f"{segment + 1} {own_words(names, language)}" if names else unnamed


def _profiles(facts: Facts, language: str) -> Grid:
    rows = [
        (str(place), *(_profile(facts, one, language) for one in row["told"]))
        for place, row in enumerate(facts["profiles"], start=1)
    ]
    return _grid(facts, language, "compare.profiles.head", rows)


def _profile(facts: Facts, told: Facts | None, language: str) -> str:
    if told is None:
        return "–"
    name = _segment(facts, told["segment"], told.get("names", {}), language)
    if told["hidden"]:
        why = {"hidden": "report.hidden", "kept": "compare.kept"}[told["hidden"]]
        return f"{name}: {say(why, language)}"
    most = ", ".join(
        f"{own_words(facts['needs'].get(need, {}), language, need)} {number(score, language)}"
        for need, score in told["most"]
    )
    return f"{name} ({percent(told['share'], language)}): {most}"


def _gains(facts: Facts, language: str) -> Grid | None:
    rows = []
    for one in facts["gains"]:
        what = say_of(facts, f"compare.gain.{one['model']}.{one['over']}", language)
        side = _sides(facts, language)[one["side"]]
        if "missing" in one:
            rows.append((what, side, "–", say(f"compare.gain.{one['missing']}", language), "–"))
            continue
        digits, scale = (3, 1.0) if one["model"] == "segmentation" else (1, 100.0)
        value, low, high = _with_ends([scale * end for end in one["value"]], digits, language)
        unit = "" if one["model"] == "segmentation" else "%"
        sure = say(f"compare.sure.{one['sure']}", language)
        rows.append((what, side, f"{value}{unit} ({low} {say('compare.until', language)} {high})", sure, one["people"]))
    columns = tuple(say(f"compare.gains.{name}", language) for name in ("head", "side", "gain", "sure", "people"))
    return Grid("", columns, tuple(rows))


def _figures(facts: Facts, language: str) -> Grid:
    rows = [
        (
            say_of(facts, f"compare.figure.{row['name']}", language),
            *(_ends(row["name"], told, language) for told in row["told"]),
        )
        for row in facts["figures"]
    ]
    return _grid(facts, language, "compare.figures.head", rows)


def _ends(name: str, told: Facts | None, language: str) -> str:
    if told is None:
        return "–"
    digits = 0 if name in _WHOLE else 2
    value, low, high = _with_ends([told[name] for name in ("value", "low", "high")], digits, language)
    if told.get("beyond"):
        return say("compare.beyond", language, value=value)
    return f"{value} ({low} {say('compare.until', language)} {high})" if low and high else str(value)


def _with_ends(told: Sequence[float | None], digits: int, language: str) -> tuple[str | None, ...]:
    """A figure and the ends of its interval: outward and apart from it, as the report has them."""
    value, *ends = (np.array([np.nan if one is None else one], dtype=float) for one in told)
    figures = [rounded("value", value, digits)]
    figures += [apart(name, end, value, digits) for name, end in zip(("low", "high"), ends, strict=True)]
    return tuple(None if one[0] != one[0] else number(float(one[0]), language, digits=digits) for one in figures)


def _fairness(facts: Facts, language: str) -> Grid:
    labels = Labels(language, features=facts["attributes"], groups=facts["groups"])
    rows = [
        (labels.feature(row["attribute"]), _measure(facts, row["measure"], language),
         *(_apart(told, labels) for told in row["told"]))
        for row in facts["fairness"]
    ]  # fmt: skip
    columns = (say("compare.fairness.head", language), say("compare.fairness.measure", language))
    return Grid("", (*columns, *_sides(facts, language)), tuple(rows))


def _measure(facts: Facts, measure: str, language: str) -> str:
    return _known(of_kind(f"compare.measure.{measure}", facts["kinds"]), measure, language)


def _apart(told: Facts | None, labels: Labels) -> str:
    if told is None:
        return "–"
    if "kept" in told:
        return say("compare.kept", labels.language)
    if not told["apart"]:
        return number(0.0, labels.language, digits=2)
    most, least = (group_name(told[which], labels) for which in ("most", "least"))
    above = f"{most} {say('compare.above', labels.language)} {least}"
    return f"{number(told['apart'], labels.language, digits=2)} ({above})"


def _short_form(facts: Facts, language: str) -> Grid:
    rows = [
        (str(row["questions"]), *(_ends("agreement", told, language) for told in row["told"]))
        for row in facts["short_form"]
    ]
    return _grid(facts, language, "compare.short_form.head", rows)


def _gates(facts: Facts, language: str) -> Grid:
    rows = [
        (_gate(facts, row["gate"], language), *("–" if told is None else say(f"compare.{told}", language)
                                         for told in row["told"]))
        for row in facts["gates"]
    ]  # fmt: skip
    return _grid(facts, language, "compare.gates.head", rows)


def _gate(facts: Facts, gate: str, language: str) -> str:
    return say_of(facts, f"compare.gate.{gate.replace(' ', '_')}", language)


def _hidden(facts: Facts, language: str) -> Grid:
    rows = [
        (_known(f"report.table.{row['table']}", row["table"], language),
         *("–" if told is None else say("compare.hidden.of", language, hidden=told[0], rows=told[1])
           for told in row["told"]))
        for row in facts["hidden"]
    ]  # fmt: skip
    return _grid(facts, language, "compare.hidden.head", rows)


def _changed(facts: Facts, language: str) -> Grid:
    rows = [
        (row["name"].removeprefix("set."), *(one or say("compare.changed.own", language) for one in row["told"]))
        for row in facts["changed"]
    ]
    return _grid(facts, language, "compare.changed.head", rows)


def _known(key: str, otherwise: str, language: str) -> str:
    """A message of the catalogue where there is one."""
    return say(key, language) if key in catalogue() else otherwise


def _columns(rows: Sequence[Texts]) -> Iterator[str]:
    """Rows with their cells under each other, for a terminal."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
