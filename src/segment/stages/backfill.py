"""``segment run --waves``: a study's waves one after the other, each as it would have been known then."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from segment.errors import InvalidInput, NotReady
from segment.ingest import read_inputs, refuse_errors
from segment.stages.base import open_study
from segment.stages.simulate import ensure_raw_exports
from segment.stages.waves import days_of
from segment.tables.waves import waves_in_order

#: What is typed for every wave that the study has.
ALL = "all"


def waves_to_run(study: str | Path, asked: str, *, overrides: Sequence[str] = ()) -> list[tuple[str, tuple[str, ...]]]:
    """The waves that are asked for, earliest first, each with the settings that tell the study as it was known then.

    Parameters
    ----------
    study
        The study's file.
    asked
        ``all``, or names with commas between them.
    overrides
        Settings as typed.

    Returns
    -------
    list of (str, tuple of str)
        Wave and further settings. The last wave of the study has no day: it is reported as it is known now, as a
        plain run does, so that the workspace ends as that would leave it.

    Raises
    ------
    InvalidInput
        A wave that the study does not have.
    NotReady
        The study has no answers, or waves whose days are not known.
    """
    opened = open_study(study, overrides=overrides)
    ensure_raw_exports(opened.study)
    read = read_inputs(opened.study, key=opened.key)
    refuse_errors(read.findings)
    names = sorted(map(str, read.tables["responses"]["wave"].unique())) if "responses" in read.tables else []
    inside = days_of(read.tables["wave_days"]) if "wave_days" in read.tables else {}
    waves = waves_in_order(names, opened.config.wave_days(names, inside=inside)) if names else None
    if not waves:
        raise NotReady("This study has no waves to run one after the other.", came="no answers", where=str(study))
    undated = [wave.name for wave in waves[:-1] if wave.last is None]
    if undated:
        raise NotReady(
            "What was known at a wave depends on its last day of answering, and not every wave has one.",
            came=", ".join(undated), advice="give them under waves, as in waves: {'first wave': 2023-03-31}",
        )  # fmt: skip
    wanted = [wave.name for wave in waves] if asked == ALL else [name.strip() for name in asked.split(",")]
    absent = [name for name in wanted if name not in {wave.name for wave in waves}]
    if absent:
        raise InvalidInput(
            "The study has no such wave.", expected=f"{ALL}, or {', '.join(wave.name for wave in waves)}",
            came=", ".join(absent), where="--waves",
        )  # fmt: skip
    then = [(wave.name, (f"as_of={wave.last}", f"wave={wave.name}")) for wave in waves[:-1] if wave.name in wanted]
    return [*then, *((wave.name, ()) for wave in waves[-1:] if wave.name in wanted)]
