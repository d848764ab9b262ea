"""Expectations from two sides: roles and people brought together only where each meets what the other asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segment.errors import InvalidInput
from segment.tables import spec_of

_WORDS = ("best_need", "worst_need", "best_ask", "worst_ask")


@dataclass(frozen=True)
class Fit:
    """How much of what one side asks the other side gives: ``share`` 0..1 per person, and what goes best and worst.

    ``best`` is the need or ask of which most is met beyond what is missed, ``worst`` the one of which most is missed;
    empty where there is none.
    """

    share: np.ndarray
    best: np.ndarray
    worst: np.ndarray


def match_expectations(
    people_needs: pd.DataFrame,
    offers: pd.DataFrame,
    *,
    threshold: float = 0.6,
    scale: tuple[float, float] = (1, 5),
    per_person: int | None = None,
) -> pd.DataFrame:
    """People and roles whose expectations of each other are met on both sides.

    Parameters
    ----------
    people_needs
        One row per ``person``: ``importance_<NEED>`` (answers on ``scale``), ``brings_<ASK>`` (what the person brings,
        in the unit of the role's ``ask_<ASK>``), optionally ``relation`` (candidate, contractor, alumnus, employee).
    offers
        One row per role ``offer``: ``offer_<NEED>`` (what it gives, on ``scale``), ``ask_<ASK>`` (what it asks),
        optionally ``for``: the relations it is open to, separated by commas; empty for all.
    threshold
        What both fits must reach, 0 to 1.
    per_person
        At most so many roles per person, best first; all by default.

    Returns
    -------
    DataFrame
        Table ``matches``, one row per person and role that fit on both sides: ``fit_person``, ``fit_offer`` (0 to 1),
        ``fit`` (the lower of the two), ``rank`` (per person, 1 is the best), and the reason: ``best_need`` and
        ``worst_need`` (what the role gives best, and what is missed most; empty when nothing is), ``best_ask`` and
        ``worst_ask`` likewise for the role. No rows when either side cannot be measured; ``match_counts`` says why.

    Raises
    ------
    InvalidInput
        Missing key columns, people or roles that stand twice, a threshold outside 0 to 1.

    Notes
    -----
    What a person needs is needed_k = middle + importance_k - own mean importance, kept within the scale, so that people
    who call everything important need no more than others. With g_k what the role gives, both counted from the lowest
    point of the scale, fit_person = sum_k min(g_k, needed_k) / sum_k needed_k: the share of the need that is met; a
    surplus of one thing never makes up for the lack of another. What a role asks comes in several units, so each ask
    counts alike: fit_offer = mean_j min(1, b_j / a_j) with b_j what the person brings of ask a_j (ratings counted from
    the lowest point of the scale, anything else from zero). A side with less than half of its lines known is not
    measured.

    Examples
    --------
    >>> people = pd.DataFrame({"person": ["p"], "importance_PAY": 2, "importance_GRO": 4, "brings_craft": 4})
    >>> roles = pd.DataFrame({"offer": ["coach"], "offer_PAY": 3, "offer_GRO": 4, "ask_craft": 5})
    >>> match_expectations(people, roles)[["offer", "fit_person", "fit_offer", "best_need"]]
       offer  fit_person  fit_offer best_need
    0  coach         1.0       0.75       GRO
    """
    _check(people_needs, offers, threshold)
    blocks = []
    for name, compared, wanted, asked in _sides(people_needs, offers, scale):
        both = (wanted.share >= threshold) & (asked.share >= threshold)
        blocks.append(
            pd.DataFrame(
                {
                    "place": compared[both], "offer": name, "fit_person": wanted.share[both],
                    "fit_offer": asked.share[both], "best_need": wanted.best[both], "worst_need": wanted.worst[both],
                    "best_ask": asked.best[both], "worst_ask": asked.worst[both],
                }
            )
        )  # fmt: skip
    schema = spec_of("matches")
    if not blocks or not sum(map(len, blocks)):
        more = {name: pd.Series(dtype="str") for name in _WORDS}
        return schema.check(schema.empty().assign(fit=pd.Series(dtype=float), rank=pd.Series(dtype="int64"), **more))
    table = pd.concat(blocks, ignore_index=True)
    table["fit"] = table[["fit_person", "fit_offer"]].min(axis=1)
    table = table.sort_values(["place", "fit"], ascending=[True, False], kind="stable", ignore_index=True)
    table["rank"] = table.groupby("place").cumcount() + 1
    table["person"] = people_needs["person"].to_numpy()[table["place"].to_numpy()]
    kept = table if per_person is None else table[table["rank"] <= per_person]
    columns = ["person", "offer", "fit_person", "fit_offer", "fit", "rank", *_WORDS]
    return schema.check(kept[columns].astype(dict.fromkeys(_WORDS, "str")).reset_index(drop=True))


def match_counts(
    people_needs: pd.DataFrame, offers: pd.DataFrame, *, threshold: float = 0.6, scale: tuple[float, float] = (1, 5)
) -> pd.DataFrame:
    """How many people each role was compared with, how many fit from either side, and why none could be compared.

    Parameters
    ----------
    people_needs
        As for `match`.
    offers
        As for `match`.
    threshold
        From which fit on a side counts as met, 0 to 1.
    scale
        Lowest and highest answer.

    Returns
    -------
    DataFrame
        One row per role, in the order given: ``offer``, ``n`` (people it is open to with both sides known),
        ``person_side`` (who find what they need), ``offer_side`` (who bring what it asks), ``both``, ``status``
        (``measured`` or ``not measured``), ``reason`` (a code of ``experience.matched``).

    Examples
    --------
    >>> people = pd.DataFrame({"person": ["p"], "importance_GRO": 4, "brings_craft": 4})
    >>> roles = pd.DataFrame({"offer": ["coach"], "offer_GRO": 4, "ask_craft": 5})
    >>> match_counts(people, roles)[["offer", "n", "both", "status"]].to_numpy().tolist()
    [['coach', 1, 1, 'measured']]
    """
    _check(people_needs, offers, threshold)
    rows = []
    for name, compared, wanted, asked in _sides(people_needs, offers, scale):
        known_person, known_offer = np.isfinite(wanted.share), np.isfinite(asked.share)
        known = known_person & known_offer
        reason = _why_not(len(compared), int(known_person.sum()), int(known_offer.sum()), int(known.sum()))
        fits = (wanted.share >= threshold) & known, (asked.share >= threshold) & known
        rows.append(
            {
                "offer": name, "n": int(known.sum()), "person_side": int(fits[0].sum()),
                "offer_side": int(fits[1].sum()), "both": int((fits[0] & fits[1]).sum()),
                "status": "not measured" if reason else "measured", "reason": reason,
            }
        )  # fmt: skip
    counts = ["n", "person_side", "offer_side", "both"]
    words = ["status", "reason"]
    table = pd.DataFrame(rows, columns=["offer", *counts, *words])
    return table.astype({"offer": "str", **dict.fromkeys(counts, "int64"), **dict.fromkeys(words, "str")})


def _why_not(compared: int, person_side: int, offer_side: int, both: int) -> str:
    if both:
        return ""
    if not compared:
        return "open_to_nobody"
    if not person_side:
        return "needs_unknown"
    return "asks_unknown" if not offer_side else "sides_apart"


def _sides(
    people_needs: pd.DataFrame, offers: pd.DataFrame, scale: tuple[float, float]
) -> Iterator[tuple[str, np.ndarray, Fit, Fit]]:
    """Per role: its name, the rows of the people it is open to, and both fits."""
    low, high = scale
    needs = _shared(people_needs, "importance_", offers, "offer_")
    asks = _shared(people_needs, "brings_", offers, "ask_")
    all_asks = [column.removeprefix("ask_") for column in offers.columns if column.startswith("ask_")]
    importance = _numbers(people_needs, [f"importance_{need}" for need in needs])
    needed = _needed(importance, low, high) - low
    given = _numbers(offers, [f"offer_{need}" for need in needs]) - low
    sought = _numbers(offers, [f"ask_{ask}" for ask in asks])
    lowest = np.array([low if _on_scale(offers[f"ask_{ask}"], scale) else 0.0 for ask in asks])
    brought = _numbers(people_needs, [f"brings_{ask}" for ask in asks]) - lowest
    relations = people_needs["relation"].astype("str") if "relation" in people_needs.columns else None
    for row, name in enumerate(offers["offer"].astype("str")):
        who = np.flatnonzero(_open_to(offers, row, relations, len(people_needs)))
        wanted = _coverage(needed[who], np.broadcast_to(given[row], (len(who), len(needs))), needs)
        asked = np.maximum(sought[row] - lowest, 0.0)
        part = brought[who] / np.where(asked > 0, asked, 1.0)
        alike = np.broadcast_to(np.where(asked > 0, 1.0, asked), part.shape)
        stated = int(offers[[f"ask_{ask}" for ask in all_asks]].iloc[row].notna().sum())
        yield name, who, wanted, _coverage(alike, part, asks, lines=stated)


def _needed(importance: np.ndarray, low: float, high: float) -> np.ndarray:
    """What each person needs, free of how generously they call things important."""
    known = np.isfinite(importance)
    own = np.where(known, importance, 0.0).sum(axis=1, keepdims=True) / np.maximum(1, known.sum(axis=1, keepdims=True))
    result: np.ndarray = np.clip((low + high) / 2 + importance - own, low, high)
    return result


def _coverage(asked: np.ndarray, given: np.ndarray, names: list[str], *, lines: int | None = None) -> Fit:
    """Share of what is asked that is given, per row; NaN with less than half of the lines known."""
    rows = len(asked)
    if not names:
        return Fit(np.full(rows, np.nan), np.full(rows, "", dtype=object), np.full(rows, "", dtype=object))
    known = np.isfinite(asked) & np.isfinite(given)
    want = np.where(known, np.maximum(asked, 0.0), 0.0)
    met = np.minimum(want, np.where(known, np.maximum(given, 0.0), 0.0))
    total = want.sum(axis=1)
    enough = known.any(axis=1) & (known.sum(axis=1) * 2 >= (len(names) if lines is None else lines))
    part = np.where(total > 0, met.sum(axis=1) / np.where(total > 0, total, 1.0), 1.0)
    share = np.where(enough, part, np.nan)
    words, lack = np.array(names, dtype=object), want - met
    gain = met - lack
    best = np.where(gain.max(axis=1) > 0, words[gain.argmax(axis=1)], "")
    worst = np.where(lack.max(axis=1) > 1e-9, words[lack.argmax(axis=1)], "")
    best = np.where(best == worst, "", best)
    return Fit(np.minimum(share, 1.0), best, worst)


def _open_to(offers: pd.DataFrame, row: int, relations: pd.Series | None, people: int) -> np.ndarray:
    written = offers["for"].iloc[row] if "for" in offers.columns and relations is not None else None
    allowed = [] if written is None or pd.isna(written) else [word.strip() for word in str(written).split(",")]
    if relations is None or not any(allowed):
        return np.ones(people, dtype=bool)
    return relations.isin(allowed).to_numpy(dtype=bool)


def _on_scale(column: pd.Series, scale: tuple[float, float]) -> bool:
    """Whether what is asked is a rating; anything else, such as hours, counts from zero."""
    return bool(pd.to_numeric(column, errors="coerce").dropna().between(*scale).all())


def _shared(people: pd.DataFrame, of_person: str, offers: pd.DataFrame, of_offer: str) -> list[str]:
    names = [str(column).removeprefix(of_offer) for column in offers.columns if str(column).startswith(of_offer)]
    return [name for name in names if f"{of_person}{name}" in people.columns]


def _numbers(frame: pd.DataFrame, columns: list[str]) -> np.ndarray:
    return np.column_stack(
        [pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=float, na_value=np.nan) for column in columns]
    ) if columns else np.empty((len(frame), 0))  # fmt: skip


def _check(people_needs: pd.DataFrame, offers: pd.DataFrame, threshold: float) -> None:
    if not 0 <= threshold <= 1:
        raise InvalidInput("The threshold of a match is a share.", expected="0 to 1", came=f"{threshold:g}",
                           where="threshold")  # fmt: skip
    for frame, key, name in ((people_needs, "person", "people"), (offers, "offer", "roles")):
        if key not in frame.columns:
            raise InvalidInput(f"The {name} cannot be told apart.", expected=f"a column {key}", where=name)
        twice = int(frame[key].duplicated().sum())
        if twice:
            raise InvalidInput(f"Some {name} stand twice.", expected=f"one row per {key}",
                               came=f"{twice} row{'s' if twice != 1 else ''} too many", where=name)  # fmt: skip
