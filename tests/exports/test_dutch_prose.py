"""Dutch that people read: short sentences, easy words, one word for one thing; checked on what is generated."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sample_story
from dutch_prose import LONGEST, NEVER, douma, hard, sentences, syllables, told_on, words

from segment.exports import verify
from segment.exports.report import render_report
from segment.exports.story import Story
from segment.locale import catalogue
from segment.vocabulary import SEVEN_RS

#: Page one reads easily from here on (Flesch-Douma); its labels (figures, titles of actions) are no sentences.
EASY = 80.0
#: One sentence by itself swings far more than a page: harder than this is hard.
HARD = 40.0

STORIES: dict[str, Callable[[], Story]] = {
    "segments": sample_story.full_story,
    "none": sample_story.without_segments,
    "no survey": sample_story.hr_only,
    "intention": sample_story.intention,
}
#: Too long, nested, of the office, or with a word that is never said.
PLANTED = (
    "De segmenten tellen samen 2.141 mensen: 2.062 die op die dag in dienst waren en antwoordden, "
    "en verder 37 kandidaten, 23 oud-medewerkers, 13 externen.",
    "Van twee mensen van wie er één op eigen initiatief gaat, wijst het model in 68% "
    "(63% tot 73%) van de gevallen de juiste aan.",
    "Waar bijna iedereen hetzelfde wil volstaat één beleid; waar segmenten verschillen loont een aanpak "
    "per segment; waar mensen verschillen past een gesprek.",
    "De mensen die, nadat zij, toen de vragen kwamen, niet hadden gezegd wat zij wilden, "
    "toch nog gingen, tellen hier mee.",
    "Het grootste gemis is groei: 0,37.",
    "Er waren 2.996 mensen in beeld.",
    "Dat geldt voor iedereen in beeld (2.973 mensen).",
    "Teneinde dit te zien is er geteld.",
    "Dit is middels een lijst gevraagd.",
    "Het cijfer is door middel van een model gemaakt.",
    "Met betrekking tot groei is er een tekort.",
    "Ten aanzien van loon is er niets gevraagd.",
    "Indien iemand gaat, telt hij niet mee.",
    "Derhalve is dit niet waar.",
    "De leiding dient te praten met het team.",
    "Dit is reeds bekend.",
    "Alsmede de groep ernaast telt mee.",
    "Elke respondent telt één keer.",
    "Personeelsgerelateerde verwachtingsdiscrepanties impliceren organisatorische interventienoodzakelijkheid.",
    "Effectieve implementatie van gedifferentieerde retentiestrategieën faciliteert organisatiecontinuïteit.",
)
PLAIN = (
    "Vier groepen mensen vragen elk iets anders van hun werk.",
    "Dat is zeker meer.",
    "Een segment gaat over een groep.",
    "Beslis er niet mee over één mens.",
    "Wat samengaat met vertrek, hoeft er niet de oorzaak van te zijn.",
    "Het grootste tekort is groei: 0,37.",
    "Op 31 maart 2024 waren er 2.996 medewerkers in dienst.",
    "Begin met één team dat het wil.",
    "Praat met elkaar over wat er beter kan.",
    "Hun fout (Brier) is zoveel kleiner: +8,0% (+5,0% tot +11,0%).",
    "Dat segment is het minst zeker.",
    "Stel: van twee mensen gaat er één, om welke reden ook.",
    "Dan wijst het model in 76% (73% tot 79%) van de gevallen de juiste aan.",
    "Het model geeft iedereen dezelfde kans.",
    "Je vindt dit belangrijk en ervaart het nog niet genoeg.",
    "Laat meer mensen meedoen: een van de groepen was te klein.",
    "Wie niet meedeed kan anders denken.",
    "Er is geen vragenlijst afgenomen.",
    "Dit is gemeten, maar het mag hier niet worden getoond.",
    "Niet getoond om te voorkomen dat iemand herkenbaar wordt.",
)


def page_one(story: Story) -> list[str]:
    """The sentences and labels of page one, up to the table of contents."""
    return told_on(render_report(story, "nl").split('<nav class="toc"')[0])


@pytest.mark.parametrize(
    ("word", "counted"),
    [
        ("mens", 1), ("tekort", 2), ("groeien", 2), ("vertrek", 2), ("behoefte", 3), ("ontwikkeling", 4),
        ("reëel", 2), ("coördinatie", 5), ("beïnvloed", 3), ("geïnd", 2), ("eeuw", 1), ("nieuwe", 2), ("leeuwen", 2),
        ("ijzer", 2), ("koeien", 2), ("mooi", 1), ("oud-medewerkers", 5), ("één", 1), ("hrm", 1),
    ],
)  # fmt: skip
def test_syllables_are_as_counted_by_hand(word: str, counted: int) -> None:
    assert syllables(word) == counted


def test_the_measure_is_that_of_douma_worked_by_hand() -> None:
    """Two sentences of 4 and 6 words, with 5 and 8 syllables: 206.84 - 0.93 * 5 - 77 * 1.3."""
    told = ["Dat is zeker meer.", "Een segment gaat over een groep."]
    assert [len(words(one)) for one in told] == [4, 6]
    assert douma(told) == pytest.approx(206.84 - 0.93 * 5 - 77 * 13 / 10)
    assert words("Dat zijn er 2.062 (69%).") == ["Dat", "zijn", "er", "2.062", "69%"]


@pytest.mark.parametrize("sentence", PLANTED)
def test_a_planted_hard_sentence_fails(sentence: str) -> None:
    assert hard([sentence], least=HARD)


@pytest.mark.parametrize("sentence", PLAIN)
def test_a_plain_sentence_passes(sentence: str) -> None:
    assert hard([sentence], least=HARD) == []


def test_twenty_are_planted_and_every_kind_is_among_them() -> None:
    assert len(set(PLANTED)) == len(set(PLAIN)) == 20
    kinds = {found.why.split()[0] for one in PLANTED for found in hard([one], least=HARD)}
    assert {"say", "Flesch-Douma"} < kinds
    assert any(kind.isdigit() and int(kind) > LONGEST for kind in kinds)


def test_what_is_never_said_has_something_said_instead() -> None:
    assert all(instead and not hard([instead]) for instead in NEVER.values())


def test_every_dutch_sentence_of_the_catalogue_is_short_and_says_nothing_that_is_never_said() -> None:
    """Words of answer scales (``scale.``) are lists to recognise answers by, not sentences."""
    texts = {key: said["nl"] for key, said in catalogue().items() if not key.startswith("scale.")}
    assert len(texts) > 1000
    assert {key: wrong for key, text in texts.items() if (wrong := hard(sentences(text)))} == {}


def test_what_verify_says_is_held_to_the_same() -> None:
    rules = json.loads(Path(verify.__file__).with_name("rules.json").read_text(encoding="utf-8"))
    told = {key: dutch for key, (dutch, _) in rules["said"].items()}
    assert {key: wrong for key, text in told.items() if (wrong := hard(sentences(text)))} == {}


@pytest.mark.parametrize("kind", STORIES)
def test_page_one_reads_easily_when_it_is_filled_in(kind: str) -> None:
    told = page_one(STORIES[kind]())
    assert hard(told) == []
    prose = [one for one in told if one.endswith((".", "?", "!"))]
    assert len(prose) >= 10
    assert douma(prose) >= EASY, sorted(prose, key=lambda one: douma([one]))[:5]


@pytest.mark.parametrize(
    ("language", "said"), [("nl", "medewerkers in dienst op 31 maart 2024"), ("en", "employed on 31 March 2024")]
)
def test_page_one_says_on_which_day_people_were_employed(language: str, said: str) -> None:
    story = replace(sample_story.full_story(), employed_on="2024-03-31")
    assert said in render_report(story, language)
    assert said not in render_report(replace(story, employed_on=""), language)


def test_the_seven_rs_have_a_dutch_name_with_the_english_behind_it_where_that_differs() -> None:
    names = [catalogue()[f"display.r.{code}"] for code in SEVEN_RS]
    assert [name["nl"] for name in names] == [
        "Relatie", "Relevantie", "Reputatie", "Werving (Recruitment)", "Behoud (Retention)",
        "Aanbeveling (Recommendation)", "Doorverwijzing (Referral)",
    ]  # fmt: skip
    assert all(name["nl"].endswith(f"({name['en']})") for name in names[3:])
