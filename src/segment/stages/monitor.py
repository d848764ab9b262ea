"""``segment monitor``: what changed since a model was decided on, as findings with advice; it changes no model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from segment.drift import Advice, Alarm
from segment.errors import NotReady
from segment.stages.audit_log import actor
from segment.stages.base import OpenStudy, open_study, run_stage
from segment.stages.decisions import refuse_contradictions
from segment.stages.exclusive import alone
from segment.stages.prepare import PREPARE
from segment.stages.recovery import complete_interrupted
from segment.stages.release.ledgers import events_of
from segment.stages.watching.answers import watch_answers
from segment.stages.watching.champion import Watched, watched_model
from segment.stages.watching.exits import watch_exits
from segment.store import confined, digest_file, digest_text, save_json

#: What the event log calls a look, and the folder of the workspace that keeps each of them.
WATCHED, FOLDER = "monitor", "monitoring"
_TABLES = ("people", "responses", "spells")


@dataclass(frozen=True)
class Look:
    """What one look found: which look it is, sentences, and alarms."""

    number: int
    lines: tuple[str, ...]
    alarms: tuple[Alarm, ...]

    @property
    def advice(self) -> Advice:
        """The strongest advice of its alarms."""
        asked = {alarm.advice for alarm in self.alarms}
        return next((one for one in Advice if one in asked), Advice.NOTHING)

    @property
    def said(self) -> list[str]:
        """All of it, in lines."""
        alarms = [str(alarm) for alarm in self.alarms] or ["no alarm"]
        more = {
            Advice.REFIT: "refit: run the study on today's data, compare, let a reviewer decide; this changed no model",
            Advice.RECALIBRATE: "recalibrate: run the study, which learns the level again; this changed no model",
            Advice.NOTHING: "nothing has to be done to the models",
        }
        return [f"look {self.number}", *self.lines, *alarms, more[self.advice]]


@alone("monitor")
def monitor_study(study: Path, *, overrides: Sequence[str] = ()) -> Look:
    """Look at today's data with the models that were decided on, or the newest where nobody has.

    The data are read first, as a run does. Each look at other data has to be surer than the one before, so that all of
    them together raise a false alarm in one of twenty studies at most.

    Raises
    ------
    NotReady
        The study has no model yet.
    Refusal
        Registry and log do not agree on decisions, or the data break their contract.
    """
    opened = open_study(study, overrides=overrides)
    complete_interrupted(opened)
    opened.anchor.refuse_older()
    refuse_contradictions(opened)
    models = {name: found for name in ("segmentation", "retention") if (found := watched_model(opened, name))}
    if not models:
        raise NotReady("There is no model to watch.", where=str(opened.store.models), advice=f"segment run {study}")
    run_stage(PREPARE, opened)
    with confined(opened.workspace, *opened.outside):
        return _look(opened, models)


def _look(opened: OpenStudy, models: dict[str, Watched]) -> Look:
    on = digest_text(*(digest_file(p) if (p := opened.store.table_path(n)).is_file() else "none" for n in _TABLES))[:16]
    number, known = _number(opened, on)
    lines = [_whose(models)]
    alarms: list[Alarm] = []
    if "segmentation" in models:
        said, found = watch_answers(opened, models["segmentation"], number)
        lines, alarms = [*lines, *said], [*alarms, *found]
    if "retention" in models:
        said, found = watch_exits(opened, models["retention"])
        lines, alarms = [*lines, *said], [*alarms, *found]
    look = Look(number, tuple(lines), tuple(alarms))
    save_json(opened.workspace / FOLDER / f"{number:04d}.json", asdict(look))
    if not known:
        codes = sorted({alarm.code for alarm in alarms})
        events_of(opened).write(actor(), WATCHED, f"look {number}", {"on": on, "alarms": codes})
    return look


def _number(opened: OpenStudy, on: str) -> tuple[int, bool]:
    """Which look this is, and whether these very data were looked at before."""
    seen = [str(event.detail.get("on")) for event in events_of(opened).events() if event.action == WATCHED]
    return (seen.index(on) + 1, True) if on in seen else (len(seen) + 1, False)


def _whose(models: dict[str, Watched]) -> str:
    told = [f"{name} ({'decided on' if one.decided else 'the newest, nobody decided'})" for name, one in models.items()]
    return f"watched: {' and '.join(told)}"
