"""What segments are good for: how they differ in outcomes, and the few questions that tell who belongs where."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segment.errors import InvalidInput
from segment.needs.chosen import Choices
from segment.needs.multiplicity import holm
from segment.segments import SegmentSelector, TypingTool
from segment.segments.archetypes import describe_small_organisation
from segment.segments.carried import with_ten_members
from segment.segments.exemplars import exemplars
from segment.segments.outcomes import compare_outcome
from segment.segments.unseen import unseen_likelihood
from segment.stages.base import OpenStudy
from segment.stages.segmentation.basis import Basis
from segment.tables.codebook import Codebook, Item

#: Fewest answers before an outcome is compared between segments.
_FEWEST = 100


def outcomes_of(people: pd.DataFrame, assigned: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """The ``segment_outcomes`` table: every outcome that was asked, per segment, corrected for wrong assignment.

    ``people`` and ``assigned`` are of one wave, in the same order. Outcomes are tested together (Holm).
    """
    chances = assigned.filter(regex=r"^p_\d+$").to_numpy()
    found, tests = [], []
    for item in codebook.items:
        if "outcome" not in item.use or item.code not in people:
            continue
        values = pd.to_numeric(people[item.code], errors="coerce").to_numpy(dtype=float)
        if np.isfinite(values).sum() < _FEWEST:
            continue
        try:
            compared = compare_outcome(values, chances, sample_weight=people["weight"].to_numpy())
        except InvalidInput:  # too few people of some segment answered this one
            continue
        found.append(_as_answered(compared.means, item).assign(item=item.code, kind=str(item.kind)))
        tests.append(compared.p_value)
    if not found:
        return pd.DataFrame()
    together = [table.assign(p_value=p) for table, p in zip(found, holm(np.array(tests)), strict=True)]
    return pd.concat(together, ignore_index=True)


def exemplars_of(people: pd.DataFrame, assigned: pd.DataFrame, basis: Basis) -> pd.DataFrame:
    """The ``exemplars`` table: an imagined person per segment, in answers on the scale that most questions have.

    ``people`` and ``assigned`` are of one wave, in the same order. Where that scale has two answers, such as yes and
    no, they are shares (``unit``) of the people who gave the higher one.
    """
    usual = pd.Series(list(basis.scales.values())).mode().iloc[0]
    alike = {code: need for code, need in basis.need_map.items() if basis.scales[code] == usual}
    chances = assigned.filter(regex=r"^p_\d+$").to_numpy()
    of_two, weight = usual[1] - usual[0] == 1, people["weight"].to_numpy()
    answers = basis.items(people)[list(alike)]
    found = exemplars(answers, chances, alike, sample_weight=weight, digits=2 if of_two else 1)
    if not of_two:
        return found
    return found.assign(unit="share", **{name: (found[name] - usual[0]).clip(0.0, 1.0) for name in ("mean", "overall")})


def drivers_of(opened: OpenStudy, people: pd.DataFrame) -> pd.DataFrame:
    """The ``drivers`` table of a small organisation: what weighs for everyone, drawn toward what is usual.

    From answers centred within the person, so that needs are compared and not how people use the scale.
    """
    scores = people[["person", "wave"]].merge(opened.store.read("need_scores"), on=["person", "wave"])
    asked = next(kind for kind in ("importance", "experience") if scores.columns.str.startswith(f"{kind}_").any())
    answers = scores[[c for c in scores if str(c).startswith(f"{asked}_")]]
    answers = answers.rename(columns=lambda c: str(c).removeprefix(f"{asked}_")).dropna(axis=1, how="all")
    centred = answers.sub(answers.mean(axis=1), axis=0)
    known = scores["usable"].to_numpy(dtype=bool) & centred.notna().any(axis=1).to_numpy()
    if known.sum() < 2 or centred.shape[1] < 2 or centred[known].notna().sum().min() < 2:
        return pd.DataFrame()
    weight = people["weight"].to_numpy(dtype=float)[known]
    found = describe_small_organisation(centred[known].reset_index(drop=True), sample_weight=weight)
    return found.drivers.assign(code=found.code, segment=float("nan"))  # about everyone


def _as_answered(means: pd.DataFrame, item: Item) -> pd.DataFrame:
    """Means on the scale as the question was put: reversed questions were turned when they were read.

    Of a question with two answers the ``unit`` is ``share``: how many gave the higher one, 0 to 1.
    """
    if item.reverse:
        turned = {name: item.low + item.high - means[name] for name in ("mean", "overall", "low", "high")}
        means = means.assign(**(turned | {"low": turned["high"], "high": turned["low"]}))
    if item.high - item.low != 1:
        return means.assign(unit="mean")
    shares = {name: (means[name] - item.low).clip(0.0, 1.0) for name in ("mean", "overall", "low", "high")}
    return means.assign(unit="share", **shares)


def typing_of(
    people: pd.DataFrame, assigned: pd.DataFrame, basis: Basis, *, random_state: int
) -> tuple[TypingTool, pd.DataFrame]:
    """The short form and the ``typing_tool`` table: which questions, and their agreement on people not learned from."""
    items = basis.items(people)
    chances = assigned.filter(regex=r"^p_\d+$").to_numpy()
    tool = TypingTool(random_state=random_state).fit(items, with_ten_members(chances), people["weight"].to_numpy())
    rows = [
        {"n_items": size, "place": place, "item": name, "need": basis.need_map[name]}
        for size, form in tool.forms_.items()
        for place, name in enumerate(form.names, start=1)
    ]
    return tool, pd.DataFrame(rows).merge(tool.agreement_, on="n_items")


def held_out(
    opened: OpenStudy, selector: SegmentSelector, people: pd.DataFrame, basis: Basis, choices: Choices
) -> pd.DataFrame:
    """The table ``held_out_segments``: one row per person of the fit, 5,000 at most."""
    weight = people["weight"].to_numpy(dtype=float)
    material = selector.reading_.read(basis.items(people), weight, choices.read(people, basis.needs))
    found = unseen_likelihood(selector, material, random_state=opened.config.random_state)
    found = found.sort_values("row", ignore_index=True)  # people stand in the order of their content, never of a code
    rows = found.pop("row").to_numpy(dtype=int)
    return found.assign(person=people["person"].to_numpy()[rows], weight=weight[rows])
