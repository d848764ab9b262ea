"""`segment plan`: which actions under a budget, from the figures of the last release and nothing else."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from segment.config import PlanConfig
from segment.errors import InvalidInput, NotReady
from segment.exports.actions_list import inert
from segment.exports.manifest import NAME as MANIFEST
from segment.locale import languages, number, own_words, percent, say
from segment.personalisation import read_catalogue
from segment.personalisation.begun_actions import learned_share
from segment.personalisation.catalogue import Catalogue
from segment.personalisation.portfolio import Portfolio, choose_portfolio
from segment.segments.names import called, names_in, released_names
from segment.stages.base import OpenStudy, open_study
from segment.stages.codebooks import codebook_of
from segment.stages.exclusive import alone
from segment.stages.release.history import releases_on_record
from segment.stages.release.proof import TABLES
from segment.stages.rights.place import refuse_place
from segment.store import digest_file, read_json, written_atomically
from segment.tables.waves import latest_wave

#: What a plan makes most of: unmet need, or the value at risk that goes with it.
AIMS = ("need", "value")
#: Names of the columns of the file, of which the words stand in every language.
_FIGURES = ("step", "segment", "rank", "action", "people", "cost", "relief", "relief_low", "relief_high")


@dataclass(frozen=True)
class Asked:
    """What is asked of a plan."""

    budget: float
    language: str
    aim: str = "need"
    out: Path | None = None

    def refuse(self) -> None:
        """Stop at what no plan can be made from.

        Raises
        ------
        InvalidInput
            A budget below zero, a language there is no catalogue in, an aim or a kind of file that there is none of.
        """
        if not (math.isfinite(self.budget) and self.budget >= 0):
            raise InvalidInput("That is no budget.", expected="0 or more", came=f"{self.budget:g}", where="--budget")
        for word, known, where in ((self.language, languages(), "--lang"), (self.aim, AIMS, "--for")):
            if word not in known:
                raise InvalidInput("That word is not known.", expected=", ".join(known), came=word, where=where)
        if self.out is not None and self.out.suffix.lower() != ".csv":
            raise InvalidInput("That kind of file is not written.", expected="a name ending in .csv", where="--out")


@dataclass(frozen=True)
class _Figures:
    """What a plan is made of: released figures of one wave, and words."""

    tables: Mapping[str, pd.DataFrame]
    catalogue: Catalogue
    needs: Mapping[str, Mapping[str, str]]
    settings: PlanConfig
    wave: str
    hidden: list[str] = field(default_factory=list)

    def shown(self, name: str) -> pd.DataFrame:
        """The shown rows of a released table; none where it was not released."""
        rows = self.tables.get(name, pd.DataFrame())
        return rows if rows.empty or "status" not in rows else rows[rows["status"] != "hidden"]


@alone("plan")
def plan_under_budget(study: Path, asked: Asked, *, overrides: Sequence[str] = ()) -> list[str]:
    """What to say about the best portfolio of actions under a budget; written to ``out`` as CSV where that is asked.

    Raises
    ------
    InvalidInput
        Numbers or words that no plan can be made from.
    NotReady
        Nothing was released yet, or no shortfalls in it.
    """
    asked.refuse()
    opened = open_study(study, overrides=overrides)
    if asked.out is not None:
        refuse_place(opened, asked.out)
    figures = _figures(opened)
    candidates = _candidates(figures, asked.aim)
    settings = figures.settings

    def within(budget: float) -> Portfolio:
        return choose_portfolio(
            candidates,
            budget=budget,
            capacity={str(owner): most for owner, most in settings.capacity.items()},
            fair_reach=settings.fair_reach,
            steps=settings.steps,
            random_state=opened.config.random_state,
        )

    half, best, double = (within(asked.budget * part) for part in (0.5, 1.0, 2.0))
    said = [*_told(best, figures, asked), "", *_beside(half, best, double, asked), *_caveats(figures, asked)]
    if asked.out is not None:
        with written_atomically(asked.out) as temporary:
            temporary.write_bytes(_as_csv(best, figures))
        said.append(say("plan.written", asked.language, file=asked.out))
    return said


def _figures(opened: OpenStudy) -> _Figures:
    """The tables of the last release, as they left, and the words of catalogue and codebook."""
    codebook = codebook_of(opened)
    records = [record for record in releases_on_record(opened.workspace) if record.now]
    if codebook is None or not records:
        raise NotReady(
            "There is no release to plan from.", expected="a study with a survey, published",
            came="nothing released", advice="run the whole study first: segment run STUDY",
        )  # fmt: skip
    latest = latest_wave([record.wave for record in records])
    folder = next(record.files for record in records if record.wave == latest)
    told = read_json(folder / MANIFEST)["files"].get(TABLES)
    if told is None or told != digest_file(folder / TABLES):
        raise NotReady(
            "The released figures are not as they were released.", where=str(folder / TABLES),
            advice="run segment audit STUDY, and publish again",
        )  # fmt: skip
    tables = {
        name: pd.DataFrame(one["data"], columns=one["columns"]) for name, one in read_json(folder / TABLES).items()
    }
    names = {need: codebook.need_names.get(need) or {} for need in codebook.needs}
    catalogue = read_catalogue(opened.study.config_path(opened.config.actions.catalogue))
    return _Figures(tables, catalogue, names, opened.config.plan, latest)


# ---------------------------------------------------------------------------------------------- what may be done


def _candidates(figures: _Figures, aim: str) -> pd.DataFrame:
    """Every action of the catalogue for every segment that falls short of its need, with what it costs and brings."""
    ladder = figures.shown("ladder")
    rungs = {} if ladder.empty else dict(zip(ladder["need"], ladder["rung"], strict=True))
    short = figures.shown("shortfalls")
    if short.empty:
        raise NotReady(
            "The release has no shortfalls, so there is nothing to plan from.",
            expected="a survey that asked how important things are and how far they are true of the work",
            came="no released shortfalls",
        )
    worth = _worth(figures) if aim == "value" else {}
    tried, rows = _tried(figures), []
    for row in short.to_dict("records"):
        need, segment = str(row["need"]), row["segment"]
        for_all = rungs.get(need) == "one policy"
        if for_all != _missing(segment) or _missing(row["shortfall"]):
            continue
        low, high = (row["shortfall"] if _missing(row[end]) else row[end] for end in ("low", "high"))
        for action in figures.catalogue.about(need, "segment", "both"):
            cost = {int(effort): one for effort, one in figures.settings.cost.items()}.get(action.effort)
            effect = figures.settings.effect.get("practice" if action.evidence == "practice" else "study")
            if cost is None or effect is None:
                continue
            effect = learned_share(effect, **tried[action.code]) if action.code in tried else effect
            rows.append(
                {
                    "action": action.code, "segment": segment, "need": need, "owner": action.owner,
                    "effort": action.effort, "people": _least(row["n"]), "shortfall": row["shortfall"],
                    "low": min(low, row["shortfall"]), "high": max(high, row["shortfall"]),
                    "effect_low": effect[0], "effect": effect[1], "effect_high": effect[2],
                    "once": cost.once, "per_person": cost.per_person,
                    "weight": worth.get((segment, need), 0.0) if aim == "value" else 1.0,
                }
            )  # fmt: skip
    if not rows:
        raise NotReady("The catalogue has no action for what is unmet.", advice="add actions for these needs")
    return pd.DataFrame(rows)


def _worth(figures: _Figures) -> dict[tuple[object, str], float]:
    """Value at risk that goes with one person's whole unmet need, per segment and need.

    Where the need is met best, fewer are expected to leave: ``(now - met) / now`` of a person's value at risk goes with
    the whole shortfall that people have on average. An association, and shown as such.
    """
    now, values, steps = figures.shown("leaving"), figures.shown("lifetime_value"), figures.shown("what_if")
    if now.empty or values.empty or steps.empty or "at_risk" not in values:
        raise NotReady(
            "This release has no value at risk by need.",
            expected="retention.value with its source, and unmet needs among what explains leaving",
            advice="plan for needs instead: leave --for out",
        )
    everyone = 100 * float(now.loc[now["segment"].isna(), "value"].iloc[0])
    met = _column_by(steps[steps["level"] == "low"], "feature", "leaving")
    short = figures.shown("shortfalls")
    usual = _column_by(short[short["segment"].isna()], "need", "shortfall")
    at_risk = dict(zip(values["segment"], values["at_risk"], strict=True))
    of_all = next((worth for segment, worth in at_risk.items() if _missing(segment)), float("nan"))
    found = {}
    for row in short.to_dict("records"):
        need, segment = str(row["need"]), row["segment"]
        left, whole = met.get(f"shortfall_{need}", everyone), usual.get(need, float("nan"))
        part = max(everyone - float(left), 0.0) / everyone
        own = of_all if _missing(segment) else at_risk.get(segment, float("nan"))
        worth = own * part / float(whole) if whole and not _missing(whole) else float("nan")
        found[(segment, need)] = 0.0 if _missing(worth) else float(worth)
    return found


def _tried(figures: _Figures) -> dict[str, dict[str, float]]:
    """Action -> what it did here to the need that it is for, of those that were begun before and told of since."""
    rows = figures.shown("action_effects")
    if rows.empty:
        return {}
    told = rows[(rows["role"] == "target") & rows["effect"].notna() & (rows["before_share"] > 0)]
    change = {"effect": "effect", "low": "effect_low", "high": "effect_high"}  # of a share in points of a hundred
    return {
        str(row["action"]): {
            "before": float(row["before_share"]),
            **{end: float(row[name]) / 100 for end, name in change.items()},
        }
        for row in told.to_dict("records")
    }


def _column_by(table: pd.DataFrame, key: str, value: str) -> dict[str, float]:
    return {} if table.empty else dict(zip(table[key].astype(str), table[value].astype(float), strict=True))


def _missing(value: object) -> bool:
    return value is None or value != value


def _least(people: object) -> int:
    """A released number of people; of a band its lower end.

    >>> _least("2,074"), _least("260–269"), _least(12)
    (2074, 260, 12)
    """
    found = re.match(r"\d+", str(people).replace(",", "").replace(".", ""))
    return int(found[0]) if found else 0


# ---------------------------------------------------------------------------------------------- what is said


def _segment_name(figures: _Figures, segment: object, language: str) -> str:
    if _missing(segment):
        return say("display.everyone", language)
    names = names_in(released_names(figures.shown("segment_names"), figures.shown("segments")))
    return called(names, float(str(segment)), language)


def _told(best: Portfolio, figures: _Figures, asked: Asked) -> list[str]:
    lang = asked.language
    amount = number(asked.budget, lang, digits=0)
    if best.chosen.empty:
        return [say("plan.none", lang, budget=amount)]
    heads = [say(f"plan.column.{name}", lang) for name in ("step", "segment", "action", "owner", "people", "cost")]
    heads.append(say(f"plan.column.{asked.aim}", lang))
    texts, rows = figures.catalogue.texts(), [heads]
    rows += [
        [
            str(row["step"]), _segment_name(figures, row["segment"], lang), texts[row["action"]]["title"][lang],
            texts[row["action"]]["owner"][lang], number(row["people"], lang, digits=0),
            number(row["cost"], lang, digits=0), _interval(row["relief"], row["relief_low"], row["relief_high"], lang),
        ]
        for row in best.chosen.sort_values("step", kind="stable").to_dict("records")
    ]  # fmt: skip
    widths = [max(len(row[place]) for row in rows) for place in range(len(heads))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    spent = number(best.cost, lang, digits=0)
    part = [percent(one / best.unmet, lang, digits=1) for one in (best.relief, best.low, best.high)]
    together = say(
        f"plan.together.{asked.aim}", lang, cost=spent, budget=amount, part=part[0], low=part[1], high=part[2],
        relief=number(best.relief, lang, digits=0), least=number(best.low, lang, digits=0),
        most=number(best.high, lang, digits=0),
    )  # fmt: skip
    short_of = max(best.bound / best.relief - 1, 0.0) if best.relief > 0 else 0.0
    best_of_all = "plan.best" if short_of < 0.0005 else "plan.bound"
    return [say("plan.title", lang, budget=amount, wave=figures.wave), *lines, "", together,
            say(best_of_all, lang, within=percent(short_of, lang, digits=1))]  # fmt: skip


def _interval(value: float, low: float, high: float, language: str) -> str:
    digits = 1 if value < 100 else 0
    told, least, most = (number(one, language, digits=digits) for one in (value, low, high))
    return f"{told} ({least}–{most})"


def _beside(half: Portfolio, best: Portfolio, double: Portfolio, asked: Asked) -> list[str]:
    """What half and double the budget would bring beside this one."""
    whole = best.relief
    if whole <= 0:
        return []
    parts = {name: percent(one.relief / whole, asked.language) for name, one in (("half", half), ("double", double))}
    return [say("plan.beside", asked.language, **parts)]


def _caveats(figures: _Figures, asked: Asked) -> list[str]:
    lang = asked.language
    first = [say("plan.association", lang)] if asked.aim == "value" else []
    tried = len(_tried(figures))
    learned = [say(f"plan.tried{'' if tried > 1 else '.one'}", lang, n=tried)] if tried else []
    assumed = say("plan.assumed", lang, source=figures.settings.source)
    return [*first, assumed, *learned, say("plan.stepped", lang)]


def _as_csv(best: Portfolio, figures: _Figures) -> bytes:
    """The plan as a list for a spreadsheet, in every language, as ``actions.csv`` is written."""
    texts, buffer = figures.catalogue.texts(), io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    words = [
        f"{name}_{lang}" for name in ("segment_name", "need", "title", "first_step", "owner") for lang in languages()
    ]
    writer.writerow([*_FIGURES, *words])
    for rank, row in enumerate(best.chosen.to_dict("records"), start=1):
        numbers = [f"{row[name]:.0f}" for name in ("people", "cost")]
        numbers += [f"{row[name]:.1f}".replace(".", ",") for name in _FIGURES[6:]]
        named = [_segment_name(figures, row["segment"], lang) for lang in languages()]
        named += [own_words(figures.needs.get(row["need"], {}), lang, row["need"]) for lang in languages()]
        named += [texts[row["action"]][name][lang] for name in ("title", "first_step", "owner") for lang in languages()]
        segment = 0 if _missing(row["segment"]) else int(row["segment"]) + 1
        writer.writerow([row["step"], segment, rank, inert(row["action"]), *numbers, *map(inert, named)])
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()
