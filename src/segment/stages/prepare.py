"""Raw exports become pseudonymous tables, by contract, and answers become need scores."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from segment.config import OutcomeConfig
from segment.ingest import read_inputs, refuse_errors
from segment.stages.base import OpenStudy, Stage, StageResult
from segment.stages.recovery import complete_interrupted
from segment.stages.retention.spells import observed_spells
from segment.stages.rights.erasure import take_out_elsewhere
from segment.stages.rights.exclusion import without_excluded
from segment.stages.sample_size import refuse_few
from segment.stages.segmentation.need_scores import need_tables
from segment.stages.simulate import ensure_raw_exports
from segment.tables.order import in_order_of_content
from segment.tracking.records import Record, count, metric, param, tag


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
        tables["spells"] = observed_spells(inputs, opened.config)
    people = opened.config.sources.people
    tables = in_order_of_content(tables, list(people.attributes) if people is not None else [])
    if "responses" in tables and inputs.codebook is not None:
        tables |= need_tables(opened, tables["responses"], inputs.codebook)
    return StageResult(tables, _records(opened, tables), said=_say(tables, outcome))


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
        "people", "snapshots", "spells", "audit", "responses", "wave_days", "identities", "employer", "units", "begun",
        "offers", "findings", "need_scores", "reliability",
    ),
    settings=(
        "data", "random_state", "wave", "waves", "as_of", "simulation", "codebook", "sources", "outcome", "ingest",
        "needs", "segmentation",
    ),
    raw=True,
)  # fmt: skip
