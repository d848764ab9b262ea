"""`segment questionnaire`: the codebook as a survey to field, or asked one by one until the segment is sure."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from segment.config import ResponsesConfig
from segment.errors import InvalidInput, NotReady, Refusal
from segment.locale import languages, own_words, say
from segment.segments.frozen import SegmentScorer
from segment.stages.base import OpenStudy, open_study
from segment.stages.codebooks import codebook_of
from segment.stages.exclusive import alone
from segment.stages.recovery import complete_interrupted
from segment.stages.rights.place import refuse_place
from segment.stages.score import champion_of
from segment.stages.segmentation.basis import wishes_in_words
from segment.store import written_atomically
from segment.tables.codebook import Codebook, Item
from segment.vocabulary import ItemKind

#: Forms that a questionnaire is written in.
FORMATS = ("md",)
#: What is typed for a question that somebody does not answer.
NO_ANSWER = "-"
_PLACES = (ItemKind.RANK, ItemKind.WISH)

Read = Callable[[], str]
Tell = Callable[[str], None]


def write_questionnaire(
    study: Path, *, language: str, form: str, out: Path | None, overrides: Sequence[str] = ()
) -> list[str]:
    """The whole questionnaire in one language, in the codebook's order; to ``out``, or as lines to print.

    Raises
    ------
    InvalidInput
        A language or a form that there is none of.
    NotReady
        A study without a survey.
    """
    _refuse_language(language)
    if form not in FORMATS:
        raise InvalidInput(
            "A questionnaire is not written in this form.", expected=", ".join(FORMATS), came=form, where="--format"
        )
    opened = open_study(study, overrides=overrides)
    text = _told(opened, _asked(opened), language)
    if out is None:
        return text.splitlines()
    refuse_place(opened, out)
    with written_atomically(out) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return [f"written: {out}"]


def _refuse_language(language: str) -> None:
    if language not in languages():
        raise InvalidInput(
            "There is no catalogue in this language.", expected=", ".join(languages()), came=language, where="--lang"
        )


def _asked(opened: OpenStudy) -> Codebook:
    codebook = codebook_of(opened)
    if codebook is None:
        raise NotReady("This study has no survey, so there is nothing to ask.", advice="declare a codebook")
    return codebook


# ---------------------------------------------------------------------------------------------- on paper


def _told(opened: OpenStudy, codebook: Codebook, language: str) -> str:
    """The questionnaire as Markdown: one block per kind of question, each with how it is answered."""
    lines = [f"# {opened.config.title.text(language)}", "", say("questionnaire.intro", language), ""]
    wishes = _wishes(opened)
    number = 0
    for kind, items in groupby(codebook.items, key=lambda item: (item.kind, item.scale)):
        block = list(items)
        lines += [f"## {say(f'questionnaire.kind.{kind[0]}', language)}", "", *_how(block, language)]
        for item in block:
            number += 1
            start = f"{number}. "
            place = _place(item, codebook, wishes, language)
            lines += [start + item.text(language), "", *(" " * len(start) + line for line in place), ""]
    return "\n".join(lines).rstrip() + "\n"


def _how(items: Sequence[Item], language: str) -> list[str]:
    """How the questions of a block are answered: which end is the most, where the codebook turns none of them."""
    item = items[0]
    if item.kind in _PLACES or item.kind == ItemKind.MOMENT_PICK or item.scale == "open":
        return []
    if item.is_yes_no:
        return [say("questionnaire.how.yes_no", language), ""]
    ends = "plain" if all(one.reverse for one in items) else "scale"
    return [say(f"questionnaire.how.{ends}", language, low=int(item.low), high=int(item.high)), ""]


def _place(item: Item, codebook: Codebook, wishes: Mapping[str, Mapping[str, str]], language: str) -> list[str]:
    """Where one answer is written."""
    if item.scale == "open":
        return ["_" * 40]
    if item.kind == ItemKind.WISH:
        return [f"- [ ] {own_words(texts, language, option)}" for option, texts in wishes.items()]
    if item.kind == ItemKind.RANK:
        return [f"- ___ {codebook.need_name(need, language)}" for need in codebook.needs]
    if item.kind == ItemKind.MOMENT_PICK:
        return [f"- [ ] {moment.text(language)}" for moment in codebook.of_kind(ItemKind.MOMENT)]
    if item.is_yes_no:
        return [f"- [ ] {say(f'report.{word}', language)}" for word in ("yes", "no")]
    return ["   ".join(f"[ ] {answer}" for answer in range(int(item.low), int(item.high) + 1))]


def _wishes(opened: OpenStudy) -> Mapping[str, Mapping[str, str]]:
    settings = opened.config.codebook
    if settings is None or not settings.wishes:
        return {}
    return wishes_in_words(opened.study.config_path(settings.wishes))


# ---------------------------------------------------------------------------------------------- one by one


@dataclass(frozen=True)
class Interviewer:
    """Asks one person after another what tells most about them, and keeps their answers as an export would."""

    opened: OpenStudy
    scorer: SegmentScorer
    codebook: Codebook
    language: str

    def ask(self, *, read: Read, tell: Tell) -> dict[str, float]:
        """Put questions until another one is not worth it; code -> answer as it was given, NaN where there is none.

        Raises
        ------
        Refusal
            Answers end before the questions do.
        """
        turned: dict[str, float] = {}
        given: dict[str, float] = {}
        tell(say("questionnaire.adaptive", self.language, no_answer=NO_ANSWER))
        while (code := self.scorer.next_question(turned)) is not None:
            item = self.codebook.item(code)
            tell(f"{len(given) + 1}. {item.text(self.language)}")
            given[code] = self._answer(item, read, tell)
            turned[code] = item.low + item.high - given[code] if item.reverse else given[code]
        return given

    def _answer(self, item: Item, read: Read, tell: Tell) -> float:
        """One answer on its scale; what is no answer is asked again."""
        low, high = int(item.low), int(item.high)
        prompt = "questionnaire.prompt.plain" if item.reverse else "questionnaire.prompt"
        while True:
            tell(say(prompt, self.language, low=low, high=high, no_answer=NO_ANSWER))
            line = read()
            if not line:
                raise Refusal(
                    "The answers end before the questions do; nothing was written.",
                    expected=f"a number from {low} to {high}, or {NO_ANSWER} for no answer, on a line of its own",
                    came="the end of the input",
                )
            word = line.strip()
            if word == NO_ANSWER:
                return float("nan")
            if word.isascii() and word.isdigit() and low <= int(word) <= high:
                return float(word)


def ask_one(
    study: Path, *, person: str, language: str, out: Path, read: Read, tell: Tell, overrides: Sequence[str] = ()
) -> list[str]:
    """Ask one person question by question with the champion's adaptive form, and add the answers to a survey file.

    The file has one column per question that the champion reads, as the study declares its last survey: what
    ``segment assign`` takes. Questions that were not asked stay empty. ``person`` may be ``-``: the first line read.

    Raises
    ------
    NotReady
        No champion yet.
    Refusal
        Answers end too early, the file holds other columns, or this person already.
    """
    _refuse_language(language)
    interviewer = _interviewer(study, language, overrides)
    opened = interviewer.opened
    if out.suffix.lower() != ".csv":
        raise Refusal("That kind of file is not written.", expected="a name ending in .csv", came=out.name)
    refuse_place(opened, out)
    person = (read() if person == "-" else person).strip()  # an identifier on a command line stays in its history
    if not person:
        raise InvalidInput("Whose answers are these?", expected="an identifier", where="--person")
    sheet = _Sheet.of(opened, interviewer.scorer, out)
    sheet.refuse_again(person)
    given = interviewer.ask(read=read, tell=tell)
    sheet.add(person, given)
    return [
        f"{len(given)} questions asked; that is enough",
        f"written: {out} (answers of {len(sheet.rows)}; segment assign --survey {out} puts them into segments)",
    ]


@alone("questionnaire")
def _interviewer(study: Path, language: str, overrides: Sequence[str]) -> Interviewer:
    opened = open_study(study, overrides=overrides)
    codebook = _asked(opened)
    complete_interrupted(opened)
    opened.anchor.refuse_older()
    scorer, _ = champion_of(opened)
    return Interviewer(opened, scorer, codebook, language)


@dataclass
class _Sheet:
    """A survey file that grows by a row a person, written whole each time."""

    file: Path
    declared: ResponsesConfig
    columns: list[str]
    rows: list[dict[str, str]]

    @classmethod
    def of(cls, opened: OpenStudy, scorer: SegmentScorer, file: Path) -> _Sheet:
        """The file as it stands; empty where there is none."""
        declared = opened.config.sources.responses[-1]
        columns = [declared.columns.get(name, name) for name in ("person_id", *scorer.columns)]
        sheet = cls(file, declared, columns, [])
        if file.exists():
            sheet._read()
        return sheet

    def refuse_again(self, person: str) -> None:
        """One row a person: somebody who stands in the file is not asked twice."""
        if any(row[self.columns[0]] == person for row in self.rows):
            raise Refusal(
                "This person has answered already.",
                expected="one row a person",
                where=str(self.file),
                advice="write to another file, or take that row out first",
            )

    def add(self, person: str, answers: Mapping[str, float]) -> None:
        """Add one person's answers, and write the file whole."""
        told = {self.declared.columns.get(code, code): answer for code, answer in answers.items()}
        written = {name: f"{told[name]:g}" for name in told if told[name] == told[name]}
        self.rows.append({name: written.get(name, "") for name in self.columns} | {self.columns[0]: person})
        text = io.StringIO()
        writer = csv.DictWriter(text, self.columns, delimiter=self.declared.delimiter, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        with written_atomically(self.file) as temporary:
            temporary.write_text(text.getvalue(), encoding=self.declared.encoding)
            temporary.chmod(0o600)

    def _read(self) -> None:
        try:
            with self.file.open(encoding=self.declared.encoding, newline="") as handle:
                reader = csv.DictReader(handle, delimiter=self.declared.delimiter)
                rows, found = list(reader), list(reader.fieldnames or ())
        except (OSError, UnicodeError, csv.Error):
            rows, found = [], []
        if found != self.columns or any(None in row or None in row.values() for row in rows):
            raise Refusal(
                "This file holds something else than such answers.",
                expected=f"{len(self.columns)} columns, beginning with {', '.join(self.columns[:3])}",
                came=f"{len(found)} columns, or rows of another length",
                where=str(self.file),
                advice="write to a new file",
            )
        self.rows = rows


def refuse_options(*, adaptive: bool, person: str | None, out: Path | None) -> None:
    """What only one of the two ways takes, or needs.

    Raises
    ------
    InvalidInput
        Says which option is missing or too much.
    """
    if adaptive and (person is None or out is None):
        raise InvalidInput(
            "Asking one by one needs to know whose answers these are and where they go.",
            expected="--adaptive --person ID --out FILE.csv",
            came="without " + " and ".join(n for n, v in (("--person", person), ("--out", out)) if v is None),
        )
    if person is not None and not adaptive:
        raise InvalidInput(
            "A questionnaire on paper is nobody's yet.", expected="--adaptive beside --person", came="--person alone"
        )
