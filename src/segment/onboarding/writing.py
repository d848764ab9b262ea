"""What is written into the folder of a new study: its settings, its codebook, and the page to start from."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from segment.errors import Refusal
from segment.onboarding.asking import Read, Tell
from segment.onboarding.proposal import propose
from segment.onboarding.proposed import Proposal
from segment.store import written_atomically

_HEAD = """\
# Proposed by `segment init` and yours to correct. What was decided from what, and what only you can decide: START.md.
# Every setting: docs/reference/settings.md. Check it with: segment check study.yaml
"""
_FILES = ("study.yaml", "codebook.csv", "START.md")
#: Settings that stand on one line each.
_ON_ONE_LINE = ("attributes", "needs")


def begin_study(
    folder: Path, *, surveys: list[Path], people: list[Path], terminal: tuple[Read, Tell] | None = None
) -> list[str]:
    """Write a study that is proposed from exports into a folder; returns what to say about it.

    What is in the folder stays as it is; nobody's value is written. ``terminal``: what reads and writes a line where
    somebody is to be asked before anything is written.

    Raises
    ------
    Refusal
        The folder holds one of the three files already, or the exports make no study.
    """
    _refuse_taken(folder)
    proposal = propose(folder, surveys=surveys, people=people)
    if terminal is not None:
        read, tell = terminal
        proposal.put_questions(read=read, tell=tell)
    texts = {"study.yaml": study_text(proposal), "START.md": start_text(proposal)}
    if proposal.codebook:
        texts["codebook.csv"] = codebook_text(proposal)
    for name, text in texts.items():
        with written_atomically(folder / name) as temporary:
            temporary.write_text(text, encoding="utf-8")
    asked = [text.partition("**")[2].partition("**")[0] for text in proposal.decisions]
    return [
        *(f"{number}. {text}" for number, text in enumerate(asked, start=1)),
        f"written: {', '.join(str(folder / name) for name in _FILES if name in texts)}",
        f"next:    read {folder / 'START.md'}, then: segment check {folder / 'study.yaml'}",
    ]


def _refuse_taken(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise Refusal("The study cannot be written there.", expected="a folder", came="a file", where=str(folder))
    taken = [name for name in _FILES if (folder / name).exists()]
    if taken:
        raise Refusal(
            "There is a study in this folder already, and nothing of it is overwritten.", came=", ".join(taken),
            where=str(folder), advice="choose another folder, or move these files away",
        )  # fmt: skip


def study_text(proposal: Proposal) -> str:
    """The settings as a study file."""
    yaml, text = YAML(), io.StringIO()
    yaml.width = 110
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump(_laid_out(proposal.settings), text)
    return _HEAD + text.getvalue()


def _laid_out(value: object, *, lines: bool = False) -> object:
    """Settings as YAML lays them out: what belongs to one name of a list of names on one line."""
    if isinstance(value, Mapping):
        made = CommentedMap()
        for name, one in value.items():
            made[name] = _laid_out(one, lines=name in _ON_ONE_LINE)
            if lines and isinstance(made[name], CommentedMap):
                made[name].fa.set_flow_style()
        return made
    if isinstance(value, (list, tuple)):
        listed = CommentedSeq(_laid_out(one) for one in value)
        if not any(isinstance(one, Mapping) for one in value):
            listed.fa.set_flow_style()
        return listed
    return value


def codebook_text(proposal: Proposal) -> str:
    """The questions as a codebook, one row each."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(proposal.codebook[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(proposal.codebook)
    return text.getvalue()


def start_text(proposal: Proposal) -> str:
    """The page to start from."""
    decisions = [f"{number}. {text}" for number, text in enumerate(proposal.decisions, start=1)]
    return "\n".join([
        "# Start here", "",
        "This study was proposed from your files. Nothing in these three files is anybody's value.", "",
        "| file | made by | rows | columns | read |", "|---|---|---|---|---|", *proposal.files, "",
        "## What only a person can decide", "", *decisions, "",
        "## What was decided, from what", "", *(f"- {text}" for text in proposal.decided), "",
        "## Then", "",
        "People's data need a key, once per organisation, kept outside this folder:", "",
        "    export SEGMENT_PSEUDONYM_KEY=$(python -c 'import secrets; print(secrets.token_hex(32))')", "",
        "Data that are public anyway say `data: public` in study.yaml instead. Then", "",
        "    segment check study.yaml", "    segment run study.yaml --publish", "",
        "makes the report. Once a reviewer has decided (segment promote), runs are proposals and HR receives what was",
        "decided on: segment publish study.yaml", "",
    ])  # fmt: skip
