"""`segment questionnaire`: the codebook as a survey to field, or asked one by one until the segment is sure."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from segment.config import ResponsesConfig
from segment.errors import InvalidInput, NotReady, Refusal
from segment.fielding import FORMATS, Format, survey_of
from segment.locale import languages, say
from segment.segments.frozen import SegmentScorer
from segment.stages.base import OpenStudy, open_study
from segment.stages.codebooks import codebook_of
from segment.stages.exclusive import alone
from segment.stages.recovery import complete_interrupted
from segment.stages.rights.place import refuse_place
from segment.stages.score import champion_of
from segment.store import written_atomically
from segment.tables.codebook import Codebook, Item
from segment.tables.options import Options, wishes_in_words

#: What is typed for a question that somebody does not answer.
NO_ANSWER = "-"

Read = Callable[[], str]
Tell = Callable[[str], None]


def write_questionnaire(
    study: Path,
    *,
    language: str,
    form: str,
    out: Path | None,
    short: bool = False,
    overrides: Sequence[str] = (),
) -> list[str]:
    """The questionnaire in one language, in the codebook's order; to ``out``, or as lines to print.

    Raises
    ------
    InvalidInput
        A language or a form that there is none of, or a place where it cannot be written.
    InvalidStudy
        Codes that the survey tool does not take.
    NotReady
        A study without a survey, or a short form of no question.
    """
    _refuse_language(language)
    if form not in FORMATS:
        raise InvalidInput(
            "A questionnaire is not written in this form.", expected=", ".join(FORMATS), came=form, where="--format"
        )
    wanted = FORMATS[form]
    _refuse_name(out, wanted)
    opened = open_study(study, overrides=overrides)
    survey = survey_of(
        _asked(opened), _wishes(opened), title=opened.config.title.text(language), language=language, short=short,
        token=_token(opened),
    )  # fmt: skip
    made = wanted.written(survey)
    if out is None:
        return made.decode("utf-8-sig").splitlines()
    refuse_place(opened, out)
    with written_atomically(out) as temporary:
        temporary.write_bytes(made)
    return [f"written: {out}"]


def _refuse_name(out: Path | None, wanted: Format) -> None:
    """Tools know a survey by the ending of its file; what is no text cannot be printed."""
    if out is None and not wanted.is_text:
        raise InvalidInput("This form is no text to print.", expected=f"--out survey{wanted.ending}", where="--format")
    if out is not None and out.suffix.lower() != wanted.ending:
        raise InvalidInput(
            "That kind of file is not written.", expected=f"a name ending in {wanted.ending}", came=out.name,
            where="--out",
        )  # fmt: skip


def _token(opened: OpenStudy) -> str:
    """The column of the code that respondents make themselves, as the study declares its last survey; or nothing."""
    sources = opened.config.sources
    return sources.surveys[-1].columns.get("person_id", "person_id") if sources.tokens else ""


def _wishes(opened: OpenStudy) -> Options:
    settings = opened.config.codebook
    if settings is None or not settings.wishes:
        return {}
    return wishes_in_words(opened.study.config_path(settings.wishes))


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
        declared = opened.config.sources.surveys[-1]
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
