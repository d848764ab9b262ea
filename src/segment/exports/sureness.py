"""How sure the answers of page one are: who took part, whether segments come back, whether predicted chances hold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segment.displays.labels import floats, in_order, rows_of, share_text
from segment.exports.story import Story
from segment.locale import number, percent, say


def sureness(story: Story, language: str) -> tuple[str, ...]:
    """How sure we are, in sentences: response, stability, whether predicted chances hold, and the study's notes."""
    notes = (say(key, language, **values) for key, values in story.notes if not key.endswith(".simulated"))
    return (*_response(story, language), *_stability(story, language), *_prediction(story, language), *notes)


def _response(story: Story, language: str) -> Sequence[str]:
    if not story.n_respondents or story.response_rate is None:
        return ()
    said = say(
        "report.sure.response" if story.counted_apart else "report.sure.response.rate", language,
        n=number(story.n_respondents, language, digits=0), people=number(story.n_people, language, digits=0),
        rate=percent(story.response_rate, language),
    )  # fmt: skip
    low = story.response_rate < 0.6
    return (f"{said} {say('report.sure.response.low', language)}" if low else said,)


def _stability(story: Story, language: str) -> Sequence[str]:
    if not story.segments:
        return ()
    table = story.released.get("stability")
    rows = rows_of(table) if table is not None else pd.DataFrame()
    if "segment" in rows:
        rows = rows[rows["segment"].notna()].drop_duplicates("segment").reset_index(drop=True)
    values = floats(rows, "value")
    if "segment" not in rows or not np.isfinite(values).any():
        return (say("report.sure.stability.absent", language),)
    at = in_order(rows, values)[0]
    name = story.labels(language).segment(rows["segment"].iloc[at])
    value = share_text(float(values[at]), language, banded=rows["status"].iloc[at] == "banded", spoken=True)
    return (say("report.sure.stability", language, value=value, segment=name),)


def _prediction(story: Story, language: str) -> Sequence[str]:
    if story.outcome_kind is None:
        return ()
    said = []
    table = story.released.get("calibration")
    rows = rows_of(table) if table is not None else pd.DataFrame()
    if "horizon" in rows and len(rows):
        horizon = floats(rows, "horizon")
        rows = rows[horizon == horizon[int(np.argmin(np.abs(horizon - story.horizon_months)))]]
    if len(rows):
        covered = int((rows["covers"] == "yes").sum())  # judged before the figures were rounded
        key = "report.sure.calibration.intention" if story.by_intention else "report.sure.calibration"
        said.append(say(key, language, covered=covered, bins=len(rows)))
    else:
        said.append(say("report.sure.calibration.absent", language))
    name, ranking = _ranking(story)
    if ranking is not None:
        key = "report.sure.ranking.intention" if story.by_intention else "report.sure.ranking"
        key = "report.sure.ranking.voluntary" if name.startswith("auc_voluntary") else key
        said.append(say(key, language, value=percent(ranking, language)))
    return said


def _ranking(story: Story) -> tuple[str, float | None]:
    """The held-out AUC or concordance of the model, that of leaving by choice first; ``None`` when not released."""
    table = story.released.get("evaluation")
    if table is None:
        return "", None
    rows = rows_of(table)
    rows = rows[(rows["sample"] != "training") & (rows["model"] == "model")]
    values = dict(zip(rows["metric"].astype(str), floats(rows, "value"), strict=True))
    months = story.horizon_months
    wanted = (f"auc_voluntary_{months}", f"auc_{months}", "auc", "uno", "harrell", "concordance")
    return next(((name, values[name]) for name in wanted if np.isfinite(values.get(name, np.nan))), ("", None))
