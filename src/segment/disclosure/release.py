"""The gate through which figures about groups leave: a table either keeps the release rules or is refused."""

from __future__ import annotations

import copy
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import KW_ONLY, InitVar, dataclass, field

import numpy as np
import pandas as pd

from segment.disclosure.certificates import Certificate
from segment.disclosure.form import refuse_form, refuse_people
from segment.disclosure.hiding import suppress_lines
from segment.disclosure.presentation import Form, content_of, odd_names, scales_of
from segment.disclosure.rules import ReleaseRules
from segment.disclosure.suppression import Suppression
from segment.errors import RefusedRelease
from segment.tables.release_plan import Alike, Ranks

_MAKER = object()


#: What can stand in the column ``status`` of a released table.
STATUSES: dict[str, str] = {
    "shown": "the row's figures are shown",
    "banded": "shown, with at least one figure of a nearly unanimous group as a band: shares over .95 or under .05, "
    "means within a twentieth of an end of their scale",
    "hidden": "too few people, or hidden so that a small group cannot be worked out",
}


@dataclass(frozen=True, eq=False)
class ReleasedTable:
    """Figures about groups that may leave the building; only :func:`release` makes one.

    ``frame`` (a copy each time) has one row per group and line: the line columns, the group columns (missing:
    everyone), ``n`` (text: '5–9', '10–19', the number from 20, '–' where hidden), the value columns (missing
    where hidden), and ``status`` (:data:`STATUSES`). Where rows of an earlier release are shown again, a column
    ``earlier`` says which ones (:func:`with_kept`); they have the status they had then.

    Parameters
    ----------
    name
        Name of the table.
    values
        Columns that hold figures.
    lines
        Columns that say what a row is about within its group.
    kind
        One of ``KINDS``.
    content
        Its rows.
    proof
        What the audit needs to check it.
    maker
        Known to :func:`release` only.

    Examples
    --------
    >>> frame = pd.DataFrame({"segment": [0, 1, None], "people": [40, 22, 62], "pay": [3.14, 2.71, 3.0]})
    >>> table = release("pay", frame, groups=["segment"], count="people", means=["pay"])
    >>> table.frame["n"].tolist(), table.hidden
    (['40', '22', '62'], 0)
    """

    name: str
    groups: tuple[str, ...]
    values: tuple[str, ...]
    _: KW_ONLY
    lines: tuple[str, ...] = ()
    kind: str = "scores"
    hidden: int = 0
    content: InitVar[pd.DataFrame]
    proof: InitVar[Certificate]
    maker: InitVar[object] = None
    _frame: pd.DataFrame = field(init=False, repr=False)
    _certificate: Certificate = field(init=False, repr=False)

    def __post_init__(self, content: pd.DataFrame, proof: Certificate, maker: object) -> None:
        if maker is not _MAKER:
            raise RefusedRelease(
                "A released table can only be made by segment.privacy.release.",
                advice="hand the figures to release(), which applies the release rules",
            )
        object.__setattr__(self, "_frame", content.copy())
        object.__setattr__(self, "_certificate", copy.deepcopy(proof))

    @property
    def frame(self) -> pd.DataFrame:
        """The released rows; a copy (on write), so that nobody changes what was released."""
        return self._frame.copy(deep=False)

    @property
    def certificate(self) -> Certificate:
        """Which rules were applied, how many groups were hidden and why, and what the audit found (a copy)."""
        return copy.deepcopy(self._certificate)


#: Under which name a published row keeps the ends of its scale, where that is none from 1 to 5.
SCALE = "_scale"


def with_kept(
    table: ReleasedTable,
    groups: Sequence[str],
    lines: Sequence[str],
    earlier: Mapping[tuple[str, str], Mapping[str, object]],
    *,
    chosen: Sequence[str] = (),
) -> ReleasedTable:
    """A released table that shows again what was published of some groups before, in the place of hidden rows.

    Where a group's own figures chose its lines, all those of before come back and none of now: which one is gone, or
    is hidden beside them, would say what the figures chose now.

    Parameters
    ----------
    groups, lines
        The group and the line of each row of ``table``, in words.
    earlier
        Rows by group and line as an earlier release published them. Rows that are shown anew stay as they are.
    chosen
        Columns of lines that were chosen by the figures of the row's group.
    """
    frame, keys = table.frame, list(zip(groups, lines, strict=True))
    if chosen:
        frame, keys = _with_lines_of_before(table, keys, earlier)
    kept = [status == "hidden" and key in earlier for status, key in zip(frame["status"], keys, strict=True)]
    for name in (column for column in frame if column not in (*table.lines, *table.groups)):
        nothing = "" if frame[name].dtype == "str" else None
        told = zip(frame[name].tolist(), kept, keys, strict=True)
        cells = [earlier[key].get(str(name), nothing) if again else value for value, again, key in told]
        cells = [nothing if cell is None else cell for cell in cells]
        frame[name] = pd.Series(cells, index=frame.index, dtype=frame[name].dtype)
    proof: Certificate = {**_of_what_leaves(table, frame, chosen=chosen), "kept": sum(kept)}
    lines = ["|".join(map(str, row)) for row in frame[list(table.lines)].itertuples(index=False)]
    scales = [earlier[key].get(SCALE) if again else None for key, again in zip(keys, kept, strict=True)]
    proof["scales"] |= {line: ends for line, ends in zip(lines, scales, strict=True) if isinstance(ends, list)}
    return ReleasedTable(
        table.name, table.groups, table.values, lines=table.lines, kind=table.kind,
        hidden=int((frame["status"] == "hidden").sum()),
        content=frame.assign(earlier=kept) if any(kept) else frame, proof=proof, maker=_MAKER,
    )  # fmt: skip


def _of_what_leaves(table: ReleasedTable, frame: pd.DataFrame, *, chosen: Sequence[str]) -> Certificate:
    """The certificate of a table whose lines figures chose, as the rows that leave have it.

    How many lines a hidden group had is a figure of it: of a curve it is how often five left. Which lines these are
    says what stands out in it, so that only lines that are shown have their scale and their odd names told.
    """
    certificate = table.certificate
    if not chosen:
        return certificate
    gone = frame["status"] == "hidden"
    attack, hidden = certificate["audit"], int(gone.sum())
    shown = frame[~gone]
    lines = {"|".join(map(str, row)) for row in shown[list(table.lines)].itertuples(index=False)}
    words = {*shown.to_numpy(dtype=object).ravel(), *frame[list(table.groups)].to_numpy(dtype=object).ravel()}
    return {
        **certificate,
        "scales": {line: ends for line, ends in certificate["scales"].items() if line in lines},
        "names": [name for name in certificate["names"] if name in words],
        "cells": len(frame),
        "hidden_primary": hidden,
        "hidden_complementary": 0,
        "audit": {**attack, "groups_audited": min(attack["groups_audited"], hidden)},
    }


def _with_lines_of_before(
    table: ReleasedTable, keys: Sequence[tuple[str, str]], earlier: Mapping[tuple[str, str], Mapping[str, object]]
) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    """The rows with, for every hidden group that was published, one for each line of before in the place of its own."""
    frame, told = table.frame, {group for group, _ in earlier}
    rows: list[tuple[int, tuple[str, str]]] = []
    again: set[str] = set()
    for place, (key, status) in enumerate(zip(keys, frame["status"], strict=True)):
        if status != "hidden" or key[0] not in told:
            rows.append((place, key))
        elif key[0] not in again:
            rows += [(place, one) for one in earlier if one[0] == key[0]]
            again.add(key[0])
    frame = frame.iloc[[place for place, _ in rows]].reset_index(drop=True)
    found = [key for _, key in rows]
    for name in table.lines:
        cells = [
            earlier[key][str(name)] if key in earlier and key[0] in again else cell
            for key, cell in zip(found, frame[name].tolist(), strict=True)
        ]
        frame[name] = pd.Series(cells, index=frame.index, dtype=frame[name].dtype)
    return frame, found


def without_choices(table: ReleasedTable, chosen: Sequence[str]) -> ReleasedTable:
    """A released table that says nothing of what a hidden group's own figures chose: one bare row for each such group.

    Which question stands out most in a group is a figure of it in words, and how many do is another. The last step of
    a release: what hides groups, compares releases and shows earlier rows again goes by the lines.

    Parameters
    ----------
    chosen
        Columns of lines that were chosen by the figures of the row's group.

    Examples
    --------
    >>> frame = pd.DataFrame({"segment": [0, 1, 2, 2], "item": ["pay", "rest", "pay", "rest"], "mean": 3.0})
    >>> told = release("telling", frame.assign(n=[40, 30, 4, 4]), groups=["segment"], count="n", means=["mean"],
    ...                lines=["item"], chosen=["item"])
    >>> without_choices(told, ["item"]).frame[["segment", "item", "n"]].values.tolist()
    [[0, 'pay', '40'], [1, '', '–'], [2, '', '–']]
    """
    frame = table.frame
    hidden = frame["status"] == "hidden"
    if not chosen or not hidden.any():
        return table
    for name in chosen:
        column = frame[name]
        numbers = pd.api.types.is_numeric_dtype(column)
        whole = pd.api.types.is_integer_dtype(column)
        frame[name] = (
            column.astype("Int64").mask(hidden) if whole else column.mask(hidden, float("nan") if numbers else "")
        )
    bare = frame[hidden].drop_duplicates([*table.groups, *(line for line in table.lines if line not in chosen)])
    frame = frame.loc[frame.index[~hidden].union(bare.index)].reset_index(drop=True)
    return ReleasedTable(
        table.name, table.groups, table.values, lines=table.lines, kind=table.kind, hidden=len(bare),
        content=frame, proof=_of_what_leaves(table, frame, chosen=chosen), maker=_MAKER,
    )  # fmt: skip


def release(
    name: str,
    frame: pd.DataFrame,
    *,
    groups: Sequence[str],
    count: str,
    means: Sequence[str] = (),
    shares: Sequence[str] = (),
    counts: Sequence[str] = (),
    texts: Sequence[str] = (),
    ranks: Ranks | None = None,
    alike: Mapping[str, Alike] | None = None,
    overall: Sequence[str] = (),
    lines: Sequence[str] = (),
    kind: str = "scores",
    rules: ReleaseRules | None = None,
    population: int | None = None,
    events: str | None = None,
    response: str | None = None,
    barred: str | None = None,
    ends: Mapping[str, tuple[str, str]] | None = None,
    hierarchy: Mapping[str, Mapping[Hashable, Hashable]] | None = None,
    chosen: Sequence[str] = (),
    digits: Mapping[str, int] | None = None,
) -> ReleasedTable:
    """Apply the release rules to figures about groups.

    Only the named columns leave. A group under its floor is hidden; so are the groups without which it could be
    worked out (:mod:`segment.disclosure.suppression`), also from a total that this table does not hold.

    Parameters
    ----------
    name
        Name of the table, as it will be called everywhere.
    frame
        One row per group and line. A missing group means everyone (the total).
    groups
        At most two columns that say which people: segment, department. Groups of one column do not overlap.
    count
        Column with the number of people behind the row's figures.
    means, shares
        Value columns: rounded to one and to two decimals, or fewer (``digits``). Shares run from 0 to 1, and are shown
        as .05 or .95 beyond these. A table with shares falls under the floor for rates.
    counts
        Value columns that count some of the row's people (exits): rounded to fives.
    texts
        Columns with words about the group; blank where the group is hidden.
    ranks
        Columns of unrounded numbers by whose order rows stand, and within which other columns; they leave as ranks,
        1 the lowest number (:mod:`segment.disclosure.ranking`).
    alike
        Released column -> where it stands which rows cannot be told apart; it leaves as how many of the next in rank
        are about as much (:func:`segment.disclosure.ranking.next_alike`).
    overall
        Value columns that describe a model or a questionnaire over everyone at once: rounded to three decimals.
        Only without groups.
    lines
        Columns that say what the figure is, not who: need, measure, month, wave. Each combination is a table.
    kind
        'scores', 'rates', 'segments', 'curves' or 'driver' (:data:`segment.disclosure.rules.KINDS`).
    rules
        Floors; the defaults when left out.
    population
        Number of people of whom a segment is a share; the largest total when left out.
    events
        Column with the number of exits (needed for curves, where the most of a group over its lines counts).
    response
        Column with the share of invited people who answered: under the floor the group is hidden.
    barred
        Column of flags: groups that are hidden for another reason, such as an earlier release that differs from
        this one by a few people (:mod:`segment.disclosure.ledger.release_ledger`).
    ends
        Per mean of answers the columns with the least and the most an answer can be (missing: no scale). Means within
        a twentieth of an end are shown as a band, as shares are, and intervals never as narrow as if all had answered
        alike.
    hierarchy
        Per group column, the larger group above each group (team to department); groups without one lie under
        everyone.
    chosen
        Lines that were chosen by the figures of their group. What is hidden is then decided for groups as a whole: line
        by line it would tell which lines a hidden group has, by who is hidden with it (:func:`without_choices`).
    digits
        Decimals of figures that leave with fewer than others: what readers see is then rounded once. Ends of
        intervals are rounded outward (:func:`segment.disclosure.figures.rounded`).

    Returns
    -------
    ReleasedTable

    Raises
    ------
    RefusedRelease
        One row per person, more than two groupings, a missing column, overlapping groups, shares outside 0 to 1,
        or no way to protect a small group.

    Examples
    --------
    >>> frame = pd.DataFrame({"segment": [0, 1, 2, None], "people": [40, 12, 3, 55], "pay": [3.14, 2.71, 1.5, 3.0]})
    >>> table = release("pay", frame, groups=["segment"], count="people", means=["pay"])
    >>> table.frame[["n", "pay", "status"]].values.tolist()
    [['40', 3.1, 'shown'], ['–', nan, 'hidden'], ['–', nan, 'hidden'], ['55', 3.0, 'shown']]
    >>> release("cards", pd.DataFrame({"person": ["a"], "people": [1]}), groups=["person"], count="people")
    Traceback (most recent call last):
    segment.errors.RefusedRelease: Table 'cards' has one row per person.
      expected: one row per group of people
      found: column person
      what to do: hand it to grant(), which asks for governance
    """
    rules = rules or ReleaseRules()
    request = Form(
        name=name, groups=tuple(groups), count=count, means=tuple(means), shares=tuple(shares), counts=tuple(counts),
        texts=tuple(texts), overall=tuple(overall), lines=tuple(lines), kind=kind, events=events, response=response,
        barred=barred, ends=ends or {}, ranks=ranks or {}, alike=alike or {},
        chosen=tuple(chosen), digits=digits or {},
    )  # fmt: skip
    refuse_people(frame, request)
    refuse_form(frame, request)
    everyone = int(frame[count].max()) if len(frame) else 0
    floor = rules.floor(kind, population=everyone if population is None else population)
    if request.shares or request.texts:
        floor = max(floor, rules.min_rate_group)
    rows, suppressions = suppress_lines(frame, request, floor=floor, rules=rules, hierarchy=hierarchy or {})
    content = content_of(rows, request)
    return ReleasedTable(
        name, request.groups, request.figures,
        lines=request.lines, kind=kind, hidden=int(rows["_hidden"].sum()),
        content=content, proof=_certificate(request, rows, suppressions, floor=floor, rules=rules), maker=_MAKER,
    )  # fmt: skip


def _certificate(
    request: Form, rows: pd.DataFrame, suppressions: list[Suppression], *, floor: int, rules: ReleaseRules
) -> Certificate:
    """What was applied and found, in plain types that JSON can hold."""
    hidden, primary = rows["_hidden"].to_numpy(dtype=bool), rows["_primary"].to_numpy(dtype=bool)
    narrowest = min((s.audit.narrowest for s in suppressions), default=float("inf"))
    return {
        "table": request.name,
        "kind": request.kind,
        "groups": list(request.groups),
        "floor": floor,
        "rules": rules.as_dict(),
        "scales": scales_of(rows, request),
        "names": odd_names(rows, request),
        "cells": len(rows),
        "hidden_primary": int((hidden & primary).sum()),
        "hidden_complementary": int((hidden & ~primary).sum()),
        "audit": {
            "method": "interval of every hidden small group by linear programming, shown sizes taken as known exactly",
            "groups_audited": int(sum(s.audit.watched.sum() for s in suppressions)),
            "narrowest_interval": None if np.isinf(narrowest) else _at_least(narrowest, rules.min_group),
            "required_interval": rules.min_group,
            "passed": all(s.audit.passed for s in suppressions),
        },
    }


def _at_least(width: float, required: int) -> float:
    """What an interval is as wide as at least: what is required, or twice that.

    Of a table that shows nothing anew its own width is the number of all people in it, which nothing else tells.

    >>> [_at_least(width, 5) for width in (174.0, 9.5, 5.0, 0.0)]
    [10.0, 5.0, 5.0, 0.0]
    """
    return float(required * min(int(width // required), 2))
