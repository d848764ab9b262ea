"""Renders sample studies in one language with the package that lies in a folder: a program for a test.

python render_in_language.py FOLDER_OF_THE_PACKAGE LANGUAGE OUT
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

LANGUAGE = OUT = ""
if __name__ == "__main__":  # whoever looks for examples in here imports it
    PACKAGE, LANGUAGE, OUT = sys.argv[1:]
    sys.path[:0] = [PACKAGE, str(Path(__file__).resolve().parent)]

import pandas as pd  # noqa: E402
import sample_dossier  # noqa: E402
import sample_story  # noqa: E402

from segment.config.settings import Bilingual  # noqa: E402
from segment.exports.card import CardContent, CardLine, render_card  # noqa: E402
from segment.exports.dossier import render_dossier  # noqa: E402
from segment.exports.story import Story  # noqa: E402
from segment.exports.writing import make_exports  # noqa: E402
from segment.segments.names import name_rows  # noqa: E402
from segment.segments.profiling import name_segments, profile_segments  # noqa: E402
from segment.tables.codebook import COLUMNS  # noqa: E402


def written(texts: Mapping[str, str]) -> dict[str, str]:
    """A study's own words, written in the language too."""
    return {**texts, LANGUAGE: f"⟦{texts['en']}⟧"}


def spoken(story: Story) -> Story:
    """The story of a study that wrote its names in the language and reports in it alone."""
    names = {
        field: {code: written(texts) for code, texts in getattr(story, field).items()}
        for field in ("need_names", "segment_names", "moment_names", "feature_names", "offer_names")
    }
    actions = {
        code: {field: written(texts) for field, texts in action.items()} for code, action in story.actions.items()
    }
    agreed = dict.fromkeys(story.governance, "⟦2026⟧") if story.governance else None
    return replace(
        story, **names, actions=actions, title=written(story.title), governance=agreed, languages=(LANGUAGE,),
        organisation=written(story.organisation) if story.organisation else {},
    )  # fmt: skip


def kept() -> dict[str, object]:
    """What a study keeps per language: names of segments, columns of its lists, its own words."""
    actions = (Path(OUT) / "full_story" / "actions.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    scores = pd.DataFrame({"pay": [1.0, 1.0, -1.0], "time": [-1.0, -1.0, 1.0]})
    needs = {"pay": {"nl": "loon", "en": "pay"}, "time": {"nl": "tijd", "en": "time"}}
    titles = ({"nl": "Titel", "en": "My title"}, {"nl": "Titel", "en": "My title", LANGUAGE: "its title"})
    return {
        "names": name_rows({0: needs["pay"]})["language"].tolist(),
        "actions": actions.split(";"),
        "codebook": {name: needed for name, (needed, _) in COLUMNS.items()},
        "named": name_segments(profile_segments(scores, [[1, 0], [1, 0], [0, 1]]), needs)[0],
        "title": [Bilingual.model_validate(title).text(LANGUAGE) for title in titles],
    }


def main() -> None:
    for name in ("full_story", "without_segments", "hr_only", "intention"):
        make_exports(spoken(getattr(sample_story, name)()), Path(OUT) / name)
    dossier = render_dossier(spoken(sample_dossier.governed()), sample_dossier.facts())
    need = written(sample_story.NEEDS["GRO"])
    action = {field: written(texts) for field, texts in sample_story.ACTIONS["growth-talk"].items()}
    lines = tuple(
        CardLine(need=need, importance=value, experience=2.0, own=action, ask=action, well=well, wished=True)
        for value in (4.5, 2.0, float("nan"))
        for well in (False, True)
    )
    card = CardContent("2025-2", lines, purpose="2025", approver="2025", expires="2026-12-31", contact="2025")
    pages = {**dossier, f"card.{LANGUAGE}.html": render_card(card, LANGUAGE)}
    for name, page in pages.items():
        path = Path(OUT) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
    (Path(OUT) / "kept.json").write_text(json.dumps(kept(), ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
