"""What was published before stays: a group that changed by a few people shows its earlier figures again.

New figures of such a group beside the earlier ones would give them away; the earlier ones again say nothing new.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence

import pandas as pd

from segment.disclosure.ledger.answers import Sketch
from segment.disclosure.linked_tables import EVERYONE, Request, TableGroup
from segment.disclosure.presentation import told_again
from segment.disclosure.release import SCALE, ReleasedTable, with_kept
from segment.disclosure.rules import ReleaseRules
from segment.exports.cells import is_missing
from segment.segments.names import released_names
from segment.stages.release.asked import Asked, ToldOf
from segment.stages.release.ledgers import Books

#: How sources begin of tables about everyone at once.
_WHOLE = "whole-"
#: A group's published rows.
Rows = list[dict[str, object]]


def published_rows(request: Request, table: ReleasedTable) -> dict[str, Rows]:
    """Every shown row of a table by its group, as plain values that a book can hold, with the scale of its line."""
    frame, scales = table.frame, table.certificate["scales"]
    found: dict[str, Rows] = {}
    for name, row in zip(request.names(frame), frame.to_dict("records"), strict=True):
        if row["status"] != "hidden":
            ends = scales.get("|".join(str(row[line]) for line in table.lines))
            told = {str(key): _plain(value) for key, value in row.items()}
            found.setdefault(name, []).append(told if ends is None else {**told, SCALE: ends})
    return found


def published_before(
    ledger: Books, request: Request, groups: Mapping[str, frozenset[str]], answers: Sketch | None
) -> Mapping[str, Rows]:
    """The rows of a table that were published of these groups, or of all but a few of their people, by group.

    Names of segments left in columns of the table ``segments`` before they had a table of their own.
    """
    found = ledger.published(request.name, groups, source=request.source, answers=answers)
    rest = {name: people for name, people in groups.items() if name not in found}
    if request.name != "segment_names" or not rest:
        return found
    rows = ledger.published("segments", rest, source=request.source, answers=answers)
    named = {name: released_names(pd.DataFrame(), pd.DataFrame(own)).to_dict("records") for name, own in rows.items()}
    plain = {name: [{str(k): _plain(v) for k, v in row.items()} for row in own] for name, own in named.items() if own}
    return {**plain, **found}


def keep_published(
    ledger: Books,
    request: Request,
    table: ReleasedTable,
    people: pd.DataFrame | None,
    *,
    barred: Collection[TableGroup],
    answers: Sketch | None,
) -> ReleasedTable:
    """The table with the earlier rows of groups that were published before with nearly the same people.

    These are the groups that are ``barred``, and those hidden so that a barred one cannot be worked out.
    """
    if people is None or not barred:
        return table
    groups, named = _hidden_people(request, table, people), request.names(table.frame)
    earlier = published_before(ledger, request, groups, answers) if groups else {}
    if not earlier:
        return table
    chosen = request.options.get("chosen", ())
    return with_kept(table, named, request.lines_of(table.frame), _by_line(request, earlier), chosen=chosen)


def told_between(
    ledger: Books, request: Request, table: ReleasedTable, groups: Mapping[str, frozenset[str]]
) -> set[str]:
    """Groups of a table of curves that would be shown at months between those at which they were shown before.

    Each release by itself leaves several exits between two months (:mod:`segment.retention.steps`); two of the same
    group, shown at other months because other groups are shown beside it, would leave one. Months after the last one of
    before may come, where that one is shown again.
    """
    now = published_rows(request, table)
    own = {name: people for name, people in groups.items() if name in now}
    earlier = published_before(ledger, request, own, None) if own else {}
    return {
        name
        for name, rows in earlier.items()
        for column in request.options["shares"]
        if _between(_months_of(column, rows, request), _months_of(column, now[name], request))
    }


def ranked_beside_kept(
    ledger: Books,
    asked: Asked,
    requests: Sequence[Request],
    tables: Mapping[str, ReleasedTable],
    shown: Mapping[str, ToldOf],
) -> set[TableGroup]:
    """Groups whose figures are those of before, where a group beside them stays as it was and their place would move.

    A place among the rows that are shown anew stands beside places of before among all of them: two are the first.
    """
    found: set[TableGroup] = set()
    for request in (r for r in requests if r.name in shown and (r.options.get("ranks") or r.options.get("alike"))):
        answers, table = asked.answers[request.source], tables[request.name]
        hidden = _hidden_people(request, table, asked.behind[request.name])
        if not hidden or not published_before(ledger, request, hidden, answers):
            continue
        placed = {*(request.options.get("ranks") or ()), *(request.options.get("alike") or ()), "earlier"}
        groups, now = shown[request.name].groups, published_rows(request, table)
        earlier = published_before(ledger, request, groups, answers)
        both = {group: (rows, now[group]) for group, rows in earlier.items() if group in now}
        found |= {
            (request.name, group)
            for group, told in both.items()
            if _apart_from(told, {"earlier"}) and not _apart_from(told, placed)
        }
    return found


def _hidden_people(request: Request, table: ReleasedTable, people: pd.DataFrame | None) -> dict[str, frozenset[str]]:
    """The people of groups that a table hides whole or in part and that are large enough to have been shown before."""
    if people is None:
        return {}
    frame = table.frame
    gone = frame[frame["status"] == "hidden"]
    labels = dict(zip(request.names(gone), gone[list(table.groups)].to_dict("records"), strict=True))
    found = {name: _people(people, one) for name, one in labels.items()}
    return {name: inside for name, inside in found.items() if len(inside) >= table.certificate["floor"]}


def _apart_from(told: tuple[Rows, Rows], left_out: Collection[str]) -> bool:
    """Whether two tellings of a group differ in anything but some columns."""
    out = {*left_out, SCALE}
    one, other = ([{k: v for k, v in row.items() if k not in out} for row in rows] for rows in told)
    return one != other


def _months_of(column: str, rows: Rows, request: Request) -> set[float]:
    """The months at which a curve tells this figure."""
    (month,) = request.lines
    return {float(str(row[month])) for row in rows if row.get(column) is not None}


def _between(before: set[float], now: set[float]) -> bool:
    """Whether some month of now is none of before, and not beyond all of these beside the last of them."""
    fresh = now - before
    return bool(before and fresh and (min(fresh) < max(before) or max(before) not in now))


def keep_whole(ledger: Books, request: Request, *, rules: ReleaseRules, answers: Sketch | None) -> ReleasedTable | None:
    """A table whose people cannot be compared as it was published before; nothing where that cannot be known."""
    earlier = ledger.published_as_a_whole(request.name, source=request.source, answers=answers)
    empty = request.release(rules=rules, barred=frozenset(request.names(request.frame)))
    frame = empty.frame
    told = _by_line(request, earlier)
    table = with_kept(empty, request.names(frame), request.lines_of(frame), told, chosen=request.lines)
    return table if table.hidden < len(frame) else None


def keep_of_everyone(
    ledger: Books, request: Request, people: frozenset[str], *, rules: ReleaseRules, answers: Sketch | None,
    moved: bool = False,
) -> ReleasedTable | None:  # fmt: skip
    """A table about everyone at once as it was published before, where that was of all but a few of these people.

    Also where the same people stand behind it and one to four more or fewer behind one of its lines: its numbers of
    people are exact, and one fewer says of whoever left which questions they answered. ``moved``: so do
    figures of a model, as one to four of whom it learned left or are told otherwise. None where it may leave.
    """
    source, groups = of_everyone(request.source), {EVERYONE: people}
    changed = ledger.changed({request.name: groups}, source=source, answers=answers)
    earlier = ledger.published(request.name, groups, source=source, answers=answers)
    told = _by_line(request, earlier)
    now = {line: n for (line, _), n in request.people().items()}
    shown = [(line, str(row["n"])) for (_, line), row in told.items() if line in now]
    by = [abs(now[line] - int(n)) for line, n in shown if n.isdigit()]
    if not changed and not any(0 < one < rules.min_group for one in by) and not (moved and earlier):
        return None
    empty = request.release(rules=rules, barred=frozenset((EVERYONE,)))
    frame = empty.frame
    return with_kept(empty, request.names(frame), request.lines_of(frame), told, chosen=request.lines)


def of_everyone(source: str) -> str:
    """How a source is called in the ledger where tables about everyone at once come from it: they meet no groups."""
    return f"{_WHOLE}{source}"


def _by_line(request: Request, earlier: Mapping[str, Rows]) -> dict[tuple[str, str], dict[str, object]]:
    """Earlier rows by group and line, their shares as coarse as they are told today."""
    return {
        (name, line): told_again(row, request.options.get("shares", ()))
        for name, rows in earlier.items()
        for line, row in zip(request.lines_of(pd.DataFrame(rows)), rows, strict=True)
    }


def _people(people: pd.DataFrame, labels: Mapping[Hashable, object]) -> frozenset[str]:
    inside = pd.Series(True, index=people.index)
    for column, label in labels.items():
        if not is_missing(label):
            inside &= people[column] == label
    return frozenset(people.loc[inside, "person"])


def _plain(value: object) -> object:
    """A value that JSON can hold; missing ones as nothing."""
    if isinstance(value, str) or value is None:
        return value
    return None if is_missing(value) else getattr(value, "item", lambda: value)()
