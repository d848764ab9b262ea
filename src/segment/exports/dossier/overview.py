"""The front page of the dossier: which documents there are, for whom, and what is still to be filled in by whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from segment.exports.blocks import Grid
from segment.exports.dossier.pen import ROLES, Document, Pen
from segment.locale import own_words


def overview(pen: Pen, documents: Sequence[Document]) -> Document:
    """One row per document, then one row per open point; both counted from the documents themselves."""
    left = {document.title: list(dict.fromkeys(_open(pen, document))) for document in documents}
    listed = [
        (one.title, f"{one.name}.{pen.language}.html", one.reader, str(len(left[one.title]))) for one in documents
    ]
    where: dict[tuple[str, str], list[str]] = {}
    for title, found in left.items():
        for point in found:
            where.setdefault(point, []).append(title)
    points = [
        (pen.say(f"role.{role}"), what, "; ".join(titles))
        for role in ROLES
        for (asked, what), titles in where.items()
        if asked == role
    ]
    return pen.document(
        pen.section("documents", blocks=[pen.table("", ("document", "file", "reader", "open"), listed)]),
        pen.section("open", blocks=[pen.table("", ("role", "what", "document"), points)] if points else []),
        pen.section("made"),
        title=own_words(pen.story.title, pen.language),
    )


def _open(pen: Pen, document: Document) -> Iterator[tuple[str, str]]:
    """What a document leaves open: the role, and the subject (with the column in a table of several)."""
    gaps = pen.gaps()
    for section in document.sections:
        for block in section.blocks:
            if not isinstance(block, Grid):
                continue
            for row in block.rows:
                for heading, cell in zip(block.columns[1:], row[1:], strict=True):
                    if cell in gaps:
                        yield gaps[cell], row[0] if len(row) == 2 else f"{row[0]}: {heading}"
