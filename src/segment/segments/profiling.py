"""Who the segments are: what each one needs, how surely, what to call it, and which people stand between two.

A profile is a weighted mean per segment and need with a design-based interval: each person counts in every segment
for their sampling weight times their membership, so that doubtful people blur the picture as little as they should.
Names and typical answers are made from these means; no real person is ever an example.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import xlogy

from segment.errors import InvalidInput
from segment.locale import languages, own_words, say
from segment.segments.checking import (
    Floats,
    checked_level,
    checked_posteriors,
    checked_scores,
    checked_weights,
)
from segment.segments.design import t_half_width

#: Below this membership in their best segment, a person counts as standing between segments (see ``membership``).
CLEAR_MEMBERSHIP = 0.70


def profile_segments(
    scores: pd.DataFrame,
    posteriors: ArrayLike,
    *,
    measures: Mapping[str, pd.DataFrame] | None = None,
    sample_weight: ArrayLike | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Mean of every need in every segment, with its interval and its distance from everyone.

    Parameters
    ----------
    scores
        People x needs, the scores the segments are made of; reported as measure ``score``. NaN: not known.
    posteriors
        People x segments, memberships 0..1 that add to one (one-hot memberships give plain means).
    measures
        More tables of people x needs under their own name, such as ``importance``, ``experience``, ``shortfall``.
    sample_weight
        One weight per person; only ratios matter.

    Returns
    -------
    DataFrame
        One row per measure, segment and need: ``measure``, ``segment`` (0..k-1), ``need``; ``n`` (people whose best
        segment this is and who have a value), ``weight_share`` (weighted share of everyone's membership), ``mean``,
        ``low``, ``high``, ``overall`` (mean of everyone), ``difference`` (mean - overall), ``difference_low``,
        ``difference_high``, ``spread`` (standard deviation inside the segment). Units are those of the measure.
        An interval is NaN where the people are worth fewer than two.

    Notes
    -----
    With v_i = weight x membership and m = sum v_i y_i / sum v_i, the variance of m is
    e / (e - 1) * sum v_i^2 (y_i - m)^2 / (sum v_i)^2, where e = (sum v_i)^2 / sum v_i^2 is the effective number of
    people (Binder, 1983; Kish, 1965); intervals use Student's t with e - 1 degrees of freedom.

    Examples
    --------
    >>> scores = pd.DataFrame({"pay": [1.0, 2.0, 5.0, 6.0]})
    >>> profile_segments(scores, [[1, 0], [1, 0], [0, 1], [0, 1]])[["segment", "need", "n", "mean", "difference"]]
       segment need  n  mean  difference
    0        0  pay  2   1.5        -2.0
    1        1  pay  2   5.5         2.0
    """
    checked_level(level)
    tables = {"score": checked_scores(scores)}
    for name, table in (measures or {}).items():
        tables[name] = checked_scores(table, what=f"values of measure '{name}'")
        if len(table) != len(scores):
            raise InvalidInput(
                f"Measure '{name}' has other people than the scores.",
                expected=f"{len(scores)} rows", came=f"{len(table)} rows",
            )  # fmt: skip
    memberships = checked_posteriors(posteriors, len(scores))
    weights = checked_weights(sample_weight, len(scores))
    blocks = [
        _profile_need(table[need].to_numpy(), memberships, weights, level).assign(measure=measure, need=str(need))
        for measure, table in tables.items()
        for need in table.columns
    ]
    profiles = pd.concat(blocks, ignore_index=True)
    order = {measure: position for position, measure in enumerate(tables)}
    profiles = profiles.assign(order=profiles["measure"].map(order))
    profiles = profiles.sort_values(["order", "segment"], kind="stable", ignore_index=True)
    return profiles[
        ["measure", "segment", "need", "n", "weight_share", "mean", "low", "high", "overall", "difference",
         "difference_low", "difference_high", "spread"]
    ]  # fmt: skip


def _profile_need(values: Floats, memberships: Floats, weights: Floats, level: float) -> pd.DataFrame:
    """One row per segment for one need."""
    known = np.isfinite(values)
    k = memberships.shape[1]
    best = memberships.argmax(axis=1)
    shares = weights @ memberships / weights.sum()
    y, v = values[known], weights[known, None] * memberships[known]
    total, everyone = v.sum(axis=0), weights[known]
    some = total > 0
    safe = np.where(some, total, 1.0)
    mean = np.where(some, (v * y[:, None]).sum(axis=0) / safe, np.nan)
    overall = float(everyone @ y / everyone.sum()) if everyone.sum() > 0 else np.nan
    effective = np.where(some, safe**2 / np.where(some, (v**2).sum(axis=0), 1.0), 0.0)
    correction = np.where(effective > 1, effective / np.where(effective > 1, effective - 1, 1.0), np.nan)
    residual = np.where(some, v * (y[:, None] - np.where(some, mean, 0.0)) / safe, 0.0)
    against_all = residual - (everyone * (y - overall) / max(everyone.sum(), 1e-300))[:, None]
    half = t_half_width(np.sqrt(correction * (residual**2).sum(axis=0)), effective, level)
    half_difference = t_half_width(np.sqrt(correction * (against_all**2).sum(axis=0)), effective, level)
    inside = np.where(some, (v * (y[:, None] - np.where(some, mean, 0.0)) ** 2).sum(axis=0) / safe, np.nan)
    return pd.DataFrame(
        {
            "segment": np.arange(k),
            "n": np.bincount(best[known], minlength=k),
            "weight_share": shares,
            "mean": mean,
            "low": mean - half,
            "high": mean + half,
            "overall": overall,
            "difference": mean - overall,
            "difference_low": mean - overall - half_difference,
            "difference_high": mean - overall + half_difference,
            "spread": np.sqrt(inside),
        }
    )


def membership(posteriors: ArrayLike, *, clear: float = CLEAR_MEMBERSHIP) -> pd.DataFrame:
    """Soft membership of every person, and whether they stand between segments.

    Parameters
    ----------
    posteriors
        People x segments, 0..1, rows add to one.
    clear
        Membership from which a person's best segment counts as their own.

    Returns
    -------
    DataFrame
        One row per person, in the order given: ``segment`` (0..k-1, the likeliest), ``p_1`` .. ``p_k`` (0..1),
        ``entropy`` (0 no doubt .. 1 all segments alike), ``between`` (bool).

    Notes
    -----
    The entropy is -sum p log p / log k. A person is between segments when the best membership is below ``clear``: by
    Chow's rule (1970, *IEEE Transactions on Information Theory* 16, 41-46) it is right to hold back a decision when
    its chance of being wrong, 1 - max p, exceeds the cost of not deciding. At 0.70 that is three in ten, the same
    bar that a whole segment's mean membership has to pass (Nagin, 2005). A rule on entropy would depend on k.

    Examples
    --------
    >>> membership([[0.9, 0.1], [0.5, 0.5]])[["segment", "entropy", "between"]].round(2)
       segment  entropy  between
    0        0     0.47    False
    1        0     1.00     True
    """
    if not 0 < clear <= 1:
        raise InvalidInput("The bar for a clear membership must lie between 0 and 1.", came=f"{clear}")
    p = checked_posteriors(posteriors)
    k = p.shape[1]
    table = pd.DataFrame(p, columns=[f"p_{number}" for number in range(1, k + 1)])
    table.insert(0, "segment", p.argmax(axis=1))
    table["entropy"] = normalised_entropy(p)
    table["between"] = p.max(axis=1) < clear
    return table


def normalised_entropy(posteriors: Floats) -> Floats:
    """Doubt per person, -sum p log p / log k, from 0 (none) to 1; zero where there is one segment only."""
    k = posteriors.shape[1]
    if k == 1:
        return np.zeros(len(posteriors))
    result: Floats = np.clip(-xlogy(posteriors, posteriors).sum(axis=1) / np.log(k), 0, 1)
    return result


def name_segments(profiles: pd.DataFrame, need_names: Mapping[str, Mapping[str, str]]) -> dict[int, dict[str, str]]:
    """Neutral names in every language from the two needs in which a segment differs most from everyone.

    The first is the need that stands out upward; the second the need that differs most of the others: "pay and
    security" where it is also above everyone, "flexibility before contact" where it is below. Two segments with the
    same pair get a third need; if that does not part them, the smaller one gets a number.

    Parameters
    ----------
    profiles
        Table of ``profile_segments``; the rows of measure ``score`` are read.
    need_names
        Per need code its name in each language: ``{"PAY": {"nl": "loon", "en": "pay"}}``.

    Returns
    -------
    dict
        Segment number to its name per language; names are unique in each language.

    Examples
    --------
    >>> scores = pd.DataFrame({"pay": [1.0, 1.0, -1.0], "time": [-1.0, -1.0, 1.0]})
    >>> names = {"pay": {"nl": "loon", "en": "pay"}, "time": {"nl": "tijd", "en": "time"}}
    >>> name_segments(profile_segments(scores, [[1, 0], [1, 0], [0, 1]]), names)[0]
    {'nl': 'Loon meer dan tijd', 'en': 'Pay more than time'}
    """
    rows = profiles.loc[profiles["measure"] == "score"]
    missing = sorted({str(need) for need in rows["need"]} - set(need_names))
    if missing:
        raise InvalidInput(
            "A need has no name.", where=", ".join(missing), advice="add it to the codebook in both languages"
        )
    differences = rows.pivot_table(index="segment", columns="need", values="difference", sort=False, dropna=False)
    shares = rows.groupby("segment")["weight_share"].first()
    order = sorted(differences.index, key=lambda segment: (-shares[segment], segment))
    signatures = {int(segment): _signature(differences.loc[segment]) for segment in order}
    names = {segment: _words(signature[:2], need_names) for segment, signature in signatures.items()}
    for segment in _clashing(signatures):
        names[segment] = _words(signatures[segment][:3], need_names)
    return dict(sorted(_numbered(names).items()))


def _signature(differences: pd.Series) -> list[tuple[str, bool]]:
    """Needs in order of distinctiveness with their direction (True: above everyone); the first is the highest."""
    if not (differences.abs() > 1e-9).any():
        return []
    top = differences.idxmax()
    rest = differences.drop(top)
    ranked = rest.abs().sort_values(ascending=False, kind="stable").index
    return [(str(top), True), *((str(need), bool(rest[need] > 0)) for need in ranked)]


def _clashing(signatures: Mapping[int, list[tuple[str, bool]]]) -> list[int]:
    """Segments whose first two needs, in whatever order, are those of another segment."""
    pairs = {segment: frozenset(signature[:2]) for segment, signature in signatures.items()}
    shared = [segment for segment, pair in pairs.items() if list(pairs.values()).count(pair) > 1]
    return [segment for segment in shared if len(signatures[segment]) > 2]


def _words(signature: Sequence[tuple[str, bool]], need_names: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """A signature in words, per language."""
    words = {}
    for language in languages():
        above, below = (
            [_within(own_words(need_names[need], language).strip(), language) for need, up in signature if up is side]
            for side in (True, False)
        )
        text = _listed(above, language) or say("name.alike", language)
        if below:
            text = say("name.more", language, above=text, below=_listed(below, language))
        words[language] = text[:1].upper() + text[1:]
    return words


def _within(word: str, language: str) -> str:
    """A need's name inside a phrase, as the language writes it; what is written in capitals stays so.

    >>> _within("Zekerheid", "nl"), _within("Security", "en"), _within("HR", "nl")
    ('zekerheid', 'Security', 'HR')
    """
    lower = say("name.within", language) == "lower" and word[1:2].islower()
    return word[:1].lower() + word[1:] if lower else word


def _listed(words: Sequence[str], language: str) -> str:
    if len(words) < 2:
        return "".join(words)
    return say("name.and", language, first=", ".join(words[:-1]), last=words[-1])


def _numbered(names: Mapping[int, dict[str, str]]) -> dict[int, dict[str, str]]:
    """The same names, with a number behind every later one that an earlier segment already bears."""
    taken: dict[str, set[str]] = {language: set() for language in languages()}
    unique: dict[int, dict[str, str]] = {}
    for segment, name in names.items():
        number = 1
        candidate = dict(name)
        while any(candidate[language] in taken[language] for language in candidate):
            number += 1
            candidate = {language: f"{text} ({number})" for language, text in name.items()}
        for language, text in candidate.items():
            taken[language].add(text)
        unique[segment] = candidate
    return unique
