"""What segments are made of in a study: rated items, and choices such as rankings and wishes."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from segment.config import given
from segment.needs.choices import pick_popularity
from segment.needs.chosen import Choices
from segment.stages.base import OpenStudy
from segment.tables.codebook import Codebook, Item
from segment.tracking.intake import Column
from segment.vocabulary import ItemKind

#: Needs that have to be rated before one can stand out from another.
FEWEST_NEEDS = 2
#: Kinds of items that are answered on a scale and belong to one need.
RATED = (ItemKind.IMPORTANCE, ItemKind.EXPERIENCE)


@dataclass(frozen=True)
class Basis:
    """The rated items that segments are made of: ``need_map`` {code: need}, ``scales`` {code: (low, high)}."""

    need_map: dict[str, str]
    scales: dict[str, tuple[float, float]]

    @property
    def needs(self) -> list[str]:
        """The needs, in the order of their first item."""
        return list(dict.fromkeys(self.need_map.values()))

    def items(self, responses: pd.DataFrame) -> pd.DataFrame:
        """People x items, indexed as the responses are; items that were not asked count as not answered."""
        return responses.reindex(columns=list(self.need_map)).astype("float64")


def basis_of(codebook: Codebook, kinds: Sequence[str], columns: pd.Index) -> Basis:
    """The basis of a study: rated items of the kinds it names that were asked."""
    need_map = codebook.need_map(*(kind for kind in kinds if kind in RATED))
    asked = {code: need for code, need in need_map.items() if code in columns}
    scales = codebook.scales()
    return Basis(asked, {code: scales[code] for code in asked})


def telling_kinds(codebook: Codebook, kinds: Sequence[str], columns: pd.Index, wishes: Mapping[str, str]) -> list[str]:
    """Those of a study's kinds of questions that tell what people need, in order; none where no two needs are rated.

    Rated kinds do by their items about a need; rankings and wishes by options about a need that is rated as well.
    ``columns``: what was asked; ``wishes``: wish option -> need.
    """
    needs = basis_of(codebook, kinds, columns).needs
    if len(needs) < FEWEST_NEEDS:
        return []
    asked = pd.DataFrame(columns=columns)
    chosen: dict[str, set[str | None]] = {
        ItemKind.RANK: set(_options(asked, codebook, ItemKind.RANK).values()),
        ItemKind.WISH: {wishes.get(option) for option in _options(asked, codebook, ItemKind.WISH).values()},
    }
    rated = [kind for kind in kinds if kind in RATED and basis_of(codebook, (kind,), columns).needs]
    return [kind for kind in kinds if kind in rated or chosen.get(kind, set()) & set(needs)]


def answered_in(responses: pd.DataFrame, wave: str) -> pd.Index:
    """Columns that anybody filled in one wave: an item that nobody answered was not asked."""
    return responses.columns[responses[responses["wave"] == wave].notna().any()]


def _options(responses: pd.DataFrame, codebook: Codebook, kind: ItemKind) -> dict[str, str]:
    """Columns of items that take one column per option -> the option."""
    return {
        str(column): str(column).removeprefix(f"{item.code}_")
        for item in codebook.of_kind(kind)
        for column in responses.columns
        if str(column).startswith(f"{item.code}_")
    }


def read_wishes(file: Path | None) -> dict[str, str]:
    """Wish option -> need, from the study's list of wishes; empty without one."""
    if file is None or not file.is_file():
        return {}
    with file.open(encoding="utf-8-sig", newline="") as handle:
        return {row["code"]: row["need"] for row in csv.DictReader(handle)}


def wishes_of(opened: OpenStudy) -> dict[str, str]:
    """Wish option -> need, of a study; empty where it lists no wishes."""
    written = given(opened.config.codebook, "codebook").wishes
    return read_wishes(opened.study.config_path(written) if written else None)


def study_choices(
    opened: OpenStudy,
    responses: pd.DataFrame,
    codebook: Codebook,
    basis: Basis,
    *,
    popularity: Mapping[str, float] | None = None,
) -> Choices:
    """Rankings and wishes in these responses, of the kinds the study counts; popularity is theirs unless given."""
    wishes = wishes_of(opened)
    kinds = opened.config.segmentation.basis
    options = {
        kind: _options(responses, codebook, kind) if kind in kinds else {} for kind in (ItemKind.RANK, ItemKind.WISH)
    }
    ranks = {column: need for column, need in options[ItemKind.RANK].items() if need in basis.needs}
    picks = {c: wishes[option] for c, option in options[ItemKind.WISH].items() if wishes.get(option) in basis.needs}
    return Choices(ranks, picks, pick_popularity(responses[list(picks)]) if popularity is None else popularity)


def who_answered(responses: pd.DataFrame, choices: Choices, basis: Basis) -> pd.DataFrame:
    """The responses of people who rated, ranked or wished for anything: nobody else can be put into a segment."""
    said = responses[[*basis.need_map, *choices.ranks]].notna().any(axis=1)
    wished = (responses[list(choices.picks)] > 0).any(axis=1)
    return responses[said | wished].reset_index(drop=True)


def columns_taken(codebook: Codebook, basis: Basis, choices: Choices) -> list[Column]:
    """What a served segmentation takes of a person: its questions as they were put, then rankings and wishes."""
    return [
        *(as_asked(codebook.item(code)) for code in basis.need_map),
        *(Column(name, "rank", 1.0, float(len(choices.ranks))) for name in choices.ranks),
        *(Column(name, "wish", 0.0, 1.0) for name in choices.picks),
    ]


def as_asked(item: Item, *, block: str = "") -> Column:
    """A question as it was put to people: an answer to one that asks for the opposite is turned when it is read."""
    return Column(item.code, "rating", item.low, item.high, item.reverse, block, item.need if block else "")
