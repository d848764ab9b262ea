"""What must not move: a small study of each kind of outcome, walked twice, the second time with something changed
that is nobody's business. Tables and exported files are compared whole, less the codes that depend on name and key."""

from __future__ import annotations

import io
import os
import re
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ruamel.yaml import YAML

from segment.config import load_study
from segment.stages import STAGES_IN_ORDER, OpenStudy, open_study, run_stage
from segment.stages.simulate import simulate_into
from segment.vocabulary import World
from truths.rows import Row, row

KINDS = ("spells", "duration", "horizon", "none")
QUICK = (
    "segmentation.families=[needs_mixture]",
    "segmentation.n_segments=[2, 3]",
    "segmentation.n_splits=3",
    "segmentation.n_starts=4",
    "segmentation.null_draws=2",
    "segmentation.bootstrap=20",
    "segmentation.planted_worlds=0",
    "needs.bootstrap=20",
    "retention.learner=linear",
    "retention.max_rows=5000",
    "retention.bootstrap=10",
)
#: What a study and its wave are called, before and after.
NAMES = ("firststudy", "quiteanother", "firstwave", "otherwave")
#: Tables that hold codes instead of figures.
_BOOKS = ("records_", "identities")
_CODE = re.compile(r"(?<![0-9A-Za-z])(?=[0-9a-f]*[a-f])[0-9a-f]{8,64}(?![0-9A-Za-z])")


# ------------------------------------------------------------------------------------- a study of each kind


def small_study(folder: Path, kind: str, *, people: int = 400, seed: int = 11) -> Path:
    """An organisation with its study file, for one kind of outcome; returns the study file."""
    simulate_into(folder, people=people, seed=seed, world=World.NEEDS, waves=1)
    file = folder / "study.yaml"
    if kind != "spells":
        _outcome(folder, kind, seed)
    change_settings(file, lambda settings: settings.update(study="firststudy"))
    call_waves(file, "firstwave")
    return file


def _outcome(folder: Path, kind: str, seed: int) -> None:
    """Another outcome in place of the dates, stated in the HR export."""
    people = pd.read_csv(folder / "people.csv", dtype=str)
    people = people.drop_duplicates("person_id", keep="last").drop(columns=["start_date", "end_date", "end_reason"])
    rng = np.random.default_rng(seed)
    months = rng.exponential(40, len(people))
    outcome: dict[str, Any] | None = None
    if kind == "duration":
        people["months"], people["gone"] = (
            np.minimum(months, 48).round(1) + 0.1,
            np.where(months < 48, "voluntary", "no"),
        )
        outcome = {"kind": "duration", "causes": ["voluntary"], "column": "months", "event": "gone"}
    elif kind == "horizon":
        people["intends"] = np.where(months < 18, "yes", "no")
        outcome = {"kind": "horizon", "meaning": "intention", "column": "intends"}
    people.to_csv(folder / "people.csv", index=False)

    def settle(settings: Any) -> None:
        settings.pop("outcome", None)
        settings["retention"].pop("test_from", None)
        if outcome is not None:
            settings["outcome"] = outcome

    change_settings(folder / "study.yaml", settle)


def change_settings(file: Path, change: Callable[[Any], object]) -> None:
    """Rewrite a study file."""
    yaml = YAML()
    settings = yaml.load(file.read_text(encoding="utf-8"))
    change(settings)
    with file.open("w", encoding="utf-8") as out:
        yaml.dump(settings, out)


# ------------------------------------------------------------------------------------------- what is changed


def renamed(file: Path) -> None:
    """Another name of the study, and so another derived key and other pseudonyms."""
    change_settings(file, lambda settings: settings.update(study="quiteanother"))


def wave_renamed(file: Path) -> None:
    """Another name of the wave, held on the same day."""
    call_waves(file, "otherwave")


def call_waves(file: Path, *names: str) -> None:
    """Other names for the waves, the earliest first; their days stand in the study file and stay."""
    said = [path for path in _sources(file) if path.name.startswith("responses")]
    for path, name in zip(said, names, strict=True):
        pd.read_csv(path, dtype=str).assign(wave=name).to_csv(path, index=False)


def shuffled(file: Path) -> None:
    """Rows of people, answers and outcomes in another order."""
    for path in _sources(file):
        pd.read_csv(path, dtype=str).sample(frac=1, random_state=1).to_csv(path, index=False)


def columns_moved(file: Path) -> None:
    """Columns of people and answers in another order."""
    for path in _sources(file):
        pd.read_csv(path, dtype=str).sample(frac=1, axis=1, random_state=2).to_csv(path, index=False)


def irrelevant(file: Path) -> None:
    """One attribute more that has to do with nothing, for profiles."""
    path = file.with_name("people.csv")
    people = pd.read_csv(path, dtype=str)
    of_person = pd.Series(np.random.default_rng(3).choice(["red", "blue"], people["person_id"].nunique()))
    people["door"] = people["person_id"].map(dict(zip(people["person_id"].unique(), of_person, strict=True)))
    people.to_csv(path, index=False)
    change_settings(file, lambda s: s["sources"]["people"]["attributes"].update(door={"purpose": "profile"}))


def settings_moved(file: Path) -> None:
    """What the study's file names side by side, in another order: attributes, needs, causes, months to look ahead."""

    def turn(settings: Any) -> None:
        for named in (settings["sources"]["people"]["attributes"], settings["codebook"]["needs"]):
            turned = dict(reversed(list(named.items())))
            named.clear()
            named.update(turned)
        settings["retention"]["horizons"] = [24, 6, 12]
        if "causes" in settings.get("outcome", {}):
            settings["outcome"]["causes"] = list(reversed(settings["outcome"]["causes"]))

    change_settings(file, turn)


def questions_moved(file: Path) -> None:
    """The rows and columns of the codebook in another order; moments stay, because a pick may name one by its place."""
    name = YAML(typ="safe").load(file.read_text(encoding="utf-8"))["codebook"]["file"]
    rows = pd.read_csv(load_study(file).config_path(name), dtype=str, keep_default_na=False)
    is_moment = rows["kind"] == "moment"
    turned = pd.concat([rows[is_moment], rows[~is_moment].iloc[::-1]])[rows.columns[::-1]]
    turned.to_csv(file.with_name("questions.csv"), index=False)
    change_settings(file, lambda settings: settings["codebook"].update(file="questions.csv"))


def everything(file: Path) -> None:
    """Name, key, rows, columns and settings at once."""
    for change in (renamed, shuffled, columns_moved, settings_moved):
        change(file)


def doubled(file: Path) -> None:
    """Everyone twice, with half the weight."""
    for path in _sources(file):
        once = pd.read_csv(path, dtype=str)
        if path.name.startswith("responses"):
            once["weight"] = once.get("weight", pd.Series("1", index=once.index)).astype(float) / 2
        twin = once.assign(person_id=once["person_id"] + "b")
        pd.concat([once, twin]).to_csv(path, index=False)


def one_language(file: Path) -> None:
    """Dutch only."""
    change_settings(file, lambda settings: settings.update(languages=["nl"]))


def unchanged(file: Path) -> None:
    """Nothing."""


def _sources(file: Path) -> list[Path]:
    return [file.with_name("people.csv"), *sorted(file.parent.glob("responses_*.csv"))]


# ---------------------------------------------------------------------------------------- walking and comparing


@dataclass(frozen=True)
class Walked:
    """A workspace after a run: its tables without pseudonyms, and its exported files without codes."""

    tables: Mapping[str, pd.DataFrame]
    files: Mapping[str, bytes]

    def figures_moved(self, other: Walked) -> list[str]:
        """Tables that do not hold the same rows in both, in whatever order of rows and columns."""
        names = sorted(self.tables.keys() & other.tables.keys())
        both = ((name, self.tables[name], other.tables[name]) for name in names)
        moved = [name for name, one, two in both if sorted(_rows(one)) != sorted(_rows(two))]
        return [*sorted(self.tables.keys() ^ other.tables.keys()), *moved]

    def moved(self, other: Walked) -> list[str]:
        """Tables and files that are not the same in both."""
        tables = sorted(self.tables.keys() ^ other.tables.keys())
        tables += [
            name
            for name in sorted(self.tables.keys() & other.tables.keys())
            if not self.tables[name].equals(other.tables[name])
        ]
        files = sorted(self.files.keys() ^ other.files.keys())
        files += [
            name for name in sorted(self.files.keys() & other.files.keys()) if self.files[name] != other.files[name]
        ]
        return [*tables, *files]


def _rows(table: pd.DataFrame) -> list[str]:
    return [repr(row) for row in table[sorted(table.columns)].itertuples(index=False, name=None)]


def walk(file: Path, *overrides: str, until: str = "publish") -> OpenStudy:
    """Run the stages of a study in its folder, the last one included."""
    opened = open_study(file, overrides=[*QUICK, f"workspace={file.parent / 'work'}", *overrides])
    for name, stage in STAGES_IN_ORDER.items():
        run_stage(stage, opened)
        if name == until:
            break
    return opened


def seen(opened: OpenStudy, *, names: Sequence[str] = NAMES) -> Walked:
    """What a walked study left, without its codes and without any of the names that it and its wave go by."""
    tables = {
        path.stem: pd.read_parquet(path).drop(columns="person", errors="ignore").replace(dict.fromkeys(names, "CODE"))
        for path in sorted((opened.workspace / "tables").glob("*.parquet"))
        if not path.stem.startswith(_BOOKS)
    }
    exports = opened.workspace / "exports"
    files = {
        _unnamed(path.relative_to(exports).as_posix(), names): _without_codes(path, (*names, opened.key_id))
        for path in sorted(exports.rglob("*"))
        if path.is_file()
    }
    return Walked(tables, files)


def _without_codes(path: Path, names: Iterable[str]) -> bytes:
    content = path.read_bytes()
    if path.suffix in (".xlsx", ".pptx"):
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            content = b"\n".join(name.encode() + parts.read(name) for name in sorted(parts.namelist()))
    text = _unnamed(content.decode("utf-8", errors="surrogateescape"), names)
    return _CODE.sub("CODE", text).encode("utf-8", errors="surrogateescape")


def _unnamed(text: str, names: Iterable[str]) -> str:
    return reduce(lambda told, name: told.replace(name, "CODE"), names, text)


#: Variant -> what is changed on disk.
VARIANTS: Mapping[str, Callable[[Path], None]] = {
    "another name, another key": renamed,
    "another name of the wave": wave_renamed,
    "rows shuffled": shuffled,
    "columns shuffled": columns_moved,
    "settings in another order": settings_moved,
    "questions in another order": questions_moved,
    "another time zone": unchanged,
    "one irrelevant attribute": irrelevant,
    "one language": one_language,
}


#: What a short run changes.
SHORT: Mapping[str, Callable[[Path], None]] = {
    "name, key, rows, columns, settings at once": everything,
    "another name of the wave": wave_renamed,
}


#: Table -> what identifies a row and what may not move when everyone is there twice with half the weight. All that
#: depends on how many people there are moves rightly: counts, intervals, floors, numbers of segments, random halves.
_OF_SHARES: Mapping[str, tuple[list[str], list[str]]] = {
    "reliability": (["need", "block"], ["alpha"]),
    "promises": (["wave", "need"], ["promised", "kept", "gap"]),
    "journey": (["wave", "moment"], ["value"]),
}


def _doubled_row(first: Path, folder: Path, kind: str) -> Row:
    """Figures that do not depend on how many people there are, with everyone twice and half the weight."""
    other = _copied(first, folder)
    doubled(other)
    stores = [
        open_study(file, overrides=[*QUICK, f"workspace={file.parent / 'work'}"]).store for file in (first, other)
    ]
    walk(other)
    compared, moved = 0, []
    means = [store.read("need_scores").drop(columns=["person", "wave"]).astype(float) for store in stores]
    figures = {"need_scores": [frame.mean() for frame in means]}
    for name, (key, values) in _OF_SHARES.items():
        if all(store.has(name) for store in stores):
            both = [_of_everyone(store.read(name)) for store in stores]
            figures[name] = [
                frame.melt(key, values, value_name="figure").set_index([*key, "variable"])["figure"] for frame in both
            ]
    for name, (one, two) in figures.items():
        compared += len(one)
        if not np.allclose(one, two.reindex(one.index), rtol=1e-9, equal_nan=True):
            moved.append(name)
    told = f"moved: {', '.join(moved)}" if moved else f"{compared} figures of {', '.join(figures)} stay"
    return row(f"{kind}: everyone twice with half the weight", "means and reliabilities stay", told, not moved)


def _of_everyone(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of everyone: twins stand in both halves of a split, so that other segments may rightly be found."""
    return table[table["segment"].isna()].drop(columns="segment") if "segment" in table else table


def _due(name: str, moved: Sequence[str]) -> list[str]:
    """What should not have moved: one attribute more stands in ``people`` and in the dossier's lists; with one language
    the files of the other are not made, and the manifest lists the files."""
    if "attribute" in name:
        return [one for one in moved if one != "people" and "/dossier/" not in one]
    if "language" in name:
        return [one for one in moved if ".en." not in one and not one.endswith("/manifest.json")]
    return list(moved)


@contextmanager
def _time_zone(name: str | None) -> Iterator[None]:
    before = os.environ.get("TZ")
    if name is not None:
        os.environ["TZ"] = name
        time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ", None)
        if before is not None:
            os.environ["TZ"] = before
        time.tzset()


def _copied(file: Path, folder: Path) -> Path:
    shutil.copytree(file.parent, folder, ignore=shutil.ignore_patterns("work"))
    return folder / file.name


def sameness(*, short: bool, seed: int) -> list[Row]:
    """One row per kind of outcome and change: how many tables and files moved, which is none."""
    rows = []
    for kind in ("spells", "none") if short else KINDS:
        with tempfile.TemporaryDirectory() as scratch:
            first = small_study(Path(scratch) / "first", kind, seed=seed + 11)
            base = seen(walk(first))
            changes = SHORT if short else VARIANTS
            if kind == "none" or not short:
                rows.append(_doubled_row(first, Path(scratch) / "twice", kind))
            for name, change in changes.items():
                other = _copied(first, Path(scratch) / "other")
                change(other)
                with _time_zone("Pacific/Kiritimati" if "zone" in name else None):
                    then = seen(walk(other))
                moved = base.figures_moved(then) if "questions" in name else _due(name, base.moved(then))
                shutil.rmtree(other.parent)
                total = len(base.tables) + len(base.files)
                told = f"{len(moved)} of {total} moved: {', '.join(moved[:4])}" if moved else "nothing moved"
                rows.append(row(f"{kind}: {name}", "nothing moves", told, not moved))
    return rows
