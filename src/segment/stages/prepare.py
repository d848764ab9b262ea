"""Raw exports become pseudonymous tables, by contract, and answers become need scores."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from segment.config import OutcomeConfig, StudyConfig
from segment.errors import Refusal
from segment.ingest import Inputs, read_inputs, refuse_errors
from segment.needs.reliability import need_reliability
from segment.needs.scoring import NeedScorer, need_means
from segment.needs.shortfalls import need_shortfalls
from segment.retention import spells_from_dates
from segment.stages.base import OpenStudy, Stage, StageResult
from segment.stages.causes import causes_of_dates, with_causes
from segment.stages.counts import STAFF, of_staff
from segment.stages.recovery import complete_interrupted
from segment.stages.rights.erasure import take_out_elsewhere
from segment.stages.rights.exclusion import without_excluded
from segment.stages.sample_size import refuse_few
from segment.stages.segmentation.basis import Basis, answered_in, basis_of
from segment.stages.simulate import ensure_raw_exports
from segment.stages.survey_weights import relative_weights
from segment.stages.waves import model_wave
from segment.tables.codebook import Codebook
from segment.tables.order import in_order_of_content
from segment.tracking.records import Record, count, metric, param, tag
from segment.vocabulary import ItemKind, OutcomeKind

_SCALE = (1.0, 5.0)


def prepare(opened: OpenStudy) -> StageResult:
    """Read, check and pseudonymise the sources; score needs; watch spells.

    Raises
    ------
    RefusedData
        With every finding that is an error; nothing is written then.
    """
    ensure_raw_exports(opened.study)
    complete_interrupted(opened)
    read = read_inputs(opened.study, key=opened.key)
    take_out_elsewhere(opened, read.tables["identities"])
    inputs = without_excluded(opened, read)
    refuse_errors(inputs.findings)
    refuse_few(opened, inputs)
    tables = dict(inputs.tables) | {"findings": inputs.findings}
    outcome = opened.config.outcome
    if outcome is not None:
        tables["spells"] = _watch(inputs, outcome)
    people = opened.config.sources.people
    tables = in_order_of_content(tables, list(people.attributes) if people is not None else [])
    if "responses" in tables and inputs.codebook is not None:
        tables |= _score(opened, tables["responses"], inputs.codebook)
    return StageResult(tables, _records(opened, tables), said=_say(tables, outcome))


def _watch(inputs: Inputs, outcome: OutcomeConfig) -> pd.DataFrame:
    """The ``spells`` table for the three kinds of outcome: of people who are or were employed."""
    if outcome.kind == OutcomeKind.SPELLS:
        return _watch_dates(inputs.tables.get("people"), outcome)
    seen = inputs.outcome
    if seen is not None and "people" in inputs.tables:
        seen = of_staff(seen, inputs.tables["people"])
    if seen is None or seen.empty:
        raise Refusal(
            f"The outcome's column '{outcome.column}' was not found in the data.",
            expected=f"a {outcome.kind} outcome",
            advice="check 'outcome' in the study file",
        )
    if outcome.kind == OutcomeKind.HORIZON:
        seen = seen[seen["flag"].notna()].drop_duplicates("person", keep="last")
        facts: dict[str, object] = {"entry": float("nan"), "exit": float(outcome.months)}
        cause = pd.Series(outcome.cause_of_yes, index=seen.index).where(seen["flag"] == 1)
    else:
        facts = {"entry": seen.get("entry", 0.0), "exit": seen["tenure"]}
        cause = seen["event"]
    frame = pd.DataFrame(
        {
            "person": seen["person"], "spell": 1, **facts, "cause": cause, "weight": _stands_for(inputs, seen),
            "start_date": pd.NaT,
        }
    )  # fmt: skip
    return frame.astype({"start_date": "datetime64[us]", "cause": "str"})


def _stands_for(inputs: Inputs, seen: pd.DataFrame) -> pd.Series:
    """For how many each person stands: as in the survey that asked for the outcome, else for themselves."""
    everyone = pd.Series(1.0, index=seen.index)
    weights = relative_weights(inputs.tables["responses"]) if "wave" in seen and "responses" in inputs.tables else None
    if weights is None:
        return everyone
    found = seen[["person", "wave"]].merge(weights, how="left", on=["person", "wave"])["weight"]
    return found.set_axis(seen.index).fillna(everyone)


def _watch_dates(people: pd.DataFrame | None, outcome: OutcomeConfig) -> pd.DataFrame:
    """Spells of people who are or were employed, in months of tenure inside the observation window."""
    if people is None or outcome.window is None:
        raise Refusal("A 'spells' outcome needs the people source.", advice="add sources.people to the study file")
    employed = people[people["relation"].isin(STAFF) & people["start_date"].notna()]
    causes = causes_of_dates(outcome, employed)
    start, end = pd.Timestamp(outcome.window.start), pd.Timestamp(outcome.window.end)
    seen = spells_from_dates(with_causes(employed, causes), window_start=start, window_end=end, causes=causes)
    kept = employed.loc[seen.index]
    names = pd.Series(["", *causes])
    cause = seen["event"].map(names).where(seen["event"] > 0)
    return pd.DataFrame(
        {
            "person": kept["person"], "spell": kept["spell"], "entry": seen["entry"], "exit": seen["exit"],
            "cause": cause.astype("str"), "weight": 1.0, "start_date": kept["start_date"],
        }
    )  # fmt: skip


def _score(opened: OpenStudy, responses: pd.DataFrame, codebook: Codebook) -> dict[str, pd.DataFrame]:
    """Style-free need scores, mean answers per need, unmet needs, and how reliable they are."""
    config = opened.config
    wave = model_wave(opened, responses)
    basis = basis_of(codebook, config.segmentation.basis, answered_in(responses, wave))
    blocks = {
        kind: basis_of(codebook, (kind,), responses.columns) for kind in (ItemKind.IMPORTANCE, ItemKind.EXPERIENCE)
    }
    means = {
        str(kind): need_means(block.items(responses), block.need_map, scales=block.scales)
        for kind, block in blocks.items()
        if block.need_map
    }
    parts = [responses[["person", "wave"]], _style_free(responses, basis, wave)]
    parts += [frame.add_prefix(f"{kind}_") for kind, frame in means.items()]
    if ItemKind.EXPERIENCE in means:
        missing = need_shortfalls(means.get(ItemKind.IMPORTANCE), means[ItemKind.EXPERIENCE], scale=_SCALE)
        parts.append(missing.add_prefix("shortfall_"))
    return {
        "need_scores": pd.concat(parts, axis=1),
        "reliability": _reliability(responses[responses["wave"] == wave], blocks, config),
    }


def _style_free(responses: pd.DataFrame, basis: Basis, wave: str) -> pd.DataFrame:
    """Scores in pool standard deviations, with level and spread; fitted on one wave, applied to all."""
    items = basis.items(responses)
    now = (responses["wave"] == wave).to_numpy()
    if len(set(basis.need_map.values())) < 2:
        missing = pd.DataFrame({"usable": False, "answered": 0.0}, index=responses.index)
        return missing.assign(level=float("nan"), spread=float("nan"))
    scorer = NeedScorer().fit(items[now], basis.need_map, responses.loc[now, "weight"].to_numpy(), scales=basis.scales)
    found = scorer.transform(items)
    style = pd.DataFrame(
        {"usable": found.usable, "answered": found.answered, "level": found.level, "spread": found.spread}
    )
    return pd.concat([style, (found.scores / found.pool_sd).add_prefix("score_")], axis=1)


def _reliability(responses: pd.DataFrame, blocks: Mapping[ItemKind, Basis], config: StudyConfig) -> pd.DataFrame:
    """Reliability per need and block of items, on the wave segments are made on."""
    found = [
        need_reliability(
            block.items(responses),
            block.need_map,
            responses["weight"].to_numpy(),
            scales=block.scales,
            random_state=config.random_state,
        ).assign(block=str(kind))
        for kind, block in blocks.items()
        if block.need_map
    ]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()


def _records(opened: OpenStudy, tables: Mapping[str, pd.DataFrame]) -> list[Record]:
    """What tracking should see: sizes, and the settings of the study."""
    config = opened.config
    records = [tag("random_state", config.random_state)]
    records += [param("data", config.data), param("segmentation.basis", ", ".join(config.segmentation.basis))]
    for name in ("people", "responses", "spells"):
        if name in tables:
            records.append(count(f"rows_{name}", len(tables[name])))
    found = tables["findings"]
    records += [metric(f"findings_{s}", int((found["severity"] == s).sum())) for s in ("warning", "note")]
    if "reliability" in tables and not tables["reliability"].empty:
        records.append(metric("reliability_median_alpha", tables["reliability"]["alpha"].median()))
    return records


def _say(tables: Mapping[str, pd.DataFrame], outcome: OutcomeConfig | None) -> str:
    parts = []
    if "people" in tables:
        parts.append(f"{tables['people']['person'].nunique():,} people")
    if "responses" in tables:
        waves = tables["responses"]["wave"].nunique()
        told, found = len(tables["responses"]), tables.get("findings", pd.DataFrame({"code": [], "count": []}))
        aside = int(found.loc[found["code"] == "DQ084", "count"].sum())
        parts.append(f"{told:,} answers in {waves} wave{'s' if waves > 1 else ''}")
        parts += [f"{aside:,} answers of people whom 'keep' leaves out set aside"] if aside else []
    else:
        parts.append("no survey in this study")
    if "spells" in tables and outcome is not None:
        happened, of = int(tables["spells"]["cause"].notna().sum()), len(tables["spells"])
        intended = outcome.meaning == "intention"
        parts.append(f"{happened:,} who intend to leave among {of:,} asked" if intended
                     else f"{happened:,} exit{'s' * (happened != 1)} among {of:,} spells")  # fmt: skip
    return ", ".join(parts)


PREPARE = Stage(
    "prepare",
    prepare,
    builds_on=(),
    writes=(
        "people", "snapshots", "spells", "audit", "responses", "identities", "employer", "units", "offers", "findings",
        "need_scores", "reliability",
    ),
    settings=(
        "data", "random_state", "wave", "waves", "simulation", "codebook", "sources", "outcome", "ingest", "needs",
        "segmentation",
    ),
    raw=True,
)  # fmt: skip
