"""The questionnaire that simulated people answer: the codebook's items and the wishes one may pick from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from segment.config import shipped_settings
from segment.errors import InvalidInput, NotReady, nearest
from segment.simulation.planted import NEEDS
from segment.vocabulary import ItemKind

_RATED = ("imp5", "true5", "prom5", "kept5", "mom5")
_SCALES = (*_RATED, "0-10", "yesno", "pick1", "rank6", "pick3of12", "open")
_RANKED = 6


@dataclass(frozen=True)
class Questionnaire:
    """A codebook and its wishes, checked: every item has a known kind, scale and need.

    ``items`` has one row per item (code, kind, driver, scale, reverse, nl, en and more); ``wishes`` one row per
    wish (code, need, nl, en).

    Examples
    --------
    >>> open_questionnaire().codes(ItemKind.IMPORTANCE)[:2]
    ['I_PAY_match', 'I_PAY_live']
    """

    items: pd.DataFrame
    wishes: pd.DataFrame

    @property
    def needs(self) -> tuple[str, ...]:
        """The needs that importance items ask about, in the codebook's order."""
        return tuple(self.items.loc[self.items["kind"] == ItemKind.IMPORTANCE, "driver"].unique())

    @property
    def ranked_needs(self) -> tuple[str, ...]:
        """The needs of the ranking question: the first six of the codebook."""
        return self.needs[:_RANKED]

    @property
    def rated(self) -> pd.DataFrame:
        """Items answered on 1 to 5, one row each."""
        return self.items[self.items["scale"].isin(_RATED)].reset_index(drop=True)

    def codes(self, kind: ItemKind) -> list[str]:
        """Return the item codes of one kind, in the codebook's order."""
        return self.items.loc[self.items["kind"] == kind, "code"].tolist()

    def columns_of(self, code: str, scale: str) -> list[str]:
        """Return the columns an item takes in an answer file: one, except for rankings and picks.

        Parameters
        ----------
        code
            The item.
        scale
            Its scale in the codebook.
        """
        if scale == "rank6":
            return [f"{code}_{need}" for need in self.ranked_needs]
        if scale == "pick3of12":
            return [f"{code}_{wish}" for wish in self.wishes["code"]]
        return [code]

    @property
    def columns(self) -> list[str]:
        """All answer columns in the codebook's order."""
        pairs = zip(self.items["code"], self.items["scale"], strict=True)
        return [column for code, scale in pairs for column in self.columns_of(code, scale)]


def open_questionnaire(
    codebook: pd.DataFrame | Path | str | None = None, wishes: pd.DataFrame | Path | str | None = None
) -> Questionnaire:
    """Read and check a codebook and its wishes; by default the project's own questionnaire.

    Parameters
    ----------
    codebook
        A table or a CSV file with at least ``code, kind, driver, scale``.
    wishes
        A table or a CSV file with ``code, need, nl, en``.

    Examples
    --------
    >>> questionnaire = open_questionnaire()
    >>> questionnaire.needs
    ('PAY', 'SEC', 'SOC', 'GRO', 'AUT', 'MEA', 'REC', 'EAS')
    """
    items = _table(codebook, _codebook("relation.csv"), ("code", "kind", "driver", "scale"), "codebook")
    offered = _table(wishes, _codebook("wishes.csv"), ("code", "need"), "wishes")
    _refuse_unknown(items["kind"], [kind.value for kind in ItemKind], "kind of item", "codebook, column kind")
    _refuse_unknown(items["scale"], list(_SCALES), "scale", "codebook, column scale")
    _refuse_unknown(items["driver"], [*NEEDS, "*"], "need", "codebook, column driver")
    _refuse_unknown(offered["need"], list(NEEDS), "need", "wishes, column need")
    if not (items["kind"] == ItemKind.IMPORTANCE).any():
        raise InvalidInput(
            "A simulated organisation needs a codebook that asks what people find important.",
            expected="at least one item of kind importance",
            came="none",
            where="codebook, column kind",
            advice="leave codebook out to use the project's own questionnaire",
        )
    return Questionnaire(items=items, wishes=offered)


def _codebook(name: str) -> Path:
    return shipped_settings() / "codebooks" / name


def _table(given: pd.DataFrame | Path | str | None, default: Path, columns: tuple[str, ...], name: str) -> pd.DataFrame:
    """Return a table of texts with the columns asked for, from a frame, a file or the default file."""
    if isinstance(given, pd.DataFrame):
        table = given.copy()
    else:
        path = default if given is None else Path(given)
        if not path.is_file():
            raise NotReady(
                f"The {name} file is not there.",
                expected="a CSV file",
                where=str(path.name),
                advice=f"hand in {name}= as a table or a path",
            )
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise InvalidInput(
            f"The {name} misses {len(missing)} column(s).",
            expected=", ".join(columns),
            came=f"without {', '.join(missing)}",
            where=name,
            advice="add the column(s); the project's own questionnaire shows the form",
        )
    if table["code"].duplicated().any():
        twice = ", ".join(sorted(table.loc[table["code"].duplicated(), "code"].unique()))
        raise InvalidInput(f"The {name} has the same code more than once.", came=twice, where=f"{name}, column code")
    if "reverse" not in table.columns:
        table["reverse"] = ""
    return table.reset_index(drop=True)


def _refuse_unknown(given: pd.Series, known: list[str], what: str, where: str) -> None:
    """Refuse words that are not among those known, with the nearest known word."""
    unknown = [word for word in given.unique() if word not in known]
    if unknown:
        raise InvalidInput(
            f"Unknown {what}: {', '.join(map(str, unknown))}.",
            expected=", ".join(known),
            where=where,
            advice=nearest(str(unknown[0]), known, listed=False) or f"use one of the {len(known)} known words",
        )
