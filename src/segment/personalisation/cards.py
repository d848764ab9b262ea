"""Personal cards: what someone who asked for one can do, and can ask for, about their own unmet needs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segment.errors import InvalidInput
from segment.personalisation.catalogue import Catalogue
from segment.tables import spec_of
from segment.tables.waves import latest_wave

_YES = ("1", "1.0", "yes", "ja", "true")


def build_cards(
    need_scores: pd.DataFrame,
    responses: pd.DataFrame,
    catalogue: Catalogue,
    *,
    assignments: pd.DataFrame | None = None,
    opt_in: str = "Q_opt",
    wave: str | None = None,
    per_card: int = 3,
    min_shortfall: float = 0.05,
) -> pd.DataFrame:
    """Personal cards, for the people who asked for one in this wave and for nobody else.

    Parameters
    ----------
    need_scores
        Table ``need_scores``: ``shortfall_<NEED>``, ``importance_<NEED>``, ``experience_<NEED>``, ``wish_<NEED>``.
    responses
        Table ``responses`` with the column ``opt_in``: 1 or yes for who wants a card.
    assignments
        Table ``assignments``: the person's own segment, left out for who stands between segments.
    wave
        The wave the cards are about; the last by default.

    Returns
    -------
    DataFrame
        Table ``cards``, one row per person and need, the greatest shortfall first: ``rank``, ``need``, ``action`` (what
        the person can do), ``ask`` (what the person can ask for; both empty where the catalogue has none), ``kind``
        (``shortfall``, or ``going well`` for the need that matters most to who lacks nothing), the person's own
        ``shortfall``, ``importance`` and ``experience``, ``wished`` (flag), ``segment``. Nothing about anyone else, and
        no chance of leaving. People without any known shortfall have no card.

    Examples
    --------
    >>> scores = pd.DataFrame({"person": ["a", "b"], "wave": "2024", "shortfall_GRO": [0.5, 0.7]})
    >>> responses = pd.DataFrame({"person": ["a", "b"], "wave": "2024", "Q_opt": ["yes", "no"]})
    >>> build_cards(scores, responses, Catalogue(()))[["person", "rank", "need", "shortfall"]]
      person  rank need  shortfall
    0      a     1  GRO        0.5
    """
    wanted = _who_asked(need_scores, responses, opt_in, wave)
    needs = [c.removeprefix("shortfall_") for c in need_scores.columns if c.startswith("shortfall_")]
    short = _of(wanted, "shortfall_", needs)
    importance, experience, wishes = (_of(wanted, name, needs) for name in ("importance_", "experience_", "wish_"))
    known = np.isfinite(short)
    greatest = np.lexsort((-np.nan_to_num(importance), -np.where(known, short, -1.0)), axis=1)
    lacks = np.take_along_axis(np.where(known, short, -1.0), greatest, axis=1) >= min_shortfall
    dearest = np.where(known, np.nan_to_num(importance), -1.0).argmax(axis=1) if needs else np.zeros(len(wanted), int)
    contented = known.any(axis=1) & ~lacks.any(axis=1)
    person, place = np.nonzero(lacks[:, :per_card])
    column = np.concatenate([greatest[person, place], dearest[contented]]).astype(int)
    row = np.concatenate([person, np.flatnonzero(contented)]).astype(int)
    own, ask = zip(*(_for_person(catalogue, need) for need in needs), strict=True) if needs else ((), ())
    table = pd.DataFrame(
        {
            "person": wanted["person"].to_numpy()[row], "wave": wanted["wave"].to_numpy()[row],
            "rank": np.concatenate([place + 1, np.ones(contented.sum())]).astype("int64"),
            "need": np.array(needs, dtype=object)[column], "action": np.array(own, dtype=object)[column],
            "ask": np.array(ask, dtype=object)[column], "kind": np.where(contented[row], "going well", "shortfall"),
            "shortfall": short[row, column], "importance": importance[row, column],
            "experience": experience[row, column], "wished": wishes[row, column] > 0,
            "segment": _own_segment(wanted, assignments)[row],
        }
    )  # fmt: skip
    table.loc[table["kind"] == "going well", ["action", "ask"]] = None
    table = table.astype(dict.fromkeys(("person", "wave", "need", "action", "ask", "kind"), "str"))
    order = np.lexsort((table["rank"].to_numpy(), row))
    return spec_of("cards").check(table.iloc[order].reset_index(drop=True))


def _who_asked(need_scores: pd.DataFrame, responses: pd.DataFrame, opt_in: str, wave: str | None) -> pd.DataFrame:
    """The need scores of the people who said yes in this wave, in the order of the scores."""
    for name, frame in (("need scores", need_scores), ("responses", responses)):
        twice = int(frame.duplicated(["person", "wave"]).sum())
        if twice:
            raise InvalidInput(
                f"The {name} have people who stand twice in a wave.", expected="one row per person and wave",
                came=f"{twice} row{'s' if twice != 1 else ''} too many", where=name,
            )  # fmt: skip
    if opt_in not in responses.columns or responses.empty:
        return need_scores.iloc[:0]
    now = latest_wave(responses["wave"].unique()) if wave is None else wave
    answered = responses[responses["wave"] == now]
    yes = answered[opt_in].astype("str").str.strip().str.lower().isin(_YES)
    asked = set(answered.loc[yes, "person"])
    return need_scores[(need_scores["wave"] == now) & need_scores["person"].isin(asked)]


def _of(frame: pd.DataFrame, measure: str, needs: Sequence[str]) -> np.ndarray:
    """People x needs of one measure; NaN where it was not measured."""
    wanted = [f"{measure}{need}" for need in needs]
    return frame.reindex(columns=wanted).to_numpy(dtype=float, na_value=np.nan)


def _for_person(catalogue: Catalogue, need: str) -> tuple[str | None, str | None]:
    """What a person can do about a need, and what they can ask for."""
    actions = catalogue.about(need, "individual", "both")
    own = next((action.code for action in actions if action.own), None)
    return own, next((action.code for action in actions if not action.own), None)


def _own_segment(wanted: pd.DataFrame, assignments: pd.DataFrame | None) -> np.ndarray:
    if assignments is None:
        return np.full(len(wanted), np.nan)
    clear = assignments[~assignments["between"]] if "between" in assignments.columns else assignments
    segments = clear.set_index(["person", "wave"])["segment"]
    return segments.reindex(pd.MultiIndex.from_frame(wanted[["person", "wave"]])).to_numpy(dtype=float)
