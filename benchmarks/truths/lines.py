"""What the one who started a run sees: the lines on the console and the tracker's metrics, beside what was released."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from segment.displays.labels import Labels, segment_number
from segment.locale import percent
from segment.tables.registry import met
from truths.pages import Page, figures
from truths.ranks import actions_rows, named, needs_of
from truths.readers import Compared

_AUC = re.compile(r"(?:(\w+) )?leaving on .*: AUC at (\d+) months ([\d.]+) \(([\d.]+)-([\d.]+)\)")


def compare_console(
    found: Compared, lines: Sequence[str], released: Mapping[str, pd.DataFrame], exports: Path, labels: Labels
) -> None:
    """Every figure and name of the console against the released tables and the files; ``labels`` are English."""
    told = {line.split()[0]: line.strip().split(None, 1)[1] for line in lines if len(line.split()) > 1}
    sizes = released["segments"]
    found.holds("console", "segments", _sizes(told["segments"], sizes, labels), told["segments"])
    count = int(re.match(r"(\d+) segments", told["discover"]).group(1))  # type: ignore[union-attr]
    found.holds("console", "number of segments", count == len(sizes), told["discover"])
    _leaving(found, told["retain"], released)
    _promise(found, told["publish"], exports, labels)
    rows = [row for row in actions_rows(exports / "actions.csv") if int(row["segment"])]
    shown = set(sizes.loc[sizes["status"] != "hidden", "segment"].map(segment_number))
    count = int(told["personalise"].split()[0])
    found.holds("console", "actions", count == len(rows) or len(shown) < len(sizes), told["personalise"])
    files = json.loads((exports / "manifest.json").read_text(encoding="utf-8"))["files"]
    published = [int(one.value) for one in figures(told["publish"], "en")]
    found.holds("console", "files and tables", published[:2] == [len(files) + 1, len(met(released))], told["publish"])


def _sizes(said: str, sizes: pd.DataFrame, labels: Labels) -> bool:
    """Names and shares of the segments in order; of a hidden one no share."""
    wanted = []
    for row in sizes.to_dict("records"):
        name = labels.segment(segment_number(row["segment"]))
        wanted.append(name if row["status"] == "hidden" else f"{name} {percent(float(row['share']), 'en')}")
    return said.split("; ") == wanted


def _leaving(found: Compared, said: str, released: Mapping[str, pd.DataFrame]) -> None:
    auc = _AUC.search(said)
    if auc is not None:
        cause, months, *numbers = auc.groups()
        metric = f"auc_{cause}_{months}" if cause else f"auc_{months}"
        rows = released["evaluation"]
        row = rows[(rows["model"] == "model") & (rows["metric"] == metric)].iloc[0]
        close = np.abs(row[["value", "low", "high"]].to_numpy(dtype=float) - np.array(numbers, dtype=float)) <= 0.0051
        found.holds("console", metric, bool(close.all()), f"{numbers}, released {row['value']}")
    share = re.search(r"expected to leave within a year: (\d+)%", said)
    if share is not None:
        rows = released["leaving"]
        everyone = float(rows.loc[rows["segment"].isna(), "value"].iloc[0])
        found.holds("console", "expected to leave", int(share.group(1)) == round(100 * everyone), f"{everyone}: {said}")


def _promise(found: Compared, said: str, exports: Path, labels: Labels) -> None:
    """The promise that the console names is the one that the report's own sentence names."""
    needs = needs_of(labels)
    words = " ".join(Page.of(exports / "report.en.html").within("section.part", " p"))
    gap = re.search(r"[^.]*\b(?:promise|promised)\b[^.]*\d[^.]*(?:\.\d|%)[^.]*(?:\.\d[^.]*)?\.", words)
    if gap is not None:
        told, report = named(said, needs), named(gap.group(), needs)
        found.holds("console", "largest promise gap", bool(told) and told[:1] == report[:1], f"{told}, report {report}")


def compare_tracked(
    found: Compared,
    metrics: Mapping[str, float],
    tables: Mapping[str, pd.DataFrame],
    released: Mapping[str, pd.DataFrame],
) -> None:
    """The parent run's tables and metrics against the released ones."""
    found.holds("tracker", "the same tables", set(tables) == set(released), sorted(set(tables) ^ set(released)))
    for name in sorted(set(tables) & set(released)):
        same = json.loads(tables[name].to_json(double_precision=9)) == json.loads(
            released[name].to_json(double_precision=9)
        )
        found.holds("tracker", f"table {name}", same)
    rows = released["evaluation"]
    rows = rows[(rows["model"] == "model") & rows["value"].notna()]
    for name, value in zip(rows["metric"], rows["value"], strict=True):
        told = next((v for k, v in metrics.items() if k in (name, f"retain/{name}")), float("nan"))
        found.holds("tracker", f"metric {name}", abs(told - float(value)) <= 0.00051, f"{told}, released {value}")
    number = next(v for k, v in metrics.items() if k in ("n_segments", "discover/n_segments"))
    found.holds("tracker", "number of segments", int(number) == len(released["segments"]), number)
