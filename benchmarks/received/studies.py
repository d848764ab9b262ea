"""The studies whose files are looked at: what each is, and how it is walked to its release."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
from truths.readers import read_released
from truths.sameness import walk

from segment.displays.labels import Labels
from segment.segments.names import names_in
from segment.stages import OpenStudy
from segment.stages.publish import wave_of
from segment.stages.report_context import tell
from segment.stages.simulate import simulate_into
from segment.vocabulary import World

_CONFIGS = Path(__file__).resolve().parents[2] / "configs" / "studies"
#: A search that may make groups where it finds none: it has to know what it would have found.
_MADE = (
    "segmentation.n_segments=[2, 3, 4]", "segmentation.n_splits=6", "segmentation.null_draws=3",
    "segmentation.planted_worlds=10",
)  # fmt: skip


@dataclass(frozen=True)
class Simulated:
    """A simulated organisation: how many people, in which world, asked how often."""

    people: int
    world: World
    waves: int = 1
    seed: int = 1
    settings: tuple[str, ...] = ()


SIMULATED: Mapping[str, Simulated] = {
    "simulated": Simulated(400, World.NEEDS, seed=11),
    "refusal": Simulated(360, World.NONE, seed=3, settings=("segmentation.accept=[natural, reproducible]",)),
    "firm of 80": Simulated(80, World.NEEDS),
    "made": Simulated(900, World.GRADIENT, settings=_MADE),
}
#: Study -> settings beside the small budgets of all benchmarks.
SHIPPED: Mapping[str, tuple[str, ...]] = {
    "demo": ("segmentation.n_segments=[4, 5]",), "gss2016": (), "fevs2018": (),
}  # fmt: skip
#: Those that need the public data.
PUBLIC = ("gss2016", "fevs2018")
SHORT = ("simulated", "refusal", "firm of 80")


@dataclass(frozen=True)
class Release:
    """A published study: where its files lie, its released tables, and how it calls things."""

    name: str
    opened: OpenStudy
    exports: Path
    released: Mapping[str, pd.DataFrame]

    def labels(self, language: str) -> Labels:
        """The names of needs, segments and moments in one language."""
        story = tell(self.opened, {}, wave=wave_of(self.opened))
        named = names_in(self.released["segment_names"]) if "segment_names" in self.released else {}
        return replace(story, segment_names=named).labels(language)


def walked(name: str, folder: Path) -> Release | None:
    """The release of one study, walked in a folder; None where its public data are not here."""
    if name in PUBLIC and "SEGMENT_DATA" not in os.environ:
        return None
    own = folder / name.replace(" ", "_")
    if name in SIMULATED:
        how = SIMULATED[name]
        if not (own / "study.yaml").is_file():
            simulate_into(own, people=how.people, seed=how.seed, world=how.world, waves=how.waves)
        opened = walk(own / "study.yaml", *how.settings)
    else:
        opened = walk(_CONFIGS / f"{name}.yaml", f"workspace={own / 'work'}", *SHIPPED[name])
    wave = wave_of(opened)
    exports, released = (opened.workspace / folder / wave for folder in ("exports", "released"))
    return Release(name, opened, exports, read_released(released))


#: What looks at one release and gives rows for a table.
Look = Callable[[Release], list[dict[str, object]]]
