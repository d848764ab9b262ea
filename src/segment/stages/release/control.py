"""Release control: the ledger is asked before anything leaves, and what would give people away stays hidden."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from segment.disclosure.ledger.answers import Sketch
from segment.disclosure.ledger.fingerprints import table_digest
from segment.disclosure.ledger.groups import Conflict
from segment.disclosure.linked_tables import EVERYONE, Request, TableGroup, release_linked
from segment.disclosure.release import SCALE, ReleasedTable, without_choices
from segment.locale import catalogue, in_every_language, languages, say
from segment.stages.base import OpenStudy
from segment.stages.counts import Population
from segment.stages.release.asked import Asked, Counted, Groups, ToldOf, by_source, of_hidden_parts
from segment.stages.release.carry_forward import (
    keep_of_everyone,
    keep_published,
    keep_whole,
    of_everyone,
    published_before,
    published_rows,
    ranked_beside_kept,
    told_between,
)
from segment.stages.release.group_members import (
    BEGUN,
    answers_behind,
    besides_of_begun,
    counted_behind,
    parts_of_begun,
    people_behind,
    response_rate,
    rows_behind,
    source_of,
    wave_behind,
    waves_behind,
)
from segment.stages.release.ledgers import Books
from segment.stages.release.plans import requests_of, rules_of
from segment.stages.release.population import told_population
from segment.stages.release.sealed_facts import WARN_RESPONSE, seal_release
from segment.tables.registry import met, plan_of, released_tables

Notes = tuple[tuple[str, Mapping[str, object]], ...]
#: Of tables, by name, the groups that were published with other figures than they would leave with now.
Otherwise = Callable[[Sequence[Request]], Mapping[str, Sequence[str]]]


@dataclass(frozen=True)
class Control:
    """A release after the ledger was asked.

    ``tables`` may leave. ``barred`` names the groups (table, group) that stay hidden because an earlier release, or
    another table of this one, differs from them by a few people; ``sealed`` the tables that stay out as a whole because
    an earlier release showed other figures and the people behind them cannot be compared. ``people`` are the numbers of
    people that the files may tell; ``facts`` is what the sealed facts of this release go by.
    """

    tables: Mapping[str, ReleasedTable]
    barred: tuple[TableGroup, ...] = ()
    sealed: tuple[str, ...] = ()
    response: float | None = None
    people: Population | None = None
    head: tuple[int, str] = (0, "")
    facts: str = ""

    @property
    def notes(self) -> Notes:
        """What readers see of it; of names nothing is told apart from the segments that have them."""
        found: list[tuple[str, Mapping[str, object]]] = []
        if self.barred or self.sealed:
            found.append(("control.note.kept", {}))
        for name in met(dict.fromkeys(table for table, _ in self.barred)):
            groups = [group for table, group in self.barred if table == name]
            words = {lang: ", ".join(_group_in_words(group, lang) for group in groups) for lang in languages()}
            found.append(("control.note.barred", {"table": _table_in_words(name), "groups": words}))
        found += [("control.note.sealed", {"table": _table_in_words(name)}) for name in met(dict.fromkeys(self.sealed))]
        if self.response is not None and self.response < WARN_RESPONSE:
            told = self.people.rate if self.people is not None and self.people.rate is not None else self.response
            percent = {"percent": f"{100 * told:.0f}"}  # of the numbers that are told: one who is gone moves nothing
            found.append(("control.note.response", percent))
        return tuple(found)


def release_under_control(opened: OpenStudy, *, wave: str | None, place: str | None = None) -> Control:
    """Release every table the study has, write its groups into the ledger, and say what had to stay hidden.

    The ledger is written before any file is, so that a run that ends in between can only hide too much. Publishing the
    same again adds nothing. ``place``: the folder of the files, where that is not the wave's name.
    """
    with Books.of(opened) as books:
        return _controlled(opened, books, wave=wave, place=place)


def _controlled(opened: OpenStudy, ledger: Books, *, wave: str | None, place: str | None) -> Control:
    response = response_rate(opened, wave)
    asked = _asked(opened, wave, response=response)
    held = release_held(ledger, asked)
    facts = seal_release(
        opened, place or wave or "all", held.requests, held.tables, barred=held.barred, response=response
    )
    people = told_population(opened, ledger, place or wave or "all")
    ledger.own.seal_facts(facts, study=opened.config.study, wave=place or wave or "all")
    return Control(
        held.tables, tuple(sorted(held.barred)), held.sealed, response, people, ledger.own.public_head, facts
    )


@dataclass(frozen=True)
class Held:
    """A release that was held against the ledger and written into it; as :class:`Control` has it."""

    requests: tuple[Request, ...]
    tables: Mapping[str, ReleasedTable]
    barred: frozenset[TableGroup]
    sealed: tuple[str, ...]


def _asked(opened: OpenStudy, wave: str | None, *, response: float | None) -> Asked:
    requests = requests_of(opened, wave, response=response)
    kinds = {r.name: plan_of(r.name).people for r in requests}
    people = {kind: people_behind(opened, kind, wave) for kind in set(kinds.values())}
    behind = {name: people[kind] for name, kind in kinds.items()}
    waves = {r.source: wave_behind(opened, kinds[r.name], wave) for r in requests if r.groups}
    begun = waves_behind(opened, BEGUN, wave) if BEGUN in people else []
    waves |= {source_of(opened, BEGUN, one): one for one in begun}
    said = {one: answers_behind(opened, one) for one in set(waves.values())}
    answers = {source: said[one] if source.startswith("answers") else None for source, one in waves.items()}
    rows, named = opened.store.read_or_empty("begun_people"), [name for name, kind in kinds.items() if kind == BEGUN]
    return Asked(
        tuple(requests), kinds, behind, answers, rules_of(opened), rows_behind(opened),
        besides=dict.fromkeys(named, besides_of_begun(rows, wave, lambda one: source_of(opened, BEGUN, one))),
        parts=dict.fromkeys(named, parts_of_begun(rows)),
        counted={r.name: counted_behind(opened, r.name, behind[r.name], wave) for r in requests},
    )  # fmt: skip


def release_held(ledger: Books, asked: Asked) -> Held:
    """Release tables together, hide what would give people away beside what was released, and write it down."""
    behind, answers = asked.behind, asked.answers
    for source, told in sorted(answers.items()):  # answers first: they tell people apart best
        known_by = told if told is not None else asked.rows
        if known_by is not None:
            ledger.recognise(source, known_by)
    requests, tables, shown, barred = _hidden_together(ledger, asked)
    sealed = tuple(
        r.name
        for r in requests
        if r.groups and behind[r.name] is None
        and ledger.sealed_otherwise(
            r.name, source=r.source, digest=table_digest(tables[r.name]), answers=answers[r.source]
        )
    )  # fmt: skip
    fresh = {name: table for name, table in tables.items() if name not in sealed}
    kept = {
        r.name: keep_published(ledger, r, fresh[r.name], behind[r.name], barred=barred, answers=answers[r.source])
        for r in requests
        if r.groups and r.name in fresh
    }
    whole = {
        r.name: keep_whole(ledger, r, rules=asked.rules, answers=answers[r.source])
        for r in requests
        if r.name in sealed
    }
    kept |= {name: table for name, table in whole.items() if table is not None}
    kept |= _about_everyone(ledger, asked, requests, fresh)
    chosen = {r.name: r.options.get("chosen", ()) for r in requests}
    left = {name: without_choices(table, chosen[name]) for name, table in (fresh | kept).items()}
    _record(ledger, requests, left, shown, asked, fresh=fresh)
    return Held(tuple(requests), left, frozenset(barred), sealed)


def _hidden_together(
    ledger: Books, asked: Asked
) -> tuple[list[Request], dict[str, ReleasedTable], dict[str, ToldOf], set[TableGroup]]:
    """The tables with everything hidden that would give people away, beside each other and what was released before.

    Hiding one group may ask for another: it ends when nothing more has to be hidden.
    """
    barred: set[TableGroup] = set()
    own = asked.requests
    while True:
        requests = [_without_everyone(request, barred) for request in own]
        tables = release_linked(requests, rules=asked.rules, barred=barred)
        shown = {r.name: ToldOf.of(r, tables[r.name], asked) for r in requests if r.groups}
        otherwise = partial(_read_otherwise, ledger, tables, shown, asked.answers)
        more = _conflicts(ledger, requests, shown, asked.answers) | _between(ledger, requests, tables, shown)
        more = (more | of_hidden_parts(requests, tables, asked)) - barred
        if barred and not more:
            ranked = ranked_beside_kept(ledger, asked, requests, tables, shown)
            more = (_beside_kept(requests, shown, otherwise) | ranked) - barred
        if not more:
            more = _of_moved_models(ledger, requests, shown, otherwise) - barred
        held = hidden_beside(requests, tables)
        if not more and not held:
            return requests, tables, shown, barred
        barred |= more
        own = tuple(replace(one, held=one.held | held.get(one.name, frozenset())) for one in own)


def _about_everyone(
    ledger: Books, asked: Asked, requests: Sequence[Request], fresh: Mapping[str, ReleasedTable]
) -> dict[str, ReleasedTable]:
    """Tables without groups that stay as they were published; the others are written down with who stands behind."""
    kept: dict[str, ReleasedTable] = {}
    for request in requests:
        behind = asked.behind[request.name]
        if request.groups or behind is None or request.name not in fresh:
            continue
        people, answers = frozenset(behind["person"]), asked.answers.get(request.source)
        table = fresh[request.name]
        learned = [(one, {EVERYONE: people}) for one in asked.counted.get(request.name, ())]
        moved = _moved(ledger, request.name, learned)
        again = keep_of_everyone(ledger, request, people, rules=asked.rules, answers=answers, moved=moved)
        if again is not None:
            kept[request.name] = again
            continue
        if not moved:
            _record_counted(ledger, request.name, learned, digest=table_digest(table), rows=asked.rows)
        ledger.record(
            {request.name: {EVERYONE: people}}, source=of_everyone(request.source),
            digests={request.name: table_digest(table)}, answers=answers, known_by=asked.rows,
            rows={request.name: published_rows(request, table)}, held=False,
        )  # fmt: skip
    return kept


def _without_everyone(request: Request, barred: set[TableGroup]) -> Request:
    """The request without everyone's figure beside each group's, where everyone is barred."""
    if (request.name, EVERYONE) not in barred or "overall" not in request.frame:
        return request
    return replace(request, frame=request.frame.assign(overall=float("nan")))


def _conflicts(
    ledger: Books,
    requests: Sequence[Request],
    shown: Mapping[str, ToldOf],
    answers: Mapping[str, Sketch | None],
) -> set[TableGroup]:
    found: list[Conflict] = []
    made_of_others = {name for name, here in shown.items() if here.besides}
    for source, own in by_source(requests, shown).items():
        tables = {name: groups for name, (groups, _) in own.items() if groups}
        counts = {name: one for name, (_, one) in own.items()}
        first = {name for name in own if name.partition(", ")[0] in made_of_others}
        found += ledger.conflicts(tables, source=source, counts=counts, answers=answers[source], first=first)
    # Whom a share counts is compared within one table, over all its releases; in curves also group with group.
    curves = {request.name for request in requests if request.options.get("kind") == "curves"}
    for name, here in shown.items():
        for one, groups in here.counted:
            if one.model:
                continue
            told = {f"{name}{one.name}": groups}
            found += ledger.changed(told, source=one.source, answers=one.answers) if groups else []
            found += ledger.conflicts(told, source=one.source) if groups and name in curves else []
    return {(conflict.table.partition(", ")[0], conflict.group) for conflict in found}


def _between(
    ledger: Books, requests: Sequence[Request], tables: Mapping[str, ReleasedTable], shown: Mapping[str, ToldOf]
) -> set[TableGroup]:
    """Groups whose curves would be shown at months between those of before; a curve at no months has none."""
    curves = [r for r in requests if r.options.get("kind") == "curves" and r.lines and r.name in shown]
    return {(r.name, group) for r in curves for group in told_between(ledger, r, tables[r.name], shown[r.name].groups)}


def hidden_beside(
    requests: Sequence[Request], tables: Mapping[str, ReleasedTable]
) -> dict[str, frozenset[tuple[str, str]]]:
    """By table the rows (line, group) that it shows and a table beside it hides: either gives away the other."""
    shown: dict[str, dict[tuple[str, str], bool]] = {}
    for one in (r for r in requests if r.groups):
        frame = tables[one.name].frame
        rows = zip(one.lines_of(frame), one.names(frame), strict=True)
        shown[one.name] = dict(zip(rows, frame["status"] != "hidden", strict=True))
    beside = {name: plan.beside for name, plan in released_tables().items() if plan.beside}
    found = {
        name: frozenset(
            row for other in beside[name] for row, told in own.items() if told and not shown[other].get(row, True)
        )
        for name, own in shown.items()
        if name in beside and set(beside[name]) <= set(shown)
    }
    return {name: rows for name, rows in found.items() if rows}


def _beside_kept(requests: Sequence[Request], shown: Mapping[str, ToldOf], otherwise: Otherwise) -> set[TableGroup]:
    """Groups whose figures depend on those of others, where a group stays as it was and theirs would be shown anew.

    A rating from lowest to highest says of whoever left another group what that group's own figures may not say.
    """
    plans = released_tables()
    relative = [r for r in requests if r.name in shown and r.name in plans and plans[r.name].relative]
    return {(name, group) for name, found in otherwise(relative).items() if found for group in shown[name].groups}


def _of_moved_models(
    ledger: Books, requests: Sequence[Request], shown: Mapping[str, ToldOf], otherwise: Otherwise
) -> set[TableGroup]:
    """Groups of before of which a model says something else, as a few left whom it learned from, in whatever group."""
    moved = [r for r in requests if r.name in shown and _moved(ledger, r.name, shown[r.name].counted)]
    return {(name, group) for name, found in otherwise(moved).items() for group in found}


def _read_otherwise(
    ledger: Books,
    tables: Mapping[str, ReleasedTable],
    shown: Mapping[str, ToldOf],
    answers: Mapping[str, Sketch | None],
    requests: Sequence[Request],
) -> Mapping[str, Sequence[str]]:
    """By table its groups that were published before with other figures than they would leave with now."""
    found = {}
    for request in requests:
        groups, now = shown[request.name].groups, published_rows(request, tables[request.name])
        earlier = published_before(ledger, request, groups, answers[request.source])
        found[request.name] = [one for one, rows in earlier.items() if _figures(rows) != _figures(now[one])]
    return found


def _moved(ledger: Books, name: str, counted: Sequence[tuple[Counted, Groups]]) -> bool:
    """Whether one to four of all whom a model learned from left since, or are told otherwise."""
    learned = [(one, groups) for one, groups in counted if one.model and groups]
    return any(
        ledger.changed({f"{name}{one.name}": groups}, source=one.source, answers=one.answers) for one, groups in learned
    )


def _figures(rows: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """Published rows without the flag of whether they were published before, and without their scale."""
    return [{name: value for name, value in row.items() if name not in ("earlier", SCALE)} for row in rows]


def _record(
    ledger: Books,
    requests: Sequence[Request],
    tables: Mapping[str, ReleasedTable],
    shown: Mapping[str, ToldOf],
    asked: Asked,
    *,
    fresh: Mapping[str, ReleasedTable],
) -> None:
    """Write down what leaves: the groups that are shown anew, and their rows for a later release to show again."""
    digests = {name: table_digest(table) for name, table in tables.items()}
    for source, own in by_source(requests, shown).items():
        told = {name: one for name, one in own.items() if name.partition(", ")[0] in tables}
        ledger.record(
            {name: groups for name, (groups, _) in told.items()},
            source=source,
            digests={name: digests[name.partition(", ")[0]] for name in told},
            counts={name: counts for name, (_, counts) in told.items()},
            answers=asked.answers[source],
            known_by=asked.rows,
            rows={r.name: published_rows(r, fresh[r.name]) for r in requests if r.name in fresh and r.name in told},
        )
    for name, here in shown.items():
        if name not in tables:
            continue
        moved = _moved(ledger, name, here.counted)
        counted = [(one, groups) for one, groups in here.counted if groups and not (one.model and moved)]
        _record_counted(ledger, name, counted, digest=digests[name], rows=asked.rows)


def _record_counted(
    ledger: Books, name: str, counted: Sequence[tuple[Counted, Groups]], *, digest: str, rows: Sketch | None
) -> None:
    """Write down whom of the people behind a table its figures count."""
    for one, groups in counted:
        told_of = f"{name}{one.name}"
        ledger.record(
            {told_of: groups}, source=one.source, digests={told_of: digest}, answers=one.answers,
            known_by=rows if one.answers is not None else None, held=False,
        )  # fmt: skip


def _table_in_words(name: str) -> dict[str, str]:
    key = f"report.table.{name}"
    return in_every_language(lambda lang: say(key, lang) if key in catalogue() else name.replace("_", " "))


def _group_in_words(group: str, language: str) -> str:
    """A group's name for a reader: segments count from one there."""
    if group == EVERYONE:
        return say("control.everyone", language)
    words = []
    for part in group.split(", "):
        column, _, label = part.partition(" ")
        if column.startswith("segment"):
            words.append(say("control.segment", language, number=int(label) + 1))
        elif column == "begun":
            words.append(say("control.begun", language, segments=label))
        else:
            words.append(label)
    return " → ".join(words)
