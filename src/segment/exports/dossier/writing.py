"""The dossier as files: every document in every language of the study, as pages that load and link nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from segment.exports.dossier.assessment import assessment
from segment.exports.dossier.evidence import evidence, limits
from segment.exports.dossier.facts import Facts
from segment.exports.dossier.model_cards import model_cards
from segment.exports.dossier.notice import notice, register
from segment.exports.dossier.overview import overview
from segment.exports.dossier.pen import Document, Pen
from segment.exports.dossier.technical import technical
from segment.exports.dossier.works_council import works_council
from segment.exports.pages import render_page
from segment.exports.story import Story

FOLDER = "dossier"

#: Every document by the name of its file, in reading order.
DOCUMENTS: Mapping[str, Callable[[Pen], Document]] = {
    "works_council": works_council,
    "dpia": assessment,
    "register": register,
    "notice": notice,
    "ai_act": technical,
    "model_cards": model_cards,
    "limits": limits,
    "audit": evidence,
}


def render_dossier(story: Story, facts: Facts) -> dict[str, str]:
    """Every document of the dossier: path inside the release -> page, in each language of the story.

    Everything comes from the run. Where the study holds no value the page says by whom it is to be filled in; figures
    about groups are those of released tables. The same story and facts give the same bytes.
    """
    pages = {}
    for language in story.languages:
        documents = [write(Pen(name, language, story, facts)) for name, write in DOCUMENTS.items()]
        pen = Pen("overview", language, story, facts)
        for document in (overview(pen, documents), *documents):
            page = render_page("dossier.html.j2", language, document=document, story=story, gaps=pen.gaps())
            pages[f"{FOLDER}/{document.name}.{language}.html"] = page
    return pages
