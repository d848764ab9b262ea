"""``segment publish``: what HR receives, from the models that were decided on, and what that changes, said beforehand.

Where the newest results are a challenger's, the champion's are made again first: from the settings of the run that made
it. They have to come out byte for byte, or nothing is published.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from segment.errors import NotReady, Refusal
from segment.exports.manifest import NAME as MANIFEST
from segment.stages import STAGES_IN_ORDER
from segment.stages.base import OpenStudy, open_study, run_stage
from segment.stages.candidate import would_release
from segment.stages.decisions import decisions_on, refuse_contradictions
from segment.stages.exclusive import alone
from segment.stages.freshness import out_of_date, refuse_out_of_date
from segment.stages.observation_window import after_purges
from segment.stages.permission import Standing, made_models, standing
from segment.stages.publish import PUBLISH, wave_of
from segment.stages.recorded import RUNS, Recorded, study_of
from segment.stages.recovery import complete_interrupted
from segment.stages.release.read_back import read_frame
from segment.stages.tracking import Recording
from segment.store import read_json
from segment.tables.registry import met
from segment.tracking import registry

Tell = Callable[[str], object]


def _silent(_: str) -> None:
    """Says nothing."""


@alone("publish")
def preview_release(study: Path, *, tell: Tell = _silent, overrides: Sequence[str] = ()) -> list[str]:
    """Say what a release would show and hide, and what would change since the last one; nothing leaves.

    Where nobody has decided, this is about the newest results.

    Raises
    ------
    Refusal
        Registry and log do not agree on decisions, or the champion cannot be made again.
    """
    opened = _ready(study, overrides)
    now = standing(opened)
    if now.undecided or not (now.champion or now.other):
        refuse_out_of_date([PUBLISH.name], opened)
    else:
        opened = _with_champion(opened, now, tell)
        now = standing(opened)
    control, wave = would_release(opened), wave_of(opened)
    before = _last_release(opened, wave)
    lines = [f"A release of {wave} from what lies here: {now}."]
    lines += [_line(name, table.frame, before.get(name)) for name, table in sorted(control.tables.items())]
    lines += [f"  {name}: no longer shown" for name in sorted({*before} - {*control.tables})]
    lines += [_whole([table.frame for table in met(control.tables).values()], met(before))]
    if control.barred or control.sealed:
        kept = len(control.barred) + len(control.sealed)
        lines.append(f"{kept} groups or tables stay as an earlier release gave them, or hidden: too few people differ.")
    return lines


@alone("publish")
def publish_study(study: Path, *, tell: Tell = _silent, overrides: Sequence[str] = ()) -> list[str]:
    """Publish the champion: HR's files, the release ledger and what is handed over.

    Raises
    ------
    NotReady
        Nobody has decided on a model, or not on each of them.
    Refusal
        Registry and log do not agree on decisions, or the champion cannot be made again.
    """
    opened = _ready(study, overrides)
    now = standing(opened)
    if now.undecided or not (now.champion or now.other):
        raise NotReady(
            "There is no champion to publish.",
            expected="a decision on each model of the study",
            came=str(now),
            advice=_how_to_decide(opened, study, now),
        )
    opened = _with_champion(opened, now, tell)
    recording = Recording.of(opened, tell=tell)
    failed = True
    try:
        for stage in STAGES_IN_ORDER.values():
            receipt = run_stage(stage, opened)
            tell(receipt.line())
            recording.take(receipt)
        failed = False
    finally:
        recording.end(failed=failed)
    place = opened.workspace / "exports" / wave_of(opened)
    return [f"Published: {standing(opened)}.", f"report: {place / 'report.en.html'}"]


def _ready(study: Path, overrides: Sequence[str]) -> OpenStudy:
    opened = open_study(study, overrides=overrides)
    complete_interrupted(opened)
    opened.anchor.refuse_older()
    refuse_contradictions(opened)
    if not (opened.receipts / "personalise.json").is_file():
        raise NotReady(
            "Nothing has been made that could be published.", where=str(opened.workspace), advice=f"segment run {study}"
        )
    return opened


def _how_to_decide(opened: OpenStudy, study: Path, now: Standing) -> str:
    models = " and ".join(f"--model {model}" for model in now.undecided) or "--model M"
    if not opened.config.tracking.register_models:
        return f"models are not registered (tracking.register_models), so: segment run {study} --publish"
    first = "" if now.champion or now.other else f"; or, before any decision: segment run {study} --publish"
    return f"segment promote {study} {models} --version N --by NAME --reason TEXT{first}"


def _with_champion(opened: OpenStudy, now: Standing, tell: Tell) -> OpenStudy:
    """The study as it is where its newest results are the champion's of today; else with the champion's settings."""
    stands = now.is_decided and not out_of_date([PUBLISH.name], opened)
    return opened if stands else _champion_again(opened, tell)


def _champion_again(opened: OpenStudy, tell: Tell) -> OpenStudy:
    """The study with the settings of the run that made the champion, and its tables and models as that run left them.

    Raises
    ------
    Refusal
        No run that was recorded made both, or something it was made from is another by now.
    """
    decided = {model: last[-1].sha256 for model in registry.MODELS if (last := decisions_on(opened, model))}
    record = _run_of(opened, decided)
    study, _ = study_of(opened.workspace / record.study, record)
    settings = study.config.model_copy(update={"workspace": opened.config.workspace})
    champion = replace(opened, study=after_purges(replace(study, config=settings)))
    tell(f"The newest results are not the champion's; these are made again, as in run {record.run[:12]}.")
    for name, stage in STAGES_IN_ORDER.items():
        if name != PUBLISH.name:
            tell(run_stage(stage, champion).line())
    made = made_models(champion)
    unlike = [model for model, digest in decided.items() if made.get(model) != digest]
    if unlike:
        raise Refusal(
            "The champion cannot be made again, so nothing was published.",
            expected="the very models that were decided on",
            came=f"{' and '.join(unlike)}: other bytes, as data or code are others by now",
            where=str(opened.workspace),
            advice=f"segment rerun {record.run[:12]} says what differs; or decide on a version of today's data",
        )
    return champion


def _run_of(opened: OpenStudy, decided: Mapping[str, str]) -> Recorded:
    """The newest recorded run that made all of these models."""
    files = sorted((opened.workspace / RUNS).glob("*.json"), key=lambda file: (file.stat().st_mtime, file.name))
    records = [Recorded.of(read_json(file)) for file in files]
    fitting = [one for one in records if all(one.models.get(model) == digest for model, digest in decided.items())]
    if not fitting:
        raise Refusal(
            "No run that was recorded here made all models that were decided on.",
            came=", ".join(f"{model} {digest[:12]}" for model, digest in decided.items()),
            where=str(opened.workspace / RUNS),
            advice="run the study with the settings of both, compare, and promote what it makes",
        )
    return fitting[-1]


def _last_release(opened: OpenStudy, wave: str) -> dict[str, pd.DataFrame]:
    """The tables of the wave's last release; none where there is none."""
    if not (opened.workspace / "exports" / wave / MANIFEST).is_file():
        return {}
    return {file.stem: read_frame(file) for file in sorted((opened.workspace / "released" / wave).glob("*.json"))}


def _line(name: str, table: pd.DataFrame, before: pd.DataFrame | None) -> str:
    """One table in a line: rows shown and hidden, and how many of them differ from the last release."""
    hidden = int((table["status"] == "hidden").sum())
    told = f"  {name}: {len(table) - hidden} rows shown, {hidden} hidden"
    if before is None:
        return f"{told}; not released before"
    different = _different(table, before)
    return f"{told}; {f'{different} rows other than in the last release' if different else 'as in the last release'}"


def _whole(tables: Sequence[pd.DataFrame], before: Mapping[str, pd.DataFrame]) -> str:
    shown = sum(int((table["status"] != "hidden").sum()) for table in tables)
    hidden = sum(int((table["status"] == "hidden").sum()) for table in tables)
    last = "nothing was released before"
    if before:
        was = sum(int((table["status"] == "hidden").sum()) for table in before.values())
        last = f"{was} were hidden in the last release"
    return f"Altogether {len(tables)} tables: {shown} rows shown, {hidden} hidden; {last}."


def _different(table: pd.DataFrame, before: pd.DataFrame) -> int:
    """How many rows are in one of two tables only, or differ."""
    now, then = (_rows(one) for one in (table, before))
    return max(len(now - then), len(then - now))


def _rows(table: pd.DataFrame) -> set[str]:
    text = table.to_json(orient="records", lines=True, double_precision=4)
    return set(text.splitlines())
