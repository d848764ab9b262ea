"""The report: one page of answers, then the evidence, in one file that can be read, mailed and printed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from segment.exports.answers import (
    Leaving,
    Need,
    leaving_of,
    measured_of,
    most_lacking,
    segment_answers,
    strongest_needs,
    why_nothing_lacks,
)
from segment.exports.blocks import Block, Section, spoken
from segment.exports.changes import changes_section, what_actions_did
from segment.exports.companions import companions, guide_name, method_name
from segment.exports.confidence import bias, remarks, sureness
from segment.exports.dated import wave_told
from segment.exports.detection import detection_lead
from segment.exports.exits import by_list, on_day, only_with_care, told_instead, whom_counted, with_care
from segment.exports.first_actions import also_pressing, first_actions
from segment.exports.leaving_words import everyone_unweighted, leaving_name, leaving_told, no_figure
from segment.exports.made_groups import made_lead, why_not_made
from segment.exports.method_sections import glossary, hidden_told, limits_told
from segment.exports.near_ties import in_words, listed, runs_of, sentence
from segment.exports.page_one import points, what_changed, what_would_help, whom_to_ask
from segment.exports.pages import render_page
from segment.exports.refusal import refusal
from segment.exports.registry_tables import blocks_in, tables_in
from segment.exports.rows import no_lack
from segment.exports.sections import (
    actions_section,
    journey_section,
    promises_section,
    rs_section,
    segments_section,
    staying_section,
)
from segment.exports.story import Story, once_per_story
from segment.exports.weighting import leaving_unweighted, weighed
from segment.locale import day_told, number, own_words, percent, say


@dataclass(frozen=True)
class KeyFigure:
    """A number large enough to read across a table, and what it counts."""

    figure: str
    about: str
    note: str = ""


def render_report(story: Story, language: str) -> str:
    """The report as one HTML file in one language ('nl' or 'en'): a page of answers, then the figures behind them.

    At most eight printed pages; how it was made stands in the method file. The same story gives the same bytes. What
    was not measured is listed once, at the end; a study without a survey tells about staying and leaving only, and
    says so on page one.
    """
    leaving = leaving_of(story)
    sections, unmeasured = sections_in(story, language)
    return render_page(
        "report.html.j2",
        language,
        title=own_words(story.title, language),
        organisation=own_words(story.organisation or {}, language, ""),
        kind="report",
        running=running_head(story, language),
        story=story,
        lead=lead(story, language),
        about=about(story, language),
        figures=key_figures(story, leaving, language),
        segments=segment_answers(story, language),
        blanks=_blanks(story, language),
        no_leaving=no_figure(leaving, None, language) if leaving else "–",
        counted=counted(story, language),
        labels=_card_labels(story, leaving, language),
        points=points(story, language),
        answers=_answers(story, language),
        actions=first_actions(story, language)[1:],
        as_pressing=also_pressing(story, language),
        together=partial(in_words, language=language),
        sure=[one for one in sureness(story, language) if one not in remarks(story, language)],
        remarks=further(story, language),
        limits=limits_told(story, language),
        sections=sections,
        unmeasured=unmeasured,
        files=companions(story, language),
        method=method_name(language),
        guide=guide_name(language),
        ask=whom_to_ask(story, language),
        glossary=glossary(story, language),
    )


def running_head(story: Story, language: str, part: str = "") -> str:
    """What stands at the head of every printed page: the study and its wave, and which file it is."""
    told = say(
        "page.running", language, title=own_words(story.title, language), when=wave_told(story, language, within=True)
    )
    return f"{told} · {part}" if part else told


def lead(story: Story, language: str) -> tuple[str, ...]:
    found = "segments.experience" if story.by_experience else "segments"
    key = {"segments": found, "none": "none", "no survey": "no_survey", "too few": "too_few"}[story.status]
    if story.answers_without_needs:
        key = (
            f"{'no_basis' if story.needs_rated_otherwise else 'no_needs'}{'.answers' if story.further_answers else ''}"
        )
    why = refusal(story, language) if story.status == "none" else ""
    plain = (say(f"report.lead.{key}", language, k=story.n_segments, why=why), why_not_made(story, language))
    return spoken(
        (
            *(made_lead(story, language) if story.made else plain),
            segments_not_shown(story, language),
            _about_experience(story, language),
        )
    )


def about(story: Story, language: str) -> tuple[str, ...]:
    """What has to be known of the figures of page one: who is counted, on which day, how, and whether they exist."""
    return spoken(
        (
            counted(story, language),
            say("report.lead.undated", language, day=day_told(story.counted_on, language)) if story.counted_on else "",
            say("report.lead.simulated", language) if story.data_kind == "simulated" else "",
        )
    )


def further(story: Story, language: str) -> tuple[str, ...]:
    """What bears on the figures and stands at the end: weights, what would have been seen, findings, what is hidden."""
    return spoken(
        (
            *weights_told(story, language),
            detection_lead(story, language) if story.segments else "",
            *remarks(story, language),
            hidden_told(story, language),
        )
    )


def weights_told(story: Story, language: str) -> tuple[str, ...]:
    """That answers are weighted, and that leaving is not; empty in a study without weights."""
    return spoken(
        (
            say("weighed.lead", language) if story.weighing else "",
            say("weighed.lead.leaving", language) if everyone_unweighted(story) else "",
        )
    )


def counted(story: Story, language: str) -> str:
    """How many people the segments hold together, and who of them is not in scope.

    Without segments: who answered, where not all of them are in scope; else empty.
    """
    if not story.n_answered or not (story.segments or story.outside):
        return ""
    held = number(story.n_answered, language, digits=0)
    if not story.outside:
        return story.say("report.counted", language, n=held)
    rest = in_the_rest(story.outside, language, dated=bool(story.employed_on))
    told = [
        say(f"report.outside.{kind}", language, n=number(n, language, digits=0), kinds=rest)
        for kind, n in story.outside.items()
    ]
    asked = number(story.n_respondents, language, digits=0)
    among = "outside" if story.segments else "everyone"
    key = f"report.counted.{among}{by_list(story) if story.employed else '.view'}"
    return story.say(
        key, language, n=held, asked=asked, others=", ".join(told), when=on_day(story.employed_on, language)
    )


def in_the_rest(outside: Collection[str], language: str, *, dated: bool = True) -> str:
    """Who may be among the others: kinds of people that are not told apart, as those outside are; or unknown.

    Where nothing is ``dated`` every employee on HR's list is in scope.
    """
    kinds = [kind for kind in _OUTSIDE if kind not in outside and (dated or kind != "employee")]
    named = ", ".join(say(f"report.outside.kind.{kind}", language) for kind in kinds)
    key = f"report.outside.kind.unknown{'' if named else '.only'}"
    return say(key, language, others=named)


def segments_not_shown(story: Story, language: str) -> str:
    """How many of the segments may be shown; empty where all may, or there are none."""
    if story.n_segments == len(story.segments):
        return ""
    key = "report.lead.segments.shown" if story.segments else "report.lead.segments.shown.none"
    return say(key, language, shown=len(story.segments), k=story.n_segments)


def _about_experience(story: Story, language: str) -> str:
    """That importance was not asked, and what that means for the segments where there are any."""
    if not story.by_experience or story.status == "no survey":
        return ""
    return story.say("report.lead.experience" if story.segments else "report.lead.experience.none", language)


def key_figures(story: Story, leaving: Leaving | None, language: str) -> tuple[KeyFigure, ...]:
    figures = []
    if story.n_people:
        figures.append(KeyFigure(number(story.n_people, language, digits=0), whom_counted(story, language)))
    if story.n_respondents:
        about = say("report.key.respondents.plain", language)
        if story.response_rate is not None and story.counted_apart:
            about = say("report.key.respondents", language, rate=percent(story.response_rate, language))
        figures.append(KeyFigure(number(story.n_respondents, language, digits=0), about))
    if story.segments:
        shown = "" if story.n_segments == len(story.segments) else ".some"
        kind = "made" if story.made else "segments"
        about = say(f"report.key.{kind}{shown}", language, shown=len(story.segments))
        figures.append(KeyFigure(str(story.n_segments), about))
    if leaving is not None and None in leaving.shares:
        share = leaving.shares[None]
        about = leaving_name(story, leaving, language)
        if leaving_unweighted(story):
            about = say("weighed.one", language, what=about)
        about = with_care(story, about, language)
        figures.append(KeyFigure(share.text(language), about, share.interval(language)))
    return tuple(figures)


def _blanks(story: Story, language: str) -> dict[int, tuple[str, ...]]:
    """By segment what stands where it has no needs that weigh, and nothing that it lacks."""
    return {one: (story.blank("profiles", one, language), no_lack(story, one, language)) for one in story.segments}


def _card_labels(story: Story, leaving: Leaving | None, language: str) -> dict[str, str]:
    origin = leaving.origin if leaving else "risk"
    key = {
        "risk": "report.card.leaving",
        "curve": "report.card.leaving.curve",
        "intention": "report.card.intention",
        "flag": "report.card.leaving.flag",
    }
    needs = "report.card.needs.experience" if story.by_experience else "report.card.needs"
    return {
        "needs": say(needs, language),
        "lacks": say("report.card.lacks", language),
        "leaving": say(key[origin], language, months=story.horizon_months) if leaving else "",
        "first": say("report.card.first", language),
    }


def _answers(story: Story, language: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Questions and answers of page one, apart from the groups, the points, the actions and how sure we are."""
    labels = story.labels(language)
    answers: list[tuple[str, tuple[str, ...]]] = []
    best = ".experience" if story.by_experience else ""
    if story.status != "no survey" and not story.segments:
        top = strongest_needs(story, labels, None)
        measured = measured_of(story, "experience" if story.by_experience else "importance")
        text = say("report.answer.hidden" if measured else "report.not_measured.sentence", language)
        if len(top) > 1:
            text = _heaviest(top, language, best)
        answers.append((say(f"report.answer.drivers{best}", language), (text,)))
    if story.status != "no survey":
        if not any(one.asked == say("page.lack.question", language) for one in points(story, language)):
            answers.append((say("report.answer.lack", language), _lack(story, language)))
        if story.segments:
            answers.append((say("page.changed.question", language), what_changed(story, language)))
    did = what_actions_did(story, language)
    answers += [(say("action.told.question", language), did)] if did else []
    question = "report.answer.leave.intention" if story.by_intention else "report.answer.leave"
    answers.append((say(question, language), _leaving_first(story, language)))
    helping = what_would_help(story, language)
    return (*answers, (say("page.help.question", language), helping)) if helping else tuple(answers)


def _leaving_first(story: Story, language: str) -> tuple[str, ...]:
    """What page one says of leaving: of how many, what cannot be shown, by what it was off; a section says all."""
    first, *more = leaving_told(story, language)
    beside = (*told_instead(story, language), *only_with_care(story, language), bias(story, language))
    return (first, *(one for one in more if one in beside))


def _heaviest(top: Sequence[Need], language: str, best: str) -> str:
    """The needs that weigh most; with the first, or after it, what is about as much, and each need named once."""
    first, *more = runs_of(top)
    if len(first) > 1:
        return say(f"report.answer.drivers.alike{best}", language, names=listed(first, language))
    if len(more[0]) > 1:
        told = {"first": first[0].name, "names": listed(more[0], language)}
        return say(f"report.answer.drivers.then{best}", language, **told)
    return say(f"report.answer.drivers.text{best}", language, first=first[0].name, second=more[0][0].name)


def _lack(story: Story, language: str) -> tuple[str, ...]:
    labels = story.labels(language)
    worst = most_lacking(story, labels)
    if not worst:
        return (say(why_nothing_lacks(story), language),)
    told = {"need": worst[0].need.name, "value": worst[0].need.unmet(language)}
    if worst[0].segment is None:
        first = say("report.answer.lack.text", language, **told)
    else:
        first = say("report.answer.lack.segment", language, segment=labels.segment(worst[0].segment), **told)
    return spoken((first, sentence(worst, language, after=True)))


#: Sections in their order, by their anchors.
SECTIONS: Mapping[str, Callable[[Story, str, Sequence[Block]], Section]] = {
    "segments": segments_section,
    "promises": promises_section,
    "seven-rs": rs_section,
    "journey": journey_section,
    "changes": changes_section,
    "staying": staying_section,
    "actions": actions_section,
}
#: Who answered and is not in scope: kinds of people, in the order in which others are named.
_OUTSIDE = ("candidate", "contractor", "alumnus", "employee")
#: What a study without answers about needs tells of; other sections only where people answered something else.
_WITHOUT_NEEDS, _OTHER_ANSWERS = ("staying",), ("promises", "seven-rs", "journey", "changes")


def told_in(story: Story) -> tuple[str, ...]:
    """The sections that this study may tell of, by their anchors, in order."""
    if story.status != "no survey":
        return tuple(SECTIONS)
    others = (one for one in _OTHER_ANSWERS if set(tables_in(one)) & set(story.further_answers))
    return (*others, *_WITHOUT_NEEDS)


@once_per_story
def sections_in(story: Story, language: str) -> tuple[tuple[Section, ...], str]:
    """The sections that have something to say, and the names of the others in a sentence."""
    every = [section_of(story, anchor, language) for anchor in told_in(story)]
    absent = ", ".join(one.title for one in every if one.absent)
    names = say("page.unmeasured.text", language, names=absent) if absent else ""
    return tuple(one for one in every if not one.absent), names


def section_of(story: Story, anchor: str, language: str) -> Section:
    """A section with the tables that stand in it by their spec, and with how its figures count people."""
    section = SECTIONS[anchor](story, language, blocks_in(story, anchor, language))
    how = weighed(story, tables_in(anchor, part="main"), language)
    return replace(section, after=how)
