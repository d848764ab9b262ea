"""A study proposed from exports: its settings, its codebook, what was decided from what, and what a person decides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from segment.errors import Refusal
from segment.ingest.parsing import as_text
from segment.locale import own_languages, say
from segment.onboarding.asking import Answer, a_period, assigned, one_of, some_of, yes_no
from segment.onboarding.columns import Column
from segment.onboarding.hr import PeopleSide, horizon, read_hr
from segment.onboarding.items import Question, with_doubts, with_needs
from segment.onboarding.opening import Opened, open_export
from segment.onboarding.proposed import Proposal, Settings, named
from segment.onboarding.questionnaires import (
    SHIPPED_WISHES,
    Asked,
    is_questionnaire,
    listed_questions,
    read_questionnaire,
    shipped_rows,
    usual_names,
)
from segment.onboarding.sources import described, people_source, survey_source
from segment.onboarding.survey import SurveySide, read_survey
from segment.vocabulary import ItemKind

#: How a need may be called.
_NEED = re.compile(r"[A-Z][A-Z0-9_]{0,11}")


def propose(folder: Path, *, surveys: Sequence[Path], people: Sequence[Path]) -> Proposal:
    """A study from survey exports (questionnaires among them) and HR exports.

    Raises
    ------
    Refusal
        A file cannot be read, or none holds a question or a person.
    """
    asked = [one for path in surveys if is_questionnaire(path) for one in read_questionnaire(path)]
    opened = [open_export(path) for path in surveys if not is_questionnaire(path)]
    asked += _listed(opened)
    hr = [read_hr(open_export(path)) for path in people]
    if len(hr) > 1:
        raise Refusal(
            "A study has one HR export.",
            expected="one file or folder",
            came=f"{len(hr)} files",
            advice="join them by the person's identifier first; a folder of Parquet files is one export",
        )
    known = _identifiers(hr[0]) if hr else frozenset()
    sides = [read_survey(one, asked, known_ids=known) for one in opened if not _is_list(one, asked)]
    _refuse_nothing(surveys, opened, sides, hr)
    sides = [side for side in sides if side.questions]
    shipped = shipped_rows(name for side in sides for name in side.columns)
    for side in sides if shipped else ():
        _sort_shipped(side, [row["code"] for row in shipped])
    proposal = Proposal({"study": _name(folder), "title": dict.fromkeys(own_languages(), _title(folder))}, [])
    for one in (*(side.opened for side in sides), *(side.opened for side in hr)):
        proposal.files.append(described(one))
    about = hr[0] if hr else _about_people(sides)
    if shipped:
        _propose_shipped(proposal, shipped)
    else:
        _propose_codebook(proposal, sides, asked)
    sources: Settings = {}
    if about is not None:
        sources["people"] = people_source(folder, about, proposal, shared=not hr)
        _propose_outcome(proposal, about, sides)
    if sides:
        sources["responses"] = [survey_source(folder, side, proposal, about) for side in sides]
    proposal.settings["sources"] = sources
    if about is not None and about.outcome:
        proposal.settings["outcome"] = about.outcome
    return proposal


def _listed(opened: Sequence[Opened]) -> list[Asked]:
    """Questions of tables that list them, for the columns of the other exports."""
    names = {id(one): one.names for one in opened}
    return [
        asked
        for one in opened
        if len(opened) > 1
        for asked in listed_questions(
            one.raw, [name for other in opened if other is not one for name in names[id(other)]]
        )
    ]


def _is_list(opened: Opened, asked: Sequence[Asked]) -> bool:
    """Whether a table is a list of questions itself."""
    codes = {one.code for one in asked}
    return bool(codes) and any(codes == set(opened.raw.frame[name].astype("str")) for name in opened.names)


def _refuse_nothing(
    surveys: Sequence[Path], opened: Sequence[Opened], sides: Sequence[SurveySide], hr: Sequence[PeopleSide]
) -> None:
    long = [side for side in sides if side.long]
    if long:
        raise Refusal(
            f"{long[0].opened.path.name} has several rows for each person.",
            expected="one row per person and wave",
            came=f"a file in which '{long[0].identifier}' occurs many times, and no column that names the wave",
            advice="export it with one row per person and one column per question (best-worst blocks: one column per "
            "need), or map the column of the wave by hand",
        )
    silent = [side.opened.path.name for side in sides if not side.questions]
    if (surveys and not any(side.questions for side in sides)) or (not surveys and not hr):
        raise Refusal(
            "No question was recognised in the survey.",
            came=", ".join(silent) or "no table of answers",
            expected="columns of answers on a scale: whole numbers, or the labels of a usual scale",
            advice="choose the export that holds the answers; an HR export belongs behind --people; with columns of "
            "another kind, name the questions in a codebook by hand (docs/reference/codebook.md)",
        )
    if hr and not opened and not (hr[0].outcome or hr[0].named):
        raise Refusal(
            f"{hr[0].opened.path.name} says nothing about employment.",
            came="no column with a start, an end or a flag of leaving",
            expected="an HR export: one row per person, or per person and date",
            advice="choose the export of employments, and join what other exports say by the person's identifier",
        )
    if hr and hr[0].identifier is None and not opened:
        raise Refusal(
            f"{hr[0].opened.path.name} has no identifier.",
            expected="a column that says who somebody is",
            came="none",
            advice="export it again with the personnel number or another identifier",
        )


def _identifiers(side: PeopleSide) -> frozenset[str]:
    frame = side.opened.raw.frame
    return frozenset(as_text(frame[side.identifier]).dropna()) if side.identifier is not None else frozenset()


def _about_people(sides: Sequence[SurveySide]) -> PeopleSide | None:
    """What the first survey says about people, where it does; nothing where the other ones are of nobody on it."""
    side = next(iter(sides), None)
    if side is None or not (side.others.attributes or side.outcome):
        return None
    if len(sides) > 1 and side.identifier is None:
        return None
    about = PeopleSide(side.opened, side.columns, side.identifier, side.sure, others=side.others)
    about.outcome = horizon(side.columns[side.outcome], source="people") if side.outcome else {}
    return about if about.others.attributes or about.outcome else None


def _codes(questions: Iterable[Question]) -> set[str]:
    return {one.code for one in questions}


def _propose_codebook(proposal: Proposal, sides: Sequence[SurveySide], asked: Sequence[Asked]) -> None:
    """The questions of all surveys, each once, as the codebook's rows; what is said about them."""
    if not sides:
        return
    answers: dict[str, Column] = {}
    questions: dict[str, Question] = {}
    for side in sides:
        answers |= {name: one for name, one in side.columns.items() if name not in answers}
        questions = {one.code: one for one in side.questions} | questions
    made, by = with_needs(list(questions.values()), answers)
    made = with_doubts(made, answers)
    proposal.codebook = [_row(one) for one in made]
    needs = list(dict.fromkeys(one.need for one in made if one.need))
    scales = {one.scale: [one.low, one.high] for one in made if one.scale not in ("imp5", "true5", "0-10", "yesno")}
    codebook: Settings = {"file": "codebook.csv", "needs": {need: _need_names(need, made) for need in needs}}
    proposal.settings["codebook"] = codebook | ({"scales": scales} if scales else {})
    important = [one for one in made if one.kind == ItemKind.IMPORTANCE]
    if not important:
        proposal.settings["segmentation"] = {"basis": [str(ItemKind.EXPERIENCE)]}
    _tell_questions(proposal, made, needs, by, answers)
    if asked:
        proposal.decided.append(
            f"Wordings and blocks of {len(asked)} questions come from the questionnaire that was given."
        )


def _sort_shipped(side: SurveySide, codes: Sequence[str]) -> None:
    """Let the columns of the shipped questionnaire be answers, whatever they looked like."""
    answers = [name for name in side.columns if name in codes or name.startswith(tuple(f"{code}_" for code in codes))]
    for name in answers:
        side.others.attributes.pop(name, None)
        side.others.ignored.pop(name, None)


def _propose_shipped(proposal: Proposal, rows: list[dict[str, str]]) -> None:
    """The codebook of the questionnaire that comes with the program."""
    proposal.codebook = rows
    needs = list(dict.fromkeys(row["driver"] for row in rows if row["driver"] not in ("", "*")))
    wishes = {"wishes": SHIPPED_WISHES} if any(row["kind"] == ItemKind.WISH for row in rows) else {}
    names = {need: _need_names(need, ()) for need in needs}
    proposal.settings["codebook"] = {"file": "codebook.csv", **wishes, "needs": names}
    proposal.decided.append(
        f"The questionnaire is the one that comes with the program, by its codes: {len(rows)} questions."
    )


def _row(one: Question) -> dict[str, str]:
    wording = one.text or one.code
    return {
        "code": one.code,
        "block": one.block,
        "driver": one.need or "*",
        "kind": str(one.kind),
        "scale": one.scale,
        "reverse": "R" if one.reverse else "",
        **dict.fromkeys(own_languages(), wording),
    }


def _need_names(need: str, questions: Sequence[Question]) -> dict[str, str]:
    """A need's name in the languages of studies: a usual one, its block's, or a number that asks for a name."""
    if names := usual_names(need):
        return names
    block = next((one.block for one in questions if one.need == need and one.block), "")
    if block and need.startswith("B"):
        return dict.fromkeys(own_languages(), block)
    return {language: say("onboarding.need.unnamed", language, number=need[1:]) for language in own_languages()}


def _tell_questions(
    proposal: Proposal, made: Sequence[Question], needs: Sequence[str], by: str, answers: Mapping[str, Column]
) -> None:
    """What was decided about the questions, and what a person decides about them."""
    important = sum(one.kind == ItemKind.IMPORTANCE for one in made)
    proposal.decided.append(
        f"{len(made)} questions: {important} about what is important, {len(made) - important} about "
        f"work as it is; by the "
        f"word 'important' in wording or name."
    )
    if not important:
        proposal.ask(
            10,
            "**What do the questions ask?** None says 'important', so all count as experience and segments are made of "
            "experience. Write `importance` under `kind` where a question asks how important something is, and take "
            "`segmentation: basis` out of study.yaml.",
            some_of([one.code for one in made], lambda codes: _make_important(proposal, codes)),
        )
    reason = {
        "words": "by words of their wording or name",
        "blocks": "by the blocks of the questionnaire",
        "answers": "by which answers go together, as nothing else says so",
        "": "for no question",
    }[by]
    without = sum(not one.need for one in made)
    proposal.decided.append(f"{len(needs)} needs were proposed {reason}; {without} questions are about none.")
    weight = {"words": 40, "blocks": 25, "answers": 15, "": 15}[by]
    proposal.ask(
        weight,
        f"**Which need is each question about?** {len(needs)} needs were proposed {reason}. Correct `driver` in "
        "codebook.csv and the names under `codebook: needs`.",
        assigned([one.code for one in made], _NEED, lambda said: _put_needs(proposal, said, made)),
    )
    _tell_scales(proposal, made, answers)


def _tell_scales(proposal: Proposal, made: Sequence[Question], answers: Mapping[str, Column]) -> None:
    """What was decided about which answers mean much and which little, and what a person decides about it."""
    falling = [one.code for one in made if one.reverse]
    if falling:
        proposal.decided.append(f"The labels of {named(falling)} run from high to low: they carry R under `reverse`.")
    opposite = [one.code for one in made if one.opposite]
    if opposite:
        proposal.ask(
            20,
            f"**Which questions ask for the opposite?** By wording or answers: {named(opposite)}. Write R under "
            "`reverse` in codebook.csv where that is so; nothing was turned by itself.",
            some_of(opposite, lambda codes: _put(proposal, "reverse", dict.fromkeys(codes, "R"))),
        )
    guessed = [one.code for one in made if answers[one.code].usual is None]
    if guessed:
        proposal.decided.append(
            f"The scales of {len(guessed)} questions are those that their lowest and highest answers fit."
        )
        proposal.ask(
            60,
            "**Are the scales right?** Where the file has no labels they were taken from the answers: "
            f"{named(sorted({one.scale for one in made if one.code in set(guessed)}))}; correct "
            f"`scale` in codebook.csv, and "
            "write R under `reverse` where the highest number means least.",
            assigned(guessed, sorted({one.scale for one in made}), lambda said: _put(proposal, "scale", said)),
        )


def _propose_outcome(proposal: Proposal, side: PeopleSide, sides: Sequence[SurveySide]) -> None:
    """What leaving means, and what a person decides about it."""
    outcome = side.outcome
    if side.lists:
        proposal.decided.append(
            f"`{side.named['snapshot_date']}` dates lists of everyone: who is missing from the next left in between."
        )
        proposal.ask(
            35,
            "**Is everyone who works here on every list?** Then who is missing from the next one has left, halfway "
            "between the two; correct `history`, or take it out where rows are dated by their own changes.",
            yes_no(lambda: _without_lists(proposal)),
        )
    elif outcome.get("kind") == "spells":
        proposal.decided.append("Leaving is dated: start and end of employment are there.")
        proposal.ask(
            35,
            "**From when to when are exits complete?** The window runs from the year of the first "
            "exit to the month of the "
            "last date; correct `outcome: window`, and `values: end_reason` for what counts as voluntary.",
            _window_asked(outcome),
        )
    elif outcome:
        proposal.decided.append(f"`{outcome['column']}` says who leaves: yes and no.")
        proposal.ask(
            35,
            f"**What does `{outcome['column']}` mean?** It was taken as '{outcome['meaning']}' within "
            f"12 months; correct "
            "`meaning` (exit or intention) and `months`.",
            one_of(("exit", "intention"), str(outcome["meaning"]), lambda word: outcome.update(meaning=word)),
        )
    else:
        flags = [one.outcome for one in sides if one.outcome]
        which = f" `{flags[0]}` may be it: say which values mean yes under `outcome`." if flags else ""
        proposal.ask(
            35,
            "**What does leaving mean here?** No column says so by itself, so nothing is reported about leaving."
            f"{which} See `outcome` in docs/reference/settings.md.",
        )


def _window_asked(outcome: Settings) -> Answer | None:
    """How the window is answered: the proposed days stand if nothing is typed."""
    window = outcome.get("window")
    if not isinstance(window, dict):
        return None
    return a_period((window["start"], window["end"]), lambda start, end: window.update(start=start, end=end))


def _put(proposal: Proposal, column: str, said: Mapping[str, str]) -> None:
    """Write words into one column of the codebook's rows."""
    for row in proposal.codebook:
        row[column] = said.get(row["code"], row[column])


def _make_important(proposal: Proposal, codes: Sequence[str]) -> None:
    """Let questions ask what is important; segments are then made of these."""
    scales = {row["code"]: "imp5" for row in proposal.codebook if row["code"] in codes and row["scale"] == "true5"}
    _put(proposal, "kind", dict.fromkeys(codes, str(ItemKind.IMPORTANCE)))
    _put(proposal, "scale", scales)
    if codes:
        proposal.settings.pop("segmentation", None)


def _put_needs(proposal: Proposal, said: Mapping[str, str], made: Sequence[Question]) -> None:
    """Let questions be about other needs, of which new ones get a name and forgotten ones go."""
    _put(proposal, "driver", said)
    codebook = proposal.settings["codebook"]
    if isinstance(codebook, dict):
        needs = dict.fromkeys(row["driver"] for row in proposal.codebook if row["driver"] != "*")
        codebook["needs"] = {need: codebook["needs"].get(need) or _need_names(need, made) for need in needs}


def _without_lists(proposal: Proposal) -> None:
    """Rows are dated by their own changes: nobody leaves by missing from a list."""
    sources = proposal.settings["sources"]
    if isinstance(sources, dict):
        sources["people"].pop("history", None)
    proposal.settings.pop("outcome", None)


def _title(folder: Path) -> str:
    return folder.resolve().name.replace("_", " ").replace("-", " ").strip().capitalize() or "Study"


def _name(folder: Path) -> str:
    name = re.sub(r"[^a-z0-9_-]+", "-", folder.resolve().name.lower()).strip("-_")[:60]
    return name or "study"
