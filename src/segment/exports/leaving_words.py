"""Who leaves, in the sentences of page one and of the console: both say the same of the same people."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from segment.displays.column_text import EXITS
from segment.displays.labels import Labels, people_text
from segment.exports.answers import Leaving, Share, leaving_of
from segment.exports.blocks import spoken
from segment.exports.confidence import bias
from segment.exports.exits import exits_counted, only_with_care, told_instead
from segment.exports.near_ties import Name, first_of, listed, sentence
from segment.exports.story import Story
from segment.exports.weighting import leaving_unweighted
from segment.locale import day_told, number, say
from segment.needs.likeness import intervals_meet

#: Segments whose figures differ by less are reported as alike.
_ALIKE = 0.02

#: So many people are counted apart at least.
_FEW = 5


def everyone_unweighted(story: Story) -> bool:
    """Whether a weighted study tells how many of everyone leave, and counts each person once for it."""
    leaving = leaving_of(story)
    return leaving is not None and None in leaving.shares and leaving_unweighted(story)


def leaving_told(story: Story, language: str) -> tuple[str, ...]:
    """Who leaves, in sentences: of everyone together, of segments, and for which there is no figure of their own."""
    leaving = leaving_of(story)
    if leaving is None:
        return (_untold(story, language), *told_instead(story, language))
    labels, told = story.labels(language), list[str]()
    key = {
        "risk": "report.answer.leave.text",
        "curve": "report.answer.leave.curve",
        "intention": "report.answer.intend.text",
        "flag": "report.answer.leave.horizon",
    }
    if None in leaving.shares:
        words = {
            "value": _weighed_share(story, leaving.shares[None], language),
            "whom": _whom(story, leaving, language),
            "exits": exits_counted(story, language),
        }
        first = say(key[leaving.origin], language, months=leaving.months, **words)
        told += [
            first,
            *told_instead(story, language),
            *only_with_care(story, language),
            _day_counted_on(story, leaving, language),
            _counted_over(story, leaving, language),
            _leavers(leaving.shares[None], leaving, language),
        ]
        if leaving.origin == "risk" and (off := bias(story, language)):
            told.append(off)
    named = {segment: share for segment, share in leaving.shares.items() if segment is not None}
    if len(named) > 1:
        told += _spread(named, labels, language)
    told += counted_by_segment(story, leaving, named, language)
    told += _not_on_page_one(story, named, labels, language)
    told += _in_segments(story, leaving, language)
    told += _told_together(story, leaving, language)
    if leaving.origin in ("risk", "flag") and _silent_leave_more(story, leaving):
        told.append(story.say(f"report.answer.leave.silent{'.flag' if leaving.origin == 'flag' else ''}", language))
    return spoken(told) or (say("report.not_measured.sentence", language),)


def leaving_name(story: Story, leaving: Leaving, language: str) -> str:
    """What the share who leave is called beside its figure."""
    key = {
        "risk": "report.key.leaving",
        "curve": "report.key.leaving.curve",
        "intention": "report.key.intention",
        "flag": "report.key.leaving.flag",
    }
    return say(key[leaving.origin], language, months=leaving.months, exits=exits_counted(story, language))


def no_figure(leaving: Leaving, segment: int | None, language: str) -> str:
    """Why a segment (``None``: everyone) has no figure of leaving, in a few words to stand where it would."""
    if segment in leaving.hidden:
        return say("report.hidden", language)
    if leaving.origin in ("risk", "curve"):
        return say("report.no_figure.months", language, months=leaving.months)
    return say("report.no_figure", language)


def nobody_left(story: Story) -> bool:
    """Whether nobody was seen to leave in the period that was looked at."""
    return story.findings is not None and bool((story.findings["code"] == "RT001").any())


def counted_by_segment(story: Story, leaving: Leaving, segments: Collection[int], language: str) -> list[str]:
    """Whom the figures of these segments count, where they are other, more or fewer people than the segment holds."""
    shares = {segment: leaving.shares[segment] for segment in segments if segment in leaving.shares}
    if shares and leaving.origin == "risk" and story.outcome_kind == "spells":
        return [story.say("report.answer.leave.within", language)]
    staff = ".staff" if leaving.origin == "intention" and story.lists_staff else ""
    keys = ("known", f"fewer{staff}")
    held = zip(keys, _of_other_people(story, leaving, shares), strict=True)
    return [story.say(f"report.answer.leave.within.{key}", language) for key, so in held if so]


def _in_segments(story: Story, leaving: Leaving, language: str) -> list[str]:
    """How many of the people of whom everyone's figure is are in the segments, where these hold fewer."""
    counted = [leaving.shares[one].n for one in (None, *range(story.n_segments)) if one in leaving.shares]
    if not story.n_segments or len(counted) <= story.n_segments or not all(n.isdigit() for n in counted):
        return []
    everyone, *each = (int(n) for n in counted)
    if everyone - sum(each) < _FEW:
        return []
    words = {"n": number(sum(each), language, digits=0), "all": people_text(str(everyone), language)}
    return [story.say("report.answer.leave.segments", language, **words)]


def _not_on_page_one(story: Story, named: Collection[int], labels: Labels, language: str) -> list[str]:
    """Segments that have a figure here though page one does not show them: who is counted are other people there."""
    beyond = [Name(labels.segment(one), 0) for one in sorted(named) if one not in story.segments]
    key = "report.answer.leave.beyond" + ("" if len(beyond) == 1 else ".several")
    return [say(key, language, segments=listed(beyond, language))] if beyond and story.segments else []


def _of_other_people(story: Story, leaving: Leaving, shares: Mapping[int, Share]) -> tuple[bool, bool]:
    """Whether an outcome is known of more people of a segment than answered in this wave, and whether of fewer."""
    sizes = story.shown("segments") if story.segments and leaving.origin in ("intention", "flag") else None
    if sizes is None:
        return False, False
    held = {segment: str(n) for segment, n in zip(sizes["segment"], sizes["n"], strict=True)}
    both = [(share.n, held.get(segment, "")) for segment, share in shares.items()]
    off = [int(known) - int(own) for known, own in both if known.isdigit() and own.isdigit()]
    return any(by > 0 for by in off), any(by < 0 for by in off)


def _untold(story: Story, language: str) -> str:
    """Why there is no figure: it was not measured, or what was watched or asked gave none that may be shown."""
    if story.outcome_kind is None:
        return say("report.not_measured.sentence" if story.by_intention else "report.answer.leave.absent", language)
    if nobody_left(story):
        return say("finding.RT001", language)
    end = ".intention" if story.by_intention else ""
    told = say(f"report.answer.leave.untold{end}", language, months=story.horizon_months)
    return told if end or not _past_exits(story) else f"{told} {say('report.answer.leave.untold.past', language)}"


def _past_exits(story: Story) -> bool:
    """Whether a share of those who left in the last year is shown among the seven Rs."""
    card = story.shown("scorecard")
    if card is None or "share" not in card:
        return False
    return bool(card.loc[card["measure"].isin(EXITS) & card["segment"].isna(), "share"].notna().any())


def _weighed_share(story: Story, share: Share, language: str) -> str:
    """A share of everyone, with the word 'unweighted' where answers are weighted and it is not."""
    text = share.text(language)
    return say("weighed.one", language, what=text) if leaving_unweighted(story) else text


def _whom(story: Story, leaving: Leaving, language: str) -> str:
    """Whom the share of everyone is about, and how many they are where that differs from the people in scope."""
    told = leaving.shares[None].n
    n = people_text(told, language)
    if told and leaving.origin == "intention" and story.lists_staff:
        return say(f"report.whom.asked.{'employed' if story.employed_on else 'listed'}", language, n=n)
    if not told or n == number(story.n_people, language, digits=0):
        return say("report.whom.everyone", language)
    if leaving.origin == "risk" and story.outcome_kind in ("spells", "duration"):
        return say("report.whom.present", language, n=n)
    if leaving.origin == "intention":
        return say("report.whom.asked", language, n=n)
    return say("report.whom.view", language, n=n)


def _day_counted_on(story: Story, leaving: Leaving, language: str) -> str:
    """After which day people count as still employed, where they are counted so; else empty.

    Whose last day it was is employed on that day, and has left after it: who is there that day can be more people.
    """
    present = say("report.whom.present", language, n=people_text(leaving.shares[None].n, language))
    if _whom(story, leaving, language) != present or not story.watched_until:
        return ""
    return say("report.whom.present.day", language, day=day_told(story.watched_until, language))


def _counted_over(story: Story, leaving: Leaving, language: str) -> str:
    """Over how many people a curve is, where that differs from the people in scope; else empty."""
    told = leaving.shares[None].n if leaving.origin == "curve" else ""
    n = people_text(told, language)
    if not told or n == number(story.n_people, language, digits=0):
        return ""
    return say("report.answer.leave.curve.of", language, n=n)


def _leavers(share: Share, leaving: Leaving, language: str) -> str:
    """How many will have left, and what the band holds; empty where nothing is foretold."""
    people = share.leavers(language)
    return say("report.answer.leave.band", language, people=people, months=leaving.months) if people else ""


def _told_together(story: Story, leaving: Leaving, language: str) -> tuple[str, ...]:
    """For which segments there is no figure of their own, so that nobody takes that of everyone for theirs."""
    bare = [one for one in story.segments if leaving.together(one)]
    hidden, told = [one for one in bare if one in leaving.hidden], list[str]()
    asked = leaving.origin == "intention"
    ahead = "" if asked else say("report.answer.leave.ahead", language, months=leaving.months)
    for key, of in (("hidden", hidden), ("together", [one for one in bare if one not in hidden])):
        names = ", ".join(f"‘{story.labels(language).segment(one)}’" for one in of)
        if len(of) == len(story.segments):
            key = f"{key}.duration" if key == "together" and story.outcome_kind == "duration" else f"{key}.all"
        if of:
            told.append(story.say(f"report.answer.leave.{key}", language, segments=names, ahead=ahead))
    return tuple(told)


def _silent_leave_more(story: Story, leaving: Leaving) -> bool:
    """Whether everyone, as printed, leaves more often than every segment: only people in none can bring that about.

    Or weights can, where segments have them and everyone has none; then intervals have to lie apart.
    """
    shares, segments = leaving.shares, range(story.n_segments)
    if None not in shares or not segments or any(s not in shares for s in segments):
        return False
    if leaving_unweighted(story):
        return shares[None].low > max(shares[s].high for s in segments)
    return round(shares[None].value, 2) > max(round(shares[s].value, 2) for s in segments)


def _may_be_alike(one: Share, other: Share) -> bool:
    """Whether the interval of the difference of two segments holds zero; that their own meet does not say so."""
    value, low, high = ([getattr(share, end) for share in (one, other)] for end in ("value", "low", "high"))
    return not np.isnan([low, high]).any() and bool(intervals_meet(value, low, high, least=0.0)[0, 1])


def _spread(named: Mapping[int, Share], labels: Labels, language: str) -> tuple[str, ...]:
    """Which segments stand out; sentences of their own when they may be alike, or the figures nearly are."""
    order = sorted(named, key=lambda s: named[s].place)
    high, low = order[0], order[-1]
    words = {"high_value": named[high].text(language), "low_value": named[low].text(language)}
    if words["high_value"] == words["low_value"]:
        return (labels.say("report.answer.leave.alike"),)
    if _may_be_alike(named[high], named[low]):
        return (labels.say("report.answer.leave.overlap", **words),)
    if named[high].value - named[low].value < _ALIKE:
        return (labels.say("report.answer.leave.same", **words),)
    told = say("report.answer.leave.range", language, high=labels.segment(high), low=labels.segment(low), **words)
    often = first_of([Name(labels.segment(one), named[one].alike) for one in order], 1)
    return spoken((told, sentence(often, language, about="leaving", after=True)))
