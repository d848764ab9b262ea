"""What a release leaves for the tracker, and says on the console."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from segment.disclosure.release import ReleasedTable
from segment.disclosure.rounding import as_released
from segment.exports.answers import leaving_of
from segment.exports.gaps import gaps_known, widest_gaps
from segment.exports.leaving_words import leaving_told
from segment.exports.near_ties import first_of
from segment.exports.story import Story
from segment.locale import STANDS_IN
from segment.places import inside
from segment.stages.base import OpenStudy
from segment.store import written_atomically
from segment.tables.registry import run_of
from segment.tracking.records import Record, artifact, metric, table, tag
from segment.workspace.transaction import Transaction


def widest_gap_told(story: Story) -> str:
    """The need with the widest gap between promised and kept, as the report names it; empty if none was measured."""
    gaps = first_of(widest_gaps(story, story.labels(STANDS_IN), None), 1)
    if gaps:
        first, *rest = [gap.name for gap in gaps]
        alike = f" (about as wide: {', '.join(rest)})" if rest else ""
        return f"; widest gap between promised and kept: {first}{alike}"
    return "; what was promised was kept" if gaps_known(story, None) else ""


def leavers_told(story: Story) -> str:
    """Who leaves, in the sentences of the report's page one and with its numbers; empty where that was not measured."""
    return (
        as_released(f"; leaving: {' '.join(leaving_told(story, STANDS_IN))}") if leaving_of(story) is not None else ""
    )


def keep_released(
    opened: OpenStudy, change: Transaction, released: Mapping[str, ReleasedTable], wave: str
) -> dict[str, Path]:
    """The released tables as JSON files, for the tracker: the same figures as in the files for HR, and no others."""
    folder = inside(opened.workspace / "released", wave)
    fresh = change.aside(folder)
    write_tables(released, fresh)
    change.put(fresh, folder)
    return {name: folder / f"{name}.json" for name in sorted(released)}


def write_tables(released: Mapping[str, ReleasedTable], folder: Path) -> None:
    """Write every table as a JSON file into a new folder of the workspace."""
    folder.mkdir(mode=0o700)
    for name, one in sorted(released.items()):
        text = one.frame.to_json(orient="split", index=False, double_precision=4)
        with written_atomically(folder / f"{name}.json") as temporary:
            temporary.write_text(json.dumps(json.loads(text), ensure_ascii=False) + "\n", encoding="utf-8")


def records_of_tables(opened: OpenStudy, kept: Mapping[str, Path], hidden: int) -> list[Record]:
    """Every table that was written (name: file), and how many rows they hide."""
    told = [table(name, str(path.relative_to(opened.workspace)), run=run_of(name)) for name, path in kept.items()]
    return [metric("rows_hidden", hidden), *told]


def records_of_files(opened: OpenStudy, files: list[Path], number: str) -> list[Record]:
    """The release's number, and its files, on the parent run."""
    inside = opened.workspace
    return [
        tag("head.release", number), tag("published", "yes"),
        *(artifact(_shelf(path, inside), str(path.relative_to(inside))) for path in files),
    ]  # fmt: skip


def _shelf(path: Path, workspace: Path) -> str:
    """The folder in the tracker: as in the release, so that the copy there can be verified as well."""
    exports, _, *below = path.relative_to(workspace).parent.parts
    return "/".join((exports, *below))


def weighing_tags(how: Mapping[str, str]) -> list[Record]:
    """How every table counts people, for who looks at it in the tracker."""
    return [tag(f"weighing.{name}", word, run="publish") for name, word in how.items()]
